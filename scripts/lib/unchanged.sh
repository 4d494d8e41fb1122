# unchanged.sh - sourced by check_migrations.sh: has anything changed since the
# last success? This is a file of its own, apart from check.sh: most checks need no
# more, and are counted in milliseconds.
#
#   fingerprint       print one fingerprint of all that the check looks at; in a subshell
#   unchanged PRINT   was the last success with this very fingerprint?
#   render_unknown    render now, where nothing says what the SCHEMA command reads
#   check_untracked   before a commit: set untracked to the migrations that git does
#                     not know, and unstaged to those it would not commit as they are
#   check_note        note that the check passed, with the fingerprint $print, made by the
#                     scripts with the fingerprint $kit_was
#
# written by both: print

# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # the caller's, and set for it

check_ok=$state/check.ok

# fingerprint: of the files, and of the knobs that the answer depends on. A DEV_DB that is
# an address may hold a password: that stays out.
fingerprint() {
	schema_print "$SCHEMA|$SCHEMA_DEPS|$ALLOW_EMPTY|$DEV_SCHEMAS|$MIGRATIONS|$TEMPLATE|$MIGRATION_HASH_POINTER|$base_rev|$LINT_LATEST|$COMPARE_EXCLUDE|$atlas_bin|${DEV_DB%%:*}|$PG_MAJOR|$PG_BINDIR|$DEV_DB_INIT|$DEV_DB_EXTENSIONS|$DEV_DB_SUPERUSER|$NAMING|$BIG_TABLES|$VENV|$ATLAS_LINT" \
		"$MIGRATIONS" ${rendered:+"$schema_file"} ${TEMPLATE:+"$TEMPLATE"} lint.levels "$kit/lint.levels" .squawk.toml ${DEV_DB_INIT:+"$DEV_DB_INIT"} "$kit/VERSION"
}

# render_unknown: what the command prints shows whether something changed. It need not be
# run where nothing changed that git knows of, nor before the first success.
rendered='' unknown='' around=''
render_unknown() {
	local had=''
	! schema_sure || return 0
	[ -z "${SCHEMA_DEPS## }" ] || around=$(schema_around) || around=''
	unknown=1
	[ -f "$check_ok" ] || return 0
	if [ -n "$around" ] && [ -f "$state/schema.around" ] && IFS= read -r had <"$state/schema.around" && [ "$had" = "$around" ]; then
		rendered=1 unknown=''
		return 0
	fi
	need_tmp
	mkdir "$tmp/render.d"
	job render "$kit"/scripts/render_schema.sh -a -t "$tmp/render.d"
	! job_wait render || rendered=1 unknown=''
}

# kit_print: print one fingerprint of the scripts that an answer depends on; in a
# subshell.
kit_print() {
	exec "$bin/mhash" -f -x __pycache__ -- "$kit"/scripts/*_migrations.sh "$kit"/scripts/render_schema.sh \
		"$kit"/scripts/lib "$kit"/scripts/steps
}

# unchanged: of the kit's own files, binaries and scripts, the version is read, and the
# rest only where a file is not older than the last success (a shell may know no more
# than seconds): a script has then changed where its content has, a binary in any case.
unchanged() {
	local was='' kit_was='' newer='' t
	[ -f "$check_ok" ] || return 1
	IFS= read -r was <"$check_ok" || return 1
	[ "$was" = "$1" ] || return 1
	for t in "$atlas_bin" "$bin/atlasjson" "$bin/catdiff" "$bin/mhash" "$bin/sqlflat" "$bin/sqlstmt" "$bin/watchlint"; do
		[ "$check_ok" -nt "$t" ] || return 1
	done
	for t in "$kit"/scripts/*_migrations.sh "$kit"/scripts/render_schema.sh "$kit"/scripts/lib "$kit"/scripts/lib/* \
		"$kit"/scripts/steps "$kit"/scripts/steps/*; do
		[ "$check_ok" -nt "$t" ] || newer=1
	done
	[ -n "$newer" ] || return 0
	{ IFS= read -r was && IFS= read -r kit_was; } <"$check_ok" || return 1
	[ -n "$kit_was" ] && note_ok "$was" "$kit_was"
}

# note_ok PRINT KIT: note a success with the fingerprint PRINT in check_ok, where the
# scripts are, as before, those with the fingerprint KIT. It is written before they are
# read: one that changes after that is newer.
note_ok() {
	printf '%s\n%s\n' "$1" "$2" >"$check_ok.$$" || return 1
	if [ "$(kit_print)" != "$2" ]; then
		rm -f "$check_ok.$$"
		return 1
	fi
	mv "$check_ok.$$" "$check_ok"
}

# check_untracked: in a hook the answer is about what is committed. A migration
# that git does not know stays behind, and its atlas.sum goes; or the other way
# round.
check_untracked() {
	untracked='' unstaged=''
	[ -n "${PRE_COMMIT-}${GIT_INDEX_FILE-}" ] || return 0
	untracked=$(git -c core.quotePath=false ls-files --others -- "$MIGRATIONS/*.sql" "$MIGRATIONS/atlas.sum") ||
		die "git cannot say which of '$MIGRATIONS' it will commit"
	# What is pushed was committed before.
	[ -z "${PRE_COMMIT_FROM_REF-}" ] || return 0
	unstaged=$(git -c core.quotePath=false diff --name-only --relative -- "$MIGRATIONS" ${TEMPLATE:+"$TEMPLATE"}) ||
		die "git cannot say which of '$MIGRATIONS' it will commit"
}

# print_known: set print once more: now it is known which files the rendering read, or at
# least what came of it.
print_known() {
	local key=''
	unknown=''
	if schema_sure; then
		[ -f "$state/schema.key" ] && IFS= read -r key <"$state/schema.key" || return 1
		[ "$key" = "$(schema_key)" ] || return 1
	else
		rendered=1
	fi
	print=$(fingerprint)
}
note_around() { schema_sure || printf '%s\n' "$around" >"$state/schema.around"; }

# check_note: a file saved while we looked may not have been seen: then nothing
# is noted, and the next check looks again.
check_note() {
	[ "$(fingerprint)" = "$print" ] || return 0
	[ -z "$unknown" ] || print_known || return 0
	note_around && note_ok "$print" "$kit_was" ||
		warn "this success could not be noted in $check_ok: the next check will look at everything again"
}
