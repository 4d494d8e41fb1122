# database_state.sh - sourced by database.sh: which migrations are in the database.
#
#   database_state      compare it with MIGRATIONS: $tmp/state and the variables named
#                       below
#   database_judge      the same of the rows that are in $tmp/rows
#   database_baseline   count from BASELINE on

# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # what is set here, and what common.sh sets

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
	exec "$psql_bin" -XAtqw -v ON_ERROR_STOP=1 -v "path=$database_path" <<-'END'
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
