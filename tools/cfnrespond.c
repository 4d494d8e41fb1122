/*
 * cfnrespond.c - answer a CloudFormation custom resource's event.
 *
 * in:   the event, JSON, on stdin
 * out:  -s: the response body, at most 4096 bytes of JSON, no newline after it;
 *           with -j what an invocation returns that no stack waits for
 *       -g: fields of the event, one a line
 *       -l: the members of an object in the event, NAME=VALUE, one a line
 *       -u: the ResponseURL as lines for curl --config, never in an argv
 * exit: 0 done, 1 the event has no such field (-g, -l), 2 could not (no event)
 *
 * A body over 4096 bytes is refused by CloudFormation and its reason is lost,
 * so it is cut here: see fit(). The ResponseURL is a credential: no answer and
 * no message of this tool holds it. Nothing is sent anywhere.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "util.h"

#ifndef VERSION
#define VERSION "0.1.0"
#endif

#define BODY_MAX 4096       /* bytes of a response, after escaping */
#define RESULT_MAX 16384    /* bytes of what -j prints: a workflow keeps it */
#define ID_MAX 1024         /* bytes of a PhysicalResourceId */
#define EVENT_MAX (8 << 20) /* Lambda delivers 6 MB at most */
#define VALUE_MIN 64        /* a Data value of a SUCCESS keeps so many if it can */
#define SECRET_MIN 20       /* a part of the URL this long is told from a word */

#define ELLIPSIS "\xe2\x80\xa6"
#define REPLACEMENT "\xef\xbf\xbd"

static const char default_reason[] =
    "the custom resource failed and gave no reason; see the function's log";

/* What the caller wants to answer. text and data are clean, see xclean(). */
struct answer {
	const char *status;
	struct buf text; /* the reason, "" where there is none */
	json_t *data;    /* an object, string to string */
	json_t *counts;  /* an object, string to integer: with -j only */
	int noecho;
	int direct; /* -j */
	size_t max; /* bytes of the body */
};

/* The command line. */
static struct {
	const char *status, *text, *file, *list;
	char **data, **counts, **pointers;
	size_t ndata, ncounts, npointers;
	int direct, noecho, url;
} opt;

static void
usage(FILE *f)
{
	fputs("usage: cfnrespond -s SUCCESS|FAILED [-n] [-d key=value] "
	      "[-R file | -r text] <event\n"
	      "       cfnrespond -j -s SUCCESS|FAILED [-d key=value] [-k key=number] "
	      "[-R file | -r text] <event\n"
	      "       cfnrespond -g pointer ... <event\n"
	      "       cfnrespond -l pointer <event\n"
	      "       cfnrespond -u <event\n",
	    f);
}

/* ---- text ---- */

/* Each byte that is no UTF-8, and NUL, becomes U+FFFD. */
static void
add_repaired(struct buf *b, const char *p, size_t n)
{
	size_t i, start = 0, len;

	for (i = 0; i < n; i += len) {
		len = p[i] != '\0' ? utf8_len(p + i, n - i) : 0;
		if (len != 0)
			continue;
		xbuf_add(b, p + start, i - start);
		xbuf_adds(b, REPLACEMENT);
		len = 1;
		start = i + 1;
	}
	xbuf_add(b, p + start, n - start);
}

/* The longest prefix of at most max bytes that ends between characters. */
static size_t
prefix(const char *p, size_t n, size_t max)
{
	if (n <= max)
		return n;
	while (max > 0 && ((unsigned char)p[max] & 0xc0) == 0x80)
		max--;
	return max;
}

/* Replace what in b, wherever it is. */
static void
scrub(struct buf *b, const char *what, size_t n)
{
	struct buf new = {0};
	const char *p = b->p, *end = b->p + b->len, *next;

	while ((size_t)(end - p) >= n &&
	    (next = memchr(p, *what, (size_t)(end - p) - n + 1)) != NULL) {
		xbuf_add(&new, p, (size_t)(next - p));
		p = next;
		if (memcmp(p, what, n) == 0) {
			xbuf_adds(&new, "[ResponseURL]");
			p += n;
		} else
			xbuf_addc(&new, *p++);
	}
	xbuf_add(&new, p, (size_t)(end - p));
	buf_free(b);
	*b = new;
}

