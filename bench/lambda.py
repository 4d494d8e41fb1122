#!/usr/bin/env python3
"""lambda.py ROUNDS - the function's initialisation, beside a Python function's.

Measured from the start of the process to the arrival of its first GET
.../invocation/next, and the memory of all its processes while it waits there,
as if they were alone on the machine: a page of a file counts once, and in full
even if others on this machine have it too. Atlas is not running then, and not
counted.

The peer does what a Python function for the same work does before its first
event: import boto3 and urllib3, make the clients for the login by token and by
secret, and ask for the next event.

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
boto3.client("rds", region_name="eu-central-1")
boto3.client("secretsmanager", region_name="eu-central-1")
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
    """What the process and all below it hold, in MB."""
    files, rest, resident = {}, 0, 0
    for p in tree(pid):
        try:
            lines = pathlib.Path(f"/proc/{p}/smaps").read_text(encoding="ascii").splitlines()
        except OSError:
            continue
        key = None
        for line in lines:
            words = line.split()
            if "-" in words[0] and not words[0].endswith(":"):
                key = (words[5], words[2]) if len(words) > 5 and words[5].startswith("/") else None
            elif words[0] == "Rss:":
                resident = int(words[1])
            elif words[0] == "Anonymous:":
                # A page that a fork still shares counts for each: too much, not too little.
                rest += int(words[1])
                if key:
                    files[key] = max(files.get(key, 0), resident - int(words[1]))
    return (sum(files.values()) + rest) / 1000


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
    arch = {"aarch64": "arm64"}.get(os.uname().machine, os.uname().machine)
    bins = [f".cache/lambda/{arch}/{t}" for t in ("atlasjson", "cfnrespond", "mhash", "mstate", "rdstoken")]
    subprocess.run(["make", "-s", *bins], check=True)
    with tempfile.TemporaryDirectory() as tmp:
        package = pathlib.Path(tmp, "package")
        lay_out = ["scripts/steps/build_lambda.sh", f".cache/lambda/{arch}", package]
        subprocess.run(lay_out, env={**os.environ, "RDS_CA": "", "ATLAS_MAKE_RDS_CA": ""}, check=True, stdout=subprocess.DEVNULL)
        size = sum(p.stat().st_size for p in package.rglob("*") if p.is_file()) / 1e6
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
        print(f"| function, {what} ({unit}) | {a:.2f} | a Python function: boto3 with two clients, urllib3 | {b:.2f} | {a / b:.2f} |")
    print(f"| function, package without Atlas (MB) | {size:.2f} | the limit set for it | 15.00 | {size / 15:.2f} |")


if __name__ == "__main__":
    main()
