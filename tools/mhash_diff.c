/* mhash_diff.c - compare a directory with its sum, see mhash.h. */
#include "mhash.h"

#include <stdlib.h>
#include <string.h>

#define FLIPS 4 /* see follow() */

/* On the way along the lines of the sum, in the order they were hashed. */
struct walk {
	struct dir *d;
	SHA256_CTX run;     /* what was hashed up to here, as it was then */
	size_t at;          /* the first file not passed yet */
	size_t hint, tries; /* see find_renamed() */
};

struct finding {
	const char *verdict;
	const char *name;
	const char *target;
};

static void
add_name(SHA256_CTX *c, const char *name)
{
	sha_add(c, name, strlen(name));
}

/* Does e's name with the content read last give e's hash? c then has them. */
static int
fits(SHA256_CTX *c, const struct entry *e, const struct dir *d)
{
	char hash[HASH_LEN + 1];

	add_name(c, e->name);
	sha_add(c, d->content.p, d->content.len);
	sha_text(c, hash);
	return strcmp(hash, e->hash) == 0;
}

/*
 * Was e renamed, content and all? Then one of the unlisted files gives e's
 * hash under e's name. The search starts after the last hit, so that many
 * files renamed alike cost one try each, and w->tries bounds the rest.
 */
static int
find_renamed(struct walk *w, struct entry *e)
{
	SHA256_CTX t;
	struct file *f;
	size_t i;

	for (i = 0; i < w->d->n && w->tries > 0; i++) {
		f = &w->d->v[(w->hint + i) % w->d->n];
		if (f->entry != NULL || f->ignored || f->verdict != NULL)
			continue;
		w->tries--;
		dir_read(w->d, f);
		t = w->run;
		if (!fits(&t, e, w->d))
			continue;
		w->run = t;
		w->hint = (size_t)(f - w->d->v) + 1;
		e->target = f;
		f->verdict = e->verdict = "moved";
		return 1;
	}
	return 0;
}

/*
 * Go on to the next line. Its file counts with its present content; the
 * unlisted files passed on the way count with their name when ignored and
 * not at all otherwise (they are new). If that does not give the recorded
 * hash, the last FLIPS of the unlisted are tried the other way round as well:
 * the ignored one is new, the other one was ignored. 0 when nothing fits.
 */
static int
follow(struct walk *w, struct entry *e)
{
	SHA256_CTX t;
	struct file *f, *gap[FLIPS];
	size_t j, n = 0;
	int flip;

	for (; w->at < w->d->n; w->at++) {
		f = &w->d->v[w->at];
		if (strcmp(f->name, e->name) >= 0)
			break;
		if (f->entry != NULL)
			continue;
		if (n == FLIPS) {
			if (gap[0]->ignored)
				add_name(&w->run, gap[0]->name);
			memmove(gap, gap + 1, --n * sizeof gap[0]);
		}
		gap[n++] = f;
	}
	if (e->file == NULL) {
		for (j = 0; j < n; j++)
			if (gap[j]->ignored)
				add_name(&w->run, gap[j]->name);
		return find_renamed(w, e);
	}
	if (e->file->ignored)
		return 0;
	dir_read(w->d, e->file);
	for (flip = 0; flip < 1 << n; flip++) {
		t = w->run;
		for (j = 0; j < n; j++)
			if (gap[j]->ignored != (flip >> j & 1))
				add_name(&t, gap[j]->name);
		if (!fits(&t, e, w->d))
			continue;
		w->run = t;
		for (j = 0; j < n; j++)
			if (flip >> j & 1)
				gap[j]->verdict = gap[j]->ignored ? "added" : "edited";
		return 1;
	}
	return 0;
}

/*
 * Give each line and each unlisted file its verdict. After the first file
 * that was removed or edited only names can be compared: its old content is
 * part of all the later hashes and is gone. 1 when all could be followed.
 */
static int
verify(struct dir *d, struct entry **v, size_t n)
{
	struct walk w = {.d = d, .tries = 4 * d->n + 64};
	struct file *f;
	size_t i;
	int lost = 0;

	(void)SHA256_Init(&w.run);
	for (f = d->v; f < d->v + d->n; f++)
		f->verdict = NULL;
	for (i = 0; i < n; i++) {
		v[i]->target = NULL;
		v[i]->verdict = NULL;
		if (!lost && follow(&w, v[i]))
			continue;
		if (v[i]->file == NULL)
			v[i]->verdict = "removed";
		else if (!lost || v[i]->file->ignored)
			v[i]->verdict = "edited";
		lost = 1;
	}
	for (f = d->v; f < d->v + d->n; f++)
		if (f->entry == NULL && !f->ignored && f->verdict == NULL)
			f->verdict = "added";
	return !lost;
}

