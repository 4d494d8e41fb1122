/* watchlint_file.c - findings about a file as a whole. */
#include "watchlint_rules.h"

#define MANY_STATEMENTS 2000

static int
is_txmode(const struct sql_directive *d)
{
	return d->name_len == 6 && memcmp(d->name, "txmode", 6) == 0;
}

/* A directive that means something: "file" is what holds without one. */
static int
means(const struct sql_directive *d)
{
	return is_txmode(d) && d->value_len >= 3 &&
	    (strncmp(d->value, "none", 4) == 0 || strncmp(d->value, "all", 3) == 0);
}

static const char *
why_void(enum sql_void why)
{
	switch (why) {
	case SQL_VOID_BOM:
		return "the first bytes of the file must be '--'";
	case SQL_VOID_CRLF:
	case SQL_VOID_CR:
		return "lines end in CRLF";
	case SQL_VOID_END:
	case SQL_VOID_LINE:
		return "no empty line follows";
	default:
		return "it stands below the first lines of the file";
	}
}

/* An atlas:txmode that is not what it looks like; returns whether there is one. */
static int
judge_txmode(struct findings *f, const struct file *file)
{
	struct stmt fake = {0};
	struct where w = {&fake, NULL, NULL, 0};
	struct sql_directive d;
	struct sql_token t;
	const char *p = file->text;
	size_t i, n = 0, line = 1, seen = 0;

	fake.file = file;
	fake.words = "  ";
	for (i = 0; i < file->head.n; i++) {
		const struct sql_directive *h = &file->head.v[i];

		if (!is_txmode(h))
			continue;
		w.line = h->line;
		if (h->is_void != SQL_HOLDS) {
			if (!means(h))
				continue;
			report(f, &w, "txmode", NULL,
			    "atlas:txmode %.*s is overlooked: %s", (int)h->value_len,
			    h->value, why_void(h->is_void));
			return 1;
		}
		if (++n > 1) {
			report(f, &w, "txmode", NULL,
			    "atlas:txmode is given more than once: Atlas refuses the "
			    "file");
			return 1;
		}
		if ((h->value_len == 4 && memcmp(h->value, "none", 4) == 0) ||
		    (h->value_len == 4 && memcmp(h->value, "file", 4) == 0))
			continue;
		report(f, &w, "txmode", NULL,
		    "atlas:txmode '%.*s': Atlas refuses the file", (int)h->value_len,
		    h->value);
		return 1;
	}
	if (n > 0)
		return 0;
	/* Comments elsewhere in the file, where Atlas does not look for a directive. */
	for (i = 0; i < file->len; i = t.to) {
		sql_token(p, file->len, i, &t);
		if (t.type == SQL_END)
			break;
		if (t.type != SQL_COMMENT ||
		    !sql_directive(p + t.from, t.to - t.from, &d))
			continue;
		/* A comment in slash-stars ends in these. */
		if (p[t.from] == '/' && d.value_len >= 2)
			for (d.value_len -= 2;
			    d.value_len > 0 && d.value[d.value_len - 1] == ' ';)
				d.value_len--;
		if (!means(&d))
			continue;
		for (; seen < t.from; seen++)
			line += p[seen] == '\n';
		w.line = line;
		report(f, &w, "txmode", NULL, "atlas:txmode %.*s is overlooked: %s",
		    (int)d.value_len, d.value,
		    t.from == 0 && p[0] == '/'
			? "the first bytes of the file must be '--'"
			: "it stands below the first lines of the file");
		return 1;
	}
	return 0;
}

void
judge_file(struct findings *f, struct file *file)
{
	struct stmt fake = {0};
	struct where w = {&fake, NULL, NULL, 0};
	size_t i, line = 1;
	int refused;

	fake.file = file;
	fake.words = "  ";
	if (file->why != NULL) {
		for (i = 0; i < file->why_at; i++)
			line += file->text[i] == '\n';
		w.line = line;
		report(f, &w, "failed", NULL,
		    "the file cannot be split into statements: %s", file->why);
	}
	refused = judge_txmode(f, file);
	for (i = 0; i < file->n && !file->none && !refused; i++) {
		if (!file->v[i].alone)
			continue;
		w.s = &file->v[i];
		w.line = 0;
		report(f, &w, "txmode", table_in(w.s),
		    "this statement cannot run in a transaction, and Atlas runs the file "
		    "in one");
	}
	if (file->n > MANY_STATEMENTS) {
		w.s = &file->v[0];
		w.line = 0;
		report(f, &w, "many-statements", NULL,
		    "%zu statements in one file: outside a transaction, and with the "
		    "vendor's Atlas always, the file's revision is written anew after "
		    "each statement, so the time grows with the square of their number",
		    file->n);
	}
}

/* What the session keeps: time limits are the deploy's own. */
void
judge_settings(struct findings *f, const struct file *file)
{
	struct where w = {NULL, NULL, NULL, 0};
	size_t i, k;

	for (i = f->n; i-- > 0 && f->v[i].file == file;)
		if (strcmp(f->v[i].code->name, "set-session") == 0)
			return;
	for (i = 0; i < file->nleft; i++) {
		const struct setting *x = &file->left[i];

		/* SET TRANSACTION ends with it, whatever pg_settings says of where it
		 * came from. */
		if (strstr(x->name, "_timeout") != NULL ||
		    strncmp(x->name, "transaction_", 12) == 0 ||
		    strcmp(x->name, "standard_conforming_strings") == 0 ||
		    strcmp(x->name, "client_encoding") == 0)
			continue;
		w.s = &file->v[file->n - 1];
		for (k = file->n; k-- > 0;)
			if (mentions(&file->v[k], x->name))
				w.s = &file->v[k];
		report(f, &w, "set-session", NULL,
		    "%s outlives the file: it holds for the files after it, too",
		    x->name);
	}
}
