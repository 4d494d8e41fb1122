/*
 * yamlset.c - fuzz yamlset: what is set is read, and nothing else changes.
 *
 * input: POINTER 0 VALUE 0 DOCUMENT
 */
#include "fuzz.h"

#include <stdlib.h>
#include <strings.h>

#include <yaml.h>

const char *const target_tool = "yamlset";

/* The whole document as a tree; anchors resolved by libyaml. 0: it cannot. */
static int
load(yaml_document_t *d, struct bytes in)
{
	yaml_parser_t y;
	int ok;

	/* libyaml would count it as a column. */
	if (in.n >= 3 && memcmp(in.p, "\xef\xbb\xbf", 3) == 0) {
		in.p += 3;
		in.n -= 3;
	}
	must(yaml_parser_initialize(&y));
	yaml_parser_set_encoding(&y, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&y, (unsigned char *)in.p, in.n);
	ok = yaml_parser_load(&y, d);
	yaml_parser_delete(&y);
	return ok;
}

/* Are they the same but for one scalar, which then holds value? Its node. */
static yaml_node_t *
only_difference(yaml_document_t *a, yaml_document_t *b, struct bytes value)
{
	yaml_node_t *x, *y, *changed = NULL;
	ptrdiff_t i, n = a->nodes.top - a->nodes.start;

	must(n == b->nodes.top - b->nodes.start);
	for (i = 0; i < n; i++) {
		x = a->nodes.start + i;
		y = b->nodes.start + i;
		must(x->type == y->type);
		must(strcmp((char *)x->tag, (char *)y->tag) == 0);
		if (x->type == YAML_SEQUENCE_NODE) {
			must(x->data.sequence.items.top - x->data.sequence.items.start ==
			    y->data.sequence.items.top - y->data.sequence.items.start);
			must(memcmp(x->data.sequence.items.start,
				 y->data.sequence.items.start,
				 (size_t)((char *)x->data.sequence.items.top -
				     (char *)x->data.sequence.items.start)) == 0);
		} else if (x->type == YAML_MAPPING_NODE) {
			must(x->data.mapping.pairs.top - x->data.mapping.pairs.start ==
			    y->data.mapping.pairs.top - y->data.mapping.pairs.start);
			must(memcmp(x->data.mapping.pairs.start,
				 y->data.mapping.pairs.start,
				 (size_t)((char *)x->data.mapping.pairs.top -
				     (char *)x->data.mapping.pairs.start)) == 0);
		} else if (x->type == YAML_SCALAR_NODE &&
		    (x->data.scalar.length != y->data.scalar.length ||
			memcmp(x->data.scalar.value, y->data.scalar.value,
			    x->data.scalar.length) != 0 ||
			x->data.scalar.style != y->data.scalar.style)) {
			must(changed == NULL);
			changed = y;
			must(y->data.scalar.length == value.n);
			must(memcmp(y->data.scalar.value, value.p, value.n) == 0);
		}
	}
	return changed;
}

/* Would some reader take this plain text for something else than a string? */
static int
is_typed_word(struct bytes v)
{
	static const char *const words[] = {"", "~", "null", "true", "false", "yes", "no",
	    "on", "off", "y", "n", ".nan", ".inf", "-.inf", "+.inf", "<<", "="};
	char *end;
	size_t i;

	for (i = 0; i < sizeof words / sizeof *words; i++)
		if (strcasecmp(v.p, words[i]) == 0)
			return 1;
	/* strtod takes more than YAML does: a name, and blanks before it. */
	if (strcspn(v.p, "0123456789") == v.n ||
	    strpbrk(v.p, "iInNpP \t\n\v\f\r") != NULL)
		return 0;
	(void)strtod(v.p, &end);
	return *end == '\0';
}

/*
 * The raw text of a scalar that stands as the tool itself would write it: then
 * setting the value back, in the same style, must restore every byte.
 */
