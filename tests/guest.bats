#!/usr/bin/env bats
# The kit as a guest: in a directory of a repository that has a Makefile, files
# and a history of its own.

load helper
load guest

setup() {
	scratch
	repository
	kit_files tools/atlas-make
	cat >Makefile <<-'END'
		# knobs of ours by the same names, and targets too
		NAME := service
		MIGRATIONS = elsewhere
		CFLAGS = --no-such-flag
		export NAME
		ours:; @echo ours
		install test lint clean status apply help:; @echo "our $@"
		include tools/atlas-make/kit.mk
		%.x: %.y; @echo "our rule for $@"
	END
	mkdir db
	echo 'CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL);' >db/schema.sql
	printf '%s\n' 'SCHEMA = db/schema.sql' 'MIGRATIONS = db/migrations' >atlas-make.mk
	commit first
}

@test "the project's own targets, rules, variables and first goal stay its own" {
	check 0 -o ours -- make
	for t in install test lint clean status apply help; do
		check 0 -o "our $t" -- make -s "$t"
	done
	: >a.y
	check 0 -o 'our rule for a.x' -- make -s a.x
	echo 'v:; @echo $(NAME) $(MIGRATIONS) $(origin SCHEMA) $(.DEFAULT_GOAL)' >>Makefile
	check 0 -o 'service elsewhere undefined ours' -- make -s v
	make -s atlas-help >../help
	grep -q '^  make create-migrations ' ../help
	# No template is wanted, and several databases are no migrations that are missing.
	mkdir db/migrations
	printf '%s\n' 'SCHEMA = db/schema.sql' 'MIGRATIONS = db/migrations' >atlas-make.mk
	printf '%s\n' 'include tools/atlas-make/kit.mk' >Makefile
	make -s atlas-doctor >../text || { cat ../text; false; }
	grep -q '^ok  *migrations  *0 in db/migrations$' ../text
	printf '%s\n' 'DATABASES = a b' 'a.MIGRATIONS = nowhere' >atlas-make.mk
	make -s atlas-doctor >../text || { cat ../text; false; }
	grep -q '^ok  *databases  *a b; of each: make atlas-doctor DB=a$' ../text
	make -s atlas-doctor DB=a >../text 2>&1 && false
	grep -q "^missing  *migrations  *no directory 'nowhere'" ../text
	# Of the first goal, when there is none before it.
	printf '%s\n' 'include tools/atlas-make/kit.mk' 'later:; @echo later' >Makefile
	check 0 -o later -- make
}

@test "the verbs work on the project: its root, its files, its cache" {
	# A new machine: the cache hides itself from git.
	rm -f .cache/sys/first .cache/sys/main .cache/.gitignore
	make -s create-migrations NAME=first >../out
	grep -q '^new: db/migrations/[0-9]*_first.sql$' ../out
	check 0 -o 'migrations: check passed' -- make -s check-migrations
	# By hand, from wherever one stands.
	check 0 -o 'migrations: nothing changed since the last successful check' -- tools/atlas-make/scripts/check_migrations.sh
	(cd db && check 0 -o 'migrations: nothing changed since the last successful check' -- ../tools/atlas-make/scripts/check_migrations.sh)
	(cd / && check 0 -o 'migrations: nothing changed since the last successful check' -- "$OLDPWD/tools/atlas-make/scripts/check_migrations.sh")
	check 0 -o 'migrations: nothing changed since the last successful check' -- make -s -f tools/atlas-make/Makefile check-migrations
	# Nothing of it is for git but the migrations.
	[ "$(git status --porcelain)" = '?? db/migrations/' ]
	[ ! -e tools/atlas-make/.cache ]
	echo 'CREATE TABLE more (id int PRIMARY KEY);' >>db/schema.sql
	check 2 -o 'error: table "more" is in the models and not in the migrations (diff-table)
       = help: make create-migrations NAME=what_changed
1 error
migrations: check failed' -p 'Error' -- make -s check-migrations
	nothing_left
}

