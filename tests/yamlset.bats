#!/usr/bin/env bats
# yamlset.bats - one scalar read or changed, and not a byte around it.
#
# fixtures/yamlset/NAME.yaml becomes NAME.want; bad-NAME.yaml must be refused.

load helper

setup() {
	scratch
	dir=$FIXTURES/yamlset
	hash=/Resources/MigrationTrigger/Properties/MigrationHash
	usage='usage: yamlset [-f file] pointer [value]
       yamlset -i file pointer value
       yamlset -h | -V'
}

# identity FILE: inode, mode, owner, size and time; a new one when rewritten.
identity() { ls -il "$1"; }

# edit NAME POINTER VALUE: as a filter and in place; and it reads back.
edit() {
	local before
	check 0 -i "$dir/$1.yaml" -O "$dir/$1.want" -- yamlset "$2" "$3"
	check 0 -O "$dir/$1.want" -- yamlset -f "$dir/$1.yaml" "$2" "$3"
	cp "$dir/$1.yaml" file.yaml
	chmod 640 file.yaml
	check 0 -- yamlset -i file.yaml "$2" "$3"
	same "$dir/$1.want" file.yaml
	before=$(identity file.yaml)
	[[ $before == *-rw-r-----* ]]
	printf '%s\n' "$3" >value
	check 0 -i file.yaml -O value -- yamlset "$2"
	# It is that string already: nothing is written.
	check 0 -- yamlset -i file.yaml "$2" "$3"
	[ "$(identity file.yaml)" = "$before" ]
	check 0 -i file.yaml -O "$dir/$1.want" -- yamlset "$2" "$3"
	no_litter
}

# refuse EXIT NAME POINTER MESSAGE: read, filtered and in place; untouched.
refuse() {
	local before
	cp "$dir/$2.yaml" file.yaml
	before=$(identity file.yaml)
	check "$1" -i file.yaml -e "yamlset: stdin$4" -- yamlset "$3" new
	check "$1" -e "yamlset: file.yaml$4" -- yamlset -f file.yaml "$3" new
	check "$1" -e "yamlset: file.yaml$4" -- yamlset -i file.yaml "$3" new
	same "$dir/$2.yaml" file.yaml
	[ "$(identity file.yaml)" = "$before" ]
	no_litter
	[ "${5-}" = readable ] ||
		check "$1" -i file.yaml -e "yamlset: stdin$4" -- yamlset "$3"
}

# ---- styles ----

@test "plain stays plain where it is safe, else double quotes" {
	edit plain /a/b 'h1:3q2+7w=='
	edit plain-unsafe /a/b yes
}

@test "what only some readers take for no string is quoted too" {
	local v
	for v in y Y n N 1,000 = 0x1f.e 0X.8 0x1.8p-3; do
		check 0 -i "$dir/no-newline.yaml" -O <(printf 'a: 1\nb: "%s"' "$v") -- yamlset /b "$v"
	done
	# And what none does is not.
	for v in y1 ye 1.2.3 10.0.0.0/16 0x 1e 2001-12 == é -x ~x nulls; do
		check 0 -i "$dir/no-newline.yaml" -O <(printf 'a: 1\nb: %s' "$v") -- yamlset /b "$v"
	done
}

@test "single quotes stay where they hold the value, else double" {
	edit single /a/b "don't: # \"x\" \\"
	edit single-unsafe /a/b $'two\nlines'
}

@test "double quotes stay, with escapes where they are needed" {
	edit double /a/b 'say "hi" \ '$'\302\205\342\200\250\357\273\277\a é 😀'
}

@test "scalars over several lines go as a whole" {
	edit folded-plain /a/b new
	edit folded-single /a/b new
	edit folded-double /a/b new
}

@test "a block scalar goes, the comments and blank lines around it stay" {
	edit literal /a/b new
	edit literal-blank /a new
	edit literal-crlf /a new
	edit literal-item /0/0 new
	edit folded-end /1 new
}

@test "a value where there was none" {
	edit empty /a/b new
	edit empty-null /a/b new
	edit empty-anchor /a/b new
	edit empty-item /a/1 new
	edit empty-flow /a/1/b new
	edit empty-flow-last /a/1/c new
	edit empty-complex /a new
	edit empty-root '' new
}

@test "tags and anchors stay" {
	edit tag /a/b "\${A}-new"
	edit tag-int /a/b 6
	edit tag-line /a/b new
	edit anchor /a/b new
	edit anchor-tag /a/b new
	edit root '' new
	edit directives /a new
}

