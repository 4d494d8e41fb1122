# devdb.sh - sourced: the temporary databases.
#
#   devdb_start      begin (a private server starts in the background)
#   devdb_ready      do for a private server all that comes before its start; return 1
#                    where it is another's
#   devdb_wait       wait until the server takes connections
#   devdb_db NAME    the database NAME from now on, for psql (PGHOST and so on in
#                    the environment) and for Atlas (DEV_URL). dev_want, dev_have
#                    and dev_lint are there; another is made when it is first named.
#                    Of a private server dev_spare is there, too, and others are
#                    copied from it
#   devdb_copy FROM TO
#                    a new database, as FROM is now. Nobody may be connected to
#                    FROM, or to an older TO, which is dropped
#   devdb_psql ...   psql there, with nothing of the user's own settings; its stdin is
#                    empty. devdb_become ...: in a subshell, which becomes that
#   $devdb_prefix    what stands before NAME in the server's own name for it
#   $pg_url          the server's address with the word DATABASE where the name
#                    of one belongs, as libpq reads it, without a secret
#   $devdb_planner   what Atlas's address should end with, for its speed
#   devdb_url NAME   only DEV_URL
#   devdb_remove     stop the server, and remove its data, in the background; devdb_drop:
#                    drop one database, likewise. All that is done at exit, at the latest
#   devdb_again      begin once more, without a kept cluster
#   $psql_bin $pg_dump_bin $pg_restore_bin   programs that speak to it
#   $devdb_bound     words in front of a command that has to end with this
#                    script, as the server does; '' where there are none
#   $devdb_one       1 when there is only one database: devdb_db with another
#                    name empties it, so nothing can be done side by side
#
# A script that looks at DATABASE_URL as well calls devdb_db in a subshell: other
# programs than psql read these variables, too.
# DEV_URL reaches Atlas through the environment and atlas.hcl, never argv: a
# given one may hold a password.
#
# written by both: pg_bin

# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # what is set here; cache and tmp are common.sh's

. "$kit/scripts/lib/postgres.sh"
. "$kit/scripts/lib/pggiven.sh"
. "$kit/scripts/lib/colima.sh"
. "$kit/scripts/lib/kept.sh"

devdb_one=''
devdb_how=''
devdb_bound=''
devdb_made='' devdb_prefix='' devdb_apart=''
# Settings for Atlas's sessions. A new database has no statistics, and with nested loops
# Atlas's queries take 8 seconds for 500 tables instead of 2. The planner, half of the
# server's work, is done sooner with fewer plans to choose from (see bench/NOTES.md for
# both).
devdb_planner='enable_nestloop=off&enable_mergejoin=off&join_collapse_limit=4&from_collapse_limit=4'

# devdb_choose: set devdb_how to what DEV_DB means on this machine.
devdb_choose() {
	case $DEV_DB in
	postgres://* | postgresql://*)
		DEV_URL=$DEV_DB
		DEV_DB=url
		;;
	esac
	case $DEV_DB in
	auto)
		if [ -n "${DEV_URL-}" ]; then
			devdb_how=url
		elif pg_find; then
			devdb_how=local
		elif have docker; then
			devdb_how=docker
		else
			die "no PostgreSQL $PG_MAJOR here: run 'make install', or set DEV_URL"
		fi
		;;
	local)
		pg_find || die "no PostgreSQL $PG_MAJOR binaries found: run 'make install', set PG_BINDIR to where initdb is, or use DEV_DB=embedded"
		devdb_how=local
		;;
	embedded)
		pg_find || die "the embedded PostgreSQL $PG_MAJOR is not here: run 'make install DEV_DB=embedded'"
		devdb_how=local
		;;
	docker)
		have docker || die "DEV_DB=docker, but there is no docker command"
		devdb_how=docker
		;;
	url)
		[ -n "${DEV_URL-}" ] || die "DEV_DB=url needs DEV_URL in the environment: postgres://user:password@host:port/database"
		devdb_how=url
		;;
	*) die "DEV_DB=$DEV_DB: not one of auto, local, embedded, docker, url" ;;
	esac
}

