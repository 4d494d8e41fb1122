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
set -eu
. "${0%/*}/lib/common.sh"
. "$kit/scripts/lib/base.sh"

[ $# -eq 0 ] || {
	echo 'usage: rebase_migrations.sh (knobs: LINT_BASE=...)' >&2
	exit 2
}
need_project
[ -d "$MIGRATIONS" ] || die "MIGRATIONS: no directory '$MIGRATIONS'"
[ -r "$TEMPLATE" ] || die "TEMPLATE: cannot read '$TEMPLATE'"
have git || die 'git is not installed'
git rev-parse --verify --quiet HEAD >/dev/null 2>&1 || {
	git_trusts
	die 'no git repository with a commit here'
}
mkdir -p "$cache"
. "$kit/scripts/lib/stage.sh"

# --- which base ----------------------------------------------------------------
exists() { git rev-parse --verify --quiet "$1^{commit}" >/dev/null; }

base_commit
if [ -z "$base" ]; then
	branch=$(git symbolic-ref --quiet --short HEAD) || branch=''
	for b in origin/HEAD origin/main origin/master main master; do
		if [ "$b" != "$branch" ] && exists "$b"; then
			base=$b
			break
		fi
	done
	if exists MERGE_HEAD; then
		# What is merged is the base, when it is that branch gone further. On
		# the main branch of a repository without origin it is the other way
		# round: there the branch's files give way.
		case $base,$branch in
		,main | ,master) base=HEAD ;;
		,*) base=MERGE_HEAD ;;
		*)
			if git merge-base --is-ancestor "$base" MERGE_HEAD && ! git merge-base --is-ancestor MERGE_HEAD "$base"; then
				base=MERGE_HEAD
			fi
			;;
		esac
	fi
	[ -n "$base" ] || die 'LINT_BASE: which branch was first? make rebase-migrations LINT_BASE=origin/main'
	base_rev=$(git rev-parse --verify --quiet "$base^{commit}")
fi

take_lock
need_tmp
time_limit

# --- what is there ---------------------------------------------------------------
# Names only, sorted by bytes: ours are the base's complement.
git ls-tree --name-only -z "$base_rev" -- "$MIGRATIONS/" >"$tmp/tree" || exit 2
tr '\0' '\n' <"$tmp/tree" >"$tmp/tree.lines"
awk '/[.]sql$/ { sub(/.*\//, ""); print }' "$tmp/tree.lines" >"$tmp/base"
[ -s "$tmp/base" ] || [ ! -s "$tmp/tree" ] || awk '/[.]sql$/ { exit 1 }' "$tmp/tree.lines" || die "the files of $base could not be told"
sort -o "$tmp/base" "$tmp/base"
for f in "$MIGRATIONS"/*.sql "$MIGRATIONS"/.*.sql; do
	[ ! -f "$f" ] || printf '%s\n' "${f##*/}"
done | sort >"$tmp/here"
comm -13 "$tmp/base" "$tmp/here" >"$tmp/ours"

refused=0
# no WHERE WHAT [REMEDY]: a reason to refuse; all of them are reported.
no() {
	warn "$1: $2"
	[ -z "${3-}" ] || printf '  fix: %s\n' "$3" | fit >&2
	refused=1
}

comm -23 "$tmp/base" "$tmp/here" >"$tmp/lost"
if [ -s "$tmp/lost" ]; then
	if exists MERGE_HEAD && git merge-base --is-ancestor "$base_rev" MERGE_HEAD ||
		git merge-base --is-ancestor "$base_rev" HEAD; then
		while IFS= read -r f; do
			no "$MIGRATIONS/$f" "$base has it, here it is gone" "git checkout $base -- '$MIGRATIONS/$f'"
		done <"$tmp/lost"
	else
		no "$MIGRATIONS" "$base has $(sed -n 1p "$tmp/lost"), which is not here: it is not merged yet" "git merge $base, then again: make rebase-migrations${LINT_BASE:+ LINT_BASE=$LINT_BASE}"
	fi
fi
comm -12 "$tmp/base" "$tmp/here" >"$tmp/both"
while IFS= read -r f; do
	git diff --quiet "$base_rev" -- "$MIGRATIONS/$f" ||
		no "$MIGRATIONS/$f" "is not what $base has, and databases may have applied that" "git checkout $base -- '$MIGRATIONS/$f'; a change of it goes into a new migration"
