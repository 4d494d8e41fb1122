#!/usr/bin/env bats
# Comments that switch findings off: what Atlas and squawk leave to atlasjson.

load helper

# reported TEXT CODE:LINE... : of a finding in each LINE of a file with that
# TEXT, just these are left. A code in capitals is Atlas's.
reported() {
	local sql=$1 sep='' f
	shift
	printf -- "$sql" >f.sql
	printf '[' >findings
	for f do
		[ "$f" != -- ] || break
		printf '%s{"file":"f.sql","line":%d,"column":0,"message":"m","rule_name":"%s"}' \
			"$sep" $((${f#*:} - 1)) "${f%:*}"
		sep=,
	done >>findings
	printf ']' >>findings
	while [ "$1" != -- ]; do shift; done
	shift
	atlasjson findings >text || :
	sed -n 's/^f.sql:\([0-9]*\):.*(\(.*\))$/\2:\1/p' text >left
	printf '%s\n' "$@" | sed '/^$/d' >want
	same want left
}

@test "atlas:nolint above a statement: for it, and for what squawk says alike" {
	reported '-- atlas:nolint DS102\nDROP TABLE a;\nDROP TABLE b;\n' \
		DS102:2 ban-drop-table:2 ban-drop-column:2 DS102:3 ban-drop-table:3 -- \
		ban-drop-column:2 DS102:3 ban-drop-table:3
	# Other comments between, the statement on several lines, several codes.
	reported '-- atlas:nolint DS103 PG101\n-- Modify\nALTER TABLE a\n  DROP b,\n  DROP c;\nSELECT 1;' \
		ban-drop-column:4 ban-drop-column:5 require-concurrent-index-creation:5 DS103:6 -- DS103:6
	reported '/* atlas:nolint ban-drop-table */ DROP TABLE a;\n' DS102:1 --
}

@test "an analyser's name, and none at all" {
	reported '-- atlas:nolint destructive\nDROP TABLE a;\n' DS102:2 ban-drop-table:2 MF103:2 DSX:2 -- DSX:2 MF103:2
	reported '-- atlas:nolint naming\nCREATE TABLE a;\n' NM102:2 NM103:2 DS102:2 -- DS102:2
	reported '-- atlas:nolint\nDROP TABLE a;\nDROP TABLE b;' DS102:2 NM102:2 any-rule:2 any-rule:3 -- any-rule:3
	reported '-- atlas:nolinting\nDROP TABLE a;\n' DS102:2 -- DS102:2
}

@test "on top with an empty line after: for the file; else for the statement, or for none" {
	reported '-- atlas:nolint DS102\n \nDROP TABLE a;\nDROP TABLE b;' DS102:3 ban-drop-table:4 MF103:4 -- MF103:4
	reported '-- a\n-- atlas:nolint\n\nDROP TABLE a;\nDROP TABLE b;' DS102:4 any-rule:5 --
	reported '-- atlas:nolint DS102\nDROP TABLE a;\n\nDROP TABLE b;' DS102:2 DS102:4 -- DS102:4
	# Not on top: nobody's.
	reported 'SELECT 1;\n-- atlas:nolint\n\nDROP TABLE a;' DS102:4 -- DS102:4
	# As Atlas has it: CRLF makes the line not empty.
	reported '-- atlas:nolint\r\n\r\nSELECT 1;\r\nDROP TABLE a;' DS102:4 -- DS102:4
}

@test "squawk-ignore: for what Atlas says alike; squawk sees to its own" {
	reported '-- squawk-ignore ban-drop-table, ban-drop-column\nDROP TABLE a;\nDROP TABLE b;' \
		DS102:3 -- DS102:3
	printf -- '-- squawk-ignore ban-drop-table\nDROP TABLE a;\n' >f.sql
	cat >in <<-'END'
		{"Env":{},"Files":[{"Name":"f.sql","Text":"-- squawk-ignore ban-drop-table -- why\nDROP TABLE a;\nALTER TABLE b\n  DROP c; -- squawk-ignore ban-drop-column\nDROP TABLE d;\n","Reports":[{"Text":"destructive changes detected","Diagnostics":[{"Pos":39,"Text":"a","Code":"DS102"},{"Pos":53,"Text":"c","Code":"DS103"},{"Pos":110,"Text":"d","Code":"DS102"}]}]}]}
	END
	check 0 -o 'f.sql:5:1: warning: d (DS102)
     5 | DROP TABLE d;
       | ^
1 warning in 1 file' -- atlasjson in
	sed 's/  DROP c; -- squawk-ignore ban-drop-column/  -- squawk-ignore ban-drop-column\\n  DROP c;/; s/"Pos":110/"Pos":112/' in >in2
	check 0 -o 'f.sql:6:1: warning: d (DS102)
     6 | DROP TABLE d;
       | ^
1 warning in 1 file' -- atlasjson in2
	sed 's/-- squawk-ignore ban-drop-table -- why/-- squawk-ignore-file/; s/"Pos":39/"Pos":22/' in >in3
	check 0 -o 'no findings in 1 file' -- atlasjson in3
}

@test "the findings of several linters, in whatever order" {
	printf -- '-- atlas:nolint\nDROP TABLE a;\n-- atlas:nolint\nDROP TABLE b;\nDROP TABLE c;\n' >f.sql
	cat >in <<-'END'
		{"Env":{},"Files":[{"Name":"f.sql","Text":"-- atlas:nolint\nDROP TABLE a;\n-- atlas:nolint\nDROP TABLE b;\nDROP TABLE c;\n","Reports":[{"Text":"x","Diagnostics":[{"Pos":60,"Text":"c","Code":"DS102"}]}]}]}
		[{"file":"f.sql","line":3,"message":"b","rule_name":"any"},{"file":"f.sql","line":1,"message":"a","rule_name":"any"}]
	END
	check 0 -o 'f.sql:5:1: warning: c (DS102)
     5 | DROP TABLE c;
       | ^
1 warning in 1 file' -- atlasjson in
}

@test "a semicolon in a string, a name, a comment or a function ends no statement" {
	for s in "';'" "'a'';'" '";"' '$$;$$' '$f$ ; $$ ; $f$' '/* ; /* ; */ ; */' '-- ;'; do
		reported "-- atlas:nolint\nSELECT $s\n  x;\nDROP TABLE a;" any-rule:3 any-rule:4 -- any-rule:4
	done
	reported '-- atlas:nolint\nSELECT $1;\nSELECT $1;' any-rule:2 any-rule:3 -- any-rule:3
}

@test "after atlas:delimiter Atlas counts from the second line" {
	cat >in <<-'END'
		{"Env":{},"Files":[{"Name":"f.sql","Text":"-- atlas:delimiter \\n\\n\\n\n\n-- first\nCREATE TABLE b (x int);\n\n\n\n-- atlas:nolint\nALTER TABLE a DROP COLUMN x;\n\n\n\nALTER TABLE a DROP COLUMN y;\n","Reports":[{"Text":"x","Diagnostics":[{"Pos":53,"Text":"x","Code":"DS103"},{"Pos":85,"Text":"y","Code":"DS103"}]}]}]}
	END
	check 0 -o 'f.sql:13:1: warning: y (DS103)
    13 | ALTER TABLE a DROP COLUMN y;
       | ^
1 warning in 1 file' -- atlasjson in
}

@test "what could not be done at all is not switched off" {
	cat >in <<-'END'
		{"Env":{},"Steps":[],"Files":[{"Name":"f.sql","Text":"-- atlas:nolint\n\nDROP;\n","Error":"executing statement: DROP;: no"}]}
		[{"file":"f.sql","message":"out of order","rule_name":"order"}]
	END
	check 1 -o 'f.sql: error: out of order (order)
f.sql:3:1: error: executing statement: DROP;: no (replay)
     3 | DROP;
       | ^
2 errors in 1 file' -- atlasjson in
}

@test "ten thousand comments and findings take no time to speak of" {
	awk 'BEGIN { for (i = 0; i < 10000; i++) print "-- atlas:nolint DS102\nDROP TABLE a;" }' >f.sql
	awk 'BEGIN { printf "["; for (i = 0; i < 10000; i++) printf "%s{\"file\":\"f.sql\",\"line\":%d,\"message\":\"m\",\"rule_name\":\"%s\"}", i ? "," : "", 2 * i + 1, i % 2 ? "DS103" : "DS102"; print "]" }' >in
	timeout 5 atlasjson in >text && false
	tail -n 1 text >last
	echo '5000 errors in 1 file' | same - last
}

@test "a comment and a dollar quote without an end reach to the end" {
	reported 'SELECT 1; /* no end\nDROP TABLE a;\n' DS102:2 -- DS102:2
	reported 'SELECT $a$;\n-- atlas:nolint DS102\nDROP TABLE a;\n' DS102:3 -- DS102:3
	reported '-- atlas:nolint\nSELECT 1 /* ;\n' any-rule:2 any-rule:3 --
	# Also where less is left than the quote's tag is long.
	reported '-- atlas:nolint\nSELECT $a$;\n' any-rule:2 any-rule:3 --
	reported '-- atlas:nolint\nSELECT $a;\n' any-rule:2 any-rule:3 -- any-rule:3
}
