# dist.mk - a release.
#
# targets: dist   into .cache/dist: what is committed, as a tarball; the tools alone
#                 for Linux, linked statically, with their pages; the checksums of
#                 all. The same bytes from the same commit

.PHONY: dist
dist: $(foreach a,$(lambda.archs),$(tool.names:%=$(lambda.dir)/$a/%))
	@scripts/setup/dist.sh $(cache)/dist
