/*
 * watchlint_work.c - tables that are written anew, emptied, or get an index.
 *
 * Facts decide wherever PostgreSQL showed something; words of the statement,
 * without strings and comments, only where it cannot.
 */
#include "watchlint_rules.h"

#include <stdlib.h>

int
in(const struct work *w, const struct obj *t)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		if (w->v[i] == t)
			return 1;
	return 0;
}

void
work_add(struct work *w, const struct obj *t)
{
	if (t == NULL || in(w, t))
		return;
	w->v = xreallocarray(w->v, w->n + 1, sizeof *w->v);
	w->v[w->n++] = t;
}

const struct said *
heard(const struct stmt *s, const char *what, const char *name)
{
	char *want = keep("%s \"%s\"", what, name);
	const struct said *found = NULL;
	size_t i;

	for (i = 0; i < s->nsaid && found == NULL; i++)
		if (strstr(s->said[i].text, want) != NULL)
			found = &s->said[i];
	return found;
}

/* PL/pgSQL counts from the line of the opening $$. */
static size_t
inner_line(const struct stmt *s, const struct said *said)
{
	size_t i, k, line = s->line;

	if (said == NULL || said->line == 0)
		return 0;
	for (i = 0; i < s->ntok && s->tok[i].type != SQL_STRING; i++)
		continue;
	if (i == s->ntok)
		return 0;
	for (k = s->start; k < s->tok[i].from; k++)
		line += s->file->text[k] == '\n';
	return line + said->line - 1;
}

static int
type_changed(const struct change *c)
{
	return c->is != NULL && c->was != NULL && c->is->k == ATT &&
	    differ(c, ATT_TYPE) && c->is->f[ATT_DROPPED][0] == 'f';
}

/* Why a table was written anew; *name becomes the first column that caused it. */
static const char *
reasons(const struct stmt *s, const struct obj *t, const char **name, const char **word)
{
	struct buf b = {0};
	const struct change *c;
	const struct row *r;
	const char *why;
	size_t i;
	int retyped = 0;

	for (i = 0; i < s->nchanged; i++) {
		c = &s->changed[i];
		if (!type_changed(c) || c->is->id != t->id)
			continue;
		xbuf_addf(&b, "%s%s from %s to %s", b.len > 0 ? "; " : "", c->is->name,
		    c->was->f[ATT_TYPE], c->is->f[ATT_TYPE]);
		*name = *name == NULL ? c->is->name : *name;
		retyped = 1;
	}
	for (i = 0; i < s->ncreated; i++) {
		r = s->created[i].is;
		if (r->k != ATT || r->id != t->id)
			continue;
		if (r->f[ATT_GENERATED][0] == 's')
			xbuf_addf(&b, "%snew column %s is a generated one",
			    b.len > 0 ? "; " : "", r->name);
		else if (r->f[ATT_IDENTITY][0] != '\0')
			xbuf_addf(&b, "%snew column %s is an identity",
			    b.len > 0 ? "; " : "", r->name);
		else if (r->f[ATT_DEFAULT][0] != '\0' && r->f[ATT_MISSING][0] == 'f')
			xbuf_addf(&b,
			    "%sthe default of new column %s, %s, differs by row",
			    b.len > 0 ? "; " : "", r->name, r->f[ATT_DEFAULT]);
		else if (r->f[ATT_DEFAULT][0] == '\0')
			xbuf_addf(&b, "%sthe type of new column %s, %s, checks each row",
			    b.len > 0 ? "; " : "", r->name, r->f[ATT_TYPE]);
		else
			continue;
		*name = *name == NULL ? r->name : *name;
	}
	/* USING rewrites the table even where the type stays the same. */
	retyped |= b.len == 0 && has_words(s, "USING");
	*word = retyped ? "TYPE" : NULL;
	why = b.len > 0 ? keep_text(b.p, b.len) : NULL;
	buf_free(&b);
	return why;
}

/* A new relfilenode of an old table or materialized view: anew, or emptied. */
static int
has_new_file(const struct change *c)
{
	int kind = c->is->f[REL_KIND][0];

	return c->old && c->is->k == REL && c->t != NULL &&
	    strcmp(c->was->ns, "pg_toast") != 0 && differ(c, REL_FILE) &&
	    (kind == 'r' || kind == 'm');
}

