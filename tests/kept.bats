#!/usr/bin/env bats
# Databases that are kept with the old migrations: a run starts from one that fits,
# and never trusts one that does not.

load helper

M=m

# The project is the same in each test, and what is kept its own.
setup() {
	scratch
	project
	rm .cache/pg
	mkdir .cache/pg
	cp -Rp "$TOP"/.cache/pg/1* .cache/pg/
	export ATLAS_MAKE_SCHEMA=schema.sql ATLAS_MAKE_SCHEMA_DEPS='' ATLAS_MAKE_MIGRATIONS=$M ATLAS_MAKE_TEMPLATE='' ATLAS_MAKE_DEV_DB=auto
	mkdir $M
	for n in $(seq 100 159); do table "$n"; done
	rehash
}

# table N [TYPE]: a migration that makes it, and the schema has it.
table() {
	printf 'CREATE TABLE "t%s" ("id" %s NOT NULL, PRIMARY KEY ("id"));\n' "$1" "${2-bigint}" | tee $M/20260101000"$1".sql >>schema.sql
}
rehash() { scripts/hash_migrations.sh >/dev/null; }
# checked: the check ends with $code; its words are in out and err.
checked() {
	# shellcheck disable=SC2154 # its callers set code
	local rc=0 want="$code"
	rm -f .cache/state/*/check.ok
	scripts/check_migrations.sh >out 2>err || rc=$?
	[ "$rc" -eq "$want" ] || { echo "exit $rc"; cat out err; return 1; }
	nothing_left
}
passes() { code=0 checked; }
fails() { code=1 checked; }
# applies N: it says that it does.
applies() { grep -q "^applying $1 old migrations; later runs start from there$" err || { cat err; return 1; }; }
kept() { find .cache/pg -name 'kept.*' -prune -print | wc -l; }

@test "the old migrations are applied once, and what is new is found as ever" {
	local of twin
	passes
	applies 59
	passes
	check 0 -- cat err
	# One more, and one that does not apply.
	table 160
	rehash
	passes
	check 0 -- cat err
	[ "$(kept)" -eq 1 ]
	# Its two databases are one, unpacked twice.
	read -r of twin <"$(echo .cache/pg/kept.*/twin)"
	tar -tf .cache/pg/kept.*/data.tar >names
	run ! grep -E "^./base/($of|$twin)/." names
	tar -tf .cache/pg/kept.*/have.tar | grep -Fqx ./PG_VERSION
	echo 'ALTER TABLE "t120" DROP COLUMN "id"; SELECT nope;' >$M/20260101000161.sql
	rehash
	fails
	grep -Eq "^$M/20260101000161.sql.*column \"nope\" does not exist" out
	echo 'ALTER TABLE "t120" ADD COLUMN "name" text; DROP TABLE "t121";' >$M/20260101000161.sql
	rehash
	fails
	grep -q 'column "name" of table "t120" is in the migrations and not in the models' out
	grep -q 'table t121 is dropped (drop-table)' out
	# As with all of them applied.
	cp out kept.out
	rm -rf .cache/pg/kept.*
	fails
	applies 61
	same kept.out out
	rm -rf .cache/pg/kept.* $M/20260101000161.sql
	# Lint alone, and create.
	rehash
	scripts/lint_migrations.sh >out 2>err
	applies 60
	edit schema.sql 's/^\(CREATE TABLE "t110" ("id" bigint NOT NULL\),/\1, "name" text,/'
	ATLAS_MAKE_NAME=name scripts/create_migrations.sh >out 2>err
	check 0 -- cat err
	grep -q 'ALTER TABLE "t110" ADD COLUMN "name" text NULL' $M/*_name.sql
	passes
	nothing_left
}

@test "many new ones: kept anew, two of them at most" {
	passes
	for n in $(seq 200 260); do table "$n"; done
	rehash
	passes
	applies 61
	for n in $(seq 300 360); do table "$n"; done
	rehash
	passes
	applies 61
	[ "$(kept)" -eq 2 ]
	# An edit in the old ones fits none of them.
	edit $M/20260101000101.sql 's/bigint/integer/'
	edit schema.sql 's/^CREATE TABLE "t101" ("id" bigint/CREATE TABLE "t101" ("id" integer/'
	rehash
	passes
	applies 181
}

@test "few, with a checkpoint, or with a file whose content has no sum: nothing is kept" {
	sed -i '1s/^/-- atlas:sum ignore\n\n/' $M/20260101000120.sql
	rehash
	scripts/lint_migrations.sh >out 2>err || :
	run ! grep applying err
	[ "$(kept)" -eq 0 ]
	sed -i '1s/^/-- atlas:checkpoint\n\n/' $M/20260101000159.sql
	rehash
	scripts/lint_migrations.sh >out 2>err || :
	rm $M/2026010100012?.sql $M/2026010100013?.sql
	rehash
	scripts/lint_migrations.sh >out 2>err || :
	run ! grep applying err
	[ "$(kept)" -eq 0 ]
}

@test "one that is broken, cut short or another's is passed over, and told" {
	passes
	d=$(ls -d .cache/pg/kept.*)
	printf x | dd of="$d/have.tar" bs=1 seek=200000 conv=notrunc 2>/dev/null
	passes
	applies 59
	grep -Fqx "check_migrations.sh: $d: what was kept there is not whole; it is made anew" err
	[ "$(kept)" -eq 1 ]
	# Without a file; without its sum; of a name that is still to be given.
	d=$(ls -d .cache/pg/kept.*)
	rm "$d/have.tar"
	passes
	applies 59
	d=$(ls -d .cache/pg/kept.*)
	truncate -s -20000 "$d/data.tar"
	passes
	applies 59
	d=$(ls -d .cache/pg/kept.*)
	: >"$d/sum"
	passes
	applies 59
	d=$(ls -d .cache/pg/kept.*)
	mv "$d" .cache/pg/new.abcdef
	passes
	applies 59
	# Other knobs, another engine.
	sed -i '1s/public$/app/' .cache/pg/kept.*/key
	passes
	applies 59
}

