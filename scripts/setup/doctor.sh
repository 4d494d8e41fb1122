#!/bin/sh
# doctor.sh - what is installed here, what would be used and why, what is missing.
#
# One line a part: "ok", "missing" with the command that gets it, or "-" for
# what only one verb wants. Changes nothing, starts no server. Exit 0 when all
# is here that the verbs of the day need, 1 when not, 2 could not look.
set -eu
. "${0%/*}/../lib/common.sh"
. "$kit/scripts/lib/atlas.sh"
. "$kit/scripts/lib/devdb.sh"

[ $# -eq 0 ] || {
	echo 'usage: doctor.sh' >&2
	exit 2
}
need_tmp
rc=0
# line HOW PART TEXT; ok PART TEXT; missing PART TEXT REMEDY; maybe PART TEXT
line() { verbs "$(printf '%-8s %-14s %s' "$1" "$2" "$3")"; }
ok() { line ok "$1" "$2"; }
missing() {
	line missing "$1" "$2"
	[ -z "$3" ] || line '' '' "get it: $3"
	rc=1
}
maybe() { line - "$1" "$2"; }
# first COMMAND...: the first line it prints.
first() { "$@" 2>/dev/null </dev/null | sed -n 1p; }
# failed: the sentence of a die, without the script's name.
failed() { sed "s/^$prog: //" "$tmp/err" | head -n 1; }

ok system "$(uname -sm)"

# --- packages -----------------------------------------------------------------
# The installer knows what to ask for; here it only looks. PostgreSQL has its
# own line below.
if lack=$("$kit"/scripts/setup/install_packages.sh -n build python fetch 2>"$tmp/err"); then
	ok packages "$(first "${CC:-cc}" --version), $(first "$PYTHON" --version)"
elif [ -n "$lack" ]; then
	missing packages "$lack" 'make install'
else
	missing packages "$(failed)" 'make install'
fi
if have git; then
	ok git "$(first git --version | sed 's/^git version //')"
else
	maybe git 'not here: check-migrations then compares with no branch, rebase-migrations cannot work'
fi

# --- ours ---------------------------------------------------------------------
lack='' versions=''
for t in atlasjson mhash mstate sqlstmt yamlset cfnrespond rdstoken; do
	if v=$("$bin/$t" -V 2>/dev/null); then
		versions="$versions${versions:+, }$v"
	else
		lack="$lack${lack:+, }$t"
	fi
done
if [ -z "$lack" ]; then
	ok tools "$versions"
else
	missing tools "not built: $lack" 'make tools'
fi

if cat "$kit/requirements.txt" $REQUIREMENTS 2>/dev/null | cmp -s - "$cache/venv/ok" && v=$("$cache/venv/bin/python" --version 2>/dev/null); then
	ok environment "$v with the packages of ${REQUIREMENTS:-requirements.txt}, in $cache/venv"
else
	missing environment "no Python environment with the packages of ${REQUIREMENTS:-requirements.txt} in $cache/venv" 'make install'
fi

# --- Atlas --------------------------------------------------------------------
if [ -n "$ATLAS" ]; then
	why="ATLAS names it"
	get='set ATLAS to a working binary, or to nothing for ours'
else
	why="ATLAS_FROM=$ATLAS_FROM"
	get='make install'
fi
if (atlas_need) 2>"$tmp/err"; then
	v=$(HOME=$tmp first "$atlas_bin" version)
	if [ -n "$v" ]; then
		ok Atlas "${v#atlas }: $atlas_bin ($why)"
	else
		missing Atlas "$atlas_bin does not start ($why)" "$get"
	fi
else
	missing Atlas "$(failed)" ''
fi

# --- the temporary database -----------------------------------------------------
was=$DEV_DB
case $was in *://*) was='a URL' ;; esac
if (devdb_choose) 2>"$tmp/err"; then
	devdb_choose
	case $devdb_how in
	local) ok 'dev database' "$("$pg_bin/postgres" --version | sed 's/^postgres (PostgreSQL)/PostgreSQL/'): $pg_bin (DEV_DB=$was, PG_MAJOR=$PG_MAJOR)" ;;
	docker) if docker_answers; then
		ok 'dev database' "docker, postgres:$PG_MAJOR (DEV_DB=$was: $([ "$was" = auto ] && echo 'no binaries of that version here' || echo 'as told'))"
	elif [ "$(uname -s)" = Darwin ] && have colima; then
		ok 'dev database' "docker, postgres:$PG_MAJOR; colima is started when it is needed (DEV_DB=$was)"
	else
		missing 'dev database' 'docker is installed but does not answer' 'start it (docker info says more), or: make install DEV_DB=embedded'
	fi ;;
	url) ok 'dev database' "the one of DEV_URL (DEV_DB=$was); not asked now" ;;
	esac
else
	missing 'dev database' "$(failed)" ''
fi
if pg_clients; then
	ok psql "$("$psql_bin" --version | sed 's/^psql (PostgreSQL)/PostgreSQL/'), with pg_dump and pg_restore: ${psql_bin%/psql}"
else
	missing psql "no psql, pg_dump and pg_restore for PostgreSQL $PG_MAJOR" 'make install'
fi

# --- the project ----------------------------------------------------------------
if [ -n "${DATABASES-}" ] && [ -z "${DB-}" ]; then
	ok databases "$DATABASES; of each: make doctor DB=${DATABASES%% *}"
	TEMPLATE=''
elif [ -d "$MIGRATIONS" ]; then
	n=0
	for f in "$MIGRATIONS"/*.sql; do [ ! -f "$f" ] || n=$((n + 1)); done
	ok migrations "$n in $MIGRATIONS"
else
	missing migrations "no directory '$MIGRATIONS'" 'make create-migrations makes it; or set MIGRATIONS'
fi
if [ -z "$TEMPLATE" ]; then
	:
elif [ -r "$TEMPLATE" ]; then
	ok template "$TEMPLATE"
else
	missing template "cannot read '$TEMPLATE'" 'set TEMPLATE to your CloudFormation template'
fi

if have git && git rev-parse --git-dir >/dev/null 2>&1; then
	if git config merge.atlas-sum.driver >/dev/null; then
		ok 'merge driver' 'git makes atlas.sum again when branches meet'
	else
		maybe 'merge driver' 'git can make atlas.sum again when branches meet: make merge-driver (docs/verbs.md)'
	fi
fi

# --- what only one verb wants -----------------------------------------------------
have dot || maybe Graphviz 'not here: make erd then leaves out the picture; get it: '"${in_kit}scripts/setup/install_packages.sh erd"
{ have bats && have psql; } || maybe tests 'bats or psql is not here; get it: make install-test'
[ "$rc" -eq 0 ] || say 'something the verbs of the day need is missing'
answer "$rc"
