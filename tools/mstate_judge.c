/* mstate_judge.c - compare the revisions with the directory, see mstate.h. */
#include "mstate.h"

#include <stdlib.h>

const char *const state_names[NSTATES] = {"applied", "baseline", "set", "covered",
    "checkpoint", "pending", "partial", "out-of-order", "edited", "renamed", "ahead",
    "gone"};

/*
 * Atlas's rule: the name without ".sql", up to its first '_'. What follows that
 * is the description, again without ".sql".
 */
static size_t
version_len(const char *name)
{
	size_t n = strlen(name) - 4;
	const char *cut = memchr(name, '_', n);

	return cut != NULL ? (size_t)(cut - name) : n;
}

static int
is_described(const char *name, const char *description)
{
	const char *cut = strchr(name, '_');
	size_t n;

	if (cut == NULL)
		return *description == '\0';
	n = strlen(++cut);
	/* "a_.sql" and "a_sql", where nothing is left to take off. */
	if (n >= 4 && strcmp(cut + n - 4, ".sql") == 0)
		n -= 4;
	return strlen(description) == n && memcmp(description, cut, n) == 0;
}

static int
compare(const char *a, size_t na, const char *b, size_t nb)
{
	int c = memcmp(a, b, na < nb ? na : nb);

	return c != 0 ? c : (na > nb) - (na < nb);
}

static int
by_version(const void *a, const void *b)
{
	const struct migration *x = a, *y = b;

	return compare(x->version, x->version_len, y->version, y->version_len);
}

