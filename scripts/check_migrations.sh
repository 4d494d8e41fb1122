#!/bin/sh
# check_migrations.sh - are models, migrations and template in step?
#
# Exit 0 yes, 1 no (each failure is told, with the command that mends it), 2
# the check could not be made. The checks:
#   1 MigrationHash in the template is the total of atlas.sum
#   2 atlas.sum matches the files
#   3 nothing changed since the last success: stop here
#   4 models and migrations describe the same schema
#   5 every migration applies the way the deploy applies it; lint of what is new
# 3 is asked first: its fingerprint takes in all that 1 and 2 look at.
set -eu
. "${0%/*}/lib/common.sh"
. scripts/lib/atlas.sh
. scripts/lib/schema.sh
. scripts/lib/base.sh
. scripts/lib/lint.sh

[ $# -eq 0 ] || {
	echo 'usage: check_migrations.sh' >&2
	exit 2
}
need_project
[ -d "$MIGRATIONS" ] || die "MIGRATIONS: no directory '$MIGRATIONS'"
ok=$cache/check.ok
lint_formats

# --- 3: nothing changed ------------------------------------------------------
base_commit
config="$SCHEMA|$SCHEMA_DEPS|$DEV_SCHEMAS|$MIGRATIONS|$TEMPLATE|$MIGRATION_HASH|$base_rev|$LATEST|$atlas_bin|$ATLAS_ENV|$DEV_DB|$PG_MAJOR|$PG_BINDIR|$DEV_DB_INIT|$NAMING"

