#!/bin/sh
# run.sh [FILE.bats...] - run the tests, side by side, and count them.
#
# Prints each failed test with its output, the skipped ones by name, and last
# the line "N passed, N failed[, N skipped]". JOBS (default: the number of
# processors) files run at once. With CI=true a skipped test is a failure: a
# gate that quietly tests less is no gate. Exit 0 all passed, 1 some failed,
# 2 could not run.
set -eu

die() { printf 'run.sh: %s\n' "$*" >&2; exit 2; }

top=$(cd "$(dirname "$0")/.." && pwd)
command -v bats >/dev/null || die "bats is not installed: run 'make install-test'"
[ $# -gt 0 ] || set -- "$top"/tests/*.bats

. "$top/tests/alone.sh"

jobs=${JOBS:-$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)}
# The tests make and remove thousands of small files: in memory, where there is room
# and programs can be run, that takes a tenth of the time.
in_memory() {
	local try=/dev/shm/atlas-make.try.$$ rc=1
	[ "$(df -Pk /dev/shm 2>/dev/null | awk 'END { print int($4 / 1048576) }')" -ge 4 ] || return 1
	printf '#!/bin/sh\n' >"$try" && chmod +x "$try" && "$try" && rc=0
	rm -f "$try"
	return "$rc"
}
[ -n "${TMPDIR-}" ] || ! in_memory 2>/dev/null || export TMPDIR=/dev/shm
export TEST_TMP="${TMPDIR:-/tmp}"
dir=$(mktemp -d "$TEST_TMP/atlas-make.tests.XXXXXX")
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

# The longest first, as the last run has it; what it does not know, before those.
times=$top/.cache/test.times
[ -f "$times" ] || : >"$times"
for f do
	n=${f##*/}
	printf '%s\t%s\n' "$(awk -v n="${n%.bats}" '$1 == n { s = $2 } END { print s == "" ? 9999 : s }' "$times")" "$f"
done | sort -rn | cut -f 2- | tr '\n' '\0' >"$dir/list"
export RUN_DIR="$dir"
# shellcheck disable=SC2016 # expanded by the inner sh
xargs -0 -n 1 -P "$jobs" sh -c '
	n=$(basename "$1" .bats)
	rc=0
	s=$(date +%s)
	bats --tap "$1" </dev/null >"$RUN_DIR/$n.tap" 2>"$RUN_DIR/$n.err" || rc=$?
	echo "$rc" >"$RUN_DIR/$n.rc"
	s=$(($(date +%s) - s))
	echo "$n $s" >>"$RUN_DIR/times"
	[ -z "${RUN_TIMES-}" ] || echo "$n: $s s" >&2
	exit 0' sh <"$dir/list" || die "xargs failed"

# A file that bats could not run at all has no line that says so.
for f in "$dir"/*.rc; do
	t=${f%.rc}.tap
	[ -s "$t" ] || printf '1..1\nnot ok 1 bats could not run it\n' >"$t"
done

cat "$dir/times" "$times" | awk '!seen[$1]++' >"$times.$$" && mv "$times.$$" "$times" || :

awk -v ci="${CI:-}" '
	function close_file() {
		if (file != "" && planned != seen) {
			print "not ok " file ": " planned " tests planned, " seen " ran"
			failed++
		}
	}
	FNR == 1 {
		close_file()
		file = FILENAME; sub(/.*\//, "", file); sub(/\.tap$/, "", file)
		planned = -1; seen = 0; show = 0
	}
	/^1\.\.[0-9]+/ { planned = substr($0, 4) + 0; next }
	/^ok .* # skip/ {
		seen++; skipped++; show = 0
		sub(/^ok [0-9]+ /, ""); print "skipped " file ": " $0
		next
	}
	/^ok / { seen++; passed++; show = 0; next }
	/^not ok / {
		seen++; failed++; show = 1
		sub(/^not ok [0-9]+ /, ""); print "not ok " file ": " $0
		next
	}
	show { print "  " $0 }
	END {
		close_file()
		if (ci != "" && skipped > 0) {
			print "with CI set a skipped test counts as failed"
			failed += skipped; skipped = 0
		}
		print ""
		printf "%d passed, %d failed", passed, failed
		if (skipped > 0) printf ", %d skipped", skipped
		print ""
		exit (failed > 0 || passed == 0)
	}' "$dir"/*.tap || {
	# What bats itself complained of (a syntax error in a file, say).
	cat "$dir"/*.err >&2
	exit 1
}
