#!/usr/bin/env python3
"""squashed.py BEFORE AFTER - the function with a directory of migrations before a
checkpoint was written, and after: a database that has them all, one that has half of
them, and a new one go on.
"""

import pathlib
import sys

from cell import Cell
from stage import Stage


def main():
    """Three databases."""
    before, after = ({p.name: p.read_text(encoding="utf-8") for p in pathlib.Path(d).glob("*.sql")} for d in sys.argv[1:3])
    (checkpoint,) = set(after) - set(before)
    names = sorted(before)
    half = {n: before[n] for n in names[: len(names) // 2]}
    more = {**after, "20991231000000_after.sql": "CREATE TABLE after_it (id integer);\n"}
    with Stage() as stage:
        c = Cell(stage, "Update")
        with c.exit:
            for what, has, told in (
                ("all", before, (f"All {len(before)} migrations", "0 of them applied now")),
                ("half", half, (f"All {len(before)} migrations", f"{len(before) - len(half)} of them applied now")),
                ("new", None, (f"All {len(after)} migrations", "1 of them applied now")),
            ):
                f = c.function(has or after, DB_NAME=c.database(), timeout=60)
                if has:
                    c.answer(f, c.event(f), "SUCCESS", f"All {len(has)} migrations", f"{len(has)} of them applied now")
                    f.set_migrations(after)
                c.answer(f, c.event(f), "SUCCESS", *told)
                f.set_migrations(more)
                c.answer(f, c.event(f), "SUCCESS", "1 of them applied now")
                c.answer(f, c.event(f), "SUCCESS", "0 of them applied now")
                # A rollback, to the package before the checkpoint.
                if what == "all":
                    f.set_migrations(before)
                    c.answer(f, c.event(f), "SUCCESS", f"All {len(before)} migrations", "ahead of this package by 1")
                with stage.sql(f.env["DB_NAME"]) as db:
                    assert db.run("SELECT to_regclass('after_it') IS NOT NULL") == [[True]], what
                    rows = db.run("SELECT version FROM atlas_schema_revisions.atlas_schema_revisions")
                has_mark = [checkpoint.partition("_")[0]] in rows
                assert has_mark == (what == "new"), (what, rows)
            c.nothing_secret()


if __name__ == "__main__":
    main()
