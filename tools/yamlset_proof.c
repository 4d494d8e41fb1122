/*
 * yamlset_proof.c - does the new text say what the old one did, but for the
 * scalar?
 */
#include "yamlset.h"

#include <string.h>

static int
same_text(const yaml_char_t *a, const yaml_char_t *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return strcmp((const char *)a, (const char *)b) == 0;
}

/* Do they say the same, marks aside? Of the scalar to change, its props. */
static int
same_event(const yaml_event_t *a, const yaml_event_t *b, int is_target)
{
	if (a->type != b->type)
		return 0;
	switch (a->type) {
	case YAML_DOCUMENT_START_EVENT:
		return a->data.document_start.implicit == b->data.document_start.implicit;
	case YAML_DOCUMENT_END_EVENT:
		return a->data.document_end.implicit == b->data.document_end.implicit;
	case YAML_ALIAS_EVENT:
		return same_text(a->data.alias.anchor, b->data.alias.anchor);
	case YAML_SCALAR_EVENT:
		return same_text(a->data.scalar.anchor, b->data.scalar.anchor) &&
		    same_text(a->data.scalar.tag, b->data.scalar.tag) &&
		    (is_target ||
			(a->data.scalar.style == b->data.scalar.style &&
			    a->data.scalar.length == b->data.scalar.length &&
			    memcmp(a->data.scalar.value, b->data.scalar.value,
				a->data.scalar.length) == 0));
	case YAML_SEQUENCE_START_EVENT:
		return same_text(a->data.sequence_start.anchor,
			   b->data.sequence_start.anchor) &&
		    same_text(a->data.sequence_start.tag, b->data.sequence_start.tag) &&
		    a->data.sequence_start.style == b->data.sequence_start.style;
	case YAML_MAPPING_START_EVENT:
		return same_text(
			   a->data.mapping_start.anchor, b->data.mapping_start.anchor) &&
		    same_text(a->data.mapping_start.tag, b->data.mapping_start.tag) &&
		    a->data.mapping_start.style == b->data.mapping_start.style;
	default:
		return 1;
	}
}

static int
holds(const yaml_event_t *e, const char *v, size_t n)
{
	return e->type == YAML_SCALAR_EVENT && e->data.scalar.length == n &&
	    memcmp(e->data.scalar.value, v, n) == 0;
}

/*
 * The old text and the new, as many events in each: are all but the scalar,
 * their nth, the same, and did it hold the old value where it holds the new?
 */
static int
same_but_one(const char *was, size_t was_len, const char *now, size_t now_len,
    const struct buf *old, const char *value, size_t target, size_t events)
{
	yaml_parser_t y, z;
	yaml_event_t a, b;
	size_t nth;
	int same = 1, last = 0;

	parser_open(&y, was, was_len);
	parser_open(&z, now, now_len);
	for (nth = 0; same && !last; nth++) {
		if ((same = yaml_parser_parse(&y, &a))) {
			if ((same = yaml_parser_parse(&z, &b))) {
				same = same_event(&a, &b, nth == target) &&
				    (nth != target ||
					(holds(&a, old->p, old->len) &&
					    holds(&b, value, strlen(value))));
				yaml_event_delete(&b);
			}
			last = a.type == YAML_STREAM_END_EVENT;
			yaml_event_delete(&a);
		}
	}
	if (y.error == YAML_MEMORY_ERROR || z.error == YAML_MEMORY_ERROR)
		die(NULL, "out of memory");
	yaml_parser_delete(&z);
	yaml_parser_delete(&y);
	return same && nth == events;
}

/*
 * The lines [from, to) of the key that a step found; 0 where they do not stand
 * by themselves. They do when it is a key of a block mapping that begins a line
 * of its own, and what comes after begins one too, not further right. libyaml
 * then knows of what is before only how far each open collection is indented,
 * the innermost as far as the key: enough for it to read the lines alone as one
 * mapping with that one key. And whatever is in them that could go on (a plain
 * scalar, a block, a nested collection) ends with them.
 */
static int
step_lines(const struct text *in, const struct step *s, size_t *from, size_t *to)
{
	size_t key, next, i;

	if (!s->is_map || s->is_flow)
		return 0;
	key = byte_of(in->p, in->len, s->where.index);
	next = key + byte_of(in->p + key, in->len - key, s->next.index - s->where.index);
	*from = key - s->where.column;
	for (i = *from; i < key; i++)
		if (in->p[i] != ' ')
			return 0;
	if (*from > 0 && in->p[*from - 1] != '\n')
		return 0;
	*to = next;
	if (next == in->len)
		return 1;
	while (*to > 0 && in->p[*to - 1] == ' ')
		(*to)--;
	return next - *to <= s->where.column && in->p[*to - 1] == '\n';
}

/* The same proof as is_sound's, of the lines of the innermost key alone. */
static int
is_sound_near(const struct search *sr, const struct text *now, const char *value)
{
	const struct text *was = sr->in;
	const struct step *s;
	size_t i = sr->n, from, to, rest, now_to;

	do {
		if (i-- == 0)
			return 0;
		s = &sr->steps[i];
	} while (!step_lines(was, s, &from, &to));

	/* Before and after them nothing changed, and where they end a line does. */
	rest = was->len - to;
	now_to = now->len - rest;
	return now->len > from + rest && memcmp(now->p, was->p, from) == 0 &&
	    memcmp(now->p + now_to, was->p + to, rest) == 0 &&
	    (rest == 0 || now->p[now_to - 1] == '\n') &&
	    /* Around them: the starts of stream, document and mapping; the ends. */
	    same_but_one(was->p + from, to - from, now->p + from, now_to - from,
		&sr->scalar.value, value, sr->scalar.nth - s->nth + 3,
		s->next_nth - s->nth + 6);
}

int
is_sound(const struct search *sr, const struct text *now, const char *value)
{
	const struct text *was = sr->in;

	return is_sound_near(sr, now, value) ||
	    same_but_one(was->p, was->len, now->p, now->len, &sr->scalar.value, value,
		sr->scalar.nth, sr->events);
}
