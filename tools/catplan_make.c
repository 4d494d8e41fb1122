/* catplan_make.c - what is missing or changed, in the order it stands on. */
#include "catplan.h"

#include <stdlib.h>

static int
is(const struct item *it, const char *kind)
{
	return strcmp(it->name, kind) == 0;
}

/* ---- one item that changed ---- */

/* GENERATED ALWAYS AS IDENTITY (START WITH 1 ...): each option has a SET. */
static const char *
set_identity(struct plan *p, const struct item *it)
{
	static const char *const options[] = {
	    "START", "INCREMENT", "MINVALUE", "MAXVALUE", "CACHE", "NO CYCLE", "CYCLE"};
	const char *def = it->want->def, *s = strchr(def, '(');
	struct buf b = {0};
	size_t i, n;

	if (s == NULL)
		return NULL;
	xbuf_addf(&b, "ALTER TABLE %s ALTER COLUMN %s SET GENERATED %s", id_owner(p, it),
	    id_last(it->id), def[0] == 'A' ? "ALWAYS" : "BY DEFAULT");
	for (s++; *s != '\0' && *s != ')';) {
		for (i = 0; i < sizeof options / sizeof *options; i++) {
			n = strlen(options[i]);
			if (strncmp(s, options[i], n) == 0)
				break;
		}
		if (i < sizeof options / sizeof *options) {
			xbuf_addf(&b, " SET %s", options[i]);
			s += n;
		} else
			xbuf_addc(&b, *s++);
	}
	return plan_keep(p, b.p);
}

/* A type that PostgreSQL casts by itself needs no USING, and takes one. */
static void
retype(struct plan *p, struct item *it)
{
	const char *type = it->want->def, *name = id_last(it->id);
	struct item *def = plan_find(p, "default", it->id);

	if (it->now->unmake == NULL) {
		it->left = 1; /* its parent's */
		return;
	}
	if (def != NULL && def->now != NULL)
		plan_unmake(p, def);
	plan_write(p, it, "Modify",
	    plan_str(p, "%.*s ALTER COLUMN %s TYPE %s USING %s",
		(int)(strstr(it->now->unmake, " DROP COLUMN ") - it->now->unmake),
		it->now->unmake, name, type, recast(p, it)));
	it->now = it->want;
}

