#!/usr/bin/env bats
# The lint of the migrations: what is new, order, old files, transaction mode,
# comments, levels, and the reports of one run. Rules: watch.bats and
# lint_catalogue.bats.

load helper

M=src/db/migrations

setup() {
	scratch
	project
}

# A project in git whose main branch has a migration more than ours: our branch
# began at "first", main went on.
branch() {
	git_first
	git switch -qc ours
}

# add VERSION NAME [SQL]: a migration, and the hashes.
add() {
	printf '%s\n' "${3-SELECT 1;}" >"$M/$1_$2.sql"
	mhash -w "$M"
}

# look: which files are new, and what is said of them without a database.
look() {
	rm -rf files && mkdir files
	scripts/steps/new_files.sh files "$M"
}

@test "nothing to report: nothing is said" {
	check 0 -- make -s lint-migrations
	nothing_left
	rm -f "$M"/*.sql
	mhash -w "$M"
	check 0 -- make -s lint-migrations
	check 0 -o 'no findings' -- make -s lint-report
}

@test "one verdict: what PostgreSQL did, and squawk's style, each once" {
	add 20261201000000 x 'ALTER TABLE "users" DROP COLUMN "name", ADD COLUMN "newName" text NULL;
CREATE INDEX "ix_users_new" ON "users" ("newName");'
	scripts/lint_migrations.sh >text && false
	grep '^src' text >lines
	f=$M/20261201000000_x.sql
	cat >want <<-END
		$f:1:21: warning: column name is dropped from users with its values (drop-column)
		$f:1:52: error: column 'newName' of table 'users' does not match NAMING, ^[a-z][a-z0-9_]*\$ (NM103)
		$f:2:1: warning: ix_users_new is built over all of users; ACCESS EXCLUSIVE keeps out reads and writes (index-locked)
	END
	same want lines
	[ "$(tail -n 1 text)" = '1 error, 2 warnings in 1 file' ]
	check 0 -o "$(cat text)" -- make -s lint-report
	nothing_left
}

@test "destructive warns by default; the table decides" {
	add 20261201000000 x 'DROP TABLE "addresses";'
	check 0 -o "$M/20261201000000_x.sql:1:12: warning: table addresses is dropped (drop-table)" -- \
		sh -c 'make -s lint-migrations >text; rc=$?; head -n 1 text; exit $rc'
	# squawk's word for the same counts, too.
	echo 'ban-drop-table=error' >>lint.levels
	scripts/lint_migrations.sh >text && false
	grep -q '^1 error in 1 file$' text
	grep -q '(drop-table)$' text
	echo 'ban-drop-table=off' >>lint.levels
	echo 'drop-table=off' >>lint.levels
	check 0 -- scripts/lint_migrations.sh
	echo 'drop-table=no' >>lint.levels
	check 2 -p "'drop-table=no': the level is one of error, warning, notice, off" -- scripts/lint_migrations.sh
}

@test "check-migrations: a warning passes, and is not told twice" {
	add 20261201000000 x 'UPDATE "users" SET "name" = "name";'
	scripts/hash_migrations.sh >/dev/null
	echo 'CREATE TABLE "t" ("id" bigint);' >>"$M/20261201000000_x.sql"
	echo 'DROP TABLE "t";' >>"$M/20261201000000_x.sql"
	scripts/hash_migrations.sh >/dev/null
	make -s check-migrations >text
	grep -q '^1 warning in 1 file$\|^2 warnings in 1 file$' text
	[ "$(tail -n 1 text)" = 'migrations: check passed' ]
	check 0 -o 'migrations: nothing changed since the last successful check' -- make -s check-migrations
	# Who asks for a report gets the same again.
	check 0 -o 'migrations: nothing changed since the last successful check' -- \
		sh -c 'make -s check-migrations LINT_FORMAT=github >hub && tail -n 1 hub'
	grep -q '^::warning file=src/db/migrations/20261201000000_x.sql,line=[12],' hub
}

@test "LINT_BASE: every file since the merge base, the newest LINT_LATEST without" {
	branch
	add 20261201000000 a 'DROP TABLE a;'
	add 20261202000000 b 'DROP TABLE b;'
	add 20261203000000 c 'DROP TABLE c;'
	git add -A && git commit -qm more
	add 20261204000000 d 'DROP TABLE d;' # not committed yet
	linted() { look && sed -n 's|^[0-9]*_\(.\).sql$|\1|p' files/new | tr -d '\n'; }
	[ "$(linted)" = d ]
	[ "$(ATLAS_MAKE_LINT_LATEST=2 linted)" = cd ]
	[ "$(ATLAS_MAKE_LINT_LATEST=99 linted)" = abcd ]
	[ "$(ATLAS_MAKE_LINT_BASE=main linted)" = abcd ]
	[ "$(ATLAS_MAKE_LINT_BASE=HEAD linted)" = d ]
	[ "$(ATLAS_MAKE_LINT_BASE=HEAD~1 linted)" = abcd ]
	[ "$(ATLAS_MAKE_LINT_BASE=0000000000000000000000000000000000000000 linted)" = d ]
	git update-ref refs/remotes/origin/main main
	[ "$(GITHUB_BASE_REF=main linted)" = abcd ]
	[ "$(GITHUB_REF=refs/heads/gh-readonly-queue/main/pr-1-abc linted)" = abcd ]
	[ "$(CI_MERGE_REQUEST_TARGET_BRANCH_NAME=main linted)" = abcd ]
	[ "$(CI_MERGE_REQUEST_TARGET_BRANCH_NAME=nope CI_MERGE_REQUEST_DIFF_BASE_SHA=$(git rev-parse main) linted)" = abcd ]
	[ "$(PRE_COMMIT_FROM_REF=$(git rev-parse main) linted)" = abcd ]
	check 2 -e "new_files.sh: LINT_BASE: git knows no 'origin/next' here: fetch it first (git fetch origin; in CI a full clone, fetch-depth: 0)" -- \
		env GITHUB_BASE_REF=next scripts/lint_migrations.sh
	check 2 -e 'new_files.sh: LINT_LATEST=x: not a number of files' -- env ATLAS_MAKE_LINT_LATEST=x scripts/lint_migrations.sh
	# Nothing new is nothing to lint.
	git add -A && git commit -qm d
	check 0 -- env ATLAS_MAKE_LINT_BASE=HEAD scripts/lint_migrations.sh
}

@test "a branch without a migration of its own is in order" {
	branch
	check 0 -o 'migrations: check passed' -- env ATLAS_MAKE_LINT_BASE=main scripts/check_migrations.sh
	rm .cache/state/*/check.ok
	check 0 -o 'migrations: check passed' -- env ATLAS_MAKE_LINT_BASE=main ATLAS_MAKE_LINT_FORMAT=junit ATLAS_MAKE_LINT_REPORT=x.xml scripts/check_migrations.sh
	grep -q '<testsuites ' x.xml
}

