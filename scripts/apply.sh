#!/bin/sh
# apply.sh - apply the pending migrations to a database.
#
# To DATABASE_URL (environment), or without it to a temporary database, as a
# try. Says which statement runs when one takes longer, and at the end what was
# applied. A statement waits LOCK_TIMEOUT for a lock. Ctrl-C or SIGTERM once:
# the running statement is cancelled, its file rolled back; what is applied
# stays, and the next run goes on there. A database with tables that was never
# managed is refused, unless BASELINE says at which version it stands.
# Exit 0 all is applied, 1 a migration failed, 2 refused or could not, 128 + n
# stopped by signal n.
USAGE='apply.sh (knobs: BASELINE EXEC_ORDER LOCK_TIMEOUT)'
set -eu
. "${0%/*}/lib/common.sh"
. "$kit/scripts/lib/atlas.sh"
no_options "$@"
need_project migrations
[ -d "$MIGRATIONS" ] || die "MIGRATIONS: no directory '$MIGRATIONS'"
case $LOCK_TIMEOUT in
*[!0-9a-z]*) die "LOCK_TIMEOUT=$LOCK_TIMEOUT: not a time such as 5s" ;;
esac
need_tmp
time_limit
atlas_need
. "$kit/scripts/lib/database.sh"
. "$kit/scripts/lib/apply.sh"
database_open
# Our sessions have a name of their own in pg_stat_activity.
url_with database_url application_name "atlas-make-$$" keep
ATLAS_MAKE_URL=$database_url
case $ATLAS_MAKE_URL in
*options=*lock_timeout*) ;;
*) [ -z "$LOCK_TIMEOUT" ] || url_with ATLAS_MAKE_URL lock_timeout "$LOCK_TIMEOUT" keep ;;
esac
database_state
database_baseline

case $state_word in
up-to-date)
	say "$where: nothing to do, all $n_files applied"
	exit 0
	;;
ahead)
	say "$where: nothing to do, all $n_files here are applied, and $n_ahead later ones besides"
	exit 0
	;;
unmanaged) die "$where: never managed, and not empty: refused. Say at which version it stands: make apply BASELINE=its version (make drift compares); or BASELINE=none, if nothing of the migrations is in it" ;;
diverged)
	awk -F '\t' '$3 == "partial" && $2 == "-" { exit 1 }' "$tmp/state" ||
		die "$where: a migration is applied in part, and its file is not here; make status says which"
	die "$where: diverged, refused: the files here and what was applied do not follow one line; make status says which"
	;;
esac

n_to_do=$((n_pending + n_partial)) rc=0
say "$where: $n_to_do to apply"
time_limit_end
apply_run || rc=$?
apply_applied
if [ "$rc" -ne 0 ]; then
	apply_so_far
	[ -z "$stopping" ] || apply_stopped
	apply_failed
fi
# An end without a report, or with less than there was to do, is looked into.
[ "$n_now" -eq "$n_to_do" ] || {
	database_state
	case $state_word in
	up-to-date | ahead) ;;
	*) die "$where: Atlas ended well, and not all is applied; make status says what is not" ;;
	esac
}
[ -z "$stopping" ] || warn 'the signal came too late: all was applied'
say "$where: all $n_files applied, $n_now of them now"
[ -z "$database_temporary" ] || say 'it was a temporary database, gone with this command; DATABASE_URL names a real one'
