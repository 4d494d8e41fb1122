#!/usr/bin/env python3
"""matrix.py RESULTS - run the function through everything that happens to it.

Each row is one situation, played for Create, Update and Delete. For each cell:
the answers CloudFormation took, their size, ids, status and reason, the time
they came, the state of the database, and that the next invoke works. RESULTS
gets a file "ROW KIND" for each, empty when it went well, else what was wrong.
"""

import concurrent.futures
import contextlib
import json
import pathlib
import socket
import subprocess
import sys
import threading
import time
import traceback
import urllib.parse

from stage import ATLAS, PASSWORD, Stage

ONE = "20240101000000_one.sql"
TWO = "20240102000000_two.sql"
THREE = "20240103000000_three.sql"
GOOD = {
    ONE: 'CREATE TABLE "one" ("id" integer);\n',
    TWO: 'CREATE TABLE "two" ("id" integer);\nALTER TABLE "one" ADD COLUMN "b" integer;\n',
    THREE: 'CREATE TABLE "three" ("id" integer);\n',
}
# The driver of Atlas 1.2 never returns from an error of more than 30,000 bytes;
# that of 0.13 does.
ATLAS_DRIVER_HANGS = b" v0." not in subprocess.run(
    [ATLAS, "version"], env={"ATLAS_NO_UPDATE_NOTIFIER": "1", "HOME": "/nonexistent"}, stdout=subprocess.PIPE, check=True
).stdout
ROWS = {}


def row(function):
    """A row of the matrix, by its function's name."""
    ROWS[function.__name__.replace("_", " ")] = function
    return function


class Cell:
    """One situation for one kind of event."""

    def __init__(self, stage, name, kind):
        self.stage = stage
        self.kind = kind
        self.db = stage.database(f"{name} {kind}")
        self.exit = contextlib.ExitStack()
        self.events = []
        self.functions = []

    def function(self, migrations=None, timeout=10, start=True, **env):
        """A function on this cell's database."""
        f = self.stage.function(
            migrations=GOOD if migrations is None else migrations, timeout=timeout, env={"DB_NAME": self.db, **env}
        )
        self.functions.append(f)
        self.exit.callback(f.stop)
        if start:
            f.start()
        return f

    def event(self, f, kind=None, **kw):
        """An event that belongs to the function's package."""
        kw.setdefault("hash_value", f.total())
        e = self.stage.event(kind or self.kind, **kw)
        self.events.append(e)
        return e

    def answer(self, f, event, status, *causes, faults=(), accepted=1, tries=None):
        """Send the event, and check all that holds for every answer."""
        before = len(self.stage.puts(event))
        if faults:
            self.stage.fault(event, *faults)
        began = time.time()
        http, text = f.invoke(event)
        ended = time.time()
        puts = self.stage.puts(event)[before:]
        assert http == 200, (http, text)
        assert "Task timed out" not in text, text
        assert ended < began + f.timeout, f"it took {ended - began:.1f} s"
        took = [p for p in puts if p["status"] == 200]
        assert len(took) == accepted, [p["status"] for p in puts]
        if tries is not None:
            assert len(puts) == tries, [p["status"] for p in puts]
        for p in puts:
            assert p["time"] < began + f.timeout
            assert p["headers"]["Content-Type"] == "", p["headers"].items()
            assert len(p["body"]) <= 4096, len(p["body"])
            assert int(p["headers"]["Content-Length"]) == len(p["body"])
            assert p["path"] == "/" + event["ResponseURL"].split("/", 3)[3]
        if not puts:
            return None
        assert len({p["body"] for p in puts}) == 1
        body = json.loads(puts[0]["body"].decode("utf-8", "strict"))
        for key in ("StackId", "RequestId", "LogicalResourceId"):
            assert body[key] == event[key], body
        if event["RequestType"] == "Create":
            assert body["PhysicalResourceId"].startswith("MigrationTrigger-"), body
        else:
            assert body["PhysicalResourceId"] == event["PhysicalResourceId"], body
        if event["RequestType"] == "Delete":
            status, causes = "SUCCESS", ["left as it is"]
        assert body["Status"] == status, body
        for cause in causes:
            assert cause in body["Reason"], (cause, body["Reason"])
        # Lambda hears that the event is done with, whatever became of it,
        # unless CloudFormation could not be told.
        if accepted:
            assert json.loads(text) == {"status": status}, text
        else:
            assert json.loads(text)["errorType"] == "Migration.NotAnswered", text
        return body

    def next_works(self, f):
        """After it, an update of the same package succeeds."""
        self.answer(f, self.event(f, "Update"), "SUCCESS", "All")
        self.state(3)

    def state(self, files, untouched_by_delete=True):
        """That many of GOOD's files are in the database."""
        if self.kind == "Delete" and not untouched_by_delete:
            files = 0
        with self.stage.sql(self.db) as db:
            there = db.run("SELECT to_regclass('atlas_schema_revisions.atlas_schema_revisions') IS NOT NULL")[0][0]
            n = 0
            if there:
                n = db.run("SELECT count(*) FROM atlas_schema_revisions.atlas_schema_revisions WHERE applied = total")
                n = n[0][0]
            tables = db.run(
                "SELECT table_name::text FROM information_schema.tables"
                " WHERE table_schema = 'public' AND table_name IN ('one', 'two', 'three') ORDER BY 1"
            )
        want = sorted(["one", "two", "three"][:files])
        assert n == files, f"{n} revisions, wanted {files}"
        assert [t[0] for t in tables] == want, tables

    def nothing_secret(self):
        """No log and no answer has what nobody may see."""
        secrets = {"password": PASSWORD, "quoted password": urllib.parse.quote(PASSWORD, safe="")}
        secrets["plus password"] = urllib.parse.quote_plus(PASSWORD)
        for e in self.events:
            url = e["ResponseURL"]
            secrets["URL"] = url
            secrets["query"] = url.partition("?")[2]
            signature = urllib.parse.parse_qs(url.partition("?")[2])["Signature"][0]
            secrets["signature"] = signature
            secrets["quoted signature"] = urllib.parse.quote(signature, safe="")
            for p in self.stage.puts(e):
                for what, secret in secrets.items():
                    assert secret.encode() not in p["body"], f"the answer has the {what}"
        for f in self.functions:
            for key in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
                secrets[key] = f.env[key]
            if not f.logfile.exists():
                continue
            log = f.log()
            for what, secret in secrets.items():
                assert secret.encode() not in log, f"the log has the {what}"
            f.log_lines()
            # The event is gone, and the working directory with it or empty of it.
            assert not list(f.tmp.rglob("event")), "an event was left behind"


