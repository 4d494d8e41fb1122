#!/bin/sh
# plan.sh - the SQL that apply would run, and what lint says of it.
#
# For DATABASE_URL (environment), or without it for an empty temporary
# database. Prints SQL: what is not SQL stands in comments. Nothing is written
# to the database. (Atlas's own dry run is not used: it makes the table of
# revisions.) Exit 0 nothing to apply, 1 this is to apply, 2 trouble: diverged,
# never managed, or it could not be asked.
set -eu
. "${0%/*}/lib/common.sh"
. "$kit/scripts/lib/atlas.sh"

[ $# -eq 0 ] || {
	echo 'usage: plan.sh' >&2
	exit 2
}
need_project migrations
[ -d "$MIGRATIONS" ] || die "MIGRATIONS: no directory '$MIGRATIONS'"
need_tmp
time_limit
atlas_need
. "$kit/scripts/lib/database.sh"
database_open
database_state
database_baseline

say "-- $where"
case $state_word in
up-to-date)
	say "-- up to date: all $n_files applied, nothing to do"
	exit 0
	;;
ahead)
	say "-- ahead by $n_ahead: all $n_files here are applied, nothing to do"
	exit 0
	;;
unmanaged) die 'never managed, and not empty: say at which version it stands: make plan BASELINE=its version (make drift compares)' ;;
diverged) die 'diverged: the files here and what was applied do not follow one line; make status says which' ;;
esac

# --- lint ------------------------------------------------------------------------
first=$(awk -F '\t' '$3 == "pending" || $3 == "partial" { print $2; exit }' "$tmp/state")
[ -n "$first" ] || {
	say "-- nothing to do: it stands at the baseline, $BASELINE"
	exit 0
}
# What is to apply are the newest files: for lint they are the new ones, whatever
# a CI run says it compares with.
unset GITHUB_BASE_REF GITHUB_REF CI_MERGE_REQUEST_TARGET_BRANCH_NAME CI_MERGE_REQUEST_DIFF_BASE_SHA PRE_COMMIT_FROM_REF
LINT_LATEST=$(FIRST=$first awk '$0 == ENVIRON["FIRST"] { on = 1 } on { n++ } END { print n + 0 }' "$tmp/files")
[ "$LINT_LATEST" -gt 0 ] || die "$MIGRATIONS: awk does not find '$first', which is to be applied"
LINT_BASE=''
export LINT_LATEST LINT_BASE
# It starts a temporary database of its own.
[ -z "$database_temporary" ] || unset DEV_URL
time_limit_end
rc=0
run "$kit"/scripts/lint_migrations.sh -p "$tmp/notes" "$MIGRATIONS" >"$tmp/lint.out" 2>"$tmp/lint.err" || rc=$?

# --- the files ------------------------------------------------------------------
# with_notes FILE [LINE]: what comes in is FILE's text from that line on. Behind
# each statement stands what it did, as a comment: what goes into a pipe is SQL.
colour=''
[ ! -t 1 ] || [ -n "${NO_COLOR-}" ] || [ "${TERM-dumb}" = dumb ] || colour=1
with_notes() {
	NOTES_OF="$1" awk -v notes="$tmp/notes" -v first="${2:-1}" -v colour="$colour" \
		-f "$kit"/scripts/lib/plan_notes.awk
}

# Whole; of one that stopped in the middle what is left.
while IFS=$TAB read -r _ f s _ got of _; do
	case $s in
	pending)
		printf '\n-- %s/%s\n' "$MIGRATIONS" "$f"
		# shellcheck disable=SC2094 # the first is a name only
		with_notes "$MIGRATIONS/$f" <"$MIGRATIONS/$f"
		;;
	partial)
		printf '\n-- %s/%s: %s of %s statements were applied, these are left\n' "$MIGRATIONS" "$f" "$got" "$of"
		"$bin/sqlstmt" -t "$MIGRATIONS/$f" >"$tmp/statements" || exit 2
		from=$(awk -F '\t' -v got="$got" '$1 != "file" && $1 != "trouble" && $2 > got { print $6 + 1; exit }' "$tmp/statements")
		[ -z "$from" ] || tail -c "+$from" "$MIGRATIONS/$f" |
			with_notes "$MIGRATIONS/$f" "$(head -c "$((from - 1))" "$MIGRATIONS/$f" | wc -l | awk '{ print $1 + 1 }')"
		;;
	esac
done <"$tmp/state"
printf '\n'

case $rc in
0 | 1)
	[ -s "$tmp/lint.out" ] || echo 'lint: nothing to say' >"$tmp/lint.out"
	sed 's/^/-- /' "$tmp/lint.out"
	;;
*) printf -- '-- lint could not run: %s\n' "$(sed -n 1p "$tmp/lint.err")" ;;
esac
answer 1
