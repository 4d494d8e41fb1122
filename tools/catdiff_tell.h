/*
 * catdiff_tell.h - from differences to findings: catdiff_kind.c knows the kinds
 * of rows and how an identity is read; catdiff_fold.c what a row is on;
 * catdiff_tell.c says what is to be reported.
 */
#ifndef CATDIFF_TELL_H
#define CATDIFF_TELL_H

#include "catdiff.h"

/* ---- catdiff_kind.c ---- */

enum form {
	FORM_NAME,   /* an object's name */
	FORM_MEMBER, /* the name of a table and that of what is part of it */
	FORM_OF,     /* an attribute of what the identity names */
	FORM_TWO,    /* an attribute, and a blank before what of it */
	FORM_SAID    /* what is said of an object, as COMMENT ON calls it */
};

struct kind {
	const char *name;
	const char *word; /* what to call it, "" for nothing; NULL: by its name */
	const char *code;
	enum form form;
	const char *of;       /* FORM_MEMBER, FORM_OF, FORM_TWO: of such a one */
	const char *yes, *no; /* there, without a definition; not there */
	int secret;           /* its definition is not for a report */
};

const struct kind *row_kind(const struct row *r);
int is_whole(const struct row *r); /* an object, not an attribute of one */
int is_part(const char *kind);     /* named within its table: FORM_MEMBER */

/*
 * An identity's end up to the last dot that is in no quotes and no parentheses,
 * or the whole; and its start up to there, without the dot.
 */
const char *name_last(const char *id);
size_t id_first(const char *id);

/* Behind the first blank that is in no quotes, or NULL. */
const char *id_second(const char *id);

/* Behind the name that p starts with, a quoted one or not. */
const char *name_end(const char *p);

/* ---- catdiff_fold.c ---- */

/* The identity of the relation that an index or a statistics object is on. */
int relation_of(const struct row *r, struct buf *id);

/*
 * The object that a comment and its like are about: its kind ("type": one of
 * several) and identity. 0 when it is none of those we know.
 */
int said_of(const char *id, const char **kind, struct buf *name);

/* ---- catdiff_tell.c ---- */

struct words {
	const char *want, *have; /* what the two sides are called */
	const char *remedy;      /* the next command, or NULL */
	int text;                /* lines rather than JSON */
};

/* The findings; how many they are. */
size_t tell(struct buf *out, struct diff *v, size_t n, const struct listing *want,
    const struct listing *have, const struct words *words);

#endif
