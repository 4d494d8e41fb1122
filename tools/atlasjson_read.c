/*
 * atlasjson_read.c - from a stream of bytes to the report.
 *
 * A stream is a row of JSON values with plain text around them. A value starts
 * at a '{' followed by a string and a ':', or at a '[' followed by such a '{',
 * or is a "[]" with its line to itself; anything else is noise. What starts so
 * has to parse: else a report that was cut short would read as clean.
 */
#include "atlasjson.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *documents; /* keeps every string alive */
static void
read_value(struct report *r, json_t *doc)
{
	const char *key;

	if (documents == NULL)
		documents = json_array();
	if (json_array_append(documents, doc) != 0)
		die(NULL, "out of memory");
	if (json_is_array(doc)) {
		read_findings(r, doc);
	} else if (json_object_get(doc, "watched") != NULL) {
		read_watch(r, doc);
	} else if (json_is_array(json_object_get(doc, "schemas"))) {
		if (r->schemas != NULL)
			xbad_document("a second schema: there can be one picture only");
		r->schemas = json_object_get(doc, "schemas");
	} else if (json_object_get(doc, "Env") != NULL) {
		if (json_object_get(doc, "Status") != NULL)
			read_status(r, doc);
		else if (json_object_get(doc, "Steps") != NULL ||
		    json_object_get(doc, "Files") != NULL ||
		    json_object_get(doc, "Schema") != NULL)
			read_lint(r, doc);
		else
			xbad_document("neither the report of a lint nor of a status");
	} else if (json_object_get(doc, "Driver") != NULL &&
	    json_object_get(doc, "Start") != NULL) {
		read_apply(r, doc);
	} else {
		key = json_object_iter_key(json_object_iter(doc));
		xbad_document("an object that no Atlas command prints%s%.40s%s",
		    key != NULL ? " (its first member is '" : "", key != NULL ? key : "",
		    key != NULL ? "')" : "");
	}
}

/* A '{' with its first member's name behind it, or with the end of the input. */
static int
object_starts(const char *p, const char *end)
{
	p += 1 + strspn(p + 1, " \t\r\n");
	if (*p == '"') {
		p += 1 + strcspn(p + 1, "\"\\\n");
		if (*p == '"') {
			p++;
			p += strspn(p, " \t\r\n");
		}
		return *p == ':' || p == end;
	}
	return p == end;
}

/* Is a value to be expected at p? prev: the last one ended there. */
static int
value_starts(const char *p, const char *begin, const char *prev, const char *end)
{
	const char *q = p + 1 + strspn(p + 1, " \t\r\n"), *bol;

	if (*p == '{')
		return object_starts(p, end);
	if (*q == '{')
		return object_starts(q, end);
	if (*q != ']')
		return 0;
	bol = p;
	while (bol > begin && bol > prev && (bol[-1] == ' ' || bol[-1] == '\t'))
		bol--;
	q += 1 + strspn(q + 1, " \t\r");
	return (bol == begin || bol == prev || bol[-1] == '\n') &&
	    (q == end || *q == '\n' || *q == '[' || *q == '{');
}

/* Without the text it is near to: that may be a piece of a password. */
static void
broken(const json_error_t *e, size_t line)
{
	const char *near = strstr(e->text, " near ");
	int n = near != NULL ? (int)(near - e->text) : (int)strlen(e->text);

	line += (size_t)e->line - 1;
	if (json_error_code(e) == json_error_premature_end_of_input)
		xbad_document(
		    "the JSON ends too early, in line %zu: was the command that "
		    "wrote it stopped?",
		    line);
	xbad_document("broken JSON: %.*s, in line %zu", n, e->text, line);
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
		if ((*p != '{' && *p != '[') || !value_starts(p, text, prev, end))
			continue;
		for (; counted < p; counted++)
			line += *counted == '\n';
		at.len = 0;
		xbuf_addf(&at, "%s:%zu", name, line);
		set_document(at.p);
		doc = json_loadb(p, (size_t)(end - p),
		    JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &e);
		if (doc == NULL)
			broken(&e, line);
		read_value(r, doc);
		json_decref(doc);
		found++;
		prev = p + e.position;
		p = prev - 1;
	}
	buf_free(&at);
	free(text);
	if (found == 0)
		die(name,
		    "no JSON in it: see what the command said on its standard "
		    "error");
	set_document("schema"); /* all that is left to be looked at */
}
