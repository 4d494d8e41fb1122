/*
 * watchlint.c - findings from what PostgreSQL did with new migrations.
 *
 * in:   the files; with -s nothing else; else the facts: what psql printed when
 *       it ran the script that -s wrote, its output and its error output
 * out:  with -s the script; else {"watched": [...], "findings": [...]}
 * exit: 0 no error among the findings, 1 an error, 2 could not
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "watchlint_rules.h"

/* Everything lives until the tool ends. */
static struct branch branch;
static struct findings f;
static struct {
	const char *mark, *queries, *output, *errors, *dir, *notes;
	int script;
	struct how how;
} opt;

static void
usage(FILE *to)
{
	fputs("usage: watchlint -s -m mark -i queries [-jq] [file ...]\n"
	      "       watchlint -m mark -o output -e errors [-q] [-b tables] [-d dir] "
	      "[-n naming] [-p notes] [file ...]\n"
	      "       watchlint -l | -h | -V\n",
	    to);
}

static int
cmp_finding(const void *va, const void *vb)
{
	const struct finding *a = va, *b = vb;

	if (a->file != b->file)
		return a->file < b->file ? -1 : 1;
	if (a->off != b->off)
		return a->off < b->off ? -1 : 1;
	return a->order < b->order ? -1 : 1;
}

static void
set(json_t *o, const char *key, json_t *v)
{
	if (json_object_set_new(o, key, v) != 0)
		die(NULL, "out of memory");
}

/* Text of PostgreSQL's or of a file that may be no UTF-8. */
static json_t *
text(const char *s)
{
	json_t *v = json_string(s);
	struct buf fit = {0};

	if (v != NULL)
		return v;
	xbuf_utf8(&fit, s, strlen(s), 0);
	v = json_string(fit.p);
	buf_free(&fit);
	return v;
}

/* As squawk has them: line and column in bytes, both from 0. */
static json_t *
as_json(const struct finding *x)
{
	json_t *o = json_object();
	size_t i, line = 0, bol = 0;
	int is_error = big_size(f.big, x->table) >= 0 && x->code->locks;

	for (i = 0; i < x->off; i++)
		if (x->file->text[i] == '\n') {
			line++;
			bol = i + 1;
		}
	set(o, "file", text(x->file->path));
	set(o, "line", json_integer((json_int_t)line));
	set(o, "column", json_integer((json_int_t)(x->off - bol)));
	set(o, "level",
	    json_string(is_error || x->code->level[0] == 'e' ? "Error"
		    : x->code->level[0] == 'w'               ? "Warning"
							     : "Notice"));
	if (is_error)
		set(o, "big", json_true());
	set(o, "rule_name", json_string(x->code->name));
	set(o, "table", x->table != NULL ? text(x->table) : json_null());
	set(o, "message",
	    is_error ? text(keep("%s; BIG_TABLES names it", x->text)) : text(x->text));
	set(o, "help", x->help != NULL ? text(x->help) : json_null());
	return o;
}

static int
print_findings(struct buf *out, int quiet)
{
	json_t *doc = json_object(), *watched = json_array(), *list = json_array(), *o;
	size_t i, k;
	char *s;
	int errors = 0;

	for (i = 0; i < branch.n; i++) {
		int whole = !quiet && branch.v[i].why == NULL;

		/*
		 * A file with an error is not watched as a whole: nothing ran after the
		 * error.
		 */
		for (k = 0; k < branch.v[i].n; k++)
			whole &= branch.v[i].v[k].error == NULL;
		if (whole && json_array_append_new(watched, text(branch.v[i].path)) != 0)
			die(NULL, "out of memory");
	}
	for (i = 0; i < f.n; i++) {
		o = as_json(&f.v[i]);
		errors |= json_string_value(json_object_get(o, "level"))[0] == 'E';
		if (json_array_append_new(list, o) != 0)
			die(NULL, "out of memory");
	}
	set(doc, "watched", watched);
	set(doc, "findings", list);
	s = json_dumps(doc, JSON_COMPACT | JSON_PRESERVE_ORDER);
	if (s == NULL)
		die(NULL, "out of memory");
	xbuf_adds(out, s);
	xbuf_addc(out, '\n');
	free(s);
	json_decref(doc);
	return errors;
}

