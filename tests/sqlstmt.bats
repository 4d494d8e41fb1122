#!/usr/bin/env bats
# sqlstmt.bats - a file of SQL as statements. The oracles are a real PostgreSQL,
# its scanner as libpg_query has it, and psql.

load helper
load server

setup() {
	scratch
	F=$FIXTURES/sqlstmt
}

setup_file() { start_server; export SERVER SERVER_PID PORT; }
teardown_file() { stop_server; }

# splits TEXT KIND:FIRST-LAST...: into these statements, by kind and lines.
splits() {
	local got
	printf -- "$1" >f.sql
	shift
	sqlstmt -t f.sql >tab
	got=$(awk -F '\t' '$1 !~ /^(file|trouble)$/ { printf "%s%s:%s-%s", s, $1, $4, $5; s = " " }' tab)
	[ "$got" = "$*" ] || { echo "wanted: $*"; echo "got:    $got"; return 1; }
}

# count N TEXT: that many statements.
count() {
	printf '%s' "$2" >f.sql
	sqlstmt -0 f.sql | tr -cd '\0' | wc -c >n
	[ "$(($(cat n)))" -eq "$1" ] || { echo "$(($(cat n))), wanted $1: $2"; return 1; }
}

# ---- splitting ----

@test "a semicolon in a string, a name, a comment, a body ends nothing" {
	count 4 "SELECT 'a;b'; SELECT E'a\\';b'; SELECT 'C:\\'; SELECT 1"
	count 5 'SELECT $$;$$; SELECT $a$ $$ ; $a$; SELECT a$b$c; SELECT 2 /* a /* ; */ ; */; SELECT 3 -- ;'
	count 2 'SELECT $a$ $b$ ; $b$ $a$; SELECT 1'
	count 2 'SELECT "a;""b"; SELECT U&"d\0061;"'
	count 3 "SELECT U&'a\\'; SELECT B'1', x'1F', N'a\\'; SELECT 1"
	count 2 'SELECT $1$a$;$a$; SELECT $1'
	# A $ in a word begins no string, right behind a number neither.
	count 3 'SELECT 2a$$b; SELECT 2..a$$b; SELECT 2.5e$$'
	count 2 'SELECT 1e5$$;$$; SELECT 2.$$;$$'
	count 3 "SELECT e '\\'; SELECT ae'\\'; SELECT 2"
	count 2 "SELECT E'a' 'b\\'; SELECT 1"
	count 1 $'SELECT \'a\'\n  \'b;c\''
	count 1 $'SELECT E\'a\' -- ;\n -- ;\n \'b\\\';c\''
	count 2 $'SELECT E\'a\' /* x */\n \'b\\\'; SELECT 1'
	count 2 $'-- ends at the carriage return\rSELECT 1; SELECT 2'
	count 2 $'SELECT \xff\xfe\xe2; SELECT \x01'
	count 0 $';;\n-- x\n;/* y */'
	count 0 ''
}

@test "a body of statements: BEGIN ATOMIC, with CASE; parentheses" {
	count 2 'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END; SELECT 1'
	count 2 'create or replace procedure f() begin /* x */ atomic select 1 as end; select t.case, a.end; end; SELECT 1'
	count 3 'BEGIN; SELECT atomic; END'
	count 3 'BEGIN ATOMIC; SELECT 1; END'
	count 2 'CREATE RULE r AS ON INSERT TO t DO (INSERT INTO a VALUES (1); INSERT INTO b VALUES (2)); SELECT 1'
	count 2 'SELECT 1); SELECT 2'
}

