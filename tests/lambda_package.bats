#!/usr/bin/env bats
# What the deploy ships: the package, the layer, and how sam gets them.

load helper
load lambda/helper

setup_file() { lambda_needs; }

setup() {
	scratch
	project
	# The tools are the tree's own; one test links them anew.
	mkdir .cache/lambda
	ln -s "$TOP/.cache/lambda/x86_64" "$TOP/.cache/lambda/arm64" .cache/lambda/
	ln -s "$TOP/.cache/venv-sam" .cache/
	export ATLAS_MAKE_RDS_CA=''
	P=.cache/lambda/package
}

# listing DIR: modes, sizes, times, checksums and names.
listing() {
	(cd "$1" && find . -exec stat -c '%a %Y %F %n' {} + | sort -k 4 && find . -type f -exec sha256sum {} + | sort -k 2)
}

@test "make lambda: package and layer, the same bytes each time and elsewhere" {
	make -s lambda >out
	grep -Eqx "package: $P \([0-9]+ KiB\)" out
	[ -x atlas_layer/bin/atlas ]
	listing "$P" >"$BATS_TEST_TMPDIR/first"
	# Other times, other tools of the same source: linked in this directory.
	find src -exec touch {} +
	rm .cache/lambda/x86_64
	umask 077
	make -s lambda >/dev/null
	listing "$P" >"$BATS_TEST_TMPDIR/second"
	same "$BATS_TEST_TMPDIR/first" "$BATS_TEST_TMPDIR/second"
}

