#!/bin/sh
# seed.sh TOOL DIR - write the fuzzer's first inputs for TOOL into DIR.
#
# They are made from the tests' fixtures, in the form that TOOL.c here reads.
set -eu

usage() {
	echo 'usage: seed.sh tool directory' >&2
	exit 2
}
[ $# -eq 2 ] || usage
cd "${0%/*}/../fixtures"
to=$2
mkdir -p "$to"

case $1 in
atlasjson)
	n=0
	for f in atlasjson/v*/*.json atlasjson/squawk.json; do
		n=$((n + 1))
		case $f in
		*/inspect.json) formats='6 7' ;;
		*) formats="$((n % 3)) $((n % 3 + 3))" ;;
		esac
		for i in $formats; do
			{
				printf '%s' "$i"
				printf 'DS=off,all=error\0'
				cat "$f"
			} >"$to/$n-$i"
		done
	done
	# A schema that is large enough to be laid out.
	awk 'BEGIN {
		printf "6DS=off%c{\"schemas\":[{\"name\":\"s\",\"tables\":[", 0
		for (i = 0; i < 31; i++)
			printf "%s{\"name\":\"t%d\",\"columns\":[{\"name\":\"a\"},{\"name\":\"b\"},{},{}],\"foreign_keys\":[{\"columns\":[\"a\"],\"references\":{\"table\":\"t%d\",\"columns\":[\"b\"]}}]}",
				i ? "," : "", i, i * 7 % 31
		print "]}]}"
	}' >"$to/large"
	;;
catdiff)
	{
		cat catdiff/want
		printf '\036'
		cat catdiff/have
	} | grep -v '^\\\.$' >"$to/all"
	;;
catplan)
	for part in 0 1 2 3 4 5 6 7 8; do
		{
			printf '%spublic\0users=people\0ALTER TABLE "users" ADD COLUMN "a" integer NULL;\036' "$part"
			grep -Ev '^same|^\\\.' catdiff/want
			printf '\036'
			grep -Ev '^same|^\\\.' catdiff/have
		} >"$to/$part"
	done
	;;
cfnrespond)
	for f in cfnrespond/*.json; do
		for i in 0 1 5 7; do
			{
				printf '%serror: it failed\nand said so\0key=value\0' "$i"
				printf '/ResourceProperties/Steps/1/two\0'
				cat "$f"
			} >"$to/${f##*/}-$i"
		done
	done
	;;
mhash)
	n=0
	for sum in mhash/*.sum mhash/basic.want; do
		n=$((n + 1))
		{
			printf '%s' "$n"
			for f in mhash/basic/*; do
				printf '%s\037' "${f##*/}"
				cat "$f"
				printf '\036'
			done
			printf 'atlas.sum\037'
			cat "$sum"
		} >"$to/$n"
	done
	;;
mstate)
	n=0
	# All applied, one pending, one edited, one of another name, one in part.
	for change in '' '/addresses/d' 's/=/+/' 's/users/people/' 's/	1	1	0	/	1	2	1	/'; do
		n=$((n + 1))
		{
			printf '%s' "$n"
			for f in mhash/basic/*.sql; do
				f=${f##*/}
				printf '%s\037' "$f"
				cat "mhash/basic/$f"
				printf '\036'
			done
			printf 'rows\037'
			awk 'NR > 1 {
				d = v = $0; sub(/_.*/, "", v)
				sub(/[^_]*_/, "", d); sub(/[.]sql h1:.*/, "", d)
				printf "%s\t%s\t2\t1\t1\t0\t%s\twhen\t\\N\t\\N\n", v, d, substr($NF, 4)
			}' mhash/basic.want | sed "$change"
		} >"$to/$n"
	done
	;;
rdstoken)
	n=0
	while IFS=$(printf '\t') read -r time host port user region id secret session _; do
		n=$((n + 1))
		[ "$session" != - ] || session=
		printf '%s\0%s\0%s\0%s\0%s\0%s\0%s\0%s' "$host" "$user" "$port" "$region" \
			"$time" "$id" "$secret" "$session" >"$to/$n"
	done <rdstoken/vectors.tsv
	;;
sqlflat)
	cp sqlstmt/*.sql "$to"
	printf '\\restrict x\nSET a = 1;\nCOPY a FROM stdin;\n1\n\\.\n\\unrestrict x\n' >"$to/dump"
	;;
sqlstmt)
	n=0
	for f in sqlstmt/*.sql mhash/basic/*.sql; do
		n=$((n + 1))
		for i in 0 1; do
			{
				printf '%s' "$i"
				cat "$f"
			} >"$to/$n-$i"
		done
	done
	;;
watchlint)
	for n in 1 2; do
		{
			cat watch/facts/$n.sql
			printf '\036'
			cat watch/facts/facts.$n
			printf '\036'
			cat watch/facts/said.$n
		} >"$to/$n"
	done
	;;
yamlset)
	for f in yamlset/*.yaml; do
		for pointer in /a/b /a/0 '' /Resources/MigrationTrigger/Properties/MigrationHash; do
			{
				printf '%s\0h1:new=\0' "$pointer"
				cat "$f"
			} >"$to/$(echo "${f##*/}$pointer" | tr / _)"
		done
	done
	;;
*) usage ;;
esac
