/*
 * sqlstmt_walk.c - a walk over the tokens of a statement: words, names, and the
 * object that a statement is about.
 */
#include "sqlstmt_walk.h"

#include <string.h>

int
at(const struct walk *w, const char *word)
{
	return w->i < w->n && sql_is(w->p, &w->tok[w->i], word);
}

int
at_op(const struct walk *w, size_t i, char op)
{
	return i < w->n && w->tok[i].type == SQL_OP && w->p[w->tok[i].from] == op;
}

void
add_upper(struct buf *b, const char *p, size_t n)
{
	for (; n > 0; p++, n--)
		xbuf_addc(b, (char)(*p >= 'a' && *p <= 'z' ? *p - 'a' + 'A' : *p));
}

void
take_word(struct walk *w, int as_kind)
{
	const struct sql_token *t = &w->tok[w->i++];
	struct buf *to[2] = {&w->c->words, &w->c->kind};
	int k;

	for (k = 0; k <= as_kind; k++) {
		if (to[k]->len > 0)
			xbuf_addc(to[k], ' ');
		add_upper(to[k], w->p + t->from, t->to - t->from);
	}
}

int
take(struct walk *w, const char *word)
{
	if (!at(w, word))
		return 0;
	take_word(w, 0);
	return 1;
}

int
skip(struct walk *w, const char *word)
{
	if (!at(w, word))
		return 0;
	w->i++;
	return 1;
}

int
take_any(struct walk *w, const char *const *words)
{
	int any = 0;

	for (; *words != NULL; words++)
		any |= take(w, *words);
	return any;
}

int
skip_options(struct walk *w, const char *word)
{
	size_t depth = 0;
	int found = 0;

	if (!at_op(w, w->i, '('))
		return 0;
	for (; w->i < w->n; w->i++) {
		if (at_op(w, w->i, '('))
			depth++;
		else if (at_op(w, w->i, ')') && --depth == 0) {
			w->i++;
			break;
		} else if (word != NULL && at(w, word)) {
			found = 1;
			/* ( CONCURRENTLY false ) */
			if (w->i + 1 < w->n &&
			    (sql_is(w->p, &w->tok[w->i + 1], "FALSE") ||
				sql_is(w->p, &w->tok[w->i + 1], "OFF")))
				found = 0;
		}
	}
	return found;
}

int
has(const struct walk *w, const char *word)
{
	size_t i, depth = 0;

	for (i = w->i; i < w->n; i++) {
		if (at_op(w, i, '('))
			depth++;
		else if (at_op(w, i, ')') && depth > 0)
			depth--;
		else if (depth == 0 && sql_is(w->p, &w->tok[i], word))
			return 1;
	}
	return 0;
}

int
has_two(const struct walk *w, const char *a, const char *b)
{
	size_t i;

	for (i = w->i; i + 1 < w->n; i++)
		if (sql_is(w->p, &w->tok[i], a) && sql_is(w->p, &w->tok[i + 1], b))
			return 1;
	return 0;
}

int
has_inside(const struct walk *w, const char *word)
{
	size_t i;

	for (i = w->i; i < w->n; i++)
		if (sql_is(w->p, &w->tok[i], word))
			return 1;
	return 0;
}

/* ---- names ---- */

/* What PostgreSQL's quote_ident() quotes although the letters need it not. */
static const char reserved[] =
    " all analyse analyze and any array as asc asymmetric authorization between bigint "
    "binary bit boolean both case cast char character check coalesce collate collation "
    "column concurrently constraint create cross current_catalog current_date "
    "current_role current_schema current_time current_timestamp current_user dec decimal "
    "default deferrable desc distinct do else end except exists extract false fetch "
    "float "
    "for foreign freeze from full grant greatest group grouping having ilike in "
    "initially "
    "inner inout int integer intersect interval into is isnull join json json_array "
    "json_arrayagg json_exists json_object json_objectagg json_query json_scalar "
    "json_serialize json_table json_value lateral leading least "
    "left like limit localtime localtimestamp merge_action national natural nchar none "
    "normalize not "
    "notnull null nullif numeric offset on only or order out outer overlaps overlay "
    "placing position precision primary real references returning right row select "
    "session_user setof similar smallint some substring symmetric system_user table "
    "tablesample then time timestamp to trailing treat trim true union unique user using "
    "values varchar variadic verbose when where window with xmlattributes xmlconcat "
    "xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize "
    "xmltable ";

static int
is_reserved(const char *p, size_t n)
{
	char word[32];

	if (n == 0 || n > sizeof word - 3)
		return 0;
	word[0] = ' ';
	memcpy(word + 1, p, n);
	memcpy(word + 1 + n, " ", 2);
	return strstr(reserved, word) != NULL;
}

/* Does the name read the same without quotes? */
static int
is_plain_name(const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!((p[i] >= 'a' && p[i] <= 'z') || p[i] == '_' ||
			(i > 0 && p[i] >= '0' && p[i] <= '9')))
			return 0;
	return n > 0 && !is_reserved(p, n);
}

