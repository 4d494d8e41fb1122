# common.sh - sourced by every script; $prog is the script's name.
#
# Gives: die, warn, say, step; the repository's root as the working directory;
# a temporary directory on demand; jobs; one trap that undoes what is in flight.
# A verb sets USAGE before it sources this, and calls no_options or its own
# getopts, which serve -h and every wrong call from it.
#
# Exit codes everywhere: 0 done or yes, 1 the honest no (answer), 2 could not.
#
# written by both: tmp tmp_given kit root

# shellcheck shell=sh

prog=${0##*/}

# A trace (sh -x) would print addresses with their passwords: where a knob holds an
# address, the trace stops here.
trace=''
case $- in *x*) trace=1 ;; esac
{ set +x; } 2>/dev/null

# Messages of the tools we run are matched by people, and sort order must not
# depend on the locale.
export LC_ALL=C

die() {
	warn "$@"
	exit 2
}

warn() { verbs "$prog: $*" >&2; }

# fit: copy stdin to stdout so that a terminal, a log or a CI runner may show it:
# control characters become ?, and no line is a runner's command. A name, a value, or
# an error of PostgreSQL's that quotes them may have been made up in a pull request.
# What atlasjson prints is fit already.
fit() {
	tr '\001-\010\013-\037\177' '?' |
		sed "s/$(printf '\302')[$(printf '\200')-$(printf '\237')]/?/g; s/##\[/# #[/g; s/^\([[:blank:]]*\):\(:[a-z]\)/\1: \2/"
}

# verbs TEXT: print TEXT, fit. A Makefile that includes kit.mk may have an install or a
# status of its own: there our verbs have a prefix, and TEXT gets it.
verbs() {
	case $1 in *[!\ -~]* | *'##['* | *::*) set -- "$(printf '%s\n' "$1" | fit)" ;; esac
	case ${ATLAS_KIT_PREFIX:+$1} in
	*'make '*)
		printf '%s\n' "$1" | sed -E "s/(^|[^A-Za-z])make ($kit_verbs)([^a-z-]|\$)/\1make $ATLAS_KIT_PREFIX\2\3/g"
		;;
	*) printf '%s\n' "$1" ;;
	esac
}
# The verbs that kit.mk has under another name.
kit_verbs='apply|clean|deploy|doctor|drift|erd|help|install|lambda|plan|status|tools'

# usage [CODE]: print USAGE, and exit; no_options "$@": the script has no option but -h.
usage() {
	[ "${1-2}" -ne 0 ] || {
		printf 'usage: %s\n' "$USAGE"
		exit 0
	}
	printf 'usage: %s\n' "$USAGE" >&2
	exit 2
}
no_options() {
	case ${1-} in
	'') [ $# -eq 0 ] || usage ;;
	-h) usage 0 ;;
	*) usage ;;
	esac
}

# say TEXT: a result, for people, on stdout.
say() { verbs "$*"; }

# step TEXT: progress. On a terminal always; elsewhere (CI, a pipe) only for
# work that takes seconds, which callers mark by calling step_long.
step() { [ ! -t 2 ] || step_long "… $*"; }
step_long() {
	printf %s "$c_dim"
	verbs "$*"
	printf %s "$c_off"
} >&2

c_dim='' c_off=''
if [ -t 2 ] && [ -z "${NO_COLOR-}" ] && [ "${TERM-dumb}" != dumb ]; then
	c_dim=$(printf '\033[2m') c_off=$(printf '\033[0m')
fi

# These variables a verb hands to its steps in the environment, or reads before it has
# set them. A machine may export any name, so a verb begins without them;
# lint_migrations.sh -o is a step, too. PostgreSQL's variables that lead to another
# server, or change a session, do not count: DATABASE_URL and DEV_URL say where to
# connect. And the repository is the one we stand in, in a hook of git's, too.
handed='want have want_list have_list schemas levels scratch scratch_stays spare other concurrent planner
	atlas_bin atlas_from atlas_when atlas_sql atlas_looked atlas_lint_empty lint_in_turn bin pg_url given_major
	catalog_edges catalog_grants catalog_owners catalog_remedy kept_n kept_needs sql_unchecked unknown
	schema_file psql pg_dump pg_restore psql_bin pg_dump_bin pg_restore_bin
	pg_bin pg_fresh pg_tpl'
