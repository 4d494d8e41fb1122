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

@test "nobody listens, for a while" { played 'refused for a while'; }
@test "a paused cluster: silent for a while" { played 'silent for a while'; }
@test "the database system is starting up, for a while" { played 'starting for a while'; }
@test "and for good" { played 'starting for good'; }
@test "out of connections, for a while" { played 'out of connections'; }
@test "read-only, for a while" { played 'read only for a while'; }
@test "read-only for good: a reader's endpoint" { played 'read only for good'; }
@test "the secret is stale, for a while" { played 'secret is stale'; }
@test "a table lock is let go in time" { played 'table lock let go'; }
@test "a deadlock" { played 'deadlock'; }
@test "a session lost in a transaction" { played 'session lost'; }
@test "a failover in the middle of a file" { played 'failover in the middle'; }
@test "a session lost outside a transaction is not repeated" { played 'session lost outside a transaction'; }
@test "what is in cannot be read the first time" { played 'status not readable once'; }
@test "CREATE INDEX CONCURRENTLY waits longer than LockTimeout" { played 'concurrently waits'; }
@test "no row without a test" { all_played; }
@test "an index that was left invalid" { played 'index left invalid'; }
