/*
 * catdiff.c - fuzz catdiff: two listings of any bytes.
 *
 * input: WANT 0x1e HAVE; each gets the line that ends a listing.
 */
#include "fuzz.h"

const char *const target_tool = "catdiff";

void
target(struct bytes in)
{
	struct bytes want = field(&in, 0x1e), have = in, out, back, none = copy("", 0);
	int code;

	have = copy(in.p, in.n);
	add(&want, "\\.\n", 3);
	add(&have, "\\.\n", 3);
	world_add("want", want);
	world_add("have", have);
	code = run(&out, none, "want", "have", NULL);
	must((code == 1) == (out.n > 0));
	must(run(&back, none, "have", "want", NULL) == code);
	if (code == 2)
		return;
	/* Nothing differs from itself. */
	must(run(&out, none, "want", "want", NULL) == 0);
	must(out.n == 0);
}
