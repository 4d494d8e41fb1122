# atlas.mk - the Atlas binary.
#
# variables: ATLAS ATLAS_VERSION ATLAS_URL ATLAS_FROM (config.mk)
# targets:   $(atlas.bin)   fetched or built; a given ATLAS needs nothing

ifeq ($(ATLAS),)
atlas.bin := $(cache)/atlas/atlas
endif

$(cache)/atlas/atlas: scripts/download_atlas.sh scripts/atlas/go.sum \
		$(wildcard scripts/atlas/checksums Makefile.local) mk/config.mk | $(sys.main)
	@scripts/download_atlas.sh $(@D)
	@touch $@
