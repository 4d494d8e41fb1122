/* catdiff_read.c - a listing, from COPY's text format. */
#include "catdiff.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define FIELDS 8

/* ---- order ---- */

int
node_order(struct node a, struct node b)
{
	if (a.cls != b.cls)
		return a.cls < b.cls ? -1 : 1;
	if (a.oid != b.oid)
		return a.oid < b.oid ? -1 : 1;
	return (a.sub > b.sub) - (a.sub < b.sub);
}

static int
name_order(const struct row *a, const char *kind, const char *id)
{
	int r = strcmp(a->kind, kind);

	return r != 0 ? r : strcmp(a->id, id);
}

static int
by_name(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	int r = name_order(x, y->kind, y->id);

	if (r == 0)
		r = strcmp(x->def, y->def);
	return r != 0 ? r : node_order(x->node, y->node);
}

static int
by_node(const void *a, const void *b)
{
	const struct row *const *x = a, *const *y = b;
	int r = node_order((*x)->node, (*y)->node);

	return r != 0 ? r : (*x > *y) - (*x < *y);
}

static int
by_edge(const void *a, const void *b)
{
	const struct edge *x = a, *y = b;
	int r = node_order(x->from, y->from);

	return r != 0 ? r : node_order(x->to, y->to);
}

/* ---- the text ---- */

/*
 * Take the field at *p, which ends in a tab, or with the line (a NUL), out of
 * its escapes and where it stands. NULL is what \N means. *p moves behind it,
 * or becomes NULL after the last.
 */
static char *
field(char **p, const char *where)
{
	static const char letters[] = "bfnrtv", bytes[] = "\b\f\n\r\t\v";
	char *start = *p, *from = *p, *to = *p;
	const char *l;

	if (start[0] == '\\' && start[1] == 'N' &&
	    (start[2] == '\t' || start[2] == '\0')) {
		*p = start[2] == '\t' ? start + 3 : NULL;
		return NULL;
	}
	for (; *from != '\t' && *from != '\0'; from++) {
		if (*from == '\\') {
			from++;
			if (*from == '\0' || *from == '\t')
				die(where, "a backslash with nothing behind it");
			l = strchr(letters, *from);
			*to++ = l != NULL ? bytes[l - letters] : *from;
		} else
			*to++ = *from;
	}
	*p = *from == '\t' ? from + 1 : NULL;
	*to = '\0';
	return start;
}

static long long
to_number(const char *s, const char *where)
{
	char *end;
	long long v;

	if (s == NULL)
		s = "\\N";
	errno = 0;
	v = strtoll(s, &end, 10);
	if (strspn(s, "-0123456789") != strlen(s) || end == s || *end != '\0' ||
	    errno != 0 || v < INT32_MIN || v > UINT32_MAX)
		die(where, "'%.40s' where a number should be", s);
	return v;
}

static struct node
to_node(char *const *f, const char *where)
{
	struct node n;
	long long sub = to_number(f[2], where);

	n.cls = (uint32_t)to_number(f[0], where);
	n.oid = (uint32_t)to_number(f[1], where);
	n.sub = sub > INT32_MAX ? INT32_MAX : (int32_t)sub;
	return n;
}

static void *
grown(void *v, size_t n, size_t size)
{
	return (n & (n - 1)) == 0 ? xreallocarray(v, n != 0 ? 2 * n : 1, size) : v;
}

