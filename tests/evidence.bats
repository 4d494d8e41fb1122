#!/usr/bin/env bats
# A verdict needs evidence: whatever command of a verb fails, prints nothing, hangs
# or is missing, the answer is never yes, and never a no; and it comes soon.

load helper
load server

setup_file() {
	start_server
	export PORT SERVER SERVER_PID PG
}
teardown_file() { stop_server; }

setup() {
	scratch
	project git
	# Tools of its own, to put others in their place.
	rm .cache/bin
	cp -Rp "$TOP/.cache/bin" .cache/bin
	mkdir ../stand-in ../pg
	export PATH="$BATS_TEST_TMPDIR/stand-in:$PATH" ATLAS_MAKE_TIME_LIMIT=8
	# Seconds that nobody else sleeps: suites side by side do not meet.
	MARK=6${BATS_TEST_NUMBER}7.$$
	hung=0 hanging=''
}

# of_server: PostgreSQL's programs can be put others in the place of, too.
of_server() {
	ln -s "$PG"/* ../pg/
	export ATLAS_MAKE_PG_BINDIR=$BATS_TEST_TMPDIR/pg
}
# live: a database that has all migrations.
live() {
	in_server "CREATE DATABASE t$BATS_TEST_NUMBER"
	export DATABASE_URL="postgres://dev:s%40cret@127.0.0.1:$PORT/t$BATS_TEST_NUMBER?sslmode=disable"
	scripts/apply.sh >../applied 2>&1 || { cat ../applied; return 1; }
}

# instead NAME HOW: what NAME does from now on.
instead() {
	local f=../stand-in/$1
	case $1 in
	atlas)
		f=../stand-in/the-atlas
		export ATLAS_MAKE_ATLAS=$f
		;;
	esac
	[ ! -e ".cache/bin/$1" ] || f=.cache/bin/$1
	[ ! -e "../pg/$1" ] || f=../pg/$1
	rm -f "$f"
	case $2 in
	missing) return 0 ;;
	fails) printf '#!/bin/sh\necho it broke >&2\nexit %s\n' "${CODE:-1}" ;;
	dies) printf '#!/bin/sh\nkill -9 $$\n' ;;
	silent) printf '#!/bin/sh\nexit 0\n' ;;
	hangs) printf '#!/bin/sh\nexec sleep %s\n' "$MARK" ;;
	esac >"$f"
	chmod +x "$f"
}
restored() {
	[ ! -e "$TOP/.cache/bin/$1" ] || cp -p "$TOP/.cache/bin/$1" .cache/bin/
	[ ! -L "../pg/postgres" ] && [ ! -L ../pg/psql ] || ln -sf "$PG/$1" "../pg/$1"
	rm -f "../stand-in/$1" ../stand-in/the-atlas
	unset ATLAS_MAKE_ATLAS
}

# undecided VERB...: exit 2 with a sentence, no yes, nothing changed, nothing left.
undecided() {
	local rc=0 verb=$1
	shift
	timeout 60 "scripts/$verb" "$@" >out 2>err || rc=$?
	[ "$rc" -eq 2 ] || { echo "exit $rc"; return 1; }
	[ -s err ] || { echo 'not a word'; return 1; }
	run ! grep -E 'passed|nothing to do|nothing changed|^new: |^MigrationHash|no drift|up to date|all .*applied|^imported|: the schema of' out
	[ -z "$(git status --porcelain -- src cloud-formation.yaml other)" ] || { echo 'something was written'; return 1; }
	nothing_left
	run ! pgrep -f "sleep $MARK"
}

# each "VERB..." HOW COMMAND...: each of the commands goes wrong in that way.
each() {
	local verb=$1 how=$2 c bad=0
	shift 2
	for c do
		rm -rf .cache/state
		instead "$c" "$how"
		# shellcheck disable=SC2086 # words
		undecided $verb >why 2>&1 || {
			echo "$verb, $c $how: $(cat why)"
			head -n 5 out err
			bad=1
		}
		restored "$c"
	done
	return "$bad"
}
# all VERB... -- COMMAND...: in every way but hanging.
all() {
	local how bad=0
	for how in fails silent missing; do each "$1" "$how" "${@:2}" || bad=1; done
	return "$bad"
}

# hang "VERB..." COMMAND...: each of the commands hangs. A hang is mostly waiting, so
# this goes on in the background, each in a copy of the project, until hung is called.
hang() {
	local verb=$1 c d
	shift
	for c do
		hung=$((hung + 1))
		d=$BATS_TEST_TMPDIR/hang$hung
		mkdir -p "$d/stand-in"
		cp -Rp ../pg "$d/"
		cp -Rp . "$d/a project"
		(
			cd "$d/a project" || exit 1
			PATH=$d/stand-in:$PATH ATLAS_MAKE_TIME_LIMIT=4 MARK=6${BATS_TEST_NUMBER}7$hung.$$
			TMPDIR=$(mktemp -d "${TEST_TMP:-/tmp}/am.XXXXXX")
			chmod 711 "$TMPDIR"
			[ -z "${ATLAS_MAKE_PG_BINDIR-}" ] || ATLAS_MAKE_PG_BINDIR=$d/pg
			rm -rf .cache/state
			instead "$c" hangs
			rc=0
			# shellcheck disable=SC2086 # words
			undecided $verb || rc=1
			[ "$rc" -eq 0 ] || head -n 5 out err
			rm -rf "$TMPDIR"
			exit "$rc"
		) >"$d/said" 2>&1 3>&- &
		hanging="$hanging $!:$hung:${verb%% *}:$c"
	done
}
hung() {
	local h n bad=0
	for h in $hanging; do
		wait "${h%%:*}" && continue
		n=${h#*:}
		echo "${n#*:} hangs: $(cat "$BATS_TEST_TMPDIR/hang${n%%:*}/said")"
		bad=1
	done
	hanging=''
	return "$bad"
}

@test "check: a tool fails, or hangs" {
	hang check_migrations.sh mhash catdiff atlas
	each check_migrations.sh fails mhash catdiff atlasjson yamlset sqlflat sqlstmt watchlint atlas awk
	hung
	# An engine that ends with 1 and no word has not said that they do not apply.
	printf '#!/bin/sh\n[ "$2" != apply ] || exit 1\nexec %s "$@"\n' "'$TOP/.cache/atlas/atlas'" >../stand-in/mute
	chmod +x ../stand-in/mute
	rm -rf .cache/state
	ATLAS_MAKE_ATLAS=../stand-in/mute undecided check_migrations.sh
}
@test "check: a tool is killed" { each check_migrations.sh dies mhash catdiff atlasjson yamlset sqlflat atlas; }
@test "check: a tool prints nothing" { each check_migrations.sh silent mhash catdiff atlasjson yamlset sqlflat watchlint atlas awk; }
@test "check: a tool is missing" { each check_migrations.sh missing mhash catdiff sqlflat watchlint; }
@test "check: PostgreSQL's programs" {
	of_server
	hang check_migrations.sh psql
	each check_migrations.sh fails psql initdb postgres
	each check_migrations.sh silent psql initdb postgres
	hung
}
@test "check: a command of the system's is missing" {
	local c
	mkdir ../system
	ln -s /usr/bin/* /bin/* ../system/ 2>/dev/null || :
	[ ! -d /usr/local/bin ] || ln -s /usr/local/bin/* ../system/ 2>/dev/null || :
	for c in grep awk sed sort; do
		mv "../system/$c" ../kept
		rm -rf .cache/state
		check 2 -p "not found in PATH: $c; fix: install that, or correct PATH" -- env PATH="$BATS_TEST_TMPDIR/system" ATLAS_MAKE_KNOBS='' scripts/check_migrations.sh
		check 2 -p "not found in PATH: $c; fix: " -- env PATH="$BATS_TEST_TMPDIR/system" scripts/create_migrations.sh
		mv ../kept "../system/$c"
	done
	nothing_left
}
@test "create: a tool fails, or prints nothing" {
	edit src/db/models.py 's/^    name: Mapped.*/&\n    age: Mapped[int | None]/'
	git commit -qam models
	hang create_migrations.sh catplan
	all create_migrations.sh mhash catplan sqlflat
	each create_migrations.sh fails catdiff atlas
	each create_migrations.sh silent catdiff atlas
	CODE=2 each create_migrations.sh fails grep
	hung
}
@test "create: what only PostgreSQL's programs can say" {
	of_server
	edit src/db/models.py 's/^class Address/from sqlalchemy import DDL, event\nevent.listen(Base.metadata, "after_create", DDL("CREATE COLLATION german (locale = \x27C\x27); CREATE TEXT SEARCH CONFIGURATION t (COPY = english)"))\n\n\n&/'
	git commit -qam models
	hang create_migrations.sh pg_dump
	each create_migrations.sh fails psql pg_dump pg_restore
	each create_migrations.sh silent psql pg_dump pg_restore
	hung
}
@test "lint: a tool fails, prints nothing, is missing, hangs" {
	hang lint_migrations.sh watchlint
	all lint_migrations.sh atlasjson watchlint
	each lint_migrations.sh fails sqlstmt
	hung
}
@test "drift: a tool fails, prints nothing, is missing, hangs" {
	of_server
	live
	hang drift.sh atlas
	all drift.sh mhash mstate catdiff
	each drift.sh fails atlas psql
	each drift.sh silent atlas psql
	hung
}
@test "status, plan, apply: a tool fails, prints nothing, is missing, hangs" {
	live
	each status.sh silent awk sed tr
	for verb in status plan apply; do hang $verb.sh atlas mhash; done
	for verb in status plan apply; do
		# (mhash has nothing to say where all is well; mstate hashes once more.)
		all $verb.sh mstate
		each $verb.sh fails atlas mhash
		each $verb.sh silent atlas
	done
	hung
	# One that ends well and does nothing, just when it is to apply.
	in_server "CREATE DATABASE u$BATS_TEST_NUMBER"
	export DATABASE_URL="postgres://dev:s%40cret@127.0.0.1:$PORT/u$BATS_TEST_NUMBER?sslmode=disable"
	printf '#!/bin/sh\n[ "$2" = apply ] || exec %s "$@"\n' "'$TOP/.cache/atlas/atlas'" >../stand-in/lazy
	chmod +x ../stand-in/lazy
	ATLAS_MAKE_ATLAS=../stand-in/lazy undecided apply.sh
}
@test "hash, new, rebase: a tool fails, prints nothing, is missing, hangs" {
	export ATLAS_MAKE_NAME=new ATLAS_MAKE_LINT_BASE=HEAD
	for verb in hash_migrations new_migration rebase_migrations; do
		hang $verb.sh mhash
		all $verb.sh mhash yamlset
	done
	hung
	each rebase_migrations.sh fails comm sort git awk
}
@test "squash, import, erd: a tool fails, prints nothing, is missing" {
	all squash_migrations.sh mhash catplan
	each squash_migrations.sh fails atlas catdiff
	each squash_migrations.sh silent atlas catdiff
	mkdir ../goose
	printf -- '-- +goose Up\nCREATE TABLE t (id int);\n' >../goose/1_t.sql
	ATLAS_MAKE_MIGRATIONS=other all 'import_migrations.sh ../goose' mhash
	ATLAS_MAKE_MIGRATIONS=other each 'import_migrations.sh ../goose' fails awk
	each erd.sh fails atlas atlasjson
	each erd.sh silent atlas atlasjson
}

