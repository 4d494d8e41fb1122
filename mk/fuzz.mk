# fuzz.mk - random input for the tools, guided by what it reaches.
#
# variables: FUZZ FUZZ_SECONDS FUZZ_RUNS FUZZ_FLAGS FUZZ_CC (config.mk)
# targets:   fuzz          all of them; each from the corpus it left behind
#            fuzz-each     the same, FUZZ_SECONDS for each; side by side with -j
#            fuzz-NAME     one of them
#
# A find stops the target; its input stays in .cache/fuzz/NAME.find. Make it a
# case of tests/NAME.bats, then run the target again. A new tool is a target
# tests/fuzz/NAME.c, a dictionary NAME.dict beside it, its seeds in seed.sh, and
# a line with the libraries that the target itself needs.

fuzz.dir := $(cache)/fuzz
fuzz.libs.atlasjson := -lexpat
fuzz.libs.mhash := -lcrypto
fuzz.libs.sqlstmt := -lpg_query
# An input longer than this finds nothing that a shorter one would not.
fuzz.max.atlasjson := 8192
fuzz.max.catdiff := 2048
fuzz.max.catplan := 8192
fuzz.max.cfnrespond := 2048
fuzz.max.mhash := 2048
fuzz.max.mstate := 2048
fuzz.max.rdstoken := 512
fuzz.max.sqlflat := 1024
fuzz.max.sqlstmt := 1024
fuzz.max.watchlint := 8192
fuzz.max.yamlset := 1024
# Comparisons are not traced: that takes half of the time, and the dictionaries have the
# words; more is found in the same time without. Only the tool's own coverage counts.
fuzz.cov := -fno-sanitize-coverage=trace-cmp
fuzz.none := -fno-sanitize-coverage=trace-cmp,inline-8bit-counters,indirect-calls,pc-table
fuzz.cflags := -std=c11 -D_GNU_SOURCE -D_XOPEN_SOURCE=700 -g -O2 -Wall -Wextra \
	-Wno-macro-redefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined \
	-DREAD_CHUNK=512 -fsanitize=address,undefined,fuzzer-no-link
fuzz.each = $(shell n=$(words $(FUZZ)); echo $$((($(FUZZ_SECONDS) + n - 1) / n)))

.PHONY: fuzz fuzz-each $(tool.names:%=fuzz-%)
# One after the other: side by side they would only take each other's time.
fuzz: $(FUZZ:%=$(fuzz.dir)/%/fuzz)
	@for t in $(FUZZ); do $(MAKE) -s fuzz-$$t FUZZ_SECONDS=$(fuzz.each) || exit; done

fuzz-each: $(FUZZ:%=fuzz-%)

$(tool.names:%=fuzz-%): fuzz-%: $(fuzz.dir)/%/fuzz
	@FUZZ_RUNS='$(FUZZ_RUNS)' FUZZ_FLAGS='$(FUZZ_FLAGS)' \
		tests/fuzz/run.sh $* $(fuzz.dir)/$* $(FUZZ_SECONDS) $(fuzz.max.$*)

$(foreach t,$(tool.names),$(if $(filter undefined,$(origin fuzz.libs.$t)),$(eval fuzz.libs.$t :=)))
# The tool's sources, unchanged, compiled against world.h into one object; and that
# linked with the target. Some clangs link a part of the sanitizer into the object, too.
fuzz.compile = $(FUZZ_CC) $(fuzz.cflags) $(CPPFLAGS) -DWORLD_INSIDE -Dmain=tool_main -include tests/fuzz/world.h \
	$(fuzz.cov) -r -nostdlib -fno-sanitize-link-runtime
define fuzz.rule
$(call tool.rule,$(fuzz.dir)/$1/tool.o,$1,$(fuzz.compile),,tests/fuzz/world.h mk/fuzz.mk,$(sys.fuzz))
$(fuzz.dir)/$1/fuzz: $(fuzz.dir)/$1/tool.o tests/fuzz/world.c tests/fuzz/$1.c tests/fuzz/fuzz.h
	@$(FUZZ_CC) $(fuzz.cflags) $(fuzz.none) -fsanitize=fuzzer -Wl,-z,muldefs $(CPPFLAGS) $(LDFLAGS) -o $$@ \
		$$(filter %.c %.o,$$^) $$(call tool.libs,$1) $(fuzz.libs.$1)
endef
$(foreach t,$(tool.names),$(eval $(call fuzz.rule,$t)))