/*
 * Mark the lines that are out of place: those outside a longest ascending run
 * of the names (patience sorting). The number of them.
 */
static size_t
find_misplaced(struct sum *s)
{
	size_t *top = xcalloc(s->n, sizeof *top), *prev = xcalloc(s->n, sizeof *prev);
	size_t i, lo, hi, mid, n = 0, misplaced;

	for (i = 0; i < s->n; i++) {
		for (lo = 0, hi = n; lo < hi;) {
			mid = lo + (hi - lo) / 2;
			if (strcmp(s->v[top[mid]].name, s->v[i].name) < 0)
				lo = mid + 1;
			else
				hi = mid;
		}
		prev[i] = lo > 0 ? top[lo - 1] : i;
		top[lo] = i;
		if (lo == n)
			n++;
		s->v[i].misplaced = 1;
	}
	misplaced = s->n - n;
	for (i = n > 0 ? top[n - 1] : 0; n > 0; n--, i = prev[i])
		s->v[i].misplaced = 0;
	free(top);
	free(prev);
	return misplaced;
}

static int
by_finding(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;
	int r = strcmp(x->name, y->name);

	return r != 0 ? r : strcmp(x->verdict, y->verdict);
}

/* A name takes one line whatever is in it. */
static void
print_name(struct buf *out, const char *name)
{
	for (; *name != '\0'; name++)
		xbuf_addc(
		    out, (unsigned char)*name < 0x20 || *name == 0x7f ? '?' : *name);
}

static void
report(const struct dir *d, const struct sum *s, struct buf *out)
{
	struct finding *v = xcalloc(d->n + 2 * s->n, sizeof *v);
	const struct entry *e;
	const struct file *f;
	size_t i, n = 0;

	for (e = s->v; e < s->v + s->n; e++) {
		if (e->verdict != NULL)
			v[n++] = (struct finding){e->verdict, e->name,
			    e->target != NULL ? e->target->name : NULL};
		if (e->misplaced && e->file != NULL)
			v[n++] = (struct finding){"moved", e->name, NULL};
	}
	for (f = d->v; f < d->v + d->n; f++)
		if (f->verdict != NULL && strcmp(f->verdict, "moved") != 0)
			v[n++] = (struct finding){f->verdict, f->name, NULL};
	if (n > 1)
		qsort(v, n, sizeof *v, by_finding);
	for (i = 0; i < n; i++) {
		xbuf_adds(out, v[i].verdict);
		xbuf_addc(out, ' ');
		print_name(out, v[i].name);
		if (v[i].target != NULL) {
			xbuf_adds(out, " -> ");
			print_name(out, v[i].target);
		}
		xbuf_addc(out, '\n');
	}
	free(v);
}

void
diff_dir(struct dir *d, struct sum *s, struct buf *out)
{
	struct entry **lines, *e;
	char total[HASH_LEN + 1];
	size_t i, misplaced, n = 0;
	int same, holds = sum_holds(s);

	for (i = 0, same = 1; i < d->n; i++) {
		if (d->v[i].ignored)
			continue;
		e = n < s->n ? &s->v[n] : NULL;
		n++;
		same = same && e != NULL && strcmp(e->name, d->v[i].name) == 0 &&
		    strcmp(e->hash, d->v[i].hash) == 0;
	}
	same = same && n == s->n;
	if (same && holds)
		return;
	dir_total(d, total);
	if (!holds)
		xbuf_adds(out, "edited " SUMFILE "\n");
	/*
	 * The files agree with either the names or the hashes of the sum: the other half
	 * was edited.
	 */
	if (same || (!holds && strcmp(total, s->total) == 0))
		return;

	for (e = s->v; e < s->v + s->n; e++) {
		e->file = dir_find(d, e->name);
		if (e->file != NULL)
			e->file->entry = e;
	}
	/* Lines out of order: hashed so, or hashed in order and shuffled later. */
	lines = xcalloc(s->n, sizeof *lines);
	for (i = 0; i < s->n; i++)
		lines[i] = &s->v[i];
	misplaced = find_misplaced(s);
	if (!verify(d, lines, s->n) && misplaced > 0)
		(void)verify(d, s->sorted, s->n);
	free(lines);
	report(d, s, out);
	/* This happens only if the files changed while they were read. */
	if (out->len == 0)
		xbuf_adds(out, "edited " SUMFILE "\n");
}
