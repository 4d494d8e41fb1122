#!/bin/sh
# render_schema.sh [-t DIR] - write the desired schema to .cache/schema.sql.
#
# Runs the command in SCHEMA, unless nothing it was made from has changed.
# Where SCHEMA is a file nothing is rendered; it is only looked at. Warns of
# what Atlas's community build skips in silence: views, triggers, functions,
# policies. Exit 2 when the command fails or prints nothing. DIR is for what is
# needed on the way, and for the caller to clear away.
set -eu
. "${0%/*}/lib/common.sh"
. scripts/lib/schema.sh

usage() {
	echo 'usage: render_schema.sh [-t directory]' >&2
	exit 2
}
while getopts t: o; do
	case $o in
	t) tmp=$OPTARG tmp_given=1 ;;
	*) usage ;;
	esac
done
[ $OPTIND -gt $# ] || usage

# Unmanaged objects: the words at the start of a statement's line. SQL is not
# parsed here; a view inside a comment block would warn for nothing.
warn_unmanaged() {
	awk -v file="$1" '
		{
			l = tolower($0); sub(/^[ \t]+/, "", l)
			if (file ~ /\.hcl$/) {
				if (l !~ /^(view|materialized|function|procedure|trigger|policy)[ \t]+"/) next
				split(l, w, /[ \t]+/); kind = w[1]
			} else {
				if (l !~ /^create[ \t]/) next
				sub(/^create[ \t]+/, "", l)
				sub(/^or[ \t]+replace[ \t]+/, "", l)
				sub(/^(temp|temporary|recursive|constraint|event)[ \t]+/, "", l)
				split(l, w, /[ \t(]+/); kind = w[1]
				if (kind !~ /^(view|materialized|function|procedure|trigger|policy)$/) next
			}
			if (kind == "materialized") kind = "materialized view"
			if (!n[kind]++) {
				order[++kinds] = kind
				first[kind] = FNR
			}
		}
		END {
			for (i = 1; i <= kinds; i++) {
				k = order[i]
				printf "%s:%d: warning: %d %s%s: community Atlas does not manage these and says nothing of it; write them by hand (make new-migration)\n", file, first[k], n[k], k, (n[k] > 1 ? "s" : "")
			}
		}' "$1"
}

if [ "$schema_kind" = file ]; then
	[ -r "$SCHEMA" ] || die "SCHEMA: cannot read '$SCHEMA'"
	warn_unmanaged "$SCHEMA"
	exit 0
fi

[ -d "$cache" ] || mkdir -p "$cache"
# What it was made from, and what was made: of two runs at once the one that
# began before a change may be the last to put its rendering in place.
fingerprint() {
	{
		schema_inputs
		printf '%s\0' "$schema_file"
	} | "$bin/mhash" -f -0
}
key="$SCHEMA $(fingerprint)" || exit 2
if [ -f "$schema_file" ] && [ -f "$cache/schema.key" ] &&
	IFS= read -r had <"$cache/schema.key" && [ "$had" = "$key" ]; then
	warn_unmanaged "$schema_file"
	exit 0
fi

step "rendering the schema: $SCHEMA"
need_tmp
# Written where it will stay, under a name of its own, then renamed: each
# process less here is time on the way to the verdict.
new=$cache/.schema.$$
at_exit '[ ! -e "$new" ] || rm -f "$new"'
export SCHEMA_DEPFILE="$cache/schema.deps"
start=$tmp/render.start
: >"$start"
rc=0
# The virtual environment's commands first. Python's byte code must not litter
# the sources' directories; load_models.py keeps its own in .cache.
PATH=$PWD/$cache/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 SCHEMA_PYCACHE=$PWD/$cache/pycache
export PATH PYTHONDONTWRITEBYTECODE SCHEMA_PYCACHE
run sh -c "$SCHEMA" >"$new" 2>"$tmp/schema.err" </dev/null || rc=$?
[ ! -s "$tmp/schema.err" ] || cat "$tmp/schema.err" >&2
[ "$rc" -eq 0 ] || [ -s "$tmp/schema.err" ] || die "SCHEMA: '$SCHEMA' failed with exit code $rc and without a word: is the disk full?"
[ "$rc" -eq 0 ] || die "SCHEMA: '$SCHEMA' failed with exit code $rc"
[ -s "$new" ] || die "SCHEMA: '$SCHEMA' printed nothing"
# Not written this time: the list is of another command.
[ ! "$start" -nt "$cache/schema.deps" ] || rm -f "$cache/schema.deps"
mv "$new" "$schema_file"

# A file saved while we rendered may or may not be in the result: then there is
# no key, and the next run renders again.
unsure=''
[ -z "$(schema_deps -type f -newer "$start")" ] || unsure=1
if [ -f "$cache/schema.deps" ]; then
	while IFS= read -r f; do
		[ ! "$f" -nt "$start" ] || unsure=1
	done <"$cache/schema.deps"
fi
# Half a key is none: it fits nothing.
[ -n "$unsure" ] || printf '%s %s\n' "$SCHEMA" "$(fingerprint)" >"$cache/schema.key"
warn_unmanaged "$schema_file"
