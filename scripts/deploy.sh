#!/bin/sh
# deploy.sh - ship the template with what make lambda laid out.
#
# DEPLOY_ARGS goes to sam deploy, quoted as in a shell; what it lacks comes from
# samconfig.toml, where there is one. The package's architecture must be the
# template's parameter. Exit: sam's.
set -eu
. "${0%/*}/lib/common.sh"

[ $# -eq 0 ] || {
	echo 'usage: deploy.sh (knobs: SAM, DEPLOY_ARGS, LAMBDA_ARCH, TEMPLATE)' >&2
	exit 2
}
sam=${SAM:-$cache/venv-sam/bin/sam}
have "$sam" || die "no sam at '$sam': run 'make deploy', or set SAM"
for f in "$cache/lambda/package/bootstrap" atlas_layer/bin/atlas; do
	[ -x "$f" ] || die "no $f: run 'make lambda'"
done

# What the stack will be told the architecture is: a program for another one
# does not start, and CloudFormation would wait for its answer.
settings=$DEPLOY_ARGS
[ ! -f samconfig.toml ] || settings="$settings $(cat samconfig.toml)"
case $settings in
*Architecture=* | *ParameterKey=Architecture,ParameterValue=*)
	settings=${settings#*Architecture[=,]}
	settings=${settings#ParameterValue=}
	settings=$(printf '%s\n' "$settings" | sed -n '1s/^[\\"'\'']*\([A-Za-z0-9_]*\).*/\1/p')
	;;
*) settings=$("$bin/yamlset" /Parameters/Architecture/Default <"$TEMPLATE") || settings=$LAMBDA_ARCH ;;
esac
[ "$settings" = "$LAMBDA_ARCH" ] ||
	die "the package is for $LAMBDA_ARCH, the stack's parameter Architecture is $settings: make deploy LAMBDA_ARCH=$settings, or put Architecture=$LAMBDA_ARCH into the parameter overrides"

eval "set -- $DEPLOY_ARGS"
# A bucket for the package, where none is named.
bucket=--resolve-s3
for arg do
	case $arg in
	--s3-bucket | --s3-bucket=* | --resolve-s3 | --no-resolve-s3 | --guided | -g) bucket='' ;;
	esac
done
[ ! -f samconfig.toml ] || bucket=''
export SAM_CLI_TELEMETRY=0
rc=0
run "$sam" deploy --template-file "$TEMPLATE" --capabilities CAPABILITY_IAM $bucket "$@" || rc=$?
answer "$rc"
