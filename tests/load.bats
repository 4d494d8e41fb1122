#!/usr/bin/env bats
# lib/load.sh: the rendered schema's way into a database, and its listing.

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
	export ATLAS_MAKE_KNOBS=1 ATLAS_KIT=$TOP ATLAS_KIT_PROJECT=$PWD DEV_SCHEMAS=public PG_MAJOR=15 psql_bin=psql schema_file=$PWD/schema.sql
	export PGHOST=127.0.0.1 PGPORT=$PORT PGUSER=dev PGPASSWORD=s@cret PGDATABASE=db$BATS_TEST_NUMBER PGSSLMODE=disable
	mkdir steps
	cat >steps/load.sh <<-'END'
		#!/bin/sh
		set -eu
		for lib in common catalog schemas load; do . "$ATLAS_KIT/scripts/lib/$lib.sh"; done
		need_tmp
		load_schema "$PWD/listing" || answer 1
	END
	chmod +x ./steps/load.sh
}

# loads EXIT [STDOUT] <SQL: into an empty database. A tab is written as a bar.
loads() {
	local got=0 want=${2-}
	cat >s.sql
	flat s.sql || return 1
	./steps/load.sh >said 2>err || got=$?
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

db() { psql -XAtq -c "$1"; }

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
	dump -s >dump.sql
	flat dump.sql
	./steps/load.sh
	dump -s | grep -v restrict | diff - <(grep -v restrict dump.sql)
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
	DEV_SCHEMAS=app loads 0 <<<'CREATE SCHEMA app; CREATE TABLE t (id int);'
	[ "$(db "SELECT 't is in ' || relnamespace::regnamespace FROM pg_class WHERE relname = 't'")" = 't is in app' ]
	DEV_SCHEMAS='app public' loads 0 <<<'CREATE TABLE t (id int);'
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
	./steps/load.sh >said && false
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
	./steps/load.sh >said && false
	grep -q 'backslash commands are restricted' said
	[ ! -e gone ]
	# On a full disk nothing is loaded without the restriction.
	echo 'SELECT 1; \! touch gone' >schema.sql
	run -2 sh -c "trap '' XFSZ; ulimit -f 0; exec ./steps/load.sh"
	[[ $output == *'load.sh: cannot write '*': is the disk full?' ]]
	[ ! -e gone ]
}

