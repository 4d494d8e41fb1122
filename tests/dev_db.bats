#!/usr/bin/env bats
# The temporary database: which one is taken, and how docker and colima are
# called. There is no docker engine where these tests run: docker and colima
# are stand-ins that write down how they were called.

load helper
load server

setup_file() {
	start_server
	export PORT SERVER SERVER_PID
}
teardown_file() { stop_server; }

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

# devdb: run the lines of stdin in a script that has the databases; its output
# goes to ../text and ../err.
devdb() {
	local rc=0
	{
		cat <<-'END'
			#!/bin/sh
			set -eu
			. "${0%/*}/lib/common.sh"
			. scripts/lib/devdb.sh
			devdb_start
			devdb_wait
		END
		cat
	} >scripts/try.sh
	sh scripts/try.sh >../text 2>../err || rc=$?
	rm scripts/try.sh
	nothing_left || return 1
	[ "$rc" -eq 0 ] || { cat ../text ../err; return "$rc"; }
}
# refused SQL PATTERN: what the verbs' role is told for it.
refused() {
	local n
	n=$(ls sql.* 2>/dev/null | wc -l)
	printf '%s\n' "$1" >"sql.$n"
	cat >>../says <<-END
		devdb_psql -f sql.$n >out 2>&1 </dev/null && echo "no error: $n"
		grep -Eq '$2' out || cat sql.$n out
	END
}

@test "databases for psql and for Atlas; a copy has all that its original has" {
	devdb <<-'END'
		devdb_db dev_want
		devdb_psql -c 'CREATE TABLE t (id int)' -c 'INSERT INTO t VALUES (7)'
		devdb_copy dev_want dev_work
		devdb_db dev_work
		devdb_psql -c 'SELECT id FROM t'
		devdb_copy dev_want dev_work
		devdb_db dev_other
		devdb_psql -c "SELECT current_database(), to_regclass('t') IS NULL"
		devdb_db dev_other
		"$psql_bin" -XAtqc "SELECT current_user, setting FROM pg_settings WHERE name = 'search_path'"
		case $DEV_URL in *"/dev_other?host=$PGHOST&"*search_path=public*) echo url ;; esac
		"$psql_bin" -XAtqd "${pg_url%%DATABASE*}dev_work${pg_url#*DATABASE}" -c 'SELECT id + 1 FROM t'
		for p in "$pg_dump_bin" "$pg_restore_bin"; do "$p" --version | grep -c PostgreSQL; done
		# Nobody else gets in, for there it asks no password.
		stat -c %a "$PGHOST"/.s.PGSQL.5432
	END
	same - ../text <<-'END'
		7
		dev_other|t
		postgres|public
		url
		8
		1
		1
		700
	END
	[ ! -s ../err ]
}

@test "a listing there is planned for what is in it: our own functions and event triggers turn nothing on" {
	devdb <<-'END'
		devdb_db dev_want
		devdb_psql -e -v schema=public -f scripts/lib/catalog.sql >../first
		devdb_psql -c 'CREATE FUNCTION f() RETURNS int LANGUAGE sql RETURN 1'
		devdb_psql -e -v schema=public -f scripts/lib/catalog.sql >../second
	END
	run ! grep -Eq '^fn AS|pg_event_trigger e,' ../first
	grep -q '^fn AS' ../second
	run ! grep -q 'pg_event_trigger e,' ../second
}

