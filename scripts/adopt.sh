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
. "$kit/scripts/lib/adopt.sh"
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

# --- what is there ---------------------------------------------------------------
adopt_where "$here"
git -c core.quotepath=off ls-files -co --exclude-standard >"$tmp/all" || die 'git cannot say which files are here'
awk -v kit="$kit/" 'index($0, kit) != 1 && index($0, ".cache/") != 1 && $0 != substr(kit, 1, length(kit) - 1)' "$tmp/all" >"$tmp/files"
look_schema
look_migrations
look_template
look_major

# --- what would be written ----------------------------------------------------------
new=$tmp/new
mkdir "$new"
: >"$tmp/names"
: >"$tmp/hand"
project_file | propose atlas-make.mk || :
include="include $kit/kit.mk" makefile=''
for f in GNUmakefile makefile Makefile; do
	[ -n "$makefile" ] || [ ! -f "$f" ] || makefile=$f
done
if [ -z "$makefile" ]; then
	printf '%s\n' "$include" | propose Makefile
elif ! grep -Eq "^[[:blank:]]*include[[:blank:]]+(.*[[:blank:]])?$kit/kit\.mk" "$makefile"; then
	by_hand "$makefile: add the line '$include'"
fi
[ ! -d .github ] || ci_file .github/workflows/migrations.yml | propose .github/workflows/migrations.yml || :
if [ -f .gitlab-ci.yml ]; then
	ci_file .gitlab/migrations.yml | propose .gitlab/migrations.yml || :
	grep -q '\.gitlab/migrations\.yml' .gitlab-ci.yml ||
		by_hand ".gitlab-ci.yml: include .gitlab/migrations.yml, as its first lines say"
fi
if [ ! -f .pre-commit-config.yaml ]; then
	propose .pre-commit-config.yaml <"$kit/.pre-commit-config.yaml"
elif ! grep -q check-migrations .pre-commit-config.yaml; then
	by_hand ".pre-commit-config.yaml: take the hook over from $kit/.pre-commit-config.yaml"
fi
# Hashed byte for byte: git must leave the line ends alone.
while IFS= read -r s; do
	migrations_of "$s"
	case $nl$migrations$nl in
	*"$nl$place$nl"*) ;;
	*) printf '%s\n' '* -text' 'atlas.sum -text merge=atlas-sum' | propose "$place/.gitattributes" || : ;;
	esac
done <<END
$schema
END
[ -n "$schema" ] || [ -f atlas-make.mk ] || by_hand "atlas-make.mk: say SCHEMA, which was not found here ($kit/docs/models.md)"

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
	if [ -n "$yes" ]; then adopt_write && say 'written:'; else say 'to write:'; fi
	sed 's/^/  /' "$tmp/names" | fit
fi
[ ! -s "$tmp/hand" ] || {
	say 'by hand:'
	sed 's/^/  /' "$tmp/hand" | fit
}
[ -s "$tmp/names" ] || exit 0
if [ -z "$yes" ] && [ -t 0 ] && [ -t 1 ]; then
	printf 'write it? [y/N] '
	read -r answer_is || answer_is=''
	case $answer_is in [yY]*) yes=1 && adopt_write ;; esac
fi
[ -n "$yes" ] || {
	say "nothing was written; to write it: $kit/scripts/adopt.sh -y"
	answer 1
}
say 'then:'
from=$(printf '%s' "$others" | first)
case $from in
'')
	if [ -n "$migrations" ]; then
		say '  make check-migrations'
	else
		say "  make create-migrations check-migrations NAME=first    (an existing database: make import-schema, $kit/docs/existing-database.md)"
	fi
	;;
Alembic*) say '  make import-schema check-migrations    with DATABASE_URL: a database that Alembic has brought to its head' ;;
*) say "  make import-migrations check-migrations FROM=${from#*"$TAB"}" ;;
esac
