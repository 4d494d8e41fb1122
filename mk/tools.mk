# tools.mk - build the C tools.
#
# variables: CC CFLAGS CPPFLAGS LDFLAGS  yours; ours are added around them
#            WERROR                      (config.mk)
# targets:   tools                       all of them, into .cache/bin
#
# A new tool is one word in tool.names, one line with its libraries, and
# tools/NAME.c with tools/NAME.1 beside it. What else a tool is made of, its
# headers too, goes into tool.srcs.NAME.

tool.names := atlasjson catdiff catplan cfnrespond mhash mstate rdstoken sqlflat sqlstmt watchlint yamlset
tool.libs.atlasjson := -ljansson
tool.libs.cfnrespond := -ljansson
# These two run in each check, so their start counts: from the archive mhash's
# takes as long as that of true(1), with the shared library twice as long; and
# yamlset parses a large file in nine tenths of the time.
tool.archive = $(or $(wildcard $(shell $(CC) -print-file-name=lib$1.a)), \
	$(shell pkg-config --cflags --libs $2 2>/dev/null),-l$1)
tool.libs.mhash = $(call tool.archive,crypto,libcrypto)
tool.libs.mstate = $(tool.libs.mhash)
tool.libs.rdstoken := -lcrypto
tool.libs.watchlint := -ljansson
tool.libs.yamlset = $(call tool.archive,yaml,yaml-0.1)
tool.srcs.atlasjson := tools/atlasjson_*.c tools/atlasjson.h tools/sqltext.c tools/sqltext.h
tool.srcs.catdiff := tools/catdiff_*.c tools/catdiff.h tools/catdiff_tell.h
tool.srcs.catplan := tools/catplan_*.c tools/catplan.h \
	tools/catdiff_read.c tools/catdiff_norm.c tools/catdiff.h tools/sqltext.c tools/sqltext.h
tool.srcs.mhash := tools/mhash_*.c tools/mhash.h
tool.srcs.mstate := tools/mstate_*.c tools/mstate.h tools/mhash_dir.c tools/mhash.h \
	tools/sqltext.c tools/sqltext.h
tool.srcs.sqlflat := tools/sqltext.c tools/sqltext.h
tool.srcs.sqlstmt := tools/sqlstmt_class.c tools/sqlstmt.h tools/sqltext.c tools/sqltext.h
tool.srcs.watchlint := tools/watchlint_*.c tools/watchlint.h tools/watchlint_facts.h tools/watchlint_rules.h tools/sqltext.c tools/sqltext.h
tool.srcs.yamlset := tools/yamlset_*.c tools/yamlset.h
$(foreach t,$(tool.names),$(eval tool.srcs.$t := $(wildcard $(addprefix $(kit),$(tool.srcs.$t)))))
tool.dir := $(cache)/bin
tool.cflags := -std=c11 -D_XOPEN_SOURCE=700 -D_DARWIN_C_SOURCE -Wall -Wextra \
	-Wconversion -Wshadow -Wstrict-prototypes $(if $(WERROR),-Werror)
# What turns a mistake into an end with a message, at no cost that shows.
tool.harden := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong
tool.pie := -fPIE
# Asked for only by what links: a check that finds nothing to do forks nothing.
tool.ldflags = $(if $(filter Linux,$(shell uname -s)),-pie -Wl$(comma)-z$(comma)relro -Wl$(comma)-z$(comma)now)
comma := ,
# Homebrew's OpenSSL and libraries, which no compiler finds by itself.
tool.brew := $(wildcard /opt/homebrew /opt/homebrew/opt/openssl@3 /usr/local/opt/openssl@3)
tool.cflags += $(tool.brew:%=-I%/include)
tool.ldflags += $(tool.brew:%=-L%/lib)
tool.bins := $(tool.names:%=$(tool.dir)/%)

.PHONY: tools
tools: $(tool.bins)

$(tool.bins): $(tool.dir)/%: $(kit)tools/%.c $(kit)tools/util.c $(kit)tools/util.h $(kit)mk/tools.mk
	@mkdir -p $(@D)
	$(CC) $(tool.cflags) $(tool.harden) $(tool.pie) $(CPPFLAGS) $(CFLAGS) \
		$(tool.ldflags) $(LDFLAGS) \
		-o $@.$$$$ $(filter %.c,$^) $(tool.libs.$*) && mv $@.$$$$ $@
$(foreach t,$(tool.names),$(eval $(tool.dir)/$t: $(tool.srcs.$t)))
