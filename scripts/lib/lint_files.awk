# lint_files.awk - which migrations are new, and what their names and git say.
#
# variables: dir      the directory, as names are written in findings
#            all      a file with the names of all migrations, in order
#            base     one with those of the base branch (or the last commit)
#            old      one with those of the merge base; "" without a base branch
#            touched  git diff --name-status of the merge base; likewise
#            latest   how many are new where there is no base branch
#            basename, as the user said it, or ""
#            new, before  files to write: the names of the new migrations, and
#                     of those that come before the newest of them
# output:    an array of findings, as squawk would write it
#
# Goes with lib/finding.awk. Appending "" makes awk compare as strings.

function version(name) {
	sub(/[_.].*/, "", name)
	return name
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

function report(name, code, message, help) {
	printf "%s%s\n", reported++ ? "," : "[", finding(dir "/" name, -1, 0, code, message, help)
}

# never_applied: the file says at its top that it failed wherever it was applied.
function never_applied(file,    line, yes) {
	while (!yes && (getline line < file) > 0 && line ~ /^--/) yes = line ~ /^-- *atlas:nolint( .*)? edited( |$)/
	close(file)
	return yes
}

function is_checkpoint(file,    line, yes) {
	yes = (getline line < file) > 0 && line ~ /^-- *atlas:checkpoint/
	close(file)
	return yes
}

BEGIN {
	while ((getline name < all) > 0) names[++count] = name
	top = ""
	read_list(old, is_old)
	top = ""
	n_base = read_list(base, is_base)
	printf "" > new
	printf "" > before

	# A database starts from the last checkpoint, or has what is before it.
	for (start = count; start > 0; start--)
		if (is_checkpoint(dir "/" names[start])) break
	for (i = 1; i <= count; i++) {
		name = names[i]
		if (n_base > 0 && !(name in is_base) && version(name) "" <= top "")
			report(name, "order", "added out of order: " (basename != "" ? basename : "the last commit") " already has " top_name ", which comes after it", "make rebase-migrations" (basename != "" ? " LINT_BASE=" basename : ""))
		if (i < start) continue
		if (i != start && (old != "" ? !(name in is_old) : i > count - latest)) print name > new
		else print name > before
	}

	# Applied files are history: edited or removed, databases disagree.
	while (touched != "" && (getline line < touched) > 0) {
		name = line
		sub(/^[A-Z][0-9]*\t/, "", name)
		sub(/.*\//, "", name)
		if (!(name in is_base)) continue
		what = line ~ /^D/ ? "removed" : "edited"
		if (what == "edited" && never_applied(dir "/" name)) continue
		report(name, what, what ", but " basename " has it, and databases may have applied it", "write a new migration instead (make new-migration); to undo: git checkout " basename " -- '" dir "/" name "'; make hash-migrations" (what == "edited" ? "; if no database has it, for it failed: -- atlas:nolint edited as its first line, an empty one below" : ""))
	}
	print reported ? "]" : "[]"
}
