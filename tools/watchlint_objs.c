/*
 * watchlint_objs.c - what is in the catalogs: as it is now, and as it was before the
 * branch.
 */
#include "watchlint_facts.h"

#include <stdlib.h>

/* By kind, oid and sub. */
static struct obj **table;
static size_t nobjs, table_cap;

static size_t
hash(enum kind k, unsigned long id, long sub)
{
	return (size_t)((id * 31 + (unsigned long)sub) * 16 + (unsigned long)k) *
	    (size_t)2654435761U;
}

static struct obj **
slot(enum kind k, unsigned long id, long sub)
{
	size_t i = hash(k, id, sub) >> 7;
	struct obj *o;

	for (;; i++) {
		o = table[i & (table_cap - 1)];
		if (o == NULL || (o->k == k && o->id == id && o->sub == sub))
			return &table[i & (table_cap - 1)];
	}
}

struct obj *
get_obj(enum kind k, unsigned long id, long sub)
{
	struct obj **was = table, **place;
	size_t i, n = table_cap;

	if (nobjs * 2 >= table_cap) {
		table_cap = table_cap != 0 ? table_cap * 2 : 4096;
		table = xcalloc(table_cap, sizeof *table);
		for (i = 0; i < n; i++)
			if (was[i] != NULL)
				*slot(was[i]->k, was[i]->id, was[i]->sub) = was[i];
		free(was);
	}
	place = slot(k, id, sub);
	if (*place == NULL) {
		*place = xkept(sizeof **place);
		(*place)->k = k;
		(*place)->id = id;
		(*place)->sub = sub;
		nobjs++;
	}
	return *place;
}

const struct obj *
find_obj(enum kind k, unsigned long id, long sub)
{
	return table_cap != 0 ? *slot(k, id, sub) : NULL;
}

/* "users", "app.users": as it is now, or was. */
const char *
obj_name(const struct obj *o)
{
	const struct row *r = o->now != NULL ? o->now : o->old;

	if (r == NULL)
		return "?";
	return *r->ns == '\0' || strcmp(r->ns, "public") == 0
	    ? r->name
	    : keep("%s.%s", r->ns, r->name);
}

const struct stmt *facts_of; /* whose facts are read */

/*
 * The old table that a relation stands for, or NULL where the branch made it: no session
 * uses that yet. An index and a toast table stand for their table, a partition that the
 * statement does not name for its parent.
 */
const struct obj *
table_of(unsigned long id)
{
	const struct obj *o, *p;
	size_t depth;

	for (depth = 0; depth < 100; depth++) {
		o = find_obj(REL, id, 0);
		if (o != NULL && o->owner != 0) {
			id = o->owner;
			continue;
		}
		if (o == NULL || o->old == NULL)
			return NULL;
		p = find_obj(INH, id, 0);
		if (p == NULL || p->old == NULL || facts_of == NULL ||
		    mentions(facts_of, o->old->name))
			return o;
		id = number(p->old->f[INH_PARENT]);
	}
	return NULL;
}

/* The oid of the relation that a row is about; 0: it stands alone. */
unsigned long
relation_of(const struct row *r)
{
	switch (r->k) {
	case REL:
	case ATT:
		return r->id;
	case CON:
		return number(r->f[CON_REL]);
	case IDX:
	case TRG:
	case POL:
	case RUL:
	case PUR:
		return number(r->f[0]);
	case SEQ:
		return r->id;
	default:
		return 0;
	}
}

/* Everything that has come in so far is older than the branch. */
void
freeze(const unsigned long *members, size_t nmembers)
{
	size_t i;
	struct obj *o;

	for (i = 0; i < nmembers; i++) {
		static const enum kind member[] = {REL, FUN, TYP};
		size_t k;

		for (k = 0; k < sizeof member / sizeof member[0]; k++)
			if ((o = *slot(member[k], members[i], 0)) != NULL)
				o->gone = 2; /* an extension's, not the migrations' */
	}
	for (i = 0; i < table_cap; i++) {
		o = table[i];
		if (o == NULL || o->now == NULL)
			continue;
		if (o->gone == 2)
			o->gone = 0;
		else
			o->old = o->now;
	}
	for (i = 0; i < table_cap; i++) {
		unsigned long toast;

		if (table[i] == NULL || table[i]->old == NULL)
			continue;
		if (table[i]->k == IDX)
			get_obj(REL, table[i]->id, 0)->owner =
			    number(table[i]->old->f[IDX_REL]);
		if (table[i]->k == REL &&
		    (toast = number(table[i]->old->f[REL_TOAST])) != 0)
			get_obj(REL, toast, 0)->owner = table[i]->id;
	}
}

/* ---- what a transaction that is rolled back has to give back ---- */

struct undo {
	struct obj *o;
	const struct row *was;
	int gone;
};

static struct undo *undo;
static size_t nundo, undo_cap;

void
remember(struct obj *o)
{
	if (nundo == undo_cap) {
		undo_cap = undo_cap != 0 ? undo_cap * 2 : 256;
		undo = xreallocarray(undo, undo_cap, sizeof *undo);
	}
	undo[nundo].o = o;
	undo[nundo].was = o->now;
	undo[nundo++].gone = o->gone;
}

void
give_back(void)
{
	while (nundo > 0) {
		struct undo *u = &undo[--nundo];

		u->o->now = u->was;
		u->o->gone = u->gone;
	}
}

void
new_transaction(void)
{
	size_t i;

	for (i = 0; i < table_cap; i++)
		if (table[i] != NULL) {
			table[i]->held = 0;
			table[i]->scans = table[i]->rows = 0;
		}
	nundo = 0;
}

/* All of them, in no order, from *i = 0 on. */
const struct obj *
next_obj(size_t *i)
{
	while (*i < table_cap)
		if (table[(*i)++] != NULL)
			return table[*i - 1];
	return NULL;
}
