#!/bin/sh
# run.sh TOOL DIR SECONDS MAX - fuzz TOOL with DIR/fuzz, inputs up to MAX bytes.
#
# The corpus grows in DIR/corpus. Prints one line: how many inputs were tried.
# Exit 0 nothing found, 1 a find, kept in DIR.find/, 2 could not run.
set -eu

[ $# -eq 4 ] || {
	echo 'usage: run.sh tool directory seconds max' >&2
	exit 2
}
here=${0%/*} tool=$1 dir=$2 seconds=$3 max=$4
mkdir -p "$dir/corpus" "$dir.find"
"$here/seed.sh" "$tool" "$PWD/$dir/seed"
rc=0
# LeakSanitizer is not asked: what a run leaves is taken back (world.c).
"$dir/fuzz" -max_total_time="$seconds" -max_len="$max" -timeout=60 -detect_leaks=0 \
	-dict="$here/$tool.dict" -artifact_prefix="$dir.find/" -print_final_stats=1 -verbosity=1 \
	"$dir/corpus" "$dir/seed" >"$dir/log" 2>&1 || rc=$?
runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$dir/log")
if [ "$rc" -ne 0 ]; then
	tail -n 30 "$dir/log" >&2
	echo "fuzz: $tool: a find after ${runs:-?} inputs, kept in $dir.find/" >&2
	exit 1
fi
echo "fuzz: $tool: $runs inputs in $seconds s, nothing found"
