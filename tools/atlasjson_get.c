/* atlasjson_get.c - typed access to JSON; a member of the wrong type ends the tool. */
#include "atlasjson.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *where; /* "input:line" of the value being read */

void
set_document(const char *place)
{
	where = place;
}

void
xbad_document(const char *fmt, ...)
{
	va_list ap;
	char text[256];

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	die(where, "%s", text);
}

/* The member, of that type; NULL where there is none, or null. */
static json_t *
xget(const json_t *o, const char *key, json_type type, const char *what)
{
	json_t *v = json_object_get(o, key);

	if (v == NULL || json_is_null(v))
		return NULL;
	if (json_typeof(v) != type)
		die(where, "'%s' is not %s", key, what);
	return v;
}

const char *
xget_string(const json_t *o, const char *key)
{
	json_t *v = xget(o, key, JSON_STRING, "a string");
	char *copy;
	size_t i, n;

	if (v == NULL)
		return NULL;
	n = json_string_length(v);
	if (strlen(json_string_value(v)) != n) {
		/* A NUL would end the text early for us, and only for us. */
		copy = xmalloc(n + 1);
		memcpy(copy, json_string_value(v), n + 1);
		for (i = 0; i < n; i++)
			if (copy[i] == '\0')
				copy[i] = '?';
		if (json_string_setn(v, copy, n) != 0)
			die(NULL, "out of memory");
		free(copy);
	}
	return json_string_value(v);
}

const json_t *
xget_array(const json_t *o, const char *key)
{
	return xget(o, key, JSON_ARRAY, "an array");
}

const json_t *
xget_object(const json_t *o, const char *key)
{
	return xget(o, key, JSON_OBJECT, "an object");
}

/* Element i of an array that xget_array() gave. */
const json_t *
xget_element(const json_t *a, size_t i, const char *key)
{
	const json_t *v = json_array_get(a, i);

	if (!json_is_object(v))
		die(where, "'%s' has an element that is not an object", key);
	return v;
}

/* Clamped to what a position or count can be; 0 when missing. */
size_t
xget_count(const json_t *o, const char *key)
{
	const json_t *v = xget(o, key, JSON_INTEGER, "an integer");

	return v == NULL || json_integer_value(v) < 0 ? 0 : (size_t)json_integer_value(v);
}
