#!/usr/bin/env python3
"""steps.py RESULTS [ROW...] - each trouble at each step of a deploy.

The database is away, silent, read-only or full, the secret is stale, a lock is
held, there is a deadlock: before the function connects, at its login, in the
first file, in the last, and when it asks what is in. A trouble that ends in time
leaves a deploy that did its work, once; one that does not is named in the answer.
TROUBLE_SECONDS is how long the trouble lasts, one or more of them (0.5); FOR_GOOD=yes
plays those that do not end. trouble.py has a share of it.
"""

import contextlib
import functools
import json
import os
import threading
import time

import pg8000.exceptions
import pg8000.native
from cell import ONE, ROWS, THREE, TWO, main
from proxy import Gate
from secrets_manager import manager
from stage import ATLAS, ENGINE, PASSWORD, program

SECONDS = [float(s) for s in (os.environ.get("TROUBLE_SECONDS") or "0.5").split()]
FOR_GOOD = os.environ.get("FOR_GOOD") == "yes"

# A file waits where the test holds its number, and does its work in one transaction.
FILE = 'CREATE TABLE "{t}" ("id" integer);\nINSERT INTO "{t}" VALUES (1);\nSELECT pg_advisory_xact_lock({n});\n{more}'
FILES = {ONE: ("one", 1), TWO: ("two", 2), THREE: ("three", 3)}
STEP_FILE = {"first": (ONE, 1), "last": (THREE, 3)}


def wait_until(ready, what, seconds=120):
    """Wait until ready() holds."""
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end, f"{what} did not come"
        time.sleep(0.01)


