/*
 * watchlint_judge.c - a branch, file by file and statement by statement.
 */
#include "watchlint_rules.h"

#include <stdlib.h>

static void
judge_stmt(struct findings *f, const struct file *file, const struct stmt *s)
{
	struct work heavy = {0}, empty = {0}, scanned = {0};
	const struct lock **first = xcalloc(s->nlocks + 1, sizeof *first);
	size_t nfirst = take_locks(s, first), had = f->n;

	judge_rewrites(f, s, &heavy, &empty);
	judge_indexes(f, s, &heavy, &empty);
	judge_scans(f, s, &heavy, &empty, &scanned);
	judge_rows(f, s, &scanned);
	judge_locks(f, file, s, &heavy, first, nfirst);
	judge_gone(f, file, s);
	judge_meaning(f, file, s);
	judge_others(f, file, s);
	judge_words(f, s, f->n == had);
	judge_names(f, s);
	free(first);
	free(heavy.v);
	free(empty.v);
	free(scanned.v);
}

static void
judge_error(struct findings *f, const struct stmt *s, int quiet)
{
	struct where w = {s, NULL, NULL, 0};
	const char *state = s->error, *text = strchr(s->error, ' ');

	/* The file's own finding says why, for instance a string that is never closed. */
	if (s->file->why != NULL && s->no + 1 == s->file->n)
		return;
	if (s->kind == SQL_COPY) {
		report(f, &w, "not-sql", NULL,
		    "COPY FROM stdin takes its rows from psql, which the deploy does not "
		    "use");
		return;
	}
	if (s->kind == SQL_PSQL) {
		report(f, &w, "not-sql", NULL,
		    "a line that begins with a backslash is a command of psql's, which "
		    "PostgreSQL does not know");
		return;
	}
	text = text != NULL ? text + 1 : "an error without words";
	/* Where the words show it, judge_file() has reported it already. */
	if (strncmp(state, "25001", 5) != 0)
		report(f, &w, "failed", NULL, "PostgreSQL: %s", text);
	else if (!s->alone || s->file->none || quiet)
		report(f, &w, "txmode", NULL, "PostgreSQL: %s", text);
}

void
judge(struct findings *f, struct branch *b, int quiet)
{
	size_t i, k, from, had;

	check_naming(f);
	check_sizes(f->big);
	for (i = 0; i < b->n; i++) {
		struct file *file = &b->v[i];

		forget_locks();
		from = f->n;
		if (!quiet)
			judge_file(f, file);
		for (k = 0; k < file->n; k++) {
			struct stmt *s = &file->v[k];

			if (s->begins ||
			    (s->control && !starts(s, "BEGIN") &&
				!starts(s, "START TRANSACTION")))
				forget_locks();
			had = f->n;
			if (s->error != NULL)
				judge_error(f, s, quiet);
			else if (!quiet)
				judge_stmt(f, file, s);
			if (f->notes != NULL && !quiet)
				note(f->notes, f, had, s);
			if (s->error != NULL)
				break;
		}
		if (!quiet)
			judge_settings(f, file);
		if (!quiet && k == file->n)
			judge_time(f, file, from);
		if (k == file->n && k > 0 && file->commit_error != NULL) {
			struct where w = {&file->v[k - 1], NULL, NULL, 0};
			const char *text = strchr(file->commit_error, ' ');

			report(f, &w, "failed", NULL, "PostgreSQL, at COMMIT: %s",
			    text != NULL ? text + 1 : "an error without words");
		}
	}
	if (!quiet)
		judge_new_tables(f, b);
}
