/*
 * world.h - what a tool sees of the outside while it is fuzzed.
 *
 * Put in front of each of a tool's sources (clang -include), with its main()
 * renamed to tool_main(). Files, standard streams and exit() are then
 * world.c's, in memory; and all that the tool keeps between calls stands in
 * two sections, so that world.c can put it back to what it was at the start.
 */
#ifndef WORLD_H
#define WORLD_H

#include <sys/stat.h>
#include <sys/types.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <regex.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

int tool_main(int, char *[]);

extern FILE *world_stderr, *world_stdout;

_Noreturn void world_exit(int);
int world_open(const char *, int, ...);
int world_openat(int, const char *, int, ...);
int world_fstat(int, struct stat *);
ssize_t world_read(int, void *, size_t);
ssize_t world_write(int, const void *, size_t);
int world_close(int);
DIR *world_opendir(const char *);
struct dirent *world_readdir(DIR *);
int world_dirfd(DIR *);
int world_closedir(DIR *);
char *world_getcwd(char *, size_t);
char *world_getenv(const char *);
int world_isatty(int);

#ifdef WORLD_INSIDE
#undef stderr
#undef stdout
#define stderr world_stderr
#define stdout world_stdout
#define exit(code) world_exit(code)
#define open(...) world_open(__VA_ARGS__)
#define openat(...) world_openat(__VA_ARGS__)
#define fstat(fd, st) world_fstat(fd, st)
#define read(fd, p, n) world_read(fd, p, n)
#define write(fd, p, n) world_write(fd, p, n)
#define close(fd) world_close(fd)
#define opendir(path) world_opendir(path)
#define readdir(d) world_readdir(d)
#define dirfd(d) world_dirfd(d)
#define closedir(d) world_closedir(d)
#define getcwd(p, n) world_getcwd(p, n)
#define getenv(name) world_getenv(name)
#define isatty(fd) world_isatty(fd)
#define CRYPTO_set_mem_functions world_crypto_memory
#pragma clang section bss = "tool_bss" data = "tool_data"
#endif

#endif
