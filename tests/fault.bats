#!/usr/bin/env bats
# fault.bats - each call of a tool that can fail does, a share of what
# `make fault` does.

load helper

setup() {
	scratch
	[ "$(uname -s)" = Linux ] || skip 'LD_PRELOAD as Linux has it'
	nm -D "${TOOLS_DIR:-$TOP/.cache/bin}/mhash" 2>/dev/null | grep -q ' malloc' ||
		skip 'the tools are static'
	${CC:-cc} -O1 -shared -fPIC -o inject.so "$TOP/tests/fault/inject.c" -ldl
	F=$TOP/tests/fault/run.sh
	B=${TOOLS_DIR:-$TOP/.cache/bin}
}

@test "a failed call is exit 2 and a message, and leaves all as it was" {
	run "$F" -1 -b "$B" -p ./inject.so
	echo "$output"
	[ "$status" -eq 0 ]
	[[ ${lines[-1]} == *' calls failed, 0 of them badly' ]]
}

@test "each command of make fault does its work when nothing fails" {
	check 0 -o '0 calls failed, 0 of them badly' -- "$F" -n -b "$B" -p ./inject.so
}

@test "memory that runs out while libcrypto starts: a message, no waiting for its own lock" {
	export AWS_ACCESS_KEY_ID=id AWS_SECRET_ACCESS_KEY=key
	failed=0
	for n in $(seq 40); do
		run timeout 10 env LD_PRELOAD=./inject.so FAULT="alloc:$n:ENOMEM" \
			"$B/rdstoken" -r eu-central-1 db.example.com user
		# The C library gets along without some.
		[ "$status" -ne 0 ] || continue
		[ "$status" -eq 2 ]
		[[ $output == 'rdstoken: out of memory'* ]]
		failed=$((failed + 1))
	done
	[ "$failed" -gt 20 ]
}

@test "a tool that hides a failure is found out" {
	mkdir bin
	# It says nothing of a write that failed.
	cat >bad.c <<-'END'
		#include <stdlib.h>
		#include <unistd.h>
		int main(void) { free(malloc(1)); return write(1, "x", 1) == 7; }
	END
	${CC:-cc} -o bin/rdstoken bad.c
	cp "$B/mhash" bin/
	run "$F" -b bin -p ./inject.so rdstoken
	echo "$output"
	[ "$status" -eq 1 ]
	[[ $output == *'not ok: FAULT=write:1:ENOSPC rdstoken'* ]]
	[[ $output == *'not ok: FAULT=write:1:EPIPE rdstoken'* ]]
}
