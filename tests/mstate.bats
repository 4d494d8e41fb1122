#!/usr/bin/env bats
# mstate.bats - which migrations are in a database: what the real Atlas wrote
# into a real one, and rows written by hand. $ATLAS, else .cache/atlas/atlas.

load helper
load server

setup_file() { start_server; export SERVER SERVER_PID PORT; }
teardown_file() { stop_server; }
setup() {
	scratch
	DB=t$BATS_TEST_NUMBER
	mkdir m
}

# files NAME...: migrations of that name, each a table of its own; hashed.
files() {
	local n
	for n do printf 'CREATE TABLE "%s" (id int);\n' "$n" >"m/$n.sql"; done
	mhash -w m
}
# hash_of NAME: as atlas.sum has it.
hash_of() { awk -v n="$1.sql" '$1 == n { print substr($2, 4) }' m/atlas.sum; }
# row VERSION DESCRIPTION [HASH [TYPE APPLIED TOTAL PARTIAL ERROR]]
row() {
	local hash
	hash=${3-$(hash_of "$1${2:+_$2}")}
	printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t2026-01-01 00:00:00\t%s\t%s\n' "$1" "$2" "${4:-2}" "${5:-1}" "${6:-1}" \
		"${7:-0}" "$hash" "${8-}" "\\N" >>rows
}
# is CODE WORD STATE:VERSION...: of the rows in the file rows.
is() {
	local code=$1 word=$2 got=0
	shift 2
	[ -e rows ] || : >rows
	mstate -t $given m <rows >out 2>err || got=$?
	{ cut -f 1 out | sed -n 1p; awk -F '\t' 'NR > 1 { print $1 ":" $2 }' out; } | tr '\n' ' ' >said
	[ "$got" -eq "$code" ] && [ "$(cat said)" = "$word${*:+ $*} " ] || { echo "exit $got: $(cat said)"; cat err; return 1; }
	# Trouble is explained, and only that.
	if [ "$code" -eq 2 ]; then grep -q "^mstate: m: $word: " err; else [ ! -s err ]; fi
	[ "$(mstate $given m <rows 2>/dev/null)" = "$word" ]
	mstate -j $given m <rows 2>/dev/null | python3 -c 'import json,sys; d=json.load(sys.stdin); print(d["State"], *(m["State"] + ":" + m["Version"] for m in d["Migrations"]), end=" ")' >said2
	same said said2
}
given=''

# ---- a real database ----

