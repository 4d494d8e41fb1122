#!/usr/bin/env bats
# The catalogue: each code that lint.levels promises is reported where it must
# be, and is not where it nearly must. Each linter runs once over all of it.

load helper

setup_file() {
	cd "$BATS_FILE_TMPDIR"
	# project wants a test's directory, and hands TMPDIR on.
	BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR
	project
	export P=$PWD TMPDIR
}

teardown_file() {
	case $TMPDIR in
	"${TEST_TMP:-/tmp}"/am.*) rm -rf "$TMPDIR" ;;
	esac
}

# Not the helper's: TMPDIR is for all tests of the file.
teardown() { :; }

setup() { cd "$P"; }

# catalogue FILE: make its parts the project's migrations; sets N, how many are
# to be linted.
catalogue() {
	rm -f src/db/migrations/*.sql
	awk -v dir=src/db/migrations '
		/^-- # / {
			if ($4 == "setup") out = dir "/20260101000000_setup.sql"
			else out = sprintf("%s/2027%010d_%s_%s.sql", dir, ++n, $3, $4)
			next
		}
		out != "" && (NF || out !~ /setup/) { print > out }
		END { print n }' "$FIXTURES/lint/$1" >n
	# Empty lines between the parts are not part of them.
	for f in src/db/migrations/*.sql; do
		sed -e :a -e '/^\n*$/{$d;N;ba' -e '}' "$f" >part && cat part >"$f"
	done
	mhash -w src/db/migrations
	read -r N <n
}

# verdict FILE: compare what was reported, in ./report, with the catalogue.
# A bad part's code must be in its file, a near miss's must not.
verdict() {
	sed -n 's|^src/db/migrations/[0-9]*_\([^_]*\)_\([a-z]*\)\.sql:.*(\([^()]*\))$|\1 \2 \3|p' report |
		sort -u >found
	sed -n 's/^-- # \([^ ]*\) \(bad\|miss\).*/\1 \2 \1/p' "$FIXTURES/lint/$1" | sort -u >parts
	grep ' bad ' parts | comm -23 - found | sed 's/^/not reported: /' >wrong
	grep ' miss ' parts | comm -12 - found | sed 's/^/reported: /' >>wrong
	[ ! -s wrong ] || {
		cat wrong report
		return 1
	}
}

@test "what Atlas's analysers say is told by the watch, and the names" {
	catalogue atlas.sql
	ATLAS_MAKE_ATLAS_LINT=1 ATLAS_MAKE_LINT_LATEST=$N ATLAS_MAKE_DEV_SCHEMAS='public ds_a nmOld' make -s lint-migrations >report 2>err && false
	grep -v '^make: \|^installing' err >err.2 || :
	same /dev/null err.2
	run ! grep '(\(DS\|MF\|CD\|BC\)[0-9]*)$' report
	# Each under the name that PostgreSQL's own doing has.
	sed -e 's/(drop-schema)$/(DS101)/; s/(drop-table)$/(DS102)/; s/(drop-column)$/(DS103)/' \
		-e 's/(not-null-no-default)$/(MF103)/; s/(scan-not-null)$/(MF104)/; s/(drop-foreign-key)$/(CD101)/' \
		-e 's/(rename-table)$/(BC101)/; s/(rename-column)$/(BC102)/' \
		-e '/values repeat/s/\(MF10[12]\)\(.*\)(index-locked)$/\1\2(\1)/' report >report.2
	mv report.2 report
	verdict atlas.sql
	# Nothing of Atlas's is missed without it.
	ATLAS_MAKE_ATLAS_LINT=0 ATLAS_MAKE_LINT_LATEST=$N ATLAS_MAKE_DEV_SCHEMAS='public ds_a nmOld' make -s lint-migrations >report.2 2>/dev/null && false
	ATLAS_MAKE_LINT_LATEST=$N ATLAS_MAKE_DEV_SCHEMAS='public ds_a nmOld' make -s lint-migrations >report 2>/dev/null && false
	same report report.2
	# They were asked.
	! is_engine || find .cache/ -name lint.json -exec grep -q '"Driver"' {} +
}

@test "squawk's rules, without a database" {
	catalogue squawk.sql
	ls src/db/migrations | grep -v atlas.sum >new
	mkdir -p squawk
	# PostgreSQL 19 has REPACK.
	ATLAS_MAKE_PG_MAJOR=19 scripts/steps/squawk.sh squawk src/db/migrations new
	atlasjson -l "$(sed 's/#.*//' lint.levels)" squawk/squawk.json >report && false
	verdict squawk.sql
}

@test "nothing is promised that the catalogue does not show" {
	watchlint -l | sed 's/=.*//' | grep -vx txmode >watched # those are in watch.bats
	sed -e 's/#.*//' -e 's/[[:space:]]*$//' "$TOP/lint.levels" | grep '=.*[^f]$' | sed 's/=.*//' | grep -vxFf watched |
		sed 's/^NM$/NM101\nNM102\nNM103\nNM104\nNM105\nNM106/' |
		grep -vx 'order\|edited\|removed\|layout\|encoding\|unknown-code\|diff-.*' | sort >promised # lint.bats, catalog.bats
	sed -n 's/^-- # \([^ ]*\) bad.*/\1/p' "$FIXTURES/lint/atlas.sql" "$FIXTURES/lint/squawk.sql" | sort >bad
	sed -n 's/^-- # \([^ ]*\) miss.*/\1/p' "$FIXTURES/lint/atlas.sql" "$FIXTURES/lint/squawk.sql" | sort >miss
	same promised bad
	same promised miss
}

@test "every rule that squawk has on by itself has a level of ours" {
	catalogue squawk.sql
	# And what is left out.
	cat >src/db/migrations/all.sql <<-'END'
		ALTER TABLE t ALTER COLUMN c DROP NOT NULL;
		ALTER TABLE t ALTER COLUMN c DROP DEFAULT;
		CREATE TABLE x (a serial, b smallint, c varchar(3), d integer);
		ALTER TYPE e ADD VALUE 'x';
		ALTER INDEX i RENAME TO j;
		CREATE INDEX CONCURRENTLY i ON t (c);
		ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (c) REFERENCES u (id);
		NO SUCH STATEMENT;
	END
	.cache/venv/bin/squawk --pg-version 19 --assume-in-transaction --reporter json src/db/migrations/*.sql >json || :
	atlasjson json >text || :
	sed -n 's/^src.*(\([^()]*\))$/\1/p' text | sort -u >rules
	[ "$(wc -l <rules)" -gt 45 ]
	sed -e 's/#.*//' -e 's/=.*//' "$TOP/lint.levels" | sort -u >levels
	comm -23 rules levels >unknown
	same /dev/null unknown
}

@test "every rule of lint.levels is one that squawk knows" {
	sed -e 's/#.*//' -e 's/[[:space:]]*$//' "$TOP/lint.levels" | sed -n 's/^\([a-z-]*-[a-z-]*\)=.*/\1/p' |
		grep -v '^unused-ignore\|^syntax-error\|^unknown-code\|^diff-' | grep -vxFf <(watchlint -l | sed 's/=.*//') >rules
	[ "$(wc -l <rules)" -gt 40 ]
	: >empty.sql
	check 0 -- .cache/venv/bin/squawk --exclude "$(paste -sd, rules)" --reporter gcc empty.sql
}
