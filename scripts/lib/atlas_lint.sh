# atlas_lint.sh - sourced by lint_migrations.sh: Atlas's analysers as a second
# opinion, beside the watch. What PostgreSQL contradicts is not reported (see
# atlasjson_twin.c), and an error of theirs is none of a file that applied.
#
#   atlas_lint_begin DIR OUT     look at the newest of DIR's files, which OUT/new names, in a
#                                database of its own: the one that atlas_lint_empty names,
#                                else a copy of the watch's, which must still be empty
#   atlas_lint_end OUT           OUT/atlas.json, if they said something
#
# ATLAS_LINT=0 switches them off. By itself only the engine is asked, when it is
# there and a second database can be had: nobody has to have either; and not of a new
# file of more than a megabyte, for after each statement they look at all. ATLAS_LINT=1
# asks whatever Atlas there is, and says what keeps it from answering.

# shellcheck shell=sh
# shellcheck disable=SC2154 # the caller's

atlas_lint_db=''

atlas_lint_wanted() {
	case $ATLAS_LINT in
	0) return 1 ;;
	'')
		[ -x "$atlas_bin" ] || return 1
		atlas_need
		[ -z "$atlas_cli" ] || return 1
		lint_large "$1" "$2/new"
		[ ! -s "$tmp/large" ] || return 1
		# A role belongs to the server: it can be made there once only.
		! grep -Eiq 'create[[:space:]]+(role|user|group)[[:space:]]' "$1"/*.sql 2>/dev/null
		;;
	*) atlas_need ;;
	esac
}

atlas_lint_begin() {
	atlas_lint_wanted "$1" "$2" || return 0
	if [ -n "${atlas_lint_empty-}" ]; then
		atlas_lint_db=$atlas_lint_empty
		make_schema "$atlas_lint_db"
		job atlas atlas_lint_run "$@"
		return 0
	fi
	# On a server that stays, a later run finds by its name that nobody uses it any more.
	atlas_lint_db=${PGDATABASE}_atlas
	echo 'CREATE DATABASE :"new" TEMPLATE :"old";' >"$tmp/elsewhere.sql"
	run "$psql_bin" -XAtqw -v ON_ERROR_STOP=1 -v new="$atlas_lint_db" -v old="$PGDATABASE" \
		-f "$tmp/elsewhere.sql" >/dev/null 2>"$tmp/elsewhere.err" || {
		atlas_lint_db=''
		[ -z "$ATLAS_LINT" ] || die "ATLAS_LINT=1 takes a second database, which cannot be made: $(tail -n 1 "$tmp/elsewhere.err")"
		return 0
	}
	at_exit_call atlas_lint_drop
	job atlas atlas_lint_run "$@"
}

atlas_lint_drop() {
	run "$psql_bin" -XAtqw -c "DROP DATABASE IF EXISTS \"$atlas_lint_db\"" >/dev/null 2>&1 || :
}

atlas_lint_end() {
	[ -n "$atlas_lint_db" ] || return 0
	job_wait atlas || :
	[ ! -s "$tmp/atlas/err" ] || fit <"$tmp/atlas/err" >&2
}

# In a process of its own.
atlas_lint_run() {
	local line='' rc=0 query='' throwaway=''
	job_signals
	case $DEV_URL in *'?'*) query="?${DEV_URL#*'?'}" ;; esac
	# Of few tables nested loops are a fifth quicker; of many they take for ever.
	if [ "$(grep -c '' "$2/all")" -lt 50 ]; then
		case $query in *'&enable_nestloop=off'*) query=${query%%'&enable_nestloop=off'*}${query#*'&enable_nestloop=off'} ;; esac
	fi
	DEV_URL=${DEV_URL%%'?'*}
	DEV_URL=${DEV_URL%/*}/$atlas_lint_db$query
	export DEV_URL
	[ -n "$atlas_cli" ] || throwaway=--throwaway
	atlas migrate lint --dev-url env:DEV_URL --dir "file://$1" --latest "$(grep -c '' "$2/new")" $throwaway \
		--format '{{ $state := "ok" }}{{ range .Steps }}{{ if .Error }}{{ $state = "stopped" }}{{ end }}{{ end }}{{ $state }}
{{ json . }}' >"$2/atlas.json" 2>"$2/atlas.err" || rc=$?
	# Its exit code says what its own levels make of the findings; ours count.
	[ ! -s "$2/atlas.json" ] || IFS= read -r line <"$2/atlas.json" || :
	[ "$line" != ok ] || return 0
	case $line in
	stopped) warn 'Atlas could not replay the migrations for its analysers: going on without them' ;;
	*)
		cat "$2/atlas.json" "$2/atlas.err" >"$2/atlas.said"
		case $(cat "$2/atlas.said") in
		*'atlas login'* | *'Atlas Pro'*)
			warn 'this Atlas lints only with an account (the community build does without): going on without its analysers'
			;;
		*) warn "atlas migrate lint: $(atlas_error "$2/atlas.said") (exit $rc): going on without its analysers" ;;
		esac
		;;
	esac
	rm -f "$2/atlas.json"
}
