#!/bin/sh
# lint.sh - every linter of this repository, side by side.
#
# Each one's output is kept together and shown when it failed. Exit 0 clean, 1
# findings, 2 a linter is not here (nothing is skipped in silence).
set -eu
. "${0%/*}/lib/common.sh"

[ $# -eq 0 ] || {
	echo 'usage: lint.sh' >&2
	exit 2
}
need_tmp
sam=$cache/venv-sam/bin
for c in shellcheck mandoc "$sam/cfn-lint" "$PYTHON"; do
	have "$c" || die "$c is not here: run 'make install-lint'"
done

lint_migrations() { scripts/check_migrations.sh; }
# The tools, with warnings as errors, beside the ones that are used.
lint_c() { make -s tools cache="$cache/werror" WERROR=1 sys.main=; }
lint_shell() {
	shellcheck -S warning scripts/*.sh bench/*.sh tests/run.sh .ci/run &&
		shellcheck -s sh -S warning -e SC2034,SC2154 scripts/lib/*.sh
}
lint_pages() { mandoc -T lint -W warning tools/*.1; }
lint_template() { "$sam/cfn-lint" "$TEMPLATE"; }
lint_python() { "$PYTHON" -m py_compile scripts/load_models.py src/db/models.py; }
# What .editorconfig promises, where a line end or a blank would show in a diff.
lint_blanks() {
	git ls-files -z -- ':!tests/fixtures' ':!tests/*.bats' ':!src/db/migrations' ':!*.svg' | xargs -0 grep -nIE "[[:blank:]]+\$" /dev/null && return 1
	return 0
}

linters='migrations c shell pages template python blanks'
jobs=''
for l in $linters; do
	{
		rc=0
		PYTHONPYCACHEPREFIX=$tmp/pyc "lint_$l" >"$tmp/$l.out" 2>&1 || rc=$?
		echo "$rc" >"$tmp/$l.rc"
	} &
	jobs="$jobs $!"
done
at_exit 'kill $jobs 2>/dev/null || :'
# shellcheck disable=SC2086 # one word a job
wait $jobs
failed=0
for l in $linters; do
	rc=$(cat "$tmp/$l.rc")
	if [ "$rc" -eq 0 ]; then
		say "ok      $l"
	else
		say "failed  $l"
		sed 's/^/        /' "$tmp/$l.out"
		failed=1
	fi
done
exit "$failed"