@test "the SQL of a pull request reaches no program and no file of this machine" {
	: >../says
	refused "COPY (SELECT 1) TO PROGRAM 'touch $PWD/../reached'" '(must be superuser|permission denied) '
	refused "COPY (SELECT 1) TO '$PWD/../reached'" '(must be superuser|permission denied) '
	refused "CREATE TEMP TABLE x (a text); COPY x FROM '/etc/passwd'" '(must be superuser|permission denied) '
	refused "SELECT pg_read_file('/etc/passwd')" 'permission denied'
	refused "SELECT lo_import('/etc/passwd')" 'permission denied'
	refused "SELECT lo_export(lo_from_bytea(0, 'x'), '$PWD/../reached')" 'permission denied'
	# Before 16 a role that may make roles may grant nearly all of them.
	for r in pg_execute_server_program pg_write_server_files pg_read_server_files; do
		refused "GRANT $r TO postgres" '(must be superuser|permission denied) '
	done
	refused 'ALTER ROLE postgres SUPERUSER' '(must be superuser|permission denied) '
	refused 'SET ROLE atlas_make' 'permission denied'
	refused "ALTER SYSTEM SET archive_command = 'touch x'" '(must be superuser|permission denied) '
	refused "CREATE FUNCTION f() RETURNS int LANGUAGE c AS 'x'" 'permission denied'
	refused "LOAD 'auto_explain'" 'not allowed'
	# For a statement it is a superuser: not for what it makes with that.
	refused 'CREATE EXTENSION file_fdw /* postgres_fdw */' 'permission denied to create extension "file_fdw"'
	refused "DO \$\$BEGIN CREATE EXTENSION postgres_fdw; EXECUTE 'ALTER ROLE postgres SUPERUSER'; END\$\$" '(must be superuser|permission denied) '
	refused "CREATE EXTENSION dblink; SELECT dblink_connect_u('host=' || :'HOST' || ' user=atlas_make')" 'password|pg_hba'
	refused '\c - atlas_make' 'no pg_hba.conf entry'
	{
		echo 'devdb_db dev_want'
		cat ../says
		echo "devdb_psql -c 'SELECT rolsuper FROM pg_roles WHERE rolname = current_user'"
	} | devdb
	[ "$(cat ../text)" = f ] || { cat ../text; false; }
	[ ! -e ../reached ]
}

@test "extensions: those PostgreSQL trusts and those of DEV_DB_EXTENSIONS, no others" {
	devdb <<-'END'
		devdb_db dev_want
		devdb_psql -c 'CREATE EXTENSION citext' -c 'CREATE EXTENSION IF NOT EXISTS postgres_fdw' \
			-c 'BEGIN; CREATE EXTENSION pg_stat_statements; ROLLBACK' \
			-c 'CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw'
		devdb_psql -c "SELECT string_agg(extname, ' ' ORDER BY extname) FROM pg_extension"
		devdb_psql -c "SELECT count(*) FROM pg_event_trigger WHERE NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_event_trigger.oid AND deptype = 'e')"
		"$pg_dump_bin" -s | grep -c atlas_make || :
	END
	same - ../text <<-'END'
		citext plpgsql postgres_fdw
		0
		0
	END
	export ATLAS_MAKE_DEV_DB_EXTENSIONS="amcheck it's"
	devdb <<-'END'
		devdb_db dev_want
		devdb_psql -c 'CREATE EXTENSION amcheck'
		devdb_psql -c 'CREATE EXTENSION dblink' 2>&1 | head -n 1
	END
	[ "$(cat ../text)" = 'ERROR:  permission denied to create extension "dblink"' ]
}

@test "DEV_DB_SUPERUSER: for a target whose deploys are" {
	export ATLAS_MAKE_DEV_DB_SUPERUSER=1
	devdb <<-'END'
		devdb_db dev_have
		devdb_psql -c 'CREATE EXTENSION file_fdw' -c 'SELECT rolsuper FROM pg_roles WHERE rolname = current_user'
	END
	[ "$(cat ../text)" = t ]
}

