/* world.c - the outside of a fuzzed tool, in memory; see world.h and fuzz.h. */
#include "fuzz.h"
#include "world.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>

#include <sanitizer/allocator_interface.h>

#define MAX_FILES 64
#define MAX_ENV 8
#define MAX_ARGS 32
#define FIRST_FD 100	/* of files; the directory's is one below */
#define SLOTS (1u << 16)	/* of the table of blocks, a power of two */

static struct file {
	char name[256];
	struct bytes content;
	size_t at;
	int open;
} files[MAX_FILES];
static size_t nfiles;

static struct { const char *name, *value; } env[MAX_ENV];
static size_t nenv;

static struct bytes in, out;
static size_t in_at, out_cap;
static int out_closed;
static char err[1 << 16];
FILE *world_stderr, *world_stdout;
static jmp_buf back;

__attribute__((weak)) int target_prints_with_2 = 0;

void
broken(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
	abort();
}

/* ---- memory: what the tool leaves is taken back after each run ---- */

static const volatile void *blocks[SLOTS];
static unsigned int used[SLOTS], nused;
/*
 * The hooks are called from where nobody sees it, and in other threads: that of
 * libFuzzer may begin late, and what it allocates is not the tool's.
 */
static _Thread_local volatile int inside;

static unsigned int
slot_of(const volatile void *p)
{
	return (unsigned int)((uintptr_t)p >> 4) * 2654435761u >> 16;
}

/* A freed block's slot keeps this mark, so that those behind it are found. */
static const char gone;

static void
note_malloc(const volatile void *p, size_t n)
{
	unsigned int i;

	(void)n;
	if (!inside || p == NULL)
		return;
	for (i = slot_of(p); blocks[i] != NULL && blocks[i] != &gone; i = (i + 1) % SLOTS)
		;
	if (blocks[i] == NULL) {
		must(nused < SLOTS / 2);
		used[nused++] = i;
	}
	blocks[i] = p;
}

static void
note_free(const volatile void *p)
{
	unsigned int i;

	if (!inside || p == NULL)
		return;
	for (i = slot_of(p); blocks[i] != NULL; i = (i + 1) % SLOTS)
		if (blocks[i] == p) {
			blocks[i] = &gone;
			return;
		}
}

int
world_inside(int now)
{
	int before = inside;

	inside = now;
	return before;
}

static void
free_blocks(void)
{
	const volatile void *p;

	for (; nused > 0; nused--) {
		p = blocks[used[nused - 1]];
		blocks[used[nused - 1]] = NULL;
		if (p != &gone)
			free((void *)(uintptr_t)p);
	}
}

static atomic_int go;

static void *
allocate_elsewhere(void *unused)
{
	(void)unused;
	while (!go)
		sched_yield();
	return malloc(1);
}

/* As said above: a block that another thread allocates during a run stays. */
static void
check_threads(void)
{
	pthread_t t;
	void *p;

	must(pthread_create(&t, NULL, allocate_elsewhere, NULL) == 0);
	inside = 1;
	go = 1;
	must(pthread_join(t, &p) == 0);
	inside = 0;
	must(nused == 0);
	free(p);
}

/* ---- the tool's variables ---- */

extern char __start_tool_bss[] __attribute__((weak));
extern char __stop_tool_bss[] __attribute__((weak));
extern char __start_tool_data[] __attribute__((weak));
extern char __stop_tool_data[] __attribute__((weak));
static char *data_then;

/*
 * Over red zones too, hence by hand; AddressSanitizer lays them out in 32s. Each
 * store is volatile, or the compiler would call memset(), which looks.
 */
typedef uint64_t chunk __attribute__((vector_size(32)));
__attribute__((no_sanitize("address", "coverage"))) static void
move(char *to, const char *from, size_t n)
{
	volatile chunk *t = (void *)to;
	const chunk *f = (const void *)from;
	const chunk zero = { 0 };
	size_t i;

	for (i = 0; i < n / sizeof *t; i++)
		t[i] = f != NULL ? f[i] : zero;
}

static void
reset_variables(void)
{
	size_t n = (size_t)(__stop_tool_data - __start_tool_data);

	if (data_then == NULL) {
		data_then = aligned_alloc(32, n + 32);
		move(data_then, __start_tool_data, n);
	}
	move(__start_tool_data, data_then, n);
	move(__start_tool_bss, NULL, (size_t)(__stop_tool_bss - __start_tool_bss));
}

