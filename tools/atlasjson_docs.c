/*
 * atlasjson_docs.c - the documents: migrate lint, apply, status; findings.
 */
#include "atlasjson.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sqltext.h"

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
 * "LINE:COL: unclosed quote '\''", counted in the file: look whether the quote
 * is there, for the file may have changed since.
 */
static void
place_quote(struct finding *f, const char *text)
{
	const char *p = f->src->text, *quote = strchr(text, '\'');
	char *end;
	size_t line = strtoul(text, &end, 10), col, i;

	col = *end == ':' ? strtoul(end + 1, NULL, 10) : 0;
	if (p == NULL || quote == NULL || col == 0)
		return;
	quote += quote[1] == '\\' ? 2 : 1;
	for (i = 1; i < line && p != NULL; i++)
		if ((p = strchr(p, '\n')) != NULL)
			p++;
	if (p != NULL && memchr(p, '\n', strnlen(p, col)) == NULL &&
	    strnlen(p, col) == col && p[col - 1] == *quote)
		set_line(f, line, col);
}

/*
 * Where Atlas says in words what it has no field for: "L4:" of atlas.sum, the
 * place of an unclosed quote, and the statement that failed, which is looked
 * up in the file.
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
		place_quote(f, text + sizeof scan - 1);
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
	const json_t *fixes = xget_array(diag, "SuggestedFixes");

	if (json_array_size(fixes) == 0)
		fixes = xget_array(report, "SuggestedFixes");
	if (json_array_size(fixes) == 0)
		return NULL;
	return keep_text(
	    xget_string(xget_element(fixes, 0, "SuggestedFixes"), "Message"));
}

static void
read_lint_file(struct report *r, const json_t *file, const char *dir)
{
	const char *name = xget_string(file, "Name"), *error = xget_string(file, "Error");
	const char *text = xget_string(file, "Text"), *about, *code, *msg;
	const json_t *reports = xget_array(file, "Reports"), *report, *diags, *diag;
	struct source *src;
	struct finding *f;
	enum level level = error != NULL ? LEVEL_ERROR : LEVEL_WARNING;
	size_t i, k, from = 0;
	int explained = 0;

	if (name == NULL || *name == '\0')
		xbad_document("a file without a name");
	src = source_get(r, dir, name);
	if (text != NULL) {
		src->text = text;
		src->len = strlen(text);
		src->from_json = 1;
		from = xsql_delimiter_line(src->text, src->len);
	}
	for (i = 0; i < json_array_size(reports); i++) {
		report = xget_element(reports, i, "Reports");
		about = xget_string(report, "Text");
		diags = xget_array(report, "Diagnostics");
		for (k = 0; k < json_array_size(diags); k++) {
			diag = xget_element(diags, k, "Diagnostics");
			code = str_or(xget_string(diag, "Code"), "atlas");
			msg = xget_string(diag, "Text");
			f = add_finding(r, src, code, msg);
			f->level = level_of(code, level);
			f->lint = 1;
			f->origin = FROM_ATLAS;
			f->about = keep_text(about);
			f->help = first_fix(diag, report);
			f->off = xget_count(diag, "Pos") + from;
			f->placed = 1;
			if (error != NULL && (about == NULL || strstr(error, about)))
				explained = 1;
		}
	}
	/* Not about a finding: the file could not be checked at all. */
	if (error != NULL && !explained) {
		f = add_finding(r, src,
		    strcmp(name, "atlas.sum") == 0 ? "integrity" : "replay", error);
		place_by_text(f, error);
	}
	add_item(r, src->path, src, error != NULL ? STATE_FAILED : STATE_DONE);
}

