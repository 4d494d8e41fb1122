/*
 * util.h - what two or more of the tools need, and nothing else.
 *
 * A function whose name starts with x does not return on failure: it prints
 * one line, "tool: where: what", on stderr and exits 2. die() is the same for
 * the tool's own findings. No other function here exits.
 */
#ifndef UTIL_H
#define UTIL_H

#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#define EXIT_YES 0    /* done, or the answer is yes */
#define EXIT_NO 1     /* the honest answer is no */
#define EXIT_CANNOT 2 /* usage, I/O, memory or bad input */

#if defined(__GNUC__)
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))
#define NORETURN __attribute__((noreturn))
#else
#define PRINTF_LIKE(f, a)
#define NORETURN
#endif

/* The tool's name in front of every message; each main() sets it first. */
extern const char *util_tool;

/*
 * Print "tool: where: what\n" on stderr; where may be NULL. Text of foreign
 * origin should be cut short by the caller; control characters in the finished
 * message are shown as '?', so a message is always one line. warnx_at() goes
 * on, die() exits 2.
 */
void warnx_at(const char *where, const char *fmt, ...) PRINTF_LIKE(2, 3);
void die(const char *where, const char *fmt, ...) PRINTF_LIKE(2, 3) NORETURN;

/* A growing byte buffer; zero it to start. p is NUL-terminated past len. */
struct buf {
	char *p;
	size_t len;
	size_t cap;
};

#ifndef READ_CHUNK
#define READ_CHUNK 65536 /* so much is read at once; less where it is fuzzed */
#endif

/* Make room for n bytes more and the NUL. */
void xbuf_room(struct buf *b, size_t n);

/* Here, since they are called for each small thing that is read or written. */
static inline void
xbuf_add(struct buf *b, const void *p, size_t n)
{
	if (b->cap - b->len <= n)
		xbuf_room(b, n);
	if (n != 0)
		memcpy(b->p + b->len, p, n);
	b->len += n;
	b->p[b->len] = '\0';
}

static inline void
xbuf_addc(struct buf *b, char c)
{
	xbuf_add(b, &c, 1);
}

void xbuf_adds(struct buf *b, const char *s);
void xbuf_addf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void xbuf_vaddf(struct buf *b, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);
void buf_free(struct buf *b);

void *xmalloc(size_t n);
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t n);                   /* n bytes; 0 counts as 1 */
void *xreallocarray(void *p, size_t n, size_t size); /* refuses overflow */
char *xstrdup(const char *s);

/*
 * Append all of a stream or file to b. "where" names it in messages. A
 * directory, an unreadable file and a read error end the tool.
 */
void xread_fd(int fd, const char *where, struct buf *b);
void xread_file(const char *path, struct buf *b);

/*
 * Write all of it to stdout and make sure it got there: a full disk or a gone
 * reader is exit 2, never a silent success. Call once, at the end.
 */
void xwrite_stdout(const void *p, size_t n);

/*
 * Replace the file's content as a whole or not at all: a new file beside it
 * (created exclusively), written, synced, renamed over it; the mode is kept
 * (owner and group too where permitted), a new file gets 0666 & ~umask. A
 * symbolic link is followed, the link stays. INT, TERM, HUP and QUIT wait
 * until it is over, so nothing is left behind. Hard links are broken.
 */
void xreplace_file(const char *path, const void *p, size_t n);

/*
 * The length of the well-formed UTF-8 sequence at p (1 to 4), or 0 when the
 * bytes there are none (overlong, surrogate, above U+10FFFF, cut short).
 * n >= 1 is what is left of the input.
 */
size_t utf8_len(const char *p, size_t n);

/*
 * Append n bytes at p, U+FFFD for each that is not UTF-8, and for NUL, too, where
 * the text is to be a C string.
 */
void xbuf_utf8(struct buf *b, const char *p, size_t n, int nul_too);

/* Append n bytes at p as a JSON string; U+FFFD stands for what is not UTF-8. */
void xbuf_json(struct buf *b, const char *p, size_t n);

/*
 * RFC 6901. A pointer is "" (the whole document) or a row of "/token", with
 * ~1 for / and ~0 for ~ inside a token. pointer_valid() says whether it is
 * well formed. xpointer_next() takes the next token, unescaped, into tok and
 * returns 1, or returns 0 at the end; *p moves along.
 */
int pointer_valid(const char *p);
int xpointer_next(const char **p, struct buf *tok);

#endif
