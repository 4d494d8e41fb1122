/*
 * atlasjson.c - fuzz atlasjson: each report is one that its reader can parse.
 *
 * input: a byte of options, LEVELS 0 STREAM
 */
#include "fuzz.h"

#include <expat.h>
#include <jansson.h>

const char *const target_tool = "atlasjson";

static const char file_text[] = "-- a table\nCREATE TABLE t (id int);\nDROP TABLE "
				"\"t\";\r\nALTER TABLE u ADD COLUMN c int;\n";

/* Every format but the ones below is read by people, in a terminal or a log. */
static void
check_lines(struct bytes out)
{
	size_t i;

	for (i = 0; i < out.n; i++)
		must(((unsigned char)out.p[i] >= 0x20 && out.p[i] != 0x7f) ||
		    out.p[i] == '\n' || out.p[i] == '\t');
	must(out.n == 0 || out.p[out.n - 1] == '\n');
}

/* Each line is a command of the workflow, not text that could start one. */
static void
check_github(struct bytes out)
{
	struct bytes line;

	check_lines(out);
	while (out.n > 0) {
		line = field(&out, '\n');
		must(strncmp(line.p, "::error", 7) == 0 ||
		    strncmp(line.p, "::warning", 9) == 0 ||
		    (strncmp(line.p, "::notice title=Migrations::", 27) == 0 &&
			out.n == 0) ||
		    strncmp(line.p, "::", 2) != 0);
	}
}

static json_t *
parsed(struct bytes out)
{
	json_t *v = json_loadb(out.p, out.n, JSON_REJECT_DUPLICATES, NULL);

	must(v != NULL);
	return v;
}

static void
check_gitlab(struct bytes out)
{
	json_t *v = parsed(out), *issue, *print, *seen = json_object();
	size_t i;

	must(json_is_array(v));
	json_array_foreach(v, i, issue) {
		must(json_is_string(json_object_get(issue, "description")));
		print = json_object_get(issue, "fingerprint");
		must(json_is_string(print));
		/* Two findings with one fingerprint would be shown as one. */
		must(json_object_get(seen, json_string_value(print)) == NULL);
		json_object_set_new(seen, json_string_value(print), json_true());
		must(json_is_string(
		    json_object_get(json_object_get(issue, "location"), "path")));
		must(json_integer_value(json_object_get(
			 json_object_get(json_object_get(issue, "location"), "lines"),
			 "begin")) >= 1);
	}
	json_decref(seen);
	json_decref(v);
}

static void
check_sarif(struct bytes out)
{
	json_t *v = parsed(out), *results, *result;
	size_t i;

	must(strcmp(json_string_value(json_object_get(v, "version")), "2.1.0") == 0);
	results =
	    json_object_get(json_array_get(json_object_get(v, "runs"), 0), "results");
	must(json_is_array(results));
	json_array_foreach(results, i, result) {
		must(json_is_string(json_object_get(result, "ruleId")));
		must(json_is_string(
		    json_object_get(json_object_get(result, "message"), "text")));
	}
	json_decref(v);
}

static void
check_junit(struct bytes out)
{
	XML_Parser x = XML_ParserCreate("UTF-8");

	must(XML_Parse(x, out.p, (int)out.n, 1) == XML_STATUS_OK);
	XML_ParserFree(x);
}

/* Strings closed, brackets in pairs; in a label of markup any bracket may stand. */
static void
check_dot(struct bytes out)
{
	size_t i;
	int quoted = 0, depth = 0, angle = 0;

	must(strncmp(out.p, "digraph", 7) == 0);
	for (i = 0; i < out.n; i++) {
		if (quoted && out.p[i] == '\\')
			i++;
		else if (out.p[i] == '"')
			quoted = !quoted;
		else if (quoted)
			continue;
		else if (out.p[i] == '<')
			angle++;
		else if (out.p[i] == '>' && angle > 0)	/* else of an arrow */
			angle--;
		else if (angle == 0 && strchr("{[", out.p[i]) != NULL && out.p[i] != '\0')
			depth++;
		else if (angle == 0 && strchr("}]", out.p[i]) != NULL && out.p[i] != '\0')
			must(depth-- > 0);
	}
	must(!quoted && depth == 0 && angle == 0);
	check_lines(out);
}

static void
check_mermaid(struct bytes out)
{
	must(strstr(out.p, "erDiagram\n") != NULL);
	check_lines(out);
}

static const struct {
	const char *name;
	void (*check)(struct bytes);
} formats[] = {
    {"text", check_lines},
    {"github", check_github},
    {"gitlab", check_gitlab},
    {"sarif", check_sarif},
    {"junit", check_junit},
    {"markdown", check_lines},
    {"dot", check_dot},
    {"mermaid", check_mermaid},
};

void
target(struct bytes in)
{
	struct bytes levels, out, text;
	int options, code, as_text;

	if (in.n == 0)
		return;
	options = *in.p++ & 15;
	in.n--;
	levels = field(&in, 0);
	world_add("src/db/migrations/1.sql", copy(file_text, sizeof file_text - 1));
	world_add("1.sql", copy(file_text, sizeof file_text - 1));
	if (options & 8)
		code = run(&out, in, "-f", formats[options & 7].name, NULL);
	else
		code = run(&out, in, "-d", "src/db/migrations", "-l", levels.p, "-f",
		    formats[options & 7].name, NULL);
	if (code == 2)
		return;
	formats[options & 7].check(out);
	/* What is wrong does not hang on who reads it. */
	if ((options & 7) < 6 && (options & 8)) {
		as_text = run(&text, in, NULL);
		must(as_text == code);
	}
}
