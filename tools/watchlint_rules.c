/*
 * watchlint_rules.c - locks, and what takes long under them.
 *
 * Facts decide wherever PostgreSQL showed something; words of the statement,
 * without strings and comments, only where it cannot.
 */
#include "watchlint.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- findings ---- */

static void
add_recipe(struct buf *b, const char *p, const char *table, const char *name)
{
	for (; *p != '\0'; p++) {
		if (p[0] == '%' && (p[1] == 't' || p[1] == 'n')) {
			p++;
			xbuf_adds(b,
			    *p == 't' ? (table != NULL ? table : "...")
				      : (name != NULL ? name : "..."));
		} else
			xbuf_addc(b, *p);
	}
}

void
report(struct findings *f, const struct where *w, const char *code, const char *table,
    const char *fmt, ...)
{
	struct finding *x;
	struct buf help = {0};
	va_list ap;
	char *text;
	int n;

	if (f->n == f->cap) {
		f->cap = f->cap != 0 ? f->cap * 2 : 64;
		f->v = xreallocarray(f->v, f->cap, sizeof *f->v);
	}
	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	text = xkept((size_t)(n > 0 ? n : 0) + 1);
	va_start(ap, fmt);
	(void)vsnprintf(text, (size_t)(n > 0 ? n : 0) + 1, fmt, ap);
	va_end(ap);
	x = &f->v[f->n];
	memset(x, 0, sizeof *x);
	x->file = w->s->file;
	x->off = w->line != 0 ? line_place(w->s->file, w->line)
			      : place_of(w->s, w->name, w->word);
	x->code = get_code(code);
	x->table = table;
	x->text = text;
	if (x->code->recipe != NULL) {
		add_recipe(&help, x->code->recipe, table, w->name);
		x->help = keep_text(help.p, help.len);
		buf_free(&help);
	}
	x->order = f->n;
	/* The same of a partition and its parent, say. */
	if (f->n > 0 && f->v[f->n - 1].file == x->file && f->v[f->n - 1].off == x->off &&
	    f->v[f->n - 1].code == x->code && strcmp(f->v[f->n - 1].text, text) == 0)
		return;
	f->n++;
}

/* ---- locks of a transaction, as they add up ---- */

struct held {
	const struct obj *t;
	const char *table;
	enum mode mode;
	size_t no, line; /* of the statement that took it */
};

static struct held *held;
static size_t nheld;

static const char *const mode_names[NMODES] = {"ROW SHARE", "ROW EXCLUSIVE",
    "SHARE UPDATE EXCLUSIVE", "SHARE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE",
    "ACCESS EXCLUSIVE"};

static const char *
keeps_out(enum mode m)
{
	return m == ACCESS ? "reads and writes" : "writes";
}

static struct held *
held_on(const struct obj *t)
{
	size_t i;

	for (i = 0; i < nheld; i++)
		if (held[i].t == t)
			return &held[i];
	return NULL;
}

static const char *
lock_words(const struct obj *t)
{
	const struct held *h = held_on(t);

	return h == NULL
	    ? "PostgreSQL locks it"
	    : keep("%s keeps out %s", mode_names[h->mode], keeps_out(h->mode));
}

/* The strongest of the modes that keep others out, or NMODES. */
static enum mode
strongest(const struct lock *l)
{
	unsigned int m;

	/* A materialized view has readers only. */
	for (m = ACCESS; m >= SHARE; m--)
		if ((l->modes & 1U << m) != 0)
			return l->kind == 'm' && m != ACCESS ? NMODES : (enum mode)m;
	return NMODES;
}

/* Which tables this statement locks anew, or more strongly: their number. */
static size_t
take_locks(const struct stmt *s, const struct lock **first)
{
	struct held *h;
	enum mode m;
	size_t i, n = 0;

	for (i = 0; i < s->nlocks; i++) {
		if ((m = strongest(&s->lock[i])) == NMODES)
			continue;
		h = held_on(s->lock[i].t);
		if (h != NULL && h->mode >= m)
			continue;
		if (h == NULL) {
			held = xreallocarray(held, nheld + 1, sizeof *held);
			h = &held[nheld++];
			memset(h, 0, sizeof *h);
			h->t = s->lock[i].t;
		}
		h->table = s->lock[i].table;
		h->mode = m;
		h->line = s->line;
		h->no = s->no;
		first[n++] = &s->lock[i];
	}
	return n;
}