@test "inside brackets, and JSON" {
	edit flow /a/b/1 'p, q: {r}'
	printf 'a: [x, y]\n' >brackets
	check 0 -o 'a: ["p,q", y]' -- yamlset -f brackets /a/0 p,q
	edit json /a/b/2 $'tab\t "q" \x01'
}

# ---- places ----

@test "CRLF, a byte order mark, wide characters, tabs, no final newline" {
	edit crlf /a/b new
	edit bom /a new
	edit wide /é/1 世
	edit tabs /a new
	edit no-newline /b new
}

@test "keys: empty, quoted, with / and ~, complex, very long" {
	edit keys '/a~1b/m~0n/q r/~01' new
	edit complex /a/1/b new
	edit long /a new
	check 0 -i "$dir/keys.yaml" -o 0 -- yamlset /
	check 0 -i "$dir/complex.yaml" -o no -- yamlset $'/a\n'
	key=$(printf 'k%.0s' $(seq 2000))
	check 0 -i "$dir/long.yaml" -o "$(printf 'x%.0s' $(seq 3000))" -- yamlset "/$key"
}

@test "items of sequences, and beside merge keys" {
	edit items /a/1/b/1 new
	edit merge /a/b new
	check 0 -i "$dir/items.yaml" -o 1 -- yamlset /a/0/1/1
	check 0 -i "$dir/items.yaml" -o d -- yamlset /a/2
}

@test "every short tag of CloudFormation, and nothing else changes" {
	local n=0 lists pointer line text old
	lists=$dir/cloudformation.yaml
	# A pointer and the line it is on, as sed would find it.
	while read -r pointer line; do
		text=$(sed -n "${line}p" "$lists")
		case $text in
		*old*) old=old ;;
		*) old=${text##*[ \'\"]}; old=${old%%[],\'\"]*} ;;
		esac
		sed "${line}s|$old|new|" "$lists" >want
		check 1 -o "$(diff "$lists" want)" -- diff "$lists" want
		check 0 -i "$lists" -o "$old" -- yamlset "$pointer"
		check 0 -i "$lists" -O want -- yamlset "$pointer" new
		n=$((n + 1))
	done <<-EOT
		/Resources/Lists/Properties/Ref 27
		/Resources/Lists/Properties/Sub 28
		/Resources/Lists/Properties/GetAtt 29
		/Resources/Lists/Properties/If/1 30
		/Resources/Lists/Properties/Join/1/1 31
		/Resources/Lists/Properties/FindInMap/2 32
		/Resources/Lists/Properties/ImportValue 33
		/Resources/Lists/Properties/Cidr/1 37
		/Resources/Lists/Properties/Split/1 38
		/Resources/Lists/Properties/Select/1/0 42
		/Resources/Lists/Properties/Equals/0 43
		/Resources/Lists/Properties/Not/0 44
		/Resources/Lists/Properties/And/1/Condition 45
		/Resources/Lists/Properties/Or/1/Condition 48
		/Resources/Lists/Properties/Condition 49
	EOT
	[ "$n" -eq 15 ]
	sed -e '34s/|/new/' -e '35,36d' "$lists" >want
	check 0 -i "$lists" -O want -- yamlset /Resources/Lists/Properties/Base64 new
	check 0 -i "$lists" -o $'#!/bin/sh\nold\n' -- yamlset /Resources/Lists/Properties/Base64
	sed '22s|47D[^ ]*|AAA=|' "$lists" >want
	check 0 -i "$lists" -O want -- yamlset "$hash" h1:AAA=
}

# ---- the same string already ----

@test "what only looks the same is written anew, as a string" {
	printf 'a: 12 # c\nb:\nc: ~\nd: 1:30\ne: !!str 12\nf: !Ref 12\n' >file.yaml
	cp file.yaml old.yaml
	check 0 -o 12 -- yamlset -f file.yaml /a
	check 0 -i file.yaml -O old.yaml -- yamlset /e 12
	check 0 -- yamlset -i file.yaml /a 12
	check 0 -- yamlset -i file.yaml /b ''
	check 0 -- yamlset -i file.yaml /c '~'
	check 0 -- yamlset -i file.yaml /d 1:30
	check 0 -- yamlset -i file.yaml /e 12
	check 0 -- yamlset -i file.yaml /f 12
	printf 'a: "12" # c\nb: ""\nc: "~"\nd: "1:30"\ne: !!str 12\nf: !Ref "12"\n' >want
	same want file.yaml
}

