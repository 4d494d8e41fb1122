#!/usr/bin/env python3
# sbom.py [-j] - what comes from elsewhere, from the lock files.
#
# A table: package, version, kind, checksums, lock file. With -j CycloneDX 1.5.
# Run by the project's Python environment (make sbom): pip itself reads the
# requirements. System packages have no lock file; they are named by
# scripts/setup/install_packages.sh and vouched for by the system's package manager.
# Exit 0, or 2 when a lock file cannot be read or names something without a
# checksum.
import base64
import json
import os
import re
import signal
import sys
from pathlib import Path
from urllib.parse import quote

from pip._internal.network.session import PipSession
from pip._internal.req.req_file import parse_requirements
from pip._vendor.packaging.requirements import Requirement

ALGORITHMS = {"sha256": "SHA-256", "sha384": "SHA-384", "sha512": "SHA-512", "sha1": "SHA-1"}


class Bad(Exception):
    """A lock file that vouches for less than all it names."""


def python_packages(path):
    for line in parse_requirements(str(path), session=PipSession()):
        r = Requirement(line.requirement)
        pins = [s.version for s in r.specifier if s.operator == "=="]
        hashes = [(a, h) for a, hs in line.options.get("hashes", {}).items() for h in hs]
        if len(pins) != 1 or len(list(r.specifier)) != 1:
            raise Bad(f"{path}: {r.name}: no one version")
        yield "pypi", r.name, pins[0], hashes


def npm_packages(path):
    for place, p in json.loads(path.read_text())["packages"].items():
        # A bundled package is in its parent's archive, whose checksum vouches for it.
        if place == "" or p.get("inBundle"):
            continue
        name = p.get("name") or place.rpartition("node_modules/")[2]
        hashes = []
        for word in p.get("integrity", "").split():
            algorithm, _, text = word.partition("-")
            hashes.append((algorithm, base64.b64decode(text).hex()))
        yield "npm", name, p["version"], hashes


def go_modules(path):
    """What go.mod asks for and go.sum has the checksum of the files of."""
    wanted = set()
    for line in path.with_name("go.mod").read_text().splitlines():
        words = line.split("//")[0].split()
        if words[:1] == ["require"]:
            words = words[1:]
        if len(words) == 2 and words[1].startswith("v"):
            wanted.add(tuple(words))
    for line in path.read_text().splitlines():
        module, version, total = line.split()
        if (module, version) in wanted:
            yield "golang", module, version, [("h1", total)]


def knob(name):
    found = re.search(rf"^{name} \?= *(\S+)$", Path("mk/config.mk").read_text(), re.M)
    if not found:
        raise Bad(f"mk/config.mk: no {name}")
    return found.group(1)


def atlas_release(path):
    """One entry a recorded build; where none is yet, the first fetch records it."""
    version = knob("ATLAS_VERSION")
    sums = [line.split() for line in path.read_text().splitlines()] if path.exists() else []
    return [("generic", name.rpartition("-" + version)[0], version, [("sha256", s)])
            for s, name in sums if name.endswith("-" + version)]


def read_all():
    """(lock file, [(kind, name, version, hashes)]) for each."""
    found = [p for d in ("scripts", "tests") for p in Path(d).rglob("*requirements.txt")]
    locks = sorted([*Path().glob("*requirements.txt"), *found])
    for path in locks:
        yield path, list(python_packages(path))
    for path in sorted(p for d in ("scripts", "tests") for p in Path(d).rglob("package-lock.json")):
        yield path, list(npm_packages(path))
    yield Path("scripts/atlas/go.sum"), list(go_modules(Path("scripts/atlas/go.sum")))
    path = Path("scripts/atlas/checksums")
    yield path, atlas_release(path)


def table(locks):
    rows = [("package", "version", "kind", "checksums", "lock file")]
    for path, packages in locks:
        for kind, name, version, hashes in sorted(packages, key=lambda p: p[1].lower()):
            rows.append((name, version, kind, str(len(hashes)), str(path)))
    widths = [max(len(r[i]) for r in rows) for i in range(4)]
    for r in rows:
        yield "  ".join([*(r[i].ljust(widths[i]) for i in range(4)), r[4]])


def purl(kind, name, version):
    if kind == "pypi":
        name = re.sub(r"[-_.]+", "-", name).lower()
    return f"pkg:{kind}/{quote(name, safe='/')}@{quote(version, safe='')}"


def cyclonedx(locks):
    components = {}
    for path, packages in locks:
        for kind, name, version, hashes in packages:
            ref = purl(kind, name, version)
            c = components.setdefault(ref, {
                "type": "application" if kind == "generic" else "library", "bom-ref": ref,
                "name": name, "version": version, "purl": ref, "hashes": [], "properties": []})
            for algorithm, value in hashes:
                h = {"alg": ALGORITHMS.get(algorithm), "content": value}
                if h["alg"] and h not in c["hashes"]:
                    c["hashes"].append(h)
                elif not h["alg"]:
                    c["properties"].append({"name": "go.sum", "value": value})
            c["properties"].append({"name": "lock file", "value": str(path)})
    for c in components.values():
        if not c["hashes"]:
            del c["hashes"]
    # No time and no serial number: the same lock files give the same bytes.
    return {"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
            "metadata": {"component": {"type": "application", "name": "atlas-make"}},
            "components": [components[ref] for ref in sorted(components)]}


def main(argv):
    if argv[1:] not in ([], ["-j"]):
        print("usage: sbom.py [-j]", file=sys.stderr)
        return 2
    os.chdir(Path(__file__).resolve().parents[2])
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    try:
        locks = list(read_all())
        for path, packages in locks:
            for _, name, version, hashes in packages:
                if not hashes:
                    raise Bad(f"{path}: {name} {version}: no checksum")
    except (Bad, OSError, ValueError, KeyError) as e:
        print(f"sbom.py: {e}", file=sys.stderr)
        return 2
    if argv[1:]:
        text = json.dumps(cyclonedx(locks), indent=2)
    else:
        text = "\n".join(table(locks))
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
