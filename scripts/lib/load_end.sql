-- load_end.sql - after a schema was loaded: make the session a new one again.
--
-- in:   the environment: load_make, the schema to make if it is not there yet; and for
--       catalog.sql, which may come next, catalog_schema and so on (catalog.sh)

\set VERBOSITY default
-- The text may have begun a transaction, and not ended it.
ROLLBACK; DISCARD ALL;
\getenv make load_make
\if :{?make}
  CREATE SCHEMA IF NOT EXISTS :"make";
\endif
\getenv schema catalog_schema
\getenv grants catalog_grants
\getenv owners catalog_owners
\getenv edges catalog_edges
\getenv revisions REVISIONS_SCHEMA
\o
