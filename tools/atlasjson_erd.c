/*
 * atlasjson_erd.c - a picture of the schema: Graphviz DOT, Mermaid erDiagram.
 *
 * A foreign key's JSON names the table it points at without its schema. Of
 * several tables of that name the one is taken whose columns have the types of
 * ours, then the one in the same schema.
 */
#include "atlasjson.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { KEY_PRIMARY = 1, KEY_FOREIGN = 2, KEY_UNIQUE = 4 };

struct column {
	const char *name, *type;
	int null, keys;
	char *targets; /* what its foreign keys point at, for a large picture */
};

/* A unique key that the mark of one column cannot show. */
struct wide_key {
	char *text;                 /* "(user_id, email)" */
	const struct column *first; /* NULL: an expression */
};

struct table {
	const char *schema, *name;
	struct column *cols;
	size_t ncols;
	const json_t *json;
	json_t *index; /* column name to its number */
	struct wide_key *wide;
	size_t nwide;
	char *label;   /* its name in Mermaid */
	size_t column; /* where it stands in a large picture */
};

static struct table *tables;
static size_t ntables;
static int many_schemas;
static json_t *by_name; /* table name to the numbers of its tables */

/* ---- reading ---- */

static const char *
string_of(const json_t *o, const char *key)
{
	return str_or(xget_string(o, key), "");
}

static struct column *
column_named(const struct table *t, const json_t *name)
{
	const json_t *i = json_is_string(name)
	    ? json_object_get(t->index, json_string_value(name))
	    : NULL;

	return i != NULL ? &t->cols[json_integer_value(i)] : NULL;
}

static void
mark_primary(struct table *t, const json_t *key)
{
	const json_t *parts = xget_array(key, "parts");
	struct column *c;
	size_t i;

	for (i = 0; i < json_array_size(parts); i++) {
		c = column_named(
		    t, json_object_get(xget_element(parts, i, "parts"), "column"));
		if (c != NULL)
			c->keys |= KEY_PRIMARY;
	}
}

static void
mark_unique(struct table *t, const json_t *index)
{
	const json_t *parts = xget_array(index, "parts"), *part = NULL;
	struct column *first = NULL;
	struct buf b = {0};
	size_t i, n = json_array_size(parts);

	for (i = 0; i < n; i++) {
		part = xget_element(parts, i, "parts");
		if (i == 0)
			first = column_named(t, json_object_get(part, "column"));
		xbuf_adds(&b, i == 0 ? "(" : ", ");
		xbuf_adds(
		    &b, str_or(xget_string(part, "column"), string_of(part, "expr")));
	}
	if (n == 1 && first != NULL)
		first->keys |= KEY_UNIQUE;
	else if (n > 0) {
		xbuf_addc(&b, ')');
		t->wide = xreallocarray(t->wide, t->nwide + 1, sizeof *t->wide);
		t->wide[t->nwide].first = first;
		t->wide[t->nwide++].text = xstrdup(b.p);
	}
	buf_free(&b);
}

static void
read_table(const char *schema, const json_t *json)
{
	const json_t *cols = xget_array(json, "columns"), *a, *e;
	struct table *t = &tables[ntables];
	struct column *c;
	size_t i, k;

	t->schema = schema;
	t->name = string_of(json, "name");
	t->json = json;
	t->ncols = json_array_size(cols);
	t->cols = xcalloc(t->ncols, sizeof *t->cols);
	t->index = json_object();
	for (i = 0; i < t->ncols; i++) {
		e = xget_element(cols, i, "columns");
		c = &t->cols[i];
		c->name = string_of(e, "name");
		c->type = string_of(e, "type");
		c->null = json_is_true(json_object_get(e, "null"));
		if (json_object_set_new(t->index, c->name, json_integer((json_int_t)i)) !=
		    0)
			die(NULL, "out of memory");
	}
	mark_primary(t, xget_object(json, "primary_key"));
	a = xget_array(json, "indexes");
	for (i = 0; i < json_array_size(a); i++) {
		e = xget_element(a, i, "indexes");
		if (json_is_true(json_object_get(e, "unique")))
			mark_unique(t, e);
	}
	a = xget_array(json, "foreign_keys");
	for (i = 0; i < json_array_size(a); i++) {
		e = xget_array(xget_element(a, i, "foreign_keys"), "columns");
		for (k = 0; k < json_array_size(e); k++)
			if ((c = column_named(t, json_array_get(e, k))) != NULL)
				c->keys |= KEY_FOREIGN;
	}
	e = json_object_get(by_name, t->name);
	if (e == NULL) {
		(void)json_object_set_new(by_name, t->name, json_array());
		e = json_object_get(by_name, t->name);
	}
	if (json_array_append_new((json_t *)e, json_integer((json_int_t)ntables)) != 0)
		die(NULL, "out of memory");
	ntables++;
}

