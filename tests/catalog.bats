#!/usr/bin/env bats
# The listing of a database's objects, and what catdiff says of two.

load helper
load server

KINDS=$FIXTURES/catalog/kinds

setup_file() {
	start_server
	export PORT SERVER SERVER_PID PG
	export PGHOST=127.0.0.1 PGPORT=$PORT PGUSER=dev PGPASSWORD=s@cret PGDATABASE=dev
	export PGOPTIONS='-c client_min_messages=error'
	psql -Xq -c 'CREATE ROLE somebody' -c 'CREATE ROLE another' -c "CREATE ROLE plain LOGIN PASSWORD 's@cret'" \
		-c 'CREATE TABLE users (id int PRIMARY KEY, name text, price int)'
	MAJOR=$(psql -XAtc 'SHOW server_version_num')
	export MAJOR=$((MAJOR / 10000))
}
teardown_file() { stop_server; }

setup() {
	scratch
	kit=$TOP
	bin=${TOOLS_DIR:-$TOP/.cache/bin}
	DEV_SCHEMAS=public
}

# In a subshell: bats has a run as well.
catalog() {
	. "$kit/scripts/lib/jobs.sh"
	. "$kit/scripts/lib/catalog.sh"
	"$@"
}
catalog_read() (catalog catalog_read "$@")
catalog_compare() (catalog catalog_compare "$@")

