#!/bin/sh
# drift.sh - does a live database differ from what its migrations say?
#
# The database is DATABASE_URL (environment). What the migrations say is made in
# a temporary database, of those that are applied there: what is only pending is
# no drift. PostgreSQL's own catalogs list what is in both, objects of every kind,
# and the listings are compared. Left out are Atlas's own table, what COMPARE_EXCLUDE
# names, and schemas that are neither in play nor made by the migrations.
# Privileges count only with DRIFT_GRANTS=1. Nothing in the database is locked or written.
# Exit 0 no difference, 1 it differs, 2 could not compare.
USAGE='drift.sh (knobs: COMPARE_EXCLUDE DRIFT_GRANTS DEV_SCHEMAS BASELINE)'
set -eu
. "${0%/*}/lib/common.sh"
. "$kit/scripts/lib/atlas.sh"
. "$kit/scripts/lib/lint.sh"
. "$kit/scripts/lib/catalog.sh"
. "$kit/scripts/lib/schemas.sh"
. "$kit/scripts/lib/others.sh"
. "$kit/scripts/lib/database.sh"
. "$kit/scripts/lib/drift.sh"
no_options "$@"
need_project migrations
[ -d "$MIGRATIONS" ] || die "MIGRATIONS: no directory '$MIGRATIONS'"
need_tmp
time_limit
lint_levels
atlas_need
database_open
database_state
database_dev
case $DRIFT_GRANTS in
'' | 0 | 1) export catalog_grants="$DRIFT_GRANTS" ;;
*) die "DRIFT_GRANTS=$DRIFT_GRANTS: 1, or empty" ;;
esac

stage=$tmp/migrations
mkdir "$stage"
drift_applied "$stage"
drift_list "$stage"
[ "$n_pending" -gt 0 ] || schemas_exist "$tmp/have/listing" "$tmp/live"
read -r version <"$tmp/version" || die "$where: did not say its version"
version=$((version / 10000)) major=${given_major:-$PG_MAJOR}
[ "$version" -eq "$major" ] ||
	warn "$where is PostgreSQL $version, the migrations were applied to $major: that alone may be a difference; PG_MAJOR=$version compares with the same"

# Other schemas of the database are not the migrations' affair.
awk -v dev="$DEV_SCHEMAS" -v others="$tmp/others" -f "$kit"/scripts/lib/drift_schemas.awk \
	turn=1 "$tmp/have/listing" turn=2 "$tmp/live" turn=3 "$tmp/live" >"$tmp/live.ours"
set -- -W 'the migrations' -H 'the database'
while IFS= read -r s; do set -- "$@" -e "$s.*"; done <"$tmp/others"
drift_compare "$tmp/differences" "$@"
if [ ! -s "$tmp/differences" ]; then
	say "$where: no drift$(drift_note)"
else
	say "$where: differs from what the migrations say$(drift_note)"
	sed 's/^/  /' "$tmp/differences"
fi
[ ! -s "$tmp/others" ] ||
	say "not looked at, for DEV_SCHEMAS does not name them: schema $(awk '{ printf "%s%s", sep, $0; sep = ", " }' "$tmp/others")"
[ -s "$tmp/differences" ] || exit 0

# What other tools keep for themselves can be left out.
drift_tables "$@"
[ -z "$tables" ] || say "fix: of another tool:$tables; to leave out what it keeps there: COMPARE_EXCLUDE='${COMPARE_EXCLUDE:+$COMPARE_EXCLUDE }${tables# }'"
say 'fix: what is to stay, write into a migration (make new-migration NAME=what_changed); undo the rest in the database'
answer 1
