#!/bin/sh
# new_files.sh OUT DIR - which of DIR's migrations are new, and what is wrong with
# them that no database is needed for.
#
# New is what was added since the merge base with LINT_BASE, else the LINT_LATEST newest.
# out:  OUT/new and OUT/old, the names; OUT/files.json, findings for atlasjson:
#       order, edited and removed files, a layout that is not Atlas's; OUT/blind, where
#       git did not answer
# exit: 0 looked, 2 could not
set -eu
. "${0%/*}/../lib/common.sh"
. "$kit/scripts/lib/base.sh"
. "$kit/scripts/lib/layout.sh"

[ $# -eq 2 ] || {
	echo 'usage: new_files.sh out directory' >&2
	exit 2
}
out=$1 dir=$2 tmp=$1 tmp_given=1
case $LINT_LATEST in
'' | *[!0-9]*) die "LINT_LATEST=$LINT_LATEST: not a number of files" ;;
esac

# To look at the layout is to read all files: in the background.
(layout_of "$dir" && echo "$layout") >"$out/layout" &
looks=$! others=''
n=0
for f in "$dir"/.*.sql "$dir"/*.sql; do
	[ -f "$f" ] || continue
	printf '%s\n' "${f##*/}"
	n=$((n + 1))
done >"$out/all"
sort -o "$out/all" "$out/all"
[ "$(wc -l <"$out/all")" -eq "$n" ] || die "sort lost some of the names in '$dir'"

base_commit
# in_base COMMIT: print the migrations of that commit. git quotes a name that holds a
# quote or a control character; such a file is taken for new.
in_base() { git -c core.quotePath=false ls-tree --name-only "$1" -- "$MIGRATIONS/"; }
# content_differs: of git's lines leave out those of files whose content is that of $from:
# a file that is a link by now, or that git's index has lost, is here all the same.
content_differs() {
	local how f
	while read -r how f; do
		f=$MIGRATIONS/${f##*/}
		if [ "$how" != M ] && [ -f "$f" ]; then
			[ "$(git hash-object -- "$f" || echo none)" != "$(git rev-parse -q --verify "$from:./$f")" ] || continue
			how=M
		fi
		printf '%s\t%s\n' "$how" "$f"
	done
}
base_list='' old='' touched=''
if [ -n "$base_rev" ]; then
	from=$(git merge-base HEAD "$base_rev") ||
		die "LINT_BASE: no common ancestor with '$base': fetch more of the history (in CI a full clone, fetch-depth: 0)"
	base_list=$out/base old=$out/base touched=$out/touched
	in_base "$base_rev" >"$base_list" || die "git cannot list '$MIGRATIONS' of '$base'"
	if [ "$from" != "$base_rev" ]; then
		old=$out/merged
		in_base "$from" >"$old" || die "git cannot list '$MIGRATIONS' of $from"
	fi
	git -c core.quotePath=false -c core.fileMode=false diff --no-renames --no-ext-diff --diff-filter=MDT --name-status \
		"$from" -- "$MIGRATIONS" >"$out/differ" || die "git cannot compare '$MIGRATIONS' with $from"
	content_differs <"$out/differ" >"$touched"
elif have git; then
	# Without a base branch the last commit is all there is to compare with.
	if in_base HEAD >"$out/base" 2>"$out/git.err"; then
		base_list=$out/base
	else
		case $(cat "$out/git.err") in
		*'not a git repository'* | *'Not a valid object name'*) ;;
		*)
			warn "the order of versions was not looked at: git: $(head -n 1 "$out/git.err")"
			: >"$out/blind"
			;;
		esac
	fi
fi
awk -f "$kit"/scripts/lib/finding.awk -f "$kit"/scripts/lib/lint_files.awk -v dir="$MIGRATIONS" -v all="$out/all" \
	-v base="$base_list" -v old="$old" -v touched="$touched" -v latest="$LINT_LATEST" \
	-v basename="$base" -v new="$out/new" -v before="$out/old" >"$out/files.json" ||
	die 'awk failed, so which files are new is not known'
[ -s "$out/files.json" ] || die 'awk printed nothing, so which files are new is not known'
wait "$looks" && IFS= read -r others <"$out/layout" || die "whose migrations '$dir' has could not be found out"
[ -z "$others" ] ||
	printf 'layout\t%s\t%s\t%s\n' "$MIGRATIONS" \
		"these migrations are laid out for $others, and Atlas does not run them as $others does" \
		"import them into another directory: make import-migrations FROM='$MIGRATIONS' MIGRATIONS=..." |
	awk -f "$kit"/scripts/lib/finding.awk -f "$kit"/scripts/lib/check_findings.awk >>"$out/files.json"
