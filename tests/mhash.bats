#!/usr/bin/env bats
# mhash.bats - the sums that Atlas writes, what differs from them, and the
# fingerprint. The oracle is the real Atlas: $ATLAS, else .cache/atlas/atlas.
# shellcheck disable=SC2016 # meant: the inner sh expands

load helper

setup() {
	scratch
	F=$FIXTURES/mhash
	NONE=h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU= # of no files
	remedy="write it anew with 'mhash -w'"
}

# atlas ARG...: the oracle. None is a failure, not a skip.
atlas() {
	local bin=${ATLAS:-$TOP/.cache/atlas/atlas}
	[ -x "$bin" ] || { echo "no Atlas at '$bin': make install, or set ATLAS" >&2; return 127; }
	ATLAS_NO_UPDATE_NOTIFIER=1 ATLAS_NO_UPGRADE_SUGGESTIONS=1 "$bin" "$@"
}

# old_rule: is the oracle older than 1.1? Sets $rule to what mhash needs then.
old_rule() {
	rule=()
	local version
	version=$(atlas version) || return 2
	case $version in
	*" v0."* | *" v1.0."*) rule=(-o) ;;
	*) return 1 ;;
	esac
}

# agrees DIR: mhash prints what Atlas writes.
agrees() {
	old_rule || [ $? -eq 1 ]
	rm -f "$1/atlas.sum"
	atlas migrate hash --dir "file://$1"
	check 0 -O "$1/atlas.sum" -- mhash "${rule[@]}" "$1"
}

# three: a hashed directory m of three files.
three() {
	mkdir m
	local i
	for i in 1_a 2_b 3_c; do echo "SELECT '$i';" >"m/$i.sql"; done
	mhash -w m
}

# unprivileged COMMAND...: as nobody when we are root, with mhash in ./box.
unprivileged() {
	if [ "$(id -u)" -eq 0 ]; then
		setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
	else
		"$@"
	fi
}

# ---- the sums ----

@test "the sums of a directory, byte for byte, as Atlas writes them" {
	cp -R "$F/basic" m
	check 0 -O "$F/basic.want" -- mhash m
	check 0 -O "$F/basic.want" -- mhash m/
	check 0 -O "$F/basic.want" -- mhash -- ./m
	agrees m
}

@test "names: blanks, quotes, any byte, hidden, and what is no .sql" {
	mkdir m
	local n
	for n in 'a b.sql' "it's.sql" '"q".sql' 'b\c.sql' '*.sql' '[x].sql' '-w.sql' '%41.sql' \
		.sql .x.sql a.sql.sql A.sql Z.sql ä.sql $'\xff.sql' $'tab\t.sql' $'cr\r.sql' $'esc\e[1m.sql' \
		$'\x7f.sql' x.SQL x.sql~ xsql x.sq .git sql; do
		printf 'SELECT %s;' "$n" >"m/$n"
	done
	agrees m
	[ "$(wc -l <m/atlas.sum)" -eq 20 ]
}

@test "names that Atlas writes and cannot read back: printed, -c and -w refuse them" {
	local n
	for n in $'a\nb.sql' 'ah1:b.sql' ' b.sql' $'\tb.sql' $'\xc2\xa0b.sql' $'\xe3\x80\x80b.sql' $'\xe2\x80\xa8b.sql' $'\xe2\x81\x9fb.sql'; do
		rm -rf m
		mkdir m
		echo 1 >"m/$n"
		agrees m
		run atlas migrate validate --dir file://m
		[ "$status" -eq 1 ]
		check 2 -p "^mhash: m/.*b\.sql: Atlas cannot read this name back .*: rename the file\$" -- mhash -c m
		check 2 -p "^mhash: m/.*b\.sql: Atlas cannot read this name back .*: rename the file\$" -- mhash -w m
	done
	# Ignored, it has no line, so it does no harm.
	rm -rf m
	mkdir m
	echo '-- atlas:sum ignore' >$'m/a\nb.sql'
	agrees m
	check 0 -- mhash -c m
}

@test "contents: empty, no final newline, CR LF, NUL, around a read's length" {
	mkdir m
	: >m/1.sql
	printf 'SELECT 1' >m/2.sql
	printf 'SELECT 1;\r\n' >m/3.sql
	printf '\0\0a\0' >m/4.sql
	printf '\357\273\277-- atlas:sum ignore\n' >m/5.sql
	local i
	for i in 55 56 63 64 65 65535 65536 65537 131072 3000000; do
		head -c "$i" /dev/zero | tr '\0' x >"m/n$i.sql"
	done
	agrees m
}

