# atlas.mk - the Atlas binary.
#
# variables: ATLAS ATLAS_FROM ATLAS_VERSION ATLAS_URL VERSION (config.mk)
# targets:   $(atlas.bin)    built or fetched; a given ATLAS needs nothing
#            update-atlas    move the engine's module and the release's pin

atlas.dir := $(cache)/atlas$(if $(filter release,$(ATLAS_FROM)),-release)
atlas.bin := $(if $(ATLAS),,$(atlas.dir)/atlas)
atlas.srcs := $(wildcard $(kit)scripts/atlas/*.go) $(kit)scripts/atlas/go.mod $(kit)scripts/atlas/go.sum

$(atlas.dir)/atlas: $(kit)scripts/download_atlas.sh $(kit)scripts/setup/build_atlas.sh $(atlas.srcs) \
		$(wildcard $(kit)scripts/atlas/checksums Makefile.local) $(kit)mk/config.mk | $(sys.first) $(if $(filter release,$(ATLAS_FROM)),$(sys.fetch))
	@$(kit)scripts/download_atlas.sh $(@D)
	@touch $@

.PHONY: update-atlas
update-atlas: | $(sys.fetch)
	@$(kit)scripts/setup/update_atlas.sh $(VERSION)
