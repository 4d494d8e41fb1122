# schema.sh - sourced: where the desired schema comes from.
#
# Gives:
#   schema_kind     file or directory (of SQL), hcl, command (which prints SQL)
#   schema_file     what it becomes, for psql: $state/schema.sql; Atlas HCL is
#                   left as it is
#   schema_print TEXT DIR [-m FILE...] -- [FILE...]
#                   print one fingerprint of the files it is made from, of TEXT,
#                   of the files in the directory DIR ('': none), of each FILE, or what
#                   lies below it, and of the marks of those with -m (mhash); in a
#                   subshell, which becomes mhash
#   schema_key FILE print one of these files, and of FILE, what was made from them;
#                   in a subshell, too
#   schema_sure     does it say itself which these are?
#   schema_around   print a fingerprint of all that git knows here
#   schema_deps     find in SCHEMA_DEPS
#   schema_saved TEST START END
#                   was one of the files that the last rendering read (TEST -f), or of
#                   the directories too (-e), saved after START, and not after END? What
#                   is newer than now was not saved now
#   schema_known    are all of these files known? Else only what the command prints
#                   shows that nothing changed
#
# state is where what belongs to one database's schema lies, so that two of them
# side by side do not meet: schema.sql, schema.map (its lines, by file and line),
# schema.key (what it was made from), schema.deps (what the making of it read).

# shellcheck shell=sh
# shellcheck disable=SC2154 # cache is common.sh's

: "${state:=$cache}"

# Make keeps the blanks between a value and a comment behind it.
while case $SCHEMA in *' ') true ;; *) false ;; esac do
	SCHEMA=${SCHEMA% }
done
if [ -d "$SCHEMA" ]; then
	schema_kind='directory'
else
	case $SCHEMA in
	*.hcl) schema_kind='hcl' ;;
	*.sql) schema_kind='file' ;;
	*) schema_kind='command' ;;
	esac
	# "my db/s.sql" is a file when there is one; "cat db/s.sql" is none.
	case $SCHEMA in *' '*) [ -f "$SCHEMA" ] || schema_kind='command' ;; esac
fi
# shellcheck disable=SC2034 # what sources this reads it
case $schema_kind in
hcl) schema_file=$SCHEMA ;;
*) schema_file=$state/schema.sql ;;
esac

# What pins the versions of what a command is likely to use.
schema_locks='requirements.txt requirements.in pyproject.toml poetry.lock uv.lock pdm.lock Pipfile.lock pixi.lock
	setup.cfg .python-version package.json package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml
	bun.lock bun.lockb deno.lock .nvmrc go.mod go.sum Gemfile.lock composer.lock Cargo.lock mix.lock
	pom.xml build.gradle build.gradle.kts gradle.lockfile gradle/libs.versions.toml packages.lock.json'

# schema_deps EXPRESSION...: find in SCHEMA_DEPS, which is words; or one name with
# blanks in it. None named is none; find itself would take all there is.
schema_deps() {
	if [ -e "$SCHEMA_DEPS" ]; then
		find -L "$SCHEMA_DEPS" "$@" 2>/dev/null
		return
	fi
	case $SCHEMA_DEPS in
	*[!\ ]*)
		# shellcheck disable=SC2086 # SCHEMA_DEPS is words
		find -L $SCHEMA_DEPS "$@" 2>/dev/null
		;;
	esac
}

schema_saved() {
	local f
	[ -f "$state/schema.deps" ] || return 1
	while IFS= read -r f; do
		! test "$1" "$f" || [ "$2" -nt "$f" ] || [ "$f" -nt "$3" ] || return 0
	done <"$state/schema.deps"
	return 1
}

# schema_deps_check: each name in SCHEMA_DEPS is there, or it would be looked at by
# nobody.
schema_deps_check() {
	local f
	[ ! -e "$SCHEMA_DEPS" ] || return 0
	# It would match what lies just one directory deeper, and not the rest.
	case $SCHEMA_DEPS in
	*'**'*) die "SCHEMA_DEPS: '$SCHEMA_DEPS': the shell knows no **; fix: name the directory, all that lies below it is looked at" ;;
	esac
	for f in $SCHEMA_DEPS; do
		[ -e "$f" ] || die "SCHEMA_DEPS: '$f' matches nothing; fix: name files and directories as seen from $PWD"
	done
}

schema_known() {
	[ "$schema_kind" != command ] || [ -n "${SCHEMA_DEPS## }" ] || schema_said
}

# schema_sure: does it say itself what it reads? SCHEMA_DEPS is what people say. Of several
# commands one may say so, and the others do not.
schema_sure() {
	[ "$schema_kind" != command ] || schema_said
}
schema_said() {
	case $SCHEMA in *[\|\&\;\<\>\$\`\(]*) return 1 ;; esac
	[ -f "$state/schema.deps" ]
}

# schema_around: all that git knows in this directory, as a line; nothing where git
# does not know. What people forgot to name is most likely among it.
schema_around() {
	local head changed rest
	head=$(git rev-parse -q --verify 'HEAD:./' 2>/dev/null) &&
		changed=$(git diff-index HEAD -- . | cksum) &&
		rest=$({ printf '%s\0' "$MIGRATIONS/atlas.sum" && git ls-files -mo --exclude-standard -z; } | "$bin/mhash" -f -0) &&
		printf '%s\n' "$head $changed $rest"
}

schema_key() {
	local sum
	sum=$(cksum <"$1") || exit 2
	# Its own packages, too, and what makes one text of it.
	schema_print "$SCHEMA|${ALLOW_EMPTY-}|${PG_MAJOR-}|${VENV-}|$sum" '' -m "$bin/sqlflat" -- "$kit/scripts/lib/render.sh"
}
schema_print() {
	local f name text="$1" flat="$2"
	shift 2
	case $schema_kind in
	command)
		# What bears such a name by chance is no file, or lies where nobody may look.
		for f in $SCHEMA "$kit/requirements.txt" $schema_locks $REQUIREMENTS requirements-*.txt requirements/*.txt; do
			[ ! -f "$f" ] || set -- "$@" "$f"
		done
		;;
	*) set -- "$@" "$SCHEMA" ;;
	esac
	# It is words; or one name with blanks in it.
	if [ -e "$SCHEMA_DEPS" ]; then
		set -- "$@" "$SCHEMA_DEPS"
	else
		for f in $SCHEMA_DEPS; do set -- "$@" "$f"; done
	fi
	# What the last rendering read. Of a directory, what is new in it: modules and
	# directories, or any name.
	if [ -z "${unknown-}" ] && [ -f "$state/schema.deps" ]; then
		while IFS= read -r f; do
			case $f in
			*/)
				set -- "$@" "$f"*.py "$f"*/*.py
				for f in "$f"*/; do text="$text|$f"; done
				;;
			*/\*)
				# The names; of more than fit into an argument the content, too.
				f=${f%\*}
				for name in "$f"*; do
					text="$text|$name"
					[ "${#text}" -lt 100000 ] || { set -- "$@" "$f"* && break; }
				done
				;;
			*) set -- "$@" "$f" ;;
			esac
		done <"$state/schema.deps"
	fi
	# No fork: a check that finds nothing changed is counted in milliseconds.
	exec "$bin/mhash" -f -t "$text" -x __pycache__ ${flat:+-d "$flat"} "$@"
}
