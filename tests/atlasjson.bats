#!/usr/bin/env bats
# atlasjson.bats - reports of real JSON (Atlas v1.2.3 in v1/,
# squawk 2.70), of hostile JSON, and what other programs read in the reports.

load helper

setup() {
	scratch
	F=$FIXTURES/atlasjson
}

# What a real reader of FORMAT sees: readers of SARIF, JUnit and Markdown come
# from tests/requirements.txt.
reader() {
	local p=$TOP/.cache/venv-test/bin/python
	[ -x "$p" ] || { echo "no $p: run 'make install-test'" >&2; return 1; }
	"$p" "$F/read.py" "$@"
}

# finding LINE COLUMN LEVEL CODE [FILE]: one of squawk's.
finding() {
	printf '[{"file":"%s","line":%d,"column":%d,"level":"%s","message":"m","rule_name":"%s"}]\n' \
		"${5:-m/1.sql}" "$1" "$2" "$3" "$4"
}

# lint TEXT CODE POS [CODE POS]...: a lint of the file 1.sql in the directory m.
lint() {
	local text=$1 sep=''
	shift
	printf '{"Env":{"Dir":"m"},"Steps":[],"Files":[{"Name":"1.sql","Text":"%s"' "$text"
	printf ',"Reports":[{"Text":"what was found","Diagnostics":['
	while [ $# -gt 0 ]; do
		printf '%s{"Code":"%s","Pos":%d,"Text":"m"}' "$sep" "$1" "$2"
		sep=,
		shift 2
	done
	printf ']}]}]}\n'
}

# brief ARG...: the report without source lines and help.
brief() {
	atlasjson "$@" | grep -v '^  '
	return "${PIPESTATUS[0]}"
}

# brief_apply ARG...: and without the files and how it ended.
brief_apply() {
	atlasjson "$@" | grep '^src\|^[0-9]* error'
	return "${PIPESTATUS[0]}"
}

# lacks PATTERN FILE: bash lets "! grep" pass.
lacks() {
	if grep -e "$1" "$2"; then return 1; fi
}

# ---- real JSON ----

@test "text: every kind of JSON" {
	local n
	for n in clean destructive-warn apply apply-nothing status-none status-partial; do
		check 0 -O "$F/v1/$n.text" -- atlasjson "$F/v1/$n.json"
	done
	for n in destructive multi latin1 replay replay-crlf scan sum apply-error \
		apply-error-none apply-scan status-failed; do
		check 1 -O "$F/v1/$n.text" -- atlasjson "$F/v1/$n.json"
	done
}

@test "text: an apply that was interrupted, with what Atlas says beside its JSON" {
	check 1 -O "$F/v1/apply-interrupted.text" -- atlasjson "$F/v1/apply-interrupted.json"
}

@test "each format: lint, squawk and a failed apply in one report" {
	local f
	for f in text github gitlab junit markdown; do
		check 1 -O "$F/merged/all.$f" -- \
			atlasjson -f $f "$F/v1/multi.json" "$F/squawk.json" "$F/v1/apply-error.json"
	done
}

@test "each format: a status, an apply and a broken atlas.sum" {
	local f
	for f in text github gitlab junit markdown; do
		check 1 -O "$F/merged/status.$f" -- \
			atlasjson -f $f "$F/v1/status-failed.json" "$F/v1/apply.json" "$F/v1/sum.json"
	done
}

@test "each format: nothing found" {
	local f
	for f in text github gitlab junit markdown; do
		check 0 -O "$F/merged/clean.$f" -- atlasjson -f $f "$F/v1/clean.json"
	done
}

@test "github: an apply or a status without findings is no more than its text" {
	local n
	for n in apply apply-nothing status-none status-partial; do
		check 0 -O "$F/v1/$n.text" -- atlasjson -f github "$F/v1/$n.json"
	done
}

@test "sarif: the same reports, valid by the schema" {
	local n version
	version=$(atlasjson -V | cut -d ' ' -f 2)
	atlasjson -f sarif "$F/v1/clean.json" >clean
	atlasjson -f sarif "$F/v1/multi.json" "$F/squawk.json" "$F/v1/apply-error.json" >all || [ $? -eq 1 ]
	atlasjson -f sarif "$F/v1/status-failed.json" "$F/v1/apply.json" "$F/v1/sum.json" >status ||
		[ $? -eq 1 ]
	for n in clean all status; do
		sed "s/\"version\": \"0\.1\.0\"/\"version\": \"$version\"/" "$F/merged/$n.sarif" >want
		same want $n
		reader sarif $n >$n.list
	done
	[ "$(wc -l <clean.list)" -eq 0 ]
	[ "$(wc -l <all.list)" -eq 8 ]
}

@test "every command of the page's examples" {
	local page
	page=$(MANWIDTH=200 man -l "$TOP/tools/atlasjson.1" 2>/dev/null || mandoc "$TOP/tools/atlasjson.1")
	[[ $page == *"atlasjson -l 'DS=error, prefer-robust-stmts=off' lint.json squawk.json"* ]]
	cp "$F/v1/destructive-warn.json" lint.json
	cp "$F/squawk.json" squawk.json
	check 1 -O <(atlasjson -l DS=error lint.json squawk.json) -- \
		atlasjson -l 'DS=error, prefer-robust-stmts=off' lint.json squawk.json
	GITHUB_STEP_SUMMARY=summary
	atlasjson -f markdown lint.json >>"$GITHUB_STEP_SUMMARY"
	atlasjson -f github lint.json >annotations
	[ "$(head -n 1 summary)" = '### Migrations: 3 warnings in 1 file' ]
	[ "$(tail -n 1 annotations)" = '3 warnings in 1 file' ]
	atlasjson -f dot <"$F/v1/inspect.json" | dot -Tsvg >schema.svg
	grep -q '</svg>' schema.svg
}

# ---- places ----

@test "place: bytes of the file become lines and characters, Latin-1 too" {
	# tests/fixtures/atlasjson/v?/latin1.text pins the whole of it.
	check 1 -o 'src/db/migrations/2_x.sql:2:1: error: Dropping table "b" (DS102)
src/db/migrations/2_x.sql:3:9: error: Dropping non-virtual columns "x" and "y" (DS103)
src/db/migrations/2_x.sql:8:11: error: Dropping non-virtual column "z" (DS103)
3 errors in 1 file' -- brief "$F/v1/latin1.json"
}

@test "place: CRLF, tabs, the file's end and beyond" {
	lint 'a;\r\n\tb;\r\nc' A1 0 A2 2 A3 4 A4 5 A5 9 A6 10 A7 9999 >in
	check 0 -o 'm/1.sql:1:1: warning: m (A1)
m/1.sql:1:3: warning: m (A2)
m/1.sql:2:1: warning: m (A3)
m/1.sql:2:2: warning: m (A4)
m/1.sql:3:1: warning: m (A5)
m/1.sql:3:2: warning: m (A6)
m/1.sql:3:2: warning: m (A7)
7 warnings in 1 file' -- brief in
	lint '' A1 0 A2 5 >in
	check 0 -o 'm/1.sql:1:1: warning: m (A1)
     1 | 
       | ^
m/1.sql:1:1: warning: m (A2)
     1 | 
       | ^
2 warnings in 1 file' -- atlasjson in
}

@test "place: the statement that failed is looked up in its file" {
	mkdir -p src/db
	cp -r "$F/migrations" src/db/migrations
	printf 'CREATE TABLE "x" ("id" int);\n-- caf\303\251\n/* \303\251 */ ALTER TABLE "nope" ADD COLUMN "zip" text;\n' \
		>src/db/migrations/20240104000000_bad.sql
	local where='src/db/migrations/20240104000000_bad.sql:3:9: error:'
	check 1 -o "$where executing statement: ALTER TABLE \"nope\" ADD COLUMN \"zip\" text;: pq: relation \"nope\" does not exist (42P01) (replay)
     3 | /* é */ ALTER TABLE \"nope\" ADD COLUMN \"zip\" text;
       |         ^
1 error in 1 file" -- atlasjson "$F/v1/replay.json"
	atlasjson "$F/v1/apply-error.json" >got || [ $? -eq 1 ]
	grep -Fx "$where pq: relation \"nope\" does not exist (42P01) (apply)" got
	grep -Fx '     3 | /* é */ ALTER TABLE "nope" ADD COLUMN "zip" text;' got
	atlasjson "$F/v1/sum.json" >got || [ $? -eq 1 ]
	grep -q '^     4 | 20240103000000_more.sql h1:' got
}

@test "place: a quote that is not closed, where Atlas names the right place" {
	mkdir -p src/db/migrations
	cp "$F/scan.sql" src/db/migrations/2_x.sql
	check 1 -o "src/db/migrations/2_x.sql:2:10: error: scanning statements: 2:10: unclosed quote '\\'' (replay)
     2 |   SELECT 'x
       |          ^
1 error in 1 file" -- atlasjson "$F/v1/scan.json"
	# An apply puts it with the file before, or with none.
	cp "$F/scan.sql" src/db/migrations/20261201000000_x.sql
	atlasjson "$F/v1/apply-scan.json" >got || [ $? -eq 1 ]
	grep -q '^src/db/migrations/20261201000000_x.sql: error: scanning statements from "20261201000000_x.sql": 3:10: ' got
	printf -- '-- \303\251\nSELECT 1;\n  SELECT '"'"'unclosed;\n' >src/db/migrations/20261201000000_x.sql
	check 1 -o "src/db/migrations/20261201000000_x.sql:3:10: error: scanning statements from \"20261201000000_x.sql\": 3:10: unclosed quote '\\'' (apply)
1 error in 1 file" -- brief_apply "$F/v1/apply-scan.json"
	cp "$F/replay-crlf.sql" src/db/migrations/2_x.sql
	check 1 -o 'src/db/migrations/2_x.sql:3:9: error: executing statement: INSERT INTO nope (replay)
       | VALUES (1);: pq: relation "nope" does not exist at position 1:13 (42P01)
     3 | /* ü */ INSERT INTO nope
       |         ^
1 error in 1 file' -- atlasjson "$F/v1/replay-crlf.json"
}

@test "place: squawk's byte columns, with the text of the file" {
	mkdir m
	printf 'x;\n/*\303\274\303\274\360\235\204\236*/ DROP TABLE b;\n' >m/1.sql
	finding 1 13 Warning ban-drop-table >in
	check 0 -o 'm/1.sql:2:9: warning: m (ban-drop-table)
     2 | /*üü𝄞*/ DROP TABLE b;
       |         ^
1 warning in 1 file' -- atlasjson in
	rm m/1.sql
	check 0 -o 'm/1.sql:2:14: warning: m (ban-drop-table)
1 warning in 1 file' -- atlasjson in
	# Not the file that was checked: it is shorter.
	printf 'x;' >m/1.sql
	check 0 -o 'm/1.sql:2:14: warning: m (ban-drop-table)
1 warning in 1 file' -- atlasjson in
}

@test "place: no file is read but a plain one below the working directory" {
	mkdir m elsewhere
	echo secret >elsewhere/secret
	ln -s ../elsewhere/secret m/link
	mkfifo m/fifo
	local f
	cd m
	for f in link fifo . ../elsewhere/secret "$PWD/../elsewhere/secret" /etc/passwd x/../../elsewhere/secret; do
		finding 0 0 Warning c "$f" >../in
		timeout 5 atlasjson ../in >../got
		[ "$(wc -l <../got)" -eq 2 ] || { cat ../got; return 1; }
	done
	finding 0 0 Warning c "$PWD/../m//./ok" >../in
	echo shown >ok
	# An absolute name is shown and read from here on.
	finding 0 0 Warning c "$PWD//./ok" >../in
	check 0 -o 'ok:1:1: warning: m (c)
     1 | shown
       | ^
1 warning in 1 file' -- atlasjson ../in
}

@test "place: file names from -d, Env.Dir, a URL, or none" {
	local dir want
	while read -r dir want; do
		printf '{"Env":{"Dir":"%s"},"Files":[{"Name":"1.sql","Error":"x"}]}\n' "$dir" >in
		check 1 -o "$want: error: x (replay)
1 error in 1 file" -- atlasjson in
	done <<-EOT
		file://a/b a/b/1.sql
		file://a/b?format=atlas a/b/1.sql
		./a//b/ a/b/1.sql
		a/b a/b/1.sql
		file://$PWD/a a/1.sql
		$PWD 1.sql
		. 1.sql
		/somewhere/else 1.sql
		mem://x 1.sql
	EOT
	check 1 -o 'p/q/1.sql: error: x (replay)
1 error in 1 file' -- atlasjson -d ./p//q/ in
	check 1 -o '1.sql: error: x (replay)
1 error in 1 file' -- atlasjson -d '' in
	check 1 -o '/abs/1.sql: error: x (replay)
1 error in 1 file' -- atlasjson -d /abs in
}

# ---- levels and doubles ----

@test "level: a class, a code, all, off; what comes later wins" {
	lint 'a;b;c;' DS102 0 DS103 2 MF104 4 >in
	check 0 -o 'm/1.sql:1:1: warning: m (DS102)
m/1.sql:1:3: warning: m (DS103)
m/1.sql:1:5: warning: m (MF104)
3 warnings in 1 file' -- brief in
	check 1 -o 'm/1.sql:1:1: error: m (DS102)
m/1.sql:1:3: error: m (DS103)
m/1.sql:1:5: warning: m (MF104)
2 errors, 1 warning in 1 file' -- brief -l DS=error in
	check 1 -o 'm/1.sql:1:1: warning: m (DS102)
m/1.sql:1:5: error: m (MF104)
1 error, 1 warning in 1 file' -- brief -l ' all=error,DS=warning ,  DS103=off,' in
	check 0 -o 'no findings in 1 file' -- brief -l DS=error -l all=off in
	# A class is letters before digits, not any beginning.
	check 0 -o 'm/1.sql:1:1: warning: m (DS102)
m/1.sql:1:3: warning: m (DS103)
m/1.sql:1:5: warning: m (MF104)
3 warnings in 1 file' -- brief -l 'D=error,DS10=warning,DS1021=error,M=error' in
}

@test "what failed is not to be looked for among a thousand files that did not" {
	# report BEFORE AFTER: so many files before the one that failed, so many after it.
	report() {
		jq -cn --argjson before "$1" --argjson after "$2" '
			def names: [range(1; $before + $after + 2) | {Name: "\(.)_f.sql"}];
			{Driver: "postgres", Start: "2026-01-01T00:00:00Z", Dir: "m", Pending: names, Error: "no", Applied: [names[:$before + 1] | to_entries[] | .value + {Applied: ["SELECT 1"]} +
				if .key == $before then {Error: {Stmt: "SELECT x", Text: "no"}} else {} end]}'
	}
	check 1 -o 'done    m/1_f.sql (1 statement)
done    m/2_f.sql (1 statement)
...     996 more
done    m/999_f.sql (1 statement)
done    m/1000_f.sql (1 statement)
failed  m/1001_f.sql (stopped at statement 1)
pending m/1002_f.sql
pending m/1003_f.sql
...     7 more
pending m/1011_f.sql
pending m/1012_f.sql
migrate apply: failed after 1000 of 1012 files
m/1001_f.sql: error: no (apply)
       | SELECT x
1 error in 1 file' -- atlasjson <(report 1000 11)
	[ "$(report 10 10 | atlasjson | grep -c '^done\|^pending')" -eq 20 ]
	[ "$(report 0 0 | atlasjson | grep -c '^failed')" -eq 1 ]
}

@test "level: a file that failed may pass, one that could not be checked may not" {
	check 0 -o 'no findings in 1 file' -- brief -l all=off "$F/v1/destructive.json"
	check 1 -O "$F/v1/replay.text" -- atlasjson -l all=off "$F/v1/replay.json"
	check 1 -O "$F/v1/sum.text" -- atlasjson -l all=off,integrity=off "$F/v1/sum.json"
	check 1 -O "$F/v1/apply-error.text" -- atlasjson -l apply=off "$F/v1/apply-error.json"
	# An error beside findings that do not explain it.
	printf '{"Env":{"Dir":"m"},"Files":[{"Name":"1.sql","Text":"a","Error":"crashed","Reports":[{"Text":"what was found","Diagnostics":[{"Code":"A1","Pos":0,"Text":"m"}]}]}]}\n' >in
	check 1 -o 'm/1.sql: error: crashed (replay)
1 error in 1 file' -- atlasjson -l all=off in
}

@test "level: a step's error that no file carries, and an unknown level" {
	printf '{"Env":{"Dir":"m"},"Steps":[{"Name":"Replay","Error":"no such dir"}]}\n' >in
	check 1 -o 'error: Replay: no such dir (step)
1 error' -- atlasjson in
	# Where a file is wanted, that of the sums stands in.
	local f
	for f in gitlab sarif; do
		atlasjson -f $f in >out || [ $? -eq 1 ]
		[ "$(reader $f out)" = '["error", "m/atlas.sum", 1, "step", "Replay: no such dir"]' ]
	done
	atlasjson -f junit in >out || [ $? -eq 1 ]
	[ "$(reader junit out)" = '["Failure", "Replay", ""]' ]
	grep -q 'message="no such dir"' out
	finding 0 0 Note c >in
	check 1 -o 'm/1.sql:1:1: error: m (c)
1 error in 1 file' -- atlasjson in
	finding 0 0 WARNING c >in
	check 0 -o 'm/1.sql:1:1: warning: m (c)
1 warning in 1 file' -- atlasjson in
}

@test "level: wrong -l is exit 2" {
	check 2 -e "atlasjson: -l: 'DS' is not CODE=LEVEL" -- atlasjson -l DS "$F/v1/clean.json"
	check 2 -e "atlasjson: -l: '=off' is not CODE=LEVEL" -- atlasjson -l =off "$F/v1/clean.json"
	check 2 -e "atlasjson: -l: 'DS=fatal': the level is one of error, warning, notice, off" -- \
		atlasjson -l A=off,DS=fatal "$F/v1/clean.json"
}

@test "doubles: one finding of both linters in a statement, the higher level" {
	local pair
	# The clause squawk points at may be lines below the statement's start.
	for pair in BC101:renaming-table BC102:renaming-column CD101:ban-drop-constraint \
		DS101:ban-drop-schema DS102:ban-drop-table DS103:ban-drop-column \
		MF103:adding-required-field MF104:adding-not-nullable-field \
		PG101:require-concurrent-index-creation PG102:require-concurrent-index-deletion; do
		lint 'x;\ny\n z\n;' "${pair%:*}" 3 >a
		finding 2 1 Warning "${pair#*:}" >b
		check 0 -o "m/1.sql:2:1: warning: m (${pair%:*})
1 warning in 1 file" -- brief a b
		check 0 -o "m/1.sql:2:1: warning: m (${pair%:*})
1 warning in 1 file" -- brief b a
		finding 2 1 Error "${pair#*:}" >b
		check 1 -o "m/1.sql:2:1: error: m (${pair%:*})
1 error in 1 file" -- brief b a
	done
}

@test "doubles: what stays" {
	lint 'x;\ny\n z\n;' DS103 3 >a
	# Another statement, another meaning, another file.
	finding 0 0 Warning ban-drop-column >b
	check 0 -o 'm/1.sql:1:1: warning: m (ban-drop-column)
m/1.sql:2:1: warning: m (DS103)
2 warnings in 1 file' -- brief a b
	finding 1 0 Warning ban-drop-table >b
	check 0 -o 'm/1.sql:2:1: warning: m (DS103)
m/1.sql:2:1: warning: m (ban-drop-table)
2 warnings in 1 file' -- brief a b
	finding 1 0 Warning ban-drop-column m/2.sql >b
	check 0 -o 'm/1.sql:2:1: warning: m (DS103)
m/2.sql:2:1: warning: m (ban-drop-column)
2 warnings in 2 files' -- brief a b
	# One that is off takes nothing with it.
	finding 1 0 Warning ban-drop-column >b
	check 0 -o 'm/1.sql:2:1: warning: m (ban-drop-column)
1 warning in 1 file' -- brief -l DS103=off a b
	check 0 -o 'm/1.sql:2:1: warning: m (DS103)
1 warning in 1 file' -- brief -l ban-drop-column=off a b
}

@test "doubles: the same input twice is the same report" {
	atlasjson "$F/v1/multi.json" "$F/squawk.json" >want || [ $? -eq 1 ]
	check 1 -O want -- atlasjson "$F/squawk.json" "$F/v1/multi.json" "$F/v1/multi.json" "$F/squawk.json"
}

# ---- streams ----

@test "stream: noise around, between and beside; several objects; two inputs" {
	{
		printf 'interrupt received, waiting...\n{ not json } [1] [] text[] {} [2024-01-01] {"a"} x\n'
		cat "$F/v1/destructive.json"
		printf 'A "quote" and \\ and \000 and \377\n'
		cat "$F/squawk.json" "$F/v1/apply.json" | tr -d '\n'
		printf '[]\n  []  \n{"Env":{"Dir":"m"},"Files":[]}interrupt received'
	} >in
	atlasjson "$F/v1/destructive.json" "$F/squawk.json" "$F/v1/apply.json" >want || [ $? -eq 1 ]
	check 1 -i in -O want -- atlasjson
	check 1 -i in -O want -- atlasjson -
	check 1 -i "$F/squawk.json" -O want -- \
		atlasjson "$F/v1/apply.json" - "$F/v1/destructive.json"
}

@test "stream: an empty array is a clean report, an array in a word is none" {
	printf '[]\n' >in
	check 0 -o 'no findings' -- atlasjson in
	printf 'note: []\n' >in
	check 2 -p '^atlasjson: in: no JSON in it: see what' -- atlasjson in
	printf 'text[]\n' >in
	check 2 -p '^atlasjson: in: no JSON in it: see what' -- atlasjson in
}

@test "stream: no JSON, or JSON of others" {
	local e=': see what the command said on its standard error'
	check 2 -e "atlasjson: standard input: no JSON in it$e" -- atlasjson
	printf 'Error: connection refused\n' >in
	check 2 -e "atlasjson: in: no JSON in it$e" -- atlasjson in
	check 2 -e "atlasjson: in: no JSON in it$e" -- atlasjson "$F/v1/clean.json" in
	printf 'noise\n{"level":"info","msg":"hello"}\n' >in
	check 2 -e "atlasjson: in:2: an object that no Atlas command prints (its first member is 'level')" \
		-- atlasjson in
	printf '{"Env":{}}\n' >in
	check 2 -e 'atlasjson: in:1: neither the report of a lint nor of a status' -- atlasjson in
	check 2 -e 'atlasjson: nope.json: cannot open: No such file or directory' \
		-- atlasjson nope.json
	check 2 -p '^atlasjson: \.: cannot' -- atlasjson .
}

@test "stream: JSON cut short anywhere is never a report" {
	local size n
	size=$(wc -c <"$F/v1/multi.json")
	for ((n = 1; n < size - 2; n += size / 40)); do
		{ cat "$F/v1/clean.json"; echo; head -c $n "$F/v1/multi.json"; } >in
		check 2 -p '^atlasjson: in:2: (the JSON ends too early|broken JSON: )' -- atlasjson in
	done
	head -c 500 "$F/squawk.json" >in
	check 2 -e 'atlasjson: in:1: the JSON ends too early, in line 1: was the command that wrote it stopped?' \
		-- atlasjson in
	# Not even a piece of a secret in the message.
	printf '{"Driver":"postgres","URL":{"RawQuery":"password=geheim' >in
	check 2 -e 'atlasjson: in:1: the JSON ends too early, in line 1: was the command that wrote it stopped?' \
		-- atlasjson in
}

# ---- bad and hostile JSON ----

@test "bad: members of the wrong type are exit 2 and named" {
	local want json
	while IFS='|' read -r want json; do
		printf '%s\n' "$json" >in
		check 2 -e "atlasjson: in:1: $want" -- atlasjson in
	done <<-'EOT'
		'Files' is not an array|{"Env":{},"Files":"x"}
		'Files' has an element that is not an object|{"Env":{},"Files":[1]}
		'Env' is not an object|{"Env":[],"Files":[]}
		'Dir' is not a string|{"Env":{"Dir":1},"Files":[]}
		'Text' is not a string|{"Env":{},"Files":[{"Name":"a","Text":{}}]}
		'Reports' is not an array|{"Env":{},"Files":[{"Name":"a","Reports":{}}]}
		'Pos' is not an integer|{"Env":{},"Files":[{"Name":"a","Reports":[{"Diagnostics":[{"Pos":"1"}]}]}]}
		'Pos' is not an integer|{"Env":{},"Files":[{"Name":"a","Reports":[{"Diagnostics":[{"Pos":1e3}]}]}]}
		'SuggestedFixes' has an element that is not an object|{"Env":{},"Files":[{"Name":"a","Reports":[{"Diagnostics":[{"SuggestedFixes":[0]}]}]}]}
		'Steps' is not an array|{"Env":{},"Steps":true}
		'Error' is not a string|{"Env":{},"Steps":[{"Error":true}]}
		'Error' is not an object|{"Driver":"p","Start":"","Applied":[{"Error":"x"}]}
		'Applied' is not an array|{"Driver":"p","Start":"","Applied":{}}
		'ExecutionTime' is not an integer|{"Env":{},"Status":"OK","Applied":[{"ExecutionTime":"1"}]}
		'message' is not a string|[{"rule_name":"a","message":1}]
		'line' is not an integer|[{"rule_name":"a","message":"a","file":"f","line":"1"}]
		a file without a name|{"Env":{},"Files":[{"Text":"a"}]}
		element 1 of the array is no finding: it has no 'rule_name' or no 'message'|[{"rule_name":"a","message":"a"},{"a":1}]
		'the array' has an element that is not an object|[{"rule_name":"a","message":"a"},1]
		broken JSON: duplicate object key, in line 1|{"Env":{},"Env":{}}
		broken JSON: too big integer, in line 1|{"Env":{},"x":99999999999999999999}
		broken JSON: real number overflow, in line 1|{"Env":{},"x":1e999}
		broken JSON: NUL byte in object key not supported, in line 1|{"Env":{},"a\u0000b":1}
	EOT
	printf '{"Env":%s' "$(head -c 5000 /dev/zero | tr '\0' '[')" >in
	check 2 -e 'atlasjson: in:1: broken JSON: maximum parsing depth reached, in line 1' -- atlasjson in
}

@test "bad: numbers at the limits, null, empty and missing members" {
	printf '[{"rule_name":"a","message":"m","file":"f","line":9223372036854775807,"column":9223372036854775807},
{"rule_name":"b","message":"m","file":"f","line":-1,"column":-5,"level":null,"help":null},
{"rule_name":"c","message":"","file":null}]\n' >in
	check 1 -o 'error: no message (c)
f:1:1: error: m (b)
f:9223372036854775808:9223372036854775808: error: m (a)
3 errors in 1 file' -- atlasjson in
	printf '{"Env":null,"Steps":null,"Files":null,"Schema":{}}{"Driver":"p","Start":"x"}{"Env":{},"Status":"OK"}' >in
	check 0 -o 'migrate apply: nothing to apply
migrate status: OK: 0 applied, 0 pending, current ?
no findings' -- atlasjson in
}

