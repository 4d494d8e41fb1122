/*
 * watchlint_gone.c - what went away, what means something else from now on, and
 * what only the words of a statement say.
 */
#include "watchlint.h"

#include <regex.h>
#include <stdlib.h>

#define MANY_STATEMENTS 2000

static int
differ(const struct change *c, int field)
{
	return strcmp(c->was->f[field], c->is->f[field]) != 0;
}

static unsigned long
number(const char *s)
{
	return strtoul(s, NULL, 10);
}

/* ---- what the branch made ---- */

static const char **ours;
static size_t nours, ours_cap;

int
is_ours(const char *name)
{
	size_t i;

	for (i = 0; i < nours; i++)
		if (strcmp(ours[i], name) == 0)
			return 1;
	return 0;
}

static void
note_ours(const struct stmt *s)
{
	size_t i;

	for (i = 0; i < s->ncreated; i++) {
		if (s->created[i].is->k == ATT && s->created[i].t == NULL)
			continue; /* its table is enough */
		if (nours == ours_cap) {
			ours_cap = ours_cap != 0 ? ours_cap * 2 : 256;
			ours = xreallocarray(ours, ours_cap, sizeof *ours);
		}
		ours[nours++] = s->created[i].is->name;
	}
}

/* ---- made anew in the same file ---- */

/* The field that tells two of the same name apart, or -1. */
static int
second_name(enum kind k)
{
	return k == FUN                        ? FUN_ARGS
	    : k == CON                         ? CON_REL
	    : k == TRG || k == POL || k == RUL ? 0
					       : -1;
}

static int
same_thing(const struct row *a, const struct row *b)
{
	int i = second_name(a->k);

	return a->k == b->k && strcmp(a->name, b->name) == 0 &&
	    strcmp(a->ns, b->ns) == 0 && (i < 0 || strcmp(a->f[i], b->f[i]) == 0);
}

static const struct row *
made_anew(const struct file *file, const struct row *r)
{
	size_t i, k;

	for (i = 0; i < file->n; i++)
		for (k = 0; k < file->v[i].ncreated; k++)
			if (same_thing(file->v[i].created[k].is, r))
				return file->v[i].created[k].is;
	return NULL;
}

static int
was_there(const struct file *file, const struct row *r)
{
	size_t i, k;

	for (i = 0; i < file->n; i++)
		for (k = 0; k < file->v[i].ngone; k++)
			if (same_thing(file->v[i].gone[k].was, r))
				return 1;
	return 0;
}

/* A view with every column that it had. */
static int
same_view(const struct file *file, const struct row *old)
{
	const struct row *new = made_anew(file, old);
	const struct obj *a, *b;
	long i, k;

	if (new == NULL || strcmp(new->f[REL_KIND], old->f[REL_KIND]) != 0)
		return 0;
	for (i = 1; (a = find_obj(ATT, old->id, i)) != NULL && a->old != NULL; i++) {
		for (k = 1; (b = find_obj(ATT, new->id, k)) != NULL; k++)
			if (b->now != NULL && strcmp(a->old->name, b->now->name) == 0)
				break;
		if (b == NULL)
			return 0;
	}
	return 1;
}

/* ---- what is gone ---- */

static int
gone_rel(const struct stmt *s, unsigned long id)
{
	size_t i;

	for (i = 0; i < s->ngone; i++)
		if (s->gone[i].was->k == REL && s->gone[i].was->id == id)
			return 1;
	return 0;
}

static int
column_dropped(const struct change *c)
{
	return c->old && c->is->k == ATT && c->was->f[ATT_DROPPED][0] == 'f' &&
	    c->is->f[ATT_DROPPED][0] == 't';
}

