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
