/*
 * atlasjson.c - make a report of what Atlas and squawk print as JSON.
 *
 * in:   the output of `atlas migrate lint|apply|status` or `schema inspect`
 *       with --format '{{ json . }}', of `squawk --reporter json`, in any
 *       number, order and mixture, with other lines around them
 * out:  one report (-f), or for schema inspect a picture of the schema
 * exit: 0 no error (there may be warnings), 1 the JSON reports an error,
 *       2 could not (no JSON, or none that is known; usage, I/O)
 *
 * The URL in Atlas's JSON may hold a password: it is never looked at.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "atlasjson.h"

static struct report report;

static void
usage(FILE *f)
{
	fputs("usage: atlasjson [-hV] [-d dir] [-f format] [-l levels] [-p prefix] "
	      "[file ...]\n",
	    f);
}

static void
text(struct buf *out, const struct report *r)
{
	const char *no = getenv("NO_COLOR");

	print_text(out, r, isatty(STDOUT_FILENO) && (no == NULL || *no == '\0'));
}

static const struct format {
	const char *name;
	void (*print)(struct buf *, const struct report *);
	int picture;
} formats[] = {
    {"dot", print_dot, 1},
    {"github", print_github, 0},
    {"gitlab", print_gitlab, 0},
    {"junit", print_junit, 0},
    {"markdown", print_markdown, 0},
    {"mermaid", print_mermaid, 1},
    {"sarif", print_sarif, 0},
    {"text", text, 0},
};
#define NFORMATS (sizeof formats / sizeof formats[0])

static const struct format *
find_format(const char *name)
{
	size_t i;

	for (i = 0; i < NFORMATS; i++)
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
	die("-f",
	    "'%.40s': the format is one of text, github, gitlab, junit, markdown, "
	    "sarif, and of a schema dot or mermaid",
	    name);
}

static void
read_input(const char *name)
{
	struct buf in = {0};

	if (strcmp(name, "-") == 0) {
		name = "standard input";
		xread_fd(STDIN_FILENO, name, &in);
	} else
		xread_file(name, &in);
	read_stream(&report, &in, name);
	buf_free(&in);
}

int
main(int argc, char *argv[])
{
	const char *dir = NULL, *prefix = "";
	const struct format *format = find_format("text");
	struct buf out = {0};
	int c;

	util_tool = "atlasjson";
	/* Short of memory, jansson would drop characters of a string and go on. */
	json_set_alloc_funcs(xmalloc, free);
	while ((c = getopt(argc, argv, "d:f:hl:p:V")) != -1)
		switch (c) {
		case 'd':
			dir = optarg;
			break;
		case 'f':
			format = find_format(optarg);
			break;
		case 'h':
			usage(stdout);
			return fflush(stdout) == 0 ? EXIT_YES : EXIT_CANNOT;
		case 'l':
			report_levels(optarg);
			break;
		case 'p':
			prefix = optarg;
			break;
		case 'V':
			puts("atlasjson " VERSION);
			return fflush(stdout) == 0 ? EXIT_YES : EXIT_CANNOT;
		default:
			usage(stderr);
			return EXIT_CANNOT;
		}
	argc -= optind;
	argv += optind;

	report_setup(dir);
	if (dir != NULL)
		source_sum(&report, dir);
	if (argc == 0)
		read_input("-");
	for (; argc > 0; argc--, argv++)
		read_input(*argv);
	if (format->picture && (report.schemas == NULL || report.nruns > 0))
		die("-f", "'%s' draws what 'atlas schema inspect' prints, and only that",
		    format->name);
	if (!format->picture && report.schemas != NULL)
		die("-f",
		    "'%s' is no picture: for 'atlas schema inspect' take dot or "
		    "mermaid",
		    format->name);
	report_finish(&report);
	report_prefix(&report, prefix);
	format->print(&out, &report);
	xwrite_stdout(out.p, out.len);
	buf_free(&out);
	return report.nerrors > 0 ? EXIT_NO : EXIT_YES;
}
