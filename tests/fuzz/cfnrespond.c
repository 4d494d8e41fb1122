/*
 * cfnrespond.c - fuzz cfnrespond: each answer is one that CloudFormation takes.
 *
 * input: a byte of options, REASON 0 KEY=VALUE 0 POINTER 0 EVENT
 */
#include "fuzz.h"

#include <jansson.h>

const char *const target_tool = "cfnrespond";

static const char *const ids[] = {"StackId", "RequestId", "LogicalResourceId"};

static const char *
text_of(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

static void
check_answer(struct bytes out, const json_t *event, const char *status, int noecho)
{
	json_t *o, *v;
	const char *url, *id, *key, *echoed;
	size_t i;

	must(out.n <= 4096);
	o = json_loadb(out.p, out.n, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
	must(json_is_object(o));
	must(strcmp(text_of(o, "Status"), status) == 0);
	for (i = 0; i < sizeof ids / sizeof *ids; i++)
		must(json_equal(
		    json_object_get(o, ids[i]), json_object_get(event, ids[i])));
	id = text_of(o, "PhysicalResourceId");
	must(id != NULL &&
	    json_string_length(json_object_get(o, "PhysicalResourceId")) > 0);
	echoed = text_of(event, "PhysicalResourceId");
	if (strcmp(text_of(event, "RequestType"), "Create") != 0 && echoed != NULL &&
	    json_string_length(json_object_get(event, "PhysicalResourceId")) > 0)
		must(json_equal(json_object_get(o, "PhysicalResourceId"),
		    json_object_get(event, "PhysicalResourceId")));
	else
		must(strlen(id) <= 1024);
	must(strcmp(status, "FAILED") != 0 ||
	    json_string_length(json_object_get(o, "Reason")) > 0);
	must(json_is_true(json_object_get(o, "NoEcho")) == noecho);
	/* The address to answer to is a secret. */
	url = text_of(event, "ResponseURL");
	if (url != NULL && strlen(url) >= 20 &&
	    strlen(url) == json_string_length(json_object_get(event, "ResponseURL"))) {
		v = json_object_get(o, "Reason");
		must(v == NULL || strstr(json_string_value(v), url) == NULL);
		json_object_foreach(json_object_get(o, "Data"), key, v) {
			must(json_is_string(v) &&
			    strstr(json_string_value(v), url) == NULL);
			must(strstr(key, url) == NULL);
		}
	}
	json_decref(o);
}

void
target(struct bytes in)
{
	struct bytes reason, data, pointer, out, again, one, two;
	const char *status, *noecho, *url;
	json_t *event, *v;
	size_t i, lines;
	int options, code;

	if (in.n == 0)
		return;
	options = *in.p++;
	in.n--;
	status = options & 1 ? "FAILED" : "SUCCESS";
	noecho = options & 2 ? "-ns" : "-s";
	reason = field(&in, 0);
	data = field(&in, 0);
	pointer = field(&in, 0);
	event = json_loadb(in.p, in.n, JSON_ALLOW_NUL, NULL);

	/* The long texts that have to be cut, from short input. */
	for (i = 0; (options & 4) != 0 && i < 5; i++) {
		add(&reason, reason.p, reason.n);
		add(&data, data.p, data.n);
	}
	world_add("reason", reason);
	if (strchr(data.p, '=') > data.p)
		code = run(&out, in, noecho, status, "-d", data.p, "-d", "key=value",
		    "-R", "reason", NULL);
	else
		code = run(&out, in, noecho, status, "-R", "reason", NULL);
	must(code == 0 || code == 2);
	if (code == 0) {
		if (event != NULL)
			check_answer(out, event, status, options >> 1 & 1);
		else /* repaired: the answer is JSON all the same */
			must((v = json_loadb(out.p, out.n, JSON_ALLOW_NUL, NULL)) != NULL &&
			    (json_decref(v), 1));
		/* An event delivered again gets the same answer. */
		if (strlen(reason.p) == reason.n && strchr(data.p, '=') == NULL &&
		    reason.n < 100000) {
			must(run(&again, in, noecho, status, "-r", reason.p, NULL) == 0);
			must(equal(again, out));
		}
	}

	code = run(&out, in, "-u", NULL);
	if (code == 0) {
		for (i = lines = 0; i < out.n; i++)
			lines += out.p[i] == '\n';
		must(lines == 3 &&
		    memcmp(out.p, "globoff\npath-as-is\nurl = \"http", 30) == 0);
		must(memcmp(out.p + out.n - 2, "\"\n", 2) == 0);
		must(memchr(out.p + 26, '"', out.n - 28) == NULL);
		url = event != NULL ? text_of(event, "ResponseURL") : NULL;
		must(url == NULL || has(out, url, strlen(url)));
	}

	code = run(&one, in, "-g", pointer.p, NULL);
	if (code == 1)
		must(one.n == 0);
	if (code != 2) {
		/* Of two, each has its line. */
		code = run(&two, in, "-g", pointer.p, "-g", "/RequestType", NULL);
		for (i = lines = 0; i < two.n; i++)
			lines += two.p[i] == '\n';
		must(code == 2 || lines == 2);
		must(code == 2 || one.n == 0 || memcmp(one.p, two.p, one.n) == 0);
	}
	json_decref(event);
}
