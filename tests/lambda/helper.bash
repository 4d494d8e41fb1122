# helper.bash - what the Lambda's .bats files load besides.

# lambda_needs: stop with a sentence where the parts are not here. The runtime
# is Linux's: elsewhere the tests are skipped, and say so.
lambda_needs() {
	[ "$(uname -s)" = Linux ] || skip "the Lambda's runtime emulator runs on Linux"
	PYTHON=$TOP/.cache/venv-test/bin/python
	[ -x "$PYTHON" ] && [ -f "$TOP/.cache/npm/ok" ] && [ -f "$TOP/.cache/venv-sam/ok" ] &&
		[ -x "$TOP/.cache/lambda/arm64/mhash" ] || {
		echo "the tests' parts are not here: run 'make install-test'" >&2
		return 1
	}
	export PYTHON
	case $(uname -m) in
	aarch64) ARCH=arm64 ;;
	*) ARCH=$(uname -m) ;;
	esac
	export ARCH
}

# lambda_package: lay the package out for this machine, in $PACKAGE.
lambda_package() {
	export PACKAGE=$BATS_FILE_TMPDIR/package
	(cd "$TOP" && make -s ".cache/lambda/$ARCH/rdstoken" ".cache/lambda/$ARCH/mhash" ".cache/lambda/$ARCH/mstate" \
		".cache/lambda/$ARCH/cfnrespond" ".cache/lambda/$ARCH/atlasjson" &&
		ATLAS_MAKE_RDS_CA='' ATLAS_MAKE_KNOBS='' scripts/steps/build_lambda.sh ".cache/lambda/$ARCH" "$PACKAGE" >/dev/null)
}

# lambda_play PROGRAM: play its rows; played and all_played look at the results.
lambda_play() {
	export RESULTS=$BATS_FILE_TMPDIR/results
	mkdir "$RESULTS"
	env ${PG_MAJOR:+"ATLAS_MAKE_PG_MAJOR=$PG_MAJOR"} "$PYTHON" "$TOP/tests/lambda/$1" "$RESULTS"
}

# played ROW: it went well, for every kind of event it was played for.
played() {
	local f n=0 bad=0
	for f in "$RESULTS/$1 "{Create,Update,Delete}; do
		[ -f "$f" ] || continue
		n=$((n + 1))
		[ ! -s "$f" ] || {
			echo "${f##*/}:"
			cat "$f"
			bad=1
		}
	done
	[ "$n" -gt 0 ] || echo "$1: not played"
	[ "$n" -gt 0 ] && [ "$bad" -eq 0 ]
}

# all_played: every row has its test.
all_played() {
	local f row
	for f in "$RESULTS"/*; do
		row=${f##*/}
		grep -qF "{ played '${row% *}'; }" "$BATS_TEST_FILENAME" || {
			echo "no test looks at: $row"
			return 1
		}
	done
}
