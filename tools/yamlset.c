/*
 * yamlset.c - read or change one scalar of a YAML document.
 *
 * Input: one YAML document in UTF-8 (stdin, -f FILE, or -i FILE to edit in
 * place) and a JSON pointer (RFC 6901) that names the scalar. Output: the
 * scalar's text and a newline; with a VALUE, the input with that scalar
 * changed and every other byte as it was. VALUE is quoted when it must be to
 * read back as the same string under YAML 1.1 and 1.2. Exit: 0 done, 1 no such
 * scalar, 2 could not (bad YAML, an alias or a collection, an ambiguous name).
 *
 * libyaml's events say where the scalar is; the bytes around it are copied,
 * never emitted anew. Before anything is written the result is parsed again,
 * beside what was read: all their events but one must be the same, and that one
 * must hold VALUE. Most often the lines of one key are enough for that.
 */
#include "util.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <yaml.h>

#ifndef VERSION
#define VERSION "0.1.0"
#endif

/* libyaml's work per token grows with the nesting; no real file comes near. */
#define MAX_DEPTH 1000
/* Bytes of a foreign name that go into a message. */
#define MAX_SHOWN 80

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

static const char usage_text[] = "usage: yamlset [-f file] pointer [value]\n"
				 "       yamlset -i file pointer value\n"
				 "       yamlset -h | -V\n";
static const char version_text[] = "yamlset " VERSION "\n";

static void NORETURN
usage(void)
{
	fputs(usage_text, stderr);
	exit(EXIT_CANNOT);
}

/* ---- messages ---- */

/* "name:line:column", both from 1; good until the next call. */
static const char *
at(const struct text *in, const yaml_mark_t *m)
{
	static struct buf b;

	b.len = 0;
	xbuf_addf(&b, "%s:%zu:%zu", in->name, m->line + 1, m->column + 1);
	return b.p;
}

/* "'text'", cut short at a character's end; good until it is asked again. */
static const char *
quoted(const char *p, size_t n)
{
	static struct buf ring[2];
	static unsigned turn;
	struct buf *b = &ring[turn++ % 2];
	size_t cut = n;

	if (n > MAX_SHOWN)
		for (cut = MAX_SHOWN; cut > 0 && ((unsigned char)p[cut] & 0xc0) == 0x80;)
			cut--;
	b->len = 0;
	xbuf_addc(b, '\'');
	xbuf_add(b, p, cut);
	xbuf_adds(b, cut < n ? "...'" : "'");
	return b->p;
}

/* ---- input ---- */

