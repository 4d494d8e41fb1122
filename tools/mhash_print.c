/* mhash_print.c - one fingerprint over many files, see mhash.h. */
#define _DEFAULT_SOURCE /* d_type, where there is one */

#include "mhash.h"

#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef __APPLE__
#define st_mtim st_mtimespec
#define st_ctim st_ctimespec
#endif

void
names_add(struct names *v, const char *name)
{
	if (v->n == v->cap) {
		v->cap = v->cap != 0 ? v->cap * 2 : 64;
		v->v = xreallocarray(v->v, v->cap, sizeof *v->v);
	}
	v->v[v->n++] = xstrdup(name);
}

void
names_read(struct names *v, char sep)
{
	struct buf in = {0};
	char *p, *q, *end;

	xread_fd(STDIN_FILENO, "standard input", &in);
	for (p = in.p, end = p + in.len; p < end; p = q + 1) {
		q = memchr(p, sep, (size_t)(end - p));
		if (q == NULL)
			q = end;
		*q = '\0';
		if (q == p)
			die("standard input", "name %zu is empty", v->n + 1);
		if (strlen(p) != (size_t)(q - p))
			die("standard input",
			    "name %zu holds a NUL byte: use -0 for names "
			    "that end in one",
			    v->n + 1);
		names_add(v, p);
	}
	buf_free(&in);
}

/* The directories that a walk is in: a link back to one of them is left out. */
struct above {
	const struct above *up;
	dev_t dev;
	ino_t ino;
};

static void walk(struct names *v, const char *path, int below, const struct above *up);

static int
in_it(const struct above *up, const struct stat *st)
{
	for (; up != NULL; up = up->up)
		if (up->dev == st->st_dev && up->ino == st->st_ino)
			return 1;
	return 0;
}

/*
 * What is there under that name: a file, a link that leads nowhere, which
 * counts as absent, or a directory. Nothing else has a content.
 */
static void
walk_one(struct names *v, const char *path, int below, const struct above *up)
{
	struct stat st;

	if (stat(path, &st) != 0) {
		if (errno != ENOENT && errno != ENOTDIR)
			die(path, "cannot look at it: %s", strerror(errno));
		names_add(v, path);
	} else if (S_ISREG(st.st_mode))
		names_add(v, path);
	else if (S_ISDIR(st.st_mode) && below && !in_it(up, &st))
		walk(v, path, below, up);
}

static void
walk(struct names *v, const char *path, int below, const struct above *up)
{
	struct above here = {.up = up};
	struct buf where = {0};
	struct stat st;
	struct dirent *e;
	size_t prefix;
	DIR *dp = opendir(path);

	if (dp == NULL || fstat(dirfd(dp), &st) != 0)
		die(path, "cannot open the directory: %s", strerror(errno));
	here.dev = st.st_dev;
	here.ino = st.st_ino;
	xbuf_adds(&where, path);
	if (where.p[where.len - 1] != '/')
		xbuf_addc(&where, '/');
	prefix = where.len;
	while (errno = 0, (e = readdir(dp)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (v->except != NULL && strcmp(e->d_name, v->except) == 0)
			continue;
		where.len = prefix;
		xbuf_adds(&where, e->d_name);
#ifdef DT_REG
		if (e->d_type == DT_REG) {
			names_add(v, where.p);
			continue;
		}
#endif
		walk_one(v, where.p, below, &here);
	}
	if (errno != 0)
		die(path, "cannot read the directory: %s", strerror(errno));
	(void)closedir(dp);
	buf_free(&where);
}

void
names_flat(struct names *v, const char *path)
{
	walk(v, path, 0, NULL);
}

void
names_deep(struct names *v, const char *path)
{
	struct stat st;

	if (*path == '\0')
		die(NULL, "a name is empty");
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		walk(v, path, 1, NULL);
	else
		names_add(v, path);
}

static void
add_number(SHA256_CTX *c, uint64_t u)
{
	unsigned char b[8];
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

/* In order, each once. */
static void
names_sort(struct names *v)
{
	size_t i, n = 0;

	if (v->n > 1)
		qsort(v->v, v->n, sizeof *v->v, by_string);
	for (i = 0; i < v->n; i++)
		if (n > 0 && strcmp(v->v[n - 1], v->v[i]) == 0)
			free(v->v[i]);
		else
			v->v[n++] = v->v[i];
	v->n = n;
}

/* A string and its length, which says where it ends. */
static void
add_text(SHA256_CTX *c, const char *s)
{
	add_number(c, strlen(s));
	sha_add(c, s, strlen(s));
}

static void
add_content(SHA256_CTX *c, const char *name, struct buf *content)
{
	if (!file_read(AT_FDCWD, name, name, MAY_LACK, content)) {
		sha_add(c, "a", 1);
		return;
	}
	sha_add(c, "f", 1);
	add_number(c, content->len);
	sha_add(c, content->p, content->len);
}

/*
 * What a file that is written, or replaced, does not keep: the time of the last
 * change of the file itself cannot be set back.
 */
static void
add_marks(SHA256_CTX *c, const char *name)
{
	struct stat st;

	if (stat(name, &st) != 0) {
		if (errno != ENOENT && errno != ENOTDIR)
			die(name, "cannot look at it: %s", strerror(errno));
		sha_add(c, "n", 1);
		return;
	}
	sha_add(c, "m", 1);
	add_number(c, (uint64_t)st.st_ino);
	add_number(c, (uint64_t)st.st_size);
	add_number(c, (uint64_t)st.st_mtim.tv_sec);
	add_number(c, (uint64_t)st.st_mtim.tv_nsec);
	add_number(c, (uint64_t)st.st_ctim.tv_sec);
	add_number(c, (uint64_t)st.st_ctim.tv_nsec);
}

/*
 * The digest is over a heading and, for each name in order of bytes and once
 * only: the name's length in 8 bytes, the name, then one byte 'a' for an
 * absent file or 'f', the content's length in 8 bytes and the content; for the
 * text its length in 8 bytes, the text and 't'; for each name whose marks count its
 * length, the name and 'n' for an absent file or 'm' and the six marks. No two sets of
 * files share these bytes.
 */
void
names_print(struct names *names, struct names *marks)
{
	static const char heading[] = "mhash fingerprint 1\n";
	struct buf content = {0}, out = {0};
	SHA256_CTX c;
	char hash[HASH_LEN + 1];
	size_t i;

	names_sort(names);
	names_sort(marks);
	(void)SHA256_Init(&c);
	sha_add(&c, heading, sizeof heading - 1);
	for (i = 0; i < names->n; i++) {
		add_text(&c, names->v[i]);
		add_content(&c, names->v[i], &content);
	}
	if (names->text != NULL) {
		add_text(&c, names->text);
		sha_add(&c, "t", 1);
	}
	for (i = 0; i < marks->n; i++) {
		add_text(&c, marks->v[i]);
		add_marks(&c, marks->v[i]);
	}
	sha_text(&c, hash);
	xbuf_addf(&out, "h1:%s\n", hash);
	xwrite_stdout(out.p, out.len);
	buf_free(&content);
	buf_free(&out);
}

void
names_free(struct names *v)
{
	size_t i;

	for (i = 0; i < v->n; i++)
		free(v->v[i]);
	free(v->v);
}
