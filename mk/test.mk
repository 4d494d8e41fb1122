# test.mk - the tests.
#
# variables: TESTS   the files to run (config.mk)
# targets:   test

.PHONY: test
test: $(ready) $(ready.parts) $(sys.test) $(test.venv) $(test.npm) $(sam.venv) $(lint.parts) $(test.lambda)
	@tests/run.sh $(TESTS)
