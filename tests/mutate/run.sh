#!/bin/sh
# run.sh [-n] [-p K/N] [NAME...] - break the tools and scripts on purpose; do tests see it?
#
# Each line of tests/mutate/breakages is one: name, file, text, what stands there
# instead, the test file and the tests of it (a pattern; empty: all) that must turn red;
# tabs between, # for a comment. The text is on one line, once in its file. Each is put
# into a copy of what git has here, the tools are built, the tests are run: JOBS (default:
# the number of processors) breakages at once, each in a copy of its own. -p takes each
# N-th line only, from the K-th on. -n only looks whether each text is there once, and
# each pattern names a test.
# Exit 0 each was seen; 1 some survived, by name, or (-n) the list is not right; 2 could
# not run.
set -eu
die() { printf 'mutate: %s\n' "$*" >&2; exit 2; }

top=$(cd "$(dirname "$0")/../.." && pwd)
cd "$top"
. tests/alone.sh
look='' piece=1 pieces=1
while getopts np: o; do
	case $o in
	n) look=1 ;;
	p) piece=${OPTARG%/*} pieces=${OPTARG#*/} ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
case $piece$pieces in *[!0-9]*) die "-p $piece/$pieces: not K/N" ;; esac
jobs=${JOBS:-$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)}
[ -n "${TMPDIR-}" ] || [ "$(df -Pk /dev/shm 2>/dev/null | awk 'END { print int($4 / 1048576) }')" -lt 4 ] || export TMPDIR=/dev/shm
export TEST_TMP="${TMPDIR:-/tmp}"
dir=$(mktemp -d "$TEST_TMP/atlas-make.mutate.XXXXXX")
workers=''
end() {
	trap '' INT TERM HUP
	# shellcheck disable=SC2086 # words
	[ -z "$workers" ] || kill $workers 2>/dev/null || :
	wait
	rm -rf "$dir"
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP
chmod 711 "$dir"

# replace FILE OLD NEW: print FILE with it; fail unless it was there once.
replace() {
	OLD=$2 NEW=$3 awk '
		BEGIN { old = ENVIRON["OLD"]; new = ENVIRON["NEW"] }
		{
			while ((i = index($0, old)) && !done[NR]++) {
				n++
				$0 = substr($0, 1, i - 1) new substr($0, i + length(old))
			}
			print
		}
		END { exit n != 1 }' "$1"
}

# names_test FILE PATTERN: as bats -f would find it.
names_test() { sed -n 's/^@test "\(.*\)" {.*/\1/p' "$1" | grep -Eq -- "$2"; }

# An empty field between two tabs would be lost: they become another byte first.
sep=$(printf '\001')
[ $# -eq 0 ] || printf '%s\n' "$@" >"$dir/asked"
grep -v '^#\|^$' tests/mutate/breakages | tr '\t' "$sep" |
	awk -F "$sep" -v k="$piece" -v n="$pieces" -v asked="$dir/asked" '
		BEGIN { while ((getline name <asked) > 0) { wanted[name]; some = 1 } }
		(!some || $1 in wanted) && m++ % n == k - 1' >"$dir/list"
[ -s "$dir/list" ] || die 'no breakage has such a name'
wrong=''
while IFS="$sep" read -r name file old new suite only; do
	if ! replace "$file" "$old" "$new" >"$dir/new"; then
		wrong="$name: the text is not once in $file: $old"
	elif [ ! -f "tests/$suite" ] || ! names_test "tests/$suite" "$only"; then
		wrong="$name: tests/$suite has no test '$only'"
	else
		continue
	fi
	printf 'mutate: %s\n' "$wrong" >&2
done <"$dir/list"
[ -z "$wrong" ] || exit 1
[ -z "$look" ] || exit 0

git ls-files >"$dir/files" || die 'git does not say what is here'

# copy TO: the repository, with what was installed; what is built is its own.
copy() {
	local f
	mkdir -p "$1/.cache"
	tar -cf - -T "$dir/files" | tar -C "$1" -xpf - || die 'cannot copy the repository'
	for f in "$top"/.cache/*; do
		case ${f##*/} in
		bin) cp -Rp "$f" "$1/.cache/" ;;
		state) ;;
		*) ln -s "$f" "$1/.cache/" ;;
		esac
	done
}

# try NAME FILE OLD NEW SUITE ONLY, in the copy: a line of what came of it.
try() {
	local rc=0 log=$copy.log
	replace "$2" "$3" "$4" >"$copy/$2.new"
	cat "$copy/$2.new" >"$copy/$2"
	rm "$copy/$2.new"
	if ! make -s -C "$copy" tools >"$log" 2>&1; then
		echo "could not  $1: does not compile: $(head -n 1 "$log")"
	else
		timeout 600 bats ${6:+-f "$6"} "$copy/tests/$5" >"$log" 2>&1 </dev/null || rc=$?
		if ! grep -q '^ok\|^not ok' "$log"; then
			echo "could not  $1: no test was run: $(tail -n 1 "$log")"
		elif [ "$rc" -eq 0 ]; then
			echo "survived   $1: $2"
		else
			echo "seen       $1"
		fi
	fi
	cp -p "$2" "$copy/$2"
	touch "$copy/$2"
}

# worker K: each line whose turn it is, in a copy of its own.
worker() {
	local name file old new suite only n=0 copy=$dir/copy.$1
	copy "$copy"
	while IFS="$sep" read -r name file old new suite only; do
		n=$((n + 1))
		# mkdir makes it for one of them only.
		mkdir "$dir/turn.$n" 2>/dev/null || continue
		try "$name" "$file" "$old" "$new" "$suite" "$only" | tee -a "$dir/results"
	done <"$dir/list"
	: >"$dir/done.$1"
}
: >"$dir/results"
k=0
while [ "$k" -lt "$jobs" ]; do
	worker "$k" &
	workers="$workers $!"
	k=$((k + 1))
done
# shellcheck disable=SC2086 # words
wait $workers
workers=''
k=0
while [ "$k" -lt "$jobs" ]; do
	[ -e "$dir/done.$k" ] || die 'a worker did not end well'
	k=$((k + 1))
done
survived=$(sed -n 's/^survived  *\([^:]*\):.*/ \1/p' "$dir/results" | tr -d '\n')
printf '%s seen%s\n' "$(grep -c '^seen' "$dir/results" || :)" "${survived:+, survived:$survived}"
! grep -q '^could not' "$dir/results" || exit 2
[ -z "$survived" ]
