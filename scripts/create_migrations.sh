#!/bin/sh
# create_migrations.sh - bring the migrations up to the models.
#
# All or nothing: the new files are made and proved in a copy, then moved into
# place in the order migration, atlas.sum, template. Killed in between, `make
# check-migrations` names what is left and `make hash-migrations` finishes it.
# NAME is the last part of the new files' names, RENAME what was renamed:
# users.name=full_name, people=users.
# Exit 0 written, or nothing to do; 1 written as far as can be, and what is left is
# said; 2 could not, and nothing was written.
USAGE='create_migrations.sh (knobs: NAME=... RENAME=...)'
set -eu
. "${0%/*}/lib/common.sh"
. "$kit/scripts/lib/atlas.sh"
. "$kit/scripts/lib/schema.sh"
. "$kit/scripts/lib/catalog.sh"
. "$kit/scripts/lib/lint.sh"
. "$kit/scripts/lib/schemas.sh"
. "$kit/scripts/lib/stage.sh"
. "$kit/scripts/lib/create.sh"
no_options "$@"
need_project
name_ok
[ -z "$TEMPLATE" ] || [ -r "$TEMPLATE" ] || die "TEMPLATE: cannot read '$TEMPLATE'"
[ -d "$MIGRATIONS" ] && [ -d "$state" ] || mkdir -p "$MIGRATIONS" "$state" || die "MIGRATIONS: cannot make '$MIGRATIONS'"
need_tmp
time_limit
# It takes longest, so nothing that can wait stands before it.
mkdir "$tmp/render" "$tmp/render.d" "$tmp/out" || die "cannot make a directory in $tmp: is the disk full?"
job render "$kit"/scripts/render_schema.sh -a -t "$tmp/render.d"
atlas_need
. "$kit/scripts/lib/devdb.sh"
. "$kit/scripts/lib/kept_models.sh"

take_lock

# What is there must be right, or the result would hide that it was not.
stage_check
stage_template_ok

# --- the two databases ---------------------------------------------------------
if kept_pays "$MIGRATIONS"; then
	# The newest may be one that the check has to look at.
	sed '1d; s/ h1:[^ ]*$//' "$MIGRATIONS/atlas.sum" >"$tmp/all"
	sed '$d' "$tmp/all" >"$tmp/old"
	kept_want "$MIGRATIONS" "$tmp/all" "$tmp/old"
fi
devdb_start
stage_copy
[ ! -f "$MIGRATIONS/atlas.sum" ] || cp "$MIGRATIONS/atlas.sum" "$stage/"
devdb_wait
export psql_bin pg_dump_bin pg_restore_bin kept_n kept_needs
# The schema of the revisions has this name here, whatever it has in the target.
REVISIONS_SCHEMA=atlas_schema_revisions
want=${devdb_prefix}dev_want have=${devdb_prefix}dev_have scratch=${devdb_prefix}dev_plan schemas=$DEV_SCHEMAS
concurrent=$CONCURRENT_INDEX planner=$devdb_planner scratch_stays=1 catalog_edges=1
export want have scratch schemas concurrent planner scratch_stays catalog_edges RENAME COMPARE_EXCLUDE REVISIONS_SCHEMA atlas_bin bin
[ -z "$devdb_one" ] || die 'create-migrations compares two databases, and DEV_URL names the one there is: give its role the right to create databases, or use another DEV_DB'
step 'making the two databases: what the models say, what the migrations make'
devdb_db dev_have
job have have_and_spare
need render
[ ! -s "$tmp/render/err" ] || fit <"$tmp/render/err" >&2
devdb_db dev_want
# Atlas looks while the models' database is listed.
atlas_from='' atlas_sql='' atlas_when=$tmp/have/spare
if [ -z "$RENAME" ]; then
	atlas_from=$have atlas_sql=$tmp/want/atlas/out
fi
export pg_url atlas_from atlas_when
models_begin
job want "$kit"/scripts/steps/want.sh "$tmp/want"
need want
[ -f "$tmp/want/atlas/out" ] || atlas_sql=''
job models models_keep "$tmp/want/listing"
need have
schemas_exist "$tmp/want/listing" "$tmp/have/listing"

# --- what differs, as migrations -------------------------------------------------
step 'comparing them, and writing what differs'
rc=0
want_list=$tmp/want/listing have_list=$tmp/have/listing spare=${devdb_prefix}dev_plan_spare
psql=$psql_bin pg_dump=$pg_dump_bin pg_restore=$pg_restore_bin
lint_levels
export levels want_list have_list atlas_sql spare psql pg_dump pg_restore
run "$kit"/scripts/steps/write_migration.sh "$tmp/out" >"$tmp/left" || rc=$?
[ "$rc" -le 1 ] || exit 2
devdb_remove
models_kept
set -- "$tmp/out"/*.sql
if [ ! -f "$1" ]; then
	[ "$rc" -eq 0 ] || {
		left
		say 'migrations: nothing was written; what differs must be written by hand: make new-migration NAME=...'
		answer 1
	}
	say 'migrations: nothing to do, they make what the models describe'
	exit 0
fi
stage_new "$@"
stage_hash "$TEMPLATE"

# --- into place --------------------------------------------------------------
# A signal now waits for the few renames. Each file arrives whole: written
# beside its place under a name Atlas does not look at. What cannot be finished
# is undone.
trap '' INT TERM HUP ALRM
while IFS= read -r f; do
	cp "$stage/$f" "$MIGRATIONS/.$f.tmp" && mv "$MIGRATIONS/.$f.tmp" "$MIGRATIONS/$f" || stage_undo
done <"$tmp/made"
stage_finish
[ "$rc" -eq 0 ] || {
	left
	answer 1
}
