#!/usr/bin/env bats
# rdstoken.bats - the RDS IAM token, against what boto3 makes of the same login.
# shellcheck disable=SC2016 # meant: the inner sh expands, or nobody

load helper

setup() {
	scratch
	unset AWS_REGION AWS_DEFAULT_REGION AWS_SESSION_TOKEN
	export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE
	export AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
	vectors=$FIXTURES/rdstoken/vectors.tsv
	host=app.cluster-c0ffee.eu-central-1.rds.amazonaws.com
	time=20260101T000000Z
	usage='usage: rdstoken [-eV] [-p port] [-r region] [-t time] host user'
	# The first vector is the base login.
	base=$(head -n 1 "$vectors" | cut -f 9)
}

# The Python of the tests, or one that has boto3.
python() {
	local p
	for p in "$TOP/.cache/venv-test/bin/python" python3; do
		if "$p" -c 'import boto3' 2>/dev/null; then
			echo "$p"
			return
		fi
	done
	return 1
}

@test "every vector, byte for byte" {
	local n=0 t h p u r id key session want
	while IFS=$TAB read -r t h p u r id key session want; do
		[ "$session" != - ] || session=
		AWS_ACCESS_KEY_ID=$id AWS_SECRET_ACCESS_KEY=$key AWS_SESSION_TOKEN=$session \
			check 0 -o "$want" -- rdstoken -p "$p" -r "$r" -t "$t" -- "$h" "$u"
		n=$((n + 1))
	done <"$vectors"
	[ "$n" -ge 100 ]
}

@test "the vectors are what boto3 makes today" {
	local py
	py=$(python) || skip "no Python with boto3"
	"$py" "$FIXTURES/rdstoken/vectors.py" >got
	same "$vectors" got
}

@test "-e: the token as a URL's password, read back by a URL parser" {
	check 0 -- sh -c 'rdstoken -e -r eu-central-1 -t "$1" "$2" migrator >enc' sh "$time" "$host"
	# Nothing but unreserved characters and %XX.
	check 1 -- env LC_ALL=C grep -Evq '^([A-Za-z0-9._~-]|%[0-9A-F]{2})+$' enc
	check 0 -o "$base" -- python3 -c '
import sys, urllib.parse
url = "postgres://migrator:" + open("enc").read().rstrip("\n") + "@db.example:5432/app?sslmode=verify-full"
u = urllib.parse.urlsplit(url)
assert (u.hostname, u.port, u.username, u.path) == ("db.example", 5432, "migrator", "/app"), u
print(urllib.parse.unquote(u.password))'
}

@test "port 5432 and the region of the environment where none is given" {
	AWS_REGION=eu-central-1 check 0 -o "$base" -- rdstoken -t "$time" "$host" migrator
	AWS_DEFAULT_REGION=eu-central-1 check 0 -o "$base" -- rdstoken -t "$time" "$host" migrator
	AWS_REGION=eu-central-1 AWS_DEFAULT_REGION=us-east-1 \
		check 0 -o "$base" -- rdstoken -t "$time" "$host" migrator
	AWS_REGION=us-east-1 \
		check 0 -o "$base" -- rdstoken -r eu-central-1 -t "$time" "$host" migrator
	check 2 -e 'rdstoken: no region: give -r or set AWS_REGION' -- rdstoken "$host" migrator
	AWS_REGION='eu central' check 2 -p "^rdstoken: AWS_REGION: 'eu central' is no region" -- \
		rdstoken "$host" migrator
}

@test "an empty session token is no session token" {
	AWS_SESSION_TOKEN='' check 0 -o "$base" -- \
		rdstoken -r eu-central-1 -t "$time" "$host" migrator
}

@test "the clock's time, in UTC, whatever TZ and locale say" {
	local before after stamp
	before=$(date -u +%Y%m%dT%H%M%SZ)
	TZ=Asia/Tokyo LC_ALL=C.UTF-8 rdstoken -r eu-central-1 "$host" migrator >out
	after=$(date -u +%Y%m%dT%H%M%SZ)
	stamp=$(sed -n 's/.*X-Amz-Date=\([0-9TZ]*\)&.*/\1/p' out)
	[[ ! $stamp < $before && ! $stamp > $after ]]
	# The date in the scope is that of the time.
	grep -q "%2F${stamp%T*}%2Feu-central-1" out
	# And the signature is that of the same moment given by -t.
	check 0 -o "$(cat out)" -- rdstoken -r eu-central-1 -t "$stamp" "$host" migrator
}

