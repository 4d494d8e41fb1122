# unchanged.sh - sourced by check_migrations.sh: has anything changed since the
# last success? Most checks need no more than this, and are counted in milliseconds;
# what is noted of a success, noted.sh knows.
#
#   fingerprint           print one fingerprint of all that the check looks at; in a
#                         subshell. Of the kit's scripts the marks count (mhash -m), and of
#                         git what says where HEAD is
#   fingerprint content   of the scripts what is in them, and of git nothing
#   unchanged PRINT       is PRINT the fingerprint of the last success, or is all that is
#                         new without a meaning?
#   render_unknown        render now, where nothing says what the SCHEMA command reads;
#                         note_around: note what git knows then
#   check_untracked       before a commit: set untracked to the migrations that git does
#                         not know, and unstaged to those it would not commit as they are

# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # the caller's, and set for it

[ -z "$DEV_DB_INIT" ] || . "$kit/scripts/lib/init.sh"

check_ok=$state/check.ok

# git and squawk look above the directory itself, not above a link that led here.
cd -P . || exit 2

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

# git_look: set git_at to where git keeps what belongs to this working tree, git_refs to
# where the branches are, and head_ref to the branch that HEAD is, '' for none; git_at is
# '' outside of a repository.
git_at='' git_refs='' head_ref=''
git_look() {
	local up="$PWD" line='' n=0
	# What git finds: a directory of that name without a HEAD is none.
	until [ -f "$up/.git" ] || [ -e "$up/.git/HEAD" ] || [ -L "$up/.git/HEAD" ]; do
		[ -n "$up" ] || return 0
		up=${up%/*}
	done
	git_at=$up/.git
	# It is a file in a second working tree, and in a submodule.
	if [ -f "$git_at" ]; then
		IFS= read -r line <"$git_at" || :
		line=${line#gitdir: }
		case $line in
		/*) git_at=$line ;;
		*) git_at=$up/$line ;;
		esac
	fi
	git_refs=$git_at
	if [ -f "$git_at/commondir" ]; then
		IFS= read -r line <"$git_at/commondir" || :
		case $line in
		/*) git_refs=$line ;;
		*) git_refs=$git_at/$line ;;
		esac
	fi
	line='' head_ref=''
	[ ! -f "$git_at/HEAD" ] || [ ! -r "$git_at/HEAD" ] || IFS= read -r line <"$git_at/HEAD" || :
	# A branch may be another name of a branch.
	while case $line in 'ref: '*) [ "$n" -lt 6 ] ;; *) false ;; esac do
		head_ref=${line#ref: } line='' n=$((n + 1))
		[ ! -f "$git_refs/$head_ref" ] || IFS= read -r line <"$git_refs/$head_ref" || :
	done
}

# fingerprint: of the files, and of the knobs that the answer depends on.
fingerprint() {
	local how="${1-}" f
	set -- -m "$atlas_bin" -m "$bin" -m "$cache/venv/bin/squawk"
	[ -z "$how" ] || set -- "$@" --
	for f in check_migrations.sh lint_migrations.sh render_schema.sh lib steps; do
		if [ -n "$how" ]; then set -- "$@" "$kit/scripts/$f"; else set -- "$@" -m "$kit/scripts/$f"; fi
	done
	if [ -z "$how" ]; then
		git_look
		# A branch is a file of its own, or stands in one of the last three.
		set -- "$@" ${git_at:+-m "$git_at/HEAD" ${head_ref:+-m "$git_refs/$head_ref"} \
			-m "$git_refs/packed-refs" -m "$git_refs/reftable" -m "$git_at/reftable"} --
	fi
	[ -z "$DEV_DB_INIT" ] || while IFS= read -r f; do set -- "$@" "$f"; done <<-END
		$(init_files)
	END
	# Without one here squawk takes the next one above.
	if [ ! -f .squawk.toml ]; then
		f=$PWD
		while [ -n "$f" ] && [ ! -f "$f/.squawk.toml" ]; do f=${f%/*}; done
		set -- "$@" "$f/.squawk.toml"
	fi
	schema_print "$SCHEMA|$SCHEMA_DEPS|$ALLOW_EMPTY|$DEV_SCHEMAS|$MIGRATIONS|$TEMPLATE|$MIGRATION_HASH_POINTER|$base_rev|$LINT_LATEST|$COMPARE_EXCLUDE|$atlas_bin|$server|$PG_MAJOR|$PG_BINDIR|$DEV_DB_INIT|$DEV_DB_EXTENSIONS|$DEV_DB_SUPERUSER|$NAMING|$BIG_TABLES|$VENV|$ATLAS_LINT" \
		"$MIGRATIONS" "$@" ${rendered:+"$schema_file"} ${TEMPLATE:+"$TEMPLATE"} lint.levels "$kit/lint.levels" .squawk.toml "$kit/VERSION" \
		"$MIGRATIONS"/*/migration.sql "$MIGRATIONS"/versions/*.py
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

note_around() { schema_sure || printf '%s\n' "$around" >"$state/schema.around"; }

# unchanged PRINT: where a report is asked for, the findings that are kept are looked at.
unchanged() {
	local was=''
	[ -f "$check_ok" ] && IFS= read -r was <"$check_ok" || return 1
	[ "$was" != "$1" ] || [ "$LINT_FORMAT$LINT_REPORT" != text ] || return 0
	. "$kit/scripts/lib/noted.sh"
	noted "$1"
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