@test "hostile: no command for a CI runner in text, in any kind of JSON" {
	reader hostile >in
	reader hostile-lint >>in
	atlasjson in >out || [ $? -eq 1 ]
	reader text out
	[ "$(wc -l <out)" -gt 300 ]
}

@test "hostile: every reader gets each finding whole" {
	local f
	reader hostile >in
	for f in gitlab sarif junit markdown; do
		reader expect in $f | sort >want
		atlasjson -f $f in >out || [ $? -eq 1 ]
		reader $f out | sort >got
		same want got
	done
	reader hostile-lint >in
	for f in gitlab sarif junit markdown github; do
		atlasjson -f $f in >out || [ $? -eq 1 ]
		reader $f out >got
		[ "$(wc -l <got)" -ge 20 ]
	done
}

@test "hostile: GitHub decodes each annotation to what was meant" {
	local i
	for i in 0 10 20 30 40 50 60; do
		reader hostile $i 10 >in
		reader expect in github | sort >want
		atlasjson -f github in >out || [ $? -eq 1 ]
		reader github out | sort >got
		same want got
	done
}

@test "hostile: NUL, invalid UTF-8 and a line of a megabyte" {
	printf '[{"rule_name":"a\\u0000b","message":"\\u0000","file":"x\\u0000y","line":0,"column":0}]' >in
	check 1 -o 'x?y:1:1: error: ? (a?b)
1 error in 1 file' -- atlasjson in
	printf '[{"rule_name":"a","message":"\377\303(\355\240\200","file":"f"}]' >in
	check 1 -o "f: error: $(printf '\357\277\275\357\277\275(\357\277\275\357\277\275\357\277\275') (a)
1 error in 1 file" -- atlasjson in
	printf '[{"a":"\\ud800"}]' >in
	check 2 -p '^atlasjson: in:1: broken JSON: ' -- atlasjson in
	{
		printf '{"Env":{"Dir":"m"},"Files":[{"Name":"1.sql","Text":"'
		head -c 1000000 /dev/zero | tr '\0' x
		printf '","Reports":[{"Diagnostics":[{"Code":"A1","Pos":500000,"Text":"'
		head -c 1000000 /dev/zero | tr '\0' y
		printf '"}]}]}]}'
	} >in
	atlasjson in >out
	[ "$(wc -c <out)" -lt 6000 ]
	grep -q '^m/1.sql:1:500001: warning: yyyy*\.\.\. (996000 bytes more) (A1)$' out
	grep -q '^     1 | \.\.\.xxxx*\.\.\.$' out
}

