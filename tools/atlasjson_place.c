/*
 * atlasjson_place.c - give each finding its line and column, bring them in
 * order, take out the doubles and number the rest for good.
 */
#include "atlasjson.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define FFFD "\xef\xbf\xbd"

/* The same finding under the names of Atlas and of squawk. */
static const char *const twins[][2] = {
    {"BC101", "renaming-table"},
    {"BC102", "renaming-column"},
    {"CD101", "ban-drop-constraint"},
    {"DS101", "ban-drop-schema"},
    {"DS102", "ban-drop-table"},
    {"DS103", "ban-drop-column"},
    {"MF103", "adding-required-field"},
    {"MF104", "adding-not-nullable-field"},
    {"PG101", "require-concurrent-index-creation"},
    {"PG102", "require-concurrent-index-deletion"},
};
#define NTWINS (sizeof twins / sizeof twins[0])

/*
 * Community Atlas does not parse PostgreSQL's statements: it compares before
 * and after, and takes what squawk sees renamed for dropped and added. In one
 * statement with a renaming there can be nothing else.
 */
static const char *const misread[][2] = {
    {"DS102", "renaming-table"},
    {"DS103", "renaming-column"},
    {"MF103", "renaming-column"},
};
#define NMISREAD (sizeof misread / sizeof misread[0])

struct cursor {
	size_t off, file_off, bol, line, col, stmts;
};

static void
step(const struct source *s, struct cursor *c)
{
	size_t k = utf8_len(s->text + c->off, s->len - c->off);

	if (k == 0)
		k = 1;
	c->file_off +=
	    s->from_json && k == 3 && memcmp(s->text + c->off, FFFD, 3) == 0 ? 1 : k;
	if (s->text[c->off] == ';')
		c->stmts++;
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
	if (a->other != b->other)
		return a->other - b->other;
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
	static const struct cursor start = {0, 0, 0, 1, 1, 0};
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
		f->nth_stmt = c.stmts;
	}
}

static size_t
twin_of(const char *code)
{
	size_t i;

	for (i = 0; i < NTWINS; i++)
		if (strcmp(code, twins[i][0]) == 0 || strcmp(code, twins[i][1]) == 0)
			break;
	return i;
}

const char *
twin_code(const char *code, size_t nth)
{
	size_t i;
	int side;

	for (i = 0; i < NTWINS; i++)
		for (side = 0; side < 2; side++)
			if (strcmp(code, twins[i][side]) == 0 && nth-- == 0)
				return twins[i][1 - side];
	for (i = 0; i < NMISREAD; i++)
		if (strcmp(code, misread[i][0]) == 0 && nth-- == 0)
			return misread[i][1];
	return NULL;
}

static void
absorb(struct finding *into, struct finding *f)
{
	if (f->level > into->level)
		into->level = f->level;
	if (into->help == NULL)
		into->help = f->help;
	f->level = LEVEL_OFF;
}

/* Among the findings [i, end), which are of one statement. */
static void
drop_misread(struct report *r, size_t i, size_t end)
{
	size_t k, m;

	for (m = 0; m < NMISREAD; m++) {
		for (k = i; k < end; k++)
			if (strcmp(r->findings[k].code, misread[m][1]) == 0)
				break;
		for (k = k < end ? i : end; k < end; k++)
			if (strcmp(r->findings[k].code, misread[m][0]) == 0)
				r->findings[k].level = LEVEL_OFF;
	}
}

/* One bucket per twin: the last finding of Atlas with that meaning. */
static void
drop_doubles(struct report *r)
{
	struct finding *last[NTWINS], *f, *kept = NULL;
	size_t i, k, to, t, n = r->nfindings;

	for (i = 0; i < n; i = to) {
		struct finding *head = &r->findings[i];
		size_t stmt = head->placed ? head->nth_stmt : head->line;

		/* The findings of one statement, or of one line without text. */
		for (to = i; to < n; to++) {
			f = &r->findings[to];
			if (f->src != head->src || f->placed != head->placed ||
			    (f->placed ? f->nth_stmt : f->line) != stmt)
				break;
		}
		drop_misread(r, i, to);
		memset(last, 0, sizeof last);
		for (k = i; k < to; k++) {
			f = &r->findings[k];
			if (!f->other && f->src != NULL && f->level != LEVEL_OFF &&
			    (t = twin_of(f->code)) < NTWINS)
				last[t] = f;
		}
		for (k = i; k < to; k++) {
			f = &r->findings[k];
			if (f->other && (t = twin_of(f->code)) < NTWINS &&
			    last[t] != NULL)
				absorb(last[t], f);
		}
	}
	/* And what is the same in every word, from the same input twice. */
	for (i = 0; i < n; i++) {
		f = &r->findings[i];
		if (f->level == LEVEL_OFF)
			continue;
		if (kept != NULL && kept->src == f->src && kept->line == f->line &&
		    kept->col == f->col && strcmp(kept->code, f->code) == 0 &&
		    strcmp(kept->msg, f->msg) == 0)
			absorb(kept, f);
		else
			kept = f;
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
		hash_add(&f->hash, f->msg, strlen(f->msg));
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

	drop_off(r);
	if (r->nfindings > 0) {
		place_all(r);
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