atlas() { ATLAS_NO_UPDATE_NOTIFIER=1 "${ATLAS:-$TOP/.cache/atlas/atlas}" "$@"; }
url() { echo "postgres://dev:s%40cret@127.0.0.1:$PORT/$DB?sslmode=disable"; }
db() { PGPASSWORD=s@cret psql -X -q -A -t -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$PORT" -U dev -d "$DB" "$@"; }
apply() { atlas migrate apply --url "$(url)" --dir file://m --revisions-schema "${1:-revs}" "${@:2}" >applied 2>&1; }
# The query of the page.
query() { sed -n '/^COPY (SELECT/,/TO STDOUT;$/p' "$TOP/tools/mstate.1" | sed "s/atlas_schema_revisions\.atlas/${1:-revs}.atlas/"; }
rows() { db -c "$(query "${1:-revs}")" >rows; }
# As the CLI gives them, with the format of the page.
rows_of_atlas() {
	# shellcheck disable=SC2016
	atlas migrate status --url "$(url)" --dir file://m --revisions-schema revs \
		--format "$(sed -n '/^{{ range .Applied/,/end }}$/p' "$TOP/tools/mstate.1" |
			tr -d '\n' | sed 's/\\en/\\n/')" >rows2 2>err2
}

@test "up to date, behind, ahead, in a database that Atlas made" {
	in_server "CREATE DATABASE $DB"
	files 1.0.0_a 1.0.1_b_c 1.0.10_d
	apply
	rows
	is 0 up-to-date applied:1.0.0 applied:1.0.1 applied:1.0.10
	rows_of_atlas
	cut -f 1-7 rows | sort >a
	cut -f 1-7 rows2 | sort >b
	same a b
	files 2_e
	is 1 behind applied:1.0.0 applied:1.0.1 applied:1.0.10 pending:2
	rm m/2_e.sql m/1.0.10_d.sql
	mhash -w m
	is 0 ahead applied:1.0.0 applied:1.0.1 ahead:1.0.10
	# By name 1.0.10 comes before 1.0.1: that it is new makes that no other file.
	apply_hash=$(hash_of 1.0.1_b_c)
	rm rows
	row 1.0.0 a
	row 1.0.1 b_c "$apply_hash"
	files 1.0.10_d
	[ "$(hash_of 1.0.1_b_c)" != "$apply_hash" ]
	is 1 behind applied:1.0.0 applied:1.0.1 pending:1.0.10
	echo >>m/1.0.1_b_c.sql
	mhash -w m
	is 2 diverged applied:1.0.0 edited:1.0.1 pending:1.0.10
}

@test "an applied file edited or replaced; a file out of order, gone; another branch" {
	in_server "CREATE DATABASE $DB"
	files 1_a 2_b 4_d
	apply
	rows
	echo '-- edited' >>m/2_b.sql
	mhash -w m
	# The hash of what follows is another one too, and says nothing.
	is 2 diverged applied:1 edited:2 applied:4
	grep -q "^mstate: m: diverged: edited since it was applied: '2_b.sql' or a file before it$" err
	files 2_b
	mv m/2_b.sql m/2_other.sql
	mhash -w m
	is 2 diverged applied:1 renamed:2 applied:4
	mv m/2_other.sql m/2_b.sql
	files 3_c
	is 2 diverged applied:1 applied:2 out-of-order:3 applied:4
	rm m/1_a.sql m/3_c.sql
	mhash -w m
	is 2 diverged gone:1 applied:2 applied:4
	files 1_a
	rm m/4_d.sql
	files 3_c
	is 2 diverged applied:1 applied:2 out-of-order:3 ahead:4
	rm m/3_c.sql
	files 5_e
	is 2 diverged applied:1 applied:2 gone:4 pending:5
}

@test "a file that is applied after later ones, where any order will do" {
	in_server "CREATE DATABASE $DB"
	files 1_a 3_c
	apply
	# Their times are told apart by the second.
	sleep 1.1
	files 2_b
	rows
	is 2 diverged applied:1 out-of-order:2 applied:3
	given=-a
	is 1 behind applied:1 pending:2 applied:3
	apply revs --exec-order non-linear
	rows
	for given in -a ''; do
		is 0 up-to-date applied:1 applied:2 applied:3
		files 4_d
		is 1 behind applied:1 applied:2 applied:3 pending:4
		rm m/4_d.sql
		# What was edited is told all the same.
		for f in 1_a 2_b 3_c; do
			cp "m/$f.sql" kept
			echo '-- edited' >>"m/$f.sql"
			mhash -w m
			is 2 diverged $(for v in 1_a 2_b 3_c; do [ "$v" = "$f" ] && echo "edited:${v%_*}" || echo "applied:${v%_*}"; done)
			mv kept "m/$f.sql"
			mhash -w m
		done
	done
	# Later ones that are not here are another branch all the same.
	given=-a
	rm m/2_b.sql m/3_c.sql
	files 2_x
	is 2 diverged applied:1 renamed:2 ahead:3
}

@test "stopped in the middle, and corrected to another number of statements" {
	in_server "CREATE DATABASE $DB"
	files 1_a
	printf -- '-- atlas:txmode none\n\nCREATE TABLE x (id int);\nCREATE TABLE y (id int);\nnonsense;\n' >m/2_b.sql
	files 3_c
	apply && false
	rows
	is 2 partial applied:1 partial:2 pending:3
	[[ $(awk -F '\t' '$2 == 2 { print $5 "/" $6 " " $7 " " $8 }' out) == '2/3 '*'syntax error'*' nonsense;' ]]
	rows_of_atlas
	mstate -t m <rows2 >out2 2>err || [ $? -eq 2 ]
	same out out2
	# Its text may change: it is to be corrected.
	printf -- '-- atlas:txmode none\n\nCREATE TABLE x (id int);\nCREATE TABLE y (id int);\nSELECT 1;\nSELECT 2;\n' >m/2_b.sql
	mhash -w m
	is 2 partial applied:1 partial:2 pending:3
	# The CLI leaves the broken text's hash and count; what it says is not all.
	apply || apply || :
	rows
	awk -F '\t' '$1 == 2' rows >row2
	if [ "$(cut -f 4,5 row2)" = "4	3" ]; then
		is 1 behind applied:1 applied:2 pending:3 || is 0 up-to-date applied:1 applied:2 applied:3
		mstate -u revs.atlas_schema_revisions m <rows >sql
		db -f sql
		[ "$(db -c "SELECT applied, total, hash FROM revs.atlas_schema_revisions WHERE version = '2'")" = "4|4|$(hash_of 2_b)" ]
	fi
	# As the CLI leaves it when the corrected file has fewer statements; told by
	# either Atlas.
	db -c "UPDATE revs.atlas_schema_revisions SET applied = 4, total = 9, hash = 'old', partial_hashes = NULL, error = NULL WHERE version = '2'"
	rows
	awk -F '\t' '$1 == 2 { exit $4 != 4 || $5 != 9 }' rows
	rows_of_atlas || :
	mstate -t m <rows >out 2>err || [ $? -eq 1 ]
	grep -q "^applied	2	" out
	[ ! -s rows2 ] || {
		mstate -t m <rows2 >out 2>err || [ $? -eq 1 ]
		grep -q "^applied	2	" out
	}
	rm -f m/2_b.sql
	mhash -w m
	printf '2\tb\t2\t1\t3\t1\th\t\\N\terr\t\\N\n' >rows
	is 2 diverged out-of-order:1 partial:2 pending:3
}

@test "a baseline, a version set by hand, a database with tables and no rows" {
	in_server "CREATE DATABASE $DB"
	files 1_a 2_b 3_c
	is 1 behind pending:1 pending:2 pending:3
	given=-d is 2 unmanaged pending:1 pending:2 pending:3
	given='-d -b 2' is 1 behind covered:1 covered:2 pending:3
	given='-b 3' is 0 up-to-date covered:1 covered:2 covered:3
	check 2 -e "mstate: m: no migration of version '4', the baseline" -- mstate -b 4 m
	db -c 'CREATE TABLE t (id int)'
	apply revs --baseline 2
	rows
	is 0 up-to-date covered:1 baseline:2 applied:3
	in_server "CREATE DATABASE ${DB}b"
	DB=${DB}b
	rm m/3_c.sql
	mhash -w m
	apply
	files 3_c
	# As `atlas migrate set` leaves it.
	db -c 'UPDATE revs.atlas_schema_revisions SET type = 4'
	rows
	is 1 behind set:1 set:2 pending:3
}

@test "another tenant's table of revisions is another state" {
	in_server "CREATE DATABASE $DB"
	files 1_a
	apply one
	rows one
	is 0 up-to-date applied:1
	db -c 'CREATE SCHEMA two; CREATE TABLE two.atlas_schema_revisions (LIKE one.atlas_schema_revisions)'
	rows two
	is 1 behind pending:1
}

# ---- rows by hand ----

@test "checkpoints" {
	files 1_a 2_b 4_d
	printf -- '-- atlas:checkpoint\n\nSELECT 1;\n' >m/3_ck.sql
	mhash -w m
	is 1 behind covered:1 covered:2 pending:3 pending:4
	row 3 ck
	is 1 behind covered:1 covered:2 applied:3 pending:4
	rm rows
	row 1 a
	row 2 b
	is 1 behind applied:1 applied:2 checkpoint:3 pending:4
	row 4 d
	is 0 up-to-date applied:1 applied:2 checkpoint:3 applied:4
	rm rows
	given='-b 2' is 1 behind covered:1 covered:2 checkpoint:3 pending:4
	# A file that looks like one and is none.
	printf -- '-- atlas:checkpoint\nSELECT 1;\n' >m/3_ck.sql
	mhash -w m
	is 1 behind pending:1 pending:2 pending:3 pending:4
}

@test "versions and descriptions by Atlas's rule, sorted by bytes" {
	files 1 1.0.0_a.b_c 10_ 1a .x
	row 1.0.0 a.b_c "$(hash_of 1.0.0_a.b_c)"
	row 1 '' "$(hash_of 1)"
	row 10 '' "$(hash_of 10_)"
	row 1a '' "$(hash_of 1a)"
	row .x '' "$(hash_of .x)"
	row .atlas_cloud_identifier x y
	is 0 up-to-date applied:.x applied:1 applied:1.0.0 applied:10 applied:1a
}

@test "older files than the first row: covered by a baseline only" {
	files 1_a 2_b
	row 2 b
	is 2 diverged out-of-order:1 applied:2
	rm rows
	row 2 b '' 1 0 0
	is 0 up-to-date covered:1 baseline:2
}

@test "stopped in the middle, and later ones applied: that is no line" {
	files 1_a
	row 1 a "$(hash_of 1_a)" 2 0 1 0 'an error'
	row 9 z hash
	is 2 diverged partial:1 ahead:9
}

@test "atlas:sum ignore: without a hash the version and description count" {
	files 1_a
	printf -- '-- atlas:sum ignore\nSELECT 1;\n' >m/2_b.sql
	mhash -w m
	row 1 a "h1:$(hash_of 1_a)"
	row 2 b whatever
	is 0 up-to-date applied:1 applied:2
}

@test "is it complete? The counts alone do not tell" {
	complete() { rm -f rows; row 1 a "${6-$(hash_of 1_a)}" 2 "$1" "$2" "$3" "$4"; is "${@:7}"; }
	files 1_a
	complete 1 1 0 '' '' "$(hash_of 1_a)" 0 up-to-date applied:1
	# Some versions of Atlas leave the hashes, and the error of an earlier try.
	complete 1 1 1 'an error' '' "$(hash_of 1_a)" 0 up-to-date applied:1
	complete 1 1 1 '' '' "$(hash_of 1_a)" 0 up-to-date applied:1
	complete 0 0 0 '' '' "$(hash_of 1_a)" 0 up-to-date applied:1
	complete 0 1 0 '' '' "$(hash_of 1_a)" 2 partial partial:1
	complete 1 3 1 'an error' '' "$(hash_of 1_a)" 2 partial partial:1
	# Edited since, or stopped again after it was corrected: two statements now.
	echo 'SELECT 1;' >>m/1_a.sql
	mhash -w m
	complete 1 1 0 '' '' other 2 diverged edited:1
	complete 1 1 1 '' '' other 2 diverged edited:1
	complete 1 1 1 'an error' '' other 2 partial partial:1
	complete 2 2 2 'an error' '' other 0 up-to-date applied:1
	complete 2 3 0 '' '' other 0 up-to-date applied:1
	complete 2 3 0 'an error' '' other 0 up-to-date applied:1
	complete 2 1 2 'an error' '' other 0 up-to-date applied:1
	complete 2 3 2 'an error' '' other 2 partial partial:1
	complete 3 4 0 '' '' other 2 diverged edited:1
	complete 4 3 4 'an error' '' other 2 partial partial:1
}

@test "-u: the rows of what is applied get the hash of today, and no others" {
	files 1_a "2_it's" 3_c
	row 1 a
	row 2 "it's" "o'ld"
	row 3 c x 2 0 2 0
	check 0 -i rows -o "UPDATE r SET description = 'it''s', hash = '$(hash_of "2_it's")', total = applied WHERE version = '2' AND hash = 'o''ld';" -- \
		mstate -u r m
	rm rows
	row 1 b h
	check 0 -i rows -o "UPDATE a.r SET description = 'a', hash = '$(hash_of 1_a)', total = applied WHERE version = '1' AND hash = 'h';" -- mstate -u a.r m
}

@test "columns and JSON; any bytes in them" {
	files 1_a 2_b
	printf '1\ta\t2\t1\t1\t0\t%s\t2026-01-01\t\\N\t\\N\n' "$(hash_of 1_a)" >rows
	printf '2\tb\t2\t0\t2\t0\th1:x\twhen\ttab\\tline\\nback\\\\slash \\x41\\102\\q"\t"it \\"is\\"\\n"\n\\.\nrest' >>rows
	mstate -t m <rows >out 2>err || [ $? -eq 2 ]
	printf 'partial\t2\t1\t0\t1\t0\t0\t0\t0\t0\t2\t2\t-\napplied\t1\t1_a.sql\t2026-01-01\t1\t1\t-\t-\npartial\t2\t2_b.sql\twhen\t0\t2\ttab line back\\slash ABq"\tit "is" \n' |
		same - out
	echo 'mstate: m: partial: 1 stopped in the middle' | same - err
	mstate -j m <rows >out 2>err || [ $? -eq 2 ]
	grep -qF '"Error":"tab\tline\nback\\slash ABq\"","ErrorStmt":"it \"is\"\n"}]}' out
	: >rows
	rm m/*
	is 0 up-to-date
	check 0 -i rows -o '{"State":"up-to-date","Database":"h\"d","Current":"","Edited":"","Files":0,"Applied":0,"Migrations":[]}' -- \
		mstate -j -n 'h"d' m
	[ "$(mstate -t m <rows)" = 'up-to-date	0	0	0	0	0	0	0	0	0	0	-	-' ]
}

@test "what are no rows: exit 2, a message, no output" {
	local usage='usage: mstate [-t] [-ado] [-b version] directory <rows
       mstate -j [-ado] [-b version] [-n name] directory <rows
       mstate -u table [-o] directory <rows
       mstate -h | -V'
	files 1_a
	bad() { printf "$1" >rows; check 2 -i rows -e "mstate: standard input$2" -- mstate -t m; }
	bad '1\ta\n' ':1: 2 columns, not 10: see mstate(1) for the query'
	bad '1\ta\t2\t1\t1\t0\th\tw\te\ts' ':1: the row is cut short: no line end'
	bad '1\ta\t2\t-1\t1\t0\th\tw\te\ts\n' ":1: '-1' is no number for applied: see mstate(1) for the columns"
	bad '1\ta\t2\t1\t1\t0\th\tw\te\ts\n1\ta\t2\t1\t1\t0\th\tw\te\ts\n' ": version '1' has two rows: is this one table?"
	bad '\0' ': a NUL byte: these are no rows'
	check 0 -o "$usage" -- mstate -h
	check 0 -o 'mstate 0.2.0' -- mstate -V
	for o in '' '-q m' '-j -t m' '-u t -d m' 'm n' '-n x m'; do check 2 -e "$usage" -- mstate $o; done
	check 2 -p '^mstate: none: cannot open the directory' -- mstate none
	files 1_b
	check 2 -e "mstate: m: '1_a.sql' and '1_b.sql' have the same version: rename one" -- mstate m
}
