#!/usr/bin/env bats
# From the first version of the kit that a repository could include, to this one: by
# each way in which it came, and nothing the team did not touch is in conflict.

load helper
load guest

# The kit's repository, once: the first version, then what is here.
setup_file() {
	local first
	first=$(git -C "$TOP" log --diff-filter=A --format=%H -- kit.mk | tail -n 1)
	[ -n "$first" ] || return 0
	export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
	mkdir "$BATS_FILE_TMPDIR/kit"
	git -C "$TOP" archive "$first" | tar -xf - -C "$BATS_FILE_TMPDIR/kit"
	(
		cd "$BATS_FILE_TMPDIR/kit" || exit 1
		git init -q -b main .
		git config user.name kit
		git config user.email kit@example.com
		git add -A && git commit -qm first && git tag first
		git ls-files -z | xargs -0 rm -f
		(cd "$TOP" && git ls-files -co --exclude-standard -z | while IFS= read -r -d '' f; do [ ! -f "$f" ] || printf '%s\0' "$f"; done |
			tar -cf - --null -T -) | tar -xf - -C .
		git add -A && git commit -qm 'this one' && git tag this && git reset -q --hard first
	)
}

setup() {
	scratch
	[ -d "$BATS_FILE_TMPDIR/kit" ] || skip 'the history of the kit is not here'
	repository
	cp -R "$BATS_FILE_TMPDIR/kit" ../kit
	KIT=$(cd ../kit && pwd)
	export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=protocol.file.allow GIT_CONFIG_VALUE_0=always
	mkdir db
	echo 'CREATE TABLE users (id bigint PRIMARY KEY);' >db/schema.sql
	printf '%s\n' 'SCHEMA = db/schema.sql' 'MIGRATIONS = db/migrations' 'TEMPLATE =' >atlas-make.mk
	echo 'include tools/atlas-make/kit.mk' >Makefile
	commit first
}
newer() { git -C "$KIT" reset -q --hard this; }
# What git checked out is no newer than what was built of it here.
older() { find tools/atlas-make -name .git -prune -o -type f -exec touch -t 202001010000 {} +; }
# is_new: the kit's directory is this version, byte for byte; nothing is in conflict;
# nothing else changed; and the verbs do their work.
is_new() {
	(cd "$KIT" && git ls-files) | while IFS= read -r f; do cmp -s "$KIT/$f" "tools/atlas-make/$f" || echo "$f"; done >../differ
	(cd tools/atlas-make && find . -name .git -prune -o -type f -print | sed 's#^\./##') | LC_ALL=C sort >../there
	(cd "$KIT" && git ls-files) | LC_ALL=C sort >../wanted
	[ ! -s ../differ ] || { cat ../differ; return 1; }
	same ../wanted ../there || return 1
	[ -z "$(git diff --name-only --diff-filter=U)" ] || return 1
	[ -z "$(git diff --name-only first HEAD -- Makefile atlas-make.mk db)" ] || return 1
	older
	make -s create-migrations NAME=first >../out || { cat ../out; return 1; }
	make -s check-migrations >../out || { cat ../out; return 1; }
	[ "$(tail -n 1 ../out)" = 'migrations: check passed' ]
}
# newest: from then on it is a verb; there is nothing newer.
newest() {
	commit new
	check 0 -o "the kit is at $(cat "$TOP/VERSION"), and there is no newer one" -p "taking the kit's next version, a $1 at tools/atlas-make" -- \
		make -s update-kit FROM="$2"
}
# next: the kit's next version, by the verb.
next() {
	(cd "$KIT" && echo 0.9.9 >VERSION && sed 's/^## .*/## 0.9.9\n\n- A thing.\n\n&/;t' CHANGELOG.md | awk '/^## 0.9.9/ && n++ { skip = 4 } skip-- > 0 { next } 1' >c &&
		mv c CHANGELOG.md && git rm -q requirements.in && git add -A && git commit -qm next)
	make -s update-kit FROM="$1" >../out 2>../err || { cat ../out ../err; return 1; }
	[ "$(head -n 1 ../out)" = "the kit: $(cat "$TOP/VERSION"), now 0.9.9" ] || { cat ../out; return 1; }
	grep -qx -- '- A thing.' ../out
	run ! grep -q '^## 0\.[012]\.' ../out
	[ "$(cat tools/atlas-make/VERSION)" = 0.9.9 ] && [ ! -e tools/atlas-make/requirements.in ]
}