@test "DEV_DB_INIT is psql's: DO blocks, roles, what a superuser installs" {
	cat >init.sql <<-'SQL'
		DO $$ BEGIN
			CREATE ROLE app;

		EXCEPTION WHEN duplicate_object THEN NULL;
		END $$;
		DO $$ BEGIN CREATE ROLE app; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
		\set schema legacy
		CREATE EXTENSION file_fdw;
		CREATE SCHEMA :schema AUTHORIZATION app;
	SQL
	export ATLAS_MAKE_DEV_DB_INIT=init.sql
	devdb <<-'END'
		devdb_db dev_lint
		devdb_psql -c "SELECT extname FROM pg_extension WHERE extname LIKE 'f%'" -c "SELECT nspowner::regrole FROM pg_namespace WHERE nspname = 'legacy'"
	END
	[ "$(cat ../text)" = "$(printf 'file_fdw\napp')" ]
	export ATLAS_MAKE_DEV_DB_INIT=nowhere.sql
	devdb </dev/null && false
	grep -Fqx "try.sh: DEV_DB_INIT: cannot read 'nowhere.sql': it is the name of a file with SQL" ../err
	printf 'SELECT 1;\n\nSELECT nope;\n' >init.sql
	export ATLAS_MAKE_DEV_DB_INIT=init.sql
	devdb </dev/null && false
	grep -q '^try.sh: DEV_DB_INIT: init.sql:3: ERROR:  column "nope" does not exist' ../err
}

@test "a migration that makes a role: once for what they make, once for lint" {
	printf 'CREATE ROLE app_reader;\nGRANT USAGE ON SCHEMA public TO app_reader;\n' >src/db/migrations/20261201000000_role.sql
	scripts/hash_migrations.sh >/dev/null
	make -s check-migrations >text 2>&1 || { cat text; false; }
	nothing_left
}

@test "hundreds of tables with their indexes fit into one transaction" {
	for i in $(seq 600); do
		echo "CREATE TABLE t$i (a text PRIMARY KEY, b text, c text, d text, e text);"
		for c in b c d e; do echo "CREATE INDEX ON t$i ($c);"; done
	done >many.sql
	devdb <<-'END'
		devdb_db dev_want
		devdb_psql -1 -f many.sql
		devdb_psql -c "SELECT count(*) FROM pg_locks WHERE locktype = 'relation'" -c "SELECT count(*) FROM pg_indexes WHERE schemaname = 'public'"
	END
	[ "$(tail -n 1 ../text)" = 3000 ]
}

@test "a cluster that another version of the kit has made is not taken" {
	rm .cache/pg
	devdb <<-'END'
		devdb_db dev_want
	END
	echo "CREATE SCHEMA marker;" >>scripts/lib/devdb.sql
	devdb <<-'END'
		devdb_db dev_want
		devdb_psql -c "SELECT nspname FROM pg_namespace WHERE nspname = 'marker'"
	END
	[ "$(cat ../text)" = marker ]
}

