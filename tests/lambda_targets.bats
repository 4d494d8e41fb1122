#!/usr/bin/env bats
# Which database, and who asks: lambda/targets.py plays it, all of it once,
# before the first test.

load helper
load lambda/helper

setup_file() {
	lambda_needs
	lambda_package
	lambda_play targets.py
}

@test "an applied file was edited" { played 'applied file edited'; }
@test "an applied file was replaced by another of its version" { played 'applied file replaced'; }
@test "of many files the edited one is named" { played 'one of many files edited'; }
@test "an applied file is gone" { played 'applied file gone'; }
@test "a file that stopped, and has another number of statements now" { played 'stopped and mended'; }
@test "the event names another database" { played 'another database'; }
@test "the event names its secret; a password goes to no unknown host" { played 'login in the event'; }
@test "tenants in one database" { played 'tenants in one database'; }
@test "one record for two tenants is refused" { played 'record of another schema'; }
@test "a record where an earlier version kept it" { played 'record where it was'; }
@test "services in one database" { played 'services in one database'; }
@test "the package's revisions schema" { played 'revisions schema of the package'; }
@test "the first deploy as the page has it" { played 'first deploy'; }
@test "Baseline none" { played 'baseline none'; }
@test "tables of extensions and of other tools" { played 'tables of others'; }
@test "a Baseline that is no version; the last one" { played 'baseline unknown'; }
@test "a hotfix went first: ExecOrder" { played 'exec order'; }
@test "hints are true: certificates" { played 'hints of certificates'; }
@test "hints are true: logins" { played 'hints of logins'; }
@test "hints are true: networks and names" { played 'hints of networks'; }
@test "hints are true: rights" { played 'hints of rights'; }
@test "hints are true: statements" { played 'hints of statements'; }
@test "no hint without a test, and none hidden" { played 'no hint without a test'; }
@test "invoked without CloudFormation" { played 'direct'; }
@test "and it fails" { played 'direct fails'; }
@test "and it is a delete" { played 'direct delete'; }
@test "what cannot be meant, or is misnamed: a sentence, and nothing is done" { played 'odd values'; }
@test "CDK's provider framework" { played 'provider framework'; }
@test "a fleet, one of it broken" { played 'fleet'; }
@test "the bucket says later" { played 'answer later'; }
@test "the bucket says elsewhere" { played 'answer elsewhere'; }
@test "the bucket cannot be reached: nothing is applied" { played 'no way to answer'; }
@test "no row without a test" { all_played; }
