/*
 * watchlint_rules.h - what the judges share.
 *
 * Facts decide wherever PostgreSQL showed something; words of the statement,
 * without strings and comments, only where it cannot.
 */
#ifndef WATCHLINT_RULES_H
#define WATCHLINT_RULES_H

#include "watchlint.h"

/* A field of a row that is not what it was. */
static inline int
differ(const struct change *c, int field)
{
	return strcmp(c->was->f[field], c->is->f[field]) != 0;
}

static inline int
turned_true(const struct change *c, enum kind k, int field)
{
	return c->is->k == k && c->was->f[field][0] == 'f' && c->is->f[field][0] == 't';
}

/* watchlint_report.c */
struct where {
	const struct stmt *s;
	const char *name, *word; /* of the clause it is about, or NULL */
	size_t line;             /* instead, when not 0 */
};
void report(struct findings *f, const struct where *w, const char *code,
    const char *table, const char *fmt, ...) PRINTF_LIKE(5, 6);
int told(const struct findings *f, const struct file *file, const char *code,
    const char *table);

/* watchlint_lock.c - locks of a transaction */
struct held {
	const struct obj *t;
	const char *table;
	enum mode mode;
	size_t no, line; /* of the statement that took it */
};
void forget_locks(void);
size_t take_locks(const struct stmt *s, const struct lock **first);
const struct held *held_on(const struct obj *t);
const struct held *next_held(size_t *i);
const char *lock_words(const struct obj *t);
enum mode top_mode(unsigned int modes);
const char *mode_name(enum mode m);

/* watchlint_work.c - tables that are gone through from end to end */
struct work {
	const struct obj **v;
	size_t n;
};
int in(const struct work *w, const struct obj *t);
void work_add(struct work *w, const struct obj *t);
const struct said *heard(const struct stmt *s, const char *what, const char *name);
void judge_rewrites(
    struct findings *f, const struct stmt *s, struct work *heavy, struct work *empty);
void judge_indexes(struct findings *f, const struct stmt *s, struct work *heavy,
    const struct work *empty);

/* watchlint_scan.c */
int changes_rows(const struct stmt *s);
int changes_schema(const struct stmt *s);
void judge_scans(struct findings *f, const struct stmt *s, struct work *heavy,
    const struct work *empty, struct work *scanned);

/* watchlint_rows.c */
void judge_rows(struct findings *f, const struct stmt *s, const struct work *scanned);

/* watchlint_lock.c */
void judge_locks(struct findings *f, const struct file *file, const struct stmt *s,
    const struct work *heavy, const struct lock **first, size_t nfirst);

/* watchlint_branch.c - what the branch made */
int is_ours(const char *name);
void note_ours(const struct stmt *s);
const struct row *made_anew(const struct file *file, const struct row *r);
int was_there(const struct file *file, const struct row *r);
int same_view(const struct file *file, const struct row *old);
const struct obj *old_obj(enum kind k, unsigned long id);
int is_temporary(const struct row *rel);
int other_unique(const struct file *file, const struct row *old);

/* watchlint_gone.c, watchlint_meaning.c */
void judge_gone(struct findings *f, const struct file *file, const struct stmt *s);
void judge_meaning(struct findings *f, const struct file *file, const struct stmt *s);

/* watchlint_time.c */
double big_size(const char *tables, const char *t);
void check_sizes(const char *tables);
void judge_time(struct findings *f, const struct file *file, size_t from);

/* watchlint_notes.c */
void note(struct buf *out, const struct findings *f, size_t from, const struct stmt *s);

/* watchlint_others.c */
void judge_others(struct findings *f, const struct file *file, const struct stmt *s);

/* watchlint_words.c */
const char *table_in(const struct stmt *s);
void judge_words(struct findings *f, const struct stmt *s, int quiet);

/* watchlint_file.c */
void judge_file(struct findings *f, struct file *file);
void judge_settings(struct findings *f, const struct file *file);

/* watchlint_new.c */
void judge_new_tables(struct findings *f, const struct branch *b);

/* watchlint_names.c */
void check_naming(const struct findings *f);
void judge_names(struct findings *f, const struct stmt *s);

#endif
