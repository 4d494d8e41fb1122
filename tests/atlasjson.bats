#!/usr/bin/env bats
# atlasjson.bats - reports of real JSON (Atlas v0.13.1 in v0/, v1.2.3 in v1/,
# squawk 2.70), of hostile JSON, and what other programs read of the reports.

load helper

setup() {
	scratch
	F=$FIXTURES/atlasjson
}

@test "text: every kind of JSON of both Atlas versions" {
	local v
	for v in "$F"/v0 "$F"/v1; do
		check 0 -O "$v/clean.text" -- atlasjson "$v/clean.json"
		check 1 -O "$v/destructive.text" -- atlasjson "$v/destructive.json"
		check 0 -O "$v/destructive-warn.text" -- atlasjson "$v/destructive-warn.json"
		check 1 -O "$v/multi.text" -- atlasjson "$v/multi.json"
		check 1 -O "$v/replay.text" -- atlasjson "$v/replay.json"
		check 1 -O "$v/sum.text" -- atlasjson "$v/sum.json"
		check 0 -O "$v/apply.text" -- atlasjson "$v/apply.json"
		check 0 -O "$v/apply-nothing.text" -- atlasjson "$v/apply-nothing.json"
		check 1 -O "$v/apply-error.text" -- atlasjson "$v/apply-error.json"
		check 1 -O "$v/apply-error-none.text" -- atlasjson "$v/apply-error-none.json"
		check 0 -O "$v/status-none.text" -- atlasjson "$v/status-none.json"
		check 0 -O "$v/status-partial.text" -- atlasjson "$v/status-partial.json"
		check 1 -O "$v/status-failed.text" -- atlasjson "$v/status-failed.json"
	done
}

@test "no JSON, broken JSON and JSON of others is exit 2, stdout empty" {
	local e=': see what the command said on its standard error'
	check 2 -e "atlasjson: standard input: no JSON in it$e" -- atlasjson
	printf 'Error: connection refused\n' >in
	check 2 -e "atlasjson: in: no JSON in it$e" -- atlasjson in
	head -c 3000 "$F/v1/multi.json" >in
	check 2 -p '^atlasjson: in:1: broken JSON \(.*\): was the command' -- atlasjson in
	printf 'noise\n{"level":"info","msg":"hello"}\n' >in
	check 2 -e "atlasjson: in:2: an object that no Atlas command prints (its first member is 'level')" \
		-- atlasjson in
	check 2 -e 'atlasjson: nope.json: cannot open: No such file or directory' \
		-- atlasjson nope.json
}