@test "the same string in another style stays as it is, even read-only" {
	printf 'a: |-\n  new\nb: "n\\u0065w"\nc: ne\n  w\n' >file.yaml
	cp file.yaml old.yaml
	before=$(identity file.yaml)
	check 0 -- yamlset -i file.yaml /a new
	check 0 -- yamlset -i file.yaml /b new
	check 0 -- yamlset -i file.yaml /c 'ne w'
	check 0 -i file.yaml -O old.yaml -- yamlset /a new
	[ "$(identity file.yaml)" = "$before" ]
}

@test "a value may begin with '-' or be as long as an argument may be" {
	check 0 -i "$dir/no-newline.yaml" -O <(printf 'a: 1\nb: "-1"') -- yamlset /b -1
	check 0 -i "$dir/no-newline.yaml" -O <(printf 'a: 1\nb: -i') -- yamlset /b -i
	long=$(printf '%0100000dx' 0)
	check 0 -i "$dir/no-newline.yaml" -O <(printf 'a: 1\nb: %s' "$long") -- yamlset /b "$long"
}

# ---- no such scalar ----

@test "exit 1 names the first token that is missing" {
	refuse 1 plain /a/x ":4:5: no 'x' in '/a'"
	refuse 1 plain /x/b ":2:1: no 'x' in the document"
	refuse 1 plain /a/b/x/y ":4:12: no 'x' in '/a/b', which is a scalar"
	refuse 1 plain /other/3 ":2:9: no '3' in '/other', a sequence of 3"
	refuse 1 plain /other/- ":2:9: no '-' in '/other', a sequence of 3"
	refuse 1 plain /other/01 ":2:9: no '01' in '/other', a sequence of 3"
	refuse 1 plain /other/ ":2:9: no '' in '/other', a sequence of 3"
	refuse 1 merge /a/c ":3:3: no 'c' in '/a' ('<<' is not followed)"
	refuse 1 complex /x/x ":1:1: no 'x' in the document"
	refuse 1 keys /a/b ":1:1: no 'a' in the document"
	refuse 1 root /x ":1:5: no 'x' in the document, which is a scalar"
}

@test "exit 1 for a file with no document" {
	: >empty.yaml
	check 1 -i empty.yaml -e "yamlset: stdin: no 'a': there is no document" -- yamlset /a
	check 1 -i empty.yaml -e "yamlset: stdin: no scalar: there is no document" -- yamlset ''
	printf '\357\273\277# c\n' >empty.yaml
	check 1 -e "yamlset: empty.yaml: no 'a': there is no document" -- \
		yamlset -i empty.yaml /a new
}

@test "a long name is cut short in the message, at a character's end" {
	# 80 bytes would be half an e-acute too many.
	shown=x$(printf 'é%.0s' $(seq 39))
	check 1 -i "$dir/crlf.yaml" -e "yamlset: stdin:2:1: no '$shown...' in the document" -- \
		yamlset "/${shown}éé"
}

# ---- refused ----

@test "an alias or a collection is refused" {
	refuse 2 bad-alias /a/b ":3:3: 'b' is an alias, not a scalar"
	refuse 2 bad-alias-path /a/b ":2:1: 'a' is an alias, which is not followed"
	refuse 2 bad-mapping /a/b ":2:3: 'b' is a mapping, not a scalar"
	refuse 2 bad-mapping '' ":1:1: the document is a mapping, not a scalar"
	refuse 2 bad-sequence /a/b ":2:3: 'b' is a sequence, not a scalar"
	refuse 2 items /a/0 ":2:3: '0' is a sequence, not a scalar"
}

@test "a key that is there twice is refused, both lines named" {
	refuse 2 bad-twice /a/b ":4:3: 'b' is here and on line 2: remove one"
	refuse 2 bad-twice-path /a/b ":4:1: 'a' is here and on line 1: remove one"
	refuse 2 bad-twice-path /a/x ":4:1: 'a' is here and on line 1: remove one"
	# Another key's twin is no reason.
	check 0 -i "$dir/bad-twice.yaml" -o 2 -- yamlset /a/c
}

@test "several documents are refused" {
	refuse 2 bad-documents /a/b \
		":3:1: a second document starts here: only a file with one can be used"
}

