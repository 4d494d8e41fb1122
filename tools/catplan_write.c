/*
 * catplan_write.c - statements in the form that Atlas writes, and what each changes
 * besides.
 */
#include "catplan.h"

#include <ctype.h>
#include <stdlib.h>

#include "sqltext.h"

/* ---- names ---- */

static int
is_single(const struct plan *p, const char *s, size_t n)
{
	size_t len;

	if (p->single == NULL)
		return 0;
	len = strlen(p->single);
	if (n == len + 2 && s[0] == '"')
		return memcmp(s + 1, p->single, len) == 0;
	return n == len && memcmp(s, p->single, len) == 0;
}

/* A name of an object's own, as the comment shows it: in quotes. */
static void
add_quoted(struct buf *b, const char *s, size_t n)
{
	if (*s == '"') {
		xbuf_add(b, s, n);
		return;
	}
	xbuf_addc(b, '"');
	xbuf_add(b, s, n);
	xbuf_addc(b, '"');
}

/* "schema"."table" of an identity, without the schema that is left out. */
static void
add_name(const struct plan *p, struct buf *b, const char *id, size_t parts)
{
	const char *from[4], *rest;
	size_t len[4], n = id_parts(id, from, len, &rest), i = 0;

	if (n > 1 && is_single(p, from[0], len[0]))
		i = 1;
	for (; i < n && i < parts; i++) {
		add_quoted(b, from[i], len[i]);
		if (i + 1 < n && i + 1 < parts)
			xbuf_addc(b, '.');
	}
}

static int
is_reg(const char *s, size_t n, size_t i)
{
	struct sql_token t;
	int colons = 0;

	for (;; i = t.to) {
		sql_token(s, n, i, &t);
		if (t.type == SQL_OP && s[t.from] == ':')
			colons++;
		else
			return colons == 2 && t.type == SQL_WORD && t.to - t.from > 3 &&
			    memcmp(s + t.from, "reg", 3) == 0;
	}
}

/* In front of a dot, and not behind one, it is the schema's name. */
static int
is_schema(const struct plan *p, const char *s, size_t n, const struct sql_token *t,
    int behind_dot)
{
	return !behind_dot && (t->type == SQL_WORD || t->type == SQL_NAME) && t->to < n &&
	    s[t->to] == '.' && is_single(p, s + t->from, t->to - t->from);
}

/*
 * PostgreSQL takes a backslash in a plain string as it is; some versions of Atlas take it
 * as an escape of the quote after it. E'' with two backslashes reads the same in both.
 */
static void
add_string(struct buf *b, const char *s, size_t n)
{
	size_t i;

	if (*s != '\'' || memchr(s, '\\', n) == NULL) {
		xbuf_add(b, s, n);
		return;
	}
	xbuf_addc(b, 'E');
	for (i = 0; i < n; i++) {
		if (s[i] == '\\')
			xbuf_addc(b, '\\');
		xbuf_addc(b, s[i]);
	}
}

/*
 * The statement without the schema's name that is left out, and with quotes
 * around the first mention of each part of id, as Atlas has them around all.
 */
static void
add_sql(const struct plan *p, struct buf *b, const char *s, const char *id)
{
	const char *part[4], *rest;
	size_t len[4], n = strlen(s), i = 0, k, nparts = 0;
	struct sql_token t;
	int behind_dot = 0;

	if (id != NULL)
		nparts = id_parts(behind_words(id), part, len, &rest);
	for (;; i = t.to) {
		sql_token(s, n, i, &t);
		xbuf_add(b, s + i, t.from - i);
		if (t.type == SQL_END)
			return;
		if (is_schema(p, s, n, &t, behind_dot)) {
			t.to++;
			continue;
		}
		behind_dot = t.type == SQL_OP && s[t.from] == '.';
		if (t.type == SQL_STRING && p->single != NULL && s[t.from] == '\'' &&
		    is_reg(s, n, t.to)) {
			k = strcspn(s + t.from + 1, ".'");
			if (s[t.from + 1 + k] == '.' && is_single(p, s + t.from + 1, k)) {
				xbuf_addc(b, '\'');
				t.from += k + 2; /* and the rest is no string any more */
				xbuf_add(b, s + t.from, t.to - t.from);
				continue;
			}
		}
		for (k = 0; k < nparts; k++)
			if (len[k] == t.to - t.from && part[k] != NULL &&
			    memcmp(part[k], s + t.from, len[k]) == 0)
				break;
		if (k < nparts && (t.type == SQL_WORD || t.type == SQL_NAME)) {
			add_quoted(b, s + t.from, t.to - t.from);
			part[k] = NULL;
		} else if (t.type == SQL_STRING)
			add_string(b, s + t.from, t.to - t.from);
		else
			xbuf_add(b, s + t.from, t.to - t.from);
	}
}