/* One part of a name, as PostgreSQL would write it. */
static void
add_name(struct buf *b, const char *p, const struct sql_token *t)
{
	struct buf name = {0};
	size_t i, from = t->from, to = t->to;

	xbuf_add(&name, "", 0);
	if (t->type == SQL_WORD) {
		for (i = from; i < to; i++)
			xbuf_addc(&name,
			    (char)(p[i] >= 'A' && p[i] <= 'Z' ? p[i] - 'A' + 'a' : p[i]));
	} else if (p[from] == '"') {
		for (i = from + 1; i + 1 < to; i++) {
			xbuf_addc(&name, p[i]);
			i += p[i] == '"';
		}
	} else {
		/* U&"" with its escapes stays as it is. */
		xbuf_add(b, p + from, to - from);
		buf_free(&name);
		return;
	}
	if (is_plain_name(name.p, name.len))
		xbuf_add(b, name.p, name.len);
	else {
		xbuf_addc(b, '"');
		for (i = 0; i < name.len; i++) {
			if (name.p[i] == '"')
				xbuf_addc(b, '"');
			xbuf_addc(b, name.p[i]);
		}
		xbuf_addc(b, '"');
	}
	buf_free(&name);
}

int
take_name(struct walk *w, struct buf *b)
{
	const struct sql_token *t;

	b->len = 0;
	for (;;) {
		if (w->i == w->n)
			return b->len > 0;
		t = &w->tok[w->i];
		if (t->type != SQL_WORD && t->type != SQL_NAME)
			return b->len > 0;
		add_name(b, w->p, t);
		w->i++;
		if (!at_op(w, w->i, '.'))
			return 1;
		xbuf_addc(b, '.');
		w->i++;
	}
}

/* ---- objects ---- */

/* Kinds of more than one word; all others are one. */
static const char *const long_kinds[][4] = {
    {"ACCESS", "METHOD"},
    {"CONSTRAINT", "TRIGGER"},
    {"DEFAULT", "PRIVILEGES"},
    {"EVENT", "TRIGGER"},
    {"FOREIGN", "DATA", "WRAPPER"},
    {"FOREIGN", "TABLE"},
    {"LARGE", "OBJECT"},
    {"MATERIALIZED", "VIEW"},
    {"OPERATOR", "CLASS"},
    {"OPERATOR", "FAMILY"},
    {"TEXT", "SEARCH", "CONFIGURATION"},
    {"TEXT", "SEARCH", "DICTIONARY"},
    {"TEXT", "SEARCH", "PARSER"},
    {"TEXT", "SEARCH", "TEMPLATE"},
    {"USER", "MAPPING"},
};

void
take_kind(struct walk *w)
{
	size_t i, k;

	for (i = 0; i < sizeof long_kinds / sizeof long_kinds[0]; i++) {
		for (k = 0; k < 4 && long_kinds[i][k] != NULL; k++)
			if (w->i + k >= w->n ||
			    !sql_is(w->p, &w->tok[w->i + k], long_kinds[i][k]))
				break;
		if (k < 4 && long_kinds[i][k] == NULL) {
			while (k-- > 0)
				take_word(w, 1);
			return;
		}
	}
	if (w->i < w->n && w->tok[w->i].type == SQL_WORD)
		take_word(w, 1);
}

int
kind_is(const struct walk *w, const char *kind)
{
	return w->c->kind.len > 0 && strcmp(w->c->kind.p, kind) == 0;
}

/* Kinds whose objects have no plain name after the kind. */
static int
is_nameless(const struct walk *w)
{
	return kind_is(w, "CAST") || kind_is(w, "DEFAULT PRIVILEGES") ||
	    kind_is(w, "LARGE OBJECT") || kind_is(w, "OPERATOR") ||
	    kind_is(w, "SYSTEM") || kind_is(w, "TRANSFORM") || kind_is(w, "USER MAPPING");
}

void
take_object(struct walk *w)
{
	if (is_nameless(w))
		return;
	if (skip(w, "IF")) {
		(void)skip(w, "NOT");
		(void)skip(w, "EXISTS");
	}
	if (at(w, "ALL") && w->i + 1 < w->n && sql_is(w->p, &w->tok[w->i + 1], "IN"))
		return; /* TABLESPACE */
	(void)skip(w, "ONLY");
	if (kind_is(w, "SCHEMA") && at(w, "AUTHORIZATION"))
		return;
	/* CREATE INDEX ON t has no name of its own. */
	if (!kind_is(w, "INDEX") || !at(w, "ON") || w->i + 1 >= w->n ||
	    at_op(w, w->i + 1, '.'))
		(void)take_name(w, &w->c->object);
	if (kind_is(w, "INDEX") || kind_is(w, "POLICY") || kind_is(w, "RULE") ||
	    kind_is(w, "TRIGGER") || kind_is(w, "CONSTRAINT TRIGGER") ||
	    kind_is(w, "CONSTRAINT")) {
		/* CREATE TRIGGER t AFTER UPDATE OF c ON t, CREATE RULE r AS ON ... TO t */
		for (; w->i < w->n && !at_op(w, w->i, '('); w->i++)
			if (at(w, kind_is(w, "RULE") && has(w, "TO") ? "TO" : "ON"))
				break;
		if (w->i < w->n && !at_op(w, w->i, '(')) {
			w->i++;
			(void)skip(w, "ONLY");
			(void)skip(w, "DOMAIN");
			(void)take_name(w, &w->c->on);
		}
	}
}

void
set_kind(struct walk *w, const char *kind)
{
	xbuf_adds(&w->c->kind, kind);
}
