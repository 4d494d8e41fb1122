/* catplan_left.c - what still differs, and what to do about it. */
#include "catplan.h"

#include <stdlib.h>

static int
is(const struct item *it, const char *kind)
{
	return strcmp(it->name, kind) == 0;
}

/* ---- what is not tried ---- */

/*
 * A table that becomes partitioned, or no longer is, or gets another partition key: no
 * ALTER can do that.
 */
static int
is_stuck(const struct item *it)
{
	return it != NULL && is(it, "table") && it->want != NULL && it->had != NULL &&
	    !it->excluded && strcmp(it->want->def, it->had->def) != 0;
}

static void
leave(struct plan *p, const struct graph *g)
{
	char *seen = xcalloc(g->n + 1, 1);
	const struct row *r;
	struct item *it;
	size_t i, any = 0;

	for (i = 0; i < p->n; i++) {
		r = g == &p->w ? p->v[i].want : p->v[i].had;
		if (is_stuck(&p->v[i])) {
			seen[graph_at(g, r->node)] = 1;
			any++;
		}
	}
	if (any > 0)
		xgraph_reach(g, seen, seen, 1, NULL);
	for (i = 0; any > 0 && i < p->n; i++) {
		it = &p->v[i];
		r = g == &p->w ? it->want : it->had;
		if (r == NULL || !seen[graph_at(g, r->node)] ||
		    !(is_missing(it) || is_changed(it) || is_extra(it)))
			continue;
		/*
		 * Objects that depend on the table, and are no part of it, may be
		 * dropped.
		 */
		if (!is_extra(it) || (it->kind->flags & (MAIN | HANGS | TABLE)) != MAIN)
			it->left = 1;
	}
	free(seen);
}

/*
 * Leave a table that no ALTER can change, and with it the new partitions and whatever
 * depends on it.
 */
void
plan_stuck(struct plan *p)
{
	leave(p, &p->w);
	leave(p, &p->h);
}

/*
 * Is the item reported together with another one: an attribute with its object, a part
 * with its whole?
 */
static int
is_told(struct plan *p, const struct item *it)
{
	const char *owner = id_owner(p, it);
	const struct item *t = NULL;

	if (it->left && !is_stuck(it))
		return 1;
	if (it->want != NULL && it->now != NULL)
		return 0;
	if (it->kind->form == ID_PART && !is(it, "column") &&
	    (it->kind->flags & (INLINE | MAIN)) != MAIN)
		t = plan_find(p, "column", it->id);
	if (t == NULL && owner != NULL)
		t = plan_find(p, "table", owner);
	if (t == NULL && owner != NULL)
		t = plan_find(p, "foreign table", owner);
	return t != NULL && (t->want == NULL) != (t->now == NULL);
}

/* Why catplan does not write the item, and what to do instead: a sentence, or NULL. */
static const char *
advice(const struct plan *p, const struct item *it)
{
	if (it->want == NULL && !plan_in_play(p, it))
		return "its schema is not in play, so it is not dropped; fix: name that "
		       "in "
		       "DEV_SCHEMAS, or drop it by hand";
	if (is(it, "schema") && it->want == NULL)
		return "it is not dropped; fix: make new-migration, with DROP SCHEMA";
	if (is(it, "table") && it->want != NULL && it->now != NULL)
		return "no ALTER makes a table partitioned, or no longer so, or by "
		       "another "
		       "key; fix: make new-migration: rename it, create it anew with its "
		       "partitions, copy its rows with INSERT, drop the old one; then: "
		       "make create-migrations, for what else is to be on it";
	if (it->want != NULL && strstr(it->want->def, "\n-- ") != NULL &&
	    (is(it, "view") || is(it, "materialized view")))
		return "it names the columns of a function's rows by their places, and "
		       "the table has them in another order; fix: in the models, leave "
		       "those names out: FROM f() AS f";
	if (is(it, "column kept") || (is(it, "inherits") && it->want != NULL))
		return "a table that was there keeps its columns for its own, and needs "
		       "all of its parent's, with their CHECKs, before it can inherit; "
		       "fix: make new-migration: rename it, create it anew with "
		       "INHERITS, "
		       "copy its rows with INSERT, drop the old one";
	if (is(it, "partition of"))
		return "its rows must fit into the partition; fix: make new-migration: "
		       "move the others elsewhere, then ALTER TABLE ... ATTACH PARTITION";
	if (is(it, "foreign table"))
		return "its server is set once and for all; fix: make new-migration: "
		       "DROP "
		       "FOREIGN TABLE and create it anew, its rows lie elsewhere";
	if (is(it, "trigger enabled"))
		return "what a foreign key checks by is switched by a superuser alone; "
		       "fix: "
		       "make new-migration: ALTER TABLE ... DISABLE or ENABLE TRIGGER "
		       "ALL, by "
		       "a role that may";
	if (is(it, "user mapping"))
		return "it may hold a password, which belongs into no migration; fix: "
		       "create it "
		       "in the target by hand, and in DEV_DB_INIT";
	if (is(it, "subscription") || is(it, "database setting"))
		return "it is the target's own; fix: set it there by hand, and in "
		       "DEV_DB_INIT";
	if (is(it, "owner") || is(it, "grant") || is(it, "default privilege"))
		return NULL;
	if (is(it, "other"))
		return "catplan does not know this kind; fix: make new-migration";
	return NULL;
}

/* A line for each; returns how many there are. */
size_t
plan_left(struct plan *p, struct buf *out)
{
	struct item *it;
	const char *why;
	size_t i, n = 0;

	for (i = 0; i < p->n; i++) {
		it = &p->v[i];
		if ((it->kind->flags & INFO) && !is(it, "not null name"))
			continue;
		if (!is_missing(it) && !is_extra(it) && !is_changed(it))
			continue;
		n++;
		if (is_told(p, it))
			continue;
		why = advice(p, it);
		xbuf_addf(out, "%s %s: %s%s%s\n", it->name, it->id,
		    it->now == NULL ? "is in the models, and not in the migrations"
			: it->want == NULL
			? "is in the migrations, and not in the models"
			: "is another in the models than in the migrations",
		    why != NULL ? "; " : "; fix: make new-migration",
		    why != NULL ? why : "");
	}
	return n;
}
