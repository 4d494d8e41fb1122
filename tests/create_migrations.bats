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
	NAME=age scripts/create_migrations.sh >text
	grep -Fqx 'new: src/db/migrations/20991231240000_age.sql' text
	git add -A
	git commit -qm second
	check 0 -o 'migrations: check passed' -- make -s check-migrations
}

@test "CONCURRENTLY goes into a file of its own, with an effective directive" {
	mkdir d
	cat >d/20260101105959_x.sql <<-'END'
		-- Modify "users" table
		ALTER TABLE "users" ADD COLUMN "age" integer NULL, ADD COLUMN "q" text NULL DEFAULT 'a;
		CREATE INDEX CONCURRENTLY "no" ON it''s;
		';
		-- Create index "a" to table: "users"
		CREATE INDEX CONCURRENTLY "a" ON "users" ("age");
		-- Create index "b" to table: "users"
		CREATE UNIQUE INDEX CONCURRENTLY "b" ON "users" ("q");
		-- Drop "it's" table
		DROP TABLE "it's";
		-- Drop index "c" from table: "users"
		DROP INDEX CONCURRENTLY "c";
	END
	cp d/20260101105959_x.sql whole
	check 0 -o '20260101105959_x.sql
20260101110000_x.sql
20260101110001_x.sql
20260101110002_x.sql' -- scripts/split_concurrently.sh d/20260101105959_x.sql
	sed -n 1,4p whole >want1
	{ printf -- '-- atlas:txmode none\n\n'; sed -n 5,8p whole; } >want2
	sed -n 9,10p whole >want3
	{ printf -- '-- atlas:txmode none\n\n'; sed -n 11,12p whole; } >want4
	same want1 d/20260101105959_x.sql
	same want2 d/20260101110000_x.sql
	same want3 d/20260101110001_x.sql
	same want4 d/20260101110002_x.sql
	[ "$(ls -A d | wc -l)" -eq 4 ]
}

@test "files without CONCURRENTLY, or with the directive, are left as they are" {
	mkdir d
	printf 'CREATE INDEX a ON b (c);\n' >d/1.sql
	printf -- '-- atlas:txmode none\n\nCREATE INDEX CONCURRENTLY a ON b (c);\n' >d/2.sql
	cp -R d e
	check 0 -o 1.sql -- scripts/split_concurrently.sh d/1.sql
	check 0 -o 2.sql -- scripts/split_concurrently.sh d/2.sql
	diff -r d e
	check 2 -e 'usage: split_concurrently.sh file.sql' -- scripts/split_concurrently.sh nope
}

@test "what looks like CONCURRENTLY is none; over two lines it is; the file's nolint goes into each part" {
	mkdir d
	printf 'SELECT $$\nDROP INDEX CONCURRENTLY a;\n$$;\n/*\nDROP INDEX CONCURRENTLY a;\n*/\nSELECT 1;\n' >d/3.sql
	cp d/3.sql want
	check 0 -o 3.sql -- scripts/split_concurrently.sh d/3.sql
	same want d/3.sql
	printf -- '-- atlas:nolint PG\n\n-- one\nCREATE INDEX\n  CONCURRENTLY a ON b (c); -- two\nSELECT 1;\n\n-- three\nVACUUM b;\n-- the end\n' >d/4.sql
	check 0 -o '4.sql
5.sql
6.sql' -- scripts/split_concurrently.sh d/4.sql
	printf -- '-- atlas:txmode none\n-- atlas:nolint PG\n\n-- one\nCREATE INDEX\n  CONCURRENTLY a ON b (c); -- two\n' | cmp - d/4.sql
	printf -- '-- atlas:nolint PG\n\nSELECT 1;\n' | cmp - d/5.sql
	printf -- '-- atlas:txmode none\n-- atlas:nolint PG\n\n\n-- three\nVACUUM b;\n-- the end\n' | cmp - d/6.sql
	printf "DROP INDEX CONCURRENTLY a; SELECT 'x" >d/7.sql
	check 2 -e 'sqlstmt: d/7.sql:1: a string that is never closed' -- scripts/split_concurrently.sh d/7.sql
	cp d/3.sql d/1.0.0_a.sql
	echo 'DROP INDEX CONCURRENTLY a;' >>d/1.0.0_a.sql
	cp d/1.0.0_a.sql want
	check 2 -e 'split_concurrently.sh: 1.0.0_a.sql: its version is no number to count on from' -- \
		scripts/split_concurrently.sh d/1.0.0_a.sql
	same want d/1.0.0_a.sql
	cp d/1.0.0_a.sql d/4.sql
	check 2 -e "split_concurrently.sh: 4.sql: '5.sql' is there already" -- scripts/split_concurrently.sh d/4.sql
	same want d/4.sql
	no_litter d
	[ "$(ls -A d | grep -c part)" -eq 0 ]
}

@test "a file that is CONCURRENTLY alone gets the directive in place" {
	mkdir d
	printf 'CREATE INDEX CONCURRENTLY a ON b (c);\n' >d/7.sql
	check 0 -o 7.sql -- scripts/split_concurrently.sh d/7.sql
	printf -- '-- atlas:txmode none\n\nCREATE INDEX CONCURRENTLY a ON b (c);\n' >want
	same want d/7.sql
}

@test "a directory that does not match its atlas.sum is refused, untouched" {
	add_age
	echo '-- more' >>$M/20261101090000_create_users.sql
	state >before
	check 2 -e '  edited 20261101090000_create_users.sql
create_migrations.sh: src/db/migrations does not match its atlas.sum: make check-migrations tells more; if it is meant so: make hash-migrations' \
		-- scripts/create_migrations.sh
	state >after
	same before after
	nothing_left
}

@test "a template that cannot hold the hash is refused before anything is written" {
	add_age
	edit cloud-formation.yaml '/MigrationHash: h1/d'
	state >before
	NAME=x scripts/create_migrations.sh >text 2>err && false
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
		-- env NAME=a/b scripts/create_migrations.sh
	for name in --help -edit --edit; do
		check 2 -e "create_migrations.sh: NAME=$name: letters, digits, _ and - only, and no - at the start: it becomes part of a file name" \
			-- env NAME="$name" scripts/create_migrations.sh
		check 2 -e "new_migration.sh: NAME=$name: letters, digits, _ and - only, and no - at the start: it becomes part of a file name" \
			-- env NAME="$name" scripts/new_migration.sh
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
	NAME=age scripts/create_migrations.sh
	[ ! -L .cache/lock ]
}

@test "interrupted by TERM or INT at any time: the old state or the new one" {
	add_age
	cp -R . ../start
	state >before
	for sig in TERM INT; do
		for pause in 0.1 0.4 0.6; do
			setsid env --default-signal=INT NAME=age scripts/create_migrations.sh >text 2>&1 &
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

@test "killed outright while it thinks: nothing was written, and the lock does not hold" {
	add_age
	state >before
	setsid sh -c 'NAME=age exec scripts/create_migrations.sh' >text 2>&1 &
	pid=$!
	until [ -L .cache/lock ]; do sleep 0.01; done
	kill -KILL "$pid"
	wait "$pid" || :
	state >after
	same before after
	NAME=age scripts/create_migrations.sh
	ls $M/*_age.sql
}
