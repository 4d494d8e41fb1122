/*
 * atlasjson_nolint.c - the comments in a migration that switch findings off.
 *
 * Atlas obeys atlas:nolint and squawk obeys squawk-ignore, each in its own
 * findings. Whoever writes one means the thing and not the linter: so either
 * holds for what all linters say alike, and atlas:nolint for every checker.
 *
 *	-- atlas:nolint [CODE ...]         for the statement it stands at: above
 *	-- squawk-ignore CODE, ...         it, inside, or behind it on its last
 *	                                   line
 *	-- atlas:nolint [CODE ...]         on top of the file, then an empty line:
 *	                                   for all of it
 *	-- squawk-ignore-file [CODE, ...]  anywhere: for the file
 */
#include "atlasjson.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "sqltext.h"

/* Switches off what is in [from, to): a row of codes, or all of them. */
struct ban {
	size_t from, to;
	const char *words;
	size_t len;
	int squawk; /* squawk's own findings are switched off by squawk */
};

struct bans {
	struct ban *v;
	size_t n, cap;
};

/* One file's: those for the file, those of its statements, and where these end. */
struct comments {
	struct bans file, stmts;
	size_t *ends; /* of each statement, with what stands behind it */
	size_t nends, cap;
};

/* What an analyser's name in atlas:nolint stands for. */
static const char *const classes[][2] = {
    {"concurrent_index", "PG"},
    {"condrop", "CD"},
    {"data_depend", "MF"},
    {"destructive", "DS"},
    {"incompatible", "BC"},
    {"naming", "NM"},
};
/* Names of Atlas's analysers whose codes none of the linters here has. */
static const char *const others[] = {"nestedtx", "non_linear", "statement", "all"};

static void
xadd_ban(
    struct bans *b, size_t from, size_t to, const char *words, size_t len, int squawk)
{
	struct ban *ban;

	if (b->n == b->cap) {
		b->cap = b->cap != 0 ? b->cap * 2 : 8;
		b->v = xreallocarray(b->v, b->cap, sizeof *b->v);
	}
	ban = &b->v[b->n++];
	ban->from = from;
	ban->to = to;
	ban->words = words;
	ban->len = len;
	ban->squawk = squawk;
}

/* The end of the comments on top, if an empty line or nothing at all follows them. */
static void
read_top(struct comments *c, const char *p, size_t n)
{
	struct sql_head head;
	const char *nl;
	size_t i, end, from, to;

	xsql_head(&head, p, n);
	for (i = 0; i < head.end && (p[i] == '#' || p[i] == '-'); i = end + 1) {
		nl = memchr(p + i, '\n', n - i);
		from = i;
		to = end = nl != NULL ? (size_t)(nl - p) : n;
		if (sql_ban(p, &from, &to) == SQL_NOLINT)
			xadd_ban(&c->file, 0, n + 1, p + from, to - from, 0);
	}
	sql_head_free(&head);
}

/* What the comment [i, end) of a text of n bytes says of [from, to). */
static void
read_comment(struct comments *c, const char *p, size_t n, size_t i, size_t end,
    size_t from, size_t to)
{
	switch (sql_ban(p, &i, &end)) {
	case SQL_NOLINT:
		if (to > from)
			xadd_ban(&c->stmts, from, to, p + i, end - i, 0);
		break;
	case SQL_SQUAWK:
		if (to > from && end > i)
			xadd_ban(&c->stmts, from, to, p + i, end - i, 1);
		break;
	case SQL_SQUAWK_FILE:
		xadd_ban(&c->file, 0, n + 1, p + i, end - i, 1);
		break;
	default:
		break;
	}
}

/* One pass over the text. Those of statements come out in order. */
static void
read_comments(struct comments *c, const char *p, size_t n)
{
	struct sql_text t;
	struct sql_stmt s;
	struct sql_token tok;
	size_t i, to = 0;

	c->file.n = c->stmts.n = c->nends = 0;
	read_top(c, p, n);
	xsql_open(&t, p, n, 1);
	while (xsql_next(&t, &s)) {
		/* One without an end reaches to the text's. */
		to = s.to == n && p[s.end - 1] != ';' ? n + 1 : s.to;
		for (i = 0; i < s.ncomments; i++) {
			const struct sql_comment *x = &s.comment[i];

			if (x->place == SQL_BEFORE && x->apart)
				read_comment(c, p, n, x->from, x->to, 0, 0);
			else
				read_comment(c, p, n, x->from, x->to, s.from, to);
		}
		if (c->nends == c->cap) {
			c->cap = c->cap != 0 ? c->cap * 2 : 64;
			c->ends = xreallocarray(c->ends, c->cap, sizeof *c->ends);
		}
		c->ends[c->nends++] = to;
	}
	sql_close(&t);
	/* What stands below the last statement. */
	for (i = to; i < n; i = tok.to) {
		sql_token(p, n, i, &tok);
		if (tok.type == SQL_COMMENT)
			read_comment(c, p, n, tok.from, tok.to, 0, 0);
	}
}

static void
free_comments(struct comments *c)
{
	free(c->file.v);
	free(c->stmts.v);
	free(c->ends);
}

static int
is_blank(int c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ',';
}

/* The next word of a row of codes, or 0. */
static int
next_word(const char **p, const char *end, const char **word, size_t *n)
{
	while (*p < end && is_blank(**p))
		(*p)++;
	for (*word = *p; *p < end && !is_blank(**p); (*p)++)
		continue;
	*n = (size_t)(*p - *word);
	return *n > 0;
}

