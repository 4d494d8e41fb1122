# test.mk - the tests.
#
# variables: TESTS   [tests/*.bats] the files to run
# targets:   test

TESTS ?=

.PHONY: test
test: $(ready) $(ready.parts) $(sys.test) $(test.venv) $(test.npm) $(sam.venv) $(lint.parts) $(test.lambda)
	@tests/run.sh $(TESTS)
