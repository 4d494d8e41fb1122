/*
 * atlasjson_twin.c - of several findings that say the same of a statement one is
 * reported: what PostgreSQL did before what Atlas thinks, and that before squawk.
 */
#include "atlasjson.h"

#include <stdlib.h>
#include <string.h>

/* The same thing under two names. */
static const char *const twins[][2] = {
    {"BC101", "renaming-table"},
    {"BC102", "renaming-column"},
    {"CD101", "ban-drop-constraint"},
    {"DS101", "ban-drop-schema"},
    {"DS102", "ban-drop-table"},
    {"DS103", "ban-drop-column"},
    {"MF103", "adding-required-field"},
    {"MF104", "adding-not-nullable-field"},
    {"PG101", "require-concurrent-index-creation"},
    {"PG102", "require-concurrent-index-deletion"},
    {"char-n", "ban-char-field"},
    {"cluster", "prefer-repack"},
    {"detach-locked", "require-concurrent-partition-detach"},
    {"drop-cascade", "ban-drop-column"},
    {"drop-cascade", "ban-drop-table"},
    {"drop-column", "DS103"},
    {"drop-column", "ban-drop-column"},
    {"drop-constraint", "ban-drop-constraint"},
    {"drop-expression", "ban-drop-generated-expression"},
    {"drop-extension", "ban-drop-extension"},
    {"drop-foreign-key", "CD101"},
    {"drop-foreign-key", "ban-drop-constraint"},
    {"drop-function", "ban-drop-function"},
    {"drop-identity", "ban-alter-identity"},
    {"drop-index-locked", "PG102"},
    {"drop-index-locked", "require-concurrent-index-deletion"},
    {"drop-primary-key", "ban-drop-constraint"},
    {"drop-schema", "DS101"},
    {"drop-schema", "ban-drop-schema"},
    {"drop-sequence", "ban-drop-sequence"},
    {"drop-table", "DS102"},
    {"drop-table", "ban-drop-table"},
    {"drop-type", "ban-drop-domain"},
    {"drop-type", "ban-drop-type"},
    {"drop-view", "ban-drop-view"},
    {"identity-always", "ban-alter-identity"},
    {"index-locked", "MF101"},
    {"index-locked", "MF102"},
    {"index-locked", "PG101"},
    {"index-locked", "require-concurrent-index-creation"},
    {"name-cut", "identifier-too-long"},
    {"not-null-no-default", "MF103"},
    {"not-null-no-default", "adding-required-field"},
    {"reindex-locked", "require-concurrent-reindex"},
    {"rename-column", "BC102"},
    {"rename-column", "renaming-column"},
    {"rename-other", "renaming-object"},
    {"rename-table", "BC101"},
    {"rename-table", "renaming-table"},
    {"rewrite", "adding-field-with-default"},
    {"rewrite", "adding-serial-primary-key-field"},
    {"rewrite", "changing-column-type"},
    {"scan-check", "constraint-missing-not-valid"},
    {"scan-domain", "ban-alter-domain-with-add-constraint"},
    {"scan-foreign-key", "adding-foreign-key-constraint"},
    {"scan-foreign-key", "constraint-missing-not-valid"},
    {"scan-not-null", "MF104"},
    {"scan-not-null", "adding-not-nullable-field"},
    {"set-schema", "ban-set-schema"},
    {"timestamp-no-zone", "prefer-timestamp-tz"},
    {"truncate", "ban-truncate-cascade"},
    {"tx-control", "ban-uncommitted-transaction"},
    {"tx-control", "transaction-nesting"},
    {"txmode", "ban-concurrent-index-creation-in-transaction"},
    {"type-meaning", "changing-column-type"},
    {"unique-locked", "MF101"},
    {"unique-locked", "disallowed-unique-constraint"},
    {"vacuum-full", "prefer-repack"},
};
#define NTWINS (sizeof twins / sizeof twins[0])

/*
 * Codes of Atlas's and squawk's that predict what PostgreSQL does. The watch observed
 * each statement of a watched file, so a prediction that did not come true is not
 * reported.
 */
static const char *const claims[] = {"BC101", "BC102", "CD101", "DS101", "DS102", "DS103",
    "MF101", "MF102", "MF103", "MF104", "PG101", "PG102", "adding-field-with-default",
    "adding-foreign-key-constraint", "adding-not-nullable-field", "adding-required-field",
    "adding-serial-primary-key-field", "ban-alter-domain-with-add-constraint",
    "ban-alter-identity", "ban-concurrent-index-creation-in-transaction",
    "ban-drop-column", "ban-drop-constraint", "ban-drop-domain", "ban-drop-extension",
    "ban-drop-function", "ban-drop-generated-expression", "ban-drop-schema",
    "ban-drop-sequence", "ban-drop-table", "ban-drop-type", "ban-drop-view",
    "ban-set-schema", "ban-truncate-cascade", "changing-column-type",
    "constraint-missing-not-valid", "disallowed-unique-constraint", "prefer-repack",
    "renaming-column", "renaming-table", "require-concurrent-index-creation",
    "require-concurrent-index-deletion", "require-concurrent-partition-detach",
    "require-concurrent-reindex"};

/*
 * Community Atlas does not parse PostgreSQL's statements: it compares before
 * and after, and takes what squawk sees renamed for dropped and added. In one
 * statement with a renaming there can be nothing else.
 */
