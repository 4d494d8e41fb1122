/*
 * mhash - the integrity sums of an Atlas migration directory.
 *
 *	mhash DIR	print DIR's atlas.sum, as `atlas migrate hash` writes it
 *	mhash -w DIR	write it to DIR/atlas.sum, unless it is there already
 *	mhash -c DIR	compare DIR with DIR/atlas.sum, one line per difference
 *	mhash -s	check a sum file against itself and print its total
 *	mhash -f	print one fingerprint over the files named on stdin
 *
 * Exit: 0 done or equal, 1 differs, 2 could not do it.
 *
 * The bytes. Taken are the names in DIR that end in ".sql", sorted by bytes.
 * One SHA-256 runs over all of them: name, content, name, content ... A file's
 * hash is the base64 of the running state after its content. A file whose
 * first line says "atlas:sum ignore" adds its name only and gets no line. The
 * total is the base64 of the SHA-256 over name, hash, name, hash ... Written:
 *
 *	h1:TOTAL
 *	NAME h1:HASH
 *	...
 */

#include "mhash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef VERSION
#define VERSION "0.1.0"
#endif

static int
check_dir(struct dir *d)
{
	struct sum s = {0};
	struct buf out = {0};
	size_t i;
	int differs;

	dir_hash(d);
	for (i = 0; i < d->n; i++)
		if (!d->v[i].ignored && sum_refuses(d->v[i].name))
			die(dir_path(d, d->v[i].name),
			    "Atlas cannot read this name back from " SUMFILE
			    " (a newline, 'h1:' or white space in front): "
			    "rename the file");
	if (file_read(dirfd(d->dp), SUMFILE, dir_path(d, SUMFILE), MAY_LACK, &s.text)) {
		sum_parse(&s, d->where.p);
		diff_dir(d, &s, &out);
	} else if (d->n > 0)
		xbuf_adds(&out, "missing " SUMFILE "\n");
	differs = out.len != 0;
	if (differs)
		xwrite_stdout(out.p, out.len);
	buf_free(&out);
	sum_free(&s);
	return differs ? EXIT_NO : EXIT_YES;
}

static void
print_dir(struct dir *d)
{
	struct buf out = {0};

	dir_hash(d);
	dir_sum(d, &out);
	xwrite_stdout(out.p, out.len);
	buf_free(&out);
}

static void
write_dir(struct dir *d)
{
	struct buf out = {0}, old = {0};
	const char *path;

	dir_hash(d);
	dir_sum(d, &out);
	path = dir_path(d, SUMFILE);
	if (!file_read(dirfd(d->dp), SUMFILE, path, MAY_LACK, &old) ||
	    old.len != out.len || memcmp(old.p, out.p, out.len) != 0)
		xreplace_file(path, out.p, out.len);
	buf_free(&out);
	buf_free(&old);
}

static int
check_sum(const char *path)
{
	struct sum s = {0};
	struct buf out = {0};
	const char *where = path != NULL ? path : "standard input";
	int holds;

	if (path != NULL)
		(void)file_read(AT_FDCWD, path, where, 0, &s.text);
	else
		xread_fd(STDIN_FILENO, where, &s.text);
	sum_parse(&s, where);
	holds = sum_holds(&s);
	if (holds) {
		xbuf_addf(&out, "h1:%s\n", s.total);
		xwrite_stdout(out.p, out.len);
	} else
		warnx_at(where, "the total on line 1 does not match the lines below it");
	buf_free(&out);
	sum_free(&s);
	return holds ? EXIT_YES : EXIT_NO;
}

static void
add_number(SHA256_CTX *c, size_t n)
{
	unsigned char b[8];
	uint64_t u = n;
	int i;

	for (i = 7; i >= 0; i--, u >>= 8)
		b[i] = (unsigned char)(u & 0xff);
	sha_add(c, b, sizeof b);
}

