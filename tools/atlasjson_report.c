/*
 * atlasjson_report.c - what the readers fill the report with: levels, files,
 * findings, runs and their items.
 */
#include "atlasjson.h"

#include <sys/stat.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_MESSAGE 4000    /* bytes of a message that are kept */
#define MAX_PATH 1024       /* likewise of a file name */
#define MAX_FILE (64 << 20) /* a bigger file is not read for its lines */

struct rule {
	char *code;
	enum level level;
};

static struct rule *rules;
static size_t nrules;
static const char *dir_option;
static char *cwd;
static json_t *source_index; /* path to its number */

/* ---- levels ---- */

static void
xadd_rule(const char *p, size_t n)
{
	static const char *const names[] = {"off", "notice", "warning", "error"};
	const char *eq = memchr(p, '=', n);
	size_t i, len;

	if (eq == NULL || eq == p)
		die("-l", "'%.*s' is not CODE=LEVEL", n < 40 ? (int)n : 40, p);
	len = n - (size_t)(eq + 1 - p);
	for (i = 0; i < 4; i++)
		if (strlen(names[i]) == len && memcmp(names[i], eq + 1, len) == 0)
			break;
	if (i == 4)
		die("-l", "'%.*s': the level is one of error, warning, notice, off",
		    n < 40 ? (int)n : 40, p);
	rules = xreallocarray(rules, nrules + 1, sizeof *rules);
	rules[nrules].code = xcalloc((size_t)(eq - p) + 1, 1);
	memcpy(rules[nrules].code, p, (size_t)(eq - p));
	rules[nrules++].level = (enum level)i;
}

/* A rule names a code, or a class of codes that differ in digits at the end. */
enum level
level_of(const char *code, enum level level)
{
	size_t i, n;

	for (i = 0; i < nrules; i++) {
		n = strlen(rules[i].code);
		if (strcmp(rules[i].code, "all") == 0 ||
		    (strncmp(code, rules[i].code, n) == 0 &&
			strspn(code + n, "0123456789") == strlen(code + n)))
			level = rules[i].level;
	}
	return level;
}

int
is_rule(const char *code, size_t n)
{
	size_t i;

	for (i = 0; i < nrules; i++)
		if (strlen(rules[i].code) == n && memcmp(rules[i].code, code, n) == 0)
			return 1;
	return nrules == 0;
}

void
report_levels(const char *p)
{
	size_t n;

	for (; *p != '\0'; p += n) {
		p += strspn(p, ", \t\n");
		n = strcspn(p, ", \t\n");
		if (n > 0)
			xadd_rule(p, n);
	}
}

const char *
str_or(const char *s, const char *fallback)
{
	return s != NULL && *s != '\0' ? s : fallback;
}

/* Keep S as long as the tool runs: findings point into it. */
static const char *
remember(char *s)
{
	static char **all;
	static size_t n;

	if ((n & (n + 1)) == 0)
		all = xreallocarray(all, 2 * (n + 1), sizeof *all);
	return all[n++] = s;
}

const char *
keep_text(const char *s)
{
	char *copy;

	if (s == NULL || *s == '\0')
		return NULL;
	copy = clip(s, MAX_MESSAGE);
	if (strcmp(copy, s) != 0)
		return remember(copy);
	free(copy);
	return s;
}

/* ---- files ---- */

void
report_setup(const char *dir)
{
	if (dir != NULL)
		dir_option = repair_utf8(dir, strlen(dir), NULL);
	cwd = getcwd(NULL, 0);
	source_index = json_object();
	if (source_index == NULL)
		die(NULL, "out of memory");
}

/* Without "./" and "//", and relative to here when it is below. */
static char *
tidy_path(const char *dir, const char *name)
{
	struct buf b = {0};
	size_t n, root = cwd != NULL ? strlen(cwd) : 0;
	const char *p;
	char *full;

	if (dir != NULL && *dir != '\0' && *name != '/') {
		xbuf_adds(&b, dir);
		xbuf_addc(&b, '/');
	}
	xbuf_adds(&b, name);
	full = b.p;
	memset(&b, 0, sizeof b);
	p = full;
	if (root > 1 && strncmp(p, cwd, root) == 0 && p[root] == '/')
		p += root + strspn(p + root, "/");
	else if (*p == '/')
		xbuf_addc(&b, '/');
	while (*p != '\0') {
		p += strspn(p, "/");
		n = strcspn(p, "/");
		if (n == 0 || (n == 1 && *p == '.')) {
			p += n;
			continue;
		}
		if (b.len > 0 && b.p[b.len - 1] != '/')
			xbuf_addc(&b, '/');
		xbuf_add(&b, p, n);
		p += n;
	}
	free(full);
	if (b.len == 0)
		xbuf_addc(&b, '.');
	full = clip(b.p, MAX_PATH);
	buf_free(&b);
	return full;
}

/* The sum file stands in for findings of no file, where one is wanted. */
void
source_sum(struct report *r, const char *dir)
{
	r->sum_path = remember(tidy_path(dir, "atlas.sum"));
}

