# builds.mk - the tools once more, built to find what the plain build hides.
#
# variables: BUILDS        of those below (config.mk)
# targets:   test-builds   the tools' suites with each build
#            fault         fail each call of each tool, plain and with sanitizers
#            coverage      which lines of the tools no test reaches
#
# asan      gcc with AddressSanitizer and UndefinedBehaviorSanitizer
# clang     clang
# fortify   the most that gcc and libc check at run time
# static    no shared library, as in the function
# valgrind  the plain build under valgrind

build.dir := $(cache)/builds
build.all := asan clang fortify static fault coverage
build.cc.clang := clang
build.flags.asan := -g -O1 -fno-omit-frame-pointer -fsanitize=address,undefined \
	-fno-sanitize-recover=undefined
build.flags.clang := -O2 $(tool.harden)
build.flags.fortify := -O3 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-all \
	-fstack-clash-protection -Wno-stringop-overread
build.flags.static := -O2 $(tool.harden) -static
build.flags.coverage := -O0 --coverage
# The shim of tests/fault linked in, under the libraries too: they are static.
build.calls := calloc close fchmod fchown fstat fsync getcwd malloc mkstemp open openat \
	opendir read readdir realloc realpath rename stat write
build.flags.fault = $(build.flags.asan)
build.libs.fault = -Wl,-Bstatic $(call tool.libs,$1) -Wl,-Bdynamic \
	$(build.calls:%=-Wl,--wrap=%)
# watchlint is tested by the suite of the script that runs it.
build.suites := $(patsubst tests/watchlint.bats,tests/watch.bats,$(tool.names:%=tests/%.bats)) tests/nolint.bats

.PHONY: test-builds fault coverage $(BUILDS:%=test-build-%)
test-builds: $(BUILDS:%=test-build-%)
# Under valgrind, a hundred times slower, thousands of tries would take an hour.
define build.test
test-build-$1: $(tool.names:%=$(build.dir)/$1/%) | $(sys.test)
	@echo '$1:'
	@$(if $(filter valgrind,$1),TEST_EVERY=10) TOOLS_DIR='$(CURDIR)/$(build.dir)/$1' tests/run.sh $(build.suites)
endef
$(foreach b,$(BUILDS),$(eval $(call build.test,$b)))

fault: $(tool.bins) $(build.dir)/inject.so $(tool.names:%=$(build.dir)/fault/%)
	@tests/fault/run.sh -p $(build.dir)/inject.so
	@echo 'with sanitizers:'
	@tests/fault/run.sh -b $(build.dir)/fault

# The tests of failing calls run too: most lines that are hard to reach are there.
# Failures of those tests are ignored: they are failed calls of gcov itself.
# Some tests run as the user nobody, which has to be able to add to the counts as well.
coverage: $(tool.names:%=$(build.dir)/coverage/%) $(build.dir)/inject.so | $(sys.test)
	@rm -f $(build.dir)/coverage/*.gcda
	@for t in $(tool.names); do $(build.dir)/coverage/$$t -V >/dev/null; done
	@chmod 666 $(build.dir)/coverage/*.gcda
	@TOOLS_DIR='$(CURDIR)/$(build.dir)/coverage' tests/run.sh $(build.suites)
	@tests/fault/run.sh -1 -b $(build.dir)/coverage -p $(build.dir)/inject.so >/dev/null 2>&1 || :
	@tests/coverage.sh $(build.dir)/coverage

$(foreach b,$(build.all),$(foreach v,build.cc.$b build.libs.$b,$(if $(filter undefined,$(origin $v)),$(eval $v :=))))
build.compile = $(or $(build.cc.$1),$(CC)) $(tool.cflags) -Werror $(build.flags.$1)
$(foreach b,$(build.all),$(foreach t,$(tool.names),$(eval $(call tool.rule,$(build.dir)/$b/$t,$t,$$(call build.compile,$b),\
	$$(or $$(call build.libs.$b,$t),$$(call tool.libs,$t)),mk/builds.mk $(if $(filter fault,$b),$(build.dir)/inject.o),$(sys.fuzz)))))

$(build.dir)/inject.so: tests/fault/inject.c | $(sys.main)
	@mkdir -p $(@D)
	@$(CC) -O1 -shared -fPIC -o $@ $< -ldl
$(build.dir)/inject.o: tests/fault/inject.c | $(sys.main)
	@mkdir -p $(@D)
	@$(CC) -O1 -g -DLINKED -c -o $@ $<

# By its name alone, so that the messages of getopt(3) are the same.
$(tool.names:%=$(build.dir)/valgrind/%): $(build.dir)/valgrind/%: $(tool.dir)/% mk/builds.mk | $(sys.fuzz)
	@mkdir -p $(@D)
	@printf '#!/bin/sh\nPATH=%s:$$PATH exec valgrind -q --error-exitcode=99 --leak-check=full \\\n\t--errors-for-leak-kinds=definite %s "$$@"\n' \
		"'$(CURDIR)/$(tool.dir)'" $* >$@
	@chmod +x $@
