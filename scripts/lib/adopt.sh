# adopt.sh - sourced by adopt.sh: what is written for what look.sh found.
#
#   adopt_where FROM   set root and kit: the repository that FROM lies in, and the
#                      kit's place in it; go there. Or die
#   propose FILE       stdin is to be FILE, unless there is one: into $new/FILE, and its
#                      name into $tmp/names; return 1 when there is one
#   by_hand TEXT       a line that goes into a file which is there: into $tmp/hand
#   adopt_write        what $tmp/names has is put into the repository
#   project_file       print atlas-make.mk
#   ci_file FILE       print the kit's FILE for a CI system, as this repository wants it
#   migrations_of SCHEMA
#                      set place: where SCHEMA's migrations go
#
# written by both: root kit place

# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # what is set here, and what look.sh and the caller set

adopt_where() {
	kit=$(cd "$kit" && pwd -P)
	root=$(cd "$1" && git rev-parse --show-superproject-working-tree --show-toplevel 2>/dev/null | sed -n 1p) || root=''
	[ -n "$root" ] || (cd "$1" && git_trusts) || exit 2
	[ -n "$root" ] || die "no git repository at $1; fix: go into yours, and call this by its path from there"
	root=$(cd "$root" && pwd -P)
	[ "$root" != "$kit" ] || die "this is the kit's own repository, and needs nothing: make check-migrations; to use it in another: put it there first (docs/existing-repository.md)"
	case $kit in
	"$root"/*) kit=${kit#"$root"/} ;;
	*) die "the kit lies at $kit, outside of $root; fix: put it inside (docs/existing-repository.md): git submodule add, git subtree add, or a copy, at tools/atlas-make" ;;
	esac
	case $kit in
	*[!A-Za-z0-9._/-]*) die "the kit lies at '$kit': make wants a path of letters, digits, ., _ and -; fix: git mv it to tools/atlas-make" ;;
	esac
	cd "$root" || exit 2
}

propose() {
	if [ -e "$1" ]; then
		cat >/dev/null
		return 1
	fi
	case $1 in */*) mkdir -p "$new/${1%/*}" ;; esac
	cat >"$new/$1"
	printf '%s\n' "$1" >>"$tmp/names"
}
adopt_write() {
	local f
	trap '' INT TERM HUP
	while IFS= read -r f; do
		case $f in */*) mkdir -p "${f%/*}" || die "cannot make ${f%/*}" ;; esac
		cp "$new/$f" "$f" || die "cannot write $f"
	done <"$tmp/names"
	catch_signals
}
by_hand() { printf '%s\n' "$*" >>"$tmp/hand"; }

# Atlas's directory that is there already, else a new one, and not another tool's.
migrations_of() {
	local d near='db/'
	if [ -f "$1" ]; then
		case $1 in */*) near=${1%/*}/ ;; *) near='' ;; esac
	fi
	if [ -n "$migrations" ] && [ "$(printf '%s\n' "$schema$nl$migrations" | count)" -le 2 ]; then
		place=$migrations
		return 0
	fi
	while IFS= read -r d; do
		case $d in '') ;; "$near"*) place=$d && return 0 ;; esac
	done <<-END
		$migrations
	END
	for d in "${near}migrations" "${near}atlas-migrations"; do
		place=$d
		case "$nl$others" in *"$TAB$d$nl"*) ;; *) return 0 ;; esac
	done
}
# databases: print NAME<tab>SCHEMA for each, NAME that of the service's directory; with
# those above it where two services have the same.
databases() {
	printf '%s\n' "$schema" | awk -F / '
		function plain(s) { gsub(/[^A-Za-z0-9_]/, "_", s); return s }
		{
			for (n = NF - 1; n > 1 && $n ~ /^(db|database|sql|schema|src|prisma|migrations)$/;) n--
			long = $1
			for (i = 2; i <= n; i++) long = long "_" $i
			line[NR] = $0
			all[NR] = plain(long)
			last[NR] = plain(n ? $n : $1)
			seen[last[NR]]++
		}
		END {
			for (i = 1; i <= NR; i++) {
				name = seen[last[i]] > 1 ? all[i] : last[i]
				for (n = 2; name in used; n++) name = all[i] "_" n
				used[name] = 1
				print name "\t" line[i]
			}
		}'
}
project_file() {
	local s name
	cat <<-END
		# atlas-make.mk - this project: what its schema is made from, and where its
		# migrations are. It is committed, so that everyone and CI look at the same.
		# All knobs: $kit/mk/config.mk
		#
		# SCHEMA is a file of SQL, a directory of such files, or a command that prints SQL:
		#   SCHEMA = $kit/scripts/load_models.py app.models
	END
	if [ "$(printf '%s\n' "$schema" | count)" -gt 1 ]; then
		databases >"$tmp/databases"
		printf '%s\n' '# Several databases: make check-migrations checks all, DB=name one.' \
			"DATABASES = $(awk -F '\t' '{ printf "%s%s", sep, $1; sep = " " }' "$tmp/databases")"
		while IFS=$TAB read -r name s; do
			migrations_of "$s"
			printf '%s\n' '' "$name.SCHEMA = $s" "$name.MIGRATIONS = $place"
		done <"$tmp/databases"
	else
		migrations_of "$schema"
		printf '%s\n' "SCHEMA = $schema" ${packages:+"$packages"} "MIGRATIONS = $place"
	fi
	printf '%s\n' '' '# Where MigrationHash stands, the line that makes a deploy migrate; empty: nowhere.' "TEMPLATE = $template"
	[ -z "$pointer" ] || printf '%s\n' "MIGRATION_HASH_POINTER = $pointer"
	printf '%s\n' '# The major version that production runs.' "PG_MAJOR = ${major:-$(sed -n 's/^PG_MAJOR ?= //p' "$kit/mk/config.mk")}"
}

# The kit's file is written for a clone of the template: here its files lie elsewhere,
# and in a submodule CI has to fetch it.
ci_file() {
	sed -E -e "s#'(mk/config.mk|requirements.txt|scripts/[^']*)'#'$kit/\1'#g" \
		-e "s#^( *- )(requirements.txt|mk/config.mk)\$#\1$kit/\2#" "$kit/$1" |
		if [ -f "$kit/.git" ]; then
			sed -e 's|^\( *\)fetch-depth: 0$|&\
\1submodules: true|' -e 's|^\( *\)GIT_DEPTH: "0"$|&\
\1GIT_SUBMODULE_STRATEGY: normal|'
		else
			cat
		fi
}
