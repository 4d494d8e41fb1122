# plansql.sh - sourced: SQL in parts, as catplan prints it: each statement
# ends with a line of two dashes and \001, or \002 where an Atlas might not see
# that end by itself.
#
#   sql_texts WANT HAVE FILE
#                    PostgreSQL's own text of what the listings have none for
#   sql_try DB FILE  run it there as one transaction; when that is refused, each
#                    statement by itself: FILE keeps those that were not, and
#                    $tmp/refused has the others, with what PostgreSQL said
#   sql_files PART...
#                    the parts as files to keep, $tmp/new/N.sql from sql_n on, which
#                    is moved along: one, unless some of it cannot run in a
#                    transaction
#
# variables: those of plandb.sh; and catplan and found, functions, are the caller's
#
# written by both: sql_n

# shellcheck shell=sh
# shellcheck disable=SC2154 # the caller's

sql_texts() {
	local f="$3" address
	catplan texts "$1" "$2" >"$tmp/nodes" || return 2
	: >"$f"
	[ -s "$tmp/nodes" ] || return 0
	if [ ! -f "$tmp/dump" ]; then
		plan_url "$want"
		run "${pg_dump:-pg_dump}" -w -Fc -s -O -x -f "$tmp/dump" -d "$url" &&
			"${pg_restore:-pg_restore}" -l "$tmp/dump" >"$tmp/toc" || return 2
	fi
	while IFS= read -r address; do
		# "dump id; class oid kind ...": a comment's class is 0.
		awk -v a="$address" '{ i = index($0, "; ") } i && substr($0, i + 2, length(a) + 1) == a " "' \
			"$tmp/toc" >"$tmp/toc.part"
		[ -s "$tmp/toc.part" ] || continue
		"${pg_restore:-pg_restore}" -O -x -L "$tmp/toc.part" -f "$tmp/toc.sql" "$tmp/dump" || return 2
		printf '\001%s\n' "$address" >>"$f"
		# Its settings would last to the end of the session that applies the file.
		awk '/^(SET |SELECT pg_catalog\.set_config|--|\\)/ && !in_text { next }
			NF || in_text { print; in_text = !/;$/ }' "$tmp/toc.sql" >>"$f"
	done <"$tmp/nodes"
}

# sql_run DB FILE: as the file that is kept will be run.
sql_run() {
	{
		[ -z "$plan_path" ] || printf 'SET search_path TO "%s";\n' "$plan_path"
		[ -z "${sql_unchecked-}" ] || printf 'SET check_function_bodies = off;\n'
		cat "$2"
	} >"$tmp/run.sql"
	if found '^(CREATE( UNIQUE)?|DROP) INDEX CONCURRENTLY ' "$2"; then
		plan_psql "$1" -f "$tmp/run.sql" >/dev/null 2>"$tmp/run.err"
	else
		plan_psql "$1" -1 -f "$tmp/run.sql" >/dev/null 2>"$tmp/run.err"
	fi
}

# sql_unchecked is set when functions are made before what is in their bodies.
sql_try() {
	local d="$1" f="$2" one
	[ -s "$f" ] || return 0
	! sql_run "$d" "$f" || return 0
	if [ -z "${sql_unchecked-}" ] && found '^CREATE (OR REPLACE )?(FUNCTION|PROCEDURE) ' "$f"; then
		sql_unchecked=1
		! sql_run "$d" "$f" || return 0
	fi
	rm -rf "$tmp/each" && mkdir "$tmp/each" || return 2
	awk -v to="$tmp/each/" 'BEGIN { n = 10001 }
		{ print > (to n) }
		/^--[\001\002]$/ { close(to n); n++ }' "$f" || return 2
	: >"$f"
	for one in "$tmp/each"/*; do
		if sql_run "$d" "$one"; then
			cat "$one" >>"$f"
		else
			awk -v e="$(sql_error)" 'NR == 1 { sub(/^-- /, ""); print $0 ": " e; exit }' "$one" >>"$tmp/refused"
		fi
	done
}

# sql_error: what PostgreSQL said, without where in our file.
sql_error() { awk '/ERROR: / { sub(/^.*ERROR: */, ""); print; exit }' "$tmp/run.err"; }

sql_files() {
	local odd=''
	cat "$@" >"$tmp/whole" || return 2
	! found "^--$(printf '\002')\$" "$tmp/whole" || odd=1
	# Each statement begins with a comment, and what it is on the line behind it.
	sql_n=$(awk -v dir="$tmp/new/" -v n="$sql_n" -v odd="$odd" -v unchecked="${sql_unchecked-}" '
		function out(text) { printf "%s", text > (dir n ".sql") }
		function begin(apart) {
			if (apart) out("-- atlas:txmode none\n")
			if (odd != "") out("-- atlas:delimiter \\n-- ;\\n\n")
			if (apart || odd != "") out("\n")
			kind = apart
			first = 1
			if (unchecked == "" || apart) return
			statement("SET check_function_bodies = off;\n")
		}
		function statement(text) {
			out((first || odd == "" ? "" : "-- ;\n") text)
			first = 0
		}
		function end() {
			if (unchecked != "" && !kind) statement("RESET check_function_bodies;\n")
			close(dir n ".sql")
			n++
		}
		BEGIN { kind = -1 }
		/^--[\001\002]$/ {
			apart = text ~ /\n(CREATE( UNIQUE)?|DROP) INDEX CONCURRENTLY /
			if (apart != kind) {
				if (kind != -1) end()
				begin(apart)
			}
			statement(text)
			text = ""
			next
		}
		{ text = text $0 "\n" }
		END {
			if (kind != -1) end()
			print n
		}' "$tmp/whole")
}
