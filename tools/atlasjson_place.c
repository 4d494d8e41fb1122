/*
 * atlasjson_place.c - give each finding its line and column, bring them in
 * order, and give each one a fingerprint for good.
 */
#include "atlasjson.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define FFFD "\xef\xbf\xbd"

struct cursor {
	size_t off, file_off, bol, line, col;
};

static void
step(const struct source *s, struct cursor *c)
{
	size_t k = utf8_len(s->text + c->off, s->len - c->off);

	if (k == 0)
		k = 1;
	c->file_off +=
	    s->from_json && k == 3 && memcmp(s->text + c->off, FFFD, 3) == 0 ? 1 : k;
	if (s->text[c->off] == '\n') {
		c->line++;
		c->bol = c->off + 1;
		c->col = 1;
	} else
		c->col++;
	c->off += k;
}

/* By file, then with a known offset first, then by place. */
static int
cmp_place(const void *va, const void *vb)
{
	const struct finding *a = va, *b = vb;

	if (a->src != b->src) {
		if (a->src == NULL || b->src == NULL)
			return a->src == NULL ? -1 : 1;
		return strcmp(a->src->path, b->src->path);
	}
	if (a->placed != b->placed)
		return b->placed - a->placed;
	if (a->placed && a->off != b->off)
		return a->off < b->off ? -1 : 1;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	if (a->byte_col != b->byte_col)
		return a->byte_col < b->byte_col ? -1 : 1;
	return a->order < b->order ? -1 : 1;
}

static int
cmp_final(const void *va, const void *vb)
{
	const struct finding *a = va, *b = vb;
	int c;

	if (a->src != b->src) {
		if (a->src == NULL || b->src == NULL)
			return a->src == NULL ? -1 : 1;
		return strcmp(a->src->path, b->src->path);
	}
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	if (a->col != b->col)
		return a->col < b->col ? -1 : 1;
	if (a->origin != b->origin)
		return (int)a->origin - (int)b->origin;
	if ((c = strcmp(a->code, b->code)) != 0 || (c = strcmp(a->msg, b->msg)) != 0)
		return c;
	return a->order < b->order ? -1 : 1;
}

/*
 * Line, column and offset of each finding. Sorted by place, a file's text is
 * walked through twice at most, however many findings there are.
 */
static void
place_all(struct report *r)
{
	static const struct cursor start = {0, 0, 0, 1, 1};
	struct cursor c = start;
	struct finding *f, *prev = NULL;
	const struct source *s;
	size_t i;
	int by_offset = 0;

	qsort(r->findings, r->nfindings, sizeof *r->findings, cmp_place);
	for (i = 0; i < r->nfindings; i++, prev = f) {
		f = &r->findings[i];
		s = f->src;
		if (prev == NULL || prev->src != s || by_offset != f->placed)
			c = start;
		by_offset = f->placed;
		if (s == NULL || s->text == NULL) {
			f->placed = 0;
			continue;
		}
		if (f->placed) {
			while (c.off < s->len && c.file_off < f->off)
				step(s, &c);
			f->line = c.line;
			f->col = c.col;
		} else if (f->line > 0) {
			while (c.off < s->len &&
			    (c.line < f->line ||
				(c.line == f->line && s->text[c.off] != '\n' &&
				    c.off - c.bol < f->byte_col)))
				step(s, &c);
			if (c.line != f->line)
				continue; /* not the text that was checked */
			f->col = c.col;
			f->placed = 1;
		} else
			continue;
		f->off = c.off;
		f->bol = c.bol;
	}
}

static void
drop_off(struct report *r)
{
	size_t i, n = 0;

	for (i = 0; i < r->nfindings; i++)
		if (r->findings[i].level != LEVEL_OFF)
			r->findings[n++] = r->findings[i];
	r->nfindings = n;
}

static void
hash_add(uint64_t *h, const char *p, size_t n)
{
	size_t i;

	/* FNV-1a; blanks do not count, so that a reformatted line is the same. */
	for (i = 0; i < n; i++)
		if (!isspace((unsigned char)p[i])) {
			*h ^= (unsigned char)p[i];
			*h *= UINT64_C(1099511628211);
		}
	*h ^= 0xff;
	*h *= UINT64_C(1099511628211);
}

static int
cmp_hash(const void *va, const void *vb)
{
	const struct finding *const *a = va, *const *b = vb;

	if ((*a)->hash != (*b)->hash)
		return (*a)->hash < (*b)->hash ? -1 : 1;
	return *a < *b ? -1 : 1;
}

/* "locked since line 3": the words count, the number moves. */
static void
hash_words(uint64_t *hash, const char *p)
{
	const char *q;

	for (; (q = strstr(p, " line ")) != NULL; p = q + strspn(q, "0123456789")) {
		q += sizeof " line " - 1;
		hash_add(hash, p, (size_t)(q - p));
	}
	hash_add(hash, p, strlen(p));
}

/*
 * What stays the same when lines are added above: file, code, message and the
 * text of the line. Findings alike in all that are numbered.
 */
static void
fingerprint(struct report *r)
{
	struct finding **sorted = xcalloc(r->nfindings, sizeof *sorted), *f;
	size_t i, n;
	const char *p, *nl;

	for (i = 0; i < r->nfindings; i++) {
		f = sorted[i] = &r->findings[i];
		f->hash = UINT64_C(14695981039346656037);
		hash_add(&f->hash, f->code, strlen(f->code));
		/*
		 * A finding about an object is identified by the object: the message
		 * changes with the difference.
		 */
		hash_words(&f->hash, str_or(f->on, f->msg));
		if (f->src == NULL)
			continue;
		hash_add(&f->hash, f->src->path, strlen(f->src->path));
		if (!f->placed)
			continue;
		p = f->src->text + f->bol;
		n = f->src->len - f->bol;
		n = n < 400 ? n : 400; /* enough, and a line may be a megabyte */
		nl = memchr(p, '\n', n);
		hash_add(&f->hash, p, nl != NULL ? (size_t)(nl - p) : n);
	}
	qsort(sorted, r->nfindings, sizeof *sorted, cmp_hash);
	for (i = 0; i < r->nfindings; i++)
		sorted[i]->nth = i > 0 && sorted[i]->hash == sorted[i - 1]->hash
		    ? sorted[i - 1]->nth + 1
		    : 1;
	free(sorted);
}

void
report_finish(struct report *r)
{
	const struct finding *f;
	struct source *s;
	size_t i;

	tell_unknown(r);
	drop_off(r);
	if (r->nfindings > 0) {
		place_all(r);
		number_statements(r);
		drop_nolint(r);
		drop_off(r);
		qsort(r->findings, r->nfindings, sizeof *r->findings, cmp_final);
		drop_doubles(r);
		drop_off(r);
		fingerprint(r);
	}
	for (i = 0; i < r->nfindings; i++) {
		f = &r->findings[i];
		s = f->src;
		r->nerrors += f->level == LEVEL_ERROR;
		r->nwarnings += f->level == LEVEL_WARNING;
		r->nnotices += f->level == LEVEL_NOTICE;
		if (s == NULL)
			continue;
		if (s->end == 0) {
			s->first = i;
			r->nfiles++;
		}
		s->end = i + 1;
	}
	if (r->nfindings == 0)
		r->nfiles = r->nsources;
	for (i = 0; i < r->nitems; i++)
		if ((s = r->items[i].src) != NULL)
			s->item = &r->items[i];
}
