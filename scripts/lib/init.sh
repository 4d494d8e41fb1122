# init.sh - sourced by unchanged.sh and pgserver.sh: what the file DEV_DB_INIT is made of.
#
#   init_files   print its name, and those of the files that it includes, as psql finds
#                them, each once; those are read that are there

# shellcheck shell=sh

init_files() {
	awk -v name="$DEV_DB_INIT" '
		function look(file, line, from, rc) {
			if (file in seen) return
			seen[file] = 1
			print file
			while ((rc = (getline line < file)) > 0) {
				if (line !~ /^[ \t]*\\(i|ir|include|include_relative)[ \t]/) continue
				from = ""
				if (line ~ /^[ \t]*\\(ir|include_relative)[ \t]/ && file ~ /\//) {
					from = file
					sub(/[^\/]*$/, "", from)
				}
				sub(/^[ \t]*\\[a-z_]+[ \t]+/, "", line)
				sub(/[ \t\r;]*$/, "", line)
				if (line ~ quoted) line = substr(line, 2, length(line) - 2)
				look((line ~ /^\// ? "" : from) line)
			}
			close(file)
		}
		BEGIN {
			quoted = "^[\047\"].*[\047\"]$"
			look(name)
		}' </dev/null
}
