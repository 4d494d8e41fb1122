# config.mk - every knob, with its default and why; nothing else holds one.
#
# Set yours for the project in atlas-make.mk, which is committed, or for one run
# on the command line: make check-migrations PG_MAJOR=14. In the environment a knob
# has ATLAS_MAKE_ before its name (ATLAS_MAKE_PG_MAJOR); its bare name there counts
# for nothing. Makefile.local, which git ignores, is for one machine: PYTHON,
# PG_BINDIR, ATLAS. A new knob's name goes into the list in project.mk, too.

# --- the schema: set in atlas-make.mk ----------------------------------------
# What the database should look like: a file of SQL (schema.sql), a directory of
# such files, Atlas HCL (*.hcl), or any command that prints SQL (docs/models.md).
SCHEMA ?=
# Files and directories that a command reads; after a change there it is run again.
# What load_models.py imports from this repository is added by itself, and so are
# the usual lock files. Another command with none named is run each time.
SCHEMA_DEPS ?=
# 1 accepts a schema with nothing in it: the next migration then drops everything.
ALLOW_EMPTY ?=
# Files with the Python packages the models import, as pip reads them, separated by
# blanks; a template's are in its requirements.txt. Or an environment that is there
# already (VENV = .venv), made by uv, poetry or whatever the project has.
REQUIREMENTS ?=
VENV ?=
# The PostgreSQL schemas in play, separated by blanks.
DEV_SCHEMAS ?= public

# --- the migrations -------------------------------------------------------
# The directory of the migrations and their atlas.sum: set in atlas-make.mk.
MIGRATIONS ?=
# The CloudFormation template, and where in it MigrationHash stands (RFC 6901).
# Empty: there is none.
TEMPLATE ?=
MIGRATION_HASH_POINTER ?= /Resources/MigrationTrigger/Properties/MigrationHash
# The last part of a new migration's file name: make create-migrations NAME=...
NAME ?=
# What was renamed in the models: make create-migrations RENAME="users.name=full_name".
RENAME ?=
# create, drop, or both: write CREATE or DROP INDEX with CONCURRENTLY, in files of
# their own that run outside a transaction. It works where the engine plans all of a
# change; else create-migrations reports that the index is written with a lock.
CONCURRENT_INDEX ?=
# Lint what was added since this branch ('origin/main'); empty: the CI run's or
# pre-commit's own base, else the newest LINT_LATEST files.
LINT_BASE ?=
LINT_LATEST ?= 1
# import-migrations: the directory of another tool's migrations.
FROM ?=

# 1: apply all migrations anew, although a database that has the old ones is kept, and
# compare the two databases. Without CHECK_ALL the check does so once a day.
CHECK_ALL ?=

# --- several databases ------------------------------------------------------
# The databases' names, and the one that a verb is about (databases.mk).
DATABASES ?=
DB ?=

# --- lint (its levels are in lint.levels) -----------------------------------
# What a new schema's, table's, column's, index's or constraint's name must
# match, an extended regular expression; empty: any name will do. A $ is
# written $$ for make, but in the environment as it is.
NAMING ?= ^[a-z][a-z0-9_]*$$
# Tables that hold much, separated by blanks, with their gigabytes if known
# ("events=200 app.orders"): what locks one of them for long is an error, and what
# takes longer than the function has is reported.
BIG_TABLES ?=
# Atlas's own analysers are a second opinion, asked beside the watch where the
# engine is here and a second database can be had. 0: never; 1: whatever Atlas
# there is, and report why it cannot run. Their findings about what a statement does
# are reported only where PostgreSQL did the same.
ATLAS_LINT ?=
# text, github, gitlab, sarif, junit or markdown; and a file for it.
LINT_FORMAT ?= text
LINT_REPORT ?=

# --- Atlas ----------------------------------------------------------------
# A binary of yours; empty: the one that ATLAS_FROM names.
ATLAS ?=
# 'engine': Atlas's own library behind a front-end of ours, built here from
# scripts/atlas. 'release': the vendor's community release.
ATLAS_FROM ?= engine
# The release to fetch, and the hosts to ask for it, one after the other.
ATLAS_VERSION ?= v1.3.0
ATLAS_URL ?= https://atlasbinaries.com/atlas https://release.ariga.io/atlas

# update-atlas: the version to move to; empty: the newest.
VERSION ?=