@test "what could not be done is 2, and never a verdict" {
	echo 'SELECT 1;' | loads 0
		check 2 -p '^load.sh: psql: connection to server .* failed' -- env PGPORT=1 ./steps/load.sh
	check 2 -p '^load.sh: psql: .*database "nope" does not exist' -- env PGDATABASE=nope ./steps/load.sh
	check 2 -p '^load.sh: psql: .*password' -- env PGPASSWORD= PGPASSFILE=/dev/null ./steps/load.sh
	check 2 -p "no psql at './nope'" -- env psql_bin=./nope ./steps/load.sh
	check 2 -p "cannot read '/nope.sql': run 'make render-schema'" -- env schema_file=/nope.sql ./steps/load.sh
	check 2 -p "'x.hcl' is Atlas HCL, which the vendor's CLI alone reads; fix: set ATLAS" -- env schema_file=x.hcl ATLAS= ./steps/load.sh
	printf '#!/bin/sh\n[ "$1" != -V ] || { echo psql 15.2; exit; }\nfor f; do case $f in *first.sql) break ;; esac; done\necho "psql:$f:3: error: invalid command \\restrict" >&2\nexit 3\n' >old
	chmod +x old
	check 2 -e "load.sh: psql 15.2 is too old to load a schema safely; fix: use PostgreSQL's client programs 14.19, 15.14, 16.10, 17.6 or later" -- env psql_bin="$PWD/old" ./steps/load.sh
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

@test "some of it: many statements at once, and an error has its line" {
	# texts: what psql was given of the schema, each time.
	texts() { grep -o -- '-f [^ ]*/\(batches\|schema\).sql' psql.log | sed 's|.*/||' | tr '\n' ' '; rm psql.log; }
	local n shim
	shim=$PWD/shim
	mkdir shim
	printf '#!/bin/sh\necho "$*" >>"%s/psql.log"\nexec %s "$@"\n' "$PWD" "$(command -v psql)" >shim/psql
	chmod +x shim/psql
	mkdir -p .cache
	ln -sfn "$TOP/.cache/bin" .cache/bin
	for n in $(seq 150); do
		printf 'CREATE TABLE t%s (a int);\nCREATE INDEX i%s ON t%s (a);\n' "$n" "$n" "$n"
		printf "COMMENT ON TABLE t%s IS '%s';\n" "$n" "$(printf %150s ';')"
	done >some
	psql_bin=$shim/psql loads 0 <some
	[ "$(texts)" = 'batches.sql ' ]
	[ "$(db "SELECT count(*) FROM pg_class WHERE relname ~ '^[it][0-9]+$'")" -eq 300 ]
	cp listing all
	rm -r .cache/bin
	loads 0 <some
	same <(cut -f 1-4,6- all) <(cut -f 1-4,6- listing)
	ln -sfn "$TOP/.cache/bin" .cache/bin
	# What cannot run with others, and what cannot run in a transaction.
	echo 'CREATE INDEX CONCURRENTLY i ON t1 (a);' >>some
	psql_bin=$shim/psql loads 0 <some
	[ "$(texts)" = 'batches.sql schema.sql schema.sql ' ]
	# One that ends its transaction would leave something behind.
	sed -i '$d' some
	{ echo 'BEGIN;' && cat some && echo 'COMMIT;'; } >own
	psql_bin=$shim/psql loads 0 <own
	[ "$(texts)" = 'schema.sql ' ]
	# Nothing is left of it, and what is said is of the text as it stands.
	printf 'CREATE TABLE u (a int);\n\nCREATE TABLE w (a nope); CREATE TABLE x (a int);\n' >>some
	psql_bin=$shim/psql loads 1 's.sql:453|type "nope" does not exist, at: CREATE TABLE w (a nope); (42704)|create it before it is used; if an extension brings it, CREATE EXTENSION in the schema, or in the file DEV_DB_INIT' <some
	[ "$(texts)" = 'batches.sql schema.sql ' ]
	[ "$(db "SELECT count(*) FROM pg_class WHERE relname ~ '^[tu][0-9]*$'")" -eq 0 ]
}

# again LISTING: as a session that has loaded nothing lists it.
again() { (kit=$TOP REVISIONS_SCHEMA='' && . "$TOP/scripts/lib/jobs.sh" && . "$TOP/scripts/lib/catalog.sh" && catalog_read "$1"); }

@test "it is listed in the session that loaded it, and that is as a new one" {
	in_server "DO 'BEGIN CREATE ROLE limited; EXCEPTION WHEN duplicate_object THEN END'"
	for how in plain '-- atlas' CONCURRENTLY; do
		{
			cat <<-'END'
				CREATE TABLE t (id int PRIMARY KEY, at timestamptz DEFAULT '2026-11-27 12:00+00', f float8 DEFAULT 0.1);
				CREATE VIEW v AS SELECT id, ('{1,2,3}'::int[])[1:grants] AS x FROM t, (SELECT 2 AS grants, 3 AS schema) AS g;
				CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
				CREATE TEMP TABLE gone (id int);
				SELECT id FROM t;
				COPY (SELECT 7) TO STDOUT;
				SET search_path = pg_catalog; SET timezone = 'Asia/Tokyo'; SET extra_float_digits = -15; SET client_encoding = 'LATIN1';
				SET standard_conforming_strings = off; SET my.own = 'x'; LISTEN l; NOTIFY l; SET default_transaction_read_only = on;
			END
			[ "$how" != CONCURRENTLY ] || echo 'SET default_transaction_read_only = off; CREATE INDEX CONCURRENTLY i ON public.t (at);'
			# One that is begun and not ended.
			[ "$how" = plain ] || echo 'BEGIN; CREATE TABLE public.u (id int);'
			echo 'SET ROLE limited;'
		} >of.sql
		loads 0 <of.sql
		again fresh
		same fresh listing
		grep -q "^table${TAB}t$TAB" listing
		grep -q "1:g.grants" listing
		run ! grep -q gone listing
	done
	# Only what was loaded statement by statement was not ended: nothing of it is there.
	run ! grep -q "^table${TAB}u$TAB" listing
	# The one schema in play is there, whether the text makes it or not.
	DEV_SCHEMAS=app loads 0 <<<'CREATE TYPE public.e AS ENUM (); CREATE SCHEMA other;'
	grep -q "^schema${TAB}app$TAB" listing
	# What is checked only at the end of the transaction has no line.
	loads 1 "$schema_file|insert or update on table \"c\" violates foreign key constraint \"c_id_fkey\": Key (id)=(1) is not present in table \"p\". (23503)|" <<-'END'
		CREATE TABLE p (id int PRIMARY KEY);
		CREATE TABLE c (id int REFERENCES p DEFERRABLE INITIALLY DEFERRED);
		INSERT INTO c VALUES (1);
	END
}

@test "a listing that is cut short, or not made, is no verdict" {
	echo 'CREATE TABLE t (id int);' >s.sql
	flat s.sql
	printf '#!/bin/sh\npsql "$@" | sed "\\$d"\n' >short
	chmod +x short
	check 2 -e "load.sh: the database $PGDATABASE cannot be listed: it was cut short" -- env psql_bin="$PWD/short" ./steps/load.sh
	# The schema may make itself heard before.
	echo "SET client_min_messages = notice; DO 'BEGIN RAISE NOTICE ''hello''; END'; CREATE TABLE t (id int);" >s.sql
	flat s.sql
	printf '#!/bin/sh\nfor f; do case $f in *catalog.sql) f=$PWD/wrong.sql ;; esac; set -- "$@" "$f"; shift; done\nexec psql "$@"\n' >other
	chmod +x other
	echo 'SELECT nope;' >wrong.sql
	check 2 -p "^load.sh: the database $PGDATABASE cannot be listed: .*wrong.sql:1: ERROR: " -- env psql_bin="$PWD/other" ./steps/load.sh
}
