#!/usr/bin/env bats
# The check compares the models with a database the migrations were applied
# to. Whatever the directory holds, that must say what Atlas's own comparison
# with the directory says.

load helper

setup() {
	scratch
	project
	cat >scripts/both.sh <<-'END'
		#!/bin/sh
		# both.sh DIR SCHEMA: the comparison both ways, into one and two.
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
	END
	mkdir d
}

# both [differ|agree]: the two say the same, and that it is this.
both() {
	sh scripts/both.sh d schema.sql
	same one two
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
