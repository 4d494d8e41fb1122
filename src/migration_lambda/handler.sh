#!/bin/sh
# handler.sh - apply this package's migrations, and say whether all are in.
#
# usage: handler.sh <event     exit 0 yes, 1 no; the reason and what else the
#                              answer needs is left in $MIGRATION_WORK
#        handler.sh -c         check the package; what is wrong on stdout
#
# The rule of success: yes exactly when every migration in this package's
# directory, by version, description and hash, is applied in full at the end.
# Atlas's exit code does not say that, so the revisions are read and compared:
# before, for there may be nothing to do, and after. What fails for a cause that
# passes is done again while there is time (retry.sh).
#
# environment:
#   DB_HOST DB_PORT DB_NAME DB_USER   the database, where the event names none
#   DB_AUTH          iam (default), secret or password
#   DB_SECRET_ARN    the Secrets Manager secret, for DB_AUTH=secret
#   DB_PASSWORD      for DB_AUTH=password
#   DB_HOSTS         other hosts (patterns) that may be sent such a password
#   DB_SEARCH_PATH   the one schema of the migrations; empty: several
#   REVISIONS_SCHEMA where the record of migrations is kept
#   LOCK_TIMEOUT     PostgreSQL's lock_timeout for the session
#   BASELINE         a database older than Atlas: the version it is at, or none
#   EXEC_ORDER       non-linear: what sorts before an applied one is applied, too
#   MIGRATION_WORK   a directory of ours; MIGRATION_STOP, MIGRATION_END: when
#                    (Unix milliseconds) Atlas is stopped, and we must be gone
#   MIGRATION_TASK   yes: outside of Lambda (bin/migrate): TERM stops it, and what
#                    runs for long is reported on stderr
#   MIGRATION_ANY_HASH   yes: the event need not have a MigrationHash
# shellcheck disable=SC2034,SC2154 # what the pieces set and read
set -u
umask 077
export LC_ALL=C

cd "${LAMBDA_TASK_ROOT:-${0%/*}}" || exit 2
PATH=$PWD/bin:$PATH
atlas=${ATLAS:-/opt/bin/atlas}
work=${MIGRATION_WORK:-}
id=${MIGRATION_REQUEST-}
# Not the names the driver reads: nothing but what is set below reaches it.
unset PGPASSWORD PGOPTIONS PGSERVICE PGSERVICEFILE PGPASSFILE PGHOSTADDR PGSSLMODE PGSSLROOTCERT \
	PGSSLCERT PGSSLKEY PGSSLPASSWORD PGTARGETSESSIONATTRS
for piece in lib target retry login atlas index verdict reason; do
	[ -f "./$piece.sh" ] || { echo "the package has no $piece.sh: lay it out with 'make lambda', then deploy again"; exit 1; }
	# shellcheck source=/dev/null
	[ "${1-}" = -c ] || . "./$piece.sh"
done

if [ "${1-}" = -c ]; then
	[ -x "$atlas" ] || { echo "no atlas at $atlas: the layer is missing, or was made without it ('make lambda')"; exit 1; }
	[ -f migrations/atlas.sum ] || { echo "the package has no migrations/atlas.sum: lay it out with 'make lambda'"; exit 1; }
	exit 0
fi

now_ms
stop=${MIGRATION_STOP:-$((now + 600000))}
end=${MIGRATION_END:-$((stop + 30000))}
# Half of the time between them is for Atlas to end by itself.
seconds $(((end - stop) / 2))
grace=$secs
# And the last part of it is for writing the reason.
asked=$((end - (end - stop) / 4))
first_failed=$now tried_until=$now
# The role's key runs out, unless Lambda gave it.
own_key=''
[ -n "${AWS_ACCESS_KEY_ID-}${AWS_LAMBDA_RUNTIME_API-}" ] || own_key=ask
applied=0 applied_known=yes notes='' no_settings='' known_state=no baseline_now='' known_once='' resumed=/
unread='' report_rc=0 class='' limit=0 running='' stopped='' index='' dropped='' marked='' ran_concurrent='' around=''
forget
# A task has no deadline: it is stopped by a signal.
[ -z "${MIGRATION_TASK-}" ] || trap told_to_stop TERM INT

# --- 1: the package is whole, and the event's -----------------------------------

cat >"$work/event"
at=''
! cfnrespond -g /ResourceProperties <"$work/event" >/dev/null 2>&1 || at=/ResourceProperties
cfnrespond -l "$at" <"$work/event" >"$work/properties" 2>"$work/cause" ||
	no "The event cannot be used: $(cat "$work/cause")"
