#!/bin/sh
# adopt.sh [-y] - let a repository that has the kit in a directory use it.
#
# Looks at what is there (models, migrations, a template, CI), shows what it would
# write, and with -y, or when asked on a terminal, writes it: atlas-make.mk, a
# Makefile with one line where there is none, the kit for the CI system, and
# pre-commit's hook. It changes no file that is there: what goes into one of those
# is reported. A second run finds nothing to do. Exit 0 done, or nothing to do; 1 shown
# and not written; 2 could not.
set -eu
USAGE='adopt.sh [-y]'
# What it is about is where one stands, and no knob says it.
export ATLAS_MAKE_KNOBS=1 MIGRATIONS='' DEV_SCHEMAS='' SCHEMA=''
here=$PWD
unset ATLAS_KIT
. "${0%/*}/lib/common.sh"
. "$kit/scripts/lib/layout.sh"
. "$kit/scripts/lib/look.sh"
yes=''
while getopts hy o; do
	case $o in
	h) usage 0 ;;
	y) yes=1 ;;
	*) usage ;;
	esac
done
[ $OPTIND -gt $# ] || usage
have git || die 'git is not installed; fix: install git'
need_tmp
TAB='	'

# --- where ---------------------------------------------------------------------
kit=$(cd "$kit" && pwd -P)
root=$(cd "$here" && git rev-parse --show-superproject-working-tree --show-toplevel 2>/dev/null | sed -n 1p) || root=''
[ -n "$root" ] || die "no git repository at $here; fix: go into yours, and call this by its path from there"
root=$(cd "$root" && pwd -P)
[ "$root" != "$kit" ] || die "this is the kit's own repository, and needs nothing: make check-migrations; to use it in another: put it there first (docs/existing-repository.md)"
case $kit in
"$root"/*) kit=${kit#"$root"/} ;;
*) die "the kit lies at $kit, outside of $root; fix: put it inside (docs/existing-repository.md): git submodule add, git subtree add, or a copy, at tools/atlas-make" ;;
esac
case $kit in
*[!A-Za-z0-9._/-]*) die "the kit lies at '$kit': make wants a path of letters, digits, ., _ and -; fix: git mv it to tools/atlas-make" ;;
esac
cd "$root"
git ls-files -co --exclude-standard | awk -v kit="$kit/" 'index($0, kit) != 1 && index($0, ".cache/") != 1 && $0 != substr(kit, 1, length(kit) - 1)' >"$tmp/files"
submodule=''
[ ! -f "$kit/.git" ] || submodule=1

look_schema
look_migrations
look_template
look_major

# --- what would be written ----------------------------------------------------------
new=$tmp/new
mkdir "$new"
# write FILE: from stdin, unless it is there.
write() {
	if [ -e "$1" ]; then
		cat >/dev/null
		return 1
	fi
	case $1 in */*) mkdir -p "$new/${1%/*}" ;; esac
	cat >"$new/$1"
	printf '%s\n' "$1" >>"$tmp/names"
}
: >"$tmp/names"
: >"$tmp/hand"
by_hand() { printf '%s\n' "$*" >>"$tmp/hand"; }

