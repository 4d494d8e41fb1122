# schema.mk - the desired schema, rendered.
#
# variables: SCHEMA SCHEMA_DEPS (config.mk)
# targets:   render-schema   print it

.PHONY: render-schema
render-schema: $(tool.bins) $(venv)
	@scripts/render_schema.sh
	@cat $(if $(filter-out %.sql %.hcl,$(SCHEMA))$(word 2,$(SCHEMA)),$(cache)/schema.sql,$(SCHEMA))

requirements: | $(test.venv)
	@scripts/lock_requirements.sh
