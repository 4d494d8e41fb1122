/*
 * sqlflat.c - fuzz sqlflat: its output is a text that it leaves as it is, and with -b the
 * same but for a backslash before semicolons.
 *
 * input: the file, as standard input
 */
#include "fuzz.h"

const char *const target_tool = "sqlflat";

void
target(struct bytes in)
{
	struct bytes out, again;
	size_t i, k;
	int code = run(&out, in, "-", NULL);

	if (code == 2)
		return;
	must(out.n == 0 || out.p[out.n - 1] == '\n');
	must(run(&again, out, "-n", "x", NULL) == code);
	must(equal(out, again));
	/* 2: it has transactions of its own */
	if (run(&again, out, "-b", "3", NULL) == 2)
		return;
	for (i = k = 0; i < again.n; i++)
		if (k < out.n && again.p[i] == out.p[k])
			k++;
		else
			must(again.p[i] == '\\' && k < out.n && out.p[k] == ';');
	must(k == out.n);
}
