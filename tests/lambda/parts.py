#!/usr/bin/env python3
"""parts.py TEMPLATE FLEET TASK - what each parameter of the templates brings about.

moto makes a stack of each template (of the first its translation), with the
parameters left alone and with all of them given, and what was made is read back
from the services. What moto's CloudFormation does not know, it resolves, and the
service's own call takes it, which checks it by AWS's description of that service.
"""

import json
import logging
import os
import sys
import time

import boto3
import yaml
from fleet import Loader
from moto import mock_aws
from moto.cloudformation.models import cloudformation_backends
from moto.cloudformation.parsing import clean_json

# moto looks for a stack in this one, whatever is asked for.
REGION = "us-east-1"
os.environ.update(AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="y", AWS_DEFAULT_REGION=REGION)
logging.disable(logging.CRITICAL)
ACCOUNT = "123456789012"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/5f2b6c70-1c1e-11f0-9b1a-0a1b2c3d4e5f"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/bound"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms"
# moto's CloudFormation does not make these; aliases take a published version.
UNKNOWN = ("AWS::Lambda::Alias", "AWS::Lambda::EventInvokeConfig", "AWS::CloudWatch::Alarm", "Custom::Migration")
GIVEN = {"KmsKeyArn": KEY, "PermissionsBoundaryArn": BOUNDARY, "LogRetention": "7"}
iam, logs, functions, cloudwatch = (boto3.client(s) for s in ("iam", "logs", "lambda", "cloudwatch"))


class Made:
    """A stack of a template, and what it is made of."""

    def __init__(self, template, parameters, left_out=UNKNOWN):
        template = json.loads(json.dumps(template))
        self.later = {n: r for n, r in template["Resources"].items() if r["Type"] in left_out}
        for name in self.later:
            del template["Resources"][name]
        template.pop("Outputs")
        template.pop("Rules", None)
        self.cloudformation = boto3.client("cloudformation")
        known = {k: v for k, v in parameters.items() if k in template["Parameters"]}
        self.name = f"app{time.monotonic_ns()}"
        stack = self.cloudformation.create_stack(
            StackName=self.name,
            TemplateBody=json.dumps(template),
            Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in known.items()],
            Capabilities=["CAPABILITY_IAM"],
        )["StackId"]
        self.map = cloudformation_backends[ACCOUNT][REGION].get_stack(stack).resource_map
        made = self.cloudformation.describe_stack_resources(StackName=self.name)["StackResources"]
        self.ids = {r["LogicalResourceId"]: r["PhysicalResourceId"] for r in made if "PhysicalResourceId" in r}
        self.resources = template["Resources"]

    def properties(self, name):
        """A resource's, with the parameters in them; None where its condition does not hold."""
        r = self.later.get(name) or self.resources[name]
        if "Condition" in r and not self.map.lazy_condition_map[r["Condition"]]:
            return None
        return clean_json(r["Properties"], self.map)

    def of(self, kind):
        """The ids of what was made of a kind, by their names in the template."""
        return {n: i for n, i in self.ids.items() if self.resources[n]["Type"] == kind}

    def boundaries(self):
        """Those of all roles."""
        roles = self.of("AWS::IAM::Role")
        assert roles
        return {iam.get_role(RoleName=i)["Role"].get("PermissionsBoundary", {}).get("PermissionsBoundaryArn") for i in roles.values()}

    def log(self):
        """The one log group: its days, and its key."""
        ((logical, name),) = self.of("AWS::Logs::LogGroup").items()
        (group,) = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
        key = self.properties(logical).get("KmsKeyId")
        again = f"again-{time.monotonic_ns()}"
        logs.create_log_group(logGroupName=again, **({"kmsKeyId": key} if key else {}))
        (with_key,) = logs.describe_log_groups(logGroupNamePrefix=again)["logGroups"]
        return group.get("retentionInDays"), with_key.get("kmsKeyId")

    def delete(self):
        """The stack goes: the log groups that stay."""
        names = set(self.of("AWS::Logs::LogGroup").values())
        self.cloudformation.delete_stack(StackName=self.name)
        return names & {g["logGroupName"] for g in logs.describe_log_groups()["logGroups"]}