@test "what is psql's: its backslash lines, and the data of COPY" {
	splits 'COPY t FROM stdin;\n1\t;\n\\.\nSELECT 1;\n\\restrict abc\nSELECT 2;' copy:1-3 sql:4-4 psql:5-5 sql:6-6
	splits 'COPY t FROM stdin; -- x\r\n\\.\r\nSELECT\n1' copy:1-2 sql:3-4
	splits 'copy t (a, "from stdin") from STDIN with (format csv);\n;' copy:1-2
	splits "COPY t FROM 'stdin';\nCOPY (SELECT a FROM stdin) TO stdout;\nSELECT 1 FROM stdin;" sql:1-1 sql:2-2 sql:3-3
	splits 'SELECT 1 \\; SELECT 2;\nSELECT 3 \\gexec\nSELECT 4 \\x\n;' psql:1-1 psql:2-2 psql:3-4
	splits '\\i a.sql\n\\set x 1; 2\nSELECT 1' psql:1-1 psql:2-2 sql:3-3
}

@test "psql sends the same statements to a server" {
	cat >q.sql <<-'END'
		SELECT 'a;b'; SELECT E'it\'s;' AS "q;"
		  -- ;
		;
		/* a /* ; */ */ SELECT $a$ $$;$$ $a$, 1 AS a$b;
		CREATE TEMP TABLE t (x int); CREATE TEMP TABLE u (x int);
		CREATE RULE r AS ON INSERT TO t DO (INSERT INTO u VALUES (1); INSERT INTO u VALUES (2));
		CREATE FUNCTION pg_temp.f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END;
		COPY t FROM stdin;
		1
		\.
		\set x 1; 2
		SELECT U&'d\0061;', B'1';
		SELECT 'the last'
	END
	PGOPTIONS='-c log_statement=all' PGPASSWORD=s@cret psql -X -q -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$PORT" \
		-U dev -d dev -f q.sql >/dev/null
	grep -ac 'LOG:  statement: ' "$SERVER/log" >sent
	sqlstmt -t q.sql | grep -c '^sql\|^copy' >ours
	same sent ours
}

@test "PostgreSQL's own scanner finds the same statements in random texts" {
	echo '#include <pg_query.h>' >t.c
	${CC:-cc} -fsyntax-only t.c 2>/dev/null || skip 'no libpg_query'
	${CC:-cc} -std=c11 -D_XOPEN_SOURCE=700 -O1 -I"$TOP/tools" -o pgsplit "$TOP/tests/fuzz/pgsplit.c" \
		"$TOP/tools/sqltext.c" "$TOP/tools/util.c" -lpg_query
	run ./pgsplit 500000 "$RANDOM"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == '500000 texts, '*' compared, 0 differ' ]]
}

@test "a text that cannot be split: exit 1, the line, and no output" {
	local s
	no() { printf -- "$1" >f.sql; check 1 -e "sqlstmt: f.sql:$2" -- sqlstmt -t f.sql; }
	no "SELECT 1;\nSELECT 'a;\n" '2: a string that is never closed'
	no "SELECT 1;\n\nSELECT E'a\\\\';" '3: a string that is never closed'
	no 'SELECT $a$ ; $b$;' '1: a string that is never closed'
	no 'SELECT "a;\n' '1: a name in quotes that are never closed'
	no 'SELECT 1;\n/* /* */\n' '2: a comment that is never closed'
	no 'SELECT 1; /* x' '1: a comment that is never closed'
	no 'SELECT\n(1;\nSELECT 2;' '2: a parenthesis that is never closed'
	no 'CREATE FUNCTION f() BEGIN ATOMIC SELECT 1;' '1: a BEGIN ATOMIC without its END'
	no 'COPY t FROM stdin; SELECT 1;\n\\.\n' '1: the rest of the line after COPY ... FROM stdin stands before its data; fix: put it on a line of its own'
	no 'SELECT 1;\n\0' '2: a NUL byte, which PostgreSQL takes in no text; fix: save the file as UTF-8'
	# One of several: nothing of the others either.
	echo 'SELECT 1;' >g.sql
	printf "'" >f.sql
	check 1 -e 'sqlstmt: f.sql:1: a string that is never closed' -- sqlstmt g.sql f.sql g.sql
}

# ---- the formats ----

