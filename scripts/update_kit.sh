#!/bin/sh
# update_kit.sh - take the kit's next version, by the way the kit came here.
#
# A submodule moves to its branch's newest commit, a subtree pulls, a copy is replaced.
# FROM is the kit's repository, an address or a directory, with #BRANCH or #TAG for
# another than main; a submodule knows its own. Only the kit's directory changes;
# nothing is done where it has changes that are not committed. Exit 0 done, or nothing
# newer there; 2 could not.
USAGE='update_kit.sh (knobs: FROM)'
set -eu
. "${0%/*}/lib/common.sh"
no_options "$@"
have git || die 'git is not installed; fix: install git'
[ "$kit" != . ] || die 'here the kit is the project: the next version of a template comes by git pull, from where it was cloned (docs/existing-repository.md)'
prefix=$(git -C "$kit" rev-parse --show-prefix 2>/dev/null) || {
	git_trusts
	die "no git repository at $PWD"
}
prefix=${prefix%/}
top=$(git rev-parse --show-toplevel)
from=${FROM%%#*} ref=main
case ${FROM-} in *#?*) ref=${FROM#*#} ;; esac
need_tmp

# changed ARG...: what git says is not committed in the kit's directory, in $tmp/changed;
# a git that cannot say it has not said that there is nothing.
changed() {
	git status --porcelain "$@" -- "$kit" >"$tmp/changed" || die "git cannot say what is not committed in $kit"
}
# version: what VERSION says; the first one had none.
version() {
	version='0.1.0'
	[ ! -f "$kit/VERSION" ] || IFS= read -r version <"$kit/VERSION" || :
}
need_from() { [ -n "$from" ] || die "the kit came as a $way, which does not say from which repository; fix: make update-kit FROM=address"; }

# as_submodule, as_subtree, as_copy: the kit's directory becomes the new one.
as_submodule() {
	if [ -n "$from$asked" ]; then
		run git -C "$kit" fetch -q "${from:-origin}" "$ref" && run git -C "$kit" checkout -q --detach FETCH_HEAD
	else
		run git submodule --quiet update --init --remote -- "$kit"
	fi || die "$kit: the submodule could not be moved"
}
as_subtree() {
	need_from
	git subtree 2>&1 | grep -q 'usage: git subtree' || die 'git subtree is not installed; fix: install it (package git-subtree, or git)'
	(cd "$top" && run git subtree pull -q --squash --prefix "$prefix" -m "the kit, anew" "$from" "$ref") >"$tmp/pull" 2>&1 || {
		cat "$tmp/pull" >&2
		die "git subtree pull did not end well: git status says what is left to do; to undo it: git merge --abort"
	}
}
as_copy() {
	need_from
	run git clone -q --depth 1 -b "$ref" -- "$from" "$tmp/clone" 2>"$tmp/clone.err" || {
		cat "$tmp/clone.err" >&2
		die "$from: cannot be cloned at $ref"
	}
	[ -f "$tmp/clone/kit.mk" ] || die "$from: this is not the kit: it has no kit.mk at $ref"
	mkdir "$tmp/new"
	git -C "$tmp/clone" archive HEAD >"$tmp/new.tar" && tar -xf "$tmp/new.tar" -C "$tmp/new" || die "$from: cannot be read"
	# What the new one has no more goes; what git does not know stays.
	git ls-files -- "$kit" >"$tmp/files"
	while IFS= read -r f; do
		[ -e "$tmp/new/${f#"$kit"/}" ] || rm -f "$f"
	done <"$tmp/files"
	cp -R "$tmp/new/." "$kit/" || die "cannot write $kit"
}

# All of it is read before anything changes: this file does, too.
main() {
	asked='' way=copy
	case ${FROM-} in *#?*) asked=1 ;; esac
	if [ -f "$kit/.git" ]; then
		way=submodule
	else
		git rev-parse -q --verify HEAD >/dev/null || die 'nothing is committed here yet; fix: commit'
		as=$(git log -1 --format=%h --grep="^git-subtree-dir: $prefix/*\$") || die 'git cannot read its log'
		[ -z "$as" ] || way=subtree
	fi
	changed --ignore-submodules=none
	[ ! -s "$tmp/changed" ] ||
		die "$kit has changes that are not committed (git status); fix: commit or undo them"
	before=$(git rev-parse -q --verify HEAD) || die 'nothing is committed here yet; fix: commit'
	version
	was=$version
	step_long "taking the kit's next version, a $way at $kit"
	"as_$way"
	version
	case $way in
	subtree)
		now=$(git rev-parse -q --verify HEAD) || die 'git cannot say which commit this is'
		[ "$now" = "$before" ] || echo committed >"$tmp/changed"
		;;
	*) changed ;;
	esac
	if [ ! -s "$tmp/changed" ]; then
		say "the kit is at $version, and there is no newer one"
		exit 0
	fi
	say "the kit: $was, now $version"
	[ ! -f "$kit/CHANGELOG.md" ] || [ "$was" = "$version" ] ||
		awk -v was="## $was" '$0 == was { exit } /^## / { on = 1 } on' "$kit/CHANGELOG.md"
	case $way in
	subtree) say "it is committed; then: make check-migrations" ;;
	copy) say "what you had changed in there is not in it: git diff -- $kit; then: make check-migrations, git add $kit, git commit" ;;
	*) say "then: make check-migrations, git add $kit, git commit" ;;
	esac
	exit 0
}
main
