/*
 * killat.c - end a command at the Nth of its calls that change files.
 *
 *	killat [-o] [-s] [-l LOG] N DIR COMMAND...
 *	killat -x NAMES [-l LOG] N DIR COMMAND...
 *
 * Runs COMMAND and counts, over all its processes, the system calls that
 * change something below DIR. After the Nth every process is killed, as if the
 * power had gone; with -o only the one that made the call, as when memory runs
 * out. N = 0 only counts. -s counts what goes to sockets instead, whichever DIR.
 * Each counted call becomes a line of LOG.
 *
 * With -x it counts how often a program is started that has one of these NAMES, with
 * commas between. The Nth of them hangs, and hears no signal but SIGKILL; then COMMAND
 * itself gets SIGTERM, and has a minute to end.
 *
 * Exit: COMMAND's own code; 137 when it was killed; 3 when it ended and left
 * processes behind for ten seconds, or did not end in time (they are killed); 125 could not run.
 *
 * Linux alone: ptrace(2), and a filter of seccomp(2) that stops for nothing but
 * these calls, so that a database server in COMMAND is not slowed down.
 */
#define _GNU_SOURCE
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef PTRACE_EVENT_STOP
#define PTRACE_EVENT_STOP 128
#endif
#define MAX_TRACED 4096

enum where { FD, FD2, PATH, AT, PATHS, ATS, SECOND, AT2 };
static const struct call {
	long nr;
	const char *name;
	enum where where;
	int flags;	/* the argument with open's flags, or -1 */
} calls[] = {
#ifdef SYS_open
	{ SYS_open, "open", PATH, 1 },
	{ SYS_creat, "creat", PATH, -1 },
	{ SYS_rename, "rename", PATHS, -1 },
	{ SYS_unlink, "unlink", PATH, -1 },
	{ SYS_rmdir, "rmdir", PATH, -1 },
	{ SYS_mkdir, "mkdir", PATH, -1 },
	{ SYS_link, "link", SECOND, -1 },
	{ SYS_symlink, "symlink", SECOND, -1 },
	{ SYS_chmod, "chmod", PATH, -1 },
	{ SYS_chown, "chown", PATH, -1 },
#endif
#ifdef SYS_renameat
	{ SYS_renameat, "renameat", ATS, -1 },
#endif
	{ SYS_openat, "openat", AT, 2 },
	{ SYS_renameat2, "renameat2", ATS, -1 },
	{ SYS_unlinkat, "unlinkat", AT, -1 },
	{ SYS_mkdirat, "mkdirat", AT, -1 },
	{ SYS_linkat, "linkat", AT2, -1 },
	{ SYS_symlinkat, "symlinkat", AT2, -1 },
	{ SYS_fchmodat, "fchmodat", AT, -1 },
	{ SYS_fchownat, "fchownat", AT, -1 },
	{ SYS_utimensat, "utimensat", AT, -1 },
	{ SYS_truncate, "truncate", PATH, -1 },
	{ SYS_ftruncate, "ftruncate", FD, -1 },
	{ SYS_fchmod, "fchmod", FD, -1 },
	{ SYS_fchown, "fchown", FD, -1 },
	{ SYS_fallocate, "fallocate", FD, -1 },
	{ SYS_write, "write", FD, -1 },
	{ SYS_writev, "writev", FD, -1 },
	{ SYS_pwrite64, "pwrite64", FD, -1 },
	{ SYS_sendfile, "sendfile", FD, -1 },
	{ SYS_sendto, "sendto", FD, -1 },
	{ SYS_copy_file_range, "copy_file_range", FD2, -1 },
};
#define CALLS (sizeof calls / sizeof *calls)

static struct traced {
	pid_t pid;
	const struct call *call;	/* it is in, and is to be counted */
	char *what;
} traced[MAX_TRACED];
static size_t slots;	/* used so far */

static const char *dir;
static int sockets;
static const char *names;	/* -x */
static pid_t child;

static _Noreturn void
fail(const char *what)
{
	fprintf(stderr, "killat: %s: %s\n", what, strerror(errno));
	if (child > 0)
		kill(child, SIGKILL);
	_exit(125);
}

static struct traced *
find(pid_t pid)
{
	struct traced *unused = NULL;
	size_t i;

	for (i = 0; i < slots; i++) {
		if (traced[i].pid == pid)
			return &traced[i];
		if (traced[i].pid == 0 && unused == NULL)
			unused = &traced[i];
	}
	if (unused == NULL && slots < MAX_TRACED)
		unused = &traced[slots++];
	if (unused == NULL) {
		errno = EAGAIN;
		fail("too many processes");
	}
	unused->pid = pid;
	unused->call = NULL;
	return unused;
}

