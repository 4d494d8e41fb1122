/* watchlint_new.c - new tables, as they are after the whole branch. */
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
	const char *t;
	size_t i, k, n;

	if (o == NULL || o->now == NULL || o->gone || o->now->f[REL_ISPART][0] == 't' ||
	    is_temporary(o->now))
		return;
	t = obj_name(o);
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

/* Does an index of the table begin with the columns of the key, in any order? */
static int
has_index(const struct row *key)
{
	const struct obj *o, *rel;
	const char *p;
	char *end;
	size_t i = 0, n = 1, seen;

	for (p = key->f[CON_KEY]; *p != '\0'; p++)
		n += *p == ' ';
	while ((o = next_obj(&i)) != NULL) {
		if (o->k != IDX || o->now == NULL ||
		    strcmp(o->now->f[IDX_REL], key->f[CON_REL]) != 0 ||
		    o->now->f[IDX_PARTIAL][0] == 't' ||
		    ((rel = find_obj(REL, o->id, 0)) != NULL && rel->gone))
			continue;
		for (p = o->now->f[IDX_KEY], seen = 0; seen < n && *p != '\0'; p = end) {
			long at = strtol(p, &end, 10), k;
			const char *q = key->f[CON_KEY];
			char *next;
			int found = 0;

			for (; !found && *q != '\0'; q = next) {
				k = strtol(q, &next, 10);
				if (next == q)
					break;
				found = k == at;
			}
			if (end == p || !found)
				break;
			seen++;
		}
		if (seen == n)
			return 1;
	}
	return 0;
}

/*
 * A foreign key without an index that the branch leaves on a table in use. New tables
 * have no such finding: most of them begin that way.
 */
static void
judge_key(struct findings *f, const struct stmt *s, const struct row *r)
{
	const struct obj *o = find_obj(CON, r->id, 0),
			 *rel = find_obj(REL, number(r->f[CON_REL]), 0);
	struct where w = {s, r->name, "REFERENCES", 0};

	if (o == NULL || o->gone || rel == NULL || rel->old == NULL || rel->now == NULL ||
	    rel->gone || strcmp(r->f[CON_PARENT], "0") != 0 || is_temporary(rel->now) ||
	    has_index(r))
		return;
	report(f, &w, "foreign-key-no-index", obj_name(rel),
	    "no index begins with the columns of %s: each DELETE in the table it points "
	    "to reads all of %s",
	    r->name, obj_name(rel));
}

void
judge_new_tables(struct findings *f, const struct branch *b)
{
	size_t i, k, n;

	for (i = 0; i < b->n; i++)
		for (k = 0; k < b->v[i].n; k++) {
			const struct stmt *s = &b->v[i].v[k];

			for (n = 0; n < s->ncreated; n++)
				if (s->created[n].is->k == CON &&
				    s->created[n].is->f[CON_TYPE][0] == 'f')
					judge_key(f, s, s->created[n].is);
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
