# lambda.mk - what the deploy ships: the function's package and Atlas's layer.
#
# variables: LAMBDA_ARCH LAMBDA_CC RDS_CA SAM DEPLOY_ARGS (config.mk)
# targets:   lambda           lay both out: .cache/lambda/package, atlas_layer; with
#                             DB=name .cache/lambda/name/package
#            lambda-package   the package alone
#            deploy           lambda, then sam deploy
#            test-deploy      the deploy's tests at length: trouble of 0.5, 5 and
#                             40 seconds and such that does not end, at each step;
#                             the callers' files, with CDK; 50 tenants, 1,000
#                             targets; 500 squashed migrations; a task of 16 minutes
#                             (TROUBLE_SECONDS, FOR_GOOD, TENANTS, TARGETS, SQUASH, LONG)
#
# The tools in it are linked statically, for the runtime has none of their
# libraries and an older libc. Same input, same bytes.

lambda.archs := x86_64 arm64
lambda.tools := atlasjson cfnrespond mhash mstate rdstoken
lambda.dir := $(cache)/lambda
lambda.bins = $(lambda.tools:%=$(lambda.dir)/$1/%)
# A repository with several databases has a package for each, and one layer.
lambda.package := $(lambda.dir)/$(if $(DB),$(DB)/)package
# The tests need both, and the other tools for make dist.
test.lambda := $(foreach a,$(lambda.archs),$(tool.names:%=$(lambda.dir)/$a/%))
install-test: $(test.lambda)

.PHONY: lambda lambda-package deploy test-deploy
lambda: lambda-package
	@mkdir -p atlas_layer
	@[ -f atlas_layer/.gitignore ] || echo '*' >atlas_layer/.gitignore
	@$(kit)scripts/download_atlas.sh atlas_layer/bin linux $(LAMBDA_ARCH)
lambda-package: $(call lambda.bins,$(LAMBDA_ARCH)) $(tool.dir)/mhash $(tool.dir)/yamlset | $(sys.fetch)
	@$(kit)scripts/steps/build_lambda.sh $(lambda.dir)/$(LAMBDA_ARCH) $(lambda.package)
deploy: lambda $(if $(SAM),,$(sam.venv))
	@$(kit)scripts/deploy.sh

cdk.npm := $(cache)/npm-cdk/ok
$(cdk.npm): $(kit)tests/lambda/cdk/package-lock.json $(kit)scripts/setup/install_npm.sh | $(sys.test)
	@$(kit)scripts/setup/install_npm.sh $(@D) $(kit)tests/lambda/cdk
test-deploy: export TROUBLE_SECONDS ?= 0.5 5 40
test-deploy: export FOR_GOOD ?= yes
test-deploy: export TENANTS ?= 50
test-deploy: export TARGETS ?= 1000
test-deploy: export SQUASH ?= 500
test-deploy: export LONG ?= 960
test-deploy: $(cdk.npm)
	@$(MAKE) -f $(kit)Makefile test TESTS="tests/lambda/callers.bats tests/lambda/steps.bats tests/lambda/many.bats tests/lambda_targets.bats tests/lambda_task.bats tests/lambda_fleet.bats tests/squash.bats"

# No debug information and no build id: no path of this machine gets in.
lambda.cc = LAMBDA_ARCH=$1 $(kit)scripts/setup/lambda_cc.sh $(tool.cflags) $(tool.harden) -Os -ffunction-sections \
	-static -s -Wl,--gc-sections -Wl,--build-id=none
$(foreach a,$(lambda.archs),$(foreach t,$(tool.names),$(eval $(call tool.rule,$(lambda.dir)/$a/$t,$t,$(call lambda.cc,$a),\
	$(tool.needs.$t:%=-l%),$(kit)mk/lambda.mk $(kit)scripts/setup/lambda_cc.sh,$(sys.$(if $(filter $t,$(lambda.tools)),lambda-$a,dist))))))