static int
hex_digit(char c)
{
	const char *digits = "0123456789abcdef0123456789ABCDEF", *p;

	p = c != '\0' ? strchr(digits, c) : NULL;
	return p != NULL ? (int)((p - digits) % 16) : -1;
}

static void
add_decoded(struct buf *b, const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (p[i] == '%' && i + 2 < n && hex_digit(p[i + 1]) >= 0 &&
		    hex_digit(p[i + 2]) >= 0) {
			xbuf_addc(
			    b, (char)(hex_digit(p[i + 1]) * 16 + hex_digit(p[i + 2])));
			i += 2;
		} else
			xbuf_addc(b, p[i]);
}

/*
 * Take the ResponseURL out of b: all of it, its query, and each long value in
 * the query, as written and decoded. The signature alone is enough to forge an
 * answer, and a program that quotes a URL may escape its "&" or decode it.
 */
static void
scrub_url(struct buf *b, const json_t *url)
{
	const char *p = json_string_value(url), *end, *eq;
	struct buf value = {0};
	size_t n = json_string_length(url);

	if (p == NULL || n < SECRET_MIN || b->len == 0)
		return;
	scrub(b, p, n);
	end = p + n;
	if ((p = memchr(p, '?', n)) == NULL)
		return;
	p++;
	if ((size_t)(end - p) >= SECRET_MIN)
		scrub(b, p, (size_t)(end - p));
	for (; p < end; p += n + 1) {
		for (n = 0; p + n < end && p[n] != '&'; n++)
			;
		eq = memchr(p, '=', n);
		if (eq == NULL || (size_t)(p + n - (eq + 1)) < SECRET_MIN)
			continue;
		scrub(b, eq + 1, (size_t)(p + n - (eq + 1)));
		value.len = 0;
		add_decoded(&value, eq + 1, (size_t)(p + n - (eq + 1)));
		if (value.len >= SECRET_MIN)
			scrub(b, value.p, value.len);
	}
	buf_free(&value);
}

/* Make foreign text fit to be sent. */
static void
xclean(struct buf *out, const char *p, size_t n, const json_t *event)
{
	xbuf_add(out, "", 0);
	add_repaired(out, p, n);
	scrub_url(out, json_object_get(event, "ResponseURL"));
}

/* ---- JSON ---- */

static json_t *
xstring(const char *p, size_t n)
{
	json_t *s = json_stringn(n != 0 ? p : "", n);

	if (s == NULL)
		die(NULL, "out of memory");
	return s;
}

static void
xset(json_t *object, const char *key, json_t *value)
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

static void
xdump(struct buf *b, const json_t *value)
{
	if (json_dump_callback(value, append, b, JSON_COMPACT | JSON_ENCODE_ANY) != 0)
		die(NULL, "out of memory");
}

/* The event, an object. The parser's own words would quote the event: cut. */
static json_t *
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
	add_repaired(&text, raw.p, raw.len);
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

static json_t *
xneed(const json_t *event, const char *key)
{
	json_t *s = json_object_get(event, key);

	if (!json_is_string(s) || json_string_length(s) == 0 ||
	    json_string_length(s) != strlen(json_string_value(s)))
		die("event", "'%s' is missing or no text: is it from CloudFormation?",
		    key);
	return s;
}

/* ---- -g and -u ---- */

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
 * One field is printed whatever is in it. Of several each has one line, empty
 * where there is no such field; a value that would make two lines is refused,
 * or whoever writes the event could shift the fields below it.
 */
