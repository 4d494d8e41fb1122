/*
 * inject.c - make one call of a program fail, for LD_PRELOAD; or, compiled with
 * -DLINKED, for a program linked with ld's --wrap for each call, which goes
 * together with AddressSanitizer.
 *
 * FAULT=CALL:N:HOW	the Nth CALL fails; HOW is an errno by name, or "short"
 *			(one byte is read or written). N+: all from there on
 * FAULT_COUNT=FILE	at exit, write "CALL NUMBER" lines into FILE
 *
 * Allocations count whoever makes them, under the name "alloc"; the other
 * calls only where the program itself makes them, not a library or libc.
 */
#define _GNU_SOURCE
#include <sys/stat.h>
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* clang-format off */
enum call {
	ALLOC, CLOSE, FCHMOD, FCHOWN, FSTAT, FSYNC, GETCWD, MKSTEMP, OPEN, OPENAT,
	OPENDIR, READ, READDIR, REALPATH, RENAME, STAT, WRITE, CALLS
};

static const char *const names[CALLS] = {
	"alloc", "close", "fchmod", "fchown", "fstat", "fsync", "getcwd", "mkstemp",
	"open", "openat", "opendir", "read", "readdir", "realpath", "rename", "stat",
	"write"
};

static const struct { const char *name; int number; } errors[] = {
	{ "EACCES", EACCES }, { "EDQUOT", EDQUOT }, { "EINTR", EINTR }, { "EIO", EIO },
	{ "EMFILE", EMFILE }, { "ENOMEM", ENOMEM }, { "ENOSPC", ENOSPC },
	{ "EPERM", EPERM }, { "EPIPE", EPIPE }, { "EROFS", EROFS }, { "short", -1 }
};
/* clang-format on */

static struct {
	int ready, call, error, onwards;
	unsigned long nth, count[CALLS];
	uintptr_t begin, end; /* of the program itself */
} fault = {.call = -1};

static int
find_program(struct dl_phdr_info *info, size_t n, void *p)
{
	int i;

	(void)n;
	(void)p;
	for (i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_LOAD) {
			if (fault.begin == 0)
				fault.begin =
				    info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
			fault.end = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr +
			    info->dlpi_phdr[i].p_memsz;
		}
	return 1; /* the first is the program */
}

__attribute__((constructor)) static void
start(void)
{
	const char *s = getenv("FAULT");
	char call[16], how[16], plus;
	size_t i;

	dl_iterate_phdr(find_program, NULL);
	if (s != NULL) {
		if (sscanf(s, "%15[a-z]:%lu:%15s", call, &fault.nth, how) != 3 &&
		    sscanf(s, "%15[a-z]:%lu%c:%15s", call, &fault.nth, &plus, how) != 4)
			abort();
		fault.onwards = strchr(s, '+') != NULL;
		for (i = 0; i < CALLS; i++)
			if (strcmp(names[i], call) == 0)
				fault.call = (int)i;
		for (i = 0; i < sizeof errors / sizeof *errors; i++)
			if (strcmp(errors[i].name, how) == 0)
				fault.error = errors[i].number;
		if (fault.call < 0 || fault.error == 0)
			abort();
	}
	fault.ready = 1;
}

__attribute__((destructor)) static void
stop(void)
{
	const char *path = getenv("FAULT_COUNT");
	FILE *f;
	int i;

	fault.ready = 0;
	if (path == NULL || (f = fopen(path, "w")) == NULL)
		return;
	for (i = 0; i < CALLS; i++)
		fprintf(f, "%s %lu\n", names[i], fault.count[i]);
	fclose(f);
}

/* 0: go on. Else the call fails with errno set, or (-1) is to be short. */
static int
fails(int call, const void *caller)
{
	unsigned long n;

	if (!fault.ready ||
	    (call != ALLOC &&
		((uintptr_t)caller < fault.begin || (uintptr_t)caller >= fault.end)))
		return 0;
	n = ++fault.count[call];
	if (call != fault.call || (fault.onwards ? n < fault.nth : n != fault.nth))
		return 0;
	if (fault.error > 0)
		errno = fault.error;
	return fault.error;
}

/* clang-format off */
#define CALLER __builtin_return_address(0)
#ifdef LINKED
#define OURS(name) __wrap_##name
#define REAL(name) extern __typeof__(name) __real_##name; \
	static __typeof__(name) *const real = __real_##name
