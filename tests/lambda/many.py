#!/usr/bin/env python3
"""many.py - a fleet of TARGETS (1,000) on one PostgreSQL, as the state machine
would have it: no more than AT_ONCE (8) of them at a time, each an invocation of
the same function with a target of its own, a report of all of them at the end.

Every hundredth target is broken. The others are all in, each told right; a second
round finds nothing to do there; and when the broken ones are mended, and tried again
alone, the whole fleet is at the same version. Prints what it took.
"""

import collections
import concurrent.futures
import json
import os
import queue
import time

from cell import GOOD
from stage import Stage

TARGETS = int(os.environ.get("TARGETS") or 1000)
AT_ONCE = int(os.environ.get("AT_ONCE") or 8)
DATABASES = 10
LAST = max(GOOD)[:14]


def targets(stage):
    """A schema each, in ten databases."""
    databases = [stage.database() for _ in range(DATABASES)]
    found = []
    for d, name in enumerate(databases):
        with stage.sql(name) as db:
            for n in range(d, TARGETS, DATABASES):
                db.run(f"CREATE SCHEMA tenant_{n} AUTHORIZATION migrator")
                if broken(n):
                    db.run(f"CREATE TABLE tenant_{n}.two (id integer)")
    for n in range(TARGETS):
        found.append({"DatabaseName": databases[n % DATABASES], "DatabaseSchema": f"tenant_{n}", "Baseline": "none"})
    return found


def broken(n):
    """Whether somebody's table is in the way of that one."""
    return n % 100 == 1


def played(functions, work):
    """Each target's verdict, and the seconds each took, by that many functions."""
    report, seconds = [None] * len(work), []
    todo = queue.SimpleQueue()
    for item in enumerate(work):
        todo.put(item)

    def run(f):
        while True:
            try:
                n, target = todo.get_nowait()
            except queue.Empty:
                return
            began = time.monotonic()
            status, text = f.invoke(target)
            assert status == 200 and text.startswith("{"), (n, status, text, f.log()[-3000:])
            report[n] = json.loads(text)
            seconds.append(time.monotonic() - began)

    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(len(functions)) as pool:
        for done in [pool.submit(run, f) for f in functions]:
            done.result()
    return report, sorted(seconds), time.monotonic() - began


def at(report):
    """Who is where: how many targets at which version, with which status."""
    return collections.Counter((r["status"], r["version"], r["applied"]) for r in report)


def main():
    """Three rounds."""
    bad = sum(map(broken, range(TARGETS)))
    with Stage() as stage:
        fleet = targets(stage)
        databases = {t["DatabaseName"] for t in fleet}
        functions = [stage.function(migrations=GOOD, timeout=60).start() for _ in range(AT_ONCE)]
        try:
            for what in ("new", "nothing to do", "mended"):
                want = {("SUCCESS", LAST, 3): TARGETS - bad, ("FAILED", LAST, 1): bad}
                if what == "mended":
                    want = {("SUCCESS", LAST, 3): bad}
                    for n, target in enumerate(fleet):
                        if broken(n):
                            with stage.sql(target["DatabaseName"]) as db:
                                db.run(f"DROP TABLE tenant_{n}.two")
                    fleet = [target for n, target in enumerate(fleet) if broken(n)]
                report, seconds, took = played(functions, fleet)
                assert at(report) == want, at(report)
                for n, r in enumerate(report):
                    if r["status"] == "FAILED":
                        assert broken(n) and 'relation "two" already exists' in r["reason"], (n, r)
                median, most = seconds[len(seconds) // 2], seconds[-1]
                print(
                    f"{len(fleet)} targets, {AT_ONCE} at once, {what}: {took:.0f} s, {took / len(fleet) * 1000:.0f} ms a target"
                    f" (one alone: median {median:.2f} s, most {most:.2f} s); load {os.getloadavg()[0]:.1f}",
                    flush=True,
                )
            for name in databases:
                with stage.sql(name) as db:
                    rows = db.run(
                        "SELECT count(DISTINCT table_schema), count(*) FROM information_schema.tables"
                        " WHERE table_schema LIKE 'tenant%' AND table_name IN ('one', 'two', 'three')"
                    )
                    schemas = db.run("SELECT nspname::text FROM pg_namespace WHERE nspname LIKE 'tenant%'")
                    newest = [db.run(f"SELECT max(version) FROM {s}.atlas_schema_revisions")[0][0] for (s,) in schemas]
                    at_last = newest.count(LAST)
                n = TARGETS // DATABASES
                assert (rows, at_last) == ([[n, 3 * n]], n) or TARGETS % DATABASES, (rows, at_last)
        finally:
            for f in functions:
                f.stop()


if __name__ == "__main__":
    main()