class Play:
    """One trouble at one step."""

    def __init__(self, c, fault, step, seconds):
        self.c, self.fault, self.step, self.seconds = c, fault, step, seconds
        self.exit = contextlib.ExitStack()
        self.gate = self.exit.enter_context(Gate(c.stage.dir / "pg", c.stage.pg_port))
        self.db = c.database()
        self.admin = self.exit.enter_context(c.stage.sql(self.db))
        self.other = self.exit.enter_context(c.stage.sql(self.db))
        self.reached, self.go = c.stage.dir / f"{id(self)}.reached", c.stage.dir / f"{id(self)}.go"
        self.wrong = []
        self.user = f"migrator_{id(self)}"
        self.admin.run(f'CREATE ROLE "{self.user}" LOGIN IN ROLE migrator PASSWORD ' + pg8000.native.literal(PASSWORD))
        self.admin.run(f'ALTER DATABASE "{self.db}" OWNER TO "{self.user}"')
        self.admin.run("CREATE TABLE held (id integer); CREATE TABLE p (); CREATE TABLE q ()")
        self.admin.run(f'GRANT ALL ON held, p, q TO "{self.user}"')

    def close(self):
        """The role goes, and what it owns: the database is another cell's next."""
        for more in (self.other, self.admin):
            with contextlib.suppress(pg8000.exceptions.DatabaseError, pg8000.exceptions.InterfaceError):
                more.run("ROLLBACK")
        with self.c.stage.sql(self.db) as db:
            db.run(f'ALTER DATABASE "{self.db}" OWNER TO migrator; ALTER DATABASE "{self.db}" CONNECTION LIMIT -1')
            db.run(f'ALTER DATABASE "{self.db}" RESET ALL')
            db.run(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE usename = :u AND pid <> pg_backend_pid()",
                u=self.user,
            )
            db.run(f'DROP OWNED BY "{self.user}" CASCADE; DROP ROLE "{self.user}"')
        self.exit.close()

    def files(self):
        """The package's."""
        found = {}
        for name, (table, n) in FILES.items():
            more = ""
            if STEP_FILE.get(self.step, ("",))[0] == name:
                more = {
                    "lock": "LOCK TABLE held;\n",
                    "deadlock": "LOCK TABLE p;\nSELECT pg_advisory_xact_lock(9);\nLOCK TABLE q;\n",
                    "read-only": "CREATE TEMPORARY TABLE still_writable (id integer);\n",
                }.get(self.fault, "")
            found[name] = FILE.format(t=table, n=n, more=more)
        return found

    def sessions_end(self):
        """The server ends the function's sessions."""
        self.admin.run("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE usename = :u", u=self.user)

    # --- troubles: each begins, and ends -----------------------------------------

    def away(self, on):
        """The server is gone, with its sessions."""
        if not on:
            self.gate.set("pass")
            return
        if self.step == "login":
            self.gate.set("break")
            return
        self.gate.set("refuse")
        self.gate.cut()
        self.sessions_end()

    def silent(self, on):
        """It says nothing, on open connections neither."""
        if on:
            self.gate.moving.clear()
            self.gate.set("hold" if self.step == "login" else "silent")
        else:
            self.gate.set("pass")
            self.gate.moving.set()

    def read_only(self, on):
        """A failover: what we are connected to, and what we reach, takes no writes."""
        if on:
            self.admin.run(f'ALTER DATABASE "{self.db}" SET default_transaction_read_only = on')
            self.sessions_end()
        else:
            with self.c.stage.sql("postgres") as db:
                db.run(f'ALTER DATABASE "{self.db}" RESET default_transaction_read_only')

    def full(self, on):
        """Others hold all connections there are."""
        self.admin.run(f'ALTER DATABASE "{self.db}" CONNECTION LIMIT {0 if on else -1}')
        if on:
            self.sessions_end()

    def stale(self, on):
        """The password is another, and the secret not yet."""
        new = PASSWORD + "2"
        if on:
            self.admin.run(f'ALTER ROLE "{self.user}" PASSWORD ' + pg8000.native.literal(new))
            self.sessions_end()
        else:
            text = json.dumps({"username": self.user, "password": new})
            self.manager.client.put_secret_value(SecretId=self.arn, SecretString=text)

    def lock(self, on):
        """A lock is held: on the migrations, on a table of a file, on the record."""
        if not on:
            self.other.run("ROLLBACK")
            self.other.run("SELECT pg_advisory_unlock_all()")
            return
        self.other.run("BEGIN")
        if self.step in STEP_FILE:
            self.other.run("LOCK TABLE held")
        elif self.step == "status":
            self.other.run("LOCK TABLE atlas_schema_revisions.atlas_schema_revisions")
        else:
            self.other.run("SELECT pg_advisory_lock(2686470616)")

    def deadlock(self, on):
        """We are the victim."""
        if not on:
            return
        self.other.run("SET deadlock_timeout = '60s'; BEGIN; LOCK TABLE q")
        held = "SELECT count(*) FROM pg_locks WHERE relation = 'p'::regclass AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"

        def cross():
            # A connection of its own to look with: the director has the other in use.
            with contextlib.suppress(Exception), self.c.stage.sql(self.db) as looking:
                wait_until(lambda: looking.run(held) != [[0]], "the lock on p")
                self.other.run("LOCK TABLE p")
                self.other.run("ROLLBACK")

        # It ends by itself.
        self.crossing = threading.Thread(target=cross)
        self.crossing.start()

    def met(self):
        """The function has met the trouble: it tells so, or waits where it must be told
        by the clock alone. The seconds are counted from then on."""
        kinds = MET.get(self.fault)
        if kinds is None or self.fault == "read-only" and (self.step == "status" or not ENGINE):
            return self.step in (*STEP_FILE, "status") or self.gate.came > 0
        return self.f.logfile.exists() and any(f'"cause":"{k}"'.encode() in self.f.log() for k in kinds)

    # --- the play -------------------------------------------------------------------

    def director(self, good):
        """Begin the trouble when its step comes, and end it."""
        trouble = getattr(self, self.fault.replace("-", "_"))
        try:
            if self.step in STEP_FILE:
                n = STEP_FILE[self.step][1]
                waits = (
                    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = :n"
                    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
                )
                wait_until(lambda: self.admin.run(waits, n=n) != [[0]], "the file")
                trouble(True)
                self.admin.run("SELECT pg_advisory_unlock(:n)", n=n)
            elif self.step == "status":
                wait_until(self.reached.exists, "the look")
                trouble(True)
                self.go.touch()
            if good:
                wait_until(self.met, "the function")
                time.sleep(self.seconds)
                trouble(False)
        except Exception as e:  # pylint: disable=broad-exception-caught
            self.wrong.append(e)

    def function(self, timeout):
        """The function, with what tells us of the last look."""
        f = self.c.function(
            self.files(), timeout=timeout, start=False, DB_NAME=self.db, DB_PORT=str(self.gate.port), DB_USER=self.user,
            BASELINE="none", LOCK_TIMEOUT="" if self.fault == "deadlock" else "300ms",
        )
        if self.step == "status":
            mark = f.dir / "applied"
            program(
                f.dir / "atlas",
                f"#!/bin/sh\n[ \"$2\" != apply ] || : >'{mark}'\n"
                f"if [ \"$2\" = status ] && [ -f '{mark}' ]; then : >'{self.reached}'\n"
                f"while [ ! -f '{self.go}' ]; do sleep 0.02; done; fi\n"
                f"exec '{ATLAS}' \"$@\"\n",
            )
            f.env["ATLAS"] = str(f.dir / "atlas")
        if self.fault == "stale":
            self.manager = self.exit.enter_context(manager(f))
            text = json.dumps({"username": self.user, "password": PASSWORD})
            self.arn = self.manager.secret(self.user, text)
            f.env.update(DB_AUTH="secret", DB_SECRET_ARN=self.arn, AWS_ENDPOINT_URL_SECRETS_MANAGER=self.manager.url)
        return f

    def run(self, good):
        """The deploy, and what it left."""
        f = self.f = self.function(int(self.seconds * 2.5 + 45) if good else 25)
        for _, n in FILES.values():
            if STEP_FILE.get(self.step, (0, 0))[1] == n:
                self.admin.run("SELECT pg_advisory_lock(:n)", n=n)
        if self.step in ("connect", "login"):
            getattr(self, self.fault.replace("-", "_"))(True)
        directing = threading.Thread(target=self.director, args=(good,))
        directing.start()
        try:
            f.start()
            if good:
                self.c.answer(f, self.c.event(f), "SUCCESS", "All 3 migrations")
            else:
                self.c.answer(f, self.c.event(f), *RED[self.fault][self.step])
        finally:
            directing.join()
            with contextlib.suppress(AttributeError):
                self.crossing.join()
            f.stop()
        assert not self.wrong, self.wrong
        if good:
            with self.c.stage.sql(self.db) as db:
                for table, _ in FILES.values():
                    assert db.run(f'SELECT count(*) FROM "{table}"') == [[1]], table
                rows = db.run("SELECT count(*), bool_and(applied = total) FROM atlas_schema_revisions.atlas_schema_revisions")
                assert rows == [[3, True]], rows
            causes = [line["cause"] for line in f.log_lines() if "cause" in line]
            assert GREEN[self.fault](self.step, self.seconds, causes), causes
        else:
            getattr(self, self.fault.replace("-", "_"))(False)