@test "a branch with an older version than main's newest: make rebase-migrations" {
	branch
	git switch -q main
	add 20261210000000 theirs
	scripts/hash_migrations.sh >/dev/null
	git add -A && git commit -qm theirs
	git switch -q ours
	add 20261209000000 mine
	scripts/hash_migrations.sh >/dev/null
	git add -A && git commit -qm mine
	check 1 -o "$M/20261209000000_mine.sql: error: added out of order: main already has 20261210000000_theirs.sql, which comes after it (order)
       = help: make rebase-migrations LINT_BASE=main
1 error in 1 file
migrations: check failed" -- env ATLAS_MAKE_LINT_BASE=main scripts/check_migrations.sh
	# Merged, it is the same.
	git -c merge.conflictStyle=merge merge -q main >/dev/null 2>&1 || :
	git checkout -q --ours . && scripts/hash_migrations.sh >/dev/null && git add -A && git commit -qm merged
	ATLAS_MAKE_LINT_BASE=main scripts/check_migrations.sh >text && false
	grep -Fq 'make rebase-migrations LINT_BASE=main' text
	# As new as theirs is out of order, too; newer is not.
	git mv "$M/20261209000000_mine.sql" "$M/20261210000000_more.sql"
	mhash -w "$M"
	ATLAS_MAKE_LINT_BASE=main scripts/lint_migrations.sh >text && false
	grep -q '20261210000000_more.sql: error: added out of order' text
	git mv "$M/20261210000000_more.sql" "$M/20261211000000_mine.sql"
	mhash -w "$M"
	check 0 -- env ATLAS_MAKE_LINT_BASE=main scripts/lint_migrations.sh
}

