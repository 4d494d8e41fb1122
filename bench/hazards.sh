#!/bin/sh
# hazards.sh [-w] - the catalogue of tests/fixtures/watch, as three linters see it.
#
# Of each case: does the linter say anything of the new file, levels apart from
# notices? Prints a Markdown table. The watch has lint.levels; squawk and Atlas
# are as they come: squawk without a configuration, with its option for transactions; Atlas's
# analysers on the history and the one new file. A peer that cannot look at a file
# has not found anything in it. -w writes the table into docs/lint.md, too, in
# place of the one that is there; tests/watch.bats compares that with the catalogue.
set -eu
. "${0%/*}/../scripts/lib/common.sh"
. scripts/lib/atlas.sh
. scripts/lib/devdb.sh

write=''
while getopts w o; do
	case $o in
	w) write=1 ;;
	*)
		echo 'usage: hazards.sh [-w]' >&2
		exit 2
		;;
	esac
done
need_tmp
atlas_need
devdb_start
devdb_wait
MIGRATIONS=m
export MIGRATIONS

# atlas_says FILE: 1 when its analysers say something.
atlas_says() {
	local d="$tmp/history"
	rm -rf "$d"
	mkdir "$d"
	cp "$tmp/before/${1##*/}" "$d/000_old.sql"
	cp "$1" "$d/"
	"$bin/mhash" -w "$d"
	atlas migrate lint --dev-url env:DEV_URL --dir "file://$d" --latest 1 \
		--format '{{ range .Files }}{{ range .Reports }}{{ range .Diagnostics }}{{ println .Code }}{{ end }}{{ end }}{{ end }}' \
		>"$tmp/atlas.out" 2>/dev/null || :
	grep -q '^[A-Z][A-Z][0-9]' "$tmp/atlas.out" && echo 1 || echo 0
}
# squawk_says FILE
squawk_says() {
	local flag=--assume-in-transaction
	case $("$bin/sqlstmt" -t "$1" | head -n 1) in "file${TAB}none"*) flag=--no-assume-in-transaction ;; esac
	if "$cache/venv/bin/squawk" --no-error-on-unmatched-pattern --pg-version "$PG_MAJOR" "$flag" "$1" >/dev/null 2>&1; then echo 0; else echo 1; fi
}
TAB=$(printf '\t')

# Of several numbers in what a program says of its version, the first.
version_of() { "$@" | sed -n 's/[^0-9]*\([0-9][0-9.]*\).*/\1/p' | head -n 1; }
table() {
	local kind what cases ours squawk atlas levels f top="$PWD"
	printf "| PostgreSQL %s | cases | the watch | squawk %s | Atlas's analysers %s |\n|---|---|---|---|---|\n" "$PG_MAJOR" \
		"$(version_of "$cache/venv/bin/squawk" --version)" "$(version_of atlas version)"
	for kind in hazards harmless; do
		rm -rf "$tmp/before"
		mkdir "$tmp/$kind" "$tmp/before"
		awk -v out="$tmp/$kind" -v apart="$tmp/before" -v mark="${kind%?????}" -f tests/fixtures/watch/split.awk "tests/fixtures/watch/$kind.sql"
		: >"$tmp/new"
		for f in "$tmp/$kind"/[0-9]*.sql; do echo "${f##*/}" >>"$tmp/new"; done
		devdb_db "dev_$kind"
		devdb_psql -f "$tmp/$kind/old.sql"
		export psql_bin
		scripts/steps/watch.sh "$tmp/watch" "$tmp/$kind" "$tmp/new"
		# Where the report finds the files.
		ln -sfn "$tmp/$kind" "$tmp/m"
		levels=$(sed 's/#.*//' lint.levels)
		(cd "$tmp" && "$top/$bin/atlasjson" -l "$levels" watch/watch.json) >"$tmp/text" || :
		ours=$(awk -f tests/fixtures/watch/count.awk "$tmp/$kind/expect" "$tmp/text" | grep -c '') || :
		cases=$(grep -c '' "$tmp/new")
		[ "$kind" = harmless ] || ours=$((cases - ours))
		squawk=0 atlas=0
		devdb_db dev_lint
		while IFS= read -r f; do
			squawk=$((squawk + $(squawk_says "$tmp/$kind/$f")))
			atlas=$((atlas + $(atlas_says "$tmp/$kind/$f")))
		done <"$tmp/new"
		case $kind in
		hazards) what='hazards: found' ;;
		harmless) what='harmless: flagged' ;;
		esac
		printf '| %s | %s | %s | %s | %s |\n' "$what" "$cases" "$ours" "$squawk" "$atlas"
	done
}

table >"$tmp/table"
cat "$tmp/table"
[ -n "$write" ] || exit 0
awk -v table="$tmp/table" '
	/^\| PostgreSQL [0-9]* \| cases \|/ {
		while ((getline line <table) > 0) print line
		skip = 1
		done = 1
	}
	skip && /^\|/ { next }
	{ skip = 0; print }
	END { exit !done }' docs/lint.md >"$tmp/lint.md" || die 'docs/lint.md has no table of the catalogue'
cat "$tmp/lint.md" >docs/lint.md
