#!/bin/sh
# apply_check.sh DIR - do DIR's migrations apply, the way the deploy applies them?
#
# Runs `atlas migrate apply` with its own transaction rules on the empty
# database APPLY_URL (environment). Atlas's analysers replay files outside any
# transaction, so they cannot see a CONCURRENTLY that fails at deploy; this can.
# Exit 0 yes, 1 no (told on stdout; Atlas's own words go to the file APPLY_JSON,
# where one is named in the environment), 2 could not.
#
# Atlas looks at all that is applied before each file, so its time grows with
# the square of their number: of many, the plain ones are first tried fifty, or a
# fifth, at a time. What fails then is asked again, file by file, on a server of its own.
set -eu
. "${0%/*}/lib/common.sh"
. scripts/lib/atlas.sh

[ $# -eq 1 ] || {
	echo 'usage: apply_check.sh directory' >&2
	exit 2
}
dir=$1
[ -n "${APPLY_URL-}" ] || die 'APPLY_URL is not set'
: "${APPLY_JOIN:=100}"
atlas_need
need_tmp

# The address goes through atlas.hcl's env like every other: a configuration
# of our own, for this one command.
printf '%s\n' 'env "apply" {' '	url = getenv("APPLY_URL")' '	migration {' \
	'		revisions_schema = "atlas_schema_revisions"' '	}' '}' >"$tmp/apply.hcl"
# apply DIR: the exit code is Atlas's.
apply() {
	run "$atlas_bin" migrate apply --config "file://$tmp/apply.hcl" --env apply --dir "file://$1" \
		--format '{{ json . }}' >"$tmp/apply.json" 2>"$tmp/apply.err"
}

# many: there are so many that it pays, and their order is that of a glob.
many() {
	case ${APPLY_URL#*host=} in
	/*) ;;
	*) return 1 ;;
	esac
	set -- "$dir"/*.sql
	[ $# -ge "$APPLY_JOIN" ] || return 1
	most=$(($# / 5))
	[ "$most" -gt 50 ] || most=50
	for f do
		case ${f##*/} in [!0-9]*) return 1 ;; esac
	done
	for f in "$dir"/.*.sql; do
		[ ! -f "$f" ] || return 1
	done
}

if many; then
	mkdir "$tmp/joined"
	awk -f scripts/join_plain.awk -v out="$tmp/joined" -v most="$most" "$dir"/*.sql && "$bin/mhash" -w "$tmp/joined" || exit 2
	! apply "$tmp/joined" || exit 0
	. scripts/lib/devdb.sh
	unset DEV_URL # the caller's, not a given one
	devdb_start
	devdb_wait
	devdb_url dev_apply
	APPLY_URL=$DEV_URL
fi
rc=0
apply "$dir" || rc=$?
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
