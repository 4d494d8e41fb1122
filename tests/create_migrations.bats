#!/usr/bin/env bats
# create-migrations and hash-migrations: all or nothing.

load helper

setup() {
	scratch
	project git
	M=src/db/migrations
	T=cloud-formation.yaml
}

add_age() { edit src/db/models.py 's/^    name: Mapped.*/&\n    age: Mapped[int | None]/'; }

@test "nothing to do says so and writes nothing" {
	state >before
	check 0 -o 'migrations: nothing to do, they make what the models describe' -- make -s create-migrations
	state >after
	same before after
	nothing_left
}

@test "a new column: one file, atlas.sum, one line of the template, and check passes" {
	add_age
	make -s create-migrations NAME=add_age >text
	f=$(ls $M/*_add_age.sql)
	[[ ${f##*/} =~ ^[0-9]{14}_add_age\.sql$ ]]
	total=$(head -n 1 $M/atlas.sum)
	printf 'new: %s\nMigrationHash %s\n' "$f" "$total" >want
	same want text
	printf '%s\n' '-- Modify "users" table' 'ALTER TABLE "users" ADD COLUMN "age" integer NULL;' >want
	same want "$f"
	[ "$(git diff --numstat cloud-formation.yaml)" = "1${TAB}1${TAB}cloud-formation.yaml" ]
	git diff cloud-formation.yaml | grep -Fx "+      MigrationHash: $total"
	[ "$(git status --porcelain | sort | tr '\n' ',')" = " M cloud-formation.yaml, M src/db/migrations/atlas.sum, M src/db/models.py,?? $f,?? text,?? want," ]
	check 0 -o 'migrations: check passed' -- make -s check-migrations
	nothing_left
}

@test "without NAME the file is named by its version alone" {
	add_age
	make -s create-migrations >text
	grep -Eq '^new: src/db/migrations/[0-9]{14}\.sql$' text
}

@test "a clock behind the newest version: the new file comes after it all the same" {
	mv $M/20261115100000_create_addresses.sql $M/20991231235959_create_addresses.sql
	scripts/hash_migrations.sh >/dev/null
	add_age
	ATLAS_MAKE_NAME=age scripts/create_migrations.sh >text
	grep -Fqx 'new: src/db/migrations/20991231240000_age.sql' text
	git add -A
	git commit -qm second
	check 0 -o 'migrations: check passed' -- make -s check-migrations
}

