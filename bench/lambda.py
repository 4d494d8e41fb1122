#!/usr/bin/env python3
"""lambda.py ROUNDS - the function's initialisation, beside a Python function's.

Measured from the start of the process to the arrival of its first GET
.../invocation/next, and the memory of all its processes while it waits there:
the proportional set size, so that a page two share counts once. Atlas is not
running then, and not counted. The peer does what a Python runtime does before
the first event: import what a handler for migrations needs (boto3 for the
token, urllib3 for the answer) and ask for the next event.

Prints rows of a Markdown table, medians.
"""

import contextlib
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

PEER = """
import json, logging, os, subprocess
import urllib3
import boto3
import http.client
c = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
c.request("GET", "/2018-06-01/runtime/invocation/next")
c.getresponse()
"""


def tree(pid):
    """The process and all below it."""
    pids = [pid]
    for p in pids:
        try:
            text = pathlib.Path(f"/proc/{p}/task/{p}/children").read_text(encoding="ascii")
        except OSError:
            continue
        pids += [int(c) for c in text.split()]
    return pids


def memory(pid):
    """Proportional set size of the process and all below it, in MB."""
    total = 0
    for p in tree(pid):
        try:
            lines = pathlib.Path(f"/proc/{p}/smaps_rollup").read_text(encoding="ascii").splitlines()
        except OSError:
            continue
        total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1000


def once(command, env):
    """One start: milliseconds to the first next, and MB while it waits."""
    with socket.create_server(("127.0.0.1", 0)) as api:
        api.settimeout(60)
        env = {**env, "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{api.getsockname()[1]}"}
        began = time.perf_counter()
        with subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            connection, _ = api.accept()
            with connection:
                request = connection.recv(4096)
                took = (time.perf_counter() - began) * 1000
                assert request.startswith(b"GET /2018-06-01/runtime/invocation/next "), request
                time.sleep(0.02)
                used = memory(process.pid)
                for p in tree(process.pid):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(p, 9)
            process.wait()
    return took, used


def main():
    """Ours and theirs, taking turns."""
    rounds = int(sys.argv[1])
    package = pathlib.Path(".cache/lambda/package").resolve()
    with tempfile.TemporaryDirectory() as tmp:
        atlas = pathlib.Path(tmp, "atlas")
        shutil.copy("/bin/true", atlas)
        env = {
            "PATH": "/usr/bin:/bin",
            "TMPDIR": tmp,
            "LAMBDA_TASK_ROOT": str(package),
            "_HANDLER": "handler.sh",
            "ATLAS": str(atlas),
            "DB_HOST": "localhost",
            "DB_NAME": "app",
            "DB_USER": "migrator",
        }
        ours, theirs = [], []
        for i in range(rounds + 1):
            mine = once([package / "bootstrap"], env)
            peer = once([sys.executable, "-c", PEER], env)
            if i:  # the first warms the caches
                ours.append(mine)
                theirs.append(peer)
    for what, unit, n in (("to the first next", "ms", 0), ("memory while waiting", "MB", 1)):
        a = statistics.median(x[n] for x in ours)
        b = statistics.median(x[n] for x in theirs)
        print(f"| function, {what} ({unit}) | {a:.2f} | a Python function's imports: boto3, urllib3 | {b:.2f} | {a / b:.2f} |")
    size = sum(p.stat().st_size for p in package.rglob("*") if p.is_file()) / 1e6
    print(f"| function, package without Atlas (MB) | {size:.2f} | the limit set for it | 15.00 | {size / 15:.2f} |")


if __name__ == "__main__":
    main()
