#!/usr/bin/env bats
# apply.bats - apply is killed after each message to the database: status names
# where that is, and apply goes on there. Run by make crash.

load ../helper
load ../database
load helper

setup() {
	killat_make
	killat_there
	database_setup
}

@test "apply" {
	local n rc count tried=0 try
	for n in 1 2 3; do
		add "2026112000000${n}_more_$n" "CREATE TABLE more_$n (id int);
INSERT INTO more_$n SELECT generate_series(1, 1000);"
	done
	killat -s -l ../log 0 . scripts/apply.sh >../out
	applied >../wanted
	count=$(wc -l <../log)
	for n in $(seq "$count"); do
		in_server "CREATE DATABASE k$n"
		DATABASE_URL=${DATABASE_URL%/*}/k$n?sslmode=disable
		DB=k$n
		rc=0
		killat -s "$n" . scripts/apply.sh >../out 2>&1 || rc=$?
		[ "$rc" -eq 137 ] || { cat ../out; return 1; }
		rc=0
		scripts/status.sh >../out 2>&1 || rc=$?
		[ "$rc" -le 1 ] || { echo "after $n status says:"; cat ../out; return 1; }
		# What was running may go on in the server for a moment, with its lock.
		for try in $(seq 50); do
			rc=0
			scripts/apply.sh >../out 2>&1 || rc=$?
			grep -q 'someone else is applying' ../out || break
			sleep 0.1
		done
		[ "$rc" -eq 0 ] || { echo "after $n apply says:"; cat ../out; return 1; }
		applied >../now
		same ../wanted ../now
		[ "$(in_db 'SELECT count(*) FROM more_1, users')" = 0 ]
		[ "$(in_db 'SELECT (SELECT count(*) FROM more_1) + (SELECT count(*) FROM more_2) + (SELECT count(*) FROM more_3)')" = 3000 ]
		in_server "DROP DATABASE k$n WITH (FORCE)"
		tried=$((tried + 1))
	done
	[ -z "${CRASH_FIGURES-}" ] || echo "apply: $tried" >>"$CRASH_FIGURES"
}
