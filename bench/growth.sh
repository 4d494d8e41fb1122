#!/bin/sh
# growth.sh WORK - how the times grow with the migrations, with the tables, and with
# the new files.
#
# Generated projects (generate.sh), the schema a file of SQL: so many migrations
# with half as many tables; so many tables made by twenty migrations; so many new
# files on 1,000 old ones. Of each: the first check, which applies all; the check when
# one more migration (or so many) has come, with what is kept and with CHECK_ALL=1: the
# models changed with it, so they are loaded anew; as after create-migrations, which has
# loaded them; and as in CI, where only .cache/pg is left of an earlier run;
# and lint and diff as one would do them without us, side by side. Prints Markdown
# tables in seconds, and makes the pictures .cache/bench/growth.svg and tables.svg.
# The peer is not asked about the largest: its time grows with the square. PEER in
# the environment is the vendor's command, if you have it; else it is the engine.
set -eu
cd "$(dirname "$0")/.."

[ $# -eq 1 ] || {
	echo 'usage: growth.sh work' >&2
	exit 2
}
top=$PWD
case $1 in /*) work=$1 ;; *) work=$top/$1 ;; esac
out=.cache/bench
atlas=${ATLAS:-.cache/atlas/atlas}
case $atlas in /*) ;; *) atlas=$top/$atlas ;; esac
p=$work/growth
m=$p/src/db/migrations

# now: in microseconds; not every date can say that.
now() { .cache/venv/bin/python -c 'import time; print(time.time_ns() // 1000)'; }
# seconds [ROUNDS] COMMAND...: the median.
seconds() {
	rounds=1
	case $1 in [0-9]) rounds=$1 && shift ;; esac
	: >"$work/times"
	while [ "$rounds" -gt 0 ]; do
		rounds=$((rounds - 1))
		rm -f "$p"/.cache/state/*/check.ok
		[ "$1" != again ] || cp "$work/check.ok" "$(ls -d "$p"/.cache/state/*)/"
		begin=$(now)
		case $1 in
		again) make -s -C "$p" check-migrations ;;
		*) "$@" ;;
		esac >"$work/said" 2>&1 || {
			cat "$work/said" >&2
			exit 2
		}
		echo $(($(now) - begin)) >>"$work/times"
	done
	sort -n "$work/times" | awk '{ v[NR] = $1 } END { printf "%.3g", v[int((NR + 1) / 2)] / 1000000 }'
}
over() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.3g", a / b }'; }
# check [KNOB]
# shellcheck disable=SC2120 # seconds passes them
check() { make -s -C "$p" check-migrations "$@"; }
# changed: the models are not those of the check before.
changed() {
	rm -f "$p"/.cache/state/*/models.listing
	check "$@"
}
fresh() {
	rm -rf "$p/.cache/state"
	# shellcheck disable=SC2119
	check
}

# project MIGRATIONS [TABLES]: it is in $p, committed, and nothing is kept.
project() {
	rm -rf "$p" "$work/g"
	bench/project.sh "$p"
	rm "$p/.cache/pg"
	mkdir "$p/.cache/pg"
	cp -Rp .cache/pg/[0-9]* "$p/.cache/pg/"
	bench/generate.sh "$work/g" "$@"
	rm -rf "$m"
	mv "$work/g/migrations" "$m"
	mv "$work/g/schema.sql" "$p/schema.sql"
	printf 'SCHEMA = schema.sql\nSCHEMA_DEPS =\nNAMING = ^[a-z0-9_]+$$\n' >>"$p/atlas-make.mk"
	make -s -C "$p" hash-migrations >/dev/null
	(cd "$p" && git add -A && git -c user.name=bench -c user.email=bench@example.com commit -qm all)
}

# more FROM TO: new migrations, and the schema has what they make.
more() {
	n=$1
	while [ "$n" -le "$2" ]; do
		printf 'ALTER TABLE "t0" ADD COLUMN "more%s" text NULL;\n' "$n" |
			tee "$m/2021$(printf '%010d' "$n")_more.sql" >>"$p/schema.sql"
		n=$((n + 1))
	done
	make -s -C "$p" hash-migrations >/dev/null
}

# measure FILE SIZE MIGRATIONS [TABLES]: one row of the table, and of FILE.
measure() {
	file=$1 size=$2
	shift 2
	project "$@"
	# The server's binaries and templates are there, and read once.
	# shellcheck disable=SC2119
	check >/dev/null 2>&1
	rm -rf "$p"/.cache/pg/kept.*
	first=$(seconds check)
	cp "$p"/.cache/state/*/check.ok "$work/check.ok"
	nothing=$(seconds 5 again)
	more 1 1
	one=$(seconds 3 changed)
	ci=$(seconds 3 fresh)
	known=$(seconds 3 check)
	all=$(seconds check CHECK_ALL=1)
	mhash=$(seconds 3 .cache/bin/mhash "$m")
	hash=$(seconds 3 "$atlas" migrate hash --dir "file://$m")
	peer='' ratio=''
	if [ "$1" -le 2000 ]; then
		peer=$(bench/parts.sh pair 1 "$work" "$m" "$p/schema.sql" | awk '{ printf "%.3g", $1 / 1000 }')
		ratio=$(over "$one" "$peer")
	fi
	echo "| $size | $nothing | $first | $one | $known | $ci | $(over "$ci" "$one") | $all | $peer | $ratio | $mhash | $hash |"
	printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$size" "$nothing" "$one" "${peer:--}" "$mhash" "$hash" >>"$file"
}

# head_of WHAT FILE
head_of() {
	: >"$2"
	echo
	echo "| $1 | nothing changed (s) | first check (s) | one new migration (s) | ... create has loaded the models (s) | ... in CI, .cache/pg from its cache (s) | CI : one new | ... CHECK_ALL=1 (s) | lint and diff, side by side (s) | one new : that | mhash (s) | atlas migrate hash (s) |"
	echo '|---|---|---|---|---|---|---|---|---|---|---|---|'
}

head_of 'migrations, and half as many tables' "$out/growth.tsv"
for n in ${GROWTH_MIGRATIONS:-10 100 1000 10000}; do measure "$out/growth.tsv" "$n" "$n"; done
head_of 'tables, in twenty migrations' "$out/tables.tsv"
for n in ${GROWTH_TABLES:-10 100 500 1000}; do measure "$out/tables.tsv" "$n" 20 "$n"; done
echo
echo '| new files on 1,000 old ones, 500 tables | check (s) |'
echo '|---|---|'
project 1000
# shellcheck disable=SC2119
check >/dev/null 2>&1
last=0
for n in 1 10 100; do
	more $((last + 1)) "$n"
	last=$n
	echo "| $n | $(seconds 3 changed "LINT_LATEST=$n") |"
done
awk -f bench/growth.awk -v what=migrations "$out/growth.tsv" >"$out/growth.svg"
awk -f bench/growth.awk -v what='tables, in twenty migrations' "$out/tables.tsv" >"$out/tables.svg"
