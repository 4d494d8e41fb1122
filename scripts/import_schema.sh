#!/bin/sh
# import_schema.sh - a schema that exists becomes the first migration.
#
# It is that of DATABASE_URL (environment), or of FROM, a dump by pg_dump -s. The
# migration is proved: made by it, an empty database is what the other one is, in
# every kind of object that the comparison knows. Tables in which other tools keep
# their history (alembic_version ...) are left out, and left alone. MIGRATIONS must
# be a directory without migrations. Nothing in the database is written.
# Exit 0 imported and equal, 1 imported, and what differs is said; 2 could not.
USAGE='import_schema.sh (knobs: FROM=dump.sql, or DATABASE_URL in the environment; NAME)'
set -eu
. "${0%/*}/lib/common.sh"
. "$kit/scripts/lib/atlas.sh"
. "$kit/scripts/lib/others.sh"
no_options "$@"
need_project migrations
for f in "$MIGRATIONS"/*.sql; do
	[ ! -e "$f" ] || die "MIGRATIONS: '$MIGRATIONS' has migrations already: what a database has besides goes into a migration (make create-migrations), and make drift says what differs"
done
from=${FROM-}
dump=$cache/imported.sql
need_tmp
time_limit
mkdir -p "$cache" || die "cannot make $cache"
at_exit_file "$dump"
: "${NAME:=baseline}"
export NAME

# import: the migration that makes what $dump says, proved against that.
import() {
	local rc=0
	SCHEMA=$dump SCHEMA_DEPS='' DATABASE_URL='' run "$kit"/scripts/create_migrations.sh >"$tmp/created" || rc=$?
	cat "$tmp/created"
	[ "$rc" -le 1 ] || exit 2
	set -- "$MIGRATIONS"/*.sql
	[ -f "$1" ] || die "the schema is empty: there is nothing to import"
	for f do version=${f##*/}; done
	version=${version%%_*} version=${version%.sql}
	return "$rc"
}
# next: what to do now.
next() {
	say "a database that has it: make apply BASELINE=$version; one that a stack deploys to: Baseline: \"$version\" at its trigger"
}

if [ -n "$from" ]; then
	[ -r "$from" ] || die "FROM: cannot read '$from'"
	cp "$from" "$dump" || die "cannot write $dump"
	rc=0
	import || rc=$?
	next
	answer "$rc"
fi

[ -n "${DATABASE_URL-}" ] || die 'which schema? set DATABASE_URL, or say FROM=dump.sql (of pg_dump -s)'
. "$kit/scripts/lib/database.sh"
database_open
# The programs of the server's own version or a newer one.
major() {
	database_env
	psql_bin=''
	pg_bin='' PG_MAJOR=14
	pg_clients || die "no psql here: run 'make install'"
	exec "$psql_bin" -XAtqw -c 'SHOW server_version_num' -c "SELECT 'other', nspname FROM pg_catalog.pg_namespace WHERE nspname !~ '^(pg_|information_schema\$|atlas_schema_revisions\$)' AND NOT nspname = ANY (string_to_array('$(printf '%s' "$DEV_SCHEMAS" | sed "s/'/''/g")', ' '))"
}
run major >"$tmp/major" 2>"$tmp/major.err" || die "$where: cannot be asked: $(database_error "$tmp/major.err")"
IFS= read -r version <"$tmp/major" || die "$where: did not say its version"
# dump: a subshell's.
dump() {
	local t
	database_env
	pg_bin=''
	pg_clients "$((version / 10000))" || die "no pg_dump for PostgreSQL $((version / 10000)) here: run 'make install PG_MAJOR=$((version / 10000))'"
	set -- -N atlas_schema_revisions -T '*.atlas_schema_revisions'
	for t in $other_tables; do set -- "$@" -T "*.$t" -T "*.${t}_id_seq"; done
	while IFS='|' read -r _ t; do
		set -- "$@" -N "\"$t\""
	done <"$tmp/others"
	exec "$pg_dump_bin" -s -O -x -w "$@"
}
sed -n 's/^other|/&/p' "$tmp/major" >"$tmp/others"
step "reading the schema of $where"
run dump >"$dump" 2>"$tmp/dump.err" || die "$where: cannot be dumped: $(database_error "$tmp/dump.err")"
[ ! -s "$tmp/others" ] || say "left out, for DEV_SCHEMAS does not name them: schema $(sed 's/^other|//' "$tmp/others" | tr '\n' ' ')"
rc=0
import || rc=$?
for t in $other_tables; do COMPARE_EXCLUDE="$COMPARE_EXCLUDE $t"; done
COMPARE_EXCLUDE=${COMPARE_EXCLUDE# }
export COMPARE_EXCLUDE
drift=0
run "$kit"/scripts/drift.sh >"$tmp/drift" || drift=$?
cat "$tmp/drift"
case $drift in
0) [ "$rc" -ne 0 ] || say "$where: the migration makes the same" ;;
1) rc=1 ;;
*) exit 2 ;;
esac
next
answer "$rc"
