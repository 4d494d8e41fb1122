/* catplan_rename.c - the same thing under another name: found, or asked for. */
#include "catplan.h"

#include <stdlib.h>

static int
is(const struct item *it, const char *kind)
{
	return strcmp(it->name, kind) == 0;
}

/* ---- found ---- */

/* What an index is without its name: CREATE UNIQUE INDEX name ON this. */
static const char *
behind_on(const char *def)
{
	const char *on = strstr(def, " ON ");

	return on != NULL ? on + 4 : def;
}

static int
is_unique(const char *def)
{
	return strncmp(def, "CREATE UNIQUE ", 14) == 0;
}

static int
same_owner(struct plan *p, const struct item *a, const struct item *b)
{
	const char *x = id_owner(p, a), *y = id_owner(p, b);

	return x != NULL && y != NULL && strcmp(x, y) == 0;
}

static int
is_same(struct plan *p, const struct item *want, const struct item *had)
{
	const struct item *a, *b;
	const char *x = want->want->def, *y = had->now->def;

	if (is(want, "index"))
		return is_unique(x) == is_unique(y) &&
		    strcmp(behind_on(x), behind_on(y)) == 0;
	if (strcmp(x, y) != 0)
		return 0;
	if (is(want, "constraint"))
		return same_owner(p, want, had);
	a = plan_find(p, "sequence owner", want->id);
	b = plan_find(p, "sequence owner", had->id);
	return a != NULL && b != NULL && a->want != NULL && b->now != NULL &&
	    strcmp(a->want->def, b->now->def) == 0;
}

/* The defaults that use a renamed sequence have its new name. */
static void
follow(struct plan *p, const char *old, const char *new)
{
	const char *at, *def;
	struct item *it;
	size_t i;

	for (i = 0; i < p->n; i++) {
		it = &p->v[i];
		if (!is(it, "default") || !is_changed(it))
			continue;
		def = it->now->def;
		at = strstr(def, old);
		if (at != NULL &&
		    strcmp(it->want->def,
			plan_str(p, "%.*s%s%s", (int)(at - def), def, new,
			    at + strlen(old))) == 0)
			it->now = it->want;
	}
}

static void
rename_one(struct plan *p, struct item *want, struct item *had)
{
	const char *old = id_last(had->id), *new = id_last(want->id);
	struct item *owner;

	if (is(want, "constraint"))
		plan_write_rename(p, had, "constraint", old, new,
		    plan_str(p, "ALTER TABLE %s RENAME CONSTRAINT %s TO %s",
			id_owner(p, had), old, new));
	else
		plan_write_rename(p, had, want->name, old, new,
		    plan_str(p, "ALTER %s %s RENAME TO %s",
			is(want, "index") ? "INDEX" : "SEQUENCE", had->id, new));
	if (is(want, "sequence")) {
		had->now = NULL;
		owner = plan_find(p, "sequence owner", had->id);
		owner->now = NULL;
		owner = plan_find(p, "sequence owner", want->id);
		owner->now = owner->want;
		follow(p, had->id, want->id);
	} else
		plan_gone(p, had);
	plan_came(p, want);
}

/*
 * UNIQUE (a, b) INCLUDE (c) DEFERRABLE as the end of the index that does it. An
 * index with the same columns is taken over, and has the constraint's name then.
 */
static int
is_index_of(struct plan *p, const struct item *want, const struct item *index)
{
	const char *def = want->want->def, *tail, *end;
	const char *table = id_owner(p, want);
	int apart = 0;

	if (strncmp(def, "UNIQUE ", 7) == 0)
		def += 7;
	else if (strncmp(def, "PRIMARY KEY ", 12) == 0)
		def += 12;
	else
		return 0;
	if (strncmp(def, "NULLS NOT DISTINCT ", 19) == 0) {
		def += 19;
		apart = 1;
	}
	end = strstr(def, ") DEFERRABLE");
	tail = behind_on(index->now->def);
	return is_unique(index->now->def) && strstr(def, " WITH (") == NULL &&
	    strcmp(tail,
		plan_str(p, "%s USING btree %.*s%s", table,
		    (int)(end != NULL ? (size_t)(end + 1 - def) : strlen(def)), def,
		    apart ? " NULLS NOT DISTINCT" : "")) == 0;
}

