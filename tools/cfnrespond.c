/*
 * cfnrespond.c - answer a CloudFormation custom resource's event.
 *
 * in:   the event, JSON, on stdin
 * out:  -s: the response body, at most 4096 bytes of JSON, no newline after it;
 *           with -j what an invocation returns that no stack waits for
 *       -g: fields of the event, one a line
 *       -l: the members of an object in the event, NAME=VALUE, one a line
 *       -u: the ResponseURL as lines for curl --config, never in an argv
 * exit: 0 done, 1 the event has no such field (-g, -l), 2 could not (no event)
 *
 * A body over 4096 bytes is refused by CloudFormation and its reason is lost,
 * so it is cut here: see fit_answer(). The ResponseURL is a credential: no answer and
 * no message of this tool holds it. Nothing is sent anywhere.
 */
#include "cfnrespond.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BODY_MAX 4096    /* bytes of a response, after escaping */
#define RESULT_MAX 16384 /* bytes of what -j prints: a workflow keeps it */

#ifndef VERSION
#define VERSION "0.2.0"
#endif

static const char default_reason[] =
    "the custom resource failed and gave no reason; see the function's log";

/* The command line. */
static struct {
	const char *status, *text, *file, *list;
	char **data, **counts, **pointers;
	size_t ndata, ncounts, npointers;
	int direct, noecho, url;
} opt;

static void
usage(FILE *f)
{
	fputs("usage: cfnrespond -s SUCCESS|FAILED [-n] [-d key=value] "
	      "[-R file | -r text] <event\n"
	      "       cfnrespond -j -s SUCCESS|FAILED [-d key=value] [-k key=number] "
	      "[-R file | -r text] <event\n"
	      "       cfnrespond -g pointer ... <event\n"
	      "       cfnrespond -l pointer <event\n"
	      "       cfnrespond -u <event\n",
	    f);
}

static void
add_data(json_t *data, const char *arg, const json_t *event)
{
	const char *eq = strchr(arg, '=');
	struct buf key = {0}, value = {0};

	if (eq == NULL || eq == arg)
		die("-d", "not of the form key=value");
	xclean(&key, arg, (size_t)(eq - arg), event);
	xclean(&value, eq + 1, strlen(eq + 1), event);
	xjson_set(data, key.p, xjson_string(value.p, value.len));
	buf_free(&key);
	buf_free(&value);
}

static void
add_count(json_t *counts, const char *arg)
{
	const char *eq = strchr(arg, '=');
	struct buf key = {0};
	size_t n = eq != NULL ? strspn(eq + 1, "0123456789") : 0;

	if (eq == NULL || eq == arg || n == 0 || n > 9 || eq[1 + n] != '\0')
		die("-k", "not of the form key=number");
	xbuf_utf8(&key, arg, (size_t)(eq - arg), 1);
	xjson_set(counts, key.p, json_integer(strtol(eq + 1, NULL, 10)));
	buf_free(&key);
}

static void
set_reason(struct answer *a, const json_t *event)
{
	static const char blank[] = " \t\r\n";
	struct buf raw = {0};
	const char *p;
	size_t n;

	xbuf_add(&raw, "", 0);
	if (opt.file != NULL)
		xread_file(opt.file, &raw);
	else if (opt.text != NULL)
		xbuf_adds(&raw, opt.text);
	p = raw.p;
	n = raw.len;
	/* Blanks around it take room and say nothing. */
	for (; n > 0 && memchr(blank, *p, sizeof blank - 1) != NULL; p++)
		n--;
	while (n > 0 && memchr(blank, p[n - 1], sizeof blank - 1) != NULL)
		n--;
	xclean(&a->text, p, n, event);
	if (n == 0 && strcmp(a->status, "FAILED") == 0)
		xbuf_adds(&a->text, default_reason);
	buf_free(&raw);
}

