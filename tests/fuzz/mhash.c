/*
 * mhash.c - fuzz mhash: against a slow reference, written from Atlas's rules.
 *
 * input: a byte of options, then NAME 0x1f CONTENT 0x1e ... A name of
 * "atlas.sum" is the recorded sum, the standard input of -s too.
 */
#include "fuzz.h"

#include <regex.h>
#include <stdlib.h>

#include <openssl/evp.h>

const char *const target_tool = "mhash";

struct file {
	struct bytes name, content;
};

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct file *)a)->name.p, ((const struct file *)b)->name.p);
}

static void
digest(struct bytes in, char text[45])
{
	unsigned char md[EVP_MAX_MD_SIZE];

	must(EVP_Digest(in.p, in.n, md, NULL, EVP_sha256(), NULL));
	must(EVP_EncodeBlock((unsigned char *)text, md, 32) == 44);
}

/* Atlas's own expression, on the first line, or up to what it cannot match. */
static int
is_ignored(struct bytes content, int old_rule)
{
	static regex_t re;
	static int ready;
	struct bytes line = copy(content.p, content.n);
	size_t n;

	if (!ready)
		ready = regcomp(&re, "^[ -~]*atlas:sum +ignore$",
			    REG_EXTENDED | REG_NOSUB) == 0;
	must(ready);
	for (n = 0; n < line.n && line.p[n] >= ' ' && line.p[n] <= '~'; n++)
		;
	if (n < line.n && line.p[n] != '\n' && !old_rule)
		return 0;
	line.p[n] = '\0';
	return regexec(&re, line.p, 0, NULL, 0) == 0;
}

/* The whole of what was hashed up to here is hashed anew for each file. */
static struct bytes
reference(const struct file *v, size_t n, int old_rule)
{
	struct bytes all = copy("", 0), top = copy("", 0), lines = copy("", 0), sum;
	char text[45];
	size_t i;

	for (i = 0; i < n; i++) {
		add(&all, v[i].name.p, v[i].name.n);
		if (is_ignored(v[i].content, old_rule))
			continue;
		add(&all, v[i].content.p, v[i].content.n);
		digest(all, text);
		add(&top, v[i].name.p, v[i].name.n);
		add(&top, text, 44);
		add(&lines, v[i].name.p, v[i].name.n);
		add(&lines, " h1:", 4);
		add(&lines, text, 44);
		add(&lines, "\n", 1);
	}
	digest(top, text);
	sum = copy("h1:", 3);
	add(&sum, text, 44);
	add(&sum, "\n", 1);
	add(&sum, lines.p, lines.n);
	return sum;
}

static void
add_number(struct bytes *to, size_t n)
{
	char b[8];
	int i;

	for (i = 0; i < 8; i++)
		b[i] = (char)(n >> (8 * (7 - i)) & 0xff);
	add(to, b, 8);
}

/* The names asked for come twice, and one of them is not there. */
static void
fingerprint(const struct file *v, size_t n, int nul)
{
	struct bytes names = copy("", 0), all = copy("mhash fingerprint 1\n", 20), out;
	char text[45], sep = nul ? '\0' : '\n';
	size_t i;

	for (i = 0; i < 2 * n; i++) {
		add(&names, v[i % n].name.p, v[i % n].name.n);
		add(&names, &sep, 1);
	}
	add(&names, "~absent", 7);
	for (i = 0; i < n; i++) {
		if (!nul && memchr(v[i].name.p, '\n', v[i].name.n) != NULL)
			return;
		if (strcmp(v[i].name.p, "~absent") >= 0)
			return;
		add_number(&all, v[i].name.n);
		add(&all, v[i].name.p, v[i].name.n);
		add(&all, "f", 1);
		add_number(&all, v[i].content.n);
		add(&all, v[i].content.p, v[i].content.n);
	}
	add_number(&all, 7);
	add(&all, "~absenta", 8);
	digest(all, text);
	must(run(&out, names, nul ? "-f0" : "-f", NULL) == 0);
	must(out.n == 48 && memcmp(out.p, "h1:", 3) == 0 &&
	    memcmp(out.p + 3, text, 44) == 0);
}

/* Could Atlas read each name back? */
static int
readable(const struct file *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strchr(v[i].name.p, '\n') != NULL ||
		    strstr(v[i].name.p, "h1:") != NULL ||
		    (unsigned char)v[i].name.p[0] <= ' ' ||
		    (unsigned char)v[i].name.p[0] >= 0x80)
			return 0;
	return 1;
}

void
target(struct bytes in)
{
	struct file v[16];
	struct bytes out, want, again, recorded = {NULL, 0}, none = copy("", 0), f;
	size_t n = 0, taken = 0, i;
	int options, old_rule, code;
	const char *old;

	if (in.n == 0)
		return;
	options = *in.p++;
	in.n--;
	old_rule = options & 1;
	old = old_rule ? "-o" : "--";
	while (in.n > 0 && n < sizeof v / sizeof *v) {
		f = field(&in, 0x1e);
		v[n].name = field(&f, 0x1f);
		v[n].content = f;
		if (v[n].name.n == 0 || v[n].name.n > 200 ||
		    strlen(v[n].name.p) != v[n].name.n ||
		    strchr(v[n].name.p, '/') != NULL)
			continue;
		if (strcmp(v[n].name.p, "atlas.sum") == 0) {
			recorded = v[n].content;
			continue;
		}
		for (i = 0; i < n && strcmp(v[i].name.p, v[n].name.p) != 0; i++)
			;
		if (i < n)
			continue;
		world_add(v[n].name.p, v[n].content);
		n++;
	}
	if (n > 0)
		qsort(v, n, sizeof *v, by_name);
	if (options & 2 && n > 0)
		fingerprint(v, n, options & 4);
	for (i = 0; i < n; i++)
		if (v[i].name.n >= 4 &&
		    strcmp(v[i].name.p + v[i].name.n - 4, ".sql") == 0)
			v[taken++] = v[i];
	n = taken;

	want = reference(v, n, old_rule);
	must(run(&out, none, old, "d", NULL) == 0);
	must(equal(out, want));

	/* With the sum that was recorded, whatever it is ... */
	if (recorded.p != NULL) {
		code = run(&again, recorded, "-s", NULL);
		if (code == 0)
			must(again.n == 48 && has(recorded, again.p + 3, 44));
		world_set("atlas.sum", recorded);
		code = run(&out, none, "-c", old, "d", NULL);
		must((code == 0 || code == 2) == (out.n == 0));
		must(code != 0 || has(recorded, want.p + 3, 44));
		if (equal(recorded, want) && readable(v, n))
			must(code == 0);
	}
	/* ... and with the right one, if Atlas can read it back. */
	if (!readable(v, n))
		return;
	must(world_set("atlas.sum", want));
	must(run(&out, none, "-c", old, "d", NULL) == 0);
	must(run(&out, want, "-s", NULL) == 0);
	must(out.n == 48 && memcmp(out.p, want.p, 48) == 0);
	/* One byte more in one of them is seen, and seen there. */
	for (i = 0; i < n && is_ignored(v[i].content, old_rule); i++)
		;
	if (i == n)
		return;
	f = copy(v[i].content.p, v[i].content.n);
	add(&f, "x", 1);
	if (is_ignored(f, old_rule))
		return;
	world_set(v[i].name.p, f);
	must(run(&out, none, "-c", old, "d", NULL) == 1);
	must(has(out, "edited ", 7));
}
