/*
 * watchlint_meaning.c - what means something else from now on, and what is new.
 */
#include "watchlint_rules.h"

#include <strings.h>

/* Is each entry of acl a, beginning with the prefix, in acl b? "lost" or not. */
static int
acl_lacks(const char *a, const char *b, const char *prefix, struct buf *lost)
{
	size_t n, k = strlen(prefix);
	const char *p, *q;
	int found, any = 0;

	for (p = a; *p != '\0'; p += n + (p[n] == ' ')) {
		n = strcspn(p, " ");
		if (strncmp(p, prefix, k) != 0)
			continue;
		found = 0;
		for (q = b; *q != '\0'; q += strcspn(q, " "), q += *q == ' ')
			found |= strcspn(q, " ") == n && memcmp(p, q, n) == 0;
		if (found)
			continue;
		any = 1;
		if (lost != NULL) {
			if (lost->len > 0)
				xbuf_addc(lost, ' ');
			xbuf_add(lost, p, n);
		}
	}
	return any;
}

/* Does a statement of the file have the word? */
static int
file_says(const struct file *file, const char *word)
{
	size_t i;

	for (i = 0; i < file->n; i++)
		if (mentions(&file->v[i], word))
			return 1;
	return 0;
}

/* Rights that a GRANT gave to PUBLIC. */
static void
rights_changed(struct findings *f, const struct stmt *s, const struct change *c,
    int field, const char *what, const char *table)
{
	struct where w = {s, NULL, NULL, 0};

	if (has_words(s, "GRANT") &&
	    acl_lacks(c->is->f[field], c->was->f[field], "=", NULL))
		report(f, &w, "grant-public", table,
		    "every role, also those to come, gets rights on %s", what);
}

/* A view has the old name, so queries that use that name go on working. */
static int
name_stays(const struct file *file, const struct row *was)
{
	size_t i, k;

	for (i = 0; i < file->n; i++)
		for (k = 0; k < file->v[i].ncreated; k++) {
			const struct row *r = file->v[i].created[k].is;

			if (r->k == REL && r->f[REL_KIND][0] == 'v' &&
			    strcmp(r->name, was->name) == 0 &&
			    strcmp(r->ns, was->ns) == 0)
				return 1;
		}
	return 0;
}

static void
relation_changed(struct findings *f, const struct stmt *s, const struct change *c)
{
	const struct row *r = c->is, *was = c->was;
	const char *t = c->table != NULL ? c->table : r->name;
	struct where w = {s, NULL, NULL, 0};
	struct buf lost = {0};
	char kind = r->f[REL_KIND][0];

	if (strcmp(was->name, r->name) != 0 && strchr("rpfvmS", kind) != NULL &&
	    !name_stays(s->file, was)) {
		w.name = was->name;
		report(f, &w,
		    strchr("rpf", kind) != NULL ? "rename-table" : "rename-other",
		    was->name,
		    "%s is now %s: the release that still runs asks for the old name",
		    was->name, r->name);
		w.name = NULL;
	}
	if (strcmp(was->ns, r->ns) != 0 && strchr("rpfvm", kind) != NULL)
		report(f, &w, "set-schema", was->name, "%s moves from schema %s to %s",
		    r->name, was->ns, r->ns);
	if (differ(c, REL_RLS) && strchr("rp", kind) != NULL)
		report(f, &w, "row-security", t, "row security of %s is changed: %s", t,
		    strncmp(r->f[REL_RLS], "true", 4) == 0
			? "roles other than the owner see only what policies allow"
			: "every role that may read the table sees every row");
	if (kind == 'S' && differ(c, REL_FILE) && has_words(s, "RESTART"))
		report(f, &w, "sequence-restart",
		    starts(s, "ALTER TABLE") && table_in(s) != NULL ? table_in(s) : t,
		    "sequence %s starts again: its next values exist already", t);
	rights_changed(f, s, c, REL_ACL, t, t);
	if (differ(c, REL_IDENT) && r->f[REL_IDENT][0] == 'n')
		report(f, &w, "replica-identity", t,
		    "%s has no replica identity any more: where the table is published, "
		    "UPDATE and DELETE fail",
		    t);
	if (differ(c, REL_IDENT) && r->f[REL_IDENT][0] == 'f')
		report(f, &w, "replica-identity", t,
		    "each UPDATE and DELETE of %s now writes the whole old row to the "
		    "log",
		    t);
	if (was->f[REL_ISPART][0] == 't' && r->f[REL_ISPART][0] == 'f' && !s->alone)
		report(f, &w, "detach-locked", t,
		    "%s is no partition any more; parent and child are locked against "
		    "reads and "
		    "writes",
		    t);
	if (has_words(s, "REVOKE") &&
	    acl_lacks(was->f[REL_ACL], r->f[REL_ACL], "", &lost))
		report(f, &w, "revoke", t, "rights on %s are revoked: %s", t, lost.p);
	buf_free(&lost);
}