@test "what the base branch has, edited or removed" {
	branch
	echo '-- more' >>"$M/20261101090000_create_users.sql"
	rm "$M/20261115100000_create_addresses.sql"
	mhash -w "$M"
	# Nothing is new, so no database is asked.
	check 1 -o "$M/20261101090000_create_users.sql: error: edited, but main has it, and databases may have applied it (edited)
       = help: write a new migration instead (make new-migration); to undo: git checkout main -- '$M/20261101090000_create_users.sql'; make hash-migrations; if no database has it, for it failed: -- atlas:nolint edited as its first line, an empty one below
$M/20261115100000_create_addresses.sql: error: removed, but main has it, and databases may have applied it (removed)
       = help: write a new migration instead (make new-migration); to undo: git checkout main -- '$M/20261115100000_create_addresses.sql'; make hash-migrations
2 errors in 2 files" -- env ATLAS_MAKE_LINT_BASE=main scripts/lint_migrations.sh
	# One that failed wherever it was applied may be corrected, when it says so.
	git checkout -q main -- "$M"
	{ printf '%s\n' '-- atlas:nolint edited' '' && cat "$M/20261101090000_create_users.sql"; } >x
	mv x "$M/20261101090000_create_users.sql"
	mhash -w "$M"
	check 0 -- env ATLAS_MAKE_LINT_BASE=main scripts/lint_migrations.sh
	edit "$M/20261101090000_create_users.sql" '1s/edited/other/'
	mhash -w "$M"
	env ATLAS_MAKE_LINT_BASE=main scripts/lint_migrations.sh >text && false
	grep -q 'create_users.sql: error: edited' text
	# Without a base branch the last commit is no history yet.
	ATLAS_MAKE_LINT_LATEST=1 look
	same files/files.json - <<<'[]'
	# A file of ours that main does not have may change as it likes.
	git checkout -q -- .
	add 20261201000000 x
	git add -A && git commit -qm x
	add 20261201000000 x 'SELECT 2;'
	ATLAS_MAKE_LINT_BASE=main look
	same files/files.json - <<<'[]'
}

@test "atlas:txmode: Atlas itself says the same of each file" {
	# The files above that matter, applied for real.
	n=0
	for text in 'g -- atlas:txmode none\n\n' 'g -- a\n-- atlas:txmode none\n-- b\n\n' \
		'g -- see atlas:nolint and atlas:txmode none  \n\n' 'b -- atlas:txmode none\n' \
		'b -- atlas:txmode none\r\n\r\n' 'b -- one\n\n-- atlas:txmode none\n\n' \
		'b /* atlas:txmode none */\n\n' 'b -- atlas:txmode all\n\n' 'b -- atlas:txmode\n\n' \
		'b -- atlas:txmode none\n-- atlas:txmode file\n\n' 'b '; do
		n=$((n + 1))
		printf -- "${text#??}CREATE INDEX CONCURRENTLY \"ix\" ON \"users\" (\"name\");\n" >"$M/20261201000000_x.sql"
		scripts/hash_migrations.sh >/dev/null
		DEV_DB=auto ATLAS_MAKE_NAMING='' scripts/lint_migrations.sh >text 2>err || :
		verdict=g
		! grep -q '(txmode)$' text || verdict=b
		[ "$verdict" = "${text%% *}" ] || { echo "$text: $verdict"; cat text; false; }
		[ "$n" -le 8 ] || continue
		scripts/check_migrations.sh >text 2>&1 || :
		verdict=g
		! grep -q '(txmode)$\|cannot run inside\|txmode.*not allowed\|unknown txmode\|multiple txmode' text || verdict=b
		[ "$verdict" = "${text%% *}" ] || { echo "applied: $text: $verdict"; cat text; false; }
	done
}

