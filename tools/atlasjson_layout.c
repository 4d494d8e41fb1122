/*
 * atlasjson_layout.c - columns for a picture of many tables.
 *
 * Left alone, Graphviz puts a table as near to those it points at as it can:
 * with a hundred tables that makes a few columns, each many screens tall. Here
 * tables are put into layers, each to the left of all it points at, and a layer
 * too tall is cut into several columns; those with the most relations come
 * rightmost, nearest to what they point at.
 */
#include "atlasjson.h"

#include <stdlib.h>

struct node {
	size_t number, layer, degree, height;
};

static int
by_layer(const void *a, const void *b)
{
	const struct node *x = a, *y = b;

	if (x->layer != y->layer)
		return x->layer < y->layer ? -1 : 1;
	if (x->degree != y->degree)
		return x->degree > y->degree ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

/*
 * Layer 0 points at nothing, each other at a lower one. In a circle the first
 * node of it is taken as if it pointed at nothing that is left.
 */
static void
set_layers(struct node *v, size_t n, const struct edge *e, size_t ne)
{
	/* The edges that point at a node, as a list: 1 + the first, 1 + the one after. */
	size_t *first = xcalloc(n, sizeof *first);
	size_t *after = xcalloc(ne, sizeof *after);
	size_t *left = xcalloc(n, sizeof *left); /* targets without a layer */
	size_t *queue = xcalloc(n, sizeof *queue);
	char *queued = xcalloc(n, 1);
	size_t i, head = 0, tail = 0, next = 0;

	for (i = ne; i-- > 0;) {
		v[e[i].from].degree++;
		v[e[i].to].degree++;
		left[e[i].from]++;
		after[i] = first[e[i].to];
		first[e[i].to] = i + 1;
	}
	for (i = 0; i < n; i++)
		if (left[i] == 0) {
			queued[i] = 1;
			queue[tail++] = i;
		}
	while (head < n) {
		size_t u, k;

		if (head == tail) {
			while (queued[next])
				next++;
			queued[next] = 1;
			queue[tail++] = next;
		}
		u = queue[head++];
		for (k = first[u]; k != 0; k = after[k - 1]) {
			size_t w = e[k - 1].from;

			if (queued[w])
				continue;
			if (v[w].layer <= v[u].layer)
				v[w].layer = v[u].layer + 1;
			if (--left[w] == 0) {
				queued[w] = 1;
				queue[tail++] = w;
			}
		}
	}
	free(first);
	free(after);
	free(left);
	free(queue);
	free(queued);
}

/*
 * The column of each of n tables, 0 the rightmost, for heights in pixels; how
 * many there are is returned. No edge may join a table with itself.
 */
size_t
place_columns(
    size_t n, const size_t *height, const struct edge *e, size_t ne, size_t *column)
{
	/* A table is about so wide, and the picture 16:10. */
	const size_t width = 380;
	struct node *v = xcalloc(n, sizeof *v);
	size_t i, k, total = 0, limit = 1, columns = 0;

	for (i = 0; i < n; i++) {
		v[i].number = i;
		v[i].height = height[i];
		total += height[i];
	}
	while (limit * limit < total * width * 10 / 16)
		limit++;
	set_layers(v, n, e, ne);
	qsort(v, n, sizeof *v, by_layer);
	for (i = 0; i < n; i = k) {
		size_t tall = 0, parts, above = 0;

		for (k = i; k < n && v[k].layer == v[i].layer; k++)
			tall += v[k].height;
		parts = (tall * 10 + limit * 7) / (limit * 10);
		if (parts == 0)
			parts = 1;
		if (parts > k - i)
			parts = k - i;
		for (; i < k; i++) {
			column[v[i].number] = columns + above * parts / tall;
			above += v[i].height;
		}
		columns += parts;
	}
	free(v);
	return columns;
}
