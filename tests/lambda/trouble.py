#!/usr/bin/env python3
"""trouble.py RESULTS - trouble that passes, and trouble that does not.

A share of what steps.py plays at each step, and what has a step of its own: the database is
starting; a session is lost, in a transaction and outside one; an index is built
while others use its table. Where it ends in time the deploy does its work, once;
where not, the answer names the cause. SECONDS is how long it lasts here.
"""

import socket
import threading
import time

import pg8000
import steps
from cell import GOOD, TWO, main, once
from proxy import Gate
from stage import ATLAS, ENGINE, free_port, program

SECONDS = 2
TIMEOUT = 20
steps.register(
    {
        "away": "login first status",
        "silent": "connect status",
        "read-only": "last",
        "full": "connect",
        "stale": "first",
        "lock": "first status",
        "deadlock": "last",
    }
)


def later(c, what, seconds=SECONDS):
    """End the trouble, after that many seconds."""
    timer = threading.Timer(seconds, what)
    timer.start()
    c.exit.callback(timer.join)
    return timer


def told(f, kind, at_least=1):
    """The log has a line for each further try, and says for what."""
    lines = [line for line in f.log_lines() if line.get("cause") == kind]
    assert len(lines) >= at_least, (kind, f.log_lines())
    for line in lines:
        assert line["level"] == "WARN" and line["try"] >= 1 and line["remainingMs"] > 0, line


def gated(c, mode):
    """A function behind a gate."""
    gate = c.exit.enter_context(Gate(c.stage.dir / "pg", c.stage.pg_port, mode))
    return gate, c.function(DB_PORT=str(gate.port), timeout=TIMEOUT)


@once
def starting_for_a_while(c):
    """The database system is starting up."""
    gate, f = gated(c, "starting")
    later(c, lambda: gate.set("pass"))
    c.answer(f, c.event(f), "SUCCESS", "All 3 migrations", "3 of them applied now")
    told(f, "starting", 2)
    c.state(3)


@once
def starting_for_good(c):
    """And never ends it."""
    gate, f = gated(c, "starting")
    f.stop()
    f.timeout = 7
    f.env["AWS_LAMBDA_FUNCTION_TIMEOUT"] = "7"
    f.start()
    c.answer(f, c.event(f), "FAILED", "the database system is starting up", "It was tried")
    gate.set("pass")
    c.next_works(f)


@once
def port_taken(c):
    """Of the tests themselves: somebody takes the emulator's second port."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        given = [free_port(), other.getsockname()[1], free_port(), free_port()]
        f = c.function(start=False)
        f.free_port = lambda: given.pop(0)
        f.start()
    c.answer(f, c.event(f), "SUCCESS", "All 3 migrations")


@once
def standby_for_a_while(c):
    """What a standby says to the vendor's driver, which begins a transaction that writes."""
    f = c.function(start=False, timeout=TIMEOUT)
    said = "Error: sql/sqlclient: starting transaction: pq: cannot set transaction read-write mode during recovery (0A000)"
    mark = f.dir / "mark"
    first = f"if [ \"$2\" = apply ] && [ ! -f '{mark}' ]; then : >'{mark}'; echo '{said}' >&2; exit 1; fi"
    program(f.dir / "atlas", f"#!/bin/sh\n{first}\nexec '{ATLAS}' \"$@\"\n")
    f.env["ATLAS"] = str(f.dir / "atlas")
    f.start()
    c.answer(f, c.event(f), "SUCCESS", "All 3 migrations", "3 of them applied now")
    told(f, "read-only")
    c.state(3)


@once
def read_only_for_good(c):
    """A reader's endpoint."""
    f = c.function(timeout=7)
    with c.stage.sql("postgres") as db:
        db.run(f'ALTER DATABASE "{c.db}" SET default_transaction_read_only = on')
        c.answer(f, c.event(f), "FAILED", "read-only transaction", "fix: the property DatabaseHost must be the endpoint that writes")
        db.run(f'ALTER DATABASE "{c.db}" RESET default_transaction_read_only')
    c.state(0)


HELD = 7  # a number that a statement of the file waits for


def session_ends(c):
    """End the function's session while that statement waits, once; then let it have it."""
    held, ended = threading.Event(), []

    def end():
        with c.stage.sql(c.db) as db:
            db.run("SELECT pg_advisory_lock(:n)", n=HELD)
            held.set()
            until = time.monotonic() + 120
            while not ended and time.monotonic() < until:
                waits = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = :n"
                waits += " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
                ended.extend(db.run(waits, n=HELD))
                time.sleep(0.02)

    t = threading.Thread(target=end)
    t.start()
    c.exit.callback(t.join)
    held.wait()
    return ended


@once
def session_lost(c):
    """The session is lost in a file with a transaction: done again, once."""
    slow = {**GOOD, TWO: GOOD[TWO] + f'INSERT INTO "two" VALUES (1);\nSELECT pg_advisory_xact_lock({HELD});\n'}
    f = c.function(slow, timeout=TIMEOUT)
    ended = session_ends(c)
    c.answer(f, c.event(f), "SUCCESS", "All 3 migrations", "3 of them applied now")
    assert ended
    told(f, "lost")
    with c.stage.sql(c.db) as db:
        assert db.run('SELECT count(*) FROM "two"') == [[1]]
    c.state(3)


