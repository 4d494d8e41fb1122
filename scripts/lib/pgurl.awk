# pgurl.awk - take a database's address, which URL in the environment holds, apart.
#
# Prints NAME<tab>VALUE lines; VALUE is for printf %b:
#   PGHOST ...   what libpq reads from the environment
#   search_path  where the address has one
#   before, after   the address in two parts, between which the database's name
#                belongs; both as they were written, with login and password
#   open, opened    the same without a password, with nothing that libpq does not
#                know
# Exit 1: not an address (nothing is printed).

function out(name, value) { text = text name "\t" value "\n" }
function plain(s) { gsub(/\\/, "\\\\", s); return s }
# decode(S): %XX becomes \0OOO.
function decode(s,   r, i, n, h) {
	s = plain(s)
	while ((i = index(s, "%")) > 0) {
		h = tolower(substr(s, i + 1, 2))
		if (h !~ /^[0-9a-f][0-9a-f]$/ || h == "00") { bad = 1; return "" }
		n = (index(hex, substr(h, 1, 1)) - 1) * 16 + index(hex, substr(h, 2, 1)) - 1
		r = r substr(s, 1, i - 1) sprintf("\\0%03o", n)
		s = substr(s, i + 3)
	}
	return r s
}
function add(list, item) { return list (list == "" ? "?" : "&") item }
BEGIN {
	hex = "0123456789abcdef"
	n = split("host PGHOST hostaddr PGHOSTADDR port PGPORT user PGUSER password PGPASSWORD " \
		"dbname PGDATABASE sslmode PGSSLMODE sslrootcert PGSSLROOTCERT sslcert PGSSLCERT " \
		"sslkey PGSSLKEY sslcrl PGSSLCRL sslnegotiation PGSSLNEGOTIATION " \
		"connect_timeout PGCONNECT_TIMEOUT application_name PGAPPNAME " \
		"channel_binding PGCHANNELBINDING gssencmode PGGSSENCMODE passfile PGPASSFILE " \
		"target_session_attrs PGTARGETSESSIONATTRS client_encoding PGCLIENTENCODING " \
		"krbsrvname PGKRBSRVNAME sslsni PGSSLSNI require_auth PGREQUIREAUTH requirepeer PGREQUIREPEER " \
		"sslcrldir PGSSLCRLDIR sslcertmode PGSSLCERTMODE load_balance_hosts PGLOADBALANCEHOSTS " \
		"ssl_min_protocol_version PGSSLMINPROTOCOLVERSION ssl_max_protocol_version PGSSLMAXPROTOCOLVERSION", w, " ")
	for (i = 1; i < n; i += 2) env[w[i]] = w[i + 1]

	url = ENVIRON["URL"]
	if (url !~ /^postgres(ql)?:\/\// || url ~ /[ \t\n#]/) exit 1
	scheme = substr(url, 1, index(url, "://") + 2)
	rest = substr(url, length(scheme) + 1)
	q = index(rest, "?")
	n = q ? split(substr(rest, q + 1), p, "&") : 0
	if (q) rest = substr(rest, 1, q - 1)
	login = rest; sub(/\/.*/, "", login)
	path = substr(rest, length(login) + 2)
	if (path ~ /[\/@]/) exit 1
	hosts = login
	if (sub(/.*@/, "", hosts)) {
		login = substr(login, 1, length(login) - length(hosts) - 1)
		at = "@"
	} else login = ""
	if (login ~ /@/ || login ~ /:.*:/) exit 1
	user = login; sub(/:.*/, "", user)
	if (user != "") env_user = decode(user)
	if (login ~ /:/) password = decode(substr(login, length(user) + 2))

	k = split(hosts, h, ",")
	for (i = 1; i <= k; i++) {
		one = h[i]; port = ""
		if (one !~ /^(\[[0-9A-Fa-f:.%]*\]|[^:]*)(:[0-9]*)?$/) exit 1
		if (match(one, /:[0-9]*$/)) { port = substr(one, RSTART + 1); one = substr(one, 1, RSTART - 1) }
		gsub(/[][]/, "", one)
		host = host (i > 1 ? "," : "") decode(one)
		ports = ports (i > 1 ? "," : "") port
	}
	after = open = others = ""
	for (i = 1; i <= n; i++) {
		e = index(p[i], "=")
		if (p[i] == "") continue
		if (e < 2) exit 1
		name = substr(p[i], 1, e - 1); value = decode(substr(p[i], e + 1))
		if (name !~ /^[A-Za-z_.]+$/) exit 1
		if (name != "dbname" && name != "search_path") after = add(after, p[i])
		if (name !~ /^(dbname|search_path|user|password)$/) others = add(others, p[i])
		if (name == "search_path") path_ = value
		else if (name == "options") options = options " " value
		else if (name in env) {
			given[env[name]] = value
			if (name != "password" && name != "dbname") open = add(open, p[i])
			if (name == "password") password = value
		} else if (name != "sslpassword") {
			# A setting of the session, as lib/pq and pgx take it. (The password of a
			# client's key is none, has no variable, and is not for the server to know.)
			v = value; gsub(/ /, "\\\\ ", v)
			options = options " -c " name "=" v
		}
	}
	if (bad) exit 1
	if (host != "" && !("PGHOST" in given)) given["PGHOST"] = host
	if (ports ~ /[0-9]/ && !("PGPORT" in given)) given["PGPORT"] = ports
	if (env_user != "" && !("PGUSER" in given)) given["PGUSER"] = env_user
	if (path != "" && !("PGDATABASE" in given)) given["PGDATABASE"] = decode(path)
	if (bad) exit 1
	delete given["PGPASSWORD"]
	for (name in given) out(name, given[name])
	if (password != "") out("PGPASSWORD", password)
	if (options != "") out("PGOPTIONS", substr(options, 2))
	if (path_ != "") out("search_path", path_)
	out("before", plain(scheme login at hosts) "/")
	out("after", plain(after))
	out("open", plain(scheme user (user != "" ? "@" : "") hosts) "/")
	out("opened", plain(open))
	# For a login of ours in the place of theirs.
	out("scheme", scheme)
	out("hosts", plain(hosts) "/")
	out("others", plain(others))
	printf "%s", text
}