@test "secrets: neither the URL's password nor one in a statement" {
	local f
	local with=("$F"/v?/{apply,status}*.json)
	[ "$(cat "${with[@]}" | grep -o 's3cret"' | wc -l)" -eq 7 ]
	for f in text github gitlab sarif junit markdown; do
		atlasjson -f $f "${with[@]}" >out || [ $? -eq 1 ]
		[ "$(wc -c <out)" -gt 1000 ]
		lacks s3cret out
	done
	cat >in <<-'EOT'
		{"Driver":"postgres","URL":{"RawQuery":"password=s3cret"},"Start":"","Applied":[{"Name":"1.sql",
		"Applied":["x"],"Error":{"Stmt":"CREATE ROLE a PASSWORD 's3cret''s3cret'; ALTER ROLE b PASSWORD E's3cret\\'s3cret' x","Text":"host=h password=s3cret port=1 postgres://u:s3cret@h/d, PASSWORD = \"s3cret\" PASSWORD $a$s3cret$a$ y"}}],
		"Error":"x"}
	EOT
	for f in text github gitlab sarif junit markdown; do
		atlasjson -f $f in >out || [ $? -eq 1 ]
		lacks s3cret out
	done
	check 1 -o "failed  1.sql (stopped at statement 1)
migrate apply: failed after 0 of 0 files
1.sql: error: host=h password=*** port=1 postgres://u:***@h/d, PASSWORD = \"***\" PASSWORD \$a\$***\$a\$ y (apply)
       | CREATE ROLE a PASSWORD '***'; ALTER ROLE b PASSWORD E'***' x
1 error in 1 file" -- atlasjson in
	lint 'CREATE ROLE a PASSWORD '\''s3cret'\'';' A1 0 >in
	atlasjson in >out
	grep -Fx "     1 | CREATE ROLE a PASSWORD '***';" out
	# A column of that name is no secret.
	finding 0 0 Warning "column 'password' is \\\"password\\\" NOT NULL, password text DEFAULT 'x'" >in
	grep -q "column 'password' is .password. NOT NULL, password text DEFAULT 'x'" <(atlasjson in)
}

# ---- limits and formats ----

@test "many: a thousand findings, complete in each format, in a blink" {
	local f
	reader many 1000 >in
	for f in gitlab sarif junit markdown; do
		reader expect in $f | sort >want
		timeout 30 atlasjson -f $f in >out || [ $? -eq 1 ]
		[ $f = junit ] || { reader $f out | sort >got; same want got; }
	done
	[ "$(grep -c 'finding [0-9]* (rule-[0-9]*)$' out || :)" -eq 0 ]
	atlasjson -f junit in >out || [ $? -eq 1 ]
	[ "$(grep -o 'finding [0-9]* (rule' out | sort -u | wc -l)" -eq 1000 ]
	atlasjson in >out || [ $? -eq 1 ]
	[ "$(grep -c ': finding [0-9]* (rule-[0-9]*)$' out)" -eq 1000 ]
	[ "$(tail -n 1 out)" = '666 errors, 334 warnings in 37 files' ]
}

@test "many: github annotates ten of each, the rest is in the log" {
	reader many 1000 >in
	atlasjson -f github in >out || [ $? -eq 1 ]
	[ "$(sed -n '1,10p' out | grep -c '^::error ')" -eq 10 ]
	[ "$(sed -n '11,20p' out | grep -c '^::warning ')" -eq 10 ]
	[ "$(grep -c '^::' out)" -eq 21 ]
	[ "$(grep -c '^- m/[0-9]*\.sql:[0-9]*:[0-9]*: \(error\|warning\): finding [0-9]* (rule-[0-9]*)$' out)" -eq 980 ]
	[ "$(tail -n 1 out)" = '::notice title=Migrations::666 errors, 334 warnings in 37 files; 980 more than can be annotated, see the log of this step' ]
}

@test "many: sarif and markdown stay below what GitHub takes" {
	reader many 20000 >in
	atlasjson -f sarif in >out 2>err || [ $? -eq 1 ]
	[ "$(cat err)" = 'atlasjson: -f sarif: 5000 of 20000 findings written, errors first: readers keep no more' ]
	reader sarif out >got
	[ "$(wc -l <got)" -eq 5000 ]
	lacks '^\["warning' got
	atlasjson -f markdown in >out || [ $? -eq 1 ]
	[ "$(wc -c <out)" -lt 1048576 ]
	grep -q '^[0-9]* more findings do not fit in here\.$' out
}

@test "sarif, gitlab: fingerprints outlive a shift, and alike ones differ" {
	local f
	lint 'a;\nb;\nb;\n' A1 0 A1 3 A1 6 A2 6 >one
	lint '-- new\n\n a ;\nb;\n\tb;\n' A1 9 A1 13 A1 17 A2 17 >two
	for f in sarif gitlab; do
		atlasjson -f $f one | grep -i 'ingerprint"\|LineHash' >one.prints
		atlasjson -f $f two | grep -i 'ingerprint"\|LineHash' >two.prints
		[ "$(sort -u one.prints | wc -l)" -eq 4 ]
		same one.prints two.prints
	done
}

@test "text: coloured on a terminal, unless NO_COLOR" {
	local tty='import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)'
	python3 -c "$tty" atlasjson "$F/v1/destructive.json" </dev/null >out || [ $? -eq 1 ]
	grep -q "$(printf '\033\\[1;31merror:\033\\[0m Dropping')" out
	NO_COLOR=1 python3 -c "$tty" atlasjson "$F/v1/destructive.json" </dev/null >out || [ $? -eq 1 ]
	tr -d '\r' <out >plain
	same "$F/v1/destructive.text" plain
	NO_COLOR='' python3 -c "$tty" atlasjson "$F/v1/destructive-warn.json" </dev/null >out
	grep -q "$(printf '\033\\[1;33mwarning:')" out
}

# ---- pictures ----

@test "dot, mermaid: a schema" {
	check 0 -O "$F/v1/inspect.dot" -- atlasjson -f dot "$F/v1/inspect.json"
	check 0 -O "$F/v1/inspect.mermaid" -- atlasjson -f mermaid "$F/v1/inspect.json"
}

@test "dot: graphviz draws it, with every table and relation" {
	atlasjson -f dot "$F/v1/inspect.json" | dot -Tplain >out
	[ "$(grep -c '^node' out)" -eq 5 ]
	[ "$(grep -c '^edge' out)" -eq 4 ]
	grep -q '^edge "other.user" "public.user" ' out
	# Names of every sort, an empty one too; a table that is not there.
	cat >in <<-'EOT'
		{"schemas":[{"name":"p","tables":[
		{"name":"a\"b\\<i>&amp;]]>","columns":[{"name":"<b>","type":"text[]"},{"name":"x\ny","type":"\u202e\u0000"}],
		"indexes":[{"unique":true,"parts":[{"expr":"f(\"<x>\")"},{"column":"<b>"}]}],
		"foreign_keys":[{"name":"\"k\\","columns":["<b>"],"references":{"table":"gone \\\"","columns":["q"]}}]},
		{"name":"","columns":[]},{"name":"日本","columns":null}]}]}
	EOT
	atlasjson -f dot in >out.dot
	dot -Tplain out.dot >out 2>err
	[ ! -s err ] || { cat err; return 1; }
	[ "$(grep -c '^node' out)" -eq 4 ]
	[ "$(grep -c '^edge' out)" -eq 1 ]
}

@test "mermaid: words of its grammar only" {
	cat >in <<-'EOT'
		{"schemas":[{"name":"p","tables":[{"name":"a\"b%\\c;<i>","columns":[
		{"name":"pk","type":"numeric(10, 2)"},{"name":"9 lives","type":"FK","null":true},{"name":"日","type":""}],
		"primary_key":{"parts":[{"column":"pk"}]}},
		{"name":"a'b_____i_","columns":[]},{"name":"direction LR","columns":[]}]}]}
	EOT
	check 0 -o "erDiagram
    \"a'b__c__i_\" {
        numeric_10__2_ _pk PK \"NOT NULL, pk\"
        _FK _9_lives \"NULL, 9 lives\"
        _ __ \"NOT NULL, 日\"
    }
    \"a'b_____i_\" {
    }
    \"direction_LR\" {
    }" -- atlasjson -f mermaid in
}

