/*
 * mstate.h - the parts of mstate: mstate_rows.c reads the revisions table,
 * mstate_judge.c compares it with the directory, mstate.c prints.
 */
#ifndef MSTATE_H
#define MSTATE_H

#include "mhash.h"

/* Bits of a revision's type, as Atlas writes them. */
#define REV_BASELINE 1
#define REV_RESOLVED 4 /* set by hand */

struct rev { /* one row of the revisions table; the text is in struct revs */
	char *version, *description, *hash, *when, *error, *statement;
	unsigned long type, applied, total, partial;
	int has_file;
};

struct revs {
	struct buf text;
	struct rev *v; /* sorted by version */
	size_t n;
};

/* Split r->text, rows in PostgreSQL's COPY format. What is none ends the tool. */
void revs_parse(struct revs *r, const char *where);
void revs_free(struct revs *r);

enum state {
	APPLIED,
	BASELINE,     /* the version that the table began with */
	SET,          /* applied, as somebody said by hand */
	COVERED,      /* older than the baseline, or in a checkpoint that is applied */
	CHECKPOINT,   /* not needed: what it stands for is applied */
	PENDING,      /* later than all that is applied */
	PARTIAL,      /* some of its statements are applied */
	OUT_OF_ORDER, /* not applied, but later ones are */
	EDITED,       /* applied, but it was not what it is now */
	RENAMED,      /* another file of this version was applied */
	AHEAD,        /* applied, later than every file here */
	GONE,         /* applied, no file here */
	NSTATES
};
extern const char *const state_names[NSTATES];

struct migration {
	const char *version; /* version_len bytes of it */
	size_t version_len;
	const struct file *file; /* or NULL */
	const struct rev *rev;   /* or NULL */
	enum state state;
	int stale; /* its row has another hash or count than Atlas would write now */
};

struct judgement {
	struct migration *v; /* sorted by version */
	size_t n, nfiles, count[NSTATES];
	const char *word; /* up-to-date, behind, ahead, partial, diverged, unmanaged */
	int code;
	size_t applied;        /* files that need no more */
	const char *first_bad; /* the first file that is EDITED or RENAMED, or NULL */
};

struct rules {
	int dirty;            /* without a row the database is not empty */
	int any_order;        /* a file may be applied after a later one */
	const char *baseline; /* without a row it is applied up to here; or NULL */
};

void judge(struct judgement *j, struct dir *d, struct revs *r, const struct rules *rules);
void judgement_free(struct judgement *j);

#endif
