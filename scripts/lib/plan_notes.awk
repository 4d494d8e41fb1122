# plan_notes.awk - a migration with what its statements did, beside them.
#
# variables: notes    a file: file, line and words between tabs, see watchlint(1)
#            first    which line of the file comes in first
#            colour   1 on a terminal
# environment: NOTES_OF   the file's name in notes

function painted(words) {
	if (colour == "") return "-- " words
	if (words ~ /rewrite|index build|scan|gone|fails/) return "\033[31m-- " words "\033[0m"
	if (words ~ /EXCLUSIVE/) return "\033[33m-- " words "\033[0m"
	return "\033[2m-- " words "\033[0m"
}

BEGIN {
	FS = "\t"
	while ((getline line < notes) > 0) {
		split(line, part, "\t")
		if (part[1] != ENVIRON["NOTES_OF"]) continue
		if (part[2] in words) words[part[2]] = words[part[2]] " | " part[3]
		else words[part[2]] = part[3]
	}
	width = 0
}
{
	text[NR] = $0
	at = NR + first - 1
	if (at in words && length($0) <= 72 && length($0) > width) width = length($0)
}
END {
	for (i = 1; i <= NR; i++) {
		at = i + first - 1
		if (!(at in words)) {
			print text[i]
			continue
		}
		end = sub(/\r$/, "", text[i]) ? "\r" : ""
		printf "%-" width "s  %s%s\n", text[i], painted(words[at]), end
	}
}