@test "pictures and reports are not mixed" {
	check 2 -e "atlasjson: -f: 'text' is no picture: for 'atlas schema inspect' take dot or mermaid" \
		-- atlasjson "$F/v1/inspect.json"
	check 2 -e "atlasjson: -f: 'dot' draws what 'atlas schema inspect' prints, and only that" \
		-- atlasjson -f dot "$F/v1/clean.json"
	check 2 -e "atlasjson: -f: 'mermaid' draws what 'atlas schema inspect' prints, and only that" \
		-- atlasjson -f mermaid "$F/v1/inspect.json" "$F/v1/clean.json"
	check 2 -e "atlasjson: $F/v1/inspect.json:1: a second schema: there can be one picture only" \
		-- atlasjson -f dot "$F/v1/inspect.json" "$F/v1/inspect.json"
	printf '{"schemas":[{"name":"public"}]}' >in
	check 0 -o 'erDiagram' -- atlasjson -f mermaid in
	printf '{"schemas":[{"tables":[{"name":1}]}]}' >in
	check 2 -e "atlasjson: schema: 'name' is not a string" -- atlasjson -f dot in
}

# large N: a schema of N tables that point at each other; each has five columns.
large() {
	awk -v n="$1" 'BEGIN {
		printf "{\"schemas\":[{\"name\":\"public\",\"tables\":["
		for (i = 0; i < n; i++) {
			printf "%s{\"name\":\"t%d\",\"columns\":[", i ? "," : "", i
			for (k = 0; k < 5; k++) printf "%s{\"name\":\"c%d\"}", k ? "," : "", k
			printf "],\"foreign_keys\":["
			if (i) printf "{\"name\":\"f%d\",\"columns\":[\"c0\"],\"references\":{\"table\":\"t%d\",\"columns\":[\"c1\"]}}", i, i / 3
			# A ring, two keys on one column, one to itself.
			if (i == 3) printf ",{\"name\":\"ring\",\"columns\":[\"c0\"],\"references\":{\"table\":\"t27\",\"columns\":[\"c1\"]}}"
			if (i == 7) printf ",{\"name\":\"self\",\"columns\":[\"c1\"],\"references\":{\"table\":\"t7\",\"columns\":[\"c1\"]}}"
			printf "]}"
		}
		print "]}]}"
	}'
}

