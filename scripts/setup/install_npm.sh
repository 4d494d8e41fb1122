#!/bin/sh
# install_npm.sh DIR FROM - the npm packages that FROM/package-lock.json pins.
#
# DIR/ok is a copy of what was installed; where it is the same, nothing is done.
set -eu
. "${0%/*}/../lib/common.sh"
. "$kit/scripts/lib/lock.sh"
. "$kit/scripts/lib/npm.sh"

[ $# -eq 2 ] || {
	echo 'usage: install_npm.sh directory from' >&2
	exit 2
}
[ -r "$2/package-lock.json" ] || die "cannot read '$2/package-lock.json'"
cmp -s "$2/package-lock.json" "$1/ok" || wait_lock "${1##*/}"
if cmp -s "$2/package-lock.json" "$1/ok"; then
	touch "$1/ok"
	exit 0
fi
step_long "installing npm packages from $2"
npm_install "$2" "$1.new"
cp "$2/package-lock.json" "$1.new/ok"
rm -rf "$1"
mv "$1.new" "$1"
