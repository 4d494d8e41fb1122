# atlas.sh - sourced by handler.sh: runs Atlas: the status, and apply.
# shellcheck shell=sh disable=SC2034,SC2154

# which_atlas: set address, the options that give Atlas the database's address: the
# engine takes the name of a variable, the vendor's binary a file that names one.
# Which of them the layer holds is asked once in a sandbox.
which_atlas() {
	local mark
	mark=${MIGRATION_ENGINE:-$work/engine}
	[ -e "$mark" ] || case $("$atlas" version 2>/dev/null) in
	'atlas engine '*) : >"$mark" ;;
	*)
		address='--config file://atlas.hcl --env lambda'
		return 0
		;;
	esac
	address='--url env:ATLAS_URL' around=ask
}

# Host, database, user and password go by the names the driver reads, and what
# the session starts with by the address: nothing of it is in an argument.
connection() {
	left "$stop"
	clamp $((left / 2000)) 1 10
	export PGHOST="$host" PGPORT="$port" PGDATABASE="$name" PGAPPNAME=atlas-make \
		PGCONNECT_TIMEOUT="$clamped" SSL_CERT_DIR="$PWD/certs" HOME="$work" \
		ATLAS_NO_UPDATE_NOTIFIER=1 ATLAS_NO_UPGRADE_SUGGESTIONS=1
}

# start_atlas ARG...: run Atlas for $secs seconds at most. The signal must reach it
# once, for a second one kills: hence --foreground, which spares the process group.
#
# A task is stopped by TERM, for which a shell runs its trap only while it waits for a
# background process; and such a process ignores INT.
start_atlas() {
	local rc=0
	if [ -z "${MIGRATION_TASK-}" ]; then
		# shellcheck disable=SC2086 # words
		timeout --foreground -s TERM -k "$grace" "$secs" "$atlas" migrate "$@" --revisions-schema "$revisions" \
			$address >"$work/out" 2>"$work/err" </dev/null
		return
	fi
	case $1/$address in apply/--url*) set -- "$@" --progress 4 ;; esac
	# shellcheck disable=SC2086 # words
	timeout --foreground -s TERM -k "$grace" "$secs" "$atlas" migrate "$@" --revisions-schema "$revisions" \
		$address 4>&2 >"$work/out" 2>"$work/err" </dev/null &
	running=$!
	while :; do
		rc=0
		wait "$running" || rc=$?
		# Woken by a signal, it has not ended.
		kill -0 "$running" 2>/dev/null || break
	done
	running=''
	return "$rc"
}

# told_to_stop: the trap of a task: Atlas is cancelled, and after that only the
# revisions are read once more.
told_to_stop() {
	stopped=yes
	now_ms
	stop=$now asked=$((now + 10000))
	[ -z "$running" ] || kill -TERM "$running" 2>/dev/null || :
}

# run_atlas UNTIL LOCK-TIMEOUT ARG...: $work/out and err; returns Atlas's exit
# code, 124 when it was stopped.
run_atlas() {
	local until lock rc
	until=$1 lock=$2
	shift 2
	while :; do
		DB_SETTINGS=${schema:+&search_path=$schema}
		[ -n "$no_settings" ] || DB_SETTINGS=$DB_SETTINGS${lock:+&lock_timeout=$lock}
		export DB_SETTINGS ATLAS_URL="postgres:///?sslmode=verify-full$DB_SETTINGS"
		left "$until"
		seconds "$left"
		rc=0
		start_atlas "$@" || rc=$?
		[ "$rc" -ne 0 ] && [ -z "$no_settings" ] && [ -n "$lock" ] && refused_settings "$work/err" || return "$rc"
		no_settings=yes
		log WARN 'the proxy takes no lock_timeout: going on without'
	done
}

# refused_settings FILE: a proxy (RDS Proxy, PgBouncer) took no settings when
# the session began.
refused_settings() {
	contains 'unsupported startup parameter' "$1" ||
		contains 'Feature not supported: RDS Proxy' "$1"
}