/* ---- one statement ---- */

struct work { /* tables that are gone through from end to end */
	const struct obj **v;
	size_t n;
};

static int
in(const struct work *w, const struct obj *t)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		if (w->v[i] == t)
			return 1;
	return 0;
}

static void
add(struct work *w, const struct obj *t)
{
	if (t == NULL || in(w, t))
		return;
	w->v = xreallocarray(w->v, w->n + 1, sizeof *w->v);
	w->v[w->n++] = t;
}

static int
differ(const struct change *c, int field)
{
	return strcmp(c->was->f[field], c->is->f[field]) != 0;
}

static const struct said *
heard(const struct stmt *s, const char *what, const char *name)
{
	char *want = keep("%s \"%s\"", what, name);
	const struct said *found = NULL;
	size_t i;

	for (i = 0; i < s->nsaid && found == NULL; i++)
		if (strstr(s->said[i].text, want) != NULL)
			found = &s->said[i];
	return found;
}

/* PL/pgSQL counts from the line of the opening $$. */
static size_t
inner_line(const struct stmt *s, const struct said *said)
{
	size_t i, k, line = s->line;

	if (said == NULL || said->line == 0)
		return 0;
	for (i = 0; i < s->ntok && s->tok[i].type != SQL_STRING; i++)
		continue;
	if (i == s->ntok)
		return 0;
	for (k = s->start; k < s->tok[i].from; k++)
		line += s->file->text[k] == '\n';
	return line + said->line - 1;
}

static int
type_changed(const struct change *c)
{
	return c->is != NULL && c->was != NULL && c->is->k == ATT &&
	    differ(c, ATT_TYPE) && c->is->f[ATT_DROPPED][0] == 'f';
}

static int
is_new_column(const struct change *c)
{
	return c->is->k == ATT && c->t != NULL;
}

/* Why a table was written anew; *name is a column it was for. */
static const char *
reasons(const struct stmt *s, const struct obj *t, const char **name)
{
	struct buf b = {0};
	const struct change *c;
	const struct row *r;
	const char *why;
	size_t i;

	for (i = 0; i < s->nchanged; i++) {
		c = &s->changed[i];
		if (!type_changed(c) || c->is->id != t->id)
			continue;
		xbuf_addf(&b, "%s%s from %s to %s", b.len > 0 ? "; " : "", c->is->name,
		    c->was->f[ATT_TYPE], c->is->f[ATT_TYPE]);
		*name = *name == NULL ? c->is->name : *name;
	}
	for (i = 0; i < s->ncreated; i++) {
		r = s->created[i].is;
		if (r->k != ATT || r->id != t->id)
			continue;
		if (r->f[ATT_GENERATED][0] == 's')
			xbuf_addf(&b, "%snew column %s is a generated one",
			    b.len > 0 ? "; " : "", r->name);
		else if (r->f[ATT_IDENTITY][0] != '\0')
			xbuf_addf(&b, "%snew column %s is an identity",
			    b.len > 0 ? "; " : "", r->name);
		else if (r->f[ATT_DEFAULT][0] != '\0' && r->f[ATT_MISSING][0] == 'f')
			xbuf_addf(&b,
			    "%sthe default of new column %s, %s, differs by row",
			    b.len > 0 ? "; " : "", r->name, r->f[ATT_DEFAULT]);
		else if (r->f[ATT_DEFAULT][0] == '\0')
			xbuf_addf(&b, "%sthe type of new column %s, %s, checks each row",
			    b.len > 0 ? "; " : "", r->name, r->f[ATT_TYPE]);
		else
			continue;
		*name = *name == NULL ? r->name : *name;
	}
	why = b.len > 0 ? keep_text(b.p, b.len) : NULL;
	buf_free(&b);
	return why;
}

/* relfilenode changed: written anew, or emptied. */
static void
judge_rewrites(
    struct findings *f, const struct stmt *s, struct work *heavy, struct work *empty)
{
	const struct change *c, *first = NULL;
	const struct said *said;
	struct buf names = {0}, more = {0};
	struct where w = {s, NULL, NULL, 0};
	const char *t, *why;
	size_t i;
	int kind;