@test "by hand: the project one stands in, below the one the kit lies in; and the way to the kit" {
	mkdir tools/atlas-make/scripts/x
	printf '%s\n' 'set -eu' 'export ATLAS_MAKE_KNOBS=1 ATLAS_KIT= MIGRATIONS= SCHEMA=' '. "${0%/*}/../lib/common.sh"' 'echo "$kit in ${PWD##*/}"' \
		>tools/atlas-make/scripts/x/where.sh
	where() { (cd "$1" && check 0 -o "$2" -- sh "$BATS_TEST_TMPDIR/a repo/tools/atlas-make/scripts/x/where.sh"); }
	mkdir -p services/billing/db services/other
	where db 'tools/atlas-make in a repo'
	where / 'tools/atlas-make in a repo'
	cp atlas-make.mk services/billing/
	where services/billing/db '../../tools/atlas-make in billing'
	where services/other 'tools/atlas-make in a repo'
	# Of another repository one may stand anywhere.
	mkdir ../another
	cp atlas-make.mk ../another/
	where ../another 'tools/atlas-make in a repo'
	rm atlas-make.mk
	where services/billing '../../tools/atlas-make in billing'
	where services/other '. in atlas-make'
	(cd services/billing && check 2 -p '^new_migration.sh: NAME: what is it for' -- ../../tools/atlas-make/scripts/new_migration.sh)
}

@test "git merges atlas.sum by the kit's driver, where the kit is" {
	rm Makefile
	echo 'include tools/atlas-make/kit.mk' >Makefile
	mkdir db/migrations
	echo '* -text merge=atlas-sum' >db/migrations/.gitattributes
	make -s new-migration NAME=first >/dev/null
	make -s merge-driver >/dev/null
	commit first
	git checkout -qb other
	make -s new-migration NAME=theirs >/dev/null
	commit theirs
	git checkout -q main
	make -s new-migration NAME=ours >/dev/null
	commit ours
	git merge -q --no-edit other >../out 2>&1 || { cat ../out; false; }
	grep -q '^merge_sum.sh: db/migrations/atlas.sum: made again' ../out
	[ "$(ls db/migrations/*.sql | wc -l)" -eq 3 ]
	mhash -c db/migrations
}

@test "the tools are built from the kit's sources, wherever it lies" {
	make -s -f tools/atlas-make/Makefile cache=.c2 sys.main= .c2/bin/mhash .c2/bin/catdiff >../out 2>&1 || { cat ../out; false; }
	[ -x .c2/bin/mhash ]
	.c2/bin/catdiff -h >/dev/null
}

@test "a hint names the verb as this Makefile has it" {
	make -s create-migrations >../out
	make -s atlas-status >../out 2>../err
	[ ! -s ../err ]
	grep -Fq 'make atlas-plan shows what they do, make atlas-apply applies them' ../out
	make -s atlas-apply >../out
	check 2 -p '^download_atlas.sh: no|no atlas at .*make atlas-install' -- make -s check-migrations ATLAS=./nowhere
	make -s -f tools/atlas-make/Makefile status >../out
	grep -Fq 'make plan shows what they do, make apply applies them' ../out
}

