# database.bash - for the verbs that look at a real database: one server a file,
# a fresh database a test, reached with a password that needs escaping.

load "$(dirname "${BASH_SOURCE[0]}")/server"

PASSWORD='p@:/?#%w'
ENCODED='p%40%3A%2F%3F%23%25w'

setup_file() {
	start_server
	in_server "CREATE ROLE \"us@r\" SUPERUSER LOGIN PASSWORD '$PASSWORD'"
	export PORT SERVER SERVER_PID PG
}
teardown_file() { stop_server; }

# database_setup: a project, and an empty database in DATABASE_URL.
database_setup() {
	scratch
	project
	M=src/db/migrations
	DB=t$BATS_TEST_NUMBER
	in_server "CREATE DATABASE $DB"
	export DATABASE_URL="postgres://us%40r:$ENCODED@127.0.0.1:$PORT/$DB?sslmode=disable"
	HOST=127.0.0.1:$PORT/$DB
	U=20261101090000_create_users.sql
	A=20261115100000_create_addresses.sql
}
in_db() { PGPASSWORD=$PASSWORD psql -X -q -A -t -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$PORT" -U us@r -d "$DB" -c "$1"; }
applied() { in_db "SELECT version || ' ' || applied || '/' || total FROM atlas_schema_revisions.atlas_schema_revisions ORDER BY version"; }

# add FILE [SQL]: one more migration.
add() {
	printf '%s\n' "${2-CREATE TABLE ${1#*_} (id int);}" >"$M/$1.sql"
	scripts/hash_migrations.sh >/dev/null
}
remove() {
	rm "$M/$1.sql"
	scripts/hash_migrations.sh >/dev/null
}
apply() { scripts/apply.sh >../applied 2>&1 || { cat ../applied; return 1; }; }

# no_secret: nothing that was printed so far holds the password.
no_secret() {
	local f
	for f in out err ../text ../applied; do
		[ ! -f "$f" ] || ! grep -F -e "$PASSWORD" -e "$ENCODED" "$f" || return 1
	done
	[ ! -f "$BATS_TEST_TMPDIR/out" ] || ! grep -F -e "$PASSWORD" -e "$ENCODED" "$BATS_TEST_TMPDIR/out" "$BATS_TEST_TMPDIR/err"
}
# when: times of the day are not pinned, nor what only newer drivers add.
when() { sed -E 's/\<pq: //; s/, [0-9-]{10} [0-9:]{8} UTC$/, WHEN/; s/ \([0-9A-Z]{5}\)//; s/[0-9.]+ ms/N ms/g; s/[0-9.]+ s\)/N s)/'; }
# says WANT-EXIT COMMAND...: its output with the times taken out, on stdout.
says() {
	local want=$1 got=0
	shift
	"$@" >../text 2>&1 </dev/null || got=$?
	when <../text
	[ "$got" -eq "$want" ] || { echo "exit $got, wanted $want"; return 1; }
}
