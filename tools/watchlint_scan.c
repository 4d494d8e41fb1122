/*
 * watchlint_scan.c - tables that are read from end to end while others wait.
 */
#include "watchlint_rules.h"

static int
is_new_column(const struct change *c)
{
	return c->is->k == ATT && c->t != NULL;
}

/* Which clause a constraint comes from, when its name is PostgreSQL's. */
static const char *
word_of(const struct row *con)
{
	return con->f[CON_TYPE][0] == 'f' ? "REFERENCES"
	    : con->f[CON_TYPE][0] == 'c'  ? "CHECK"
					  : NULL;
}

static void
judge_scan(
    struct findings *f, const struct stmt *s, const struct obj *t, const char *name)
{
	struct where w = {s, NULL, NULL, 0};
	const struct held *h = held_on(t);
	const struct change *c, *con = NULL, *key = NULL, *valid = NULL, *domain = NULL;
	struct buf nulls = {0}, cons = {0};
	const char *since = "";
	int part = 0, required = 0;
	size_t i;

	if (h == NULL)
		return;
	if (h->no != s->no)
		since = keep(", locked since line %zu", h->line);
	for (i = 0; i < s->ncreated; i++) {
		c = &s->created[i];
		if (c->is->k == CON && c->t == t && c->is->f[CON_VALID][0] == 't' &&
		    c->is->f[CON_TYPE][0] != 'n') {
			if (c->is->f[CON_TYPE][0] == 'f')
				key = c;
			con = c;
			xbuf_addf(&cons, "%s%s", cons.len > 0 ? ", " : "", c->is->name);
		} else if (c->is->k == CON && c->is->f[CON_TYPE][0] == 'c' &&
		    strcmp(c->is->f[CON_DOMAIN], "0") != 0)
			domain = c;
		required |= is_new_column(c) && c->t == t &&
		    c->is->f[ATT_NOTNULL][0] == 't' && c->is->f[ATT_DEFAULT][0] == '\0';
	}
	for (i = 0; i < s->nchanged; i++) {
		c = &s->changed[i];
		if (c->t == t && turned_true(c, CON, CON_VALID))
			valid = c;
		else if (c->t == t && turned_true(c, ATT, ATT_NOTNULL)) {
			xbuf_addf(&nulls, "%s%s", nulls.len > 0 ? ", " : "", c->is->name);
			w.name = c->is->name;
		} else if (c->t == t && turned_true(c, REL, REL_ISPART))
			part = 1;
	}
	if (valid != NULL || has_words(s, "VALIDATE CONSTRAINT")) {
		w.name = valid != NULL ? valid->is->name : NULL;
		report(f, &w, "scan-validate", name,
		    "all of %s is read to validate a constraint, harmless alone, but the "
		    "transaction holds more: %s%s",
		    name, lock_words(t), since);
	} else if (key != NULL) {
		w.name = key->is->name;
		w.word = word_of(key->is);
		report(f, &w, "scan-foreign-key", name,
		    "all of %s is read to prove the foreign key %s; %s, of both tables%s",
		    name, key->is->name, lock_words(t), since);
	} else if (nulls.len > 0) {
		report(f, &w, "scan-not-null", name,
		    "all of %s is read to prove %s NOT NULL, and it fails on the first "
		    "NULL; "
		    "%s%s",
		    name, nulls.p, lock_words(t), since);
	} else if (part) {
		report(f, &w, "scan-attach", name,
		    "all of %s is read to prove the partition's bound; %s%s", name,
		    lock_words(t), since);
	} else if (con != NULL) {
		w.name = con->is->name;
		w.word = word_of(con->is);
		report(f, &w, "scan-check", name, "all of %s is read to prove %s; %s%s",
		    name, cons.p, lock_words(t), since);
	} else if (domain != NULL) {
		report(f, &w, "scan-domain", name,
		    "all of %s is read to prove the domain's constraint %s; %s%s", name,
		    domain->is->name, lock_words(t), since);
	} else if (!required)
		report(f, &w, "scan-locked", name, "all of %s is read; %s%s", name,
		    lock_words(t), since);
	buf_free(&nulls);
	buf_free(&cons);
}

int
changes_rows(const struct stmt *s)
{
	return starts(s, "UPDATE") || starts(s, "DELETE") || starts(s, "MERGE") ||
	    starts(s, "INSERT") || starts(s, "COPY") || starts(s, "WITH");
}

int
changes_schema(const struct stmt *s)
{
	size_t i;

	for (i = 0; i < s->nchanged; i++)
		if (s->changed[i].old)
			return 1;
	return s->ncreated > 0 || s->ngone > 0;
}

/* Something was locked before this statement: by others than ACCESS, if asked. */
static int
locked_before(const struct stmt *s, int access)
{
	const struct held *h;
	size_t i = 0;
	int any = 0;

	while ((h = next_held(&i)) != NULL) {
		if (h->no == s->no)
			continue;
		if (h->mode == ACCESS && !access)
			return 0;
		any = 1;
	}
	return any;
}

/*
 * A statement that only reads a big table takes as long as one that changes it, and
 * sessions that wait for an earlier statement's lock wait for this one, too. A change
 * of rows under ACCESS EXCLUSIVE has a finding of its own.
 */
static void
judge_reads(struct findings *f, const struct stmt *s, struct work *heavy,
    const struct work *empty, const struct work *scanned)
{
	const struct held *h;
	size_t i;

	if (!locked_before(s, !changes_rows(s)))
		return;
	for (i = 0; i < scanned->n; i++) {
		if (in(heavy, scanned->v[i]) || in(empty, scanned->v[i]))
			continue;
		h = held_on(scanned->v[i]);
		if (h != NULL && h->no != s->no && !changes_rows(s))
			judge_scan(f, s, scanned->v[i], obj_name(scanned->v[i]));
		work_add(heavy, scanned->v[i]);
	}
}

void
judge_scans(struct findings *f, const struct stmt *s, struct work *heavy,
    const struct work *empty, struct work *scanned)
{
	const struct change *c;
	int valid = 0, parted_scan;
	size_t i;

	for (i = 0; i < s->nscans; i++)
		work_add(scanned, s->scan[i].t);
	for (i = 0; i < s->ncreated; i++) {
		c = &s->created[i];
		if (c->is->k != CON || c->t == NULL)
			continue;
		/* A key is proved by a join, which may count no scan. */
		parted_scan = c->parted && c->is->f[CON_VALID][0] == 't' &&
		    strchr("cf", c->is->f[CON_TYPE][0]) != NULL;
		if (parted_scan ||
		    (c->is->f[CON_TYPE][0] == 'f' &&
			heard(s, "validating foreign key constraint", c->is->name) !=
			    NULL))
			work_add(scanned, c->t);
	}
	for (i = 0; i < s->nchanged; i++) {
		c = &s->changed[i];
		if (c->old && c->parted && turned_true(c, ATT, ATT_NOTNULL))
			work_add(scanned, c->t);
		valid |= turned_true(c, CON, CON_VALID);
	}
	for (i = 0; i < scanned->n && !changes_rows(s) && (changes_schema(s) || valid);
	    i++) {
		if (in(heavy, scanned->v[i]) || in(empty, scanned->v[i]) ||
		    held_on(scanned->v[i]) == NULL)
			continue;
		judge_scan(f, s, scanned->v[i], obj_name(scanned->v[i]));
		work_add(heavy, scanned->v[i]);
	}
	judge_reads(f, s, heavy, empty, scanned);
}
