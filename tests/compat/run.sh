#!/bin/sh
# run.sh - the suites once more, with other shells, surroundings and servers.
#
# Everything is in the repository's .cache. ATLAS may name a binary of the vendor's.
# Prints a table. Exit 0 all passed, 1 not.
set -u

cd "$(dirname "$0")/../.." || exit 2
dir=$PWD/.cache/compat
mkdir -p "$dir"
scripts='apply check_migrations create_migrations drift hang plan rebase_migrations status'
tools='atlasjson cfnrespond mhash rdstoken yamlset'
# What a server, or another Atlas, may answer otherwise.
server='apply catalog check_migrations create_migrations drift engine green import_migrations lambda_scenes
	lint_catalogue load mstate plan squash status watch write_migration'
failed=0

# suites WHAT NAMES [VARIABLE=VALUE...]: one row of the table.
suites() {
	what=$1 names=$2
	shift 2
	set -- "$@" tests/run.sh
	for s in $names; do set -- "$@" "tests/$s.bats"; done
	if env "$@" >"$dir/log" 2>&1; then
		result=$(tail -n 1 "$dir/log")
	else
		failed=1
		result="$(tail -n 1 "$dir/log"):"
	fi
	printf '%-34s %s\n' "$what" "$result"
	[ "${result%:}" = "$result" ] || sed 's/^/  /' "$dir/log"
}

# Not in the checkout, whose path may have a blank in it: #! takes none.
shells=$(mktemp -d) || exit 2
trap 'rm -rf "$shells"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
for shell in dash bash busybox; do
	mkdir "$shells/$shell"
	ln -s "$(command -v $shell)" "$shells/$shell/sh"
	suites "sh is $shell" "$scripts" "TEST_SH=$shells/$shell/sh"
done

# A locale where i is not the small form of I.
[ -d "$dir/locale/tr_TR.UTF-8" ] || {
	mkdir -p "$dir/locale"
	localedef -i tr_TR -f UTF-8 "$dir/locale/tr_TR.UTF-8"
}
suites 'tools in C.UTF-8' "$tools" TEST_LC_ALL=C.UTF-8
suites 'tools in tr_TR.UTF-8' "$tools" TEST_LC_ALL=tr_TR.UTF-8 "LOCPATH=$dir/locale"
suites 'verbs in tr_TR.UTF-8' 'check_migrations create_migrations' TEST_LC_ALL=tr_TR.UTF-8 "LOCPATH=$dir/locale"
(
	umask 077
	suites 'umask 077' "$tools check_migrations create_migrations"
	exit "$failed"
) || failed=1

suites 'another version of the engine' compat/update
for major in 14 15 16 17 18; do
	make -s install-postgres DEV_DB=embedded PG_MAJOR="$major" >"$dir/log" 2>&1 || {
		cat "$dir/log"
		failed=1
		continue
	}
	suites "PostgreSQL $major${ATLAS:+, ATLAS given}" "$server" \
		"PG_MAJOR=$major" DEV_DB=embedded ${ATLAS:+"ATLAS=$ATLAS"}
done
exit "$failed"
