/*
 * catdiff_fold.c - which differences are reported by another one: what belongs to
 * an object that is missing as a whole, what a partition has from its parent,
 * and what is there under another name.
 */
#include "catdiff_tell.h"

#include <stdlib.h>

#define DEPTH 16 /* no difference is further from the one that reports it */

struct both {
	struct diff *v;
	size_t n;
	const struct listing *want, *have;
};

static const struct row *
row_of(const struct diff *d)
{
	return d->want != NULL ? d->want : d->have;
}

static int
is_kind(const struct row *r, const char *kind)
{
	return strcmp(r->kind, kind) == 0;
}

/* Does that object differ in the way d does: there on this side only? */
static const struct diff *
goes_too(const struct both *b, const struct diff *d, const char *kind, const char *id)
{
	const struct diff *o = diff_find(b->v, b->n, kind, id);

	if (o == NULL || o == d || (o->want == NULL) != (d->want == NULL) ||
	    (o->have == NULL) != (d->have == NULL))
		return NULL;
	return o;
}

static const struct diff *
relation_goes_too(const struct both *b, const struct diff *d, const char *id)
{
	static const char *const relations[] = {
	    "table", "view", "materialized view", "foreign table"};
	const struct diff *o = NULL;
	size_t i;

	for (i = 0; i < sizeof relations / sizeof relations[0] && o == NULL; i++)
		o = goes_too(b, d, relations[i], id);
	return o;
}

/* ---- what a row is on ---- */

int
relation_of(const struct row *r, struct buf *id)
{
	const char *p, *end;

	id->len = 0;
	if (is_kind(r, "index")) {
		/* CREATE UNIQUE INDEX name ON table USING ... */
		p = strstr(r->def, "INDEX ");
		if (p == NULL)
			return 0;
		p = name_end(p + 6);
		if (strncmp(p, " ON ", 4) != 0)
			return 0;
		p += 4;
		end = name_end(p);
		if (*end == '.')
			end = name_end(end + 1);
	} else if (is_kind(r, "statistics")) {
		/* CREATE STATISTICS name (kinds) ON columns FROM table */
		for (p = r->def, end = NULL; (p = strstr(p, " FROM ")) != NULL; p++)
			end = p;
		if (end == NULL)
			return 0;
		p = end + 6;
		end = p + strlen(p);
	} else
		return 0;
	xbuf_add(id, p, (size_t)(end - p));
	return 1;
}

int
said_of(const char *id, const char **kind, struct buf *name)
{
	static const struct {
		const char *word;
		const char *kind;
	} words[] = {
	    {"ACCESS METHOD", "access method"},
	    {"AGGREGATE", "aggregate"},
	    {"COLLATION", "collation"},
	    {"COLUMN", "column"},
	    {"CONSTRAINT", "constraint"},
	    {"CONVERSION", "conversion"},
	    {"DOMAIN", "domain"},
	    {"EVENT TRIGGER", "event trigger"},
	    {"EXTENSION", "extension"},
	    {"FOREIGN DATA WRAPPER", "foreign data wrapper"},
	    {"FOREIGN TABLE", "foreign table"},
	    {"FUNCTION", "function"},
	    {"INDEX", "index"},
	    {"LANGUAGE", "language"},
	    {"MATERIALIZED VIEW", "materialized view"},
	    {"OPERATOR CLASS", "operator class"},
	    {"OPERATOR FAMILY", "operator family"},
	    {"OPERATOR", "operator"},
	    {"POLICY", "policy"},
	    {"PROCEDURE", "procedure"},
	    {"PUBLICATION", "publication"},
	    {"RULE", "rule"},
	    {"SCHEMA", "schema"},
	    {"SEQUENCE", "sequence"},
	    {"SERVER", "server"},
	    {"STATISTICS", "statistics"},
	    {"TABLE", "table"},
	    {"TEXT SEARCH CONFIGURATION", "text search configuration"},
	    {"TEXT SEARCH DICTIONARY", "text search dictionary"},
	    {"TEXT SEARCH PARSER", "text search parser"},
	    {"TEXT SEARCH TEMPLATE", "text search template"},
	    {"TRANSFORM", "transform"},
	    {"TRIGGER", "trigger"},
	    {"TYPE", "type"},
	    {"VIEW", "view"},
	};
	const char *p, *end;
	size_t i, n;

	for (i = 0; i < sizeof words / sizeof words[0]; i++) {
		n = strlen(words[i].word);
		if (strncmp(id, words[i].word, n) == 0 && id[n] == ' ')
			break;
	}
	if (i == sizeof words / sizeof words[0])
		return 0;
	p = id + n + 1;
	*kind = words[i].kind;
	name->len = 0;
	end = name_end(p);
	if (strncmp(end, " ON DOMAIN ", 11) == 0) {
		*kind = "domain constraint";
		xbuf_adds(name, end + 11);
	} else if (strncmp(end, " ON ", 4) == 0)
		xbuf_adds(name, end + 4);
	else {
		xbuf_adds(name, p);
		return 1;
	}
	xbuf_addc(name, '.');
	xbuf_add(name, p, (size_t)(end - p));
	return 1;
}

