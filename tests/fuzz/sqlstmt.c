/*
 * sqlstmt.c - fuzz sqlstmt: the ranges fit together, the formats agree, and the
 * splitting is PostgreSQL's.
 *
 * input: a byte of options, then the file
 */
#include "fuzz.h"
#include "pgsplit.h"

#include <stdio.h>

const char *const target_tool = "sqlstmt";

#define MAX_STMTS 512

struct line {
	struct bytes column[14];
	size_t n;
};

static size_t
number(struct bytes b)
{
	char *end;
	size_t n = strtoul(b.p, &end, 10);

	must(b.n > 0 && end == b.p + b.n);
	return n;
}

static int
is(struct bytes b, const char *s)
{
	return b.n == strlen(s) && memcmp(b.p, s, b.n) == 0;
}

static void
split_line(struct bytes in, struct line *l)
{
	int more;

	l->n = 0;
	do {
		more = memchr(in.p, '\t', in.n) != NULL;
		must(l->n < 14);
		l->column[l->n++] = field(&in, '\t');
	} while (more);
}

static void
check_hex(struct bytes hex, struct bytes text)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	must(hex.n == 2 * text.n);
	for (i = 0; i < text.n; i++) {
		must(hex.p[2 * i] == digits[(unsigned char)text.p[i] >> 4]);
		must(hex.p[2 * i + 1] == digits[text.p[i] & 15]);
	}
}

/* Is that word in it, in capitals or not? */
static int
holds(struct bytes file, const char *word)
{
	size_t k, n = strlen(word);

	for (k = 0; k + n <= file.n; k++)
		if (strncasecmp(file.p + k, word, n) == 0)
			return 1;
	return 0;
}

/* Can libpg_query be asked? Then it must agree (see pgsplit.h). */
static int
comparable(struct bytes file, int psql_or_copy)
{
	static const char *const no[] = {"\\", ")", "ATOMIC", "atlas:delimiter", "\v"};
	size_t i;

	if (psql_or_copy || strlen(file.p) != file.n)
		return 0;
	for (i = 0; i < sizeof no / sizeof no[0]; i++)
		if (holds(file, no[i]))
			return 0;
	return file.n < 3 || memcmp(file.p, "\xef\xbb\xbf", 3) != 0;
}

void
target(struct bytes in)
{
	struct pgsplit ours[MAX_STMTS];
	struct bytes out, json, nul, row, texts = copy("", 0), text;
	struct line l;
	size_t n = 0, at = 0, end_line = 1, last = 0, rows, i, from, to;
	int code, odd = 0, psql;
	const char *p;

	if (in.n == 0)
		return;
	psql = *in.p++ & 1;
	in.n--;
	code = run(&out, in, psql ? "-tpx" : "-tx", NULL);
	must(run(&json, in, psql ? "-p" : "--", NULL) == code);
	must(run(&nul, in, psql ? "-p0" : "-0", NULL) == code);
	must(code == 0 || code == 1);
	if (code == 1) {
		must(out.n == 0 && json.n == 0 && nul.n == 0);
		/*
		 * A parenthesis is for PostgreSQL's grammar, which is not asked; what
		 * stands behind COPY ... FROM stdin is for psql.
		 */
		if (comparable(in, holds(in, "stdin")) && memchr(in.p, '(', in.n) == NULL)
			must(pgsplit_differs(in.p, ours, 0, 1) == NULL);
		return;
	}
	row = field(&out, '\n');
	split_line(row, &l);
	must(l.n == 10 && is(l.column[0], "file") && number(l.column[7]) == in.n);
	rows = number(l.column[8]);
	must(number(l.column[6]) <= in.n);
	while (out.n > 0) {
		row = field(&out, '\n');
		split_line(row, &l);
		if (is(l.column[0], "trouble")) {
			must(n == 0 && l.n == 4 && !psql);
			continue;
		}
		must(l.n == 14);
		odd |= !is(l.column[0], "sql");
		must(number(l.column[1]) == last || number(l.column[1]) == last + 1);
		last = number(l.column[1]);
		must(number(l.column[3]) >= end_line);
		end_line = number(l.column[4]);
		must(end_line >= number(l.column[3]));
		must(number(l.column[5]) == at);
		from = number(l.column[6]);
		to = number(l.column[7]);
		must(at <= from && from < to && to <= number(l.column[8]));
		at = number(l.column[8]);
		text = copy(in.p + from, to - from);
		check_hex(l.column[13], text);
		add(&texts, text.p, text.n);
		add(&texts, "", 1);
		if (n < MAX_STMTS) {
			ours[n].start = from;
			ours[n].end = to;
		}
		n++;
	}
	must(n == rows && equal(nul, texts));
	must(n == 0 || at == in.n);
	for (i = 0, p = json.p; (p = memchr(p, '\n', (size_t)(json.p + json.n - p))) != NULL;
	     p++)
		i++;
	must(i == n + 1);
	if (n <= MAX_STMTS && comparable(in, odd)) {
		p = pgsplit_differs(in.p, ours, n, 0);
		if (p != NULL)
			fprintf(stderr, "%s\n", p);
		must(p == NULL);
	}
}
