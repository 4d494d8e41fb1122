/*
 * mstate - which migrations of a directory are in a database?
 *
 *	mstate DIR <rows	print one word
 *	mstate -t DIR <rows	and the state of each migration, in columns
 *	mstate -j DIR <rows	the same as JSON
 *	mstate -u TABLE DIR <rows
 *				print the SQL that makes stale rows agree with DIR
 *
 * The rows are those of Atlas's revisions table, in COPY's format. A migration
 * is in when its version, its description and its hash are, and all of its
 * statements are applied.
 *
 * Exit: 0 all of DIR is applied, 1 some of it is pending, 2 neither: stopped in
 * the middle, diverged, never managed, or it could not be decided.
 */
#include "mstate.h"
#include "sqltext.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#ifndef VERSION
#define VERSION "0.2.0"
#endif

static void
look(struct file *f, const struct buf *content)
{
	struct sql_head h = {0};
	struct sql_text t;
	struct sql_stmt s;
	size_t i;

	xsql_head(&h, content->p, content->len);
	for (i = 0; i < h.n; i++)
		f->checkpoint |= h.v[i].is_void == SQL_HOLDS && h.v[i].name_len == 10 &&
		    memcmp(h.v[i].name, "checkpoint", 10) == 0;
	sql_head_free(&h);
	xsql_open(&t, content->p, content->len, 1);
	while (xsql_next(&t, &s))
		f->statements = s.number;
	sql_close(&t);
}

/* Text in a column: no tab, no line end, and never nothing. */
static void
add_column(struct buf *out, const char *p, size_t n)
{
	size_t i;

	xbuf_addc(out, '\t');
	if (n == 0)
		xbuf_addc(out, '-');
	for (i = 0; i < n; i++)
		xbuf_addc(out,
		    p[i] == '\t' || p[i] == '\n'                     ? ' '
			: (unsigned char)p[i] < 0x20 || p[i] == 0x7f ? '?'
								     : p[i]);
}

static void
add_string(struct buf *out, const char *s)
{
	add_column(out, s, strlen(s));
}

static void
put_tab(struct buf *out, const struct judgement *j, const struct revs *r)
{
	static const enum state counted[] = {
	    PENDING, PARTIAL, OUT_OF_ORDER, EDITED, RENAMED, AHEAD, GONE};
	const struct migration *m;
	size_t i;

	xbuf_addf(out, "%s\t%zu\t%zu", j->word, j->nfiles, j->applied);
	for (i = 0; i < sizeof counted / sizeof counted[0]; i++)
		xbuf_addf(out, "\t%zu", j->count[counted[i]]);
	xbuf_addf(out, "\t%zu", r->n);
	add_string(out, r->n > 0 ? r->v[r->n - 1].version : "");
	add_string(out, j->first_bad != NULL ? j->first_bad : "");
	xbuf_addc(out, '\n');
	for (m = j->v; m < j->v + j->n; m++) {
		xbuf_adds(out, state_names[m->state]);
		add_column(out, m->version, m->version_len);
		add_string(out, m->file != NULL ? m->file->name : "");
		if (m->rev != NULL) {
			add_string(out, m->rev->when);
			xbuf_addf(out, "\t%lu\t%lu", m->rev->applied, m->rev->total);
			add_string(out, m->rev->error);
			add_string(out, m->rev->statement);
		} else
			xbuf_adds(out, "\t-\t-\t-\t-\t-");
		xbuf_addc(out, '\n');
	}
}

static void
add_member(struct buf *out, const char *name, const char *s)
{
	xbuf_addf(out, ",\"%s\":", name);
	if (s == NULL)
		xbuf_adds(out, "null");
	else
		xbuf_json(out, s, strlen(s));
}

static void
put_json(struct buf *out, const struct judgement *j, const struct revs *r,
    const char *database)
{
	const struct migration *m;

	xbuf_addf(out, "{\"State\":\"%s\"", j->word);
	if (database != NULL)
		add_member(out, "Database", database);
	add_member(out, "Current", r->n > 0 ? r->v[r->n - 1].version : "");
	add_member(out, "Edited", j->first_bad != NULL ? j->first_bad : "");
	xbuf_addf(out, ",\"Files\":%zu,\"Applied\":%zu,\"Migrations\":[", j->nfiles,
	    j->applied);
	for (m = j->v; m < j->v + j->n; m++) {
		xbuf_adds(out, m > j->v ? ",{\"Version\":" : "{\"Version\":");
		xbuf_json(out, m->version, m->version_len);
		add_member(out, "File", m->file != NULL ? m->file->name : NULL);
		add_member(out, "State", state_names[m->state]);
		if (m->rev != NULL) {
			add_member(out, "ExecutedAt", m->rev->when);
			xbuf_addf(out, ",\"Applied\":%lu,\"Total\":%lu", m->rev->applied,
			    m->rev->total);
			if (*m->rev->error != '\0')
				add_member(out, "Error", m->rev->error);
			if (*m->rev->statement != '\0')
				add_member(out, "ErrorStmt", m->rev->statement);
		}
		xbuf_addc(out, '}');
	}
	xbuf_adds(out, "]}\n");
}