@test "where we are root: the server's user owns nothing that a later run trusts" {
	[ "$(id -u)" -eq 0 ] || skip 'only root has another user run the server'
	rm .cache/pg
	export ATLAS_MAKE_DEV_DB_SUPERUSER=1
	devdb <<-'END'
		devdb_db dev_want
		where=$PWD
		ls -ldn "$PGHOST" | cut -c1-10
		# What commands of the server can reach, with a socket of our own besides.
		for d in "$pg_dir" "$pg_dir/.." "$where/.cache/pg" "$where"/.cache/pg/*/ "$tmp"; do
			echo "touch '$d/reached' 2>/dev/null && echo '$d'; ls '$d' >/dev/null 2>&1 && echo seen '$d'"
		done >"$pg_dir/attack"
		chmod 644 "$pg_dir/attack"
		devdb_psql -c "COPY (SELECT 1) TO PROGRAM 'sh $pg_dir/attack >$pg_dir/data/log 2>&1; exit 0'"
		echo "reached: $(grep -v seen "$pg_dir/data/log" | tr '\n' ' ')"
	END
	same - ../text <<-'END'
		drwx------
		reached: 
	END
	[ -z "$(find .cache/pg ! -user root)" ]
	[ -d .cache/pg ]
}

@test "a cluster that came with a copied .cache is not taken as it is" {
	rm .cache/pg
	devdb <<<'devdb_db dev_want'
	before=$(ls .cache/pg)
	# Broken, or not readable: made anew.
	echo >".cache/pg/$before/data.tar"
	devdb <<<'devdb_db dev_want; devdb_psql -c "SELECT 1"'
	[ "$(cat ../text)" = 1 ]
	after=$(ls .cache/pg)
	[ "$before" != "$after" ]
	# Of another user, who might change it: likewise.
	if [ "$(id -u)" -eq 0 ]; then
		chown -R nobody .cache/pg/*
		devdb <<<'devdb_db dev_want; devdb_psql -c "SELECT 2"'
		[ "$(cat ../text)" = 2 ]
		[ "$(find .cache/pg -mindepth 1 -maxdepth 1 -user root | wc -l)" -eq 1 ]
	fi
}

@test "embedded binaries in root's home, closed to the server's user: one cluster for all runs" {
	[ "$(id -u)" -eq 0 ] || skip 'only root has another user run the server'
	[ -d "$TOP/.cache/embedded/18" ] || skip 'no embedded PostgreSQL 18 here: make install-test gets it'
	rm -f .cache/pg .cache/embedded
	mkdir .cache/embedded
	cp -R "$TOP/.cache/embedded/18" .cache/embedded/
	ln -s "$TOP/.cache/embedded/wheel" .cache/embedded/wheel
	export DEV_DB=embedded ATLAS_MAKE_PG_MAJOR=18
	for n in 1 2; do
		devdb <<<'devdb_db dev_want; devdb_psql -c "SHOW server_version_num"; echo "$pg_bin"'
		grep -q '^18' ../text
		# A copy, which is gone with the run.
		[ ! -e "$(tail -n 1 ../text)" ]
	done
	[ "$(ls .cache/pg | wc -l)" -eq 1 ]
}

@test "auto: a given URL first, then binaries on the system" {
	check 0 -o url -- env DEV_DB=auto DEV_URL=postgres://x/y sh -c "$(declare -f choose); choose"
	[[ $(choose) == local\ */bin ]]
	check 0 -o url -- env DEV_DB=postgres://u:p@h/d sh -c "$(declare -f choose); choose"
}

@test "a PG_BINDIR is the only place looked at" {
	check 2 -p "no PostgreSQL ${PG_MAJOR:-15} binaries found: run 'make install', set PG_BINDIR" -- \
		env DEV_DB=local ATLAS_MAKE_PG_BINDIR=/nowhere sh -c "$(declare -f choose); choose"
}

@test "embedded: plain binaries from a package registry, no root, no docker" {
	make -s check-migrations DEV_DB=embedded >text
	grep -Fqx 'migrations: check passed' text
	[[ $(DEV_DB=embedded choose) == *embedded*/bin ]]
	nothing_left
}

@test "docker that does not answer, off macOS: a sentence, and no colima" {
	stand_in docker <<<'exit 1'
	stand_in colima <<<'exit 0'
	check 2 -e 'check_migrations.sh: docker does not answer: is it running, and may you use it? (docker info)' -- \
		env DEV_DB=docker scripts/check_migrations.sh
	run ! grep colima calls
}

# docker_of_ours: a docker whose container is a server of the tests' own.
docker_of_ours() {
	stand_in docker <<-END
		case \$1 in
		info) [ ! -e down ] ;;
		run)
			printf '%s\n' "\$POSTGRES_PASSWORD" >"$PWD/secret"
			PGPASSWORD=s@cret psql -qX -h 127.0.0.1 -p $PORT -U dev -d postgres \\
				-c "CREATE ROLE atlas_make SUPERUSER LOGIN PASSWORD '\$POSTGRES_PASSWORD'" >/dev/null &&
				echo c0ffee
			;;
		port) echo 127.0.0.1:$PORT ;;
		exec) [ -e "$PWD/asked" ] || { : >"$PWD/asked"; exit 1; } ;;
		esac
	END
}

