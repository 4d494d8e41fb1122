#!/usr/bin/env bats
# catdiff: two listings of a database's objects.

load helper

setup() {
	scratch
	: >a
	: >b
}

# row FILE KIND ID DEFINITION [CLASS OID SUB]: one more row.
row() { printf '%s\t%s\t%s\t%s\t%s\t%s\t\\N\t\\N\n' "$2" "$3" "$4" "${5-1259}" "${6-16384}" "${7-0}" >>"$1"; }
end() { printf '\\.\n' >>"$1"; }

# says TEXT [ARG...]: the differences between a and b as text, each finding and
# its help; the listings are ended here.
says() {
	local want="$1" rc=0
	shift
	end a
	end b
	catdiff "$@" a b >found || rc=$?
	[ "$rc" -eq "$([ -n "$want" ] && echo 1 || echo 0)" ] || { echo "exit $rc"; return 1; }
	printf '%s\n' "$want" >wanted
	atlasjson found >text || [ $? -eq 1 ]
	sed '$d;s/^error: //;s/^ *= //' text >seen
	[ -n "$want" ] || : >wanted
	same wanted seen
	rm a b
	: >a
	: >b
}

@test "equal, whatever the order and the oids; empty" {
	row a table users ''
	row a column users.id integer 1259 16384 1
	end a
	row b column users.id integer 1259 20000 1
	row b table users '' 1259 20000
	end b
	check 0 -o '[]' -- catdiff a b
	check 0 -o '[]' -i a -- catdiff - b
	end none
	check 0 -o '[]' -- catdiff none none
}

@test "no listing, or not a whole one" {
	row a table users ''
	check 2 -e 'catdiff: a: the listing ends too early, in line 2: see what psql said when it was written' -- catdiff a a
	printf '\\.' >b
	check 2 -p '^catdiff: b: the listing ends too early, in line 1:' -- catdiff b b
	: >b
	check 2 -p '^catdiff: b: the listing ends too early, in line 1:' -- catdiff b b
	printf '\\.\nx\n' >b
	check 2 -e "catdiff: b: there is more after the listing's end, in line 2" -- catdiff b b
	printf 'table\tusers\n\\.\n' >b
	check 2 -e 'catdiff: b:1: no row of a listing: it has 2 fields, not 8' -- catdiff b b
	printf 'a\tb\tc\t1\t2\t3\td\te\tf\n\\.\n' >b
	check 2 -e 'catdiff: b:1: no row of a listing: it has more than 8 fields' -- catdiff b b
	printf 'a\t\\N\tc\t1\t2\t3\td\te\n\\.\n' >b
	check 2 -e 'catdiff: b:1: no row of a listing: it has no kind or no identity' -- catdiff b b
	for n in x '' '\\N' 99999999999 -3000000000 99999999999999999999 ' 1'; do
		printf 'a\tb\tc\t1\t%b\t3\td\te\n\\.\n' "$n" >b
		check 2 -p "^catdiff: b:1: '.*' where a number should be" -- catdiff b b
	done
	printf 'a\\\tb\tc\t1\t2\t3\td\te\n\\.\n' >b
	check 2 -e 'catdiff: b:1: a backslash with nothing behind it' -- catdiff b b
	printf 'a\0\n\\.\n' >b
	check 2 -e 'catdiff: b: no listing: there is a NUL in it' -- catdiff b b
	check 2 -e 'catdiff: none: cannot open: No such file or directory' -- catdiff none b
}

