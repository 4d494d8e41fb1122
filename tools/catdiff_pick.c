/* catdiff_pick.c - what was asked to be left out, and what counts how much. */
#include "catdiff_tell.h"

#include <fnmatch.h>
#include <stdlib.h>

#define SPACE ", \t\n"

/* ---- levels ---- */

static struct rule {
	char *code;
	enum level level;
} *rules;
static size_t nrules;

void
pick_levels(const char *p)
{
	static const char *const names[] = {"off", "notice", "warning", "error"};
	const char *eq;
	size_t n, i;

	for (; *p != '\0'; p += n) {
		p += strspn(p, SPACE);
		n = strcspn(p, SPACE);
		if (n == 0)
			continue;
		eq = memchr(p, '=', n);
		for (i = 0; i < 4; i++)
			if (eq != NULL && n - (size_t)(eq + 1 - p) == strlen(names[i]) &&
			    strncmp(eq + 1, names[i], strlen(names[i])) == 0)
				break;
		if (eq == NULL || eq == p || i == 4)
			die("-c",
			    "'%.*s': it takes CODE=LEVEL, a level is error, warning, "
			    "notice "
			    "or off",
			    n < 60 ? (int)n : 60, p);
		rules = xreallocarray(rules, nrules + 1, sizeof *rules);
		rules[nrules].code = xcalloc(1, (size_t)(eq - p) + 1);
		memcpy(rules[nrules].code, p, (size_t)(eq - p));
		rules[nrules++].level = (enum level)i;
	}
}

enum level
level_of(const char *code)
{
	size_t i;

	for (i = nrules; i > 0; i--)
		if (strcmp(rules[i - 1].code, code) == 0 ||
		    strcmp(rules[i - 1].code, "all") == 0)
			return rules[i - 1].level;
	return LEVEL_ERROR;
}

const char *
diff_code(const struct diff *d)
{
	const struct row *r = d->want != NULL ? d->want : d->have;

	if (d->pair != NULL && d->pair->have != NULL &&
	    strcmp(r->kind, d->pair->have->kind) == 0)
		return "diff-name";
	return row_kind(r)->code;
}

/* ---- names ---- */

static char **patterns; /* a '/' in place of each '.' */
static size_t npatterns;
static const char *schema_in_play = "";

void
pick_exclude(const char *pattern)
{
	char *p;

	if (*pattern == '\0')
		die("-e", "an empty pattern");
	patterns = xreallocarray(patterns, npatterns + 1, sizeof *patterns);
	patterns[npatterns++] = xstrdup(pattern);
	for (p = patterns[npatterns - 1]; (p = strchr(p, '.')) != NULL;)
		*p = '/';
}

void
pick_schema(const char *schema)
{
	schema_in_play = schema;
}

/* A '*' stands for what is between two dots: those are made slashes for it. */
static int
matches(const char *name)
{
	size_t i;

	for (i = 0; i < npatterns; i++)
		if (fnmatch(patterns[i], name, FNM_PATHNAME) == 0)
			return 1;
	return 0;
}

/* The part of a name up to end, out of its quotes. */
static void
add_plain(struct buf *b, const char *p, const char *end)
{
	if (*p != '"') {
		xbuf_add(b, p, (size_t)(end - p));
		return;
	}
	for (p++; p < end - 1; p++) {
		xbuf_addc(b, *p != '.' ? *p : '/');
		p += *p == '"';
	}
}

/*
 * Does a pattern name this object, or the table that it is part of? With its
 * schema or without; a schema's name alone does not stand for all that is in it.
 */
static int
id_matches(const char *id, int part)
{
	struct buf name = {0};
	const char *p, *end;
	size_t n = 1, k, schema;
	int yes = 0;

	for (p = name_end(id); *p == '.'; p = name_end(p + 1))
		n++;
	schema = n > (part ? 2 : 1) ? 1 : 0;
	if (!schema && *schema_in_play != '\0') {
		xbuf_adds(&name, schema_in_play);
		xbuf_addc(&name, '/');
	}
	schema = name.len;
	for (p = id, k = 0; k < n && !yes; k++, p = end + 1) {
		end = name_end(p);
		add_plain(&name, p, end);
		xbuf_adds(&name, "");
		if (k > 0 || n <= (part ? 2 : 1))
			yes = matches(name.p) || (schema > 0 && matches(name.p + schema));
		xbuf_addc(&name, '/');
		if (k == 0 && schema == 0 && n > (part ? 2 : 1))
			schema = name.len;
	}
	buf_free(&name);
	return yes;
}

int
is_excluded(const struct row *r, const struct listing *l)
{
	const struct row *owner;
	const char *kind, *p, *of;
	struct buf name = {0};
	int yes;

	if (npatterns == 0)
		return 0;
	if (row_kind(r)->form == FORM_SAID)
		yes = said_of(r->id, &kind, &name) && id_matches(name.p, is_part(kind));
	else if (strcmp(r->kind, "grant") == 0) {
		/* SELECT ON TABLE name TO role */
		p = strstr(r->id, " ON ");
		yes = p != NULL && said_of(p + 4, &kind, &name) && id_matches(name.p, 0);
	} else {
		of = row_kind(r)->of;
		yes = id_matches(r->id,
		    is_part(r->kind) ||
			(row_kind(r)->form != FORM_MEMBER && of != NULL && is_part(of)));
	}
	if (!yes && relation_of(r, &name))
		yes = id_matches(name.p, 0);
	if (!yes && (p = id_second(r->id)) != NULL &&
	    strcmp(r->kind, "publication table") == 0)
		yes = id_matches(p, 0);
	if (!yes && strcmp(r->kind, "sequence") == 0) {
		owner = listing_find(l, "sequence owner", r->id);
		yes = owner != NULL && id_matches(owner->def, 1);
	}
	if (!yes && strcmp(r->kind, "sequence owner") == 0)
		yes = id_matches(r->def, 1);
	buf_free(&name);
	return yes;
}
