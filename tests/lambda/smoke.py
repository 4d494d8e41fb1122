#!/usr/bin/env python3
"""smoke.py TEMPLATE - create a stack of the translated template in moto.

moto plays CloudFormation: it makes the resources, sends its own event to the
function and waits for the answer at its own URL. In place of the container it
would start, the runtime emulator runs our package, with the environment that
the template gave the function. The trigger's Data must arrive in the Outputs; and
what the function then logs of a migration that fails, taken as CloudWatch takes it,
must be the metric that the alarm looks at.
"""

import json
import logging
import os
import sys
import time

# moto looks for the answer's stack in this region, whatever the URL says.
REGION = "us-east-1"
os.environ.update(AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="y", AWS_DEFAULT_REGION=REGION)

# pylint: disable=wrong-import-position
import boto3
from cell import GOOD, TWO
from moto import settings as moto_settings
from moto.awslambda.models import LambdaFunction
from moto.server import ThreadedMotoServer
from stage import PASSWORD, Stage

logging.getLogger("werkzeug").setLevel(logging.ERROR)


def metrics(cloudwatch, lines):
    """CloudWatch makes metrics of the lines that are in its embedded format."""
    for line in lines:
        for told in line.get("_aws", {}).get("CloudWatchMetrics", ()):
            for dimensions in told["Dimensions"]:
                data = [
                    {
                        "MetricName": m["Name"],
                        "Value": line[m["Name"]],
                        "Timestamp": line["_aws"]["Timestamp"] / 1000,
                        "Dimensions": [{"Name": d, "Value": line[d]} for d in dimensions],
                    }
                    for m in told["Metrics"]
                ]
                cloudwatch.put_metric_data(Namespace=told["Namespace"], MetricData=data)


def alarmed(cloudwatch, alarm):
    """Whether the metric that the alarm names is past its threshold."""
    names = ("Namespace", "MetricName", "Dimensions", "Period")
    now = time.time()
    points = cloudwatch.get_metric_statistics(
        **{n: alarm[n] for n in names}, Statistics=[alarm["Statistic"]], StartTime=now - 3600, EndTime=now + 60
    )["Datapoints"]
    assert alarm["ComparisonOperator"] == "GreaterThanOrEqualToThreshold", alarm
    assert points, "the alarm looks at a metric that the function does not write"
    return any(p[alarm["Statistic"]] >= alarm["Threshold"] for p in points)


def main():
    """One stack, from nothing to complete."""
    with open(sys.argv[1], encoding="utf-8") as f:
        template = json.load(f)
    with Stage() as stage:
        moto = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        moto.start()
        port = moto.get_host_and_port()[1]
        # Where moto tells the function to answer; it would ask docker.
        moto_settings.moto_server_host = lambda: "http://127.0.0.1"
        moto_settings.moto_server_port = lambda: port
        aws = {"region_name": REGION, "endpoint_url": f"http://127.0.0.1:{port}"}
        database = stage.database()
        function = stage.function(migrations=GOOD)
        events = []

        def invoke(self, event=None):
            events.append(event)
            function.env.update({k: str(v) for k, v in self.environment_vars.items()})
            with function:
                status, text = function.invoke(json.dumps(event))
            return text, status != 200, function.log().decode(errors="replace")

        LambdaFunction._invoke_lambda = invoke  # pylint: disable=protected-access

        ec2 = boto3.client("ec2", **aws)
        subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
        group = ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]
        s3 = boto3.client("s3", **aws)
        s3.create_bucket(Bucket="bucket")
        for key in ("CodeUri", "ContentUri"):
            s3.put_object(Bucket="bucket", Key=key, Body=b"PK\5\6" + 18 * b"\0")
        parameters = {
            "DatabaseHost": "localhost",
            "DatabasePort": str(stage.pg_port),
            "DatabaseName": database,
            "DatabaseUser": "migrator",
            "DatabaseAuth": "password",
            "DatabasePassword": PASSWORD,
            "SubnetIds": subnet,
            "SecurityGroupIds": group,
        }
        # moto knows no alias and no settings for one: the function itself then.
        resources = template["Resources"]
        trigger = resources["MigrationTrigger"]
        for name in (trigger["Properties"]["ServiceToken"]["Ref"], trigger.pop("DependsOn")):
            del resources[name]
        del template["Outputs"]["MigrationFunction"]
        trigger["Properties"]["ServiceToken"] = {"Fn::GetAtt": ["MigrationFunction", "Arn"]}
        trigger["Properties"]["MigrationHash"] = function.total()
        cloudformation = boto3.client("cloudformation", **aws)
        cloudformation.create_stack(
            StackName="app",
            TemplateBody=json.dumps(template),
            Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()],
            Capabilities=["CAPABILITY_IAM"],
        )
        end = time.monotonic() + 120
        while True:
            stack = cloudformation.describe_stacks(StackName="app")["Stacks"][0]
            if stack["StackStatus"] != "CREATE_IN_PROGRESS" or time.monotonic() > end:
                break
            time.sleep(0.2)
        log = function.log().decode(errors="replace") if function.logfile.exists() else "the function was not called"
        assert stack["StackStatus"] == "CREATE_COMPLETE", (stack["StackStatus"], log)
        outputs = {o["OutputKey"]: o["OutputValue"] for o in stack["Outputs"]}
        assert outputs["MigrationVersion"] == "20240103000000", (outputs, log)
        assert len(events) == 1 and events[0]["RequestType"] == "Create", events
        with stage.sql(database) as db:
            tables = db.run("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        assert tables == [[3]], tables

        cloudwatch = boto3.client("cloudwatch", **aws)
        ids = {r["LogicalResourceId"]: r.get("PhysicalResourceId") for r in cloudformation.list_stack_resources(StackName="app")["StackResourceSummaries"]}
        name = ids["MigrationFunction"]
        alarm = json.loads(json.dumps(template["Resources"]["MigrationAlarm"]["Properties"]).replace('{"Ref": "MigrationFunction"}', f'"{name}"'))
        function.env["AWS_LAMBDA_FUNCTION_NAME"] = name
        for migrations, failed in ((GOOD, False), ({**GOOD, TWO: "SELECT nope;\n"}, True)):
            function.set_migrations(migrations)
            function.logfile.unlink()
            with function:
                function.invoke("{}")
            metrics(cloudwatch, function.log_lines())
            assert alarmed(cloudwatch, alarm) == failed, function.log()
        moto.stop()


if __name__ == "__main__":
    main()
