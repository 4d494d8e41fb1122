#!/usr/bin/env bats
# Text that others made up, a name or a value in a pull request say: it reaches the
# terminal, the log and the CI runner as text, and commands none of them.

load helper

# harmless FILE: no control character, nothing that GitHub's or Azure's runner obeys.
harmless() {
	run ! grep -aE '##\[|^[[:blank:]]*::[a-z]' "$1"
	run ! grep -aP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' "$1"
}

@test "what a script says goes through one function" {
	local sh text
	mkdir -p scripts/lib .cache
	cp "$TOP/scripts/lib/common.sh" "$TOP/scripts/lib/jobs.sh" scripts/lib/
	printf '%s\n' '#!/bin/sh' 'set -eu' '. "${0%/*}/lib/common.sh"' 'say "$1"' 'warn "$1"' 'step_long "$1"' 'need_tmp' \
		'job a printf "%s\n" "$1"' 'job_wait a' 'mv "$tmp/a/out" "$tmp/a/err"' 'job_said a' 'die "$1"' >scripts/try.sh
	export ATLAS_MAKE_KNOBS=1 MIGRATIONS='' SCHEMA='' TEMPLATE='' DEV_SCHEMAS=public NO_COLOR=1
	text=$(printf 'x\033[31m\r##[error]y\n::error::z\n \t::debug::u\302\233v \303\274 a::text')
	printf 'x?[31m?# #[error]y\n: :error::z\n \t: :debug::u?v \303\274 a::text\n' >said
	sed '1s/^/try.sh: /' said >warned
	cat warned said said warned >want
	for sh in dash bash busybox; do
		ln -sfn "$(command -v $sh)" sh
		check 2 -O said -E want -- ./sh scripts/try.sh "$text"
	done
	# What is plain is said as it is, without another process.
	edit scripts/try.sh '/^need_tmp/,/^job_said/d'
	strace -f -qq -e trace=execve -o trace dash scripts/try.sh plain >/dev/null 2>&1 || :
	[ "$(wc -l <trace)" -eq 1 ]
}

@test "a template's value and a file's name, in each verb" {
	local v T=cloud-formation.yaml M=src/db/migrations
	project git
	edit $T 's/^\( *MigrationHash: \).*/\1"x\\n::error file=a::y\\n##[error]z\\e[31m\\r"/'
	grep -q 'MigrationHash: "x' $T
	for v in check_migrations status lint_migrations; do
		scripts/$v.sh >text 2>&1 && [ "$v" != check_migrations ]
		harmless text
	done
	scripts/check_migrations.sh >text 2>&1 || :
	cat text; grep -q 'MigrationHash' text
	ATLAS_MAKE_LINT_FORMAT=github scripts/check_migrations.sh 2>&1 | grep -v '^::error file=[^:]*,title=[^:]*::\|^::error title=' >text || :
	harmless text
	git checkout -q $T
	printf 'DROP TABLE "::error::a";\nDROP TABLE "##[error]b";\n' >"$M/20270101000000_##[error]x.sql"
	for v in hash_migrations check_migrations status lint_migrations plan rebase_migrations; do
		scripts/$v.sh >text 2>&1 || :
		[ -s text ]
		[ "$v" != plan ] || sed -i '/^DROP TABLE\|^-- src/d' text
		harmless text
	done
}

@test "a password in DEV_DB or DEV_URL is in no output, no trace and nothing that stays" {
	local v
	project
	for v in 'DEV_DB=postgres://u:se%2Fcret@127.0.0.1:1/d' 'DEV_URL=postgres://u:se%2Fcret@127.0.0.1:1/d DEV_DB=url' \
		'DEV_URL=postgres://u:se/cret@127.0.0.1:1/d DEV_DB=url' 'DEV_URL=postgres://u:se%zzcret@127.0.0.1:1/d DEV_DB=url'; do
		# shellcheck disable=SC2086 # words
		for sh in dash bash; do
			env $v "$sh" -x scripts/check_migrations.sh >text 2>&1 && false
			grep -q '^+' text
			run ! grep -F cret text
		done
		# shellcheck disable=SC2086
		check 2 -p '^check_migrations.sh: DEV_URL: (connection to server|not an address)' -- env $v scripts/check_migrations.sh
		run ! grep -rqF cret .cache/state "$TMPDIR"
	done
	nothing_left
	# Without an address a trace goes on.
	sh -x scripts/status.sh -h 2>&1 | grep -q '^+ .*usage'
}

@test "what a tool says is one line, with ? for control characters" {
	printf 'a: 1\n' >f
	check 1 -e "yamlset: f:1:1: no 'x?[31m?y' in the document" -- yamlset -f f "$(printf '/x\033[31m\ny')"
}

@test "what a database says holds no password, as written or decoded" {
	project
	printf '%s\n' '#!/bin/sh' 'set -eu' '. "${0%/*}/lib/common.sh"' '. "$kit/scripts/lib/atlas.sh"' '. "$kit/scripts/lib/database.sh"' \
		"database_url='postgres://u:s%40cret@h/d?password=oth%2Fer'" 'database_error "$1"' >scripts/try.sh
	printf '%s\n' 'Error: postgres://u:s%40cret@h/d?password=oth%2Fer is none' 's%40cret s@cret oth%2Fer oth/er end' >said
	check 0 -o '*** is none *** *** *** *** end' -- sh scripts/try.sh said
}
