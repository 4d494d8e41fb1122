#!/usr/bin/env python3
"""scenes.py RESULTS - what happens to the function besides the matrix.

Logins, secrets, proxies, two deploys at once, packages that cannot work, a
handler that dies, other shells, another architecture.
"""

import contextlib
import json
import os
import pathlib
import shutil
import socket
import struct
import subprocess
import threading
import time

from cell import GOOD, ONE, TWO, main, once, row
from proxy import Proxy
from secrets_manager import manager
from stage import ARM64, ATLAS, ENGINE, PASSWORD, REGION, program, wait_for

ODD_USER = "odd@us:er/é"


# --- logins ------------------------------------------------------------------


@once
def login_by_secret(c):
    """User and password from Secrets Manager; a user's odd name, too."""
    f = c.function(start=False, DB_AUTH="secret", DB_USER="nobody")
    with manager(f) as m:
        f.env["AWS_ENDPOINT_URL_SECRETS_MANAGER"] = m.url
        f.env["DB_SECRET_ARN"] = m.secret("db", json.dumps({"username": ODD_USER, "password": PASSWORD}))
        with c.stage.sql(c.db) as db:
            db.run(f'GRANT CREATE ON DATABASE "{c.db}" TO "{ODD_USER}"')
        f.start()
        c.answer(f, c.event(f), "SUCCESS", "All 3")
        assert not m.refused, m.refused
    with c.stage.sql(c.db) as db:
        owner = db.run("SELECT tableowner::text FROM pg_tables WHERE tablename = 'one'")
    assert owner == [[ODD_USER]], owner


@once
def secrets_that_do_not_help(c):
    """Each way a secret can be wrong is named."""
    f = c.function(start=False, DB_AUTH="secret", DB_USER="")
    with manager(f) as m:
        f.env["AWS_ENDPOINT_URL_SECRETS_MANAGER"] = m.url
        for name, text, cause in (
            ("no JSON", "just text", 'no JSON object with a "password"'),
            ("no password", '{"username":"x"}', 'no JSON object with a "password"'),
            ("no user", '{"password":"x"}', 'no "username", and no DatabaseUser'),
            (None, None, "ResourceNotFoundException"),
        ):
            f.env["DB_SECRET_ARN"] = m.secret(name, text) if name else f"arn:aws:secretsmanager:{REGION}:1:secret:x"
            f.start()
            c.answer(f, c.event(f), "FAILED", cause)
            f.stop()
        f.env["DB_SECRET_ARN"] = m.secret("late", '{"username":"migrator","password":"x"}')
        f.env["AWS_SECRET_ACCESS_KEY"] = "another"
        f.start()
        c.answer(f, c.event(f), "FAILED", "InvalidSignatureException")
        f.stop()
    f.env["AWS_ENDPOINT_URL_SECRETS_MANAGER"] = "http://127.0.0.1:1"
    f.start()
    c.answer(f, c.event(f), "FAILED", "Secrets Manager cannot be reached", "endpoint")
    c.state(0)


@once
def login_by_token(c):
    """The default: a token, in Atlas's environment, for just this database."""
    f = c.function(start=False, DB_AUTH="")
    seen = f.dir / "seen"
    # No PostgreSQL takes such a token: what Atlas gets is kept, and the
    # password put in its place.
    program(
        f.dir / "atlas",
        f"#!/bin/sh\nprintf '%s\\n' \"$PGPASSWORD\" >>'{seen}'\nPGPASSWORD=$REAL exec '{ATLAS}' \"$@\"\n",
    )
    f.env["ATLAS"] = str(f.dir / "atlas")
    f.env["REAL"] = PASSWORD
    f.start()
    c.answer(f, c.event(f), "SUCCESS", "All 3")
    token = next(line for line in seen.read_text().splitlines() if line)
    date = token.partition("X-Amz-Date=")[2].partition("&")[0]
    want = subprocess.run(
        [f.package / "bin" / "rdstoken", "-t", date, "-p", f.env["DB_PORT"], "localhost", "migrator"],
        env=f.env,
        stdout=subprocess.PIPE,
        check=True,
    ).stdout.decode()
    assert token == want.strip(), token
    for p in c.stage.puts(c.events[0]):
        assert b"X-Amz" not in p["body"]
    assert b"X-Amz" not in f.log()


