#!/usr/bin/env bats
# drift: the live database against what its migrations say.

load helper
load database

setup() { database_setup; }

FIX='fix: what is to stay, write into a migration (make new-migration NAME=what_changed); undo the rest in the database'
# drifted [NOTE] <LINES: drift says no, and these are what differs.
drifted() {
	{
		echo "$HOST: differs from what the migrations say${1-}"
		sed 's/^/  /'
		echo "$FIX"
	} >../want
	check 1 -O ../want -- scripts/drift.sh
}

@test "none; some; what is left out" {
	apply
	check 0 -o "$HOST: no drift" -- scripts/drift.sh
	in_db 'ALTER TABLE users ADD COLUMN hot text; DROP INDEX ix_addresses_user_id; CREATE TABLE stray (id int)'
	drifted <<-END
		column "hot" of table "users" is in the database and not in the migrations
		index "ix_addresses_user_id" is in the migrations and not in the database
		table "stray" is in the database and not in the migrations
	END
	in_db 'CREATE INDEX ix_addresses_user_id ON addresses (user_id)'
	check 0 -o "$HOST: no drift" -- env ATLAS_MAKE_COMPARE_EXCLUDE='public.stray users.hot' scripts/drift.sh
	check 0 -o "$HOST: no drift" -- env ATLAS_MAKE_COMPARE_EXCLUDE='str* users.hot' DATABASE_URL="$DATABASE_URL&search_path=public" scripts/drift.sh
	check 0 -o "$HOST: no drift" -- env ATLAS_MAKE_COMPARE_EXCLUDE='users stray' scripts/drift.sh
	no_secret
	nothing_left
}

@test "several schemas: as many as DEV_SCHEMAS names" {
	add 20261201000000_other 'CREATE SCHEMA other;
CREATE TABLE other.t (id int);'
	apply
	export ATLAS_MAKE_DEV_SCHEMAS='public other'
	check 0 -o "$HOST: no drift" -- scripts/drift.sh
	in_db 'CREATE TABLE other.stray (id int); ALTER TABLE users ADD COLUMN hot text; CREATE SCHEMA third; CREATE TABLE third.t (id serial PRIMARY KEY)'
	local unseen='not looked at, for DEV_SCHEMAS does not name them: schema third'
	check 1 -o "$HOST: differs from what the migrations say
  column \"hot\" of table \"public.users\" is in the database and not in the migrations
  table \"other.stray\" is in the database and not in the migrations
$unseen
$FIX" -- scripts/drift.sh
	check 0 -o "$HOST: no drift
$unseen" -- env ATLAS_MAKE_COMPARE_EXCLUDE='stray public.users.hot' scripts/drift.sh
}

@test "behind: what is pending is no drift; ahead: what its files did shows" {
	add 20261201000000_more
	apply
	add 20261202000000_later
	check 0 -o "$HOST: no drift (1 pending, which do not count)" -- scripts/drift.sh
	remove 20261202000000_later
	remove 20261201000000_more
	drifted ' (ahead by 1, whose files are not here: what they changed shows as a difference)' <<-END
		table "more" is in the database and not in the migrations
	END
	add 20261110000000_mid
	[ "$(says 1 scripts/drift.sh | sed -n 1p)" = "$HOST: differs from what the migrations say (diverged: make status says; compared with the 2 here that are applied)" ]
	no_secret
}

