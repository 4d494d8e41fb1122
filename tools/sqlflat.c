/*
 * sqlflat - a schema's files of SQL as one text that psql may load.
 *
 * in:   files of SQL, or standard input
 * out:  their statements, one file after another, each as it stands. What
 *       \i and \ir name is put in their place; the settings that pg_dump writes
 *       for psql are left out; any other backslash command is refused. With -m
 *       a map from the lines of the output to files and lines. With -b up to so
 *       many statements end in \; but for the last, so that psql sends them at once
 * exit: 0 done; 1 done, but nothing in it makes anything; 2 could not (I/O, not
 *       SQL that can be split, a command that is refused)
 *
 * The text is for psql in its restricted mode, in which it obeys no backslash
 * command: what is safe does not depend on whether we read SQL as it does.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sqltext.h"
#include "util.h"

#ifndef VERSION
#define VERSION "0.2.0"
#endif

#define MAX_FILES 10000 /* a file that is included many times counts each time */

/* A file that is being read, and those that led to it. */
struct file {
	const char *name; /* as it is called in messages and in the map */
	char *real;       /* NULL: standard input */
	const struct file *by;
};

static struct {
	struct buf out, map;
	size_t line; /* of the output, from 1 */
	size_t files;
	int makes;     /* a statement that is more than a setting */
	size_t batch;  /* up to so many statements at once; 0: each by itself */
	size_t joined; /* so many go with the statement before; 0: none can */
	size_t semi;   /* its semicolon in the output, where joined is not 0 */
	char *root;    /* what may be included lies below it, */
	char *top;     /* or below the directory of the file that was given */
} w;

static void flatten(const struct file *f, const struct buf *in);

static void
usage(FILE *f)
{
	fputs("usage: sqlflat [-hV] [-b number] [-m map] [-n name] [-r root] [file "
	      "...]\n",
	    f);
}

static void
emit(const char *p, size_t n)
{
	size_t i;

	xbuf_add(&w.out, p, n);
	for (i = 0; i < n; i++)
		w.line += p[i] == '\n';
}

static size_t
lines(const char *p, size_t n)
{
	size_t i, k = 0;

	for (i = 0; i < n; i++)
		k += p[i] == '\n';
	return k;
}

/* ---- names ---- */

static void NORETURN
refuse(const struct file *f, size_t line, const char *p, size_t n, const char *why)
{
	struct buf where = {0};

	xbuf_addf(&where, "%.1000s:%zu", f->name, line);
	die(where.p, "%.*s: %s", (int)(n < 60 ? n : 60), p, why);
}

/* Is the path the directory, or below it? Both are absolute and resolved. */
static int
is_below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	while (n > 0 && dir[n - 1] == '/')
		n--;
	return strncmp(path, dir, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

/* The directory part of a name: "" or one that ends in a slash. */
static char *
xdir_of(const char *name)
{
	const char *slash = strrchr(name, '/');
	char *dir = xstrdup(name);

	dir[slash == NULL ? 0 : slash - name + 1] = '\0';
	return dir;
}

static char *
xreal(const char *where, const char *path)
{
	char *real = realpath(*path == '\0' ? "." : path, NULL);

	if (real == NULL)
		die(where, "cannot find '%.1000s': %s", path, strerror(errno));
	return real;
}

/*
 * The name after \i or \ir, as psql reads it. NULL: there is none, or psql would
 * have to work it out.
 */
static char *
xargument(const char *p, size_t n)
{
	struct buf name = {0};
	size_t i = 0;

	while (n > 0 && strchr(" \t\r", p[n - 1]) != NULL)
		n--;
	while (i < n && (p[i] == ' ' || p[i] == '\t'))
		i++;
	if (i < n && p[i] == '\'') {
		for (i++; i < n; i++) {
			if (p[i] == '\\')
				break;
			if (p[i] == '\'' && (++i == n || p[i] != '\''))
				break;
			xbuf_addc(&name, p[i]);
		}
		if (i == n && p[n - 1] == '\'' && name.len > 0)
			return name.p;
	} else {
		for (; i < n && strchr(" \t'\"`\\", p[i]) == NULL; i++)
			xbuf_addc(&name, p[i]);
		if (i == n && name.len > 0 && strchr(":|~", *name.p) == NULL)
			return name.p;
	}
	buf_free(&name);
	return NULL;
}

/* ---- backslash commands ---- */

static size_t
word_end(const char *p, size_t n, size_t i)
{
	while (i < n && strchr(" \t\r", p[i]) == NULL)
		i++;
	return i;
}

static int
is_word(const char *p, size_t n, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strlen(*words) == n && memcmp(*words, p, n) == 0)
			return 1;
	return 0;
}

