# render.sh - sourced by render_schema.sh: the models' text, as it comes and as psql
# takes it.
#
#   render_command     run the command in SCHEMA; what it prints goes to $tmp/schema.out,
#                      what it says it read to $tmp/schema.deps. Or die
#   render_flat FILE [ARG...]
#                      these (sqlflat's arguments) as one text in FILE, and in
#                      $tmp/schema.map where its lines come from. Or die

# shellcheck shell=sh
# shellcheck disable=SC2154 # what common.sh and schema.sh set

# The virtual environment's commands come first. Python's byte code must not litter the
# sources' directories; load_models.py keeps its own.
render_command() {
	local shell venv="$PWD/$cache/venv" rc=0
	case $venv in
	*:*) ln -s "$venv" "$tmp/venv" && venv=$tmp/venv ;;
	esac
	venv=$venv/bin
	if [ -n "$VENV" ]; then
		[ -x "$VENV/bin/python" ] || die "VENV: no Python environment at '$VENV'; fix: make it the way the project does (uv sync, poetry install, python -m venv)"
		venv=$(cd "$VENV" && pwd)/bin:$venv
	fi
	render_shell
	PATH=$venv:$PATH PYTHONDONTWRITEBYTECODE=1 SCHEMA_PYCACHE=$PWD/$cache/pycache
	SCHEMA_DEPFILE=$tmp/schema.deps
	export PATH PYTHONDONTWRITEBYTECODE SCHEMA_PYCACHE SCHEMA_DEPFILE
	# An environment has a home and a program of its own.
	unset PYTHONHOME PYTHONPLATLIBDIR PYTHONEXECUTABLE __PYVENV_LAUNCHER__
	# shellcheck disable=SC2086 # shell is words
	run $shell -c "$SCHEMA" >"$tmp/schema.out" 2>"$tmp/schema.err" </dev/null || rc=$?
	[ ! -s "$tmp/schema.err" ] || fit <"$tmp/schema.err" >&2
	[ "$rc" -eq 0 ] || [ -s "$tmp/schema.err" ] || die "SCHEMA: '$SCHEMA' failed with exit code $rc, and said nothing"
	[ "$rc" -eq 0 ] || die "SCHEMA: '$SCHEMA' failed with exit code $rc"
}

render_flat() {
	local to="$1" rc=0
	shift
	"$bin/sqlflat" -m "$tmp/schema.map" "$@" >"$to" || rc=$?
	case $rc in
	0) ;;
	1)
		[ "${ALLOW_EMPTY-}" = 1 ] ||
			die "SCHEMA: '$SCHEMA' gives nothing: to make the database like it would drop all; fix: if that is meant, say ALLOW_EMPTY=1"
		;;
	*) exit 2 ;;
	esac
}

# render_shell: set shell to what runs a command, as words: one that says when the
# first part of a pipe failed. Not every sh can.
render_shell() {
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