static const struct diff *
said_goes_too(const struct both *b, const struct diff *d)
{
	static const char *const types[] = {
	    "enum", "composite type", "range type", "base type"};
	const struct diff *o = NULL;
	struct buf name = {0};
	const char *kind = NULL;
	size_t i;

	if (!said_of(row_of(d)->id, &kind, &name))
		return NULL;
	if (strcmp(kind, "type") != 0)
		o = goes_too(b, d, kind, name.p);
	else
		for (i = 0; i < sizeof types / sizeof types[0] && o == NULL; i++)
			o = goes_too(b, d, types[i], name.p);
	buf_free(&name);
	return o;
}

/* ---- what goes with what ---- */

/* An object, or a whole column, with the same address. */
static const struct diff *
node_goes_too(const struct both *b, const struct diff *d)
{
	const struct row *r = row_of(d);
	const struct listing *l = d->want != NULL ? b->want : b->have;
	const struct diff *o = NULL;
	struct node node = r->node;
	struct row **at;
	size_t i, n;

	for (;; node.sub = 0) {
		at = listing_node(l, node, &n);
		for (i = 0; i < n && o == NULL; i++)
			if (is_whole(at[i]))
				o = goes_too(b, d, at[i]->kind, at[i]->id);
		if (o != NULL || node.sub == 0)
			return o;
	}
}

/* What its identity says it is part of. */
static const struct diff *
parent_goes_too(const struct both *b, const struct diff *d)
{
	const struct row *r = row_of(d), *owner;
	const struct listing *l = d->want != NULL ? b->want : b->have;
	const struct diff *o = NULL;
	struct buf id = {0};
	const char *p;

	if (row_kind(r)->form == FORM_MEMBER || is_kind(r, "trigger enabled")) {
		xbuf_add(&id, r->id, id_first(r->id));
		o = is_kind(r, "domain constraint") ? goes_too(b, d, "domain", id.p)
						    : relation_goes_too(b, d, id.p);
	} else if (relation_of(r, &id))
		o = relation_goes_too(b, d, id.p);
	else if (is_kind(r, "sequence")) {
		owner = listing_find(l, "sequence owner", r->id);
		if (owner != NULL)
			o = goes_too(b, d, "column", owner->def);
		if (owner != NULL && o == NULL)
			o = goes_too(b, d, "default", owner->def);
	} else if (is_kind(r, "publication table")) {
		p = id_second(r->id);
		if (p != NULL) {
			xbuf_add(&id, r->id, (size_t)(p - r->id) - 1);
			o = goes_too(b, d, "publication", id.p);
		}
		if (p != NULL && o == NULL)
			o = relation_goes_too(b, d, p);
	} else if (is_kind(r, "operator family"))
		o = goes_too(b, d, "operator class", r->id);
	else if (is_kind(r, "not null name") || is_kind(r, "identity sequence"))
		o = goes_too(b, d, "column", r->id);
	buf_free(&id);
	return o;
}

