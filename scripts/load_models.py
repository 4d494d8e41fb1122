#!/usr/bin/env python3
"""load_models.py [-p DIR]... [-x MODULE]... MODULE... - print the SQL of SQLAlchemy models.

Imports each MODULE by its dotted name from the working directory, with every
module below it, and prints the DDL that create_all would send to PostgreSQL:
each MetaData that the modules fill or hold, DDL listeners included, and the
entities of alembic_utils. SQLAlchemy (1.4 or 2.x) writes the statements; they
are printed whole, one after another, for psql to load.

-p DIR     look for modules in DIR too (src is looked into by itself)
-x MODULE  leave MODULE out, and what lies below it

The environment: SCHEMA_DEPFILE is a file that is written with what was imported
and read, and is not installed, one name a line, a directory of modules with a slash
at its end, one whose names were asked for with a slash and a star, unless SCHEMA is
another command. SCHEMA_PYCACHE is where byte code goes. PG_MAJOR is the version that
listeners see. ALLOW_EMPTY=1 takes models without a table for what was meant.

Exit 0; 2 when a module does not import or a table cannot be written, with
file, line and cause.
"""

import contextlib
import functools
import gc
import getopt
import importlib
import importlib.util
import os
import re
import sys
import traceback
from pathlib import Path
from typing import NoReturn

# Nothing made here is thrown away before the end: a tenth of the time otherwise.
gc.disable()

PROG = Path(sys.argv[0]).name
ROOT = Path.cwd()
# SQLAlchemy imports it for its plugins: forty modules that no rendering uses.
LAZY = "importlib.metadata"
STDLIB = str(Path(os.__file__).parent) + os.sep
SELF = (__file__, sys._getframe().f_code.co_filename)
USAGE = f"usage: {PROG} [-p directory]... [-x module]... module ..."


def die(where: str, what: str) -> NoReturn:
    print(f"{PROG}: {where}: {what}", file=sys.stderr)
    sys.exit(2)


def warn(where: str, what: str) -> None:
    print(f"{PROG}: {where}: {what}", file=sys.stderr)


def import_lazily(name: str) -> None:
    """Let `import name` find the module, and run it when something of it is used."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.loader is None or name in sys.modules:
        return
    spec.loader = importlib.util.LazyLoader(spec.loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    # As import itself does; else "from a import b" would look into it.
    parent, _, child = name.rpartition(".")
    setattr(sys.modules[parent], child, module)


# --- whose code it is ---------------------------------------------------------
@functools.lru_cache(maxsize=None)
def relative(path: str) -> str:
    try:
        return str(Path(path).resolve().relative_to(ROOT.resolve()))
    except (ValueError, OSError):
        return path


def is_known(path: str) -> bool:
    """Python's own, installed, or made by us: what pins its version says what it is."""
    return (
        "site-packages" in path
        or "dist-packages" in path
        or path.startswith((STDLIB, "<"))
        or path in SELF
        or relative(path).startswith(".cache/")
    )


def is_ours(path: str) -> bool:
    """Below the root, and not in the environment of packages below it."""
    # Nearly all are Python's own or installed: no need to look at the disk.
    return not is_known(path) and not os.path.isabs(relative(path))


def explain(where: str, error: BaseException, hint: str = "") -> NoReturn:
    """Name the deepest line of ours on the way to the error."""
    if isinstance(error, SyntaxError) and error.filename:
        die(f"{relative(error.filename)}:{error.lineno}", f"SyntaxError: {error.msg}")
    for frame in traceback.extract_tb(error.__traceback__):
        if is_ours(frame.filename):
            where = f"{relative(frame.filename)}:{frame.lineno}"
    die(where, f"{type(error).__name__}: {error}{hint}")