/* Did a column of the relation go in this statement; of these numbers, if given? */
static int
lost_column(const struct stmt *s, unsigned long id, const char *numbers)
{
	const char *p;
	char *end;
	size_t i;

	for (i = 0; i < s->nchanged; i++) {
		const struct change *c = &s->changed[i];

		if (!column_dropped(c) || c->is->id != id)
			continue;
		if (numbers == NULL)
			return 1;
		for (p = numbers; *p != '\0'; p = end) {
			long n = strtol(p, &end, 10);

			if (end == p)
				break;
			if (n == c->is->sub)
				return 1;
		}
	}
	return 0;
}

static int
is_blind(const struct stmt *s)
{
	return !starts(s, "ALTER") && !starts(s, "DROP");
}

static void
say(struct findings *f, const struct stmt *s, const char *code, const char *what,
    const char *name, const char *table, const char *extra)
{
	struct where w = {s, name, NULL, 0};

	if (!mentions(s, name) && !is_blind(s) && has_words(s, "CASCADE"))
		report(f, &w, "drop-cascade", table,
		    "%s %s goes too, and the statement does not name it%s", what, name,
		    extra);
	else
		report(f, &w, code, table, "%s %s is dropped%s", what, name, extra);
}

static void
gone_relation(struct findings *f, const struct file *file, const struct stmt *s,
    const struct change *c)
{
	static const struct {
		char kind;
		const char *code, *what;
	} kinds[] = {{'r', "drop-table", "table"}, {'p', "drop-table", "table"},
	    {'f', "drop-table", "foreign table"}, {'v', "drop-view", "view"},
	    {'m', "drop-view", "materialized view"}, {'S', "drop-sequence", "sequence"}};
	const struct row *r = c->was;
	const struct obj *idx;
	struct where w = {s, r->name, NULL, 0};
	char kind = r->f[REL_KIND][0];
	size_t i, k;

	if (strcmp(r->ns, "pg_toast") == 0)
		return;
	if (kind == 'i' || kind == 'I') {
		idx = find_obj(IDX, r->id, 0);
		if (c->t == NULL || idx == NULL || idx->old == NULL || s->alone ||
		    gone_rel(s, number(idx->old->f[IDX_REL])) ||
		    lost_column(s, number(idx->old->f[IDX_REL]), NULL) ||
		    starts(s, "ALTER TABLE"))
			return;
		for (i = 0; i < s->ngone; i++)
			if (s->gone[i].was->k == CON &&
			    number(s->gone[i].was->f[CON_INDEX]) == r->id)
				return;
		for (i = 0; i < s->nchanged; i++)
			if (s->changed[i].is->k == ATT && s->changed[i].t == c->t &&
			    differ(&s->changed[i], ATT_TYPE))
				return;
		report(f, &w, "drop-index-locked", c->table,
		    "DROP INDEX %s waits for every transaction on %s, and keeps out "
		    "reads and "
		    "writes meanwhile",
		    r->name, c->table);
		return;
	}
	for (k = 0; k < sizeof kinds / sizeof kinds[0] && kinds[k].kind != kind; k++)
		continue;
	if (k == sizeof kinds / sizeof kinds[0])
		return;
	if (r->f[REL_ISPART][0] == 't' && !mentions(s, r->name))
		for (i = 0; i < s->ngone; i++)
			if (s->gone[i].was->k == REL &&
			    s->gone[i].was->f[REL_KIND][0] == 'p')
				return; /* a partition of what is dropped */
	/* A serial's; a view made anew in the same file. */
	if ((kind == 'S' && !mentions(s, r->name)) || (kind == 'v' && same_view(file, r)))
		return;
	say(f, s, kinds[k].code, kinds[k].what, r->name,
	    *r->ns == '\0' || strcmp(r->ns, "public") == 0
		? r->name
		: keep("%s.%s", r->ns, r->name),
	    "");
}

