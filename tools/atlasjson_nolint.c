/*
 * atlasjson_nolint.c - the comments in a migration that switch findings off.
 *
 * Atlas obeys atlas:nolint and squawk obeys squawk-ignore, each in its own
 * findings. Who writes one means the thing, not the linter: so either holds
 * for what both say alike, and atlas:nolint for every other checker too.
 *
 *	-- atlas:nolint [CODE ...]         above a statement: for it; on top of
 *	                                   the file, then an empty line: for all
 *	-- squawk-ignore CODE, ...         above or in a statement, or behind it on
 *	                                   its last line: for it
 *	-- squawk-ignore-file [CODE, ...]  for the file
 */
#include "atlasjson.h"

#include <stdlib.h>
#include <string.h>

/* Switches off what is in [from, to): a row of codes, or all of them. */
struct ban {
	size_t from, to;
	const char *words;
	size_t len;
	int squawk; /* squawk saw to its own findings, by line */
};

struct bans {
	struct ban *v;
	size_t n, cap;
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

static int
is_blank(int c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ',';
}

/* Does the text begin with the word? Then step over it and the blanks after. */
static int
take(const char **p, size_t *n, const char *word)
{
	size_t k = strlen(word);

	if (*n < k || memcmp(*p, word, k) != 0 || (*n > k && !is_blank((*p)[k])))
		return 0;
	for (; k < *n && is_blank((*p)[k]); k++)
		continue;
	*p += k;
	*n -= k;
	return 1;
}

/* The inside of a comment, and of it what squawk reads: up to another "--". */
static void
trim_comment(const char **p, size_t *n)
{
	size_t i = **p == '#' ? 1 : 2;

	if (**p == '/' && *n >= 4)
		*n -= 2;
	*p += i;
	*n -= i;
	for (; *n > 0 && is_blank(**p); (*n)--)
		(*p)++;
	for (i = 0; i + 1 < *n; i++)
		if ((*p)[i] == '-' && (*p)[i + 1] == '-')
			*n = i;
	while (*n > 0 && is_blank((*p)[*n - 1]))
		(*n)--;
}

/* The comments on top, if an empty line or nothing at all follows them. */
static void
find_top_bans(struct bans *file, const char *text, size_t len)
{
	const char *p = text, *end = text + len, *nl, *words;
	size_t n;

	while (p < end && (*p == '#' || (end - p >= 2 && memcmp(p, "--", 2) == 0))) {
		nl = memchr(p, '\n', (size_t)(end - p));
		words = p;
		n = (size_t)((nl != NULL ? nl : end) - p);
		trim_comment(&words, &n);
		if (take(&words, &n, "atlas:nolint"))
			xadd_ban(file, 0, len + 1, words, n, 0);
		p = nl != NULL ? nl + 1 : end;
	}
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	if (p < end && *p != '\n')
		file->n = 0;
}

/* The end of what begins at i: a comment, a string, a name, or one byte. */
static size_t
token_end(const char *p, size_t i, size_t n)
{
	size_t k, tag, depth;
	const char *q;

	if (p[i] == '-' && i + 1 < n && p[i + 1] == '-') {
		q = memchr(p + i, '\n', n - i);
		return q != NULL ? (size_t)(q - p) : n;
	}
	if (p[i] == '/' && i + 1 < n && p[i + 1] == '*') {
		depth = 1;
		for (k = i + 2; k + 1 < n; k++)
			if (p[k] == '/' && p[k + 1] == '*') {
				depth++;
				k++;
			} else if (p[k] == '*' && p[k + 1] == '/') {
				k++;
				if (--depth == 0)
					return k + 1;
			}
		return n;
	}
	if (p[i] == '\'' || p[i] == '"') {
		q = memchr(p + i + 1, p[i], n - i - 1);
		return q != NULL ? (size_t)(q - p) + 1 : n;
	}
	if (p[i] == '$') {
		for (k = i + 1; k < n && p[k] != '$' && !is_blank(p[k]) && p[k] != ';' &&
		    p[k] != '\'' && p[k] != '"';
		    k++)
			continue;
		if (k == n || p[k] != '$' ||
		    (k > i + 1 && p[i + 1] >= '0' && p[i + 1] <= '9'))
			return i + 1;
		tag = k + 1 - i;
		for (q = p + k + 1; (size_t)(p + n - q) >= tag; q++) {
			q = memchr(q, '$', (size_t)(p + n - q));
			if (q == NULL || (size_t)(p + n - q) < tag)
				return n;
			if (memcmp(q, p + i, tag) == 0)
				return (size_t)(q - p) + tag;
		}
		return n;
	}
	return i + 1;
}

/* One pass over the text. Those of statements come out in order. */
static void
find_bans(struct bans *file, struct bans *stmts, const char *p, size_t n)
{
	size_t i, k, end, len, start = 0, open = 0; /* open: of the statement at hand */
	size_t done = 0; /* where the one before ended, on this line */
	int in_stmt = 0, newlines = 0;
	const char *words;

	file->n = stmts->n = 0;
	find_top_bans(file, p, n);
	for (i = 0; i < n; i = end) {
		end = token_end(p, i, n);
		if (end - i > 1 && (p[i] == '-' || p[i] == '/')) {
			words = p + i;
			len = end - i;
			trim_comment(&words, &len);
			if (take(&words, &len, "squawk-ignore-file"))
				xadd_ban(file, 0, n + 1, words, len, 1);
			else if (take(&words, &len, "squawk-ignore")) {
				if (len > 0 && done > 0 && open == stmts->n) {
					xadd_ban(stmts, start, done, words, len, 1);
					open = stmts->n;
				}
				if (len > 0)
					xadd_ban(stmts, in_stmt ? start : i, n + 1, words,
					    len, 1);
			} else if (!in_stmt && take(&words, &len, "atlas:nolint"))
				xadd_ban(stmts, i, n + 1, words, len, 0);
			newlines = 0;
		} else if (p[i] == '\n') {
			done = 0;
			/* An empty line parts a comment from the statement. */
			if (++newlines == 2 && !in_stmt)
				stmts->n = open;
		} else if (!is_blank(p[i])) {
			newlines = 0;
			if (!in_stmt)
				start = i;
			in_stmt = p[i] != ';';
			for (k = open; !in_stmt && k < stmts->n; k++)
				stmts->v[k].to = end;
			if (!in_stmt)
				open = stmts->n;
			done = in_stmt ? 0 : end;
		}
	}
}

/* Is the word, of n bytes, the code or its class? */
static int
names_code(const char *word, size_t n, const char *code)
{
	size_t i;

	if (strlen(code) == n && memcmp(word, code, n) == 0)
		return 1;
	for (i = 0; i < sizeof classes / sizeof classes[0]; i++)
		if (strlen(classes[i][0]) == n && memcmp(word, classes[i][0], n) == 0)
			return strncmp(code, classes[i][1], 2) == 0 &&
			    strspn(code + 2, "0123456789") == strlen(code + 2);
	return 0;
}

static int
bans_code(const struct ban *b, const char *code)
{
	const char *p = b->words, *end = p + b->len, *word, *twin;
	size_t n, t;

	if (b->len == 0)
		return 1;
	while (p < end) {
		for (word = p; p < end && !is_blank(*p); p++)
			continue;
		n = (size_t)(p - word);
		if (n > 0 && names_code(word, n, code))
			return 1;
		for (t = 0; n > 0 && (twin = twin_code(code, t)) != NULL; t++)
			if (names_code(word, n, twin))
				return 1;
		while (p < end && is_blank(*p))
			p++;
	}
	return 0;
}

static int
is_banned(const struct ban *b, const struct finding *f)
{
	return b->from <= f->off && f->off < b->to && !(b->squawk && f->other) &&
	    bans_code(b, f->code);
}

/*
 * The findings are in order of their files; in a file first those that came with
 * an offset, then those with a line, each in order. So are the bans.
 */
void
drop_nolint(struct report *r)
{
	struct bans file = {0}, stmts = {0};
	const struct source *src = NULL;
	struct finding *f;
	size_t i, k, first = 0, off = 0;

	for (i = 0; i < r->nfindings; i++) {
		f = &r->findings[i];
		if (!f->lint || !f->placed)
			continue;
		if (f->src != src) {
			src = f->src;
			find_bans(&file, &stmts, src->text, src->len);
			first = 0;
		}
		if (f->off < off)
			first = 0;
		off = f->off;
		for (k = 0; k < file.n; k++)
			if (is_banned(&file.v[k], f))
				f->level = LEVEL_OFF;
		while (first < stmts.n && stmts.v[first].to <= f->off)
			first++;
		for (k = first; k < stmts.n && stmts.v[k].from <= f->off; k++)
			if (is_banned(&stmts.v[k], f))
				f->level = LEVEL_OFF;
	}
	free(file.v);
	free(stmts.v);
}
