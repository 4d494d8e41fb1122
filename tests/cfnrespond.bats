#!/usr/bin/env bats
# cfnrespond.bats - the answer to a CloudFormation event, its limits, and the
# fields a shell asks for. What must hold of any text is in properties.py.
# shellcheck disable=SC1003,SC2016 # meant: the inner sh expands, or nobody

load helper

setup() {
	scratch
	F=$FIXTURES/cfnrespond
	create=$F/create.json
	update=$F/update.json
	delete=$F/delete.json
	usage='usage: cfnrespond -s SUCCESS|FAILED [-n] [-d key=value] [-R file | -r text] <event
       cfnrespond -j -s SUCCESS|FAILED [-d key=value] [-k key=number] [-R file | -r text] <event
       cfnrespond -g pointer ... <event
       cfnrespond -l pointer <event
       cfnrespond -u <event'
}

# edit FILE PYTHON >NEW: the event e after a statement.
edit() {
	python3 -c 'import json, sys
e = json.load(open(sys.argv[1], encoding="utf-8"))
exec(sys.argv[2])
print(json.dumps(e))' "$1" "$2"
}

# tiny [KEY JSON] >NEW: a small event, one field of it replaced, or left out
# where JSON is empty. Written as it is, so that it may be odd.
tiny() {
	local k v sep='{'
	for k in RequestType ResponseURL StackId RequestId LogicalResourceId PhysicalResourceId; do
		v='"id"'
		[ "$k" != RequestType ] || v='"Update"'
		[ "$k" != "${1-}" ] || v=$2
		[ -n "$v" ] || continue
		printf '%s"%s":%s' "$sep" "$k" "$v"
		sep=,
	done
	echo '}'
}

# ---- the body ----

@test "bodies: byte for byte, no newline at the end" {
	check 0 -i "$create" -O "$F/create-success.want" -- \
		cfnrespond -s SUCCESS -d Version=20260101000000 -d 'Text=a "b"=c\é' -d Empty= -r 'Applied 2 of 2.'
	check 0 -i "$create" -O "$F/create-failed.want" -- cfnrespond -s FAILED -r $'line 1\nline\t2\001'
	check 0 -i "$update" -O "$F/update-success.want" -- cfnrespond -s SUCCESS -n -d Secret=x
	check 0 -i "$delete" -O "$F/delete-success.want" -- cfnrespond -s SUCCESS
	[ "$(tail -c 1 out)" = '}' ]
}

@test "a reason from a file, its blanks trimmed" {
	printf '\n \t text of\nthe cause \r\n\n' >why
	printf 'text of\nthe cause' >want
	check 0 -i "$update" -- sh -c 'cfnrespond -s FAILED -R why >body'
	check 0 -i body -o "$(cat want)" -- cfnrespond -g /Reason
	check 2 -i "$update" -e 'cfnrespond: none: cannot open: No such file or directory' -- cfnrespond -s FAILED -R none
	check 2 -i "$update" -e 'cfnrespond: .: cannot read: Is a directory' -- cfnrespond -s FAILED -R .
}

@test "a FAILED always has a reason, a SUCCESS needs none" {
	local args why='the custom resource failed and gave no reason; see the function'\''s log'
	: >empty
	printf ' \n\n' >blank
	for args in '' "-r ''" "-r ' '" '-R empty' '-R blank' '-R /dev/null'; do
		eval "cfnrespond -s FAILED $args" <"$update" >body
		check 0 -i body -o "$why" -- cfnrespond -g /Reason
		eval "cfnrespond -s SUCCESS $args" <"$update" >body
		check 1 -i body -- cfnrespond -g /Reason
	done
}

@test "of a Data name given twice the last value counts, = may be in a value" {
	check 0 -i "$update" -- sh -c 'cfnrespond -s SUCCESS -d A=1 -d B=b=c -d A=2 >body'
	check 0 -i body -o '{"A":"2","B":"b=c"}' -- cfnrespond -g /Data
	check 2 -i "$update" -e 'cfnrespond: -d: not of the form key=value' -- cfnrespond -s SUCCESS -d novalue
	check 2 -i "$update" -e 'cfnrespond: -d: not of the form key=value' -- cfnrespond -s SUCCESS -d =value
}

@test "4095, 4096 and 4097 bytes, whatever the characters" {
	check 0 -- python3 "$F/properties.py" boundary
}

@test "Data is cut first, then the reason" {
	check 0 -- python3 "$F/properties.py" order
}

