#!/usr/bin/env bats
# make lint: each linter sees the mistake it is there for, none is skipped in
# silence, and what each says stays together.

load helper

setup() {
	scratch
	project
	for f in venv-lint venv-sam venv-checkov npm-lint; do ln -s "$TOP/.cache/$f" ".cache/$f"; done
	cp -Rp "$TOP/.clang-format" "$TOP/.editorconfig" "$TOP/.shellcheckrc" "$TOP/ruff.toml" "$TOP/.github" \
		"$TOP/.gitlab" "$TOP/.pre-commit-config.yaml" .
	# Built already, as far as it is the same.
	[ ! -d "$TOP/.cache/werror" ] || cp -Rp "$TOP/.cache/werror" .cache/
	mkdir tests bench
	# Each linter has a few files to look at: a tree as large as the kit's would show
	# nothing more. The tools and scripts that run it are there, and git passes them over.
	find tools -name '*.c' ! -name 'mhash*' ! -name rdstoken.c ! -name util.c -exec rm -f {} +
	edit mk/tools.mk 's/^tool.names := .*/tool.names := mhash rdstoken/'
	cp -p "$TOP/tests/helper.bash" tests/
	export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
	git init -q .
	printf '%s\n' '/scripts/*' '!/scripts/lib/' '/scripts/lib/*' '!/scripts/lib/new.sh' '!/scripts/status.sh' '!/scripts/load_models.py' '/tools/mhash_*' >.git/info/exclude
}

@test "every linter passes, is not run again for nothing, and sees a mistake" {
	all='migrations gcc layout cppcheck shell locals circles make pages python template checkov kits blanks'
	scripts/lint.sh -a >text || { cat text; false; }
	for l in $all; do echo "ok      $l"; done | same - text
	# Unchanged, but for the two that know that themselves.
	scripts/lint.sh >text
	[ "$(grep -c '(unchanged)$' text)" -eq 12 ]

	echo '-- more' >>src/db/migrations/20261115100000_create_addresses.sql
	printf 'int unused(int);\nint helper(int);\nint\nunused(int a)\n{\n\treturn helper(a);\n}\nstatic int never;\n' >>tools/rdstoken.c
	printf 'int helper(int);\nint unused(int);\nint\nhelper(int a)\n{\n\treturn unused(a);\n}\n' >tools/rdstoken_more.c
	printf '#include <stdio.h>\nvoid f(char *p);\nvoid f(char *p)\n{\n\tFILE *x = fopen(p, "r");\n\n\t(void)x;\n}\n' >tools/leak.c
	printf '#!/bin/sh\nx=$(ls $1)\necho $y\nshared=1 kept=1\n. scripts/lib/new.sh\n' >scripts/status.sh
	printf 'f() {\n\tshared=2\n\tlocal kept=3\n}\n' >scripts/lib/new.sh
	printf 'lint: $(no.such.name)\n' >>mk/schema.mk
	printf '.Xx\n' >>tools/mhash.1
	printf 'import os\n' >>src/db/models.py
	sed 's/MaximumRetryAttempts:/MaximumRetries:/; s/CKV_AWS_116$/CKV_AWS_11/' cloud-formation.yaml >x && cat x >cloud-formation.yaml && rm x
	printf '  x: {run-on: y}\n' >>.github/workflows/migrations.yml
	printf 'a  \n' >CHANGES.md
	scripts/lint.sh >text && false
	for l in $all; do echo "failed  $l"; done >want
	grep '^[a-z]' text >got
	same want got
	# Each one's words stand below its name.
	awk '/^[a-z]/ { l = $2; next } { print l ": " $0 }' text >words
	for w in 'migrations: .*edited' 'gcc: .*never' 'layout: .*clang-format' 'cppcheck: .*leak' 'shell: .*SC2154' 'circles: .*rdstoken.c: calls itself through other files, by helper()' 'locals: .*status.sh:4: shared is written at scripts/lib/new.sh:2 too' \
		'make: .*no.such.name' 'pages: .*Xx' 'python: .*F401' 'template: .*MaximumRetries' 'checkov: .*CKV_AWS_116' 'kits: .*runs\?-on' 'blanks: .*trailing'; do
		grep -q "^$w" words || { echo "not said: $w"; cat words; false; }
	done
}

@test "a linter that is not there is exit 2, not a pass" {
	rm .cache/venv-lint
	mkdir -p .cache/venv-lint/bin
	for f in check-jsonschema clang-format ruff shellcheck zizmor; do
		ln -s "$TOP/.cache/venv-lint/bin/$f" .cache/venv-lint/bin/
	done
	check 2 -e "lint.sh: .cache/venv-lint/bin/cppcheck is not here: run 'make install-lint'" -- scripts/lint.sh
	check 2 -e 'lint.sh: there is no linter x; these are: migrations gcc layout cppcheck shell locals circles make pages python template checkov kits blanks' \
		-- scripts/lint.sh x
	check 2 -e 'usage: lint.sh [-a] [LINTER...]' -- scripts/lint.sh -x
}

@test "Ctrl-C: no linter keeps running, whenever it comes" {
	local pid rc left n
	rm .cache/venv-lint
	mkdir -p .cache/venv-lint/bin
	ln -s "$TOP/.cache/venv-lint/bin"/* .cache/venv-lint/bin/
	rm .cache/venv-lint/bin/ruff .cache/venv-lint/bin/shellcheck
	printf '#!/bin/sh\n: >.cache/begun\nexec sleep 300\n' >.cache/venv-lint/bin/ruff
	# It begins processes all the time: each moment is one in which another is begun.
	printf '#!/bin/sh\nfor n in $(seq 150); do sleep 300 & done\nwait\n' >.cache/venv-lint/bin/shellcheck
	chmod +x .cache/venv-lint/bin/ruff .cache/venv-lint/bin/shellcheck
	for n in 0 1 2 3 4 5 6 7 8 9; do
		rm -f .cache/begun
		rc=0
		# The shells that a script starts may ignore Ctrl-C: nobody else tells their children.
		setsid env --default-signal=INT scripts/lint.sh -a shell python migrations >text 2>&1 3>&- &
		pid=$!
		# From a moment on in which processes are begun, that have heard nothing yet.
		until kill -0 -- "-$pid" 2>/dev/null; do sleep 0.01; done
		case $n in
		0) for _ in $(seq 1000); do [ ! -e .cache/begun ] || break; sleep 0.02; done ;;
		*) sleep "0.0$n" ;;
		esac
		kill -INT -- "-$pid"
		wait "$pid" || rc=$?
		[ "$rc" -eq 130 ] || { echo "exit $rc"; cat text; false; }
		# The sleep of whoever was ended last, no more.
		for _ in $(seq 20); do
			left=$(ps -s "$pid" -o stat= -o args= | grep -v '^Z' || :)
			[ -n "$left" ] || break
			sleep 0.1
		done
		[ -z "$left" ] || { echo "$left"; pkill -s "$pid"; false; }
		nothing_left
	done
}
