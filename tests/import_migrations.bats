#!/usr/bin/env bats
# import_migrations: what other tools' migrations do, in Atlas's layout.

load helper

setup() {
	scratch
	project
	rm -rf src/db/migrations
	MIGRATIONS=src/db/migrations
	export ATLAS_MAKE_MIGRATIONS=$MIGRATIONS
	mkdir theirs
}
# file NAME TEXT
file() {
	mkdir -p "$(dirname "theirs/$1")"
	printf '%s\n' "$2" >"theirs/$1"
}
import() { check 0 -o "$1" -- scripts/import_migrations.sh theirs; }
# holds NAME TEXT
holds() { printf '%s\n' "$2" | same - "$MIGRATIONS/$1"; }

@test "goose: the way up, functions whole, without a transaction where it says so" {
	file 00002_b.sql '-- +goose NO TRANSACTION
-- +goose Up
CREATE INDEX CONCURRENTLY i ON a (id);
-- +goose Down
DROP INDEX i;'
	file 00001_a.sql '-- +goose Up
-- +goose StatementBegin
CREATE TABLE a (id int);
-- +goose StatementEnd
-- +goose Down
DROP TABLE a;'
	file 00003_c.go.sql 'SELECT 1;'
	check 2 -p 'no part of it is marked as the way up' -- scripts/import_migrations.sh theirs
	[ ! -e "$MIGRATIONS" ]
	rm theirs/00003_c.go.sql
	file '00003_c d.sql' '-- +goose Up'
	file 00003_c_d.sql '-- +goose Up'
	check 2 -p 'two migrations would be named 00003_c_d.sql' -- scripts/import_migrations.sh theirs
	[ ! -e "$MIGRATIONS" ]
	rm theirs/00003*
	import 'imported 2 migrations of goose into src/db/migrations
left out: the ways down
a database that has them: make apply BASELINE=00002'
	holds 00001_a.sql 'CREATE TABLE a (id int);'
	holds 00002_b.sql '-- atlas:txmode none

CREATE INDEX CONCURRENTLY i ON a (id);'
	mhash -c "$MIGRATIONS"
	check 2 -p 'has migrations already' -- scripts/import_migrations.sh theirs
}

@test "dbmate" {
	file 20260101000000_a.sql '-- migrate:up
CREATE TABLE a (id int);

-- migrate:down
DROP TABLE a;'
	file 20260102000000_b.sql '-- migrate:up transaction:false
VACUUM;'
	import 'imported 2 migrations of dbmate into src/db/migrations
left out: the ways down
a database that has them: make apply BASELINE=20260102000000'
	holds 20260102000000_b.sql '-- atlas:txmode none

VACUUM;'
}

@test "golang-migrate: numbers of several lengths keep their order" {
	file 9_a.up.sql 'CREATE TABLE a (id int);'
	file 9_a.down.sql 'DROP TABLE a;'
	file 10_b.up.sql 'DROP TABLE a;'
	import 'imported 2 migrations of golang-migrate into src/db/migrations
left out: 9_a.down.sql 
a database that has them: make apply BASELINE=000002'
	holds 000001_9_a.sql 'CREATE TABLE a (id int);'
	holds 000002_10_b.sql 'DROP TABLE a;'
}

@test "Flyway: versions with points; repeatable ones last, undo ones left out" {
	file V1.10__c.sql 'SELECT 3;'
	file V1.2__b.sql 'SELECT 2;'
	file V1__a.sql 'SELECT 1;'
	file U1__a.sql 'SELECT 0;'
	file R__view.sql 'SELECT 4;'
	import 'imported 4 migrations of Flyway into src/db/migrations
left out: U1__a.sql 
a database that has them: make apply BASELINE=000004'
	cat "$MIGRATIONS"/*.sql >all
	printf 'SELECT %s;\n' 1 2 3 4 | same - all
}

@test "Prisma; Alembic is told what to do; Atlas's own is none of these" {
	file 20260101000000_a/migration.sql 'CREATE TABLE a (id int);'
	import 'imported 1 migrations of Prisma into src/db/migrations
a database that has them: make apply BASELINE=20260101000000'
	holds 20260101000000_a.sql 'CREATE TABLE a (id int);'
	rm -rf "$MIGRATIONS" theirs
	file env.py ''
	check 2 -p 'alembic upgrade head --sql' -- scripts/import_migrations.sh theirs
	rm theirs/env.py
	file 20260101000000_a.sql 'SELECT 1;'
	check 1 -o "theirs: not a layout of goose, dbmate, golang-migrate, Flyway, Prisma or Alembic; if it is Atlas's own, nothing has to be imported" -- \
		scripts/import_migrations.sh theirs
	check 2 -p "no directory 'nowhere'" -- scripts/import_migrations.sh nowhere
}
