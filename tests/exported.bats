#!/usr/bin/env bats
# What surrounds a verb changes nothing: names that a machine exports, settings of the
# shell's, of git's, of PostgreSQL's and of Python's, a home, a clock, a mask.

load helper
load server

setup_file() { start_server; export PORT SERVER SERVER_PID; }
teardown_file() { stop_server; }

setup() {
	scratch
	project git
	in_server "CREATE DATABASE t$BATS_TEST_NUMBER"
	export DATABASE_URL="postgres://dev:s%40cret@127.0.0.1:$PORT/t$BATS_TEST_NUMBER?sslmode=disable"
	scripts/apply.sh >/dev/null
	# Something is pending, and the models have one thing less: no verb has nothing to say.
	echo 'CREATE TABLE more (id bigint PRIMARY KEY);' >src/db/migrations/20300101000000_more.sql
	scripts/hash_migrations.sh >/dev/null
	git add -A
	git commit -qm more
}

# answers FILE [COMMAND...]: what each verb says and does in that environment, into FILE.
answers() {
	local verb rc file="$1"
	shift
	rm -rf .cache/state
	for verb in ${verbs:-status plan drift lint_migrations check_migrations hash_migrations render_schema:-p create_migrations new_migration}; do
		rc=0
		echo "= $verb"
		# shellcheck disable=SC2086 # words
		timeout 100 "$@" scripts/${verb%%:*}.sh $(expr "$verb" : '[^:]*:\(.*\)') 2>&1 || rc=$?
		echo "exit $rc"
		git status --porcelain
		git checkout -q -- .
		git clean -fdq src
	done >"$file"
}

@test "every name the scripts use, exported: the same answers" {
	cat scripts/*.sh scripts/*/*.sh |
		grep -oE '\$\{?[a-z_][A-Za-z0-9_]*|[a-z_][A-Za-z0-9_]*=|read -r [a-z_ ]+' | sed 's/read -r//' |
		tr -c 'A-Za-z0-9_\n' '\n' | grep -E '^[a-z_][A-Za-z0-9_]+$' | sort -u >../names
	[ "$(wc -l <../names)" -gt 300 ]
	answers ../want
	# shellcheck disable=SC2046 # words
	answers ../got env $(sed 's/$/=5/' ../names)
	same ../want ../got
	# What is compared says something.
	grep -q '^exit 1$' ../want
	grep -q '^new: ' ../want
}

