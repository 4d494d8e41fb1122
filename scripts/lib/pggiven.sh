# pggiven.sh - sourced by devdb.sh: databases on a server that is not ours alone,
# that of DEV_URL or a container's.
#
#   given_open URL   look at it; sets given_major, its version, and given_one, 1
#                    where its role may make no databases
#   given_begin      make what the verbs need there; it is undone at exit
#   given_env NAME   how psql gets to our database NAME; given_url NAME: DEV_URL
#
# Where the role may make databases, ours are apart from all others: their names
# begin with atlas_make, which machine and process they belong to, and the day. A
# superuser's address is not used for more than that: SQL runs as a role of our
# own, which is gone at exit, too. What a killed run left is dropped by the next
# one that sees that its process is gone, or after two days.
# Where it may not, the one database of the address serves for one thing after
# the other: only if it is empty, which is when we leave our mark in it.
#
# written by both: pg_url

# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # what is set here, and what others set

. "$kit/scripts/lib/lock.sh"

# given_ours: 1 where the whole server is there for this run alone.
given_one='' given_prefix='' given_role='' given_secret='' given_lines='' given_ours=''

# given_admin [DATABASE]: how psql gets there with the address as it was given.
# What it does not say (a password, say) comes from the user's environment.
given_admin() {
	local name value
	pg_env_clear
	# shellcheck disable=SC2163 # the names are pgurl.awk's
	while IFS=$TAB read -r name value; do
		case $name in PG*) ;; *) continue ;; esac
		case $value in *\\*) value=$(printf '%b.' "$value") value=${value%.} ;; esac
		export "$name=$value"
	done <<-END
		$given_lines
	END
	[ -n "${PGPASSWORD-}" ] || [ -z "$given_password" ] || export PGPASSWORD="$given_password"
	[ -n "${PGPASSFILE-}" ] || [ -z "$given_passfile" ] || export PGPASSFILE="$given_passfile"
	export PGCONNECT_TIMEOUT="${PGCONNECT_TIMEOUT-10}"
	export PGOPTIONS="${PGOPTIONS-} -c client_min_messages=warning"
	[ -z "${1-}" ] || export PGDATABASE="$1"
}
# given_sql [-d DATABASE] ARG...: psql as that.
given_sql() { run given_psql "$@" 2>"$tmp/given.err"; }
# given_ask ARG...: likewise; answer is what it printed.
given_ask() {
	given_sql "$@" >"$tmp/given.out" || given_failed ''
	answer=$(cat "$tmp/given.out")
}
# In a subshell, which becomes psql.
given_psql() {
	local db=''
	if [ "$1" = -d ]; then
		db=$2
		shift 2
	fi
	given_admin "$db"
	devdb_become "$@"
}
given_failed() { die "$given_name: $1$(pg_said "$tmp/given.err")"; }

# given_part NAME: set part to what pgurl.awk says of it.
given_part() {
	part=${given_lines#*"$nl$1$TAB"}
	[ "$part" != "$given_lines" ] || {
		part=''
		return 0
	}
	part=${part%%"$nl"*}
	case $part in *\\*) part=$(printf '%b' "$part") ;; esac
}

