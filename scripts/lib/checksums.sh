# checksums.sh - sourced: what scripts/atlas/checksums records of the binaries
# named atlas. That file is committed; what lies in .cache vouches for nothing.
#
#   sha256 [FILE]            print its SHA-256
#   atlas_platform [OS ARCH] set os and arch, this machine's by default
#   recorded NAME            set sum to what is recorded for it, '' if nothing is
#   release_known FILE       it is a release that is recorded, for $os/$arch
#   engine_known FILE        it is the engine that is recorded, for $os/$arch
#   engine_changed [DIR]     the engine's sources are others than those the records
#                            are of: someone works on them
#
# written by both: checksums sum

# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # what is set here, and what common.sh sets

checksums=${in_kit}scripts/atlas/checksums

# openssl is several times faster than coreutils.
sha256() {
	if have openssl; then
		set -- "$(openssl dgst -sha256 -r ${1+"$1"})"
	elif have sha256sum; then
		set -- "$(sha256sum ${1+"$1"})"
	else
		set -- "$(shasum -a 256 ${1+"$1"})"
	fi
	case ${1%% *} in
	*[!0-9a-f]* | '') return 1 ;;
	esac
	printf '%s\n' "${1%% *}"
}

atlas_platform() {
	[ $# -gt 0 ] || {
		set -- "$(uname -sm)"
		set -- "${1% *}" "${1##* }"
	}
	case $1 in
	[Ll]inux) os=linux ;;
	[Dd]arwin) os=darwin ;;
	*) die "no Atlas for the system '$1': linux or darwin" ;;
	esac
	case $2 in
	x86_64 | amd64) arch=amd64 ;;
	aarch64 | arm64) arch=arm64 ;;
	*) die "no Atlas for the architecture '$2': amd64 or arm64" ;;
	esac
}

recorded() {
	local name
	if [ -f "$checksums" ]; then
		while read -r sum name; do
			[ "$name" != "$1" ] || return 0
		done <"$checksums"
	fi
	sum=''
}

# is_recorded FILE NAME...: it is one of these.
is_recorded() {
	local has name sum
	[ -x "$1" ] && has=$(sha256 "$1") || return 1
	shift
	for name do
		recorded "$name"
		[ "$sum" != "$has" ] || return 0
	done
	return 1
}
release_known() {
	is_recorded "$1" "atlas-community-$os-$arch-$ATLAS_VERSION" "atlas-community-$os-$arch-latest"
}
engine_known() { is_recorded "$1" "atlas-engine-$os-$arch"; }

# engine_sources DIR: print one checksum of all that the engine is made from.
engine_sources() { (cd "$1" && cat ./*.go go.mod go.sum go-requirements.txt | sha256); }
engine_changed() {
	local has sum
	has=$(engine_sources "${1-$kit/scripts/atlas}") || die "cannot read ${1-$kit/scripts/atlas}"
	recorded atlas-engine-sources
	[ "$has" != "$sum" ]
}
