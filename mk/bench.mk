# bench.mk - measure, each figure beside its peer or floor.
#
# variables: BENCH (config.mk)
# targets:   bench

sys.bench := $(cache)/sys/bench

.PHONY: bench
bench: $(ready) $(ready.parts) $(test.venv) $(sys.bench)
	@bench/run.sh $(BENCH)

$(sys.bench): scripts/setup/install_packages.sh
	@mkdir -p $(@D)
	@scripts/setup/install_packages.sh bench
	@touch $@
