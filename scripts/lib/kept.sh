# kept.sh - sourced by devdb.sh: databases that have the old migrations already.
#
# A line of atlas.sum proves every byte of the files up to it. So what a private
# server's cluster holds once these are applied is kept in .cache/pg under that
# line, and a later run starts from a copy of it and applies the rest.
#
#   kept_pays DIR           has DIR so many migrations that a kept cluster saves time?
#   kept_want DIR ALL OLD   before devdb_start: DIR's migrations, whose names are in
#                           the file ALL, are wanted; those named in the file OLD may
#                           be there already. Where that saves time, devdb_start then
#                           begins with the newest kept cluster that fits, or makes one
#   $kept_n                 after devdb_wait: how many of the first migrations dev_have
#                           and dev_lint have; 0 for none
#   $kept_needs             a file: the words that have.sh wrote into OUT/needs
#
# A kept cluster saves time and proves nothing. After a day all migrations are applied
# once more, and the two clusters are compared, and where the clock was ahead;
# CHECK_ALL=1 does that now. A cluster that is not whole, or belongs to another user, is
# passed over. Two are kept of each list of knobs, and 2 GB of all together; make clean
# removes them.

# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # the caller's, and pgserver.sh's

kept_n=0 kept_max=0 kept_needs='' kept_dir=''
kept_megabytes=2048
kept_large=$state/kept.large
# The last line of atlas.sum that a cluster would have been kept under, but for settings of
# roles or databases that its migrations made.
kept_settings=$state/kept.settings