# place SCHEMA: set place, where its migrations go: Atlas's directory that is there
# already, else a new one, and not another tool's.
place() {
	local d near='db/'
	case $1 in *' '*) ;; */*.sql) near=${1%/*}/ ;; *.sql) near='' ;; esac
	if [ -n "$migrations" ] && [ "$(printf '%s\n' "$migrations" | count)" -eq 1 ]; then
		place=$migrations
		return 0
	fi
	for d in $migrations; do
		case $d in "$near"*) place=$d && return 0 ;; esac
	done
	for d in "${near}migrations" "${near}atlas-migrations"; do
		place=$d
		case "$nl$others" in *"$TAB$d$nl"*) ;; *) return 0 ;; esac
	done
}
# name_of SCHEMA: set name, a database's: that of the service's directory.
name_of() {
	local d=${1%/*}
	while :; do
		name=${d##*/}
		case $name in db | database | sql | schema | src | prisma | migrations) ;; *) break ;; esac
		case $d in */*) d=${d%/*} ;; *) break ;; esac
	done
	name=$(printf '%s' "$name" | tr -c 'A-Za-z0-9_' _)
}
project_file() {
	local s names=''
	cat <<-END
		# atlas-make.mk - this project: what its schema is made from, and where its
		# migrations are. It is committed, so that everyone and CI look at the same.
		# All knobs: $kit/mk/config.mk
		#
		# SCHEMA is a file of SQL, a directory of such files, or a command that prints SQL:
		#   SCHEMA = $kit/scripts/load_models.py app.models
	END
	if [ "$(printf '%s\n' "$schema" | count)" -gt 1 ]; then
		for s in $schema; do
			name_of "$s"
			names="$names $name"
		done
		printf '%s\n' '# Several databases: make check-migrations checks all, DB=name one.' "DATABASES =$names"
		for s in $schema; do
			name_of "$s"
			place "$s"
			printf '%s\n' '' "$name.SCHEMA = $s" "$name.MIGRATIONS = $place"
		done
	else
		place "$schema"
		printf '%s\n' "SCHEMA = $schema" ${packages:+"$packages"} "MIGRATIONS = $place"
	fi
	printf '%s\n' '' '# Where MigrationHash stands, the line that makes a deploy migrate; empty: nowhere.' "TEMPLATE = $template"
	[ -z "$pointer" ] || printf '%s\n' "MIGRATION_HASH_POINTER = $pointer"
	printf '%s\n' '# The major version that production runs.' "PG_MAJOR = ${major:-$(sed -n 's/^PG_MAJOR ?= //p' "$kit/mk/config.mk")}"
}

include="include $kit/kit.mk"
project_file | write atlas-make.mk || :
makefile=''
for f in GNUmakefile makefile Makefile; do
	[ -n "$makefile" ] || [ ! -f "$f" ] || makefile=$f
done
if [ -z "$makefile" ]; then
	printf '%s\n' "$include" | write Makefile
elif ! grep -Eq "^[[:blank:]]*include[[:blank:]]+(.*[[:blank:]])?$kit/kit\.mk" "$makefile"; then
	by_hand "$makefile: add the line '$include'"
fi
# The kits are written for a template: the kit's own files lie elsewhere here.
at_kit() {
	sed -E -e "s#'(mk/config.mk|requirements.txt|scripts/[^']*)'#'$kit/\1'#g" \
		-e "s#^( *- )(requirements.txt|mk/config.mk)\$#\1$kit/\2#" "$1" |
		if [ -n "$submodule" ]; then
			sed -e 's|^\( *\)fetch-depth: 0$|&\
\1submodules: true|' -e 's|^\( *\)GIT_DEPTH: "0"$|&\
\1GIT_SUBMODULE_STRATEGY: normal|'
		else
			cat
		fi
}
[ ! -d .github ] || at_kit "$kit/.github/workflows/migrations.yml" | write .github/workflows/migrations.yml || :
if [ -f .gitlab-ci.yml ]; then
	at_kit "$kit/.gitlab/migrations.yml" | write .gitlab/migrations.yml || :
	grep -q '\.gitlab/migrations\.yml' .gitlab-ci.yml ||
		by_hand ".gitlab-ci.yml: include .gitlab/migrations.yml, as its first lines say"
fi
if [ ! -f .pre-commit-config.yaml ]; then
	write .pre-commit-config.yaml <"$kit/.pre-commit-config.yaml"
elif ! grep -q check-migrations .pre-commit-config.yaml; then
	by_hand ".pre-commit-config.yaml: take the hook over from $kit/.pre-commit-config.yaml"
fi
place "$(printf '%s\n' "$schema" | first)"
# Hashed byte for byte: git must leave the line ends alone.
[ "$(printf '%s\n' "$schema" | count)" -gt 1 ] || [ -n "$migrations" ] ||
	printf '%s\n' '* -text' 'atlas.sum -text merge=atlas-sum' | write "$place/.gitattributes" || :
[ -n "$schema" ] || [ -f atlas-make.mk ] || by_hand 'atlas-make.mk: say SCHEMA, which was not found here'

# --- shown, and written ----------------------------------------------------------
say "the kit $kit in $root"
say "  models: ${schema_what:-none found}"
[ -z "$migrations" ] || say "  migrations of Atlas's: $(printf '%s' "$migrations" | tr '\n' ' ')"
printf '%s' "$others" | while IFS=$TAB read -r tool d; do say "  migrations of $tool's: $d, which stay as they are"; done
if [ -n "$template" ]; then
	say "  template: $template"
elif [ -n "$template_near" ]; then
	say "  template: $template_near has no MigrationHash; $kit/docs/deploy.md says how a deploy migrates"
fi
if [ ! -s "$tmp/names" ]; then
	say 'nothing to write: all is here'
else
	if [ -n "$yes" ]; then say 'written:'; else say 'to write:'; fi
	sed 's/^/  /' "$tmp/names"
fi
[ ! -s "$tmp/hand" ] || {
	say 'by hand:'
	sed 's/^/  /' "$tmp/hand"
}
[ -s "$tmp/names" ] || exit 0
if [ -z "$yes" ] && [ -t 0 ] && [ -t 1 ]; then
	printf 'write it? [y/N] '
	read -r answer_is || answer_is=''
	case $answer_is in [yY]*) yes=1 ;; esac
fi
[ -n "$yes" ] || {
	say "nothing was written; to write it: $kit/scripts/adopt.sh -y"
	answer 1
}
trap '' INT TERM HUP
while IFS= read -r f; do
	case $f in */*) mkdir -p "${f%/*}" || die "cannot make ${f%/*}" ;; esac
	cp "$new/$f" "$f" || die "cannot write $f"
done <"$tmp/names"
say 'then:'
from=$(printf '%s' "$others" | first)
case $from in
'') [ -n "$migrations" ] || say "  make create-migrations NAME=first    (an existing database: make import-schema, $kit/docs/existing-repository.md)" ;;
Alembic*) say '  make import-schema    with DATABASE_URL: a database that Alembic has brought to its head' ;;
*) say "  make import-migrations FROM=${from#*"$TAB"}" ;;
esac
say '  make check-migrations'
