#!/bin/sh
# create_migrations.sh - bring the migrations up to the models.
#
# All or nothing: the new files are made in a copy, then moved into place in
# the order migration, atlas.sum, template. Killed in between, `make
# check-migrations` names what is left and `make hash-migrations` finishes it.
# Statements that need CONCURRENTLY go into files of their own, which Atlas
# runs outside a transaction. NAME is the last part of the new file's name.
set -eu
. "${0%/*}/lib/common.sh"
. scripts/lib/atlas.sh
. scripts/lib/schema.sh

[ $# -eq 0 ] || {
	echo 'usage: create_migrations.sh (knobs: NAME=...)' >&2
	exit 2
}
need_project
case $NAME in
*[!A-Za-z0-9_-]* | -*) die "NAME=$NAME: letters, digits, _ and - only, and no - at the start: it becomes part of a file name" ;;
esac
[ -r "$TEMPLATE" ] || die "TEMPLATE: cannot read '$TEMPLATE'"
mkdir -p "$MIGRATIONS" "$cache" || die "MIGRATIONS: cannot make '$MIGRATIONS'"
atlas_need
. scripts/lib/devdb.sh
. scripts/lib/stage.sh

take_lock
need_tmp

# What is there must be right, or the result would hide that it was not.
stage_check
"$bin/yamlset" -f "$TEMPLATE" "$MIGRATION_HASH" >/dev/null ||
	die "$TEMPLATE: no MigrationHash can be set at $MIGRATION_HASH"

job_render=''
at_exit 'kill $job_render 2>/dev/null || :'
devdb_choose
scripts/render_schema.sh -a -t "$tmp" >"$tmp/render.out" 2>"$tmp/render.err" &
job_render=$!
devdb_start

# Atlas writes into it, and looks at its atlas.sum.
stage_copy
[ ! -f "$MIGRATIONS/atlas.sum" ] || cp "$MIGRATIONS/atlas.sum" "$stage/"
ls -A "$stage" >"$tmp/before"

devdb_wait
rc=0
wait "$job_render" || rc=$?
job_render=''
cat "$tmp/render.out"
cat "$tmp/render.err" >&2
[ "$rc" -eq 0 ] || exit 2

step 'comparing models and migrations'
devdb_url dev_diff
schema_flags
# shellcheck disable=SC2086 # schema_flags is words
atlas migrate diff ${NAME:+"$NAME"} --dir "file://$stage" --to "file://$schema_file" $schema_flags \
	>"$tmp/diff.out" 2>"$tmp/diff.err" ||
	die "atlas migrate diff: $(atlas_error "$tmp/diff.err")"
ls -A "$stage" >"$tmp/after"
comm -13 "$tmp/before" "$tmp/after" | grep '\.sql$' >"$tmp/new" || {
	say 'migrations: nothing to do, they describe the models already'
	exit 0
}

# A clock behind the newest version would put the new file before it.
newest=$(grep '\.sql$' "$tmp/before" | newest_of)
: >"$tmp/made"
while IFS= read -r f; do
	version_of "$f"
	if [ -n "$newest" ] && not_after "$version" "$newest"; then
		later=$(next_version "$newest") ||
			die "$MIGRATIONS: the newest version, '$newest', is no number to count on from"
		mv "$stage/$f" "$stage/$later${f#"$version"}"
		f=$later${f#"$version"}
	fi
	scripts/split_concurrently.sh "$stage/$f" >"$tmp/parts" || exit 2
	cat "$tmp/parts" >>"$tmp/made"
	newest=$(newest_of <"$tmp/parts")
done <"$tmp/new"

stage_hash "$TEMPLATE"

# --- into place --------------------------------------------------------------
# A signal now waits for the few renames. Each file arrives whole: written
# beside its place under a name Atlas does not look at. What cannot be finished
# is undone.
trap '' INT TERM HUP
while IFS= read -r f; do
	cp "$stage/$f" "$MIGRATIONS/.$f.tmp" && mv "$MIGRATIONS/.$f.tmp" "$MIGRATIONS/$f" || stage_undo
done <"$tmp/made"
stage_finish
