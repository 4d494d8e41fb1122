# check.sh - sourced by check_migrations.sh: the pieces of the check.
#
#   check_hashes      1 and 2: findings; set dir, the migrations to go on with
#   check_large       print a line of progress where the check will take minutes
#   check_files       check_hashes, and begin the job that finds which files are new
#   history_begin     5: begin to apply the migrations, to list what they make, and to
#                     lint what is new; history_wait: wait for that, and set history_rc,
#                     have_rc and lint_rc
#   models_apart      4: begin to make the database that the models describe, and to list
#                     it, before the server of the others is there; set apart to 1. It
#                     does nothing where that is not possible, or would save no time
#   models_made       4: do that now; models_wait: wait for it. Set want_rc, and known to
#                     empty: no kept listing was used
#   compare           4: compare the listings that the jobs have made: findings
#   verdict           report all findings, and exit with the answer
#
# A finding that is not a linter's is a line of $tmp/no: code, place, what is
# wrong, what fixes it, with tabs between.
#
# written by both: known apart want_rc history_rc have_rc lint_rc

# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # the caller's, and set for it

TAB='	'

# no CODE PLACE WHAT [FIX]: one finding.
no() {
	# One line each, whatever is in a name or a value.
	case $2$3${4-} in
	*[![:print:]]*) set -- "$1" "$(one_line "$2")" "$(one_line "$3")" "$(one_line "${4-}")" ;;
	esac
	printf '%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "${4-}" >>"$tmp/no" || die "cannot write $tmp: is the disk full?"
}

one_line() { printf %s "$1" | tr '\t\n' '??' | fit; }

# from_top: set top to what a path needs in front so that git finds it from anywhere in
# the repository: the project may lie in a directory of it.
from_top() {
	top=$(git rev-parse --show-prefix 2>/dev/null) || top=''
	[ -z "$top" ] || top=":/$top"
}

# --- 1 and 2 -----------------------------------------------------------------
check_hashes() {
	local rc=0 total f top=''
	dir=$MIGRATIONS
	[ -z "$untracked$unstaged" ] || from_top
	while IFS= read -r f; do
		[ -z "$f" ] || no untracked "$f" 'atlas.sum names it, and the commit would lack it' "git add -- '$top$f'"
	done <<-END
		$untracked
	END
	while IFS= read -r f; do
		[ -z "$f" ] || no untracked "$f" 'the commit would not have it as it is here' "git add -- '$top$f'"
	done <<-END
		$unstaged
	END
	"$bin/mhash" -c "$MIGRATIONS" >"$tmp/hash.out" 2>"$tmp/hash.err" || rc=$?
	if [ "$rc" -eq 0 ]; then
		# Of no migrations there needs to be no atlas.sum yet.
		[ -f "$MIGRATIONS/atlas.sum" ] || return 0
		# It was found right as a whole just now.
		total=$("$bin/mhash" -s <"$MIGRATIONS/atlas.sum") || die "$MIGRATIONS/atlas.sum: changed meanwhile; run it again"
		[ -n "$total" ] || die "mhash printed nothing for $MIGRATIONS/atlas.sum: that is no answer"
		[ -z "$TEMPLATE" ] || check_template "$total"
		return 0
	fi
	[ "$rc" -le 2 ] || die "mhash ended with $rc, which is no answer"
	check_sum
	# Atlas refuses a directory whose hash is off, and the rest is worth
	# knowing: the check goes on with a copy that is hashed anew.
	dir=$tmp/migrations
	mkdir "$dir"
	for f in "$MIGRATIONS"/*.sql "$MIGRATIONS"/.*.sql; do
		[ ! -f "$f" ] || cp "$f" "$dir/"
	done
	"$bin/mhash" -w "$dir" || exit 2
}

check_files() {
	check_hashes
	job files "$kit"/scripts/steps/new_files.sh "$tmp/lint" "$dir"
}

# check_large: say beforehand that a large new file takes minutes: each of its statements
# is run and looked at by itself.
check_large() {
	local f mb
	lint_large "$dir" "$tmp/lint/new"
	while IFS= read -r f; do
		mb=$(($(wc -c <"$f") / 1000000))
		step_long "${f##*/}: $mb MB of new statements, each of which is looked at by itself; that may take $((mb + 1)) minutes"
	done <"$tmp/large"
}

