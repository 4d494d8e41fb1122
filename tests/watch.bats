#!/usr/bin/env bats
# The lint that watches: what PostgreSQL did with new migrations, by a catalogue
# of hazards and harmless ones, each a file of one branch; and what is only said
# of files and words. One server for all of it.

load helper
load server

setup_file() {
	start_server
	export PORT SERVER SERVER_PID
	export PGHOST=127.0.0.1 PGPORT=$PORT PGUSER=dev PGPASSWORD=s@cret PGSSLMODE=disable
	# An ordinary role, as a managed server's first user is one.
	psql -XAtqc "CREATE ROLE author LOGIN CREATEDB PASSWORD 's@cret'" -d dev
	export PGUSER=author psql_bin=psql
	local knobs
	knobs=$(make -s --no-print-directory -C "$TOP" print-knobs)
	set -a
	eval "$knobs"
	set +a
	export ATLAS_MAKE_KNOBS=1 MIGRATIONS=M NAMING='^[a-z][a-z0-9_]*$' BIG_TABLES=''
	# make test-builds: the same kit, with those tools.
	[ -z "${TOOLS_DIR-}" ] || {
		export KIT="$BATS_FILE_TMPDIR/kit"
		mkdir -p "$KIT/.cache"
		ln -s "$TOP"/* "$KIT/"
		ln -s "$TOP"/.cache/* "$KIT/.cache/"
		ln -sfn "$TOOLS_DIR" "$KIT/.cache/bin"
	}
}
teardown_file() { stop_server; }

setup() {
	scratch
	TOP=${KIT:-$TOP}
	mkdir m
	D=w$BATS_TEST_NUMBER
	export PGDATABASE=$D
}

# skipped: the cases that this server cannot run, for split.awk.
skipped() {
	psql -XAtqd postgres -c "SELECT concat_ws('|', CASE WHEN current_setting('server_version_num')::int < 150000
			THEN '^(unique-nulls-not-distinct|merge-all|merge-by-key|rights-of-a-view)\$' END,
		CASE WHEN NOT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pgcrypto') THEN '^drop-extension\$' END)"
}

# database [SQL]: an empty database, and what is in it before.
database() {
	psql -XAtqd postgres -c "DROP DATABASE IF EXISTS $D" -c "CREATE DATABASE $D" 2>&1 | grep -v NOTICE || :
	[ $# -eq 0 ] || psql -XAtqv ON_ERROR_STOP=1 -c "$1"
}

# watch FILE...: of these new files, in m; the findings are in ./found:
# FILE LINE:COLUMN CODE TABLE
watch() {
	printf '%s\n' "$@" >new
	"$TOP/scripts/steps/watch.sh" "$PWD/o" "$PWD/m" "$PWD/new"
	jq_lines <o/watch.json >found
}
jq_lines() {
	python3 -c 'import json, sys
for f in json.load(sys.stdin)["findings"]:
    print("%s %d:%d %s %s" % (f["file"][2:], f["line"] + 1, f["column"] + 1, f["rule_name"], (f["table"] or "-").replace(" ", "_")))'
}
# finds SQL [LINE:COLUMN CODE TABLE]...: just this is found of a file.
finds() {
	printf -- "$1" >m/1.sql
	shift
	watch 1.sql
	printf '%s\n' "$@" | sed '/^$/d' | sed 's/^/1.sql /' >want
	same want found || { cat m/1.sql; return 1; }
}
reset() { database "${BEFORE-}"; }

@test "the catalogue: each hazard is found, with its table, its line and a recipe" {
	database
	awk -v out=m -v mark=h -v skip="$(skipped)" -f "$FIXTURES/watch/split.awk" "$FIXTURES/watch/hazards.sql"
	mv m/old.sql m/expect .
	psql -Xqv ON_ERROR_STOP=1 -f old.sql
	[ "$(wc -l <expect)" -ge 100 ]
	# shellcheck disable=SC2046 # words
	watch $(cd m && ls)
	missed=0
	while read -r f codes table line; do
		grep -Eq "^$f $line:[0-9]+ ($codes) $table\$" found || {
			missed=$((missed + 1))
			echo "missed: $f $codes $table $line"
			grep "^$f " found || :
		}
	done <expect
	[ "$missed" -eq 0 ]
	python3 -c 'import json, sys
for f in json.load(open("o/watch.json"))["findings"]: assert f["help"], f'
	# With the levels that lint.levels gives: all but one, which is off.
	reported
	check 0 -o "$(awk '$2 == "int-key" { print $1 }' expect)" -- awk -f "$FIXTURES/watch/count.awk" expect text
	documented 'hazards: found' hazard 1
}
# reported: the findings as the report has them, in ./text.
reported() {
	ln -s m M
	atlasjson -l "$(sed 's/#.*//' "$TOP/lint.levels")" o/watch.json >text || [ $? -eq 1 ]
	edit text 's/^M/m/'
}
# documented ROW KIND LESS: the row of the table in docs/lint.md has the catalogue's
# cases; of hazards, all but so many are found, of harmless ones that many flagged.
# A server that some cases are left out for counts no fewer.
documented() {
	local n k=$3
	n=$(grep -c "^-- # [^ ]* $2\( \|\$\)" "$FIXTURES/watch/"h*s.sql | awk -F : '{ n += $2 } END { print n }')
	[ "$2" = harmless ] || k=$((n - $3))
	grep -q "^| $1 | $n | $k | " "$TOP/docs/lint.md" || {
		echo "docs/lint.md: '$1' is not $n cases and $k of them: make bench-hazards"
		return 1
	}
}

@test "the catalogue: nothing but notices is told of harmless ones" {
	database
	awk -v out=m -v mark=s -v skip="$(skipped)" -f "$FIXTURES/watch/split.awk" "$FIXTURES/watch/harmless.sql"
	mv m/old.sql m/expect .
	psql -Xqv ON_ERROR_STOP=1 -f old.sql
	[ "$(wc -l <expect)" -ge 40 ]
	# shellcheck disable=SC2046 # words
	watch $(cd m && ls)
	# As the report has it, with the comments that allow things.
	reported
	grep 'warning:\|error:' text >told || :
	same /dev/null told
	check 0 -- awk -f "$FIXTURES/watch/count.awk" expect text
	documented 'harmless: flagged' harmless 0
}

@test "an ordinary role is told the same as the superuser" {
	BEFORE='CREATE TABLE t (id bigint PRIMARY KEY, n integer, s text); CREATE TABLE u (a bigint)'
	for role in author dev; do
		PGUSER=$role reset
		printf 'ALTER TABLE t ALTER COLUMN n TYPE bigint;\nALTER TABLE t ADD CHECK (n > 0);\nDROP TABLE u;\nUPDATE t SET s = s;\n' >m/1.sql
		PGUSER=$role watch 1.sql
		mv found found.$role
	done
	same found.author found.dev
	[ "$(wc -l <found.dev)" -gt 3 ]
}

@test "what an earlier file of the branch made is nobody's table yet" {
	database 'CREATE TABLE old (id bigint PRIMARY KEY)'
	echo 'CREATE TABLE t (id bigint PRIMARY KEY, n integer, s text);' >m/1.sql
	printf 'CREATE INDEX i ON t (n);\nALTER TABLE public.t ALTER n TYPE bigint;\nUPDATE "t" SET s = 1;\n' >m/2.sql
	printf -- '-- atlas:txmode none\n\nDROP INDEX i;\nALTER TABLE t RENAME TO u;\nDROP TABLE u;\n' >m/3.sql
	watch 1.sql 2.sql 3.sql
	same /dev/null found
	# Told of a rename of what is old, once.
	printf 'ALTER TABLE old RENAME TO older;\nALTER TABLE older ADD COLUMN n integer;\n' >m/1.sql
	watch 1.sql
	echo '1.sql 1:1 rename-table old' | same - found
}

@test "locks add up to the end of the transaction, and the file's own BEGIN counts" {
	BEFORE='CREATE TABLE a (n bigint PRIMARY KEY); CREATE TABLE b (n bigint)'
	reset
	finds 'ALTER TABLE a ADD k text;\n\nSELECT 1;\nCREATE INDEX bn ON b (n);\n' \
		'4:1 index-locked b' '4:1 lock-held a'
	grep -q 'a stays locked against reads and writes from line 1 on, while all of b is read or written' o/watch.json
	# A lock that becomes stronger counts from there on.
	reset
	finds 'LOCK TABLE a IN SHARE MODE;\n\nALTER TABLE a ADD k text;\nCREATE INDEX bn ON b (n);\n' '1:1 explicit-lock a' '4:1 index-locked b' '4:1 lock-held a'
	grep -q 'a stays locked against reads and writes from line 3 on' o/watch.json
	reset
	finds '-- atlas:txmode none\n\nALTER TABLE a ADD k text;\nCREATE INDEX bn ON b (n);\n' '4:1 index-locked b'
	reset
	finds '-- atlas:txmode none\n\nBEGIN;\nALTER TABLE a ADD k text;\nCREATE INDEX bn ON b (n);\nCOMMIT;\nCREATE INDEX bm ON b (n);' \
		'5:1 index-locked b' '5:1 lock-held a' '7:1 index-locked b'
}

@test "places: the clause, the name, the line in a DO block; after atlas:delimiter, too" {
	BEFORE='CREATE TABLE t (id bigint PRIMARY KEY, n integer, s text, q text)'
	reset
	finds 'ALTER TABLE t ADD k text,\n  DROP COLUMN s,\n  ALTER n TYPE bigint;\n' \
		'2:3 drop-column t' '3:3 rewrite t'
	reset
	finds "DO \$\$ BEGIN\n  PERFORM 1;\n  ALTER TABLE t ALTER n TYPE bigint;\nEND \$\$;\n" '3:3 rewrite t'
	reset
	finds '-- atlas:delimiter \\n\\n\\n\n\n\n\nSELECT 1;\n\n\nALTER TABLE t\n  DROP COLUMN s;\n' '9:3 drop-column t'
	reset
	finds 'CREATE TABLE u (id bigint PRIMARY KEY,\n  "Name" text, w timestamp);\n' '2:3 NM103 u' '2:16 timestamp-no-zone u'
	# A byte order mark, CRLF, a string with a semicolon.
	reset
	finds "\357\273\277SELECT ';';\r\nDROP TABLE t;\r\n" '2:12 drop-table t'
}

@test "atlas:txmode as Atlas reads it" {
	database 'CREATE TABLE t (c integer)'
	c='CREATE INDEX CONCURRENTLY ON t (c);\n'
	n=100
	: >want
	told() { # FILE [LINE MESSAGE]...
		n=$((n + 1))
		printf -- "$1" >"m/$n.sql"
		shift
		[ $# -eq 0 ] || printf "$n.sql %s\n" "$@" >>want
	}
	wrapped='this statement cannot run in a transaction, and Atlas runs the file in one'
	told "$c" "1 $wrapped"
	told "SELECT 1;\nDROP INDEX\nCONCURRENTLY i;\nVACUUM t;\n" "2 $wrapped" "4 $wrapped"
	told "-- CREATE INDEX CONCURRENTLY\nSELECT 'VACUUM' /* VACUUM; */, \$\$\nVACUUM;\n\$\$;\n"
	told "-- atlas:txmode none\n\n$c"
	told "-- a comment\n-- atlas:txmode none\n-- another\n\n$c"
	told "# atlas:txmode none\n\n$c"
	told "-- atlas:txmode none\n"
	told "-- atlas:txmode file\nSELECT 1;\n"
	told "-- atlas:txmode none\n$c" '1 atlas:txmode none is overlooked: no empty line follows'
	told "-- atlas:txmode none\r\n\r\n$c" '1 atlas:txmode none is overlooked: lines end in CRLF'
	told "\n-- atlas:txmode none\n\n$c" '2 atlas:txmode none is overlooked: it stands below the first lines of the file'
	told "SELECT 1;\n-- atlas:txmode none\n$c" '2 atlas:txmode none is overlooked: it stands below the first lines of the file'
	told "/* atlas:txmode none */\n\n$c" "1 atlas:txmode none is overlooked: the first bytes of the file must be '--'"
	told "\357\273\277-- atlas:txmode none\n\n$c" "1 atlas:txmode none is overlooked: the first bytes of the file must be '--'"
	told "-- atlas:txmode all\n\nSELECT 1;\n" "1 atlas:txmode 'all': Atlas refuses the file"
	told "-- atlas:txmode\n\nSELECT 1;\n" "1 atlas:txmode '': Atlas refuses the file"
	told "-- atlas:txmode none\n-- atlas:txmode file\n\nSELECT 1;\n" '2 atlas:txmode is given more than once: Atlas refuses the file'
	# shellcheck disable=SC2046 # words
	watch $(cd m && ls)
	python3 -c 'import json
for f in json.load(open("o/watch.json"))["findings"]:
    if f["rule_name"] == "txmode": print(f["file"][2:], f["line"] + 1, f["message"])' >said
	same want said
}

@test "what is harmless to PostgreSQL, and what other linters say of it" {
	database 'CREATE TABLE t (id bigint PRIMARY KEY, v varchar(100))'
	cat >m/1.sql <<-'END'
		ALTER TABLE t ALTER COLUMN v TYPE varchar(200);
		ALTER TABLE t ADD COLUMN k bigint DEFAULT 1;
		DROP TABLE t;
		-- squawk-ignore ban-drop-column
		ALTER TABLE u DROP COLUMN a;
	END
	psql -XAtqc 'CREATE TABLE u (a bigint, b bigint)'
	watch 1.sql
	ln -s m M
	cat >squawk.json <<-'END'
		[{"file":"M/1.sql","line":0,"column":0,"level":"Warning","message":"m","rule_name":"changing-column-type"},
		 {"file":"M/1.sql","line":0,"column":0,"level":"Warning","message":"m","rule_name":"prefer-text-field"},
		 {"file":"M/1.sql","line":2,"column":0,"level":"Error","message":"m","rule_name":"ban-drop-table"}]
	END
	cat >atlas.json <<-'END'
		{"Env":{},"Files":[{"Name":"1.sql","Error":"sql/migrate: executing statement: no","Reports":[{"Text":"x","Diagnostics":[{"Pos":0,"Text":"Adding a non-nullable column","Code":"MF103"},{"Pos":95,"Text":"Dropping","Code":"DS102"},{"Pos":3,"Text":"new","Code":"XX999"}]}]}]}
	END
	atlasjson -d M -l 'ban-drop-table=error' o/watch.json squawk.json atlas.json >text && false
	grep '^M' text >lines
	cat >want <<-'END'
		M/1.sql:1:1: warning: m (prefer-text-field)
		M/1.sql:1:4: error: new (XX999)
		M/1.sql:3:12: error: table t is dropped (drop-table)
	END
	same want lines
}

@test "a code that nobody has is told; comments mean the statement they stand at" {
	database 'CREATE TABLE a (n bigint); CREATE TABLE b (n bigint); CREATE TABLE c (n bigint)'
	cat >m/1.sql <<-'END'
		DROP TABLE a; -- atlas:nolint drop-table
		DROP TABLE b; -- atlas:nolint drop-tabel
		-- atlas:nolint DS102
		DROP TABLE c;
	END
	watch 1.sql
	ln -s m M
	atlasjson -l "$(sed 's/#.*//' "$TOP/lint.levels")" o/watch.json >text
	grep '^M' text >lines
	cat >want <<-'END'
		M/1.sql:2:12: warning: table b is dropped (drop-table)
		M/1.sql:2:31: warning: no linter has a code 'drop-tabel': this comment switches nothing off (unknown-code)
	END
	same want lines
}

@test "a table of BIG_TABLES: what locks it is an error, whatever the level" {
	database 'CREATE TABLE events (n bigint); CREATE TABLE small (n bigint); CREATE TABLE mall (n bigint)'
	printf 'CREATE INDEX e ON events (n);\nDROP TABLE small;\n' >m/1.sql
	BIG_TABLES='events small' watch 1.sql
	ln -s m M
	atlasjson -l 'index-locked=warning' o/watch.json >text && false
	grep -q '^M/1.sql:1:1: error: e is built over all of events; SHARE keeps out writes; BIG_TABLES names it (index-locked)$' text
	grep -q '^M/1.sql:2:12: warning:' text
	atlasjson -l 'index-locked=off' o/watch.json >text
	# The end of another's name is none of its own.
	printf 'CREATE INDEX m ON mall (n);\n' >m/1.sql
	BIG_TABLES='events small' watch 1.sql
	atlasjson -l 'index-locked=warning' o/watch.json >text
	grep -q '^M/1.sql:1:1: warning: m is built over all of mall' text
}

@test "too-long: what is known of a file's time, and nothing else, makes a least" {
	database 'CREATE TABLE events (id bigint PRIMARY KEY, n integer, s text); CREATE TABLE small (id bigint, n integer)'
	printf 'ALTER TABLE events ALTER COLUMN n TYPE bigint;\n' >m/1.sql
	printf -- '-- atlas:txmode none\n\nCREATE INDEX CONCURRENTLY s ON events (s);\n' >m/2.sql
	printf 'ALTER TABLE small ALTER COLUMN n TYPE bigint;\n' >m/3.sql
	BIG_TABLES='small events=200 others=7.5' watch 1.sql 2.sql 3.sql
	grep too-long found >long
	same - long <<-'END'
		1.sql 1:1 too-long events
		2.sql 3:1 too-long -
	END
	grep -q '"level":"Error","big":true,"rule_name":"too-long","table":"events","message":"the file takes at least about 68 minutes, and the function has 14 minutes: events (200 GB) is written anew, 68 minutes' o/watch.json
	# Not by the size of what another file or nobody goes through, nor without one.
	reset() { database 'CREATE TABLE events (id bigint PRIMARY KEY, n integer, s text); CREATE TABLE small (id bigint, n integer)'; }
	for big in 'events' 'events=10 small=1' 'vents=900' ''; do
		reset
		BIG_TABLES=$big watch 1.sql 2.sql 3.sql
		run ! grep too-long found
	done
	# How long it took here, and the ways: 400 s and 30 s.
	reset
	awk 'BEGIN { for (i = 0; i < 30; i++) print "INSERT INTO small VALUES (1, 1);" }' >m/4.sql
	watch 4.sql
	run ! grep too-long found
	mark=$(sed -n 's/^\(w[0-9a-f]*\)@start.*/\1/p' o/facts)
	grep -c "^$mark@look [0-9]*\$" o/facts | grep -qx 30
	sed "s/^$mark@look .*/$mark@look 14000/" o/facts >slow
	watchlint -m "$mark" -o slow -e o/said -d M m/4.sql >slow.json
	grep -q '"rule_name":"too-long","table":null,"message":"the file takes at least about 7 minutes, and the function has 14 minutes: the file took 7 minutes in the dev database, where tables are empty"' slow.json
	# 419.94 s, and 1.1 ms for each of 30 statements; outside a transaction 2.4 ms.
	{ printf -- '-- atlas:txmode none\n\n' && cat m/4.sql; } >m/5.sql
	for many in 4.sql 5.sql; do
		reset
		watch "$many"
		mark=$(sed -n 's/^\(w[0-9a-f]*\)@start.*/\1/p' o/facts)
		sed "s/^$mark@look .*/$mark@look 13998/" o/facts >slow
		watchlint -m "$mark" -o slow -e o/said -d M "m/$many" >"$many.json" || :
	done
	run ! grep too-long 4.sql.json
	grep -q '"rule_name":"too-long"' 5.sql.json
	check 2 -e "watchlint: BIG_TABLES: 'much': a table's size is a number of gigabytes: events=200" -- watchlint -b 'a=1 b=much' -m "$mark" -o slow -e o/said -d M m/5.sql
}

@test "what other planners stumble over: made anew, partitioned, inherited, with # in an operator" {
	BEFORE="CREATE TABLE t (id bigint PRIMARY KEY, n integer, d jsonb, g integer GENERATED ALWAYS AS (n * 2) STORED);
		CREATE TABLE p (id bigint PRIMARY KEY)"
	reset
	finds 'ALTER TABLE t DROP COLUMN g;\nALTER TABLE t ADD COLUMN g integer GENERATED ALWAYS AS (n * 3) STORED;\n' \
		'1:15 drop-column t' '2:15 rewrite t'
	reset
	finds 'DROP TABLE p;\nCREATE TABLE p (id bigint PRIMARY KEY) PARTITION BY HASH (id);\nCREATE TABLE p0 PARTITION OF p FOR VALUES WITH (modulus 1, remainder 0);\n' \
		'1:12 drop-table p'
	reset
	finds 'CREATE TABLE c (PRIMARY KEY (id)) INHERITS (t);\nLOCK TABLE p;\nSAVEPOINT a;\n' '2:1 explicit-lock p'
	reset
	finds "CREATE VIEW v AS SELECT d #>> '{}' AS x, n # 1 AS y FROM t;\nDROP TABLE p;\n" '2:12 drop-table p'
}

@test "a thousand tables with their indexes in one transaction: told, and no time to speak of" {
	database
	awk 'BEGIN { for (i = 0; i < 500; i++) print "CREATE TABLE a" i " (id bigint PRIMARY KEY, a int UNIQUE, b int UNIQUE, c int UNIQUE, d int UNIQUE, e int UNIQUE);" }' >m/1.sql
	SECONDS=0
	watch 1.sql
	same /dev/null found
	[ "$SECONDS" -lt 120 ]
}

@test "the names that a migration chose, not PostgreSQL's" {
	BEFORE='CREATE TABLE t (id bigint PRIMARY KEY, "Old" text)'
	reset
	finds 'ALTER TABLE t ADD "New" text, ADD n2 text UNIQUE;\nCREATE TABLE "T" ("Id" bigint PRIMARY KEY);\nCREATE INDEX ON t ("Old");\nCREATE SCHEMA "S";\n' \
		'1:19 NM103 t' '1:31 unique-locked t' '2:14 NM102 T' '2:19 NM103 T' '3:1 index-locked t' '4:15 NM101 -'
	reset
	NAMING='' finds 'ALTER TABLE t ADD "New" text;\n'
}

@test "a psql before 15, which prints only the last of several answers: the same is found" {
	BEFORE='CREATE TABLE a (n bigint PRIMARY KEY, k integer); CREATE TABLE b (n bigint); CREATE SEQUENCE q'
	printf 'ALTER TABLE a ALTER k TYPE bigint;\nCREATE INDEX bn ON b (n);\nUPDATE b SET n = 1;\nALTER SEQUENCE q AS smallint;\n' >m/1.sql
	printf 'CREATE TABLE own (id bigint PRIMARY KEY);\nCREATE INDEX i ON own (id);\nDROP TABLE b;\n' >m/2.sql
	printf -- '-- atlas:txmode none\n\nCREATE INDEX CONCURRENTLY c ON a (k);\nDELETE FROM a;\n' >m/3.sql
	printf 'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;\nALTER TABLE a DROP COLUMN k;\n' >m/4.sql
	reset
	watch 1.sql 2.sql 3.sql 4.sql
	mv found joined
	[ "$(wc -l <joined)" -ge 7 ]
	grep -q '\\; SELECT' o/script
	printf '#!/bin/sh\n[ "$1" != --version ] || { echo "psql (PostgreSQL) 14.9"; exit; }\nexec psql "$@"\n' >psql14
	chmod +x psql14
	reset
	PG_MAJOR=14 psql_bin=$PWD/psql14 watch 1.sql 2.sql 3.sql 4.sql
	run ! grep '\\; SELECT' o/script
	same joined found
}

@test "facts that are not whole are no verdict" {
	database 'CREATE TABLE t (n bigint)'
	echo 'DROP TABLE t;' >m/1.sql
	watch 1.sql
	mark=$(sed -n 's/^\(w[0-9a-f]*\)@start.*/\1/p' o/facts)
	check 0 -O o/watch.json -- watchlint -m "$mark" -o o/facts -e o/said -d M m/1.sql
	sed '$d' o/facts >cut.facts
	check 2 -p 'facts: they are not whole' -- watchlint -m "$mark" -o cut.facts -e o/said m/1.sql
	: >empty
	check 2 -p 'facts: they are not whole' -- watchlint -m "$mark" -o empty -e o/said m/1.sql
	head -c 300 o/facts >cut.facts
	check 2 -p 'the last line is not whole' -- watchlint -m "$mark" -o cut.facts -e o/said m/1.sql
	sed 's/\["lock"/["lick"/' o/facts >odd
	check 2 -p 'a fact of a sort that is not known' -- watchlint -m "$mark" -o odd -e o/said m/1.sql
	# A server that is not there, a psql that is not there.
	PGPORT=1 check 2 -p '^watch.sh: psql ended with 2: ' -- "$TOP/scripts/steps/watch.sh" "$PWD/o" "$PWD/m" "$PWD/new"
	[ ! -e o/watch.json ]
	psql_bin=./nothing check 2 -p "^watch.sh: psql is missing" -- "$TOP/scripts/steps/watch.sh" "$PWD/o" "$PWD/m" "$PWD/new"
	# A table that would be a column's, which PostgreSQL never says.
	echo 'CREATE TABLE made (n bigint);' >m/2.sql
	watch 2.sql
	mark=$(sed -n 's/^\(w[0-9a-f]*\)@start.*/\1/p' o/facts)
	sed 's/\(\["rel", [0-9]*\), 0,/\1, 7,/' o/facts >odd
	watchlint -m "$mark" -o odd -e o/said -d M m/2.sql >found
}

@test "old files are brought in first; one that does not run is told at its place" {
	database
	echo 'CREATE TABLE t (n bigint);' >m/1.sql
	printf -- '-- atlas:txmode none\n\nCREATE INDEX CONCURRENTLY i ON t (n);\n' >m/2.sql
	echo 'DROP TABLE t;' >m/3.sql
	printf '1.sql\n2.sql\n' >old
	echo 3.sql >new
	check 0 -- "$TOP/scripts/steps/watch.sh" "$PWD/o" "$PWD/m" "$PWD/new" "$PWD/old"
	jq_lines <o/watch.json >found
	echo '3.sql 1:12 drop-table t' | same - found
	reset
	printf 'SELECT 1;\nCREATE TABEL t;\n' >m/2.sql
	check 0 -- "$TOP/scripts/steps/watch.sh" "$PWD/o" "$PWD/m" "$PWD/new" "$PWD/old"
	jq_lines <o/watch.json >found
	echo '2.sql 2:1 failed -' | same - found
}

@test "a migration's own output and settings do not reach the watch" {
	BEFORE='CREATE TABLE t (id bigint PRIMARY KEY, n integer)'
	reset
	finds "SELECT 'w@whole', E'\\\\nw[1]';\nSET client_min_messages = error;\nDISCARD PLANS;\nDEALLOCATE ALL;\nALTER TABLE t ALTER n TYPE bigint;\n" '5:15 rewrite t'
	reset
	finds "SELECT set_config('search_path', 'pg_temp', true);\nALTER TABLE public.t ALTER n TYPE bigint;\n" '2:22 rewrite t'
	reset
	echo 'RESET ALL;' >m/2.sql
	finds "SET SESSION search_path = pg_catalog;\n" '1:1 set-session -'
}

@test "every code has a level, and a section in docs/lint.md that says what to do" {
	watchlint -l | sed 's/=.*//' >codes
	[ "$(wc -l <codes)" -gt 70 ]
	sed -n 's/^#### //p' "$TOP/docs/lint.md" | tr ' ' '\n' | tr -d '`,' >sections
	grep -v '^NM' codes | grep -vxFf sections >without || :
	same /dev/null without
	sed -e 's/#.*//' -e 's/=.*//' "$TOP/lint.levels" | sed 's/[[:space:]]*$//' >levels
	grep -v '^NM' codes | grep -vxFf levels >without || :
	same /dev/null without
}

@test "thousands of statements: one finding, and no time to speak of" {
	database 'CREATE TABLE t (id bigint PRIMARY KEY)'
	awk 'BEGIN { for (i = 0; i < 2500; i++) print "INSERT INTO t VALUES (" i ");" }' >m/1.sql
	watch 1.sql
	echo '1.sql 1:1 many-statements -' | same - found
}

@test "lines that move: findings point at them, and keep their fingerprints" {
	BEFORE='CREATE TABLE a (n bigint PRIMARY KEY); CREATE TABLE b (n bigint)'
	ln -s m M
	for above in '' '-- a line\n\n\n-- and others\n'; do
		reset
		printf -- "$above"'ALTER TABLE a ADD k text;\nCREATE INDEX bn ON b (n);\nUPDATE a SET k = 1;\nSELECT n FROM b;\n' >m/1.sql
		watch 1.sql
		for f in gitlab sarif; do
			atlasjson -f $f o/watch.json >"$f.json" || :
			python3 -c 'import json, sys
def all(v):
    for k, x in v.items() if isinstance(v, dict) else enumerate(v) if isinstance(v, list) else ():
        if k in ("fingerprint", "primaryLocationLineHash"): print(x)
        yield from all(x)
list(all(json.load(sys.stdin)))' <"$f.json" >>"prints${above:+.moved}"
		done
		for f in text github junit markdown; do
			atlasjson -f $f o/watch.json >"$f.out" || :
			grep -q "line ${above:+5}" "$f.out"
		done
		cp found "at${above:+.moved}"
	done
	[ "$(wc -l <prints)" -ge 8 ]
	same prints prints.moved
	run ! cmp -s at at.moved
	sed 's/ [0-9]*:/ x:/' at >was
	sed 's/ [0-9]*:/ x:/' at.moved | same was -
}

@test "the safe ways of docs/lint.md: each runs, and nothing is told of it" {
	database "CREATE TABLE users (id bigserial PRIMARY KEY, age integer, name text, email text, active boolean, tags text[]);
		CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint);
		CREATE TABLE events (at timestamptz NOT NULL) PARTITION BY RANGE (at); CREATE TABLE events_2026 (at timestamptz NOT NULL);
		ALTER TABLE users ADD CONSTRAINT age_adult CHECK (age > 17) NOT VALID; CREATE INDEX users_age ON users (age);
		CREATE TABLE events_2020 PARTITION OF events FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
		CREATE MATERIALIZED VIEW totals AS SELECT now() AS day; CREATE DOMAIN positive AS integer; CREATE TABLE old (id bigint PRIMARY KEY);
		CREATE SCHEMA new; CREATE SCHEMA old; CREATE TABLE new.users (id bigint PRIMARY KEY); CREATE SCHEMA app"
	psql -XAtqd postgres -c "ALTER DATABASE $D RENAME TO ${D}_t"
	# One directory for each, a file where the text says "in a later file".
	awk '/^## /{ on = $2 == "Findings" } !on { next }
		/^```sql/ { n++; k = 0; next } /^```/ { k = -1; next }
		n == 0 || k < 0 { next }
		/^-- (in a later file|in one after that|a file of its own):/ { k++; next }
		{ print > sprintf("r%02d.%d.sql", n, k) } ' "$TOP/docs/lint.md"
	[ "$(ls r*.0.sql r*.1.sql | wc -l)" -gt 25 ]
	ln -s m M
	for r in $(ls r*.sql | sed 's/\..*//' | sort -u); do
		psql -XAtqd postgres -c "DROP DATABASE IF EXISTS $D" -c "CREATE DATABASE $D TEMPLATE ${D}_t" 2>/dev/null
		rm -f m/*
		cp "$r".*.sql m/
		# shellcheck disable=SC2046 # words
		watch $(cd m && ls)
		atlasjson -l "$(sed 's/#.*//' "$TOP/lint.levels")" o/watch.json >text || :
		grep 'warning:\|error:' text | sed "s/^/$(head -n 1 "$r".*0.sql 2>/dev/null | head -c 60): /" >>told || :
	done
	psql -XAtqd postgres -c "DROP DATABASE ${D}_t"
	same /dev/null told
}
