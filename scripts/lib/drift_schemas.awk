# drift_schemas.awk - a database's listing without the schemas of other people.
#
# in:   the migrations' listing, then the database's twice: turn=1 FILE turn=2 FILE
#       turn=3 FILE; dev, the schemas in play
# out:  the database's, without the rows of a schema itself (its comment, its
#       privileges) that is neither in play nor in the migrations' listing; into the
#       file that "others" names, a pattern for the name of each of these schemas: what
#       is in it stays, for catdiff to leave out
BEGIN {
	FS = "\t"
	printf "" >others
	n = split(dev, d, " ")
	for (i = 1; i <= n; i++) ours[d[i]] = ours["\"" d[i] "\""] = 1
}
turn == 1 { if ($1 == "schema") ours[$2] = 1; next }
turn == 2 {
	if ($1 != "schema" || $2 in ours) next
	other[$2] = 1
	p = $2
	if (sub(/^"/, "", p)) { sub(/"$/, "", p); gsub(/""/, "\"", p) }
	gsub(/[][*?]/, "\\\\&", p)
	print p >others
	next
}
$1 == "schema" && $2 in other { next }
# SCHEMA name; USAGE ON SCHEMA name TO role; IN SCHEMA name SELECT ON TABLES TO role
$1 ~ /^(comment|grant|default privilege)$/ {
	what = $2
	if (sub(/^SCHEMA /, "", what) || sub(/^[A-Z ]* ON SCHEMA /, "", what) || sub(/^.*IN SCHEMA /, "", what)) {
		for (name in other)
			if (what == name || index(what, name " ") == 1) next
	}
}
{ print }
