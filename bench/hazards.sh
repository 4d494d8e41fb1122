#!/bin/sh
# hazards.sh - the catalogue of tests/fixtures/watch, as three linters see it.
#
# Of each case: does the linter say anything of the new file, levels apart from
# notices? Prints a Markdown table. The watch has lint.levels; squawk and Atlas
# are as they come: squawk without a configuration, told of transactions; Atlas's
# analysers on the history and the one new file. A peer that cannot look at a file
# has not found anything in it. By hand, this needs no make.
set -eu
. "${0%/*}/../scripts/lib/common.sh"
. scripts/lib/atlas.sh
. scripts/lib/devdb.sh

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

printf '| | cases | the watch | squawk | Atlas |\n|---|---|---|---|---|\n'
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
	top=$PWD levels=$(sed 's/#.*//' lint.levels)
	(cd "$tmp" && "$top/$bin/atlasjson" -l "$levels" watch/watch.json) >"$tmp/text" || :
	ours=$(sed -n 's/^m\/\([^:]*\):[0-9]*:[0-9]*: \(error\|warning\|notice\): .*(\(.*\))$/\1 \2 \3/p' "$tmp/text" |
		awk -v kind="$kind" 'NR == FNR { codes[$1] = $2; next }
			kind == "hazards" && $3 ~ "^(" codes[$1] ")$" { found[$1] }
			kind == "harmless" && $2 != "notice" { found[$1] }
			END { for (f in found) n++; print n + 0 }' "$tmp/$kind/expect" -)
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
	printf '| %s | %s | %s | %s | %s |\n' "$what" "$(wc -l <"$tmp/new" | tr -d ' ')" "$ours" "$squawk" "$atlas"
done
