# linters.sh - the linters of this repository, each a function lint_NAME.
#
# Needs: common.sh, npm.sh; tmp; py, cfn, checkov, lintspaces (programs), jobs (how many side by
# side), all (1: remember nothing). The files of each are in $tmp/NAME.files.

# shellcheck shell=sh

linters='migrations gcc layout cppcheck shell locals circles make pages python template checkov kits blanks'

# files LINTER: what it looks at; what stands behind -- is left out, for it is
# compared byte for byte.
files() {
	case $1 in
	layout | cppcheck) echo 'tools/*.c tools/*.h' ;;
	shell) echo 'scripts/*.sh bench/*.sh src/*.sh src/migration_lambda/bootstrap tests/*.sh tests/*.bash tests/*.bats .ci/run' ;;
	circles) echo 'tools/*.c tools/*.h' ;;
	locals) echo 'scripts/*.sh' ;;
	make) echo 'Makefile mk/*.mk' ;;
	pages) echo 'tools/*.1' ;;
	python) echo '*.py' ;;
	template) echo "$TEMPLATE src/*/template.yaml" ;;
	checkov) echo "$TEMPLATE src/*/template.yaml src/*/Dockerfile docs/callers/*.tf" ;;
	kits) echo '.github/workflows/*.yml .gitlab/*.yml .pre-commit-config.yaml' ;;
	blanks) echo '* -- tests/fixtures/* src/db/migrations/* *.svg' ;;
	esac
}

# list PATTERN... [-- PATTERN...]: their names, as xargs -0 wants them.
list() {
	local f p yes want
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

# The check clears away itself what it began: it is a process of its own, and alone gets
# the signal to end.
lint_migrations() { exec scripts/check_migrations.sh; }
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
	local newest
	mkdir -p "$cache/lint/shell.d"
	# shellcheck disable=SC2012 # names of ours
	newest=$(ls -t scripts/lib/*.sh tests/*.bash .shellcheckrc "$cache/venv-lint/ok" | head -n 1)
	[ -z "$all" ] || rm -f "$cache/lint/shell.d"/*
	xargs -0 -n 4 -P "$jobs" sh -c '
		newest=$1 clean=$2 shellcheck=$3 rc=0
		shift 3
		for f do
			ok=$clean/$(printf %s "$f" | tr / -)
			[ ! "$ok" -nt "$f" ] || [ ! "$ok" -nt "$newest" ] || continue
			case $f in
			*.bats) set -- -s bats -e SC2010,SC2030,SC2031,SC2034,SC2037,SC2046,SC2059,SC2125,SC2164,SC2211 ;;
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
lint_circles() { xargs -0 awk -f scripts/lib/circles.awk <"$tmp/circles.files"; }
lint_locals() { xargs -0 awk -f scripts/lib/locals.awk <"$tmp/locals.files"; }
# A name that nobody sets is a slip of the pen.
lint_make() {
	local goals='help tools lint test fuzz test-builds fault bench compat deploy install-tools'
	make --warn-undefined-variables -n -k $goals >"$tmp/make/dry" 2>"$tmp/make/said" || :
	grep 'undefined variable' "$tmp/make/said" && return 1
	# What is looked for was really read.
	grep -q 'tests/run.sh' "$tmp/make/dry" || {
		cat "$tmp/make/said"
		return 1
	}
}
lint_pages() { xargs -0 mandoc -T lint -W warning <"$tmp/pages.files"; }
lint_python() { xargs -0 "$py/ruff" check -q --cache-dir "$cache/ruff" <"$tmp/python.files"; }
lint_template() { xargs -0 "$cfn" --regions eu-central-1 us-east-1 -- <"$tmp/template.files"; }
# What a template lets in that need not be. Each exception stands beside its resource.
# One run for all, for it takes seconds to start. Of a file that it cannot read
# checkov says so, and passes.
lint_checkov() {
	xargs -0 "$checkov" -m checkov.main --quiet --compact --skip-download --framework cloudformation dockerfile terraform \
		-f <"$tmp/checkov.files" >"$tmp/checkov/said" && ! grep -q 'Parsing errors: ' "$tmp/checkov/said" &&
		grep -q '^cloudformation scan results' "$tmp/checkov/said" && return 0
	cat "$tmp/checkov/said"
	return 1
}
# What CI systems read, by their own schemas; and the ways a workflow gives
# more than it should.
lint_kits() {
	local rc=0 kind f
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
	local rc=0
	grep -v '^indent_' .editorconfig >"$tmp/editorconfig"
	grep -zv '\.[ch]$\|\.py$\|\.bats$' <"$tmp/blanks.files" >"$tmp/indented"
	grep -z '\.[ch]$\|\.py$\|\.bats$' <"$tmp/blanks.files" >"$tmp/other"
	export FORCE_COLOR=0
	xargs -0 "$lintspaces" --matchdotfiles -e .editorconfig <"$tmp/indented" || rc=1
	xargs -0 "$lintspaces" --matchdotfiles -e "$tmp/editorconfig" <"$tmp/other" || rc=1
	return "$rc"
}
