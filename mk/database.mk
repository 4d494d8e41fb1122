# database.mk - a real database against the migrations, and the schema's picture.
#
# variables: REVISIONS_SCHEMA LOCK_TIMEOUT EXEC_ORDER BASELINE COMPARE_EXCLUDE DRIFT_GRANTS ERD (config.mk);
#            DATABASE_URL from the environment, which no recipe ever prints
# targets:   status plan apply drift erd
#
# The scripts answer with 0, 1 or 2. That something is pending is an answer to
# status and plan, and no failure of make's; every other no is, as its own 2. So
# where the code matters, call scripts/VERB.sh (docs/verbs.md).

.PHONY: status plan apply drift erd
status plan apply drift erd: $(tool.bins) $(atlas.bin) $(pg.ok)
status:
	@$(kit)scripts/$(if $(several),each_database.sh status $(several),status.sh) || [ $$? -eq 1 ]
plan:
	@$(kit)scripts/plan.sh || [ $$? -eq 1 ]
apply drift erd:
	@$(kit)scripts/$@.sh

# Its lint asks squawk too.
plan: $(venv)
erd: $(sys.erd)
