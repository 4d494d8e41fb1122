# lint_files.awk - which migrations are new, and what can be said of them
# without a database: order, edited old files, transaction mode.
#
# variables: dir     the directory, as names are written in findings
#            all     a file with the names of all migrations, in order
#            base    one with those of the base branch (or the last commit)
#            old     one with those of the merge base; "" without a base branch
#            touched git diff --name-status of the merge base; likewise
#            latest  how many are new where there is no base branch
#            basename, as the user said it, or ""
# ENVIRON:   NAMING  the pattern that names must match, "" for none
# output:    t NAME  a new file that Atlas wraps in a transaction
#            n NAME  a new file that it does not
#            l N     the newest N files take in all new ones
#            s       a new file has a word that NAMING does not match
#            f JSON  a finding, as squawk would write it
#
# Goes with lib/finding.awk. Appending "" makes awk compare as strings.

function version(name) {
	sub(/[_.].*/, "", name)
	return name
}

# The value of an atlas:txmode in a comment line, as Atlas's own expression
# finds it: the last "atlas:word" after printable ASCII. no_directive if none.
function txmode_of(s,    rest, word, value) {
	sub(/[ \t\r]+$/, "", s)
	value = no_directive
	rest = s
	while (match(rest, /atlas:[A-Za-z0-9_]+/)) {
		if (substr(s, 1, length(s) - length(rest) + RSTART - 1) ~ /[^ -~]/) break
		word = substr(rest, RSTART + 6, RLENGTH - 6)
		rest = substr(rest, RSTART + RLENGTH)
		value = no_directive
		if (word == "txmode") {
			value = rest
			if (!sub(/^ +/, "", value)) value = ""
		}
	}
	return value
}

# Is there a word in the line that NAMING does not match? Words outside double
# quotes as PostgreSQL folds them; what is inside as it stands. Too often yes
# costs time, never a wrong finding.
function suspicious(s,    n, m, i, k, part, word) {
	n = split(s, part, "\"")
	if (n % 2 == 0 || toupper(s) ~ /EXECUTE/) return 1
	for (i = 1; i <= n; i++) {
		if (i % 2 == 0) {
			if (part[i] != "" && part[i] !~ naming) return 1
			continue
		}
		m = split(tolower(part[i]), word, /[^A-Za-z0-9_$\200-\377]+/)
		for (k = 1; k <= m; k++)
			if (word[k] !~ /^[0-9]/ && word[k] != "" && word[k] !~ naming) return 1
	}
	return 0
}

