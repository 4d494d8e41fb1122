#!/bin/sh
# invoke.sh FUNCTION [PAYLOAD] - migrate by invoking the function; exit 0 when all
# migrations are in, 1 when not, 2 when it could not be asked.
set -eu
[ $# -ge 1 ] || { echo 'usage: invoke.sh function [payload]' >&2; exit 2; }
payload=${2-}
out=$(mktemp)
trap 'rm -f "$out"' EXIT
# The function may take 15 minutes: no second try by the CLI meanwhile.
error=$(AWS_MAX_ATTEMPTS=1 aws lambda invoke --function-name "$1" --cli-binary-format raw-in-base64-out \
	--payload "${payload:-"{}"}" --cli-read-timeout 910 --query FunctionError --output text "$out") || exit 2
cat "$out"
echo
[ "$error" = None ] || exit 1
