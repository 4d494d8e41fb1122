#!/usr/bin/env bats
# hazards.bats - what happens to a checkout in real life: several verbs at once,
# a full disk, no right to write, a clock set back, symbolic links, files of
# another user. HAZARDS=all (make crash) does more of each.

load helper

setup() {
	scratch
	project git
	M=src/db/migrations
	T=cloud-formation.yaml
	knobs=$(make -s print-knobs)
	eval "$knobs"
	[ "${HAZARDS-}" = all ] && many=12 || many=3
}

add_age() { edit src/db/models.py 's/^    name: Mapped.*/&\n    age: Mapped[int | None]/'; }
in_order() { check 0 -o "migrations: ${1-check passed}" -- scripts/check_migrations.sh; }
# side_by_side N COMMAND...: N at once; their codes and words in ../N.rc, ../N.out
side_by_side() {
	local n=$1 i
	shift
	for i in $(seq "$n"); do
		{
			rc=0
			"$@" >"../$i.out" 2>&1 || rc=$?
			echo "$rc" >"../$i.rc"
		} 3>&- &
	done
	wait
}
# within_reach: the project moves to where another user can pass, too.
within_reach() {
	cp -Rp . "$TMPDIR/a project"
	cd "$TMPDIR/a project"
	export ATLAS_KIT_PROJECT=$PWD
	mkdir "$TMPDIR/tmp"
	chmod 777 "$TMPDIR/tmp"
	export HOME=$TMPDIR/tmp
}
# as_nobody COMMAND...: as someone who may do nothing here.
as_nobody() {
	local TMPDIR=$HOME
	if [ "$(id -u)" -eq 0 ]; then
		setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
	else
		"$@"
	fi
}

