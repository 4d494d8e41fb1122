#!/bin/sh
# growth.sh WORK - how the times grow with the migrations, and with the tables.
#
# Generated projects (generate.sh), the schema a file of SQL: so many migrations
# with half as many tables, and so many tables made by twenty migrations. Prints
# two Markdown tables in seconds, once each, and makes the pictures
# .cache/bench/growth.svg and tables.svg. The peer is not asked about the
# largest: its time grows with the square.
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
over() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }

# measure FILE SIZE MIGRATIONS [TABLES]: one row of the table, and of FILE.
measure() {
	file=$1 size=$2
	shift 2
	p=$work/growth
	rm -rf "$p" "$work/g"
	bench/project.sh "$p"
	bench/generate.sh "$work/g" "$@"
	rm -rf "$p/src/db/migrations"
	mv "$work/g/migrations" "$p/src/db/migrations"
	mv "$work/g/schema.sql" "$p/schema.sql"
	printf 'SCHEMA = schema.sql\nSCHEMA_DEPS =\nNAMING = ^[a-z0-9_]+$$\n' >>"$p/atlas-make.mk"
	make -s -C "$p" hash-migrations >/dev/null
	(cd "$p" && git add -A && git -c user.name=bench -c user.email=bench@example.com commit -qm all)
	full=$(seconds "make -s -C $p check-migrations")
	nothing=$(seconds "make -s -C $p check-migrations")
	mhash=$(seconds ".cache/bin/mhash $p/src/db/migrations")
	hash=$(seconds "$atlas migrate hash --dir file://$p/src/db/migrations")
	peer='' ratio=''
	if [ "$1" -le 2000 ]; then
		peer=$(bench/parts.sh pair 1 "$work" "$top/$p/src/db/migrations" "$top/$p/schema.sql" | awk '{ printf "%.3g", $1 / 1000 }')
		ratio=$(over "$full" "$peer")
	fi
	echo "| $size | $nothing | $full | $peer | $ratio | $mhash | $hash | $(over "$mhash" "$hash") |"
	printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$size" "$nothing" "$full" "${peer:--}" "$mhash" "$hash" >>"$file"
}

# head_of WHAT FILE
head_of() {
	: >"$2"
	echo
	echo "| $1 | nothing changed (s) | full check (s) | lint and diff from the directory, side by side (s) | ratio | mhash (s) | atlas migrate hash (s) | ratio |"
	echo '|---|---|---|---|---|---|---|---|'
}

head_of 'migrations, and half as many tables' "$out/growth.tsv"
for n in 10 100 1000 2000 10000; do measure "$out/growth.tsv" "$n" "$n"; done
head_of 'tables, in twenty migrations' "$out/tables.tsv"
for n in 10 100 1000; do measure "$out/tables.tsv" "$n" 20 "$n"; done
awk -f bench/growth.awk -v what=migrations "$out/growth.tsv" >"$out/growth.svg"
awk -f bench/growth.awk -v what='tables, in twenty migrations' "$out/tables.tsv" >"$out/tables.svg"
