# helper.bash - what every .bats file loads.
#
# Each test gets an empty scratch directory of its own as its working
# directory ($BATS_TEST_TMPDIR, removed by bats), the built tools first in
# PATH, the C locale, and $TOP, the repository's root. make compat gives another
# locale (TEST_LC_ALL), and another shell for a project's scripts (TEST_SH);
# where a tool is slow, of thousands of tries one in TEST_EVERY is enough.

bats_require_minimum_version 1.5.0

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
FIXTURES=$TOP/tests/fixtures
TAB=$(printf '\t')
export TOP FIXTURES TAB
PATH=${TOOLS_DIR:-$TOP/.cache/bin}:$PATH
export LC_ALL=${TEST_LC_ALL:-C} LANGUAGE=C
# Unless it is said, the newest PostgreSQL that the system has, else the kit's
# default: embedded binaries would be copied for each run, out of a directory that
# the server's user cannot reach. tests/compat.bats has the others.
if [ -z "${PG_MAJOR-}" ]; then
	PG_MAJOR=$(sed -n 's/^PG_MAJOR ?= //p' "$TOP/mk/config.mk")
	for _d in /usr/lib/postgresql/1[4-9]/bin/postgres; do
		[ ! -x "$_d" ] || { PG_MAJOR=${_d%/bin/postgres} && PG_MAJOR=${PG_MAJOR##*/}; }
	done
	export PG_MAJOR
fi
unset NO_COLOR CI MAKEFLAGS MAKELEVEL MFLAGS CDPATH

# A file's own setup(), where it has one, calls this first.
setup() { scratch; }
scratch() { cd "$BATS_TEST_TMPDIR" || return 1; }

# check EXIT [-i FILE] [-o TEXT | -O FILE] [-e TEXT | -E FILE | -p PATTERN] -- COMMAND...
#
# Run COMMAND and pin its exit code, stdout and stderr in one assertion. What
# is not given must be empty. TEXT gets a final newline (none when TEXT is
# empty); FILE is compared byte for byte; PATTERN is an extended regular
# expression that some line of stderr must match. -i is the standard input
# (/dev/null by default). Outputs stay in ./out and ./err for a closer look.
check() {
	local want=$1 in=/dev/null out='' outf='' err='' errf='' pat='' got=0 bad=0
	shift
	while [ "$1" != -- ]; do
		case $1 in
		-i) in=$2 ;;
		-o) out=$2 ;;
		-O) outf=$2 ;;
		-e) err=$2 ;;
		-E) errf=$2 ;;
		-p) pat=$2 ;;
		*) echo "check: unknown option $1" >&2; return 1 ;;
		esac
		shift 2
	done
	shift
	[ -n "$outf" ] || { outf=$BATS_TEST_TMPDIR/.want.out; _text "$out" >"$outf"; }
	[ -n "$errf" ] || { errf=$BATS_TEST_TMPDIR/.want.err; _text "$err" >"$errf"; }
	"$@" <"$in" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" || got=$?
	if [ "$got" -ne "$want" ]; then
		echo "exit $got, wanted $want"
		bad=1
	fi
	if ! cmp -s "$outf" "$BATS_TEST_TMPDIR/out"; then
		echo "stdout differs (wanted -, got +):"
		diff -u "$outf" "$BATS_TEST_TMPDIR/out" | sed -n '3,40p' | cat -v
		bad=1
	fi
	if [ -n "$pat" ]; then
		grep -Eq -- "$pat" "$BATS_TEST_TMPDIR/err" || {
			echo "stderr has no line matching: $pat"
			bad=1
		}
	elif ! cmp -s "$errf" "$BATS_TEST_TMPDIR/err"; then
		echo "stderr differs (wanted -, got +):"
		diff -u "$errf" "$BATS_TEST_TMPDIR/err" | sed -n '3,40p' | cat -v
		bad=1
	fi
	if [ "$bad" -ne 0 ]; then
		printf 'command:'
		printf ' %q' "$@"
		printf '\nstderr was:\n'
		head -c 3000 "$BATS_TEST_TMPDIR/err" | cat -v
	fi
	return "$bad"
}

_text() { if [ -n "$1" ]; then printf '%s\n' "$1"; fi; }

