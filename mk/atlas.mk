# atlas.mk - the Atlas binary.
#
# variables: ATLAS ATLAS_VERSION ATLAS_URL ATLAS_FROM (config.mk)
# targets:   $(atlas.bin)   fetched or built; a given ATLAS needs nothing

atlas.bin := $(if $(ATLAS),,$(cache)/atlas/atlas)

$(cache)/atlas/atlas: scripts/download_atlas.sh scripts/atlas/go.sum \
		$(wildcard scripts/atlas/checksums Makefile.local) mk/config.mk | $(sys.main)
	@scripts/download_atlas.sh $(@D)
	@touch $@