@test "one finding a difference, as JSON" {
	row a column users.age integer 1259 1 2
	row b column users.age 'text COLLATE "C"' 1259 1 2
	end a
	end b
	check 1 -o '[
{"level":"Error","rule_name":"diff-column","object":"column users.age","want":"integer","have":"text COLLATE \"C\"","message":"column \"age\" of table \"users\": integer in the models, text COLLATE \"C\" in the migrations","help":null}
]' -- catdiff a b
	check 1 -o '[
{"level":"Warning","rule_name":"diff-column","object":"column users.age","want":"text COLLATE \"C\"","have":"integer","message":"column \"age\" of table \"users\": text COLLATE \"C\" in the migrations, integer in the database","help":"make drift"}
]' -- catdiff -c 'diff-column=warning' -W 'the migrations' -H 'the database' -r 'make drift' b a
	check 1 -o 'column "age" of table "users": integer in the models, text COLLATE "C" in the migrations' -- catdiff -t a b
	check 0 -- catdiff -t a a
	row c column "users.\"a$(printf '\033')b\"" integer 1259 1 2
	end c
	[ "$(catdiff -t c a)" = 'column "a?b" of table "users" is in the models and not in the migrations
column "age" of table "users" is in the migrations and not in the models' ]
	check 0 -o '[]' -- catdiff -c 'diff-column=error all=off' a b
	catdiff -c 'diff-column=notice' a b | grep -q '^{"level":"Notice",'
	check 0 -o '[]' -- catdiff -c "$TAB diff-column=off,NM=error" a b
}

@test "what goes with a missing object is not told again" {
	row a table users '' 1259 1
	row a column users.id integer 1259 1 1
	row a default users.id "nextval('users_id_seq'::regclass)" 1259 1 1
	row a constraint users.users_pkey 'PRIMARY KEY (id)' 2606 2
	row a index ix_users 'CREATE INDEX ix_users ON users USING btree (name)' 1259 3
	row a 'index statistics target' 'ix_users 1' 5 1259 3
	row a sequence users_id_seq 'AS integer' 1259 4
	row a 'sequence owner' users_id_seq users.id 1259 4
	row a trigger users.touch 'CREATE TRIGGER touch' 2620 5
	row a 'trigger enabled' users.touch DISABLE 2620 5
	row a policy users.own 'AS PERMISSIVE' 3256 6
	row a statistics users_stat 'CREATE STATISTICS users_stat ON a, b FROM users' 3381 7
	row a comment 'TABLE users' 'all FROM us' 2609 1
	row a comment 'COLUMN users.id' x 2609 1 1
	row a comment 'CONSTRAINT users_pkey ON users' x 2609 2
	row a grant 'SELECT ON TABLE users TO PUBLIC' '' 1259 1
	row a owner 'TABLE users' me 1259 1
	row a 'publication table' 'pub users' '' 6106 8
	says 'table "users" is in the models and not in the migrations (diff-table)'
	# The object is there, its parts are not.
	row a table users '' 1259 1
	row b table users '' 1259 9
	row a column users.id integer 1259 1 1
	row a comment 'COLUMN users.id' x 2609 1 1
	row a comment 'TABLE users' x 2609 1 0
	row b trigger users.touch 'CREATE TRIGGER touch' 2620 5
	says 'column "id" of table "users" is in the models and not in the migrations (diff-column)
comment on TABLE users: "x" in the models, none in the migrations (diff-comment)
trigger "touch" of table "users" is in the migrations and not in the models (diff-trigger)'
	# Something else went than what came.
	row a column users.id integer 1259 1 1
	row b default users.id 1 1259 1 1
	says 'column "id" of table "users" is in the models and not in the migrations (diff-column)
default of column "id" of table "users": none in the models, 1 in the migrations (diff-column)'
	# A partition has its columns from its parent.
	for f in a b; do
		row $f table p '' 1259 1
		row $f table p1 '' 1259 2
		row $f 'partition of' 'p1 p' 'DEFAULT' 1259 2
	done
	row a column p.x integer 1259 1 1
	row a column p1.x integer 1259 2 1
	row a 'not null' p.x '' 1259 1 1
	row a 'not null' p1.x '' 1259 2 1
	row a column p.y integer 1259 1 2
	row b column p.y text 1259 1 2
	row a column p1.y integer 1259 2 2
	row b column p1.y text 1259 2 2
	row b default p1.y 1 1259 2 2
	says 'column "x" of table "p" is in the models and not in the migrations (diff-column)
column "y" of table "p": integer in the models, text in the migrations (diff-column)
default of column "y" of table "p1": none in the models, 1 in the migrations (diff-column)'
}

