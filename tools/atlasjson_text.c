/* atlasjson_text.c - the report for people: terminal, GitHub's log, Markdown. */
#include "atlasjson.h"

#include <stdlib.h>
#include <string.h>

#define WINDOW 160            /* bytes of a source line that are shown */
#define MAX_STATEMENT 600     /* likewise of a failed statement */
#define GITHUB_LIMIT 10       /* annotations of one kind in one step */
#define SUMMARY_LIMIT 1000000 /* GitHub drops a step summary above 1 MiB */

#define RED "\033[1;31m"
#define YELLOW "\033[1;33m"
#define GREEN "\033[1;32m"
#define PLAIN "\033[0m"

static const char *const level_names[] = {"off", "notice", "warning", "error"};
static const char *const state_names[] = {"done", "failed", "pending"};

/* ---- pieces ---- */

/*
 * One line of foreign text. GitHub's runner takes "##[command]" anywhere in a
 * line as a command, Azure's "##vso[": such a "##" is parted.
 */
static void
add_clean(struct buf *out, const char *p, size_t n)
{
	size_t i, k;
	int ok;

	for (i = 0; i < n; i += k) {
		k = clean_len(p + i, n - i, &ok);
		if (!ok)
			xbuf_addc(out, p[i] == '\t' || p[i] == '\n' ? ' ' : '?');
		else
			xbuf_add(out, p + i, k);
		if (p[i] == '#' && i + 2 < n && p[i + 1] == '#' &&
		    (p[i + 2] == '[' || p[i + 2] == 'v'))
			xbuf_addc(out, ' ');
	}
}

static void
add_clean_str(struct buf *out, const char *s)
{
	add_clean(out, s, strlen(s));
}

/*
 * A name at the start of a line. "::error::" there would be a command, and
 * the runner skips blanks of any script before it.
 */
static void
add_name(struct buf *out, const char *s)
{
	unsigned char c = (unsigned char)*s;

	if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
		(c >= 'a' && c <= 'z') || c == '.' || c == '/' || c == '_'))
		xbuf_adds(out, "./");
	add_clean_str(out, s);
}

static void
add_place(struct buf *out, const struct finding *f)
{
	if (f->src == NULL)
		return;
	add_name(out, f->src->path);
	if (f->line > 0)
		xbuf_addf(out, ":%zu:%zu", f->line, f->col);
	xbuf_adds(out, ": ");
}

/* Text of several lines, each behind a mark of ours. */
static void
add_quoted(struct buf *out, const char *mark, const char *s)
{
	const char *nl;
	size_t n;

	while (*s != '\0') {
		nl = strchr(s, '\n');
		n = nl != NULL ? (size_t)(nl - s) : strlen(s);
		xbuf_adds(out, mark);
		add_clean(out, s, n > 0 && s[n - 1] == '\r' ? n - 1 : n);
		xbuf_addc(out, '\n');
		s += n + (nl != NULL);
	}
}

static void
add_plural(struct buf *out, size_t n, const char *what)
{
	xbuf_addf(out, "%zu %s%s", n, what, n == 1 ? "" : "s");
}

/* "2 errors, 1 warning in 3 files" */
void
add_total(struct buf *out, const struct report *r)
{
	const size_t counts[] = {r->nerrors, r->nwarnings, r->nnotices};
	static const char *const what[] = {"error", "warning", "notice"};
	const char *sep = "";
	size_t i;

	for (i = 0; i < 3; i++) {
		if (counts[i] == 0)
			continue;
		xbuf_adds(out, sep);
		add_plural(out, counts[i], what[i]);
		sep = ", ";
	}
	if (*sep == '\0')
		xbuf_adds(out, "no findings");
	if (r->nfiles > 0) {
		xbuf_adds(out, " in ");
		add_plural(out, r->nfiles, "file");
	}
}

/* A total is worth a line when something was checked or found. */
static int
wants_total(const struct report *r)
{
	size_t i;

	for (i = 0; i < r->nruns; i++)
		if (!r->runs[i].show)
			return 1;
	return r->nfindings > 0;
}

/* ---- text ---- */