static int
is_word(const char *word, size_t n, const char *s)
{
	return strlen(s) == n && memcmp(word, s, n) == 0;
}

/* Is the word, of n bytes, the code or its class? */
static int
names_code(const char *word, size_t n, const char *code)
{
	size_t i;

	if (is_word(word, n, code))
		return 1;
	for (i = 0; i < sizeof classes / sizeof classes[0]; i++)
		if (is_word(word, n, classes[i][0]))
			return strncmp(code, classes[i][1], 2) == 0 &&
			    strspn(code + 2, "0123456789") == strlen(code + 2);
	return 0;
}

static int
bans_code(const struct ban *b, const char *code)
{
	const char *p = b->words, *word, *twin;
	size_t n, t;

	if (b->len == 0)
		return 1;
	while (next_word(&p, b->words + b->len, &word, &n)) {
		if (names_code(word, n, code))
			return 1;
		for (t = 0; (twin = twin_code(code, t)) != NULL; t++)
			if (names_code(word, n, twin))
				return 1;
	}
	return 0;
}

static int
is_banned(const struct ban *b, const struct finding *f)
{
	return b->from <= f->off && f->off < b->to &&
	    !(b->squawk && f->origin == FROM_OTHER) && bans_code(b, f->code);
}

/*
 * The findings are in order of their files; in a file first those that came with
 * an offset, then those with a line, each in order. So are the bans.
 */
void
drop_nolint(struct report *r)
{
	struct comments c = {{NULL, 0, 0}, {NULL, 0, 0}, NULL, 0, 0};
	const struct source *src = NULL;
	struct finding *f;
	size_t i, k, first = 0, off = 0;

	for (i = 0; i < r->nfindings; i++) {
		f = &r->findings[i];
		if (!f->lint || !f->placed)
			continue;
		if (f->src != src) {
			src = f->src;
			read_comments(&c, src->text, src->len);
			first = 0;
		}
		if (f->off < off)
			first = 0;
		off = f->off;
		for (k = 0; k < c.file.n; k++)
			if (is_banned(&c.file.v[k], f))
				f->level = LEVEL_OFF;
		while (first < c.stmts.n && c.stmts.v[first].to <= f->off)
			first++;
		for (k = first; k < c.stmts.n && c.stmts.v[k].from <= f->off; k++)
			if (is_banned(&c.stmts.v[k], f))
				f->level = LEVEL_OFF;
	}
	free_comments(&c);
}

/* Likewise in order. What stands between two statements belongs to the second. */
void
number_statements(struct report *r)
{
	struct comments c = {{NULL, 0, 0}, {NULL, 0, 0}, NULL, 0, 0};
	const struct source *src = NULL;
	struct finding *f;
	size_t i, k = 0;

	for (i = 0; i < r->nfindings; i++) {
		f = &r->findings[i];
		if (!f->placed)
			continue;
		if (f->src != src) {
			src = f->src;
			read_comments(&c, src->text, src->len);
			k = 0;
		}
		if (k > 0 && f->off < c.ends[k - 1])
			k = 0;
		while (k < c.nends && c.ends[k] <= f->off)
			k++;
		f->nth_stmt = k;
	}
	free_comments(&c);
}

/* ---- codes that nobody has ---- */

/* Two or three capitals and digits: one of Atlas's, whatever its version. */
static int
looks_atlas(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && isupper((unsigned char)p[i]))
		i++;
	if (i < 2 || i > 3)
		return 0;
	while (i < n && isdigit((unsigned char)p[i]))
		i++;
	return i == n;
}

static int
is_known(const char *word, size_t n)
{
	size_t i;

	for (i = 0; i < sizeof classes / sizeof classes[0]; i++)
		if (is_word(word, n, classes[i][0]))
			return 1;
	for (i = 0; i < sizeof others / sizeof others[0]; i++)
		if (is_word(word, n, others[i]))
			return 1;
	return looks_atlas(word, n) || is_rule(word, n);
}

static void
tell_words(struct report *r, struct source *src, const struct bans *b)
{
	const char *p, *word, *end;
	struct finding *f;
	size_t i, n;

	for (i = 0; i < b->n; i++) {
		p = b->v[i].words;
		end = p + b->v[i].len;
		/* squawk reports an unknown code in its own comments itself. */
		while (!b->v[i].squawk && next_word(&p, end, &word, &n)) {
			if (is_known(word, n))
				continue;
			f = add_finding(r, src, "unknown-code",
			    sentence("no linter has a code '%.*s': this comment "
				     "switches nothing off",
				n < 60 ? (int)n : 60, word));
			f->level = level_of("unknown-code", LEVEL_WARNING);
			f->origin = FROM_WATCH;
			f->off = (size_t)(word - src->text);
			f->placed = 1;
			f->help = "the codes are those of lint.levels";
		}
	}
}

/* In the files that were watched: a comment there is meant for this lint. */
void
tell_unknown(struct report *r)
{
	struct comments c = {{NULL, 0, 0}, {NULL, 0, 0}, NULL, 0, 0};
	struct source *src;
	size_t i, n = r->nsources;

	for (i = 0; i < n; i++) {
		src = r->sources[i];
		if (!src->watched || src->text == NULL)
			continue;
		read_comments(&c, src->text, src->len);
		tell_words(r, src, &c.file);
		tell_words(r, src, &c.stmts);
	}
	free_comments(&c);
}
