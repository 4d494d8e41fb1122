#!/usr/bin/env bats
# render: what the models say, as SQL; and its way into a database.

load helper

setup() {
	scratch
	python=$TOP/.cache/venv/bin/python
	export PYTHONDONTWRITEBYTECODE=1
}

# models ARG...: load_models.py, as render_schema.sh calls it.
models() { "$python" "$TOP/scripts/load_models.py" "$@"; }

# file NAME: stdin into it, with its directories.
file() {
	mkdir -p "$(dirname "$1")"
	cat >"$1"
}

# says MODULE TEXT...: the models' SQL has each TEXT in it, in this order, and
# nothing is said beside it.
says() {
	local rest t
	models "$1" >out 2>err || { cat err; return 1; }
	[ ! -s err ] || { cat err; return 1; }
	# What SQLAlchemy leaves at a line's end is not looked at.
	rest=$(sed 's/ *$//' out)
	shift
	for t; do
		[[ $rest == *"$t"* ]] || { printf 'not in it, or not there: %s\n' "$t"; cat out; return 1; }
		rest=${rest#*"$t"}
	done
}

# says_not TEXT: the SQL just made has it not.
says_not() { [[ $(<out) != *"$1"* ]] || { printf 'in it: %s\n' "$1"; return 1; }; }

# --- SQLAlchemy -----------------------------------------------------------------

@test "percent signs, backslashes, colons, line ends and tabs are what they were" {
	file m.py <<-'END'
		import sqlalchemy as sa
		meta = sa.MetaData()
		mood = sa.Enum("a'b", "100%", "c:\\x", name="mood")
		t = sa.Table("t", meta,
		    sa.Column("n", sa.Integer, sa.CheckConstraint("n % 2 = 0", name="even")),
		    sa.Column("a", sa.Text, server_default="100%", comment="50 % off"),
		    sa.Column("b", sa.Text, server_default="c:\\dir"),
		    sa.Column("c %", sa.Text),
		    sa.Column("m", mood),
		    sa.CheckConstraint("a <> 'x\n\t-- y'", name="lines"),
		    sa.Index("i", sa.text("lower(a)"), postgresql_where=sa.text("a like '%z'"),
		             postgresql_concurrently=True),
		    comment="one\ntwo\t'%'")
	END
	says m "CREATE TYPE mood AS ENUM ('a''b', '100%', 'c:\\x');" \
		$'-- m.py:4\nCREATE TABLE t (\n' 'CHECK (n % 2 = 0),' "a TEXT DEFAULT '100%'," \
		"b TEXT DEFAULT 'c:\\dir'," '"c %" TEXT' "CHECK (a <> 'x"$'\n\t'"-- y')" \
		"CREATE INDEX i ON t (lower(a)) WHERE a like '%z';" \
		"COMMENT ON TABLE t IS 'one"$'\n'"two"$'\t'"''%''';" "COMMENT ON COLUMN t.a IS '50 % off';"
	says_not '%%'
}

@test "DDL listeners: extensions, views over several lines, functions are whole statements" {
	file m.py <<-'PY'
		import sqlalchemy as sa
		from sqlalchemy import DDL, event, text
		meta = sa.MetaData()
		t = sa.Table("t", meta, sa.Column("id", sa.Integer))
		event.listen(meta, "before_create", DDL("CREATE EXTENSION IF NOT EXISTS citext"))
		event.listen(t, "after_create", DDL("CREATE VIEW v AS\nSELECT id -- the\n\tFROM t\nWHERE id %% 2 = 0 -- end"))
		event.listen(meta, "after_create", DDL("""CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN
		  NEW.id := 1; -- one
		  RETURN NEW;
		END $$"""))
		event.listen(t, "after_create", DDL("SELECT 15").execute_if(callable_=
		    lambda ddl, target, bind, **kw: bind.dialect.server_version_info >= (15,)))
		event.listen(t, "after_create", DDL("SELECT 16").execute_if(callable_=
		    lambda ddl, target, bind, **kw: bind.dialect.server_version_info >= (16,)))
		event.listen(t, "after_create", DDL("SELECT lite").execute_if(dialect="sqlite"))
		@event.listens_for(meta, "after_create")
		def more(target, connection, **kw):
		    with connection.begin():
		        connection.execute(text("COMMENT ON TABLE t IS '100% \\:x'"))
		        connection.execute(text("COMMENT ON VIEW v IS ':y'"))
		        connection.execute(text("SELECT set_config('a', :a, false)"), {"a": "it's"})
		        connection.exec_driver_sql("COMMENT ON COLUMN t.id IS '50 %% off';")
	PY
	export PG_MAJOR=15 ATLAS_MAKE_PG_MAJOR=15
	says m 'CREATE EXTENSION IF NOT EXISTS citext;' 'CREATE TABLE t (' \
		$'CREATE VIEW v AS\nSELECT id -- the\n\tFROM t\nWHERE id % 2 = 0 -- end\n;' 'SELECT 15;' \
		$'AS $$\nBEGIN\n  NEW.id := 1; -- one\n  RETURN NEW;\nEND $$;' \
		"COMMENT ON TABLE t IS '100% :x';" "COMMENT ON VIEW v IS ':y';" \
		"SELECT set_config('a', 'it''s', false);" "COMMENT ON COLUMN t.id IS '50 % off';"
	says_not 'SELECT 16'
	says_not lite
}

@test "a listener that asks the database is told where; rows are left out, and that is said" {
	file asks.py <<-'END'
		import sqlalchemy as sa
		t = sa.Table("t", sa.MetaData(), sa.Column("id", sa.Integer))
		@sa.event.listens_for(t, "after_create")
		def f(target, connection, **kw):
		    if connection.execute(sa.text("SELECT 1")).scalar():
		        pass
	END
	check 2 -p '^load_models.py: asks.py:5: RuntimeError: a DDL listener asks the database, and there is none while models are rendered; fix: ' -- models asks
	# What it looks up in the catalog is not there, as in an empty database.
	file looks.py <<-'PY'
		import sqlalchemy as sa
		t = sa.Table("t", sa.MetaData(), sa.Column("id", sa.Integer))
		def there(connection, sql, **values):
		    return bool(connection.execute(sa.text(sql), values).scalar())
		@sa.event.listens_for(t, "after_create")
		def f(target, connection, **kw):
		    if not there(connection, 'SELECT count(*) FROM "information_schema"."routines" WHERE routine_name = :n', n="f"):
		        connection.execute(sa.text("CREATE FUNCTION f() RETURNS int RETURN 1"))
		    if not list(connection.execute(sa.text("select 1\nfrom pg_type where typname = 'x'"))):
		        connection.execute(sa.text("CREATE TYPE x AS ENUM ('a')"))
		    if connection.scalar(sa.text("SELECT to_regclass('v')")) is None:
		        connection.execute(sa.text("CREATE VIEW v AS SELECT 1"))
		    if not sa.inspect(connection).has_table("u") and sa.inspect(connection).has_schema("public"):
		        sa.Table("u", sa.MetaData(), sa.Column("id", sa.Integer)).create(connection)
	PY
	says looks 'CREATE TABLE t (' 'CREATE FUNCTION f()' 'CREATE TYPE x' 'CREATE VIEW v' 'CREATE TABLE u ('
	says_not routines
	says_not pg_
	says_not to_regclass
	edit asks.py 's/if connection.*/sa.inspect(connection).default_schema_name/; /pass/d'
	check 2 -p '^load_models.py: asks.py:5: RuntimeError: a DDL listener asks' -- models asks
	edit asks.py 's/sa.inspect.*/connection.execute(target.insert().values(id=1))/'
	models asks >out 2>err
	says_not INSERT
	same err <(echo 'load_models.py: t: rows are no part of a schema: Insert left out')
}

@test "modules are found however they lie; what is no model is not run" {
	table='import sqlalchemy as sa; t = sa.Table(__name__.replace(".", "_"), sa.MetaData(), sa.Column("x", sa.Integer))'
	file app/__init__.py </dev/null
	for f in app/models.py app/plain/dir/deep.py app/pack/__init__.py app/pack/more.py app/two-words.py; do
		file "$f" <<<"$table"
	done
	file app/__main__.py <<<'raise SystemExit("main was run")'
	file app/alembic/env.py <<<'raise SystemExit("env was run")'
	file app/alembic/versions/a1.py <<<'raise SystemExit("version was run")'
	file app/alembic/script.py.mako </dev/null
	file app/.venv/lib/x.py <<<'raise SystemExit("environment was run")'
	file app/env/pyvenv.cfg </dev/null
	file app/env/lib/x.py <<<'raise SystemExit("environment was run")'
	file app/node_modules/x.py <<<'raise SystemExit("node was run")'
	SCHEMA_DEPFILE=deps says app 'TABLE app_models ' 'TABLE app_pack ' 'TABLE app_pack_more ' \
		'TABLE app_plain_dir_deep ' 'TABLE "app_two-words" '
	for f in app/ app/models.py app/plain/dir/ app/plain/dir/deep.py app/pack/; do
		grep -Fqx "$f" deps || { echo "not in deps: $f"; return 1; }
	done
	# Left out by name, and below that.
	models -x app.pack -x app.models app >out
	[ "$(grep -c TABLE out)" -eq 2 ]
	# A namespace package, one module of it, and a directory below src or elsewhere.
	says app.plain 'TABLE app_plain_dir_deep '
	mkdir src other && mv app src/web && mkdir other/lib && cp src/web/models.py other/lib/
	says web 'TABLE web_models '
	models -p other lib >out
	grep -q 'TABLE lib_models ' out
	check 2 -e 'load_models.py: -p nope: no such directory' -- models -p nope lib
}

@test "module-level proxies are left alone" {
	file m.py <<-'END'
		import sqlalchemy as sa
		class Proxy:
		    def __getattribute__(self, name):
		        raise RuntimeError("Working outside of application context.")
		    __class__ = property(lambda self: 1 / 0)
		current_app = Proxy()
		t = sa.Table("t", sa.MetaData(), sa.Column("id", sa.Integer))
	END
	says m 'CREATE TABLE t ('
	[ -x "$TOP/.cache/venv-test/bin/python" ] || return 0
	python=$TOP/.cache/venv-test/bin/python
	file web.py <<-'END'
		from flask import current_app, g, request, session
		from flask_sqlalchemy import SQLAlchemy
		from werkzeug.local import LocalProxy
		db = SQLAlchemy()
		lost = LocalProxy(lambda: 1 / 0)
		def inside():
		    class User(db.Model):
		        id = db.Column(db.Integer, primary_key=True)
		    db.Table("pairs", db.Column("a", db.Integer))
		inside()
	END
	says web $'-- web.py:7\nCREATE TABLE "user" (' $'-- web.py:9\nCREATE TABLE pairs ('
}

@test "SQLModel" {
	python=$TOP/.cache/venv-test/bin/python
	file m.py <<-'END'
		from typing import Optional
		from sqlmodel import Field, SQLModel
		class Hero(SQLModel, table=True):
		    id: Optional[int] = Field(default=None, primary_key=True)
		    name: str = Field(index=True)
	END
	says m $'-- m.py:3\nCREATE TABLE hero (' 'name VARCHAR NOT NULL' 'CREATE INDEX ix_hero_name ON hero (name);'
}

@test "several MetaData: one enum in two, keys across, one table twice, a library's own" {
	file lib/site-packages/extern.py <<-'END'
		import sqlalchemy as sa
		t = sa.Table("extern", sa.MetaData(), sa.Column("id", sa.Integer))
	END
	file m.py <<-'END'
		import extern
		import sqlalchemy as sa
		one, two = sa.MetaData(), sa.MetaData()
		def mood(): return sa.Column("m", sa.Enum("a", "b", name="mood"))
		# Rendered after the table that it leads to, in the other MetaData.
		a = sa.Table("a", one, sa.Column("id", sa.Integer, primary_key=True), mood())
		b = sa.Table("b", two, sa.Column("id", sa.Integer, primary_key=True), mood(), sa.Column("m2", sa.Enum("a", "b", name="mood")))
		a.append_column(sa.Column("b_id", sa.Integer, sa.ForeignKey(b.c.id)))
	END
	PYTHONPATH=lib/site-packages says m "CREATE TYPE mood AS ENUM ('a', 'b');" 'CREATE TABLE b (' 'CREATE TABLE a ('
	[ "$(grep -c 'CREATE TYPE' out)" -eq 1 ]
	says_not extern
	# Named, it counts.
	PYTHONPATH=lib/site-packages says extern 'CREATE TABLE extern ('
	echo 'c = sa.Table("b", sa.MetaData(), sa.Column("x", sa.Integer))' >>m.py
	check 2 -e "load_models.py: m.py:9: table 'b' is in another MetaData too, with other columns: m.py:7" -- env PYTHONPATH=lib/site-packages "$python" "$TOP/scripts/load_models.py" m
}

@test "several schemas, of types and sequences too; foreign keys in a circle" {
	file m.py <<-'END'
		import sqlalchemy as sa
		from sqlalchemy.dialects.postgresql import ARRAY
		meta = sa.MetaData()
		sa.event.listen(meta, "before_create", sa.schema.CreateSchema("app"))
		a = sa.Table("a", meta, sa.Column("id", sa.Integer, primary_key=True), sa.Column("b", sa.ForeignKey("app.b.id")), schema="app")
		b = sa.Table("b", meta, sa.Column("id", sa.Integer, primary_key=True), sa.Column("a", sa.ForeignKey("app.a.id")),
		             sa.Column("c", sa.ForeignKey("c.id")), schema="app")
		c = sa.Table("c", meta, sa.Column("id", sa.Integer, sa.Sequence("s", schema="seqs"), primary_key=True),
		             sa.Column("l", ARRAY(sa.Enum("x", name="e", schema="types"))))
	END
	says m 'CREATE SCHEMA IF NOT EXISTS "app";' 'CREATE SCHEMA IF NOT EXISTS "seqs";' 'CREATE SCHEMA IF NOT EXISTS "types";' \
		"CREATE TYPE types.e AS ENUM ('x');" 'CREATE SEQUENCE seqs.s' 'l types.e[]' 'ADD FOREIGN KEY('
	says_not 'CREATE SCHEMA app'
}

@test "alembic_utils: what is registered, and what a module holds, in an order that loads" {
	python=$TOP/.cache/venv-test/bin/python
	file m.py <<-'END'
		import sqlalchemy as sa
		from alembic_utils.pg_extension import PGExtension
		from alembic_utils.pg_function import PGFunction
		from alembic_utils.pg_grant_table import PGGrantTable
		from alembic_utils.pg_materialized_view import PGMaterializedView
		from alembic_utils.pg_policy import PGPolicy
		from alembic_utils.pg_trigger import PGTrigger
		from alembic_utils.pg_view import PGView
		from alembic_utils.replaceable_entity import register_entities
		u = sa.Table("u", sa.MetaData(), sa.Column("id", sa.Integer, server_default=sa.text("next_u()")), sa.Column("name", sa.Text))
		policy = PGPolicy(schema="public", signature="p", on_entity="public.u", definition="for select using (id % 2 = 0)")
		trigger = PGTrigger(schema="public", signature="tg", on_entity="public.u",
		    definition="BEFORE INSERT ON public.u FOR EACH ROW EXECUTE PROCEDURE public.trf()")
		late = PGView("public", "a_late", "select * from z_first")
		first = PGView("public", "z_first", "select id, name::text as n, ':x' as c from u;")
		mat = PGMaterializedView("public", "mv", "select * from a_late")
		rows = PGFunction("app", "f(r u)", "returns u language plpgsql as $$ declare x int := 1; begin\n  return r; end $$")
		trf = PGFunction("public", "trf()", "returns trigger language plpgsql as $$ begin return new; end $$")
		register_entities([
		    PGFunction("public", "next_u()", "returns int language sql as $$ select 1; select 7 % 4 $$"),
		    PGExtension("public", "pg_trgm"), policy,
		    PGGrantTable(schema="public", table="u", role="public", grant="DELETE"),
		])
	END
	says m 'CREATE SCHEMA IF NOT EXISTS "app";' 'SET check_function_bodies = off;' 'CREATE EXTENSION "pg_trgm"' \
		'"next_u"() returns int language sql as $$ select 1; select 7 % 4 $$;' 'CREATE TABLE u (' \
		'"app"."f"(r u) returns u language plpgsql as $$ declare x int := 1; begin'$'\n''  return r; end $$;' '"trf"()' \
		"\"z_first\" AS select id, name::text as n, ':x' as c from u;" '"a_late"' '"mv"' 'CREATE TRIGGER "tg"' 'CREATE POLICY p' 'GRANT DELETE'
	[ "$(grep -c 'CREATE POLICY' out)" -eq 1 ]
}

@test "what is wrong is told with file and line" {
	try() {
		printf '%s\n' "$1" >bad.py
		check 2 -p "^load_models.py: $2" -- models bad
	}
	try 'print(' "bad.py:1: SyntaxError: '\(' was never closed$"
	try 'import nope' "bad.py:1: ModuleNotFoundError: No module named 'nope'$"
	try 'from . import x' 'bad.py:1: ImportError: attempted relative import .*; fix: name the package it lies in, or leave the module out with -x$'
	try 'import sys; sys.exit(3)' 'bad.py:1: SystemExit: 3$'
	try 'x = 1' 'bad: no SQLAlchemy tables found there; fix: '
	t='import sqlalchemy as sa
t = sa.Table("q", sa.MetaData(), sa.Column("x"'
	try "$t"', sa.Integer, sa.ForeignKey("nope.id")))' "bad.py:2: table 'q': NoReferencedTableError: .*could not find table 'nope'"
	try "$t))" "bad.py:2: table 'q': CompileError: .*column 'x'"
	check 2 -e "load_models.py: nope.x: no module 'nope'; fix: name modules by dots, as seen from $PWD, or say -p where they lie" -- models nope.x
	check 2 -e "load_models.py: bad.nope: ModuleNotFoundError: No module named 'bad.nope'; 'bad' is not a package" -- models bad.nope
	check 2 -p '^usage: load_models.py' -- models
	check 2 -p '^usage: load_models.py' -- models -q x
	check 0 -o 'usage: load_models.py [-p directory]... [-x module]... module ...' -- models -h
	: >bad.py
	ALLOW_EMPTY=1 check 0 -o '-- no tables' -- models bad
}

# --- what SCHEMA may be ------------------------------------------------------------

# render ARG...: as the verbs call it.
render() { scripts/render_schema.sh "$@"; }

# made FILE: what is kept in the one place for this SCHEMA (see state_dir).
made() {
	local found
	found=$(find .cache/state -name "$1" | grep -F -- "${2-}")
	cat "$found"
}


@test "SCHEMA: a file, a directory in the order of names, any command" {
	project
	file 'my db/s.sql' <<<'CREATE TABLE one (id int);'
	file dir/2.sql <<<'CREATE VIEW v AS SELECT * FROM a'
	printf '\xef\xbb\xbf-- with a mark before\nCREATE TABLE a (id int) -- and no end' >dir/1.sql
	file dir/10/b.sql <<<'CREATE TABLE b (id int);'
	file dir/.hidden/b.sql <<<'CREATE TABLE hidden (id int);'
	ATLAS_MAKE_SCHEMA='my db/s.sql' check 0 -o 'CREATE TABLE one (id int);' -- render -p
	ATLAS_MAKE_SCHEMA='my db/s.sql  ' check 0 -o 'CREATE TABLE one (id int);' -- render -p
	ATLAS_MAKE_SCHEMA=dir check 0 -o $'-- with a mark before\nCREATE TABLE a (id int); -- and no end\nCREATE TABLE b (id int);\nCREATE VIEW v AS SELECT * FROM a;' -- render -p
	ATLAS_MAKE_SCHEMA='cat dir/1.sql | tr a-z A-Z' check 0 -o $'-- WITH A MARK BEFORE\nCREATE TABLE A (ID INT); -- AND NO END' -- render -p
	grep -q "TABLE users" <<<"$(make -s render-schema)"
	ATLAS_MAKE_SCHEMA=nope.sql check 2 -e "render_schema.sh: SCHEMA: cannot read 'nope.sql'" -- render
	mkdir none
	ATLAS_MAKE_SCHEMA=none check 2 -e "render_schema.sh: SCHEMA: no .sql file in 'none'" -- render
	ATLAS_MAKE_SCHEMA=x.hcl check 2 -e "render_schema.sh: SCHEMA: cannot read 'x.hcl'" -- render
	echo 'schema "public" {}' >x.hcl
	ATLAS_MAKE_SCHEMA=x.hcl check 0 -o 'schema "public" {}' -- render -p
	check 2 -p '^usage: render_schema.sh' -- render -q
	check 2 -p '^usage: render_schema.sh' -- render x
	nothing_left
}

@test "what pg_dump and psql write: \\restrict, \\ir and COPY" {
	project
	file db/schema.sql <<-'END'
		\restrict abc
		\set ON_ERROR_STOP on
		SELECT pg_catalog.set_config('search_path', '', false);
		\ir tables/a.sql
		\i db/tables/b.sql
		COPY public.a (id) FROM stdin;
		1
		\N
		\.
		\unrestrict abc
	END
	file db/tables/a.sql <<<'CREATE TABLE public.a (id int);'
	file db/tables/b.sql <<<$'\\ir a2.sql'
	file db/tables/a2.sql <<<'CREATE TABLE public.b (id int);'
	export ATLAS_MAKE_SCHEMA=db/schema.sql ATLAS_MAKE_SCHEMA_DEPS=
	render -p >out
	[ "$(grep -v '^$' out)" = "SELECT pg_catalog.set_config('search_path', '', false);
CREATE TABLE public.a (id int);
CREATE TABLE public.b (id int);
COPY public.a (id) FROM stdin;
1
\\N
\\." ]
	# What was included is an input.
	echo 'CREATE TABLE public.c (id int);' >>db/tables/a2.sql
	render
	made schema.sql | grep -q public.c
	# Nothing but these is obeyed, wherever it stands, and nothing outside is read.
	echo '\! touch gone' >>db/tables/a2.sql
	check 2 -e "sqlflat: db/tables/a2.sql:3: \\! touch gone: psql's backslash commands are not obeyed in a schema, but for \\i and \\ir; fix: write it in SQL" -- render
	echo '\ir /etc/passwd' >db/tables/a2.sql
	check 2 -e "sqlflat: db/tables/a2.sql:1: \\ir /etc/passwd: it lies outside of the project" -- render
	[ ! -e gone ]
}

@test "a command that fails, in a pipe too, gives no schema" {
	project
	echo 'CREATE TABLE a (id int);' >s.sql
	failed() { check 2 -p "^render_schema.sh: SCHEMA: '.*' failed with exit code $1" -- render; }
	render
	cp .cache/state/*/schema.sql before
	ATLAS_MAKE_SCHEMA='cat s.sql; exit 3' failed 3
	ATLAS_MAKE_SCHEMA='false; cat s.sql' failed 1
	ATLAS_MAKE_SCHEMA='{ cat s.sql; exit 4; } | cat' failed 4
	ATLAS_MAKE_SCHEMA='nope | cat s.sql' failed 127
	# The last good one is still there, and nothing else.
	same before .cache/state/*load_models*/schema.sql
	[ -z "$(find .cache/ -name '.schema.*')" ]
	# Where no shell can tell.
	mkdir bin
	for c in awk cat cksum cmp cp date env find grep head ls make mkdir mktemp mv od rm sed sh sleep sort tail tr wc xargs; do ln -s "$(command -v $c)" bin/; done
	if ! sh -o pipefail -c : 2>/dev/null; then
		ATLAS_MAKE_SCHEMA='cat s.sql | cat' check 2 -e 'render_schema.sh: SCHEMA: no shell here says when the first part of a pipe fails; fix: install bash, or put the command into a script' -- env PATH="$PWD/bin" sh scripts/render_schema.sh
		ATLAS_MAKE_SCHEMA='cat s.sql' check 0 -- env PATH="$PWD/bin" sh scripts/render_schema.sh
	fi
	nothing_left
}

@test "an empty schema needs a word of consent" {
	project
	empty="gives nothing: to make the database like it would drop all; fix: if that is meant, say ALLOW_EMPTY=1"
	: >e.sql
	printf -- '-- only words\n/* and more */\nSET x.y = 1;\nSELECT pg_catalog.set_config($$search_path$$, $$$$, false);\n' >c.sql
	ATLAS_MAKE_SCHEMA=e.sql check 2 -e "render_schema.sh: SCHEMA: 'e.sql' $empty" -- render
	ATLAS_MAKE_SCHEMA=c.sql check 2 -e "render_schema.sh: SCHEMA: 'c.sql' $empty" -- render
	ATLAS_MAKE_SCHEMA=true check 2 -e "render_schema.sh: SCHEMA: 'true' $empty" -- render
	ATLAS_MAKE_SCHEMA='cat c.sql' check 2 -p "'cat c.sql' gives nothing" -- render
	ATLAS_MAKE_ALLOW_EMPTY=1 ATLAS_MAKE_SCHEMA=e.sql check 0 -- render
	# The consent is for this once.
	ATLAS_MAKE_SCHEMA=e.sql check 2 -e "render_schema.sh: SCHEMA: 'e.sql' $empty" -- render
}

@test "inputs: what is named, imported, included or pinned; a name that is nothing is an error" {
	project
	echo 'CREATE TABLE a (id int);' >s.sql
	mkdir deps
	echo x >deps/x
	# It ran: the file is there, and is taken away.
	ran() { [ -e ran ] && rm ran; }
	not_ran() { [ ! -e ran ]; }
	export ATLAS_MAKE_SCHEMA='touch ran; cat s.sql' ATLAS_MAKE_SCHEMA_DEPS=deps
	render
	ran
	render
	not_ran
	for f in deps/x deps/new uv.lock package-lock.json go.sum requirements-dev.txt; do
		echo "$f" >>"$f"
		render
		ran || { echo "not an input: $f"; return 1; }
		render
		not_ran
	done
	# Always, whatever was named.
	render -a
	ran
	# None named: nobody knows, so it runs.
	for _ in 1 2; do
		ATLAS_MAKE_SCHEMA_DEPS='' render
		ran
	done
	ATLAS_MAKE_SCHEMA_DEPS='deps src/dbb' check 2 -e "render_schema.sh: SCHEMA_DEPS: 'src/dbb' matches nothing; fix: name files and directories as seen from $PWD" -- render
	ATLAS_MAKE_SCHEMA_DEPS='deps/**/*.ts' check 2 -e "render_schema.sh: SCHEMA_DEPS: 'deps/**/*.ts': the shell knows no **; fix: name the directory, all that lies below it is looked at" -- render
	mkdir deps/sub
	echo x >deps/sub/x.ts
	ATLAS_MAKE_SCHEMA_DEPS='deps/**/*.ts' check 2 -p "the shell knows no" -- render
	mv deps 'a dep'
	ATLAS_MAKE_SCHEMA_DEPS='a dep' check 0 -- render
	ran
	# Models: what they import, and a module that is new beside them.
	unset ATLAS_MAKE_SCHEMA ATLAS_MAKE_SCHEMA_DEPS
	mkdir -p app/lib
	cp src/db/models.py app/models.py
	echo 'from app.lib import other' >>app/models.py
	: >app/lib/other.py
	: >app/__init__.py
	edit atlas-make.mk 's/^SCHEMA .*/SCHEMA = scripts\/load_models.py app/; s/^SCHEMA_DEPS .*/SCHEMA_DEPS =/'
	render
	key=$(made schema.key models.py+app)
	for f in app/models.py app/lib/other.py app/new.py app/lib/newer.py; do
		echo '# more' >>"$f"
		render
		[ "$key" != "$(made schema.key models.py+app)" ] || { echo "not an input: $f"; return 1; }
		key=$(made schema.key models.py+app)
	done
}

@test "a path with a blank and a colon in it; two states side by side" {
	project
	mkdir "../a b:c"
	mv ./* .cache "../a b:c"
	cd "../a b:c"
	render
	made schema.sql | grep -q 'CREATE TABLE users'
	# Two at once, each in a place of its own.
	echo 'CREATE TABLE a (id int);' >s.sql
	ATLAS_MAKE_SCHEMA=s.sql render -a &
	render -a
	wait
	made schema.sql models | grep -q 'CREATE TABLE users'
	made schema.sql s.sql | grep -q 'TABLE a '
	nothing_left
}