@test "docker: a container of ours that psql reaches, killed at exit" {
	docker_of_ours
	echo 'CREATE ROLE in_docker; CREATE EXTENSION file_fdw;' >init.sql
	export DEV_DB=docker ATLAS_MAKE_DEV_DB_INIT=init.sql PGPASSWORD=other
	strace -f -qq -s 9999 -e trace=execve -o trace make -s print-knobs >/dev/null
	devdb <<-'END'
		devdb_db dev_want
		devdb_psql -c 'CREATE TABLE t (id int)' -c 'SELECT current_user, current_database()' \
			-c "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"
		devdb_psql -c 'GRANT pg_execute_server_program TO postgres' 2>&1 | grep -c ERROR
		devdb_copy dev_want dev_work
		devdb_db dev_work
		devdb_psql -c 'SELECT count(*) FROM t' -c "SELECT rolname FROM pg_roles WHERE rolname = 'in_docker'"
		PGPASSWORD=${DEV_URL#*:*:} && PGPASSWORD=${PGPASSWORD%%@*}
		"$psql_bin" -XAtqd "${DEV_URL%%\?*}" -c 'SELECT 2'
	END
	same - ../text <<-'END'
		postgres|dev_want
		f
		1
		0
		in_docker
		2
	END
	read -r secret <secret
	[ "${#secret}" -eq 32 ]
	run ! grep -F "$secret" calls ../err
	same - calls <<-END
		docker info
		docker run --rm --detach --publish 127.0.0.1::5432 --env POSTGRES_PASSWORD --env POSTGRES_USER=atlas_make --env POSTGRES_DB=postgres postgres:${PG_MAJOR:-15} -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off -c max_locks_per_transaction=1024 -c jit=off
		docker exec c0ffee pg_isready -q -h 127.0.0.1 -U atlas_make
		docker exec c0ffee pg_isready -q -h 127.0.0.1 -U atlas_make
		docker port c0ffee 5432/tcp
		docker kill c0ffee
	END
}

@test "macOS: colima is started when docker does not answer, and stopped only then" {
	stand_in uname <<<'echo Darwin'
	stand_in docker <<-'END'
		case $1 in run) echo c0ffee ;; *) [ -e up ] ;; esac
	END
	stand_in colima <<-'END'
		case $1 in start) : >up ;; stop) rm up ;; esac
	END
	cat >scripts/try.sh <<-'END'
		#!/bin/sh
		set -eu
		. "${0%/*}/lib/common.sh"
		. scripts/lib/devdb.sh
		devdb_start
		echo "$docker_id"
	END
	check 0 -o c0ffee -e 'starting colima' -- env DEV_DB=docker sh scripts/try.sh
	[ ! -e up ]
	grep -Fqx 'colima start' calls
	grep -Fqx 'colima stop' calls
	grep -Fqx 'docker kill c0ffee' calls
	rm calls
	: >up
	check 0 -o c0ffee -- env DEV_DB=docker sh scripts/try.sh
	run ! grep colima calls
	[ -e up ]
}

# ours: what is on the tests' server that is ours.
ours() {
	in_server "SELECT datname FROM pg_database WHERE datname LIKE 'atlas%'
		UNION ALL SELECT rolname FROM pg_roles WHERE rolname LIKE 'atlas\_make\_%'"
}

