# postgres.sh - sourced: find PostgreSQL's programs on this machine.
#
#   pg_find      set pg_bin, where PG_MAJOR's server is (postgres, initdb)
#   pg_clients   set psql_bin, pg_dump_bin and pg_restore_bin, which PG_MAJOR's
#                server can be asked with
# Both return 1 when there are none.
#
# written by both: pg_bin psql_bin

# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # what is set here, and what common.sh sets

# pg_at DIR: there are binaries. For a directory whose name says the version,
# that is enough: asking takes as long as a good part of the check.
pg_at() { [ -x "$1/postgres" ] && [ -x "$1/initdb" ]; }

# pg_has DIR: the binaries there are of the wanted major version.
pg_has() {
	local v
	pg_at "$1" || return 1
	v=$("$1/postgres" --version 2>/dev/null) || return 1
	case $v in
	*"(PostgreSQL) $PG_MAJOR."* | *"(PostgreSQL) $PG_MAJOR"[a-z]*) return 0 ;;
	esac
	return 1
}

# pg_places MAJOR: set the parameters of pg_each to where the packages of Debian,
# Fedora, Homebrew and Alpine put that version.
pg_places() {
	pg_place="/usr/lib/postgresql/$1/bin /usr/pgsql-$1/bin /opt/homebrew/opt/postgresql@$1/bin"
	pg_place="$pg_place /usr/local/opt/postgresql@$1/bin /usr/libexec/postgresql$1"
}

# pg_find: a given PG_BINDIR is the only place looked at, whatever it holds.
pg_find() {
	local d
	pg_bin=''
	if [ -n "$PG_BINDIR" ]; then
		pg_has "$PG_BINDIR" || return 1
		pg_bin=$PG_BINDIR
		return 0
	fi
	case $DEV_DB in
	auto | local)
		pg_places "$PG_MAJOR"
		for d in $pg_place; do
			if pg_at "$d"; then
				pg_bin=$d
				return 0
			fi
		done
		# Fedora and Arch have one version, beside everything else. It must be asked
		# for it; that we installed one of ours says that it was not the wanted one.
		[ "$DEV_DB" = local ] || ! pg_find_embedded || return 0
		d=$(command -v postgres 2>/dev/null) && pg_has "${d%/*}" && {
			pg_bin=${d%/*}
			return 0
		}
		;;
	embedded) pg_find_embedded && return 0 ;;
	esac
	return 1
}

# The wheel is what scripts/pins/embedded/wheel-requirements.txt names: the clients
# for all versions. (Its server has neither ICU nor pgcrypto.)
pg_wheel_major=18
pg_find_embedded() {
	local d
	for d in "$PWD/$cache/embedded/$PG_MAJOR"/node_modules/@embedded-postgres/*/native/bin; do
		if pg_at "$d"; then
			pg_bin=$d
			return 0
		fi
	done
	return 1
}
# pg_wheel: set it to where its programs are.
pg_wheel() {
	pg_wheel=$PWD/$cache/embedded/wheel/embedded_postgres/pginstall/bin
	[ -x "$pg_wheel/psql" ]
}

# pg_clients [MAJOR]: pg_dump refuses a server that is newer than itself, and
# knows all that are older. Beside the server's binaries they are of its version;
# then come the system's, the wanted version first, the wheel's, and those in PATH.
pg_clients() {
	local d v="${1-$PG_MAJOR}" major="${1-$PG_MAJOR}"
	psql_bin='' pg_dump_bin='' pg_restore_bin=''
	[ -z "${pg_bin-}" ] || ! pg_clients_at "$pg_bin" || return 0
	while [ "$v" -lt $((major + 9)) ]; do
		pg_places "$v"
		for d in $pg_place; do
			! pg_clients_at "$d" || return 0
		done
		v=$((v + 1))
	done
	# The wheel's, where it is here: those in PATH must be asked for their version,
	# and Debian's are a Perl program that takes its time.
	[ "$major" -gt "$pg_wheel_major" ] || ! pg_wheel || ! pg_clients_at "$pg_wheel" || return 0
	d=$(command -v pg_dump 2>/dev/null) || d=''
	for d in ${d:+"${d%/*}"} /opt/homebrew/opt/libpq/bin /usr/local/opt/libpq/bin; do
		[ -x "$d/pg_dump" ] || continue
		v=$("$d/pg_dump" --version 2>/dev/null) || continue
		v=${v#*(PostgreSQL) } v=${v%%[!0-9]*}
		[ "${v:-0}" -lt "$major" ] || ! pg_clients_at "$d" || return 0
	done
	return 1
}
pg_clients_at() {
	[ -x "$1/psql" ] && [ -x "$1/pg_dump" ] && [ -x "$1/pg_restore" ] || return 1
	psql_bin=$1/psql pg_dump_bin=$1/pg_dump pg_restore_bin=$1/pg_restore
}

. "$kit/scripts/lib/pgserver.sh"
