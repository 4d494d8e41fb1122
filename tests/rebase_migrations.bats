#!/usr/bin/env bats
# rebase-migrations, new-migration and the merge driver, on real merges.

load helper

setup() {
	scratch
	project git
	M=src/db/migrations
	T=cloud-formation.yaml
	# What lint thinks of tables made for a test is no news here.
	printf '%s\n' no-primary-key=off update-all=off >>lint.levels
	git commit -qam levels
}

# names: the migrations, one a line.
names() { (cd "$M" && ls -- *.sql); }
# added: those that main's first commit does not have, in order, by name.
added() { names | sed -n '3,$s/^[0-9]*_\(.*\)\.sql$/\1/p'; }

# add VERSION_NAME [SQL]: commit a migration on this branch.
add() {
	printf '%s\n' "${2-CREATE TABLE ${1#*_} (id int);}" >"$M/$1.sql"
	scripts/hash_migrations.sh >/dev/null
	git add -A
	git commit -qm "$1"
}
# two_sides: main gets the arguments before --, work the others; then they are
# merged into work, which conflicts.
two_sides() {
	git checkout -qb work
	git checkout -q main
	while [ "$1" != -- ]; do add "$1"; shift; done
	shift
	git checkout -q work
	for f; do add "$f"; done
	git merge -q main >/dev/null 2>&1 && return 1
	return 0
}
# wanted TABLE...: the schema is the example's and these tables.
wanted() {
	cat $M/*.sql >../schema.sql
	printf 'CREATE TABLE %s (id int);\n' "$@" >>../schema.sql
	export ATLAS_MAKE_SCHEMA=../schema.sql ATLAS_MAKE_SCHEMA_DEPS=../schema.sql
}

@test "two branches, one migration each: linear, both there, check passes" {
	wanted theirs ours
	two_sides 20261120000000_theirs -- 20261118000000_ours
	grep -q '^<<<<<<<' $M/atlas.sum
	grep -q '^<<<<<<<' $T
	make -s rebase-migrations LINT_BASE=main >../text
	[ "$(added)" = "theirs
ours" ]
	total=$(head -n 1 $M/atlas.sum)
	cat >../want <<-END
		base: main
		renamed: $M/20261118000000_ours.sql -> 20261120000001_ours.sql
		MigrationHash $total
		migrations: check passed
		to end the merge: git add -A -- '$M' '$T'
	END
	same ../want ../text
	[ "$(cat $M/20261120000001_ours.sql)" = 'CREATE TABLE ours (id int);' ]
	run ! grep -q '^[<=>]\{7\}' $T $M/atlas.sum
	git add -A -- $M $T
	git commit -qm merged
	# The merge changed one line of the template, and nothing of main's files.
	[ "$(git diff --numstat main -- $T)" = "1${TAB}1${TAB}$T" ]
	[ "$(git diff --name-status main -- $M | sort)" = "A${TAB}$M/20261120000001_ours.sql
M${TAB}$M/atlas.sum" ]
	# Theirs is not new any more: the check looks once again.
	check 0 -o 'migrations: check passed' -- make -s check-migrations LINT_BASE=main
	check 0 -o 'migrations: nothing changed since the last successful check' -- make -s check-migrations LINT_BASE=main
	nothing_left
}

@test "three files on each side, interleaved: ours follow, in their order" {
	wanted a b c x y z
	two_sides 20261120000001_a 20261120000003_b 20261120000005_c -- \
		20261120000002_x 20261120000003_y 20261120000006_z
	scripts/rebase_migrations.sh >../text
	[ "$(names | tail -n 6)" = "20261120000001_a.sql
20261120000003_b.sql
20261120000005_c.sql
20261120000006_x.sql
20261120000007_y.sql
20261120000008_z.sql" ]
	[ "$(grep -c '^renamed: ' ../text)" -eq 3 ]
	grep -Fqx 'base: main' ../text
	grep -Fqx 'migrations: check passed' ../text
	# Again: nothing to do.
	git add -A
	git commit -qm merged
	state >../before
	scripts/rebase_migrations.sh >../text
	grep -Fqx 'nothing to rename: 3 of ours, after all of the base'"'"'s' ../text
	state >../after
	same ../before ../after
}

@test "a project without a template: linear, and no word of one" {
	wanted theirs ours
	export ATLAS_MAKE_TEMPLATE=''
	two_sides 20261120000000_theirs -- 20261118000000_ours
	git checkout -q main -- "$T"
	scripts/rebase_migrations.sh >../text
	cat >../want <<-END
		base: main
		renamed: $M/20261118000000_ours.sql -> 20261120000001_ours.sql
		MigrationHash $(head -n 1 $M/atlas.sum)
		migrations: check passed
		to end the merge: git add -A -- '$M'
	END
	same ../want ../text
}

@test "CONCURRENTLY files keep their place and their directive" {
	wanted theirs ours
	echo 'CREATE INDEX i ON ours (id);' >>../schema.sql
	git checkout -qb work
	git checkout -q main
	add 20261120000000_theirs
	git checkout -q work
	add 20261118000000_ours
	add 20261118000001_ours "-- atlas:txmode none

CREATE INDEX CONCURRENTLY i ON ours (id);"
	cp $M/20261118000001_ours.sql ../want
	run ! git merge -q main >/dev/null 2>&1
	scripts/rebase_migrations.sh >../text
	[ "$(names | tail -n 3)" = "20261120000000_theirs.sql
20261120000001_ours.sql
20261120000002_ours.sql" ]
	same ../want $M/20261120000002_ours.sql
	grep -Fqx 'migrations: check passed' ../text
}

@test "the same after git rebase, and with our files not yet committed" {
	wanted theirs ours more
	git checkout -qb work
	git checkout -q main
	add 20261120000000_theirs
	git checkout -q work
	add 20261118000000_ours
	run ! git rebase -q main >/dev/null 2>&1
	echo 'CREATE TABLE more (id int);' >$M/20261119000000_more.sql
	scripts/rebase_migrations.sh >../text
	[ "$(names | tail -n 3)" = "20261120000000_theirs.sql
20261120000001_ours.sql
20261120000002_more.sql" ]
	git add -A
	GIT_EDITOR=true git rebase --continue >/dev/null 2>&1
	[ -z "$(git status --porcelain)" ]
}

@test "which base: origin's, the merged one when newer, on main the other way round" {
	wanted theirs ours
	git checkout -qb work
	git checkout -q main
	add 20261120000000_theirs
	git checkout -q work
	add 20261118000000_ours
	git checkout -q main
	# On main, without a remote: the branch's file gives way.
	run ! git merge -q work >/dev/null 2>&1
	scripts/rebase_migrations.sh >../text
	grep -Fqx 'base: HEAD' ../text
	grep -Fq 'renamed: src/db/migrations/20261118000000_ours.sql' ../text
	git reset -q --hard
	git clean -qfd $M
	# On work, with an origin whose main lags behind.
	git checkout -q work
	git update-ref refs/remotes/origin/main main~1
	run ! git merge -q main >/dev/null 2>&1
	scripts/rebase_migrations.sh >../text 
	grep -Fqx 'base: MERGE_HEAD' ../text
	grep -Fq 'renamed: src/db/migrations/20261118000000_ours.sql' ../text
	git reset -q --hard
	git clean -qfd $M
	git branch -qm main other
	git update-ref -d refs/remotes/origin/main
	check 2 -e 'rebase_migrations.sh: LINT_BASE: which branch was first? make rebase-migrations LINT_BASE=origin/main' \
		-- scripts/rebase_migrations.sh
	check 2 -e "rebase_migrations.sh: LINT_BASE: git knows no 'nope' here: fetch it first (git fetch origin; in CI a full clone, fetch-depth: 0)" \
		-- env ATLAS_MAKE_LINT_BASE=nope scripts/rebase_migrations.sh
}

@test "a conflict in the template about more than MigrationHash: refused, untouched" {
	git checkout -qb work
	git checkout -q main
	sed 's/^Description:.*/Description: theirs/' $T >t && mv t $T
	add 20261120000000_theirs
	git checkout -q work
	sed 's/^Description:.*/Description: ours/' $T >t && mv t $T
	add 20261118000000_ours
	run ! git merge -q main >/dev/null 2>&1
	state >../before
	line=$(grep -n '^<<<<<<< ' $T | sed 's/:.*//; 1q')
	check 2 -e "rebase_migrations.sh: $T:$line: a conflict about more than MigrationHash: settle it first
rebase_migrations.sh: refused; nothing was written" -- scripts/rebase_migrations.sh
	state >../after
	same ../before ../after
	# That one settled by hand, the other is no conflict.
	sed '/^<<<<<<< /,/^>>>>>>> /{/Description: theirs/!{/Hash\|^[<=>]\{7\}/!d;};}' $T >t
	awk '/^<<<<<<< / && !n++ { next } /^=======/ && n == 1 && !m++ { next } /^>>>>>>> / && !k++ { next } 1' t >$T
	rm t
	scripts/rebase_migrations.sh >../text || [ $? -eq 1 ]
	grep -Fqx 'Description: theirs' $T
	run ! grep -q '^[<=>]\{7\}' $T
}