/* text with its first "from" replaced */
static const char *
instead(struct plan *p, const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);

	if (at == NULL)
		return text;
	return plan_str(p, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

static void
change(struct plan *p, struct item *it)
{
	const char *make = it->want->make;

	if (is(it, "column")) {
		retype(p, it);
		return;
	}
	if (is(it, "partition index")) {
		plan_index_options(p, it);
		return;
	}
	if (is(it, "identity sequence"))
		make = plan_str(p, "ALTER SEQUENCE %s RENAME TO %s", it->now->def,
		    id_last(it->want->def));
	else if (is(it, "identity"))
		make = set_identity(p, it);
	else if (is(it, "sequence") && make != NULL)
		make = instead(p, make, "CREATE", "ALTER");
	else if (is(it, "extension") && strncmp(it->want->def, "in ", 3) == 0)
		make = plan_str(
		    p, "ALTER EXTENSION %s SET SCHEMA %s", it->id, it->want->def + 3);
	else if (is(it, "trigger") && make != NULL)
		make = instead(p, make, "CREATE TRIGGER", "CREATE OR REPLACE TRIGGER");
	else if ((is(it, "foreign option") || is(it, "server option")) && make != NULL)
		make = instead(p, make, "OPTIONS (ADD", "OPTIONS (SET");
	else if (is(it, "table") || is(it, "foreign table") || is(it, "schema"))
		make = NULL; /* no statement changes one of these */
	else if (!(it->kind->flags & REPLACE) &&
	    ((it->kind->flags & MAIN) || is(it, "partition of") || is(it, "inherits")) &&
	    !is(it, "comment") && !is(it, "security label")) {
		if (it->now->unmake == NULL || make == NULL || !plan_in_play(p, it)) {
			it->left = 1;
			return;
		}
		plan_unmake(p, it);
		plan_make(p, it);
		return;
	}
	if (make == NULL) {
		it->left = 1;
		return;
	}
	plan_write(p, it, "Modify", make);
	plan_came(p, it);
}

/* ---- one item, missing or changed ---- */

/*
 * Set a new sequence of an old column behind the highest value in the rows; def has the
 * sequence's options. Values on the other side of its start do not count.
 */
static void
count_on(struct plan *p, const char *column, const char *def)
{
	const struct item *c = plan_find(p, "column", column);
	const char *owner = c != NULL ? id_owner(p, c) : NULL, *name, *s,
		   *start = strstr(def, "START WITH "),
		   *by = strstr(def, "INCREMENT BY ");
	int down = by != NULL && by[strlen("INCREMENT BY ")] == '-';
	struct buf b = {0};

	if (c == NULL || c->had == NULL || owner == NULL || start == NULL)
		return;
	start += strlen("START WITH ");
	name = id_last(column);
	/*
	 * pg_get_serial_sequence() reads the table as an identifier, the column as plain
	 * text.
	 */
	xbuf_adds(&b, "SELECT setval(pg_get_serial_sequence('");
	for (s = owner; *s != '\0'; s++)
		xbuf_add(&b, *s == '\'' ? "''" : s, *s == '\'' ? 2 : 1);
	xbuf_adds(&b, "', '");
	for (s = *name == '"' ? name + 1 : name; *s != '\0'; s++)
		if (*s == '\'')
			xbuf_adds(&b, "''");
		else if (*s != '"' || s[1] == '"')
			xbuf_addc(&b, *s);
	xbuf_addf(&b, "'), %s(%s)) FROM %s HAVING %s(%s) %s %.*s", down ? "min" : "max",
	    name, owner, down ? "min" : "max", name,
	    down ? "<=" : ">=", (int)strcspn(start, " "), start);
	plan_write(p, c, "Modify", b.p);
	buf_free(&b);
}

/* Is the sequence made by the serial column of a new table that catplan writes? */
static int
is_own_serial(struct plan *p, const struct item *it)
{
	const struct item *owner = plan_find(p, "sequence owner", it->id), *column,
			  *table;
	const char *name;

	if (!is(it, "sequence") || owner == NULL || owner->want == NULL)
		return 0;
	column = plan_find(p, "column", owner->want->def);
	name = column != NULL ? id_owner(p, column) : NULL;
	table = name != NULL ? plan_find(p, "table", name) : NULL;
	return table != NULL && is_missing(table) && serial(p, column, name) != NULL;
}

/*
 * Add a new domain's checks at once, where the functions they call exist: PostgreSQL
 * refuses ADD CONSTRAINT once a column is an array of the domain.
 */
static void
make_checks(struct plan *p, const struct item *domain)
{
	const struct graph *g = &p->w;
	size_t at = graph_at(g, domain->want->node), k;
	struct item *it;

	for (k = g->bfirst[at]; k < g->bfirst[at + 1]; k++) {
		it = graph_item(g, g->bto[k], "domain constraint");
		if (it != NULL && is_missing(it) && id_is_part(it->id, domain->id) &&
		    is_ready(p, g->bto[k], NONE))
			plan_make(p, it);
	}
}

/*
 * Change the columns that are arrays of the domain to arrays of its base type; or, with
 * back, to arrays of the domain again.
 */
static void
arrays(struct plan *p, const struct item *check, int back)
{
	const struct item *domain, *column;
	struct item *def;
	size_t i;
	const char *name, *array;

	domain = plan_find(p, "domain", id_owner(p, check));
	if (domain == NULL || domain->had == NULL || domain->now == NULL)
		return;
	array = plan_str(p, "%s[]", domain->id);
	for (i = 0; i < p->n; i++) {
		column = &p->v[i];
		if (strcmp(column->name, "column") != 0 || column->now == NULL ||
		    column->now->unmake == NULL || strcmp(column->now->def, array) != 0)
			continue;
		def = plan_find(p, "default", column->id);
		if (!back && def != NULL)
			plan_unmake(p, def);
		name = back ? array : plan_str(p, "%s[]", domain->now->def);
		plan_write(p, column, "Modify",
		    plan_str(p, "ALTER TABLE %s ALTER COLUMN %s TYPE %s USING %s::%s",
			id_owner(p, column), id_last(column->id), name,
			id_last(column->id), name));
		if (back && def != NULL && is_missing(def))
			plan_make(p, def);
	}
}

/* Does an inherited column get its NOT NULL from a new one of the parent's? */
static int
is_inherited(struct plan *p, const struct item *it)
{
	const struct graph *g = &p->w;
	const struct item *column = plan_find(p, "column", it->id), *of, *same;
	const char *table = id_owner(p, it);
	size_t at, k;

	if (!is(it, "not null") || table == NULL || column == NULL ||
	    column->had == NULL || column->want == NULL || column->want->make != NULL)
		return 0;
	at = graph_table(g, graph_at(g, column->want->node));
	for (k = g->ifirst[at]; k < g->ifirst[at + 1]; k++) {
		of = g->item[k];
		if ((!is(of, "inherits") && !is(of, "partition of")) || of->had == NULL)
			continue;
		same = plan_find(p, "not null",
		    plan_str(p, "%s.%s", of->id + strlen(table) + 1, id_last(it->id)));
		if (same != NULL && same->want != NULL && same->had == NULL)
			return 1;
	}
	return 0;
}

static void
make(struct plan *p, struct item *it)
{
	const struct item *column, *sequence;

	if (is_own_serial(p, it))
		return;
	if (is(it, "partition index")) {
		plan_index_options(p, it);
		return;
	}
	if (is_inherited(p, it)) {
		it->now = it->want;
		return;
	}
	if (is(it, "table") || is(it, "foreign table")) {
		table_make(p, it);
		return;
	}
	if (it->kind->flags & INLINE) {
		column = plan_find(p, "column", it->id);
		if (column == NULL || column->now == NULL)
			return;
	}
	if (is(it, "domain constraint"))
		arrays(p, it, 0);
	plan_make(p, it);
	if (is(it, "domain constraint"))
		arrays(p, it, 1);
	if (is(it, "domain") && it->now != NULL)
		make_checks(p, it);
	if (is(it, "identity") && it->now != NULL)
		count_on(p, it->id, it->want->def);
	else if (is(it, "sequence owner") && it->now != NULL) {
		/* A sequence that exists keeps its position. */
		sequence = plan_find(p, "sequence", it->id);
		if (sequence != NULL && sequence->had == NULL)
			count_on(p, it->want->def, sequence->want->def);
	}
}

static int
by_late(const void *a, const void *b)
{
	const struct item *const *x = a, *const *y = b;

	if ((*x)->kind->late != (*y)->kind->late)
		return (*x)->kind->late - (*y)->kind->late;
	/* A table's parents have an order. */
	if (is(*x, "inherits") && strcmp((*x)->want->def, (*y)->want->def) != 0)
		return strcmp((*x)->want->def, (*y)->want->def);
	return (*x > *y) - (*x < *y);
}

/* Make the nodes of set, then those that have to wait. */
static void
make_all(struct plan *p, const char *set)
{
	const struct graph *g = &p->w;
	struct item **late = xcalloc(p->n, sizeof *late), *it;
	size_t n, nlate = 0, i, k, *order = xgraph_order(g, set, &n);

	for (i = 0; i < n; i++)
		for (k = g->ifirst[order[i]]; k < g->ifirst[order[i] + 1]; k++) {
			it = g->item[k];
			if (!differs(it) || is_extra(it))
				continue;
			if (it->kind->late)
				late[nlate++] = it;
			else if (it->now == NULL)
				make(p, it);
			else
				change(p, it);
		}
	if (nlate > 1)
		qsort(late, nlate, sizeof *late, by_late);
	for (i = 0; i < nlate; i++)
		if (is_missing(late[i]))
			make(p, late[i]);
		else if (differs(late[i]))
			change(p, late[i]);
	free(order);
	free(late);
}

/* ---- before Atlas: what its tables need, and the new tables that are ours ---- */

static int
is_new_ours(struct plan *p, const struct item *it)
{
	const char *table = table_of(p, it);
	const struct item *t;

	if (table == NULL)
		return 0;
	t = plan_find(p, "table", table);
	if (t == NULL)
		t = plan_find(p, "foreign table", table);
	return t != NULL && is_missing(t) &&
	    (is(t, "foreign table") || is_ours(p, table));
}

/* Is it the sequence of a serial? Atlas makes that with the column. */
static int
is_serial(struct plan *p, const struct item *it)
{
	const struct item *owner = plan_find(p, "sequence owner", it->id), *column;

	if (!is(it, "sequence") || owner == NULL || owner->want == NULL)
		return 0;
	column = plan_find(p, "column", owner->want->def);
	return column != NULL && is_missing(column) && is_atlas(p, column);
}

/* Has the item to wait until all tables exist? */
static int
waits(struct plan *p, const struct item *it)
{
	if (is_new_ours(p, it) && !is(it, "constraint") && !is(it, "index"))
		return 0;
	if (it->kind->flags & (TABLE | RELATION))
		return 1;
	if (!(it->kind->flags & MAIN))
		return strncmp(it->name, "domain ", 7) != 0;
	return it->kind->late || is(it, "trigger") || is(it, "policy") ||
	    is(it, "rule") || is(it, "statistics") || is(it, "publication") ||
	    is(it, "publication table") || is(it, "event trigger") ||
	    is(it, "subscription") || is(it, "publication schema");
}

void
plan_before(struct plan *p)
{
	const struct graph *g = &p->w;
	char *set = xcalloc(4 * g->n + 1, 1), *need = set + g->n, *block = need + g->n,
	     *blocked = block + g->n;
	struct item *it;
	size_t i, k;

	p->part = BEFORE;
	for (i = 0; i < g->n; i++)
		for (k = g->ifirst[i]; k < g->ifirst[i + 1]; k++) {
			it = g->item[k];
			if (!differs(it))
				continue;
			if (is_atlas(p, it) || is_new_ours(p, it) ||
			    is(it, "extension") || is(it, "schema"))
				need[i] = 1;
			if (is_missing(it) &&
			    (is_serial(p, it) ||
				((it->kind->flags & RELATION || is(it, "column")) &&
				    !is_new_ours(p, it))))
				block[i] = 1;
		}
	memcpy(set, need, g->n);
	xgraph_reach(g, need, set, 0, NULL);
	memcpy(blocked, block, g->n);
	xgraph_reach(g, block, blocked, 1, NULL);
	for (i = 0; i < g->n; i++) {
		if (set[i] && !blocked[i])
			continue;
		set[i] = 0;
	}
	/*
	 * Items that have to wait are not written here; they still differ after Atlas's
	 * plan.
	 */
	for (i = 0; i < g->n; i++) {
		for (k = g->ifirst[i]; set[i] && k < g->ifirst[i + 1]; k++)
			if (differs(g->item[k]) && !g->item[k]->kind->late &&
			    waits(p, g->item[k]))
				break;
		if (set[i] && k < g->ifirst[i + 1])
			set[i] = 0;
	}
	make_all(p, set);
	free(set);
}

/* ---- after: all that still differs ---- */

void
plan_after(struct plan *p)
{
	const struct graph *g = &p->w;
	char *set;
	size_t i, k;

	p->part = AFTER;
	plan_renames(p);
	plan_in_the_way(p);
	set = xcalloc(g->n + 1, 1);
	for (i = 0; i < g->n; i++)
		for (k = g->ifirst[i]; k < g->ifirst[i + 1]; k++)
			if (differs(g->item[k]))
				set[i] = 1;
	make_all(p, set);
	free(set);
	plan_drop(p);
}
