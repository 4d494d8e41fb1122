/* cfnrespond.h - the parts of cfnrespond: the event, clean text, the body. */
#ifndef CFNRESPOND_H
#define CFNRESPOND_H

#include <jansson.h>

#include "util.h"

/* What the caller wants to answer. text and data are clean, see xclean(). */
struct answer {
	const char *status;
	struct buf text; /* the reason, "" where there is none */
	json_t *data;    /* an object, string to string */
	json_t *counts;  /* an object, string to integer: with -j only */
	int noecho;
	int direct; /* -j */
	size_t max; /* bytes of the body */
};

/* ---- cfnrespond_clean.c ---- */

/* Make foreign text fit to be sent: UTF-8, and nothing of the event's ResponseURL. */
void xclean(struct buf *out, const char *p, size_t n, const json_t *event);
/* The longest prefix of at most max bytes that ends between characters. */
size_t prefix_utf8(const char *p, size_t n, size_t max);

/* ---- cfnrespond_event.c: the event, and JSON that cannot fail ---- */

json_t *xread_event(void);
/* A text of the event that must be there. */
json_t *xneed(const json_t *event, const char *key);
json_t *xjson_string(const char *p, size_t n);
void xjson_set(json_t *object, const char *key, json_t *value);
void xjson_dump(struct buf *b, const json_t *value);

/* -g, -l and -u; the first two return EXIT_NO where there is no such field. */
int print_fields(json_t *event, char *const *pointers, size_t n, struct buf *out);
int print_members(json_t *event, const char *pointer, struct buf *out);
void print_curl(const json_t *event, struct buf *out);

/* ---- cfnrespond_body.c ---- */

/* Bring the body under its limit, and print it. */
void fit_answer(struct answer *a, const json_t *event);
void add_body(struct buf *b, const struct answer *a, const json_t *event);

#endif