static void
read_schemas(const json_t *schemas)
{
	const json_t *list, *s;
	size_t i, k, n = 0;

	for (i = 0; i < json_array_size(schemas); i++)
		n += json_array_size(
		    xget_array(xget_element(schemas, i, "schemas"), "tables"));
	tables = xcalloc(n, sizeof *tables);
	by_name = json_object();
	many_schemas = 0;
	for (i = 0; i < json_array_size(schemas); i++) {
		s = xget_element(schemas, i, "schemas");
		list = xget_array(s, "tables");
		if (ntables > 0 && json_array_size(list) > 0)
			many_schemas = 1;
		for (k = 0; k < json_array_size(list); k++)
			read_table(string_of(s, "name"), xget_element(list, k, "tables"));
	}
}

/* ---- foreign keys ---- */

struct relation {
	const struct table *from, *to;  /* to: NULL when not in the JSON */
	const struct column *col, *ref; /* the first pair of columns, or NULL */
	const char *name, *to_name;
	int optional; /* some column may be NULL */
	int one;      /* at most one row points at a row */
};

/* Do these columns make up a whole key, so that no two rows are alike in them? */
static int
is_key(const struct table *t, const json_t *key, const json_t *cols)
{
	const json_t *parts = xget_array(key, "parts");
	size_t i, k, n = json_array_size(parts);

	if (n == 0 || n != json_array_size(cols))
		return 0;
	for (i = 0; i < n; i++) {
		const json_t *part = json_object_get(json_array_get(parts, i), "column");

		for (k = 0; k < n; k++)
			if (part != NULL && json_equal(part, json_array_get(cols, k)))
				break;
		if (k == n || column_named(t, part) == NULL)
			return 0;
	}
	return 1;
}

static int
is_unique(const struct table *t, const json_t *cols)
{
	const json_t *a = xget_array(t->json, "indexes");
	size_t i;

	if (is_key(t, json_object_get(t->json, "primary_key"), cols))
		return 1;
	for (i = 0; i < json_array_size(a); i++)
		if (json_is_true(json_object_get(json_array_get(a, i), "unique")) &&
		    is_key(t, json_array_get(a, i), cols))
			return 1;
	return 0;
}

static const struct table *
target_of(const struct table *t, const json_t *fk, const json_t *cols)
{
	const json_t *ref = xget_object(fk, "references"), *refs, *list;
	const struct table *to, *best = NULL;
	const struct column *a, *b;
	size_t i, k;
	int score, best_score = -1;

	refs = xget_array(ref, "columns");
	list = json_object_get(by_name, string_of(ref, "table"));
	for (i = 0; i < json_array_size(list); i++) {
		to = &tables[json_integer_value(json_array_get(list, i))];
		score = strcmp(to->schema, t->schema) == 0;
		for (k = 0; k < json_array_size(refs); k++) {
			a = column_named(t, json_array_get(cols, k));
			b = column_named(to, json_array_get(refs, k));
			if (a == NULL || b == NULL)
				break;
			score += strcmp(a->type, b->type) == 0 ? 2 : 0;
		}
		if (k == json_array_size(refs) && score > best_score) {
			best_score = score;
			best = to;
		}
	}
	return best;
}

static struct relation
relation_of(const struct table *t, const json_t *fk)
{
	struct relation rel = {0};
	const json_t *cols = xget_array(fk, "columns");
	const json_t *ref = xget_object(fk, "references");
	const struct column *c;
	size_t i;

	rel.from = t;
	rel.name = string_of(fk, "name");
	rel.to_name = string_of(ref, "table");
	rel.to = target_of(t, fk, cols);
	rel.col = column_named(t, json_array_get(cols, 0));
	if (rel.to != NULL)
		rel.ref =
		    column_named(rel.to, json_array_get(xget_array(ref, "columns"), 0));
	rel.one = is_unique(t, cols);
	for (i = 0; i < json_array_size(cols); i++)
		if ((c = column_named(t, json_array_get(cols, i))) != NULL)
			rel.optional |= c->null;
	return rel;
}

static const char *
keys_text(const struct column *c, const char *sep)
{
	static char s[32];

	s[0] = '\0';
	if (c->keys & KEY_PRIMARY)
		strcat(s, "PK");
	if (c->keys & KEY_FOREIGN)
		strcat(strcat(s, *s != '\0' ? sep : ""), "FK");
	if (c->keys & KEY_UNIQUE)
		strcat(strcat(s, *s != '\0' ? sep : ""), "UK");
	return s;
}

