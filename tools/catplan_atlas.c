/*
 * catplan_atlas.c - which tables Atlas plans, and which statements of its plan are kept.
 */
#include "catplan.h"

#include <stdlib.h>

#include "sqltext.h"

static int
is(const struct item *it, const char *kind)
{
	return strcmp(it->name, kind) == 0;
}

/* ---- which differences are Atlas's ---- */

static struct item *
commented(struct plan *p, const struct item *it)
{
	const char *from[4], *rest, *id;
	size_t len[4], n;

	if (strncmp(it->id, "TABLE ", 6) == 0)
		return plan_find(p, "table", it->id + 6);
	if (strncmp(it->id, "COLUMN ", 7) != 0)
		return NULL;
	id = it->id + 7;
	n = id_parts(id, from, len, &rest);
	return n > 1
	    ? plan_find(p, "table", plan_str(p, "%.*s", (int)(from[n - 1] - 1 - id), id))
	    : NULL;
}

/* Is an enum the type of a column? */
static int
is_column_type(const struct plan *p, const struct item *it)
{
	const struct graph *g = it->want != NULL ? &p->w : &p->h;
	size_t at = graph_at(g, (it->want != NULL ? it->want : it->had)->node), k;

	for (k = g->bfirst[at]; k < g->bfirst[at + 1]; k++)
		if (graph_item(g, g->bto[k], "column") != NULL)
			return 1;
	return 0;
}

/* Does a sequence belong to a column that Atlas adds or drops? */
static int
is_counter(struct plan *p, const struct item *it)
{
	const struct item *owner = plan_find(p, "sequence owner", it->id), *column;
	const struct row *r;

	if (is(it, "identity sequence"))
		column = plan_find(p, "column", it->id);
	else {
		if (owner == NULL)
			return 0;
		r = owner->want != NULL ? owner->want : owner->now;
		column = r != NULL ? plan_find(p, "column", r->def) : NULL;
	}
	return column != NULL && (column->want == NULL || column->now == NULL) &&
	    is_atlas(p, column);
}

static const char *
atlas_table(struct plan *p, const struct item *it)
{
	struct item *t;

	if (is(it, "comment")) {
		t = commented(p, it);
		return t != NULL && !is_ours(p, t->id) ? t->id : NULL;
	}
	return is_atlas(p, it) ? table_of(p, it) : NULL;
}

static int
is_plain(struct plan *p, const struct item *it)
{
	if (is(it, "enum"))
		return !is_changed(it) && is_column_type(p, it) && plan_in_play(p, it);
	if (is(it, "sequence") || is(it, "sequence owner") || is(it, "identity sequence"))
		return is_counter(p, it);
	return atlas_table(p, it) != NULL;
}

/*
 * How much of what differs is left to Atlas. Call this after enum values and whatever
 * comes before Atlas are planned.
 */
enum shape
plan_shape(struct plan *p)
{
	size_t i, atlas = 0, ours = 0;

	for (i = 0; i < p->n; i++)
		if (differs(&p->v[i]) && is_plain(p, &p->v[i])) {
			atlas += atlas_table(p, &p->v[i]) != NULL;
		} else if (differs(&p->v[i]))
			ours++;
	for (i = CLEAR; i <= BEFORE; i++)
		ours += p->out[i].len > 0;
	if (atlas == 0 && ours == 0)
		return p->out[VALUES].len > 0 ? SHAPE_ROWS : SHAPE_EQUAL;
	return atlas == 0 ? SHAPE_ROWS : ours == 0 ? SHAPE_ATLAS : SHAPE_MIXED;
}

/* ---- what of its plan is taken ---- */

/* The name that starts at the token k, as plan_plain() has it; or NULL. */
static char *
name_at(const struct plan *p, const char *text, const struct sql_stmt *s, size_t k,
    int column)
{
	struct buf b = {0};
	size_t n = 0, last = 0;
	char *plain;

	for (; k < s->ntok && (s->tok[k].type == SQL_NAME || s->tok[k].type == SQL_WORD);
	    k += 2) {
		if (n++ > 0)
			xbuf_addc(&b, '.');
		last = b.len;
		xbuf_add(&b, text + s->tok[k].from, s->tok[k].to - s->tok[k].from);
		if (k + 1 >= s->ntok || text[s->tok[k + 1].from] != '.')
			break;
	}
	if (n == 0 || (column && n < 2)) {
		buf_free(&b);
		return NULL;
	}
	if (column)
		b.p[last - 1] = '\0';
	plain = plan_plain(p, b.p);
	buf_free(&b);
	return plain;
}

static size_t
skip(const char *text, const struct sql_stmt *s, size_t k, const char *word)
{
	return k < s->ntok && sql_is(text, &s->tok[k], word) ? k + 1 : k;
}

