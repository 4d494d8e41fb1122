#!/usr/bin/env bats
# download_atlas.sh: the release with its checksum, else the Go module.
# The release host is a directory here: curl reads file: URLs too.

load helper

setup() {
	scratch
	project
	# A stand-in for the binary: it must start, that is all that is asked.
	mkdir host
	printf '#!/bin/sh\necho atlas community version v9.9.9\n' >host/atlas-linux-amd64-v9.9.9
	publish
	ATLAS_URL="file://$(pwd | sed 's/ /%20/g')/host/atlas-{os}-{arch}-{version}"
	export ATLAS_URL ATLAS_VERSION=v9.9.9 ATLAS_FROM=release
	name=atlas-community-linux-amd64-v9.9.9
}

publish() { (cd host && sha256sum atlas-linux-amd64-v9.9.9 >atlas-linux-amd64-v9.9.9.sha256); }
get() { scripts/download_atlas.sh "$@"; }

@test "the release: fetched, verified, its checksum recorded; a second run does nothing" {
	check 0 -e "fetching Atlas v9.9.9 for linux/amd64
recorded its checksum in scripts/atlas/checksums: commit that file" -- get new/bin/ linux amd64
	same host/atlas-linux-amd64-v9.9.9 new/bin/atlas
	[ -x new/bin/atlas ]
	sum=$(sha256sum <host/atlas-linux-amd64-v9.9.9 | cut -d' ' -f1)
	printf '%s  %s\n' "$sum" "$name" >want
	same want scripts/atlas/checksums
	rm -r host
	check 0 -- get new/bin/ linux amd64
}

@test "a binary that was changed on disk is fetched again" {
	get new linux amd64 2>/dev/null
	echo '# more' >>new/atlas
	check 0 -e 'fetching Atlas v9.9.9 for linux/amd64' -- get new linux amd64
	same host/atlas-linux-amd64-v9.9.9 new/atlas
}

@test "a published checksum that differs from the recorded one is refused" {
	get new linux amd64 2>/dev/null
	cp new/atlas before
	echo '# replaced' >>host/atlas-linux-amd64-v9.9.9
	publish
	rm -r new
	mkdir new
	check 2 -p 'the published checksum is not the one recorded in scripts/atlas/checksums; refused' -- get new linux amd64
	[ ! -e new/atlas ]
	[ -z "$(ls -A new)" ]
	[ "$(wc -l <scripts/atlas/checksums)" -eq 1 ]
}

@test "a file that does not match its checksum is refused" {
	echo '# broken on the way' >>host/atlas-linux-amd64-v9.9.9
	check 2 -p 'the file does not match its checksum; refused' -- get new linux amd64
	[ ! -e new/atlas ]
	[ ! -e scripts/atlas/checksums ]
	echo '<html>not here</html>' >host/atlas-linux-amd64-v9.9.9.sha256
	check 2 -p 'not a SHA-256 checksum' -- get new linux amd64
}

@test "a host that is not there: one sentence" {
	check 2 -p '^download_atlas.sh: https://127.0.0.1:9/x: .*cannot be fetched$' -- \
		env ATLAS_URL=https://127.0.0.1:9/x scripts/download_atlas.sh new linux amd64
	[ ! -e new/atlas ]
}

@test "without the release: built from the Go module, for this machine" {
	check 0 -p '^built Atlas v0.13.1$' -- \
		env ATLAS_FROM=auto ATLAS_URL=https://127.0.0.1:9/x scripts/download_atlas.sh new
	new/atlas version | grep -Fqx 'atlas version v0.13.1'
	[ ! -e scripts/atlas/checksums ]
}

@test "systems and architectures without an Atlas, and usage" {
	check 2 -e "download_atlas.sh: no Atlas for the system 'plan9': linux or darwin" -- get new plan9 amd64
	check 2 -e "download_atlas.sh: no Atlas for the architecture 'mips': amd64 or arm64" -- get new linux mips
	check 2 -e 'usage: download_atlas.sh directory [os arch]' -- get
	check 2 -e 'download_atlas.sh: ATLAS_FROM=x: not one of auto, release, build' -- env ATLAS_FROM=x scripts/download_atlas.sh new
}
