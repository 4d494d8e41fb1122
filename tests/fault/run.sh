#!/bin/sh
# run.sh [-1n] [-b DIR] [-p SHIM] [TOOL...] - fail each call of each command in
# `cases`, one after the other, and see what the tool makes of it.
#
# -1 takes the first command of each tool only; -n runs each once, and fails nothing:
# do the commands still do what they are here for? -b the directory of the tools,
# -p the shim to preload (none: the tools are linked with it). After a failure
# the tool must exit 2 with a message and no output, or have done its whole
# work; the file it edits is the old one or the new one; nothing else is left.
# EINTR and short reads and writes must not show at all. Prints a table of how
# many calls failed. Exit 0 all well, 1 not, 2 could not run.
set -eu

die() { printf 'run.sh: %s\n' "$*" >&2; exit 2; }

first='' good_only='' bin='' shim=''
while getopts 1b:np: o; do
	case $o in
	1) first=1 ;;
	n) good_only=1 ;;
	b) bin=$(cd "$OPTARG" && pwd) ;;
	p) shim=$(cd "${OPTARG%/*}" && pwd)/${OPTARG##*/} ;;
	*) die 'usage: run.sh [-1n] [-b dir] [-p shim] [tool...]' ;;
	esac
done
shift $((OPTIND - 1))
here=$(cd "${0%/*}" && pwd)
fixtures=$here/../fixtures
[ -n "$bin" ] || bin=$here/../../.cache/bin

dir=$(mktemp -d "${TMPDIR:-/tmp}/atlas-make.fault.XXXXXX")
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
mkdir "$dir/work"
cd "$dir/work"

PATH=$bin:$PATH
LC_ALL=C
AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE
AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
NO_COLOR=1
export PATH LC_ALL AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY NO_COLOR

# --- the files the commands work on ------------------------------------------
cp -R "$fixtures/mhash/basic" m
cp -R m sums
mhash -w sums
echo 'SELECT 1;' >>sums/20260101000000_users.sql
printf '%s\n' m/20260101000000_users.sql absent >names
cp "$fixtures/yamlset/plain.yaml" y.yaml
cp "$fixtures/sqlstmt/all.sql" all.sql
echo '\ir all.sql' >include.sql
cp -R "$fixtures/watch/facts" facts
cp "$fixtures/cfnrespond/update.json" event.json
echo 'it failed' >reason
cp "$fixtures/catdiff/want" listing.want
cp "$fixtures/catdiff/have" listing.have
cp "$fixtures/atlasjson/v1/multi.json" lint.json
cp "$fixtures/atlasjson/v1/inspect.json" inspect.json
printf '20260104000000\tempty\t1\t0\t0\t0\t\twhen\t\\N\t\\N\n' >rows
echo 'h1:old' >"$dir/atlas.sum"
cp y.yaml "$dir"

# How CALL may fail.
ways() {
	case $1 in
	alloc) echo ENOMEM ;;
	close) echo EIO ENOSPC ;;
	fsync) echo EIO ENOSPC EDQUOT ;;
	mkstemp) echo EACCES ENOSPC EROFS ;;
	open | openat) echo EACCES EMFILE EINTR ;;
	opendir) echo EACCES EMFILE ;;
	read) echo EIO EINTR short ;;
	readdir) echo EIO ;;
	rename) echo EACCES ENOSPC EROFS ;;
	write) echo ENOSPC EIO EPIPE EINTR short ;;
	*) echo EACCES ENOMEM ;;
	esac
}

# restore: the edited file as it was.
restore() { [ "$edited" = - ] || cat "$dir/${edited##*/}" >"$edited"; }


bad() {
	printf 'not ok: FAULT=%s %s: %s\n' "$fault" "$command" "$1"
	head -n 20 "$dir/err"
	failed=$((failed + 1))
}

# try FAULT: one run, and what must hold after it.
try() {
	fault=$1
	restore
	rc=0
	# One that waits for ever is 124.
	eval "timeout -k 1 60 env $preload FAULT=$fault $command" <"$in" >"$dir/out" 2>"$dir/err" || rc=$?
	tried=$((tried + 1))
	if [ "$rc" -eq "$good" ] && { [ "$good" -ne 2 ] || [ ! -s "$dir/err" ]; }; then
		case $fault in
		# A read that fails once only is done again.
		write:*:EINTR | write:*:short) ;;
		write:* | fsync:* | rename:* | mkstemp:* | opendir:* | readdir:*) bad "exit $rc" ;;
		esac
		cmp -s "$dir/out" "$dir/out.good" || bad 'another output'
		[ "$edited" = - ] || cmp -s "$edited" "$dir/edited.good" || bad 'another file'
	elif [ "$rc" -eq 2 ]; then
		case $fault in
		write:*:EINTR | read:*:EINTR | open*:*:EINTR | *:short) bad 'exit 2' ;;
		esac
		read -r line <"$dir/err" || line=''
		case $line in
		"$tool: "*) ;;
		*) bad 'no message' ;;
		esac
		case $fault in
		# It was written, but may not have arrived.
		close:*) ;;
		*) [ ! -s "$dir/out" ] || bad 'output all the same' ;;
		esac
		[ "$edited" = - ] || cmp -s "$edited" "$dir/${edited##*/}" || {
			case $fault in
			# Only after the new file is in place may it say so and fail.
			fsync:* | alloc:* | open:*) cmp -s "$edited" "$dir/edited.good" || bad 'half a file' ;;
			*) bad 'the file changed' ;;
			esac
		}
	else
		bad "exit $rc"
	fi
	for left in .*.tmp.* */.*.tmp.*; do
		[ ! -e "$left" ] || { bad "left $left"; rm -f "$left"; }
	done
}

preload=''
# shellcheck disable=SC2016 # eval expands it
[ -z "$shim" ] || preload='LD_PRELOAD="$shim"'
failed=0 total=0 seen=' '
tab=$(printf '\t')
grep -v '^#' "$here/cases" >"$dir/cases"
while IFS=$tab read -r in edited command <&3; do
	tool=${command%% *}
	if [ $# -gt 0 ]; then
		case " $* " in *" $tool "*) ;; *) continue ;; esac
	fi
	if [ -n "$first" ]; then
		case $seen in *" $tool "*) continue ;; esac
		seen="$seen$tool "
	fi
	[ "$in" != - ] || in=/dev/null
	restore
	good=0
	eval "env $preload FAULT_COUNT=\$dir/count $command" <"$in" \
		>"$dir/out.good" 2>"$dir/err" || good=$?
	[ "$good" -ne 2 ] || die "$command: $(cat "$dir/err")"
	[ -z "$good_only" ] || continue
	[ "$edited" = - ] || cp "$edited" "$dir/edited.good"
	row=''
	while read -r call count <&4; do
		[ "$count" -gt 0 ] || continue
		# A library's thousandth allocation is like its tenth.
		step=1
		[ -z "$first" ] || step=$((count / 40 + 1))
		tried=0
		for way in $(ways "$call"); do
			n=1
			while [ "$n" -le "$count" ]; do
				try "$call:$n:$way"
				n=$((n + step))
			done
		done
		[ "$call" != alloc ] || [ -n "$first" ] || [ "$count" -gt 1000 ] || {
			n=1
			while [ "$n" -le "$count" ]; do
				try "$call:$n+:ENOMEM"
				n=$((n + 1))
			done
		}
		row="$row $call $tried"
		total=$((total + tried))
	done 4<"$dir/count"
	echo "$command:$row"
done 3<"$dir/cases"

echo "$total calls failed, $failed of them badly"
[ "$failed" -eq 0 ]