@test "diff3 marks and CRLF in the template are no obstacle" {
	wanted theirs ours
	git config merge.conflictStyle diff3
	sed "s/\$/$(printf '\r')/" $T >t && mv t $T
	# Git is to keep its line ends.
	echo "$T -text" >>.gitattributes
	git add -A
	git commit -qm crlf
	two_sides 20261120000000_theirs -- 20261118000000_ours
	grep -q '^|||||||' $T
	scripts/rebase_migrations.sh >../text
	run ! grep -q '^[<=>|]\{7\}' $T
	[ "$(git diff main -- $T | grep -c "^[-+] .*$(printf '\r')\$")" -eq 2 ]
	grep -Fqx 'migrations: check passed' ../text
}

@test "what it cannot understand it refuses, all of it told, untouched" {
	two_sides 20261120000000_theirs -- 20261118000000_ours
	printf '<<<<<<< HEAD\nx\n=======\ny\n>>>>>>> main\n' >>$M/20261118000000_ours.sql
	echo '-- more' >>$M/20261120000000_theirs.sql
	rm $M/20261101090000_create_users.sql
	echo 'SELECT 1;' >$M/first.sql
	state >../before
	check 2 -e "rebase_migrations.sh: $M/20261101090000_create_users.sql: main has it, here it is gone
  fix: git checkout main -- '$M/20261101090000_create_users.sql'
rebase_migrations.sh: $M/20261120000000_theirs.sql: is not what main has, and databases may have applied that
  fix: git checkout main -- '$M/20261120000000_theirs.sql'; a change of it goes into a new migration
rebase_migrations.sh: $M/20261118000000_ours.sql:2: a conflict that git left: settle it first
rebase_migrations.sh: $M/first.sql: its version is no number to count with
  fix: rename it by hand, YYYYMMDDHHMMSS_name.sql
rebase_migrations.sh: refused; nothing was written" -- env ATLAS_MAKE_LINT_BASE=main scripts/rebase_migrations.sh
	state >../after
	same ../before ../after
	nothing_left
}

