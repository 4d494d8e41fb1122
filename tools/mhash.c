/*
 * mhash - the integrity sums of an Atlas migration directory.
 *
 *	mhash DIR	print DIR's atlas.sum, as `atlas migrate hash` writes it
 *	mhash -w DIR	write it to DIR/atlas.sum, unless it is there already
 *	mhash -c DIR	compare DIR with DIR/atlas.sum, one line per difference
 *	mhash -s	check a sum file against itself and print its total
 *	mhash -f	print one fingerprint over files: those named on stdin,
 *			or as arguments
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
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifndef VERSION
#define VERSION "0.2.0"
#endif

/* What cannot be read back from a sum is not written into one, either. */
static void
refuse_names(struct dir *d)
{
	size_t i;

	for (i = 0; i < d->n; i++)
		if (!d->v[i].ignored && sum_refuses(d->v[i].name))
			die(dir_path(d, d->v[i].name),
			    "Atlas cannot read this name back from " SUMFILE
			    " (a newline, 'h1:' or white space in front): "
			    "rename the file");
}

static int
check_dir(struct dir *d)
{
	struct sum s = {0};
	struct buf out = {0};
	int differs;

	dir_hash(d);
	refuse_names(d);
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
	refuse_names(d);
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

/*
 * The files named, or those below the directories named; else names on stdin. Of
 * those among marked the marks alone count.
 */
static void
fingerprint(struct names names, struct names marked, const char *flat, char sep, char **v)
{
	struct names marks = {.except = names.except};
	size_t i;

	if (flat == NULL && marked.n == 0 && *v == NULL) {
		names_read(&names, sep);
		if (names.n == 0)
			die("standard input",
			    "no names: an empty list has no fingerprint");
	}
	if (flat != NULL)
		names_flat(&names, flat);
	for (; *v != NULL; v++)
		names_deep(&names, *v);
	for (i = 0; i < marked.n; i++)
		names_deep(&marks, marked.v[i]);
	names_print(&names, &marks);
	names_free(&names);
	names_free(&marks);
	names_free(&marked);
}

static void
usage(FILE *to)
{
	fputs("usage: mhash [-o] directory\n"
	      "       mhash -c [-o] directory\n"
	      "       mhash -w [-o] directory\n"
	      "       mhash -s [file]\n"
	      "       mhash -f [-0] [-t text] <names\n"
	      "       mhash -f [-d directory] [-m file] [-t text] [-x name] [file ...]\n",
	    to);
}

int
main(int argc, char *argv[])
{
	struct dir d = {0};
	struct names names = {0};
	static struct names marked; /* of -m */
	const char *flat = NULL;
	char sep = '\n', mode = 'p';
	int c, modes = 0, rc = EXIT_YES;

	util_tool = "mhash";
	opterr = 0;
	while ((c = getopt(argc, argv, "0cd:fhm:ost:wx:V")) != -1) {
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
		case 'd':
			flat = optarg;
			break;
		case 'm':
			names_add(&marked, optarg);
			break;
		case 't':
			names.text = optarg;
			break;
		case 'x':
			names.except = optarg;
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
	if (modes > 1 || (d.old_rule && strchr("fs", mode) != NULL) ||
	    (mode == 'f' ? sep == '\0' && (flat != NULL || marked.n != 0 || argc != 0)
			 : sep == '\0' || flat != NULL || marked.n != 0 ||
			names.except != NULL || names.text != NULL) ||
	    (mode == 's' ? argc > 1 : mode != 'f' && argc != 1)) {
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
		fingerprint(names, marked, flat, sep, argv);
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
