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
		[ -z "$layout" ] || break
		[ -f "$f" ] || continue
		case ${f##*/} in
		[0-9]*.up.sql | [0-9]*.down.sql) layout=golang-migrate ;;
		[VUB][0-9]*__*.sql | R__*.sql) layout=Flyway ;;
		*) layout_marks "$f" ;;
		esac
	done
}

# layout_marks FILE: by the comments that these tools read, as lines of their own.
layout_marks() {
	local line n=0
	while [ "$n" -lt 50 ] && IFS= read -r line; do
		n=$((n + 1))
		case $line in
		'-- +goose Up'*) layout=goose ;;
		'-- migrate:up'*) layout=dbmate ;;
		*) continue ;;
		esac
		return 0
	done <"$1"
}