# --- finding and importing ----------------------------------------------------
class Models:
    """The modules that were named, what they hold, and where each table is from."""

    def __init__(self, left_out: list) -> None:
        self.left_out = left_out
        self.names: list = []  # as given
        self.modules: list = []  # the modules imported for them
        self.directories: list = []
        self.places: dict = {}  # Table: "file:line" of ours
        self.filled: list = []  # each MetaData that code of ours adds tables to

    def is_named(self, module: str) -> bool:
        return any(module == n or module.startswith(f"{n}.") for n in self.names)

    def is_left_out(self, module: str) -> bool:
        return any(module == n or module.startswith(f"{n}.") for n in self.left_out)

    def note_table(self, table: object, metadata: object) -> None:
        """Called by SQLAlchemy for each new table: does code of ours make it?

        The frames up to the next import are looked at, for what a library makes
        while it is imported is the library's.
        """
        frame = sys._getframe(1)
        while frame is not None:
            path = frame.f_code.co_filename
            if path.startswith("<frozen importlib"):
                return
            if is_ours(path) or self.is_named(frame.f_globals.get("__name__") or ""):
                self.places[table] = f"{relative(path)}:{frame.f_lineno}"
                if not any(m is metadata for m in self.filled):
                    self.filled.append(metadata)
                return
            frame = frame.f_back

    def add(self, name: str) -> None:
        """Import it, and what lies below it, with or without an __init__.py."""
        if self.is_left_out(name):
            return
        module = importlib.import_module(name)
        self.modules.append(module)
        for directory in list(getattr(module, "__path__", [])):
            self.directories.append(directory)
            for child in submodules(directory):
                self.add(f"{name}.{child}")


def submodules(directory: str) -> list:
    """Names of what can be imported from a package's directory, sorted."""
    found = set()
    try:
        entries = list(os.scandir(directory))
    except OSError:
        return []  # a package in a zip file has no directory to look into
    for entry in entries:
        stem, dot, ending = entry.name.partition(".")
        if entry.is_dir():
            if not dot and is_package(entry.path, stem):
                found.add(stem)
        elif ending == "py" and stem not in ("__init__", "__main__"):
            found.add(stem)
    return sorted(found)


def is_package(path: str, name: str) -> bool:
    """Python lies in it, and it is neither an environment nor Alembic's.

    Alembic's env.py runs only under Alembic, and migrations are no models.
    """
    if os.path.exists(os.path.join(path, "__init__.py")):
        return not os.path.exists(os.path.join(path, "script.py.mako"))
    if not name.isidentifier() or name in ("__pycache__", "node_modules"):
        return False
    for _where, directories, files in os.walk(path):
        if "pyvenv.cfg" in files or "script.py.mako" in files:
            return False
        if any(f.endswith(".py") for f in files):
            return True
        directories[:] = [
            d for d in directories if d.isidentifier() and d != "__pycache__"
        ]
    return False


def search_path(given: list, names: list) -> None:
    """The root first, where `python -c` has it; src where a module lies there."""
    sys.path[0] = str(ROOT)
    where = [os.path.abspath(d) for d in given]
    for directory in given:
        if not os.path.isdir(directory):
            die(f"-p {directory}", "no such directory")
    for name in names:
        top = name.partition(".")[0]
        if not any((ROOT / f).exists() for f in (top, f"{top}.py")) and any(
            (ROOT / "src" / f).exists() for f in (top, f"{top}.py")
        ):
            where.append(str(ROOT / "src"))
    sys.path[1:1] = dict.fromkeys(where)


# --- what was read ------------------------------------------------------------
WRITES = os.O_WRONLY | os.O_RDWR
opened: set = set()  # files that were opened
listed: set = set()  # directories whose names were asked for
missed: set = set()  # modules that were not found, and where: import would find them now


class Missed:
    """The last finder: it is asked for what no other has found."""

    @staticmethod
    def find_spec(name: str, path: object = None, _target: object = None) -> None:
        for directory in sys.path if path is None else list(path):
            missed.add(os.path.join(directory, name.rpartition(".")[2]))


