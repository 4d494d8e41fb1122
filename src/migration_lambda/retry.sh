# retry.sh - sourced by handler.sh: which failures are tried again, and how long.
# shellcheck shell=sh disable=SC2034,SC2154

# The one table, which docs/deploy.md repeats: a kind of failure, the seconds it
# is tried again at most (0: while there is time), and the words by which it is
# known, in small letters: SQLSTATEs (=), and the texts of drivers that write none.
# The first line that fits decides. Why each is safe to repeat:
#
#   refused silent dns busy starting  no session began: nothing was run
#   login secrets  the same; the secret is read and the token made again each time
#   read-only  the statement was refused: nothing was changed. A failover ends;
#              a reader's endpoint does not, hence the limit
#   migrating  another deploy holds the lock on the migrations: nothing was run
#   lock deadlock  the statement was rolled back, and with it its file
#   lost       a file in a transaction was rolled back, or is in as a whole; the
#              revisions, read first, show which. A file outside one may have
#              done more than they show: that is not repeated (see may_repeat)
retry_table() {
	cat <<-'END'
		login 60 password authentication failed
		login 60 pam authentication failed
		login 60 =28p01
		secrets 60 secrets manager cannot be reached
		secrets 60 (http 5
		secrets 60 (http 429)
		secrets 60 throttlingexception
		secrets 60 accessdenied
		secrets 60 the key of the role cannot be had
		starting 0 =57p03
		starting 0 the database system is
		starting 0 cannot connect now
		busy 0 =53300
		busy 0 too many clients
		busy 0 too many connections
		busy 0 remaining connection slots
		busy 0 no more connections allowed
		migrating 0 acquiring database lock
		lock 0 =55p03
		lock 0 due to lock timeout
		lock 0 could not obtain lock on
		deadlock 0 =40p01
		deadlock 0 deadlock detected
		deadlock 0 =40001
		deadlock 0 could not serialize access
		dns 60 resolving error: lookup
		dns 60 tcp: lookup
		read-only 180 =25006
		read-only 180 in a read-only transaction
		read-only 180 read-write mode during recovery
		refused 0 connection refused
		refused 0 no route to host
		refused 0 network is unreachable
		refused 0 host is unreachable
		lost 0 read: connection timed out
		lost 0 write: connection timed out
		silent 0 connection timed out
		silent 0 i/o timeout
		silent 0 context deadline exceeded
		silent 0 tls handshake timeout
		dns 60 no such host
		dns 60 server misbehaving
		dns 60 name resolution
		lost 0 =57p01
		lost 0 =57p02
		lost 0 terminating connection
		lost 0 bad connection
		lost 0 connection reset by peer
		lost 0 broken pipe
		lost 0 unexpected eof
		lost 0 conn closed
		lost 0 closed the connection
		lost 0 =08000
		lost 0 =08001
		lost 0 =08003
		lost 0 =08004
		lost 0 =08006
		lost 0 use of closed network connection
		lost 0 : eof
	END
}

# classify FILE: set class to the kind of failure that the text in FILE reports, and
# limit to its seconds; class is empty where the table has none that fits.
classify() {
	local text kind seconds words
	text=$(tr 'A-Z\n\t' 'a-z  ' <"$1")
	while read -r kind seconds words; do
		case $words in
		=*) case $text in *"sqlstate ${words#=}"* | *"(${words#=})"*) ;; *) continue ;; esac ;;
		*) case $text in *"$words"*) ;; *) continue ;; esac ;;
		esac
		class=$kind limit=$seconds
		# No session began.
		case $class/$text in lost/'connecting: '*) class=refused ;; esac
		# A password in the function's own settings does not change.
		[ "$class/$auth" != login/password ] || class=''
		return 0
	done <<-END
		$(retry_table)
	END
	class='' limit=0
	case $text in eof*) class=lost ;; esac
}

# forget: the next step starts with no failures counted.
forget() { pause=250 tries=0 tried=0 failing='' failing_since=0; }

# again WHAT: after a failure of $class, whether to try again; waits the pause,
# if so. Each pause is twice as long as the one before, 15 seconds at most, and
# the last one ends a second before $stop.
again() {
	local room
	now_ms
	[ -n "$class" ] || return 1
	if [ "$class" != "$failing" ]; then
		[ -n "$failing" ] || first_failed=$now
		failing=$class failing_since=$now
	fi
	tries=$((tries + 1))
	tried=$tries tried_until=$now
	[ "$limit" -eq 0 ] || [ $((now - failing_since)) -lt $((limit * 1000)) ] || return 1
	room=$((stop - now - 1000))
	[ "$room" -ge 100 ] || return 1
	[ "$pause" -le "$room" ] || pause=$room
	seconds "$pause"
	log WARN "$1 failed ($class): trying again in $secs s" "\"cause\":\"$class\",\"try\":$tries,\"remainingMs\":$((stop - now))"
	sleep "$secs"
	pause=$((pause * 2))
	[ "$pause" -le 15000 ] || pause=15000
}

# may_repeat: whether running the migrations again after $class runs no statement
# twice, by the revisions just read: a file outside a transaction that lost its
# session may be further than its revision shows.
may_repeat() { [ "$class" != lost ] || [ -z "$partial_here" ]; }
