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
set -eu
. "${0%/*}/lib/common.sh"
. "$kit/scripts/lib/atlas.sh"

[ $# -eq 0 ] || {
	echo 'usage: apply.sh (knobs: BASELINE EXEC_ORDER LOCK_TIMEOUT)' >&2
	exit 2
}
need_project migrations
[ -d "$MIGRATIONS" ] || die "MIGRATIONS: no directory '$MIGRATIONS'"
case $LOCK_TIMEOUT in
*[!0-9a-z]*) die "LOCK_TIMEOUT=$LOCK_TIMEOUT: no time such as 5s" ;;
esac
need_tmp
time_limit
atlas_need
. "$kit/scripts/lib/database.sh"
database_open
# A name of our own, for who looks at the server's sessions.
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

# --- apply -----------------------------------------------------------------------
# Atlas stops gracefully at its first signal. A terminal sends Ctrl-C to
# everyone: so Atlas gets a session of its own, and one signal from us. A second
# one of the user's counts from two seconds later on, since make and others pass
# on a signal that we had already.
atlas_become() {
	if have setsid; then
		exec setsid "$@"
	elif have perl; then
		exec perl -e 'use POSIX; POSIX::setsid(); exec @ARGV; exit 127' -- "$@"
	fi
	exec "$@"
}
stopping='' woken='' killed=''
# shellcheck disable=SC2317 # the traps call it
stop() {
	woken=1
	now=$(date +%s)
	if [ -z "$stopping" ]; then
		stopping=$1 stop_at=$now
		warn 'stopping: the running statement is cancelled'
		kill -TERM "$atlas_pid" 2>/dev/null || :
	elif [ $((now - stop_at)) -ge 2 ]; then
		warn 'stopping at once'
		killed=1
		kill -KILL "$atlas_pid" 2>/dev/null || :
	fi
}

say "$where: $((n_pending + n_partial)) to apply"
atlas_pid=''
time_limit_end
trap 'stop 130' INT
trap 'stop 143' TERM
trap 'stop 129' HUP
# shellcheck disable=SC2016
template='{{ json . }}
{{ range .Applied }}{{ if not .Error }}applied	{{ .Name }}	{{ len .Applied }}	{{ .Skipped }}	{{ (.End.Sub .Start).Milliseconds }}
{{ end }}{{ end }}'
# What runs when it takes longer, and who it waits for, goes to the descriptor.
# shellcheck disable=SC2086 # words
database migrate apply --dir "file://$MIGRATIONS" --revisions-schema "$REVISIONS_SCHEMA" $baseline_flags --exec-order "$EXEC_ORDER" \
	--progress 3 --format "$template" 3>&1 >"$tmp/apply.out" 2>"$tmp/apply.err" </dev/null &
atlas_pid=$!
while :; do
	woken='' rc=0
	wait "$atlas_pid" || rc=$?
	[ -n "$woken" ] || break
done
trap '' INT TERM HUP
catch_signals

# --- what came of it ------------------------------------------------------------
n=0 stmts=0
while IFS=$TAB read -r what f count skipped ms; do
	[ "$what" = applied ] || continue
	if [ "$ms" -lt 1000 ]; then took="$ms ms"; else took="$((ms / 1000)).$((ms % 1000 / 100)) s"; fi
	n=$((n + 1)) stmts=$((stmts + count))
	say "applied $f ($count statement$([ "$count" -eq 1 ] || echo s)$([ "${skipped:-0}" -eq 0 ] || echo " after $skipped of before"), $took)"
done <"$tmp/apply.out"

if [ "$rc" -eq 0 ]; then
	# An end without a report, or with less than there was to do, is looked into.
	[ "$n" -eq $((n_pending + n_partial)) ] || {
		database_state
		case $state_word in
		up-to-date | ahead) ;;
		*) die "$where: Atlas ended well, and not all is applied; make status tells" ;;
		esac
	}
	[ -z "$stopping" ] || warn 'the signal came too late: all was applied'
	say "$where: all $n_files applied, $n of them now"
	[ -z "$database_temporary" ] || say 'it was a temporary database, gone with this command; DATABASE_URL names a real one'
	exit 0
fi

# What is in the database now, it knows best.
to_do=$((n_pending + n_partial))
left=''
before=$n_applied
if (database_state) >"$tmp/again.out" 2>&1; then
	database_state
	# Killed, Atlas reports nothing.
	[ -z "$killed" ] || n=$((n_applied - before))
	so_far="$n of $to_do applied now, $n_applied of all $n_files are in the database"
	left=$(awk -F '	' '$3 == "partial" { print $2 ", " $5 " of " $6 " statements" }' "$tmp/state")
	[ -z "$left" ] || so_far="$so_far, and in part: $left"
else
	so_far="$n of $to_do applied, says Atlas; the database could not be asked again"
fi

arc=0
if [ -n "$stopping" ]; then
	say "stopped: $so_far"
	[ -z "$killed" ] || {
		say 'what was running may go on in the server until it notices: make status says; go on with: make apply'
		exit "$stopping"
	}
	say 'what was running is rolled back, in a file outside a transaction its last statement; go on with: make apply'
	exit "$stopping"
fi
"$bin/atlasjson" -d "$MIGRATIONS" "$tmp/apply.out" >"$tmp/report" 2>/dev/null || arc=$?
if [ "$arc" -eq 1 ]; then
	grep -v '^done  ' "$tmp/report" || :
	rc=1
else
	warn "$(database_error "$tmp/apply.err")$(database_hint "$tmp/apply.err")"
	rc=2
fi
say "$so_far"
case $(cat "$tmp/apply.err" "$tmp/apply.out") in
*'acquiring database lock'*) say 'someone else is applying migrations to this database: when that is over, make apply again' ;;
*'due to lock timeout'*) say "a statement waited $LOCK_TIMEOUT for a lock that someone else holds: later, or with a longer LOCK_TIMEOUT: make apply again" ;;
*'is not clean'*) say "it is not empty, and was never managed: say at which version it stands: make apply BASELINE=its version; or BASELINE=none" ;;
*) [ "$rc" -eq 2 ] || say "$([ -n "$left" ] && echo 'what was applied of the file stays' || echo 'the file is rolled back'); correct it, then: make hash-migrations, make apply" ;;
esac
answer "$rc"