def note_reading() -> None:
    sys.meta_path.append(Missed)

    def heard(event: str, args: tuple) -> None:
        if event == "open":
            path, _mode, flags = args
            if isinstance(path, (str, os.PathLike)) and not (flags or 0) & WRITES:
                opened.add(os.path.abspath(os.fspath(path)))
        elif event in ("os.listdir", "os.scandir"):
            # import lists each directory that it looks into.
            where = sys._getframe(1).f_code.co_filename
            path = "." if args[0] is None else args[0]
            if isinstance(path, (str, os.PathLike)) and not (
                where in SELF or where.startswith("<frozen importlib")
            ):
                listed.add(os.path.abspath(os.fspath(path)))

    sys.addaudithook(heard)


def trust_marks() -> None:
    """Byte code is of the source as it is: Python compares its size and whole seconds."""
    from importlib.machinery import SourceFileLoader

    def path_stats(_self: object, path: str) -> dict:
        st = os.stat(path)
        marks = hash((st.st_mtime_ns, st.st_ctime_ns, st.st_ino))
        return {"mtime": marks & 0xFFFFFFFF, "size": st.st_size}

    SourceFileLoader.path_stats = path_stats


def import_named(models: Models, names: list) -> None:
    models.names = names
    for name in names:
        try:
            models.add(name)
        except (Exception, SystemExit) as e:
            top = name.partition(".")[0]
            if isinstance(e, ModuleNotFoundError) and e.name == top:
                hint = f"; fix: name modules by dots, as seen from {ROOT}, or say -p where they lie"
                die(name, f"no module '{top}'{hint}")
            # Where the file stands alone, without the package it belongs to.
            hint = "; fix: name the package it lies in, or leave the module out with -x"
            explain(name, e, hint if "relative import" in str(e) else "")


# --- what the modules hold -----------------------------------------------------
def imported() -> list:
    """The modules there are; to look into a lazy one would be to use it."""
    return [m for name, m in list(sys.modules.items()) if name != LAZY]


def held(models: Models, kinds: tuple) -> list:
    """The values of the kinds that the modules hold by name.

    Only types are looked at: to ask a proxy (flask.current_app) for anything is
    to ask what it stands for, which is not there.
    """
    found = []
    named = {id(m) for m in models.modules}
    for module in imported():
        path = getattr(module, "__file__", None)
        if id(module) in named or (path and is_ours(path)):
            for value in list(vars(module).values()):
                if issubclass(type(value), kinds):
                    found.append(value)
    return found


def metadatas(models: Models) -> list:
    """Every MetaData with tables that the modules fill, or hold by name."""
    import sqlalchemy as sa

    found = list(models.filled)
    flask = sys.modules.get("flask_sqlalchemy")
    kinds = (flask.SQLAlchemy,) if flask else ()
    for value in held(models, (sa.MetaData, sa.Table, type, *kinds)):
        if isinstance(value, (sa.MetaData, *kinds)):
            meta = getattr(value, "metadata", value)
        elif isinstance(value, sa.Table):
            meta = value.metadata
        else:
            # As getattr finds it, without a metaclass having a word in it.
            bases = type.__dict__["__mro__"].__get__(value)
            meta = next(
                (vars(b)["metadata"] for b in bases if "metadata" in vars(b)), None
            )
        if issubclass(type(meta), sa.MetaData):
            found.append(meta)
    unique = {id(m): m for m in found if m.tables or m._sequences}
    return in_order(list(unique.values()))


def in_order(found: list) -> list:
    """A MetaData after those its foreign keys lead to."""
    from sqlalchemy.exc import SQLAlchemyError

    done: list = []

    def visit(meta: object, on_the_way: tuple) -> None:
        if any(m is meta for m in done + list(on_the_way)):
            return
        for table in meta.tables.values():
            for key in table.foreign_keys:
                # What leads nowhere is reported when the table is written.
                with contextlib.suppress(SQLAlchemyError):
                    other = key.column.table.metadata
                    if other is not meta and any(m is other for m in found):
                        visit(other, (*on_the_way, meta))
        done.append(meta)

    if len(found) == 1:
        return found
    for meta in found:
        visit(meta, ())
    return done


