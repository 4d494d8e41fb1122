/* catdiff_tell.c - differences as findings, in the form that atlasjson reads. */
#include "catdiff_tell.h"

#include <stdlib.h>

#define WIDTH 100 /* bytes of a definition that are shown, and dots */

/* ---- text ---- */

static void
add_name(struct buf *out, const char *id, size_t n)
{
	int plain = memchr(id, '"', n) == NULL;

	if (plain)
		xbuf_addc(out, '"');
	xbuf_add(out, id, n);
	if (plain)
		xbuf_addc(out, '"');
}

/* "users.age" of a column: column "age" of table "users" */
static void
add_member(struct buf *out, const char *kind, const char *id, const char *of)
{
	const char *last = name_last(id);

	xbuf_addf(out, "%s ", kind);
	add_name(out, last, strlen(last));
	if (last > id) {
		xbuf_addf(out, " of %s ", of);
		add_name(out, id, id_first(id));
	}
}

/* What an attribute is of: a column is said in full, the others by their name. */
static void
add_of(struct buf *out, const char *of, const char *id, size_t n)
{
	char *copy;

	if (!is_part(of)) {
		xbuf_addf(out, "%s%s", of, *of != '\0' ? " " : "");
		add_name(out, id, n);
		return;
	}
	copy = xcalloc(1, n + 1);
	memcpy(copy, id, n);
	add_member(out, of, copy, "table");
	free(copy);
}

static void
add_object(struct buf *out, const struct row *r)
{
	const struct kind *k = row_kind(r);
	const char *second = id_second(r->id);
	const char *word = k->word != NULL ? k->word : r->kind;
	size_t n = strlen(r->id);

	switch (k->form) {
	case FORM_NAME:
		xbuf_addf(out, "%s ", r->kind);
		add_name(out, r->id, n);
		break;
	case FORM_MEMBER:
		add_member(out, r->kind, r->id, k->of);
		break;
	case FORM_OF:
		if (*word != '\0')
			xbuf_addf(out, "%s of ", word);
		add_of(out, k->of, r->id, n);
		break;
	case FORM_TWO:
		xbuf_addf(out, "%s ", word);
		if (second != NULL) {
			add_name(out, second, strlen(second));
			xbuf_adds(out, " of ");
			n = (size_t)(second - r->id) - 1;
		}
		add_of(out, k->of, r->id, n);
		break;
	case FORM_SAID:
		xbuf_addf(out, "%s %s %s", r->kind,
		    strcmp(r->kind, "comment") == 0 ? "on" : "of", r->id);
		break;
	}
}

/* ---- definitions ---- */

/* Where two texts part: the line, from 1, and its start in both. */
static size_t
part(const char **a, const char **b)
{
	size_t line = 1, n, m;

	for (;; line++) {
		n = strcspn(*a, "\n");
		m = strcspn(*b, "\n");
		if (n != m || strncmp(*a, *b, n) != 0 || (*a)[n] == '\0' ||
		    (*b)[m] == '\0')
			return line;
		*a += n + 1;
		*b += m + 1;
	}
}

/* One line, around the place "at" when it is long. */
static void
add_line(struct buf *out, const char *p, size_t at, int quoted)
{
	size_t n = strcspn(p, "\n"), from = 0, to, i;
	size_t lead = strspn(p, " \t");

	if (lead > n)
		lead = n;
	p += lead;
	n -= lead;
	at = at > lead ? at - lead : 0;
	if (n > WIDTH) {
		from = at > WIDTH / 2 ? at - WIDTH / 2 : 0;
		if (from + WIDTH > n)
			from = n - WIDTH;
	}
	to = n > WIDTH ? from + WIDTH : n;
	while (from > 0 && ((unsigned char)p[from] & 0xc0) == 0x80)
		from--;
	while (to < n && ((unsigned char)p[to] & 0xc0) == 0x80)
		to++;
	if (n == 0 && !quoted)
		xbuf_adds(out, "nothing");
	if (quoted)
		xbuf_addc(out, '"');
	if (from > 0)
		xbuf_adds(out, "...");
	for (i = from; i < to; i++)
		xbuf_addc(out, p[i] == '\t' || p[i] == '\r' ? ' ' : p[i]);
	if (to < n)
		xbuf_adds(out, "...");
	if (quoted)
		xbuf_addc(out, '"');
}

/* A comment is what people wrote, not SQL. */
static int
is_text(const struct row *r)
{
	return r != NULL && *r->def != '\0' && strcmp(r->kind, "comment") == 0;
}

/* An attribute's definition, or the word for that. */
static const char *
def_of(const struct row *r, const struct kind *k)
{
	if (r == NULL)
		return k->no != NULL ? k->no : "none";
	if (*r->def == '\0' || k->secret)
		return k->yes != NULL ? k->yes : "set";
	return r->def;
}

