# schemas.sh - sourced: the schemas in play.
#
#   schemas_exist LISTING...     each of them is in one of these listings, or die
#   no_schema_selected FILE...   do these say that SQL without a schema's name had
#                                none to go to?
#   make_schema [DB]             make the one schema in play, if it is not there, in the
#                                database that libpq's environment names, or in DB there
#
# With one schema in play its name is left out of the SQL: the target has it
# before the first migration, whatever it is called there. The models may make it
# themselves, or not.

# shellcheck shell=sh
# shellcheck disable=SC2154 # the knobs

no_schema_selected() { grep -q 'no schema has been selected to create in' "$@"; }
make_schema() {
	case $DEV_SCHEMAS in *' '* | public | '') return 0 ;; esac
	run make_schema_psql "$@" >/dev/null || die "cannot make the schema '$DEV_SCHEMAS'"
}
make_schema_psql() {
	exec "$psql_bin" -XAtqw -v ON_ERROR_STOP=1 -v name="$DEV_SCHEMAS" ${1:+-d "$1"} <<-'END'
		SET client_min_messages = error;
		CREATE SCHEMA IF NOT EXISTS :"name";
	END
}

# A name with a slip of the pen would leave nothing to compare, and all would be
# well.
schemas_exist() {
	local s
	for s in $DEV_SCHEMAS; do
		awk -F '\t' -v s="$s" '
			BEGIN { q = s; gsub(/"/, "\"\"", q); q = "\"" q "\"" }
			$1 == "schema" && ($2 == s || $2 == q) { found = 1; exit }
			END { exit !found }' "$@" ||
			die "DEV_SCHEMAS: there is no schema '$s': neither the models nor the migrations make it; fix: correct DEV_SCHEMAS in atlas-make.mk"
	done
}