@test "atlas:nolint and squawk-ignore, for the statement, the file, and each other" {
	add 20261201000000 x '-- atlas:nolint destructive
DROP TABLE "addresses";
-- atlas:nolint MF103 naming
ALTER TABLE "users" ADD COLUMN "newName" text NOT NULL;
-- squawk-ignore ban-drop-column
ALTER TABLE "users" DROP COLUMN "name";
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX "ix" ON "users" ("email");'
	check 0 -- scripts/lint_migrations.sh
	add 20261201000000 x '-- atlas:nolint

DROP TABLE "addresses";
ALTER TABLE "users" ADD COLUMN "newName" text NOT NULL;'
	check 0 -- scripts/lint_migrations.sh
	add 20261201000000 x '-- squawk-ignore-file

DROP TABLE "addresses";'
	check 0 -- scripts/lint_migrations.sh
	sed 's/-- squawk-ignore-file//' "$M/20261201000000_x.sql" >y
	cat y >"$M/20261201000000_x.sql"
	mhash -w "$M"
	scripts/lint_migrations.sh | grep -q '(drop-table)$'
}

@test "names: the pattern is a knob, and nobody is blamed for old ones" {
	add 20261201000000 old 'CREATE TABLE "Old" ("Id" bigint, "n" bigint);'
	add 20261202000000 new 'ALTER TABLE "Old" ADD COLUMN "name" text;
CREATE TABLE t ("Id" bigint, n bigint UNIQUE);
ALTER TABLE "Old" RENAME TO "Older";
SELECT 1 AS "Not a name";'
	scripts/lint_migrations.sh >text && false
	sed -n "s/^.*\(_[a-z]*.sql\):\([0-9]*:[0-9]*\): error: \(.*\) does not.*/\1 \2 \3/p" text >names
	cat >want <<-'END'
		_new.sql 2:17 column 'Id' of table 't'
		_new.sql 3:29 table 'Older'
	END
	same want names
	ATLAS_MAKE_NAMING='^[A-Za-z_]+$' scripts/lint_migrations.sh >text
	run ! grep NM text
	ATLAS_MAKE_NAMING='' scripts/lint_migrations.sh >text
	run ! grep NM text
	# What PostgreSQL names is not told of itself: t_n_key.
	ATLAS_MAKE_NAMING='^[A-Za-z]+$' scripts/lint_migrations.sh >text
	run ! grep NM text
	make -s lint-migrations NAMING='^t$$|^Id$$' >text 2>&1 && false
	grep -Fq "table 'Older' does not match NAMING, ^t\$|^Id\$ (NM102)" text
	check 2 -p "^watchlint: NAMING: '\[' is no extended regular expression" -- \
		env ATLAS_MAKE_NAMING='[' scripts/lint_migrations.sh
	nothing_left
}