@test "what is not YAML is refused, with its place" {
	local bad=': not valid YAML:'
	refuse 2 bad-syntax /a/b ":2:10$bad did not find expected key, while parsing a block mapping (line 2)"
	refuse 2 bad-indent /a/b ":3:2$bad did not find expected key, while parsing a block mapping (line 1)"
	refuse 2 bad-bracket /a/b ":3:2$bad did not find expected ',' or ']', while parsing a flow sequence (line 2)"
	refuse 2 bad-tab /a/b ":2:1$bad found character that cannot start any token, while scanning for the next token (line 2)"
	refuse 2 bad-key-long /a/b ":1:1026$bad mapping values are not allowed in this context"
	# The scalar is found before the error is met.
	refuse 2 bad-indent /a/c ":3:2$bad did not find expected key, while parsing a block mapping (line 1)"
}

@test "bytes that are not UTF-8 text are refused" {
	local bad=': not valid YAML:'
	refuse 2 bad-control /a/b ":2:7$bad control characters are not allowed (0x01)"
	refuse 2 bad-utf8 /a/b ":2:11$bad invalid leading UTF-8 octet (0xff)"
	refuse 2 bad-surrogate /a/b ":2:6$bad invalid Unicode character (0xd800)"
	refuse 2 bad-cut /a/b ":2:6$bad incomplete UTF-8 octet sequence"
	refuse 2 bad-utf16 /a/b ": is UTF-16 or UTF-32: only UTF-8 can be used (see iconv(1))"
	refuse 2 bad-utf16-no-bom /a/b ":1:2$bad control characters are not allowed (0x00)"
}

@test "a key without ':' can be read, not set" {
	local why="a key without ':' has no place for a value: write the ':' first"
	refuse 2 bad-no-colon /a/b ":1:5: $why" readable
	refuse 2 bad-no-colon-block /a/b ":2:5: $why" readable
	printf '\n' >want
	check 0 -i "$dir/bad-no-colon.yaml" -O want -- yamlset /a/b
}

@test "a change that would not stay in the scalar is refused" {
	# The block ends with a line break that is one in YAML 1.1 alone (NEL).
	# What follows would become a part of the value, or of the same line.
	for rest in '# c' 'b: "y"'; do
		printf 'a: |\n  x\n\302\205%s\n' "$rest" >file.yaml
		cp file.yaml old.yaml
		check 2 -e 'yamlset: file.yaml:1:1: cannot change this scalar and nothing else: edit it by hand' -- \
			yamlset -i file.yaml /a new
		same old.yaml file.yaml
	done
	# Where the value may end at that line break, it does.
	for break in '\302\205' '\302\205\302\205' '\342\200\250'; do
		for comment in '' ' # c'; do
			printf "a: >-$comment${break}b: \"y\"\n" >file.yaml
			printf "a: new$comment${break}b: \"y\"\n" >want
			check 0 -i file.yaml -O want -- yamlset /a new
		done
	done
	# The anchor is the key's.
	printf '{&x }\n' >file.yaml
	check 2 -i file.yaml -p "^yamlset: stdin:1:2: a key without ':'" -- yamlset / new
}

