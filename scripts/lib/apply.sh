# apply.sh - sourced by apply.sh: Atlas applies what is pending, can be stopped on the
# way, and what came of it is reported.
#
#   apply_run        apply; return Atlas's exit code. What it reports is in
#                    $tmp/apply.out, its errors in $tmp/apply.err. stopping is set to the
#                    exit code when a signal stopped it, killed to 1 when a second
#                    signal did, and it could report nothing
#   apply_applied    a line for each migration it reports as applied; set n_now to
#                    their number
#   apply_so_far     ask the database; set so_far to how far it is, in words, and
#                    left to what is in it of a migration that is applied in part
#   apply_stopped    report what a signal stopped, and exit with its code
#   apply_failed     report what went wrong, and exit: 1 a migration failed, 2 Atlas did
#
# Needs database.sh, with the state that database_state sets.

# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # what is set here, and what database.sh and the caller set

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

stopping='' woken='' killed='' stop_at='' atlas_pid=''
# stop CODE: a trap calls it.
stop() {
	local now
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

# shellcheck disable=SC2016 # it is Atlas's template
apply_format='{{ json . }}
{{ range .Applied }}{{ if not .Error }}applied	{{ .Name }}	{{ len .Applied }}	{{ .Skipped }}	{{ (.End.Sub .Start).Milliseconds }}
{{ end }}{{ end }}'

apply_run() {
	local rc
	trap 'stop 130' INT
	trap 'stop 143' TERM
	trap 'stop 129' HUP
	# Atlas writes its progress to descriptor 3: the statement that takes long, and the session it waits for.
	# shellcheck disable=SC2086 # words
	database migrate apply --dir "file://$MIGRATIONS" --revisions-schema "$REVISIONS_SCHEMA" $baseline_flags --exec-order "$EXEC_ORDER" \
		--progress 3 --format "$apply_format" 3>&1 >"$tmp/apply.out" 2>"$tmp/apply.err" </dev/null &
	atlas_pid=$!
	while :; do
		woken='' rc=0
		wait "$atlas_pid" || rc=$?
		[ -n "$woken" ] || break
	done
	trap '' INT TERM HUP
	catch_signals
	return "$rc"
}

apply_applied() {
	local what f count skipped ms took
	n_now=0
	while IFS=$TAB read -r what f count skipped ms; do
		[ "$what" = applied ] || continue
		if [ "$ms" -lt 1000 ]; then took="$ms ms"; else took="$((ms / 1000)).$((ms % 1000 / 100)) s"; fi
		n_now=$((n_now + 1))
		say "applied $f ($count statement$([ "$count" -eq 1 ] || echo s)$([ "${skipped:-0}" -eq 0 ] || echo " after $skipped of before"), $took)"
	done <"$tmp/apply.out"
}

apply_so_far() {
	local to_do=$((n_pending + n_partial)) before=$n_applied
	left=''
	if ! (database_state) >"$tmp/again.out" 2>&1; then
		so_far="$n_now of $to_do applied, says Atlas; the database could not be asked again"
		return 0
	fi
	database_state
	# Killed, Atlas reports nothing.
	[ -z "$killed" ] || n_now=$((n_applied - before))
	so_far="$n_now of $to_do applied now, $n_applied of all $n_files are in the database"
	left=$(awk -F '\t' '$3 == "partial" { print $2 ", " $5 " of " $6 " statements" }' "$tmp/state")
	[ -z "$left" ] || so_far="$so_far, and in part: $left"
}

apply_stopped() {
	say "stopped: $so_far"
	if [ -n "$killed" ]; then
		say 'what was running may go on in the server until it notices: make status says; go on with: make apply'
	else
		say 'what was running is rolled back, in a file outside a transaction its last statement; go on with: make apply'
	fi
	exit "$stopping"
}

apply_failed() {
	local rc=0 now_what
	"$bin/atlasjson" -d "$MIGRATIONS" "$tmp/apply.out" >"$tmp/report" 2>/dev/null || rc=$?
	if [ "$rc" -eq 1 ]; then
		grep -v '^done  ' "$tmp/report" || :
	else
		rc=2
		warn "$(database_error "$tmp/apply.err")$(database_hint "$tmp/apply.err")"
	fi
	say "$so_far"
	if [ -n "$left" ]; then now_what='what was applied of the file stays'; else now_what='the file is rolled back'; fi
	case $(cat "$tmp/apply.err" "$tmp/apply.out") in
	*'acquiring database lock'*) say 'someone else is applying migrations to this database: when that is over, make apply again' ;;
	*'due to lock timeout'*) say "a statement waited $LOCK_TIMEOUT for a lock that someone else holds: later, or with a longer LOCK_TIMEOUT: make apply again" ;;
	*'is not clean'*) say "it is not empty, and was never managed: say at which version it stands: make apply BASELINE=its version; or BASELINE=none" ;;
	*) [ "$rc" -eq 2 ] || say "$now_what; correct it, then: make hash-migrations, make apply" ;;
	esac
	answer "$rc"
}
