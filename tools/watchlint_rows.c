/*
 * watchlint_rows.c - rows that are changed.
 */
#include "watchlint_rules.h"

/* On empty tables a function or a DO block shows by its ROW EXCLUSIVE alone. */
void
judge_rows(struct findings *f, const struct stmt *s, const struct work *scanned)
{
	static const char *const others[] = {"LOCK", "TRUNCATE", "VACUUM", "ANALYZE",
	    "SET", "CREATE", "ALTER", "DROP", "COMMENT", "GRANT", "REVOKE"};
	struct where w = {s, NULL, NULL, 0};
	const struct obj *written = NULL;
	const struct held *h;
	struct buf shut = {0};
	const char *t = NULL;
	int update = starts(s, "UPDATE"), delete = starts(s, "DELETE FROM"), mine, many;
	size_t i, line = 0;

	if (changes_schema(s))
		return;
	for (i = 0; i < sizeof others / sizeof others[0]; i++)
		if (starts(s, others[i]))
			return;
	for (i = 0; i < s->nlocks; i++)
		if ((s->lock[i].modes & 1U << ROW_EXCLUSIVE) != 0 &&
		    (t == NULL || strcmp(s->lock[i].table, t) < 0)) {
			t = s->lock[i].table;
			written = s->lock[i].t;
		}
	if (update || delete) {
		size_t at = delete ? 2 : 1;

		if (at < s->ntok && sql_is(s->file->text, &s->tok[at], "ONLY"))
			at++;
		if (t == NULL)
			t = target_name(s, at, NULL);
	} else if (t == NULL && changes_rows(s) && scanned->n > 0)
		t = obj_name(scanned->v[0]);
	mine = (update || delete) && written == NULL &&
	    (t == NULL || is_ours(strrchr(t, '.') != NULL ? strrchr(t, '.') + 1 : t));
	if ((update || delete) && !has_words(s, "WHERE") && !mine)
		report(f, &w, update ? "update-all" : "delete-all", t,
		    "every row of %s is %s in one transaction, and stays locked to its "
		    "end",
		    t, update ? "written anew" : "deleted");
	else if ((update || delete) && scanned->n > 0 && !mine)
		report(f, &w, "update-scan", t,
		    "no index leads to the rows: all of %s is read, and what is changed "
		    "stays "
		    "locked to the end of the transaction",
		    obj_name(scanned->v[0]));
	many = update || delete ||
	    ((starts(s, "MERGE") || starts(s, "WITH") || starts(s, "DO") ||
		 starts(s, "CALL") || starts(s, "SELECT")) &&
		t != NULL) ||
	    (starts(s, "INSERT") && (has_words(s, "SELECT") || has_words(s, "TABLE")) &&
		scanned->n > 0);
	if (!many || mine)
		return;
	for (i = 0; (h = next_held(&i)) != NULL;) {
		if (h->mode != ACCESS || h->no == s->no)
			continue;
		xbuf_addf(&shut, "%s%s", shut.len > 0 ? ", " : "", h->table);
		if (line == 0) {
			line = h->line;
			written = h->t;
		}
	}
	if (line != 0)
		report(f, &w, "backfill-beside-ddl", held_on(written)->table,
		    "%s %s locked against reads and writes from line %zu to the end of "
		    "the "
		    "file, while rows%s%s are changed",
		    shut.p, strchr(shut.p, ',') != NULL ? "are" : "is", line,
		    t != NULL ? " of " : "", t != NULL ? t : "");
	buf_free(&shut);
}
