#!/usr/bin/env python3
"""task.py RESULTS - the package run as a task, outside of Lambda.

bin/migrate with credentials of a container and of an instance, which run out;
a run that is longer than the function's 15 minutes by a clock that runs fast, and
one that is longer than the function may take here (LONG seconds); TERM in the
middle; and the function afterwards.
"""

import calendar
import contextlib
import http.server
import json
import os
import shutil
import subprocess
import threading
import time

from cell import GOOD, THREE, TWO, main, once
from secrets_manager import manager
from stage import ATLAS, ENGINE, PASSWORD, STARTING, patience, program


class Keys(http.server.ThreadingHTTPServer):
    """What gives a container, and an instance, its key."""

    def __init__(self, env, runs_out=False):
        super().__init__(("127.0.0.1", 0), KeysHandler)
        self.env = env
        self.runs_out = runs_out
        self.asked = []
        self.given = 0
        threading.Thread(target=self.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server_port}"


class KeysHandler(http.server.BaseHTTPRequestHandler):
    """ECS's address, with its token; and IMDSv2's three."""

    def say(self, text, status=200):
        """An answer."""
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text.encode())

    def key_id(self):
        """The function's own; or another each time, where it runs out."""
        self.server.given += 1
        return f"AKIA{self.server.given:016}" if self.server.runs_out else self.server.env["AWS_ACCESS_KEY_ID"]

    def do_PUT(self):  # pylint: disable=invalid-name
        """IMDSv2's token."""
        self.server.asked.append(self.path)
        self.say("the-token" if "X-aws-ec2-metadata-token-ttl-seconds" in self.headers else "", 200)

    def do_GET(self):  # pylint: disable=invalid-name
        """The key."""
        self.server.asked.append(self.path)
        env = self.server.env
        key = {
            "AccessKeyId": self.key_id(),
            "SecretAccessKey": env["AWS_SECRET_ACCESS_KEY"],
            "Token": env["AWS_SESSION_TOKEN"],
        }
        imds = self.headers.get("X-aws-ec2-metadata-token") == "the-token"
        if self.path == "/container" and self.headers.get("Authorization") == "container-token":
            self.say(json.dumps(key))
        elif self.path == "/latest/meta-data/iam/security-credentials/" and imds:
            self.say("the-role")
        elif self.path == "/latest/meta-data/iam/security-credentials/the-role" and imds:
            self.say(json.dumps(key))
        else:
            self.say("no", 403)

    def log_message(self, *_args):  # pylint: disable=arguments-differ
        """Keep quiet."""