@test "one lint, every report; the readers of the formats read them" {
	add 20261201000000 x 'DROP TABLE "addresses";
ALTER TABLE "users" ADD COLUMN "newName" text;'
	scripts/lint_migrations.sh >text && false
	rm "$M/20261201000000_x.sql" # the findings are kept, nothing is linted again
	for f in text github gitlab sarif junit markdown; do
		make -s lint-report LINT_FORMAT=$f >out.$f
		make -s lint-report LINT_FORMAT=$f LINT_REPORT=file.$f
		same out.$f file.$f
		[ "$f" = text ] || [ "$f" = github ] || [ "$f" = markdown ] ||
			"$TOP/.cache/venv-test/bin/python" "$FIXTURES/atlasjson/read.py" "$f" out.$f >list.$f
	done
	for f in gitlab sarif junit; do grep -q NM103 list.$f; done
	grep -q drop-table list.gitlab
	grep -q drop-table list.sarif
	grep -q '^::error file=src/db/migrations/20261201000000_x.sql,line=2,' out.github
	grep -q '^| \*\*error\*\* |' out.markdown
	rm .cache/state/*/lint.json
	check 2 -e 'lint_report.sh: nothing was linted yet: run '\''make check-migrations'\''' -- scripts/lint_report.sh
}

@test "LINT_FORMAT and LINT_REPORT: annotations in between, documents in a file" {
	add 20261201000000 x 'ALTER TABLE "users" ADD COLUMN "newName" text;'
	make -s lint-migrations LINT_FORMAT=github >text 2>&1 && false
	grep -q '^::error file=' text
	make -s lint-migrations LINT_FORMAT=sarif LINT_REPORT=x.sarif >text 2>&1 && false
	grep -q ': error: .*(NM103)$' text
	grep -q '"ruleId": "NM103"' x.sarif
	check 2 -p "LINT_FORMAT=junit: say which file with LINT_REPORT=FILE" -- env ATLAS_MAKE_LINT_FORMAT=junit scripts/lint_migrations.sh
	check 2 -e 'check_migrations.sh: LINT_FORMAT=x: not one of text, github, gitlab, sarif, junit, markdown' -- \
		env ATLAS_MAKE_LINT_FORMAT=x scripts/check_migrations.sh
}

@test "the report holds what the check itself found, and a failed apply" {
	sed 's/^    name: Mapped.*/&\n    age: Mapped[int | None]/' src/db/models.py >x && cat x >src/db/models.py && rm x
	add 20261201000000 x 'ALTER TABLE "users" ADD COLUMN "age" integre NULL;'
	scripts/check_migrations.sh >text && false
	[ "$(grep -c 'integre' text)" -le 3 ]
	make -s lint-report LINT_FORMAT=github >hub
	grep -q '^::error file=cloud-formation.yaml,title=template::MigrationHash is ' hub
	grep -q '^::error file=src/db/migrations/20261201000000_x.sql,line=1,col=1,title=failed::PostgreSQL: type "integre" does not exist' hub
}