@test "a clone that lacks the project file checks nothing, least of all the example" {
	none="check_migrations.sh: no atlas-make.mk in $PWD: it says what the schema is made from and where the migrations are, and it is committed (git ls-files atlas-make.mk)"
	example="check_migrations.sh: this is the kit's own example, inside of another repository; fix: call the verbs from the root of that one; if the models here are yours, take the line EXAMPLE = 1 out of $PWD/tools/atlas-make/atlas-make.mk"
	rm atlas-make.mk
	make check-migrations 2>../err && false
	[ "$(head -n 1 ../err)" = "$none" ]
	make -f tools/atlas-make/Makefile check-migrations 2>../err && false
	[ "$(head -n 1 ../err)" = "$none" ]
	check 2 -e "$example" -- tools/atlas-make/scripts/check_migrations.sh
	installed "$PWD/tools/atlas-make"
	make -C tools/atlas-make check-migrations 2>../err && false
	[ "$(head -n 1 ../err)" = "$example" ]
	# A submodule has a .git of its own.
	echo "gitdir: ../../.git/modules/tools/atlas-make" >tools/atlas-make/.git
	check 2 -e "$example" -- tools/atlas-make/scripts/check_migrations.sh
	# Who keeps models in there says so.
	edit tools/atlas-make/atlas-make.mk '/^EXAMPLE/d; /^TEMPLATE/d'
	check 0 -o 'migrations: check passed' -- tools/atlas-make/scripts/check_migrations.sh
}

@test "a path with a blank to the kit is refused with a sentence" {
	mv tools 'the tools'
	check 2 -p "The kit is not at 'tools/atlas-make/': call it from the project's root, by a path without a blank" \
		-- make -f 'the tools/atlas-make/Makefile' check-migrations
}

@test "the levels are the kit's, and what the project's lint.levels says comes later" {
	make -s create-migrations >/dev/null
	commit
	make -s new-migration NAME=drop >/dev/null
	echo 'ALTER TABLE users DROP COLUMN name;' >>"$(echo db/migrations/*_drop.sql)"
	edit db/schema.sql 's/, name text NOT NULL//'
	make -s hash-migrations >/dev/null
	make -s check-migrations >../out
	grep -q 'warning: .*(drop-column)$' ../out
	echo 'drop-column=error' >lint.levels
	make -s check-migrations >../out 2>&1 && false
	grep -q 'error: .*(drop-column)$' ../out
}

