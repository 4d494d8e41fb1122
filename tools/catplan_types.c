/* catplan_types.c - types that change: enums, domains, composites, ranges. */
#include "catplan.h"

#include <stdlib.h>

#include "sqltext.h"

/* ---- the values of an enum, as its definition lists them ---- */

struct values {
	const char **from;
	size_t *len, n;
};

static void
values_of(struct values *v, const char *def)
{
	size_t n = strlen(def), i;
	struct sql_token t;

	memset(v, 0, sizeof *v);
	for (i = 0;; i = t.to) {
		sql_token(def, n, i, &t);
		if (t.type == SQL_END)
			return;
		if (t.type != SQL_STRING)
			continue;
		if ((v->n & (v->n - 1)) == 0) {
			v->from = xreallocarray(
			    v->from, v->n != 0 ? 2 * v->n : 1, sizeof *v->from);
			v->len = xreallocarray(
			    v->len, v->n != 0 ? 2 * v->n : 1, sizeof *v->len);
		}
		v->from[v->n] = def + t.from;
		v->len[v->n++] = t.to - t.from;
	}
}

static void
values_free(struct values *v)
{
	free(v->from);
	free(v->len);
}

static int
same_value(const struct values *a, size_t i, const struct values *b, size_t k)
{
	return a->len[i] == b->len[k] && memcmp(a->from[i], b->from[k], a->len[i]) == 0;
}

/* Are all values of a in b, in the same order? */
static int
is_within(const struct values *a, const struct values *b)
{
	size_t i, k = 0;

	for (i = 0; i < a->n; i++, k++) {
		while (k < b->n && !same_value(a, i, b, k))
			k++;
		if (k == b->n)
			return 0;
	}
	return 1;
}

/*
 * Values that are only added. A new one cannot be used in the transaction that
 * adds it: these statements are for a file of their own.
 */
static void
add_values(
    struct plan *p, struct item *it, const struct values *old, const struct values *new)
{
	size_t i, k = 0;

	for (i = 0; i < new->n; i++) {
		if (k < old->n && same_value(new, i, old, k)) {
			k++;
			continue;
		}
		plan_write(p, it, "Add value to",
		    k == old->n ? plan_str(p, "ALTER TYPE %s ADD VALUE %.*s", it->id,
				      (int)new->len[i], new->from[i])
				: plan_str(p, "ALTER TYPE %s ADD VALUE %.*s BEFORE %.*s",
				      it->id, (int)new->len[i], new->from[i],
				      (int)old->len[k], old->from[k]));
	}
	it->now = it->want;
}

void
plan_values(struct plan *p)
{
	struct values old, new;
	size_t i;

	p->part = VALUES;
	for (i = 0; i < p->n; i++) {
		if (strcmp(p->v[i].name, "enum") != 0 || !is_changed(&p->v[i]))
			continue;
		values_of(&old, p->v[i].now->def);
		values_of(&new, p->v[i].want->def);
		if (is_within(&old, &new))
			add_values(p, &p->v[i], &old, &new);
		values_free(&old);
		values_free(&new);
	}
}

/* ---- a type made anew under its columns ---- */

/* ALTER TABLE t ALTER COLUMN c TYPE what USING c::what, without its collation. */
static const char *
retype(struct plan *p, const struct item *column, const char *type)
{
	const char *owner = id_owner(p, column), *name = id_last(column->id), *collate;

	collate = strstr(type, " COLLATE ");
	return plan_str(p, "ALTER TABLE %s ALTER COLUMN %s TYPE %s USING %s::%.*s", owner,
	    name, type, name,
	    (int)(collate != NULL ? (size_t)(collate - type) : strlen(type)), type);
}

/* The columns that are of the type: to text, or (back) to what they ought to be. */
static void
columns(struct plan *p, const struct item *type, int back)
{
	size_t at = graph_at(&p->h, type->had->node), k;
	struct item *column, *def;

	for (k = p->h.bfirst[at]; k < p->h.bfirst[at + 1]; k++) {
		column = graph_item(&p->h, p->h.bto[k], "column");
		/* A column from a parent changes with the parent's. */
		if (column == NULL || column->now == NULL || column->want == NULL ||
		    column->now->unmake == NULL)
			continue;
		def = plan_find(p, "default", column->id);
		if (back) {
			plan_write(
			    p, column, "Modify", retype(p, column, column->want->def));
			column->now = column->want;
			if (def != NULL && is_missing(def))
				plan_make(p, def);
			continue;
		}
		if (def != NULL && def->now != NULL)
			plan_unmake(p, def);
		plan_write(p, column, "Modify", retype(p, column, "text"));
	}
}

static void
attributes(struct plan *p, const struct item *type)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (strncmp(p->v[i].name, "domain ", 7) == 0 && is_missing(&p->v[i]) &&
		    (strcmp(p->v[i].id, type->id) == 0 ||
			id_is_part(p->v[i].id, type->id)))
			plan_make(p, &p->v[i]);
}

/* A value that goes may be in rows: that is for people to see to. */
static void
warn_of_values(struct plan *p, const struct item *it)
{
	struct values old, new;
	size_t i, k;

	values_of(&old, it->now->def);
	values_of(&new, it->want->def);
	for (i = 0; i < old.n; i++) {
		for (k = 0; k < new.n && !same_value(&old, i, &new, k); k++)
			;
		if (k == new.n)
			xbuf_addf(&p->notes,
			    "enum %s: the value %.*s goes: a row that has it makes the "
			    "migration "
			    "fail, and nothing is changed then; fix: an UPDATE at the "
			    "file's "
			    "start, or RENAME=%s.old=new where it has another name now\n",
			    it->id, (int)old.len[i], old.from[i], it->id);
	}
	values_free(&old);
	values_free(&new);
}

/*
 * What no ALTER can do: the columns become text, the type is made anew, and the
 * columns have it again. Rows are kept; a value that the new type does not know
 * makes it fail, and nothing is changed then.
 */
void
plan_types(struct plan *p)
{
	struct item *it;
	size_t i;

	p->part = BEFORE;
	for (i = 0; i < p->n; i++) {
		it = &p->v[i];
		if (!(it->kind->flags & TYPE) || !is_changed(it) || it->now != it->had ||
		    it->want->make == NULL || !plan_in_play(p, it))
			continue;
		if (strcmp(it->name, "enum") == 0)
			warn_of_values(p, it);
		columns(p, it, 0);
		plan_unmake(p, it);
		plan_make(p, it);
		attributes(p, it);
		columns(p, it, 1);
	}
}
