#!/usr/bin/env bats
# Each trouble at each step of a deploy: before the function connects, at its
# login, in the first file, in the last, and when it asks what is in. A part of
# make test-deploy, which says for how long; steps.py plays it, all of it once,
# before the first test.

load ../helper
load helper

setup_file() {
	lambda_needs
	lambda_package
	lambda_play steps.py
}

@test "the database is away before connecting" { played 'away at connect'; }
@test "away at the login" { played 'away at login'; }
@test "away in the first file" { played 'away at first'; }
@test "away in the last file" { played 'away at last'; }
@test "away at the status" { played 'away at status'; }
@test "the database is silent before connecting: a paused cluster" { played 'silent at connect'; }
@test "silent at the login" { played 'silent at login'; }
@test "silent in the first file" { played 'silent at first'; }
@test "silent in the last file" { played 'silent at last'; }
@test "silent at the status" { played 'silent at status'; }
@test "the database is read-only before connecting" { played 'read-only at connect'; }
@test "read-only in the first file" { played 'read-only at first'; }
@test "read-only in the last file" { played 'read-only at last'; }
@test "read-only at the status" { played 'read-only at status'; }
@test "no connection is free before connecting" { played 'full at connect'; }
@test "no connection is free from the first file on" { played 'full at first'; }
@test "no connection is free from the last file on" { played 'full at last'; }
@test "no connection is free at the status" { played 'full at status'; }
@test "the secret is stale before connecting" { played 'stale at connect'; }
@test "the secret is stale from the first file on" { played 'stale at first'; }
@test "the secret is stale from the last file on" { played 'stale at last'; }
@test "the secret is stale at the status" { played 'stale at status'; }
@test "the lock on the migrations is held" { played 'lock at connect'; }
@test "a table's lock is held in the first file" { played 'lock at first'; }
@test "a table's lock is held in the last file" { played 'lock at last'; }
@test "a lock on the record is held at the status" { played 'lock at status'; }
@test "a deadlock in the first file" { played 'deadlock at first'; }
@test "a deadlock in the last file" { played 'deadlock at last'; }
@test "no row without a test" { all_played; }