/* A new file and no word of rewriting: TRUNCATE. */
static int
is_emptied(const struct stmt *s, const struct change *c)
{
	return c->is->f[REL_KIND][0] == 'r' && !differ(c, REL_SPACE) &&
	    !differ(c, REL_PERSIST) && !starts(s, "CLUSTER") && !starts(s, "VACUUM") &&
	    heard(s, "rewriting table", c->is->name) == NULL;
}

static void
report_rewrite(struct findings *f, const struct stmt *s, const struct change *c)
{
	const struct said *said = heard(s, "rewriting table", c->is->name);
	struct where w = {s, NULL, NULL, 0};
	const char *t = c->table, *why;

	if (differ(c, REL_PERSIST)) {
		report(f, &w, "unlogged", t, "%s is written anew to become %s; %s", t,
		    c->is->f[REL_PERSIST][0] == 'u'
			? "unlogged: empty after a crash, and not on replicas"
			: "logged",
		    lock_words(c->t));
	} else if (differ(c, REL_SPACE)) {
		report(f, &w, "move-tablespace", t,
		    "every byte of %s is copied to another tablespace; %s", t,
		    lock_words(c->t));
	} else if (c->is->f[REL_KIND][0] == 'm') {
		report(f, &w, "refresh-locked", t, "%s is computed and written anew; %s",
		    t, lock_words(c->t));
	} else if (said != NULL) {
		why = reasons(s, c->t, &w.name, &w.word);
		w.line = inner_line(s, said);
		report(f, &w, "rewrite", t,
		    "%s and its indexes are written anew%s%s%s; %s", t,
		    why != NULL ? " (" : "", why != NULL ? why : "",
		    why != NULL ? ")" : "", lock_words(c->t));
	} else if (starts(s, "CLUSTER")) {
		report(f, &w, "cluster", t,
		    "%s is written anew in the order of an index; %s", t,
		    lock_words(c->t));
	} else
		report(f, &w, "vacuum-full", t,
		    "%s is written anew; ACCESS EXCLUSIVE keeps out reads and writes", t);
}

/* A partitioned table may have no partition here, and many elsewhere. */
static void
judge_partitions(struct findings *f, const struct stmt *s, struct work *heavy)
{
	struct where w = {s, NULL, NULL, 0};
	const struct change *c;
	size_t i;

	for (i = 0; i < s->nchanged && heavy->n == 0; i++) {
		c = &s->changed[i];
		if (!c->old || !c->parted || !type_changed(c))
			continue;
		w.name = c->is->name;
		report(f, &w, "rewrite", c->table,
		    "the partitions of %s may be written anew (%s from %s to %s); the "
		    "dev database has none, so this was not seen",
		    c->table, c->is->name, c->was->f[ATT_TYPE], c->is->f[ATT_TYPE]);
		work_add(heavy, c->t);
	}
}

/* All tables that a TRUNCATE emptied are one finding, at the first. */
static void
judge_emptied(struct findings *f, const struct stmt *s, struct work *empty)
{
	struct where w = {s, NULL, "TRUNCATE", 0};
	const struct change *c, *first = NULL;
	struct buf names = {0}, more = {0};
	size_t i;

	for (i = 0; i < s->nchanged; i++) {
		c = &s->changed[i];
		if (!has_new_file(c) || !is_emptied(s, c))
			continue;
		work_add(empty, c->t);
		if (first == NULL)
			first = c;
		xbuf_addf(&names, "%s%s", names.len > 0 ? ", " : "", c->table);
		if (!mentions(s, c->was->name))
			xbuf_addf(&more, "%s%s", more.len > 0 ? ", " : "", c->table);
	}
	if (first != NULL) {
		w.name = first->was->name;
		report(f, &w, "truncate", first->table, "%s: every row is gone%s%s",
		    names.p, more.len > 0 ? "; the statement does not name " : "",
		    more.len > 0 ? more.p : "");
	}
	buf_free(&names);
	buf_free(&more);
}

void
judge_rewrites(
    struct findings *f, const struct stmt *s, struct work *heavy, struct work *empty)
{
	size_t i;

	for (i = 0; i < s->nchanged; i++)
		if (has_new_file(&s->changed[i]) && !is_emptied(s, &s->changed[i])) {
			work_add(heavy, s->changed[i].t);
			report_rewrite(f, s, &s->changed[i]);
		}
	judge_partitions(f, s, heavy);
	judge_emptied(f, s, empty);
}

