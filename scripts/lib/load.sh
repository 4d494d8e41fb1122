# load.sh - sourced: load the rendered schema into an empty database, by psql.
#
#   load_schema [LISTING]  load it into the database that libpq's environment names; with
#                          LISTING list what came of it there (catalog.sh), in the same
#                          session. Where PostgreSQL refuses the schema, print a line:
#                          WHERE, WHAT and REMEDY with tabs between (WHERE is file and
#                          line), and return 1. Or die: no connection, no psql
#
# variables: schema_file  what render_schema.sh made, and its map beside it
#            DEV_SCHEMAS  the schemas in play; one alone is the search_path
#            psql_bin     psql
#            tmp          a directory for what is needed on the way
#            load_fresh   [empty] a function that gives an empty database once more
#            bin          where sqlflat is
#            ATLAS        only for Atlas HCL: the vendor's CLI, and DEV_URL is the
#                         database's address for it
#
# The schema is loaded in one transaction where that is possible and quicker, else
# statement by statement: the database is to be thrown away when that fails. Where nothing
# of a failure stays, up to twenty statements are sent at once first: what is wrong, and
# on which line, one by one says.
#
# The text may come from a pull request. psql reads it in its restricted mode:
# no backslash command in it is obeyed, whatever the text does to be read otherwise.

# written by both: load_fresh

# shellcheck shell=sh
# shellcheck disable=SC2154 # the caller's

# load_hcl: only the vendor's CLI reads it.
load_hcl() {
	local rc=0
	[ -n "${ATLAS-}" ] || die "SCHEMA: '$schema_file' is Atlas HCL, which the vendor's CLI alone reads; fix: set ATLAS to that binary, or keep the schema as SQL: atlas schema inspect --url file://$schema_file --dev-url URL --format '{{ sql . }}' >schema.sql"
	export DEV_URL="${DEV_URL:?}"
	# The address comes from the environment, for it may hold a password.
	printf 'env "load" {\n  url = getenv("DEV_URL")\n}\n' >"$tmp/atlas.hcl" || die "cannot write $tmp: is the disk full?"
	run "$ATLAS" schema apply --auto-approve --config "file://$tmp/atlas.hcl" --env load \
		--to "file://$PWD/$schema_file" >"$tmp/load.out" 2>"$tmp/load.err" || rc=$?
	[ "$rc" -ne 0 ] || return 0
	printf '%s\t%s\t\n' "$schema_file" "$(awk 'NF { sub(/^Error: /, ""); printf "%s%s", n++ ? " " : "", $0 }' "$tmp/load.err")"
	return 1
}

# load_scripts: write what psql reads before the schema, and after it. They begin and end
# a transaction where load_begin is set.
load_scripts() {
	local x key=''
	for x in $(od -A n -N 24 -t x1 /dev/urandom); do key=$key$x; done
	[ "${#key}" -eq 48 ] || die 'cannot read /dev/urandom'
	# What a database or a role sets for itself must not change what is read. Half of this
	# would leave the text unrestricted.
	{
		echo 'SET standard_conforming_strings = on;' &&
			case $DEV_SCHEMAS in
			*' '*) ;;
			*) printf 'SET search_path = "%s";\n' "$DEV_SCHEMAS" ;;
			esac &&
			printf '%s\n\\o /dev/null\n\\restrict %s\n' "$load_begin" "$key"
	} >"$tmp/first.sql" && printf '\\unrestrict %s\n%s\n' "$key" "${load_begin:+COMMIT;}" >"$tmp/last.sql" ||
		die "cannot write $tmp: is the disk full?"
}

# load_psql FILE LISTING: in a subshell, which becomes psql. Variables of psql's would be
# taken for those in the schema's own text (a[1:name]): what comes after it asks the
# environment.
load_psql() {
	local text="$1" listing="$2"
	set -- -XAtqw -v ON_ERROR_STOP=1 -v VERBOSITY=verbose -f "$tmp/first.sql" -f "$text" \
		-f "$tmp/last.sql" -f "$kit"/scripts/lib/load_end.sql
	if [ -n "$listing" ]; then
		catalog_environment
		set -- "$@" -f "$kit"/scripts/lib/catalog.sql
	fi
	unset load_make
	case $DEV_SCHEMAS in *' '* | public | '') ;; *) export load_make="$DEV_SCHEMAS" ;; esac
	export PGOPTIONS="${PGOPTIONS-} -c client_min_messages=error" PGAPPNAME="$prog"
	exec "$psql_bin" "$@" >"${listing:-/dev/null}" 2>"$tmp/load.err" </dev/null
}