def entities(models: Models) -> list:
    """alembic_utils' entities: those registered, and those a module holds."""
    module = sys.modules.get("alembic_utils.replaceable_entity")
    if module is None:
        return []
    found = module.registry.entities() + held(models, (module.ReplaceableEntity,))
    return list({e.identity: e for e in found}.values())


# --- writing SQL -----------------------------------------------------------------
NO_DATABASE = (
    "a DDL listener asks the database, and there is none while models are rendered; "
    "fix: let it send its statement in any case, or decide by DDL(...).execute_if()"
)
# Is it there already? Then the answer of an empty database will do.
LOOKS_UP = re.compile(
    r"\s*(SELECT|WITH)\b.*(\b(FROM|JOIN)\s+\"?(pg_|information_schema\b)|\bto_reg\w+\s*\()",
    re.IGNORECASE | re.DOTALL,
)


class Answer:
    """What a listener gets. What it looks up in the catalog is not there."""

    rowcount = 0

    def __init__(self, statements: list) -> None:
        self.statements = statements
        self.at = len(statements) - 1

    def nothing(self, *_given: object) -> None:
        meta, element, text = self.statements[self.at]
        if not LOOKS_UP.match(text):
            raise RuntimeError(NO_DATABASE)
        # A question is no part of the schema.
        self.statements[self.at] = (meta, element, "")

    scalar = scalar_one_or_none = first = one_or_none = fetchone = nothing

    def fetchall(self, *_given: object) -> list:
        self.nothing()
        return []

    all = fetchmany = fetchall

    def __iter__(self) -> object:
        return iter(self.fetchall())

    def same(self, *_given: object) -> "Answer":
        return self

    scalars = mappings = unique = columns = same

    def close(self) -> None:
        """Nothing to end."""

    def __getattr__(self, name: str) -> NoReturn:
        raise RuntimeError(NO_DATABASE)


class EmptyDatabase:
    """What sqlalchemy.inspect() sees there."""

    def __getattr__(self, name: str) -> object:
        if name.startswith("has_"):
            return lambda what, *_given, **_more: (
                name == "has_schema" and what == "public"
            )
        if name.startswith("get_") and name.endswith(("s", "names")):
            return lambda *_given, **_more: []
        raise RuntimeError(NO_DATABASE)


def ended(text: str) -> str:
    """The statement with the ; that ends it, where psql would not overlook it."""
    text = text.strip("\r\n\t ")
    last = text.rpartition("\n")[2]
    if "--" in last:
        return f"{text}\n;"
    return text if text.endswith(";") else f"{text};"


NAME = r'(?:"(?:[^"]|"")+"|[\w$]+)'
VIEW = re.compile(
    rf"\s*CREATE\s+(?:OR\s+REPLACE\s+)?(?:TEMP\w*\s+)?(?:RECURSIVE\s+)?(?:MATERIALIZED\s+)?VIEW\s+"
    rf"(?:IF\s+NOT\s+EXISTS\s+)?((?:{NAME}\s*\.\s*)?{NAME})",
    re.IGNORECASE,
)
SCHEMA = re.compile(
    rf"\s*CREATE\s+SCHEMA\s+(?:IF\s+NOT\s+EXISTS\s+)?({NAME})\s*;?\s*\Z", re.I
)


def plain(name: str) -> str:
    """A name without its quotes."""
    return ".".join(
        n[1:-1].replace('""', '"') if n[0] == '"' else n.lower()
        for n in re.findall(NAME, name)
    )


