# migrations.mk - the daily verbs. Each gets what it lacks first.
#
# variables: MIGRATIONS TEMPLATE MIGRATION_HASH NAME BASE LATEST (config.mk)
# targets:   check-migrations create-migrations hash-migrations

.PHONY: check-migrations create-migrations hash-migrations
check-migrations create-migrations: $(ready) $(ready.parts)
check-migrations:
	@scripts/check_migrations.sh
create-migrations:
	@scripts/create_migrations.sh
hash-migrations: $(tool.bins)
	@scripts/hash_migrations.sh