/* The source line and a caret under the place; a long line's surroundings. */
static void
add_excerpt(struct buf *out, const struct finding *f, int colour)
{
	const char *text = f->src->text, *nl;
	size_t from = f->bol, len, i, k, head;
	struct buf line = {0};
	char *shown;
	int ok;

	if (f->off - from > WINDOW / 2) {
		from = f->off - WINDOW / 4;
		while (from > f->bol && ((unsigned char)text[from] & 0xc0) == 0x80)
			from--;
	}
	len = f->src->len - from;
	nl = memchr(text + from, '\n', len < WINDOW + 1 ? len : WINDOW + 1);
	if (nl != NULL)
		len = (size_t)(nl - text) - from;
	if (len > 0 && text[from + len - 1] == '\r' && nl != NULL)
		len--;
	head = from;
	if (len > WINDOW)
		for (len = WINDOW;
		    ((unsigned char)text[from + len] & 0xc0) == 0x80 && len > WINDOW - 3;
		    len--)
			;
	else
		nl = text; /* whole to its end */
	xbuf_addf(out, "%6zu | %s", f->line, head > f->bol ? "..." : "");
	shown = mask_secrets(text + from, len);
	/* Tabs stay, so that the caret stands right whatever their width. */
	for (i = 0, len = strlen(shown); i < len; i += k) {
		k = strcspn(shown + i, "\t");
		add_clean(out, shown + i, k);
		if (i + k < len) {
			xbuf_addc(out, '\t');
			k++;
		}
	}
	free(shown);
	xbuf_adds(out, nl == NULL ? "...\n" : "\n");
	for (i = from; i < f->off && i < f->src->len; i += k) {
		k = clean_len(text + i, f->off - i, &ok);
		xbuf_addc(&line, text[i] == '\t' ? '\t' : ' ');
	}
	xbuf_addf(out, "       | %s", head > f->bol ? "   " : "");
	xbuf_add(out, line.p, line.len);
	xbuf_addf(out, "%s^%s\n", colour ? GREEN : "", colour ? PLAIN : "");
	buf_free(&line);
}

static void
add_finding_text(struct buf *out, const struct finding *f, int colour)
{
	const char *tint = f->level == LEVEL_ERROR ? RED
	    : f->level == LEVEL_WARNING            ? YELLOW
						   : GREEN,
		   *nl;
	size_t len = strcspn(f->msg, "\n");
	char *stmt;

	nl = f->msg[len] == '\n' ? f->msg + len : NULL;
	len -= len > 0 && nl != NULL && f->msg[len - 1] == '\r';
	add_place(out, f);
	xbuf_addf(out, "%s%s:%s ", colour ? tint : "", level_names[f->level],
	    colour ? PLAIN : "");
	add_clean(out, f->msg, len);
	xbuf_adds(out, " (");
	add_clean_str(out, f->code);
	xbuf_adds(out, ")\n");
	if (nl != NULL)
		add_quoted(out, "       | ", nl + 1);
	if (f->placed)
		add_excerpt(out, f, colour);
	else if (f->stmt != NULL) {
		stmt = clip(f->stmt, MAX_STATEMENT);
		add_quoted(out, "       | ", stmt);
		free(stmt);
	}
	if (f->help != NULL)
		add_quoted(out, "       = help: ", f->help);
}

static void
add_item_text(struct buf *out, const struct item *it)
{
	xbuf_addf(out, "%-8s", state_names[it->state]);
	add_clean_str(out, it->name);
	if (it->note != NULL || it->seconds >= 0)
		xbuf_adds(out, " (");
	if (it->note != NULL)
		add_clean_str(out, it->note);
	if (it->seconds >= 0)
		xbuf_addf(
		    out, "%s%.1f ms", it->note != NULL ? ", " : "", it->seconds * 1000);
	if (it->note != NULL || it->seconds >= 0)
		xbuf_addc(out, ')');
	xbuf_addc(out, '\n');
}

/*
 * How many items from k on are left out, for what failed is not to be looked
 * for among a thousand files that did not: of more than 10 in one state that
 * follow each other two are shown at either end. k is the third of them.
 */