# What Atlas reports, a line each: the revisions, as mstate reads them, and the files
# that it would run; the first time also the rows that look_around needs, such as the
# session's lock_timeout.
status() {
	local until lock rc
	until=$1 lock='' rc=0
	set -- "$1" ${2:+--dir "file://$2"}
	[ "$around" != ask ] || {
		around_sql
		set -- "$@" --then "$work/around.sql"
		lock=$lock_timeout
	}
	shift
	run_atlas "$until" "$lock" status "$@" --format '{{ range .Applied }}{{ if ne .Version ".atlas_cloud_identifier" }}row/	{{ .Version }}	{{ .Description }}	{{ printf "%d" .Type }}	{{ .Applied }}	{{ .Total }}	{{ len .PartialHashes }}	{{ .Hash }}	{{ .ExecutedAt.UTC.Format "2006-01-02 15:04:05" }}	{{ printf "%q" .Error }}	{{ printf "%q" .ErrorStmt }}{{ "\n" }}{{ end }}{{ end }}{{ range .Pending }}todo/{{ .Name }}{{ "\n" }}{{ end }}' || rc=$?
	[ "$rc" -eq 0 ] || return "$rc"
	[ "$around" != ask ] || {
		tail -n 5 "$work/out" >"$work/around"
		around=told
	}
}

