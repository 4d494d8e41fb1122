#!/bin/sh
# want.sh OUT - make the database that the models describe, and list it.
#
# in:   the database, empty: libpq's environment; the rendered schema
#       atlas_from  [empty] a database to plan the tables from meanwhile, see
#                   tables.sh, if the file atlas_when is there once the schema is loaded
# out:  OUT/listing; of the plan OUT/atlas/out, empty without one; where PostgreSQL
#       refuses the schema, on stdout lines of place, what is wrong and what fixes it,
#       with tabs between
# exit: 0 made and listed, 1 PostgreSQL refuses it, 2 could not
set -eu
. "${0%/*}/../lib/common.sh"
. "$kit/scripts/lib/schema.sh"
. "$kit/scripts/lib/catalog.sh"
. "$kit/scripts/lib/schemas.sh"

out=$1 tmp=$1 tmp_given=1
# The schema of the revisions has this name here, whatever it has in the target.
REVISIONS_SCHEMA=atlas_schema_revisions
export schema_file schemas="$DEV_SCHEMAS" psql="$psql_bin" LOAD_URL="${DEV_URL-}" load_tmp="$out"
rc=0
run "$kit"/scripts/steps/load_schema.sh >"$out/said" || rc=$?
# SQL that does not name the one schema in play loads only where that is there.
if [ "$rc" -eq 1 ] && no_schema_selected "$out/said"; then
	rc=0
	make_schema
	run "$kit"/scripts/steps/load_schema.sh >"$out/said" || rc=$?
fi
[ ! -s "$out/said" ] || cat "$out/said"
case $rc in
0) ;;
1) answer 1 ;;
*) exit 2 ;;
esac
# A schema that the models do not make, the target has.
make_schema
[ -z "${atlas_from-}" ] || [ ! -f "${atlas_when:?}" ] || job atlas "$kit"/scripts/steps/tables.sh "$atlas_from" "$PGDATABASE"
catalog_list "$out/listing"
[ ! -d "$out/atlas" ] || job_wait atlas || : >"$out/atlas/out"
# The rendered text was not empty, and yet nothing may have come of it.
[ "${ALLOW_EMPTY-}" = 1 ] || awk -F '\t' -v init="$DEV_DB_INIT" '
	$1 ~ /^(schema|comment|needs|same|\\\.)$/ || $1 == "extension" && ($2 == "plpgsql" || init != "") { next }
	{ some = 1; exit }
	END { exit !some }' "$out/listing" ||
	die "SCHEMA: '$SCHEMA' makes nothing: to make the database like it would drop all; fix: if that is meant, say ALLOW_EMPTY=1"