@test "atlas:sum ignore, read as Atlas reads it" {
	mkdir m
	local i=100 line
	while IFS= read -r line; do
		i=$((i + 1))
		printf '%b' "$line" >"m/$i.sql"
	done <<'EOF'
-- atlas:sum ignore
-- atlas:sum ignore\n
-- atlas:sum ignore\n\nSELECT 1;\n
atlas:sum ignore\n
#atlas:sum ignore\n
anything atlas:sum ignore\n
SELECT 1; -- atlas:sum    ignore\n
-- atlas:sum ignore \n
-- atlas:sum ignore x\n
-- atlas:sum ignored\n
-- atlas:sum\n
-- atlas:sum \n
-- atlas:sum   \n
-- atlas:sumignore\n
-- atlas:sum\tignore\n
-- atlas:sum_ ignore\n
-- atlas:sum-x ignore\n
-- atlas: sum ignore\n
-- atlas:sum:ignore\n
-- ATLAS:SUM IGNORE\n
-- atlas:sum IGNORE\n
--\tatlas:sum ignore\n
\n-- atlas:sum ignore\n
-- ä atlas:sum ignore\n
-- atlas:sum ignore atlas:sum x\n
-- atlas:sum x atlas:sum ignore\n
-- atlas:sum ignore atlas:\n
-- atlas:sum ignore atlas:nolint\n
-- atlas:nolint atlas:sum ignore\n
-- atlas:atlas:sum ignore\n
-- aatlas:sum ignore\n
-- atlas:txmode none\n-- atlas:sum ignore\n
-- atlas:sum ignore\r\n
-- atlas:sum ignore\t\n
-- atlas:sum ignore\0\n
-- atlas:sum ignore ä\n
-- atlas:sum ignoreä\n
-- atlas:sum  ä ignore\n
-- atlas:sum ignor
EOF
	[ "$i" -eq 139 ]
	agrees m
	# What is not ignored, as counted by hand.
	grep -c ' h1:' m/atlas.sum >count
	if old_rule; then echo 24; else echo 28; fi >want
	same want count
}

@test "-o reads it as Atlas before 1.1 did" {
	mkdir m
	printf -- '-- atlas:sum ignore\r\nSELECT 1;\r\n' >m/a.sql
	check 0 -o "$NONE" -- mhash -o m
	check 0 -o 'h1:0EAnTGimgoZ7SLlW7Q1FBnPAs2n79Nb2I0U67iTne0g=
a.sql h1:YkaSxQ3d0OoUonVSqSIQj7sOAuZEipU6elULAOYv0Mo=' -- mhash m
	check 0 -- mhash -o -w m
	check 0 -o "$NONE" -- cat m/atlas.sum
	check 0 -- mhash -c -o m
	check 1 -o 'added a.sql' -- mhash -c m
	printf -- '-- atlas:sum ignore' >m/a.sql
	check 0 -o "$NONE" -- mhash m
	printf -- '-- atlas:sum ignore\n' >m/a.sql
	check 0 -o "$NONE" -- mhash m
}

@test "links are followed, /dev/null is empty, a link to nowhere is an error" {
	mkdir m
	echo 'SELECT 1;' >real
	ln -s ../real m/1.sql
	ln -s /dev/null m/2.sql
	ln -s m link
	agrees m
	agrees link
	ln -s nowhere m/3.sql
	run atlas migrate hash --dir file://m
	[ "$status" -ne 0 ]
	check 2 -e 'mhash: m/3.sql: cannot open: No such file or directory' -- mhash m
}

@test "a directory or a pipe named x.sql is an error" {
	mkdir -p m/x.sql
	run atlas migrate hash --dir file://m
	[ "$status" -ne 0 ]
	check 2 -e 'mhash: m/x.sql: is a directory, not a file' -- mhash m
	check 2 -e 'mhash: m/x.sql: is a directory, not a file' -- mhash -w m
	check 2 -e 'mhash: m/x.sql: is a directory, not a file' -- mhash -c m
	[ ! -e m/atlas.sum ]
	rmdir m/x.sql
	mkfifo m/x.sql
	check 2 -e 'mhash: m/x.sql: not a regular file' -- timeout 5 mhash m
	ln -sf /dev/zero m/x.sql
	for o in -c -w -o; do
		check 2 -e 'mhash: m/x.sql: not a regular file' -- timeout 5 mhash $o m
	done
	[ ! -e m/atlas.sum ]
}

