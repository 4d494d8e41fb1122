#!/usr/bin/env bats
# install.bats - an install that was killed, and two at once. Run by make crash.

load ../helper

setup() {
	scratch
	project
}

@test "an install that was killed is made anew; of two at once one waits" {
	local pid pause tried=0
	knobs=$(make -s print-knobs)
	eval "$knobs"
	# The environment without packages: no network is asked.
	: >none.txt
	for pause in 0 0.1 0.3 1 2; do
		rm -rf .cache/v
		setsid scripts/setup/install_venv.sh .cache/v none.txt >../text 2>&1 3>&- &
		pid=$!
		until [ -e .cache/v ]; do sleep 0.01; done
		sleep "$pause"
		kill -KILL -- "-$pid" 2>/dev/null || :
		wait "$pid" || :
		scripts/setup/install_venv.sh .cache/v none.txt >../1 2>&1 &
		pid=$!
		scripts/setup/install_venv.sh .cache/v none.txt >../2 2>&1
		wait "$pid"
		.cache/v/bin/python -c 'import pip'
		cmp none.txt .cache/v/ok
		tried=$((tried + 1))
	done
	for f in .cache/lock*; do [ ! -L "$f" ]; done
	[ -z "${CRASH_FIGURES-}" ] || echo "install: $tried" >>"$CRASH_FIGURES"
}
