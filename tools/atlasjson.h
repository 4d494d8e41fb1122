/*
 * atlasjson.h - the report in the middle of atlasjson: atlasjson_read.c fills
 * it from JSON, the other atlasjson_*.c print it. Only main() knows both.
 *
 * Everything lives until the tool ends. All text here is UTF-8 and holds no
 * NUL, apart from the texts of sources, which are bytes with a length.
 */
#ifndef ATLASJSON_H
#define ATLASJSON_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "util.h"

#ifndef VERSION
#define VERSION "0.2.0"
#endif

enum level { LEVEL_OFF, LEVEL_NOTICE, LEVEL_WARNING, LEVEL_ERROR };

/* A file that was checked or that a finding points into. */
struct source {
	const char *path; /* as the reader shall see it */
	const char *text; /* NULL: not known */
	size_t len;
	int from_json;           /* each U+FFFD in text was one byte in the file */
	int looked;              /* it was tried to read it from disk */
	int watched;             /* PostgreSQL ran it to its end, and was asked */
	size_t first, end;       /* its findings, once the report is finished */
	const struct item *item; /* the last run over it, or NULL */
};

/* Where a finding comes from; the source that knows best is first. */
enum origin { FROM_WATCH, FROM_ATLAS, FROM_OTHER };

struct finding {
	struct source *src; /* NULL: belongs to no file */
	enum level level;
	const char *code;  /* DS103, ban-drop-column, replay ... */
	const char *about; /* what the code stands for, or NULL */
	const char *msg;
	const char *help;   /* or NULL */
	const char *stmt;   /* the failed statement, or NULL */
	const char *on;     /* the database object it is about, or NULL */
	int lint;           /* a comment in the file may switch it off */
	int big;            /* an error whatever -l says, unless it is off */
	enum origin origin; /* of those that say the same the best is reported */
	int placed;         /* off is known */
	size_t off, bol;    /* offsets of the place and its line in the text */
	size_t nth_stmt;    /* which statement of the text it is about, from 0 */
	size_t line, col;   /* from 1, col in characters; line 0: not known */
	size_t byte_col;    /* from 0, as squawk counts */
	uint64_t hash;      /* same for the same finding in the next run ... */
	unsigned int nth;   /* ... with this, different for each in this run */
	size_t order;       /* as read */
};

/* One input document: what was run. */
struct run {
	const char *title; /* "migrate lint" ... */
	const char *note;  /* how it ended, in a sentence, or NULL */
	int show;          /* text and markdown list its items */
	int failed;
};

enum state { STATE_DONE, STATE_FAILED, STATE_PENDING };

/* One step or one migration file of a run. */
struct item {
	size_t run;
	enum state state;
	const char *name;
	const char *note;   /* or NULL */
	struct source *src; /* where its findings are, or NULL */
	double seconds;     /* negative: not known */
};

struct report {
	struct source **sources; /* in order of appearance */
	size_t nsources;
	struct finding *findings;
	size_t nfindings;
	struct run *runs;
	size_t nruns;
	struct item *items;
	size_t nitems;
	const char *sum_path; /* of the last directory seen, or NULL */
	json_t *schemas;      /* of the schema inspect document, or NULL */
	size_t nerrors, nwarnings, nnotices;
	size_t nfiles; /* with findings; when there are none, checked */
};

/*
 * atlasjson_report.c - level_of() is what -l made of a code's level,
 * source_dir() the prefix of Atlas's file names (env: its own word for it, or
 * NULL). keep_text() and sentence() give text that is fit for a finding.
 */
void report_levels(const char *levels); /* "CODE=LEVEL ...", later ones win */
void report_setup(const char *dir);     /* before Atlas's file names, or NULL */
enum level level_of(const char *code, enum level level);
int is_rule(const char *code, size_t n); /* -l names it, or -l was not given */
struct source *source_get(struct report *r, const char *dir, const char *name);
void source_load(struct source *s);
void report_prefix(struct report *r, const char *prefix); /* last of all */
void source_sum(struct report *r, const char *dir);
const char *source_dir(const char *env);
struct finding *add_finding(
    struct report *r, struct source *src, const char *code, const char *msg);
struct run *add_run(struct report *r, const char *title, int show);
struct item *add_item(
    struct report *r, const char *name, struct source *src, enum state state);
const char *str_or(const char *s, const char *fallback);
const char *keep_text(const char *s);
const char *sentence(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* atlasjson_read.c */
void read_stream(struct report *r, const struct buf *in, const char *name);

/*
 * atlasjson_get.c - typed access to an object's members: a missing one is NULL or
 * 0, one of the wrong type ends the tool. set_document() says where the value
 * stands that is being read; the text must stay.
 */
void set_document(const char *place);
void xbad_document(const char *fmt, ...) PRINTF_LIKE(1, 2) NORETURN;
const char *xget_string(const json_t *o, const char *key);
const json_t *xget_array(const json_t *o, const char *key);
const json_t *xget_object(const json_t *o, const char *key);
const json_t *xget_element(const json_t *a, size_t i, const char *key);
size_t xget_count(const json_t *o, const char *key);

/* atlasjson_docs.c */
void read_lint(struct report *r, const json_t *doc);
void read_apply(struct report *r, const json_t *doc);
void read_status(struct report *r, const json_t *doc);
void read_findings(struct report *r, const json_t *doc);

void read_watch(struct report *r, const json_t *doc);

/*
 * atlasjson_nolint.c - tell_unknown() adds findings, before they are placed;
 * number_statements() sets nth_stmt, once they are.
 */
void tell_unknown(struct report *r);
void number_statements(struct report *r);
void drop_nolint(struct report *r);

/* atlasjson_twin.c - twin_code(): what else the code is called, or NULL. */
const char *twin_code(const char *code, size_t nth);
void drop_doubles(struct report *r);

/* atlasjson_place.c */
void report_finish(struct report *r);

/* atlasjson_text.c */
void print_text(struct buf *out, const struct report *r, int colour);
void print_github(struct buf *out, const struct report *r);
void print_markdown(struct buf *out, const struct report *r);
void add_total(struct buf *out, const struct report *r);

/* atlasjson_ci.c */
void print_gitlab(struct buf *out, const struct report *r);
void print_junit(struct buf *out, const struct report *r);
void print_sarif(struct buf *out, const struct report *r);

/* atlasjson_erd.c */
void print_dot(struct buf *out, const struct report *r);
void print_mermaid(struct buf *out, const struct report *r);

/* atlasjson_layout.c */
struct edge {
	size_t from, to;
};
size_t place_columns(
    size_t n, const size_t *height, const struct edge *e, size_t ne, size_t *column);

/* atlasjson_str.c */
char *repair_utf8(const char *p, size_t n, size_t *len);
char *clip(const char *s, size_t max);
char *mask_secrets(const char *s, size_t n);
size_t clean_len(const char *p, size_t n, int *ok);

#endif
