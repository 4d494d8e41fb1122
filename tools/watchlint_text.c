/* watchlint_text.c - the files of the branch, their statements, and words in them. */
#include "watchlint.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

/* ---- memory that is given back when the tool ends ---- */

void *
xkept(size_t n)
{
	static struct chunk {
		struct chunk *next;
		size_t used, size;
	} *chunks;
	struct chunk *c = chunks;
	size_t size;
	char *p;

	n = (n + 15) & ~(size_t)15;
	if (c == NULL || c->size - c->used < n) {
		size = n > 65536 ? n : 65536;
		c = xmalloc(sizeof *c + 16 + size);
		c->next = chunks;
		c->size = size;
		c->used = 0;
		chunks = c;
	}
	p = (char *)c + ((sizeof *c + 15) & ~(size_t)15) + c->used;
	c->used += n;
	memset(p, 0, n);
	return p;
}

char *
keep_text(const char *s, size_t n)
{
	char *copy = xkept(n + 1);

	memcpy(copy, s, n);
	return copy;
}

char *
vkeep(const char *fmt, va_list ap)
{
	struct buf b = {0};
	char *s;

	xbuf_vaddf(&b, fmt, ap);
	s = keep_text(b.p, b.len);
	buf_free(&b);
	return s;
}

char *
keep(const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = vkeep(fmt, ap);
	va_end(ap);
	return s;
}

/* ---- words ---- */

static void
add_word(struct buf *b, const char *p, const struct sql_token *t)
{
	size_t i;

	if (t->type == SQL_STRING) {
		xbuf_adds(b, "''");
	} else if (t->type == SQL_NAME) {
		/* A name in lower case means the same with and without quotes. */
		int plain = t->to - t->from > 2 && p[t->from] == '"';

		for (i = t->from + 1; plain && i + 1 < t->to; i++)
			plain = islower((unsigned char)p[i]) || p[i] == '_' ||
			    (i > t->from + 1 && isdigit((unsigned char)p[i]));
		for (i = t->from + (size_t)plain; i + (size_t)plain < t->to; i++)
			xbuf_addc(b, (char)(plain ? toupper((unsigned char)p[i]) : p[i]));
	} else {
		for (i = t->from; i < t->to; i++)
			xbuf_addc(b, (char)toupper((unsigned char)p[i]));
	}
	xbuf_addc(b, ' ');
}

int
starts(const struct stmt *s, const char *words)
{
	size_t n = strlen(words);

	return strncmp(s->words + 1, words, n) == 0 && s->words[1 + n] == ' ';
}

int
has_words(const struct stmt *s, const char *words)
{
	const char *p = s->words;
	size_t n = strlen(words);

	while ((p = strstr(p + 1, words)) != NULL)
		if (p[-1] == ' ' && p[n] == ' ')
			return 1;
	return 0;
}

/* Statements that PostgreSQL refuses inside a transaction. */
int
is_alone(const struct stmt *s)
{
	static const char *const words[] = {"CREATE INDEX CONCURRENTLY",
	    "CREATE UNIQUE INDEX CONCURRENTLY", "DROP INDEX CONCURRENTLY", "VACUUM",
	    "CREATE DATABASE", "DROP DATABASE", "CREATE TABLESPACE", "DROP TABLESPACE",
	    "ALTER SYSTEM", "DISCARD ALL", "CREATE SUBSCRIPTION", "DROP SUBSCRIPTION",
	    "REINDEX DATABASE", "REINDEX SYSTEM", "REINDEX SCHEMA"};
	size_t i;

	for (i = 0; i < sizeof words / sizeof words[0]; i++)
		if (starts(s, words[i]))
			return 1;
	if (starts(s, "REINDEX"))
		return has_words(s, "CONCURRENTLY") ||
		    (starts(s, "REINDEX (") &&
			(has_words(s, ") DATABASE") || has_words(s, ") SYSTEM") ||
			    has_words(s, ") SCHEMA")));
	if (starts(s, "ALTER TABLE"))
		return has_words(s, "DETACH PARTITION") && has_words(s, "CONCURRENTLY");
	if (starts(s, "ALTER DATABASE"))
		return has_words(s, "SET TABLESPACE");
	return s->ntok == 1 && starts(s, "CLUSTER");
}

