#!/bin/sh
# run.sh [-s] - measure, each figure beside its peer or floor in the same run.
#
# Prints a Markdown table of medians and ratios, with the spread of ours, and
# keeps it in .cache/bench/report.md; after it what others offer, by time and memory
# (peers.md), how all grows with the migrations and the tables (growth.md), and
# pictures: report.svg, growth.svg, tables.svg. -s is the short run for CI: fewer
# rounds, the same rows, no peers that have to be fetched, no growth. Nothing here
# passes or fails: figures are for reading.
set -eu
cd "$(dirname "$0")/.."

rounds=30 slow=10 files=10000 things=30000 growth=1
while getopts s o; do
	case $o in
	s) rounds=8 slow=3 files=2000 things=3000 growth='' ;;
	*)
		echo 'usage: run.sh [-s]' >&2
		exit 2
		;;
	esac
done

# A user calls make from a shell: what make bench hands on would make an empty make
# quicker.
unset MAKEFLAGS MFLAGS MAKELEVEL
. tests/alone.sh

# Relative, so that a blank in the checkout's path is nobody's business.
out=.cache/bench
bin=.cache/bin
venv=.cache/venv/bin
test_venv=.cache/venv-test/bin
atlas=${ATLAS:-.cache/atlas/atlas}
export ATLAS_NO_UPDATE_NOTIFIER=1 ATLAS_NO_UPGRADE_SUGGESTIONS=1
rm -rf "$out"
mkdir -p "$out"
trap 'rm -rf "$out/work"' EXIT
mkdir "$out/work"
work=$out/work

# time_of ROUNDS COMMAND [PREPARE]: the median in milliseconds; $work/spread has
# the least and the most, $work/times all of them.
time_of() {
	warm=2
	[ "$1" -gt 1 ] || warm=0
	hyperfine -N -i -w "$warm" -r "$1" ${3:+--prepare "$3"} --export-json "$work/t.json" "$2" >/dev/null 2>"$work/t.err" || {
		cat "$work/t.err" >&2
		exit 2
	}
	jq -r '.results[0].times[] * 1000' "$work/t.json" >"$work/times"
	median <"$work/times"
}

# shown FILE COMMAND...: what it prints, and the same in FILE. The pipe ends with tee's
# exit code, so that one that failed is noted.
shown() {
	file=$1
	shift
	{ "$@" || : >"$work/failed"; } | tee -a "$file"
	[ ! -e "$work/failed" ] || exit 2
}

# median: of the numbers on stdin.
median() {
	sort -g | awk -v spread="$work/spread" '{ v[NR] = $1 }
		END {
			printf "%.4g to %.4g\n", v[1], v[NR] >spread
			printf "%.2f", NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2
		}'
}

# ours ROUNDS COMMAND [PREPARE]: our figure for the rows to come.
ours() {
	ours=$(time_of "$@")
	read -r spread <"$work/spread"
}

# in_turn ROUNDS COMMAND PREPARE PEER: ours, and the peer's in $theirs, a few
# runs of each in turn: a machine that others share is not the same for long.
in_turn() {
	: >"$work/a"
	: >"$work/b"
	for _ in 1 2 3 4 5; do
		time_of $((($1 + 4) / 5)) "$2" "$3" >/dev/null
		cat "$work/times" >>"$work/a"
		time_of $((($1 + 4) / 5)) "$4" >/dev/null
		cat "$work/times" >>"$work/b"
	done
	theirs=$(median <"$work/b")
	ours=$(median <"$work/a")
	read -r spread <"$work/spread"
}

# row WHAT PEER PEER-MS: nothing for the last is a failure that was printed already.
row() {
	[ -n "$3" ] || exit 2
	awk -v w="$1" -v a="$ours" -v s="$spread" -v p="$2" -v b="$3" 'BEGIN {
		printf "| %s | %.4g (%s) | %s | %.4g | %.3g |\n", w, a, s, p, b, a / b }' | tee -a "$out/report.md"
}

{
	echo "$(uname -sm), $(getconf _NPROCESSORS_ONLN) processors, $("$atlas" version | head -n 1), $("$venv/python" --version); medians in ms (least to most)"
	echo
	echo '| what | ours | beside | theirs | ratio |'
	echo '|---|---|---|---|---|'
} | tee "$out/report.md"

