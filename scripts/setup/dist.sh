#!/bin/sh
# dist.sh DIR - lay a release out in DIR.
#
#   atlas-make-VERSION.tar.gz                     what is committed
#   atlas-make-tools-VERSION-linux-amd64.tar.gz   the tools, linked statically, with
#   atlas-make-tools-VERSION-linux-arm64.tar.gz   their pages and licences
#   SHA256SUMS
#
# The tools lie in .cache/lambda already (make dist). The same commit gives the same
# bytes: times are the commit's, owners none. Exit 0, or 2: nothing is written.
set -eu
USAGE='dist.sh directory'
. "${0%/*}/../lib/common.sh"
[ $# -eq 1 ] || usage
out=${1%/}
IFS= read -r version <VERSION || die 'cannot read the file VERSION'
time=$(git log -1 --format=%ct 2>/dev/null) || die 'nothing is committed here: a release is of a commit'
[ -z "$(git status --porcelain)" ] || die "what is here is not what is committed (git status); fix: commit it, for a release is of a commit"
case $(tar --version 2>/dev/null) in
*GNU*) ;;
*) die "this tar is not GNU tar, which alone can sort what it packs; fix: make dist on Linux" ;;
esac
need_tmp
new=$tmp/dist
mkdir "$new"

git archive --format=tar --prefix="atlas-make-$version/" HEAD >"$tmp/source.tar" || die 'git archive failed'
gzip -n -9 <"$tmp/source.tar" >"$new/atlas-make-$version.tar.gz"

# licence LIBRARY PACKAGE: its text, for it is linked in.
licence() {
	local f
	for f in "/usr/share/doc/$2/copyright" "/usr/share/licenses/$1/LICENSE" "/usr/share/licenses/$1/LICENSE.txt"; do
		[ -r "$f" ] || continue
		cp "$f" "$stem/licenses/$1"
		return 0
	done
	warn "the licence of $1, which is linked in, is not on this machine; fix: install $2"
}
tools=''
for page in tools/*.1; do
	page=${page##*/}
	tools="$tools ${page%.1}"
done
for arch in amd64 arm64; do
	name=atlas-make-tools-$version-linux-$arch
	stem=$tmp/$name
	from=$cache/lambda/$arch
	[ "$arch" = arm64 ] || from=$cache/lambda/x86_64
	mkdir -p "$stem/bin" "$stem/share/man/man1" "$stem/licenses"
	for t in $tools; do
		[ -x "$from/$t" ] || die "no $from/$t: run 'make dist'"
		cp "$from/$t" "$stem/bin/"
		cp "tools/$t.1" "$stem/share/man/man1/"
	done
	cp LICENSE "$stem/"
	licence glibc libc6-dev
	licence openssl libssl-dev
	licence jansson libjansson-dev
	licence libyaml libyaml-dev
	find "$stem" -type d -exec chmod 755 {} +
	find "$stem" -type f -exec chmod 644 {} +
	chmod 755 "$stem"/bin/*
	LC_ALL=C tar -C "$tmp" --format=ustar --sort=name --mtime="@$time" --owner=0 --group=0 --numeric-owner \
		-cf "$tmp/$name.tar" "$name" || die 'tar failed'
	gzip -n -9 <"$tmp/$name.tar" >"$new/$name.tar.gz"
done
(cd "$new" && sha256sum ./*.tar.gz | sed 's# \./# #' >SHA256SUMS) || die 'cannot write SHA256SUMS'
rm -rf "$out"
mkdir -p "$out" && cp "$new"/* "$out/" || die "cannot write $out"
for f in "$out"/*; do say "$f ($(du -k "$f" | cut -f1) KiB)"; done
