# schema.sh - sourced: where the desired schema comes from.

# shellcheck shell=sh
# shellcheck disable=SC2154 # cache is common.sh's

# schema_kind: file (SQL or HCL, read as it is) or command (prints SQL).
case $SCHEMA in
*' '*) schema_kind='command' ;;
*.sql | *.hcl) schema_kind='file' ;;
*) schema_kind='command' ;;
esac
if [ "$schema_kind" = file ]; then
	schema_file=$SCHEMA
else
	schema_file=$cache/schema.sql
fi

# schema_deps EXPRESSION...: find in SCHEMA_DEPS. None named is none; find itself
# would take all there is.
schema_deps() {
	case $SCHEMA_DEPS in
	*[!\ ]*)
		# shellcheck disable=SC2086 # SCHEMA_DEPS is words
		find -L $SCHEMA_DEPS "$@" 2>/dev/null || :
		;;
	esac
}

# schema_inputs: the files the schema is made from, each name ended by NUL.
schema_inputs() {
	schema_deps -name __pycache__ -prune -o -type f -print0
	if [ "$schema_kind" = file ]; then
		printf '%s\0' "$SCHEMA"
	else
		printf '%s\0' requirements.txt
		for f in $SCHEMA; do
			[ ! -f "$f" ] || printf '%s\0' "$f"
		done
		# What the last rendering imported from this repository.
		if [ -f "$cache/schema.deps" ]; then
			while IFS= read -r f; do printf '%s\0' "$f"; done <"$cache/schema.deps"
		fi
	fi
}
