#!/bin/sh
# import_migrations.sh FROM - another tool's migrations become Atlas's, in MIGRATIONS.
#
# goose, dbmate, golang-migrate, Flyway and Prisma: the way up of each, in their
# order, each file's SQL as it is; atlas.sum is written. What was left out is reported.
# MIGRATIONS must be a directory without migrations. Nothing is written unless all of it
# can be. Exit 0 imported, 1 nothing of another tool's there, 2 could not.
set -eu
. "${0%/*}/lib/common.sh"
. "$kit/scripts/lib/layout.sh"

[ $# -eq 1 ] && [ -n "$1" ] || {
	echo 'usage: import_migrations.sh from' >&2
	exit 2
}
from=$1
[ -d "$from" ] || die "FROM: no directory '$from': make import-migrations FROM=their/migrations MIGRATIONS=$MIGRATIONS"
for f in "$MIGRATIONS"/*.sql; do
	[ ! -e "$f" ] || die "MIGRATIONS: '$MIGRATIONS' has migrations already: name another directory, make import-migrations FROM='$from' MIGRATIONS=..."
done
layout_of "$from"
case $layout in
'')
	say "$from: not a layout of goose, dbmate, golang-migrate, Flyway, Prisma or Alembic; if it is Atlas's own, nothing has to be imported"
	answer 1
	;;
Alembic) die "Alembic's migrations are programs: let it write its SQL (alembic upgrade head --sql >all.sql), and make that the first migration: make new-migration NAME=before_atlas" ;;
esac

need_tmp
time_limit
mkdir "$tmp/new"
# Each line of order: what sorts it, the file, its name for Atlas.
case $layout in
Prisma)
	for f in "$from"/*/migration.sql; do
		d=${f%/migration.sql}
		d=${d##*/}
		printf '%s\t%s\t%s\n' "${d%%_*}" "$f" "$d"
	done
	;;
*)
	for f in "$from"/*.sql; do
		n=${f##*/} key=''
		case $layout/$n in
		golang-migrate/*.up.sql) n=${n%.up.sql} ;;
		Flyway/V[0-9]*__*.sql) n=${n#V} n=${n%.sql} ;;
		Flyway/R__*.sql) n=${n%.sql} key=999999999999999999 ;;
		goose/[0-9]*.sql | dbmate/[0-9]*.sql) n=${n%.sql} ;;
		*)
			printf '%s\n' "${f##*/}" >>"$tmp/left"
			continue
			;;
		esac
		printf '%s\t%s\t%s\n' "${key:-${n%%_*}}" "$f" "$n"
	done
	;;
esac | sort -t . -k 1,1n -k 2,2n -k 3,3n >"$tmp/order"
[ -s "$tmp/order" ] || die "$from: no migration in it"

# Names that sort as the tool sorts them: numbers of one length stay, others get a
# number of their own.
awk -F '\t' '
	{ file[NR] = $2; name[NR] = $3; v = $1; if (v !~ /^[0-9]+$/ || (NR > 1 && length(v) != len)) odd = 1; len = length(v) }
	END {
		for (i = 1; i <= NR; i++) {
			n = name[i]
			gsub(/[^A-Za-z0-9_]+/, "_", n)
			if (odd) n = sprintf("%06d_%s", i, n)
			sub(/__+/, "_", n)
			print file[i] "\t" n ".sql"
		}
	}' "$tmp/order" >"$tmp/names"

# goose and dbmate keep both directions in one file, with comments between.
up='
	/^-- \+goose Up/ || /^-- migrate:up/ { on = 1; seen = 1; if ($0 ~ /transaction: *false/) none = 1; next }
	/^-- \+goose Down/ || /^-- migrate:down/ { on = 0; next }
	/^-- \+goose NO TRANSACTION/ { none = 1; next }
	/^-- \+goose (StatementBegin|StatementEnd|ENVSUB)/ { next }
	on || !seen && /^--/ { text = text $0 "\n" }
	END { if (!seen) exit 3; if (none) printf "-- atlas:txmode none\n\n"; printf "%s", text }'
while IFS="$(printf '\t')" read -r f n; do
	[ ! -e "$tmp/new/$n" ] || die "$f: two migrations would be named $n"
	case $layout in
	goose | dbmate) awk "$up" "$f" >"$tmp/new/$n" || die "$f: no part of it is marked as the way up" ;;
	*) cp "$f" "$tmp/new/$n" || die "cannot copy $f" ;;
	esac
done <"$tmp/names"
"$bin/mhash" -w "$tmp/new" || exit 2
[ -s "$tmp/new/atlas.sum" ] || die 'mhash wrote no sum: nothing was imported'

mkdir -p "$MIGRATIONS" || die "MIGRATIONS: cannot make '$MIGRATIONS'"
trap '' INT TERM HUP ALRM
cp "$tmp/new"/*.sql "$tmp/new/atlas.sum" "$MIGRATIONS/" || {
	for f in "$tmp/new"/*; do rm -f "$MIGRATIONS/${f##*/}"; done
	die "MIGRATIONS: cannot write '$MIGRATIONS'; nothing was imported"
}
say "imported $(grep -c '' "$tmp/names") migrations of $layout into $MIGRATIONS"
case $layout in
goose | dbmate) say 'left out: the ways down' ;;
esac
[ ! -f "$tmp/left" ] || say "left out: $(tr '\n' ' ' <"$tmp/left")"
say "a database that has them: make apply BASELINE=$(awk -F '\t' 'END { sub(/_.*/, "", $2); print $2 }' "$tmp/names")"
