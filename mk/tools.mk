# tools.mk - build the C tools.
#
# variables: CC CFLAGS CPPFLAGS LDFLAGS  yours; ours are added around them
#            WERROR PREFIX DESTDIR       (config.mk)
# targets:   tools                       all of them, into .cache/bin
#            install-tools               they and their pages, for other uses:
#                                        $(DESTDIR)$(PREFIX)/bin and share/man/man1
#
# A new tool is one word in tool.names, and tools/NAME.c with tools/NAME.1 beside it.
# NAME_*.c are its parts. The libraries it takes go into tool.needs.NAME, and what else in
# tools it is made of, its headers too, into tool.srcs.NAME.

tool.names := atlasjson catdiff catplan cfnrespond mhash mstate rdstoken sqlflat sqlstmt watchlint yamlset
tool.needs.atlasjson := jansson
tool.needs.cfnrespond := jansson
tool.needs.mhash := crypto
tool.needs.mstate := crypto
tool.needs.rdstoken := crypto
tool.needs.watchlint := jansson
tool.needs.yamlset := yaml
tool.srcs.atlasjson := atlasjson.h sqltext.c sqltext.h
tool.srcs.catdiff := catdiff.h catdiff_tell.h
tool.srcs.catplan := catplan.h \
	catdiff_read.c catdiff_norm.c catdiff_compare.c catdiff_kind.c \
	catdiff_fold.c catdiff_pick.c catdiff.h catdiff_tell.h \
	sqltext.c sqltext.h
tool.srcs.cfnrespond := cfnrespond.h
tool.srcs.mhash := mhash.h
tool.srcs.mstate := mstate.h mhash_dir.c mhash.h sqltext.c sqltext.h
tool.srcs.sqlflat := sqltext.c sqltext.h
tool.srcs.sqlstmt := sqlstmt.h sqlstmt_walk.h sqltext.c sqltext.h
tool.srcs.watchlint := watchlint.h watchlint_facts.h watchlint_rules.h sqltext.c sqltext.h
tool.srcs.yamlset := yamlset.h
# A variable that is not set becomes empty, so that make does not warn of it.
$(foreach v,CPPFLAGS LDFLAGS $(foreach t,$(tool.names),tool.needs.$t tool.srcs.$t),$(if $(filter undefined,$(origin $v)),$(eval $v :=)))
# The directory is read once: a check that finds nothing to do comes by here, too.
tool.parts := $(wildcard $(kit)tools/*_*.c)
$(foreach t,$(tool.names),$(eval tool.srcs.$t := $(addprefix $(kit)tools/,$t.c util.c util.h $(tool.srcs.$t)) $(filter $(kit)tools/$t_%,$(tool.parts))))
# These run in each check, so their start counts: from the archive mhash's takes as
# long as that of true(1), with the shared library twice as long; and yamlset parses
# a large file in nine tenths of the time.
tool.quick := mhash mstate yamlset
tool.pc.crypto := libcrypto
tool.pc.yaml := yaml-0.1
tool.archive = $(or $(wildcard $(shell $(CC) -print-file-name=lib$1.a)), \
	$(shell pkg-config --cflags --libs $(tool.pc.$1) 2>/dev/null),-l$1)
# tool.libs NAME: for a program of this machine.
tool.libs = $(foreach l,$(tool.needs.$1),$(if $(filter $1,$(tool.quick)),$(call tool.archive,$l),-l$l))
tool.dir := $(cache)/bin
tool.cflags := -std=c11 -D_XOPEN_SOURCE=700 -D_DARWIN_C_SOURCE -Wall -Wextra \
	-Wconversion -Wshadow -Wstrict-prototypes $(if $(WERROR),-Werror)
# What turns a mistake into an end with a message, at no cost that shows.
tool.harden := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong
tool.pie := -fPIE
# Evaluated only when a tool is linked: a check that finds nothing to do forks nothing.
tool.ldflags = $(if $(filter Linux,$(shell uname -s)),-pie -Wl$(comma)-z$(comma)relro -Wl$(comma)-z$(comma)now)
comma := ,
# Homebrew's OpenSSL and libraries, which no compiler finds by itself.
tool.brew := $(wildcard /opt/homebrew /opt/homebrew/opt/openssl@3 /usr/local/opt/openssl@3)
tool.cflags += $(tool.brew:%=-I%/include)
tool.ldflags += $(tool.brew:%=-L%/lib)
tool.cc = $(CC) $(tool.cflags) $(tool.harden) $(tool.pie) $(CPPFLAGS) $(CFLAGS) $(tool.ldflags) $(LDFLAGS)
tool.bins := $(tool.names:%=$(tool.dir)/%)

# tool.rule TARGET,NAME,COMPILER,LIBRARIES[,NEEDS[,NEEDED ONCE[,@]]]: every build of a
# tool: the plain one, the function's, those with instruments. @ and what may follow it
# hides the command; then the compiler's output is shown only when it fails. The
# process's number keeps two makes apart.
define tool.rule
$1: $(tool.srcs.$2) $(kit)mk/tools.mk $5 | $6
	@mkdir -p $$(@D)
	$7$3 -o $$@.$$$$$$$$ $$(filter %.c %.o,$$^) $4 $(if $7,2>$$@.$$$$$$$$.log || { cat $$@.$$$$$$$$.log >&2; rm $$@.$$$$$$$$.log; exit 1; } && rm $$@.$$$$$$$$.log) && mv $$@.$$$$$$$$ $$@
endef
$(foreach t,$(tool.names),$(eval $(call tool.rule,$(tool.dir)/$t,$t,$$(gently) $$(tool.cc),$$(call tool.libs,$t),,$(sys.main),@echo "compiling $t" >&2; )))

.PHONY: tools install-tools
tools: $(tool.bins)
install-tools: $(tool.bins)
	@mkdir -p '$(DESTDIR)$(PREFIX)/bin' '$(DESTDIR)$(PREFIX)/share/man/man1'
	@install -m 755 $(tool.bins) '$(DESTDIR)$(PREFIX)/bin/'
	@install -m 644 $(tool.names:%=$(kit)tools/%.1) '$(DESTDIR)$(PREFIX)/share/man/man1/'
