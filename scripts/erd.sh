#!/bin/sh
# erd.sh - draw the schema: ERD.svg (by Graphviz) and ERD.mmd (Mermaid).
#
# Of the schema the migrations make, applied in a temporary database; or, where
# DATABASE_URL is set, of that database as it is. The schemas are DEV_SCHEMAS;
# Atlas's own table and what COMPARE_EXCLUDE names are left out (of a database). A file
# that would not change is not touched. Exit 0, or 2.
set -eu
. "${0%/*}/lib/common.sh"
. "$kit/scripts/lib/atlas.sh"

[ $# -eq 0 ] || {
	echo 'usage: erd.sh (knobs: ERD DEV_SCHEMAS COMPARE_EXCLUDE)' >&2
	exit 2
}
need_project migrations
[ -d "$MIGRATIONS" ] || die "MIGRATIONS: no directory '$MIGRATIONS'"
case $ERD in
'' | */) die "ERD='$ERD': a path without the ending, such as docs/schema" ;;
*/*) mkdir -p "${ERD%/*}" || die "ERD: cannot make the directory '${ERD%/*}'" ;;
esac
atlas_need
. "$kit/scripts/lib/database.sh"
. "$kit/scripts/lib/schemas.sh"

# tables: of the database in the environment, as JSON; in a subshell, which becomes psql.
tables() {
	export PGCONNECT_TIMEOUT="${PGCONNECT_TIMEOUT:-10}"
	exec "$psql_bin" -XAtqw -v ON_ERROR_STOP=1 -v "schemas=$DEV_SCHEMAS" \
		-v "exclude=$1" -f "$kit"/scripts/lib/erd.sql >"$tmp/schema.json" 2>"$tmp/erd.err" </dev/null
}
# shellcheck disable=SC2317,SC2329 # run calls it
live() {
	database_env
	tables "$COMPARE_EXCLUDE"
}
need_tmp
time_limit
if [ -n "${DATABASE_URL-}" ]; then
	database_open
	what=$where
	pg_find || :
	pg_clients || die "no psql, pg_dump and pg_restore for PostgreSQL $PG_MAJOR here: run 'make install'"
	: >"$tmp/erd.err"
	run live || die "$where: $(database_error "$tmp/erd.err")"
else
	what=$MIGRATIONS
	devdb_start
	devdb_wait
	devdb_db dev_have
	make_schema
	atlas migrate apply --url env:DEV_URL --dir "file://$MIGRATIONS" --revisions-schema atlas_schema_revisions \
		>"$tmp/apply.out" 2>"$tmp/apply.err" ||
		die "$MIGRATIONS: $(atlas_error "$tmp/apply.err"); make check-migrations says more"
	[ -s "$tmp/apply.out" ] || die "$MIGRATIONS: Atlas reported nothing of what it applied: that is no answer"
	run tables '' || die "$MIGRATIONS: $(pg_said "$tmp/erd.err")"
fi
[ -s "$tmp/schema.json" ] || die "$what: not every schema of DEV_SCHEMAS ('$DEV_SCHEMAS') is there; fix: correct DEV_SCHEMAS in atlas-make.mk"

# put FILE: into place when it is another.
put() {
	if cmp -s "$tmp/${1##*/}" "$1"; then
		say "$1: as it was"
		return 0
	fi
	cp "$tmp/${1##*/}" "$1.new.$$" && mv "$1.new.$$" "$1" || die "$1: cannot be written"
	say "$1: the schema of $what"
}
name=${ERD##*/}
"$bin/atlasjson" -f mermaid "$tmp/schema.json" >"$tmp/$name.mmd" || exit 2
"$bin/atlasjson" -f dot "$tmp/schema.json" >"$tmp/schema.dot" || exit 2
put "$ERD.mmd"
have dot || die "no Graphviz here for $ERD.svg: ${in_kit}scripts/setup/install_packages.sh erd gets it"
run dot -Tsvg -o "$tmp/$name.svg" "$tmp/schema.dot" >"$tmp/dot.log" 2>&1 ||
	die "dot: $(head -n 1 "$tmp/dot.log")"
put "$ERD.svg"
