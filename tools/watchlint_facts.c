/*
 * watchlint_facts.c - from what psql printed to what each statement did.
 *
 * The output is a row of blocks. A line of the mark and "@WORD ..." begins one,
 * lines of the mark and a JSON array are its facts, others are the migration's
 * own. On the error output the same marks show to which statement a message belongs.
 */
#include "watchlint_facts.h"

#include <stdlib.h>

static const char *const kinds[NKINDS] = {"rel", "att", "con", "idx", "inh", "trg", "pol",
    "rul", "fun", "typ", "enm", "nsp", "ext", "seq", "pub", "pur", "cfg"};
static const char *const modes[NMODES] = {"RowShareLock", "RowExclusiveLock",
    "ShareUpdateExclusiveLock", "ShareLock", "ShareRowExclusiveLock", "ExclusiveLock",
    "AccessExclusiveLock"};

/* ---- one statement ---- */

static void
describe(struct change *c, const struct row *r)
{
	const struct obj *t = table_of(relation_of(r));

	c->t = t;
	c->table = t != NULL ? obj_name(t) : NULL;
	c->parted =
	    t != NULL && (t->now != NULL ? t->now : t->old)->f[REL_KIND][0] == 'p';
}

static void
add_gone(struct stmt *s, enum kind k, unsigned long id)
{
	struct obj *o;
	struct change *c;

	if (find_obj(k, id, 0) == NULL)
		return;
	o = get_obj(k, id, 0);
	if (o->old == NULL || o->gone)
		return;
	remember(o);
	o->gone = 1;
	c = GROW(s->gone, s->ngone);
	memset(c, 0, sizeof *c);
	c->was = o->now != NULL ? o->now : o->old;
	c->old = 1;
	describe(c, c->was);
}

static void
add_row(struct stmt *s, const struct row *r)
{
	struct obj *o = get_obj(r->k, r->id, r->sub);
	const struct row *was = o->now;
	struct change *c;
	size_t i, same = 1;

	if (was != NULL) {
		for (i = 0; i < NFIELDS; i++)
			same &= strcmp(was->f[i], r->f[i]) == 0;
		if (same && strcmp(was->ns, r->ns) == 0 &&
		    strcmp(was->name, r->name) == 0)
			return;
	}
	remember(o);
	o->now = r;
	c = was == NULL ? GROW(s->created, s->ncreated) : GROW(s->changed, s->nchanged);
	memset(c, 0, sizeof *c);
	c->was = was;
	c->is = r;
	c->old = o->old != NULL;
}

static struct lock *
get_lock(struct stmt *s, const struct obj *t)
{
	struct lock *l;
	size_t i;

	for (i = 0; i < s->nlocks; i++)
		if (s->lock[i].t == t)
			return &s->lock[i];
	l = GROW(s->lock, s->nlocks);
	memset(l, 0, sizeof *l);
	l->t = t;
	l->table = obj_name(t);
	l->kind = t->old->f[REL_KIND][0];
	return l;
}

static void
add_scan(struct stmt *s, unsigned long id, long scans, long rows)
{
	struct obj *o = get_obj(REL, id, 0);
	const struct obj *t;
	struct scan *x;
	long was = o->scans, had = o->rows;
	size_t i;

	o->scans = scans;
	o->rows = rows;
	if (s == NULL || scans <= was || o->owner != 0 || (t = table_of(id)) == NULL)
		return;
	for (i = 0; i < s->nscans; i++)
		if (s->scan[i].t == t) {
			s->scan[i].rows += rows - had;
			return;
		}
	x = GROW(s->scan, s->nscans);
	x->t = t;
	x->table = obj_name(t);
	x->rows = rows - had;
}

/* Tables are reported by the name they have after the statement. */
static void
finish_stmt(struct stmt *s)
{
	const struct obj *o;
	size_t i, k;

	for (i = 0; i < s->ncreated; i++) {
		struct change *c = &s->created[i];

		describe(c, c->is);
		if (c->is->k != ENM)
			continue;
		c->last = 1;
		for (k = 0; (o = next_obj(&k)) != NULL;)
			if (o->k == ENM && o->now != NULL &&
			    strcmp(o->now->f[ENM_TYPE], c->is->f[ENM_TYPE]) == 0 &&
			    strtod(o->now->f[ENM_ORDER], NULL) >
				strtod(c->is->f[ENM_ORDER], NULL))
				c->last = 0;
	}
	for (i = 0; i < s->nchanged; i++)
		describe(&s->changed[i], s->changed[i].is);
	s->looked = 1;
}

