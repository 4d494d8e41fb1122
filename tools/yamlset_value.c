/*
 * yamlset_value.c - write a value in a scalar's place.
 *
 * In the style the scalar has, where that can hold the value for every reader,
 * else in double quotes; on one line always.
 */
#include "yamlset.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

/* ---- writing the value ---- */

/*
 * Texts that YAML 1.1 or 1.2, or a reader in wide use, takes for something
 * else than a string when they are plain: null, booleans, integers, floats,
 * base 60, C's floats in hex, timestamps, "=" and "<<". In any case of letters:
 * one rule, and a pair of quotes too many does no harm.
 */
static int
is_other_type(const char *v)
{
	static const char words[] =
	    "^(~|null|true|false|yes|no|on|off|y|n|=|<<|"
	    "[-+]?(0b[01_]+|0o[0-7_]+|0x[0-9a-f_.]+(p[-+]?[0-9]+)?|\\.inf|\\.nan|"
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

int
is_same(const struct scalar *s, const char *v)
{
	if (!is_text(&s->value, (const yaml_char_t *)v, strlen(v)))
		return 0;
	return s->style != YAML_PLAIN_SCALAR_STYLE || s->is_typed ||
	    (s->value.len > 0 && !is_other_type(v));
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

void
put_changed(
    struct buf *out, const struct text *in, const struct scalar *s, const char *value)
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
