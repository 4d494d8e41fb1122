/* atlasjson_ci.c - the report for programs: GitLab, JUnit XML, SARIF. */
#include "atlasjson.h"

#include <stdlib.h>
#include <string.h>

/*
 * GitHub keeps 5,000 results of a run and refuses more than 10 MB gzipped;
 * with messages this short the second limit is not reached by the first.
 */
#define SARIF_RESULTS 5000
#define SARIF_MESSAGE 1000

static json_t *
xjson(json_t *v)
{
	if (v == NULL)
		die(NULL, "out of memory");
	return v;
}

static json_t *
xtext(const char *s)
{
	return xjson(json_string(s));
}

static void
add_json(struct buf *out, json_t *doc)
{
	char *s = json_dumps(doc, JSON_INDENT(1));

	if (s == NULL)
		die(NULL, "out of memory");
	xbuf_adds(out, s);
	xbuf_addc(out, '\n');
	free(s);
	json_decref(doc);
}

/* Different for each finding of a report, the same in the next one. */
static json_t *
fingerprint(const struct finding *f)
{
	char s[40];

	(void)snprintf(s, sizeof s, "%016llx:%u", (unsigned long long)f->hash, f->nth);
	return xtext(s);
}

/*
 * Both formats want a file for everything. What belongs to none is put to the
 * sum file, which each migration directory has.
 */
static const char *
path_of(const struct report *r, const struct finding *f)
{
	if (f->src != NULL)
		return f->src->path;
	return str_or(r->sum_path, "atlas.sum");
}

/* ---- GitLab code quality ---- */

void
print_gitlab(struct buf *out, const struct report *r)
{
	json_t *doc = xjson(json_array());
	const struct finding *f;
	size_t i;

	for (i = 0; i < r->nfindings; i++) {
		f = &r->findings[i];
		/* clang-format off */
		(void)json_array_append_new(doc, xjson(json_pack(
		    "{s:s, s:s, s:o, s:s, s:{s:s, s:{s:I}}}",
		    "description", f->msg, "check_name", f->code,
		    "fingerprint", fingerprint(f),
		    "severity", f->level == LEVEL_ERROR ? "major"
			: f->level == LEVEL_WARNING ? "minor" : "info",
		    "location", "path", path_of(r, f),
		    "lines", "begin", (json_int_t)(f->line > 0 ? f->line : 1))));
		/* clang-format on */
	}
	add_json(out, doc);
}

/* ---- SARIF 2.1.0 ---- */

/* A path as a relative URI reference; a ':' early on would look like a scheme. */
static json_t *
uri_of(const char *path)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789-._~/+,@!$'()*&=;";
	struct buf b = {0};
	json_t *v;

	for (; *path != '\0'; path++)
		if (strchr(plain, *path) != NULL)
			xbuf_addc(&b, *path);
		else
			xbuf_addf(&b, "%%%02X", (unsigned int)(unsigned char)*path);
	v = xtext(b.p);
	buf_free(&b);
	return v;
}

static const char *
level_name(const struct finding *f)
{
	return f->level == LEVEL_ERROR  ? "error"
	    : f->level == LEVEL_WARNING ? "warning"
					: "note";
}

static json_t *
rule_of(const struct finding *f)
{
	json_t *rule = xjson(json_pack("{s:s, s:{s:s}, s:{s:s}}", "id", f->code,
	    "shortDescription", "text", f->about != NULL ? f->about : f->code,
	    "defaultConfiguration", "level", level_name(f)));

	if (f->help != NULL)
		(void)json_object_set_new(
		    rule, "help", xjson(json_pack("{s:s}", "text", f->help)));
	return rule;
}