# same FILE FILE: byte for byte, or show the difference.
same() {
	cmp -s "$1" "$2" || {
		diff -u "$1" "$2" | head -n 40 | cat -v
		return 1
	}
}

# no_litter [DIR]: no temporary file of ours is left in DIR.
no_litter() {
	local left
	left=$(find "${1:-.}" -name '.*.tmp.*')
	[ -z "$left" ] || { echo "left behind: $left"; return 1; }
}

# edit FILE SED-SCRIPT: in place, without sed -i.
edit() { sed "$2" "$1" >"$1.new" && cat "$1.new" >"$1" && rm "$1.new"; }

# state: all that a verb may change, the migrations in M and the template T.
state() { (cd "$M/" && ls -A && cat -- * && cat "$OLDPWD/$T"); }

# project: a copy of this repository's template in "./a project" (a blank in
# its path, on purpose), which becomes the working directory. It shares what was
# installed and built; its state is its own. Committed as git's first commit
# with `project git`.
project() {
	local p="$BATS_TEST_TMPDIR/a project" f
	mkdir "$p"
	for f in Makefile atlas-make.mk mk tools scripts src atlas_layer atlas.hcl cloud-formation.yaml \
		requirements.txt lint.levels .squawk.toml .gitignore .gitattributes; do
		[ ! -e "$TOP/$f" ] || cp -Rp "$TOP/$f" "$p/"
	done
	find "$p/src" -name __pycache__ -prune -exec rm -rf {} +
	[ -z "${TEST_SH-}" ] || sed -i "1s|^#!/bin/sh\$|#!$TEST_SH|" "$p"/scripts/*.sh "$p"/scripts/s*/*.sh
	installed "$p"
	cd "$p" || return 1
	[ "${1-}" != git ] || git_first
}

# git_first: the working directory is a repository, with a first commit.
git_first() {
	export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
	git init -q -b main .
	git config user.name test
	git config user.email test@example.com
	git add -A
	git commit -qm first
}

# installed PROJECT: it has what was installed and built here, and a state of its
# own; nothing that the machine exports is a knob.
installed() {
	local p="$1" f
	mkdir "$p/.cache"
	# The first one makes the cluster that all the others copy.
	[ -d "$TOP/.cache/pg" ] || env -u ATLAS_MAKE_KNOBS -u DATABASE_URL "$TOP/scripts/lint_migrations.sh" >/dev/null 2>&1 || :
	for f in bin venv atlas embedded node go ready pg; do
		[ ! -e "$TOP/.cache/$f" ] || ln -s "$TOP/.cache/$f" "$p/.cache/$f"
	done
	# What is noted there must not be noted for the others.
	cp -Rp "$TOP/.cache/sys" "$p/.cache/sys"
	# Temporary files of its own, where the database's user can pass.
	TMPDIR=$(mktemp -d "${TEST_TMP:-/tmp}/am.XXXXXX")
	chmod 711 "$TMPDIR"
	export TMPDIR
	temporary+=("$TMPDIR")
	# The suite can be run with another Atlas or server.
	for f in ATLAS PG_MAJOR PG_BINDIR; do
		[ -z "${!f-}" ] || export "ATLAS_MAKE_$f=${!f}"
	done
	unset ATLAS_MAKE_KNOBS ATLAS_KIT ATLAS_KIT_PROJECT ATLAS_KIT_PREFIX \
		DEV_URL DATABASE_URL GITHUB_BASE_REF PRE_COMMIT_FROM_REF
}

# A test may have more than one project.
temporary=()
teardown() { [ "${#temporary[@]}" -eq 0 ] || rm -rf "${temporary[@]}"; }

# is_engine: the Atlas of this run is ours, and no command of the vendor's that was given.
is_engine() { [[ $("${ATLAS:-$TOP/.cache/atlas/atlas}" version) == 'atlas engine '* ]]; }
# engine_only WHY: a given command of the vendor's cannot do it.
engine_only() { is_engine || skip "$1"; }

# nothing_left: no process of the project's runs and no temporary file stays.
nothing_left() {
	local left
	left=$(ls -A "$TMPDIR")
	[ -z "$left" ] || { echo "left behind: $left"; return 1; }
	left=$(pgrep -f "$TMPDIR" || :)
	[ -z "$left" ] || { echo "still running: $(ps -o args= -p "$left")"; return 1; }
}