static void
include(
    const struct file *f, const struct sql_stmt *s, const char *p, size_t n, size_t word)
{
	const struct file *up;
	struct file next = {0};
	struct buf in = {0}, where = {0};
	char *arg = xargument(p + word, n - word), *dir = NULL;

	if (arg == NULL)
		refuse(f, s->line, p, n,
		    "a file's name is wanted, without anything that psql would replace");
	/* \i starts from where one stands, \ir from where the file lies. */
	if (*arg != '/' && p[word - 1] != 'i')
		dir = xdir_of(f->name);
	xbuf_addf(&in, "%s%s", dir != NULL ? dir : "", arg);
	xbuf_addf(&where, "%.1000s:%zu", f->name, s->line);
	next.real = xreal(where.p, in.p);
	next.name = is_below(next.real, w.root) && strcmp(w.root, "/") != 0
	    ? next.real + strlen(w.root) + 1
	    : next.real;
	next.by = f;
	if (!is_below(next.real, w.root) && !is_below(next.real, w.top))
		refuse(f, s->line, p, n, "it lies outside of the project");
	for (up = f; up != NULL; up = up->by)
		if (up->real != NULL && strcmp(up->real, next.real) == 0)
			refuse(f, s->line, p, n, "the file includes itself");
	if (++w.files > MAX_FILES)
		refuse(f, s->line, p, n, "too many files");
	in.len = 0;
	xread_file(next.real, &in);
	flatten(&next, &in);
	buf_free(&in);
	buf_free(&where);
	free(next.real);
	free(arg);
	free(dir);
}

/* A backslash command is obeyed, passed over, or refused. */
static void
command(const struct file *f, const struct sql_stmt *s, const char *p, size_t n)
{
	static const char *const includes[] = {
	    "i", "include", "include_relative", "ir", NULL};
	static const char *const connect[] = {"c", "connect", NULL},
				 *const set[] = {"set", NULL};
	/*
	 * Passed over: commands that only display or time something, and those of
	 * pg_dump.
	 */
	static const char *const nothing[] = {
	    "echo", "pset", "qecho", "restrict", "timing", "unrestrict", "warn", NULL};
	/* These settings change nothing of what is read. */
	static const char *const settings[] = {"ECHO", "ON_ERROR_STOP", "QUIET", NULL};
	size_t word = word_end(p, n, 1), at = word, to;

	while (at < n && (p[at] == ' ' || p[at] == '\t'))
		at++;
	to = word_end(p, n, at);
	if (is_word(p + 1, word - 1, includes))
		include(f, s, p, n, word);
	else if (is_word(p + 1, word - 1, nothing) ||
	    (is_word(p + 1, word - 1, set) && is_word(p + at, to - at, settings)))
		return;
	else if (is_word(p + 1, word - 1, connect))
		refuse(f, s->line, p, n,
		    "the schema is loaded into a database that is there; fix: write the "
		    "file without it (pg_dump without -C)");
	else
		refuse(f, s->line, p, n,
		    "psql's backslash commands are not obeyed in a schema, but for \\i "
		    "and \\ir; fix: write it in SQL");
}

/* ---- statements ---- */