# --- the check ---------------------------------------------------------------
make -s check-migrations >/dev/null
printf 'all:\n\t@/bin/true\n' >"$work/floor.mk"
in_turn "$rounds" 'make -s check-migrations' '' "make -s -f $work/floor.mk"
row 'check, nothing changed' 'an empty make and one command' "$theirs"
models="$venv/python -c 'import sys; sys.path.insert(0, \".\"); import sqlalchemy.dialects.postgresql, src.db.models'"
printf '%s\ncat src/db/migrations/* | sha256sum\n' "$models" >"$work/peer.sh"
row 'check, nothing changed' 'a stand-in for the Python original: import the models, sha256sum' "$(time_of "$slow" "sh $work/peer.sh")"
in_turn "$rounds" 'make -s check-migrations' 'sh -c "rm -f .cache/state/*/check.ok .cache/state/*/schema.key .cache/state/*/models.listing"' "$models"
row 'full check, database cold' 'importing the models alone' "$theirs"
row 'full check, database cold' 'its parts one after another, the server running' "$(bench/parts.sh parts "$slow" "$work")"
in_turn "$slow" 'make -s check-migrations' 'sh -c "rm -f .cache/state/*/check.ok .cache/state/*/schema.key"' "$models"
row 'full check, the models say what they said' 'importing the models alone' "$theirs"
in_turn "$slow" 'make -s check-migrations' 'sh -c "rm -f .cache/state/*/check.ok"' "$models"
row 'full check, models not changed' 'importing the models alone' "$theirs"
rm -rf "$work/project"
bench/project.sh "$work/project"
sed 's/^    name: .*/&\n    age: Mapped[int | None]/' src/db/models.py >"$work/models.py"
in_turn "$slow" "make -s -C $work/project create-migrations" \
	"sh -c 'cd $work/project && git checkout -q . && git clean -qf src && rm -f .cache/state/*/schema.key && cp ../models.py src/db/models.py'" "$models"
row 'create-migrations, one column' 'importing the models alone' "$theirs"

# --- the tools ---------------------------------------------------------------
bench/generate.sh "$work/g" "$files"
"$bin/mhash" -w "$work/g/migrations"
in_turn "$rounds" "$bin/mhash $work/g/migrations" '' "$atlas migrate hash --dir file://$work/g/migrations"
row "mhash, $files files" 'atlas migrate hash' "$theirs"
row "mhash, $files files" 'find and cat' "$(time_of "$slow" "sh -c 'find $work/g/migrations -name *.sql | xargs cat'")"

awk -v n="$things" 'BEGIN {
	print "Resources:"
	for (i = 0; i < n; i++)
		printf "  Thing%d:\n    Type: AWS::Things::Thing\n    Properties:\n      Name: !Sub \"thing-${AWS::Region}-%d\"\n      Size: %d\n      Tags: [{Key: a, Value: b}, {Key: c, Value: \"d %d\"}]\n", i, i, i, i
}' >"$work/big.yaml"
size=$(($(wc -c <"$work/big.yaml") / 1000))
last=$((things - 1))
ours "$slow" "$bin/yamlset -f $work/big.yaml /Resources/Thing$last/Properties/Size 7"
cat >"$work/y.py" <<'END'
import sys
from ruamel.yaml import YAML
y = YAML()
d = y.load(open(sys.argv[1]))
d["Resources"]["Thing" + sys.argv[2]]["Properties"]["Size"] = 7
y.dump(d, open("/dev/null", "w"))
END
row "yamlset, set one scalar in $size kB" 'yq (Python)' \
	"$(time_of 1 "$test_venv/yq -y .Resources.Thing$last.Properties.Size=7 $work/big.yaml")"
row "yamlset, set one scalar in $size kB" 'ruamel.yaml' "$(time_of 1 "$test_venv/python $work/y.py $work/big.yaml $last")"

awk 'BEGIN {
	printf "["
	for (i = 0; i < 1000; i++)
		printf "%s{\"file\":\"a.sql\",\"line\":%d,\"column\":1,\"level\":\"Warning\",\"message\":\"m%d\",\"help\":\"h\",\"rule_name\":\"r\",\"column_end\":2,\"line_end\":%d}", i ? "," : "", i, i, i
	print "]"
}' >"$work/findings.json"
ours "$rounds" "$bin/atlasjson -f sarif $work/findings.json"
row 'atlasjson, 1,000 findings to SARIF' 'jq reading and writing the JSON' "$(time_of "$rounds" "jq . $work/findings.json")"

event=$work/event.json
printf '{"RequestType":"Create","ResponseURL":"https://example.com/?a=b","StackId":"s","RequestId":"r","LogicalResourceId":"l","ResourceType":"Custom::M"}' >"$event"
ours "$rounds" "sh -c '$bin/cfnrespond -s SUCCESS <$event'"
row 'cfnrespond, one event' 'jq reading and writing it' "$(time_of "$rounds" "sh -c 'jq . <$event'")"

# --- the function ------------------------------------------------------------
shown "$out/report.md" "$test_venv/python" bench/lambda.py "$slow"

awk -f bench/picture.awk "$out/report.md" >"$out/report.svg"
[ -n "$growth" ] || exit 0
shown "$out/peers.md" bench/peers.sh "$work"
shown "$out/growth.md" bench/growth.sh "$work"