def tried(*kinds, without=()):
    """Whether the log told of further tries for one of the kinds."""
    return lambda step, seconds, causes: step in without or bool(set(kinds) & set(causes))


# What the function says when it has met the trouble.
MET = {"away": ("refused", "lost"), "read-only": ("read-only",), "full": ("busy",), "stale": ("login",)}
GREEN = {
    "away": tried("refused", "lost"),
    # What was silent for less than a connection may take goes on by itself.
    "silent": lambda step, seconds, causes: seconds < 30 or step in STEP_FILE or "silent" in causes,
    # The vendor's driver says itself that a transaction writes: the setting is nothing
    # to it, and a standby has other words for it (see trouble.py).
    "read-only": tried("read-only", *(() if ENGINE else ("lost",)), without=("status",)),
    "full": tried("busy"),
    "stale": tried("login"),
    "lock": tried("lock", "migrating", "silent", without=("connect", "status")),
    "deadlock": tried("deadlock"),
}
REFUSED = ("FAILED", "connection refused", "fix: nothing listens at DatabaseHost")
SILENT = ("FAILED", "database is there and does not answer")
READER = ("FAILED", "read-only transaction", "fix: the property DatabaseHost must be the endpoint that writes")
FULL = ("FAILED", "too many connections")
STALE = ("FAILED", "password authentication failed", "fix: the password was refused")
ALL_IN = ("SUCCESS", "All 3 migrations")
RED = {
    "away": {"login": ("FAILED", "connect"), **dict.fromkeys(("connect", "first", "last", "status"), REFUSED)},
    "silent": {
        **dict.fromkeys(("connect", "login", "status"), SILENT),
        **dict.fromkeys(("first", "last"), ("FAILED", "time is up", "the database, which does not answer", "is not known: ")),
    },
    "read-only": {"status": ALL_IN, **dict.fromkeys(("connect", "first", "last"), READER)},
    "full": dict.fromkeys(("connect", "first", "last", "status"), FULL),
    "stale": dict.fromkeys(("connect", "first", "last", "status"), STALE),
    "lock": {
        "connect": ("FAILED", "acquiring database lock", "Another deploy"),
        "status": SILENT,
        **dict.fromkeys(("first", "last"), ("FAILED", "lock timeout", "LockTimeout (300ms)")),
    },
}


def played(fault, step, c):
    """One row."""
    for seconds in SECONDS if fault != "deadlock" else (0,):
        for good in (True, False) if FOR_GOOD and fault in RED and seconds == SECONDS[0] else (True,):
            p = Play(c, fault, step, seconds)
            try:
                p.run(good)
            except AssertionError as e:
                raise AssertionError(f"{seconds} s, {'' if good else 'not '}ending: {e}") from e
            finally:
                p.close()


ALL = {
    "away": "connect login first last status",
    "silent": "connect login first last status",
    "read-only": "connect first last status",
    "full": "connect first last status",
    "stale": "connect first last status",
    "lock": "connect first last status",
    "deadlock": "first last",
}


def register(which):
    """Take these rows in: what happens, and its steps."""
    for fault, at in which.items():
        for step in at.split():
            ROWS[f"{fault} at {step}"] = (functools.partial(played, fault, step), ("Create",))


if __name__ == "__main__":
    register(ALL)
    # They wait for most of their time, busy machine or not.
    main(7)