/* ---- the comment over a statement ---- */

static void
add_lower(struct buf *b, const char *s, size_t n)
{
	for (; n > 0; s++, n--)
		xbuf_addc(b, (char)tolower((unsigned char)*s));
}

/* The words in capitals behind the first: TABLE of ALTER TABLE users. */
static void
add_noun(struct buf *b, const char *sql)
{
	const char *s = strchr(sql, ' '), *e;

	if (s == NULL)
		return;
	e = behind_words(++s);
	if (e > s)
		add_lower(b, s, (size_t)(e - s) - 1);
}

static void
add_about(struct plan *p, struct buf *b, const struct item *it, const char *verb,
    const char *sql)
{
	const char *owner, *id;
	int drop = strcmp(verb, "Drop") == 0;

	if (strcmp(it->name, "schema") == 0) {
		xbuf_adds(b, drop ? "Drop schema named " : "Add new schema named ");
		add_name(p, b, it->id, 4);
	} else if (strcmp(it->name, "enum") == 0) {
		xbuf_addf(b, "%s enum type%s ", verb,
		    strcmp(verb, "Add value to") == 0 ? ":" : "");
		add_name(p, b, it->id, 4);
	} else if (strcmp(it->name, "index") == 0) {
		xbuf_addf(b, "%s index ", verb);
		add_quoted(b, id_last(it->id), strlen(id_last(it->id)));
		owner = id_owner(p, it);
		xbuf_adds(b, drop ? " from table: " : " to table: ");
		add_name(p, b, owner != NULL ? owner : "", 4);
	} else if (strcmp(it->name, "comment") == 0) {
		id = behind_words(it->id);
		xbuf_adds(b, "Set comment to ");
		if (strncmp(it->id, "COLUMN ", 7) == 0) {
			xbuf_adds(b, "column: ");
			add_quoted(b, id_last(id), strlen(id_last(id)));
			xbuf_adds(b, " on table: ");
			add_name(p, b, id, 2);
		} else {
			add_lower(b, it->id, id > it->id ? (size_t)(id - it->id) - 1 : 0);
			xbuf_adds(b, ": ");
			add_name(p, b, id, 4);
		}
	} else if (it->kind->form == ID_OBJECT) {
		xbuf_addf(b, "%s ", verb);
		add_name(p, b, it->id, 4);
		xbuf_addf(b, " %s", it->name);
	} else if (it->kind->form == ID_TEXT) {
		xbuf_addf(b, "%s %s: ", verb, it->name);
		add_sql(p, b, it->id, NULL);
	} else if ((it->kind->flags & MAIN) && (it->kind->flags & HANGS) &&
	    strcmp(it->name, "constraint") != 0) {
		xbuf_addf(b, "%s %s ", verb, it->name);
		add_quoted(b, id_last(it->id), strlen(id_last(it->id)));
		owner = id_owner(p, it);
		xbuf_adds(b, drop ? " from: " : " to: ");
		add_name(p, b, owner != NULL ? owner : "", 4);
	} else {
		owner = id_owner(p, it);
		xbuf_adds(b, "Modify ");
		add_name(p, b, owner != NULL ? owner : it->id, 4);
		xbuf_addc(b, ' ');
		if (strncmp(sql, "SELECT ", 7) == 0)
			xbuf_adds(b, "table");
		else
			add_noun(b, sql);
	}
}

/* ---- statements ---- */

static int
escapes_quote(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i + 1 < n; i++)
		if (s[i] == '\\' && s[++i] == '\'')
			return 1;
	return 0;
}

/*
 * Does the statement hold text that some Atlas splits otherwise than PostgreSQL? Then a
 * line of its own marks the end.
 */
