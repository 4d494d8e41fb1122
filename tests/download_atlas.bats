#!/usr/bin/env bats
# download_atlas.sh: the engine, or the vendor's release with its checksum from
# one of two hosts, which are stand-ins on the loopback address here.

load helper
load server

OLD=v9.9.9

setup() {
	scratch
	project
	unset ATLAS_MAKE_ATLAS
	mkdir host other
	hosts=''
	binary host "$OLD"
	host files host
	first=http://127.0.0.1:$port
	host files other
	second=http://127.0.0.1:$port
	export ATLAS_MAKE_ATLAS_URL="$first $second/" ATLAS_MAKE_ATLAS_VERSION=$OLD ATLAS_MAKE_ATLAS_FROM=release
	sums=scripts/atlas/checksums
	cp "$sums" committed
	trace=$(printf 'fetching Atlas %s for linux/amd64' "$OLD")
	kept="recorded its checksum in $sums: commit that file"
}
teardown() {
	local pid
	for pid in $hosts; do
		kill "$pid" 2>/dev/null || :
		wait "$pid" 2>/dev/null || :
	done
	[ -z "${SERVER_PID-}" ] || stop_server
	rm -rf "$TMPDIR"
}
arm() { qemu-aarch64-static arm/atlas "$@"; }

# host MODE [DIR]: sets port.
host() {
	python3 "$FIXTURES/download/host.py" "$@" >port 3>&- &
	hosts="$hosts $!"
	until [ -s port ]; do sleep 0.02; done
	port=$(cat port)
	rm port
}
# binary DIR VERSION [AS]: a stand-in for the vendor's, published there. It must
# start, that is all that is asked.
binary() {
	local f=atlas-community-linux-amd64-${3-$2}
	printf '#!/bin/sh\necho atlas community version %s\n' "$2" >"$1/$f"
	(cd "$1" && sha256sum "$f" >"$f.sha256")
}
sum_of() { sha256sum <"$1" | cut -d' ' -f1; }
get() { scripts/download_atlas.sh "${1-new}" linux amd64; }
# nothing_new: nothing was put into the directory, nothing recorded.
nothing_new() {
	[ -z "$(ls -A new 2>/dev/null)" ] || { ls -A new; return 1; }
	same committed "$sums"
}

@test "the release: fetched, verified, its checksum recorded; a second run asks nobody" {
	check 0 -e "$trace
$kept" -- get
	same host/atlas-community-linux-amd64-$OLD new/atlas
	[ -x new/atlas ]
	{ cat committed; printf '%s  atlas-community-linux-amd64-%s\n' "$(sum_of new/atlas)" "$OLD"; } >want
	same want "$sums"
	rm -r host
	check 0 -- get
}

@test "a binary that was changed on disk, whatever lies beside it, is fetched again" {
	get 2>/dev/null
	echo '# more' >>new/atlas
	sum_of new/atlas >new/.atlas.linux-amd64
	check 0 -e "$trace" -- get
	same host/atlas-community-linux-amd64-$OLD new/atlas
	# The layer takes it from .cache only when it is what was committed.
	mkdir -p .cache/atlas-release
	cp new/atlas .cache/atlas-release/atlas
	rm -r new
	check 0 -- get
	same host/atlas-community-linux-amd64-$OLD new/atlas
	echo '# forged' >>.cache/atlas-release/atlas
	rm -r new
	check 0 -e "$trace" -- get
	same host/atlas-community-linux-amd64-$OLD new/atlas
}