done <"$tmp/both"
while IFS= read -r f; do
	line=$(awk '/^(<<<<<<<|[|][|][|][|][|][|][|]|>>>>>>>) / { print NR; exit }' "$MIGRATIONS/$f")
	[ -z "$line" ] || no "$MIGRATIONS/$f:$line" 'a conflict that git left: settle it first'
	case $f in
	[0-9]*) ;;
	*) no "$MIGRATIONS/$f" 'its version is no number to count with' 'rename it by hand, YYYYMMDDHHMMSS_name.sql' ;;
	esac
done <"$tmp/ours"
# Conflicts without marks: removed here and changed there, and the like.
git ls-files --unmerged -z -- "$MIGRATIONS" >"$tmp/unmerged.0" || die "git cannot say what of '$MIGRATIONS' is not merged"
tr '\0' '\n' <"$tmp/unmerged.0" >"$tmp/unmerged.lines"
awk -F '\t' '/[.]sql$/ { sub(/.*\//, "", $2); if (!seen[$2]++) print $2 }' "$tmp/unmerged.lines" >"$tmp/unmerged"
while IFS= read -r f; do
	grep -Fqx -- "$f" "$tmp/ours" || grep -Fqx -- "$f" "$tmp/lost" ||
		no "$MIGRATIONS/$f" 'a conflict that git left' "git checkout $base -- '$MIGRATIONS/$f'"
done <"$tmp/unmerged"

# --- the template: a conflict on MigrationHash alone is none -------------------------
# Each hunk is settled to the one and to the other side: when the two differ in
# nothing once MigrationHash is set, it was all the conflict there was.
# settle SIDE [N]: $TEMPLATE with our side everywhere, but in hunk N (or with
# N empty everywhere) SIDE (o or t).
settle() {
	awk -v side="$1" -v only="${2-}" '
		/^<<<<<<< / && in_ == "" { in_ = "o"; n++; next }
		/^\|\|\|\|\|\|\| / && in_ == "o" { in_ = "b"; next }
		/^=======\r?$/ && (in_ == "o" || in_ == "b") { in_ = "t"; next }
		/^>>>>>>> / && in_ == "t" { in_ = ""; next }
		in_ == "" || in_ == (only == "" || only == n ? side : "o")
		END { if (in_ != "") exit 1 }' "$TEMPLATE"
}
source=$TEMPLATE
hunks=$(awk '/^<<<<<<< / { print NR }' "$TEMPLATE")
if [ -n "$hunks" ]; then
	source=$tmp/settled
	settle o >"$source" || {
		no "$TEMPLATE" 'a conflict mark without its end: settle it first'
		hunks=''
	}
	n=0
	for line in $hunks; do
		n=$((n + 1))
		settle t "$n" >"$tmp/theirs"
		if ! "$bin/yamlset" -f "$source" "$MIGRATION_HASH_POINTER" x >"$tmp/a" 2>/dev/null ||
			! "$bin/yamlset" -f "$tmp/theirs" "$MIGRATION_HASH_POINTER" x >"$tmp/b" 2>/dev/null ||
			! cmp -s "$tmp/a" "$tmp/b"; then
			no "$TEMPLATE:$line" 'a conflict about more than MigrationHash: settle it first'
		fi
	done
fi
[ "$refused" -eq 0 ] || die 'refused; nothing was written'

# --- new versions, in a copy -----------------------------------------------------------
newest=$(newest_of <"$tmp/base")
: >"$tmp/renames"
while IFS= read -r f; do
	version_of "$f"
	was=$version
	if [ -n "$newest" ] && not_after "$version" "$newest"; then
		version=$(next_version "$newest") ||
			die "$MIGRATIONS: the version '$newest' is no number to count on from; nothing was written"
		printf '%s\t%s\n' "$f" "$version${f#"$was"}" >>"$tmp/renames"
	fi
	newest=$version
done <"$tmp/ours"
# The last file first: then none meets another that is still to be renamed, and
# a kill in between leaves their order as it was.
sed '1!G;h;$!d' "$tmp/renames" >"$tmp/renames.last_first"
rename_in() {
	while IFS=$TAB read -r old new; do
		[ ! -e "$1/$new" ] || die "$1/$new: is in the way"
		mv "$1/$old" "$1/$new" || die "$1/$old: cannot be renamed"
	done <"$tmp/renames.last_first"
}
stage_copy
rename_in "$stage"
stage_hash "$source"

# --- into place: a signal now waits ---------------------------------------------------
trap '' INT TERM HUP ALRM
rename_in "$MIGRATIONS"
if [ "$source" = "$TEMPLATE" ]; then
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
if [ -n "$(git ls-files --unmerged -- "$MIGRATIONS" "$TEMPLATE")" ]; then
	say "tell git that the conflict is settled: git add -A -- '$MIGRATIONS' '$TEMPLATE'"
fi
answer "$rc"
