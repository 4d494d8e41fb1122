# drift.sh - sourced by drift.sh: two listings, of the database and of what the
# migrations that are applied there make.
#
#   drift_applied DIR   DIR gets the migrations that count, and their atlas.sum
#   drift_list DIR      $tmp/have/listing: what those make, in the temporary server;
#                       $tmp/live: what DATABASE_URL has; $tmp/version: its version. Both
#                       side by side. Or die
#   drift_compare FILE [ARG...]
#                       the differences, as lines in FILE; ARG for catdiff
#   drift_note          print what the reader has to know of the comparison
#   drift_tables        set tables: of other tools, where they are among the differences
#
# Needs database.sh, catalog.sh and others.sh.

# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # what is set here, and what database.sh and the caller set

# A database that was never managed is compared with all of the directory, or with
# BASELINE's state.
drift_applied() {
	local f s
	case $state_word in
	unmanaged) database_baseline ;;
	esac
	while IFS=$TAB read -r _ f s _; do
		[ "$f" != - ] || continue
		case $s in
		# Of one, Atlas would replay nothing before it.
		checkpoint) continue ;;
		pending | out-of-order)
			[ "$state_word" = unmanaged ] || continue ;;
		partial) die "$where: a migration is applied in part, so nothing says what it should be: first make apply, or make status" ;;
		esac
		cp "$MIGRATIONS/$f" "$1/"
	done <"$tmp/state"
	"$bin/mhash" -w "$1" || exit 2
}

# Each in a process of its own: the environment says which database it is.
drift_migrated() {
	devdb_db dev_want
	export psql_bin pg_dump_bin pg_restore_bin
	exec "$kit"/scripts/steps/have.sh "$tmp/have" "$1"
}
drift_live() {
	job_signals
	database_env
	catalog_read "$tmp/live" || return 2
	run "$psql_bin" -XAtqw -c 'SHOW server_version_num' >"$tmp/version" 2>"$tmp/live.err" </dev/null || return 2
}
drift_list() {
	local rc=0 why hint=''
	job have drift_migrated "$1"
	: >"$tmp/live.err"
	if ! run drift_live; then
		why=$(database_error "$tmp/live.err")
		case $why in *'lock timeout'*) hint='; somebody holds a lock on a table there, a migration maybe: fix: try again when it is done' ;; esac
		die "$where: cannot be listed: ${why#psql:*ERROR:  }$hint"
	fi
	job_wait have || rc=$?
	case $rc in
	0) ;;
	1)
		[ ! -s "$tmp/have/out" ] || tr "$TAB" ' ' <"$tmp/have/out" | fit >&2
		[ ! -s "$tmp/have/apply.json" ] || "$bin/atlasjson" -d "$MIGRATIONS" "$tmp/have/apply.json" >&2 || :
		die "$MIGRATIONS: what is applied there does not apply to an empty database; make check-migrations says more"
		;;
	*)
		job_said have
		exit 2
		;;
	esac
}

drift_compare() {
	local file="$1" rc=0
	shift
	catalog_compare "$tmp/have/listing" "$tmp/live.ours" "$tmp/diff.json" "$@" || rc=$?
	: >"$file"
	case $rc in
	0) return 0 ;;
	1) catalog_compare "$tmp/have/listing" "$tmp/live.ours" "$file" -t "$@" || : ;;
	esac
	[ -s "$file" ] || die "$where: could not be compared with the migrations"
}

drift_note() {
	case $state_word in
	behind) [ "$n_pending" -eq 0 ] || printf %s " ($n_pending pending, which do not count)" ;;
	ahead) printf %s " (ahead by $n_ahead, whose files are not here: what they changed shows as a difference)" ;;
	diverged) printf %s " (diverged: make status says; compared with the $n_applied here that are applied)" ;;
	unmanaged) printf %s " (never managed: compared with all $n_files migrations)" ;;
	esac
}

drift_tables() {
	local t
	tables=''
	for t in $other_tables spatial_ref_sys; do
		awk -F '\t' -v t="$t" '
			$1 == "table" { sub(/.*[.]/, "", $2); if ($2 == t) found = 1 }
			END { exit !found }' "$tmp/live.ours" || continue
		drift_compare "$tmp/without" -e "$t" "$@"
		cmp -s "$tmp/without" "$tmp/differences" || tables="$tables $t"
	done
}