static void
text_open(struct text *in, const char *name, const struct buf *b)
{
	in->name = name;
	in->bom = b->len >= 3 && memcmp(b->p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	in->p = b->p + in->bom;
	in->len = b->len - in->bom;
	if (b->len >= 2 &&
	    (memcmp(b->p, "\xff\xfe", 2) == 0 || memcmp(b->p, "\xfe\xff", 2) == 0))
		die(name, "is UTF-16 or UTF-32: only UTF-8 can be used (see iconv(1))");
}

static void
parser_open(yaml_parser_t *y, const char *p, size_t n)
{
	if (!yaml_parser_initialize(y))
		die(NULL, "out of memory");
	yaml_parser_set_encoding(y, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(y, (const unsigned char *)p, n);
}

/* The reader complains by byte offset: find the line and column ourselves. */
static yaml_mark_t
mark_of_byte(const struct text *in, size_t offset)
{
	yaml_mark_t m = {0, 0, 0};
	size_t i;

	for (i = 0; i < offset && i < in->len; i++) {
		if (in->p[i] == '\n') {
			m.line++;
			m.column = 0;
		} else if (((unsigned char)in->p[i] & 0xc0) != 0x80)
			m.column++;
	}
	return m;
}

static void NORETURN
bad_yaml(const struct text *in, const yaml_parser_t *y)
{
	yaml_mark_t m;

	switch (y->error) {
	case YAML_MEMORY_ERROR:
		die(NULL, "out of memory");
	case YAML_READER_ERROR:
		m = mark_of_byte(in, y->problem_offset);
		if (y->problem_value == -1)
			die(at(in, &m), "not valid YAML: %s", y->problem);
		die(at(in, &m), "not valid YAML: %s (0x%02x)", y->problem,
		    (unsigned)y->problem_value);
	default:
		if (y->context != NULL)
			die(at(in, &y->problem_mark), "not valid YAML: %s, %s (line %zu)",
			    y->problem, y->context, y->context_mark.line + 1);
		die(at(in, &y->problem_mark), "not valid YAML: %s", y->problem);
	}
}

/* The byte offset of a character of well-formed UTF-8. */
static size_t
byte_of(const char *p, size_t n, size_t index)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (((unsigned char)p[i] & 0xc0) != 0x80 && index-- == 0)
			break;
	return i;
}

/* ---- the pointer ---- */

static void
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

static void
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
 * Where to write what is wrong; told only once the document is known to be
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

static int
is_text(const struct buf *b, const yaml_char_t *p, size_t n)
{
	return b->len == n && memcmp(b->p, p, n) == 0;
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

/* Told of each key and of the end: at the first after it the key found ends. */
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
 * Told of each item of the innermost open collection on the way. Says whether
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
 * Read the whole document, find the scalar, and tell on stderr what is wrong.
 * The collections on the way are the outermost of those that are open, so an
 * event is an item of the innermost one on the way exactly when no other is
 * open: when "depth", the number of all, equals sr->open.
 */
static int
find(struct search *sr)
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

/* ---- writing the value ---- */

/*
 * Texts that YAML 1.1 or 1.2, or a reader in wide use, takes for something
 * else than a string when they are plain: null, booleans, integers, floats,
 * base 60, timestamps, "=" and "<<". In any case of letters: one rule, and a
 * pair of quotes too many does no harm.
 */
static int
is_other_type(const char *v)
{
	static const char words[] =
	    "^(~|null|true|false|yes|no|on|off|y|n|=|<<|"
	    "[-+]?(0b[01_]+|0o[0-7_]+|0x[0-9a-f_]+|\\.inf|\\.nan|"
	    "[0-9][0-9_,]*(:[0-9]+)*(\\.[0-9_]*)?(e[-+]?[0-9]+)?|"
	    "\\.[0-9_]*(e[-+]?[0-9]+)?)|"
	    "[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(([Tt]|[ \t]+)[0-9].*)?)$";
	regex_t re;
	int match;

	if (regcomp(&re, words, REG_EXTENDED | REG_ICASE | REG_NOSUB) != 0)
		die(NULL, "cannot compile a regular expression");
	match = regexec(&re, v, 0, NULL, 0) == 0;
	regfree(&re);
	return match;
}

/* The character at p, n bytes of well-formed UTF-8. */
static unsigned long
character(const char *p, size_t n)
{
	static const unsigned char first[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	unsigned long c = (unsigned char)p[0] & first[n];
	size_t i;

	for (i = 1; i < n; i++)
		c = c << 6 | ((unsigned char)p[i] & 0x3f);
	return c;
}

/* May it stand in a quoted scalar as it is, on one line, for every reader? */
static int
is_printable(unsigned long c)
{
	return c == '\t' || (c >= 0x20 && c < 0x7f) ||
	    (c >= 0xa0 && c != 0x2028 && c != 0x2029 && c != 0xfeff && c != 0xfffe &&
		c != 0xffff);
}

static int
single_holds(const char *v)
{
	size_t n = strlen(v), i, w;

	for (i = 0; i < n; i += w) {
		w = utf8_len(v + i, n - i);
		if (!is_printable(character(v + i, w)))
			return 0;
	}
	return 1;
}

static int
plain_holds(const char *v, const struct scalar *s)
{
	size_t n = strlen(v);

	if (n == 0 || strchr("?:,[]{}#&*!|>'\"%@` ", v[0]) != NULL ||
	    (v[0] == '-' && (v[1] == '\0' || strchr(" ,[]{}", v[1]) != NULL)))
		return 0;
	/* Markers of a document, where the scalar stands at a line's start. */
	if (strncmp(v, "---", 3) == 0 || strncmp(v, "...", 3) == 0)
		return 0;
	if (v[n - 1] == ' ' || v[n - 1] == ':' || strchr(v, '\t') != NULL ||
	    strstr(v, ": ") != NULL || strstr(v, " #") != NULL)
		return 0;
	/* Inside brackets older readers end a plain scalar at any : or ?. */
	if (s->is_flow && strpbrk(v, ",[]{}:?") != NULL)
		return 0;
	return single_holds(v) && (s->is_typed || !is_other_type(v));
}

static void
put_single(struct buf *out, const char *v)
{
	xbuf_addc(out, '\'');
	for (; *v != '\0'; v++) {
		if (*v == '\'')
			xbuf_addc(out, '\'');
		xbuf_addc(out, *v);
	}
	xbuf_addc(out, '\'');
}

/* Only escapes that JSON has too, so that JSON stays JSON. */
static void
put_double(struct buf *out, const char *v)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	size_t n = strlen(v), i, w;
	const char *esc;
	unsigned long c;

	xbuf_addc(out, '"');
	for (i = 0; i < n; i += w) {
		w = utf8_len(v + i, n - i);
		c = character(v + i, w);
		esc = strchr(from, v[i]);
		if (esc != NULL) {
			xbuf_addc(out, '\\');
			xbuf_addc(out, to[esc - from]);
		} else if (!is_printable(c))
			xbuf_addf(out, "\\u%04lX", c);
		else
			xbuf_add(out, v + i, w);
	}
	xbuf_addc(out, '"');
}

/* The present style where it can hold the value, else double quotes. */
static void
put_value(struct buf *out, const char *v, const struct scalar *s)
{
	if (s->style == YAML_SINGLE_QUOTED_SCALAR_STYLE && single_holds(v))
		put_single(out, v);
	else if (s->style != YAML_SINGLE_QUOTED_SCALAR_STYLE &&
	    s->style != YAML_DOUBLE_QUOTED_SCALAR_STYLE && plain_holds(v, s))
		xbuf_adds(out, v);
	else
		put_double(out, v);
}

/* ---- the change ---- */

/*
 * The last token of a piece of the text, as byte offsets into the whole; with
 * "first_scalar", the first scalar if there is one. No token: type 0.
 */
static yaml_token_type_t
last_token(const struct text *in, size_t from, size_t to, int first_scalar, size_t *start,
    size_t *end)
{
	const char *p = in->p + from;
	yaml_parser_t y;
	yaml_token_t t;
	yaml_token_type_t type = YAML_NO_TOKEN;
	size_t n = to - from, start_index = 0, end_index = 0;
	int done = 0;

	parser_open(&y, p, n);
	while (!done && yaml_parser_scan(&y, &t)) {
		done = t.type == YAML_STREAM_END_TOKEN || t.type == YAML_NO_TOKEN;
		if (!done && t.type != YAML_BLOCK_END_TOKEN) {
			type = t.type;
			start_index = t.start_mark.index;
			end_index = t.end_mark.index;
			done = first_scalar && type == YAML_SCALAR_TOKEN;
		}
		yaml_token_delete(&t);
	}
	yaml_parser_delete(&y);
	*start = from + byte_of(p, n, start_index);
	*end = from + byte_of(p, n, end_index);
	return type;
}

/*
 * Where the text of a scalar that has none would stand: right after its tag
 * or anchor, the ':' or '-' it belongs to, or the document's "---".
 */
static size_t
empty_place(const struct text *in, const struct scalar *s, size_t end)
{
	size_t start, after;

	if (s->has_props)
		return end;
	switch (last_token(in, 0, end, 0, &start, &after)) {
	case YAML_VALUE_TOKEN:
	case YAML_BLOCK_ENTRY_TOKEN:
	case YAML_DOCUMENT_START_TOKEN:
		return after;
	default:
		die(at(in, &s->where),
		    "a key without ':' has no place for a value: "
		    "write the ':' first");
	}
}

/*
 * Put the value in place of a block scalar, [start, end). Only its indicators
 * and its lines go: a comment behind the indicators stays, and so do the blank
 * lines at the end, which libyaml counts in.
 */
static void
put_over_block(struct buf *out, const struct text *in, size_t start, size_t end)
{
	size_t head = start + 1, head_end, tail;

	head += strspn(in->p + head, "+-0123456789");
	head_end = head + strcspn(in->p + head, "\r\n");
	if (head_end > end)
		head_end = end;
	for (tail = end; tail > head_end; tail--)
		if (strchr(" \r\n", in->p[tail - 1]) == NULL)
			break;
	while (tail < end && in->p[tail] == ' ')
		tail++;
	xbuf_add(out, in->p + head, head_end - head);
	xbuf_add(out, in->p + tail, end - tail);
}

/* The whole of the new text; a byte order mark stays in front. */
static void
change(struct buf *out, const struct text *in, const struct scalar *s, const char *value)
{
	size_t start = byte_of(in->p, in->len, s->start.index);
	size_t end = start +
	    byte_of(in->p + start, in->len - start, s->end.index - s->start.index);
	size_t ignored;
	int is_block =
	    s->style == YAML_LITERAL_SCALAR_STYLE || s->style == YAML_FOLDED_SCALAR_STYLE;
	/* Plain text has a character at least, so this one is not there at all. */
	int is_empty = s->style == YAML_PLAIN_SCALAR_STYLE && s->value.len == 0;

	if (is_empty)
		start = end = empty_place(in, s, end);
	else if (s->has_props)
		(void)last_token(in, start, end, 1, &start, &ignored);
	xbuf_add(out, in->p - in->bom, in->bom + start);
	if (is_empty)
		xbuf_addc(out, ' ');
	put_value(out, value, s);
	if (is_block)
		put_over_block(out, in, start, end);
	xbuf_add(out, in->p + end, in->len - end);
}

/* ---- the proof ---- */

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
	if (s->where.column > key)
		return 0;
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
	if (now->len < from + rest)
		return 0;
	now_to = now->len - rest;
	if (memcmp(now->p, was->p, from) != 0 ||
	    memcmp(now->p + now_to, was->p + to, rest) != 0 ||
	    (rest > 0 && (now_to == from || now->p[now_to - 1] != '\n')))
		return 0;

	/* Around these lines: the starts of stream, document and mapping; the ends. */
	return same_but_one(was->p + from, to - from, now->p + from, now_to - from,
	    &sr->scalar.value, value, sr->scalar.nth - s->nth + 3,
	    s->next_nth - s->nth + 6);
}

/* Does the new text say what the old one did, but for the scalar? */
static int
is_sound(const struct search *sr, const struct text *now, const char *value)
{
	const struct text *was = sr->in;

	return is_sound_near(sr, now, value) ||
	    same_but_one(was->p, was->len, now->p, now->len, &sr->scalar.value, value,
		sr->scalar.nth, sr->events);
}

/* Is the scalar that string already, for every reader? */
static int
is_same(const struct scalar *s, const char *v)
{
	if (!is_text(&s->value, (const yaml_char_t *)v, strlen(v)))
		return 0;
	return s->style != YAML_PLAIN_SCALAR_STYLE || s->is_typed ||
	    (s->value.len > 0 && !is_other_type(v));
}

/* The text with the value in it; 0 when it stands there already. */
static int
edit(struct buf *out, const struct search *sr, const char *value)
{
	const struct scalar *s = &sr->scalar;
	struct text edited;

	if (is_same(s, value))
		return 0;
	change(out, sr->in, s, value);
	text_open(&edited, sr->in->name, out);
	if (!is_sound(sr, &edited, value))
		die(at(sr->in, &s->where),
		    "cannot change this scalar and nothing else: "
		    "edit it by hand");
	return 1;
}

/* ---- main ---- */

static void
check_value(const char *v)
{
	size_t n = strlen(v), i, w;

	for (i = 0; i < n; i += w) {
		w = utf8_len(v + i, n - i);
		if (w == 0)
			die(NULL, "the value is not valid UTF-8 (byte %zu)", i + 1);
	}
}

int
main(int argc, char *argv[])
{
	struct buf file = {NULL, 0, 0}, out = {NULL, 0, 0};
	const char *path = NULL, *value;
	struct text in;
	struct search sr;
	int in_place = 0, is_new, c, status;

	util_tool = "yamlset";
	/* "+": GNU getopt would take a VALUE of "-5" for an option. */
	while ((c = getopt(argc, argv, "+f:hi:V")) != -1) {
		switch (c) {
		case 'f':
		case 'i':
			if (path != NULL)
				usage();
			path = optarg;
			in_place = c == 'i';
			break;
		case 'h':
			xwrite_stdout(usage_text, strlen(usage_text));
			return EXIT_YES;
		case 'V':
			xwrite_stdout(version_text, strlen(version_text));
			return EXIT_YES;
		default:
			usage();
		}
	}
	argc -= optind;
	argv += optind;
	if (argc < (in_place ? 2 : 1) || argc > 2)
		usage();
	value = argc == 2 ? argv[1] : NULL;
	if (!pointer_valid(argv[0]))
		die(quoted(argv[0], strlen(argv[0])),
		    "not a JSON pointer: it starts "
		    "with '/', and '~' is written ~0");
	if (value != NULL)
		check_value(value);

	if (path != NULL)
		xread_file(path, &file);
	else
		xread_fd(STDIN_FILENO, "stdin", &file);
	text_open(&in, path != NULL ? path : "stdin", &file);
	search_open(&sr, &in, argv[0]);
	status = find(&sr);

	if (status == EXIT_YES && value == NULL) {
		xbuf_addc(&sr.scalar.value, '\n');
		xwrite_stdout(sr.scalar.value.p, sr.scalar.value.len);
	} else if (status == EXIT_YES) {
		is_new = edit(&out, &sr, value);
		if (in_place && is_new)
			xreplace_file(path, out.p, out.len);
		else if (!in_place && is_new)
			xwrite_stdout(out.p, out.len);
		else if (!in_place)
			xwrite_stdout(file.p, file.len);
	}
	search_close(&sr);
	buf_free(&out);
	buf_free(&file);
	return status;
}
