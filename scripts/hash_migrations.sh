#!/bin/sh
# hash_migrations.sh - after a hand edit: atlas.sum and MigrationHash again.
set -eu
. "${0%/*}/lib/common.sh"
. "$kit/scripts/lib/stage.sh"

[ $# -eq 0 ] || {
	echo 'usage: hash_migrations.sh' >&2
	exit 2
}
need_project migrations
[ -d "$MIGRATIONS" ] || die "MIGRATIONS: no directory '$MIGRATIONS'"
[ -z "$TEMPLATE" ] || [ -r "$TEMPLATE" ] || die "TEMPLATE: cannot read '$TEMPLATE'"
mkdir -p "$cache"
take_lock
need_tmp
"$bin/mhash" "$MIGRATIONS" >"$tmp/atlas.sum" || exit 2
total=$("$bin/mhash" -s <"$tmp/atlas.sum") || exit 2
# The template is tried before anything is written.
stage_template "$TEMPLATE"
"$bin/mhash" -w "$MIGRATIONS" || exit 2
[ -z "$TEMPLATE" ] || "$bin/yamlset" -i "$TEMPLATE" "$MIGRATION_HASH_POINTER" "$total" || exit 2
say "MigrationHash $total"