/* 'z': timestamp with time zone; 't': without; 0: another type. */
static int
moment(const char *type)
{
	return strncmp(type, "timestamp", 9) != 0 ? 0
	    : strstr(type, "with time")           ? 'z'
						  : 't';
}

static void
column_changed(struct findings *f, const struct stmt *s, const struct change *c)
{
	const struct row *r = c->is, *was = c->was;
	const char *t = c->table;
	struct where w = {s, r->name, NULL, 0};

	if (t == NULL || r->f[ATT_DROPPED][0] == 't')
		return;
	if (!c->old) {
		/*
		 * A column added with NOT NULL and DEFAULT whose default the same file
		 * drops.
		 */
		if (*was->f[ATT_DEFAULT] != '\0' && *r->f[ATT_DEFAULT] == '\0' &&
		    r->f[ATT_NOTNULL][0] == 't')
			report(f, &w, "default-dropped", t,
			    "new column %s of %s is NOT NULL and has no default from "
			    "here on: an "
			    "INSERT of the release that still runs fails",
			    r->name, t);
		return;
	}
	rights_changed(f, s, c, ATT_ACL, keep("%s.%s", t, r->name), t);
	if (strcmp(was->name, r->name) != 0) {
		w.name = was->name;
		report(f, &w, "rename-column", t,
		    "column %s of %s is now %s: the release that still runs asks for the "
		    "old "
		    "name",
		    was->name, t, r->name);
		w.name = r->name;
	}
	if (moment(was->f[ATT_TYPE]) != 0 && moment(r->f[ATT_TYPE]) != 0 &&
	    moment(was->f[ATT_TYPE]) != moment(r->f[ATT_TYPE]))
		report(f, &w, "type-meaning", t,
		    "%s.%s from %s to %s: values are read in the session's TimeZone; "
		    "where that "
		    "is not UTC, %s is written anew under ACCESS EXCLUSIVE",
		    t, r->name, was->f[ATT_TYPE], r->f[ATT_TYPE], t);
	if (was->f[ATT_NOTNULL][0] == 't' && r->f[ATT_NOTNULL][0] == 'f')
		report(f, &w, "drop-not-null", t, "%s.%s may be NULL now", t, r->name);
	/* A new identity starts at 1, where rows may have values already. */
	if (was->f[ATT_IDENTITY][0] == '\0' && r->f[ATT_IDENTITY][0] != '\0' &&
	    !has_words(s, "START") && !file_says(s->file, "setval") &&
	    !file_says(s->file, "restart"))
		report(f, &w, "identity-starts", t,
		    "%s.%s is an identity now and begins at 1, where rows may have that "
		    "value already",
		    t, r->name);
	if (differ(c, ATT_IDENTITY) && r->f[ATT_IDENTITY][0] == 'a')
		report(f, &w, "identity-always", t,
		    "%s.%s is GENERATED ALWAYS now: an INSERT that gives a value fails",
		    t, r->name);
	else if (differ(c, ATT_IDENTITY) && r->f[ATT_IDENTITY][0] == '\0')
		report(f, &w, "drop-identity", t,
		    "%s.%s is no longer an identity column: an INSERT without a value "
		    "for it gets none",
		    t, r->name);
	if (was->f[ATT_GENERATED][0] != '\0' && r->f[ATT_GENERATED][0] == '\0')
		report(f, &w, "drop-expression", t, "%s.%s is no longer computed", t,
		    r->name);
	else if (*was->f[ATT_DEFAULT] != '\0' && *r->f[ATT_DEFAULT] == '\0')
		report(f, &w, "drop-default", t, "%s.%s has no default any more%s", t,
		    r->name,
		    r->f[ATT_NOTNULL][0] == 't' ? ": an INSERT without it fails" : "");
}

