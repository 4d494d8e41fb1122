/* sqlstmt_class.c - what a statement is, by the words it starts with. */
#include "sqlstmt_walk.h"

static const char enum_note[] = "a value that is added to an enum type cannot be used "
				"before its transaction has ended";
static const char call_note[] =
    "a transaction that it ends itself is refused inside of another one";

static void
classify_create(struct walk *w)
{
	static const char *const options[] = {"OR", "REPLACE", "GLOBAL", "LOCAL", "TEMP",
	    "TEMPORARY", "UNLOGGED", "RECURSIVE", "UNIQUE", "TRUSTED", "PROCEDURAL",
	    NULL};

	(void)take_any(w, options);
	if (at(w, "DEFAULT"))
		take_word(w, 0); /* CREATE DEFAULT CONVERSION */
	take_kind(w);
	if (take(w, "CONCURRENTLY"))
		w->c->tx = TX_OUTSIDE;
	if (kind_is(w, "DATABASE") || kind_is(w, "TABLESPACE"))
		w->c->tx = TX_OUTSIDE;
	take_object(w);
	/*
	 * CREATE SUBSCRIPTION creates a replication slot unless an option says otherwise.
	 */
	if (kind_is(w, "SUBSCRIPTION") && !has_inside(w, "CREATE_SLOT") &&
	    !has_inside(w, "CONNECT"))
		w->c->tx = TX_OUTSIDE;
}

static void
classify_alter(struct walk *w)
{
	take_kind(w);
	if (kind_is(w, "SYSTEM"))
		w->c->tx = TX_OUTSIDE;
	take_object(w);
	if ((kind_is(w, "TABLE") && has_two(w, "DETACH", "PARTITION") &&
		has(w, "CONCURRENTLY")) ||
	    (kind_is(w, "DATABASE") && has_two(w, "SET", "TABLESPACE")) ||
	    (kind_is(w, "SUBSCRIPTION") && has(w, "PUBLICATION")))
		w->c->tx = TX_OUTSIDE;
	if (kind_is(w, "TYPE") && has_two(w, "ADD", "VALUE"))
		w->c->note = enum_note;
}

static void
classify_drop(struct walk *w)
{
	take_kind(w);
	if (take(w, "CONCURRENTLY"))
		w->c->tx = TX_OUTSIDE;
	if (kind_is(w, "DATABASE") || kind_is(w, "TABLESPACE") ||
	    kind_is(w, "SUBSCRIPTION"))
		w->c->tx = TX_OUTSIDE;
	take_object(w);
}

static void
classify_reindex(struct walk *w)
{
	int outside = skip_options(w, "CONCURRENTLY");

	take_kind(w);
	outside |= take(w, "CONCURRENTLY");
	if (outside || kind_is(w, "SCHEMA") || kind_is(w, "DATABASE") ||
	    kind_is(w, "SYSTEM"))
		w->c->tx = TX_OUTSIDE;
	(void)take_name(w, &w->c->object);
}

/* A statement about a table, its name after any of the words. */
static void
classify_table(struct walk *w, const char *const *words)
{
	(void)take_any(w, words);
	(void)skip_options(w, NULL);
	if (w->i == w->n || at_op(w, w->i, '('))
		return;
	set_kind(w, "TABLE");
	(void)skip(w, "ONLY");
	if (!take_name(w, &w->c->object))
		w->c->kind.len = 0;
}

static const char *const no_words[] = {NULL};
static const char *const verbose[] = {"VERBOSE", NULL};
static const char *const table_word[] = {"TABLE", NULL};

static void
classify_vacuum(struct walk *w)
{
	static const char *const words[] = {"FULL", "FREEZE", "VERBOSE", "ANALYZE", NULL};

	classify_table(w, words);
}

static void
classify_cluster(struct walk *w)
{
	classify_table(w, verbose);
	if (w->c->kind.len == 0)
		w->c->tx = TX_OUTSIDE; /* every table, each in its own transaction */
}

static void
classify_analyze(struct walk *w)
{
	classify_table(w, verbose);
}

