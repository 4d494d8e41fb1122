/*
 * watchlint_branch.c - what the branch itself made, and what a file made anew.
 */
#include "watchlint_rules.h"

static const char **ours;
static size_t nours, ours_cap;

int
is_ours(const char *name)
{
	size_t i;

	for (i = 0; i < nours; i++)
		if (strcmp(ours[i], name) == 0)
			return 1;
	return 0;
}

void
note_ours(const struct stmt *s)
{
	size_t i;

	for (i = 0; i < s->ncreated; i++) {
		if (s->created[i].is->k == ATT && s->created[i].t == NULL)
			continue; /* its table is enough */
		if (nours == ours_cap) {
			ours_cap = ours_cap != 0 ? ours_cap * 2 : 256;
			ours = xreallocarray(ours, ours_cap, sizeof *ours);
		}
		ours[nours++] = s->created[i].is->name;
	}
}

/* ---- made anew in the same file ---- */

/* The field that tells two of the same name apart, or -1. */
static int
second_name(enum kind k)
{
	return k == FUN                        ? FUN_ARGS
	    : k == CON                         ? CON_REL
	    : k == TRG || k == POL || k == RUL ? 0
					       : -1;
}

static int
same_thing(const struct row *a, const struct row *b)
{
	int i = second_name(a->k);

	return a->k == b->k && strcmp(a->name, b->name) == 0 &&
	    strcmp(a->ns, b->ns) == 0 && (i < 0 || strcmp(a->f[i], b->f[i]) == 0);
}

const struct row *
made_anew(const struct file *file, const struct row *r)
{
	size_t i, k;

	for (i = 0; i < file->n; i++)
		for (k = 0; k < file->v[i].ncreated; k++)
			if (same_thing(file->v[i].created[k].is, r))
				return file->v[i].created[k].is;
	return NULL;
}

int
was_there(const struct file *file, const struct row *r)
{
	size_t i, k;

	for (i = 0; i < file->n; i++)
		for (k = 0; k < file->v[i].ngone; k++)
			if (same_thing(file->v[i].gone[k].was, r))
				return 1;
	return 0;
}

/* A view with every column that it had, of the same type. */
int
same_view(const struct file *file, const struct row *old)
{
	const struct row *new = made_anew(file, old);
	const struct obj *a, *b;
	long i, k;

	if (new == NULL || strcmp(new->f[REL_KIND], old->f[REL_KIND]) != 0)
		return 0;
	for (i = 1; (a = find_obj(ATT, old->id, i)) != NULL && a->old != NULL; i++) {
		for (k = 1; (b = find_obj(ATT, new->id, k)) != NULL; k++)
			if (b->now != NULL && strcmp(a->old->name, b->now->name) == 0)
				break;
		if (b == NULL || strcmp(a->old->f[ATT_TYPE], b->now->f[ATT_TYPE]) != 0)
			return 0;
	}
	return 1;
}

const struct obj *
old_obj(enum kind k, unsigned long id)
{
	const struct obj *o = find_obj(k, id, 0);

	return o != NULL && o->old != NULL ? o : NULL;
}

int
is_temporary(const struct row *rel)
{
	return rel->f[REL_PERSIST][0] == 't';
}

/* Does the file make another unique index of that table? */
int
other_unique(const struct file *file, const struct row *old)
{
	size_t i, k;

	for (i = 0; i < file->n; i++)
		for (k = 0; k < file->v[i].ncreated; k++) {
			const struct row *r = file->v[i].created[k].is;

			if (r->k == IDX && r->f[IDX_UNIQUE][0] == 't' &&
			    strcmp(r->f[IDX_REL], old->f[IDX_REL]) == 0)
				return 1;
		}
	return 0;
}