@test "what is in it, and how big" {
	make -s lambda-package >/dev/null
	check 0 -O <(cat <<-'END'
		755 .
		644 ./answer.sh
		644 ./atlas.hcl
		644 ./atlas.sh
		755 ./bin
		755 ./bin/atlasjson
		755 ./bin/cfnrespond
		755 ./bin/mhash
		755 ./bin/migrate
		755 ./bin/mstate
		755 ./bin/rdstoken
		755 ./bootstrap
		755 ./certs
		755 ./handler.sh
		644 ./index.sh
		644 ./lib.sh
		644 ./login.sh
		755 ./migrations
		644 ./migrations/20261101090000_create_users.sql
		644 ./migrations/20261115100000_create_addresses.sql
		644 ./migrations/atlas.sum
		644 ./reason.sh
		644 ./retry.sh
		644 ./target.sh
		644 ./verdict.sh
	END
	) -- sh -c "cd $P && find . -exec stat -c '%a %n' {} + | sort -k 2"
	[ "$(du -sk --apparent-size "$P" | cut -f1)" -le 15360 ]
	# Static and stripped: no interpreter, no symbols, no path of this machine.
	for t in "$P"/bin/*; do
		run ! grep -aq '/ld-linux\|/ld-musl' "$t"
		[ -z "$(nm -a "$t" 2>/dev/null)" ]
		run ! grep -aqF "$TOP" "$t"
	done
}

@test "the chosen architecture" {
	# machine FILE: the machine in the ELF header.
	machine() { od -An -t x1 -j 18 -N 2 "$1" | tr -d ' '; }
	make -s lambda-package >/dev/null
	[ "$(machine "$P/bin/mhash")" = 3e00 ]
	make -s lambda-package LAMBDA_ARCH=arm64 >/dev/null
	for t in "$P"/bin/[!m]* "$P"/bin/m[!i]*; do [ "$(machine "$t")" = b700 ]; done
	check 2 -p "^make: \*\*\* No rule to make target '.cache/lambda/riscv" -- make -s lambda-package LAMBDA_ARCH=riscv
	check 2 -e "lambda_cc.sh: LAMBDA_ARCH=riscv: Lambda has x86_64 and arm64" -- \
		env ATLAS_MAKE_LAMBDA_ARCH=riscv scripts/setup/lambda_cc.sh -v
	check 2 -p '^lambda_cc.sh: /nonexistent/cc cannot make a static program for arm64$' -- \
		env ATLAS_MAKE_LAMBDA_ARCH=arm64 ATLAS_MAKE_LAMBDA_CC=/nonexistent/cc scripts/setup/lambda_cc.sh x.c
	# One whose libcrypto.a calls zlib and zstd, as Debian 13's; and tells what it likes.
	printf '#!/bin/sh\ncase "$*" in *"-lcrypto -lz -lzstd") echo "a note" ;; *) echo "undefined: inflate"; exit 1 ;; esac\n' >cc13
	chmod +x cc13
	export ATLAS_MAKE_LAMBDA_CC=./cc13
	check 0 -- scripts/setup/lambda_cc.sh x.c -lcrypto
	check 2 -e 'undefined: inflate
lambda_cc.sh: ./cc13 cannot make a static program for x86_64' -- scripts/setup/lambda_cc.sh x.c -ljansson
}

@test "what the function writes down is nobody else's to read" {
	make -s lambda-package >/dev/null
	mkdir work
	umask 022
	# An event of another package: its properties are read, and nothing is applied.
	printf '{"MigrationHash": "h1:x", "DBPassword": "secret"}' |
		LAMBDA_TASK_ROOT="$PWD/$P" MIGRATION_WORK="$PWD/work" DB_HOST=localhost DB_NAME=d "$P/handler.sh" >out 2>&1 || :
	[ -s work/properties ]
	[ -z "$(find work -type f -perm /077)" ]
}

@test "a package that cannot succeed is not made" {
	make -s lambda-package >/dev/null
	listing "$P" >"$BATS_TEST_TMPDIR/before"
	echo '-- more' >>src/db/migrations/20261101090000_create_users.sql
	check 1 -E <(cat <<-END
		edited 20261101090000_create_users.sql
		build_lambda.sh: src/db/migrations does not match its atlas.sum: make check-migrations says more; if it is meant so: make hash-migrations
	END
	) -- scripts/steps/build_lambda.sh .cache/lambda/x86_64 "$P"
	"$TOP/.cache/bin/mhash" -w src/db/migrations
	check 1 -p "^build_lambda.sh: cloud-formation.yaml: MigrationHash is 'h1:.*', the total of src/db/migrations/atlas.sum is 'h1:.*': make hash-migrations$" -- \
		scripts/steps/build_lambda.sh .cache/lambda/x86_64 "$P"
	listing "$P" >"$BATS_TEST_TMPDIR/after"
	same "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
	no_new=$(find .cache/lambda -name '*.new.*' -o -name '*.old')
	[ -z "$no_new" ]
	nothing_left
}

@test "the certificates of RDS: a file, an address, and no package without" {
	b() { scripts/steps/build_lambda.sh .cache/lambda/x86_64 "$P"; }
	printf -- '-----BEGIN CERTIFICATE-----\nx\n' >ca.pem
	ATLAS_MAKE_RDS_CA=ca.pem b >/dev/null
	same ca.pem "$P/certs/rds.pem"
	ATLAS_MAKE_RDS_CA=https://127.0.0.1:9/x check 2 -p '^build_lambda.sh: https://127.0.0.1:9/x: .*127.0.0.1 port 9.*fix: give them as RDS_CA=FILE, or RDS_CA= if' -- \
		scripts/steps/build_lambda.sh .cache/lambda/x86_64 "$P"
	same ca.pem "$P/certs/rds.pem"
	# What was fetched is used for a month, and after that where no new ones come.
	cp ca.pem .cache/rds-ca.pem
	ATLAS_MAKE_RDS_CA=https://127.0.0.1:9/x b >/dev/null
	touch -d '40 days ago' .cache/rds-ca.pem
	ATLAS_MAKE_RDS_CA=https://127.0.0.1:9/x check 0 -p 'the certificates fetched before are used$' -- \
		sh -c 'scripts/steps/build_lambda.sh .cache/lambda/x86_64 "$1" >/dev/null' sh "$P"
	same ca.pem "$P/certs/rds.pem"
	echo nothing >none.pem
	ATLAS_MAKE_RDS_CA=none.pem check 2 -e "build_lambda.sh: RDS_CA: no certificates in 'none.pem'" -- \
		scripts/steps/build_lambda.sh .cache/lambda/x86_64 "$P"
	ATLAS_MAKE_RDS_CA=gone.pem check 2 -e "build_lambda.sh: RDS_CA: no certificates in 'gone.pem'" -- \
		scripts/steps/build_lambda.sh .cache/lambda/x86_64 "$P"
}

# a_sam: a sam that tells how it was called. What it would do is asked of the
# real one, through its Python.
a_sam() {
	printf '#!/bin/sh\nprintf "<%%s>" "$@"\necho " telemetry=$SAM_CLI_TELEMETRY"\nexit "${SAM_EXIT:-0}"\n' >sam
	chmod +x sam
	export ATLAS_MAKE_SAM=./sam
}

@test "make deploy" {
	a_sam
	make -s deploy DEPLOY_ARGS="--stack-name app --parameter-overrides 'DatabaseName=a b' X=1" >out
	grep -Fqx '<deploy><--template-file><cloud-formation.yaml><--capabilities><CAPABILITY_IAM><--resolve-s3><--stack-name><app><--parameter-overrides><DatabaseName=a b><X=1> telemetry=0' out
	[ -x "$P/bootstrap" ] && [ -x atlas_layer/bin/atlas ]
	plain='<deploy><--template-file><cloud-formation.yaml><--capabilities><CAPABILITY_IAM>'
	check 0 -o "$plain<--stack-name><app><--s3-bucket><b> telemetry=0" -- \
		env ATLAS_MAKE_DEPLOY_ARGS='--stack-name app --s3-bucket b' scripts/deploy.sh
	check 1 -o "$plain<--resolve-s3><--stack-name><app> telemetry=0" -- \
		env SAM_EXIT=1 ATLAS_MAKE_DEPLOY_ARGS='--stack-name app' scripts/deploy.sh
	# What sam does not take, it says itself.
	check 1 -o "$plain<--bogus> telemetry=0" -- env SAM_EXIT=1 ATLAS_MAKE_DEPLOY_ARGS=--bogus scripts/deploy.sh
	# One that is no Python program, and no other to ask.
	rm .cache/venv-sam
	check 0 -o "$plain<--resolve-s3><--stack-name><app> telemetry=0" -p 'that Architecture is x86_64 is not looked at$' -- \
		env ATLAS_MAKE_DEPLOY_ARGS='--stack-name app' scripts/deploy.sh
	nothing_left
}

@test "make deploy asks sam for the settings in its file" {
	a_sam
	make -s lambda >/dev/null
	plain='<deploy><--template-file><cloud-formation.yaml><--capabilities><CAPABILITY_IAM>'
	# Another environment's, and a comment's, are not meant.
	cat >samconfig.toml <<-'END'
		version = 0.1
		[default.deploy.parameters]
		stack_name = "app"
		# parameter_overrides = "Architecture=arm64"
		[prod.deploy.parameters]
		stack_name = "prod"
		s3_bucket = "b"
		parameter_overrides = "Architecture=\"arm64\" DatabaseName=\"x\""
	END
	check 0 -o "$plain<--resolve-s3> telemetry=0" -- scripts/deploy.sh
	check 2 -p 'the package is for x86_64, the stack.s parameter Architecture is arm64' -- \
		env ATLAS_MAKE_DEPLOY_ARGS='--config-env prod' scripts/deploy.sh
	check 0 -o "$plain<--config-env><prod> telemetry=0" -- \
		env ATLAS_MAKE_LAMBDA_ARCH=arm64 ATLAS_MAKE_DEPLOY_ARGS='--config-env prod' scripts/deploy.sh
	rm samconfig.toml
	printf 'version: 0.1\ndefault:\n  deploy:\n    parameters:\n      stack_name: app\n      resolve_s3: true\n      parameter_overrides:\n        - Architecture=arm64\n' >samconfig.yaml
	check 2 -p 'the package is for x86_64, the stack.s parameter Architecture is arm64' -- scripts/deploy.sh
	check 0 -o "$plain telemetry=0" -- env ATLAS_MAKE_LAMBDA_ARCH=arm64 scripts/deploy.sh
	nothing_left
}

@test "make deploy refuses a package for another machine than the stack's" {
	a_sam
	make -s lambda >/dev/null
	plain='<deploy><--template-file><cloud-formation.yaml><--capabilities><CAPABILITY_IAM><--resolve-s3><--stack-name><app>'
	export ATLAS_MAKE_DEPLOY_ARGS='--stack-name app'
	check 2 -p '^deploy.sh: the package is for arm64, the stack.s parameter Architecture is x86_64: make deploy LAMBDA_ARCH=x86_64, or put Architecture=arm64' -- \
		env ATLAS_MAKE_LAMBDA_ARCH=arm64 scripts/deploy.sh
	check 0 -o "$plain<--parameter-overrides><Architecture=arm64> telemetry=0" -- \
		env ATLAS_MAKE_LAMBDA_ARCH=arm64 ATLAS_MAKE_DEPLOY_ARGS="$ATLAS_MAKE_DEPLOY_ARGS --parameter-overrides Architecture=arm64" scripts/deploy.sh
	check 0 -o "$plain<--parameter-overrides><ParameterKey=Architecture,ParameterValue=arm64> telemetry=0" -- \
		env ATLAS_MAKE_LAMBDA_ARCH=arm64 ATLAS_MAKE_DEPLOY_ARGS="$ATLAS_MAKE_DEPLOY_ARGS --parameter-overrides ParameterKey=Architecture,ParameterValue=arm64" scripts/deploy.sh
	check 2 -e "deploy.sh: no sam at '/nonexistent/sam': run 'make deploy', or set SAM" -- env ATLAS_MAKE_SAM=/nonexistent/sam scripts/deploy.sh
	rm -r "$P"
	check 2 -e "deploy.sh: no $P/bootstrap: run 'make lambda'" -- scripts/deploy.sh
}

@test "two plain steps: download_atlas.sh makes all the template names" {
	./scripts/download_atlas.sh 'atlas_layer/bin/'
	[ -x atlas_layer/bin/atlas ]
	[ -x "$P/bootstrap" ]
	# Elsewhere it gets Atlas alone.
	rm -r "$P"
	./scripts/download_atlas.sh other
	[ -x other/atlas ]
	[ ! -e "$P" ]
	nothing_left
}

@test "sam uploads both as they lie there" {
	make -s lambda >/dev/null
	# A small stand-in: the layer's size is nothing to test.
	printf '#!/bin/sh\n' >atlas_layer/bin/atlas
	"$PYTHON" "$TOP/tests/lambda/package.py" "$TOP/.cache/venv-sam/bin/sam"
}