@test "a base that is not merged yet is refused" {
	git checkout -qb work
	git checkout -q main
	add 20261120000000_theirs
	git checkout -q work
	add 20261118000000_ours
	state >../before
	check 2 -e "rebase_migrations.sh: $M: main has 20261120000000_theirs.sql, which is not here: it is not merged yet
  fix: git merge main, then again: make rebase-migrations
rebase_migrations.sh: refused; nothing was written" -- scripts/rebase_migrations.sh
	state >../after
	same ../before ../after
}

# killer TOOL N: the Nth call of TOOL in writing kills the script that calls.
@test "killed outright in the middle: check names it, a second run mends it" {
	wanted a x y z
	two_sides 20261120000005_a -- 20261120000001_x 20261120000002_y 20261120000003_z
	mkdir ../path
	cat >../path/mv <<-'END'
		#!/bin/sh
		# The third rename in the directory of migrations does not happen.
		case $1 in
		src/db/migrations/20261120000001_x.sql) kill -KILL $PPID; exit 1 ;;
		esac
		exec /bin/mv "$@"
	END
	chmod +x ../path/mv
	PATH=$PWD/../path:$PATH scripts/rebase_migrations.sh || [ $? -eq 137 ]
	[ "$(names | tail -n 4)" = "20261120000001_x.sql
20261120000005_a.sql
20261120000007_y.sql
20261120000008_z.sql" ]
	check 2 -p . -- scripts/create_migrations.sh
	scripts/check_migrations.sh >../text && false
	grep -Fq 'after a merge: make rebase-migrations' ../text
	scripts/rebase_migrations.sh >../text
	[ "$(added)" = "a
x
y
z" ]
	grep -Fqx 'migrations: check passed' ../text
	rm -rf "$TMPDIR"/atlas-make.*
}

@test "interrupted at any time: the old state or the new one" {
	wanted theirs ours
	two_sides 20261120000000_theirs -- 20261118000000_ours
	state >../before
	for pause in 0.02 0.05 0.08 0.12 0.2; do
		setsid env --default-signal=INT scripts/rebase_migrations.sh >../text 2>&1 &
		pid=$!
		sleep "$pause"
		kill -s INT -- "-$pid" 2>/dev/null || :
		wait "$pid" || :
		nothing_left
		state >../after
		cmp -s ../before ../after || break
	done
	scripts/rebase_migrations.sh >../text
	grep -Eqx 'migrations: (check passed|nothing changed.*)' ../text
	[ "$(added)" = "theirs
ours" ]
}

@test "new-migration: an empty file after all others, hashed, in the template" {
	check 2 -e 'new_migration.sh: NAME: what is it for? make new-migration NAME=fill_in_ages' -- scripts/new_migration.sh
	check 2 -e 'new_migration.sh: NAME=a b: letters, digits, _ and - only, and no - at the start: it becomes part of a file name' \
		-- env ATLAS_MAKE_NAME='a b' scripts/new_migration.sh
	make -s new-migration NAME=fill >../text
	f=$(ls $M/*_fill.sql)
	[[ ${f##*/} =~ ^[0-9]{14}_fill\.sql$ ]]
	[ ! -s "$f" ]
	total=$(head -n 1 $M/atlas.sum)
	printf '%s\n' "new: $f" "MigrationHash $total" 'write your SQL into it, then: make hash-migrations' >../want
	same ../want ../text
	git add -A
	check 0 -o 'migrations: check passed' -- scripts/check_migrations.sh
	echo 'UPDATE users SET name = upper(name);' >"$f"
	check 2 -p 'edited' -- env ATLAS_MAKE_NAME=x scripts/new_migration.sh
	scripts/hash_migrations.sh >/dev/null
	check 0 -o 'migrations: check passed' -- scripts/check_migrations.sh
	mv "$f" $M/20991231235959_fill.sql
	scripts/hash_migrations.sh >/dev/null
	ATLAS_MAKE_NAME=after scripts/new_migration.sh >../text
	[ -f $M/20991231240000_after.sql ]
	nothing_left
}

