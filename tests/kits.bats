#!/usr/bin/env bats
# The kits for CI systems, and the pipelines of docs/ci.md: their commands are
# taken out of the files and run in a project, as the system would.

load helper
load server

setup_file() { start_server; export PORT SERVER SERVER_PID; }
teardown_file() { stop_server; }

M=src/db/migrations

setup() {
	scratch
	project git
	git update-ref refs/remotes/origin/main main
	git switch -qc ours
}

kits() { "$TOP/.cache/venv-test/bin/python" "$FIXTURES/kits/kits.py" "$@"; }
reader() { "$TOP/.cache/venv-test/bin/python" "$FIXTURES/atlasjson/read.py" "$@"; }

# add VERSION NAME SQL: a migration, hashed, in the template and committed.
add() {
	printf '%s\n' "$3" >"$M/$1_$2.sql"
	scripts/hash_migrations.sh >/dev/null
	git add -A && git commit -qm "$2"
}

# step FILE: as GitHub's runner runs it.
step() {
	env CI=true GITHUB_ACTIONS=true GITHUB_BASE_REF=main GITHUB_REF=refs/pull/1/merge ATLAS_MAKE_LINT_BASE= \
		GITHUB_STEP_SUMMARY="$BATS_TEST_TMPDIR/summary" bash -e "$1"
}

@test "each kit is valid by its system's schema" {
	schema() { "$TOP/.cache/venv-lint/bin/check-jsonschema" -q --builtin-schema "vendor.$1" "$2"; }
	schema github-workflows "$TOP/.github/workflows/migrations.yml"
	schema gitlab-ci "$TOP/.gitlab/migrations.yml"
	sed 's/fetch-depth: 0/fetch-depth: [0]/; s/runs-on:/runs-in:/' "$TOP/.github/workflows/migrations.yml" >x.yml
	run ! schema github-workflows x.yml
}

@test "GitHub: actions are pinned by commit, the history is there, nothing may write" {
	kits github "$TOP/.github/workflows/migrations.yml" steps >uses
	[ "$(wc -l <uses)" -ge 3 ]
	run ! grep -Ev '^[a-z/-]+@[0-9a-f]{40}$' uses
	grep -q '^ *fetch-depth: 0$' "$TOP/.github/workflows/migrations.yml"
	run ! grep -E 'write-all|(contents|pull-requests): write|pull_request_target' "$TOP/.github/workflows/migrations.yml"
	# What runs the pull request's code may write nothing; what may write runs none of it.
	"$TOP/.cache/venv-test/bin/python" - "$TOP/.github/workflows/migrations.yml" <<-'END'
		import sys, yaml
		flow = yaml.safe_load(open(sys.argv[1]))
		assert flow["permissions"] == {"contents": "read"}, flow["permissions"]
		writes = 0
		for name, job in flow["jobs"].items():
		    code = [s for s in job["steps"] if "run" in s or s["uses"].startswith(("actions/checkout@", "actions/cache@"))]
		    if "write" in str(job.get("permissions", "")):
		        writes += 1
		        assert not code, (name, code)
		    for s in job["steps"]:
		        if s.get("uses", "").startswith("actions/checkout@"):
		            assert s["with"]["persist-credentials"] is False, name
		        assert "secrets." not in str(s), name
		assert writes == 1
	END
}

@test "GitLab: each branch has a cache of its own, and no job more rights than it needs" {
	"$TOP/.cache/venv-test/bin/python" - "$TOP/.gitlab/migrations.yml" <<-'END'
		import sys, yaml
		kit = yaml.safe_load(open(sys.argv[1]))
		cached = 0
		for name, job in kit.items():
		    caches = job.get("cache", []) if isinstance(job, dict) else []
		    for cache in caches if isinstance(caches, list) else [caches]:
		        cached += 1
		        key = cache["key"]
		        key = key if isinstance(key, str) else key.get("prefix", "")
		        assert "$CI_COMMIT_REF_SLUG" in key, (name, key)
		        assert "fallback_keys" not in cache, name
		    assert "secrets" not in job and "id_tokens" not in job, name
		assert cached, "no cache is looked at"
	END
}

