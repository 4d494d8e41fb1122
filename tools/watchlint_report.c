/*
 * watchlint_report.c - findings, one at a time.
 */
#include "watchlint_rules.h"

#include <stdio.h>

static void
add_recipe(struct buf *b, const char *p, const char *table, const char *name)
{
	for (; *p != '\0'; p++) {
		if (p[0] == '%' && (p[1] == 't' || p[1] == 'n')) {
			p++;
			xbuf_adds(b,
			    *p == 't' ? (table != NULL ? table : "...")
				      : (name != NULL ? name : "..."));
		} else
			xbuf_addc(b, *p);
	}
}

void
report(struct findings *f, const struct where *w, const char *code, const char *table,
    const char *fmt, ...)
{
	struct finding *x;
	struct buf help = {0};
	va_list ap;
	char *text;

	if (f->n == f->cap) {
		f->cap = f->cap != 0 ? f->cap * 2 : 64;
		f->v = xreallocarray(f->v, f->cap, sizeof *f->v);
	}
	va_start(ap, fmt);
	text = vkeep(fmt, ap);
	va_end(ap);
	x = &f->v[f->n];
	memset(x, 0, sizeof *x);
	x->file = w->s->file;
	x->s = w->s;
	x->off = w->line != 0 ? line_place(w->s->file, w->line)
			      : place_of(w->s, w->name, w->word);
	x->code = get_code(code);
	x->table = table;
	x->text = text;
	if (x->code->recipe != NULL) {
		add_recipe(&help, x->code->recipe, table, w->name);
		x->help = keep_text(help.p, help.len);
		buf_free(&help);
	}
	x->order = f->n;
	/*
	 * A finding that repeats the one before, as of a partition and its parent, is
	 * left out.
	 */
	if (f->n > 0 && f->v[f->n - 1].file == x->file && f->v[f->n - 1].off == x->off &&
	    f->v[f->n - 1].code == x->code && strcmp(f->v[f->n - 1].text, text) == 0)
		return;
	f->n++;
}

/* Has the code been reported already, of this file and, if given, of this table? */
int
told(const struct findings *f, const struct file *file, const char *code,
    const char *table)
{
	size_t i;

	for (i = f->n; i-- > 0 && f->v[i].file == file;)
		if (strcmp(f->v[i].code->name, code) == 0 &&
		    (table == NULL || strcmp(f->v[i].table, table) == 0))
			return 1;
	return 0;
}
