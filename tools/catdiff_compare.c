/* catdiff_compare.c - two listings side by side. */
#include "catdiff.h"

#include <stdlib.h>

static int
order(const struct row *a, const struct row *b)
{
	int r = strcmp(a->kind, b->kind);

	return r != 0 ? r : strcmp(a->id, b->id);
}

struct diff *
compare(const struct listing *want, const struct listing *have, size_t *n)
{
	struct diff *v = xcalloc(want->n + have->n, sizeof *v);
	const struct row *w = want->v, *h = have->v;
	const struct row *wend = w + want->n, *hend = h + have->n;
	int r;

	*n = 0;
	while (w < wend || h < hend) {
		r = w == wend ? 1 : h == hend ? -1 : order(w, h);
		/* The order of parents is but that of the columns. */
		if (r != 0 ||
		    (strcmp(w->def, h->def) != 0 && strcmp(w->kind, "inherits") != 0))
			v[(*n)++] = (struct diff){
			    .want = r <= 0 ? w : NULL, .have = r >= 0 ? h : NULL};
		w += r <= 0;
		h += r >= 0;
	}
	return v;
}

struct diff *
diff_find(struct diff *v, size_t n, const char *kind, const char *id)
{
	const struct row key = {.kind = kind, .id = id};
	size_t lo = 0, hi = n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (order(v[mid].want != NULL ? v[mid].want : v[mid].have, &key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == n || order(v[lo].want != NULL ? v[lo].want : v[lo].have, &key) != 0)
		return NULL;
	return &v[lo];
}
