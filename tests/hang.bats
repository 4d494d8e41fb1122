#!/usr/bin/env bats
# hang.bats - PostgreSQL's programs or Atlas hang, and the verb gets SIGTERM: it ends,
# and neither a process nor a directory of its own is left.
#
# A few points of each verb here, each that starts such a program with CRASH=all, which
# `make crash` sets; it counts them in the file CRASH_FIGURES.

load helper
load server
load crash/helper

setup_file() { killat_make; }

setup() {
	scratch
	killat_there
	project git
	# What is killed is killed after four seconds, not ten.
	export TMPDIR=$PWD/../tmp ATLAS_KIT_PATIENCE=60
	mkdir -m 777 "$TMPDIR"
	eval "$(make -s print-knobs)"
}
teardown() { [ -z "${SERVER-}" ] || stop_server; }

hanging() { killat -x psql,pg_dump,pg_restore,atlas -l ../log "$@"; }

# hangs EVERY COMMAND...: let every EVERYth of the programs hang that COMMAND starts.
# Before each `again` has to put things back.
hangs() {
	local every=$1 count n rc tried=0
	shift
	again
	hanging 0 . "$@" >../out 2>&1 || [ $? -eq 1 ] || told 'it cannot' || return 1
	count=$(wc -l <../log)
	[ "${CRASH-}" != all ] || every=1
	for n in $(seq "$every" "$every" "$count"); do
		again
		rc=0
		hanging "$n" . "$@" >../out 2>&1 || rc=$?
		# Of those that run side by side the first ends the others.
		[ "$rc" -eq 143 ] || [ "$(wc -l <../log)" -lt "$n" ] || late || told "exit $rc" || return 1
		[ "$rc" -ne 3 ] && [ -z "$(ls -A "$TMPDIR")" ] || told "left behind: $(ls "$TMPDIR"), exit $rc" || return 1
		left || return 1
		tried=$((tried + 1))
	done
	[ "$tried" -gt 0 ]
	[ -z "${CRASH_FIGURES-}" ] || echo "$BATS_TEST_DESCRIPTION: $tried" >>"$CRASH_FIGURES"
}
told() {
	echo "hangs at $n: $1"
	head -n 20 ../out
	return 1
}
left() { :; }
# late: at exit no signal is heard, and what hangs there is told.
late() { [ "$rc" -eq 0 ] && grep -q 'could not be dropped' ../out; }

@test "check-migrations" {
	again() { rm -f .cache/state/*/check.ok; }
	hangs 2 scripts/check_migrations.sh
}

@test "create-migrations" {
	printf '\n\nclass More(Base):\n    __tablename__ = "more"\n    id: Mapped[int] = mapped_column(primary_key=True)\n' >>src/db/models.py
	git add -A
	git -c user.name=t -c user.email=t@t commit -qm more
	again() { git checkout -q -- . && git clean -qfd src; }
	export NAME=more
	hangs 2 scripts/create_migrations.sh
}

@test "check-migrations on a server that stays: no database of ours stays there" {
	start_server
	again() { rm -f .cache/state/*/check.ok; }
	left() {
		# The next run clears away what could not be.
		! late || { again && scripts/check_migrations.sh >../out 2>&1; } || return 1
		[ -z "$(in_server "SELECT datname FROM pg_database WHERE datname LIKE 'atlas%' UNION SELECT rolname FROM pg_roles WHERE rolname LIKE 'atlas%'")" ] ||
			told "databases are left"
	}
	PG_MAJOR=$("$PG/postgres" -V | sed 's/.* \([0-9]*\)\..*/\1/')
	export ATLAS_MAKE_DEV_DB=url ATLAS_MAKE_PG_MAJOR=$PG_MAJOR DEV_URL="postgres://dev:s%40cret@127.0.0.1:$PORT/dev?sslmode=disable"
	hangs 8 scripts/check_migrations.sh
}

@test "drift" {
	start_server
	export DATABASE_URL="postgres://dev:s%40cret@127.0.0.1:$PORT/dev?sslmode=disable"
	scripts/apply.sh
	again() { :; }
	hangs 2 scripts/drift.sh
}
