#!/bin/sh
# lint_migrations.sh [-o OUT | -p NOTES] [DIR] - lint the new migrations of DIR (MIGRATIONS).
#
# New is what was added since the merge base with LINT_BASE, else the LINT_LATEST newest
# files. PostgreSQL runs them, and is asked after each statement what it did; what
# git and the names say, and squawk's rules of style, go into the same report.
# What is an error is said in lint.levels. The findings are kept for
# lint_report.sh. Atlas's analysers are asked beside that, if it is here.
#
# -p: what each statement did goes into the file NOTES, see steps/watch.sh.
# -o: no report; only put what was found into the directory OUT, from which the caller
# makes the report: own.json, squawk.json and perhaps atlas.json. Temporary files lie
# there, too; the caller clears them away. A file "looked" there says that new_files.sh
# has put in what it has. Then libpq's environment names a database, empty or with kept_n
# of the first migrations, and psql_bin is set; atlas_lint_empty may name another on that
# server, and lint_in_turn=1 asks the analysers when PostgreSQL has run the files, not
# meanwhile. Without -o a server is started.
#
# Exit 0 clean or warnings, 1 errors, 2 could not.
set -eu
. "${0%/*}/lib/common.sh"
. "$kit/scripts/lib/atlas.sh"
. "$kit/scripts/lib/lint.sh"
. "$kit/scripts/lib/schemas.sh"
. "$kit/scripts/lib/atlas_lint.sh"

usage() {
	echo 'usage: lint_migrations.sh [-o out | -p notes] [directory]' >&2
	exit 2
}
out='' notes=''
while getopts o:p: o; do
	case $o in
	p) notes=$OPTARG ;;
	o) out=$OPTARG tmp=$OPTARG tmp_given=1 ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
[ $# -le 1 ] || usage
need_project migrations
dir=${1:-$MIGRATIONS}
[ -d "$dir" ] || die "no directory '$dir'"
case $ATLAS_LINT in '' | 0) ;; *) atlas_need ;; esac
need_tmp
report=''
if [ -z "$out" ]; then
	report=1
	lint_formats
	mkdir -p "$state" || die "cannot make $state: is $cache writable, and the disk not full?"
	lint_levels
	time_limit
	. "$kit/scripts/lib/devdb.sh"
	out=$tmp/lint
	mkdir "$out"
	if kept_pays "$dir"; then
		run "$kit"/scripts/steps/new_files.sh "$out" "$dir" || exit 2
		: >"$out/looked"
		# atlas.sum has to be right for that.
		! "$bin/mhash" -c "$dir" >/dev/null 2>&1 || kept_want "$dir" "$out/all" "$out/old"
	fi
	devdb_start
fi

[ -f "$out/looked" ] || run "$kit"/scripts/steps/new_files.sh "$out" "$dir" || exit 2
job squawk "$kit"/scripts/steps/squawk.sh "$out" "$dir" "$out/new"
if [ -s "$out/new" ]; then
	if [ -n "$report" ]; then
		devdb_wait
		devdb_db dev_lint
		[ "$devdb_how" != local ] || atlas_lint_empty=dev_spare
		export psql_bin
	fi
	set -- "$out/old"
	analysers=''
	if [ "${kept_n:-0}" -gt 0 ]; then
		set -- "$out/rest"
		sed "1,${kept_n}d" "$out/old" >"$out/rest"
	else
		make_schema
		# Where much is old, they would have to run all of it once more.
		analysers=${lint_in_turn:-0}
	fi
	[ "$analysers" != 0 ] || atlas_lint_begin "$dir" "$out"
	run "$kit"/scripts/steps/watch.sh "$out/watch" "$dir" "$out/new" "$@" || exit 2
	[ "$analysers" != 1 ] || atlas_lint_begin "$dir" "$out"
	atlas_lint_end
else
	mkdir -p "$out/watch"
	echo '{"watched":[],"findings":[]}' >"$out/watch/watch.json"
fi
job_wait squawk || {
	job_said squawk
	exit 2
}
[ ! -s "$tmp/squawk/err" ] || fit <"$tmp/squawk/err" >&2
[ -z "$notes" ] || [ ! -f "$out/watch/notes" ] || cp "$out/watch/notes" "$notes"
grep -q '"watched"' "$out/watch/watch.json" || die 'watchlint printed nothing: that is no answer'
cat "$out/files.json" "$out/watch/watch.json" >"$out/own.json"

[ -n "$report" ] || exit 0
set -- "$out/own.json" "$out/squawk.json"
[ ! -f "$out/atlas.json" ] || set -- "$@" "$out/atlas.json"
lint_save "$@"
lint_show "$lint_shown" || answer 1
