/*
 * watchlint_codes.c - the codes: level and the safe way. In a recipe %t is the
 * table and %n what the finding is about. docs/lint.md has a section for each.
 */
#include "watchlint.h"

#define FIRST_LINES "first line '-- atlas:txmode none', then an empty line"
#define EXPAND \
	"ALTER TABLE %t ADD COLUMN new_column ...; write to both columns, copy in " \
	"batches, switch readers, and drop the old column in a later release"
#define LATER "first release code that does not use it, then drop it"

static const struct code codes[] = {
    /* a whole table is read or written while others wait */
    {"rewrite", "warning", EXPAND, 1},
    {"scan-check", "warning",
	"ALTER TABLE %t ADD CONSTRAINT %n CHECK (...) NOT VALID; in a later file: ALTER "
	"TABLE %t VALIDATE CONSTRAINT %n",
	1},
    {"scan-foreign-key", "warning",
	"ALTER TABLE %t ADD CONSTRAINT %n FOREIGN KEY (...) REFERENCES ... NOT VALID; in "
	"a later file: ALTER TABLE %t VALIDATE CONSTRAINT %n",
	1},
    {"scan-not-null", "warning",
	"ALTER TABLE %t ADD CONSTRAINT c CHECK (%n IS NOT NULL) NOT VALID; in a later "
	"file: ALTER TABLE %t VALIDATE CONSTRAINT c; then SET NOT NULL reads nothing, "
	"and "
	"c can be dropped",
	1},
    {"scan-domain", "warning",
	"ALTER DOMAIN ... ADD CONSTRAINT ... NOT VALID; in a later file: ALTER DOMAIN "
	"... "
	"VALIDATE CONSTRAINT",
	1},
    {"scan-validate", "warning", "VALIDATE CONSTRAINT %n in a file of its own", 1},
    {"scan-attach", "warning",
	"ALTER TABLE %t ADD CONSTRAINT c CHECK (the bound) NOT VALID; in a later file: "
	"VALIDATE CONSTRAINT c; then ATTACH PARTITION reads nothing, and c can be "
	"dropped",
	1},
    {"scan-locked", "warning",
	"read and change rows in a file of their own, before or after the one that locks",
	1},
    {"index-locked", "warning",
	"CREATE INDEX CONCURRENTLY ... in a file of its own: " FIRST_LINES, 1},
    {"unique-locked", "warning",
	"CREATE UNIQUE INDEX CONCURRENTLY %n ON %t (...) in a file of its own "
	"(" FIRST_LINES
	"); then ALTER TABLE %t ADD CONSTRAINT %n UNIQUE (or PRIMARY KEY) "
	"USING INDEX %n",
	1},
    {"exclude-locked", "warning",
	"an exclusion constraint cannot be added without the lock: make a new table with "
	"it, or wait for a quiet hour",
	1},
    {"reindex-locked", "warning",
	"REINDEX ... CONCURRENTLY in a file of its own: " FIRST_LINES, 1},
    {"drop-index-locked", "warning",
	"DROP INDEX CONCURRENTLY %n in a file of its own: " FIRST_LINES, 1},
    {"vacuum-full", "warning", "VACUUM without FULL, or pg_repack", 1},
    {"cluster", "warning", "pg_repack", 1},
    {"refresh-locked", "warning",
	"CREATE UNIQUE INDEX on the view once, then REFRESH MATERIALIZED VIEW "
	"CONCURRENTLY %t",
	1},
    {"unlogged-table", "warning",
	"CREATE TABLE without UNLOGGED; or know that a crash empties the table", 0},
    {"autovacuum-off", "warning",
	"ALTER TABLE %t SET (autovacuum_vacuum_cost_delay = ...) where autovacuum costs "
	"too much; or RESET (autovacuum_enabled) in the same file",
	0},
    {"move-tablespace", "warning", "pg_repack --tablespace, or a quiet hour", 1},
    {"unlogged", "warning", "choose LOGGED or UNLOGGED when the table is made", 1},
    {"detach-locked", "warning",
	"ALTER TABLE ... DETACH PARTITION %t CONCURRENTLY in a file of its "
	"own: " FIRST_LINES,
	1},
    /* locks that add up */
    {"lock-held", "warning",
	"the statement that takes long in a file of its own, before the one that locks",
	1},
    {"many-locks", "notice",
	"a file for each table: a transaction that waits for the second lock keeps the "
	"first",
	1},
    {"explicit-lock", "warning", "leave the lock to the statement that needs it", 1},
    {"trigger-added", "warning",
	"know what it costs each row that is written; the lock itself is short", 1},
    /* rows */
    {"update-all", "warning",
	"UPDATE %t ... WHERE id BETWEEN ... in batches, outside the migrations or in "
	"files "
	"with '-- atlas:txmode none'",
	0},
    {"delete-all", "warning",
	"DELETE FROM %t WHERE id BETWEEN ... in batches; or say which rows", 0},
    {"update-scan", "notice", "in batches by primary key, or after an index", 0},
    {"backfill-beside-ddl", "warning",
	"the change of rows in a file of its own, after this one", 1},
    {"truncate", "error",
	"the rows are gone for good: say why, then atlas:nolint truncate", 0},
    {"not-null-no-default", "error",
	"ALTER TABLE %t ADD COLUMN %n ... NOT NULL DEFAULT ... (it rewrites nothing); or "
	"without NOT NULL, fill it, then SET NOT NULL",
	0},
    /* what goes away */
    {"drop-table", "warning", LATER, 0},
    {"drop-column", "warning", LATER, 0},
    {"drop-view", "warning", LATER, 0},
    {"drop-function", "warning", LATER, 0},
    {"drop-type", "warning", LATER, 0},
    {"drop-schema", "warning", LATER, 0},
    {"drop-sequence", "warning", LATER, 0},
    {"drop-extension", "warning", LATER, 0},
    {"drop-trigger", "warning", LATER, 0},
    {"drop-policy", "warning", LATER, 0},
    {"drop-rule", "warning", LATER, 0},
    {"drop-constraint", "warning", LATER, 0},
    {"drop-primary-key", "warning", LATER, 0},
    {"drop-foreign-key", "warning", LATER, 0},
    {"drop-cascade", "error", "drop what depends on it by name, without CASCADE", 0},
    /* what uses it breaks */
    {"rename-table", "warning",
	"in the same file: CREATE VIEW old_name AS SELECT * FROM %n, for the release "
	"that "
	"still runs; drop the view in the next",
	0},
    {"rename-column", "warning", EXPAND, 0},
    {"rename-other", "warning", "a new one beside the old one; " LATER, 0},
    {"set-schema", "warning", "a view in the old schema until no release uses it", 0},
    {"type-meaning", "warning", EXPAND, 0},
    {"enum-rename", "warning",
	"ALTER TYPE ... ADD VALUE for the new one, move the rows, leave the old one", 0},
    {"enum-order", "warning", "ADD VALUE without BEFORE or AFTER", 0},
    {"identity-always", "warning", "BY DEFAULT, until no release writes the column", 0},
    {"identity-starts", "warning",
	"START WITH the next free value; or in the same file: SELECT "
	"setval(pg_get_serial_sequence('%t', '%n'), (SELECT max(%n) FROM %t))",
	0},
    {"drop-identity", "warning", "give the column another default in the same file", 0},
    {"drop-expression", "warning",
	"know that the column keeps its values and is no longer computed", 0},
    {"drop-default", "notice",
	"drop it after no release leaves the column out of an INSERT", 0},
    {"drop-not-null", "notice", "drop it after every reader of the column expects NULL",
	0},
    {"default-dropped", "warning", "drop the default in the next release", 0},
    {"sequence-restart", "warning", "SELECT setval(...) to the highest value in use", 0},
    {"sequence-ends", "warning",
	"AS bigint, and no MAXVALUE or CYCLE: a sequence that is at its end gives no "
	"value",
	0},
    {"drop-publication", "warning",
	"after every subscription has left it: ALTER SUBSCRIPTION ... REFRESH "
	"PUBLICATION",
	0},
    {"publish-no-key", "error",
	"first ALTER TABLE %t ADD PRIMARY KEY, or REPLICA IDENTITY FULL", 0},
    {"definer-path", "warning",
	"CREATE FUNCTION ... SECURITY DEFINER SET search_path = pg_catalog, pg_temp", 0},
    {"role-setting", "warning",
	"SET LOCAL in the file; what holds for all sessions is set where roles and "
	"databases are made",
	0},
    {"inherit", "warning", "a partitioned table, or a view with UNION ALL", 0},
    {"grant-public", "warning", "GRANT to a role", 0},
    {"row-security", "warning",
	"CREATE POLICY in the same file, before it: without one only the owner sees rows",
	0},
    {"trigger-off", "warning", "switch the trigger on again in the same file", 0},
    {"replica-identity", "warning", "REPLICA IDENTITY USING INDEX of a unique index", 0},
    {"revoke", "warning", "revoke the right after no release needs it", 0},
    {"rule-added", "warning", "a trigger, or a view with INSTEAD OF", 0},
    /* traps */
    {"failed", "error", "correct the file", 0},
    {"txmode", "error",
	"the first line must be '-- atlas:txmode none', the second empty, and lines must "
	"end in LF",
	0},
    {"tx-control", "error",
	"leave it out, the deploy wraps the file in a transaction; or write '-- "
	"atlas:txmode none' on top",
	0},
    {"not-sql", "error", "INSERT, or other plain SQL: the deploy has no psql", 0},
    {"set-session", "warning", "SET LOCAL: it ends with the file", 0},
    {"does-nothing", "warning",
	"leave out IF NOT EXISTS, so that an object with another definition is an error",
	0},
    {"name-cut", "error", "a name of at most 63 bytes", 0},
    {"too-long", "warning",
	"apply it outside the function, where hours are allowed; rows in batches, "
	"outside the migrations",
	1},
    {"many-statements", "warning", "INSERT with many rows each, or several files", 0},
    /* new tables: nobody waits for them yet, but they are hard to change later */
    {"no-primary-key", "warning", "a primary key: replication and tools need one", 0},
    {"int-key", "notice", "bigint: an integer key ends at 2,147,483,647", 0},
    {"timestamp-no-zone", "warning", "timestamptz", 0},
    {"char-n", "notice", "text or varchar: char(n) pads with blanks", 0},
    {"timestamp-rounds", "notice",
	"timestamptz, and date_trunc('second', ...) where it is shown", 0},
    {"default-fixed", "warning", "DEFAULT now(), or DEFAULT CURRENT_DATE", 0},
    {"money", "warning", "numeric: money reads and prints as lc_monetary says", 0},
    {"json", "warning", "jsonb: json has no equality, so DISTINCT and UNION fail", 0},
    {"foreign-key-no-index", "notice",
	"CREATE INDEX on the key's columns (CONCURRENTLY where the table is in use)", 0},
    /* names, and comments that say nothing */
    {"NM101", "error", NULL, 0},
    {"NM102", "error", NULL, 0},
    {"NM103", "error", NULL, 0},
    {"NM104", "error", NULL, 0},
    {"NM105", "error", NULL, 0},
    {"NM106", "error", NULL, 0},
};

const struct code *
get_code(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof codes / sizeof codes[0]; i++)
		if (strcmp(codes[i].name, name) == 0)
			return &codes[i];
	die(NULL, "no code '%s'", name);
}

void
print_codes(struct buf *out)
{
	size_t i;

	for (i = 0; i < sizeof codes / sizeof codes[0]; i++)
		xbuf_addf(out, "%s=%s\n", codes[i].name, codes[i].level);
}
