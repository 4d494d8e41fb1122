# lock.sh - sourced: one at a time.
#
#   take_lock        one writer of a database's migrations: or die
#   wait_lock NAME [WHAT SECONDS]
#                    one at a time may make NAME: wait for the other
#
# A lock is a symbolic link, made in one step with its content: the process that
# holds it, as PID@BIRTH. A process's number comes again, in a container that is started anew
# even soon; its number and its birth together do not.

# shellcheck shell=sh
# shellcheck disable=SC2154 # cache is common.sh's

# birth PID: set birth to when it began, and of which boot of the machine; return
# 1 when it does not run. It counts whoever's it is: of another user's, kill says
# no, and of one that is dead but not yet buried, yes.
birth() {
	local stat boot=''
	birth=''
	if [ -r /proc/self/stat ]; then
		{ IFS= read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
		# The name before the parenthesis may hold anything.
		# shellcheck disable=SC2086 # words
		set -- ${stat##*) }
		case $1 in [ZX]) return 1 ;; esac
		{ IFS= read -r boot </proc/sys/kernel/random/boot_id; } 2>/dev/null || :
		birth=${20-}.${boot%%-*}
		return 0
	fi
	birth=$(ps -o lstart= -p "$1" 2>/dev/null | tr -cs 'A-Za-z0-9:' _) && [ -n "$birth" ]
}

# alive OWNER: the process that wrote PID@BIRTH runs. Older versions wrote the
# number alone.
alive() {
	birth "${1%%@*}" || return 1
	case $1 in
	*@*) [ "${1#*@}" = "$birth" ] ;;
	*) [ "$1" != "$$" ] ;;
	esac
}

# hold LOCK: take it, or return 1 and set owner, the number of the process that
# holds it. A lock whose owner is gone is taken over.
hold() {
	local tries=0 me by
	birth "$$" || :
	me=$$@$birth
	until ln -s "$me" "$1" 2>/dev/null; do
		tries=$((tries + 1))
		[ "$tries" -le 50 ] || die "$1: cannot be made: is $cache writable, and the disk not full?"
		owner=$(readlink "$1" 2>/dev/null) || continue
		case ${owner%%@*} in
		'' | *[!0-9]*) die "$1: not a lock of ours: remove it" ;;
		esac
		if alive "$owner"; then
			owner=${owner%%@*}
			return 1
		fi
		# One at a time takes over from this owner: between a look at the lock
		# and its removal it might have become another's.
		if ln -s "$me" "$1.$owner" 2>/dev/null; then
			[ "$(readlink "$1" 2>/dev/null)" != "$owner" ] || rm -f "$1"
			rm -f "$1.$owner"
		elif by=$(readlink "$1.$owner" 2>/dev/null); then
			# Another takes over. If it has ended since this look, it may have
			# ended well: then its link is gone, too.
			if alive "$by"; then
				sleep 0.1
			elif [ "$(readlink "$1.$owner" 2>/dev/null)" = "$by" ]; then
				die "$1: process ${owner%%@*} was killed, and so was ${by%%@*} when it took over: remove $1 and $1.$owner"
			fi
		fi
	done
	at_exit_file "$1"
}

# lock_name FILE: set lock_part to FILE as part of a lock's name. Where two are the same,
# one waits for the other without need.
lock_name() {
	lock_part=$(printf '%s' "$1" | tr -c 'A-Za-z0-9._-' ,) || die 'tr could not name the lock'
	[ "${#lock_part}" -le 100 ] || lock_part=${lock_part#"${lock_part%????????????????????????????????????????}"}
}

# take_lock: what a writer, or a tool of one, that was killed had begun to write
# is removed. With several databases each has a lock of its own; a template that
# they share is waited for.
take_lock() {
	local lock="$cache/lock" beside=".${TEMPLATE##*/}" lock_part=''
	# Older versions had a directory of that name.
	[ -L "$lock" ] || [ ! -d "$lock" ] || rm -rf "$lock"
	if [ -n "${DB-}" ]; then
		lock_name "$MIGRATIONS"
		lock=$lock.of,$lock_part
	fi
	hold "$lock" ||
		die "process $owner is changing the migrations now: wait for it, or remove $lock if that is something else"
	if [ -n "${DB-}" ] && [ -n "$TEMPLATE" ]; then
		lock_name "$TEMPLATE"
		wait_lock "in,$lock_part" "changes $TEMPLATE" "${TIME_LIMIT:-600}"
	fi
	case $TEMPLATE in
	*/*) beside=${TEMPLATE%/*}/$beside ;;
	esac
	rm -f "$MIGRATIONS"/.*.sql.tmp "$MIGRATIONS"/.atlas.sum.tmp.??????
	[ -z "$TEMPLATE" ] || rm -f "$beside".tmp.?????? "$TEMPLATE".new.*
}

# wait_lock NAME [WHAT SECONDS]: WHAT its holder does; a while, or until it is gone.
wait_lock() {
	local said='' fifths=0
	mkdir -p "$cache" || die "cannot make $cache"
	until hold "$cache/lock.$1"; do
		[ -n "$said" ] || step_long "waiting for process $owner, which ${2-makes $1}"
		said=1
		[ "$#" -lt 3 ] || [ "$fifths" -lt "$(($3 * 5))" ] ||
			die "process $owner, which $2, did not end in $3 seconds: wait for it, or remove $cache/lock.$1 if that is something else"
		fifths=$((fifths + 1))
		sleep 0.2
	done
}