/* Is its first word one of these? */
static int
begins(const char *p, const struct sql_stmt *s, const char *const *words)
{
	for (; s->ntok > 0 && *words != NULL; words++)
		if (sql_is(p, &s->tok[0], *words))
			return 1;
	return 0;
}

/* Does the statement do more than set something for the session? */
static int
makes(const char *p, const struct sql_stmt *s)
{
	static const char *const settings[] = {"ABORT", "BEGIN", "COMMIT", "DROP", "END",
	    "RESET", "ROLLBACK", "SET", "START", NULL};
	size_t i;

	if (begins(p, s, settings))
		return 0;
	for (i = 1; sql_is(p, &s->tok[0], "SELECT") && i < s->ntok && i < 4; i++)
		if (sql_is(p, &s->tok[i], "SET_CONFIG"))
			return 0;
	return 1;
}

/*
 * May the statement go to the server with others? They are one transaction there. What
 * sets something, begins a transaction or has data goes by itself.
 */
static int
joins(const char *p, const struct sql_stmt *s)
{
	static const char *const kinds[] = {"ALTER", "COMMENT", "CREATE", NULL};
	size_t i;

	if (s->kind != SQL_PLAIN || !begins(p, s, kinds))
		return 0;
	for (i = 1; i < s->ntok; i++)
		if (sql_is(p, &s->tok[i], "CONCURRENTLY"))
			return 0;
	return 1;
}

/*
 * The statement before ends in \; where this one goes with it. A text that ends
 * transactions by itself may leave something behind where it breaks off, so it is refused.
 */
static void
join(const struct file *f, const struct sql_stmt *s, const char *p)
{
	static const char *const ends[] = {
	    "ABORT", "BEGIN", "COMMIT", "END", "ROLLBACK", "START", NULL};

	if (begins(p, s, ends))
		refuse(f, s->line, p + s->start, s->end - s->start,
		    "a transaction of its own, with -b");
	if (!joins(p, s)) {
		w.joined = 0;
		return;
	}
	if (w.joined > 0 && w.joined < w.batch) {
		xbuf_addc(&w.out, '\0');
		memmove(w.out.p + w.semi + 1, w.out.p + w.semi, w.out.len - w.semi - 1);
		w.out.p[w.semi] = '\\';
	} else {
		w.joined = 0;
	}
	w.joined++;
}

static void
statement(const struct file *f, const struct sql_stmt *s, const char *p)
{
	size_t from;

	if (w.batch > 0)
		join(f, s, p);
	emit(p + s->from, s->start - s->from);
	from = w.line;
	emit(p + s->start, s->end - s->start);
	xbuf_addf(&w.map, "%zu\t%zu\t%zu\t%s\n", from, w.line, s->line, f->name);
	/* The last of a file may lack its end, and another file may follow. */
	if (p[s->sql_end - 1] != ';') {
		if (s->kind == SQL_COPY)
			refuse(f, s->line, p + s->start, 4,
			    "COPY ... FROM stdin without a semicolon");
		emit(";", 1);
	}
	w.semi = w.out.len - 1;
	if (s->kind == SQL_COPY &&
	    (s->end - s->sql_end < 3 || memcmp(p + s->end - 3, "\n\\.", 3) != 0))
		refuse(f, s->line, p + s->start, 4,
		    "COPY ... FROM stdin without the line \\. that ends its data");
	emit(p + s->end, s->to - s->end);
	w.makes |= makes(p, s);
}

