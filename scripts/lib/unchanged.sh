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
#                     scripts with the fingerprint $kit_was, where HEAD was $head
#   git_head          set head
#
# written by both: print head

# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # the caller's, and set for it

. "$kit/scripts/lib/init.sh"

check_ok=$state/check.ok

# server: which one is asked. An address may hold a password: that stays out. (Later on
# DEV_URL is the address of a database of this run.)
server=$DEV_DB
case $DEV_DB in
*://*) ;;
url | auto) server=${DEV_URL:-$DEV_DB} ;;
esac
case $server in
*'?'*@*) server=url ;;
*://*)
	server=${server%%'?'*}
	server=${server#*://}
	server=url/${server##*@}
	;;
esac

# fingerprint: of the files, and of the knobs that the answer depends on.
fingerprint() {
	local squawk='' f
	set --
	[ -z "$DEV_DB_INIT" ] || while IFS= read -r f; do set -- "$@" "$f"; done <<-END
		$(init_files)
	END
	[ ! -x "$cache/venv/bin/squawk" ] || squawk=1
	# Without one here squawk takes the next one above.
	if [ ! -f .squawk.toml ]; then
		f=$PWD
		while [ -n "$f" ] && [ ! -f "$f/.squawk.toml" ]; do f=${f%/*}; done
		[ -z "$f" ] || set -- "$@" "$f/.squawk.toml"
	fi
	schema_print "$SCHEMA|$SCHEMA_DEPS|$ALLOW_EMPTY|$DEV_SCHEMAS|$MIGRATIONS|$TEMPLATE|$MIGRATION_HASH_POINTER|$base_rev|$LINT_LATEST|$COMPARE_EXCLUDE|$atlas_bin|$server|$PG_MAJOR|$PG_BINDIR|$DEV_DB_INIT|$DEV_DB_EXTENSIONS|$DEV_DB_SUPERUSER|$NAMING|$BIG_TABLES|$VENV|$ATLAS_LINT|$squawk" \
		"$MIGRATIONS" ${rendered:+"$schema_file"} ${TEMPLATE:+"$TEMPLATE"} lint.levels "$kit/lint.levels" .squawk.toml "$kit/VERSION" "$@"
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

# git_head: set head to the commit that HEAD is, '' outside of a repository. It is read
# without a fork where it stands in a file of its own.
head=''
git_head() {
	local up="$PWD" line=''
	head=''
	while [ -n "$up" ] && [ ! -e "$up/.git" ]; do up=${up%/*}; done
	[ -n "$up" ] || return 0
	if [ -f "$up/.git/HEAD" ] && IFS= read -r line <"$up/.git/HEAD"; then
		case $line in
		'ref: '*)
			line=${line#ref: }
			[ ! -f "$up/.git/$line" ] || IFS= read -r head <"$up/.git/$line" || head=''
			;;
		*) head=$line ;;
		esac
	fi
	[ -n "$head" ] || head=$(git rev-parse -q --verify HEAD 2>/dev/null) || head=''
}

# seen OUT: print a sum of what new_files.sh has found, which depends on HEAD as well.
seen() { cat "$1/files.json" "$1/new" | cksum; }
# same_seen SEEN: does it find the same now?
same_seen() {
	need_tmp
	mkdir -p "$tmp/looked" && "$kit"/scripts/steps/new_files.sh "$tmp/looked" "$MIGRATIONS" >/dev/null 2>&1 &&
		[ "$(seen "$tmp/looked")" = "$1" ]
}

# unchanged: of the kit's own files, binaries and scripts, the version is read, and the
# rest only where a file is not older than the last success (a shell may know no more
# than seconds): a script has then changed where its content has, a binary in any case.
# A success of later than now would be newer than all of them.
unchanged() {
	local was='' kit_was='' head_was='' seen_was='' report_was='' newer='' t
	[ -f "$check_ok" ] || return 1
	{ IFS= read -r was && IFS= read -r kit_was && IFS= read -r head_was && IFS= read -r seen_was && IFS= read -r report_was; } <"$check_ok" || return 1
	[ "$was" = "$1" ] && [ -n "$kit_was" ] || return 1
	# make lint-migrations keeps its findings there as well.
	[ "$LINT_FORMAT$LINT_REPORT" = text ] || [ "$(report_sum)" = "$report_was" ] || return 1
	{ : >"$check_ok.now"; } 2>/dev/null || return 1
	[ ! "$check_ok" -nt "$check_ok.now" ] || return 1
	for t in "$atlas_bin" "$bin/atlasjson" "$bin/catdiff" "$bin/mhash" "$bin/sqlflat" "$bin/sqlstmt" "$bin/watchlint" \
		"$cache/venv/bin/squawk"; do
		[ "$check_ok" -nt "$t" ] || [ ! -e "$t" ] || return 1
	done
	for t in "$kit"/scripts/*_migrations.sh "$kit"/scripts/render_schema.sh "$kit"/scripts/lib "$kit"/scripts/lib/* \
		"$kit"/scripts/steps "$kit"/scripts/steps/*; do
		[ "$check_ok" -nt "$t" ] || newer=1
	done
	git_head
	if [ "$head" != "$head_was" ]; then
		same_seen "$seen_was" || return 1
		newer=1
	fi
	[ -n "$newer" ] || return 0
	note_ok "$was" "$kit_was" "$head" "$seen_was" "$report_was"
}

# report_sum: print a sum of the findings that are kept.
report_sum() { [ ! -f "$lint_saved" ] || cksum <"$lint_saved"; }

# note_ok PRINT KIT HEAD SEEN REPORT: note a success with the fingerprint PRINT in check_ok,
# where the scripts are, as before, those with the fingerprint KIT; what HEAD is, what
# new_files.sh has found, and the sum of the report. It is written before the scripts are
# read: one that changes after that is newer.
note_ok() {
	printf '%s\n' "$@" >"$check_ok.$$" || return 1
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
		[ "$key" = "$(schema_key "$schema_file")" ] || return 1
	else
		rendered=1
	fi
	print=$(fingerprint)
}
note_around() { schema_sure || printf '%s\n' "$around" >"$state/schema.around"; }

# check_note: a file saved while we looked may not have been seen: then nothing
# is noted, and the next check looks again.
check_note() {
	local was="$head"
	[ "$(fingerprint)" = "$print" ] || return 0
	git_head
	[ "$head" = "$was" ] || return 0
	[ -z "$unknown" ] || print_known || return 0
	note_around && note_ok "$print" "$kit_was" "$head" "$(seen "$tmp/lint")" "$(report_sum)" ||
		warn "this success could not be noted in $check_ok: the next check will look at everything again"
}