@test "new-migration in an empty directory; a template that cannot hold the hash" {
	rm $M/*
	ATLAS_MAKE_NAME=first scripts/new_migration.sh >../text
	[ "$(names | sed 's/^[0-9]*//')" = _first.sql ]
	sed '/MigrationHash: h1/d' $T >t && mv t $T
	state >../before
	check 2 -p 'nothing was written' -- env ATLAS_MAKE_NAME=x scripts/new_migration.sh
	state >../after
	same ../before ../after
}

@test "the merge driver makes atlas.sum from both sides" {
	make -s merge-driver >../text
	grep -Fqx '  git config --remove-section merge.atlas-sum' ../text
	two_sides 20261120000000_theirs -- 20261121000000_ours
	mhash -c $M
	# The template's conflict is there still: nobody merges without a look.
	grep -q '^<<<<<<<' $T
	[ "$(git status --porcelain -- $M/atlas.sum)" = "M  $M/atlas.sum" ]
	nothing_left
	# Through a rebase the other side is found by its sum.
	git merge --abort
	run ! git rebase -q main >/dev/null 2>&1
	mhash -c $M
	nothing_left
}

@test "the merge driver: a sum that is not its files' is left as a conflict" {
	make -s merge-driver >../text
	git checkout -qb work
	git checkout -q main
	echo 'CREATE TABLE theirs (id int);' >$M/20261120000000_theirs.sql
	sed '1s/./h/' $M/atlas.sum >../sum
	{ cat ../sum; echo '20261120000000_theirs.sql h1:6EBtxMNa4JY3SGsPEC/I6VvKg3gNRth44VwbdYxExlk='; } >$M/atlas.sum
	git add -A
	git commit -qm 'a sum of nothing'
	git checkout -q work
	add 20261118000000_ours
	git merge main >../text 2>&1 && false
	grep -q '^<<<<<<< ours' $M/atlas.sum
	grep -Eq "merge_sum.sh: $M/atlas.sum: the files of the other side are not at hand; left as a conflict" ../text
	[ "$(git ls-files -u -- $M/atlas.sum | wc -l)" -eq 3 ]
	check 2 -e 'usage: merge_sum.sh base ours theirs path (called by git)' -- scripts/merge_sum.sh
	# One name, and another text on each side.
	git merge --abort
	git checkout -qb other
	echo 'CREATE TABLE a (id int);' >$M/20261121000000_both.sql
	add 20261122000000_one
	git checkout -q work
	echo 'CREATE TABLE b (id int);' >$M/20261121000000_both.sql
	add 20261122000000_two
	git merge other >../text 2>&1 && false
	grep -q '20261121000000_both.sql is not the same on both sides; left as a conflict' ../text
	nothing_left
}
