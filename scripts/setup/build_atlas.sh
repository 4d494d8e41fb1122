#!/bin/sh
# build_atlas.sh FILE OS ARCH | -r - build the engine into FILE, and the licences
# of all that is linked into it into FILE.licenses.
#
# The engine is the program in scripts/atlas: the vendor's library and a
# front-end of ours. Its modules come from the Go module proxy, and go.sum there
# vouches for every byte; the compiler is the one that go-requirements.txt pins.
# OS is linux or darwin, ARCH amd64 or arm64. What comes out must be what
# scripts/atlas/checksums records, unless the sources were changed since. -r:
# build it for all of these, and record it.
set -eu
. "${0%/*}/../lib/common.sh"
. "$kit/scripts/lib/engine.sh"

src=$kit/scripts/atlas
module=$(awk '$1 == "ariga.io/atlas" { print $2 }' "$src/go.mod")
# failed: what the compiler said last.
failed() {
	grep -v '^go: downloading' "$tmp/build.log" | tail -n 5 >&2
	die "the engine could not be built; fix: is the Go module proxy in reach (GOPROXY)? Else set ATLAS to a binary, or ATLAS_FROM=release"
}
need_tmp
case $#${1-} in
1-r)
	engine_go
	step_long "building the engine, on Atlas $module, for four systems"
	engine_record "$src" 2>"$tmp/build.log" || failed
	say "recorded the engine's checksums in $checksums: commit that file"
	exit 0
	;;
3*) ;;
*)
	echo 'usage: build_atlas.sh file os arch | -r' >&2
	exit 2
	;;
esac
case $1 in
/*) out=$1 ;;
*) out=$root/$1 ;;
esac
atlas_platform "$2" "$3"
engine_go
step_long "building the engine, on Atlas $module, for $os/$arch (half a minute on a new machine)"
engine_build "$src" "$out" "$os" "$arch" >"$tmp/build.log" 2>&1 || failed
if ! engine_known "$out"; then
	engine_changed || {
		rm -f "$out"
		die "the engine that was built is not the one that $checksums records; refused. fix: remove $cache/go and the module cache ($("$go" env GOMODCACHE)), whose content may be forged; or set ATLAS to a binary"
	}
	warn "$src was changed, so no checksum vouches for this engine; fix: ${in_kit}scripts/setup/build_atlas.sh -r records it"
fi
step_long "built the engine, on Atlas $module"
