# locals.awk - shell files that write the same variable as a file which they source: one
# line for each, "FILE:LINE: ...". Exit 1 when there is one.
#
# A function's own variables are kept by local. What two files write on purpose, such
# as a result, is named in the sourced one: "# written by both: NAME...". Names in upper
# case are knobs and the environment, which all may write.
#
# It knows our own scripts' layout: a function begins with "name() {" and ends with "}",
# both at the start of a line. What stands in quotes, comments, here documents and
# subshells writes nothing here.

function top() { return substr(stack, length(stack), 1) }
function push(c) { stack = stack c }
function pop() { stack = substr(stack, 1, length(stack) - 1) }

# bare LINE: what of it is outside of quotes, comments and subshells.
function bare(s,    i, c, before, out) {
	for (i = 1; i <= length(s); i++) {
		c = substr(s, i, 1)
		before = i > 1 ? substr(s, i - 1, 1) : " "
		if (top() == "\047") {
			if (c == "\047")
				pop()
			continue
		}
		if (c == "\\") {
			i++
			continue
		}
		if (c == "\"") {
			if (top() == "\"")
				pop()
			else
				push(c)
			if (stack == "")
				out = out "Q"
		} else if (c == "\047" && top() != "\"") {
			push(c)
			if (length(stack) == 1)
				out = out "Q"
		} else if (c == "#" && before ~ /[ \t;(]/ && top() != "\"" && top() != "{") {
			break
		} else if (c == "{" && before == "$") {
			push(c)
		} else if (c == "}" && top() == "{") {
			pop()
			if (stack == "")
				out = out "V"
		} else if (c == "(" && (top() != "\"" || before == "$")) {
			push(c)
		} else if (c == ")" && top() == "(") {
			pop()
		} else if (stack == "") {
			out = out (c == ")" ? ";" : c)
		}
	}
	return out
}

function writes(v) {
	if (v ~ /^[A-Za-z_][A-Za-z0-9_]*$/)
		wrote[v] = wrote[v] " " FNR
}

# command TEXT: one, without its redirections.
function command(s,    n, w, i, j, v) {
	n = split(s, w, /[ \t]+/)
	for (i = 1; i <= n; i++)
		if (w[i] != "" && w[i] !~ /^(then|do|else|elif|if|while|until|!|\{|\}|export|readonly)$/)
			break
	if (w[i] == "for") {
		writes(w[i + 1])
	} else if (w[i] == "local") {
		for (j = i + 1; j <= n; j++) {
			v = w[j]
			sub(/=.*/, "", v)
			kept[v]
		}
	} else if (w[i] == "getopts") {
		writes(w[i + 2])
	} else if (w[i] == ".") {
		return
	} else {
		# Before a command they are that command's.
		for (j = i; j <= n && w[j] ~ /^[A-Za-z_][A-Za-z0-9_]*=/; j++)
			;
		if (w[j] == "read") {
			for (j++; j <= n; j++)
				writes(w[j])
		} else if (j > n || w[j] ~ /^[0-9]*[<>]/ || w[j] == "") {
			for (; i < j; i++) {
				v = w[i]
				sub(/=.*/, "", v)
				writes(v)
			}
		}
	}
}

function ended(    v, at) {
	for (v in wrote)
		if (!(v in kept) && v ~ /[a-z]/ && !((file, v) in line_of)) {
			split(wrote[v], at, " ")
			line_of[file, v] = at[1]
			names[file] = names[file] " " v
		}
	split("", wrote)
	split("", kept)
}

FNR == 1 {
	if (file != "")
		ended()
	file = FILENAME
	base = file
	sub(/.*\//, "", base)
	if (file ~ /\/lib\//)
		path[base] = file
	fn = "-"
	stack = here = ""
}
here != "" {
	line = $0
	if (dash)
		sub(/^\t+/, "", line)
	if (line == here)
		here = ""
	next
}
/^# written by both: / {
	n = split($0, part, " ")
	for (i = 5; i <= n; i++)
		both[file, part[i]]
}
{
	whole = stack == ""
	if (whole && match($0, /^[a-z_][A-Za-z0-9_]*\(\) [{(]/)) {
		ended()
		fn = $0
		sub(/\(.*/, "", fn)
	}
	if (whole && match($0, /(^|[ \t])\. .*\/[a-z_]*\.sh/)) {
		lib = $0
		sub(/\.sh.*/, ".sh", lib)
		sub(/.*\//, "", lib)
		sources[file] = sources[file] " " lib
	}
	text = bare($0)
	if (fn != "-")
		sub(/^[a-z_][A-Za-z0-9_]*;? [{]/, "", text)
	gsub(/\|\||&&|\|/, ";", text)
	n = split(text, part, ";")
	for (i = 1; i <= n; i++)
		command(part[i])
	if (fn != "-" && whole && ($0 == "}" || $0 == ")" || ($0 ~ /^[a-z_][A-Za-z0-9_]*\(\) [{(].*[})]$/))) {
		ended()
		fn = "-"
	}
	if (match($0, /<<-?\047?"?[A-Z]+/)) {
		here = substr($0, RSTART + 2, RLENGTH - 2)
		dash = sub(/^-/, "", here)
		gsub(/[\047"]/, "", here)
	}
}

# reach FILE: what it sources, and what that does.
function reach(f,    n, lib, i, p) {
	n = split(sources[f], lib, " ")
	for (i = 1; i <= n; i++) {
		p = path[lib[i]]
		if (p != "" && !(p in reached)) {
			reached[p]
			reach(p)
		}
	}
}

END {
	ended()
	for (f in names) {
		split("", reached)
		reach(f)
		for (p in reached) {
			n = split(p == f ? "" : names[p], var, " ")
			for (i = 1; i <= n; i++) {
				v = var[i]
				if ((f, v) in line_of && !((p, v) in both)) {
					print f ":" line_of[f, v] ": " v " is written at " p ":" line_of[p, v] \
						" too, which is sourced here; fix: local " v ", or another name"
					bad = 1
				}
			}
		}
	}
	exit bad
}
