#!/usr/bin/env bats
# squash-migrations: a checkpoint from which a new database starts; one that has
# migrations goes on as if it were not there.

load helper
load database
load lambda/helper

setup() {
	database_setup
	server_clients
}

# many N: so many migrations, of every sort that a year brings.
many() {
	local i
	for i in $(seq "$1"); do
		case $((i % 5)) in
		0) echo "CREATE TABLE t$i (id bigint PRIMARY KEY, n int CHECK (n > $i));" ;;
		1) echo "ALTER TABLE users ADD COLUMN c$i text;" ;;
		2) echo "CREATE VIEW v$i AS SELECT id FROM users;" ;;
		3) echo "CREATE FUNCTION f$i() RETURNS int LANGUAGE sql AS 'SELECT $i';" ;;
		4) echo "CREATE INDEX i$i ON users (name);" ;;
		esac >"$M/20261201$(printf %06d "$i")_m$i.sql"
	done
	scripts/hash_migrations.sh >/dev/null
}

@test "many migrations: one file makes the same; old databases, and new ones go on" {
	many "${SQUASH:-40}"
	n=$((${SQUASH:-40} + 2))
	apply
	sed "s/^SCHEMA .*/SCHEMA = schema.sql/; /SCHEMA_DEPS/d" atlas-make.mk >x && mv x atlas-make.mk
	PGPASSWORD=$PASSWORD dump -s -O -x -N atlas_schema_revisions -h 127.0.0.1 -p "$PORT" -U us@r "$DB" >schema.sql
	env -u DATABASE_URL scripts/check_migrations.sh >../out || { cat ../out; false; }

	cp -R "$M" ../before
	make -s squash-migrations >../out 2>&1 || { cat ../out; false; }
	cp -R "$M" ../after
	f=$(basename "$M"/*_checkpoint.sql)
	[ "$(head -n 1 "$M/$f")" = '-- atlas:checkpoint' ]
	env -u DATABASE_URL scripts/check_migrations.sh >../out || { cat ../out; false; }
	# An old database: nothing to do, and up to date by what the function asks.
	says 0 scripts/status.sh
	grep -q '^up to date' ../text
	scripts/apply.sh >../out
	grep -q 'nothing to do' ../out
	scripts/drift.sh >../out || { cat ../out; false; }
	# What comes after goes into both.
	add 20991231000000_after
	says 1 scripts/status.sh
	apply
	says 0 scripts/status.sh
	old=$DB
	in_server "CREATE DATABASE n$DB"
	DATABASE_URL=${DATABASE_URL%/*}/n$DB?sslmode=disable DB=n$DB
	export DATABASE_URL
	apply
	says 0 scripts/status.sh
	[ "$(applied | grep -c .)" -eq 2 ]
	for d in "$old" "$DB"; do
		PGPASSWORD=$PASSWORD psql -XAtq -h 127.0.0.1 -p "$PORT" -U us@r -d "$d" -v schema= -v grants=0 -v owners=0 \
			-v revisions=atlas_schema_revisions -f "$TOP/scripts/lib/catalog.sql" >"../$d"
	done
	catdiff -t "../$old" "../$DB"
	# And the function goes on with each.
	if [ "$(uname -s)" = Linux ]; then
		lambda_needs
		BATS_FILE_TMPDIR=$BATS_TEST_TMPDIR lambda_package
		"$PYTHON" "$TOP/tests/lambda/squashed.py" ../before ../after
	fi
	# A checkpoint again, with nothing new, is refused.
	rm "$M/20991231000000_after.sql"
	scripts/hash_migrations.sh >/dev/null
	check 2 -e "squash_migrations.sh: $M/$f is a checkpoint already, and nothing comes after it" -- scripts/squash_migrations.sh
}

@test "migrations that put rows in are not squashed" {
	add 20261201000000_rows "INSERT INTO users (name, email) VALUES ('x', 'y');"
	cp -R "$M" ../was
	check 2 -p '^squash_migrations.sh: the migrations put rows into users, which a checkpoint' -- env -u DATABASE_URL scripts/squash_migrations.sh
	diff -r ../was "$M"
	nothing_left
}
