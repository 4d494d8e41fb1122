/*
 * atlasjson_read.c - from a stream of bytes to the report.
 *
 * A stream is a row of JSON values with plain text around them. A value starts
 * at a '{' followed by a string or '}', or at a '[' followed by a '{', or is a
 * "[]" with its line to itself; anything else is noise. What starts like a
 * value has to parse: else a report that was cut short would read as clean.
 */
#include "atlasjson.h"

#include <sys/stat.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define MAX_MESSAGE 4000	/* bytes of a message that are kept */
#define MAX_PATH 1024		/* likewise of a file name */
#define MAX_FILE (64 << 20)	/* a bigger file is not read for its lines */

struct rule {
	char *code;
	enum level level;
};

static struct rule *rules;
static size_t nrules;
static const char *dir_option;
static char *cwd;
static json_t *source_index;	/* path to its number */
static json_t *documents;	/* keeps every string alive */
static const char *where;	/* "input:line" of the value being read */

/* ---- levels ---- */

static void
xadd_rule(const char *p, size_t n)
{
	static const char *const names[] = {"off", "warning", "error"};
	const char *eq = memchr(p, '=', n);
	size_t i, len;

	if (eq == NULL || eq == p)
		die("-l", "'%.*s' is not CODE=LEVEL", n < 40 ? (int)n : 40, p);
	len = n - (size_t)(eq + 1 - p);
	for (i = 0; i < 3; i++)
		if (strlen(names[i]) == len && memcmp(names[i], eq + 1, len) == 0)
			break;
	if (i == 3)
		die("-l", "'%.*s': the level is one of error, warning, off", n < 40 ? (int)n : 40, p);
	rules = xreallocarray(rules, nrules + 1, sizeof *rules);
	rules[nrules].code = xcalloc((size_t)(eq - p) + 1, 1);
	memcpy(rules[nrules].code, p, (size_t)(eq - p));
	rules[nrules++].level = (enum level)i;
}

/* A rule names a code, or a class of codes that differ in digits at the end. */
static enum level
level_of(const char *code, enum level level)
{
	size_t i, n;

	for (i = 0; i < nrules; i++) {
		n = strlen(rules[i].code);
		if (strcmp(rules[i].code, "all") == 0 ||
		    (strncmp(code, rules[i].code, n) == 0 &&
		    strspn(code + n, "0123456789") == strlen(code + n)))
			level = rules[i].level;
	}
	return level;
}

void
read_levels(const char *p)
{
	size_t n;

	for (; *p != '\0'; p += n) {
		p += strspn(p, ", \t\n");
		n = strcspn(p, ", \t\n");
		if (n > 0)
			xadd_rule(p, n);
	}
}

void
read_setup(const char *dir)
{
	if (dir != NULL)
		dir_option = repair_utf8(dir, strlen(dir), NULL);
	cwd = getcwd(NULL, 0);
	source_index = json_object();
	documents = json_array();
	if (source_index == NULL || documents == NULL)
		die(NULL, "out of memory");
}

/* ---- typed access: a member of the wrong type ends the tool ---- */

static const char *
xstring(const json_t *o, const char *key)
{
	json_t *v = json_object_get(o, key);
	char *copy, *p;
	size_t n;

	if (v == NULL || json_is_null(v))
		return NULL;
	if (!json_is_string(v))
		die(where, "'%s' is not a string", key);
	n = json_string_length(v);
	if (strlen(json_string_value(v)) != n) {
		/* A NUL would end the text early for us, and only for us. */
		copy = xmalloc(n + 1);
		memcpy(copy, json_string_value(v), n);
		copy[n] = '\0';
		while ((p = memchr(copy, '\0', n)) != NULL)
			*p = '?';
		if (json_string_setn(v, copy, n) != 0)
			die(NULL, "out of memory");
		free(copy);
	}
	return json_string_value(v);
}

