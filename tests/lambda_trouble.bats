#!/usr/bin/env bats
# Trouble that passes while the function has time, and trouble that does not:
# lambda/trouble.py plays it, all of it once, before the first test.

load helper
load lambda/helper

setup_file() {
	lambda_needs
	lambda_package
	lambda_play trouble.py
}

# A share of them; lambda/steps.bats has each at each step, and for longer.
@test "away at the login" { played 'away at login'; }
@test "away in the first file" { played 'away at first'; }
@test "away at the status" { played 'away at status'; }
@test "the database is silent before connecting: a paused cluster" { played 'silent at connect'; }
@test "silent at the status" { played 'silent at status'; }
@test "read-only in the last file" { played 'read-only at last'; }
@test "no connection is free before connecting" { played 'full at connect'; }
@test "the secret is stale from the first file on" { played 'stale at first'; }
@test "a table's lock is held in the first file" { played 'lock at first'; }
@test "a lock on the record is held at the status" { played 'lock at status'; }
@test "a deadlock in the last file" { played 'deadlock at last'; }

@test "the database system is starting up, for a while" { played 'starting for a while'; }
@test "and for good" { played 'starting for good'; }
@test "a standby, as the vendor's driver tells of one" { played 'standby for a while'; }
@test "read-only for good: a reader's endpoint" { played 'read only for good'; }
@test "a session lost in a transaction" { played 'session lost'; }
@test "a session lost outside a transaction is not repeated" { played 'session lost outside a transaction'; }
@test "CREATE INDEX CONCURRENTLY waits longer than LockTimeout" { played 'concurrently waits'; }
@test "an index that was left invalid" { played 'index left invalid'; }
@test "an index that REINDEX left invalid" { played 'reindex left invalid'; }
@test "a port of the emulator's is taken by somebody else" { played 'port taken'; }
@test "no row without a test" { all_played; }