static void
type_trap(struct findings *f, const struct stmt *s, const struct change *c)
{
	static const struct {
		const char *code, *type, *why;
	} traps[] = {
	    {"json", "json", "json keeps the text as it was and cannot be compared"},
	    {"char-n", "character(", "it pads with blanks"},
	    {"timestamp-no-zone", "timestamp",
		"the value has no time zone, and means another moment in each session's"},
	    {"timestamp-rounds", "timestamp(0)",
		"values are rounded, half of them into the future"},
	    {"money", "money", "how a value is read and printed depends on lc_monetary"}};
	const struct obj *rel = find_obj(REL, c->is->id, 0);
	const char *type = c->is->f[ATT_TYPE], *t;
	struct where w = {s, c->is->name, NULL, 0};
	size_t i;

	if (rel == NULL || rel->now == NULL || is_temporary(rel->now) ||
	    strchr("rpf", rel->now->f[REL_KIND][0]) == NULL ||
	    rel->now->f[REL_ISPART][0] == 't')
		return;
	t = obj_name(rel);
	for (i = 0; i < sizeof traps / sizeof traps[0]; i++) {
		if (strncmp(type, traps[i].type, strlen(traps[i].type)) != 0 ||
		    (i == 0 && strcmp(type, "json") != 0 &&
			strcmp(type, "json[]") != 0) ||
		    (i == 1 && strncmp(type, "character(1)", 12) == 0) ||
		    (i == 2 && moment(type) != 't'))
			continue;
		report(f, &w, traps[i].code, t, "%s.%s is %s: %s", t, c->is->name, type,
		    traps[i].why);
	}
}

/* DEFAULT 'now' is evaluated once, by this statement. */
static void
fixed_default(struct findings *f, const struct stmt *s, const struct change *c)
{
	static const char *const words[] = {"now", "today", "tomorrow", "yesterday"};
	const struct obj *rel = find_obj(REL, c->is->id, 0);
	const char *p = s->file->text, *d = c->is->f[ATT_DEFAULT], *t = c->table;
	struct where w = {s, c->is->name, NULL, 0};
	size_t i, k, n;

	if (*d != '\'' ||
	    (strstr(d, "'::timestamp") == NULL && strstr(d, "'::date") == NULL &&
		strstr(d, "'::time") == NULL))
		return;
	if (t == NULL && rel != NULL)
		t = obj_name(rel);
	for (i = 0; i < s->ntok; i++) {
		if (s->tok[i].type != SQL_STRING || p[s->tok[i].from] != '\'')
			continue;
		n = s->tok[i].to - s->tok[i].from;
		for (k = 0; k < sizeof words / sizeof words[0]; k++)
			if (n == strlen(words[k]) + 2 &&
			    strncasecmp(p + s->tok[i].from + 1, words[k], n - 2) == 0)
				break;
		if (k == sizeof words / sizeof words[0])
			continue;
		report(f, &w, "default-fixed", t,
		    "the default of %s.%s is the constant %s: '%s' is evaluated once, by "
		    "this statement",
		    t, c->is->name, d, words[k]);
		return;
	}
}

