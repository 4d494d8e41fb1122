# kit.mk - the kit's verbs, for a Makefile that has its own.
#
#   include tools/atlas-make/kit.mk
#
# Each calls the kit's Makefile in a make of its own: no rule, variable or flag of
# yours changes what it does, and none of its changes yours. The project is the
# directory of the Makefile that includes this; its knobs are in atlas-make.mk
# there, which is committed.
#
# targets: those of atlas-make.plain; those of atlas-make.prefixed, whose names a
#          Makefile may have already, with atlas- before them: atlas-status
# needs:   a path to the kit without a blank, as seen from the project

ifeq ($(origin atlas-make.kit),undefined)
atlas-make.goal := $(.DEFAULT_GOAL)
atlas-make.kit := $(patsubst %/kit.mk,%,$(lastword $(MAKEFILE_LIST)))
atlas-make.plain := check-migrations create-migrations hash-migrations import-migrations import-schema \
	lint-migrations lint-report merge-driver new-migration rebase-migrations render-schema squash-migrations update-kit
atlas-make.prefixed := apply clean deploy doctor drift erd help install lambda plan status tools

.PHONY: $(atlas-make.plain) $(atlas-make.prefixed:%=atlas-%)
# (No line of a recipe: you may have a .RECIPEPREFIX.)
$(atlas-make.plain): ; @$(MAKE) --no-print-directory -f $(atlas-make.kit)/Makefile ATLAS_KIT_PREFIX=atlas- $@
$(atlas-make.prefixed:%=atlas-%): atlas-%: ; @$(MAKE) --no-print-directory -f $(atlas-make.kit)/Makefile ATLAS_KIT_PREFIX=atlas- $*
# make -j create-migrations check-migrations: the check is of what was written.
check-migrations: | $(filter create-migrations hash-migrations import-% new-migration rebase-migrations squash-migrations,$(MAKECMDGOALS))

# Bare make does what it did before.
.DEFAULT_GOAL := $(atlas-make.goal)
endif
