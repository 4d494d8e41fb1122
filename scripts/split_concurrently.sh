#!/bin/sh
# split_concurrently.sh FILE - give CONCURRENTLY statements files of their own.
#
# What PostgreSQL refuses in a transaction (CREATE INDEX CONCURRENTLY, VACUUM ...)
# cannot be in one file with what should run in one. So FILE is cut into runs of
# the one and of the other, in the same order, each a file whose version is one
# second later than the last; those that run outside of a transaction begin with
# the directive that tells Atlas, and the empty line without which Atlas
# overlooks it. The file's other directives go into each part. A file that has
# atlas:txmode or atlas:delimiter, or no such statement, is left as it is.
# Prints the resulting names. Exit 0, or 2.
set -eu
here=$(cd "${0%/*}" && pwd)
. "$here/lib/version.sh"
sqlstmt=$here/../.cache/bin/sqlstmt

[ $# -eq 1 ] && [ -f "$1" ] || {
	echo 'usage: split_concurrently.sh file.sql' >&2
	exit 2
}
case $1 in
*/*) dir=${1%/*} ;;
*) dir=. ;;
esac
name=${1##*/}
list=$dir/.$name.list
trap 'rm -f "$list" "$dir/.$name.part".*' EXIT

# A line a run: c or t, its first byte, its length. Nothing for a file that stays.
"$sqlstmt" -t "$1" >"$list" || exit 2
runs=$(awk -F '\t' '
	$1 == "file" { if ($2 != "-" || $3 != "-") exit; head = $7 }
	$1 != "file" && $1 != "trouble" {
		kind = $3 == "outside" ? "c" : "t"
		if (kind == "c") any = 1
		if (n == 0 || kinds[n] != kind) { kinds[++n] = kind; from[n] = $6 }
		to[n] = $9
	}
	END { for (i = 1; any && i <= n; i++) print kinds[i], from[i], to[i] - from[i], head }' "$list") || exit 2
if [ -z "$runs" ]; then
	printf '%s\n' "$name"
	exit 0
fi

version_of "$name"
rest=${name#"$version"}
# cut FROM LENGTH: these bytes of the file.
cut() { tail -c "+$(($1 + 1))" "$file" | head -c "$2"; }
file=$1
n=0
printf '%s\n' "$runs" | while read -r kind from length head; do
	n=$((n + 1))
	{
		[ "$kind" = t ] || echo '-- atlas:txmode none'
		# The file's comments on top are in its first part already.
		if [ "$n" -gt 1 ] && [ "$head" -gt 0 ]; then
			cut 0 "$head"
		elif [ "$kind" = c ] && [ "$head" -eq 0 ]; then
			echo
		fi
		cut "$from" "$length"
	} >"$dir/.$name.part.$n"
done || exit 2
# All names are known to be free before the first file is put there.
names=$name
for _ in $(printf '%s\n' "$runs" | sed '1d; s/ .*//'); do
	version=$(next_version "$version") || {
		echo "split_concurrently.sh: $name: its version is no number to count on from" >&2
		exit 2
	}
	[ ! -e "$dir/$version$rest" ] || {
		echo "split_concurrently.sh: $name: '$version$rest' is there already" >&2
		exit 2
	}
	names="$names
$version$rest"
done
n=0
printf '%s\n' "$names" | while IFS= read -r to; do
	n=$((n + 1))
	mv "$dir/.$name.part.$n" "$dir/$to"
done
printf '%s\n' "$names"
