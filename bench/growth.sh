#!/bin/sh
# growth.sh WORK - how the times grow with the number of migrations.
#
# Generated projects (generate.sh: half as many tables as migrations), the schema
# a file of SQL. Prints a Markdown table in seconds, once each, and makes the
# picture .cache/bench/growth.svg. The peer is not asked about the largest: its
# time grows with the square.
set -eu
cd "$(dirname "$0")/.."

[ $# -eq 1 ] || {
	echo 'usage: growth.sh work' >&2
	exit 2
}
work=$1
top=$PWD
out=.cache/bench
atlas=${ATLAS:-.cache/atlas/atlas}
case $atlas in /*) ;; *) atlas=$top/$atlas ;; esac

# seconds COMMAND
seconds() {
	hyperfine -N -w 0 -r 1 --export-csv "$work/t.csv" "$1" >/dev/null 2>"$work/t.err" || {
		cat "$work/t.err" >&2
		exit 2
	}
	awk -F, 'END { printf "%.3g", $(NF - 6) }' "$work/t.csv"
}

echo
echo '| migrations | tables | nothing changed (s) | full check (s) | lint and diff from the directory, side by side (s) | ratio | mhash (s) | atlas migrate hash (s) | ratio |'
echo '|---|---|---|---|---|---|---|---|---|'
: >"$out/growth.tsv"
for n in 10 100 1000 2000 10000; do
	p=$work/growth
	rm -rf "$p" "$work/g"
	bench/project.sh "$p"
	bench/generate.sh "$work/g" "$n"
	rm -rf "$p/src/db/migrations"
	mv "$work/g/migrations" "$p/src/db/migrations"
	mv "$work/g/schema.sql" "$p/schema.sql"
	printf 'SCHEMA = schema.sql\nSCHEMA_DEPS =\nNAMING = ^[a-z0-9_]+$$\n' >"$p/Makefile.local"
	make -s -C "$p" hash-migrations >/dev/null
	(cd "$p" && git add -A && git -c user.name=bench -c user.email=bench@example.com commit -qm all)
	full=$(seconds "make -s -C $p check-migrations")
	nothing=$(seconds "make -s -C $p check-migrations")
	mhash=$(seconds ".cache/bin/mhash $p/src/db/migrations")
	hash=$(seconds "$atlas migrate hash --dir file://$p/src/db/migrations")
	peer='' ratio=''
	if [ "$n" -le 2000 ]; then
		peer=$(bench/parts.sh pair 1 "$work" "$top/$p/src/db/migrations" "$top/$p/schema.sql" | awk '{ printf "%.3g", $1 / 1000 }')
		ratio=$(awk -v a="$full" -v b="$peer" 'BEGIN { printf "%.2f", a / b }')
	fi
	echo "| $n | $((n / 2)) | $nothing | $full | $peer | $ratio | $mhash | $hash | $(awk -v a="$mhash" -v b="$hash" 'BEGIN { printf "%.2f", a / b }') |"
	printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$n" "$nothing" "$full" "${peer:--}" "$mhash" "$hash" >>"$out/growth.tsv"
done
awk -f bench/growth.awk "$out/growth.tsv" >"$out/growth.svg"
