# Makefile - the verbs of atlas-make. Bare `make` prints them.
#
# Rules live in mk/, one concern a file. The project's own knobs are in
# atlas-make.mk, which is committed; all knobs with their defaults are in
# mk/config.mk.
#
# The kit, this directory, and the project, the one make was called in, are the
# same in a clone of the template. In a repository that has the kit in a
# directory of its own, kit.mk calls this file from the project's root:
# make -f tools/atlas-make/Makefile check-migrations

# Before any include: where this file lies, as seen from the project.
kit := $(patsubst %Makefile,%,$(lastword $(MAKEFILE_LIST)))
ifeq ($(wildcard $(kit)mk/config.mk),)
$(error The kit is not at '$(kit)': call it from the project's root, by a path without a blank)
endif
export ATLAS_KIT := $(or $(patsubst %/,%,$(kit)),.)
export ATLAS_KIT_PROJECT := $(CURDIR)
# What stands before some verbs where kit.mk is included.
export ATLAS_KIT_PREFIX ?=

.DEFAULT_GOAL := help
.SUFFIXES:
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory

include $(kit)mk/project.mk
ifneq ($(knobs.stray),)
# This make cannot leave out what the environment calls like a knob; its own can.
.PHONY: again $(MAKECMDGOALS)
$(or $(MAKECMDGOALS),help): again ;
again:
	@env $(knobs.stray:%=-u %) $(MAKE) -f $(kit)Makefile $(MAKECMDGOALS)
else
include $(kit)mk/databases.mk
include $(kit)mk/config.mk
include $(kit)mk/packages.mk
include $(kit)mk/tools.mk
include $(kit)mk/install.mk
include $(kit)mk/atlas.mk
include $(kit)mk/devdb.mk
include $(kit)mk/migrations.mk
# The check, which is counted in milliseconds, is asked for alone most times: it
# needs none of these, and to read them would take as long again.
ifneq ($(filter-out check-migrations print-knobs,$(or $(MAKECMDGOALS),help)),)
include $(kit)mk/schema.mk
include $(kit)mk/lint.mk
include $(kit)mk/database.mk
include $(kit)mk/help.mk
include $(kit)mk/lambda.mk
# The kit's own tests, where it is no guest.
ifeq ($(ATLAS_KIT),.)
include mk/bench.mk
include mk/dist.mk
include mk/test.mk
include mk/fuzz.mk
include mk/builds.mk
include mk/crash.mk
include mk/compat.mk
endif
endif
endif
