# check_findings.awk - what the check itself found, as findings for atlasjson.
#
# input:  WHERE, TAB, WHAT, TAB, REMEDY; WHERE is a file, with :LINE:COLUMN or
#         without, or the knob SCHEMA with its value
# output: an array the way squawk writes it
#
# Goes with lib/finding.awk.

BEGIN { FS = "\t" }
{
	file = $1; line = -1; column = 0; what = $2
	sub(/(; to catch up.*)?:$/, "", what)
	if (file ~ /:[0-9]+(:[0-9]+)?$/) {
		n = split(file, part, ":")
		if (part[n - 1] ~ /^[0-9]+$/) { line = part[n - 1] - 1; column = part[n] - 1 }
		else line = part[n] - 1
		sub(/:[0-9]+(:[0-9]+)?$/, "", file)
	}
	if (file ~ /^SCHEMA /) { what = file ": " what; file = "" }
	printf "%s%s", NR == 1 ? "[" : ",", finding(file, line, column, "check", what, $3)
}
END { if (NR) print "]" }
