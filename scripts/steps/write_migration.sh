#!/bin/sh
# write_migration.sh OUT - write what leads from the migrations to the models.
#
# in:   pg_url       the server's address, with the word DATABASE where the name
#                    of a database belongs; a password is in PGPASSWORD or the
#                    like, never in it. The role may create databases
#       want have    names of two databases there: what the models say, and what
#                    the migrations make. Nobody else is connected to them
#       want_list have_list  [empty] their listings with edges=1, where the
#                    caller has them already
#       scratch      [am_plan] what the names of databases begin with that are
#                    made there, and dropped again
#       schemas      [public] the schemas in play, words. One: its name is left
#                    out of the SQL, and is the search_path of all that runs
#       RENAME       [empty] words like users.name=full_name, people=users
#       atlas_bin bin    the engine, and where our tools are
#       psql pg_dump pg_restore  [those in PATH]
# out:  OUT/1.sql, OUT/2.sql ...: the migrations to write, in this order; none
#       when nothing differs. OUT is a directory that is there and empty.
#       stdout: a line for each thing that is left, as catdiff prints it
# exit: 0 written, or nothing to write; 1 written as far as can be, what is left
#       is said; 2 could not, and OUT holds nothing to keep
#
# The files are proved before this ends: the engine applies them to a copy of
# what the migrations make, and that must then be what the models say.
set -eu
prog=${0##*/}
[ $# -eq 1 ] && [ -d "$1" ] || {
	echo 'usage: write_migration.sh OUT (see its first lines)' >&2
	exit 2
}
out=$1
: "${pg_url:?}" "${want:?}" "${have:?}" "${atlas_bin:?}" "${bin:?}"
scratch=${scratch:-am_plan} schemas=${schemas:-public} RENAME=${RENAME-}
export LC_ALL=C ATLAS_NO_UPDATE_NOTIFIER=1 ATLAS_NO_UPGRADE_SUGGESTIONS=1

die() {
	printf '%s: %s\n' "$prog" "$*" >&2
	exit 2
}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/atlas-make.XXXXXX") || die 'cannot make a temporary directory'
. scripts/lib/plandb.sh

# shellcheck disable=SC2329 # the traps call it
cleanup() {
	trap '' INT TERM HUP
	trap - EXIT
	plan_drop
	rm -rf "$tmp"
	exit "$1"
}
trap 'cleanup $?' EXIT
trap 'cleanup 130' INT
trap 'cleanup 143' TERM
trap 'cleanup 129' HUP

# said FILE: a program's error, on one line.
said() { awk 'NF && n < 3 { sub(/^Error: /, ""); printf "%s%s", n++ ? " " : "", $0 }' "$1"; }

# look DB FILE: its listing, or the end.
look() {
	plan_list "$1" "$2" edges 2>"$2.err" || die "cannot list the database '$1': $(said "$2.err")"
}

# atlas_plan FROM FILE: what Atlas writes for the tables.
atlas_plan() {
	local from to s
	plan_atlas_url "$1"
	from=$url
	plan_atlas_url "$want"
	to=$url
	set --
	[ -n "$plan_path" ] || for s in $schemas; do set -- "$@" --schema "$s"; done
	"$atlas_bin" schema diff --from "$from" --to "$to" "$@"
}

[ -n "${want_list-}" ] || {
	want_list=$tmp/want
	look "$want" "$want_list"
}
[ -n "${have_list-}" ] || {
	have_list=$tmp/have
	look "$have" "$have_list"
}
rc=0
"$bin/catdiff" "$want_list" "$have_list" >"$tmp/differs" || rc=$?
case $rc in
0) exit 0 ;;
1) ;;
*) exit 2 ;;
esac

atlas_plan "$have" >"$tmp/plan" 2>"$tmp/plan.err" || die "Atlas has no plan: $(said "$tmp/plan.err")"
case $(head -n 1 "$tmp/plan") in
'Schemas are synced'*) ;;
*) mkdir "$tmp/new" && cp "$tmp/plan" "$tmp/new/1.sql" ;;
esac

# --- the proof ---
plan_copy proof "$have" 2>"$tmp/copy.err" || die "cannot copy the database '$have': $(said "$tmp/copy.err")"
if [ -d "$tmp/new" ]; then
	plan_apply "$db" "$tmp/new" >"$tmp/apply.out" 2>"$tmp/apply.err" ||
		die "what was written does not apply: $(said "$tmp/apply.err")"
fi
look "$db" "$tmp/proof"
rc=0
"$bin/catdiff" "$want_list" "$tmp/proof" || rc=$?
[ "$rc" -le 1 ] || exit 2
[ ! -d "$tmp/new" ] || cp "$tmp/new"/*.sql "$out"/ || die "cannot write '$out'"
exit "$rc"
