/*
 * catplan_ours.c - the tables that catplan writes itself, since Atlas does not know
 * something about them.
 */
#include "catplan.h"

#include <stdlib.h>

static int
starts_with(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

/* ---- whose they are ---- */

int
is_ours(const struct plan *p, const char *table)
{
	size_t i;

	if (!p->atlas)
		return 1;
	for (i = 0; i < p->nours; i++)
		if (strcmp(p->ours[i]->id, table) == 0)
			return 1;
	return 0;
}

static void
take(struct plan *p, const char *table)
{
	struct item *it = plan_find(p, "table", table);

	if (it == NULL || is_ours(p, table))
		return;
	if ((p->nours & (p->nours - 1)) == 0)
		p->ours = xreallocarray(
		    p->ours, p->nours != 0 ? 2 * p->nours : 1, sizeof *p->ours);
	p->ours[p->nours++] = it;
}

/* The options that an identity has when nobody says otherwise. */
int
is_usual_identity(const char *def)
{
	static const char *const max[] = {"32767", "2147483647", "9223372036854775807"};
	struct buf b = {0};
	size_t i, usual = 0;
	const char *open = strchr(def, '(');

	for (i = 0; open != NULL && i < 3; i++) {
		b.len = 0;
		xbuf_addf(&b,
		    "(START WITH 1 INCREMENT BY 1 MINVALUE 1 MAXVALUE %s CACHE 1 NO "
		    "CYCLE)",
		    max[i]);
		usual |= strcmp(open, b.p) == 0;
	}
	buf_free(&b);
	return usual != 0;
}

static int
says_constraint(struct plan *p, const struct item *it)
{
	const struct row *r = it->want != NULL ? it->want : it->now;
	const char *def = r->def, *owner = id_owner(p, it), *name, *table, *last;
	size_t n;

	if (is_changed(it))
		return starts_with(def, "CHECK") && strstr(def, " NO INHERIT") == NULL;
	if (it->want == NULL)
		return 1;
	if (strstr(it->want->make != NULL ? it->want->make : "", " NOT VALID") != NULL ||
	    strstr(def, "DEFERRABLE") != NULL ||
	    plan_find(p, "deferrable", it->id) != NULL)
		return 0;
	if (starts_with(def, "CHECK"))
		return strstr(def, " NO INHERIT") == NULL;
	if (starts_with(def, "FOREIGN KEY"))
		return strstr(def, " MATCH ") == NULL &&
		    strstr(def, " SET NULL (") == NULL &&
		    strstr(def, " SET DEFAULT (") == NULL;
	if (starts_with(def, "UNIQUE (") || starts_with(def, "PRIMARY KEY (")) {
		if (strstr(def, ") ") != NULL)
			return 0;
		if (*def == 'U')
			return 1;
		/* Atlas leaves the name of a primary key to PostgreSQL. */
		name = id_last(it->id);
		table = owner != NULL ? id_last(owner) : "";
		n = strlen(table);
		if (*table == '"') {
			last = *name == '"' ? name + 1 : name;
			return strncmp(last, table + 1, n - 2) == 0 &&
			    strcmp(last + n - 2, "_pkey\"") == 0;
		}
		return strncmp(name, table, n) == 0 && strcmp(name + n, "_pkey") == 0;
	}
	return 0;
}

/* Can Atlas write this difference of a table? */
static int
says(struct plan *p, const struct item *it)
{
	const struct row *r = it->want != NULL ? it->want : it->now;
	const struct item *column = plan_find(p, "column", it->id);

	if (strcmp(it->name, "table") == 0)
		return r->def[0] == '\0' && !is_changed(it);
	if (strcmp(it->name, "column") == 0)
		return r->make != NULL && strstr(r->def, " COLLATE ") == NULL;
	if (strcmp(it->name, "identity") == 0)
		return !is_changed(it) && is_usual_identity(r->def) &&
		    (column == NULL || column->had == NULL || column->want == NULL);
	if (strcmp(it->name, "generated") == 0)
		return column != NULL && (column->had == NULL || column->want == NULL) &&
		    strstr(r->def, " VIRTUAL") == NULL;
	/* From 18 on an inherited one that is set once more becomes its own. */
	if (strcmp(it->name, "not null") == 0)
		return r->def[0] == '\0' &&
		    (column == NULL || column->want == NULL ||
			column->want->make != NULL);
	if (strcmp(it->name, "constraint") == 0)
		return says_constraint(p, it);
	if (strcmp(it->name, "index") == 0)
		return strstr(r->def, " COLLATE ") == NULL &&
		    strstr(r->def, " WITH (") == NULL &&
		    strstr(r->def, " NULLS NOT DISTINCT") == NULL &&
		    strstr(r->def, "='") == NULL;
	return strcmp(it->name, "default") == 0;
}

/* What else makes a new table one that Atlas cannot write. */
static int
is_trait(const struct item *it)
{
	return strcmp(it->name, "persistence") == 0 || strcmp(it->name, "of type") == 0 ||
	    strcmp(it->name, "table access method") == 0 ||
	    strcmp(it->name, "tablespace") == 0;
}

static int
is_key(const struct item *it)
{
	return strcmp(it->name, "constraint") == 0 || strcmp(it->name, "index") == 0;
}

/*
 * Where one constraint or index is dropped and another added, it may be the same one
 * renamed, or one of another kind: catplan looks at that itself.
 */
static void
take_renamed(struct plan *p)
{
	const char **gone = xcalloc(p->n, sizeof *gone), *owner;
	size_t i, k, n = 0;

	for (i = 0; i < p->n; i++)
		if (is_key(&p->v[i]) && is_extra(&p->v[i])) {
			owner = id_owner(p, &p->v[i]);
			if (owner != NULL)
				gone[n++] = owner;
		}
	for (i = 0; n > 0 && i < p->n; i++) {
		if (!is_key(&p->v[i]) || !is_missing(&p->v[i]))
			continue;
		owner = id_owner(p, &p->v[i]);
		for (k = 0; owner != NULL && k < n; k++)
			if (strcmp(owner, gone[k]) == 0) {
				take(p, owner);
				break;
			}
	}
	free(gone);
}

void
plan_ours(struct plan *p)
{
	struct item *it, *table;
	const char *owner, *parent;
	size_t i, had;

	if (!p->atlas)
		return;
	for (i = 0; i < p->n; i++) {
		it = &p->v[i];
		/* Atlas knows of no exclusion inside of a table. */
		if (it->excluded && (it->kind->flags & TABLE) &&
		    table_of(p, it) != NULL &&
		    (it->want == NULL || it->had == NULL ||
			strcmp(it->want->def, it->had->def) != 0))
			take(p, table_of(p, it));
		if (!differs(it))
			continue;
		owner = strcmp(it->name, "table") == 0 ? it->id : id_owner(p, it);
		table = owner != NULL ? plan_find(p, "table", owner) : NULL;
		if (table == NULL)
			continue;
		if (((it->kind->flags & TABLE) && !says(p, it)) ||
		    (is_trait(it) && is_missing(table)) || !plan_in_play(p, table) ||
		    plan_find(p, "of type", owner) != NULL)
			take(p, owner);
	}
	take_renamed(p);
	/*
	 * The parents and children of a new table that catplan writes are written by
	 * catplan, too.
	 */
	do {
		had = p->nours;
		for (i = 0; i < p->n; i++) {
			it = &p->v[i];
			if (!differs(it) ||
			    (strcmp(it->name, "inherits") != 0 &&
				strcmp(it->name, "partition of") != 0))
				continue;
			owner = id_owner(p, it);
			parent = strchr(it->id, ' ');
			if (owner == NULL || parent == NULL)
				continue;
			parent = it->id + strlen(owner) + 1;
			take(p, owner);
			take(p, parent);
		}
	} while (p->nours > had);
}

/* The table that the item is a part of, where Atlas knows such parts. */
const char *
table_of(struct plan *p, const struct item *it)
{
	if (strcmp(it->name, "table") == 0 || strcmp(it->name, "foreign table") == 0)
		return it->id;
	return (it->kind->flags & TABLE) ? id_owner(p, it) : NULL;
}

/*
 * Does Atlas make the item: a column or an attribute of one, a constraint or an index of
 * its tables?
 */
int
is_atlas(struct plan *p, const struct item *it)
{
	const char *table = table_of(p, it);

	return table != NULL && strcmp(it->name, "foreign table") != 0 &&
	    plan_find(p, "table", table) != NULL && !is_ours(p, table);
}