# The lines of one key are proof enough where they stand by themselves; where
# they do not, or not as they seem to, the whole document has to be.
@test "the lines of a key, alone and not, change the same" {
	local before after n=0
	while IFS='|' read -r before after; do
		printf -- "$before" >file.yaml
		printf -- "${before/old/new}" >want
		[ -z "$after" ] || printf -- "$after" >want
		check 0 -i file.yaml -O want -- yamlset /a/b new
		n=$((n + 1))
	done <<-'EOT'
		a:\n  b: old\n|
		a:\n  b: old|
		a:\n  b: old\n  c: x\n|
		a:\n    b: old\n\n  # c\n\nd: x\n|
		a:\n  c: x\n  b:\n    old\n  # c\n    # d\n  d: x\n|
		a:\n  b: old\n...\n|
		a:\n  b: !!str old # c\n  c: x\n|
		a:\n  b: !x old\n\n\n|
		a:\n  &x b: &y old\n  *x : *y\n|
		a:\n  b: >\n    old\n\n  c: x\n|a:\n  b: new\n\n  c: x\n
		a:\n  b:|a:\n  b: new
		a: {b: old, c: x}\nd: x\n|
		a: {\nb: old,\nc: x\n}\n|
		&x x: &y y\na: {b: old, c: *x, d: [*y]}\n|
		{a: {\n  b: old,\n  c: x\n}}\n|
		? a\n: b: old\n  c: x\nd: x\n|
		?\n a\n:\n  b: old\n?\n c\n: x\n|
		a:\n  ? b\n  : old\n  ? c\n  : x\n|
		a:\n  c: [\nx\n]\n  b: old\n|
		a:\n  c: "x\n\n  y"\n  b: old\n  d: "x\n\ny"\n|
		--- !x\na:\n  b: old\n|
		--- # c\na: &x\n  b: old\n  c: x\n|
		%%TAG !e! tag:e,2026:\n--- !e!x\na: !e!y\n  b: !e!z old\n  c: !e!z x\n|
		%%YAML 1.1\n---\na:\n  b: old\n|
		a:\r\n  b: old\r\n  c: x\r\n|
		a:\r  b: old\r  c: x\r|
		é: x\na:\n  世: x\n  b: "old"\n  c: é\n|
		\xef\xbb\xbfa:\n  b: old\n|
		a:\n  b: old\n\xef\xbb\xbf c: x\n|
		a:\n  c: x\n\xef\xbb\xbf b: old\n|
		x: y\n\xc2\x85a:\xe2\x80\xa8  b: old\xc2\x85  c: x\n|
	EOT
	[ "$n" -eq 31 ]
	# Among a key's lines is a break of YAML 1.1 that would end up in the value.
	printf 'r:\n  a: |\n    x\n\302\205  b: "y"\n  c: x\n' >file.yaml
	check 2 -i file.yaml -e 'yamlset: stdin:2:3: cannot change this scalar and nothing else: edit it by hand' -- \
		yamlset /r/a new
	printf 'r:\n  - |\n    x\n\302\205s: "y"\n' >file.yaml
	check 2 -i file.yaml -e 'yamlset: stdin:2:5: cannot change this scalar and nothing else: edit it by hand' -- \
		yamlset /r/0 new
}

@test "nesting has a bound, and is cheap below it" {
	deep() { printf "%${1}s" '' | tr ' ' '['; printf x; printf "%${1}s" '' | tr ' ' ']'; }
	deep 1000 >deep.yaml
	pointer=$(printf '/0%.0s' $(seq 1000))
	check 0 -i deep.yaml -o x -- yamlset "$pointer"
	check 0 -i deep.yaml -O <(sed s/x/new/ deep.yaml) -- yamlset "$pointer" new
	deep 1001 >deep.yaml
	check 2 -i deep.yaml -e 'yamlset: stdin:1:1001: nested deeper than 1000 levels' -- yamlset /0
	deep 100000 >deep.yaml
	check 2 -i deep.yaml -e 'yamlset: stdin:1:1001: nested deeper than 1000 levels' -- yamlset /0
}

# ---- usage ----

@test "-h, -V and usage" {
	check 0 -o "$usage" -- yamlset -h
	check 0 -o 'yamlset 0.2.0' -- yamlset -V
	check 2 -e "$usage" -- yamlset
	check 2 -e "$usage" -- yamlset /a b c
	check 2 -e "$usage" -- yamlset -i file.yaml /a
	check 2 -e "$usage" -- yamlset -f file.yaml -i file.yaml /a b
	check 2 -p '^usage: yamlset ' -- yamlset -x /a
	check 2 -p '^usage: yamlset ' -- yamlset -f
}

@test "a pointer that is none, a value that is no text" {
	local why=": not a JSON pointer: it starts with '/', and '~' is written ~0"
	check 2 -i "$dir/plain.yaml" -e "yamlset: 'a/b'$why" -- yamlset a/b
	check 2 -i "$dir/plain.yaml" -e "yamlset: '/a~'$why" -- yamlset /a~
	check 2 -i "$dir/plain.yaml" -e "yamlset: '/~2'$why" -- yamlset /~2 new
	check 2 -i "$dir/plain.yaml" -e 'yamlset: the value is not valid UTF-8 (byte 2)' -- \
		yamlset /a/b $'x\xff'
	check 2 -i "$dir/plain.yaml" -e 'yamlset: the value is not valid UTF-8 (byte 1)' -- \
		yamlset /a/b $'\xed\xa0\x80'
}

# ---- files ----

@test "a missing file, a directory, a full output" {
	check 2 -e 'yamlset: no/file: cannot open: No such file or directory' -- \
		yamlset -i no/file /a b
	check 2 -e 'yamlset: gone: cannot open: No such file or directory' -- yamlset -f gone /a
	[ ! -e gone ]
	check 2 -e 'yamlset: .: cannot read: Is a directory' -- yamlset -i . /a b
	if [ -c /dev/full ]; then
		check 2 -i "$dir/plain.yaml" -e 'yamlset: standard output: cannot write: No space left on device' -- \
			sh -c 'yamlset /a/b new >/dev/full'
		check 2 -i "$dir/plain.yaml" -e 'yamlset: standard output: cannot write: No space left on device' -- \
			sh -c 'yamlset /a/b >/dev/full'
	fi
}

