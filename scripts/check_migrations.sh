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
		for f in "$MIGRATIONS"/*.sql "$MIGRATIONS"/.*.sql "$MIGRATIONS/atlas.sum" "$TEMPLATE" \
			atlas.hcl lint.levels .squawk.toml ${DEV_DB_INIT:+"$DEV_DB_INIT"} scripts/*.sh \
			scripts/*.awk scripts/lib/*.sh; do
			printf '%s\0' "$f"
		done
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

rm -f "$ok" "$lint_saved"
atlas_need
. scripts/lib/devdb.sh
lint_levels
need_tmp
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

# A server and a rendering take a while each: they begin now, side by side,
# and the quick checks are made meanwhile.
job_render='' job_lint='' job_apply='' job_load='' job_diff=''
at_exit 'kill $job_render $job_lint $job_apply $job_load $job_diff 2>/dev/null || :'
devdb_choose
scripts/render_schema.sh >"$tmp/render.out" 2>"$tmp/render.err" &
job_render=$!
devdb_start

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
	rc=0
	total=$("$bin/mhash" -s <"$MIGRATIONS/atlas.sum" 2>"$tmp/total.err") || rc=$?
	[ "$rc" -eq 0 ] || die "$MIGRATIONS/atlas.sum: $(cat "$tmp/total.err")"
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
devdb_wait

apply_rc=0
if [ -z "$devdb_one" ]; then
	devdb_url dev_apply
	APPLY_URL=$DEV_URL APPLY_JSON=$tmp/apply.json scripts/apply_check.sh "$dir" >"$tmp/apply.out" 2>"$tmp/apply.err" &
	job_apply=$!
fi

render_rc=0
wait "$job_render" || render_rc=$?
job_render=''

# Lint is what nothing else waits for: it takes its processor from here on.
devdb_url dev_lint
mkdir "$tmp/lint"
scripts/lint_migrations.sh -o "$tmp/lint" "$dir" 2>"$tmp/lint.err" &
job_lint=$!
if [ -n "$devdb_one" ]; then
	lint_rc=0
	wait "$job_lint" || lint_rc=$?
	job_lint=''
fi

cat "$tmp/render.out"
if [ "$render_rc" -ne 0 ]; then
	no "SCHEMA ($SCHEMA)" 'cannot be rendered:' \
		'make the command print SQL; it runs as: make render-schema' "$tmp/render.err"
else
	cat "$tmp/render.err" >&2
	# Where the migrations have just been applied to a database of ours, that
	# database is what they describe: Atlas need not replay them once more. A
	# large schema is loaded into another meanwhile, likewise.
	from=file://$dir to=file://$schema_file dev=dev_diff
	if [ -n "$job_apply" ] && devdb_stays; then
		load=$(find "$schema_file" -name '*.sql' -size +128)
		if [ -n "$load" ]; then
			mkdir "$tmp/schema"
			{ printf -- '-- atlas:txmode none\n\n' && cat "$schema_file"; } >"$tmp/schema/1.sql"
			"$bin/mhash" -w "$tmp/schema" || exit 2
			devdb_url dev_diff
			APPLY_URL=$DEV_URL scripts/apply_check.sh "$tmp/schema" >/dev/null 2>&1 &
			job_load=$!
		fi
		wait "$job_apply" || apply_rc=$?
		job_apply=''
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
				lint_rc=0
				wait "$job_lint" || lint_rc=$?
				job_lint=''
				dev=dev_lint
			fi
		fi
	fi
	devdb_url "$dev"
	schema_flags
	# shellcheck disable=SC2086 # schema_flags is words
	"$atlas_bin" schema diff --config file://atlas.hcl --env "$ATLAS_ENV" \
		--from "$from" --to "$to" $schema_flags \
		--format '{{ sql . "  " }}' >"$tmp/diff.out" 2>"$tmp/diff.err" &
	job_diff=$!
	diff_rc=0
	wait "$job_diff" || diff_rc=$?
	job_diff=''
fi
if [ -n "$job_apply" ]; then
	wait "$job_apply" || apply_rc=$?
	job_apply=''
fi
if [ -n "$job_lint" ]; then
	lint_rc=0
	wait "$job_lint" || lint_rc=$?
	job_lint=''
fi

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
cat "$tmp/lint.err" >&2
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
	exit 1
fi

# A file saved while we looked may not have been seen: then nothing is noted.
if [ "$(fingerprint)" = "$print" ]; then
	printf '%s\n%s\n' "$print" "$config" >"$ok.$$"
	mv "$ok.$$" "$ok"
fi
say 'migrations: in order'
