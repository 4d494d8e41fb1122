/*
 * sqlstmt_walk.h - a walk over the tokens of a statement (sqlstmt_walk.c), for
 * sqlstmt_class.c.
 *
 * take...() takes a token into the class, skip...() steps over it. Both leave the walk
 * where it was, and return 0, when something else stands there.
 */
#ifndef SQLSTMT_WALK_H
#define SQLSTMT_WALK_H

#include "sqlstmt.h"

struct walk {
	const char *p;
	const struct sql_token *tok;
	size_t n, i; /* i: the next token not yet taken */
	struct stmt_class *c;
};

/* Is the next token this word; is token i this operator? */
int at(const struct walk *w, const char *word);
int at_op(const struct walk *w, size_t i, char op);

/* Does the word, or do the two side by side, stand at or after the walk? */
int has(const struct walk *w, const char *word); /* outside of parentheses */
int has_inside(const struct walk *w, const char *word);
int has_two(const struct walk *w, const char *a, const char *b);

/* The next token into c->words, and into c->kind with as_kind. */
void take_word(struct walk *w, int as_kind);
int take(struct walk *w, const char *word);
int take_any(struct walk *w, const char *const *words); /* those of them, in this order */

int skip(struct walk *w, const char *word);
/* Over "( ... )": was the word in it, and not turned off? */
int skip_options(struct walk *w, const char *word);

/* A name with its dots. */
int take_name(struct walk *w, struct buf *b);
/* The kind of an object, "MATERIALIZED VIEW". */
void take_kind(struct walk *w);
void set_kind(struct walk *w, const char *kind);
int kind_is(const struct walk *w, const char *kind);
/* After the kind: IF [NOT] EXISTS, ONLY, a name, and the table it is on. */
void take_object(struct walk *w);

void add_upper(struct buf *b, const char *p, size_t n);

#endif
