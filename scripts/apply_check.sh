#!/bin/sh
# apply_check.sh DIR - do DIR's migrations apply, the way the deploy applies them?
#
# Runs `atlas migrate apply` with its own transaction rules on the empty
# database APPLY_URL (environment). Atlas's analysers replay files outside any
# transaction, so they cannot see a CONCURRENTLY that fails at deploy; this can.
# Exit 0 yes, 1 no (told on stdout; Atlas's own words go to the file APPLY_JSON,
# where one is named in the environment), 2 could not.
set -eu
. "${0%/*}/lib/common.sh"
. scripts/lib/atlas.sh

[ $# -eq 1 ] || {
	echo 'usage: apply_check.sh directory' >&2
	exit 2
}
dir=$1
[ -n "${APPLY_URL-}" ] || die 'APPLY_URL is not set'
atlas_need
need_tmp

rc=0
atlas migrate apply --url env:APPLY_URL --dir "file://$dir" --revisions-schema atlas_schema_revisions \
	--format '{{ json . }}' >"$tmp/apply.json" 2>"$tmp/apply.err" || rc=$?
[ "$rc" -ne 0 ] || exit 0
[ -z "${APPLY_JSON-}" ] || cp "$tmp/apply.json" "$APPLY_JSON"

arc=0
"$bin/atlasjson" -d "$MIGRATIONS" "$tmp/apply.json" >"$tmp/apply.txt" 2>/dev/null || arc=$?
if [ "$arc" -ne 1 ]; then
	# Failures before the first statement come without JSON.
	say "$MIGRATIONS: $(atlas_error "$tmp/apply.err")"
	answer 1
fi
# What went well before and what is left to do is no news here.
grep -v '^done  \|^pending ' "$tmp/apply.txt"
if grep -q 'cannot run inside a transaction block\|cannot be executed from a function' "$tmp/apply.txt"; then
	say "  mend: the first line of that file must be '-- atlas:txmode none', the second empty, and lines must end in LF, not CRLF; then: make hash-migrations"
else
	say "  mend: correct the file, then: make hash-migrations"
fi
answer 1