@test "JSON, a line each; and columns" {
	check 0 -i "$F/all.sql" -O "$F/all.want" -- sqlstmt
	check 0 -i "$F/all.sql" -O "$F/all.tab" -- sqlstmt -tx -
	check 0 -i "$F/delimiter.sql" -O "$F/delimiter.want" -- sqlstmt
	check 0 -i "$F/delimiter.sql" -O "$F/delimiter.tab" -- sqlstmt -t -x
	while read -r line; do printf '%s' "$line" | python3 -m json.tool >/dev/null; done <"$F/all.want"
}

@test "the ranges are the file, from its first byte to its last" {
	for f in "$F"/*.sql "$TOP"/tests/fixtures/*/*/*.sql; do
		sqlstmt -t "$f" | awk -F '\t' '$1 !~ /^(file|trouble)$/ { print $6, $9 }' >ranges
		[ -s ranges ] || continue
		while read -r from to; do tail -c "+$((from + 1))" "$f" | head -c "$((to - from))"; done <ranges >joined
		same "$f" joined
	done
}

@test "-0 and -x: the statements byte for byte, whatever the bytes" {
	printf -- "-- x\nSELECT '\xff\n\t'; SELECT 2" >f.sql
	printf "SELECT '\xff\n\t';\0SELECT 2\0" >want
	check 0 -O want -- sqlstmt -0 f.sql
	sqlstmt -tx f.sql | awk -F '\t' '$1 == "sql" { print $NF }' >hex
	printf '%s\n' 53454c4543542027ff0a09273b 53454c4543542032 | same - hex
	sqlstmt f.sql | grep -q "\"text\":\"SELECT '�\\\\n\\\\t';\""
}

@test "several files, standard input, usage" {
	echo 'SELECT 1;' >a.sql
	echo 'SELECT 2;' | sqlstmt -t a.sql - >out
	[ "$(cut -f 1,10 out)" = "file	a.sql
sql	SELECT
file	standard input
sql	SELECT" ]
	usage='usage: sqlstmt [-p] [file ...]
       sqlstmt -t [-px] [file ...]
       sqlstmt -0 [-p] [file ...]
       sqlstmt -h | -V'
	check 0 -o "$usage" -- sqlstmt -h
	for o in -q -0t '-t0' -x -0x; do check 2 -e "$usage" -- sqlstmt $o; done
	check 0 -o 'sqlstmt 0.2.0' -- sqlstmt -V
	check 2 -p '^sqlstmt: none.sql: cannot open' -- sqlstmt none.sql
	[ ! -e /dev/full ] || { run sh -c 'sqlstmt a.sql >/dev/full'; [ "$status" -eq 2 ]; }
}

# ---- what a statement is ----

# is TEXT COLUMNS: words, kind, name, on
is() {
	printf '%s' "$1" | sqlstmt -t | tail -n 1 | cut -f 10-13 >got
	[ "$(cat got)" = "$2" ] || { echo "$1: $(cat got)"; return 1; }
}

@test "words and objects" {
	is 'create unlogged table if not exists "a"."B c" ()' 'CREATE UNLOGGED TABLE	TABLE	a."B c"	-'
	is 'CREATE UNIQUE INDEX ON ONLY s.t (a)' 'CREATE UNIQUE INDEX	INDEX	-	s.t'
	is 'CREATE INDEX CONCURRENTLY "on" ON t (a)' 'CREATE INDEX CONCURRENTLY	INDEX	"on"	t'
	is 'ALTER TABLE IF EXISTS ONLY Public.Users ADD x int' 'ALTER TABLE	TABLE	public.users	-'
	is 'ALTER TABLE ALL IN TABLESPACE a SET TABLESPACE b' 'ALTER TABLE	-	-	-'
	is 'DROP MATERIALIZED VIEW IF EXISTS a, b' 'DROP MATERIALIZED VIEW	MATERIALIZED VIEW	a	-'
	is 'DROP INDEX CONCURRENTLY IF EXISTS i' 'DROP INDEX CONCURRENTLY	INDEX	i	-'
	is 'CREATE CONSTRAINT TRIGGER x AFTER UPDATE OF c ON s.t FOR EACH ROW EXECUTE FUNCTION f()' 'CREATE CONSTRAINT TRIGGER	CONSTRAINT TRIGGER	x	s.t'
	is 'DROP POLICY IF EXISTS p ON t' 'DROP POLICY	POLICY	p	t'
	is 'CREATE OR REPLACE RULE r AS ON UPDATE TO v DO INSTEAD NOTHING' 'CREATE OR REPLACE RULE	RULE	r	v'
	is 'DROP RULE r ON v' 'DROP RULE	RULE	r	v'
	is 'COMMENT ON COLUMN a.b."C" IS $$x$$' 'COMMENT ON COLUMN	COLUMN	a.b."C"	-'
	is 'COMMENT ON CONSTRAINT c ON DOMAIN d IS NULL' 'COMMENT ON CONSTRAINT	CONSTRAINT	c	d'
	is 'GRANT SELECT (a), INSERT ON s.t TO x' 'GRANT	TABLE	s.t	-'
	is 'REVOKE ALL ON SCHEMA "S" FROM PUBLIC' 'REVOKE	SCHEMA	"S"	-'
	is 'GRANT a TO b' 'GRANT	-	-	-'
	is 'GRANT ALL ON ALL TABLES IN SCHEMA s TO b' 'GRANT	-	-	-'
	is 'INSERT INTO "select" VALUES (1)' 'INSERT INTO	TABLE	"select"	-'
	is 'UPDATE ONLY t SET a = 1' 'UPDATE	TABLE	t	-'
	is 'DELETE FROM a$1' 'DELETE FROM	TABLE	"a$1"	-'
	is 'REFRESH MATERIALIZED VIEW CONCURRENTLY m' 'REFRESH MATERIALIZED VIEW CONCURRENTLY	MATERIALIZED VIEW	m	-'
	is 'ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO x' 'ALTER DEFAULT PRIVILEGES	-	-	-'
	is 'CREATE FOREIGN DATA WRAPPER w' 'CREATE FOREIGN DATA WRAPPER	FOREIGN DATA WRAPPER	w	-'
	is 'CREATE CAST (a AS b) WITHOUT FUNCTION' 'CREATE CAST	-	-	-'
	is 'CREATE SCHEMA AUTHORIZATION x' 'CREATE SCHEMA	-	-	-'
	is 'COPY (SELECT 1) TO stdout' 'COPY	-	-	-'
	is 'DROP TABLE U&"d\0061"' 'DROP TABLE	TABLE	U&"d\0061"	-'
	is 'WITH a AS (SELECT 1) SELECT 2' 'WITH	-	-	-'
	is '(SELECT 1)' '-	-	-	-'
	is 'CREATE' 'CREATE	-	-	-'
	is 'CREATE TABLE' 'CREATE TABLE	-	-	-'
}

@test "names come as PostgreSQL quotes them" {
	local n
	in_server 'SELECT word FROM pg_get_keywords()' >words
	printf '%s\n' a A1 _x größe 'a b' 'a"b' x-y 1a a\$b '' >>words
	while IFS= read -r n; do
		[ -n "$n" ] || continue
		printf 'DROP TABLE "%s";\n' "$(printf '%s' "$n" | sed 's/"/""/g')"
	done <words >f.sql
	sqlstmt -t f.sql | awk -F '\t' '$1 == "sql" { print $12 }' >got
	sed '/^$/d' words >w
	{ echo 'CREATE TEMP TABLE w (i serial, w text);'; echo "COPY w (w) FROM stdin;"; cat w; echo '\.'; echo 'SELECT quote_ident(w) FROM w ORDER BY i'; } |
		PGPASSWORD=s@cret psql -X -q -A -t -h 127.0.0.1 -p "$PORT" -U dev -d dev >want
	# Later versions reserve a few more words: quoting one too many does no harm.
	diff want got | grep '^>' | grep -v '^> "' >unquoted || :
	[ ! -s unquoted ] || { cat unquoted; return 1; }
	[ "$(diff want got | grep -c '^>')" -le 15 ]
}

@test "can it run in a transaction? As PostgreSQL says" {
	in_server 'CREATE DATABASE other'
	in_server 'CREATE TABLE t (a int); CREATE INDEX i ON t (a); CREATE TABLE p (a int) PARTITION BY LIST (a); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
		CREATE TYPE e AS ENUM (); CREATE MATERIALIZED VIEW m AS SELECT 1 AS a; CREATE UNIQUE INDEX mi ON m (a); CREATE PROCEDURE pr() LANGUAGE plpgsql AS $$BEGIN END$$'
	while IFS= read -r q; do
		# Refused inside, refused outside, else either; what begins or ends one
		# is known by what is left of it.
		got=$(printf '%s' "$q" | sqlstmt -t | tail -n 1 | cut -f 3)
		in=$(in_server "BEGIN; $q" 2>&1 || :)
		out=$(in_server "$q" 2>&1 || :)
		case $in,$out in
		*'cannot run inside a transaction block'*) want=outside ;;
		*'can only be used in transaction blocks'*) want=inside ;;
		*) want=either ;;
		esac
		[ "$got" = "$want" ] || { echo "$q: $got, PostgreSQL says $want: $in; $out"; return 1; }
	done <<-'END'
		CREATE INDEX CONCURRENTLY j ON t (a)
		DROP INDEX CONCURRENTLY IF EXISTS j
		REINDEX TABLE CONCURRENTLY t
		REINDEX (CONCURRENTLY) TABLE t
		REINDEX (VERBOSE, CONCURRENTLY FALSE) TABLE t
		REINDEX TABLE t
		REINDEX SCHEMA public
		VACUUM t
		VACUUM (FULL, ANALYZE) t
		ANALYZE t
		CLUSTER
		CLUSTER t USING i
		CREATE DATABASE x
		ALTER DATABASE other SET TABLESPACE pg_default
		ALTER DATABASE other SET work_mem = '1MB'
		DROP DATABASE IF EXISTS x
		CREATE TABLESPACE x LOCATION '/nowhere'
		DROP TABLESPACE IF EXISTS x
		ALTER SYSTEM SET work_mem = '4MB'
		ALTER SYSTEM RESET work_mem
		ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY
		ALTER TABLE p DETACH PARTITION p1
		REFRESH MATERIALIZED VIEW CONCURRENTLY m
		ALTER TYPE e ADD VALUE 'a'
		DISCARD ALL
		DISCARD PLANS
		LOCK TABLE t
		LOCK t IN SHARE MODE NOWAIT
		SAVEPOINT s
		RELEASE SAVEPOINT s
		ROLLBACK TO SAVEPOINT s
		DECLARE c CURSOR FOR SELECT 1
		DECLARE c CURSOR WITH HOLD FOR SELECT 1
		SET LOCAL work_mem = '4MB'
		SET CONSTRAINTS ALL DEFERRED
		SET TRANSACTION READ ONLY
		SET SESSION work_mem = '4MB'
		CREATE SUBSCRIPTION s CONNECTION 'host=127.0.0.1 port=1' PUBLICATION p
		CREATE SUBSCRIPTION s CONNECTION 'host=127.0.0.1 port=1' PUBLICATION p WITH (connect = false)
		CALL pr()
		DO 'BEGIN END'
		PREPARE q AS SELECT 1
		TRUNCATE t
	END
	for q in BEGIN 'START TRANSACTION' COMMIT END ABORT ROLLBACK 'ROLLBACK WORK' "PREPARE TRANSACTION 'x'" \
		"COMMIT PREPARED 'x'" "ROLLBACK PREPARED 'x'" 'END TRANSACTION' 'COMMIT AND CHAIN'; do
		[ "$(printf '%s' "$q" | sqlstmt -t | tail -n 1 | cut -f 3)" = control ]
	done
	printf "ALTER TYPE e ADD VALUE 'x'; DO 'x'; CALL f()" | sqlstmt | grep -c '"note":' | grep -qx 3
}

@test "the shape holds no comment, string or body" {
	printf "SELECT B'1', x'1f', N'a', U&'a', E'a' , b, 'a'\n'b'" | sqlstmt |
		grep -qF "\"shape\":\"SELECT '' , '' , '' , '' , '' , B , ''\""
	printf 'create TABLE /* DROP */ a."B" (x int DEFAULT $$ DROP $$) -- DROP\n;' | sqlstmt |
		grep -qF '"shape":"CREATE TABLE A . \"B\" ( X INT DEFAULT '"''"' )"'
}

