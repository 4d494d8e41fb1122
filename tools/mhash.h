/*
 * mhash.h - the parts of mhash: mhash_dir.c reads and hashes a directory,
 * mhash_sum.c reads a sum file, mhash_diff.c compares the two; mhash_print.c
 * makes the fingerprint.
 */
#ifndef MHASH_H
#define MHASH_H

/*
 * SHA256_* rather than EVP: the latter loads the configuration file and looks
 * its algorithms up by name, which is more than the rest of a small run costs.
 */
#define OPENSSL_API_COMPAT 0x10101000L

#include <stddef.h>
#include <dirent.h>

#include <openssl/sha.h>

#include "util.h"

#define SUMFILE "atlas.sum"
#define HASH_LEN 44 /* base64 of 32 bytes */
extern const char base64_digits[];

struct entry;

struct file { /* one *.sql in the directory */
	char *name;
	int plain;         /* a regular file, as far as the directory says */
	int ignored;       /* it says "atlas:sum ignore" */
	int checkpoint;    /* for look() */
	size_t statements; /* the same */
	char hash[HASH_LEN + 1];
	/* for diff_dir() */
	struct entry *entry; /* its line in atlas.sum */
	const char *verdict;
};

struct dir {
	const char *path;
	int old_rule; /* read directives as Atlas did before 1.1 */
	/* Called for each file that is hashed, with its content; or NULL. */
	void (*look)(struct file *f, const struct buf *content);
	DIR *dp;
	struct file *v; /* sorted by name */
	size_t n;
	struct buf content; /* of the file read last */
	struct buf where;   /* "DIR/NAME" for messages; DIR/ stays, NAME changes */
	size_t prefix;
};

struct entry { /* one line of atlas.sum; the text is in struct sum */
	char *name;
	char *hash;
	size_t line;
	/* for diff_dir() */
	struct file *file;   /* of that name */
	struct file *target; /* what it was renamed to */
	const char *verdict;
	int misplaced;
};

struct sum {
	struct buf text;
	char *total;
	struct entry *v;
	struct entry **sorted; /* by name */
	size_t n;
};

/* ---- mhash_dir.c; a file or directory that cannot be read ends the tool ---- */

void sha_add(SHA256_CTX *c, const void *p, size_t n);

/* The digest of what was added so far, as text; the context can go on. */
void sha_text(const SHA256_CTX *c, char out[HASH_LEN + 1]);

/*
 * Read the file into b, replacing what was there. 0 when there is none and
 * MAY_LACK is given. PLAIN: it is known to be a regular file.
 */
#define MAY_LACK 1
#define PLAIN 2
int file_read(int dirfd, const char *name, const char *where, int flags, struct buf *b);

/* "DIR/NAME" until the next call. */
const char *dir_path(struct dir *d, const char *name);

void dir_hash(struct dir *d);                       /* list d->path, fill d->v */
void dir_read(struct dir *d, const struct file *f); /* into d->content */
void dir_total(const struct dir *d, char total[HASH_LEN + 1]);
void dir_sum(const struct dir *d, struct buf *out);     /* the atlas.sum */
struct file *dir_find(const struct dir *d, char *name); /* or NULL */
void dir_free(struct dir *d);

/* ---- mhash_sum.c ---- */

/*
 * Split s->text, as Atlas does: lines end in LF or CR LF, the first may lack
 * its "h1:". What Atlas could not read ends the tool, with path and line.
 */
void sum_parse(struct sum *s, const char *path);

int sum_holds(const struct sum *s); /* does the total match the lines? */
void sum_free(struct sum *s);

/*
 * Atlas splits a line at the first "h1:" and trims the name, so there are
 * names that it writes but cannot read back. Is this one of them?
 */
int sum_refuses(const char *name);

/* ---- mhash_diff.c ---- */

/* One line into out for each difference; nothing when all is as recorded. */
void diff_dir(struct dir *d, struct sum *s, struct buf *out);

/* ---- mhash_print.c ---- */

struct names {
	const char *except; /* what has this name below a directory is left out */
	const char *text;   /* counts as well, or NULL */
	char **v;
	size_t n;
	size_t cap;
};

void names_add(struct names *v, const char *name);
void names_read(struct names *v, char sep);         /* those on stdin */
void names_flat(struct names *v, const char *path); /* the files in that directory */
void names_deep(struct names *v, const char *path); /* all below it; or that file */
/* The fingerprint: over the contents of some, and the marks of others. */
void names_print(struct names *v, struct names *marks);
void names_free(struct names *v);

#endif
