/*
 * mstate.c - fuzz mstate: its formats agree, and it says yes only where each
 * file has a row.
 *
 * input: a byte of options, then NAME 0x1f CONTENT 0x1e ... A name of "rows" is
 * the standard input.
 */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>

const char *const target_tool = "mstate";
int target_prints_with_2 = 1;

static int
is(struct bytes b, const char *s)
{
	return b.n == strlen(s) && memcmp(b.p, s, b.n) == 0;
}

static int
begins(const char *p, struct bytes row)
{
	return row.n > strlen(p) && memcmp(row.p, p, strlen(p)) == 0 &&
	    row.p[strlen(p)] == '\t';
}

static size_t
count(struct bytes b, int c)
{
	size_t i, n = 0;

	for (i = 0; i < b.n; i++)
		n += b.p[i] == c;
	return n;
}

void
target(struct bytes in)
{
	static const char *const bad[] = {
	    "pending", "partial", "out-of-order", "edited", "renamed", "gone"};
	struct bytes out, word, json, sql, rows = copy("", 0), f, name, row, column;
	char names[16][201];
	size_t nfiles = 0, nsql = 0, i, n, files;
	int options, code, yes;

	if (in.n == 0)
		return;
	options = *in.p++;
	in.n--;
	while (in.n > 0 && nfiles < 16) {
		f = field(&in, 0x1e);
		name = field(&f, 0x1f);
		if (is(name, "rows")) {
			rows = f;
			continue;
		}
		if (name.n == 0 || name.n > 200 || strlen(name.p) != name.n ||
		    memchr(name.p, '/', name.n) != NULL)
			continue;
		for (i = 0; i < nfiles && strcmp(names[i], name.p) != 0; i++)
			;
		if (i < nfiles)
			continue;
		memcpy(names[nfiles++], name.p, name.n + 1);
		world_add(name.p, f);
		nsql += name.n >= 4 && strcmp(name.p + name.n - 4, ".sql") == 0;
	}
	code = run(&out, rows, "-t", options & 1 ? "-d" : "--", "d", NULL);
	must(run(&word, rows, options & 1 ? "-d" : "--", "d", NULL) == code);
	must(run(&json, rows, "-j", options & 1 ? "-d" : "--", "d", NULL) == code);
	must((out.n == 0) == (word.n == 0) && (out.n == 0) == (json.n == 0));
	code = run(&sql, rows, "-u", "t", "d", NULL) == 0 ? code : 3;
	must((code == 3) == (out.n == 0));
	if (code == 3)
		return;
	must(count(json, '\n') == 1 && json.p[json.n - 1] == '\n');
	row = field(&out, '\n');
	must(row.n > word.n - 1 && memcmp(row.p, word.p, word.n - 1) == 0);
	must(count(row, '\t') == 12);
	word.n--;
	yes = is(word, "up-to-date") || is(word, "ahead");
	must((code == 0) == yes && (code == 1) == is(word, "behind"));
	must(code != 2 || is(word, "partial") || is(word, "diverged") ||
	    is(word, "unmanaged"));
	(void)field(&row, '\t');
	column = field(&row, '\t');
	files = strtoul(column.p, NULL, 10);
	must(files == nsql);
	for (n = 0; out.n > 0; ) {
		row = field(&out, '\n');
		must(count(row, '\t') == 7);
		for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
			must(!yes || !begins(bad[i], row));
		(void)field(&row, '\t');
		(void)field(&row, '\t');
		column = field(&row, '\t');
		n += !is(column, "-");
	}
	must(n == nsql);
	/* What -u prints is statements for one line each, quotes in pairs. */
	must(count(sql, '\'') % 2 == 0);
}