/* ---- files ---- */

static int
open_name(const char *name)
{
	size_t i;

	for (i = 0; i < nfiles; i++)
		if (strcmp(files[i].name, name) == 0) {
			files[i].open++;
			files[i].at = 0;
			return FIRST_FD + (int)i;
		}
	errno = ENOENT;
	return -1;
}

int
world_open(const char *path, int flags, ...)
{
	must((flags & O_ACCMODE) == O_RDONLY && (flags & O_CLOEXEC));
	return open_name(path);
}

/* The one directory is "d": in it lies what has no '/' in its name. */
int
world_openat(int fd, const char *name, int flags, ...)
{
	must(fd == AT_FDCWD || fd == FIRST_FD - 1);
	must((flags & O_ACCMODE) == O_RDONLY && (flags & O_CLOEXEC));
	return open_name(name);
}

static struct file *
file_of(int fd)
{
	must(fd >= FIRST_FD && (size_t)(fd - FIRST_FD) < nfiles);
	must(files[fd - FIRST_FD].open > 0);
	return &files[fd - FIRST_FD];
}

int
world_fstat(int fd, struct stat *st)
{
	memset(st, 0, sizeof *st);
	if (fd == STDIN_FILENO) {
		st->st_mode = S_IFIFO | 0600;
		return 0;
	}
	st->st_mode = S_IFREG | 0644;
	st->st_size = (off_t)file_of(fd)->content.n;
	return 0;
}

ssize_t
world_read(int fd, void *p, size_t n)
{
	struct bytes *from = fd == STDIN_FILENO ? &in : &file_of(fd)->content;
	size_t *at = fd == STDIN_FILENO ? &in_at : &file_of(fd)->at;

	if (n > from->n - *at)
		n = from->n - *at;
	/* A pipe gives what it has. */
	if (fd == STDIN_FILENO && n > 1000)
		n = 1000;
	memcpy(p, from->p + *at, n);
	*at += n;
	return (ssize_t)n;
}

ssize_t
world_write(int fd, const void *p, size_t n)
{
	must(fd == STDOUT_FILENO && !out_closed);
	if (out.n + n + 1 > out_cap) {
		inside = 0;
		out_cap = 2 * (out.n + n + 1);
		out.p = realloc(out.p, out_cap);
		inside = 1;
	}
	memcpy(out.p + out.n, p, n);
	out.n += n;
	return (ssize_t)n;
}

int
world_close(int fd)
{
	if (fd == STDOUT_FILENO) {
		must(!out_closed);
		out_closed = 1;
	} else
		file_of(fd)->open--;
	return 0;
}

static size_t dir_at;
static int dir_open;
static struct dirent entry;

DIR *
world_opendir(const char *path)
{
	if (strcmp(path, "d") != 0) {
		errno = ENOENT;
		return NULL;
	}
	dir_at = 0;
	dir_open++;
	return (DIR *)&entry;
}

struct dirent *
world_readdir(DIR *d)
{
	must(d == (DIR *)&entry && dir_open > 0);
	while (dir_at < nfiles && strchr(files[dir_at].name, '/') != NULL)
		dir_at++;
	if (dir_at == nfiles)
		return NULL;
	strcpy(entry.d_name, files[dir_at].name);
	/* Some file systems tell, some do not. */
	entry.d_type = dir_at++ % 2 != 0 ? DT_REG : DT_UNKNOWN;
	return &entry;
}

int
world_dirfd(DIR *d)
{
	must(d == (DIR *)&entry && dir_open > 0);
	return FIRST_FD - 1;
}

int
world_closedir(DIR *d)
{
	must(d == (DIR *)&entry && dir_open-- > 0);
	return 0;
}

int
world_set(const char *name, struct bytes content)
{
	size_t i;

	for (i = 0; i < nfiles; i++)
		if (strcmp(files[i].name, name) == 0)
			break;
	if (i == MAX_FILES || strlen(name) >= sizeof files[0].name)
		return 0;
	memset(&files[i], 0, sizeof files[i]);
	strcpy(files[i].name, name);
	files[i].content = content;
	nfiles += i == nfiles;
	return 1;
}

void
world_add(const char *name, struct bytes content)
{
	must(world_set(name, content));
}

/* ---- the rest of the outside ---- */

char *
world_getcwd(char *p, size_t n)
{
	must(p == NULL && n == 0);
	return strdup("/home/user/app");
}

