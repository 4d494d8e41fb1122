"""cell.py - one situation of the function: what holds in all of them, and how
many are played at once.

A program's rows are functions that take a Cell. Each is played for the kinds
of event it names, seven cells at a time, for most of them wait; fewer on a busy
machine.
"""

import concurrent.futures
import contextlib
import json
import pathlib
import sys
import time
import traceback
import urllib.parse

from stage import PASSWORD, Stage, patience

ONE = "20240101000000_one.sql"
TWO = "20240102000000_two.sql"
THREE = "20240103000000_three.sql"
GOOD = {
    ONE: 'CREATE TABLE "one" ("id" integer);\n',
    TWO: 'CREATE TABLE "two" ("id" integer);\nALTER TABLE "one" ADD COLUMN "b" integer;\n',
    THREE: 'CREATE TABLE "three" ("id" integer);\n',
}
ROWS = {}
# A function's, where a row does not say: many rows wait for its end.
TIMEOUT = 10
KINDS = ("Create", "Update", "Delete")


def row(function, kinds=KINDS):
    """A row of the matrix, by its function's name."""
    ROWS[function.__name__.replace("_", " ")] = (function, kinds)
    return function


def once(function):
    """A row that is played for one kind of event."""
    return row(function, ("Create",))


class Cell:
    """One situation for one kind of event."""

    def __init__(self, stage, kind):
        self.stage = stage
        self.kind = kind
        self.exit = contextlib.ExitStack()
        self.db = self.database()
        self.events = []
        self.functions = []

    def database(self):
        """An empty database, until the end of the cell."""
        name = self.stage.database()
        self.exit.callback(self.stage.release, name)
        return name

    def function(self, migrations=None, timeout=None, start=True, **env):
        """A function on this cell's database."""
        f = self.stage.function(
            migrations=GOOD if migrations is None else migrations, timeout=timeout or TIMEOUT, env={"DB_NAME": self.db, **env}
        )
        self.functions.append(f)
        self.exit.callback(f.stop)
        if start:
            f.start()
        return f

    def event(self, f, kind=None, **kw):
        """An event that belongs to the function's package."""
        if "hash_value" not in kw:
            kw["hash_value"] = f.total()
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

    def answer_roughly(self, f, event, status, *causes):
        """The same where the function has not all of its wits: what it tells
        Lambda and why a Delete succeeds is not looked at."""
        http, text = f.invoke(event)
        puts = self.stage.puts(event)
        assert http == 200 and "Task timed out" not in text, text
        assert [p["status"] for p in puts] == [200], (puts, text)
        body = json.loads(puts[0]["body"])
        for key in ("StackId", "RequestId", "LogicalResourceId"):
            assert body[key] == event[key], body
        assert body["PhysicalResourceId"] == event.get("PhysicalResourceId", body["PhysicalResourceId"]), body
        assert body["PhysicalResourceId"], body
        if event["RequestType"] == "Delete":
            assert body["Status"] == "SUCCESS", body
            return body
        assert body["Status"] == status, body
        for cause in causes:
            assert cause in body["Reason"], (cause, body["Reason"])
        return body

    def next_works(self, f):
        """After it, an update of the same package succeeds."""
        self.next_is(f, "SUCCESS", "All")
        self.state(3)

    def next_is(self, f, status, *causes):
        """After it, an update is answered so."""
        self.answer(f, self.event(f, "Update"), status, *causes)

    def nothing_runs(self):
        """No statement goes on in the database behind our back."""
        with self.stage.sql("postgres") as db:
            left = db.run("SELECT query FROM pg_stat_activity WHERE datname = :d AND state = 'active'", d=self.db)
        assert not left, left

    def state(self, files, tables=None, untouched_by_delete=True):
        """That many of GOOD's files are in the database; these of its tables,
        where they are not those of the first files."""
        if self.kind == "Delete" and not untouched_by_delete:
            files, tables = 0, None
        want = sorted(["one", "two", "three"][:files]) if tables is None else list(tables)
        with self.stage.sql(self.db) as db:
            there = db.run("SELECT to_regclass('atlas_schema_revisions.atlas_schema_revisions') IS NOT NULL")[0][0]
            n = 0
            if there:
                n = db.run("SELECT count(*) FROM atlas_schema_revisions.atlas_schema_revisions WHERE applied = total")
                n = n[0][0]
            found = db.run(
                "SELECT table_name::text FROM information_schema.tables"
                " WHERE table_schema = 'public' AND table_name IN ('one', 'two', 'three') ORDER BY 1"
            )
        assert n == files, f"{n} revisions, wanted {files}"
        assert [t[0] for t in found] == want, found

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
            # What the function says is one JSON object a line, and tells of which
            # request; but for the emulator's own words.
            for line in f.log_lines():
                assert {"level", "requestId", "message"} <= line.keys(), line
            left = [p for p in f.tmp.rglob("*") if p.is_file() and p.stat().st_size]
            assert not left, f"left behind: {left}"


def play(stage, name, kind):
    """One cell; None, or what was wrong."""
    c = None
    try:
        c = Cell(stage, kind)
        with c.exit:
            ROWS[name][0](c)
            c.nothing_secret()
        return ""
    except Exception:  # pylint: disable=broad-exception-caught
        text = traceback.format_exc()
        for f in c.functions if c else []:
            if f.logfile.exists():
                text += "".join(line[:600] + "\n" for line in f.log().decode(errors="replace").splitlines()[-12:])
        return text


def main(at_once=None):
    """RESULTS [ROW...]: play the cells, that many at once; RESULTS gets a file for
    each, empty when it went well, else what was wrong."""
    results = pathlib.Path(sys.argv[1])
    names = sys.argv[2:] or list(ROWS)
    with Stage() as stage, concurrent.futures.ThreadPoolExecutor(at_once or round(7 / patience())) as pool:
        cells = [(name, kind) for name in names for kind in ROWS[name][1]]
        played = pool.map(lambda cell: play(stage, *cell), cells)
        for (name, kind), wrong in zip(cells, played):
            (results / f"{name} {kind}").write_text(wrong, encoding="utf-8", errors="replace")