devdb_ready() {
	[ -n "$devdb_how" ] || devdb_choose
	[ "$devdb_how" = local ] || return 1
	[ -n "$pg_home" ] || pg_clients || die "no psql, pg_dump and pg_restore for PostgreSQL $PG_MAJOR here: run 'make install'"
	pg_ready
}
devdb_start() {
	[ -n "$devdb_how" ] || devdb_choose
	# One schema: its name is left out of the SQL, the way models are written.
	case $DEV_SCHEMAS in
	*' '*) devdb_path='' ;;
	*) devdb_path="search_path=$DEV_SCHEMAS" ;;
	esac
	case $devdb_how in
	local)
		devdb_ready
		pg_start
		devdb_bound=$pg_bound
		;;
	docker)
		pg_clients || die "no psql, pg_dump and pg_restore for PostgreSQL $PG_MAJOR here: run 'make install'"
		docker_start
		;;
	url)
		pg_bin=''
		pg_clients || die "no psql, pg_dump and pg_restore for PostgreSQL $PG_MAJOR here: run 'make install'"
		given_open "$DEV_URL"
		[ "$given_major" = "$PG_MAJOR" ] ||
			warn "the server of DEV_URL is PostgreSQL $given_major, PG_MAJOR says $PG_MAJOR: set PG_MAJOR to what production runs"
		devdb_given
		;;
	esac
}
# devdb_given: what is left to do once a server that was given has answered.
devdb_given() {
	[ "$given_major" -le "$PG_MAJOR" ] || pg_clients "$given_major" ||
		die "no pg_dump for PostgreSQL $given_major here: run 'make install PG_MAJOR=$given_major'"
	given_begin
	devdb_one=$given_one devdb_prefix=$given_prefix
}

devdb_wait() {
	case $devdb_how in
	local) pg_wait ;;
	docker) docker_wait ;;
	esac
}

devdb_remove() {
	case $devdb_how in
	local) pg_remove ;;
	esac
}

# devdb_drop NAME: drop a database in the background, so that less is left to clear away
# at the end. A failure is nothing: all goes with the server.
devdb_drop() {
	case " $devdb_dropped " in *" $1 "*) return 0 ;; esac
	devdb_dropped="$devdb_dropped $1"
	(
		devdb_env dev_want
		exec "$psql_bin" -Xqw -c "DROP DATABASE \"$1\"" >/dev/null 2>&1
	) &
}
devdb_dropped=''
devdb_again() {
	case $devdb_how in
	local) pg_start_again ;;
	esac
	devdb_made='' devdb_apart=''
}

# devdb_old NAME: set db to the database; some verbs still use older names.
devdb_old() {
	case $1 in
	dev_diff) db=dev_want ;;
	dev_apply) db=dev_have ;;
	*) db=$1 ;;
	esac
}

devdb_url() {
	local db socket
	devdb_old "$1"
	case $devdb_how in
	local)
		devdb_socket "$db"
		DEV_URL="postgres://$pg_role@/$db?host=$socket&port=5432&sslmode=disable${devdb_path:+&$devdb_path}&$devdb_planner"
		;;
	*) given_url "$db" ;;
	esac
	export DEV_URL
}

devdb_db() {
	local db
	devdb_old "$1"
	# Roles belong to a server. Where migrations or models make some, dev_lint,
	# where migrations run once more, has a server to itself: a role that only the
	# models make is not there.
	if [ "$db" = dev_lint ] && [ "$devdb_how$devdb_apart" = local ] && devdb_roles; then
		pg_apart pgd2
		devdb_apart=1
	fi
	devdb_env "$db"
	devdb_url "$db"
	if [ -n "$devdb_one" ]; then
		given_turn "$db"
		return 0
	fi
	case " $devdb_prepared $devdb_made " in
	*" $db "*) ;;
	*)
		devdb_new "$db" "$([ "$devdb_how" = local ] && echo dev_spare || echo template)"
		devdb_made="$devdb_made $db"
		;;
	esac
}