# The fingerprint of all that was looked at. Binaries are not read: they count
# as changed when they are newer than the last success.
fingerprint() {
	{
		schema_inputs
		# All at once: of a thousand names one by one the reader would be
		# woken up for each.
		printf '%s\0' "$MIGRATIONS"/*.sql "$MIGRATIONS"/.*.sql "$MIGRATIONS/atlas.sum" "$TEMPLATE" \
			atlas.hcl lint.levels .squawk.toml ${DEV_DB_INIT:+"$DEV_DB_INIT"} scripts/*.sh \
			scripts/*.awk scripts/lib/*.sh
	} | "$bin/mhash" -f -0
}
print=$(fingerprint) || exit 2
if [ -f "$ok" ] && { IFS= read -r was && IFS= read -r was_config; } <"$ok" &&
	[ "$was" = "$print" ] && [ "$was_config" = "$config" ] &&
	[ ! "$atlas_bin" -nt "$ok" ] && [ ! "$bin/atlasjson" -nt "$ok" ] && [ ! "$bin/mhash" -nt "$ok" ]; then
	# Warnings are no news, but who asks for a report gets one.
	if [ -n "$REPORT" ] || [ "$LINT_FORMAT" != text ]; then
		need_tmp
		lint_levels
		lint_show "$lint_saved" || :
	fi
	say "migrations: nothing changed since the last successful check"
	exit 0
fi

need_tmp
# A server and a rendering take a while each: they begin now, side by side,
# and the quick checks are made meanwhile.
job_render='' job_lint='' job_apply='' job_load='' job_diff='' job_feed=''
diff_with=TERM
at_exit '[ -z "$job_diff" ] || kill -$diff_with $job_diff 2>/dev/null || :'
at_exit 'kill $job_render $job_lint $job_apply $job_load $job_feed 2>/dev/null || :'
scripts/render_schema.sh -t "$tmp" >"$tmp/render.out" 2>"$tmp/render.err" &
job_render=$!
rm -f "$ok" "$lint_saved"
atlas_need
. scripts/lib/devdb.sh
lint_levels
devdb_start
failed=0
# no WHERE WHAT REMEDY [DETAILS]: one failure; DETAILS is a file to show. It is
# kept for make lint-report, too.
no() {
	printf '%s\t%s\t%s\n' "$1" "$2" "${3-}" >>"$tmp/no"
	say "$1: $2"
	if [ -n "${4-}" ]; then
		# To GitHub's runner a line of SQL or of an error may be a command.
		case $LINT_FORMAT in
		github) sed -e 's/##\([[v]\)/## \1/g' -e 's/^/  | /' "$4" ;;
		*) sed 's/^/  /' "$4" ;;
		esac
	fi
	[ -z "${3-}" ] || say "  mend: $3"
	failed=1
}

# --- 1 and 2: the hashes -----------------------------------------------------
dir=$MIGRATIONS
rc=0
"$bin/mhash" -c "$MIGRATIONS" >"$tmp/hash.out" 2>"$tmp/hash.err" || rc=$?
if [ "$rc" -ne 0 ]; then
	while read -r what name; do
		case $what in
		added) meaning='is not in atlas.sum' ;;
		edited) meaning='is not what atlas.sum says it was: edited' ;;
		removed) meaning='is in atlas.sum, but the file is gone: removed' ;;
		moved) meaning='does not stand where atlas.sum has it: moved' ;;
		*)
			name=atlas.sum
			meaning="$what $name"
			;;
		esac
		no "$MIGRATIONS/$name" "$meaning"
	done <"$tmp/hash.out"
	while IFS= read -r line; do no "${line#mhash: }" ''; done <"$tmp/hash.err"
	say "  mend: if that was meant: make hash-migrations; else: git checkout -- '$MIGRATIONS'; after a merge: make rebase-migrations"
	failed=1
	# Atlas refuses a directory whose hash is off, and the rest is worth
	# knowing: it goes on with a copy that is hashed anew.
	dir=$tmp/migrations
	mkdir "$dir"
	for f in "$MIGRATIONS"/*.sql "$MIGRATIONS"/.*.sql; do
		[ ! -f "$f" ] || cp "$f" "$dir/"
	done
	"$bin/mhash" -w "$dir" || exit 2
else
	# It was found right as a whole just now.
	IFS= read -r total <"$MIGRATIONS/atlas.sum" || die "$MIGRATIONS/atlas.sum: changed meanwhile: run it again"
	if [ ! -r "$TEMPLATE" ]; then
		no "$TEMPLATE" 'cannot be read' 'set TEMPLATE to your CloudFormation template'
	else
		rc=0
		value=$("$bin/yamlset" -f "$TEMPLATE" "$MIGRATION_HASH" 2>"$tmp/yaml.err") || rc=$?
		case $rc in
		0)
			[ "$value" = "$total" ] ||
				no "$TEMPLATE" "MigrationHash is '$value', the total of $MIGRATIONS/atlas.sum is '$total'" 'make hash-migrations'
			;;
		1) no "$TEMPLATE" "no MigrationHash at $MIGRATION_HASH" "add the line 'MigrationHash: x' there, then: make hash-migrations" ;;
		*)
			# "FILE:LINE:COLUMN: what"
			text=$(sed 's/^yamlset: //' "$tmp/yaml.err")
			no "${text%%: *}" "${text#*: }" 'write a plain string there, then: make hash-migrations'
			;;
		esac
	fi
fi

# --- 4 and 5, side by side ---------------------------------------------------
mkdir "$tmp/lint" "$tmp/diff"
devdb_wait

# Nothing but the verdict waits for lint: it begins when a processor is free,
# that is when the models are rendered or the migrations applied. Whichever
# comes first makes the file, and its job's exit code is lint's.
lint_first() { (set -C && : >"$tmp/lint/begun") 2>/dev/null; }
apply_then_lint() {
	job_signals
	devdb_url dev_apply
	export APPLY_URL="$DEV_URL" APPLY_JSON="$tmp/apply.json"
	rc=0
	run scripts/apply_check.sh "$dir" >"$tmp/apply.out" 2>"$tmp/apply.err" || rc=$?
	echo "$rc" >"$tmp/applied"
	lint_first || exit "$rc"
	devdb_url dev_lint
	rc=0
	run scripts/lint_migrations.sh -o "$tmp/lint" "$dir" 2>"$tmp/lint.err" || rc=$?
	exit "$rc"
}

apply_rc=0
if [ -z "$devdb_one" ]; then
	apply_then_lint &
	job_apply=$!
fi

# diff_begin FROM TO DATABASE. Where the server dies with this script, killed or
# not, so does this: nobody else would open the pipe.
diff_begin() {
	devdb_url "$3"
	schema_flags
	# shellcheck disable=SC2086 # these are words
	$devdb_bound "$atlas_bin" schema diff --config file://atlas.hcl --env "$ATLAS_ENV" \
		--from "$1" --to "$2" $schema_flags \
		--format '{{ sql . "  " }}' >"$tmp/diff.out" 2>"$tmp/diff.err" &
	job_diff=$!
}

# diff_stop: nothing waits at either end of the pipe any more.
diff_stop() {
	[ -z "$job_feed" ] || kill "$job_feed" 2>/dev/null || :
	if [ -n "$job_diff" ]; then
		kill "-$diff_with" "$job_diff" 2>/dev/null || :
		wait "$job_diff" 2>/dev/null || :
	fi
	job_diff='' job_feed='' diff_with=TERM
}

# Atlas takes longer to start and connect than to compare. So it begins now, and
# finds the schema in a pipe when there is one: a file is what it reads, once,
# after it has connected and before it looks at what was applied.
pipe=$tmp/diff/${schema_file##*/}
if [ -z "$devdb_one" ] && [ "$schema_kind" = command ] && devdb_stays; then
	mkfifo "$pipe"
	# Atlas 1.x hears SIGTERM only when the pipe has an end. The server is ours
	# and is thrown away: nothing is lost with a SIGKILL.
	diff_with=KILL
	devdb_url dev_apply
	diff_begin "$DEV_URL" "file://$pipe" dev_diff
fi

render_rc=0
wait "$job_render" || render_rc=$?
job_render=''

if lint_first; then
	devdb_url dev_lint
	scripts/lint_migrations.sh -o "$tmp/lint" "$dir" 2>"$tmp/lint.err" &
	job_lint=$!
else
	job_lint=$job_apply job_apply=''
	read -r apply_rc <"$tmp/applied" || die "cannot write $tmp: is the disk full?"
fi
lint_rc=0
lint_wait() {
	[ -n "$job_lint" ] || return 0
	wait "$job_lint" || lint_rc=$?
	job_lint=''
}
apply_wait() {
	[ -n "$job_apply" ] || return 0
	wait "$job_apply" || apply_rc=$?
	job_apply=''
}
[ -z "$devdb_one" ] || lint_wait

[ ! -s "$tmp/render.out" ] || cat "$tmp/render.out"
if [ "$render_rc" -ne 0 ]; then
	diff_stop
	no "SCHEMA ($SCHEMA)" 'cannot be rendered:' \
		'make the command print SQL; it runs as: make render-schema' "$tmp/render.err"
else
	[ ! -s "$tmp/render.err" ] || cat "$tmp/render.err" >&2
	# Where the migrations have just been applied to a database of ours, that
	# database is what they describe: Atlas need not replay them once more. A
	# large schema is loaded into another meanwhile, likewise.
	from=file://$dir to=file://$schema_file dev=dev_diff load=''
	if [ -z "$devdb_one" ] && devdb_stays; then
		load=$(find "$schema_file" -name '*.sql' -size +128)
		if [ -n "$load" ]; then
			mkdir "$tmp/schema"
			awk -f scripts/join_plain.awk -v out="$tmp/schema" -v cut=1 "$schema_file" &&
				"$bin/mhash" -w "$tmp/schema" || exit 2
			devdb_url dev_diff
			APPLY_URL=$DEV_URL scripts/apply_check.sh "$tmp/schema" >/dev/null 2>&1 &
			job_load=$!
		fi
		apply_wait
		if [ "$apply_rc" -eq 0 ]; then
			devdb_url dev_apply
			from=$DEV_URL
		fi
		if [ -n "$load" ]; then
			rc=0
			wait "$job_load" || rc=$?
			job_load=''
			devdb_url dev_diff
			# What does not load is for Atlas to tell of. It takes only an
			# empty database, and there is one when lint has done.
			if [ "$rc" -eq 0 ]; then to=$DEV_URL; fi
			if [ "$rc" -ne 0 ] || [ "$apply_rc" -ne 0 ]; then
				lint_wait
				dev=dev_lint
			fi
		fi
	fi
	if [ -n "$job_diff" ] && [ -z "$load" ] && [ "$apply_rc" -eq 0 ]; then
		cat "$schema_file" >"$pipe" &
		job_feed=$!
	else
		[ -z "$job_diff" ] || diff_stop
		diff_begin "$from" "$to" "$dev"
	fi
	diff_rc=0
	wait "$job_diff" || diff_rc=$?
	job_diff=''
	diff_stop
fi
apply_wait
lint_wait
devdb_end

# What does not apply cannot be compared or analysed either: one cause, told
# once, by the one that knows it best.
if [ "$apply_rc" -ne 0 ]; then
	cat "$tmp/apply.out"
	[ "$apply_rc" -eq 1 ] || {
		cat "$tmp/apply.err" >&2
		exit 2
	}
	failed=1
fi
replay_failed=''
[ "$apply_rc" -eq 0 ] || replay_failed=1
if [ "$render_rc" -eq 0 ]; then
	if [ "$diff_rc" -ne 0 ]; then
		# A file of SQL is a directory with one version to Atlas.
		text=$(atlas_error "$tmp/diff.err") version=${schema_file##*/}
		case $from::$text in
		*"from version \"${version%.sql}\""*) no "$schema_file" "${text#*sql/migrate: execute: }" ;;
		file://*'read migration directory state'*) [ -n "$replay_failed" ] || no "$MIGRATIONS" "$text" ;;
		*) no "$schema_file" "$text" ;;
		esac
	elif [ -s "$tmp/diff.out" ]; then
		no "$MIGRATIONS" 'models and migrations differ; to catch up the migrations lack:' \
			'make create-migrations NAME=what_changed' "$tmp/diff.out"
	fi