static json_t *
result_of(const struct report *r, const struct finding *f, json_int_t rule)
{
	struct buf b = {0};
	char *msg;
	json_t *region, *result;

	xbuf_adds(&b, f->msg);
	if (f->stmt != NULL)
		xbuf_addf(&b, "\n%s", f->stmt);
	if (f->help != NULL)
		xbuf_addf(&b, "\n%s", f->help);
	msg = clip(b.p, SARIF_MESSAGE);
	region = xjson(
	    json_pack("{s:I}", "startLine", (json_int_t)(f->line > 0 ? f->line : 1)));
	if (f->line > 0)
		(void)json_object_set_new(
		    region, "startColumn", xjson(json_integer((json_int_t)f->col)));
	/* clang-format off */
	result = xjson(json_pack(
	    "{s:s, s:I, s:s, s:{s:s}, s:[{s:{s:{s:o}, s:o}}], s:{s:o}}",
	    "ruleId", f->code, "ruleIndex", rule, "level", level_name(f),
	    "message", "text", msg,
	    "locations", "physicalLocation",
	    "artifactLocation", "uri", uri_of(path_of(r, f)), "region", region,
	    "partialFingerprints", "primaryLocationLineHash", fingerprint(f)));
	/* clang-format on */
	if (f->on != NULL)
		(void)json_object_set_new(
		    json_array_get(json_object_get(result, "locations"), 0),
		    "logicalLocations",
		    xjson(json_pack("[{s:s}]", "fullyQualifiedName", f->on)));
	free(msg);
	buf_free(&b);
	return result;
}

void
print_sarif(struct buf *out, const struct report *r)
{
	json_t *rules = xjson(json_array()), *results = xjson(json_array());
	json_t *index = xjson(json_object()), *at;
	const struct finding *f;
	enum level level;
	size_t i;

	/* Errors first: they stay where there are too many. */
	for (level = LEVEL_ERROR; level >= LEVEL_NOTICE; level--)
		for (i = 0; i < r->nfindings; i++) {
			f = &r->findings[i];
			if (f->level != level ||
			    json_array_size(results) == SARIF_RESULTS)
				continue;
			at = json_object_get(index, f->code);
			if (at == NULL) {
				at = xjson(
				    json_integer((json_int_t)json_array_size(rules)));
				(void)json_object_set_new(index, f->code, at);
				(void)json_array_append_new(rules, rule_of(f));
			}
			(void)json_array_append_new(
			    results, result_of(r, f, json_integer_value(at)));
		}
	json_decref(index);
	if (json_array_size(results) < r->nfindings)
		warnx_at("-f sarif",
		    "%zu of %zu findings written, errors first: "
		    "readers keep no more",
		    json_array_size(results), r->nfindings);
	/* clang-format off */
	add_json(out, xjson(json_pack(
	    "{s:s, s:s, s:[{s:{s:{s:s, s:s, s:o}}, s:s, s:o}]}",
	    "$schema", "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/"
	    "schemas/sarif-schema-2.1.0.json", "version", "2.1.0",
	    "runs", "tool", "driver", "name", "atlasjson", "version", VERSION,
	    "rules", rules, "columnKind", "unicodeCodePoints", "results", results)));
	/* clang-format on */
}

/* ---- JUnit XML ---- */

/* What XML 1.0 forbids even as a reference is dropped. */
static void
add_xml(struct buf *out, const char *s)
{
	const unsigned char *u;
	size_t i, k, n = strlen(s);

	for (i = 0; i < n; i += k != 0 ? k : 1) {
		u = (const unsigned char *)s + i;
		k = utf8_len(s + i, n - i);
		if (*u == '&' || *u == '<' || *u == '>' || *u == '"' || *u == '\n' ||
		    *u == '\r' || *u == '\t')
			xbuf_addf(out, "&#%u;", *u);
		else if (*u >= 0x20 &&
		    !(k == 3 && u[0] == 0xef && u[1] == 0xbf && u[2] >= 0xbe))
			xbuf_add(out, s + i, k);
	}
}

static void
add_xml_finding(struct buf *out, const struct finding *f)
{
	if (f->line > 0)
		xbuf_addf(out, "%zu:%zu: ", f->line, f->col);
	xbuf_addf(out, "%s: ", f->level == LEVEL_NOTICE ? "notice" : level_name(f));
	add_xml(out, f->msg);
	xbuf_adds(out, " (");
	add_xml(out, f->code);
	xbuf_adds(out, ")\n");
	if (f->stmt != NULL) {
		add_xml(out, f->stmt);
		xbuf_addc(out, '\n');
	}
	if (f->help != NULL) {
		xbuf_adds(out, "help: ");
		add_xml(out, f->help);
		xbuf_addc(out, '\n');
	}
}

struct suite {
	struct buf body;
	size_t tests, failures, skipped;
	double seconds;
};