@test "a migration that cannot run is told once, at its own file" {
	for sql in 'CREATE TABEL x (id int);' 'ALTER TABLE "users" ADD COLUMN "a" integre;' "SELECT 'unclosed;"; do
		add 20261201000000 x "$sql"
		scripts/hash_migrations.sh >/dev/null
		for s in check_migrations lint_migrations; do
			scripts/$s.sh >text && false
			[ "$(grep -c 'TABEL"\|"integre"\|unclosed quote\|never closed' text)" -eq 1 ] || { echo "$s: $sql"; cat text; false; }
			grep -q "^$M/20261201000000_x.sql:*[0-9:]* error: .*(\(apply\|failed\))$" text
			grep -q '^1 error in 1 file$' text || { cat text; false; }
			make -s lint-report LINT_FORMAT=gitlab >report
			"$TOP/.cache/venv-test/bin/python" "$FIXTURES/atlasjson/read.py" gitlab report >list
			[ "$(wc -l <list)" -eq 1 ] || { cat list; false; }
		done
	done
}

@test "hostile: workflow commands, markup, control characters, a long line" {
	{
		printf '::error::x\n' | sed 's/^/-- /'
		printf 'ALTER TABLE "users" ADD COLUMN "]]>::error\001\tx<&" text NOT NULL;\n'
		printf "SELECT '%s';\nDROP TABLE \"addresses\";\n" "$(head -c 1000000 /dev/zero | tr '\0' x)"
	} >"$M/20261201000000_x.sql"
	mhash -w "$M"
	scripts/lint_migrations.sh >text && false
	for f in gitlab sarif junit markdown github; do
		make -s lint-report LINT_FORMAT=$f >out.$f
		"$TOP/.cache/venv-test/bin/python" "$FIXTURES/atlasjson/read.py" "$f" out.$f >list
		grep -q NM103 list
	done
	# No command for a runner among the text either.
	"$TOP/.cache/venv-test/bin/python" "$FIXTURES/atlasjson/read.py" text text
	make -s lint-report LINT_FORMAT=github >out.github
	[ "$(grep -c '^::' out.github)" -eq "$(grep -c '^::\(error\|warning\|notice\) file=src/db/migrations/20261201000000_x.sql,line=' out.github)" ]
	# Invalid UTF-8: PostgreSQL refuses the file, squawk gives up on it.
	printf -- '-- \377\376\nDROP TABLE "addresses";\n' >"$M/20261201000000_x.sql"
	mhash -w "$M"
	scripts/lint_migrations.sh >text && false
	grep -q 'invalid byte sequence\|UTF-8' text
	for f in gitlab sarif junit; do
		make -s lint-report LINT_FORMAT=$f >out.$f
		"$TOP/.cache/venv-test/bin/python" "$FIXTURES/atlasjson/read.py" "$f" out.$f >list
		[ -s list ]
	done
	nothing_left
}

@test "without squawk, without git: said, and the rest goes on" {
	add 20261201000000 x 'DROP TABLE "addresses";'
	rm .cache/venv && mkdir .cache/venv
	check 0 -o "$M/20261201000000_x.sql:1:12: warning: table addresses is dropped (drop-table)" \
		-e "squawk.sh: no squawk at '.cache/venv/bin/squawk': going on without its rules; it is in requirements.txt" -- \
		sh -c 'scripts/lint_migrations.sh >text; rc=$?; head -n 1 text; exit $rc'
	# A base that git would have to say is another matter.
	mkdir ../system
	ln -s /usr/bin/* /bin/* ../system/ 2>/dev/null || :
	rm ../system/git
	for v in lint check; do
		check 2 -p "git is not installed, and LINT_BASE \\(main\\) is one of its commits; fix: install git" -- \
			env PATH="$BATS_TEST_TMPDIR/system" ATLAS_MAKE_LINT_BASE=main "scripts/${v}_migrations.sh"
	done
	nothing_left
}

@test "names with blanks and brackets" {
	printf 'DROP TABLE addresses;\nCREATE TABLE a (id bigint PRIMARY KEY, b timestamp);\n' >"$M/20261201000000_a [x]*.sql"
	mhash -w "$M"
	scripts/lint_migrations.sh >text
	grep -Fq "$M/20261201000000_a [x]*.sql:1:12: warning: table addresses is dropped (drop-table)" text
	# squawk's alone.
	printf 'CREATE TABLE a (id bigint PRIMARY KEY);\nSELECT 1;;\nDROP DATABASE d;\n' >"$M/20261201000000_a [x]*.sql"
	mhash -w "$M"
	scripts/lint_migrations.sh >text && false
	grep -Fq "$M/20261201000000_a [x]*.sql:3:1: error: " text
}

@test "a directory laid out for another tool is named, with the way out" {
	# layout NAME FILE...: just that one.
	layout() {
		local name=$1 f
		shift
		rm -rf files "$M"
		mkdir -p files "$M"
		for f do
			mkdir -p "$(dirname "$M/$f")"
			printf '%s\n' "${TEXT-SELECT 1;}" >"$M/$f"
		done
		scripts/steps/new_files.sh files "$M"
		if [ -n "$name" ]; then
			grep -Fq "these migrations are laid out for $name, and Atlas does not run them as $name does" files/files.json
			grep -Fq "make import-migrations FROM='$M'" files/files.json
		else
			run ! grep layout files/files.json
		fi
	}
	TEXT='-- +goose Up
CREATE TABLE a (id int);
-- +goose Down
DROP TABLE a;' layout goose 20260101000000_a.sql
	TEXT='-- migrate:up
SELECT 1;' layout dbmate 20260101000000_a.sql
	layout golang-migrate 000001_a.up.sql 000001_a.down.sql
	layout Flyway V1__a.sql V2__b.sql
	layout Prisma 20260101000000_a/migration.sql
	layout Alembic env.py versions/1_a.py
	TEXT="SELECT '-- +goose Up';" layout '' 20260101000000_a.sql 20260102000000_V1__b.sql
}

@test "Atlas's analysers as a second opinion: an error of theirs hides nothing" {
	add 20261201000000 x 'DROP TABLE "addresses";
LOCK TABLE "users"; -- atlas:nolint explicit-lock many-locks
SAVEPOINT a;'
	printf '#!/bin/sh\ncase "$*" in version) echo atlas version v1.2.3 ;; *) echo "Error: sql/migrate: $SAYS" >&2; exit 1 ;; esac\n' >broken
	chmod +x broken
	want="$M/20261201000000_x.sql:1:12: warning: table addresses is dropped (drop-table)"
	export ATLAS_MAKE_ATLAS=./broken ATLAS_MAKE_ATLAS_LINT=1
	SAYS='it broke' check 0 -o "$want" -e 'lint_migrations.sh: atlas migrate lint: it broke (exit 1): going on without its analysers' -- \
		sh -c 'scripts/lint_migrations.sh >text; rc=$?; head -n 1 text; exit $rc'
	SAYS='run atlas login' check 0 -o "$want" -p 'this Atlas lints only with an account' -- \
		sh -c 'scripts/lint_migrations.sh >text; rc=$?; head -n 1 text; exit $rc'
	# With an account nobody has the findings are the same, all of them.
	mv text refused
	ATLAS_MAKE_ATLAS_LINT=0 check 0 -o "$want" -- sh -c 'scripts/lint_migrations.sh >text; rc=$?; head -n 1 text; exit $rc'
	same refused text
	# By itself a vendor's command is not even asked.
	unset ATLAS_MAKE_ATLAS_LINT
	SAYS='it broke' check 0 -o "$want" -- \
		sh -c 'scripts/lint_migrations.sh >text; rc=$?; head -n 1 text; exit $rc'
	# The engine is. It cannot replay this either, and says so.
	unset ATLAS_MAKE_ATLAS
	check 0 -e 'lint_migrations.sh: Atlas could not replay the migrations for its analysers: going on without them' -- \
		sh -c 'scripts/lint_migrations.sh >text'
	same refused text
	# Nor is it asked about a new file of more than a megabyte.
	awk 'BEGIN { for (i = 0; i < 20000; i++) printf "-- %070d\n", i }' >>"$M/20261201000000_x.sql"
	scripts/hash_migrations.sh >/dev/null
	check 0 -- sh -c 'scripts/lint_migrations.sh >text'
	same refused text
	nothing_left
}

@test "names are looked at whatever the history holds, and what lies in the directory" {
	add 20261201000000 old 'CREATE FUNCTION one() RETURNS integer LANGUAGE sql AS $$SELECT 1$$;
CREATE VIEW v AS SELECT one() AS n;
CREATE EXTENSION IF NOT EXISTS plpgsql;'
	echo 'env "local" {}' >$M/atlas.hcl
	add 20261202000000 new 'ALTER TABLE "users" ADD COLUMN "Name" text;'
	check 1 -e '' -- sh -c 'scripts/lint_migrations.sh >text'
	grep -q "^$M/20261202000000_new.sql:1:32: error: .*Name.*(NM103)$" text
	grep -q 'NAMING' text
}

@test "BEGIN and COMMIT in an old file: it runs, and nobody is blamed for it" {
	add 20261201000000 old 'BEGIN;
CREATE TABLE "own" ("id" bigint PRIMARY KEY);
COMMIT;'
	add 20261202000000 new 'ALTER TABLE "own" ADD COLUMN "n" integer;'
	check 0 -- scripts/lint_migrations.sh
	# In a new one it is an error, at its place.
	ATLAS_MAKE_LINT_LATEST=2 check 1 -e '' -- sh -c 'scripts/lint_migrations.sh >text'
	grep -q "^$M/20261201000000_old.sql:1:1: error: .*(tx-control)$" text
	run ! grep '20261202000000_new.sql:.*error' text
}
