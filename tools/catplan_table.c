/* catplan_table.c - CREATE TABLE, as PostgreSQL's catalogs have the table. */
#include "catplan.h"

#include <stdlib.h>

static int
starts_with(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

int
is_ready(const struct plan *p, size_t i, size_t except)
{
	const struct graph *g = &p->w;
	size_t k, m;

	for (k = g->first[i]; k < g->first[i + 1]; k++)
		for (m = g->ifirst[g->to[k]]; m < g->ifirst[g->to[k] + 1]; m++)
			if ((g->item[m]->kind->flags & MAIN) && is_missing(g->item[m]) &&
			    graph_table(g, g->to[k]) != except)
				return 0;
	return 1;
}

/*
 * A column that counts itself up, as a serial: a sequence with the usual options
 * and the usual name, which the column owns.
 */
const char *
serial(struct plan *p, const struct item *column, const char *table)
{
	static const struct {
		const char *type, *def, *serial;
	} kinds[] = {
	    {"smallint",
		"AS smallint START WITH 1 INCREMENT BY 1 MINVALUE 1 MAXVALUE 32767 CACHE "
		"1 NO "
		"CYCLE",
		"smallserial"},
	    {"integer",
		"AS integer START WITH 1 INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 "
		"CACHE 1 "
		"NO CYCLE",
		"serial"},
	    {"bigint",
		"AS bigint START WITH 1 INCREMENT BY 1 MINVALUE 1 MAXVALUE "
		"9223372036854775807 CACHE 1 NO CYCLE",
		"bigserial"},
	};
	const char *name = plan_str(p, "%s_%s_seq", table, id_last(column->id));
	struct item *seq = plan_find(p, "sequence", name),
		    *owner = plan_find(p, "sequence owner", name),
		    *def = plan_find(p, "default", column->id);
	size_t i;

	if (seq == NULL || owner == NULL || def == NULL || !is_missing(seq) ||
	    !is_missing(def) || !is_missing(owner) ||
	    strcmp(owner->want->def, column->id) != 0 ||
	    strcmp(def->want->def, plan_str(p, "nextval('%s'::regclass)", name)) != 0)
		return NULL;
	for (i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(column->want->def, kinds[i].type) == 0 &&
		    strcmp(seq->want->def, kinds[i].def) == 0)
			return kinds[i].serial;
	return NULL;
}

/* KEY 'value', for OPTIONS (): of a foreign table, or of a column of it. */
static void
add_options(const struct plan *p, struct buf *b, size_t node)
{
	const struct graph *g = &p->w;
	struct item *it;
	size_t k, any = 0;
	const char *c;

	for (k = g->ifirst[node]; k < g->ifirst[node + 1]; k++) {
		it = g->item[k];
		if (strcmp(it->name, "foreign option") != 0)
			continue;
		xbuf_adds(b, any++ == 0 ? " OPTIONS (" : ", ");
		c = strrchr(it->id, ' ');
		xbuf_adds(b, c != NULL ? c + 1 : it->id);
		xbuf_adds(b, " '");
		for (c = it->want->def; *c != '\0'; c++) {
			if (*c == '\'')
				xbuf_addc(b, '\'');
			xbuf_addc(b, *c);
		}
		xbuf_addc(b, '\'');
		it->now = it->want;
	}
	if (any > 0)
		xbuf_addc(b, ')');
}

static void
add_quoted(struct buf *b, const char *name)
{
	xbuf_adds(b, *name == '"' ? "" : "\"");
	xbuf_adds(b, name);
	xbuf_adds(b, *name == '"' ? "" : "\"");
}

static void
add_column(
    struct plan *p, struct buf *b, size_t node, struct item *column, const char *table)
{
	struct item *identity = plan_find(p, "identity", column->id),
		    *generated = plan_find(p, "generated", column->id),
		    *def = plan_find(p, "default", column->id),
		    *not_null = plan_find(p, "not null", column->id);
	const char *counted = serial(p, column, table), *s;
	struct item *seq;

	xbuf_adds(b, b->p[b->len - 1] == '(' ? "" : ", ");
	add_quoted(b, id_last(column->id));
	xbuf_addf(b, " %s", counted != NULL ? counted : column->want->def);
	if (counted != NULL) {
		s = plan_str(p, "%s_%s_seq", table, id_last(column->id));
		seq = plan_find(p, "sequence", s);
		seq->now = seq->want;
		seq = plan_find(p, "sequence owner", s);
		seq->now = seq->want;
	}
	add_options(p, b, node);
	if (not_null != NULL && not_null->want != NULL && not_null->want->def[0] == '\0')
		xbuf_adds(b, " NOT NULL");
	else if (generated == NULL || generated->want == NULL)
		xbuf_adds(b, " NULL");
	if (generated != NULL && generated->want != NULL) {
		s = generated->want->def;
		/* The expression, and behind it whether it is stored. */
		xbuf_addf(b, " GENERATED ALWAYS AS (%.*s)%s", (int)(strrchr(s, ' ') - s),
		    s, strcmp(strrchr(s, ' '), " STORED") == 0 ? " STORED" : "");
	} else if (identity != NULL && identity->want != NULL) {
		s = identity->want->def;
		xbuf_addf(b, " GENERATED %.*s",
		    (int)(is_usual_identity(s) ? strcspn(s, "(") - 1 : strlen(s)), s);
	} else if (counted == NULL && def != NULL && def->want != NULL)
		xbuf_addf(b, " DEFAULT %s", def->want->def);
	plan_came(p, column);
}

/*
 * The constraints that need nothing that is made later; the others are added by ALTER
 * TABLE.
 */
static void
add_constraints(struct plan *p, struct buf *b, size_t node, const struct item *table)
{
	const struct graph *g = &p->w;
	struct item *it;
	size_t i, k, at;
	const char *add;

	for (i = node; i < graph_end(g, node); i++)
		for (k = g->bfirst[i]; k < g->bfirst[i + 1]; k++) {
			at = g->bto[k];
			it = graph_item(g, at, "constraint");
			if (it == NULL || !is_missing(it) ||
			    !id_is_part(it->id, table->id) || it->want->make == NULL ||
			    plan_find(p, "not valid", it->id) != NULL ||
			    !is_ready(p, at, node))
				continue;
			add = strstr(it->want->make, " ADD CONSTRAINT ");
			if (add == NULL)
				continue;
			add += strlen(" ADD CONSTRAINT ") + strlen(id_last(it->id));
			xbuf_adds(
			    b, b->p[b->len - 1] == '(' ? "CONSTRAINT " : ", CONSTRAINT ");
			add_quoted(b, id_last(it->id));
			xbuf_adds(b, add);
			plan_came(p, it);
		}
}

/* Its parents: INHERITS, or the one that it is a partition of. */
static size_t
parents(
    const struct plan *p, size_t node, const char *kind, struct item **one, struct buf *b)
{
	const struct graph *g = &p->w;
	struct item *it, *table = g->item[g->ifirst[node]];
	size_t k, n = 0;

	for (k = g->ifirst[node]; k < g->ifirst[node + 1]; k++) {
		it = g->item[k];
		if (strcmp(it->name, kind) != 0)
			continue;
		*one = it;
		if (b != NULL) {
			xbuf_adds(b, n == 0 ? " INHERITS (" : ", ");
			xbuf_adds(b, it->id + strlen(table->id) + 1);
			it->now = it->want;
		}
		n++;
	}
	if (b != NULL && n > 0)
		xbuf_addc(b, ')');
	return n;
}

/* A partition with nothing but what its parent has. */
static struct item *
is_partition(struct plan *p, size_t node)
{
	const struct graph *g = &p->w;
	struct item *of = NULL, *it;
	size_t i;

	if (parents(p, node, "partition of", &of, NULL) != 1)
		return NULL;
	for (i = node + 1; i < graph_end(g, node); i++) {
		it = graph_item(g, i, "column");
		if (it != NULL && it->want->make != NULL)
			return NULL;
	}
	it = plan_find(p, "table", of->id + strlen(g->item[g->ifirst[node]]->id) + 1);
	return it != NULL && it->now != NULL ? of : NULL;
}

static void
add_columns(struct plan *p, struct buf *b, size_t node, const struct item *table)
{
	const struct graph *g = &p->w;
	struct item *column, *kept;
	size_t i;

	for (i = node + 1; i < graph_end(g, node); i++) {
		column = graph_item(g, i, "column");
		if (column == NULL)
			continue;
		kept = graph_item(g, i, "column kept");
		/*
		 * Until a partition is attached, its columns are its own and need the
		 * full definition.
		 */
		if (column->want->make == NULL && kept == NULL &&
		    graph_item(g, node, "partition of") == NULL) {
			plan_came(p, column);
			continue;
		}
		add_column(p, b, i, column, table->id);
		if (kept != NULL)
			kept->now = kept->want;
	}
}

/* A new table as PostgreSQL's catalogs have it. */
void
table_make(struct plan *p, struct item *table)
{
	const struct graph *g = &p->w;
	size_t node = graph_at(g, table->want->node), i;
	struct item *of, *it, *unlogged = plan_find(p, "persistence", table->id),
			      *method = plan_find(p, "table access method", table->id);
	int foreign = strcmp(table->name, "foreign table") == 0;
	struct buf b = {0};
	const char *def = table->want->def;

	xbuf_addf(&b, "CREATE %sTABLE %s ",
	    foreign                                          ? "FOREIGN "
		: unlogged != NULL && unlogged->want != NULL ? "UNLOGGED "
							     : "",
	    table->id);
	table->now = table->want;
	of = is_partition(p, node);
	if (of != NULL) {
		xbuf_addf(&b, "PARTITION OF %s %s", of->id + strlen(table->id) + 1,
		    of->want->def);
		of->now = of->want;
		for (i = node + 1; i < graph_end(g, node); i++) {
			it = graph_item(g, i, "column");
			if (it != NULL)
				plan_came(p, it);
		}
	} else {
		xbuf_addc(&b, '(');
		add_columns(p, &b, node, table);
		add_constraints(p, &b, node, table);
		xbuf_addc(&b, ')');
		(void)parents(p, node, "inherits", &it, &b);
	}
	if (unlogged != NULL)
		unlogged->now = unlogged->want;
	if (starts_with(def, "PARTITION BY"))
		xbuf_addf(&b, " %s", def);
	if (method != NULL && method->want != NULL) {
		xbuf_addf(&b, " USING %s", method->want->def);
		method->now = method->want;
	}
	if (foreign) {
		xbuf_addf(&b, " %s",
		    strstr(def, "SERVER ") != NULL ? strstr(def, "SERVER ") : "");
		add_options(p, &b, node);
	}
	plan_write(p, table, "Create", b.p);
	buf_free(&b);
}

/* What an index that came with its parent's has of its own; a=1, b=2. */
void
plan_index_options(struct plan *p, struct item *it)
{
	const char *owner = id_owner(p, it), *s;
	struct buf b = {0};

	if (it->now != NULL) {
		xbuf_addf(&b, "ALTER INDEX %s RESET (", owner);
		for (s = it->now->def; *s != '\0'; s++)
			if (*s == '=')
				s += strcspn(s, ",") - 1;
			else
				xbuf_addc(&b, *s);
		xbuf_addc(&b, ')');
		plan_write(p, it, "Modify", b.p);
		it->now = NULL;
		b.len = 0;
	}
	if (it->want != NULL) {
		xbuf_addf(&b, "ALTER INDEX %s SET (%s)", owner, it->want->def);
		plan_write(p, it, "Modify", b.p);
		it->now = it->want;
	}
	buf_free(&b);
}
