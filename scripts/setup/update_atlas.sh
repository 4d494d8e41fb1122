#!/bin/sh
# update_atlas.sh [VERSION] - move to another Atlas: the engine's module and the
# release's pin.
#
# VERSION is the module's newest by default; an older one goes back. The module
# is resolved and built in a copy, with the compiler that is pinned, and the copy
# has to pass tests/engine.bats where that can run. The release of that version is
# asked of ATLAS_URL's hosts for its checksums: hosts that answer must agree. Only
# then go.mod, go.sum, checksums and the pin in mk/config.mk are written; without a
# host that answers the pin stays. Exit 0 moved, or nothing to do; 1 what was built
# does not pass; 2 could not, and nothing was written.
USAGE='update_atlas.sh [version]'
set -eu
. "${0%/*}/../lib/common.sh"
. "$kit/scripts/lib/engine.sh"
. "$kit/scripts/lib/release.sh"

case $#,${1-} in
1,-h) usage 0 ;;
[01],*) ;;
*) usage ;;
esac
have curl || die "curl is not installed; fix: ${in_kit}scripts/setup/install_packages.sh fetch"
need_tmp
# All it reads and writes is the kit's.
cd "$kit"
kit=. checksums=scripts/atlas/checksums
was=$(awk '$1 == "ariga.io/atlas" { print $2 }' scripts/atlas/go.mod)

# --- the module, in a copy ---------------------------------------------------------
copy=$tmp/atlas
cp -R scripts/atlas "$copy"
to=${1-}
case $to in
'' | v[0-9]*.[0-9]*.[0-9]*) ;;
*) die "VERSION=$to: not a version such as v1.3.0" ;;
esac
[ "$to" = "$was" ] || {
	engine_go
	engine_env -mod=mod
}
if [ -z "$to" ]; then
	to=$(cd "$copy" && "$go" list -m -f '{{ .Version }}' ariga.io/atlas@latest 2>"$tmp/go.err") ||
		die "the module's versions cannot be asked for: $(tail -n 1 "$tmp/go.err")"
	# A proxy that lists no release answers with something from in between.
	case $to in
	*-*) die "the module proxy lists no released version; fix: name one, make update-atlas VERSION=v1.3.0" ;;
	esac
fi
if [ "$to" != "$was" ]; then
	step_long "trying the module $to (it was $was)"
	{ (cd "$copy" && "$go" get "ariga.io/atlas@$to" && "$go" mod tidy) && engine_record "$copy"; } >"$tmp/go.err" 2>&1 || {
		grep -v '^go: downloading' "$tmp/go.err" | tail -n 5 >&2
		die "the module $to cannot be had, or does not build; nothing was written"
	}
	if have bats && have psql; then
		step_long 'trying it on PostgreSQL (tests/engine.bats)'
		atlas_platform
		ENGINE=$tmp/engine-$os-$arch bats tests/engine.bats >"$tmp/tests" 2>&1 || {
			grep -A 8 '^not ok' "$tmp/tests" >&2 || tail -n 5 "$tmp/tests" >&2
			warn "the engine on $to does not pass its tests; nothing was written"
			answer 1
		}
	else
		warn 'bats or psql is not here: it was built, and not tried'
	fi
fi

# --- the release's checksums ---------------------------------------------------------
# sums HOST: those of all platforms, as checksums has them.
sums() {
	local p name
	for p in linux-amd64 linux-arm64 darwin-amd64 darwin-arm64; do
		name=atlas-community-$p-$to
		release_sum "$1" "$name" || return 1
		printf '%s  %s\n' "$published" "$name"
	done
}
: >"$tmp/sums"
asked=''
for host in $ATLAS_URL; do
	host=${host%/}
	if sums "$host" >"$tmp/these"; then
		[ -z "$asked" ] || cmp -s "$tmp/these" "$tmp/sums" ||
			die "$asked and $host publish different checksums of the release $to; nothing was written"
		cp "$tmp/these" "$tmp/sums"
		asked=$host
	else
		warn "$host: has no checksums of the release $to ($(release_why))"
	fi
done
# What is recorded stays: another checksum of the same name is no update.
while read -r sum name; do
	new=$sum
	recorded "$name"
	[ -z "$sum" ] || [ "$sum" = "$new" ] ||
		die "$name: the published checksum is not the one recorded in scripts/atlas/checksums; nothing was written"
done <"$tmp/sums"

# --- written -------------------------------------------------------------------------
if [ -n "$asked" ]; then
	{
		awk -v v="-$to" 'substr($2, length($2) - length(v) + 1) != v && $2 !~ /-latest$/' "$copy/checksums"
		cat "$tmp/sums"
	} >"$tmp/checksums"
	sed "s/^ATLAS_VERSION ?= .*/ATLAS_VERSION ?= $to/" mk/config.mk >"$tmp/config.mk"
	cat "$tmp/checksums" >"$copy/checksums"
	cmp -s "$tmp/config.mk" mk/config.mk || cat "$tmp/config.mk" >mk/config.mk
	say "the release: $to, checksums from $asked"
else
	say "the release: stays $ATLAS_VERSION, for no host has all checksums of $to"
fi
cat "$copy/checksums" >scripts/atlas/checksums
if [ "$to" = "$was" ]; then
	say "the engine: is on $to already"
else
	cp "$copy/go.mod" "$copy/go.sum" scripts/atlas/
	say "the engine: $to (it was $was)"
fi
say 'look at git diff, then: make check-migrations, make test'
