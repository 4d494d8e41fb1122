#!/usr/bin/env bats
# bench/run.sh, with stand-ins for what it measures: what fails in it is seen, and it
# runs in a path with a blank and an apostrophe.

load helper

setup() {
	scratch
	project git
	mv "$PWD" "../it's a project"
	cd "../it's a project"
	mkdir ../stand-in
	cp -R "$TOP/bench" .
	mkdir -p tests
	cp "$TOP/tests/alone.sh" tests/
	for f in venv-test lint npm; do [ ! -e "$TOP/.cache/$f" ] || ln -s "$TOP/.cache/$f" .cache/; done
	# Each run took three seconds.
	printf '%s\n' '#!/bin/sh' 'while [ "$1" != --export-json ]; do shift; done' \
		'echo "{\"results\": [{\"times\": [2, 4, 3]}]}" >"$2"' >../stand-in/hyperfine
	chmod +x ../stand-in/hyperfine
	export PATH="$BATS_TEST_TMPDIR/stand-in:$PATH"
	printf '#!/bin/sh\necho 7\n' >bench/parts.sh
	printf '#!/bin/sh\nmkdir -p "$1/migrations"\n' >bench/generate.sh
	printf 'print("| the function | 1 |")\n' >bench/lambda.py
	printf '#!/bin/sh\necho "| beside | 1 |"\n' >bench/peers.sh
	printf '#!/bin/sh\necho "| grown | 1 |"\nexit "${GROWTH-0}"\n' >bench/growth.sh
}

@test "a table of medians, kept; in a path with a blank and an apostrophe" {
	bench/run.sh >text
	grep -Fqx "| check, nothing changed | 3000 (2000 to 4000) | an empty make and one command | 3000 | 1 |" text
	grep -Fqx "| full check, database cold | 3000 (2000 to 4000) | its parts one after another, the server running | 7 | 429 |" text
	cat .cache/bench/report.md .cache/bench/peers.md .cache/bench/growth.md | same - text
	grep -Fqx '| the function | 1 |' .cache/bench/report.md
	grep -Fqx '| beside | 1 |' .cache/bench/peers.md
	grep -Fqx '| grown | 1 |' .cache/bench/growth.md
	[ ! -e .cache/bench/work ]
}

@test "what fails behind a pipe ends it with 2" {
	printf '#!/bin/sh\nmkdir -p "$1"\n' >bench/project.sh
	rc=0
	GROWTH=1 bench/run.sh >text 2>&1 || rc=$?
	[ "$rc" -eq 2 ]
	grep -Fqx '| grown | 1 |' text
	printf '#!/bin/sh\nexit 1\n' >../stand-in/hyperfine
	run -2 bench/run.sh -s
}

@test "the short run asks no peer that has to be fetched" {
	bench/run.sh -s >text
	[ ! -e .cache/bench/peers.md ]
	run ! grep -E '^. (beside|grown) ' text
}

@test "peers take turns: time and memory of each, and of one that fails what it said" {
	printf 'ours\ttouch before\ttest -e before; sleep 0.05\ntheirs\t\techo "Error: no a|b" >&2; echo at the end; exit 3\n' >list
	"$TOP/.cache/venv/bin/python" "$TOP/bench/in_turn.py" 2 <list >rows
	grep -Eqx "\| ours \| 0\.[0-9]+ \| [0-9]+ \| [0-9]+ \| \|" rows || { cat rows; false; }
	grep -Fqx '| theirs | - | | | Error: no a b |' rows || { cat rows; false; }
}
