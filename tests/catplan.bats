#!/usr/bin/env bats
# catplan: the SQL that leads from one listing to another, by itself; with a real
# PostgreSQL it is in write_migration.bats.

load helper

USAGE='usage: catplan [-hnV] [-c levels] [-e pattern] [-p plan] [-r renames]
               [-S schemas] [-x texts] part want have'

# row FILE KIND ID DEFINITION MAKE UNMAKE [CLASS OID SUB]: one more row.
row() { printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$2" "$3" "$4" "${7-1259}" "${8-16384}" "${9-0}" "$5" "$6" >>"$1"; }
end() { printf '\\.\n' >>"$1"; }

@test "usage" {
	check 0 -o "$USAGE" -- catplan -h
	check 0 -o 'catplan 0.2.0' -- catplan -V
	check 2 -e "$USAGE" -- catplan
	check 2 -e "$USAGE" -- catplan rows a
	check 2 -p '^usage: ' -- catplan -q rows a b
	end none
	check 2 -p "^catplan: no part 'nope': it is shape, " -- catplan nope none none
	check 2 -p "^catplan: no part 'rename'" -- catplan rename none none
	check 2 -p "^catplan: no part 'plan'" -- catplan plan none none
	check 2 -e 'catplan: nowhere: cannot open: No such file or directory' -- catplan rows nowhere none
	check 2 -e 'catplan: nowhere: cannot open: No such file or directory' -- catplan -x nowhere rows none none
	printf 'text\n' >texts
	check 2 -e "catplan: texts: no texts of PostgreSQL's" -- catplan -x texts rows none none
}

@test "nothing differs: no part has a word" {
	end none
	for part in texts notes values clear before rows left; do
		check 0 -- catplan -S public "$part" none none
	done
	check 0 -o equal -- catplan -S public shape none none
}

@test "a view: created, dropped, and left when its schema is not in play" {
	row a view public.v ' SELECT 1' 'CREATE OR REPLACE VIEW public.v AS\n SELECT 1' 'DROP VIEW public.v'
	end a
	end none
	printf -- '-- Create "v" view\nCREATE VIEW "v" AS\n SELECT 1;\n--\001\n' >want
	check 0 -O want -- catplan -S public rows a none
	printf -- '-- Drop "v" view\nDROP VIEW "v";\n--\001\n' >want
	check 0 -O want -- catplan -S public rows none a
	printf -- '-- Drop "public"."v" view\nDROP VIEW "public"."v";\n--\001\n' >want
	check 0 -O want -- catplan -S 'app public' rows none a
	check 0 -- catplan -S app rows none a
	check 0 -- catplan -S public -e v rows none a
	check 1 -o 'view public.v: is in the migrations, and not in the models; its schema is not in play, so it is not dropped; fix: name that in DEV_SCHEMAS, or drop it by hand' \
		-- catplan -S app left none a
}

@test "a plan that cannot be split is none" {
	row a table t '' '\N' 'DROP TABLE t'
	row a column t.id integer 'ALTER TABLE t ADD COLUMN id integer' 'ALTER TABLE t DROP COLUMN id' 1259 16384 1
	end a
	end none
	check 0 -o atlas -- catplan -S public shape a none
	printf '%s\n' '-- Create "t" table' 'CREATE TABLE "t" ("id" integer NULL);' '-- Drop' 'DROP SCHEMA "x" CASCADE;' >plan
	printf -- '-- Create "t" table\nCREATE TABLE "t" ("id" integer NULL);\n--\001\n' >want
	check 0 -O want -- catplan -S public -p plan plan a none
	printf 'CREATE TABLE "t ("id" integer NULL);\n' >plan
	check 1 -- catplan -S public -p plan plan a none
}

@test "rows that belong to nothing do not end it" {
	# A column, a constraint and a comment of a table that is not listed.
	row a column lost '' '\N' '\N' 1259 16390 1
	row a constraint x CHECK '\N' '\N' 2606 16391 0
	row a 'domain constraint' y CHECK '\N' '\N' 2606 16392 0
	row a default lost 1 '\N' '\N' 1259 16390 1
	row a 'sequence owner' s lost '\N' '\N' 1259 16393 0
	row a sequence s '' '\N' '\N' 1259 16393 0
	printf 'needs\t2606\t16391\t0\t1259\t16390\t1\nneeds\t2606\t16392\t0\t1259\t16390\t1\n' >>a
	end a
	end none
	for part in shape texts notes values clear before rows left; do
		for x in 'a none' 'none a'; do
			rc=0
			# shellcheck disable=SC2086 # two words
			catplan -S public "$part" $x >out 2>err || rc=$?
			[ "$rc" -le 1 ] || { echo "$part $x: $rc"; cat err; return 1; }
		done
	done
}
