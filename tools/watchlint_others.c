/*
 * watchlint_others.c - objects other than tables: sequences, publications, functions,
 * domains, settings of roles; and a table's storage parameters and UNLOGGED.
 */
#include "watchlint_rules.h"

#include <strings.h>

static const struct row *
now_of(enum kind k, unsigned long id)
{
	const struct obj *o = find_obj(k, id, 0);

	return o != NULL && !o->gone ? o->now : NULL;
}

/* ---- sequences ---- */

static void
sequence_changed(struct findings *f, const struct stmt *s, const struct change *c)
{
	const struct row *r = c->is, *was = c->was;
	const struct obj *rel = find_obj(REL, r->id, 0);
	long long step = strtoll(r->f[SEQ_STEP], NULL, 10);
	struct where w = {s, NULL, NULL, 0};
	const char *name, *t;
	int up = step > 0, field = up ? SEQ_MAX : SEQ_MIN;
	long long end = strtoll(r->f[field], NULL, 10),
		  had = strtoll(was->f[field], NULL, 10);

	if (rel == NULL || rel->old == NULL)
		return;
	name = obj_name(rel);
	t = starts(s, "ALTER TABLE") && table_in(s) != NULL ? table_in(s) : name;
	w.name = rel->old->name;
	if (up != (was->f[SEQ_STEP][0] != '-'))
		report(f, &w, "sequence-ends", t,
		    "sequence %s counts %s from now on, by %s", name, up ? "up" : "down",
		    r->f[SEQ_STEP]);
	else if (up ? end < had : end > had)
		report(f, &w, "sequence-ends", t,
		    "sequence %s now ends at %s, before at %s: an INSERT fails once the "
		    "sequence is at its end",
		    name, r->f[field], was->f[field]);
	if (was->f[SEQ_CYCLE][0] == 'f' && r->f[SEQ_CYCLE][0] == 't')
		report(f, &w, "sequence-ends", t,
		    "sequence %s now cycles: after its end it starts again, and values "
		    "occur a second time",
		    name);
}

/* ---- publications ---- */

/* Has the table a replica identity once the branch is applied? */
static int
has_identity(const struct row *rel)
{
	const struct obj *o;
	size_t i = 0;

	if (rel->f[REL_IDENT][0] != 'd')
		return rel->f[REL_IDENT][0] != 'n';
	while ((o = next_obj(&i)) != NULL)
		if (o->k == IDX && o->now != NULL && o->now->f[IDX_PRIMARY][0] == 't' &&
		    number(o->now->f[IDX_REL]) == rel->id && now_of(REL, o->id) != NULL)
			return 1;
	return 0;
}

static void
table_published(struct findings *f, const struct stmt *s, const struct row *r)
{
	const struct row *rel = now_of(REL, number(r->f[PUR_REL])),
			 *pub = now_of(PUB, number(r->f[PUR_PUB]));
	struct where w = {s, NULL, NULL, 0};
	const char *t;

	if (rel == NULL || pub == NULL || rel->f[REL_KIND][0] != 'r' ||
	    pub->f[PUB_CHANGES][0] != 't' || has_identity(rel))
		return;
	t = obj_name(find_obj(REL, rel->id, 0));
	w.name = rel->name;
	report(f, &w, "publish-no-key", t,
	    "%s is published and has no primary key: each UPDATE and DELETE of it fails "
	    "from here on",
	    t);
}

static void
publication_gone(struct findings *f, const struct file *file, const struct stmt *s,
    const struct row *r)
{
	const struct obj *rel, *pub;
	struct where w = {s, NULL, NULL, 0};
	size_t i;

	if (r->k == PUB) {
		w.name = r->name;
		if (made_anew(file, r) == NULL)
			report(f, &w, "drop-publication", NULL,
			    "publication %s is dropped: its subscribers get an "
			    "error",
			    r->name);
		return;
	}
	rel = find_obj(REL, number(r->f[PUR_REL]), 0);
	pub = find_obj(PUB, number(r->f[PUR_PUB]), 0);
	if (rel == NULL || rel->old == NULL || pub == NULL || pub->old == NULL)
		return;
	for (i = 0; i < s->ngone; i++)
		if (s->gone[i].was->id == rel->id || s->gone[i].was->id == pub->id)
			return; /* it went with one of them */
	w.name = rel->old->name;
	report(f, &w, "drop-publication", obj_name(rel),
	    "%s leaves publication %s: its subscribers no longer get changes of the "
	    "table",
	    obj_name(rel), pub->old->name);
}

/* ---- tables ---- */

static int
is_vacuum_off(const char *options)
{
	static const char *const off[] = {"false", "off", "no", "0", "f"};
	const char *p = strstr(options, "autovacuum_enabled=");
	size_t i, n;

	if (p == NULL)
		return 0;
	p += strlen("autovacuum_enabled=");
	n = strcspn(p, " ");
	for (i = 0; i < sizeof off / sizeof off[0]; i++)
		if (strlen(off[i]) == n && strncasecmp(p, off[i], n) == 0)
			return 1;
	return 0;
}