devdb_roles() {
	if devdb_looked; then
		! grep -Eqv 'atlas:(checkpoint|sum)' "$tmp/words" || return 0
		[ -n "${schema_file-}" ] && grep -Eiq "$devdb_role" "$schema_file" 2>/dev/null
		return
	fi
	grep -Eiq "$devdb_role" "$MIGRATIONS"/*.sql ${schema_file:+"$schema_file"} 2>/dev/null
}
devdb_role='create[[:space:]]+(role|user|group)[[:space:]]' devdb_looks=''
# devdb_look: begin to search all migrations, in the background, for statements that make
# roles, for checkpoints and for files without a sum; devdb_looked: was that done? Then
# $tmp/words has what was found.
devdb_look() {
	grep -Eriohs "$devdb_role|atlas:(checkpoint|sum)" "$MIGRATIONS" >"$tmp/words" &
	devdb_looks=$!
}
devdb_looked() {
	local rc=0
	[ -n "$devdb_looks" ] || return 1
	[ "$devdb_looks" != looked ] || return 0
	wait "$devdb_looks" || rc=$?
	[ "$rc" -le 1 ] && devdb_looks=looked
}
# devdb_socket NAME: set socket.
devdb_socket() {
	socket=$pg_dir/s
	[ "$1" != dev_lint ] || [ -z "$devdb_apart" ] || socket=$pg_home/pgd2/s
}

# devdb_env NAME: set libpq's environment to that database.
devdb_env() {
	local socket
	if [ "$devdb_how" != local ]; then
		given_env "$1"
		return 0
	fi
	pg_env_clear
	devdb_socket "$1"
	PGHOST=$socket PGPORT=5432 PGUSER=$pg_role PGDATABASE=$1 PGSSLMODE=disable
	PGOPTIONS="-c client_min_messages=warning${devdb_path:+ -c $devdb_path}"
	pg_url="postgres://$pg_role@/DATABASE?host=$socket&port=5432&sslmode=disable"
	export PGHOST PGPORT PGUSER PGDATABASE PGSSLMODE PGOPTIONS pg_url
}

devdb_psql() { run devdb_become "$@"; }
devdb_become() { exec "$psql_bin" -XAtqw -v ON_ERROR_STOP=1 "$@"; }

# devdb_new NAME FROM [drop]: make NAME as a copy of FROM, after dropping it where that
# is said. Another process may have made it just now: that is as good.
devdb_new() {
	local how='' err="$tmp/new.$1.err"
	need_tmp
	if [ "$devdb_how" != local ]; then
		err=$tmp/given.err
		[ -z "${3-}" ] || given_drop_one "$1" || given_failed ''
		! given_new "$1" "$2" || return 0
	else
		[ "$PG_MAJOR" -lt 15 ] || how=' STRATEGY file_copy'
		! run devdb_create "$1" "$2" "$how" ${3:+"DROP DATABASE IF EXISTS \"$1\""} 2>"$err" || return 0
	fi
	case ${3-}$(cat "$err") in
	*'already exists'*) ;;
	*) die "the database $1 cannot be made: $(pg_said "$err")" ;;
	esac
}

# devdb_create NAME FROM HOW [FIRST]: in a subshell, which becomes psql.
devdb_create() {
	# From a database that is not the one to be copied.
	devdb_env dev_spare
	[ "$2" != dev_spare ] || devdb_env dev_want
	devdb_become ${4:+-c "$4"} -c "CREATE DATABASE \"$1\" TEMPLATE \"$2\"$3"
}

devdb_copy() {
	local db from
	[ -z "$devdb_one" ] || die "DEV_URL: that takes a second database: give a role that may create databases, or another DEV_DB"
	devdb_old "$1"
	from=$db
	devdb_old "$2"
	devdb_new "$db" "$from" drop
	devdb_made="$devdb_made $db"
}
