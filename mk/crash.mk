# crash.mk - the verbs, killed at each point and put into bad places.
#
# targets: crash   each verb that writes, killed after each of its calls that
#                  change a file (apply: after each message to the database);
#                  some with each program hanging that they start; and
#                  tests/hazards.bats with more of everything. Takes long.
#
# `make test` has a share of it. Each point tried is counted in
# .cache/crash.figures.

crash.figures := $(cache)/crash.figures

.PHONY: crash
crash: $(ready) $(ready.parts) $(sys.test)
	@rm -f $(crash.figures)
	@CRASH=all HAZARDS=all CRASH_FIGURES='$(CURDIR)/$(crash.figures)' \
		tests/run.sh tests/crash.bats tests/hang.bats tests/crash/*.bats tests/hazards.bats
	@echo 'killed at, and nothing lost:'
	@cat $(crash.figures)