@test "the same under another name, or as another sort of thing" {
	row a constraint users.pk_users 'PRIMARY KEY (id)' 2606 1
	row b constraint users.users_pkey 'PRIMARY KEY (id)' 2606 1
	row a index ix_new 'CREATE INDEX ix_new ON users USING btree (name)' 1259 2
	row b index '"ix old"' 'CREATE INDEX "ix old" ON users USING btree (name)' 1259 2
	row a constraint users.uq_mail 'UNIQUE (mail)' 2606 3
	row b index uq_mail 'CREATE UNIQUE INDEX uq_mail ON users USING btree (mail)' 1259 3
	says 'constraint "uq_mail" of table "users" in the models is index "uq_mail" in the migrations (diff-constraint)
constraint "pk_users" of table "users" in the models is constraint "users_pkey" of table "users" in the migrations (diff-name)
index "ix_new" in the models is index "ix old" in the migrations (diff-name)'
	# Of another table, or not unique: two things.
	row a constraint users.c 'CHECK (a)' 2606 1
	row b constraint user.c2 'CHECK (a)' 2606 1
	row a constraint users.u 'UNIQUE (mail)' 2606 3
	row b index u 'CREATE INDEX u ON users USING btree (mail)' 1259 3
	row b index v 'CREATE UNIQUE INDEX v ON others USING btree (mail)' 1259 4
	row a index i 'CREATE UNIQUE INDEX i ON t USING btree (a)' 1259 5
	row b index j 'CREATE INDEX j ON t USING btree (a)' 1259 6
	[ "$(end a && end b && catdiff a b | grep -c rule_name)" -eq 7 ]
}

@test "a rename is hinted at where it can be one thing only" {
	row a column users.full_name text 1259 1 2
	row b column users.name text 1259 1 2
	row a column users.age integer 1259 1 3
	says 'column "age" of table "users" is in the models and not in the migrations (diff-column)
help: make create
column "full_name" of table "users" is in the models and not in the migrations (diff-column)
help: make create; or, if it was renamed: RENAME="users.name=full_name"
column "name" of table "users" is in the migrations and not in the models (diff-column)
help: make create; or, if it was renamed: RENAME="users.name=full_name"' -r 'make create'
	row a column users.x text 1259 1 2
	row a column users.y text 1259 1 3
	row b column users.name text 1259 1 2
	end a
	end b
	[ "$(catdiff a b | grep -c RENAME)" -eq 0 ]
	[ "$(catdiff b a | grep -c RENAME)" -eq 0 ]
}

@test "long and many-lined definitions: where they part" {
	row a function 'f()' 'CREATE FUNCTION f()\n AS $$\n  SELECT 1;\n$$'
	row b function 'f()' 'CREATE FUNCTION f()\n AS $$\n  SELECT 2;\n$$'
	long=$(printf 'x%.0s' $(seq 200))
	row a view v "$long 1 $long"
	row b view v "$long 2 $long"
	row a enum e "'a', 'b'"
	row b enum e "'a'"
	says "function \"f()\" differs from line 3 on: SELECT 1; in the models, SELECT 2; in the migrations (diff-function)
enum \"e\": 'a', 'b' in the models, 'a' in the migrations (diff-type)
view \"v\": ...${long:0:49} 1 ${long:0:48}... in the models, ...${long:0:49} 2 ${long:0:48}... in the migrations (diff-view)"
	# Characters stay whole, and what is none is said to be.
	umlauts=$(printf 'ü%.0s' $(seq 120))
	row a view v "${umlauts}1"
	row b view v "${umlauts}2"
	printf 'view\t\377w\td\t1\t2\t0\t\\N\t\\N\n' >>a
	end a
	end b
	catdiff a b >found || :
	iconv -f UTF-8 -t UTF-8 <found >same
	same found same
	grep -q "\"object\":\"view $(printf "\\357\\277\\275")w\"" found
}

@test "what must not be seen is not shown" {
	row a 'user mapping' 'PUBLIC on s' s3cret 1418 1
	row b 'user mapping' 'PUBLIC on s' s4cret 1418 1
	row a server s 'w {password=s3cret}' 1417 2
	row b server s 'w {password=s4cret}' 1417 2
	row a 'database setting' app.key s3cret 1 3
	row a 'foreign option' 'far password' s3cret 1259 4
	says 'option "password" of foreign table "far": set in the models, not set in the migrations (diff-foreign)
server "s" is set otherwise in the models than in the migrations (diff-foreign)
user mapping "PUBLIC on s" is set otherwise in the models than in the migrations (diff-foreign)
database setting "app.key" is in the models and not in the migrations (diff-setting)'
	run ! grep s3cret found
}

