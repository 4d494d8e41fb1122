#!/bin/sh
# lint_report.sh - the last lint's findings once more, as LINT_FORMAT.
#
# Into the file LINT_REPORT, or on stdout. Nothing is linted again: one run's
# findings become annotations, an upload and a summary. Exit 0, errors among the
# findings or not; 2 could not.
set -eu
. "${0%/*}/lib/common.sh"
. "$kit/scripts/lib/lint.sh"

[ $# -eq 0 ] || {
	echo 'usage: lint_report.sh (knobs: LINT_FORMAT=... LINT_REPORT=...)' >&2
	exit 2
}
[ -f "$lint_saved" ] || die "nothing was linted yet: run 'make check-migrations'"
lint_levels
if [ -n "$LINT_REPORT" ]; then
	lint_write
else
	need_tmp
	lint_print "$LINT_FORMAT" "$lint_saved" >"$tmp/report" || :
	[ -s "$tmp/report" ] || die 'atlasjson printed nothing: that is no report'
	cat "$tmp/report"
fi
