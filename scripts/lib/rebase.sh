# rebase.sh - sourced by rebase_migrations.sh: what there is to put after the base, and
# what speaks against it.
#
#   rebase_base      without LINT_BASE: set base and base_rev to the branch that was
#                    first, or die
#   rebase_files     $tmp/base: the names of the base's migrations; $tmp/here: of those
#                    here; $tmp/ours: of those that the base does not have. Each sorted
#                    by bytes, as all that follows needs them
#   rebase_look      report each reason to refuse these files
#   rebase_template  set template_source: the template, or a copy in which a conflict
#                    on MigrationHash alone is settled; report one on more than that
# A reason to refuse is reported by refuse, which sets refused to 1: so all are seen.
#
# written by both: refused

# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # what is set here, and the knobs

. "$kit/scripts/lib/base.sh"

refused=0
# refuse WHERE WHAT [REMEDY]
refuse() {
	warn "$1: $2"
	[ -z "${3-}" ] || printf '  fix: %s\n' "$3" | fit >&2
	refused=1
}

commit_exists() { git rev-parse --verify --quiet "$1^{commit}" >/dev/null; }

rebase_base() {
	local branch b
	branch=$(git symbolic-ref --quiet --short HEAD) || branch=''
	for b in origin/HEAD origin/main origin/master main master; do
		if [ "$b" != "$branch" ] && commit_exists "$b"; then
			base=$b
			break
		fi
	done
	if commit_exists MERGE_HEAD; then
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
}

rebase_files() {
	local f
	git ls-tree --name-only -z "$base_rev" -- "$MIGRATIONS/" >"$tmp/tree" || exit 2
	tr '\0' '\n' <"$tmp/tree" >"$tmp/tree.lines"
	awk '/[.]sql$/ { sub(/.*\//, ""); print }' "$tmp/tree.lines" >"$tmp/base"
	[ -s "$tmp/base" ] || [ ! -s "$tmp/tree" ] || awk '/[.]sql$/ { exit 1 }' "$tmp/tree.lines" ||
		die "git listed migrations of $base, and awk printed none of them; nothing was written"
	sort -o "$tmp/base" "$tmp/base"
	for f in "$MIGRATIONS"/*.sql "$MIGRATIONS"/.*.sql; do
		[ ! -f "$f" ] || printf '%s\n' "${f##*/}"
	done | sort >"$tmp/here"
	comm -13 "$tmp/base" "$tmp/here" >"$tmp/ours"
}

rebase_look() {
	look_at_lost
	look_at_both
	look_at_ours
	look_at_unmerged
}

# The base's files that are not here.
look_at_lost() {
	local f
	comm -23 "$tmp/base" "$tmp/here" >"$tmp/lost"
	[ -s "$tmp/lost" ] || return 0
	if commit_exists MERGE_HEAD && git merge-base --is-ancestor "$base_rev" MERGE_HEAD ||
		git merge-base --is-ancestor "$base_rev" HEAD; then
		while IFS= read -r f; do
			refuse "$MIGRATIONS/$f" "$base has it, here it is gone" "git checkout $base -- '$MIGRATIONS/$f'"
		done <"$tmp/lost"
	else
		refuse "$MIGRATIONS" "$base has $(sed -n 1p "$tmp/lost"), which is not here: it is not merged yet" "git merge $base, then again: make rebase-migrations${LINT_BASE:+ LINT_BASE=$LINT_BASE}"
	fi
}

look_at_both() {
	local f
	comm -12 "$tmp/base" "$tmp/here" >"$tmp/both"
	while IFS= read -r f; do
		git diff --quiet "$base_rev" -- "$MIGRATIONS/$f" ||
			refuse "$MIGRATIONS/$f" "is not what $base has, and databases may have applied that" "git checkout $base -- '$MIGRATIONS/$f'; a change of it goes into a new migration"
	done <"$tmp/both"
}

look_at_ours() {
	local f line
	while IFS= read -r f; do
		line=$(awk '/^(<<<<<<<|[|][|][|][|][|][|][|]|>>>>>>>) / { print NR; exit }' "$MIGRATIONS/$f")
		[ -z "$line" ] || refuse "$MIGRATIONS/$f:$line" 'a conflict that git left: settle it first'
		case $f in
		[0-9]*) ;;
		*) refuse "$MIGRATIONS/$f" 'its version is no number to count with' 'rename it by hand, YYYYMMDDHHMMSS_name.sql' ;;
		esac
	done <"$tmp/ours"
}

# Conflicts without marks: removed here and changed there, and the like.
look_at_unmerged() {
	local f
	git ls-files --unmerged -z -- "$MIGRATIONS" >"$tmp/unmerged.0" || die "git cannot say what of '$MIGRATIONS' is not merged"
	tr '\0' '\n' <"$tmp/unmerged.0" >"$tmp/unmerged.lines"
	awk -F '\t' '/[.]sql$/ { sub(/.*\//, "", $2); if (!seen[$2]++) print $2 }' "$tmp/unmerged.lines" >"$tmp/unmerged"
	while IFS= read -r f; do
		grep -Fqx -- "$f" "$tmp/ours" || grep -Fqx -- "$f" "$tmp/lost" ||
			refuse "$MIGRATIONS/$f" 'a conflict that git left' "git checkout $base -- '$MIGRATIONS/$f'"
	done <"$tmp/unmerged"
}

# Each hunk is settled to the one and to the other side: when the two differ in
# nothing once MigrationHash is set, it was all the conflict there was.
rebase_template() {
	local hunks line n=0
	template_source=$TEMPLATE
	[ -n "$TEMPLATE" ] || return 0
	hunks=$(awk '/^<<<<<<< / { print NR }' "$TEMPLATE")
	[ -n "$hunks" ] || return 0
	template_source=$tmp/settled
	settle o >"$template_source" || {
		refuse "$TEMPLATE" 'a conflict mark without its end: settle it first'
		return 0
	}
	for line in $hunks; do
		n=$((n + 1))
		settle t "$n" >"$tmp/theirs"
		if ! "$bin/yamlset" -f "$template_source" "$MIGRATION_HASH_POINTER" x >"$tmp/a" 2>/dev/null ||
			! "$bin/yamlset" -f "$tmp/theirs" "$MIGRATION_HASH_POINTER" x >"$tmp/b" 2>/dev/null ||
			! cmp -s "$tmp/a" "$tmp/b"; then
			refuse "$TEMPLATE:$line" 'a conflict about more than MigrationHash: settle it first'
		fi
	done
}

# settle SIDE [N]: print $TEMPLATE with our side everywhere, but in hunk N (or with
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
