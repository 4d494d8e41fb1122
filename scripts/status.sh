#!/bin/sh
# status.sh [-aj] - where does a database stand against the migrations here?
#
# The database is DATABASE_URL (environment); without it a temporary, empty
# one. A table for people; -a shows every migration, not just the last ones
# applied; -j prints one JSON object instead. Nothing is written to the
# database. Exit 0 up to date (or ahead: every file here is applied), 1 files
# are pending, 2 trouble: partial, sideways, never managed, or it could not be
# asked.
set -eu
. "${0%/*}/lib/common.sh"
. scripts/lib/atlas.sh

usage() {
	echo 'usage: status.sh [-aj]' >&2
	exit 2
}
all='' json=''
while getopts :aj o; do
	case $o in
	a) all=1 ;;
	j) json=1 ;;
	*) usage ;;
	esac
done
[ $# -lt $OPTIND ] || usage
need_project migrations
[ -d "$MIGRATIONS" ] || die "MIGRATIONS: no directory '$MIGRATIONS'"
atlas_need
. scripts/lib/database.sh
database_open
database_state

case $state_word in
up-to-date | ahead) rc=0 ;;
behind) rc=1 ;;
*) rc=2 ;;
esac

if [ -n "$json" ]; then
	awk -F '\t' -v where="$where" -v word="$state_word" -v current="$current" -v edited="$edited" '
		function q(s) { gsub(/\\/, "\\\\", s); gsub(/"/, "\\\"", s); return "\"" s "\"" }
		BEGIN { printf "{\"State\":%s,\"Database\":%s,\"Current\":%s,\"Edited\":%s,\"Migrations\":[", q(word), q(where), q(current), q(edited) }
		{
			printf "%s{\"Version\":%s,\"File\":%s,\"State\":%s", (NR > 1 ? "," : ""), q($1), ($2 == "-" ? "null" : q($2)), q($3)
			if ($4 != "-") printf ",\"ExecutedAt\":%s,\"Applied\":%d,\"Total\":%d", q($4 " UTC"), $5, $6
			if ($7 != "\"\"") printf ",\"Error\":%s,\"ErrorStmt\":%s", $7, $8
			printf "}"
		}
		END { print "]}" }' "$tmp/state"
	answer "$rc"
fi

# Of many that are plainly applied the last three are enough.
say "database: $where"
say "migrations: $MIGRATIONS"
awk -F '\t' -v all="$all" '
	function plain(s) { return s == "applied" || s == "covered" }
	function text(s) {
		s = substr(s, 2, length(s) - 2); gsub(/\\n/, " ", s); gsub(/\\t/, " ", s); gsub(/\\"/, "\"", s)
		gsub(/\\u003c/, "<", s); gsub(/\\u003e/, ">", s); gsub(/\\u0026/, "\\&", s); gsub(/\\\\/, "\\", s)
		return s
	}
	{ l[NR] = $0; s[NR] = $3; f[NR] = $2 == "-" ? $1 : $2; if (length(f[NR]) > w) w = length(f[NR]) }
	END {
		while (from < NR && plain(s[from + 1])) from++
		from = all == "" && from > 4 ? from - 3 : 0
		if (from) printf "  %d earlier ones, applied\n", from
		for (i = from + 1; i <= NR; i++) {
			split(l[i], c, "\t")
			what = c[3]
			if (what == "covered") what = "before the baseline"
			else if (what == "set") what = "set by hand"
			else if (what == "out-of-order") what = "out of order: not applied, but later ones are"
			else if (what == "ahead") what = "ahead: applied, not in this directory"
			else if (what == "gone") what = "applied, but its file is not in this directory"
			else if (what == "partial") what = c[5] " of " c[6] " statements applied"
			printf "  %-" w "s  %s%s\n", f[i], what, c[4] == "-" || what == "before the baseline" ? "" : ", " c[4] " UTC"
			if (c[7] != "\"\"") printf "    %s\n", text(c[7])
			if (c[8] != "\"\"") printf "    in: %.200s\n", text(c[8])
		}
	}' "$tmp/state"

[ -z "$edited" ] ||
	say "note: $edited (or a file before it) is not what was applied: it was edited since; databases may differ"
case $state_word in
up-to-date) say "up to date: all $n_files applied" ;;
behind) say "behind: $n_pending of $n_files pending; make plan shows what they do, make apply applies them" ;;
ahead) say "ahead by $n_ahead: all $n_files here are applied, and later ones besides" ;;
unmanaged) say "never managed: it has tables, but no migration was ever applied; if they are those of a migration here: make apply BASELINE=its version (make drift compares)" ;;
partial) say "partial: a migration stopped in the middle; mend the file from the failed statement on, then: make hash-migrations, make apply (it goes on there)" ;;
sideways)
	[ "$n_gone" -eq 0 ] || say "sideways: $n_gone applied without a file here: renamed or removed after it was applied; bring the file back"
	[ "$n_ahead" -eq 0 ] || say "sideways: $n_ahead applied that are not here, and $((n_pending + n_order)) here not applied: another branch was applied; merge it first"
	[ "$n_order" -eq 0 ] || say "sideways: $n_order out of order: give it a later version, make rebase-migrations BASE=the branch that was applied"
	;;
esac
answer "$rc"