@test "GitHub: annotations, summary and SARIF of a bad migration" {
	kits github "$TOP/.github/workflows/migrations.yml" ../steps >/dev/null
	add 20261201000000 x 'DROP TABLE "addresses";
ALTER TABLE "users" ADD COLUMN "newName" text;'
	step ../steps/2 >../log 2>&1 && false
	reader github ../log >../seen
	grep -Fq '["error", "src/db/migrations/20261201000000_x.sql", 2, "NM103",' ../seen
	grep -Fq '["warning", "src/db/migrations/20261201000000_x.sql", 1, "drop-table",' ../seen
	step ../steps/3
	grep -q '^### Migrations: [0-9]* errors\?, [0-9]* warnings\? in 1 file$' ../summary ||
		grep -q '^### Migrations: ' ../summary
	reader sarif migrations.sarif >../seen
	grep -Fq '["error", "src/db/migrations/20261201000000_x.sql", 2, "NM103",' ../seen
	[ -z "$(ls -A "$TMPDIR")" ]
}

@test "GitHub: a clean run closes old alerts" {
	kits github "$TOP/.github/workflows/migrations.yml" ../steps >/dev/null
	step ../steps/2 >../log 2>&1
	[ "$(tail -n 1 ../log)" = 'migrations: check passed' ]
	step ../steps/3
	reader sarif migrations.sarif >../seen
	[ ! -s ../seen ]
	grep -Fq '"results": []' migrations.sarif
	# A second run tells the same, from what was kept.
	step ../steps/2 >../log 2>&1
	step ../steps/3
	grep -Fq '"results": []' migrations.sarif
}

