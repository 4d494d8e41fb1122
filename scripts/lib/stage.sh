# stage.sh - sourced: change migrations, atlas.sum and template all or nothing.
#
#   stage_check [MORE]
#                  MIGRATIONS matches its atlas.sum, or die; MORE goes on with
#                  what to do
#   name_ok        NAME can be part of a file's name, or die
#   stage_template_ok
#                  MigrationHash can be set in the template, or die
#   stage_copy     set stage: a directory with copies of the migrations; and
#                  stage_newest: the newest version among them
#   stage_new FILE...
#                  these, in their order, are new migrations of now: they are
#                  put into stage, named in $tmp/made
#   stage_hash TEMPLATE
#                  after changes there: its atlas.sum, set total, and
#                  $tmp/template, the template with it
#   stage_template TEMPLATE
#                  only the last of these, with total as it is
#   stage_finish   the new files that $tmp/made names are in place: atlas.sum
#                  and the template too
#   stage_settle SUM
#                  only atlas.sum, and the template with total
#   stage_undo     they cannot be finished: take them away, and exit
# The last three alone write outside $tmp. The caller moves things into place
# with signals ignored, in the order migrations, atlas.sum, template: killed in
# between, check-migrations names what is left.
#
# written by both: total

# shellcheck shell=sh
# shellcheck disable=SC2154 # bin and tmp are common.sh's

. "$kit/scripts/lib/lock.sh"
. "$kit/scripts/lib/version.sh"

# shellcheck disable=SC2034 # for those who source this
TAB=$(printf '\t')

name_ok() {
	case $NAME in
	*[!A-Za-z0-9_-]* | -*) die "NAME=$NAME: letters, digits, _ and - only, and no - at the start: it becomes part of a file name" ;;
	esac
	[ "${#NAME}" -le 200 ] || die "NAME: ${#NAME} letters are too many for a file's name"
}

stage_check() {
	local rc=0
	"$bin/mhash" -c "$MIGRATIONS" >"$tmp/hash.out" 2>"$tmp/hash.err" || rc=$?
	[ "$rc" -eq 0 ] || {
		sed 's/^/  /' "$tmp/hash.out" "$tmp/hash.err" | fit >&2
		die "$MIGRATIONS does not match its atlas.sum: make check-migrations says more; if it is meant so: make hash-migrations${1-}"
	}
}

stage_template_ok() {
	[ -n "$TEMPLATE" ] || return 0
	"$bin/yamlset" -f "$TEMPLATE" "$MIGRATION_HASH_POINTER" >/dev/null ||
		die "$TEMPLATE: no MigrationHash can be set at $MIGRATION_HASH_POINTER"
}

# A clock behind the newest version would put a new file before it.
stage_new() {
	local f newest="$stage_newest" now
	now=$(date -u +%Y%m%d%H%M%S)
	: >"$tmp/made"
	for f do
		if [ "$newest" != '*' ] && [ -n "$newest" ] && not_after "$now" "$newest"; then
			now=$(next_version "$newest") ||
				die "$MIGRATIONS: the newest version, '$newest', is not a number, so there is no next one"
		fi
		cp "$f" "$stage/$now${NAME:+_$NAME}.sql" || die "cannot write $tmp: is the disk full?"
		printf '%s\n' "$now${NAME:+_$NAME}.sql" >>"$tmp/made"
		newest=$now
	done
}

stage_copy() {
	local f
	stage=$tmp/migrations
	mkdir "$stage"
	for f in "$MIGRATIONS"/*.sql "$MIGRATIONS"/.*.sql; do
		[ ! -f "$f" ] || printf '%s\0' "$f"
	done | xargs -0 sh -c '[ $# -eq 1 ] || { to=$1 && shift && cp "$@" "$to/"; }' sh "$stage" ||
		die "cannot copy $MIGRATIONS: is the disk full?"
	stage_newest=$(for f in "$stage"/*.sql; do printf '%s\n' "${f##*/}"; done | newest_of)
}

# stage_hash TEMPLATE: which may be a settled copy of ours.
stage_hash() {
	"$bin/mhash" -w "$stage" || exit 2
	IFS= read -r total <"$stage/atlas.sum" && [ -n "$total" ] || die "mhash wrote no sum for $stage"
	stage_template "$1"
}

stage_template() {
	local rc=0
	[ -n "$TEMPLATE" ] || return 0
	"$bin/yamlset" -f "$1" "$MIGRATION_HASH_POINTER" "$total" >"$tmp/template" 2>"$tmp/yaml.err" || rc=$?
	[ "$rc" -ne 0 ] || [ -s "$tmp/template" ] || die "yamlset printed nothing for $1: that is no answer"
	[ "$rc" -eq 0 ] || {
		fit <"$tmp/yaml.err" >&2
		die "$TEMPLATE: MigrationHash at $MIGRATION_HASH_POINTER cannot be set; nothing was written"
	}
}

stage_finish() {
	local f
	stage_settle "$stage/atlas.sum" || stage_undo
	while IFS= read -r f; do say "new: $MIGRATIONS/$f"; done <"$tmp/made"
	say "MigrationHash $total"
}

# stage_settle SUM: MIGRATIONS gets its atlas.sum, which is SUM then, and the
# template its hash; return 1 when that is not what is there now.
stage_settle() {
	"$bin/mhash" -w "$MIGRATIONS" && cmp -s "$1" "$MIGRATIONS/atlas.sum" || {
		warn "$MIGRATIONS/atlas.sum: is not what it ought to be; run this again"
		return 1
	}
	[ -n "$TEMPLATE" ] || return 0
	"$bin/yamlset" -i "$TEMPLATE" "$MIGRATION_HASH_POINTER" "$total" && cmp -s "$tmp/template" "$TEMPLATE" || {
		warn "$TEMPLATE: MigrationHash could not be set; run this again"
		return 1
	}
}

stage_undo() {
	local f
	while IFS= read -r f; do rm -f "$MIGRATIONS/.$f.tmp" "$MIGRATIONS/$f"; done <"$tmp/made"
	"$bin/mhash" -c "$MIGRATIONS" >/dev/null 2>&1 || "$bin/mhash" -w "$MIGRATIONS" ||
		warn "this could not be undone: make check-migrations says what is there"
	exit 2
}
