/*
 * watchlint_script.c - the psql script that runs the branch's files as the
 * deploy would, and asks after each statement what it did.
 *
 * A statement goes in hex through psql and is executed by \gexec, so that
 * nothing in it is psql's. Lines with the mark say, on both outputs, which
 * statement the rest belongs to.
 */
#include "watchlint.h"

static void
add_hex(struct buf *out, const char *p, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < n; i++) {
		xbuf_addc(out, digits[(unsigned char)p[i] >> 4]);
		xbuf_addc(out, digits[(unsigned char)p[i] & 15]);
	}
}

/* For psql between single quotes. */
static void
add_quoted(struct buf *out, const char *s)
{
	xbuf_addc(out, '\'');
	for (; *s != '\0'; s++) {
		if (*s == '\'' || *s == '\\')
			xbuf_addc(out, *s);
		xbuf_addc(out, *s);
	}
	xbuf_addc(out, '\'');
}

/*
 * Does psql send the text unchanged? It does where nothing looks like a variable or a
 * command of psql's, and where psql sees the statement end at its end.
 */
static int
goes_as_it_is(const struct stmt *s)
{
	const char *p = s->file->text;
	size_t i, k;

	for (i = s->start; i < s->sql_end; i += k) {
		k = utf8_len(p + i, s->sql_end - i);
		if (k == 0 || p[i] == '\\' || p[i] == '\0')
			return 0;
	}
	for (i = 0; i < s->ntok; i++) {
		const struct sql_token *t = &s->tok[i];

		if (t->open)
			return 0;
		if (t->type != SQL_OP)
			continue;
		for (k = t->from; k < t->to; k++) {
			if (p[k] == ';')
				return 0;
			/* '::' is a cast, not a variable. */
			if (p[k] == ':' && (k == 0 || p[k - 1] != ':') &&
			    k + 1 < s->sql_end && p[k + 1] != ':' && p[k + 1] != '=' &&
			    p[k + 1] != ' ')
				return 0;
		}
	}
	return 1;
}

/* The statement without its semicolon, as psql is to have it. */
static void
add_text(struct buf *out, const struct stmt *s)
{
	size_t n = s->sql_end - s->start;

	if (n > 0 && s->file->text[s->sql_end - 1] == ';')
		n--;
	xbuf_add(out, s->file->text + s->start, n);
}

static void
send(struct buf *out, const struct stmt *s)
{
	size_t n = s->sql_end - s->start;

	if (goes_as_it_is(s)) {
		add_text(out, s);
		xbuf_adds(out, "\n;\n");
		return;
	}
	if (n > 0 && s->file->text[s->sql_end - 1] == ';')
		n--;
	xbuf_adds(out, "SELECT pg_catalog.convert_from(pg_catalog.decode('");
	add_hex(out, s->file->text + s->start, n);
	xbuf_adds(out, "', 'hex'), 'UTF8') \\gexec\n");
}

/* Statements that cannot change client_min_messages. */
static int
keeps_level(const struct stmt *s)
{
	static const char *const words[] = {
	    "ALTER", "CREATE", "DROP", "INSERT", "UPDATE", "DELETE", "COMMENT", "GRANT"};
	size_t i;

	for (i = 0; i < sizeof words / sizeof words[0]; i++)
		if (starts(s, words[i]))
			return 1;
	return 0;
}

static int
starts_one_of(const struct stmt *s, const char *const *words, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (starts(s, words[i]))
			return 1;
	return 0;
}

/*
 * Which relation it changes of those that are there, for the query: 0 none, NULL any.
 * A name that is there no more, as it is another now, is NULL, too.
 */
static const char *
named(const struct stmt *s)
{
	const char *p = s->file->text;
	struct buf b = {0};
	const char *name;
	size_t i, k;

	if (starts(s, "CREATE TABLE")) {
		/* Of other tables only the locks are of interest. */
		if (has_words(s, "REFERENCES") || has_words(s, "AS") ||
		    has_words(s, "LIKE") || has_words(s, "OF"))
			return "0";
	} else if ((!starts(s, "ALTER TABLE") && !starts(s, "CREATE INDEX") &&
		       !starts(s, "CREATE UNIQUE INDEX")) ||
	    has_words(s, "REFERENCES"))
		return "NULL";
	for (i = 1; i < s->ntok; i++)
		if (sql_is(p, &s->tok[i],
			starts(s, "ALTER TABLE") || starts(s, "CREATE TABLE") ? "TABLE"
									      : "ON"))
			break;
	for (i++; i < s->ntok; i++)
		if (!sql_is(p, &s->tok[i], "IF") && !sql_is(p, &s->tok[i], "NOT") &&
		    !sql_is(p, &s->tok[i], "EXISTS") && !sql_is(p, &s->tok[i], "ONLY"))
			break;
	xbuf_adds(&b, "pg_catalog.to_regclass('");
	for (k = i; k < s->ntok; k += 2) {
		const struct sql_token *t = &s->tok[k];

		if ((t->type != SQL_WORD && (t->type != SQL_NAME || p[t->from] != '"')) ||
		    memchr(p + t->from, '\'', t->to - t->from) != NULL ||
		    memchr(p + t->from, '\\', t->to - t->from) != NULL)
			break;
		xbuf_add(&b, p + t->from, t->to - t->from);
		if (k + 1 >= s->ntok || p[s->tok[k + 1].from] != '.') {
			k = s->ntok;
			break;
		}
		xbuf_addc(&b, '.');
	}
	xbuf_adds(&b, "')::oid");
	name = k == s->ntok ? keep_text(b.p, b.len) : "NULL";
	buf_free(&b);
	return name;
}

