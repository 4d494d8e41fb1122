#!/usr/bin/env bats
# check-migrations: every way to be out of step is found and named.

load helper

setup() {
	scratch
	project
	M=src/db/migrations
	OLD=$M/20261101090000_create_users.sql
	NEW=$M/20261115100000_create_addresses.sql
}

no='migrations: check failed'
undecided='migrations: the check could not be completed; nothing was decided'
# fix REMEDY: as a finding shows it.
fix() { printf '       = help: %s' "$1"; }
fix_hash=$(fix "if that was meant: make hash-migrations; else: git checkout -- 'src/db/migrations'; after a merge: make rebase-migrations")

rehash() { scripts/hash_migrations.sh >/dev/null; }
# refused [LINE...]: check-migrations says no, with just these lines.
refused() {
	check 1 -o "$(printf '%s\n' "$@" "$no")" -- scripts/check_migrations.sh
	nothing_left
}

@test "the example is in order; a second check says nothing changed" {
	check 0 -o 'migrations: check passed' -- make -s check-migrations
	check 0 -o 'migrations: nothing changed since the last successful check' -- make -s check-migrations
	nothing_left
}

@test "a second check starts no Python, no Atlas, no database" {
	make -s check-migrations
	strace -f -qq -e trace=execve -o trace make -s check-migrations
	run ! grep -E 'execve\("[^"]*(python|atlas/atlas|postgres|initdb)' trace
	[ "$(grep -c 'execve(.* = 0' trace)" -le 8 ]
}

@test "what was right with one knob is looked at again with another" {
	check 0 -o 'migrations: check passed' -- scripts/check_migrations.sh
	ATLAS_MAKE_COMPARE_EXCLUDE='nobody' check 0 -o 'note: what COMPARE_EXCLUDE names was not compared: nobody
migrations: check passed' -- scripts/check_migrations.sh
	check 0 -o 'migrations: check passed' -- scripts/check_migrations.sh
	ATLAS_MAKE_ALLOW_EMPTY=1 check 0 -o 'migrations: check passed' -- scripts/check_migrations.sh
	ATLAS_MAKE_ALLOW_EMPTY=1 check 0 -o 'migrations: nothing changed since the last successful check' -- scripts/check_migrations.sh
}

@test "what was right is looked at again with other levels, and with other settings of squawk's" {
	local f
	check 0 -o 'migrations: check passed' -- scripts/check_migrations.sh
	for f in lint.levels .squawk.toml; do
		echo '# more' >>"$f"
		check 0 -o 'migrations: check passed' -- scripts/check_migrations.sh
	done
	check 0 -o 'migrations: nothing changed since the last successful check' -- scripts/check_migrations.sh
}

@test "what was right is looked at again with another kit" {
	local f
	# The tests of a run share the binaries.
	rm .cache/bin
	cp -Rp "$TOP/.cache/bin" .cache/
	check 0 -o 'migrations: check passed' -- scripts/check_migrations.sh
	for f in scripts/lib/catalog.sh scripts/steps/have.sh scripts/render_schema.sh; do
		touch "$f"
		check 0 -o 'migrations: nothing changed since the last successful check' -- scripts/check_migrations.sh
		# It was read, and need not be the next time.
		[ "$(echo .cache/state/*/check.ok)" -nt "$f" ]
		echo '# more' >>"$f"
		check 0 -o 'migrations: check passed' -- scripts/check_migrations.sh
	done
	touch .cache/bin/catdiff
	check 0 -o 'migrations: check passed' -- scripts/check_migrations.sh
	# One that is put here with its times, from an archive.
	cp "$TOP/VERSION" .
	check 0 -o 'migrations: check passed' -- scripts/check_migrations.sh
	echo 9.9.9 >VERSION
	touch -t 200001010000 VERSION
	check 0 -o 'migrations: check passed' -- scripts/check_migrations.sh
	check 0 -o 'migrations: nothing changed since the last successful check' -- scripts/check_migrations.sh
}

@test "what takes minutes is said before it begins" {
	awk 'BEGIN { for (i = 0; i < 20000; i++) printf "-- %070d\n", i }' >"$M/20261201000000_more.sql"
	scripts/hash_migrations.sh >/dev/null
	check 0 -o 'migrations: check passed' -p '^20261201000000_more.sql: 1 MB of new statements, each of which is looked at by itself; that may take 2 minutes$' -- \
		scripts/check_migrations.sh
}

