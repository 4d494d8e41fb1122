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
		if (r != 0 || strcmp(w->def, h->def) != 0)
			v[(*n)++] = (struct diff){r <= 0 ? w : NULL, r >= 0 ? h : NULL};
		w += r <= 0;
		h += r >= 0;
	}
	return v;
}
