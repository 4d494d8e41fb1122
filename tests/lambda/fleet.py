#!/usr/bin/env python3
"""fleet.py - run the fleet's state machine, as the template has it.

moto plays Step Functions and reads the machine's language; in place of its
Lambda the runtime emulator runs our package, four of them at once, on tenants
of one PostgreSQL. One tenant is broken: the others are all in, the report tells
of each, and the execution fails. The list comes with the input, then from a bucket.
TENANTS is how many (8).
"""

import io
import json
import logging
import os
import queue
import time
import zipfile

import boto3
import yaml
from cell import GOOD
from moto import mock_aws
from moto.awslambda.models import LambdaFunction
from stage import TOP, Stage

REGION = "us-east-1"
os.environ.update(AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="y", AWS_DEFAULT_REGION=REGION)
logging.disable(logging.CRITICAL)
ACCOUNT = "123456789012"
TENANTS = int(os.environ.get("TENANTS") or 8)
CONFIG = {"stepfunctions": {"execute_state_machine": True}}


class Loader(yaml.SafeLoader):
    """CloudFormation's short forms, as the long ones."""


def short(loader, name, node):
    """!Ref, !Sub and the like."""
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
        if name == "GetAtt":
            value = value.split(".", 1)
    else:
        value = loader.construct_sequence(node, deep=True)
    return {name if name in ("Ref", "Condition") else f"Fn::{name}": value}


Loader.add_multi_constructor("!", short)


def resolved(value, parameters):
    """The definition with the parameters in it."""
    if isinstance(value, list):
        return [resolved(v, parameters) for v in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"Ref"}:
        return parameters.get(value["Ref"])
    if set(value) == {"Fn::Sub"}:
        return value["Fn::Sub"].replace("${AWS::Partition}", "aws")
    if set(value) == {"Fn::If"}:
        condition, yes, no = value["Fn::If"]
        from_bucket = "TargetsBucket" in parameters
        return resolved(yes if condition == ("FromBucket" if from_bucket else "FromInput") else no, parameters)
    return {k: w for k, v in value.items() if (w := resolved(v, parameters)) is not None}


def tenants(stage):
    """A schema each in two databases; what the function is told of each."""
    databases = [stage.database() for _ in range(2)]
    targets = []
    for n in range(TENANTS):
        with stage.sql(databases[n % 2]) as db:
            db.run(f"CREATE SCHEMA tenant_{n} AUTHORIZATION migrator")
            if n == 1:
                db.run(f"CREATE TABLE tenant_{n}.two (id integer)")
        targets.append({"DatabaseName": databases[n % 2], "DatabaseSchema": f"tenant_{n}", "Baseline": "none"})
    return targets


