#!/usr/bin/env bats
# The template: what cfn-lint and sam say, and what both of them miss.

load helper

setup() {
	scratch
	SAM=$TOP/.cache/venv-sam/bin
	[ -x "$SAM/sam" ] || {
		echo "sam is not here: run 'make install-test'"
		return 1
	}
	export SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=eu-central-1
	cp "$TOP/cloud-formation.yaml" t.yaml
}

ours() { "$SAM/python" "$TOP/tests/lambda/template.py" "$@"; }
# but NAME SED: a template NAME with a change, which must be one.
but() {
	sed "$2" t.yaml >"$1"
	! cmp -s t.yaml "$1"
}

@test "cfn-lint finds nothing" {
	check 0 -- "$SAM/cfn-lint" --regions eu-central-1 us-east-1 --template t.yaml
}

@test "sam validate --lint" {
	check 0 -o "$PWD/t.yaml is a valid SAM Template" -- "$SAM/sam" validate --lint --template t.yaml
}

@test "sam build leaves what make lambda laid out" {
	mkdir -p .cache/lambda/package atlas_layer/bin
	touch .cache/lambda/package/bootstrap atlas_layer/bin/atlas
	check 0 -p 'Build Succeeded' -- sh -c "'$SAM/sam' build --template-file t.yaml >&2"
	grep -Eqx ' +CodeUri: ../../.cache/lambda/package' .aws-sam/build/template.yaml
	grep -Eqx ' +ContentUri: ../../atlas_layer' .aws-sam/build/template.yaml
}

@test "MigrationHash is the total of atlas.sum, where make keeps it" {
	total=$(mhash -s "$TOP/src/db/migrations/atlas.sum")
	check 0 -i t.yaml -o "$total" -- yamlset /Resources/MigrationTrigger/Properties/MigrationHash
}

@test "our own checks find nothing" {
	check 0 -- ours t.yaml
}

@test "our own checks can fail" {
	but timeout 's/Timeout: 900/Timeout: 1000/'
	but service 's/ServiceTimeout: 1560/ServiceTimeout: 99999/'
	but order 's/ServiceTimeout: 1560/ServiceTimeout: 1500/'
	but retries 's/MaximumRetryAttempts: 0/MaximumRetryAttempts: 2/'
	but age 's/MaximumEventAgeInSeconds: 600/MaximumEventAgeInSeconds: 30/'
	but alias 's/ServiceToken: .*/ServiceToken: !GetAtt MigrationFunction.Arn/'
	but first '/DependsOn: MigrationFunctionEventInvokeConfig/d'
	but runtime 's/Runtime: provided.al2023/Runtime: provided.al2/'
	but machine 's/Architectures: .*/Architectures: [x86_64]/'
	but action 's/Action: rds-db:connect/Action: rds-db:*/'
	but resource 's/Resource: !Ref DatabaseSecretArn/Resource: "*"/'
	but shown '/NoEcho: true/d'
	but force '/ForceUpdate: !Ref/d'
	but target '0,/ DatabaseName: !Ref/s/ DatabaseName: !Ref.*/ DatabaseNam: x/'
	but logs 's/RetentionInDays: .*/LogGroupName: x/'
	check 1 -O <(cat <<-'END'
		timeout: Timeout 1000: Lambda runs a function 900 s at most
		timeout: ServiceTimeout 1560: not more than the wait (600) and the Timeout (1000) together
		service: ServiceTimeout 99999: CloudFormation takes 1 to 3600
		order: ServiceTimeout 1500: not more than the wait (600) and the Timeout (900) together
		retries: MaximumRetryAttempts 2: Lambda would run a failed event again
		age: MaximumEventAgeInSeconds 30: Lambda takes 60 to 21600
		alias: ServiceToken is not the alias that retries are set for
		first: the first event could come before the retries are set
		runtime: Runtime provided.al2
		machine: the function's architecture is not the parameter
		action: rds-db:* is allowed as a whole
		action: rds-db:* is allowed as a whole
		action: rds-db:connect is not allowed
		resource: secretsmanager:GetSecretValue is allowed on everything
		shown: DatabasePassword is shown
		force: no ForceUpdate
		target: another DatabaseName would not be a change of MigrationTrigger
		logs: the logs are kept for ever
		logs: the logs are kept for ever
	END
	) -- ours timeout service order retries age alias first runtime machine action resource shown force target logs
}

@test "the page's second trigger and its mapping: a template in which cfn-lint finds nothing" {
	awk '/^```/ { on = ($0 == "```yaml"); next } on' "$TOP/docs/deploy.md" >snippet
	grep -q '^  TenantB:$' snippet
	total=$(mhash -s "$TOP/src/db/migrations/atlas.sum")
	awk -v total="$total" -v snippet=snippet '
		/^Resources:$/ {
			printf "Mappings:\n  Migrations:\n    All:\n      Hash: %s\n\n%s\n", total, $0
			while ((getline line <snippet) > 0) print line
			next
		}
		{ sub(/MigrationHash: h1:.*/, "MigrationHash: !FindInMap [Migrations, All, Hash]"); print }' t.yaml >two.yaml
	[ "$(grep -c 'FindInMap' two.yaml)" -eq 2 ]
	check 0 -- "$SAM/cfn-lint" --regions eu-central-1 --template two.yaml
	check 0 -i two.yaml -o "$total" -- yamlset /Mappings/Migrations/All/Hash
}

@test "what each parameter brings about: boundary, keys, memory, IPv6, logs that stay, the alarm, event age" {
	[ -x "$TOP/.cache/venv-test/bin/python" ] || {
		echo "the tests' parts are not here: run 'make install-test'"
		return 1
	}
	ours -t t.yaml >translated.json
	"$TOP/.cache/venv-test/bin/python" "$TOP/tests/lambda/parts.py" translated.json \
		"$TOP/src/migration_fleet/template.yaml" "$TOP/src/migration_task/template.yaml"
}

@test "moto's CloudFormation reaches CREATE_COMPLETE through the emulator; the alarm's metric is the function's" {
	load lambda/helper
	lambda_needs
	BATS_FILE_TMPDIR=$BATS_TEST_TMPDIR lambda_package
	ours -t t.yaml >translated.json
	"$PYTHON" "$TOP/tests/lambda/smoke.py" translated.json
}
