#!/bin/sh
# download_atlas.sh DIR [OS ARCH] - put a working atlas into DIR.
#
# By default that is the engine, built from scripts/atlas (see build_atlas.sh),
# with the licences of what is linked into it beside it, in atlas.licenses.
# With ATLAS_FROM=release it is the vendor's community release ATLAS_VERSION:
# ATLAS_URL names the hosts it is asked of, one after the other. Its checksum is
# in scripts/atlas/checksums, and what differs is refused; one that is not there
# yet is recorded: commit that file. The vendor removes old releases: then the
# latest one is taken, and that is said. OS and ARCH (linux darwin, amd64 arm64)
# default to this machine's.
#
# For the function's layer, DIR atlas_layer/bin, they default to Linux and
# LAMBDA_ARCH, and the function's package is laid out too: then `sam deploy`
# finds all that the template names.
#
# What lies in .cache is taken when it is what scripts/atlas/checksums records.
set -eu
. "${0%/*}/lib/common.sh"
. "$kit/scripts/lib/checksums.sh"
. "$kit/scripts/lib/lock.sh"

[ $# -eq 1 ] || [ $# -eq 3 ] || {
	echo 'usage: download_atlas.sh directory [os arch]' >&2
	exit 2
}
dir=${1%/}
if [ $# -eq 1 ]; then
	case $dir in
	atlas_layer/bin | ./atlas_layer/bin | "$root/atlas_layer/bin")
		make -s --no-print-directory -f "$kit/Makefile" lambda-package >&2 || exit 2
		set -- "$dir" linux "$LAMBDA_ARCH"
		;;
	esac
fi

shift
atlas_platform "$@"

# --- the release -----------------------------------------------------------------
stem=atlas-community-$os-$arch

# fetch URL FILE: 0, 1 when it is not there, 2 when the host does not answer as
# it should; seconds in any case. The reason is in $tmp/curl.log.
fetch() {
	local http proto='=https,file'
	case $1 in
	http://127.0.0.1:*) proto='=http' ;;
	esac
	http=$(curl -fsSL --proto "$proto" --connect-timeout 5 --speed-time 5 --speed-limit 1000 \
		--max-time 300 -o "$2" -w '%{http_code}' "$1" 2>"$tmp/curl.log") && return 0
	case $http in
	404 | 403 | 410) return 1 ;;
	esac
	grep -q "Couldn't open file" "$tmp/curl.log" && return 1
	return 2
}
why() { sed 's/^curl: ([0-9]*) //' "$tmp/curl.log" | tail -n 1; }

# published NAME: set published to the checksum that a host has beside it, and
# host to that one. Returns 1 when the hosts that answered do not have it, 2
# when none answered.
published() {
	local rc answered=''
	for host in $ATLAS_URL; do
		host=${host%/}
		rc=0
		fetch "$host/$1.sha256" "$tmp/sum" || rc=$?
		if [ "$rc" -eq 0 ]; then
			# "<hex>  <name>" or the bare number; anything else is no answer.
			read -r published _ <"$tmp/sum" || :
			case ${#published}$published in
			64*[!0-9a-f]*) ;;
			64*) return 0 ;;
			esac
			echo "not a SHA-256 checksum" >"$tmp/curl.log"
			rc=2
		fi
		if [ "$rc" -eq 1 ]; then
			answered=1
		else
			step_long "$host: $(why)"
		fi
	done
	[ -z "$answered" ] || return 1
	return 2
}

from_release() {
	local name rc=0 sum was version
	have curl || die "curl is not installed; fix: ${in_kit}scripts/setup/install_packages.sh fetch"
	name=$stem-$ATLAS_VERSION
	step_long "fetching Atlas $ATLAS_VERSION for $os/$arch"
	published "$name" || rc=$?
	if [ "$rc" -eq 1 ]; then
		name=$stem-latest rc=0
		published "$name" || rc=$?
	fi
	[ "$rc" -eq 0 ] ||
		die "Atlas $ATLAS_VERSION cannot be fetched from any of: $ATLAS_URL; fix: ATLAS_FROM=engine builds one, ATLAS names one of yours"
	recorded "$name"
	was=$sum
	[ -z "$was" ] || [ "$was" = "$published" ] ||
		die "$host/$name.sha256: the published checksum is not the one recorded in $checksums; refused. fix: if the release was replaced for a reason you trust, remove its line from that file"
	fetch "$host/$name" "$new" || die "$host/$name: $(why)"
	[ "$(sha256 "$new")" = "$published" ] || die "$host/$name: the file does not match its checksum; refused"
	chmod 755 "$new"
	version=$ATLAS_VERSION
	[ "$name" != "$stem-latest" ] || version=$(starts) || version=latest
	[ "$name" != "$stem-latest" ] ||
		step_long "Atlas $ATLAS_VERSION is no longer there: took the latest, $version"
	if [ -z "$was" ]; then
		printf '%s  %s\n' "$published" "$name" >>"$checksums"
		step_long "recorded its checksum in $checksums: commit that file"
	fi
}

# starts: the new one's version, where this machine can run it.
starts() {
	[ "$(atlas_platform 2>/dev/null && echo "$os/$arch")" = "$os/$arch" ] || return 1
	ATLAS_NO_UPDATE_NOTIFIER=1 HOME=${HOME:-$tmp} "$new" version >"$tmp/version" 2>"$tmp/version.log" ||
		die "the new atlas does not start: $(head -n 1 "$tmp/version.log")"
	sed -n '1s/.*version //p' "$tmp/version"
}

# taken FROM KNOWN: the new one is a copy of what lies there, and KNOWN knows it.
taken() {
	[ "$dir" != "$1" ] && [ -f "$1/atlas" ] || return 1
	cp "$1/atlas" "$new" || die "cannot write $dir"
	[ ! -f "$1/atlas.licenses" ] || cp "$1/atlas.licenses" "$new.licenses"
	"$2" "$new" || {
		rm -f "$new" "$new.licenses"
		return 1
	}
}

# --- which one, and into place ------------------------------------------------------
need_tmp
mkdir -p "$dir" || die "cannot make the directory $dir"
wait_lock atlas
new=$dir/.atlas.new.$$
at_exit_file "$new"
at_exit_file "$new.licenses"
case $ATLAS_FROM in
engine)
	! engine_known "$dir/atlas" || exit 0
	taken "$cache/atlas" engine_known || "$kit"/scripts/setup/build_atlas.sh "$new" "$os" "$arch" || exit 2
	;;
release)
	! release_known "$dir/atlas" || exit 0
	taken "$cache/atlas-release" release_known || from_release
	;;
*) die "ATLAS_FROM=$ATLAS_FROM: not one of engine, release" ;;
esac
starts >/dev/null || :
if [ -f "$new.licenses" ]; then mv "$new.licenses" "$dir/atlas.licenses"; else rm -f "$dir/atlas.licenses"; fi
mv "$new" "$dir/atlas"
