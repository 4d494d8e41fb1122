# compat.mk - the suites with other shells, surroundings and servers.
#
# targets: compat   dash, bash and busybox as sh; locales; umask 077; PostgreSQL 14
#                   to 18. Takes long.
#
# tests/compat.bats is the share of it that `make test` has.

.PHONY: compat install-postgres
compat: $(ready) $(ready.parts) $(sys.test) $(sys.compat)
	@$(test.run)/compat/run.sh
install-postgres: $(pg.ok)
