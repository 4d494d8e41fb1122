#!/usr/bin/env bats
# load_schema: the rendered schema's way into a database.

load helper
load server

setup_file() {
	start_server
	server_clients
	export PORT SERVER SERVER_PID PG
}
teardown_file() { stop_server; }

setup() {
	scratch
	export ATLAS_MAKE_KNOBS=1 MIGRATIONS=m DEV_SCHEMAS=public SCHEMA=s PGPASSWORD=s@cret
	export url="postgres://dev@127.0.0.1:$PORT/db$BATS_TEST_NUMBER?sslmode=disable"
	export schema_file=$PWD/schema.sql schemas=public PG_MAJOR=15
}

# loads EXIT [STDOUT] <SQL: into an empty database. A tab is written as a bar.
loads() {
	local got=0 want=${2-}
	cat >s.sql
	flat s.sql || return 1
	"$TOP/scripts/steps/load_schema.sh" >said 2>err || got=$?
	rm -f clean
	[ "$got" -ne 1 ] || : >clean
	tr '\t' '|' <said >out
	[ "$got" -eq "$1" ] && same <(_text "$want") out && [ ! -s err ] || { echo "exit $got"; cat out err; return 1; }
}

# flat FILE...: as render_schema.sh does, and an empty database for it. What was
# refused left nothing in the last one.
flat() {
	sqlflat -m schema.map "$@" >schema.sql || [ $? -eq 1 ] || return 1
	[ ! -e clean ] || return 0
	PGOPTIONS='-c client_min_messages=error' in_server "DROP DATABASE IF EXISTS db$BATS_TEST_NUMBER"
	in_server "CREATE DATABASE db$BATS_TEST_NUMBER"
}

db() { psql -XAtq -d "$url" -c "$1"; }

@test "every kind of object loads, and what psql and pg_dump write" {
	in_server "DO 'BEGIN CREATE ROLE reader; EXCEPTION WHEN duplicate_object THEN END'"
	loads 0 <<-'END'
		CREATE EXTENSION citext;
		CREATE SCHEMA app;
		CREATE TYPE mood AS ENUM ('a', 'b');
		CREATE DOMAIN app.small AS int CHECK (VALUE < 10);
		CREATE SEQUENCE ids START 7;
		CREATE TABLE t (id int PRIMARY KEY DEFAULT nextval('ids'), c citext, m mood, s app.small, n text DEFAULT 'a;b') PARTITION BY RANGE (id);
		CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (1) TO (10);
		ALTER TABLE t ENABLE ROW LEVEL SECURITY;
		CREATE POLICY p ON t USING (id % 2 = 0); CREATE VIEW v AS SELECT ':id' AS x, id FROM t;
		CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN /*
		\! touch gone
		*/ RETURN NEW; END $$;
		CREATE FUNCTION g() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END;
		GRANT SELECT ON t TO reader;
		COMMENT ON SCHEMA public IS 'ours';
		COPY t (id, n) FROM stdin;
		1	x
		2	\N
		\.
	END
	[ "$(db 'SELECT count(*) FROM t')" = 2 ]
	dump -s -d "$url" >dump.sql
	flat dump.sql
	"$TOP/scripts/steps/load_schema.sh"
	dump -s -d "$url" | grep -v restrict | diff - <(grep -v restrict dump.sql)
}

@test "what cannot be done in one transaction is done" {
	loads 0 <<-'END'
		CREATE TABLE t (id int);
		CREATE INDEX CONCURRENTLY i ON t (id);
	END
	[ "$(db "SELECT count(*) FROM pg_index WHERE indexrelid = 'i'::regclass AND indisvalid")" = 1 ]
	loads 0 <<-'END'
		CREATE TYPE e AS ENUM ('a');
		ALTER TYPE e ADD VALUE 'b';
		CREATE TABLE t (x e DEFAULT 'b');
	END
	# In one, nothing is left of what fails.
	loads 1 's.sql:2|relation "nope" does not exist (42P01)|create it before it is used; a directory'"'s files are loaded in the order of their names" <<-'END'
		CREATE TABLE t (id int);
		CREATE INDEX i ON nope (id);
	END
	[ "$(db "SELECT count(*) FROM pg_class WHERE relname = 't'")" = 0 ]
}

@test "the schema in play is the search_path" {
	schemas=app loads 0 <<<'CREATE SCHEMA app; CREATE TABLE t (id int);'
	[ "$(db "SELECT 't is in ' || relnamespace::regnamespace FROM pg_class WHERE relname = 't'")" = 't is in app' ]
	schemas='app public' loads 0 <<<'CREATE TABLE t (id int);'
	[ "$(db "SELECT relnamespace::regnamespace FROM pg_class WHERE relname = 't'")" = public ]
}

