/*
 * catdiff_norm.c - one of the two ways in which PostgreSQL prints the same.
 *
 * What it prints of an expression it does not always print again when it has
 * read that. The one case that is met daily is a list of strings against a
 * varchar (x IN ('a', 'b')), which is
 *   ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[])
 * as it is first made, and
 *   ANY (ARRAY[('a'::character varying)::text, ('b'::character varying)::text])
 * when that has been read: the cast has gone from the array to what is in it.
 * Models would differ from the very migrations that were written from them.
 */
#include <string.h>

#include "catdiff.h"

/* The end of the quoted text that begins at s: a string's or a name's. */
static const char *
quoted_end(const char *s)
{
	char q = *s++;

	for (; *s != '\0'; s++)
		if (*s == q) {
			if (s[1] != q)
				return s + 1;
			s++;
		}
	return s;
}

/* The bracket that closes what s stands in, or NULL. */
static const char *
closing(const char *s, char close)
{
	int depth = 0;

	while (*s != '\0') {
		if (*s == '\'' || *s == '"') {
			s = quoted_end(s);
			continue;
		}
		if (depth == 0 && *s == close)
			return s;
		if (*s == '(' || *s == '[')
			depth++;
		else if (*s == ')' || *s == ']')
			depth--;
		s++;
	}
	return NULL;
}

/* "(item)::type, ..." of the items from s to end. */
static void
add_items(struct buf *out, const char *s, const char *end, const char *type, size_t ntype)
{
	int depth = 0;
	const char *item = s;

	for (;; s++) {
		while (s < end && (*s == '\'' || *s == '"'))
			s = quoted_end(s);
		if (s >= end || (depth == 0 && *s == ',')) {
			xbuf_addf(
			    out, "(%.*s)::%.*s", (int)(s - item), item, (int)ntype, type);
			if (s >= end)
				return;
			xbuf_addf(out, ", ");
			item = s + 1 + (s[1] == ' ');
		} else if (*s == '(' || *s == '[')
			depth++;
		else if (*s == ')' || *s == ']')
			depth--;
	}
}

char *
xnormal(const char *s)
{
	static const char open[] = "(ARRAY[";
	struct buf out = {0};
	if (strstr(s, open) == NULL)
		return NULL;

	while (*s != '\0') {
		const char *end, *type, *after;

		if (*s == '\'' || *s == '"') {
			end = quoted_end(s);
			xbuf_add(&out, s, (size_t)(end - s));
			s = end;
			continue;
		}
		if (strncmp(s, open, sizeof(open) - 1) == 0 &&
		    (end = closing(s + sizeof(open) - 1, ']')) != NULL &&
		    strncmp(end, "])::", 4) == 0 &&
		    (after = strstr(type = end + 4, "[]")) != NULL &&
		    strcspn(type, "()[],'") == (size_t)(after - type)) {
			xbuf_addf(&out, "ARRAY[");
			add_items(&out, s + sizeof(open) - 1, end, type,
			    (size_t)(after - type));
			xbuf_addf(&out, "]");
			s = after + 2;
			continue;
		}
		xbuf_addc(&out, *s++);
	}
	xbuf_addc(&out, '\0');
	return out.p;
}
