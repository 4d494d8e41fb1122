/*
 * watchlint_gone.c - what went away.
 */
#include "watchlint_rules.h"

static int
gone_rel(const struct stmt *s, unsigned long id)
{
	size_t i;

	for (i = 0; i < s->ngone; i++)
		if (s->gone[i].was->k == REL && s->gone[i].was->id == id)
			return 1;
	return 0;
}

static int
column_dropped(const struct change *c)
{
	return c->old && c->is->k == ATT && c->was->f[ATT_DROPPED][0] == 'f' &&
	    c->is->f[ATT_DROPPED][0] == 't';
}

/* Did a column of the relation go in this statement; of these numbers, if given? */
static int
lost_column(const struct stmt *s, unsigned long id, const char *numbers)
{
	const char *p;
	char *end;
	size_t i;

	for (i = 0; i < s->nchanged; i++) {
		const struct change *c = &s->changed[i];

		if (!column_dropped(c) || c->is->id != id)
			continue;
		if (numbers == NULL)
			return 1;
		for (p = numbers; *p != '\0'; p = end) {
			long n = strtol(p, &end, 10);

			if (end == p)
				break;
			if (n == c->is->sub)
				return 1;
		}
	}
	return 0;
}

static int
is_blind(const struct stmt *s)
{
	return !starts(s, "ALTER") && !starts(s, "DROP");
}

static void
say(struct findings *f, const struct stmt *s, const char *code, const char *what,
    const char *name, const char *table, const char *extra)
{
	struct where w = {s, name, "DROP", 0};

	if (!mentions(s, name) && !is_blind(s) && has_words(s, "CASCADE"))
		report(f, &w, "drop-cascade", table,
		    "%s %s is dropped too, and the statement does not name it%s", what,
		    name, extra);
	else
		report(f, &w, code, table, "%s %s is dropped%s", what, name, extra);
}

/*
 * A CHECK (c IS NOT NULL) of a column that is NOT NULL by now: it only helped to set
 * that.
 */
static int
says_not_null(const struct row *con)
{
	const struct obj *col;

	if (con->f[CON_TYPE][0] != 'c' || con->f[CON_NULLS][0] != 't')
		return 0;
	col = find_obj(ATT, number(con->f[CON_REL]), (long)number(con->f[CON_KEY]));
	return col != NULL && col->now != NULL && col->now->f[ATT_NOTNULL][0] == 't';
}

static void
gone_relation(struct findings *f, const struct file *file, const struct stmt *s,
    const struct change *c)
{
	static const struct {
		char kind;
		const char *code, *what;
	} kinds[] = {{'r', "drop-table", "table"}, {'p', "drop-table", "table"},
	    {'f', "drop-table", "foreign table"}, {'v', "drop-view", "view"},
	    {'m', "drop-view", "materialized view"}, {'S', "drop-sequence", "sequence"}};
	const struct row *r = c->was;
	const struct obj *idx;
	struct where w = {s, r->name, NULL, 0};
	char kind = r->f[REL_KIND][0];
	size_t i, k;

	if (strcmp(r->ns, "pg_toast") == 0)
		return;
	if (kind == 'i' || kind == 'I') {
		idx = find_obj(IDX, r->id, 0);
		if (c->t == NULL || idx == NULL || idx->old == NULL ||
		    gone_rel(s, number(idx->old->f[IDX_REL])) ||
		    lost_column(s, number(idx->old->f[IDX_REL]), NULL) ||
		    starts(s, "ALTER TABLE"))
			return;
		for (i = 0; i < s->ngone; i++)
			if (s->gone[i].was->k == CON &&
			    number(s->gone[i].was->f[CON_INDEX]) == r->id)
				return;
		for (i = 0; i < s->nchanged; i++)
			if (s->changed[i].is->k == ATT && s->changed[i].t == c->t &&
			    differ(&s->changed[i], ATT_TYPE))
				return;
		if (idx->old->f[IDX_UNIQUE][0] == 't' && !other_unique(file, idx->old))
			report(f, &w, "drop-constraint", c->table,
			    "unique index %s is dropped from %s: rows may be duplicates "
			    "from here on",
			    r->name, c->table);
		if (s->alone)
			return;
		report(f, &w, "drop-index-locked", c->table,
		    "DROP INDEX %s waits for every transaction on %s, and keeps out "
		    "reads and "
		    "writes meanwhile",
		    r->name, c->table);
		return;
	}
	for (k = 0; k < sizeof kinds / sizeof kinds[0] && kinds[k].kind != kind; k++)
		continue;
	if (k == sizeof kinds / sizeof kinds[0])
		return;
	if (r->f[REL_ISPART][0] == 't' && !mentions(s, r->name))
		for (i = 0; i < s->ngone; i++)
			if (s->gone[i].was->k == REL &&
			    s->gone[i].was->f[REL_KIND][0] == 'p')
				return; /* a partition of what is dropped */
	/* Not reported: a serial's sequence, and a view that the same file makes anew. */
	if ((kind == 'S' && !mentions(s, r->name)) || (kind == 'v' && same_view(file, r)))
		return;
	say(f, s, kinds[k].code, kinds[k].what, r->name,
	    *r->ns == '\0' || strcmp(r->ns, "public") == 0
		? r->name
		: keep("%s.%s", r->ns, r->name),
	    kind == 'v' && made_anew(file, r) != NULL
		? ", and made anew without a column, or with another type of one"
		: "");
}