@test "an error names file and line, and what would help" {
	ext() { echo "CREATE EXTENSION \"$1\" before it, in the schema and in a migration; or in the file DEV_DB_INIT, where an administrator makes it in the target"; }
	loads 1 "s.sql:5|type \"citext\" does not exist, at: c citext (42704)|$(ext citext)" <<-'END'
		CREATE TABLE a (id int);
		-- words
		CREATE TABLE b (
		  id int,
		  c citext
		);
	END
	loads 1 "s.sql:1|function uuid_generate_v4() does not exist, at: CREATE TABLE t (id uuid DEFAULT uuid_generate_v4()); (42883)|$(ext uuid-ossp)" \
		<<<'CREATE TABLE t (id uuid DEFAULT uuid_generate_v4());'
	loads 1 "s.sql:1|operator class \"gin_trgm_ops\" does not exist for access method \"gin\" (42704)|$(ext pg_trgm)" \
		<<<'CREATE TABLE t (x text); CREATE INDEX ON t USING gin (x gin_trgm_ops);'
	loads 1 "s.sql:1|data type integer has no default operator class for access method \"gist\": You must specify an operator class for the index or define a default operator class for the data type. (42704)|$(ext btree_gist)" \
		<<<'CREATE TABLE t (x int, EXCLUDE USING gist (x WITH =));'
	loads 1 's.sql:1|role "nobody_here" does not exist (42704)|make the role in the file DEV_DB_INIT: CREATE ROLE ...; the target must have it too' \
		<<<'GRANT SELECT ON pg_class TO nobody_here;'
	loads 1 's.sql:1|schema "s" does not exist, at: CREATE TABLE s.t (id int); (3F000)|CREATE SCHEMA before it, in the schema; or in the file DEV_DB_INIT' \
		<<<'CREATE TABLE s.t (id int);'
	loads 1 's.sql:2|relation "t" already exists (42P07)|it is created twice, or in the file DEV_DB_INIT already' \
		<<<$'CREATE TABLE t (id int);\nCREATE TABLE t (id int);'
	loads 1 's.sql:1|unrecognized configuration parameter "transaction_timeout2" (42704)|the file is from a pg_dump newer than the server, which is 15: take the line out, or set PG_MAJOR to what production runs' \
		<<<$'SET transaction_timeout2 = 0;\nCREATE TABLE t (id int);'
	loads 1 's.sql:2|invalid input syntax for type integer: "x": COPY t, line 2, column id: "x" (22P02)|' <<-'END'
		CREATE TABLE t (id int);
		COPY t FROM stdin;
		1
		x
		\.
	END
	# In a file that was included, and in models.
	echo 'SELEC 1;' >in.sql
	loads 1 'in.sql:1|syntax error at or near "SELEC", at: SELEC 1; (42601)|' <<<$'SELECT 1;\n\\ir in.sql'
	printf -- '-- app/models.py:7\nCREATE TABLE t (\n\tid nope\n);\n' >made
	sqlflat -n "$schema_file" -m schema.map <made >schema.sql
	"$TOP/scripts/steps/load_schema.sh" >said && false
	grep -q "^app/models.py:7${TAB}type \"nope\" does not exist, at: id nope (42704)${TAB}create it before it is used; if an extension" said
}

@test "SQL from a pull request commands nothing" {
	# Read as it should be it is a string; as the setting has it, a command.
	loads 1 's.sql:2|backslash commands are restricted; only \unrestrict is allowed|' <<-'END'
		SET standard_conforming_strings = off;
		SELECT '\' , ' \! touch gone ';
	END
	cat >schema.sql <<-'END'
		SELECT 1; \! touch gone
		\o |touch gone
	END
	"$TOP/scripts/steps/load_schema.sh" >said && false
	grep -q 'backslash commands are restricted' said
	[ ! -e gone ]
}

@test "what could not be done is 2, and never a verdict" {
	echo 'SELECT 1;' | loads 0
	step=$TOP/scripts/steps/load_schema.sh
	check 2 -p '^load_schema.sh: psql: connection to server .* failed' -- env url="postgres://dev@127.0.0.1:1/dev" "$step"
	check 2 -p '^load_schema.sh: psql: .*database "nope" does not exist' -- env url="postgres://dev@127.0.0.1:$PORT/nope" "$step"
	check 2 -p '^load_schema.sh: psql: .*password' -- env PGPASSWORD= PGPASSFILE=/dev/null "$step"
	check 2 -p "no psql at './nope'" -- env psql=./nope "$step"
	check 2 -p "cannot read '/nope.sql': run 'make render-schema'" -- env schema_file=/nope.sql "$step"
	check 2 -p "'x.hcl' is Atlas HCL, which the vendor's CLI alone reads; fix: set ATLAS" -- env schema_file=x.hcl ATLAS= "$step"
	printf '#!/bin/sh\n[ "$1" != -V ] || { echo psql 15.2; exit; }\nfor f; do case $f in *first.sql) break ;; esac; done\necho "psql:$f:3: error: invalid command \\restrict" >&2\nexit 3\n' >old
	chmod +x old
	check 2 -e "load_schema.sh: psql 15.2 is too old to load a schema safely; fix: use PostgreSQL's client programs 14.19, 15.14, 16.10, 17.6 or later" -- env psql="$PWD/old" "$step"
	# The password is in no argument and no message.
	[ -z "$(grep -r s@cret err out)" ]
}

@test "much of it: no transaction over all, and an error has its line" {
	{
		echo 'CREATE TABLE t (a int);'
		printf "COMMENT ON TABLE t IS '%s';\n" "$(head -c 400000 /dev/zero | tr '\0' x)"
		echo 'CREATE INDEX CONCURRENTLY i ON t (a);'
	} >much
	loads 0 <much
	[ "$(db "SELECT length(obj_description('t'::regclass))")" -eq 400000 ]
	echo 'SELECT nope;' >>much
	loads 1 's.sql:4|column "nope" does not exist, at: SELECT nope; (42703)|' <much
	# What came before is there: the caller throws the database away.
	[ "$(db "SELECT count(*) FROM pg_class WHERE relname = 'i'")" -eq 1 ]
}
