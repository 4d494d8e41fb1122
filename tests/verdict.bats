#!/usr/bin/env bats
# The check compares the models with a database the migrations were applied
# to, and a large schema by loading that into one, too. Whatever they hold, that
# must say what Atlas's own comparison of directory and file says.

load helper

setup() {
	scratch
	project
	cat >scripts/both.sh <<-'END'
		#!/bin/sh
		# both.sh DIR SCHEMA: the comparison each way, into one, two and three.
		set -eu
		. "${0%/*}/lib/common.sh"
		. scripts/lib/atlas.sh
		. scripts/lib/devdb.sh
		"$bin/mhash" -w "$1"
		devdb_start
		devdb_wait
		schema_flags
		devdb_url dev_apply
		applied=$DEV_URL
		APPLY_URL=$DEV_URL scripts/apply_check.sh "$1"
		devdb_url dev_diff
		atlas schema diff --from "file://$1" --to "file://$2" $schema_flags --format '{{ sql . "  " }}' >one
		atlas schema diff --from "$applied" --to "file://$2" $schema_flags --format '{{ sql . "  " }}' >two
		mkdir s
		{ printf -- '-- atlas:txmode none\n\n' && cat "$2"; } >s/1.sql
		"$bin/mhash" -w s
		devdb_url dev_lint
		APPLY_URL=$DEV_URL scripts/apply_check.sh s
		rm -r s
		loaded=$DEV_URL
		atlas schema diff --from "$applied" --to "$loaded" $schema_flags --format '{{ sql . "  " }}' >three
	END
	mkdir d
}

# both [differ|agree]: the three say the same, and that it is this.
both() {
	sh scripts/both.sh d schema.sql
	same one two
	same one three
	case $1 in
	differ) [ -s one ] ;;
	agree) [ ! -s one ] ;;
	esac
	rm -f d/*
}

@test "keys, checks, enums, identities, partial and expression indexes, comments" {
	cat >d/1.sql <<-'END'
		CREATE TYPE "mood" AS ENUM ('sad', 'it''s');
		CREATE TABLE "a" ("id" bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "m" mood NOT NULL DEFAULT 'sad', "n" int CHECK ("n" > 0), "s" varchar(10)[]);
		CREATE UNIQUE INDEX "a_low" ON "a" (lower("s"[1])) WHERE "n" > 3;
		COMMENT ON COLUMN "a"."n" IS 'many; -- of them';
	END
	cat >d/2.sql <<-'END'
		ALTER TABLE "a" ADD COLUMN "p" bigint REFERENCES "a" ("id") ON DELETE CASCADE;
		ALTER TYPE "mood" ADD VALUE 'glad';
	END
	cat >schema.sql <<-'END'
		CREATE TYPE "mood" AS ENUM ('sad', 'it''s', 'glad', 'new');
		CREATE TABLE "a" ("id" bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "m" mood NOT NULL DEFAULT 'sad', "n" int CHECK ("n" > 1), "s" varchar(12)[], "p" bigint REFERENCES "a" ("id"));
	END
	cp -R d e
	both differ
	cp e/* d/
	cat d/*.sql >schema.sql
	both agree
}

@test "txmode none, delimiters, comments, no final line end" {
	printf -- '-- atlas:txmode none\n\nCREATE TABLE t (id int);\nCREATE INDEX CONCURRENTLY i ON t (id);' >d/1.sql
	printf -- '-- atlas:delimiter \\n\\n\\n\n\nCREATE TABLE u (id int);\n\n\nDO $$ BEGIN PERFORM 1; END $$;\n\n\nALTER TABLE u ADD COLUMN x text' >d/2.sql
	printf '/* a; b */ ALTER TABLE t ADD COLUMN "semi;colon" text DEFAULT $q$a;b$q$; -- end' >d/3.sql
	printf 'CREATE TABLE t (id int);' >schema.sql
	both differ
}

@test "several schemas, and an extension in a migration" {
	export DEV_SCHEMAS='public app'
	printf 'CREATE SCHEMA app;\nCREATE EXTENSION IF NOT EXISTS citext;\nCREATE TABLE app.t (id int PRIMARY KEY, c citext);\nCREATE TABLE public.u (t int REFERENCES app.t (id));\n' >d/1.sql
	printf 'CREATE EXTENSION IF NOT EXISTS citext;\nCREATE SCHEMA app;\nCREATE TABLE app.t (id int PRIMARY KEY, c citext);\nCREATE TABLE public.u (t int);\n' >schema.sql
	both differ
}

@test "data, and objects Atlas does not manage" {
	cat >d/1.sql <<-'END'
		CREATE TABLE t (id int);
		INSERT INTO t SELECT generate_series(1, 10);
		CREATE VIEW v AS SELECT * FROM t;
		CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
		CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();
		UPDATE t SET id = id + 1;
	END
	printf 'CREATE TABLE t (id int);' >schema.sql
	both agree
}

@test "psql's own commands are refused both ways" {
	printf 'CREATE TABLE t (id int);\n\\echo no\n' >d/1.sql
	printf 'CREATE TABLE t (id int);' >schema.sql
	run sh scripts/both.sh d schema.sql
	[ "$status" -eq 1 ]
}

