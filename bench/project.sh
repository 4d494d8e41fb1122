#!/bin/sh
# project.sh DIR - a copy of this template with what is installed, committed.
set -eu
cd "$(dirname "$0")/.."

[ $# -eq 1 ] || {
	echo 'usage: project.sh directory' >&2
	exit 2
}
mkdir -p "$1/.cache"
cp -Rp Makefile atlas-make.mk mk tools scripts src atlas.hcl cloud-formation.yaml requirements.txt lint.levels \
	.gitignore .gitattributes "$1/"
[ ! -f .squawk.toml ] || cp .squawk.toml "$1/"
for f in bin venv atlas embedded sys pg; do
	[ ! -e ".cache/$f" ] || ln -s "$PWD/.cache/$f" "$1/.cache/$f"
done
cp -Rp .cache/ready "$1/.cache/ready"
cd "$1"
git init -q
git add -A
git -c user.name=bench -c user.email=bench@example.com commit -qm all
