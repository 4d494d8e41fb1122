/*
 * watchlint_script.c - the psql script that runs the branch's files as the
 * deploy would, and asks after each statement what it did.
 *
 * A statement goes in hex through psql and is executed by \gexec, so that
 * nothing in it is psql's. Lines with the mark tell, on both outputs, which
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

static void
send(struct buf *out, const struct stmt *s)
{
	size_t n = s->sql_end - s->start;

	if (n > 0 && s->file->text[s->sql_end - 1] == ';')
		n--;
	xbuf_adds(out, "SELECT pg_catalog.convert_from(pg_catalog.decode('");
	add_hex(out, s->file->text + s->start, n);
	xbuf_adds(out, "', 'hex'), 'UTF8') \\gexec\n");
}

/* Statements after which the level of messages is still ours. */
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

static void
look(struct buf *out, const struct stmt *s, const char *queries)
{
	/* Our prepared statements went with the rest. */
	if (starts(s, "DEALLOCATE") || starts(s, "DISCARD")) {
		xbuf_adds(out, "DEALLOCATE ALL;\n\\i ");
		add_quoted(out, queries);
		xbuf_addc(out, '\n');
	}
	xbuf_adds(
	    out, s->inside ? "EXECUTE w_rows(NULL);\n" : "EXECUTE w_all(:'since');\n");
}

static void
one_file(struct buf *out, const struct file *f, size_t no, const char *mark,
    const char *queries, int quiet, int *lost)
{
	size_t i;
	int settings = 0, open = 0;

	xbuf_adds(out, "\\set ok 1\n");
	for (i = 0; i < f->n; i++) {
		const struct stmt *s = &f->v[i];

		xbuf_adds(out, "\\if :ok\n");
		if (!quiet && (i > 0 ? !keeps_level(&f->v[i - 1]) : *lost))
			xbuf_adds(out, "SET client_min_messages = debug1;\n");
		/* Together they are one message to the server. */
		if (s->begins && !quiet)
			xbuf_addf(out, "\\echo %s@base %zu %zu\n%sEXECUTE w_base;\n",
			    mark, no, i, s->wrap ? "BEGIN \\; " : "");
		else if (s->wrap)
			xbuf_adds(out, "BEGIN;\n");
		if (!s->inside && !quiet)
			xbuf_adds(out,
			    "SELECT pg_catalog.pg_snapshot_xmax(pg_catalog."
			    "pg_current_snapshot())::xid AS since \\gset\n");
		xbuf_addf(out, "\\warn %s@stmt %zu %zu\n\\echo %s@stmt %zu %zu\n", mark,
		    no, i, mark, no, i);
		if (s->kind != SQL_PLAIN) {
			/* psql would take it, and the deploy has no psql. */
			xbuf_addf(out, "\\set ok 0\n\\echo %s@error\n", mark);
		} else {
			send(out, s);
			xbuf_addf(out,
			    "\\if :ERROR\n\\set ok 0\n\\echo %s@error\n\\else\n"
			    "\\warn %s@look\n",
			    mark, mark);
			if (!quiet)
				look(out, s, queries);
			xbuf_adds(out, "\\endif\n");
		}
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
	if (settings && !quiet)
		xbuf_adds(out, "EXECUTE w_settings;\n");
	/* A deploy would end at a failed file; the lint goes on. */
	if (settings)
		xbuf_adds(out, "RESET SESSION AUTHORIZATION;\nRESET ALL;\n");
	*lost = settings || (f->n > 0 && !keeps_level(&f->v[f->n - 1]));
}

/* quiet: only run them, and tell which one failed. */
void
print_script(struct buf *out, const struct branch *b, const char *mark,
    const char *queries, int quiet)
{
	size_t i;
	int lost = 1;

	xbuf_addf(out,
	    "\\set QUIET on\n\\set ON_ERROR_STOP off\n\\pset format unaligned\n"
	    "\\pset tuples_only on\n\\set VERBOSITY verbose\n\\set SHOW_CONTEXT always\n"
	    "\\set mark '%s'\n",
	    mark);
	if (!quiet) {
		xbuf_adds(out, "\\i ");
		add_quoted(out, queries);
		xbuf_addf(out,
		    "\n\\warn %s@look\n\\echo %s@start\nEXECUTE w_members;\n"
		    "EXECUTE w_all('2');\nEXECUTE w_settings;\n",
		    mark, mark);
	}
	for (i = 0; i < b->n; i++)
		one_file(out, &b->v[i], i, mark, queries, quiet, &lost);
	xbuf_addf(out, "\\echo %s@whole\n", mark);
}