# ---- comments ----

# nolint TEXT CODES...: of each statement, "by:codes" joined by "+".
nolint() {
	printf -- "$1" | sqlstmt | python3 -c '
import json, sys
rows = [json.loads(l) for l in sys.stdin][1:]
print(" ".join("+".join(n["by"] + ":" + n["codes"].replace(" ", "") for n in r["nolint"]) or "-" for r in rows))' >got
	shift
	[ "$(cat got)" = "$*" ] || { echo "got $(cat got), wanted $*"; return 1; }
}

@test "a comment means the statement it stands at" {
	nolint 'DROP TABLE a; -- atlas:nolint DS102\nDROP TABLE b;' atlas:DS102 -
	nolint '-- atlas:nolint DS102 DS103\nDROP TABLE a;\nDROP TABLE b;' atlas:DS102DS103 -
	nolint 'DROP TABLE a; /* atlas:nolint */ DROP TABLE b;' - atlas:
	nolint 'DROP TABLE a; /* atlas:nolint */\nDROP TABLE b;' atlas: -
	nolint 'DROP TABLE a;\n-- atlas:nolint\n\nDROP TABLE b;' - -
	nolint 'DROP TABLE a;\n-- atlas:nolint\n-- why\nDROP TABLE b;' - atlas:
	nolint 'ALTER TABLE a\n-- squawk-ignore x,y -- why\nDROP b;\nDROP TABLE b -- squawk-ignore z' squawk:x,y squawk:z
	nolint "SELECT '-- atlas:nolint';-- atlas:nolinting" -
	nolint 'DROP TABLE a;\r\n-- atlas:nolint\r\nDROP TABLE b; -- atlas:nolint X\r\n' - atlas:+atlas:X
}

