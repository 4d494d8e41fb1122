#!/usr/bin/env bats
# The function under AWS's runtime emulator: whatever happens, CloudFormation
# gets one answer. The situations are played by lambda/matrix.py, all of them
# once, before the first test; each test looks at the results of one.

load helper
load lambda/helper

setup_file() {
	lambda_needs
	lambda_package
	lambda_play matrix.py
}

@test "all applied; one line of JSON with metrics" { played 'all applied'; }
@test "nothing pending" { played 'nothing pending'; }
@test "an SQL error in file 2 of 3" { played 'sql error'; }
@test "MigrationHash is not the package's" { played 'hash mismatch'; }
@test "no MigrationHash" { played 'no hash'; }
@test "atlas.sum broken" { played 'atlas sum broken'; }
@test "database unreachable, and silent" { played 'database unreachable'; }
@test "wrong password" { played 'wrong password'; }
@test "advisory lock held" { played 'advisory lock held'; }
@test "advisory lock held, and all applied" { played 'advisory lock and all applied'; }
@test "advisory lock let go in time" { played 'advisory lock let go'; }
@test "table lock held past lock_timeout" { played 'table lock held'; }
@test "deadline near while a statement runs" { played 'deadline near'; }
@test "the same outside a transaction" { played 'deadline near outside transaction'; }
@test "answer URL gives 403" { played 'answer 403'; }
@test "answer URL altered: S3 refuses the signature" { played 'answer bad signature'; }
@test "answer URL gives 500 twice, then 200" { played 'answer 500'; }
@test "answer URL hangs once" { played 'answer hangs'; }
@test "answer URL hangs for good" { played 'answer hangs on'; }
@test "error text of 100 kB with invalid UTF-8 and quotes" { played 'error of 100 kb'; }
@test "event redelivered" { played 'event redelivered'; }
@test "database ahead of the package" { played 'database ahead'; }
@test "last revision partial and its file gone" { played 'partial revision gone'; }
@test "a file in between that was never applied" { played 'file in between'; }
@test "a baseline for a database older than Atlas" { played 'baseline'; }
@test "no row without a test" { all_played; }