/* An exit code, or -1 to go on. */
static int
options(int argc, char *argv[])
{
	int c;

	opt.data = xcalloc((size_t)argc, sizeof *opt.data);
	opt.counts = xcalloc((size_t)argc, sizeof *opt.counts);
	opt.pointers = xcalloc((size_t)argc, sizeof *opt.pointers);
	while ((c = getopt(argc, argv, "d:g:hjk:l:nR:r:s:uV")) != -1)
		switch (c) {
		case 'd':
			opt.data[opt.ndata++] = optarg;
			break;
		case 'g':
			if (!pointer_valid(optarg))
				die("-g", "'%.200s' is no pointer such as /RequestType",
				    optarg);
			opt.pointers[opt.npointers++] = optarg;
			break;
		case 'h':
			usage(stdout);
			return fflush(stdout) == 0 ? EXIT_YES : EXIT_CANNOT;
		case 'j':
			opt.direct = 1;
			break;
		case 'k':
			opt.counts[opt.ncounts++] = optarg;
			break;
		case 'l':
			if (!pointer_valid(optarg))
				die("-l", "'%.200s' is no pointer such as /RequestType",
				    optarg);
			opt.list = optarg;
			break;
		case 'n':
			opt.noecho = 1;
			break;
		case 'R':
			opt.file = optarg;
			break;
		case 'r':
			opt.text = optarg;
			break;
		case 's':
			if (strcmp(optarg, "SUCCESS") != 0 &&
			    strcmp(optarg, "FAILED") != 0)
				die("-s", "'%.40s' is neither SUCCESS nor FAILED",
				    optarg);
			opt.status = optarg;
			break;
		case 'u':
			opt.url = 1;
			break;
		case 'V':
			printf("cfnrespond %s\n", VERSION);
			return fflush(stdout) == 0 ? EXIT_YES : EXIT_CANNOT;
		default:
			usage(stderr);
			return EXIT_CANNOT;
		}
	/* One job of the four, and no option that belongs to another. */
	if (optind == argc &&
	    (opt.status != NULL) + (opt.npointers > 0) + (opt.list != NULL) + opt.url ==
		1 &&
	    (opt.status != NULL ||
		(opt.ndata == 0 && !opt.noecho && !opt.direct && opt.file == NULL &&
		    opt.text == NULL)) &&
	    (opt.direct ? !opt.noecho : opt.ncounts == 0) &&
	    (opt.file == NULL || opt.text == NULL))
		return -1;
	usage(stderr);
	return EXIT_CANNOT;
}

static void
respond(const json_t *event, struct buf *out)
{
	struct answer a = {.status = opt.status,
	    .noecho = opt.noecho,
	    .direct = opt.direct,
	    .max = opt.direct ? RESULT_MAX : BODY_MAX};
	size_t i;

	if ((a.data = json_object()) == NULL || (a.counts = json_object()) == NULL)
		die(NULL, "out of memory");
	for (i = 0; i < opt.ncounts; i++)
		add_count(a.counts, opt.counts[i]);
	for (i = 0; i < opt.ndata; i++)
		add_data(a.data, opt.data[i], event);
	set_reason(&a, event);
	fit_answer(&a, event);
	add_body(out, &a, event);
	json_decref(a.counts);
	json_decref(a.data);
	buf_free(&a.text);
}

int
main(int argc, char *argv[])
{
	struct buf out = {0};
	json_t *event;
	int status;

	util_tool = "cfnrespond";
	/* Short of memory, jansson would drop characters of a string and go on. */
	json_set_alloc_funcs(xmalloc, free);
	status = options(argc, argv);
	if (status >= 0)
		return status;
	event = xread_event();
	status = EXIT_YES;
	if (opt.npointers > 0)
		status = print_fields(event, opt.pointers, opt.npointers, &out);
	else if (opt.list != NULL)
		status = print_members(event, opt.list, &out);
	else if (opt.url)
		print_curl(event, &out);
	else
		respond(event, &out);
	xwrite_stdout(out.p, out.len);
	json_decref(event);
	buf_free(&out);
	return status;
}
