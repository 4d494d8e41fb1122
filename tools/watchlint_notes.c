/*
 * watchlint_notes.c - what each statement did, in a few words beside the SQL.
 *
 * A line each: the file, the line of it behind which the words fit, and the words,
 * between tabs. That line is the statement's first whose end is no string's middle.
 */
#include "watchlint_rules.h"

static int
is_one_of(const char *code, const char *const *codes, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(code, codes[i]) == 0)
			return 1;
	return 0;
}
#define ONE_OF(code, codes) is_one_of(code, codes, sizeof codes / sizeof codes[0])

static size_t
note_line(const struct stmt *s)
{
	const char *p = s->file->text;
	size_t i, k = 0, line = s->line;

	for (i = s->start; i < s->sql_end && i < s->file->len; i++) {
		if (p[i] != '\n')
			continue;
		while (k < s->ntok && s->tok[k].to <= i)
			k++;
		if (k == s->ntok || s->tok[k].from > i)
			break;
		line++;
	}
	return line;
}

static void
locks(struct buf *b, const struct stmt *s)
{
	enum mode best = ROW_SHARE, m;
	size_t i, n = 0;

	for (i = 0; i < s->nlocks; i++)
		if ((m = top_mode(s->lock[i].modes)) > best)
			best = m;
	for (i = 0; i < s->nlocks; i++) {
		if (top_mode(s->lock[i].modes) != best)
			continue;
		if (n == 0)
			xbuf_adds(b, mode_name(best));
		if (n++ < 2)
			xbuf_addf(b, "%s %s", n == 1 ? "" : ",", s->lock[i].table);
	}
	if (n > 2)
		xbuf_addf(b, " and %zu more", n - 2);
	if (n == 0 && !s->control) {
		i = 0;
		xbuf_adds(b, next_held(&i) != NULL ? "no new lock" : "no lock");
	}
}

void
note(struct buf *out, const struct findings *f, size_t from, const struct stmt *s)
{
	static const char *const rewrites[] = {"rewrite", "vacuum-full", "cluster",
	    "refresh-locked", "unlogged", "move-tablespace"};
	static const char *const builds[] = {
	    "index-locked", "unique-locked", "exclude-locked", "reindex-locked"};
	static const char *const empties[] = {"truncate"};
	static const char *const scans[] = {"scan-check", "scan-foreign-key",
	    "scan-not-null", "scan-domain", "scan-validate", "scan-attach", "scan-locked",
	    "update-all", "delete-all", "update-scan"};
	int rewrite = 0, build = 0, empty = 0, scan = s->nscans > 0;
	struct buf b = {0};
	const char *code;
	size_t i;

	for (i = from; i < f->n; i++) {
		code = f->v[i].code->name;
		rewrite |= ONE_OF(code, rewrites);
		build |= ONE_OF(code, builds);
		empty |= ONE_OF(code, empties);
		scan |= ONE_OF(code, scans);
	}
	if (s->error != NULL)
		xbuf_adds(&b, "fails");
	else if (!s->inside)
		xbuf_adds(&b, "outside a transaction: its locks are not seen");
	else
		locks(&b, s);
	if (rewrite)
		xbuf_adds(&b, b.len > 0 ? "; rewrite" : "rewrite");
	if (build)
		xbuf_adds(&b, b.len > 0 ? "; index build" : "index build");
	if (empty)
		xbuf_adds(&b, b.len > 0 ? "; all rows gone" : "all rows gone");
	if (scan && !rewrite && !build && !empty)
		xbuf_adds(&b, b.len > 0 ? "; scan" : "scan");
	/* A line end in a table's name would end the comment: it becomes '?'. */
	for (i = 0; i < b.len; i++)
		if ((unsigned char)b.p[i] < ' ' || b.p[i] == 0x7f)
			b.p[i] = '?';
	if (b.len > 0)
		xbuf_addf(out, "%s\t%zu\t%s\n", s->file->path, note_line(s), b.p);
	buf_free(&b);
}