@test "a database that was never managed, against all migrations or a baseline" {
	cat $M/*.sql >../all.sql
	in_db "$(cat ../all.sql)"
	check 0 -o "$HOST: no drift (never managed: compared with all 2 migrations)" -- scripts/drift.sh
	in_db 'DROP TABLE addresses'
	[ "$(says 1 scripts/drift.sh | sed -n 1p)" = "$HOST: differs from what the migrations say (never managed: compared with all 2 migrations)" ]
	check 0 -o "$HOST: no drift (1 pending, which do not count)" -- env ATLAS_MAKE_BASELINE=20261101090000 scripts/drift.sh
}

@test "partial: cannot tell" {
	apply
	add 20261201000000_half '-- atlas:txmode none

CREATE TABLE half (id int);
SELECT 1/0;'
	says 1 scripts/apply.sh
	check 2 -e "drift.sh: $HOST: a migration is applied in part, so nothing says what it should be: first make apply, or make status" \
		-- scripts/drift.sh
}

@test "with the one temporary database that was given" {
	apply
	in_server "CREATE DATABASE dev_$DB"
	export DEV_URL="postgres://us%40r:$ENCODED@127.0.0.1:$PORT/dev_$DB?sslmode=disable"
	check 0 -o "$HOST: no drift" -- scripts/drift.sh
	in_db 'CREATE TABLE stray (id int)'
	says 1 scripts/drift.sh
	check 0 -o "$HOST: no drift" -- env ATLAS_MAKE_COMPARE_EXCLUDE=stray scripts/drift.sh
	no_secret
}

@test "objects of every kind, and what a table is" {
	add 20261201000000_kinds 'CREATE VIEW names AS SELECT name FROM users;
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER t BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION f();
CREATE TABLE plain (id int);'
	apply
	check 0 -o "$HOST: no drift" -- scripts/drift.sh
	in_db 'DROP VIEW names; DROP TRIGGER t ON users; ALTER TABLE users ENABLE ROW LEVEL SECURITY; CREATE SEQUENCE s;
		CREATE RULE r AS ON DELETE TO addresses DO INSTEAD NOTHING; ALTER TABLE plain SET UNLOGGED;
		GRANT SELECT ON users TO PUBLIC; CREATE OR REPLACE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN OLD; END $$'
	drifted <<-END
		function "f()" differs from line 4 on: AS \$function\$ BEGIN RETURN NEW; END \$function\$ in the migrations, AS \$function\$ BEGIN RETURN OLD; END \$function\$ in the database
		table "plain": LOGGED in the migrations, UNLOGGED in the database
		row security of table "users": off in the migrations, on in the database
		rule "r" of table "addresses" is in the database and not in the migrations
		sequence "s" is in the database and not in the migrations
		trigger "t" of table "users" is in the migrations and not in the database
		view "names" is in the migrations and not in the database
	END
	check 0 -o "$HOST: no drift" -- env ATLAS_MAKE_COMPARE_EXCLUDE='names users s addresses plain f*' scripts/drift.sh
}

@test "privileges: only when they are asked for" {
	apply
	in_db 'GRANT SELECT ON users TO PUBLIC'
	check 0 -o "$HOST: no drift" -- scripts/drift.sh
	ATLAS_MAKE_DRIFT_GRANTS=1 drifted <<-END
		grant "SELECT ON TABLE users TO PUBLIC" is in the database and not in the migrations
	END
	check 2 -e 'drift.sh: DRIFT_GRANTS=yes: 1, or empty' -- env ATLAS_MAKE_DRIFT_GRANTS=yes scripts/drift.sh
}

@test "extensions' operator classes, managed and never managed; other tools' tables" {
	in_db 'CREATE EXTENSION pg_trgm; CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)'
	add 20261201000000_trgm 'CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE INDEX ix_trgm ON users USING gin (name gin_trgm_ops);'
	cat $M/*.sql >../all.sql
	in_db "$(cat ../all.sql)"
	local other='fix: of another tool: alembic_version; to leave out what it keeps there: COMPARE_EXCLUDE='
	check 1 -o "$HOST: differs from what the migrations say (never managed: compared with all 3 migrations)
  table \"alembic_version\" is in the database and not in the migrations
${other}'alembic_version'
$FIX" -- scripts/drift.sh
	check 0 -o "$HOST: no drift" -- env ATLAS_MAKE_BASELINE=20261201000000 ATLAS_MAKE_COMPARE_EXCLUDE=alembic_version scripts/drift.sh
	ATLAS_MAKE_BASELINE=20261201000000 ATLAS_MAKE_COMPARE_EXCLUDE=alembic_version apply
	in_db 'DROP INDEX ix_trgm; CREATE INDEX ix_trgm ON users USING gin (name gin_trgm_ops, email gin_trgm_ops)'
	says 1 env ATLAS_MAKE_COMPARE_EXCLUDE=nothing scripts/drift.sh >../seen
	cat ../seen
	grep -q '^  index "ix_trgm"' ../seen
	grep -qFx "${other}'nothing alembic_version'" ../seen
}

@test "made by create_all: a UNIQUE constraint is one on both sides" {
	add 20261201000000_accounts 'CREATE TABLE "accounts" (
  "id" serial NOT NULL,
  "login" character varying NOT NULL,
  PRIMARY KEY ("id"),
  CONSTRAINT "accounts_login_key" UNIQUE ("login")
);'
	in_db "$(cat $M/$U $M/$A)"
	in_db 'CREATE TABLE accounts (id SERIAL NOT NULL, login VARCHAR NOT NULL, PRIMARY KEY (id), UNIQUE (login))'
	check 0 -o "$HOST: no drift" -- env ATLAS_MAKE_BASELINE=20261201000000 scripts/drift.sh
	ATLAS_MAKE_BASELINE=20261201000000 apply
	check 0 -o "$HOST: no drift" -- scripts/drift.sh
	# Where the migrations have an index in its place, that is told.
	in_db 'ALTER TABLE accounts DROP CONSTRAINT accounts_login_key; CREATE UNIQUE INDEX accounts_login_key ON accounts (login)'
	drifted <<-END
		constraint "accounts_login_key" of table "accounts" in the migrations is index "accounts_login_key" in the database
	END
}

@test "made by create_all or Alembic: a clean first drift, and the SQL of the next change applies" {
	rm $M/*.sql
	scripts/hash_migrations.sh >/dev/null
	ATLAS_MAKE_NAME=start scripts/create_migrations.sh >../text
	# The same statements that create_all runs; and what Alembic keeps besides.
	scripts/render_schema.sh -p >../made.sql
	in_db "$(cat ../made.sql)"
	in_db "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY); INSERT INTO users (name, email) VALUES ('a', 'a@b')"
	export ATLAS_MAKE_COMPARE_EXCLUDE=alembic_version
	check 0 -o "$HOST: no drift (never managed: compared with all 1 migrations)" -- scripts/drift.sh
	ATLAS_MAKE_BASELINE=$(ls $M | sed -n 's/_start.sql//p') apply
	check 0 -o "$HOST: no drift" -- scripts/drift.sh
	# The UNIQUE of a column is a constraint there, and no index.
	edit src/db/models.py 's/, unique=True//; s/^    name: Mapped.*/&\n    login: Mapped[str | None] = mapped_column(String(20), unique=True)/'
	ATLAS_MAKE_NAME=next scripts/create_migrations.sh >../text
	grep -q 'DROP CONSTRAINT "users_email_key"' $M/*_next.sql
	run ! grep -q 'DROP INDEX\|alembic' $M/*_next.sql
	scripts/check_migrations.sh >../text
	apply
	check 0 -o "$HOST: no drift" -- scripts/drift.sh
	[ "$(in_db "SELECT name FROM users")" = a ]
	[ "$(in_db "SELECT conname FROM pg_constraint WHERE contype = 'u' AND connamespace = 'public'::regnamespace")" = users_login_key ]
}

@test "what cannot be listed is no verdict" {
	apply
	in_db "CREATE ROLE reader LOGIN PASSWORD '$PASSWORD'; GRANT USAGE ON SCHEMA atlas_schema_revisions TO reader;
		GRANT SELECT ON ALL TABLES IN SCHEMA atlas_schema_revisions TO reader"
	export DATABASE_URL="postgres://reader:$ENCODED@127.0.0.1:$PORT/$DB?sslmode=disable&search_path=public&application_name=a+b&sslsni=0&sslpassword=of-the-key"
	check 0 -o "$HOST: no drift" -- scripts/drift.sh
	in_db 'REVOKE EXECUTE ON FUNCTION pg_get_constraintdef(oid) FROM PUBLIC'
	check 2 -e "drift.sh: $HOST: cannot be listed: permission denied for function pg_get_constraintdef" -- scripts/drift.sh
	no_secret
	nothing_left
}

@test "migrations that do not apply any more are no verdict" {
	add 20261201000000_one 'CREATE TABLE once (id int);'
	apply
	echo 'SELECT 1/0;' >$M/20261201000000_one.sql
	scripts/hash_migrations.sh >../text
	says 2 scripts/drift.sh >../seen
	grep -q "^$M/20261201000000_one.sql:1:1: error: division by zero" ../seen
	grep -qFx "drift.sh: $M: what is applied there does not apply to an empty database; make check-migrations says more" ../seen
	nothing_left
}
