# unchanged.sh - sourced by check_migrations.sh: has anything changed since the
# last success? Apart from check.sh, for most checks need no more than this and
# are counted in milliseconds.
#
#   fingerprint       print one of all that is looked at; in a subshell
#   unchanged PRINT   the last success was with this very print
#   check_untracked   before a commit: set untracked, the migrations git lacks
#   check_note        this was a success, with $print

# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # the caller's, and set for it

check_ok=$state/check.ok

# The knobs that an answer depends on. A DEV_DB that is an address may hold a
# password: it stays out.
fingerprint() {
	schema_print "$SCHEMA|$SCHEMA_DEPS|$ALLOW_EMPTY|$DEV_SCHEMAS|$MIGRATIONS|$TEMPLATE|$MIGRATION_HASH_POINTER|$base_rev|$LINT_LATEST|$COMPARE_EXCLUDE|$atlas_bin|${DEV_DB%%:*}|$PG_MAJOR|$PG_BINDIR|$DEV_DB_INIT|$DEV_DB_EXTENSIONS|$DEV_DB_SUPERUSER|$NAMING|$BIG_TABLES|$VENV|$ATLAS_LINT" \
		"$MIGRATIONS" ${TEMPLATE:+"$TEMPLATE"} lint.levels "$kit/lint.levels" .squawk.toml ${DEV_DB_INIT:+"$DEV_DB_INIT"} \
		"$kit"/scripts/check_migrations.sh "$kit"/scripts/render_schema.sh "$kit"/scripts/lint_migrations.sh "$kit"/scripts/lib "$kit"/scripts/steps
}

# Binaries are not read: they count as changed when they are newer than the last
# success.
unchanged() {
	local was='' t
	[ -f "$check_ok" ] || return 1
	IFS= read -r was <"$check_ok" || return 1
	[ "$was" = "$1" ] || return 1
	for t in "$atlas_bin" "$bin/atlasjson" "$bin/catdiff" "$bin/mhash" "$bin/sqlflat" "$bin/sqlstmt" "$bin/watchlint"; do
		[ ! "$t" -nt "$check_ok" ] || return 1
	done
}

# check_untracked: in a hook the answer is about what is committed. A migration
# that git does not know stays behind, and its atlas.sum goes.
check_untracked() {
	untracked=''
	[ -n "${PRE_COMMIT-}${GIT_INDEX_FILE-}" ] || return 0
	untracked=$(git ls-files --others -- "$MIGRATIONS/*.sql" "$MIGRATIONS/atlas.sum") ||
		die "git cannot say which of '$MIGRATIONS' it will commit"
}

# check_note: a file saved while we looked may not have been seen: then nothing
# is noted, and the next check looks again.
check_note() {
	[ "$(fingerprint)" = "$print" ] || return 0
	printf '%s\n' "$print" >"$check_ok.$$" && mv "$check_ok.$$" "$check_ok" ||
		warn "cannot write $check_ok: the next check will look at everything again"
}
