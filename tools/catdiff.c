/*
 * catdiff - what differs between two listings of a database's objects.
 *
 * in:   two listings, as scripts/lib/catalog.sql prints them
 * out:  findings as JSON, for atlasjson, or text: one for each object and attribute
 *       that differs; what an object's absence implies is not reported again
 * exit: 0 equal, 1 they differ, 2 could not (no listing, cut short, I/O)
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "catdiff_tell.h"

static struct listing want, have;

static void
usage(FILE *f)
{
	fputs("usage: catdiff [-htV] [-c levels] [-e pattern] [-H name] [-r remedy] "
	      "[-s schema]\n               [-W name] want have\n",
	    f);
}

int
main(int argc, char *argv[])
{
	struct words words = {"the models", "the migrations", NULL, 0};
	struct buf out = {0};
	struct diff *v;
	size_t n;
	int c;

	util_tool = "catdiff";
	while ((c = getopt(argc, argv, "c:e:H:hr:s:tVW:")) != -1)
		switch (c) {
		case 'c':
			pick_levels(optarg);
			break;
		case 'e':
			pick_exclude(optarg);
			break;
		case 'H':
			words.have = optarg;
			break;
		case 'h':
			usage(stdout);
			return fflush(stdout) == 0 ? EXIT_YES : EXIT_CANNOT;
		case 'r':
			words.remedy = optarg;
			break;
		case 's':
			pick_schema(optarg);
			break;
		case 't':
			words.text = 1;
			break;
		case 'V':
			puts("catdiff " VERSION);
			return fflush(stdout) == 0 ? EXIT_YES : EXIT_CANNOT;
		case 'W':
			words.want = optarg;
			break;
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
	fold(v, n, &want, &have);
	n = tell(&out, v, n, &want, &have, &words);
	xwrite_stdout(out.p, out.len);
	buf_free(&out);
	free(v);
	listing_free(&want);
	listing_free(&have);
	return n > 0 ? EXIT_NO : EXIT_YES;
}
