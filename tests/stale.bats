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

@test "a command of VENV's: another environment, another rendering" {
	local v
	for v in t1 t2; do
		mkdir -p "$v/bin"
		ln -s "$(type -P true)" "$v/bin/python"
		# shellcheck disable=SC2016 # it is the command's
		printf '#!/bin/sh\necho "CREATE TABLE %s (id bigint NOT NULL, PRIMARY KEY (id));"\n[ -z "$SCHEMA_DEPFILE" ] || echo schema.sql >"$SCHEMA_DEPFILE"\n' "$v" >"$v/bin/models"
		chmod +x "$v/bin/models"
	done
	rm m/20260101000002.sql
	rehash
	export ATLAS_MAKE_SCHEMA=models
	ATLAS_MAKE_VENV=t1 said "$passed"
	ATLAS_MAKE_VENV=t2 said 'migrations: check failed'
	grep -q 'table "t2" is in the models' out
}

@test "load_models.py and another command: the other one's files count" {
	mkdir views
	echo 'CREATE VIEW "v1" AS SELECT 1 AS "n";' | tee views/a.sql >m/20260101000003.sql
	cp src/db/migrations/*.sql m/
	rm m/20260101000001.sql m/20260101000002.sql
	rehash
	export ATLAS_MAKE_SCHEMA='scripts/load_models.py src.db.models && find views -type f -exec cat {} +'
	said "$passed"
	said "$known"
	echo 'CREATE VIEW "v2" AS SELECT 1 AS "n";' >views/b.sql
	said 'migrations: check failed'
	grep -q 'view "v2"' out
}

@test "models that read a file, miss a module, or have a package before one" {
	export ATLAS_MAKE_SCHEMA='scripts/load_models.py app'
	rm m/20260101000002.sql
	rehash
	mkdir app
	cat >app/__init__.py <<-'END'
		import json, pathlib
		import sqlalchemy as sa
		import helpers
		names = json.loads(pathlib.Path("names.json").read_text()) + helpers.names
		try:
		    import extra
		    names += extra.names
		except ImportError:
		    pass
		meta = sa.MetaData()
		for n in names:
		    sa.Table(n, meta, sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False))
	END
	echo '["t1"]' >names.json
	echo 'names = []' >helpers.py
	said "$passed"
	said "$known"
	echo '["t1", "t2"]' >names.json
	said 'migrations: check failed'
	grep -q 'table "t2" is in the models' out
	echo '["t1"]' >names.json
	said "$passed"
	mkdir helpers
	echo 'names = ["t3"]' >helpers/__init__.py
	said 'migrations: check failed'
	grep -q 'table "t3" is in the models' out
	rm -r helpers
	said "$passed"
	echo 'names = ["t4"]' >extra.py
	said 'migrations: check failed'
	grep -q 'table "t4" is in the models' out
	rm extra.py
	said "$passed"
	said "$known"
}

@test "a listing of the models that was kept with a clock that was ahead is made anew" {
	said "$passed"
	touch -d '2 years' .cache/state/*/models.listing
	rm .cache/state/*/check.ok
	said "$passed"
	[ -z "$(find .cache/state -name models.listing -newermt '1 year')" ]
}

@test "what the file DEV_DB_INIT includes" {
	mkdir sql
	printf '\\ir sql/one.sql\n' >init.sql
	printf "\\\\i 'sql/the other.sql'\n" >sql/one.sql
	echo 'SELECT 1;' >'sql/the other.sql'
	export ATLAS_MAKE_DEV_DB_INIT=init.sql
	said "$passed"
	said "$known"
	echo 'CREATE ROLE app;' >'sql/the other.sql'
	said "$passed"
	grep -q 'a target needs what DEV_DB_INIT (init.sql) makes, before its first migration: role app' out
	said "$known"
}

@test "settings of squawk's in a directory above" {
	rm -f .squawk.toml
	said "$passed"
	echo 'excluded_rules = [ "prefer-bigint-over-int" ]' >../.squawk.toml
	said "$passed"
	said "$known"
	echo 'excluded_rules = []' >../.squawk.toml
	said "$passed"
}

@test "a second working tree, and branches that are lines of a file: HEAD is seen there, too" {
	git_first
	git pack-refs --all
	git worktree add -q -b other ../tree
	cp -a .cache ../tree/
	cd ../tree
	export ATLAS_KIT_PROJECT=$PWD
	said "$passed"
	said "$known"
	cp .cache/state/*/check.ok ../was
	git commit -qm nothing --allow-empty
	said "$known"
	# The commit is noted, so that git is not asked once more.
	run ! cmp ../was .cache/state/*/check.ok
	cp .cache/state/*/check.ok ../was
	said "$known"
	cmp ../was .cache/state/*/check.ok
	table 4
	table 3
	rehash
	said "$passed"
	git add m/20260101000004.sql
	git commit -qm four
	said 'migrations: check failed'
	grep -q '^m/20260101000003.sql: error: added out of order' out
}

@test "a script that was changed and changed back has the marks of another, and its content" {
	said "$passed"
	cp -p scripts/lib/check.sh ../saved
	echo '# more' >>scripts/lib/check.sh
	cat ../saved >scripts/lib/check.sh
	touch -r ../saved scripts/lib/check.sh
	said "$known"
	sed 's/check passed/check is PASSED/' ../saved >scripts/lib/check.sh
	touch -r ../saved scripts/lib/check.sh
	said 'migrations: check is PASSED'
}

# models NAMES: load_models.py has app, where the module more makes the tables NAMES.
models() {
	export ATLAS_MAKE_SCHEMA='scripts/load_models.py app'
	mkdir app
	printf 'import sqlalchemy as sa\nmeta = sa.MetaData()\n%s\nfrom app import more\n' \
		'def table(n): sa.Table(n, meta, sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False))' >app/__init__.py
	printf 'from app import table\nfor n in (%s): table(n)\n' "$1" >app/more.py
}
# late N: the check fails, for the table tN is in the models alone.
late() {
	said 'migrations: check failed'
	grep -q "table \"t$1\" is in the models and not in the migrations" out
}

@test "models of the same size and with the same time: byte code of before is not theirs" {
	models '"t1", "t2"'
	said "$passed"
	cp -p app/more.py saved
	edit app/more.py 's/"t2"/"t3"/'
	touch -r saved app/more.py
	late 3
}

@test "models that look into a directory, or read beside io.open" {
	models '"t1", "t2"'
	mkdir sql
	: >app/names.txt
	cat >>app/more.py <<-'END'
		import pathlib, pkgutil
		for p in pathlib.Path("sql").glob("*.sql"): table(p.stem)
		for n in pkgutil.get_data("app", "names.txt").decode().split(): table(n)
	END
	said "$passed"
	said "$known"
	: >sql/t3.sql
	late 3
	rm sql/t3.sql
	said "$passed"
	echo t4 >app/names.txt
	late 4
	: >app/names.txt
	said "$passed"
	# A package of a package that is not there yet, without an __init__.py.
	mkdir -p app/new/deep
	printf 'from app import table\ntable("t5")\n' >app/new/deep/more.py
	late 5
}

@test "models outside of the project, or behind a link in it" {
	models '"t1", "t2"'
	mkdir ../shared
	mv app ../shared/
	ATLAS_MAKE_SCHEMA='scripts/load_models.py -p ../shared app'
	said "$passed"
	said "$known"
	edit ../shared/app/more.py 's/"t2"/"t2", "t3"/'
	late 3
	ln -s ../shared/app app
	ATLAS_MAKE_SCHEMA='scripts/load_models.py app'
	edit ../shared/app/more.py 's/, "t3"//'
	said "$passed"
	said "$known"
	edit ../shared/app/more.py 's/"t2"/"t2", "t3"/'
	late 3
}

@test "a script that calls load_models.py, and reads more" {
	models '"t1",'
	edit schema.sql 1d
	printf '#!/bin/sh\nscripts/load_models.py app && cat schema.sql\n' >gen
	chmod +x gen
	ATLAS_MAKE_SCHEMA=./gen
	said "$passed"
	said "$known"
	echo 'CREATE TABLE "t3" ("id" bigint);' >>schema.sql
	late 3
}

@test "what was rendered meanwhile is of another state of what nobody named" {
	printf '#!/bin/sh\ncat schema.sql more.sql\n' >gen
	chmod +x gen
	: >more.sql
	export ATLAS_MAKE_SCHEMA=./gen ATLAS_MAKE_SCHEMA_DEPS=schema.sql
	git_first
	said "$passed"
	said "$known"
	echo 'CREATE TABLE "t7" ("id" bigint);' >more.sql
	scripts/render_schema.sh -a
	git checkout -q more.sql
	said "$passed"
}

@test "another sqlflat makes another text of the same schema" {
	rm .cache/bin
	cp -Rp "$TOP/.cache/bin" .cache/
	said "$passed"
	mv .cache/bin/sqlflat .cache/bin/flat
	printf '#!/bin/sh\n.cache/bin/flat "$@" && echo "CREATE TABLE t9 (id int);"\n' >.cache/bin/sqlflat
	chmod +x .cache/bin/sqlflat
	late 9
}

# four_first: a commit has the fourth migration; the third is not in it, and comes too late.
four_first() {
	said "$passed"
	said "$known"
	git add m/20260101000004.sql
	git commit -qm four
	said 'migrations: check failed'
	grep -q 'm/20260101000003.sql: error: added out of order' out
}

@test "HEAD is a branch that is another name of a branch, a link, or in a repository above a link" {
	git_first
	table 4
	table 3
	rehash
	git symbolic-ref refs/heads/master refs/heads/main
	git symbolic-ref HEAD refs/heads/master
	git pack-refs --all
	four_first
	cp -a .git ../other
	git reset -q --soft HEAD~1
	GIT_COMMON_DIR=$PWD/../other said "$passed"
	echo >>lint.levels
	rm .git/HEAD
	ln -s refs/heads/main .git/HEAD
	four_first
	git reset -q --soft HEAD~1
	# The project is a directory of the repository, by another way, and has an empty .git.
	git symbolic-ref HEAD refs/heads/main
	mv .git ..
	mkdir .git ../way
	edit atlas-make.mk /EXAMPLE/d
	ln -s "$PWD" ../way/project
	git add -A m
	git reset -q m/20260101000003.sql m/20260101000004.sql
	git commit -qm moved
	cd ../way/project
	four_first
}

@test "a HEAD or a .git that cannot be read, or is none: as without a repository" {
	table 3
	rehash
	mkdir .git
	said "$passed"
	said "$known"
	mkdir .git/HEAD
	said "$known"
	rm -r .git
	ln -s nowhere .git
	said "$known"
	rm .git
	mkfifo .git
	said "$known"
}

@test "where git does not answer, the next check asks it again" {
	[ "$(id -u)" -eq 0 ] || skip 'needs another user'
	git_first
	table 4
	table 3
	rehash
	git add m/20260101000004.sql
	git commit -qm four
	chown nobody . .git
	said "$passed"
	grep -q 'the order of versions was not looked at' err || { cat err; false; }
	chown 0 . .git
	said 'migrations: check failed'
	grep -q 'm/20260101000003.sql: error: added out of order' out
}

@test "what git says of an old migration, and its content does not, is no edit" {
	git_first
	export ATLAS_MAKE_LINT_BASE=main
	chmod +x m/20260101000001.sql
	said "$passed"
	mv m/20260101000001.sql away
	ln -s ../away m/20260101000001.sql
	ATLAS_MAKE_CHECK_ALL=1 said "$passed"
	git rm -q --cached m/20260101000001.sql m/20260101000002.sql
	ATLAS_MAKE_CHECK_ALL=1 said "$passed"
	echo '-- more' >>away
	echo '-- more' >>m/20260101000002.sql
	rehash
	said 'migrations: check failed'
	[ "$(grep -c '^m/2026010100000[12].sql: error: edited, but main has it' out)" -eq 2 ]
	rm m/20260101000001.sql
	said 'migrations: check failed'
	grep -q '^m/20260101000001.sql: error: removed, but main has it' out
}

@test "a directory of Prisma's among the migrations" {
	said "$passed"
	mkdir m/20260101_x
	echo 'SELECT 1;' >m/20260101_x/migration.sql
	said 'migrations: check failed'
	grep -q 'laid out for Prisma' out
}

@test "files of a time to come: a no is a no, and a yes is noted" {
	touch -d '2 years' m/20260101000001.sql schema.sql
	said "$passed"
	said "$known"
	echo 'CREATE TABLE "t3" ("id" bigint);' >>schema.sql
	touch -d '2 years' schema.sql
	late 3
	models '"t1", "t2"'
	touch -d '2 years' app/more.py
	said "$passed"
	said "$known"
}

@test "a file that was another one for a moment, while it was looked at" {
	mkdir shim
	cat >shim/squawk <<-'SH'
		#!/bin/sh
		[ -e once ] || cat saved >m/20260101000002.sql
		: >once
		exec "$TOP/.cache/venv/bin/squawk" "$@"
	SH
	chmod +x shim/squawk
	rm .cache/venv
	mkdir -p .cache/venv/bin
	cp shim/squawk .cache/venv/bin/
	cp m/20260101000002.sql saved
	said "$passed"
	said "$passed"
	said "$known"
}

@test "what has the name of a lock file, and is none" {
	printf '#!/bin/sh\ncat schema.sql\n' >gen
	chmod +x gen
	export ATLAS_MAKE_SCHEMA=./gen ATLAS_MAKE_SCHEMA_DEPS=schema.sql
	mkdir go.sum
	mkfifo go.sum/fifo package.json
	ln -s yarn.lock yarn.lock
	: >gradle
	said "$passed"
	said "$known"
	echo 1 >go.mod
	said "$passed"
}

@test "a command that writes beside what it reads" {
	mkdir in
	mv schema.sql in/
	printf '#!/bin/sh\ncat in/schema.sql | tee in/copy\n' >gen
	chmod +x gen
	export ATLAS_MAKE_SCHEMA=./gen ATLAS_MAKE_SCHEMA_DEPS=in
	said "$passed"
	said "$passed"
	said "$known"
}
