#!/usr/bin/env python3
"""template.py [-t] FILE... - what cfn-lint and sam validate do not see.

Prints one line for each thing that is wrong with the deploy's template, after
SAM's own translation; exit 1 if there is any. -t prints the translation of the
first instead, as JSON. Runs in sam's environment.
"""

import json
import logging
import os
import sys

os.environ.setdefault("AWS_DEFAULT_REGION", "eu-central-1")

# pylint: disable=wrong-import-position
from samcli.yamlhelper import yaml_parse
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

# It speaks of its own metrics.
logging.disable(logging.CRITICAL)

TRIGGER = "MigrationTrigger"
NETWORK = {
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
}


# What of the target the trigger names: see target.sh.
TARGET = """
    DatabaseHost DatabasePort DatabaseName DatabaseSchema DatabaseUser DatabaseAuth DatabaseSecretArn RevisionsSchema
    Baseline ExecOrder
""".split()


def translate(template):
    """What CloudFormation gets to see."""
    for r in template["Resources"].values():
        for key in ("CodeUri", "ContentUri"):
            if key in r.get("Properties", {}):
                r["Properties"][key] = {"Bucket": "bucket", "Key": key}
    values = {name: p.get("Default", "x") for name, p in template["Parameters"].items()}
    return Translator({}, Parser()).translate(template, values)


def listed(x):
    """A list, of one where it was none."""
    return x if isinstance(x, list) else [x]


def statements(role):
    """The statements of a role's policies, with their conditions' names."""
    for policy in role["Properties"]["Policies"]:
        for s in policy["PolicyDocument"]["Statement"]:
            if "Fn::If" in s:
                name, s, other = s["Fn::If"]
                assert other == {"Ref": "AWS::NoValue"}
                yield name, s
            else:
                yield None, s


def wrong(template):
    """What is wrong with a translated template."""
    resources = template["Resources"]

    def of(kind):
        return {name: r for name, r in resources.items() if r["Type"] == kind}

    (name, function), *more = of("AWS::Lambda::Function").items()
    if more:
        yield "more than one function"
    properties = function["Properties"]
    trigger = resources[TRIGGER]
    timeout = properties["Timeout"]
    service = trigger["Properties"].get("ServiceTimeout")
    (config_name, config), *_ = list(of("AWS::Lambda::EventInvokeConfig").items()) + [(None, None)]
    if not isinstance(timeout, int) or not 60 <= timeout <= 900:
        yield f"Timeout {timeout}: Lambda runs a function 900 s at most"
    if not isinstance(service, int) or not 1 <= service <= 3600:
        yield f"ServiceTimeout {service}: CloudFormation takes 1 to 3600"
    if config is None:
        yield "no EventInvokeConfig: Lambda would run a failed event again"
    else:
        c = config["Properties"]
        if c.get("MaximumRetryAttempts") != 0:
            yield f"MaximumRetryAttempts {c.get('MaximumRetryAttempts')}: Lambda would run a failed event again"
        age = c.get("MaximumEventAgeInSeconds", 21600)
        if not 60 <= age <= 21600:
            yield f"MaximumEventAgeInSeconds {age}: Lambda takes 60 to 21600"
        if isinstance(service, int) and service <= age + timeout:
            yield f"ServiceTimeout {service}: not more than the wait ({age}) and the Timeout ({timeout}) together"
        alias = trigger["Properties"]["ServiceToken"].get("Ref")
        if resources.get(alias, {}).get("Type") != "AWS::Lambda::Alias":
            yield "ServiceToken is not the alias that retries are set for"
        elif resources[alias]["Properties"]["Name"] != c["Qualifier"] or c["FunctionName"] != {"Ref": name}:
            yield "retries are set for another alias than ServiceToken's"
        if config_name not in listed(trigger.get("DependsOn", [])):
            yield "the first event could come before the retries are set"
    if trigger["Type"] != "Custom::Migration":
        yield f"{TRIGGER} is a {trigger['Type']}"
    if properties["Runtime"] != "provided.al2023":
        yield f"Runtime {properties['Runtime']}"
    if properties.get("Architectures") != [{"Ref": "Architecture"}]:
        yield "the function's architecture is not the parameter"
    if template["Parameters"]["Architecture"]["AllowedValues"] != ["x86_64", "arm64"]:
        yield "Architecture does not take x86_64 and arm64"
    if not properties.get("Layers"):
        yield "the function has no layer with Atlas"
    log = properties.get("LoggingConfig", {}).get("LogGroup", {})
    if not all("Ref" in choice for choice in log.get("Fn::If", [None, log])[1:]):
        yield "the function writes to a log group of its own making"
    for log in of("AWS::Logs::LogGroup").values():
        if "RetentionInDays" not in log["Properties"]:
            yield "the logs are kept for ever"
    if "ForceUpdate" not in trigger["Properties"]:
        yield "no ForceUpdate"
    for target in TARGET:
        if trigger["Properties"].get(target) != {"Ref": target}:
            yield f"another {target} would not be a change of {TRIGGER}"

    # Least privilege.
    for role in of("AWS::IAM::Role").values():
        if role["Properties"].get("ManagedPolicyArns"):
            yield "the role has a managed policy"
        allowed = set()
        for condition, s in statements(role):
            actions = listed(s["Action"])
            allowed |= set(actions)
            for a in actions:
                if s["Effect"] == "Allow" and "*" in a:
                    yield f"{a} is allowed as a whole"
            if s["Effect"] == "Allow" and s["Resource"] == "*" and not set(actions) <= NETWORK:
                yield f"{', '.join(actions)} is allowed on everything"
            for a, want in (
                ("rds-db:connect", ("UsesIam", "UsesMoreUsers")),
                ("secretsmanager:GetSecretValue", ("UsesSecret", "UsesMoreSecrets")),
                ("kms:Decrypt", ("UsesSecretKey",)),
            ):
                if a in actions and condition not in want:
                    yield f"{a} is allowed whether it is used or not"
        for a in ("rds-db:connect", "secretsmanager:GetSecretValue", "kms:Decrypt", "logs:PutLogEvents", *sorted(NETWORK)):
            if a not in allowed:
                yield f"{a} is not allowed"
    # Secrets come in by parameters that do not show, and only when used.
    for parameter, p in template["Parameters"].items():
        if "Password" in parameter and p.get("NoEcho") is not True:
            yield f"{parameter} is shown"
        if "Password" in parameter and p.get("Default"):
            yield f"{parameter} has a default"
    for key, value in properties["Environment"]["Variables"].items():
        if "PASSWORD" in key and list(value) != ["Fn::If"]:
            yield f"{key} is set whether it is used or not"


def main():
    """Translate, and look."""
    show = sys.argv[1] == "-t"
    found = False
    for path in sys.argv[2 if show else 1 :]:
        with open(path, encoding="utf-8") as f:
            template = translate(yaml_parse(f.read()))
        if show:
            json.dump(template, sys.stdout)
            break
        for line in wrong(template):
            found = True
            print(f"{path}: {line}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