@test "dot: a large schema stands in columns, each table in one, and Graphviz draws it" {
	large 30 >in
	atlasjson -f dot in >out.dot
	# t0 is pointed at, so it stands right of those that point at it.
	grep -c 'rank=same' out.dot >n
	[ "$(cat n)" -ge 4 ]
	grep -o 'rank=same.*' out.dot | grep -o '"public\.t[0-9]*"' | sort >placed
	[ "$(wc -l <placed)" -eq 30 ]
	[ "$(uniq placed | wc -l)" -eq 30 ]
	grep -q '&#8594; t1, t27' out.dot
	dot -Tplain out.dot >plain 2>err
	[ ! -s err ]
	[ "$(grep -c '^node "*public' plain)" -eq 30 ]
	# One table less than many is drawn as Graphviz likes it.
	large 24 >in
	atlasjson -f dot in >out.dot
	run ! grep rank=same out.dot
}

@test "dot: a large schema of several schemas names them; a key of a column that is not there" {
	awk 'BEGIN {
		printf "{\"schemas\":["
		for (s = 0; s < 2; s++) {
			printf "%s{\"name\":\"s%d\",\"tables\":[", s ? "," : "", s
			for (i = 0; i < 32; i++)
				printf "%s{\"name\":\"t%d\",\"columns\":[{\"name\":\"a\"},{\"name\":\"b\"}],\"foreign_keys\":[{\"name\":\"f\",\"columns\":[\"%s\"],\"references\":{\"schema\":\"s%d\",\"table\":\"t%d\",\"columns\":[\"b\"]}}]}",
					i ? "," : "", i, i == 3 ? "gone" : "a", 1 - s, (i + 1) % 32
			printf "]}"
		}
		print "]}"
	}' >in
	atlasjson -f dot in >out.dot
	grep -q 'rank=same' out.dot
	grep -q '&#8594; s1\.t1<' out.dot
	# Of the key whose column is not there nothing is said in a table.
	run ! grep -q '&#8594; s1\.t4<' out.dot
	dot -Tplain out.dot >plain 2>err
	[ ! -s err ]
	[ "$(grep -c '^node "*s[01]' plain)" -eq 64 ]
}

@test "dot: a table taller than the picture stands in one column" {
	awk 'BEGIN {
		printf "{\"schemas\":[{\"name\":\"s\",\"tables\":[{\"name\":\"t\",\"columns\":["
		for (i = 0; i < 130; i++) printf "%s{\"name\":\"c%d\"}", i ? "," : "", i
		print "]}]}]}"
	}' >in
	check 0 -o '  {rank=same; "column 0" [shape=point, style=invis]; "s.t";}' -- \
		sh -c 'atlasjson -f dot in | grep -F "\"column "'
}

