#!/usr/bin/env bats
# The project's knobs: atlas-make.mk, which is committed, and what happens
# without it.

load helper

setup() {
	scratch
	project
}

local_refused='^mk/project.mk:[0-9]*: \*\*\* Makefile.local sets SCHEMA, and no other clone has that file: move the line into atlas-make.mk, which is committed\.  Stop\.$'
knob() { make -s print-knobs "${@:2}" | grep "^export $1="; }

@test "atlas-make.mk is read; the command line wins" {
	check 0 -o "export SCHEMA='scripts/load_models.py src.db.models'" -- knob SCHEMA
	echo 'SCHEMA = schema.sql' >atlas-make.mk
	check 0 -o "export SCHEMA='schema.sql'" -- knob SCHEMA
	check 0 -o "export SCHEMA='other.sql'" -- knob SCHEMA SCHEMA=other.sql
}

@test "what stands behind a value, blanks and a comment, is no part of it" {
	printf '%s\t\r\n' 'SCHEMA = a  schema.sql   # what it is' 'MIGRATIONS = db/migrations  ' 'TEMPLATE = # none' >atlas-make.mk
	check 0 -o "export SCHEMA='a schema.sql'" -- knob SCHEMA
	check 0 -o "export MIGRATIONS='db/migrations'" -- knob MIGRATIONS
	check 0 -o "export TEMPLATE=''" -- knob TEMPLATE
	printf '%s\n' 'DATABASES = b' 'b.MIGRATIONS = b  # of b' 'b.SCHEMA = echo  "a $$b"' >atlas-make.mk
	check 0 -o "export MIGRATIONS='b'" -- knob MIGRATIONS DB=b
	# What it is made of is make's, as in any other line.
	printf '%s\n' 'base = services/b' 'b.TEMPLATE = $(base)/template.yaml' 'DEV_SCHEMAS = app' 'b.DEV_SCHEMAS = $(DEV_SCHEMAS) more' >>atlas-make.mk
	check 0 -o "export TEMPLATE='services/b/template.yaml'" -- knob TEMPLATE DB=b
	check 0 -o "export DEV_SCHEMAS='app more'" -- knob DEV_SCHEMAS DB=b
	# Inside of one nothing changes.
	check 0 -o 'export SCHEMA='\''echo  "a $b"'\' -- knob SCHEMA DB=b
}

@test "a temporary directory that is odd, relative or not there: /tmp instead" {
	mkdir scripts/x 'a b'
	printf '%s\n' 'set -eu' '. "${0%/*}/../lib/common.sh"' need_tmp 'echo "${tmp%/*}"' >scripts/x/where.sh
	for d in . "$PWD/a b" /nonexistent; do
		check 0 -o /tmp -- env TMPDIR="$d" sh scripts/x/where.sh
	done
}

@test "Makefile.local: one person's knobs are taken, the project's are refused" {
	echo 'PYTHON = /opt/python' >Makefile.local
	check 0 -o "export PYTHON='/opt/python'" -- knob PYTHON
	echo 'SCHEMA = schema.sql' >Makefile.local
	check 2 -p "$local_refused" -- make -s check-migrations
	rm atlas-make.mk
	check 2 -p "$local_refused" -- make -s check-migrations
	# The same value is no other project.
	cp "$TOP/atlas-make.mk" .
	echo 'SCHEMA = scripts/load_models.py src.db.models' >Makefile.local
	check 0 -o "export SCHEMA='scripts/load_models.py src.db.models'" -- knob SCHEMA
}

@test "a clone without the project's knobs never checks the example in its place" {
	rm atlas-make.mk
	for verb in check create hash rebase lint; do
		check 2 -e "${verb}_migrations.sh: no atlas-make.mk in $PWD: it says what the schema is made from and where the migrations are, and it is committed (git ls-files atlas-make.mk)" \
			-- "scripts/${verb}_migrations.sh"
	done
	for verb in apply plan status drift erd; do
		check 2 -e "$verb.sh: no atlas-make.mk in $PWD: it says what the schema is made from and where the migrations are, and it is committed (git ls-files atlas-make.mk)" \
			-- "scripts/$verb.sh"
	done
	echo 'MIGRATIONS = src/db/migrations' >atlas-make.mk
	check 2 -e 'check_migrations.sh: SCHEMA is not set: atlas-make.mk says what the schema is made from' -- scripts/check_migrations.sh
	echo 'SCHEMA = schema.sql' >atlas-make.mk
	check 2 -e 'check_migrations.sh: MIGRATIONS is not set: atlas-make.mk says where the migrations are' -- scripts/check_migrations.sh
}