@test "what is cut from Data is told on stderr" {
	edit "$update" 'e["x"] = 1' >e
	check 0 -i e -e 'cfnrespond: Data: cut, for a response has 4096 bytes at most' -- \
		sh -c 'cfnrespond -s SUCCESS -d "A=$(printf %05000d 0)" >body'
}

@test "reasons of 100 kB and more, quotes and broken UTF-8" {
	check 0 -- python3 "$F/properties.py" long_reasons
}

@test "any text, any Data: 300 times" {
	check 0 -- python3 "$F/properties.py" chance
}

@test "ids are never cut" {
	check 0 -- python3 "$F/properties.py" ids
}

@test "the id of a Create is derived, stable and short enough" {
	check 0 -- python3 "$F/properties.py" derived
}

@test "the ResponseURL and its signature never get into an answer" {
	check 0 -- python3 "$F/properties.py" secrets
}

# ---- -g ----

@test "-g: one field, strings decoded, the rest as compact JSON" {
	check 0 -i "$update" -o Update -- cfnrespond -g /RequestType
	check 0 -i "$update" -o 600 -- cfnrespond -g /ResourceProperties/Timeout
	check 0 -i "$update" -o odd -- cfnrespond -g /ResourceProperties/a~1b~0c
	check 0 -i "$update" -o mü -- cfnrespond -g /ResourceProperties/Größe
	check 0 -i "$update" -o "two
lines" -- cfnrespond -g /ResourceProperties/Text
	check 0 -i "$update" -o '["one",{"two":["x","y"]}]' -- cfnrespond -g /ResourceProperties/Steps
	check 0 -i "$update" -o y -- cfnrespond -g /ResourceProperties/Steps/1/two/1
	echo '{"i":-7,"r":1.5,"t":true,"f":false,"n":null,"o":{},"":{"":"empty"},"nul":"a\u0000b","big":9007199254740993}' >e
	check 0 -i e -o -7 -- cfnrespond -g /i
	check 0 -i e -o 1.5 -- cfnrespond -g /r
	check 0 -i e -o true -- cfnrespond -g /t
	check 0 -i e -o false -- cfnrespond -g /f
	check 0 -i e -o null -- cfnrespond -g /n
	check 0 -i e -o '{}' -- cfnrespond -g /o
	check 0 -i e -o empty -- cfnrespond -g //
	check 0 -i e -o 9007199254740993 -- cfnrespond -g /big
	printf 'a\0b\n' >want
	check 0 -i e -O want -- cfnrespond -g /nul
	check 0 -i e -o '{"i":-7,"r":1.5,"t":true,"f":false,"n":null,"o":{},"":{"":"empty"},"nul":"a\u0000b","big":9007199254740993}' \
		-- cfnrespond -g ''
}

@test "-g: exit 1 and nothing on stdout where there is no such field" {
	local p
	for p in /None /ResourceProperties/None /RequestType/0 /ResourceProperties/Steps/2 /ResourceProperties/Steps/- \
		/ResourceProperties/Steps/01 /ResourceProperties/Steps/-1 /ResourceProperties/Steps/1x /ResourceProperties/Steps/ \
		/ResourceProperties/Steps/99999999999999999999 /ResourceProperties/Steps/4294967296 / /requesttype \
		/ResourceProperties/ $'/\377'; do
		check 1 -i "$update" -- cfnrespond -g "$p"
	done
}

@test "-g several times: a line each, empty where there is none" {
	check 0 -i "$update" -o 'Update
600
MigrationTrigger' -- cfnrespond -g /RequestType -g /ResourceProperties/Timeout -g /LogicalResourceId
	check 1 -i "$create" -o 'Create

MigrationTrigger' -- cfnrespond -g /RequestType -g /PhysicalResourceId -g /LogicalResourceId
	# The shell's side of it.
	check 0 -i "$update" -o '<Update|600>' -- sh -c '
		fields=$(cfnrespond -g /RequestType -g /ResourceProperties/Timeout) || exit
		{ read -r type; read -r timeout; } <<-EOF
		$fields
		EOF
		echo "<$type|$timeout>"'
}

@test "-g several times: a value that would be two lines is refused" {
	check 2 -i "$update" -e "cfnrespond: event: '/ResourceProperties/Text' has a line end in it: get it alone" -- \
		cfnrespond -g /RequestType -g /ResourceProperties/Text -g /StackId
	# In an object the line end is escaped.
	edit "$update" 'e["ResourceProperties"] = {"Text": "two\nlines"}' >e
	check 0 -i e -o 'Update
{"Text":"two\nlines"}' -- cfnrespond -g /RequestType -g /ResourceProperties
}

