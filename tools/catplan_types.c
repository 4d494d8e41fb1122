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

static int
is_array(const char *type, size_t n)
{
	return n > 2 && memcmp(type + n - 2, "[]", 2) == 0;
}

/*
 * The column's value as what it is to be, without a collation: c::what. One value
 * becomes an array of it; but a text may be an array already, as it is written.
 */
const char *
recast(struct plan *p, const struct item *column)
{
	static const char *const texts[] = {"text", "character", "citext", "name"};
	const char *name = id_last(column->id), *old = column->had->def,
		   *new = column->want->def, *end;
	size_t i, n, m;

	end = strstr(new, " COLLATE ");
	n = end != NULL ? (size_t)(end - new) : strlen(new);
	end = strstr(old, " COLLATE ");
	m = end != NULL ? (size_t)(end - old) : strlen(old);
	for (i = 0; i < sizeof texts / sizeof *texts; i++)
		if (strncmp(old, texts[i], strlen(texts[i])) == 0)
			break;
	if (is_array(new, n) && !is_array(old, m) && i == sizeof texts / sizeof *texts)
		return plan_str(p, "CASE WHEN %s IS NOT NULL THEN ARRAY[%s::%.*s] END",
		    name, name, (int)n - 2, new);
	return plan_str(p, "%s::%.*s", name, (int)n, new);
}

