#!/bin/sh
# migrate - the function's package, run where there is no limit of 15 minutes.
#
# usage: bin/migrate [-t seconds] [payload.json]
#
# For a task (ECS, CodeBuild) or a machine that reaches the database. The target
# comes from the environment, as the function's does (DB_HOST, ...), or from the
# payload, a JSON object with the properties of Custom::Migration. The role's key
# comes from the environment, the container's or the instance's credentials; a
# token is made for each connection. Migrations are applied under the same lock,
# and judged by the same rule, as in the function: where this is done, the
# stack's deploy finds all of them in.
#
# Progress is printed on stderr; the verdict, one JSON object, on stdout. TERM and
# INT cancel what runs. Exit: 0 all are in, 1 they are not, 2 it could not be
# tried. -t: stop after that many seconds (a day).
set -u
umask 077
export LC_ALL=C

usage() {
	echo 'usage: bin/migrate [-t seconds] [payload.json]' >&2
	exit 2
}
unset CDPATH
root=$(cd "${0%/*}/.." && pwd) || exit 2
seconds=86400
while getopts t: option; do
	case $option in
	t) seconds=$OPTARG ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
case $seconds in '' | *[!0-9]* | ????????*) usage ;; esac
[ $# -le 1 ] || usage

work=$(mktemp -d "${TMPDIR:-/tmp}/migrate-task.XXXXXX") || exit 2
trap 'rm -rf "$work"' EXIT
if [ $# -eq 1 ]; then
	cat "$1" >"$work/payload" || exit 2
else
	echo '{}' >"$work/payload"
fi
[ -n "${ATLAS-}" ] || {
	ATLAS=$root/bin/atlas
	[ -x "$ATLAS" ] || ATLAS=/opt/bin/atlas
}
export ATLAS LAMBDA_TASK_ROOT="$root" MIGRATION_WORK="$work" MIGRATION_TASK=yes MIGRATION_ANY_HASH=yes
why=$("$root/handler.sh" -c) || {
	echo "migrate: $why" >&2
	exit 2
}
now=$(date +%s)
MIGRATION_STOP=$(((now + seconds) * 1000)) MIGRATION_END=$(((now + seconds + 60) * 1000)) MIGRATION_REQUEST=$work
MIGRATION_REQUEST=task-${MIGRATION_REQUEST##*.}
export MIGRATION_STOP MIGRATION_END MIGRATION_REQUEST

# Its own process, so that a signal is heard here and passed on.
"$root/handler.sh" <"$work/payload" &
pid=$!
trap 'kill -TERM "$pid" 2>/dev/null || :' TERM INT HUP
while :; do
	rc=0
	wait "$pid" || rc=$?
	kill -0 "$pid" 2>/dev/null || break
done
status=FAILED
[ "$rc" -ne 0 ] || status=SUCCESS
[ -s "$work/reason" ] || echo "The handler ended unexpectedly (status $rc)." >"$work/reason"
set --
[ ! -f "$work/data" ] || while IFS= read -r line; do
	case $line in
	Version=*) set -- "$@" -d "version=${line#*=}" ;;
	Applied=*) set -- "$@" -k "applied=${line#*=}" ;;
	Total=*) set -- "$@" -k "total=${line#*=}" ;;
	esac
done <"$work/data"
"$root/bin/cfnrespond" -j -s "$status" -R "$work/reason" "$@" <"$work/payload" || exit 2
echo
[ "$status" = SUCCESS ] || exit 1