static int
is_control(const struct stmt *s)
{
	static const char *const words[] = {"BEGIN", "START TRANSACTION", "COMMIT", "END",
	    "ROLLBACK", "ABORT", "PREPARE TRANSACTION"};
	size_t i;

	if (has_words(s, "TO"))
		return 0;
	for (i = 0; i < sizeof words / sizeof words[0]; i++)
		if (starts(s, words[i]))
			return 1;
	return 0;
}

/* ---- files ---- */

static void
split(struct file *f)
{
	struct sql_text t;
	struct sql_stmt q;
	struct stmt *s;
	struct buf words = {0};
	size_t i, cap = 0;

	xsql_open(&t, f->text, f->len, 1);
	while (xsql_next(&t, &q)) {
		if (f->n == cap) {
			cap = cap != 0 ? cap * 2 : 16;
			f->v = xreallocarray(f->v, cap, sizeof *f->v);
		}
		s = &f->v[f->n];
		memset(s, 0, sizeof *s);
		s->file = f;
		s->no = f->n++;
		s->kind = q.kind;
		s->start = q.start;
		s->end = q.end;
		s->sql_end = q.sql_end;
		s->line = q.line;
		s->column = q.column;
		s->end_line = q.end_line;
		s->tok = xkept((q.ntok + 1) * sizeof *s->tok);
		memcpy(s->tok, q.tok, q.ntok * sizeof *s->tok);
		s->ntok = q.ntok;
		words.len = 0;
		xbuf_addc(&words, ' ');
		for (i = 0; i < q.ntok; i++)
			add_word(&words, f->text, &q.tok[i]);
		s->words = keep_text(words.p, words.len);
		s->alone = is_alone(s);
		s->control = is_control(s);
	}
	if (t.why != NULL) {
		f->why = t.why;
		f->why_at = t.why_at;
	}
	sql_close(&t);
	buf_free(&words);
}

/* Where transactions begin: the deploy's, or in a file without one its own. */
static void
plan(struct file *f)
{
	size_t i;
	int inside = 0, given = 0;

	for (i = 0; i < f->n; i++) {
		struct stmt *s = &f->v[i];

		s->wrap = !inside && !given && !(f->none && (s->alone || s->control));
		inside |= s->wrap;
		s->inside = inside || given;
		s->begins = s->wrap || (f->none && !given);
		if (!f->none)
			continue;
		inside = 0;
		if (s->control)
			given = starts(s, "BEGIN") || starts(s, "START TRANSACTION");
	}
}

static int
is_none(const struct sql_head *h)
{
	size_t i, n = 0;
	int none = 0;

	for (i = 0; i < h->n; i++) {
		if (h->v[i].name_len != 6 || memcmp(h->v[i].name, "txmode", 6) != 0 ||
		    h->v[i].is_void != SQL_HOLDS)
			continue;
		n++;
		none = h->v[i].value_len == 4 && memcmp(h->v[i].value, "none", 4) == 0;
	}
	return n == 1 && none;
}

void
xread_branch(struct branch *b, char **paths, size_t n, const char *dir)
{
	struct buf text;
	struct file *f;
	const char *base;
	size_t i;

	b->v = xcalloc(n + 1, sizeof *b->v);
	b->n = n;
	for (i = 0; i < n; i++) {
		f = &b->v[i];
		base = strrchr(paths[i], '/');
		f->path = dir == NULL
		    ? paths[i]
		    : keep("%s/%s", dir, base != NULL ? base + 1 : paths[i]);
		memset(&text, 0, sizeof text);
		xread_file(paths[i], &text);
		xbuf_add(&text, "", 0);
		f->text = text.p;
		f->len = text.len;
		xsql_head(&f->head, f->text, f->len);
		f->none = is_none(&f->head);
		split(f);
		plan(f);
	}
}

