#!/usr/bin/env bats
# plan: the SQL that apply would run, with lint beside it.

load helper
load database

setup() { database_setup; }

@test "the pending files, whole, with what lint says; nothing is written" {
	apply
	add 20261201000000_drop "-- it's old
ALTER TABLE users DROP COLUMN name;"
	add 20261202000000_more
	says 1 scripts/plan.sh >../plan
	{
		printf -- '-- %s\n' "$HOST"
		printf '\n-- %s\n' "$M/20261201000000_drop.sql"
		sed '2s/$/  -- ACCESS EXCLUSIVE users/' $M/20261201000000_drop.sql
		printf '\n-- %s\n' "$M/20261202000000_more.sql"
		sed 's/$/  -- no lock/' $M/20261202000000_more.sql
		echo
	} >../want
	head -n "$(wc -l <../want)" ../plan >../head
	same ../want ../head
	grep -q "^-- $M/20261201000000_drop.sql:2:[0-9]*: warning: column name is dropped" ../plan
	# It is SQL, lint and all.
	PGPASSWORD=$PASSWORD psql -X -q -h 127.0.0.1 -p "$PORT" -U us@r -d "$DB" -v ON_ERROR_STOP=1 \
		-c BEGIN -f ../plan -c ROLLBACK
	[ "$(applied | wc -l)" -eq 2 ]
	no_secret
	nothing_left
}

@test "a name with brackets, stars and points is a name to lint" {
	apply
	add '20261201000000_a[b*.$c' 'DROP TABLE addresses;'
	scripts/plan.sh >../got || [ $? -eq 1 ]
	grep -q '^-- .*DS102\|^-- .*drop' ../got
}

@test "an empty database is not touched" {
	says 1 scripts/plan.sh >../plan
	[ "$(grep -c '^CREATE TABLE' ../plan)" -eq 2 ]
	[ "$(in_db "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'atlas%'")" = 0 ]
}

@test "up to date and ahead: nothing to do, exit 0" {
	apply
	check 0 -o "-- $HOST
-- up to date: all 2 applied, nothing to do" -- scripts/plan.sh
	add 20261201000000_more
	apply
	remove 20261201000000_more
	check 0 -o "-- $HOST
-- ahead by 1: all 2 here are applied, nothing to do" -- scripts/plan.sh
}

@test "diverged and never managed: exit 2, and what to do" {
	in_db 'CREATE TABLE mine (id int)'
	check 2 -o "-- $HOST" -e 'plan.sh: never managed, and not empty: say at which version it stands: make plan BASELINE=its version (make drift compares)' \
		-- scripts/plan.sh
	check 0 -o "-- $HOST
-- nothing to do: it stands at the baseline, 20261115100000" -- env ATLAS_MAKE_BASELINE=20261115100000 scripts/plan.sh
	export ATLAS_MAKE_BASELINE=20261115100000
	apply
	unset ATLAS_MAKE_BASELINE
	add 20261116000000_a
	apply
	add 20261115110000_mid
	check 2 -o "-- $HOST" -e 'plan.sh: diverged: the files here and what was applied do not follow one line; make status says which' \
		-- scripts/plan.sh
}

