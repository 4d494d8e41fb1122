/*
 * sqlstmt - a file of SQL as statements.
 *
 *	sqlstmt FILE	a JSON line for the file and one for each statement
 *	sqlstmt -t FILE	the same as columns with tabs between
 *	sqlstmt -0 FILE	the statements themselves, each ended by a NUL byte
 *
 * Splits as PostgreSQL and psql do, reads the directives for Atlas as Atlas
 * does, and says of each statement where it stands, what it is and whether it
 * can run in a transaction. Nothing is printed before all has been read.
 *
 * Exit: 0 done, 1 it is no SQL text that can be split, 2 could not do it.
 */
#include "sqlstmt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef VERSION
#define VERSION "0.2.0"
#endif

static const char *const tx_names[] = {"either", "outside", "inside", "control"};
static const char *const kind_names[] = {"sql", "psql", "copy"};
static const char *const place_names[] = {"before", "inside", "after"};

struct options {
	int format; /* 'j', 't' or '0' */
	int hex;    /* -x: with -t the text too */
	int psql;   /* -p: no directives for Atlas */
};

/* What is wrong with a directive: the code, and the sentence with its remedy. */
static const struct {
	const char *code, *text;
} voids[] = {
    [SQL_VOID_BOM] = {"directive-bom",
	"a byte order mark stands before it; fix: save the file without one"},
    [SQL_VOID_CRLF] = {"directive-crlf",
	"the empty line after it ends in CR LF; fix: save the file with line ends of LF"},
    [SQL_VOID_LINE] = {"directive-no-empty-line",
	"no empty line follows the comments on top of the file; fix: add one"},
    [SQL_VOID_END] = {"directive-no-line-end",
	"the file ends in it; fix: end the line, or add the statements"},
    [SQL_VOID_FIRST] = {"directive-not-first",
	"it counts only on the first line of the file, written '-- atlas:'; fix: move it "
	"there"},
    [SQL_VOID_CR] = {"directive-crlf",
	"its line ends in CR LF, and the CR is taken for a part of its value; fix: save "
	"the file with line ends of LF"},
    [SQL_VOID_EMPTY] = {"directive-empty", "it needs a value; fix: add it"},
};

/* ---- the file ---- */

struct troubles {
	struct buf json, tab;
	size_t seen, lines; /* how many line ends are before the offset seen */
};

static void
add_trouble(struct troubles *t, size_t line, const char *code, const char *fmt,
    const char *name, size_t name_len, const char *why)
{
	struct buf text = {0};

	xbuf_addf(&text, fmt, (int)(name_len < 60 ? name_len : 60), name, why);
	xbuf_addf(&t->json,
	    "%s{\"line\":%zu,\"code\":\"%s\",\"text\":", t->json.len > 0 ? "," : "", line,
	    code);
	xbuf_json(&t->json, text.p, text.len);
	xbuf_addc(&t->json, '}');
	xbuf_addf(&t->tab, "trouble\t%zu\t%s\t%s\n", line, code, text.p);
	buf_free(&text);
}

static int
named(const struct sql_directive *d, const char *name)
{
	return d->name_len == strlen(name) && memcmp(d->name, name, d->name_len) == 0;
}

static int
valued(const struct sql_directive *d, const char *value)
{
	return d->value_len == strlen(value) &&
	    memcmp(d->value, value, d->value_len) == 0;
}

/* These directives hold for the whole file; the others may stand at a statement. */
static int
is_for_file(const struct sql_directive *d)
{
	static const char *const names[] = {
	    "checkpoint", "delimiter", "import", "sum", "txmode", "txtar"};
	size_t i;

	for (i = 0; i < sizeof names / sizeof names[0]; i++)
		if (named(d, names[i]))
			return 1;
	return 0;
}

/* The first one of that name that Atlas obeys, or NULL. */
static const struct sql_directive *
get(const struct sql_head *h, const char *name)
{
	size_t i;

	for (i = 0; i < h->n; i++)
		if (h->v[i].is_void == SQL_HOLDS && named(&h->v[i], name))
			return &h->v[i];
	return NULL;
}

