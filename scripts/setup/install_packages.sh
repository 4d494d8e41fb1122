#!/bin/sh
# install_packages.sh [-n] GROUP... - install the system packages a group lacks.
#
# Groups (package_groups beside this has what they consist of): build (compiler, OpenSSL,
# libyaml, jansson), python (with venv), postgres (PG_MAJOR's server, where DEV_DB runs one
# and the system has it), certs (the authorities that registries are known by), fetch
# (these, and curl), test, lint, fuzz, bench, erd, compat (other shells, a locale),
# lambda-x86_64 and lambda-arm64 (static programs for the function), dist (all tools
# as such), lambda-test.
# What is there is not touched: a second run does nothing.
# As root it installs; as an ordinary user through sudo where that asks no
# password; else it stops with the command to run. -n only says what is missing
# (exit 1). Knows apt-get, dnf, apk, pacman and Homebrew; elsewhere it names what
# to install, as Debian calls it.
set -eu
USAGE='install_packages.sh [-n] GROUP...'
. "${0%/*}/../lib/common.sh"
. "$kit/scripts/lib/packages.sh"
. "$kit/scripts/lib/package_install.sh"
. "$kit/scripts/lib/lock.sh"

dry=
while getopts hn o 2>/dev/null; do
	case $o in
	h) usage 0 ;;
	n) dry=1 ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || usage

for group do want_group "$group"; done
may_install
without_postgres

[ -n "$missing" ] || exit 0
if [ -n "$dry" ]; then
	say "$missing"
	answer 1
fi

# Most package managers run once at a time, and do not wait for one another.
wait_lock packages 'installs system packages' 1800
[ "$manager" != none ] || die "missing on this machine: $missing (install them with the system's package manager)"
[ -n "$can_install" ] || die "missing on this machine: $missing; run: $(install_command)"
install_missing
