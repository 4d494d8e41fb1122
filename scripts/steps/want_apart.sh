#!/bin/sh
# want_apart.sh OUT - start a server for the models alone, and do there what want.sh does.
#
# in, out, exit: as of want.sh, which see; but the database is made here
set -eu
. "${0%/*}/../lib/common.sh"
. "$kit/scripts/lib/devdb.sh"

[ $# -eq 1 ] || {
	echo 'usage: want_apart.sh out' >&2
	exit 2
}
pg_large=1
devdb_start
devdb_wait
devdb_db dev_want
export psql_bin pg_dump_bin pg_restore_bin
rc=0
run "$kit"/scripts/steps/want.sh "$1" || rc=$?
devdb_remove
answer "$rc"
