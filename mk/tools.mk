# tools.mk - build the C tools.
#
# variables: CC CFLAGS CPPFLAGS LDFLAGS  yours; ours are added around them
#            WERROR PREFIX DESTDIR       (config.mk)
# targets:   tools                       all of them, into .cache/bin
#            install-tools               they and their pages, for other uses:
#                                        $(DESTDIR)$(PREFIX)/bin and share/man/man1
#
# A new tool is one word in tool.names, and tools/NAME.c with tools/NAME.1 beside it.
# The libraries it takes go into tool.needs.NAME, and what else in tools it is made of,
# its parts and headers, into tool.srcs.NAME.

tool.names := atlasjson catdiff catplan cfnrespond mhash mstate rdstoken sqlflat sqlstmt watchlint yamlset
tool.needs.atlasjson := jansson
tool.needs.catdiff :=
tool.needs.catplan :=
tool.needs.cfnrespond := jansson
tool.needs.mhash := crypto
tool.needs.mstate := crypto
tool.needs.rdstoken := crypto
tool.needs.sqlflat :=
tool.needs.sqlstmt :=
tool.needs.watchlint := jansson
tool.needs.yamlset := yaml
tool.srcs.atlasjson := atlasjson.h atlasjson_ci.c atlasjson_docs.c atlasjson_erd.c atlasjson_get.c \
	atlasjson_layout.c atlasjson_nolint.c atlasjson_place.c atlasjson_read.c atlasjson_report.c atlasjson_str.c \
	atlasjson_text.c atlasjson_twin.c sqltext.c sqltext.h
tool.srcs.catdiff := catdiff.h catdiff_tell.h catdiff_compare.c catdiff_fold.c catdiff_kind.c catdiff_norm.c \
	catdiff_pick.c catdiff_read.c catdiff_tell.c
tool.srcs.catplan := catplan.h catplan_atlas.c catplan_clear.c catplan_drop.c catplan_exclude.c \
	catplan_graph.c catplan_items.c catplan_kind.c catplan_left.c catplan_make.c catplan_name.c catplan_ours.c \
	catplan_rename.c catplan_table.c catplan_types.c catplan_write.c sqltext.c sqltext.h \
	$(filter-out catdiff_tell.c,$(tool.srcs.catdiff))
tool.srcs.cfnrespond := cfnrespond.h cfnrespond_body.c cfnrespond_clean.c cfnrespond_event.c
tool.srcs.mhash := mhash.h mhash_diff.c mhash_dir.c mhash_print.c mhash_sum.c
tool.srcs.mstate := mstate.h mstate_judge.c mstate_rows.c mhash_dir.c mhash.h sqltext.c sqltext.h
tool.srcs.rdstoken :=
tool.srcs.sqlflat := sqltext.c sqltext.h
tool.srcs.sqlstmt := sqlstmt.h sqlstmt_walk.h sqlstmt_class.c sqlstmt_walk.c sqltext.c sqltext.h
tool.srcs.watchlint := watchlint.h watchlint_facts.h watchlint_rules.h watchlint_branch.c watchlint_codes.c \
	watchlint_facts.c watchlint_file.c watchlint_gone.c watchlint_judge.c watchlint_lock.c watchlint_meaning.c \
	watchlint_names.c watchlint_new.c watchlint_notes.c watchlint_objs.c watchlint_others.c watchlint_place.c \
	watchlint_report.c watchlint_rows.c watchlint_said.c watchlint_scan.c watchlint_script.c watchlint_text.c \
	watchlint_time.c watchlint_words.c watchlint_work.c sqltext.c sqltext.h
tool.srcs.yamlset := yamlset.h yamlset_find.c yamlset_proof.c yamlset_text.c yamlset_value.c
# Not set, they become empty, so that make does not warn of them.
$(foreach v,CPPFLAGS LDFLAGS,$(if $(filter undefined,$(origin $v)),$(eval $v :=)))
tool.files = $(addprefix $(kit)tools/,$1.c $(tool.srcs.$1) util.c util.h)
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

# How each build of a tool ends: the plain one, the function's, those with instruments.
# The compiler's output is shown only when it fails; the process's number keeps two
# makes apart.
tool.out = -o $@.$$$$ $(filter %.c %.o,$^)
tool.end = 2>$@.$$$$.log || { cat $@.$$$$.log >&2; rm $@.$$$$.log; exit 1; } && rm $@.$$$$.log && mv $@.$$$$ $@
# tool.rule TARGET,NAME,COMPILER,LIBRARIES[,NEEDS[,NEEDED ONCE]]
define tool.rule
$1: $(call tool.files,$2) $(kit)mk/tools.mk $5 | $6
	@mkdir -p $$(@D)
	@$3 $$(tool.out) $4 $$(tool.end)
endef
# The plain one: a check that finds nothing to do comes by here, so it is short.
$(foreach t,$(tool.names),$(eval $(tool.dir)/$t: $(call tool.files,$t)))
$(tool.bins): $(kit)mk/tools.mk | $(sys.main)
	@mkdir -p $(@D)
	@echo "compiling $(@F)" >&2; $(gently) $(tool.cc) $(tool.out) $(call tool.libs,$(@F)) $(tool.end)

.PHONY: tools install-tools
tools: $(tool.bins)
install-tools: $(tool.bins)
	@mkdir -p '$(DESTDIR)$(PREFIX)/bin' '$(DESTDIR)$(PREFIX)/share/man/man1'
	@install -m 755 $(tool.bins) '$(DESTDIR)$(PREFIX)/bin/'
	@install -m 644 $(tool.names:%=$(kit)tools/%.1) '$(DESTDIR)$(PREFIX)/share/man/man1/'
