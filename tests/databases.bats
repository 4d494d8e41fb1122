#!/usr/bin/env bats
# Several databases in one repository: a block for each in the project file.

load helper
load guest
load server

setup_file() { start_server; export PORT SERVER SERVER_PID; }
teardown_file() { stop_server; }

# A monorepo of two services with a database each, adopted.
setup() {
	scratch
	repository
	local s
	for s in billing users; do
		mkdir -p "services/$s/db"
		echo "CREATE TABLE $s (id bigint PRIMARY KEY);" >"services/$s/db/schema.sql"
	done
	kit_files tools/atlas-make
	commit first
	tools/atlas-make/scripts/adopt.sh -y >/dev/null
	make -s create-migrations check-migrations NAME=first >../first
	commit adopted
}

@test "two commands and no file by hand; each verdict is told, and kept by database" {
	grep -Fxq 'DATABASES = billing users' atlas-make.mk
	check 0 -o 'billing: migrations: check passed
users: migrations: check passed' -- tail -n 2 ../first
	grep -q '^users: new: services/users/db/migrations/[0-9]*_first.sql$' ../first
	check 0 -o 'billing: migrations: nothing changed since the last successful check
users: migrations: nothing changed since the last successful check' -- make -s check-migrations
	check 0 -o 'migrations: nothing changed since the last successful check' -- make -s check-migrations DB=users
	# One has a fault: the other is not looked at again.
	echo 'CREATE TABLE more (id int PRIMARY KEY);' >>services/users/db/schema.sql
	check 1 -o 'billing: migrations: nothing changed since the last successful check
users: error: table "more" is in the models and not in the migrations (diff-table)
users:        = help: make create-migrations NAME=what_changed
users: 1 error
users: migrations: check failed' -- env ATLAS_MAKE_KNOBS= tools/atlas-make/scripts/each_database.sh check_migrations billing users
	make -s check-migrations >/dev/null 2>&1 && false
	make -s create-migrations DB=users >/dev/null
	[ -z "$(git status --porcelain services/billing)" ]
	check 0 -o 'migrations: check passed' -- make -s check-migrations DB=users
	nothing_left
}

@test "a database that nobody named, and a verb without one" {
	check 2 -p 'DB=other: atlas-make.mk names these: DATABASES = billing users' -- make -s check-migrations DB=other
	check 2 -p '^create_migrations.sh: which database\? say DB=billing: atlas-make.mk has billing users$' -- make -s create-migrations RENAME=a=b
	check 2 -p '^new_migration.sh: which database\? say DB=billing: atlas-make.mk has billing users$' -- make -s new-migration NAME=a
	check 2 -p '^status.sh: which database\? say DB=billing' -- tools/atlas-make/scripts/status.sh
	printf '%s\n' 'SCHEMA = services/users/db/schema.sql' 'MIGRATIONS = services/users/db/migrations' >atlas-make.mk
	check 2 -p 'DB=users: atlas-make.mk names no databases' -- make -s check-migrations DB=users
}

@test "what the command line says counts for all; what a block says, for one" {
	echo 'users.SCHEMA = nowhere.sql' >>atlas-make.mk
	make -s check-migrations >../out 2>../err && false
	grep -q '^billing: migrations: ' ../out
	grep -q "^users: .*SCHEMA: cannot read 'nowhere.sql'" ../err
	cat services/users/db/schema.sql >both.sql
	make -s check-migrations SCHEMA=both.sql >../out 2>&1 && false
	grep -q '^users: migrations: check passed' ../out
	grep -q '^billing: error: table "billing" is in the migrations and not in the models' ../out
}

@test "status of all: each has an address of its own" {
	in_server "CREATE DATABASE b$BATS_TEST_NUMBER"
	export DATABASE_URL_billing="postgres://dev:s%40cret@127.0.0.1:$PORT/b$BATS_TEST_NUMBER?sslmode=disable"
	make -s atlas-status >../out 2>../err && false
	grep -q '^billing: behind: 1 of 1 pending' ../out
	grep -q '^users: status.sh: .*\|^users: .*users: no address; fix: set DATABASE_URL_users in the environment, or ask for one: DB=users$' ../err
	DATABASE_URL=$DATABASE_URL_billing make -s atlas-apply DB=billing >../out
	DATABASE_URL=$DATABASE_URL_billing make -s atlas-status DB=billing >../out
	grep -q '^up to date' ../out
}

@test "a verb that ends without a word has decided nothing" {
	printf '#!/bin/sh\n' >tools/atlas-make/scripts/check_migrations.sh
	check 2 -p '^each_database.sh: users: ended without a word' -- tools/atlas-make/scripts/each_database.sh check_migrations billing users
}

@test "a report for each" {
	make -s check-migrations LINT_FORMAT=gitlab LINT_REPORT=codequality.json >/dev/null
	check 0 -o '[]' -- cat codequality.billing.json
	[ -s codequality.users.json ]
	[ ! -e codequality.json ]
}

@test "each has a lock, a state and a report of its own; a template that two share is waited for" {
	# Somebody is at the one: the other is not kept, and has its own state.
	ln -s "$$" .cache/lock.of,services,billing,db,migrations
	echo 'CREATE TABLE more (id int PRIMARY KEY);' >>services/users/db/schema.sql
	make -s create-migrations DB=users NAME=more >../out
	grep -q '^new: services/users/db/migrations/[0-9]*_more.sql$' ../out
	make -s hash-migrations DB=users >/dev/null
	check 2 -p "^hash_migrations.sh: process $$ is changing the migrations now: wait for it, or remove .cache/lock.of,services,billing,db,migrations " -- \
		make -s hash-migrations DB=billing
	rm .cache/lock.of,*
	[ "$(ls -d .cache/state/*/ | wc -l)" -eq 2 ]
	rm -r .cache/state/services,users,*
	check 0 -o 'billing: migrations: nothing changed since the last successful check
users: migrations: check passed' -- make -s check-migrations
	# Both at once, a while, into one template.
	printf 'Parameters:\n  BillingHash: {Default: none}\n  UsersHash: {Default: none}\n' >template.yaml
	cat >>atlas-make.mk <<-'END'
		TEMPLATE = template.yaml
		billing.MIGRATION_HASH_POINTER = /Parameters/BillingHash/Default
		users.MIGRATION_HASH_POINTER = /Parameters/UsersHash/Default
	END
	edit atlas-make.mk '/^[a-z]*\.TEMPLATE/d; /^TEMPLATE = $/d'
	local s pids=''
	for s in billing users; do
		(for i in 1 2 3 4; do make -s new-migration DB=$s NAME=n$i || exit 1; done) >"../$s.out" 2>&1 3>&- &
		pids="$pids $!"
	done
	for i in $pids; do wait "$i" || { cat ../*.out; false; }; done
	for s in billing users; do
		[ "$(ls services/$s/db/migrations/*_n?.sql | wc -l)" -eq 4 ]
		grep -Fq "$(mhash -s <services/$s/db/migrations/atlas.sum)" template.yaml
	done
	[ -z "$(ls -d .cache/lock.of* .cache/lock.in* 2>/dev/null)" ]
	# A holder that does not end.
	ln -s "$$" .cache/lock.in,template.yaml
	check 2 -p "^hash_migrations.sh: process $$, which changes template.yaml, did not end in 1 seconds: wait for it, or remove .cache/lock.in,template.yaml " -- \
		make -s hash-migrations DB=users TIME_LIMIT=1
	rm .cache/lock.in,template.yaml
	nothing_left
}
