#!/bin/sh
# write_migration.sh OUT - write what leads from the migrations to the models.
#
# in:   pg_url       the server's address, with the word DATABASE where the name
#                    of a database belongs; a password is in PGPASSWORD or the
#                    like, never in it. The role may create databases
#       want have    names of two databases there: what the models say, and what
#                    the migrations make. Nobody else is connected to them
#       want_list have_list  [empty] their listings with edges=1, and with
#                    schema=NAME for one schema, where the caller has them
#       scratch      [am_plan] what the names of databases begin with that are
#                    made there, and dropped again; unless scratch_stays says
#                    that the caller does so
#       spare        [empty] a copy of have, to be used up
#       atlas_sql    [empty] what Atlas wrote to lead from have to want, where the
#                    caller has it
#       schemas      [public] the schemas in play, words. One: its name is left
#                    out of the SQL, and is the search_path of all that runs
#       REVISIONS_SCHEMA  [atlas_schema_revisions]
#       COMPARE_EXCLUDE  [empty] names and patterns of what is not ours to write
#       levels       [empty] of lint.levels, CODE=LEVEL: a kind that is off is not
#                    written, unless something else stands on it
#       RENAME       [empty] words like users.name=full_name, people=users
#       concurrent   [empty] create, drop or both: indexes without a lock, where
#                    the engine plans them; else that is said
#       atlas_bin        the engine
#       psql pg_dump pg_restore  [those in PATH]
# out:  OUT/1.sql, OUT/2.sql ...: the migrations to write, in this order; none
#       when nothing differs. OUT is a directory that is there and empty.
#       stdout: a sentence for each thing that is left, and what to do about it
#       stderr: what to know of the rest, such as an enum's value that goes
# exit: 0 written, or nothing to write; 1 written as far as can be, what is left
#       is said; 2 could not, and OUT holds nothing to keep
#
# The files are proved before this ends: the engine applies them to a copy of
# what the migrations make, and that must then be what the models say.
set -eu
. "${0%/*}/../lib/common.sh"
[ $# -eq 1 ] && [ -d "$1" ] || {
	echo 'usage: write_migration.sh OUT (see its first lines)' >&2
	exit 2
}
out=$1
: "${pg_url:?}" "${want:?}" "${have:?}" "${atlas_bin:?}"
scratch=${scratch:-am_plan} schemas=${schemas:-public} RENAME=${RENAME-}
# shellcheck disable=SC2034 # catalog.sh's
DEV_SCHEMAS=$schemas
export ATLAS_NO_UPDATE_NOTIFIER=1 ATLAS_NO_UPGRADE_SUGGESTIONS=1
. "$kit/scripts/lib/plandb.sh"
. "$kit/scripts/lib/plansql.sh"
. "$kit/scripts/lib/catalog.sh"
at_exit_call plan_drop
need_tmp

# said FILE: print a program's error, on one line.
said() {
	awk 'NF && n < 3 { sub(/^Error: /, ""); printf "%s%s", n++ ? " " : "", $0 }
		END { if (!n) printf "it says nothing" }' "$1"
}

# found PATTERN FILE...: does a line of these files match? A grep that fails has not
# answered.
found() {
	local rc=0
	grep -Eq -e "$@" || rc=$?
	[ "$rc" -le 1 ] || die "grep failed ($rc)"
	return "$rc"
}

# look DB FILE [ARG...]: list the database into FILE, or die.
look() { plan_list "$@" 2>"$2.err" || die "cannot list the database '$1': $(said "$2.err")"; }

# catplan ARG...: run catplan with the arguments that each of its parts takes.
catplan() {
	local x
	set -f
	for x in ${COMPARE_EXCLUDE-}; do set -- -e "$x" "$@"; done
	set +f
	"$bin/catplan" -c "${levels-}" -S "$schemas" "$@"
}

# left WANT HAVE: put what differs, as sentences, into $tmp/left, and return whether that
# is nothing. Then catdiff, which is the judge in the check, has to agree.
left() {
	local rc=0
	catplan left "$1" "$2" >"$tmp/left" || rc=$?
	[ "$rc" -le 1 ] || exit 2
	if [ "$rc" -eq 1 ]; then
		[ -s "$tmp/left" ] || die 'catplan says that something differs, and not what'
		return 1
	fi
	rc=0
	catalog_compare "$1" "$2" "$tmp/judged" || rc=$?
	case $rc in
	0) return 0 ;;
	1)
		catalog_compare "$1" "$2" "$tmp/left" -t || rc=$?
		[ "$rc" -ne 1 ] || return 1
		;;
	esac
	die 'the two databases could not be compared'
}

[ -n "${want_list-}" ] || {
	want_list=$tmp/want
	look "$want" "$want_list"
}
[ -n "${have_list-}" ] || {
	have_list=$tmp/have
	look "$have" "$have_list"
}
! left "$want_list" "$have_list" || exit 0

# part NAME [OPTION...]: write what leads from work to want, of that part. A plan of
# Atlas's that is no SQL counts as none.
part() {
	local name="$1"
	shift
	catplan "$@" -x "$tmp/texts" "$name" "$want_list" "$list" >"$tmp/$name" || [ $? -eq 1 ] || exit 2
}

# texts: the definitions that only PostgreSQL can print, of what is missing now.
texts() { sql_texts "$want_list" "$list" "$tmp/texts" 2>"$tmp/texts.err" || die "pg_dump: $(said "$tmp/texts.err")"; }

# work NAME: copy the database that the migrations make, and set db to the copy.
work() { plan_copy "$1" "$have" 2>"$tmp/copy.err" || die "cannot copy the database '$have': $(said "$tmp/copy.err")"; }