static void
take_over(struct plan *p, struct item *want, struct item *index)
{
	const char *def = want->want->def, *defer = strstr(def, ") DEFERRABLE");

	plan_write(p, want, "Modify",
	    plan_str(p, "ALTER TABLE %s ADD CONSTRAINT %s %s USING INDEX %s%s",
		id_owner(p, want), id_last(want->id),
		*def == 'U' ? "UNIQUE" : "PRIMARY KEY", id_last(index->id),
		defer != NULL ? defer + 1 : ""));
	plan_gone(p, index);
	plan_came(p, want);
}

static void
not_null_names(struct plan *p)
{
	struct item *it;
	size_t i;

	for (i = 0; i < p->n; i++) {
		it = &p->v[i];
		if (!is(it, "not null name") || !is_changed(it))
			continue;
		plan_write(p, it, "Modify",
		    plan_str(p, "ALTER TABLE %s RENAME CONSTRAINT %s TO %s",
			id_owner(p, it), it->now->def, it->want->def));
		it->now = it->want;
	}
}

void
plan_renames(struct plan *p)
{
	struct item *want, **gone = xcalloc(p->n, sizeof *gone);
	size_t i, k, n = 0;

	for (i = 0; i < p->n; i++)
		if (is_extra(&p->v[i]) && plan_in_play(p, &p->v[i]) &&
		    (is(&p->v[i], "constraint") || is(&p->v[i], "index") ||
			is(&p->v[i], "sequence")))
			gone[n++] = &p->v[i];
	for (i = 0; n > 0 && i < p->n; i++) {
		want = &p->v[i];
		if (!is_missing(want) ||
		    (!is(want, "constraint") && !is(want, "index") &&
			!is(want, "sequence")))
			continue;
		for (k = 0; k < n; k++) {
			if (!is_extra(gone[k]))
				continue;
			if (is(gone[k], want->name) && is_same(p, want, gone[k])) {
				rename_one(p, want, gone[k]);
				break;
			}
			if (is(gone[k], "index") && is(want, "constraint") &&
			    is_index_of(p, want, gone[k])) {
				take_over(p, want, gone[k]);
				break;
			}
		}
	}
	free(gone);
	not_null_names(p);
}

/* ---- asked for ---- */

/* A name without its quotes, and without the schema that is left out. */
char *
plan_plain(const struct plan *p, const char *id)
{
	struct buf b = {0};
	const char *from[4], *rest, *c;
	size_t len[4], n = id_parts(id, from, len, &rest), i;

	xbuf_adds(&b, "");
	for (i = 0; i < n; i++) {
		if (i > 0)
			xbuf_addc(&b, '.');
		for (c = from[i]; c < from[i] + len[i]; c++)
			if (*c != '"' ||
			    (c > from[i] && c[-1] == '"' && c + 1 < from[i] + len[i]))
				xbuf_addc(&b, *c);
	}
	n = p->single != NULL ? strlen(p->single) : 0;
	if (n > 0 && strncmp(b.p, p->single, n) == 0 && b.p[n] == '.')
		memmove(b.p, b.p + n + 1, b.len - n);
	return b.p;
}

static const struct {
	const char *kind,
	    *sql; /* $1: the object it belongs to, $2: its own name, $3: the new name */
} ways[] = {
    {"table", "ALTER TABLE $1 RENAME TO $3"},
    {"view", "ALTER VIEW $1 RENAME TO $3"},
    {"materialized view", "ALTER MATERIALIZED VIEW $1 RENAME TO $3"},
    {"foreign table", "ALTER FOREIGN TABLE $1 RENAME TO $3"},
    {"sequence", "ALTER SEQUENCE $1 RENAME TO $3"},
    {"enum", "ALTER TYPE $1 RENAME TO $3"},
    {"domain", "ALTER DOMAIN $1 RENAME TO $3"},
    {"composite type", "ALTER TYPE $1 RENAME TO $3"},
    {"range type", "ALTER TYPE $1 RENAME TO $3"},
    {"function", "ALTER FUNCTION $1 RENAME TO $3"},
    {"procedure", "ALTER PROCEDURE $1 RENAME TO $3"},
    {"index", "ALTER INDEX $1 RENAME TO $3"},
    {"schema", "ALTER SCHEMA $1 RENAME TO $3"},
    {"column", "ALTER TABLE $1 RENAME COLUMN $2 TO $3"},
    {"constraint", "ALTER TABLE $1 RENAME CONSTRAINT $2 TO $3"},
    {"domain constraint", "ALTER DOMAIN $1 RENAME CONSTRAINT $2 TO $3"},
    {"trigger", "ALTER TRIGGER $2 ON $1 RENAME TO $3"},
    {"policy", "ALTER POLICY $2 ON $1 RENAME TO $3"},
    {"rule", "ALTER RULE $2 ON $1 RENAME TO $3"},
};
#define WAYS (sizeof ways / sizeof *ways)