static const json_t *
xarray(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	if (v == NULL || json_is_null(v))
		return NULL;
	if (!json_is_array(v))
		die(where, "'%s' is not an array", key);
	return v;
}

static const json_t *
xobject(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	if (v == NULL || json_is_null(v))
		return NULL;
	if (!json_is_object(v))
		die(where, "'%s' is not an object", key);
	return v;
}

/* Element i of an array that xarray() gave. */
static const json_t *
xelement(const json_t *a, size_t i, const char *key)
{
	const json_t *v = json_array_get(a, i);

	if (!json_is_object(v))
		die(where, "'%s' has an element that is not an object", key);
	return v;
}

/* Clamped to what a position or count can be; 0 when missing. */
static size_t
xcount(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	if (v == NULL || json_is_null(v))
		return 0;
	if (!json_is_integer(v))
		die(where, "'%s' is not an integer", key);
	return json_integer_value(v) < 0 ? 0 : (size_t)json_integer_value(v);
}

static const char *
str_or(const char *s, const char *fallback)
{
	return s != NULL && *s != '\0' ? s : fallback;
}

static const char *
message(const char *s)
{
	return s != NULL && *s != '\0' ? clip(s, MAX_MESSAGE) : NULL;
}

/* ---- files ---- */

/* Without "./" and "//", and relative to here when it is below. */
static char *
tidy_path(const char *dir, const char *name)
{
	struct buf b = {0};
	size_t n, root = cwd != NULL ? strlen(cwd) : 0;
	const char *p;
	char *full;

	if (dir != NULL && *dir != '\0' && *name != '/') {
		xbuf_adds(&b, dir);
		xbuf_addc(&b, '/');
	}
	xbuf_adds(&b, name);
	full = b.p;
	memset(&b, 0, sizeof b);
	p = full;
	if (root > 1 && strncmp(p, cwd, root) == 0 && p[root] == '/')
		p += root + strspn(p + root, "/");
	else if (*p == '/')
		xbuf_addc(&b, '/');
	while (*p != '\0') {
		p += strspn(p, "/");
		n = strcspn(p, "/");
		if (n == 0 || (n == 1 && *p == '.')) {
			p += n;
			continue;
		}
		if (b.len > 0 && b.p[b.len - 1] != '/')
			xbuf_addc(&b, '/');
		xbuf_add(&b, p, n);
		p += n;
	}
	free(full);
	if (b.len == 0)
		xbuf_addc(&b, '.');
	full = clip(b.p, MAX_PATH);
	buf_free(&b);
	return full;
}

static struct source *
source_get(struct report *r, const char *dir, const char *name)
{
	char *path = tidy_path(dir, name);
	json_t *i = json_object_get(source_index, path);
	struct source *s;

	if (i != NULL) {
		free(path);
		return r->sources[json_integer_value(i)];
	}
	s = xcalloc(1, sizeof *s);
	s->path = path;
	if (json_object_set_new(source_index, path,
	    json_integer((json_int_t)r->nsources)) != 0)
		die(NULL, "out of memory");
	r->sources = xreallocarray(r->sources, r->nsources + 1, sizeof *r->sources);
	r->sources[r->nsources++] = s;
	return s;
}

/*
 * The text of a file whose JSON carries none. Only a plain file below the
 * working directory: the name is foreign, and what it names gets printed.
 */
static void
source_load(struct source *s)
{
	struct buf b = {0};
	struct stat st;
	const char *p;
	int fd;

	if (s->text != NULL || s->looked)
		return;
	s->looked = 1;
	if (*s->path == '/')
		return;
	for (p = s->path; p != NULL; p = strchr(p, '/')) {
		p += *p == '/';
		if (strncmp(p, "..", 2) == 0 && (p[2] == '/' || p[2] == '\0'))
			return;
	}
	fd = open(s->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= MAX_FILE) {
		xread_fd(fd, s->path, &b);
		s->text = b.p;
		s->len = b.len;
	}
	(void)close(fd);
}

