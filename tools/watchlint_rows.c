/*
 * watchlint_rows.c - rows that are changed.
 */
#include "watchlint_rules.h"

/* Has the statement a condition? WHERE true and WHERE 1 = 1 are none. */
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
 * The table whose rows the loop of a DO changes, one by one: the dev database has no
 * rows, so the loop's statements never run. A loop that commits gives its locks back.
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

/* Statements that lock tables, and yet change no rows one by one. */
static int
is_about_tables(const struct stmt *s)
{
	static const char *const verbs[] = {"LOCK", "TRUNCATE", "VACUUM", "ANALYZE",
	    "SET", "CREATE", "ALTER", "DROP", "COMMENT", "GRANT", "REVOKE"};
	size_t i;

	for (i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
		if (starts(s, verbs[i]))
			return 1;
	return 0;
}

/* The table whose rows a statement changes. */
struct target {
	const char *name;      /* or NULL */
	const struct obj *old; /* the table, where a lock on an old one shows it */
	int update, delete;    /* the statement is an UPDATE, a DELETE */
	int ours;              /* one of those, of a table that the branch made */
};

/* On empty tables a function or a DO block shows by its ROW EXCLUSIVE alone. */
static void
find_target(struct target *t, const struct stmt *s, const struct work *scanned)
{
	const char *dot;
	size_t i, at;

	memset(t, 0, sizeof *t);
	t->update = starts(s, "UPDATE");
	t->delete = starts(s, "DELETE FROM");
	for (i = 0; i < s->nlocks; i++)
		if ((s->lock[i].modes & 1U << ROW_EXCLUSIVE) != 0 &&
		    (t->name == NULL || strcmp(s->lock[i].table, t->name) < 0)) {
			t->name = s->lock[i].table;
			t->old = s->lock[i].t;
		}
	if (t->update || t->delete) {
		at = t->delete ? 2 : 1;
		if (at < s->ntok && sql_is(s->file->text, &s->tok[at], "ONLY"))
			at++;
		if (t->name == NULL)
			t->name = target_name(s, at, NULL);
		dot = t->name != NULL ? strrchr(t->name, '.') : NULL;
		t->ours = t->old == NULL &&
		    (t->name == NULL || is_ours(dot != NULL ? dot + 1 : t->name));
	} else if (t->name == NULL && changes_rows(s) && scanned->n > 0)
		t->name = obj_name(scanned->v[0]);
}

static void
report_all(struct findings *f, const struct where *w, int update, const char *table)
{
	report(f, w, update ? "update-all" : "delete-all", table,
	    "every row of %s is %s in one transaction, and stays locked to its end",
	    table, update ? "written anew" : "deleted");
}

/* Every row is changed, or every row is read to find those that are. */
static void
judge_changed(struct findings *f, const struct stmt *s, const struct target *t,
    const struct work *scanned)
{
	struct where w = {s, NULL, NULL, 0};
	int direct = t->update || t->delete, hidden;
	size_t had = f->n;
	const struct obj *o;

	hidden = direct || t->old == NULL ? 0 : blanket_inside(s);
	if (hidden)
		report_all(f, &w, hidden == 'u', t->name);
	else if (!direct && t->old != NULL && !starts(s, "INSERT") && in(scanned, t->old))
		report(f, &w, "update-scan", t->name,
		    "rows of %s are changed, and all of it is read to find them: what is "
		    "changed stays locked to the end of the transaction",
		    t->name);
	else if (direct && !has_condition(s) && !t->ours)
		report_all(f, &w, t->update, t->name);
	else if (direct && scanned->n > 0 && !t->ours)
		report(f, &w, "update-scan", t->name,
		    "no index leads to the rows: all of %s is read, and what is changed "
		    "stays locked to the end of the transaction",
		    obj_name(scanned->v[0]));
	if (f->n == had && t->old == NULL && (o = looped(s, &w.line)) != NULL)
		report(f, &w, "update-scan", obj_name(o),
		    "rows of %s are changed in a loop, one after the other: they stay "
		    "locked to the end of the transaction",
		    obj_name(o));
}

/* Does it change many rows, as far as its words and the locks can say? */
static int
changes_many(const struct stmt *s, const struct target *t, const struct work *scanned)
{
	if (t->update || t->delete)
		return 1;
	if (starts(s, "INSERT"))
		return (has_words(s, "SELECT") || has_words(s, "TABLE")) &&
		    (scanned->n > 0 ||
			(has_words(s, "FROM") && !has_words(s, "FROM ( VALUES")));
	return t->name != NULL &&
	    (starts(s, "MERGE") || starts(s, "WITH") || starts(s, "DO") ||
		starts(s, "CALL") || starts(s, "SELECT"));
}

/* Rows are changed while earlier statements of the file keep tables locked. */
static void
judge_backfill(struct findings *f, const struct stmt *s, const char *table)
{
	struct where w = {s, NULL, NULL, 0};
	const struct held *h, *first = NULL;
	struct buf shut = {0};
	size_t i = 0;

	while ((h = next_held(&i)) != NULL) {
		if (h->mode != ACCESS || h->no == s->no)
			continue;
		xbuf_addf(&shut, "%s%s", shut.len > 0 ? ", " : "", h->table);
		if (first == NULL)
			first = h;
	}
	if (first != NULL)
		report(f, &w, "backfill-beside-ddl", first->table,
		    "%s %s locked against reads and writes from line %zu to the end of "
		    "the file, while rows%s%s are changed",
		    shut.p, strchr(shut.p, ',') != NULL ? "are" : "is", first->line,
		    table != NULL ? " of " : "", table != NULL ? table : "");
	buf_free(&shut);
}

void
judge_rows(struct findings *f, const struct stmt *s, const struct work *scanned)
{
	struct target t;

	if (changes_schema(s) || is_about_tables(s))
		return;
	find_target(&t, s, scanned);
	judge_changed(f, s, &t, scanned);
	if (changes_many(s, &t, scanned) && !t.ours)
		judge_backfill(f, s, t.name);
}
