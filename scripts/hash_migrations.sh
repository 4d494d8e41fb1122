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
time_limit
"$bin/mhash" "$MIGRATIONS" >"$tmp/atlas.sum" || exit 2
total=$("$bin/mhash" -s <"$tmp/atlas.sum") || exit 2
[ -n "$total" ] || die "mhash printed nothing for $MIGRATIONS: that is no answer"
# The template is tried before anything is written.
stage_template "$TEMPLATE"
stage_settle "$tmp/atlas.sum" || exit 2
say "MigrationHash $total"
