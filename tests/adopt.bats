#!/usr/bin/env bats
# A repository that exists takes the kit in: what adopt.sh finds and writes, and from
# there to a green check, a red one, the next migration, and what a deploy ships. What
# is typed and what is written by hand until the first green check is counted.

load helper
load guest
load server

setup_file() { start_server; export PORT SERVER SERVER_PID; }
teardown_file() { stop_server; }

setup() {
	scratch
	repository
	in_server "CREATE DATABASE t$BATS_TEST_NUMBER"
	URL="postgres://dev:s%40cret@127.0.0.1:$PORT/t$BATS_TEST_NUMBER?sslmode=disable"
	# The environment is there: it is not made anew for a test.
	export ATLAS_MAKE_REQUIREMENTS='' ATLAS_MAKE_RDS_CA=''
}
in_db() { PGPASSWORD=s@cret psql -X -q -A -t -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$PORT" -U dev -d "t$BATS_TEST_NUMBER" -c "$1"; }

# kit_repository: the kit as a repository to take from, in ../kit.
kit_repository() {
	kit_files ../kit
	(cd ../kit && git init -q -b main . && git -c user.name=t -c user.email=t@e add -A && git -c user.name=t -c user.email=t@e commit -qm v1)
}
# older: what git checked out is no newer than what was built of it here.
older() { find "${1:-tools/atlas-make}" -name .git -prune -o -type f -exec touch -t 202001010000 {} +; }

# adopt: what it writes is what it has shown, and a second run writes nothing.
adopt() {
	local rc=0
	git status --porcelain >../was
	tools/atlas-make/scripts/adopt.sh >../shown || rc=$?
	[ "$rc" -eq 1 ] || return 1
	git status --porcelain >../is
	same ../was ../is || return 1
	git diff >../was
	cmd tools/atlas-make/scripts/adopt.sh -y >../written || return 1
	# Nothing that was there is changed.
	git diff >../is
	same ../was ../is || return 1
	diff <(sed -n '/^to write/,/^[a-z]/p' ../shown | grep '^  ') <(sed -n '/^written/,/^[a-z]/p' ../written | grep '^  ') || return 1
	git status --porcelain >../was
	check 0 -o "$(sed '/^written/,$d' ../written)
nothing to write: all is here$(hand)" -- tools/atlas-make/scripts/adopt.sh
	git status --porcelain >../is
	same ../was ../is || return 1
}
hand() {
	sed -n '/^by hand:/,/^then:/p' ../written | grep -v '^then:' >../hand || :
	[ ! -s ../hand ] || printf '\n%s' "$(cat ../hand)"
}
# first GOAL... [KNOB=...]: the command that adopt.sh names, to the first green check.
first() {
	cmd make -s "$@" >../out || { cat ../out; return 1; }
	[ "$(tail -n 1 ../out | sed 's/^[a-z]*: m/m/')" = 'migrations: check passed' ] || { cat ../out; return 1; }
}
# turns FILE SED-SCRIPT TABLE: red when the models change; and green with the migration
# that create-migrations writes.
turns() {
	commit adopted
	edit "$1" "$2"
	make -s check-migrations >../out 2>&1 && return 1
	grep -q "$3" ../out || { cat ../out; return 1; }
	make -s -j4 create-migrations check-migrations NAME=more >../out || { cat ../out; return 1; }
	grep -q '_more\.sql$' ../out || return 1
	tail -n 1 ../out | grep -q 'migrations: check passed$' || { cat ../out; return 1; }
	nothing_left
}
# ships TEMPLATE [DB MIGRATIONS]: what a deploy would ship has what is there now, and
# TEMPLATE, where there is one, its hash.
ships() {
	local dir="${3:-db/migrations}"
	[ "$(uname -s)" = Linux ] || return 0
	mkdir -p .cache/lambda
	[ -e .cache/lambda/x86_64 ] || ln -s "$TOP/.cache/lambda/x86_64" .cache/lambda/
	make -s "${prefix-atlas-}lambda" DB="${2-}" >../out || { cat ../out; return 1; }
	same "$dir/atlas.sum" ".cache/lambda/${2:+$2/}package/migrations/atlas.sum" || return 1
	[ "$(ls ".cache/lambda/${2:+$2/}package/migrations")" = "$(ls "$dir")" ] || return 1
	[ -x ".cache/lambda/${2:+$2/}package/bootstrap" ] && [ -x atlas_layer/bin/atlas ] || return 1
	[ -z "$1" ] || grep -Fq "$(mhash -s <"$dir/atlas.sum")" "$1" || return 1
	[ -z "$(git status --porcelain -- .cache atlas_layer)" ]
}
red_template() {
	edit "$1" 's/h1:/h2:/'
	make -s check-migrations >../out 2>&1 && return 1
	grep -q "$1: error: MigrationHash is 'h2:" ../out || return 1
	edit "$1" 's/h2:/h1:/'
}
schema_sql() {
	mkdir -p db
	echo 'CREATE TABLE users (id bigint PRIMARY KEY);' >db/schema.sql
}
more='$s/.*/&\nCREATE TABLE more (id int PRIMARY KEY);/'
is_red='table "more" is in the models'

@test "the template: 3 commands, 2 files" {
	kit_repository
	cd ..
	rm -r 'a repo'
	git clone -q kit 'a repo'
	echo 'git clone' >commands
	cd 'a repo'
	git config user.name t && git config user.email t@example.com
	older .
	rm -rf "$TMPDIR"
	installed "$PWD"
	tree >../tree
	: >../by.hand
	edit atlas-make.mk '/^EXAMPLE = 1$/d'
	cat >src/db/models.py <<-'END'
		from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
		class Base(DeclarativeBase): pass
		class Article(Base):
		    __tablename__ = "articles"
		    id: Mapped[int] = mapped_column(primary_key=True)
	END
	cmd git rm -qr src/db/migrations
	first create-migrations check-migrations NAME=first
	counted 3 2
	turns src/db/models.py '$s/.*/&\n    age: Mapped[int | None]/' 'column "age" of table "articles" is in the models'
	prefix='' ships cloud-formation.yaml '' src/db/migrations
	red_template cloud-formation.yaml
}

@test "a copy in a Python service with Makefile, requirements, SAM template, CI and Alembic: 3 commands, 2 files" {
	mkdir -p app alembic/versions .github/workflows
	printf 'run:; @echo running\ninstall test:; @echo "our $@"\n' >Makefile
	echo 'sqlalchemy>=2.0,<2.1' >requirements.txt
	: >app/__init__.py
	cat >app/models.py <<-'END'
		from sqlalchemy import String
		from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
		class Base(DeclarativeBase): pass
		class User(Base):
		    __tablename__ = "users"
		    id: Mapped[int] = mapped_column(primary_key=True)
		    email: Mapped[str] = mapped_column(String(200), unique=True)
	END
	echo 'raise SystemExit("nobody runs this")' | tee alembic/env.py >alembic/versions/0001_users.py
	printf 'AWSTemplateFormatVersion: "2010-09-09"\nTransform: AWS::Serverless-2016-10-31\nResources:\n' >template.yaml
	echo 'on: push' >.github/workflows/ci.yml
	echo 'services: {db: {image: "postgres:15-alpine"}}' >docker-compose.yml
	# Alembic has been here.
	in_db 'CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY); INSERT INTO alembic_version VALUES ($$0001$$);
		CREATE TABLE users (id serial PRIMARY KEY, email varchar(200) NOT NULL UNIQUE); INSERT INTO users (email) VALUES ($$a@b$$)'
	commit first
	begin
	cmd kit_files tools/atlas-make
	# By hand: the trigger of the deploy, and, as adopt.sh says, the line in the Makefile.
	printf '  MigrationTrigger:\n    Type: Custom::Migration\n    Properties:\n      MigrationHash: none\n' >>template.yaml
	adopt
	cat ../written
	check 0 -o 'atlas-make.mk
.github/workflows/migrations.yml
.pre-commit-config.yaml
db/migrations/.gitattributes' -- sed -n '/^written:/,/^by/s/^  //p' ../written
	check 0 -o "Makefile: add the line 'include tools/atlas-make/kit.mk'" -- sed -n '/^by hand:/,/^then/s/^  //p' ../written
	grep -Fxq 'SCHEMA = tools/atlas-make/scripts/load_models.py app.models' atlas-make.mk
	grep -Fxq 'REQUIREMENTS = requirements.txt' atlas-make.mk
	grep -Fxq 'TEMPLATE = template.yaml' atlas-make.mk
	grep -Fxq 'PG_MAJOR = 15' atlas-make.mk
	grep -q "^  migrations of Alembic's: alembic, which stay as they are$" ../written
	.github/workflows/../../tools/atlas-make/scripts/adopt.sh >/dev/null
	grep -Fq "hashFiles('tools/atlas-make/mk/config.mk', 'tools/atlas-make/requirements.txt', 'tools/atlas-make/scripts/" .github/workflows/migrations.yml
	echo 'include tools/atlas-make/kit.mk' >>Makefile

	export DATABASE_URL=$URL
	first import-schema check-migrations 2>../err
	counted 3 2
	cat ../out
	f=$(basename db/migrations/*_baseline.sql)
	grep -Fq "127.0.0.1:$PORT/t$BATS_TEST_NUMBER: the migration makes the same" ../out
	run ! grep -q alembic "db/migrations/$f"
	# The database goes on from there, and Alembic's own table is left alone.
	make -s atlas-apply BASELINE="${f%%_*}" >../out
	[ "$(in_db 'SELECT version_num FROM alembic_version')" = 0001 ]
	turns app/models.py '$s/.*/&\n    age: Mapped[int | None]/' 'column "age" of table "users" is in the models'
	make -s atlas-apply >../out
	[ "$(in_db 'SELECT email || coalesce(age, 7) FROM users')" = 'a@b7' ]
	check 0 -o 'our install' -- make install
	run ! grep -rq alembic_version db/migrations
	ships template.yaml
	red_template template.yaml
}

@test "a Node repository with schema.sql and no AWS: 3 commands, no file" {
	mkdir -p src
	echo '{"name": "app", "version": "1.0.0"}' >package.json
	schema_sql
	commit first
	begin
	cmd kit_files tools/atlas-make
	adopt
	run ! grep -q '^by hand' ../written
	check 0 -o 'include tools/atlas-make/kit.mk' -- cat Makefile
	grep -Fxq 'SCHEMA = db/schema.sql' atlas-make.mk
	grep -Fxq 'TEMPLATE = ' atlas-make.mk
	# Before there is one, a check says what makes it.
	make -s check-migrations >../out 2>../err && false
	grep -A 1 -Fx 'error: table "users" is in the models and not in the migrations (diff-table)' ../out | grep -Fq 'make create-migrations NAME='
	# What is to be typed is what is said.
	said=$(sed -n 's/^  \(make create-migrations[^(]*[a-z]\) *(.*/\1/p' ../written)
	[ "$said" = 'make create-migrations check-migrations NAME=first' ]
	first ${said#make }
	counted 3 0
	turns db/schema.sql "$more" "$is_red"
	# The deploy is by apply; a package for a container has no need of a template.
	DATABASE_URL=$URL make -s atlas-apply >../out
	[ "$(in_db 'SELECT count(*) FROM users, more')" = 0 ]
	ships ''
}

@test "a deploy by CDK or Terraform: 3 commands and no file; the hash stands in their JSON" {
	schema_sql
	printf '{\n  "app": "node bin/app.js",\n  "context": {\n    "MigrationHash": "none"\n  }\n}\n' >cdk.json
	commit first
	begin
	cmd kit_files tools/atlas-make
	adopt
	grep -Fxq 'TEMPLATE = cdk.json' atlas-make.mk
	run ! grep -q '^by hand' ../written
	first create-migrations check-migrations NAME=first
	counted 3 0
	[ "$(git diff --numstat cdk.json)" = "1${TAB}1${TAB}cdk.json" ]
	grep -Fq "\"MigrationHash\": \"$(mhash -s <db/migrations/atlas.sum)\"" cdk.json
	turns db/schema.sql "$more" "$is_red"
	ships cdk.json
	red_template cdk.json
	# Terraform's.
	git mv cdk.json infra.tfvars.json
	printf '{\n  "migration_hash": "none"\n}\n' >infra.tfvars.json
	rm atlas-make.mk
	tools/atlas-make/scripts/adopt.sh -y >/dev/null
	grep -Fxq 'TEMPLATE = infra.tfvars.json' atlas-make.mk
	make -s hash-migrations >/dev/null
	grep -Fq "\"migration_hash\": \"$(mhash -s <db/migrations/atlas.sum)\"" infra.tfvars.json
	turns db/schema.sql '$s/.*/&\nCREATE TABLE third (id int PRIMARY KEY);/' 'table "third" is in the models'
	[ "$(git diff --name-only)" = 'db/migrations/atlas.sum
db/schema.sql
infra.tfvars.json' ]
	ships infra.tfvars.json
	red_template infra.tfvars.json
}

@test "a monorepo of two services with a database each: 3 commands, no file" {
	for s in billing users; do
		mkdir -p "services/$s/db"
		echo "CREATE TABLE $s (id bigint PRIMARY KEY);" >"services/$s/db/schema.sql"
	done
	commit first
	begin
	cmd kit_files tools/atlas-make
	adopt
	grep -Fxq 'DATABASES = billing users' atlas-make.mk
	first create-migrations check-migrations NAME=first
	counted 3 0
	[ "$(grep -c '^[a-z]*: migrations: check passed$' ../out)" -eq 2 ]
	turns services/users/db/schema.sql "$more" "users: error: $is_red"
	grep -q '^billing: migrations: nothing to do' ../out
	grep -q '^billing: migrations: nothing changed' ../out
	ships '' billing services/billing/db/migrations
	ships '' users services/users/db/migrations
}

# newer: the kit's next version, with a file more, one less and one changed.
newer() {
	(cd ../kit && echo '# of the next version' >>mk/help.txt && echo new >more.txt && git rm -q requirements.in &&
		git add -A && git -c user.name=t -c user.email=t@e commit -qm v2)
}
updated() {
	older
	grep -q 'of the next version' tools/atlas-make/mk/help.txt && [ -f tools/atlas-make/more.txt ] && [ ! -e tools/atlas-make/requirements.in ]
	[ -z "$(git diff --name-only --diff-filter=U)" ]
	make -s check-migrations >../out
	tail -n 1 ../out | grep -q 'check passed\|nothing changed'
}

@test "as a submodule: 3 commands, no file; cloned anew, and updated by one git command" {
	schema_sql
	commit first
	kit_repository
	export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=protocol.file.allow GIT_CONFIG_VALUE_0=always
	begin
	cmd git submodule --quiet add "$BATS_TEST_TMPDIR/kit" tools/atlas-make
	older
	commit 'the kit'
	mkdir .github
	adopt
	grep -A 1 'fetch-depth: 0' .github/workflows/migrations.yml | grep -q 'submodules: true'
	first create-migrations check-migrations NAME=first
	counted 3 0
	turns db/schema.sql "$more" "$is_red"
	ships ''
	commit
	# Somebody's clone, without the submodule: make says so.
	git clone -q . ../clone
	make -C ../clone check-migrations >../out 2>&1 && false
	grep -q 'tools/atlas-make/kit.mk: No such file' ../out
	newer
	git submodule --quiet update --remote tools/atlas-make
	updated
}

@test "as a subtree: 3 commands, no file; updated by one git command" {
	git subtree 2>&1 | grep -q 'usage: git subtree' || skip 'git subtree is not installed'
	schema_sql
	commit first
	kit_repository
	begin
	cmd git subtree add -q --squash --prefix tools/atlas-make ../kit main >/dev/null 2>&1
	older
	adopt
	first create-migrations check-migrations NAME=first
	counted 3 0
	turns db/schema.sql "$more" "$is_red"
	ships ''
	commit
	newer
	git subtree pull -q --squash --prefix tools/atlas-make ../kit main -m 'the kit, anew' >/dev/null 2>&1
	updated
}

@test "services of the same name, and names with blanks or letters of any language: each is its own database" {
	for d in x/api y/api 'my svc' dåtå; do
		mkdir -p "$d/db"
		echo 'CREATE TABLE a (id int PRIMARY KEY);' >"$d/db/schema.sql"
	done
	kit_files tools/atlas-make
	tools/atlas-make/scripts/adopt.sh -y >../out
	check 0 -o 'DATABASES = d__t__ my_svc x_api y_api
d__t__.SCHEMA = dåtå/db/schema.sql
d__t__.MIGRATIONS = dåtå/db/migrations
my_svc.SCHEMA = my svc/db/schema.sql
my_svc.MIGRATIONS = my svc/db/migrations
x_api.SCHEMA = x/api/db/schema.sql
x_api.MIGRATIONS = x/api/db/migrations
y_api.SCHEMA = y/api/db/schema.sql
y_api.MIGRATIONS = y/api/db/migrations' -- grep '^DATABASES\|^[a-z_]*\.' atlas-make.mk
	[ "$(ls -d ./*/db/migrations/.gitattributes ./*/*/db/migrations/.gitattributes | wc -l)" -eq 4 ]
	make -s hash-migrations DB=my_svc >/dev/null
	[ -f 'my svc/db/migrations/atlas.sum' ]
	# A package called models may have one file with tables today, and another tomorrow.
	rm -r x y 'my svc' dåtå atlas-make.mk
	mkdir -p src/shop/models
	echo 'class Order(db.Model): pass' >src/shop/models/order.py
	tools/atlas-make/scripts/adopt.sh -y >../out
	grep -Fxq 'SCHEMA = tools/atlas-make/scripts/load_models.py shop.models' atlas-make.mk
}

@test "Prisma: the option that its version has; no words of our own" {
	mkdir -p prisma
	echo 'datasource db { provider = "postgresql" }' >prisma/schema.prisma
	kit_files tools/atlas-make
	for v in '7.0.1 --to-schema' '^6.19.0 --to-schema-datamodel' 'latest --to-schema'; do
		printf '{\n  "devDependencies": {\n    "prisma": "%s"\n  }\n}\n' "${v% *}" >package.json
		rm -f atlas-make.mk
		tools/atlas-make/scripts/adopt.sh -y >/dev/null
		grep -Fxq "SCHEMA = npx prisma migrate diff --from-empty ${v#* } prisma/schema.prisma --script" atlas-make.mk
	done
	# The page has both, and what is said to users has no words of our own.
	grep -q -- '--to-schema prisma/' "$TOP/docs/models.md"
	grep -q -- '--to-schema-datamodel prisma/' "$TOP/docs/models.md"
	cd "$TOP"
	run ! grep -nEiw 'mend|mended|sideways|is in order' README.md CHANGELOG.md docs/*.md
	# shellcheck disable=SC2046 # words
	run ! grep -nE '(say|die|warn|printf|echo|no) .*[^a-z](mend|mended|sideways|is in order)[^a-z]' $(ls scripts/*.sh scripts/lib/*.sh scripts/steps/*.sh src/migration_lambda/*.sh)
}

@test "update-kit: a git that cannot say what would be lost, or what came: nothing is taken, and nothing is called the newest" {
	schema_sql
	kit_repository
	KIT=$(cd ../kit && pwd)
	mkdir tools
	cp -R "$KIT" tools/atlas-make && rm -rf tools/atlas-make/.git
	printf '%s\n' 'SCHEMA = db/schema.sql' 'MIGRATIONS = db/migrations' 'TEMPLATE =' >atlas-make.mk
	commit 'the kit'
	(cd "$KIT" && echo 0.9.9 >VERSION && git -c user.name=t -c user.email=t@e commit -qam next)
	mkdir ../bin
	printf '#!/bin/sh\ncase " $* " in *" $GIT_FAILS "*) exit 1 ;; esac\nexec %s "$@"\n' "$(command -v git)" >../bin/git
	chmod +x ../bin/git
	echo '# ours' >>tools/atlas-make/lint.levels
	for f in 'status --porcelain --ignore-submodules=none' log 'rev-parse -q --verify HEAD'; do
		check 2 -p '^update_kit.sh: (git cannot|nothing is committed)' -- \
			env GIT_FAILS="$f" FROM="$KIT" PATH="$BATS_TEST_TMPDIR/bin:$PATH" tools/atlas-make/scripts/update_kit.sh
		[ "$(tail -n 1 tools/atlas-make/lint.levels)" = '# ours' ]
		[ "$(cat tools/atlas-make/VERSION)" != 0.9.9 ]
	done
	check 2 -p '^update_kit.sh: tools/atlas-make has changes that are not committed' -- env FROM="$KIT" tools/atlas-make/scripts/update_kit.sh
	git checkout -q tools
	check 2 -p 'this is not the kit: it has no kit.mk at main' -- env FROM="$PWD/.git" tools/atlas-make/scripts/update_kit.sh
	check 2 -p '^update_kit.sh: git cannot say what is not committed' -- \
		env GIT_FAILS='status --porcelain --' FROM="$KIT" PATH="$BATS_TEST_TMPDIR/bin:$PATH" tools/atlas-make/scripts/update_kit.sh
	nothing_left
}

@test "where there is nothing to adopt, one sentence" {
	schema_sql
	commit first
	kit_files tools/atlas-make
	check 2 -e "adopt.sh: no git repository at /; fix: go into yours, and call this by its path from there" \
		-- sh -c 'kit=$PWD/tools/atlas-make; cd / && "$kit/scripts/adopt.sh"'
	check 2 -e "adopt.sh: git does not look at a checkout of another user's: git config --global --add safe.directory '$PWD'" -- \
		env GIT_TEST_ASSUME_DIFFERENT_OWNER=1 tools/atlas-make/scripts/adopt.sh
	mkdir ../bin
	printf '#!/bin/sh\ncase " $* " in *" ls-files "*) exit 1 ;; esac\nexec %s "$@"\n' "$(command -v git)" >../bin/git
	chmod +x ../bin/git
	check 2 -e 'adopt.sh: git cannot say which files are here' -- env PATH="$BATS_TEST_TMPDIR/bin:$PATH" tools/atlas-make/scripts/adopt.sh
	check 2 -p "^adopt.sh: this is the kit's own repository, and needs nothing" -- sh -c "cd '$TOP' && scripts/adopt.sh"
	mv tools ..
	check 2 -p '^adopt.sh: the kit lies at .*, outside of .*; fix: put it inside' -- ../tools/atlas-make/scripts/adopt.sh
	mkdir 'my tools'
	mv ../tools/atlas-make 'my tools/kit'
	check 2 -p "^adopt.sh: the kit lies at 'my tools/kit': make wants a path of letters" -- 'my tools/kit/scripts/adopt.sh'
}