# database NAME [SQL]: a new one, with SQL run in it; from then on it is meant.
database() {
	psql -Xq -d dev -c "CREATE DATABASE $1_$BATS_TEST_NUMBER"
	export PGDATABASE=$1_$BATS_TEST_NUMBER
	[ $# -lt 2 ] || psql -Xq -v ON_ERROR_STOP=1 -c "$2"
}

# differences WANT HAVE [ARG...]: as text, without the total.
differences() {
	local rc=0
	catalog_compare "$1" "$2" found "${@:3}" || rc=$?
	[ "$rc" -ne 2 ] || return 2
	atlasjson found | sed '$d;s/^error: //;/^ *= help: make create-migrations NAME=what_changed$/d;s/make create-migrations NAME=what_changed; or, //'
	return "$rc"
}

@test "every kind of object: there, gone, changed; nothing is silent" {
	mkdir d
	awk -v dir="$PWD/d" -v query="$TOP/scripts/lib/catalog.sql" -v major="$MAJOR" -f "$KINDS.awk" <(for_server "$KINDS.sql") >all.sql
	psql -XAtq -v ON_ERROR_STOP=1 -v schema=public -v grants=1 -v owners=1 -f all.sql
	while IFS=$TAB read -r n name; do
		echo "== $name"
		for x in 'with without' 'without with' 'changed with'; do
			# shellcheck disable=SC2086 # two words
			set -- $x
			echo "-- $x"
			differences "d/$n.$1" "d/$n.$2" || [ $? -eq 1 ]
		done
	done <d/cases >seen
	[ "$(grep -c '^== ' seen)" -ge 95 ]
	# What newer ones know is known by the others as well, without a line to tell.
	awk -v major="$MAJOR" '/^== / { on = !match($0, /@[0-9]+$/) || substr($0, RSTART + 1) + 0 <= major } on' "$KINDS.want" >want
	# Texts are PostgreSQL's own, and not the same in each version.
	if [ "$MAJOR" -ne 15 ]; then
		sed 's/.*(\(diff-[a-z]*\))$/\1/' want >want.codes
		sed 's/.*(\(diff-[a-z]*\))$/\1/' seen >seen.codes
		same want.codes seen.codes
		return
	fi
	same want seen
	# No case is told to be equal, in any direction, but where it should be.
	awk '/^-- / { if (open) print name ": " open; open = $0; next } /^== / { if (open) print name ": " open; open = ""; name = $0; next } { open = "" } END { if (open) print name ": " open }' seen >silent
	same silent /dev/null
}

@test "what the query does not know is an \"other\", by its name" {
	database a 'CREATE TABLE t (a int); CREATE POLICY own ON t; CREATE TYPE pair AS (a int); CREATE FUNCTION f() RETURNS int LANGUAGE sql RETURN 1; CREATE VIEW v AS SELECT 1 AS a'
	catalog_read whole
	run ! grep -q '^other' whole
	# Without the lines that tell of policies, composite types, functions, views.
	awk '/^UNION ALL SELECT .(policy|composite type)./ || /^UNION ALL SELECT lower\(word\)/ { out = 1; next }
		/^UNION ALL|^\\|^--/ { out = 0 } !out' "$TOP/scripts/lib/catalog.sql" >less.sql
	psql -XAtq -v ON_ERROR_STOP=1 -v schema=public -f less.sql >less
	[ "$(grep '^other' less | cut -f1,2 | sort)" = "other${TAB}function public.f()
other${TAB}policy own on public.t
other${TAB}type public.pair
other${TAB}view public.v" ]
	# Nobody can say that it is equal.
	differences less less >out || [ $? -eq 1 ]
	[ "$(grep -c 'cannot be compared: its kind is not known here (diff-other)$' out)" -eq 4 ]
}

@test "one schema in play: unqualified as Atlas writes it, the same for each tenant" {
	local sql='CREATE TYPE mood AS ENUM (%sa%s); CREATE TABLE "T t" (id serial PRIMARY KEY, m mood[], up int REFERENCES "T t");'
	sql=${sql//%s/\'}' CREATE INDEX ON "T t" (id); CREATE VIEW v AS SELECT m FROM "T t"; COMMENT ON VIEW v IS $$x$$;
		CREATE FUNCTION f(mood) RETURNS mood LANGUAGE sql RETURN $1; CREATE STATISTICS st ON id, up FROM "T t";
		CREATE TRIGGER touch BEFORE UPDATE ON "T t" FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
		CREATE RULE r AS ON DELETE TO v DO INSTEAD NOTHING; CREATE DOMAIN d AS int DEFAULT 1 CHECK (VALUE > 0)'
	for s in one 'The"Two"'; do
		q="\"${s//\"/\"\"}\""
		database "t${#s}" "CREATE SCHEMA $q; SET search_path = $q; $sql"
		DEV_SCHEMAS=$s
		catalog_read "$s"
		# No name of it is left but its own.
		! cut -f2,3,7,8 "$s" | grep -v '^"\?one"\?'"$TAB" | grep -F "$q." || return 1
	done
	check 1 -o 'schema "The""Two""" is in the migrations and not in the models (diff-schema)
schema "one" is in the models and not in the migrations (diff-schema)' -- differences one 'The"Two"'
	# What it makes, it makes in another schema, too.
	database three 'CREATE SCHEMA x'
	grep "^enum$TAB\|^view$TAB\|^index$TAB" one | cut -f7 >made
	grep -q '^CREATE TYPE mood AS ENUM' made
	grep -q '^CREATE INDEX "T t_id_idx" ON "T t" USING btree (id)$' made
}

@test "columns that lie in another order are the same, wherever a text names them" {
	local order
	for order in 'b, a' 'a, b'; do
		database "d${order%,*}" "CREATE TABLE t (${order%,*} int, ${order#*, } int); CREATE STATISTICS st (dependencies) ON a, b FROM t;
			CREATE STATISTICS ex ON b, (a + 1), a FROM t; CREATE STATISTICS one ON (a + 1) FROM t;
			CREATE PUBLICATION p FOR TABLE t$([ "$MAJOR" -lt 15 ] || echo ' (b, a)')"
		catalog_read "${order%,*}"
	done
	check 0 -- differences a b
}

@test "the database's functions do not take the place of PostgreSQL's" {
	database evil "CREATE TABLE t (a int); CREATE FUNCTION hijack(text) RETURNS text LANGUAGE plpgsql AS \$\$BEGIN RAISE 'hijacked'; END\$\$;
		CREATE FUNCTION format(text, name) RETURNS text LANGUAGE sql AS 'SELECT public.hijack(\$1)';
		CREATE FUNCTION format(text, text, text) RETURNS text LANGUAGE sql AS 'SELECT public.hijack(\$1)';
		CREATE FUNCTION quote_ident(name) RETURNS text LANGUAGE sql AS 'SELECT public.hijack(\$1::text)';
		CREATE FUNCTION concat(text, text) RETURNS text LANGUAGE sql AS 'SELECT public.hijack(\$1)'"
	catalog_read l
	PGOPTIONS="$PGOPTIONS -c search_path=public" catalog_read m
	same l m
}

@test "left out: Atlas's revisions, what belongs to an extension, another's temporary table" {
	database a 'CREATE TABLE t (a int)'
	catalog_read a
	psql -Xq -c 'CREATE SCHEMA atlas_schema_revisions; CREATE TABLE atlas_schema_revisions.atlas_schema_revisions (version text PRIMARY KEY);
		CREATE TABLE atlas_schema_revisions (version text PRIMARY KEY); COMMENT ON TABLE atlas_schema_revisions IS $$x$$; CREATE INDEX ON atlas_schema_revisions (version)'
	coproc psql -XAtq
	echo "CREATE TEMP TABLE mine (a serial PRIMARY KEY); CREATE TEMP VIEW v AS SELECT 1; SELECT 'made';" >&"${COPROC[1]}"
	read -r line <&"${COPROC[0]}"
	[ "$line" = made ]
	catalog_read b
	check 0 -- differences a b
	echo '\q' >&"${COPROC[1]}"
	psql -Xq -c 'CREATE EXTENSION pg_trgm; CREATE TABLE atlas_schema_revisions.mine (a int)'
	catalog_read c
	check 1 -o 'extension "pg_trgm" is in the models and not in the migrations (diff-extension)
schema "atlas_schema_revisions" is in the models and not in the migrations (diff-schema)
table "atlas_schema_revisions.mine" is in the models and not in the migrations (diff-table)' -- differences c a
}

@test "an ordinary role sees the same" {
	database a 'CREATE TABLE t (a int); CREATE SCHEMA s; CREATE VIEW s.v AS SELECT 1; CREATE FUNCTION s.f() RETURNS int LANGUAGE sql RETURN 1;
		CREATE FOREIGN DATA WRAPPER w; CREATE SERVER srv FOREIGN DATA WRAPPER w; CREATE USER MAPPING FOR PUBLIC SERVER srv;
		CREATE SUBSCRIPTION sub CONNECTION $$dbname=x$$ PUBLICATION p WITH (connect = false); CREATE PUBLICATION p'
	catalog_grants=1 catalog_owners=1
	catalog_read all
	PGUSER=plain catalog_read less
	same all less
	# A subscription keeps its database from being dropped.
	psql -Xq -c 'ALTER SUBSCRIPTION sub SET (slot_name = none)' -c 'DROP SUBSCRIPTION sub'
}

@test "what could not be read to its end is no listing" {
	database a 'CREATE TABLE t (a int)'
	check 2 -- catalog_read l -d nowhere
	grep -q 'database "nowhere" does not exist' l.err
	printf '#!/bin/sh\npsql "$@" | sed "\\$d"\n' >./short
	chmod +x short
	psql_bin=./short check 2 -- catalog_read l
	[ "$(cat l.err)" = 'the listing was cut short' ]
	check 2 -p '^catdiff: l: the listing ends too early' -- catalog_compare l l found
	printf '#!/bin/sh\nexit 127\n' >./short
	psql_bin=./short check 2 -- catalog_read l
	# Someone holds a table: no waiting for ever.
	psql -Xq -c 'CREATE VIEW v AS SELECT a FROM t'
	coproc psql -XAtq
	echo "BEGIN; LOCK TABLE t; SELECT 'locked';" >&"${COPROC[1]}"
	read -r line <&"${COPROC[0]}"
	sed "s/lock_timeout = '[0-9]*s'/lock_timeout = '100ms'/" "$kit/scripts/lib/catalog.sql" >catalog.sql
	psql -XAtq -v ON_ERROR_STOP=1 -f catalog.sql >out 2>err && return 1
	grep -q 'canceling statement due to lock timeout' err
	echo '\q' >&"${COPROC[1]}"
}

@test "COMPARE_EXCLUDE and levels reach catdiff" {
	database a 'CREATE TABLE t (a int); CREATE TABLE alembic_version (a int PRIMARY KEY)'
	catalog_read a
	database b 'CREATE TABLE t (a int)'
	catalog_read b
	touch alembic_x
	COMPARE_EXCLUDE='alembic_* none' check 0 -- differences a b
	COMPARE_EXCLUDE='public.alembic_version' check 0 -- differences a b
	levels=' DS101=off diff-table=off ' check 0 -- differences a b
	catalog_remedy='make it so' check 1 -o 'table "alembic_version" is in the models and not in the migrations (diff-table)
       = help: make it so' -- differences a b
}

@test "each code that lint.levels names is shown, and no other" {
	sed -n 's/^\(diff-[a-z]*\)=error.*/\1/p' "$TOP/lint.levels" | grep -vx diff-other | sort >named
	sed -n 's/.*(\(diff-[a-z]*\))$/\1/p' "$KINDS.want" | sort -u >shown
	same named shown
}
