/*
 * pgsplit.c - random texts, split by sqltext.c and by PostgreSQL's scanner.
 *
 *	pgsplit COUNT [SEED]
 *
 * Prints how many were compared, and each text on which the two differ.
 * Exit 0 none, 1 some.
 */
#include <stdint.h>
#include <stdio.h>

#include "pgsplit.h"
#include "sqltext.h"

static const char *const parts[] = {"'", "''", "E'", "e'", "U&'", "B'", "x'", "N'", "\"",
    "\"\"", "U&\"", "$$", "$a$", "$b$", "$1", "$", "--", "-- x\n", "/*", "*/", "/* c */",
    "\n", "\r", " ", "\t", "\f", ";", ";", ";", "(", ")", "a", "ae", "E", "SELECT ", "1",
    "1.5", "1e5", "\\", "\\'", "a$b$", "+", "-", "*", "/", "'x'", "\n 'y'", "\xc3\xa4",
    "@", "::", "CREATE ", "FUNCTION ", "CASE ", "END ", "_", "B", "X", "U&", "&", "|", "#",
    "=", "<", ","};

static uint64_t state = 88172645463325252;

static size_t
random_below(size_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (size_t)(state >> 20) % n;
}

static int
has_dashes(const char *p, size_t i, size_t n)
{
	for (; i + 1 < n; i++)
		if (p[i] == '-' && p[i + 1] == '-')
			return 1;
	return 0;
}

static int
comparable(const char *p, size_t n)
{
	struct sql_token t;
	size_t depth = 0, i;

	for (i = 0;; i = t.to) {
		sql_token(p, n, i, &t);
		if (t.type == SQL_END)
			return 1;
		if (t.type == SQL_STRING && (p[t.from] == 'E' || p[t.from] == 'e') &&
		    has_dashes(p, t.from, t.to))
			return 0;
		if (t.type != SQL_OP)
			continue;
		if (p[t.from] == '\\' || (p[t.from] == ')' && depth == 0))
			return 0;
		depth += p[t.from] == '(';
		depth -= p[t.from] == ')';
	}
}

int
main(int argc, char *argv[])
{
	char p[512];
	struct pgsplit ours[128];
	struct sql_text t;
	struct sql_stmt s;
	unsigned long i, count = argc > 1 ? strtoul(argv[1], NULL, 10) : 0, compared = 0;
	size_t n, k, m, len, differ = 0;
	const char *why;

	util_tool = "pgsplit";
	if (argc > 2)
		state ^= strtoull(argv[2], NULL, 10) * 2654435761u;
	for (i = 0; i < count; i++) {
		n = 0;
		for (k = random_below(24) + 1; k > 0; k--) {
			why = parts[random_below(sizeof parts / sizeof parts[0])];
			len = strlen(why);
			memcpy(p + n, why, len);
			n += len;
		}
		p[n] = '\0';
		if (!comparable(p, n))
			continue;
		compared++;
		xsql_open(&t, p, n, 0);
		for (m = 0; xsql_next(&t, &s); m++) {
			ours[m].start = s.start;
			ours[m].end = s.end;
		}
		/* A parenthesis is for PostgreSQL's grammar, which is not asked. */
		if (t.why != NULL && strstr(t.why, "parenthesis") != NULL)
			why = NULL;
		else
			why = pgsplit_differs(p, ours, m, t.why != NULL);
		sql_close(&t);
		if (why != NULL) {
			differ++;
			printf("%s: [%s]\n", why, p);
		}
	}
	printf("%lu texts, %lu compared, %zu differ\n", count, compared, differ);
	return differ != 0;
}
