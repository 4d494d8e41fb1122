/* util.c - see util.h. */
#include "util.h"

#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *util_tool = "?";

/* ---- messages ---- */

static void
vmessage(const char *where, const char *fmt, va_list ap)
{
	char text[2048];
	int n;
	size_t i, len;

	n = snprintf(text, sizeof text, "%s: %s%s", util_tool, where != NULL ? where : "",
	    where != NULL ? ": " : "");
	len = n < 0 ? 0 : (size_t)n;
	if (len < sizeof text - 1)
		(void)vsnprintf(text + len, sizeof text - len, fmt, ap);
	len = strlen(text);
	for (i = 0; i < len; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			text[i] = '?';
	fprintf(stderr, "%s\n", text);
}

void
warnx_at(const char *where, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vmessage(where, fmt, ap);
	va_end(ap);
}

void
die(const char *where, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vmessage(where, fmt, ap);
	va_end(ap);
	exit(EXIT_CANNOT);
}

/* ---- memory ---- */

void *
xrealloc(void *p, size_t n)
{
	p = realloc(p, n != 0 ? n : 1);
	if (p == NULL)
		die(NULL, "out of memory (%zu bytes wanted)", n);
	return p;
}

void *
xreallocarray(void *p, size_t n, size_t size)
{
	if (size != 0 && n > SIZE_MAX / size)
		die(NULL, "out of memory (%zu times %zu bytes wanted)", n, size);
	return xrealloc(p, n * size);
}

void *
xmalloc(size_t n)
{
	return xrealloc(NULL, n);
}

void *
xcalloc(size_t n, size_t size)
{
	void *p = xreallocarray(NULL, n, size);

	memset(p, 0, n * size);
	return p;
}

char *
xstrdup(const char *s)
{
	size_t n = strlen(s) + 1;

	return memcpy(xmalloc(n), s, n);
}

void
xbuf_room(struct buf *b, size_t n)
{
	size_t cap = b->cap != 0 ? b->cap : 256;

	if (n >= SIZE_MAX / 4 - b->len)
		die(NULL, "out of memory (input of %zu bytes and more)", b->len);
	while (cap < b->len + n + 1)
		cap *= 2;
	if (cap != b->cap) {
		b->p = xrealloc(b->p, cap);
		b->cap = cap;
	}
}

void
xbuf_adds(struct buf *b, const char *s)
{
	xbuf_add(b, s, strlen(s));
}

void
xbuf_vaddf(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	if (n < 0)
		die(NULL, "cannot format a message");
	xbuf_room(b, (size_t)n);
	(void)vsnprintf(b->p + b->len, (size_t)n + 1, fmt, again);
	va_end(again);
	b->len += (size_t)n;
}

void
xbuf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	xbuf_vaddf(b, fmt, ap);
	va_end(ap);
}

void
buf_free(struct buf *b)
{
	free(b->p);
	memset(b, 0, sizeof *b);
}

/* ---- input ---- */

void
xread_fd(int fd, const char *where, struct buf *b)
{
	struct stat st;
	ssize_t n;

	/* One allocation for a plain file; more is read all the same. */
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
	    (uintmax_t)st.st_size < SIZE_MAX / 4)
		xbuf_room(b, (size_t)st.st_size + 1);
	for (;;) {
		if (b->cap - b->len < 2)
			xbuf_room(b, b->cap != 0 ? b->cap : READ_CHUNK);
		n = read(fd, b->p + b->len, b->cap - b->len - 1);
		if (n == 0)
			break;
		if (n < 0) {
			if (errno == EINTR)
				continue;
			die(where, "cannot read: %s", strerror(errno));
		}
		b->len += (size_t)n;
	}
	b->p[b->len] = '\0';
}

void
xread_file(const char *path, struct buf *b)
{
	int fd;

	do
		fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd < 0 && errno == EINTR);
	if (fd < 0)
		die(path, "cannot open: %s", strerror(errno));
	xread_fd(fd, path, b);
	(void)close(fd);
}

/* ---- output ---- */

static int
write_all(int fd, const char *p, size_t n)
{
	ssize_t w;

	while (n > 0) {
		w = write(fd, p, n);
		if (w < 0) {
			if (errno == EINTR)
				continue;
			return -1;
		}
		p += w;
		n -= (size_t)w;
	}
	return 0;
}

void
xwrite_stdout(const void *p, size_t n)
{
	/* EPIPE should be a message and exit 2, not a death by signal. */
	(void)signal(SIGPIPE, SIG_IGN);
	if (write_all(STDOUT_FILENO, p, n) != 0 || close(STDOUT_FILENO) != 0)
		die("standard output", "cannot write: %s", strerror(errno));
}

static void
sync_dir(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	/* Not every file system can sync a directory: those say EINVAL. */
	if (fsync(fd) != 0 && errno != EINVAL && errno != ENOTSUP)
		die(path, "the file is in place, but the directory cannot be synced: %s",
		    strerror(errno));
	(void)close(fd);
}

