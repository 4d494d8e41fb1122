# test.mk - the tests.
#
# variables: TESTS   the files to run (config.mk)
# targets:   test
#            mutate   break tools and scripts on purpose: each must turn a test red.
#                     Takes long

# The suite looks for a PostgreSQL that the system has, unless a version is asked for.
test.run := $(if $(filter command,$(firstword $(origin PG_MAJOR)))$(filter environment,$(origin ATLAS_MAKE_PG_MAJOR)),,env -u PG_MAJOR) tests

.PHONY: test
test: install-test $(ready) $(ready.parts)
	@$(test.run)/run.sh $(TESTS)

.PHONY: mutate
mutate: $(ready) $(ready.parts) $(sys.test) $(test.venv) $(test.npm) $(sam.venv)
	@$(test.run)/mutate/run.sh
