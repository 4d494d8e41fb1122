# database.sh - sourced: the database that status, plan, apply and drift look at.
#
#   database_open       DATABASE_URL, or without one a temporary database; sets
#                       where, its name for people
#   database ARG...     become atlas ARG... on it: for run, or a subshell
#   database_env        in a subshell: how psql gets there; sets database_path, the
#                       search_path that the address has for Atlas
#   database_dev        the temporary server beside it
#   database_error FILE Atlas's error in FILE, as one line without a secret
#   database_state      compare it with MIGRATIONS: $tmp/state and the variables
#                       named below
#
# The address reaches Atlas through the environment: never argv. Whatever comes from Atlas's stderr
# goes through database_error, for it may quote the address.

# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # what is set here, and what common.sh sets

. "$kit/scripts/lib/devdb.sh"

# A trace (sh -x) would print the address.
{ set +x; } 2>/dev/null

TAB=$(printf '\t')
database_temporary=''

# database_open: set ATLAS_MAKE_URL.
database_open() {
	need_tmp
	if [ -n "${DATABASE_URL-}" ]; then
		database_url_ok
		where=${DATABASE_URL#*://}
		where=${where%%\?*}
		where=${where##*@}
		database_url=$DATABASE_URL
		# Nobody waits two minutes for an address that does not answer.
		url_with database_url connect_timeout 10 keep
	else
		database_temporary=1
		where='the temporary database'
		devdb_choose
		case $devdb_how in
		url) die 'set DATABASE_URL: DEV_URL names the one temporary database there is, and Atlas needs that for itself' ;;
		# Atlas's own container lives for one command only; with an
		# initialisation it is ours and stays.
		docker) [ -n "$DEV_DB_INIT" ] || DEV_DB_INIT=/dev/null ;;
		esac
		devdb_start
		devdb_wait
		devdb_url dev_apply
		database_url=$DEV_URL
	fi
	ATLAS_MAKE_URL=$database_url
	export ATLAS_MAKE_URL
}

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

# A --url among the arguments stands.
database() {
	local group="$1" verb="$2"
	shift 2
	atlas_exec "$group" "$verb" --url env:ATLAS_MAKE_URL --dev-url env:DEV_URL "$@"
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

# database_dev: the temporary server, for Atlas to think in beside DATABASE_URL.
database_dev() {
	[ -z "$database_temporary" ] || return 0
	devdb_start
	devdb_wait
}

# --- where it stands ---------------------------------------------------------

# The rows of Atlas's table, as mstate(1) wants them.
# shellcheck disable=SC2016
state_template='{{ range .Applied }}{{ printf "%q" .Version }}	{{ printf "%q" .Description }}	{{ printf "%d" .Type }}	{{ .Applied }}	{{ .Total }}	{{ len .PartialHashes }}	{{ .Hash }}	{{ .ExecutedAt.UTC.Format "2006-01-02 15:04:05 UTC" }}	{{ printf "%q" .Error }}	{{ printf "%q" .ErrorStmt }}
{{ end }}whole
'

# database_status DIR: Atlas's status for DIR into $tmp/rows and $tmp/status.err.
database_status() {
	run database migrate status --dir "file://$1" --revisions-schema "$REVISIONS_SCHEMA" \
		--format "$state_template" >"$tmp/rows.said" 2>"$tmp/status.err" || return
	# What was cut short, or never said, is no state.
	awk '$0 == "whole" { whole = 1; next }
		NF { whole = 0; print }
		END { exit !whole }' "$tmp/rows.said" >"$tmp/rows" || die "$where: Atlas did not say which migrations are in it"
}

# database_refused_settings: a proxy (RDS Proxy, PgBouncer) took offence at a
# setting in the address.
database_refused_settings() {
	grep -Eiq 'unsupported startup parameter|support command-line options|feature not supported' "$1"
}

# database_state: where the database stands, by mstate(1). Exits when it cannot
# be asked.
#
# $tmp/state, a line a version in order:
#   version, file, state, executed at, statements applied, of, error, statement
# with - for what is not there; the states are mstate's.
# Variables: state_word (one of: up-to-date behind ahead diverged partial
# unmanaged), n_files n_applied n_pending n_partial n_order n_edited n_renamed
# n_ahead n_gone n_revs, current, and edited, the first file that is not what was
# applied. $tmp/rows and database_dirty are what mstate was given.
database_state() {
	local f rc stub
	"$bin/mhash" -c "$MIGRATIONS" >"$tmp/hash.out" 2>"$tmp/hash.err" || {
		sed 's/^/  /' "$tmp/hash.out" "$tmp/hash.err" | fit >&2
		die "$MIGRATIONS does not match its atlas.sum: if that was meant: make hash-migrations; after a merge: make rebase-migrations"
	}
	for f in "$MIGRATIONS"/*.sql; do
		[ ! -f "$f" ] || printf '%s\n' "${f##*/}"
	done >"$tmp/files"

	rc=0
	database_status "$MIGRATIONS" || rc=$?
	if [ "$rc" -ne 0 ] && [ "$ATLAS_MAKE_URL" != "$database_url" ] && database_refused_settings "$tmp/status.err"; then
		warn "a proxy takes no settings when a session begins: going on without lock_timeout; there ALTER ROLE ... SET lock_timeout sets it"
		ATLAS_MAKE_URL=$database_url
		rc=0
		database_status "$MIGRATIONS" || rc=$?
	fi
	if [ "$rc" -ne 0 ]; then
		if grep -q 'database is not clean' "$tmp/status.err"; then
			# Tables, and no revision yet.
			: >"$tmp/rows"
		else
			# Of a revision that is applied in part and has no file here Atlas
			# speaks only to a directory that has such a file.
			stub=$(sed -n 's/.*missing migration: revision "\([^"/]*\)".*/\1/p' "$tmp/status.err" | sed 's/ (.*//; s/\.sql$//')
			[ -n "$stub" ] || die "$(database_error "$tmp/status.err")$(database_hint "$tmp/status.err")"
			mkdir -p "$tmp/stub"
			echo '-- stands for a file that is not here' >"$tmp/stub/$stub.sql"
			"$bin/mhash" -w "$tmp/stub" || exit 2
			database_status "$tmp/stub" || die "$(database_error "$tmp/status.err")"
		fi
	fi
	database_dirty=''
	[ -s "$tmp/rows" ] || database_empty || database_dirty=-d
	database_judge
}

