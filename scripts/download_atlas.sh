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
USAGE='download_atlas.sh directory [os arch]'
set -eu
. "${0%/*}/lib/common.sh"
. "$kit/scripts/lib/checksums.sh"
. "$kit/scripts/lib/lock.sh"
. "$kit/scripts/lib/release.sh"

case $#,${1-} in
1,-h) usage 0 ;;
1,* | 3,*) ;;
*) usage ;;
esac
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
# Where the engine's sources were changed, the one that is built from them is wanted.
engine_current() { engine_known "$1" && ! engine_changed; }
case $ATLAS_FROM in
engine)
	! engine_current "$dir/atlas" || exit 0
	taken "$cache/atlas" engine_current || "$kit"/scripts/setup/build_atlas.sh "$new" "$os" "$arch" || exit 2
	;;
release)
	! release_known "$dir/atlas" || exit 0
	taken "$cache/atlas-release" release_known || release_get "$new"
	;;
*) die "ATLAS_FROM=$ATLAS_FROM: not one of engine, release" ;;
esac
atlas_version "$new" >/dev/null || :
if [ -f "$new.licenses" ]; then mv "$new.licenses" "$dir/atlas.licenses"; else rm -f "$dir/atlas.licenses"; fi
mv "$new" "$dir/atlas"