static void
gone_constraint(struct findings *f, const struct file *file, const struct stmt *s,
    const struct change *c)
{
	const struct row *r = c->was;
	struct where w = {s, r->name, NULL, 0};
	unsigned long rel = number(r->f[CON_REL]);
	char type = r->f[CON_TYPE][0];

	if (rel == 0 || c->t == NULL || gone_rel(s, rel) ||
	    strchr("pfucx", type) == NULL || strcmp(r->f[CON_PARENT], "0") != 0 ||
	    made_anew(file, r) != NULL)
		return;
	/* It went with a column of its own. */
	if (lost_column(s, rel, r->f[CON_KEY]))
		return;
	if (gone_rel(s, number(r->f[CON_TARGET])) && !mentions(s, r->name)) {
		report(f, &w, "drop-cascade", c->table,
		    "foreign key %s of %s goes too, and the statement does not name it",
		    r->name, c->table);
		return;
	}
	say(f, s,
	    type == 'p'       ? "drop-primary-key"
		: type == 'f' ? "drop-foreign-key"
			      : "drop-constraint",
	    type == 'p'       ? "primary key"
		: type == 'f' ? "foreign key"
		: type == 'u' ? "unique constraint"
		: type == 'c' ? "check"
			      : "exclusion constraint",
	    r->name, c->table,
	    keep(" from %s: nothing keeps its rows right any more", c->table));
}

void
judge_gone(struct findings *f, const struct file *file, const struct stmt *s)
{
	const struct change *c;
	size_t i;
	int ext = 0;

	for (i = 0; i < s->nchanged; i++) {
		c = &s->changed[i];
		if (column_dropped(c) && c->t != NULL)
			say(f, s, "drop-column", "column", c->was->name, c->table,
			    keep(" from %s with its values", c->table));
	}
	for (i = 0; i < s->ngone; i++)
		ext |= s->gone[i].was->k == EXT;
	for (i = 0; i < s->ngone; i++) {
		const struct row *r = s->gone[i].was;

		c = &s->gone[i];
		switch (r->k) {
		case REL:
			gone_relation(f, file, s, c);
			break;
		case CON:
			gone_constraint(f, file, s, c);
			break;
		case TRG:
		case POL:
		case RUL:
			if (c->t == NULL || gone_rel(s, number(r->f[0])) ||
			    (r->k == TRG && r->f[TRG_INTERNAL][0] == 't') ||
			    made_anew(file, r) != NULL)
				break;
			say(f, s,
			    r->k == TRG       ? "drop-trigger"
				: r->k == POL ? "drop-policy"
					      : "drop-rule",
			    r->k == TRG       ? "trigger"
				: r->k == POL ? "policy"
					      : "rule",
			    r->name, c->table, keep(" from %s", c->table));
			break;
		case FUN:
			if (!ext && made_anew(file, r) == NULL)
				say(f, s, "drop-function", "function", r->name, NULL, "");
			break;
		case TYP:
			if (!ext)
				say(f, s, "drop-type",
				    r->f[TYP_TYPE][0] == 'd' ? "domain" : "type", r->name,
				    NULL, "");
			break;
		case NSP:
			say(f, s, "drop-schema", "schema", r->name, NULL, "");
			break;
		case EXT:
			say(f, s, "drop-extension", "extension", r->name, NULL, "");
			break;
		default:
			break;
		}
	}
}

/* ---- what means something else ---- */

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

static void
relation_changed(struct findings *f, const struct stmt *s, const struct change *c)
{
	const struct row *r = c->is, *was = c->was;
	const char *t = c->table != NULL ? c->table : r->name;
	struct where w = {s, NULL, NULL, 0};
	struct buf lost = {0};
	char kind = r->f[REL_KIND][0];

	if (strcmp(was->name, r->name) != 0 && strchr("rpfvmS", kind) != NULL) {
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
			? "who is not the owner sees only what policies allow"
			: "every row is open to whoever may read the table");
	if (kind == 'S' && differ(c, REL_FILE) && has_words(s, "RESTART"))
		report(f, &w, "sequence-restart", t,
		    "%s starts again: the next values exist already", t);
	if (acl_lacks(r->f[REL_ACL], was->f[REL_ACL], "=", NULL) && has_words(s, "GRANT"))
		report(f, &w, "grant-public", t,
		    "every role, also those to come, gets rights on %s", t);
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
		report(f, &w, "revoke", t, "of the rights on %s these are gone: %s", t,
		    lost.p);
	buf_free(&lost);
}