rm -f "$work/event"

rc=0
mhash -c migrations >"$work/hash" 2>&1 || rc=$?
if [ "$rc" -ne 0 ]; then
	reason "The package's migrations do not match their atlas.sum; nothing was applied."
	cat "$work/hash" >>"$work/saying"
	no "Run 'make check-migrations', then deploy again."
fi
total_hash=$(mhash -s migrations/atlas.sum) || no "The package's atlas.sum cannot be used."
read_target || no "Nothing was applied: $(cat "$work/cause")."
if [ "$hash" != "$total_hash" ] && [ "$hash/${MIGRATION_ANY_HASH-}" != /yes ]; then
	no "MigrationHash is '$hash' in the template and '$total_hash' in the package: they do not belong together, nothing was applied. Run 'make hash-migrations' and 'make lambda', then deploy again."
fi
which_atlas

# --- 2: look, apply, look -------------------------------------------------------

# unread: what is in the database cannot be read: that is not a yes.
unread() {
	rc=1 in_time=yes
	rm -f "$work/saying"
	[ "$applied_known/$applied" = yes/0 ] || reason "Atlas applied migrations, $applied as far as is known."
	reason "What is in the database cannot be read:"
	cat "$work/cause" >>"$work/saying"
	cp "$work/saying" "$work/said"
	hint
	[ "$tried" -le 1 ] || reason "It was tried $tried times in $(((tried_until - first_failed + 500) / 1000)) seconds."
	no "Deploy again when that is corrected."
}

rc=''
while :; do
	look "$stop" || unread
	[ -n "$rc" ] || look_around || case $? in
	2) unread ;;
	*) no "$(cat "$work/cause")" ;;
	esac
	[ -n "$missing$gone" ] || yes
	data
	[ -z "$changed" ] || no "$changed was applied to this database with another text or name than this package's: $n_in of $total migrations are in as they are here." \
		"fix: bring back the file as it was applied, and write the change as a new migration; or, if what the files say now is in the database, run there, and deploy again:" \
		"$(takeover)"
	[ -z "$gone" ] || no "$gone was applied to this database, later migrations too, and this package has no file of it: whether the later ones are the same cannot be told." \
		"fix: bring back the file; or, if it was taken out on purpose, run there, and deploy again:" "$(takeover)"
	[ "$rc" != 0 ] || {
		so_far
		no "Atlas reports success, yet $so_far A file that sorts before the last one applied is not run: give it a later version (make rebase-migrations), or, if it may run after them, set ExecOrder to non-linear; then deploy again."
	}
	# After a failure: is it still safe?
	[ -z "$rc" ] || may_repeat || {
		why
		exit 1
	}
	if [ "$unmanaged" = yes ]; then start_at || no "$(cat "$work/cause")"; fi
	rm -f "$work/report"
	rc=0
	apply || rc=$?
	[ "$rc" -ne 0 ] || continue
	if never_managed; then
		start_at || no "$(cat "$work/cause")"
		rc=0
		apply || rc=$?
		[ "$rc" -ne 0 ] || continue
	fi
	now_ms
	in_time=no
	[ "$now" -ge "$stop" ] || in_time=yes
	failure
	# First the cause alone, in case the time is up before the database answers.
	known_state=no
	why
	class=''
	[ "$rc" -ge 124 ] || classify "$work/cause"
	index=''
	if failed_index && [ "$rc" -lt 124 ]; then
		# The name is taken, or this try took it: not a second time for nothing.
		if [ "$dropped" != "$index" ] && drop_invalid; then
			case $class$(cat "$work/cause") in
			*'already exists'*) continue ;;
			esac
		fi
	fi
	again 'applying the migrations' && {
		cp "$work/cause" "$work/before"
		continue
	}
	# Whatever Atlas reported: the verdict is about the database alone.
	cp "$work/cause" "$work/why"
	set -- "$tried" "$tried_until"
	stop=$asked pause=250
	# A process that waits for a silent database obeys no signal; the rest of the
	# time is for writing the reason.
	seconds $(((end - asked) / 2))
	grace=$secs
	look "$asked" || {
		known_state=no
		first_line "$work/cause"
		unread=": $line"
	}
	tried=$1 tried_until=$2
	[ "$known_state" = no ] || [ -n "$missing$gone" ] || yes
	if [ "$known_state" = yes ]; then
		data
		[ -n "$index" ] || invalid_note
	fi
	cp "$work/why" "$work/cause"
	why
	exit 1
done
