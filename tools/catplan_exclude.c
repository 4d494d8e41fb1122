/* catplan_exclude.c - names of what is not ours to write. */
#include "catplan.h"

#include <fnmatch.h>
#include <stdlib.h>

/* With '/' for each dot, which a '*' does not go over then. */
static int
matches(const struct plan *p, const char *name)
{
	size_t i;

	for (i = 0; i < p->nexclude; i++)
		if (fnmatch(p->exclude[i], name, FNM_PATHNAME) == 0)
			return 1;
	return 0;
}

static void
add_plain(struct buf *b, const char *s, size_t n)
{
	size_t i;

	if (*s == '"') {
		s++;
		n -= 2;
	}
	for (i = 0; i < n; i++) {
		xbuf_addc(b, s[i] != '/' ? s[i] : '.');
		if (s[i] == '"')
			i++;
	}
}

/* users, users.name, and with the schema in front: is one of these meant? */
static int
id_matches(const struct plan *p, const char *id, size_t whole)
{
	const char *from[4], *rest;
	struct buf b = {0};
	size_t len[4], n = id_parts(id, from, len, &rest), first = n >= whole ? 1 : 0, i,
		       bare;
	int yes = 0;

	xbuf_adds(&b, "");
	if (first)
		add_plain(&b, from[0], len[0]);
	else if (p->single != NULL)
		xbuf_adds(&b, p->single);
	xbuf_addc(&b, '/');
	bare = b.len;
	for (i = first; i < n && !yes; i++) {
		if (i > first)
			xbuf_addc(&b, '/');
		add_plain(&b, from[i], len[i]);
		yes = matches(p, b.p) || matches(p, b.p + bare);
	}
	buf_free(&b);
	return yes;
}

static int
is_excluded(struct plan *p, const struct item *it)
{
	const struct item *owner = plan_find(p, "sequence owner", it->id);
	const struct row *r = it->want != NULL ? it->want : it->had;
	const char *table = NULL, *id = it->id;
	int column = strncmp(it->id, "COLUMN ", 7) == 0;

	if (it->kind->form == ID_TEXT)
		id = behind_words(id);
	if (id_matches(p, id, it->kind->form == ID_PART || column ? 3 : 2))
		return 1;
	if (strcmp(it->name, "index") == 0)
		table = id_owner(p, it);
	if (table != NULL && id_matches(p, table, 2))
		return 1;
	/* A sequence is its column's. */
	if (owner != NULL)
		r = owner->want != NULL ? owner->want : owner->had;
	return owner != NULL && r != NULL && id_matches(p, r->def, 3);
}

/* As if both sides had it, or none. */
void
plan_exclude(struct plan *p)
{
	size_t i;

	for (i = 0; p->nexclude > 0 && i < p->n; i++)
		p->v[i].excluded = is_excluded(p, &p->v[i]);
	for (i = 0; i < p->n; i++)
		if (p->v[i].excluded)
			p->v[i].now = p->v[i].want;
}
