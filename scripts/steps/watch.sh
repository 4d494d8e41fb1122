#!/bin/sh
# watch.sh OUT DIR NEW [OLD] - run new migrations, and say what PostgreSQL did.
#
# in:   NEW, a file with the names of DIR's new migrations, in order; OLD, one
#       with those that come before them, when the database has none of them yet;
#       the database by libpq's environment, which is used up; psql_bin
# out:  OUT/watch.json, findings for atlasjson; OUT/notes, what each statement did:
#       file, line, words, see watchlint(1)
# exit: 0 all was looked at, whatever was found; 2 could not
#
# The migrations run statement by statement, in the transactions that the deploy uses. An
# ordinary role is enough, and nothing of ours is left in the database.
set -eu
. "${0%/*}/../lib/common.sh"

[ $# -eq 3 ] || [ $# -eq 4 ] || {
	echo 'usage: watch.sh out directory new [old]' >&2
	exit 2
}
out=$1 dir=$2 new=$3 old=${4-} tmp=$1 tmp_given=1
[ -d "$out" ] || mkdir -p "$out" || die "cannot make $out"
rm -f "$out/watch.json" "$out/notes"

# Each line of our own output starts with this mark, which a migration cannot know.
mark=w
for x in $(od -An -N 8 -t x1 /dev/urandom); do mark=$mark$x; done
[ "${#mark}" -eq 17 ] || die 'cannot read /dev/urandom'
PGCLIENTENCODING=UTF8 PGAPPNAME=atlas-make
# Compiling our queries takes longer than running them, and so does planning them
# again each time. A lock that nobody gives back is no reason to wait for ever.
PGOPTIONS="${PGOPTIONS-} -c jit=off -c plan_cache_mode=force_generic_plan -c lock_timeout=60s"
export PGCLIENTENCODING PGAPPNAME PGOPTIONS

# From 15 on psql prints what each of several statements in one message gives. It is
# never older than PG_MAJOR; to ask takes 5 ms.
joined=-j
if [ "${PG_MAJOR:-0}" -lt 15 ]; then
	case $("${psql_bin:-psql}" --version 2>/dev/null) in
	*" 9."* | *" 1"[0-4].*) joined='' ;;
	esac
fi

# watch LIST [-q]: run the files in it, and put the findings into watch.json.new;
# return 1 where there is an error among them.
watch() {
	local list="$1" f rc=0
	shift
	while IFS= read -r f; do set -- "$@" "$dir/$f"; done <"$list"
	"$bin/watchlint" -s ${joined:+"$joined"} -m "$mark" -i "$kit"/scripts/lib/watch.sql "$@" >"$out/script" || exit 2
	run "${psql_bin:-psql}" -X -w -f "$out/script" >"$out/facts" 2>"$out/said" </dev/null || rc=$?
	# 1 and 2 stand for a connection that was never made, or was lost.
	case $rc in
	0 | 3) ;;
	127) die "psql is missing: run 'make install'" ;;
	*) die "psql ended with $rc: $(tail -n 1 "$out/said")" ;;
	esac
	rc=0
	"$bin/watchlint" -m "$mark" -o "$out/facts" -e "$out/said" -d "$MIGRATIONS" \
		-n "${NAMING-}" -b "${BIG_TABLES-}" -p "$out/notes" "$@" \
		>"$out/watch.json.new" || rc=$?
	[ "$rc" -le 1 ] || exit 2
	return "$rc"
}

if [ -n "$old" ] && [ -s "$old" ]; then
	# One of the old ones does not run: then the new ones cannot be looked at,
	# and the report says so.
	watch "$old" -q || {
		mv "$out/watch.json.new" "$out/watch.json"
		exit 0
	}
fi
if [ -s "$new" ]; then
	watch "$new" || :
else
	echo '{"watched":[],"findings":[]}' >"$out/watch.json.new"
fi
mv "$out/watch.json.new" "$out/watch.json"