@test "a given server: databases of our own there, its password nowhere to be seen" {
	DEV_URL="postgres://dev:s%40cret@127.0.0.1:$PORT/dev?sslmode=disable"
	export DEV_URL DEV_DB=url
	in_server 'CREATE TABLE precious (id int)'
	strace -f -qq -s 9999 -e trace=execve -o trace scripts/check_migrations.sh >text 2>err
	grep -Fqx 'migrations: check passed' text
	run ! grep -E 's%40cret|s@cret' text err
	# In the environment of our processes, never in an argument.
	run ! grep -E 's%40cret|s@cret' trace
	scripts/check_migrations.sh >text 2>err
	grep -Fqx 'migrations: nothing changed since the last successful check' text
	[ -z "$(ours)" ]
	# SQL runs as no superuser, though the address is one's.
	devdb <<-'END'
		devdb_db dev_want
		devdb_psql -c 'CREATE TABLE t (id int)' -c "SELECT rolsuper, rolname LIKE 'atlas\_make\_%', current_database() LIKE '%\_dev\_want' FROM pg_roles WHERE rolname = current_user"
		devdb_psql -c "COPY (SELECT 1) TO PROGRAM 'true'" 2>&1 | grep -c ERROR
		devdb_copy dev_want dev_work
		devdb_db dev_work
		devdb_psql -c 'SELECT count(*) FROM t'
		"$psql_bin" -XAtqd "${pg_url%%DATABASE*}${devdb_prefix}dev_want${pg_url#*DATABASE}" -c 'SELECT count(*) FROM t'
	END
	same - ../text <<-'END'
		f|t|t
		1
		0
		0
	END
	[ -z "$(ours)" ]
	in_server 'SELECT count(*) FROM precious'
}