@test "GitHub: nothing of a model's or a migration's is taken for a command" {
	kits github "$TOP/.github/workflows/migrations.yml" ../steps >/dev/null
	{
		cat $M/*.sql
		printf "COMMENT ON TABLE \"users\" IS 'x\n::error::owned\n  ::add-mask::owned\n##[error]owned\n##vso[x]owned';\n"
	} >schema.sql
	printf 'SCHEMA = schema.sql\n' >>atlas-make.mk
	add 20261201000000 x "-- ::error::owned
ALTER TABLE \"users\" ADD COLUMN \"::error::owned\" text;"
	step ../steps/2 >../log 2>&1 && false
	grep -q 'is in the migrations and not in the models' ../log
	[ "$(grep -c 'owned' ../log)" -ge 2 ]
	reader github ../log >../seen
	cat ../seen
	run ! grep -Ev '^\["error", (null|""|"src/db/migrations/20261201000000_x.sql"), ' ../seen
	[ "$(wc -l <../seen)" -eq 3 ]
	step ../steps/3
	reader markdown ../summary >/dev/null
}

@test "GitHub: what the cache brings to another machine is used, and the rest made" {
	kits github "$TOP/.github/workflows/migrations.yml" ../steps >/dev/null
	rm -rf .cache
	mkdir .cache
	for f in atlas venv embedded node; do
		[ ! -e "$TOP/.cache/$f" ] || ln -s "$TOP/.cache/$f" ".cache/$f"
	done
	find . -type f -not -path './.git/*' -exec touch {} +
	step ../steps/2 >../log 2>&1
	[ "$(tail -n 1 ../log)" = 'migrations: check passed' ]
	run ! grep -i 'installing\|downloading\|fetching\|building atlas' ../log
}

@test "GitLab: code quality and tests of a bad migration and of none" {
	kits gitlab "$TOP/.gitlab/migrations.yml" ../job >../reports
	sh -n ../job/before_script
	job() { env CI=true GITLAB_CI=true CI_MERGE_REQUEST_TARGET_BRANCH_NAME=main sh -e "../job/$1"; }
	job script >../log 2>&1 || { cat ../log; false; }
	job after_script
	reader gitlab gl-code-quality-report.json >../seen
	[ ! -s ../seen ]
	add 20261201000000 x 'ALTER TABLE "users" ADD COLUMN "newName" text;'
	job script >../log 2>&1 && false
	job after_script
	while read -r f; do [ -s "$f" ]; done <../reports
	reader gitlab gl-code-quality-report.json >../seen
	grep -Fq '["error", "src/db/migrations/20261201000000_x.sql", 1, "NM103",' ../seen
	reader junit migrations.xml >../seen
	grep -Fq '["Failure", "src/db/migrations/20261201000000_x.sql",' ../seen
}

@test "pre-commit: git refuses the commit, and takes it when it is mended" {
	entry=$(kits hook "$TOP/.pre-commit-config.yaml")
	printf '#!/bin/sh\nexec %s\n' "$entry" >.git/hooks/pre-commit
	chmod +x .git/hooks/pre-commit
	echo '-- more' >>"$M/20261115100000_create_addresses.sql"
	git add -A
	git commit -qm bad >../log 2>&1 && false
	grep -q 'is not what atlas.sum says it was: edited' ../log
	scripts/hash_migrations.sh >/dev/null
	git add -A
	git commit -qm good >../log 2>&1
	grep -q '^migrations: check passed$' ../log
}

# ---- the pipelines of docs/ci.md ----

# pipeline TITLE: run the block under that heading, the tools and both linters
# in PATH, with an empty database.
pipeline() {
	local n f url
	kits fences "$TOP/docs/ci.md" 'Shell pipelines in CI' ../blocks >../titles
	n=$(grep -nFx "$1" ../titles) || { echo "no pipeline '$1'"; return 1; }
	[ -d ../path ] || {
		mkdir ../path
		for f in mhash yamlset atlasjson; do ln -s "$TOP/.cache/bin/$f" ../path/; done
		ln -s "$TOP/.cache/atlas/atlas" "$TOP/.cache/venv/bin/squawk" ../path/
		in_server "CREATE DATABASE k$BATS_TEST_NUMBER"
	}
	url="postgres://dev:s%40cret@127.0.0.1:$PORT/k$BATS_TEST_NUMBER?sslmode=disable&search_path=public"
	PATH=$BATS_TEST_TMPDIR/path:/usr/bin:/bin DEV_URL=$url DATABASE_URL=$url \
		GITHUB_STEP_SUMMARY=../summary sh -eu "../blocks/${n%%:*}"
}

@test "pipeline: hash and template" {
	check 0 -- pipeline 'Nothing was edited, and the template has the right hash'
	echo '-- more' >>"$M/20261115100000_create_addresses.sql"
	check 1 -o 'edited 20261115100000_create_addresses.sql' -- pipeline 'Nothing was edited, and the template has the right hash'
	check 0 -- pipeline 'After a hand edit: the hashes again'
	check 0 -- pipeline 'Nothing was edited, and the template has the right hash'
	yamlset -i cloud-formation.yaml /Resources/MigrationTrigger/Properties/MigrationHash other
	check 1 -- pipeline 'Nothing was edited, and the template has the right hash'
	# Nothing but that line differs after all.
	check 0 -- pipeline 'After a hand edit: the hashes again'
	[ "$(git diff --numstat cloud-formation.yaml)" = "1${TAB}1${TAB}cloud-formation.yaml" ]
}

@test "pipeline: order against the base branch" {
	t='What is new comes after what the base branch has'
	check 0 -- pipeline "$t"
	add 20261201000000 later 'SELECT 1;'
	check 0 -- pipeline "$t"
	add 20261110000000 older 'SELECT 1;'
	check 1 -o "$M/20261110000000_older.sql sorts before $M/20261115100000_create_addresses.sql" -- pipeline "$t"
}

@test "pipeline: both linters, one verdict, every report" {
	t='Both linters, one verdict'
	check 0 -- pipeline "$t"
	add 20261201000000 x 'ALTER TABLE "users" ALTER COLUMN "name" TYPE text;'
	check 0 -o "::warning file=$M/20261201000000_x.sql,line=1,col=41,title=changing-column-type::Changing a column type requires an \`ACCESS EXCLUSIVE\` lock on the table which blocks reads and writes while the table is rewritten. Changing the type of the column may also break other clients reading from the table.
1 warning in 1 file" -- pipeline "$t"
	add 20261202000000 y 'DROP TABLE "addresses";'
	echo 'DS102=error' >>lint.levels
	pipeline "$t" >../log && false
	reader github ../log >../seen
	grep -Fq "[\"error\", \"$M/20261202000000_y.sql\", 1, \"DS102\"," ../seen
	grep -Fq "[\"warning\", \"$M/20261201000000_x.sql\", 1, \"changing-column-type\"," ../seen
	[ "$(wc -l <../seen)" -eq 2 ]
	pipeline 'Reports of the same run'
	for f in sarif:migrations.sarif gitlab:gl-code-quality-report.json markdown:../summary; do
		reader "${f%%:*}" "${f#*:}" >../seen
		grep -Fq '"DS102"' ../seen
	done
	reader junit migrations.xml >../seen
	grep -Fq "[\"Failure\", \"$M/20261202000000_y.sql\"" ../seen
}

@test "pipeline: not again when nothing changed" {
	t='Not again when nothing changed'
	check 0 -- pipeline "$t"
	# An edit that is hidden from the fingerprint is not looked for again.
	cp .checked was
	check 0 -- pipeline "$t"
	same was .checked
	echo '-- more' >>"$M/20261115100000_create_addresses.sql"
	check 1 -o 'edited 20261115100000_create_addresses.sql' -- pipeline "$t"
	same was .checked
}

@test "pipeline: a database that is behind" {
	pipeline 'A database that is behind' >../log
	grep -q '^migrate status: PENDING: 0 applied, 2 pending' ../log
}
