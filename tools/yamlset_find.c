/*
 * yamlset_find.c - follow the pointer to its scalar.
 */
#include "yamlset.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* libyaml's work per token grows with the nesting; no real file comes near. */
#define MAX_DEPTH 1000

/* ---- the pointer ---- */

void
search_open(struct search *sr, const struct text *in, const char *pointer)
{
	const char *p = pointer;
	size_t i;

	memset(sr, 0, sizeof *sr);
	sr->in = in;
	sr->pointer = pointer;
	for (i = 0; pointer[i] != '\0'; i++)
		sr->n += pointer[i] == '/';
	sr->steps = xcalloc(sr->n, sizeof *sr->steps);
	for (i = 0; i < sr->n; i++) {
		(void)xpointer_next(&p, &sr->steps[i].token);
		sr->steps[i].raw_end = (size_t)(p - pointer);
	}
}

void
search_close(struct search *sr)
{
	size_t i;

	for (i = 0; i < sr->n; i++)
		buf_free(&sr->steps[i].token);
	free(sr->steps);
	buf_free(&sr->scalar.value);
	buf_free(&sr->where);
	buf_free(&sr->complaint);
}

/* The name of step i, and of what it is looked up in. */
static const char *
step_name(const struct search *sr, size_t i)
{
	return quoted(sr->steps[i].token.p, sr->steps[i].token.len);
}

static const char *
container_name(const struct search *sr, size_t i)
{
	return i == 0 ? "the document" : quoted(sr->pointer, sr->steps[i - 1].raw_end);
}

/*
 * Where to write what is wrong; printed only once the document is known to be
 * YAML. The first complaint stands, but "could not" beats "no".
 */
static struct buf *
complain(struct search *sr, int status, const yaml_mark_t *m)
{
	static struct buf unheard;

	if (status <= sr->status) {
		unheard.len = 0;
		return &unheard;
	}
	sr->status = status;
	sr->where.len = sr->complaint.len = 0;
	xbuf_adds(&sr->where, at(sr->in, m));
	return &sr->complaint;
}

/* RFC 6901: an index has no sign and no leading zero. */
static int
is_index(const struct buf *token, size_t index)
{
	char text[32];
	int n = snprintf(text, sizeof text, "%zu", index);

	return n > 0 && is_text(token, (const yaml_char_t *)text, (size_t)n);
}

/* ---- finding the scalar ---- */

/* Called for each key and for the end: at the first one after it the key found ends. */
static void
step_ends(struct step *s, const yaml_event_t *e, size_t nth)
{
	if (!s->is_found || s->has_next)
		return;
	s->has_next = 1;
	s->next = e->start_mark;
	s->next_nth = nth;
}

/*
 * Called for each item of the innermost open collection on the way. Says whether
 * it is what the step names. A name that stands there twice is refused: one
 * reader takes the first, another the last.
 */
static int
step_takes(struct search *sr, const yaml_event_t *e, size_t nth)
{
	struct step *s = &sr->steps[sr->open - 1];
	const yaml_char_t *key = e->data.scalar.value;
	size_t n = e->data.scalar.length;

	if (!s->is_map) {
		if (!is_index(&s->token, s->items++))
			return 0;
		s->where = e->start_mark;
		return s->is_found = 1;
	}
	s->is_value = !s->is_value;
	if (!s->is_value)
		return s->is_next;
	s->is_next = 0;
	step_ends(s, e, nth);
	if (e->type != YAML_SCALAR_EVENT)
		return 0;
	if (n == 2 && memcmp(key, "<<", 2) == 0)
		s->has_merge = 1;
	if (!is_text(&s->token, key, n))
		return 0;
	if (s->is_found) {
		xbuf_addf(complain(sr, EXIT_CANNOT, &e->start_mark),
		    "%s is here and on line %zu: remove one", step_name(sr, sr->open - 1),
		    s->where.line + 1);
		return 0;
	}
	s->where = e->start_mark;
	s->nth = nth;
	s->is_next = s->is_found = 1;
	return 0;
}

static void
step_open(struct search *sr, const yaml_event_t *e)
{
	struct step *s = &sr->steps[sr->open++];

	s->start = e->start_mark;
	s->is_map = e->type == YAML_MAPPING_START_EVENT;
	if (s->is_map)
		s->is_flow = e->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
	else
		s->is_flow = e->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
}

