# atlas_lint.sh - sourced by lint_migrations.sh: Atlas's analysers as a second
# opinion. What PostgreSQL contradicts is not told (see atlasjson_twin.c), and an
# error of theirs is none of a file that applied.
#
#   atlas_lint DIR OUT N   OUT/atlas.json of DIR's N newest files, in DEV_URL's
#                          database, which is empty before and after
#   watch_elsewhere        a database of its own for who comes next

# shellcheck shell=sh
# shellcheck disable=SC2154 # the caller's

atlas_lint() {
	local line='' rc=0
	atlas migrate lint --dev-url env:DEV_URL --dir "file://$1" --latest "$3" \
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

watch_elsewhere() {
	watch_database=atlas_make_watch_$$
	"$psql_bin" -XAtqw -v ON_ERROR_STOP=1 -c "CREATE DATABASE $watch_database" 2>"$tmp/elsewhere.err" ||
		die "ATLAS_LINT=1 takes a second database, which cannot be made: $(tail -n 1 "$tmp/elsewhere.err")"
	at_exit_call drop_elsewhere
	watch_was=$PGDATABASE
	PGDATABASE=$watch_database
	export PGDATABASE
}
drop_elsewhere() {
	PGDATABASE=$watch_was "$psql_bin" -XAtqw -c "DROP DATABASE IF EXISTS $watch_database" >/dev/null 2>&1 || :
}