static int
is_own_style(struct bytes doc, const yaml_node_t *x)
{
	size_t start = x->start_mark.index, end = x->end_mark.index, i, j;
	const char *v = (const char *)x->data.scalar.value;
	size_t n = x->data.scalar.length;

	/* Marks count characters: only where these are bytes. */
	for (i = 0; i < doc.n; i++)
		if ((unsigned char)doc.p[i] >= 0x80)
			return 0;
	if (n == 0 && x->data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
		return 0;
	switch (x->data.scalar.style) {
	case YAML_PLAIN_SCALAR_STYLE:
		return end - start == n && memcmp(doc.p + start, v, n) == 0 &&
		    memchr(v, '\n', n) == NULL && memchr(v, '\t', n) == NULL;
	case YAML_SINGLE_QUOTED_SCALAR_STYLE:
		if (doc.p[start] != '\'')
			return 0;
		for (i = 0, j = start + 1; i < n && j < end; i++, j++) {
			if ((unsigned char)v[i] < 0x20 || v[i] == 0x7f ||
			    doc.p[j] != v[i])
				return 0;
			if (v[i] == '\'')
				j++;
		}
		return i == n && j == end - 1;
	case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
		if (doc.p[start] != '"')
			return 0;
		for (i = 0; i < n; i++)
			if ((unsigned char)v[i] < 0x20 || v[i] == 0x7f || v[i] == '"' ||
			    v[i] == '\\')
				return 0;
		return end - start == n + 2 && memcmp(doc.p + start + 1, v, n) == 0;
	default:
		return 0;
	}
}

void
target(struct bytes in)
{
	struct bytes pointer = field(&in, 0), value = field(&in, 0), doc = in;
	struct bytes was, got, set, again, back;
	yaml_document_t a, b;
	yaml_node_t *x = NULL, *y = NULL;
	yaml_scalar_style_t style = YAML_ANY_SCALAR_STYLE;
	ptrdiff_t i, at = 0;
	int code, set_code, own = 0;

	code = run(&was, doc, "--", pointer.p, NULL);
	set_code = run(&set, doc, "--", pointer.p, value.p, NULL);
	if (code != 0) {
		/* A bad value is said before the document is looked at. */
		must(set_code == code || set_code == 2);
		return;
	}
	must(was.n > 0 && was.p[was.n - 1] == '\n');
	was.p[--was.n] = '\0';
	if (set_code != 0) {
		must(set_code == 2);
		return;
	}

	/* What is set is read, and to set it twice is to set it once. */
	must(run(&got, set, "--", pointer.p, NULL) == 0);
	must(got.n == value.n + 1 && memcmp(got.p, value.p, value.n) == 0);
	must(run(&again, set, "--", pointer.p, value.p, NULL) == 0);
	must(equal(again, set));
	world_add("file.yaml", set);
	must(run(&again, doc, "-f", "file.yaml", pointer.p, NULL) == 0 &&
	    equal(again, got));

	/* The same tree but for one scalar. */
	if (load(&a, doc)) {
		must(load(&b, set));
		y = only_difference(&a, &b, value);
		must(y != NULL || equal(set, doc));
		for (i = 0; y != NULL && i < b.nodes.top - b.nodes.start; i++)
			if (y == b.nodes.start + i)
				x = a.nodes.start + (at = i);
		/* A tag of YAML's own says what it is: quotes would say it again. */
		if (y != NULL && y->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
		    strchr(set.p, '!') == NULL)
			must(!is_typed_word(value));
		own = x != NULL && is_own_style(doc, x);
		style = x != NULL ? x->data.scalar.style : style;
		yaml_document_delete(&b);
		yaml_document_delete(&a);
	}

	/* And back again. A NUL in the old value cannot be an argument. */
	if (strlen(was.p) != was.n)
		return;
	code = run(&back, set, "--", pointer.p, was.p, NULL);
	if (code == 2)
		return;
	must(code == 0);
	if (own) {
		must(load(&b, back));
		must(b.nodes.start[at].data.scalar.style != style || equal(back, doc));
		yaml_document_delete(&b);
	}
	must(run(&got, back, "--", pointer.p, NULL) == 0);
	must(got.n == was.n + 1 && memcmp(got.p, was.p, was.n) == 0);
}
