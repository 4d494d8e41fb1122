# database.sh - sourced: the database that status, plan, apply and drift look at.
#
#   database_open       DATABASE_URL, or without one a temporary database; sets
#                       where, its name for people
#   database ARG...     become atlas ARG... on it: for run, or a subshell
#   database_dev        the temporary server beside it
#
# What deals with its address is in database_url.sh, what asks which migrations are in it
# in database_state.sh. The address reaches Atlas through the environment, never argv.

# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # what is set here, and what common.sh sets

. "$kit/scripts/lib/devdb.sh"
. "$kit/scripts/lib/database_url.sh"
. "$kit/scripts/lib/database_state.sh"

# A trace (sh -x) would print the address.
{ set +x; } 2>/dev/null

TAB=$(printf '\t')
database_temporary=''

# database_open: set ATLAS_MAKE_URL.
database_open() {
	need_tmp
	if [ -n "${DATABASE_URL-}" ]; then
		database_url_ok
		where=${DATABASE_URL#*://}
		where=${where%%\?*}
		where=${where##*@}
		database_url=$DATABASE_URL
		# Nobody waits two minutes for an address that does not answer.
		url_with database_url connect_timeout 10 keep
	else
		database_temporary=1
		where='the temporary database'
		devdb_choose
		case $devdb_how in
		url) die 'set DATABASE_URL: DEV_URL names the one temporary database there is, and Atlas needs that for itself' ;;
		# Atlas's own container lives for one command only; with an
		# initialisation it is ours and stays.
		docker) [ -n "$DEV_DB_INIT" ] || DEV_DB_INIT=/dev/null ;;
		esac
		devdb_start
		devdb_wait
		devdb_url dev_apply
		database_url=$DEV_URL
	fi
	ATLAS_MAKE_URL=$database_url
	export ATLAS_MAKE_URL
}

# A --url among the arguments stands.
database() {
	local group="$1" verb="$2"
	shift 2
	atlas_exec "$group" "$verb" --url env:ATLAS_MAKE_URL --dev-url env:DEV_URL "$@"
}

# database_dev: the temporary server, for Atlas to think in beside DATABASE_URL.
database_dev() {
	[ -z "$database_temporary" ] || return 0
	devdb_start
	devdb_wait
}