@test "a subtree" {
	git subtree 2>&1 | grep -q 'usage: git subtree' || skip 'git subtree is not installed'
	git tag first
	git subtree add -q --squash --prefix tools/atlas-make "$KIT" main >/dev/null 2>&1
	newer
	git subtree pull -q --squash --prefix tools/atlas-make "$KIT" main -m 'the kit, anew' >/dev/null 2>&1
	is_new
	newest subtree "$KIT"
	check 2 -p 'the kit came as a subtree, which does not say from which repository; fix: make update-kit FROM=address' -- make -s update-kit
	# What the team wrote into it stays.
	echo '# ours' >>tools/atlas-make/lint.levels
	check 2 -p '^update_kit.sh: tools/atlas-make has changes that are not committed' -- make -s update-kit FROM="$KIT"
	commit ours
	next "$KIT"
	grep -qx '# ours' tools/atlas-make/lint.levels
	[ -z "$(git status --porcelain)" ]
}

@test "a submodule" {
	git tag first
	git submodule --quiet add -b main "$KIT" tools/atlas-make
	commit 'the kit'
	newer
	git submodule --quiet update --remote tools/atlas-make
	is_new
	newest submodule ''
	next ''
	[ "$(git status --porcelain)" = ' M tools/atlas-make' ]
	git add -A && git commit -qm next
	# A version by its name.
	make -s update-kit FROM="#this" >../out 2>&1 || { cat ../out; false; }
	[ "$(cat tools/atlas-make/VERSION)" = "$(cat "$TOP/VERSION")" ]
}

@test "a copy" {
	git tag first
	git clone -q "$KIT" tools/atlas-make && rm -rf tools/atlas-make/.git
	commit 'the kit'
	newer
	rm -rf tools/atlas-make && git clone -q "$KIT" tools/atlas-make && rm -rf tools/atlas-make/.git
	is_new
	newest copy "$KIT"
	next "$KIT"
	grep -Fq 'git diff -- tools/atlas-make' ../out
	git add -A && git commit -qm next
	check 2 -p "^update_kit.sh: .*/nowhere: cannot be cloned at main" -- make -s update-kit FROM="$PWD/nowhere"
	check 2 -p "this is not the kit: it has no kit.mk at main" -- make -s update-kit FROM="$PWD/.git"
	[ -z "$(git status --porcelain)" ]
}

@test "a clone of the template, with models of its own: no conflict where the team wrote nothing" {
	git clone -q "$KIT" ../own
	cd ../own
	git config user.name t
	git config user.email t@example.com
	git rm -qr src/db/migrations
	mkdir -p src/db/migrations
	echo 'CREATE TABLE ours (id int);' >src/db/migrations/20240101000000_ours.sql
	mhash -w src/db/migrations
	printf 'from sqlalchemy import MetaData\nours = MetaData()\n' >src/db/models.py
	edit atlas-make.mk '/^EXAMPLE/d'
	git add -A && git commit -qm ours
	newer
	git pull -q --no-rebase --no-edit >../out 2>&1 || :
	git diff --name-only --diff-filter=U >../conflicts
	run ! grep -Ev '^(atlas-make.mk|cloud-formation.yaml|src/db/.*)$' ../conflicts
	# All others are the new ones.
	git -C "$KIT" ls-tree -r --name-only this | grep -Ev '^(atlas-make.mk|cloud-formation.yaml|src/db/.*)$' >../others
	while IFS= read -r f; do cmp "$KIT/$f" "$f" || exit 1; done <../others
	check 2 -p 'here the kit is the project' -- scripts/update_kit.sh
}