@test "the wrong one under the right name: the comparison sees it, and CHECK_ALL=1 says which" {
	passes
	right=$(sed -n 3p .cache/pg/kept.*/key)
	rm -rf .cache/pg/kept.*
	cp -R $M ../right
	echo 'ALTER TABLE "t110" ADD COLUMN "more" text;' >>$M/20260101000111.sql
	rehash
	fails
	rm -rf $M
	mv ../right $M
	d=$(ls -d .cache/pg/kept.*)
	awk -v right="$right" 'NR == 3 { $0 = right } { print }' "$d/key" >key
	cp key "$d/key"
	fails
	grep -q 'column "more" of table "t110"' out
	export ATLAS_MAKE_CHECK_ALL=1
	passes
	applies 59
	grep -q "^check_migrations.sh: $d: what was kept there is not what the migrations make, and checks since 2.* may have been wrong; this one is made without it$" err
	unset ATLAS_MAKE_CHECK_ALL
	passes
	check 0 -- cat err
}

@test "a day later all is applied again, and found to be the same" {
	passes
	d=$(ls -d .cache/pg/kept.*)
	touch -d '25 hours ago' "$d/key"
	passes
	applies 59
	check 0 -o '1' -- grep -c '' err
	[ "$(kept)" -eq 1 ]
	[ ! -e "$d" ]
	passes
	check 0 -- cat err
}

@test "two at once; killed while it is kept" {
	scripts/check_migrations.sh >out.1 2>&1 &
	one=$!
	scripts/check_migrations.sh >out.2 2>&1 || { cat out.2; false; }
	wait $one
	passes
	check 0 -- cat err
	rm -rf .cache/pg/kept.*
	mkdir shim
	for when in before after; do
		cat >shim/mv <<-SH
			#!/bin/sh
			case "\$*" in
			*/pg/new.*)
				[ $when = before ] || $(command -v mv) "\$@"
				kill -KILL \$PPID
				;;
			*) exec $(command -v mv) "\$@" ;;
			esac
		SH
		chmod +x shim/mv
		rm -rf .cache/pg/kept.* .cache/state
		PATH=$PWD/shim:$PATH scripts/check_migrations.sh >out 2>err && false
		for _ in $(seq 50); do pgrep -f "$TMPDIR" >/dev/null || break; sleep 0.1; done
		rm -rf "${TMPDIR:?}"/*
		passes
		case $when in
		before) applies 59 ;;
		after) check 0 -- cat err ;;
		esac
	done
}

@test "another run removes it while it is read: that is no fault of what was kept" {
	local when
	passes
	mkdir shim
	for when in before after; do
		cat >shim/tar <<-SH
			#!/bin/sh
			case "\$*" in
			*/kept.*/data.tar*)
				[ $when = before ] || $(command -v tar) "\$@" || exit
				rm -rf .cache/pg/kept.*
				[ $when = before ] || exit 0
				;;
			esac
			exec $(command -v tar) "\$@"
		SH
		chmod +x shim/tar
		# Found, and gone when it is to be unpacked; or when it has been.
		PATH=$PWD/shim:$PATH passes
		applies 59
		run ! grep -v '^applying ' err
		# Likewise when it is to be compared with what is made anew.
		PATH=$PWD/shim:$PATH ATLAS_MAKE_CHECK_ALL=1 passes
		applies 59
		run ! grep -v '^applying ' err
	done
}

@test "roles belong to a server, kept or not" {
	echo 'CREATE ROLE "reader";' >>$M/20260101000100.sql
	rehash
	passes
	applies 59
	passes
	check 0 -- cat err
	printf 'CREATE ROLE "writer"; GRANT SELECT ON "t100" TO "writer", "reader";\n' >$M/20260101000170.sql
	rehash
	passes
	check 0 -- cat err
}

