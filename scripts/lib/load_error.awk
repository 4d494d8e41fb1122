# load_error.awk - what psql says of a schema, in the places of the models' own files.
#
# in:  psql's messages, verbose; -v map= -v file= the map and the text that
#      sqlflat made, -v end= what psql read after it, -v major= PostgreSQL's version
# out: WHERE, WHAT, REMEDY with tabs between. Exit 1: no error is in it

# place LINE NEAR: set where, for a line of the text; the line in the statement that
# reads like NEAR, which is cut off where it is long.
function place(line, near,   row, f, n, text, before) {
	where = file ":" line
	while ((getline row <map) > 0) {
		n = split(row, f, "\t")
		if (n < 4 || f[1] > line) break
		name = f[4]
		at = f[3]
		start = f[1]
	}
	if (name == "") return
	gsub(/^\.\.\.|\.\.\.$/, "", near)
	for (n = 1; n <= line && (getline text <file) > 0; n++) {
		if (n == start - 1) before = text
		if (n >= start && near != "" && index(text, near)) {
			at += n - start
			near = ""
		}
	}
	where = name ":" at
	# Models: the line before says which class it is from.
	if (name == file && before ~ /^-- .+:[0-9]+$/) where = substr(before, 4)
}

# ext NAMES EXTENSION: these types, functions and operator classes are from there.
function ext(names, extension,   i, n, list) {
	n = split(names, list, " ")
	for (i = 1; i <= n; i++) from[list[i]] = extension
}

function get(extension) {
	return "CREATE EXTENSION \"" extension "\" before it, in the schema and in a migration; or in the file DEV_DB_INIT, where an administrator makes it in the target"
}

# quoted TEXT WORD: the name in quotes after WORD, without its schema.
function quoted(text, word,   s) {
	if (!match(text, word " \"?[^ \"(]+")) return ""
	s = substr(text, RSTART + length(word) + 1, RLENGTH - length(word) - 1)
	gsub(/"/, "", s)
	sub(/^.*\./, "", s)
	return s
}

function remedy(code, what,   s) {
	if (what ~ /unrecognized configuration parameter/)
		return "the file is from a pg_dump newer than the server" (major ? ", which is " major : "") ": take the line out, or set PG_MAJOR to what production runs"
	if (what ~ /no default operator class for access method "gist"/) return get("btree_gist")
	if (what ~ /no default operator class for access method "gin"/) return get("btree_gin")
	if (code == "42704" || code == "42883") {
		s = quoted(what, "operator class")
		if (s == "") s = quoted(what, "access method")
		if (s == "") s = quoted(what, "type")
		if (s == "") s = quoted(what, "function")
		sub(/\[\]$/, "", s)
		if (s in from) return get(from[s])
		if (what ~ /^role /)
			return "make the role in the file DEV_DB_INIT: CREATE ROLE ...; the target must have it too"
		if (what ~ /^text search /) return get("unaccent")
		if (what ~ /^(type|function|operator class|access method|collation) /)
			return "create it before it is used; if an extension brings it, CREATE EXTENSION in the schema, or in the file DEV_DB_INIT"
	}
	if (what ~ /^extension ".*" is not available|could not open extension control file/)
		return "install its package on this machine, or let DEV_DB be a server that has it (DEV_DB=docker, or DEV_DB=url)"
	if (code == "42501" && what ~ /extension/)
		return "the role that deploys may not create it: put CREATE EXTENSION into the file DEV_DB_INIT, where an administrator makes it in the target"
	if (code == "42501")
		return "the role that deploys may not do that: put it into the file DEV_DB_INIT, where an administrator does it in the target"
	if (code == "3F000")
		return "CREATE SCHEMA before it, in the schema; or in the file DEV_DB_INIT"
	if (code == "42P01")
		return "create it before it is used; a directory's files are loaded in the order of their names"
	if (code == "42P07" || code == "42710" || code == "42P06" || code == "42723")
		return "it is created twice, or in the file DEV_DB_INIT already"
	return ""
}

BEGIN {
	ext("citext", "citext")
	ext("hstore", "hstore")
	ext("ltree lquery ltxtquery gist_ltree_ops", "ltree")
	ext("cube", "cube")
	ext("seg", "seg")
	ext("isbn isbn13 issn issn13 ean13 upc ismn", "isn")
	ext("geometry geography raster box2d box3d st_makepoint st_geomfromtext st_setsrid", "postgis")
	ext("vector halfvec sparsevec hnsw ivfflat vector_cosine_ops vector_l2_ops vector_ip_ops", "vector")
	ext("uuid_generate_v1 uuid_generate_v1mc uuid_generate_v3 uuid_generate_v4 uuid_generate_v5", "uuid-ossp")
	ext("crypt gen_salt digest hmac gen_random_bytes pgp_sym_encrypt pgp_sym_decrypt", "pgcrypto")
	ext("gin_trgm_ops gist_trgm_ops similarity word_similarity show_trgm", "pg_trgm")
	ext("unaccent", "unaccent")
	ext("ll_to_earth earth_distance earth", "earthdistance")
	ext("gin__int_ops gist__int_ops gist__intbig_ops query_int", "intarray")
	ext("crosstab connectby", "tablefunc")
	ext("soundex levenshtein metaphone dmetaphone daitch_mokotoff", "fuzzystrmatch")
	ext("create_hypertable time_bucket", "timescaledb")
	prefix = "psql:" file ":"
	last = "psql:" end ":"
}

# What is checked at the end of a transaction has no line.
!done && index($0, last) == 1 {
	at_end = 1
	$0 = prefix substr($0, length(last) + 1)
}
!done && index($0, prefix) == 1 {
	rest = substr($0, length(prefix) + 1)
	if (!match(rest, /^[0-9]+: [A-Z]+:  [0-9A-Z][0-9A-Z][0-9A-Z][0-9A-Z][0-9A-Z]: /)) {
		# psql's own, of a command that it does not obey.
		if (match(rest, /^[0-9]+: error: /)) {
			line = rest + 0
			what = substr(rest, RLENGTH + 1)
			done = 1
		}
		next
	}
	if (rest !~ /^[0-9]+: (ERROR|FATAL|PANIC): /) next
	line = rest + 0
	code = substr(rest, RLENGTH - 6, 5)
	what = substr(rest, RLENGTH + 1)
	done = 1
	next
}
done && /^LINE [0-9]+: / {
	near = $0
	sub(/^LINE [0-9]+: */, "", near)
	next
}
done && /^(DETAIL|CONTEXT|HINT):  / && !more {
	more = $0
	sub(/^[A-Z]+:  /, "", more)
}

END {
	if (!done) exit 1
	if (at_end) where = file
	else place(line, near)
	cure = remedy(code, what)
	if (near != "") what = what ", at: " near
	else if (more != "") what = what ": " more
	gsub(/[\t\r]/, " ", what)
	printf "%s\t%s%s\t%s\n", where, what, code ? " (" code ")" : "", cure
}
