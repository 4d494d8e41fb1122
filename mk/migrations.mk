# migrations.mk - the daily verbs. Each gets what it lacks first.
#
# variables: MIGRATIONS TEMPLATE MIGRATION_HASH_POINTER NAME FROM LINT_BASE LINT_LATEST (config.mk)
# targets:   check-migrations create-migrations hash-migrations new-migration
#            rebase-migrations
#            import-migrations  from FROM, another tool's directory
#            import-schema      from FROM, a dump, or from DATABASE_URL
#            squash-migrations  a checkpoint, from which a new database starts
#            update-kit         the kit's next version, from FROM, where it is a guest
#            adopt              let the repository this kit lies in use it
#            merge-driver   let this clone's git merge atlas.sum by mhash

.PHONY: check-migrations create-migrations hash-migrations new-migration \
	rebase-migrations import-migrations import-schema squash-migrations merge-driver adopt update-kit
check-migrations create-migrations rebase-migrations import-schema squash-migrations: $(ready) $(ready.parts)
check-migrations:
	@$(kit)scripts/$(if $(several),each_database.sh check_migrations $(several),check_migrations.sh)
# With both verbs in one make, the check runs after the migration is written.
check-migrations: | $(filter create-migrations hash-migrations import-% new-migration rebase-migrations squash-migrations,$(MAKECMDGOALS))
# A RENAME is about one database, so DB is required.
create-migrations:
	@$(kit)scripts/$(if $(and $(several),$(if $(RENAME),,all)),each_database.sh create_migrations $(several),create_migrations.sh)
hash-migrations: $(tool.bins)
	@$(kit)scripts/hash_migrations.sh
new-migration: $(tool.bins)
	@$(kit)scripts/new_migration.sh
rebase-migrations:
	@$(kit)scripts/rebase_migrations.sh

import-migrations: $(tool.bins)
	@$(kit)scripts/import_migrations.sh '$(FROM)'

import-schema:
	@FROM='$(FROM)' $(kit)scripts/import_schema.sh
squash-migrations:
	@$(kit)scripts/squash_migrations.sh
# adopt prints what it would write; $(kit)scripts/adopt.sh -y writes it.
adopt:
	@$(kit)scripts/adopt.sh

update-kit:
	@FROM='$(FROM)' $(kit)scripts/update_kit.sh

# .gitattributes names the driver; without this git merges line by line.
merge-driver: $(tool.bins)
	@git config merge.atlas-sum.name 'atlas.sum made again by mhash'
	@git config merge.atlas-sum.driver \
		"'$$(git rev-parse --show-prefix)$(kit)scripts/merge_sum.sh' %O %A %B %P"
	@echo "git now merges atlas.sum by $(kit)scripts/merge_sum.sh; to undo that:"
	@echo "  git config --remove-section merge.atlas-sum"