#else
#define OURS(name) name
#define REAL(name) static __typeof__(name) *real; \
	if (real == NULL) real = (__typeof__(name) *)(uintptr_t)dlsym(RTLD_NEXT, #name)
#endif
/* clang-format on */

/* ---- memory ---- */

#ifdef LINKED
void *
__wrap_malloc(size_t n)
{
	REAL(malloc);
	return fails(ALLOC, NULL) ? NULL : real(n);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	REAL(calloc);
	return fails(ALLOC, NULL) ? NULL : real(n, size);
}

void *
__wrap_realloc(void *p, size_t n)
{
	REAL(realloc);
	return fails(ALLOC, NULL) ? NULL : real(p, n);
}
#else
/* dlsym() may want some before the real one is known. */

static _Alignas(16) char early[4096];
static size_t early_used;

static void *
early_block(size_t n)
{
	void *p = early + early_used;

	early_used += (n + 15) & ~(size_t)15;
	if (early_used > sizeof early)
		abort();
	return p;
}

static int
is_early(const void *p)
{
	return (uintptr_t)p >= (uintptr_t)early &&
	    (uintptr_t)p < (uintptr_t)early + sizeof early;
}

void *
malloc(size_t n)
{
	static int looking;
	static void *(*real)(size_t);

	if (real == NULL) {
		if (looking)
			return early_block(n);
		looking = 1;
		real = (void *(*)(size_t))(uintptr_t)dlsym(RTLD_NEXT, "malloc");
	}
	return fails(ALLOC, NULL) ? NULL : real(n);
}

void *
calloc(size_t n, size_t size)
{
	static int looking;
	static void *(*real)(size_t, size_t);

	if (real == NULL) {
		if (looking)
			return early_block(n * size);
		looking = 1;
		real = (void *(*)(size_t, size_t))(uintptr_t)dlsym(RTLD_NEXT, "calloc");
	}
	return fails(ALLOC, NULL) ? NULL : real(n, size);
}

void *
realloc(void *p, size_t n)
{
	REAL(realloc);
	if (is_early(p))
		abort();
	return fails(ALLOC, NULL) ? NULL : real(p, n);
}

void
free(void *p)
{
	REAL(free);
	if (!is_early(p))
		real(p);
}
#endif

/* ---- the rest ---- */

ssize_t
OURS(read)(int fd, void *p, size_t n)
{
	int e = fails(READ, CALLER);
	REAL(read);

	return e > 0 ? -1 : real(fd, p, e < 0 && n > 1 ? 1 : n);
}

#ifndef LINKED
/* read() as _FORTIFY_SOURCE calls it. */
ssize_t
__read_chk(int fd, void *p, size_t n, size_t size)
{
	int e = fails(READ, CALLER);

	if (n > size)
		abort();
	REAL(read);
	return e > 0 ? -1 : real(fd, p, e < 0 && n > 1 ? 1 : n);
}
#endif

ssize_t
OURS(write)(int fd, const void *p, size_t n)
{
	int e = fails(WRITE, CALLER);
	REAL(write);

	return e > 0 ? -1 : real(fd, p, e < 0 && n > 1 ? 1 : n);
}

int
OURS(open)(const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;
	REAL(open);

	va_start(ap, flags);
	mode = flags & O_CREAT ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	return fails(OPEN, CALLER) ? -1 : real(path, flags, mode);
}

int
OURS(openat)(int fd, const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;
	REAL(openat);

	va_start(ap, flags);
	mode = flags & O_CREAT ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	return fails(OPENAT, CALLER) ? -1 : real(fd, path, flags, mode);
}

/* As Linux does: the descriptor is gone all the same. */
int
OURS(close)(int fd)
{
	int e = fails(CLOSE, CALLER), r;
	REAL(close);

	r = real(fd);
	if (e != 0) {
		errno = e;
		return -1;
	}
	return r;
}

/* clang-format off */
#define WRAP(type, failed, name, CALL, params, args) \
	type OURS(name) params { REAL(name); return fails(CALL, CALLER) ? failed : real args; }

WRAP(int, -1, fchmod, FCHMOD, (int fd, mode_t mode), (fd, mode))
WRAP(int, -1, fchown, FCHOWN, (int fd, uid_t u, gid_t g), (fd, u, g))
WRAP(int, -1, fstat, FSTAT, (int fd, struct stat *st), (fd, st))
WRAP(int, -1, stat, STAT, (const char *path, struct stat *st), (path, st))
WRAP(int, -1, fsync, FSYNC, (int fd), (fd))
WRAP(int, -1, rename, RENAME, (const char *a, const char *b), (a, b))
WRAP(int, -1, mkstemp, MKSTEMP, (char *path), (path))
WRAP(char *, NULL, getcwd, GETCWD, (char *p, size_t n), (p, n))
WRAP(char *, NULL, realpath, REALPATH, (const char *path, char *p), (path, p))
WRAP(DIR *, NULL, opendir, OPENDIR, (const char *path), (path))
WRAP(struct dirent *, NULL, readdir, READDIR, (DIR *d), (d))
/* clang-format on */