# --- the rows ----------------------------------------------------------------


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
        g = c.function(DB_PORT=str(silent.getsockname()[1]), timeout=6)
        c.answer(g, c.event(g), "FAILED", "i/o timeout")
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
    f = c.function(timeout=5, LOCK_TIMEOUT="500ms")
    with c.stage.sql(c.db) as db:
        db.run("SELECT pg_advisory_lock(2686470616)")
        c.answer(f, c.event(f), "FAILED", "acquiring database lock", "Another deploy")
        c.state(0)
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
    f = c.function({**GOOD, TWO: GOOD[TWO] + "SELECT pg_sleep(60);\n"}, timeout=4)
    c.answer(f, c.event(f), "FAILED", "time is up", "1 of 3 migrations", "goes on from there", TWO)
    c.state(1, untouched_by_delete=False)
    with c.stage.sql("postgres") as db:
        left = db.run("SELECT count(*) FROM pg_stat_activity WHERE datname = :d AND state = 'active'", d=c.db)
    assert left[0][0] == 0, "a statement still runs"
    f.set_migrations(GOOD)
    c.next_works(f)


@row
def deadline_near_outside_transaction(c):
    """The same in a file that runs outside a transaction."""
    none = "-- atlas:txmode none\n\n" + GOOD[TWO]
    f = c.function({**GOOD, TWO: none + "SELECT pg_sleep(60);\n"}, timeout=4)
    c.answer(f, c.event(f), "FAILED", "time is up", "1 of 3 migrations", f"{TWO} (2 of 3 statements)")
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
    f = c.function(timeout=5)
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
        f = c.function({**GOOD, TWO: raised}, timeout=5)
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
    f.set_migrations({ONE: GOOD[ONE], THREE: GOOD[THREE], "20240104000000_late.sql": GOOD[TWO]})
    c.answer(f, c.event(f, "Update"), "SUCCESS", "All 3 migrations")


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
    g = c.function(BASELINE="20240102000000")
    c.answer(g, c.event(g), "SUCCESS", "All 3 migrations", "1 of them applied now")
    if c.kind == "Delete":
        c.answer(g, c.event(g, "Create"), "SUCCESS", "1 of them applied now")
    c.answer(f, c.event(f, "Update"), "SUCCESS", "All 3 migrations", "0 of them applied now")


def play(stage, name, kind):
    """One cell; None, or what was wrong."""
    c = None
    try:
        c = Cell(stage, name, kind)
        with c.exit:
            ROWS[name](c)
            c.nothing_secret()
        return ""
    except Exception:  # pylint: disable=broad-exception-caught
        text = traceback.format_exc()
        for f in c.functions if c else []:
            if f.logfile.exists():
                text += "".join(line[:600] + "\n" for line in f.log().decode(errors="replace").splitlines()[-12:])
        return text


def main():
    """Play all cells, four at a time: most of them wait."""
    results = pathlib.Path(sys.argv[1])
    names = sys.argv[2:] or list(ROWS)
    with Stage() as stage, concurrent.futures.ThreadPoolExecutor(4) as pool:
        cells = [(name, kind) for name in names for kind in ("Create", "Update", "Delete")]
        played = pool.map(lambda cell: play(stage, *cell), cells)
        for (name, kind), wrong in zip(cells, played):
            (results / f"{name} {kind}").write_text(wrong, encoding="utf-8", errors="replace")


if __name__ == "__main__":
    main()
