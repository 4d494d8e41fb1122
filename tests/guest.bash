# guest.bash - a repository of somebody's that has the kit in a directory.

# kit_files DIR: what a copy of the kit has, laid out in DIR.
kit_files() {
	local f
	mkdir -p "$1"
	for f in Makefile kit.mk atlas-make.mk cloud-formation.yaml atlas.hcl .squawk.toml mk tools scripts requirements.txt requirements.in lint.levels \
		.github .gitlab .pre-commit-config.yaml .gitattributes .gitignore VERSION CHANGELOG.md; do
		[ ! -e "$TOP/$f" ] || cp -Rp "$TOP/$f" "$1/"
	done
	mkdir -p "$1/src" "$1/atlas_layer"
	cp -Rp "$TOP/src/migration_lambda" "$TOP/src/db" "$1/src/"
	[ -z "${TEST_SH-}" ] || sed -i "1s|^#!/bin/sh\$|#!$TEST_SH|" "$1"/scripts/*.sh "$1"/scripts/s*/*.sh
}

# repository: an empty one in "./a repo", which becomes the working directory.
repository() {
	export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
	mkdir "$BATS_TEST_TMPDIR/a repo"
	cd "$BATS_TEST_TMPDIR/a repo" || return 1
	git init -q -b main .
	git config user.name test
	git config user.email test@example.com
	installed "$PWD"
	echo '*' >.cache/.gitignore
}
commit() { git add -A && git commit -qm "${1-more}"; }

# What adopting takes, counted. begin: from here, what git would take is somebody's
# own; cmd COMMAND...: one command of theirs. What differs between the end of one and
# the start of the next was changed by hand. counted COMMANDS FILES: so many, no more.
tree() { (export GIT_INDEX_FILE=$BATS_TEST_TMPDIR/index && rm -f "$GIT_INDEX_FILE" && git add -A && git write-tree) 2>/dev/null; }
begin() {
	: >"$BATS_TEST_TMPDIR/commands"
	: >"$BATS_TEST_TMPDIR/by.hand"
	tree >"$BATS_TEST_TMPDIR/tree"
}
hands() { git diff --name-only "$(cat "$BATS_TEST_TMPDIR/tree")" "$(tree)" >>"$BATS_TEST_TMPDIR/by.hand"; }
cmd() {
	hands || return 1
	printf '%s\n' "$*" >>"$BATS_TEST_TMPDIR/commands"
	"$@" || return
	tree >"$BATS_TEST_TMPDIR/tree"
}
counted() {
	hands
	[ "$(wc -l <"$BATS_TEST_TMPDIR/commands") $(sort -u "$BATS_TEST_TMPDIR/by.hand" | grep -c .)" = "$1 $2" ] || {
		echo "wanted $1 commands, $2 files by hand; there were"
		cat "$BATS_TEST_TMPDIR/commands" "$BATS_TEST_TMPDIR/by.hand"
		return 1
	}
}
