# create.sh - sourced by create_migrations.sh: its pieces.
#
#   need JOB         wait for a job, or end with what it said
#   have_and_spare   the job that makes dev_have and its copy, and lists it
#   left             what still differs, as sentences

# shellcheck shell=sh
# shellcheck disable=SC2154 # the caller's: stage, kit, bin and tmp

# need JOB: wait for it; the script ends where the job could not do its work.
need() {
	local rc=0
	job_wait "$1" || rc=$?
	[ "$rc" -eq 0 ] || {
		[ "$rc" -ne 1 ] || steps_said "$1"
		[ "$rc" -ne 2 ] || job_said "$1"
		exit 2
	}
}
# steps_said JOB: print the lines of place, what is wrong and what fixes it as sentences.
steps_said() {
	local where what fix
	while IFS=$TAB read -r where what fix; do
		warn "$where: $what${fix:+; fix: $fix}"
	done <"$tmp/$1/out"
	[ ! -s "$tmp/$1/apply.json" ] || "$bin/atlasjson" -d "$MIGRATIONS" "$tmp/$1/apply.json" >&2 || :
}
# have_and_spare: the job have: apply the migrations, and list what they make. The new
# ones are proved in a copy of that database, which is made in between: nobody may be
# connected to it then.
have_and_spare() {
	local rc=0
	job_signals
	# With a number have.sh makes no listing; there are no more than these.
	set -- "$stage"/*.sql "$stage"/.*.sql
	run "$kit"/scripts/steps/have.sh "$tmp/have" "$stage" $# || rc=$?
	[ "$rc" -eq 0 ] || return "$rc"
	devdb_copy dev_have dev_plan_spare
	: >"$tmp/have/spare"
	catalog_list "$tmp/have/listing"
}

# left: print what cannot be written, as write_migration.sh says it.
left() { sed 's/^/still different: /' "$tmp/left"; }