# revisions UNTIL: write them to $work/out; unmanaged is yes where Atlas reports
# tables without a record of migrations, which it does not do each time (see
# never_managed). Atlas refuses to report a partial revision whose file is not in the
# directory: then it is asked with a stand-in file of that version.
revisions() {
	local v f rc
	unmanaged=no rc=0
	status "$1" || rc=$?
	[ "$rc" -ne 0 ] || return 0
	if contains 'is not clean' "$work/err"; then
		unmanaged=yes
		cp "$work/err" "$work/apply.err"
		for f in migrations/.*.sql migrations/*.sql; do
			[ ! -f "$f" ] || printf 'todo/%s\n' "${f##*/}"
		done >"$work/out"
		return 0
	fi
	case $(cat "$work/err") in
	*'missing migration: revision "'*) v=$(cat "$work/err"); v=${v#*missing migration: revision \"} ;;
	*'migration file with version "'*) v=$(cat "$work/err"); v=${v#*migration file with version \"} ;;
	*) return "$rc" ;;
	esac
	v=${v%%\"*}
	case $v in
	'' | */*) return 1 ;;
	*' ('*) v=${v%% (*} ;;
	esac
	rm -rf "$work/stub"
	mkdir "$work/stub"
	echo '-- stands for a file of a later package' >"$work/stub/$v.sql"
	mhash -w "$work/stub" && status "$1" "$work/stub"
}

# never_managed: whether Atlas refused to apply, for the tables in the database.
never_managed() {
	[ -z "$baseline_now" ] && [ "$recorded" -eq 0 ] &&
		contains 'is not clean' "$work/apply.err" && contains 'baseline' "$work/apply.err"
}

# look UNTIL: what is in the database now, compared with the package. Tried
# again as retry.sh has it. Returns 1 with the cause in $work/cause.
look() {
	local until rc_look
	while :; do
		if login; then
			connection
			now_ms
			# An Atlas that hangs does not get all of the time.
			until=$((now + ($1 - now) / 3))
			[ "$until" -ge $((now + 4000)) ] || until=$((now + 4000))
			[ "$until" -le $((now + 20000)) ] || until=$((now + 20000))
			[ "$until" -le "$1" ] || until=$1
			rc_look=0
			revisions "$until" || rc_look=$?
			[ "$rc_look" -ne 0 ] || {
				compare
				return
			}
			atlas_says "$work/err" >"$work/cause"
			[ -s "$work/cause" ] && [ "$rc_look" -lt 124 ] || echo 'context deadline exceeded: the database does not answer' >"$work/cause"
		fi
		classify "$work/cause"
		again 'reading what is in the database' || return 1
	done
}

# outside: write the names of the files with atlas:txmode none to $work/outside. All
# files are searched at once: there may be a thousand of them.
outside() {
	set -- migrations/.*.sql migrations/*.sql
	[ -f "$1" ] || shift
	grep -lF -e 'atlas:txmode none' -- "$@" >"$work/outside" 2>/dev/null
}

# concurrent FILE: whether the file runs outside a transaction, and waits for other
# sessions' transactions to end, as CREATE INDEX CONCURRENTLY does.
concurrent() {
	[ -s "$work/outside" ] && grep -qxF -e "migrations/$1" -- "$work/outside" && grep -qi concurrently "migrations/$1"
}

# apply: what $work/todo lists, in runs of files that take the same
# lock_timeout. Returns Atlas's exit code; $work/apply.out and apply.err hold
# what the last run said, and $applied counts the files.
apply() {
	local file kind last n baselined wait
	last='' n=0 baselined=''
	: >"$work/runs"
	outside
	while IFS= read -r file; do
		kind=plain
		! concurrent "$file" || kind=concurrent
		if [ "$kind" != "$last" ]; then
			[ "$n" -eq 0 ] || echo "$last $n" >>"$work/runs"
			last=$kind n=0
		fi
		n=$((n + 1))
	done <"$work/todo"
	[ "$n" -eq 0 ] || echo "$last $n" >>"$work/runs"
	# A baseline and nothing after it is a run, too.
	[ -s "$work/runs" ] || echo 'plain 1' >"$work/runs"
	while read -r kind n <&3; do
		lock=$lock_timeout
		[ "$kind" = plain ] || lock=0 ran_concurrent=yes
		set -- "$n"
		! mark_record || set -- "$n" --then "$work/mark.sql"
		[ -n "$baselined" ] || case $baseline_now in
		'') ;;
		none) set -- "$@" --allow-dirty ;;
		*) set -- "$@" --baseline "$baseline_now" ;;
		esac
		baselined=yes
		# Atlas waits for another deploy's lock, and is started again while there
		# is time. It tries the lock every other second, and obeys no signal between.
		left "$stop"
		wait=$((left * 3 / 4))
		[ $((left - wait)) -ge 3000 ] || wait=$((left / 3))
		# In a task the run before may have taken longer than a token is good.
		login || {
			cp "$work/cause" "$work/apply.err"
			: >"$work/apply.out"
			return 2
		}
		rc=0
		run_atlas "$stop" "$lock" apply "$@" --exec-order "$exec_order" --lock-timeout "${wait}ms" \
			--format '{{ json . }}{{ "\n" }}{{ range .Applied }}{{ if .Error }}{{ "\n" }}failed {{ .Name }}{{ "\n" }}cause {{ .Error.Text }}{{ "\n" }}statement {{ printf "%.4000q" .Error.Stmt }}{{ "\n" }}{{ else }}applied {{ .Name }}{{ "\n" }}{{ end }}{{ end }}' || rc=$?
		mv "$work/out" "$work/apply.out"
		mv "$work/err" "$work/apply.err"
		# Not by read: the JSON is a line with all of the SQL in it, and dash
		# takes a system call for each byte of it.
		if [ "$rc" -lt 124 ] || [ -s "$work/apply.out" ]; then
			n=$(grep -c '^applied .*\.sql$' "$work/apply.out") || :
			applied=$((applied + n))
			echo "$applied" >"$work/applied"
		else
			# Atlas was killed before it could report.
			applied_known=no
		fi
		[ "$rc" -eq 0 ] || return "$rc"
	done 3<"$work/runs"
}

# failure: the cause of a failed apply in Atlas's own words, into $work/cause,
# without the statement and without what the migrations themselves hold.
failure() {
	local line on
	on=no
	: >"$work/cause"
	grep -A 20 '^cause ' "$work/apply.out" >"$work/cause.out" 2>/dev/null || :
	while IFS= read -r line || [ -n "$line" ]; do
		case $line in 'applied '* | 'failed '* | 'statement '*) break ;; esac
		printf '%s\n' "${line#cause }"
	done <"$work/cause.out" >"$work/cause"
	[ -s "$work/cause" ] || atlas_says "$work/apply.err" >"$work/cause"
}

# atlas_says FILE: print Atlas's own words without its advertisement.
atlas_says() {
	local says
	while IFS= read -r says || [ -n "$says" ]; do
		case $says in
		"You're running the community build"*) break ;;
		'') continue ;;
		'Error: '*) says=${says#Error: } ;;
		esac
		printf '%s\n' "${says#sql/migrate: }"
	done <"$1"
}