	for (i = 0; i < s->nchanged; i++) {
		c = &s->changed[i];
		if (!c->old || c->is->k != REL || c->t == NULL ||
		    strcmp(c->was->ns, "pg_toast") == 0 || !differ(c, REL_FILE))
			continue;
		kind = c->is->f[REL_KIND][0];
		if (kind != 'r' && kind != 'm')
			continue;
		said = heard(s, "rewriting table", c->is->name);
		t = c->table;
		w.name = w.word = NULL;
		w.line = 0;
		if (kind == 'r' && !differ(c, REL_SPACE) && !differ(c, REL_PERSIST) &&
		    said == NULL && !starts(s, "CLUSTER") && !starts(s, "VACUUM")) {
			/* A new file and no word of rewriting: TRUNCATE. */
			add(empty, c->t);
			if (first == NULL)
				first = c;
			xbuf_addf(&names, "%s%s", names.len > 0 ? ", " : "", t);
			if (!mentions(s, c->was->name))
				xbuf_addf(&more, "%s%s", more.len > 0 ? ", " : "", t);
			continue;
		}
		add(heavy, c->t);
		if (differ(c, REL_PERSIST)) {
			report(f, &w, "unlogged", t,
			    "%s is written anew to become %s; %s", t,
			    c->is->f[REL_PERSIST][0] == 'u'
				? "unlogged: empty after a crash, and not on replicas"
				: "logged",
			    lock_words(c->t));
		} else if (differ(c, REL_SPACE)) {
			report(f, &w, "move-tablespace", t,
			    "every byte of %s is copied to another tablespace; %s", t,
			    lock_words(c->t));
		} else if (kind == 'm') {
			report(f, &w, "refresh-locked", t,
			    "%s is computed and written anew; %s", t, lock_words(c->t));
		} else if (said != NULL) {
			why = reasons(s, c->t, &w.name);
			w.line = inner_line(s, said);
			report(f, &w, "rewrite", t,
			    "%s and its indexes are written anew%s%s%s; %s", t,
			    why != NULL ? " (" : "", why != NULL ? why : "",
			    why != NULL ? ")" : "", lock_words(c->t));
		} else if (starts(s, "CLUSTER")) {
			report(f, &w, "cluster", t,
			    "%s is written anew in the order of an index; %s", t,
			    lock_words(c->t));
		} else
			report(f, &w, "vacuum-full", t,
			    "%s is written anew; ACCESS EXCLUSIVE keeps out reads and "
			    "writes",
			    t);
	}
	/* A partitioned table may have no partition here, and many elsewhere. */
	for (i = 0; i < s->nchanged && heavy->n == 0; i++) {
		c = &s->changed[i];
		if (!c->old || !c->parted || !type_changed(c))
			continue;
		w.name = c->is->name;
		w.line = 0;
		report(f, &w, "rewrite", c->table,
		    "the partitions of %s may be written anew (%s from %s to %s), and "
		    "none is "
		    "here to see it",
		    c->table, c->is->name, c->was->f[ATT_TYPE], c->is->f[ATT_TYPE]);
		add(heavy, c->t);
	}
	w.name = w.word = NULL;
	w.line = 0;
	if (first != NULL)
		report(f, &w, "truncate", first->table, "%s: every row is gone%s%s",
		    names.p, more.len > 0 ? "; the statement does not name " : "",
		    more.len > 0 ? more.p : "");
	buf_free(&names);
	buf_free(&more);
}

static int
is_toast(const struct stmt *s, unsigned long id)
{
	size_t i;

	for (i = 0; i < s->ncreated; i++)
		if (s->created[i].is->k == REL && s->created[i].is->id == id)
			return strcmp(s->created[i].is->ns, "pg_toast") == 0;
	return 0;
}

static const struct row *
constraint_of(const struct stmt *s, unsigned long index)
{
	size_t i;

	for (i = 0; i < s->ncreated; i++)
		if (s->created[i].is->k == CON &&
		    strtoul(s->created[i].is->f[CON_INDEX], NULL, 10) == index &&
		    strchr("pux", s->created[i].is->f[CON_TYPE][0]) != NULL)
			return s->created[i].is;
	return NULL;
}

