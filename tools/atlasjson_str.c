/* atlasjson_str.c - text of foreign origin made fit to be shown. */
#include "atlasjson.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FFFD "\xef\xbf\xbd"

/* A copy of n bytes at p where U+FFFD stands for each byte that is not UTF-8. */
char *
repair_utf8(const char *p, size_t n, size_t *len)
{
	struct buf b = {0};

	xbuf_add(&b, "", 0);
	xbuf_utf8(&b, p, n, 0);
	if (len != NULL)
		*len = b.len;
	return b.p;
}

/*
 * The length of the character at p, n >= 1. *ok is 0 when it must not reach a
 * terminal or log as it is: control characters (line ends and tabs too), what
 * turns the direction of the text, what else breaks lines, and no UTF-8.
 */
size_t
clean_len(const char *p, size_t n, int *ok)
{
	const unsigned char *u = (const unsigned char *)p;
	size_t k = utf8_len(p, n);

	*ok = k != 0;
	if (k == 1)
		*ok = u[0] >= 0x20 && u[0] != 0x7f;
	else if (k == 2)
		*ok = u[0] != 0xc2 || u[1] >= 0xa0; /* C1 */
	else if (k == 3 && u[0] == 0xe2 && u[1] == 0x80)
		*ok = (u[2] < 0xa8 || u[2] > 0xae) && /* U+2028..202E */
		    u[2] != 0x8e && u[2] != 0x8f;     /* U+200E, 200F */
	else if (k == 3 && u[0] == 0xe2 && u[1] == 0x81)
		*ok = u[2] < 0xa6 || u[2] > 0xa9; /* U+2066..2069 */
	return k != 0 ? k : 1;
}

/* ---- secrets ---- */

static const char *
skip_blanks(const char *p, const char *end)
{
	while (p < end && isspace((unsigned char)*p))
		p++;
	return p;
}

/*
 * What follows the word "password" at p: 'literal', E'literal', $$literal$$,
 * or after = also a bare word. Returns where the secret starts and sets *to to
 * its end, or NULL. An unclosed literal reaches to the end of the text.
 */
static const char *
find_secret(const char *p, const char *end, const char **to)
{
	const char *q = skip_blanks(p, end), *s;
	int assigned = 0, escapes = 0;
	size_t tag;

	if (q < end && *q == '=') {
		assigned = 1;
		q = skip_blanks(q + 1, end);
	}
	if (q == p || q == end)
		return NULL;
	if ((*q == 'E' || *q == 'e') && end - q > 1 && q[1] == '\'') {
		escapes = 1;
		q++;
	}
	if (*q == '\'' || (*q == '"' && assigned)) {
		for (s = q + 1; s < end; s++) {
			if (escapes && *s == '\\' && end - s > 1)
				s++;
			else if (*s == *q && end - s > 1 && s[1] == *q)
				s++;
			else if (*s == *q)
				break;
		}
		*to = s;
		return q + 1;
	}
	if (*q == '$') {
		s = memchr(q + 1, '$', (size_t)(end - q - 1));
		*to = end;
		if (s == NULL)
			return q;
		tag = (size_t)(s - q) + 1;
		for (s = q + tag; (size_t)(end - s) >= tag; s++)
			if (memcmp(s, q, tag) == 0) {
				*to = s;
				break;
			}
		return q + tag;
	}
	if (!assigned)
		return NULL;
	for (s = q;
	    s < end && !isspace((unsigned char)*s) && strchr("&'\";,)", *s) == NULL; s++)
		;
	*to = s;
	return q;
}

/* scheme://user:SECRET@host, p after the slashes. */
static const char *
find_userinfo(const char *p, const char *end, const char **to)
{
	const char *s, *colon = NULL;

	for (s = p; s < end && !isspace((unsigned char)*s) && strchr("/'\"", *s) == NULL;
	    s++) {
		if (*s == ':' && colon == NULL)
			colon = s;
		if (*s == '@') {
			*to = s;
			return colon != NULL ? colon + 1 : NULL;
		}
	}
	return NULL;
}

/*
 * A copy with *** for what looks like a password. Atlas masks none: statements
 * and driver errors come as they are, and the log of a CI run is public.
 */
char *
mask_secrets(const char *p, size_t n)
{
	static const char word[] = "password";
	const char *end = p + n, *from = p, *s, *to = NULL;
	struct buf b = {0};

	xbuf_add(&b, "", 0);
	while (p < end) {
		s = NULL;
		if ((*p == 'p' || *p == 'P') && (size_t)(end - p) >= sizeof word - 1 &&
		    strncasecmp(p, word, sizeof word - 1) == 0) {
			p += sizeof word - 1;
			s = find_secret(p, end, &to);
		} else if (*p == ':' && end - p > 3 && memcmp(p, "://", 3) == 0) {
			p += 3;
			s = find_userinfo(p, end, &to);
		} else
			p++;
		if (s == NULL)
			continue;
		xbuf_add(&b, from, (size_t)(s - from));
		xbuf_adds(&b, "***");
		from = p = to;
	}
	xbuf_add(&b, from, (size_t)(end - from));
	return b.p;
}

/*
 * A masked copy of s, or of its first max bytes and a note of how much is
 * missing: one statement of a megabyte shall not drown the report.
 */
char *
clip(const char *s, size_t max)
{
	char *all = mask_secrets(s, strlen(s));
	struct buf b = {0};
	size_t n = strlen(all), cut = max;

	if (n <= max)
		return all;
	while (cut > 0 && ((unsigned char)all[cut] & 0xc0) == 0x80)
		cut--;
	xbuf_add(&b, all, cut);
	xbuf_addf(&b, "... (%zu bytes more)", n - cut);
	free(all);
	return b.p;
}
