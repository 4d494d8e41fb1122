#!/bin/sh
# run.sh [-n] [NAME...] - break the tools and scripts on purpose; do tests see it?
#
# Each line of tests/mutate/breakages is one: name, file, text, what stands there
# instead, the test file and the tests of it (a pattern; empty: all) that must turn red;
# tabs between, # for a comment. The text is on one line, once in its file. Each is put
# into a copy of what git has here, the tools are built, the tests are run. -n only
# looks whether each text is there once.
# Exit 0 each was seen; 1 some survived, by name; 2 could not run.
set -eu
die() { printf 'mutate: %s\n' "$*" >&2; exit 2; }

top=$(cd "$(dirname "$0")/../.." && pwd)
cd "$top"
look=''
[ "${1-}" != -n ] || {
	look=1
	shift
}
[ -n "${TMPDIR-}" ] || [ "$(df -Pk /dev/shm 2>/dev/null | awk 'END { print int($4 / 1048576) }')" -lt 4 ] || export TMPDIR=/dev/shm
export TEST_TMP="${TMPDIR:-/tmp}"
dir=$(mktemp -d "$TEST_TMP/atlas-make.mutate.XXXXXX")
trap 'rm -rf "$dir"' EXIT
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

git ls-files >"$dir/files" || die 'git does not say what is here'
mkdir -p "$dir/copy/.cache"
if [ -z "$look" ]; then
	tar -cf - -T "$dir/files" | tar -C "$dir/copy" -xpf - || die 'cannot copy the repository'
	for f in "$top"/.cache/*; do
		case ${f##*/} in
		bin) cp -Rp "$f" "$dir/copy/.cache/" ;;
		state) ;;
		*) ln -s "$f" "$dir/copy/.cache/" ;;
		esac
	done
fi

tab=$(printf '\t')
seen=0 survived=''
# An empty field between two tabs would be lost: they become another byte first.
sep=$(printf '\001')
grep -v '^#\|^$' tests/mutate/breakages | tr "$tab" "$sep" >"$dir/list"
while IFS="$sep" read -r name file old new suite only; do
	if [ $# -gt 0 ]; then
		case " $* " in *" $name "*) ;; *) continue ;; esac
	fi
	replace "$file" "$old" "$new" >"$dir/new" || die "$name: the text is not once in $file: $old"
	[ -f "tests/$suite" ] || die "$name: no tests/$suite"
	[ -z "$look" ] || continue
	cat "$dir/new" >"$dir/copy/$file"
	rc=0
	if make -s -C "$dir/copy" tools >"$dir/log" 2>&1; then
		timeout 600 bats ${only:+-f "$only"} "$dir/copy/tests/$suite" >"$dir/log" 2>&1 </dev/null || rc=$?
		grep -q '^ok\|^not ok' "$dir/log" || die "$name: no test was run: $(tail -n 1 "$dir/log")"
	else
		die "$name: does not compile: $(head -n 1 "$dir/log")"
	fi
	cp -p "$file" "$dir/copy/$file"
	touch "$dir/copy/$file"
	if [ "$rc" -eq 0 ]; then
		printf 'survived  %s: %s\n' "$name" "$file"
		survived="$survived $name"
	else
		printf 'seen      %s\n' "$name"
		seen=$((seen + 1))
	fi
done <"$dir/list"
[ -z "$look" ] || exit 0
printf '%s seen%s\n' "$seen" "${survived:+, survived:$survived}"
[ -z "$survived" ]