fi
[ ! -s "$tmp/lint.err" ] || cat "$tmp/lint.err" >&2
[ "$lint_rc" -eq 0 ] || exit 2
set -- "$tmp/lint/own.json" "$tmp/lint/squawk.json"
if [ -f "$tmp/lint/atlas.json" ] && { [ -z "$replay_failed" ] || [ ! -e "$tmp/lint/stopped" ]; }; then
	set -- "$@" "$tmp/lint/atlas.json"
fi
if [ -n "$replay_failed" ]; then
	case $(cat "$tmp/apply.out") in
	*'inside a transaction block'*) levels="$levels txmode=off" ;;
	esac
fi
# What was told above is in the report for others, and not told again here.
if [ -f "$tmp/no" ]; then
	awk -f scripts/lib/finding.awk -f scripts/check_findings.awk "$tmp/no" >>"$tmp/told.json"
fi
[ -z "$replay_failed" ] || cat "$tmp/apply.json" >>"$tmp/told.json"
: >>"$tmp/told.json"
lint_save "$@" "$tmp/told.json"
lint_show "$@" || failed=1

if [ "$failed" -ne 0 ]; then
	say 'migrations: not in order'
	answer 1
fi

devdb_remove
# A file saved while we looked may not have been seen: then nothing is noted.
if [ "$(fingerprint)" = "$print" ]; then
	printf '%s\n%s\n' "$print" "$config" >"$ok.$$"
	mv "$ok.$$" "$ok"
fi
say 'migrations: in order'
