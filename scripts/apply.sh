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
. scripts/lib/atlas.sh

[ $# -eq 0 ] || {
	echo 'usage: apply.sh (knobs: BASELINE LOCK_TIMEOUT)' >&2
	exit 2
}
need_project migrations
[ -d "$MIGRATIONS" ] || die "MIGRATIONS: no directory '$MIGRATIONS'"
case $LOCK_TIMEOUT in
*[!0-9a-z]*) die "LOCK_TIMEOUT=$LOCK_TIMEOUT: no time such as 5s" ;;
esac
atlas_need
. scripts/lib/database.sh
database_open
# A name of our own, to find the session again (see watch).
session=atlas-make-$$
url_with database_url application_name "$session" keep
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
sideways) die "$where: sideways, refused: the files here and what was applied do not follow one line; make status tells which" ;;
partial)
	awk -F '\t' '$3 == "partial" && $2 == "-" { exit 1 }' "$tmp/state" ||
		die "$where: a migration is applied in part, and its file is not here; make status tells which" ;;
esac

# --- what is running -----------------------------------------------------------
# Atlas reports when all is over. A second look at the database, now and then,
# finds what our session runs, and who it waits for. Atlas puts the answer to a
# query into a directory's name, and says that there is no such directory: a
# client of PostgreSQL without its client.
cat >"$tmp/watch.hcl" <<HCL
data "sql" "now" {
	url   = getenv("ATLAS_MAKE_WATCH")
	query = <<SQL
SELECT COALESCE((SELECT concat_ws('_', floor(extract(epoch FROM clock_timestamp() - a.query_start)),
		extract(epoch FROM a.query_start), encode(convert_to(left(a.query, 100), 'UTF8'), 'hex'),
		(SELECT min(b) FROM unnest(pg_blocking_pids(a.pid)) b))
	FROM pg_stat_activity a WHERE a.application_name = '$session' AND a.state = 'active'
	ORDER BY a.query_start DESC LIMIT 1), '-')
SQL
}
env "watch" {
	url = getenv("ATLAS_MAKE_WATCH")
	migration {
		dir = "file://nowhere/\${data.sql.now.value}"
	}
}
HCL
# The statements to come: file, number, of, hexadecimal, for people.
awk -F '\t' '
	FILENAME == ARGV[1] { if ($2 != "-") file[$1] = $2; next }
	$1 == "stmt" { n++; v[n] = $2; i[n] = ++count[$2]; hex[n] = $3; text[n] = $4 }
	END {
		for (k = 1; k <= n; k++) {
			t = substr(text[k], 2, length(text[k]) - 2)
			gsub(/\\[nt]/, " ", t); gsub(/  +/, " ", t); gsub(/\\"/, "\"", t); gsub(/\\\\/, "\\", t)
			if (match(t, /[Pp][Aa][Ss][Ss][Ww][Oo][Rr][Dd] *\047/)) t = substr(t, 1, RSTART + RLENGTH - 1) "***"
			if (length(t) > 70) t = substr(t, 1, 67) "..."
			printf "%s\t%d/%d\t%s\t%s\n", file[v[k]], i[k], count[v[k]], hex[k], t
		}
	}' "$tmp/state" "$tmp/status" >"$tmp/statements"

watch() {
	ATLAS_MAKE_WATCH=$database_url
	url_with ATLAS_MAKE_WATCH application_name "$session-watch"
	export ATLAS_MAKE_WATCH
	at=0 seen='' told=0 blocker=''
	sleep 0.5
	while :; do
		"$atlas_bin" migrate validate --config "file://$tmp/watch.hcl" --env watch >"$tmp/watch.out" 2>&1 </dev/null || :
		now=$(sed -n 's|.*stat nowhere/\([-0-9._a-f]*\):.*|\1|p' "$tmp/watch.out")
		IFS=_ read -r secs start hex by <<-END
			$now
		END
		if [ -n "$hex" ]; then
			if [ "$start" != "$seen" ]; then
				# The next statement that reads so, from the last one seen on.
				line=$(awk -F '\t' -v from="$at" -v q="$hex" '
					NR > from { n = length(q) < length($3) ? length(q) : length($3)
						if (substr(q, 1, n) == substr($3, 1, n)) { print NR "\t" $1 " " $2 ": " $4; exit } }' "$tmp/statements")
				if [ -n "$line" ]; then
					at=${line%%"$TAB"*}
					say "  ${line#*"$TAB"}"
					seen=$start told=5 blocker=''
				fi
			fi
			if [ "$start" = "$seen" ]; then
				if [ "$by" != "$blocker" ]; then
					blocker=$by
					[ -z "$by" ] || say "    waits for a lock that the database's process $by holds"
				fi
				if [ "$secs" -ge "$told" ]; then
					say "    $secs s"
					told=$((secs * 2))
				fi
			fi
		fi
		sleep 1
	done
}

# --- apply -----------------------------------------------------------------------
# Atlas stops gracefully at its first SIGINT (0.13 not at SIGTERM). A terminal
# sends Ctrl-C to everyone: so Atlas gets a session of its own, and one signal
# from us. A second one of the user's counts from two seconds later on, since
# make and others pass on a signal that we had already.
apart() {
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
		kill -INT "$atlas_pid" 2>/dev/null || :
	elif [ $((now - stop_at)) -ge 2 ]; then
		warn 'stopping at once'
		killed=1
		kill -KILL "$atlas_pid" 2>/dev/null || :
	fi
}

say "$where: $((n_pending + n_partial)) to apply"
atlas_pid='' watch_pid=''
trap 'stop 130' INT
trap 'stop 143' TERM
trap 'stop 129' HUP
# shellcheck disable=SC2016
template='{{ json . }}
{{ range .Applied }}{{ if not .Error }}applied	{{ .Name }}	{{ len .Applied }}	{{ .Skipped }}	{{ (.End.Sub .Start).Milliseconds }}
{{ end }}{{ end }}'
# shellcheck disable=SC2086 # words
apart "$atlas_bin" migrate apply --config "file://$tmp/database.hcl" --env database --dir "file://$MIGRATIONS" \
	--revisions-schema "$REVISIONS_SCHEMA" $baseline_flags --format "$template" >"$tmp/apply.out" 2>"$tmp/apply.err" </dev/null &
atlas_pid=$!
case $database_url in
*"application_name=$session"*)
	watch &
	watch_pid=$!
	;;
esac
while :; do
	woken='' rc=0
	wait "$atlas_pid" || rc=$?
	[ -n "$woken" ] || break
done
trap '' INT TERM HUP
[ -z "$watch_pid" ] || {
	kill "$watch_pid" 2>/dev/null || :
	wait "$watch_pid" 2>/dev/null || :
}
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
		say 'what was running may go on in the server until it notices: make status tells; go on with: make apply'
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