/* Is it the same in the parent, as a partition's columns are? */
static const struct diff *
comes_from_parent(const struct both *b, const struct diff *d)
{
	const struct row *r = row_of(d);
	const struct listing *l = d->want != NULL ? b->want : b->have;
	const struct diff *o = NULL;
	struct node table = {r->node.cls, r->node.oid, 0};
	struct buf id = {0};
	struct row **at;
	size_t i, n;

	if (r->node.sub <= 0 || row_kind(r)->form == FORM_TWO || is_kind(r, "grant"))
		return NULL;
	at = listing_node(l, table, &n);
	for (i = 0; i < n; i++) {
		if ((!is_kind(at[i], "partition of") && !is_kind(at[i], "inherits")) ||
		    id_second(at[i]->id) == NULL)
			continue;
		id.len = 0;
		xbuf_adds(&id, id_second(at[i]->id));
		xbuf_addc(&id, '.');
		xbuf_adds(&id, name_last(r->id));
		o = goes_too(b, d, r->kind, id.p);
		if (o != NULL && strcmp(row_of(o)->def, r->def) == 0 &&
		    (d->want == NULL || d->have == NULL ||
			strcmp(o->have->def, d->have->def) == 0))
			break;
		o = NULL;
	}
	buf_free(&id);
	return o;
}

/* Rows that are listed for catplan alone: the object's own difference covers them. */
static const struct diff *
told_by(const struct both *b, const struct row *r)
{
	static const char *const aside[][2] = {
	    {"signature", "function"},
	    {"signature", "procedure"},
	    {"view columns", "view"},
	    {"view columns", "materialized view"},
	    {"not null name", "not null"},
	    {"identity sequence", "identity"},
	};
	const struct diff *o = NULL;
	size_t i;

	for (i = 0; i < sizeof aside / sizeof aside[0] && o == NULL; i++)
		if (is_kind(r, aside[i][0]))
			o = diff_find(b->v, b->n, aside[i][1], r->id);
	return o;
}

/* ---- names ---- */

/* What comes behind the name: "ON table USING ..." */
static const char *
nameless(const struct row *r)
{
	const char *p;

	if (!is_kind(r, "index") || (p = strstr(r->def, "INDEX ")) == NULL)
		return r->def;
	return name_end(p + 6);
}

static int
is_unique_index(const struct row *r)
{
	return is_kind(r, "index") && strncmp(r->def, "CREATE UNIQUE ", 14) == 0;
}

/* A UNIQUE or PRIMARY KEY and a unique index of the same columns. */
static int
is_index_of(const struct row *c, const struct row *i)
{
	struct buf table = {0};
	const char *p, *q;
	int yes = 0;

	if (!is_kind(c, "constraint") || !is_unique_index(i) || !relation_of(i, &table) ||
	    table.len != id_first(c->id) || strncmp(table.p, c->id, table.len) != 0)
		goto out;
	p = strchr(c->def, '(');
	q = strstr(i->def, " USING btree (");
	if (p == NULL || q == NULL ||
	    (strncmp(c->def, "UNIQUE", 6) != 0 &&
		strncmp(c->def, "PRIMARY KEY", 11) != 0))
		goto out;
	q += 13;
	yes = strncmp(p, q, strcspn(p, ")")) == 0;
out:
	buf_free(&table);
	return yes;
}

static int
is_same(const struct both *b, const struct row *w, const struct row *h)
{
	const struct row *x, *y;

	if (is_index_of(w, h) || is_index_of(h, w))
		return 1;
	if (strcmp(w->kind, h->kind) != 0)
		return 0;
	if (is_kind(w, "constraint"))
		return strcmp(w->def, h->def) == 0 &&
		    id_first(w->id) == id_first(h->id) &&
		    strncmp(w->id, h->id, id_first(w->id)) == 0;
	if (is_kind(w, "index"))
		return is_unique_index(w) == is_unique_index(h) &&
		    strcmp(nameless(w), nameless(h)) == 0;
	if (is_kind(w, "sequence")) {
		x = listing_find(b->want, "sequence owner", w->id);
		y = listing_find(b->have, "sequence owner", h->id);
		return x != NULL && y != NULL && strcmp(x->def, y->def) == 0 &&
		    strcmp(w->def, h->def) == 0;
	}
	return 0;
}

static int
is_alone(const struct diff *d, const char *kind)
{
	return d->by == NULL && (d->want == NULL || d->have == NULL) &&
	    is_kind(row_of(d), kind);
}

