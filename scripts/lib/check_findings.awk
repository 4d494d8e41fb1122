# check_findings.awk - what the check itself found, as findings for atlasjson.
#
# input:  CODE, WHERE, WHAT, FIX, with tabs between; WHERE is a file, with
#         :LINE:COLUMN, :LINE or without
# output: an array the way squawk writes it
#
# Goes with lib/finding.awk.

BEGIN { FS = "\t" }
{
	file = $2; line = -1; column = 0
	if (file ~ /:[0-9]+(:[0-9]+)?$/) {
		n = split(file, part, ":")
		if (part[n - 1] ~ /^[0-9]+$/) { line = part[n - 1] - 1; column = part[n] - 1 }
		else line = part[n] - 1
		sub(/:[0-9]+(:[0-9]+)?$/, "", file)
	}
	printf "%s%s", NR == 1 ? "[" : ",", finding(file, line, column, $1, $3, $4)
}
END { if (NR) print "]" }