# prove: the engine applies what is in $tmp/new to a copy; what then still differs
# is in $tmp/left. Returns whether that is nothing.
prove() {
	work proof
	plan_apply "$db" "$tmp/new" >"$tmp/apply.out" 2>"$tmp/apply.err" || return 2
	look "$db" "$tmp/proof" -c "DROP SCHEMA \"$plan_revisions\" CASCADE"
	left "$want_list" "$tmp/proof"
}

# refused: print what PostgreSQL said of the statements that were left out.
refused() { sed "s/^/$prog: PostgreSQL refuses this: /" "$tmp/refused" >&2; }

# keep CODE: put the proved files into OUT, and exit.
keep() {
	if [ "$1" -ne 0 ] && [ -s "$tmp/refused" ]; then
		# Half of a change may be the half that loses rows.
		! found '^(DROP TABLE|DROP SEQUENCE|ALTER TABLE .* DROP COLUMN)' "$tmp/new"/*.sql || {
			refused
			die 'nothing is written, for the rest of it drops tables, sequences or columns; fix: write what is refused by hand (make new-migration NAME=...), then: make create-migrations'
		}
	fi
	[ "$1" -eq 0 ] || refused
	cat "$tmp/left"
	[ -z "$locking" ] || echo "$prog: CONCURRENT_INDEX counts for what the engine plans by itself, and this change is none: its indexes are written with a lock; fix: where a table is in use, write CONCURRENTLY in a file of its own (make new-migration)" >&2
	cp "$tmp/new"/*.sql "$out"/ || die "cannot write '$out'"
	answer "$1"
}

list=$have_list
locking=''
sql_n=1
mkdir "$tmp/new"
: >"$tmp/texts" && : >"$tmp/refused"

# --- Atlas alone -------------------------------------------------------------
# Most changes are changes of tables, which Atlas plans wholly.
if [ -z "$RENAME" ]; then
	part shape
	IFS= read -r shape <"$tmp/shape"
	if [ "$shape" = atlas ]; then
		[ -n "${atlas_sql-}" ] || {
			atlas_sql=$tmp/atlas.sql
			plan_tables "$have" "$want" >"$atlas_sql" 2>"$tmp/atlas.err" || : >"$atlas_sql"
		}
		part plan -p "$atlas_sql"
		sql_files "$tmp/plan"
		[ ! -f "$tmp/new/1.sql" ] || ! prove || keep 0
		rm -f "$tmp/new"/*
		sql_n=1
	fi
fi

# --- in parts ----------------------------------------------------------------
# Each part is run in the database "work" at once, and that is listed again.
work work
made=$db
: >"$tmp/0" && : >"$tmp/1" && : >"$tmp/2" && : >"$tmp/refused"
if [ -n "$RENAME" ]; then
	part rename -r "$RENAME"
	sql_run "$made" "$tmp/rename" || die "RENAME: PostgreSQL refuses: $(sql_error)"
	cat "$tmp/rename" >"$tmp/0"
	list=$tmp/work
	look "$made" "$list"
fi
texts
part notes
sed "s/^/$prog: /" "$tmp/notes" >&2
part values
if [ -s "$tmp/values" ]; then
	sql_run "$made" "$tmp/values" || die "an enum's new value is refused: $(sql_error)"
	cat "$tmp/values" >"$tmp/1"
fi
part shape
IFS= read -r shape <"$tmp/shape"

# tables: Atlas's plan, and before it what that plan needs.
tables() {
	local p
	for p in clear before; do
		part "$p"
		sql_try "$made" "$tmp/$p" || return 1
		[ ! -s "$tmp/refused" ] || return 1
		cat "$tmp/$p" >>"$tmp/2"
	done
	plan_tables "$made" "$want" >"$tmp/atlas.sql" 2>"$tmp/atlas.err" || return 1
	part plan -p "$tmp/atlas.sql"
	sql_run "$made" "$tmp/plan" || return 1
	cat "$tmp/plan" >>"$tmp/2"
}

case $shape in
atlas | mixed)
	if tables; then
		list=$tmp/work
		look "$made" "$list"
		texts
	else
		# Without it then: each row has statements of its own.
		: >"$tmp/2" && : >"$tmp/refused"
		work work
		{ sql_run "$made" "$tmp/0" && sql_run "$made" "$tmp/1"; } ||
			die "the migration that was written anew is refused, too: $(sql_error)"
	fi
	;;
esac
for _ in 1 2 3 4; do
	part rows
	[ -s "$tmp/rows" ] || break
	: >"$tmp/refused"
	sql_try "$made" "$tmp/rows"
	[ -s "$tmp/rows" ] || break
	list=$tmp/work
	look "$made" "$list"
	done=''
	! left "$want_list" "$list" || done=1
	# What came to nothing is not for the file.
	[ -n "$done" ] || [ ! -f "$tmp/left.last" ] || ! cmp -s "$tmp/left" "$tmp/left.last" || break
	cat "$tmp/rows" >>"$tmp/2"
	[ -z "${concurrent-}" ] || ! found '^(CREATE( UNIQUE)?|DROP) INDEX ' "$tmp/rows" || locking=1
	[ -z "$done" ] || break
	cp "$tmp/left" "$tmp/left.last"
	texts
done

# --- the files, and the proof ------------------------------------------------
if [ -s "$tmp/1" ]; then
	sql_unchecked='' sql_files "$tmp/0"
	sql_unchecked='' sql_files "$tmp/1"
	: >"$tmp/0"
fi
sql_files "$tmp/0" "$tmp/2"
if [ -z "$(ls "$tmp/new")" ]; then
	! left "$want_list" "$list" || exit 0
	refused
	cat "$tmp/left"
	answer 1
fi
rc=0
prove || rc=$?
[ "$rc" -le 1 ] || die "what was written does not apply: $(said "$tmp/apply.err")"
keep "$rc"
