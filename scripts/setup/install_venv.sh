#!/bin/sh
# install_venv.sh DIR REQUIREMENTS - a Python environment with just that.
#
# Every package is named in REQUIREMENTS with its checksums, or pip refuses.
# DIR/ok is a copy of what was installed; where it is the same, nothing is done.
set -eu
. "${0%/*}/../lib/common.sh"
. scripts/lib/lock.sh

[ $# -eq 2 ] || {
	echo 'usage: install_venv.sh directory requirements.txt' >&2
	exit 2
}
dir=$1
[ -r "$2" ] || die "cannot read '$2'"
right() { [ -x "$dir/bin/python" ] && cmp -s "$2" "$dir/ok" && "$dir/bin/python" -c '' 2>/dev/null; }
right "$@" || wait_lock "${dir##*/}"
if right "$@"; then
	touch "$dir/ok"
	exit 0
fi
need_tmp
step_long "installing Python packages from $2"
# Made anew: a half-made or moved one is not mended.
rm -rf "$dir"
# Python refuses to make one where a colon is in the path, by whatever name the
# place is called; it works there all the same.
place=$dir
case $PWD in
*:*)
	mkdir -p "${dir%/*}"
	ln -s "$PWD/${dir%/*}" "$tmp/place"
	place=$tmp/place/${dir##*/}
	;;
esac
"$PYTHON" -m venv "$place" >"$tmp/venv.log" 2>&1 ||
	die "cannot make a Python environment with '$PYTHON': $(tail -n 1 "$tmp/venv.log")"
run "$dir/bin/python" -m pip install -q --disable-pip-version-check --require-hashes --no-deps \
	-r "$2" >"$tmp/pip.log" 2>&1 ||
	die "pip could not install $2: $(grep -m 1 ERROR "$tmp/pip.log" || tail -n 1 "$tmp/pip.log")"
cp "$2" "$dir/ok.new"
mv "$dir/ok.new" "$dir/ok"
