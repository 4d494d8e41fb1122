#!/usr/bin/env python3
"""in_turn.py ROUNDS <LIST - commands in turn: their time, and their memory.

Each line of LIST is a name, a shell command that prepares and is not measured, and
the command, with tabs between. Prints a row of a Markdown table for each: the name,
seconds (the median), all its processes' memory together in MB and the largest
one's. The memory is of a round of its own, looked at all the time: of what several
processes share, each has its part. One that fails has a line of what it said there instead.
"""

import importlib
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

tree = importlib.import_module("lambda").tree


def held(pid):
    """What the process and all below it hold, and the largest of them, in MB."""
    total = largest = 0
    for p in tree(pid):
        try:
            lines = pathlib.Path(f"/proc/{p}/smaps_rollup").read_text(encoding="ascii").splitlines()
        except OSError:
            continue
        kb = {line.split(":")[0]: int(line.split()[1]) for line in lines[1:]}
        total += kb.get("Pss", 0)
        largest = max(largest, kb.get("Rss", 0))
    return total / 1000, largest / 1000


def once(prepare, command, look):
    """Seconds, MB of all, MB of the largest process; or what it said."""
    if prepare:
        subprocess.run(["/bin/sh", "-c", prepare], check=True, stdout=subprocess.DEVNULL)
    with tempfile.TemporaryFile() as said:
        began = time.perf_counter()
        process = subprocess.Popen(["/bin/sh", "-c", command], stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        total = largest = 0
        while look and process.poll() is None:
            now = held(process.pid)
            total, largest = max(total, now[0]), max(largest, now[1])
            time.sleep(0.002)
        process.wait()
        took = time.perf_counter() - began
        if process.returncode:
            said.seek(0)
            words = [w.strip() for w in said.read().decode(errors="replace").split("\n") if w.strip()]
            return next((w for w in words if "error:" in w.lower()), (words or [f"exit {process.returncode}"])[-1])
    return took, total, largest


def main():
    """Round by round, each command once."""
    rounds = int(sys.argv[1])
    rows = [line.rstrip("\n").split("\t") for line in sys.stdin]
    runs = [[] for _ in rows]
    for i in range(rounds + 2):
        for (_, prepare, command), had in zip(rows, runs, strict=True):
            # The first warms the caches, the last is for the memory.
            if i == 0 or not isinstance(had[-1], str):
                had.append(once(prepare, command, i == rounds + 1))
    for (name, _, _), had in zip(rows, runs, strict=True):
        if isinstance(had[-1], str):
            print(f"| {name} | - | | | {had[-1].replace('|', ' ')[:100]} |")
            continue
        print(f"| {name} | {statistics.median(r[0] for r in had[1:-1]):.3g} | {had[-1][1]:.0f} | {had[-1][2]:.0f} | |")


if __name__ == "__main__":
    main()
