# devdb.mk - PostgreSQL's binaries for the temporary database.
#
# variables: DEV_DB PG_MAJOR PG_BINDIR (config.mk)
# targets:   $(pg.ok)   they are here, or DEV_DB does not want any

pg.ok := $(cache)/sys/postgres-$(DEV_DB)-$(PG_MAJOR)
# A URL given as DEV_DB is no file name.
ifneq ($(findstring :,$(DEV_DB)),)
pg.ok :=
endif

$(pg.ok): $(kit)scripts/setup/install_postgres.sh | $(sys.first)
	@$(gently) $(kit)scripts/setup/install_postgres.sh
	@touch $@
