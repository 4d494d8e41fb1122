/*
 * watchlint.h - what PostgreSQL did, statement by statement, and what to make
 * of it: watchlint_script.c writes the script that asks, watchlint_facts.c reads
 * the answers into watchlint_objs.c, those with watchlint_rules.h judge them by the table of
 * watchlint_codes.c, watchlint.c prints.
 *
 * Everything lives until the tool ends.
 */
#ifndef WATCHLINT_H
#define WATCHLINT_H

#include <stddef.h>
#include <stdlib.h>

#include <jansson.h>

#include "sqltext.h"
#include "util.h"

#ifndef VERSION
#define VERSION "0.2.0"
#endif

/* ---- what is in the catalogs ---- */

enum kind {
	REL,
	ATT,
	CON,
	IDX,
	INH,
	TRG,
	POL,
	RUL,
	FUN,
	TYP,
	ENM,
	NSP,
	EXT,
	SEQ,
	PUB,
	PUR,
	CFG,
	NKINDS
};
#define NFIELDS 10

/* The fields of a row, by kind; watch_rows.sql gives them in this order. */
enum {
	REL_KIND,
	REL_FILE,
	REL_SPACE,
	REL_PERSIST,
	REL_TOAST,
	REL_ISPART,
	REL_RLS,
	REL_IDENT,
	REL_ACL,
	REL_OPTIONS,
	ATT_TYPE = 0,
	ATT_NOTNULL,
	ATT_IDENTITY,
	ATT_GENERATED,
	ATT_DROPPED,
	ATT_MISSING,
	ATT_DEFAULT,
	ATT_COLLATION,
	ATT_ACL,
	CON_TYPE = 0,
	CON_REL,
	CON_DOMAIN,
	CON_VALID,
	CON_INDEX,
	CON_TARGET,
	CON_KEY,
	CON_PARENT,
	CON_NULLS,
	IDX_REL = 0,
	IDX_UNIQUE,
	IDX_PRIMARY,
	IDX_VALID,
	IDX_EXCLUDE,
	IDX_KEY,
	IDX_PARTIAL,
	INH_PARENT = 0,
	TRG_REL = 0,
	TRG_ENABLED,
	TRG_INTERNAL,
	POL_REL = 0,
	RUL_REL = 0,
	FUN_ARGS = 0,
	FUN_ACL,
	FUN_RESULT,
	FUN_DEFINER, /* SECURITY DEFINER without a search_path */
	TYP_TYPE = 0,
	TYP_NOTNULL,
	TYP_DEFAULT,
	NSP_ACL = 0,
	ENM_TYPE = 0,
	ENM_ORDER,
	SEQ_STEP = 0,
	SEQ_MIN,
	SEQ_MAX,
	SEQ_CYCLE,
	PUB_CHANGES = 0, /* of rows: UPDATE or DELETE */
	PUR_REL = 0,
	PUR_PUB,
	CFG_ALL = 0,
};

struct row {
	enum kind k;
	unsigned long id;
	long sub;
	const char *ns, *name;
	const char *f[NFIELDS]; /* never NULL */
};

struct obj {
	enum kind k;
	unsigned long id;
	long sub;
	const struct row *now, *old; /* old: as it was before the branch, or NULL */
	unsigned long owner;         /* of an index or toast table: its table */
	int gone;
	unsigned int held; /* lock modes, 1 << enum mode, of the transaction */
	long scans, rows;  /* counted so far */
};

/* Lock modes, the weakest first. */
enum mode {
	ROW_SHARE,
	ROW_EXCLUSIVE,
	SHARE_UPDATE,
	SHARE,
	SHARE_ROW,
	EXCLUSIVE,
	ACCESS,
	NMODES
};

/* ---- what a statement did ---- */

struct lock { /* on a table that is older than the branch; new with it */
	const struct obj *t;
	const char *table;
	unsigned int modes;
	char kind; /* relkind */
};

struct scan {
	const struct obj *t;
	const char *table;
	long rows;
};

