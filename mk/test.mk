# test.mk - the tests.
#
# variables: TESTS   the files to run (config.mk)
# targets:   test
#            mutate   break tools and scripts on purpose: each must turn a test red.
#                     Takes long

.PHONY: test
test: $(ready) $(ready.parts) $(sys.test) $(test.venv) $(test.npm) $(sam.venv) $(lint.parts) $(test.lambda)
	@tests/run.sh $(TESTS)

.PHONY: mutate
mutate: $(ready) $(ready.parts) $(sys.test) $(test.venv) $(test.npm) $(sam.venv)
	@tests/mutate/run.sh
