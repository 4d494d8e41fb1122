# The migrations as a part of a Terraform configuration: the function's package
# and layer, as make lambda laid them out, and an invocation whenever they change.
# A failed migration is a failed apply, with the reason in its message.

terraform {
  required_providers {
    aws     = { source = "hashicorp/aws", version = ">= 5.0" }
    archive = { source = "hashicorp/archive", version = ">= 2.0" }
  }
}

variable "role_arn" { type = string }
variable "subnet_ids" { type = list(string) }
variable "security_group_ids" { type = list(string) }
variable "database" {
  type = object({ host = string, name = string, user = string, port = optional(number, 5432) })
}

locals {
  # The first line of atlas.sum: the total over all migrations.
  migration_hash = chomp(split("\n", file("${path.root}/.cache/lambda/package/migrations/atlas.sum"))[0])
}

data "archive_file" "package" {
  type        = "zip"
  source_dir  = "${path.root}/.cache/lambda/package"
  output_path = "${path.root}/.cache/package.zip"
}

data "archive_file" "layer" {
  type        = "zip"
  source_dir  = "${path.root}/atlas_layer"
  output_path = "${path.root}/.cache/layer.zip"
}

resource "aws_lambda_layer_version" "atlas" {
  layer_name       = "atlas"
  filename         = data.archive_file.layer.output_path
  source_code_hash = data.archive_file.layer.output_base64sha256
}

resource "aws_lambda_function" "migrate" {
  # checkov:skip=CKV_AWS_50: the log has the durations; there is nothing else to trace
  # checkov:skip=CKV_AWS_115: targets that are migrated side by side need no limit
  # checkov:skip=CKV_AWS_116: the caller gets the answer; nothing is queued
  # checkov:skip=CKV_AWS_173: what is in the environment is no secret; add kms_key_arn for a key of yours
  # checkov:skip=CKV_AWS_272: the package is made where it is deployed from
  function_name    = "migrate"
  role             = var.role_arn
  runtime          = "provided.al2023"
  handler          = "handler.sh"
  filename         = data.archive_file.package.output_path
  source_code_hash = data.archive_file.package.output_base64sha256
  layers           = [aws_lambda_layer_version.atlas.arn]
  timeout          = 900
  memory_size      = 512
  vpc_config {
    subnet_ids         = var.subnet_ids
    security_group_ids = var.security_group_ids
  }
  environment {
    variables = { DB_HOST = var.database.host, DB_PORT = var.database.port, DB_NAME = var.database.name, DB_USER = var.database.user }
  }
}

# One for each target: what it names comes before the function's environment.
resource "aws_lambda_invocation" "migrations" {
  for_each      = { public = {} }
  function_name = aws_lambda_function.migrate.function_name
  input         = jsonencode(merge({ MigrationHash = local.migration_hash, DatabaseHost = var.database.host, DatabaseName = var.database.name }, each.value))
}

output "version" {
  value = { for name, i in aws_lambda_invocation.migrations : name => jsondecode(i.result).version }
}