@test "no directory, a file, an empty name" {
	check 2 -e 'mhash: m: cannot open the directory: No such file or directory' -- mhash m
	check 2 -e 'mhash: m: cannot open the directory: No such file or directory' -- mhash -c m
	check 2 -e 'mhash: m: cannot open the directory: No such file or directory' -- mhash -w m
	: >m
	check 2 -e 'mhash: m: cannot open the directory: Not a directory' -- mhash m
	check 2 -e 'mhash: the name of the directory is empty' -- mhash ''
}

@test "what may not be read or written is an error, and nothing changes" {
	box=$(mktemp -d /tmp/mhash.XXXXXX)
	cp "$(command -v mhash)" "$box"
	mkdir "$box/m"
	echo 'SELECT 1;' >"$box/m/a.sql"
	cp -R "$box/m" "$box/unlisted"
	mhash -w "$box/m"
	cp -R "$box/m" "$box/unwritable"
	echo >>"$box/unwritable/a.sql"
	cp "$box/m/atlas.sum" want
	chmod -R a+rX "$box"
	chmod 0 "$box/m/a.sql"
	chmod 311 "$box/unlisted"
	chmod 555 "$box/unwritable"
	rc=0
	check 2 -e "mhash: $box/m/a.sql: cannot open: Permission denied" -- \
		unprivileged "$box/mhash" "$box/m" || rc=1
	check 2 -e "mhash: $box/unlisted: cannot open the directory: Permission denied" -- \
		unprivileged "$box/mhash" "$box/unlisted" || rc=1
	check 2 -e "mhash: $box/unwritable/atlas.sum: cannot create a file beside it: Permission denied" -- \
		unprivileged "$box/mhash" -w "$box/unwritable" || rc=1
	same want "$box/unwritable/atlas.sum" || rc=1
	no_litter "$box" || rc=1
	chmod -R u+rwX "$box"
	rm -rf "$box"
	[ "$rc" -eq 0 ]
}

@test "output that cannot be written is exit 2" {
	three
	check 2 -e 'mhash: standard output: cannot write: No space left on device' -- sh -c 'mhash m >/dev/full'
	echo >>m/1_a.sql
	check 2 -e 'mhash: standard output: cannot write: No space left on device' -- sh -c 'mhash -c m >/dev/full'
}

# ---- -w ----

@test "-w writes what Atlas writes, and only when that is new" {
	cp -R "$F/basic" m
	umask 022
	check 0 -- mhash -w m
	same "$F/basic.want" m/atlas.sum
	[ "$(stat -c %a m/atlas.sum)" = 644 ]
	chmod 600 m/atlas.sum
	touch -d 2001-01-01 m/atlas.sum
	stat -c '%i %Y' m/atlas.sum >before
	check 0 -- mhash -w m
	stat -c '%i %Y' m/atlas.sum >after
	same before after
	echo >>m/.hidden.sql
	check 0 -- mhash -w m
	check 0 -- mhash -c m
	stat -c '%i %Y' m/atlas.sum >after
	run cmp -s before after
	[ "$status" -eq 1 ]
	[ "$(stat -c %a m/atlas.sum)" = 600 ]
	no_litter m
}

@test "-w makes good whatever atlas.sum held, and an empty directory's" {
	three
	cp m/atlas.sum want
	: >m/atlas.sum
	check 0 -- mhash -w m
	same want m/atlas.sum
	printf '<<<<<<< a\n' >m/atlas.sum
	check 0 -- mhash -w m
	same want m/atlas.sum
	rm m/atlas.sum
	mkdir m/atlas.sum
	check 2 -e 'mhash: m/atlas.sum: is a directory, not a file' -- mhash -w m
	mkdir none
	check 0 -- mhash -w none
	check 0 -o "$NONE" -- cat none/atlas.sum
}

# ---- -c ----

@test "-c is silent when all is as recorded" {
	three
	check 0 -- mhash -c m
	mkdir none
	check 0 -- mhash -c none
	check 0 -- mhash -w none
	check 0 -- mhash -c none
}

@test "-c: added at either end and between" {
	three
	echo x >m/0.sql
	echo x >m/2_c.sql
	echo x >m/9.sql
	echo x >m/README
	check 1 -o 'added 0.sql
added 2_c.sql
added 9.sql' -- mhash -c m
}

@test "-c: removed, one and all" {
	three
	rm m/2_b.sql
	check 1 -o 'removed 2_b.sql' -- mhash -c m
	rm m/1_a.sql
	check 1 -o 'removed 1_a.sql
removed 2_b.sql' -- mhash -c m
	rm m/3_c.sql
	check 1 -o 'removed 1_a.sql
removed 2_b.sql
removed 3_c.sql' -- mhash -c m
}