@once
def no_token_without_a_key(c):
    """The role gave no key."""
    f = c.function(start=False, DB_AUTH="iam")
    f.env["AWS_SECRET_ACCESS_KEY"] = ""
    f.start()
    c.answer(f, c.event(f), "FAILED", "No login token can be made", "AWS_SECRET_ACCESS_KEY")
    f.env["AWS_SECRET_ACCESS_KEY"] = "not-empty-for-the-check"


# --- secrets -----------------------------------------------------------------


@once
def nothing_secret_in_argv(c):
    """No process gets password, token, key or URL as an argument."""
    password = "Pa55word-that-strace-does-not-quote"
    with c.stage.sql("postgres") as db:
        db.run(f"CREATE ROLE watched LOGIN PASSWORD '{password}'")
    with c.stage.sql(c.db) as db:
        db.run(f'GRANT CREATE ON DATABASE "{c.db}" TO watched')
    for auth in ("password", "secret", "iam"):
        f = c.function(start=False, DB_AUTH=auth, DB_USER="watched", DB_PASSWORD=password, timeout=25)
        with manager(f) as m:
            f.env["AWS_ENDPOINT_URL_SECRETS_MANAGER"] = m.url
            f.env["DB_SECRET_ARN"] = m.secret(f"watched {auth}", json.dumps({"username": "watched", "password": password}))
            trace = f.dir / "trace"
            watched, stop = set(), threading.Event()
            key = f.env["AWS_SESSION_TOKEN"].encode()

            def watch(watched=watched, stop=stop, key=key):
                while not stop.is_set():
                    for p in pathlib.Path("/proc").glob("[0-9]*"):
                        # Other tests run beside this one: the function's have its key.
                        with contextlib.suppress(OSError):
                            if key in (p / "environ").read_bytes():
                                watched.add((p / "cmdline").read_bytes())
                    time.sleep(0.005)

            thread = threading.Thread(target=watch)
            thread.start()
            # Also when something is wrong.
            c.exit.callback(stop.set)
            f.start(wrapper=[shutil.which("strace"), "-f", "-qq", "-e", "trace=execve", "-s", "100000", "-o", trace])
            e = c.event(f)
            c.answer(f, e, "FAILED" if auth == "iam" else "SUCCESS")
            f.stop()
            stop.set()
            thread.join()
        argv = trace.read_bytes()
        assert argv.count(b"execve(") > 20 and b"bin/rdstoken" in argv or auth != "iam"
        assert any(b"migrate" in w for w in watched), "the watcher saw nothing"
        signature = e["ResponseURL"].partition("Signature=")[2].partition("&")[0]
        for secret in (
            password,
            f.env["AWS_SECRET_ACCESS_KEY"],
            f.env["AWS_SESSION_TOKEN"],
            e["ResponseURL"],
            signature,
            "X-Amz-Signature",
        ):
            assert secret.encode() not in argv, f"{auth}: {secret} in an execve"
            for w in watched:
                assert secret.encode() not in w, f"{auth}: {secret} in /proc"
        assert password.encode() not in f.log()


@once
def a_secret_in_an_error(c):
    """A migration that fails over a text with the password in it."""
    text = PASSWORD.replace("'", "''")
    f = c.function({ONE: f"SELECT CAST('{text}' AS integer);\n"})
    c.answer(f, c.event(f), "FAILED", "invalid input syntax", "[secret]")


# --- two at once, proxies, TLS -----------------------------------------------


