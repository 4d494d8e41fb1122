#!/bin/sh
# lint_migrations.sh [-o OUT] [DIR] - lint the new migrations of DIR (MIGRATIONS).
#
# New is what was added since the merge base with BASE, else the LATEST newest
# files. Atlas's analysers, squawk and our own checks (order against the base
# branch, edited old files, transaction mode, names) go into one report; what
# is an error is said in lint.levels. The findings are kept for lint_report.sh.
#
# -o: no report; only put what the linters said into the directory OUT, for who
# makes the report: own.json, squawk.json, atlas.json and an empty file
# 'stopped' when the files do not run; what was needed on the way lies there,
# too, for the caller to clear away. Then DEV_URL is an empty database of our
# own; without -o one is started. Exit 0 clean or warnings, 1 errors, 2 could not.
set -eu
. "${0%/*}/lib/common.sh"
. scripts/lib/atlas.sh
. scripts/lib/base.sh
. scripts/lib/lint.sh

usage() {
	echo 'usage: lint_migrations.sh [-o out] [directory]' >&2
	exit 2
}
out=''
while getopts o: o; do
	case $o in
	o) out=$OPTARG tmp=$OPTARG tmp_given=1 ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
[ $# -le 1 ] || usage
need_project migrations
dir=${1:-$MIGRATIONS}
[ -d "$dir" ] || die "no directory '$dir'"
case $LATEST in
'' | *[!0-9]*) die "LATEST=$LATEST: not a number of files" ;;
esac
need_tmp
report=''
if [ -z "$out" ]; then
	report=1
	lint_formats
	lint_levels
	atlas_need
	. scripts/lib/devdb.sh
	devdb_start
	out=$tmp/lint
	mkdir "$out"
fi

# --- without a database: which files are new, and what can be said of them ---
for f in "$dir"/.*.sql "$dir"/*.sql; do
	[ ! -f "$f" ] || printf '%s\n' "${f##*/}"
done >"$tmp/all"

base_commit
# in_base COMMIT: its files. Names come quoted when they hold a quote or a
# control character; those are taken for new.
in_base() { git -c core.quotePath=false ls-tree --name-only "$1" -- "$MIGRATIONS/"; }
base_list='' old='' touched=''
if [ -n "$base_rev" ]; then
	from=$(git merge-base HEAD "$base_rev") ||
		die "BASE: no common ancestor with '$base': fetch more of the history (in CI a full clone, fetch-depth: 0)"
	base_list=$tmp/base old=$tmp/base touched=$tmp/touched
	in_base "$base_rev" >"$base_list" || die "git cannot list '$MIGRATIONS' of '$base'"
	if [ "$from" != "$base_rev" ]; then
		old=$tmp/old
		in_base "$from" >"$old" || die "git cannot list '$MIGRATIONS' of $from"
	fi
	git -c core.quotePath=false diff --no-renames --no-ext-diff --diff-filter=MDT --name-status \
		"$from" -- "$MIGRATIONS" >"$touched" || die "git cannot compare '$MIGRATIONS' with $from"
elif have git; then
	# Without a base branch the last commit is all there is to compare with.
	if in_base HEAD >"$tmp/base" 2>"$tmp/git.err"; then
		base_list=$tmp/base
	else
		case $(cat "$tmp/git.err") in
		*'not a git repository'* | *'Not a valid object name'*) ;;
		*) warn "the order of versions was not looked at: git: $(head -n 1 "$tmp/git.err")" ;;
		esac
	fi
fi

export NAMING
awk -f scripts/lib/finding.awk -f scripts/lint_files.awk -v dir="$MIGRATIONS" -v all="$tmp/all" \
	-v base="$base_list" -v old="$old" -v touched="$touched" -v latest="$LATEST" \
	-v basename="$base" >"$tmp/files" 2>"$tmp/awk.err" ||
	die "NAMING=$NAMING: is that an extended regular expression? $(head -n 1 "$tmp/awk.err")"