struct source *
source_get(struct report *r, const char *dir, const char *name)
{
	char *path = tidy_path(dir, name);
	json_t *i = json_object_get(source_index, path);
	struct source *s;

	if (i != NULL) {
		free(path);
		return r->sources[json_integer_value(i)];
	}
	s = xcalloc(1, sizeof *s);
	s->path = path;
	if (json_object_set_new(
		source_index, path, json_integer((json_int_t)r->nsources)) != 0)
		die(NULL, "out of memory");
	r->sources = xreallocarray(r->sources, r->nsources + 1, sizeof *r->sources);
	r->sources[r->nsources++] = s;
	return s;
}

/*
 * The text of a file whose JSON carries none. Only a plain file below the
 * working directory: the name is foreign, and what it names gets printed.
 */
void
source_load(struct source *s)
{
	struct buf b = {0};
	struct stat st;
	const char *p;
	int fd;

	if (s->text != NULL || s->looked)
		return;
	s->looked = 1;
	if (*s->path == '/')
		return;
	for (p = s->path; p != NULL; p = strchr(p, '/')) {
		p += *p == '/';
		if (strncmp(p, "..", 2) == 0 && (p[2] == '/' || p[2] == '\0'))
			return;
	}
	fd = open(s->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= MAX_FILE) {
		xread_fd(fd, s->path, &b);
		s->text = b.p;
		s->len = b.len;
	}
	(void)close(fd);
}

/* Put before all names of files, which are read by then. */
void
report_prefix(struct report *r, const char *prefix)
{
	char *clean = repair_utf8(prefix, strlen(prefix), NULL);
	size_t i;

	for (i = 0; *clean != '\0' && i < r->nsources; i++) {
		struct source *s = r->sources[i];
		struct buf b = {0};

		if (*s->path == '/')
			continue;
		source_load(s);
		xbuf_adds(&b, clean);
		xbuf_adds(&b, s->path);
		free((char *)s->path);
		s->path = clip(b.p, MAX_PATH);
		buf_free(&b);
	}
	if (*clean != '\0' && r->sum_path != NULL && *r->sum_path != '/') {
		struct buf b = {0};

		xbuf_adds(&b, clean);
		xbuf_adds(&b, r->sum_path);
		r->sum_path = remember(clip(b.p, MAX_PATH));
		buf_free(&b);
	}
	free(clean);
}

/* Env.Dir: "src/db/migrations", "file://src/db/migrations?format=atlas" ... */
const char *
source_dir(const char *url)
{
	static const char scheme[] = "file://";
	static char *tidy; /* until the next call */
	char *dir;

	if (dir_option != NULL)
		return dir_option;
	if (url == NULL)
		return NULL;
	if (strncmp(url, scheme, sizeof scheme - 1) == 0)
		url += sizeof scheme - 1;
	else if (strstr(url, "://") != NULL)
		return NULL;
	dir = xstrdup(url);
	dir[strcspn(dir, "?")] = '\0';
	free(tidy);
	tidy = tidy_path(NULL, dir);
	free(dir);
	/* A directory outside of the repository means nothing to the report's reader. */
	return *tidy != '/' ? tidy : NULL;
}

/* ---- building the report ---- */

struct finding *
add_finding(struct report *r, struct source *src, const char *code, const char *msg)
{
	static size_t cap;
	struct finding *f;

	if (r->nfindings == cap) {
		cap = cap != 0 ? cap * 2 : 64;
		r->findings = xreallocarray(r->findings, cap, sizeof *f);
	}
	f = &r->findings[r->nfindings];
	memset(f, 0, sizeof *f);
	f->src = src;
	f->level = LEVEL_ERROR;
	f->code = code;
	f->msg = str_or(keep_text(msg), "no message");
	f->order = r->nfindings++;
	return f;
}

struct run *
add_run(struct report *r, const char *title, int show)
{
	r->runs = xreallocarray(r->runs, r->nruns + 1, sizeof *r->runs);
	memset(&r->runs[r->nruns], 0, sizeof *r->runs);
	r->runs[r->nruns].title = title;
	r->runs[r->nruns].show = show;
	return &r->runs[r->nruns++];
}

struct item *
add_item(struct report *r, const char *name, struct source *src, enum state state)
{
	static size_t cap;
	struct item *it;

	if (r->nitems == cap) {
		cap = cap != 0 ? cap * 2 : 64;
		r->items = xreallocarray(r->items, cap, sizeof *it);
	}
	it = &r->items[r->nitems++];
	memset(it, 0, sizeof *it);
	it->run = r->nruns - 1;
	it->name = remember(clip(str_or(name, "?"), MAX_PATH));
	it->src = src;
	it->state = state;
	it->seconds = -1;
	return it;
}

const char *
sentence(const char *fmt, ...)
{
	va_list ap;
	char text[512];

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	/* The cut may have gone through a character. */
	return remember(repair_utf8(text, strlen(text), NULL));
}