/* ---- places ---- */

int
same_name(const struct stmt *s, const struct sql_token *t, const char *name)
{
	const char *p = s->file->text + t->from;
	size_t i, n = t->to - t->from, k = strlen(name);

	if (t->type == SQL_WORD) {
		if (n != k)
			return 0;
		for (i = 0; i < n; i++)
			if (tolower((unsigned char)p[i]) != name[i])
				return 0;
		return 1;
	}
	if (t->type != SQL_NAME || *p != '"')
		return 0;
	for (i = 1, k = 0; i + 1 < n; i++, k++) {
		if (p[i] == '"')
			i++;
		if (name[k] != p[i])
			return 0;
	}
	return name[k] == '\0';
}

static int
is_letter(int c)
{
	return isalnum(c) || c == '_' || c == '$' || c >= 0x80;
}

/* Is the name in the text at [p, p + n), as a word, in whatever case? */
static int
text_has(const char *p, size_t n, const char *name)
{
	size_t i, k = strlen(name);

	for (i = 0; k > 0 && i + k <= n; i++)
		if (strncasecmp(p + i, name, k) == 0 &&
		    (i == 0 || !is_letter((unsigned char)p[i - 1])) &&
		    (i + k == n || !is_letter((unsigned char)p[i + k])))
			return 1;
	return 0;
}

/* Does the statement name it, or a string of the statement (the body of a DO)? */
int
mentions(const struct stmt *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->ntok; i++) {
		const struct sql_token *t = &s->tok[i];

		if (same_name(s, t, name) ||
		    (t->type == SQL_STRING &&
			text_has(s->file->text + t->from, t->to - t->from, name)))
			return 1;
	}
	return 0;
}

static int
is_op(const struct stmt *s, size_t i, int c)
{
	return i < s->ntok && s->tok[i].type == SQL_OP &&
	    s->file->text[s->tok[i].from] == c;
}

static int
is_word(const struct stmt *s, size_t i, const char *word)
{
	return i < s->ntok && sql_is(s->file->text, &s->tok[i], word);
}

/* The name, qualified or not, at token i; *next is what follows it. */
const char *
target_name(const struct stmt *s, size_t i, size_t *next)
{
	struct buf b = {0};
	const char *p = s->file->text, *name;
	size_t k;

	for (; i < s->ntok; i++) {
		const struct sql_token *t = &s->tok[i];

		if (t->type == SQL_NAME)
			xbuf_add(&b, p + t->from + 1, t->to - t->from - 2);
		else if (t->type == SQL_WORD)
			for (k = t->from; k < t->to; k++)
				xbuf_addc(&b, (char)tolower((unsigned char)p[k]));
		else
			break;
		i++;
		if (!is_op(s, i, '.'))
			break;
		xbuf_addc(&b, '.');
	}
	if (next != NULL)
		*next = i;
	name = b.len > 0 ? keep_text(b.p, b.len) : NULL;
	buf_free(&b);
	return name != NULL && strncmp(name, "public.", 7) == 0 ? name + 7 : name;
}

/* The token where the clauses of ALTER TABLE begin; 0: it is another statement. */
static size_t
clauses(const struct stmt *s)
{
	size_t i = 1;

	if (!starts(s, "ALTER TABLE") && !starts(s, "ALTER FOREIGN TABLE") &&
	    !starts(s, "ALTER MATERIALIZED VIEW") && !starts(s, "ALTER VIEW"))
		return 0;
	while (i < s->ntok && !is_word(s, i, "TABLE") && !is_word(s, i, "VIEW"))
		i++;
	i++;
	if (is_word(s, i, "IF"))
		i += 2;
	if (is_word(s, i, "ONLY"))
		i++;
	(void)target_name(s, i, &i);
	if (is_op(s, i, '*'))
		i++;
	return i < s->ntok ? i : 0;
}

