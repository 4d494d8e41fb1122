#!/bin/sh
# lock_requirements.sh [FILE.in...] - pin what FILE.in names, with checksums.
#
# Writes FILE.txt beside each FILE.in (all of the project's by default): every
# package and its dependencies at the newest version that fits, with the
# checksums of all their builds, so one file serves every machine. No address of
# a registry is written.
set -eu
. "${0%/*}/lib/common.sh"

[ $# -gt 0 ] || set -- *requirements*.in */*requirements*.in
scripts/install_venv.sh "$cache/venv-lock" scripts/lock-requirements.txt
for in do
	[ -f "$in" ] || continue
	step_long "pinning $in"
	run "$cache/venv-lock/bin/pip-compile" -q --upgrade --generate-hashes --strip-extras --allow-unsafe \
		--no-emit-index-url --no-emit-find-links --no-header -o "${in%.in}.txt" "$in" ||
		die "$in cannot be pinned"
done