static void
made(struct findings *f, const struct file *file, const struct stmt *s,
    const struct change *c)
{
	const struct row *r = c->is;
	const struct obj *type;
	struct where w = {s, r->name, NULL, 0};

	switch (r->k) {
	case ATT:
		if (c->t != NULL && r->f[ATT_NOTNULL][0] == 't' &&
		    *r->f[ATT_DEFAULT] == '\0' && *r->f[ATT_IDENTITY] == '\0' &&
		    *r->f[ATT_GENERATED] == '\0' &&
		    strchr("rp", c->t->old->f[REL_KIND][0]) != NULL)
			report(f, &w, "not-null-no-default", c->table,
			    "new column %s of %s is NOT NULL and has no default: it "
			    "fails unless "
			    "the table is empty",
			    r->name, c->table);
		if (!has_words(s, "LIKE") && !starts(s, "CREATE VIEW") &&
		    !has_words(s, "PARTITION OF") && !has_words(s, "AS SELECT"))
			type_trap(f, s, c);
		fixed_default(f, s, c);
		break;
	case ENM:
		type = old_obj(TYP, number(r->f[ENM_TYPE]));
		if (!c->last && type != NULL)
			report(f, &w, "enum-order", NULL,
			    "enum value '%s' of %s is put before others: order, ranges "
			    "and "
			    "indexes of the type mean something else",
			    r->name, type->old->name);
		break;
	case TRG:
		if (c->t != NULL && r->f[TRG_INTERNAL][0] == 'f' && !was_there(file, r))
			report(f, &w, "trigger-added", c->table,
			    "each change of %s now runs %s; SHARE ROW EXCLUSIVE keeps "
			    "out writes "
			    "while it is made",
			    c->table, r->name);
		break;
	case RUL:
		if (c->t != NULL && strchr("rpf", c->t->old->f[REL_KIND][0]) != NULL)
			report(f, &w, "rule-added", c->table,
			    "queries of %s are now rewritten by rule %s", c->table,
			    r->name);
		break;
	default:
		break;
	}
}

void
judge_meaning(struct findings *f, const struct file *file, const struct stmt *s)
{
	struct where w = {s, NULL, NULL, 0};
	const struct change *c;
	size_t i;

	note_ours(s);
	for (i = 0; i < s->nchanged; i++) {
		const struct row *r = s->changed[i].is, *was = s->changed[i].was;

		c = &s->changed[i];
		if (r->k == REL && c->old && strcmp(was->ns, "pg_toast") != 0)
			relation_changed(f, s, c);
		else if (r->k == ATT) {
			column_changed(f, s, c);
			if (differ(c, ATT_DEFAULT))
				fixed_default(f, s, c);
		} else if (r->k == ENM && c->old && strcmp(was->name, r->name) != 0)
			report(f, &w, "enum-rename", NULL,
			    "enum value '%s' is now '%s': the release that still runs "
			    "writes the "
			    "old one, and fails",
			    was->name, r->name);
		else if ((r->k == FUN || r->k == TYP || r->k == NSP) && c->old &&
		    (strcmp(was->name, r->name) != 0 || strcmp(was->ns, r->ns) != 0))
			report(f, &w, "rename-other", NULL,
			    "%s is now %s%s%s: the release that still runs asks for the "
			    "old one",
			    was->name, strcmp(was->ns, r->ns) != 0 ? r->ns : "",
			    strcmp(was->ns, r->ns) != 0 ? "." : "", r->name);
		else if ((r->k == FUN || r->k == NSP) && c->old)
			rights_changed(
			    f, s, c, r->k == FUN ? FUN_ACL : NSP_ACL, r->name, NULL);
		else if (r->k == TRG && c->t != NULL && c->old &&
		    differ(c, TRG_ENABLED) &&
		    strchr("DR", r->f[TRG_ENABLED][0]) != NULL &&
		    r->f[TRG_INTERNAL][0] == 'f')
			report(f, &w, "trigger-off", c->table,
			    "trigger %s of %s fires no more", r->name, c->table);
	}
	for (i = 0; i < s->ncreated; i++)
		made(f, file, s, &s->created[i]);
	for (i = 0; i < s->nsaid; i++)
		if (strcmp(s->said[i].state, "42622") == 0)
			report(f, &w, "name-cut", NULL,
			    "%s: models and migrations differ for good", s->said[i].text);
}
