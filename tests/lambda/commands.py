#!/usr/bin/env python3
"""commands.py FILE... - the AWS CLI's commands in the pages, the templates' comments and
the callers' files: each service, operation and option is one that AWS describes, and
each query reads what the answer has. Prints how many there are.
"""

import re
import sys

import boto3
import jmespath
from botocore import xform_name

OF_ALL = {"query", "output", "region", "cli-binary-format", "cli-read-timeout"}
# It is the CLI's own, and not in AWS's descriptions.
OWN = {("cloudformation", "deploy"): {"stack-name", "template-file", "capabilities", "parameter-overrides"}}
COMMAND = re.compile(r"\baws ([a-z0-9]+) ([a-z-]+)((?: +(?:\"[^\"]*\"|'[^']*'|[^\s`\"']+))*)")


def commands(text):
    """Each with its arguments, those within $( ) too."""
    text = re.sub(r"\\\n[#\s]*", " ", text)
    while inner := re.search(r"\$\(([^()]*)\)", text):
        yield from COMMAND.findall(inner[1])
        text = text[: inner.start()] + "X" + text[inner.end() :]
    yield from COMMAND.findall(text)


def wrong(service, verb, rest):
    """What is wrong with a command."""
    words = re.findall(r"\"[^\"]*\"|'[^']*'|[^\s\"']+", rest)
    options = {w[2:] for w in words if w.startswith("--")}
    if (service, verb) in OWN:
        return options - OWN[service, verb]
    client = boto3.client(service, region_name="eu-central-1")
    if verb == "wait":
        waiter = words[0].replace("-", "_")
        if waiter not in client.waiter_names:
            return f"nothing waits for {words[0]}"
        # What it asks while it waits takes the same options.
        verb = xform_name(client.get_waiter(waiter).config.operation, "-")
    operations = {xform_name(n, "-"): n for n in client.meta.service_model.operation_names}
    if verb not in operations:
        return f"no operation {verb}"
    model = client.meta.service_model.operation_model(operations[verb])
    known = {xform_name(m, "-") for m in model.input_shape.members}
    if "query" in options:
        query = words[words.index("--query") + 1].strip("\"'")
        jmespath.compile(query)
        first = re.match(r"\w+", query)[0]
        if first not in model.output_shape.members:
            return f"no {first} in its answer"
    return options - known - OF_ALL


def main():
    """All files."""
    n = 0
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as f:
            for command in commands(f.read()):
                n += 1
                said = wrong(*command)
                assert not said, (path, command, said)
    print(n)


if __name__ == "__main__":
    main()
