# join_plain.awk - fewer migrations that do the same, or one cut into several.
#
# usage:  awk -f join_plain.awk -v out=DIR [-v most=50] [-v limit=1000] FILE...
#         awk -f join_plain.awk -v out=DIR -v cut=1 [-v limit=1000] FILE
#
# Copies the migrations, in their order, to DIR; up to `most` that follow each
# other become one file where each is plain: it holds nothing but such
# statements as give the same in one transaction as in several. Whatever else
# a line may be, its file is copied as it is. A plain file that fails by itself
# also fails in a joined one; the other way round is possible (and then the
# files themselves have to be asked), as with a new value of an enum.
#
# More than 50 in one transaction could take more locks than the server has room
# for: then each statement is its own, which for these makes no difference. And
# no file gets more than `limit` statements: after each, Atlas writes down the
# hashes of all that file's statements up to there. For that reason a schema
# that is plain is cut up; one that is not becomes one file.

function put(f,    i) {
	for (i = 1; i <= n; i++) print text[i] > f
}

# is_plain: the n lines of text.
function is_plain(    i, l, open, u) {
	open = 0
	for (i = 1; i <= n; i++) {
		l = text[i]
		if (l ~ /\r/) return 0
		if (l ~ /^[ \t]*--/) {
			if (l ~ /atlas:/) return 0
			continue
		}
		sub(/[ \t]+$/, "", l)
		if (l == "") continue
		# Comments, functions and escapes may hold anything.
		if (l ~ /--|\/\*|[$\\]/) return 0
		if (gsub(/'/, "'", l) % 2 || gsub(/"/, "\"", l) % 2) return 0
		u = toupper(l)
		# What depends on where a transaction ends, or cannot run in one.
		if (u ~ /DEFER|INITIALLY|TEMP|ON[ \t]+COMMIT|CONCURRENTLY/) return 0
		if (!open && u !~ /^(CREATE TABLE|CREATE (UNIQUE )?INDEX|CREATE TYPE|ALTER TABLE|DROP TABLE|DROP INDEX|COMMENT ON)[ \t]/) return 0
		i_end = index(l, ";")
		if (i_end && i_end < length(l)) return 0
		open = !i_end
	}
	return !open
}

# ends: does a statement end on this line of a plain file?
function ends(l) { return l ~ /;[ \t]*$/ && l !~ /^[ \t]*--/ }

function begin(f) {
	if (into != "") close(into)
	into = f
	joined = statements = 0
	if (most > 50 || cut) print "-- atlas:txmode none\n" > into
}

function cut_up(    i, plain) {
	plain = is_plain()
	for (i = 1; i <= n; i++) {
		if (into == "" || (plain && statements >= limit)) begin(sprintf("%s/%06d.sql", out, ++files))
		print text[i] > into
		if (ends(text[i])) statements++
	}
	n = 0
}

function done(    base, i, more) {
	if (n == 0) return
	if (cut) {
		cut_up()
		return
	}
	base = name
	sub(/.*\//, "", base)
	if (is_plain()) {
		more = 0
		for (i = 1; i <= n; i++) more += ends(text[i])
		if (into == "" || joined >= most || statements + more > limit) begin(out "/" base)
		put(into)
		joined++
		statements += more
	} else {
		if (into != "") close(into)
		into = ""
		put(out "/" base)
		close(out "/" base)
	}
	n = 0
}

BEGIN { if (!most) most = 50; if (!limit) limit = 1000 }
FNR == 1 { done(); name = FILENAME }
{ text[++n] = $0 }
END { done(); if (into != "") close(into) }
