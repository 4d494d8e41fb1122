/*
 * sqltext.h - the text of PostgreSQL's SQL: its tokens, its statements, and the
 * directives for Atlas on top of a file.
 *
 * The lexical rules are PostgreSQL's, with standard_conforming_strings on, and
 * psql's where statements are split. Any bytes may come; the time taken grows
 * with the length of the text and with nothing else. Text is never changed or
 * copied: all positions are offsets into what was given.
 */
#ifndef SQLTEXT_H
#define SQLTEXT_H

#include <stddef.h>

#include "util.h"

/* ---- tokens ---- */

enum sql_type {
	SQL_END,     /* no more: from and to are the end of the text */
	SQL_WORD,    /* a keyword or a name without quotes */
	SQL_NAME,    /* "a name", U&"a name" */
	SQL_STRING,  /* 'a', E'a', B'1', X'1', U&'a', $$a$$; with its continuation */
	SQL_NUMBER,  /* 1, 1.5e3, and the parameter $1 */
	SQL_OP,      /* one byte that is none of the others */
	SQL_COMMENT, /* "-- to the line's end", without that, or one in slash-stars */
};

struct sql_token {
	enum sql_type type;
	size_t from, to;
	int open; /* it is never closed and reaches to the end of the text */
};

/* The first token at or after i in the n bytes at p. */
void sql_token(const char *p, size_t n, size_t i, struct sql_token *t);

/* Is it that word? It is given in upper case. */
int sql_is(const char *p, const struct sql_token *t, const char *word);

/* ---- statements ---- */

enum sql_kind {
	SQL_PLAIN, /* for the server */
	SQL_PSQL,  /* a backslash command of psql's, alone on its line or in it */
	SQL_COPY,  /* COPY ... FROM stdin with the data, to the line "\." */
};

enum sql_place { SQL_BEFORE, SQL_INSIDE, SQL_AFTER };

struct sql_comment {
	size_t from, to;
	/*
	 * BEFORE: between the statement before and this one. INSIDE. AFTER: on
	 * its last line, with nothing after it there.
	 */
	enum sql_place place;
	int apart; /* BEFORE, and an empty line stands between: not about it */
};

/*
 * A statement. Its text is [start, end), with its semicolon. Around it [from,
 * to) holds the comments too; these ranges follow each other without a gap
 * from the start of the text to its end.
 */
struct sql_stmt {
	enum sql_kind kind;
	size_t number; /* from 1; with atlas:delimiter several may share one */
	size_t from, start, end, to;
	size_t sql_end;                /* of a COPY without its data; else end */
	size_t line, column, end_line; /* from 1; columns count characters */
	const struct sql_token *tok;   /* without comments and the final ';' */
	size_t ntok;
	const struct sql_comment *comment;
	size_t ncomments;
};

struct sql_text {
	const char *p;
	size_t n;
	/* Why the text cannot be split to its end, and where. NULL: it can. */
	const char *why;
	size_t why_at;
	/* the rest is sqltext.c's */
	size_t at, from, stop, next, number;
	char *delim;
	size_t delim_len;
	size_t seen, line, column;
	struct sql_token *tok;
	size_t ntok, tok_cap;
	struct sql_comment *comment;
	size_t ncomments, comment_cap;
	int counted;
};

/* Take the text apart. atlas: obey "-- atlas:delimiter" on its first line. */
void xsql_open(struct sql_text *t, const char *p, size_t n, int atlas);
/* The next statement into *s, good until the next call; 0: there is none. */
int xsql_next(struct sql_text *t, struct sql_stmt *s);
void sql_close(struct sql_text *t);

/* ---- directives ---- */

enum sql_void {
	SQL_HOLDS,
	SQL_VOID_BOM,   /* a byte order mark stands before the comments */
	SQL_VOID_CRLF,  /* the line after the comments is not empty: CR LF */
	SQL_VOID_LINE,  /* no empty line after the comments */
	SQL_VOID_END,   /* only comments, and the last has no line end */
	SQL_VOID_FIRST, /* it must be on the first line */
	SQL_VOID_CR,    /* its value ends in a carriage return */
	SQL_VOID_EMPTY, /* it needs a value */
};

struct sql_directive { /* atlas:NAME VALUE */
	const char *name, *value;
	size_t name_len, value_len;
	size_t line;
	enum sql_void is_void;
};

/* In one line or comment, the way Atlas finds it. 0: there is none. */
int sql_directive(const char *p, size_t n, struct sql_directive *d);

/* The directives of a file: the comments on top, and its first line. */
struct sql_head {
	struct sql_directive *v;
	size_t n;
	size_t end; /* of these comments and the empty line; 0: no file directives */
	int sum_ignore;
};

void xsql_head(struct sql_head *h, const char *p, size_t n);
void sql_head_free(struct sql_head *h);

/*
 * The length of the first line, with its end, when it is an atlas:delimiter that
 * holds; else 0. Atlas counts the offsets in such a file from there.
 */
size_t xsql_delimiter_line(const char *p, size_t n);

/* ---- comments that switch findings off ---- */

enum sql_ban { SQL_NO_BAN, SQL_NOLINT, SQL_SQUAWK, SQL_SQUAWK_FILE };

/* What the comment says, and the codes after it: [*from, *to) of p. */
enum sql_ban sql_ban(const char *p, size_t *from, size_t *to);

#endif