static void
check_head(const struct sql_head *h, struct troubles *t)
{
	const struct sql_directive *d, *first = get(h, "txmode");
	size_t i;

	for (i = 0; i < h->n; i++) {
		d = &h->v[i];
		if (d->is_void != SQL_HOLDS && is_for_file(d))
			add_trouble(t, d->line, voids[d->is_void].code,
			    "Atlas overlooks atlas:%.*s: %s", d->name, d->name_len,
			    voids[d->is_void].text);
		if (d->is_void != SQL_HOLDS || !named(d, "txmode"))
			continue;
		if (d != first)
			add_trouble(t, d->line, "directive-twice",
			    "Atlas refuses a second atlas:%.*s: %s", d->name, d->name_len,
			    "fix: keep one");
		else if (!valued(d, "none") && !valued(d, "file"))
			add_trouble(t, d->line, "directive-value",
			    "atlas:%.*s is neither 'none' nor 'file': %s", d->name,
			    d->name_len, "Atlas refuses it; fix: write one of these");
	}
}

static void
add_json_value(struct buf *out, const char *key, const struct sql_directive *d)
{
	xbuf_addf(out, ",\"%s\":", key);
	if (d == NULL)
		xbuf_adds(out, "null");
	else
		xbuf_json(out, d->value, d->value_len);
}

/* Text in a column: no tab, no line end, and never nothing. */
static void
add_column(struct buf *out, const char *p, size_t n)
{
	size_t i;

	xbuf_addc(out, '\t');
	if (n == 0)
		xbuf_addc(out, '-');
	for (i = 0; i < n; i++)
		xbuf_addc(out, (unsigned char)p[i] < 0x20 || p[i] == 0x7f ? '?' : p[i]);
}

static void
put_file(struct buf *out, const struct options *o, const char *name, const struct buf *in,
    const struct sql_head *h, size_t statements, const struct troubles *t)
{
	static const char *const keys[] = {"txmode", "delimiter", "checkpoint", "import"};
	const struct sql_directive *d;
	size_t i, any = 0;

	if (o->format == 't') {
		xbuf_adds(out, "file");
		for (i = 0; i < sizeof keys / sizeof keys[0]; i++) {
			d = get(h, keys[i]);
			add_column(out,
			    d == NULL               ? ""
				: d->value_len == 0 ? "yes"
						    : d->value,
			    d == NULL               ? 0
				: d->value_len == 0 ? 3
						    : d->value_len);
		}
		xbuf_addf(out, "\t%s\t%zu\t%zu\t%zu", h->sum_ignore ? "ignore" : "-",
		    h->end, in->len, statements);
		add_column(out, name, strlen(name));
		xbuf_addc(out, '\n');
		xbuf_add(out, t->tab.p, t->tab.len);
		return;
	}
	xbuf_adds(out, "{\"file\":");
	xbuf_json(out, name, strlen(name));
	xbuf_addf(out, ",\"kind\":\"file\",\"bytes\":%zu,\"statements\":%zu,\"head\":%zu",
	    in->len, statements, h->end);
	for (i = 0; i < sizeof keys / sizeof keys[0]; i++)
		add_json_value(out, keys[i], get(h, keys[i]));
	xbuf_addf(
	    out, ",\"sum_ignore\":%s,\"nolint\":[", h->sum_ignore ? "true" : "false");
	for (i = 0; i < h->n; i++) {
		if (h->v[i].is_void != SQL_HOLDS || !named(&h->v[i], "nolint"))
			continue;
		if (any++ > 0)
			xbuf_addc(out, ',');
		xbuf_json(out, h->v[i].value, h->v[i].value_len);
	}
	xbuf_adds(out, "],\"trouble\":[");
	xbuf_add(out, t->json.p, t->json.len);
	xbuf_adds(out, "]}\n");
}

/* ---- a statement ---- */

static void
put_comments(struct buf *out, const char *p, const struct sql_stmt *s)
{
	const struct sql_comment *c;
	size_t i, from, to, n = 0;
	enum sql_ban ban;

	xbuf_adds(out, ",\"comments\":[");
	for (i = 0; i < s->ncomments; i++) {
		c = &s->comment[i];
		xbuf_addf(out,
		    "%s{\"start\":%zu,\"end\":%zu,\"place\":\"%s\",\"apart\":%s,"
		    "\"text\":",
		    i > 0 ? "," : "", c->from, c->to, place_names[c->place],
		    c->apart ? "true" : "false");
		xbuf_json(out, p + c->from, c->to - c->from);
		xbuf_addc(out, '}');
	}
	xbuf_adds(out, "],\"nolint\":[");
	for (i = 0; i < s->ncomments; i++) {
		c = &s->comment[i];
		from = c->from;
		to = c->to;
		ban = sql_ban(p, &from, &to);
		if (c->apart || (ban != SQL_NOLINT && ban != SQL_SQUAWK))
			continue;
		xbuf_addf(out, "%s{\"by\":\"%s\",\"codes\":", n++ > 0 ? "," : "",
		    ban == SQL_NOLINT ? "atlas" : "squawk");
		xbuf_json(out, p + from, to - from);
		xbuf_addc(out, '}');
	}
	xbuf_addc(out, ']');
}

