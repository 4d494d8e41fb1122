#!/bin/sh
# want.sh OUT [HOME] - make the database that the models describe, and list it.
#
# in:   the rendered schema; the database, empty: libpq's environment
#       HOME        or a directory: one of a server for this alone, which is started, with
#                   its data there. It is the caller's to remove
#       atlas_from  [empty] a database to plan the tables from meanwhile, see
#                   tables.sh, if the file atlas_when is there once the schema is loaded
# out:  OUT/listing; of the plan OUT/atlas/out, empty without one; where PostgreSQL
#       refuses the schema, on stdout lines of place, what is wrong and what fixes it,
#       with tabs between
# exit: 0 made and listed, 1 PostgreSQL refuses it, 2 could not
set -eu
. "${0%/*}/../lib/common.sh"

out=$1 tmp=$1 tmp_given=1
if [ $# -gt 1 ]; then
	. "$kit/scripts/lib/devdb.sh"
	pg_given_home=$2 pg_large=1
	devdb_start
fi
# fresh: another server, with the same database empty.
# shellcheck disable=SC2329 # load.sh calls it
fresh() {
	devdb_remove
	devdb_again
	devdb_db dev_want
}
# While that server starts.
. "$kit/scripts/lib/schema.sh"
. "$kit/scripts/lib/catalog.sh"
. "$kit/scripts/lib/schemas.sh"
. "$kit/scripts/lib/load.sh"
if [ $# -gt 1 ]; then
	devdb_wait
	devdb_db dev_want
	load_fresh=fresh
fi
TAB='	'
# The schema of the revisions has this name here, whatever it has in the target.
REVISIONS_SCHEMA=atlas_schema_revisions
# Where Atlas plans from what was loaded, that session ends before the listing begins.
listing=$out/listing
[ -z "${atlas_from-}" ] || listing=''
rc=0
load_schema "$listing" >"$out/said" || rc=$?
# SQL that does not name the one schema in play loads only where that is there.
if [ "$rc" -ne 0 ] && no_schema_selected "$out/said"; then
	rc=0
	make_schema
	load_schema "$listing" >"$out/said" || rc=$?
fi
[ ! -s "$out/said" ] || cat "$out/said"
[ "$rc" -eq 0 ] || answer 1
if [ -z "$listing" ]; then
	[ ! -f "${atlas_when:?}" ] || job atlas "$kit"/scripts/steps/tables.sh "$atlas_from" "$PGDATABASE"
	catalog_list "$out/listing"
	[ ! -d "$out/atlas" ] || job_wait atlas || : >"$out/atlas/out"
fi

# some: does LISTING have an object of the models? The rendered text was not empty, and
# yet nothing may have come of it.
some() {
	local kind name rest
	while IFS=$TAB read -r kind name rest; do
		case $kind in
		schema | comment | needs | same | '\.') ;;
		extension) [ "$name" = plpgsql ] || [ -n "$DEV_DB_INIT" ] || return 0 ;;
		*) return 0 ;;
		esac
	done <"$1"
	return 1
}
[ "${ALLOW_EMPTY-}" = 1 ] || some "$out/listing" ||
	die "SCHEMA: '$SCHEMA' makes nothing: to make the database like it would drop all; fix: if that is meant, say ALLOW_EMPTY=1"
