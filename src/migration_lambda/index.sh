# index.sh - sourced by handler.sh: SQL of our own: what kind of session it is,
# whose record and whose tables those are, and what CREATE INDEX CONCURRENTLY
# leaves behind.
# Only the engine runs it; with another Atlas none of this is checked or done.
# shellcheck shell=sh disable=SC2034,SC2154

# run_sql FILE: its rows in $work/rows.sql.
run_sql() {
	case $address in --url*) ;; *) return 1 ;; esac
	: >"$work/sql.err"
	login || {
		cp "$work/cause" "$work/sql.err"
		return 1
	}
	connection
	left "$stop"
	clamp "$left" 1000 30000
	seconds "$clamped"
	while :; do
		DB_SETTINGS=${schema:+&search_path=$schema}
		[ -n "$no_settings" ] || DB_SETTINGS=$DB_SETTINGS${lock_timeout:+&lock_timeout=$lock_timeout}
		ATLAS_URL="postgres:///?sslmode=verify-full$DB_SETTINGS" \
			timeout --foreground -k 1 "$secs" "$atlas" schema run --url env:ATLAS_URL <"$1" >"$work/rows.sql" 2>"$work/sql.err" && return 0
		[ -z "$no_settings" ] && refused_settings "$work/sql.err" || return 1
		no_settings=yes
	done
}

# others_tables: whether all tables there are belong to extensions, or are those
# in which other tools keep their record: then none of the migrations is in, and
# the database counts as one at nothing. Their names are in others.
others_tables() {
	local line
	cat >"$work/tables.sql" <<-SQL
		SELECT CASE WHEN EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
				AND d.objid = c.oid AND d.deptype = 'e')
			OR c.relname IN ('alembic_version', 'django_migrations', 'flyway_schema_history', 'schema_migrations',
				'ar_internal_metadata', 'goose_db_version', 'databasechangelog', 'databasechangeloglock',
				'_prisma_migrations', '__drizzle_migrations', 'knex_migrations', 'knex_migrations_lock',
				'SequelizeMeta', '__EFMigrationsHistory')
			THEN 'other' ELSE 'own' END, format('%I.%I', n.nspname, c.relname)
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'p', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
			AND c.relname <> 'atlas_schema_revisions'
			AND ('$schema' = '' OR n.nspname = ANY (current_schemas(false)))
		ORDER BY 1, 2
	SQL
	run_sql "$work/tables.sql" && [ -s "$work/rows.sql" ] && ! grep -q '^own	' "$work/rows.sql" || return 1
	others=''
	while IFS='	' read -r _ line; do others="$others${others:+, }$line"; done <"$work/rows.sql"
}

# around_sql: the file of what look_around asks.
around_sql() {
	local table
	table="to_regclass('\"$revisions\".atlas_schema_revisions')"
	cat >"$work/around.sql" <<-SQL
		SELECT current_setting('search_path') UNION ALL SELECT coalesce(current_schema(), '')
		UNION ALL SELECT current_setting('lock_timeout')
		UNION ALL SELECT translate(coalesce(obj_description($table, 'pg_class'), ''), E'\\n\\t', '')
		UNION ALL SELECT count(*)::text FROM pg_class c
			WHERE c.relnamespace = to_regnamespace(nullif('$schema', '')) AND c.oid IS DISTINCT FROM $table AND c.relkind <> 'i'
	SQL
}

# look_around: check before anything is applied what Atlas does not report: whether the
# session has the search_path of the address, and which schema the revisions are of.
# Returns 1 with the cause; 2 when it could not look, which is no yes.
look_around() {
	case $address in --url*) ;; *) return 0 ;; esac
	case $missing/$schema/$recorded in
	//* | /*/0)
		around=''
		return 0
		;;
	esac
	# The engine prints these rows with the status, unless that failed.
	[ "$around" != told ] || mv "$work/around" "$work/rows.sql"
	until [ "$around" = told ] || run_sql "$work/around.sql"; do
		atlas_says "$work/sql.err" >"$work/cause"
		[ -s "$work/cause" ] || echo 'context deadline exceeded: the database does not answer' >"$work/cause"
		classify "$work/cause"
		again 'looking around in the database' || return 2
	done
	around=''
	{
		IFS= read -r path && IFS= read -r current && IFS= read -r has_lock_timeout &&
			IFS= read -r mark && IFS= read -r objects
	} <"$work/rows.sql" || {
		say "the database's answer cannot be used: $(cat "$work/rows.sql")"
		return 1
	}
	right_session && whose_record
}

# right_session: a proxy may ignore what a session is to begin with (PgBouncer's
# ignore_startup_parameters): everything would go to another schema.
right_session() {
	[ -z "$schema" ] || [ "$path" = "$schema" ] || [ "$path" = "\"$schema\"" ] || [ "$current" = "$schema" ] || {
		say "Nothing was applied: the session's search_path is $path, not $schema: a proxy ignores what the session begins with (PgBouncer's ignore_startup_parameters).
fix: let the function connect to the database itself; or there, ALTER ROLE $PGUSER SET search_path = $schema."
		return 1
	}
	case $lock_timeout/$has_lock_timeout in
	'/'* | 0*/*) ;;
	*/0) no_settings=yes ;;
	esac
}

