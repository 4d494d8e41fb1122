#!/bin/sh
# lint.sh [-a] - every linter of this repository, side by side.
#
# One line a linter, and below it what a failed one said. A linter whose files
# did not change since it last passed is not run again ("unchanged"); -a runs
# them all. Files that git does not ignore count, committed or not.
# Exit 0 clean, 1 findings, 2 a linter is not here (none is skipped in silence).
set -eu
. "${0%/*}/lib/common.sh"
. scripts/lib/npm.sh

usage() {
	echo 'usage: lint.sh [-a]' >&2
	exit 2
}
all=''
while getopts a o; do
	case $o in
	a) all=1 ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
[ $# -eq 0 ] || usage
need_tmp
py=$cache/venv-lint/bin
cfn=$cache/venv-sam/bin/cfn-lint
lintspaces=$cache/npm-lint/node_modules/.bin/lintspaces
for c in git mandoc "$py/check-jsonschema" "$py/clang-format" "$py/cppcheck" "$py/ruff" "$py/shellcheck" \
	"$py/zizmor" "$cfn" "$lintspaces"; do
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

# files LINTER: what it looks at; what stands behind -- is left out, for it is
# compared byte for byte.
files() {
	case $1 in
	layout | cppcheck) echo 'tools/*.c tools/*.h' ;;
	shell) echo 'scripts/*.sh bench/*.sh src/*.sh src/migration_lambda/bootstrap tests/*.sh tests/*.bash tests/*.bats .ci/run' ;;
	make) echo 'Makefile mk/*.mk' ;;
	pages) echo 'tools/*.1' ;;
	python) echo '*.py' ;;
	template) echo "$TEMPLATE" ;;
	kits) echo '.github/workflows/*.yml .gitlab/*.yml .pre-commit-config.yaml' ;;
	blanks) echo '* -- tests/fixtures/* src/db/migrations/* *.svg' ;;
	esac
}

# list PATTERN... [-- PATTERN...]: their names, as xargs -0 wants them.
list() {
	while IFS= read -r f; do
		yes='' want=1
		for p do
			case $p in
			--) want='' ;;
			*)
				# shellcheck disable=SC2254 # it is a pattern
				case $f in $p) yes=$want ;; esac
				;;
			esac
		done
		[ -z "$yes" ] || [ ! -f "$f" ] || printf '%s\0' "$f"
	done <"$tmp/names"
}