static int
is_odd(const char *s, size_t n)
{
	struct sql_token t;
	size_t i;

	for (i = 0;; i = t.to) {
		sql_token(s, n, i, &t);
		if (t.type == SQL_END)
			return 0;
		if (t.type == SQL_OP && (s[t.from] == ';' || s[t.from] == '#'))
			return 1;
		if (t.type == SQL_STRING && s[t.from] != '$' &&
		    escapes_quote(s + t.from, t.to - t.from))
			return 1;
		if (t.type == SQL_COMMENT)
			return 1;
	}
}

/* From start on is what to say of it. */
static void
write_on(struct plan *p, struct buf *b, size_t start, const char *id, const char *sql)
{
	size_t at, i;

	for (i = start; i < b->len; i++)
		if ((unsigned char)b->p[i] < ' ')
			b->p[i] = ' ';
	xbuf_addc(b, '\n');
	at = b->len;
	add_sql(p, b, sql, id);
	while (b->len > at && (b->p[b->len - 1] == '\n' || b->p[b->len - 1] == ';'))
		b->len--;
	xbuf_addf(b, ";\n--%c\n", is_odd(b->p + at, b->len - at) ? '\002' : '\001');
}

/* Does the identity begin with a name? That of a cast is two types. */
static int
is_name(const struct item *it)
{
	return it->kind->form != ID_TEXT || strcmp(it->name, "comment") == 0 ||
	    strncmp(it->name, "publication ", 12) == 0;
}

void
plan_write(struct plan *p, const struct item *it, const char *verb, const char *sql)
{
	struct buf *b = &p->out[p->part];
	size_t start = b->len;

	xbuf_adds(b, "-- ");
	add_about(p, b, it, verb, sql);
	write_on(p, b, start, is_name(it) ? it->id : NULL, sql);
}

/* The comment over the statement, in Atlas's words. */
void
plan_write_rename(struct plan *p, const struct item *it, const char *what,
    const char *old, const char *new, const char *sql)
{
	struct buf *b = &p->out[p->part];
	size_t start = b->len;

	xbuf_addf(b, "-- Rename %s %s from ", strchr("aeiou", *what) != NULL ? "an" : "a",
	    what);
	add_quoted(b, old, strlen(old));
	xbuf_adds(b, " to ");
	add_quoted(b, new, strlen(new));
	write_on(p, b, start, it->id, sql);
}

/* ---- what they bring along ---- */

/* Is it there as this graph's listing says it? */
static int
is_here(const struct plan *p, const struct graph *g, const struct item *it)
{
	return it->now != NULL && it->now == (g == &p->w ? it->want : it->had);
}

/* Mark all items of a node, and of what depends on it, as gone. */
static void
node_gone(struct plan *p, const struct graph *g, size_t i)
{
	size_t c, k, m, end = graph_end(g, i);
	int any = 0;

	for (c = i; c < end; c++)
		for (k = g->ifirst[c]; k < g->ifirst[c + 1]; k++)
			if (is_here(p, g, g->item[k])) {
				g->item[k]->now = NULL;
				any = 1;
			}
	/* Nothing of the node was left, so a circle of dependencies ends here. */
	if (!any)
		return;
	for (c = i; c < end; c++)
		for (k = g->bfirst[c]; k < g->bfirst[c + 1]; k++) {
			m = g->bto[k];
			if (graph_flags(g, m) & HANGS)
				node_gone(p, g, m);
		}
}

void
plan_gone(struct plan *p, struct item *it)
{
	const struct row *now = it->now;
	const struct graph *g = now == it->had ? &p->h : &p->w;
	struct item *owner;
	size_t i;

	if (now == NULL || !(it->kind->flags & MAIN) ||
	    strcmp(it->name, "comment") == 0 || strcmp(it->name, "grant") == 0 ||
	    strcmp(it->name, "security label") == 0) {
		it->now = NULL;
		return;
	}
	i = graph_at(g, now->node);
	if (i != NONE)
		node_gone(p, g, i);
	it->now = NULL;
	if (strcmp(it->name, "table") != 0 && strcmp(it->name, "column") != 0)
		return;
	/* A sequence goes with the column that owns it. */
	for (i = 0; i < p->n; i++)
		if (strcmp(p->v[i].name, "sequence owner") == 0 && p->v[i].now != NULL &&
		    (strcmp(p->v[i].now->def, it->id) == 0 ||
			id_is_part(p->v[i].now->def, it->id))) {
			p->v[i].now = NULL;
			owner = plan_find(p, "sequence", p->v[i].id);
			if (owner != NULL)
				plan_gone(p, owner);
		}
}

