#!/bin/sh
# lint_migrations.sh [DIR] - lint the new migrations of DIR (MIGRATIONS).
#
# New is what was added since the merge base with BASE, else the LATEST newest
# files. Atlas's analysers, squawk, and the order against the base branch go
# into one report on stdout. Needs DEV_URL (an empty database of its own);
# starts one when there is none. Exit 0 clean or warnings, 1 findings that
# fail, 2 could not.
set -eu
. "${0%/*}/lib/common.sh"
. scripts/lib/atlas.sh
. scripts/lib/base.sh

[ $# -le 1 ] || {
	echo 'usage: lint_migrations.sh [directory]' >&2
	exit 2
}
dir=${1:-$MIGRATIONS}
[ -d "$dir" ] || die "no directory '$dir'"
atlas_need
need_tmp
if [ -z "${DEV_URL-}" ] || [ "${DEV_DB}" = url ] && [ $# -eq 0 ]; then
	. scripts/lib/devdb.sh
	devdb_start
	devdb_wait
	devdb_url dev_lint
fi
base_commit
failed=0

# --- which files are new -----------------------------------------------------
# All of them in order, one name a line.
for f in "$dir"/*.sql; do
	[ ! -f "$f" ] || printf '%s\n' "${f##*/}"
done >"$tmp/all"
[ -s "$tmp/all" ] || exit 0

# old: what the base has. Without a base, what is committed: that cannot tell
# what is new, but a file that sorts before it was added out of order.
: >"$tmp/old"
in_git=''
if have git && git rev-parse --verify --quiet HEAD >/dev/null 2>&1; then
	in_git=1
	from=HEAD
	if [ -n "$base_rev" ]; then
		from=$(git merge-base HEAD "$base_rev") || die "BASE: no common ancestor with '$base'"
	fi
	git ls-tree --name-only -z "$from" "$MIGRATIONS/" 2>/dev/null | tr '\0' '\n' |
		sed 's|.*/||' | grep '\.sql$' | sort >"$tmp/old" || :
	# The base branch itself may have moved on since the merge base.
	if [ -n "$base_rev" ]; then
		git ls-tree --name-only -z "$base_rev" "$MIGRATIONS/" | tr '\0' '\n' |
			sed 's|.*/||' | grep '\.sql$' | sort >"$tmp/base" || :
	else
		cp "$tmp/old" "$tmp/base"
	fi
fi
if [ -n "$base_rev" ]; then
	comm -23 "$tmp/all" "$tmp/old" >"$tmp/new"
else
	tail -n "$LATEST" "$tmp/all" >"$tmp/new"
fi

# --- order: nothing may be added before what the base already has -------------
if [ -n "$in_git" ]; then
	newest=$(tail -n 1 "$tmp/base")
	comm -23 "$tmp/all" "$tmp/base" >"$tmp/added"
	while IFS= read -r f; do
		version=${f%%_*}
		top=${newest%%_*}
		[ -n "$newest" ] || break
		lowest=$(printf '%s\n%s\n' "${version%.sql}" "${top%.sql}" | sort | head -n 1)
		if [ "$lowest" = "${version%.sql}" ]; then
			say "$MIGRATIONS/$f: added out of order: ${base:-the last commit} already has $newest, which comes after it"
			say "  mend: make rebase-migrations${base:+ BASE=$base}"
			failed=1
		fi
	done <"$tmp/added"
	# An applied file is history: edited or removed, databases disagree.
	if [ -n "$base_rev" ]; then
		git diff --no-renames --diff-filter=MD --name-status "$from" -- "$MIGRATIONS/*.sql" >"$tmp/touched" || :
		while read -r what f; do
			case $what in
			M*) what=edited ;;
			*) what=removed ;;
			esac
			say "$f: $what, but $base has it, and databases may have applied it; write a new migration instead"
			say "  mend: git checkout $base -- '$f'; make hash-migrations"
			failed=1
		done <"$tmp/touched"
	fi
fi

# --- Atlas's analysers and squawk --------------------------------------------
reports=''
if [ -s "$tmp/new" ]; then
	first=$(head -n 1 "$tmp/new")
	latest=$(awk -v f="$first" '$0 == f { on = 1 } on { n++ } END { print n + 0 }' "$tmp/all")
	rc=0
	run atlas migrate lint --dir "file://$dir" --latest "$latest" --format '{{ json . }}' \
		>"$tmp/lint.json" 2>"$tmp/lint.err" || rc=$?
	if [ -s "$tmp/lint.json" ]; then
		reports="$tmp/lint.json"
	elif [ "$rc" -ne 0 ]; then
		case $(cat "$tmp/lint.err") in
		*'atlas login'* | *'Atlas Pro'*)
			warn 'this Atlas lints only with an account; going on without its analysers'
			;;
		*) die "atlas migrate lint: $(atlas_error "$tmp/lint.err")" ;;
		esac
	fi
fi
if [ -n "$reports" ]; then
	rc=0
	"$bin/atlasjson" -d "$MIGRATIONS" $reports >"$tmp/report" || rc=$?
	# Silence where there is nothing to say.
	IFS= read -r line <"$tmp/report" || line=''
	case $line in
	'no findings'*) ;;
	*) cat "$tmp/report" ;;
	esac
	case $rc in
	0) ;;
	1) failed=1 ;;
	*) exit 2 ;;
	esac
fi
exit "$failed"