@test "pictures: a key that is the primary key, a table that is not there, names that look alike" {
	cat >in <<-'END'
		{"schemas":[{"name":"public","tables":[
		{"name":"a%","columns":[{"name":"id"}],"primary_key":{"parts":[{"column":"id"}]},
		 "foreign_keys":[{"name":"one\u0001to \"one\"","columns":["id"],"references":{"table":"gone","columns":["id"]}}]},
		{"name":"a_"},{"name":"a<"}]}]}
	END
	check 0 -o 'erDiagram
    "a_" {
        _ id PK, FK "NOT NULL"
    }
    "a_ 1" {
    }
    "a_ 2" {
    }
    "a_" |o--|| "gone" : "one_to '"'one'"'"' -- atlasjson -f mermaid in
	atlasjson -f dot in | grep -F 'tooltip="one?to \"one\""'
	printf '{"schemas":[{"tables":[{"name":"a}","columns":[{"name":"}]<b>{["}]}]}]}' >in
	atlasjson -f dot in | dot -Tplain >out 2>err
	[ ! -s err ]
	[ "$(grep -c '^node' out)" -eq 1 ]
}

@test "apply, status: an error that is no file's" {
	cat >in <<-'END'
		{"Driver":"postgres","URL":{"Path":"/x"},"Dir":"file://d","Pending":[{"Name":"1.sql"}],"Applied":[],
		"Start":"2024-02-28T23:59:59.5Z","End":"2024-03-01T00:00:01Z","Error":"connection lost"}
	END
	check 1 -o 'pending d/1.sql
migrate apply: failed after 0 of 1 file
error: connection lost (apply)
1 error' -- atlasjson in
	atlasjson -f junit in >out || [ $? -eq 1 ]
	grep -Fq '<failure type="apply" message="connection lost">error: connection lost (apply)' out
	sed '$s/}$/,"Error":"lost"}/' "$F/v1/status-none.json" >in
	atlasjson in >out || [ $? -eq 1 ]
	grep -Fxq 'error: lost (status)' out
}

