#!/bin/sh
# check_migrations.sh - do models, migrations and template agree?
#
# PostgreSQL is the judge: what the models say and what the migrations make are
# two databases that it really built, and the listings of all objects in them are
# compared. Exit 0 yes; 1 no: each finding is reported, with the command that fixes
# it; 2 the check could not be made, and nothing was decided. The checks:
#   1 MigrationHash in the template, where there is one, is the total of atlas.sum
#   2 atlas.sum matches the files, and git will commit them all
#   3 nothing changed since the last success: stop here
#   4 models and migrations make the same database
#   5 every migration applies the way the deploy applies it; lint of what is new
# 3 is asked first: its fingerprint takes in all that 1 and 2 look at.
USAGE='check_migrations.sh (knobs: LINT_BASE LINT_LATEST LINT_FORMAT LINT_REPORT)'
set -eu
. "${0%/*}/lib/common.sh"
. "$kit/scripts/lib/atlas.sh"
. "$kit/scripts/lib/schema.sh"
. "$kit/scripts/lib/base.sh"
. "$kit/scripts/lib/unchanged.sh"
no_options "$@"
need_project
[ -d "$MIGRATIONS" ] || die "MIGRATIONS: no directory '$MIGRATIONS'"
case $LINT_FORMAT$LINT_REPORT in
text) ;;
*)
	. "$kit/scripts/lib/lint.sh"
	lint_formats
	;;
esac
time_limit

# --- 3: nothing changed ------------------------------------------------------
base_commit
check_untracked
render_unknown
print=$(fingerprint) || exit 2
[ -n "$print" ] || die 'mhash printed no fingerprint: that is no answer'
if [ -z "$untracked$unstaged$unknown$CHECK_ALL" ] && unchanged "$print"; then
	# Warnings are no news, but a report that is asked for is written.
	if [ "$LINT_FORMAT$LINT_REPORT" != text ]; then
		need_tmp
		lint_levels
		lint_show "$lint_shown" || :
	fi
	note_around || :
	say 'migrations: nothing changed since the last successful check'
	exit 0
fi

need_tmp
# All of them by one command.
mkdir -p "$state" "$tmp/render.d" "$tmp/render" "$tmp/files" "$tmp/history" "$tmp/have" "$tmp/want" "$tmp/models" \
	"$tmp/lint/squawk" "$tmp/lint/watch" "$tmp/lint/atlas" ||
	die "cannot make $state or $tmp/lint: is $cache writable, and the disk not full?"
: >"$tmp/begun"
# It takes longest, so nothing that can wait stands before it.
case $jobs_begun in
*' render='*) ;;
*)
	# What another verb has rendered may be of another state of what nobody named.
	schema_sure && [ -z "$unknown" ] || set -- -a
	job render "$kit"/scripts/render_schema.sh "$@" -t "$tmp/render.d"
	;;
esac
. "$kit/scripts/lib/noted.sh"
content=$(fingerprint content) || exit 2
git_head
. "$kit/scripts/lib/lint.sh"
. "$kit/scripts/lib/catalog.sh"
. "$kit/scripts/lib/schemas.sh"
. "$kit/scripts/lib/check.sh"
rm -f "$check_ok" "$lint_saved"
lint_levels
. "$kit/scripts/lib/devdb.sh"
. "$kit/scripts/lib/kept_models.sh"

# --- 4 and 5, side by side ---------------------------------------------------
# What depends on the migrations alone, while the models are rendered. With one
# database that was given (devdb_one) each step is waited for before the next one
# takes the database.
known='' apart=''
if kept_pays "$MIGRATIONS"; then
	devdb_look
	models_apart
	check_files
	if job_wait files; then
		check_large
		kept_want "$dir" "$tmp/lint/all" "$tmp/lint/old"
	fi
	devdb_start
else
	devdb_start
	check_files
fi
# All of a binary is read: meanwhile the server starts.
atlas_need
devdb_wait
! job_wait files || : >"$tmp/lint/looked"
export psql_bin pg_dump_bin pg_restore_bin kept_n kept_needs
devdb_db dev_lint
devdb_db dev_have
history_rc=0 render_rc=0 want_rc=0 have_rc=0 lint_rc=0
history_begin
[ -z "$devdb_one" ] || history_wait
job_wait render || render_rc=$?
if [ "$render_rc" -eq 0 ]; then
	known=1
	if [ -n "$apart" ]; then
		# The migrations' server has answered sooner, and is cleared away meanwhile.
		history_wait
		devdb_remove
		models_wait
	else
		models_known || models_made
	fi
fi
history_wait
# The server is cleared away beside the verdict. A listing that was kept may yet have to
# be made anew: to begin again for that takes less time than much history to clear away.
if [ -z "$known" ] || [ "$kept_n" -gt 0 ]; then devdb_remove; fi
compare
devdb_remove

# --- the verdict -------------------------------------------------------------
verdict