@test "the packages the models import: the project's own file, or an environment of its own" {
	mkdir -p app
	cat >app/models.py <<-'END'
		import colander_of_ours
		from sqlalchemy import Column, Integer, MetaData, Table
		t = Table(colander_of_ours.name, MetaData(), Column("id", Integer, primary_key=True))
	END
	printf '%s\n' 'SCHEMA = tools/atlas-make/scripts/load_models.py app.models' 'MIGRATIONS = db/migrations' \
		'VENV = .venv' >atlas-make.mk
	check 2 -p "VENV: no Python environment at '.venv'; fix: make it the way the project does" -- make -s render-schema
	# Stands for what uv or poetry make: another Python, which finds more.
	mkdir -p .venv/bin .venv/more
	echo 'name = "from_the_venv"' >.venv/more/colander_of_ours.py
	printf '#!/bin/sh\nPYTHONPATH="%s/.venv/more" exec "%s/.cache/venv/bin/python3" "$@"\n' "$PWD" "$PWD" >.venv/bin/python3
	cp .venv/bin/python3 .venv/bin/python
	chmod +x .venv/bin/*
	make -s render-schema >../out
	grep -q 'CREATE TABLE from_the_venv' ../out
}

@test "the deploy: package and layer in the project, a package for each database" {
	[ "$(uname -s)" = Linux ] || skip "the function's programs are linked on Linux"
	make -s create-migrations NAME=first >/dev/null
	mkdir -p .cache/lambda
	ln -s "$TOP/.cache/lambda/x86_64" .cache/lambda/
	cp "$TOP/cloud-formation.yaml" template.yaml
	printf '%s\n' 'TEMPLATE = template.yaml' 'RDS_CA =' >>atlas-make.mk
	make -s hash-migrations >/dev/null
	commit
	make -s atlas-lambda >../out
	grep -Eqx 'package: .cache/lambda/package \([0-9]+ KiB\)' ../out
	same db/migrations/atlas.sum .cache/lambda/package/migrations/atlas.sum
	[ -x .cache/lambda/package/bootstrap ] && [ -x .cache/lambda/package/bin/mstate ] && [ -x atlas_layer/bin/atlas ]
	# Nothing of it is for git, and nothing of it lies in the kit.
	[ -z "$(git status --porcelain)" ]
	[ ! -e tools/atlas-make/.cache ] && [ ! -e tools/atlas-make/atlas_layer/bin ]
	# The template finds both where it says they are; sam gets what it should.
	grep -q 'CodeUri: .cache/lambda/package/' template.yaml && grep -q 'ContentUri: atlas_layer/' template.yaml
	printf '#!/bin/sh\nprintf "<%%s>" "$@"\necho\n' >../sam
	chmod +x ../sam
	make -s atlas-deploy SAM=../sam DEPLOY_ARGS='--stack-name app' >../out 2>../err
	grep -Fqx '<deploy><--template-file><template.yaml><--capabilities><CAPABILITY_IAM><--resolve-s3><--stack-name><app>' ../out
	# By hand, as the template's first lines say; from anywhere.
	rm -r .cache/lambda/package
	(cd db && ../tools/atlas-make/scripts/download_atlas.sh atlas_layer/bin/)
	[ -x .cache/lambda/package/bootstrap ]

	cat >atlas-make.mk <<-'END'
		DATABASES = billing users
		RDS_CA =
		billing.SCHEMA = db/schema.sql
		billing.MIGRATIONS = db/migrations
		users.SCHEMA = db/users.sql
		users.MIGRATIONS = db/users
	END
	echo 'CREATE TABLE u (id int PRIMARY KEY);' >db/users.sql
	make -s create-migrations DB=users NAME=first >/dev/null
	make -s atlas-lambda DB=billing >/dev/null
	make -s atlas-lambda DB=users >/dev/null
	same db/migrations/atlas.sum .cache/lambda/billing/package/migrations/atlas.sum
	same db/users/atlas.sum .cache/lambda/users/package/migrations/atlas.sum
	check 2 -p "^deploy.sh: no .cache/lambda/users/package/bootstrap: run 'make atlas-lambda DB=users'" -- \
		sh -c 'rm -r .cache/lambda/users/package; ATLAS_KIT_PREFIX=atlas- ATLAS_MAKE_SAM=../sam ATLAS_MAKE_DB=users tools/atlas-make/scripts/deploy.sh'
	check 2 -p '^make: .*lambda|which database' -- make -s atlas-lambda
	nothing_left
}

@test "a project below git's root: reports and git's commands name files from the root" {
	mkdir -p 'services/the billing'
	git mv db atlas-make.mk 'services/the billing/'
	edit Makefile '/include/d'
	cd 'services/the billing'
	ln -s ../../tools tools
	mv ../../.cache .cache
	echo 'include tools/atlas-make/kit.mk' >Makefile
	make -s create-migrations NAME=first >/dev/null
	commit
	make -s new-migration NAME=drop >/dev/null
	f=$(basename db/migrations/*_drop.sql)
	echo 'DROP TABLE users;' >>"db/migrations/$f"
	: >db/schema.sql
	echo 'ALLOW_EMPTY = 1' >>atlas-make.mk
	make -s hash-migrations >/dev/null
	make -s check-migrations LINT_FORMAT=github >../../out 2>&1 || :
	grep -q "^::[a-z]* file=services/the billing/db/migrations/$f,line=" ../../out || { cat ../../out; false; }
	make -s lint-report LINT_FORMAT=gitlab >../../out 2>&1 || :
	grep -Fq "\"services/the billing/db/migrations/$f\"" ../../out
	# What git is to be told works from wherever one stands.
	git commit -qam 'without the new file'
	PRE_COMMIT=1 make -s check-migrations >../../out 2>&1 && false
	fix=$(sed -n "s/.*\(git add -- '[^']*'\).*/\1/p" ../../out | head -n 1)
	[ "$fix" = "git add -- ':/services/the billing/db/migrations/$f'" ]
	(cd / && cd "$OLDPWD/db" && eval "$fix")
	git ls-files --error-unmatch "db/migrations/$f"
}
