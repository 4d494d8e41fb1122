#!/bin/sh
# generate.sh DIR MIGRATIONS [TABLES] - a made-up project: DIR/migrations and
# DIR/schema.sql.
#
# Half as many tables as migrations, or so many times the half of MIGRATIONS as
# comes nearest to TABLES: one migration creates tables with a key each to the
# one before, the next adds a column and an index to them, the last of all only
# to the last. The schema is what they add up to. The same numbers give the same
# bytes.
set -eu

[ $# -eq 2 ] || [ $# -eq 3 ] || {
	echo 'usage: generate.sh directory migrations [tables]' >&2
	exit 2
}
mkdir -p "$1/migrations"
awk -v dir="$1" -v n="$2" -v tables="${3-}" 'BEGIN {
	schema = dir "/schema.sql"
	printf "" > schema
	each = tables == "" ? 1 : int(tables / (n / 2) + 0.5)
	if (each < 1) each = 1
	cols = "  \"id\" serial NOT NULL,\n  \"name\" text NOT NULL,\n  \"code\" character varying(40) NULL,\n  \"price\" numeric(10,2) NOT NULL DEFAULT 0,\n  \"made\" timestamptz NOT NULL DEFAULT now(),\n"
	for (i = 0; i < n; i++) {
		first = int(i / 2) * each
		file = sprintf("%s/migrations/2020%010d_%s_%d.sql", dir, i, i % 2 ? "grow" : "table", first)
		for (t = i == n - 1 && i % 2 ? first + each - 1 : first; t < first + each; t++) {
			ref = t > 0 ? sprintf(",\n  \"parent_id\" integer NULL,\n  CONSTRAINT \"t%d_parent\" FOREIGN KEY (\"parent_id\") REFERENCES \"t%d\" (\"id\")", t, t - 1) : ""
			if (i % 2 == 0) {
				printf "-- Create \"t%d\" table\nCREATE TABLE \"t%d\" (\n%s  PRIMARY KEY (\"id\")%s\n);\n", t, t, cols, ref > file
				grown = i + 2 < n || (i + 2 == n && t == first + each - 1)
				printf "CREATE TABLE \"t%d\" (\n%s  PRIMARY KEY (\"id\")%s%s\n);\n", t, cols, ref, grown ? ",\n  \"note\" text NULL" : "" >> schema
				if (grown) printf "CREATE INDEX \"t%d_code\" ON \"t%d\" (\"code\");\n", t, t >> schema
			} else
				printf "-- Modify \"t%d\" table\nALTER TABLE \"t%d\" ADD COLUMN \"note\" text NULL;\n-- Create index \"t%d_code\" to table: \"t%d\"\nCREATE INDEX \"t%d_code\" ON \"t%d\" (\"code\");\n", t, t, t, t, t, t > file
		}
		close(file)
	}
}'