class Writer:
    """The statements of all that is created, in the order of creation."""

    def __init__(self, models: Models) -> None:
        from sqlalchemy.dialects import postgresql

        self.models = models
        # A style without % in it: with the driver's own each % would be doubled.
        self.dialect = postgresql.dialect(paramstyle="named")
        # What a connection would say of today's servers.
        self.dialect._backslash_escapes = False
        major = os.environ.get("PG_MAJOR", "").partition(".")[0]
        self.dialect.server_version_info = (int(major) if major.isdigit() else 15, 0)
        # The index is the same, and an empty database needs no care.
        self.dialect._supports_create_index_concurrently = False
        self.statements: list = []  # (MetaData, element, text)
        self.current: object = None

    def connection(self) -> object:
        from sqlalchemy import inspection
        from sqlalchemy.engine.mock import MockConnection

        writer = self

        class Recorder(MockConnection):
            """A connection that notes each statement it gets, and answers nothing."""

            def __init__(self, dialect):
                self._dialect = dialect

            def execute(self, statement, *parameters, **more):
                # 1.4 takes a statement's values by name, too.
                if more and not {"execution_options", "parameters"} & set(more):
                    parameters = (more,)
                return writer.take(statement, more.get("parameters") or parameters)

            exec_driver_sql = execute

            def scalar(self, *given, **more):
                return self.execute(*given, **more).scalar()

            def scalars(self, *given, **more):
                return self.execute(*given, **more)

            def begin(self):
                return contextlib.nullcontext(self)

            begin_nested = begin

            def commit(self) -> None:
                """Nothing to end."""

        inspection._inspects(Recorder)(lambda _connection: EmptyDatabase())
        return Recorder(self.dialect)

    def take(self, element: object, parameters: tuple = ()) -> Answer:
        self.statements.append((self.current, element, self.text(element, parameters)))
        return Answer(self.statements)

    def text(self, element: object, parameters: tuple = ()) -> str:
        from sqlalchemy.sql.dml import UpdateBase
        from sqlalchemy.sql.elements import ClauseElement, TextClause
        from sqlalchemy.sql.selectable import SelectBase

        if isinstance(element, str):
            # As the drivers read it: a percent sign is written twice.
            return element.replace("%%", "%")
        if isinstance(element, UpdateBase):
            table = getattr(element.table, "fullname", "a table")
            warn(
                table,
                f"rows are no part of a schema: {type(element).__name__} left out",
            )
            return ""
        if not isinstance(element, ClauseElement):
            return str(element)
        values = parameters
        if values and not isinstance(values, dict):
            values = values[0] if isinstance(values[0], dict) else {}
        if values and hasattr(element, "bindparams"):
            # A name that SQLAlchemy quotes is a kind of str whose type it does not know.
            plain_values = {
                k: str(v) if isinstance(v, str) else v for k, v in values.items()
            }
            element = element.bindparams(**plain_values)
        options = {}
        if isinstance(element, TextClause):
            # A colon in a string is taken for a value's place: nobody gives one,
            # and it is written as it was.
            unset = [
                n
                for n, b in element._bindparams.items()
                if b.required and b.value is None
            ]
            if unset and len(unset) < len(element._bindparams):
                raise ValueError(
                    f"no value for :{unset[0]} in {element.text.strip()[:60]!r}"
                )
            if not unset:
                options = {"compile_kwargs": {"literal_binds": True}}
        elif isinstance(element, SelectBase):
            options = {"compile_kwargs": {"literal_binds": True}}
        return str(element.compile(dialect=self.dialect, **options))

    def create(self, meta: object) -> None:
        self.current = meta
        try:
            meta.create_all(self.connection(), checkfirst=False)
        except Exception as e:
            explain(self.place_of(meta, e), e)

    def place_of(self, meta: object, error: Exception) -> str:
        """The table the message speaks of, where no line of ours is on the way."""
        tables = sorted(meta.tables.values(), key=lambda t: -len(t.fullname))
        for table in tables:
            if (
                re.search(rf"\b{re.escape(table.name)}\b", str(error))
                and table in self.models.places
            ):
                return f"{self.models.places[table]}: table '{table.fullname}'"
        return ", ".join(self.models.names)

    def entity(self, entity: object) -> None:
        self.current = entity
        try:
            made = entity.to_sql_statement_create()
            for statement in [made] if hasattr(made, "compile") else list(made):
                self.take(statement)
        except Exception as e:
            explain(entity.identity, e)

    def chosen(self) -> list:
        """(place, text), without what is there twice.

        One enum in two MetaData is created by each. And a view is mapped as a
        table of its name (sqlalchemy_utils gives that a MetaData of its own).
        """
        from sqlalchemy.schema import CreateIndex, CreateTable, SetTableComment

        views = {
            plain(m.group(1))
            for _, _, text in self.statements
            if (m := VIEW.match(text))
        }
        seen: dict = {}
        tables: dict = {}
        made: list = []
        for meta, element, text in self.statements:
            target = getattr(element, "element", None)
            table = getattr(target, "table", target)
            name = getattr(table, "fullname", None)
            is_table = isinstance(element, (CreateTable, CreateIndex, SetTableComment))
            if is_table and name in views and getattr(table, "metadata", None) is meta:
                continue
            if not text.strip():
                continue
            text = ended(text)
            is_type = type(element).__name__ in ("CreateEnumType", "CreateDomainType")
            if text in seen and (is_type or seen[text] is not meta):
                continue
            seen[text] = meta
            place = None
            if isinstance(element, CreateTable):
                place = self.models.places.get(table)
                if name in tables:
                    die(
                        place or name,
                        f"table '{name}' is in another MetaData too, with other columns"
                        + (f": {tables[name]}" if tables[name] else ""),
                    )
                tables[name] = place
            made.append((place, text))
        return made


