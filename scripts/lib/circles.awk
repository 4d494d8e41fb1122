# circles.awk - C files that call one another in a circle: one line for each file that
# reaches itself through others. Exit 1 when there is one.
#
# A function that another file may call stands as "name(" at the start of a line, below
# its type without static: the layout that clang-format keeps here. What a file may
# call is in its own tool's files (the part of their names before "_") and in those of
# the headers it includes; all of both, sources and headers, are to be given.

function tool_of(f) {
	sub(/.*\//, "", f)
	sub(/[_.].*/, "", f)
	return f
}

FNR == 1 {
	if (FILENAME ~ /\.c$/)
		files[++n] = FILENAME
	before = ""
}
/^#include "/ {
	name = $2
	gsub(/"/, "", name)
	sees[tool_of(FILENAME), tool_of(name)]
	tools[tool_of(FILENAME)]
	tools[tool_of(name)]
}
FILENAME ~ /\.h$/ { next }
/^[a-z_][A-Za-z0-9_]*\(/ {
	name = $0
	sub(/\(.*/, "", name)
	if (before !~ /static/) {
		made[name, tool_of(FILENAME)] = FILENAME
		known[name]
	} else
		own[FILENAME, name]
}
{ before = $0 }
!/^[ \t]*(\*|\/\*|\/\/)/ {
	rest = $0
	while (match(rest, /[a-z_][A-Za-z0-9_]*\(/)) {
		uses[FILENAME, substr(rest, RSTART, RLENGTH - 1)]
		rest = substr(rest, RSTART + RLENGTH)
	}
}
END {
	for (u in uses) {
		split(u, part, SUBSEP)
		f = part[1]
		name = part[2]
		if ((f, name) in own || !(name in known))
			continue
		mine = tool_of(f)
		to = (name, mine) in made ? made[name, mine] : ""
		if (to == "")
			for (t in tools)
				if ((mine, t) in sees && (name, t) in made)
					to = made[name, t]
		if (to != "" && to != f)
			reach[f, to] = name
	}
	for (k = 1; k <= n; k++)
		for (i = 1; i <= n; i++)
			if ((files[i], files[k]) in reach)
				for (j = 1; j <= n; j++)
					if ((files[k], files[j]) in reach && !((files[i], files[j]) in reach))
						reach[files[i], files[j]] = reach[files[i], files[k]]
	for (i = 1; i <= n; i++)
		if ((files[i], files[i]) in reach) {
			print files[i] ": calls itself through other files, by " reach[files[i], files[i]] \
				"(); fix: put what both need into a file of its own"
			bad = 1
		}
	exit bad
}
