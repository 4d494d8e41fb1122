# project.mk - the project's knobs, which everyone has, before one person's own.
#
# files: atlas-make.mk    committed: this project's knobs
#        Makefile.local   ignored by git: for one person's machine
#
# What a check is about must not differ from one clone to the next: a knob of
# the project's that only Makefile.local sets would leave CI with another
# schema, or with the bundled example, and its green would say nothing.

-include atlas-make.mk
project.knobs := SCHEMA SCHEMA_DEPS DEV_SCHEMAS MIGRATIONS TEMPLATE MIGRATION_HASH \
	DEV_DB_INIT NAMING REVISIONS_SCHEMA
$(foreach k,$(project.knobs),$(eval project.$k = $(value $k)))
-include Makefile.local
$(foreach k,$(project.knobs),$(if $(filter-out default undefined environment command,$(firstword $(origin $k))),\
	$(if $(filter-out x$(value project.$k)x,x$(value $k)x)$(filter-out x$(value $k)x,x$(value project.$k)x),\
	$(error Makefile.local sets $k, and no other clone has that file: move the line into atlas-make.mk, which is committed))))
