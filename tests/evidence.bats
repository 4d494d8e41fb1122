#!/usr/bin/env bats
# A verdict needs evidence: whatever command of the check fails, prints nothing,
# hangs or is missing, the answer is never yes, and never a no.

load helper

setup() {
	scratch
	project git
	# Tools of its own, to put others in their place.
	rm .cache/bin
	cp -Rp "$TOP/.cache/bin" .cache/bin
	mkdir ../stand-in
	export PATH="$BATS_TEST_TMPDIR/stand-in:$PATH" ATLAS_MAKE_TIME_LIMIT=8
}

# instead NAME HOW: what NAME does from now on.
instead() {
	local f=../stand-in/$1
	case $1 in
	atlas)
		f=../stand-in/the-atlas
		export ATLAS_MAKE_ATLAS=$f
		;;
	esac
	[ ! -e ".cache/bin/$1" ] || f=.cache/bin/$1
	rm -f "$f"
	case $2 in
	fails) printf '#!/bin/sh\necho it broke >&2\nexit 1\n' ;;
	dies) printf '#!/bin/sh\nkill -9 $$\n' ;;
	silent) printf '#!/bin/sh\nexit 0\n' ;;
	hangs) printf '#!/bin/sh\nexec sleep 600\n' ;;
	esac >"$f"
	chmod +x "$f"
}
restored() {
	[ ! -e "$TOP/.cache/bin/$1" ] || cp -p "$TOP/.cache/bin/$1" .cache/bin/
	rm -f "../stand-in/$1" ../stand-in/the-atlas
	unset ATLAS_MAKE_ATLAS
}

# undecided VERB: exit 2 with a sentence, no yes, nothing left.
undecided() {
	local rc=0
	timeout 60 "scripts/$1" >out 2>err || rc=$?
	[ "$rc" -eq 2 ] || { echo "exit $rc"; return 1; }
	[ -s err ] || { echo 'not a word'; return 1; }
	run ! grep -E 'passed|nothing to do|nothing changed|^new: ' out
	[ -z "$(git status --porcelain -- src cloud-formation.yaml)" ]
	nothing_left
	run ! pgrep -f 'sleep 600'
}

# each VERB HOW COMMAND...: each of the commands goes wrong in that way.
each() {
	local verb=$1 how=$2 c bad=0
	shift 2
	for c do
		rm -rf .cache/state
		instead "$c" "$how"
		undecided "$verb" >why 2>&1 || {
			echo "$verb, $c $how: $(cat why)"
			head -n 5 out err
			bad=1
		}
		restored "$c"
	done
	return "$bad"
}

@test "check: a tool fails" { each check_migrations.sh fails mhash catdiff atlasjson yamlset sqlflat atlas awk; }
@test "check: a tool is killed" { each check_migrations.sh dies mhash catdiff atlasjson yamlset sqlflat atlas; }
@test "check: a tool prints nothing" { each check_migrations.sh silent mhash catdiff atlasjson yamlset sqlflat atlas awk; }
@test "check: a tool hangs" { ATLAS_MAKE_TIME_LIMIT=4 each check_migrations.sh hangs mhash catdiff atlas; }
@test "create: a tool fails, or prints nothing" {
	edit src/db/models.py 's/^    name: Mapped.*/&\n    age: Mapped[int | None]/'
	git commit -qam models
	each create_migrations.sh fails mhash catplan sqlflat atlas
	each create_migrations.sh silent mhash catdiff catplan sqlflat atlas
}

@test "lint: what squawk said when it could not look reaches the reader" {
	rm .cache/venv
	mkdir -p .cache/venv/bin
	printf '#!/bin/sh\necho it broke >&2\nexit 7\n' >.cache/venv/bin/squawk
	chmod +x .cache/venv/bin/squawk
	check 2 -e 'squawk.sh: squawk could not look at src/db/migrations/20261115100000_create_addresses.sql: it broke' \
		-- scripts/lint_migrations.sh
	nothing_left
}