/* Indexes built on tables that were there. */
static void
judge_indexes(struct findings *f, const struct stmt *s, struct work *heavy,
    const struct work *empty)
{
	struct work built = {0};
	const struct change *c;
	const struct row *con;
	const struct obj *o;
	const char *name;
	struct where w;
	size_t i, k;
	int parted = 0, retyped;

	for (i = 0; i < s->ncreated; i++)
		parted |= s->created[i].is->k == IDX && s->created[i].parted;
	for (i = 0; i < s->ncreated && !s->alone; i++) {
		c = &s->created[i];
		/* Of a partitioned table it is said once. */
		if (c->is->k != IDX || c->t == NULL || in(heavy, c->t) ||
		    is_toast(s, c->is->id) || (parted && !c->parted))
			continue;
		/* A change of type made its index anew, and that was said. */
		retyped = 0;
		for (k = 0; k < s->nchanged; k++)
			retyped |= type_changed(&s->changed[k]) &&
			    s->changed[k].t == c->t && in(heavy, c->t);
		if (retyped)
			continue;
		con = constraint_of(s, c->is->id);
		o = find_obj(REL, c->is->id, 0);
		name = o != NULL && o->now != NULL ? o->now->name : "an index";
		memset(&w, 0, sizeof w);
		w.s = s;
		w.name = name;
		w.word = con == NULL                  ? "INDEX"
		    : c->is->f[IDX_EXCLUDE][0] == 't' ? "EXCLUDE"
		    : con->f[CON_TYPE][0] == 'p'      ? "PRIMARY"
						      : "UNIQUE";
		w.line = inner_line(s, heard(s, "building index", name));
		report(f, &w,
		    c->is->f[IDX_EXCLUDE][0] == 't' ? "exclude-locked"
			: con != NULL               ? "unique-locked"
						    : "index-locked",
		    c->table, "%s is built over all of %s; %s%s", name, c->table,
		    lock_words(c->t),
		    c->is->f[IDX_UNIQUE][0] == 't' ? "; it fails where values repeat"
						   : "");
		add(&built, c->t);
	}
	for (i = 0; i < built.n; i++)
		add(heavy, built.v[i]);
	free(built.v);
	for (i = 0; i < s->nchanged && !s->alone; i++) {
		c = &s->changed[i];
		if (!c->old || c->is->k != REL || c->is->f[REL_KIND][0] != 'i' ||
		    !differ(c, REL_FILE) || c->t == NULL || in(heavy, c->t) ||
		    in(empty, c->t) || strcmp(c->is->ns, "pg_toast") == 0)
			continue;
		memset(&w, 0, sizeof w);
		w.s = s;
		report(f, &w, "reindex-locked", c->table, "%s of %s is built anew; %s",
		    c->is->name, c->table, lock_words(c->t));
		add(heavy, c->t);
	}
}

/* ---- tables that are read from end to end ---- */

static int
turned_true(const struct change *c, enum kind k, int field)
{
	return c->is->k == k && c->was->f[field][0] == 'f' && c->is->f[field][0] == 't';
}

/* Which clause a constraint comes from, when its name is PostgreSQL's. */
static const char *
word_of(const struct row *con)
{
	return con->f[CON_TYPE][0] == 'f' ? "REFERENCES"
	    : con->f[CON_TYPE][0] == 'c'  ? "CHECK"
					  : NULL;
}

static void
judge_scan(
    struct findings *f, const struct stmt *s, const struct obj *t, const char *name)
{
	struct where w = {s, NULL, NULL, 0};
	const struct held *h = held_on(t);
	const struct change *c, *con = NULL, *key = NULL, *valid = NULL, *domain = NULL;
	struct buf nulls = {0}, cons = {0};
	const char *since = "";
	int part = 0, required = 0;
	size_t i;

