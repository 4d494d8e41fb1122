#!/usr/bin/env bats
# doctor: what is here, what would be used and why, what is missing.

load helper

setup() {
	scratch
	project
}

# line PART: what doctor says of it.
line() { sed -n "s/^\([a-z-]*\) *$1  */\1: /p" ../text; }

@test "all is here: exit 0, one line a part, and it changes nothing" {
	find . -newer src | sort >../before
	make -s doctor >../text
	find . -newer src | sort >../after
	same ../before ../after
	run ! grep '^missing' ../text
	line Atlas | grep -Eq '^ok: (engine|community) version v?[0-9.]+[^:]*: .*(ATLAS_FROM=|ATLAS names it)'
	line 'dev database' | grep -Eq "^ok: PostgreSQL [0-9.]+.*: /.*/bin \(DEV_DB=${DEV_DB:-auto}, PG_MAJOR=${PG_MAJOR:-15}\)"
	line psql | grep -Eq '^ok: PostgreSQL [0-9.]+.*, with pg_dump and pg_restore: /.*/bin$'
	[ "$(line migrations)" = 'ok: 2 in src/db/migrations' ]
	[ "$(line tools | grep -c mhash)" -eq 1 ]
	nothing_left
}

@test "what is missing is told with the command that gets it, exit 1" {
	rm .cache/bin .cache/venv .cache/atlas cloud-formation.yaml
	unset ATLAS_MAKE_ATLAS
	scripts/setup/doctor.sh >../text 2>../err && false
	[ "$?" -eq 1 ]
	[ ! -s ../err ]
	[ "$(line tools)" = 'missing: not built: atlasjson, mhash, mstate, sqlstmt, yamlset, cfnrespond, rdstoken' ]
	[ "$(line Atlas)" = "missing: no atlas at '.cache/atlas/atlas': run 'make install', or set ATLAS" ]
	[ "$(line template)" = "missing: cannot read 'cloud-formation.yaml'" ]
	line environment | grep -q '^missing: '
	[ "$(grep -c 'get it: make' ../text)" -ge 2 ]
	tail -n 1 ../text | grep -Fqx 'something the verbs of the day need is missing'
}

@test "why this database: a version that is not here, a given one without its password" {
	DEV_DB=local ATLAS_MAKE_PG_MAJOR=9 scripts/setup/doctor.sh >../text && false
	line 'dev database' | grep -q '^missing: no PostgreSQL 9 binaries found'
	DEV_DB=auto DEV_URL=postgres://u:secret@h/d scripts/setup/doctor.sh >../text
	[ "$(line 'dev database')" = 'ok: the one of DEV_URL (DEV_DB=auto); not asked now' ]
	DEV_DB=postgres://u:secret@h/d scripts/setup/doctor.sh >>../text
	run ! grep secret ../text
	ATLAS_MAKE_PG_MAJOR=40 DEV_DB=docker scripts/setup/doctor.sh >../text && false
	[ "$(line psql)" = 'missing: no psql, pg_dump and pg_restore for PostgreSQL 40' ]
	ATLAS_MAKE_ATLAS=/nowhere/atlas scripts/setup/doctor.sh >../text && false
	line Atlas | grep -q "^missing: no atlas at '/nowhere/atlas'"
	check 2 -e 'usage: doctor.sh' -- scripts/setup/doctor.sh -x
}

@test "a .cache from another machine: make install makes anew what does not run here" {
	unset ATLAS_MAKE_ATLAS
	rm .cache/bin .cache/venv .cache/atlas
	mkdir -p .cache/bin .cache/venv/bin .cache/atlas
	: >requirements.txt
	cp requirements.txt .cache/venv/ok
	ln -s /nowhere/python3 .cache/venv/bin/python
	for f in .cache/bin/mhash .cache/atlas/atlas; do
		printf '\317\372\355\376' >"$f"
		chmod +x "$f"
	done
	touch -d '+1 hour' .cache/bin/mhash .cache/atlas/atlas .cache/venv/ok
	cp "$TOP/.cache/atlas/atlas" theirs
	ATLAS_MAKE_REQUIREMENTS='' make -s install >../text 2>../err || { cat ../text ../err; return 1; }
	.cache/venv/bin/python -c ''
	.cache/bin/mhash -V >../text
	cmp theirs .cache/atlas/atlas
}

@test "offers the merge driver until it is set up" {
	project_git
	scripts/setup/doctor.sh >../text
	[ "$(line 'merge driver')" = '-: git can make atlas.sum again when branches meet: make merge-driver (docs/verbs.md)' ]
	make -s merge-driver >../seen
	scripts/setup/doctor.sh >../text
	[ "$(line 'merge driver')" = 'ok: git makes atlas.sum again when branches meet' ]
}
project_git() {
	export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
	git init -q -b main .
}