@once
def two_deploys_at_once(c):
    """Both answer, and the migrations are applied once."""
    slow = {**GOOD, TWO: GOOD[TWO] + "SELECT pg_sleep(1);\nINSERT INTO one VALUES (1);\n"}
    pair = [c.function(slow, timeout=15, LOCK_TIMEOUT="300ms") for _ in range(2)]
    events = [c.event(f) for f in pair]
    bodies, wrong = [], []

    def deploy(f, e):
        try:
            bodies.append(c.answer(f, e, "SUCCESS", "All 3 migrations"))
        except AssertionError as error:
            wrong.append(error)

    threads = [threading.Thread(target=deploy, args=a) for a in zip(pair, events)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not wrong, wrong
    assert sorted(b["Reason"].partition(", ")[2] for b in bodies) == ["0 of them applied now.", "3 of them applied now."]
    c.state(3)
    with c.stage.sql(c.db) as db:
        assert db.run("SELECT count(*) FROM one") == [[1]]


@once
def proxy_without_settings(c):
    """A proxy that refuses lock_timeout: we go on without, and say so."""
    db = c.db
    for refusal in (
        "unsupported startup parameter: %s",
        "Feature not supported: RDS Proxy currently doesn’t support the option %s.",
    ):
        with Proxy(c.stage.dir / "pg", c.stage.pg_port, refusal, takes=["search_path"]) as proxy:
            f = c.function(DB_PORT=str(proxy.port), DB_NAME=db)
            c.answer(f, c.event(f), "SUCCESS", "All 3", "takes no lock_timeout", "ALTER ROLE")
            assert proxy.refused == [["lock_timeout"]], proxy.refused
        with Proxy(c.stage.dir / "pg", c.stage.pg_port, refusal) as proxy:
            f = c.function(DB_PORT=str(proxy.port))
            db = c.database()
            c.answer(f, c.event(f), "FAILED", "search_path", "connect to the database itself")
    c.state(3)


@once
def proxy_that_ignores(c):
    """One that says nothing, and begins the session as it likes: what goes to
    another schema then is not applied."""
    with c.stage.sql(c.db) as db:
        db.run("CREATE SCHEMA app AUTHORIZATION migrator")
    with Proxy(c.stage.dir / "pg", c.stage.pg_port, ignores=True) as proxy:
        f = c.function(DB_PORT=str(proxy.port), DB_SEARCH_PATH="app")
        if ENGINE:
            c.answer(f, c.event(f), "FAILED", 'search_path is "$user", public, not app', "or the server's own address")
        else:
            c.answer(f, c.event(f), "FAILED", "fix: a proxy ignores what the session begins with")
            return
        c.state(0)
        with c.stage.sql(c.db) as db:
            assert db.run("SELECT count(*) FROM pg_tables WHERE schemaname IN ('public', 'app')") == [[0]]
            db.run(f'ALTER ROLE migrator IN DATABASE "{c.db}" SET search_path = app')
        c.answer(f, c.event(f), "SUCCESS", "3 of them applied now", "takes no lock_timeout")
        with c.stage.sql(c.db) as db:
            assert db.run("SELECT count(*) FROM pg_tables WHERE schemaname = 'app'") == [[4]]
            db.run(f'ALTER ROLE migrator IN DATABASE "{c.db}" RESET ALL')
        # The one that sessions begin with anyway.
        g = c.function(DB_PORT=str(proxy.port), DB_NAME=c.database())
        c.answer(g, c.event(g), "SUCCESS", "3 of them applied now")


@once
def other_schema(c):
    """Migrations that live in another schema than public."""
    with c.stage.sql(c.db) as db:
        db.run("CREATE SCHEMA other AUTHORIZATION migrator")
        db.run("CREATE TABLE public.not_ours (id integer)")
    f = c.function(DB_SEARCH_PATH="other")
    c.answer(f, c.event(f), "SUCCESS", "All 3")
    with c.stage.sql(c.db) as db:
        assert db.run("SELECT to_regclass('other.one') IS NOT NULL") == [[True]]


@once
def several_schemas(c):
    """No search_path: the files name their schemas."""
    f = c.function(
        {ONE: 'CREATE SCHEMA "a";\nCREATE TABLE "a"."t" ("id" integer);\n', TWO: 'CREATE TABLE "public"."t" ("id" integer);\n'},
        DB_SEARCH_PATH="",
        LOCK_TIMEOUT="",
    )
    c.answer(f, c.event(f), "SUCCESS", "All 2")


@once
def certificates(c):
    """A server we have no reason to trust gets no password."""
    f = c.function(start=False)
    shutil.rmtree(f.package / "certs")
    f.start()
    c.answer(f, c.event(f), "FAILED", "x509: certificate signed by unknown authority", "rds.pem")
    g = c.function(DB_HOST="127.0.0.1")
    c.answer(g, c.event(g), "FAILED", "x509: ")
    with socket.create_server(("127.0.0.1", 0)) as plain:

        def refuse():
            with contextlib.suppress(OSError):
                while True:
                    s, _ = plain.accept()
                    with s:
                        assert s.recv(8) == struct.pack("!II", 8, 80877103)
                        s.sendall(b"N")
                        assert s.recv(1) == b"", "something was sent in the clear"

        threading.Thread(target=refuse, daemon=True).start()
        h = c.function(DB_PORT=str(plain.getsockname()[1]))
        refused = "server refused TLS" if ENGINE else "SSL is not enabled on the server"
        c.answer(h, c.event(h), "FAILED", refused, "the database must take TLS")
    c.state(0)


# --- packages and events that cannot work ------------------------------------


def init_errors(c):
    """Told to the runtime API once, and CloudFormation gets its answer."""
    for spoil, cause in (
        (lambda f: (f.package / "bin" / "mhash").unlink(), "no bin/mhash"),
        (lambda f: (f.package / "bin" / "cfnrespond").unlink(), "no bin/cfnrespond"),
        (lambda f: program(f.package / "bin" / "cfnrespond", "#!/nonexistent\n"), "another architecture"),
        (lambda f: (f.package / "handler.sh").unlink(), "no handler.sh"),
        (lambda f: (f.package / "migrations" / "atlas.sum").unlink(), "no migrations/atlas.sum"),
        (lambda f: f.env.update(ATLAS="/nonexistent/atlas"), "no atlas at /nonexistent/atlas"),
    ):
        f = c.function(start=False)
        e = c.event(f)
        spoil(f)
        f.start()
        # The emulator lets the event go with the failed initialisation. Lambda
        # initialises again for it, which is what sending it again comes to.
        status, text = f.invoke(e)
        assert json.loads(text)["errorType"] == "Migration.Init" and cause in text, (status, text)
        assert not c.stage.puts(e)
        body = c.answer_roughly(f, e, "FAILED", cause)
        assert c.kind == "Delete" or body["Reason"].startswith("The function cannot work"), body
        assert [line for line in f.log_lines() if line["message"].startswith("initialisation failed")], f.log()
        # The same sandbox goes on answering.
        e = c.event(f, "Update", hash_value="h1:x")
        c.answer_roughly(f, e, "FAILED", cause)
        f.stop()
    c.state(0)


@once
def settings_that_cannot_be(c):
    """What the function's settings and the event's properties cannot say."""
    f = c.function(start=False)
    for env, properties, cause in (
        ({"DB_HOST": ""}, {}, "neither the property DatabaseHost nor DB_HOST is set"),
        ({"DB_NAME": ""}, {}, "neither the property DatabaseName nor DB_NAME is set"),
        ({"DB_AUTH": "magic"}, {}, "DatabaseAuth is 'magic'"),
        ({"DB_PORT": "x"}, {}, "DatabasePort is no port: 'x'"),
        ({"DB_SEARCH_PATH": 'a"&b'}, {}, "DatabaseSchema is no plain name"),
        ({"LOCK_TIMEOUT": "1&x"}, {}, "LockTimeout is no time"),
        ({"DB_PASSWORD": ""}, {}, "the function has none (DB_PASSWORD)"),
        ({"DB_USER": ""}, {}, "neither the property DatabaseUser nor DB_USER is set"),
        ({}, {"DatabaseHost": "-x"}, "DatabaseHost is no name of a host: '-x'"),
        ({}, {"DatabaseHost": "other.example.com"}, "may not log in at 'other.example.com': with DatabaseAuth password"),
        ({}, {"DatabaseUser": "other"}, "the user 'migrator', not of 'other'"),
        ({}, {"DatabaseHots": "x"}, "no property 'DatabaseHots'; it knows DatabaseHost"),
        ({}, {"DatabasePassword": "x"}, "a password is no property"),
        ({}, {"RevisionsSchema": "a.b"}, "RevisionsSchema is no plain name"),
        ({}, {"DatabaseAuth": "secret"}, "there is no DatabaseSecretArn"),
        ({}, {"DatabaseAuth": "secret", "DatabaseSecretArn": 'x"y'}, "DatabaseSecretArn is no secret's ARN or name"),
        ({}, {"Baseline": "-x"}, "Baseline is no version"),
        ({}, {"DatabaseName": "two\nlines"}, "'DatabaseName' has a line end in it"),
    ):
        kept = dict(f.env)
        f.env.update(env)
        f.start()
        e = c.event(f)
        e["ResponseURL"] += ""
        e["ResourceProperties"].update(properties)
        c.answer(f, e, "FAILED", cause)
        f.stop()
        f.env = kept
    c.state(0)


# The event after it is an Update.
row(init_errors, ("Create", "Delete"))


@once
def no_event(c):
    """Nothing CloudFormation sends: an error for Lambda, no PUT anywhere."""
    f = c.function()
    good = c.event(f)
    for bad in (
        "[]",
        "null",
        '"x"',
        "{" * 3000,
        json.dumps({**good, "ResponseURL": "http://example.com/x"}),
        json.dumps({**good, "ResponseURL": "file:///etc/passwd"}),
        json.dumps({**good, "ResponseURL": good["ResponseURL"] + '"\noutput = "/tmp/x'}),
        json.dumps({**good, "RequestType": "Other"}),
        '{"RequestType":"Other"}',
        json.dumps({**good, "StackId": ""}),
        json.dumps({**good, "RequestType": "Delete", "RequestId": "two\nlines"}),
    ):
        status, text = f.invoke(bad)
        assert status == 200, (status, text)
        assert json.loads(text)["errorType"].startswith("Migration.No"), (bad, text)
    assert not c.stage.puts(good)
    c.state(0)
    c.answer(f, good, "SUCCESS")


@once
def handler_dies(c):
    """Whatever becomes of the handler."""
    for text, cause in (
        ("kill -9 $$", "ended unexpectedly"),
        ("exit 3", "ended unexpectedly (status 3)"),
        ("sleep 60", "time is up"),
        ("trap '' TERM; while :; do sleep 1; done", "time is up"),
    ):
        f = c.function(start=False, timeout=14)
        program(f.package / "handler.sh", f'#!/bin/sh\n[ "${{1-}}" != -c ] || exit 0\n{text}\n')
        f.start()
        c.answer(f, c.event(f), "FAILED", cause)
        f.stop()


@once
def atlas_killed(c):
    """Atlas is killed: that is not the time being up."""
    f = c.function(start=False)
    program(f.dir / "atlas", f"#!/bin/sh\n[ \"$2\" != apply ] || kill -9 $$\nexec '{ATLAS}' \"$@\"\n")
    f.env["ATLAS"] = str(f.dir / "atlas")
    f.start()
    body = c.answer(f, c.event(f), "FAILED", "Atlas was killed (signal 9)", "MemorySize", "0 of 3 migrations")
    assert "time is up" not in body["Reason"] and "applied now" not in body["Reason"], body
    c.state(0)
    program(f.dir / "atlas", f"#!/bin/sh\nexec '{ATLAS}' \"$@\"\n")
    c.next_works(f)


@once
def revisions_cannot_be_read(c):
    """All is applied, as far as Atlas says, but nobody can look: no success."""
    f = c.function(start=False)
    # From the first apply on.
    mark = f.dir / "applied"
    fails = f"#!/bin/sh\n[ \"$2\" != apply ] || : >'{mark}'\n"
    fails += f"[ \"$2\" != status ] || [ ! -f '{mark}' ] || {{ echo 'Error: no connection today' >&2; exit 1; }}\n"
    program(f.dir / "atlas", f"{fails}exec '{ATLAS}' \"$@\"\n")
    f.env["ATLAS"] = str(f.dir / "atlas")
    f.start()
    body = c.answer(f, c.event(f), "FAILED", "What is in the database cannot be read", "no connection today")
    assert "rebase" not in body["Reason"], body
    c.state(3)
    program(f.dir / "atlas", f"#!/bin/sh\nexec '{ATLAS}' \"$@\"\n")
    c.next_works(f)


@once
def database_falls_silent(c):
    """The database answers no more when asked what is in: the cause is told."""
    f = c.function({**GOOD, TWO: "SELECT nope;\n"}, start=False, timeout=8)
    mark = f.dir / "applied"
    noted = f"[ \"$2\" != apply ] || : >'{mark}'; [ \"$2\" != status ] || [ ! -f '{mark}' ]"
    program(f.dir / "atlas", f"#!/bin/sh\n{noted} || exec sleep 60\nexec '{ATLAS}' \"$@\"\n")
    f.env["ATLAS"] = str(f.dir / "atlas")
    f.start()
    c.answer(f, c.event(f), "FAILED", 'column "nope" does not exist', TWO)
    # And one that takes no signal either: it is killed, or we are.
    mark.unlink()
    deaf = f"{noted} || {{ trap '' INT TERM; exec sleep 60; }}"
    program(f.dir / "atlas", f"#!/bin/sh\n{deaf}\nexec '{ATLAS}' \"$@\"\n")
    c.answer(f, c.event(f), "FAILED", 'column "nope" does not exist', TWO)
    program(f.dir / "atlas", f"#!/bin/sh\nexec '{ATLAS}' \"$@\"\n")
    f.set_migrations(GOOD)
    c.next_works(f)


@once
def runtime_killed(c):
    """A bootstrap that dies: the next one finds no trace of it."""
    f = c.function({**GOOD, ONE: "SELECT pg_sleep(60);\n"}, timeout=5)
    t = threading.Thread(target=lambda: f.invoke(c.event(f)))
    t.start()
    with c.stage.sql("postgres") as db:
        runs = "SELECT count(*) FROM pg_stat_activity WHERE datname = :d AND query LIKE 'SELECT pg_sleep%'"
        wait_for("the long statement", lambda: db.run(runs, d=c.db) != [[0]])
    old = [pid for pid in f.processes() if pid != f.rie.pid]
    for pid in old:
        if b"bootstrap" in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[1:2][0]:
            os.kill(pid, 9)
    t.join()
    # What it began ends by itself, and lets go of the lock on the migrations.
    wait_for("the end of the dead one's handler", lambda: not set(old) & set(f.processes()))
    f.set_migrations(GOOD)
    c.next_works(f)


@once
def package_is_not_touched(c):
    """Only the temporary directory is written to."""
    f = c.function()

    def listing():
        return sorted((str(p), p.lstat().st_mtime_ns, p.lstat().st_size) for p in f.package.rglob("*"))

    before = listing()
    c.answer(f, c.event(f), "SUCCESS")
    c.answer(f, c.event(f, "Update", hash_value="h1:x"), "FAILED")
    assert listing() == before


# --- shells and machines ------------------------------------------------------


@once
def other_shells(c):
    """AL2023's sh is bash; dash and busybox are the strictest we know."""
    shells = c.stage.dir / "shells"
    shells.mkdir()
    (shells / "sh").symlink_to(shutil.which("bash"))
    for shell in (shutil.which("dash"), shutil.which("busybox") + " sh", str(shells / "sh")):
        f = c.function(start=False)
        for name in ("bootstrap", "handler.sh"):
            text = (f.package / name).read_text(encoding="utf-8")
            program(f.package / name, text.replace("#!/bin/sh", "#!" + shell, 1))
        f.set_migrations({**GOOD, TWO: "SELECT nope;\n"})
        f.start()
        c.answer(f, c.event(f), "FAILED", 'column "nope" does not exist')
        f.set_migrations(GOOD)
        c.answer(f, c.event(f), "SUCCESS", "All 3 migrations", faults=[500])
        c.answer(f, c.event(f, "Delete"), "SUCCESS")
        with c.stage.sql(c.db) as db:
            db.run('DROP TABLE IF EXISTS "one", "two", "three"')
            db.run("DROP SCHEMA atlas_schema_revisions CASCADE")
            db.run("DROP OWNED BY migrator")


@once
def arm64(c):
    """The programs for arm64 do the same, under an emulator where needed."""
    qemu = "" if os.uname().machine == "aarch64" else shutil.which("qemu-aarch64-static") + " "
    f = c.function(start=False, timeout=25)
    for p in (f.package / "bin").iterdir():
        if p.name == "migrate":
            continue
        assert (ARM64 / p.name).read_bytes()[18:20] == b"\xb7\0", "not for arm64"
        program(p, f"#!/bin/sh\nexec {qemu}'{ARM64 / p.name}' \"$@\"\n")
    f.set_migrations({**GOOD, TWO: "SELECT nope;\n"})
    f.start()
    c.answer(f, c.event(f), "FAILED", 'column "nope" does not exist', "1 of 3")
    f.set_migrations(GOOD)
    c.next_works(f)


@once
def checkpoint(c):
    """A checkpoint stands for what sorts before it, in a new database only."""
    mark = "20240102500000_checkpoint.sql"
    files = {**GOOD, mark: "-- atlas:checkpoint\n\n" + GOOD[ONE] + GOOD[TWO]}
    f = c.function(files)
    c.answer(f, c.event(f), "SUCCESS", "All 4 migrations", "2 of them applied now")
    old = c.database()
    g = c.function(files, DB_NAME=old, start=False)
    g.set_migrations({ONE: GOOD[ONE], TWO: GOOD[TWO]})
    g.start()
    c.answer(g, c.event(g), "SUCCESS", "All 2")
    g.set_migrations(files)
    c.answer(g, c.event(g), "SUCCESS", "All 3 migrations", "1 of them applied now")


if __name__ == "__main__":
    main()