@test "settings of other programs, another home, clock and mask: the same answers" {
	mkdir "../a home"
	echo 'echo "BASH_ENV was read"; exit 3' >../bash_env
	answers ../want
	surrounded() {
		umask 077
		unset HOME
		exec env CDPATH=/:.. IFS=s ENV=/nowhere POSIXLY_CORRECT=1 GREP_OPTIONS=-v GREP_COLORS=mt=31 COLUMNS=1 LINES=1 \
			LANG=tr_TR.UTF-8 LC_ALL=tr_TR.UTF-8 TZ=Pacific/Kiritimati TMPDIR="$BATS_TEST_TMPDIR/a home" MAKEFLAGS=--no-print-directory \
			PGHOST=/nowhere PGPORT=1 PGUSER=nobody PGDATABASE=none PGSERVICE=none PGOPTIONS='-c search_path=none' PGSSLMODE=verify-full \
			PGCLIENTENCODING=LATIN1 PGDATESTYLE=German PGTZ=Asia/Tokyo PGCONNECT_TIMEOUT=1 PSQLRC=/nowhere PGAPPNAME=none \
			GIT_DIR=/nowhere GIT_WORK_TREE=/nowhere BASH_ENV="$BATS_TEST_TMPDIR/bash_env" PYTHONHOME=/nowhere PYTHONPATH=/nowhere \
			GIT_PAGER=false GIT_EDITOR=false EDITOR=false PAGER=false XDG_CONFIG_HOME=/nowhere \
			GIT_CONFIG_GLOBAL="$BATS_TEST_TMPDIR/gitconfig" GIT_LITERAL_PATHSPECS=1 GIT_EXTERNAL_DIFF=false GIT_PREFIX=x/ GIT_NAMESPACE=n GIT_DIFF_OPTS=-u0 \
			PYTHONPLATLIBDIR=none PYTHONEXECUTABLE=/nowhere PYTHONINSPECT=1 PYTHONWARNINGS=error PYTHONOPTIMIZE=2 PYTHONIOENCODING=latin1:strict PYTHONSAFEPATH=1 \
			PYTHONSTARTUP=/nowhere PYTHONUSERBASE=/nowhere VIRTUAL_ENV=/nowhere PYTHONDEVMODE=1 PG_COLOR=always PGDATA=/nowhere PGREQUIREPEER=nosuch \
			TAR_OPTIONS=-v GZIP=-v QUOTING_STYLE=c BLOCK_SIZE=human-readable DF_BLOCK_SIZE=1G _POSIX2_VERSION=199209 VERSION_CONTROL=numbered AWKPATH=/nowhere \
			CLICOLOR_FORCE=1 FORCE_COLOR=1 GOGC=1 GOFLAGS=-x GOROOT=/nowhere HTTPS_PROXY=http://127.0.0.1:1 ATLAS_TOKEN=x OPENSSL_CONF=/nowhere NODE_OPTIONS=--bad \
			GNUMAKEFLAGS=-n MAKEFILES=/nowhere MAKELEVEL=3 SHELL=/bin/false OPTIND=7 GLOBIGNORE='*' "$@"
	}
	printf '[color]\nui=always\n[status]\nshowUntrackedFiles=no\n[log]\nshowSignature=true\n[diff]\nexternal=false\nnoprefix=true\nrelative=true\n[core]\nquotepath=true\n' >../gitconfig
	export -f surrounded
	answers ../got bash -c 'surrounded "$@"' bash
	same ../want ../got
	[ -z "$(ls "../a home")" ]
}

@test "no standard input, and another shell as /bin/sh: the same answers" {
	verbs='status check_migrations create_migrations'
	answers ../want
	closed() { exec "$@" <&-; }
	export -f closed
	answers ../got bash -c 'closed "$@"' bash
	same ../want ../got
	ln -s "$(command -v bash)" ../sh
	for sh in "$BATS_TEST_TMPDIR/sh" "$(command -v busybox) ash" "$(command -v mksh || :)"; do
		[ -x "${sh%% *}" ] || continue
		for f in scripts/*.sh scripts/s*/*.sh; do edit "$f" "1s|^#!.*|#!$sh|"; done
		git commit -qam "$sh"
		answers ../got
		same ../want ../got || { echo "with $sh"; false; }
	done
}

@test "no place for an answer: exit 2, and nothing half-written" {
	for verb in status plan drift check_migrations hash_migrations 'render_schema -p'; do
		rc=0
		scripts/${verb%% *}.sh ${verb#"${verb%% *}"} >/dev/full 2>../err || rc=$?
		[ "$rc" -eq 2 ] && [ -s ../err ] || { echo "$verb: exit $rc"; cat ../err; false; }
		rc=0
		timeout 60 scripts/${verb%% *}.sh ${verb#"${verb%% *}"} >&- 2>../err || rc=$?
		[ "$rc" -eq 2 ] && [ -s ../err ] || { echo "$verb, closed: exit $rc"; cat ../err; false; }
	done
	[ -z "$(git status --porcelain)" ]
	nothing_left
}

@test "a reader that goes away: exit 2, and nothing stays" {
	unset DATABASE_URL
	for verb in status hash_migrations 'render_schema -p'; do
		{ rc=0; scripts/${verb%% *}.sh ${verb#"${verb%% *}"} 2>../err || rc=$?; echo "$rc" >../rc; } | { exec <&-; until [ -s ../rc ]; do sleep 0.1; done; }
		[ "$(cat ../rc)" -eq 2 ] || { echo "$verb: exit $(cat ../rc)"; cat ../err; false; }
		rm ../rc
		nothing_left
	done
}
