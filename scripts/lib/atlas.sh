# atlas.sh - sourced: which atlas, and how it is called.

# shellcheck shell=sh
# shellcheck disable=SC2154 # cache and tmp are common.sh's

# Never one that happens to be in PATH: a given one, else the pinned one.
atlas_bin=${ATLAS:-$cache/atlas/atlas}
# A released binary otherwise asks home after each command, without a limit.
export ATLAS_NO_UPDATE_NOTIFIER=1 ATLAS_NO_UPGRADE_SUGGESTIONS=1

# Go collects garbage less often: a fifth of the time of a short command.
export GOGC="${GOGC:-400}"

atlas_need() {
	case $atlas_bin in
	*/*) [ -x "$atlas_bin" ] || die "no atlas at '$atlas_bin': run 'make install', or set ATLAS" ;;
	*) die "ATLAS=$ATLAS: give the path of a binary, with a slash" ;;
	esac
	[ -f atlas.hcl ] || die "no atlas.hcl here"
	# Atlas 0.13 asks the server for a setting that PostgreSQL 16 removed.
	if [ "${PG_MAJOR%%.*}" -gt 15 ]; then
		atlas_v=$("$atlas_bin" version 2>/dev/null | sed -n 's/^atlas .*version \(v[0-9.]*\).*/\1/p')
		case $atlas_v in
		v0.*) die "Atlas $atlas_v works with PostgreSQL up to 15, PG_MAJOR is $PG_MAJOR: set ATLAS to a 1.x binary" ;;
		esac
	fi
	if [ -z "${HOME-}" ] || [ ! -w "$HOME" ]; then
		need_tmp
		HOME=$tmp
		export HOME
	fi
}

# atlas ARG...: with our configuration; a signal reaches it. stderr holds only what is wrong, free of
# the community build's advertisement (see atlas_error).
atlas() { run "$atlas_bin" "$@" --config file://atlas.hcl --env "$ATLAS_ENV"; }

# atlas_error FILE: the error in Atlas's stderr, as one line.
atlas_error() {
	awk '/^You.re running the community build/ { exit }
		NF { sub(/^Error: /, ""); sub(/^sql\/migrate: /, ""); printf "%s%s", sep, $0; sep = " " }
		END { if (sep == "") printf "no message" }' "$1"
}

# schema_flags: set the words that limit a command to the schemas in play.
# One schema is already the database URL's search_path.
schema_flags() {
	schema_flags=''
	case $DEV_SCHEMAS in
	*' '*) for s in $DEV_SCHEMAS; do schema_flags="$schema_flags --schema $s"; done ;;
	esac
}