# join: the files of d as join_plain.awk puts them together, "name: lines".
joined() {
	mkdir -p j
	awk -f scripts/join_plain.awk -v most="${1:-50}" -v out=j d/*.sql
	(cd j && for f in *; do echo "$f: $(grep -c . "$f")"; done)
	rm -r j
}

@test "joined for speed: what is plain, and what stays by itself" {
	echo 'CREATE TABLE a (id int);' >d/01.sql
	printf -- '-- why\nALTER TABLE "a"\n  ADD COLUMN "b" text NULL;\n\n' >d/02.sql
	echo 'CREATE UNIQUE INDEX i ON a (id);' >d/03.sql
	check 0 -o '01.sql: 5' -- joined
	check 0 -o '01.sql: 4
03.sql: 1' -- joined 2
	# More than a transaction should hold.
	check 0 -o '01.sql: 6' -- joined 51
	# Each of these by itself, between two that are plain.
	while IFS= read -r l; do
		printf '%b\n' "$l" >d/02.sql
		check 0 -o "01.sql: 1
02.sql: $(grep -c . d/02.sql)
03.sql: 1" -- joined
	done <<-'END'
		-- atlas:txmode none\n\nDROP TABLE b;
		DROP INDEX CONCURRENTLY i;
		INSERT INTO a VALUES (1);
		ALTER TABLE a ADD UNIQUE (id) DEFERRABLE;
		create temp table t (id int);
		ALTER TYPE e ADD VALUE 'x';
		SET search_path = x;
		CREATE TABLE b (id int) -- here
		CREATE TABLE b (id int)
		CREATE TABLE b (id int); BEGIN;
		ALTER TABLE a ALTER COLUMN id SET DEFAULT 'one\n;';
		COMMENT ON TABLE a IS $$;$$;
		/* CREATE TABLE b (id int); */
		CREATE TABLE b (id int);\r
	END
}

@test "cut for speed: a plain schema, between its statements" {
	cuts() {
		mkdir j
		awk -f scripts/join_plain.awk -v out=j -v cut=1 -v limit=2 s.sql
		head -n 99 j/*
		rm -r j
	}
	printf '%s\n' 'CREATE TABLE a (' '  id int' ');' '' 'CREATE INDEX i ON a (id);' '-- why;' \
		"COMMENT ON TABLE a IS 'it''s so';" 'DROP TABLE b;' 'DROP TABLE c;' >s.sql
	check 0 -o '==> j/000001.sql <==
-- atlas:txmode none

CREATE TABLE a (
  id int
);

CREATE INDEX i ON a (id);

==> j/000002.sql <==
-- atlas:txmode none

-- why;
COMMENT ON TABLE a IS '"'it''s so'"';
DROP TABLE b;

==> j/000003.sql <==
-- atlas:txmode none

DROP TABLE c;' -- cuts
	printf '%s\n' 'CREATE TABLE a (id int);' 'DROP TABLE b;' '' '$$;' 'DROP TABLE c;' >s.sql
	check 0 -o '-- atlas:txmode none

CREATE TABLE a (id int);
DROP TABLE b;

$$;
DROP TABLE c;' -- sh -c 'mkdir j; awk -f scripts/join_plain.awk -v out=j -v cut=1 -v limit=1 s.sql; cat j/*; rm -r j'
}

# many N: N plain migrations and a schema that is what they add up to.
many() {
	for i in $(seq -w "$1"); do echo "CREATE TABLE \"t$i\" (\"id\" int);" >"d/$i.sql"; done
}

@test "joined for speed: the verdict is that of the files themselves" {
	export APPLY_JOIN=10
	many 12
	cat d/*.sql >schema.sql
	both agree
	# What is only wrong when joined passes; what is wrong is told of its file.
	many 12
	echo "CREATE TYPE \"e\" AS ENUM ('a');" >d/04.sql
	echo "ALTER TYPE \"e\" ADD VALUE 'b';" >d/05.sql
	echo "ALTER TABLE \"t06\" ADD COLUMN \"e\" e DEFAULT 'b';" >d/07.sql
	cat d/*.sql >schema.sql
	both agree
	many 12
	echo 'CREATE TABLE "t06" ("no" int);' >d/07.sql
	mhash -w d
	check 1 -o 'failed  src/db/migrations/07.sql (stopped at statement 1, T ms)
migrate apply: failed after 6 of 12 files
src/db/migrations/07.sql: error: relation "t06" already exists (apply)
       | CREATE TABLE "t06" ("no" int);
1 error in 1 file
  mend: correct the file, then: make hash-migrations' -- sh -c 'sh scripts/both.sh d schema.sql >text; rc=$?; sed "s/, [0-9.]* ms/, T ms/; s/ (42P07)//" text; exit $rc'
	nothing_left
	# A constraint that only the end of its own transaction looks at.
	rm d/*
	many 12
	printf 'ALTER TABLE "t01" ADD UNIQUE ("id");\nCREATE TABLE "f" ("id" int REFERENCES "t01" ("id") DEFERRABLE INITIALLY DEFERRED);\nINSERT INTO "f" VALUES (7);\n' >d/07.sql
	echo 'INSERT INTO "t01" VALUES (7);' >d/08.sql
	mhash -w d
	sh scripts/both.sh d schema.sql >text && false
	grep -q "violates foreign key constraint" text
	nothing_left
}