/* The argument's text; a page at a time, for the next may not be there. */
static void
read_text(pid_t pid, uint64_t at, char to[PATH_MAX])
{
	struct iovec here, there;
	size_t n = 0, part;
	ssize_t got;

	memset(to, 0, PATH_MAX);
	while (n < PATH_MAX - 1 && memchr(to, '\0', n) == NULL) {
		part = 4096 - (at + n) % 4096;
		if (part > PATH_MAX - 1 - n)
			part = PATH_MAX - 1 - n;
		here = (struct iovec){ to + n, part };
		there = (struct iovec){ (void *)(uintptr_t)(at + n), part };
		got = process_vm_readv(pid, &here, 1, &there, 1, 0);
		if (got <= 0)
			return;
		n += (size_t)got;
	}
}

static int
is_below(const char *path)
{
	size_t n = strlen(dir);

	return strncmp(path, dir, n) == 0 && path[n] == '/';
}

/* Is what fd names below DIR, or a socket when these count? Its name. */
static int
fd_counts(pid_t pid, int fd, char name[PATH_MAX])
{
	char link[64];
	ssize_t n;

	snprintf(link, sizeof link, "/proc/%d/fd/%d", (int)pid, fd);
	n = readlink(link, name, PATH_MAX - 1);
	if (n < 0)
		return 0;
	name[n] = '\0';
	if (sockets)
		return strncmp(name, "socket:", 7) == 0;
	return is_below(name);
}

static int
path_counts(pid_t pid, int at, uint64_t arg, char name[PATH_MAX])
{
	char link[64], base[PATH_MAX], text[PATH_MAX];
	ssize_t n;

	read_text(pid, arg, text);
	if (text[0] == '/')
		snprintf(name, PATH_MAX, "%s", text);
	else {
		if (at == AT_FDCWD)
			snprintf(link, sizeof link, "/proc/%d/cwd", (int)pid);
		else
			snprintf(link, sizeof link, "/proc/%d/fd/%d", (int)pid, at);
		n = readlink(link, base, sizeof base - 1);
		if (n < 0)
			return 0;
		base[n] = '\0';
		if ((size_t)snprintf(name, PATH_MAX, "%s/%s", base, text) >= PATH_MAX)
			return 0;
	}
	return !sockets && is_below(name);
}

static void
entered(struct traced *t)
{
	struct __ptrace_syscall_info info;
	const struct call *c = NULL;
	char name[PATH_MAX] = "", other[PATH_MAX] = "";
	uint64_t *a = info.seccomp.args;
	pid_t pid = t->pid;
	size_t i;
	int yes = 0;

	t->call = NULL;
	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) < 0 ||
	    info.op != PTRACE_SYSCALL_INFO_SECCOMP)
		return;
	for (i = 0; i < CALLS && c == NULL; i++)
		if ((uint64_t)calls[i].nr == info.seccomp.nr)
			c = &calls[i];
	if (c == NULL || (c->flags >= 0 && (a[c->flags] & (O_CREAT | O_TRUNC)) == 0))
		return;
	switch (c->where) {
	case FD:
		yes = fd_counts(pid, (int)a[0], name);
		break;
	case FD2:
		yes = fd_counts(pid, (int)a[2], name);
		break;
	case PATH:
		yes = path_counts(pid, AT_FDCWD, a[0], name);
		break;
	case SECOND:
		yes = path_counts(pid, AT_FDCWD, a[1], name);
		break;
	case PATHS:
		yes = path_counts(pid, AT_FDCWD, a[0], other) |
		    path_counts(pid, AT_FDCWD, a[1], name);
		break;
	case AT:
		yes = path_counts(pid, (int)a[0], a[1], name);
		break;
	case AT2:
		yes = path_counts(pid, (int)a[c->nr == SYS_symlinkat ? 1 : 2],
		    a[c->nr == SYS_symlinkat ? 2 : 3], name);
		break;
	case ATS:
		yes = path_counts(pid, (int)a[0], a[1], other) |
		    path_counts(pid, (int)a[2], a[3], name);
		break;
	}
	if (!yes)
		return;
	t->call = c;
	free(t->what);
	if (asprintf(&t->what, "%s %s", c->name,
	    is_below(name) ? name + strlen(dir) + 1 : name) < 0)
		fail("memory");
}

/* Did the call it was in succeed? */
static int
succeeded(pid_t pid)
{
	struct __ptrace_syscall_info info;

	return ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) >= 0 &&
	    info.op == PTRACE_SYSCALL_INFO_EXIT && !info.exit.is_error;
}

/* Is it the process of one of the names? */
static int
is_named(pid_t pid)
{
	char path[64], comm[64] = "";
	const char *p, *end;
	size_t n;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/comm", (int)pid);
	f = fopen(path, "re");
	if (f == NULL)
		return 0;
	n = fread(comm, 1, sizeof comm - 1, f);
	fclose(f);
	if (n > 0 && comm[n - 1] == '\n')
		n--;
	for (p = names; ; p = end + 1) {
		end = p + strcspn(p, ",");
		if ((size_t)(end - p) == n && memcmp(p, comm, n) == 0)
			return 1;
		if (*end == '\0')
			return 0;
	}
}

