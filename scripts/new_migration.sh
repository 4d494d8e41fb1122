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
[ -n "$NAME" ] || die 'NAME: what is it for? make new-migration NAME=fill_in_ages'
[ -z "$TEMPLATE" ] || [ -r "$TEMPLATE" ] || die "TEMPLATE: cannot read '$TEMPLATE'"
mkdir -p "$MIGRATIONS" "$cache" || die "MIGRATIONS: cannot make '$MIGRATIONS'"
. "$kit/scripts/lib/stage.sh"
name_ok

take_lock
need_tmp
time_limit
stage_check '; after a merge: make rebase-migrations'
stage_copy

: >"$tmp/empty.sql"
stage_new "$tmp/empty.sql"
IFS= read -r file <"$tmp/made"
stage_hash "$TEMPLATE"

# --- into place: a signal now waits, and what cannot be finished is undone -----
trap '' INT TERM HUP ALRM
(: >"$MIGRATIONS/$file") || stage_undo
stage_finish
say "write your SQL into it, then: make hash-migrations"
