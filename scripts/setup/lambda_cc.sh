#!/bin/sh
# lambda_cc.sh ARG... - run the compiler for LAMBDA_ARCH: LAMBDA_CC, this
# machine's own, or Debian's cross compiler.
#
# What the linker says of static libraries that could load others at run time
# (the tools never do) is shown only when it fails.
set -eu
. "${0%/*}/../lib/common.sh"

[ $# -gt 0 ] || {
	echo 'usage: lambda_cc.sh argument ... (knobs: LAMBDA_ARCH, LAMBDA_CC, CC)' >&2
	exit 2
}
case $LAMBDA_ARCH in
x86_64) machine=x86_64 ;;
arm64) machine=aarch64 ;;
*) die "LAMBDA_ARCH=$LAMBDA_ARCH: Lambda has x86_64 and arm64" ;;
esac
if [ -n "$LAMBDA_CC" ]; then
	cc=$LAMBDA_CC
elif [ "$(uname -s)/$(uname -m)" = "Linux/$machine" ]; then
	cc=$CC
else
	cc=$machine-linux-gnu-gcc
fi
need_tmp
# The libcrypto.a of Debian 13 calls zlib and zstd, which others have no use for.
more=''
case " $* " in *' -lcrypto '*) more='-lz -lzstd' ;; esac
# shellcheck disable=SC2086 # a compiler with options is words
$cc "$@" >"$tmp/cc.log" 2>&1 || { [ -n "$more" ] && $cc "$@" $more >"$tmp/more.log" 2>&1; } || {
	cat "$tmp/cc.log" >&2
	die "$cc cannot make a static program for $LAMBDA_ARCH"
}
