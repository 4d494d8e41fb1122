/*
 * watchlint_words.c - what only the words of a statement say.
 */
#include "watchlint_rules.h"

/* GRANT ... ON ALL TABLES IN SCHEMA s: what follows the words before the name. */
static size_t
after_kind(const struct stmt *s, size_t i)
{
	static const char *const words[] = {"ALL", "TABLES", "SEQUENCES", "FUNCTIONS",
	    "PROCEDURES", "ROUTINES", "IN", "TABLE", "SEQUENCE", "FUNCTION", "PROCEDURE",
	    "ROUTINE", "SCHEMA", "TYPE", "DOMAIN", "DATABASE", "LANGUAGE"};
	size_t k;

	for (k = 0; i + 1 < s->ntok && k < sizeof words / sizeof words[0]; k++)
		if (sql_is(s->file->text, &s->tok[i], words[k])) {
			i++;
			k = (size_t)-1;
		}
	return i;
}

/* The table that a statement names, by its words alone. */
const char *
table_in(const struct stmt *s)
{
	size_t i = 1;

	if (starts(s, "ALTER") || starts(s, "REINDEX") || starts(s, "VACUUM")) {
		for (i = 0; i < s->ntok; i++)
			if (sql_is(s->file->text, &s->tok[i], "TABLE") ||
			    sql_is(s->file->text, &s->tok[i], "VIEW") ||
			    sql_is(s->file->text, &s->tok[i], "INDEX") ||
			    sql_is(s->file->text, &s->tok[i], "FULL") ||
			    sql_is(s->file->text, &s->tok[i], "ANALYZE"))
				break;
		i = i < s->ntok ? i + 1 : 1;
		while (i < s->ntok &&
		    (sql_is(s->file->text, &s->tok[i], "IF") ||
			sql_is(s->file->text, &s->tok[i], "EXISTS") ||
			sql_is(s->file->text, &s->tok[i], "ONLY") ||
			sql_is(s->file->text, &s->tok[i], "ANALYZE") ||
			s->tok[i].type == SQL_OP))
			i++;
		return target_name(s, i, NULL);
	}
	for (i = 0; i + 1 < s->ntok; i++)
		if (sql_is(s->file->text, &s->tok[i], "ON"))
			return target_name(s, after_kind(s, i + 1), NULL);
	return NULL;
}

/* SELECT setval('s', 1): the sequence that is set to a constant. */
static const char *
set_to_constant(const struct stmt *s)
{
	const char *p = s->file->text, *name;
	size_t i;

	for (i = 0; i + 5 < s->ntok; i++)
		if (sql_is(p, &s->tok[i], "SETVAL") && s->tok[i + 2].type == SQL_STRING &&
		    p[s->tok[i + 4].from] >= '0' && p[s->tok[i + 4].from] <= '9' &&
		    s->tok[i + 2].to - s->tok[i + 2].from > 2) {
			name = keep_text(p + s->tok[i + 2].from + 1,
			    s->tok[i + 2].to - s->tok[i + 2].from - 2);
			if (strncmp(name, "public.", 7) == 0)
				name += 7;
			return is_ours(strrchr(name, '.') != NULL ? strrchr(name, '.') + 1
								  : name)
			    ? NULL
			    : name;
		}
	return NULL;
}

/*
 * The watch sees no effect of DROP INDEX CONCURRENTLY: find the old unique index by the
 * name in the statement.
 */
static void
unique_dropped(struct findings *f, const struct stmt *s)
{
	struct where w = {s, NULL, NULL, 0};
	const struct obj *o, *idx, *t;
	size_t i = 0;

	while ((o = next_obj(&i)) != NULL) {
		if (o->k != REL || o->old == NULL || o->old->f[REL_KIND][0] != 'i' ||
		    !mentions(s, o->old->name) ||
		    (idx = find_obj(IDX, o->id, 0)) == NULL || idx->old == NULL ||
		    idx->old->f[IDX_UNIQUE][0] != 't' || other_unique(s->file, idx->old))
			continue;
		t = table_of(o->id);
		w.name = o->old->name;
		report(f, &w, "drop-constraint", t != NULL ? obj_name(t) : NULL,
		    "unique index %s is dropped: rows of %s may be duplicates from here "
		    "on",
		    o->old->name, t != NULL ? obj_name(t) : "its table");
	}
}

