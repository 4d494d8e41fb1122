/* mhash_dir.c - read and hash a migration directory, see mhash.h. */
#define _DEFAULT_SOURCE /* d_type, where there is one */

#include "mhash.h"

#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
sha_add(SHA256_CTX *c, const void *p, size_t n)
{
	(void)SHA256_Update(c, p, n);
}

/*
 * EVP_EncodeBlock would bring half of libcrypto along, and that of Debian 13 needs
 * archives that need not be there.
 */
void
sha_text(const SHA256_CTX *c, char out[HASH_LEN + 1])
{
	SHA256_CTX copy = *c;
	unsigned char md[SHA256_DIGEST_LENGTH + 1];

	(void)SHA256_Final(md, &copy);
	md[SHA256_DIGEST_LENGTH] = 0; /* makes it eleven times three bytes */
	for (size_t i = 0; i < sizeof md; i += 3) {
		unsigned bits =
		    (unsigned)md[i] << 16 | (unsigned)md[i + 1] << 8 | md[i + 2];

		*out++ = base64_digits[bits >> 18];
		*out++ = base64_digits[bits >> 12 & 63];
		*out++ = base64_digits[bits >> 6 & 63];
		*out++ = base64_digits[bits & 63];
	}
	out[-1] = '=';
	*out = '\0';
}

/*
 * A pipe would block and a directory has no content; a link to /dev/null
 * counts as empty, as it does for Atlas. PLAIN saves a system call; these are
 * most of what a run costs. The last read, of nothing, stays: on some file
 * systems a read is short before the end, and a hash of half a file is wrong.
 */
int
file_read(int dirfd, const char *name, const char *where, int flags, struct buf *b)
{
	static char chunk[READ_CHUNK];
	struct stat st;
	size_t len = 0;
	ssize_t n = 1;
	int fd;

	do
		fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	while (fd < 0 && errno == EINTR);
	if (fd < 0 && (flags & MAY_LACK) && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd < 0)
		die(where, "cannot open: %s", strerror(errno));
	b->len = 0;
	if (flags & PLAIN)
		st.st_mode = S_IFREG;
	else {
		if (fstat(fd, &st) != 0)
			die(where, "cannot stat: %s", strerror(errno));
		if (S_ISDIR(st.st_mode))
			die(where, "is a directory, not a file");
		if (!S_ISREG(st.st_mode) && !S_ISCHR(st.st_mode))
			die(where, "not a regular file");
	}
	for (; n > 0 && len < (S_ISCHR(st.st_mode) ? 1 : sizeof chunk);
	    len += n > 0 ? (size_t)n : 0)
		n = read(fd, chunk + len, sizeof chunk - len);
	/* /dev/null is an empty file; of another device there may be no end. */
	if (S_ISCHR(st.st_mode) && n != 0)
		die(where, "not a regular file");
	xbuf_add(b, chunk, len);
	/* What is longer than the chunk, or the error again. */
	if (n != 0)
		xread_fd(fd, where, b);
	(void)close(fd);
	return 1;
}

const char *
dir_path(struct dir *d, const char *name)
{
	if (d->prefix == 0) {
		xbuf_adds(&d->where, d->path);
		if (d->path[strlen(d->path) - 1] != '/')
			xbuf_addc(&d->where, '/');
		d->prefix = d->where.len;
	}
	d->where.len = d->prefix;
	xbuf_adds(&d->where, name);
	return d->where.p;
}

void
dir_read(struct dir *d, const struct file *f)
{
	(void)file_read(dirfd(d->dp), f->name, dir_path(d, f->name), f->plain ? PLAIN : 0,
	    &d->content);
}

/* Does p end in what? Then *n is the length without it. */
static int
cut_end(const char *p, size_t *n, const char *what)
{
	size_t len = strlen(what);

	if (*n < len || memcmp(p + *n - len, what, len) != 0)
		return 0;
	*n -= len;
	return 1;
}

