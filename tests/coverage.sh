#!/bin/sh
# coverage.sh DIR - say what the tests reached of the tools built in DIR.
#
# One line a source, with the share of its lines that ran, then each line that
# never did. util.c is in every tool: a line counts when one of them ran it.
set -eu

[ $# -eq 1 ] || {
	echo 'usage: coverage.sh directory' >&2
	exit 2
}
gcov -t "$1"/*.gcda 2>/dev/null | awk '
	{
		split($0, f, ":")
		count = f[1]; line = f[2] + 0
		gsub(/[ \t]/, "", count)
		text = substr($0, length(f[1]) + length(f[2]) + 3)
	}
	line == 0 { if (f[3] == "Source") { file = f[4]; if (!(file in known)) { known[file]; files[++n] = file } } next }
	file !~ /^tools\// || count == "-" { next }
	{
		key = file SUBSEP line
		if (!(key in texts)) { lines[file]++; last[file] = line > last[file] ? line : last[file] }
		texts[key] = text
		if (count !~ /^[#=]/) { if (!(key in ran)) reached[file]++; ran[key] }
	}
	END {
		for (i = 1; i <= n; i++) {
			file = files[i]
			if (!lines[file])
				continue
			all += lines[file]; got += reached[file]
			printf "%-28s %5.1f%%  %d of %d lines\n", file, 100 * reached[file] / lines[file], reached[file], lines[file]
			for (l = 1; l <= last[file]; l++)
				if ((file SUBSEP l) in texts && !((file SUBSEP l) in ran))
					printf "  %4d %s\n", l, texts[file SUBSEP l]
		}
		printf "%-28s %5.1f%%  %d of %d lines\n", "all", 100 * got / all, got, all
	}'
