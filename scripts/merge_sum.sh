#!/bin/sh
# merge_sum.sh BASE OURS THEIRS PATH - git's merge driver for atlas.sum.
#
# git calls it when both sides changed atlas.sum (make merge-driver sets that
# up). The files of both sides are put together, mhash makes the sum of them,
# and OURS is overwritten with it. Neither side is trusted: the files are taken
# from the commits that the two sums belong to, and each side's must give its
# sum. Where that cannot be had, the usual conflict is left. It does not see
# whether the files follow each other rightly: make rebase-migrations does.
# Exit 0 merged, 1 a conflict is left.
set -eu

[ $# -eq 4 ] || {
	echo 'usage: merge_sum.sh base ours theirs path (called by git)' >&2
	exit 2
}
# git names its files from where it calls us, and that is the top of the tree.
top=$PWD
case $1 in /*) o=$1 ;; *) o=$top/$1 ;; esac
case $2 in /*) a=$2 ;; *) a=$top/$2 ;; esac
case $3 in /*) b=$3 ;; *) b=$top/$3 ;; esac
path=$4
# No knob is needed, and git may call us where make does not work.
export ATLAS_MAKE_KNOBS=1
. "${0%/*}/lib/common.sh"
need_tmp

conflict() {
	warn "$path: $1; left as a conflict: make rebase-migrations settles it"
	git merge-file -q -L ours -L base -L theirs "$a" "$o" "$b" || :
	answer 1
}
names() { awk 'sub(/ h1:[^ ]*$/, "")' "$1" >"$tmp/unsorted" && sort "$tmp/unsorted"; }

# files_of SUM DIR: fill DIR with the migrations that SUM is the sum of. The
# commit: one that git is merging now, else any that has this very sum.
files_of() {
	mkdir "$2"
	blob=$(git hash-object -- "$1") || return 1
	{
		echo HEAD
		env | sed -n 's/^GITHEAD_\([0-9a-f]*\)=.*/\1/p'
		printf '%s\n' MERGE_HEAD CHERRY_PICK_HEAD REBASE_HEAD
		git log --all --format=%H --max-count=20 --find-object="$blob" 2>/dev/null
	} >"$2.commits"
	while IFS= read -r c; do
		[ "$(git rev-parse --verify --quiet "$c:$path")" = "$blob" ] || continue
		names "$1" >"$2.names"
		while IFS= read -r f; do
			git cat-file blob "$c:${path%"${path##*/}"}$f" >"$2/$f" 2>/dev/null || continue 2
		done <"$2.names"
		"$bin/mhash" "$2" >"$2.sum" 2>/dev/null && cmp -s "$2.sum" "$1" && return 0
	done <"$2.commits"
	return 1
}

"$bin/mhash" -V >/dev/null 2>&1 || conflict 'mhash is not built'
files_of "$a" "$tmp/ours" || conflict 'the files of our side are not at hand'
files_of "$b" "$tmp/theirs" || conflict 'the files of the other side are not at hand'

# What either side added, and what neither removed.
names "$o" >"$tmp/o"
names "$a" >"$tmp/a"
names "$b" >"$tmp/b"
mkdir "$tmp/merged"
comm -12 "$tmp/a" "$tmp/b" >"$tmp/kept" && comm -23 "$tmp/a" "$tmp/o" >"$tmp/more" && comm -23 "$tmp/b" "$tmp/o" >>"$tmp/more" &&
	sort -u "$tmp/kept" "$tmp/more" >"$tmp/all" && [ -s "$tmp/all" ] || conflict 'the files of both sides could not be listed'
while IFS= read -r f; do
	if [ -f "$tmp/ours/$f" ] && [ -f "$tmp/theirs/$f" ]; then
		cmp -s "$tmp/ours/$f" "$tmp/theirs/$f" || conflict "$f is not the same on both sides"
	fi
	cp "$tmp/ours/$f" "$tmp/merged/" 2>/dev/null || cp "$tmp/theirs/$f" "$tmp/merged/"
done <"$tmp/all"
"$bin/mhash" "$tmp/merged" >"$tmp/sum" || conflict 'mhash could not hash it'
cat "$tmp/sum" >"$a"
warn "$path: made again from both sides' files; make rebase-migrations puts them in order"