static void
each_relation(struct buf *out, void (*add)(struct buf *, const struct relation *))
{
	const json_t *fks;
	struct relation rel;
	size_t i, k;

	for (i = 0; i < ntables; i++) {
		fks = xget_array(tables[i].json, "foreign_keys");
		for (k = 0; k < json_array_size(fks); k++) {
			rel =
			    relation_of(&tables[i], xget_element(fks, k, "foreign_keys"));
			add(out, &rel);
		}
	}
}

/* ---- DOT ---- */

/*
 * A picture of more rows than this is large: its tables stand in columns of our
 * choice, and a foreign key says in words what it points at, since a line is
 * hard to follow across several screens.
 */
enum { MANY_ROWS = 120 };

static int large;
static struct edge *edges;
static size_t nedges;

/* For HTML-like labels. Graphviz is strict XML there. */
static void
add_html(struct buf *out, const char *s)
{
	size_t i, k, n = strlen(s);
	int ok;

	for (i = 0; i < n; i += k) {
		k = clean_len(s + i, n - i, &ok);
		if (!ok)
			xbuf_addc(out, '?');
		else if (k == 1 && strchr("&<>\"'[]", s[i]) != NULL)
			xbuf_addf(out, "&#%u;", (unsigned int)s[i]);
		else
			xbuf_add(out, s + i, k);
	}
}

static void
add_title(struct buf *out, const struct table *t)
{
	if (many_schemas) {
		add_html(out, t->schema);
		xbuf_addc(out, '.');
	}
	add_html(out, str_or(t->name, "?"));
}

/* A quoted string of DOT. */
static void
add_quoted(struct buf *out, const char *s)
{
	size_t i, k, n = strlen(s);
	int ok;

	for (i = 0; i < n; i += k) {
		k = clean_len(s + i, n - i, &ok);
		if (s[i] == '"' || s[i] == '\\')
			xbuf_addc(out, '\\');
		if (ok)
			xbuf_add(out, s + i, k);
		else
			xbuf_addc(out, '?');
	}
}

/* By name, not by number: a new table shall move no other line of the file. */
static void
add_node(struct buf *out, const char *schema, const char *name)
{
	xbuf_addc(out, '"');
	add_quoted(out, schema);
	xbuf_addc(out, '.');
	add_quoted(out, name);
	xbuf_addc(out, '"');
}

static void
add_dot_table(struct buf *out, const struct table *t)
{
	const struct column *c;
	size_t i;

	xbuf_adds(out, "  ");
	add_node(out, t->schema, t->name);
	xbuf_addf(out,
	    " [label=<<table border=\"0\" cellborder=\"1\" cellspacing=\"0\" "
	    "cellpadding=\"%d\">\n"
	    "    <tr><td colspan=\"4\" bgcolor=\"#dde6f0\"><b>",
	    large ? 2 : 4);
	add_title(out, t);
	xbuf_adds(out, "</b></td></tr>\n");
	for (i = 0; i < t->ncols; i++) {
		c = &t->cols[i];
		xbuf_addf(out, "    <tr><td port=\"w%zu\">%s</td><td align=\"left\">", i,
		    keys_text(c, ", "));
		add_html(out, c->name);
		xbuf_adds(out, "</td><td align=\"left\">");
		add_html(out, c->type);
		xbuf_addf(out, "</td><td port=\"e%zu\" align=\"left\">%s", i,
		    c->null ? "NULL" : "NOT NULL");
		if (c->targets != NULL) {
			xbuf_adds(out, " &#8594; ");
			add_html(out, c->targets);
		}
		xbuf_adds(out, "</td></tr>\n");
	}
	for (i = 0; i < t->nwide; i++) {
		xbuf_adds(out, "    <tr><td>UK</td><td colspan=\"3\" align=\"left\">");
		add_html(out, t->wide[i].text);
		xbuf_adds(out, "</td></tr>\n");
	}
	xbuf_adds(out, "  </table>>];\n");
}

/* Lines to the same table have the same colour, to others mostly another. */
static const char *
colour_of(const char *name)
{
	static const char *const colours[] = {"#1b6ca8", "#b5541c", "#2e7d32", "#8e24aa",
	    "#c62828", "#00838f", "#6d4c41", "#5c6bc0"};
	unsigned int h = 5381;

	while (*name != '\0')
		h = h * 33 + (unsigned char)*name++;
	return colours[h % (sizeof colours / sizeof *colours)];
}

