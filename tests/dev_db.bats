#!/usr/bin/env bats
# The temporary database: which one is taken, and how docker and colima are
# called. There is no docker engine where these tests run: docker and colima
# are stand-ins that write down how they were called.

load helper
load server

setup() {
	scratch
	project
	mkdir stand-ins
	PATH=$PWD/stand-ins:$PATH
}

# stand_in NAME: reads its behaviour (sh) from stdin; each call is noted.
stand_in() {
	{
		printf '#!/bin/sh\nprintf "%%s\\n" "%s $*" >>"%s/calls"\n' "$1" "$PWD"
		cat
	} >"stand-ins/$1"
	chmod +x "stand-ins/$1"
}

# choose: print what the scripts would use.
choose() {
	cat >scripts/choose.sh <<-'END'
		#!/bin/sh
		set -eu
		. "${0%/*}/lib/common.sh"
		. scripts/lib/devdb.sh
		devdb_choose
		echo "$devdb_how${pg_bin:+ $pg_bin}"
	END
	sh scripts/choose.sh
}

@test "auto: a given URL first, then binaries on the system" {
	check 0 -o url -- env DEV_URL=postgres://x/y sh -c "$(declare -f choose); choose"
	[[ $(choose) == local\ */bin ]]
	check 0 -o url -- env DEV_DB=postgres://u:p@h/d sh -c "$(declare -f choose); choose"
}

@test "a PG_BINDIR is the only place looked at" {
	check 2 -p "no PostgreSQL 15 binaries found: run 'make install', set PG_BINDIR" -- \
		env DEV_DB=local PG_BINDIR=/nowhere sh -c "$(declare -f choose); choose"
}

@test "another major version than Atlas can take is said plainly" {
	# 0.13.1 knows PostgreSQL up to 15.
	unset ATLAS
	"$TOP/.cache/atlas/atlas" version | grep -q 'v0\.' || return 0
	check 2 -p "Atlas v0.13.1 works with PostgreSQL up to 15, PG_MAJOR is 16: set ATLAS to a 1.x binary" -- \
		env PG_MAJOR=16 scripts/check_migrations.sh
}

@test "embedded: plain binaries from a package registry, no root, no docker" {
	make -s check-migrations DEV_DB=embedded >text
	grep -Fqx 'migrations: in order' text
	[[ $(DEV_DB=embedded choose) == *embedded*/native/bin ]]
	nothing_left
}

@test "docker: Atlas's own docker:// URL, in the environment" {
	stand_in docker <<-'END'
		exit 0
	END
	unset ATLAS
	rm .cache/atlas
	mkdir .cache/atlas
	cat >.cache/atlas/atlas <<-END
		#!/bin/sh
		echo "\$DEV_URL" >>"$PWD/urls"
		exit 0
	END
	chmod +x .cache/atlas/atlas
	DEV_DB=docker scripts/check_migrations.sh || :
	[ "$(sort -u urls)" = 'docker://postgres/15/dev?search_path=public' ]
	grep -Fqx 'docker info' calls
}

@test "docker that does not answer, off macOS: a sentence, and no colima" {
	stand_in docker <<<'exit 1'
	stand_in colima <<<'exit 0'
	check 2 -e 'check_migrations.sh: docker does not answer: is it running, and may you use it? (docker info)' -- \
		env DEV_DB=docker scripts/check_migrations.sh
	run ! grep colima calls
}

@test "macOS: colima is started when docker does not answer, and stopped only then" {
	stand_in uname <<<'echo Darwin'
	stand_in docker <<<'[ -e up ]'
	stand_in colima <<-'END'
		case $1 in start) : >up ;; stop) rm up ;; esac
	END
	cat >scripts/try.sh <<-'END'
		#!/bin/sh
		set -eu
		. "${0%/*}/lib/common.sh"
		. scripts/lib/devdb.sh
		devdb_start
		devdb_url dev_diff
		echo "$DEV_URL"
	END
	check 0 -o 'docker://postgres/15/dev?search_path=public' -e 'starting colima' -- env DEV_DB=docker sh scripts/try.sh
	[ ! -e up ]
	grep -Fqx 'colima start' calls
	grep -Fqx 'colima stop' calls
	rm calls
	: >up
	check 0 -o 'docker://postgres/15/dev?search_path=public' -- env DEV_DB=docker sh scripts/try.sh
	run ! grep colima calls
	[ -e up ]
}

@test "docker with DEV_DB_INIT: a container of ours, prepared, and killed at exit" {
	echo 'CREATE EXTENSION citext;' >init.sql
	stand_in docker <<-'END'
		case $1 in
		run) echo c0ffee ;;
		port) echo 127.0.0.1:54321 ;;
		exec) case "$*" in *psql*) cat >sent ;; esac ;;
		esac
	END
	cat >scripts/try.sh <<-'END'
		#!/bin/sh
		set -eu
		. "${0%/*}/lib/common.sh"
		. scripts/lib/devdb.sh
		devdb_start
		devdb_url dev_lint
		echo "$DEV_URL"
	END
	check 0 -o 'postgres://postgres@127.0.0.1:54321/dev_lint?sslmode=disable&search_path=public' -- \
		env DEV_DB=docker DEV_DB_INIT=init.sql sh scripts/try.sh
	same init.sql sent
	same - calls <<-'END'
		docker info
		docker run --rm --detach --publish 127.0.0.1::5432 --env POSTGRES_HOST_AUTH_METHOD=trust postgres:15 -c fsync=off
		docker exec c0ffee pg_isready -q -h 127.0.0.1 -U postgres
		docker exec -i c0ffee psql -X -q -U postgres -v ON_ERROR_STOP=1 template1
		docker exec c0ffee createdb -U postgres dev_diff
		docker exec c0ffee createdb -U postgres dev_lint
		docker exec c0ffee createdb -U postgres dev_apply
		docker port c0ffee 5432/tcp
		docker kill c0ffee
	END
}

@test "a given database: checked one after the other, its password nowhere to be seen" {
	# A server of the tests' own, on the loopback address, with a password.
	start_server
	DEV_URL="postgres://dev:s%40cret@127.0.0.1:$PORT/dev?sslmode=disable"
	export DEV_URL DEV_DB=url
	strace -f -qq -s 9999 -e trace=execve -o trace scripts/check_migrations.sh >text 2>err
	grep -Fqx 'migrations: in order' text
	run ! grep -E 's%40cret|s@cret' text err
	# In the environment of our processes, never in an argument.
	run ! grep -E 's%40cret|s@cret' trace
	scripts/check_migrations.sh >text 2>err
	grep -Fqx 'migrations: nothing changed since the last successful check' text
	stop_server
}

@test "a database that is not empty is refused, untouched" {
	start_server
	export DEV_DB=url DEV_URL="postgres://dev:s%40cret@127.0.0.1:$PORT/dev?sslmode=disable"
	in_server 'CREATE TABLE precious (id int)'
	scripts/check_migrations.sh >text 2>err && false
	grep -q 'not clean' text err
	run ! grep -E 's%40cret|s@cret' text err
	in_server 'SELECT count(*) FROM precious'
	stop_server
}
