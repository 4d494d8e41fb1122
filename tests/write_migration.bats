#!/usr/bin/env bats
# write_migration: what leads from the migrations to the models, proved.

load helper
load server

setup_file() {
	start_server
	MAJOR=$("$PG/postgres" -V | sed 's/.* \([0-9]*\)\..*/\1/')
	export PORT SERVER SERVER_PID PG MAJOR KINDS=$BATS_FILE_TMPDIR/kinds.sql
	PGHOST=127.0.0.1 PGPORT=$PORT PGUSER=dev PGPASSWORD=s@cret PGDATABASE=dev for_server "$FIXTURES/plan/kinds.sql" >"$KINDS"
	server_clients
}
teardown_file() { stop_server; }

# Databases of its own for each test: "want" and "have" are made by made().
setup() {
	scratch
	cd "$TOP" || return 1
	export PGPASSWORD=s@cret PGOPTIONS='-c client_min_messages=error'
	export pg_url="postgres://dev@127.0.0.1:$PORT/DATABASE?sslmode=disable"
	export want=want$BATS_TEST_NUMBER have=have$BATS_TEST_NUMBER scratch=s$BATS_TEST_NUMBER
	export ATLAS_MAKE_KNOBS=1 ATLAS_KIT=. ATLAS_KIT_PROJECT=$TOP
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

# file N TEXT: what was written into that file; PostgreSQL's own texts are not the
# same in each version.
file() { [ "$MAJOR" -ne 15 ] || same <(printf '%s\n' "$2") "$out/$1.sql"; }

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
kinds() { awk -v want="$1" '/^-- # / { now = "a"; next } /^-- >/ { now = "b"; next } now == want' "$KINDS"; }
# changed: each case as it is after its change, those without one as they are.
changed() {
	awk '/^-- # / { printf "%s", text; text = ""; new = 0; next }
		/^-- >/ { text = ""; next }
		!/^-- / { text = text $0 "\n" }
		END { printf "%s", text }' "$KINDS"
}

# dumped DB: what pg_dump says of it, but for the order of columns and options.
dumped() { pg_dump -s -O -x -d "${pg_url%%DATABASE*}$1${pg_url#*DATABASE}" | sed '/^\\/d; s/,$//' | sort; }

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
	[ -z "$(grep -h CASCADE "$out"/*.sql | grep -Ev 'ON (DELETE|UPDATE) CASCADE')" ]
	applied
}

@test "every kind of object, removed" {
	made '' "$(kinds a)"
	writes 0 ''
	applied
}

@test "every kind of object, changed, and back" {
	made "$(changed)" "$(kinds a)"
	writes 0 '' "^write_migration.sh: enum state: the value 'b' goes"
	applied
	made "$(kinds a)" "$(changed)"
	writes 0 ''
}