@test "a lock of a process that is gone: of many who come at once, one has it" {
	cat >scripts/one.sh <<-'END'
		#!/bin/sh
		set -eu
		. "${0%/*}/lib/common.sh"
		. scripts/lib/lock.sh
		wait_lock test 2>/dev/null
		mkdir .cache/inside || exit 9
		echo in >>.cache/through
		rmdir .cache/inside
	END
	chmod +x scripts/one.sh
	for _ in 1 2; do
		sh -c 'ln -s $$ .cache/lock.test'
		side_by_side $((many * 3)) scripts/one.sh
		cat ../*.rc | sort -u >../rcs
		[ "$(cat ../rcs)" = 0 ]
		[ "$(wc -l <.cache/through)" -eq $((many * 3)) ]
		rm .cache/through
		[ -z "$(ls .cache | grep lock)" ]
	done
}

@test "two signals at once: nothing stays" {
	local i pid
	cat >scripts/two.sh <<-'END'
		#!/bin/sh
		set -eu
		. "${0%/*}/lib/common.sh"
		need_tmp
		: >.cache/begun
		while :; do run sleep 0.2; done
	END
	chmod +x scripts/two.sh
	[ -z "${TEST_SH-}" ] || sed -i "1s|.*|#!$TEST_SH|" scripts/two.sh
	for i in $(seq $((many * many * 8))); do
		rm -f .cache/begun
		setsid scripts/two.sh 2>/dev/null 3>&- &
		pid=$!
		until [ -e .cache/begun ]; do sleep 0.002; done
		# The terminal's, and that of who called it.
		kill -TERM -- "-$pid"
		kill -TERM "$pid" 2>/dev/null || :
		rc=0
		wait "$pid" || rc=$?
		[ "$rc" -eq 143 ]
		[ -z "$(ls -A "$TMPDIR")" ] || { echo "round $i: $(find "$TMPDIR")"; false; }
	done
}

@test "interrupted: what a job runs ends before the directory is cleared away" {
	local sig pid rc
	cat >scripts/job.sh <<-'END'
		#!/bin/sh
		set -eu
		. "${0%/*}/lib/common.sh"
		need_tmp
		job() {
			job_signals
			run sh -c 'trap "sleep 0.3; : >$1/late; exit 1" TERM HUP; : >.cache/begun; while :; do sleep 0.05; done' sh "$tmp"
		}
		job &
		pid=$!
		at_exit_pid "$pid"
		wait "$pid"
	END
	chmod +x scripts/job.sh
	for sh in dash bash busybox; do
		ln -sfn "$(command -v $sh)" sh
		for sig in INT TERM HUP; do
			rm -f .cache/begun
			setsid env --default-signal=INT,HUP ./sh scripts/job.sh 3>&- &
			pid=$!
			until [ -e .cache/begun ]; do sleep 0.01; done
			kill -s "$sig" -- "-$pid"
			rc=0
			wait "$pid" || rc=$?
			[ "$rc" -eq "$((128 + $(kill -l "$sig")))" ]
			nothing_left || { echo "$sh, $sig"; false; }
		done
	done
}

# ends_itself SCRIPT COMMAND: scripts/SCRIPT.sh, which sends itself SIGTERM, leaves neither
# COMMAND behind nor a file, in each shell.
ends_itself() {
	local rc sh
	for sh in dash bash busybox; do
		ln -sfn "$(command -v $sh)" sh
		rc=0
		timeout 20 ./sh "scripts/$1.sh" || rc=$?
		[ "$rc" -eq 143 ] || return 1
		run ! pgrep -fx "$2"
	done
	nothing_left
}

@test "interrupted as a job begins, before it is in the list: it ends, too" {
	cat >scripts/job.sh <<-'END'
		#!/bin/sh
		set -eu
		. "${0%/*}/lib/common.sh"
		need_tmp
		at_exit_pid() { kill -TERM $$; sleep 0.1; }
		job one sleep 33.5
	END
	ends_itself job 'sleep 33.5'
}

@test "interrupted between a fork and the note of it: what was begun ends, whatever it was begun by" {
	cat >scripts/begin.sh <<-'END'
		#!/bin/sh
		set -eu
		. "${0%/*}/lib/common.sh"
		need_tmp
		sleep 33.6 &
		kill -TERM $$
		sleep 1
	END
	ends_itself begin 'sleep 33.6'
}

@test "a job that has ended: another process that has its number now lives" {
	cat >scripts/job.sh <<-'END'
		#!/bin/sh
		set -eu
		. "${0%/*}/lib/common.sh"
		need_tmp
		job one true
		at_exit_tree "$!"
		job_wait one
		case $undo in *"tree $!"* | *"pid $!"*) exit 2 ;; esac
		# As if the number had come again.
		at_exit_tree "$1"
		at_exit_pid "$1"
		run_pid=$1
	END
	for sh in dash bash busybox; do
		ln -sfn "$(command -v $sh)" sh
		sleep 30 3>&- &
		check 0 -- timeout 20 ./sh scripts/job.sh "$!"
		kill "$!"
	done
	nothing_left
}

@test "a no about files that changed meanwhile is none" {
	mkdir m
	printf 'CREATE TABLE t (id int);\n' >m/1_t.sql
	echo 'CREATE TABLE other (id int);' >schema.sql
	export SCHEMA_DEPS=schema.sql MIGRATIONS=m TEMPLATE='' SCHEMA='cat schema.sql'
	scripts/hash_migrations.sh >/dev/null
	run -1 scripts/check_migrations.sh
	for meanwhile in 'touch m/1_t.sql' 'rm -f m/none; touch schema.sql'; do
		SCHEMA="sleep 0.1; $meanwhile; cat schema.sql" run -2 --separate-stderr scripts/check_migrations.sh
		[ "${lines[-1]}" = 'migrations: files changed while they were looked at, and nothing was decided; run the check again' ]
	done
	run -1 scripts/check_migrations.sh
}

@test "models saved as the rendering gets its key: the next check renders again" {
	echo 'CREATE TABLE t (id int);' >schema.sql
	export SCHEMA_DEPS=schema.sql SCHEMA='cat schema.sql'
	cat >mhash <<-'END'
		#!/bin/sh
		[ ! -e save ] || { echo 'CREATE TABLE more (id int);' >>schema.sql; rm save; }
		exec .cache/bin/mhash.real "$@"
	END
	chmod +x mhash
	rm .cache/bin
	cp -Rp "$TOP/.cache/bin" .cache/bin
	mv .cache/bin/mhash .cache/bin/mhash.real
	mv mhash .cache/bin/
	: >save
	scripts/render_schema.sh
	[ ! -e save ]
	[ "$(scripts/render_schema.sh -p | grep -c TABLE)" -eq 2 ]
}

@test "two signals microseconds apart: what was begun still ends first" {
	cat >scripts/two.sh <<-'END'
		#!/bin/sh
		set -eu
		. "${0%/*}/lib/common.sh"
		case $1 in job) trap - EXIT; job_signals ;; esac
		run sh -c 'trap "" TERM; : >.cache/begun; sleep 0.03; : >.cache/ended'
	END
	# By itself: bats looks at each command, and microseconds are what counts.
	cat >rounds.sh <<-'END'
		for i in {1..120}; do
			rm -f .cache/begun .cache/ended
			((i % 2)) && as=job || as=script
			env --default-signal=HUP "${TEST_SH:-bash}" scripts/two.sh $as 2>/dev/null &
			pid=$!
			until [ -e .cache/begun ]; do sleep 0.002; done
			kill -HUP $pid
			for ((j = 0; j < i / 3; j++)); do :; done
			kill -TERM $pid 2>/dev/null
			wait $pid
			[ -e .cache/ended ] || exit
		done
		echo every one
	END
	output=$(bash rounds.sh 2>/dev/null 3>&-)
	[ "$output" = 'every one' ]
}

@test "many checks at once: each gives the verdict" {
	side_by_side "$many" scripts/check_migrations.sh
	sort -u ../*.out >../out
	grep -Evx 'migrations: (check passed|nothing changed since the last successful check)' ../out && false
	cat ../*.rc | sort -u >../rcs
	[ "$(cat ../rcs)" = 0 ]
	in_order 'nothing changed since the last successful check'
	# An older run's rendering, put in place late, is not taken for today's.
	rm .cache/state/*/check.ok
	for f in .cache/state/*/schema.sql; do echo 'CREATE TABLE old (id int);' >"$f"; done
	in_order
	nothing_left
}

@test "a check and a lint at once: each reports what it found itself" {
	add_age
	# The other one's findings, which are none, take the place of these at once.
	mkdir bin
	cat >bin/mv <<-'END'
		#!/bin/sh
		PATH=${PATH#*:}
		mv "$@" || exit
		case $2 in */lint.json) echo '{"watched":[],"findings":[]}' >"$2" ;; esac
	END
	chmod +x bin/mv
	PATH=$PWD/bin:$PATH run -1 scripts/check_migrations.sh
	[[ $output == *'check failed' && $output == *age* ]]
	PATH=$PWD/bin:$PATH run -1 env LINT_REPORT=report LINT_FORMAT=gitlab scripts/check_migrations.sh
	grep -q age report
}

