/*
 * watchlint_words.c - what only the words of a statement say.
 */
#include "watchlint_rules.h"

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
			return target_name(s, i + 1, NULL);
	return NULL;
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

/* What the branch was not the first to make. */
static void
judge_noop(struct findings *f, const struct stmt *s)
{
	struct where w = {s, NULL, NULL, 0};
	const char *p, *q;
	char *name;
	size_t i;

	if ((!starts(s, "CREATE") && !starts(s, "ALTER TABLE")) ||
	    !has_words(s, "IF NOT EXISTS") || starts(s, "CREATE EXTENSION") ||
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
			    starts(s, "ALTER TABLE") ? table_in(s) : name,
			    "%s was there already and is left as it is, whatever it "
			    "looks like",
			    name);
	}
}

/* quiet: nothing was seen of the statement. */
void
judge_words(struct findings *f, const struct stmt *s, int quiet)
{
	struct where w = {s, NULL, NULL, 0};
	const char *t = table_in(s);

	if (!s->file->none && s->control)
		report(f, &w, "tx-control", NULL,
		    "%.20s inside a file that the deploy wraps: what follows runs "
		    "outside its "
		    "transaction",
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
	/* The data, the roles or the tablespaces are elsewhere. */
	if (starts(s, "ALTER") && has_words(s, "SET TABLESPACE") && t != NULL &&
	    !is_ours(t))
		report(f, &w, "move-tablespace", t,
		    "where %s lies elsewhere, every byte of it is copied under ACCESS "
		    "EXCLUSIVE",
		    t);
	if (starts(s, "ALTER TABLE") && has_words(s, "DISABLE TRIGGER") && t != NULL &&
	    !is_ours(t))
		report(f, &w, "trigger-off", t,
		    "triggers of %s fire no more, foreign keys' among them", t);
	if (starts(s, "REVOKE") && t != NULL && !is_ours(t))
		report(f, &w, "revoke", t,
		    "whoever has the right on %s loses it; the roles of production are "
		    "not here",
		    t);
	if (starts(s, "VACUUM") && has_words(s, "FULL"))
		report(f, &w, "vacuum-full", t,
		    "%s is written anew; ACCESS EXCLUSIVE keeps out reads and writes",
		    t != NULL ? t : "every table");
	if (starts(s, "REINDEX") && s->alone && !has_words(s, "CONCURRENTLY"))
		report(f, &w, "reindex-locked", NULL,
		    "every index of it is built anew, and each table is locked against "
		    "writes "
		    "meanwhile");
}
