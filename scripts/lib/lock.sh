# lock.sh - sourced: one at a time.
#
#   take_lock        one writer of migrations: or die
#   wait_lock NAME   one at a time may make NAME: wait for the other

# shellcheck shell=sh
# shellcheck disable=SC2154 # cache is common.sh's

# alive PID: it runs, whoever's it is: of another user's, kill says no, and of
# one that is dead but not yet buried, yes.
alive() {
	if [ -r "/proc/$1/stat" ]; then
		IFS= read -r stat <"/proc/$1/stat" || return 1
		case ${stat##*) } in
		[ZX]*) return 1 ;;
		*) return 0 ;;
		esac
	fi
	kill -0 "$1" 2>/dev/null || ps -p "$1" >/dev/null 2>&1
}

# hold LOCK: take it, or return 1 and set owner, who has it. A symbolic link is
# made in one step with its content, the owner's number. One whose owner is
# gone is taken over.
hold() {
	tries=0
	until ln -s "$$" "$1" 2>/dev/null; do
		tries=$((tries + 1))
		[ "$tries" -le 50 ] || die "$1: cannot be made: is $cache writable, and the disk not full?"
		owner=$(readlink "$1" 2>/dev/null) || continue
		case $owner in
		'' | *[!0-9]*) die "$1: not a lock of ours: remove it" ;;
		esac
		! alive "$owner" || return 1
		# One at a time takes over from this owner: between a look at the lock
		# and its removal it might have become another's.
		if ln -s "$$" "$1.$owner" 2>/dev/null; then
			[ "$(readlink "$1" 2>/dev/null)" != "$owner" ] || rm -f "$1"
			rm -f "$1.$owner"
		elif by=$(readlink "$1.$owner" 2>/dev/null) && ! alive "$by"; then
			die "$1: process $owner was killed, and so was $by when it took over: remove $1 and $1.$owner"
		fi
	done
	at_exit "rm -f '$1'"
}

# take_lock: what a writer, or a tool of one, that was killed had begun to write
# is removed.
take_lock() {
	lock=$cache/lock
	# Older versions had a directory of that name.
	[ -L "$lock" ] || [ ! -d "$lock" ] || rm -rf "$lock"
	hold "$lock" ||
		die "process $owner is changing the migrations now: wait for it, or remove $lock if that is something else"
	beside=.${TEMPLATE##*/}
	case $TEMPLATE in
	*/*) beside=${TEMPLATE%/*}/$beside ;;
	esac
	rm -f "$MIGRATIONS"/.*.sql.tmp "$MIGRATIONS"/.atlas.sum.tmp.?????? \
		"$beside".tmp.?????? "$TEMPLATE".new.*
}

wait_lock() {
	mkdir -p "$cache" || die "cannot make $cache"
	told=''
	until hold "$cache/lock.$1"; do
		[ -n "$told" ] || step_long "waiting for process $owner, which makes $1"
		told=1
		sleep 0.2
	done
}
