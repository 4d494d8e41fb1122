#!/usr/bin/env python3
"""load_models.py MODULE... - print the SQL of SQLAlchemy models.

Imports each module by its dotted name from the repository's root (all of a
package's submodules too), and prints PostgreSQL DDL for every MetaData found,
through atlas-provider-sqlalchemy. The way the provider's own command walks a
directory, importing files under invented names, breaks relative imports and
registers a table twice when one file imports another; names do not.

With SCHEMA_DEPFILE in the environment the files that were imported from below
the root are written there, one a line: what a later run has to look at.

Exit 0; 2 when a module does not import, with file, line and cause.
"""

import gc
import importlib
import importlib.util
import os
import pkgutil
import sys
import traceback
from pathlib import Path
from typing import NoReturn

# Nothing made here is thrown away before the end: a tenth of the time otherwise.
gc.disable()

PROG = Path(sys.argv[0]).name
ROOT = Path.cwd()


def die(where: str, what: str) -> NoReturn:
    print(f"{PROG}: {where}: {what}", file=sys.stderr)
    sys.exit(2)


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


def relative(path: str) -> str:
    try:
        return str(Path(path).resolve().relative_to(ROOT.resolve()))
    except ValueError:
        return path


# SQLAlchemy imports it for its plugins: forty modules that no rendering uses.
LAZY = "importlib.metadata"
STDLIB = str(Path(os.__file__).parent) + os.sep


def is_ours(path: str) -> bool:
    """Below the root, and not in the environment of packages below it."""
    # Nearly all are Python's own or installed: no need to look at the disk.
    if "site-packages" in path or path.startswith(STDLIB):
        return False
    rel = relative(path)
    return not os.path.isabs(rel) and not rel.startswith((".cache/", "<"))


def explain(name: str, error: BaseException) -> NoReturn:
    """Name the deepest line of ours on the way to the error."""
    if isinstance(error, SyntaxError) and error.filename:
        die(f"{relative(error.filename)}:{error.lineno}", f"SyntaxError: {error.msg}")
    where = name
    for frame in traceback.extract_tb(error.__traceback__):
        path = relative(frame.filename)
        if is_ours(frame.filename) and path != relative(__file__):
            where = f"{path}:{frame.lineno}"
    die(where, f"{type(error).__name__}: {error}")


def import_all(name: str) -> None:
    module = importlib.import_module(name)
    for info in pkgutil.walk_packages(
        getattr(module, "__path__", []), f"{name}.", onerror=lambda _: None
    ):
        importlib.import_module(info.name)


def imported() -> list:
    """The modules there are; to look into a lazy one would be to use it."""
    return [m for name, m in list(sys.modules.items()) if name != LAZY]


def metadatas() -> list:
    """Every MetaData with tables that an imported module of ours can see."""
    import sqlalchemy as sa

    found = []
    for module in imported():
        path = getattr(module, "__file__", None)
        if not path or not is_ours(path):
            continue
        for value in list(vars(module).values()):
            meta = value if isinstance(value, sa.MetaData) else getattr(value, "metadata", None)
            # Of importlib that is the lazy one, which isinstance would look into.
            if issubclass(type(meta), sa.MetaData) and meta.tables and meta not in found:
                found.append(meta)
    return found


def write_depfile(path: str) -> None:
    files = (getattr(m, "__file__", None) for m in imported())
    ours = sorted({relative(f) for f in files if f and is_ours(f)})
    tmp = f"{path}.{os.getpid()}.tmp"
    with open(tmp, "w", encoding="utf-8", errors="surrogateescape") as out:
        out.writelines(f"{f}\n" for f in ours)
    os.replace(tmp, path)


def main() -> None:
    names = sys.argv[1:]
    if not names or names[0].startswith("-"):
        print(f"usage: {PROG} module ...", file=sys.stderr)
        sys.exit(2)
    sys.path.insert(0, str(ROOT))
    # What the models print while they load is not SQL.
    stdout, sys.stdout = sys.stdout, sys.stderr
    import_lazily(LAZY)
    try:
        import sqlalchemy.dialects.postgresql  # noqa: F401
        import sqlalchemy.orm  # noqa: F401
        from atlas_provider_sqlalchemy.ddl import dump_ddl
    except ImportError as e:
        die(sys.executable, f"{e}: run 'make install'")
    # From here on byte code goes beside nobody's sources. Not earlier: what the
    # environment's packages were compiled to at installation is still to be used.
    if os.environ.get("SCHEMA_PYCACHE"):
        sys.pycache_prefix = os.environ["SCHEMA_PYCACHE"]
        sys.dont_write_bytecode = False
    for name in names:
        try:
            import_all(name)
        except (Exception, SystemExit) as e:
            explain(name, e)
    found = metadatas()
    if not found:
        die(" ".join(names), "no SQLAlchemy tables found there")
    schemas = sorted({t.schema for m in found for t in m.tables.values() if t.schema})
    sys.stdout = stdout
    for schema in schemas:
        if schema != "public":
            quoted = schema.replace('"', '""')
            print(f'CREATE SCHEMA IF NOT EXISTS "{quoted}";\n')
    dump_ddl("postgresql", found, [])
    sys.stdout.flush()
    if os.environ.get("SCHEMA_DEPFILE"):
        write_depfile(os.environ["SCHEMA_DEPFILE"])
    # Nor need the interpreter look through it all on its way out.
    gc.freeze()


if __name__ == "__main__":
    main()