# shellcheck disable=SC2086 # names
case $0:${1-} in
*/steps/* | */lint_migrations.sh:-o) ;;
*) unset $handed PGSERVICE PGHOSTADDR PGOPTIONS PGCLIENTENCODING PGDATESTYLE PGTZ PGGEQO GIT_DIR GIT_WORK_TREE \
	GIT_COMMON_DIR TAR_OPTIONS ;;
esac

# Two directories. The kit is the one these scripts lie below; the project, whose
# schema it is, is the working directory. In a clone of the template they are the
# same. make says both (Makefile). By hand the project is the nearest directory
# above the kit that has an atlas-make.mk of its own, or, in that one or where there
# is none, the nearest at or above where one stands; with none it is the kit. CDPATH
# would make cd print and go elsewhere. Nothing here forks: the no-change check is
# counted in milliseconds.
unset CDPATH

# is_example DIR: DIR has the bundled example, or no project at all.
is_example() {
	local line
	[ -f "$1/atlas-make.mk" ] || return 0
	while IFS= read -r line; do
		case $line in 'EXAMPLE = 1'*) return 0 ;; esac
	done <"$1/atlas-make.mk"
	return 1
}
project_above() {
	project=$1
	while [ -n "$project" ]; do
		is_example "$project" || return 0
		project=${project%/*}
	done
	return 1
}
find_project() {
	local from="$PWD" near='' up=''
	case $0 in
	*/*) cd "${0%/*}/.." ;;
	*) cd .. ;;
	esac || exit 2
	# One or two below.
	[ -f scripts/lib/common.sh ] || cd .. || exit 2
	[ -f scripts/lib/common.sh ] || die "$PWD is not the kit's directory"
	kit=$PWD
	project_above "$from" && near=$project
	project_above "$kit" || project=$near
	case $near in "$project"/*) project=$near ;; esac
	: "${project:=$kit}"
	# As seen from there: make takes no blank in the way.
	from=$project
	case $kit/ in
	"$project/") kit=. ;;
	*)
		until [ -z "$from" ] || [ -z "${kit%%"$from"/*}" ]; do
			from=${from%/*} up=../$up
		done
		[ -z "$from" ] || kit=$up${kit#"$from"/}
		;;
	esac
}
if [ -n "${ATLAS_MAKE_KNOBS-}" ] && [ -n "${ATLAS_KIT-}" ]; then
	kit=$ATLAS_KIT project=$ATLAS_KIT_PROJECT
else
	find_project
fi
cd "$project" || exit 2
root=$PWD
# in_kit: what stands before the name of a script of ours, for people.
case $kit in
.) in_kit='' ;;
*) in_kit=$kit/ ;;
esac

# Knobs come from make. By hand (no make above us) make is asked for them, and
# takes them from its files and from ATLAS_MAKE_KNOB in the environment.
if [ -z "${ATLAS_MAKE_KNOBS-}" ]; then
	knobs=$(make -s --no-print-directory -f "$kit/Makefile" print-knobs) ||
		die "cannot read the knobs from $kit/mk/config.mk"
	eval "$knobs"
fi

case $trace,${DATABASE_URL-}${DEV_URL-}${DEV_DB-} in
1,*://*) ;;
1,*) set -x ;;
esac

# Words with one blank between: what make keeps before a comment is no name.
set -f
# shellcheck disable=SC2086 # it is words
set_schemas() { DEV_SCHEMAS=${*:-public}; }
set_schemas ${DEV_SCHEMAS-}
set +f
case $DEV_SCHEMAS in
*[\*?\[,\;]*) die "DEV_SCHEMAS='$DEV_SCHEMAS': it is names of schemas, with blanks between; there are no patterns" ;;
esac

cache=.cache
bin=$cache/bin

# state: where what belongs to this one database lies, so that projects, schemas
# and runs side by side do not meet. Its name is read off the knobs, most often
# without a fork, and no two of them have the same: for a blank there is a +, for a /
# a comma, and anything else that is not plain adds a sum of it all. A script that relies
# on a file there compares the knobs themselves as well.
state_dir() {
	local all="${MIGRATIONS-}@${DEV_SCHEMAS-}@${SCHEMA-}" s='' rest head sum=''
	rest=$all
	case ${MIGRATIONS-}${DEV_SCHEMAS-}${SCHEMA-} in *@*) sum=1 ;; esac
	while :; do
		head=${rest%%[!A-Za-z0-9._@-]*}
		s=$s$head
		[ "$head" != "$rest" ] || break
		rest=${rest#"$head"}
		case $rest in
		' '*) s=$s+ ;;
		/*) s=$s, ;;
		*) s=$s- sum=1 ;;
		esac
		rest=${rest#?}
	done
	# A file's name has an end.
	if [ "${#s}" -gt 180 ]; then
		s=${s%"${s#????????????????????????????????????????}"}
		sum=1
	fi
	[ -z "$sum" ] || sum=$(printf '%s' "$all" | cksum) || die 'cksum could not sum the knobs up'
	state=$cache/state/$s${sum:+-${sum%% *}-${sum##* }}
}
state_dir

# is_guest: this directory has the example and no other project, and is part of another
# repository: a copy, or a submodule.
is_guest() {
	local up="$PWD" line
	[ ! -d .git ] && [ -f atlas-make.mk ] && is_example . || return 1
	if [ -f .git ]; then
		IFS= read -r line <.git || :
		case $line in */modules/*) return 0 ;; esac
		return 1
	fi
	while [ -n "$up" ]; do
		up=${up%/*}
		[ ! -e "$up/.git" ] || return 0
	done
	return 1
}

# need_project: the project's own knobs are there. Without them there is nothing
# a verb could be about, and the bundled example is not what was meant.
need_project() {
	if [ "$kit" = . ] && is_guest; then
		die "this is the kit's own example, inside of another repository; fix: call the verbs from the root of that one; if the models here are yours, take the line EXAMPLE = 1 out of $PWD/atlas-make.mk"
	fi
	[ -f atlas-make.mk ] || [ -n "$SCHEMA$MIGRATIONS" ] ||
		die "no atlas-make.mk in $PWD: it says what the schema is made from and where the migrations are, and it is committed (git ls-files atlas-make.mk)"
	[ -z "${DATABASES-}" ] || [ -n "${DB-}" ] || [ -n "$MIGRATIONS" ] ||
		die "which database? say DB=${DATABASES%% *}: atlas-make.mk has $DATABASES"
	[ -n "$MIGRATIONS" ] || die 'MIGRATIONS is not set: atlas-make.mk says where the migrations are'
	[ "${1-}" = migrations ] || [ -n "$SCHEMA" ] || die 'SCHEMA is not set: atlas-make.mk says what the schema is made from'
}

# --- what must be undone ---------------------------------------------------
# What is to be undone is kept as data: a line of $undo for each, last added
# first. A signal leads to cleanup, cleanup to exit, once.
#
#   at_exit_call FUNCTION   call it
#   at_exit_pid PID         send that child of this script SIGTERM, and wait for it
#   at_exit_tree PID        end that child and all that runs below it, for one that clears
#                           nothing away itself
#   at_exit_file PATH       remove that file or directory
#
# Processes are ended first, then functions called, then files removed. A step that
# fails changes no exit code and hinders no other step.
# tmp is the temporary directory, made by need_tmp. A script that is given a
# directory sets tmp to it, and tmp_given: its caller removes it.
tmp='' tmp_given=''
undo='' run_pid='' exiting='' time_watcher=''
nl='
'
at_exit_call() { undo="call $1$nl$undo"; }
at_exit_pid() { undo="pid $1$nl$undo"; }
at_exit_tree() { undo="tree $1$nl$undo"; }
at_exit_file() { undo="file $1$nl$undo"; }
# not_at_exit ENTRY: take ENTRY off the list, for it is done. (Another process may get
# the number of one that has ended.)
not_at_exit() {
	case $nl$undo in
	*"$nl$1$nl"*)
		undo=$nl$undo
		undo=${undo%%"$nl$1$nl"*}$nl${undo#*"$nl$1$nl"}
		undo=${undo#"$nl"}
		;;
	esac
}

# wait_all: wait until every background process has ended, in a trap too. There bash's
# wait returns at once, and again each time, while a signal is pending that came
# before the trap ignored it; a process that has ended stays in the list until jobs has
# printed it.
wait_all() {
	until wait; do
		jobs >/dev/null
		[ -n "$(jobs -p)" ] || break
		sleep 0.05 || :
	done
}

# answer CODE: exit with a verdict. It is the one way to say no: any other
# command that ends a script with 1, under set -e, failed, and that is exit 2.
answered=''
answer() {
	answered=1
	exit "$1"
}

# cleanup CODE: undo all, and exit with CODE. The traps of signals call it themselves:
# were they to exit and leave that to the trap on EXIT, a second signal (the terminal's
# and a caller's, say) could end the shell with that trap begun and nothing undone.
cleanup() {
	local code=$1 list entry pids='' trees=''
	trap '' INT TERM HUP ALRM
	trap - EXIT
	exiting=1
	set +e
	case $code in
	0 | 2 | 129 | 130 | 143) ;;
	1)
		[ -n "$answered" ] || {
			warn 'could not finish: a command failed'
			code=2
		}
		;;
	*) code=2 ;;
	esac
	[ -z "$time_watcher" ] || time_limit_end
	list=${run_pid:+pid $run_pid$nl}$undo
	# A signal that came between a fork and the note of it.
	case $code in 129 | 130 | 143) [ -z "${!-}" ] || list="pid $!$nl$list" ;; esac
	while [ -n "$list" ]; do
		entry=${list%%"$nl"*} list=${list#*"$nl"}
		# A shell that waits for one child may have noticed the end of another, whose
		# number can be any process's by now.
		case $entry in 'pid '* | 'tree '*) is_child "${entry#* }" || continue ;; esac
		case $entry in
		'pid '*) pids="$pids ${entry#pid }" ;;
		'tree '*) trees="$trees ${entry#tree }" ;;
		esac
	done
	# shellcheck disable=SC2086 # words
	[ -z "$trees" ] || end_trees $trees 2>/dev/null
	# shellcheck disable=SC2086 # words
	[ -z "$pids" ] || end_pids $pids
	list=$undo
	while [ -n "$list" ]; do
		entry=${list%%"$nl"*} list=${list#*"$nl"}
		case $entry in
		'call '*) "${entry#call }" ;;
		esac
	done
	wait_all
	set --
	list=$undo
	while [ -n "$list" ]; do
		entry=${list%%"$nl"*} list=${list#*"$nl"}
		case $entry in 'file '*) [ ! -e "${entry#file }" ] && [ ! -L "${entry#file }" ] || set -- "$@" "${entry#file }" ;; esac
	done
	[ -z "$tmp" ] || [ -n "$tmp_given" ] || set -- "$@" "$tmp"
	[ $# -eq 0 ] || rm -rf "$@"
	exit "$code"
}
trap 'cleanup $?' EXIT
catch_signals() {
	trap 'cleanup 130' INT
	trap 'cleanup 143' TERM
	trap 'cleanup 129' HUP
}
catch_signals
# A reader that goes away (| head) ends no shell before it has cleared away: the write
# fails, as on a full disk.
trap : PIPE

# time_limit: from now on this script has TIME_LIMIT seconds. A command that hangs is no
# verdict: the script then says that its time is up, and ends with 2. The watcher ends
# what the script waits for in the foreground, too.
# time_limit_end: no longer; what follows may take its time, or has a limit of its own.
time_limit_end() {
	[ -n "$time_watcher" ] || return 0
	kill "$time_watcher" 2>/dev/null || :
	wait "$time_watcher" 2>/dev/null || :
	time_watcher=''
	trap '' ALRM
}
time_limit() {
	case $TIME_LIMIT in
	'' | *[!0-9]* | 0) die "TIME_LIMIT=$TIME_LIMIT: not a number of seconds" ;;
	esac
	trap 'time_is_up' ALRM
	# bash's forked shell, ended before it has come to its own traps, would run ours.
	trap - EXIT TERM
	{ (
		sleep_pid=''
		trap '[ -z "$sleep_pid" ] || kill "$sleep_pid" 2>/dev/null; exit 0' TERM
		trap '' INT HUP ALRM
		n=0
		while [ "$n" -lt "$TIME_LIMIT" ]; do
			sleep 1 &
			sleep_pid=$!
			wait "$sleep_pid"
			n=$((n + 1))
			# Killed outright, the script cannot end this itself.
			kill -0 "$$" 2>/dev/null || exit 0
		done
		kill -ALRM "$$" 2>/dev/null || exit 0
		sleep 2 &
		sleep_pid=$!
		wait "$sleep_pid"
		# Still there: it waits for a child in the foreground.
		trap '' TERM
		end_below
	) </dev/null >/dev/null & } 2>/dev/null
	time_watcher=$!
	trap 'cleanup $?' EXIT
	catch_signals
}
# tree PID...: print the numbers of those that run, and of all that runs below them;
# below PID...: without PID... themselves.
tree() {
	ps -A -o pid= -o ppid= -o stat= | awk -v roots="$*" '
		BEGIN { for (n = split(roots, root, " "); n > 0; n--) ours[root[n]] = 1 }
		$3 !~ /^Z/ { pid[++running] = $1; above[$1] = $2 }
		END {
			do {
				more = 0
				for (n = 1; n <= running; n++)
					if (!(pid[n] in ours) && above[pid[n]] in ours)
						more = ours[pid[n]] = 1
			} while (more)
			for (n = 1; n <= running; n++)
				if (pid[n] in ours)
					print pid[n]
		}'
}
below() {
	local pid
	for pid in $(tree "$@"); do
		case " $* " in *" $pid "*) ;; *) echo "$pid" ;; esac
	done
}
# end_below: send SIGTERM to all that runs below this script: a command in the foreground
# is in no list of ours, nor is what such a command has begun.
end_below() {
	local p
	for p in $(below "$$"); do kill "$p" 2>/dev/null || :; done
}
time_is_up() {
	end_below
	warn "nothing was decided: it took longer than $TIME_LIMIT seconds. Run it again, or give it more time: TIME_LIMIT=$((TIME_LIMIT * 4))"
	cleanup 2
}

# need_commands: a command that is missing would be noticed in the middle of a look,
# where its failure may pass for "found nothing".
need_commands() {
	local c missing=''
	for c in awk cat cmp cp find grep head ls mkdir mktemp mv od rm sed sleep sort tail tr wc xargs; do
		have "$c" || missing="$missing $c"
	done
	[ -z "$missing" ] || die "not found in PATH:$missing; fix: install that, or correct PATH, which is $PATH"
}

# need_tmp: make $tmp. A unix socket's path may be 103 bytes long at most, and
# becomes part of a database's address: a TMPDIR that is long or odd is passed
# over for /tmp.
need_tmp() {
	[ -z "$tmp" ] || return 0
	need_commands
	local tmpdir=${TMPDIR:-/tmp}
	case $tmpdir in *[!A-Za-z0-9_./-]* | [!/]*) tmpdir=/tmp ;; esac
	[ "${#tmpdir}" -le 60 ] && [ -d "$tmpdir" ] && [ -w "$tmpdir" ] || tmpdir=/tmp
	# mktemp must not be interrupted between making and naming it.
	tmp=$(
		trap '' INT TERM HUP
		mktemp -d "${tmpdir%/}/atlas-make.XXXXXX"
	) || die "cannot make a directory in $tmpdir"
}

# have COMMAND
have() { command -v "$1" >/dev/null 2>&1; }

# git_trusts: die where git answers nothing for a checkout that is another user's;
# asked only when something failed. git names the directory it means.
git_trusts() {
	local said
	said=$(git rev-parse 2>&1) || case $said in
	*'dubious ownership'*)
		die "git does not look at a checkout of another user's:$(printf '%s\n' "$said" | sed -n 's/^[[:blank:]]*\(git config .*\)/ \1/p')"
		;;
	esac
}

. "$kit/scripts/lib/jobs.sh"