@contextlib.contextmanager
def running(f, *args, **env):
    """bin/migrate of the function's package, and its end."""
    own = {k: v for k, v in f.env.items() if not k.startswith(("AWS_ACCESS", "AWS_SECRET", "AWS_SESSION", "LAMBDA", "_HANDLER"))}
    with STARTING:
        p = subprocess.Popen(
            [f.package / "bin" / "migrate", *args],
            env={**own, **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    try:
        yield p
    finally:
        if p.poll() is None:
            p.kill()


def nothing_left(f):
    """The task's temporary directory is gone."""
    left = list(f.tmp.glob("migrate-task.*"))
    assert not left, left


def run(f, *args, rc=0, **env):
    """Its verdict."""
    with running(f, *args, **env) as p:
        out, err = p.communicate(timeout=180)
    assert p.returncode == rc, (p.returncode, out, err)
    assert PASSWORD.encode() not in out + err
    nothing_left(f)
    return json.loads(out) if out else err.decode()


@once
def task(c):
    """With a password; then the function finds all in."""
    f = c.function()
    assert run(f) == {
        "status": "SUCCESS",
        "reason": "All 3 migrations of this package are in the database, 3 of them applied now.",
        "version": "20240103000000",
        "applied": 3,
        "total": 3,
    }
    c.answer(f, c.event(f), "SUCCESS", "All 3", "0 of them applied now")
    payload = f.dir / "payload.json"
    payload.write_text(json.dumps({"DatabaseName": c.database()}))
    assert run(f, payload)["applied"] == 3
    assert "usage" in run(f, "-t", "x", rc=2)
    assert "no atlas at /nowhere" in run(f, rc=2, ATLAS="/nowhere")


@once
def task_fails(c):
    """Exit 1, and the verdict says why."""
    f = c.function({**GOOD, TWO: "SELECT nope;\n"})
    verdict = run(f, rc=1)
    assert verdict["status"] == "FAILED" and 'column "nope" does not exist' in verdict["reason"], verdict
    assert verdict["applied"] == 1


@once
def container_credentials(c):
    """A key that is given out, and a secret read with it."""
    f = c.function(start=False, DB_AUTH="secret", DB_USER="")
    with manager(f) as m, Keys(f.env) as keys:
        f.env["AWS_ENDPOINT_URL_SECRETS_MANAGER"] = m.url
        f.env["DB_SECRET_ARN"] = m.secret("task", json.dumps({"username": "migrator", "password": PASSWORD}))
        token = f.dir / "token"
        token.write_text("container-token")
        env = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": keys.url + "/container"}
        assert run(f, **env, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=str(token))["applied"] == 3
        # For each login anew.
        assert keys.asked.count("/container") >= 2, keys.asked
        assert run(f, **env, AWS_CONTAINER_AUTHORIZATION_TOKEN="container-token")["status"] == "SUCCESS"
        assert run(f, AWS_EC2_METADATA_SERVICE_ENDPOINT=keys.url)["status"] == "SUCCESS"
        assert "no key of a role" in run(f, rc=1, AWS_EC2_METADATA_DISABLED="true")["reason"]
        elsewhere = run(f, rc=1, AWS_CONTAINER_CREDENTIALS_FULL_URI="http://example.com/x")
        assert "no https address" in elsewhere["reason"]
        assert not m.refused, m.refused
        keys.shutdown()


# Atlas must be able to start in the seconds that it is given, by this clock.
FAST = round((240 if ENGINE else 60) / patience())
# Programs that tell, and wait for, the time of a clock that runs FAST times as fast.
CLOCK = {
    "date": """
        played=$((BEGAN + ($(REAL/date +%s%3N) - BEGAN) * FAST))
        case $1 in
        +%s%3N) echo "$played" ;;
        +%s) echo $((played / 1000)) ;;
        *) exec REAL/date -d "@$((played / 1000))" "$@" ;;
        esac""",
    "sleep": 'exec REAL/sleep "$(REAL/awk "BEGIN { print $1 / FAST }")"',
    "timeout": """
        options=
        while :; do
            case $1 in
            --foreground) options="$options $1"; shift ;;
            -s) options="$options -s $2"; shift 2 ;;
            -k) options="$options -k $(REAL/awk "BEGIN { print $2 / FAST }")"; shift 2 ;;
            *) break ;;
            esac
        done
        seconds=$(REAL/awk "BEGIN { print $1 / FAST }")
        shift
        exec REAL/timeout $options "$seconds" "$@\"""",
}


@once
def played_clock(c):
    """More than 15 minutes, by a clock that runs fast: the session is lost after
    them, and then a file wants a session of its own: each login has a fresh token,
    made with a key that is good."""
    f = c.function(start=False, DB_AUTH="iam")
    with c.stage.sql(c.db) as db:
        db.run("CREATE SCHEMA aside; CREATE SEQUENCE aside.tries; GRANT ALL ON SCHEMA aside TO migrator; GRANT ALL ON SEQUENCE aside.tries TO migrator")
    once_long = "SELECT pg_sleep(CASE nextval('aside.tries') WHEN 1 THEN 60 ELSE 0 END);\n"
    index = {"20240104000000_index.sql": '-- atlas:txmode none\n\nCREATE INDEX CONCURRENTLY "i" ON "one" ("id");\n'}
    long = {TWO: GOOD[TWO] + 'INSERT INTO "two" VALUES (1);\n' + once_long, THREE: GOOD[THREE] + f"SELECT pg_sleep({1000 / FAST});\n"}
    f.set_migrations({**GOOD, **long, **index})
    clock = f.dir / "clock"
    clock.mkdir()
    for name, text in CLOCK.items():
        text = text.replace("REAL", "/usr/bin").replace("BEGAN", str(int(time.time() * 1000))).replace("FAST", str(FAST))
        program(clock / name, "#!/bin/sh\n" + text + "\n")
    # No PostgreSQL takes a token: what Atlas gets is kept, with the time by the
    # clock, and the password put in its place.
    seen, rdstoken = f.dir / "seen", f.package / "bin" / "rdstoken"
    shutil.copy(rdstoken, f.dir / "rdstoken")
    program(rdstoken, f"#!/bin/sh\nexec '{f.dir}/rdstoken' -t \"$(date -u +%Y%m%dT%H%M%SZ)\" \"$@\"\n")
    told = "printf '%s %s %s\\n' \"$2\" \"$(date +%s)\" \"$PGPASSWORD\""
    program(f.dir / "atlas", f"#!/bin/sh\n[ \"$1\" != migrate ] || {told} >>'{seen}'\nPGPASSWORD=$REAL exec '{ATLAS}' \"$@\"\n")
    with Keys(f.env, runs_out=True) as keys:
        env = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": keys.url + "/container", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "container-token"}
        with running(f, PATH=f"{clock}:{f.env['PATH']}", ATLAS=str(f.dir / "atlas"), REAL=PASSWORD, **env) as p:
            kill = (
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = :d AND query LIKE '%pg_sleep%'"
                f" AND clock_timestamp() - query_start > '{1000 / FAST} s' AND pid <> pg_backend_pid()"
            )
            end = time.monotonic() + 120
            with c.stage.sql("postgres") as db:
                while db.run(kill, d=c.db) == [[0]]:
                    assert time.monotonic() < end, "the long file did not come"
                    time.sleep(0.1)
            out, err = p.communicate(timeout=180)
        keys.shutdown()
    assert p.returncode == 0 and json.loads(out)["applied"] == 4, (out, err)
    assert b'"cause":"lost"' in err, err
    logins = []
    for line in seen.read_text().splitlines():
        verb, now, token = line.split(" ", 2)
        made = calendar.timegm(time.strptime(token.partition("X-Amz-Date=")[2].partition("&")[0], "%Y%m%dT%H%M%SZ"))
        logins.append((verb, int(now), int(now) - made, token.partition("X-Amz-Credential=")[2].partition("%2F")[0]))
    applies = [login for login in logins if login[0] == "apply"]
    assert len(applies) == 3 and applies[1][1] - applies[0][1] > 900 and applies[2][1] - applies[1][1] > 900, logins
    assert all(0 <= age < 300 for _, _, age, _ in logins), logins
    assert len({key for *_, key in applies}) == len(applies), logins
    with c.stage.sql(c.db) as db:
        assert db.run('SELECT count(*) FROM "two"') == [[1]]
    c.state(4, ["one", "three", "two"])
    with c.stage.sql(c.db) as db:
        db.run("DROP SCHEMA aside CASCADE")


@once
def long_run(c):
    """Longer than the function may take: its clock runs fast here, the task's
    has no such end. Progress is told."""
    long = float(os.environ.get("LONG") or 8)
    f = c.function(timeout=7 if long < 60 else 30)
    long = max(long, f.timeout + 1)
    f.set_migrations({**GOOD, TWO: GOOD[TWO] + f"SELECT pg_sleep({long});\n"})
    c.answer(f, c.event(f), "FAILED", "time is up", "1 of 3")
    with running(f) as p:
        out, err = p.communicate(timeout=long + 120)
    assert p.returncode == 0 and json.loads(out)["applied"] == 3, (out, err)
    assert not ENGINE or b"pg_sleep" in err, err
    c.answer(f, c.event(f), "SUCCESS", "All 3", "0 of them applied now")


@once
def task_told_to_stop(c):
    """TERM: the statement is cancelled, its file rolled back, and it is told."""
    f = c.function({**GOOD, TWO: GOOD[TWO] + "SELECT pg_sleep(60);\n"})
    with running(f) as p:
        end = time.monotonic() + 120
        with c.stage.sql("postgres") as db:
            while time.monotonic() < end:
                if db.run("SELECT 1 FROM pg_stat_activity WHERE datname = :d AND query LIKE '%pg_sleep(60)%'", d=c.db):
                    break
                time.sleep(0.05)
        p.terminate()
        out, err = p.communicate(timeout=90)
    assert p.returncode == 1, (p.returncode, out, err)
    verdict = json.loads(out)
    assert "told to stop" in verdict["reason"] and verdict["applied"] == 1, verdict
    c.state(1)
    c.nothing_runs()
    nothing_left(f)
    f.set_migrations(GOOD)
    assert run(f)["applied"] == 3


@once
def task_beside_the_function(c):
    """Both at once: applied once."""
    slow = {**GOOD, TWO: GOOD[TWO] + "SELECT pg_sleep(1);\nINSERT INTO one VALUES (1);\n"}
    f = c.function(slow, timeout=25)
    with running(f) as p:
        c.answer(f, c.event(f), "SUCCESS", "All 3 migrations")
        out, err = p.communicate(timeout=180)
    assert p.returncode == 0, (out, err)
    with c.stage.sql(c.db) as db:
        assert db.run("SELECT count(*) FROM one") == [[1]]


if __name__ == "__main__":
    main()