# check_sum: report what mhash has found, file by file.
check_sum() {
	local what name line top
	from_top
	local fix="if that was meant: make hash-migrations; else: git checkout -- '$top$MIGRATIONS'; after a merge: make rebase-migrations"
	while read -r what name; do
		case $what in
		added)
			case $(git ls-files --others -- "$MIGRATIONS/$name" 2>/dev/null) in
			'') no hash "$MIGRATIONS/$name" 'is not in atlas.sum' "$fix" ;;
			*) no hash "$MIGRATIONS/$name" 'is not in atlas.sum' "make hash-migrations; then: git add -- '$top$MIGRATIONS/$name'" ;;
			esac
			;;
		edited) no hash "$MIGRATIONS/$name" 'is not what atlas.sum says it was: edited' "$fix" ;;
		removed) no hash "$MIGRATIONS/$name" 'is in atlas.sum, but the file is not here: removed, or never committed' "if it is still where it was made: git add -- '$top$MIGRATIONS/$name' there; $fix" ;;
		moved) no hash "$MIGRATIONS/$name" 'does not stand where atlas.sum has it: moved' "$fix" ;;
		*) no hash "$MIGRATIONS/atlas.sum" "$what $name" "$fix" ;;
		esac
	done <"$tmp/hash.out"
	while IFS= read -r line; do
		line=${line#mhash: }
		no hash "${line%%: *}" "${line#*: }" "$fix"
	done <"$tmp/hash.err"
	[ -s "$tmp/no" ] || die "mhash says that $MIGRATIONS does not match its atlas.sum, and not why"
}

# check_template TOTAL
check_template() {
	local rc=0 value text
	if [ ! -r "$TEMPLATE" ]; then
		no template "$TEMPLATE" 'cannot be read' 'set TEMPLATE in atlas-make.mk to your CloudFormation template; empty, if there is none'
		return 0
	fi
	"$bin/yamlset" -f "$TEMPLATE" "$MIGRATION_HASH_POINTER" >"$tmp/yaml.out" 2>"$tmp/yaml.err" || rc=$?
	case $rc in
	0)
		[ -s "$tmp/yaml.out" ] || die "yamlset printed nothing for $TEMPLATE: that is no answer"
		value=$(cat "$tmp/yaml.out")
		[ "$value" = "$1" ] ||
			no template "$TEMPLATE" "MigrationHash is '$value', the total of $MIGRATIONS/atlas.sum is '$1'" 'make hash-migrations'
		;;
	1)
		grep -q '^yamlset: ' "$tmp/yaml.err" || die "yamlset ended with 1, and does not say why"
		no template "$TEMPLATE" "no MigrationHash at $MIGRATION_HASH_POINTER" "add the line 'MigrationHash: x' there, then: make hash-migrations"
		;;
	*)
		# "FILE:LINE:COLUMN: what"
		IFS= read -r text <"$tmp/yaml.err" || text=''
		case $rc$text in
		'2yamlset: '*) text=${text#yamlset: } ;;
		*) die "yamlset could not read $TEMPLATE (exit $rc): $text" ;;
		esac
		no template "${text%%: *}" "${text#*: }" 'write a plain string there, then: make hash-migrations'
		;;
	esac
}

