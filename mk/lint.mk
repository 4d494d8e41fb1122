# lint.mk - the linters: of the migrations, and of this repository.
#
# variables: BASE LATEST NAMING LINT_FORMAT REPORT (config.mk)
# targets:   lint-migrations   what is new, by itself (check-migrations does it too)
#            lint-report       the last lint's findings as LINT_FORMAT

.PHONY: lint-migrations lint-report
lint-migrations: $(ready) $(ready.parts)
	@scripts/lint_migrations.sh
lint-report: $(tool.dir)/atlasjson
	@scripts/lint_report.sh
