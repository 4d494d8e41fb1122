#!/usr/bin/env bats
# engine.bats - the program in scripts/atlas, on a real PostgreSQL: what it
# applies and writes down, splits, compares, lints and refuses.

load helper
load server

setup_file() {
	start_server
	export PORT SERVER SERVER_PID
	# What is tried; another one, when it is to become ours.
	export ENGINE="${ENGINE:-$TOP/.cache/atlas/atlas}"
}
teardown_file() { stop_server; }

setup() {
	scratch
	DB=t$BATS_TEST_NUMBER
	in_server "CREATE DATABASE $DB"
	in_server "CREATE DATABASE dev_$DB"
	# The addresses are the defaults of --url and --dev-url.
	export DATABASE_URL="postgres://dev:s%40cret@127.0.0.1:$PORT/$DB?sslmode=disable"
	export DEV_URL="postgres://dev:s%40cret@127.0.0.1:$PORT/dev_$DB?sslmode=disable&search_path=public"
	mkdir m
}

engine() { "$ENGINE" "$@"; }
db() { PGPASSWORD=s@cret psql -XqAt -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$PORT" -U dev -d "$DB" "$@"; }
# file NAME TEXT: a migration; printf's escapes count. The sum follows.
file() {
	printf -- "$2" >"m/$1.sql"
	engine migrate hash --dir file://m
}
apply() { engine migrate apply --dir file://m "$@"; }
rows() { db -c "SELECT version, type, applied, total, coalesce(error, '') <> '', partial_hashes::text FROM atlas_schema_revisions.atlas_schema_revisions ORDER BY 1"; }

@test "what it is called, and how; an unknown word is no success" {
	engine version | grep -Eqx 'atlas engine version v[0-9]+\.[0-9]+\.[0-9]+'
	engine help | grep -q '^usage: atlas version$'
	check 2 -p '^Error: no such command' -- engine
	for word in 'schema clean' 'schema inspect' 'migrate diff'; do
		# shellcheck disable=SC2086 # two words
		check 2 -p '^Error: no such command' -- engine $word
	done
	check 2 -p 'flag provided but not defined: -nope' -- engine migrate apply --nope
	check 2 -p 'too many arguments' -- apply 1 2
	check 2 -p 'not a number of migrations: "0"' -- apply 0
}

@test "schema run: SQL of ours, as one transaction, and its rows" {
	echo "CREATE TABLE a (id int); INSERT INTO a VALUES (1), (2); SELECT id, id + 1 FROM a" >q
	check 0 -i q -O <(printf '1\t2\n2\t3\n') -- engine schema run --url env:DATABASE_URL
	echo "DROP TABLE a; SELECT nope" >q
	check 1 -i q -e 'Error: column "nope" does not exist (42703)' -- engine schema run --url env:DATABASE_URL
	[ "$(db -c 'SELECT count(*) FROM a')" = 2 ]
	check 2 -p 'connect' -- engine schema run --url 'postgres://dev:s%40cret@127.0.0.1:1/x?connect_timeout=1'
	run ! grep -q 's@cret\|s%40cret' "$BATS_TEST_TMPDIR/err"
}

@test "--then: SQL of the caller's on the same connection, when all went well" {
	file 1_a 'CREATE TABLE a (id int);\n'
	echo "SELECT 'then', current_setting('x.y', true), count(*) FROM pg_class WHERE relname = 'a'" >q
	check 0 -o 'no
then		0' -- engine migrate status --dir file://m --format 'no{{ "\n" }}' --then q
	file 1_a "CREATE TABLE a (id int);\nSET x.y = 'same';\n"
	check 0 -o 'yes
then	same	1' -- apply --format 'yes{{ "\n" }}' --then q
	check 0 -o 'yes
then		1' -- apply --format 'yes{{ "\n" }}' --then q
	file 2_b 'SELECT nope;\n'
	check 1 -o 'yes' -- apply --format 'yes{{ "\n" }}' --then q
	echo 'SELECT nope' >q
	check 1 -o 'PENDING: at 1, next 2, 1 pending' -p 'column "nope" does not exist' -- engine migrate status --dir file://m --then q
	check 2 -o 'PENDING: at 1, next 2, 1 pending' -p 'no such file' -- engine migrate status --dir file://m --then nowhere
}

@test "apply: a file, its row; then nothing; a limit; what failed is rolled back" {
	file 1_a 'CREATE TABLE a (id int);\nCREATE TABLE b (id int);\n'
	file 2_b 'CREATE TABLE c (id int);\n'
	check 0 -o 'applied 1_a.sql (2 statements)
Migrated to version 1 from  (1 migrations in total)' -- apply 1
	check 0 -o 'applied 2_b.sql (1 statements)
Migrated to version 2 from 1 (1 migrations in total)' -- apply
	check 0 -o 'No migration files to execute' -- apply
	[ "$(rows)" = '1|2|2|2|f|null
2|2|1|1|f|null' ]
	file 3_c 'CREATE TABLE d (id int);\nSELECT 1/0;\n'
	# With a format the report tells it all, and stderr nothing.
	check 1 -o "3_c.sql SELECT 1/0; division by zero (22012)" -- \
		apply --format '{{ range .Applied }}{{ .Name }} {{ .Error.Stmt }} {{ .Error.Text }}{{ "\n" }}{{ end }}'
	check 1 -e 'Error: sql/migrate: executing statement "SELECT 1/0;" from version "3": division by zero (22012)' -- apply
	[ "$(rows | wc -l)" -eq 2 ]
	[ "$(db -c "SELECT to_regclass('d') IS NULL")" = t ]
	# A deferred constraint fails at the end: then, too, nothing is left.
	file 3_c 'CREATE TABLE p (id int PRIMARY KEY);\nCREATE TABLE q (p int REFERENCES p DEFERRABLE INITIALLY DEFERRED);\nINSERT INTO q VALUES (7);\n'
	check 1 -p 'violates foreign key constraint' -- apply
	[ "$(rows | wc -l)" -eq 2 ]
	[ "$(db -c "SELECT to_regclass('p') IS NULL")" = t ]
}

@test "a directory that does not match its atlas.sum: 1, and where" {
	file 1_a 'SELECT 1;\n'
	echo '-- more' >>m/1_a.sql
	check 1 -e 'Error: m: checksum mismatch (atlas.sum): L2: 1_a.sql was edited' -- apply
	check 1 -p 'L2: 1_a.sql was edited' -- engine migrate validate --dir file://m
	engine migrate hash --dir file://m
	check 0 -- engine migrate validate --dir file://m
	check 0 -O m/atlas.sum -- mhash m
}

@test "outside a transaction: what is done stays, is written down, and the rest goes on" {
	file 1_a '-- atlas:txmode none\n\nCREATE TABLE a (id int);\nCREATE INDEX CONCURRENTLY i ON a (id);\nSELECT 1/0;\n'
	check 1 -p 'division by zero' -- apply
	[[ $(rows) == '1|2|2|3|t|['* ]]
	engine migrate status --dir file://m | grep -Fqx 'PENDING: at No migration applied yet, next 1, 1 pending, 2 of 3 statements'
	# A statement that was applied already must be the same.
	file 1_a '-- atlas:txmode none\n\nCREATE TABLE a (id bigint);\nCREATE INDEX CONCURRENTLY i ON a (id);\nSELECT 1;\n'
	was=$(rows)
	check 1 -p 'history changed: statement 1' -- apply
	[ "$(rows)" = "$was" ]
	[ "$(db -c "SELECT hash = '$(sed -n 's/^1_a.sql h1://p' m/atlas.sum)' FROM atlas_schema_revisions.atlas_schema_revisions")" = f ]
	file 1_a '-- atlas:txmode none\n\nCREATE TABLE a (id int);\nCREATE INDEX CONCURRENTLY i ON a (id);\nSELECT 1;\n'
	check 0 -p . -o 'applied 1_a.sql (1 statements)
Migrated to version 1 from 1 (1 migrations in total)' -- sh -c "'$ENGINE' migrate apply --dir file://m; echo . >&2"
	[ "$(rows)" = '1|2|3|3|f|null' ]
}

@test "a file that stopped, mended to another number of statements, is applied as it is now" {
	file 1_a '-- atlas:txmode none\n\nCREATE TABLE a (id int);\nCREATE TABLE b (id int);\nSELECT 1/0;\n'
	check 1 -p 'division by zero' -- apply
	file 1_a '-- atlas:txmode none\n\nCREATE TABLE a (id int);\nCREATE TABLE b (id int);\nCREATE TABLE c (id int);\nCREATE TABLE d (id int);\n'
	apply >/dev/null
	[ "$(rows)" = '1|2|4|4|f|null' ]
	[ "$(db -c "SELECT hash = '$(sed -n 's/^1_a.sql h1://p' m/atlas.sum)' FROM atlas_schema_revisions.atlas_schema_revisions")" = t ]
	# Fewer than are applied cannot be what was applied.
	file 2_b '-- atlas:txmode none\n\nCREATE TABLE e (id int);\nCREATE TABLE f (id int);\nSELECT 1/0;\n'
	check 1 -p 'division by zero' -- apply
	file 2_b '-- atlas:txmode none\n\nCREATE TABLE e (id int);\n'
	check 2 -p 'revision 2: 2 statements were applied, 2 are known by their hashes, and the file has 1: it was changed' -- apply
}

@test "a row that others wedged (applied 4 of 3) counts as applied" {
	file 1_a '-- atlas:txmode none\n\nSELECT 1;\nSELECT 2;\nSELECT 3;\nSELECT 4;\n'
	apply >/dev/null
	db -c "UPDATE atlas_schema_revisions.atlas_schema_revisions SET total = 3"
	file 2_b 'CREATE TABLE b (id int);\n'
	engine migrate status --dir file://m | grep -Fqx 'PENDING: at 1, next 2, 1 pending'
	apply >/dev/null
	check 0 -o 'No migration files to execute' -- apply
}

@test "COMMIT in a file with a transaction is refused before anything runs, with its line" {
	for word in 'COMMIT;' 'commit work;' 'END;' 'ROLLBACK;' 'ABORT;' "PREPARE TRANSACTION 'x';" 'COMMIT /* now */;' 'end/**/work;' 'ROLLBACK AND CHAIN;'; do
		file 1_a "CREATE TABLE a (id int);\n\n$word\nCREATE TABLE b (id int);\n"
		check 1 -p "^Error: 1_a.sql:3: \"${word//\*/\\*}\" would end the file's transaction: take it out, or begin the file with the line '-- atlas:txmode none' and an empty one\$" -- apply
	done
	# Among several that a delimiter holds together.
	file 1_a '-- atlas:delimiter \\n\\n\n\nCREATE TABLE a (id int);\n\nSELECT 1; COMMIT; SELECT 2;\n'
	check 1 -p "^Error: 1_a.sql:5: \"SELECT 1; COMMIT; SELECT 2;\" would end the file's transaction" -- apply
	[ "$(db -c "SELECT to_regclass('a') IS NULL")" = t ]
	# What does not end it is not meant.
	file 1_a "CREATE TABLE a (id int);\nSAVEPOINT s;\nROLLBACK TO SAVEPOINT s;\nROLLBACK WORK TO s;\nROLLBACK /* only */ TO s;\nRELEASE s;\nDO \$\$ BEGIN NULL; END \$\$;\n"
	apply >/dev/null
}

@test "a file's own transaction, outside ours" {
	file 1_a '-- atlas:txmode none\n\nBEGIN;\nCREATE TABLE a (id int);\nCOMMIT;\nCREATE TABLE b (id int);\n'
	apply >/dev/null
	[ "$(rows)" = '1|2|4|4|f|null' ]
	# It fails: the row says what the database has.
	file 2_b '-- atlas:txmode none\n\nCREATE TABLE c (id int);\nBEGIN;\nCREATE TABLE d (id int);\nSELECT 1/0;\nCOMMIT;\n'
	check 1 -p 'division by zero' -- apply
	[[ $(rows | tail -n 1) == '2|2|1|5|'* ]]
	[ "$(db -c "SELECT to_regclass('c') IS NOT NULL AND to_regclass('d') IS NULL")" = t ]
	file 2_b '-- atlas:txmode none\n\nCREATE TABLE c (id int);\nBEGIN;\nCREATE TABLE d (id int);\nSELECT 1;\nCOMMIT;\n'
	apply >/dev/null
	[ "$(db -c "SELECT to_regclass('d') IS NOT NULL")" = t ]
	# It is left open.
	file 3_c '-- atlas:txmode none\n\nBEGIN;\nCREATE TABLE e (id int);\n'
	check 2 -p '3_c.sql: its own transaction is not ended, and was rolled back: COMMIT is missing' -- apply
	[ "$(db -c "SELECT to_regclass('e') IS NULL")" = t ]
}

@test "txmode that cannot be; psql's commands; COPY from stdin: refused with the line" {
	file 1_a '-- atlas:txmode all\n\nSELECT 1;\n'
	check 1 -e 'Error: 1_a.sql: txmode all is not allowed in a file: it is none or file' -- apply
	file 1_a 'SELECT 1;\n\\connect other\n'
	check 1 -e 'Error: scanning statements from "1_a.sql": 2:1: a command of psql, which the server does not know' -- apply
	file 1_a 'SELECT 1;\nCOPY a FROM stdin;\n1\n\\.\n'
	check 1 -e 'Error: scanning statements from "1_a.sql": 2:1: COPY FROM stdin needs psql: write INSERT' -- apply
	file 1_a "SELECT 'x;\n"
	check 1 -e "Error: scanning statements from \"1_a.sql\": 1:8: unclosed quote '\\''" -- apply
	file 1_a "COMMENT ON TABLE a IS 'copy a from stdin';\nSELECT '\\0';\n"
	check 1 -e 'Error: scanning statements from "1_a.sql": 2:9: a byte of value 0, which PostgreSQL does not take' -- apply
}

@test "statements are cut as PostgreSQL reads them, and counted as the library does" {
	# cut N TEXT: a file of N statements.
	cut() {
		db -c 'DROP SCHEMA IF EXISTS atlas_schema_revisions CASCADE' 2>/dev/null
		file 1_a "$2"
		apply --allow-dirty --format '{{ range .Applied }}{{ len .Applied }}{{ range .Applied }} [{{ . }}]{{ end }}{{ end }}' >got 2>&1 || { cat got; return 1; }
		[ "$(sed 's/ .*//;1q' got)" = "$1" ] || { cat got; return 1; }
	}
	cut 2 "SELECT E'it\\\\'s;', 'C:\\\\';\nSELECT 2;\n"
	cut 2 "SELECT E'a\\\\'' -- and\n '\\\\';' AS a;\nSELECT 2;\n"
	cut 2 'SELECT 1; -- the line ends\rSELECT 2;\n'
	cut 2 "CREATE OR REPLACE FUNCTION f(begin int) RETURNS int LANGUAGE sql AS 'SELECT 1; SELECT 2';\nSELECT 2;\n"
	cut 2 'SELECT 1 /* a /* b; */ ; */;\nSELECT 2;\n'
	cut 2 "SELECT 1 AS \"a;b\", '\`' AS q;\nSELECT 2;\n"
	cut 2 'SELECT 1 AS a$b$c;\nSELECT 2 AS d$b$e;\n'
	cut 2 'CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS $x$ SELECT 1; SELECT 2; $x$;\nSELECT $$a;b$$;\n'
	cut 2 "SELECT '{\"a\": 1}'::jsonb #>> '{a}';\nSELECT 2;\n"
	cut 1 'SELECT 1;\n-- a last line\n'
	# As the library counts: a comment that nothing ends, and a block of BEGIN ... END.
	cut 2 "SELECT 1;\n-- it's the last line"
	cut 1 '-- atlas:txmode none\n\nBEGIN TRANSACTION;\nSELECT 1;\nEND;\n'
	cut 2 '-- atlas:delimiter \\n\\n\nSELECT 1; SELECT 2;\n\nSELECT 3;\n'
	[ "${PG_MAJOR:-15}" -lt 14 ] ||
		cut 2 'CREATE /* or */ OR REPLACE FUNCTION g() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END AS end; SELECT 2; END;\nSELECT 3;\n'
	printf '\357\273\277SELECT 1;\r\nSELECT 2;\r\n' >m/1_a.sql
	db -c 'DROP SCHEMA atlas_schema_revisions CASCADE'
	engine migrate hash --dir file://m
	apply --allow-dirty | grep -Fqx 'applied 1_a.sql (2 statements)'
}

@test "an error of 40,000 bytes comes through, and what was set stays for the next file" {
	file 1_a "DO \$\$ BEGIN RAISE EXCEPTION '%%', repeat('x', 40000); END \$\$;\n"
	check 1 -p 'xxxxx \(P0001\)$' -- timeout 20 "$ENGINE" migrate apply --dir file://m
	file 1_a 'CREATE SCHEMA s;\nSET search_path = s;\n'
	file 2_b 'CREATE TABLE here (id int);\n'
	apply >/dev/null
	[ "$(db -c "SELECT to_regclass('s.here') IS NOT NULL")" = t ]
}

@test "a signal cancels the statement in the server; what was done before is written down" {
	file 1_a 'CREATE TABLE a (id int);\nSELECT pg_sleep(60);\n'
	file 2_b '-- atlas:txmode none\n\nCREATE TABLE b (id int);\nSELECT pg_sleep(60);\n'
	for n in 1 2; do
		"$ENGINE" migrate apply --dir file://m --allow-dirty >said 2>&1 3>&- &
		pid=$!
		until [ "$(db -c "SELECT count(*) FROM pg_stat_activity WHERE datname = '$DB' AND query LIKE 'SELECT pg_sleep(60)%' AND state = 'active'")" = 1 ]; do sleep 0.1; done
		kill -TERM "$pid"
		rc=0
		wait "$pid" || rc=$?
		[ "$rc" -eq 2 ]
		grep -q 'canceling statement due to user request' said
		[ "$(db -c "SELECT count(*) FROM pg_stat_activity WHERE datname = '$DB' AND query LIKE 'SELECT pg_sleep(60)%' AND state = 'active'")" = 0 ]
		if [ "$n" -eq 1 ]; then
			[ "$(db -c "SELECT to_regclass('a') IS NULL")" = t ]
			[ -z "$(rows)" ]
			file 1_a 'CREATE TABLE a (id int);\n'
		else
			[[ $(rows | tail -n 1) == '2|2|1|2|t|['* ]]
		fi
	done
}

@test "one at a time, by the lock that the vendor's command takes" {
	file 1_a 'SELECT 1;\n'
	PGPASSWORD=s@cret psql -XqAt -h 127.0.0.1 -p "$PORT" -U dev -d "$DB" \
		-c 'SELECT pg_advisory_lock(2686470616); SELECT pg_sleep(3)' >/dev/null 3>&- &
	until [ "$(db -c "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = '$DB')")" = 1 ]; do sleep 0.05; done
	check 2 -p '^Error: acquiring database lock' -- apply --lock-timeout 200ms
	check 0 -o 'applied 1_a.sql (1 statements)
Migrated to version 1 from  (1 migrations in total)' -- apply --lock-timeout 20s
	wait
}

@test "history: baseline, out of order, a checkpoint, a database that was never managed" {
	db -c 'CREATE TABLE mine (id int)'
	file 1_a 'CREATE TABLE a (id int);\n'
	file 3_c 'CREATE TABLE c (id int);\n'
	check 2 -p 'is not clean.*baseline version or allow-dirty is required' -- apply
	apply --baseline 1 >/dev/null
	[ "$(rows)" = '1|1|0|0|f|null
3|2|1|1|f|null' ]
	file 2_b 'CREATE TABLE b (id int);\n'
	check 1 -p 'migration file 2_b.sql was added out of order' -- apply
	[ "$(engine migrate status --dir file://m --format '{{ .Status }} {{ len .OutOfOrder }} {{ len .Pending }} {{ .Current }}')" = 'PENDING 1 0 3' ]
	check 0 -o 'applied 2_b.sql (1 statements)
Migrated to version 2 from 3 (1 migrations in total)' -- apply --exec-order non-linear
	DB=dev_$DB
	DATABASE_URL=$DEV_URL
	file 4_all '-- atlas:checkpoint\n\nCREATE TABLE a (id int);\nCREATE TABLE b (id int);\nCREATE TABLE c (id int);\n'
	file 5_e 'CREATE TABLE e (id int);\n'
	apply >/dev/null
	[ "$(db -c "SELECT string_agg(version, ' ' ORDER BY version) FROM atlas_schema_revisions.atlas_schema_revisions")" = '4 5' ]
}

@test "a first run that is refused leaves nothing; tables count that the user has no right on" {
	in_server 'CREATE ROLE newcomer LOGIN PASSWORD $$x$$'
	in_server "GRANT CREATE ON DATABASE $DB TO newcomer"
	db -c 'GRANT ALL ON SCHEMA public TO newcomer; CREATE TABLE mine (id int); REVOKE ALL ON mine FROM PUBLIC'
	file 1_a 'CREATE TABLE a (id int);\n'
	DATABASE_URL="postgres://newcomer:x@127.0.0.1:$PORT/$DB?sslmode=disable"
	check 2 -e 'Error: sql/migrate: connected database is not clean: found table "mine" in schema "public". baseline version or allow-dirty is required' -- apply
	DATABASE_URL="$DATABASE_URL&search_path=public"
	check 2 -p 'found table "mine" in schema "public"' -- apply
	check 2 -e 'Error: baseline version "7" not found' -- apply --baseline 7
	file 1_b 'CREATE TABLE b (id int);\n'
	check 1 -p 'have the same version, 1' -- apply --allow-dirty
	rm m/1_b.sql && engine migrate hash --dir file://m
	nothing() { [ "$(db -c "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'atlas%' OR nspname = 'app'")" = 0 ]; }
	nothing
	# An empty record is none; another schema has no part in it, nor has one without tables.
	db -c 'CREATE SCHEMA app AUTHORIZATION newcomer'
	DATABASE_URL="${DATABASE_URL%public}app"
	apply --revisions-schema app >/dev/null
	db -c 'DELETE FROM app.atlas_schema_revisions; DROP TABLE app.a; CREATE TABLE app.theirs (id int)'
	check 2 -p 'found table "theirs" in schema "app"' -- apply --revisions-schema app
	check 2 -p 'found table "theirs" in schema "app"' -- engine migrate status --dir file://m --revisions-schema app
	db -c 'DROP TABLE app.theirs, mine'
	DATABASE_URL="${DATABASE_URL%&*}"
	apply --revisions-schema app >/dev/null
	db -c 'DROP OWNED BY newcomer'
	in_server 'DROP ROLE newcomer'
}

@test "two databases compared: names without the one schema, or with; indexes concurrently" {
	db -c 'CREATE TABLE a (id int NOT NULL)'
	PGPASSWORD=s@cret psql -Xq -h 127.0.0.1 -p "$PORT" -U dev -d "dev_$DB" -c 'CREATE TABLE a (id int NOT NULL, CHECK (id > 0)); CREATE INDEX i ON a (id)'
	export ONE="$DATABASE_URL&search_path=public" TWO="$DEV_URL"
	check 0 -o '-- Modify "a" table
ALTER TABLE "a" ADD CONSTRAINT "a_id_check" CHECK (id > 0);
-- Create index "i" to table: "a"
CREATE INDEX "i" ON "a" ("id");' -- engine schema diff --from env:ONE --to env:TWO
	check 0 -o '-- Drop index "i" from table: "a"
DROP INDEX CONCURRENTLY "i";
-- Modify "a" table
ALTER TABLE "a" DROP CONSTRAINT "a_id_check";' -- engine schema diff --from env:TWO --to env:ONE --concurrent-index create,drop
	export ALL="${DEV_URL%&*}"
	check 0 -o 'ALTER TABLE "public"."a" ADD CONSTRAINT "a_id_check" CHECK (id > 0);' -- \
		sh -c "'$ENGINE' schema diff --from env:DATABASE_URL --to env:ALL --schema public | grep CHECK"
	check 0 -o 'Schemas are synced, no changes to be made.' -- engine schema diff --from env:ONE --to env:ONE
	check 2 -p 'one side is limited to a schema' -- engine schema diff --from env:ONE --to env:ALL
	check 2 -p 'create or drop, not "x"' -- engine schema diff --from env:ONE --to env:TWO --concurrent-index x
}

@test "lint: the library's analysers, silenced by a comment; what cannot be compared does not end it" {
	file 1_a 'CREATE TABLE a (id int NOT NULL, s text);\nCREATE TABLE b (id int);\n'
	file 2_b 'ALTER TABLE a DROP COLUMN s;\n-- atlas:nolint DS102\nDROP TABLE b;\n'
	lint() { engine migrate lint --dir file://m --latest 1 --format '{{ range .Files }}{{ .Name }}{{ with .Error }} {{ . }}{{ end }}{{ "\n" }}{{ range .Reports }}{{ range .Diagnostics }}{{ .Code }} {{ .Pos }}{{ "\n" }}{{ end }}{{ end }}{{ end }}'; }
	check 0 -o '2_b.sql
DS103 0' -- lint
	# Again, for the dev database is left empty.
	check 0 -o '2_b.sql
DS103 0' -- lint
	file 2_b 'CREATE TABLE c (id int GENERATED ALWAYS AS (1) STORED);\nALTER TABLE c DROP COLUMN id, ADD COLUMN id int;\nDROP TABLE b;\n'
	lint | grep -q '^DS102 '
	file 2_b 'ALTER TABLE nope ADD COLUMN x int;\n'
	check 1 -o '2_b.sql executing statement: ALTER TABLE nope ADD COLUMN x int;: relation "nope" does not exist (42P01)' -- lint
	file 2_b 'BEGIN;\nDROP TABLE b;\nCOMMIT;\n'
	lint | grep -q '^DS102 '
	check 2 -p '^Error: --latest is missing' -- engine migrate lint --dir file://m
}

@test "a password is in no message; without a word of it, TLS is asked for" {
	file 1_a 'SELECT 1;\n'
	export DATABASE_URL="postgres://dev:p%4/x@127.0.0.1:$PORT/$DB"
	check 2 -e 'Error: an address is missing or not valid; in user and password, @ is written %40, : %3A, / %2F, ? %3F, # %23, % %25' -- apply
	export DATABASE_URL="postgres://dev:wr0ng%40x@127.0.0.1:$PORT/$DB?sslmode=disable"
	check 2 -p 'password authentication failed for user' -- apply
	run ! grep -F -e 'wr0ng' err
	# A secret that comes from a file has its line end.
	export DATABASE_URL="postgres://dev:s%40cret@127.0.0.1:$PORT/$DB?sslmode=disable"$'\n'
	check 0 -o 'PENDING: at No migration applied yet, next 1, 1 pending' -- engine migrate status --dir file://m
	export DATABASE_URL="postgres://dev:s%40cret@127.0.0.1:$PORT/$DB"
	check 2 -p 'server refused TLS connection' -- apply
	unset DATABASE_URL
	check 2 -p 'an address is missing: give --url or --dev-url, or set DATABASE_URL or DEV_URL' -- apply
	check 2 -e 'Error: NOWHERE is not set in the environment' -- apply --url env:NOWHERE
}

@test "a search_path that a proxy ignores is refused: the tables would be made elsewhere" {
	file 1_a 'CREATE TABLE a (id int);\n'
	db -c 'CREATE SCHEMA app'
	# It drops the setting from what the session begins with, as PgBouncer may be told to.
	cat >ignores.py <<-'END'
		import socket, struct, sys, threading
		sys.path.insert(0, sys.argv[1])
		from proxy import pump, receive
		s = socket.create_server(("127.0.0.1", 0))
		print(s.getsockname()[1], flush=True)
		while True:
		    c = s.accept()[0]
		    body = receive(c, struct.unpack("!I", receive(c, 4))[0] - 4)
		    p = socket.create_connection(("127.0.0.1", int(sys.argv[2])))
		    body = body.replace(b"search_path\0app\0", b"")
		    p.sendall(struct.pack("!I", len(body) + 4) + body)
		    threading.Thread(target=pump, args=(c, p), daemon=True).start()
		    threading.Thread(target=pump, args=(p, c), daemon=True).start()
	END
	python3 ignores.py "$TOP/tests/lambda" "$PORT" >port 3>&- &
	pid=$!
	until [ -s port ]; do sleep 0.05; done
	straight="$DATABASE_URL&search_path=app"
	export DATABASE_URL="${straight/:$PORT/:$(cat port)}"
	check 2 -p "^Error: the session's search_path is \"\\\$user\", public, not app as in the address: .*; fix: ALTER ROLE" -- apply
	[ -z "$(db -c "SELECT relname FROM pg_class WHERE relname IN ('a', 'atlas_schema_revisions')")" ]
	db -c "ALTER ROLE dev IN DATABASE $DB SET search_path = app"
	apply >/dev/null
	kill "$pid"
	[ "$(db -c "SELECT relnamespace::regnamespace FROM pg_class WHERE relname = 'a'")" = app ]
}

@test "outside a transaction, and killed in a long file: the row proves what is in, and the rest goes on" {
	{
		printf -- '-- atlas:txmode none\n\nCREATE TABLE t (id int);\n'
		seq 2 400 | sed 's/.*/INSERT INTO t VALUES (&);/'
		printf 'SELECT pg_sleep(60);\nINSERT INTO t VALUES (402);\n'
	} >m/1_a.sql
	engine migrate hash --dir file://m
	"$ENGINE" migrate apply --dir file://m >said 2>&1 3>&- &
	pid=$!
	until [ "$(db -c "SELECT count(*) FROM pg_stat_activity WHERE datname = '$DB' AND query LIKE 'SELECT pg_sleep(60)%' AND state = 'active'")" = 1 ]; do sleep 0.1; done
	kill -KILL "$pid"
	wait "$pid" || :
	db -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '$DB' AND query LIKE 'SELECT pg_sleep(60)%'" >/dev/null
	[ "$(db -c 'SELECT applied, total, jsonb_array_length(partial_hashes) FROM atlas_schema_revisions.atlas_schema_revisions')" = '400|402|1' ]
	engine migrate status --dir file://m | grep -Fq '400 of 402 statements'
	# One of those that are in is another now.
	sed 's/(77)/(78)/' m/1_a.sql >m/2
	was=$(cat m/1_a.sql)
	mv m/2 m/1_a.sql
	engine migrate hash --dir file://m
	check 1 -p 'history changed: the first 400 statements of 1_a.sql are not those that were applied' -- apply
	printf '%s\n' "$was" | sed 's/pg_sleep(60)/1/' >m/1_a.sql
	engine migrate hash --dir file://m
	check 0 -o 'applied 1_a.sql (2 statements)
Migrated to version 1 from 1 (1 migrations in total)' -- apply
	[ "$(rows)" = '1|2|402|402|f|null' ]
	[ "$(db -c 'SELECT count(*), count(DISTINCT id) FROM t')" = '400|400' ]
	# Where a statement fails the row has every hash: another Atlas can go on.
	{
		printf -- '-- atlas:txmode none\n\n'
		seq 500 900 | sed 's/.*/INSERT INTO t VALUES (&);/'
		echo 'SELECT 1/0;'
	} >m/2_b.sql
	engine migrate hash --dir file://m
	check 1 -p 'division by zero' -- apply
	[ "$(db -c "SELECT applied, jsonb_array_length(partial_hashes) FROM atlas_schema_revisions.atlas_schema_revisions WHERE version = '2'")" = '401|401' ]
}

@test "many statements in one file, and many files: the time grows with their number" {
	{ echo 'CREATE TABLE t (id int);'; seq 4000 | sed 's/.*/INSERT INTO t VALUES (&);/'; } >m/1_a.sql
	for i in $(seq 100 299); do echo "CREATE TABLE t$i (id int);" >"m/2$i.sql"; done
	{ printf -- '-- atlas:txmode none\n\n'; seq 4000 | sed 's/.*/INSERT INTO t VALUES (&);/'; } >m/3_c.sql
	engine migrate hash --dir file://m
	began=$(date +%s)
	apply >/dev/null
	[ $(($(date +%s) - began)) -le 15 ]
	[ "$(db -c 'SELECT count(*) FROM t')" = 8000 ]
	[ "$(rows | wc -l)" -eq 202 ]
}
