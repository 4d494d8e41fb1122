/*
 * cfnrespond_body.c - the answer, within its limit.
 *
 * The id that an answer carries is made here, too: it is part of the body.
 */
#include "cfnrespond.h"

#include <stdint.h>
#include <string.h>

#define ID_MAX 1024  /* bytes of a PhysicalResourceId */
#define VALUE_MIN 64 /* a Data value of a SUCCESS keeps so many if it can */

#define ELLIPSIS "\xe2\x80\xa6"

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
	    prefix_utf8(json_string_value(ids[1]), n, ID_MAX - 17));
	xbuf_addf(
	    &b, "-%08lx%08lx", (unsigned long)(h >> 32), (unsigned long)(h & 0xffffffff));
	id = xjson_string(b.p, b.len);
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
		xjson_set(body, "errorType", xjson_string("Migration.Failed", 16));
		xjson_set(body, "errorMessage", xjson_string(a->text.p, a->text.len));
	}
	xjson_set(body, "status", xjson_string(a->status, strlen(a->status)));
	xjson_set(body, "reason", xjson_string(a->text.p, a->text.len));
	json_object_foreach(a->data, key, v) {
		xjson_set(body, key, json_incref(v));
		xjson_set(data, key, json_incref(v));
	}
	json_object_foreach(a->counts, key, v) {
		xjson_set(body, key, json_incref(v));
		number.len = 0;
		xjson_dump(&number, v);
		xjson_set(data, key, xjson_string(number.p, number.len));
	}
	if (has_text(event, "RequestType") && has_text(event, "StackId") &&
	    has_text(event, "LogicalResourceId")) {
		xjson_set(body, "PhysicalResourceId", physical_id(event));
		xjson_set(body, "Data", json_incref(data));
	}
	xjson_dump(b, body);
	json_decref(data);
	json_decref(body);
	buf_free(&number);
}

void
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
	xjson_set(body, "Status", xjson_string(a->status, strlen(a->status)));
	if (a->text.len > 0)
		xjson_set(body, "Reason", xjson_string(a->text.p, a->text.len));
	xjson_set(body, "PhysicalResourceId", physical_id(event));
	for (i = 0; i < sizeof ids / sizeof *ids; i++)
		xjson_set(body, ids[i], json_incref(xneed(event, ids[i])));
	if (a->noecho)
		xjson_set(body, "NoEcho", json_true());
	if (json_object_size(a->data) > 0)
		xjson_set(body, "Data", json_incref(a->data));
	xjson_dump(b, body);
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
			    prefix_utf8(json_string_value(v), json_string_length(v),
				max - (sizeof ELLIPSIS - 1)));
			xbuf_adds(&b, ELLIPSIS);
		}
		xjson_set(new, key, xjson_string(b.p, b.len));
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
	size_t head = prefix_utf8(text->p, text->len, keep - keep / 2);
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
 * Bring the body under its limit. Data is cut before the reason, and wholly where the
 * answer is FAILED, since CloudFormation does not read it then. A template reads the Data
 * of a SUCCESS and fails where a name is missing, so each of its values keeps VALUE_MIN
 * bytes until the reason, which is only a remark then, is gone.
 */
void
fit_answer(struct answer *a, const json_t *event)
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
