#!/bin/sh
# parts.sh parts ROUNDS WORK - the check's parts one after another, in ms.
# parts.sh pair ROUNDS WORK DIR SCHEMA - lint and diff, both from the directory
#                                        DIR, side by side, in ms.
#
# What one would do without us: lint, and compare what the migrations make with
# the schema in two databases; and with a database that is already running:
# one with PostgreSQL's own settings for its planner.
set -eu
. "${0%/*}/../scripts/lib/common.sh"
. scripts/lib/atlas.sh
. scripts/lib/devdb.sh
. bench/vendor.sh

[ $# -ge 3 ] || {
	echo 'usage: parts.sh parts|pair rounds work [directory schema]' >&2
	exit 2
}
mode=$1 rounds=$2 work=$3 dir=${4:-$MIGRATIONS} schema=${5:-$work/rendered.sql}
need_tmp
devdb_start
devdb_wait
vendor_scripts "$dir" "$schema"
cat >"$tmp/parts.sh" <<END
set -e
$cache/venv/bin/python scripts/load_models.py src.db.models >'$schema'
. '$tmp/apply.sh'
. '$tmp/lint.sh'
. '$tmp/diff.sh'
END
hyperfine -N -w 0 -r "$rounds" --prepare "sh $tmp/clean.sh" \
	--export-csv "$tmp/t.csv" "sh $tmp/$mode.sh" >/dev/null 2>"$tmp/err" || die "$(cat "$tmp/err")"
awk -F, 'END { printf "%.2f", $(NF - 4) * 1000 }' "$tmp/t.csv"