def execute(definition, targets, bucket=None):
    """An execution of the machine: its end, and the report."""
    if bucket:
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket=bucket["TargetsBucket"])
        s3.put_object(Bucket=bucket["TargetsBucket"], Key=bucket["TargetsKey"], Body=json.dumps(targets).encode())
    role = boto3.client("iam").create_role(RoleName="role", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as z:
        z.writestr("bootstrap", "")
    functions = boto3.client("lambda")
    functions.create_function(
        FunctionName="migrate", Runtime="provided.al2023", Role=role, Handler="x", Code={"ZipFile": code.getvalue()}, Publish=True
    )
    functions.create_alias(FunctionName="migrate", Name="live", FunctionVersion="1")
    machines = boto3.client("stepfunctions")
    machine = machines.create_state_machine(name="fleet", definition=json.dumps(definition), roleArn=role)["stateMachineArn"]
    execution = machines.start_execution(stateMachineArn=machine, input=json.dumps({} if bucket else {"targets": targets}))["executionArn"]
    end = time.monotonic() + 180 + 3 * TENANTS
    while (told := machines.describe_execution(executionArn=execution))["status"] == "RUNNING":
        assert time.monotonic() < end, "it does not end"
        time.sleep(0.2)
    for event in machines.get_execution_history(executionArn=execution, maxResults=1000)["events"]:
        details = event.get("stateExitedEventDetails", {})
        if details.get("name") == "Count":
            return told, json.loads(details["output"])
    return told, None


def too_many(definition, parameters, bucket):
    """More than a report holds: refused before anything is run; of a bucket's list the
    rest is not read, and the execution tells so. Played with four for 1500."""
    few = json.loads(json.dumps(resolved(definition, parameters)).replace("1500", "4"))
    asked = []

    def invoke(_self, event=None):
        asked.append(event)
        return '{"status": "SUCCESS", "version": "1", "applied": 1, "total": 1}', False, ""

    LambdaFunction._invoke_lambda = invoke  # pylint: disable=protected-access
    targets = [{"DatabaseSchema": f"tenant_{n}"} for n in range(7)]
    with mock_aws(config=CONFIG):
        told, count = execute(few, targets)
        assert (told["status"], told["error"], count, asked) == ("FAILED", "Migration.TooManyTargets", None, []), (told, asked)
    with mock_aws(config=CONFIG):
        told = execute(few, targets[:4])[0]
        assert told["status"] == "SUCCEEDED" and len(asked) == 4, (told, asked)
    few = json.loads(json.dumps(resolved(definition, {**parameters, **bucket})).replace("1500", "4").replace("1501", "5"))
    del asked[:]
    with mock_aws(config=CONFIG):
        told, count = execute(few, targets, bucket)
        assert (told["status"], told["error"]) == ("FAILED", "Migration.TooManyTargets"), told
        assert len(asked) == count["targets"] == 5 and "5 were tried" in told["cause"], (told, asked, count)


def seen(told, count):
    """The broken one is told, and the others are in."""
    assert told["status"] == "FAILED" and told["error"] == "Migration.SomeFailed" and count, told
    assert told["cause"].startswith(f"1 of {TENANTS} targets failed"), (told, count)
    assert (count["targets"], count["failed"]) == (TENANTS, 1), count
    # What a state may pass on is 256 KB.
    good = [e for n, e in enumerate(count["report"]) if n != 1]
    assert 1500 * len(json.dumps(good, separators=(",", ":"))) / len(good) < 256 * 1024, good
    assert set(count) == {"targets", "failed", "report"}, count
    for n, entry in enumerate(count["report"]):
        if n == 1:
            assert "already exists" in entry["result"]["reason"], entry
            assert entry["target"]["DatabaseSchema"] == "tenant_1", entry
        else:
            assert entry["DatabaseSchema"] == f"tenant_{n}", entry
            assert (entry["result"]["status"], entry["result"]["applied"]) == ("SUCCESS", 3), entry
            assert entry["result"]["version"] == "20240103000000", entry


def main():
    """Eight tenants or more, one of them broken."""
    with open(TOP / "src" / "migration_fleet" / "template.yaml", encoding="utf-8") as f:
        template = yaml.load(f, Loader)
    alias = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:migrate:live"
    # moto wants a fraction there, AWS takes a whole number, too.
    parameters = {"MigrationFunction": alias, "Concurrency": 4, "ToleratedFailures": 99.5}
    bucket = {"TargetsBucket": "fleets", "TargetsKey": "targets.json"}
    definition = template["Resources"]["Fleet"]["Properties"]["Definition"]
    too_many(definition, parameters, bucket)
    with Stage() as stage:
        targets = tenants(stage)
        idle = queue.Queue()
        functions = [stage.function(migrations=GOOD, timeout=30) for _ in range(4)]
        for f in functions:
            idle.put(f.start())

        def invoke(_self, event=None):
            f = idle.get()
            try:
                text = f.invoke(json.dumps(event))[1]
            finally:
                idle.put(f)
            return text, "errorType" in json.loads(text), ""

        LambdaFunction._invoke_lambda = invoke  # pylint: disable=protected-access
        try:
            with mock_aws(config=CONFIG):
                seen(*execute(resolved(definition, parameters), targets))
            with mock_aws(config=CONFIG):
                seen(*execute(resolved(definition, {**parameters, **bucket}), targets, bucket))
        finally:
            for f in functions:
                f.stop()


if __name__ == "__main__":
    main()
