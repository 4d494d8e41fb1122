#!/usr/bin/env bats
# sqlflat: a schema's files as one text for psql.

load helper

# file NAME: stdin into it, with its directories.
file() {
	mkdir -p "$(dirname "$1")"
	cat >"$1"
}

@test "the text stays what it is, byte for byte" {
	file a.sql <<-'END'
		-- above
		CREATE TABLE a (x text DEFAULT 'a;b', y text DEFAULT E'\'\\!');  CREATE VIEW "v;" AS SELECT 1;

		CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $f$ BEGIN
		\! not a command
		RETURN 1; END $f$; /* \! nor
		\! this /* nested */ */
		CREATE FUNCTION g() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END;
		COPY a (x) FROM stdin;
		\N
		\! data
		\.
		-- below
	END
	check 0 -O a.sql -- sqlflat a.sql
	check 0 -O a.sql -i a.sql -- sqlflat
	check 0 -O a.sql -i a.sql -- sqlflat -n x -
	sed 's/$/\r/' a.sql >crlf.sql
	check 0 -O crlf.sql -- sqlflat crlf.sql
}

@test "-b: statements that psql sends at once" {
	file a.sql <<-'END'
		-- above
		CREATE TABLE a (x text DEFAULT 'a;b'); -- a;
		COMMENT ON TABLE a IS 'x;';ALTER TABLE a ADD y int;
		SET x.y = 'a';
		CREATE TABLE b (); CREATE TABLE c ()
		;
		CREATE INDEX CONCURRENTLY i ON a (x);
		CREATE FUNCTION g() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END;
		COPY a (x) FROM stdin;
		;
		\.
		CREATE VIEW v AS SELECT 1;
	END
	printf 'CREATE VIEW w AS SELECT 1;' >b.sql
	file wanted <<-'END'
		-- above
		CREATE TABLE a (x text DEFAULT 'a;b')\; -- a;
		COMMENT ON TABLE a IS 'x;';ALTER TABLE a ADD y int;
		SET x.y = 'a';
		CREATE TABLE b ()\; CREATE TABLE c ()
		;
		CREATE INDEX CONCURRENTLY i ON a (x);
		CREATE FUNCTION g() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END;
		COPY a (x) FROM stdin;
		;
		\.
		CREATE VIEW v AS SELECT 1\;
		CREATE VIEW w AS SELECT 1;
	END
	check 0 -O wanted -- sqlflat -b 2 a.sql b.sql
	check 0 -O a.sql -i a.sql -- sqlflat -b 1
	check 0 -O a.sql -i a.sql -- sqlflat -b 0
	check 2 -e "sqlflat: x:2: COMMIT;: a transaction of its own, with -b" -i <(printf 'SELECT 1;\nCOMMIT;') -- sqlflat -b 2 -n x
	check 2 -e "sqlflat: -b: 'two': not a number of statements" -- sqlflat -b two a.sql
}

@test "files one after another: a mark before, no end, no statement" {
	printf '\xef\xbb\xbfSELECT 1 -- no end' >1.sql
	: >2.sql
	echo '-- words' >3.sql
	printf 'SELECT 2' >4.sql
	check 0 -o $'SELECT 1; -- no end\n-- words\nSELECT 2;' -- sqlflat 1.sql 2.sql 3.sql 4.sql
	check 1 -o '-- words' -- sqlflat 2.sql 3.sql
	printf '\xef\xbb\xbf' >5.sql
	check 1 -- sqlflat 5.sql
	printf '\\restrict x' >5.sql
	check 1 -- sqlflat 5.sql
	# Settings make nothing, and to drop makes nothing.
	printf 'SET a.b = 1;\nBEGIN;\nDROP TABLE IF EXISTS x;\nSELECT pg_catalog.set_config($$a.b$$, $$$$, false);\nCOMMIT;\n' >6.sql
	check 1 -O 6.sql -- sqlflat 6.sql
}

