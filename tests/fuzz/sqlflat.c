/*
 * sqlflat.c - fuzz sqlflat: its output is a text that it leaves as it is.
 *
 * input: the file, as standard input
 */
#include "fuzz.h"

const char *const target_tool = "sqlflat";

void
target(struct bytes in)
{
	struct bytes out, again;
	int code = run(&out, in, "-", NULL);

	if (code == 2)
		return;
	must(out.n == 0 || out.p[out.n - 1] == '\n');
	must(run(&again, out, "-n", "x", NULL) == code);
	must(equal(out, again));
}
