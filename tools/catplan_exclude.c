/*
 * catplan_exclude.c - what the plan leaves out: objects whose names match the pattern of
 * -e, and kinds whose level is off. catdiff's functions decide which those are.
 */
#include "catplan.h"

#include <stdlib.h>

static const struct row *
row_of(const struct diff *d)
{
	return d->want != NULL ? d->want : d->have;
}

/*
 * The difference by which this one is reported: itself, or that of the object it belongs
 * to.
 */
static const struct diff *
top(const struct diff *d)
{
	while (d->by != NULL)
		d = d->by;
	return d;
}

static struct item *
item_of(const struct plan *p, const struct diff *d)
{
	return plan_find(p, row_of(d)->kind, row_of(d)->id);
}

/* Mark what the plan writes, and all that this depends on. */
static void
needed(const struct plan *p, char *seen)
{
	const struct graph *g = &p->w;
	const struct item *it;
	size_t i;

	memset(seen, 0, g->n);
	for (i = 0; i < p->n; i++) {
		it = &p->v[i];
		if (!it->excluded && (is_missing(it) || is_changed(it)))
			seen[graph_at(g, it->want->node)] = 1;
	}
	xgraph_reach(g, seen, seen, 0, NULL);
}

/*
 * Leave out the kinds whose level is off, and what belongs to them; but keep what another
 * item of the plan depends on.
 */
static void
switch_off(struct plan *p)
{
	char *seen = xcalloc(p->w.n + 1, 1);
	struct item *it;
	struct diff *v, *d;
	size_t n;
	int more = 0;

	v = compare(p->want, p->have, &n);
	fold(v, n, p->want, p->have);
	for (d = v; d < v + n; d++)
		if (level_of(diff_code(top(d))) == LEVEL_OFF &&
		    (it = item_of(p, d)) != NULL)
			it->excluded = more = 1;
	while (more) {
		needed(p, seen);
		for (more = 0, d = v; d < v + n; d++) {
			it = item_of(p, top(d));
			if (it == NULL || !it->excluded || !is_missing(it) ||
			    !(it->kind->flags & MAIN) ||
			    !seen[graph_at(&p->w, it->want->node)])
				continue;
			it->excluded = 0;
			more = 1;
		}
		for (d = v; d < v + n; d++) {
			it = item_of(p, top(d));
			if (it != NULL && !it->excluded && (it = item_of(p, d)) != NULL)
				it->excluded = 0;
		}
	}
	free(v);
	free(seen);
}

/* Make both sides have the item, or neither, so that nothing is written of it. */
void
plan_exclude(struct plan *p)
{
	const struct row *r;
	size_t i;

	if (p->off)
		switch_off(p);
	for (i = 0; i < p->n; i++) {
		r = p->v[i].want != NULL ? p->v[i].want : p->v[i].had;
		if (is_excluded(r, p->v[i].want != NULL ? p->want : p->have))
			p->v[i].excluded = 1;
	}
	for (i = 0; i < p->n; i++)
		if (p->v[i].excluded)
			p->v[i].now = p->v[i].want;
}