@test "-g: a pointer that is none is refused" {
	check 2 -i "$update" -e "cfnrespond: -g: 'RequestType' is no pointer such as /RequestType" -- cfnrespond -g RequestType
	check 2 -i "$update" -e "cfnrespond: -g: '/a~2' is no pointer such as /RequestType" -- cfnrespond -g /a~2
	check 2 -i "$update" -e "cfnrespond: -g: '/a~' is no pointer such as /RequestType" -- cfnrespond -g /a~
}

# ---- -u ----

@test "-u: lines for curl --config" {
	check 0 -i "$create" -O "$F/create-url.want" -- cfnrespond -u
}

@test "-u: curl sends the path and the query as they are, and the body whole" {
	local pid port path
	python3 "$F/server.py" port >request 2>server.err 3>&- &
	pid=$!
	for _ in $(seq 100); do [ -s port ] || sleep 0.05; done
	port=$(cat port)
	path='/arn%3Aaws/./../a//b%7C[1-3]{x,y}?AWSAccessKeyId=A&Signature=%2Bab%3D;$(id)`id`'\''#no'
	edit "$create" "e['ResponseURL'] = 'http://127.0.0.1:$port' + r'''$path'''" >e
	echo 'the cause' >err.txt
	# The pipeline of the manual page.
	mv e event.json
	export http_proxy='' NO_PROXY='*'
	check 0 -- sh -c '
		cfnrespond -s FAILED -R err.txt <event.json >body.json &&
		cfnrespond -u <event.json |
			curl -sSf --config - -T body.json -H "Content-Type;"'
	wait "$pid"
	printf 'PUT %s\nContent-Type: \nContent-Length: %s\n\n' "${path%#no}" "$(wc -c <body.json | tr -d ' ')" >want
	cat body.json >>want
	same want request
}

@test "-u: what is no https URL, or not only one, is refused" {
	local u
	for u in http://example.com/x ftp://example.com/x file:///etc/passwd example.com/x /x https: https:// https:///x \
		HTTP://127.0.0.1/ 'https://a b/' 'https://@/' https://u:p@example.com/ 'https://:1/' 'https://a:/' 'https://a:b/' \
		'https://exämple.com/' http://127.0.0.1@example.com/ http://127.0.0.1:80@example.com/ \
		http://localhost.example.com/ http://localhostx/ http://127.0.0.11/ http://127.0.0.1.example.com/ \
		"http://[::1]x/" "http://[::2]/" 'https://a#@b/' 'https://a\\@b/'; do
		tiny ResponseURL "\"$u\"" >e
		check 2 -i e -e "cfnrespond: event: 'ResponseURL' is no https URL" -- cfnrespond -u
	done
	for u in '\"' '\\' ' ' '\n' '\r' '\t' '\u0001' '\u007f' 'é' '\nurl = file:///etc/passwd' '\"\noutput = \"x'; do
		tiny ResponseURL "\"https://a/?x=${u}y\"" >e
		check 2 -i e -e "cfnrespond: event: 'ResponseURL' has a character in it that no URL has" -- cfnrespond -u
	done
	for u in https://a https://a/ https://a:443/x 'https://A-1.b?x' http://localhost http://localhost:8080/x \
		'http://127.0.0.1?x' 'http://[::1]:80/x'; do
		tiny ResponseURL "\"$u\"" >e
		check 0 -i e -o "globoff
path-as-is
url = \"$u\"" -- cfnrespond -u
	done
	for u in '' null 5 '""' '[]' '"https://a/\u0000x"'; do
		tiny ResponseURL "$u" >e
		check 2 -i e -e "cfnrespond: event: 'ResponseURL' is missing or no text: is it from CloudFormation?" -- cfnrespond -u
	done
}

# ---- events that are none ----

@test "what is not JSON is refused, where it stands, and not quoted" {
	check 2 -e 'cfnrespond: event: empty; the event is read from standard input' -- cfnrespond -s SUCCESS
	printf 'hello' >e
	check 2 -i e -e "cfnrespond: event: line 1, column 5: not JSON: '[' or '{' expected" -- cfnrespond -s SUCCESS
	printf '{"a":1}\n{"a":2}' >e
	check 2 -i e -e 'cfnrespond: event: line 2, column 1: not JSON: end of file expected' -- cfnrespond -g /a
	# The parser's own message would have the text before the fault in it.
	url='https://b.example/?Signature=0123456789abcdef0123456789abcdef'
	printf '{"ResponseURL": "%s" "StackId": 1}' "$url" >e
	check 2 -i e -p "^cfnrespond: event: line 1, column [0-9]+: not JSON: '}' expected$" -- cfnrespond -s SUCCESS
	printf '{"ResponseURL" "%s"}' "$url" >e
	check 2 -i e -p "^cfnrespond: event: line 1, column [0-9]+: not JSON: ':' expected$" -- cfnrespond -s SUCCESS
	head -c 300 "$create" >e
	check 2 -i e -p '^cfnrespond: event: line 4, column [0-9]+: not JSON: premature end of input$' -- cfnrespond -s SUCCESS
	check 1 -- grep cloudformation-custom err
	for text in '[]' '"Create"' 1 null '[{}]'; do
		echo "$text" >e
		check 2 -i e -p "^cfnrespond: event: (not a JSON object|line 1, column [0-9]+: not JSON: '\[' or '\{' expected)$" -- \
			cfnrespond -s SUCCESS
	done
}