/* Rows that are locked one by one, without a WHERE. */
static int
locks_rows(const struct stmt *s)
{
	return starts(s, "SELECT") && !has_words(s, "WHERE") && !has_words(s, "LIMIT") &&
	    (has_words(s, "FOR UPDATE") || has_words(s, "FOR NO KEY UPDATE") ||
		has_words(s, "FOR SHARE") || has_words(s, "FOR KEY SHARE"));
}

static int
sets_session(const struct stmt *s)
{
	static const char *const fine[] = {"LOCAL", "CONSTRAINTS", "TRANSACTION",
	    "LOCK_TIMEOUT", "STATEMENT_TIMEOUT", "IDLE_IN_TRANSACTION_SESSION_TIMEOUT",
	    "CLIENT_MIN_MESSAGES", "CLIENT_ENCODING", "STANDARD_CONFORMING_STRINGS"};
	size_t i, k = 1;

	if (!starts(s, "SET") || s->ntok < 2)
		return 0;
	if (sql_is(s->file->text, &s->tok[1], "SESSION") && s->ntok > 2)
		k = 2;
	for (i = 0; i < sizeof fine / sizeof fine[0]; i++)
		if (sql_is(s->file->text, &s->tok[k], fine[i]))
			return 0;
	return 1;
}

/* Statements with IF [NOT] EXISTS that change nothing. */
static void
judge_noop(struct findings *f, const struct stmt *s)
{
	struct where w = {s, NULL, NULL, 0};
	const char *p, *q;
	char *name;
	size_t i;

	for (i = 0; i < s->nsaid && starts(s, "ALTER") && has_words(s, "IF EXISTS"); i++)
		if (strncmp(s->said[i].text, "relation \"", 10) == 0 &&
		    strstr(s->said[i].text, "does not exist, skipping") != NULL)
			report(f, &w, "does-nothing", table_in(s),
			    "%s does not exist, so the statement does nothing",
			    table_in(s) != NULL ? table_in(s) : "the table");
	/* ADD VALUE IF NOT EXISTS with a place leaves an existing value where it is. */
	if (starts(s, "ALTER TYPE")) {
		if (!has_words(s, "BEFORE") && !has_words(s, "AFTER"))
			return;
	} else if (!starts(s, "CREATE") && !starts(s, "ALTER TABLE"))
		return;
	if (!has_words(s, "IF NOT EXISTS") || starts(s, "CREATE EXTENSION") ||
	    starts(s, "CREATE SCHEMA"))
		return;
	for (i = 0; i < s->nsaid; i++) {
		const struct said *said = &s->said[i];

		if ((strcmp(said->state, "42P07") != 0 &&
			strcmp(said->state, "42701") != 0 &&
			strcmp(said->state, "42710") != 0) ||
		    (p = strchr(said->text, '"')) == NULL ||
		    (q = strchr(p + 1, '"')) == NULL)
			continue;
		name = keep("%.*s", (int)(q - p - 1), p + 1);
		w.name = name;
		if (!is_ours(name))
			report(f, &w, "does-nothing",
			    starts(s, "ALTER TABLE")      ? table_in(s)
				: starts(s, "ALTER TYPE") ? NULL
							  : name,
			    "%s exists already and stays as it is, even where its "
			    "definition is another one",
			    name);
	}
}