# ---- directives ----

# head_is TEXT COLUMNS [TROUBLE...]: txmode delimiter checkpoint import sum; codes.
head_is() {
	printf -- "$1" >f.sql
	sqlstmt -t f.sql >tab
	[ "$(sed -n 1p tab | cut -f 2-6 | tr '\t' ' ')" = "$2" ] || { cat tab; return 1; }
	shift 2
	[ "$(awk -F '\t' '$1 == "trouble" { printf "%s%s:%s", s, $3, $2; s = " " }' tab)" = "$*" ] || { cat tab; return 1; }
}

@test "a file's directives, as Atlas reads them" {
	head_is '-- atlas:txmode none\n\nSELECT 1;' 'none - - - -'
	head_is '-- atlas:txmode none  \n \t\nSELECT 1;' 'none - - - -'
	head_is '-- a\n#atlas:txmode file\n-- x atlas:checkpoint\n\n' 'file - yes - -'
	head_is '-- atlas:checkpoint v1\n-- atlas:import ../x\n\n;' '- - v1 ../x -'
	head_is '-- atlas:txmode none\n' 'none - - - -'
	head_is '-- atlas:sum ignore\nSELECT 1;' '- - - - ignore'
	head_is 'SELECT 1; -- atlas:sum ignore' '- - - - ignore'
	head_is '-- atlas:delimiter \\n\\n\nSELECT 1;' '- \n\n - - -'
	# And what it overlooks.
	head_is '-- atlas:txmode none\nSELECT 1;' '- - - - -' directive-no-empty-line:1
	head_is '-- atlas:txmode none\r\n\r\nSELECT 1;' '- - - - -' directive-crlf:1
	head_is '\xef\xbb\xbf-- atlas:txmode none\n\nSELECT 1;' '- - - - -' directive-bom:1
	head_is '-- atlas:txmode none' '- - - - -' directive-no-line-end:1
	head_is '\n-- atlas:txmode none\n\nSELECT 1;' '- - - - -' directive-place:2
	head_is 'SELECT 1;\n\nSELECT 2; -- atlas:txmode none' '- - - - -' directive-place:3
	head_is '-- x\n-- atlas:delimiter ;;\n\n;' '- - - - -' directive-not-first:2
	head_is '--  atlas:delimiter ;;\n\n;' '- - - - -' directive-not-first:1
	head_is '-- atlas:sum ignore\r\n;' '- - - - -' directive-crlf:1
	head_is '-- atlas:delimiter\n;' '- - - - -' directive-empty:1
	head_is '-- atlas:txmode none\n-- atlas:txmode file\n\n;' 'none - - - -' directive-twice:2
	head_is '-- atlas:txmode all\n\n;' 'all - - - -' directive-value:1
	# atlas:nolint means the statement then: nothing is wrong with it.
	head_is '-- atlas:nolint\nSELECT 1;' '- - - - -'
	# psql's files have no directives.
	printf -- '-- atlas:txmode none\n-- atlas:delimiter x\n\nSELECT 1; SELECT 2' | sqlstmt -tp | cut -f 1-4 >got
	printf 'file\t-\t-\t-\nsql\t1\teither\t4\nsql\t2\teither\t4\n' | same - got
}