/* Env.Dir: "src/db/migrations", "file://src/db/migrations?format=atlas" ... */
static const char *
url_dir(const char *url)
{
	static const char scheme[] = "file://";
	static char *tidy;	/* until the next call */
	char *dir;

	if (dir_option != NULL)
		return dir_option;
	if (url == NULL)
		return NULL;
	if (strncmp(url, scheme, sizeof scheme - 1) == 0)
		url += sizeof scheme - 1;
	else if (strstr(url, "://") != NULL)
		return NULL;
	dir = xstrdup(url);
	dir[strcspn(dir, "?")] = '\0';
	free(tidy);
	tidy = tidy_path(NULL, dir);
	free(dir);
	/* A directory elsewhere means nothing to who reads the report. */
	return *tidy != '/' ? tidy : NULL;
}

/* ---- building the report ---- */

static struct finding *
add_finding(struct report *r, struct source *src, const char *code, const char *msg)
{
	static size_t cap;
	struct finding *f;

	if (r->nfindings == cap) {
		cap = cap != 0 ? cap * 2 : 64;
		r->findings = xreallocarray(r->findings, cap, sizeof *f);
	}
	f = &r->findings[r->nfindings];
	memset(f, 0, sizeof *f);
	f->src = src;
	f->level = LEVEL_ERROR;
	f->code = code;
	f->msg = str_or(message(msg), "no message");
	f->order = r->nfindings++;
	return f;
}

static struct run *
add_run(struct report *r, const char *title, int show)
{
	r->runs = xreallocarray(r->runs, r->nruns + 1, sizeof *r->runs);
	memset(&r->runs[r->nruns], 0, sizeof *r->runs);
	r->runs[r->nruns].title = title;
	r->runs[r->nruns].show = show;
	return &r->runs[r->nruns++];
}

static struct item *
add_item(struct report *r, const char *name, struct source *src, enum state state)
{
	static size_t cap;
	struct item *it;

	if (r->nitems == cap) {
		cap = cap != 0 ? cap * 2 : 64;
		r->items = xreallocarray(r->items, cap, sizeof *it);
	}
	it = &r->items[r->nitems++];
	memset(it, 0, sizeof *it);
	it->run = r->nruns - 1;
	it->name = clip(str_or(name, "?"), MAX_PATH);
	it->src = src;
	it->state = state;
	it->seconds = -1;
	return it;
}

static const char *
sentence(const char *fmt, ...)
{
	struct buf b = {0};
	va_list ap;
	char text[512];

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	/* The cut may have gone through a character. */
	b.p = repair_utf8(text, strlen(text), NULL);
	return b.p;
}

/* ---- migrate lint ---- */

/* Line and byte column from 1, as far as there are such. */
static void
set_line(struct finding *f, size_t line, size_t col)
{
	f->line = line;
	f->col = line == 0 ? 0 : col == 0 ? 1 : col;
	f->byte_col = f->col - (f->col > 0);
}

/*
 * Where Atlas says in words what it has no field for: "L4:" of atlas.sum,
 * "scanning statements: LINE:COL:", and the statement that failed, which is
 * looked up in the file.
 */
static void
place_by_text(struct finding *f, const char *text)
{
	static const char scan[] = "scanning statements: ";
	static const char exec[] = "executing statement: ";
	const char *p, *end;
	char *stmt, *at;
	size_t n;

	source_load(f->src);
	if ((p = strstr(text, ": L")) != NULL && strcmp(f->code, "integrity") == 0) {
		set_line(f, strtoul(p + 3, NULL, 10), 1);
	} else if (strncmp(text, scan, sizeof scan - 1) == 0) {
		n = strtoul(text + sizeof scan - 1, &at, 10);
		set_line(f, n, *at == ':' ? strtoul(at + 1, NULL, 10) : 1);
	} else if (strncmp(text, exec, sizeof exec - 1) == 0) {
		p = text + sizeof exec - 1;
		end = strchr(p, ';');
		if (f->src->text == NULL || end == NULL)
			return;
		n = (size_t)(end - p) + 1;
		stmt = xcalloc(n + 1, 1);
		memcpy(stmt, p, n);
		at = strstr(f->src->text, stmt);
		if (at != NULL) {
			f->off = (size_t)(at - f->src->text);
			f->placed = 1;
		}
		free(stmt);
	}
}

