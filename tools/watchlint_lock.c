/*
 * watchlint_lock.c - the locks of a transaction, as they add up.
 */
#include "watchlint_rules.h"

static struct held *held;
static size_t nheld;

static const char *const mode_names[NMODES] = {"ROW SHARE", "ROW EXCLUSIVE",
    "SHARE UPDATE EXCLUSIVE", "SHARE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE",
    "ACCESS EXCLUSIVE"};

static const char *
keeps_out(enum mode m)
{
	return m == ACCESS ? "reads and writes" : "writes";
}

static struct held *
find_held(const struct obj *t)
{
	size_t i;

	for (i = 0; i < nheld; i++)
		if (held[i].t == t)
			return &held[i];
	return NULL;
}

const struct held *
held_on(const struct obj *t)
{
	return find_held(t);
}

/* One after the other, from *i = 0 on. */
const struct held *
next_held(size_t *i)
{
	return *i < nheld ? &held[(*i)++] : NULL;
}

/* A transaction has ended. */
void
forget_locks(void)
{
	nheld = 0;
}

const char *
lock_words(const struct obj *t)
{
	const struct held *h = held_on(t);

	return h == NULL
	    ? "PostgreSQL locks it"
	    : keep("%s keeps out %s", mode_names[h->mode], keeps_out(h->mode));
}

enum mode
top_mode(unsigned int modes)
{
	unsigned int m = NMODES;

	while (m > 0 && (modes & 1U << (m - 1)) == 0)
		m--;
	return m > 0 ? (enum mode)(m - 1) : ROW_SHARE;
}

const char *
mode_name(enum mode m)
{
	return mode_names[m];
}

/* The strongest of the modes that keep others out, or NMODES. */
static enum mode
strongest(const struct lock *l)
{
	unsigned int m;

	/* A materialized view has readers only. */
	for (m = ACCESS; m >= SHARE; m--)
		if ((l->modes & 1U << m) != 0)
			return l->kind == 'm' && m != ACCESS ? NMODES : (enum mode)m;
	return NMODES;
}

/* Which tables this statement locks anew, or more strongly: their number. */
size_t
take_locks(const struct stmt *s, const struct lock **first)
{
	struct held *h;
	enum mode m;
	size_t i, n = 0;

	for (i = 0; i < s->nlocks; i++) {
		if ((m = strongest(&s->lock[i])) == NMODES)
			continue;
		h = find_held(s->lock[i].t);
		if (h != NULL && h->mode >= m)
			continue;
		if (h == NULL) {
			held = xreallocarray(held, nheld + 1, sizeof *held);
			h = &held[nheld++];
			memset(h, 0, sizeof *h);
			h->t = s->lock[i].t;
		}
		h->table = s->lock[i].table;
		h->mode = m;
		h->line = s->line;
		h->no = s->no;
		first[n++] = &s->lock[i];
	}
	return n;
}

/* Is the table dropped somewhere in the file? Then nobody waits for it. */
static int
is_dropped(const struct file *file, const struct obj *t)
{
	size_t i, k;

	for (i = 0; i < file->n; i++)
		for (k = 0; k < file->v[i].ngone; k++)
			if (file->v[i].gone[k].was->k == REL &&
			    file->v[i].gone[k].was->id == t->id)
				return 1;
	return 0;
}

void
judge_locks(struct findings *f, const struct file *file, const struct stmt *s,
    const struct work *heavy, const struct lock **first, size_t nfirst)
{
	struct where w = {s, NULL, NULL, 0};
	struct buf names = {0};
	const struct held *h, *before = NULL;
	const char *bare;
	size_t i, k;

	for (i = 0; i < nheld; i++) {
		h = &held[i];
		if (h->no == s->no || is_dropped(file, h->t) ||
		    told(f, file, "lock-held", h->table))
			continue;
		names.len = 0;
		for (k = 0; k < heavy->n; k++)
			if (heavy->v[k] != h->t)
				xbuf_addf(&names, "%s%s", names.len > 0 ? ", " : "",
				    obj_name(heavy->v[k]));
		if (names.len > 0)
			report(f, &w, "lock-held", h->table,
			    "%s stays locked against %s from line %zu on, while all of "
			    "%s is read or written",
			    h->table, keeps_out(h->mode), h->line, names.p);
	}
	for (i = 0; i < nheld && before == NULL; i++)
		if (held[i].mode == ACCESS && held[i].no != s->no &&
		    !is_dropped(file, held[i].t))
			before = &held[i];
	for (i = 0; i < nfirst && before != NULL; i++) {
		bare = first[i]->t->old->name;
		/*
		 * The statement names the table; a lock as a side effect is no finding.
		 */
		if ((first[i]->modes & 1U << ACCESS) == 0 || first[i]->t == before->t ||
		    !mentions(s, bare) || told(f, file, "many-locks", NULL))
			continue;
		report(f, &w, "many-locks", first[i]->table,
		    "%s is locked against reads and writes from line %zu on, while this "
		    "statement waits for the lock on %s",
		    before->table, before->line, first[i]->table);
	}
	if (starts(s, "LOCK") && nfirst > 0)
		report(f, &w, "explicit-lock", first[0]->table,
		    "%s is locked to the end of the transaction: %s", first[0]->table,
		    lock_words(first[0]->t));
	buf_free(&names);
}
