/*
 * watchlint.c - fuzz watchlint: a migration, and facts of any bytes.
 *
 * input: SQL 0x1e FACTS 0x1e SAID
 */
#include "fuzz.h"

const char *const target_tool = "watchlint";

void
target(struct bytes in)
{
	struct bytes sql = field(&in, 0x1e), facts = field(&in, 0x1e), said = in, out,
		     none;
	int code, quiet;

	none = copy("", 0);
	said = copy(in.p, in.n);
	quiet = (sql.n + facts.n) % 8 == 0;
	world_add("1.sql", sql);
	world_add("facts", facts);
	world_add("said", said);
	must(run(&out, none, "-s", "-m", "k1", "-i", "w.sql", "1.sql", NULL) == 0);
	must(out.n > 0);
	code = run(&out, none, "-m", "k1", "-o", "facts", "-e", "said", "-b", "t u=2", "-n",
	    "^[a-z]+$", "1.sql", NULL);
	must((code == 2) == (out.n == 0));
	if (quiet)
		must(run(&out, none, "-q", "-m", "k1", "-o", "facts", "-e", "said", "1.sql",
			 NULL) >= 0);
}