static void
classify_insert(struct walk *w)
{
	static const char *const words[] = {"INTO", NULL};

	classify_table(w, words);
}

static void
classify_delete(struct walk *w)
{
	static const char *const words[] = {"FROM", NULL};

	classify_table(w, words);
}

static void
classify_update(struct walk *w)
{
	classify_table(w, no_words);
}

/* TRUNCATE and LOCK. */
static void
classify_truncate(struct walk *w)
{
	classify_table(w, table_word);
}

static void
classify_copy(struct walk *w)
{
	if (!at_op(w, w->i, '('))
		classify_table(w, no_words);
}

static void
classify_call(struct walk *w)
{
	w->c->note = call_note;
	set_kind(w, "PROCEDURE");
	(void)take_name(w, &w->c->object);
}

static void
classify_do(struct walk *w)
{
	w->c->note = call_note;
}

static void
classify_refresh(struct walk *w)
{
	take_kind(w);
	(void)take(w, "CONCURRENTLY"); /* which a transaction allows here */
	(void)take_name(w, &w->c->object);
}

static void
classify_comment(struct walk *w)
{
	(void)take(w, "ON");
	take_kind(w);
	take_object(w);
}

/* ON SCHEMA app names a kind; ON app does not, and is about a table. */
static int
at_kind_and_name(const struct walk *w)
{
	const struct sql_token *t = &w->tok[w->i];

	return w->i + 1 < w->n && t[0].type == SQL_WORD &&
	    (t[1].type == SQL_WORD || t[1].type == SQL_NAME) &&
	    !sql_is(w->p, &t[1], "TO") && !sql_is(w->p, &t[1], "FROM");
}

/* GRANT and REVOKE: what stands between them and ON are rights. */
static void
classify_grant(struct walk *w)
{
	const char *verb = sql_is(w->p, &w->tok[0], "GRANT") ? "GRANT" : "REVOKE";

	while (w->i < w->n && !at(w, "ON") && !at(w, "TO") && !at(w, "FROM"))
		w->i++;
	if (!skip(w, "ON") || at(w, "ALL"))
		return;
	if (at_kind_and_name(w)) {
		take_kind(w);
		w->c->words.len = 0;
		xbuf_adds(&w->c->words, verb);
	} else
		set_kind(w, "TABLE");
	if (w->c->kind.len > 0)
		take_object(w);
}

static void
classify_discard(struct walk *w)
{
	if (take(w, "ALL"))
		w->c->tx = TX_OUTSIDE;
}

static void
classify_set(struct walk *w)
{
	if (take(w, "LOCAL") || take(w, "CONSTRAINTS") || take(w, "TRANSACTION"))
		w->c->tx = TX_INSIDE;
	else
		(void)take(w, "SESSION");
}

static void
classify_declare(struct walk *w)
{
	if (!has(w, "HOLD"))
		w->c->tx = TX_INSIDE;
}

static void
classify_rollback(struct walk *w)
{
	if (at(w, "WORK") || at(w, "TRANSACTION"))
		take_word(w, 0);
	if (take(w, "TO"))
		w->c->tx = TX_INSIDE; /* a savepoint */
	else
		(void)take(w, "PREPARED");
}

/* COMMIT, END and START. */
static void
classify_commit(struct walk *w)
{
	if (at(w, "PREPARED") || at(w, "TRANSACTION"))
		take_word(w, 0);
}

static void
classify_prepare(struct walk *w)
{
	if (take(w, "TRANSACTION"))
		w->c->tx = TX_CONTROL;
}

static void
classify_import(struct walk *w)
{
	(void)take(w, "FOREIGN");
	take_kind(w);
	take_object(w);
}

static void
classify_security(struct walk *w)
{
	(void)take(w, "LABEL");
}