# The files in a transaction become the parameters, the others' names go to
# a list: squawk has to be asked about each sort by itself.
own='' latest=0 suspect=''
: >"$tmp/new"
: >"$tmp/bare"
set --
while IFS= read -r line; do
	what=${line%% *} rest=${line#* }
	case $what in
	t)
		set -- "$@" "$MIGRATIONS/$rest"
		printf '%s\n' "$rest" >>"$tmp/new"
		;;
	n)
		printf '%s\n' "$rest" >>"$tmp/bare"
		printf '%s\n' "$rest" >>"$tmp/new"
		;;
	l) latest=$rest ;;
	s) suspect=1 ;;
	f) own="$own${own:+,}$rest" ;;
	esac
done <"$tmp/files"

# --- squawk ------------------------------------------------------------------
squawk=$cache/venv/bin/squawk
[ -x "$squawk" ] || {
	warn "no squawk at '$squawk': going on without its rules; it is in requirements.txt"
	squawk=''
}

# A name is a pattern to squawk.
literal() {
	case $1 in
	*[][*?{}]*) printf '%s\n' "$1" | sed 's/[][*?{}]/[&]/g' ;;
	*) printf '%s\n' "$1" ;;
	esac
}
# squawk_on OUT FLAG FILE...: its findings in OUT. It gives up on all of them
# when one cannot be read: then each is asked about alone.
squawk_on() {
	job_signals
	squawk_out=$1 squawk_flag=$2
	shift 2
	squawk_run "$squawk_flag" "$@" >"$squawk_out" 2>"$squawk_out.err" || :
	[ ! -s "$squawk_out" ] || return 0
	for f do
		squawk_run "$squawk_flag" "$f" >"$squawk_out.one" 2>"$squawk_out.err" || :
		if [ -s "$squawk_out.one" ]; then
			cat "$squawk_out.one" >>"$squawk_out"
		else
			case $(cat "$squawk_out.err") in
			*'valid UTF-8'*) printf '%s\tis not valid UTF-8\tsave it as UTF-8, then: make hash-migrations\n' "$f" >>"$squawk_out.utf8" ;;
			*) printf '%s: %s\n' "$f" "$(grep -v '^$' "$squawk_out.err" | head -n 1)" >>"$squawk_out.failed" ;;
			esac
		fi
	done
}
squawk_run() {
	squawk_in=$1
	shift
	if [ -f .squawk.toml ]; then
		set -- --config .squawk.toml "$@"
	fi
	run "$squawk" --reporter json --pg-version "$PG_MAJOR" "$squawk_in" "$@"
}

