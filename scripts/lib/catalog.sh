# catalog.sh - sourced: list what a database holds, and compare two listings.
#
#   catalog_list FILE             write the listing of the database that libpq's
#                                 environment names into FILE, or die
#   catalog_read FILE [ARG...]    likewise, of any database: ARG are psql's, such
#                                 as -d URL. Return 2 when it could not be read
#                                 to its end; what psql said is in FILE.err then
#   catalog_compare WANT HAVE FILE [ARG...]
#                                 what differs between two listings as findings in
#                                 FILE, for atlasjson; ARG are catdiff's. Return
#                                 0 nothing does, 1 something, 2 could not
#
# variables: psql_bin          [psql]
#            bin               where catdiff is
#            DEV_SCHEMAS       the schemas in play; of one the name is left out
#            catalog_grants    [empty] 1: privileges too
#            catalog_owners    [empty] 1: owners too
#            catalog_edges     [empty] 1: what depends on what, too
#            REVISIONS_SCHEMA  where Atlas keeps its revisions
#            COMPARE_EXCLUDE   names and patterns of what is not compared
#            levels            [empty] of lint.levels: CODE=LEVEL ...
#            catalog_remedy    [make create-migrations NAME=what_changed] what each
#                              finding's help names

# In a job, job_signals comes first (jobs.sh).
#
# written by both: catalog_edges

# shellcheck shell=sh
# shellcheck disable=SC2154 # bin is the caller's

# A database that does not answer is no reason to wait for ever.
export PGCONNECT_TIMEOUT="${PGCONNECT_TIMEOUT:-10}"

catalog_one() {
	catalog_schema=''
	case ${DEV_SCHEMAS-} in
	*' '*) ;;
	*) catalog_schema=${DEV_SCHEMAS-} ;;
	esac
}

# catalog_environment: in a subshell, the variables of catalog.sql for load_end.sql.
catalog_environment() {
	catalog_one
	export catalog_schema catalog_grants="${catalog_grants:-0}" catalog_owners="${catalog_owners:-0}" \
		catalog_edges="${catalog_edges:-0}" REVISIONS_SCHEMA="${REVISIONS_SCHEMA:-atlas_schema_revisions}"
}
catalog_whole() { [ "$(tail -n 1 "$1")" = '\.' ]; }

catalog_read() {
	local file="$1" rc=0 catalog_schema=''
	shift
	catalog_one
	run "${psql_bin:-psql}" -XAtqw -v ON_ERROR_STOP=1 \
		-v "schema=$catalog_schema" -v "grants=${catalog_grants:-0}" -v "owners=${catalog_owners:-0}" -v "edges=${catalog_edges:-0}" \
		-v "revisions=${REVISIONS_SCHEMA:-atlas_schema_revisions}" \
		-f "$kit"/scripts/lib/catalog.sql "$@" >"$file" 2>"$file.err" </dev/null || rc=$?
	[ "$rc" -ne 0 ] || ! catalog_whole "$file" || return 0
	[ -s "$file.err" ] || echo 'the listing was cut short' >"$file.err"
	return 2
}

catalog_list() {
	catalog_read "$1" || die "the database $PGDATABASE cannot be listed: $(sed -n 1p "$1.err")"
}

catalog_compare() {
	local want="$1" have="$2" file="$3" rc=0 x catalog_schema=''
	shift 3
	catalog_one
	# No pattern here is the name of a file.
	set -f
	for x in ${COMPARE_EXCLUDE-}; do set -- -e "$x" "$@"; done
	set +f
	"$bin/catdiff" -c "${levels-}" -s "$catalog_schema" -r "${catalog_remedy:-make create-migrations NAME=what_changed}" \
		"$@" "$want" "$have" >"$file" || rc=$?
	# Of equal listings it says so, too.
	[ -s "$file" ] || return 2
	case $rc in
	0 | 1) return "$rc" ;;
	*) return 2 ;;
	esac
}
