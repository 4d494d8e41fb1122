/* catplan_clear.c - what must be gone before other things can change. */
#include "catplan.h"

#include <stdlib.h>

static int
starts_with(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

static int
info_differs(const struct plan *p, const char *kind, const struct item *it)
{
	const struct item *info = plan_find(p, kind, it->id);

	return info != NULL && info->want != NULL && info->had != NULL &&
	    strcmp(info->want->def, info->had->def) != 0;
}

/* OR REPLACE may add columns to a view, at the end, and nothing else. */
static int
columns_differ(const struct plan *p, const struct item *it)
{
	const struct item *info = plan_find(p, "view columns", it->id);
	const char *old, *new;
	size_t n;

	if (info == NULL || info->want == NULL || info->had == NULL)
		return 1;
	old = info->had->def;
	new = info->want->def;
	n = strlen(old);
	return strncmp(old, new, n) != 0 ||
	    (new[n] != '\0' && !starts_with(new + n, ", "));
}

/* Did the item change in a way that no ALTER can write? */
static int
is_made_anew(const struct plan *p, const struct item *it)
{
	unsigned flags = it->kind->flags;

	if (!is_changed(it) || !(flags & MAIN))
		return 0;
	if (strcmp(it->name, "function") == 0 || strcmp(it->name, "procedure") == 0)
		return info_differs(p, "signature", it);
	if (strcmp(it->name, "view") == 0)
		return columns_differ(p, it);
	if (strcmp(it->name, "trigger") == 0)
		return starts_with(it->now->def, "CREATE CONSTRAINT TRIGGER") ||
		    starts_with(it->want->def, "CREATE CONSTRAINT TRIGGER");
	/*
	 * What depends on a key must be dropped with it: foreign keys, views with GROUP
	 * BY.
	 */
	if (strcmp(it->name, "constraint") == 0)
		return !starts_with(it->now->def, "FOREIGN KEY") &&
		    !starts_with(it->now->def, "CHECK");
	return !(flags & (REPLACE | IN_PLACE | TYPE));
}

/*
 * A function that is replaced by another one of its name: while both exist, a call may be
 * ambiguous.
 */
static int
is_replaced(const struct plan *p, const struct item *it)
{
	size_t i, n = strcspn(it->id, "(");

	if (strcmp(it->name, "function") != 0 && strcmp(it->name, "procedure") != 0)
		return 0;
	for (i = 0; i < p->n; i++)
		if (p->v[i].kind == it->kind && is_missing(&p->v[i]) &&
		    strncmp(p->v[i].id, it->id, n) == 0 && p->v[i].id[n] == '(')
			return 1;
	return 0;
}

/* A generated column whose expression comes, goes or changes, without an ALTER. */
static int
is_regenerated(const struct plan *p, const struct item *it)
{
	const struct item *column;

	column = plan_find(p, "column", it->id);
	if (column == NULL || column->now == NULL || column->want == NULL)
		return 0;
	return is_missing(it) || (is_changed(it) && it->want->make == NULL) ||
	    (is_extra(it) && it->now->unmake == NULL) ||
	    (it->now != NULL && is_changed(column));
}

/* ---- how far it goes ---- */

static int
is_plain_column(const struct graph *g, size_t i)
{
	struct item *table = graph_item(g, i, "table");

	return table != NULL ||
	    (graph_item(g, i, "column") != NULL && graph_item(g, i, "generated") == NULL);
}

static int
is_column(const struct graph *g, size_t i)
{
	return graph_item(g, i, "column") != NULL || graph_item(g, i, "table") != NULL;
}

static int
is_real_column(const struct graph *g, size_t i)
{
	return graph_item(g, i, "column") != NULL;
}

/*
 * How soon a node is dropped: LATER, with its table or where that is altered; FIRST,
 * before that; NOW, at once.
 */
enum { LATER = 1, FIRST, NOW };

struct marks {
	char *again, *retyped, *swapped, *lost, *seen, *nodes;
};

static void
mark(const struct plan *p, const struct item *it, char *m)
{
	m[graph_at(&p->h, it->had->node)] = 1;
}

static void
sort_out(const struct plan *p, struct marks *m)
{
	const struct item *it, *generated;
	size_t i;

	for (i = 0; i < p->n; i++) {
		it = &p->v[i];
		if (it->had == NULL || it->now != it->had)
			continue;
		if (is_made_anew(p, it))
			mark(p, it, m->again);
		generated = strcmp(it->name, "column") == 0
		    ? plan_find(p, "generated", it->id)
		    : NULL;
		if (generated != NULL && is_regenerated(p, generated))
			mark(p, it, m->nodes);
		if (is_changed(it) &&
		    (strcmp(it->name, "column") == 0 ||
			strcmp(it->name, "generated") == 0))
			mark(p, it, m->retyped);
		if (!is_extra(it) || !(it->kind->flags & MAIN))
			continue;
		if (strcmp(it->name, "view") == 0 ||
		    strcmp(it->name, "materialized view") == 0 ||
		    strcmp(it->name, "policy") == 0 || strcmp(it->name, "trigger") == 0 ||
		    strcmp(it->name, "rule") == 0 || is_replaced(p, it))
			mark(p, it, m->again);
		else if (strcmp(it->name, "comment") != 0 &&
		    strcmp(it->name, "grant") != 0 &&
		    strcmp(it->name, "security label") != 0 && plan_in_play(p, it))
			mark(p, it, m->lost);
	}
}

static void
add(char *to, const char *from, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (to[i] == 0)
			to[i] = from[i];
}

/*
 * PostgreSQL carries indexes, constraints and defaults over a change of type by
 * itself, but not where these stand on the type.
 */
static int
is_carried(const struct plan *p, const struct marks *m, size_t i)
{
	const struct graph *g = &p->h;
	size_t k;

	for (k = g->first[i]; k < g->first[i + 1]; k++)
		if (m->swapped[g->to[k]])
			return 0;
	return graph_item(g, i, "index") != NULL ||
	    graph_item(g, i, "constraint") != NULL ||
	    graph_item(g, i, "default") != NULL || graph_item(g, i, "statistics") != NULL;
}

static void
find_all(const struct plan *p, struct marks *m)
{
	const struct graph *g = &p->h;
	size_t i, k;

	xgraph_reach(g, m->swapped, m->seen, 1, is_real_column);
	for (i = 0; i < g->n; i++)
		if (m->seen[i] && is_real_column(g, i))
			m->retyped[i] = 1;
	memset(m->seen, 0, g->n);
	xgraph_reach(g, m->retyped, m->seen, 1, is_plain_column);
	for (i = 0; i < g->n; i++)
		for (k = g->first[i]; k < g->first[i + 1]; k++)
			if (m->swapped[g->to[k]] && !is_real_column(g, i))
				m->seen[i] = 1;
	for (i = 0; i < g->n; i++)
		if (m->seen[i] &&
		    (graph_item(g, i, "generated") != NULL ||
			((graph_flags(g, i) & FREE) && !is_carried(p, m, i) &&
			    graph_item(g, i, "domain") == NULL &&
			    graph_item(g, i, "domain constraint") == NULL)))
			m->nodes[i] = FIRST;
	memset(m->seen, 0, g->n);
	add(m->lost, m->again, g->n);
	xgraph_reach(g, m->lost, m->seen, 1, is_column);
	add(m->nodes, m->again, g->n);
	for (i = 0; i < g->n; i++)
		if (m->seen[i] && (graph_flags(g, i) & FREE))
			m->nodes[i] = LATER;
	/* What is made anew goes at once, and so must what stands on it. */
	memset(m->seen, 0, g->n);
	xgraph_reach(g, m->again, m->seen, 1, is_plain_column);
	for (i = 0; i < g->n; i++)
		if (m->seen[i] &&
		    ((graph_flags(g, i) & FREE) || graph_item(g, i, "generated") != NULL))
			m->nodes[i] = NOW;
}

/* ---- their removal ---- */

/* Does PostgreSQL drop the node together with the relation it is on, without CASCADE? */
static int
goes_along(struct plan *p, const struct marks *m, size_t i)
{
	const struct graph *g = &p->h;
	const struct item *it, *constraint = graph_item(g, i, "constraint");
	int now = m->nodes[i] == NOW;
	size_t k, on;

	if (!(graph_flags(g, i) & HANGS))
		return 0;
	for (k = g->first[i]; k < g->first[i + 1]; k++) {
		it = graph_item(g, g->to[k], "column");
		if (it != NULL && is_extra(it) && !now && is_carried(p, m, i) &&
		    (constraint == NULL || id_is_part(constraint->id, id_owner(p, it))))
			return 1;
		on = graph_table(g, g->to[k]);
		if (on == NONE || g->ifirst[on] == g->ifirst[on + 1])
			continue;
		it = g->item[g->ifirst[on]];
		if (!(it->kind->flags & (RELATION | TYPE)) &&
		    strcmp(it->name, "publication") != 0)
			continue;
		/*
		 * A foreign key depends on two tables; it is dropped with its own only.
		 */
		if (constraint != NULL && !id_is_part(constraint->id, it->id))
			continue;
		if ((is_extra(it) && !now) || m->nodes[on])
			return 1;
	}
	return 0;
}

/*
 * A constraint, index or default that the models no longer have is dropped where its
 * table is altered, unless it must go before that.
 */
static int
is_others(const struct item *it)
{
	return is_extra(it) &&
	    (strcmp(it->name, "constraint") == 0 || strcmp(it->name, "index") == 0 ||
		strcmp(it->name, "default") == 0);
}

static void
clear_node(struct plan *p, size_t i, int hard)
{
	const struct graph *g = &p->h;
	struct item *it = graph_item(g, i, "column"), *generated;
	size_t k;

	if (it != NULL) {
		generated = plan_find(p, "generated", it->id);
		if (generated != NULL &&
		    (generated->now != NULL || is_regenerated(p, generated))) {
			/*
			 * The values of a generated column are computed, so dropping the
			 * column loses nothing.
			 */
			plan_unmake(p, it);
			return;
		}
	}
	for (k = g->ifirst[i]; k < g->ifirst[i + 1]; k++) {
		it = g->item[k];
		if (it->now != NULL && it->now->unmake != NULL &&
		    (it->kind->flags & FREE) && strcmp(it->name, "comment") != 0 &&
		    (hard || !is_others(it)))
			plan_unmake(p, it);
	}
}

/* Tables OF a type that changes are made NOT OF until the type has changed. */
static void
free_tables(struct plan *p, const char *swapped)
{
	const struct item *type;
	size_t i;

	for (i = 0; i < p->n; i++) {
		if (strcmp(p->v[i].name, "of type") != 0 || p->v[i].now == NULL ||
		    p->v[i].now != p->v[i].had)
			continue;
		type = plan_find(p, "composite type", p->v[i].now->def);
		if (type != NULL && type->had != NULL &&
		    (is_changed(type) || swapped[graph_at(&p->h, type->had->node)]))
			plan_unmake(p, &p->v[i]);
	}
}

void
plan_clear(struct plan *p)
{
	const struct graph *g = &p->h;
	struct marks m;
	size_t *order, n, i;

	p->part = CLEAR;
	m.again = xcalloc(6 * g->n + 1, 1);
	m.retyped = m.again + g->n;
	m.swapped = m.retyped + g->n;
	m.lost = m.swapped + g->n;
	m.seen = m.lost + g->n;
	m.nodes = m.seen + g->n;
	sort_out(p, &m);
	plan_swapped(p, m.swapped);
	free_tables(p, m.swapped);
	find_all(p, &m);
	order = xgraph_order(g, m.nodes, &n);
	for (i = n; i-- > 0;)
		if (!goes_along(p, &m, order[i]))
			clear_node(p, order[i], m.nodes[order[i]] > LATER);
	free(order);
	free(m.again);
}