static const char *
retype(struct plan *p, const struct item *column, const char *type, const char *using)
{
	return plan_str(p, "ALTER TABLE %s ALTER COLUMN %s TYPE %s USING %s",
	    id_owner(p, column), id_last(column->id), type, using);
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
		if (column == NULL || column->now == NULL || column->now->unmake == NULL)
			continue;
		if (column->want == NULL) {
			plan_unmake(p, column);
			continue;
		}
		def = plan_find(p, "default", column->id);
		if (back) {
			plan_write(p, column, "Modify",
			    retype(p, column, column->want->def, recast(p, column)));
			column->now = column->want;
			if (def != NULL && is_missing(def))
				plan_make(p, def);
			continue;
		}
		if (def != NULL && def->now != NULL)
			plan_unmake(p, def);
		plan_write(p, column, "Modify",
		    retype(
			p, column, "text", plan_str(p, "%s::text", id_last(column->id))));
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

/* Rows may hold a value that is removed: the note says what to do about them. */
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

/* ---- the attributes of a composite type, as its definition lists them ---- */

struct attribute {
	const char *from; /* name, blank, type */
	size_t len, name;
};

static size_t
attributes_of(struct attribute **v, const char *def)
{
	size_t len = strlen(def), i = 0, n = 0;
	struct sql_token t;
	int depth = 0;

	*v = NULL;
	for (sql_token(def, len, 0, &t); t.type != SQL_END;) {
		if ((n & (n - 1)) == 0)
			*v = xreallocarray(*v, n != 0 ? 2 * n : 1, sizeof **v);
		(*v)[n].from = def + t.from;
		(*v)[n].name = t.to - t.from;
		for (; t.type != SQL_END; sql_token(def, len, t.to, &t)) {
			if (def[t.from] == ',' && depth == 0)
				break;
			depth += (def[t.from] == '(') - (def[t.from] == ')');
			i = t.to;
		}
		(*v)[n].len = (size_t)(def + i - (*v)[n].from);
		n++;
		if (t.type != SQL_END)
			sql_token(def, len, t.to, &t);
	}
	return n;
}

static int
is_among(const struct attribute *a, const struct attribute *v, size_t n, int by_name)
{
	size_t i, len = by_name ? a->name : a->len;

	for (i = 0; i < n; i++)
		if (len == (by_name ? v[i].name : v[i].len) &&
		    memcmp(a->from, v[i].from, len) == 0)
			return 1;
	return 0;
}

/*
 * Attributes that go, and new ones at the end: rows that have the type keep what
 * they have. Writes that (how > 0), or only says whether it is so, and whether
 * nothing goes (how < 0).
 */
static int
alter_attributes(struct plan *p, struct item *it, int how)
{
	struct attribute *old, *new;
	size_t nold, nnew, i, k = 0;
	int can;

	if (strcmp(it->name, "composite type") != 0)
		return 0;
	nold = attributes_of(&old, it->now->def);
	nnew = attributes_of(&new, it->want->def);
	for (i = 0; i < nold; i++)
		if (k < nnew && is_among(&old[i], &new[k], 1, 0))
			k++;
		else if (how < 0 || is_among(&old[i], new, nnew, 1))
			break;
	can = i == nold && k > 0;
	for (i = 0; how > 0 && can && i < nold; i++)
		if (!is_among(&old[i], new, nnew, 0))
			plan_write(p, it, "Modify",
			    plan_str(p, "ALTER TYPE %s DROP ATTRIBUTE %.*s", it->id,
				(int)old[i].name, old[i].from));
	for (; how > 0 && can && k < nnew; k++)
		plan_write(p, it, "Modify",
		    plan_str(p, "ALTER TYPE %s ADD ATTRIBUTE %.*s", it->id,
			(int)new[k].len, new[k].from));
	if (how > 0 && can)
		it->now = it->want;
	free(old);
	free(new);
	return can;
}

/* Values go over as text, by their places: that may be another attribute's then. */
static void
warn_of_places(struct plan *p, const struct item *it)
{
	struct attribute *old, *new;
	size_t nold, nnew, i;

	nold = attributes_of(&old, it->now->def);
	nnew = attributes_of(&new, it->want->def);
	for (i = 0; i < nold && i < nnew; i++)
		if (old[i].name != new[i].name ||
		    memcmp(old[i].from, new[i].from, old[i].name) != 0)
			break;
	if (i < nold)
		xbuf_addf(&p->notes,
		    "composite type %s: its attributes come in another order, and rows "
		    "that have it keep their values by place; fix: new attributes at "
		    "the end, or rewrite the rows in the file\n",
		    it->id);
	free(old);
	free(new);
}

/* ---- types that are made anew ---- */

static int
is_open(const struct plan *p, const struct item *it)
{
	return it != NULL && (it->kind->flags & TYPE) && (it->kind->flags & MAIN) &&
	    it->want != NULL && it->had != NULL && it->now == it->had &&
	    it->want->make != NULL && plan_in_play(p, it);
}

/* Mark these types, and those that depend on them, which must be made anew as well. */
void
plan_swapped(struct plan *p, char *set)
{
	const struct graph *g = &p->h;
	struct item *it;
	size_t i, k, m;
	char more = 0;

	for (i = 0; i < p->n; i++) {
		it = &p->v[i];
		if (is_open(p, it) && is_changed(it) && !alter_attributes(p, it, -1))
			set[graph_at(g, it->had->node)] = more = 1;
	}
	while (more)
		for (more = 0, i = 0; i < g->n; i++)
			for (k = g->bfirst[i]; set[i] && k < g->bfirst[i + 1]; k++)
				for (m = g->ifirst[g->bto[k]];
				    m < g->ifirst[g->bto[k] + 1]; m++)
					if (!set[g->bto[k]] && is_open(p, g->item[m]))
						set[g->bto[k]] = more = 1;
}

static struct item *
type_at(const struct plan *p, size_t node)
{
	size_t k;

	for (k = p->h.ifirst[node]; k < p->h.ifirst[node + 1]; k++)
		if (is_open(p, p->h.item[k]))
			return p->h.item[k];
	return NULL;
}

/*
 * Changes of a type that no ALTER can do: its columns are changed to text, the type is
 * made anew, and the columns are changed back. Rows are kept; where one holds a value
 * that the new type does not have, the migration fails and changes nothing.
 */
void
plan_types(struct plan *p)
{
	char *set = xcalloc(p->h.n + 1, 1);
	struct item **type;
	size_t i, k, n, *order;

	p->part = BEFORE;
	for (i = 0; i < p->n; i++)
		if (is_open(p, &p->v[i]) && is_changed(&p->v[i]))
			alter_attributes(p, &p->v[i], 1);
	plan_swapped(p, set);
	order = xgraph_order(&p->h, set, &n);
	type = xcalloc(n + 1, sizeof *type);
	for (i = k = 0; i < n; i++)
		if ((type[k] = type_at(p, order[i])) != NULL)
			k++;
	n = k;
	for (i = n; i-- > 0;) {
		if (strcmp(type[i]->name, "enum") == 0)
			warn_of_values(p, type[i]);
		if (strcmp(type[i]->name, "composite type") == 0 && is_changed(type[i]))
			warn_of_places(p, type[i]);
		columns(p, type[i], 0);
	}
	for (i = n; i-- > 0;)
		plan_unmake(p, type[i]);
	for (i = 0; i < n; i++) {
		if (is_missing(type[i]))
			plan_make(p, type[i]);
		attributes(p, type[i]);
	}
	for (i = 0; i < n; i++)
		columns(p, type[i], 1);
	free(type);
	free(order);
	free(set);
}
