# index.sh - sourced by handler.sh: what CREATE INDEX CONCURRENTLY leaves behind.
#
# One that fails leaves an invalid index of its name, and the next try then fails
# because the name is taken.
# shellcheck shell=sh disable=SC2034,SC2154

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

# drop_invalid: take away $index where it is invalid, for the next try makes it
# again; whether it did. Someone who is building it now holds a lock on it, and
# keeps it. Only our engine runs SQL of our own.
drop_invalid() {
	case $address in --url*) ;; *) return 1 ;; esac
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
	login && connection || return 1
	left "$stop"
	clamp "$left" 1000 30000
	seconds "$clamped"
	DB_SETTINGS=${schema:+&search_path=$schema}
	[ -n "$no_settings" ] || DB_SETTINGS=$DB_SETTINGS${lock_timeout:+&lock_timeout=$lock_timeout}
	ATLAS_URL="postgres:///?sslmode=verify-full$DB_SETTINGS" \
		timeout --foreground -k 1 "$secs" "$atlas" schema run --url env:ATLAS_URL <"$work/drop.sql" >/dev/null 2>"$work/drop.err" || return 1
	dropped=$index
	log WARN 'an index that CREATE INDEX CONCURRENTLY left invalid is dropped: the next try makes it again'
}