@test "a key that is missing, empty or damaged is named and not quoted" {
	local v
	for v in AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY; do
		check 2 -e "rdstoken: $v: not set: the key comes from the environment" -- \
			env -u "$v" rdstoken -r eu-central-1 "$host" migrator
		check 2 -e "rdstoken: $v: not set: the key comes from the environment" -- \
			env "$v=" rdstoken -r eu-central-1 "$host" migrator
	done
	for v in AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN; do
		for bad in "abc$TAB" 'two words' $'line\n' $'line\r'; do
			check 2 -e "rdstoken: $v: has a blank or a line end in it, no key has" -- \
				env "$v=$bad" rdstoken -r eu-central-1 "$host" migrator
		done
	done
}

@test "hosts that would sign for another place are refused" {
	local h
	# The last is one byte too long; the longest passes below.
	for h in '' ' ' 'a b' a/b a:1 a@b 'a?b' 'a#b' ::1 '[::1' '::1]' '[]' '[x]' '[::1]x' '[1.2.3.4]' '[::1%lo]' \
		'[[::1]]' $'a\nb' $'a\001' 'a%20b' 'a\b' 'https://a' 'bücher.example' "$(printf '%0254d' 0)"; do
		check 2 -p "^rdstoken: host: '.*' is no host name; the port goes to -p$" -- \
			rdstoken -r eu-central-1 -- "$h" migrator
	done
	check 0 -- sh -c 'rdstoken -r eu-central-1 "$1" u >/dev/null' sh "$(printf '%0253d' 0)"
}

@test "ports, regions, times and users that are none are refused" {
	local x
	for x in '' 0 65536 99999 100000 -1 +1 ' 1' '1 ' 0x10 1.0 5432x 18446744073709551617; do
		check 2 -e "rdstoken: -p: '$x' is no port from 1 to 65535" -- \
			rdstoken -p "$x" -r eu-central-1 "$host" migrator
	done
	for x in '' 'eu west' eu/west -eu eu- $'eu\n' 'eu%2F' é "$(printf '%064d' 0)"; do
		check 2 -p "^rdstoken: -r: '.*' is no region, such as eu-central-1$" -- \
			rdstoken -r "$x" "$host" migrator
	done
	for x in '' now 20260101 20260101T000000 20260101T000000z 20261301T000000Z 20260001T000000Z 20260100T000000Z \
		20260132T000000Z 20260230T000000Z 20260431T000000Z 20260101T240000Z 20260101T006000Z 20260101T000060Z \
		'2026 101T000000Z' 20260101T+10000Z 20260101T000000Z0 2026-01-01T00:00:00Z; do
		check 2 -e "rdstoken: -t: '$x' is no time such as 20260101T000000Z" -- \
			rdstoken -r eu-central-1 -t "$x" "$host" migrator
	done
	check 2 -e 'rdstoken: user: is empty' -- rdstoken -r eu-central-1 "$host" ''
}

@test "usage, version and options" {
	check 0 -o "$usage" -- rdstoken -h
	check 0 -- sh -c 'rdstoken -V | grep -Eqx "rdstoken [0-9]+\.[0-9]+\.[0-9]+.*"'
	check 2 -e "$usage" -- rdstoken
	check 2 -e "$usage" -- rdstoken "$host"
	check 2 -e "$usage" -- rdstoken "$host" migrator extra
	check 2 -p "^usage: rdstoken" -- rdstoken -x "$host" migrator
	check 2 -p "^usage: rdstoken" -- rdstoken -p
}

@test "output that cannot be written is exit 2" {
	[ -w /dev/full ] || skip "no /dev/full"
	check 2 -e 'rdstoken: standard output: cannot write: No space left on device' -- \
		sh -c 'rdstoken -r eu-central-1 "$1" migrator >/dev/full' sh "$host"
	check 2 -- sh -c 'rdstoken -h >/dev/full'
	check 2 -- sh -c 'rdstoken -V >/dev/full'
}

@test "no network, no configuration file, no process" {
	command -v strace >/dev/null || skip "no strace"
	# A configuration that would be read, were any. The leak check of a
	# sanitizer build cannot run under strace.
	echo '[broken' >openssl.cnf
	OPENSSL_CONF=$PWD/openssl.cnf ASAN_OPTIONS=detect_leaks=0 check 0 -o "$base" -- \
		strace -f -o trace rdstoken -r eu-central-1 -t "$time" "$host" migrator
	[ -s trace ]
	check 1 -- grep -E '^([0-9]+ +)?(socket|connect|clone3?|v?fork)\(|openssl\.cnf' trace
}
