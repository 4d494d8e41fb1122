# database_url.sh - sourced by database.sh: an address, and what may be said about it.
#
#   database_url_ok     die where Atlas would refuse DATABASE_URL and quote it
#   url_with            set a parameter of an address
#   database_env        in a subshell: how psql gets there; sets database_path, the
#                       search_path that the address has for Atlas
#   database_error FILE Atlas's error in FILE, as one line without a secret
#   database_hint FILE  what to do about that error, where we know
#
# Whatever comes from the stderr of Atlas goes through database_error, for it may quote
# the address.

# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # what is set here, and what common.sh sets

# database_url_ok: what Atlas would refuse with a message that quotes the
# password, we refuse with a better one.
database_url_ok() {
	case $DATABASE_URL in
	postgres://* | postgresql://*) ;;
	*) die 'DATABASE_URL: not an address of the form postgres://user:password@host:port/database' ;;
	esac
	printf '%s\n' "$DATABASE_URL" | awk '
		# user:password@host:port / database ? name=value & ...
		NR > 1 || /[# \t]/ { bad = 1 }
		{
			sub(/^[a-z]*:\/\//, "")
			q = index($0, "?")
			n = q ? split(substr($0, q + 1), p, "&") : 0
			if (q) $0 = substr($0, 1, q - 1)
			for (i = 1; i <= n; i++) if (p[i] !~ /^([A-Za-z_]+=.*)?$/) bad = 1
			login = $0; sub(/\/.*/, "", login)
			path = substr($0, length(login) + 1)
			if (path ~ /@/) bad = 1
			host = login
			if (sub(/.*@/, "", host)) {
				login = substr(login, 1, length(login) - length(host) - 1)
				if (login ~ /@/ || login ~ /:.*:/) bad = 1
			} else login = ""
			if (host !~ /^(\[[0-9A-Fa-f:.]*\]|[^:]*)(:[0-9]*)?$/) bad = 1
			gsub(/%[0-9A-Fa-f][0-9A-Fa-f]/, "", login)
			if (login ~ /%/) bad = 1
		}
		END { exit bad }' ||
		die 'DATABASE_URL: not a valid address; in user and password, @ is written %40, : %3A, / %2F, ? %3F, # %23, % %25, a blank %20'
}

# url_with VARIABLE NAME VALUE [keep]: set the parameter NAME in the address
# that VARIABLE holds; with keep, one that is there stays. An empty VALUE
# removes it. The address passes through the environment, not argv.
url_with() {
	eval "URL=\$$1"
	URL=$(export URL; awk -v name="$2" -v value="$3" -v keep="${4-}" 'BEGIN {
		url = ENVIRON["URL"]
		q = index(url, "?")
		base = q ? substr(url, 1, q - 1) : url
		n = q ? split(substr(url, q + 1), p, "&") : 0
		for (i = 1; i <= n; i++) {
			if (index(p[i], name "=") == 1) {
				if (keep == "") continue
				found = 1
			}
			if (p[i] != "") out = out (out == "" ? "" : "&") p[i]
		}
		if (!found && value != "") out = out (out == "" ? "" : "&") name "=" value
		print base (out == "" ? "" : "?" out)
	}')
	eval "$1=\$URL"
	unset URL
}

# database_env: the address reaches psql as libpq's environment. What only Atlas
# takes from an address (search_path) is not in it.
database_env() {
	local lines name value d
	if [ -n "$database_temporary" ]; then
		devdb_db dev_have
		return 0
	fi
	lines=$(URL=$database_url awk -f "$kit"/scripts/lib/pgurl.awk) ||
		die 'DATABASE_URL: not an address of the form postgres://user:password@host:port/database'
	# These would go before it.
	unset PGSERVICE PGHOSTADDR
	# shellcheck disable=SC2163 # the names are pgurl.awk's
	while IFS=$TAB read -r name value; do
		case $value in *\\*) value=$(printf '%b.' "$value") value=${value%.} ;; esac
		case $name in
		PG*) export "$name=$value" ;;
		search_path) database_path=$value ;;
		esac
	done <<-END
		$lines
	END
	# Atlas trusts whom the system trusts; libpq has to be given the file.
	case ${PGSSLMODE-} in
	verify-*)
		[ -z "${PGSSLROOTCERT-}" ] && [ ! -f "${HOME-}/.postgresql/root.crt" ] || return 0
		for d in /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem; do
			[ ! -r "$d" ] || { export PGSSLROOTCERT="$d" && break; }
		done
		;;
	esac
}

# database_error FILE: neither the address nor its password, as written or
# decoded, is in what it prints. A password of one or two characters would take
# half of the message with it: Atlas prints passwords only inside addresses.
database_error() {
	atlas_error "$1" | (
		URL=$database_url
		export URL
		awk '
		function hide(s,   i, out) {
			if (length(s) < 3) return
			while ((i = index($0, s)) > 0) {
				out = out substr($0, 1, i - 1) "***"
				$0 = substr($0, i + length(s))
			}
			$0 = out $0
		}
		function decode(s,   i, out) {
			while ((i = index(s, "%")) > 0) {
				out = out substr(s, 1, i - 1) char[toupper(substr(s, i + 1, 2))]
				s = substr(s, i + 3)
			}
			return out s
		}
		BEGIN {
			for (i = 32; i < 127; i++) char[sprintf("%02X", i)] = sprintf("%c", i)
			url = ENVIRON["URL"]
			s = url; sub(/^[a-z]*:\/\//, "", s); sub(/[\/?].*/, "", s)
			if (sub(/@.*/, "", s) && sub(/^[^:]*:/, "", s)) secret = s
			if (match(url, /[?&]password=[^&]*/)) other = substr(url, RSTART + 10, RLENGTH - 10)
		}
		{ hide(url); hide(secret); hide(decode(secret)); hide(other); hide(decode(other)); print }'
	)
}

# database_hint FILE: what to do about an error, where we know.
database_hint() {
	case $(cat "$1") in
	*'unsupported startup parameter'*) printf "; fix: a proxy (PgBouncer) takes no such setting from a session: ALTER ROLE ... SET it, and take it out of the address (docs/verbs.md)" ;;
	*'SSL is not enabled'* | *'refused TLS'*) printf '; without TLS: add sslmode=disable to DATABASE_URL' ;;
	*'connection refused'*) printf '; fix: start the server, or correct host and port in DATABASE_URL' ;;
	*'password authentication failed'* | *'no password supplied'*) printf '; fix: correct user and password in DATABASE_URL (%%40 for an @)' ;;
	*'hostname resolving error'* | *'no such host'*) printf '; fix: correct the host in DATABASE_URL' ;;
	*'FATAL: database '*' does not exist'*) printf '; fix: make the database (createdb), or correct its name in DATABASE_URL' ;;
	esac
}
