#!/bin/sh
# lock_requirements.sh [-u] [FILE.in...] - pin what FILE.in names, with checksums.
#
# Writes FILE.txt beside each FILE.in (requirements.in by default; with -u all there
# are): every package and its dependencies, with the checksums of all their builds,
# so one file serves every machine. What FILE.txt pins already stays at its version
# where that fits; with -u all goes to the newest. No address of a registry is written.
set -eu
USAGE='lock_requirements.sh [-u] [file.in ...]'
. "${0%/*}/../lib/common.sh"

upgrade=''
while getopts hu o; do
	case $o in
	h) usage 0 ;;
	u) upgrade=--upgrade ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
if [ $# -eq 0 ] && [ -n "$upgrade" ]; then
	set -- *requirements*.in */*requirements*.in scripts/pins/*requirements*.in
elif [ $# -eq 0 ]; then
	set -- requirements.in
fi
need_tmp
scripts/setup/install_venv.sh "$cache/venv-lock" scripts/pins/lock-requirements.txt
for in do
	[ -f "$in" ] || die "cannot read '$in'"
	step_long "pinning $in"
	run "$cache/venv-lock/bin/pip-compile" -q ${upgrade:+"$upgrade"} --generate-hashes --strip-extras --allow-unsafe \
		--no-emit-index-url --no-emit-find-links --no-header -o "${in%.in}.txt" "$in" 2>"$tmp/pip.err" || {
		# The end of it says why; what stands before is the program's own.
		tail -n 1 "$tmp/pip.err" | fit >&2
		die "$in cannot be pinned; fix: what it asks for must exist, and fit together"
	}
done
