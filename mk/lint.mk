# lint.mk - the linters: of the migrations, and of this repository.
#
# variables: LINT_BASE LINT_LATEST NAMING LINT_FORMAT LINT_REPORT (config.mk)
# targets:   lint-migrations   what is new, by itself (check-migrations does it too)
#            lint-report       the last lint's findings as LINT_FORMAT
#            lint              check-migrations, and every linter of this repository
#            lint-all          the same, what did not change too
#            install-lint      what that needs besides

.PHONY: lint-migrations lint-report
lint-migrations: $(ready) $(ready.parts)
	@$(kit)scripts/$(if $(several),each_database.sh lint_migrations $(several),lint_migrations.sh)
lint-report: $(tool.dir)/atlasjson
	@$(kit)scripts/lint_report.sh

lint.venv := $(cache)/venv-lint/ok
lint.checkov := $(cache)/venv-checkov/ok
lint.npm := $(cache)/npm-lint/ok
lint.parts := $(sys.lint) $(lint.venv) $(lint.checkov) $(lint.npm) $(sam.venv)
.PHONY: lint lint-all install-lint
lint: $(ready) $(ready.parts) $(lint.parts)
	@$(kit)scripts/lint.sh
lint-all: $(ready) $(ready.parts) $(lint.parts)
	@$(kit)scripts/lint.sh -a
install-lint install-test: $(lint.parts)
$(lint.venv): $(kit)scripts/pins/lint-requirements.txt $(kit)scripts/setup/install_venv.sh | $(sys.main)
	@$(kit)scripts/setup/install_venv.sh $(@D) $(kit)scripts/pins/lint-requirements.txt
$(lint.checkov): $(kit)scripts/pins/checkov-requirements.txt $(kit)scripts/setup/install_venv.sh | $(sys.main)
	@$(kit)scripts/setup/install_venv.sh $(@D) $(kit)scripts/pins/checkov-requirements.txt
$(lint.npm): $(kit)scripts/pins/lint-npm/package-lock.json $(kit)scripts/setup/install_npm.sh | $(sys.main)
	@$(kit)scripts/setup/install_npm.sh $(@D) $(kit)scripts/pins/lint-npm
