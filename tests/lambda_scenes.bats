#!/usr/bin/env bats
# The function besides the matrix: logins, secrets, proxies, two at once,
# packages that cannot work, other shells and machines. lambda/scenes.py plays
# all of them once, before the first test.

load helper
load lambda/helper

setup_file() {
	lambda_needs
	lambda_package
	lambda_play scenes.py
}

@test "login by a secret, the request's signature checked" { played 'login by secret'; }
@test "each way a secret can be wrong is named" { played 'secrets that do not help'; }
@test "login by IAM token" { played 'login by token'; }
@test "no token without a key" { played 'no token without a key'; }
@test "nothing secret in any process's arguments" { played 'nothing secret in argv'; }
@test "a password in an error text is taken out" { played 'a secret in an error'; }
@test "two deploys at once: both answer, applied once" { played 'two deploys at once'; }
@test "a proxy that takes no settings" { played 'proxy without settings'; }
@test "a proxy that ignores the settings" { played 'proxy that ignores'; }
@test "another schema than public" { played 'other schema'; }
@test "several schemas, no lock_timeout" { played 'several schemas'; }
@test "TLS is verified: authority, name, and that there is any" { played 'certificates'; }
@test "initialisation errors: told, and answered" { played 'init errors'; }
@test "settings and properties that cannot be" { played 'settings that cannot be'; }
@test "what is no event of CloudFormation" { played 'no event'; }
@test "a handler that dies or never ends" { played 'handler dies'; }
@test "Atlas is killed" { played 'atlas killed'; }
@test "what is in the database cannot be read" { played 'revisions cannot be read'; }
@test "the database falls silent when asked what is in" { played 'database falls silent'; }
@test "a runtime that is killed" { played 'runtime killed'; }
@test "the package is not written to" { played 'package is not touched'; }
@test "dash, busybox and bash" { played 'other shells'; }
@test "arm64" { played 'arm64'; }
@test "a checkpoint" { played 'checkpoint'; }
@test "no row without a test" { all_played; }