static void
rename_asked(struct plan *p, const struct item *it, size_t way, const char *new)
{
	const char *name[3], *s;
	struct buf b = {0};

	name[0] = it->kind->form == ID_PART ? id_owner(p, it) : it->id;
	name[1] = id_last(it->id);
	name[2] = *new == '"' ? new : plan_str(p, "\"%s\"", new);
	for (s = ways[way].sql; *s != '\0'; s++)
		if (*s == '$')
			xbuf_adds(&b, name[*++s - '1']);
		else
			xbuf_addc(&b, *s);
	plan_write_rename(p, it, it->name, name[1], name[2], b.p);
	buf_free(&b);
}

/* type.value: of an enum. Returns whether there is such a type. */
static int
rename_value(struct plan *p, const char *old, const char *new, int write)
{
	const char *dot = strrchr(old, '.');
	char *name;
	size_t i;
	int same;

	for (i = 0; dot != NULL && i < p->n; i++) {
		if (!is(&p->v[i], "enum") || p->v[i].had == NULL)
			continue;
		name = plan_plain(p, p->v[i].id);
		same = strlen(name) == (size_t)(dot - old) &&
		    memcmp(name, old, (size_t)(dot - old)) == 0;
		free(name);
		if (!same || strchr(dot, '\'') != NULL || strchr(new, '\'') != NULL)
			continue;
		if (write)
			plan_write_rename(p, &p->v[i], "value", dot + 1, new,
			    plan_str(p, "ALTER TYPE %s RENAME VALUE '%s' TO '%s'",
				p->v[i].id, dot + 1, new));
		return 1;
	}
	return 0;
}

/*
 * old=new. Parts of things are renamed first, by the names that all have now;
 * what is a thing of its own comes before what is a part of one.
 */
static void
ask(struct plan *p, const char *word, int parts)
{
	const char *eq = strchr(word, '=');
	char *old, *name;
	size_t i, way;
	int same;

	if (eq == NULL || eq == word || eq[1] == '\0' || strchr(eq + 1, '=') != NULL)
		die("RENAME", "'%.80s': it is users.name=full_name, or users=people",
		    word);
	old = plan_plain(p, plan_str(p, "%.*s", (int)(eq - word), word));
	for (way = 0; way < WAYS; way++)
		for (i = 0; i < p->n; i++) {
			if (!is(&p->v[i], ways[way].kind) || p->v[i].had == NULL)
				continue;
			name = plan_plain(p, p->v[i].id);
			same = strcmp(name, old) == 0;
			free(name);
			if (!same)
				continue;
			if (parts == (p->v[i].kind->form == ID_PART))
				rename_asked(p, &p->v[i], way, eq + 1);
			free(old);
			return;
		}
	if (!rename_value(p, old, eq + 1, parts))
		die("RENAME", "'%.80s': the migrations make nothing of the name %.80s",
		    word, old);
	free(old);
}

void
plan_rename(struct plan *p, const char *asked)
{
	const char *w, *e;
	int parts;

	p->part = RENAMES;
	for (parts = 1; parts >= 0; parts--)
		for (w = asked + strspn(asked, " "); *w != '\0'; w = e + strspn(e, " ")) {
			e = w + strcspn(w, " ");
			ask(p, plan_str(p, "%.*s", (int)(e - w), w), parts);
		}
}