static struct rev *
find_rev(const struct revs *r, const struct migration *m)
{
	size_t lo = 0, hi = r->n, mid;
	int c;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		c = compare(r->v[mid].version, strlen(r->v[mid].version), m->version,
		    m->version_len);
		if (c == 0)
			return &r->v[mid];
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

static int
has_hash(const struct migration *m)
{
	return !m->file->ignored && m->rev->hash[0] != '\0';
}

static int
same_hash(const struct migration *m)
{
	return !has_hash(m) || strcmp(m->file->hash, m->rev->hash) == 0;
}

/*
 * Are all statements applied? Where the counts agree they are, but for a file
 * that stopped outside of a transaction and was corrected to another number of
 * statements: its row keeps the old total. It is at its end when as many are
 * applied as it has now. While it is under way Atlas keeps the hashes of the
 * statements so far; since 1.0 it clears them at the end, before it did not, nor
 * did it clear the error of an earlier try.
 */
static int
is_complete(const struct migration *m)
{
	const struct rev *v = m->rev;
	int failed = *v->error != '\0', ended = v->partial == 0 && v->applied > 0;

	if (v->applied == v->total)
		return !failed || v->partial == 0 || m->file == NULL || same_hash(m) ||
		    m->file->statements <= v->applied;
	if (m->file != NULL && m->file->statements == v->applied)
		return ended || v->applied > v->total;
	return ended && !failed;
}

/*
 * The hash is that of a broken text, if the count or an error that is left says
 * that it stopped; all of the corrected one is applied.
 */
static int
is_corrected(const struct migration *m)
{
	const struct rev *v = m->rev;

	return (v->applied != v->total || *v->error != '\0') &&
	    v->applied == m->file->statements;
}

/* The state of a migration that has a row. */
static enum state
applied_as(const struct rev *v)
{
	return v->type & REV_BASELINE ? BASELINE : v->type & REV_RESOLVED ? SET : APPLIED;
}

static enum state
state_of_row(struct migration *m)
{
	const struct rev *v = m->rev;

	if (!is_complete(m)) {
		m->stale = m->file != NULL && m->file->statements == v->applied;
		return PARTIAL;
	}
	if (m->file != NULL && !is_described(m->file->name, v->description))
		return RENAMED;
	if (m->file != NULL && !same_hash(m)) {
		m->stale = 1;
		return is_corrected(m) ? APPLIED : EDITED;
	}
	m->stale = v->applied != v->total;
	return applied_as(v);
}

static void
list(struct judgement *j, const struct dir *d, struct revs *r)
{
	struct migration *m;
	struct rev *v;
	size_t i;

	j->v = xcalloc(d->n + r->n, sizeof *j->v);
	for (i = 0; i < d->n; i++) {
		m = &j->v[j->n++];
		m->file = &d->v[i];
		m->version = m->file->name;
		m->version_len = version_len(m->version);
		v = find_rev(r, m);
		m->rev = v;
		if (v != NULL)
			v->has_file = 1;
	}
	j->nfiles = j->n;
	for (i = 0; i < r->n; i++) {
		if (r->v[i].has_file)
			continue;
		m = &j->v[j->n++];
		m->rev = &r->v[i];
		m->version = m->rev->version;
		m->version_len = strlen(m->version);
	}
	if (j->n > 1)
		qsort(j->v, j->n, sizeof *j->v, by_version);
	for (i = 1; i < j->n; i++)
		if (by_version(&j->v[i - 1], &j->v[i]) == 0)
			die(d->path,
			    "'%.200s' and '%.200s' have the same version: rename one",
			    j->v[i - 1].file->name, j->v[i].file->name);
}

/* Files without a row, when the table has no row at all. */
static void
judge_fresh(struct judgement *j, const struct dir *d, const char *baseline)
{
	struct migration *m, *from = j->v, *end = j->v + j->n;

	if (baseline != NULL) {
		for (m = j->v; m < end; m++)
			if (compare(m->version, m->version_len, baseline,
				strlen(baseline)) == 0)
				from = m + 1;
		if (from == j->v)
			die(d->path, "no migration of version '%.100s', the baseline",
			    baseline);
	} else
		for (m = j->v; m < end; m++)
			if (m->file->checkpoint)
				from = m;
	for (m = j->v; m < end; m++)
		m->state = m < from                           ? COVERED
		    : m->file->checkpoint && m > from         ? CHECKPOINT
		    : m->file->checkpoint && baseline != NULL ? CHECKPOINT
							      : PENDING;
}

/*
 * Hash the directory once more as it was, without the files that are not applied,
 * or that were applied after this time (NULL: any): Atlas hashes by name and not by
 * version, so that 1.0.10 stands before 1.0.1, and a new file may come before one
 * that is applied. What agrees now is proved.
 */
static void
hash_as_of(struct judgement *j, struct dir *d, const char *when)
{
	char hash[HASH_LEN + 1];
	struct migration key = {0}, *m;
	struct file *f;
	SHA256_CTX c;

	(void)SHA256_Init(&c);
	for (f = d->v; f < d->v + d->n; f++) {
		key.version = f->name;
		key.version_len = version_len(f->name);
		m = bsearch(&key, j->v, j->n, sizeof *j->v, by_version);
		if (m == NULL || m->state == PENDING || m->state == OUT_OF_ORDER)
			continue;
		if (when != NULL && m->rev != NULL && strcmp(m->rev->when, when) > 0)
			continue;
		sha_add(&c, f->name, strlen(f->name));
		if (f->ignored)
			continue;
		dir_read(d, f);
		sha_add(&c, d->content.p, d->content.len);
		sha_text(&c, hash);
		if (m->state == EDITED && strcmp(hash, m->rev->hash) == 0) {
			m->state = applied_as(m->rev);
			m->stale = 0;
		}
	}
}

/* The first file by name that is EDITED, or NULL. */
static struct migration *
first_edited(const struct judgement *j)
{
	struct migration *m, *first = NULL;

	for (m = j->v; m < j->v + j->n; m++)
		if (m->state == EDITED &&
		    (first == NULL || strcmp(m->file->name, first->file->name) < 0))
			first = m;
	return first;
}

/*
 * A file that was applied late, after later ones, is not in their hashes. Such are
 * few: each turn is about one time at which files were applied, and ends where it
 * proves nothing.
 */
static void
hash_without_late(struct judgement *j, struct dir *d)
{
	struct migration *m, *next = first_edited(j);
	int turns = 0;

	do {
		m = next;
		if (m == NULL)
			return;
		hash_as_of(j, d, m->rev->when);
		next = first_edited(j);
	} while (next != m && ++turns < 64);
}

/* Does the name that the row's file had sort before the name of the file? */
static int
was_before(const struct rev *v, const char *name)
{
	struct buf b = {0};
	int before;

	xbuf_adds(&b, v->version);
	if (*v->description != '\0')
		xbuf_addf(&b, "_%s", v->description);
	xbuf_adds(&b, ".sql");
	before = strcmp(b.p, name) < 0;
	buf_free(&b);
	return before;
}

/*
 * A hash is over all files before its own too: after the first that is edited,
 * renamed or not here, the others cannot agree, and say nothing.
 */
static void
keep_first_edited(struct judgement *j)
{
	struct migration *m, *first = first_edited(j), *end = j->v + j->n;

	for (m = j->v; m < end; m++)
		if (first != NULL &&
		    (m->state == GONE || m->state == AHEAD || m->state == RENAMED) &&
		    was_before(m->rev, first->file->name))
			first = NULL;
	for (m = j->v; m < end; m++)
		if (m->state == EDITED && m != first)
			m->state = applied_as(m->rev);
}

static void
judge_rows(struct judgement *j, struct dir *d, int any_order)
{
	struct migration *m, *first = NULL, *last = NULL, *last_file = NULL,
			     *end = j->v + j->n;
	int covers, edited = 0, missing = 0;

	for (m = j->v; m < end; m++) {
		if (m->rev != NULL) {
			first = first == NULL ? m : first;
			last = m;
		}
		if (m->file != NULL)
			last_file = m;
	}
	if (first == NULL)
		return;
	/* Files older than the baseline count as applied. */
	covers = first->rev->type & REV_BASELINE ||
	    (first->file != NULL && first->file->checkpoint);
	for (m = j->v; m < end; m++) {
		if (m->rev != NULL)
			m->state = state_of_row(m);
		else if (m->file->checkpoint)
			m->state = CHECKPOINT;
		else if (m < first && covers)
			m->state = COVERED;
		else
			m->state = m < last && !any_order ? OUT_OF_ORDER : PENDING;
		if (m->file == NULL && m->state != PARTIAL)
			m->state = last_file == NULL || m > last_file ? AHEAD : GONE;
		edited |= m->state == EDITED;
		missing |= m->state == PENDING || m->state == OUT_OF_ORDER;
	}
	if (edited && missing)
		hash_as_of(j, d, NULL);
	if (edited) {
		hash_without_late(j, d);
		keep_first_edited(j);
	}
}

static void
conclude(struct judgement *j, int dirty, int any_row)
{
	static const enum state good[] = {APPLIED, BASELINE, SET, COVERED, CHECKPOINT};
	const struct migration *m;
	size_t i, orphans = 0;

	for (m = j->v; m < j->v + j->n; m++) {
		j->count[m->state]++;
		orphans += m->state == PARTIAL && m->file == NULL;
		if (j->first_bad == NULL && (m->state == EDITED || m->state == RENAMED))
			j->first_bad = m->file->name;
	}
	for (i = 0; i < sizeof good / sizeof good[0]; i++)
		j->applied += j->count[good[i]];
	j->code = EXIT_CANNOT;
	if (j->count[OUT_OF_ORDER] + j->count[GONE] + j->count[EDITED] +
		    j->count[RENAMED] + orphans >
		0 ||
	    (j->count[AHEAD] > 0 && j->count[PENDING] + j->count[PARTIAL] > 0))
		j->word = "diverged";
	else if (j->count[PARTIAL] > 0)
		j->word = "partial";
	else if (!any_row && dirty)
		j->word = "unmanaged";
	else {
		j->code = j->count[PENDING] > 0 ? EXIT_NO : EXIT_YES;
		j->word = j->count[PENDING] > 0 ? "behind"
		    : j->count[AHEAD] > 0       ? "ahead"
						: "up-to-date";
	}
}

void
judge(struct judgement *j, struct dir *d, struct revs *r, const struct rules *rules)
{
	memset(j, 0, sizeof *j);
	list(j, d, r);
	if (r->n == 0)
		judge_fresh(j, d, rules->baseline);
	else
		judge_rows(j, d, rules->any_order);
	conclude(j, rules->dirty && rules->baseline == NULL, r->n > 0);
}

void
judgement_free(struct judgement *j)
{
	free(j->v);
}
