/* catplan_name.c - the names in a listing's identities. */
#include "catplan.h"

#include <ctype.h>

/*
 * The parts of schema.table.part at the start of id, quoted or not, as they
 * stand there; where they end is *rest. Returns how many, 4 at most.
 */
size_t
id_parts(const char *id, const char *from[4], size_t len[4], const char **rest)
{
	const char *p = id, *start;
	size_t n = 0;

	while (n < 4) {
		start = p;
		if (*p == '"') {
			for (p++; *p != '\0' && (*p != '"' || p[1] == '"'); p++)
				if (*p == '"')
					p++;
			if (*p == '\0') {
				p = start;
				break;
			}
			p++;
		} else
			while (*p != '\0' && strchr(" .()\",", *p) == NULL)
				p++;
		if (p == start)
			break;
		from[n] = start;
		len[n++] = (size_t)(p - start);
		if (*p != '.')
			break;
		p++;
	}
	*rest = p;
	return n;
}

int
id_is_part(const char *id, const char *of)
{
	size_t n;

	/* of is NULL where id_owner() has no answer: nothing is a part of that. */
	if (of == NULL)
		return 0;
	n = strlen(of);
	return strncmp(id, of, n) == 0 && id[n] == '.';
}

/* The last part of a dotted name: where it starts. */
const char *
id_last(const char *id)
{
	const char *from[4], *rest;
	size_t len[4], n = id_parts(id, from, len, &rest);

	return n > 0 ? from[n - 1] : id;
}

/* The table, or view, or type that the item is of: its identity; or NULL. */
const char *
id_owner(struct plan *p, const struct item *it)
{
	const char *from[4], *rest, *id = it->id, *def, *on;
	const struct row *r = it->want != NULL ? it->want : it->had;
	size_t len[4], n;

	if (strcmp(it->name, "index") == 0) {
		/* CREATE INDEX name ON schema.table USING ... */
		def = r->def;
		on = strstr(def, " ON ");
		if (on == NULL)
			return NULL;
		id = on + 4;
		n = id_parts(id, from, len, &rest);
		return n > 0 ? plan_str(p, "%.*s", (int)(rest - id), id) : NULL;
	}
	switch (it->kind->form) {
	case ID_OWN:
		return id;
	case ID_MORE:
		n = id_parts(id, from, len, &rest);
		return n > 0
		    ? plan_str(p, "%.*s", (int)(from[n - 1] + len[n - 1] - id), id)
		    : NULL;
	case ID_PART:
		n = id_parts(id, from, len, &rest);
		return n > 1 ? plan_str(p, "%.*s", (int)(from[n - 1] - 1 - id), id)
			     : NULL;
	case ID_OBJECT:
	case ID_TEXT:
		break;
	}
	return NULL;
}

/* What an identity's words in capitals are about: TABLE public.users. */
const char *
behind_words(const char *id)
{
	const char *p = id;

	while (isupper((unsigned char)*p) || *p == ' ') {
		while (isupper((unsigned char)*p))
			p++;
		if (*p != ' ')
			return id;
		id = ++p;
	}
	return id;
}
