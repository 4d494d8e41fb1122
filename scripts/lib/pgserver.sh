# pgserver.sh - sourced by postgres.sh: run a private server.
#
#   as_pg      find out which user runs the server
#   pg_start   start it, in the background; pg_wait: wait until it takes connections
#   pg_quit    signal it to end; pg_stop: and wait; pg_remove: and begin to remove its data
#
# The server listens on a unix socket in our temporary directory and nowhere
# else, writes without syncing, and is gone at exit. Two runs never meet.
#
# Where we are root, another user runs the server. That user owns just the two
# directories the server writes to, data and s (the socket's), both made anew
# for each run; we never write to them. What later runs start from, in
# .cache/pg, is ours.
#
# $in_turn: 1 where a caller has something beside that takes longer and needs a processor:
# the steps of this are one after the other then.
#
# written by both: pg_bin pg_large pg_given_home in_turn

# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # what is set here, and what common.sh sets

. "$kit/scripts/lib/init.sh"

# PostgreSQL's superuser; once the cluster is made, nobody can log in as this role.
pg_admin=atlas_make
# The role that verbs log in as; devdb.sql says what it may do. It has the name that
# a managed server's first user has.
pg_role=postgres

# PostgreSQL refuses to run as root: then another user runs it, the package's
# own where there is one. as_pg sets pg_user ('' when we are not root) and the
# words pg_as that start a command as that user.
as_pg() {
	local group
	pg_user='' pg_as='' pg_reached=''
	pg_uid=$(id -u)
	[ "$pg_uid" -eq 0 ] || return 0
	pg_user=postgres
	group=$(id -g postgres 2>/dev/null) || {
		pg_user=nobody
		group=$(id -g nobody) || die "PostgreSQL does not run as root, and there is neither a user postgres nor nobody"
	}
	# One question for both, whether this works and whether that user can run the server.
	# busybox has a setpriv too, which cannot change the user.
	pg_as="setpriv --reuid=$pg_user --regid=$group --clear-groups --"
	if $pg_as test -x "${pg_bin-}/postgres" 2>/dev/null; then
		pg_reached=1
	elif $pg_as true 2>/dev/null; then
		:
	elif runuser -u "$pg_user" -- true 2>/dev/null; then
		pg_as="runuser -u $pg_user --"
	elif su-exec "$pg_user" true 2>/dev/null; then
		pg_as="su-exec $pg_user"
	elif su -s /bin/sh -c 'exec "$@"' -- "$pg_user" sh true 2>/dev/null; then
		# busybox's, which becomes the command as the others do.
		need_tmp
		printf 'exec su -s /bin/sh -c '\''exec "$@"'\'' -- %s sh "$@"\n' "$pg_user" >"$tmp/as"
		pg_as="sh $tmp/as"
	else
		die "PostgreSQL does not run as root, and none of setpriv, runuser, su-exec and su can change the user to $pg_user here"
	fi
}

