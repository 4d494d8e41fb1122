# postgres.sh PORT READY - a PostgreSQL for the Lambda's tests: TLS on loopback,
# passwords asked for.
#
# Run as the scripts are, which look for the root from their own place:
#     sh -c '. tests/lambda/postgres.sh' scripts/postgres.sh PORT READY
#
# Serves until it gets a signal, with its data in a temporary directory of its
# own. READY is written when it takes connections; the directory READY lies in
# gets ca.pem, the authority of its certificate for localhost. Superuser root
# (password root), user migrator.
# shellcheck shell=sh disable=SC2154
set -eu
. scripts/lib/common.sh
. scripts/lib/postgres.sh

[ $# -eq 2 ] || {
	echo 'usage: postgres.sh port readyfile' >&2
	exit 2
}
port=$1
ready=$2
pg_find || die "no PostgreSQL $PG_MAJOR here: run 'make install'"
have openssl || die "no openssl here: run 'make install-test'"
need_tmp
as_pg
pg_home=$tmp
chmod 711 "$tmp"
pg_reachable
# It dies with us, even if we are killed outright.
bound=''
! setpriv --pdeathsig QUIT true 2>/dev/null || bound='setpriv --pdeathsig QUIT --'

openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj '/CN=test authority' \
	-keyout "$tmp/ca.key" -out "$tmp/ca.pem" >"$tmp/openssl.log" 2>&1 &&
	openssl req -newkey rsa:2048 -nodes -subj '/CN=localhost' -keyout "$tmp/server.key" \
		-out "$tmp/server.csr" >>"$tmp/openssl.log" 2>&1 &&
	printf 'subjectAltName=DNS:localhost\n' >"$tmp/ext" &&
	openssl x509 -req -in "$tmp/server.csr" -CA "$tmp/ca.pem" -CAkey "$tmp/ca.key" -CAcreateserial \
		-days 2 -extfile "$tmp/ext" -out "$tmp/server.crt" >>"$tmp/openssl.log" 2>&1 ||
	die "openssl: $(tail -n 1 "$tmp/openssl.log")"
mkdir "$tmp/pg"
cp "$tmp/server.key" "$tmp/server.crt" "$tmp/pg/"
chmod 600 "$tmp/pg/server.key"
printf 'root\n' >"$tmp/pg/password"
[ -z "$pg_user" ] || chown -R "$pg_user" "$tmp/pg"
chmod 700 "$tmp/pg"
cp "$tmp/ca.pem" "${ready%/*}/ca.pem"
cp "$tmp/server.key" "${ready%/*}/server.key"
cp "$tmp/server.crt" "${ready%/*}/server.crt"

$pg_as "$pg_bin/initdb" -D "$tmp/pg/data" -U root -A scram-sha-256 --pwfile "$tmp/pg/password" -E UTF8 \
	--no-locale --no-sync >"$tmp/initdb.log" 2>&1 || die "initdb: $(tail -n 2 "$tmp/initdb.log")"
$pg_as $bound "$pg_bin/postgres" -D "$tmp/pg/data" -p "$port" -F \
	-c listen_addresses=127.0.0.1 -c unix_socket_directories= -c ssl=on \
	-c ssl_cert_file="$tmp/pg/server.crt" -c ssl_key_file="$tmp/pg/server.key" \
	-c synchronous_commit=off -c full_page_writes=off -c autovacuum=off -c shared_buffers=32MB \
	-c max_connections=100 -c log_min_messages=fatal -c jit=off -c deadlock_timeout=100ms \
	>"$tmp/postgres.log" 2>&1 &
pg_pid=$!
pg_dir=$tmp/pg
at_exit_call pg_stop
pg_wait
: >"$ready"
# A signal ends the wait, and cleanup the server.
wait "$pg_pid" || :