	if (h == NULL)
		return;
	if (h->no != s->no)
		since = keep(", locked since line %zu", h->line);
	for (i = 0; i < s->ncreated; i++) {
		c = &s->created[i];
		if (c->is->k == CON && c->t == t && c->is->f[CON_VALID][0] == 't' &&
		    c->is->f[CON_TYPE][0] != 'n') {
			if (c->is->f[CON_TYPE][0] == 'f')
				key = c;
			con = c;
			xbuf_addf(&cons, "%s%s", cons.len > 0 ? ", " : "", c->is->name);
		} else if (c->is->k == CON && c->is->f[CON_TYPE][0] == 'c' &&
		    strcmp(c->is->f[CON_DOMAIN], "0") != 0)
			domain = c;
		required |= is_new_column(c) && c->t == t &&
		    c->is->f[ATT_NOTNULL][0] == 't' && c->is->f[ATT_DEFAULT][0] == '\0';
	}
	for (i = 0; i < s->nchanged; i++) {
		c = &s->changed[i];
		if (c->t == t && turned_true(c, CON, CON_VALID))
			valid = c;
		else if (c->t == t && turned_true(c, ATT, ATT_NOTNULL)) {
			xbuf_addf(&nulls, "%s%s", nulls.len > 0 ? ", " : "", c->is->name);
			w.name = c->is->name;
		} else if (c->t == t && turned_true(c, REL, REL_ISPART))
			part = 1;
	}
	if (valid != NULL || has_words(s, "VALIDATE CONSTRAINT")) {
		w.name = valid != NULL ? valid->is->name : NULL;
		report(f, &w, "scan-validate", name,
		    "all of %s is read to validate a constraint, harmless alone, but the "
		    "transaction holds more: %s%s",
		    name, lock_words(t), since);
	} else if (key != NULL) {
		w.name = key->is->name;
		w.word = word_of(key->is);
		report(f, &w, "scan-foreign-key", name,
		    "all of %s is read to prove the foreign key %s; %s, of both tables%s",
		    name, key->is->name, lock_words(t), since);
	} else if (nulls.len > 0) {
		report(f, &w, "scan-not-null", name,
		    "all of %s is read to prove %s NOT NULL, and it fails on the first "
		    "NULL; "
		    "%s%s",
		    name, nulls.p, lock_words(t), since);
	} else if (part) {
		report(f, &w, "scan-attach", name,
		    "all of %s is read to prove the partition's bound; %s%s", name,
		    lock_words(t), since);
	} else if (con != NULL) {
		w.name = con->is->name;
		w.word = word_of(con->is);
		report(f, &w, "scan-check", name, "all of %s is read to prove %s; %s%s",
		    name, cons.p, lock_words(t), since);
	} else if (domain != NULL) {
		report(f, &w, "scan-domain", name,
		    "all of %s is read to prove the domain's constraint %s; %s%s", name,
		    domain->is->name, lock_words(t), since);
	} else if (!required)
		report(f, &w, "scan-locked", name, "all of %s is read; %s%s", name,
		    lock_words(t), since);
	buf_free(&nulls);
	buf_free(&cons);
}

static int
changes_rows(const struct stmt *s)
{
	return starts(s, "UPDATE") || starts(s, "DELETE") || starts(s, "MERGE") ||
	    starts(s, "INSERT") || starts(s, "COPY") || starts(s, "WITH");
}

static int
changes_schema(const struct stmt *s)
{
	size_t i;

	for (i = 0; i < s->nchanged; i++)
		if (s->changed[i].old)
			return 1;
	return s->ncreated > 0 || s->ngone > 0;
}

static void
judge_scans(struct findings *f, const struct stmt *s, struct work *heavy,
    const struct work *empty, struct work *scanned)
{
	const struct change *c;
	int valid = 0, parted_scan;
	size_t i;

	for (i = 0; i < s->nscans; i++)
		add(scanned, s->scan[i].t);
	for (i = 0; i < s->ncreated; i++) {
		c = &s->created[i];
		if (c->is->k != CON || c->t == NULL)
			continue;
		/* A key is proved by a join, which may count no scan. */
		parted_scan = c->parted && c->is->f[CON_VALID][0] == 't' &&
		    strchr("cf", c->is->f[CON_TYPE][0]) != NULL;
		if (parted_scan ||
		    (c->is->f[CON_TYPE][0] == 'f' &&
			heard(s, "validating foreign key constraint", c->is->name) !=
			    NULL))
			add(scanned, c->t);
	}
	for (i = 0; i < s->nchanged; i++) {
		c = &s->changed[i];
		if (c->old && c->parted && turned_true(c, ATT, ATT_NOTNULL))
			add(scanned, c->t);
		valid |= turned_true(c, CON, CON_VALID);
	}
	if (changes_rows(s) || !(changes_schema(s) || valid))
		return;
	for (i = 0; i < scanned->n; i++) {
		if (in(heavy, scanned->v[i]) || in(empty, scanned->v[i]) ||
		    held_on(scanned->v[i]) == NULL)
			continue;
		judge_scan(f, s, scanned->v[i], obj_name(scanned->v[i]));
		add(heavy, scanned->v[i]);
	}
}

/* ---- rows ---- */

