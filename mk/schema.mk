# schema.mk - the desired schema, rendered.
#
# variables: SCHEMA SCHEMA_DEPS (config.mk)
# targets:   render-schema   print it
#            requirements    pin the Python packages of every requirements*.in anew

.PHONY: render-schema requirements
render-schema: $(tool.bins) $(venv)
	@scripts/render_schema.sh
	@cat $(if $(filter-out %.sql %.hcl,$(SCHEMA))$(word 2,$(SCHEMA)),$(cache)/schema.sql,$(SCHEMA))

requirements: | $(sys.main)
	@scripts/lock_requirements.sh
