#!/bin/sh
# rebase_migrations.sh - put this branch's migrations after those of LINT_BASE.
#
# For after a merge, pull or rebase, conflicts in atlas.sum and on the
# template's MigrationHash and all. Migrations that LINT_BASE does not have get, in
# their order, versions after its newest where they have none; their content
# and LINT_BASE's files stay as they are. Then atlas.sum and MigrationHash are made
# again, and the check runs. All or nothing; what it cannot understand it
# refuses untouched. Without LINT_BASE: what the CI run compares with; else
# origin's main branch, or while merging what is merged.
# Exit 0 done and in order, 1 done but the check finds something, 2 refused.
USAGE='rebase_migrations.sh (knobs: LINT_BASE)'
set -eu
. "${0%/*}/lib/common.sh"
. "$kit/scripts/lib/rebase.sh"
. "$kit/scripts/lib/stage.sh"
no_options "$@"
need_project
[ -d "$MIGRATIONS" ] || die "MIGRATIONS: no directory '$MIGRATIONS'"
[ -z "$TEMPLATE" ] || [ -r "$TEMPLATE" ] || die "TEMPLATE: cannot read '$TEMPLATE'"
have git || die 'git is not installed'
git rev-parse --verify --quiet HEAD >/dev/null 2>&1 || {
	git_trusts
	die 'no git repository with a commit here'
}
mkdir -p "$cache"
base_commit
[ -n "$base" ] || rebase_base
take_lock
need_tmp
time_limit
rebase_files
rebase_look
rebase_template
[ "$refused" -eq 0 ] || die 'refused; nothing was written'

# --- new versions, in a copy -----------------------------------------------------------
newest=$(newest_of <"$tmp/base")
: >"$tmp/renames"
while IFS= read -r f; do
	version_of "$f"
	was=$version
	if [ -n "$newest" ] && not_after "$version" "$newest"; then
		version=$(next_version "$newest") ||
			die "$MIGRATIONS: the version '$newest' is not a number, so there is no next one; nothing was written"
		printf '%s\t%s\n' "$f" "$version${f#"$was"}" >>"$tmp/renames"
	fi
	newest=$version
done <"$tmp/ours"
# The last file first: then none meets another that is still to be renamed, and
# a kill in between leaves their order as it was.
sed '1!G;h;$!d' "$tmp/renames" >"$tmp/renames.last_first"
rename_in() {
	local old new
	while IFS=$TAB read -r old new; do
		[ ! -e "$1/$new" ] || die "$1/$new: a file of that name is there already"
		mv "$1/$old" "$1/$new" || die "$1/$old: cannot be renamed"
	done <"$tmp/renames.last_first"
}
stage_copy
rename_in "$stage"
stage_hash "$template_source"

# --- into place: a signal now waits ---------------------------------------------------
trap '' INT TERM HUP ALRM
rename_in "$MIGRATIONS"
if [ "$template_source" = "$TEMPLATE" ]; then
	stage_settle "$stage/atlas.sum" || exit 2
else
	"$bin/mhash" -w "$MIGRATIONS" && cmp -s "$stage/atlas.sum" "$MIGRATIONS/atlas.sum" ||
		die "$MIGRATIONS: run this again when it can be written"
	new=$TEMPLATE.new.$$
	if ! cp -p "$TEMPLATE" "$new" || ! cat "$tmp/template" >"$new" || ! mv "$new" "$TEMPLATE"; then
		rm -f "$new"
		die "$TEMPLATE: cannot be written; run this again when it can"
	fi
fi
catch_signals
time_limit_end

say "base: $base"
while IFS=$TAB read -r old new; do say "renamed: $MIGRATIONS/$old -> $new"; done <"$tmp/renames"
[ -s "$tmp/renames" ] || say "nothing to rename: $(wc -l <"$tmp/ours" | tr -d ' ') of ours, after all of the base's"
say "MigrationHash $total"
LINT_BASE=$base
export LINT_BASE
rc=0
run "$kit"/scripts/check_migrations.sh || rc=$?
if [ -n "$(git ls-files --unmerged -- "$MIGRATIONS" ${TEMPLATE:+"$TEMPLATE"})" ]; then
	say "to end the merge: git add -A -- '$MIGRATIONS'${TEMPLATE:+ '$TEMPLATE'}"
fi
answer "$rc"
