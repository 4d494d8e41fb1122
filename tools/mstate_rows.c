/* mstate_rows.c - read rows of the revisions table, see mstate.h. */
#include "mstate.h"

#include <stdlib.h>

#define COLUMNS 10

/* "WHERE:LINE" for a message. */
static const char *
at_row(const char *where, size_t row)
{
	static struct buf b;

	b.len = 0;
	xbuf_addf(&b, "%s:%zu", where, row);
	return b.p;
}

static int
hex_value(int c)
{
	return c >= '0' && c <= '9' ? c - '0'
	    : c >= 'a' && c <= 'f'  ? c - 'a' + 10
	    : c >= 'A' && c <= 'F'  ? c - 'A' + 10
				    : -1;
}

/*
 * Undo COPY's escapes, in place. \N is nothing; quotes around the whole are not
 * a part of it: so Go's %q is understood as well.
 */
static char *
unescape(char *p)
{
	static const char letters[] = "b\bf\fn\nr\rt\tv\v";
	char *to = p, *from = p;
	size_t n = strlen(p);
	const char *l;
	int k, value;

	if (strcmp(p, "\\N") == 0) {
		*p = '\0';
		return p;
	}
	if (n >= 2 && p[0] == '"' && p[n - 1] == '"') {
		p[n - 1] = '\0';
		to = p = from = p + 1;
	}
	while (*from != '\0') {
		if (*from != '\\' || from[1] == '\0') {
			*to++ = *from++;
			continue;
		}
		from++;
		value = -1;
		if (*from >= '0' && *from <= '7') {
			for (k = value = 0; k < 3 && *from >= '0' && *from <= '7'; k++)
				value = value * 8 + (*from++ - '0');
		} else if (*from == 'x' && hex_value(from[1]) >= 0) {
			value = hex_value(*++from);
			from++;
			if (hex_value(*from) >= 0)
				value = value * 16 + hex_value(*from++);
		}
		if (value >= 0)
			*to++ = (char)((value & 0xff) != 0 ? value & 0xff : '?');
		else {
			for (l = letters; *l != '\0' && *l != *from; l += 2)
				continue;
			*to++ = *l != '\0' ? l[1] : *from;
			from++;
		}
	}
	*to = '\0';
	return p;
}

static unsigned long
number(const char *p, const char *where, size_t row, const char *what)
{
	size_t n = strspn(p, "0123456789");

	if (n == 0 || n > 9 || p[n] != '\0')
		die(at_row(where, row),
		    "'%.60s' is no number for %s: see mstate(1) for the "
		    "columns",
		    p, what);
	return strtoul(p, NULL, 10);
}

static int
by_version(const void *a, const void *b)
{
	return strcmp(((const struct rev *)a)->version, ((const struct rev *)b)->version);
}

static void
parse_row(struct rev *v, char *line, const char *where, size_t row)
{
	char *column[COLUMNS], *tab;
	size_t n = 0;

	for (;;) {
		tab = strchr(line, '\t');
		if (n < COLUMNS)
			column[n] = line;
		n++;
		if (tab == NULL)
			break;
		*tab = '\0';
		line = tab + 1;
	}
	if (n != COLUMNS)
		die(at_row(where, row),
		    "%zu columns, not %d: see mstate(1) for the query", n, COLUMNS);
	memset(v, 0, sizeof *v);
	v->version = unescape(column[0]);
	v->description = unescape(column[1]);
	v->type = number(column[2], where, row, "type");
	v->applied = number(column[3], where, row, "applied");
	v->total = number(column[4], where, row, "total");
	v->partial = number(column[5], where, row, "partial_hashes");
	v->hash = unescape(column[6]);
	if (strncmp(v->hash, "h1:", 3) == 0)
		v->hash += 3;
	v->when = unescape(column[7]);
	v->error = unescape(column[8]);
	v->statement = unescape(column[9]);
}

void
revs_parse(struct revs *r, const char *where)
{
	char *p = r->text.p, *end = p + r->text.len, *lf;
	size_t cap = 0, row, i;

	if (memchr(p, '\0', r->text.len) != NULL)
		die(where, "a NUL byte: these are no rows");
	for (row = 1; p < end; row++, p = lf + 1) {
		lf = memchr(p, '\n', (size_t)(end - p));
		if (lf == NULL)
			die(at_row(where, row), "the row is cut short: no line end");
		*lf = '\0';
		if (strcmp(p, "\\.") == 0)
			break;
		if (r->n == cap) {
			cap = cap != 0 ? cap * 2 : 64;
			r->v = xreallocarray(r->v, cap, sizeof *r->v);
		}
		parse_row(&r->v[r->n], p, where, row);
		/* The vendor's command marks its own table with this row. */
		r->n += strcmp(r->v[r->n].version, ".atlas_cloud_identifier") != 0;
	}
	if (r->n > 1)
		qsort(r->v, r->n, sizeof *r->v, by_version);
	for (i = 1; i < r->n; i++)
		if (strcmp(r->v[i - 1].version, r->v[i].version) == 0)
			die(where, "version '%.100s' has two rows: is this one table?",
			    r->v[i].version);
}

void
revs_free(struct revs *r)
{
	free(r->v);
	buf_free(&r->text);
}
