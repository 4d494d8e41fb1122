#!/bin/sh
# lint.sh [-a] [LINTER...] - every linter of this repository, or these, side by side.
#
# One line a linter, and below it what a failed one said. A linter whose files
# did not change since it last passed is not run again ("unchanged"); -a runs
# them all. Files that git does not ignore count, committed or not.
# Exit 0 clean, 1 findings, 2 a linter is not here (none is skipped in silence).
set -eu
USAGE='lint.sh [-a] [LINTER...]'
. "${0%/*}/lib/common.sh"
. scripts/lib/npm.sh
. scripts/lib/linters.sh

all=''
while getopts ah o 2>/dev/null; do
	case $o in
	a) all=1 ;;
	h) usage 0 ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
for l do
	case " $linters " in *" $l "*) ;; *) die "there is no linter $l; these are: $linters" ;; esac
done
asked=${*:-$linters}
need_tmp
py=$cache/venv-lint/bin
cfn=$cache/venv-sam/bin/cfn-lint
# Not its own script, whose first line no kernel reads where the path has a blank in it.
checkov=$cache/venv-checkov/bin/python
lintspaces=$cache/npm-lint/node_modules/.bin/lintspaces
for c in git mandoc "$py/check-jsonschema" "$py/clang-format" "$py/cppcheck" "$py/ruff" "$py/shellcheck" \
	"$py/zizmor" "$cfn" "$checkov" "$lintspaces"; do
	have "$c" || die "$c is not here: run 'make install-lint'"
done
npm_need
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)

# --- which files ---------------------------------------------------------------
# All of ours; where there is no git repository (a release unpacked), what is
# there but for what was made.
git -c core.quotePath=false ls-files -co --exclude-standard >"$tmp/names" 2>/dev/null ||
	find . \( -name .cache -o -name .aws-sam -o -name __pycache__ \) -prune -o \
		-type f ! -path './atlas_layer/bin/*' ! -name Makefile.local -print | sed 's|^\./||' >"$tmp/names"

# unchanged LINTER: it passed when its files were the same.
unchanged() {
	local print
	# shellcheck disable=SC2046 # patterns are words
	(set -f && list $(files "$1")) >"$tmp/$1.files"
	print=$({
		cat "$tmp/$1.files"
		printf '%s\0' scripts/lint.sh scripts/lib/linters.sh scripts/pins/lint-requirements.txt \
			scripts/pins/lint-npm/package-lock.json scripts/pins/sam-requirements.txt scripts/pins/checkov-requirements.txt \
			.clang-format .editorconfig .shellcheckrc ruff.toml tools/cppcheck.suppress
	} | "$bin/mhash" -f -0) || return 1
	echo "$print" >"$tmp/$1.print"
	[ -z "$all" ] && [ "$(cat "$cache/lint/$1" 2>/dev/null)" = "$print" ]
}

# in_one COMMAND: what it prints and its errors, as they come; its exit code. Ctrl-C is for
# lint.sh, which ends this one and all below it: some shells would let it die alone.
in_one() {
	local rc=0
	trap '' INT
	"$@" 2>&1 || rc=$?
	return "$rc"
}

mkdir -p "$cache/lint"
signal=''
for l in $asked; do
	case $l in
	migrations | gcc) ;; # know themselves what changed
	*)
		! unchanged "$l" || {
			: >"$tmp/$l.same"
			continue
		}
		rm -f "$cache/lint/$l"
		;;
	esac
	mkdir -p "$tmp/$l"
	# A signal in between would find a linter begun that is not in the list yet.
	trap 'signal=130' INT
	trap 'signal=143' TERM
	trap 'signal=129' HUP
	job "$l" in_one "lint_$l"
	[ "$l" = migrations ] || at_exit_tree "$!"
	catch_signals
	[ -z "$signal" ] || cleanup "$signal"
done
failed=0
for l in $asked; do
	if [ -f "$tmp/$l.same" ]; then
		say "ok      $l (unchanged)"
	elif job_wait "$l"; then
		say "ok      $l"
		[ ! -f "$tmp/$l.print" ] || mv "$tmp/$l.print" "$cache/lint/$l"
	else
		say "failed  $l"
		sed 's/^/        /' "$tmp/$l/out"
		failed=1
	fi
done
answer "$failed"
