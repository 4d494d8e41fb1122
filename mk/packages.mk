# packages.mk - the groups of system packages, each installed once.
#
# A group is a file of .cache/sys, which says that it is there; a verb names the
# groups it needs. scripts/setup/install_packages.sh installs them; the tables beside it
# say what a group consists of, and what each system calls that.
#
# targets: $(sys.first)  those few with which the rest is fetched
#          $(sys.main)   what builds the tools
#          $(sys.fetch)  what fetches what no registry has
#          and more below; a group is its own name, unless sys.packages says which it is

# The first time everything is installed side by side, and the engine takes longest: the
# other jobs run at a lower priority.
gently := nice -n 5

sys.dir := $(cache)/sys
sys.names := bench compat dist erd fetch first fuzz lambda-arm64 lambda-x86_64 lint main test
sys.packages.first := python certs
sys.packages.main := build
sys.packages.test := build python fetch test lambda-test
$(foreach n,$(sys.names),$(eval sys.$n := $(sys.dir)/$n))
$(foreach n,$(filter-out first main test,$(sys.names)),$(eval sys.packages.$n := $n))

# A template's .gitignore names the cache; elsewhere the cache has a .gitignore of its own.
$(sys.names:%=$(sys.dir)/%): $(sys.dir)/%: $(addprefix $(kit)scripts/setup/,install_packages.sh package_groups package_names)
	@mkdir -p $(@D)
	@$(if $(kit),[ -f $(cache)/.gitignore ] || echo '*' >$(cache)/.gitignore)
	@$(if $(filter first,$*),,$(gently) )env FUZZ_CC='$(FUZZ_CC)' $(kit)scripts/setup/install_packages.sh $(sys.packages.$*)
	@touch $@
$(sys.main) $(sys.fetch): | $(sys.first)
$(sys.compat) $(sys.dist) $(sys.fuzz) $(sys.lambda-arm64) $(sys.lambda-x86_64): | $(sys.main)
