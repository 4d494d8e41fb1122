/* catplan_drop.c - what the models no longer have. */
#include "catplan.h"

#include <stdlib.h>

static int
is(const struct item *it, const char *kind)
{
	return strcmp(it->name, kind) == 0;
}

/* Is the item's table dropped, too? Then the item goes with the table. */
static int
goes_with_table(struct plan *p, const struct item *it)
{
	const char *owner = id_owner(p, it);
	const struct item *t;

	if (owner == NULL)
		return 0;
	t = plan_find(p, "table", owner);
	if (t == NULL)
		t = plan_find(p, "foreign table", owner);
	if (t == NULL)
		t = plan_find(p, "materialized view", owner);
	return t != NULL && is_extra(t);
}

/* The same of the item's column. */
static int
goes_with_column(struct plan *p, size_t node)
{
	const struct graph *g = &p->h;
	const struct item *column;
	size_t k;

	for (k = g->first[node]; k < g->first[node + 1]; k++) {
		column = graph_item(g, g->to[k], "column");
		if (column != NULL && is_extra(column))
			return 1;
	}
	return 0;
}

/* A comment is dropped with the object it is on, a part with the whole. */
static int
goes_with_object(struct plan *p, const struct item *it, size_t node)
{
	const struct graph *g = &p->h;
	const struct item *on;
	size_t k, i;

	if (!is(it, "comment") && !is(it, "publication table") &&
	    !is(it, "domain constraint"))
		return 0;
	for (k = g->first[node]; k < g->first[node + 1]; k++)
		for (i = g->ifirst[g->to[k]]; i < g->ifirst[g->to[k] + 1]; i++) {
			on = g->item[i];
			if ((on->kind->flags & MAIN) && !is(on, "comment") &&
			    on->want == NULL)
				return 1;
		}
	return 0;
}

static char *
extras(const struct plan *p)
{
	char *set = xcalloc(p->h.n + 1, 1);
	size_t i;

	for (i = 0; i < p->n; i++)
		if (is_extra(&p->v[i]) && p->v[i].now == p->v[i].had)
			set[graph_at(&p->h, p->v[i].had->node)] = 1;
	return set;
}

/* Items that block the one that replaces them are dropped first. */
void
plan_in_the_way(struct plan *p)
{
	char *set = extras(p);
	const struct item *column, *owner;
	struct item *it;
	size_t n, i, k, *order = xgraph_order(&p->h, set, &n);

	for (i = n; i-- > 0;)
		for (k = p->h.ifirst[order[i]]; k < p->h.ifirst[order[i] + 1]; k++) {
			it = p->h.item[k];
			if (!differs(it) || !is_extra(it))
				continue;
			column = plan_find(p, "column", it->id);
			if ((is(it, "default") || is(it, "identity")) && column != NULL &&
			    column->want != NULL)
				plan_unmake(p, it);
			else if ((is(it, "constraint") || is(it, "index")) &&
			    !goes_with_table(p, it) && !goes_with_column(p, order[i]))
				plan_unmake(p, it);
		}
	/*
	 * Where a serial becomes an identity, the new sequence needs the name of the old
	 * one.
	 */
	for (i = 0; i < p->n; i++) {
		it = &p->v[i];
		if (!is(it, "sequence") || !is_extra(it))
			continue;
		owner = plan_find(p, "sequence owner", it->id);
		if (owner == NULL || owner->now == NULL)
			continue;
		column = plan_find(p, "identity", owner->now->def);
		if (column != NULL && is_missing(column))
			plan_unmake(p, it);
	}
	free(order);
	free(set);
}

/* Drop the foreign keys that other tables have to a table that is dropped now. */
static void
cut(struct plan *p, const struct item *table)
{
	const struct graph *g = &p->h;
	size_t node = graph_at(g, table->had->node), i, k;
	struct item *it;

	for (i = node; i < graph_end(g, node); i++)
		for (k = g->bfirst[i]; k < g->bfirst[i + 1]; k++) {
			it = graph_item(g, g->bto[k], "constraint");
			if (it != NULL && it->now != NULL &&
			    !id_is_part(it->id, table->id))
				plan_unmake(p, it);
		}
}

/*
 * Would CASCADE drop anything that is still wanted? If not, mark all that it drops as
 * gone. A type and the functions that read and write its values depend on each other, so
 * only CASCADE drops them.
 */
static int
takes_more(struct plan *p, size_t node)
{
	const struct graph *g = &p->h;
	char *start = xcalloc(2 * g->n + 1, 1), *seen = start + g->n;
	size_t i, k;
	int more = 0;

	start[node] = 1;
	xgraph_reach(g, start, seen, 1, NULL);
	for (i = 0; i < g->n; i++)
		for (k = g->ifirst[i]; seen[i] && k < g->ifirst[i + 1]; k++)
			more |= g->item[k]->now != NULL && g->item[k]->want != NULL;
	for (i = 0; i < g->n; i++)
		for (k = g->ifirst[i];
		    !more && seen[i] && i != node && k < g->ifirst[i + 1]; k++)
			g->item[k]->now = NULL;
	free(start);
	return more;
}

static void
drop_node(struct plan *p, size_t node)
{
	const struct graph *g = &p->h;
	struct item *it;
	size_t k;
	int whole = 0;

	for (k = g->ifirst[node]; k < g->ifirst[node + 1]; k++) {
		it = g->item[k];
		whole |= (it->kind->flags & MAIN) && is_extra(it) && !is(it, "comment") &&
		    !is(it, "grant") && !is(it, "security label");
	}
	for (k = g->ifirst[node]; k < g->ifirst[node + 1]; k++) {
		it = g->item[k];
		if (is(it, "partition index") && is_extra(it) &&
		    !goes_with_column(p, node)) {
			plan_index_options(p, it);
			continue;
		}
		if (!differs(it) || !is_extra(it) || it->now->unmake == NULL)
			continue;
		/* Attributes are gone with their object. */
		if (whole && !(it->kind->flags & MAIN))
			continue;
		if (goes_with_table(p, it) || goes_with_object(p, it, node) ||
		    (!(it->kind->flags & RELATION) && goes_with_column(p, node) &&
			(it->kind->flags & HANGS)))
			continue;
		if ((is(it, "schema") && strcmp(it->id, "public") == 0) ||
		    (strstr(it->now->unmake, " CASCADE") != NULL &&
			takes_more(p, node))) {
			it->left = 1;
			continue;
		}
		if (is(it, "table") && plan_in_play(p, it))
			cut(p, it);
		plan_unmake(p, it);
	}
}

/* Drop in the opposite order of creation. */
void
plan_drop(struct plan *p)
{
	char *set = extras(p);
	size_t n, i, *order = xgraph_order(&p->h, set, &n);

	for (i = n; i-- > 0;)
		drop_node(p, order[i]);
	free(order);
	free(set);
}
