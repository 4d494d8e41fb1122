#!/bin/sh
# generate.sh DIR MIGRATIONS [TABLES] - a made-up project: DIR/migrations and
# DIR/schema.sql.
#
# Half as many tables as migrations, or so many times the half of MIGRATIONS as
# comes nearest to TABLES: one migration creates tables with a key each to the
# one before, the next adds a column and an index to them, the last of all only
# to the last. What a history has besides is among them: every fifth of the second
# kind comments, writes rows, makes a function, or adds its column in a DO block and
# its index concurrently, in a file outside of a transaction. The schema is what they
# add up to. The same numbers give the same bytes.
set -eu

[ $# -eq 2 ] || [ $# -eq 3 ] || {
	echo 'usage: generate.sh directory migrations [tables]' >&2
	exit 2
}
mkdir -p "$1/migrations"
awk -v dir="$1" -v n="$2" -v tables="${3-}" '
function kind(i) { return int(i / 2) % 5 }
function f(t) {
	return sprintf("CREATE FUNCTION \"t%d_of\" (a integer) RETURNS text LANGUAGE sql STABLE AS $$ SELECT \"note\" FROM \"t%d\" WHERE \"id\" = a; $$;\n", t, t)
}
BEGIN {
	schema = dir "/schema.sql"
	printf "" > schema
	each = tables == "" ? 1 : int(tables / (n / 2) + 0.5)
	if (each < 1) each = 1
	cols = "  \"id\" serial NOT NULL,\n  \"name\" text NOT NULL,\n  \"code\" character varying(40) NULL,\n  \"price\" numeric(10,2) NOT NULL DEFAULT 0,\n  \"made\" timestamptz NOT NULL DEFAULT now(),\n"
	for (i = 0; i < n; i++) {
		first = int(i / 2) * each
		file = sprintf("%s/migrations/2020%010d_%s_%d.sql", dir, i, i % 2 ? "grow" : "table", first)
		start = i == n - 1 && i % 2 ? first + each - 1 : first
		for (t = start; t < first + each; t++) {
			ref = t > 0 ? sprintf(",\n  \"parent_id\" integer NULL,\n  CONSTRAINT \"t%d_parent\" FOREIGN KEY (\"parent_id\") REFERENCES \"t%d\" (\"id\")", t, t - 1) : ""
			if (i % 2 == 0) {
				printf "-- Create \"t%d\" table\nCREATE TABLE \"t%d\" (\n%s  PRIMARY KEY (\"id\")%s\n);\n", t, t, cols, ref > file
				grown = i + 2 < n || (i + 2 == n && t == first + each - 1)
				printf "CREATE TABLE \"t%d\" (\n%s  PRIMARY KEY (\"id\")%s%s\n);\n", t, cols, ref, grown ? ",\n  \"note\" text NULL" : "" >> schema
				if (grown) printf "CREATE INDEX \"t%d_code\" ON \"t%d\" (\"code\");\n", t, t >> schema
				if (grown && kind(i + 1) == 1) printf "COMMENT ON COLUMN \"t%d\".\"note\" IS \x27words\x27;\n", t >> schema
				if (grown && kind(i + 1) == 3) printf "%s", f(t) >> schema
				continue
			}
			add = sprintf("ALTER TABLE \"t%d\" ADD COLUMN \"note\" text NULL;", t)
			now = kind(i) == 4 ? " CONCURRENTLY" : ""
			if (kind(i) == 4 && t == start) printf "-- atlas:txmode none\n\n" > file
			if (kind(i) == 4) add = "DO $$ BEGIN\n  " add "\nEND $$;"
			printf "-- Modify \"t%d\" table\n%s\n-- Create index \"t%d_code\" to table: \"t%d\"\nCREATE INDEX%s \"t%d_code\" ON \"t%d\" (\"code\");\n", t, add, t, t, now, t, t > file
			if (kind(i) == 1) printf "COMMENT ON COLUMN \"t%d\".\"note\" IS \x27words\x27;\n", t > file
			if (kind(i) == 2) printf "INSERT INTO \"t%d\" (\"name\") VALUES (\x27a\x27), (\x27b\x27);\nUPDATE \"t%d\" SET \"note\" = \"name\";\n", t, t > file
			if (kind(i) == 3) printf "%s", f(t) > file
		}
		close(file)
	}
}'
