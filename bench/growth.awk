# growth.awk - growth.tsv as a picture, both axes logarithmic.
#
# usage: awk -f growth.awk -v what=WHAT-GROWS FILE
function x(n) { return 60 + (log(n) - log(10)) / log(10) * 170 }
function y(s) { return 330 - (log(s) - log(0.001)) / log(10) * 50 }
function line(k, colour, label, down,    i, d, last) {
	d = ""
	for (i = 1; i <= rows; i++)
		if (v[i, k] != "-") {
			d = d sprintf("%s%.1f,%.1f", d == "" ? "M" : "L", x(v[i, 1]), y(v[i, k]))
			last = i
		}
	printf "<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>\n", d, colour
	printf "<text x=\"%.1f\" y=\"%.1f\" fill=\"%s\">%s</text>\n", x(v[last, 1]) + 6, y(v[last, k]) + 4 + down, colour, label
}
BEGIN { FS = "\t" }
{ rows++; for (i = 1; i <= NF; i++) v[rows, i] = $i }
END {
	print "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 780 370\" font-family=\"sans-serif\" font-size=\"12\">"
	print "<rect width=\"780\" height=\"370\" fill=\"white\"/>"
	for (e = -3; e <= 3; e++) {
		s = 10 ^ e
		printf "<path d=\"M60,%.1fH570\" stroke=\"#ddd\"/><text x=\"52\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n", y(s), y(s) + 4, s < 1 ? s * 1000 " ms" : s " s"
	}
	for (n = 10; n <= 10000; n *= 10)
		printf "<text x=\"%.1f\" y=\"348\" text-anchor=\"middle\">%d</text>\n", x(n), n
	print "<text x=\"315\" y=\"364\" text-anchor=\"middle\">" what "</text>"
	line(4, "#999999", "lint and diff, side by side", -8)
	line(3, "#1f5fa8", "check, one new migration")
	line(6, "#c0a060", "atlas migrate hash")
	line(5, "#2a8a4a", "mhash", 8)
	line(2, "#a83a2a", "nothing changed", -2)
	print "</svg>"
}
