#!/usr/bin/env bats
# A fleet of 1,000 targets on one PostgreSQL. A part of make test-deploy, which says
# how many; lambda_fleet.bats and lambda_targets.bats have a share of it.

load ../helper
load helper

@test "1,000 targets, a hundredth of them broken: each told right, and what it took" {
	lambda_needs
	BATS_FILE_TMPDIR=$BATS_TEST_TMPDIR lambda_package
	"$PYTHON" "$TOP/tests/lambda/many.py" >../took || { cat ../took; false; }
	sed 's/^/# /' ../took >&3
}