/* Where the argument of an option goes; NULL: it is not an option with one. */
static const char **
argument(int c)
{
	switch (c) {
	case 'b':
		return &f.big;
	case 'd':
		return &opt.dir;
	case 'e':
		return &opt.errors;
	case 'i':
		return &opt.queries;
	case 'm':
		return &opt.mark;
	case 'n':
		return &f.naming;
	case 'o':
		return &opt.output;
	case 'p':
		return &opt.notes;
	default:
		return NULL;
	}
}

static int
list_codes(void)
{
	struct buf out = {0};

	print_codes(&out);
	xwrite_stdout(out.p, out.len);
	buf_free(&out);
	return EXIT_YES;
}

/* An exit code, or -1 to go on. */
static int
options(int argc, char *argv[])
{
	int c;

	while ((c = getopt(argc, argv, "b:d:e:hi:jlm:n:o:p:qsV")) != -1)
		switch (c) {
		case 'h':
			usage(stdout);
			return fflush(stdout) == 0 ? EXIT_YES : EXIT_CANNOT;
		case 'j':
			opt.how.joined = 1;
			break;
		case 'l':
			return list_codes();
		case 'q':
			opt.how.quiet = 1;
			break;
		case 's':
			opt.script = 1;
			break;
		case 'V':
			puts("watchlint " VERSION);
			return fflush(stdout) == 0 ? EXIT_YES : EXIT_CANNOT;
		default:
			if (argument(c) == NULL) {
				usage(stderr);
				return EXIT_CANNOT;
			}
			*argument(c) = optarg;
		}
	if (opt.mark == NULL || *opt.mark == '\0' ||
	    (opt.script ? opt.queries == NULL
			: opt.errors == NULL || opt.output == NULL)) {
		usage(stderr);
		return EXIT_CANNOT;
	}
	if (opt.mark[strspn(opt.mark, "abcdefghijklmnopqrstuvwxyz0123456789")] != '\0')
		die("-m", "a mark is made of small letters and digits");
	return -1;
}

/* Judge the branch by what psql printed; 1 when an error is among the findings. */
static int
judge_output(struct buf *out)
{
	struct buf facts = {0}, errors = {0}, notes = {0};
	int found;

	if (opt.notes != NULL)
		f.notes = &notes;
	xread_file(opt.output, &facts);
	xread_file(opt.errors, &errors);
	xread_facts(&branch, opt.mark, &facts, &errors, opt.how.quiet);
	judge(&f, &branch, opt.how.quiet);
	if (f.n > 0)
		qsort(f.v, f.n, sizeof *f.v, cmp_finding);
	found = print_findings(out, opt.how.quiet);
	if (opt.notes != NULL)
		xreplace_file(opt.notes, notes.p, notes.len);
	buf_free(&notes);
	buf_free(&facts);
	buf_free(&errors);
	return found;
}

int
main(int argc, char *argv[])
{
	struct buf out = {0};
	int rc;

	util_tool = "watchlint";
	json_set_alloc_funcs(xmalloc, free);
	f.naming = "";
	if ((rc = options(argc, argv)) >= 0)
		return rc;
	rc = EXIT_YES;
	xread_branch(&branch, argv + optind, (size_t)(argc - optind), opt.dir);
	if (opt.script)
		print_script(&out, &branch, opt.mark, opt.queries, &opt.how);
	else if (judge_output(&out))
		rc = EXIT_NO;
	xwrite_stdout(out.p, out.len);
	buf_free(&out);
	return rc;
}