static int
is_toast(const struct stmt *s, unsigned long id)
{
	size_t i;

	for (i = 0; i < s->ncreated; i++)
		if (s->created[i].is->k == REL && s->created[i].is->id == id)
			return strcmp(s->created[i].is->ns, "pg_toast") == 0;
	return 0;
}

static const struct row *
constraint_of(const struct stmt *s, unsigned long index)
{
	size_t i;

	for (i = 0; i < s->ncreated; i++)
		if (s->created[i].is->k == CON &&
		    strtoul(s->created[i].is->f[CON_INDEX], NULL, 10) == index &&
		    strchr("pux", s->created[i].is->f[CON_TYPE][0]) != NULL)
			return s->created[i].is;
	return NULL;
}

/* A change of type that needs no rewrite keeps the file of an index. */
static int
is_taken_over(const struct stmt *s, unsigned long index)
{
	const struct obj *o = find_obj(REL, index, 0);
	size_t i;

	for (i = 0; o != NULL && o->now != NULL && i < s->ngone; i++)
		if (s->gone[i].was->k == REL && *o->now->f[REL_FILE] != '0' &&
		    strcmp(s->gone[i].was->f[REL_FILE], o->now->f[REL_FILE]) == 0)
			return 1;
	return 0;
}

/* Indexes built on tables that were there. */
void
judge_indexes(struct findings *f, const struct stmt *s, struct work *heavy,
    const struct work *empty)
{
	struct work built = {0};
	const struct change *c;
	const struct row *con;
	const struct obj *o;
	const char *name;
	struct where w;
	size_t i, k;
	int parted = 0, retyped;

	for (i = 0; i < s->ncreated; i++)
		parted |= s->created[i].is->k == IDX && s->created[i].parted;
	for (i = 0; i < s->ncreated && !s->alone; i++) {
		c = &s->created[i];
		/*
		 * An index of a partitioned table is reported once, not for each
		 * partition.
		 */
		if (c->is->k != IDX || c->t == NULL || in(heavy, c->t) ||
		    is_toast(s, c->is->id) || (parted && !c->parted) ||
		    is_taken_over(s, c->is->id) || (c->parted && has_words(s, "ON ONLY")))
			continue;
		/*
		 * A change of type builds the index anew, and is reported as a rewrite.
		 */
		retyped = 0;
		for (k = 0; k < s->nchanged; k++)
			retyped |= type_changed(&s->changed[k]) &&
			    s->changed[k].t == c->t && in(heavy, c->t);
		if (retyped)
			continue;
		con = constraint_of(s, c->is->id);
		o = find_obj(REL, c->is->id, 0);
		name = o != NULL && o->now != NULL ? o->now->name : "an index";
		memset(&w, 0, sizeof w);
		w.s = s;
		w.name = name;
		w.word = con == NULL                  ? "INDEX"
		    : c->is->f[IDX_EXCLUDE][0] == 't' ? "EXCLUDE"
		    : con->f[CON_TYPE][0] == 'p'      ? "PRIMARY"
						      : "UNIQUE";
		w.line = inner_line(s, heard(s, "building index", name));
		report(f, &w,
		    c->is->f[IDX_EXCLUDE][0] == 't' ? "exclude-locked"
			: con != NULL               ? "unique-locked"
						    : "index-locked",
		    c->table, "%s is built over all of %s; %s%s", name, c->table,
		    lock_words(c->t),
		    c->is->f[IDX_UNIQUE][0] == 't' ? "; it fails where values repeat"
						   : "");
		work_add(&built, c->t);
	}
	for (i = 0; i < built.n; i++)
		work_add(heavy, built.v[i]);
	free(built.v);
	for (i = 0; i < s->nchanged && !s->alone; i++) {
		c = &s->changed[i];
		if (!c->old || c->is->k != REL || c->is->f[REL_KIND][0] != 'i' ||
		    !differ(c, REL_FILE) || c->t == NULL || in(heavy, c->t) ||
		    in(empty, c->t) || strcmp(c->is->ns, "pg_toast") == 0)
			continue;
		memset(&w, 0, sizeof w);
		w.s = s;
		report(f, &w, "reindex-locked", c->table, "%s of %s is built anew; %s",
		    c->is->name, c->table, lock_words(c->t));
		work_add(heavy, c->t);
	}
}
