#!/bin/sh
# split_concurrently.sh FILE - give CONCURRENTLY statements files of their own.
#
# FILE is as Atlas generates it: each statement begins on a line of its own,
# under a comment. CREATE or DROP INDEX CONCURRENTLY cannot run in a
# transaction; the rest should. So FILE is cut into runs of the one and of the
# other, in the same order, each a file whose version is one second later than
# the last; those with CONCURRENTLY begin with the directive that tells Atlas,
# and the empty line without which Atlas overlooks it. A file that has the
# directive, or no such statement, is left as it is. Prints the resulting
# names. Exit 0, or 2.
set -eu
. "${0%/*}/lib/version.sh"

[ $# -eq 1 ] && [ -f "$1" ] || {
	echo 'usage: split_concurrently.sh file.sql' >&2
	exit 2
}
case $1 in
*/*) dir=${1%/*} ;;
*) dir=. ;;
esac
name=${1##*/}
trap 'rm -f "$dir/.$name.part".*' EXIT

# Writes .NAME.part.N and prints one line a part, t or c; nothing when the
# file stays as it is.
kinds=$(LC_ALL=C awk -v part="$dir/.$name.part." '
	# Does a quote stay open at the end of the line? Quotes inside quotes are
	# doubled, so that each kind may be counted while the other is closed.
	function scan(line,    i, c) {
		for (i = 1; i <= length(line); i++) {
			c = substr(line, i, 1)
			if (open == "" && (c == "\047" || c == "\"")) open = c
			else if (c == open) open = ""
			else if (open == "" && substr(line, i, 2) == "--") return
		}
	}
	BEGIN { runs = 0; open = ""; pending = ""; at_start = 1 }
	NR == 1 && /^-- *atlas:txmode/ { exit }
	{
		if (at_start && $0 !~ /^[ \t]*(--|$)/) {
			kind = toupper($0) ~ /^(CREATE( UNIQUE)?|DROP) INDEX CONCURRENTLY / ? "c" : "t"
			if (kind == "c") any = 1
			if (runs == 0 || kinds[runs] != kind) kinds[++runs] = kind
			at_start = 0
		}
		pending = pending $0 "\n"
		if (at_start) next
		scan($0)
		body[runs] = body[runs] pending
		pending = ""
		if (open == "" && $0 ~ /;[ \t]*$/) at_start = 1
	}
	END {
		if (!any) exit
		body[runs] = body[runs] pending
		for (r = 1; r <= runs; r++) {
			printf "%s%s", kinds[r] == "c" ? "-- atlas:txmode none\n\n" : "", body[r] > (part r)
			if (close(part r) != 0) exit 2
			print kinds[r]
		}
	}' "$1") || exit 2

if [ -z "$kinds" ]; then
	printf '%s\n' "$name"
	exit 0
fi
version_of "$name"
rest=${name#"$version"}
n=0
for _ in $kinds; do
	n=$((n + 1))
	mv "$dir/.$name.part.$n" "$dir/$version$rest"
	printf '%s\n' "$version$rest"
	version=$(next_version "$version") || {
		echo "split_concurrently.sh: $name: its version is no number to count on from" >&2
		exit 2
	}
done