@test "models that changed are loaded on a server of their own while the old migrations are unpacked; where a role is made, on the same" {
	local pid rc=0 at
	passes
	mkdir shim
	printf '#!/bin/sh\necho "$*" >>"%s/unpacked"\nexec %s "$@"\n' "$PWD" "$(command -v tar)" >shim/tar
	chmod +x shim/tar
	PATH=$PWD/shim:$PATH
	# unpacked N: so many servers began with nothing in them, and one with the old ones.
	unpacked() {
		[ "$(grep -c 'data.tar' unpacked)" -eq $(($1 + 1)) ] && [ "$(grep -c 'kept.*/data.tar' unpacked)" -eq 1 ] || { cat unpacked; return 1; }
		rm unpacked
	}
	table 160
	rehash
	passes
	unpacked 1
	# They are known now.
	passes
	unpacked 0
	echo 'CREATE TABLE "more" ("id" bigint);' >>schema.sql
	fails
	grep -q 'table "more" is in the models and not in the migrations' out
	unpacked 1
	at=$(grep -c '' schema.sql)
	sed -i '$s/bigint/nope/' schema.sql
	fails
	grep -q "^schema.sql:$at:.*type \"nope\" does not exist" out || { cat out; false; }
	unpacked 1
	scripts/check_migrations.sh >out 2>err &
	pid=$!
	until pgrep -f "postgres -D $TMPDIR" >/dev/null || ! kill -0 $pid 2>/dev/null; do sleep 0.02; done
	kill -TERM $pid
	wait $pid || rc=$?
	[ "$rc" -eq 143 ]
	nothing_left
	rm unpacked
	sed -i '$d' schema.sql
	echo 'CREATE ROLE "reader";' >$M/20260101000170.sql
	echo 'GRANT SELECT ON "t100" TO "reader";' | tee -a $M/20260101000170.sql >>schema.sql
	rehash
	passes
	run ! grep -v kept unpacked
}

@test "beside large models, which take longest, one step comes after the other: the same answers" {
	passes
	mkdir shim
	cat >shim/tar <<-SH
		#!/bin/sh
		case "\$*" in *kept.*) echo begin >>"$PWD/unpacked" ;; *) exec $(command -v tar) "\$@" ;; esac
		$(command -v tar) "\$@" || exit
		sleep 0.1
		echo end >>"$PWD/unpacked"
	SH
	chmod +x shim/tar
	PATH=$PWD/shim:$PATH
	local at
	# in_turn: two databases and the rest were unpacked one by one.
	in_turn() {
		[ "$(tr '\n' ' ' <unpacked)" = "begin end begin end begin end " ] || { cat unpacked; return 1; }
		rm unpacked
	}
	printf "COMMENT ON TABLE \"t159\" IS '%100000s';\n" x | tee $M/20260101000160.sql >>schema.sql
	rehash
	passes
	in_turn
	echo 'DROP TABLE "t100";' >$M/20260101000170.sql
	rehash
	rm -f .cache/state/*/models.listing
	fails
	in_turn
	grep -q 'table "t100" is in the models and not in the migrations' out
	grep -q '20260101000170.sql:1:12: warning: table t100 is dropped' out || { cat out; false; }
	echo 'DROP TABLE "none";' >$M/20260101000170.sql
	rehash
	rm -f .cache/state/*/models.listing
	fails
	in_turn
	grep -q 'table "none" does not exist' out || { cat out; false; }
	# Many statements are sent at once. What cannot be is loaded one by one, on a server that
	# has nothing of the first try.
	rm $M/20260101000170.sql
	echo 'CREATE INDEX CONCURRENTLY "i" ON "t101" ("id");' >>schema.sql
	{ echo '-- atlas:txmode none' && echo && tail -n 1 schema.sql; } >$M/20260101000180.sql
	rehash
	passes
	in_turn
	at=$(grep -c '' schema.sql)
	echo 'CREATE TABLE "v" ("id" nope);' >>schema.sql
	fails
	in_turn
	grep -q "^schema.sql:$((at + 1)):.*type \"nope\" does not exist" out || { cat out; false; }
	[ "$(grep -c '^schema.sql' out)" -eq 1 ]
}

@test "settings of a role or of the database, which only a new session has: nothing is kept" {
	export ATLAS_MAKE_DEV_SCHEMAS='public app'
	echo 'CREATE SCHEMA "app"; CREATE TABLE "app"."w" ("id" int); ALTER ROLE CURRENT_USER SET search_path = app, public;' >>$M/20260101000110.sql
	echo 'CREATE SCHEMA "app"; CREATE TABLE "app"."w" ("id" int, "more" int);' >>schema.sql
	# The deploy of all of them has one session.
	echo 'ALTER TABLE "w" ADD COLUMN "more" int;' >$M/20260101000170.sql
	rehash
	fails
	grep -q '^m/20260101000170.sql:1:1: error: relation "w" does not exist' out
	[ "$(kept)" -eq 0 ]
	# That is known from now on.
	fails
	check 1 -- grep applying err
	[ "$(kept)" -eq 0 ]
	edit $M/20260101000110.sql 's/ ALTER ROLE.*//'
	edit $M/20260101000170.sql 's/"w"/"app"."w"/'
	rehash
	passes
	applies 60
	[ "$(kept)" -eq 1 ]
}
