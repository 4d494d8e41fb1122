# others.sh - sourced: what other tools keep in a database for themselves.
#
#   other_tables   their tables, words

# shellcheck shell=sh
# shellcheck disable=SC2034 # the caller reads it

other_tables='alembic_version flyway_schema_history schema_migrations ar_internal_metadata _prisma_migrations goose_db_version
	django_migrations databasechangelog databasechangeloglock knex_migrations knex_migrations_lock'
