#!/usr/bin/env python3
"""buildspec.py FILE - run what CodeBuild would: its commands, on a PostgreSQL.

make lambda is there already, so make is one that does nothing.
"""

import json
import os
import pathlib
import subprocess
import sys

import yaml
from cell import GOOD
from stage import ATLAS, Stage, program


def main():
    """Each command by a shell, in a project's directory."""
    with open(sys.argv[1], encoding="utf-8") as f:
        spec = yaml.safe_load(f)
    assert spec["version"] == 0.2, spec
    commands = spec["phases"]["build"]["commands"]
    with Stage() as stage:
        function = stage.function(migrations=GOOD)
        project = pathlib.Path(function.dir, "project")
        (project / ".cache" / "lambda").mkdir(parents=True)
        (project / ".cache" / "lambda" / "package").symlink_to(function.package)
        (project / "atlas_layer" / "bin").mkdir(parents=True)
        (project / "atlas_layer" / "bin" / "atlas").symlink_to(ATLAS)
        (project / "path").mkdir()
        program(project / "path" / "make", "#!/bin/sh\n[ \"$*\" = lambda ]\n")
        env = {k: v for k, v in function.env.items() if not k.startswith(("LAMBDA", "ATLAS"))}
        assert set(spec["env"]["variables"]) <= set(env), spec["env"]
        env.update(PATH=f"{project}/path:{env['PATH']}", DB_NAME=stage.database(), HOME=os.environ.get("HOME", "/"))
        out = b""
        for command in commands:
            out = subprocess.run(["sh", "-c", command], cwd=project, env=env, check=True, stdout=subprocess.PIPE).stdout
        assert json.loads(out)["applied"] == 3, out


if __name__ == "__main__":
    main()