static void
flatten(const struct file *f, const struct buf *in)
{
	const char *p = in->p, *nul;
	size_t n = in->len, done = 0;
	struct buf where = {0};
	struct sql_text t;
	struct sql_stmt s;

	/* psql passes over a byte order mark. */
	while (n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
		p += 3;
		n -= 3;
	}
	if (n == 0)
		return;
	if ((nul = memchr(p, '\0', n)) != NULL) {
		xbuf_addf(
		    &where, "%.1000s:%zu", f->name, 1 + lines(p, (size_t)(nul - p)));
		die(where.p, "a NUL byte, which PostgreSQL takes in no text: is it SQL?");
	}
	xsql_open(&t, p, n, 0);
	while (xsql_next(&t, &s)) {
		done = s.to;
		if (s.kind != SQL_PSQL)
			statement(f, &s, p);
		else if (p[s.start] != '\\')
			refuse(f, s.end_line, p + s.tok[s.ntok - 1].from,
			    s.tok[s.ntok - 1].to - s.tok[s.ntok - 1].from,
			    "a backslash command of psql's in the middle of a statement; "
			    "fix: end the statement with ;");
		else {
			emit(p + s.from, s.start - s.from);
			command(f, &s, p + s.start, s.end - s.start);
			emit(p + s.end, s.to - s.end);
		}
	}
	if (t.why != NULL) {
		xbuf_addf(&where, "%.1000s:%zu", f->name, 1 + lines(p, t.why_at));
		die(where.p, "%s", t.why);
	}
	emit(p + done, n - done);
	if (w.out.len > 0 && w.out.p[w.out.len - 1] != '\n')
		emit("\n", 1);
	sql_close(&t);
	buf_free(&where);
}

/*
 * The map is not synced, which takes a busy disk 50 ms: it is read only after this tool
 * has ended well, and is made again after a crash of the machine.
 */
static void
write_map(const char *path, const struct buf *b)
{
	FILE *f = fopen(path, "w");
	int failed;

	if (f == NULL)
		die(path, "cannot write: %s", strerror(errno));
	failed = fwrite(b->p != NULL ? b->p : "", 1, b->len, f) != b->len;
	if (fclose(f) != 0 || failed)
		die(path, "cannot write: %s", strerror(errno));
}

int
main(int argc, char *argv[])
{
	static char *standard_input[] = {"-", NULL};
	const char *map = NULL, *name = "standard input", *root = ".";
	char *dir, *end;
	struct buf in = {0};
	int c;

	util_tool = "sqlflat";
	while ((c = getopt(argc, argv, "b:hm:n:r:V")) != -1)
		switch (c) {
		case 'b':
			w.batch = strtoul(optarg, &end, 10);
			if (*optarg < '0' || *optarg > '9' || *end != '\0')
				die("-b", "'%.100s': not a number of statements", optarg);
			break;
		case 'h':
			usage(stdout);
			return fflush(stdout) == 0 ? EXIT_YES : EXIT_CANNOT;
		case 'm':
			map = optarg;
			break;
		case 'n':
			name = optarg;
			break;
		case 'r':
			root = optarg;
			break;
		case 'V':
			puts("sqlflat " VERSION);
			return fflush(stdout) == 0 ? EXIT_YES : EXIT_CANNOT;
		default:
			usage(stderr);
			return EXIT_CANNOT;
		}
	w.root = xreal("-r", root);
	w.line = 1;
	xbuf_add(&w.out, "", 0);
	xbuf_add(&w.map, "", 0);
	argv += optind;
	if (*argv == NULL)
		argv = standard_input;
	for (; *argv != NULL; argv++) {
		struct file f = {*argv, NULL, NULL};

		in.len = 0;
		if (strcmp(*argv, "-") == 0) {
			f.name = name;
			w.top = xstrdup(w.root);
			xread_fd(STDIN_FILENO, name, &in);
		} else {
			f.real = xreal(NULL, *argv);
			dir = xdir_of(f.real);
			w.top = xreal(NULL, dir);
			free(dir);
			xread_file(*argv, &in);
		}
		if (in.len > 0)
			flatten(&f, &in);
		free(f.real);
		free(w.top);
	}
	if (map != NULL)
		write_map(map, &w.map);
	xwrite_stdout(w.out.p, w.out.len);
	buf_free(&in);
	buf_free(&w.out);
	buf_free(&w.map);
	free(w.root);
	return w.makes ? EXIT_YES : EXIT_NO;
}
