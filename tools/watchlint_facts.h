/* watchlint_facts.h - what those share that read the facts. */
#ifndef WATCHLINT_FACTS_H
#define WATCHLINT_FACTS_H

#include "watchlint.h"

/* Grows by eights: for lists that are mostly short. */
#define GROW(v, n) \
	((n) % 8 == 0 ? (v) = xreallocarray((v), (n) + 8, sizeof *(v)) : (v), &(v)[(n)++])

/* watchlint_objs.c */
extern const struct stmt *facts_of;
struct obj *get_obj(enum kind k, unsigned long id, long sub);
unsigned long relation_of(const struct row *r);
void freeze(const unsigned long *members, size_t nmembers);
void new_transaction(void);
void remember(struct obj *o);
void give_back(void);

/* watchlint_place.c */
extern size_t facts_line;
void bad_facts(const char *what) NORETURN;
struct file *read_place(const struct branch *b, const char *p, struct stmt **s);

/* watchlint_said.c */
void read_said(struct branch *b, const char *mark, struct buf *err);

#endif