struct change {
	const struct row *was, *is; /* is: NULL, it is gone; was: NULL, it is new */
	int old;                    /* older than the branch */
	const struct obj *t;        /* the old table it belongs to, or NULL */
	const char *table;
	int parted; /* that is a partitioned one */
	int last;   /* of an enum's value: the last */
};

struct said {
	const char *level, *state, *text;
	size_t line; /* in the body of a DO block, from 1; 0: not known */
};

struct stmt {
	const struct file *file;
	enum sql_kind kind;
	size_t no, start, end, sql_end, line, column, end_line;
	struct sql_token *tok;
	size_t ntok;
	/* " ALTER TABLE A ": in capitals, strings as '', each word between blanks */
	const char *words;
	int alone;   /* cannot run in a transaction */
	int control; /* begins or ends one */
	int wrap;    /* the deploy begins a transaction before it */
	int inside;  /* it runs in one, the deploy's or the file's own */
	int begins;  /* what came before it in the file is over and done */

	int looked;        /* the facts below are there */
	long ms;           /* how long it took; 0: less, or not known */
	const char *error; /* SQLSTATE, a blank, the message; or NULL */
	struct lock *lock;
	size_t nlocks;
	struct scan *scan;
	size_t nscans;
	struct change *created, *changed, *gone;
	size_t ncreated, nchanged, ngone;
	struct said *said;
	size_t nsaid;
};

struct setting {
	const char *name, *value;
};

struct file {
	const char *path; /* as the reader shall see it */
	char *text;
	size_t len;
	struct sql_head head;
	int none;        /* atlas:txmode none holds */
	const char *why; /* why the file cannot be split, or NULL */
	size_t why_at;
	struct stmt *v;
	size_t n;
	const char *commit_error;
	int ended; /* the facts of the file are complete */
	struct setting *left;
	size_t nleft;
};

struct branch {
	struct file *v;
	size_t n;
};

/* watchlint_text.c - the files, and words in them */
void xread_branch(struct branch *b, char **paths, size_t n, const char *dir);
int starts(const struct stmt *s, const char *words);
int has_words(const struct stmt *s, const char *words);
int is_alone(const struct stmt *s);
void *xkept(size_t n);
char *keep_text(const char *s, size_t n);
char *keep(const char *fmt, ...) PRINTF_LIKE(1, 2);
char *vkeep(const char *fmt, va_list ap) PRINTF_LIKE(1, 0);
int same_name(const struct stmt *s, const struct sql_token *t, const char *name);
int mentions(const struct stmt *s, const char *name);
size_t place_of(const struct stmt *s, const char *name, const char *word);
size_t line_place(const struct file *f, size_t line);
const char *target_name(const struct stmt *s, size_t i, size_t *next);

/* watchlint_script.c */
struct how {
	int quiet;  /* only run them, and say which one failed */
	int joined; /* psql prints what each of several statements in one message gave */
};
void print_script(struct buf *out, const struct branch *b, const char *mark,
    const char *queries, const struct how *how);

/* watchlint_facts.c */
void xread_facts(
    struct branch *b, const char *mark, struct buf *out, struct buf *err, int quiet);

/* watchlint_objs.c */
const struct obj *find_obj(enum kind k, unsigned long id, long sub);
const struct obj *next_obj(size_t *i);
const struct obj *table_of(unsigned long id);
const char *obj_name(const struct obj *o);

static inline unsigned long
number(const char *s)
{
	return strtoul(s, NULL, 10);
}

/* watchlint_codes.c */
struct code {
	const char *name, *level, *recipe;
	int locks; /* it is about a lock that is kept while something takes long */
};
const struct code *get_code(const char *name);
void print_codes(struct buf *out);

/* watchlint_judge.c; watchlint_rules.h is for the judges themselves */
struct finding {
	const struct file *file;
	const struct stmt *s;
	size_t off, order;
	const struct code *code;
	const char *table; /* or NULL */
	const char *text, *help;
};
struct findings {
	struct finding *v;
	size_t n, cap;
	const char *big; /* names of tables, between blanks; NAME=GB tells the size */
	const char *naming;
	struct buf *notes; /* what each statement did, or NULL */
};
void judge(struct findings *f, struct branch *b, int quiet);

#endif