static const char *const misread[][2] = {
    {"DS102", "renaming-table"},
    {"DS103", "renaming-column"},
    {"MF103", "renaming-column"},
};
#define NMISREAD (sizeof misread / sizeof misread[0])

const char *
twin_code(const char *code, size_t nth)
{
	size_t i;
	int side;

	for (i = 0; i < NTWINS; i++)
		for (side = 0; side < 2; side++)
			if (strcmp(code, twins[i][side]) == 0 && nth-- == 0)
				return twins[i][1 - side];
	for (i = 0; i < NMISREAD; i++)
		if (strcmp(code, misread[i][0]) == 0 && nth-- == 0)
			return misread[i][1];
	return NULL;
}

static int
is_claim(const struct finding *f)
{
	size_t i;

	/* Errors of Atlas's about a file that PostgreSQL ran without one. */
	if (!f->lint)
		return strcmp(f->code, "replay") == 0;
	for (i = 0; i < sizeof claims / sizeof claims[0]; i++)
		if (strcmp(f->code, claims[i]) == 0)
			return 1;
	return 0;
}

static void
absorb(struct finding *into, struct finding *f)
{
	if (f->level > into->level)
		into->level = f->level;
	if (into->help == NULL)
		into->help = f->help;
	f->level = LEVEL_OFF;
}

/* Among the findings [i, end), which are of one statement. */
static void
drop_misread(struct report *r, size_t i, size_t end)
{
	size_t k, m;

	for (m = 0; m < NMISREAD; m++) {
		for (k = i; k < end; k++)
			if (strcmp(r->findings[k].code, misread[m][1]) == 0)
				break;
		for (k = k < end ? i : end; k < end; k++)
			if (strcmp(r->findings[k].code, misread[m][0]) == 0)
				r->findings[k].level = LEVEL_OFF;
	}
}

static int
is_stop(const struct finding *f)
{
	return !f->lint &&
	    (strcmp(f->code, "apply") == 0 || strcmp(f->code, "replay") == 0);
}

/*
 * The watch reports a failed statement, at its place and with a remedy. That Atlas's
 * replay stopped too, at that statement or elsewhere in the file, is not reported again.
 */
static void
drop_stopped(struct report *r, size_t i, size_t end)
{
	const struct finding *told = NULL;
	struct finding *f;
	size_t k;

	for (k = i; k < end; k++) {
		f = &r->findings[k];
		if (f->origin == FROM_WATCH && f->level == LEVEL_ERROR &&
		    f->src != NULL &&
		    (strcmp(f->code, "failed") == 0 || strcmp(f->code, "txmode") == 0))
			told = f;
	}
	if (told == NULL)
		return;
	for (k = 0; k < r->nfindings; k++) {
		f = &r->findings[k];
		if (is_stop(f) && f->src == told->src &&
		    (!f->placed || f->nth_stmt == told->nth_stmt))
			f->level = LEVEL_OFF;
	}
}

/*
 * Likewise. last: for each pair of names, the last finding that has either of
 * them and the best origin of those.
 */
static void
drop_twins(struct report *r, size_t i, size_t end)
{
	struct finding *last[NTWINS] = {NULL}, *f, *best;
	size_t k, t;

	for (k = i; k < end; k++) {
		f = &r->findings[k];
		if (f->src == NULL || f->level == LEVEL_OFF)
			continue;
		for (t = 0; t < NTWINS; t++)
			if ((strcmp(f->code, twins[t][0]) == 0 ||
				strcmp(f->code, twins[t][1]) == 0) &&
			    (last[t] == NULL || f->origin <= last[t]->origin))
				last[t] = f;
	}
	for (k = i; k < end; k++) {
		f = &r->findings[k];
		/* Of three that say the same the first one takes both. */
		best = f;
		for (t = 0; t < NTWINS && f->level != LEVEL_OFF; t++)
			if (last[t] != NULL && last[t]->origin < best->origin &&
			    (strcmp(f->code, twins[t][0]) == 0 ||
				strcmp(f->code, twins[t][1]) == 0))
				best = last[t];
		if (best != f)
			absorb(best, f);
	}
}

/* The findings are in order of their places. */
void
drop_doubles(struct report *r)
{
	struct finding *f, *kept = NULL;
	size_t i, to, n = r->nfindings;

	for (i = 0; i < n; i = to) {
		struct finding *head = &r->findings[i];

		/* The findings of one statement, or of one line without text. */
		for (to = i; to < n; to++) {
			f = &r->findings[to];
			if (f->src != head->src || f->placed != head->placed ||
			    (f->placed ? f->nth_stmt != head->nth_stmt
				       : f->line != head->line))
				break;
		}
		if (head->src == NULL || !head->src->watched)
			drop_misread(r, i, to);
		drop_stopped(r, i, to);
		drop_twins(r, i, to);
	}
	/* And what is the same in every word, from the same input twice. */
	for (i = 0; i < n; i++) {
		f = &r->findings[i];
		if (f->src != NULL && f->src->watched && f->origin != FROM_WATCH &&
		    is_claim(f))
			f->level = LEVEL_OFF;
		if (f->level == LEVEL_OFF)
			continue;
		if (kept != NULL && kept->src == f->src && kept->line == f->line &&
		    kept->col == f->col && strcmp(kept->code, f->code) == 0 &&
		    strcmp(kept->msg, f->msg) == 0)
			absorb(kept, f);
		else
			kept = f;
	}
}