static void
step_close(struct search *sr, const yaml_event_t *e, size_t nth)
{
	size_t i = --sr->open;
	struct step *s = &sr->steps[i];
	struct buf *b;

	step_ends(s, e, nth);
	if (s->is_found)
		return;
	b = complain(sr, EXIT_NO, &s->start);
	xbuf_addf(b, "no %s in %s", step_name(sr, i), container_name(sr, i));
	if (!s->is_map)
		xbuf_addf(b, ", a sequence of %zu", s->items);
	else if (s->has_merge)
		xbuf_adds(b, " ('<<' is not followed)");
}

static void
take_scalar(struct search *sr, const yaml_event_t *e, size_t nth)
{
	struct scalar *s = &sr->scalar;
	const struct step *last = sr->n > 0 ? &sr->steps[sr->n - 1] : NULL;
	const char *tag = (const char *)e->data.scalar.tag;

	sr->is_found = 1;
	xbuf_add(&s->value, e->data.scalar.value, e->data.scalar.length);
	s->style = e->data.scalar.style;
	s->start = e->start_mark;
	s->end = e->end_mark;
	s->where = last != NULL ? last->where : e->start_mark;
	s->nth = nth;
	s->is_flow = last != NULL && last->is_flow;
	s->has_props = tag != NULL || e->data.scalar.anchor != NULL;
	s->is_typed = tag != NULL && strncmp(tag, "tag:yaml.org,2002:", 18) == 0;
}

/* The pointer leads to this node: on through it, or to the end of the way. */
static void
take_node(struct search *sr, const yaml_event_t *e, size_t nth)
{
	size_t i = sr->open;
	int is_last = i == sr->n;
	const yaml_mark_t *where = i > 0 ? &sr->steps[i - 1].where : &e->start_mark;
	const char *name = i > 0 ? step_name(sr, i - 1) : "the document";

	if (e->type == YAML_ALIAS_EVENT)
		xbuf_addf(complain(sr, EXIT_CANNOT, where), "%s is an alias, %s", name,
		    is_last ? "not a scalar" : "which is not followed");
	else if (e->type == YAML_SCALAR_EVENT && is_last)
		take_scalar(sr, e, nth);
	else if (e->type == YAML_SCALAR_EVENT)
		xbuf_addf(complain(sr, EXIT_NO, &e->start_mark),
		    "no %s in %s, which is a scalar", step_name(sr, i),
		    container_name(sr, i));
	else if (!is_last)
		step_open(sr, e);
	else
		xbuf_addf(complain(sr, EXIT_CANNOT, where), "%s is a %s, not a scalar",
		    name, e->type == YAML_MAPPING_START_EVENT ? "mapping" : "sequence");
}

/*
 * The collections on the way are the outermost of those that are open, so an
 * event is an item of the innermost one on the way exactly when no other is
 * open: when "depth", the number of all, equals sr->open.
 */
int
find_scalar(struct search *sr)
{
	const struct text *in = sr->in;
	yaml_parser_t y;
	yaml_event_t e;
	size_t nth = 0, depth = 0, documents = 0;
	int is_end = 0, is_start;

	parser_open(&y, in->p, in->len);
	for (; !is_end; nth++) {
		if (!yaml_parser_parse(&y, &e))
			bad_yaml(in, &y);
		is_start = 0;
		switch (e.type) {
		case YAML_STREAM_END_EVENT:
			is_end = 1;
			break;
		case YAML_DOCUMENT_START_EVENT:
			if (documents++ > 0)
				die(at(in, &e.start_mark),
				    "a second document starts "
				    "here: only a file with one can be used");
			break;
		case YAML_MAPPING_END_EVENT:
		case YAML_SEQUENCE_END_EVENT:
			if (depth-- == sr->open)
				step_close(sr, &e, nth);
			break;
		case YAML_MAPPING_START_EVENT:
		case YAML_SEQUENCE_START_EVENT:
			is_start = 1;
			if (depth == MAX_DEPTH)
				die(at(in, &e.start_mark), "nested deeper than %d levels",
				    MAX_DEPTH);
			/* FALLTHROUGH */
		case YAML_SCALAR_EVENT:
		case YAML_ALIAS_EVENT:
			if (depth == sr->open && (depth == 0 || step_takes(sr, &e, nth)))
				take_node(sr, &e, nth);
			depth += (size_t)is_start;
			break;
		default:
			break;
		}
		yaml_event_delete(&e);
	}
	yaml_parser_delete(&y);
	sr->events = nth;
	if (documents == 0) {
		warnx_at(in->name, "no %s: there is no document",
		    sr->n > 0 ? step_name(sr, 0) : "scalar");
		return EXIT_NO;
	}
	if (sr->status != EXIT_YES)
		warnx_at(sr->where.p, "%s", sr->complaint.p);
	return sr->status;
}
