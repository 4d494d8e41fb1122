#!/bin/sh
# build_lambda.sh TOOLS PACKAGE - lay out the function's package.
#
# TOOLS holds the tools, linked statically for the function's architecture. The
# package is what src/migration_lambda holds, bin/ with the tools, migrations/
# with atlas.sum, and certs/ with the certificates RDS signs with. Same input,
# same bytes, and the same modes and times too. A package that cannot succeed
# is not made: exit 1 when the hashes are out of step.
set -eu
. "${0%/*}/../lib/common.sh"

[ $# -eq 2 ] || {
	echo 'usage: build_lambda.sh tools package' >&2
	exit 2
}
tools=$1
package=${2%/}
need_project migrations
[ -d "$MIGRATIONS" ] || die "MIGRATIONS: no directory '$MIGRATIONS'"
"$bin/mhash" -c "$MIGRATIONS" >&2 || {
	warn "$MIGRATIONS does not match its atlas.sum: make check-migrations says more; if it is meant so: make hash-migrations"
	answer 1
}
total=$("$bin/mhash" -s <"$MIGRATIONS/atlas.sum") || exit 2
[ -z "$TEMPLATE" ] || {
	value=$("$bin/yamlset" "$MIGRATION_HASH_POINTER" <"$TEMPLATE") || die "$TEMPLATE: no MigrationHash at $MIGRATION_HASH_POINTER"
	[ "$value" = "$total" ] || {
		warn "$TEMPLATE: MigrationHash is '$value', the total of $MIGRATIONS/atlas.sum is '$total': make hash-migrations"
		answer 1
	}
}
need_tmp
mkdir -p "$(dirname "$package")"
new=$package.new.$$
rm -rf "$new"
mkdir -p "$new/bin" "$new/migrations" "$new/certs"
at_exit_file "$new"

# rds_fetch: the certificates of RDS_CA, into $ca. What was fetched before does,
# where they cannot be had now; with none at all, a deploy could only fail.
rds_fetch() {
	local why
	step_long "fetching the certificates of RDS"
	if curl -fsSL --proto '=https' --connect-timeout 5 --max-time 60 -o "$tmp/ca.pem" "$RDS_CA" 2>"$tmp/curl.log"; then
		grep -q 'BEGIN CERTIFICATE' "$tmp/ca.pem" || die "$RDS_CA: no certificates in there"
		mv "$tmp/ca.pem" "$ca"
		return 0
	fi
	why=$(sed 's/^curl: ([0-9]*) //' "$tmp/curl.log" | tail -n 1)
	[ -f "$ca" ] || die "$RDS_CA: $why. Without RDS's certificates the function trusts no database but one behind a public certificate (RDS Proxy). fix: give them as RDS_CA=FILE, or RDS_CA= if that is what you have"
	warn "$RDS_CA: $why; the certificates fetched before are used"
}

# rds_ca: certs/rds.pem. RDS's own certificates are signed by nobody else's, so
# without them only databases behind a public certificate (RDS Proxy) verify.
rds_ca() {
	case $RDS_CA in
	'') return 0 ;;
	https://*)
		ca=$cache/rds-ca.pem
		# RDS adds authorities now and then: a month, and they are fetched anew.
		[ -f "$ca" ] && [ -z "$(find "$ca" -mtime +30)" ] || rds_fetch
		;;
	*)
		ca=$RDS_CA
		grep -qs 'BEGIN CERTIFICATE' "$ca" || die "RDS_CA: no certificates in '$ca'"
		;;
	esac
	cp "$ca" "$new/certs/rds.pem"
}
rds_ca

cp "$kit"/src/migration_lambda/bootstrap "$kit"/src/migration_lambda/*.sh "$kit"/src/migration_lambda/atlas.hcl "$new/"
# The knob's default is the function's too, where the schema is not its own.
[ "$REVISIONS_SCHEMA" = atlas_schema_revisions ] || printf '%s\n' "$REVISIONS_SCHEMA" >"$new/revisions-schema"
mv "$new/migrate.sh" "$new/bin/migrate"
for t in atlasjson cfnrespond mhash mstate rdstoken; do cp "$tools/$t" "$new/bin/"; done
for f in "$MIGRATIONS"/*.sql "$MIGRATIONS"/.*.sql "$MIGRATIONS/atlas.sum"; do
	[ ! -f "$f" ] || cp "$f" "$new/migrations/"
done
# Lambda runs the function as a user of its own.
find "$new" -type d -exec chmod 755 {} +
find "$new" -type f -exec chmod 644 {} +
chmod 755 "$new/bootstrap" "$new/handler.sh" "$new"/bin/*
find "$new" -exec touch -t 198001010000 {} +

rm -rf "$package.old"
[ ! -d "$package" ] || mv "$package" "$package.old"
mv "$new" "$package"
rm -rf "$package.old"
say "package: $package ($(du -sk "$package" | cut -f1) KiB)"