/* With a zone, or without: 'z', 't', or 0 when it is no moment. */
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
		/* NOT NULL DEFAULT, then DROP DEFAULT. */
		if (*was->f[ATT_DEFAULT] != '\0' && *r->f[ATT_DEFAULT] == '\0' &&
		    r->f[ATT_NOTNULL][0] == 't')
			report(f, &w, "default-dropped", t,
			    "new column %s of %s is NOT NULL and has no default from "
			    "here on: an "
			    "INSERT of the release that still runs fails",
			    r->name, t);
		return;
	}
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
	if (differ(c, ATT_IDENTITY) && r->f[ATT_IDENTITY][0] == 'a')
		report(f, &w, "identity-always", t,
		    "%s.%s is GENERATED ALWAYS now: an INSERT that gives a value fails",
		    t, r->name);
	else if (differ(c, ATT_IDENTITY) && r->f[ATT_IDENTITY][0] == '\0')
		report(f, &w, "drop-identity", t,
		    "%s.%s gets no value by itself any more", t, r->name);
	if (was->f[ATT_GENERATED][0] != '\0' && r->f[ATT_GENERATED][0] == '\0')
		report(f, &w, "drop-expression", t, "%s.%s is no longer computed", t,
		    r->name);
	else if (*was->f[ATT_DEFAULT] != '\0' && *r->f[ATT_DEFAULT] == '\0')
		report(f, &w, "drop-default", t, "%s.%s has no default any more%s", t,
		    r->name,
		    r->f[ATT_NOTNULL][0] == 't' ? ": an INSERT without it fails" : "");
}

static const struct obj *
old_obj(enum kind k, unsigned long id)
{
	const struct obj *o = find_obj(k, id, 0);

	return o != NULL && o->old != NULL ? o : NULL;
}

static int
is_temporary(const struct row *rel)
{
	return rel->f[REL_PERSIST][0] == 't';
}