@test "-c: edited names that file alone, though all later hashes differ" {
	three
	echo >>m/1_a.sql
	check 1 -o 'edited 1_a.sql' -- mhash -c m
	# Contents after it cannot be checked, names can.
	echo >>m/3_c.sql
	rm m/2_b.sql
	echo >m/4.sql
	check 1 -o 'edited 1_a.sql
removed 2_b.sql
added 4.sql' -- mhash -c m
}

@test "-c: a new file does not hide an edited one after it" {
	three
	echo >m/1_b.sql
	echo >>m/3_c.sql
	check 1 -o 'added 1_b.sql
edited 3_c.sql' -- mhash -c m
}

@test "-c: a renamed file, and what comes after it" {
	three
	mv m/2_b.sql m/4_b.sql
	check 1 -o 'moved 2_b.sql -> 4_b.sql' -- mhash -c m
	mv m/1_a.sql m/5_a.sql
	echo >>m/3_c.sql
	check 1 -o 'moved 1_a.sql -> 5_a.sql
moved 2_b.sql -> 4_b.sql
edited 3_c.sql' -- mhash -c m
	echo >>m/4_b.sql
	check 1 -o 'moved 1_a.sql -> 5_a.sql
removed 2_b.sql
added 4_b.sql' -- mhash -c m
}

@test "-c: many files renamed at once, among new ones" {
	mkdir m
	local i
	for i in $(seq 1000 1199); do echo "SELECT $i;" >"m/$i.sql"; done
	mhash -w m
	for i in $(seq 1000 1199); do
		mv "m/$i.sql" "m/2$i.sql"
		echo "moved $i.sql -> 2$i.sql"
	done >want
	for i in $(seq 20000 20009); do
		echo new >"m/$i.sql"
		echo "added $i.sql"
	done >>want
	check 1 -O want -- mhash -c m
}

