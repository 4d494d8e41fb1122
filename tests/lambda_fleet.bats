#!/usr/bin/env bats
# The templates beside the function's: the fleet's state machine, which is run,
# and the task.

load helper
load lambda/helper

@test "cfn-lint finds nothing in them" {
	for t in fleet task; do
		check 0 -- "$TOP/.cache/venv-sam/bin/cfn-lint" --regions eu-central-1 us-east-1 \
			--template "$TOP/src/migration_$t/template.yaml"
	done
}

@test "the state machine migrates all tenants but the broken one, and tells of each" {
	lambda_needs
	BATS_FILE_TMPDIR=$BATS_TEST_TMPDIR lambda_package
	"$PYTHON" "$TOP/tests/lambda/fleet.py"
}

@test "what is tried again, and how long, is what the page says" {
	# kind seconds, from the code's table, once each.
	awk '/^	cat <<-.END/ { on = 1; next } /^	END/ { exit } on { print $1, $2 }' \
		"$TOP/src/migration_lambda/retry.sh" | sort -u >code
	awk -F '|' '
		/^### What is tried again/ { on = 1 }
		/^## / && on { exit }
		on && $2 ~ /`/ {
			n = split($2, kinds, /[` ]+/)
			limit = $4 + 0
			for (i = 1; i <= n; i++) if (kinds[i] != "") print kinds[i], limit
		}' "$TOP/docs/deploy.md" | sort -u >page
	[ "$(wc -l <code)" -ge 10 ]
	same code page
}

@test "the AWS CLI's commands in the pages, the templates and the callers' files are ones it has" {
	lambda_needs
	commands() { "$PYTHON" "$TOP/tests/lambda/commands.py" "$@"; }
	n=$(commands "$TOP"/docs/deploy*.md "$TOP"/docs/callers/* "$TOP"/src/migration_*/template.yaml)
	[ "$n" -ge 9 ]
	# It can fail: an operation, an option, a query that are not there.
	for a in "cloudformation describe-stack --stack-name x" "ecs run-task --clusters x" "ecs wait task-stopped --cluster x" \
		"cloudformation describe-stacks --query 'Stack[0]'"; do
		printf '    aws %s\n' "$a" >page
		run ! commands page
	done
}

@test "callers/invoke.sh: the verdict, and its exit codes" {
	mkdir bin
	cat >bin/aws <<-'END'
		#!/bin/sh
		printf '%s\n' "$@" >args
		for out do :; done
		echo '{"status":"x"}' >"$out"
		echo "$FUNCTION_ERROR"
		exit "${AWS_EXIT:-0}"
	END
	chmod +x bin/aws
	export PATH=$PWD/bin:$PATH
	invoke=$TOP/docs/callers/invoke.sh
	FUNCTION_ERROR=None check 0 -O <(printf '{"status":"x"}\n\n') -- "$invoke" migrate
	grep -Fqx '{}' args
	FUNCTION_ERROR=Unhandled check 1 -O <(printf '{"status":"x"}\n\n') -- "$invoke" migrate '{"DatabaseName":"b"}'
	grep -Fqx '{"DatabaseName":"b"}' args
	AWS_EXIT=254 check 2 -- "$invoke" migrate
	check 2 -e 'usage: invoke.sh function [payload]' -- "$invoke"
}

@test "callers/main.tf: Terraform's language, whole, and what it would do" {
	lambda_needs
	BATS_FILE_TMPDIR=$BATS_TEST_TMPDIR lambda_package
	"$PYTHON" "$TOP/tests/lambda/terraform.py" "$TOP/docs/callers/main.tf"
	# It can fail: a name that is nowhere.
	sed 's/local\.migration_hash/local.migration_hsh/' "$TOP/docs/callers/main.tf" >broken.tf
	run ! "$PYTHON" "$TOP/tests/lambda/terraform.py" broken.tf
}