job_t='' job_n=''
at_exit 'kill $job_t $job_n 2>/dev/null || :'
if [ -n "$squawk" ] && [ $# -gt 0 ]; then
	n=$#
	for f do set -- "$@" "$(literal "$f")"; done
	shift "$n"
	squawk_on "$tmp/squawk.t" --assume-in-transaction "$@" &
	job_t=$!
fi
if [ -n "$squawk" ] && [ -s "$tmp/bare" ]; then
	set --
	while IFS= read -r f; do set -- "$@" "$(literal "$MIGRATIONS/$f")"; done <"$tmp/bare"
	squawk_on "$tmp/squawk.n" --no-assume-in-transaction "$@" &
	job_n=$!
fi

# --- Atlas -------------------------------------------------------------------
# names DIR FILE: of all that DIR's migrations make, as lint_names.awk reads it.
names_format='{{ range .Realm.Schemas }}{{ printf "NM101\t\"\"\t%q\n" .Name }}{{ range $t := .Tables }}{{ printf "NM102\t%q\t%q\n" .Name .Name }}{{ range .Columns }}{{ printf "NM103\t%q\t%q\n" $t.Name .Name }}{{ end }}{{ range .Indexes }}{{ printf "NM104\t%q\t%q\n" $t.Name .Name }}{{ end }}{{ range .ForeignKeys }}{{ printf "NM105\t%q\t%q\n" $t.Name .Symbol }}{{ end }}{{ range .Attrs }}{{ if eq (printf "%T" .) "*schema.Check" }}{{ printf "NM106\t%q\t%q\n" $t.Name .Name }}{{ end }}{{ end }}{{ end }}{{ end }}'
names() {
	atlas schema inspect --dev-url env:DEV_URL --url "file://$1" --format "$names_format" >"$2" 2>"$tmp/names.err"
}
# names_before: of the old files alone, in $tmp/before.
names_before() {
	: >"$tmp/before"
	comm -23 "$tmp/all" "$tmp/new" >"$tmp/before.list"
	[ -s "$tmp/before.list" ] || return 0
	mkdir "$tmp/before.d"
	while IFS= read -r f; do cp "$dir/$f" "$tmp/before.d/"; done <"$tmp/before.list"
	"$bin/mhash" -w "$tmp/before.d" || exit 2
	names "$tmp/before.d" "$tmp/before"
}

if [ "$latest" -gt 0 ]; then
	if [ -n "$report" ]; then
		devdb_wait
		devdb_url dev_lint
	fi
	rc=0
	atlas migrate lint --dev-url env:DEV_URL --dir "file://$dir" --latest "$latest" \
		--format '{{ $state := "ok" }}{{ range .Steps }}{{ if .Error }}{{ $state = "stopped" }}{{ end }}{{ end }}{{ $state }}
{{ json . }}' >"$out/atlas.json" 2>"$tmp/lint.err" || rc=$?
	# Its exit code says what its own levels make of the findings; ours count.
	line=''
	[ ! -s "$out/atlas.json" ] || IFS= read -r line <"$out/atlas.json" || :
	case $line in
	ok) ;;
	stopped) : >"$out/stopped" ;;
	*)
		cat "$out/atlas.json" "$tmp/lint.err" >"$tmp/lint.said"
		rm "$out/atlas.json"
		case $(cat "$tmp/lint.said") in
		*'atlas login'* | *'Atlas Pro'*)
			warn 'this Atlas lints only with an account (the community build does without): going on without its analysers'
			;;
		*) die "atlas migrate lint: $(atlas_error "$tmp/lint.said") (exit $rc)" ;;
		esac
		;;
	esac

	# Names: only when the new files hold a word that could be one too many.
	# Files that do not run are told of by whoever ran them.
	if [ -n "$suspect" ] && [ ! -e "$out/stopped" ]; then
		if names_before && names "$dir" "$tmp/after"; then
			awk -f scripts/lib/finding.awk -f scripts/lint_names.awk -v dir="$MIGRATIONS" \
				-v before="$tmp/before" -v after="$tmp/after" -v new="$tmp/new" >"$tmp/named"
			while IFS= read -r line; do own="$own${own:+,}$line"; done <"$tmp/named"
		else
			case $(cat "$tmp/names.err") in
			*schema*'already exists'*) hint='; schemas that migrations make must all be in DEV_SCHEMAS' ;;
			*) hint='' ;;
			esac
			warn "names were not looked at: $(atlas_error "$tmp/names.err")$hint"
		fi
	fi
fi

# --- together ----------------------------------------------------------------
for job in $job_t $job_n; do wait "$job" || :; done
job_t='' job_n=''
: >"$out/squawk.json"
for f in "$tmp/squawk.t" "$tmp/squawk.n"; do
	[ ! -s "$f" ] || cat "$f" >>"$out/squawk.json"
	[ ! -s "$f.failed" ] || {
		sed 's/^/squawk: /' "$f.failed" >&2
		die "squawk could not look at these files"
	}
	# PostgreSQL refuses such a file, too: then that was told.
	if [ -s "$f.utf8" ] && [ ! -e "$out/stopped" ]; then
		awk -f scripts/lib/finding.awk -f scripts/check_findings.awk "$f.utf8" >>"$out/squawk.json"
	fi
done
# Nothing new is an empty report, not a missing one.
[ -s "$out/squawk.json" ] || echo '[]' >"$out/squawk.json"
printf '[%s]\n' "$own" >"$out/own.json"

[ -n "$report" ] || exit 0
set -- "$out/own.json" "$out/squawk.json"
[ ! -f "$out/atlas.json" ] || set -- "$@" "$out/atlas.json"
lint_save "$@"
lint_show "$lint_saved" || answer 1