/* The cheapest query that asks for all that such a statement can do. */
static const char *
query(const struct stmt *s)
{
	/* These statements lock all that they change. */
	static const char *const rows[] = {"ALTER INDEX", "ALTER SEQUENCE", "ALTER TABLE",
	    "CREATE INDEX", "CREATE TABLE", "CREATE UNIQUE INDEX", "DROP INDEX",
	    "DROP TABLE"};
	/* These lock no more than the relation itself. */
	static const char *const few[] = {
	    "COMMENT", "CREATE SEQUENCE", "DELETE", "INSERT", "UPDATE"};
	/* With these words a statement changes more than it locks. */
	static const char *const more[] = {
	    "PARTITION", "INHERIT", "INHERITS", "TRIGGER", "RULE", "CASCADE", "OWNER"};
	size_t i;

	if (!s->inside)
		return "EXECUTE w_all(:'since', NULL);\n";
	if (starts_one_of(s, few, sizeof few / sizeof few[0]))
		return starts(s, "COMMENT") ? "EXECUTE w_few(NULL, NULL);\n"
					    : "EXECUTE w_few(NULL, 0);\n";
	for (i = 0; i < sizeof more / sizeof more[0]; i++)
		if (has_words(s, more[i]))
			break;
	return i == sizeof more / sizeof more[0] &&
		starts_one_of(s, rows, sizeof rows / sizeof rows[0])
	    ? keep("EXECUTE w_rows(NULL, %s);\n", named(s))
	    : "EXECUTE w_wide(NULL, NULL);\n";
}

static void
look(struct buf *out, const struct stmt *s, const char *queries)
{
	/* DISCARD ALL deallocated the watch's prepared statements. */
	if (starts(s, "DEALLOCATE") || starts(s, "DISCARD")) {
		xbuf_adds(out, "DEALLOCATE ALL;\n\\i ");
		add_quoted(out, queries);
		xbuf_addc(out, '\n');
	}
	xbuf_adds(out, query(s));
}

/*
 * Run a statement and query what it did, in one message to the server where possible: the
 * mark between the two shows which of them failed.
 */
static void
watched(struct buf *out, const struct stmt *s, size_t no, const char *mark,
    const char *queries, int joined, int level)
{
	const char *set = level ? "SET client_min_messages = debug1" : "";
	int one = joined && s->inside && !s->control && goes_as_it_is(s) &&
	    !starts(s, "DEALLOCATE") && !starts(s, "DISCARD");

	/* Before this one PostgreSQL takes no query in the transaction. */
	int first = starts(s, "SET TRANSACTION");
	const char *base = s->begins ? "EXECUTE w_base" : NULL;

	if (s->begins)
		xbuf_addf(out, "\\echo %s@base %zu %zu\n", mark, no, s->no);
	if (!one) {
		if (level)
			xbuf_addf(out, "%s;\n", set);
		if (base != NULL && s->wrap)
			xbuf_addf(
			    out, "BEGIN%s%s;\n", first ? "" : " \\; ", first ? "" : base);
		else if (base != NULL && !first)
			xbuf_addf(out, "%s;\n", base);
		if (!s->inside)
			xbuf_adds(out,
			    "SELECT pg_catalog.pg_snapshot_xmax(pg_catalog."
			    "pg_current_snapshot())::xid AS since \\gset\n");
	}
	xbuf_addf(out, "\\warn %s@stmt %zu %zu\n\\echo %s@stmt %zu %zu\n", mark, no,
	    s->no, mark, no, s->no);
	if (s->kind != SQL_PLAIN) {
		/* psql would run this, but the deploy does not use psql. */
		xbuf_addf(out, "\\set ok 0\n\\echo %s@error\n", mark);
	} else if (one) {
		if (level)
			xbuf_addf(out, "%s \\;\n", set);
		if (base != NULL && s->wrap)
			xbuf_adds(out, "BEGIN \\; ");
		if (base != NULL && !first)
			xbuf_addf(out, "%s \\;\n", base);
		add_text(out, s);
		if (base != NULL && first)
			xbuf_addf(out, "\n\\; %s", base);
		/* And how long it took: a message has one statement_timestamp. */
		xbuf_addf(out,
		    "\n\\; SELECT '%s@look ' || (1000 * pg_catalog.date_part('epoch', "
		    "pg_catalog.clock_timestamp() - "
		    "pg_catalog.statement_timestamp()))::int8 \\; %s",
		    mark, query(s));
		xbuf_addf(
		    out, "\\if :ERROR\n\\set ok 0\n\\echo %s@error\n\\endif\n", mark);
	} else {
		send(out, s);
		xbuf_addf(out,
		    "\\if :ERROR\n\\set ok 0\n\\echo %s@error\n\\else\n"
		    "\\warn %s@look\n",
		    mark, mark);
		if (base != NULL && first)
			xbuf_addf(out, "%s;\n", base);
		look(out, s, queries);
		/*
		 * Reads of a CONCURRENTLY statement are not counted for the next
		 * transaction.
		 */
		if (!s->inside)
			xbuf_adds(out, "EXECUTE w_base;\n");
		xbuf_adds(out, "\\endif\n");
	}
}

