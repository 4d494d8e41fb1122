# guest.bash - a repository of somebody's that has the kit in a directory.

# kit_files DIR: what a copy of the kit has, laid out in DIR.
kit_files() {
	local f
	mkdir -p "$1"
	for f in Makefile kit.mk atlas-make.mk mk tools scripts requirements.txt requirements.in lint.levels \
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
