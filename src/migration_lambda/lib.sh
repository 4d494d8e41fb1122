# lib.sh - sourced by bootstrap, handler.sh and bin/migrate: clocks, JSON, log.
#
# The comment of a function names what it sets; none forks where a loop may call it.
# shellcheck shell=sh disable=SC2034,SC2154

# uptime_ms: set ms to a clock that only goes forward, without a fork.
uptime_ms() {
	read -r ms _ </proc/uptime
	ms=${ms%.*}${ms#*.}0
	# A leading zero would be octal.
	while :; do case $ms in 0?*) ms=${ms#0} ;; *) return 0 ;; esac; done
}

# now_ms: set now to the time in Unix milliseconds. The function needs it often: date
# is run once for an event, and the time since is measured by uptime_ms. That clock
# stands still while a sandbox is frozen, hence once for each event.
clock=''
now_ms() {
	[ -z "$clock" ] || {
		uptime_ms
		now=$((clock + ms))
		return 0
	}
	now=$(date +%s%3N)
	case $now in *[!0-9]*) now=$(date +%s)000 ;; esac
	[ -n "${MIGRATION_TASK-}" ] || {
		uptime_ms
		clock=$((now - ms))
	}
}

# left UNTIL: set left to the milliseconds until then, at least 100.
left() {
	now_ms
	left=$(($1 - now))
	[ "$left" -ge 100 ] || left=100
}

# seconds MS: set secs to that many milliseconds as 12.345.
seconds() {
	secs=$((1000 + $1 % 1000))
	secs=$(($1 / 1000)).${secs#1}
}

# clamp N MIN MAX: set clamped.
clamp() {
	clamped=$1
	[ "$clamped" -ge "$2" ] || clamped=$2
	[ "$clamped" -le "$3" ] || clamped=$3
}

# first_line FILE: set line to its first line, or to nothing.
first_line() {
	line=''
	[ ! -f "$1" ] || IFS= read -r line <"$1" || :
}

# contains TEXT FILE: the file has it.
contains() { grep -qF -e "$1" -- "$2"; }

# json_string TEXT: set json to TEXT as the inside of a JSON string. Control
# characters become blanks.
json_string() {
	local rest head
	json='' rest=$1
	while :; do
		case $rest in
		*[\\\"[:cntrl:]]*)
			head=${rest%%[\\\"[:cntrl:]]*}
			rest=${rest#"$head"}
			case $rest in
			\\* | \"*) json=$json$head\\${rest%"${rest#?}"} ;;
			*) json="$json$head " ;;
			esac
			rest=${rest#?}
			;;
		*)
			json=$json$rest
			return 0
			;;
		esac
	done
}

# log LEVEL TEXT [MEMBERS]: one JSON object a line, with the request's id from
# $id. MEMBERS are JSON already.
log() {
	json_string "$2"
	printf '{"level":"%s","requestId":"%s","message":"%s"%s}\n' "$1" "$id" "$json" "${3:+,$3}" >&2
}

# hide FILE SECRET...: put [secret] where a secret stands in the file.
hide() {
	local file secret rest clean
	file=$1
	shift
	for secret do
		[ "${#secret}" -ge 4 ] || continue
		rest=$(cat "$file")
		case $rest in *"$secret"*) ;; *) continue ;; esac
		clean=''
		while :; do
			case $rest in *"$secret"*) ;; *) break ;; esac
			clean="$clean${rest%%"$secret"*}[secret]"
			rest=${rest#*"$secret"}
		done
		printf '%s\n' "$clean$rest" >"$file"
	done
}
