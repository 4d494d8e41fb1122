/*
 * watchlint_time.c - does a file fit into the time that the Lambda function has? Known
 * are: how long PostgreSQL took in the dev database, where tables are empty; the way to
 * the database and back for each statement; and, for tables whose size BIG_TABLES names,
 * the gigabytes to be read or written. The sum is a lower bound, not a forecast.
 */
#include "watchlint_rules.h"

#include <stdlib.h>

#define HAS 840.0  /* seconds: 14 minutes */
#define MUCH 420.0 /* reported from here on: the real time may be twice that */

/* What a statement costs beside the time that PostgreSQL works on it: a way to the
 * database and back, taken as a thousandth of a second (two zones of a region), and
 * the engine's own time. In a transaction the file's record is written once; outside
 * of one after each statement, which is a second way and a commit. Measured with the
 * engine through a proxy that holds every packet back: bench/NOTES.md. */
#define WAY 0.001
#define ENGINE 0.0001
#define ENGINE_BARE 0.0004

/* MB a second, as a disk that is not the slowest manages. */
static const struct {
	const char *code;
	double rate;
	const char *what;
} rates[] = {{"rewrite", 50, "written anew"}, {"unlogged", 50, "written anew"},
    {"move-tablespace", 50, "copied"}, {"vacuum-full", 50, "written anew"},
    {"cluster", 50, "written anew"}, {"refresh-locked", 50, "computed anew"},
    {"index-locked", 50, "indexed"}, {"unique-locked", 50, "indexed"},
    {"exclude-locked", 50, "indexed"}, {"reindex-locked", 50, "indexed"},
    {"update-all", 20, "updated"}, {"delete-all", 20, "deleted from"},
    {"update-scan", 200, "read"}, {"scan-check", 200, "read"},
    {"scan-foreign-key", 200, "read"}, {"scan-not-null", 200, "read"},
    {"scan-domain", 200, "read"}, {"scan-validate", 200, "read"},
    {"scan-attach", 200, "read"}, {"scan-locked", 200, "read"}};

/* "events=200 orders": a table's gigabytes; 0 when they are not said, -1 when the
 * table is not named. */
double
big_size(const char *tables, const char *t)
{
	size_t n = t != NULL ? strlen(t) : 0;
	const char *p = tables;

	while (n > 0 && p != NULL && (p = strstr(p, t)) != NULL) {
		if (p == tables || p[-1] == ' ') {
			if (p[n] == ' ' || p[n] == '\0')
				return 0;
			if (p[n] == '=')
				return strtod(p + n + 1, NULL);
		}
		p += n;
	}
	return -1;
}

/* Called before any work: a size that is no number ends the tool. */
void
check_sizes(const char *tables)
{
	const char *p = tables;
	char *end;

	while (p != NULL && (p = strchr(p, '=')) != NULL) {
		p++;
		if (*p < '0' || *p > '9' || strtod(p, &end) <= 0 ||
		    (*end != ' ' && *end != '\0'))
			die("BIG_TABLES",
			    "'%.60s': a table's size is a number of gigabytes: "
			    "events=200",
			    p);
	}
}

static const char *
duration(double seconds)
{
	return seconds < 120 ? keep("%.0f seconds", seconds)
			     : keep("%.0f minutes", seconds / 60);
}

/* The findings from the one with number FROM on are the file's. */
void
judge_time(struct findings *f, const struct file *file, size_t from)
{
	struct where w = {NULL, NULL, NULL, 0};
	struct buf why = {0};
	double took = 0, ways, sum, most = 0, one, size;
	const char *table = NULL, *t;
	size_t i, k, end = f->n;

	for (i = 0; i < file->n; i++) {
		if (file->v[i].ms > 0)
			took += (double)file->v[i].ms / 1000;
		if (w.s == NULL || file->v[i].ms > w.s->ms)
			w.s = &file->v[i];
	}
	ways = (double)file->n * (file->none ? 2 * WAY + ENGINE_BARE : WAY + ENGINE);
	sum = took + ways;
	for (i = from; i < end; i++)
		for (k = 0; k < sizeof rates / sizeof rates[0]; k++) {
			t = f->v[i].table;
			if (strcmp(f->v[i].code->name, rates[k].code) != 0 ||
			    (size = big_size(f->big, t)) <= 0)
				continue;
			one = size * 1024 / rates[k].rate;
			sum += one;
			xbuf_addf(&why, "%s%s (%g GB) is %s, %s", why.len > 0 ? "; " : "",
			    t, size, rates[k].what, duration(one));
			if (one > most) {
				most = one;
				table = t;
				w.s = f->v[i].s;
			}
		}
	/*
	 * No session waits for an index that is built concurrently, but the function
	 * does.
	 */
	for (i = 0; i < file->n; i++) {
		if (!starts(&file->v[i], "CREATE INDEX CONCURRENTLY") &&
		    !starts(&file->v[i], "CREATE UNIQUE INDEX CONCURRENTLY"))
			continue;
		t = table_in(&file->v[i]);
		if ((size = big_size(f->big, t)) <= 0)
			continue;
		one = size * 1024 / 25;
		sum += one;
		xbuf_addf(&why, "%s%s (%g GB) is read twice for an index, %s",
		    why.len > 0 ? "; " : "", t, size, duration(one));
		if (one > most) {
			most = one;
			w.s = &file->v[i];
		}
	}
	if (took >= 1)
		xbuf_addf(&why,
		    "%sthe file took %s in the dev database, where tables are empty",
		    why.len > 0 ? "; " : "", duration(took));
	if (ways >= 1)
		xbuf_addf(&why,
		    "%s%zu statements, each a way to the database and back%s, %s",
		    why.len > 0 ? "; " : "", file->n,
		    file->none ? ", and another for the revision" : "", duration(ways));
	if (sum >= MUCH && w.s != NULL)
		report(f, &w, "too-long", table,
		    "the file takes at least about %s, and the function has %.0f "
		    "minutes: %s",
		    duration(sum), HAS / 60, why.p);
	buf_free(&why);
}
