/*
 * catplan.h - the parts of catplan: what leads from the second listing to the
 * first, as SQL.
 *
 * Two listings are put together into items, one for each kind and identity. An
 * item knows what each listing says of it, and what the database says as far as
 * statements were thought of: writing one changes the last of these, so that a
 * whole migration is thought out with one look at the database.
 */
#ifndef CATPLAN_H
#define CATPLAN_H

#include "catdiff.h"

#define NONE ((size_t)-1)
#define PG_CLASS 1259 /* these numbers are the same in each PostgreSQL */

/* ---- kinds: catplan_kind.c ---- */

enum {
	MAIN = 1,       /* the object itself; all others are attributes of one */
	TABLE = 2,      /* Atlas plans it */
	FREE = 4,       /* may be dropped and made anew without loss of data */
	REPLACE = 8,    /* has OR REPLACE */
	INLINE = 16,    /* comes along with its column */
	INFO = 32,      /* only helps to decide */
	TYPE = 64,      /* columns may be of it */
	RELATION = 128, /* something with columns */
	IN_PLACE = 256, /* a change needs no DROP */
	HANGS = 512,    /* goes with what it stands on, unasked */
};

enum id_form {
	ID_OBJECT, /* schema.name, or a name, with the arguments where it has some */
	ID_PART,   /* schema.table.part */
	ID_OWN,    /* of schema.name, which it is an attribute of */
	ID_MORE,   /* schema.table, a blank and what else identifies it */
	ID_TEXT,   /* anything else */
};

struct kind {
	const char *name;
	unsigned flags;
	enum id_form form;
	int late; /* when it comes after all others, its place there; or 0 */
};

const struct kind *kind_of(const char *name);

struct item {
	const struct kind *kind;
	const char *name, *id; /* the kind's name, also where kind is unknown */
	const struct row *want, *had;
	const struct row *now; /* NULL, had, or want */
	int left;              /* left out, see catplan_exclude.c */
	int excluded;          /* by its name, or its kind; now is want then */
};

/* ---- what stands on what: catplan_graph.c ---- */

struct graph {
	const struct listing *l;
	struct node *v; /* sorted; a table is followed by its columns */
	size_t n;
	size_t *first, *to;   /* what node i stands on: to[first[i]..first[i+1]) */
	size_t *bfirst, *bto; /* what stands on it */
	size_t *ifirst;       /* the items there */
	struct item **item;
};

void xgraph_make(struct graph *g, const struct listing *l);
void graph_free(struct graph *g);
size_t graph_at(const struct graph *g, struct node n);
size_t graph_table(const struct graph *g, size_t i); /* of a column; else i */
size_t graph_end(const struct graph *g, size_t i);   /* behind i's columns */
unsigned graph_flags(const struct graph *g, size_t i);
struct item *graph_item(const struct graph *g, size_t i, const char *kind);

/*
 * Mark in seen what the marked nodes of start stand on, or (back) what stands on
 * them; not further than where stop says so. start and seen may be the same.
 */
typedef int stop_fn(const struct graph *g, size_t i);
void xgraph_reach(
    const struct graph *g, const char *start, char *seen, int back, stop_fn *stop);
/* The marked nodes, what they stand on first; *n of them. free() it. */
size_t *xgraph_order(const struct graph *g, const char *set, size_t *n);

/* ---- the plan ---- */

enum part { RENAMES, VALUES, CLEAR, BEFORE, AFTER, PARTS };

struct plan {
	struct listing *want, *have;
	struct item *v; /* by kind and identity */
	size_t n;
	struct graph w, h;
	const char *schemas; /* those in play, words */
	const char *single;  /* the one, whose name is left out; or NULL */
	int off;             /* the level of some kind may be off */
	int atlas;           /* it plans tables */
	struct buf out[PARTS];
	struct buf notes;
	enum part part; /* where statements go now */
	char **text;    /* all strings made on the way, so that they stay */
	size_t ntext;
	struct item **ours; /* tables that catplan writes itself */
	size_t nours;
};

/* catplan_items.c */
void xplan_open(struct plan *p, struct listing *want, struct listing *have);
void plan_close(struct plan *p);
struct item *plan_find(const struct plan *p, const char *kind, const char *id);
int is_missing(const struct item *it);
int is_extra(const struct item *it);
int is_changed(const struct item *it);
int differs(const struct item *it);
const char *plan_keep(struct plan *p, char *s); /* s stays until the end */
const char *plan_str(struct plan *p, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* catplan_write.c: statements, and what they bring along */
void plan_write(struct plan *p, const struct item *it, const char *verb, const char *sql);
void plan_write_rename(struct plan *p, const struct item *it, const char *what,
    const char *old, const char *new, const char *sql);
void plan_make(struct plan *p, struct item *it);   /* by its row's text */
void plan_unmake(struct plan *p, struct item *it); /* likewise; what hangs on it goes */
void plan_gone(struct plan *p, struct item *it);   /* as if a statement had */
void plan_came(struct plan *p, struct item *it);
int plan_in_play(const struct plan *p, const struct item *it);

/* catplan_exclude.c */
void plan_exclude(struct plan *p);

/* catplan_name.c: names */
const char *behind_words(const char *id); /* of TABLE public.users */
size_t id_parts(const char *id, const char *from[4], size_t len[4], const char **rest);
int id_is_part(const char *id, const char *of); /* id is of and a dot and more */
const char *id_last(const char *id);
const char *id_owner(struct plan *p, const struct item *it); /* its table's, or NULL */

/* catplan_clear.c, _types.c, _ours.c, _table.c, _make.c, _drop.c: parts of the work */
void plan_values(struct plan *p);
void plan_clear(struct plan *p);
void plan_swapped(struct plan *p, char *set); /* nodes of types made anew */
void plan_types(struct plan *p);
const char *recast(struct plan *p, const struct item *column);
void plan_ours(struct plan *p);
const char *table_of(struct plan *p, const struct item *it);
int is_atlas(struct plan *p, const struct item *it);
int is_usual_identity(const char *def);
int is_ours(const struct plan *p, const char *table);
const char *serial(struct plan *p, const struct item *column, const char *table);
void table_make(struct plan *p, struct item *table);
/* Is all that the node stands on in the database by now? */
int is_ready(const struct plan *p, size_t i, size_t except);
void plan_index_options(struct plan *p, struct item *it);
void plan_before(struct plan *p);
void plan_after(struct plan *p);
void plan_renames(struct plan *p); /* the same thing under another name */
void plan_rename(struct plan *p, const char *asked);    /* RENAME= */
char *plan_plain(const struct plan *p, const char *id); /* without quotes */
void plan_in_the_way(struct plan *p);
void plan_drop(struct plan *p);

/* catplan_left.c: what differs all the same, and what to do about it */
void plan_stuck(struct plan *p); /* what is not tried */
size_t plan_left(struct plan *p, struct buf *out);

/* catplan_atlas.c: its plan */
enum shape { SHAPE_EQUAL, SHAPE_ATLAS, SHAPE_MIXED, SHAPE_ROWS };
enum shape plan_shape(struct plan *p);
int plan_filter(struct plan *p, const char *path, enum shape shape, struct buf *out);

#endif
