/*
 * yamlset_text.c - open a text, and say what is wrong where.
 */
#include "yamlset.h"

#include <string.h>

/* Bytes of a foreign name that go into a message. */
#define MAX_SHOWN 80

const char *
at(const struct text *in, const yaml_mark_t *m)
{
	static struct buf b;

	b.len = 0;
	xbuf_addf(&b, "%s:%zu:%zu", in->name, m->line + 1, m->column + 1);
	return b.p;
}

const char *
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

void
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

void
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

void
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

size_t
byte_of(const char *p, size_t n, size_t index)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (((unsigned char)p[i] & 0xc0) != 0x80 && index-- == 0)
			break;
	return i;
}

int
is_text(const struct buf *b, const yaml_char_t *p, size_t n)
{
	return b->len == n && memcmp(b->p, p, n) == 0;
}
