# project.mk - where a knob's value comes from: the first of these that has one.
#
#   the command line   make drift BASELINE=none
#   ATLAS_MAKE_KNOB    in the environment, for CI and for scripts run by hand:
#                      ATLAS_MAKE_BASELINE=none scripts/drift.sh
#   Makefile.local     ignored by git: for one person's machine
#   atlas-make.mk      committed: this project's knobs
#   config.mk          the defaults
#
# A knob's bare name in the environment has no effect, since other programs export such
# names: a terminal NAME, a CI system BASE, PostgreSQL's own image PG_MAJOR. Only DEV_DB
# and the flags of compilers (CC, CFLAGS, ...) are read from there.

# The knobs that scripts get, and those that only make uses.
knobs := SCHEMA SCHEMA_DEPS REQUIREMENTS VENV DEV_SCHEMAS MIGRATIONS TEMPLATE MIGRATION_HASH_POINTER NAME \
	RENAME CONCURRENT_INDEX ALLOW_EMPTY LINT_BASE LINT_LATEST ATLAS ATLAS_VERSION ATLAS_URL ATLAS_FROM \
	DEV_DB PG_MAJOR PG_BINDIR DEV_DB_INIT DEV_DB_EXTENSIONS DEV_DB_SUPERUSER PYTHON LAMBDA_ARCH \
	LAMBDA_CC RDS_CA SAM DEPLOY_ARGS CC NAMING BIG_TABLES ATLAS_LINT LINT_FORMAT LINT_REPORT \
	CHECK_ALL TIME_LIMIT REVISIONS_SCHEMA LOCK_TIMEOUT EXEC_ORDER BASELINE COMPARE_EXCLUDE DRIFT_GRANTS ERD
knobs.make := BENCH BUILDS DATABASES DB DESTDIR FROM FUZZ FUZZ_CC FUZZ_FLAGS FUZZ_RUNS FUZZ_SECONDS PREFIX SBOM \
	TESTS VERSION WERROR
# The former names of knobs.
knobs.old := MIGRATION_HASH:MIGRATION_HASH_POINTER BASE:LINT_BASE LATEST:LINT_LATEST \
	REPORT:LINT_REPORT EXCLUDE:COMPARE_EXCLUDE

knobs.stray := $(strip $(foreach k,$(filter-out DEV_DB CC,$(knobs)) $(knobs.make),$(if $(filter environment,$(origin $k)),$k)))
# make 3.81 cannot undefine; the Makefile then calls make once more, without them.
ifneq ($(filter undefine,$(.FEATURES)),)
$(foreach k,$(knobs.stray),$(eval undefine $k))
knobs.stray :=
endif

# A check must be about the same in each clone: if only Makefile.local set one of the
# project's knobs, CI would check another schema, or the bundled example, and pass
# without meaning anything.
-include atlas-make.mk
ifneq ($(wildcard Makefile.local),)
project.knobs := SCHEMA SCHEMA_DEPS REQUIREMENTS VENV DEV_SCHEMAS MIGRATIONS TEMPLATE MIGRATION_HASH_POINTER \
	DEV_DB_INIT NAMING REVISIONS_SCHEMA
$(foreach k,$(project.knobs),$(eval project.$k = $(value $k)))
include Makefile.local
$(foreach k,$(project.knobs),$(if $(filter-out default undefined environment command,$(firstword $(origin $k))),\
	$(if $(filter-out x$(value project.$k)x,x$(value $k)x)$(filter-out x$(value $k)x,x$(value project.$k)x),\
	$(error Makefile.local sets $k, and no other clone has that file: move the line into atlas-make.mk, which is committed))))
endif

# A former name, in a file or on the command line. Where both names are set in the same
# kind of place, the new one counts.
define knob.renamed
$(if $(MAKELEVEL:0=),,$(warning $1 is called $2 now; fix: say $2=...))
$(if $(filter command,$(firstword $(origin $1))),override )$2 := $$($1)
endef
$(foreach p,$(knobs.old),$(foreach o,$(firstword $(subst :, ,$p)),$(foreach n,$(lastword $(subst :, ,$p)),\
	$(if $(filter file command,$(firstword $(origin $o))),\
	$(if $(or $(filter command,$(firstword $(origin $n))),$(filter file/file,$(origin $o)/$(origin $n))),,\
	$(eval $(call knob.renamed,$o,$n)))))))

# Blanks before a comment, or before the end of a line, are no part of a value.
knob.trim = $(foreach k,$1,$(if $(filter x,$(lastword $($k)x)),$(eval $k := $$(strip $$($k)))))
$(call knob.trim,$(foreach k,$(knobs) $(knobs.make),$(if $(filter file,$(origin $k)),$k)))

# The environment's value as it is: make does not expand a $ in it.
$(foreach v,$(filter-out ATLAS_MAKE_KNOBS ATLAS_MAKE_URL,$(filter ATLAS_MAKE_%,$(.VARIABLES))),\
	$(if $(filter $(v:ATLAS_MAKE_%=%),$(knobs) $(knobs.make)),$(eval $(v:ATLAS_MAKE_%=%) := $$(value $v)),\
	$(warning $v: there is no knob $(v:ATLAS_MAKE_%=%); fix: take a name from mk/config.mk)))
