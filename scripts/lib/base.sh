# base.sh - sourced: which migrations are new.

# shellcheck shell=sh
# shellcheck disable=SC2154

# find_base: set base to a revision this work is compared with, '' for none.
# BASE wins; then what GitHub, GitLab and pre-commit say of the run.
find_base() {
	base=$BASE
	[ -z "$base" ] || return 0
	if [ -n "${GITHUB_BASE_REF-}" ]; then
		base=origin/$GITHUB_BASE_REF
	elif [ -n "${CI_MERGE_REQUEST_DIFF_BASE_SHA-}" ]; then
		base=$CI_MERGE_REQUEST_DIFF_BASE_SHA
	elif [ -n "${CI_MERGE_REQUEST_TARGET_BRANCH_NAME-}" ]; then
		base=origin/$CI_MERGE_REQUEST_TARGET_BRANCH_NAME
	elif [ -n "${PRE_COMMIT_FROM_REF-}" ]; then
		base=$PRE_COMMIT_FROM_REF
	fi
}

# base_commit: the commit base stands for now, '' without one.
base_commit() {
	find_base
	base_rev=''
	if [ -n "$base" ]; then
		base_rev=$(git rev-parse --verify --quiet "$base^{commit}") ||
			die "BASE: git knows no '$base' here: fetch it first (git fetch origin; in CI a full clone, fetch-depth: 0)"
	fi
}
