#!/usr/bin/env bats
# crash.bats - each verb that writes is killed after a call that changes a
# file: nothing is lost, the check names what is left, and a rerun gets there.
#
# A few points of each here; every point with CRASH=all, which `make crash`
# sets, and there also with only the one process killed, as when memory runs
# out. CRASH_FIGURES is a file for the number of points tried.

load helper
load server
load crash/helper

setup_file() { killat_make; }

setup() {
	scratch
	killat_there
	project git
	M=src/db/migrations
	T=cloud-formation.yaml
	knobs=$(make -s print-knobs)
	eval "$knobs"
}

# bodies: the migrations' text in their order.
bodies() { for f in "$M"/*.sql; do sed "s|^|${f##*_}: |" "$f"; done; }
# keep: what no crash may lose: each migration's text, the rest of the template.
keep() {
	for f in "$M"/*.sql; do cksum <"$f"; done | sort
	grep -v '^ *MigrationHash: ' "$T" | grep -v '^[<=>]\{7\}'
	cat src/db/models.py
}
restore() {
	find . -mindepth 1 -maxdepth 1 -exec rm -rf {} +
	cp -Rp ../start/. .
}

# points LOG PATTERN: which calls to be killed after: in short those that match
# PATTERN, else all.
points() {
	if [ "${CRASH-}" = all ]; then
		sed 's/ .*//' "$1"
	else
		grep -E "$2" "$1" | sed 's/ .*//'
	fi
}

# crash PATTERN COMMAND...: the whole story, with `after` and `again` of the
# test that calls it.
crash() {
	local pattern=$1 mode n rc tried=0 modes=all
	shift
	[ "${CRASH-}" != all ] || modes='all one'
	mkdir ../start
	cp -Rp . ../start/
	keep >../kept
	killat -l ../log 0 . "$@" >../out 2>&1 || { cat ../out; return 1; }
	bodies >../wanted
	points ../log "$pattern" >../points
	[ -s ../points ] || { cat ../log; return 1; }
	for mode in $modes; do
		while read -r n; do
			tried=$((tried + 1))
			restore
			rc=0
			if [ "$mode" = all ]; then
				killat "$n" . "$@" >../out 2>&1 || rc=$?
				[ "$rc" -eq 137 ] || told "exit $rc" || return 1
			else
				# What does without that process may go on, and says so if not.
				killat -o "$n" . "$@" >../out 2>&1 || rc=$?
				case $rc in 3 | 125) told "exit $rc"; return 1 ;; esac
			fi
			# What was there is there.
			keep >../now
			[ -z "$(comm -23 <(sort ../kept) <(sort ../now))" ] || told 'something is lost' || return 1
			after || told 'after it' || return 1
			again >../out 2>&1 || told 'the rerun' || return 1
			bodies >../now
			cmp -s ../wanted ../now || told 'another result' || return 1
			scripts/check_migrations.sh >../out 2>&1 || told 'the last check' || return 1
			[ -z "$(find . -path ./.cache -prune -o \( -name '.*.tmp*' -o -name '*.new.*' \) -print)" ] ||
				told "left behind: $(find . -name '.*.tmp*' -o -name '*.new.*')" || return 1
			[ ! -L .cache/lock ] || told 'the lock' || return 1
		done <../points
	done
	figure "$tried"
}
told() {
	echo "killed ($mode) after call $n, $(sed -n "${n}p" ../log): $1"
	head -n 20 ../out
	ls -A "$M"
	git status --short
	return 1
}
figure() { [ -z "${CRASH_FIGURES-}" ] || echo "$BATS_TEST_DESCRIPTION: $1" >>"$CRASH_FIGURES"; }

# named: the check says yes, or no with its remedy; never that it could not.
named() {
	local rc=0
	scripts/check_migrations.sh >../out 2>&1 || rc=$?
	[ "$rc" -eq 0 ] || { [ "$rc" -eq 1 ] && grep -Eq '^ *(fix|= help): ' ../out; }
}
# fixed: and the remedy it names is done.
fixed() {
	named || return 1
	! grep -q 'make hash-migrations' ../out || scripts/hash_migrations.sh >../out 2>&1
}

@test "hash-migrations" {
	after() { named; }
	again() { scripts/hash_migrations.sh; }
	echo '-- and a word more' >>$M/20261115100000_create_addresses.sql
	crash 'rename.*atlas.sum$' scripts/hash_migrations.sh
}