# the N-th case alone, as it is (a) and after its change (b; the same without one).
nth() {
	awk -v n="$1" -v want="$2" '/^-- # / { k++; now = "a"; next } /^-- >/ { now = "b"; if (k == n && want == "b") text = ""; next }
		k == n && (now == "a" || want == "b") { text = text $0 "\n" }
		END { printf "%s", text }' "$KINDS"
}
# step WANT HAVE: from the one to the other, and by pg_dump they are the same then.
# What is said of values and places on the way is pinned elsewhere.
step() {
	made "$1" "$2"
	rm -rf "$out"
	mkdir "$out"
	scripts/steps/write_migration.sh "$out" >"$BATS_TEST_TMPDIR/said" 2>&1 || { cat "$BATS_TEST_TMPDIR/said" "$out"/*; return 1; }
	[ -z "$(ls "$out")" ] || applied
}

@test "each kind alone: created, changed, removed; by default one in twelve" {
	local n last bad=0
	last=$(grep -c '^-- # ' "$KINDS")
	[ "$last" -ge 66 ]
	for ((n = 1 + ${TEST_KIND:-0}; n <= last; n += ${TEST_KINDS_EVERY:-12})); do
		{ step "$(nth $n a)" '' && step "$(nth $n b)" "$(nth $n a)" && step '' "$(nth $n b)"; } ||
			{ echo "== case $n: $(grep '^-- # ' "$KINDS" | sed -n "${n}p")"; bad=1; }
	done
	return "$bad"
}

@test "every kind of object in one of two schemas: created, changed, removed" {
	local in='CREATE SCHEMA app; CREATE SCHEMA billing; CREATE TABLE billing.other (id int); SET search_path = app, public;'
	export schemas='app billing'
	step "$in $(kinds a)" 'CREATE SCHEMA app; CREATE SCHEMA billing; CREATE TABLE billing.old (id int)'
	step "$in $(changed)" "$in $(kinds a)"
	step "$in" "$in $(kinds a)"
}

@test "names that are asked for" {
	made 'CREATE TABLE people (id serial PRIMARY KEY, full_name text UNIQUE); CREATE TYPE mood AS ENUM ($$good$$, $$bad$$);
		CREATE TABLE felt (m mood)' \
		'CREATE TABLE users (id serial PRIMARY KEY, name text UNIQUE); CREATE TYPE mood AS ENUM ($$fine$$, $$bad$$);
		CREATE TABLE felt (m mood)'
	RENAME='users=people users.name=full_name mood.fine=good' writes 0 ''
	file 1 '-- Rename a column from "name" to "full_name"
ALTER TABLE "users" RENAME COLUMN "name" TO "full_name";
-- Rename a value from "fine" to "good"
ALTER TYPE "mood" RENAME VALUE '"'fine' TO 'good'"';
-- Rename a table from "users" to "people"
ALTER TABLE "users" RENAME TO "people";
-- Rename a constraint from "users_name_key" to "people_full_name_key"
ALTER TABLE "people" RENAME CONSTRAINT "users_name_key" TO people_full_name_key;
-- Rename a constraint from "users_pkey" to "people_pkey"
ALTER TABLE "people" RENAME CONSTRAINT "users_pkey" TO people_pkey;
-- Rename a sequence from "users_id_seq" to "people_id_seq"
ALTER SEQUENCE "users_id_seq" RENAME TO people_id_seq;'
	RENAME='user=people' writes 2 '' "^catplan: RENAME: 'user=people': the migrations make nothing of the name user"
	RENAME='users' writes 2 '' "^catplan: RENAME: 'users': it is users.name=full_name, or users=people"
	[ -z "$(ls "$out")" ]
}

@test "two schemas; what is not in play stays" {
	made 'CREATE SCHEMA app; CREATE SCHEMA billing;
		CREATE TABLE app.users (id int PRIMARY KEY, n int);
		CREATE TABLE billing.users (id int PRIMARY KEY, u int REFERENCES app.users);
		CREATE VIEW billing.v AS SELECT n FROM app.users' \
		'CREATE TABLE public.kept (id int); CREATE SCHEMA other; CREATE TABLE other.kept (id int); CREATE SCHEMA app;
		CREATE TABLE app.users (id int PRIMARY KEY); CREATE TABLE app.old (id int)'
	schemas='app billing' writes 1 'schema other: is in the migrations, and not in the models; its schema is not in play, so it is not dropped; fix: name that in DEV_SCHEMAS, or drop it by hand
table other.kept: is in the migrations, and not in the models; its schema is not in play, so it is not dropped; fix: name that in DEV_SCHEMAS, or drop it by hand
table public.kept: is in the migrations, and not in the models; its schema is not in play, so it is not dropped; fix: name that in DEV_SCHEMAS, or drop it by hand'
	file 1 '-- Add new schema named "billing"
CREATE SCHEMA "billing";
-- Modify "users" table
ALTER TABLE "app"."users" ADD COLUMN "n" integer NULL;
-- Create "users" table
CREATE TABLE "billing"."users" ("id" integer NOT NULL, "u" integer NULL, PRIMARY KEY ("id"));
-- Modify "users" table
ALTER TABLE "billing"."users" ADD CONSTRAINT "users_u_fkey" FOREIGN KEY ("u") REFERENCES "app"."users" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION;
-- Drop "old" table
DROP TABLE "app"."old";
-- Create "billing"."v" view
CREATE VIEW "billing"."v" AS
 SELECT users.n
   FROM app.users;'
}

@test "a value of an enum that is used at once has a file of its own" {
	made 'CREATE TYPE mood AS ENUM ($$a$$, $$b$$, $$c$$); CREATE TABLE t (m mood DEFAULT $$b$$)' \
		'CREATE TYPE mood AS ENUM ($$a$$, $$c$$); CREATE TABLE t (m mood DEFAULT $$a$$)'
	writes 0 ''
	file 1 '-- Add value to enum type: "mood"
ALTER TYPE "mood" ADD VALUE '"'b' BEFORE 'c';"
	file 2 '-- Modify "t" table
ALTER TABLE "t" ALTER COLUMN "m" SET DEFAULT '"'b';"
}

@test "an index without a lock is outside of a transaction" {
	made 'CREATE TABLE t (a int, b int); CREATE INDEX t_a ON t (a); CREATE TABLE u (a int)' 'CREATE TABLE t (a int)'
	if is_engine; then
		concurrent='create drop' writes 0 ''
		head -n 3 "$out/2.sql" | same - <(printf '%s\n' '-- atlas:txmode none' '' '-- Create index "t_a" to table: "t"')
		run ! grep CONCURRENTLY "$out/1.sql"
	fi
	# Of a materialized view Atlas knows nothing.
	made 'CREATE MATERIALIZED VIEW m AS SELECT 1 AS a; CREATE INDEX m_a ON m (a)' 'CREATE MATERIALIZED VIEW m AS SELECT 1 AS a'
	concurrent=create writes 0 '' "^write_migration.sh: CONCURRENT_INDEX counts for what the engine plans by itself, and this change is none: its indexes are written with a lock; fix: where a table is in use, write CONCURRENTLY in a file of its own \(make new-migration\)$"
}

@test "one schema's name is left out, whatever it is" {
	made 'CREATE SCHEMA app; SET search_path TO app; CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
		CREATE SEQUENCE s; CREATE TABLE t (a int DEFAULT nextval($$s$$), b int CHECK (b > f())); CREATE VIEW v AS SELECT f() FROM t;
		CREATE AGGREGATE agg (int) (SFUNC = int4pl, STYPE = int); COMMENT ON AGGREGATE agg (int) IS $$app.x$$' 'CREATE SCHEMA app'
	schemas=app writes 0 ''
	[ -z "$(grep -E 'app[".]' "$out/1.sql" | grep -v "IS 'app.x'")" ]
}

@test "a function that is made anew: all that stands on it goes, and comes again" {
	local f='CREATE FUNCTION f(a int%s) RETURNS %s LANGUAGE sql IMMUTABLE RETURN a + 1;' was is new
	# shellcheck disable=SC2059
	was=$(printf "$f" '' bigint) is=$(printf "$f" '' int) new=$(printf "$f" ', b int DEFAULT 1' bigint)
	local t='CREATE DOMAIN d AS int CHECK (f(VALUE) > 1); CREATE TABLE t (i int, d d, n int DEFAULT f(3), c int CHECK (f(c) > 1), g bigint GENERATED ALWAYS AS (f(i)) STORED,
		EXCLUDE USING btree (f(i) WITH =)); CREATE INDEX x ON t (f(i)); CREATE INDEX y ON t (g); CREATE VIEW v AS SELECT g FROM t; CREATE VIEW w AS SELECT f(i) AS i FROM v, t;
		CREATE STATISTICS s ON (f(i)) FROM t; CREATE POLICY p ON t USING (f(i) > 1); CREATE FUNCTION other() RETURNS bigint LANGUAGE sql RETURN f(1);'
	made "$is$t" "$was$t"
	writes 0 ''
	made "$was$t" "$new$t"
	writes 0 ''
	# What the models no longer have goes with its table, but not before the function.
	made "$is CREATE TABLE t (i int)" "$was$t"
	writes 0 ''
	made "$is" "$was$t"
	writes 0 ''
	# Both at once, and PostgreSQL would not know which one is meant.
	made "$new CREATE TABLE t (i int, n int DEFAULT f(3))" "$was$t"
	writes 0 ''
}

@test "a type that is made anew takes the types with it that stand on it" {
	made "CREATE DOMAIN w AS varchar(9) CHECK (VALUE ~ 'y'); CREATE DOMAIN w2 AS w NOT NULL; CREATE TYPE c AS (a w);
		CREATE TABLE t (a w, b w2, c c, d w[]); CREATE VIEW v AS SELECT a, b, c FROM t" \
		"CREATE DOMAIN w AS text CHECK (VALUE ~ 'x'); CREATE DOMAIN w2 AS w; CREATE TYPE c AS (a w);
		CREATE TABLE t (a w, b w2, c c, d w[], gone w); CREATE TABLE gone (a w); CREATE VIEW v AS SELECT a, b, c FROM t"
	writes 0 ''
}

@test "a composite type's attributes come and go in their place; rows keep theirs" {
	made 'CREATE TYPE p AS (b text, c numeric(8,2)); CREATE TABLE t (p p, q p[])' \
		"CREATE TYPE p AS (a int, b text); CREATE TABLE t (p p, q p[]); INSERT INTO t VALUES ((1, 'x'), ARRAY[(2, 'y')::p]); CREATE VIEW v AS SELECT (p).a FROM t"
	writes 0 ''
	file 1 '-- Drop "v" view
DROP VIEW "v";
-- Modify "p" composite type
ALTER TYPE "p" DROP ATTRIBUTE a;
-- Modify "p" composite type
ALTER TYPE "p" ADD ATTRIBUTE c numeric(8,2);'
	made 'CREATE TYPE p AS (b text, a int); CREATE TABLE t (p p)' 'CREATE TYPE p AS (a int, b text); CREATE TABLE t (p p)'
	writes 0 '' '^write_migration.sh: composite type p: its attributes come in another order, and rows that have it keep their values by place; fix: '
}

@test "an extension's own comment is not written: who deploys may not own it" {
	made 'CREATE EXTENSION citext' ''
	writes 0 ''
	file 1 '-- Create "citext" extension
CREATE EXTENSION IF NOT EXISTS "citext" WITH SCHEMA public;'
	made "CREATE EXTENSION citext; COMMENT ON EXTENSION citext IS 'ours'" 'CREATE EXTENSION citext'
	writes 0 ''
	file 1 "-- Set comment to extension: \"citext\"
COMMENT ON EXTENSION \"citext\" IS 'ours';"
}

@test "a part that is refused, where the rest drops data: nothing is written" {
	made 'CREATE TYPE mood AS ENUM ($$a$$); CREATE TABLE t (m mood, b int)' 'CREATE TYPE mood AS ENUM ($$a$$); CREATE TABLE t (m mood[], a int)'
	writes 2 '' '^write_migration.sh: PostgreSQL refuses this: Modify "t" table: cannot cast type mood\[\] to mood$'
	grep -qxF 'write_migration.sh: nothing is written, for the rest of it drops tables, sequences or columns; fix: write what is refused by hand (make new-migration NAME=...), then: make create-migrations' "$BATS_TEST_TMPDIR/err"
	[ -z "$(ls "$out")" ]
}

@test "what is excluded is not written, and not dropped" {
	made 'CREATE TABLE users (id int, mine int); CREATE VIEW report_a AS SELECT 1 AS a' \
		'CREATE TABLE alembic_version (v text PRIMARY KEY); CREATE INDEX a_v ON alembic_version (v);
		COMMENT ON TABLE alembic_version IS $$x$$; CREATE TABLE users (id int, theirs serial); CREATE VIEW report_b AS SELECT 2 AS b;
		CREATE SEQUENCE kept'
	COMPARE_EXCLUDE='alembic_* public.report_* users.theirs kept' writes 0 ''
	file 1 '-- Modify "users" table
ALTER TABLE "users" ADD COLUMN "mine" integer;'
}

@test "an enum's value that goes is told" {
	made 'CREATE TYPE mood AS ENUM ($$a$$, $$c$$); CREATE TABLE t (m mood DEFAULT $$a$$)' \
		'CREATE TYPE mood AS ENUM ($$a$$, $$b$$); CREATE TABLE t (m mood DEFAULT $$a$$)'
	writes 0 '' "^write_migration.sh: enum mood: the value 'b' goes: a row that has it makes the migration fail"
	db "$have" -c "INSERT INTO t VALUES ('b')"
	run ! --separate-stderr db "$have" -1 -f "$out/1.sql"
	printf '%s\n' "$stderr" >"$BATS_TEST_TMPDIR/err"
	grep -q 'invalid input value for enum' "$BATS_TEST_TMPDIR/err"
	db "$have" -c "UPDATE t SET m = 'a'"
	db "$have" -1 -f "$out/1.sql"
}

@test "a table that becomes partitioned, or by another key, is told with the steps; the rest is written" {
	local steps='is another in the models than in the migrations; no ALTER makes a table partitioned, or no longer so, or by another key; fix: make new-migration: rename it, create it anew with its partitions, copy its rows with INSERT, drop the old one; then: make create-migrations, for what else is to be on it'
	made 'CREATE TABLE t (a int) PARTITION BY RANGE (a); CREATE VIEW v AS SELECT 1 AS a' 'CREATE TABLE t (a int)'
	writes 1 "table t: $steps"
	file 1 '-- Create "v" view
CREATE VIEW "v" AS
 SELECT 1 AS a;'
	# Nothing is tried on what is stuck, so that PostgreSQL has nothing to refuse.
	local was='CREATE TABLE logs (id int, at date) PARTITION BY RANGE (at); CREATE VIEW w AS SELECT 1 AS one;
		CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ($$2020-01-01$$) TO ($$2021-01-01$$); CREATE INDEX i ON logs (at);
		CREATE TABLE p (k int, at date); CREATE VIEW v AS SELECT k FROM p'
	local is='CREATE TABLE logs (id int NOT NULL, at date) PARTITION BY LIST (id); CREATE TABLE logs_1 PARTITION OF logs FOR VALUES IN (1, 2);
		CREATE TABLE logs_3 PARTITION OF logs FOR VALUES IN (3) PARTITION BY HASH (at); CREATE INDEX i ON logs (id);
		CREATE TABLE logs_30 PARTITION OF logs_3 FOR VALUES WITH (MODULUS 2, REMAINDER 0); COMMENT ON TABLE logs_3 IS $$x$$;
		CREATE VIEW v3 AS SELECT id FROM logs_3; CREATE VIEW w AS SELECT 2 AS one; CREATE TABLE p (k int, at date, n int) PARTITION BY HASH (k);
		CREATE TABLE p0 PARTITION OF p FOR VALUES WITH (MODULUS 2, REMAINDER 0); CREATE VIEW v AS SELECT k, n FROM p'
	made "$is" "$was"
	writes 1 "table logs: $steps
table p: $steps"
	file 1 '-- Modify "w" view
CREATE OR REPLACE VIEW "w" AS
 SELECT 2 AS one;'
	made "$was" "$is"
	writes 1 "table logs: $steps
table p: $steps"
	[ -z "$(grep -E '^(ALTER|DROP) TABLE' "$out/1.sql")" ]
	# When the steps were done by hand, the rest is written.
	made "$is" "$was"
	db "$have" <<-'END'
		DROP VIEW v;
		ALTER TABLE p RENAME TO p_old;
		CREATE TABLE p (k int, at date, n int) PARTITION BY HASH (k);
		INSERT INTO p SELECT k, at FROM p_old;
		DROP TABLE p_old;
	END
	writes 1 "table logs: $steps"
	grep -q '^CREATE TABLE "p0" PARTITION OF p' "$out/1.sql"
}

@test "a value becomes an array of it; a typed table follows its type" {
	made 'CREATE TYPE kind AS ENUM ($$b$$, $$a$$); CREATE TYPE pair AS (x integer, y text, z int); CREATE TABLE typed OF pair (PRIMARY KEY (x));
		CREATE TABLE t (k kind[] DEFAULT $${b}$$, n bigint[], m text[])' \
		"CREATE TYPE kind AS ENUM ('a', 'b'); CREATE TYPE pair AS (x numeric(8,2), y text); CREATE TABLE typed OF pair (PRIMARY KEY (x));
		INSERT INTO typed VALUES (1, 'a'); CREATE TABLE t (k kind DEFAULT 'a', n int, m text); INSERT INTO t VALUES ('a', 1, '{x}'), (NULL, NULL, NULL)"
	writes 0 ''
	db "$have" -1 -f "$out/1.sql"
	[ "$(db "$have" -c 'SELECT * FROM t' -c 'SELECT * FROM typed')" = '{a}|{1}|{x}
||
1|a|' ]
	made 'CREATE TYPE pair AS (x int, z int); CREATE TABLE typed OF pair' 'CREATE TYPE pair AS (x int, y text); CREATE TABLE typed OF pair'
	writes 0 ''
	file 1 '-- Modify "typed" table
ALTER TABLE "typed" NOT OF;
-- Modify "pair" composite type
ALTER TYPE "pair" DROP ATTRIBUTE y;
-- Modify "pair" composite type
ALTER TYPE "pair" ADD ATTRIBUTE z integer;
-- Modify "typed" table
ALTER TABLE "typed" ADD COLUMN "z" integer;
-- Modify "typed" table
ALTER TABLE "typed" DROP COLUMN "y";
-- Modify "typed" table
ALTER TABLE "typed" OF pair;'
}

@test "a view of a function's rows: its columns go by their names, whatever their order" {
	local f='CREATE FUNCTION rows() RETURNS SETOF main LANGUAGE sql STABLE AS $$ SELECT * FROM public.main $$;' v
	v="$f CREATE VIEW v AS SELECT id, t FROM rows() WHERE t <> 'x) rows(t, id)'; CREATE MATERIALIZED VIEW m AS SELECT \"Odd (x)\" FROM rows() WITH ORDINALITY"
	made "CREATE TABLE main (id int, t text, n int, \"Odd (x)\" text); $v" "CREATE TABLE main (t text, gone text, \"Odd (x)\" text, id int); $f"
	writes 0 ''
	db "$have" -1 -f "$out/1.sql"
	db "$have" -c "INSERT INTO main (id, t) VALUES (7, 'seven')"
	[ "$(db "$have" -c 'SELECT * FROM v')" = '7|seven' ]
	# The same text, and another column: that is no green.
	made "CREATE TABLE main (id text, t text); $f CREATE VIEW v AS SELECT t FROM rows()" \
		"CREATE TABLE main (t text, id text); $f CREATE VIEW v AS SELECT t FROM rows() rows(id, t)"
	writes 0 ''
	grep -q '^CREATE OR REPLACE VIEW "v"' "$out/1.sql"
	# Names that stand for places.
	made "CREATE TABLE main (id text, t text); $f CREATE VIEW v AS SELECT b FROM rows() r(a, b)" \
		"CREATE TABLE main (t text, id text); $f CREATE VIEW v AS SELECT b FROM rows() r(a, b)"
	writes 1 "view v: is another in the models than in the migrations; it names the columns of a function's rows by their places, and the table has them in another order; fix: in the models, leave those names out: FROM f() AS f"
}

# way WHAT WANT HAVE ROWS QUERY GIVES [SAID]: it is written, applies to a database
# with these rows, and they are what they were.
way() {
	made "$2" "$3"
	writes 0 '' "${7-}" || { echo "== $1"; return 1; }
	db "$have" -c "$4" >/dev/null
	applied >"$BATS_TEST_TMPDIR/differs" && same <(printf '%s\n' "$6") <(db "$have" -c "$5") ||
		{ echo "== $1"; cat "$BATS_TEST_TMPDIR/differs" "$out"/*.sql; return 1; }
}

@test "changes that no plain ALTER makes, each alone: written, and the rows stay" {
	local e='CREATE TYPE mood AS ENUM (%s); CREATE TABLE t (m mood)' a b c
	# shellcheck disable=SC2059
	a=$(printf "$e" "'fine', 'bad'") b=$(printf "$e" "'good', 'bad'") c=$(printf "$e" "'fine', 'so so', 'bad'")
	RENAME='mood.fine=good' way "an enum's value renamed" "$b" "$a" "INSERT INTO t VALUES ('fine')" 'SELECT * FROM t' good
	way "an enum's value removed" "$a" "$c" "INSERT INTO t VALUES ('bad')" 'SELECT * FROM t' bad "the value 'so so' goes"
	way "an enum's value in the middle" "$c" "$a" "INSERT INTO t VALUES ('fine')" "SELECT m < 'so so' FROM t" t
	way 'serial to identity' 'CREATE TABLE t (id int GENERATED BY DEFAULT AS IDENTITY)' 'CREATE TABLE t (id serial)' \
		'INSERT INTO t DEFAULT VALUES; INSERT INTO t DEFAULT VALUES' 'INSERT INTO t DEFAULT VALUES RETURNING id' 3
	way 'identity to serial' 'CREATE TABLE t (id serial)' 'CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY)' \
		'INSERT INTO t DEFAULT VALUES; INSERT INTO t DEFAULT VALUES' 'INSERT INTO t DEFAULT VALUES RETURNING id' 3
	way "a generated column's expression" 'CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a * 3) STORED, c int)' \
		'CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a * 2) STORED, c int)' 'INSERT INTO t VALUES (1, DEFAULT, 5)' 'SELECT a, b, c FROM t' '1|3|5'
	way 'DEFAULT NULL comes' 'CREATE TABLE t (a int DEFAULT NULL, b text DEFAULT NULL)' "CREATE TABLE t (a int DEFAULT 1, b text DEFAULT 'x')" \
		'INSERT INTO t DEFAULT VALUES' 'INSERT INTO t DEFAULT VALUES; SELECT * FROM t' $'1|x\n|'
	way 'DEFAULT NULL, new' 'CREATE TABLE t (a int DEFAULT NULL, n timestamptz DEFAULT NULL)' 'CREATE TABLE t (a int)' \
		'INSERT INTO t VALUES (1)' 'SELECT * FROM t' '1|'
	way 'a new value of an enum, and the default' "CREATE TYPE mood AS ENUM ('a', 'b'); CREATE TABLE t (m mood DEFAULT 'b')" \
		"CREATE TYPE mood AS ENUM ('a'); CREATE TABLE t (m mood DEFAULT 'a')" 'INSERT INTO t DEFAULT VALUES' 'INSERT INTO t DEFAULT VALUES; SELECT * FROM t' $'a\nb'
	way "a column's type under views" 'CREATE TABLE t (id bigint, n numeric); CREATE VIEW v AS SELECT id, n FROM t; CREATE VIEW w AS SELECT id FROM v; CREATE MATERIALIZED VIEW m AS SELECT n FROM w, t' \
		'CREATE TABLE t (id int, n text); CREATE VIEW v AS SELECT id, n FROM t; CREATE VIEW w AS SELECT id FROM v; CREATE MATERIALIZED VIEW m AS SELECT n FROM w, t' \
		"INSERT INTO t VALUES (1, '2.5')" 'SELECT id, n FROM v' '1|2.5'
	way 'NOT NULL of what others inherit' 'CREATE TABLE p (a int, b text NOT NULL); CREATE TABLE c () INHERITS (p)' \
		'CREATE TABLE p (a int, b text); CREATE TABLE c () INHERITS (p)' "INSERT INTO c VALUES (1, 'x')" 'SELECT * FROM p' '1|x'
	file 1 '-- Modify "p" table
ALTER TABLE "p" ALTER COLUMN "b" SET NOT NULL;'
	way 'foreign keys in a circle' 'CREATE TABLE a (id int PRIMARY KEY, b int); CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a); ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b' \
		'CREATE TABLE a (id int PRIMARY KEY)' 'INSERT INTO a VALUES (1)' 'SELECT id FROM a' 1
	schemas='app billing' way 'foreign keys in a circle, and one into a second schema' \
		'CREATE SCHEMA app; CREATE SCHEMA billing; CREATE TABLE billing.c (id int PRIMARY KEY); CREATE TABLE app.a (id int PRIMARY KEY, b int, c int REFERENCES billing.c);
		CREATE TABLE app.b (id int PRIMARY KEY, a int REFERENCES app.a); ALTER TABLE app.a ADD FOREIGN KEY (b) REFERENCES app.b; ALTER TABLE billing.c ADD a int REFERENCES app.a' \
		'' 'SELECT 1' 'SELECT count(*) FROM app.a' 0
}

@test "what counts up goes on where the rows are" {
	made 'CREATE TABLE t (id int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY); CREATE SEQUENCE s; CREATE TABLE u (id int);
		ALTER SEQUENCE s OWNED BY u.id' \
		'CREATE TABLE t (id serial PRIMARY KEY); CREATE SEQUENCE s; CREATE TABLE u (id int)'
	writes 0 ''
	db "$have" -c 'INSERT INTO t VALUES (DEFAULT), (DEFAULT)' -c "SELECT setval('s', 70)" >/dev/null
	db "$have" -1 -f "$out/1.sql" >/dev/null
	[ "$(db "$have" -c 'INSERT INTO t VALUES (DEFAULT) RETURNING id' -c "SELECT nextval('s')")" = "3
71" ]
}

@test "what counts up by steps of its own: only rows on its way move it" {
	made 'CREATE TABLE t (id int GENERATED BY DEFAULT AS IDENTITY (START 100 MINVALUE 50), down int GENERATED BY DEFAULT AS IDENTITY (INCREMENT -1));
		CREATE TABLE e (id int GENERATED BY DEFAULT AS IDENTITY (START 100 MINVALUE 50))' \
		'CREATE TABLE t (id serial, down serial); CREATE TABLE e (id serial)'
	writes 0 ''
	grep -Fqx -- '-- Modify "t" table' "$out/1.sql"
	db "$have" -c 'INSERT INTO t VALUES (3, 3), (120, -7)'
	db "$have" -1 -f "$out/1.sql" >/dev/null
	[ "$(db "$have" -c 'INSERT INTO t DEFAULT VALUES RETURNING id, down' -c 'INSERT INTO e DEFAULT VALUES RETURNING id')" = '121|-8
100' ]
}

@test "a domain's checks, where columns are arrays of it" {
	made "CREATE DOMAIN d AS int CHECK (VALUE > 0); CREATE FUNCTION ok(int) RETURNS bool IMMUTABLE LANGUAGE sql RETURN \$1 > 3;
		CREATE DOMAIN f AS int CHECK (ok(VALUE)); CREATE TABLE t (a d, b d[], c f[])" ''
	writes 0 ''
	applied
	made "CREATE DOMAIN d AS int CHECK (VALUE > 1) CONSTRAINT less CHECK (VALUE < 9); CREATE TABLE t (a d, b d[] DEFAULT '{2}')" \
		"CREATE DOMAIN d AS int CHECK (VALUE > 0); CREATE TABLE t (a d, b d[] DEFAULT '{2}')"
	writes 0 ''
	db "$have" -c "INSERT INTO t VALUES (2, '{2,3}')"
	db "$have" -1 -f "$out/1.sql"
	[ "$(db "$have" -c 'SELECT * FROM t')" = '2|{2,3}' ]
}

@test "inheritance: the order of parents is none of ours; what begins to inherit is told, with the steps" {
	made 'CREATE TABLE p (a int); CREATE TABLE q (b int); CREATE TABLE c (n int) INHERITS (q, p)' \
		'CREATE TABLE p (a int); CREATE TABLE q (b int); CREATE TABLE c () INHERITS (p, q)'
	writes 0 ''
	file 1 '-- Modify "c" table
ALTER TABLE "c" ADD COLUMN "n" integer NULL;'
	made 'CREATE TABLE p (a int); CREATE TABLE c () INHERITS (p)' 'CREATE TABLE p (a int); CREATE TABLE c (a int)'
	writes 1 'column kept c.a: is in the migrations, and not in the models; a table that was there keeps its columns for its own, and needs all of its parent'"'s, with their CHECKs, before it can inherit; fix: make new-migration: rename it, create it anew with INHERITS, copy its rows with INSERT, drop the old one"
}

@test "a kind that lint.levels switches off is nothing to do, and fails no proof" {
	made 'CREATE TABLE t (a int) PARTITION BY RANGE (a)' 'CREATE TABLE t (a int)'
	levels='diff-table=error diff-table=off' writes 0 ''
	[ -z "$(ls "$out")" ]
	made 'CREATE TABLE t (a int) PARTITION BY RANGE (a); CREATE VIEW v AS SELECT 1 AS a' 'CREATE TABLE t (a int)'
	levels='diff-table=off' writes 0 ''
	file 1 '-- Create "v" view
CREATE VIEW "v" AS
 SELECT 1 AS a;'
	# Nor is it written with others.
	made "CREATE TABLE t (a int, b int); COMMENT ON TABLE t IS 'new'; ALTER TABLE t SET (fillfactor = 70); CREATE TABLE n (a int); COMMENT ON TABLE n IS 'n';
		CREATE VIEW v AS SELECT 2 AS a; CREATE INDEX other ON t (a)" \
		"CREATE TABLE t (a int); COMMENT ON TABLE t IS 'old'; CREATE VIEW v AS SELECT 1 AS a; CREATE VIEW gone AS SELECT 1 AS a; CREATE INDEX i ON t (a);
		CREATE SEQUENCE s"
	levels='diff-comment=off diff-storage=off diff-view=off diff-name=off diff-sequence=off' writes 0 ''
	file 1 "-- Create \"n\" table
CREATE TABLE \"n\" (\"a\" integer NULL);
-- Set comment to table: \"n\"
COMMENT ON TABLE \"n\" IS 'n';
-- Modify \"t\" table
ALTER TABLE \"t\" ADD COLUMN \"b\" integer;"
	# But for what these stand on.
	made 'CREATE FUNCTION f() RETURNS int LANGUAGE sql IMMUTABLE RETURN 1; CREATE FUNCTION g() RETURNS int LANGUAGE sql RETURN 1; CREATE TYPE k AS ENUM ($$a$$);
		CREATE TABLE t (a int DEFAULT f(), k k); CREATE VIEW v AS SELECT k FROM t' ''
	levels='diff-function=off diff-type=off diff-view=off' writes 0 ''
	file 1 "-- Create enum type \"k\"
CREATE TYPE \"k\" AS ENUM ('a');
-- Create \"f\" function
CREATE FUNCTION \"f\"()
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE
RETURN 1;
-- Create \"t\" table
CREATE TABLE \"t\" (\"a\" integer NULL DEFAULT f(), \"k\" \"k\" NULL);"
}
