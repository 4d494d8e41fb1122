# lint.mk - the linters: of the migrations, and of this repository.
#
# variables: BASE LATEST NAMING LINT_FORMAT REPORT (config.mk)
# targets:   lint-migrations   what is new, by itself (check-migrations does it too)
#            lint-report       the last lint's findings as LINT_FORMAT
#            lint              check-migrations, and every linter of this repository
#            install-lint      what that needs besides

.PHONY: lint-migrations lint-report
lint-migrations: $(ready) $(ready.parts)
	@scripts/lint_migrations.sh
lint-report: $(tool.dir)/atlasjson
	@scripts/lint_report.sh

sys.lint := $(cache)/sys/lint
.PHONY: lint install-lint
lint: $(ready) $(ready.parts) $(sys.lint) $(sam.venv)
	@scripts/lint.sh
install-lint: $(sys.lint) $(sam.venv)
$(sys.lint): scripts/install_packages.sh
	@mkdir -p $(@D)
	@scripts/install_packages.sh lint
	@touch $@