# --- 5 -----------------------------------------------------------------------
# history_begin: dev_have is the database that devdb_db named last. Listing and lint run
# one after the other, for the models are rendered beside them. With a kept cluster they
# run side by side: both databases have the history by then, and rendering is soon done.
history_begin() {
	# Of the local server's databases one is there for Atlas's analysers.
	atlas_lint_empty=''
	[ "$devdb_how" != local ] || atlas_lint_empty=dev_spare
	export atlas_lint_empty
	if [ "$kept_n" -gt 0 ] && [ -z "$in_turn" ]; then
		job have "$kit"/scripts/steps/have.sh "$tmp/have" "$dir"
		devdb_db dev_lint
		job lint "$kit"/scripts/lint_migrations.sh -o "$tmp/lint" "$dir"
		return
	fi
	job history history
}
# history_wait: set history_rc, have_rc and lint_rc.
history_wait() {
	case $jobs_begun in *' history='*) job_wait history || history_rc=$? ;; esac
	[ "$history_rc" -eq 0 ] || return 0
	job_wait lint || lint_rc=$?
	[ "$kept_n" -eq 0 ] || devdb_drop dev_lint
	job_wait have || have_rc=$?
}
history() {
	job_signals
	history_run have "$kit"/scripts/steps/have.sh "$tmp/have" "$dir"
	devdb_db dev_lint
	# While the models are being rendered, which takes longest, they need one processor of two.
	[ -z "$atlas_lint_empty" ] || [ ! -f "$tmp/render.d/render.start" ] || [ -f "$tmp/render.d/render.end" ] ||
		export lint_in_turn=1
	history_run lint "$kit"/scripts/lint_migrations.sh -o "$tmp/lint" "$dir"
}
# history_run JOB COMMAND...: run COMMAND with the files of a job, and wait for it.
history_run() {
	local name="$1" rc=0
	shift
	run "$@" >"$tmp/$name/out" 2>"$tmp/$name/err" </dev/null || rc=$?
	[ "$rc" -le 2 ] || rc=2
	echo "$rc" >"$tmp/$name/rc"
}

# --- 4 -----------------------------------------------------------------------
# models_apart: models that are rendered in a moment, not known, and without a role that
# migrations may make, are loaded at once on a server of their own, while the old
# migrations' cluster is unpacked: with many tables nothing takes longer.
models_apart() {
	[ "$schema_kind" != command ] && job_wait render && devdb_ready && ! devdb_roles && ! models_known || return 0
	apart=1
	# From some two hundred tables on, that takes longer than all the rest one by one; with
	# two processors the rest, side by side, would take a part of its processor.
	[ "$(wc -c <"$schema_file")" -le 100000 ] || in_turn=1
	mkdir "$pg_home/pgwant" || die "cannot make a directory in $pg_home"
	job want "$kit"/scripts/steps/want.sh "$tmp/want" "$pg_home/pgwant"
}
models_wait() {
	known=''
	job_wait want || want_rc=$?
	if [ -n "$apart" ]; then rm -rf "$pg_home/pgwant" & fi
	[ "$want_rc" -ne 0 ] || job models models_keep "$tmp/want/listing"
}
models_made() {
	known=''
	# A role that the models alone make is none that a migration can use.
	[ -n "$devdb_apart" ] || ! devdb_roles || history_wait
	devdb_db dev_want
	job want "$kit"/scripts/steps/want.sh "$tmp/want"
	models_wait
}

compare() {
	local rc=0
	: >"$tmp/diff.json"
	[ "$render_rc$want_rc$history_rc$have_rc" = 0000 ] || return 0
	catalog_compare "$tmp/want/listing" "$tmp/have/listing" "$tmp/diff.json" || rc=$?
	[ "$rc" -le 1 ] || die 'the two databases could not be compared'
	# What is kept is not believed when it says no.
	if [ "$rc" -eq 1 ] && [ -n "$known" ]; then
		[ "$kept_n" -eq 0 ] || devdb_again
		models_made
		compare
		return
	fi
	schemas_exist "$tmp/want/listing" "$tmp/have/listing"
	# The listings differ, so there are findings, whatever their levels.
	[ "$rc" -eq 0 ] || grep -q rule_name "$tmp/diff.json" || die 'the two databases differ, and catdiff does not say how'
}

# --- the verdict ---------------------------------------------------------------
# could_not JOB: print what the job said; there is no verdict.
could_not() {
	undecided=1
	job_said "$1"
}

# apply_fix: Atlas's report says where a migration failed, and not what to do.
apply_fix() {
	[ -s "$tmp/have/apply.json" ] || return 0
	if grep -q 'cannot run inside a transaction block\|cannot be executed from a function' "$tmp/have/apply.json"; then
		say "fix: the first line of that file must be '-- atlas:txmode none', the second empty, and lines must end in LF, not CRLF; then: make hash-migrations"
	else
		say 'fix: correct the file, then: make hash-migrations'
	fi
}