@test "-i follows a symbolic link and leaves it one" {
	mkdir real
	cp "$dir/plain.yaml" real/file.yaml
	chmod 604 real/file.yaml
	ln -s real/file.yaml link.yaml
	check 0 -- yamlset -i link.yaml /a/b 'h1:3q2+7w=='
	[ -L link.yaml ]
	same "$dir/plain.want" real/file.yaml
	[[ $(identity real/file.yaml) == *-rw----r--* ]]
	no_litter
	no_litter real
}

@test "-i in a directory that cannot be written changes nothing" {
	# Where an ordinary user gets at it, whoever runs the tests.
	box=$(mktemp -d "${TMPDIR:-/tmp}/yamlset.XXXXXX")
	cp "$(command -v yamlset)" "$dir/plain.yaml" "$box"
	chmod 755 "$box/yamlset"
	chmod 644 "$box/plain.yaml"
	chmod 555 "$box"
	as_user=()
	if [ "$(id -u)" -eq 0 ]; then
		as_user=(setpriv --reuid 65534 --regid 65534 --clear-groups)
	fi
	rc=0
	check 2 -e "yamlset: $box/plain.yaml: cannot create a file beside it: Permission denied" -- \
		"${as_user[@]}" "$box/yamlset" -i "$box/plain.yaml" /a/b new || rc=1
	same "$dir/plain.yaml" "$box/plain.yaml" || rc=1
	check 0 -- "${as_user[@]}" "$box/yamlset" -i "$box/plain.yaml" /a/b 'old value' || rc=1
	no_litter "$box" || rc=1
	chmod 755 "$box"
	rm -r "$box"
	[ "$rc" -eq 0 ]
}

# ---- independent readers ----

@test "values read back as the same string under YAML 1.1 and 1.2" {
	python=$TOP/.cache/venv-test/bin/python3
	[ -x "$python" ] || { echo "missing: $python (make install-test)"; return 1; }
	"$python" "$FIXTURES/yamlset/readback.py" "$(command -v yamlset)" "${TEST_EVERY:-1}" >report || {
		head -c 4000 report
		return 1
	}
	check 0 -- grep -Eqx '[0-9]{3,} edits, 0 failures' report
}

# ---- the examples of the manual ----

# shellcheck disable=SC2016 # expanded by the inner sh
@test "the examples in yamlset.1" {
	cp "$dir/cloudformation.yaml" cloud-formation.yaml
	printf 'h1:AAA=\n20260101000000_a.sql h1:BBB=\n' >atlas.sum
	check 0 -o 'h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' -- \
		yamlset -f cloud-formation.yaml "$hash"
	sed '22s|h1:47D[^ ]*|h1:AAA=|' cloud-formation.yaml >want
	check 0 -- sh -c 'yamlset -i cloud-formation.yaml "$1" "$(sed 1q atlas.sum)"' sh "$hash"
	same want cloud-formation.yaml
	check 0 -- sh -c 'test "$(yamlset -f cloud-formation.yaml "$1")" = "$(sed 1q atlas.sum)"' \
		sh "$hash"
	sed -e '22s|h1:AAA=|"yes"|' -e '7s/Default: dev/Default: prod/' \
		cloud-formation.yaml >want
	check 0 -i cloud-formation.yaml -O want -- \
		sh -c 'yamlset /Parameters/Stage/Default prod | yamlset "$1" yes' sh "$hash"
}

@test "of several things that are wrong the first is told" {
	printf 'a: 1\na: 2\na: 3\n' >in
	check 2 -i in -e "yamlset: stdin:2:1: 'a' is here and on line 1: remove one" -- yamlset /a
	check 2 -i in -e "yamlset: stdin:2:1: 'a' is here and on line 1: remove one" -- yamlset /a new
}

@test "-i: a file of another user stays theirs, with its mode" {
	# Only root gives files away.
	[ "$(id -u)" -eq 0 ] || return 0
	echo 'a: 1' >f
	chown 65534:65534 f
	# A file that is given away loses its set-user-ID bit.
	chmod 4750 f
	check 0 -- yamlset -i f /a 2
	[ "$(stat -c '%u %g %a' f)" = '65534 65534 4750' ]
	check 0 -o 2 -i f -- yamlset /a
}
