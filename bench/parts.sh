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

[ $# -ge 3 ] || {
	echo 'usage: parts.sh parts|pair rounds work [directory schema]' >&2
	exit 2
}
mode=$1 rounds=$2 work=$3 dir=${4:-$MIGRATIONS} schema=${5:-$work/rendered.sql}
need_tmp
devdb_start
devdb_wait
# Without our settings for the planner. Nothing in these addresses is a secret.
devdb_planner=''
devdb_url dev_lint
lint_url=$DEV_URL
devdb_url dev_want
want_url=$DEV_URL
devdb_url dev_apply
apply_url=$DEV_URL
cat >"$tmp/lint.sh" <<END
'$atlas_bin' migrate lint --dev-url '$lint_url' --dir 'file://$dir' --latest 1 --format '{{ json . }}' >/dev/null
END
cat >"$tmp/apply.sh" <<END
'$atlas_bin' migrate apply --url '$apply_url' --revisions-schema atlas_schema_revisions --dir 'file://$dir' >/dev/null
END
devdb_db dev_want
want_db=$PGDATABASE
devdb_db dev_have
cat >"$tmp/diff.sh" <<END
PGDATABASE='$want_db' '$psql_bin' -Xqw -f '$schema' >/dev/null
'$atlas_bin' schema diff --from '$apply_url' --to '$want_url' >/dev/null
END
cat >"$tmp/parts.sh" <<END
set -e
$cache/venv/bin/python scripts/load_models.py src.db.models >'$schema'
. '$tmp/apply.sh'
. '$tmp/lint.sh'
. '$tmp/diff.sh'
END
printf '. "%s/lint.sh" &\n{ . "%s/apply.sh"; . "%s/diff.sh"; } &\nwait\n' "$tmp" "$tmp" "$tmp" >"$tmp/pair.sh"
cat >"$tmp/clean.sh" <<END
for d in '$want_db' '$PGDATABASE'; do
	PGDATABASE=\$d '$psql_bin' -Xqw -c 'DROP SCHEMA public CASCADE' -c 'CREATE SCHEMA public' \\
		-c 'DROP SCHEMA IF EXISTS atlas_schema_revisions CASCADE' >/dev/null 2>&1
done
END
hyperfine -N -w 0 -r "$rounds" --prepare "sh $tmp/clean.sh" \
	--export-csv "$tmp/t.csv" "sh $tmp/$mode.sh" >/dev/null 2>"$tmp/err" || die "$(cat "$tmp/err")"
awk -F, 'END { printf "%.2f", $(NF - 4) * 1000 }' "$tmp/t.csv"
