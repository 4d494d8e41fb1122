# Makefile - the verbs of atlas-make. Bare `make` prints them.
#
# Rules live in mk/, one concern a file; knobs with their defaults in
# mk/config.mk. Set yours on the command line, in the environment, or for good
# in Makefile.local (not committed).

.DEFAULT_GOAL := help
.SUFFIXES:
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory

-include Makefile.local
include mk/config.mk
include mk/tools.mk
include mk/install.mk
include mk/atlas.mk
include mk/devdb.mk
include mk/schema.mk
include mk/migrations.mk
include mk/lint.mk
include mk/lambda.mk
include mk/database.mk
include mk/bench.mk
include mk/test.mk
include mk/fuzz.mk
include mk/builds.mk
include mk/crash.mk
include mk/compat.mk
include mk/help.mk