/* ---- lines ---- */

static const char *
text_at(const json_t *a, size_t i)
{
	const json_t *v = json_array_get(a, i);

	if (json_is_string(v))
		return keep_text(json_string_value(v), json_string_length(v));
	if (v != NULL && !json_is_null(v))
		bad_facts("not a text where one has to be");
	return "";
}

static long
number_at(const json_t *a, size_t i)
{
	const json_t *v = json_array_get(a, i);

	if (v == NULL || json_is_null(v))
		return 0;
	if (!json_is_integer(v))
		bad_facts("not a number where one has to be");
	return (long)json_integer_value(v);
}

static enum kind
kind_of(const char *s)
{
	unsigned int k;

	for (k = 0; k < NKINDS; k++)
		if (strcmp(kinds[k], s) == 0)
			return (enum kind)k;
	return NKINDS;
}

static void
add_lock(struct stmt *s, unsigned long id, unsigned int mode)
{
	const struct obj *t = table_of(id);
	struct obj *o;

	if (t == NULL)
		return;
	o = get_obj(REL, t->id, 0);
	if ((o->held & 1U << mode) == 0) {
		o->held |= 1U << mode;
		get_lock(s, t)->modes |= 1U << mode;
	}
}

/* ["lock", mode, [oid...], [those of them that are gone]] */
static void
add_locks(struct stmt *s, const json_t *a)
{
	const char *mode = json_string_value(json_array_get(a, 1));
	const json_t *ids = json_array_get(a, 2), *gone = json_array_get(a, 3);
	unsigned int m;
	size_t i;

	if (mode == NULL || !json_is_array(ids))
		bad_facts("a lock without its mode or its relations");
	for (i = 0; i < json_array_size(gone); i++)
		add_gone(s, REL, (unsigned long)number_at(gone, i));
	for (m = 0; m < NMODES && strcmp(modes[m], mode) != 0; m++)
		continue;
	for (i = 0; m < NMODES && i < json_array_size(ids); i++)
		add_lock(s, (unsigned long)number_at(ids, i), m);
}

/* ["scan", [oid...], [scans...], [rows...]] */
static void
add_scans(struct stmt *s, const json_t *a)
{
	const json_t *ids = json_array_get(a, 1), *scans = json_array_get(a, 2),
		     *rows = json_array_get(a, 3);
	size_t i;

	if (!json_is_array(ids) || json_array_size(ids) != json_array_size(scans) ||
	    json_array_size(ids) != json_array_size(rows))
		bad_facts("scans without their relations");
	for (i = 0; i < json_array_size(ids); i++)
		add_scan(s, (unsigned long)number_at(ids, i), number_at(scans, i),
		    number_at(rows, i));
}

static const struct row *
read_row(const json_t *a, enum kind k)
{
	struct row *r = xkept(sizeof *r);
	size_t i;

	/* A field that is NULL reads as an empty string. */
	if (json_array_size(a) < 5 || json_array_size(a) > 5 + NFIELDS)
		bad_facts("a catalog row with too few or too many fields");
	r->k = k;
	r->id = (unsigned long)number_at(a, 1);
	r->sub = number_at(a, 2);
	r->ns = text_at(a, 3);
	r->name = text_at(a, 4);
	for (i = 0; i < NFIELDS; i++)
		r->f[i] = text_at(a, 5 + i);
	return r;
}

static void
gone_object(struct stmt *s, unsigned long class, unsigned long id)
{
	static const struct {
		unsigned long class;
		enum kind k;
	} classes[] = {{1247, TYP}, {1255, FUN}, {2606, CON}, {2615, NSP}, {2618, RUL},
	    {2620, TRG}, {3079, EXT}, {3256, POL}, {6104, PUB}, {6106, PUR}};
	size_t i;

	for (i = 0; i < sizeof classes / sizeof classes[0]; i++)
		if (classes[i].class == class)
			add_gone(s, classes[i].k, id);
}

struct reader {
	struct branch *b;
	enum { NONE, START, BASE, STMT, COMMIT, END } in;
	struct file *f;
	struct stmt *s;
	unsigned long *members;
	size_t nmembers;
	int whole, looking;
};