# whose_record: whether the record of migrations is this schema's: with two tenants in
# one table it cannot be known whose a row is. The table's comment names the schema,
# from the function's first apply on. For a schema with nothing in it a table without
# the comment is not accepted.
whose_record() {
	[ -n "$schema" ] && [ "$recorded" -gt 0 ] || return 0
	case $mark in
	"search_path $schema")
		marked=yes
		return 0
		;;
	'search_path '*) ;;
	*) [ "$objects" = 0 ] && [ "$schema" != public ] || return 0 ;;
	esac
	say "The record of migrations in $revisions is that of ${mark:-another schema, for $schema is empty}: what it says is not of $schema.
fix: give $schema a record of its own: RevisionsSchema=$schema, or leave RevisionsSchema out."
	return 1
}

# mark_record: write the SQL that notes, with our first apply, whose record this is. A
# role that may not do that is no failure. Returns 1 where nothing is to be noted.
mark_record() {
	case $address in --url*) ;; *) return 1 ;; esac
	[ -n "$schema" ] && [ -z "$marked" ] || return 1
	cat >"$work/mark.sql" <<-SQL
		DO \$do\$ BEGIN
			COMMENT ON TABLE "$revisions".atlas_schema_revisions IS 'search_path $schema';
		EXCEPTION WHEN OTHERS THEN NULL;
		END \$do\$
	SQL
}

# invalid_note: after a run of CONCURRENTLY: what is invalid now, said in notes.
# CREATE ... IF NOT EXISTS passes over an invalid index of its name; a REINDEX that
# failed leaves one of a name of its own.
invalid_note() {
	local line
	[ -n "$ran_concurrent" ] || return 0
	cat >"$work/invalid.sql" <<-SQL
		SELECT indexrelid::regclass FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
		WHERE NOT indisvalid AND c.relkind = 'i' AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index p
			WHERE p.index_relid = i.indexrelid) ORDER BY 1 LIMIT 5
	SQL
	run_sql "$work/invalid.sql" || return 0
	while IFS= read -r line; do
		notes="$notes${notes:+
}The index $line is invalid, as CREATE INDEX CONCURRENTLY leaves one when it fails (REINDEX, too; IF NOT EXISTS passes over it): DROP INDEX CONCURRENTLY $line, and make it again where there is no valid one."
	done <"$work/rows.sql"
}

# failed_index: whether the statement that failed builds an index concurrently;
# set index to its name, as SQL, with its table's schema where that is given.
failed_index() {
	local text low before name table
	text=$(grep '^statement "' "$work/apply.out" 2>/dev/null | head -n 1)
	text=${text#statement \"}
	text=${text%\"}
	# Go's quoting: what a name could hold of it is refused below.
	text=$(printf '%s\n' "$text" | tr -s ' ')
	case $text in *\\n* | *\\t*) text=$(unquoted "$text") ;; esac
	low=$(printf '%s\n' "$text" | tr 'A-Z' 'a-z')
	case $low in
	'create index concurrently '* | 'create unique index concurrently '*) ;;
	*) return 1 ;;
	esac
	before=${low%%concurrently *}
	text=$(printf '%s\n' "$text" | cut -c $((${#before} + 14))-)
	case $(printf '%s\n' "$text" | tr 'A-Z' 'a-z') in
	'if not exists '*) text=$(printf '%s\n' "$text" | cut -c 15-) ;;
	'on '*) return 1 ;;
	esac
	word "$text" && name=$word || return 1
	text=${text#"$quoted"}
	text=${text# }
	case $text in [Oo][Nn]' '*) text=${text#???} ;; *) return 1 ;; esac
	case $text in [Oo][Nn][Ll][Yy]' '*) text=${text#?????} ;; esac
	index=$name
	word "$text" && table=$word || return 1
	text=${text#"$quoted"}
	case $text in .*) index=$table.$name ;; esac
}

# unquoted TEXT: its \n and \t as single blanks.
unquoted() {
	local rest out=''
	rest=$1
	while :; do
		case $rest in
		*\\[nt]*)
			out="$out${rest%%\\[nt]*} "
			rest=${rest#*\\[nt]}
			;;
		*) break ;;
		esac
	done
	printf '%s\n' "$out$rest" | tr -s ' '
}

# word TEXT: set word to the SQL name that the text begins with, and quoted to
# how it is written there. One with a quote or a backslash in it is left alone.
word() {
	case $1 in
	\\\"*)
		word=${1#\\\"}
		word=${word%%\\\"*}
		quoted=\\\"$word\\\"
		case $1 in "$quoted\\\""*) return 1 ;; esac
		;;
	*)
		word=${1%%[!A-Za-z0-9_\$]*}
		quoted=$word
		word=$(printf '%s' "$word" | tr 'A-Z' 'a-z')
		;;
	esac
	case $word in '' | *[\'\"\\]*) return 1 ;; esac
	word=\"$word\"
}

# drop_invalid: drop $index where it is invalid, for the next try builds it again.
# Returns whether it was dropped. A session that is building it now holds a lock on
# it, and keeps it.
drop_invalid() {
	cat >"$work/drop.sql" <<-SQL
		DO \$do\$
		DECLARE i regclass := to_regclass('$index');
		BEGIN
			IF NOT EXISTS (SELECT FROM pg_index WHERE indexrelid = i AND NOT indisvalid) THEN
				RAISE EXCEPTION 'no invalid index';
			END IF;
			EXECUTE 'DROP INDEX ' || i;
		END \$do\$
	SQL
	run_sql "$work/drop.sql" || return 1
	dropped=$index
	log WARN 'an index that CREATE INDEX CONCURRENTLY left invalid is dropped: the next try makes it again'
}