static void
open_case(struct suite *s, const char *class, const char *name, double seconds)
{
	s->tests++;
	s->seconds += seconds > 0 ? seconds : 0;
	xbuf_adds(&s->body, "  <testcase classname=\"");
	add_xml(&s->body, class);
	xbuf_adds(&s->body, "\" name=\"");
	add_xml(&s->body, name);
	xbuf_addf(&s->body, "\" time=\"%.6f\">\n", seconds > 0 ? seconds : 0);
}

static void
open_failure(struct suite *s, const char *type, const char *msg)
{
	s->failures++;
	xbuf_adds(&s->body, "   <failure type=\"");
	add_xml(&s->body, type);
	xbuf_adds(&s->body, "\" message=\"");
	add_xml(&s->body, msg);
	xbuf_adds(&s->body, "\">");
}

/* Findings first..end-1 as what became of the open case; item may be NULL. */
static void
add_outcome(struct suite *s, const struct report *r, size_t first, size_t end,
    const struct item *item)
{
	const struct finding *f, *worst = NULL;
	const char *note = item != NULL ? item->note : NULL;
	size_t i, warnings = 0;

	for (i = first; i < end; i++) {
		f = &r->findings[i];
		warnings += f->level != LEVEL_ERROR;
		if (f->level == LEVEL_ERROR && worst == NULL)
			worst = f;
	}
	if (worst != NULL) {
		open_failure(s, worst->code, worst->msg);
		for (i = first; i < end; i++)
			if (r->findings[i].level == LEVEL_ERROR)
				add_xml_finding(&s->body, &r->findings[i]);
		xbuf_adds(&s->body, "</failure>\n");
	} else if (item != NULL && item->state == STATE_PENDING) {
		s->skipped++;
		xbuf_adds(&s->body, "   <skipped message=\"pending\"/>\n");
	}
	if (warnings == 0 && note == NULL)
		return;
	xbuf_adds(&s->body, "   <system-out>");
	if (note != NULL) {
		add_xml(&s->body, note);
		xbuf_addc(&s->body, '\n');
	}
	for (i = first; i < end; i++)
		if (r->findings[i].level != LEVEL_ERROR)
			add_xml_finding(&s->body, &r->findings[i]);
	xbuf_adds(&s->body, "</system-out>\n");
}

/* One case for each step, and one for each file whatever ran over it. */
void
print_junit(struct buf *out, const struct report *r)
{
	struct suite s = {{0}, 0, 0, 0, 0};
	const struct item *it;
	const struct source *src;
	const struct finding *f;
	size_t i;

	xbuf_adds(&s.body, "");
	for (i = 0; i < r->nitems; i++) {
		it = &r->items[i];
		if (it->src != NULL)
			continue;
		open_case(&s, r->runs[it->run].title, it->name, it->seconds);
		if (it->state == STATE_FAILED) {
			open_failure(&s, "step", it->note != NULL ? it->note : "failed");
			xbuf_adds(&s.body, "</failure>\n");
		} else
			add_outcome(&s, r, 0, 0, it);
		xbuf_adds(&s.body, "  </testcase>\n");
	}
	/* Findings without a file come first; those of steps were printed above. */
	for (i = 0; i < r->nfindings && r->findings[i].src == NULL; i++) {
		f = &r->findings[i];
		if (strcmp(f->code, "step") == 0)
			continue;
		open_case(
		    &s, f->on != NULL ? f->code : "findings", str_or(f->on, f->code), -1);
		add_outcome(&s, r, i, i + 1, NULL);
		xbuf_adds(&s.body, "  </testcase>\n");
	}
	for (i = 0; i < r->nsources; i++) {
		src = r->sources[i];
		open_case(&s, "migrations", src->path,
		    src->item != NULL ? src->item->seconds : -1);
		add_outcome(&s, r, src->first, src->end, src->item);
		xbuf_adds(&s.body, "  </testcase>\n");
	}
	xbuf_addf(out,
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<testsuites tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\" "
	    "time=\"%.6f\">\n <testsuite name=\"atlas\" tests=\"%zu\" failures=\"%zu\" "
	    "errors=\"0\" skipped=\"%zu\" time=\"%.6f\">\n",
	    s.tests, s.failures, s.skipped, s.seconds, s.tests, s.failures, s.skipped,
	    s.seconds);
	xbuf_add(out, s.body.p, s.body.len);
	xbuf_adds(out, " </testsuite>\n</testsuites>\n");
	buf_free(&s.body);
}
