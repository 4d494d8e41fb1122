/* catdiff_kind.c - the kinds of rows, and how an identity is read. */
#include "catdiff_tell.h"

#include <stdlib.h>

#define DEFAULT "the default"

/* By name. Whole objects have FORM_NAME or FORM_MEMBER; a few others do, too. */
static const struct kind kinds[] = {
    {"access method", NULL, "diff-operator", FORM_NAME, NULL, NULL, NULL, 0},
    {"aggregate", NULL, "diff-function", FORM_NAME, NULL, NULL, NULL, 0},
    {"base type", NULL, "diff-type", FORM_NAME, NULL, NULL, NULL, 0},
    {"cast", NULL, "diff-operator", FORM_NAME, NULL, NULL, NULL, 0},
    {"clustered", "CLUSTER", "diff-storage", FORM_OF, "table", NULL, "none", 0},
    {"collation", NULL, "diff-collation", FORM_NAME, NULL, NULL, NULL, 0},
    {"column", NULL, "diff-column", FORM_MEMBER, "table", NULL, NULL, 0},
    {"column kept", "", "diff-table", FORM_OF, "column", "its own", "inherited only", 0},
    {"column option", "option", "diff-storage", FORM_TWO, "column", NULL, "not set", 0},
    {"comment", NULL, "diff-comment", FORM_SAID, NULL, "empty", "none", 0},
    {"composite type", NULL, "diff-type", FORM_NAME, NULL, NULL, NULL, 0},
    {"compression", NULL, "diff-storage", FORM_OF, "column", NULL, DEFAULT, 0},
    {"constraint", NULL, "diff-constraint", FORM_MEMBER, "table", NULL, NULL, 0},
    {"conversion", NULL, "diff-text", FORM_NAME, NULL, NULL, NULL, 0},
    {"database setting", NULL, "diff-setting", FORM_NAME, NULL, NULL, NULL, 1},
    {"default", NULL, "diff-column", FORM_OF, "column", NULL, "none", 0},
    {"default privilege", NULL, "diff-grant", FORM_NAME, NULL, NULL, NULL, 0},
    {"deferrable", "", "diff-constraint", FORM_OF, "constraint", NULL, "NOT DEFERRABLE",
	0},
    {"depends on extension", NULL, "diff-extension", FORM_SAID, NULL, NULL, "none", 0},
    {"domain", NULL, "diff-type", FORM_NAME, NULL, NULL, NULL, 0},
    {"domain constraint", NULL, "diff-type", FORM_MEMBER, "domain", NULL, NULL, 0},
    {"domain default", "default", "diff-type", FORM_OF, "domain", NULL, "none", 0},
    {"domain not null", "", "diff-type", FORM_OF, "domain", "NOT NULL", "nullable", 0},
    {"enum", NULL, "diff-type", FORM_NAME, NULL, NULL, NULL, 0},
    {"event trigger", NULL, "diff-trigger", FORM_NAME, NULL, NULL, NULL, 0},
    {"event trigger enabled", "", "diff-trigger", FORM_OF, "event trigger", NULL,
	"ENABLE", 0},
    {"extension", NULL, "diff-extension", FORM_NAME, NULL, NULL, NULL, 0},
    {"forced row security", NULL, "diff-policy", FORM_OF, "table", "on", "off", 0},
    {"foreign data wrapper", NULL, "diff-foreign", FORM_NAME, NULL, NULL, NULL, 1},
    {"foreign option", "option", "diff-foreign", FORM_TWO, "foreign table", NULL,
	"not set", 1},
    {"foreign table", NULL, "diff-foreign", FORM_NAME, NULL, NULL, NULL, 0},
    {"function", NULL, "diff-function", FORM_NAME, NULL, NULL, NULL, 0},
    {"generated", "expression", "diff-column", FORM_OF, "column", NULL, "not generated",
	0},
    {"grant", NULL, "diff-grant", FORM_NAME, NULL, NULL, NULL, 0},
    {"identity", NULL, "diff-column", FORM_OF, "column", NULL, "none", 0},
    {"identity sequence", "name of the identity sequence", "diff-name", FORM_OF, "column",
	NULL, "none", 0},
    {"index", NULL, "diff-index", FORM_NAME, NULL, NULL, NULL, 0},
    {"index invalid", "", "diff-index", FORM_OF, "index", "invalid", "valid", 0},
    {"index statistics target", "statistics target of column", "diff-storage", FORM_TWO,
	"index", NULL, DEFAULT, 0},
    {"inherits", "parent", "diff-table", FORM_TWO, "table", "inherited", "not inherited",
	1},
    {"language", NULL, "diff-function", FORM_NAME, NULL, NULL, NULL, 0},
    {"materialized view", NULL, "diff-view", FORM_NAME, NULL, NULL, NULL, 0},
    {"not null", "", "diff-column", FORM_OF, "column", "NOT NULL", "nullable", 0},
    {"not null name", "name of NOT NULL", "diff-name", FORM_OF, "column", NULL, "none",
	0},
    {"not valid", "", "diff-constraint", FORM_OF, "constraint", "NOT VALID", "valid", 0},
    {"of type", "type", "diff-table", FORM_OF, "table", NULL, "none", 0},
    {"operator", NULL, "diff-operator", FORM_NAME, NULL, NULL, NULL, 0},
    {"operator class", NULL, "diff-operator", FORM_NAME, NULL, NULL, NULL, 0},
    {"operator family", NULL, "diff-operator", FORM_NAME, NULL, NULL, NULL, 0},
    {"operator family member", NULL, "diff-operator", FORM_NAME, NULL, NULL, NULL, 0},
    {"option", NULL, "diff-storage", FORM_TWO, "", NULL, "not set", 0},
    {"other", NULL, "diff-other", FORM_NAME, NULL, NULL, NULL, 0},
    {"owner", NULL, "diff-grant", FORM_SAID, NULL, NULL, "none", 0},
    {"partition index", "options beside those of", "diff-storage", FORM_TWO, "index",
	"none", "none", 0},
    {"partition of", "bound in", "diff-table", FORM_TWO, "table", NULL, "not attached",
	0},
    {"persistence", "", "diff-table", FORM_OF, "table", NULL, "LOGGED", 0},
    {"policy", NULL, "diff-policy", FORM_MEMBER, "table", NULL, NULL, 0},
    {"procedure", NULL, "diff-function", FORM_NAME, NULL, NULL, NULL, 0},
    {"publication", NULL, "diff-publication", FORM_NAME, NULL, NULL, NULL, 0},
    {"publication schema", "schema", "diff-publication", FORM_TWO, "publication",
	"published", "not published", 0},
    {"publication table", "table", "diff-publication", FORM_TWO, "publication",
	"published", "not published", 0},
    {"range type", NULL, "diff-type", FORM_NAME, NULL, NULL, NULL, 0},
    {"replica identity", NULL, "diff-publication", FORM_OF, "table", NULL, DEFAULT, 0},
    {"row security", NULL, "diff-policy", FORM_OF, "table", "on", "off", 0},
    {"rule", NULL, "diff-rule", FORM_MEMBER, "table", NULL, NULL, 0},
    {"rule enabled", "", "diff-rule", FORM_OF, "rule", NULL, "ENABLE", 0},
    {"schema", NULL, "diff-schema", FORM_NAME, NULL, NULL, NULL, 0},
    {"security label", NULL, "diff-comment", FORM_SAID, NULL, NULL, "none", 0},
    {"sequence", NULL, "diff-sequence", FORM_NAME, NULL, NULL, NULL, 0},
    {"sequence owner", "owner", "diff-sequence", FORM_OF, "sequence", NULL, "none", 0},
    {"server", NULL, "diff-foreign", FORM_NAME, NULL, NULL, NULL, 1},
    {"server option", "option", "diff-foreign", FORM_TWO, "server", NULL, "not set", 1},
    {"signature", NULL, "diff-function", FORM_OF, "function", NULL, "none", 0},
    {"statistics", NULL, "diff-statistics", FORM_NAME, NULL, NULL, NULL, 0},
    {"statistics object target", "target", "diff-statistics", FORM_OF, "statistics", NULL,
	DEFAULT, 0},
    {"statistics target", NULL, "diff-storage", FORM_OF, "column", NULL, DEFAULT, 0},
    {"storage", NULL, "diff-storage", FORM_OF, "column", NULL, DEFAULT, 0},
    {"subscription", NULL, "diff-publication", FORM_NAME, NULL, NULL, NULL, 0},
    {"table", NULL, "diff-table", FORM_NAME, NULL, "not partitioned", NULL, 0},
    {"table access method", "access method", "diff-storage", FORM_OF, "table", NULL,
	DEFAULT, 0},
    {"tablespace", NULL, "diff-storage", FORM_OF, "", NULL, DEFAULT, 0},
    {"text search configuration", NULL, "diff-text", FORM_NAME, NULL, NULL, NULL, 0},
    {"text search dictionary", NULL, "diff-text", FORM_NAME, NULL, NULL, NULL, 0},
    {"text search parser", NULL, "diff-text", FORM_NAME, NULL, NULL, NULL, 0},
    {"text search template", NULL, "diff-text", FORM_NAME, NULL, NULL, NULL, 0},
    {"transform", NULL, "diff-function", FORM_NAME, NULL, NULL, NULL, 0},
    {"trigger", NULL, "diff-trigger", FORM_MEMBER, "table", NULL, NULL, 0},
    {"trigger enabled", "", "diff-trigger", FORM_OF, "trigger", NULL, "ENABLE", 0},
    {"user mapping", NULL, "diff-foreign", FORM_NAME, NULL, NULL, NULL, 1},
    {"view", NULL, "diff-view", FORM_NAME, NULL, NULL, NULL, 0},
    {"view columns", "columns", "diff-view", FORM_OF, "view", NULL, "none", 0},
};
#define NKINDS (sizeof kinds / sizeof kinds[0])

