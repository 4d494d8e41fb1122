# Makefile - the verbs of atlas-make. Bare `make` prints them.
#
# Rules live in mk/, one concern a file. The project's own knobs are in
# atlas-make.mk, which is committed; all knobs with their defaults are in
# mk/config.mk.

.DEFAULT_GOAL := help
.SUFFIXES:
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory

include mk/project.mk
include mk/config.mk
include mk/tools.mk
include mk/install.mk
include mk/atlas.mk
include mk/devdb.mk
include mk/schema.mk
include mk/migrations.mk
include mk/lint.mk
include mk/database.mk
include mk/help.mk
# The check, which is counted in milliseconds, is asked for alone most times: it
# needs none of these, and to read them would take as long again.
ifneq ($(filter-out check-migrations print-knobs,$(MAKECMDGOALS)),)
include mk/lambda.mk
include mk/bench.mk
include mk/test.mk
include mk/fuzz.mk
include mk/builds.mk
include mk/crash.mk
include mk/compat.mk
endif