def schemas_of(found: list) -> list:
    """The schemas of tables, of sequences and of the types of columns."""
    names = set()
    for meta in found:
        things = [*meta.tables.values(), *meta._sequences.values()]
        for table in meta.tables.values():
            for column in table.columns:
                kind = column.type
                while kind is not None:
                    things.append(kind)
                    kind = getattr(kind, "item_type", None)
        names |= {
            s for t in things if isinstance(s := getattr(t, "schema", None), str) and s
        }
    return sorted(names - {"public"})


# What a table may need; and what needs tables, in the order to create it in.
LATER = ("PGView", "PGMaterializedView", "PGTrigger", "PGPolicy", "PGGrantTable")


def sorted_entities(found: list, tables: str) -> tuple:
    """What goes before the tables, and what after them.

    Functions after the tables, whose rows they may take, but for those that a
    table calls. A view after the views it names.
    """
    before, after = [], []
    for entity in found:
        kind = type(entity).__name__
        name = entity.signature.partition("(")[0].strip().strip('"')
        calls = re.search(rf'\b{re.escape(name)}"?\s*\(', tables)
        is_early = kind == "PGExtension" or (kind == "PGFunction" and calls)
        (before if is_early else after).append(entity)
    before.sort(key=lambda e: type(e).__name__ != "PGExtension")
    after.sort(key=lambda e: LATER.index(k) if (k := type(e).__name__) in LATER else -1)
    done: list = []

    def visit(entity: object, on_the_way: tuple) -> None:
        if entity in done or entity in on_the_way:
            return
        if "View" in type(entity).__name__:
            for other in after:
                if "View" in type(other).__name__ and re.search(
                    rf"\b{re.escape(other.signature)}\b", entity.definition
                ):
                    visit(other, (*on_the_way, entity))
        done.append(entity)

    for entity in after:
        visit(entity, ())
    return before, done


def sql(models: Models) -> str:
    """All of it, as psql loads it."""
    found = metadatas(models)
    objects = entities(models)
    if not found and not objects and os.environ.get("ALLOW_EMPTY") != "1":
        die(
            " ".join(models.names),
            "no SQLAlchemy tables found there; fix: name the modules that define them, or say ALLOW_EMPTY=1",
        )
    tables = Writer(models)
    for meta in found:
        tables.create(meta)
    made = tables.chosen()
    all_text = "\n".join(text for _, text in made)
    before, after = sorted_entities(objects, all_text)
    parts = []
    for group in (before, after):
        writer = Writer(models)
        for entity in group:
            writer.entity(entity)
        parts.append(writer.chosen())
    schemas = schemas_of(found)
    schemas += sorted({e.schema.strip('"') for e in objects} - {*schemas, "public"})
    out = []
    for schema in schemas:
        quoted = schema.replace('"', '""')
        out.append(f'CREATE SCHEMA IF NOT EXISTS "{quoted}";\n')
    if objects:
        # As pg_dump has it: a body may name what comes later.
        out.append("SET check_function_bodies = off;\n")
    for place, text in [*parts[0], *made, *parts[1]]:
        match = SCHEMA.match(text)
        if match and plain(match.group(1)) in schemas:
            continue
        out.append((f"-- {place}\n" if place else "") + f"{text}\n")
    return "\n".join(out) or "-- no tables\n"