@test "what is included stands in its place; the map leads back" {
	file db/s.sql <<-'END'
		\restrict xyz
		SET a.b = 1;

		\ir 'sub/it''s.sql'
		\i db/sub/other.sql
		CREATE TABLE
		  last ();
		\unrestrict xyz
	END
	printf '\\include_relative more.sql\r\nCREATE TABLE one ();' >"$BATS_TEST_TMPDIR/x"
	file "db/sub/it's.sql" <"$BATS_TEST_TMPDIR/x"
	file db/sub/more.sql <<<'CREATE TABLE two (); CREATE TABLE three ();'
	file db/sub/other.sql <<<$'\\echo hi\n\\timing on\n\\pset pager off\n\\set ECHO none\nCREATE TABLE four ();'
	sqlflat -m map db/s.sql >text
	[ "$(tr -d '\r' <text | grep -v '^$')" = 'SET a.b = 1;
CREATE TABLE two (); CREATE TABLE three ();
CREATE TABLE one ();
CREATE TABLE four ();
CREATE TABLE
  last ();' ]
	same map <(printf '%s\t%s\t%s\t%s\n' 2 2 2 db/s.sql 4 4 1 db/sub/more.sql 4 4 1 db/sub/more.sql \
		6 6 2 "db/sub/it's.sql" 12 12 5 db/sub/other.sql 14 15 6 db/s.sql)
}

@test "no other command is obeyed, nothing outside is read" {
	no() {
		printf '%s\n' "$1" >s.sql
		check 2 -e "sqlflat: s.sql:$2" -- sqlflat s.sql
	}
	other="psql's backslash commands are not obeyed in a schema, but for \\i and \\ir; fix: write it in SQL"
	no 'SELECT 1; \! id' "1: \\! id: $other"
	no '\copy a from program id' "1: \\copy a from program id: $other"
	no '\o |sh' "1: \\o |sh: $other"
	no '\set x `id`' "1: \\set x \`id\`: $other"
	no '\set ON_ERROR_STOPPED' "1: \\set ON_ERROR_STOPPED: $other"
	no '\gexec' "1: \\gexec: $other"
	no '\if true' "1: \\if true: $other"
	no '\c other' '1: \c other: the schema is loaded into a database that is there; fix: write the file without it (pg_dump without -C)'
	no $'SELECT\n1 \\g |sh' "2: \\g |sh: a backslash command of psql's in the middle of a statement; fix: end the statement with ;"
	name="a file's name is wanted, without anything that psql would replace"
	no '\ir `id`' "1: \\ir \`id\`: $name"
	no '\ir :x' "1: \\ir :x: $name"
	no '\ir a b' "1: \\ir a b: $name"
	no "\\ir 'a' b" "1: \\ir 'a' b: $name"
	no '\ir' "1: \\ir: $name"
	no '\ir /etc/passwd' '1: \ir /etc/passwd: it lies outside of the project'
	ln -s /etc/passwd in.sql
	no '\ir in.sql' '1: \ir in.sql: it lies outside of the project'
	no '\ir nope.sql' "1: cannot find 'nope.sql': No such file or directory"
	no '\ir s.sql' '1: \ir s.sql: the file includes itself'
	echo '\ir s.sql' >t.sql
	echo '\ir t.sql' >s.sql
	check 2 -e 'sqlflat: t.sql:1: \ir s.sql: the file includes itself' -- sqlflat s.sql
	# Beside the file that was named, wherever the root is.
	mkdir root
	echo 'SELECT 1;' >t.sql
	echo '\ir t.sql' >s.sql
	check 0 -o $'SELECT 1;\n' -- sqlflat -r root s.sql
}

@test "not SQL, or not whole: file and line" {
	printf 'SELECT 1;\nSELECT \0;' >s.sql
	check 2 -e 'sqlflat: s.sql:2: a NUL byte, which PostgreSQL takes in no text: is it SQL?' -- sqlflat s.sql
	printf "SELECT 1;\nSELECT 'x" >s.sql
	check 2 -e 'sqlflat: s.sql:2: a string that is never closed' -- sqlflat s.sql
	printf 'COPY a FROM stdin;\n1\n' >s.sql
	check 2 -e 'sqlflat: s.sql:1: COPY: COPY ... FROM stdin without the line \. that ends its data' -- sqlflat s.sql
	printf 'COPY a FROM stdin;\n1\\.' >s.sql
	check 2 -e 'sqlflat: s.sql:1: COPY: COPY ... FROM stdin without the line \. that ends its data' -- sqlflat s.sql
	check 2 -e "sqlflat: cannot find 'nope.sql': No such file or directory" -- sqlflat nope.sql
	check 2 -e "sqlflat: -r: cannot find 'nope': No such file or directory" -- sqlflat -r nope s.sql
	check 2 -e 'usage: sqlflat [-hV] [-b number] [-m map] [-n name] [-r root] [file ...]' -p '^usage' -- sqlflat -q
	check 0 -o 'usage: sqlflat [-hV] [-b number] [-m map] [-n name] [-r root] [file ...]' -- sqlflat -h
	check 0 -o 'sqlflat 0.2.0' -- sqlflat -V
}

@test "a file that includes another very often" {
	echo 'SELECT 1;' >a0.sql
	for i in $(seq 20); do printf '\\ir a%d.sql\n\\ir a%d.sql\n' $((i - 1)) $((i - 1)) >"a$i.sql"; done
	check 2 -p 'too many files$' -- sqlflat a20.sql
}
