# bench.mk - measure, each figure beside its peer or floor.
#
# variables: BENCH (config.mk)
# targets:   bench
#            bench-hazards   three linters on the catalogue of hazards: docs/lint.md's table

.PHONY: bench
bench: $(ready) $(ready.parts) $(test.venv) $(sys.bench)
	@bench/run.sh $(BENCH)

.PHONY: bench-hazards
bench-hazards: $(ready) $(ready.parts)
	@bench/hazards.sh -w
