#!/usr/bin/env bats
# What was right is looked at again whenever something changed that the answer depends
# on; and what was kept of another state is no answer.

load helper

passed='migrations: check passed'
known='migrations: nothing changed since the last successful check'

setup() {
	scratch
	project
	export ATLAS_MAKE_SCHEMA=schema.sql ATLAS_MAKE_SCHEMA_DEPS='' ATLAS_MAKE_MIGRATIONS=m ATLAS_MAKE_TEMPLATE='' ATLAS_MAKE_DEV_DB=auto
	mkdir m
	table 1
	table 2
	rehash
}
# table N: a migration that makes it, and the schema has it.
table() {
	printf 'CREATE TABLE "t%s" ("id" bigint NOT NULL, PRIMARY KEY ("id"));\n' "$1" | tee "m/2026010100000$1.sql" >>schema.sql
}
rehash() { scripts/hash_migrations.sh >/dev/null; }
# said TEXT: the check's answer; the rest of stdout is in out.
said() {
	scripts/check_migrations.sh >out 2>err || :
	[ "$(tail -n 1 out)" = "$1" ] || { cat out err; return 1; }
}

@test "squawk was not there, or is another" {
	rm .cache/venv
	said "$passed"
	grep -q 'no squawk' err
	said "$known"
	mkdir -p .cache/venv/bin
	cp "$TOP/.cache/venv/bin/squawk" .cache/venv/bin/
	said "$passed"
	run ! grep -q 'no squawk' err
	said "$known"
	touch -d '2 minutes' .cache/venv/bin/squawk
	said "$passed"
}

@test "a report is that of the check, though lint-migrations has kept its own meanwhile" {
	said "$passed"
	echo 'DROP TABLE "t2";' >m/20260101000003.sql
	rehash
	scripts/lint_migrations.sh >out || :
	grep -q drop-table out
	rm m/20260101000003.sql
	rehash
	said "$known"
	ATLAS_MAKE_LINT_FORMAT=gitlab ATLAS_MAKE_LINT_REPORT=report said "$passed"
	check 0 -o '[]' -- cat report
	ATLAS_MAKE_LINT_FORMAT=gitlab ATLAS_MAKE_LINT_REPORT=report said "$known"
}

@test "HEAD is another commit: the order is looked at again, and nothing else for it" {
	git_first
	said "$passed"
	table 4
	table 3
	rehash
	said "$passed"
	git commit -qm nothing --allow-empty
	said "$known"
	git add m/20260101000004.sql
	git commit -qm four
	said 'migrations: check failed'
	grep -q '^m/20260101000003.sql: error: added out of order' out
	git add m
	git commit -qm three
	said "$passed"
	git reset -q --soft HEAD~2
	said "$known"
	git checkout -q --detach
	git pack-refs --all
	said "$known"
}

@test "another server is asked, by DEV_URL or DEV_DB" {
	said "$passed"
	for how in DEV_URL ATLAS_MAKE_DEV_DB; do
		run -2 --separate-stderr env "$how=postgres://nobody:secret@127.0.0.1:1/x" scripts/check_migrations.sh
		[ -z "$output" ] || [ "$output" = 'migrations: the check could not be completed; nothing was decided' ]
	done
}

@test "a success of later than now counts for nothing: what changed since would be older" {
	said "$passed"
	touch -d '2 years' .cache/state/*/check.ok
	edit scripts/lib/check.sh 's/check passed/check is passed/'
	said 'migrations: check is passed'
}
