# picture.awk - the ratios of report.md's table as bars; 1 is the peer.
# Logarithmic: each line to the left is ten times less.
BEGIN { FS = " *[|] *" }
/^[|] / && $NF == "" && $(NF - 1) + 0 > 0 {
	n++
	sub(/ [(].*/, "", $3)
	what[n] = $2 ", beside " $4; ratio[n] = $(NF - 1) + 0
	text[n] = $3 " : " $5
}
function esc(s) { gsub(/&/, "\\&amp;", s); gsub(/</, "\\&lt;", s); return s }
function x(r) { return 590 + (log(r) - log(0.001)) / log(10) * 90 }
END {
	h = 30 + n * 22
	printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 980 %d\" font-family=\"sans-serif\" font-size=\"11\">\n", h + 20
	printf "<rect width=\"980\" height=\"%d\" fill=\"white\"/>\n", h + 20
	for (e = -3; e <= 0; e++)
		printf "<path d=\"M%.1f,20V%d\" stroke=\"%s\"/><text x=\"%.1f\" y=\"14\" text-anchor=\"middle\">%s</text>\n", x(10 ^ e), h, e ? "#ddd" : "#888", x(10 ^ e), e ? "1/" 10 ^ -e : "peer = 1"
	for (i = 1; i <= n; i++) {
		y = 10 + i * 22
		w = ratio[i] > 0.001 ? x(ratio[i]) - x(0.001) : 1
		printf "<text x=\"582\" y=\"%d\" text-anchor=\"end\">%s</text><rect x=\"590\" y=\"%d\" width=\"%.1f\" height=\"14\" fill=\"%s\"/><text x=\"%.1f\" y=\"%d\">%s</text>\n", y + 11, esc(what[i]), y, w, ratio[i] < 1 ? "#2a8a4a" : "#c0a060", 594 + w, y + 11, ratio[i]
	}
	print "</svg>"
}
