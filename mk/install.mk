# install.mk - what the verbs need from outside, each fetched once.
#
# variables: PYTHON PG_MAJOR DEV_DB (config.mk)
# targets:   install        everything, and say what it is
#            install-test   what `make test` needs besides
#            doctor         what is here, what would be used, what is missing
#            sbom           what comes from elsewhere, from the lock files;
#                           SBOM=-j as CycloneDX
#            print-knobs    the knobs as shell assignments, for scripts run by hand
#
# Each need is a file: $(sys.main) and others the system packages, $(venv) the Python environment, $(test.venv) the
# tests'. A verb names the files it needs; the first run makes them, side by side:
# the engine, which takes longest, is built while the system's packages come.

venv := $(cache)/venv/ok
test.venv := $(cache)/venv-test/ok
test.npm := $(cache)/npm/ok
sam.venv := $(cache)/venv-sam/ok
ready := $(cache)/ready
# The parts of $(ready), by name in their own fragments.
ready.parts = $(tool.bins) $(venv) $(atlas.bin) $(pg.ok)

.PHONY: install install-test doctor sbom print-knobs
# A part that was noted as installed is checked again: it may have been removed, or the
# directory copied from another machine or owner, whose Python or binaries do not run
# here.
install:
	@rm -rf $(cache)/sys
	@for f in $(venv) $(atlas.bin); do [ ! -f "$$f" ] || touch -t 200001010000 "$$f"; done
	@[ ! -d $(cache)/bin ] || $(cache)/bin/mhash -V >/dev/null 2>&1 || rm -rf $(cache)/bin
	@$(MAKE) -s -f $(kit)Makefile $(ready) $(ready.parts)
	@$(kit)scripts/setup/doctor.sh

# doctor needs nothing installed: it reports what is missing.
doctor:
	@$(kit)scripts/setup/doctor.sh

# The first time, the parts are made side by side. $(ready) only remembers that
# this was done; each part is then kept up to date by its own rule.
$(ready): | $(sys.first)
	@$(MAKE) -s -f $(kit)Makefile -j4 $(ready.parts)
	@touch $@

$(venv): $(kit)requirements.txt $(REQUIREMENTS) $(kit)scripts/setup/install_venv.sh | $(sys.first)
	@$(gently) $(kit)scripts/setup/install_venv.sh $(@D) $(kit)requirements.txt $(REQUIREMENTS)

# Each version that is supported; the tests of one are a share of all (compat.bats).
test.pgs := $(foreach v,14 15 16 17 18,$(cache)/sys/postgres-embedded-$v)
$(filter-out $(cache)/sys/postgres-$(DEV_DB)-$(PG_MAJOR),$(test.pgs)): $(cache)/sys/postgres-embedded-%: $(kit)scripts/setup/install_postgres.sh | $(sys.main)
	@$(MAKE) -s -f $(kit)Makefile install-postgres DEV_DB=embedded PG_MAJOR=$*

install-test: $(sys.test) $(test.venv) $(test.npm) $(sam.venv) $(test.pgs)

$(test.venv): $(kit)tests/requirements.txt $(kit)scripts/setup/install_venv.sh | $(sys.test)
	@$(kit)scripts/setup/install_venv.sh $(@D) $(kit)tests/requirements.txt

$(test.npm): $(kit)tests/npm/package-lock.json $(kit)scripts/setup/install_npm.sh | $(sys.test)
	@$(kit)scripts/setup/install_npm.sh $(@D) $(kit)tests/npm

# sam itself, cfn-lint, and the emulator the tests run the function in.
$(sam.venv): $(kit)scripts/pins/sam-requirements.txt $(kit)scripts/setup/install_venv.sh | $(sys.main)
	@$(kit)scripts/setup/install_venv.sh $(@D) $(kit)scripts/pins/sam-requirements.txt

sbom: $(venv)
	@$(<D)/bin/python $(kit)scripts/setup/sbom.py $(SBOM)

print-knobs:
	@: $(foreach k,$(knobs) ATLAS_MAKE_KNOBS ATLAS_KIT ATLAS_KIT_PROJECT ATLAS_KIT_PREFIX ATLAS_KIT_KNOBS DATABASES DB,$(info export $k='$(subst ','\'',$($k))'))
