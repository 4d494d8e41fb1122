# release.sh - sourced: the vendor's release, as its hosts publish it.
#
#   release_fetch URL FILE   0; 1 when the host does not have it, 2 when it does not
#                            answer as it should: after seconds, in any case
#   release_why              print the reason of the last one that failed
#   release_sum HOST NAME    set published to the checksum that HOST has for NAME; 1 and
#                            2 as above
#   release_get FILE         fetch ATLAS_VERSION for $os/$arch into FILE, or the latest
#                            when that one is gone; its checksum is the recorded one,
#                            or is recorded now. Or die
#   atlas_version FILE       print the version FILE says it is, or die; return 1 where
#                            it is for another machine
#
# written by both: published host

# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # what is set here, and what common.sh and checksums.sh set

release_fetch() {
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
release_why() { sed 's/^curl: ([0-9]*) //' "$tmp/curl.log" | tail -n 1; }

release_sum() {
	release_fetch "$1/$2.sha256" "$tmp/sum" || return
	# "<hex>  <name>" or the bare number; anything else is no answer.
	read -r published _ <"$tmp/sum" || :
	case ${#published}$published in
	64*[!0-9a-f]*) ;;
	64*) return 0 ;;
	esac
	echo 'not a SHA-256 checksum' >"$tmp/curl.log"
	return 2
}

# release_host NAME: set host to the first that publishes NAME, and published. Return 1
# when the hosts that answered do not have it, 2 when none answered.
release_host() {
	local rc gone=''
	for host in $ATLAS_URL; do
		host=${host%/}
		rc=0
		release_sum "$host" "$1" || rc=$?
		case $rc in
		0) return 0 ;;
		1) gone=1 ;;
		*) step_long "$host: $(release_why)" ;;
		esac
	done
	[ -z "$gone" ] || return 1
	return 2
}

release_get() {
	local stem="atlas-community-$os-$arch" name rc=0 sum host version
	have curl || die "curl is not installed; fix: ${in_kit}scripts/setup/install_packages.sh fetch"
	name=$stem-$ATLAS_VERSION
	step_long "fetching Atlas $ATLAS_VERSION for $os/$arch"
	release_host "$name" || rc=$?
	if [ "$rc" -eq 1 ]; then
		name=$stem-latest rc=0
		release_host "$name" || rc=$?
	fi
	[ "$rc" -eq 0 ] ||
		die "Atlas $ATLAS_VERSION cannot be fetched from any of: $ATLAS_URL; fix: ATLAS_FROM=engine builds one, ATLAS names one of yours"
	recorded "$name"
	[ -z "$sum" ] || [ "$sum" = "$published" ] ||
		die "$host/$name.sha256: the published checksum is not the one recorded in $checksums; refused. fix: if the release was replaced for a reason you trust, remove its line from that file"
	release_fetch "$host/$name" "$1" || die "$host/$name: $(release_why)"
	[ "$(sha256 "$1")" = "$published" ] || die "$host/$name: the file does not match its checksum; refused"
	chmod 755 "$1"
	version=$ATLAS_VERSION
	[ "$name" != "$stem-latest" ] || version=$(atlas_version "$1") || version=latest
	[ "$name" != "$stem-latest" ] ||
		step_long "Atlas $ATLAS_VERSION is no longer there: took the latest, $version"
	if [ -z "$sum" ]; then
		printf '%s  %s\n' "$published" "$name" >>"$checksums"
		step_long "recorded its checksum in $checksums: commit that file"
	fi
}

atlas_version() {
	[ "$(atlas_platform 2>/dev/null && echo "$os/$arch")" = "$os/$arch" ] || return 1
	ATLAS_NO_UPDATE_NOTIFIER=1 HOME=${HOME:-$tmp} "$1" version >"$tmp/version" 2>"$tmp/version.log" ||
		die "the new atlas does not start: $(head -n 1 "$tmp/version.log")"
	sed -n '1s/.*version //p' "$tmp/version"
}
