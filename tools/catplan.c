/*
 * catplan - the SQL that leads from one listing of a database's objects to another.
 *
 * in:   two listings, as scripts/lib/catalog.sql prints them with edges=1
 * out:  one part of the way. Each part is thought out anew from the listings,
 *       with what comes before it as if done: so they fit together
 * exit: 0 done, 1 something is left, or Atlas's plan is no SQL, 2 could not
 */
#include "catplan.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- PostgreSQL's own text of what the listing has no statement for ---- */

/* List the items that need pg_dump's text: class and oid, a line each. */
static void
print_texts(const struct plan *p, struct buf *out)
{
	const struct item *it;
	size_t i;

	for (i = 0; i < p->n; i++) {
		it = &p->v[i];
		if (it->want == NULL || it->want->make != NULL ||
		    !(it->kind->flags & MAIN) || (it->kind->flags & RELATION) ||
		    !(is_missing(it) || is_changed(it)) ||
		    strcmp(it->name, "column") == 0)
			continue;
		xbuf_addf(out, "%lu %lu\n", (unsigned long)it->want->node.cls,
		    (unsigned long)it->want->node.oid);
	}
}

static int
is_of(const struct row *r, const char *address, size_t n)
{
	char s[40];

	return r->make == NULL &&
	    (size_t)snprintf(s, sizeof s, "%lu %lu", (unsigned long)r->node.cls,
		(unsigned long)r->node.oid) == n &&
	    memcmp(s, address, n) == 0;
}

/*
 * A file of them: behind a line with \001, class and oid, the text. It becomes
 * the row's statement, with a line end in front for a mark: it may be several.
 */
static void
xtexts_read(struct plan *p, const char *path)
{
	struct buf b = {0};
	char *s, *next, *eol;
	size_t i;

	xread_file(path, &b);
	for (s = b.p; s != NULL && *s != '\0'; s = next) {
		next = strstr(s + 1, "\n\001");
		if (next != NULL)
			*next++ = '\0';
		eol = strchr(s, '\n');
		if (*s != '\001' || eol == NULL)
			die(path, "no texts of PostgreSQL's");
		for (i = 0; i < p->want->n; i++)
			if (is_of(&p->want->v[i], s + 1, (size_t)(eol - s) - 1) &&
			    (kind_of(p->want->v[i].kind)->flags & MAIN) &&
			    !(kind_of(p->want->v[i].kind)->flags & RELATION) &&
			    eol[1] != '\0')
				p->want->v[i].make = eol;
	}
	(void)plan_keep(p, b.p != NULL ? b.p : xstrdup(""));
}

/* ---- parts ---- */

static void
print(const struct plan *p, struct buf *out, enum part part)
{
	xbuf_add(out, p->out[part].p, p->out[part].len);
}

/*
 * Plan everything that comes before Atlas's plan; print how much is left to Atlas, as a
 * word.
 */
static enum shape
think(struct plan *p)
{
	enum shape shape;

	plan_ours(p);
	plan_values(p);
	p->part = CLEAR;
	plan_renames(p);
	plan_clear(p);
	plan_types(p);
	shape = plan_shape(p);
	if (p->atlas && shape == SHAPE_MIXED)
		plan_before(p);
	return shape;
}

static struct listing want, have;
static struct plan plan;

static void
usage(FILE *f)
{
	fputs("usage: catplan [-hnV] [-c levels] [-e pattern] [-p plan] [-r renames]\n"
	      "               [-S schemas] [-x texts] part want have\n",
	    f);
}

/* The part that is asked for; returns the exit code. */
static int
answer(struct plan *p, const char *part, const char *renames, const char *atlas,
    struct buf *out)
{
	static const char *const words[] = {"equal", "atlas", "mixed", "rows"};
	enum shape shape;

	if (strcmp(part, "rename") == 0 && renames != NULL) {
		plan_rename(p, renames);
		print(p, out, RENAMES);
		return EXIT_YES;
	}
	if (strcmp(part, "left") == 0)
		return plan_left(p, out) == 0 ? EXIT_YES : EXIT_NO;
	if (strcmp(part, "notes") == 0) {
		(void)think(p);
		xbuf_add(out, p->notes.p, p->notes.len);
		return EXIT_YES;
	}
	if (strcmp(part, "texts") == 0) {
		print_texts(p, out);
		return EXIT_YES;
	}
	if (strcmp(part, "rows") == 0) {
		p->atlas = 0;
		(void)think(p);
		plan_after(p);
		print(p, out, CLEAR);
		print(p, out, BEFORE);
		print(p, out, AFTER);
		return EXIT_YES;
	}
	shape = think(p);
	if (strcmp(part, "shape") == 0)
		xbuf_addf(out, "%s\n", words[shape]);
	else if (strcmp(part, "values") == 0)
		print(p, out, VALUES);
	else if (strcmp(part, "clear") == 0)
		print(p, out, CLEAR);
	else if (strcmp(part, "before") == 0)
		print(p, out, BEFORE);
	else if (strcmp(part, "plan") == 0 && atlas != NULL) {
		if (plan_filter(p, atlas, shape, out))
			return EXIT_YES;
		out->len = 0;
		return EXIT_NO;
	} else
		die(NULL,
		    "no part '%.20s': it is shape, rename (with -r), texts, values, "
		    "clear, "
		    "before, plan (with -p), rows or left",
		    part);
	return EXIT_YES;
}

int
main(int argc, char *argv[])
{
	const char *texts = NULL, *atlas = NULL, *renames = NULL;
	struct buf out = {0};
	int c, rc;

	util_tool = "catplan";
	plan.schemas = "";
	plan.atlas = 1;
	while ((c = getopt(argc, argv, "c:e:hnp:r:S:Vx:")) != -1)
		switch (c) {
		case 'c':
			pick_levels(optarg);
			plan.off = strstr(optarg, "off") != NULL;
			break;
		case 'e':
			pick_exclude(optarg);
			break;
		case 'h':
			usage(stdout);
			return fflush(stdout) == 0 ? EXIT_YES : EXIT_CANNOT;
		case 'n':
			plan.atlas = 0;
			break;
		case 'p':
			atlas = optarg;
			break;
		case 'r':
			renames = optarg;
			break;
		case 'S':
			plan.schemas = optarg;
			break;
		case 'V':
			puts("catplan " VERSION);
			return fflush(stdout) == 0 ? EXIT_YES : EXIT_CANNOT;
		case 'x':
			texts = optarg;
			break;
		default:
			usage(stderr);
			return EXIT_CANNOT;
		}
	if (argc - optind != 3) {
		usage(stderr);
		return EXIT_CANNOT;
	}
	if (strchr(plan.schemas, ' ') == NULL && *plan.schemas != '\0')
		plan.single = plan.schemas;
	pick_schema(plan.single != NULL ? plan.single : "");
	xlisting_read(&want, argv[optind + 1]);
	xlisting_read(&have, argv[optind + 2]);
	xplan_open(&plan, &want, &have);
	plan_exclude(&plan);
	plan_stuck(&plan);
	if (texts != NULL)
		xtexts_read(&plan, texts);
	rc = answer(&plan, argv[optind], renames, atlas, &out);
	xwrite_stdout(out.p != NULL ? out.p : "", out.len);
	buf_free(&out);
	plan_close(&plan);
	listing_free(&want);
	listing_free(&have);
	return rc;
}