static void
add_literal(struct buf *out, const char *p, size_t n)
{
	xbuf_addc(out, '\'');
	for (; n > 0; p++, n--) {
		if (*p == '\'')
			xbuf_addc(out, '\'');
		xbuf_addc(out, *p);
	}
	xbuf_addc(out, '\'');
}

/* A row of a migration that is all applied gets the hash and count of today. */
static void
put_update(struct buf *out, const struct judgement *j, const char *table)
{
	const struct migration *m;
	const char *d;
	size_t n;

	for (m = j->v; m < j->v + j->n; m++) {
		if (m->file == NULL || m->rev == NULL ||
		    (!m->stale && m->state != EDITED && m->state != RENAMED))
			continue;
		xbuf_addf(out, "UPDATE %s SET description = ", table);
		d = strchr(m->file->name, '_');
		n = d != NULL ? strlen(++d) : 0;
		if (n >= 4 && strcmp(d + n - 4, ".sql") == 0)
			n -= 4;
		add_literal(out, d, n);
		xbuf_adds(out, ", hash = ");
		add_literal(out, m->file->hash, strlen(m->file->hash));
		xbuf_adds(out, ", total = applied WHERE version = ");
		add_literal(out, m->version, m->version_len);
		xbuf_adds(out, " AND hash = ");
		add_literal(out, m->rev->hash, strlen(m->rev->hash));
		xbuf_adds(out, ";\n");
	}
}

static void
explain(const struct judgement *j, const char *path)
{
	struct buf b = {0};

	if (j->count[PARTIAL] > 0)
		xbuf_addf(&b, ", %zu stopped in the middle", j->count[PARTIAL]);
	if (j->count[OUT_OF_ORDER] > 0)
		xbuf_addf(&b, ", %zu out of order", j->count[OUT_OF_ORDER]);
	if (j->count[EDITED] > 0)
		xbuf_addf(&b,
		    ", edited since it was applied: '%.100s' or a file before it",
		    j->first_bad);
	if (j->count[RENAMED] > 0)
		xbuf_addf(&b, ", %zu applied from another file of the same version",
		    j->count[RENAMED]);
	if (j->count[AHEAD] > 0)
		xbuf_addf(
		    &b, ", %zu later ones applied that are not here", j->count[AHEAD]);
	if (j->count[GONE] > 0)
		xbuf_addf(&b, ", %zu applied without a file here", j->count[GONE]);
	warnx_at(path, "%s: %s", j->word,
	    b.len > 0 ? b.p + 2
		      : "the database is not empty, and no migration was applied");
	buf_free(&b);
}

static void
usage(FILE *to)
{
	fputs("usage: mstate [-t] [-ado] [-b version] directory <rows\n"
	      "       mstate -j [-ado] [-b version] [-n name] directory <rows\n"
	      "       mstate -u table [-o] directory <rows\n"
	      "       mstate -h | -V\n",
	    to);
}

int
main(int argc, char *argv[])
{
	struct dir d = {.look = look};
	struct revs r = {0};
	struct judgement j;
	struct buf out = {0};
	struct rules rules = {0};
	const char *name = NULL, *table = NULL;
	int c, format = 0;

	util_tool = "mstate";
	opterr = 0;
	while ((c = getopt(argc, argv, "ab:dhjn:otu:V")) != -1) {
		switch (c) {
		case 'a':
			rules.any_order = 1;
			break;
		case 'b':
			rules.baseline = optarg;
			break;
		case 'd':
			rules.dirty = 1;
			break;
		case 'h':
			usage(stdout);
			return fflush(stdout) == 0 ? EXIT_YES : EXIT_CANNOT;
		case 'j':
		case 't':
		case 'u':
			if (format != 0 && format != c) {
				usage(stderr);
				return EXIT_CANNOT;
			}
			format = c;
			table = c == 'u' ? optarg : NULL;
			break;
		case 'n':
			name = optarg;
			break;
		case 'o':
			d.old_rule = 1;
			break;
		case 'V':
			puts("mstate " VERSION);
			return fflush(stdout) == 0 ? EXIT_YES : EXIT_CANNOT;
		default:
			usage(stderr);
			return EXIT_CANNOT;
		}
	}
	if (argc - optind != 1 || *argv[optind] == '\0' ||
	    (name != NULL && format != 'j') ||
	    (format == 'u' &&
		(rules.any_order || rules.dirty || rules.baseline != NULL))) {
		usage(stderr);
		return EXIT_CANNOT;
	}
	d.path = argv[optind];
	dir_hash(&d);
	xread_fd(STDIN_FILENO, "standard input", &r.text);
	revs_parse(&r, "standard input");
	judge(&j, &d, &r, &rules);
	if (format == 'u')
		put_update(&out, &j, table);
	else if (format == 't')
		put_tab(&out, &j, &r);
	else if (format == 'j')
		put_json(&out, &j, &r, name);
	else
		xbuf_addf(&out, "%s\n", j.word);
	xwrite_stdout(out.p, out.len);
	c = format == 'u' ? EXIT_YES : j.code;
	if (c == EXIT_CANNOT)
		explain(&j, d.path);
	judgement_free(&j);
	revs_free(&r);
	dir_free(&d);
	buf_free(&out);
	return c;
}