@test "an event without its ids, or with odd ones, is refused" {
	local k v
	for k in StackId RequestId LogicalResourceId RequestType; do
		for v in '' null 1 true '[]' '{}' '""' '"a\u0000b"'; do
			tiny "$k" "$v" >e
			check 2 -i e -e "cfnrespond: event: '$k' is missing or no text: is it from CloudFormation?" -- \
				cfnrespond -s FAILED -r why
		done
	done
	for v in create CREATE 'Create ' Rollback; do
		tiny RequestType "\"$v\"" >e
		check 2 -i e -e "cfnrespond: event: 'RequestType' is not Create, Update or Delete" -- cfnrespond -s SUCCESS
	done
	for v in 1 false '[]' '{"a":1}'; do
		tiny PhysicalResourceId "$v" >e
		check 2 -i e -e "cfnrespond: event: 'PhysicalResourceId' is no text" -- cfnrespond -s SUCCESS
	done
	tiny >e
	check 0 -i e -- sh -c 'cfnrespond -s SUCCESS >body'
}

@test "broken UTF-8 in the event is repaired, also in the ids" {
	python3 -c 'import sys
e = open(sys.argv[1], "rb").read()
e = e.replace(b"MigrationTrigger\",", b"M\xff\xe2\x82\",").replace(b"two\\nlines", b"\xc3")
sys.stdout.buffer.write(e)' "$update" >e
	check 0 -i e -o 'M���' -- cfnrespond -g /LogicalResourceId
	check 0 -i e -- sh -c 'cfnrespond -s SUCCESS >body'
	check 0 -i body -o 'M���' -- cfnrespond -g /LogicalResourceId
}

@test "deep and huge events are refused, large ones are not" {
	python3 -c 'print("{\"a\":" + "[" * 100000 + "]" * 100000 + "}")' >e
	check 2 -i e -p '^cfnrespond: event: line 1, column [0-9]+: not JSON: maximum parsing depth reached$' -- cfnrespond -s SUCCESS
	python3 -c 'print("{" * 5000000)' >e
	check 2 -i e -p '^cfnrespond: event: line 1, column [0-9]+: not JSON: ' -- cfnrespond -s SUCCESS
	edit "$update" 'e["ResourceProperties"]["Big"] = "x" * (6 << 20)' >e
	check 0 -i e -- sh -c 'cfnrespond -s SUCCESS >body'
	edit "$update" 'e["ResourceProperties"]["Big"] = "x" * (8 << 20)' >e
	check 2 -i e -p '^cfnrespond: event: [0-9]+ bytes: Lambda delivers no event of more than 8388608$' -- cfnrespond -s SUCCESS
}

# ---- what is no answer for CloudFormation ----

@test "-l: the members of an object" {
	echo '{"a":{"b":"x=y=","n":3,"t":true,"z":null,"e":"","o":{"q":[1]},"u":"\u00e9"}}' >e
	check 0 -i e -O <(printf 'b=x=y=\nn=3\nt=true\ne=\no={"q":[1]}\nu=é\n') -- cfnrespond -l /a
	check 1 -i e -- cfnrespond -l /a/b
	check 1 -i e -- cfnrespond -l /none
	echo '{"a":"1","b":"2"}' >e
	check 0 -i e -O <(printf 'a=1\nb=2\n') -- cfnrespond -l ''
	echo '{"a":"1\nb=2"}' >e
	check 2 -i e -e "cfnrespond: event: 'a' has a line end in it" -- cfnrespond -l ''
	echo '{"a=b":"1"}' >e
	check 2 -i e -e "cfnrespond: event: a member's name has a line end or '=' in it" -- cfnrespond -l ''
	check 2 -i e -e "cfnrespond: -l: 'x' is no pointer such as /RequestType" -- cfnrespond -l x
}

# raw COMMAND...: its output, with the line end it does not write.
raw() { "$@" && echo; }