/* The index's table, by its name. */
static char *
index_table(struct plan *p, char *name)
{
	size_t i;
	char *plain;
	const char *owner = NULL;

	for (i = 0; name != NULL && owner == NULL && i < p->n; i++)
		if (is(&p->v[i], "index")) {
			plain = plan_plain(p, p->v[i].id);
			if (strcmp(plain, name) == 0)
				owner = id_owner(p, &p->v[i]);
			free(plain);
		}
	free(name);
	return owner != NULL ? plan_plain(p, owner) : NULL;
}

/* The table that the statement is about; NULL where it is about none. */
static char *
about(struct plan *p, const char *text, const struct sql_stmt *s)
{
	size_t k = 1, at;
	int create = s->ntok > 0 && sql_is(text, &s->tok[0], "CREATE");

	if (s->ntok < 3)
		return NULL;
	if (sql_is(text, &s->tok[0], "COMMENT")) {
		at = skip(text, s, skip(text, s, 2, "TABLE"), "COLUMN");
		if (sql_is(text, &s->tok[2], "INDEX"))
			return index_table(p, name_at(p, text, s, 3, 0));
		return at > 2
		    ? name_at(p, text, s, at, sql_is(text, &s->tok[2], "COLUMN"))
		    : NULL;
	}
	k = skip(text, s, k, "UNIQUE");
	if (sql_is(text, &s->tok[k], "TABLE"))
		return name_at(
		    p, text, s, skip(text, s, skip(text, s, k + 1, "IF"), "EXISTS"), 0);
	if (!sql_is(text, &s->tok[k], "INDEX"))
		return NULL;
	k = skip(text, s, k + 1, "CONCURRENTLY");
	if (!create)
		return index_table(p, name_at(p, text, s, k, 0));
	for (; k < s->ntok; k++)
		if (sql_is(text, &s->tok[k], "ON"))
			return name_at(p, text, s, k + 1, 0);
	return NULL;
}

/*
 * Does the statement have CASCADE, other than in a foreign key's ON DELETE or ON UPDATE?
 */
static int
cascades(const char *text, const struct sql_stmt *s)
{
	size_t k;

	for (k = 1; k < s->ntok; k++)
		if (sql_is(text, &s->tok[k], "CASCADE") &&
		    !sql_is(text, &s->tok[k - 1], "DELETE") &&
		    !sql_is(text, &s->tok[k - 1], "UPDATE"))
			return 1;
	return 0;
}

/* The tables of Atlas's about which anything differs. */
static char **
tables(struct plan *p, size_t *n)
{
	char **v = xcalloc(p->n, sizeof *v);
	const char *table, *last = NULL;
	size_t i;

	*n = 0;
	for (i = 0; i < p->n; i++) {
		table = differs(&p->v[i]) ? atlas_table(p, &p->v[i]) : NULL;
		if (table == NULL || (last != NULL && strcmp(last, table) == 0))
			continue;
		v[(*n)++] = plan_plain(p, table);
		last = table;
	}
	return v;
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int
is_wanted(struct plan *p, const char *text, const struct sql_stmt *s, enum shape shape,
    char **v, size_t n)
{
	char *table;
	int wanted;

	if (cascades(text, s))
		return 0;
	if (shape == SHAPE_ATLAS && s->ntok > 1 && sql_is(text, &s->tok[1], "TYPE"))
		return 1;
	table = about(p, text, s);
	wanted =
	    table != NULL && n > 0 && bsearch(&table, v, n, sizeof *v, by_text) != NULL;
	free(table);
	return wanted;
}

/*
 * Keep the statements of Atlas's plan that are about these tables. Others that it may
 * hold (DROP SCHEMA, tables that catplan writes, differences that are none) are left out.
 * Returns whether the plan is SQL at all.
 */
int
plan_filter(struct plan *p, const char *path, enum shape shape, struct buf *out)
{
	struct buf b = {0};
	struct sql_text t;
	struct sql_stmt s;
	size_t n, i, from;
	char **v = tables(p, &n);
	int whole;

	xread_file(path, &b);
	if (n > 1)
		qsort(v, n, sizeof *v, by_text);
	xsql_open(&t, b.p, b.len, 0);
	while (xsql_next(&t, &s)) {
		if (s.kind != SQL_PLAIN)
			die(path, "line %zu: no plan of Atlas's", s.line);
		if (!is_wanted(p, b.p, &s, shape, v, n))
			continue;
		for (from = s.from; b.p[from] == '\n'; from++)
			;
		xbuf_add(out, b.p + from, s.end - from);
		xbuf_adds(out, "\n--\001\n");
	}
	/*
	 * Atlas's plan is no SQL where a name holds a quote, for one, which Atlas does
	 * not double.
	 */
	whole = t.why == NULL;
	sql_close(&t);
	buf_free(&b);
	for (i = 0; i < n; i++)
		free(v[i]);
	free(v);
	return whole;
}
