/*
 * catdiff.h - listings: catdiff_read.c reads one, which is what
 * scripts/lib/catalog.sql prints; catdiff_compare.c sets two side by side.
 *
 * Everything lives until listing_free(). All texts are bytes without a NUL.
 */
#ifndef CATDIFF_H
#define CATDIFF_H

#include <stddef.h>
#include <stdint.h>

#include "util.h"

#ifndef VERSION
#define VERSION "0.2.0"
#endif

/* What pg_depend calls an object; sub is a column's number, or 0. */
struct node {
	uint32_t cls, oid;
	int32_t sub;
};

/* One line of a listing. */
struct row {
	const char *kind, *id;
	const char *def;           /* "" where there is nothing to say */
	const char *make, *unmake; /* one statement each, or NULL */
	struct node node;
};

struct edge {
	struct node from, to;
};

struct listing {
	const char *path; /* for messages */
	struct buf text;
	struct row *v; /* by kind, identity, definition */
	size_t n;
	struct row **by_node; /* all n of them, by node, then as in v */
	struct edge *needs;   /* "from" stands on "to"; by from, then to */
	size_t nneeds;
	struct edge *same; /* "to" reports "from"; by from, then to */
	size_t nsame;
	char **normal; /* definitions that are not as they were printed */
	size_t nnormal;
};

/* ---- catdiff_read.c; what cannot be read or is no listing ends the tool ---- */

void xlisting_read(struct listing *l, const char *path); /* "-": standard input */
void listing_free(struct listing *l);

/* The (first) row of that kind and identity, or NULL. */
const struct row *listing_find(const struct listing *l, const char *kind, const char *id);

/* The rows of a node: the first of *n in by_node; *n is 0 when there are none. */
struct row **listing_node(const struct listing *l, struct node node, size_t *n);

int node_order(struct node a, struct node b); /* as strcmp() */

/* ---- catdiff_norm.c ---- */

/* A definition, in one of the two ways PostgreSQL prints it; NULL: it is. */
char *xnormal(const char *def);

/* ---- catdiff_compare.c ---- */

/* A row that only one of them has (the other is NULL), or whose definition differs. */
struct diff {
	const struct row *want, *have;
	const struct diff *by;   /* what reports it, too; NULL: it is reported itself */
	const struct diff *pair; /* the same thing under another name, or sort */
	const struct row *was;   /* what it may have been called */
};

/* All of them, by kind and identity; free() it. */
struct diff *compare(const struct listing *want, const struct listing *have, size_t *n);

/* The one of that kind and identity, or NULL. */
struct diff *diff_find(struct diff *v, size_t n, const char *kind, const char *id);

/* ---- catdiff_fold.c: set "by", "pair" and "was" of all of them ---- */

void fold(
    struct diff *v, size_t n, const struct listing *want, const struct listing *have);

/* ---- catdiff_pick.c: what is left out, and what counts how much ---- */

enum level { LEVEL_OFF, LEVEL_NOTICE, LEVEL_WARNING, LEVEL_ERROR };

void pick_levels(const char *levels);   /* "CODE=LEVEL ...", later ones win */
void pick_exclude(const char *pattern); /* a name with * ? [ ] */
void pick_schema(const char *schema);   /* what an unqualified name is in */
enum level level_of(const char *code);
const char *diff_code(const struct diff *d); /* folded; of one that is reported */
int is_excluded(const struct row *r, const struct listing *l);

#endif
