#!/usr/bin/env bats
# drift: the live database against what its migrations say.

load helper
load database

setup() { database_setup; }

@test "none; some, both ways; what is left out" {
	apply
	check 0 -o "$HOST: no drift" -- scripts/drift.sh
	in_db 'ALTER TABLE users ADD COLUMN hot text; DROP INDEX ix_addresses_user_id; CREATE TABLE stray (id int)'
	says 1 scripts/drift.sh >../seen
	cat >../want <<-END
		$HOST: differs from what the migrations say
		-- what was done to the database besides; as a migration it would read:
		  -- Drop index "ix_addresses_user_id" from table: "addresses"
		  DROP INDEX "ix_addresses_user_id";
		  -- Modify "users" table
		  ALTER TABLE "users" ADD COLUMN "hot" text NULL;
		  -- Create "stray" table
		  CREATE TABLE "stray" (
		    "id" integer NULL
		  );
		-- what brings the database back to the migrations:
		  -- Create index "ix_addresses_user_id" to table: "addresses"
		  CREATE INDEX "ix_addresses_user_id" ON "addresses" ("user_id");
		  -- Modify "users" table
		  ALTER TABLE "users" DROP COLUMN "hot";
		  -- Drop "stray" table
		  DROP TABLE "stray";
	END
	# The order of statements is Atlas's own affair.
	sort ../want >../want.sorted
	sort ../seen >../seen.sorted
	same ../want.sorted ../seen.sorted
	in_db 'CREATE INDEX ix_addresses_user_id ON addresses (user_id)'
	check 0 -o "$HOST: no drift" -- env EXCLUDE='public.stray users.hot' scripts/drift.sh
	check 0 -o "$HOST: no drift" -- env EXCLUDE='str* users.hot' DATABASE_URL="$DATABASE_URL&search_path=public" scripts/drift.sh
	check 2 -p "EXCLUDE leaves out a table that this key refers to" -- env EXCLUDE=users scripts/drift.sh
	no_secret
	nothing_left
}

@test "several schemas: as many as DEV_SCHEMAS names" {
	add 20261201000000_other 'CREATE SCHEMA other;
CREATE TABLE other.t (id int);'
	apply
	export DEV_SCHEMAS='public other'
	check 0 -o "$HOST: no drift" -- scripts/drift.sh
	in_db 'CREATE TABLE other.stray (id int); ALTER TABLE users ADD COLUMN hot text; CREATE SCHEMA third'
	[ "$(says 1 scripts/drift.sh | grep -c '^  DROP TABLE "other"."stray";\|DROP COLUMN')" -eq 2 ]
	check 0 -o "$HOST: no drift" -- env EXCLUDE='stray public.users.hot' scripts/drift.sh
}

@test "behind: what is pending is no drift; ahead: what its files did shows" {
	add 20261201000000_more
	apply
	add 20261202000000_later
	check 0 -o "$HOST: no drift (1 pending, which do not count)" -- scripts/drift.sh
	remove 20261202000000_later
	remove 20261201000000_more
	[ "$(says 1 scripts/drift.sh | sed -n '1p;/^  DROP/p')" = "$HOST: differs from what the migrations say (ahead by 1, whose files are not here: what they changed shows as a difference)
  DROP TABLE \"more\";" ]
	add 20261110000000_mid
	[ "$(says 1 scripts/drift.sh | sed -n 1p)" = "$HOST: differs from what the migrations say (diverged: make status tells; compared with the 2 here that are applied)" ]
	no_secret
}

@test "a database that was never managed, against all migrations or a baseline" {
	cat $M/*.sql >../all.sql
	in_db "$(cat ../all.sql)"
	check 0 -o "$HOST: no drift (never managed: compared with all 2 migrations)" -- scripts/drift.sh
	in_db 'DROP TABLE addresses'
	[ "$(says 1 scripts/drift.sh | sed -n 1p)" = "$HOST: differs from what the migrations say (never managed: compared with all 2 migrations)" ]
	check 0 -o "$HOST: no drift (1 pending, which do not count)" -- env BASELINE=20261101090000 scripts/drift.sh
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
	check 0 -o "$HOST: no drift" -- env EXCLUDE=stray scripts/drift.sh
	no_secret
}