@test "a file saved while it looked, and put back as it was: that one was not looked at" {
	{
		make -s render-schema
		echo ';'
	} >good.sql
	{
		cat good.sql
		echo 'CREATE TABLE more (id int PRIMARY KEY);'
	} >bad.sql
	cp bad.sql schema.sql
	printf '%s\n' 'SCHEMA = schema.sql' >>atlas-make.mk
	# It is saved between the fingerprint and the look.
	rm .cache/bin
	cp -Rp "$TOP/.cache/bin" .cache/
	mv .cache/bin/sqlflat .cache/bin/flat
	printf '#!/bin/sh\n[ ! -f good.sql ] || mv good.sql schema.sql\nexec "${0%%/*}/flat" "$@"\n' >.cache/bin/sqlflat
	chmod +x .cache/bin/sqlflat
	check 0 -o 'migrations: check passed' -- scripts/check_migrations.sh
	cp bad.sql schema.sql
	scripts/check_migrations.sh >text && false
	grep -q 'table "more"' text
}

@test "a new column is named, and the verb that writes it" {
	edit src/db/models.py 's/^    name: Mapped.*/&\n    age: Mapped[int | None]/'
	check 2 -o "error: column \"age\" of table \"users\" is in the models and not in the migrations (diff-column)
$(fix 'make create-migrations NAME=what_changed')
1 error
$no" -p 'Error 1' -- make -s check-migrations
	nothing_left
}

@test "an old migration edited, removed, added out of order without its hash" {
	echo '-- more' >>"$OLD"
	refused "$OLD: error: is not what atlas.sum says it was: edited (hash)" "$fix_hash" '1 error in 1 file'
	git -C "$TOP" show "HEAD:$OLD" >"$OLD" 2>/dev/null || cp "$TOP/$OLD" "$OLD"
	echo 'SELECT 1;' >"$M/20261110000000_late.sql"
	refused "$M/20261110000000_late.sql: error: is not in atlas.sum (hash)" "$fix_hash" '1 error in 1 file'
}