/* Those that "have" has too much of one or two kinds. */
static size_t
too_many(const struct both *b, const char *kind, const char *kind2, struct diff **v)
{
	struct diff *d;
	size_t n = 0;

	for (d = b->v; d < b->v + b->n; d++)
		if (d->want == NULL && (is_alone(d, kind) || is_alone(d, kind2)))
			v[n++] = d;
	return n;
}

static void
pair_names(struct both *b, struct diff **extra)
{
	size_t n = too_many(b, "constraint", "index", extra), i;
	struct diff *d;

	n += too_many(b, "sequence", "sequence", extra + n);
	for (d = b->v; d < b->v + b->n && n > 0; d++) {
		if (d->have != NULL ||
		    !(is_alone(d, "constraint") || is_alone(d, "index") ||
			is_alone(d, "sequence")))
			continue;
		for (i = 0; i < n; i++)
			if (extra[i]->by == NULL && is_same(b, d->want, extra[i]->have)) {
				d->pair = extra[i];
				extra[i]->pair = d;
				extra[i]->by = d;
				break;
			}
	}
}

/* ---- renames ---- */

/* A table's columns, or a column's type, as text. */
static void
likeness(const struct listing *l, const struct row *r, struct buf *out)
{
	size_t n;
	struct row **at = listing_node(l, r->node, &n);

	out->len = 0;
	xbuf_adds(out, "");
	if (is_kind(r, "column")) {
		xbuf_add(out, r->id, id_first(r->id));
		xbuf_adds(out, "\t");
		xbuf_adds(out, r->def);
		return;
	}
	for (; at < l->by_node + l->n && (*at)->node.cls == r->node.cls &&
	    (*at)->node.oid == r->node.oid;
	    at++)
		if (is_kind(*at, "column"))
			xbuf_addf(out, "%s\t%s\n", name_last((*at)->id), (*at)->def);
}

/*
 * An object that is gone and a new one like it are a rename, unless there is a second one
 * like it.
 */
static void
find_renames(struct both *b, const char *kind, struct diff **extra)
{
	size_t n = too_many(b, kind, kind, extra), i;
	struct diff *d, *other, *match, *rival;
	struct buf w = {0}, h = {0};

	for (d = b->v; d < b->v + b->n && n > 0; d++) {
		if (d->have != NULL || !is_alone(d, kind))
			continue;
		likeness(b->want, d->want, &w);
		match = rival = NULL;
		for (i = 0; i < n && rival == NULL; i++) {
			likeness(b->have, extra[i]->have, &h);
			if (w.len == 0 || strcmp(w.p, h.p) != 0)
				continue;
			rival = match;
			match = extra[i];
		}
		for (other = b->v; other < b->v + b->n && match != NULL && rival == NULL;
		    other++) {
			if (other == d || other->have != NULL || !is_alone(other, kind))
				continue;
			likeness(b->want, other->want, &h);
			if (strcmp(w.p, h.p) == 0)
				rival = other;
		}
		if (match != NULL && rival == NULL) {
			d->was = match->have;
			match->was = d->want;
		}
	}
	buf_free(&w);
	buf_free(&h);
}

void
fold(struct diff *v, size_t n, const struct listing *want, const struct listing *have)
{
	struct both b = {v, n, want, have};
	struct diff **extra = xcalloc(n, sizeof *extra), *d;
	const struct diff *o;
	const struct row *r;
	size_t i;

	for (d = v; d < v + n; d++) {
		r = row_of(d);
		d->by = told_by(&b, r);
		if (d->by == NULL && (d->want == NULL || d->have == NULL)) {
			d->by = node_goes_too(&b, d);
			if (d->by == NULL)
				d->by = parent_goes_too(&b, d);
			if (d->by == NULL && row_kind(r)->form == FORM_SAID)
				d->by = said_goes_too(&b, d);
		}
		if (d->by == NULL)
			d->by = comes_from_parent(&b, d);
	}
	/* Two differences that report each other would not be reported at all. */
	for (d = v; d < v + n; d++) {
		for (o = d->by, i = 0; o != NULL && i < DEPTH; i++)
			o = o->by;
		if (o != NULL)
			d->by = NULL;
	}
	pair_names(&b, extra);
	find_renames(&b, "column", extra);
	find_renames(&b, "table", extra);
	free(extra);
}