static void
put_json(struct buf *out, const char *name, const char *p, const struct sql_stmt *s,
    const struct stmt_class *c)
{
	struct buf shape = {0};
	const char *w, *end;

	xbuf_adds(out, "{\"file\":");
	xbuf_json(out, name, strlen(name));
	xbuf_addf(out,
	    ",\"kind\":\"%s\",\"number\":%zu,\"line\":%zu,\"column\":%zu,"
	    "\"end_line\":%zu,\"from\":%zu,\"start\":%zu,\"sql_end\":%zu,\"end\":%zu,"
	    "\"to\":%zu,\"words\":[",
	    kind_names[s->kind], s->number, s->line, s->column, s->end_line, s->from,
	    s->start, s->sql_end, s->end, s->to);
	for (w = c->words.p; *w != '\0'; w = *end == ' ' ? end + 1 : end) {
		end = w + strcspn(w, " ");
		if (w != c->words.p)
			xbuf_addc(out, ',');
		xbuf_json(out, w, (size_t)(end - w));
	}
	xbuf_adds(out, "],\"object\":");
	if (c->kind.len == 0)
		xbuf_adds(out, "null");
	else {
		xbuf_adds(out, "{\"kind\":");
		xbuf_json(out, c->kind.p, c->kind.len);
		if (c->object.len > 0) {
			xbuf_adds(out, ",\"name\":");
			xbuf_json(out, c->object.p, c->object.len);
		}
		if (c->on.len > 0) {
			xbuf_adds(out, ",\"on\":");
			xbuf_json(out, c->on.p, c->on.len);
		}
		xbuf_addc(out, '}');
	}
	xbuf_addf(out, ",\"transaction\":\"%s\"", tx_names[c->tx]);
	if (c->note != NULL) {
		xbuf_adds(out, ",\"note\":");
		xbuf_json(out, c->note, strlen(c->note));
	}
	put_comments(out, p, s);
	xbuf_adds(out, ",\"shape\":");
	xshape(&shape, p, s);
	xbuf_json(out, shape.p, shape.len);
	xbuf_adds(out, ",\"text\":");
	xbuf_json(out, p + s->start, s->end - s->start);
	xbuf_adds(out, "}\n");
	buf_free(&shape);
}

static void
put_tab(struct buf *out, int hex, const char *p, const struct sql_stmt *s,
    const struct stmt_class *c)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	xbuf_addf(out, "%s\t%zu\t%s\t%zu\t%zu\t%zu\t%zu\t%zu\t%zu", kind_names[s->kind],
	    s->number, tx_names[c->tx], s->line, s->end_line, s->from, s->start, s->end,
	    s->to);
	add_column(out, c->words.p, c->words.len);
	add_column(out, c->kind.p, c->kind.len);
	add_column(out, c->object.p, c->object.len);
	add_column(out, c->on.p, c->on.len);
	if (hex) {
		xbuf_addc(out, '\t');
		for (i = s->start; i < s->end; i++) {
			xbuf_addc(out, digits[(unsigned char)p[i] >> 4]);
			xbuf_addc(out, digits[(unsigned char)p[i] & 15]);
		}
	}
	xbuf_addc(out, '\n');
}

/* The line of an offset that is no less than the one before. */
static size_t
line_after(struct troubles *t, const char *p, size_t at)
{
	for (; t->seen < at; t->seen++)
		t->lines += p[t->seen] == '\n';
	return t->lines + 1;
}

/* A file's directive that stands further down has no effect. */
static void
check_comments(
    const char *p, const struct sql_stmt *s, const struct sql_head *h, struct troubles *t)
{
	const struct sql_comment *c;
	struct sql_directive d;
	size_t i, k;

	for (i = 0; i < s->ncomments; i++) {
		c = &s->comment[i];
		if (!sql_directive(p + c->from, c->to - c->from, &d) || !is_for_file(&d))
			continue;
		for (k = 0; k < h->n && h->v[k].name != d.name; k++)
			continue;
		if (k == h->n)
			add_trouble(t, line_after(t, p, c->from), "directive-place",
			    "Atlas overlooks atlas:%.*s: %s", d.name, d.name_len,
			    "it counts only in the comments on top of the file; fix: "
			    "move it "
			    "there, with an empty line after it");
	}
}

