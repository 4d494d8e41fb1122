#!/bin/sh
# run.sh TOOL DIR SECONDS MAX - fuzz TOOL with DIR/fuzz, inputs up to MAX bytes.
#
# FUZZ_RUNS in the environment is a number of inputs to try, whatever time that
# takes; FUZZ_FLAGS are libFuzzer's own. The corpus grows in DIR/corpus. Prints
# one line: how many inputs were tried, which is noted in DIR.figures too.
# Exit 0 nothing found, 1 a find, kept in DIR.find/, 2 could not run.
set -eu

[ $# -eq 4 ] || {
	echo 'usage: run.sh tool directory seconds max' >&2
	exit 2
}
here=${0%/*} tool=$1 dir=$2 seconds=$3 max=$4
mkdir -p "$dir/corpus" "$dir.find"
"$here/seed.sh" "$tool" "$PWD/$dir/seed"
if [ -n "${FUZZ_RUNS-}" ]; then
	length=-runs=$FUZZ_RUNS
else
	length=-max_total_time=$seconds
fi
rc=0
began=$(date +%s)
# Freed memory is watched for a while, not for a whole run: that would be twice
# as slow.
ASAN_OPTIONS=quarantine_size_mb=8:malloc_context_size=4${ASAN_OPTIONS:+:$ASAN_OPTIONS}
export ASAN_OPTIONS
# shellcheck disable=SC2086 # FUZZ_FLAGS is words
# LeakSanitizer is not asked: what a run leaves is taken back (world.c).
"$dir/fuzz" "$length" -max_len="$max" -timeout=60 -detect_leaks=0 \
	-dict="$here/$tool.dict" -artifact_prefix="$dir.find/" -print_final_stats=1 -verbosity=1 \
	${FUZZ_FLAGS-} "$dir/corpus" "$dir/seed" >"$dir/log" 2>&1 || rc=$?
runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$dir/log")
took=$(($(date +%s) - began))
echo "$tool ${runs:-?} inputs $took s exit $rc" >>"$dir.figures"
if [ "$rc" -ne 0 ]; then
	tail -n 30 "$dir/log" >&2
	echo "fuzz: $tool: a find after ${runs:-?} inputs, kept in $dir.find/" >&2
	exit 1
fi
echo "fuzz: $tool: $runs inputs in $took s, nothing found"