void
world_env(const char *name, const char *value)
{
	must(nenv < MAX_ENV);
	env[nenv].name = name;
	env[nenv++].value = value;
}

char *
world_getenv(const char *name)
{
	size_t i;

	for (i = 0; i < nenv; i++)
		if (strcmp(env[i].name, name) == 0)
			return (char *)(uintptr_t)env[i].value;
	return NULL;
}

int
world_isatty(int fd)
{
	(void)fd;
	return 0;
}

void
world_exit(int code)
{
	longjmp(back, code + 1);
}

/* ---- a run ---- */

/* Kept until the target is done. */
static char *kept[32768];
static size_t nkept;

struct bytes
copy(const char *p, size_t n)
{
	struct bytes b = { malloc(n + 1), n };

	must(nkept < sizeof kept / sizeof *kept);
	kept[nkept++] = b.p;
	if (p != NULL)
		memcpy(b.p, p, n);
	b.p[n] = '\0';
	return b;
}

void
add(struct bytes *to, const void *p, size_t n)
{
	struct bytes b = copy(NULL, to->n + n);

	memcpy(b.p, to->p, to->n);
	memcpy(b.p + to->n, p, n);
	*to = b;
}

struct bytes
field(struct bytes *from, int sep)
{
	char *end = from->n > 0 ? memchr(from->p, sep, from->n) : NULL;
	size_t n = end != NULL ? (size_t)(end - from->p) : from->n;
	struct bytes b = copy(from->p, n);

	n += end != NULL;
	from->p += n;
	from->n -= n;
	return b;
}

int
equal(struct bytes a, struct bytes b)
{
	return a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
}

int
has(struct bytes b, const char *what, size_t n)
{
	return memmem(b.p, b.n, what, n) != NULL;
}

/* One line, or the usage's several; nothing that a terminal would act on. */
static void
check_message(void)
{
	const unsigned char *p = (unsigned char *)err;
	size_t n = strlen(target_tool);

	must((strncmp(err, target_tool, n) == 0 && err[n] == ':') ||
	    strncmp(err, "usage: ", 7) == 0);
	must(err[strlen(err) - 1] == '\n');
	for (; *p != '\0'; p++)
		must((*p >= 0x20 && *p != 0x7f) || *p == '\n');
}

int
run(struct bytes *result, struct bytes stdin_bytes, const char *arg, ...)
{
	static char *argv[MAX_ARGS];
	volatile int code;
	va_list ap;
	int argc = 0;
	size_t i;

	argv[argc++] = (char *)(uintptr_t)target_tool;
	va_start(ap, arg);
	for (; arg != NULL && argc < MAX_ARGS - 1; arg = va_arg(ap, const char *))
		argv[argc++] = copy(arg, strlen(arg)).p;
	va_end(ap);
	argv[argc] = NULL;

	in = stdin_bytes;
	in_at = out.n = 0;
	out_closed = dir_open = 0;
	for (i = 0; i < nfiles; i++)
		files[i].open = 0;
	rewind(world_stderr);
	err[0] = '\0';
	reset_variables();
	optind = 0;	/* glibc: start anew, and look for a '+' again */
	opterr = 0;
	code = setjmp(back);
	if (code == 0) {
		inside = 1;
		code = tool_main(argc, argv);
		inside = 0;
		for (i = 0; i < nfiles; i++)
			must(files[i].open == 0);
		must(dir_open == 0);
	} else
		code--;
	inside = 0;
	free_blocks();
	fflush(world_stderr);

	must(code >= 0 && code <= 2);
	if (code == 2)
		must((out.n == 0 || target_prints_with_2) && err[0] != '\0');
	if (err[0] != '\0')
		check_message();
	*result = copy(out.p, out.n);
	return code;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static int ready;

	if (!ready) {
		ready = 1;
		/* Unbuffered: the buffer would be the tool's memory. */
		world_stderr = fmemopen(err, sizeof err, "w");
		world_stdout = fopen("/dev/null", "w");
		must(world_stderr != NULL && world_stdout != NULL);
		setvbuf(world_stderr, NULL, _IONBF, 0);
		setvbuf(world_stdout, NULL, _IONBF, 0);
		must(__sanitizer_install_malloc_and_free_hooks(note_malloc, note_free) > 0);
		check_threads();
	}
	nfiles = nenv = 0;
	target(copy((const char *)p, n));
	while (nkept > 0)
		free(kept[--nkept]);
	return 0;
}
