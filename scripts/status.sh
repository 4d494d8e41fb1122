#!/bin/sh
# status.sh [-a | -j | -u] - where does a database stand against the migrations here?
#
# The database is DATABASE_URL (environment); without it a temporary, empty
# one. A table for people; -a shows every migration, not just the last ones
# applied; -j prints one JSON object instead; -u the SQL that notes the files as
# they are now for what was applied, for a database that has what they say.
# Nothing is written to the database. Exit 0 up to date (or ahead: every file
# here is applied), 1 files are pending, 2 trouble: partial, diverged, never
# managed, or it could not be asked.
set -eu
. "${0%/*}/lib/common.sh"
. "$kit/scripts/lib/atlas.sh"

usage() {
	echo 'usage: status.sh [-a | -j | -u]' >&2
	exit 2
}
all='' json='' update=''
while getopts :aju o; do
	case $o in
	a) all=1 ;;
	j) json=1 ;;
	u) update=1 ;;
	*) usage ;;
	esac
done
[ $# -lt $OPTIND ] || usage
case $all$json$update in
11*) usage ;;
esac
need_project migrations
[ -d "$MIGRATIONS" ] || die "MIGRATIONS: no directory '$MIGRATIONS'"
need_tmp
time_limit
atlas_need
. "$kit/scripts/lib/database.sh"
database_open
database_state

case $state_word in
up-to-date | ahead) rc=0 ;;
behind) rc=1 ;;
*) rc=2 ;;
esac

if [ -n "$json" ]; then
	# shellcheck disable=SC2086 # an option, or none
	"$bin/mstate" -j $database_dirty -n "$where" "$MIGRATIONS" <"$tmp/rows" 2>/dev/null || [ $? -eq "$rc" ] ||
		die "$MIGRATIONS was changed meanwhile: run it again"
	answer "$rc"
fi
if [ -n "$update" ]; then
	table=$(printf '%s' "$REVISIONS_SCHEMA" | sed 's/"/""/g')
	"$bin/mstate" -u "\"$table\".atlas_schema_revisions" "$MIGRATIONS" <"$tmp/rows"
	exit 0
fi

# Of many that are plainly applied the last three are enough.
say "database: $where"
say "migrations: $MIGRATIONS"
awk -F '\t' -v all="$all" '
	function plain(s) { return s == "applied" || s == "covered" || s == "checkpoint" }
	{ l[NR] = $0; s[NR] = $3; f[NR] = $2 == "-" ? $1 : $2; if (length(f[NR]) > w) w = length(f[NR]) }
	END {
		while (from < NR && plain(s[from + 1])) from++
		from = all == "" && from > 4 ? from - 3 : 0
		if (from) printf "  %d earlier ones, applied\n", from
		for (i = from + 1; i <= NR; i++) {
			split(l[i], c, "\t")
			what = c[3]
			if (what == "covered") what = "before the baseline"
			else if (what == "set") what = "set by hand"
			else if (what == "checkpoint") what = "a checkpoint, which is not needed"
			else if (what == "edited") what = "edited: it, or a file before it, is not what was applied"
			else if (what == "renamed") what = "another file of this version was applied"
			else if (what == "out-of-order") what = "out of order: not applied, but later ones are"
			else if (what == "ahead") what = "ahead: applied, not in this directory"
			else if (what == "gone") what = "applied, but its file is not in this directory"
			else if (what == "partial") what = c[5] " of " c[6] " statements applied"
			printf "  %-" w "s  %s%s\n", f[i], what, c[4] == "-" || what == "before the baseline" ? "" : ", " c[4]
			if (c[7] != "-") printf "    %s\n", c[7]
			if (c[8] != "-") printf "    in: %.200s\n", c[8]
		}
	}' "$tmp/state" >"$tmp/table"
fit <"$tmp/table" >"$tmp/shown"
[ -s "$tmp/shown" ] || [ "$n_files" -eq 0 ] || die 'awk, tr or sed printed nothing: where the migrations stand cannot be shown'
cat "$tmp/shown"

case $state_word in
up-to-date) say "up to date: all $n_files applied" ;;
behind) say "behind: $n_pending of $n_files pending; make plan shows what they do, make apply applies them" ;;
ahead) say "ahead by $n_ahead: all $n_files here are applied, and later ones besides" ;;
unmanaged) say "never managed: it has tables, but no migration was ever applied; if they are those of a migration here: make apply BASELINE=its version (make drift compares)" ;;
partial) say "partial: a migration stopped in the middle; fix: correct the file from the failed statement on, then: make hash-migrations, make apply (it goes on there)" ;;
diverged)
	[ "$n_gone" -eq 0 ] || say "diverged: $n_gone applied without a file here: renamed or removed after it was applied; fix: bring the file back"
	[ "$n_ahead" -eq 0 ] || say "diverged: $n_ahead applied that are not here, and $((n_pending + n_order)) here not applied: another branch was applied; fix: merge it first"
	[ "$n_order" -eq 0 ] || say "diverged: $n_order out of order; fix: give it a later version: make rebase-migrations LINT_BASE=the branch that was applied; or, if it may run after them: EXEC_ORDER=non-linear"
	[ "$n_renamed" -eq 0 ] || say "diverged: $n_renamed applied from another file of the same version; fix: give the file here a version of its own"
	[ "$n_edited" -eq 0 ] || say "diverged: $edited, or a file before it, is not what was applied; fix: bring it back as it was, and put the change into a new migration; or, if the database has what it says (make drift compares): ${in_kit}scripts/status.sh -u | psql"
	[ $((n_gone + n_ahead + n_order + n_renamed + n_edited)) -ne 0 ] || say "diverged: a migration stopped in the middle, and its file is not here; fix: bring the file back"
	;;
esac
answer "$rc"
