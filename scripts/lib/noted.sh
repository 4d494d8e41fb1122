# noted.sh - sourced by check_migrations.sh and unchanged.sh: what is noted of a check
# that passed, in $check_ok: its fingerprint; that of the content alone; what HEAD was;
# what was new beside it; and the report of its findings, lines of sums.
#
#   noted PRINT     is that still the answer, where the fingerprint is PRINT now?
#   check_note      note that the check passed, which began with the fingerprint $print,
#                   and $content
#
# written by both: content print rendered unknown

# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # the caller's, and set for it

# git_head: set head to the commit that HEAD is, '' outside of a repository. It is read
# without a fork where it stands in a file of its own.
head=''
git_head() {
	local file
	git_look
	head=''
	[ -n "$git_at" ] || return 0
	file=$git_at/HEAD
	[ -z "$head_ref" ] || file=$git_refs/$head_ref
	[ ! -f "$file" ] || [ ! -r "$file" ] || IFS= read -r head <"$file" || head=''
	case $head in
	'' | *[!0-9a-f]*) head=$(git rev-parse -q --verify HEAD 2>/dev/null) || head='' ;;
	esac
}

# seen OUT: print a sum of what new_files.sh has found, which depends on HEAD as well.
seen() { (cd "$1" && exec "$root/$bin/mhash" -f -- files.json new); }
# same_seen SEEN: does it find the same now?
same_seen() {
	[ -n "$1" ] || return 1
	need_tmp
	mkdir -p "$tmp/looked" && "$kit"/scripts/steps/new_files.sh "$tmp/looked" "$MIGRATIONS" >/dev/null 2>&1 &&
		[ ! -e "$tmp/looked/blind" ] && [ "$(seen "$tmp/looked")" = "$1" ]
}

# noted: a file that was only touched, or that a checkout wrote as it was, is no news;
# nor is another commit in which the same files are new.
noted() {
	local print_was='' content_was='' head_was='' seen_was='' report_was=''
	{ IFS= read -r print_was && IFS= read -r content_was && IFS= read -r head_was && IFS= read -r seen_was && IFS= read -r report_was; } <"$check_ok" || return 1
	# make lint-migrations keeps its findings there as well.
	[ "$LINT_FORMAT$LINT_REPORT" = text ] || [ "$(report_sum)" = "$report_was" ] || return 1
	[ "$print_was" != "$1" ] || return 0
	[ -n "$content_was" ] && [ "$(fingerprint content)" = "$content_was" ] || return 1
	git_head
	[ "$head" = "$head_was" ] || same_seen "$seen_was" || return 1
	# All that was one state of the files.
	[ "$(fingerprint)" = "$1" ] || return 1
	note_ok "$1" "$content_was" "$head" "$seen_was" "$report_was"
}

# report_sum: print a sum of the findings that are kept.
report_sum() { [ ! -f "$lint_saved" ] || cksum <"$lint_saved"; }

# note_ok PRINT CONTENT HEAD SEEN REPORT
note_ok() { printf '%s\n' "$@" >"$check_ok.$$" && mv "$check_ok.$$" "$check_ok"; }

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
	print=$(fingerprint) && content=$(fingerprint content) && [ "$(fingerprint)" = "$print" ]
}

# check_note: a file saved while we looked may not have been seen, though it is what it was
# by now, and where git did not answer its answer may be another one: then nothing is
# noted, and the next check looks again.
check_note() {
	[ "$(fingerprint)" = "$print" ] && [ ! -e "$tmp/lint/blind" ] && ! own_changed || return 0
	[ -z "$unknown" ] || print_known || return 0
	note_around && note_ok "$print" "$content" "$head" "$(seen "$tmp/lint")" "$(report_sum)" ||
		warn "this success could not be noted in $check_ok: the next check will look at everything again"
}