@once
def session_lost_outside_a_transaction(c):
    """There nobody knows how far it came: not done again, and said so."""
    none = "-- atlas:txmode none\n\n" + GOOD[TWO] + f'INSERT INTO "two" VALUES (1);\nSELECT pg_advisory_lock({HELD});\n'
    f = c.function({**GOOD, TWO: none}, timeout=TIMEOUT)
    ended = session_ends(c)
    if ENGINE:
        c.answer(f, c.event(f), "FAILED", "1 of 3 migrations", f"{TWO} (3 of 4 statements)", "runs outside a transaction")
    else:
        # The vendor's driver connects again by itself, and runs it again.
        c.answer(f, c.event(f), "SUCCESS")
    assert ended
    with c.stage.sql(c.db) as db:
        assert db.run('SELECT count(*) FROM "two"') == [[1]]


@once
def concurrently_waits(c):
    """CREATE INDEX CONCURRENTLY waits for a transaction longer than LockTimeout,
    which is not for it."""
    f = c.function(LOCK_TIMEOUT="300ms", timeout=TIMEOUT)
    c.answer(f, c.event(f), "SUCCESS")
    f.set_migrations({**GOOD, "20240104000000_i.sql": '-- atlas:txmode none\n\nCREATE INDEX CONCURRENTLY "i" ON "one" ("id");\n'})
    with c.stage.sql(c.db) as db:
        db.run("BEGIN")
        db.run('INSERT INTO "one" VALUES (1)')
        ended = []
        later(c, lambda: (ended.append(time.time()), db.run("COMMIT")))
        c.answer(f, c.event(f), "SUCCESS", "All 4 migrations", "1 of them applied now")
        assert ended and not [line for line in f.log_lines() if "cause" in line], f.log()
    with c.stage.sql(c.db) as db:
        assert db.run("SELECT indisvalid FROM pg_index WHERE indexrelid = 'i'::regclass") == [[True]]


INDEXES = (
    ('CREATE UNIQUE INDEX CONCURRENTLY "odd Name" ON "one" ("id");', '"odd Name"'),
    ("create  unique index\n  concurrently IF NOT EXISTS Plain on only public.one (id);", '"public"."plain"'),
    ('CREATE UNIQUE INDEX CONCURRENTLY i ON public."one" (id);', '"public"."i"'),
)


@once
def index_left_invalid(c):
    """It failed, is named, and goes by itself when the cause is gone."""
    for statement, name in INDEXES:
        db = c.database()
        f = c.function(timeout=TIMEOUT, DB_NAME=db)
        c.answer(f, c.event(f), "SUCCESS")
        with c.stage.sql(db) as conn:
            conn.run('INSERT INTO "one" VALUES (1), (1)')
        f.set_migrations({**GOOD, "20240104000000_i.sql": f"-- atlas:txmode none\n\n{statement}\n"})
        left = [[0]] if ENGINE else [[1]]
        causes = () if ENGINE else (f"DROP INDEX CONCURRENTLY IF EXISTS {name}",)
        c.answer(f, c.event(f), "FAILED", "could not create unique index", *causes)
        with c.stage.sql(db) as conn:
            # As if the function had been killed before it could tidy up.
            assert conn.run("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == left
            if ENGINE:
                try:
                    conn.run(statement.replace("IF NOT EXISTS ", ""))
                except pg8000.exceptions.DatabaseError:
                    pass
            assert conn.run("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == [[1]]
            conn.run('DELETE FROM "one"')
        if "exists" in statement.lower():
            note = ("is invalid, as CREATE INDEX CONCURRENTLY leaves one",) if ENGINE else ()
            c.answer(f, c.event(f), "SUCCESS", "All 4 migrations", *note)
            continue
        if not ENGINE:
            c.answer(f, c.event(f), "FAILED", "already exists", f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            continue
        c.answer(f, c.event(f), "SUCCESS", "All 4 migrations")
        with c.stage.sql(db) as conn:
            assert conn.run("SELECT bool_and(indisvalid) FROM pg_index WHERE indrelid = 'one'::regclass") == [[True]]


@once
def reindex_left_invalid(c):
    """REINDEX that fails leaves one of another name: it is named; it is not dropped,
    for the next try does not make it again."""
    f = c.function(timeout=TIMEOUT)
    c.answer(f, c.event(f), "SUCCESS")
    with c.stage.sql(c.db) as db:
        db.run('CREATE FUNCTION fails(integer) RETURNS integer IMMUTABLE LANGUAGE sql AS $$ SELECT $1 $$')
        db.run('CREATE INDEX "i" ON "one" (fails("id")); INSERT INTO "one" VALUES (1); ALTER INDEX "i" OWNER TO migrator')
        db.run('CREATE OR REPLACE FUNCTION fails(integer) RETURNS integer IMMUTABLE LANGUAGE sql AS $$ SELECT $1 / 0 $$')
    f.set_migrations({**GOOD, "20240104000000_i.sql": '-- atlas:txmode none\n\nREINDEX INDEX CONCURRENTLY "i";\n'})
    note = ("The index i_ccnew is invalid", "DROP INDEX CONCURRENTLY i_ccnew") if ENGINE else ()
    c.answer(f, c.event(f), "FAILED", "division by zero", *note)


if __name__ == "__main__":
    main()