def the_function(template):
    """Parameters left alone; all of them given."""
    network = {"SubnetIds": "subnet-1,subnet-2", "SecurityGroupIds": "sg-1"}
    ec2 = boto3.client("ec2")
    network["SubnetIds"] = ",".join(s["SubnetId"] for s in ec2.describe_subnets()["Subnets"][:2])
    network["SecurityGroupIds"] = ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]
    target = {"DatabaseHost": "db.example", "DatabaseName": "app", "DatabaseUser": "migrator", "DatabaseResourceId": "db-A", **network}
    plain = Made(template, target)
    everything = {**target, **GIVEN, "MemorySize": "1769", "Ipv6": "yes", "AlarmTopicArn": TOPIC, "Architecture": "arm64"}
    given, dropping = (Made(template, {**everything, "KeepLogs": keep}) for keep in ("yes", "no"))
    assert (plain.boundaries(), given.boundaries()) == ({None}, {BOUNDARY})
    assert (plain.log(), given.log(), dropping.log()) == ((90, None), (7, KEY), (7, KEY))
    for stack, memory, key, ipv6, machine in ((plain, 512, None, None, "x86_64"), (given, 1769, KEY, True, "arm64")):
        name = stack.ids["MigrationFunction"]
        made = functions.get_function_configuration(FunctionName=name)
        assert (made["MemorySize"], made["Timeout"]) == (memory, 900), made
        assert made["VpcConfig"]["SubnetIds"] == network["SubnetIds"].split(","), made
        p = stack.properties("MigrationFunction")
        assert p.get("KmsKeyArn") == key and p["VpcConfig"].get("Ipv6AllowedForDualStack") == ipv6, p
        assert p["Architectures"] == [machine], p
        (log,) = stack.of("AWS::Logs::LogGroup").values()
        assert p["LoggingConfig"] == {"LogGroup": log}, p
        functions.update_function_configuration(
            FunctionName=name, VpcConfig=p["VpcConfig"], LoggingConfig=p["LoggingConfig"], **({"KMSKeyArn": key} if key else {})
        )
        # The role may write there, and nowhere else.
        (policy,) = stack.properties("MigrationRole")["Policies"]
        (write,) = [s for s in policy["PolicyDocument"]["Statement"] if s and "logs:PutLogEvents" in s["Action"]]
        (group,) = logs.describe_log_groups(logGroupNamePrefix=log)["logGroups"]
        assert write["Resource"] == group["arn"].removesuffix(":*"), (write, group)
        # An event that waits that long and then takes all its time is answered in time.
        config = next(n for n, r in stack.later.items() if r["Type"] == "AWS::Lambda::EventInvokeConfig")
        c = stack.properties(config)
        functions.put_function_event_invoke_config(
            FunctionName=name, MaximumRetryAttempts=c["MaximumRetryAttempts"], MaximumEventAgeInSeconds=c["MaximumEventAgeInSeconds"]
        )
        kept = functions.get_function_event_invoke_config(FunctionName=name)
        trigger = stack.later["MigrationTrigger"]["Properties"]
        assert kept["MaximumRetryAttempts"] == 0
        assert kept["MaximumEventAgeInSeconds"] + made["Timeout"] < trigger["ServiceTimeout"] <= 3600, (kept, trigger)
    assert plain.properties("MigrationAlarm") is None
    alarm = given.properties("MigrationAlarm")
    cloudwatch.put_metric_alarm(AlarmName="failed", **alarm)
    (made,) = cloudwatch.describe_alarms()["MetricAlarms"]
    assert made["AlarmActions"] == [TOPIC], made
    assert made["Dimensions"] == [{"Name": "functionName", "Value": given.ids["MigrationFunction"]}], made
    assert (len(plain.delete()), len(given.delete()), len(dropping.delete())) == (0, 1, 0)