/* Run the statement, and ask for no facts. */
static void
blind(struct buf *out, const struct stmt *s, size_t no, const char *mark)
{
	if (s->wrap)
		xbuf_adds(out, "BEGIN;\n");
	xbuf_addf(out, "\\warn %s@stmt %zu %zu\n\\echo %s@stmt %zu %zu\n", mark, no,
	    s->no, mark, no, s->no);
	if (s->kind != SQL_PLAIN) {
		xbuf_addf(out, "\\set ok 0\n\\echo %s@error\n", mark);
		return;
	}
	send(out, s);
	xbuf_addf(out,
	    "\\if :ERROR\n\\set ok 0\n\\echo %s@error\n\\else\n\\warn %s@look\n\\endif\n",
	    mark, mark);
}

static void
one_file(struct buf *out, const struct file *f, size_t no, const char *mark,
    const char *queries, const struct how *how, int *lost)
{
	size_t i;
	int settings = 0, open = 0;

	xbuf_adds(out, "\\set ok 1\n");
	for (i = 0; i < f->n; i++) {
		const struct stmt *s = &f->v[i];

		xbuf_adds(out, "\\if :ok\n");
		if (how->quiet)
			blind(out, s, no, mark);
		else
			watched(out, s, no, mark, queries, how->joined,
			    i > 0 ? !keeps_level(&f->v[i - 1]) : *lost);
		if (f->none && s->wrap)
			xbuf_adds(out, "\\if :ok\nCOMMIT;\n\\else\nROLLBACK;\n\\endif\n");
		xbuf_adds(out, "\\endif\n");
		settings |= starts(s, "SET") || starts(s, "DO") || starts(s, "CALL") ||
		    starts(s, "SELECT") || starts(s, "RESET") || starts(s, "DISCARD");
		open |= (!f->none && s->wrap) || (f->none && s->control);
	}
	if (open)
		xbuf_addf(out,
		    "\\warn %s@commit %zu\n\\echo %s@commit %zu\n\\if :ok\nCOMMIT;\n"
		    "\\if :ERROR\n\\echo %s@error\n\\set ok "
		    "0\n\\endif\n\\else\nROLLBACK;\n"
		    "\\endif\n\\warn %s@look\n",
		    mark, no, mark, no, mark, mark);
	xbuf_addf(out, "\\echo %s@end %zu\n", mark, no);
	if (settings && !how->quiet)
		xbuf_adds(out, "EXECUTE w_settings;\n");
	/* A deploy would end at a failed file; the lint goes on. */
	if (settings)
		xbuf_adds(out, "RESET SESSION AUTHORIZATION;\nRESET ALL;\n");
	*lost = settings || (f->n > 0 && !keeps_level(&f->v[f->n - 1]));
}

void
print_script(struct buf *out, const struct branch *b, const char *mark,
    const char *queries, const struct how *how)
{
	size_t i;
	int lost = 1;

	xbuf_addf(out,
	    "\\set QUIET on\n\\set ON_ERROR_STOP off\n\\pset format unaligned\n"
	    "\\pset tuples_only on\n\\set VERBOSITY verbose\n\\set SHOW_CONTEXT always\n"
	    "\\set mark '%s'\n",
	    mark);
	if (!how->quiet) {
		xbuf_adds(out, "\\i ");
		add_quoted(out, queries);
		/*
		 * These first executions make the generic plans, which are kept: with
		 * index scans, however small the catalogs are now.
		 */
		xbuf_addf(out,
		    "\n\\warn %s@look\n\\echo %s@start\nEXECUTE w_members;\n"
		    "EXECUTE w_all('2', NULL);\nEXECUTE w_settings;\n"
		    "SET enable_seqscan = off;\n"
		    "\\o /dev/null\nEXECUTE w_few(NULL, NULL);\nEXECUTE w_rows(NULL, "
		    "NULL);\nEXECUTE w_wide(NULL, NULL);\n\\o\n"
		    "RESET enable_seqscan;\n",
		    mark, mark);
	}
	for (i = 0; i < b->n; i++)
		one_file(out, &b->v[i], i, mark, queries, how, &lost);
	xbuf_addf(out, "\\echo %s@whole\n", mark);
}
