/* catplan_kind.c - the kinds of a listing's rows, and what may be done to them. */
#include "catplan.h"

#include <stdlib.h>

/* In strcmp()'s order. A kind that is not here has its row's own statements. */
static const struct kind kinds[] = {
    {"access method", MAIN, ID_OBJECT, 0},
    {"aggregate", MAIN | FREE, ID_OBJECT, 0},
    {"base type", MAIN | TYPE, ID_OBJECT, 0},
    {"cast", MAIN | FREE, ID_TEXT, 0},
    {"clustered", 0, ID_OWN, 5},
    {"collation", MAIN, ID_OBJECT, 0},
    {"column", MAIN | TABLE | IN_PLACE, ID_PART, 0},
    {"column kept", 0, ID_PART, 0},
    {"column option", 0, ID_PART, 0},
    {"comment", MAIN | HANGS | FREE | IN_PLACE, ID_TEXT, 10},
    {"composite type", MAIN | TYPE | IN_PLACE, ID_OBJECT, 0},
    {"compression", 0, ID_PART, 0},
    {"constraint", MAIN | HANGS | TABLE | FREE | IN_PLACE, ID_PART, 0},
    {"conversion", MAIN, ID_OBJECT, 0},
    {"default", TABLE | FREE | INLINE, ID_PART, 0},
    {"default privilege", MAIN, ID_TEXT, 13},
    {"deferrable", 0, ID_PART, 6},
    {"domain", MAIN | TYPE | IN_PLACE, ID_OBJECT, 0},
    {"domain constraint", MAIN | HANGS | FREE, ID_PART, 0},
    {"domain default", FREE, ID_OWN, 0},
    {"domain not null", 0, ID_OWN, 0},
    {"enum", MAIN | TYPE | IN_PLACE, ID_OBJECT, 0},
    {"event trigger", MAIN | FREE, ID_OBJECT, 0},
    {"event trigger enabled", 0, ID_OWN, 7},
    {"extension", MAIN | IN_PLACE, ID_OBJECT, 0},
    {"forced row security", 0, ID_OWN, 0},
    {"foreign data wrapper", MAIN, ID_OBJECT, 0},
    {"foreign option", 0, ID_MORE, 0},
    {"foreign table", MAIN | RELATION | IN_PLACE, ID_OBJECT, 0},
    {"function", MAIN | FREE | REPLACE, ID_OBJECT, 0},
    {"generated", TABLE | INLINE, ID_PART, 0},
    {"grant", MAIN, ID_TEXT, 12},
    {"identity", TABLE | INLINE, ID_PART, 0},
    {"identity sequence", INLINE, ID_PART, 0},
    {"index", MAIN | HANGS | TABLE | FREE | IN_PLACE, ID_OBJECT, 0},
    {"index invalid", 0, ID_OWN, 0},
    {"index statistics target", 0, ID_MORE, 9},
    {"inherits", TABLE, ID_MORE, 2},
    {"language", MAIN, ID_OBJECT, 0},
    {"materialized view", MAIN | FREE | RELATION, ID_OBJECT, 0},
    {"not null", TABLE | INLINE, ID_PART, 0},
    {"not null name", INFO, ID_PART, 0},
    {"not valid", 0, ID_PART, 0},
    {"of type", 0, ID_OWN, 14},
    {"operator", MAIN | FREE, ID_TEXT, 0},
    {"operator class", MAIN | FREE, ID_TEXT, 0},
    {"operator family", MAIN | FREE, ID_TEXT, 0},
    {"operator family member", 0, ID_TEXT, 0},
    {"option", 0, ID_MORE, 0},
    {"other", 0, ID_TEXT, 0},
    {"owner", 0, ID_TEXT, 0},
    {"partition index", 0, ID_MORE, 0},
    {"partition of", TABLE, ID_MORE, 1},
    {"persistence", 0, ID_OWN, 0},
    {"policy", MAIN | HANGS | FREE, ID_PART, 0},
    {"procedure", MAIN | FREE | REPLACE, ID_OBJECT, 0},
    {"publication", MAIN | FREE, ID_OBJECT, 0},
    {"publication schema", MAIN, ID_TEXT, 0},
    {"publication table", MAIN | HANGS | FREE, ID_TEXT, 0},
    {"range type", MAIN | TYPE | IN_PLACE, ID_OBJECT, 0},
    {"replica identity", 0, ID_OWN, 4},
    {"row security", 0, ID_OWN, 0},
    {"rule", MAIN | HANGS | FREE | REPLACE, ID_PART, 0},
    {"rule enabled", 0, ID_PART, 8},
    {"schema", MAIN | IN_PLACE, ID_OBJECT, 0},
    {"security label", MAIN | HANGS | IN_PLACE, ID_TEXT, 11},
    {"sequence", MAIN | IN_PLACE, ID_OBJECT, 0},
    {"sequence owner", 0, ID_OWN, 3},
    {"server", MAIN, ID_OBJECT, 0},
    {"server option", 0, ID_MORE, 0},
    {"signature", INFO, ID_OBJECT, 0},
    {"statistics", MAIN | HANGS | FREE, ID_OBJECT, 0},
    {"statistics object target", 0, ID_OWN, 0},
    {"statistics target", 0, ID_PART, 0},
    {"storage", 0, ID_PART, 0},
    {"subscription", MAIN, ID_OBJECT, 0},
    {"table", MAIN | TABLE | RELATION | IN_PLACE, ID_OBJECT, 0},
    {"table access method", 0, ID_OWN, 0},
    {"tablespace", 0, ID_OWN, 0},
    {"text search configuration", MAIN | FREE, ID_OBJECT, 0},
    {"text search dictionary", MAIN | FREE, ID_OBJECT, 0},
    {"text search parser", MAIN, ID_OBJECT, 0},
    {"text search template", MAIN, ID_OBJECT, 0},
    {"transform", MAIN, ID_TEXT, 0},
    {"trigger", MAIN | HANGS | FREE | REPLACE, ID_PART, 0},
    {"trigger enabled", 0, ID_PART, 7},
    {"user mapping", MAIN, ID_TEXT, 0},
    {"view", MAIN | FREE | REPLACE | RELATION, ID_OBJECT, 0},
    {"view columns", INFO, ID_OBJECT, 0},
};

static const struct kind unknown = {"", 0, ID_TEXT, 0};

static int
by_name(const void *key, const void *k)
{
	return strcmp(key, ((const struct kind *)k)->name);
}

const struct kind *
kind_of(const char *name)
{
	const struct kind *k =
	    bsearch(name, kinds, sizeof kinds / sizeof *kinds, sizeof *kinds, by_name);

	return k != NULL ? k : &unknown;
}
