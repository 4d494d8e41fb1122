#!/bin/sh
# have.sh OUT DIR [N] - make the database that DIR's migrations describe, and list
# it; with N, its first N migrations, or the next N, and no listing.
#
# in:   the database: libpq's environment for psql, DEV_URL for Atlas
#       kept_n      [0] how many of the first migrations the database has; with none it
#                   is empty
#       kept_needs  with kept_n, the file OUT/needs of the run that applied those
# out:  OUT/listing; with DEV_DB_INIT, OUT/needs: a line of words, what that had made
#       before the first migration; where a migration does not apply, OUT/apply.json,
#       which is Atlas's report, or lines on stdout of place, what is wrong and what
#       fixes it, with tabs between
# exit: 0 made and listed, 1 a migration does not apply, 2 could not
#
# Files are applied the way the deploy applies them, in the same transactions:
# a CONCURRENTLY that fails at the deploy fails here.
set -eu
. "${0%/*}/../lib/common.sh"
. "$kit/scripts/lib/atlas.sh"
. "$kit/scripts/lib/catalog.sh"
. "$kit/scripts/lib/schemas.sh"

out=$1 dir=$2 n=${3-} tmp=$1 tmp_given=1
# The schema of the revisions has this name here, whatever it has in the target.
REVISIONS_SCHEMA=atlas_schema_revisions
# needs: what DEV_DB_INIT has made; in a subshell, which becomes psql.
needs() {
	exec "$psql_bin" -XAtqw -v ON_ERROR_STOP=1 <<-'END'
		SELECT string_agg(what, ', ' ORDER BY what) FROM (
			SELECT 'extension ' || extname FROM pg_catalog.pg_extension WHERE extname <> 'plpgsql'
			UNION ALL SELECT 'role ' || rolname FROM pg_catalog.pg_roles
			WHERE oid >= 16384 AND NOT rolsuper AND rolname <> current_user
			UNION ALL SELECT 'schema ' || nspname FROM pg_catalog.pg_namespace
			WHERE oid >= 16384 AND nspname !~ '^pg_' AND nspname <> current_setting('search_path')) AS made(what);
	END
}
atlas_need
if [ "${kept_n:-0}" -gt 0 ]; then
	cp "${kept_needs:?}" "$out/needs" || die "cannot read $kept_needs"
else
	make_schema
	[ -z "$DEV_DB_INIT" ] || run needs >"$out/needs" || die 'cannot ask what DEV_DB_INIT has made'
fi
rc=0
set -- ${n:+"$n"}
atlas migrate apply "$@" --url env:DEV_URL --dir "file://$dir" --revisions-schema atlas_schema_revisions \
	--format '{{ json . }}' >"$out/apply.json" 2>"$out/apply.err" || rc=$?
if [ "$rc" -ne 0 ]; then
	# A file that failed is in the report. What fails before has no report.
	arc=0
	"$bin/atlasjson" -d "$MIGRATIONS" "$out/apply.json" >/dev/null 2>&1 || arc=$?
	[ "$arc" -ne 1 ] || answer 1
	rm -f "$out/apply.json"
	# The engine's 1 is an honest no, of the directory as a whole.
	if [ -z "$atlas_cli" ] && [ "$rc" -eq 1 ] && [ -s "$out/apply.err" ]; then
		printf '%s\t%s\t%s\n' "$MIGRATIONS" "$(atlas_error "$out/apply.err")" 'correct it, then: make hash-migrations'
		answer 1
	fi
	die "$MIGRATIONS: the migrations could not be applied: $(atlas_error "$out/apply.err")"
fi
[ -s "$out/apply.json" ] || die "$MIGRATIONS: Atlas reported nothing of what it applied: that is no answer"
[ $# -eq 0 ] || exit 0
catalog_list "$out/listing"