@test "an old migration removed" {
	rm "$NEW"
	scripts/check_migrations.sh >text 2>err && false
	grep -Fqx "$NEW: error: is in atlas.sum, but the file is not here: removed, or never committed (hash)" text
	grep -Fqx "$(fix "if it is still where it was made: git add -- '$NEW' there; ${fix_hash#*= help: }")" text
	grep -q 'table "addresses" is in the models and not in the migrations' text
}

@test "added out of order and rehashed: the order against the last commit" {
	rm -rf ../"a project"/.git
	git init -q -b main .
	git -c user.name=t -c user.email=t@example.com add -A
	git -c user.name=t -c user.email=t@example.com commit -qm first
	echo 'SELECT 1;' >"$M/20261110000000_late.sql"
	rehash
	refused "$M/20261110000000_late.sql: error: added out of order: the last commit already has ${NEW##*/}, which comes after it (order)" \
		'       = help: make rebase-migrations' '1 error in 1 file'
}

@test "atlas.sum edited, emptied, missing, with conflict markers" {
	edit "$M/atlas.sum" '2s/h1:..../h1:AAAA/'
	scripts/check_migrations.sh >text && false
	grep -Eq "^$M/(atlas.sum|2026.*sql): " text
	: >"$M/atlas.sum"
	scripts/check_migrations.sh >text && false
	grep -Eq "^$M/atlas.sum: .*empty" text
	rm "$M/atlas.sum"
	scripts/check_migrations.sh >text && false
	grep -Eq "^$M/atlas.sum: " text
	printf '<<<<<<< HEAD\nh1:x=\n=======\nh1:y=\n>>>>>>> b\n' >"$M/atlas.sum"
	scripts/check_migrations.sh >text && false
	grep -Eq "^$M/atlas.sum:1(:1)?: error: .*conflict" text
	grep -Fq 'make hash-migrations' text
	nothing_left
}

@test "MigrationHash changed, missing, an alias" {
	edit cloud-formation.yaml 's/MigrationHash: h1:.*/MigrationHash: h1:old=/'
	total=$(head -n 1 "$M/atlas.sum")
	refused "cloud-formation.yaml: error: MigrationHash is 'h1:old=', the total of $M/atlas.sum is '$total' (template)" \
		"$(fix 'make hash-migrations')" '1 error in 1 file'
	edit cloud-formation.yaml '/MigrationHash: h1:old=/d'
	refused "cloud-formation.yaml: error: no MigrationHash at /Resources/MigrationTrigger/Properties/MigrationHash (template)" \
		"$(fix "add the line 'MigrationHash: x' there, then: make hash-migrations")" '1 error in 1 file'
	cat >cloud-formation.yaml <<-'END'
		Metadata: &h h1:x=
		Resources:
		  MigrationTrigger:
		    Properties:
		      MigrationHash: *h
	END
	refused "cloud-formation.yaml:5:7: error: 'MigrationHash' is an alias, not a scalar (template)" \
		'     5 |       MigrationHash: *h' '       |       ^' \
		"$(fix 'write a plain string there, then: make hash-migrations')" '1 error in 1 file'
	rm cloud-formation.yaml
	refused 'cloud-formation.yaml: error: cannot be read (template)' \
		"$(fix 'set TEMPLATE in atlas-make.mk to your CloudFormation template; empty, if there is none')" '1 error in 1 file'
	check 0 -o 'migrations: check passed' -- make -s check-migrations TEMPLATE=
}

@test "a migration with a syntax error" {
	echo 'ALTER TABLE "users" ADD COLUMN "age" integre NULL;' >"$M/20261201000000_age.sql"
	rehash
	scripts/check_migrations.sh >text && false
	grep -Eq "^$M/20261201000000_age.sql.*type \"integre\" does not exist" text
	grep -Fqx 'fix: correct the file, then: make hash-migrations' text
	[ "$(grep -c integre text)" -le 3 ]
	nothing_left
}

@test "CONCURRENTLY without an effective txmode" {
	stmt='CREATE INDEX CONCURRENTLY "ix_users_name" ON "users" ("name");'
	f=$M/20261201000000_index.sql
	edit src/db/models.py 's/^    name: Mapped.*/    name: Mapped[str] = mapped_column(String(100), index=True)/'
	for text in "$stmt\n" "-- atlas:txmode none\n-- a comment\n$stmt\n" "-- atlas:txmode none\r\n\r\n$stmt\r\n"; do
		# shellcheck disable=SC2059
		printf -- "$text" >"$f"
		rehash
		scripts/check_migrations.sh >text && false
		grep -Eq "^$f.*cannot run in(side)? a transaction|atlas:txmode none is overlooked" text
		grep -Fqx "fix: the first line of that file must be '-- atlas:txmode none', the second empty, and lines must end in LF, not CRLF; then: make hash-migrations" text
	done
	printf -- '-- atlas:txmode none\n\n%s\n' "$stmt" >"$f"
	rehash
	check 0 -o 'migrations: check passed' -- scripts/check_migrations.sh
}

@test "a long history: lint finds the same in a copy of what it makes" {
	for n in $(seq 100 160); do
		printf 'CREATE TABLE "t%s" ("id" integer NOT NULL, PRIMARY KEY ("id"));\nINSERT INTO "t%s" VALUES (1);\n' "$n" "$n" >"$M/20261201000$n.sql"
	done
	printf 'DROP TABLE "t101", "t102";\n' >"$M/20261202000000.sql"
	# Enough for the check to take a copy, which the lint alone does not.
	[ "$(du -sk "$M" | cut -f 1)" -ge 200 ]
	rehash
	scripts/check_migrations.sh >text && false
	awk '/20261202000000.sql/ { on = 1 } /^src|^[0-9]+ (error|warning)/ && !/20261202000000.sql/ { on = 0 } on' text >got
	scripts/lint_migrations.sh >text || :
	grep -v '^[0-9]* \(error\|warning\)' text >want
	grep -q 't101' want
	same want got
	# One of the old ones does not apply: told as ever, once.
	echo 'SELECT nope;' >"$M/20261201000130.sql"
	rehash
	scripts/check_migrations.sh >text && false
	grep -Eq "^$M/20261201000130.sql.*column \"nope\" does not exist" text
	grep -Fqx 'fix: correct the file, then: make hash-migrations' text
	nothing_left
}

@test "models that do not import: file, line and cause" {
	echo 'x = nope' >>src/db/models.py
	n=$(wc -l <src/db/models.py)
	check 2 -o "$undecided" -e "load_models.py: src/db/models.py:$n: NameError: name 'nope' is not defined
render_schema.sh: SCHEMA: 'scripts/load_models.py src.db.models' failed with exit code 2" -- scripts/check_migrations.sh
	nothing_left
	printf 'def f(:\n' >src/db/models.py
	check 2 -o "$undecided" -p '^load_models.py: src/db/models.py:1: SyntaxError: ' -- scripts/check_migrations.sh
}

@test "every failure is told, not just the first" {
	echo '-- more' >>"$OLD"
	edit src/db/models.py 's/^    name: Mapped.*/&\n    age: Mapped[int | None]/'
	scripts/check_migrations.sh >text && false
	grep -Fq "$OLD: error: is not what" text
	grep -Fq 'column "age" of table "users" is in the models' text
}

@test "two checks at once do not meet" {
	scripts/check_migrations.sh >one 2>&1 &
	scripts/check_migrations.sh >two 2>&1
	wait $!
	same one two
	grep -Fqx 'migrations: check passed' one
	nothing_left
}

@test "interrupted: nothing runs on, nothing stays" {
	for sig in INT TERM HUP; do
		for pause in 0.05 0.2 0.4; do
			rm -f .cache/state/*/check.ok
			# The terminal's way: the signal goes to the whole group.
			setsid env --default-signal=INT,HUP scripts/check_migrations.sh >text 2>&1 &
			pid=$!
			sleep "$pause"
			kill -s "$sig" -- "-$pid" 2>/dev/null || :
			rc=0
			wait "$pid" || rc=$?
			[ "$rc" -ne 1 ] && [ "$rc" -ne 2 ] || { cat text; false; }
			nothing_left || { echo "after $sig at $pause"; false; }
		done
	done
}

# gone PGREP-ARGUMENTS: no such process is left, soon.
gone() {
	for _ in $(seq 200); do
		pgrep "$@" >/dev/null || break
		sleep 0.05
	done
	run ! pgrep "$@"
}

@test "killed outright: the server does not outlive the check" {
	setsid scripts/check_migrations.sh >text 2>&1 &
	pid=$!
	until ls "$TMPDIR"/atlas-make.*/pgd/data/postmaster.pid >/dev/null 2>&1; do sleep 0.01; done
	kill -KILL "$pid"
	gone -f "postgres -D $TMPDIR"
	# What it had begun writes in there until it finds out.
	gone -g "$pid"
}

@test "no network at all once installed" {
	ns=-n
	[ "$(id -u)" -eq 0 ] || ns=-cn
	unshare "$ns" true 2>/dev/null || skip 'this machine gives no network namespace'
	check 0 -o 'migrations: check passed' -- unshare "$ns" make -s check-migrations
}

@test "schema from schema.sql, Atlas HCL, or any command" {
	cat >schema.sql <<-'END'
		CREATE TABLE users (id serial PRIMARY KEY, name varchar(100) NOT NULL, email varchar(320) NOT NULL);
		ALTER TABLE users ADD CONSTRAINT users_email_key UNIQUE (email);
		CREATE TABLE addresses (id serial PRIMARY KEY, user_id int NOT NULL REFERENCES users (id),
		  street varchar(200) NOT NULL, city varchar(100) NOT NULL);
		CREATE INDEX ix_addresses_user_id ON addresses (user_id);
	END
	check 0 -o 'migrations: check passed' -- make -s check-migrations SCHEMA=schema.sql SCHEMA_DEPS=
	check 0 -o 'migrations: nothing changed since the last successful check' -- make -s check-migrations SCHEMA=schema.sql SCHEMA_DEPS=
	# What a command reads nobody knows: it is run, and what it prints counts.
	check 0 -o 'migrations: check passed' -- make -s check-migrations SCHEMA='cat schema.sql' SCHEMA_DEPS=
	check 0 -o 'migrations: nothing changed since the last successful check' -- make -s check-migrations SCHEMA='cat schema.sql' SCHEMA_DEPS=
	check 0 -o 'migrations: check passed' -- make -s check-migrations SCHEMA='cat schema.sql' SCHEMA_DEPS=schema.sql
	check 0 -o 'migrations: nothing changed since the last successful check' -- make -s check-migrations SCHEMA='cat schema.sql' SCHEMA_DEPS=schema.sql
	echo 'ALTER TABLE users ADD COLUMN age int;' >>schema.sql
	make -s check-migrations SCHEMA='cat schema.sql' SCHEMA_DEPS=schema.sql >text 2>&1 && false
	grep -q 'column "age" of table "users" is in the models' text
	tail -n 2 text | grep -qx "$no"
	# Atlas HCL only the vendor's command reads.
	echo 'schema "public" {}' >schema.hcl
	local says="SCHEMA: 'schema.hcl' is Atlas HCL"
	is_engine || says="SCHEMA: 'schema.hcl' makes nothing"
	check 2 -p "$says" -o "$undecided" -- env ATLAS_MAKE_SCHEMA=schema.hcl ATLAS_MAKE_SCHEMA_DEPS= scripts/check_migrations.sh
}

@test "DEV_DB_INIT: an extension of its own, in every database" {
	echo 'CREATE EXTENSION citext;' >init.sql
	edit src/db/models.py 's/^from sqlalchemy import/from sqlalchemy.dialects.postgresql import CITEXT\n&/; s/String(320)/CITEXT()/'
	sed 's/character varying(320)/citext/' "$OLD" >x && cat x >"$OLD" && rm x
	rehash
	check 0 -o 'note: a target needs what DEV_DB_INIT (init.sql) makes, before its first migration: extension citext
migrations: check passed' -- make -s check-migrations DEV_DB_INIT=init.sql
	echo 'CREATE EXTENSION nope;' >init.sql
	check 2 -p '^check_migrations.sh: DEV_DB_INIT: init.sql:1: ERROR: .*nope' -- env ATLAS_MAKE_DEV_DB_INIT=init.sql scripts/check_migrations.sh
	nothing_left
}

@test "several schemas" {
	cat >schema.sql <<-'END'
		CREATE SCHEMA app;
		CREATE TABLE public.a (id int PRIMARY KEY);
		CREATE TABLE app.b (id int PRIMARY KEY, a int REFERENCES public.a (id));
	END
	rm "$M"/*.sql
	rehash
	export ATLAS_MAKE_SCHEMA=schema.sql ATLAS_MAKE_DEV_SCHEMAS='public app'
	ATLAS_MAKE_NAME=start scripts/create_migrations.sh >text
	grep -q 'new: .*_start.sql' text
	grep -q 'CREATE TABLE "app"."b"' "$M"/*_start.sql
	check 0 -o 'migrations: check passed' -- scripts/check_migrations.sh
	echo 'CREATE TABLE app.c (id int);' >>schema.sql
	scripts/check_migrations.sh >text && false
	grep -q 'table "app\.c" is in the models' text
}

@test "knobs that make no sense: one sentence, exit 2" {
	check 2 -e "check_migrations.sh: MIGRATIONS: no directory 'nope'" -- env ATLAS_MAKE_MIGRATIONS=nope scripts/check_migrations.sh
	check 2 -e 'check_migrations.sh: DEV_DB=nope: not one of auto, local, embedded, docker, url' -- env DEV_DB=nope scripts/check_migrations.sh
	check 2 -e 'check_migrations.sh: DEV_DB=url needs DEV_URL in the environment: postgres://user:password@host:port/database' -- env DEV_DB=url scripts/check_migrations.sh
	check 2 -e 'check_migrations.sh: ATLAS=atlas: give the path of a binary, with a slash' -- env ATLAS_MAKE_ATLAS=atlas scripts/check_migrations.sh
	check 2 -e "check_migrations.sh: no atlas at './nope': run 'make install', or set ATLAS" -- env ATLAS_MAKE_ATLAS=./nope scripts/check_migrations.sh
	nothing_left
}

@test "a job that is ended as it begins: no word of the shell's own" {
	export ATLAS_MAKE_ATLAS=atlas
	# bash's forked shell, as it gets the signal, has something to say.
	for n in 1 2 3 4 5 6; do
		(for m in 1 2 3 4 5 6 7 8; do bash scripts/check_migrations.sh >"out.$n.$m" 2>"err.$n.$m" && exit 1 || [ $? -eq 2 ]; done) &
	done
	wait
	[ "$(cat err.*.* | sort -u)" = 'check_migrations.sh: ATLAS=atlas: give the path of a binary, with a slash' ]
	[ "$(cat err.*.* | wc -l)" -eq 48 ]
	nothing_left
}