# database_judge [-b VERSION]: set the variables from $tmp/rows.
database_judge() {
	case $EXEC_ORDER in
	linear) ;;
	non-linear) set -- -a "$@" ;;
	*) die "EXEC_ORDER=$EXEC_ORDER: linear or non-linear" ;;
	esac
	# Its exit code says no more than its word does; without a word it failed.
	# shellcheck disable=SC2086 # an option, or none
	"$bin/mstate" -t $database_dirty "$@" "$MIGRATIONS" <"$tmp/rows" >"$tmp/mstate" 2>"$tmp/mstate.err" || :
	[ -s "$tmp/mstate" ] || die "$(sed 's/^mstate: //' "$tmp/mstate.err")"
	IFS=$TAB read -r state_word n_files n_applied n_pending n_partial n_order n_edited n_renamed n_ahead n_gone \
		n_revs current edited <"$tmp/mstate"
	[ "$current" != - ] || current=''
	[ "$edited" != - ] || edited=''
	awk -F '\t' -v OFS='\t' 'NR > 1 { print $2, $3, $1, $4, $5, $6, $7, $8 }' "$tmp/mstate" >"$tmp/state"
}

# database_empty: no table in it but Atlas's own, and those of extensions.
database_empty() {
	run database_tables >"$tmp/tables" 2>"$tmp/tables.err" ||
		die "$where: cannot be asked for its tables: $(database_error "$tmp/tables.err")"
	[ ! -s "$tmp/tables" ]
}
# As for Atlas, a search_path in the address is all there is.
database_tables() {
	local database_path=''
	[ -n "$database_temporary" ] || pg_clients ||
		die "no psql here: run 'make install'"
	database_env
	"$psql_bin" -XAtqw -v ON_ERROR_STOP=1 -v "path=$database_path" <<-'END'
		SELECT format('%I.%I', nspname, relname)
		FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = relnamespace
		WHERE relkind IN ('r', 'p') AND relname <> 'atlas_schema_revisions'
			AND nspname !~ '^pg_' AND nspname <> 'information_schema' AND :'path' IN ('', nspname)
			AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass
				AND d.objid = c.oid AND d.deptype = 'e');
	END
}

# database_baseline: a database that was never managed counts from BASELINE on
# as one that is. Sets baseline_flags.
database_baseline() {
	baseline_flags=''
	[ -n "$BASELINE" ] || return 0
	[ "$n_revs" -eq 0 ] || {
		warn "BASELINE is left alone: the database is managed, at version $current"
		return 0
	}
	if [ "$BASELINE" = none ]; then
		baseline_flags=--allow-dirty
	else
		cut -f 1 "$tmp/state" | grep -Fqx -- "$BASELINE" ||
			die "BASELINE=$BASELINE: no migration of that version in $MIGRATIONS"
		baseline_flags="--baseline $BASELINE"
		database_judge -b "$BASELINE"
	fi
	state_word=behind
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