void
xreplace_file(const char *path, const void *p, size_t n)
{
	static const char suffix[] = ".tmp.XXXXXX";
	static char *real, *tmp; /* still reachable when we die below */
	char *slash;
	struct stat st;
	sigset_t set, old;
	mode_t mask;
	int fd, exists, failed;
	size_t len;

	real = realpath(path, NULL);
	if (real == NULL && errno != ENOENT)
		die(path, "cannot resolve: %s", strerror(errno));
	if (real == NULL)
		real = xstrdup(path);
	exists = stat(real, &st) == 0;
	if (exists && !S_ISREG(st.st_mode))
		die(path, "not a regular file");

	/* ".name.tmp.XXXXXX" beside it: hidden, and never *.sql or *.sum. */
	len = strlen(real);
	tmp = xmalloc(len + sizeof suffix + 1);
	slash = strrchr(real, '/');
	len = slash != NULL ? (size_t)(slash - real) + 1 : 0;
	memcpy(tmp, real, len);
	tmp[len] = '.';
	memcpy(tmp + len + 1, real + len, strlen(real) - len);
	memcpy(tmp + strlen(real) + 1, suffix, sizeof suffix);

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGHUP);
	(void)sigaddset(&set, SIGQUIT);
	(void)sigprocmask(SIG_BLOCK, &set, &old);
	fd = mkstemp(tmp);
	if (fd < 0)
		die(path, "cannot create a file beside it: %s", strerror(errno));
	mask = umask(0);
	(void)umask(mask);
	failed = fchmod(fd, exists ? st.st_mode & 07777 : 0666 & ~mask) != 0;
	/* Another user's file stays theirs when we are root; else it is ours. */
	if (!failed && exists && (st.st_uid != geteuid() || st.st_gid != getegid()) &&
	    fchown(fd, st.st_uid, st.st_gid) == 0)
		failed = fchmod(fd, st.st_mode & 07777) != 0;
	failed = failed || write_all(fd, p, n) != 0 || fsync(fd) != 0;
	if (close(fd) != 0)
		failed = 1;
	if (failed || rename(tmp, real) != 0) {
		int e = errno;

		(void)unlink(tmp);
		die(path, "cannot write: %s", strerror(e));
	}
	free(tmp);
	if (slash != NULL)
		slash[slash == real ? 1 : 0] = '\0';
	sync_dir(slash != NULL ? real : ".");
	free(real);
	(void)sigprocmask(SIG_SETMASK, &old, NULL);
}

/* ---- text ---- */

size_t
utf8_len(const char *s, size_t n)
{
	const unsigned char *p = (const unsigned char *)s;
	unsigned char lo = 0x80, hi = 0xbf;
	size_t len, i;

	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	len = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (n < len)
		return 0;
	if (p[0] == 0xe0)
		lo = 0xa0; /* overlong */
	else if (p[0] == 0xed)
		hi = 0x9f; /* surrogates */
	else if (p[0] == 0xf0)
		lo = 0x90; /* overlong */
	else if (p[0] == 0xf4)
		hi = 0x8f; /* above U+10FFFF */
	if (p[1] < lo || p[1] > hi)
		return 0;
	for (i = 2; i < len; i++)
		if (p[i] < 0x80 || p[i] > 0xbf)
			return 0;
	return len;
}

void
xbuf_utf8(struct buf *b, const char *p, size_t n, int nul_too)
{
	size_t i, k, from = 0;

	for (i = 0; i < n; i += k) {
		k = nul_too && p[i] == '\0' ? 0 : utf8_len(p + i, n - i);
		if (k != 0)
			continue;
		xbuf_add(b, p + from, i - from);
		xbuf_adds(b, "\xef\xbf\xbd");
		k = 1;
		from = i + 1;
	}
	xbuf_add(b, p + from, n - from);
}

void
xbuf_json(struct buf *b, const char *p, size_t n)
{
	size_t i, k, from = 0;
	const char *as;

	xbuf_addc(b, '"');
	for (i = 0; i < n; i += k) {
		k = 1;
		if ((unsigned char)p[i] >= 0x80) {
			k = utf8_len(p + i, n - i);
			if (k != 0)
				continue;
			k = 1;
		} else if ((unsigned char)p[i] >= 0x20 && p[i] != '"' && p[i] != '\\')
			continue;
		xbuf_add(b, p + from, i - from);
		from = i + 1;
		as = p[i] == '\n'  ? "\\n"
		    : p[i] == '\t' ? "\\t"
		    : p[i] == '"'  ? "\\\""
		    : p[i] == '\\' ? "\\\\"
				   : NULL;
		if (as != NULL)
			xbuf_adds(b, as);
		else if ((unsigned char)p[i] >= 0x80)
			xbuf_adds(b, "\xef\xbf\xbd");
		else
			xbuf_addf(b, "\\u%04x", (unsigned char)p[i]);
	}
	xbuf_add(b, p + from, n - from);
	xbuf_addc(b, '"');
}

int
pointer_valid(const char *p)
{
	if (*p != '\0' && *p != '/')
		return 0;
	for (; *p != '\0'; p++)
		if (*p == '~' && p[1] != '0' && p[1] != '1')
			return 0;
	return 1;
}

int
xpointer_next(const char **pp, struct buf *tok)
{
	const char *p = *pp;

	if (*p == '\0')
		return 0;
	tok->len = 0;
	xbuf_add(tok, "", 0);
	for (p++; *p != '\0' && *p != '/'; p++) {
		if (*p == '~') {
			p++;
			xbuf_addc(tok, *p == '1' ? '/' : '~');
		} else
			xbuf_addc(tok, *p);
	}
	*pp = p;
	return 1;
}
