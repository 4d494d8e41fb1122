# helper.bash - what every .bats file loads.
#
# Each test gets an empty scratch directory of its own as its working
# directory ($BATS_TEST_TMPDIR, removed by bats), the built tools first in
# PATH, the C locale, and $TOP, the repository's root.

bats_require_minimum_version 1.5.0

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
FIXTURES=$TOP/tests/fixtures
TAB=$(printf '\t')
export TOP FIXTURES TAB
PATH=${TOOLS_DIR:-$TOP/.cache/bin}:$PATH
export LC_ALL=C LANGUAGE=C
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