static void
read_array(struct reader *r, const json_t *a)
{
	const char *what = json_string_value(json_array_get(a, 0));
	enum kind k;
	struct setting *set;
	const struct row *row;

	if (what == NULL)
		bad_facts("no word in front");
	if (strcmp(what, "mem") == 0) {
		*GROW(r->members, r->nmembers) = (unsigned long)number_at(a, 1);
	} else if (strcmp(what, "set") == 0) {
		if (r->in == END) {
			set = GROW(r->f->left, r->f->nleft);
			set->name = text_at(a, 1);
			set->value = text_at(a, 2);
		}
	} else if (strcmp(what, "lock") == 0) {
		if (r->s != NULL)
			add_locks(r->s, a);
	} else if (strcmp(what, "gone") == 0) {
		if (r->s != NULL)
			gone_object(r->s, (unsigned long)number_at(a, 1),
			    (unsigned long)number_at(a, 2));
	} else if (strcmp(what, "base") == 0) {
		add_scan(NULL, (unsigned long)number_at(a, 1), number_at(a, 2),
		    number_at(a, 3));
	} else if (strcmp(what, "scan") == 0) {
		if (r->s != NULL)
			add_scans(r->s, a);
	} else if ((k = kind_of(what)) < NKINDS) {
		row = read_row(a, k);
		if (r->in == START)
			get_obj(k, row->id, row->sub)->now = row;
		else if (r->s != NULL)
			add_row(r->s, row);
	} else
		bad_facts("a fact of a sort that is not known");
}

static void
end_block(struct reader *r)
{
	if (r->in == START)
		freeze(r->members, r->nmembers);
	if (r->in == STMT && r->s->error == NULL)
		finish_stmt(r->s);
	r->s = NULL;
	facts_of = NULL;
}

static void
read_mark(struct reader *r, const char *p)
{
	if (strncmp(p, "look ", 5) == 0) {
		r->looking = 1;
		if (r->s != NULL)
			r->s->ms = strtol(p + 5, NULL, 10);
		return;
	}
	if (strcmp(p, "error") == 0) {
		if (r->looking)
			bad_facts("PostgreSQL did not say what a statement did");
		if (r->in == COMMIT)
			r->f->commit_error = "";
		else if (r->in == STMT) {
			r->s->error = "";
			give_back();
		}
		return;
	}
	end_block(r);
	r->looking = 0;
	if (strcmp(p, "start") == 0) {
		r->in = START;
	} else if (strncmp(p, "base ", 5) == 0) {
		r->in = BASE;
		new_transaction();
	} else if (strncmp(p, "stmt ", 5) == 0) {
		r->in = STMT;
		r->f = read_place(r->b, p + 5, &r->s);
		facts_of = r->s;
	} else if (strncmp(p, "commit ", 7) == 0) {
		r->in = COMMIT;
		r->f = read_place(r->b, p + 7, NULL);
	} else if (strncmp(p, "end ", 4) == 0) {
		r->in = END;
		r->f = read_place(r->b, p + 4, NULL);
		r->f->ended = 1;
	} else if (strcmp(p, "whole") == 0) {
		r->in = NONE;
		r->whole = 1;
	} else
		bad_facts("a mark that is not known");
}

void
xread_facts(
    struct branch *b, const char *mark, struct buf *out, struct buf *err, int quiet)
{
	struct reader r = {0};
	size_t n = strlen(mark), i, k;
	char *p, *nl;
	json_error_t e;
	json_t *a;

	r.b = b;
	get_obj(REL, 0, 0);
	xbuf_add(out, "", 0);
	xbuf_add(err, "", 0);
	for (p = out->p; *p != '\0'; p = nl) {
		facts_line++;
		nl = strchr(p, '\n');
		if (nl == NULL)
			die("facts", "the last line is not whole: the watch ended early");
		*nl++ = '\0';
		if (strncmp(p, mark, n) != 0)
			continue;
		if (p[n] == '@') {
			read_mark(&r, p + n + 1);
			continue;
		}
		a = json_loads(p + n, JSON_REJECT_DUPLICATES, &e);
		if (a == NULL || !json_is_array(a))
			bad_facts("broken JSON");
		read_array(&r, a);
		json_decref(a);
	}
	free(r.members);
	read_said(b, mark, err);
	if (!r.whole)
		die("facts", "they are not whole, the watch ended early%s%s",
		    err->len > 0 ? ": " : "", err->len > 0 ? err->p : "");
	for (i = 0; i < b->n; i++) {
		if (!b->v[i].ended)
			die("facts", "nothing is said of %s", b->v[i].path);
		for (k = 0; k < b->v[i].n; k++)
			if (b->v[i].v[k].error != NULL)
				break;
			else if (!quiet && !b->v[i].v[k].looked)
				die("facts", "%s: nothing is said of line %zu",
				    b->v[i].path, b->v[i].v[k].line);
	}
}