/*
 * Atlas matches ^([ -~]*)atlas:(\w+)(?: +(.+))* at the start of the file and
 * wants "sum" and "ignore". So the printable bytes that start the file must
 * end in these, and the line too: a carriage return would be part of the
 * value. Before 1.1 the value was of the class [ -~] and ended there.
 */
static int
is_ignored(const char *p, size_t n, int old_rule)
{
	size_t run = 0;

	while (run < n && p[run] >= ' ' && p[run] <= '~')
		run++;
	if (!old_rule && run < n && p[run] != '\n')
		return 0;
	if (!cut_end(p, &run, "ignore") || !cut_end(p, &run, " "))
		return 0;
	while (cut_end(p, &run, " "))
		;
	return cut_end(p, &run, "atlas:sum");
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct file *)a)->name, ((const struct file *)b)->name);
}

static void
dir_list(struct dir *d)
{
	struct dirent *e;
	size_t len, cap = 64;

	/* There even when empty: the loops over it add to it. */
	d->v = xreallocarray(NULL, cap, sizeof *d->v);
	d->dp = opendir(d->path);
	if (d->dp == NULL)
		die(d->path, "cannot open the directory: %s", strerror(errno));
	while (errno = 0, (e = readdir(d->dp)) != NULL) {
		len = strlen(e->d_name);
		if (len < 4 || memcmp(e->d_name + len - 4, ".sql", 4) != 0)
			continue;
		if (d->n == cap) {
			cap *= 2;
			d->v = xreallocarray(d->v, cap, sizeof *d->v);
		}
		memset(&d->v[d->n], 0, sizeof d->v[0]);
#ifdef DT_REG
		d->v[d->n].plain = e->d_type == DT_REG;
#endif
		d->v[d->n++].name = xstrdup(e->d_name);
	}
	if (errno != 0)
		die(d->path, "cannot read the directory: %s", strerror(errno));
	if (d->n > 1)
		qsort(d->v, d->n, sizeof *d->v, by_name);
}

void
dir_hash(struct dir *d)
{
	SHA256_CTX c;
	struct file *f;

	dir_list(d);
	(void)SHA256_Init(&c);
	for (f = d->v; f < d->v + d->n; f++) {
		dir_read(d, f);
		sha_add(&c, f->name, strlen(f->name));
		f->ignored = is_ignored(d->content.p, d->content.len, d->old_rule);
		if (d->look != NULL)
			d->look(f, &d->content);
		if (f->ignored)
			continue;
		sha_add(&c, d->content.p, d->content.len);
		sha_text(&c, f->hash);
	}
}

void
dir_total(const struct dir *d, char total[HASH_LEN + 1])
{
	SHA256_CTX c;
	size_t i;

	(void)SHA256_Init(&c);
	for (i = 0; i < d->n; i++) {
		if (d->v[i].ignored)
			continue;
		sha_add(&c, d->v[i].name, strlen(d->v[i].name));
		sha_add(&c, d->v[i].hash, HASH_LEN);
	}
	sha_text(&c, total);
}

void
dir_sum(const struct dir *d, struct buf *out)
{
	char total[HASH_LEN + 1];
	size_t i;

	dir_total(d, total);
	xbuf_adds(out, "h1:");
	xbuf_adds(out, total);
	xbuf_addc(out, '\n');
	for (i = 0; i < d->n; i++) {
		if (d->v[i].ignored)
			continue;
		xbuf_adds(out, d->v[i].name);
		xbuf_adds(out, " h1:");
		xbuf_add(out, d->v[i].hash, HASH_LEN);
		xbuf_addc(out, '\n');
	}
}

struct file *
dir_find(const struct dir *d, char *name)
{
	struct file key = {.name = name};

	return d->n == 0 ? NULL : bsearch(&key, d->v, d->n, sizeof *d->v, by_name);
}

void
dir_free(struct dir *d)
{
	size_t i;

	for (i = 0; i < d->n; i++)
		free(d->v[i].name);
	free(d->v);
	buf_free(&d->where);
	buf_free(&d->content);
	if (d->dp != NULL)
		(void)closedir(d->dp);
}
