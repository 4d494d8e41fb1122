# helper.bash - what the files load that stop a program at a call (killat.c).

# killat_make: compile it, where the machine has what it takes; once for a file.
killat_make() {
	command -v "${CC:-cc}" >/dev/null && [ "$(uname -s)" = Linux ] || return 0
	${CC:-cc} -O1 -o "$BATS_FILE_TMPDIR/killat" "$TOP/tests/crash/killat.c"
}
# killat_there: skip the test where it has not.
killat_there() { [ -x "$BATS_FILE_TMPDIR/killat" ] || skip 'ptrace as Linux has it'; }

killat() { "$BATS_FILE_TMPDIR/killat" "$@"; }
