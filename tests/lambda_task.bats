#!/usr/bin/env bats
# The package run as a task, outside of Lambda: lambda/task.py plays it, all of
# it once, before the first test.

load helper
load lambda/helper

setup_file() {
	lambda_needs
	lambda_package
	lambda_play task.py
}

@test "all in, and the function finds it so" { played 'task'; }
@test "a failure is exit 1 and says why" { played 'task fails'; }
@test "credentials of a container and of an instance" { played 'container credentials'; }
@test "longer than 15 minutes by a clock that runs fast: a fresh token for each login" { played 'played clock'; }
@test "longer than the function may take, with progress" { played 'long run'; }
@test "TERM cancels what runs" { played 'task told to stop'; }
@test "beside the function: applied once" { played 'task beside the function'; }
@test "no row without a test" { all_played; }
