#!/bin/sh
# new_migration.sh - an empty migration for SQL written by hand.
#
# For what no model describes: moving data, views, triggers. The file is empty,
# after all others, and already in atlas.sum and the template; all or nothing,
# like create-migrations. NAME is the last part of its name.
set -eu
. "${0%/*}/lib/common.sh"

[ $# -eq 0 ] || {
	echo 'usage: new_migration.sh (knobs: NAME=...)' >&2
	exit 2
}
need_project migrations
case $NAME in
'') die 'NAME: what is it for? make new-migration NAME=fill_in_ages' ;;
*[!A-Za-z0-9_-]* | -*) die "NAME=$NAME: letters, digits, _ and - only, and no - at the start: it becomes part of a file name" ;;
esac
[ -r "$TEMPLATE" ] || die "TEMPLATE: cannot read '$TEMPLATE'"
mkdir -p "$MIGRATIONS" "$cache" || die "MIGRATIONS: cannot make '$MIGRATIONS'"
. scripts/lib/stage.sh

take_lock
need_tmp
stage_check '; after a merge: make rebase-migrations'
stage_copy

version=$(date -u +%Y%m%d%H%M%S)
newest=$(for f in "$stage"/*.sql; do printf '%s\n' "${f##*/}"; done | newest_of)
# A clock behind the newest version would put it before that.
if [ "$newest" != '*' ] && [ -n "$newest" ] && not_after "$version" "$newest"; then
	version=$(next_version "$newest") ||
		die "$MIGRATIONS: the newest version, '$newest', is no number to count on from"
fi
file=${version}_$NAME.sql
printf '%s\n' "$file" >"$tmp/made"
: >"$stage/$file"
stage_hash "$TEMPLATE"

# --- into place: a signal now waits, and what cannot be finished is undone -----
trap '' INT TERM HUP
(: >"$MIGRATIONS/$file") || stage_undo
stage_finish
say "write your SQL into it, then: make hash-migrations"
