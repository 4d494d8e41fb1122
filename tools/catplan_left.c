/* catplan_left.c - what still differs, and what to do about it. */
#include "catplan.h"

static int
is(const struct item *it, const char *kind)
{
	return strcmp(it->name, kind) == 0;
}

/* What is told with something else: an attribute with its object, a part with it. */
static int
is_told(struct plan *p, const struct item *it)
{
	const char *owner = id_owner(p, it);
	const struct item *t = NULL;

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

/* Why nobody writes it, and what to do: a sentence, or NULL. */
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
		return "a table cannot become partitioned, or stop being so, in its "
		       "place; fix: "
		       "make new-migration: rename it, create it anew, copy its rows "
		       "with "
		       "INSERT, drop the old one";
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
