# atlas.sh - sourced: which atlas, and how it is called.
#
#   atlas_need          it is here, and is what was committed, or die
#   atlas ARG...        run it; a signal reaches it
#   atlas_exec ARG...   become it: for a subshell or a job of its own
#   atlas_error FILE    the error in its stderr, as one line
#   schema_flags        set the words that limit a command to the schemas in play
#   $atlas_bin          its path; $atlas_cli is 1 when it is the vendor's command
#
# The arguments are the engine's (scripts/atlas; $atlas_bin help lists them). An
# address is written env:NAME, for a variable of the environment: so none is in
# an argument list. A vendor's command gets the same from a project file of ours.

# shellcheck shell=sh
# shellcheck disable=SC2154 # cache and tmp are common.sh's

# Never one that happens to be in PATH: a given one, else ours.
case $ATLAS_FROM in
release) atlas_bin=${ATLAS:-$cache/atlas-release/atlas} ;;
*) atlas_bin=${ATLAS:-$cache/atlas/atlas} ;;
esac
atlas_cli=''
# A released binary otherwise asks home after each command, without a limit.
export ATLAS_NO_UPDATE_NOTIFIER=1 ATLAS_NO_UPGRADE_SUGGESTIONS=1

# Go collects garbage less often: a fifth of the time of a short command.
export GOGC="${GOGC:-400}"

atlas_need() {
	local said
	case $atlas_bin in
	*/*) [ -x "$atlas_bin" ] || die "no atlas at '$atlas_bin': run 'make install', or set ATLAS" ;;
	*) die "ATLAS=$ATLAS: give the path of a binary, with a slash" ;;
	esac
	[ -n "$ATLAS" ] || atlas_ours
	[ -n "$ATLAS" ] || [ "$ATLAS_FROM" = release ] || return 0
	said=$("$atlas_bin" version 2>/dev/null) || die "$atlas_bin does not start: is it made for this machine?"
	case $said in
	'atlas engine '*) return 0 ;;
	esac
	atlas_cli=1
	need_tmp
	if [ -z "${HOME-}" ] || [ ! -w "$HOME" ]; then
		HOME=$tmp
		export HOME
	fi
}

# atlas_ours: ours lies in .cache, which others may have written to (a CI cache). A verb
# looks once, for its steps too. All of the binary is read, unless its marks are those of
# the one that was read and found right: a file that came with a cache has a number and
# times of its own.
atlas_ours() {
	local os arch known=engine_known print='' had='' seen="$atlas_bin.seen"
	[ "${atlas_looked-}" != "$atlas_bin" ] || return 0
	. "$kit/scripts/lib/checksums.sh"
	export atlas_looked="$atlas_bin"
	[ "$ATLAS_FROM" != release ] || known=release_known
	print=$("$bin/mhash" -f -t "$ATLAS_VERSION" -m "$atlas_bin" -- "$checksums" 2>/dev/null) || print=''
	[ ! -f "$seen" ] || IFS= read -r had <"$seen" || had=''
	[ -z "$print" ] || [ "$had" != "$print" ] || return 0
	atlas_platform
	if "$known" "$atlas_bin"; then
		[ -z "$print" ] || ! { echo "$print" >"$seen.$$"; } 2>/dev/null || mv "$seen.$$" "$seen" || :
		return 0
	fi
	[ "$known" = release_known ] || ! engine_changed || return 0
	die "$atlas_bin is not what $checksums records, and is not run; fix: remove ${atlas_bin%/*} and run make install"
}

atlas() { run atlas_exec "$@"; }

atlas_exec() {
	local conf n diff='' lint='' url=DATABASE_URL dev=DEV_URL
	[ -n "$atlas_cli" ] || atlas_become "$atlas_bin" "$@"
	conf=$(mktemp "$tmp/atlas.XXXXXX") || exit 2
	n=$#
	[ "$1 $2" != 'migrate lint' ] || lint=1
	echo 'env "make" {' >"$conf"
	while [ "$n" -gt 0 ]; do
		n=$((n - 1))
		case $1=${2-} in
		--url=env:*) url=${2#env:} ;;
		--dev-url=env:*) dev=${2#env:} ;;
		--from=env:* | --to=env:*)
			printf '\t%s = getenv("%s")\n' "${1#--}" "${2#env:}" >>"$conf"
			set -- "$@" "$1" "env://${1#--}"
			;;
		--concurrent-index=*) diff=$2 ;;
		--progress=*) ;;
		*)
			set -- "$@" "$1"
			shift
			continue
			;;
		esac
		shift 2
		n=$((n - 1))
	done
	{
		printf '\turl = getenv("%s")\n\tdev = getenv("%s")\n' "$url" "$dev"
		if [ -n "$diff" ]; then
			printf '\tdiff {\n\t\tconcurrent_index {\n'
			case $diff in *create*) printf '\t\t\tcreate = true\n' ;; esac
			case $diff in *drop*) printf '\t\t\tdrop = true\n' ;; esac
			printf '\t\t}\n\t}\n'
		fi
		echo '}'
		[ -z "$lint" ] || printf 'lint {\n\tdestructive {\n\t\terror = false\n\t}\n}\n'
	} >>"$conf"
	atlas_become "$atlas_bin" "$@" --config "file://$conf" --env make
}

# A script that has to run Atlas in another way redefines this function.
atlas_become() { exec "$@"; }

# atlas_error FILE: the error in Atlas's stderr, as one line.
atlas_error() {
	awk '/^You.re running the community build/ { exit }
		NF { sub(/^Error: /, ""); sub(/^sql\/migrate: /, ""); printf "%s%s", sep, $0; sep = " " }
		END { if (sep == "") printf "no message" }' "$1"
}

# schema_flags: set the words that limit a command to the schemas in play.
# One schema is already the database URL's search_path.
schema_flags() {
	local s
	schema_flags=''
	case $DEV_SCHEMAS in
	*' '*) for s in $DEV_SCHEMAS; do schema_flags="$schema_flags --schema $s"; done ;;
	esac
}