static const char *
first_fix(const json_t *diag, const json_t *report)
{
	const json_t *fixes = xarray(diag, "SuggestedFixes");

	if (json_array_size(fixes) == 0)
		fixes = xarray(report, "SuggestedFixes");
	if (json_array_size(fixes) == 0)
		return NULL;
	return message(xstring(xelement(fixes, 0, "SuggestedFixes"), "Message"));
}

static void
read_lint_file(struct report *r, const json_t *file, const char *dir)
{
	const char *name = xstring(file, "Name"), *error = xstring(file, "Error");
	const char *text = xstring(file, "Text"), *about, *code, *msg;
	const json_t *reports = xarray(file, "Reports"), *report, *diags, *diag;
	struct source *src;
	struct finding *f;
	enum level level = error != NULL ? LEVEL_ERROR : LEVEL_WARNING;
	size_t i, k;
	int explained = 0;

	if (name == NULL || *name == '\0')
		die(where, "a file without a name");
	src = source_get(r, dir, name);
	if (text != NULL) {
		src->text = text;
		src->len = strlen(text);
		src->from_json = 1;
	}
	for (i = 0; i < json_array_size(reports); i++) {
		report = xelement(reports, i, "Reports");
		about = xstring(report, "Text");
		diags = xarray(report, "Diagnostics");
		for (k = 0; k < json_array_size(diags); k++) {
			diag = xelement(diags, k, "Diagnostics");
			code = str_or(xstring(diag, "Code"), "atlas");
			msg = xstring(diag, "Text");
			f = add_finding(r, src, code, msg);
			f->level = level_of(code, level);
			f->about = message(about);
			f->help = first_fix(diag, report);
			f->off = xcount(diag, "Pos");
			f->placed = 1;
			if (error != NULL && (about == NULL || strstr(error, about)))
				explained = 1;
		}
	}
	/* Not about a finding: the file could not be checked at all. */
	if (error != NULL && !explained) {
		f = add_finding(r, src, strcmp(name, "atlas.sum") == 0 ?
		    "integrity" : "replay", error);
		place_by_text(f, error);
	}
	add_item(r, src->path, src, error != NULL ? STATE_FAILED : STATE_DONE);
}

static void
read_lint(struct report *r, const json_t *doc)
{
	const char *dir = url_dir(xstring(xobject(doc, "Env"), "Dir"));
	const json_t *steps = xarray(doc, "Steps"), *files = xarray(doc, "Files"), *step;
	const char *name, *error, *told;
	struct item *it;
	size_t i, k;

	add_run(r, "migrate lint", 0);
	for (i = 0; i < json_array_size(files); i++)
		read_lint_file(r, xelement(files, i, "Files"), dir);
	for (i = 0; i < json_array_size(steps); i++) {
		step = xelement(steps, i, "Steps");
		name = str_or(xstring(step, "Name"), "?");
		error = xstring(step, "Error");
		/* "Analyze x.sql" says again what Files says. */
		if (error == NULL && xobject(step, "Result") != NULL)
			continue;
		it = add_item(r, name, NULL, error != NULL ? STATE_FAILED : STATE_DONE);
		it->note = message(error != NULL ? error : xstring(step, "Text"));
		if (error == NULL)
			continue;
		/* A file carries the same error, mostly with more to it. */
		for (k = 0; k < json_array_size(files); k++) {
			told = xstring(json_array_get(files, k), "Error");
			if (told != NULL && strstr(told, error) != NULL)
				break;
		}
		if (k == json_array_size(files))
			add_finding(r, NULL, "step",
			    sentence("%.100s: %.400s", name, error));
	}
}

