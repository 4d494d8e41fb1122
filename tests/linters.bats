#!/usr/bin/env bats
# make lint: each linter sees the mistake it is there for, none is skipped in
# silence, and what each says stays together.

load helper

setup() {
	scratch
	project
	for f in venv-lint venv-sam npm-lint; do ln -s "$TOP/.cache/$f" ".cache/$f"; done
	cp -Rp "$TOP/.clang-format" "$TOP/.editorconfig" "$TOP/.shellcheckrc" "$TOP/ruff.toml" "$TOP/.github" \
		"$TOP/.gitlab" "$TOP/.pre-commit-config.yaml" .
	# Built already, as far as it is the same.
	[ ! -d "$TOP/.cache/werror" ] || cp -Rp "$TOP/.cache/werror" .cache/
	mkdir tests bench
	cp -p "$TOP/tests/helper.bash" tests/
	export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
	git init -q .
}

@test "every linter passes, is not run again for nothing, and sees a mistake" {
	all='migrations gcc layout cppcheck shell make pages python template kits blanks'
	# What takes long elsewhere is looked at there: a few files will do here.
	find scripts -name '*.sh' ! -path '*/lib/*' ! -path '*/steps/*' ! -path '*/setup/*' ! -name 'check_*' ! -name 'lint*' ! -name 'render*' ! -name 'apply_*' \
		! -name 'install_packages.sh' -exec sh -c 'for f do printf "#!/bin/sh\n" >"$f"; done' sh {} +
	scripts/lint.sh -a >text || { cat text; false; }
	for l in $all; do echo "ok      $l"; done | same - text
	# Unchanged, but for the two that know that themselves.
	scripts/lint.sh >text
	[ "$(grep -c '(unchanged)$' text)" -eq 9 ]

	echo '-- more' >>src/db/migrations/20261115100000_create_addresses.sql
	printf 'int unused(int);\nint unused(int a) { return a; }\nstatic int never;\n' >>tools/rdstoken.c
	printf '#include <stdio.h>\nvoid f(char *p);\nvoid f(char *p)\n{\n\tFILE *x = fopen(p, "r");\n\n\t(void)x;\n}\n' >tools/leak.c
	printf '#!/bin/sh\nx=$(ls $1)\necho $y\n' >scripts/new.sh
	printf 'lint: $(no.such.name)\n' >>mk/schema.mk
	printf '.Xx\n' >>tools/mhash.1
	printf 'import os\n' >>src/db/models.py
	sed 's/MaximumRetryAttempts:/MaximumRetries:/' cloud-formation.yaml >x && cat x >cloud-formation.yaml && rm x
	printf '  x: {run-on: y}\n' >>.github/workflows/migrations.yml
	printf 'a  \n' >CHANGES.md
	scripts/lint.sh >text && false
	for l in $all; do echo "failed  $l"; done >want
	grep '^[a-z]' text >got
	same want got
	# Each one's words stand below its name.
	awk '/^[a-z]/ { l = $2; next } { print l ": " $0 }' text >words
	for w in 'migrations: .*edited' 'gcc: .*never' 'layout: .*clang-format' 'cppcheck: .*leak' 'shell: .*SC2154' \
		'make: .*no.such.name' 'pages: .*Xx' 'python: .*F401' 'template: .*MaximumRetries' 'kits: .*runs\?-on' 'blanks: .*trailing'; do
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
	check 2 -e 'usage: lint.sh [-a]' -- scripts/lint.sh x
}

@test "Ctrl-C: no linter keeps running" {
	local pid rc=0 left
	rm .cache/venv-lint
	mkdir -p .cache/venv-lint/bin
	ln -s "$TOP/.cache/venv-lint/bin"/* .cache/venv-lint/bin/
	rm .cache/venv-lint/bin/ruff
	printf '#!/bin/sh\n: >.cache/begun\nexec sleep 300\n' >.cache/venv-lint/bin/ruff
	chmod +x .cache/venv-lint/bin/ruff
	setsid env --default-signal=INT scripts/lint.sh -a >text 2>&1 3>&- &
	pid=$!
	until [ -e .cache/begun ]; do sleep 0.02; done
	kill -INT -- "-$pid"
	wait "$pid" || rc=$?
	[ "$rc" -eq 130 ]
	# Nobody waits for what xargs ran: it has been told, and ends in its time.
	for _ in $(seq 200); do
		left=$(pgrep -s "$pid" -a) || break
		sleep 0.1
	done
	[ -z "$left" ] || { echo "$left"; pkill -s "$pid"; false; }
	nothing_left
}
