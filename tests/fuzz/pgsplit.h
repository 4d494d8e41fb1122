/*
 * pgsplit.h - compare the splitting of a text with PostgreSQL's own scanner, as
 * libpg_query (https://github.com/pganalyze/libpg_query) packs it.
 *
 * The library counts a statement only when a keyword is in it, and knows
 * nothing of psql: what has a backslash outside of quotes is not compared, nor
 * is BEGIN ATOMIC, COPY ... FROM stdin, or a ')' that closes nothing. To it a
 * comment ends a string, where PostgreSQL lets it go on after the comment: that
 * makes a difference to E'' only.
 */
#ifndef PGSPLIT_H
#define PGSPLIT_H

#include <stdlib.h>
#include <string.h>

#include <pg_query.h>

struct pgsplit { /* one of ours: its text is [start, end) */
	size_t start, end;
};

/* The offset of the first byte at or after i that is no space or comment. */
static size_t
pgsplit_skip(const char *p, size_t i, size_t n, int semicolons)
{
	size_t depth;

	while (i < n) {
		if (strchr(" \t\n\r\f\v", p[i]) != NULL || (semicolons && p[i] == ';'))
			i++;
		else if (n - i >= 2 && p[i] == '-' && p[i + 1] == '-')
			while (i < n && p[i] != '\n' && p[i] != '\r')
				i++;
		else if (n - i >= 2 && p[i] == '/' && p[i + 1] == '*') {
			for (depth = 1, i += 2; depth > 0 && i < n; i++)
				if (n - i >= 2 && p[i] == '/' && p[i + 1] == '*') {
					depth++;
					i++;
				} else if (n - i >= 2 && p[i] == '*' && p[i + 1] == '/') {
					depth--;
					i++;
				}
		} else
			break;
	}
	return i;
}

/*
 * What differs, or NULL. p ends in a NUL. refused: ours says that a string, a
 * name or a comment is never closed.
 */
static const char *
pgsplit_differs(const char *p, const struct pgsplit *ours, size_t n, int refused)
{
	PgQuerySplitResult q = pg_query_split_with_scanner(p), one;
	const char *why = NULL;
	char *copy;
	size_t i, k = 0, from = 0, to, end;

	if (q.error != NULL) {
		/* It refuses more than we do: numbers, escapes, bytes. */
		if (!refused && strstr(q.error->message, "unterminated") != NULL &&
		    strstr(q.error->message, "bit string") == NULL)
			why = q.error->message;
		pg_query_free_split_result(q);
		return why != NULL ? "PostgreSQL finds no end" : NULL;
	}
	if (refused)
		why = "PostgreSQL finds an end";
	for (i = 0; why == NULL && i < n; i++) {
		end = ours[i].end;
		if (k < (size_t)q.n_stmts)
			from = pgsplit_skip(
			    p, (size_t)q.stmts[k]->stmt_location, strlen(p), 0);
		if (k < (size_t)q.n_stmts && from == ours[i].start) {
			to = (size_t)q.stmts[k]->stmt_location +
			    (size_t)q.stmts[k]->stmt_len;
			if (pgsplit_skip(p, to < end ? to : end, to < end ? end : to, 1) !=
			    (to < end ? end : to))
				why = "another end";
			k++;
			continue;
		}
		copy = malloc(end - ours[i].start + 1);
		if (copy == NULL)
			abort();
		memcpy(copy, p + ours[i].start, end - ours[i].start);
		copy[end - ours[i].start] = '\0';
		one = pg_query_split_with_scanner(copy);
		if (one.error != NULL || one.n_stmts != 0)
			why = "a statement that PostgreSQL does not find";
		pg_query_free_split_result(one);
		free(copy);
	}
	if (why == NULL && k < (size_t)q.n_stmts)
		why = "a statement that only PostgreSQL finds";
	pg_query_free_split_result(q);
	return why;
}

#endif
