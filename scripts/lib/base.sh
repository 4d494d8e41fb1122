# base.sh - sourced: which commit this work is compared with.
#
# written by both: base base_rev

# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154

# base_commit: set base_rev to the commit, '' for none, and base to how it is
# called. LINT_BASE wins; then what GitHub, GitLab and pre-commit say of the run.
# Of several that CI names, the first that git has here.
base_commit() {
	base='' base_rev=''
	case $LINT_BASE in
	*[!0]*) set -- "$LINT_BASE" ;;
	*)
		# Empty; or zeros only, which CI gives for the commit before the first.
		set --
		if [ -n "${GITHUB_BASE_REF-}" ]; then
			set -- "origin/$GITHUB_BASE_REF"
		elif [ -n "${CI_MERGE_REQUEST_TARGET_BRANCH_NAME-}${CI_MERGE_REQUEST_DIFF_BASE_SHA-}" ]; then
			[ -z "${CI_MERGE_REQUEST_TARGET_BRANCH_NAME-}" ] ||
				set -- "origin/$CI_MERGE_REQUEST_TARGET_BRANCH_NAME"
			[ -z "${CI_MERGE_REQUEST_DIFF_BASE_SHA-}" ] ||
				set -- "$@" "$CI_MERGE_REQUEST_DIFF_BASE_SHA"
		elif [ -n "${PRE_COMMIT_FROM_REF-}" ]; then
			set -- "$PRE_COMMIT_FROM_REF"
		else
			# GitHub's merge queue: gh-readonly-queue/BRANCH/pr-N-COMMIT
			case ${GITHUB_REF-} in
			refs/heads/gh-readonly-queue/*/pr-*)
				base=${GITHUB_REF#refs/heads/gh-readonly-queue/}
				set -- "origin/${base%/pr-*}"
				;;
			esac
		fi
		;;
	esac
	[ $# -gt 0 ] || return 0
	have git || die "git is not installed, and LINT_BASE ($1) is one of its commits; fix: install git"
	for base do
		base_rev=$(git rev-parse --verify --quiet "$base^{commit}") && return 0
	done
	git_trusts
	die "LINT_BASE: git knows no '$1' here: fetch it first (git fetch origin; in CI a full clone, fetch-depth: 0)"
}
