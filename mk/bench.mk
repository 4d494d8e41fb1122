# bench.mk - measure, each figure beside its peer or floor.
#
# variables: BENCH (config.mk)
# targets:   bench

.PHONY: bench
bench: $(ready) $(ready.parts) $(test.venv) $(sys.bench)
	@bench/run.sh $(BENCH)
