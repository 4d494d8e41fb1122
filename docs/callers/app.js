// The migrations as a part of a CDK app: the function's package and layer, as
// make lambda laid them out, and a custom resource that is called when the hash
// or the target changes. What needs the new schema depends on it:
//     service.node.addDependency(migrations);
const { readFileSync } = require("fs");
const cdk = require("aws-cdk-lib");
const ec2 = require("aws-cdk-lib/aws-ec2");
const iam = require("aws-cdk-lib/aws-iam");
const lambda = require("aws-cdk-lib/aws-lambda");
const logs = require("aws-cdk-lib/aws-logs");

const kit = process.env.KIT || ".";
// The first line of atlas.sum: the total over all migrations.
const hash = readFileSync(`${kit}/.cache/lambda/package/migrations/atlas.sum`, "utf8").split("\n")[0];

const app = new cdk.App();
const stack = new cdk.Stack(app, "Database");
const vpc = new ec2.Vpc(stack, "Vpc", { maxAzs: 2 });
const target = { DatabaseHost: "app.abc.eu-central-1.rds.amazonaws.com", DatabaseName: "app", DatabaseUser: "migrator" };

const log = new logs.LogGroup(stack, "Log", { retention: logs.RetentionDays.THREE_MONTHS });
const migrate = new lambda.Function(stack, "Migrate", {
  runtime: lambda.Runtime.PROVIDED_AL2023,
  handler: "handler.sh",
  architecture: lambda.Architecture.X86_64,
  code: lambda.Code.fromAsset(`${kit}/.cache/lambda/package`),
  layers: [new lambda.LayerVersion(stack, "Atlas", { code: lambda.Code.fromAsset(`${kit}/atlas_layer`) })],
  timeout: cdk.Duration.minutes(15),
  memorySize: 512,
  vpc,
  logGroup: log,
  environment: { URL_SUFFIX: stack.urlSuffix },
});
migrate.addToRolePolicy(
  new iam.PolicyStatement({
    actions: ["rds-db:connect"],
    resources: [stack.formatArn({ service: "rds-db", resource: "dbuser", resourceName: "db-ABCDEFGHIJKLMNOP/migrator", arnFormat: cdk.ArnFormat.COLON_RESOURCE_NAME })],
  }),
);
// What checkov would say, and why it is so.
const except = (construct, skip) =>
  construct.node.defaultChild.addMetadata("checkov", { skip: Object.entries(skip).map(([id, comment]) => ({ id, comment })) });
except(log, { CKV_AWS_158: "encryptionKey; without one CloudWatch's own key is used" });
except(migrate, {
  CKV_AWS_115: "targets that are migrated side by side need no limit, and one would drop events",
  CKV_AWS_116: "an event is of use for its answer alone, which a dead-letter queue cannot give",
  CKV_AWS_173: "environmentEncryption; without one the settings have Lambda's own key",
});
// An event is invoked once: a second time it would find nothing to do, but late.
const live = new lambda.Alias(stack, "Live", {
  aliasName: "live",
  version: migrate.currentVersion,
  retryAttempts: 0,
  maxEventAge: cdk.Duration.minutes(10),
});
const migrations = new cdk.CustomResource(stack, "Migrations", {
  serviceToken: live.functionArn,
  resourceType: "Custom::Migration",
  serviceTimeout: cdk.Duration.seconds(1560),
  properties: { MigrationHash: hash, ...target },
});
migrations.node.addDependency(live);
new cdk.CfnOutput(stack, "MigrationVersion", { value: migrations.getAttString("Version") });
app.synth();