static void
type_trap(struct findings *f, const struct stmt *s, const struct change *c)
{
	static const struct {
		const char *code, *type, *why;
	} traps[] = {
	    {"json", "json", "json keeps the text as it was and cannot be compared"},
	    {"char-n", "character(", "it pads with blanks"},
	    {"timestamp-no-zone", "timestamp", "a moment without its zone"}};
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
			    "what is asked of %s is now rewritten by rule %s", c->table,
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
		else if (r->k == ATT)
			column_changed(f, s, c);
		else if (r->k == ENM && c->old && strcmp(was->name, r->name) != 0)
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

/* ---- words ---- */

/* The table that a statement names, by its words alone. */
static const char *
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
judge_text(struct findings *f, const struct stmt *s, int quiet)
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

/* ---- the file as a whole ---- */

static int
is_txmode(const struct sql_directive *d)
{
	return d->name_len == 6 && memcmp(d->name, "txmode", 6) == 0;
}

/* A directive that means something: "file" is what holds without one. */
static int
means(const struct sql_directive *d)
{
	return is_txmode(d) && d->value_len >= 3 &&
	    (strncmp(d->value, "none", 4) == 0 || strncmp(d->value, "all", 3) == 0);
}

static const char *
why_void(enum sql_void why)
{
	switch (why) {
	case SQL_VOID_BOM:
		return "the first bytes of the file must be '--'";
	case SQL_VOID_CRLF:
	case SQL_VOID_CR:
		return "lines end in CRLF";
	case SQL_VOID_END:
	case SQL_VOID_LINE:
		return "no empty line follows";
	default:
		return "it stands below the first lines of the file";
	}
}

/* An atlas:txmode that is not what it looks like; returns whether there is one. */
static int
judge_txmode(struct findings *f, const struct file *file)
{
	struct stmt fake = {0};
	struct where w = {&fake, NULL, NULL, 0};
	struct sql_directive d;
	struct sql_token t;
	const char *p = file->text;
	size_t i, n = 0, line = 1, seen = 0;

	fake.file = file;
	fake.words = "  ";
	for (i = 0; i < file->head.n; i++) {
		const struct sql_directive *h = &file->head.v[i];

		if (!is_txmode(h))
			continue;
		w.line = h->line;
		if (h->is_void != SQL_HOLDS) {
			if (!means(h))
				continue;
			report(f, &w, "txmode", NULL,
			    "atlas:txmode %.*s is overlooked: %s", (int)h->value_len,
			    h->value, why_void(h->is_void));
			return 1;
		}
		if (++n > 1) {
			report(f, &w, "txmode", NULL,
			    "atlas:txmode is given more than once: Atlas refuses the "
			    "file");
			return 1;
		}
		if ((h->value_len == 4 && memcmp(h->value, "none", 4) == 0) ||
		    (h->value_len == 4 && memcmp(h->value, "file", 4) == 0))
			continue;
		report(f, &w, "txmode", NULL,
		    "atlas:txmode '%.*s': Atlas refuses the file", (int)h->value_len,
		    h->value);
		return 1;
	}
	if (n > 0)
		return 0;
	/* In another comment: nobody looks there. */
	for (i = 0; i < file->len; i = t.to) {
		sql_token(p, file->len, i, &t);
		if (t.type == SQL_END)
			break;
		if (t.type != SQL_COMMENT ||
		    !sql_directive(p + t.from, t.to - t.from, &d))
			continue;
		/* A comment in slash-stars ends in these. */
		if (p[t.from] == '/' && d.value_len >= 2)
			for (d.value_len -= 2;
			    d.value_len > 0 && d.value[d.value_len - 1] == ' ';)
				d.value_len--;
		if (!means(&d))
			continue;
		for (; seen < t.from; seen++)
			line += p[seen] == '\n';
		w.line = line;
		report(f, &w, "txmode", NULL, "atlas:txmode %.*s is overlooked: %s",
		    (int)d.value_len, d.value,
		    t.from == 0 && p[0] == '/'
			? "the first bytes of the file must be '--'"
			: "it stands below the first lines of the file");
		return 1;
	}
	return 0;
}

void
judge_file(struct findings *f, struct file *file)
{
	struct stmt fake = {0};
	struct where w = {&fake, NULL, NULL, 0};
	size_t i, line = 1;
	int told;

	fake.file = file;
	fake.words = "  ";
	if (file->why != NULL) {
		for (i = 0; i < file->why_at; i++)
			line += file->text[i] == '\n';
		w.line = line;
		report(f, &w, "failed", NULL,
		    "the file cannot be split into statements: %s", file->why);
	}
	told = judge_txmode(f, file);
	for (i = 0; i < file->n && !file->none && !told; i++) {
		if (!file->v[i].alone)
			continue;
		w.s = &file->v[i];
		w.line = 0;
		report(f, &w, "txmode", table_in(w.s),
		    "this cannot run in a transaction, and Atlas runs the file in one");
	}
	if (file->n > MANY_STATEMENTS) {
		w.s = &file->v[0];
		w.line = 0;
		report(f, &w, "many-statements", NULL,
		    "%zu statements in one file: outside a transaction Atlas writes its "
		    "record "
		    "again after each, and its own program always, so the time grows "
		    "with their "
		    "square",
		    file->n);
	}
}

/* What the session keeps: time limits are the deploy's own. */
void
judge_settings(struct findings *f, const struct file *file)
{
	struct where w = {NULL, NULL, NULL, 0};
	size_t i, k;

	for (i = f->n; i-- > 0 && f->v[i].file == file;)
		if (strcmp(f->v[i].code->name, "set-session") == 0)
			return;
	for (i = 0; i < file->nleft; i++) {
		const struct setting *x = &file->left[i];

		if (strstr(x->name, "_timeout") != NULL ||
		    strcmp(x->name, "standard_conforming_strings") == 0 ||
		    strcmp(x->name, "client_encoding") == 0)
			continue;
		w.s = &file->v[file->n - 1];
		for (k = file->n; k-- > 0;)
			if (mentions(&file->v[k], x->name))
				w.s = &file->v[k];
		report(f, &w, "set-session", NULL,
		    "%s outlives the file: it holds for the files after it, too",
		    x->name);
	}
}

/* ---- new tables, as they are when the branch is done ---- */

static int
made_as(const struct stmt *s)
{
	return has_words(s, "AS SELECT") || has_words(s, "LIKE") ||
	    has_words(s, "AS TABLE") || has_words(s, "AS WITH") ||
	    has_words(s, "AS ( SELECT") || has_words(s, "AS EXECUTE") ||
	    has_words(s, "AS VALUES");
}

static void
judge_new_table(struct findings *f, const struct branch *b, const struct stmt *s,
    const struct row *table)
{
	const struct obj *o = find_obj(REL, table->id, 0), *col;
	const struct row *key = NULL;
	struct where w = {s, NULL, NULL, 0};
	const char *t = obj_name(o);
	size_t i, k, n;

	if (o->now == NULL || o->gone || o->now->f[REL_ISPART][0] == 't' ||
	    is_temporary(o->now))
		return;
	for (i = 0; i < b->n; i++)
		for (k = 0; k < b->v[i].n; k++) {
			const struct stmt *x = &b->v[i].v[k];

			if (starts(x, "DROP TABLE") && mentions(x, o->now->name))
				return;
			for (n = 0; n < x->ncreated; n++)
				if (x->created[n].is->k == CON &&
				    x->created[n].is->f[CON_TYPE][0] == 'p' &&
				    number(x->created[n].is->f[CON_REL]) == table->id)
					key = x->created[n].is;
		}
	if (key == NULL) {
		report(f, &w, "no-primary-key", t, "%s has no primary key", t);
		return;
	}
	if (strchr(key->f[CON_KEY], ' ') != NULL ||
	    (col = find_obj(ATT, table->id, (long)number(key->f[CON_KEY]))) == NULL ||
	    col->now == NULL)
		return;
	if ((strcmp(col->now->f[ATT_TYPE], "integer") == 0 ||
		strcmp(col->now->f[ATT_TYPE], "smallint") == 0) &&
	    (*col->now->f[ATT_IDENTITY] != '\0' ||
		strstr(col->now->f[ATT_DEFAULT], "nextval") != NULL)) {
		w.name = col->now->name;
		report(f, &w, "int-key", t, "%s.%s counts in %s", t, col->now->name,
		    col->now->f[ATT_TYPE]);
	}
}

void
judge_new_tables(struct findings *f, const struct branch *b)
{
	size_t i, k, n;

	for (i = 0; i < b->n; i++)
		for (k = 0; k < b->v[i].n; k++) {
			const struct stmt *s = &b->v[i].v[k];

			if (!starts(s, "CREATE TABLE") &&
			    !starts(s, "CREATE UNLOGGED TABLE"))
				continue;
			for (n = 0; n < s->ncreated; n++)
				if (s->created[n].is->k == REL &&
				    s->created[n].is->f[REL_KIND][0] == 'r' &&
				    !made_as(s))
					judge_new_table(f, b, s, s->created[n].is);
		}
}

/* ---- names ---- */

static regex_t naming;

/* Before anything is looked at: is it an expression? */
void
check_naming(const struct findings *f)
{
	if (*f->naming != '\0' &&
	    regcomp(&naming, f->naming, REG_EXTENDED | REG_NOSUB) != 0)
		die("NAMING", "'%.100s' is no extended regular expression", f->naming);
}

static int
matches(const struct findings *f, const char *name)
{
	return *f->naming == '\0' || regexec(&naming, name, 0, NULL, 0) == 0;
}

/* What a new name is of: the code, and the word for it. NULL: nobody's choice. */
static const char *
name_code(const struct row *r, const char **what)
{
	char kind;

	switch (r->k) {
	case NSP:
		*what = "schema";
		return "NM101";
	case REL:
		kind = r->f[REL_KIND][0];
		*what = kind == 'v' ? "view"
		    : kind == 'm'   ? "materialized view"
				    : "table";
		if (kind == 'i' || kind == 'I') {
			*what = "index";
			return "NM104";
		}
		return strchr("rpfvm", kind) != NULL ? "NM102" : NULL;
	case ATT:
		*what = "column";
		return "NM103";
	case CON:
		*what = r->f[CON_TYPE][0] == 'f' ? "foreign key" : "check";
		return r->f[CON_TYPE][0] == 'f' ? "NM105"
		    : r->f[CON_TYPE][0] == 'c'  ? "NM106"
						: NULL;
	default:
		return NULL;
	}
}

/* Where the name itself is written, behind its table's; 0: somewhere in a DO. */
static size_t
name_line(const struct stmt *s, const char *table, const char *name, size_t *off)
{
	size_t i, from = 0;

	for (i = 0; table != NULL && i < s->ntok; i++)
		if (same_name(s, &s->tok[i], table)) {
			from = i + 1;
			break;
		}
	for (i = from; i < s->ntok; i++)
		if (same_name(s, &s->tok[i], name)) {
			*off = s->tok[i].from;
			return 1;
		}
	for (i = 0; i < from; i++)
		if (same_name(s, &s->tok[i], name)) {
			*off = s->tok[i].from;
			return 1;
		}
	return 0;
}

static void
judge_name(struct findings *f, const struct stmt *s, const struct row *r)
{
	struct where w = {s, NULL, NULL, 0};
	const struct obj *rel = NULL;
	const char *what = NULL, *code = name_code(r, &what), *bare = NULL;
	size_t off = 0;

	if (code == NULL || matches(f, r->name) || !mentions(s, r->name) ||
	    strcmp(r->ns, "pg_toast") == 0 || strcmp(r->name, "public") == 0)
		return;
	if (r->k == ATT || r->k == CON)
		rel = find_obj(REL, r->k == ATT ? r->id : number(r->f[CON_REL]), 0);
	/* The columns of a view are its query's. */
	if (r->k == ATT &&
	    (rel == NULL || rel->now == NULL ||
		strchr("rpf", rel->now->f[REL_KIND][0]) == NULL))
		return;
	if (rel != NULL && rel->now != NULL) {
		if (is_temporary(rel->now))
			return;
		bare = rel->now->name;
	}
	if (r->k == REL && is_temporary(r))
		return;
	report(f, &w, code,
	    bare != NULL      ? bare
		: r->k == REL ? r->name
			      : NULL,
	    "%s '%s'%s%s%s does not match NAMING, %s", what, r->name,
	    bare != NULL ? " of table '" : "", bare != NULL ? bare : "",
	    bare != NULL ? "'" : "", f->naming);
	f->v[f->n - 1].help =
	    "rename it; or allow it: NAMING='...' for all names, or '-- atlas:nolint "
	    "naming' above the statement";
	if (name_line(s, bare, r->name, &off))
		f->v[f->n - 1].off = off;
}

void
judge_names(struct findings *f, const struct stmt *s)
{
	size_t i;

	for (i = 0; i < s->ncreated; i++)
		judge_name(f, s, s->created[i].is);
	for (i = 0; i < s->nchanged; i++)
		if (strcmp(s->changed[i].was->name, s->changed[i].is->name) != 0 &&
		    !(s->changed[i].is->k == ATT &&
			s->changed[i].is->f[ATT_DROPPED][0] == 't'))
			judge_name(f, s, s->changed[i].is);
}