@test "atlas:delimiter: cut there first, then at semicolons" {
	splits '-- atlas:delimiter \\n\\n\nSELECT 1;\nSELECT 2;\n\n\nSELECT 3;\n' sql:2-2 sql:3-3 sql:6-6
	[ "$(awk -F '\t' '$1 == "sql" { print $2 }' tab | tr '\n' ' ')" = '1 1 2 ' ]
	splits '-- atlas:delimiter GO\nSELECT 1\nGO\nSELECT (GO), "GO", $$GO$$ /* GO */;CATEGORY' sql:2-2 sql:4-4 sql:4-4 sql:4-4
	splits '-- atlas:delimiter -- end\n-- x\nSELECT 1 -- end\nSELECT 2; -- ends\n' sql:3-3 sql:4-4 sql:4-4
	splits '-- atlas:delimiter ;;\nSELECT 1; SELECT 2;;SELECT 3' sql:2-2 sql:2-2 sql:2-2
	# To Atlas the end of its line belongs to a comment, and not to the delimiter.
	splits '-- atlas:delimiter \\n\\n\nSELECT 1; -- x\n\nSELECT 2;\n\nSELECT 3' sql:2-2 sql:4-4 sql:6-6
	[ "$(awk -F '\t' '$1 == "sql" { print $2 }' tab | tr '\n' ' ')" = '1 1 2 ' ]
	# A delimiter that is not there, or alone.
	splits '-- atlas:delimiter x' ''
	splits '-- atlas:delimiter zz\nSELECT 1;' sql:2-2
}

@test "the time grows with the length only" {
	for piece in "SELECT 'a';" '$$;' "E'" '/*' '$a$' '-- x
' ';' '(' "''" '$' 'a$' '-- atlas:nolint
SELECT 1;' "'a'
"; do
		awk -v p="$piece" 'BEGIN { for (i = 0; i < 200000; i++) printf "%s", p }' >big.sql
		timeout 20 sqlstmt -t big.sql >/dev/null 2>&1 || [ $? -eq 1 ]
		{ printf -- '-- atlas:delimiter %s\n' '\n\n'; cat big.sql; } >big2.sql
		timeout 20 sqlstmt -t big2.sql >/dev/null 2>&1 || [ $? -eq 1 ]
	done
}