# changed_meanwhile: what is half of one state and half of the next may never have been
# there as a whole (make create-migrations beside this, say): a no about that is none.
changed_meanwhile() {
	own_changed || [ -n "$(schema_deps -type f -newer "$tmp/begun" ! -newer "$tmp/ended")" ]
}
# own_changed: likewise, without what people have named: the command may write there itself.
own_changed() {
	: >"$tmp/ended"
	if [ "$schema_kind" != command ]; then set -- "$SCHEMA"; fi
	[ -z "$(find -L "$MIGRATIONS" ${TEMPLATE:+"$TEMPLATE"} "$@" -newer "$tmp/begun" ! -newer "$tmp/ended" 2>/dev/null)" ] || return 0
	schema_saved -f "$tmp/begun" "$tmp/ended"
}

verdict() {
	local failed='' undecided='' needs='' where what fix
	[ ! -s "$tmp/render/err" ] || [ "$render_rc" -ne 0 ] || fit <"$tmp/render/err" >&2
	# What the lint went on without.
	[ ! -s "$tmp/files/err" ] || [ ! -f "$tmp/lint/looked" ] || fit <"$tmp/files/err" >&2
	[ ! -s "$tmp/lint/err" ] || [ "$history_rc" -ne 0 ] || [ "$lint_rc" -gt 1 ] || fit <"$tmp/lint/err" >&2
	[ "$render_rc" -eq 0 ] || could_not render
	[ "$want_rc" -le 1 ] || could_not want
	[ "$history_rc" -eq 0 ] || could_not history
	[ "$have_rc" -le 1 ] || could_not have
	[ "$lint_rc" -le 1 ] || could_not lint
	# What PostgreSQL refuses of the models, in the models' own file.
	if [ "$want_rc" -eq 1 ]; then
		while IFS=$TAB read -r where what fix; do no schema "$where" "$what" "$fix"; done <"$tmp/want/out"
	fi
	if [ "$have_rc" -eq 1 ]; then
		[ ! -s "$tmp/have/out" ] || while IFS=$TAB read -r where what fix; do
			no apply "$where" "$what" "$fix"
		done <"$tmp/have/out"
	fi
	set --
	: >"$tmp/own.json"
	if [ -f "$tmp/no" ]; then
		awk -f "$kit"/scripts/lib/finding.awk -f "$kit"/scripts/lib/check_findings.awk "$tmp/no" >"$tmp/own.json"
		set -- "$tmp/own.json"
	fi
	[ "$have_rc" -ne 1 ] || [ ! -s "$tmp/have/apply.json" ] || set -- "$@" "$tmp/have/apply.json"
	[ ! -s "$tmp/diff.json" ] || set -- "$@" "$tmp/diff.json"
	if [ "$history_rc$lint_rc" = 00 ]; then
		set -- "$@" "$tmp/lint/own.json" "$tmp/lint/squawk.json"
		[ ! -f "$tmp/lint/atlas.json" ] || { [ -e "$tmp/lint/stopped" ] && [ "$have_rc" -ne 0 ]; } ||
			set -- "$@" "$tmp/lint/atlas.json"
	fi
	[ $# -gt 0 ] || set -- "$tmp/own.json"
	lint_save "$@"
	lint_show "$lint_shown" || failed=1
	models_kept

	[ "$have_rc" -ne 1 ] || apply_fix
	if [ -n "$undecided" ]; then
		say 'migrations: the check could not be completed; nothing was decided'
		exit 2
	fi
	if [ -n "$failed" ]; then
		! changed_meanwhile || {
			say 'migrations: files changed while they were looked at, and nothing was decided; run the check again'
			exit 2
		}
		say 'migrations: check failed'
		answer 1
	fi
	check_note
	[ -z "$COMPARE_EXCLUDE" ] || say "note: what COMPARE_EXCLUDE names was not compared: $COMPARE_EXCLUDE"
	# The target has it from somebody else: that is a thing to know, and no fault.
	if [ -s "$tmp/have/needs" ] && IFS= read -r needs <"$tmp/have/needs" && [ -n "$needs" ]; then
		say "note: a target needs what DEV_DB_INIT ($DEV_DB_INIT) makes, before its first migration: $needs"
	fi
	say 'migrations: check passed'
}
