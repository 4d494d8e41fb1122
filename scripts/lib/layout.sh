# layout.sh - sourced: whose migrations are these?
#
#   layout_of DIR   set layout to the name of the tool whose layout DIR has: goose,
#                   dbmate, golang-migrate, Flyway, Prisma or Alembic; empty when
#                   it is Atlas's, or nobody's

# shellcheck shell=sh
# shellcheck disable=SC2034 # layout is for the caller

layout_of() {
	local f
	layout=''
	for f in "$1"/*/migration.sql; do
		[ ! -f "$f" ] || layout=Prisma
	done
	for f in "$1/env.py" "$1"/versions/*.py; do
		[ ! -f "$f" ] || layout=Alembic
	done
	# These keep both directions in one file, or in two.
	for f in "$1"/*.sql; do
		case ${f##*/} in
		[0-9]*.up.sql | [0-9]*.down.sql) layout=golang-migrate ;;
		[VUB][0-9]*__*.sql | R__*.sql) layout=Flyway ;;
		esac
		[ -z "$layout" ] || return 0
	done
	[ ! -f "$f" ] || layout=$(layout_marks "$1"/*.sql)
}

# layout_marks FILE...: print whose they are, by the comments that these tools read,
# as lines of their own.
layout_marks() {
	awk 'FNR > 50 { next }
		/^-- \+goose Up/ { print "goose"; exit }
		/^-- migrate:up/ { print "dbmate"; exit }' "$@"
}
