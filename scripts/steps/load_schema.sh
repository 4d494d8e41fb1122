#!/bin/sh
# load_schema.sh - load the rendered schema into an empty database, by psql.
#
# in:   url          [libpq's environment] the database's address; a password is
#                    in PGPASSWORD or the like, never in it
#       schema_file  what render_schema.sh made, and schema_map beside it
#       schemas      [public] the schemas in play, words. One is the search_path
#       psql         [that in PATH]
#       load_tmp     [made and removed] a directory for what is needed on the way
#       ATLAS        only for Atlas HCL: the vendor's CLI, and LOAD_URL in the
#                    environment is the database's address for it
# out:  when PostgreSQL refuses the schema, a line on stdout: WHERE, WHAT and REMEDY
#       with tabs between; WHERE is file and line
# exit: 0 loaded; 1 PostgreSQL refuses it; 2 could not (no connection, no psql)
#
# The schema is loaded in one transaction where that is possible and quicker, else
# statement by statement: the database is to be thrown away when that fails.
#
# The text may come from a pull request. psql reads it in its restricted mode:
# no backslash command in it is obeyed, whatever the text does to be read otherwise.
set -eu
USAGE='load_schema.sh (see its first lines)'
. "${0%/*}/../lib/common.sh"
no_options "$@"
: "${schema_file:?}"
schemas=${schemas:-public} psql=${psql:-psql}
[ -z "${load_tmp-}" ] || tmp=$load_tmp tmp_given=1
need_tmp

# refused WHERE WHAT REMEDY: the honest no.
refused() {
	printf '%s\t%s\t%s\n' "$1" "$2" "$3"
	answer 1
}

# --- Atlas HCL: only the vendor's CLI reads it ---
case $schema_file in
*.hcl)
	[ -n "${ATLAS-}" ] || die "SCHEMA: '$schema_file' is Atlas HCL, which the vendor's CLI alone reads; fix: set ATLAS to that binary, or keep the schema as SQL: atlas schema inspect --url file://$schema_file --dev-url URL --format '{{ sql . }}' >schema.sql"
	: "${LOAD_URL:?}"
	export LOAD_URL
	# The address comes from the environment, for it may hold a password.
	printf 'env "load" {\n  url = getenv("LOAD_URL")\n}\n' >"$tmp/atlas.hcl"
	rc=0
	run "$ATLAS" schema apply --auto-approve --config "file://$tmp/atlas.hcl" --env load \
		--to "file://$PWD/$schema_file" >"$tmp/out" 2>"$tmp/err" || rc=$?
	[ "$rc" -eq 0 ] || refused "$schema_file" \
		"$(awk 'NF { sub(/^Error: /, ""); printf "%s%s", n++ ? " " : "", $0 }' "$tmp/err")" ''
	exit 0
	;;
esac

# --- by psql ---
[ -r "$schema_file" ] || die "cannot read '$schema_file': run 'make render-schema'"
schema_map=${schema_map:-${schema_file%.sql}.map}
[ -r "$schema_map" ] || die "cannot read '$schema_map': run 'make render-schema'"
command -v "$psql" >/dev/null || die "no psql at '$psql': run 'make install'"
key=''
for x in $(od -A n -N 24 -t x1 /dev/urandom); do key=$key$x; done
[ "${#key}" -eq 48 ] || die 'cannot read /dev/urandom'
{
	# What a database or a role sets for itself must not change what is read.
	echo 'SET standard_conforming_strings = on;'
	case $schemas in
	*' '*) ;;
	*) printf 'SET search_path = "%s";\n' "$schemas" ;;
	esac
	printf '\\restrict %s\n' "$key"
} >"$tmp/first.sql"

# load [-1]
load() {
	local rc=0
	run "$psql" -XqAtw "$@" -v ON_ERROR_STOP=1 -v VERBOSITY=verbose ${url:+-d "$url"} \
		-f "$tmp/first.sql" -f "$schema_file" >/dev/null 2>"$tmp/err" </dev/null || rc=$?
	return "$rc"
}
export PGOPTIONS="${PGOPTIONS-} -c client_min_messages=error" PGAPPNAME="$prog"
# After each statement PostgreSQL looks through all locks of its transaction: from some
# two hundred tables on, a transaction for each statement is faster. But a schema that is
# refused because the one schema in play is not there yet is loaded once more, into the
# same database: there one transaction leaves nothing behind.
one=-1
case $schemas in
public | *' '*) [ "$(wc -c <"$schema_file")" -le 100000 ] || one='' ;;
esac
rc=0
load $one || rc=$?
if [ "$rc" -eq 3 ] && [ -n "$one" ]; then
	# What PostgreSQL cannot do in a transaction, or only after one: CONCURRENTLY, an
	# enum's new value that is used; too many locks for one.
	case $(grep -m 1 -E ': (ERROR|FATAL): ' "$tmp/err") in
	*':  25001: '* | *':  55P04: '* | *':  53200: '*)
		rc=0
		load || rc=$?
		;;
	esac
fi
case $rc in
0) exit 0 ;;
3) ;;
*) die "psql: $(awk 'NF && n < 3 { sub(/^psql: (error: )?/, ""); printf "%s%s", n++ ? " " : "", $0 }' "$tmp/err")" ;;
esac
if grep -q '^psql:.*first\.sql:' "$tmp/err"; then
	case $(cat "$tmp/err") in
	*'invalid command'*) die "$("$psql" -V) is too old to load a schema safely; fix: use PostgreSQL's client programs 14.19, 15.14, 16.10, 17.6 or later" ;;
	*) die "psql: $(head -n 1 "$tmp/err")" ;;
	esac
fi
awk -F '\t' -v map="$schema_map" -v file="$schema_file" -v major="${PG_MAJOR-}" \
	-f "$kit"/scripts/lib/load_error.awk "$tmp/err" || die "psql: $(head -n 1 "$tmp/err")"
answer 1