# --- the temporary database -----------------------------------------------
# auto, local, embedded, docker, or url (with DEV_URL in the environment). DEV_DB may
# be set in the environment by its bare name, since it depends on the machine.
DEV_DB ?= auto
# The major version: say in atlas-make.mk what production runs. By default the newest
# that is supported, on every machine the same: where the system's packages do not
# have it, embedded binaries are taken.
PG_MAJOR ?= 18
# Where that version's initdb and postgres are; empty: looked for.
PG_BINDIR ?=
# A file of SQL that a superuser runs first (psql): what the target has before its
# first migration, such as roles, or extensions that an administrator installs.
DEV_DB_INIT ?=
# The extensions that the role which deploys may create in the target, although
# PostgreSQL itself requires a superuser for them; those that PostgreSQL trusts need
# not be named. The default is what RDS lists.
DEV_DB_EXTENSIONS ?= address_standardizer address_standardizer_data_us amcheck autoinc \
	bloom dblink dict_xsyn earthdistance h3 h3_postgis hll hypopg insert_username intagg ip4r \
	moddatetime old_snapshot orafce pageinspect pg_bigm pg_buffercache pg_cron \
	pg_freespacemap pg_hint_plan pg_partman pg_prewarm pg_proctab pg_repack pg_similarity \
	pg_stat_statements pg_visibility pg_walinspect pgaudit pgrouting pgrowlocks \
	pgstattuple pgtap plprofiler postgis postgis_raster postgis_tiger_geocoder \
	postgis_topology postgres_fdw prefix rdkit refint sslinfo vector
# 1: models and migrations run as a superuser, for a target whose deploys do (event
# triggers, operator classes). Then SQL can run programs on this machine.
DEV_DB_SUPERUSER ?=

# --- the deploy -----------------------------------------------------------
# The function's architecture, in Lambda's words: x86_64 or arm64.
LAMBDA_ARCH ?= x86_64
# The compiler that makes static programs for it; empty: found.
LAMBDA_CC ?=
# The certificates RDS signs with, that the package takes along: a file, or
# where to fetch them; empty: none.
RDS_CA ?= https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem
# A sam of yours; empty: the one in PATH, else the pinned one.
SAM ?=
# What make deploy hands to sam deploy besides the template, such as
# --stack-name app --parameter-overrides DatabaseHost=...
DEPLOY_ARGS ?=

# --- status, plan, apply, drift ------------------------------------------
# They work on DATABASE_URL, which comes from the environment only.
# The schema of Atlas's table of what was applied; the function uses this one.
REVISIONS_SCHEMA ?= atlas_schema_revisions
# How long a statement of make apply waits for a lock; empty: for ever.
LOCK_TIMEOUT ?= 5s
# non-linear: a migration that sorts before one that is applied is pending, and is
# applied (a hotfix went first); linear: that is refused.
EXEC_ORDER ?= linear
# The version of a database that Atlas never managed (none: no migration is in it).
BASELINE ?=
# Objects that no comparison includes (drift, check, create; erd of a database): names or
# patterns, table or schema.table.
COMPARE_EXCLUDE ?=
# 1: make drift compares privileges, too.
DRIFT_GRANTS ?=
# Where make erd draws the schema, without the ending: NAME.svg and NAME.mmd.
ERD ?= docs/schema

# --- this machine ---------------------------------------------------------
# How many seconds a verb may take. A verb that hangs ends with exit 2: there is no
# verdict.
TIME_LIMIT ?= 1800
# The Python that makes the virtual environment (3.9 or newer).
PYTHON ?= python3
# Where install-tools puts the tools and their pages.
PREFIX ?= /usr/local
DESTDIR ?=
CFLAGS ?= -O2
# The compiler.
ifeq ($(origin CC),default)
CC := cc
endif

# --- the toolkit's own tests (CONTRIBUTING.md) --------------------------------
# The files that make test runs; empty: all.
TESTS ?=
# The builds of make test-builds (builds.mk).
BUILDS ?= asan clang fortify static valgrind
# make fuzz: the tools, the seconds they share, or so many inputs for each however
# long that takes, flags of libFuzzer's, and the compiler that has it.
FUZZ ?= $(tool.names)
FUZZ_SECONDS ?= 50
FUZZ_RUNS ?=
FUZZ_FLAGS ?=
FUZZ_CC ?= clang
# -s: the short run of make bench.
BENCH ?=
# -j: make sbom as CycloneDX.
SBOM ?=
# 1: a compiler's warnings are errors.
WERROR ?=

# Scripts get the knobs through the environment; a script that is run by hand calls
# make print-knobs.
export $(knobs)
export ATLAS_MAKE_KNOBS := 1
# The knobs that a file or the command line sets: another database may have others.
export ATLAS_KIT_KNOBS := $(foreach k,$(knobs),$(if $(filter environment,$(origin $k)),,$k))
export DATABASES DB
cache := .cache
