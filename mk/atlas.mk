# atlas.mk - the Atlas binary.
#
# variables: ATLAS ATLAS_FROM ATLAS_VERSION ATLAS_URL (config.mk)
# targets:   $(atlas.bin)    built or fetched; a given ATLAS needs nothing
#            update-atlas    move the engine's module and the release's pin

atlas.dir := $(cache)/atlas$(if $(filter release,$(ATLAS_FROM)),-release)
atlas.bin := $(if $(ATLAS),,$(atlas.dir)/atlas)
atlas.srcs := $(wildcard scripts/atlas/*.go) scripts/atlas/go.mod scripts/atlas/go.sum

$(atlas.dir)/atlas: scripts/download_atlas.sh scripts/setup/build_atlas.sh $(atlas.srcs) \
		$(wildcard scripts/atlas/checksums Makefile.local) mk/config.mk | $(sys.main)
	@scripts/download_atlas.sh $(@D)
	@touch $@

# VERSION: an Atlas to move to; empty: the newest.
VERSION ?=
.PHONY: update-atlas
update-atlas:
	@scripts/setup/update_atlas.sh $(VERSION)
