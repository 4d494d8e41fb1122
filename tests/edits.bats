#!/usr/bin/env bats
# Random edits, one after another: after each the check, which knows what it did before,
# says what a check says that knows nothing. EDITS_STEPS=500 EDITS_SEED=7 for more, or
# others; the steps are printed when an answer differs.

load helper

setup() {
	scratch
	project
	RANDOM=${EDITS_SEED:-1}
	export ATLAS_MAKE_SCHEMA='scripts/load_models.py app' ATLAS_MAKE_SCHEMA_DEPS='' ATLAS_MAKE_MIGRATIONS=m ATLAS_MAKE_TEMPLATE='' ATLAS_MAKE_DEV_DB=auto
	mkdir m app
	for n in 1 2 3; do
		printf 'CREATE TABLE "t%s" ("id" bigint NOT NULL, PRIMARY KEY ("id"));\n' "$n" >"m/2026010100000$n.sql"
	done
	printf 'import sqlalchemy as sa\nmeta = sa.MetaData()\nfrom app import more\n' >app/__init__.py
	models BigInteger
	rehash
	git_first
	git branch base
}
models() {
	printf 'from app import meta, sa\nfor n in ("t1", "t2", "t3"):\n    sa.Table(n, meta, sa.Column("id", sa.%-10s, primary_key=True, autoincrement=False))\n' "$1" >app/more.py
}
rehash() { scripts/hash_migrations.sh >/dev/null 2>&1 || :; }
# any WORD...: one of them.
any() {
	shift $((RANDOM % $#))
	printf '%s\n' "$1"
}

# edit_one: do one of these.
edit_one() {
	local f n
	f=$(any m/20260101000001.sql m/20260101000003.sql app/more.py lint.levels scripts/lib/check.sh .git/HEAD)
	n=$((RANDOM % 9))
	case $((RANDOM % 16)) in
	0 | 1) models "$(any BigInteger Integer)" ;;
	2 | 3)
		cp -p app/more.py ../saved
		models "$(any BigInteger Integer)"
		touch -r ../saved app/more.py
		;;
	4) any 'CREATE TABLE "x" ("id" bigint); DROP TABLE "x";' 'DROP TABLE "t2";' 'SELECT 1;' >"m/2026010100001$n.sql" ;;
	5) rm -f m/2026010100001?.sql ;;
	6) if [ -L "$f" ]; then cp "$f" ../it && rm "$f" && mv ../it "$f"; else cp -p "$f" ../"${f##*/}" && ln -sf "$PWD/../${f##*/}" "$f"; fi ;;
	7) cp -p "$f" ../it && mv ../it "$f" ;;
	8) touch -d "$(any now '1 day ago' '1 hour')" "$f" ;;
	9) chmod "$(any +x -x)" m/20260101000002.sql ;;
	10) git add -A && git commit -qm more --allow-empty ;;
	11) git reset -q "$(any --soft --mixed --hard)" HEAD~1 ;;
	12) git symbolic-ref refs/heads/other refs/heads/main && git symbolic-ref HEAD "refs/heads/$(any main other)" ;;
	13) eval "$(any 'git pack-refs --all' 'git rm -q --cached m/20260101000002.sql' 'git stash -q' 'git stash pop -q' 'git checkout -q --detach')" ;;
	14) export "ATLAS_MAKE_$(any LINT_BASE=base LINT_BASE= LINT_LATEST=2 LINT_LATEST=1 COMPARE_EXCLUDE=t2 COMPARE_EXCLUDE=)" ;;
	15) any drop-table=warning drop-table=error order=warning >>lint.levels ;;
	esac >/dev/null 2>&1 || :
	[ $((RANDOM % 8)) -eq 0 ] || rehash
}
# asked FILE: what the check says, with its exit code, but without what takes its time.
asked() {
	local rc=0
	scripts/check_migrations.sh >../said 2>../err || rc=$?
	{ grep -Ev '^(done|failed|migrate apply)' ../said && echo "exit $rc"; } >"$1"
	[ "$rc" -le 1 ] || cat ../err
}

@test "after any edits the answer is that of a check which knows nothing of before" {
	local step
	for step in $(seq "${EDITS_STEPS:-12}"); do
		# Where it failed, most of the time back to what passes.
		if grep -q failed ../now 2>/dev/null && [ $((RANDOM % 3)) -gt 0 ]; then
			git checkout -qf main && git reset -q --hard base && git clean -qfd
		fi
		set -x
		edit_one
		{ set +x; } 2>/dev/null
		asked ../now
		mv .cache/state ../state
		mv .cache/pycache ../pycache
		asked ../fresh
		rm -rf .cache/state .cache/pycache
		mv ../state ../pycache .cache/
		# That nothing changed is what was said before, without its warnings.
		if grep -q 'nothing changed' ../now; then
			printf '%s\n' 'migrations: check passed' 'exit 0' >../now
			tail -n 2 ../fresh >../cut && mv ../cut ../fresh
		fi
		same ../fresh ../now || {
			echo "step $step"
			return 1
		}
	done
}
