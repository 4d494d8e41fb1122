#!/usr/bin/env bats
# erd: the schema as a picture, of the migrations and of a live database.

load helper
load database

setup() { database_setup; }

# boxes SVG: its tables and its relations, counted.
boxes() { echo "$(grep -c 'class="node"' "$1") $(grep -c 'class="edge"' "$1")"; }

@test "the example: svg and mermaid, the same from migrations and database" {
	unset DATABASE_URL
	[ "$(says 0 make -s erd)" = "docs/schema.mmd: the schema of $M
docs/schema.svg: the schema of $M" ]
	cat >../want <<-'END'
		erDiagram
		    "addresses" {
		        serial id PK "NOT NULL"
		        integer user_id FK "NOT NULL"
		        character_varying street "NOT NULL"
		        character_varying city "NOT NULL"
		    }
		    "users" {
		        serial id PK "NOT NULL"
		        character_varying name "NOT NULL"
		        character_varying email UK "NOT NULL"
		    }
		    "addresses" }o--|| "users" : "addresses_user_id_fkey"
	END
	same ../want docs/schema.mmd
	[ "$(boxes docs/schema.svg)" = '2 1' ]
	python3 -c 'import sys, xml.dom.minidom as m; m.parse(sys.argv[1])' docs/schema.svg
	nothing_left
	# Again: nothing is touched.
	touch -d '2020-01-01' docs/schema.*
	[ "$(says 0 scripts/erd.sh)" = 'docs/schema.mmd: as it was
docs/schema.svg: as it was' ]
	[ -z "$(find docs -newermt 2020-01-02 -type f)" ]
}

@test "of a live database; Atlas's table and what COMPARE_EXCLUDE names are left out" {
	apply
	in_db 'CREATE TABLE stray (id int)'
	export ATLAS_MAKE_ERD=live
	[ "$(says 0 scripts/erd.sh)" = "live.mmd: the schema of $HOST
live.svg: the schema of $HOST" ]
	[ "$(boxes live.svg)" = '3 1' ]
	ATLAS_MAKE_COMPARE_EXCLUDE=stray scripts/erd.sh >../text
	[ "$(boxes live.svg)" = '2 1' ]
	same live.mmd "$TOP/docs/schema.mmd"
	no_secret
	nothing_left
}

@test "types as they are: arrays, enums, an extension's; several schemas" {
	add 20261201000000_types "CREATE EXTENSION citext;
CREATE EXTENSION hstore;
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE SCHEMA other;
CREATE TYPE other.kind AS ENUM ('a');
CREATE TABLE kinds (id bigserial PRIMARY KEY, a text[], m mood NOT NULL, ms mood[], c citext UNIQUE, h hstore,
  t timestamptz, d timestamp(3), k other.kind, n numeric(10,2), at date, UNIQUE (a, m));
CREATE UNIQUE INDEX kinds_at ON kinds (at) WHERE n > 0;
CREATE TABLE other.part (id bigint REFERENCES kinds, v int) PARTITION BY RANGE (v);
CREATE TABLE other.part_1 PARTITION OF other.part FOR VALUES FROM (0) TO (1);
CREATE INDEX kinds_h ON kinds USING gin (h);"
	(
		unset DATABASE_URL
		ATLAS_MAKE_ERD=own scripts/erd.sh >../text
	)
	cat >../want <<-'END'
		    "kinds" {
		        bigserial id PK "NOT NULL"
		        text__ a "NULL, UK (a, m)"
		        mood m "NOT NULL"
		        mood__ ms "NULL"
		        citext c UK "NULL"
		        hstore h "NULL"
		        timestamptz t "NULL"
		        timestamp d "NULL"
		        other_kind k "NULL"
		        numeric n "NULL"
		        date at "NULL"
		    }
	END
	sed -n '/"kinds" {/,/}/p' own.mmd >../seen
	same ../want ../seen
	grep -F 'text' own.svg | grep -F '>text[]<'
	apply
	ATLAS_MAKE_ERD=live scripts/erd.sh >../text
	same own.mmd live.mmd
	ATLAS_MAKE_DEV_SCHEMAS='public other' ATLAS_MAKE_ERD=both scripts/erd.sh >../text
	[ "$(boxes both.svg)" = '4 2' ]
	grep -qF 'kind k "NULL"' both.mmd
	grep -qFx '    "other.part" }o--o| "public.kinds" : "part_id_fkey"' both.mmd
	ATLAS_MAKE_COMPARE_EXCLUDE='kinds.h public.kinds.[!a-ci]* addresses.*fkey' ATLAS_MAKE_ERD=some scripts/erd.sh >../text
	[ "$(boxes some.svg)" = '3 0' ]
	[ "$(sed -n '/"kinds" {/,/}/p' some.mmd | grep -c NULL)" -eq 4 ]
	ATLAS_MAKE_COMPARE_EXCLUDE=users ATLAS_MAKE_ERD=some scripts/erd.sh >../text
	run ! grep -q '"users" {' some.mmd
	check 2 -e "erd.sh: $HOST: not every schema of DEV_SCHEMAS ('public othr') is there; fix: correct DEV_SCHEMAS in atlas-make.mk" \
		-- env ATLAS_MAKE_DEV_SCHEMAS='public othr' scripts/erd.sh
	no_secret
	nothing_left
}

@test "a hundred tables: every one and every relation, about as wide as high" {
	unset DATABASE_URL
	rm $M/*.sql
	for i in $(seq 100); do
		echo "CREATE TABLE t$i (id int PRIMARY KEY, a text NOT NULL, b text, c text, d text, e text$(
			[ "$i" -le 10 ] || echo ", x int NOT NULL REFERENCES t$((i % 10 + 1)) (id), y int REFERENCES t$((i / 2)) (id)"));"
	done >$M/20260101000000_all.sql
	scripts/hash_migrations.sh >../text
	scripts/erd.sh >../text
	[ "$(grep -c '<title>public\.t[0-9]*</title>' docs/schema.svg)" -eq 100 ]
	[ "$(grep -c '<title>public\.t.*&#45;&gt;public\.t' docs/schema.svg)" -eq 180 ]
	grep -q 'NOT NULL → t2<' docs/schema.svg
	read -r w h <<<"$(sed -n 's/^<svg width="\([0-9]*\)pt" height="\([0-9]*\)pt".*/\1 \2/p' docs/schema.svg)"
	[ $((w * 3)) -gt "$h" ]
	[ $((h * 3)) -gt "$w" ]
	[ "$(grep -c '^    "t.*{$' docs/schema.mmd)" -eq 100 ]
}

@test "no picture of what does not replay, and without Graphviz what to do" {
	unset DATABASE_URL
	mkdir ../path
	local IFS=:
	for d in $PATH; do ln -s "$d"/* ../path/ 2>/dev/null || :; done
	unset IFS
	rm ../path/dot
	check 2 -o "docs/schema.mmd: the schema of $M" \
		-e 'erd.sh: no Graphviz here for docs/schema.svg: scripts/setup/install_packages.sh erd gets it' \
		-- env PATH="$PWD/../path" scripts/erd.sh
	check 2 -e "erd.sh: ERD='docs/': a path without the ending, such as docs/schema" -- env ATLAS_MAKE_ERD=docs/ scripts/erd.sh
	echo 'SELECT 1/0;' >$M/20270101000000_bad.sql
	scripts/hash_migrations.sh >../text
	check 2 -p "erd.sh: $M: .*division by zero.*; make check-migrations says more" -- scripts/erd.sh
	nothing_left
}
