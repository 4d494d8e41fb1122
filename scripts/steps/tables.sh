#!/bin/sh
# tables.sh FROM TO - what Atlas writes to bring the tables of one database up to
# those of another.
#
# in:   both are on the server of pg_url; the other variables are those of
#       scripts/lib/plandb.sh
# out:  stdout, SQL
# exit: 0, else there is no plan: Atlas's own words are on stderr
set -eu
kit=${0%/*}/../..
[ $# -eq 2 ] || {
	echo 'usage: tables.sh from to' >&2
	exit 2
}
. "$kit/scripts/lib/plandb.sh"
# Whoever ends this ends Atlas.
# shellcheck disable=SC2034 # plandb.sh's
plan_run="exec"
plan_tables "$1" "$2"