def beside(path, more):
    """The fleet's template, and the task's."""
    with open(path, encoding="utf-8") as f:
        template = yaml.load(f, Loader)
    plain, given = (Made(template, {**more, **p}, ("AWS::StepFunctions::StateMachine", "AWS::ECS::TaskDefinition")) for p in ({}, GIVEN))
    assert (plain.boundaries(), given.boundaries()) == ({None}, {BOUNDARY}), path
    assert (plain.log(), given.log()) == ((90, None), (7, KEY)), path
    return plain, given


def lower(value):
    """CloudFormation's names, as the service's call has them."""
    if isinstance(value, dict):
        return {k[0].lower() + k[1:]: lower(v) for k, v in value.items()}
    return [lower(v) for v in value] if isinstance(value, list) else value


def the_task(path):
    """Its login: by token, and by secret."""
    target = {"Image": "i@sha256:0", "DatabaseHost": "db.example", "DatabaseName": "app", "DatabaseUser": "m", "DatabaseResourceId": "db-A"}
    secret = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:s"
    plain, _ = beside(path, target)
    by_secret, _ = beside(path, {**target, "DatabaseSecretArn": secret})
    for stack, auth, action in ((plain, "iam", "rds-db:connect"), (by_secret, "secret", "secretsmanager:GetSecretValue")):
        p = lower(stack.properties("Task"))
        for c in p["containerDefinitions"]:
            # CloudFormation makes text of a number; and the options' names are the driver's.
            c["environment"] = [{k: str(v) for k, v in e.items()} for e in c["environment"]]
            c["logConfiguration"]["options"] = {k: str(v) for k, v in c["logConfiguration"]["options"].items()}
        made = boto3.client("ecs").register_task_definition(**p)["taskDefinition"]
        (container,) = made["containerDefinitions"]
        env = {e["name"]: e["value"] for e in container["environment"]}
        assert (env["DB_AUTH"], env["DB_HOST"], env["DB_PORT"]) == (auth, "db.example", "5432"), env
        (policy,) = stack.properties("TaskRole")["Policies"]
        assert [s["Action"] for s in policy["PolicyDocument"]["Statement"] if s] == [action], policy


# What the look at the function must not overlook, if it went.
GONE = """
    MigrationRole/Properties/PermissionsBoundary MigrationFunction/Properties/KmsKeyArn MigrationFunction/Properties/MemorySize
    MigrationFunction/Properties/VpcConfig/Ipv6AllowedForDualStack MigrationFunction/Properties/LoggingConfig
    MigrationLog/Properties/KmsKeyId MigrationLogKept/Properties/KmsKeyId MigrationLogKept/Properties/RetentionInDays
    MigrationLogKept/DeletionPolicy MigrationAlarm/Properties/AlarmActions MigrationAlarm/Properties/Dimensions
    MigrationAlarm/Condition MigrationFunctionEventInvokeConfig/Properties/MaximumEventAgeInSeconds
""".split()


def can_fail(template):
    """It sees each of these."""
    for path in GONE:
        broken = json.loads(json.dumps(template))
        *way, last = path.split("/")
        at = broken["Resources"]
        for name in way:
            at = at[name]
        del at[last]
        try:
            the_function(broken)
        except (AssertionError, KeyError):
            continue
        raise AssertionError(f"{path} is gone, and it was not seen")


def main():
    """All three."""
    with open(sys.argv[1], encoding="utf-8") as f:
        template = json.load(f)
    with mock_aws():
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket="bucket")
        for key in ("CodeUri", "ContentUri"):
            s3.put_object(Bucket="bucket", Key=key, Body=b"PK\5\6" + 18 * b"\0")
        anything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
        iam.create_policy(PolicyName="bound", PolicyDocument=json.dumps(anything))
        the_function(template)
        can_fail(template)
        beside(sys.argv[2], {"MigrationFunction": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:migrate:live"})
        the_task(sys.argv[3])


if __name__ == "__main__":
    main()