@test "passwords: each way to write one is masked" {
	local p
	for p in "E'it\\'s it'" "'it''s'" '$$it$$' '$q$it$q$' '$q$it' '= it' '="it"' "= 'it"; do
		printf '{"Driver":"postgres","URL":{"Path":"/x"},"Dir":"file://d","Applied":[],"Start":"","End":"","Error":"ALTER ROLE a PASSWORD %s"}' \
			"$(printf %s "$p" | sed 's/[\\"]/\\&/g')" >in
		atlasjson in >out || [ $? -eq 1 ]
		grep -F 'PASSWORD' out | grep -qF '***' || { echo "$p:"; cat in out; return 1; }
		! grep -w 'it' out || { echo "$p:"; return 1; }
	done
}

# ---- the tool ----

@test "usage, version, unknown options and formats" {
	local usage='usage: atlasjson [-hV] [-d dir] [-f format] [-l levels] [-p prefix] [file ...]'
	check 0 -o "$usage" -- atlasjson -h
	check 2 -p "^usage: atlasjson " -- atlasjson -x
	check 2 -p "^usage: atlasjson " -- atlasjson -f
	check 2 -e "atlasjson: -f: 'html': the format is one of text, github, gitlab, junit, markdown, sarif, and of a schema dot or mermaid" \
		-- atlasjson -f html
	[[ $(atlasjson -V) =~ ^atlasjson\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
}

@test "a report that nobody got is exit 2" {
	[ -e /dev/full ] || skip "no /dev/full here"
	local rc=0
	atlasjson "$F/v1/clean.json" >/dev/full 2>err || rc=$?
	[ $rc -eq 2 ]
	[ "$(cat err)" = 'atlasjson: standard output: cannot write: No space left on device' ]
}

@test "long lines and messages are cut between characters" {
	local u
	# In the C locale bash would count bytes.
	local LC_ALL=C.UTF-8
	u=$(printf 'ü%.0s' $(seq 3000))
	lint "x${u:0:790}y$u;" A1 1602 >in
	check 0 -o "m/1.sql:1:803: warning: m (A1)
     1 | ...${u:0:10}y${u:0:69}...
       |    $(printf ' %.0s' $(seq 21))^
1 warning in 1 file" -- atlasjson in
	lint "x$u;" A1 0 >in
	check 0 -o "m/1.sql:1:1: warning: m (A1)
     1 | x${u:0:79}...
       | ^
1 warning in 1 file" -- atlasjson in
	printf '[{"file":"m/1.sql","line":0,"column":0,"level":"Warning","message":"x%s","rule_name":"m"}]' "$u" >in
	check 0 -o "m/1.sql:1:1: warning: x${u:0:1999}... (2002 bytes more) (m)
1 warning in 1 file" -- atlasjson in
}

@test "secrets: what only looks like one" {
	cat >in <<-'EOT'
		[{"file":"f.sql","line":0,"column":0,"message":"PASSWORD","rule_name":"a"},
		{"file":"f.sql","line":1,"column":0,"message":"PASSWORD = $x and PASSWORD \"a\" PASSWORD E","rule_name":"b"},
		{"file":"f.sql","line":2,"column":0,"message":"PASSWORD = 'a''b' c","rule_name":"c"},
		{"file":"f.sql","line":3,"column":0,"message":"password authentication failed, PASSWORD \"a\", PASSWORD E","rule_name":"d"}]
	EOT
	check 1 -o "f.sql:1:1: error: PASSWORD (a)
f.sql:2:1: error: PASSWORD = *** (b)
f.sql:3:1: error: PASSWORD = '***' c (c)
f.sql:4:1: error: password authentication failed, PASSWORD \"a\", PASSWORD E (d)
4 errors in 1 file" -- atlasjson in
}

@test "two findings on a line, of a file that is here or not: by column" {
	printf '[%s,%s]' '{"file":"f.sql","line":0,"column":7,"message":"later","rule_name":"a"}' \
		'{"file":"f.sql","line":0,"column":2,"message":"sooner","rule_name":"b"}' >in
	check 1 -o 'f.sql:1:3: error: sooner (b)
f.sql:1:8: error: later (a)
2 errors in 1 file' -- atlasjson in
	printf '\303\274; DROP a;\n' >f.sql
	check 1 -o 'f.sql:1:2: error: sooner (b)
     1 | ü; DROP a;
       |  ^
f.sql:1:7: error: later (a)
     1 | ü; DROP a;
       |       ^
2 errors in 1 file' -- atlasjson in
}

@test "a byte that is no UTF-8 in the file counts as a column" {
	printf 'SELECT \377 1; DROP TABLE a;\n' >f.sql
	echo '[{"file":"f.sql","line":0,"column":12,"message":"here","rule_name":"a"}]' >in
	check 1 -o 'f.sql:1:13: error: here (a)
     1 | SELECT ? 1; DROP TABLE a;
       |             ^
1 error in 1 file' -- atlasjson in
}

@test "what differs in a database: findings of an object, in each format" {
	echo '[
{"level":"Error","rule_name":"diff-column","object":"column users.age","want":"integer","have":null,"message":"column \"age\" of table \"users\" is in the models and not in the migrations","help":"fix: make create"},
{"level":"Warning","rule_name":"diff-name","object":"index ix","want":"x","have":"y","message":"index \"ix\" in the models is index \"iy\" in the migrations","help":null}
]' >in
	check 1 -o 'error: column "age" of table "users" is in the models and not in the migrations (diff-column)
       = help: fix: make create
warning: index "ix" in the models is index "iy" in the migrations (diff-name)
1 error, 1 warning' -- atlasjson in
	check 1 -o '::error title=diff-column::column "age" of table "users" is in the models and not in the migrations%0Afix: make create
::warning title=diff-name::index "ix" in the models is index "iy" in the migrations
1 error, 1 warning' -- atlasjson -f github in
	check 0 -o 'no findings' -- atlasjson -l 'diff-column=off diff-name=off' in
	atlasjson -d db/m -f sarif in >out && return 1
	[ "$("$TOP/.cache/venv-test/bin/python" -c 'import json, sys
for r in json.load(sys.stdin)["runs"][0]["results"]:
    l = r["locations"][0]
    print(r["ruleId"], l["physicalLocation"]["artifactLocation"]["uri"], l["logicalLocations"][0]["fullyQualifiedName"])' <out)" = "diff-column db/m/atlas.sum column users.age
diff-name db/m/atlas.sum index ix" ]
	atlasjson -f junit in >out && return 1
	grep -q '<testcase classname="diff-column" name="column users.age"' out
	grep -q '<testcase classname="diff-name" name="index ix"' out
	atlasjson -f gitlab -d m in >out && return 1
	grep -q '"path": "m/atlas.sum"' out
	atlasjson -f markdown in >out && return 1
	grep -q 'diff-column' out
	# What it says today is not what makes it the same finding tomorrow.
	sed 's/is in the models/was in the models/' in >in2
	atlasjson -f gitlab in | grep fingerprint >one
	atlasjson -f gitlab in2 | grep fingerprint >two
	same one two
}

@test "-p: all names of files begin at the root of the repository" {
	local text='DROP TABLE t;\\n' f
	mkdir m
	printf 'DROP TABLE t;\n' >m/1.sql
	lint "$text" DS102 0 >in.json
	check 0 -i in.json -o "::error file=services/a b/m/1.sql,line=1,col=1,title=DS102::m" -- sh -c 'atlasjson -f github -l DS102=error -p "services/a b/" | grep "^::error"'
	for f in github gitlab sarif junit markdown text; do
		atlasjson -f "$f" -p sub/dir/ <in.json >out || [ $? -eq 1 ]
		grep -q 'sub/dir/m/1\.sql' out
		[ "$(grep -c 'm/1\.sql' out)" -eq "$(grep -c 'sub/dir/m/1\.sql' out)" ]
		# The file's own text is in it as without.
		atlasjson -f "$f" <in.json >plain || [ $? -eq 1 ]
		[ "$(sed 's#sub/dir/##g' out | grep -v fingerprint)" = "$(grep -v fingerprint plain)" ]
	done
	# A finding of no file stands at the sum.
	echo '{"Env":{"Dir":"m"},"Steps":[{"Name":"Replay Migration Files","Error":"boom"}],"Files":[]}' >in.json
	atlasjson -f gitlab -p sub/dir/ <in.json >out || [ $? -eq 1 ]
	grep -q 'sub/dir/m/atlas.sum' out
}
