#!/bin/sh
# drift.sh - does a live database differ from what its migrations say?
#
# The database is DATABASE_URL (environment). What the migrations say is made in
# a temporary database, of those that are applied there: what is only pending is
# no drift. PostgreSQL's own catalogs list what is in both, objects of every kind,
# and the listings are compared. Left out are Atlas's own table, what COMPARE_EXCLUDE
# names, and schemas that are neither in play nor made by the migrations.
# Privileges count only with DRIFT_GRANTS=1. Nothing in the database is locked or written.
# Exit 0 no difference, 1 it differs, 2 could not compare.
USAGE='drift.sh (knobs: COMPARE_EXCLUDE DRIFT_GRANTS DEV_SCHEMAS BASELINE)'
set -eu
. "${0%/*}/lib/common.sh"
. "$kit/scripts/lib/atlas.sh"
. "$kit/scripts/lib/lint.sh"
. "$kit/scripts/lib/catalog.sh"
. "$kit/scripts/lib/schemas.sh"
. "$kit/scripts/lib/others.sh"
. "$kit/scripts/lib/database.sh"
no_options "$@"
need_project migrations
[ -d "$MIGRATIONS" ] || die "MIGRATIONS: no directory '$MIGRATIONS'"
need_tmp
time_limit
lint_levels
atlas_need
database_open
database_state
database_dev
case $DRIFT_GRANTS in
'' | 0 | 1) export catalog_grants="$DRIFT_GRANTS" ;;
*) die "DRIFT_GRANTS=$DRIFT_GRANTS: 1, or empty" ;;
esac

# The applied part of the directory. A database that was never managed is
# compared with all of it, or with BASELINE's state.
stage=$tmp/migrations
mkdir "$stage"
case $state_word in
unmanaged) database_baseline ;;
esac
while IFS=$TAB read -r _ f s _; do
	[ "$f" != - ] || continue
	case $s in
	# Of one, Atlas would replay nothing before it.
	checkpoint) continue ;;
	pending | out-of-order)
		[ "$state_word" = unmanaged ] || continue ;;
	partial) die "$where: a migration is applied in part, so nothing says what it should be: first make apply, or make status" ;;
	esac
	cp "$MIGRATIONS/$f" "$stage/"
done <"$tmp/state"
"$bin/mhash" -w "$stage" || exit 2

# Each in a process of its own: the environment says which database it is.
# shellcheck disable=SC2317,SC2329 # job calls it
migrated() {
	devdb_db dev_want
	export psql_bin pg_dump_bin pg_restore_bin
	exec "$kit"/scripts/steps/have.sh "$tmp/have" "$stage"
}
# shellcheck disable=SC2317,SC2329 # run calls it
live() {
	database_env
	catalog_read "$tmp/live" || return 2
	"$psql_bin" -XAtqw -c 'SHOW server_version_num' >"$tmp/version" 2>"$tmp/live.err" </dev/null || return 2
}
job have migrated
: >"$tmp/live.err"
if ! run live; then
	why=$(database_error "$tmp/live.err") hint=''
	case $why in *'lock timeout'*) hint='; somebody holds a lock on a table there, a migration maybe: fix: try again when it is done' ;; esac
	die "$where: cannot be listed: ${why#psql:*ERROR:  }$hint"
fi
rc=0
job_wait have || rc=$?
case $rc in
0) ;;
1)
	[ ! -s "$tmp/have/out" ] || tr "$TAB" ' ' <"$tmp/have/out" | fit >&2
	[ ! -s "$tmp/have/apply.json" ] || "$bin/atlasjson" -d "$MIGRATIONS" "$tmp/have/apply.json" >&2 || :
	die "$MIGRATIONS: what is applied there does not apply to an empty database; make check-migrations says more"
	;;
*)
	job_said have
	exit 2
	;;
esac
[ "$n_pending" -gt 0 ] || schemas_exist "$tmp/have/listing" "$tmp/live"
read -r version <"$tmp/version" || die "$where: did not say its version"
version=$((version / 10000)) major=${given_major:-$PG_MAJOR}
[ "$version" -eq "$major" ] ||
	warn "$where is PostgreSQL $version, the migrations were applied to $major: that alone may be a difference; PG_MAJOR=$version compares with the same"

# Other schemas of the database are not the migrations' affair.
awk -v dev="$DEV_SCHEMAS" -v others="$tmp/others" -f "$kit"/scripts/lib/drift_schemas.awk \
	turn=1 "$tmp/have/listing" turn=2 "$tmp/live" turn=3 "$tmp/live" >"$tmp/live.ours"
set -- -W 'the migrations' -H 'the database'
while IFS= read -r s; do set -- "$@" -e "$s.*"; done <"$tmp/others"

# differ FILE [ARG...]: what does, as lines in FILE.
differ() {
	local file="$1" rc=0
	shift
	catalog_compare "$tmp/have/listing" "$tmp/live.ours" "$tmp/diff.json" "$@" || rc=$?
	: >"$file"
	case $rc in
	0) return 0 ;;
	1) catalog_compare "$tmp/have/listing" "$tmp/live.ours" "$file" -t "$@" || : ;;
	esac
	[ -s "$file" ] || die "$where: could not be compared with the migrations"
}
note=''
case $state_word in
behind) [ "$n_pending" -eq 0 ] || note=" ($n_pending pending, which do not count)" ;;
ahead) note=" (ahead by $n_ahead, whose files are not here: what they changed shows as a difference)" ;;
diverged) note=" (diverged: make status says; compared with the $n_applied here that are applied)" ;;
unmanaged) note=" (never managed: compared with all $n_files migrations)" ;;
esac
differ "$tmp/differences" "$@"
if [ ! -s "$tmp/differences" ]; then
	say "$where: no drift$note"
else
	say "$where: differs from what the migrations say$note"
	sed 's/^/  /' "$tmp/differences"
fi
[ ! -s "$tmp/others" ] ||
	say "not looked at, for DEV_SCHEMAS does not name them: schema $(awk '{ printf "%s%s", sep, $0; sep = ", " }' "$tmp/others")"
[ -s "$tmp/differences" ] || exit 0

# What other tools keep for themselves, where it is among the differences.
tables=''
for t in $other_tables spatial_ref_sys; do
	awk -F '\t' -v t="$t" '
		$1 == "table" { sub(/.*[.]/, "", $2); if ($2 == t) found = 1 }
		END { exit !found }' "$tmp/live.ours" || continue
	differ "$tmp/without" -e "$t" "$@"
	cmp -s "$tmp/without" "$tmp/differences" || tables="$tables $t"
done
[ -z "$tables" ] || say "fix: of another tool:$tables; to leave out what it keeps there: COMPARE_EXCLUDE='${COMPARE_EXCLUDE:+$COMPARE_EXCLUDE }${tables# }'"
say 'fix: what is to stay, write into a migration (make new-migration NAME=what_changed); undo the rest in the database'
answer 1
