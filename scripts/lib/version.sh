# version.sh - sourced: migration versions, by Atlas's rule: the file's name
# without .sql, up to its first _. So 1.0.0_a.sql is version 1.0.0.
#
# written by both: version

# shellcheck shell=sh

# version_of FILE: set version.
version_of() {
	version=${1##*/}
	version=${version%.sql}
	version=${version%%_*}
}

# next_version V: print the version one second after V, a UTC time written
# YYYYMMDDHHMMSS; a plain number one up. Fails where V is no number. (A day's
# last second goes on to 24:00:00: versions are compared, not read as times.)
next_version() {
	awk -v v="$1" 'BEGIN {
		if (v !~ /^[0-9]+$/) exit 1
		if (length(v) != 14) { printf "%0" length(v) ".0f\n", v + 1; exit }
		s = substr(v, 13) + 1; m = substr(v, 11, 2) + 0; h = substr(v, 9, 2) + 0
		if (s > 59) { s = 0; m++ }
		if (m > 59) { m = 0; h++ }
		printf "%s%02d%02d%02d\n", substr(v, 1, 8), h, m, s
	}'
}

# newest_of: the greatest version among the names on stdin, by bytes.
newest_of() { sed 's/\.sql$//; s/_.*//' | LC_ALL=C sort | tail -n 1; }

# not_after A B: A sorts at or before B, by bytes.
not_after() {
	# Two times: without a fork.
	case $1$2 in
	*[!0-9]* | '') ;;
	*) if [ "${#1}" -eq "${#2}" ] && [ "${#1}" -le 18 ]; then
		[ "$1" -le "$2" ]
		return
	fi ;;
	esac
	[ "$1" = "$2" ] || [ "$(printf '%s\n%s\n' "$1" "$2" | LC_ALL=C sort | head -n 1)" = "$1" ]
}