# --- what it was made from ---------------------------------------------------------
def write_depfile(path: str, models: Models) -> None:
    files = {getattr(m, "__file__", None) for m in imported()} - {None}
    # Of what lies elsewhere: what lies where modules are looked for, or behind a link here.
    here = str(ROOT) + os.sep
    where = [str(ROOT), *(d for d in sys.path if os.path.isdir(d))]
    elsewhere = tuple(d + os.sep for d in where if not is_known(d + os.sep))

    def counts(f: str) -> bool:
        return is_ours(f) or f.startswith(elsewhere) and not is_known(f)

    def name(f: str) -> str:
        f = relative(f)
        return f[len(here) :] if f.startswith(here) else f

    names = {name(f) for f in files if not is_known(f)}
    # A package would come before a module of that name; what was not found may come.
    bare = {f[:-3] for f in names if f.endswith(".py") and not f.endswith("__init__.py")}
    bare |= {name(f) for f in missed if counts(f)}
    names |= {f"{f}/__init__.py" for f in bare}
    names |= {f"{name(f)}.py" for f in missed if counts(f)}
    names |= {name(f) for f in opened if counts(f)}
    names |= {f"{name(d)}/" for d in models.directories if counts(d)}
    names |= {f"{name(d)}/*" for d in listed if counts(d) or d == str(ROOT)}
    tmp = f"{path}.{os.getpid()}.tmp"
    with open(tmp, "w", encoding="utf-8", errors="surrogateescape") as out:
        out.writelines(f"{f}\n" for f in sorted(names))
    os.replace(tmp, path)


def main() -> None:
    try:
        options, names = getopt.getopt(sys.argv[1:], "hp:x:")
    except getopt.GetoptError as e:
        print(f"{PROG}: {e}", file=sys.stderr)
        options, names = [], []
    if ("-h", "") in options:
        print(USAGE)
        sys.exit(0)
    if not names:
        print(USAGE, file=sys.stderr)
        sys.exit(2)
    search_path([v for o, v in options if o == "-p"], names)
    # What the models print while they load is not SQL.
    stdout, sys.stdout = sys.stdout, sys.stderr
    import_lazily(LAZY)
    try:
        import sqlalchemy as sa
        import sqlalchemy.dialects.postgresql
        import sqlalchemy.orm  # noqa: F401
    except ImportError as e:
        die(sys.executable, f"{e}: run 'make install'")
    if sa.__version__.startswith(("0.", "1.0", "1.1", "1.2", "1.3")):
        die("sqlalchemy", f"version {sa.__version__} is too old; fix: use 1.4 or later")
    # From here on byte code goes beside nobody's sources. Not earlier: what the
    # environment's packages were compiled to at installation is still to be used.
    if os.environ.get("SCHEMA_PYCACHE"):
        sys.pycache_prefix = os.environ["SCHEMA_PYCACHE"]
        trust_marks()
        sys.dont_write_bytecode = False
    models = Models([v for o, v in options if o == "-x"])
    sa.event.listen(sa.Table, "after_parent_attach", models.note_table)
    note_reading()
    import_named(models, names)
    text = sql(models)
    stdout.write(text)
    stdout.flush()
    # A script that calls this one may read more: it has to speak for itself.
    if os.environ.get("SCHEMA_DEPFILE") and PROG in os.environ.get("SCHEMA", PROG):
        write_depfile(os.environ["SCHEMA_DEPFILE"], models)
    # Nor need the interpreter look through it all on its way out.
    gc.freeze()


if __name__ == "__main__":
    main()
