# lint_names.awk - names that the new migrations add and NAMING does not match.
#
# variables: dir     the directory, as names are written in findings
#            before  the names of the schema without the new files, after: with
#                    them; a line is CODE, TAB, table, TAB, name, each as Go's
#                    %q writes it
#            new     a file with the names of the new files, in order
# ENVIRON:   NAMING  the pattern
# output:    each finding, as squawk would write it, one a line
#
# A name is new when there are more of its kind than before: a renamed table's
# columns are not. The place is where the name is first written in a new file,
# after the table's where that is found. Goes with lib/finding.awk.

# What Go's %q wrote; its rarer escapes stay as they are.
function unquote(s) {
	s = substr(s, 2, length(s) - 2)
	gsub(/\\"/, "\"", s)
	gsub(/\\\\/, "\\", s)
	return s
}

# Find name in the new files from file f, line l, column c (all from 1) on, as
# a word or in double quotes; sets at_file, at_line, at_column. 0: not there.
function find(name, f, l, c,    quoted, folded, i, s, p, before_c, after_c) {
	quoted = name
	gsub(/"/, "\"\"", quoted)
	quoted = "\"" quoted "\""
	folded = tolower(name) == name ? name : ""
	for (; f <= nfiles; f++) {
		for (; l <= nlines[f]; l++) {
			s = text[f, l]
			p = index(substr(s, c), quoted)
			if (p == 0 && folded != "") {
				# Unquoted: not in the middle of a longer word.
				i = c
				while ((p = index(tolower(substr(s, i)), folded)) > 0) {
					p += i - 1
					before_c = p > 1 ? substr(s, p - 1, 1) : " "
					after_c = substr(s, p + length(name), 1)
					if (before_c !~ /[A-Za-z0-9_$\200-\377]/ && after_c !~ /[A-Za-z0-9_$\200-\377]/) break
					i = p + 1
				}
			} else if (p > 0)
				p += c - 1
			if (p > 0 && s !~ /^[ \t]*--/) {
				at_file = f; at_line = l; at_column = p
				return 1
			}
			c = 1
		}
		l = 1
	}
	return 0
}

# is_written TABLE NAME: the name stands in a new file behind its table's.
function is_written(table, name) {
	return table != "" && find(table, 1, 1, 1) && find(name, at_file, at_line, at_column)
}

function report(code, table, name,    what) {
	what = kind[code] " '" name "'"
	if (table != "" && table != name) what = what " of table '" table "'"
	if (!is_written(table, name) && !find(name, 1, 1, 1)) {
		# Nobody wrote it. PostgreSQL makes table_column_key of names that
		# are told of themselves; else some code in the file made it.
		if (index(name, table "_") == 1) return
		at_file = nfiles; at_line = 1; at_column = 1
	}
	print finding(dir "/" files[at_file], at_line - 1, at_column - 1, code, what " does not match NAMING, " naming, "rename it; if it is meant so, write '-- atlas:nolint naming' above the statement")
}

BEGIN {
	naming = ENVIRON["NAMING"]
	kind["NM101"] = "schema"; kind["NM102"] = "table"; kind["NM103"] = "column"
	kind["NM104"] = "index"; kind["NM105"] = "foreign key"; kind["NM106"] = "check"
	FS = "\t"
	while ((getline < before) > 0) {
		more[$1, $3]--
		had_there[$1, $2, $3] = 1
	}
	n = 0
	while ((getline < after) > 0) {
		more[$1, $3]++
		if (($1, $2, $3) in had_there || unquote($3) ~ naming) continue
		key[++n] = $1 SUBSEP $3
		codes[n] = $1; tables[n] = unquote($2); names[n] = unquote($3)
	}
	while ((getline name < new) > 0) {
		files[++nfiles] = name
		while ((getline line < (dir "/" name)) > 0) text[nfiles, ++nlines[nfiles]] = line
		close(dir "/" name)
	}
	# Of several tables with that name in them, some may only be renamed: first
	# those where it is written.
	for (pass = 1; pass <= 2 && nfiles > 0; pass++)
		for (i = 1; i <= n; i++)
			if (!(i in told) && more[key[i]] > 0 && (pass == 2 || is_written(tables[i], names[i]))) {
				report(codes[i], tables[i], names[i])
				told[i] = 1
				more[key[i]]--
			}
}