/* The token where the clause with both begins; s->ntok: there is none. */
static size_t
clause_with(const struct stmt *s, size_t first, const char *name, const char *word)
{
	size_t i, begin = first, depth = 0;
	int named = 0, worded = 0;

	for (i = first; i < s->ntok; i++) {
		if (is_op(s, i, '(') || is_op(s, i, '['))
			depth++;
		else if ((is_op(s, i, ')') || is_op(s, i, ']')) && depth > 0)
			depth--;
		else if (depth == 0 && is_op(s, i, ',')) {
			begin = i + 1;
			named = worded = 0;
		} else {
			named |= same_name(s, &s->tok[i], name);
			worded |= is_word(s, i, word);
		}
		if (named && worded)
			return begin;
	}
	return s->ntok;
}

/* In the body of a DO: the line that has the name and the word, or one of them. */
static size_t
body_place(const struct stmt *s, const char *name, const char *word)
{
	const char *p = s->file->text, *nl;
	size_t i, from, to, best = s->start;
	int rank = 0, here;

	for (i = 0; i < s->ntok && s->tok[i].type != SQL_STRING; i++)
		continue;
	if (i == s->ntok)
		return s->start;
	for (from = s->tok[i].from; from < s->tok[i].to; from = to + 1) {
		nl = memchr(p + from, '\n', s->tok[i].to - from);
		to = nl != NULL ? (size_t)(nl - p) : s->tok[i].to;
		here = (word != NULL && text_has(p + from, to - from, word)) * 2 +
		    (name != NULL && text_has(p + from, to - from, name));
		if (here > rank) {
			rank = here;
			best = from;
		}
	}
	/* What stands on the line of the DO itself begins with it. */
	for (from = s->start; from < best && p[from] != '\n'; from++)
		continue;
	if (from == best)
		return s->start;
	while (p[best] == ' ' || p[best] == '\t')
		best++;
	return best;
}

/*
 * The offset of the clause of an ALTER TABLE that names it, or else has the
 * word; of the name itself in a list; or of the statement.
 */
size_t
place_of(const struct stmt *s, const char *name, const char *word)
{
	size_t first = clauses(s), i, begin = first, pass, depth = 0;

	if (starts(s, "DO"))
		return body_place(s, name, word);
	if (first > 0 && name != NULL && word != NULL &&
	    (i = clause_with(s, first, name, word)) < s->ntok)
		return s->tok[i].from;
	for (pass = 0; pass < 2; pass++) {
		if ((pass == 0 ? name : word) == NULL)
			continue;
		if (first == 0 && pass == 0 &&
		    (starts(s, "CREATE TABLE") || starts(s, "DROP"))) {
			for (i = 1; i < s->ntok; i++)
				if (same_name(s, &s->tok[i], name))
					return s->tok[i].from;
		}
		for (i = begin = first; first > 0 && i < s->ntok; i++) {
			if (is_op(s, i, '(') || is_op(s, i, '['))
				depth++;
			else if ((is_op(s, i, ')') || is_op(s, i, ']')) && depth > 0)
				depth--;
			else if (depth == 0 && is_op(s, i, ','))
				begin = i + 1;
			else if (pass == 0 ? same_name(s, &s->tok[i], name)
					   : is_word(s, i, word))
				return s->tok[begin].from;
		}
	}
	return s->start;
}

size_t
line_place(const struct file *f, size_t line)
{
	const char *p = f->text, *nl;

	for (; line > 1; line--) {
		if ((nl = memchr(p, '\n', f->len - (size_t)(p - f->text))) == NULL)
			break;
		p = nl + 1;
	}
	while (*p == ' ' || *p == '\t')
		p++;
	return (size_t)(p - f->text);
}
