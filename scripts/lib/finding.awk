# finding.awk - a finding the way squawk writes one, for atlasjson.

function json(s,    i, c, out, n) {
	if (s !~ /[\\"\001-\037]/) return "\"" s "\""
	if (!("\001" in control)) for (i = 1; i < 32; i++) control[sprintf("%c", i)] = sprintf("\\u%04x", i)
	n = length(s)
	for (i = 1; i <= n; i++) {
		c = substr(s, i, 1)
		if (c == "\\" || c == "\"") out = out "\\" c
		else if (c in control) out = out control[c]
		else out = out c
	}
	return "\"" out "\""
}

# line and column count from 0; a line of -1: the file as a whole.
function finding(file, line, column, code, message, help,    place) {
	if (line >= 0) place = sprintf("\"line\":%d,\"column\":%d,", line, column)
	return "{\"file\":" json(file) "," place "\"level\":\"Error\",\"rule_name\":\"" code "\",\"message\":" json(message) ",\"help\":" (help == "" ? "null" : json(help)) "}"
}
