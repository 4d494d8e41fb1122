#!/bin/sh
# squash_migrations.sh - one file from which a new database starts.
#
# Writes a checkpoint (atlas:checkpoint) after the newest migration: all they make,
# in one file. A database that is empty begins with it; one that has migrations goes
# on as if it were not there. The files before it stay, for those databases. It is
# proved: what it makes is what the migrations make, in every kind of object.
# Migrations that put rows into tables cannot be squashed: they would be missing.
# Exit 0 written, 2 could not, and nothing was written.
USAGE='squash_migrations.sh (knobs: NAME)'
set -eu
. "${0%/*}/lib/common.sh"
. "$kit/scripts/lib/atlas.sh"
. "$kit/scripts/lib/catalog.sh"
. "$kit/scripts/lib/schemas.sh"
. "$kit/scripts/lib/stage.sh"
no_options "$@"
need_project migrations
: "${NAME:=checkpoint}"
name_ok
[ -z "$TEMPLATE" ] || [ -r "$TEMPLATE" ] || die "TEMPLATE: cannot read '$TEMPLATE'"
mkdir -p "$state" || die "cannot make $state"
need_tmp
time_limit
atlas_need
. "$kit/scripts/lib/devdb.sh"
take_lock
stage_check
stage_template_ok
set -- "$MIGRATIONS"/*.sql
[ -f "$1" ] || die "MIGRATIONS: there are none in '$MIGRATIONS'"
for f do newest=$f; done
IFS= read -r line <"$newest" || :
case $line in *atlas:checkpoint*) die "$newest is a checkpoint already, and nothing comes after it" ;; esac

# made JOB DIR: the database that DIR's files make, as a listing.
made() {
	local rc=0
	devdb_db "$1"
	job "$1" "$kit"/scripts/steps/have.sh "$tmp/$1" "$2"
	job_wait "$1" || rc=$?
	[ "$rc" -eq 0 ] || {
		fit <"$tmp/$1/out" >&2
		[ ! -s "$tmp/$1/apply.json" ] || "$bin/atlasjson" -d "$MIGRATIONS" "$tmp/$1/apply.json" >&2 || :
		[ ! -s "$tmp/$1/err" ] || fit <"$tmp/$1/err" >&2
		die "$2: the migrations do not apply; make check-migrations says more"
	}
}
devdb_choose
devdb_start
stage_copy
cp "$MIGRATIONS/atlas.sum" "$stage/"
devdb_wait
[ -z "$devdb_one" ] || die 'this compares two databases, and DEV_URL names the one there is: give its role the right to create databases, or use another DEV_DB'
export psql_bin pg_dump_bin pg_restore_bin
step 'applying all migrations'
made dev_have "$stage"
# with_rows: where only old files put rows in, a new database would lack them. In a
# subshell, which becomes psql.
with_rows() {
	devdb_db dev_have
	devdb_become <<'END'
SELECT string_agg(c.oid::pg_catalog.regclass::text, ', ') FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'atlas_schema_revisions') AND n.nspname !~ '^pg_toast'
	AND c.relname <> 'atlas_schema_revisions' AND pg_catalog.pg_relation_size(c.oid) > 0
	AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e');
END
}
run with_rows >"$tmp/rows" && IFS= read -r rows <"$tmp/rows" ||
	die 'cannot ask which tables have rows'
[ -z "$rows" ] || die "the migrations put rows into $rows, which a checkpoint of the schema would lack; fix: leave these migrations as they are"

# What leads from an empty database to that one.
step 'writing it as one file'
devdb_db dev_lint
make_schema
mkdir "$tmp/out"
squashed() {
	# Whatever it is called in the target, here it is this.
	REVISIONS_SCHEMA=atlas_schema_revisions RENAME='' COMPARE_EXCLUDE=''
	want=${devdb_prefix}dev_have have=${devdb_prefix}dev_lint want_list='' have_list='' concurrent='' scratch=${devdb_prefix}dev_plan schemas=$DEV_SCHEMAS
	psql=$psql_bin pg_dump=$pg_dump_bin pg_restore=$pg_restore_bin
	export pg_url want have want_list have_list scratch schemas concurrent RENAME COMPARE_EXCLUDE REVISIONS_SCHEMA atlas_bin bin psql pg_dump pg_restore
	exec "$kit"/scripts/steps/write_migration.sh "$tmp/out"
}
run squashed >"$tmp/left" || {
	fit <"$tmp/left" >&2
	die 'the schema cannot be written as one file; nothing was written'
}
set -- "$tmp/out"/*.sql
[ -f "$1" ] && [ $# -eq 1 ] || die "a checkpoint is one file, and this schema takes $#; nothing was written"
{ printf '%s\n\n' '-- atlas:checkpoint' && cat "$1"; } >"$tmp/checkpoint.sql" || die "cannot write $tmp"
stage_new "$tmp/checkpoint.sql"
IFS= read -r file <"$tmp/made"
stage_hash "$TEMPLATE"
made dev_want "$stage"
rc=0
catalog_compare "$tmp/dev_have/listing" "$tmp/dev_want/listing" "$tmp/diff" || rc=$?
[ "$rc" -eq 0 ] || {
	catalog_compare "$tmp/dev_have/listing" "$tmp/dev_want/listing" "$tmp/diff" -t || :
	fit <"$tmp/diff" >&2
	die 'a database made by the checkpoint is not what the migrations make; nothing was written'
}
trap '' INT TERM HUP ALRM
cp "$stage/$file" "$MIGRATIONS/.$file.tmp" && mv "$MIGRATIONS/.$file.tmp" "$MIGRATIONS/$file" || stage_undo
stage_finish
say "a new database starts from it; those that have migrations go on as before"
