/*
 * catdiff.c - fuzz catdiff: two listings of any bytes.
 *
 * input: WANT 0x1e HAVE; each gets the line that ends a listing.
 */
#include "fuzz.h"

const char *const target_tool = "catdiff";

/* Does the listing have a line that starts with these n bytes? */
static int
has_line(struct bytes in, const char *p, size_t n)
{
	size_t i, len;

	for (i = 0; i < in.n; i += len + 1) {
		len = strcspn(in.p + i, "\n");
		if (len >= n && memcmp(in.p + i, p, n) == 0)
			return 1;
	}
	return 0;
}

/* Is there a row in a whose kind, identity and definition b has not? */
static int
lacks(struct bytes a, struct bytes b)
{
	size_t i, len, n, tabs;

	for (i = 0; i < a.n; i += len + 1) {
		len = strcspn(a.p + i, "\n");
		for (n = 0, tabs = 0; n < len; n++)
			if (a.p[i + n] == '\t' && ++tabs == 3)
				break;
		if (tabs == 3 && strncmp(a.p + i, "needs\t", 6) != 0 &&
		    strncmp(a.p + i, "same\t", 5) != 0 && !has_line(b, a.p + i, n + 1))
			return 1;
	}
	return 0;
}

void
target(struct bytes in)
{
	struct bytes want = field(&in, 0x1e), have = in, out, back, none = copy("", 0);
	int code, plain;

	have = copy(in.p, in.n);
	plain = !has(want, "\\", 1) && !has(have, "\\", 1);
	add(&want, "\\.\n", 3);
	add(&have, "\\.\n", 3);
	world_add("want", want);
	world_add("have", have);
	code = run(&out, none, "want", "have", NULL);
	if (code != 2)
		must(has(out, "[", 1) && (code == 1) == has(out, "rule_name", 9));
	must(run(&back, none, "have", "want", NULL) == code);
	if (code == 2)
		return;
	/* Whatever differs, something is told. Escapes are left to the tests. */
	if (plain && (lacks(want, have) || lacks(have, want)))
		must(code == 1);
	/* Nothing differs from itself, if it is known. */
	code = run(&out, none, "want", "want", NULL);
	must(code == has(out, "diff-other", 10));
	must(run(&out, none, "-e", "u*", "-s", "public", "-c", "diff-other=off", "want",
		 "have", NULL) != 2);
}