static int
get(json_t *event, struct buf *out)
{
	const json_t *v;
	size_t i, start, n = opt.npointers;
	int status = EXIT_YES;

	for (i = 0; i < n; i++) {
		v = find(event, opt.pointers[i]);
		start = out->len;
		if (json_is_string(v))
			xbuf_add(out, json_string_value(v), json_string_length(v));
		else if (v != NULL)
			xdump(out, v);
		else
			status = EXIT_NO;
		if (n > 1 &&
		    memchr(out->p != NULL ? out->p + start : "", '\n',
			out->len - start) != NULL)
			die("event", "'%.200s' has a line end in it: get it alone",
			    opt.pointers[i]);
		if (v != NULL || n > 1)
			xbuf_addc(out, '\n');
	}
	return status;
}

/*
 * The members of the object that a pointer points to, in the order they came.
 * What is null is left out, as if it were not there; what is no string is
 * printed as JSON. A name or value that would make two lines, or a name with an
 * "=" in it, is refused, or whoever writes the event could forge a member.
 */
static int
list(json_t *event, struct buf *out)
{
	json_t *o = find(event, opt.list), *v;
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
			xdump(out, v);
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
static void
curl_config(const json_t *event, struct buf *out)
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

/* ---- -s ---- */

/*
 * The id that names the resource. A new one replaces the resource, and a
 * Delete of the old one follows: so the event's own is echoed, and on Create
 * it is made from the two ids that stay, the same at each delivery: the
 * logical id to be read by people, and 64 bits of FNV-1a over both ids
 * (nothing secret hangs on it, and it copes with any StackId). An Update or
 * Delete that names none comes after a Create that never answered.
 */
static json_t *
physical_id(const json_t *event)
{
	const char *type = json_string_value(xneed(event, "RequestType"));
	const json_t *ids[] = {
	    xneed(event, "StackId"), xneed(event, "LogicalResourceId")};
	json_t *id = json_object_get(event, "PhysicalResourceId");
	struct buf b = {0};
	uint64_t h = UINT64_C(0xcbf29ce484222325);
	const char *p;
	size_t i, j, n;

	if (strcmp(type, "Create") != 0 && strcmp(type, "Update") != 0 &&
	    strcmp(type, "Delete") != 0)
		die("event", "'RequestType' is not Create, Update or Delete");
	if (strcmp(type, "Create") != 0 && id != NULL && !json_is_null(id)) {
		if (!json_is_string(id))
			die("event", "'PhysicalResourceId' is no text");
		if (json_string_length(id) > 0)
			return json_incref(id);
	}
	for (i = 0; i < 2; i++) {
		p = json_string_value(ids[i]);
		/* The NUL too: it keeps the two apart. */
		for (j = 0; j <= json_string_length(ids[i]); j++)
			h = (h ^ (unsigned char)p[j]) * UINT64_C(0x100000001b3);
	}
	n = json_string_length(ids[1]);
	xbuf_add(&b, json_string_value(ids[1]),
	    prefix(json_string_value(ids[1]), n, ID_MAX - 17));
	xbuf_addf(
	    &b, "-%08lx%08lx", (unsigned long)(h >> 32), (unsigned long)(h & 0xffffffff));
	id = xstring(b.p, b.len);
	buf_free(&b);
	return id;
}

/* Whether a key of the event is a text that is not empty. */
static int
has_text(const json_t *event, const char *key)
{
	const char *p = json_string_value(json_object_get(event, key));

	return p != NULL && *p != '\0';
}

/*
 * What the invocation returns: the outcome by plain names; for Lambda's error
 * API the two it wants; and, where the event is that of a custom resource whose
 * answer someone else sends (CDK's provider framework), what that one wants.
 */
static void
add_result(struct buf *b, const struct answer *a, const json_t *event)
{
	json_t *body = json_object(), *data, *v;
	const char *key;
	struct buf number = {0};

	if (body == NULL || (data = json_object()) == NULL)
		die(NULL, "out of memory");
	if (strcmp(a->status, "FAILED") == 0) {
		xset(body, "errorType", xstring("Migration.Failed", 16));
		xset(body, "errorMessage", xstring(a->text.p, a->text.len));
	}
	xset(body, "status", xstring(a->status, strlen(a->status)));
	xset(body, "reason", xstring(a->text.p, a->text.len));
	json_object_foreach(a->data, key, v) {
		xset(body, key, json_incref(v));
		xset(data, key, json_incref(v));
	}
	json_object_foreach(a->counts, key, v) {
		xset(body, key, json_incref(v));
		number.len = 0;
		xdump(&number, v);
		xset(data, key, xstring(number.p, number.len));
	}
	if (has_text(event, "RequestType") && has_text(event, "StackId") &&
	    has_text(event, "LogicalResourceId")) {
		xset(body, "PhysicalResourceId", physical_id(event));
		xset(body, "Data", json_incref(data));
	}
	xdump(b, body);
	json_decref(data);
	json_decref(body);
	buf_free(&number);
}

static void
add_body(struct buf *b, const struct answer *a, const json_t *event)
{
	static const char *const ids[] = {"StackId", "RequestId", "LogicalResourceId"};
	json_t *body = json_object();
	size_t i;

	if (a->direct) {
		json_decref(body);
		add_result(b, a, event);
		return;
	}
	if (body == NULL)
		die(NULL, "out of memory");
	xset(body, "Status", xstring(a->status, strlen(a->status)));
	if (a->text.len > 0)
		xset(body, "Reason", xstring(a->text.p, a->text.len));
	xset(body, "PhysicalResourceId", physical_id(event));
	for (i = 0; i < sizeof ids / sizeof *ids; i++)
		xset(body, ids[i], json_incref(xneed(event, ids[i])));
	if (a->noecho)
		xset(body, "NoEcho", json_true());
	if (json_object_size(a->data) > 0)
		xset(body, "Data", json_incref(a->data));
	xdump(b, body);
	json_decref(body);
}

static size_t
body_size(const struct answer *a, const json_t *event)
{
	struct buf b = {0};
	size_t n;

	add_body(&b, a, event);
	n = b.len;
	buf_free(&b);
	return n;
}

/* A copy of data with no value over max bytes; at 0 nothing is left. */
static json_t *
cut_data(json_t *data, size_t max)
{
	json_t *new = json_object(), *v;
	struct buf b = {0};
	const char *key;

	if (new == NULL)
		die(NULL, "out of memory");
	json_object_foreach(data, key, v) {
		if (max == 0)
			break;
		b.len = 0;
		if (json_string_length(v) <= max)
			xbuf_add(&b, json_string_value(v), json_string_length(v));
		else if (max >= sizeof ELLIPSIS - 1) {
			xbuf_add(&b, json_string_value(v),
			    prefix(json_string_value(v), json_string_length(v),
				max - (sizeof ELLIPSIS - 1)));
			xbuf_adds(&b, ELLIPSIS);
		}
		xset(new, key, xstring(b.p, b.len));
	}
	buf_free(&b);
	return new;
}

/* Cut the longest values of Data to one length, as long as may be but >= min. */
static void
fit_data(struct answer *a, const json_t *event, size_t min)
{
	struct answer try = *a;
	size_t max = a->max, mid;
	int fits;

	if (body_size(a, event) <= a->max || json_object_size(a->data) == 0)
		return;
	while (min < max) {
		mid = max - (max - min) / 2;
		try.data = cut_data(a->data, mid);
		fits = body_size(&try, event) <= a->max;
		json_decref(try.data);
		if (fits)
			min = mid;
		else
			max = mid - 1;
	}
	try.data = cut_data(a->data, min);
	json_decref(a->data);
	a->data = try.data;
}

/* Both ends of text, the same of each: the cause may be at either. */
static void
cut_middle(struct buf *out, const struct buf *text, size_t keep)
{
	size_t head = prefix(text->p, text->len, keep - keep / 2);
	size_t tail = text->len - keep / 2;

	while (tail < text->len && ((unsigned char)text->p[tail] & 0xc0) == 0x80)
		tail++;
	xbuf_add(out, text->p, head);
	xbuf_addf(out, " [" ELLIPSIS " %zu bytes left out " ELLIPSIS "] ", tail - head);
	xbuf_add(out, text->p + tail, text->len - tail);
}

/* Cut the reason in the middle, as little as may be; a SUCCESS needs none. */
static void
fit_reason(struct answer *a, const json_t *event)
{
	struct answer try = *a;
	size_t low = 0, high, mid;

	if (body_size(a, event) <= a->max || a->text.len == 0)
		return;
	high = a->text.len < a->max ? a->text.len - 1 : a->max;
	memset(&try.text, 0, sizeof try.text);
	for (;;) {
		mid = high - (high - low) / 2;
		try.text.len = 0;
		cut_middle(&try.text, &a->text, mid);
		if (low == high)
			break;
		if (body_size(&try, event) <= a->max)
			low = mid;
		else
			high = mid - 1;
	}
	if (body_size(&try, event) > a->max) {
		try.text.len = 0;
		if (strcmp(a->status, "FAILED") == 0)
			xbuf_adds(&try.text, "failed");
	}
	buf_free(&a->text);
	a->text = try.text;
}

/*
 * Bring the body under its limit. Data goes before the reason, and all of it
 * where the answer is FAILED: nobody reads it then. A template reads the Data
 * of a SUCCESS and fails where a name is missing, so there each value is left
 * VALUE_MIN bytes until the reason, a remark then, is gone.
 */
static void
fit(struct answer *a, const json_t *event)
{
	json_t *data = json_incref(a->data);

	fit_data(a, event, strcmp(a->status, "FAILED") == 0 ? 0 : VALUE_MIN);
	fit_reason(a, event);
	fit_data(a, event, 0);
	if (!json_equal(data, a->data))
		warnx_at("Data", "cut, for a response has %zu bytes at most", a->max);
	json_decref(data);
	if (body_size(a, event) > a->max)
		die("event", "no answer of %zu bytes has room for its ids", a->max);
}

/* ---- options ---- */

static void
add_data(json_t *data, const char *arg, const json_t *event)
{
	const char *eq = strchr(arg, '=');
	struct buf key = {0}, value = {0};

	if (eq == NULL || eq == arg)
		die("-d", "not of the form key=value");
	xclean(&key, arg, (size_t)(eq - arg), event);
	xclean(&value, eq + 1, strlen(eq + 1), event);
	xset(data, key.p, xstring(value.p, value.len));
	buf_free(&key);
	buf_free(&value);
}

static void
add_count(json_t *counts, const char *arg)
{
	const char *eq = strchr(arg, '=');
	struct buf key = {0};
	size_t n = eq != NULL ? strspn(eq + 1, "0123456789") : 0;

	if (eq == NULL || eq == arg || n == 0 || n > 9 || eq[1 + n] != '\0')
		die("-k", "not of the form key=number");
	add_repaired(&key, arg, (size_t)(eq - arg));
	xset(counts, key.p, json_integer(strtol(eq + 1, NULL, 10)));
	buf_free(&key);
}

static void
set_reason(struct answer *a, const json_t *event)
{
	static const char blank[] = " \t\r\n";
	struct buf raw = {0};
	const char *p;
	size_t n;

	xbuf_add(&raw, "", 0);
	if (opt.file != NULL)
		xread_file(opt.file, &raw);
	else if (opt.text != NULL)
		xbuf_adds(&raw, opt.text);
	p = raw.p;
	n = raw.len;
	/* Blanks around it take room and say nothing. */
	for (; n > 0 && memchr(blank, *p, sizeof blank - 1) != NULL; p++)
		n--;
	while (n > 0 && memchr(blank, p[n - 1], sizeof blank - 1) != NULL)
		n--;
	xclean(&a->text, p, n, event);
	if (n == 0 && strcmp(a->status, "FAILED") == 0)
		xbuf_adds(&a->text, default_reason);
	buf_free(&raw);
}

/* An exit code, or -1 to go on. */
static int
options(int argc, char *argv[])
{
	int c;

	opt.data = xcalloc((size_t)argc, sizeof *opt.data);
	opt.counts = xcalloc((size_t)argc, sizeof *opt.counts);
	opt.pointers = xcalloc((size_t)argc, sizeof *opt.pointers);
	while ((c = getopt(argc, argv, "d:g:hjk:l:nR:r:s:uV")) != -1)
		switch (c) {
		case 'd':
			opt.data[opt.ndata++] = optarg;
			break;
		case 'g':
			if (!pointer_valid(optarg))
				die("-g", "'%.200s' is no pointer such as /RequestType",
				    optarg);
			opt.pointers[opt.npointers++] = optarg;
			break;
		case 'h':
			usage(stdout);
			return fflush(stdout) == 0 ? EXIT_YES : EXIT_CANNOT;
		case 'j':
			opt.direct = 1;
			break;
		case 'k':
			opt.counts[opt.ncounts++] = optarg;
			break;
		case 'l':
			if (!pointer_valid(optarg))
				die("-l", "'%.200s' is no pointer such as /RequestType",
				    optarg);
			opt.list = optarg;
			break;
		case 'n':
			opt.noecho = 1;
			break;
		case 'R':
			opt.file = optarg;
			break;
		case 'r':
			opt.text = optarg;
			break;
		case 's':
			if (strcmp(optarg, "SUCCESS") != 0 &&
			    strcmp(optarg, "FAILED") != 0)
				die("-s", "'%.40s' is neither SUCCESS nor FAILED",
				    optarg);
			opt.status = optarg;
			break;
		case 'u':
			opt.url = 1;
			break;
		case 'V':
			printf("cfnrespond %s\n", VERSION);
			return fflush(stdout) == 0 ? EXIT_YES : EXIT_CANNOT;
		default:
			usage(stderr);
			return EXIT_CANNOT;
		}
	/* One job of the four, and no option that belongs to another. */
	if (optind == argc &&
	    (opt.status != NULL) + (opt.npointers > 0) + (opt.list != NULL) + opt.url ==
		1 &&
	    (opt.status != NULL ||
		(opt.ndata == 0 && !opt.noecho && !opt.direct && opt.file == NULL &&
		    opt.text == NULL)) &&
	    (opt.direct ? !opt.noecho : opt.ncounts == 0) &&
	    (opt.file == NULL || opt.text == NULL))
		return -1;
	usage(stderr);
	return EXIT_CANNOT;
}

static void
respond(const json_t *event, struct buf *out)
{
	struct answer a = {.status = opt.status,
	    .noecho = opt.noecho,
	    .direct = opt.direct,
	    .max = opt.direct ? RESULT_MAX : BODY_MAX};
	size_t i;

	if ((a.data = json_object()) == NULL || (a.counts = json_object()) == NULL)
		die(NULL, "out of memory");
	for (i = 0; i < opt.ncounts; i++)
		add_count(a.counts, opt.counts[i]);
	for (i = 0; i < opt.ndata; i++)
		add_data(a.data, opt.data[i], event);
	set_reason(&a, event);
	fit(&a, event);
	add_body(out, &a, event);
	json_decref(a.counts);
	json_decref(a.data);
	buf_free(&a.text);
}

int
main(int argc, char *argv[])
{
	struct buf out = {0};
	json_t *event;
	int status;

	util_tool = "cfnrespond";
	/* Short of memory, jansson would drop characters of a string and go on. */
	json_set_alloc_funcs(xmalloc, free);
	status = options(argc, argv);
	if (status >= 0)
		return status;
	event = xread_event();
	status = EXIT_YES;
	if (opt.npointers > 0)
		status = get(event, &out);
	else if (opt.list != NULL)
		status = list(event, &out);
	else if (opt.url)
		curl_config(event, &out);
	else
		respond(event, &out);
	xwrite_stdout(out.p, out.len);
	json_decref(event);
	buf_free(&out);
	return status;
}
