"""sam_settings.py ARG... - what `sam deploy ARG...` would do, asked of sam itself.

Runs in sam's own environment. Prints two words: the value of the parameter
Architecture (- where nobody sets it), and whether a bucket is named (named or
none). Exit 1 when sam does not take the arguments; it says so better itself.
"""

import sys

import click
from samcli.commands.deploy.command import cli


def main():
    """Let sam read its arguments and its configuration file."""
    try:
        params = cli.make_context("deploy", sys.argv[1:]).params
    except (click.ClickException, click.exceptions.Exit):
        return 1
    named = params.get("s3_bucket") or params.get("resolve_s3") or params.get("guided")
    print((params.get("parameter_overrides") or {}).get("Architecture", "-"), "named" if named else "none")
    return 0


if __name__ == "__main__":
    sys.exit(main())
