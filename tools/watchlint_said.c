/*
 * watchlint_said.c - what PostgreSQL said on the error output, and of which statement.
 */
#include "watchlint_facts.h"

#include <stdlib.h>

/* "psql:...:12: ERROR:  42P01: text" into its parts. */
static int
one_message(char *line, struct said *said)
{
	static const char *const levels[] = {
	    "DEBUG", "NOTICE", "WARNING", "ERROR", "FATAL"};
	size_t i, n;
	char *p;

	for (i = 0; i < sizeof levels / sizeof levels[0]; i++) {
		n = strlen(levels[i]);
		for (p = line; (p = strstr(p, levels[i])) != NULL; p++)
			if ((p == line || p[-1] == ' ') && memcmp(p + n, ":  ", 3) == 0 &&
			    strlen(p + n + 3) > 7 && memcmp(p + n + 8, ": ", 2) == 0)
				break;
		if (p == NULL)
			continue;
		memset(said, 0, sizeof *said);
		said->level = levels[i];
		said->state = keep("%.5s", p + n + 3);
		said->text = keep_text(p + n + 10, strlen(p + n + 10));
		return 1;
	}
	return 0;
}

/* Read the error output: messages and errors become those of their statement. */
void
read_said(struct branch *b, const char *mark, struct buf *err)
{
	static const char block[] = "PL/pgSQL function inline_code_block line ";
	struct said said, *last = NULL;
	struct file *f = NULL;
	struct stmt *s = NULL;
	size_t n = strlen(mark);
	int looking = 0;
	char *p, *nl, *q;

	facts_line = 0;
	for (p = err->p; p != NULL && *p != '\0'; p = nl) {
		nl = strchr(p, '\n');
		if (nl != NULL)
			*nl++ = '\0';
		facts_line++;
		if (strncmp(p, mark, n) == 0 && p[n] == '@') {
			looking = strcmp(p + n, "@look") == 0;
			last = NULL;
			if (strncmp(p + n, "@stmt ", 6) == 0)
				f = read_place(b, p + n + 6, &s);
			else if (strncmp(p + n, "@commit ", 8) == 0) {
				f = read_place(b, p + n + 8, NULL);
				s = NULL;
			}
			continue;
		}
		if ((q = strstr(p, block)) != NULL) {
			if (last != NULL && last->line == 0)
				last->line = strtoul(q + sizeof block - 1, NULL, 10);
			continue;
		}
		if (!one_message(p, &said)) {
			continue;
		}
		if (said.level[0] == 'E' || said.level[0] == 'F') {
			/*
			 * A query of the watch's own failed, and aborted the migration's
			 * transaction.
			 */
			if (looking || f == NULL)
				die("facts", "PostgreSQL did not say what happened: %s",
				    said.text);
			if (s == NULL)
				f->commit_error = keep("%s %s", said.state, said.text);
			else if (s->error != NULL)
				s->error = keep("%s %s", said.state, said.text);
			else
				die("facts", "an error where there was none: %s",
				    said.text);
		} else if (s != NULL && !looking) {
			last = GROW(s->said, s->nsaid);
			*last = said;
		}
	}
}
