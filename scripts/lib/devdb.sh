# devdb.sh - sourced: a temporary database for Atlas to think in.
#
#   devdb_start      begin (a private server starts in the background)
#   devdb_wait       until it serves
#   devdb_url NAME   set DEV_URL for the database NAME: dev_diff, dev_lint,
#                    dev_apply. With one given database it is always that one.
#   devdb_end        it is not used any more; devdb_remove clears it away
#                    while the script goes on. At exit both are done anyway.
#   $devdb_bound     words in front of a command that has to end with this
#                    script, as the server does; '' where there are none
#   $devdb_one       1 when there is only one database: no work side by side,
#                    and nothing but Atlas's own replay in it
#
# DEV_URL reaches Atlas through the environment and atlas.hcl, never argv: a
# given one may hold a password.

# shellcheck shell=sh
# shellcheck disable=SC2154 # cache and tmp are common.sh's

. scripts/lib/postgres.sh
. scripts/lib/colima.sh

devdb_one=''
devdb_how=''
devdb_bound=''

# devdb_choose: what DEV_DB means on this machine, in devdb_how.
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

devdb_start() {
	[ -n "$devdb_how" ] || devdb_choose
	# One schema: its name is left out of the SQL, the way models are written.
	case $DEV_SCHEMAS in
	*' '*) devdb_path='' ;;
	*) devdb_path="search_path=$DEV_SCHEMAS" ;;
	esac
	case $devdb_how in
	local)
		pg_start
		devdb_bound=$pg_bound
		;;
	docker) docker_start ;;
	url)
		devdb_one=1
		devdb_given=$DEV_URL
		[ -z "$DEV_DB_INIT" ] ||
			warn "DEV_DB_INIT is not run in a given database: prepare it yourself"
		;;
	esac
}

devdb_wait() {
	case $devdb_how in
	local) pg_wait ;;
	esac
}

devdb_end() {
	case $devdb_how in
	local) pg_quit ;;
	esac
}
devdb_remove() {
	case $devdb_how in
	local) pg_remove ;;
	esac
}

# devdb_stays: what is in a database now is there for the next command too (an
# Atlas docker:// URL is a new container each time), and its URL is no secret.
devdb_stays() {
	case $devdb_how in
	local) return 0 ;;
	docker) [ -n "$docker_id" ] ;;
	*) return 1 ;;
	esac
}

devdb_url() {
	case $devdb_how in
	local)
		# template1 has all the others have: one database less to copy.
		pg_db=$1
		[ "$pg_db" != dev_apply ] || pg_db=template1
		DEV_URL="postgres://postgres@/$pg_db?host=$pg_dir&sslmode=disable${devdb_path:+&$devdb_path}"
		;;
	docker) docker_url "$1" ;;
	url)
		DEV_URL=$devdb_given
		case $DEV_URL in
		*search_path=*) ;;
		*\?*) DEV_URL=$DEV_URL${devdb_path:+&$devdb_path} ;;
		*) DEV_URL=$DEV_URL${devdb_path:+?$devdb_path} ;;
		esac
		;;
	esac
	export DEV_URL
}
