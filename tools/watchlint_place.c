/*
 * watchlint_place.c - the place that facts belong to: a file, a statement, and the line
 * of the facts.
 */
#include "watchlint_facts.h"

#include <stdlib.h>

size_t facts_line; /* for messages */

void
bad_facts(const char *what)
{
	die("facts", "line %zu: %s", facts_line, what);
}

/* The numbers after a mark: of the file, and of the statement. */
struct file *
read_place(const struct branch *b, const char *p, struct stmt **s)
{
	unsigned long f, n;
	char *end;

	f = strtoul(p, &end, 10);
	if (end == p || f >= b->n)
		bad_facts("a mark of a file that was not given");
	if (s != NULL) {
		n = strtoul(end, NULL, 10);
		if (n >= b->v[f].n)
			bad_facts("a mark of a statement that is not there");
		*s = &b->v[f].v[n];
	}
	return &b->v[f];
}