@test "CONCURRENT_INDEX: such a statement is in a file of its own, outside a transaction" {
	engine_only 'it alone writes such a plan'
	edit src/db/models.py 's/^    name: Mapped.*/    name: Mapped[str] = mapped_column(String(100), index=True)\n    age: Mapped[int | None]/'
	make -s create-migrations NAME=more CONCURRENT_INDEX='create drop' >text
	[ "$(grep -c '^new: ' text)" -eq 2 ]
	set -- $M/*_more.sql
	printf '%s\n' '-- Modify "users" table' 'ALTER TABLE "users" ADD COLUMN "age" integer NULL;' >want
	same want "$1"
	printf '%s\n' '-- atlas:txmode none' '' '-- Create index "ix_users_name" to table: "users"' \
		'CREATE INDEX CONCURRENTLY "ix_users_name" ON "users" ("name");' >want
	same want "$2"
	scripts/check_migrations.sh >text
	tail -n 1 text | grep -qx 'migrations: check passed'
}

@test "a directory that does not match its atlas.sum is refused, untouched" {
	add_age
	echo '-- more' >>$M/20261101090000_create_users.sql
	state >before
	check 2 -e '  edited 20261101090000_create_users.sql
create_migrations.sh: src/db/migrations does not match its atlas.sum: make check-migrations says more; if it is meant so: make hash-migrations' \
		-- scripts/create_migrations.sh
	state >after
	same before after
	nothing_left
}

@test "a template that cannot hold the hash is refused before anything is written" {
	add_age
	edit cloud-formation.yaml '/MigrationHash: h1/d'
	state >before
	ATLAS_MAKE_NAME=x scripts/create_migrations.sh >text 2>err && false
	grep -Fq 'create_migrations.sh: cloud-formation.yaml: no MigrationHash can be set at /Resources/MigrationTrigger/Properties/MigrationHash' err
	state >after
	same before after
	scripts/hash_migrations.sh >text 2>err && false
	state >after
	same before after
}

@test "bad names and bad models: one sentence, nothing written" {
	state >before
	check 2 -e 'create_migrations.sh: NAME=a/b: letters, digits, _ and - only, and no - at the start: it becomes part of a file name' \
		-- env ATLAS_MAKE_NAME=a/b scripts/create_migrations.sh
	for name in --help -edit --edit; do
		check 2 -e "create_migrations.sh: NAME=$name: letters, digits, _ and - only, and no - at the start: it becomes part of a file name" \
			-- env ATLAS_MAKE_NAME="$name" scripts/create_migrations.sh
		check 2 -e "new_migration.sh: NAME=$name: letters, digits, _ and - only, and no - at the start: it becomes part of a file name" \
			-- env ATLAS_MAKE_NAME="$name" scripts/new_migration.sh
	done
	echo 'import nope' >>src/db/models.py
	n=$(wc -l <src/db/models.py)
	check 2 -e "load_models.py: src/db/models.py:$n: ModuleNotFoundError: No module named 'nope'
render_schema.sh: SCHEMA: 'scripts/load_models.py src.db.models' failed with exit code 2" -- scripts/create_migrations.sh
	state >after
	same before after
	nothing_left
}

@test "two creates at once: one works, the other says who does" {
	add_age
	ln -s "$$" .cache/lock
	check 2 -e "create_migrations.sh: process $$ is changing the migrations now: wait for it, or remove .cache/lock if that is something else" \
		-- scripts/create_migrations.sh
	rm .cache/lock
	# One whose owner is gone is taken over.
	sh -c 'ln -s $$ .cache/lock'
	ATLAS_MAKE_NAME=age scripts/create_migrations.sh
	[ ! -L .cache/lock ]
}

@test "interrupted by TERM or INT at any time: the old state or the new one" {
	add_age
	cp -R . ../start
	state >before
	for sig in TERM INT; do
		for pause in 0.1 0.4 0.6; do
			setsid env --default-signal=INT ATLAS_MAKE_NAME=age scripts/create_migrations.sh >text 2>&1 &
			pid=$!
			sleep "$pause"
			kill -s "$sig" -- "-$pid" 2>/dev/null || :
			wait "$pid" || :
			nothing_left
			if ls $M/*_age.sql >/dev/null 2>&1; then
				check 0 -o 'migrations: check passed' -- scripts/check_migrations.sh
				rm $M/*_age.sql
				cp ../start/$M/atlas.sum $M/atlas.sum
				cp ../start/cloud-formation.yaml .
			fi
			state >after
			same before after
		done
	done
}

@test "whoever ends the planning of the tables ends Atlas" {
	printf '#!/bin/sh\n: >planning\nexec sleep 54321\n' >atlas
	chmod +x atlas
	pg_url='postgres:///DATABASE' schemas=public atlas_bin=./atlas scripts/steps/tables.sh a b 3>&- &
	pid=$!
	until [ -e planning ]; do sleep 0.02; done
	kill "$pid"
	wait "$pid" || :
	run ! pgrep -f 'sleep 54321'
}

@test "killed outright while it thinks: nothing was written, and the lock does not hold" {
	add_age
	state >before
	setsid sh -c 'ATLAS_MAKE_NAME=age exec scripts/create_migrations.sh' >text 2>&1 &
	pid=$!
	until [ -L .cache/lock ]; do sleep 0.01; done
	kill -KILL "$pid"
	wait "$pid" || :
	state >after
	same before after
	ATLAS_MAKE_NAME=age scripts/create_migrations.sh
	ls $M/*_age.sql
}

@test "a NAME that makes too long a file's name: a sentence, and nothing is written" {
	local long
	add_age
	state >before
	for long in "$(printf 'a%.0s' $(seq 233))" "$(printf 'a%.0s' $(seq 300))"; do
		for verb in create new; do
			check 2 -p "NAME: ${#long} letters are too many for a file's name" -- env ATLAS_MAKE_NAME="$long" "scripts/${verb}_migration$([ $verb = new ] || echo s).sh"
			[ "$(wc -l <"$BATS_TEST_TMPDIR/err")" -eq 1 ]
		done
	done
	state >after
	same before after
	# The longest one that is taken is a file that git and the check take, too.
	long=$(printf 'a%.0s' $(seq 200))
	ATLAS_MAKE_NAME=$long scripts/new_migration.sh >/dev/null
	[ "$(ls $M/*_"$long".sql | wc -l)" -eq 1 ]
	nothing_left
}