/* Crow's feet: the arrow's tail is the table that has the foreign key. */
static void
add_dot_relation(struct buf *out, const struct relation *rel)
{
	/* A table that points at itself: a loop at its right side. */
	char side = rel->to == rel->from ? 'e' : 'w';

	xbuf_adds(out, "  ");
	add_node(out, rel->from->schema, rel->from->name);
	if (rel->col != NULL)
		xbuf_addf(out, ":e%zu:e", (size_t)(rel->col - rel->from->cols));
	xbuf_adds(out, " -> ");
	add_node(out, rel->to != NULL ? rel->to->schema : "?", rel->to_name);
	if (rel->ref != NULL)
		xbuf_addf(
		    out, ":%c%zu:%c", side, (size_t)(rel->ref - rel->to->cols), side);
	xbuf_addf(out, " [arrowtail=%s, arrowhead=%s, tooltip=\"",
	    rel->one ? "teeodot" : "crowodot", rel->optional ? "teeodot" : "teetee");
	add_quoted(out, rel->name);
	xbuf_addc(out, '"');
	if (large) {
		xbuf_addf(out, ", color=\"%s\"", colour_of(rel->to_name));
		if (rel->to != NULL && rel->to->column >= rel->from->column)
			xbuf_adds(out, ", constraint=false");
	}
	xbuf_adds(out, "];\n");
}

static void
note_relation(struct buf *out, const struct relation *rel)
{
	struct buf b = {0};
	struct column *c;

	(void)out;
	if (rel->to != NULL && rel->to != rel->from) {
		edges = xreallocarray(edges, nedges + 1, sizeof *edges);
		edges[nedges].from = (size_t)(rel->from - tables);
		edges[nedges++].to = (size_t)(rel->to - tables);
	}
	if (rel->col == NULL)
		return;
	c = &rel->from->cols[rel->col - rel->from->cols];
	if (c->targets != NULL) {
		xbuf_adds(&b, c->targets);
		xbuf_adds(&b, ", ");
		free(c->targets);
	}
	if (many_schemas && rel->to != NULL) {
		xbuf_adds(&b, rel->to->schema);
		xbuf_addc(&b, '.');
	}
	xbuf_adds(&b, rel->to_name);
	c->targets = b.p;
}

static size_t
set_columns(void)
{
	size_t *height = xcalloc(ntables, sizeof *height);
	size_t *column = xcalloc(ntables, sizeof *column);
	size_t i, n;

	each_relation(NULL, note_relation);
	for (i = 0; i < ntables; i++)
		height[i] = 20 * (tables[i].ncols + tables[i].nwide + 2);
	n = place_columns(ntables, height, edges, nedges, column);
	for (i = 0; i < ntables; i++)
		tables[i].column = column[i];
	free(height);
	free(column);
	return n;
}

/* The tables of each column have one rank; unseen nodes put the ranks in order. */
static void
add_dot_columns(struct buf *out, size_t n)
{
	size_t *next = xcalloc(ntables, sizeof *next); /* in the same column, plus one */
	size_t *first = xcalloc(n, sizeof *first);
	size_t c, i;

	for (i = ntables; i-- > 0 && n > 0;) {
		next[i] = first[tables[i].column];
		first[tables[i].column] = i + 1;
	}
	for (c = 0; c < n; c++) {
		xbuf_addf(
		    out, "  {rank=same; \"column %zu\" [shape=point, style=invis];", c);
		for (i = first[c]; i != 0; i = next[i - 1]) {
			xbuf_addc(out, ' ');
			add_node(out, tables[i - 1].schema, tables[i - 1].name);
			xbuf_addc(out, ';');
		}
		xbuf_adds(out, "}\n");
	}
	for (c = n; c-- > 1;)
		xbuf_addf(
		    out, "  \"column %zu\" -> \"column %zu\" [style=invis];\n", c, c - 1);
	free(next);
	free(first);
}

void
print_dot(struct buf *out, const struct report *r)
{
	size_t i, rows = 0, columns = 0;

	read_schemas(r->schemas);
	for (i = 0; i < ntables; i++)
		rows += tables[i].ncols + tables[i].nwide;
	large = rows > MANY_ROWS;
	if (large)
		columns = set_columns();
	xbuf_addf(out,
	    "digraph schema {\n  rankdir=LR;\n  ranksep=1;\n%s"
	    "  node [shape=plain, fontname=\"Helvetica\", fontsize=10];\n"
	    "  edge [dir=both, color=\"#506070\"];\n",
	    large ? "  nodesep=0.08;\n" : "");
	for (i = 0; i < ntables; i++)
		add_dot_table(out, &tables[i]);
	each_relation(out, add_dot_relation);
	add_dot_columns(out, columns);
	xbuf_adds(out, "}\n");
}