# load_said LISTING: what psql said when it broke off, as the line of a refusal.
load_said() {
	local line
	# Before the error the text may have made notices.
	line=$(grep -m 1 -E '^psql:.*: (ERROR|FATAL|PANIC|error): ' "$tmp/load.err") || IFS= read -r line <"$tmp/load.err" || line=''
	case $line in
	"psql:$tmp/first.sql:"*'invalid command'*) die "$("$psql_bin" -V) is too old to load a schema safely; fix: use PostgreSQL's client programs 14.19, 15.14, 16.10, 17.6 or later" ;;
	"psql:$schema_file:"* | "psql:$tmp/last.sql:"* | "psql:$tmp/first.sql:"*) ;;
	*) [ -z "$1" ] || die "the database $PGDATABASE cannot be listed: $line" ;;
	esac
	awk -F '\t' -v map="$load_map" -v file="$schema_file" -v end="$tmp/last.sql" -v major="${PG_MAJOR-}" \
		-f "$kit"/scripts/lib/load_error.awk "$tmp/load.err" || die "psql: $line"
	return 1
}

# load_batches LISTING: load it twenty statements at a time; return other than 0 where that
# is not done, or failed: then nothing of it is left.
load_fresh=''
load_batches() {
	[ "$size" -gt 20000 ] && [ -n "$load_begin$load_fresh" ] || return 1
	"$bin/sqlflat" -b 20 "$schema_file" >"$tmp/batches.sql" 2>"$tmp/load.err" || return 1
	! run load_psql "$tmp/batches.sql" "$1" || return 0
	[ -n "$load_begin" ] || $load_fresh
	return 1
}

load_schema() {
	local listing="${1-}" load_begin='BEGIN;' rc=0 size
	case $schema_file in
	*.hcl)
		load_hcl || return
		make_schema
		[ -z "$listing" ] || catalog_list "$listing"
		return 0
		;;
	esac
	[ -r "$schema_file" ] || die "cannot read '$schema_file': run 'make render-schema'"
	load_map=${schema_file%.sql}.map
	[ -r "$load_map" ] || die "cannot read '$load_map': run 'make render-schema'"
	command -v "$psql_bin" >/dev/null || die "no psql at '$psql_bin': run 'make install'"
	# After each statement PostgreSQL looks through all locks of its transaction: from some
	# two hundred tables on, a transaction for each statement is faster. But a schema that is
	# refused because the one schema in play is not there yet is loaded once more, into the
	# same database: there one transaction leaves nothing behind.
	size=$(wc -c <"$schema_file")
	case $DEV_SCHEMAS in
	public | *' '*) [ "$size" -le 100000 ] || load_begin='' ;;
	esac
	load_scripts
	load_batches "$listing" || run load_psql "$schema_file" "$listing" || rc=$?
	if [ "$rc" -eq 3 ] && [ -n "$load_begin" ]; then
		# What PostgreSQL cannot do in a transaction, or only after one: CONCURRENTLY, an
		# enum's new value that is used; too many locks for one.
		case $(grep -m 1 -E ': (ERROR|FATAL): ' "$tmp/load.err") in
		"psql:$schema_file:"*':  25001: '* | "psql:$schema_file:"*':  55P04: '* | "psql:$schema_file:"*':  53200: '*)
			load_begin='' rc=0
			load_scripts
			run load_psql "$schema_file" "$listing" || rc=$?
			;;
		esac
	fi
	case $rc in
	0)
		[ -z "$listing" ] || catalog_whole "$listing" || die "the database $PGDATABASE cannot be listed: it was cut short"
		return 0
		;;
	3) load_said "$listing" ;;
	*) die "psql: $(awk 'NF && n < 3 { sub(/^psql: (error: )?/, ""); printf "%s%s", n++ ? " " : "", $0 }' "$tmp/load.err")" ;;
	esac
}