@test "a kind that is not known is told, on one side and on both" {
	row a gizmo g 'with a wheel'
	row b gizmo g 'with two'
	row a other 'thing x' ''
	row b other 'thing x' ''
	row a other 'thing y' ''
	says 'gizmo "g": with a wheel in the models, with two in the migrations (diff-other)
other "thing x" cannot be compared: its kind is not known here (diff-other)
other "thing y" is in the models and not in the migrations (diff-other)'
	row a other 'thing x' ''
	row b other 'thing x' ''
	says '' -c diff-other=off
}

# excluded WANT ARG...: is all of a told (no), or nothing (yes)?
excluded() {
	local rc=0 want="$1"
	shift
	catdiff "$@" a none >found || rc=$?
	[ "$rc" -eq "$([ "$want" = yes ] && echo 0 || echo 1)" ] || { echo "$*: exit $rc"; cat found; return 1; }
}

@test "left out by name: any kind, with the schema or without" {
	end none
	row a column users.hot text 1259 1 2
	row a default users.hot 1 1259 1 2
	row a comment 'COLUMN users.hot' x 2609 1 2
	row a index ix_users 'CREATE INDEX ix_users ON users USING btree (hot)' 1259 3
	row a sequence s1 'AS integer' 1259 4
	row a 'sequence owner' s1 users.hot 1259 4
	row a grant 'SELECT (hot) ON TABLE users TO PUBLIC' '' 1259 1 2
	row a 'publication table' 'pub users' '' 6106 8
	row a statistics st 'CREATE STATISTICS st ON a, b FROM users' 3381 7
	end a
	excluded yes -e users
	excluded yes -e 'user*'
	excluded yes -e public.users -s public
	excluded no -e public.users
	excluded no -e users.hot
	excluded no -e public -s public
	excluded no -e 'p*' -s public
	excluded no -e hot
	excluded yes -e users.hot -e ix_users -e st -e pub
	rm a
	row a function 'app.f(integer, app.t)' 'x' 1255 1
	row a 'materialized view' 'app."Odd ""one"""' 'x' 1259 2
	row a trigger 'app.users.touch' x 2620 3
	row a 'trigger enabled' 'app.users.touch' DISABLE 2620 3
	row a comment 'TRIGGER touch ON app.users' x 2609 3
	row a 'option' 'app.users fillfactor' 70 1259 4
	row a enum 'app.mood' x 1247 5
	end a
	excluded yes -e app.f -e 'app.Odd "one"' -e app.users -e mood
	excluded yes -e 'app.*'
	excluded yes -e f -e 'Odd*' -e users -e mood
	excluded no -e app
	excluded no -e 'a*'
	excluded no -e app.f -e 'app.Odd "one"' -e users.touch -e mood
	rm a
	row a schema app '' 2615 1
	row a extension citext 'in public' 3079 2
	row a table '"a.b"' '' 1259 3
	end a
	excluded yes -e app -e citext -e 'a.b'
	excluded no -e citext -e 'a.b'
}

@test "usage" {
	USAGE='usage: catdiff [-htV] [-c levels] [-e pattern] [-H name] [-r remedy] [-s schema]
               [-W name] want have'
	check 0 -o "$USAGE" -- catdiff -h
	check 0 -o 'catdiff 0.2.0' -- catdiff -V
	check 2 -e "$USAGE" -- catdiff
	check 2 -e "$USAGE" -- catdiff a
	check 2 -e "$USAGE" -- catdiff a b c
	check 2 -p '^usage: ' -- catdiff -x
	end a
	check 2 -e "catdiff: -c: 'diff-name': it takes CODE=LEVEL, a level is error, warning, notice or off" -- catdiff -c 'all=off diff-name' a a
	check 2 -p "^catdiff: -c: 'x=loud': " -- catdiff -c x=loud a a
	check 2 -p "^catdiff: -c: '=off': " -- catdiff -c =off a a
	check 2 -e 'catdiff: -e: an empty pattern' -- catdiff -e '' a a
}
