#!/usr/bin/env bats
# status: a database moved behind, ahead of and apart from the directory.

load helper
load database

setup() { database_setup; }

@test "an empty database: all is pending" {
	check 1 -o "database: $HOST
migrations: $M
  $U      pending
  $A  pending
behind: 2 of 2 pending; make plan shows what they do, make apply applies them" -- scripts/status.sh
	# Asking wrote nothing.
	[ "$(in_db "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'atlas%'")" = 0 ]
	no_secret
	nothing_left
}

@test "up to date, behind, ahead: words and exit codes" {
	apply
	[ "$(says 0 scripts/status.sh)" = "database: $HOST
migrations: $M
  $U      applied, WHEN
  $A  applied, WHEN
up to date: all 2 applied" ]
	add 20261201000000_more
	[ "$(says 1 scripts/status.sh | tail -n 2)" = "  20261201000000_more.sql              pending
behind: 1 of 3 pending; make plan shows what they do, make apply applies them" ]
	apply
	remove 20261201000000_more
	[ "$(says 0 scripts/status.sh | tail -n 2)" = "  20261201000000                       ahead: applied, not in this directory, WHEN
ahead by 1: all 2 here are applied, and later ones besides" ]
	no_secret
}

@test "diverged: out of order, another branch applied, a file that is gone" {
	apply
	add 20261110000000_mid
	[ "$(says 2 scripts/status.sh | sed -n '3,$p')" = "  $U      applied, WHEN
  20261110000000_mid.sql               out of order: not applied, but later ones are
  $A  applied, WHEN
diverged: 1 out of order; fix: give it a later version: make rebase-migrations LINT_BASE=the branch that was applied; or, if it may run after them: EXEC_ORDER=non-linear" ]
	remove 20261110000000_mid
	add 20261201000000_theirs
	apply
	remove 20261201000000_theirs
	add 20261202000000_ours
	[ "$(says 2 scripts/status.sh | sed -n '5,$p')" = "  20261201000000                       applied, but its file is not in this directory, WHEN
  20261202000000_ours.sql              pending
diverged: 1 applied without a file here: renamed or removed after it was applied; fix: bring the file back" ]
	remove 20261202000000_ours
	add 20261130000000_ours
	[ "$(says 2 scripts/status.sh | tail -n 1)" = "diverged: 1 out of order; fix: give it a later version: make rebase-migrations LINT_BASE=the branch that was applied; or, if it may run after them: EXEC_ORDER=non-linear" ]
	no_secret
}

@test "partial, with and without its file" {
	engine_only 'the revision keeps the hash of the file that failed'
	apply
	add 20261201000000_half '-- atlas:txmode none

CREATE TABLE half (id int);
SELECT 1/0;'
	says 1 scripts/apply.sh
	[ "$(says 2 scripts/status.sh | sed -n '5,$p')" = "  20261201000000_half.sql              1 of 2 statements applied, WHEN
    division by zero
    in: SELECT 1/0;
partial: a migration stopped in the middle; fix: correct the file from the failed statement on, then: make hash-migrations, make apply (it goes on there)" ]
	remove 20261201000000_half
	[ "$(says 2 scripts/status.sh | sed -n '5p;$p')" = "  20261201000000                       1 of 2 statements applied, WHEN
diverged: a migration stopped in the middle, and its file is not here; fix: bring the file back" ]
	# Corrected, it goes on, and nothing of it is left.
	add 20261201000000_half '-- atlas:txmode none

CREATE TABLE half (id int);
SELECT 1/1;'
	apply
	[ "$(says 0 scripts/status.sh | tail -n 1)" = 'up to date: all 3 applied' ]
}

@test "never managed; a baseline; set by hand" {
	in_db 'CREATE TABLE users (id int)'
	[ "$(says 2 scripts/status.sh | tail -n 1)" = "never managed: it has tables, but no migration was ever applied; if they are those of a migration here: make apply BASELINE=its version (make drift compares)" ]
	# A search_path in the address is all that is looked at.
	in_db 'CREATE SCHEMA apart'
	[ "$(DATABASE_URL="$DATABASE_URL&search_path=apart" says 1 scripts/status.sh | tail -n 1 | cut -c 1-6)" = behind ]
	in_db 'DROP SCHEMA apart'
	export ATLAS_MAKE_BASELINE=20261101090000
	apply || true
	unset ATLAS_MAKE_BASELINE
	in_db 'DELETE FROM atlas_schema_revisions.atlas_schema_revisions'
	# The table of revisions is there, and empty.
	[ "$(says 2 scripts/status.sh | tail -n 1 | cut -c 1-13)" = 'never managed' ]
	ATLAS_MAKE_BASELINE=20261115100000 scripts/apply.sh >../text
	[ "$(says 0 scripts/status.sh | sed -n '3,$p')" = "  $U      before the baseline
  $A  baseline, WHEN
up to date: all 2 applied" ]
	in_db "UPDATE atlas_schema_revisions.atlas_schema_revisions SET type = 4"
	add 20261201000000_more
	[ "$(says 2 scripts/status.sh | sed -n '3,5p')" = "  $U      out of order: not applied, but later ones are
  $A  set by hand, WHEN
  20261201000000_more.sql              pending" ]
}

@test "an edit of what is applied is refused until it is settled; many applied ones are folded" {
	for n in 1 2 3 4; do add "2026120${n}000000_t$n"; done
	apply
	[ "$(says 0 scripts/status.sh | sed -n '3,$p')" = "  3 earlier ones, applied
  20261202000000_t2.sql                applied, WHEN
  20261203000000_t3.sql                applied, WHEN
  20261204000000_t4.sql                applied, WHEN
up to date: all 6 applied" ]
	[ "$(says 0 scripts/status.sh -a | wc -l)" -eq 9 ]
	echo '-- more' >>$M/20261203000000_t3.sql
	scripts/hash_migrations.sh >/dev/null
	[ "$(says 2 scripts/status.sh | tail -n 3)" = "  20261203000000_t3.sql                edited: it, or a file before it, is not what was applied, WHEN
  20261204000000_t4.sql                applied, WHEN
diverged: 20261203000000_t3.sql, or a file before it, is not what was applied; fix: bring it back as it was, and put the change into a new migration; or, if the database has what it says (make drift compares): scripts/status.sh -u | psql" ]
	check 2 -p 'diverged, refused' -- scripts/apply.sh
	scripts/status.sh -u >../sql
	in_db "$(cat ../sql)"
	[ "$(says 0 scripts/status.sh | tail -n 1)" = 'up to date: all 6 applied' ]
}

@test "another file of an applied version; versions with dots; a second tenant" {
	rm $M/*
	add 1.0.0_a
	add 1.0.1_b
	apply
	[ "$(says 0 scripts/status.sh | tail -n 1)" = 'up to date: all 2 applied' ]
	says 0 scripts/drift.sh
	mv $M/1.0.1_b.sql $M/1.0.1_c.sql
	scripts/hash_migrations.sh >/dev/null
	[ "$(says 2 scripts/status.sh | tail -n 2)" = "  1.0.1_c.sql  another file of this version was applied, WHEN
diverged: 1 applied from another file of the same version; fix: give the file here a version of its own" ]
	mv $M/1.0.1_c.sql $M/1.0.1_b.sql
	add 1.0.2_d
	[ "$(says 1 scripts/status.sh | tail -n 1 | cut -d ';' -f 1)" = 'behind: 1 of 3 pending' ]
}

@test "-j: one JSON object with the same exit code, and no address in it" {
	apply
	add 20261201000000_half '-- atlas:txmode none

CREATE TABLE half (id int);
SELECT E'"'a\"b\\\\\\\\c'"', 1/0;'
	says 1 scripts/apply.sh
	says 2 scripts/status.sh -j
	python3 - ../text <<-'END'
		import json, sys
		s = json.load(open(sys.argv[1]))
		assert s["State"] == "partial" and s["Current"] == "20261201000000", s
		assert [m["State"] for m in s["Migrations"]] == ["applied", "applied", "partial"], s
		m = s["Migrations"][2]
		assert m["File"] == "20261201000000_half.sql" and m["Applied"] == 1 and m["Total"] == 2
		assert "division by zero" in m["Error"] and m["ErrorStmt"].startswith("SELECT E'a\"b\\\\"), m
		assert "p@" not in str(s) and "us@r" not in str(s) and "URL" not in str(s)
	END
	no_secret
	check 2 -e 'usage: status.sh [-a | -j | -u]' -- scripts/status.sh -x
	check 2 -e 'usage: status.sh [-a | -j | -u]' -- scripts/status.sh -ju
}

@test "without DATABASE_URL: an empty temporary database" {
	unset DATABASE_URL
	check 1 -o "database: the temporary database
migrations: $M
  $U      pending
  $A  pending
behind: 2 of 2 pending; make plan shows what they do, make apply applies them" -- scripts/status.sh
	nothing_left
	check 2 -e 'status.sh: set DATABASE_URL: DEV_URL names the one temporary database there is, and Atlas needs that for itself' \
		-- env DEV_DB=auto DEV_URL=postgres://x/y scripts/status.sh
}

@test "an address Atlas would quote is refused before; errors hold no password" {
	bad='status.sh: DATABASE_URL: not a valid address; in user and password, @ is written %40, : %3A, / %2F, ? %3F, # %23, % %25, a blank %20'
	for u in 'postgres://u:p@s@h/d' 'postgres://u:p:s@h/d' 'postgres://u:p/s@h/d' 'postgres://u:p?s@h/d' \
		'postgres://u:p#s@h/d' 'postgres://u:p%s@h/d' 'postgres://u:12?34@h/d' 'postgres://u:p s@h/d'; do
		check 2 -e "$bad" -- env DATABASE_URL="$u" scripts/status.sh
	done
	check 2 -e 'status.sh: DATABASE_URL: not an address of the form postgres://user:password@host:port/database' \
		-- env DATABASE_URL=mysql://u:secret@h/d scripts/status.sh
	check 2 -p 'status.sh: .*password authentication failed.*; fix: correct user and password in DATABASE_URL' \
		-- env DATABASE_URL="${DATABASE_URL%%:*}://us%40r:wrong%2Fsecret@127.0.0.1:$PORT/$DB?sslmode=disable" scripts/status.sh
	run ! grep -e wrong -e secret out err "$BATS_TEST_TMPDIR/out" "$BATS_TEST_TMPDIR/err" 2>/dev/null
	check 2 -p 'connection refused; fix: start the server' -- env DATABASE_URL="postgres://u:secret@127.0.0.1:1/d" scripts/status.sh
	run ! grep secret "$BATS_TEST_TMPDIR/err"
	check 2 -p 'add sslmode=disable to DATABASE_URL' -- env DATABASE_URL="${DATABASE_URL%\?*}?sslmode=require" scripts/status.sh
	no_secret
	echo '-- more' >>$M/$U
	check 2 -p "does not match its atlas.sum" -- scripts/status.sh
}

@test "the password is in no argument list and in no trace, of any verb" {
	apply
	add 20261201000000_more
	for v in status plan apply drift; do
		strace -f -qq -e trace=execve -s 4096 -v -e signal=none -o ../trace.$v scripts/$v.sh >../text 2>&1 || :
		grep -q 'atlas.*env:ATLAS_MAKE_URL\|atlas.*--env", "make' ../trace.$v
		# The environment, which strace -v prints too, comes after the arguments.
		sed 's/\], \[.*//' ../trace.$v >../argv
		! grep -F -e "$PASSWORD" -e "$ENCODED" ../argv
		no_secret
	done
	grep -Fq "$ENCODED" ../trace.status
	sh -x scripts/status.sh >../text 2>&1 || [ $? -eq 1 ]
	grep -q '^+' ../text
	no_secret
}