@test "partial: what is left of the file" {
	apply
	add 20261201000000_half '-- atlas:txmode none

CREATE TABLE half (id int);
SELECT 1/0;
SELECT 2;'
	says 1 scripts/apply.sh
	[ "$(says 1 scripts/plan.sh | sed -n '3,5p')" = "-- $M/20261201000000_half.sql: 1 of 3 statements were applied, these are left
SELECT 1/0;  -- fails
SELECT 2;" ]
	no_secret
}

@test "without DATABASE_URL, in a CI run: all of it, as new" {
	unset DATABASE_URL
	export GITHUB_BASE_REF=nowhere
	says 1 scripts/plan.sh >../plan
	[ "$(head -n 1 ../plan)" = '-- the temporary database' ]
	[ "$(grep -c '^CREATE TABLE' ../plan)" -eq 2 ]
	run ! grep 'could not run' ../plan
	nothing_left
}

# notes: a plan's SQL of the file that add made, without the words around it.
notes() {
	says 1 scripts/plan.sh >../plan
	sed -n "/^-- .*$1\$/,/^\$/{/^-- src/d;/^\$/d;p;}" ../plan
}

@test "each statement's lock, rewrite and scan, in a column beside it" {
	apply
	add 20261201000000_all 'ALTER TABLE users ALTER COLUMN name TYPE varchar(3); -- to
ALTER TABLE users
  ADD CONSTRAINT short CHECK (name <> '"''"');
CREATE INDEX users_name
  ON users (name);
CREATE TABLE own (id bigint PRIMARY KEY); ALTER TABLE own ADD COLUMN n integer;
UPDATE users SET name = '"'a
b'"' WHERE id = 1;
DO $$
BEGIN
  TRUNCATE users CASCADE;
END $$;
SELECT count(*) FROM users; /* a word */
INSERT INTO own VALUES (1, 2);'
	notes all.sql >../got
	cat >../want <<-'WANT'
		ALTER TABLE users ALTER COLUMN name TYPE varchar(3); -- to  -- ACCESS EXCLUSIVE users; rewrite
		ALTER TABLE users                                           -- no new lock; scan
		  ADD CONSTRAINT short CHECK (name <> '');
		CREATE INDEX users_name                                     -- no new lock; index build
		  ON users (name);
		CREATE TABLE own (id bigint PRIMARY KEY); ALTER TABLE own ADD COLUMN n integer;  -- no new lock | no new lock
		UPDATE users SET name = 'a
		b' WHERE id = 1;                                            -- ROW EXCLUSIVE users
		DO $$
		BEGIN
		  TRUNCATE users CASCADE;
		END $$;                                                     -- ACCESS EXCLUSIVE addresses; all rows gone
		SELECT count(*) FROM users; /* a word */                    -- no new lock; scan
		INSERT INTO own VALUES (1, 2);                              -- no new lock
	WANT
	same ../want ../got
}

@test "the column: in colour on a terminal, unless NO_COLOR; a file that runs outside a transaction" {
	local tty='import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)'
	apply
	add 20261201000000_none '-- atlas:txmode none

CREATE INDEX CONCURRENTLY n ON users (name);
ALTER TABLE users ALTER COLUMN name TYPE varchar(3);'
	TERM=xterm says 1 python3 -c "$tty" scripts/plan.sh </dev/null | tr -d '\r' >../out
	[ "$(grep -a '^CREATE INDEX' ../out)" = "CREATE INDEX CONCURRENTLY n ON users (name);          $(printf '\033[2m')-- outside a transaction: its locks are not seen$(printf '\033[0m')" ]
	[ "$(grep -a '^ALTER' ../out)" = "ALTER TABLE users ALTER COLUMN name TYPE varchar(3);  $(printf '\033[31m')-- ACCESS EXCLUSIVE users; rewrite$(printf '\033[0m')" ]
	NO_COLOR=1 TERM=xterm says 1 python3 -c "$tty" scripts/plan.sh </dev/null >../out
	run ! grep -a "$(printf '\033')\[[0-9]*m--" ../out
	grep -aq '^ALTER.*;  -- ACCESS EXCLUSIVE users; rewrite' ../out
}

@test "a table whose name ends a line makes no SQL of what is said of it" {
	apply
	in_db 'SELECT 1'
	add 20261201000000_odd 'CREATE TABLE "a
DROP TABLE users; --" (id bigint PRIMARY KEY);'
	apply
	add 20261202000000_lock 'LOCK TABLE "a
DROP TABLE users; --";'
	says 1 scripts/plan.sh >../plan
	grep -q '^DROP TABLE users; --";  -- ACCESS EXCLUSIVE a?DROP TABLE users; --$' ../plan
}