@test "lint-report: a tool that fails, prints nothing or is missing is no report without findings" {
	scripts/check_migrations.sh >../out
	for how in fails silent missing; do
		instead atlasjson "$how"
		for report in '' report.sarif; do
			check 2 -p '^(lint_report.sh: atlasjson printed nothing|.*atlasjson: )' -- \
				env ATLAS_MAKE_LINT_FORMAT=sarif ATLAS_MAKE_LINT_REPORT=$report scripts/lint_report.sh
			[ -z "$(git status --porcelain)" ]
		done
		restored atlasjson
	done
	nothing_left
}

@test "lint: what squawk said when it could not look reaches the reader" {
	rm .cache/venv
	mkdir -p .cache/venv/bin
	printf '#!/bin/sh\necho it broke >&2\nexit 7\n' >.cache/venv/bin/squawk
	chmod +x .cache/venv/bin/squawk
	check 2 -e 'squawk.sh: squawk could not look at src/db/migrations/20261115100000_create_addresses.sql: it broke' \
		-- scripts/lint_migrations.sh
	nothing_left
}

@test "DEV_DB_INIT that is a directory: a sentence, from every verb" {
	mkdir init
	export ATLAS_MAKE_DEV_DB_INIT=init
	for verb in check create lint; do
		check 2 -p "DEV_DB_INIT: cannot read 'init': it is the name of a file with SQL" -- scripts/${verb}_migrations.sh
	done
	nothing_left
}

@test "a time limit that is taken back at once: its watcher, only just forked, ends" {
	local sh
	mkdir -p scripts/lib .cache
	cp "$TOP/scripts/lib/common.sh" "$TOP/scripts/lib/jobs.sh" scripts/lib/
	printf '%s\n' '#!/bin/sh' 'set -eu' '. "${0%/*}/lib/common.sh"' 'n=0' \
		'while [ "$n" -lt 30 ]; do' 'n=$((n + 1))' 'time_limit' 'time_limit_end' 'done' 'say ended' >scripts/try.sh
	export ATLAS_MAKE_KNOBS=1 MIGRATIONS='' SCHEMA='' TEMPLATE='' DEV_SCHEMAS=public TIME_LIMIT=60
	for sh in dash bash busybox; do
		ln -sfn "$(command -v $sh)" sh
		check 0 -o ended -- timeout 30 ./sh scripts/try.sh
	done
}