static void
add_message(struct buf *out, const struct diff *d, const struct words *words)
{
	const struct row *r = d->want != NULL ? d->want : d->have;
	const struct kind *k = row_kind(r);
	const char *w, *h;
	size_t line, at = 0;

	if (d->pair != NULL) {
		add_object(out, d->want);
		xbuf_addf(out, " in %s is ", words->want);
		add_object(out, d->pair->have);
		xbuf_addf(out, " in %s", words->have);
		return;
	}
	add_object(out, r);
	if (strcmp(r->kind, "other") == 0 && d->want != NULL && d->have != NULL) {
		xbuf_adds(out, " cannot be compared: its kind is not known here");
		return;
	}
	if ((d->want == NULL || d->have == NULL) &&
	    (is_whole(r) || strcmp(r->kind, "grant") == 0 ||
		strcmp(r->kind, "default privilege") == 0)) {
		xbuf_addf(out, " is in %s and not in %s",
		    d->want != NULL ? words->want : words->have,
		    d->want != NULL ? words->have : words->want);
		return;
	}
	if (k->secret && d->want != NULL && d->have != NULL) {
		xbuf_addf(
		    out, " is set otherwise in %s than in %s", words->want, words->have);
		return;
	}
	w = def_of(d->want, k);
	h = def_of(d->have, k);
	line = d->want != NULL && d->have != NULL ? part(&w, &h) : 1;
	if (line > 1)
		xbuf_addf(out, " differs from line %zu on: ", line);
	else
		xbuf_adds(out, ": ");
	while (w[at] != '\0' && w[at] == h[at])
		at++;
	add_line(out, w, at, is_text(d->want));
	xbuf_addf(out, " in %s, ", words->want);
	add_line(out, h, at, is_text(d->have));
	xbuf_addf(out, " in %s", words->have);
}

/* ---- findings ---- */

/* The next command, and what it needs to know of a rename. */
static void
add_help(struct buf *out, const struct diff *d, const struct words *words)
{
	const struct row *old = d->want != NULL ? d->was : d->have;
	const struct row *new = d->want != NULL ? d->want : d->was;

	if (words->remedy != NULL)
		xbuf_adds(out, words->remedy);
	if (d->was == NULL)
		return;
	if (words->remedy != NULL)
		xbuf_adds(out, "; or, ");
	xbuf_addf(
	    out, "if it was renamed: RENAME=\"%s=%s\"", old->id, name_last(new->id));
}

static void
add_def(struct buf *out, const struct row *r)
{
	if (r == NULL || row_kind(r)->secret)
		xbuf_adds(out, "null");
	else
		xbuf_json(out, r->def, strlen(r->def));
}

/* Text as one line: control characters become '?'. */
static void
add_text(struct buf *out, const struct diff *d, const struct words *words)
{
	size_t i = out->len;

	add_message(out, d, words);
	for (; i < out->len; i++)
		if ((unsigned char)out->p[i] < 0x20 || out->p[i] == 0x7f)
			out->p[i] = '?';
	xbuf_addc(out, '\n');
}

static void
add_finding(struct buf *out, const struct diff *d, const char *code, size_t nth,
    const struct words *words)
{
	const struct row *r = d->want != NULL ? d->want : d->have;
	static const char *const level_names[] = {"Off", "Notice", "Warning", "Error"};
	struct buf text = {0};

	if (words->text) {
		add_text(out, d, words);
		return;
	}
	xbuf_adds(out, nth > 0 ? ",\n" : "\n");
	xbuf_addf(out, "{\"level\":\"%s\",\"rule_name\":\"%s\",\"object\":",
	    level_names[level_of(code)], code);
	xbuf_addf(&text, "%s %s", r->kind, r->id);
	xbuf_json(out, text.p, strlen(text.p));
	xbuf_adds(out, ",\"want\":");
	add_def(out, d->want);
	xbuf_adds(out, ",\"have\":");
	add_def(out, d->pair != NULL ? d->pair->have : d->have);
	xbuf_adds(out, ",\"message\":");
	text.len = 0;
	add_message(&text, d, words);
	xbuf_json(out, text.p, strlen(text.p));
	xbuf_adds(out, ",\"help\":");
	text.len = 0;
	xbuf_adds(&text, "");
	add_help(&text, d, words);
	if (text.len > 0)
		xbuf_json(out, text.p, strlen(text.p));
	else
		xbuf_adds(out, "null");
	xbuf_addc(out, '}');
	buf_free(&text);
}

size_t
tell(struct buf *out, struct diff *v, size_t n, const struct listing *want,
    const struct listing *have, const struct words *words)
{
	struct diff *d, same = {0};
	const struct row *r;
	const char *code;
	size_t count = 0, i;

	xbuf_adds(out, words->text ? "" : "[");
	for (d = v; d < v + n; d++) {
		r = d->want != NULL ? d->want : d->have;
		code = diff_code(d);
		if (d->by != NULL)
			continue;
		if (level_of(code) == LEVEL_OFF ||
		    is_excluded(r, d->want != NULL ? want : have))
			continue;
		add_finding(out, d, code, count++, words);
	}
	/*
	 * An object of an unknown kind cannot be compared: it is reported even when both
	 * sides have it.
	 */
	for (i = 0; i < want->n && level_of("diff-other") != LEVEL_OFF; i++) {
		same.want = &want->v[i];
		if (strcmp(same.want->kind, "other") != 0 ||
		    (same.have = listing_find(have, "other", same.want->id)) == NULL ||
		    is_excluded(same.want, want))
			continue;
		add_finding(out, &same, "diff-other", count++, words);
	}
	if (!words->text)
		xbuf_adds(out, count > 0 ? "\n]\n" : "]\n");
	return count;
}
