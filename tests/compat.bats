#!/usr/bin/env bats
# compat.bats - other shells, an old make, odd surroundings: a share of what
# `make compat` runs everything with.

load helper

# environment SHELL: a project whose scripts run by SHELL, as sh.
with_sh() {
	scratch
	mkdir sh
	ln -s "$(command -v "$1")" sh/sh
	TEST_SH=$PWD/sh/sh
	project
	unset TEST_SH
	[ "$(head -n 1 scripts/check_migrations.sh)" = "#!$BATS_TEST_TMPDIR/sh/sh" ]
	# What calls sh by its name gets it too.
	PATH=$BATS_TEST_TMPDIR/sh:$PATH
}
a_day() {
	check 0 -o 'migrations: check passed' -- scripts/check_migrations.sh
	sed -i 's/^    name: Mapped.*/&\n    age: Mapped[int | None]/' src/db/models.py
	ATLAS_MAKE_NAME=age make -s SHELL="$BATS_TEST_TMPDIR/sh/sh" create-migrations >../text
	grep -q '^new: src/db/migrations/.*_age.sql$' ../text
	check 0 -o 'migrations: check passed' -- scripts/check_migrations.sh
	nothing_left
}

@test "busybox ash" {
	with_sh busybox
	a_day
}

@test "bash, as sh: POSIX mode" {
	with_sh bash
	a_day
}

@test "an odd TMPDIR, no HOME, umask 077, an empty cache, a Turkish locale" {
	scratch
	project
	rm -f .cache/pg
	mkdir "$TMPDIR/it's a \"dir\""
	umask 077
	check 0 -o 'migrations: check passed' -- env -u HOME TMPDIR="$TMPDIR/it's a \"dir\"" LC_ALL=tr_TR.UTF-8 \
		scripts/check_migrations.sh
	rm .cache/state/*/check.ok
	check 0 -o 'migrations: check passed' -- env -u HOME TMPDIR=/nowhere/to/be/seen scripts/check_migrations.sh
	rmdir "$TMPDIR/it's a \"dir\""
	nothing_left
}

# a_day_on MAJOR: with the embedded binaries of that PostgreSQL. The machine's own
# is what the other files run with.
a_day_on() {
	local d="$TOP/.cache/embedded/$1"
	[ -d "$d" ] || skip "no embedded PostgreSQL $1 here: make install-test gets it"
	scratch
	project
	export DEV_DB=embedded ATLAS_MAKE_PG_MAJOR="$1"
	check 0 -o 'migrations: check passed' -- scripts/check_migrations.sh
	sed -i 's/^    name: Mapped.*/&\n    age: Mapped[int | None]/' src/db/models.py
	ATLAS_MAKE_NAME=age scripts/create_migrations.sh >../text
	check 0 -o 'migrations: check passed' -- scripts/check_migrations.sh
	# Once more with a table that is there: what it locks is seen.
	printf 'ALTER TABLE users ALTER COLUMN name TYPE text USING upper(name);\n' >src/db/migrations/20991231000000_type.sql
	scripts/hash_migrations.sh >/dev/null
	scripts/check_migrations.sh >../text 2>&1 && return 1
	grep -q 'rewr' ../text || { cat ../text; return 1; }
	nothing_left
}
@test "PostgreSQL 14" { a_day_on 14; }
@test "PostgreSQL 15" { a_day_on 15; }
@test "PostgreSQL 16" { a_day_on 16; }
@test "PostgreSQL 17" { a_day_on 17; }
@test "PostgreSQL 18" { a_day_on 18; }
@test "the default is the newest that there is" {
	newest=$(cd "$TOP/scripts/pins/embedded" && printf '%s\n' [0-9]* | sort -n | tail -n 1)
	grep -qx "PG_MAJOR ?= $newest" "$TOP/mk/config.mk"
}

# What came after 3.81, which macOS has: 3.82, 4.0 and later.
@test "nothing in the makefiles that GNU make 3.81 lacks" {
	scratch
	cat >newer <<-'END'
		(^|[^$])[!]=|[^:]::?:=|&:
		^[ ]*define +[^ ]+ *[:+?]?=
		^[ ]*(undefine|private|load|-load) |: *private
		\.(ONESHELL|RECIPEPREFIX|SHELLSTATUS|EXTRA_PREREQS|LOADED|NOTINTERMEDIATE|WAIT)
		\$[({](file|guile|let|intcmp) |output-sync|MAKE_TERM
	END
	# Recipes are the shell's, where != is a word.
	sed -n "s/^\([^$TAB].*\)/\1/p" "$TOP/Makefile" "$TOP"/mk/*.mk | grep -v '^#' >lines
	[ "$(wc -l <lines)" -gt 100 ]
	run ! grep -nE -f newer lines
	# It finds what it looks for.
	for l in 'X != date' 'a b &: c' 'define x =' '.ONESHELL:' 'a: private X = 1' '$(file >x)' 'X ::= 1'; do
		echo "$l" | grep -qE -f newer || { echo "not found: $l"; return 1; }
	done
}
