/*
 * sqlstmt.h - the parts of sqlstmt: sqlstmt_class.c says what a statement is, with
 * the walk of sqlstmt_walk.c; sqlstmt.c reads, writes and notes what is wrong with a
 * file's directives.
 */
#ifndef SQLSTMT_H
#define SQLSTMT_H

#include "sqltext.h"

enum stmt_tx {
	TX_EITHER,  /* runs in a transaction and outside of one */
	TX_OUTSIDE, /* PostgreSQL refuses it in a transaction */
	TX_INSIDE,  /* PostgreSQL refuses it, or it does nothing, outside of one */
	TX_CONTROL, /* begins or ends one */
};

struct stmt_class {
	struct buf words;  /* what it starts with, up to the name: "ALTER TABLE" */
	struct buf kind;   /* of the object it names: "TABLE"; empty: none */
	struct buf object; /* its name, quoted where PostgreSQL would */
	struct buf on;     /* the table of an index, trigger, policy or rule */
	enum stmt_tx tx;
	const char *note; /* what else is to know, or NULL */
};

/* What it is; the buffers are used again. */
void xclassify(struct stmt_class *c, const char *p, const struct sql_stmt *s);
void class_free(struct stmt_class *c);

/*
 * The statement on one line: words in upper case, '' for each string, quoted
 * names as they are, no comments, a blank between any two tokens.
 */
void xshape(struct buf *out, const char *p, const struct sql_stmt *s);

#endif