/* Which attributes does the statement of an object set, too? */
void
plan_came(struct plan *p, struct item *it)
{
	static const char *const with_column[] = {
	    "default", "not null", "identity", "identity sequence", "generated"};
	struct item *also;
	size_t i, k, at;

	it->now = it->want;
	if (strcmp(it->name, "column") == 0)
		for (i = 0; i < sizeof with_column / sizeof *with_column; i++) {
			also = plan_find(p, with_column[i], it->id);
			if (also != NULL)
				also->now = also->want;
		}
	else if (strcmp(it->name, "identity") == 0) {
		also = plan_find(p, "identity sequence", it->id);
		if (also != NULL)
			also->now = also->want;
	} else if (strcmp(it->name, "constraint") == 0) {
		also = plan_find(p, "deferrable", it->id);
		if (also != NULL)
			also->now = also->want;
		also = plan_find(p, "not valid", it->id);
		if (also != NULL)
			also->now = also->want;
	} else if (strcmp(it->name, "view") == 0 ||
	    strcmp(it->name, "materialized view") == 0 ||
	    strcmp(it->name, "server") == 0) {
		at = graph_at(&p->w, it->want->node);
		for (k = p->w.ifirst[at]; k < p->w.ifirst[at + 1]; k++)
			if (strcmp(p->w.item[k]->name, "option") == 0 ||
			    strcmp(p->w.item[k]->name, "server option") == 0)
				p->w.item[k]->now = p->w.item[k]->want;
	}
}

/* pg_dump's text may be several statements. */
static void
write_each(struct plan *p, const struct item *it, const char *verb, const char *sql)
{
	struct sql_text t;
	struct sql_stmt s;

	xsql_open(&t, sql, strlen(sql), 0);
	while (xsql_next(&t, &s))
		plan_write(p, it, verb,
		    plan_str(p, "%.*s", (int)(s.end - s.start), sql + s.start));
	sql_close(&t);
}

void
plan_make(struct plan *p, struct item *it)
{
	static const char replace[] = "CREATE OR REPLACE ";
	const char *verb = it->now == NULL ? "Create" : "Modify", *make = it->want->make;

	if (make == NULL) {
		it->left = 1;
		return;
	}
	/* A body written in SQL is one statement with semicolons in it. */
	if (*make == '\n')
		write_each(p, it, verb, make + 1);
	else if (it->now == NULL && strncmp(make, replace, sizeof replace - 1) == 0)
		plan_write(
		    p, it, verb, plan_str(p, "CREATE %s", make + sizeof replace - 1));
	else
		plan_write(p, it, verb, make);
	plan_came(p, it);
}

/*
 * The schemas in play are words; whose name that is, the identity begins with. It
 * is not there where the one schema in play is left out.
 */
int
plan_in_play(const struct plan *p, const struct item *it)
{
	const char *from[4], *rest, *id = it->id, *w;
	size_t len[4], n, k, whole;

	if (it->kind->form == ID_TEXT)
		id = behind_words(id);
	n = id_parts(id, from, len, &rest);
	whole = it->kind->form == ID_PART || strncmp(it->id, "COLUMN ", 7) == 0 ? 3 : 2;
	if (strcmp(it->name, "schema") != 0 && n < whole)
		return 1;
	if (*from[0] == '"') {
		from[0]++;
		len[0] -= 2;
	}
	for (w = p->schemas; *w != '\0'; w += k + strspn(w + k, " ")) {
		k = strcspn(w, " ");
		if (k == len[0] && memcmp(w, from[0], k) == 0)
			return 1;
	}
	return 0;
}

void
plan_unmake(struct plan *p, struct item *it)
{
	const struct row *now = it->now;

	if (now == NULL)
		return;
	if (now->unmake == NULL || !plan_in_play(p, it)) {
		it->left = 1;
		return;
	}
	plan_write(p, it, "Drop", now->unmake);
	plan_gone(p, it);
}