static int
by_name(const void *key, const void *elem)
{
	return strcmp(key, ((const struct kind *)elem)->name);
}

/* A kind that is new to us is reported, like an object that is. */
const struct kind *
row_kind(const struct row *r)
{
	static const struct kind unknown = {
	    "", NULL, "diff-other", FORM_NAME, NULL, NULL, NULL, 0};
	const struct kind *k = bsearch(r->kind, kinds, NKINDS, sizeof kinds[0], by_name);

	return k != NULL ? k : &unknown;
}

int
is_whole(const struct row *r)
{
	const struct kind *k = row_kind(r);

	return k->form <= FORM_MEMBER && strcmp(k->code, "diff-grant") != 0;
}

int
is_part(const char *kind)
{
	static const char *const parts[] = {
	    "column", "constraint", "trigger", "rule", "policy", "domain constraint"};
	size_t i;

	for (i = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (strcmp(parts[i], kind) == 0)
			return 1;
	return 0;
}

/* Behind a quoted name that starts at p, or p. */
static const char *
skip_quotes(const char *p)
{
	if (*p != '"')
		return p;
	for (p++; *p != '\0'; p++)
		if (*p == '"' && *++p != '"')
			break;
	return p;
}

const char *
name_end(const char *p)
{
	if (*p == '"')
		return skip_quotes(p);
	return p + strcspn(p, " .(),\"");
}

const char *
name_last(const char *id)
{
	const char *p = id, *last = id, *q;
	int depth = 0;

	while (*p != '\0') {
		q = skip_quotes(p);
		if (q != p) {
			p = q;
			continue;
		}
		depth += *p == '(';
		depth -= *p == ')';
		if (*p++ == '.' && depth == 0)
			last = p;
	}
	return last;
}

size_t
id_first(const char *id)
{
	const char *last = name_last(id);

	return last > id ? (size_t)(last - id) - 1 : 0;
}

const char *
id_second(const char *id)
{
	const char *p = id, *q;

	while (*p != '\0' && *p != ' ') {
		q = skip_quotes(p);
		p = q != p ? q : p + 1;
	}
	return *p == ' ' ? p + 1 : NULL;
}
