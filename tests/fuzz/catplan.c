/*
 * catplan.c - fuzz catplan: two listings of any bytes, and a plan of Atlas's.
 *
 * input: PART(a digit) SCHEMAS 0x00 RENAMES 0x00 PLAN 0x1e WANT 0x1e HAVE; each
 * listing gets the line that ends it.
 */
#include "fuzz.h"

const char *const target_tool = "catplan";

/* A statement ends in a line of its own, and nothing stands behind the last. */
static void
ended(struct bytes out)
{
	must(out.n == 0 ||
	    (out.n > 4 && out.p[out.n - 1] == '\n' &&
		(out.p[out.n - 2] == 1 || out.p[out.n - 2] == 2)));
}

void
target(struct bytes in)
{
	static const char *const parts[] = {"rename", "texts", "values", "shape", "clear",
	    "before", "plan", "rows", "left", "notes"};
	struct bytes schemas, renames, plan, want, have, out, none = copy("", 0);
	size_t part;
	int code;

	if (in.n == 0)
		return;
	part = (unsigned char)in.p[0] % 10;
	in.p++;
	in.n--;
	schemas = field(&in, 0);
	renames = field(&in, 0);
	plan = field(&in, 0x1e);
	want = field(&in, 0x1e);
	have = copy(in.p, in.n);
	add(&want, "\\.\n", 3);
	add(&have, "\\.\n", 3);
	world_add("want", want);
	world_add("have", have);
	world_add("plan", plan);
	code = run(&out, none, "-S", schemas.p, "-r", renames.p, "-p", "plan", parts[part],
	    "want", "have", NULL);
	if (part == 0 || part == 2 || (part >= 4 && part <= 7))
		ended(out);
	if (part == 8)
		must((code == 1) == (out.n > 0) || code == 2);
	if (code == 2)
		return;
	/* From something to itself there is no way to go. */
	must(run(&out, none, "-S", schemas.p, "rows", "want", "want", NULL) == 0);
	must(out.n == 0);
}