static void
table_settings(struct findings *f, const struct stmt *s, const struct change *c)
{
	const struct row *r = c->is, *now = now_of(REL, r->id);
	struct where w = {s, "autovacuum_enabled", NULL, 0};
	const char *t = c->table;
	int toast = strcmp(r->ns, "pg_toast") == 0;

	if (now == NULL || is_temporary(now))
		return;
	if (t == NULL)
		t = obj_name(find_obj(REL, r->id, 0));
	if (is_vacuum_off(r->f[REL_OPTIONS]) && is_vacuum_off(now->f[REL_OPTIONS]) &&
	    (c->was == NULL || !is_vacuum_off(c->was->f[REL_OPTIONS])) &&
	    (!toast || c->table != NULL))
		report(f, &w, "autovacuum-off", t,
		    "autovacuum is off for %s%s: the table grows with each UPDATE and "
		    "DELETE until VACUUM is run by hand",
		    toast ? "the long values of " : "", t);
	w.name = NULL;
	w.word = "UNLOGGED";
	if (c->was == NULL && r->f[REL_KIND][0] == 'r' && r->f[REL_PERSIST][0] == 'u' &&
	    now->f[REL_PERSIST][0] == 'u' && !toast)
		report(f, &w, "unlogged-table", t,
		    "%s is unlogged: empty after a crash or a failover, and not on "
		    "replicas",
		    t);
}

/* ---- the others ---- */

static void
function_rights(struct findings *f, const struct stmt *s, const struct change *c)
{
	const struct row *now = now_of(FUN, c->is->id);
	struct where w = {s, c->is->name, NULL, 0};

	if (c->is->f[FUN_DEFINER][0] != 't' || now == NULL ||
	    now->f[FUN_DEFINER][0] != 't' ||
	    (c->was != NULL && c->was->f[FUN_DEFINER][0] == 't') ||
	    starts(s, "CREATE EXTENSION") || starts(s, "ALTER EXTENSION"))
		return;
	report(f, &w, "definer-path", NULL,
	    "function %s has its owner's rights, and looks for names where its caller's "
	    "search_path says",
	    c->is->name);
}

static void
domain_changed(struct findings *f, const struct stmt *s, const struct change *c)
{
	struct where w = {s, c->is->name, NULL, 0};

	if (c->is->f[TYP_TYPE][0] != 'd')
		return;
	if (c->was->f[TYP_NOTNULL][0] == 't' && c->is->f[TYP_NOTNULL][0] == 'f')
		report(f, &w, "drop-not-null", NULL,
		    "values of domain %s may be NULL now", c->is->name);
	if (*c->was->f[TYP_DEFAULT] != '\0' && *c->is->f[TYP_DEFAULT] == '\0')
		report(f, &w, "drop-default", NULL, "domain %s has no default any more",
		    c->is->name);
}

static void
role_settings(struct findings *f, const struct stmt *s, const struct change *c)
{
	struct where w = {s, NULL, NULL, 0};

	/* Settings are only taken away: what is left was there before. */
	if (c->was != NULL && strlen(c->is->f[CFG_ALL]) < strlen(c->was->f[CFG_ALL]))
		return;
	report(f, &w, "role-setting", NULL,
	    "every session that begins from now on %s has %s, and nothing in the models "
	    "shows it",
	    c->is->sub != 0 ? "as that role" : "in this database", c->is->f[CFG_ALL]);
}

/* The triggers of a table fire in the order of their names. */
static void
trigger_renamed(struct findings *f, const struct stmt *s, const struct change *c)
{
	struct where w = {s, c->was->name, NULL, 0};
	const struct obj *o;
	size_t i = 0;
	int others = 0;

	if (strcmp(c->was->name, c->is->name) == 0 || c->t == NULL)
		return;
	while ((o = next_obj(&i)) != NULL)
		others |= o->k == TRG && o->id != c->is->id && o->now != NULL &&
		    !o->gone && o->now->f[TRG_INTERNAL][0] == 'f' &&
		    strcmp(o->now->f[TRG_REL], c->is->f[TRG_REL]) == 0;
	if (others)
		report(f, &w, "rename-other", c->table,
		    "trigger %s of %s is now %s: triggers fire in the order of their "
		    "names",
		    c->was->name, c->table, c->is->name);
}

/* Findings about an object's final state, whether it is new or was changed. */
static int
made_or_changed(struct findings *f, const struct stmt *s, const struct change *c)
{
	if (c->is->k == REL)
		table_settings(f, s, c);
	else if (c->is->k == FUN)
		function_rights(f, s, c);
	else if (c->is->k == CFG)
		role_settings(f, s, c);
	else
		return 0;
	return 1;
}

void
judge_others(struct findings *f, const struct file *file, const struct stmt *s)
{
	const struct change *c;
	size_t i;

	for (i = 0; i < s->nchanged; i++) {
		c = &s->changed[i];
		if (made_or_changed(f, s, c) || !c->old)
			continue;
		if (c->is->k == SEQ)
			sequence_changed(f, s, c);
		else if (c->is->k == TYP)
			domain_changed(f, s, c);
		else if (c->is->k == TRG)
			trigger_renamed(f, s, c);
	}
	for (i = 0; i < s->ncreated; i++) {
		c = &s->created[i];
		if (!made_or_changed(f, s, c) && c->is->k == PUR)
			table_published(f, s, c->is);
	}
	for (i = 0; i < s->ngone; i++)
		if (s->gone[i].was->k == PUB || s->gone[i].was->k == PUR)
			publication_gone(f, file, s, s->gone[i].was);
}
