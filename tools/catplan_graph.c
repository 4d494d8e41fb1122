/* catplan_graph.c - what stands on what, from a listing's edges. */
#include "catplan.h"

#include <stdlib.h>

static int
by_node(const void *a, const void *b)
{
	return node_order(*(const struct node *)a, *(const struct node *)b);
}

static int
by_edge(const void *a, const void *b)
{
	const struct edge *x = a, *y = b;
	int r = node_order(x->from, y->from);

	return r != 0 ? r : node_order(x->to, y->to);
}

static const struct edge *
told_by(const struct listing *l, struct node n)
{
	size_t lo = 0, hi = l->nsame, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (node_order(l->same[mid].from, n) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < l->nsame && node_order(l->same[lo].from, n) == 0 ? &l->same[lo]
								     : NULL;
}

/* A row type is its table, a view's rule the view, an array type its element's. */
static struct node
real(const struct listing *l, struct node n)
{
	const struct edge *e;
	struct node whole;
	int i;

	for (i = 0; i < 5; i++) {
		e = told_by(l, n);
		if (e == NULL && n.sub != 0) {
			whole = n;
			whole.sub = 0;
			e = told_by(l, whole);
		}
		if (e == NULL)
			break;
		n = e->to;
	}
	return n;
}

size_t
graph_at(const struct graph *g, struct node n)
{
	const struct node *f;

	if (g->n == 0)
		return NONE;
	f = bsearch(&n, g->v, g->n, sizeof n, by_node);
	return f != NULL ? (size_t)(f - g->v) : NONE;
}

/* The edges e, sorted, as rows of indexes. */
static void
rows(const struct graph *g, const struct edge *e, size_t n, size_t **first, size_t **to)
{
	size_t i, k = 0;

	*first = xcalloc(g->n + 1, sizeof **first);
	*to = xcalloc(n, sizeof **to);
	for (i = 0; i < g->n; i++) {
		(*first)[i] = k;
		for (; k < n && node_order(e[k].from, g->v[i]) == 0; k++)
			(*to)[k] = graph_at(g, e[k].to);
	}
	(*first)[g->n] = k;
}

static void
add_edge(struct edge **e, size_t *n, struct node from, struct node to)
{
	if (node_order(from, to) == 0)
		return;
	if ((*n & (*n - 1)) == 0)
		*e = xreallocarray(*e, *n != 0 ? 2 * *n : 1, sizeof **e);
	(*e)[*n].from = from;
	(*e)[(*n)++].to = to;
}

void
xgraph_make(struct graph *g, const struct listing *l)
{
	struct edge *e = NULL, swap;
	struct node whole;
	size_t i, n = 0, k;

	memset(g, 0, sizeof *g);
	g->l = l;
	g->v = xcalloc(2 * (l->n + 2 * l->nneeds) + 1, sizeof *g->v);
	for (i = 0; i < l->n; i++)
		g->v[g->n++] = l->v[i].node;
	for (i = 0; i < l->nneeds; i++) {
		add_edge(&e, &n, real(l, l->needs[i].from), real(l, l->needs[i].to));
		g->v[g->n++] = real(l, l->needs[i].from);
		g->v[g->n++] = real(l, l->needs[i].to);
	}
	/* A column stands on its table. */
	for (i = 0, k = g->n; i < k; i++)
		if (g->v[i].cls == PG_CLASS && g->v[i].sub != 0) {
			whole = g->v[i];
			whole.sub = 0;
			g->v[g->n++] = whole;
			add_edge(&e, &n, g->v[i], whole);
		}
	if (g->n > 1)
		qsort(g->v, g->n, sizeof *g->v, by_node);
	for (i = k = 0; i < g->n; i++)
		if (k == 0 || node_order(g->v[k - 1], g->v[i]) != 0)
			g->v[k++] = g->v[i];
	g->n = k;
	if (n > 1)
		qsort(e, n, sizeof *e, by_edge);
	for (i = k = 0; i < n; i++)
		if (k == 0 || by_edge(&e[k - 1], &e[i]) != 0)
			e[k++] = e[i];
	n = k;
	rows(g, e, n, &g->first, &g->to);
	for (i = 0; i < n; i++) {
		swap = e[i];
		e[i].from = swap.to;
		e[i].to = swap.from;
	}
	if (n > 1)
		qsort(e, n, sizeof *e, by_edge);
	rows(g, e, n, &g->bfirst, &g->bto);
	free(e);
}

void
graph_free(struct graph *g)
{
	free(g->v);
	free(g->first);
	free(g->to);
	free(g->bfirst);
	free(g->bto);
	free(g->ifirst);
	free(g->item);
	memset(g, 0, sizeof *g);
}

size_t
graph_table(const struct graph *g, size_t i)
{
	struct node n = g->v[i];

	if (n.cls != PG_CLASS || n.sub == 0)
		return i;
	n.sub = 0;
	return graph_at(g, n);
}

size_t
graph_end(const struct graph *g, size_t i)
{
	size_t k = i + 1;

	if (g->v[i].cls == PG_CLASS && g->v[i].sub == 0)
		while (k < g->n && g->v[k].cls == PG_CLASS && g->v[k].oid == g->v[i].oid)
			k++;
	return k;
}

/* What is there now; an item that is gone says nothing. */
unsigned
graph_flags(const struct graph *g, size_t i)
{
	unsigned flags = 0;
	size_t k;

	for (k = g->ifirst[i]; k < g->ifirst[i + 1]; k++)
		flags |= g->item[k]->kind->flags;
	return flags;
}

struct item *
graph_item(const struct graph *g, size_t i, const char *kind)
{
	size_t k;

	for (k = g->ifirst[i]; k < g->ifirst[i + 1]; k++)
		if (strcmp(g->item[k]->name, kind) == 0)
			return g->item[k];
	return NULL;
}

void
xgraph_reach(
    const struct graph *g, const char *start, char *seen, int back, stop_fn *stop)
{
	const size_t *first = back ? g->bfirst : g->first, *to = back ? g->bto : g->to;
	size_t *todo = xcalloc(g->n + 1, sizeof *todo), n = 0, i, k;
	char *on = xcalloc(g->n + 1, 1);

	for (i = 0; i < g->n; i++)
		if (start[i]) {
			todo[n++] = i;
			on[i] = 1;
		}
	while (n > 0) {
		i = todo[--n];
		for (k = first[i]; k < first[i + 1]; k++) {
			seen[to[k]] = 1;
			if (on[to[k]] || (stop != NULL && stop(g, to[k])))
				continue;
			on[to[k]] = 1;
			todo[n++] = to[k];
		}
	}
	free(todo);
	free(on);
}

/*
 * A table comes after what its columns stand on. Depth first, with a stack of
 * our own: how long a row of dependencies is, is not ours to say.
 */
struct visit {
	size_t node, column, next;
};

size_t *
xgraph_order(const struct graph *g, const char *set, size_t *n)
{
	struct visit *stack = xcalloc(g->n + 1, sizeof *stack), *top;
	size_t *out = xcalloc(g->n + 1, sizeof *out), depth, i, m;
	char *seen = xcalloc(g->n + 1, 1);

	*n = 0;
	for (i = 0; i < g->n; i++) {
		if (!set[i] || seen[i])
			continue;
		seen[i] = 1;
		stack[0] = (struct visit){i, i, g->first[i]};
		for (depth = 1; depth > 0;) {
			top = &stack[depth - 1];
			if (top->next == g->first[top->column + 1]) {
				if (++top->column < graph_end(g, top->node)) {
					top->next = g->first[top->column];
					continue;
				}
				if (set[top->node])
					out[(*n)++] = top->node;
				depth--;
				continue;
			}
			m = g->to[top->next++];
			if (seen[m] || (m != top->node && graph_table(g, m) == top->node))
				continue;
			seen[m] = 1;
			stack[depth++] = (struct visit){m, m, g->first[m]};
		}
	}
	free(stack);
	free(seen);
	return out;
}
