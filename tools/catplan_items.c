/* catplan_items.c - two listings as the items that a plan is made of. */
#include "catplan.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- strings that stay ---- */

const char *
plan_keep(struct plan *p, char *s)
{
	if ((p->ntext & (p->ntext - 1)) == 0)
		p->text = xreallocarray(
		    p->text, p->ntext != 0 ? 2 * p->ntext : 1, sizeof *p->text);
	p->text[p->ntext++] = s;
	return s;
}

const char *
plan_str(struct plan *p, const char *fmt, ...)
{
	struct buf b = {0};
	va_list ap;

	va_start(ap, fmt);
	xbuf_vaddf(&b, fmt, ap);
	va_end(ap);
	return plan_keep(p, xrealloc(b.p, b.len + 1));
}

/* ---- items ---- */

static int
order(const char *kind, const char *id, const struct row *r)
{
	int c = strcmp(kind, r->kind);

	return c != 0 ? c : strcmp(id, r->id);
}

struct item *
plan_find(const struct plan *p, const char *kind, const char *id)
{
	size_t lo = 0, hi = p->n, mid;
	int c;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		c = strcmp(p->v[mid].name, kind);
		if (c == 0)
			c = strcmp(p->v[mid].id, id);
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < p->n && strcmp(p->v[lo].name, kind) == 0 &&
		strcmp(p->v[lo].id, id) == 0
	    ? &p->v[lo]
	    : NULL;
}

int
is_missing(const struct item *it)
{
	return it->want != NULL && it->now == NULL;
}

int
is_extra(const struct item *it)
{
	return it->want == NULL && it->now != NULL;
}

int
is_changed(const struct item *it)
{
	/* The order of parents is but that of the columns. */
	return it->want != NULL && it->now != NULL && it->now != it->want &&
	    strcmp(it->name, "inherits") != 0 && strcmp(it->want->def, it->now->def) != 0;
}

int
differs(const struct item *it)
{
	return !it->left && !(it->kind->flags & INFO) &&
	    (is_missing(it) || is_extra(it) || is_changed(it));
}

/* ---- the two, and their graphs ---- */

static void
add_item(struct plan *p, const struct row *want, const struct row *had)
{
	const struct row *r = want != NULL ? want : had;

	p->v[p->n++] = (struct item){.kind = kind_of(r->kind),
	    .name = r->kind,
	    .id = r->id,
	    .want = want,
	    .had = had,
	    .now = had};
}

static void
place_items(struct plan *p, struct graph *g)
{
	size_t i, k, *at = xcalloc(p->n, sizeof *at);
	const struct row *r;

	g->ifirst = xcalloc(g->n + 2, sizeof *g->ifirst);
	g->item = xcalloc(p->n, sizeof *g->item);
	for (i = 0; i < p->n; i++) {
		r = g == &p->w ? p->v[i].want : p->v[i].had;
		at[i] = r != NULL ? graph_at(g, r->node) : NONE;
		if (at[i] != NONE)
			g->ifirst[at[i] + 2]++;
	}
	for (i = 2; i < g->n + 2; i++)
		g->ifirst[i] += g->ifirst[i - 1];
	/* The object itself comes before its attributes. */
	for (k = 0; k < 2; k++)
		for (i = 0; i < p->n; i++)
			if (at[i] != NONE &&
			    (k == 0) == ((p->v[i].kind->flags & MAIN) != 0))
				g->item[g->ifirst[at[i] + 1]++] = &p->v[i];
	free(at);
}

void
xplan_open(struct plan *p, struct listing *want, struct listing *have)
{
	size_t i = 0, k = 0;
	int c;

	p->want = want;
	p->have = have;
	p->v = xcalloc(want->n + have->n, sizeof *p->v);
	while (i < want->n || k < have->n) {
		c = i == want->n   ? 1
		    : k == have->n ? -1
				   : order(want->v[i].kind, want->v[i].id, &have->v[k]);
		add_item(p, c <= 0 ? &want->v[i] : NULL, c >= 0 ? &have->v[k] : NULL);
		i += c <= 0;
		k += c >= 0;
	}
	xgraph_make(&p->w, want);
	xgraph_make(&p->h, have);
	place_items(p, &p->w);
	place_items(p, &p->h);
}

void
plan_close(struct plan *p)
{
	size_t i;

	for (i = 0; i < PARTS; i++)
		buf_free(&p->out[i]);
	buf_free(&p->notes);
	for (i = 0; i < p->ntext; i++)
		free(p->text[i]);
	free(p->text);
	free(p->ours);
	graph_free(&p->w);
	graph_free(&p->h);
	free(p->v);
}