@test "create-migrations and the check on a given server, by a superuser and by a role that may make databases" {
	in_server "CREATE ROLE creator LOGIN CREATEDB PASSWORD 's@cret'"
	export DEV_DB=url
	for user in dev creator; do
		export DEV_URL="postgres://$user:s%40cret@127.0.0.1:$PORT/dev?sslmode=disable"
		rm -f src/db/migrations/*
		make -s create-migrations NAME=anew >text 2>&1 || { cat text; false; }
		grep -q '^new: src/db/migrations/.*_anew.sql' text
		make -s check-migrations >text 2>&1 || { cat text; false; }
		[ -z "$(ours)" ]
	done
}

@test "a given server: what a killed run left is dropped, what a living one has is not" {
	export DEV_DB=url DEV_URL="postgres://dev:s%40cret@127.0.0.1:$PORT/dev?sslmode=disable"
	cat >scripts/hold.sh <<-'END'
		#!/bin/sh
		set -eu
		. "${0%/*}/lib/common.sh"
		. scripts/lib/devdb.sh
		devdb_start
		echo up >"$1"
		while :; do sleep 0.1; done
	END
	sh scripts/hold.sh up1 >/dev/null 2>&1 3>&- &
	one=$!
	sh scripts/hold.sh up2 >/dev/null 2>&1 3>&- &
	two=$!
	for _ in $(seq 200); do [ ! -s up1 ] || [ ! -s up2 ] || break; sleep 0.1; done
	[ "$(ours | wc -l)" -eq 10 ]
	kill -KILL $one
	wait $one || :
	# Of another machine: kept for two days.
	in_server "CREATE DATABASE atlas_make_1_2_3_$(($(date +%s) / 86400))_dev_want"
	in_server 'CREATE DATABASE atlas_make_1_2_3_17000_dev_want'
	in_server 'CREATE DATABASE atlas_make_notes'
	cat >scripts/look.sh <<-'END'
		#!/bin/sh
		set -eu
		. "${0%/*}/lib/common.sh"
		. scripts/lib/devdb.sh
		devdb_start
	END
	sh scripts/look.sh
	[ "$(ours | wc -l)" -eq 7 ]
	ours | grep -Fx atlas_make_notes
	ours | grep '^atlas_make_1_2_3_2.*_dev_want'
	kill $two
	wait $two || :
	[ "$(ours | wc -l)" -eq 2 ]
	rm -rf "${TMPDIR:?}"/*
}

@test "a role that may make no databases: the one there is, emptied in between" {
	in_server "CREATE ROLE plain LOGIN PASSWORD 's@cret'"
	in_server 'CREATE DATABASE single OWNER plain'
	in_single() { PGPASSWORD=s@cret psql -XqAt -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$PORT" -U plain -d single -c "$1"; }
	export DEV_DB=url DEV_URL="postgres://plain:s%40cret@127.0.0.1:$PORT/single?sslmode=disable"
	in_single 'CREATE SCHEMA kept; CREATE EXTENSION citext'
	cat >all.sql <<-'END'
		CREATE TABLE t (id serial PRIMARY KEY, v int UNIQUE, e citext); CREATE VIEW w AS SELECT * FROM t;
		CREATE MATERIALIZED VIEW mv AS SELECT 1; CREATE TYPE en AS ENUM ('a'); CREATE DOMAIN dom AS int;
		CREATE TYPE comp AS (a int); CREATE TYPE ra AS RANGE (subtype = int);
		CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE PROCEDURE p() LANGUAGE sql AS 'SELECT 1';
		CREATE AGGREGATE ag (int) (sfunc = int4pl, stype = int); CREATE SEQUENCE sq;
		CREATE OPERATOR === (leftarg = int, rightarg = int, function = int4eq);
		CREATE COLLATION co FROM "C"; CREATE TEXT SEARCH CONFIGURATION ts (COPY = simple);
		CREATE STATISTICS st ON id, v FROM t; CREATE SCHEMA other; CREATE TABLE other.x (id int);
		CREATE TABLE kept.k (id int); CREATE EXTENSION hstore; CREATE PUBLICATION pub FOR TABLE t;
		SELECT lo_create(5);
	END
	devdb <<-'END'
		echo "$devdb_one"
		for db in dev_want dev_have dev_lint; do
			devdb_db $db
			devdb_psql -f all.sql 2>/dev/null
			devdb_psql -c 'SELECT count(*) FROM t'
		done
		(devdb_copy dev_want dev_work) || :
	END
	same - ../text <<-'END'
		1
		5
		0
		5
		0
		5
		0
	END
	same - ../err <<<'try.sh: DEV_URL: that takes a second database: give a role that may create databases, or another DEV_DB'
	# As it was: with what it had, and nothing of ours.
	[ "$(in_single "SELECT string_agg(nspname, ' ' ORDER BY nspname) FROM pg_namespace WHERE nspname !~ '^pg_'")" = 'information_schema kept public' ]
	[ "$(in_single "SELECT string_agg(extname, ' ' ORDER BY extname) FROM pg_extension")" = 'citext plpgsql' ]
	[ "$(in_single 'SELECT (SELECT count(*) FROM pg_largeobject_metadata) + (SELECT count(*) FROM pg_class WHERE relnamespace IN (2200, to_regnamespace($$kept$$)))')" = 0 ]
	make -s check-migrations >text 2>err || { cat text err; false; }
	# Somebody's data: refused, untouched.
	in_single 'CREATE TABLE precious (id int)'
	devdb </dev/null && false
	same - ../err <<<'try.sh: DEV_URL: the database is not empty, it holds table precious; nothing was changed. fix: give an empty one, or a role that may create databases'
	in_single 'SELECT count(*) FROM precious'
}

@test "an address that is none, a server that is not there: one sentence, no password" {
	cat >scripts/try.sh <<-'END'
		#!/bin/sh
		set -eu
		. "${0%/*}/lib/common.sh"
		. scripts/lib/devdb.sh
		devdb_start
	END
	export DEV_DB=url
	for url in postgres://u:secr/et@h/d postgres://u:se@cr@h/d postgres://u:secr%zz@h/d mysql://u:secr@h/d; do
		check 2 -p '^try.sh: DEV_URL: not an address of the form' -- env DEV_URL="$url" sh scripts/try.sh
		run ! grep -E 'secr|se@cr' err
	done
	check 2 -p '^try.sh: DEV_URL: .*onnection .*refused' -- env DEV_URL='postgres://u:secr%40et@127.0.0.1:1/d' sh scripts/try.sh
	run ! grep secr err
}
