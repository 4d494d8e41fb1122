# schema.sh - sourced: where the desired schema comes from.
#
# Gives:
#   schema_kind     file or directory (of SQL), hcl, command (which prints SQL)
#   schema_file     what it becomes, for psql: $state/schema.sql; Atlas HCL is
#                   left as it is
#   schema_inputs   print the names of the files it is made from, each ended by NUL
#   schema_deps     find in SCHEMA_DEPS
#   schema_known    are all of these files known? Else nobody can say that nothing
#                   changed
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
		find -L "$SCHEMA_DEPS" "$@" 2>/dev/null || :
		return
	fi
	case $SCHEMA_DEPS in
	*[!\ ]*)
		# shellcheck disable=SC2086 # SCHEMA_DEPS is words
		find -L $SCHEMA_DEPS "$@" 2>/dev/null || :
		;;
	esac
}

# schema_deps_check: each name in SCHEMA_DEPS is there, or it would be looked at by
# nobody.
schema_deps_check() {
	local f
	[ ! -e "$SCHEMA_DEPS" ] || return 0
	for f in $SCHEMA_DEPS; do
		case $f in
		*'**'*) die "SCHEMA_DEPS: '$f': the shell knows no **; fix: name the directory, all that lies below it is looked at" ;;
		esac
		[ -e "$f" ] || die "SCHEMA_DEPS: '$f' matches nothing; fix: name files and directories as seen from $PWD"
	done
}

schema_known() {
	[ "$schema_kind" != command ] || [ -n "${SCHEMA_DEPS## }" ] || [ -f "$state/schema.deps" ]
}

schema_inputs() {
	local f
	schema_deps -name __pycache__ -prune -o -type f -print0
	case $schema_kind in
	file | hcl) printf '%s\0' "$SCHEMA" ;;
	directory) find -L "$SCHEMA" -type f -name '*.sql' -print0 ;;
	command)
		for f in $SCHEMA $schema_locks requirements-*.txt requirements/*.txt; do
			[ ! -f "$f" ] || printf '%s\0' "$f"
		done
		# Then no two fingerprints are the same.
		schema_known || printf '%s\0' "nobody knows, $$ $(date +%s)"
		;;
	esac
	# What the last rendering read. Of a directory, what is new in it.
	if [ -f "$state/schema.deps" ]; then
		while IFS= read -r f; do
			case $f in
			*/) printf '%s\0' "$f"*.py "$f"*/*.py ;;
			*) printf '%s\0' "$f" ;;
			esac
		done <"$state/schema.deps"
	fi
}

# schema_shell: set shell to what runs a command, as words: one that says when the
# first part of a pipe failed. Not every sh can.
schema_shell() {
	shell='sh -e'
	case $SCHEMA in
	*'|'*) ;;
	*) return 0 ;;
	esac
	for shell in 'sh -e' 'bash --posix -e' 'busybox sh -e' 'ksh -e' 'zsh --emulate sh -e'; do
		shell="$shell -o pipefail"
		# shellcheck disable=SC2086 # it is words
		! $shell -c : 2>/dev/null || return 0
	done
	die "SCHEMA: no shell here says when the first part of a pipe fails; fix: install bash, or put the command into a script"
}
