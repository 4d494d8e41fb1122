# common.sh - sourced by every script; $prog is the script's name.
#
# Gives: die, warn, say, step; the repository's root as the working directory;
# a temporary directory on demand; one trap that undoes what is in flight.
#
# Exit codes everywhere: 0 done or yes, 1 the honest no, 2 could not.

# shellcheck shell=sh

prog=${0##*/}

# Messages of the tools we run are matched by people, and sort order must not
# depend on the locale.
export LC_ALL=C

die() {
	printf '%s: %s\n' "$prog" "$*" >&2
	exit 2
}

warn() { printf '%s: %s\n' "$prog" "$*" >&2; }

# say TEXT: a result, for people, on stdout.
say() { printf '%s\n' "$*"; }

# step TEXT: progress. On a terminal always; elsewhere (CI, a pipe) only for
# work that takes seconds, which callers mark by calling step_long.
step() { [ ! -t 2 ] || printf '%s… %s%s\n' "$c_dim" "$*" "$c_off" >&2; }
step_long() { printf '%s%s%s\n' "$c_dim" "$*" "$c_off" >&2; }

c_dim='' c_off=''
if [ -t 2 ] && [ -z "${NO_COLOR-}" ] && [ "${TERM-dumb}" != dumb ]; then
	c_dim=$(printf '\033[2m') c_off=$(printf '\033[0m')
fi

# The scripts lie one below the root, whoever calls from wherever. CDPATH
# would make cd print and go elsewhere. No fork here: the no-change check is
# counted in milliseconds.
unset CDPATH
case $0 in
*/*) cd "${0%/*}/.." ;;
*) cd .. ;;
esac || exit 2
[ -f scripts/lib/common.sh ] || die "$PWD is not the repository's root"
root=$PWD

# Knobs come from make. By hand (no make above us) make is asked for them.
if [ -z "${ATLAS_MAKE_KNOBS-}" ]; then
	knobs=$(make -s --no-print-directory print-knobs) || die "cannot read the knobs from mk/config.mk"
	eval "$knobs"
fi

cache=.cache
bin=$cache/bin

# --- what must be undone ---------------------------------------------------
# tmp: the temporary directory, made by need_tmp. at_exit: commands to run,
# last added first. A signal leads to exit, exit to cleanup, once. Who is given
# a directory sets tmp to it, and tmp_given: its caller clears it away.
tmp='' tmp_given=''
at_exit_cmds=''
at_exit() { at_exit_cmds="$1; $at_exit_cmds"; }

# wait_all: until every background process has ended, in a trap too. There bash's
# wait returns at once, and again each time, while a signal is pending that came
# before we ignored it; what has ended stays in the list until jobs has told it.
wait_all() {
	until wait; do
		jobs >/dev/null
		[ -n "$(jobs -p)" ] || break
		sleep 0.05 || :
	done
}

# cleanup CODE: and exit with it. A signal calls it itself: were it to exit and
# leave that to the trap on EXIT, a second signal (the terminal's and a caller's,
# say) could end the shell with that trap begun and nothing undone.
cleanup() {
	trap '' INT TERM HUP
	rc=$1
	trap - EXIT
	[ -z "$run_pid" ] || kill "$run_pid" 2>/dev/null || :
	eval "$at_exit_cmds"
	# What was told to stop may have something to clean up itself.
	wait_all
	[ -z "$tmp" ] || [ -n "$tmp_given" ] || rm -rf "$tmp"
	exit "$rc"
}
trap 'cleanup $?' EXIT
catch_signals() {
	trap 'cleanup 130' INT
	trap 'cleanup 143' TERM
	trap 'cleanup 129' HUP
}
catch_signals

# run COMMAND...: in the foreground for the script, but a signal is heard at
# once: a shell that waits for a foreground child hears it only afterwards, and
# its background children do not hear Ctrl-C at all.
run_pid=''
run() {
	"$@" &
	run_pid=$!
	run_rc=0
	wait "$run_pid" || run_rc=$?
	run_pid=''
	return "$run_rc"
}

# job_signals: said first in a function that runs in the background and itself
# runs things: these end before it does, so that who waits for it may clear away
# what they write to. INT too: bash does not ignore it there when it is trapped.
job_signals() {
	trap '
		trap "" INT TERM HUP
		[ -z "$run_pid" ] || kill "$run_pid" 2>/dev/null || :
		wait_all
		exit 143
	' INT TERM HUP
}

# need_tmp: make $tmp. A unix socket's path may be 103 bytes long at most, and
# becomes part of a database's address: a TMPDIR that is long or odd is passed
# over for /tmp.
need_tmp() {
	[ -z "$tmp" ] || return 0
	tmpdir=${TMPDIR:-/tmp}
	case $tmpdir in *[!A-Za-z0-9_./-]*) tmpdir=/tmp ;; esac
	[ "${#tmpdir}" -le 60 ] && [ -d "$tmpdir" ] && [ -w "$tmpdir" ] || tmpdir=/tmp
	# mktemp must not be interrupted between making and naming it.
	tmp=$(
		trap '' INT TERM HUP
		mktemp -d "${tmpdir%/}/atlas-make.XXXXXX"
	) || die "cannot make a directory in $tmpdir"
}

# have COMMAND
have() { command -v "$1" >/dev/null 2>&1; }