static size_t
line_of(const char *p, size_t at)
{
	size_t i, line = 1;

	for (i = 0; i < at; i++)
		line += p[i] == '\n';
	return line;
}

/* Print the file into out. 0: the file cannot be split, and a message says why. */
static int
put_all(struct buf *out, const struct options *o, const char *name, const struct buf *in)
{
	static struct stmt_class c;
	const char *nul = memchr(in->p, '\0', in->len), *where = NULL;
	struct sql_head h = {0};
	struct troubles t = {{0}, {0}, 0, 0};
	struct buf stmts = {0}, place = {0};
	struct sql_text text;
	struct sql_stmt s;
	size_t n = 0;

	if (nul != NULL) {
		xbuf_addf(
		    &place, "%.1000s:%zu", name, line_of(in->p, (size_t)(nul - in->p)));
		warnx_at(place.p,
		    "a NUL byte, which PostgreSQL takes in no text; fix: save the file "
		    "as UTF-8");
		buf_free(&place);
		return 0;
	}
	if (!o->psql)
		xsql_head(&h, in->p, in->len);
	check_head(&h, &t);
	xsql_open(&text, in->p, in->len, !o->psql);
	while (xsql_next(&text, &s)) {
		n++;
		if (o->format == '0') {
			xbuf_add(&stmts, in->p + s.start, s.end - s.start);
			xbuf_addc(&stmts, '\0');
			continue;
		}
		xclassify(&c, in->p, &s);
		if (!o->psql)
			check_comments(in->p, &s, &h, &t);
		if (o->format == 't')
			put_tab(&stmts, o->hex, in->p, &s, &c);
		else
			put_json(&stmts, name, in->p, &s, &c);
	}
	if (text.why != NULL) {
		xbuf_addf(&place, "%.1000s:%zu", name, line_of(in->p, text.why_at));
		where = place.p;
		warnx_at(where, "%s", text.why);
	} else if (o->format != '0')
		put_file(out, o, name, in, &h, n, &t);
	xbuf_add(out, stmts.p, stmts.len);
	sql_close(&text);
	sql_head_free(&h);
	class_free(&c);
	buf_free(&stmts);
	buf_free(&place);
	buf_free(&t.json);
	buf_free(&t.tab);
	return where == NULL;
}

static void
usage(FILE *to)
{
	fputs("usage: sqlstmt [-p] [file ...]\n"
	      "       sqlstmt -t [-px] [file ...]\n"
	      "       sqlstmt -0 [-p] [file ...]\n"
	      "       sqlstmt -h | -V\n",
	    to);
}

int
main(int argc, char *argv[])
{
	static char *standard_input[] = {"-", NULL};
	struct options o = {'j', 0, 0};
	struct buf in = {0}, out = {0};
	int c, bad = 0;

	util_tool = "sqlstmt";
	opterr = 0;
	while ((c = getopt(argc, argv, "0hptxV")) != -1) {
		switch (c) {
		case '0':
		case 't':
			if (o.format != 'j' && o.format != c) {
				usage(stderr);
				return EXIT_CANNOT;
			}
			o.format = c;
			break;
		case 'h':
			usage(stdout);
			return fflush(stdout) == 0 ? EXIT_YES : EXIT_CANNOT;
		case 'p':
			o.psql = 1;
			break;
		case 'x':
			o.hex = 1;
			break;
		case 'V':
			puts("sqlstmt " VERSION);
			return fflush(stdout) == 0 ? EXIT_YES : EXIT_CANNOT;
		default:
			usage(stderr);
			return EXIT_CANNOT;
		}
	}
	if (o.hex && o.format != 't') {
		usage(stderr);
		return EXIT_CANNOT;
	}
	argv += optind;
	if (*argv == NULL)
		argv = standard_input;
	for (; *argv != NULL; argv++) {
		in.len = 0;
		xbuf_add(&in, "", 0);
		if (strcmp(*argv, "-") == 0)
			xread_fd(STDIN_FILENO, "standard input", &in);
		else
			xread_file(*argv, &in);
		bad |= !put_all(
		    &out, &o, strcmp(*argv, "-") == 0 ? "standard input" : *argv, &in);
	}
	if (!bad)
		xwrite_stdout(out.p, out.len);
	buf_free(&in);
	buf_free(&out);
	return bad ? EXIT_NO : EXIT_YES;
}
