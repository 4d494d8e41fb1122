#!/bin/sh
# drift.sh - does a live database differ from what its migrations say?
#
# The database is DATABASE_URL (environment). What the migrations say is made in
# a temporary database, of those that are applied there: what is only pending is
# no drift. Prints the SQL both ways. Atlas's own table and what EXCLUDE names
# are left out; so is what Atlas's community build does not see: views,
# triggers, functions, policies. Nothing is written to the database.
# Exit 0 no difference, 1 it differs, 2 could not tell.
set -eu
. "${0%/*}/lib/common.sh"
. scripts/lib/atlas.sh

[ $# -eq 0 ] || {
	echo 'usage: drift.sh (knobs: EXCLUDE DEV_SCHEMAS)' >&2
	exit 2
}
need_project migrations
[ -d "$MIGRATIONS" ] || die "MIGRATIONS: no directory '$MIGRATIONS'"
atlas_need
. scripts/lib/database.sh
database_open
database_state
database_dev

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

# Both sides are looked at in the same way: as databases, limited to the schemas
# in play, with the same exclusions.
database_inspect "$database_url" "$tmp/live.hcl"

if [ -n "$devdb_one" ]; then
	# One database there is, and it must stay clean: Atlas replays in it.
	devdb_url dev_diff
	database_scope
	# shellcheck disable=SC2086 # words
	run database schema inspect --url "file://$stage" $scope >"$tmp/want.hcl" 2>"$tmp/inspect.err" ||
		die "$(database_error "$tmp/inspect.err")"
else
	devdb_url dev_apply
	export ATLAS_MAKE_URL="$DEV_URL"
	run database migrate apply --dir "file://$stage" --revisions-schema atlas_schema_revisions >"$tmp/replay.out" 2>"$tmp/replay.err" ||
		die "$MIGRATIONS: do not apply to an empty database: $(database_error "$tmp/replay.err"); make check-migrations tells more"
	database_inspect "$DEV_URL" "$tmp/want.hcl"
fi

devdb_url dev_diff
schema_flags
# diff FROM TO FILE
diff_to() {
	# shellcheck disable=SC2086 # words
	run database schema diff --from "file://$1" --to "file://$2" $schema_flags --format '{{ sql . "  " }}' \
		>"$3" 2>"$tmp/diff.err" || die "comparing: $(database_error "$tmp/diff.err")"
}
diff_to "$tmp/want.hcl" "$tmp/live.hcl" "$tmp/there"
diff_to "$tmp/live.hcl" "$tmp/want.hcl" "$tmp/back"

note=''
case $state_word in
behind) note=" ($n_pending pending, which do not count)" ;;
ahead) note=" (ahead by $n_ahead, whose files are not here: what they changed shows as a difference)" ;;
diverged) note=" (diverged: make status tells; compared with the $n_applied here that are applied)" ;;
unmanaged) note=" (never managed: compared with all $n_files migrations)" ;;
esac
if [ ! -s "$tmp/there" ] && [ ! -s "$tmp/back" ]; then
	say "$where: no drift$note"
	exit 0
fi
say "$where: differs from what the migrations say$note"
say '-- what was done to the database besides; as a migration it would read:'
sed 's/^/  /' "$tmp/there"
say '-- what brings the database back to the migrations:'
sed 's/^/  /' "$tmp/back"
answer 1
