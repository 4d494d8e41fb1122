/* sqltext.c - see sqltext.h. */
#include "sqltext.h"

#include <stdlib.h>
#include <string.h>

/* ---- bytes ---- */

static int
is_space(int c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static int
is_line_end(int c)
{
	return c == '\n' || c == '\r';
}

static int
is_digit(int c)
{
	return c >= '0' && c <= '9';
}

/* What a word starts with: each byte above ASCII is a letter to PostgreSQL. */
static int
is_start(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c < 0 ||
	    c >= 0x80;
}

static int
upper(int c)
{
	return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c;
}

static size_t
find(const char *p, size_t n, size_t i, int c)
{
	const char *q = memchr(p + i, c, n - i);

	return q != NULL ? (size_t)(q - p) : n;
}

/* ---- tokens ---- */

static size_t
line_comment_end(const char *p, size_t n, size_t i)
{
	while (i < n && !is_line_end(p[i]))
		i++;
	return i;
}

static int
starts(const char *p, size_t n, size_t i, const char two[2])
{
	return n - i >= 2 && p[i] == two[0] && p[i + 1] == two[1];
}

/* From i, inside of a comment in slash-stars: these nest. */
static size_t
block_comment_end(const char *p, size_t n, size_t i, int *open)
{
	size_t depth = 1;

	while (i < n) {
		if (starts(p, n, i, "/*")) {
			depth++;
			i += 2;
		} else if (starts(p, n, i, "*/")) {
			i += 2;
			if (--depth == 0)
				return i;
		} else
			i++;
	}
	*open = 1;
	return n;
}

/* From i, inside of the quotes. A doubled quote is a part of the text. */
static size_t
quote_end(const char *p, size_t n, size_t i, int quote, int escapes, int *open)
{
	while (i < n) {
		if (escapes && p[i] == '\\')
			i += 2;
		else if (p[i] != quote)
			i++;
		else if (n - i >= 2 && p[i + 1] == quote)
			i += 2;
		else
			return i + 1;
	}
	*open = 1;
	return n;
}

/*
 * A string goes on in the next quotes when only white space with a line end,
 * and comments, are between. Returns the offset after that quote, or 0.
 */
static size_t
continued(const char *p, size_t n, size_t i)
{
	int lines = 0;

	for (; i < n; i++) {
		if (starts(p, n, i, "--")) {
			i = line_comment_end(p, n, i);
			if (i == n)
				return 0;
		}
		if (is_line_end(p[i]))
			lines = 1;
		else if (!is_space(p[i]))
			return lines && p[i] == '\'' ? i + 1 : 0;
	}
	return 0;
}

static size_t
string_end(const char *p, size_t n, size_t i, int escapes, int *open)
{
	size_t next;

	while ((i = quote_end(p, n, i, '\'', escapes, open)) < n &&
	    (next = continued(p, n, i)) != 0)
		i = next;
	return i;
}

/* $tag$ at i? Returns the length of it, or 0. */
static size_t
dollar_tag(const char *p, size_t n, size_t i)
{
	size_t k = i + 1;

	if (k < n && is_start(p[k]))
		while (k < n && (is_start(p[k]) || is_digit(p[k])))
			k++;
	return k < n && p[k] == '$' ? k + 1 - i : 0;
}

static size_t
dollar_end(const char *p, size_t n, size_t i, size_t tag, int *open)
{
	size_t k;

	for (k = i + tag; (k = find(p, n, k, '$')) < n; k++)
		if (n - k >= tag && memcmp(p + k, p + i, tag) == 0)
			return k + tag;
	*open = 1;
	return n;
}

/*
 * A number, and a word right behind it, in which a $ begins no string as it does
 * behind digits alone: 2..a$$b, and 1e5$$a string$$. An exponent is no word.
 */
static size_t
number_end(const char *p, size_t n, size_t i)
{
	int word = 0;

	for (; i < n; i++) {
		if (p[i] == '.')
			word = 0;
		else if (is_start(p[i]))
			word = word || upper((unsigned char)p[i]) != 'E' || i + 1 == n ||
			    !is_digit(p[i + 1]);
		else if (!is_digit(p[i]) && !(word && p[i] == '$'))
			break;
	}
	return i;
}

static void
word_or_quote(const char *p, size_t n, size_t i, struct sql_token *t)
{
	int c = upper((unsigned char)p[i]), next = i + 1 < n ? p[i + 1] : 0;

	/* These letters belong to the quote only when they touch it. */
	if (next == '\'' && (c == 'E' || c == 'B' || c == 'X' || c == 'N')) {
		t->type = SQL_STRING;
		t->to = string_end(p, n, i + 2, c == 'E', &t->open);
		return;
	}
	if (c == 'U' && next == '&' && i + 2 < n && p[i + 2] == '\'') {
		t->type = SQL_STRING;
		t->to = string_end(p, n, i + 3, 0, &t->open);
		return;
	}
	if (c == 'U' && next == '&' && i + 2 < n && p[i + 2] == '"') {
		t->type = SQL_NAME;
		t->to = quote_end(p, n, i + 3, '"', 0, &t->open);
		return;
	}
	t->type = SQL_WORD;
	/* A '$' inside belongs to the word: a$b$ opens no string. */
	while (i < n && (is_start(p[i]) || is_digit(p[i]) || p[i] == '$'))
		i++;
	t->to = i;
}

void
sql_token(const char *p, size_t n, size_t i, struct sql_token *t)
{
	size_t tag;

	while (i < n && is_space(p[i]))
		i++;
	t->type = SQL_OP;
	t->from = i;
	t->to = i + 1;
	t->open = 0;
	if (i >= n) {
		t->type = SQL_END;
		t->from = t->to = n;
	} else if (starts(p, n, i, "--")) {
		t->type = SQL_COMMENT;
		t->to = line_comment_end(p, n, i);
	} else if (starts(p, n, i, "/*")) {
		t->type = SQL_COMMENT;
		t->to = block_comment_end(p, n, i + 2, &t->open);
	} else if (p[i] == '\'') {
		t->type = SQL_STRING;
		t->to = string_end(p, n, i + 1, 0, &t->open);
	} else if (p[i] == '"') {
		t->type = SQL_NAME;
		t->to = quote_end(p, n, i + 1, '"', 0, &t->open);
	} else if (p[i] == '$' && (tag = dollar_tag(p, n, i)) != 0) {
		t->type = SQL_STRING;
		t->to = dollar_end(p, n, i, tag, &t->open);
	} else if (is_digit(p[i]) || (p[i] == '$' && i + 1 < n && is_digit(p[i + 1]))) {
		t->type = SQL_NUMBER;
		t->to = number_end(p, n, i + 1);
	} else if (is_start(p[i]))
		word_or_quote(p, n, i, t);
}

int
sql_is(const char *p, const struct sql_token *t, const char *word)
{
	size_t i, n = t->to - t->from;

	if (t->type != SQL_WORD)
		return 0;
	for (i = 0; i < n && word[i] != '\0'; i++)
		if (upper((unsigned char)p[t->from + i]) != word[i])
			return 0;
	return i == n && word[i] == '\0';
}

/* ---- statements ---- */

static const char open_comment[] = "a comment that is never closed";

static size_t
bom_len(const char *p, size_t n)
{
	return n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

void
xsql_open(struct sql_text *t, const char *p, size_t n, int atlas)
{
	struct sql_head h = {0};
	const char *v;
	size_t i;

	memset(t, 0, sizeof *t);
	t->p = p;
	t->n = t->stop = t->next = n;
	t->at = t->seen = bom_len(p, n);
	t->line = t->column = 1;
	if (!atlas)
		return;
	xsql_head(&h, p, n);
	for (i = 0; i < h.n; i++) {
		v = h.v[i].value;
		if (h.v[i].is_void != SQL_HOLDS || h.v[i].name_len != 9 ||
		    memcmp(h.v[i].name, "delimiter", 9) != 0)
			continue;
		/* Atlas knows \n, \r and \t in it. */
		t->delim = xmalloc(h.v[i].value_len + 1);
		for (; v < h.v[i].value + h.v[i].value_len; v++) {
			if (*v == '\\' && v + 1 < h.v[i].value + h.v[i].value_len &&
			    strchr("nrt", v[1]) != NULL && v[1] != '\0') {
				v++;
				t->delim[t->delim_len++] = *v == 'n' ? '\n'
				    : *v == 'r'                      ? '\r'
								     : '\t';
			} else
				t->delim[t->delim_len++] = *v;
		}
		t->at = t->stop = t->next = xsql_delimiter_line(p, n);
	}
	sql_head_free(&h);
}

void
sql_close(struct sql_text *t)
{
	free(t->delim);
	free(t->tok);
	free(t->comment);
	memset(t, 0, sizeof *t);
}

static void
trouble(struct sql_text *t, size_t at, const char *why)
{
	if (t->why != NULL)
		return;
	t->why = why;
	t->why_at = at;
}

/*
 * With a delimiter of its own the file is first cut at that, the way Atlas
 * does: outside of parentheses, quotes and comments, but inside of words too.
 * What starts with it is the delimiter, even where it looks like a comment.
 */
static void
find_chunk(struct sql_text *t)
{
	const char *p = t->p;
	size_t i = t->next, k, depth = 0;
	struct sql_token tok;
	int begun = 0;

	t->at = i;
	t->counted = 0;
	while (i < t->n) {
		if (is_space(p[i]) && !begun) {
			i++;
			continue;
		}
		if (depth == 0 && p[i] != '(' && p[i] != ')' && p[i] != '\'' &&
		    p[i] != '"' && t->n - i >= t->delim_len &&
		    memcmp(p + i, t->delim, t->delim_len) == 0)
			break;
		if (is_space(p[i])) {
			i++;
			continue;
		}
		sql_token(p, t->n, i, &tok);
		/* Its line end belongs to the comment for Atlas. */
		if (tok.type == SQL_COMMENT && p[i] == '-')
			tok.to += tok.to < t->n;
		begun |= tok.type != SQL_COMMENT;
		if (p[i] == '(')
			depth++;
		else if (p[i] == ')' && depth > 0)
			depth--;
		for (k = i + 1; tok.type == SQL_WORD || tok.type == SQL_NUMBER; k++)
			if (k == tok.to ||
			    (depth == 0 && t->n - k >= t->delim_len &&
				memcmp(p + k, t->delim, t->delim_len) == 0))
				break;
		i = tok.type == SQL_WORD || tok.type == SQL_NUMBER ? k : tok.to;
	}
	t->stop = i;
	t->next = i < t->n ? i + t->delim_len : i;
}

static void
add_token(struct sql_text *t, const struct sql_token *tok)
{
	if (t->ntok == t->tok_cap) {
		t->tok_cap = t->tok_cap != 0 ? t->tok_cap * 2 : 64;
		t->tok = xreallocarray(t->tok, t->tok_cap, sizeof *t->tok);
	}
	t->tok[t->ntok++] = *tok;
}

static void
add_comment(struct sql_text *t, const struct sql_token *tok, enum sql_place place)
{
	struct sql_comment *c;

	if (t->ncomments == t->comment_cap) {
		t->comment_cap = t->comment_cap != 0 ? t->comment_cap * 2 : 16;
		t->comment = xreallocarray(t->comment, t->comment_cap, sizeof *c);
	}
	c = &t->comment[t->ncomments++];
	c->from = tok->from;
	c->to = tok->to;
	c->place = place;
	c->apart = 0;
}

/* Count lines and columns up to the offset. */
static void
count_to(struct sql_text *t, size_t to)
{
	for (; t->seen < to; t->seen++) {
		if (t->p[t->seen] == '\n') {
			t->line++;
			t->column = 1;
		} else if (((unsigned char)t->p[t->seen] & 0xc0) != 0x80)
			t->column++;
	}
}

/* Has [i, to) an empty line, besides the end of the line that it starts in? */
static int
has_empty_line(const char *p, size_t i, size_t to)
{
	size_t lines = 0;

	for (; i < to; i++)
		lines += p[i] == '\n';
	return lines > 1;
}

/* Comments that an empty line parts from the statement are not about it. */
static void
mark_apart(struct sql_text *t, size_t start)
{
	size_t i, next = start;
	int apart = 0;

	for (i = t->ncomments; i-- > 0;) {
		if (t->comment[i].place != SQL_BEFORE)
			continue;
		apart |= has_empty_line(t->p, t->comment[i].to, next);
		t->comment[i].apart = apart;
		next = t->comment[i].from;
	}
}

/* The end of the line that i stands in, without and with its line end. */
static size_t
line_stop(const struct sql_text *t, size_t i)
{
	size_t k = find(t->p, t->stop, i, '\n');

	return k > i && k < t->stop && t->p[k - 1] == '\r' ? k - 1 : k;
}

static size_t
after_line(const struct sql_text *t, size_t i)
{
	i = find(t->p, t->stop, i, '\n');
	return i < t->stop ? i + 1 : i;
}

/*
 * The comments after a statement on its last line, when nothing else is there.
 * Returns where the next statement's range starts.
 */
static size_t
take_after(struct sql_text *t, size_t end)
{
	struct sql_token tok;
	size_t i = end, n = t->ncomments;

	for (;; i = tok.to) {
		sql_token(t->p, t->stop, i, &tok);
		if (tok.type == SQL_END || memchr(t->p + i, '\n', tok.from - i) != NULL)
			return after_line(t, i);
		if (tok.type != SQL_COMMENT) {
			/* Another statement: they stand before that. */
			t->ncomments = n;
			return end;
		}
		if (tok.open)
			trouble(t, tok.from, open_comment);
		add_comment(t, &tok, SQL_AFTER);
	}
}

/* Is nothing left from i on but comments and empty statements? */
static int
is_last(const struct sql_text *t, size_t i)
{
	struct sql_token tok;

	do {
		sql_token(t->p, t->stop, i, &tok);
		i = tok.to;
	} while ((tok.type == SQL_COMMENT && !tok.open) ||
	    (tok.type == SQL_OP && t->p[tok.from] == ';'));
	return tok.type == SQL_END;
}

/* CREATE [OR REPLACE] FUNCTION or PROCEDURE: one with a body of statements? */
static int
is_routine(const struct sql_text *t)
{
	const struct sql_token *k = t->tok;
	size_t i = 1;

	if (t->ntok < 3 || !sql_is(t->p, &k[0], "CREATE"))
		return 0;
	if (sql_is(t->p, &k[1], "OR") && sql_is(t->p, &k[2], "REPLACE"))
		i = 3;
	return i < t->ntok &&
	    (sql_is(t->p, &k[i], "FUNCTION") || sql_is(t->p, &k[i], "PROCEDURE"));
}

/*
 * How many of BEGIN ATOMIC and CASE are open after this word. An END or CASE
 * after AS or a '.' is a name.
 */
static size_t
count_blocks(const struct sql_text *t, size_t blocks, const struct sql_token *word)
{
	const struct sql_token *before = t->ntok > 0 ? &t->tok[t->ntok - 1] : NULL;

	if (before == NULL)
		return 0;
	if (blocks == 0)
		return sql_is(t->p, word, "ATOMIC") && sql_is(t->p, before, "BEGIN") &&
		    is_routine(t);
	if (sql_is(t->p, before, "AS") ||
	    (before->type == SQL_OP && t->p[before->from] == '.'))
		return blocks;
	if (sql_is(t->p, word, "CASE"))
		return blocks + 1;
	return blocks - (size_t)sql_is(t->p, word, "END");
}

/* After the ';' of COPY ... FROM stdin: where the line "\." ends. */
static size_t
copy_end(struct sql_text *t, size_t i)
{
	struct sql_token tok;
	size_t k, end;

	sql_token(t->p, line_stop(t, i), i, &tok);
	if (tok.type != SQL_END && tok.type != SQL_COMMENT)
		trouble(t, tok.from,
		    "the rest of the line after COPY ... FROM stdin stands before its "
		    "data; fix: put it on a line of its own");
	for (i = after_line(t, i); i < t->stop; i = after_line(t, i)) {
		k = i;
		end = line_stop(t, i);
		if (end - k == 2 && t->p[k] == '\\' && t->p[k + 1] == '.')
			return end;
	}
	return t->stop;
}

/* psql's commands that send what was typed up to them. */
static int
sends(const char *p, size_t n)
{
	static const char *const names[] = {"crosstabview", "watch"};
	size_t i, k;

	if (n > 1 && p[1] == 'g')
		return 1;
	for (i = 0; i < 2; i++) {
		k = strlen(names[i]);
		if (n > k && memcmp(p + 1, names[i], k) == 0)
			return 1;
	}
	return 0;
}

/* One statement of [t->at, t->stop) without its comments. 0: there is none. */
static int
scan(struct sql_text *t, struct sql_stmt *s)
{
	struct sql_token tok;
	size_t i = t->at, depth = 0, paren = 0, blocks = 0, k;
	int stdin_after = 0, copy = 0; /* FROM was the last word */

	s->kind = SQL_PLAIN;
	for (;; i = tok.to) {
		sql_token(t->p, t->stop, i, &tok);
		if (tok.open)
			trouble(t, tok.from,
			    tok.type == SQL_COMMENT ? open_comment
				: tok.type == SQL_NAME
				? "a name in quotes that are never closed"
				: "a string that is never closed");
		if (tok.type == SQL_END)
			break;
		if (tok.type == SQL_COMMENT) {
			add_comment(t, &tok, t->ntok == 0 ? SQL_BEFORE : SQL_INSIDE);
			continue;
		}
		k = tok.type == SQL_OP ? (size_t)(unsigned char)t->p[tok.from] : 0;
		if (k == ';' && depth == 0 && blocks == 0) {
			if (t->ntok == 0)
				continue;
			s->end = s->sql_end = tok.to;
			if (copy) {
				s->kind = SQL_COPY;
				s->end = copy_end(t, tok.to);
			}
			return 1;
		}
		if (k == '\\' && t->ntok > 0 && t->stop - tok.to > 0 &&
		    t->p[tok.to] == ';') {
			tok.to++;
			s->kind = SQL_PSQL;
		} else if (k == '\\') {
			tok.to = line_stop(t, tok.from);
			add_token(t, &tok);
			if (t->ntok == 1 || sends(t->p + tok.from, tok.to - tok.from)) {
				s->kind = SQL_PSQL;
				s->end = s->sql_end = tok.to;
				return 1;
			}
			s->kind = SQL_PSQL;
			continue;
		}
		if (k == '(') {
			if (depth++ == 0)
				paren = tok.from;
		} else if (k == ')' && depth > 0)
			depth--;
		if (tok.type == SQL_WORD)
			blocks = count_blocks(t, blocks, &tok);
		if (depth == 0 && stdin_after && sql_is(t->p, &tok, "STDIN"))
			copy = sql_is(t->p, &t->tok[0], "COPY");
		stdin_after = sql_is(t->p, &tok, "FROM");
		add_token(t, &tok);
	}
	if (t->ntok == 0)
		return 0;
	/* The comments after its last token are after it. */
	while (t->ncomments > 0 &&
	    t->comment[t->ncomments - 1].from >= t->tok[t->ntok - 1].to)
		t->ncomments--;
	if (depth > 0)
		trouble(t, paren, "a parenthesis that is never closed");
	if (blocks > 0)
		trouble(t, t->tok[0].from, "a BEGIN ATOMIC without its END");
	s->end = s->sql_end = t->tok[t->ntok - 1].to;
	if (copy)
		s->kind = SQL_COPY;
	return 1;
}

/*
 * After the last statement of a chunk: where the next range starts. With the
 * delimiter goes the rest of its line when that is empty; and all that is left
 * when there is no statement in it.
 */
static size_t
after_chunk(const struct sql_text *t)
{
	struct sql_text ahead = *t;
	size_t i, next = t->next;

	for (i = next; i < t->n && t->p[i] != '\n' && is_space(t->p[i]); i++)
		continue;
	if (i < t->n && t->p[i] == '\n')
		next = i + 1;
	for (ahead.next = next; ahead.next < t->n;) {
		find_chunk(&ahead);
		if (!is_last(&ahead, ahead.at))
			return next;
	}
	return t->n;
}

int
xsql_next(struct sql_text *t, struct sql_stmt *s)
{
	t->ntok = t->ncomments = 0;
	memset(s, 0, sizeof *s);
	while (!scan(t, s)) {
		t->at = t->stop;
		if (t->delim == NULL || t->next >= t->n)
			return 0;
		t->ntok = t->ncomments = 0;
		find_chunk(t);
	}
	if (t->delim == NULL || !t->counted)
		t->number++;
	t->counted = 1;
	s->number = t->number;
	s->from = t->from;
	s->start = t->tok[0].from;
	mark_apart(t, s->start);
	count_to(t, s->start);
	s->line = t->line;
	s->column = t->column;
	count_to(t, s->end - 1);
	s->end_line = t->line;
	t->at = s->to = take_after(t, s->end);
	if (is_last(t, t->at)) {
		t->at = s->to = t->stop;
		if (t->delim != NULL)
			s->to = t->next = after_chunk(t);
	}
	t->from = s->to;
	s->tok = t->tok;
	s->ntok = t->ntok;
	s->comment = t->comment;
	s->ncomments = t->ncomments;
	return 1;
}

/* ---- directives ---- */

static int
is_word_byte(int c)
{
	return is_digit(c) || c == '_' || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z');
}

/* Atlas: ^([ -~]*)atlas:(\w+)(?: +(.+))* in one line. */
int
sql_directive(const char *p, size_t n, struct sql_directive *d)
{
	size_t run = 0, i;

	memset(d, 0, sizeof *d);
	while (run < n && p[run] >= ' ' && p[run] <= '~')
		run++;
	for (i = run; i-- > 0;)
		if (p[i] == 'a' && run - i > 6 && memcmp(p + i, "atlas:", 6) == 0 &&
		    is_word_byte(p[i + 6]))
			break;
	if (i == (size_t)-1)
		return 0;
	d->name = p + i + 6;
	for (i += 6; i < n && is_word_byte(p[i]); i++)
		d->name_len++;
	d->value = p + i;
	if (i == n || p[i] != ' ')
		return 1;
	/* The last of the blanks may be the value itself. */
	while (i < n && p[i] == ' ')
		i++;
	if (i == n && p + n - d->value < 2)
		return 1;
	d->value = i == n ? p + n - 1 : p + i;
	d->value_len = (size_t)(p + n - d->value);
	return 1;
}

static int
named(const struct sql_directive *d, const char *name)
{
	return d->name_len == strlen(name) && memcmp(d->name, name, d->name_len) == 0;
}

static void
add_directive(struct sql_head *h, const struct sql_directive *d)
{
	h->v = xreallocarray(h->v, h->n + 1, sizeof *h->v);
	h->v[h->n++] = *d;
}

/* Two directives count on the first line only, and need no empty line. */
static int
is_special(const struct sql_directive *d)
{
	return named(d, "sum") || named(d, "delimiter");
}

/* The first line, as it is: p and n are without the byte order mark. */
static void
first_line(struct sql_head *h, const char *p, size_t n, int bom)
{
	struct sql_directive d;
	size_t end = find(p, n, 0, '\n');

	if (!sql_directive(p, end, &d) || !is_special(&d))
		return;
	d.line = 1;
	/* Exactly after "-- ", else Atlas does not see this one. */
	if (named(&d, "delimiter") && (d.name - p != 9 || memcmp(p, "-- ", 3) != 0))
		return;
	if (d.value_len == 0)
		d.is_void = SQL_VOID_EMPTY;
	else if (bom)
		d.is_void = SQL_VOID_BOM;
	else if (d.value[d.value_len - 1] == '\r')
		d.is_void = SQL_VOID_CR;
	h->sum_ignore = d.is_void == SQL_HOLDS && named(&d, "sum") && d.value_len == 6 &&
	    memcmp(d.value, "ignore", 6) == 0;
	add_directive(h, &d);
}

void
xsql_head(struct sql_head *h, const char *p, size_t n)
{
	struct sql_directive d;
	enum sql_void why = SQL_HOLDS;
	size_t i, to, nl, line = 1, first, bom = bom_len(p, n);

	memset(h, 0, sizeof *h);
	first_line(h, p + bom, n - bom, bom != 0);
	first = h->n;
	for (i = bom; i < n && (p[i] == '#' || starts(p, n, i, "--")); line++) {
		nl = find(p, n, i, '\n');
		for (to = nl; to > i && is_space(p[to - 1]); to--)
			continue;
		if (sql_directive(p + i, to - i, &d) &&
		    !(line == 1 && first != 0 && is_special(&d))) {
			d.line = line;
			if (is_special(&d))
				d.is_void = SQL_VOID_FIRST;
			add_directive(h, &d);
		}
		if (nl == n)
			why = SQL_VOID_END;
		i = nl < n ? nl + 1 : n;
	}
	while (i < n && (p[i] == ' ' || p[i] == '\t'))
		i++;
	if (bom != 0)
		why = SQL_VOID_BOM;
	else if (why == SQL_HOLDS && i < n && p[i] != '\n')
		why = p[i] == '\r' ? SQL_VOID_CRLF : SQL_VOID_LINE;
	if (why == SQL_HOLDS && line > 1)
		h->end = i < n ? i + 1 : n;
	for (i = first; i < h->n; i++)
		if (h->v[i].is_void == SQL_HOLDS)
			h->v[i].is_void = why;
}

void
sql_head_free(struct sql_head *h)
{
	free(h->v);
	memset(h, 0, sizeof *h);
}

size_t
xsql_delimiter_line(const char *p, size_t n)
{
	struct sql_head h;
	size_t i, end = 0;

	xsql_head(&h, p, n);
	for (i = 0; i < h.n && end == 0; i++)
		if (h.v[i].is_void == SQL_HOLDS && named(&h.v[i], "delimiter"))
			end = find(p, n, 0, '\n');
	sql_head_free(&h);
	return end + (end > 0 && end < n);
}

/* ---- comments that switch findings off ---- */

static int
is_blank(int c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ',';
}

enum sql_ban
sql_ban(const char *p, size_t *from, size_t *to)
{
	static const struct {
		const char *word;
		enum sql_ban ban;
	} words[] = {
	    {"atlas:nolint", SQL_NOLINT},
	    {"squawk-ignore", SQL_SQUAWK},
	    {"squawk-ignore-file", SQL_SQUAWK_FILE},
	};
	size_t i = *from, n = *to, k, w;

	if (p[i] == '/' && n - i >= 4 && starts(p, n, n - 2, "*/"))
		n -= 2;
	i += p[i] == '#' ? 1 : 2;
	while (i < n && is_blank(p[i]))
		i++;
	/* squawk reads up to another "--". */
	for (k = i; k + 1 < n; k++)
		if (starts(p, n, k, "--"))
			n = k;
	while (n > i && is_blank(p[n - 1]))
		n--;
	for (w = 0; w < sizeof words / sizeof words[0]; w++) {
		k = strlen(words[w].word);
		if (n - i < k || memcmp(p + i, words[w].word, k) != 0 ||
		    (n - i > k && !is_blank(p[i + k])))
			continue;
		for (i += k; i < n && is_blank(p[i]); i++)
			continue;
		*from = i;
		*to = n;
		return words[w].ban;
	}
	return SQL_NO_BAN;
}
