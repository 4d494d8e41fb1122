/*
 * watchlint_rows.c - rows that are changed.
 */
#include "watchlint_rules.h"

/* WHERE true, WHERE 1 = 1: none. */
static int
has_condition(const struct stmt *s)
{
	static const char *const none[] = {" WHERE TRUE ", " WHERE 1 = 1 "};
	size_t i, n = strlen(s->words), k;

	for (i = 0; i < sizeof none / sizeof none[0]; i++) {
		k = strlen(none[i]);
		if (n >= k && strcmp(s->words + n - k, none[i]) == 0)
			return 0;
	}
	return has_words(s, "WHERE");
}

/*
 * Does a text hold an UPDATE ('u') or DELETE ('d') without WHERE: in the
 * parentheses of a WITH, or as a statement of a DO's body? Else 0.
 */
static int
blanket(const char *p, size_t from, size_t to)
{
	static const char *const before[] = {"BEGIN", "THEN", "LOOP", "ELSE"};
	struct sql_token t;
	size_t i, k, depth = 0, begun = 0;
	int first = 0, found = 0;

	for (i = from; i < to; i = t.to) {
		sql_token(p, to, i, &t);
		if (t.type == SQL_END)
			break;
		if (t.type == SQL_COMMENT)
			continue;
		if (t.type == SQL_OP && p[t.from] == '(') {
			depth++;
			first = 1;
			continue;
		}
		if (t.type == SQL_OP && (p[t.from] == ')' || p[t.from] == ';')) {
			depth -= p[t.from] == ')' && depth > 0;
			if (found && (p[t.from] == ';' || depth < begun))
				return found;
			first = 1;
			continue;
		}
		if (first && sql_is(p, &t, "UPDATE"))
			found = 'u', begun = depth;
		else if (first && sql_is(p, &t, "DELETE"))
			found = 'd', begun = depth;
		else if (found && depth == begun && sql_is(p, &t, "WHERE"))
			found = 0;
		first = 0;
		for (k = 0; k < sizeof before / sizeof before[0]; k++)
			first |= sql_is(p, &t, before[k]);
	}
	return found;
}

/* Where the body of a DO is, between its quotes or dollars. */
static int
body(const struct stmt *s, size_t *from, size_t *to)
{
	const char *p = s->file->text;
	size_t i;

	for (i = 0; starts(s, "DO") && i < s->ntok; i++) {
		const struct sql_token *t = &s->tok[i];

		if (t->type != SQL_STRING)
			continue;
		*from = t->from + 1;
		while (p[t->from] == '$' && *from < t->to && p[(*from)++] != '$')
			continue;
		*to = t->to - (*from - t->from);
		return *to > *from;
	}
	return 0;
}

static int
blanket_inside(const struct stmt *s)
{
	size_t from, to;

	if (starts(s, "WITH"))
		return blanket(s->file->text, s->start, s->sql_end);
	return body(s, &from, &to) ? blanket(s->file->text, from, to) : 0;
}

/* The old table of that name, or NULL. */
static const struct obj *
old_table(const struct stmt *s, const struct sql_token *t)
{
	const struct obj *o;
	size_t i = 0;

	while ((o = next_obj(&i)) != NULL)
		if (o->k == REL && o->old != NULL &&
		    strchr("rp", o->old->f[REL_KIND][0]) != NULL &&
		    same_name(s, t, o->old->name))
			return o;
	return NULL;
}

/*
 * The table whose rows the loop of a DO changes, one by one: here it has no rows,
 * so that nothing of it is seen. A loop that commits is meant to let others in.
 */
static const struct obj *
looped(const struct stmt *s, size_t *line)
{
	const char *p = s->file->text;
	const struct obj *found = NULL;
	struct sql_token t;
	size_t from, to, at, i, n = s->line;
	int loop = 0, verb = 0;

	if (!body(s, &from, &to))
		return NULL;
	for (i = s->start; i < from; i++)
		n += p[i] == '\n';
	for (i = from, at = from; i < to; i = t.to) {
		sql_token(p, to, i, &t);
		if (t.type == SQL_END)
			break;
		for (; at < t.from; at++)
			n += p[at] == '\n';
		if (t.type == SQL_COMMENT || sql_is(p, &t, "ONLY") ||
		    (verb && sql_is(p, &t, "FROM")))
			continue;
		if (sql_is(p, &t, "COMMIT"))
			return NULL;
		if (verb && found == NULL && (found = old_table(s, &t)) != NULL)
			*line = n;
		loop |= sql_is(p, &t, "LOOP");
		/* app.users: the name is behind the point. */
		if (verb && p[t.to] == '.' && found == NULL)
			continue;
		verb = (loop && (sql_is(p, &t, "UPDATE") || sql_is(p, &t, "DELETE"))) ||
		    (verb && t.type == SQL_OP && p[t.from] == '.');
	}
	return found;
}

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
	int hidden;
	size_t i, line = 0, had = f->n;
	const struct obj *o;

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
	hidden = update || delete || written == NULL ? 0 : blanket_inside(s);
	if (hidden)
		report(f, &w, hidden == 'u' ? "update-all" : "delete-all", t,
		    "every row of %s is %s in one transaction, and stays locked to its "
		    "end",
		    t, hidden == 'u' ? "written anew" : "deleted");
	else if (!update && !delete && written != NULL && !starts(s, "INSERT") &&
	    in(scanned, written))
		report(f, &w, "update-scan", t,
		    "rows of %s are changed, and all of it is read to find them: what is "
		    "changed stays locked to the end of the transaction",
		    t);
	else if ((update || delete) && !has_condition(s) && !mine)
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
	if (f->n == had && written == NULL && (o = looped(s, &w.line)) != NULL)
		report(f, &w, "update-scan", obj_name(o),
		    "rows of %s are changed in a loop, one after the other: they stay "
		    "locked to the end of the transaction",
		    obj_name(o));
	many = update || delete ||
	    ((starts(s, "MERGE") || starts(s, "WITH") || starts(s, "DO") ||
		 starts(s, "CALL") || starts(s, "SELECT")) &&
		t != NULL) ||
	    (starts(s, "INSERT") && (has_words(s, "SELECT") || has_words(s, "TABLE")) &&
		(scanned->n > 0 ||
		    (has_words(s, "FROM") && !has_words(s, "FROM ( VALUES"))));
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
