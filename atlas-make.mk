# atlas-make.mk - this project: what its schema is made from, and where its
# migrations are.
#
# It is committed, so that everyone and CI look at the same. Every knob of
# mk/config.mk may stand here. (Makefile.local is for one person alone, and git
# ignores it: a knob of the project's is refused there.)
#
# This is the bundled example. Put your own in its place, and take this line out:
EXAMPLE = 1
# What can stand here:
#   SCHEMA = scripts/load_models.py app.models     SQLAlchemy modules, by dotted name
#   SCHEMA = schema.sql                            a file of SQL
#   SCHEMA = npx drizzle-kit export                any command that prints SQL
SCHEMA ?= scripts/load_models.py src.db.models
# Files and directories the schema is made from; a change there is looked at.
# What load_models.py imports from this repository is added by itself.
SCHEMA_DEPS ?= src/db
MIGRATIONS ?= src/db/migrations
# Where MigrationHash stands; empty: no template.
TEMPLATE ?= cloud-formation.yaml