# Does a statement begin here that PostgreSQL refuses in a transaction? Those on
# one line, as people write them; make check-migrations runs the file to know.
function no_transaction(s) {
	if (toupper(s) !~ /^[ \t]*(CREATE|DROP|REINDEX|ALTER|VACUUM)[ \t;(]/) return 0
	s = toupper(s)
	return s ~ /^[ \t]*((CREATE([ \t]+UNIQUE)?|DROP)[ \t]+INDEX|REINDEX([ \t]*\([^)]*\))?[ \t]+[A-Z]+)[ \t]+CONCURRENTLY/ || s ~ /^[ \t]*ALTER[ \t]+TABLE.*[ \t]DETACH[ \t]+PARTITION.*[ \t]CONCURRENTLY/ || s ~ /^[ \t]*(VACUUM|(CREATE|DROP)[ \t]+(DATABASE|TABLESPACE)|ALTER[ \t]+SYSTEM)([ \t;(]|$)/
}

function read_list(file, set,    name, n) {
	n = 0
	if (file == "") return 0
	while ((getline name < file) > 0) {
		sub(/.*\//, "", name)
		if (name !~ /\.sql$/) continue
		set[name] = 1
		n++
		if (version(name) "" > top "") {
			top = version(name)
			top_name = name
		}
	}
	close(file)
	return n
}

# One new file: its transaction mode, and whether its names need a look.
function look(name,    path, line, nr, at_top, n, mode, value, why, written, where, i, bare, nbare) {
	path = dir "/" name
	at_top = 1; mode = ""; n = 0; nr = 0; written = ""; why = ""; nbare = 0
	while ((getline line < path) > 0) {
		nr++
		if (at_top && line ~ /^(#|--)/) {
			value = txmode_of(line)
			if (value != no_directive) {
				n++
				mode = value
				where = nr
			}
		} else {
			if (at_top) {
				# The line after the comments decides: if it is empty,
				# they are the file's. Some versions of Atlas allow blanks in it.
				at_top = 0
				if (line != "") {
					if (n > 0) {
						written = mode
						why = line ~ /^[ \t]*\r$/ ? "lines end in CRLF" : line ~ /^[ \t]+$/ ? "there are blanks in the empty line below" : "no empty line follows"
					}
					n = 0; mode = ""
				}
			}
			if (written == "" && n == 0 && index(line, "atlas:txmode") && line ~ /^[ \t\r\357\273\277]*(#|--|\/\*)/) {
				written = line
				sub(/.*atlas:txmode[ \t]*/, "", written)
				sub(/[ \t\r]*(\*\/)?[ \t\r]*$/, "", written)
				where = nr
				why = nr > 1 ? "it stands below the first lines of the file" : "the first bytes of the file must be '--'"
			}
		}
		if (no_transaction(line)) bare[++nbare] = nr
		if (naming != "" && !suspect && suspicious(line)) suspect = 1
	}
	close(path)
	if (n > 1) {
		print "f " finding(dir "/" name, where - 1, 0, "txmode", "atlas:txmode is given more than once: Atlas refuses the file", "keep one")
	} else if (n == 1 && mode != "none" && mode != "file") {
		print "f " finding(dir "/" name, where - 1, 0, "txmode", "atlas:txmode '" mode "': Atlas refuses the file", mode == "all" ? "all is for the whole run (--tx-mode); in a file it is none or file" : "in a file it is none or file")
	} else if (why != "" && written ~ /^(none|all)/) {
		print "f " finding(dir "/" name, where - 1, 0, "txmode", "atlas:txmode " written " is overlooked: " why, on_top)
	} else if (mode != "none") {
		for (i = 1; i <= nbare; i++)
			print "f " finding(path, bare[i] - 1, 0, "txmode", "this cannot run in a transaction, and Atlas runs the file in one", on_top)
	}
	print (n == 1 && mode == "none" ? "n " : "t ") name
}

BEGIN {
	no_directive = "\001"
	on_top = "the first line must be '-- atlas:txmode none', the second empty, and lines must end in LF"
	naming = ENVIRON["NAMING"]
	# Names that PostgreSQL makes itself must match, or every file is looked at.
	suspect = 0
	if (naming != "" && ("a_b_key" !~ naming || "a_b_idx" !~ naming || "a_b_fkey" !~ naming || "a_b_check" !~ naming)) suspect = 1

	while ((getline name < all) > 0) names[++count] = name
	top = ""
	read_list(old, is_old)
	top = ""
	n_base = read_list(base, is_base)

	first = 0
	for (i = 1; i <= count; i++) {
		name = names[i]
		if (n_base > 0 && !(name in is_base) && version(name) "" <= top "")
			print "f " finding(dir "/" name, -1, 0, "order", "added out of order: " (basename != "" ? basename : "the last commit") " already has " top_name ", which comes after it", "make rebase-migrations" (basename != "" ? " BASE=" basename : ""))
		if (old != "" ? !(name in is_old) : i > count - latest) {
			if (!first) first = i
			look(name)
		}
	}
	if (first) print "l " count - first + 1
	if (first && suspect) print "s"

	# Applied files are history: edited or removed, databases disagree.
	while (touched != "" && (getline line < touched) > 0) {
		name = line
		sub(/^[A-Z][0-9]*\t/, "", name)
		sub(/.*\//, "", name)
		if (!(name in is_base)) continue
		what = line ~ /^D/ ? "removed" : "edited"
		print "f " finding(dir "/" name, -1, 0, what, what ", but " basename " has it, and databases may have applied it", "write a new migration instead (make new-migration); to undo: git checkout " basename " -- '" dir "/" name "'; make hash-migrations")
	}
}
