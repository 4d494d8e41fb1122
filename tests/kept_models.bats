#!/usr/bin/env bats
# The listing of what the models say, kept: it saves time, and is never believed when
# it says no.

load helper

setup() {
	scratch
	project
	export ATLAS_MAKE_SCHEMA=schema.sql ATLAS_MAKE_SCHEMA_DEPS='' ATLAS_MAKE_MIGRATIONS=m ATLAS_MAKE_TEMPLATE='' ATLAS_MAKE_DEV_DB=auto
	mkdir m
	table a
	table b
	scripts/hash_migrations.sh >/dev/null
}

# table NAME: a migration that makes it, and the schema has it.
table() {
	printf 'CREATE TABLE "%s" ("id" bigint NOT NULL, PRIMARY KEY ("id"));\n' "$1" | tee "m/2026010100000$1.sql" >>schema.sql
	mv "m/2026010100000$1.sql" "m/2026010100000$(wc -l <schema.sql)_$1.sql"
}
# checked CODE: the check ends with it; its words are in out and err.
checked() {
	local rc=0
	rm -f .cache/state/*/check.ok
	scripts/check_migrations.sh >out 2>err || rc=$?
	[ "$rc" -eq "$1" ] || { echo "exit $rc"; cat out err; return 1; }
	nothing_left
}
# kept: set it to the file.
kept() { kept=$(echo .cache/state/*/models.listing) && [ -f "$kept" ]; }
# edit AWK-PROGRAM: of what is kept, which stays as old as it was.
edit() {
	kept
	awk "$1" "$kept" >edited
	touch -r "$kept" edited
	mv edited "$kept"
}
anew='what was kept there is not what the models make, and checks of the last day may have been wrong; it is made anew'

@test "what is kept is used; a difference in it alone is none" {
	checked 0
	checked 0
	check 0 -- cat err
	edit '!/^table\ta\t/'
	checked 0
	check 0 -e "check_migrations.sh: $kept: $anew" -- sh -c 'cat err >&2'
	grep -q "^table	a	" "$kept"
	checked 0
	check 0 -- cat err
}

@test "models that change, and a difference, are found as ever" {
	checked 0
	echo 'CREATE TABLE "c" ("id" bigint);' >>schema.sql
	checked 1
	grep -q 'table "c" is in the models and not in the migrations' out
	checked 1
	grep -q 'table "c" is in the models and not in the migrations' out
	check 0 -- cat err
}

@test "one of another schema under this one's name: CHECK_ALL=1 says it, and so does the next day" {
	checked 0
	kept
	cp -p "$kept" old
	echo 'CREATE TABLE "c" ("id" bigint);' >>schema.sql
	checked 1
	# The bytes of before under the name of now.
	{ head -n 1 "$kept" && sed 1d old; } >wrong
	cp wrong "$kept"
	checked 0
	ATLAS_MAKE_CHECK_ALL=1 checked 1
	grep -qF "$anew" err
	cp wrong "$kept"
	touch -d '2 days ago' "$kept"
	checked 1
	grep -qF "$anew" err
}

@test "one that was cut short, or that others own, is passed over" {
	checked 0
	edit 'NR < 3'
	checked 0
	[ "$(tail -n 1 "$kept")" = '\.' ]
	[ "$(id -u)" -eq 0 ] || return 0
	edit '!/^table\ta\t/'
	chown nobody "$kept"
	checked 0
	grep -qF "$anew" err
}

@test "what create-migrations was told by the models is kept, too" {
	echo 'CREATE TABLE "c" ("id" bigint);' >>schema.sql
	scripts/create_migrations.sh >out 2>err
	kept
	run ! grep -Eq '^(needs|same)	' "$kept"
	edit '!/^table\tc\t/'
	checked 0
	grep -qF "$anew" err
}
