#!/usr/bin/env bats
# check-migrations: every way to be out of step is found and named.

load helper

setup() {
	scratch
	project
}

in_order='migrations: in order'
OLD=src/db/migrations/20261101090000_create_users.sql
NEW=src/db/migrations/20261115100000_create_addresses.sql

# edit FILE SED-SCRIPT: in place, without sed -i.
edit() { sed "$2" "$1" >"$1.new" && cat "$1.new" >"$1" && rm "$1.new"; }
rehash() { make -s hash-migrations >/dev/null; }

@test "the example is in order; a second check says nothing changed" {
	check 0 -o "$in_order" -- make -s check-migrations
	check 0 -o 'migrations: nothing changed since the last successful check' -- make -s check-migrations
	nothing_left
}

@test "the second check starts no Python, no Atlas, no database" {
	make -s check-migrations
	strace -f -qq -e trace=execve -o trace make -s check-migrations
	run ! grep -E 'python|atlas/atlas|postgres|initdb' trace
	[ "$(grep -c 'execve(.* = 0' trace)" -le 8 ]
}

@test "a new column: the ALTER TABLE is shown, and the verb that mends it" {
	edit src/db/models.py 's/^    name: Mapped.*/&\n    age: Mapped[int | None]/'
	check 1 -o "src/db/migrations: models and migrations differ; to catch up the migrations lack:
  -- Modify \"users\" table
  ALTER TABLE \"users\" ADD COLUMN \"age\" integer NULL;
  mend: make create-migrations NAME=what_changed
migrations: not in order" -p 'Error 1' -- make -s check-migrations
	nothing_left
}

@test "an old migration edited" {
	echo '-- more' >>"$OLD"
	check 1 -O <(cat <<-END
		$OLD: is not what atlas.sum says it was: edited
		  mend: if that was meant: make hash-migrations; else: git checkout -- 'src/db/migrations'; after a merge: make rebase-migrations
		migrations: not in order
	END
	) -- scripts/check_migrations.sh
}

@test "an old migration removed" {
	rm "$OLD"
	check 1 -O out -- scripts/check_migrations.sh || :
	grep -Fqx "$OLD: is in atlas.sum, but the file is gone: removed" out
	grep -Fqx 'migrations: not in order' out
}

@test "a migration added without its hash" {
	echo 'ALTER TABLE "users" ADD COLUMN "age" integer NULL;' >src/db/migrations/20261110000000_age.sql
	scripts/check_migrations.sh >out 2>err && false
	grep -Fqx 'src/db/migrations/20261110000000_age.sql: is not in atlas.sum' out
}
