#!/usr/bin/env bats
# The locks: one at a time, and none that outlives who took it.

load helper

setup() {
	scratch
	mkdir -p scripts/lib .cache
	cp "$TOP"/scripts/lib/common.sh "$TOP"/scripts/lib/jobs.sh "$TOP"/scripts/lib/lock.sh scripts/lib/
	cat >scripts/try.sh <<-'END'
		#!/bin/sh
		set -eu
		. "${0%/*}/lib/common.sh"
		. scripts/lib/lock.sh
		wait_lock test
		readlink .cache/lock.test
	END
	export ATLAS_MAKE_KNOBS=1 MIGRATIONS="" SCHEMA="" TEMPLATE=""
}

# birth PID: as a lock has it.
birth() { sh -c '. scripts/lib/lock.sh; birth "$1" && echo "$birth"' sh "$1"; }

@test "who has a lock is a process and its birth; it is gone at exit" {
	run -0 sh scripts/try.sh
	[[ $output =~ ^[0-9]+@[0-9]+\.[0-9a-f]{8}$ ]]
	[ ! -L .cache/lock.test ]
}

@test "a process number that came again does not hold its predecessor's lock" {
	# Even that of the very process that asks, as in a container started anew.
	ln -s "$$@1.00000000" .cache/lock.test
	run -0 timeout 10 sh scripts/try.sh
	cat >scripts/self.sh <<-'END'
		ln -s "$$@12345.deadbeef" .cache/lock.test
		. scripts/try.sh
	END
	run -0 timeout 10 sh scripts/self.sh
	[[ $output == *@* && $output != *deadbeef* ]]
	# Older versions wrote the number alone.
	sed -i '1s/@[^"]*//' scripts/self.sh
	run -0 timeout 10 sh scripts/self.sh
	[[ $output == *@* ]]
}

@test "one that is held is waited for, whoever holds it" {
	ln -s "$$@$(birth $$)" .cache/lock.test
	run -124 timeout 1 sh scripts/try.sh
	[ "${lines[0]}" = "waiting for process $$, which makes test" ]
	[ -L .cache/lock.test ]
	rm .cache/lock.test
	sleep 30 3>&- &
	ln -s "$!@$(birth $!)" .cache/lock.test
	run -124 timeout 1 sh scripts/try.sh
	kill $!
	wait $! || :
	run -0 timeout 10 sh scripts/try.sh
}

@test "not a lock of ours: refused, and left as it is" {
	ln -s elsewhere .cache/lock.test
	check 2 -e 'try.sh: .cache/lock.test: not a lock of ours: remove it' -- sh scripts/try.sh
	[ "$(readlink .cache/lock.test)" = elsewhere ]
}

@test "one whose holder is dead, though nobody has buried it, is taken over" {
	[ -r /proc/self/stat ] || skip 'no /proc here'
	# The parent becomes a program that never waits for its child.
	sh -c 'sleep 1 & echo $! >pid; exec sleep 30' 3>&- &
	local parent=$! pid
	until [ -s pid ]; do sleep 0.05; done
	pid=$(cat pid)
	ln -s "$pid@$(birth "$pid")" .cache/lock.test
	until grep -q ') Z ' "/proc/$pid/stat"; do sleep 0.05; done
	run timeout 10 sh scripts/try.sh
	kill "$parent"
	[ "$status" -eq 0 ]
	[[ $output != *"$pid@"* && $output == *@* ]]
}

@test "a lock that another took over and gave back between two looks is free" {
	mkdir bin
	cat >bin/readlink <<-'END'
		#!/bin/sh
		PATH=${PATH#*:}
		readlink "$@" || exit
		case $1 in *lock.test.*) rm -f "$1" "${1%.*}" ;; esac
	END
	chmod +x bin/readlink
	gone=$(sh -c 'echo $$') by=$(sh -c 'echo $$')
	ln -s "$gone@1.a" .cache/lock.test
	ln -s "$by@1.a" ".cache/lock.test.$gone@1.a"
	PATH=$PWD/bin:$PATH run -0 --separate-stderr sh scripts/try.sh
	[[ $output =~ ^[0-9]+@ ]] && [ -z "$stderr" ]
	[ -z "$(ls .cache | grep lock)" ]
}
