/*
 * yamlset.h - the parts of yamlset: yamlset_text.c opens a text and says what is
 * wrong where, yamlset_find.c finds the scalar, yamlset_value.c writes another
 * value in its place, yamlset_proof.c looks whether that changed nothing else.
 */
#ifndef YAMLSET_H
#define YAMLSET_H

#include <stddef.h>

#include <yaml.h>

#include "util.h"

struct text {
	const char *name; /* for messages */
	const char *p;    /* past a byte order mark: libyaml's index 0 */
	size_t len;
	size_t bom; /* bytes before p */
};

/* One step of the pointer, and the collection it is looked up in. */
struct step {
	struct buf token;
	size_t raw_end;    /* end of this token in the pointer as given */
	yaml_mark_t start; /* of the collection */
	int is_map, is_flow;
	int is_value;  /* map: a value comes next, not a key */
	int is_next;   /* map: and it is the one named */
	int has_merge; /* map: holds a "<<" */
	int is_found;
	yaml_mark_t where; /* of the key found, or of the item */
	size_t nth;        /* map: the key's number among the events */
	int has_next;
	yaml_mark_t next; /* map: of the key after it, or of the map's end */
	size_t next_nth;
	size_t items; /* sequence: so far */
};

/* The scalar named by the pointer. */
struct scalar {
	struct buf value;
	yaml_scalar_style_t style;
	yaml_mark_t start, end; /* with tag and anchor */
	yaml_mark_t where;      /* for messages: its key, if it has one */
	size_t nth;             /* its number among the events */
	int has_props;          /* a tag or an anchor */
	int is_typed;           /* one of YAML's own tags, !!str or the like */
	int is_flow;            /* inside [] or {} */
};

/* The way to it, and what is wrong there. */
struct search {
	const struct text *in;
	const char *pointer;
	struct step *steps;
	size_t n;
	size_t open; /* steps whose collection is open */
	struct scalar scalar;
	int is_found;
	size_t events; /* of the whole document */
	int status;    /* what the complaint is worth: 1 or 2 */
	struct buf where, complaint;
};

/* yamlset_text.c */

/* "name:line:column", both from 1; good until the next call. */
const char *at(const struct text *in, const yaml_mark_t *m);
/* "'text'", cut short at a character's end; good until it is asked again. */
const char *quoted(const char *p, size_t n);
/* A text without its byte order mark; dies where it cannot be UTF-8. */
void text_open(struct text *in, const char *name, const struct buf *b);
void parser_open(yaml_parser_t *y, const char *p, size_t n);
/* Die of what the parser found wrong, with its line and column. */
void bad_yaml(const struct text *in, const yaml_parser_t *y) NORETURN;
/* The byte offset of a character of well-formed UTF-8. */
size_t byte_of(const char *p, size_t n, size_t index);
int is_text(const struct buf *b, const yaml_char_t *p, size_t n);

/* yamlset_find.c */

/* The pointer is a valid one; both must outlive the search. */
void search_open(struct search *sr, const struct text *in, const char *pointer);
void search_close(struct search *sr);
/*
 * Read the whole document and find the scalar. Gives 0, or says on stderr what
 * is wrong: 1 no such scalar, 2 it cannot be taken. Dies where this is no YAML.
 */
int find_scalar(struct search *sr);

/* yamlset_value.c */

/* Is the scalar that string already, for every reader? */
int is_same(const struct scalar *s, const char *v);
/* Append the text with the value in place of the scalar; the mark stays. */
void put_changed(
    struct buf *out, const struct text *in, const struct scalar *s, const char *value);

/* yamlset_proof.c */

/* Does the new text say what the old one did, but for the scalar? */
int is_sound(const struct search *sr, const struct text *now, const char *value);

#endif