/* ---- migrate apply, migrate status ---- */

/* Seconds from one RFC 3339 time to another; negative when there are none. */
static double
seconds_between(const char *from, const char *to)
{
	const char *t[2];
	double s[2];
	int i, y, mon, d, h, min;

	t[0] = from;
	t[1] = to;
	for (i = 0; i < 2; i++) {
		if (t[i] == NULL || sscanf(t[i], "%4d-%2d-%2dT%2d:%2d:%12lf",
		    &y, &mon, &d, &h, &min, &s[i]) != 6)
			return -1;
		/* Days since 1 March of year 0, so that leap days come last. */
		if (mon < 3) {
			y--;
			mon += 12;
		}
		s[i] += 60.0 * (min + 60.0 * (h + 24.0 * (365.0 * y + y / 4 -
		    y / 100 + y / 400 + (153 * mon - 457) / 5 + d)));
	}
	return s[1] - s[0];
}

/* Find the last of the statements in its file, one after the other. */
static void
place_statement(struct finding *f, const json_t *stmts)
{
	const char *p, *s;
	size_t i, n = json_array_size(stmts);

	source_load(f->src);
	p = f->src->text;
	for (i = 0; p != NULL && i < n; i++) {
		s = json_string_value(json_array_get(stmts, i));
		p = s != NULL ? strstr(p, s) : NULL;
		if (p != NULL && i + 1 < n)
			p += strlen(s);
	}
	if (p != NULL && n > 0) {
		f->off = (size_t)(p - f->src->text);
		f->placed = 1;
	}
}

static void
read_apply(struct report *r, const json_t *doc)
{
	const char *dir = url_dir(xstring(doc, "Dir"));
	const json_t *pending = xarray(doc, "Pending"), *applied = xarray(doc, "Applied");
	const json_t *file, *err, *stmts;
	const char *error = xstring(doc, "Error"), *name;
	struct run *run = add_run(r, "migrate apply", 1);
	struct finding *f;
	struct item *it;
	struct source *src;
	size_t i, done = 0, nstmts, napplied = json_array_size(applied);
	double secs;

	for (i = 0; i < napplied; i++) {
		file = xelement(applied, i, "Applied");
		name = str_or(xstring(file, "Name"), "?");
		err = xobject(file, "Error");
		stmts = xarray(file, "Applied");
		nstmts = json_array_size(stmts);
		src = source_get(r, dir, name);
		it = add_item(r, src->path, src, err != NULL ? STATE_FAILED : STATE_DONE);
		it->seconds = seconds_between(xstring(file, "Start"), xstring(file, "End"));
		it->note = sentence(err != NULL ? "stopped at statement %zu" :
		    nstmts == 1 ? "%zu statement" : "%zu statements", nstmts);
		if (err == NULL) {
			done++;
			continue;
		}
		f = add_finding(r, src, "apply", xstring(err, "Text"));
		f->stmt = message(xstring(err, "Stmt"));
		place_statement(f, stmts);
		run->failed = 1;
	}
	/* Pending is what was to do at the start, in the order of Applied. */
	for (i = napplied; i < json_array_size(pending); i++) {
		name = str_or(xstring(xelement(pending, i, "Pending"), "Name"), "?");
		src = source_get(r, dir, name);
		add_item(r, src->path, src, STATE_PENDING);
	}
	if (error != NULL && !run->failed) {
		add_finding(r, NULL, "apply", error);
		run->failed = 1;
	}
	secs = seconds_between(xstring(doc, "Start"), xstring(doc, "End"));
	if (run->failed)
		run->note = sentence("failed after %zu of %zu file%s", done,
		    json_array_size(pending), json_array_size(pending) == 1 ? "" : "s");
	else if (napplied == 0)
		run->note = message(str_or(xstring(doc, "Message"), "nothing to apply"));
	else
		run->note = sentence("%zu file%s applied in %.1f ms, now at version %.200s",
		    done, done == 1 ? "" : "s", secs * 1000,
		    str_or(xstring(doc, "Target"), "?"));
}

