# schema.mk - the desired schema, rendered.
#
# variables: SCHEMA SCHEMA_DEPS ALLOW_EMPTY (config.mk)
# targets:   render-schema   print it
#            requirements    pin the Python packages of requirements.in
#            upgrade-requirements   of every requirements*.in, at the newest versions

.PHONY: render-schema requirements upgrade-requirements
render-schema: $(tool.bins) $(venv)
	@$(kit)scripts/render_schema.sh -p

requirements: | $(sys.main)
	@$(kit)scripts/setup/lock_requirements.sh
upgrade-requirements: | $(sys.main)
	@$(kit)scripts/setup/lock_requirements.sh -u
