/*
 * catdiff - what differs between two listings of a database's objects.
 *
 * in:   two listings, as scripts/lib/catalog.sql prints them
 * out:  a line for each object and attribute that differs
 * exit: 0 equal, 1 they differ, 2 could not (no listing, cut short, I/O)
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "catdiff.h"

static struct listing want, have;

static void
usage(FILE *f)
{
	fputs("usage: catdiff [-hV] want have\n", f);
}

int
main(int argc, char *argv[])
{
	struct buf out = {0};
	struct diff *v;
	size_t i, n;
	int c;

	util_tool = "catdiff";
	while ((c = getopt(argc, argv, "hV")) != -1)
		switch (c) {
		case 'h':
			usage(stdout);
			return fflush(stdout) == 0 ? EXIT_YES : EXIT_CANNOT;
		case 'V':
			puts("catdiff " VERSION);
			return fflush(stdout) == 0 ? EXIT_YES : EXIT_CANNOT;
		default:
			usage(stderr);
			return EXIT_CANNOT;
		}
	if (argc - optind != 2) {
		usage(stderr);
		return EXIT_CANNOT;
	}
	xlisting_read(&want, argv[optind]);
	xlisting_read(&have, argv[optind + 1]);
	v = compare(&want, &have, &n);
	for (i = 0; i < n; i++)
		xbuf_addf(&out, "%c %s %s\n",
		    v[i].want == NULL       ? '-'
			: v[i].have == NULL ? '+'
					    : '!',
		    (v[i].want != NULL ? v[i].want : v[i].have)->kind,
		    (v[i].want != NULL ? v[i].want : v[i].have)->id);
	xwrite_stdout(out.p, out.len);
	buf_free(&out);
	free(v);
	listing_free(&want);
	listing_free(&have);
	return n > 0 ? EXIT_NO : EXIT_YES;
}