/* quiet: no fact and no finding showed what the statement did. */
void
judge_words(struct findings *f, const struct stmt *s, int quiet)
{
	struct where w = {s, NULL, NULL, 0};
	const char *t = table_in(s), *p;

	if (!s->file->none && s->control)
		report(f, &w, "tx-control", NULL,
		    "%.20s in a file that the deploy wraps in a transaction: the "
		    "statements after it run outside of that",
		    keep("%.*s", (int)strcspn(s->words + 1, " "), s->words + 1));
	if (sets_session(s))
		report(f, &w, "set-session", NULL,
		    "%s outlives the file: it holds for the files "
		    "after it, too",
		    target_name(
			s, sql_is(s->file->text, &s->tok[1], "SESSION") ? 2 : 1, NULL));
	judge_noop(f, s);
	if (!quiet)
		return;
	/*
	 * The dev database has no rows, roles or tablespaces of production's: here the
	 * words decide.
	 */
	if (starts(s, "ALTER") && has_words(s, "SET TABLESPACE") && t != NULL &&
	    !is_ours(t))
		report(f, &w, "move-tablespace", t,
		    "where %s lies elsewhere, every byte of it is copied under ACCESS "
		    "EXCLUSIVE",
		    t);
	if (starts(s, "ALTER TABLE") && has_words(s, "DISABLE TRIGGER") && t != NULL &&
	    !is_ours(t))
		report(f, &w, "trigger-off", t,
		    "triggers of %s no longer fire, those of foreign keys among them", t);
	if (starts(s, "GRANT") && has_words(s, "TO PUBLIC") && t != NULL && !is_ours(t))
		report(f, &w, "grant-public", t,
		    "every role, also those to come, gets rights on %s", t);
	if (starts(s, "DROP INDEX CONCURRENTLY"))
		unique_dropped(f, s);
	if (starts(s, "ALTER DEFAULT PRIVILEGES") && has_words(s, "GRANT") &&
	    has_words(s, "TO PUBLIC"))
		report(f, &w, "grant-public", NULL,
		    "every role, also those to come, gets rights on what will be made");
	if (starts(s, "ALTER TABLE") && has_words(s, "NO INHERIT") && t != NULL &&
	    !is_ours(t) && !has_words(s, "CONSTRAINT"))
		report(f, &w, "detach-locked", t,
		    "%s no longer inherits from its parent: queries of the parent do not "
		    "see its rows",
		    t);
	if (starts(s, "ALTER TABLE") && has_words(s, "INHERIT") &&
	    !has_words(s, "NO INHERIT") && t != NULL && !is_ours(t))
		report(f, &w, "inherit", t,
		    "queries of the parent see the rows of %s, too, from here on", t);
	if (locks_rows(s) && s->nlocks > 0)
		report(f, &w, "explicit-lock", s->lock[0].table,
		    "every row of %s is locked to the end of the transaction",
		    s->lock[0].table);
	if (starts(s, "SELECT") &&
	    (has_words(s, "PG_ADVISORY_LOCK") || has_words(s, "PG_ADVISORY_LOCK_SHARED")))
		report(f, &w, "explicit-lock", NULL,
		    "the session keeps this lock after the end of the file, until "
		    "pg_advisory_unlock() or its own end");
	if (starts(s, "SELECT") && (p = set_to_constant(s)) != NULL)
		report(f, &w, "sequence-restart", p,
		    "sequence %s is set to a constant: where it is past that value "
		    "already, its next values exist",
		    p);
	if (starts(s, "REVOKE") && t != NULL && !is_ours(t))
		report(f, &w, "revoke", t,
		    "roles lose a right on %s; which ones have it in production is not "
		    "known here",
		    t);
	if (starts(s, "VACUUM") && has_words(s, "FULL"))
		report(f, &w, "vacuum-full", t,
		    "%s is written anew; ACCESS EXCLUSIVE keeps out reads and writes",
		    t != NULL ? t : "every table");
	if (starts(s, "REINDEX") && s->alone && !has_words(s, "CONCURRENTLY"))
		report(f, &w, "reindex-locked", NULL,
		    "every index that the statement names or covers is built anew, and "
		    "each table is locked against writes meanwhile");
}