static int
by_string(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/*
 * The digest is over a heading and, for each name in order of bytes and once
 * only: the name's length in 8 bytes, the name, then one byte 'a' for an
 * absent file or 'f', the content's length in 8 bytes and the content. No two
 * sets of files share these bytes.
 */
static void
fingerprint(char sep)
{
	static const char heading[] = "mhash fingerprint 1\n";
	struct buf in = {0}, content = {0}, out = {0};
	SHA256_CTX c;
	char *p, *end, *q, **v, hash[HASH_LEN + 1];
	size_t i, n = 0, cap = 0;

	xread_fd(STDIN_FILENO, "standard input", &in);
	if (in.len == 0)
		die("standard input", "no names: an empty list has no fingerprint");
	v = NULL;
	for (p = in.p, end = p + in.len; p < end; p = q + 1) {
		q = memchr(p, sep, (size_t)(end - p));
		if (q == NULL)
			q = end;
		*q = '\0';
		if (q == p)
			die("standard input", "name %zu is empty", n + 1);
		if (strlen(p) != (size_t)(q - p))
			die("standard input",
			    "name %zu holds a NUL byte: use -0 for names "
			    "that end in one",
			    n + 1);
		if (n == cap) {
			cap = cap != 0 ? cap * 2 : 64;
			v = xreallocarray(v, cap, sizeof *v);
		}
		v[n++] = p;
	}
	if (n > 1)
		qsort(v, n, sizeof *v, by_string);
	(void)SHA256_Init(&c);
	sha_add(&c, heading, sizeof heading - 1);
	for (i = 0; i < n; i++) {
		if (i > 0 && strcmp(v[i - 1], v[i]) == 0)
			continue;
		add_number(&c, strlen(v[i]));
		sha_add(&c, v[i], strlen(v[i]));
		if (!file_read(AT_FDCWD, v[i], v[i], MAY_LACK, &content)) {
			sha_add(&c, "a", 1);
			continue;
		}
		sha_add(&c, "f", 1);
		add_number(&c, content.len);
		sha_add(&c, content.p, content.len);
	}
	sha_text(&c, hash);
	xbuf_addf(&out, "h1:%s\n", hash);
	xwrite_stdout(out.p, out.len);
	free(v);
	buf_free(&in);
	buf_free(&content);
	buf_free(&out);
}

static void
usage(FILE *to)
{
	fputs("usage: mhash [-o] directory\n"
	      "       mhash -c [-o] directory\n"
	      "       mhash -w [-o] directory\n"
	      "       mhash -s [file]\n"
	      "       mhash -f [-0] <names\n",
	    to);
}

int
main(int argc, char *argv[])
{
	struct dir d = {0};
	char sep = '\n', mode = 'p';
	int c, modes = 0, rc = EXIT_YES;

	util_tool = "mhash";
	opterr = 0;
	while ((c = getopt(argc, argv, "0cfhoswV")) != -1) {
		switch (c) {
		case '0':
			sep = '\0';
			break;
		case 'c':
		case 'f':
		case 's':
		case 'w':
			modes += mode != (char)c;
			mode = (char)c;
			break;
		case 'o':
			d.old_rule = 1;
			break;
		case 'h':
			usage(stdout);
			return fflush(stdout) == 0 ? EXIT_YES : EXIT_CANNOT;
		case 'V':
			puts("mhash " VERSION);
			return fflush(stdout) == 0 ? EXIT_YES : EXIT_CANNOT;
		default:
			usage(stderr);
			return EXIT_CANNOT;
		}
	}
	argc -= optind;
	argv += optind;
	if (modes > 1 || (sep == '\0' && mode != 'f') ||
	    (d.old_rule && strchr("fs", mode) != NULL) ||
	    (mode == 'f'          ? argc != 0
		    : mode == 's' ? argc > 1
				  : argc != 1)) {
		usage(stderr);
		return EXIT_CANNOT;
	}
	if (mode != 'f' && mode != 's') {
		d.path = argv[0];
		if (*d.path == '\0')
			die(NULL, "the name of the directory is empty");
	}
	switch (mode) {
	case 'c':
		rc = check_dir(&d);
		break;
	case 'f':
		fingerprint(sep);
		break;
	case 's':
		rc = check_sum(argc == 1 && strcmp(argv[0], "-") != 0 ? argv[0] : NULL);
		break;
	case 'w':
		write_dir(&d);
		break;
	default:
		print_dir(&d);
	}
	dir_free(&d);
	return rc;
}
