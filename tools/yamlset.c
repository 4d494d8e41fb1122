/*
 * yamlset.c - read or change one scalar of a YAML document.
 *
 * Input: one YAML document in UTF-8 (stdin, -f FILE, or -i FILE to edit in
 * place) and a JSON pointer (RFC 6901) that names the scalar. Output: the
 * scalar's text and a newline; with a VALUE, the input with that scalar
 * changed and every other byte as it was. VALUE is quoted when it must be to
 * read back as the same string under YAML 1.1 and 1.2. Exit: 0 done, 1 no such
 * scalar, 2 could not (bad YAML, an alias or a collection, an ambiguous name).
 *
 * libyaml's events say where the scalar is; the bytes around it are copied,
 * never emitted anew. Before anything is written the result is parsed again,
 * beside what was read: all their events but one must be the same, and that one
 * must hold VALUE. Most often the lines of one key are enough for that.
 */
#include "yamlset.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef VERSION
#define VERSION "0.2.0"
#endif

static const char usage_text[] = "usage: yamlset [-f file] pointer [value]\n"
				 "       yamlset -i file pointer value\n"
				 "       yamlset -h | -V\n";
static const char version_text[] = "yamlset " VERSION "\n";

static void NORETURN
usage(void)
{
	fputs(usage_text, stderr);
	exit(EXIT_CANNOT);
}

/* The text with the value in it; 0 when it stands there already. */
static int
edit(struct buf *out, const struct search *sr, const char *value)
{
	const struct scalar *s = &sr->scalar;
	struct text edited;

	if (is_same(s, value))
		return 0;
	put_changed(out, sr->in, s, value);
	text_open(&edited, sr->in->name, out);
	if (!is_sound(sr, &edited, value))
		die(at(sr->in, &s->where),
		    "cannot change this scalar and nothing else: "
		    "edit it by hand");
	return 1;
}

static void
check_value(const char *v)
{
	size_t n = strlen(v), i, w;

	for (i = 0; i < n; i += w) {
		w = utf8_len(v + i, n - i);
		if (w == 0)
			die(NULL, "the value is not valid UTF-8 (byte %zu)", i + 1);
	}
}

int
main(int argc, char *argv[])
{
	struct buf file = {NULL, 0, 0}, out = {NULL, 0, 0};
	const char *path = NULL, *value;
	struct text in;
	struct search sr;
	int in_place = 0, is_new, c, status;

	util_tool = "yamlset";
	/* "+": GNU getopt would take a VALUE of "-5" for an option. */
	while ((c = getopt(argc, argv, "+f:hi:V")) != -1) {
		switch (c) {
		case 'f':
		case 'i':
			if (path != NULL)
				usage();
			path = optarg;
			in_place = c == 'i';
			break;
		case 'h':
			xwrite_stdout(usage_text, strlen(usage_text));
			return EXIT_YES;
		case 'V':
			xwrite_stdout(version_text, strlen(version_text));
			return EXIT_YES;
		default:
			usage();
		}
	}
	argc -= optind;
	argv += optind;
	if (argc < (in_place ? 2 : 1) || argc > 2)
		usage();
	value = argc == 2 ? argv[1] : NULL;
	if (!pointer_valid(argv[0]))
		die(quoted(argv[0], strlen(argv[0])),
		    "not a JSON pointer: it starts "
		    "with '/', and '~' is written ~0");
	if (value != NULL)
		check_value(value);

	if (path != NULL)
		xread_file(path, &file);
	else
		xread_fd(STDIN_FILENO, "stdin", &file);
	text_open(&in, path != NULL ? path : "stdin", &file);
	search_open(&sr, &in, argv[0]);
	status = find_scalar(&sr);

	if (status == EXIT_YES && value == NULL) {
		xbuf_addc(&sr.scalar.value, '\n');
		xwrite_stdout(sr.scalar.value.p, sr.scalar.value.len);
	} else if (status == EXIT_YES) {
		is_new = edit(&out, &sr, value);
		if (in_place && is_new)
			xreplace_file(path, out.p, out.len);
		else if (!in_place && is_new)
			xwrite_stdout(out.p, out.len);
		else if (!in_place)
			xwrite_stdout(file.p, file.len);
	}
	search_close(&sr);
	buf_free(&out);
	buf_free(&file);
	return status;
}
