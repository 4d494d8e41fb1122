#!/bin/sh
# install_venv.sh DIR REQUIREMENTS [MORE...] - a Python environment with just that.
#
# Every package is named in REQUIREMENTS with its checksums, or pip refuses. What
# MORE name, the project's own files, is installed after that as pip sees fit.
# DIR/ok is a copy of what was installed; where it is the same, nothing is done.
set -eu
. "${0%/*}/../lib/common.sh"
. "$kit/scripts/lib/lock.sh"

[ $# -ge 2 ] || {
	echo 'usage: install_venv.sh directory requirements.txt [more ...]' >&2
	exit 2
}
dir=$1
shift
for f do [ -r "$f" ] || die "cannot read '$f'"; done
right() { [ -x "$dir/bin/python" ] && cat "$@" | cmp -s - "$dir/ok" && "$dir/bin/python" -c '' 2>/dev/null; }
right "$@" || wait_lock "${dir##*/}"
if right "$@"; then
	touch "$dir/ok"
	exit 0
fi
need_tmp
step_long "installing Python packages from $*"
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
packages() {
	local file="$1"
	shift
	run "$dir/bin/python" -m pip install -q --disable-pip-version-check "$@" -r "$file" >"$tmp/pip.log" 2>&1 ||
		die "pip could not install $file: $(grep -m 1 ERROR "$tmp/pip.log" || tail -n 1 "$tmp/pip.log")"
}
cat "$@" >"$tmp/ok"
packages "$1" --require-hashes --no-deps
shift
for f do packages "$f"; done
cp "$tmp/ok" "$dir/ok.new"
mv "$dir/ok.new" "$dir/ok"
