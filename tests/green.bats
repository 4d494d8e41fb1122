#!/usr/bin/env bats
# A green check is a proof: what the migrations make is what the models say, and
# whatever differs is named. create-migrations writes it, and the check agrees.

load helper

setup() {
	scratch
	project git
	M=src/db/migrations
	rm "$M"/*.sql "$M/atlas.sum"
	printf '%s\n' 'SCHEMA = schema.sql' 'SCHEMA_DEPS =' >>atlas-make.mk
	scripts/hash_migrations.sh >/dev/null
	git add -A
	git commit -qm 'nothing yet'
}

passed='migrations: check passed'
# schema: what the models say, from stdin.
schema() { cat >schema.sql; }
# add VERSION_NAME: one more migration, from stdin.
add() {
	cat >"$M/$1.sql"
	scripts/hash_migrations.sh >/dev/null
}
# red PATTERN...: the check says no, and a line of it matches each.
red() {
	local p rc=0
	scripts/check_migrations.sh >text 2>err || rc=$?
	[ "$rc" -eq 1 ] || { echo "exit $rc"; cat text err; return 1; }
	for p do grep -Eq -- "$p" text || { echo "no line matches: $p"; cat text err; return 1; }; done
	tail -n 1 text | grep -qx 'migrations: check failed'
}
# green: it says yes, and no finding.
green() {
	scripts/check_migrations.sh >text 2>err || { cat text err; return 1; }
	tail -n 1 text | grep -qx "$passed" || { cat text err; return 1; }
}
# create: what differs is written, whole.
create() {
	ATLAS_MAKE_NAME=${1-} scripts/create_migrations.sh >text 2>err || { cat text err; return 1; }
}
newest() { cat "$(ls "$M"/*.sql | tail -n 1)"; }

@test "schemas in play: none else is dropped" {
	schema <<-'END'
		CREATE SCHEMA app;
		CREATE TABLE app.a (id int PRIMARY KEY);
		CREATE SCHEMA billing;
		CREATE TABLE billing.b (id int PRIMARY KEY);
	END
	echo 'DEV_SCHEMAS = app billing' >>atlas-make.mk
	create
	run ! grep -i 'drop' "$M"/*.sql
	green
}

@test "schemas in play: one that is nowhere is an error, and nothing is decided" {
	schema <<<'CREATE TABLE a (id int PRIMARY KEY);'
	create
	# One schema alone may be the target's, whose name no SQL has to say.
	for names in 'publik app' 'public publik'; do
		check 2 -p "DEV_SCHEMAS: there is no schema 'publik': neither the models nor the migrations make it" \
			-- env ATLAS_MAKE_DEV_SCHEMAS="$names" scripts/check_migrations.sh
		check 2 -p "DEV_SCHEMAS: there is no schema 'publik'" -- env ATLAS_MAKE_DEV_SCHEMAS="$names" scripts/create_migrations.sh
	done
}

@test "one schema in play: made by the file, or there before it" {
	echo 'DEV_SCHEMAS = app' >>atlas-make.mk
	schema <<<'CREATE SCHEMA app; CREATE TABLE app.a (id int PRIMARY KEY);'
	create
	green
	rm "$M"/*.sql
	scripts/hash_migrations.sh >/dev/null
	schema <<<'CREATE TABLE a (id int PRIMARY KEY);'
	create
	run ! grep -q app "$M"/*.sql
	green
}

@test "one schema in play that is empty stays; blanks around it are none of its name" {
	add 1_t <<<'CREATE TABLE t (id int PRIMARY KEY);'
	schema </dev/null
	echo 'DEV_SCHEMAS = app # ours' >>atlas-make.mk
	ATLAS_MAKE_ALLOW_EMPTY=1 create gone
	newest | grep -q '^DROP TABLE "t"'
	run ! grep -i 'schema' "$M"/*.sql
	ATLAS_MAKE_ALLOW_EMPTY=1 green
	echo 'DEV_SCHEMAS =' >>atlas-make.mk
	ATLAS_MAKE_ALLOW_EMPTY=1 green
	edit atlas-make.mk '/^DEV_SCHEMAS/d'
	for names in 'app,billing' 'app*' 'public [a'; do
		check 2 -p "DEV_SCHEMAS='.*': it is names of schemas, with blanks between" -- env ATLAS_MAKE_DEV_SCHEMAS="$names" scripts/check_migrations.sh
	done
}

@test "a database that has no schema public" {
	echo 'DEV_SCHEMAS = app billing' >>atlas-make.mk
	schema <<<'DROP SCHEMA public; CREATE SCHEMA app; CREATE SCHEMA billing; CREATE TABLE app.a (id int PRIMARY KEY);'
	add 1_app <<<'DROP SCHEMA public; CREATE SCHEMA app; CREATE SCHEMA billing;'
	red 'table "app.a" is in the models and not in the migrations'
	create
	green
}

@test "what lies in a schema that is not in play is named" {
	schema <<<'CREATE TABLE a (id int PRIMARY KEY); CREATE SCHEMA other; CREATE TABLE other.b (id int);'
	add 1_a <<<'CREATE TABLE a (id int PRIMARY KEY);'
	red 'other'
}

@test "a CHECK, an enum's check, a collation, an identity: changed under their names" {
	add 1_t <<-'END'
		CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY (MAXVALUE 100) PRIMARY KEY, price int CONSTRAINT price_ok CHECK (price > 0),
		  kind varchar(3) CONSTRAINT kind CHECK (kind IN ('a', 'b')), name text COLLATE "C");
	END
	schema <<-'END'
		CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY (MAXVALUE 900) PRIMARY KEY, price int CONSTRAINT price_ok CHECK (price >= 0),
		  kind varchar(3) CONSTRAINT kind CHECK (kind IN ('a', 'b', 'c')), name text COLLATE "POSIX");
	END
	red price_ok 'kind' 'name' 'id' 'make create-migrations'
	create
	green
}

@test "views, functions, triggers: compared by their bodies" {
	schema <<-'END'
		CREATE TABLE t (id int PRIMARY KEY, n int);
		CREATE VIEW v AS SELECT id FROM t WHERE n > 0;
		CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.n := 1; RETURN NEW; END $$;
		CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();
	END
	create start
	green
	add 29990101000000_by_hand <<-'END'
		CREATE OR REPLACE VIEW v AS SELECT id FROM t WHERE n > 1;
		CREATE OR REPLACE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.n := 2; RETURN NEW; END $$;
	END
	red 'view.*v' 'function.*f'
	create back
	green
	# A function that the models and a migration both make does not hinder the next change.
	echo 'ALTER TABLE t ADD COLUMN more text;' >>schema.sql
	create more
	newest | grep -q 'ADD COLUMN "more" text'
	green
	# What the models no longer have goes.
	schema <<<'CREATE TABLE t (id int PRIMARY KEY, n int, more text);'
	red 'view.*v' 'function.*f' 'trigger.*g'
	create gone
	green
}

@test "a schema file as pg_dump writes it" {
	printf '\357\273\277' >schema.sql
	cat >>schema.sql <<-'END'
		\restrict x
		SET statement_timeout = 0;
		SELECT pg_catalog.set_config('search_path', '', false);
		CREATE TABLE public.t (id integer NOT NULL, s text);
		COMMENT ON SCHEMA public IS 'standard public schema';
		COPY public.t (id, s) FROM stdin;
		1	one; two
		\.
		ALTER TABLE ONLY public.t ADD CONSTRAINT t_pkey PRIMARY KEY (id);
		\unrestrict x
	END
	create
	green
	newest | grep -q 'CREATE TABLE "t"'
}

@test "a schema's files, and what may stand in them: created, and green" {
	# made_of SCHEMA: that is the schema, and its one table is in what was written.
	made_of() {
		rm "$M"/*.sql 2>/dev/null || :
		scripts/hash_migrations.sh >/dev/null
		export ATLAS_MAKE_SCHEMA=$1
		create
		newest | grep -q 'CREATE TABLE "t"'
		green
	}
	mkdir -p db 'my db/more'
	echo 'CREATE TYPE kind AS ENUM ($$a$$);' >db/1.sql
	echo 'CREATE TABLE t (id int PRIMARY KEY, k kind);' >db/2.sql
	made_of db
	printf '%s\n' '\ir more/t.sql' 'COMMENT ON SCHEMA public IS $$ours$$;' 'GRANT SELECT ON t TO CURRENT_USER;' >'my db/s.sql'
	echo 'CREATE TABLE t (id int PRIMARY KEY);' >'my db/more/t.sql'
	made_of 'my db/s.sql'
	newest | grep -q "^COMMENT ON SCHEMA \"public\" IS 'ours';"
	# A second one of Prisma's kind: a command with blanks in it.
	made_of "cat 'my db/more/t.sql'"
}

@test "an empty schema is no wish to drop all" {
	add 1_t <<<'CREATE TABLE t (id int PRIMARY KEY);'
	schema </dev/null
	check 2 -p 'ALLOW_EMPTY' -- scripts/create_migrations.sh
	# Nor is text that makes nothing.
	for s in 'SELECT 1;' 'CREATE TABLE x (a int); DROP TABLE x;' 'BEGIN; CREATE TABLE x (a int); ROLLBACK;'; do
		schema <<<"$s"
		check 2 -p "'schema.sql' makes nothing: .* ALLOW_EMPTY=1" -- scripts/create_migrations.sh
		check 2 -o 'migrations: the check could not be completed; nothing was decided' \
			-p "'schema.sql' makes nothing: .* ALLOW_EMPTY=1" -- scripts/check_migrations.sh
	done
	ATLAS_MAKE_ALLOW_EMPTY=1 create
	newest | grep -q 'DROP TABLE "t"'
	# The consent is for this once, also where nothing changed since.
	ATLAS_MAKE_ALLOW_EMPTY=1 green
	rc=0
	scripts/check_migrations.sh >text 2>err || rc=$?
	[ "$rc" -eq 2 ]
	grep -q 'ALLOW_EMPTY=1' err
}

@test "a role that only the models make is none that the migrations have" {
	schema <<-'END'
		DO $$ BEGIN CREATE ROLE a_reader; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
		CREATE TABLE t (id int PRIMARY KEY); CREATE POLICY p ON t TO a_reader;
	END
	create
	red 'role "a_reader" does not exist'
}

@test "nothing changed is said of the same question only" {
	schema <<<'CREATE TABLE t (id int PRIMARY KEY);'
	add 1_t <<<'CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE u (id int PRIMARY KEY);'
	ATLAS_MAKE_COMPARE_EXCLUDE=u green
	red 'table "u"'
}

@test "a command: what nobody named is seen, and where nothing changed the check is quick" {
	mkdir src/app
	echo one >src/app/name
	echo : >src/app/main
	printf '#!/bin/sh\necho ran >>../ran\necho "CREATE TABLE $(cat src/app/name) (id int PRIMARY KEY);"\n' >gen
	chmod +x gen
	printf '%s\n' 'SCHEMA = ./gen' 'SCHEMA_DEPS = src/app/main' >>atlas-make.mk
	printf '%s\n' text err out >>.git/info/exclude
	create
	git add -A
	git commit -qm one
	runs() { : >../ran; "$@"; runs=$(($(wc -l <../ran))); }
	unchanged() { check 0 -o 'migrations: nothing changed since the last successful check' -- scripts/check_migrations.sh; }
	green
	runs unchanged
	[ "$runs" -eq 0 ]
	# Something else changed: it is run, and gives the same.
	echo x >x
	runs unchanged
	[ "$runs" -eq 1 ]
	runs unchanged
	[ "$runs" -eq 0 ]
	echo two >src/app/name
	red 'table "two" is in the models'
	git add -A
	git commit -qm two
	red 'table "two" is in the models'
	# None named, or no git: it is run each time.
	echo one >src/app/name
	echo 'SCHEMA_DEPS =' >>atlas-make.mk
	green
	runs unchanged
	[ "$runs" -eq 1 ]
	rm -rf .git
	echo 'SCHEMA_DEPS = src/app/main' >>atlas-make.mk
	green
	runs unchanged
	[ "$runs" -eq 1 ]
	echo two >src/app/name
	red 'table "two" is in the models'
}

@test "models: the second check is quick" {
	git checkout -q atlas-make.mk
	edit atlas-make.mk '/^SCHEMA = schema.sql/d; /^SCHEMA_DEPS =$/d'
	create
	green
	check 0 -o 'migrations: nothing changed since the last successful check' -- scripts/check_migrations.sh
}

@test "DEV_DB_INIT is what the target has before: the verdict says what is needed of it" {
	cat >init.sql <<-'END'
		CREATE EXTENSION citext;
		DO $$ BEGIN CREATE ROLE reader; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
	END
	schema <<<'CREATE TABLE t (id int PRIMARY KEY, name citext); GRANT SELECT ON t TO reader;'
	check 2 -p 'citext.*DEV_DB_INIT' -- scripts/create_migrations.sh
	echo 'DEV_DB_INIT = init.sql' >>atlas-make.mk
	create
	scripts/check_migrations.sh >text
	grep -Fqx 'note: a target needs what DEV_DB_INIT (init.sql) makes, before its first migration: extension citext, role reader' text
}

@test "git: a migration that the commit would lack fails the hook" {
	schema <<<'CREATE TABLE t (id int PRIMARY KEY);'
	create start
	git add -A
	git commit -qm start
	echo 'CREATE TABLE u (id int PRIMARY KEY);' >>schema.sql
	create more
	green
	f=$(ls "$M"/*_more.sql)
	git add -u
	PRE_COMMIT=1 red "^$f: error: atlas.sum names it, and the commit would lack it \(untracked\)" "git add -- '$f'"
	git add -- "$f"
	PRE_COMMIT=1 scripts/check_migrations.sh
	# Half of it: the commit would have the file, and not its hash.
	git reset -q -- "$M/atlas.sum"
	PRE_COMMIT=1 red "^$M/atlas.sum: error: the commit would not have it as it is here" "git add -- '$M/atlas.sum'"
	git add -- "$M/atlas.sum"
	PRE_COMMIT=1 scripts/check_migrations.sh
	# Where it never came to: the remedy is not to hash it away.
	git rm -q --cached "$f"
	rm "$f"
	red "^$f: error: is in atlas.sum, but the file is not here: removed, or never committed" 'git add'
}

@test "two checks at once with different schemas do not meet; taking turns they stay quick" {
	schema <<<'CREATE TABLE t (id int PRIMARY KEY);'
	create start
	mkdir -p other
	echo 'CREATE TABLE u (id int PRIMARY KEY);' >other.sql
	make -s create-migrations MIGRATIONS=other SCHEMA=other.sql NAME=o TEMPLATE= >text
	one() { scripts/check_migrations.sh; }
	two() { make -s check-migrations MIGRATIONS=other SCHEMA='cat other.sql' SCHEMA_DEPS=other.sql TEMPLATE=; }
	one >said1 2>&1 &
	two >said2 2>&1
	wait $!
	grep -qx "$passed" said1
	grep -qx "$passed" said2
	check 0 -o 'migrations: nothing changed since the last successful check' -- one
	check 0 -o 'migrations: nothing changed since the last successful check' -- two
}

@test "databases whose names read alike have each a place of their own" {
	schema <<<'CREATE TABLE t (id int PRIMARY KEY);'
	n=0
	for m in 'a b' a-b a/b a,b a+b a_b; do
		for s in public 'x y' x-y; do
			ATLAS_MAKE_MIGRATIONS=$m ATLAS_MAKE_DEV_SCHEMAS=$s scripts/render_schema.sh
			n=$((n + 1))
		done
	done
	[ "$(ls .cache/state | wc -l)" -eq "$n" ]
	# A long one's name has an end, and is its own.
	for s in 1 2; do
		ATLAS_MAKE_SCHEMA="cat schema.sql; : $(printf '%0300d' $s)" scripts/render_schema.sh
	done
	[ "$(ls .cache/state | wc -l)" -eq $((n + 2)) ]
}

@test "no hang: an error in atlas.hcl, an ATLAS_ENV that is not there, no migration yet" {
	schema <<<'CREATE TABLE t (id int PRIMARY KEY);'
	rm -f "$M/atlas.sum"
	red '^error: table "t" is in the models and not in the migrations \(diff-table\)$'
	: >"$M/atlas.sum"
	red "^$M/atlas.sum: error: empty: write it anew with .mhash -w. \(hash\)\$"
	rm "$M/atlas.sum"
	create start
	# Both are the vendor's command's, called by hand; the verbs do not look at them.
	echo 'env "local" {' >atlas.hcl
	export ATLAS_ENV=nope
	green
	schema <<<'CREATE TABLE t (id int PRIMARY KEY, a int);'
	red '^error: column "a" of table "t" is in the models and not in the migrations \(diff-column\)$'
	create next
	green
}

@test "no hang, whatever fails: the schema, psql, Atlas, a migration" {
	schema <<<'CREATE TABLE t (id int PRIMARY KEY);'
	create start
	schema <<<'CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE x (id nope);'
	red '^schema.sql:1:.*type "nope" does not exist'
	schema <<<'CREATE TABLE t (id int PRIMARY KEY);'
	# A length of its own: what another suite beside this one runs is not ours.
	printf '#!/bin/sh\nexec sleep 600.%s\n' "$$" >hang
	printf '#!/bin/sh\nexit 0\n' >silent
	printf '#!/bin/sh\necho it broke >&2\nexit 1\n' >broken
	chmod +x hang silent broken
	for a in hang silent broken; do
		for verb in check create; do
			rc=0
			ATLAS_MAKE_TIME_LIMIT=3 ATLAS_MAKE_ATLAS="./$a" "scripts/${verb}_migrations.sh" >out 2>err || rc=$?
			[ "$rc" -eq 2 ] && [ -s err ] || { echo "$verb, $a: exit $rc"; cat out err; false; }
			run ! grep -E 'passed|nothing to do|nothing changed' out
		done
		nothing_left
		run ! pgrep -f "sleep 600[.]$$"
	done
}
