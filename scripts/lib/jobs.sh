# jobs.sh - sourced by common.sh: what runs in the background, and how it is ended.
#
#   run COMMAND...        in the foreground, but a signal is heard at once
#   job NAME COMMAND...   begin a step of a verb; job_wait NAME, job_said NAME
#   job_signals           said first in a function that is a job
#   end_pids PID...       end these processes; end_trees PID...: and what runs below
#
# written by both: run_pid exiting self

# shellcheck shell=sh
# shellcheck disable=SC2154 # tmp is common.sh's

# run COMMAND...: in the foreground for the script, but a signal is heard at
# once: a shell that waits for a foreground child hears it only afterwards, and
# its background children do not hear Ctrl-C at all. COMMAND may be a function; one that
# ends with exec leaves nothing below it behind. Its stdin is empty. At exit no signal is
# heard any more, so there it is given some time.
run() {
	local rc=0
	"$@" &
	run_pid=$!
	if [ -n "$exiting" ]; then run_late || rc=$?; else wait "$run_pid" || rc=$?; fi
	run_pid=''
	return "$rc"
}
run_late() {
	local rc late
	patience=${late_patience:-"$patience"} end_again 0 "$run_pid" &
	late=$!
	# In a trap bash's wait may return at once, see wait_all.
	while
		rc=0
		wait "$run_pid" || rc=$?
		is_child "$run_pid"
	do sleep 0.05; done
	kill -KILL "$late" || :
	wait "$late" || :
	return "$rc"
} 2>/dev/null

# job_signals: said first in a function that runs in the background and itself
# runs things: these end before it does, so that whoever waits for it may remove
# what they write to. INT too: bash does not ignore it there when it is trapped.
job_signals() {
	less_patience
	trap '
		trap "" INT TERM HUP
		self=$(exec sh -c "echo \$PPID")
		end_run
		wait_all
		exit 143
	' INT TERM HUP
}

# --- jobs: the steps of a verb, side by side ---------------------------------
# job NAME COMMAND...   begin COMMAND, a process of its own, in the background.
#                       What it prints is in $tmp/NAME/out, its errors are in
#                       $tmp/NAME/err; other files it may put there, too.
# job_wait NAME         until it has ended; return its exit code, each time. A job that a
#                       signal ended, or that was never begun, could not: 2.
jobs_begun=''
job() {
	local name=$1
	shift
	[ -d "$tmp/$name" ] || mkdir -p "$tmp/$name" || die "cannot make a directory in $tmp: is the disk full?"
	# Its stderr is there before it is: bash's forked shell, ended at once, has a word to
	# say about that.
	{ "$@" >"$tmp/$name/out" </dev/null & } 2>"$tmp/$name/err"
	at_exit_pid $!
	jobs_begun="$jobs_begun $name=$!"
}
job_wait() {
	local j pid='' rc=0
	if [ -f "$tmp/$1/rc" ]; then
		read -r rc <"$tmp/$1/rc" || return 2
		return "$rc"
	fi
	for j in $jobs_begun; do
		case $j in "$1="*) pid=${j#"$1="} ;; esac
	done
	[ -n "$pid" ] || return 2
	# dash prints a line about one that was killed; the caller says what that means.
	wait "$pid" 2>/dev/null || rc=$?
	not_at_exit "pid $pid"
	not_at_exit "tree $pid"
	[ "$rc" -le 2 ] || rc=2
	echo "$rc" >"$tmp/$1/rc"
	return "$rc"
}
# job_said NAME: what it said when it could not, on stderr.
job_said() {
	[ ! -s "$tmp/$1/err" ] || fit <"$tmp/$1/err" >&2
	[ -s "$tmp/$1/err" ] || warn "$1 ended without a word"
}

# --- how they are ended ------------------------------------------------------
# What does not end is killed after ten seconds, these tenths. A script that a script
# runs, and a job, have less: whoever waits for them must not kill them before they have
# cleared away. What a verb runs at exit has a minute.
patience=${ATLAS_KIT_PATIENCE-} self='' late_patience=''
less_patience() {
	patience=$((patience * 2 / 3))
	export ATLAS_KIT_PATIENCE="$patience"
}
case ${ATLAS_KIT_PATIENCE-} in '' | *[!0-9]*) patience=150 late_patience=600 ;; esac
less_patience
# is_child PID: of this script's, or of the job's whose number self is. The number of one
# that was waited for may be another process's by now.
is_child() {
	local stat
	if [ -d /proc/self ]; then
		[ -r "/proc/$1/stat" ] && IFS= read -r stat 2>/dev/null <"/proc/$1/stat" || return 1
		# "PID (name) state PPID ...": a name may hold anything.
		stat=${stat##*) }
		stat=${stat#* }
		[ "${stat%% *}" = "${self:-$$}" ]
	else
		[ "$(ps -o ppid= -p "$1" 2>/dev/null | tr -d ' ')" = "${self:-$$}" ]
	fi
}
# end_again SIGNAL PID...: in the background, until its caller has waited for them.
end_again() {
	local n=0 signal="$1" p
	shift
	while [ "$n" -le "$patience" ]; do
		sleep 0.1
		n=$((n + 1))
		[ "$n" -le "$patience" ] || signal=KILL
		for p do ! is_child "$p" || kill -s "$signal" "$p" 2>/dev/null || :; done
	done
}
# end_pids PID...: end these, and wait for them. One that gets the signal may have
# something to clean up itself. A shell that has just been forked loses it: so it is
# sent again, and in the end SIGKILL is.
end_pids() {
	local p again
	kill "$@" 2>/dev/null || :
	{
		end_again TERM "$@" &
		again=$!
		for p do wait "$p" || :; done
		# Some shells print a line about a process that was killed when it is waited for.
		kill -KILL "$again" || :
		wait "$again" || :
	} 2>/dev/null
}
# end_run: end what run waits for; the signal may have come between the fork and the note
# of it.
end_run() {
	local p="$run_pid"
	[ -n "$p" ] || p=${!-}
	[ -z "$p" ] || ! is_child "$p" || end_pids "$p"
}
# end_trees PID...: end these and all that runs below them, in a time that has an end.
# First they are stopped: one that went on might begin another process in the very moment
# of its end, and whose parent has ended is found by nobody. Then they have two seconds,
# before the signal is sent again: it may have come too early, but what runs now may be
# the rm of a script that clears away.
end_trees() {
	local n=0 signal=TERM pids='' more
	while [ "$n" -le 100 ]; do
		if [ $((n % 20)) -gt 0 ]; then
			[ -n "$(tree "$@")" ] || break
		else
			[ "$n" -lt 100 ] || signal=KILL
			# shellcheck disable=SC2086 # words
			while more=$(tree "$@" $pids) && [ "$more" != "$pids" ]; do
				pids=$more
				[ -z "$pids" ] || kill -s STOP $pids || :
			done
			[ -n "$pids" ] || break
			# shellcheck disable=SC2086 # words
			kill -s "$signal" $pids || :
			# shellcheck disable=SC2086 # words
			kill -s CONT $pids || :
		fi
		sleep 0.1
		n=$((n + 1))
	done
}
