#!/bin/sh
# want.sh OUT - make the database that the models describe, and list it.
#
# in:   the database, empty: libpq's environment; the rendered schema
#       atlas_from  [empty] a database to plan the tables from meanwhile, see
#                   tables.sh
# out:  OUT/listing; with atlas_from OUT/atlas/out, empty without a plan; where PostgreSQL refuses the schema, on stdout lines of
#       place, what is wrong and what fixes it, with tabs between
# exit: 0 made and listed, 1 PostgreSQL refuses it, 2 could not
set -eu
. "${0%/*}/../lib/common.sh"
. "$kit/scripts/lib/schema.sh"
. "$kit/scripts/lib/catalog.sh"
. "$kit/scripts/lib/schemas.sh"

out=$1 tmp=$1 tmp_given=1
# Whatever it is called in the target, here it is this.
REVISIONS_SCHEMA=atlas_schema_revisions
export schema_file schemas="$DEV_SCHEMAS" psql="$psql_bin" LOAD_URL="${DEV_URL-}" load_tmp="$out"
rc=0
run "$kit"/scripts/steps/load_schema.sh >"$out/said" || rc=$?
# A schema that the models do not make is one that the target has.
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
[ -z "${atlas_from-}" ] || job atlas "$kit"/scripts/steps/tables.sh "$atlas_from" "$PGDATABASE"
catalog_list "$out/listing"
[ -z "${atlas_from-}" ] || job_wait atlas || : >"$out/atlas/out"
