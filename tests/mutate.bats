#!/usr/bin/env bats
# The list of breakages, tests/mutate/breakages, and what tries it (make mutate).

load helper

@test "each breakage's text is where the list says, and so is its test" {
	check 0 -- "$TOP/tests/mutate/run.sh" -n
	[ "$(grep -c '^[a-z]' "$TOP/tests/mutate/breakages")" -ge 60 ]
}

# a_list LINE...: a repository of one script and one test, with these breakages.
a_list() {
	mkdir -p tests .cache/bin
	cp -R "$TOP/tests/mutate" "$TOP/tests/alone.sh" tests/
	# As make has it, which is not to reach the tests.
	export ATLAS_KIT=. ATLAS_KIT_KNOBS=SCHEMA SCHEMA=x
	git -c init.defaultBranch=main init -q .
	printf 'tools:\n' >Makefile
	printf 'echo yes\necho "a	tab" # once\n' >script.sh
	printf '%s\n' '@test "says yes" { [ -z "${ATLAS_KIT-}${SCHEMA-}" ] && sh "$BATS_TEST_DIRNAME/../script.sh" | grep -q yes; }' '@test "another" { :; }' >tests/script.bats
	printf '%b\n' "$@" >tests/mutate/breakages
	git add -A
}

# alone COMMAND...: as if no bats ran it.
alone() (
	PATH=${PATH//"$BATS_LIBEXEC:"/}
	unset "${!BATS_@}"
	exec 3>&-
	exec "$@"
)

@test "seen, survived, and the exit code" {
	a_list '# name' 'no\tscript.sh\techo yes\techo no\tscript.bats\t' 'once\tscript.sh\t# once\t\tscript.bats\tsays' \
		'other\tscript.sh\techo yes\techo no\tscript.bats\tanother'
	JOBS=1 check 1 -o "seen       no
survived   once: script.sh
survived   other: script.sh
1 seen, survived: once other" -- alone tests/mutate/run.sh
	check 0 -o "seen       no
1 seen" -- alone tests/mutate/run.sh no
	JOBS=2 check 1 -o "survived   once: script.sh
0 seen, survived: once" -- alone tests/mutate/run.sh -p 2/3
	# What stands here is as it was.
	git diff --quiet -- script.sh
	grep -q 'echo yes' script.sh
}

@test "a list that is not right" {
	a_list 'gone\tscript.sh\techo maybe\techo no\tscript.bats\t' 'twice\tscript.sh\techo\ttouch\tscript.bats\t' \
		'test\tscript.sh\techo yes\techo no\tscript.bats\tsays no' 'file\tscript.sh\techo yes\techo no\tnone.bats\t'
	check 1 -e "mutate: gone: the text is not once in script.sh: echo maybe
mutate: twice: the text is not once in script.sh: echo
mutate: test: tests/script.bats has no test 'says no'
mutate: file: tests/none.bats has no test ''" -- alone tests/mutate/run.sh -n
	check 2 -e 'mutate: no breakage has such a name' -- alone tests/mutate/run.sh nobody
	edit script.sh 's/yes/maybe/'
	git add -A
	printf 'all:\n' >Makefile
	JOBS=1 check 2 -o "could not  gone: does not compile: make: *** No rule to make target 'tools'.  Stop.
0 seen" -- alone tests/mutate/run.sh gone
}