# pg_memory: the data is needed for a second. Where the system has a memory file system
# with room (Linux; the 64 MB of a default container are too few), it never sees a disk.
pg_memory() {
	local free
	[ -z "${TMPDIR-}" ] && [ -d /dev/shm ] && [ -w /dev/shm ] || return 0
	free=$(df -Pk /dev/shm 2>/dev/null) || return 0
	# shellcheck disable=SC2086 # the words of the last line
	set -- ${free##*"
"}
	[ "${4:-0}" -ge 1048576 ] || return 0
	pg_home=$(mktemp -d /dev/shm/atlas-make.XXXXXX 2>/dev/null) || {
		pg_home=$tmp
		return 0
	}
	at_exit_file "$pg_home"
}

# pg_reachable: root's home is closed to others, and embedded binaries may lie
# in it. Then they are copied to where the server's user can read them.
pg_reachable() {
	local from="${pg_bin%/bin}" to="$pg_home/pg" real
	pg_from=$pg_bin
	[ -n "$pg_user" ] && [ -z "$pg_reached" ] || return 0
	case $pg_bin in
	/usr/*) return 0 ;;
	esac
	$pg_as test -x "$pg_bin/postgres" && return 0
	# By its own path, where .cache is a link to elsewhere.
	real=$(cd "$pg_bin" && pwd -P) && $pg_as test -x "$real/postgres" && {
		pg_bin=$real
		return 0
	}
	if ! mkdir -p "$to/bin" || ! cp "$pg_bin/postgres" "$pg_bin/initdb" "$to/bin/" ||
		! cp -R "$from/lib" "$from/share" "$to/" ||
		! chmod -R a+rX "$pg_home/pg"; then
		die "cannot copy $pg_bin to $pg_home: is the disk full?"
	fi
	pg_bin=$to/bin
}

# pg_template: an initialised cluster with our databases in it, made once, as one
# archive that each run unpacks: a thousand files are read from one in half the time.
# Sets pg_tpl, and pg_fresh when it was made just now; and
# pg_key, which names what it was made from.
pg_template() {
	local had made_by
	# What it is made by counts: one of an earlier version of the kit is none of ours.
	made_by=$(cd "$kit"/scripts/lib && exec "$root/$bin/mhash" -f -- devdb.sql pgserver.sh) && [ -n "$made_by" ] ||
		die 'mhash could not say by what the temporary database is made'
	pg_key="$made_by $PG_MAJOR $pg_uid $pg_user ${pg_from#"$PWD/"} ${DEV_DB_SUPERUSER:+superuser} $DEV_DB_EXTENSIONS"
	if [ -n "$DEV_DB_INIT" ]; then
		[ -r "$DEV_DB_INIT" ] && [ ! -d "$DEV_DB_INIT" ] || die "DEV_DB_INIT: cannot read '$DEV_DB_INIT': it is the name of a file with SQL"
		pg_key="$pg_key $(init_files | "$bin/mhash" -f)" || exit 2
	fi
	pg_fresh=''
	# Each one made has a place of its own, complete when it gets its name: none
	# is taken from under a run that copies it, none is copied half. One that
	# belongs to another user is not ours: that user might change it.
	for pg_tpl in "$cache/pg/$PG_MAJOR".*; do
		if [ -O "$pg_tpl" ] && [ -O "$pg_tpl/key" ] && [ -O "$pg_tpl/data.tar" ] &&
			IFS= read -r had <"$pg_tpl/key" && [ "$had" = "$pg_key" ]; then
			return 0
		fi
	done
	pg_template_make
	pg_fresh=1
}

pg_template_make() {
	local new="$pg_home/new" made strange sums='' old
	[ -n "${psql_bin-}" ] || pg_clients || die "no psql of PostgreSQL $PG_MAJOR or newer here: run 'make install'"
	step "initialising a PostgreSQL $PG_MAJOR cluster"
	mkdir -p "$cache/pg" || die "$cache/pg: cannot be made: is $cache writable, and the disk not full?"
	rm -rf "$new"
	mkdir "$new" "$new/data" "$new/s" || die "cannot make a directory in $pg_home"
	# Whatever the umask is: the server's user passes through.
	chmod 711 "$new"
	chmod 700 "$new/data" "$new/s"
	[ -z "$pg_user" ] || chown "$pg_user" "$new/data" "$new/s"
	# Small WAL segments and no template0 keep the copy small; nothing here
	# outlives the run, so nothing is synced, and no page has a checksum.
	[ "$PG_MAJOR" -lt 18 ] || sums=--no-data-checksums
	$pg_as "$pg_bin/initdb" -D "$new/data" -U "$pg_admin" -A trust -E UTF8 --no-locale \
		--no-sync --wal-segsize=1 $sums >"$tmp/initdb.log" 2>&1 ||
		die "initdb failed: $(tail -n 3 "$tmp/initdb.log" | tr '\n' ' ')"
	pg_dir=$new pg_bound=''
	! setpriv --pdeathsig QUIT true 2>/dev/null || pg_bound='setpriv --pdeathsig QUIT --'
	pg_serve -c min_wal_size=2MB -c max_wal_size=2MB
	pg_tpl='' pg_fresh=1
	pg_wait
	pg_prepare "$new/s"
	# It writes out everything before it ends.
	kill -INT "$pg_pid"
	wait "$pg_pid" || die "PostgreSQL did not end well: $(tail -n 3 "$tmp/postgres.log" | tr '\n' ' ')"
	pg_pid=''

	find "$cache/pg" -mindepth 1 -maxdepth 1 -mtime +1 >"$tmp/old" 2>/dev/null || :
	while IFS= read -r old; do pg_forget "$old"; done <"$tmp/old"
	made=$(mktemp -d "$cache/pg/new.XXXXXX") || die "cannot write $cache/pg"
	at_exit_file "$made"
	cp -RP "$new/data" "$made/" || die "cannot write $cache/pg: is the disk full?"
	rm -rf "$new"
	strange=$(find "$made/data" ! -type f ! -type d)
	[ -z "$strange" ] || die "DEV_DB_INIT: $DEV_DB_INIT: it may make no links and no tablespaces"
	# Nobody but the role of the verbs logs in from now on.
	rm -f "$made/data/pg_hba.conf"
	printf 'local all %s trust\n' "$pg_role" >"$made/data/pg_hba.conf"
	pg_slim "$made/data"
	[ -z "$pg_user" ] || chown -Rh "$pg_user" "$made/data"
	tar -cf "$made/data.tar" -C "$made/data" . || die "cannot write $cache/pg: is the disk full?"
	rm -rf "$made/data"
	printf '%s\n%s\n' "$pg_key" "$pg_bound" >"$made/key"
	pg_tpl=$cache/pg/$PG_MAJOR.${made##*.}
	# The memory is another file system: a copy first, then one rename.
	mv "$made" "$pg_tpl" || die "cannot write $cache/pg"
}

# pg_forget DIR: remove a template. It loses its name first, so that a run that reads it
# can tell: what has its name after a look was whole all the time.
pg_forget() {
	local gone="$cache/pg/new.${1##*.}.$$"
	at_exit_file "$gone"
	! mv "$1" "$gone" 2>/dev/null || rm -rf "$gone" 2>/dev/null || :
}

# pg_slim DATA: remove from the data of a stopped server what the next one does not need.
pg_slim() {
	rm -f "$1/postmaster.opts"
	# Maps of free space and visibility are hints, which a server does without, and
	# pg_internal.init it makes anew; of the log only the end is read, the rest are
	# files to be used again.
	find "$1" -type f \( -name '*_fsm' -o -name '*_vm' -o -name pg_internal.init \) -exec rm -f {} +
	(
		cd "$1/pg_wal" || exit 2
		set -- 0*
		for f do [ "$f" = "$1" ] || [ "$f" = "${2-}" ] || rm -f "$f"; done
	)
}

# pg_prepare SOCKETS: make the role, run DEV_DB_INIT, and make the databases. What is in
# template1 is in all of them.
pg_prepare() {
	local how='' name
	pg_sql() { run pg_psql "$@" >"$tmp/prepare.out" 2>"$tmp/prepare.err"; }
	# In a subshell, which becomes psql.
	pg_psql() {
		pg_env_clear
		export PGHOST="$1" PGPORT=5432 PGUSER="$pg_admin" PGDATABASE=template1
		shift
		devdb_become "$@"
	}
	pg_sql "$1" -v role="$pg_role" -v superuser="${DEV_DB_SUPERUSER:+1}" -v extensions="$DEV_DB_EXTENSIONS" \
		-v ours=1 -f "$kit"/scripts/lib/devdb.sql || die "the temporary database cannot be prepared: $(pg_said "$tmp/prepare.err")"
	if [ -n "$DEV_DB_INIT" ]; then
		pg_sql "$1" -f "$DEV_DB_INIT" || die "DEV_DB_INIT: $(pg_said "$tmp/prepare.err")"
	fi
	# Files are copied rather than logged (from 15 on one has to say so): the
	# log would be half of what each run has to copy.
	[ "$PG_MAJOR" -lt 15 ] || how=' STRATEGY file_copy'
	{
		echo "UPDATE pg_database SET datistemplate = false WHERE datname IN ('template0', 'template1');"
		echo 'DROP DATABASE template0; DROP DATABASE postgres;'
		for name in $devdb_prepared; do echo "CREATE DATABASE $name OWNER $pg_role$how;"; done
	} >"$tmp/prepare.sql"
	# template1 gets another name, for no database is there that nobody uses: each is
	# copied in every run.
	if ! pg_sql "$1" -f "$tmp/prepare.sql" || ! pg_sql "$1" -d dev_want -c 'ALTER DATABASE template1 RENAME TO dev_spare' \
		-c "ALTER DATABASE dev_spare OWNER TO $pg_role"; then
		die "cannot make the databases: $(pg_said "$tmp/prepare.err")"
	fi
}
: "${devdb_prepared:=dev_want dev_have dev_lint}"

# pg_said FILE: print what psql complained of, on one line.
pg_said() {
	awk 'NF && n < 2 { sub(/^psql:( error: )?/, ""); sub(/^<stdin>:[0-9]*: /, ""); printf "%s%s", n++ ? "; " : "", $0 }' "$1"
}

# pg_env_clear: unset libpq's variables: what the user's environment says is about another
# database.
pg_env_clear() {
	unset PGHOST PGHOSTADDR PGPORT PGDATABASE PGUSER PGPASSWORD PGPASSFILE PGSERVICE \
		PGSERVICEFILE PGOPTIONS PGAPPNAME PGSSLMODE PGREQUIRESSL PGSSLCERT PGSSLKEY \
		PGSSLROOTCERT PGSSLCRL PGSSLCRLDIR PGSSLNEGOTIATION PGSSLCERTMODE PGREQUIREPEER \
		PGREQUIREAUTH PGCHANNELBINDING PGGSSENCMODE PGKRBSRVNAME PGTARGETSESSIONATTRS \
		PGLOADBALANCEHOSTS PGCONNECT_TIMEOUT PGCLIENTENCODING PGDATESTYLE PGTZ PGGEQO
}

# pg_ready: what a server is made from is there, and what it is made from is in pg_key.
pg_home='' pg_large='' pg_given_home='' in_turn=''
pg_ready() {
	[ -z "$pg_home" ] || return 0
	need_tmp
	as_pg
	pg_place
	at_exit_call pg_stop
	pg_reachable
	pg_template
	pg_dir=''
}
# pg_start: the server begins in the background; pg_wait waits until it serves.
pg_start() {
	pg_ready
	kept_template
	if [ -n "$pg_dir" ]; then
		pg_serve
	else
		pg_begin
	fi
}
# pg_start_again: another one, of the template, after pg_remove.
pg_start_again() {
	pg_bin=$pg_from
	pg_place
	pg_reachable
	pg_template
	pg_begin pgd3
	pg_wait
}
# pg_place: set pg_home: pg_given_home, where a caller has said where.
pg_place() {
	pg_home=${pg_given_home:-$tmp}
	[ -n "$pg_given_home" ] || pg_memory
	if [ -n "$pg_user" ]; then
		# Its user passes through our directory, and cannot list it. Where
		# TMPDIR itself is closed to others, the server lives in /tmp.
		chmod 711 "$pg_home"
		case $pg_home in
		/dev/shm/* | /tmp/atlas-make.*) ;;
		*)
			if ! $pg_as test -x "$pg_home"; then
				pg_home=$(mktemp -d /tmp/atlas-make.XXXXXX) || die 'cannot make a directory in /tmp'
				at_exit_file "$pg_home"
				chmod 711 "$pg_home"
			fi
			;;
		esac
	fi
}

# pg_begin [NAME]: a server of a copy of the template. A template that cannot be
# copied (the checkout came here by cp, without what its user may not read) is made
# anew.
pg_begin() {
	until pg_copy "$@"; do
		[ -z "$pg_fresh" ] || die "cannot copy $pg_tpl to $pg_home: $(head -n 1 "$tmp/copy.err")"
		pg_again
	done
	pg_serve
}
pg_copy() {
	pg_dir=$pg_home/${1-pgd}
	mkdir -m 711 "$pg_dir" && mkdir -m 700 "$pg_dir/s" "$pg_dir/data" || return 1
	pg_unpack || return 1
	# The words that make the server die with this script even when the script
	# is killed outright (Linux).
	pg_bound=''
	{ { IFS= read -r _ && IFS= read -r pg_bound; } <"$pg_tpl/key"; } 2>/dev/null || :
}
# pg_unpack: of what is kept (kept.sh), two databases may have the same bytes: these are
# in have.tar then, and are unpacked twice.
pg_unpack() {
	local base="$pg_dir/data/base" of='' twin='' d beside='' rc=0
	if [ -f "$pg_tpl/have.tar" ]; then
		read -r of twin <"$pg_tpl/twin" && mkdir -p "$base/$of" "$base/$twin" || return 1
		for d in "$of" "$twin"; do
			pg_untar have.tar "$base/$d" &
			if [ -n "$in_turn" ]; then wait $! || rc=1; else beside="$beside $!"; fi
		done
	fi
	pg_untar data.tar "$pg_dir/data" || rc=1
	for d in $beside; do wait "$d" || rc=1; done
	[ "$rc" -eq 0 ] && pg_own
}
# pg_untar ARCHIVE DIR: GNU's tar reads ten kilobytes at a time, if it is not told otherwise;
# others do not look at that variable.
pg_untar() { TAR_OPTIONS=-b256 tar -xmf "$pg_tpl/$1" -C "$2" 2>>"$tmp/copy.err"; }
# pg_own: the data and the sockets' directory belong to the server's user. What root
# unpacks has its owner; where a tar does not see to that, it is still ours.
pg_own() {
	[ -n "$pg_user" ] || return 0
	chown "$pg_user" "$pg_dir/data" "$pg_dir/s" && { [ ! -O "$pg_dir/data/PG_VERSION" ] || chown -Rh "$pg_user" "$pg_dir/data"; }
}
# pg_again: away with this template and what was made of it; make another.
pg_again() {
	pg_forget "$pg_tpl"
	rm -rf "$pg_dir"
	kept_n=0 kept_needs=''
	pg_template
	pg_fresh=1
}

# pg_apart NAME: one more server, in $pg_home/NAME, which ends with the first: for
# what is not a database's but a server's, such as roles.
pg_apart() {
	local first="$pg_pid" was="$pg_dir"
	pg_begin "$1"
	pg_wait
	pg_others="$pg_others $pg_pid"
	pg_pid=$first pg_dir=$was
}

# pg_serve SETTING...: the lock table takes a thousand tables with all their
# indexes in one transaction, and stays small: a page of it that is not used is
# not there.
# Much history (pg_large: or the models that go with it) has catalogs of a hundred
# megabytes, which are read more than once.
# With wal_level=minimal each transaction would look through the files it made once more
# at its end, to write their pages to the log.
# The order matters: a change of user forgets the parent-death signal.
pg_serve() {
	local buffers=16MB
	[ "$kept_max" -eq 0 ] && [ -z "$pg_large" ] || buffers=256MB
	# From 18 on three processes would read for the others, what is in memory too.
	[ "$PG_MAJOR" -lt 18 ] || set -- "$@" -c io_method=sync
	# shellcheck disable=SC2086 # words
	$pg_as $pg_bound "$pg_bin/postgres" -D "$pg_dir/data" -k "$pg_dir/s" -p 5432 -F \
		-c listen_addresses= -c unix_socket_permissions=0700 \
		-c synchronous_commit=off -c full_page_writes=off -c autovacuum=off \
		-c max_wal_senders=0 -c wal_level=replica -c shared_buffers=$buffers \
		-c max_connections=20 -c max_locks_per_transaction=1024 \
		-c log_min_messages=fatal -c jit=off \
		-c max_logical_replication_workers=0 -c dynamic_shared_memory_type=mmap "$@" \
		>>"$tmp/postgres.log" 2>&1 </dev/null &
	pg_pid=$!
}

pg_wait() {
	local n=0 l
	# postmaster.pid's eighth line turns "ready" when it takes connections.
	while :; do
		if [ -f "$pg_dir/data/postmaster.pid" ]; then
			{ for _ in 1 2 3 4 5 6 7 8; do IFS= read -r l || l=''; done; } <"$pg_dir/data/postmaster.pid"
			case $l in ready*) return 0 ;; esac
		fi
		if ! kill -0 "$pg_pid" 2>/dev/null; then
			[ -n "${pg_tpl-}" ] && [ -z "${pg_fresh-}" ] ||
				die "PostgreSQL did not start: $(tail -n 3 "$tmp/postgres.log" | tr '\n' ' ')"
			# What it was made of may be broken: once more, with a new one.
			pg_again
			pg_begin
		fi
		n=$((n + 1))
		[ "$n" -le 5000 ] || die "PostgreSQL was not ready in 30 seconds: $(tail -n 3 "$tmp/postgres.log" | tr '\n' ' ')"
		sleep 0.005
	done
}

# pg_quit: signal the server to stop; pg_stop waits for it, too. Immediate: the
# data is thrown away next. A shell's background process ignores SIGQUIT until
# it says otherwise, and a server that has only just started has not: SIGTERM
# ends that one.
pg_pid='' pg_others='' pg_ended=''
pg_quit() {
	local p
	for p in $pg_pid $pg_others; do
		kill -TERM "$p" 2>/dev/null || :
		kill -QUIT "$p" 2>/dev/null || :
	done
}
pg_stop() {
	local p
	pg_quit
	for p in $pg_pid $pg_others $pg_ended; do wait "$p" 2>/dev/null || :; done
	pg_pid='' pg_others='' pg_ended=''
}

# pg_remove: the server has answered its last question. It ends, and its databases are
# removed meanwhile, in the background: at such an end it writes nothing into them. What
# it makes in its last moment, and what else it has, goes at exit. Of much history there are
# many files: a process for each database.
pg_remove() {
	local d
	[ -n "$pg_pid" ] || return 0
	pg_quit
	pg_ended="$pg_ended $pg_pid $pg_others"
	pg_pid='' pg_others=''
	if [ "$kept_n" -gt 0 ]; then
		for d in "$pg_home"/*/data/base/*; do rm -rf "$d" 2>/dev/null & done
	else
		rm -rf "$pg_home"/*/data/base 2>/dev/null &
	fi
}
