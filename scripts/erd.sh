#!/bin/sh
# erd.sh - draw the schema: ERD.svg (by Graphviz) and ERD.mmd (Mermaid).
#
# Of the schema the migrations make, replayed in a temporary database; or, where
# DATABASE_URL is set, of that database as it is. The schemas are DEV_SCHEMAS;
# Atlas's own table and what EXCLUDE names are left out (of a database). A file
# that would not change is not touched. Exit 0, or 2.
set -eu
. "${0%/*}/lib/common.sh"
. scripts/lib/atlas.sh

[ $# -eq 0 ] || {
	echo 'usage: erd.sh (knobs: ERD DEV_SCHEMAS EXCLUDE)' >&2
	exit 2
}
need_project migrations
[ -d "$MIGRATIONS" ] || die "MIGRATIONS: no directory '$MIGRATIONS'"
case $ERD in
'' | */) die "ERD='$ERD': a path without the ending, such as docs/schema" ;;
*/*) mkdir -p "${ERD%/*}" || die "ERD: cannot make the directory '${ERD%/*}'" ;;
esac
atlas_need
. scripts/lib/database.sh

if [ -n "${DATABASE_URL-}" ]; then
	database_open
	what=$where
	database_inspect "$database_url" "$tmp/schema.json" '{{ json . }}'
else
	need_tmp
	what=$MIGRATIONS
	devdb_start
	devdb_wait
	devdb_url dev_diff
	schema_flags
	# shellcheck disable=SC2086 # words
	atlas schema inspect --dev-url env:DEV_URL --url "file://$MIGRATIONS" $schema_flags --format '{{ json . }}' \
		>"$tmp/schema.json" 2>"$tmp/inspect.err" ||
		die "$MIGRATIONS: $(atlas_error "$tmp/inspect.err"); make check-migrations tells more"
fi

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
have dot || die "no Graphviz here for $ERD.svg: scripts/install_packages.sh erd gets it"
run dot -Tsvg -o "$tmp/$name.svg" "$tmp/schema.dot" >"$tmp/dot.log" 2>&1 ||
	die "dot: $(head -n 1 "$tmp/dot.log")"
put "$ERD.svg"