given_open() {
	local answer facts part
	given_whole=$1
	{ set +x; } 2>/dev/null
	need_tmp
	TAB=$(printf '\t')
	given_name=${2:-DEV_URL}
	given_password=${PGPASSWORD-} given_passfile=${PGPASSFILE-}
	given_lines=$nl$(URL=$1 awk -f "$kit"/scripts/lib/pgurl.awk) ||
		die "$given_name: not an address of the form postgres://user:password@host:port/database; in user and password, @ is written %40, : %3A, / %2F, ? %3F, # %23, % %25, a blank %20"
	given_part search_path
	given_path=$part
	given_ask -c "SELECT current_setting('server_version_num')::int / 10000, rolsuper, rolcreatedb, current_user FROM pg_roles WHERE rolname = current_user"
	facts=$answer
	given_major=${facts%%|*} facts=${facts#*|}
	given_super=${facts%%|*} facts=${facts#*|}
	[ "$given_super" = t ] || given_super=''
	given_role=${facts#*|}
	[ -n "$given_super" ] || [ "${facts%%|*}" = t ] || given_one=1
	[ "$given_major" -ge 14 ] || die "$given_name: that server is PostgreSQL $given_major; the oldest that is supported is 14"
}

# given_mark: set given_prefix; "_" stands between host, process and day.
given_mark() {
	local boot='' space
	{ IFS= read -r boot </proc/sys/kernel/random/boot_id; } 2>/dev/null || :
	space=$(readlink /proc/self/ns/pid 2>/dev/null) || :
	given_host=$(printf '%s\n' "$(uname -n) $boot $space" | cksum)
	# A name has 63 letters, and more comes behind this.
	given_host=$((${given_host%% *} % 1000000))
	given_birth "$$" || :
	given_prefix=atlas_make_${given_host}_$$_${born}_$(($(date +%s) / 86400))_
}
# given_birth PID: set born, digits.
given_birth() {
	birth "$1" || return 1
	born=${birth%%.*}
	case $born in
	*[!0-9]* | '') born=$(printf '%s\n' "$birth" | cksum) born=${born%% *} ;;
	esac
}
# given_gone NAME: the process it belongs to is; sets gone_prefix.
given_gone() {
	local host pid when day
	host=${1#atlas_make_}
	pid=${host#*_} host=${host%%_*}
	when=${pid#*_} pid=${pid%%_*}
	day=${when#*_} when=${when%%_*} day=${day%%_*}
	case $host$pid$when$day in *[!0-9]* | '') return 1 ;; esac
	gone_prefix=atlas_make_${host}_${pid}_${when}_${day}_
	if [ "$host" = "$given_host" ]; then
		! given_birth "$pid" || [ "$born" != "$when" ]
	else
		[ "$day" -lt $(($(date +%s) / 86400 - 2)) ]
	fi
}

# given_drop PREFIX: the databases and roles whose names begin so, and the roles
# that the last of these made.
given_drop() {
	given_sql -v "prefix=$1" -f "$kit"/scripts/lib/devdb_drop.sql
}
given_clear() { given_drop "$given_prefix" || warn "$given_name: what begins with $given_prefix could not be dropped: $(pg_said "$tmp/given.err")"; }

given_begin() {
	local answer name
	given_mark
	if [ -n "$given_one" ]; then
		given_single
		return 0
	fi
	given_ask -c "SELECT datname FROM pg_database d WHERE datname LIKE 'atlas\\_make\\_%' AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datid = d.oid)" \
		-c "SELECT rolname FROM pg_roles WHERE rolname LIKE 'atlas\\_make\\_%' AND NOT EXISTS (SELECT FROM pg_stat_activity WHERE usename = rolname)"
	for name in $answer; do
		! given_gone "$name" || given_drop "$gone_prefix" || :
	done
	if [ -n "$given_ours" ]; then
		given_prefix=''
	else
		at_exit_call given_clear
	fi
	if [ -n "$given_super" ]; then
		given_role=${given_prefix}role
		[ -z "$given_ours" ] || given_role=$pg_role
		given_secret=$(given_random)
	fi
	given_sql -c "CREATE DATABASE ${given_prefix}template" || given_failed 'a database of our own cannot be made: '
	if [ -n "$given_super" ]; then
		DEVDB_SECRET=$given_secret given_sql -d "${given_prefix}template" -v role="$given_role" \
			-v superuser="${DEV_DB_SUPERUSER:+1}" -v extensions="$DEV_DB_EXTENSIONS" \
			-v ours="$given_ours" -f "$kit"/scripts/lib/devdb.sql || given_failed 'it cannot be prepared: '
		given_sql -c "ALTER DATABASE ${given_prefix}template OWNER TO \"$given_role\"" || given_failed ''
	fi
	if [ -n "$DEV_DB_INIT" ]; then
		[ -r "$DEV_DB_INIT" ] && [ ! -d "$DEV_DB_INIT" ] || die "DEV_DB_INIT: cannot read '$DEV_DB_INIT': it is the name of a file with SQL"
		given_sql -d "${given_prefix}template" -f "$DEV_DB_INIT" ||
			die "DEV_DB_INIT: $(pg_said "$tmp/given.err")"
	fi
	for name in $devdb_prepared; do given_new "$name" template; done
}
given_random() {
	local r
	r=$(od -An -N 16 -tx1 /dev/urandom | tr -d ' \n')
	[ "${#r}" -eq 32 ] || die 'cannot read /dev/urandom'
	printf '%s\n' "$r"
}

# given_new NAME FROM: a database of ours, from another of ours.
given_new() {
	local how=''
	[ "$given_major" -lt 15 ] || how=' STRATEGY file_copy'
	given_sql -c "CREATE DATABASE \"$given_prefix$1\" TEMPLATE \"$given_prefix$2\" OWNER \"$given_role\"$how"
}
given_drop_one() { given_sql -c "DROP DATABASE IF EXISTS \"$given_prefix$1\" WITH (FORCE)"; }

# --- one database for one thing after the other -------------------------------
given_lo=1635020909
given_single() {
	local answer who
	given_ask -c "SELECT convert_from(lo_get(oid), 'UTF8')::jsonb->>'owner' FROM pg_largeobject_metadata WHERE oid = $given_lo"
	who=$answer
	if [ -n "$who" ]; then
		given_gone "$who" ||
			die "$given_name: another run is using this database ($who): wait for it, or give a role that may create databases"
		given_sql -c "SELECT lo_from_bytea($given_lo, jsonb_set(was, '{owner}', to_jsonb('$given_prefix'::text))::text::bytea) FROM (SELECT convert_from(lo_get($given_lo), 'UTF8')::jsonb AS was, lo_unlink($given_lo)) x" >/dev/null ||
			given_failed ''
	else
		given_ask -v begin=1 -f "$kit"/scripts/lib/devdb_single.sql
		[ -z "$answer" ] ||
			die "$given_name: the database is not empty, it holds $answer; nothing was changed. fix: give an empty one, or a role that may create databases"
		given_sql -c "SELECT lo_from_bytea($given_lo, convert_to(jsonb_build_object('owner', '$given_prefix', 'schemas', (SELECT jsonb_agg(nspname) FROM pg_namespace), 'extensions', (SELECT jsonb_agg(extname) FROM pg_extension))::text, 'UTF8'))" >/dev/null ||
			given_failed 'another run has just taken it: '
	fi
	at_exit_call given_back
	given_prefix=''
	given_sql -f "$kit"/scripts/lib/devdb_single.sql || given_failed 'it cannot be emptied: '
	[ -z "$DEV_DB_INIT" ] ||
		warn "DEV_DB_INIT is not run where the role may create no databases: prepare the one of $given_name yourself"
}
given_back() {
	given_sql -v finish=1 -f "$kit"/scripts/lib/devdb_single.sql ||
		warn "$given_name: the database could not be emptied: $(pg_said "$tmp/given.err")"
}
# given_turn NAME: it is that one's turn; empty, if it was another's.
given_turn() {
	local was=''
	[ ! -f "$tmp/given.turn" ] || IFS= read -r was <"$tmp/given.turn"
	[ "$was" = "$1" ] || {
		[ -z "$was" ] || given_sql -f "$kit"/scripts/lib/devdb_single.sql || given_failed 'it cannot be emptied: '
		printf '%s\n' "$1" >"$tmp/given.turn"
	}
}

# --- how to get there ---------------------------------------------------------
given_env() {
	local part
	if [ -n "$given_one" ]; then
		given_admin
	else
		given_admin "$given_prefix$1"
	fi
	given_part open
	pg_url=$part
	if [ -n "$given_secret" ]; then
		export PGUSER="$given_role" PGPASSWORD="$given_secret"
		given_part hosts
		pg_url=postgres://$given_role@$part
	fi
	given_part opened
	pg_url=${pg_url}DATABASE$part
	[ -n "$given_path" ] || [ -z "$devdb_path" ] || PGOPTIONS="$PGOPTIONS -c $devdb_path"
	[ -z "$given_path" ] || PGOPTIONS="$PGOPTIONS -c search_path=$given_path"
	export pg_url PGOPTIONS
}

given_url() {
	local part path="$devdb_path"
	[ -z "$given_path" ] || path=search_path=$given_path
	if [ -n "$given_secret" ]; then
		given_part hosts
		DEV_URL=postgres://$given_role:$given_secret@$part$given_prefix$1
		given_part others
	else
		given_part before
		DEV_URL=$part$given_prefix$1
		if [ -n "$given_one" ]; then
			DEV_URL=${given_whole%%\?*}
		fi
		given_part after
	fi
	DEV_URL=$DEV_URL${part:-?}${part:+&}${path:+$path&}$devdb_planner
}
