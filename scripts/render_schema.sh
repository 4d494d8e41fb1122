#!/bin/sh
# render_schema.sh [-ap] [-t DIR] - write the desired schema to $state/schema.sql.
#
# Runs the command in SCHEMA, or takes the files it names together, into one text
# for psql, unless nothing it was made from has changed. Exit 2 when the command
# fails (a part of a pipe too), when a file or a name in SCHEMA_DEPS is not there,
# and when nothing is in it, unless ALLOW_EMPTY=1.
#
# -a      always: whatever the last rendering was made from
# -p      print it, too
# -t DIR  a directory for what is needed on the way, which the caller clears away
set -eu
USAGE='render_schema.sh [-ap] [-t directory]'
. "${0%/*}/lib/common.sh"
. "$kit/scripts/lib/schema.sh"

always='' print=''
while getopts ahpt: o; do
	case $o in
	a) always=1 ;;
	h) usage 0 ;;
	p) print=1 ;;
	t) tmp=$OPTARG tmp_given=1 ;;
	*) usage ;;
	esac
done
[ $OPTIND -gt $# ] || usage

show() { [ -z "$print" ] || cat "$schema_file"; }

[ -n "$SCHEMA" ] || die 'SCHEMA is not set: atlas-make.mk says what the schema is made from'
case $schema_kind in
file | hcl) [ -r "$SCHEMA" ] && [ -f "$SCHEMA" ] || die "SCHEMA: cannot read '$SCHEMA'" ;;
esac
schema_deps_check
if [ "$schema_kind" = hcl ]; then
	show
	exit 0
fi

[ -d "$state" ] || mkdir -p "$state" || die "cannot make the directory '$state'"
# What it was made from, and what was made: of two runs at once the one that
# began before a change may be the last to put its rendering in place.
if [ -z "$always" ] && schema_known && [ -f "$schema_file" ] && [ -f "$state/schema.map" ] && [ -f "$state/schema.key" ]; then
	key=$(schema_key "$schema_file") || exit 2
	if IFS= read -r had <"$state/schema.key" && [ "$had" = "$key" ]; then
		show
		exit 0
	fi
fi

step "rendering the schema: $SCHEMA"
. "$kit/scripts/lib/render.sh"
need_tmp
start=$tmp/render.start
: >"$start"

# Written where it will stay, under a name of its own, then renamed.
new=$state/.schema.$$
at_exit_file "$new"
case $schema_kind in
command)
	render_command
	render_flat "$new" -n "$schema_file" - <"$tmp/schema.out"
	;;
file) render_flat "$new" "$SCHEMA" ;;
directory)
	find -L "$SCHEMA" -name '.?*' -prune -o -type f -name '*.sql' -print | sort >"$tmp/schema.list"
	set --
	while IFS= read -r f; do set -- "$@" "$f"; done <"$tmp/schema.list"
	[ $# -gt 0 ] || die "SCHEMA: no .sql file in '$SCHEMA'"
	render_flat "$new" "$@"
	;;
esac
# What else was read: files that files included.
[ "$schema_kind" = command ] || : >"$tmp/schema.deps"
if [ -f "$tmp/schema.deps" ]; then
	awk -F '\t' -v own="$schema_file" '$4 != own && !seen[$4]++ { print $4 }' "$tmp/schema.map" >>"$tmp/schema.deps"
	mv "$tmp/schema.deps" "$tmp/schema.map" "$state/"
else
	rm -f "$state/schema.deps"
	mv "$tmp/schema.map" "$state/"
fi
# Of two runs at once each has the key of its own rendering, whichever is put in place
# last. A file that is saved from here on does not fit the key, or is newer.
key=$(schema_key "$new") || exit 2
mv "$new" "$schema_file"
not_at_exit "file $new"

# A file saved while we rendered may or may not be in the result: then there is
# no key, and the next run renders again.
unsure=''
: >"$tmp/render.end"
newer=$(schema_deps -type f -newer "$start" ! -newer "$tmp/render.end") && [ -z "$newer" ] || unsure=1
! schema_saved -e "$start" "$tmp/render.end" || unsure=1
# Half a key is none: it fits nothing.
[ -n "$unsure" ] || printf '%s\n' "$key" >"$state/schema.key"
show