static void
filter(void)
{
	struct sock_filter f[2 * CALLS + 2];
	struct sock_fprog p = { 0, f };
	size_t i, n = 0;

	f[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (i = 0; i < CALLS; i++) {
		f[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned int)calls[i].nr, 0, 1);
		f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
	}
	f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	p.len = (unsigned short)n;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &p) < 0)
		fail("seccomp");
}

/*
 * Parents come first, and it last, so that nobody sees another die. One that was
 * begun just now is not known yet: it stops, and that is the first seen of it.
 */
static _Noreturn void
kill_all(pid_t last)
{
	size_t i;
	pid_t pid;
	int status;

	for (i = 0; i < slots; i++)
		if (traced[i].pid != 0 && traced[i].pid != last)
			kill(traced[i].pid, SIGKILL);
	kill(last, SIGKILL);
	while ((pid = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR)
		if (pid > 0 && WIFSTOPPED(status))
			kill(pid, SIGKILL);
	_exit(137);
}

static void
too_long(int sig)
{
	static const char text[] = "killat: processes were left behind\n";

	(void)sig;
	if (write(STDERR_FILENO, text, sizeof text - 1) < 0)
		_exit(125);
	_exit(3);	/* PTRACE_O_EXITKILL */
}

int
main(int argc, char *argv[])
{
	FILE *log = NULL;
	struct traced *t;
	unsigned long nth, count = 0;
	int alone = 0, code = 125, c, status, go[2], sig, event;
	char byte = 0;
	pid_t pid;

	while ((c = getopt(argc, argv, "+l:osx:")) != -1)
		switch (c) {
		case 'l':
			log = fopen(optarg, "we");
			if (log == NULL)
				fail(optarg);
			break;
		case 'o':
			alone = 1;
			break;
		case 's':
			sockets = 1;
			break;
		case 'x':
			names = optarg;
			break;
		default:
			return 125;
		}
	if (argc - optind < 3) {
		fprintf(stderr, "usage: killat [-o] [-s] [-x names] [-l log] n dir command...\n");
		return 125;
	}
	nth = strtoul(argv[optind], NULL, 10);
	dir = realpath(argv[optind + 1], NULL);
	if (dir == NULL || pipe2(go, O_CLOEXEC) < 0)
		fail(argv[optind + 1]);
	child = fork();
	if (child < 0)
		fail("fork");
	if (child == 0) {
		if (read(go[0], &byte, 1) != 1)
			_exit(125);
		if (names == NULL)
			filter();
		execvp(argv[optind + 2], argv + optind + 2);
		fail(argv[optind + 2]);
	}
	if (ptrace(PTRACE_SEIZE, child, 0, PTRACE_O_EXITKILL | PTRACE_O_TRACESECCOMP |
	    PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACESYSGOOD |
	    (names != NULL ? PTRACE_O_TRACEEXEC : 0)) < 0)
		fail("ptrace");
	if (write(go[1], &byte, 1) != 1)
		fail("pipe");

	signal(SIGALRM, too_long);
	while ((pid = waitpid(-1, &status, __WALL)) > 0 || (pid < 0 && errno == EINTR)) {
		if (pid < 0)
			continue;
		t = find(pid);
		if (!WIFSTOPPED(status)) {
			t->pid = 0;
			if (pid == child) {
				code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
				alarm(10);
			}
			continue;
		}
		sig = WSTOPSIG(status);
		event = status >> 16;
		if (event == PTRACE_EVENT_EXEC && is_named(pid)) {
			count++;
			if (log != NULL) {
				fprintf(log, "%lu %d\n", count, (int)pid);
				fflush(log);
			}
			if (count == nth) {
				kill(child, SIGTERM);
				alarm(60);
			} else
				ptrace(PTRACE_CONT, pid, 0, 0);
		} else if (event == PTRACE_EVENT_SECCOMP) {
			entered(t);
			ptrace(t->call != NULL ? PTRACE_SYSCALL : PTRACE_CONT, pid, 0, 0);
		} else if (sig == (SIGTRAP | 0x80)) {
			if (t->call != NULL && succeeded(pid)) {
				count++;
				if (log != NULL) {
					fprintf(log, "%lu %s\n", count, t->what);
					fflush(log);
				}
				if (count == nth) {
					if (!alone)
						kill_all(pid);
					kill(pid, SIGKILL);
				}
			}
			t->call = NULL;
			ptrace(PTRACE_CONT, pid, 0, 0);
		} else if (event == PTRACE_EVENT_STOP && sig != SIGTRAP)
			ptrace(PTRACE_LISTEN, pid, 0, 0);
		else
			ptrace(PTRACE_CONT, pid, 0, event != 0 ? 0 : sig);
	}
	return code;
}