# kept_pays DIR: a kept cluster takes as long to copy and to verify as 50 small
# migrations, or 200 KB of them, take to apply.
kept_pays() {
	local f n=0 kb=0
	[ -n "$devdb_how" ] || devdb_choose
	[ "$devdb_how" = local ] && [ ! -f "$kept_large" ] || return 1
	[ ! -f "$kept_settings" ] || ! grep -Fqx -f "$kept_settings" "$1/atlas.sum" 2>/dev/null || return 1
	for f in "$1"/*.sql; do n=$((n + 1)); done
	[ "$n" -lt 50 ] || return 0
	read -r kb _ <<-END || :
		$(du -sk "$1")
	END
	[ "${kb:-0}" -ge 200 ]
}
kept_want() {
	kept_pays "$1" && [ -s "$3" ] || return 0
	# With a checkpoint the first are not the first, and of a file that says
	# atlas:sum ignore the sums hold the name alone.
	if devdb_looked; then set -- "$1" "$2" "$3" "$tmp/words"; else set -- "$1" "$2" "$3" "$1"; fi
	! grep -Erq 'atlas:(checkpoint|sum)' "$4" || return 0
	# The old ones before the first new one.
	awk -v all="$2" 'BEGIN { while ((getline name < all) > 0) want[++n] = name }
		$0 != want[NR] { exit }
		{ print }' "$3" >"$tmp/kept.names" || return 0
	[ -s "$tmp/kept.names" ] && [ -r "$1/atlas.sum" ] || return 0
	kept_max=$(grep -c '' "$tmp/kept.names")
	kept_dir=$1
}

# kept_due FILE: was it made more than a day ago, or with a clock that was ahead? That one
# would stay for longer than a day.
kept_due() {
	: >"$tmp/now"
	[ "$1" -nt "$tmp/now" ] || [ -n "$(find "$1" -mtime +0)" ]
}
# kept_template: after pg_template: set pg_tpl, and pg_dir where the data is there by
# now and only has to be served.
kept_template() {
	local key d n=0 old='' plain="$pg_tpl"
	[ "$kept_max" -gt 0 ] || return 0
	key=$(kept_key) || return 0
	for d in "$cache/pg"/kept.*; do
		[ -O "$d" ] && [ -O "$d/key" ] && [ -O "$d/data.tar" ] || continue
		n=$(kept_fits "$d/key" "$key") || n=0
		[ "$n" -gt "$kept_n" ] || continue
		kept_n=$n old=$d
	done
	if [ -n "$old" ] && { [ -n "$CHECK_ALL" ] || kept_due "$old/key"; }; then
		kept_max=$kept_n kept_n=0
		kept_make "$key" "$old"
		return 0
	fi
	if [ -n "$old" ]; then
		pg_tpl=$old kept_needs=$tmp/kept.needs
		kept_copy || {
			# Another run may have removed it.
			[ ! -d "$old" ] || warn "$old: what was kept there is not whole; it is made anew"
			pg_forget "$old"
			rm -rf "$pg_dir"
			pg_tpl=$plain pg_dir='' kept_n=0
			kept_template
			return
		}
		[ $((kept_max - kept_n)) -ge 50 ] || return 0
	fi
	kept_make "$key" ''
}
# kept_copy: copy $pg_tpl, and verify its sum meanwhile. Its sum is read last: where it
# is there still, nobody had begun to remove what was copied.
kept_copy() {
	local sum='' now='' rc=0 looks
	kept_sum "$pg_tpl" >"$tmp/kept.sum" 2>/dev/null &
	looks=$!
	[ -z "$in_turn" ] || wait "$looks" || rc=1
	pg_copy && cp "$pg_tpl/needs" "$kept_needs" 2>>"$tmp/copy.err" || rc=1
	[ -n "$in_turn" ] || wait "$looks" || rc=1
	[ "$rc" -eq 0 ] && [ -f "$pg_tpl/sum" ] && IFS= read -r sum <"$pg_tpl/sum" && [ -n "$sum" ] &&
		IFS= read -r now <"$tmp/kept.sum" && [ "$now" = "$sum" ]
}
# kept_fits FILE KEY: FILE is the key of a kept cluster. Print how many of the wanted
# migrations that has; 0 where it has others. The first line of atlas.sum is the total.
kept_fits() {
	awk -v key="$2" -v max="$kept_max" '
		FNR == 1 { file++ }
		file == 1 && FNR == 1 && $0 != key { exit }
		file == 1 && FNR == 3 { line = $0 }
		file == 2 && FNR > 1 && $0 == line { n = FNR - 1; exit }
		END { print n <= max ? n + 0 : 0 }' "$1" "$kept_dir/atlas.sum"
}

# kept_key: print what a cluster is made from, besides the migrations.
kept_key() {
	local engine
	engine=$(echo "$atlas_bin" | "$bin/mhash" -f) && printf '%s\n' "kept 4 $pg_key|$engine|$DEV_SCHEMAS"
}
kept_sum() { (cd "$1" && "$root/$bin/mhash" -f -- data.tar have.tar needs twin); }
# kept_make KEY OLD: start a server, apply the migrations, stop it, and keep its data.
# OLD is the cluster that was kept so far, to be compared with the new one.
kept_make() {
	local rc=0
	. "$kit/scripts/lib/catalog.sh"
	step_long "applying $((kept_max - kept_n)) old migrations; later runs start from there"
	mkdir -p "$tmp/kept" || die "cannot make a directory in $tmp: is the disk full?"
	if [ -n "$pg_dir" ]; then pg_serve; else pg_begin; fi
	pg_wait
	export psql_bin pg_dump_bin pg_restore_bin
	run kept_apply "$2" >"$tmp/kept/out" 2>"$tmp/kept/err" || rc=$?
	[ "$rc" -ne 3 ] || sed -n "$((kept_max + 1))p" "$kept_dir/atlas.sum" >"$kept_settings"
	[ "$rc" -ne 0 ] || devdb_copy dev_have dev_lint
	[ "$rc" -ne 0 ] || run kept_oids >"$tmp/kept/twin" 2>>"$tmp/kept/err" || rc=2
	kill -INT "$pg_pid"
	wait "$pg_pid" || rc=2
	pg_pid=''
	[ -z "$2" ] || [ "$rc" -ne 0 ] || kept_compare "$2"
	if [ "$rc" -eq 0 ] && kept_store "$1"; then
		kept_n=$kept_max kept_needs=$tmp/kept/needs
		return 0
	fi
	# A migration does not apply, say: the run then applies all of them, and reports it.
	rm -rf "$pg_dir"
	kept_n=0 kept_max=0 kept_needs='' pg_dir=''
	pg_template
}
# kept_apply OLD: return 3 where they made settings: what comes next, and has a session of
# its own, would run with these, and without a kept cluster it would not.
kept_apply() {
	job_signals
	REVISIONS_SCHEMA=atlas_schema_revisions
	devdb_db dev_have
	export kept_n kept_needs
	kept_ask >"$tmp/kept/before" || return 2
	run "$kit"/scripts/steps/have.sh "$tmp/kept" "$kept_dir" $((kept_max - kept_n)) || return 2
	kept_ask >"$tmp/kept/after" || return 2
	cmp -s "$tmp/kept/before" "$tmp/kept/after" || return 3
	[ -f "$tmp/kept/needs" ] || : >"$tmp/kept/needs"
	[ -z "$1" ] || catalog_read "$tmp/kept/new"
}
kept_ask() { devdb_psql -c 'SELECT setdatabase, setrole, setconfig FROM pg_db_role_setting ORDER BY 1, 2'; }
kept_oids() {
	devdb_db dev_have
	devdb_become -F ' ' -c "SELECT h.oid, l.oid FROM pg_database h, pg_database l
		WHERE h.datname = 'dev_have' AND l.datname = 'dev_lint'"
}

# kept_compare OLD: compare OLD with what the same migrations have made now.
kept_compare() {
	local now="$pg_dir" tpl="$pg_tpl" sum='' rc=0
	[ ! -f "$1/sum" ] || IFS= read -r sum <"$1/sum" || :
	if [ "$(kept_sum "$1" 2>/dev/null)" = "$sum" ]; then
		pg_tpl=$1
		pg_copy keptd && pg_serve && (pg_wait) 2>>"$tmp/kept/err" && run kept_list || rc=1
		pg_stop
		rm -rf "$pg_dir"
		pg_dir=$now pg_tpl=$tpl
		[ "$rc" -ne 0 ] || kept_same || rc=1
		# Another run may have removed it before it was copied.
		[ "$rc" -eq 0 ] || [ ! -d "$1" ] ||
			warn "$1: what was kept there is not what the migrations make, and checks since $(sed -n 4p "$1/key") may have been wrong; this one is made without it"
	fi
	pg_forget "$1"
}
# kept_same: COMPARE_EXCLUDE is for the models: here all is compared.
kept_same() {
	local levels='' COMPARE_EXCLUDE=''
	catalog_compare "$tmp/kept/new" "$tmp/kept/old" "$tmp/kept/diff"
}
kept_list() {
	job_signals
	REVISIONS_SCHEMA=atlas_schema_revisions
	devdb_db dev_have
	catalog_read "$tmp/kept/old"
}

# kept_store KEY: put the data into a directory of its own, which gets its name when it
# is complete.
kept_store() {
	local made size of='' twin='' base="$pg_dir/data/base"
	pg_slim "$pg_dir/data"
	size=$(du -sk "$pg_dir/data" | cut -f 1)
	# Where one database is a copy of the other, one is kept, and unpacked twice.
	read -r of twin <"$tmp/kept/twin" || return 1
	if diff -rq "$base/$of" "$base/$twin" >"$tmp/kept/out" 2>&1; then
		size=$((size - $(du -sk "$base/$twin" | cut -f 1)))
	else
		twin=''
	fi
	if [ "${size:-0}" -gt $((kept_megabytes * 1024)) ]; then
		echo "$size KB" >"$kept_large"
		return 1
	fi
	made=$(mktemp -d "$cache/pg/new.XXXXXX") || die "cannot write $cache/pg"
	at_exit_file "$made"
	# shellcheck disable=SC2015 # what is not whole has no place
	tar -cf "$made/data.tar" -C "$pg_dir/data" ${twin:+--exclude="./base/$of" --exclude="./base/$twin"} . &&
		{ [ -z "$twin" ] || tar -cf "$made/have.tar" -C "$base/$of" .; } &&
		cp "$tmp/kept/needs" "$tmp/kept/twin" "$made/" &&
		printf '%s\n%s\n%s\n%s\n' "$1" "$pg_bound" "$(sed -n "$((kept_max + 1))p" "$kept_dir/atlas.sum")" \
			"$(date -u '+%Y-%m-%d %H:%M')" >"$made/key" &&
		kept_sum "$made" >"$made/sum" || {
		warn "$cache/pg: the old migrations could not be kept: is the disk full?"
		rm -rf "$made"
		return 1
	}
	pg_tpl=$cache/pg/kept.${made##*.}
	mv "$made" "$pg_tpl" || die "cannot write $cache/pg"
	kept_bound "$1"
}

# kept_bound KEY: remove the oldest clusters, until no more are kept than may be.
kept_bound() {
	local d key='' n=0 size=0 k
	# The newest first; the names are ours.
	# shellcheck disable=SC2012
	ls -td "$cache/pg"/kept.* >"$tmp/kept/list" || return 0
	while IFS= read -r d; do
		IFS= read -r key <"$d/key" || key=''
		[ "$key" != "$1" ] || n=$((n + 1))
		k=$(du -sk "$d" | cut -f 1)
		size=$((size + ${k:-0}))
		[ "$key" = "$1" ] && [ "$n" -gt 2 ] || [ "$size" -gt $((kept_megabytes * 1024)) ] || continue
		pg_forget "$d"
		size=$((size - ${k:-0}))
	done <"$tmp/kept/list"
}