/* On empty tables a function or a DO block shows by its ROW EXCLUSIVE alone. */
static void
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
	for (i = 0; i < nheld; i++) {
		h = &held[i];
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

/* ---- locks over time ---- */

/* Is the table dropped somewhere in the file? Then nobody waits for it. */
static int
is_dropped(const struct file *file, const struct obj *t)
{
	size_t i, k;

	for (i = 0; i < file->n; i++)
		for (k = 0; k < file->v[i].ngone; k++)
			if (file->v[i].gone[k].was->k == REL &&
			    file->v[i].gone[k].was->id == t->id)
				return 1;
	return 0;
}

static int
told(const struct findings *f, const struct file *file, const char *code,
    const char *table)
{
	size_t i;

	for (i = f->n; i-- > 0 && f->v[i].file == file;)
		if (strcmp(f->v[i].code->name, code) == 0 &&
		    (table == NULL || strcmp(f->v[i].table, table) == 0))
			return 1;
	return 0;
}

static void
judge_locks(struct findings *f, const struct file *file, const struct stmt *s,
    const struct work *heavy, const struct lock **first, size_t nfirst)
{
	struct where w = {s, NULL, NULL, 0};
	struct buf names = {0};
	const struct held *h, *before = NULL;
	const char *bare;
	size_t i, k;

	for (i = 0; i < nheld; i++) {
		h = &held[i];
		if (h->no == s->no || is_dropped(file, h->t) ||
		    told(f, file, "lock-held", h->table))
			continue;
		names.len = 0;
		for (k = 0; k < heavy->n; k++)
			if (heavy->v[k] != h->t)
				xbuf_addf(&names, "%s%s", names.len > 0 ? ", " : "",
				    obj_name(heavy->v[k]));
		if (names.len > 0)
			report(f, &w, "lock-held", h->table,
			    "%s stays locked against %s from line %zu on, while %s is "
			    "worked "
			    "through",
			    h->table, keeps_out(h->mode), h->line, names.p);
	}
	for (i = 0; i < nheld && before == NULL; i++)
		if (held[i].mode == ACCESS && held[i].no != s->no &&
		    !is_dropped(file, held[i].t))
			before = &held[i];
	for (i = 0; i < nfirst && before != NULL; i++) {
		bare = first[i]->t->old->name;
		/* Not a side effect: the statement's own words lock it. */
		if ((first[i]->modes & 1U << ACCESS) == 0 || first[i]->t == before->t ||
		    !mentions(s, bare) || told(f, file, "many-locks", NULL))
			continue;
		report(f, &w, "many-locks", first[i]->table,
		    "%s is locked against reads and writes from line %zu on, while this "
		    "waits "
		    "for %s",
		    before->table, before->line, first[i]->table);
	}
	if (starts(s, "LOCK") && nfirst > 0)
		report(f, &w, "explicit-lock", first[0]->table,
		    "%s is locked to the end of the transaction: %s", first[0]->table,
		    lock_words(first[0]->t));
	buf_free(&names);
}

/* ---- all of it ---- */

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
	judge_text(f, s, f->n == had);
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

	/* Of a string that is never closed, say, that was told. */
	if (s->file->why != NULL && s->no + 1 == s->file->n)
		return;
	if (s->kind == SQL_COPY) {
		report(f, &w, "not-sql", NULL,
		    "COPY FROM stdin takes its rows from psql, and the deploy has none");
		return;
	}
	if (s->kind == SQL_PSQL) {
		report(f, &w, "not-sql", NULL,
		    "a line with a backslash is psql's, PostgreSQL does not know it");
		return;
	}
	text = text != NULL ? text + 1 : "an error without words";
	/* judge_file() has said it of what can be told by its words. */
	if (strncmp(state, "25001", 5) != 0)
		report(f, &w, "failed", NULL, "PostgreSQL: %s", text);
	else if (!s->alone || s->file->none || quiet)
		report(f, &w, "txmode", NULL, "PostgreSQL: %s", text);
}

void
judge(struct findings *f, struct branch *b, int quiet)
{
	size_t i, k;

	check_naming(f);
	for (i = 0; i < b->n; i++) {
		struct file *file = &b->v[i];

		nheld = 0;
		if (!quiet)
			judge_file(f, file);
		for (k = 0; k < file->n; k++) {
			struct stmt *s = &file->v[k];

			if (s->begins ||
			    (s->control && !starts(s, "BEGIN") &&
				!starts(s, "START TRANSACTION")))
				nheld = 0;
			if (s->error != NULL) {
				judge_error(f, s, quiet);
				break;
			}
			if (!quiet)
				judge_stmt(f, file, s);
		}
		if (!quiet)
			judge_settings(f, file);
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
