# catalog.sh - sourced: what is in a database, and what differs between two.
#
#   catalog_list FILE             list the database that libpq's environment names
#   catalog_compare WANT HAVE OUT findings in OUT, for atlasjson; return 1 when
#                                 the two listings differ, 2 when it could not

# shellcheck shell=sh
# shellcheck disable=SC2154 # the caller's

catalog_list() {
	local one=''
	case $DEV_SCHEMAS in *' '*) ;; *) one=$DEV_SCHEMAS ;; esac
	run "$psql_bin" -XAtqw -v ON_ERROR_STOP=1 -v schema="$one" -f scripts/lib/catalog.sql >"$1" 2>"$1.err" ||
		die "the database $PGDATABASE cannot be listed: $(sed -n 1p "$1.err")"
}

catalog_compare() {
	local rc=0
	"$bin/catdiff" "$1" "$2" >"$3.lines" || rc=$?
	[ "$rc" -eq 1 ] || return "$rc"
	awk -v where="$MIGRATIONS" '{
		sign = substr($0, 1, 1); what = substr($0, 3)
		print "differs\t" where "\t" what ": " (sign == "+" ? "is in the models, and not in the migrations" : sign == "-" ? "is in the migrations, and not in the models" : "is another in the models than in the migrations") "\tmake create-migrations NAME=what_changed"
	}' "$3.lines" | awk -f scripts/lib/finding.awk -f scripts/check_findings.awk >"$3"
	return 1
}
