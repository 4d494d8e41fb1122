#!/bin/sh
# each_database.sh VERB NAME... - a verb for each of a repository's databases.
#
# Some at a time, side by side, each with its knobs (make print-knobs DB=NAME), and what each says
# in the order of the names. DATABASE_URL_NAME in the environment is the database's
# address, for status. A report (LINT_REPORT=FILE.EXT) is one file each, FILE.NAME.EXT.
# Exit 0 when all do, 1 when one says no, 2 when one could not.
USAGE='each_database.sh verb name ...'
set -eu
. "${0%/*}/lib/common.sh"
[ $# -ge 2 ] || usage
verb=$1
shift
case $verb in
check_migrations | create_migrations | lint_migrations | status) ;;
*) usage ;;
esac
need_tmp
report=${LINT_REPORT-}

# one NAME: become the verb, for this one. Nothing of another's is in its
# environment.
# shellcheck disable=SC2317,SC2329 # job calls it
one() {
	local name="$1" knobs ext=''
	# shellcheck disable=SC2086 # words
	unset $ATLAS_KIT_KNOBS ATLAS_MAKE_KNOBS
	knobs=$(make -s --no-print-directory -f "$kit/Makefile" print-knobs DB="$name") ||
		die "cannot read the knobs of $name"
	eval "$knobs"
	if [ -n "$report" ]; then
		case ${report##*/} in *.*) ext=.${report##*.} ;; esac
		export LINT_REPORT="${report%"$ext"}.$name$ext"
	fi
	if [ "$verb" = status ]; then
		eval "DATABASE_URL=\${DATABASE_URL_$name-}"
		[ -n "$DATABASE_URL" ] || die "$name: no address; fix: set DATABASE_URL_$name in the environment, or ask for one: DB=$name"
		export DATABASE_URL
	fi
	exec "$kit/scripts/$verb.sh"
}
for name do
	case $name in
	'' | *[!A-Za-z0-9_]*) die "DATABASES: '$name': a name has letters, digits and _ only" ;;
	esac
done
# Each has a server of its own, and models that are imported: one more than there are
# processors. The next begins when the first of them has ended.
at_once=$(getconf _NPROCESSORS_ONLN 2>/dev/null) || at_once=2
at_once=$((at_once + 1))
begun=0 ahead="$*"
for name do
	begun=$((begun + 1))
	if [ "$begun" -gt "$at_once" ]; then
		job_wait "${ahead%% *}" || :
		ahead=${ahead#* }
	fi
	job "$name" one "$name"
done
worst=0
for name do
	rc=0
	job_wait "$name" || rc=$?
	[ ! -s "$tmp/$name/err" ] || sed "s/^/$name: /" "$tmp/$name/err" | fit >&2
	if [ -s "$tmp/$name/out" ]; then
		# A workflow command starts its line.
		if [ "$LINT_FORMAT" = github ]; then cat "$tmp/$name/out"; else sed "s/^/$name: /" "$tmp/$name/out"; fi
	elif [ ! -s "$tmp/$name/err" ]; then
		warn "$name: ended without a word"
		rc=2
	fi
	[ "$rc" -le "$worst" ] || worst=$rc
done
answer "$worst"
