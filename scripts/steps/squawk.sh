#!/bin/sh
# squawk.sh OUT DIR NEW - squawk's findings of the new migrations.
#
# in:   NEW, a file with the names of DIR's new migrations
# out:  OUT/squawk.json for atlasjson
# exit: 0 looked, or no squawk here, which is said; 2 could not
#
# squawk has to know of each file whether the deploy wraps it in a transaction.
set -eu
. "${0%/*}/../lib/common.sh"

[ $# -eq 3 ] || {
	echo 'usage: squawk.sh out directory new' >&2
	exit 2
}
out=$1 dir=$2 new=$3 tmp=$1 tmp_given=1
squawk=$cache/venv/bin/squawk
echo '[]' >"$out/squawk.json"
[ -s "$new" ] || exit 0
[ -x "$squawk" ] || {
	warn "no squawk at '$squawk': going on without its rules; it is in requirements.txt"
	exit 0
}

# literal NAME: squawk takes a name for a pattern.
literal() {
	case $1 in
	*[][*?{}]*) printf '%s\n' "$1" | sed 's/[][*?{}]/[&]/g' ;;
	*) printf '%s\n' "$1" ;;
	esac
}

# ask FLAG FILE...: put what squawk says into squawk.out. It exits 1 with findings.
ask() {
	local flag="$1" f n
	shift
	n=$#
	for f do set -- "$@" "$(literal "$f")"; done
	shift "$n"
	[ ! -f .squawk.toml ] || set -- --config .squawk.toml "$@"
	run "$squawk" --reporter json --pg-version "$PG_MAJOR" "$flag" "$@" >"$out/squawk.out" 2>"$out/squawk.err" || :
}

# look FLAG FILE...: squawk gives up on all files when it cannot read one: then it is
# asked about each alone.
look() {
	local flag="$1" f
	shift
	[ $# -gt 0 ] || return 0
	ask "$flag" "$@"
	if [ -s "$out/squawk.out" ]; then
		cat "$out/squawk.out" >>"$out/squawk.json"
		return 0
	fi
	for f do
		ask "$flag" "$f"
		if [ -s "$out/squawk.out" ]; then
			cat "$out/squawk.out" >>"$out/squawk.json"
			continue
		fi
		case $(cat "$out/squawk.err") in
		# In a comment PostgreSQL never sees it, but other programs do.
		*'valid UTF-8'*)
			printf 'encoding\t%s\tis not valid UTF-8\tsave it as UTF-8, then: make hash-migrations\n' "$f" |
				awk -f "$kit"/scripts/lib/finding.awk -f "$kit"/scripts/lib/check_findings.awk >>"$out/squawk.json"
			;;
		*) die "squawk could not look at $f: $(grep -v '^$' "$out/squawk.err" | head -n 1)" ;;
		esac
	done
}

# in_none FILE: print 1 where the file's transaction mode is none, as Atlas reads the
# directive, see sqlstmt(1); else 0. A file that cannot be split is reported elsewhere.
in_none() {
	local rc=0 said=''
	"$bin/sqlstmt" -t "$1" >"$out/split" 2>"$out/split.err" || rc=$?
	# Without a split it says why, and other findings say that as well.
	IFS= read -r said <"$out/split.err" || said=''
	case $rc$said in
	0) [ -s "$out/split" ] ;;
	1'sqlstmt: '*) true ;;
	*) false ;;
	esac || die "sqlstmt could not look at $1 (exit $rc)"
	awk -F '\t' '$1 == "file" { print $2 == "none"; n++ } END { if (!n) print 0 }' "$out/split"
}
while IFS= read -r f; do in_none "$dir/$f"; done <"$new" >"$out/none"
squawk_all() {
	local flag="$1" want="$2" f none
	set --
	while IFS= read -r f && read -r none <&3; do
		[ "$none" != "$want" ] || set -- "$@" "$MIGRATIONS/$f"
	done <"$new" 3<"$out/none"
	look "$flag" "$@"
}
squawk_all --assume-in-transaction 0
squawk_all --no-assume-in-transaction 1
