# lint.sh - sourced: the table of levels, and the report of a saved lint.
#
#   lint_levels           set levels from lint.levels
#   lint_saved            where the last lint's findings are: one stream of what
#                         Atlas, squawk and our own checks said, for atlasjson
#   lint_save FILE...     make that stream of FILEs
#   lint_shown            the one that is reported: of this very run, where it has made
#                         one, for another run may save its own at any time
#   lint_print FORMAT FILE...   the report, on stdout; return 1 with errors
#   lint_large DIR NAMES  the paths of DIR's files of more than a megabyte that are
#                         in the list NAMES, into $tmp/large

# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # cache, bin and knobs are set by the caller

lint_saved=$state/lint.json
lint_shown=$lint_saved

lint_large() {
	local f
	find "$1/" -maxdepth 1 -name '*.sql' -size +2000 >"$tmp/large.all" || :
	while IFS= read -r f; do
		! grep -Fqx -- "${f##*/}" "$2" || printf '%s\n' "$f"
	done <"$tmp/large.all" >"$tmp/large"
}

lint_levels() {
	levels=''
	[ -r "$kit/lint.levels" ] || die "no lint.levels in $kit: it says which findings are errors"
	lint_levels_of "$kit/lint.levels"
	# What the project says comes later, and wins.
	[ "$kit" = . ] || [ ! -r lint.levels ] || lint_levels_of lint.levels
}

lint_levels_of() {
	while IFS= read -r line || [ -n "$line" ]; do
		levels="$levels ${line%%#*}"
	done <"$1"
}

lint_save() {
	lint_shown=$tmp/lint.saved
	cat "$@" >"$lint_shown" || die "cannot write $tmp: is the disk full?"
	cp "$lint_shown" "$lint_saved.$$" && mv "$lint_saved.$$" "$lint_saved" ||
		die "cannot write $lint_saved"
}

lint_print() {
	local format=$1 rc=0 prefix=''
	shift
	# A CI system counts from git's root, below which the project may lie.
	[ "$format" = text ] || prefix=$(git rev-parse --show-prefix 2>/dev/null) || prefix=''
	"$bin/atlasjson" -d "$MIGRATIONS" -f "$format" -l "$levels" -p "$prefix" "$@" || rc=$?
	[ "$rc" -le 1 ] || exit 2
	return "$rc"
}

# lint_formats: LINT_FORMAT and LINT_REPORT make sense together. Text and workflow
# commands go among what else is printed; a document needs a file of its own.
lint_formats() {
	case $LINT_FORMAT in
	text | github) ;;
	gitlab | sarif | junit | markdown)
		[ -n "$LINT_REPORT" ] ||
			die "LINT_FORMAT=$LINT_FORMAT: say which file with LINT_REPORT=FILE; or afterwards: make lint-report LINT_FORMAT=$LINT_FORMAT >FILE"
		;;
	*) die "LINT_FORMAT=$LINT_FORMAT: not one of text, github, gitlab, sarif, junit, markdown" ;;
	esac
}

# lint_show FILE...: the report where LINT_FORMAT and LINT_REPORT want it, of what was
# saved; as text of just these FILEs. Nothing on stdout when there is nothing to
# say. Return 1 with errors.
lint_show() {
	local as=$LINT_FORMAT rc=0 line
	if [ -n "$LINT_REPORT" ]; then
		lint_write
		as=text
	fi
	[ "$as" = text ] || set -- "$lint_shown"
	lint_print "$as" "$@" >"$tmp/report" || rc=$?
	[ -s "$tmp/report" ] || die 'atlasjson printed nothing: that is no verdict'
	IFS= read -r line <"$tmp/report" || line=''
	case $line in
	'no findings'*) ;;
	*)
		# Once more on a terminal, for its colours.
		if [ -t 1 ]; then
			lint_print "$as" "$@" || :
		else
			cat "$tmp/report"
		fi
		;;
	esac
	return "$rc"
}

# lint_write: what was saved, as LINT_FORMAT into the file LINT_REPORT.
lint_write() {
	at_exit_file "$LINT_REPORT.$$"
	lint_print "$LINT_FORMAT" "$lint_shown" >"$LINT_REPORT.$$" || :
	[ -s "$LINT_REPORT.$$" ] || die 'atlasjson printed nothing: that is no report'
	mv "$LINT_REPORT.$$" "$LINT_REPORT" || die "LINT_REPORT: cannot write '$LINT_REPORT'"
}
