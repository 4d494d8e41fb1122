# lock.sh - sourced: one writer of migrations at a time.

# shellcheck shell=sh
# shellcheck disable=SC2154 # cache is common.sh's

# take_lock: or die. A lock whose owner is gone is taken over. A symbolic link
# is made in one step with its content, the owner's number.
take_lock() {
	lock=$cache/lock
	until ln -s "$$" "$lock" 2>/dev/null; do
		owner=$(readlink "$lock" 2>/dev/null) || continue
		if kill -0 "$owner" 2>/dev/null; then
			die "process $owner is changing the migrations now: wait for it, or remove $lock if that is something else"
		fi
		# Gone: whoever renames it away first may try again.
		mv "$lock" "$lock.$$" 2>/dev/null && rm -f "$lock.$$"
	done
	at_exit 'rm -f "$lock"'
}