static void
read_status(struct report *r, const json_t *doc)
{
	const char *dir = url_dir(xstring(xobject(doc, "Env"), "Dir"));
	const json_t *available = xarray(doc, "Available"), *applied = xarray(doc, "Applied");
	const json_t *pending = xarray(doc, "Pending"), *late = xarray(doc, "OutOfOrder");
	const json_t *e, *v;
	const char *error = xstring(doc, "Error"), *name;
	struct run *run = add_run(r, "migrate status", 1);
	json_t *names = json_object();
	struct finding *f;
	struct item *it;
	struct source *src, *half = NULL;	/* half: pending too, told already */
	size_t i;

	if (names == NULL)
		die(NULL, "out of memory");
	for (i = 0; i < json_array_size(available); i++) {
		e = xelement(available, i, "Available");
		name = xstring(e, "Version");
		v = json_object_get(e, "Name");
		if (name != NULL && json_is_string(v))
			(void)json_object_set(names, name, json_object_get(e, "Name"));
	}
	for (i = 0; i < json_array_size(applied); i++) {
		e = xelement(applied, i, "Applied");
		name = str_or(xstring(e, "Version"), "?");
		v = json_object_get(names, name);
		src = v != NULL ? source_get(r, dir, json_string_value(v)) : NULL;
		it = add_item(r, src != NULL ? src->path : name, src, STATE_DONE);
		it->seconds = (double)xcount(e, "ExecutionTime") / 1e9;
		it->note = message(xstring(e, "Type"));
		if (xcount(e, "Applied") < xcount(e, "Total") || xstring(e, "Error")) {
			it->state = STATE_FAILED;
			it->note = sentence("%zu of %zu statements",
			    xcount(e, "Applied"), xcount(e, "Total"));
			f = add_finding(r, src, "status",
			    str_or(xstring(e, "Error"), "the file was not applied to its end"));
			f->stmt = message(xstring(e, "ErrorStmt"));
			half = src;
			run->failed = 1;
		}
	}
	for (i = 0; i < json_array_size(pending); i++) {
		name = str_or(xstring(xelement(pending, i, "Pending"), "Name"), "?");
		src = source_get(r, dir, name);
		if (src != half)
			add_item(r, src->path, src, STATE_PENDING);
	}
	for (i = 0; i < json_array_size(late); i++) {
		name = str_or(xstring(xelement(late, i, "OutOfOrder"), "Name"), "?");
		f = add_finding(r, source_get(r, dir, name), "out-of-order",
		    "sorts before the last applied version, yet is not applied");
		f->level = level_of("out-of-order", LEVEL_WARNING);
	}
	if (error != NULL && !run->failed) {
		add_finding(r, NULL, "status", error);
		run->failed = 1;
	}
	run->note = sentence("%.20s: %zu applied, %zu pending, current %.100s",
	    str_or(xstring(doc, "Status"), "?"), json_array_size(applied),
	    json_array_size(pending), str_or(xstring(doc, "Current"), "?"));
	json_decref(names);
}

/* ---- squawk, and whoever speaks like it ---- */

