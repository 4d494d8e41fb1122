/* cfnrespond_event.c - the event: read, and its fields. */
#include "cfnrespond.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EVENT_MAX (8 << 20) /* Lambda delivers 6 MB at most */

json_t *
xjson_string(const char *p, size_t n)
{
	json_t *s = json_stringn(n != 0 ? p : "", n);

	if (s == NULL)
		die(NULL, "out of memory");
	return s;
}

void
xjson_set(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value) != 0)
		die(NULL, "out of memory");
}

static int
append(const char *p, size_t n, void *b)
{
	xbuf_add(b, p, n);
	return 0;
}

void
xjson_dump(struct buf *b, const json_t *value)
{
	if (json_dump_callback(value, append, b, JSON_COMPACT | JSON_ENCODE_ANY) != 0)
		die(NULL, "out of memory");
}

/* The event, an object. The parser's own words would quote the event: cut. */
json_t *
xread_event(void)
{
	struct buf raw = {0}, text = {0};
	json_error_t e;
	json_t *event;
	char *near;

	xread_fd(STDIN_FILENO, "event", &raw);
	if (raw.len > EVENT_MAX)
		die("event", "%zu bytes: Lambda delivers no event of more than %d",
		    raw.len, EVENT_MAX);
	if (raw.len == 0)
		die("event", "empty; the event is read from standard input");
	xbuf_utf8(&text, raw.p, raw.len, 1);
	event = json_loadb(text.p, text.len, JSON_ALLOW_NUL, &e);
	if (event == NULL) {
		if ((near = strstr(e.text, " near ")) != NULL)
			*near = '\0';
		die("event", "line %d, column %d: not JSON: %s", e.line, e.column,
		    e.text);
	}
	if (!json_is_object(event))
		die("event", "not a JSON object");
	buf_free(&raw);
	buf_free(&text);
	return event;
}

json_t *
xneed(const json_t *event, const char *key)
{
	json_t *s = json_object_get(event, key);

	if (!json_is_string(s) || json_string_length(s) == 0 ||
	    json_string_length(s) != strlen(json_string_value(s)))
		die("event", "'%s' is missing or no text: is it from CloudFormation?",
		    key);
	return s;
}

/* What an RFC 6901 pointer points to, or NULL. */
static json_t *
find(json_t *v, const char *pointer)
{
	struct buf tok = {0};
	size_t i, digits;

	while (v != NULL && xpointer_next(&pointer, &tok)) {
		digits = strspn(tok.p, "0123456789");
		if (json_is_object(v))
			v = json_object_get(v, tok.p);
		else if (json_is_array(v) && digits > 0 && digits == tok.len &&
		    digits < 10 && (tok.p[0] != '0' || digits == 1)) {
			i = strtoul(tok.p, NULL, 10);
			v = json_array_get(v, i);
		} else
			v = NULL;
	}
	buf_free(&tok);
	return v;
}

/*
 * A single field is printed whatever is in it. Several fields have one line each, empty
 * where there is no such field; a value that would make two lines is refused, or the
 * author of an event could shift the fields below it.
 */
int
print_fields(json_t *event, char *const *pointers, size_t n, struct buf *out)
{
	const json_t *v;
	size_t i, start;
	int status = EXIT_YES;

	for (i = 0; i < n; i++) {
		v = find(event, pointers[i]);
		start = out->len;
		if (json_is_string(v))
			xbuf_add(out, json_string_value(v), json_string_length(v));
		else if (v != NULL)
			xjson_dump(out, v);
		else
			status = EXIT_NO;
		if (n > 1 &&
		    memchr(out->p != NULL ? out->p + start : "", '\n',
			out->len - start) != NULL)
			die("event", "'%.200s' has a line end in it: get it alone",
			    pointers[i]);
		if (v != NULL || n > 1)
			xbuf_addc(out, '\n');
	}
	return status;
}

/*
 * The members of the object that a pointer points to, in the order they came. A null is
 * left out, as if the member were not there; a value that is no string is printed as
 * JSON. A name or value that would make two lines, or a name with an "=" in it, is
 * refused, or the author of an event could forge a member.
 */
int
print_members(json_t *event, const char *pointer, struct buf *out)
{
	json_t *o = find(event, pointer), *v;
	const char *key;
	size_t start;

	if (!json_is_object(o))
		return EXIT_NO;
	json_object_foreach(o, key, v) {
		if (json_is_null(v))
			continue;
		if (strpbrk(key, "=\n") != NULL)
			die("event", "a member's name has a line end or '=' in it");
		xbuf_addf(out, "%s=", key);
		start = out->len;
		if (json_is_string(v))
			xbuf_add(out, json_string_value(v), json_string_length(v));
		else
			xjson_dump(out, v);
		if (memchr(out->p + start, '\n', out->len - start) != NULL)
			die("event", "'%.200s' has a line end in it", key);
		xbuf_addc(out, '\n');
	}
	return EXIT_YES;
}

/* The length of a host and an optional port at p, or 0. */
static size_t
authority(const char *p)
{
	static const char host_chars[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
	size_t n, digits;

	n = strncmp(p, "[::1]", 5) == 0 ? 5 : strspn(p, host_chars);
	if (n > 0 && p[n] == ':') {
		digits = strspn(p + n + 1, "0123456789");
		n = digits > 0 ? n + 1 + digits : 0;
	}
	return n;
}

/*
 * https, or http to this very machine, as tests do. After the host only what
 * ends it: "http://localhost@elsewhere" is elsewhere. Nothing that could end
 * curl's quoted string. curl would also read {} and [] as lists of URLs and
 * take /../ out of the path; the signature holds for the text as it is.
 */
void
print_curl(const json_t *event, struct buf *out)
{
	static const char *const local[] = {"localhost", "127.0.0.1", "[::1]"};
	const json_t *v = xneed(event, "ResponseURL");
	const char *url = json_string_value(v), *p = url, *host;
	size_t n = 0, i;
	int ok = 0;

	if (strncmp(url, "https://", 8) == 0) {
		host = url + 8;
		ok = 1;
	} else if (strncmp(url, "http://", 7) == 0) {
		host = url + 7;
		for (i = 0; i < sizeof local / sizeof *local; i++) {
			n = strlen(local[i]);
			if (strncmp(host, local[i], n) == 0 &&
			    strchr(":/?", host[n]) != NULL)
				ok = 1;
		}
	} else
		host = "";
	n = authority(host);
	if (!ok || n == 0 || strchr("/?", host[n]) == NULL)
		die("event", "'ResponseURL' is no https URL");
	for (; *p > ' ' && *p < 0x7f && *p != '"' && *p != '\\'; p++)
		;
	if ((size_t)(p - url) != json_string_length(v))
		die("event", "'ResponseURL' has a character in it that no URL has");
	xbuf_addf(out, "globoff\npath-as-is\nurl = \"%s\"\n", url);
}
