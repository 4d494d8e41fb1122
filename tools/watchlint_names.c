/*
 * watchlint_names.c - names against NAMING.
 */
#include "watchlint_rules.h"

#include <regex.h>

static regex_t naming;

/* Called before any work: a NAMING that is no regular expression ends the tool. */
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

/*
 * The kind of object that has the new name: its code, and the word for it. NULL:
 * PostgreSQL chose the name.
 */
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
	/* The names of a view's columns come from its query. */
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
