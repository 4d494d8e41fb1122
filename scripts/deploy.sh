#!/bin/sh
# deploy.sh - ship the template with what make lambda laid out.
#
# DEPLOY_ARGS goes to sam deploy, quoted as in a shell; what it lacks comes from
# sam's configuration file, where there is one. The package's architecture must be the
# template's parameter. Exit: sam's.
set -eu
. "${0%/*}/lib/common.sh"

[ $# -eq 0 ] || {
	echo 'usage: deploy.sh (knobs: SAM, DEPLOY_ARGS, LAMBDA_ARCH, TEMPLATE)' >&2
	exit 2
}
sam=${SAM:-$cache/venv-sam/bin/sam}
have "$sam" || die "no sam at '$sam': run 'make deploy', or set SAM"
for f in "$cache/lambda/${DB:+$DB/}package/bootstrap" atlas_layer/bin/atlas; do
	[ -x "$f" ] || die "no $f: run 'make lambda${DB:+ DB=$DB}'"
done

# What sam makes of DEPLOY_ARGS and of its configuration file is asked of sam: a
# package for another machine does not start, and CloudFormation would wait for
# its answer; and a bucket for the package is named only where none is.
eval "set -- $DEPLOY_ARGS"
set -- --template-file "$TEMPLATE" --capabilities CAPABILITY_IAM "$@"
export SAM_CLI_TELEMETRY=0

# sam_python: the Python that sam runs in, for an installed package; a sam of
# another make is read by the pinned one's.
sam_python() {
	local line=''
	IFS= read -r line <"$(command -v "$sam")" || :
	for python in "${line#??}" "$cache/venv-sam/bin/python"; do
		case $python in
		*/*python*) [ ! -x "$python" ] || "$python" -c 'import samcli' 2>/dev/null || continue ;;
		*) continue ;;
		esac
		[ -x "$python" ] && return 0
	done
	return 1
}
architecture='' bucket=''
if ! sam_python; then
	warn "sam cannot be asked for its settings ('$sam' is no Python program, and there is no $cache/venv-sam): that Architecture is $LAMBDA_ARCH is not looked at"
	[ -f samconfig.toml ] || [ -f samconfig.yaml ] || [ -f samconfig.yml ] || bucket=none
elif settings=$("$python" "$kit"/scripts/steps/sam_settings.py "$@"); then
	# Two words; the first may be a dash: the template's default.
	# shellcheck disable=SC2086 # words
	set -- ${settings} "$@"
	architecture=$1 bucket=$2
	shift 2
	[ "$architecture" != - ] ||
		architecture=$("$bin/yamlset" /Parameters/Architecture/Default <"$TEMPLATE") || architecture=$LAMBDA_ARCH
	[ "$architecture" = "$LAMBDA_ARCH" ] ||
		die "the package is for $LAMBDA_ARCH, the stack's parameter Architecture is $architecture: make deploy LAMBDA_ARCH=$architecture, or put Architecture=$LAMBDA_ARCH into the parameter overrides"
fi
# After the template and the capabilities.
shift 4
[ "$bucket" != none ] || set -- --resolve-s3 "$@"
rc=0
run "$sam" deploy --template-file "$TEMPLATE" --capabilities CAPABILITY_IAM "$@" || rc=$?
answer "$rc"
