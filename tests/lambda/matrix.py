#!/usr/bin/env python3
"""matrix.py RESULTS - run the function through everything that happens to it.

Each row is one situation, played for Create, Update and Delete. For each cell:
the answers CloudFormation took, their size, ids, status and reason, the time
they came, the state of the database, and that the next invoke works.
"""

import json
import socket
import threading
import time

from cell import GOOD, ONE, THREE, TWO, main, row
from stage import ENGINE, PASSWORD

# The driver of the vendor's command never returns from an error of more than
# 30,000 bytes.
ATLAS_DRIVER_HANGS = not ENGINE
# What is said of a server that says nothing. Whether the vendor's driver gives up, or
# is stopped before, depends on the time that is left.
SILENCE = "context deadline exceeded" if ENGINE else "the database is there and does not answer"


@row
def all_applied(c):
    """The plain case, and everything the log must tell."""
    f = c.function()
    body = c.answer(f, c.event(f), "SUCCESS", "All 3 migrations", "3 of them applied now")
    c.state(3, untouched_by_delete=False)
    if c.kind != "Delete":
        assert body["Data"] == {"Version": "20240103000000", "Applied": "3", "Total": "3"}, body
    done = [line for line in f.log_lines() if "_aws" in line]
    assert len(done) == 1, f.log()
    done = done[0]
    assert done["outcome"] == "SUCCESS" and done["requestId"] and done["durationMs"] > 0, done
    assert done["MigrationsApplied"] == (0 if c.kind == "Delete" else 3), done
    metrics = done["_aws"]["CloudWatchMetrics"][0]
    for m in metrics["Metrics"]:
        assert isinstance(done[m["Name"]], int), m
    for d in metrics["Dimensions"][0]:
        assert done[d], d
    assert abs(done["_aws"]["Timestamp"] / 1000 - time.time()) < 60
    c.next_works(f)


@row
def nothing_pending(c):
    """All is there already."""
    f = c.function()
    c.answer(f, c.event(f, "Create"), "SUCCESS")
    c.answer(f, c.event(f), "SUCCESS", "All 3 migrations", "0 of them applied now")
    c.next_works(f)


@row
def sql_error(c):
    """The second of three files fails."""
    f = c.function({**GOOD, TWO: 'CREATE TABLE "two" ("id" integer);\nSELECT nope;\n'})
    c.answer(f, c.event(f), "FAILED", f"{TWO}:2", 'column "nope" does not exist', "1 of 3 migrations")
    c.state(1, untouched_by_delete=False)
    f.set_migrations(GOOD)
    c.next_works(f)


