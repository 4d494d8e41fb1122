/*
 * fuzz.h - what the fuzz targets use of world.c.
 *
 * A target is NAME.c: it splits the fuzzer's bytes into a command line and
 * files, runs the tool as often as it likes and says what must hold.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct bytes {
	char *p; /* a NUL past the end */
	size_t n;
};

/* The next field of the input, up to the byte sep or the end; a fresh copy. */
struct bytes field(struct bytes *in, int sep);
/* n bytes, from p unless it is NULL; they live until the target returns. */
struct bytes copy(const char *p, size_t n);
void add(struct bytes *to, const void *p, size_t n);
int equal(struct bytes a, struct bytes b);
int has(struct bytes in, const char *what, size_t n);

/* Files the tool finds; a '/' in a name is a directory's end. */
void world_add(const char *name, struct bytes content);
int world_set(const char *name, struct bytes content); /* replace or add */
void world_env(const char *name, const char *value);

/* Does what is allocated now belong to the tool? The answer up to now. */
int world_inside(int now);

/*
 * Run the tool, and see that it kept what all of them promise: exit 0, 1 or 2;
 * with 2 a message and no output; no control characters in a message; no
 * descriptor left open. The output is good until the target returns.
 */
int run(struct bytes *out, struct bytes in, const char *arg, ...);

/* Holds, or the input is a find. */
#define must(what) ((what) ? (void)0 : broken(__FILE__, __LINE__, #what))
_Noreturn void broken(const char *file, int line, const char *what);

/* NAME.c has these: the tool's name, one input, and files that never change. */
extern const char *const target_tool;
void target(struct bytes in);
/* With 2 there may be output too; where NAME.c does not say so: 0. */
extern int target_prints_with_2;

#endif