static void
line(struct listing *l, char *p, const char *where)
{
	char *f[FIELDS], *normal;
	struct edge e;
	size_t n;

	for (n = 0; n < FIELDS && p != NULL; n++)
		f[n] = field(&p, where);
	if (n == 7 && f[0] != NULL &&
	    (strcmp(f[0], "needs") == 0 || strcmp(f[0], "same") == 0)) {
		e.from = to_node(f + 1, where);
		e.to = to_node(f + 4, where);
		if (f[0][0] == 'n') {
			l->needs = grown(l->needs, l->nneeds, sizeof e);
			l->needs[l->nneeds++] = e;
		} else {
			l->same = grown(l->same, l->nsame, sizeof e);
			l->same[l->nsame++] = e;
		}
		return;
	}
	if (p != NULL)
		die(where, "no row of a listing: it has more than %d fields", FIELDS);
	if (n != FIELDS)
		die(where, "no row of a listing: it has %zu fields, not %d", n, FIELDS);
	if (f[0] == NULL || f[1] == NULL)
		die(where, "no row of a listing: it has no kind or no identity");
	if (f[2] != NULL && (normal = xnormal(f[2])) != NULL) {
		l->normal = grown(l->normal, l->nnormal, sizeof *l->normal);
		f[2] = l->normal[l->nnormal++] = normal;
	}
	l->v = grown(l->v, l->n, sizeof *l->v);
	l->v[l->n++] = (struct row){.kind = f[0],
	    .id = f[1],
	    .def = f[2] != NULL ? f[2] : "",
	    .make = f[6],
	    .unmake = f[7],
	    .node = to_node(f + 3, where)};
}

void
xlisting_read(struct listing *l, const char *path)
{
	struct buf where = {0};
	char *p, *eol;
	size_t i, number = 1;

	memset(l, 0, sizeof *l);
	/* Never NULL, so that an end can be computed. */
	l->v = xcalloc(1, sizeof *l->v);
	l->needs = xcalloc(1, sizeof *l->needs);
	l->same = xcalloc(1, sizeof *l->same);
	l->normal = xcalloc(1, sizeof *l->normal);
	l->path = strcmp(path, "-") == 0 ? "standard input" : path;
	if (l->path != path)
		xread_fd(STDIN_FILENO, l->path, &l->text);
	else
		xread_file(path, &l->text);
	p = l->text.p;
	if (memchr(p, '\0', l->text.len) != NULL)
		die(l->path, "no listing: there is a NUL in it");
	for (;; p = eol + 1, number++) {
		eol = strchr(p, '\n');
		if (eol == NULL)
			die(l->path,
			    "the listing ends too early, in line %zu: see what psql said "
			    "when it was written",
			    number);
		*eol = '\0';
		if (strcmp(p, "\\.") == 0)
			break;
		where.len = 0;
		xbuf_addf(&where, "%s:%zu", l->path, number);
		line(l, p, where.p);
	}
	if (eol + 1 != l->text.p + l->text.len)
		die(l->path, "there is more after the listing's end, in line %zu",
		    number + 1);
	buf_free(&where);
	if (l->n > 1)
		qsort(l->v, l->n, sizeof *l->v, by_name);
	if (l->nneeds > 1)
		qsort(l->needs, l->nneeds, sizeof *l->needs, by_edge);
	if (l->nsame > 1)
		qsort(l->same, l->nsame, sizeof *l->same, by_edge);
	l->by_node = xcalloc(l->n, sizeof *l->by_node);
	for (i = 0; i < l->n; i++)
		l->by_node[i] = &l->v[i];
	if (l->n > 1)
		qsort(l->by_node, l->n, sizeof *l->by_node, by_node);
}

void
listing_free(struct listing *l)
{
	while (l->nnormal > 0)
		free(l->normal[--l->nnormal]);
	free(l->normal);
	free(l->v);
	free(l->by_node);
	free(l->needs);
	free(l->same);
	buf_free(&l->text);
}

const struct row *
listing_find(const struct listing *l, const char *kind, const char *id)
{
	size_t lo = 0, hi = l->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (name_order(&l->v[mid], kind, id) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < l->n && name_order(&l->v[lo], kind, id) == 0 ? &l->v[lo] : NULL;
}

struct row **
listing_node(const struct listing *l, struct node node, size_t *n)
{
	size_t lo = 0, hi = l->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (node_order(l->by_node[mid]->node, node) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (*n = 0; lo + *n < l->n && node_order(l->by_node[lo + *n]->node, node) == 0;
	    ++*n)
		;
	return l->by_node + lo;
}