static void
say_domain_check(struct findings *f, const struct stmt *s, const struct row *r)
{
	const struct obj *domain = find_obj(TYP, number(r->f[CON_DOMAIN]), 0);
	size_t i;

	for (i = 0; i < s->ngone; i++)
		if (s->gone[i].was->k == TYP &&
		    s->gone[i].was->id == number(r->f[CON_DOMAIN]))
			return;
	if (domain != NULL && domain->old != NULL)
		say(f, s, "drop-constraint", "check", r->name, NULL,
		    keep(" from domain %s: its values are no longer checked",
			domain->old->name));
}

static void
gone_constraint(struct findings *f, const struct file *file, const struct stmt *s,
    const struct change *c)
{
	const struct row *r = c->was;
	struct where w = {s, r->name, NULL, 0};
	unsigned long rel = number(r->f[CON_REL]);
	char type = r->f[CON_TYPE][0];

	if (rel == 0 && type == 'c' && made_anew(file, r) == NULL)
		say_domain_check(f, s, r);
	if (rel == 0 || c->t == NULL || gone_rel(s, rel) ||
	    strchr("pfucx", type) == NULL || strcmp(r->f[CON_PARENT], "0") != 0 ||
	    made_anew(file, r) != NULL || says_not_null(r))
		return;
	/* The constraint went with one of its columns. */
	if (lost_column(s, rel, r->f[CON_KEY]))
		return;
	if (gone_rel(s, number(r->f[CON_TARGET])) && !mentions(s, r->name)) {
		report(f, &w, "drop-cascade", c->table,
		    "foreign key %s of %s is dropped too, and the statement does not "
		    "name it",
		    r->name, c->table);
		return;
	}
	say(f, s,
	    type == 'p'       ? "drop-primary-key"
		: type == 'f' ? "drop-foreign-key"
			      : "drop-constraint",
	    type == 'p'       ? "primary key"
		: type == 'f' ? "foreign key"
		: type == 'u' ? "unique constraint"
		: type == 'c' ? "check"
			      : "exclusion constraint",
	    r->name, c->table,
	    keep(" from %s: its rows are no longer checked", c->table));
}

static void
gone_function(struct findings *f, const struct file *file, const struct stmt *s,
    const struct row *r)
{
	const struct row *new = made_anew(file, r);

	if (new == NULL)
		say(f, s, "drop-function", "function", r->name, NULL, "");
	else if (strcmp(new->f[FUN_RESULT], r->f[FUN_RESULT]) != 0)
		say(f, s, "drop-function", "function", r->name, NULL,
		    keep(" and made anew with another result: %s, it was %s",
			new->f[FUN_RESULT], r->f[FUN_RESULT]));
}

void
judge_gone(struct findings *f, const struct file *file, const struct stmt *s)
{
	const struct change *c;
	size_t i;
	int ext = 0;

	for (i = 0; i < s->nchanged; i++) {
		c = &s->changed[i];
		if (column_dropped(c) && c->t != NULL)
			say(f, s, "drop-column", "column", c->was->name, c->table,
			    keep(" from %s with its values", c->table));
	}
	for (i = 0; i < s->ngone; i++)
		ext |= s->gone[i].was->k == EXT;
	for (i = 0; i < s->ngone; i++) {
		const struct row *r = s->gone[i].was;

		c = &s->gone[i];
		switch (r->k) {
		case REL:
			gone_relation(f, file, s, c);
			break;
		case CON:
			gone_constraint(f, file, s, c);
			break;
		case TRG:
		case POL:
		case RUL:
			if (c->t == NULL || gone_rel(s, number(r->f[0])) ||
			    (r->k == TRG && r->f[TRG_INTERNAL][0] == 't') ||
			    made_anew(file, r) != NULL)
				break;
			say(f, s,
			    r->k == TRG       ? "drop-trigger"
				: r->k == POL ? "drop-policy"
					      : "drop-rule",
			    r->k == TRG       ? "trigger"
				: r->k == POL ? "policy"
					      : "rule",
			    r->name, c->table, keep(" from %s", c->table));
			break;
		case FUN:
			if (!ext)
				gone_function(f, file, s, r);
			break;
		case TYP:
			if (!ext)
				say(f, s, "drop-type",
				    r->f[TYP_TYPE][0] == 'd' ? "domain" : "type", r->name,
				    NULL, "");
			break;
		case NSP:
			say(f, s, "drop-schema", "schema", r->name, NULL, "");
			break;
		case EXT:
			say(f, s, "drop-extension", "extension", r->name, NULL, "");
			break;
		default:
			break;
		}
	}
}