static size_t
left_out(const struct report *r, size_t k)
{
	const struct item *v = r->items;
	size_t n = 0;

	if (!r->runs[v[k].run].failed || k < 2 || v[k].state == STATE_FAILED ||
	    (k > 2 && v[k - 3].run == v[k].run && v[k - 3].state == v[k].state))
		return 0;
	while (k - 2 + n < r->nitems && v[k - 2 + n].run == v[k].run &&
	    v[k - 2 + n].state == v[k].state)
		n++;
	return n > 10 ? n - 4 : 0;
}

static void
add_items_text(struct buf *out, const struct report *r)
{
	size_t i, k, n;

	for (i = 0, k = 0; i < r->nruns; i++) {
		for (; k < r->nitems && r->items[k].run == i; k++) {
			if (!r->runs[i].show)
				continue;
			n = left_out(r, k);
			if (n > 0) {
				xbuf_addf(out, "...     %zu more\n", n);
				k += n;
			}
			add_item_text(out, &r->items[k]);
		}
		if (r->runs[i].show && r->runs[i].note != NULL) {
			xbuf_adds(out, r->runs[i].title);
			xbuf_adds(out, ": ");
			add_clean_str(out, r->runs[i].note);
			xbuf_addc(out, '\n');
		}
	}
}

void
print_text(struct buf *out, const struct report *r, int colour)
{
	size_t i;

	add_items_text(out, r);
	for (i = 0; i < r->nfindings; i++)
		add_finding_text(out, &r->findings[i], colour);
	if (wants_total(r)) {
		add_total(out, r);
		xbuf_addc(out, '\n');
	}
}

/* ---- GitHub workflow commands ---- */

static void
add_command_text(struct buf *out, const char *s, int property)
{
	size_t i, k, n = strlen(s);
	int ok;

	for (i = 0; i < n; i += k) {
		k = clean_len(s + i, n - i, &ok);
		if (s[i] == '%' || s[i] == '\r' || s[i] == '\n' ||
		    (property && (s[i] == ':' || s[i] == ',')))
			xbuf_addf(out, "%%%02X", (unsigned int)s[i]);
		else if (!ok && s[i] != '\t')
			xbuf_addc(out, '?');
		else
			xbuf_add(out, s + i, k);
	}
}

static void
add_annotation(struct buf *out, const struct finding *f)
{
	xbuf_addf(out, "::%s ", level_names[f->level]);
	if (f->src != NULL) {
		xbuf_adds(out, "file=");
		add_command_text(out, f->src->path, 1);
		xbuf_addc(out, ',');
		if (f->line > 0)
			xbuf_addf(out, "line=%zu,col=%zu,", f->line, f->col);
	}
	xbuf_adds(out, "title=");
	add_command_text(out, f->code, 1);
	xbuf_adds(out, "::");
	add_command_text(out, f->msg, 0);
	if (f->stmt != NULL) {
		xbuf_adds(out, "%0A");
		add_command_text(out, f->stmt, 0);
	}
	if (f->help != NULL) {
		xbuf_adds(out, "%0A");
		add_command_text(out, f->help, 0);
	}
	xbuf_addc(out, '\n');
}

/*
 * Errors, then warnings, ten of each as annotations: the runner would drop
 * more without a word. The rest are plain lines of the log.
 */
void
print_github(struct buf *out, const struct report *r)
{
	enum level level;
	size_t i, n, rest = 0;
	struct buf more = {0};
	const struct finding *f;

	add_items_text(out, r);
	for (level = LEVEL_ERROR; level >= LEVEL_NOTICE; level--)
		for (i = 0, n = 0; i < r->nfindings; i++) {
			f = &r->findings[i];
			if (f->level != level)
				continue;
			if (n++ < GITHUB_LIMIT) {
				add_annotation(out, f);
				continue;
			}
			rest++;
			xbuf_adds(&more, "- ");
			add_place(&more, f);
			xbuf_addf(&more, "%s: ", level_names[f->level]);
			add_clean_str(&more, f->msg);
			xbuf_adds(&more, " (");
			add_clean_str(&more, f->code);
			xbuf_adds(&more, ")\n");
		}
	xbuf_add(out, more.p, more.len);
	buf_free(&more);
	if (!wants_total(r))
		return;
	if (rest > 0)
		xbuf_adds(out, "::notice title=Migrations::");
	add_total(out, r);
	if (rest > 0)
		xbuf_addf(out,
		    "; %zu more than can be annotated, see the log of this "
		    "step",
		    rest);
	xbuf_addc(out, '\n');
}

