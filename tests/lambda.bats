#!/usr/bin/env bats
# The function under AWS's runtime emulator: whatever happens, CloudFormation
# gets one answer. The situations are played by lambda/matrix.py, all of them
# once, before the first test; each test looks at the results of one.

load helper
load lambda/helper

setup_file() {
	lambda_needs
	lambda_package
	export RESULTS=$BATS_FILE_TMPDIR/results
	mkdir "$RESULTS"
	"$PYTHON" "$TOP/tests/lambda/matrix.py" "$RESULTS"
}

# played ROW: it went well for every kind of event.
played() {
	local kind bad=0
	for kind in Create Update Delete; do
		[ -f "$RESULTS/$1 $kind" ] || {
			echo "$1, $kind: not played"
			bad=1
			continue
		}
		[ ! -s "$RESULTS/$1 $kind" ] || {
			echo "$1, $kind:"
			cat "$RESULTS/$1 $kind"
			bad=1
		}
	done
	return "$bad"
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

@test "no row without a test" {
	for f in "$RESULTS"/*; do
		row=${f##*/}
		grep -qF "{ played '${row% *}'; }" "$BATS_TEST_FILENAME"
	done
}