/* The first word of a statement; all others are just that word. */
static const struct verb {
	const char *word;
	enum stmt_tx tx;             /* unless what follows the word changes it */
	void (*rest)(struct walk *); /* reads what follows the word, or NULL */
} verbs[] = {
    {"ABORT", TX_CONTROL, NULL},
    {"ALTER", TX_EITHER, classify_alter},
    {"ANALYSE", TX_EITHER, classify_analyze},
    {"ANALYZE", TX_EITHER, classify_analyze},
    {"BEGIN", TX_CONTROL, NULL},
    {"CALL", TX_EITHER, classify_call},
    {"CLUSTER", TX_EITHER, classify_cluster},
    {"COMMENT", TX_EITHER, classify_comment},
    {"COMMIT", TX_CONTROL, classify_commit},
    {"COPY", TX_EITHER, classify_copy},
    {"CREATE", TX_EITHER, classify_create},
    {"DECLARE", TX_EITHER, classify_declare},
    {"DELETE", TX_EITHER, classify_delete},
    {"DISCARD", TX_EITHER, classify_discard},
    {"DO", TX_EITHER, classify_do},
    {"DROP", TX_EITHER, classify_drop},
    {"END", TX_CONTROL, classify_commit},
    {"GRANT", TX_EITHER, classify_grant},
    {"IMPORT", TX_EITHER, classify_import},
    {"INSERT", TX_EITHER, classify_insert},
    {"LOCK", TX_INSIDE, classify_truncate},
    {"MERGE", TX_EITHER, classify_insert},
    {"PREPARE", TX_EITHER, classify_prepare},
    {"REFRESH", TX_EITHER, classify_refresh},
    {"REINDEX", TX_EITHER, classify_reindex},
    {"RELEASE", TX_INSIDE, NULL},
    {"REVOKE", TX_EITHER, classify_grant},
    {"ROLLBACK", TX_CONTROL, classify_rollback},
    {"SAVEPOINT", TX_INSIDE, NULL},
    {"SECURITY", TX_EITHER, classify_security},
    {"SET", TX_EITHER, classify_set},
    {"START", TX_CONTROL, classify_commit},
    {"TRUNCATE", TX_EITHER, classify_truncate},
    {"UPDATE", TX_EITHER, classify_update},
    {"VACUUM", TX_OUTSIDE, classify_vacuum},
};

static void
classify_verb(struct walk *w)
{
	size_t i;

	for (i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
		if (take(w, verbs[i].word)) {
			w->c->tx = verbs[i].tx;
			if (verbs[i].rest != NULL)
				verbs[i].rest(w);
			return;
		}
	if (w->i < w->n && w->tok[w->i].type == SQL_WORD)
		take_word(w, 0);
}

void
xclassify(struct stmt_class *c, const char *p, const struct sql_stmt *s)
{
	struct walk w = {p, s->tok, s->ntok, 0, c};
	size_t i;

	c->words.len = c->kind.len = c->object.len = c->on.len = 0;
	xbuf_add(&c->words, "", 0);
	xbuf_add(&c->kind, "", 0);
	xbuf_add(&c->object, "", 0);
	xbuf_add(&c->on, "", 0);
	c->tx = TX_EITHER;
	c->note = NULL;
	if (at_op(&w, 0, '\\')) {
		for (i = s->start; i < s->end && p[i] != ' ' && p[i] != '\t'; i++)
			xbuf_addc(&c->words, p[i]);
		return;
	}
	classify_verb(&w);
	if (c->object.len == 0 && c->on.len == 0)
		c->kind.len = 0;
}

void
class_free(struct stmt_class *c)
{
	buf_free(&c->words);
	buf_free(&c->kind);
	buf_free(&c->object);
	buf_free(&c->on);
}

void
xshape(struct buf *out, const char *p, const struct sql_stmt *s)
{
	const struct sql_token *t;
	size_t i;

	for (i = 0; i < s->ntok; i++) {
		t = &s->tok[i];
		if (i > 0)
			xbuf_addc(out, ' ');
		if (t->type == SQL_WORD)
			add_upper(out, p + t->from, t->to - t->from);
		else if (t->type == SQL_STRING)
			xbuf_adds(out, "''");
		else
			xbuf_add(out, p + t->from, t->to - t->from);
	}
}
