#!/usr/bin/env python3
"""terraform.py MAIN.tf - read the file as Terraform's language, see that whatever
it refers to is in it, and play what its apply would do: the function with the
settings the file gives it, invoked with the input that the file makes.

Terraform itself comes from no registry; its language's grammar does.
"""

import json
import re
import sys

import hcl2
from cell import GOOD
from stage import Stage


def merged(blocks):
    """name -> body, of blocks with labels; quotes off."""
    found = {}
    for block in blocks:
        for label, body in block.items():
            if label.startswith("__"):
                continue
            if isinstance(body, dict) and not body.get("__is_block__"):
                found.setdefault(label.strip('"'), {}).update(merged([body]))
            else:
                found[label.strip('"')] = body
    return found


def text(value):
    """A string, or the inside of an expression."""
    if not isinstance(value, str):
        return value
    return value[1:-1] if value[:1] == '"' else value.removeprefix("${").removesuffix("}")


def referred(value):
    """What expressions in there refer to."""
    if isinstance(value, dict):
        for v in value.values():
            yield from referred(v)
    elif isinstance(value, list):
        for v in value:
            yield from referred(v)
    elif isinstance(value, str):
        yield from re.findall(r"(?<![\w.\"])((?:data\.)?(?:var|local|aws_\w+|archive_\w+)\.\w+)", value)


def main():
    """Read, look, play."""
    with open(sys.argv[1], encoding="utf-8") as f:
        tf = hcl2.load(f)
    resources, data = merged(tf["resource"]), merged(tf["data"])
    there = {f"var.{n}" for n in merged(tf["variable"])} | {f"local.{n}" for block in tf["locals"] for n in block}
    there |= {f"{kind}.{n}" for kind, of in resources.items() for n in of}
    there |= {f"data.{kind}.{n}" for kind, of in data.items() for n in of}
    used = set(referred(tf))
    assert used and used <= there, used - there
    assert there - used <= {"local.__is_block__", "local.__comments__"}, there - used
    providers = {n for block in tf["terraform"] for p in block["required_providers"] for n in p if not n.startswith("__")}
    assert {kind.partition("_")[0] for kind in [*resources, *data]} == providers, providers

    (function,) = resources["aws_lambda_function"].values()
    assert (text(function["runtime"]), text(function["handler"]), function["timeout"]) == ("provided.al2023", "handler.sh", 900)
    sources = {n: text(d["source_dir"]) for n, d in data["archive_file"].items()}
    assert sources == {"package": "${path.root}/.cache/lambda/package", "layer": "${path.root}/atlas_layer"}, sources
    (block,) = [b for b in tf["locals"] if "migration_hash" in b]
    assert text(block["migration_hash"]) == (
        'chomp(split("\\n", file("${path.root}/.cache/lambda/package/migrations/atlas.sum"))[0])'
    ), block
    (invocation,) = resources["aws_lambda_invocation"].values()
    inside = re.fullmatch(r"jsonencode\(merge\(\{(.*)\}, each\.value\)\)", text(invocation["input"]))
    names = dict(pair.split(" = ") for pair in inside[1].split(", "))

    with Stage() as stage:
        database = stage.database()
        values = {
            "var.database.host": "localhost",
            "var.database.port": str(stage.pg_port),
            "var.database.name": database,
            "var.database.user": "migrator",
        }
        f = stage.function(migrations=GOOD)
        password = f.env["DB_PASSWORD"]
        for name in [n for n in f.env if n.startswith("DB_")]:
            del f.env[name]
        (environment,) = function["environment"]
        f.env.update({n: values[text(v)] for n, v in environment["variables"].items() if n[0] != "_"})
        # No PostgreSQL takes a token.
        f.env.update(DB_AUTH="password", DB_PASSWORD=password)
        sum_file = (f.package / "migrations" / "atlas.sum").read_text(encoding="ascii")
        values["local.migration_hash"] = sum_file.split("\n", maxsplit=1)[0]
        payload = {n: values[v] for n, v in names.items()}
        with f:
            result = json.loads(f.invoke(payload)[1])
            assert (result["status"], result["applied"], result["total"]) == ("SUCCESS", 3, 3), result
            # What the output reads.
            (output,) = merged(tf["output"]).values()
            assert "jsondecode(i.result).version" in text(output["value"]) and result["version"] == max(GOOD)[:14], result
            # The resource goes: nothing is touched.
            gone = json.loads(f.invoke({**payload, "tf": {"action": "delete"}})[1])
            assert gone["status"] == "SUCCESS" and "left as it is" in gone["reason"], gone
            # A hash that is not the package's is an error, which ends the apply.
            wrong = json.loads(f.invoke({**payload, "MigrationHash": "h1:x"})[1])
            assert wrong["errorType"] == "Migration.Failed", wrong


if __name__ == "__main__":
    main()