@test "-c: lines of atlas.sum out of order" {
	three
	# As they were, with a total that holds; and hashed in that order.
	total() { python3 -c 'import base64, hashlib, sys
n = "".join(l.replace(" h1:", "").rstrip("\n") for l in sys.stdin)
print("h1:" + base64.b64encode(hashlib.sha256(n.encode()).digest()).decode())'; }
	{ sed -n 3p m/atlas.sum; sed -n 2p m/atlas.sum; sed -n 4p m/atlas.sum; } >lines
	{ total <lines; cat lines; } >m/atlas.sum
	check 0 -o "$(head -n 1 m/atlas.sum)" -- mhash -s m/atlas.sum
	check 1 -o 'moved 2_b.sql' -- mhash -c m
	python3 -c 'import base64, hashlib
h = hashlib.sha256()
for n in "3_c.sql", "1_a.sql", "2_b.sql":
    h.update(n.encode() + open("m/" + n, "rb").read())
    print(n + " h1:" + base64.b64encode(h.digest()).decode())' >lines
	{ total <lines; cat lines; } >m/atlas.sum
	check 1 -o 'moved 3_c.sql' -- mhash -c m
	echo >>m/1_a.sql
	check 1 -o 'edited 1_a.sql
moved 3_c.sql' -- mhash -c m
}

@test "-c: ignored files count with their names" {
	three
	printf -- '-- atlas:sum ignore\n' >ignored
	cp ignored m/2_a.sql
	check 1 -o 'added 2_a.sql' -- mhash -c m
	mhash -w m
	echo x >>m/2_a.sql
	check 0 -- mhash -c m
	# One that is ignored no more is new to atlas.sum, but not to the hashes.
	echo 'SELECT 1;' >m/2_a.sql
	check 1 -o 'edited 2_a.sql' -- mhash -c m
	cp ignored m/2_a.sql
	# One that was not ignored, also after another that was edited.
	cp ignored m/3_c.sql
	check 1 -o 'edited 3_c.sql' -- mhash -c m
	echo >>m/1_a.sql
	check 1 -o 'edited 1_a.sql
edited 3_c.sql' -- mhash -c m
	# Three at once, two new and one ignored no more.
	mhash -w m
	cp ignored m/2_aa.sql
	cp ignored m/2_ab.sql
	echo 'SELECT 1;' >m/2_a.sql
	check 1 -o 'edited 2_a.sql
added 2_aa.sql
added 2_ab.sql' -- mhash -c m
	rm m/2_aa.sql m/2_ab.sql
	cp ignored m/2_a.sql
	# After the last line no hash knows of them, Atlas's neither.
	mhash -w m
	cp ignored m/4.sql
	check 0 -- mhash -c m
	atlas migrate validate --dir file://m
	# More of them than are tried one by one.
	rm m/4.sql
	local i
	for i in 1 2 3 4 5 6; do cp ignored "m/2_a$i.sql"; done
	mhash -w m
	echo 'SELECT 1;' >m/2_ab.sql
	check 1 -o 'added 2_ab.sql' -- mhash -c m
	echo >>m/2_b.sql
	check 1 -o 'added 2_ab.sql
edited 2_b.sql' -- mhash -c m
}

@test "-c: the total of atlas.sum is off" {
	three
	cp m/atlas.sum good
	sed '1s/h1:..../h1:AAAA/' good >m/atlas.sum
	check 1 -o 'edited atlas.sum' -- mhash -c m
	sed '3s/h1:..../h1:AAAA/' good >m/atlas.sum
	check 1 -o 'edited atlas.sum' -- mhash -c m
	sed 3d good >m/atlas.sum
	check 1 -o 'edited atlas.sum' -- mhash -c m
	# One side's total, both sides' lines: git merges so without a conflict.
	echo x >m/4.sql
	mhash m >theirs
	{ head -n 1 good; sed 1d theirs; } >m/atlas.sum
	check 1 -o 'edited atlas.sum' -- mhash -c m
	echo x >m/5.sql
	check 1 -o 'edited atlas.sum
added 5.sql' -- mhash -c m
}

@test "-c: no atlas.sum" {
	three
	rm m/atlas.sum
	check 1 -o 'missing atlas.sum' -- mhash -c m
	rm m/*.sql
	check 0 -- mhash -c m
	atlas migrate validate --dir file://m
	mkdir m/atlas.sum
	check 2 -e 'mhash: m/atlas.sum: is a directory, not a file' -- mhash -c m
}

@test "-c shows a name on one line, control characters as ?" {
	three
	echo x >$'m/x\e[1m\ty.sql'
	check 1 -o 'added x?[1m?y.sql' -- mhash -c m
}

@test "a sum file that is none: empty, malformed, a name twice" {
	three
	cp m/atlas.sum good
	# SUM-FILE-EDIT, LINE and what is said of it, from -c and from -s.
	no() {
		check 2 -e "mhash: m/atlas.sum$1: $2$remedy" -- mhash -c m
		check 2 -e "mhash: standard input$1: $2$remedy" -i m/atlas.sum -- mhash -s
		check 2 -e "mhash: m/atlas.sum$1: $2$remedy" -- mhash -s m/atlas.sum
		run atlas migrate validate --dir file://m
		[ "$status" -eq 1 ]
	}
	: >m/atlas.sum
	no '' 'empty: '
	echo >m/atlas.sum
	no :1 "not 'h1:' and a total: "
	sed 1d good >m/atlas.sum
	no :1 "not 'h1:' and a total: "
	{ cat good; echo; } >m/atlas.sum
	no :5 "not a name, 'h1:' and a hash: "
	sed '3s/h1:/h2:/' good >m/atlas.sum
	no :3 "not a name, 'h1:' and a hash: "
	sed '3s/=$//' good >m/atlas.sum
	no :3 "not a name, 'h1:' and a hash: "
	sed '3s/.......=$/_______=/' good >m/atlas.sum
	no :3 "not a name, 'h1:' and a hash: "
	sed '3s/$/ /' good >m/atlas.sum
	no :3 "not a name, 'h1:' and a hash: "
	sed '3s/^.* / /' good >m/atlas.sum
	no :3 "not a name, 'h1:' and a hash: "
	head -c 100 good >m/atlas.sum
	no :2 "not a name, 'h1:' and a hash: "
	sed -n 'p;2p' good >m/atlas.sum
	no :3 "'1_a.sql' stands on line 2 already: "
	{ cat good; printf 'a\0b.sql h1:'; } >m/atlas.sum
	no :5 'a NUL byte: '
	{ cat good; head -c 65536 /dev/zero | tr '\0' x; } >m/atlas.sum
	no :5 'too long for a name and a hash: '
}

@test "a merge conflict in atlas.sum is named with its line" {
	three
	local n=1 in
	for in in "$F"/conflict-*.sum; do
		n=${in##*-}
		n=${n%.sum}
		cp "$in" m/atlas.sum
		check 2 -e "mhash: m/atlas.sum:$n: a merge conflict: settle the order of the files, then $remedy" -- mhash -c m
		check 2 -e "mhash: standard input:$n: a merge conflict: settle the order of the files, then $remedy" \
			-i "$in" -- mhash -s
	done
	[ "$n" = 4 ]
	# A file may be named so.
	echo x >'m/======= x.sql'
	check 0 -- mhash -w m
	check 0 -- mhash -c m
	# And what is just odd is not taken for one.
	printf '<<<<<<<< a\n' >m/atlas.sum
	check 2 -e "mhash: m/atlas.sum:1: not 'h1:' and a total: $remedy" -- mhash -c m
}

@test "what Atlas accepts in atlas.sum, -c accepts: CR LF, more blanks, no last newline" {
	three
	cp m/atlas.sum good
	local edit
	for edit in 's/$/\r/' 's/ h1:/   h1:/' 's/ h1:/h1:/' '1s/h1://' '2s/^/\t/' '2s/^/\xc2\x85/' \
		'2s/ h1:/\xe2\x80\xaf h1:/'; do
		sed "$edit" good >m/atlas.sum
		atlas migrate validate --dir file://m
		check 0 -- mhash -c m
		check 0 -i m/atlas.sum -o "$(head -n 1 good)" -- mhash -s
	done
	printf %s "$(cat good)" >m/atlas.sum
	atlas migrate validate --dir file://m
	check 0 -- mhash -c m
}

# ---- -s ----

@test "-s prints the total of a sum file that holds" {
	check 0 -i "$F/basic.want" -o "$(head -n 1 "$F/basic.want")" -- mhash -s
	check 0 -i "$F/basic.want" -o "$(head -n 1 "$F/basic.want")" -- mhash -s -
	check 0 -o "$(head -n 1 "$F/basic.want")" -- mhash -s "$F/basic.want"
	echo "$NONE" >none
	check 0 -o "$NONE" -- mhash -s none
}

@test "-s says no when the total does not match the lines" {
	sed '2s/h1:..../h1:AAAA/' "$F/basic.want" >edited
	check 1 -i edited -e 'mhash: standard input: the total on line 1 does not match the lines below it' -- mhash -s
	check 1 -e 'mhash: edited: the total on line 1 does not match the lines below it' -- mhash -s edited
	check 2 -e 'mhash: none: cannot open: No such file or directory' -- mhash -s none
	check 2 -e 'mhash: .: is a directory, not a file' -- mhash -s .
}

# ---- -f ----

# print NAME...: the fingerprint over the names, which must be one line.
print() { printf '%s\0' "$@" | mhash -f -0; }

@test "-f: the bytes that go in are those the source promises" {
	printf 'one' >a
	: >'b c'
	printf '%s\n' a 'b c' gone >names
	python3 -c 'import base64, hashlib, struct
n = lambda b: struct.pack(">Q", len(b)) + b
d = b"mhash fingerprint 1\n" + n(b"a") + b"f" + n(b"one") + n(b"b c") + b"f" + n(b"") + n(b"gone") + b"a"
print("h1:" + base64.b64encode(hashlib.sha256(d).digest()).decode())' >want
	check 0 -i names -O want -- mhash -f
	# Order, repetition and a missing last newline make no difference.
	printf 'gone\nb c\na\na' >names
	check 0 -i names -O want -- mhash -f
	printf 'b c\0gone\0a\0' >names
	check 0 -i names -O want -- mhash -f -0
}

@test "-f: no two sets of files share a fingerprint" {
	printf x >a
	printf x >b
	: >empty
	printf 'b' >ab
	mkdir d
	printf 'xb' >d/a
	{
		print a
		print b
		print a b
		print a empty
		print a gone
		print empty
		print gone
		print ab
		print d/a
		print d a 2>&1 || true
		print a b empty
		(cd d && print a)
		print $'a\nb'
		mhash -f -t a a
		mhash -f -t b a
		mhash -f -t '' a
		echo a | mhash -f -t gone
		printf y >a
		print a
		print a b
	} >all
	[ "$(wc -l <all)" -eq 19 ]
	sort -u all >unique
	[ "$(wc -l <unique)" -eq 19 ]
}

@test "-f: a file below a file is absent, a directory is an error" {
	: >a
	mkdir d
	[ "$(print a/b)" != "$(print a)" ]
	printf 'a\nd\n' >names
	check 2 -i names -e 'mhash: d: is a directory, not a file' -- mhash -f
	mkfifo p
	echo p >names
	check 2 -i names -e 'mhash: p: not a regular file' -- timeout 5 mhash -f
}

@test "-f: no names, an empty name, a NUL where newlines part the names" {
	check 2 -e 'mhash: standard input: no names: an empty list has no fingerprint' -- mhash -f
	printf 'a\n\nb\n' >names
	check 2 -i names -e 'mhash: standard input: name 2 is empty' -- mhash -f
	printf 'a\0b\0' >names
	check 2 -i names -e 'mhash: standard input: name 1 holds a NUL byte: use -0 for names that end in one' -- mhash -f
}

@test "-f: a name with a newline needs -0" {
	echo 1 >$'x\ny'
	before=$(print $'x\ny')
	echo 2 >$'x\ny'
	[ "$(print $'x\ny')" != "$before" ]
}

@test "-f: arguments are files, and directories with all that lies below them" {
	mkdir -p d/e/__pycache__ flat/below
	echo 1 >d/a.py
	echo 2 >d/e/b.py
	echo 3 >d/.hidden
	echo 4 >d/e/__pycache__/b.pyc
	echo 5 >flat/1.sql
	echo 6 >flat/below/2.sql
	echo 7 >other
	ln -s ../other d/link
	ln -s nowhere d/dead
	ln -s .. d/e/up
	ln -s "$PWD/d" d/e/whole
	mkfifo d/pipe
	print d/a.py d/e/b.py d/.hidden d/link d/dead other flat/1.sql gone >want
	check 0 -O want -- timeout 5 mhash -f -d flat -x __pycache__ d other gone
	# A slash at the end makes no other name; names named twice count once.
	check 0 -O want -- mhash -f -d flat/ -x __pycache__ d/ d other other gone d/a.py
	before=$(mhash -f d)
	echo 44 >d/e/__pycache__/b.pyc
	[ "$(mhash -f d)" != "$before" ]
	check 0 -O want -- mhash -f -x __pycache__ -d flat d other gone
	: >d/e/new
	[ "$(mhash -f -x __pycache__ -d flat d other gone)" != "$(cat want)" ]
	print flat/1.sql >want
	check 0 -O want -- mhash -f -d flat
	check 2 -e 'mhash: gone: cannot open the directory: No such file or directory' -- mhash -f -d gone
	check 2 -e 'mhash: a name is empty' -- mhash -f ''
	ln -s self d/self
	check 2 -e 'mhash: d/self: cannot look at it: Too many levels of symbolic links' -- mhash -f d
}

@test "-f -m: of these the marks count, and not the content" {
	mkdir -p d/skip
	printf one >a
	printf two >d/b
	printf three >d/skip/c
	python3 -c 'import base64, hashlib, os, struct
n = lambda b: struct.pack(">Q", len(b)) + b
def m(p):
	s = os.stat(p)
	return struct.pack(">6Q", s.st_ino, s.st_size, *divmod(s.st_mtime_ns, 10**9), *divmod(s.st_ctime_ns, 10**9))
d = b"mhash fingerprint 1\n" + n(b"a") + b"f" + n(b"one") + n(b"text") + b"t" + n(b"a") + b"m" + m("a") + n(b"d/b") + b"m" + m("d/b") + n(b"gone") + b"n"
print("h1:" + base64.b64encode(hashlib.sha256(d).digest()).decode())' >want
	check 0 -O want -- mhash -f -t text -m d -x skip -m gone -m a -m a a
	# No list of names is read where files are named so.
	mhash -f -m a >before </dev/null
	check 0 -O before -- mhash -f -m a
	[ "$(mhash -f a)" != "$(cat before)" ]
	# The same content and time, and a file that was written all the same.
	cp -p a saved
	printf eno >a
	touch -r saved a
	run ! cmp before <(mhash -f -m a)
	mv saved a
	run ! cmp before <(mhash -f -m a)
	check 2 -e 'mhash: a name is empty' -- mhash -f -m '' a
	ln -s self self
	check 2 -e 'mhash: self: cannot look at it: Too many levels of symbolic links' -- mhash -f -m self
}

# ---- the rest ----

@test "usage" {
	usage='usage: mhash [-o] directory
       mhash -c [-o] directory
       mhash -w [-o] directory
       mhash -s [file]
       mhash -f [-0] [-t text] <names
       mhash -f [-d directory] [-m file] [-t text] [-x name] [file ...]'
	check 0 -o "$usage" -- mhash -h
	check 0 -o "mhash $(sed -n 's/^#define VERSION "\(.*\)"/\1/p' "$TOP/tools/mhash.c")" -- mhash -V
	local args
	for args in '' '-x m' 'm m' -c -w '-c -w m' '-s -f' '-0 m' '-0 -c m' '-o -s' '-o -f' '-s a b' '-d m' '-f -d' '-t t m' '-f -0 m' '-f -0 -d m' '-f -0 -m m' '-m m' '-f -m'; do
		# shellcheck disable=SC2086 # meant to split
		check 2 -e "$usage" -- mhash $args
	done
	mkdir m
	check 0 -- mhash -c -c m
}

@test "the examples of the manual page" {
	mkdir migrations
	echo 'CREATE TABLE users (id bigint);' >migrations/1_users.sql
	example() { awk -v n="$1" '/^\.Bd/ { i++; on = i == n; next } /^\.Ed/ { on = 0 } on' "$TOP/tools/mhash.1"; }
	example 1 | sed -n '3,$p' >want
	[ "$(example 1 | sed -n 1,2p)" = '$ mhash -w migrations
$ cat migrations/atlas.sum' ]
	check 0 -- mhash -w migrations
	check 0 -O want -- cat migrations/atlas.sum
	mhash -s migrations/atlas.sum >total
	printf 'Resources:\n  M:\n    Properties:\n      MigrationHash: h1:old=\n' >stack.yaml
	example 3 >run.sh
	check 0 -- sh run.sh
	check 0 -i stack.yaml -O total -- yamlset /Resources/M/Properties/MigrationHash
	echo >>migrations/1_users.sql
	echo >migrations/2_posts.sql
	[ "$(example 2 | head -n 1)" = '$ mhash -c migrations' ]
	check 1 -o "$(example 2 | sed 1d)" -- mhash -c migrations
	mkdir src
	: >src/a.py
	printf 'all:\n\t@echo made\n' >Makefile
	example 4 >run.sh
	check 0 -o made -- sh run.sh
	check 0 -- sh run.sh
	echo >>src/a.py
	check 0 -o made -- sh run.sh
}

@test "at random: the same sums and verdicts as Atlas, and what was changed" {
	atlas version >/dev/null
	check 0 -- python3 "$F/against_atlas.py" "${ATLAS:-$TOP/.cache/atlas/atlas}" 1 20
}

@test "-w: an atlas.sum that is no regular file is left alone" {
	box=$(mktemp -d /tmp/mhash.XXXXXX)
	cp "$(command -v mhash)" "$box"
	mkdir "$box/d"
	echo 'SELECT 1;' >"$box/d/1.sql"
	ln -s /dev/null "$box/d/atlas.sum"
	chmod -R a+rX "$box"
	# Never as root: an mhash that is wrong here would replace /dev/null itself.
	rc=0
	check 2 -e "mhash: $box/d/atlas.sum: not a regular file" -- \
		unprivileged "$box/mhash" -w "$box/d" || rc=1
	[ -L "$box/d/atlas.sum" ] || rc=1
	no_litter "$box" || rc=1
	rm -rf "$box"
	[ "$rc" -eq 0 ]
}

@test "-c: a file renamed or removed behind one that is ignored" {
	mkdir d
	echo 'SELECT 1;' >d/1.sql
	echo '-- atlas:sum ignore' >d/2.sql
	echo 'SELECT 3;' >d/3.sql
	echo 'SELECT 4;' >d/4.sql
	mhash -w d
	mv d/3.sql d/5.sql
	check 1 -o 'moved 3.sql -> 5.sql' -- mhash -c d
	rm d/5.sql
	check 1 -o 'removed 3.sql' -- mhash -c d
	mv d/1.sql d/0.sql
	check 1 -o 'moved 1.sql -> 0.sql
removed 3.sql' -- mhash -c d
}

@test "-w: what was written is on the disk before it takes the old one's place" {
	command -v strace >/dev/null || skip 'no strace here'
	mkdir m
	echo 1 >m/1.sql
	# LeakSanitizer, in a build that has it, does not work under strace; valgrind has signals
	# of its own.
	ASAN_OPTIONS=detect_leaks=0 strace -qq -o trace -e signal=none -e trace=fsync,fdatasync,/rename mhash -w m
	sed 's/(.*//' trace >calls
	# The file, its place, and the directory.
	printf 'fsync\nrename\nfsync\n' | same - calls
}

@test "of libcrypto SHA-256 alone is linked: more wants archives that need not be there (Debian 13)" {
	for t in mhash mstate; do
		nm "$TOP/.cache/bin/$t" | grep -q SHA256_Init
		run ! grep EVP_ <(nm "$TOP/.cache/bin/$t")
	done
}
