# plandb.sh - sourced: the databases that a migration is thought out in.
#
#   plan_url DB       set url: where DB is, as psql and Atlas read it
#   plan_psql DB ...  psql there, with nothing of the user's own settings; an
#                     error ends it
#   plan_list DB FILE [ARG...]
#                     its listing, and what stands on what; ARG are psql's
#   plan_copy NAME FROM
#                     set db: a new database, a copy of FROM (nobody may be
#                     connected to that one); dropped again at the end. The
#                     first is the one that $spare names, where there is one
#   plan_drop         all of those, unless the caller drops them: scratch_stays
#   plan_tables FROM TO
#                     print what Atlas writes for the tables
#   plan_apply DB DIR as the deploy does: the engine applies DIR's files, and
#                     leaves the schema $plan_revisions there
#
# variables: pg_url     the server's address with the word DATABASE where a
#                       database's name belongs; a password is in PGPASSWORD
#            want       a database there, to give commands from
#            scratch    what the names of new databases begin with
#            planner    [empty] what Atlas's address should end with, for its speed
#            concurrent [empty] create, drop or both: indexes without a lock
#            schemas    the schemas in play; one is the search_path, and its
#                       name is left out
#            bin atlas_bin   where the tools are, and the engine
#            tmp        a directory
#            plan_run   what runs psql and Atlas: run (jobs.sh); a script sets it to
#                       exec to become Atlas

# written by both: plan_run

# shellcheck shell=sh
# shellcheck disable=SC2154 # the caller's

plan_run=run
plan_made=''
url=''
db=''
plan_revisions=${scratch-}_revisions

case $schemas in
*' '* | '') plan_path='' ;;
*) plan_path=$schemas ;;
esac
# What psql says of itself is not wanted, and a password is not asked for.
PGOPTIONS="${PGOPTIONS-} -c client_min_messages=warning"
export PGOPTIONS

plan_url() { url=${pg_url%%DATABASE*}$1${pg_url#*DATABASE}; }

plan_psql() {
	local d="$1"
	shift
	plan_url "$d"
	$plan_run "${psql:-psql}" -XAtqw -v ON_ERROR_STOP=1 -d "$url" "$@"
}

plan_list() {
	local d="$1" f="$2"
	shift 2
	plan_psql "$d" -v "schema=$plan_path" -v edges=1 \
		-v "revisions=${REVISIONS_SCHEMA:-atlas_schema_revisions}" "$@" -f "$kit"/scripts/lib/catalog.sql >"$f"
}

plan_copy() {
	if [ -n "${spare-}" ]; then
		db=$spare spare=''
		return 0
	fi
	db=${scratch}_$1
	plan_made="$plan_made $db"
	# From "want": one cannot be connected to what is copied, nor is there always a
	# database "postgres". Files are copied rather than logged, where one can say so.
	cat >"$tmp/copy.sql" <<'END' || return 2
DROP DATABASE IF EXISTS :"db";
SELECT current_setting('server_version_num')::int >= 150000 AS v15 \gset
\if :v15
CREATE DATABASE :"db" TEMPLATE :"from" STRATEGY file_copy;
\else
CREATE DATABASE :"db" TEMPLATE :"from";
\endif
END
	plan_psql "$want" -v "db=$db" -v "from=$2" -f "$tmp/copy.sql"
}

plan_drop() {
	local d
	[ -n "$plan_made" ] && [ -z "${scratch_stays-}" ] || return 0
	set --
	for d in $plan_made; do set -- "$@" -c "DROP DATABASE IF EXISTS \"$d\""; done
	plan_psql "$want" "$@" >/dev/null 2>&1 || :
	plan_made=''
}

# plan_atlas_url DB: set url for Atlas. One schema is in it, so that its name is
# not in what Atlas writes.
plan_atlas_url() {
	local more="${plan_path:+&search_path=$plan_path}${planner:+&$planner}"
	plan_url "$1"
	[ -z "$more" ] || case $url in
	*\?*) url="$url$more" ;;
	*) url="$url?${more#&}" ;;
	esac
}

plan_tables() {
	local from to s
	plan_atlas_url "$1"
	from=$url
	plan_atlas_url "$2"
	to=$url
	set --
	[ -n "$plan_path" ] || for s in $schemas; do set -- "$@" --schema "$s"; done
	for s in ${concurrent-}; do set -- "$@" --concurrent-index "$s"; done
	$plan_run "$atlas_bin" schema diff --from "$from" --to "$to" "$@"
}

# A revisions schema of its own: the database's own history is not this directory's.
plan_apply() {
	"$bin/mhash" -w "$2" || return 1
	plan_atlas_url "$1"
	$plan_run "$atlas_bin" migrate apply --dir "file://$2" --url "$url" --allow-dirty \
		--revisions-schema "$plan_revisions"
}