@test "many creates and hashes at once: one migration, and the rest say why not" {
	add_age
	export NAME=age
	side_by_side "$many" sh -c 'scripts/create_migrations.sh; rc=$?; scripts/hash_migrations.sh || exit 7; exit "$rc"' || :
	[ "$(ls $M/*_age.sql | wc -l)" -eq 1 ]
	sed -E 's/process [0-9]+/process N/; s/^new: .*_age/new: age/; s/h1:.*/HASH/; s/^(create|hash)_/_/' ../*.out | sort -u >../out
	grep -Evx -e 'new: age.sql' -e 'MigrationHash HASH' -e '_migrations.sh: process N is changing .*' \
		-e 'migrations: nothing to do, they make what the models describe' ../out && false
	[ -z "$(ls .cache | grep '^lock')" ]
	in_order
	nothing_left
}

@test "many who build the tools at once: each gets whole ones" {
	rm .cache/bin
	mkdir .cache/bin
	side_by_side 2 make -s .cache/bin/mhash .cache/bin/rdstoken CFLAGS=-O0
	[ "$(cat ../*.rc | sort -u)" = 0 ]
	[ "$(ls .cache/bin | tr '\n' ' ')" = 'mhash rdstoken ' ]
	.cache/bin/mhash -c $M
}

# A real one where one may be mounted: a shell then has a view of the file
# systems of its own.
@test "a full disk: a sentence, the old state, and later it works" {
	if unshare -m true 2>/dev/null; then
		export -f full_disk state add_age edit
		M=$M T=$T unshare -m bash -c 'set -e; full_disk' >../full 2>&1 || { cat ../full; false; }
		cat ../full
	else
		# No file system of one's own here: the writes are made to fail.
		echo 'with the fault shim' >&3
		${CC:-cc} -O1 -shared -fPIC -o "$TMPDIR/inject.so" "$TOP/tests/fault/inject.c" -ldl
		echo '-- more' >>$M/20261115100000_create_addresses.sql
		state >../before
		for fault in write:1+:ENOSPC mkstemp:1+:ENOSPC rename:1+:ENOSPC; do
			LD_PRELOAD=$TMPDIR/inject.so FAULT=$fault scripts/hash_migrations.sh >../out 2>&1 && false
			state >../after
			same ../before ../after
		done
	fi
}
full_disk() {
	local rc
	mkdir ../disk
	mount -t tmpfs -o size=4m tmpfs ../disk
	rm -rf .git atlas_layer
	cp -Rp . ../disk/
	cd ../disk
	export ATLAS_KIT_PROJECT=$PWD
	NAME=age scripts/create_migrations.sh >/dev/null # nothing to do; it renders
	add_age
	state >/tmp/before.$$
	for verb in create new check; do
		cat /dev/zero >>fill 2>/dev/null || :
		rc=0
		NAME=age scripts/${verb}_migration*.sh >/dev/null 2>/tmp/err.$$ || rc=$?
		[ "$rc" -eq 2 ] || { echo "$verb: exit $rc"; cat /tmp/err.$$; exit 1; }
		grep -qi 'disk.* full\|No space left' /tmp/err.$$ || { echo "$verb says:"; cat /tmp/err.$$; exit 1; }
		state >/tmp/after.$$
		cmp /tmp/before.$$ /tmp/after.$$ || { echo "$verb changed something"; exit 1; }
	done
	# Nothing to change is nothing to write.
	scripts/hash_migrations.sh
	rm -f fill
	NAME=age scripts/create_migrations.sh
	scripts/check_migrations.sh
	rm -f /tmp/before.$$ /tmp/after.$$ /tmp/err.$$
}

@test "a checkout that may not be written: each verb says so and hangs on nothing" {
	within_reach
	add_age
	[ "$(id -u)" -eq 0 ] || chmod -R a-w .
	export NAME=age
	state >../before
	for verb in create_migrations new_migration hash_migrations check_migrations; do
		rc=0
		as_nobody timeout 20 scripts/$verb.sh >../out 2>&1 || rc=$?
		cat ../out
		[ "$rc" -eq 2 ]
		grep -Eq '\.cache.*(writable|cannot|denied)|cannot (make|write)' ../out
	done
	state >../after
	same ../before ../after
	[ "$(id -u)" -eq 0 ] || chmod -R u+w .
}

@test "a clock set back: files from the future are looked at all the same" {
	find . -path ./.git -prune -o -type f -exec touch -d '2030-01-01' {} +
	in_order
	in_order 'nothing changed since the last successful check'
	add_age
	touch -d '2000-01-01' src/db/models.py
	scripts/check_migrations.sh >../out && false
	grep -q 'age.*models' ../out
	NAME=age scripts/create_migrations.sh
	in_order
}

@test "symbolic links: the project, its migrations and its template elsewhere" {
	mkdir ../elsewhere
	mv $M ../elsewhere/migrations
	ln -s "$(cd ../elsewhere && pwd)/migrations" $M
	mv $T ../elsewhere/t.yaml
	ln -s ../elsewhere/t.yaml $T
	ln -s "$PWD" "../a link"
	cd "../a link"
	add_age
	NAME=age scripts/create_migrations.sh
	in_order
	[ -L $M ]
	[ -L $T ]
	ls ../elsewhere/migrations/*_age.sql
	grep -q "MigrationHash: $(head -n 1 $M/atlas.sum)" ../elsewhere/t.yaml
	no_litter ..
}

@test "files of another user: they stay theirs" {
	owner=$(id -u)
	[ "$owner" -ne 0 ] || owner=65534
	chown -R "$owner" $M $T
	chmod 640 $T
	add_age
	NAME=age scripts/create_migrations.sh
	in_order
	[ "$(stat -c %u $M/atlas.sum $T | sort -u)" = "$owner" ]
	[ "$(stat -c %a $T)" = 640 ]
	# git does not look at it, and how to tell it to is said.
	for base in '' main; do
		check 2 -e "rebase_migrations.sh: git does not look at a checkout of another user's: git config --global --add safe.directory '$PWD'" -- \
			env GIT_TEST_ASSUME_DIFFERENT_OWNER=1 LINT_BASE="$base" scripts/rebase_migrations.sh
	done
	# And the lock of another user's process holds.
	[ "$(id -u)" -ne 0 ] || {
		within_reach
		ln -s "$$" .cache/lock
		chmod 777 .cache $M .
		as_nobody scripts/hash_migrations.sh 2>../err && false
		grep -q "process $$ is changing the migrations now" ../err
	}
}
