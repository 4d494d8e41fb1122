# verdict.sh - sourced by handler.sh: which of the package's migrations are in.
# shellcheck shell=sh disable=SC2034,SC2154

# compare: the package's files with the revisions in $work/out, by mstate: a
# migration is in when a revision of its version, description and hash is applied
# in full. Returns 1, with the cause, when that cannot be known. Sets
#   total n_in     files of the package, and how many of them are in
#   missing        the first names of the others
#   changed        the first that was applied with another text or another name
#   gone           a version that was applied, is older than the package's last,
#                  and has no file: hashes after it cannot be compared
#   partial_here   the first file that is applied in part; such versions at the
#                  first look are kept in resumed: Atlas goes on after their
#                  first statements, and the vendor's leaves the old hash
#   newest         the package's last version
#   ahead          later revisions of no file here; ahead_partial one in part
#   recorded       revisions in all
# and writes $work/todo, the names that Atlas would run now.
compare() {
	local state version file at n of lack tab rest
	tab='	'
	grep '^row/' "$work/out" | cut -f 2- >"$work/rows"
	grep '^todo/' "$work/out" | cut -c 6- >"$work/todo"
	set --
	[ "$exec_order" = linear ] || set -- -a
	mstate -t "$@" migrations <"$work/rows" >"$work/state" 2>"$work/state.err"
	[ -s "$work/state" ] || {
		cp "$work/state.err" "$work/cause"
		return 1
	}
	IFS=$tab read -r rest total rest <"$work/state"
	IFS=$tab read -r rest rest rest rest rest rest rest rest ahead rest recorded rest <"$work/state"
	newest=$(tail -n 1 migrations/atlas.sum)
	newest=${newest% h1:*}
	newest=${newest%.sql}
	newest=${newest%%_*}

	changed='' gone='' partial_here='' ahead_partial='' missing='' lack=0
	# Atlas lists those that come after what is applied.
	[ "$exec_order" = linear ] || grep -e "^pending$tab" -e "^partial$tab" "$work/state" | cut -f 3 | grep '\.sql$' >"$work/todo" || :
	tail -n +2 "$work/state" | grep -v -e "^applied$tab" -e "^covered$tab" -e "^ahead$tab" >"$work/odd"
	while IFS=$tab read -r state version file at n of rest; do
		case $state in
		checkpoint) total=$((total - 1)) ;;
		pending | out-of-order) lacks "$file" ;;
		partial)
			if [ "$file" = - ]; then
				ahead=$((ahead + 1)) ahead_partial=$version
				continue
			fi
			[ -n "$partial_here" ] || partial_here=$file
			[ -n "$known_once" ] || resumed=$resumed$version/
			lacks "$file ($n of $of statements)"
			;;
		edited | renamed)
			case $resumed in *"/$version/"*) continue ;; esac
			[ -n "$changed" ] || changed=$file
			lacks "$file"
			;;
		gone) [ -n "$gone" ] || gone=$version ;;
		esac
	done <"$work/odd"
	[ "$lack" -le 3 ] || missing="$missing and $((lack - 3)) more"
	n_in=$((total - lack))
	known_state=yes known_once=yes
}

# lacks NAME: count a file that is not in the database.
lacks() {
	lack=$((lack + 1))
	[ "$lack" -le 3 ] || return 0
	missing="$missing${missing:+, }$1"
}

# takeover: log the SQL that sets the revisions to the files as they are now: a remedy
# where the database is known to have just that.
takeover() {
	mstate -u "\"$revisions\".atlas_schema_revisions" migrations <"$work/rows" 2>/dev/null >"$work/takeover" || :
	[ -z "$gone" ] || printf 'DELETE FROM "%s".atlas_schema_revisions WHERE version = '"'%s'"';\n' "$revisions" "$gone" >>"$work/takeover"
	log WARN 'where the files are known to say what is in the database, this makes the revisions agree' \
		"\"sql\":\"$(json_string "$(cat "$work/takeover")" && printf '%s' "$json")\""
	[ "$(wc -c <"$work/takeover")" -le 1200 ] && cat "$work/takeover" && return 0
	head -n 2 "$work/takeover"
	echo "... all of it is in the function's log"
}

# elsewhere: whether there is a record of this package's migrations where earlier
# versions of this function kept it for each schema, and it is not marked as that
# of another one: then the database is no new one.
elsewhere() {
	local kept until rc
	[ "$revisions" != atlas_schema_revisions ] || return 1
	echo "SELECT coalesce(obj_description(to_regclass('atlas_schema_revisions.atlas_schema_revisions'), 'pg_class'), '')" >"$work/mark.sql"
	if run_sql "$work/mark.sql"; then
		first_line "$work/rows.sql"
		case $line in '' | "search_path $schema") ;; *) return 1 ;; esac
	fi
	kept=$revisions revisions=atlas_schema_revisions
	now_ms
	until=$((now + 20000))
	[ "$until" -le "$stop" ] || until=$stop
	rc=0
	revisions "$until" || rc=$?
	revisions=$kept
	[ "$rc" -eq 0 ] || return 1
	grep '^row/' "$work/out" | cut -f 2- | mstate -t migrations 2>/dev/null | grep -q '^applied	'
}

# start_at: after Atlas found tables and no record of migrations: what such a
# database gets, in $work/todo and baseline_now. Baseline names the version it is
# at, or says none. Returns 1 with the cause.
start_at() {
	local f version old
	old=''
	! elsewhere || old="The schema atlas_schema_revisions has a record of this package's migrations.
fix: if it is that of ${schema:-this database}, name it: RevisionsSchema=atlas_schema_revisions; then deploy again."
	if [ -n "$old" ] && [ -z "$revisions_given" ]; then
		printf '%s\n' "Nothing was applied: ${schema:-the database} has tables, and $revisions has no record of migrations. $old" \
			"If it is another schema's: RevisionsSchema=$revisions." >"$work/cause"
		return 1
	fi
	if [ -z "$baseline" ] && others_tables; then
		notes="Tables of others were left alone: $others."
		baseline_now=none
		return 0
	fi
	[ -n "$baseline" ] || {
		atlas_says "$work/apply.err" >"$work/cause"
		echo 'The database has tables, and no record of migrations.
fix: set the parameter Baseline to the version of the migration it is at, or to none if nothing of the migrations is in it, then deploy again.' >>"$work/cause"
		[ -z "$old" ] || printf '%s\n' "$old" >>"$work/cause"
		return 1
	}
	baseline_now=$baseline
	[ "$baseline" != none ] || return 0
	for f in migrations/.*.sql migrations/*.sql; do
		version=${f##*/}
		version=${version%.sql}
		[ "${version%%_*}" != "$baseline" ] || {
			after_baseline
			return 0
		}
	done
	say "Nothing was applied: Baseline is '$baseline', and this package has no migration of that version. none says that the database has none of them."
	return 1
}

# after_baseline: take out of $work/todo what sorts up to it. One sort for all.
after_baseline() {
	local name version after nl
	nl='
'
	while IFS= read -r name; do
		version=${name%.sql}
		printf '%s\n' "${version%%_*}"
	done <"$work/todo" >"$work/versions"
	after=$({ cat "$work/versions" && printf '%s\n' "$baseline"; } | sort -u)
	after=$nl$after$nl
	after=$nl${after#*"$nl$baseline$nl"}
	while IFS= read -r name; do
		version=${name%.sql}
		case $after in *"$nl${version%%_*}$nl"*) printf '%s\n' "$name" ;; esac
	done <"$work/todo" >"$work/todo.after"
	mv "$work/todo.after" "$work/todo"
}