/* ---- Mermaid ---- */

/* A word of its grammar; what does not fit becomes '_'. */
static void
add_word(struct buf *out, const char *s)
{
	size_t i, k, n = strlen(s);

	if (n == 0 || !((*s >= 'A' && *s <= 'Z') || (*s >= 'a' && *s <= 'z')) ||
	    strcasecmp(s, "pk") == 0 || strcasecmp(s, "fk") == 0 ||
	    strcasecmp(s, "uk") == 0)
		xbuf_addc(out, '_');
	for (i = 0; i < n; i += k) {
		k = utf8_len(s + i, n - i);
		k = k != 0 ? k : 1;
		if (k == 1 &&
		    ((s[i] >= '0' && s[i] <= '9') || s[i] == '_' ||
			(s[i] >= 'A' && s[i] <= 'Z') || (s[i] >= 'a' && s[i] <= 'z')))
			xbuf_addc(out, s[i]);
		else
			xbuf_addc(out, '_');
	}
}

/*
 * Inside its quotes: no quote, no '%', no backslash, and no markup. The words
 * "direction LR" are a statement wherever they stand.
 */
static void
add_label(struct buf *out, const char *s)
{
	static const char word[] = "direction";
	size_t i, k, n = strlen(s), len = sizeof word - 1;
	int ok;

	for (i = 0; i < n; i += k) {
		k = clean_len(s + i, n - i, &ok);
		if (!ok || (k == 1 && strchr("%\\<>&#;`", s[i]) != NULL) ||
		    (s[i] == ' ' && i >= len && strncasecmp(s + i - len, word, len) == 0))
			xbuf_addc(out, '_');
		else if (s[i] == '"')
			xbuf_addc(out, '\'');
		else
			xbuf_add(out, s + i, k);
	}
}

/* A label for each table; a number keeps apart what makes the same label. */
static void
name_entities(void)
{
	json_t *seen = json_object();
	struct buf b = {0};
	size_t i;

	for (i = 0; i < ntables; i++) {
		b.len = 0;
		if (many_schemas) {
			add_label(&b, tables[i].schema);
			xbuf_addc(&b, '.');
		}
		add_label(&b, str_or(tables[i].name, "_"));
		while (json_object_get(seen, b.p) != NULL)
			xbuf_addf(&b, " %zu", i);
		if (json_object_set_new(seen, b.p, json_true()) != 0)
			die(NULL, "out of memory");
		tables[i].label = xstrdup(b.p);
	}
	json_decref(seen);
	buf_free(&b);
}

static void
add_mermaid_table(struct buf *out, const struct table *t)
{
	const struct column *c;
	struct buf word = {0};
	size_t i, k;

	xbuf_addf(out, "    \"%s\" {\n", t->label);
	for (i = 0; i < t->ncols; i++) {
		c = &t->cols[i];
		word.len = 0;
		add_word(&word, c->name);
		xbuf_adds(out, "        ");
		add_word(out, c->type);
		xbuf_addf(out, " %s%s%s \"%s", word.p, c->keys != 0 ? " " : "",
		    keys_text(c, ", "), c->null ? "NULL" : "NOT NULL");
		for (k = 0; k < t->nwide; k++)
			if (t->wide[k].first == c) {
				xbuf_adds(out, ", UK ");
				add_label(out, t->wide[k].text);
			}
		if (strcmp(word.p, c->name) != 0) {
			xbuf_adds(out, ", ");
			add_label(out, c->name);
		}
		xbuf_adds(out, "\"\n");
	}
	xbuf_adds(out, "    }\n");
	buf_free(&word);
}

static void
add_mermaid_relation(struct buf *out, const struct relation *rel)
{
	xbuf_addf(out, "    \"%s\" %s--%s \"", rel->from->label, rel->one ? "|o" : "}o",
	    rel->optional ? "o|" : "||");
	if (rel->to != NULL)
		xbuf_adds(out, rel->to->label);
	else
		add_label(out, str_or(rel->to_name, "_"));
	xbuf_adds(out, "\" : \"");
	add_label(out, rel->name);
	xbuf_adds(out, "\"\n");
}

void
print_mermaid(struct buf *out, const struct report *r)
{
	size_t i;

	read_schemas(r->schemas);
	name_entities();
	xbuf_adds(out, "erDiagram\n");
	for (i = 0; i < ntables; i++)
		add_mermaid_table(out, &tables[i]);
	each_relation(out, add_mermaid_relation);
}
