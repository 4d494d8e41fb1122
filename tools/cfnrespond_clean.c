/* cfnrespond_clean.c - foreign text, made fit to be sent. */
#include "cfnrespond.h"

#include <string.h>

#define SECRET_MIN 20 /* a part of the URL this long is no common word */

size_t
prefix_utf8(const char *p, size_t n, size_t max)
{
	if (n <= max)
		return n;
	while (max > 0 && ((unsigned char)p[max] & 0xc0) == 0x80)
		max--;
	return max;
}

/* Replace what in b, wherever it is. */
static void
scrub(struct buf *b, const char *what, size_t n)
{
	struct buf new = {0};
	const char *p = b->p, *end = b->p + b->len, *next;

	while ((size_t)(end - p) >= n &&
	    (next = memchr(p, *what, (size_t)(end - p) - n + 1)) != NULL) {
		xbuf_add(&new, p, (size_t)(next - p));
		p = next;
		if (memcmp(p, what, n) == 0) {
			xbuf_adds(&new, "[ResponseURL]");
			p += n;
		} else
			xbuf_addc(&new, *p++);
	}
	xbuf_add(&new, p, (size_t)(end - p));
	buf_free(b);
	*b = new;
}

static int
hex_digit(char c)
{
	const char *digits = "0123456789abcdef0123456789ABCDEF", *p;

	p = c != '\0' ? strchr(digits, c) : NULL;
	return p != NULL ? (int)((p - digits) % 16) : -1;
}

static void
add_decoded(struct buf *b, const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (p[i] == '%' && i + 2 < n && hex_digit(p[i + 1]) >= 0 &&
		    hex_digit(p[i + 2]) >= 0) {
			xbuf_addc(
			    b, (char)(hex_digit(p[i + 1]) * 16 + hex_digit(p[i + 2])));
			i += 2;
		} else
			xbuf_addc(b, p[i]);
}

/*
 * Take the ResponseURL out of b: all of it, its query, and each long value in
 * the query, as written and decoded. The signature alone is enough to forge an
 * answer, and a program that quotes a URL may escape its "&" or decode it.
 */
static void
scrub_url(struct buf *b, const json_t *url)
{
	const char *p = json_string_value(url), *end, *eq;
	struct buf value = {0};
	size_t n = json_string_length(url);

	if (p == NULL || n < SECRET_MIN || b->len == 0)
		return;
	scrub(b, p, n);
	end = p + n;
	if ((p = memchr(p, '?', n)) == NULL)
		return;
	p++;
	if ((size_t)(end - p) >= SECRET_MIN)
		scrub(b, p, (size_t)(end - p));
	for (; p < end; p += n + 1) {
		for (n = 0; p + n < end && p[n] != '&'; n++)
			;
		eq = memchr(p, '=', n);
		if (eq == NULL || (size_t)(p + n - (eq + 1)) < SECRET_MIN)
			continue;
		scrub(b, eq + 1, (size_t)(p + n - (eq + 1)));
		value.len = 0;
		add_decoded(&value, eq + 1, (size_t)(p + n - (eq + 1)));
		if (value.len >= SECRET_MIN)
			scrub(b, value.p, value.len);
	}
	buf_free(&value);
}

void
xclean(struct buf *out, const char *p, size_t n, const json_t *event)
{
	xbuf_add(out, "", 0);
	xbuf_utf8(out, p, n, 1);
	scrub_url(out, json_object_get(event, "ResponseURL"));
}