@test "new-migration" {
	after() { fixed; }
	again() {
		ls $M/*_by_hand.sql 2>/dev/null || scripts/new_migration.sh
		scripts/hash_migrations.sh
	}
	export NAME=by_hand
	crash 'openat .*_by_hand.sql$' scripts/new_migration.sh
}

@test "create-migrations" {
	after() { fixed; }
	again() { scripts/create_migrations.sh; }
	export NAME=age
	sed -i 's/^    name: Mapped.*/&\n    age: Mapped[int | None]/' src/db/models.py
	crash 'rename.*(atlas.sum|_age.sql)$' scripts/create_migrations.sh
}

@test "rebase-migrations, in a merge with conflicts" {
	engine_only 'two files of one version are a panic there'
	add() {
		echo "CREATE TABLE ${1#*_} (id int);" >"$M/$1.sql"
		scripts/hash_migrations.sh >/dev/null
		git add -A
		git commit -qm "$1"
	}
	after() { named; }
	again() { scripts/rebase_migrations.sh; }
	# The lines with the marks are no loss, nor is one of the two hashes.
	cat $M/*.sql >../schema.sql
	printf 'CREATE TABLE %s (id int);\n' a b x y >>../schema.sql
	export SCHEMA=../schema.sql SCHEMA_DEPS=../schema.sql LINT_BASE=main
	git checkout -qb work
	git checkout -q main
	add 20261120000001_a
	add 20261120000003_b
	git checkout -q work
	add 20261120000002_x
	add 20261120000003_y
	git merge -q main >/dev/null 2>&1 && false
	rm -f .cache/state/*/check.ok
	crash 'rename.*_x.sql$' scripts/rebase_migrations.sh
}

@test "check-migrations: killed, it has noted no success that is none" {
	local n tried=0
	scripts/check_migrations.sh >/dev/null
	sed -i 's/^    name: Mapped.*/&\n    age: Mapped[int | None]/' src/db/models.py
	mkdir ../start
	cp -Rp . ../start/
	killat -l ../log 0 . scripts/check_migrations.sh >../out 2>&1 && false
	for n in $(points ../log 'rename.*/schema.sql$'); do
		restore
		killat "$n" . scripts/check_migrations.sh >../out 2>&1 || [ $? -eq 137 ]
		scripts/check_migrations.sh >../out 2>&1 && mode=all told 'passed, says the check'
		grep -q 'age.*models' ../out
		tried=$((tried + 1))
	done
	figure "$tried"
}

# A copy of a database has a thousand calls: those around its names in short, and
# some forty from first to last with CRASH=all.
@test "check-migrations: what is kept is whole or not there" {
	rm .cache/pg
	mkdir .cache/pg
	cp -Rp "$TOP"/.cache/pg/[0-9]* .cache/pg/
	export ATLAS_MAKE_SCHEMA=../schema.sql ATLAS_MAKE_SCHEMA_DEPS='' ATLAS_MAKE_MIGRATIONS=m ATLAS_MAKE_TEMPLATE=''
	eval "$(make -s print-knobs)"
	mkdir m
	for n in $(seq 100 160); do
		echo "CREATE TABLE t$n (id bigint PRIMARY KEY);" | tee m/20260101000"$n".sql >>../schema.sql
	done
	scripts/hash_migrations.sh >../out
	killat -l ../log 0 "$PWD/.cache/pg" scripts/check_migrations.sh >../out 2>&1 || { cat ../out; return 1; }
	if [ "${CRASH-}" = all ]; then
		awk -v step="$(($(wc -l <../log) / 40))" 'NR % step == 1 || / rename/ { print $1 }' ../log >../points
	else
		awk '/(new[.][^\/]*|\/(key|sum|needs))$/ || / rename/ { print $1 }' ../log >../points
	fi
	[ "$(wc -l <../points)" -ge 4 ]
	mode=all tried=0
	while read -r n; do
		tried=$((tried + 1))
		rm -rf .cache/pg/kept.* .cache/pg/new.* .cache/state
		rc=0
		killat "$n" "$PWD/.cache/pg" scripts/check_migrations.sh >../out 2>&1 || rc=$?
		[ "$rc" -eq 137 ] || told "exit $rc" || return 1
		rm -rf "${TMPDIR:?}"/*
		scripts/check_migrations.sh >../out 2>&1 || told 'the check' || return 1
		grep -q 'whole' ../out && { told 'half of it had a name'; return 1; }
	done <../points
	figure "$tried"
}