@test "the second host, where the first one has nothing, is dead, or answers with a page" {
	mv host/* other/
	check 0 -e "$trace
$kept" -- get
	rm -r new
	ATLAS_MAKE_ATLAS_URL="http://127.0.0.1:9 $second" check 0 -p '^http://127.0.0.1:9: Failed to connect' -- get
	rm -r new
	host html
	ATLAS_MAKE_ATLAS_URL="http://127.0.0.1:$port $second" check 0 -e "$trace
http://127.0.0.1:$port: not a SHA-256 checksum" -- get
	same other/atlas-community-linux-amd64-$OLD new/atlas
}

@test "the pin is gone: the latest, its version asked, recorded, said in one line" {
	rm host/*
	binary other v9.9.12 latest
	check 0 -e "$trace
Atlas $OLD is no longer there: took the latest, v9.9.12
$kept" -- get
	same other/atlas-community-linux-amd64-latest new/atlas
	grep -Fqx "$(sum_of new/atlas)  atlas-community-linux-amd64-latest" "$sums"
	check 0 -- get
	# Another latest under the checksum that was recorded.
	rm -r new
	cp "$sums" committed
	binary other v9.9.13 latest
	check 2 -p 'the published checksum is not the one recorded in scripts/atlas/checksums; refused' -- get
	nothing_new
}

@test "a published checksum that differs from the recorded one is refused" {
	get 2>/dev/null
	rm -r new
	cp "$sums" committed
	echo '# replaced' >>host/atlas-community-linux-amd64-$OLD
	(cd host && sha256sum atlas-community-linux-amd64-$OLD >atlas-community-linux-amd64-$OLD.sha256)
	check 2 -p 'the published checksum is not the one recorded in scripts/atlas/checksums; refused' -- get
	nothing_new
}

@test "a file that does not match its checksum is refused" {
	echo '# broken on the way' >>host/atlas-community-linux-amd64-$OLD
	check 2 -p 'the file does not match its checksum; refused' -- get
	nothing_new
}

@test "no host that answers: seconds, and what to do" {
	host hang
	began=$(date +%s)
	check 2 -p "cannot be fetched from any of: .*; fix: ATLAS_FROM=engine builds one, ATLAS names one of yours\$" -- \
		env ATLAS_MAKE_ATLAS_URL="http://127.0.0.1:$port http://127.0.0.1:9" scripts/download_atlas.sh new linux amd64
	[ $(($(date +%s) - began)) -le 15 ]
	nothing_new
	# Hosts that have neither the pin nor a latest.
	rm host/*
	check 2 -p "Atlas $OLD cannot be fetched from any of" -- get
	nothing_new
}

# engine DIR [OS ARCH]: get it.
engine() {
	ATLAS_MAKE_ATLAS_FROM=engine ATLAS_MAKE_ATLAS_URL='' scripts/download_atlas.sh "$@"
}
# forge DIR: another program lies there, and what vouches for it beside it.
forge() {
	rm -rf "$1"
	mkdir -p "$1"
	printf '#!/bin/sh\necho ran >>"%s/ran"\necho atlas %s version v9.9.9\n' "$PWD" "$2" >"$1/atlas"
	chmod +x "$1/atlas"
	sha256sum "$1/atlas" >"$1/.atlas.linux-amd64"
}

@test "the engine: built, to the byte what is committed; other systems too" {
	rm .cache/atlas
	check 0 -p '^built the engine, on Atlas v[0-9.]*$' -- engine new
	new/atlas version | grep -Eqx 'atlas engine version v[0-9.]+'
	run ! grep -aqF "$TOP" new/atlas
	[ "$(($(wc -c <new/atlas) / 1000000))" -le 17 ]
	grep -Fqx "$(sum_of new/atlas)  atlas-engine-linux-amd64" "$sums"
	# What is there is looked at, and not built again.
	check 0 -- engine new
	check 0 -p 'for linux/arm64' -- engine arm linux arm64
	[ "$(od -An -t x1 -j 18 -N 2 arm/atlas | tr -d ' ')" = b700 ]
	grep -Fqx "$(sum_of arm/atlas)  atlas-engine-linux-arm64" "$sums"
	same committed "$sums"
	# Under an emulator it does the same.
	cp -R src/db/migrations m
	: >m/atlas.sum
	arm migrate hash --dir file://m
	cmp m/atlas.sum src/db/migrations/atlas.sum
	start_server
	export DATABASE_URL="postgres://dev:s%40cret@127.0.0.1:$PORT/dev?sslmode=disable"
	arm migrate apply --dir file://m | grep -q '(2 migrations in total)$'
	new/atlas migrate apply --dir file://m | grep -Fqx 'No migration files to execute'
	# Beside it the licence of each module that is linked.
	(cd scripts/atlas && go list -deps -f '{{ with .Module }}{{ if not .Main }}== {{ .Path }} {{ .Version }} =={{ end }}{{ end }}' .) | grep . | sort -u >want
	[ "$(wc -l <want)" -gt 10 ]
	grep '^== [^ ]* v' new/atlas.licenses | same want -
	# No heading without a text.
	awk '/^== / { if (!n) bad = 1; n = 0; next } { n += NF } END { exit bad || !n }' new/atlas.licenses
}

@test "the recorded checksums are those of the sources as they are" {
	grep -Fqx "$(cd scripts/atlas && cat ./*.go go.mod go.sum go-requirements.txt | sha256sum | cut -d' ' -f1)  atlas-engine-sources" "$sums" || {
		echo 'scripts/atlas was changed: run scripts/setup/build_atlas.sh -r, and commit'
		return 1
	}
	for p in linux-amd64 linux-arm64 darwin-amd64 darwin-arm64; do
		grep -Eqx "[0-9a-f]{64}  atlas-engine-$p" "$sums"
	done
}

@test "a forged binary in .cache is not run, and does not get into the layer" {
	forge .cache/atlas engine
	check 2 -e "check_migrations.sh: .cache/atlas/atlas is not what scripts/atlas/checksums records, and is not run; fix: remove .cache/atlas and run make install" -- \
		env ATLAS_MAKE_ATLAS_FROM=engine scripts/check_migrations.sh
	check 0 -p '^built' -- engine layer linux amd64
	cmp layer/atlas "$TOP/.cache/atlas/atlas"
	forge .cache/atlas-release community
	check 2 -p '\.cache/atlas-release/atlas is not what scripts/atlas/checksums records, and is not run' -- scripts/check_migrations.sh
	[ ! -e ran ]
	# The true one is taken from there, with no compiler.
	rm -r .cache/atlas layer
	ln -s "$TOP/.cache/atlas" .cache/atlas
	check 0 -- engine layer linux amd64
	cmp layer/atlas "$TOP/.cache/atlas/atlas"
	[ -s layer/atlas.licenses ]
}

@test "a binary that was read and found right is read once more when it is another" {
	rm .cache/atlas
	mkdir .cache/atlas
	cp -p "$TOP/.cache/atlas/atlas" .cache/atlas/
	export ATLAS_MAKE_ATLAS_FROM=engine
	check 0 -o 'migrations: check passed' -- scripts/check_migrations.sh
	strace -f -qq -e trace=openat -o trace env ATLAS_MAKE_CHECK_ALL=1 scripts/check_migrations.sh
	run ! grep -q '"\.cache/atlas/atlas", O_RDONLY)' trace
	# One of the same size and time, put in its place or written into it; and what was
	# noted of another.
	cp -p .cache/atlas/atlas.seen seen
	for how in 'mv forged' 'cp forged'; do
		printf '#!/bin/sh\n: >ran\n%*s' $(($(wc -c <.cache/atlas/atlas) - 18)) '' >forged
		chmod +x forged
		touch -r .cache/atlas/atlas forged
		$how .cache/atlas/atlas
		cp -p seen .cache/atlas/atlas.seen
		check 2 -p '^check_migrations.sh: .cache/atlas/atlas is not what scripts/atlas/checksums records, and is not run; fix: ' -- \
			env ATLAS_MAKE_CHECK_ALL=1 scripts/check_migrations.sh
		[ ! -e ran ]
		cp -p "$TOP/.cache/atlas/atlas" .cache/atlas/
	done
}

@test "who works on the engine runs it without a record; others are refused what is not recorded" {
	rm .cache/atlas
	# As if the compiler, or a module, were another's work.
	sum=$(printf forged | sha256sum | cut -d' ' -f1)
	edit "$sums" "s/^[0-9a-f]*  atlas-engine-linux-amd64/$sum  atlas-engine-linux-amd64/"
	check 2 -p 'the engine that was built is not the one that scripts/atlas/checksums records; refused' -- engine .cache/atlas
	[ ! -e .cache/atlas/atlas ]
	cp committed "$sums"
	# The one of the sources before is there.
	mkdir -p .cache/atlas
	cp -p "$TOP/.cache/atlas/atlas" .cache/atlas/
	echo 'var _ = 1' >>scripts/atlas/main.go
	check 0 -p '^build_atlas.sh: \./scripts/atlas was changed, so no checksum vouches for this engine; fix: scripts/setup/build_atlas.sh -r records it$' -- engine .cache/atlas
	check 0 -o 'migrations: check passed' -- env ATLAS_MAKE_ATLAS_FROM=engine scripts/check_migrations.sh
}

@test "a directory with an apostrophe and a blank in its name; nothing stays" {
	mkdir "it's here"
	get "it's here" >/dev/null 2>&1
	[ "$("it's here/atlas" version)" = "atlas community version $OLD" ]
	ls -A .cache >left
	run ! grep -E 'lock|tmp' left
	nothing_left
}

@test "systems and architectures without an Atlas, and usage" {
	check 2 -e "download_atlas.sh: no Atlas for the system 'plan9': linux or darwin" -- scripts/download_atlas.sh new plan9 amd64
	check 2 -e "download_atlas.sh: no Atlas for the architecture 'mips': amd64 or arm64" -- scripts/download_atlas.sh new linux mips
	check 2 -e 'usage: download_atlas.sh directory [os arch]' -- scripts/download_atlas.sh
	check 2 -e 'download_atlas.sh: ATLAS_FROM=x: not one of engine, release' -- env ATLAS_MAKE_ATLAS_FROM=x scripts/download_atlas.sh new
	check 2 -e 'usage: build_atlas.sh file os arch | -r' -- scripts/setup/build_atlas.sh
}

@test "update-atlas: the release's checksums of a version, when the hosts that answer agree" {
	unset ATLAS_MAKE_ATLAS_FROM ATLAS_MAKE_ATLAS_VERSION
	V=$(awk '$1 == "ariga.io/atlas" { print $2 }' scripts/atlas/go.mod)
	publish() {
		local p
		for p in linux-amd64 linux-arm64 darwin-amd64 darwin-arm64; do
			printf '%s  atlas-community-%s-%s\n' "$(printf '%s' "$2$p" | sha256sum | cut -d' ' -f1)" "$p" "$V" >"$1/atlas-community-$p-$V.sha256"
		done
	}
	update() { scripts/setup/update_atlas.sh "$V"; }
	# Others than those that are recorded.
	publish host one
	check 2 -p "atlas-community-linux-amd64-$V: the published checksum is not the one recorded in scripts/atlas/checksums; nothing was written\$" -- update
	same committed "$sums"
	# Two hosts that do not agree.
	grep -v -e "-$V\$" committed >"$sums" || :
	cp "$sums" none
	publish other two
	check 2 -e "update_atlas.sh: $first and $second publish different checksums of the release $V; nothing was written" -- update
	same none "$sums"
	# They do; the pin moves along.
	publish other one
	edit mk/config.mk 's/^ATLAS_VERSION ?= .*/ATLAS_VERSION ?= v1.0.0/'
	check 0 -o "the release: $V, checksums from $second
the engine: is on $V already
look at git diff, then: make check-migrations, make test" -- update
	[ "$(grep -c -e "atlas-community-.*-$V\$" "$sums")" -eq 4 ]
	[ "$(grep -c atlas-engine- "$sums")" -eq "$(grep -c atlas-engine- none)" ]
	grep -qx "ATLAS_VERSION ?= $V" mk/config.mk
	# No host that answers: what is there stays.
	cp "$sums" committed
	ATLAS_MAKE_ATLAS_URL=http://127.0.0.1:9 check 0 -p 'has no checksums of the release' -o "the release: stays $V, for no host has all checksums of $V
the engine: is on $V already
look at git diff, then: make check-migrations, make test" -- update
	same committed "$sums"
	check 2 -e 'update_atlas.sh: VERSION=1.3: not a version such as v1.3.0' -- scripts/setup/update_atlas.sh 1.3
}