static void
read_findings(struct report *r, const json_t *doc)
{
	const json_t *e;
	const char *file, *code, *level;
	struct source *src;
	struct finding *f;
	size_t i;

	add_run(r, "findings", 0);
	for (i = 0; i < json_array_size(doc); i++) {
		e = xelement(doc, i, "the array");
		file = xstring(e, "file");
		code = xstring(e, "rule_name");
		if (code == NULL || xstring(e, "message") == NULL)
			die(where, "element %zu of the array is no finding: it has no "
			    "'rule_name' or no 'message'", i);
		level = str_or(xstring(e, "level"), "Error");
		src = file != NULL && *file != '\0' ? source_get(r, NULL, file) : NULL;
		f = add_finding(r, src, code, xstring(e, "message"));
		/* A level we do not know is an error: better loud than lost. */
		f->level = level_of(code, strcasecmp(level, "warning") == 0 ?
		    LEVEL_WARNING : LEVEL_ERROR);
		f->help = message(xstring(e, "help"));
		f->other = 1;
		if (src == NULL)
			continue;
		/* From 0, and the column in bytes. */
		set_line(f, xcount(e, "line") + 1, xcount(e, "column") + 1);
		source_load(src);
	}
}

/* ---- the stream ---- */

static void
read_value(struct report *r, json_t *doc)
{
	const char *key;

	if (json_array_append(documents, doc) != 0)
		die(NULL, "out of memory");
	if (json_is_array(doc)) {
		read_findings(r, doc);
	} else if (json_is_array(json_object_get(doc, "schemas"))) {
		if (r->schemas != NULL)
			die(where, "a second schema: there can be one picture only");
		r->schemas = json_object_get(doc, "schemas");
	} else if (json_object_get(doc, "Env") != NULL) {
		if (json_object_get(doc, "Status") != NULL)
			read_status(r, doc);
		else if (json_object_get(doc, "Steps") != NULL ||
		    json_object_get(doc, "Files") != NULL ||
		    json_object_get(doc, "Schema") != NULL)
			read_lint(r, doc);
		else
			die(where, "neither the report of a lint nor of a status");
	} else if (json_object_get(doc, "Driver") != NULL &&
	    json_object_get(doc, "Start") != NULL) {
		read_apply(r, doc);
	} else {
		key = json_object_iter_key(json_object_iter(doc));
		die(where, "an object that no Atlas command prints%s%.40s%s",
		    key != NULL ? " (its first member is '" : "",
		    key != NULL ? key : "", key != NULL ? "')" : "");
	}
}

/* Is a value to be expected at p? prev: the last one ended there. */
static int
value_starts(const char *p, const char *begin, const char *prev)
{
	const char *q = p + 1 + strspn(p + 1, " \t\r\n"), *bol;

	if (*p == '{')
		return *q == '"' || *q == '}';
	if (*q == '{')
		return 1;
	if (*q != ']')
		return 0;
	for (bol = p; bol > begin && bol > prev && (bol[-1] == ' ' || bol[-1] == '\t'); bol--)
		;
	q += 1 + strspn(q + 1, " \t\r");
	return (bol == begin || bol == prev || bol[-1] == '\n') &&
	    (*q == '\0' || *q == '\n' || *q == '[' || *q == '{');
}

void
read_stream(struct report *r, const struct buf *in, const char *name)
{
	size_t len, line = 1, found = 0;
	char *text = repair_utf8(in->p != NULL ? in->p : "", in->len, &len);
	const char *p = text, *end = text + len, *counted = text, *prev = text;
	struct buf at = {0};
	json_error_t e;
	json_t *doc;

	for (; p < end; p++) {
		if ((*p != '{' && *p != '[') || !value_starts(p, text, prev))
			continue;
		for (; counted < p; counted++)
			line += *counted == '\n';
		at.len = 0;
		xbuf_addf(&at, "%s:%zu", name, line);
		where = at.p;
		doc = json_loadb(p, (size_t)(end - p),
		    JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &e);
		if (doc == NULL)
			die(where, "broken JSON (%s in line %zu): was the command that "
			    "wrote it cut short?", e.text, line + (size_t)e.line - 1);
		read_value(r, doc);
		json_decref(doc);
		found++;
		prev = p + e.position;
		p = prev - 1;
	}
	if (found == 0)
		die(name, "no JSON in it: see what the command said on its standard error");
	where = NULL;
	buf_free(&at);
	free(text);
}
