-- watch.sql - what the watch asks PostgreSQL, prepared once.
--
-- psql variables: mark, with which each line of ours starts (a migration's own
-- SELECTs print to the same output). Nothing is kept in the database, and no
-- right beyond an ordinary role's is needed. Every name is qualified, for a
-- migration may set search_path. Lines are JSON arrays after the mark:
--
--   ["lock", mode, [oid...], [oid...]]   relations, and those that are gone
--   ["gone", class, oid]          another object that was locked to be dropped
--   ["base", oid, scans, rows]    counted when a transaction began, and
--   ["scan", [oid...], [scans...], [rows...]]   so far
--   ["set", name, value]          a setting the session did not begin with
--   [kind, oid, sub, schema, name, ...]  a catalog row, see the query itself
--
-- What a statement changes it locks, and what it drops it locks as well: so the
-- large catalogs are asked by index for what the transaction has locked, and no
-- list of all objects is made again.

-- Rows that are not older than the transaction, or than $1 outside of one: a private server runs nothing
-- else, so these are its own work, a subtransaction's too. The age is a scalar
-- subquery and no join, so that it is compared while a catalog is read. The
-- query exists four times, as each part of it costs time: w_all asks for all there
-- is (outside a transaction nothing is locked any more), w_wide in one for what may
-- change without a lock, w_rows for what is locked, w_few for no more than that.
SELECT pg_catalog.max(oid) AS w_top FROM pg_catalog.pg_class \gset
\set w_name w_all
\set w_last 4294967295::oid
\set w_rel_too 1
\set w_wide_too 1
\set w_since $1
\set w_cid 0::int8
\set w_rel '>= 16384'
\set w_in '>= 16384'
\set w_con 'x.oid >= 16384'
\ir watch_rows.sql
\set w_name w_wide
\set w_since 'pg_catalog.pg_current_xact_id_if_assigned()::xid'
\set w_cid 'coalesce(nullif(pg_catalog.current_setting(''watch.told'', true), ''''), ''0'')::int8'
\set w_in '= ANY ((SELECT ids FROM locked)::oid[])'
\set w_con 'x.conrelid = ANY ((SELECT ids FROM locked)::oid[])'
\ir watch_rows.sql
\set w_last 'coalesce(nullif(pg_catalog.current_setting(''watch.last'', true), '''')::oid, ' :w_top ')'
\set w_name w_rows
\set w_wide_too 0
\set w_rel '= ANY ((SELECT ids FROM locked)::oid[])'
\ir watch_rows.sql
\set w_name w_few
\set w_rel_too 0
\ir watch_rows.sql

-- What belongs to an extension is not the migrations'.
PREPARE w_members AS
SELECT :'mark' || pg_catalog.json_build_array('mem', objid::int8)::text FROM pg_catalog.pg_depend WHERE deptype = 'e';

-- At a transaction's begin. The counters of scans are the session's: from 15 on
-- it can be asked to hand them in at the end of the transaction, and the next one
-- begins with none.
SELECT pg_catalog.current_setting('server_version_num')::integer >= 150000 AS w_flush \gset
\if :w_flush
PREPARE w_base AS SELECT pg_catalog.pg_stat_force_next_flush();
\else
PREPARE w_base AS
SELECT :'mark' || pg_catalog.json_build_array('base', c.oid::int8, pg_catalog.pg_stat_get_xact_numscans(c.oid), pg_catalog.pg_stat_get_xact_tuples_returned(c.oid))::text
  FROM pg_catalog.pg_class c WHERE c.oid >= 16384 AND c.relkind IN ('r', 'm', 'i', 't') AND pg_catalog.pg_stat_get_xact_numscans(c.oid) > 0;
\endif

PREPARE w_settings AS
SELECT :'mark' || pg_catalog.json_build_array('set', name, setting)::text FROM pg_catalog.pg_settings WHERE source = 'session' AND name <> 'client_min_messages';