@test "a command that fails under set -e is no verdict" {
	mkdir scripts/x
	printf '%s\n' 'set -eu' '. "${0%/*}/../lib/common.sh"' 'false' >scripts/x/fails.sh
	check 2 -e 'fails.sh: could not finish: a command failed' -- sh scripts/x/fails.sh
	printf '%s\n' 'set -eu' '. "${0%/*}/../lib/common.sh"' 'answer 1' >scripts/x/no.sh
	check 1 -- sh scripts/x/no.sh
	printf '%s\n' 'set -eu' '. "${0%/*}/../lib/common.sh"' 'nonesuch' >scripts/x/missing.sh
	check 2 -p 'nonesuch.*not found' -- sh scripts/x/missing.sh
}

@test "a job: its output, its errors, its exit code; one that a signal ended could not" {
	mkdir scripts/x
	printf '%s\n' 'set -eu' '. "${0%/*}/../lib/common.sh"' need_tmp \
		'job a sh -c "echo out; echo err >&2; exit 1"' 'job b sh -c "kill -9 \$\$"' \
		'rc=0; job_wait a || rc=$?; echo "a $rc $(cat "$tmp/a/out") $(cat "$tmp/a/err")"' \
		'rc=0; job_wait b || rc=$?; echo "b $rc"' \
		'rc=0; job_wait c || rc=$?; echo "c $rc"' \
		'job d sh -c "exec sleep 600"' 'answer 1' >scripts/x/jobs.sh
	check 1 -o 'a 1 out err
b 2
c 2' -- sh scripts/x/jobs.sh
	nothing_left
}

@test "a clean-up that fails changes no exit code and hinders no other" {
	mkdir scripts/x
	printf '%s\n' 'set -eu' '. "${0%/*}/../lib/common.sh"' need_tmp ': >"$tmp/f"' 'echo "$tmp" >place' \
		'bad() { false; nonesuch; }' 'good() { echo cleaned; }' 'at_exit_call good' 'at_exit_call bad' \
		'at_exit_pid 999999999' 'at_exit_file "$tmp/it'\''s"' 'exit 2' >scripts/x/undo.sh
	check 2 -o cleaned -p 'nonesuch.*not found' -- sh scripts/x/undo.sh
	[ ! -e "$(cat place)" ]
}

@test "what hangs ends at the time limit, in the foreground too, with a sentence" {
	mkdir scripts/x
	for how in 'sleep 600' 'run sleep 600' 'job a sleep 600; job_wait a'; do
		printf '%s\n' 'set -eu' '. "${0%/*}/../lib/common.sh"' need_tmp time_limit "$how" >scripts/x/hangs.sh
		check 2 -p '^hangs.sh: nothing was decided: it took longer than 1 seconds\. Run it again, or give it more time: TIME_LIMIT=4$' \
			-- env ATLAS_MAKE_TIME_LIMIT=1 sh scripts/x/hangs.sh
		run ! pgrep -f 'sleep 600'
	done
	check 2 -e 'hangs.sh: TIME_LIMIT=x: not a number of seconds' -- env ATLAS_MAKE_TIME_LIMIT=x sh scripts/x/hangs.sh
	nothing_left
}

# Every knob of config.mk but DEV_DB and what compilers are told.
knobs() { sed -n 's/^\([A-Z_]*\) ?=.*/\1/p' mk/config.mk | grep -vx 'DEV_DB\|CFLAGS'; }

@test "what a machine exports under a knob's name changes nothing" {
	{ knobs; printf '%s\n' MIGRATION_HASH BASE LATEST REPORT EXCLUDE; } >names
	[ "$(wc -l <names)" -ge 50 ]
	make -s print-knobs >want
	# shellcheck disable=SC2046 # words
	env $(sed 's/$/=WSLHOST/' names) make -s print-knobs >got
	same want got
	# make's own, too: with no file that is called like that.
	printf 'show: ; @: $(foreach k,$(knobs.make),$(info $k=$($k)))\n' >>mk/help.mk
	make -s show >want
	# shellcheck disable=SC2046 # words
	env $(sed 's/$/=WSLHOST/' names) make -s show >got
	same want got
	# A make that cannot undefine calls another.
	# shellcheck disable=SC2046 # words
	env $(sed 's/$/=WSLHOST/' names) make -s show .FEATURES= >got
	same want got
	# A script by hand.
	check 2 -e 'new_migration.sh: NAME: what is it for? make new-migration NAME=fill_in_ages' -- env NAME=WSLHOST scripts/new_migration.sh
	# ?= in the project's file is the project's.
	echo 'PG_MAJOR ?= 14' >>atlas-make.mk
	unset ATLAS_MAKE_PG_MAJOR
	PG_MAJOR=16 check 0 -o "export PG_MAJOR='14'" -- knob PG_MAJOR
}

