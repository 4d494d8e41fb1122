/* mhash_sum.c - read atlas.sum, see mhash.h. */
#include "mhash.h"

#include <stdlib.h>
#include <string.h>

#define REMEDY "write it anew with 'mhash -w'"
#define LINE_MAX_GO 65535 /* the longest line that Atlas reads back */

/* The length of the white space that starts at p, as Go's TrimSpace knows it. */
static size_t
space_len(const char *s, size_t n)
{
	const unsigned char *p = (const unsigned char *)s;

	if (n >= 1 && (p[0] == ' ' || (p[0] >= '\t' && p[0] <= '\r')))
		return 1;
	if (n >= 2 && p[0] == 0xc2 && (p[1] == 0x85 || p[1] == 0xa0))
		return 2;
	if (n < 3)
		return 0;
	if ((p[0] == 0xe1 && p[1] == 0x9a && p[2] == 0x80) ||
	    (p[0] == 0xe2 && p[1] == 0x80 &&
		((p[2] >= 0x80 && p[2] <= 0x8a) || p[2] == 0xa8 || p[2] == 0xa9 ||
		    p[2] == 0xaf)) ||
	    (p[0] == 0xe2 && p[1] == 0x81 && p[2] == 0x9f) ||
	    (p[0] == 0xe3 && p[1] == 0x80 && p[2] == 0x80))
		return 3;
	return 0;
}

static char *
trim(char *p)
{
	size_t n = strlen(p), k, left;

	while ((k = space_len(p, n)) != 0) {
		p += k;
		n -= k;
	}
	do
		for (left = n, k = 1; k <= 3 && k <= n; k++)
			if (space_len(p + n - k, k) == k) {
				n -= k;
				break;
			}
	while (n != left);
	p[n] = '\0';
	return p;
}

static int
is_hash(const char *p)
{
	return strspn(p, base64_digits) == HASH_LEN - 1 &&
	    strcmp(p + HASH_LEN - 1, "=") == 0;
}

/* Seven '<', '=', '>' or '|', then nothing or a blank. */
static int
is_conflict(const char *p)
{
	return strchr("<=>|", p[0]) != NULL && p[0] != '\0' &&
	    strspn(p, (char[]){p[0], '\0'}) == 7 && (p[7] == ' ' || p[7] == '\0');
}

static int
by_entry(const void *a, const void *b)
{
	const struct entry *x = *(struct entry *const *)a, *y = *(struct entry *const *)b;
	int r = strcmp(x->name, y->name);

	return r != 0 ? r : (x->line > y->line) - (x->line < y->line);
}

/* "PATH:LINE" for a message. */
static const char *
at_line(const char *path, size_t line)
{
	static struct buf b;

	b.len = 0;
	xbuf_addf(&b, "%.1000s:%zu", path, line);
	return b.p;
}

static void
parse_line(struct sum *s, char *p, size_t line, const char *path)
{
	struct entry *e = &s->v[s->n];
	char *h1 = strstr(p, "h1:");

	if (line == 1) {
		s->total = h1 == p ? p + 3 : p;
		if (is_hash(s->total))
			return;
	} else if (h1 != NULL && is_hash(h1 + 3)) {
		memset(e, 0, sizeof *e);
		*h1 = '\0';
		e->name = trim(p);
		e->hash = h1 + 3;
		e->line = line;
		if (*e->name != '\0') {
			s->n++;
			return;
		}
	}
	if (is_conflict(p))
		die(at_line(path, line),
		    "a merge conflict: settle the order of the files, "
		    "then " REMEDY);
	die(at_line(path, line), "not %s: " REMEDY,
	    line == 1 ? "'h1:' and a total" : "a name, 'h1:' and a hash");
}

void
sum_parse(struct sum *s, const char *path)
{
	char *p = s->text.p, *end = p + s->text.len, *lf;
	struct entry *e;
	size_t line, len, i, n = 1;

	if (s->text.len == 0)
		die(path, "empty: " REMEDY);
	for (lf = p; (lf = memchr(lf, '\n', (size_t)(end - lf))) != NULL; lf++)
		n++;
	s->v = xcalloc(n, sizeof *s->v);
	for (line = 1; p < end; line++, p = lf + 1) {
		lf = memchr(p, '\n', (size_t)(end - p));
		if (lf == NULL)
			lf = end;
		len = (size_t)(lf - p);
		if (len > LINE_MAX_GO)
			die(at_line(path, line),
			    "too long for a name and a hash: " REMEDY);
		if (len > 0 && p[len - 1] == '\r')
			len--;
		p[len] = '\0';
		if (strlen(p) != len)
			die(at_line(path, line), "a NUL byte: " REMEDY);
		parse_line(s, p, line, path);
	}
	s->sorted = xcalloc(s->n, sizeof *s->sorted);
	for (i = 0; i < s->n; i++)
		s->sorted[i] = &s->v[i];
	if (s->n > 1)
		qsort(s->sorted, s->n, sizeof *s->sorted, by_entry);
	for (i = 1; i < s->n; i++) {
		e = s->sorted[i];
		if (strcmp(s->sorted[i - 1]->name, e->name) == 0)
			die(at_line(path, e->line),
			    "'%.300s' stands on line %zu already: " REMEDY, e->name,
			    s->sorted[i - 1]->line);
	}
}

int
sum_holds(const struct sum *s)
{
	SHA256_CTX c;
	char total[HASH_LEN + 1];
	size_t i;

	(void)SHA256_Init(&c);
	for (i = 0; i < s->n; i++) {
		sha_add(&c, s->v[i].name, strlen(s->v[i].name));
		sha_add(&c, s->v[i].hash, HASH_LEN);
	}
	sha_text(&c, total);
	return strcmp(total, s->total) == 0;
}

void
sum_free(struct sum *s)
{
	free(s->v);
	free(s->sorted);
	buf_free(&s->text);
}

int
sum_refuses(const char *name)
{
	return strchr(name, '\n') != NULL || strstr(name, "h1:") != NULL ||
	    space_len(name, strlen(name)) != 0;
}
