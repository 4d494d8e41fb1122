#!/usr/bin/env bats
# The files for other callers than CloudFormation, docs/callers: a part of make
# test-deploy, for CDK is large.

load ../helper
load helper

setup_file() { lambda_needs; }
setup() {
	scratch
	cp -R "$TOP/docs/callers" .
	# What make lambda lays out: small stand-ins.
	mkdir -p .cache/lambda/package/migrations atlas_layer/bin
	cp "$TOP/src/db/migrations/atlas.sum" .cache/lambda/package/migrations/
	touch .cache/lambda/package/bootstrap atlas_layer/bin/atlas
}

@test "app.js: CDK makes a template of it, in which cfn-lint and checkov find nothing" {
	[ -f "$TOP/.cache/npm-cdk/ok" ] || {
		echo "CDK is not here: run 'make test-deploy'"
		return 1
	}
	export NODE_PATH=$TOP/.cache/npm-cdk/node_modules PATH=$PATH:$TOP/.cache/node/bin
	HOME=$PWD CDK_OUTDIR=$PWD/out.cdk CDK_DISABLE_VERSION_CHECK=1 node callers/app.js
	# W3005: CDK writes dependencies that a reference has already.
	check 0 -- "$TOP/.cache/venv-sam/bin/cfn-lint" --ignore-checks W3005 --regions eu-central-1 --template out.cdk/Database.template.json
	"$TOP/.cache/venv-checkov/bin/python" -m checkov.main --quiet --compact --skip-download --framework cloudformation -f out.cdk/Database.template.json >said
	grep -q 'Passed checks: [1-9][0-9]*, Failed checks: 0, Skipped checks: 4$' said || { cat said; false; }
	"$PYTHON" - "$(head -n 1 "$TOP/src/db/migrations/atlas.sum")" <<-'END'
		import json, sys
		resources = json.load(open("out.cdk/Database.template.json"))["Resources"]
		of = lambda kind: [r["Properties"] for r in resources.values() if r["Type"] == kind]
		(trigger,) = of("Custom::Migration")
		assert trigger["MigrationHash"] == sys.argv[1] and trigger["DatabaseHost"], trigger
		aliases = [n for n, r in resources.items() if r["Type"] == "AWS::Lambda::Alias"]
		assert trigger["ServiceToken"] == {"Ref": aliases[0]}, trigger
		(config,) = of("AWS::Lambda::EventInvokeConfig")
		assert config["MaximumRetryAttempts"] == 0, config
		function = next(f for f in of("AWS::Lambda::Function") if f["Runtime"] == "provided.al2023")
		assert function["Timeout"] == 900 and int(trigger["ServiceTimeout"]) > 900 + config["MaximumEventAgeInSeconds"] - 1, trigger
	END
}

@test "buildspec.yml: what it runs, with the package of make lambda" {
	BATS_FILE_TMPDIR=$BATS_TEST_TMPDIR lambda_package
	"$PYTHON" "$TOP/tests/lambda/buildspec.py" callers/buildspec.yml
}