@test "ATLAS_MAKE_KNOB in the environment: over the files, under the command line, as it is" {
	for k in $(knobs); do
		case $k in
		BENCH | BUILDS | DATABASES | DB | DESTDIR | FROM | FUZZ* | PREFIX | SBOM | TESTS | VERSION | WERROR) ;;
		*) [ "$(env "ATLAS_MAKE_$k=a \$b'c" make -s print-knobs | grep "^export $k=")" = "export $k='a \$b'\\''c'" ] || { echo "$k"; false; } ;;
		esac
	done
	export ATLAS_MAKE_SCHEMA=env.sql ATLAS_MAKE_DEV_DB=local
	check 0 -o "export SCHEMA='env.sql'" -- knob SCHEMA
	check 0 -o "export SCHEMA='other.sql'" -- knob SCHEMA SCHEMA=other.sql
	check 0 -o "export DEV_DB='local'" -- knob DEV_DB
	# DEV_DB belongs to the machine.
	unset ATLAS_MAKE_DEV_DB
	DEV_DB=embedded check 0 -o "export DEV_DB='embedded'" -- knob DEV_DB
	ATLAS_MAKE_SHEMA=x check 0 -p '^mk/project.mk:[0-9]*: ATLAS_MAKE_SHEMA: there is no knob SHEMA; fix: take a name from mk/config.mk$' -o "export NAME=''" -- knob NAME
}

@test "an old name goes on working, on the command line and in the project's file, and says the new one" {
	for names in MIGRATION_HASH:MIGRATION_HASH_POINTER BASE:LINT_BASE LATEST:LINT_LATEST REPORT:LINT_REPORT EXCLUDE:COMPARE_EXCLUDE; do
		old=${names%:*} new=${names#*:}
		said="^mk/project.mk:[0-9]*: $old is called $new now; fix: say $new=\.\.\.$"
		check 0 -o "export $new='a b'" -p "$said" -- knob "$new" "$old=a b"
		check 0 -o "export $new='c'" -- knob "$new" "$old=a b" "$new=c"
		cp atlas-make.mk saved
		echo "$old ?= of the file" >>atlas-make.mk
		check 0 -o "export $new='of the file'" -p "$said" -- knob "$new"
		echo "$new = of the new name" >>atlas-make.mk
		check 0 -o "export $new='of the new name'" -- knob "$new"
		check 0 -o "export $new='x'" -p "$said" -- knob "$new" "$old=x"
		mv saved atlas-make.mk
	done
}

@test "the list of knobs in project.mk is that of config.mk" {
	printf 'show: ; @: $(foreach k,$(knobs) $(knobs.make) CFLAGS,$(info $k))\n' >>mk/help.mk
	make -s show | sort >listed
	{ sed -n 's/^\([A-Z_]*\) ?=.*/\1/p' mk/config.mk; echo CC; } | sort >held
	same held listed
	# No other file gives one a default.
	# shellcheck disable=SC2046 # words
	run ! grep -En '^[A-Z_]+ *[?:]?= *' $(ls mk/*.mk | grep -v config.mk)
}

@test "install-tools: the tools and their pages, below DESTDIR and PREFIX" {
	# A blank in the way, and no make above the tools once they are there.
	make -s install-tools PREFIX=/opt/tools DESTDIR="$PWD/a root" >log 2>&1 || { cat log; false; }
	for f in tools/*.1; do
		f=${f#tools/} f=${f%.1}
		printf 'bin/%s\nshare/man/man1/%s.1\n' "$f" "$f"
	done | sort >want
	(cd 'a root/opt/tools' && find . -type f | sed 's|^\./||' | sort) | same want -
	for f in "$PWD/a root/opt/tools/bin"/*; do
		env -i "$f" -V | grep -q "^${f##*/} [0-9]"
		same "tools/${f##*/}.1" "a root/opt/tools/share/man/man1/${f##*/}.1"
	done
}

@test "each tool is hardened: PIE, full RELRO, stack protector, checked calls" {
	[ -z "${TOOLS_DIR-}" ] && [ "$(uname -s)" = Linux ] || skip 'a build of its own kind'
	local f t
	for f in tools/*.1; do
		t=$(command -v "$(basename "$f" .1)")
		readelf -hldW "$t" >elf
		grep -q 'Type: *DYN' elf
		grep -q GNU_RELRO elf
		grep -q 'FLAGS.*NOW' elf
		nm -D "$t" >symbols
		grep -q ' U __stack_chk_fail' symbols
		grep -q ' U __[a-z]*_chk@' symbols
	done
}

@test "a migration's version ends at the first _ of its name" {
	run -0 sh -c '. "$1/scripts/lib/version.sh"; for f in m/20260101_a_b.sql 1.0.0_a.sql 7.sql; do version_of "$f"; echo "$version"; done' sh "$TOP"
	[ "$output" = "$(printf '%s\n' 20260101 1.0.0 7)" ]
}
