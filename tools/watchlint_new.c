/*
 * watchlint_new.c - new tables, as they are when the branch is done.
 */
#include "watchlint_rules.h"

static int
made_as(const struct stmt *s)
{
	return has_words(s, "AS SELECT") || has_words(s, "LIKE") ||
	    has_words(s, "AS TABLE") || has_words(s, "AS WITH") ||
	    has_words(s, "AS ( SELECT") || has_words(s, "AS EXECUTE") ||
	    has_words(s, "AS VALUES");
}

static void
judge_new_table(struct findings *f, const struct branch *b, const struct stmt *s,
    const struct row *table)
{
	const struct obj *o = find_obj(REL, table->id, 0), *col;
	const struct row *key = NULL;
	struct where w = {s, NULL, NULL, 0};
	const char *t = obj_name(o);
	size_t i, k, n;

	if (o->now == NULL || o->gone || o->now->f[REL_ISPART][0] == 't' ||
	    is_temporary(o->now))
		return;
	for (i = 0; i < b->n; i++)
		for (k = 0; k < b->v[i].n; k++) {
			const struct stmt *x = &b->v[i].v[k];

			if (starts(x, "DROP TABLE") && mentions(x, o->now->name))
				return;
			for (n = 0; n < x->ncreated; n++)
				if (x->created[n].is->k == CON &&
				    x->created[n].is->f[CON_TYPE][0] == 'p' &&
				    number(x->created[n].is->f[CON_REL]) == table->id)
					key = x->created[n].is;
		}
	if (key == NULL) {
		report(f, &w, "no-primary-key", t, "%s has no primary key", t);
		return;
	}
	if (strchr(key->f[CON_KEY], ' ') != NULL ||
	    (col = find_obj(ATT, table->id, (long)number(key->f[CON_KEY]))) == NULL ||
	    col->now == NULL)
		return;
	if ((strcmp(col->now->f[ATT_TYPE], "integer") == 0 ||
		strcmp(col->now->f[ATT_TYPE], "smallint") == 0) &&
	    (*col->now->f[ATT_IDENTITY] != '\0' ||
		strstr(col->now->f[ATT_DEFAULT], "nextval") != NULL)) {
		w.name = col->now->name;
		report(f, &w, "int-key", t, "%s.%s counts in %s", t, col->now->name,
		    col->now->f[ATT_TYPE]);
	}
}

void
judge_new_tables(struct findings *f, const struct branch *b)
{
	size_t i, k, n;

	for (i = 0; i < b->n; i++)
		for (k = 0; k < b->v[i].n; k++) {
			const struct stmt *s = &b->v[i].v[k];

			if (!starts(s, "CREATE TABLE") &&
			    !starts(s, "CREATE UNLOGGED TABLE"))
				continue;
			for (n = 0; n < s->ncreated; n++)
				if (s->created[n].is->k == REL &&
				    s->created[n].is->f[REL_KIND][0] == 'r' &&
				    !made_as(s))
					judge_new_table(f, b, s, s->created[n].is);
		}
}