# --- the linters ----------------------------------------------------------------
# Each is called by name, with its files in $tmp/NAME.files.
# shellcheck disable=SC2329
{
	lint_migrations() { run scripts/check_migrations.sh; }
	# The tools, with warnings as errors, beside the ones that are used.
	lint_gcc() { make -s tools cache="$cache/werror" WERROR=1 sys.main=; }
	lint_layout() { xargs -0 "$py/clang-format" --dry-run -Werror <"$tmp/layout.files"; }
	lint_cppcheck() {
		mkdir -p "$cache/cppcheck"
		grep -z '\.c$' <"$tmp/cppcheck.files" |
			xargs -0 "$py/cppcheck" -q -j "$jobs" --cppcheck-build-dir="$cache/cppcheck" \
				--enable=warning,style,performance,portability --std=c11 -D__GNUC__=12 -D_XOPEN_SOURCE=700 \
				--suppressions-list=tools/cppcheck.suppress --inline-suppr --error-exitcode=1
	}
	# A few files at a time, each one's findings in one piece. What is sourced
	# uses what others set; a test runs in a subshell, on purpose, and stops at the
	# first command that fails.
	# One file after another takes a while: one that was found clean is looked at
	# again when it, or anything it may source, is newer.
	lint_shell() {
		mkdir -p "$cache/lint/shell.d"
		# shellcheck disable=SC2012 # names of ours
		newest=$(ls -t scripts/lib/*.sh tests/*.bash .shellcheckrc scripts/lint.sh "$cache/venv-lint/ok" | head -n 1)
		[ -z "$all" ] || rm -f "$cache/lint/shell.d"/*
		xargs -0 -n 4 -P "$jobs" sh -c '
			newest=$1 clean=$2 shellcheck=$3 rc=0
			shift 3
			for f do
				ok=$clean/$(printf %s "$f" | tr / -)
				[ ! "$ok" -nt "$f" ] || [ ! "$ok" -nt "$newest" ] || continue
				case $f in
				*.bats) set -- -s bats -e SC2010,SC2030,SC2031,SC2034,SC2037,SC2059,SC2125,SC2164,SC2211 ;;
				*.bash) set -- -s bash -e SC2034,SC2154 ;;
				scripts/lib/*) set -- -s sh -e SC2034,SC2154 ;;
				*) set -- ;;
				esac
				if out=$("$shellcheck" -S warning "$@" "$f"); then
					: >"$ok"
				else
					rm -f "$ok"
					printf "%s\n" "$out"
					rc=1
				fi
			done
			exit "$rc"' sh "$newest" "$cache/lint/shell.d" "$py/shellcheck" <"$tmp/shell.files"
	}
	# A name that nobody sets is a slip of the pen, but for those a user or
	# another list may set.
	lint_make() {
		make --warn-undefined-variables -n -k help tools lint test deploy install-tools 2>&1 >/dev/null |
			grep 'undefined variable' |
			grep -Ev "'(C|CPP|LD)FLAGS'|'WERROR'|'sys\.main'|'(tool|build|fuzz)\.(srcs|libs|cc)\." && return 1
		return 0
	}
	lint_pages() { xargs -0 mandoc -T lint -W warning <"$tmp/pages.files"; }
	lint_python() { xargs -0 "$py/ruff" check -q --cache-dir "$cache/ruff" <"$tmp/python.files"; }
	lint_template() { "$cfn" "$TEMPLATE"; }
	# What CI systems read, by their own schemas; and the ways a workflow gives
	# more than it should.
	lint_kits() {
		rc=0
		for kind in github-workflows:.github/workflows gitlab-ci:.gitlab; do
			for f in "${kind#*:}"/*.yml; do
				[ ! -f "$f" ] || "$py/check-jsonschema" --builtin-schema "vendor.${kind%%:*}" "$f" || rc=1
			done
		done
		[ "$rc" -ne 0 ] || [ ! -d .github/workflows ] || "$py/zizmor" -q --offline .github/workflows || rc=1
		return "$rc"
	}
	# .editorconfig. C has clang-format for its indentation, Python lines up what
	# it continues, and what a test expects stands in it as it is: of these all
	# but the indentation.
	lint_blanks() {
		grep -v '^indent_' .editorconfig >"$tmp/editorconfig"
		grep -zv '\.[ch]$\|\.py$\|\.bats$' <"$tmp/blanks.files" >"$tmp/indented"
		grep -z '\.[ch]$\|\.py$\|\.bats$' <"$tmp/blanks.files" >"$tmp/other"
		rc=0
		export FORCE_COLOR=0
		xargs -0 "$lintspaces" --matchdotfiles -e .editorconfig <"$tmp/indented" || rc=1
		xargs -0 "$lintspaces" --matchdotfiles -e "$tmp/editorconfig" <"$tmp/other" || rc=1
		return "$rc"
	}
}

# one LINTER: what it says in $tmp/LINTER.out, its exit code in .rc.
one() {
	job_signals
	case $1 in
	migrations | gcc) ;; # know themselves what changed
	*)
		# shellcheck disable=SC2046 # patterns are words
		(set -f && list $(files "$1")) >"$tmp/$1.files"
		print=$({
			cat "$tmp/$1.files"
			printf '%s\0' scripts/lint.sh scripts/pins/lint-requirements.txt scripts/pins/lint-npm/package-lock.json \
				scripts/pins/sam-requirements.txt .clang-format .editorconfig .shellcheckrc ruff.toml tools/cppcheck.suppress
		} | "$bin/mhash" -f -0) || print=''
		if [ -z "$all" ] && [ -n "$print" ] && [ "$(cat "$cache/lint/$1" 2>/dev/null)" = "$print" ]; then
			: >"$tmp/$1.same"
			echo 0 >"$tmp/$1.rc"
			return
		fi
		;;
	esac
	rc=0
	"lint_$1" >"$tmp/$1.out" 2>&1 </dev/null || rc=$?
	case $1 in
	migrations | gcc) ;;
	*)
		rm -f "$cache/lint/$1"
		[ "$rc" -ne 0 ] || [ -z "$print" ] || echo "$print" >"$cache/lint/$1"
		;;
	esac
	echo "$rc" >"$tmp/$1.rc"
}

mkdir -p "$cache/lint"
linters='migrations gcc layout cppcheck shell make pages python template kits blanks'
# The check of the migrations is told alone: it clears away what it has begun. What
# the others run ignores Ctrl-C (dash, busybox), and xargs passes no signal on.
pids='' check=''
at_exit '[ -z "$check$pids" ] || kill $check $(tree $pids) 2>/dev/null || :'
for l in $linters; do
	one "$l" &
	case $l in
	migrations) check=$! ;;
	*) pids="$pids $!" ;;
	esac
done
# shellcheck disable=SC2086 # one word a job
wait "$check" $pids || :
pids='' check=''
failed=0
for l in $linters; do
	if [ ! -f "$tmp/$l.rc" ]; then
		say "failed  $l: it did not come to an end"
		failed=1
	elif [ -f "$tmp/$l.same" ]; then
		say "ok      $l (unchanged)"
	elif [ "$(cat "$tmp/$l.rc")" -eq 0 ]; then
		say "ok      $l"
	else
		say "failed  $l"
		sed 's/^/        /' "$tmp/$l.out"
		failed=1
	fi
done
answer "$failed"