@test "-j: what an invocation returns" {
	echo '{}' >e
	check 0 -i e -o '{"status":"SUCCESS","reason":"all in","version":"20240101","applied":1,"total":3}' -- \
		raw cfnrespond -j -s SUCCESS -r 'all in' -d version=20240101 -k applied=1 -k total=3
	check 0 -i e -o '{"errorType":"Migration.Failed","errorMessage":"no \"x\"","status":"FAILED","reason":"no \"x\""}' -- \
		raw cfnrespond -j -s FAILED -r 'no "x"'
	echo '{"RequestType":"Update","StackId":"s","LogicalResourceId":"l","PhysicalResourceId":"p"}' >e
	check 0 -i e -o '{"status":"SUCCESS","reason":"","a":"b","n":2,"PhysicalResourceId":"p","Data":{"a":"b","n":"2"}}' -- \
		raw cfnrespond -j -s SUCCESS -d a=b -k n=2
	head -c 100000 /dev/zero | tr '\0' x >long
	echo '{}' >e
	check 0 -i e -- sh -c 'cfnrespond -j -s FAILED -R long >body'
	[ "$(wc -c <body)" -le 16384 ] && [ "$(wc -c <body)" -gt 16000 ]
}

# ---- the rest ----

@test "usage, version and options" {
	check 0 -o "$usage" -- cfnrespond -h
	check 0 -- sh -c 'cfnrespond -V | grep -Eqx "cfnrespond [0-9]+\.[0-9]+\.[0-9]+.*"'
	check 2 -e "$usage" -- cfnrespond
	check 2 -e "$usage" -- cfnrespond -s SUCCESS extra
	check 2 -e "$usage" -- cfnrespond -s SUCCESS -u
	check 2 -e "$usage" -- cfnrespond -s SUCCESS -g /a
	check 2 -e "$usage" -- cfnrespond -g /a -u
	check 2 -e "$usage" -- cfnrespond -u -r why
	check 2 -e "$usage" -- cfnrespond -u -n
	check 2 -e "$usage" -- cfnrespond -g /a -d a=b
	check 2 -e "$usage" -- cfnrespond -r why
	check 2 -e "$usage" -- cfnrespond -j
	check 2 -e "$usage" -- cfnrespond -j -n -s SUCCESS
	check 2 -e "$usage" -- cfnrespond -j -l ''
	check 2 -e "$usage" -- cfnrespond -k a=1 -s SUCCESS
	check 2 -e "$usage" -- cfnrespond -l '' -g /a
	check 2 -e "cfnrespond: -k: not of the form key=number" -i /dev/stdin -- cfnrespond -j -s SUCCESS -k a=b <<<'{}'
	check 2 -e "$usage" -- cfnrespond -s FAILED -r why -R why
	check 2 -p '^usage: cfnrespond' -- cfnrespond -x
	check 2 -p '^usage: cfnrespond' -- cfnrespond -s
	check 2 -e "cfnrespond: -s: 'success' is neither SUCCESS nor FAILED" -- cfnrespond -s success
}

@test "output that cannot be written is exit 2" {
	[ -w /dev/full ] || skip "no /dev/full"
	for args in '-s SUCCESS' '-g /StackId' -u; do
		check 2 -i "$update" -e 'cfnrespond: standard output: cannot write: No space left on device' -- \
			sh -c "cfnrespond $args >/dev/full"
	done
	check 2 -- sh -c 'cfnrespond -h >/dev/full'
	check 2 -- sh -c 'cfnrespond -V >/dev/full'
}

@test "an id with an escaped NUL is echoed as it came, from a broken event too" {
	for front in a ''; do
		sed 's/"PhysicalResourceId": *"/&'$front'\\u0000/' "$FIXTURES/cfnrespond/update.json" >event
		cfnrespond -s SUCCESS <event >out
		grep -Fq "\"PhysicalResourceId\":\"$front\u0000" out
		printf '{"Broken":"\364",' >broken
		sed '1s/^{//' event >>broken
		cfnrespond -s SUCCESS <broken >again
		same out again
	done
}

@test "a ResponseURL without a query is kept out of the answer, too" {
	sed 's|"ResponseURL": *"[^"]*"|"ResponseURL": "https://example.com/a/long/path"|' \
		"$FIXTURES/cfnrespond/update.json" >event
	grep -q '/a/long/path' event
	check 0 -i event -- sh -c "cfnrespond -s FAILED -r 'PUT https://example.com/a/long/path failed' >body"
	check 0 -i body -o 'PUT [ResponseURL] failed' -- cfnrespond -g /Reason
}