void
read_lint(struct report *r, const json_t *doc)
{
	const char *dir = source_dir(xget_string(xget_object(doc, "Env"), "Dir"));
	const json_t *steps = xget_array(doc, "Steps");
	const json_t *files = xget_array(doc, "Files"), *step;
	const char *name, *error, *told;
	struct item *it;
	size_t i, k;

	add_run(r, "migrate lint", 0);
	source_sum(r, dir);
	for (i = 0; i < json_array_size(files); i++)
		read_lint_file(r, xget_element(files, i, "Files"), dir);
	for (i = 0; i < json_array_size(steps); i++) {
		step = xget_element(steps, i, "Steps");
		name = str_or(xget_string(step, "Name"), "?");
		error = xget_string(step, "Error");
		/* The step "Analyze x.sql" repeats what Files has. */
		if (error == NULL && xget_object(step, "Result") != NULL)
			continue;
		it = add_item(r, name, NULL, error != NULL ? STATE_FAILED : STATE_DONE);
		it->note = keep_text(error != NULL ? error : xget_string(step, "Text"));
		if (error == NULL)
			continue;
		/* The error of a file is the same, mostly with more detail. */
		for (k = 0; k < json_array_size(files); k++) {
			told = xget_string(json_array_get(files, k), "Error");
			if (told != NULL && strstr(told, error) != NULL)
				break;
		}
		if (k == json_array_size(files))
			add_finding(
			    r, NULL, "step", sentence("%.100s: %.400s", name, error));
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
		if (t[i] == NULL ||
		    sscanf(t[i], "%4d-%2d-%2dT%2d:%2d:%12lf", &y, &mon, &d, &h, &min,
			&s[i]) != 6)
			return -1;
		/* Days since 1 March of year 0, so that leap days come last. */
		if (mon < 3) {
			y--;
			mon += 12;
		}
		/* clang-format off */
		s[i] += 60.0 * (min + 60.0 * (h + 24.0 * (365.0 * y + y / 4 -
		    y / 100 + y / 400 + (153 * mon - 457) / 5 + d)));
		/* clang-format on */
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

/*
 * 'scanning statements from "FILE": LINE:COL: unclosed quote' is the error of
 * that file, which was never begun: Atlas may put it with the file before. The file, or NULL when text says something else.
 */
static struct source *
unread_file(struct report *r, const char *dir, const char **text, const char **place)
{
	static const char scan[] = "scanning statements from \"";
	const char *p = *text != NULL ? strstr(*text, scan) : NULL, *end;
	struct source *src;
	char *name;

	end = p != NULL ? strstr(p + sizeof scan - 1, "\": ") : NULL;
	if (end == NULL)
		return NULL;
	*text = p;
	*place = end + 3;
	p += sizeof scan - 1;
	name = xcalloc((size_t)(end - p) + 1, 1);
	memcpy(name, p, (size_t)(end - p));
	src = source_get(r, dir, name);
	free(name);
	return src;
}

void
read_apply(struct report *r, const json_t *doc)
{
	const char *dir = source_dir(xget_string(doc, "Dir"));
	const json_t *pending = xget_array(doc, "Pending");
	const json_t *applied = xget_array(doc, "Applied");
	const json_t *file, *err, *stmts, *e;
	const char *error = xget_string(doc, "Error"), *name, *text, *place;
	struct run *run = add_run(r, "migrate apply", 1);
	struct finding *f;
	struct item *it;
	struct source *src, *unread = unread_file(r, dir, &error, &place);
	size_t i, done = 0, nstmts, napplied = json_array_size(applied);
	double secs;

	source_sum(r, dir);
	for (i = 0; i < napplied; i++) {
		file = xget_element(applied, i, "Applied");
		name = str_or(xget_string(file, "Name"), "?");
		err = xget_object(file, "Error");
		stmts = xget_array(file, "Applied");
		nstmts = json_array_size(stmts);
		src = source_get(r, dir, name);
		text = err != NULL ? xget_string(err, "Text") : NULL;
		if (unread != NULL && unread != src &&
		    unread_file(r, dir, &text, &place) == unread)
			err = NULL;
		it = add_item(r, src->path, src, err != NULL ? STATE_FAILED : STATE_DONE);
		it->seconds =
		    seconds_between(xget_string(file, "Start"), xget_string(file, "End"));
		it->note = sentence(err != NULL ? "stopped at statement %zu"
			: nstmts == 1           ? "%zu statement"
						: "%zu statements",
		    nstmts);
		if (err == NULL) {
			done++;
			continue;
		}
		f = add_finding(r, src, "apply", xget_string(err, "Text"));
		f->origin = FROM_ATLAS;
		f->stmt = keep_text(xget_string(err, "Stmt"));
		place_statement(f, stmts);
		run->failed = 1;
	}
	/* Pending is what was to do at the start, in the order of Applied. */
	for (i = napplied; i < json_array_size(pending); i++) {
		e = xget_element(pending, i, "Pending");
		name = str_or(xget_string(e, "Name"), "?");
		src = source_get(r, dir, name);
		add_item(r, src->path, src, src == unread ? STATE_FAILED : STATE_PENDING);
	}
	if (unread != NULL && !run->failed) {
		f = add_finding(r, unread, "apply", error);
		source_load(unread);
		place_quote(f, place);
		run->failed = 1;
	}
	if (error != NULL && !run->failed) {
		add_finding(r, NULL, "apply", error);
		run->failed = 1;
	}
	secs = seconds_between(xget_string(doc, "Start"), xget_string(doc, "End"));
	if (run->failed)
		run->note = sentence("failed after %zu of %zu file%s", done,
		    json_array_size(pending), json_array_size(pending) == 1 ? "" : "s");
	else if (napplied == 0)
		run->note =
		    keep_text(str_or(xget_string(doc, "Message"), "nothing to apply"));
	else
		run->note =
		    sentence("%zu file%s applied in %.1f ms, now at version %.200s", done,
			done == 1 ? "" : "s", secs * 1000,
			str_or(xget_string(doc, "Target"), "?"));
}

void
read_status(struct report *r, const json_t *doc)
{
	const char *dir = source_dir(xget_string(xget_object(doc, "Env"), "Dir"));
	const json_t *available = xget_array(doc, "Available");
	const json_t *applied = xget_array(doc, "Applied");
	const json_t *pending = xget_array(doc, "Pending");
	const json_t *late = xget_array(doc, "OutOfOrder");
	const json_t *e, *v;
	const char *error = xget_string(doc, "Error"), *name;
	struct run *run = add_run(r, "migrate status", 1);
	json_t *names = json_object();
	struct finding *f;
	struct item *it;
	struct source *src, *half = NULL; /* half: pending too, printed already */
	size_t i, done = 0, waiting = 0;

	if (names == NULL)
		die(NULL, "out of memory");
	source_sum(r, dir);
	for (i = 0; i < json_array_size(available); i++) {
		e = xget_element(available, i, "Available");
		name = xget_string(e, "Version");
		if (name != NULL && xget_string(e, "Name") != NULL)
			(void)json_object_set(names, name, json_object_get(e, "Name"));
	}
	for (i = 0; i < json_array_size(applied); i++) {
		e = xget_element(applied, i, "Applied");
		name = str_or(xget_string(e, "Version"), "?");
		v = json_object_get(names, name);
		src = v != NULL ? source_get(r, dir, json_string_value(v)) : NULL;
		it = add_item(r, src != NULL ? src->path : name, src, STATE_DONE);
		it->seconds = (double)xget_count(e, "ExecutionTime") / 1e9;
		it->note = keep_text(xget_string(e, "Type"));
		if (xget_count(e, "Applied") < xget_count(e, "Total") ||
		    xget_string(e, "Error") != NULL) {
			it->state = STATE_FAILED;
			it->note = sentence("%zu of %zu statements",
			    xget_count(e, "Applied"), xget_count(e, "Total"));
			f = add_finding(r, src, "status",
			    str_or(xget_string(e, "Error"),
				"the file was not applied to its end"));
			f->stmt = keep_text(xget_string(e, "ErrorStmt"));
			half = src;
			run->failed = 1;
		} else
			done++;
	}
	for (i = 0; i < json_array_size(pending); i++) {
		e = xget_element(pending, i, "Pending");
		name = str_or(xget_string(e, "Name"), "?");
		src = source_get(r, dir, name);
		if (src == half)
			continue;
		add_item(r, src->path, src, STATE_PENDING);
		waiting++;
	}
	for (i = 0; i < json_array_size(late); i++) {
		e = xget_element(late, i, "OutOfOrder");
		name = str_or(xget_string(e, "Name"), "?");
		f = add_finding(r, source_get(r, dir, name), "out-of-order",
		    "sorts before the last applied version, yet is not applied");
		f->level = level_of("out-of-order", LEVEL_WARNING);
	}
	if (error != NULL && !run->failed) {
		add_finding(r, NULL, "status", error);
		run->failed = 1;
	}
	run->note = sentence("%.20s: %zu applied, %s%zu pending, current %.100s",
	    str_or(xget_string(doc, "Status"), "?"), done,
	    run->failed ? "1 failed, " : "", waiting,
	    str_or(xget_string(doc, "Current"), "?"));
	json_decref(names);
}

/* ---- squawk, and whoever speaks like it: catdiff names an object, too ---- */

static enum level
level_word(const char *level)
{
	/* An unknown level counts as an error, so that no finding is lost. */
	return strcasecmp(level, "warning") == 0 ? LEVEL_WARNING
	    : strcasecmp(level, "notice") == 0   ? LEVEL_NOTICE
						 : LEVEL_ERROR;
}

static void
read_array(struct report *r, const json_t *doc, enum origin origin)
{
	const json_t *e;
	const char *file, *code;
	struct source *src;
	struct finding *f;
	size_t i;

	for (i = 0; i < json_array_size(doc); i++) {
		e = xget_element(doc, i, "the array");
		file = xget_string(e, "file");
		code = xget_string(e, "rule_name");
		if (code == NULL || xget_string(e, "message") == NULL)
			xbad_document("element %zu of the array is no finding: it has no "
				      "'rule_name' or no 'message'",
			    i);
		src = file != NULL && *file != '\0' ? source_get(r, NULL, file) : NULL;
		f = add_finding(r, src, code, xget_string(e, "message"));
		f->level =
		    level_of(code, level_word(str_or(xget_string(e, "level"), "Error")));
		f->big = json_is_true(json_object_get(e, "big"));
		if (f->big && f->level != LEVEL_OFF)
			f->level = LEVEL_ERROR;
		f->help = keep_text(xget_string(e, "help"));
		f->on = keep_text(xget_string(e, "object"));
		f->lint = 1;
		f->origin = origin;
		if (src == NULL)
			continue;
		/*
		 * line counts from 0, column in bytes from 0. No line: the finding is
		 * about the whole file.
		 */
		if (json_object_get(e, "line") != NULL)
			set_line(
			    f, xget_count(e, "line") + 1, xget_count(e, "column") + 1);
		source_load(src);
	}
}

void
read_findings(struct report *r, const json_t *doc)
{
	add_run(r, "findings", 0);
	read_array(r, doc, FROM_OTHER);
}

/* {"watched": [file, ...], "findings": [...]}: what PostgreSQL itself did. */
void
read_watch(struct report *r, const json_t *doc)
{
	const json_t *watched = xget_array(doc, "watched");
	struct source *src;
	size_t i;

	add_run(r, "watch", 0);
	for (i = 0; i < json_array_size(watched); i++) {
		if (!json_is_string(json_array_get(watched, i)))
			xbad_document("element %zu of 'watched' is not a string", i);
		src = source_get(r, NULL, json_string_value(json_array_get(watched, i)));
		src->watched = 1;
		source_load(src);
	}
	read_array(r, xget_array(doc, "findings"), FROM_WATCH);
}
