#!/usr/bin/env bats
# apply: on a real database, stopped and disturbed in every way.

load helper
load database

setup() { database_setup; }

CTRLC=$FIXTURES/database/ctrlc.py
# running: how many statements of an apply the server still runs.
running() { in_db "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'atlas-make-%' AND state = 'active'"; }

@test "applies what is pending, and then nothing" {
	[ "$(says 0 make -s apply)" = "$HOST: 2 to apply
applied $U (2 statements, N ms)
applied $A (2 statements, N ms)
$HOST: all 2 applied, 2 of them now" ]
	[ "$(applied)" = "20261101090000 2/2
20261115100000 2/2" ]
	check 0 -o "$HOST: nothing to do, all 2 applied" -- scripts/apply.sh
	add 20261201000000_more
	[ "$(says 0 scripts/apply.sh)" = "$HOST: 1 to apply
applied 20261201000000_more.sql (1 statement, N ms)
$HOST: all 3 applied, 1 of them now" ]
	remove 20261201000000_more
	check 0 -o "$HOST: nothing to do, all 2 here are applied, and 1 later ones besides" -- scripts/apply.sh
	no_secret
	nothing_left
}

@test "a failed file is rolled back, those before it stay; mended it goes on" {
	add 20261201000000_good
	add 20261202000000_bad 'CREATE TABLE bad (id int);
SELECT 1/0;'
	add 20261203000000_never
	[ "$(says 1 scripts/apply.sh)" = "$HOST: 5 to apply
applied $U (2 statements, N ms)
applied $A (2 statements, N ms)
applied 20261201000000_good.sql (1 statement, N ms)
failed  $M/20261202000000_bad.sql (stopped at statement 2, N ms)
pending $M/20261203000000_never.sql
migrate apply: failed after 3 of 5 files
$M/20261202000000_bad.sql:2:1: error: division by zero (apply)
     2 | SELECT 1/0;
       | ^
1 error in 1 file
3 of 5 applied now, 3 of all 5 are in the database
the file is rolled back; correct it, then: make hash-migrations, make apply" ]
	[ "$(in_db "SELECT to_regclass('bad') IS NULL")" = t ]
	add 20261202000000_bad
	[ "$(says 0 scripts/apply.sh | tail -n 1)" = "$HOST: all 5 applied, 2 of them now" ]
	no_secret
}

@test "a file outside a transaction: what was applied stays, the rest goes on" {
	engine_only 'the revision keeps the hash of the file that failed'
	add 20261201000000_half "-- atlas:txmode none

CREATE INDEX CONCURRENTLY half ON users (name);
SELECT 1/0;"
	[ "$(says 1 scripts/apply.sh | tail -n 2)" = "2 of 3 applied now, 2 of all 3 are in the database, and in part: 20261201000000_half.sql, 1 of 2 statements
what was applied of the file stays; correct it, then: make hash-migrations, make apply" ]
	add 20261201000000_half "-- atlas:txmode none

CREATE INDEX CONCURRENTLY half ON users (name);
SELECT 1;"
	[ "$(says 0 scripts/apply.sh)" = "$HOST: 1 to apply
applied 20261201000000_half.sql (1 statement after 1 of before, N ms)
$HOST: all 3 applied, 1 of them now" ]
	add 20261202000000_other "-- atlas:txmode none

SELECT 1;
SELECT 1/0;"
	says 1 scripts/apply.sh
	remove 20261202000000_other
	check 2 -e "apply.sh: $HOST: a migration is applied in part, and its file is not here; make status says which" -- scripts/apply.sh
}

@test "what takes longer is shown, statement by statement, and who it waits for" {
	engine_only 'what runs is told by the engine alone'
	apply
	add 20261201000000_slow "CREATE TABLE slow (id int);
SELECT pg_sleep(1.3);
SELECT pg_sleep(0.01);
CREATE ROLE r_$DB PASSWORD 'hidden';
LOCK TABLE users;
SELECT pg_sleep(0.02);"
	PGPASSWORD=$PASSWORD psql -X -q -h 127.0.0.1 -p "$PORT" -U us@r -d "$DB" \
		-c 'BEGIN; LOCK TABLE users; SELECT pg_sleep(3.5)' >/dev/null 3>&- &
	[ "$(says 0 scripts/apply.sh | sed 's/process [0-9]*/process N/')" = "$HOST: 1 to apply
  20261201000000_slow.sql 2/6: SELECT pg_sleep(1.3);
  20261201000000_slow.sql 5/6: LOCK TABLE users;
    waits for a lock that the database's process N holds
applied 20261201000000_slow.sql (6 statements, N s)
$HOST: all 3 applied, 1 of them now" ]
	wait
	in_db "DROP ROLE r_$DB"
	no_secret
	nothing_left
}

@test "Ctrl-C: the statement is cancelled, its file rolled back, and how to go on" {
	engine_only 'what runs is told by the engine alone'
	add 20261201000000_good
	add 20261202000000_slow 'CREATE TABLE slow (id int);
SELECT pg_sleep(30);'
	says 130 python3 "$CTRLC" 'slow.sql 2/2' scripts/apply.sh >../seen
	same - ../seen <<-END
		$HOST: 4 to apply
		  20261202000000_slow.sql 2/2: SELECT pg_sleep(30);
		^Capply.sh: stopping: the running statement is cancelled
		applied $U (2 statements, N ms)
		applied $A (2 statements, N ms)
		applied 20261201000000_good.sql (1 statement, N ms)
		stopped: 3 of 4 applied now, 3 of all 4 are in the database
		what was running is rolled back, in a file outside a transaction its last statement; go on with: make apply
	END
	[ "$(running)" = 0 ]
	[ "$(in_db "SELECT to_regclass('slow') IS NULL")" = t ]
	[ "$(says 1 scripts/status.sh | tail -n 1)" = "behind: 1 of 4 pending; make plan shows what they do, make apply applies them" ]
	nothing_left
	# Through make the same.
	says 130 python3 "$CTRLC" 'slow.sql 2/2' make -s apply >../seen
	grep -q '^stopped: 0 of 1 applied now, 3 of all 4' ../seen
	[ "$(running)" = 0 ]
	nothing_left
	add 20261202000000_slow
	[ "$(says 0 scripts/apply.sh | tail -n 1)" = "$HOST: all 4 applied, 1 of them now" ]
	no_secret
}

@test "SIGTERM to all of the group at once is one stop; outside a transaction too" {
	engine_only 'what runs is told by the engine alone'
	apply
	add 20261201000000_slow '-- atlas:txmode none

CREATE TABLE slow (id int);
SELECT pg_sleep(30);'
	setsid scripts/apply.sh >../text 2>&1 3>&- &
	pid=$!
	until grep -q 'slow.sql 2/2' ../text; do sleep 0.1; done
	kill -TERM -- "-$pid"
	rc=0
	wait "$pid" || rc=$?
	[ "$rc" -eq 143 ]
	[ "$(running)" = 0 ]
	grep -Fqx 'stopped: 0 of 1 applied now, 2 of all 3 are in the database, and in part: 20261201000000_slow.sql, 1 of 2 statements' ../text
	[ "$(applied | tail -n 1)" = '20261201000000 1/2' ]
	nothing_left
	no_secret
}

@test "a lock is waited for as long as LOCK_TIMEOUT says; the address may say it" {
	apply
	add 20261201000000_more 'ALTER TABLE users ADD COLUMN more int;'
	PGPASSWORD=$PASSWORD psql -X -q -h 127.0.0.1 -p "$PORT" -U us@r -d "$DB" \
		-c 'BEGIN; LOCK TABLE users; SELECT pg_sleep(30)' >/dev/null 2>&1 3>&- &
	until [ "$(in_db "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation = 'users'::regclass")" = 1 ]; do :; done
	export ATLAS_MAKE_LOCK_TIMEOUT=200ms
	[ "$(says 1 scripts/apply.sh | tail -n 2)" = "0 of 1 applied now, 2 of all 3 are in the database
a statement waited 200ms for a lock that someone else holds: later, or with a longer LOCK_TIMEOUT: make apply again" ]
	export ATLAS_MAKE_LOCK_TIMEOUT=1h
	DATABASE_URL="$DATABASE_URL&lock_timeout=100" says 1 scripts/apply.sh >../seen
	grep -q 'due to lock timeout' ../seen
	check 2 -e 'apply.sh: LOCK_TIMEOUT=5 s: not a time such as 5s' -- env ATLAS_MAKE_LOCK_TIMEOUT='5 s' scripts/apply.sh
	in_db "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(30)%' AND pid <> pg_backend_pid()" >/dev/null
	wait
	apply
	no_secret
}

@test "a proxy that takes no settings: goes on without, and says so" {
	python3 "$FIXTURES/database/proxy.py" "$PORT" >../port 3>&- &
	proxy=$!
	until [ -s ../port ]; do sleep 0.05; done
	through=127.0.0.1:$(cat ../port)/$DB
	export DATABASE_URL="postgres://us%40r:$ENCODED@$through?sslmode=disable"
	[ "$(says 0 scripts/apply.sh)" = "apply.sh: a proxy takes no settings when a session begins: going on without lock_timeout; there ALTER ROLE ... SET lock_timeout sets it
$through: 2 to apply
applied $U (2 statements, N ms)
applied $A (2 statements, N ms)
$through: all 2 applied, 2 of them now" ]
	[ "$(says 0 scripts/status.sh | tail -n 1)" = 'up to date: all 2 applied' ]
	kill "$proxy"
	wait "$proxy" || :
	no_secret
}

@test "never managed: refused, untouched; with the baseline it goes on from there" {
	in_db 'CREATE TABLE mine (id int)'
	check 2 -e "apply.sh: $HOST: never managed, and not empty: refused. Say at which version it stands: make apply BASELINE=its version (make drift compares); or BASELINE=none, if nothing of the migrations is in it" \
		-- scripts/apply.sh
	[ "$(in_db "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'atlas%'")" = 0 ]
	check 2 -e "apply.sh: BASELINE=2026: no migration of that version in $M" -- env ATLAS_MAKE_BASELINE=2026 scripts/apply.sh
	add 20261201000000_more
	[ "$(ATLAS_MAKE_BASELINE=20261115100000 says 0 scripts/apply.sh)" = "$HOST: 1 to apply
applied 20261201000000_more.sql (1 statement, N ms)
$HOST: all 3 applied, 1 of them now" ]
	[ "$(applied)" = '20261115100000 0/0
20261201000000 1/1' ]
	check 0 -o "$HOST: nothing to do, all 3 applied" \
		-e "apply.sh: BASELINE is left alone: the database is managed, at version 20261201000000" \
		-- env ATLAS_MAKE_BASELINE=20261115100000 scripts/apply.sh
	no_secret
}

@test "BASELINE=none: tables of others are no obstacle" {
	in_db 'CREATE TABLE mine (id int)'
	[ "$(ATLAS_MAKE_BASELINE=none says 0 scripts/apply.sh | tail -n 1)" = "$HOST: all 2 applied, 2 of them now" ]
}

@test "diverged is refused by both Atlases alike, untouched" {
	apply
	add 20261110000000_mid
	check 2 -e "apply.sh: $HOST: diverged, refused: the files here and what was applied do not follow one line; make status says which" \
		-- scripts/apply.sh
	[ "$(applied | wc -l)" -eq 2 ]
}

@test "EXEC_ORDER: what sorts before an applied one is pending, and applied" {
	apply
	# Their times are told apart by the second.
	sleep 1.1
	add 20261110000000_mid
	check 2 -e 'apply.sh: EXEC_ORDER=any: linear or non-linear' -- env ATLAS_MAKE_EXEC_ORDER=any scripts/apply.sh
	export ATLAS_MAKE_EXEC_ORDER=non-linear
	[ "$(says 1 scripts/status.sh | tail -n 1)" = 'behind: 1 of 3 pending; make plan shows what they do, make apply applies them' ]
	says 1 scripts/plan.sh >../plan
	grep -q '20261110000000_mid.sql' ../plan
	[ "$(says 0 scripts/apply.sh)" = "$HOST: 1 to apply
applied 20261110000000_mid.sql (1 statement, N ms)
$HOST: all 3 applied, 1 of them now" ]
	unset ATLAS_MAKE_EXEC_ORDER
	[ "$(says 0 scripts/status.sh | tail -n 1)" = 'up to date: all 3 applied' ]
	check 0 -o "$HOST: no drift" -- scripts/drift.sh
}

@test "a search_path in the address: the table of revisions stays where it is" {
	DATABASE_URL="$DATABASE_URL&search_path=public"
	apply
	[ "$(applied | wc -l)" -eq 2 ]
	[ "$(says 0 scripts/status.sh | tail -n 1)" = 'up to date: all 2 applied' ]
}

@test "without DATABASE_URL: a try on a temporary database" {
	unset DATABASE_URL
	[ "$(says 0 scripts/apply.sh)" = "the temporary database: 2 to apply
applied $U (2 statements, N ms)
applied $A (2 statements, N ms)
the temporary database: all 2 applied, 2 of them now
it was a temporary database, gone with this command; DATABASE_URL names a real one" ]
	nothing_left
}