/* ---- Markdown ---- */

static int
is_word(int c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z') || c >= 0x80;
}

/* As entities, which are never markup; line ends become <br>. */
static void
add_markdown(struct buf *out, const char *s)
{
	size_t i, k, n = strlen(s);
	int ok, inside;

	for (i = 0; i < n; i += k) {
		k = clean_len(s + i, n - i, &ok);
		/* An underscore inside a word is no markup: names stay readable. */
		inside = s[i] == '_' && i > 0 && is_word((unsigned char)s[i - 1]) &&
		    is_word((unsigned char)s[i + 1]);
		if (s[i] == '\n')
			xbuf_adds(out, "<br>");
		else if (!ok)
			xbuf_addc(out, s[i] == '\t' || s[i] == '\r' ? ' ' : '?');
		else if (k == 1 && strchr("&<>|\\`*_[]~#$@", s[i]) != NULL && !inside)
			xbuf_addf(out, "&#%u;", (unsigned int)s[i]);
		else
			xbuf_add(out, s + i, k);
	}
}

static void
add_row(struct buf *out, const struct finding *f)
{
	char *stmt;

	xbuf_addf(out, "| %s | ",
	    f->level == LEVEL_ERROR ? "**error**" : level_names[f->level]);
	if (f->src != NULL)
		add_markdown(out, f->src->path);
	if (f->line > 0)
		xbuf_addf(out, ", line %zu", f->line);
	xbuf_adds(out, " | ");
	add_markdown(out, f->msg);
	if (f->stmt != NULL) {
		stmt = clip(f->stmt, MAX_STATEMENT);
		xbuf_adds(out, "<br><br>");
		add_markdown(out, stmt);
		free(stmt);
	}
	if (f->help != NULL) {
		xbuf_adds(out, "<br>");
		add_markdown(out, f->help);
	}
	xbuf_adds(out, " | ");
	add_markdown(out, f->code);
	xbuf_adds(out, " |\n");
}

static void
add_items_markdown(struct buf *out, const struct report *r)
{
	const struct item *it;
	size_t i, k, shown;

	for (i = 0, k = 0; i < r->nruns; i++) {
		shown = 0;
		for (; k < r->nitems && r->items[k].run == i; k++) {
			it = &r->items[k];
			if (!r->runs[i].show || out->len > SUMMARY_LIMIT / 2)
				continue;
			if (shown++ == 0)
				xbuf_adds(out,
				    "| File | State | Time |\n"
				    "|---|---|---|\n");
			xbuf_adds(out, "| ");
			add_markdown(out, it->name);
			xbuf_addf(out, it->state == STATE_FAILED ? " | **%s**" : " | %s",
			    state_names[it->state]);
			if (it->note != NULL) {
				xbuf_adds(out, ", ");
				add_markdown(out, it->note);
			}
			xbuf_adds(out, " | ");
			if (it->seconds >= 0)
				xbuf_addf(out, "%.1f ms", it->seconds * 1000);
			xbuf_adds(out, " |\n");
		}
		if (!r->runs[i].show || r->runs[i].note == NULL)
			continue;
		xbuf_addf(out, "%s%s: ", shown > 0 ? "\n" : "", r->runs[i].title);
		add_markdown(out, r->runs[i].note);
		xbuf_adds(out, "\n\n");
	}
}

void
print_markdown(struct buf *out, const struct report *r)
{
	enum level level;
	size_t i, rows = 0;

	xbuf_adds(out, "### Migrations: ");
	add_total(out, r);
	xbuf_adds(out, "\n\n");
	add_items_markdown(out, r);
	if (r->nfindings == 0)
		return;
	xbuf_adds(out, "| | Where | What | Code |\n|---|---|---|---|\n");
	for (level = LEVEL_ERROR; level >= LEVEL_NOTICE; level--)
		for (i = 0; i < r->nfindings && out->len < SUMMARY_LIMIT - 32000; i++)
			if (r->findings[i].level == level) {
				add_row(out, &r->findings[i]);
				rows++;
			}
	if (rows < r->nfindings)
		xbuf_addf(out, "\n%zu more findings do not fit in here.\n",
		    r->nfindings - rows);
}
