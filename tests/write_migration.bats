#!/usr/bin/env bats
# write_migration: what leads from the migrations to the models, proved.

load helper
load server

setup_file() {
	start_server
	export PORT SERVER SERVER_PID PG
}
teardown_file() { stop_server; }

# Databases of its own for each test: "want" and "have" are made by made().
setup() {
	scratch
	cd "$TOP" || return 1
	export PGPASSWORD=s@cret PGOPTIONS='-c client_min_messages=error'
	export pg_url="postgres://dev@127.0.0.1:$PORT/DATABASE?sslmode=disable"
	export want=want$BATS_TEST_NUMBER have=have$BATS_TEST_NUMBER scratch=s$BATS_TEST_NUMBER
	export bin=$TOP/.cache/bin atlas_bin=${ATLAS:-$TOP/.cache/atlas/atlas}
	export out=$BATS_TEST_TMPDIR/out.d
}

db() { psql -XAtqw -v ON_ERROR_STOP=1 -d "${pg_url%%DATABASE*}$1${pg_url#*DATABASE}" "${@:2}"; }

# made WANT HAVE: the two databases, from SQL.
made() {
	db dev -c "DROP DATABASE IF EXISTS $want" -c "DROP DATABASE IF EXISTS $have" \
		-c "CREATE DATABASE $want" -c "CREATE DATABASE $have"
	db "$want" <<<"$1"
	db "$have" <<<"$2"
}

# writes EXIT STDOUT STDERR-PATTERN
writes() {
	local got=0
	rm -rf "$out"
	mkdir "$out"
	scripts/steps/write_migration.sh "$out" >"$BATS_TEST_TMPDIR/said" 2>"$BATS_TEST_TMPDIR/err" || got=$?
	[ "$got" -eq "$1" ] && same <(_text "$2") "$BATS_TEST_TMPDIR/said" &&
		{ [ -z "${3-}" ] && [ ! -s "$BATS_TEST_TMPDIR/err" ] || grep -Eq -- "${3:-.}" "$BATS_TEST_TMPDIR/err"; } || {
		echo "exit $got, wanted $1"
		cat "$BATS_TEST_TMPDIR/said" "$BATS_TEST_TMPDIR/err" "$out"/* 2>/dev/null
		return 1
	}
	# Nothing of its own stays in the server.
	[ -z "$(db dev -c "SELECT datname FROM pg_database WHERE datname LIKE '$scratch\\_%'")" ]
}

# file N TEXT: what was written into that file.
file() { same <(printf '%s\n' "$2") "$out/$1.sql"; }

@test "nothing differs, nothing is written" {
	made 'CREATE TABLE users (id int PRIMARY KEY)' 'CREATE TABLE users (id int PRIMARY KEY)'
	writes 0 ''
	[ -z "$(ls "$out")" ]
}

@test "a plain change is what Atlas writes, byte for byte" {
	made 'CREATE TABLE users (id int PRIMARY KEY, age int)' 'CREATE TABLE users (id int PRIMARY KEY)'
	writes 0 ''
	file 1 '-- Modify "users" table
ALTER TABLE "users" ADD COLUMN "age" integer NULL;'
	[ "$(ls "$out")" = 1.sql ]
}

@test "what goes wrong is told, and nothing is written" {
	made 'CREATE TABLE users (id int)' ''
	want=nowhere writes 2 '' '^write_migration.sh: cannot list the database .nowhere.: .*database "nowhere" does not exist'
	atlas_bin=/bin/false writes 2 '' '^write_migration.sh: what was written does not apply: it says nothing'
	[ -z "$(ls "$out")" ]
}

# kinds a|b: the cases of fixtures/plan/kinds.sql, all in one.
kinds() { awk -v want="$1" '/^-- # / { now = "a"; next } /^-- >/ { now = "b"; next } now == want' "$FIXTURES/plan/kinds.sql"; }
# changed: each case as it is after its change, those without one as they are.
changed() {
	awk '/^-- # / { printf "%s", text; text = ""; new = 0; next }
		/^-- >/ { text = ""; next }
		!/^-- / { text = text $0 "\n" }
		END { printf "%s", text }' "$FIXTURES/plan/kinds.sql"
}

# dumped DB: what pg_dump says of it, but for the order of columns and options.
dumped() { pg_dump -s -O -x -d "${pg_url%%DATABASE*}$1${pg_url#*DATABASE}" | grep -v '^\\' | sort; }

# applied: what was written brings "have" to where "want" is, by pg_dump, too.
applied() {
	local f
	for f in "$out"/*.sql; do
		db "$have" -f "$f" >/dev/null
	done
	diff <(dumped "$want") <(dumped "$have")
}

@test "every kind of object, created from nothing" {
	made "$(kinds a)" ''
	writes 0 ''
	! grep -q 'CASCADE' "$out"/*.sql || ! grep CASCADE "$out"/*.sql | grep -Ev 'ON (DELETE|UPDATE) CASCADE'
	applied
}

@test "every kind of object, removed" {
	made '' "$(kinds a)"
	writes 0 ''
	applied
}

@test "every kind of object, changed, and back" {
	made "$(changed)" "$(kinds a)"
	writes 0 ''
	applied
	made "$(kinds a)" "$(changed)"
	writes 0 ''
}