@row
def hash_mismatch(c):
    """Template and package do not belong together."""
    f = c.function()
    e = c.event(f, hash_value="h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
    c.answer(f, e, "FAILED", "MigrationHash is 'h1:AAAA", f.total(), "make hash-migrations")
    c.state(0)
    c.next_works(f)


@row
def no_hash(c):
    """The template's resource has no MigrationHash."""
    f = c.function()
    e = c.event(f)
    del e["ResourceProperties"]["MigrationHash"]
    c.answer(f, e, "FAILED", "MigrationHash is ''")
    c.state(0)
    c.next_works(f)


@row
def atlas_sum_broken(c):
    """The package's files are not what its atlas.sum says; one has an odd name."""
    f = c.function()
    total = f.total()
    f.set_migrations({**GOOD, TWO: "SELECT 1;\n", '2024 "odd" \udcff.sql': "SELECT 2;\n"}, hashed=False)
    good = f.dir / "good"
    good.mkdir()
    (f.package / "migrations" / "atlas.sum").write_text(
        f"{total}\n{ONE} h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", encoding="ascii"
    )
    c.answer(f, c.event(f, hash_value=total), "FAILED", "do not match their atlas.sum", TWO, "make check-migrations")
    c.state(0)
    f.set_migrations(GOOD)
    c.next_works(f)


@row
def database_unreachable(c):
    """Nobody listens there; then somebody who says nothing."""
    f = c.function(DB_PORT="1")
    c.answer(f, c.event(f), "FAILED", "connection refused")
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        g = c.function(DB_PORT=str(silent.getsockname()[1]), timeout=8)
        c.answer(g, c.event(g), "FAILED", SILENCE)
    c.state(0)
    f.stop()
    f.env["DB_PORT"] = str(c.stage.pg_port)
    c.next_works(f.start())


@row
def wrong_password(c):
    """The database refuses us."""
    f = c.function(DB_PASSWORD="wrong-" + PASSWORD)
    c.answer(f, c.event(f), "FAILED", 'password authentication failed for user "migrator"')
    c.state(0)
    f.stop()
    f.env["DB_PASSWORD"] = PASSWORD
    c.next_works(f.start())


@row
def advisory_lock_held(c):
    """Another deploy holds Atlas's lock, longer than we can wait."""
    f = c.function(timeout=7, LOCK_TIMEOUT="500ms")
    with c.stage.sql(c.db) as db:
        db.run("SELECT pg_advisory_lock(2686470616)")
        c.answer(f, c.event(f), "FAILED", "acquiring database lock", "Another deploy", "0 of 3 migrations")
        c.state(0)
    c.next_works(f)


@row
def advisory_lock_and_all_applied(c):
    """The lock is held, but there is nothing we need it for."""
    f = c.function(timeout=8, LOCK_TIMEOUT="500ms")
    c.answer(f, c.event(f, "Create"), "SUCCESS")
    with c.stage.sql(c.db) as db:
        db.run("SELECT pg_advisory_lock(2686470616)")
        c.answer(f, c.event(f), "SUCCESS", "All 3 migrations", "0 of them applied now")
    c.next_works(f)


@row
def advisory_lock_let_go(c):
    """Another deploy ends in time, though later than lock_timeout."""
    f = c.function(LOCK_TIMEOUT="300ms")
    with c.stage.sql(c.db) as db:
        db.run("SELECT pg_advisory_lock(2686470616)")
        timer = threading.Timer(1.5, lambda: db.run("SELECT pg_advisory_unlock_all()"))
        timer.start()
        c.answer(f, c.event(f), "SUCCESS", "All 3")
        timer.join()
    c.state(3, untouched_by_delete=False)
    c.next_works(f)


@row
def table_lock_held(c):
    """A statement waits for a table longer than lock_timeout."""
    f = c.function({ONE: GOOD[ONE]}, LOCK_TIMEOUT="300ms")
    c.answer(f, c.event(f, "Create"), "SUCCESS")
    f.set_migrations(GOOD)
    with c.stage.sql(c.db) as db:
        db.run("BEGIN")
        db.run('LOCK TABLE "one" IN ACCESS EXCLUSIVE MODE')
        c.answer(f, c.event(f), "FAILED", "lock timeout", "LockTimeout (300ms)", TWO, "1 of 3")
        db.run("ROLLBACK")
    c.state(1)
    c.next_works(f)


@row
def deadline_near(c):
    """A statement runs when the function's time is up."""
    f = c.function({**GOOD, TWO: GOOD[TWO] + "SELECT pg_sleep(60);\n"}, timeout=8)
    c.answer(f, c.event(f), "FAILED", "time is up", "1 of 3 migrations", "goes on from there", TWO)
    c.state(1, untouched_by_delete=False)
    c.nothing_runs()
    f.set_migrations(GOOD)
    c.next_works(f)


@row
def deadline_near_outside_transaction(c):
    """The same in a file that runs outside a transaction."""
    none = "-- atlas:txmode none\n\n" + GOOD[TWO]
    f = c.function({**GOOD, TWO: none + "SELECT pg_sleep(60);\n"}, timeout=8)
    c.answer(f, c.event(f), "FAILED", "time is up", "1 of 3 migrations", f"{TWO} (2 of 3 statements)")
    c.state(1, ("one", "two"), untouched_by_delete=False)
    c.nothing_runs()
    f.set_migrations({**GOOD, TWO: none + "SELECT 1;\n"})
    c.next_works(f)


@row
def answer_403(c):
    """An expired or altered URL: no use in trying again."""
    f = c.function()
    c.answer(f, c.event(f), "SUCCESS", faults=[403, 403, 403], accepted=0, tries=1)
    assert [line for line in f.log_lines() if "did not take the answer: HTTP 403" in line["message"]], f.log()
    c.state(3, untouched_by_delete=False)
    c.next_works(f)


@row
def answer_bad_signature(c):
    """The same from the real thing, which checks the signature."""
    f = c.function()
    e = c.event(f)
    e["ResponseURL"] = e["ResponseURL"].replace("Signature=", "Signature=A")
    c.answer(f, e, "SUCCESS", accepted=0, tries=1)
    assert [p["status"] for p in c.stage.puts(e)] == [403]
    c.state(3, untouched_by_delete=False)
    c.next_works(f)


@row
def answer_500(c):
    """Two failures of the bucket, then it works."""
    f = c.function()
    c.answer(f, c.event(f), "SUCCESS", faults=[500, 503], tries=3)
    c.state(3, untouched_by_delete=False)
    c.next_works(f)


@row
def answer_hangs(c):
    """The bucket says nothing the first time."""
    f = c.function(timeout=8)
    c.answer(f, c.event(f), "SUCCESS", faults=["hang"], tries=2)
    c.state(3, untouched_by_delete=False)
    c.next_works(f)


@row
def answer_hangs_on(c):
    """The bucket never says anything: we end in time."""
    f = c.function(timeout=8)
    c.answer(f, c.event(f), "SUCCESS", faults=["hang"] * 99, accepted=0)
    c.state(3, untouched_by_delete=False)
    c.next_works(f)


@row
def error_of_100_kb(c):
    """A long error with quotes; a long line with bytes that are no UTF-8."""
    # The server lets out no byte that is not UTF-8; Atlas quotes the file.
    raised = """DO $$ BEGIN RAISE EXCEPTION '%end of it', 'begin "quoted" \\ ' || repeat('x"é\\', 25000); END $$;\n"""
    f = c.function({**GOOD, TWO: raised})
    if ATLAS_DRIVER_HANGS:
        f.stop()
        f = c.function({**GOOD, TWO: raised}, timeout=12)
        c.answer(f, c.event(f), "FAILED", TWO, "more than 30,000 bytes", "1 of 3 migrations", "goes on from there")
    else:
        body = c.answer(f, c.event(f), "FAILED", TWO, 'begin "quoted" \\ x"é\\', "1 of 3 migrations", "goes on from there")
        if c.kind != "Delete":
            assert len(json.dumps(body, ensure_ascii=False).encode()) > 3500
    f.set_migrations({**GOOD, TWO: b"SELECT 'begin \"quoted\" \xff\xfe \xc3" + 25000 * b'x"\xfe' + b"';\n"})
    body = c.answer(f, c.event(f), "FAILED", TWO, "invalid byte sequence", 'begin "quoted"', "1 of 3 migrations")
    if c.kind != "Delete":
        assert "\ufffd" in body["Reason"]
    c.state(1, untouched_by_delete=False)
    f.set_migrations(GOOD)
    c.next_works(f)


@row
def event_redelivered(c):
    """The same event again: answered once by a sandbox, the same by another."""
    f = c.function()
    e = c.event(f)
    first = c.answer(f, e, "SUCCESS")
    assert f.invoke(e) == (200, '{"status":"SUCCESS"}')
    assert len(c.stage.puts(e)) == 1, "answered twice"
    c.state(3, untouched_by_delete=False)
    g = c.function()
    again = c.answer(g, e, "SUCCESS")
    assert again["PhysicalResourceId"] == first["PhysicalResourceId"]
    c.state(3, untouched_by_delete=False)
    c.next_works(f)


@row
def database_ahead(c):
    """A rollback to an older package."""
    new = c.function()
    c.answer(new, c.event(new, "Create"), "SUCCESS")
    f = c.function({ONE: GOOD[ONE], TWO: GOOD[TWO]})
    c.answer(f, c.event(f), "SUCCESS", "All 2 migrations", "ahead of this package by 1")
    c.state(3)
    c.next_works(new)


@row
def partial_revision_gone(c):
    """A rollback over a revision that is applied in part."""
    new = c.function({**GOOD, THREE: "-- atlas:txmode none\n\n" + GOOD[THREE] + "SELECT nope;\n"})
    c.answer(new, c.event(new, "Create"), "FAILED", "2 of 3", f"{THREE} (1 of 2 statements)")
    f = c.function({ONE: GOOD[ONE], TWO: GOOD[TWO]})
    c.answer(f, c.event(f), "SUCCESS", "All 2 migrations", "20240103000000 is applied in part")
    c.state(2, ("one", "three", "two"))
    c.next_is(f, "SUCCESS", "All 2 migrations")
    mended = c.function({**GOOD, THREE: "-- atlas:txmode none\n\n" + GOOD[THREE] + "SELECT 1;\n"})
    c.answer(mended, c.event(mended, "Update"), "SUCCESS", "All 3 migrations")
    c.state(3)


@row
def file_in_between(c):
    """A file that sorts before the last one applied, and is not."""
    f = c.function({ONE: GOOD[ONE], THREE: GOOD[THREE]})
    c.answer(f, c.event(f, "Create"), "SUCCESS")
    f.set_migrations(GOOD)
    c.answer(f, c.event(f), "FAILED", TWO, "2 of 3 migrations")
    c.state(2, ("one", "three"))
    f.set_migrations({ONE: GOOD[ONE], THREE: GOOD[THREE], "20240104000000_late.sql": GOOD[TWO]})
    c.answer(f, c.event(f, "Update"), "SUCCESS", "All 3 migrations")
    c.state(3)


@row
def baseline(c):
    """A database older than Atlas."""
    with c.stage.sql(c.db) as db:
        db.run("SET ROLE migrator")
        db.run(GOOD[ONE])
        db.run(GOOD[TWO].split("\n", maxsplit=1)[0])
        db.run(GOOD[TWO].split("\n")[1])
    f = c.function()
    c.answer(f, c.event(f), "FAILED", "baseline", "Baseline")
    c.state(0, ("one", "two"))
    g = c.function(BASELINE="20240102000000")
    c.answer(g, c.event(g), "SUCCESS", "All 3 migrations", "1 of them applied now")
    if c.kind == "Delete":
        c.answer(g, c.event(g, "Create"), "SUCCESS", "1 of them applied now")
    c.answer(f, c.event(f, "Update"), "SUCCESS", "All 3 migrations", "0 of them applied now")
    # The baseline is a revision, and so is the third file.
    c.state(2, ("one", "three", "two"))


if __name__ == "__main__":
    main()
