-- catalog.sql - list every object of a database, one row each.
--
-- in:   psql -XAtq -v ON_ERROR_STOP=1 -f catalog.sql, with these variables:
--         schema=NAME   [empty] the one schema in play: its names come unqualified
--         grants=1      privileges and default privileges too
--         owners=1      owners too
--         edges=1       also what depends on what, for catplan
--         revisions=S   [atlas_schema_revisions] where Atlas keeps its revisions:
--                       that table, and a schema of its own, are left out
-- out:  COPY's text format (a tab between columns, \n \t \\ escaped, \N for
--       NULL), then a line "\.": a listing without it was cut short.
--         kind, identity, definition, class, oid, sub, make, unmake
--       and with edges=1 also
--         needs, class, oid, sub, class, oid, sub   the first depends on the second
--         same, class, oid, sub, class, oid, sub    a difference of the first is
--                                                   reported with the second
--
-- PostgreSQL 14 to 18; nothing is locked or written, and any role will do.
--
-- class, oid, sub are the object's address as in pg_depend (sub is a column's
-- number). make is the statement that creates or sets what the row describes, unmake
-- the one that drops or resets it, each without the semicolon. They are NULL where
-- PostgreSQL has no function that gives the text (pg_dump's entry with this class and
-- oid has it then), or where another row's statement does it. An attribute that has
-- an ALTER of its own is a row of its own, listed only when it is not the default: a
-- difference in it needs one ALTER. Objects of extensions are left out. An object
-- that no row describes is listed as "other", by its name.
--
-- Most of the time of a query this size is its planning, so kinds of objects that the
-- database does not have are left out of it: the variables any_... below say which. (A
-- private dev database has event triggers and functions of ours, as an extension's.) A
-- join by row to a CTE, which has no index, would cost the square of the tables.

\set QUIET on
\if :{?schema} \else \set schema '' \endif
\if :{?grants} \else \set grants 0 \endif
\if :{?owners} \else \set owners 0 \endif
\if :{?edges} \else \set edges 0 \endif
\if :{?revisions} \else \set revisions atlas_schema_revisions \endif
-- Names and constants print in the same way whatever the role's settings are.
SET search_path = pg_catalog;
SET extra_float_digits = 0; SET datestyle = iso; SET intervalstyle = postgres; SET timezone = 'UTC';
SET quote_all_identifiers = off; SET bytea_output = hex; SET client_encoding = 'UTF8'; SET jit = off;
-- Printing a view or an expression waits for a session that has its table locked, but not for ever.
SET lock_timeout = '10s';
SELECT :'grants' IN ('1', 't') AS grants, :'owners' IN ('1', 't') AS owners, :'edges' IN ('1', 't') AS edges,
  :SERVER_VERSION_NUM >= 150000 AS v15, :SERVER_VERSION_NUM >= 160000 AS v16,
  :SERVER_VERSION_NUM >= 170000 AS v17, :SERVER_VERSION_NUM >= 180000 AS v18,
  EXISTS (SELECT FROM pg_type WHERE typtype IN ('d', 'r', 'b', 'p') AND oid >= 16384 AND typelem = 0) OR EXISTS (SELECT FROM pg_class WHERE relkind = 'c' AND oid >= 16384) AS any_type,
  EXISTS (SELECT FROM pg_collation WHERE oid >= 16384) AS any_collation,
  EXISTS (SELECT FROM pg_proc WHERE oid >= 16384 AND pronamespace <> 'pg_catalog'::regnamespace) AS any_function,
  EXISTS (SELECT FROM pg_class WHERE oid >= 16384 AND (reloptions IS NOT NULL OR reltablespace <> 0 OR relpersistence = 'u'
    OR relrowsecurity OR relforcerowsecurity OR reloftype <> 0 OR relreplident IN ('f', 'i')))
    OR EXISTS (SELECT FROM pg_class c JOIN pg_am a ON a.oid = relam WHERE c.oid >= 16384 AND amtype = 't' AND amname <> 'heap')
    OR EXISTS (SELECT FROM pg_index WHERE indexrelid >= 16384 AND indisclustered) AS any_attribute,
  EXISTS (SELECT FROM pg_inherits) AS any_parent,
  EXISTS (SELECT FROM pg_foreign_data_wrapper) AS any_foreign,
  EXISTS (SELECT FROM pg_class WHERE oid >= 16384 AND relkind IN ('v', 'm')) AS any_view,
  EXISTS (SELECT FROM pg_trigger WHERE NOT tgisinternal OR tgenabled <> 'O') AS any_trigger,
  EXISTS (SELECT FROM pg_rewrite WHERE oid >= 16384 AND (rulename <> '_RETURN' OR ev_enabled <> 'O')) AS any_rule,
  EXISTS (SELECT FROM pg_policy) OR EXISTS (SELECT FROM pg_statistic_ext) AS any_policy,
  EXISTS (SELECT FROM pg_event_trigger WHERE oid NOT IN (SELECT objid FROM pg_depend WHERE classid = 'pg_event_trigger'::regclass AND deptype = 'e'))
    OR EXISTS (SELECT FROM pg_publication) OR EXISTS (SELECT oid FROM pg_subscription)
    OR EXISTS (SELECT FROM pg_db_role_setting WHERE setdatabase <> 0) AS any_database,
  EXISTS (SELECT FROM pg_cast WHERE oid >= 16384) OR EXISTS (SELECT FROM pg_operator WHERE oid >= 16384)
    OR EXISTS (SELECT FROM pg_ts_config WHERE oid >= 16384) OR EXISTS (SELECT FROM pg_ts_dict WHERE oid >= 16384)
    OR EXISTS (SELECT FROM pg_ts_parser WHERE oid >= 16384) OR EXISTS (SELECT FROM pg_ts_template WHERE oid >= 16384)
    OR EXISTS (SELECT FROM pg_conversion WHERE oid >= 16384) OR EXISTS (SELECT FROM pg_opfamily WHERE oid >= 16384)
    OR EXISTS (SELECT FROM pg_opclass WHERE oid >= 16384) OR EXISTS (SELECT FROM pg_amop WHERE oid >= 16384)
    OR EXISTS (SELECT FROM pg_amproc WHERE oid >= 16384) OR EXISTS (SELECT FROM pg_am WHERE oid >= 16384)
    OR EXISTS (SELECT FROM pg_language WHERE oid >= 16384) OR EXISTS (SELECT FROM pg_transform) AS any_rare,
  EXISTS (SELECT FROM pg_seclabel) OR EXISTS (SELECT FROM pg_depend WHERE deptype = 'x') AS any_label
\gset

-- What differs between the catalogs of PostgreSQL 14 and 18.
\set collation_locale 'collcollate'
\set collation_rules 'NULL::text'
\set publication_what 'NULL::text'
\set publication_generated 'NULL::text'
\set publication_schema '(SELECT 0::oid AS oid, 0::oid AS pnpubid, 0::oid AS pnnspid, 0::oid AS tableoid WHERE false)'
\set set_expression false
\set not_validated 'NULL::boolean AS'
\set join_not_null ''
\if :v15
  \set collation_locale 'coalesce(colliculocale, collcollate)'
  \set publication_what 'concat((SELECT '' (''||string_agg(quote_ident(attname), '', '' ORDER BY attname)||'')'' FROM pg_attribute WHERE attrelid = prrelid AND attnum = ANY (prattrs::int2[])), '' WHERE (''||pg_get_expr(prqual, prrelid)||'')'')'
  \set publication_schema 'pg_publication_namespace'
\endif
\if :v16
  \set collation_rules 'collicurules'
\endif
\if :v17
  \set collation_locale 'coalesce(colllocale, collcollate)'
  \set set_expression true
\endif
\if :v18
  \set publication_generated 'nullif(pubgencols::text, ''n'')'
  \set not_validated 'nn.num IS NOT NULL AS'
  \set join_not_null 'LEFT JOIN (SELECT conrelid, conkey[1] AS num FROM pg_constraint WHERE contype = ''n'' AND NOT convalidated) nn ON conrelid = attrelid AND nn.num = a.attnum'
\endif
-- Expressions that are used more than once below.
\set how_enabled '''D'' THEN ''DISABLE'' WHEN ''R'' THEN ''ENABLE REPLICA'' ELSE ''ENABLE ALWAYS'' END'
\set how_stored '''p'' THEN ''PLAIN'' WHEN ''e'' THEN ''EXTERNAL'' WHEN ''m'' THEN ''MAIN'' ELSE ''EXTENDED'' END'

-- A row of o has one column more: ref, what COMMENT ON calls the object. Where unmake is
-- NULL, the object is dropped by DROP and ref; where it is '', by no statement.
COPY (
WITH
-- The schema in play comes into search_path when the query is under way, and not
-- before: a function made there must not take the place of PostgreSQL's own in it.
-- Everything is joined to ns, so nothing is printed before.
path AS MATERIALIZED (SELECT set_config('search_path', CASE WHEN :'schema' = '' THEN 'pg_catalog' ELSE quote_ident(:'schema') END, false) AS path),
ext AS MATERIALIZED (SELECT DISTINCT classid, objid FROM pg_depend WHERE deptype = 'e'),
ns AS MATERIALIZED (
  SELECT n.oid, nspname, nspowner, nspacl, CASE WHEN nspname = :'schema' THEN '' ELSE quote_ident(nspname)||'.' END AS dot
  FROM path, pg_namespace n WHERE path IS NOT NULL AND nspname !~ '^pg_' AND nspname <> 'information_schema'
    AND n.oid NOT IN (SELECT objid FROM ext WHERE classid = 'pg_namespace'::regclass)
    AND NOT (nspname = :'revisions' AND nspname <> 'public' AND NOT EXISTS (SELECT FROM pg_depend d LEFT JOIN pg_class c ON c.oid = objid AND classid = 'pg_class'::regclass
      WHERE refclassid = 'pg_namespace'::regclass AND refobjid = n.oid AND relname IS DISTINCT FROM 'atlas_schema_revisions'))),
rel AS MATERIALIZED (
  SELECT c.oid, relname, relkind, relispartition, relpersistence, relrowsecurity, relforcerowsecurity, reloftype, reltablespace, relam, relreplident, reltoastrelid, reltype,
    reloptions, relpartbound, relowner, relacl, nspname, dot, c.oid::regclass::text AS q,
    CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'f' THEN 'FOREIGN TABLE' WHEN 'S' THEN 'SEQUENCE' WHEN 'i' THEN 'INDEX' WHEN 'I' THEN 'INDEX' WHEN 'c' THEN 'TYPE' ELSE 'TABLE' END AS word
  FROM pg_class c JOIN ns n ON n.oid = relnamespace
  WHERE relkind <> 't' AND relname <> 'atlas_schema_revisions' AND c.oid NOT IN (SELECT objid FROM ext WHERE classid = 'pg_class'::regclass)),
-- An identity's sequence is listed with its column.
ident AS MATERIALIZED (
  SELECT refobjid AS relid, refobjsubid AS num, objid AS seqid FROM pg_depend
  WHERE classid = 'pg_class'::regclass AND refclassid = 'pg_class'::regclass AND deptype = 'i' AND refobjsubid > 0),
seq AS MATERIALIZED (
  SELECT seqrelid, format_type(seqtypid, NULL) AS typ,
    concat(' START WITH ', seqstart, ' INCREMENT BY ', seqincrement, ' MINVALUE ', seqmin, ' MAXVALUE ', seqmax, ' CACHE ', seqcache, CASE WHEN seqcycle THEN ' CYCLE' ELSE ' NO CYCLE' END) AS opt
  FROM pg_sequence),
col AS MATERIALIZED (
  SELECT attrelid, a.attnum, attname, attnotnull, attinhcount, attislocal, attstorage, attcompression, attstattarget, attoptions, attfdwoptions, attacl, attgenerated, typstorage,
    r.q, r.relkind, r.relispartition, r.word, r.relowner, r.q||'.'||quote_ident(attname) AS cq, format('ALTER %s %s ALTER COLUMN %I', word, q, attname) AS alter,
    format_type(atttypid, atttypmod) AS typ, CASE WHEN attcollation <> typcollation THEN ' COLLATE '||attcollation::regcollation END AS coll,
    pg_get_expr(adbin, adrelid) AS expr, CASE attidentity WHEN 'a' THEN 'ALWAYS' ELSE 'BY DEFAULT' END||' AS IDENTITY ('||ltrim(i.opt)||')' AS idn, :not_validated not_validated
  FROM rel r JOIN pg_attribute a ON attrelid = r.oid JOIN pg_type t ON t.oid = atttypid
    LEFT JOIN pg_attrdef d ON adrelid = attrelid AND adnum = attnum
    LEFT JOIN (SELECT relid, ident.num, opt FROM ident JOIN seq ON seqrelid = seqid) i ON relid = attrelid AND i.num = a.attnum
    :join_not_null
  WHERE a.attnum > 0 AND NOT attisdropped AND relkind IN ('r','p','f','v','m')),
-- What a partition inherits from its parent is not listed again.
con AS MATERIALIZED (
  SELECT c.oid, contype, conname, condeferrable, condeferred, r.q, r.word, pg_get_constraintdef(c.oid) AS d
  FROM pg_constraint c JOIN rel r ON r.oid = conrelid WHERE contype IN ('p','u','x','c','f') AND conparentid = 0 AND (conislocal OR contype = 'f')),
typ AS MATERIALIZED (
  SELECT t.*, format_type(t.oid, NULL) AS q FROM pg_type t JOIN ns ON ns.oid = typnamespace
  WHERE t.oid NOT IN (SELECT objid FROM ext WHERE classid = 'pg_type'::regclass)),
\if :any_function
-- The constructor functions of a range type are made with the type.
fn AS MATERIALIZED (
  SELECT p.*, CASE WHEN prokind = 'a' AND pronargs = 0 THEN format('%s%I(*)', dot, proname) ELSE p.oid::regprocedure::text END AS q, nspname, dot,
    CASE prokind WHEN 'a' THEN 'AGGREGATE' WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END AS word
  FROM pg_proc p JOIN ns ON ns.oid = pronamespace WHERE p.oid NOT IN (SELECT objid FROM pg_depend WHERE classid = 'pg_proc'::regclass AND deptype IN ('e', 'i'))),
\endif
unseen_ns AS MATERIALIZED (SELECT oid FROM pg_namespace WHERE nspname ~ '^pg_(toast|temp)' UNION ALL SELECT objid FROM ext WHERE classid = 'pg_namespace'::regclass),
unseen AS MATERIALIZED (SELECT oid FROM pg_class WHERE relnamespace IN (SELECT oid FROM unseen_ns) OR relname = 'atlas_schema_revisions' UNION ALL SELECT objid FROM ext WHERE classid = 'pg_class'::regclass),
o(kind, id, def, cls, oid, sub, make, unmake, ref) AS (
-- ---- what everything lives in ----
SELECT 'schema', quote_ident(nspname), '', 'pg_namespace'::regclass, oid, 0, format('CREATE SCHEMA %I', nspname), NULL, format('SCHEMA %I', nspname) FROM ns
UNION ALL SELECT 'extension', quote_ident(extname), 'in '||extnamespace::regnamespace, 'pg_extension'::regclass, oid, 0, format('CREATE EXTENSION IF NOT EXISTS %I WITH SCHEMA %s', extname, extnamespace::regnamespace), NULL, format('EXTENSION %I', extname)
  FROM pg_extension
-- ---- types ----
UNION ALL SELECT 'enum', q, l, 'pg_type'::regclass, oid, 0, format('CREATE TYPE %s AS ENUM (%s)', q, l), NULL, 'TYPE '||q
  FROM typ, LATERAL (SELECT coalesce(string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder), '') FROM pg_enum WHERE enumtypid = typ.oid) e(l) WHERE typtype = 'e'
\if :any_type
UNION ALL SELECT 'domain', q, b, 'pg_type'::regclass, oid, 0, format('CREATE DOMAIN %s AS %s', q, b), NULL, 'DOMAIN '||q
  FROM typ, LATERAL (SELECT concat(format_type(typbasetype, typtypmod), (SELECT ' COLLATE '||typ.typcollation::regcollation FROM pg_type bt WHERE bt.oid = typ.typbasetype AND bt.typcollation <> typ.typcollation))) x(b) WHERE typtype = 'd'
UNION ALL SELECT 'domain default', q, x.d, 'pg_type'::regclass, oid, 0, format('ALTER DOMAIN %s SET DEFAULT %s', q, x.d), format('ALTER DOMAIN %s DROP DEFAULT', q), NULL
  FROM typ, LATERAL (SELECT coalesce(pg_get_expr(typdefaultbin, 0), typdefault)) x(d) WHERE typtype = 'd' AND x.d IS NOT NULL
UNION ALL SELECT 'domain not null', q, '', 'pg_type'::regclass, oid, 0, format('ALTER DOMAIN %s SET NOT NULL', q), format('ALTER DOMAIN %s DROP NOT NULL', q), NULL FROM typ WHERE typtype = 'd' AND typnotnull
UNION ALL SELECT 'domain constraint', format('%s.%I', q, conname), x.d, 'pg_constraint'::regclass, c.oid, 0, format('ALTER DOMAIN %s ADD CONSTRAINT %I %s', q, conname, x.d), format('ALTER DOMAIN %s DROP CONSTRAINT %I', q, conname), format('CONSTRAINT %I ON DOMAIN %s', conname, q)
  FROM pg_constraint c JOIN typ ON typ.oid = contypid, LATERAL (SELECT pg_get_constraintdef(c.oid)) x(d) WHERE contype = 'c'
UNION ALL SELECT 'composite type', q, l, 'pg_type'::regclass, reltype, 0, format('CREATE TYPE %s AS (%s)', q, l), NULL, 'TYPE '||q
  FROM rel, LATERAL (SELECT coalesce(string_agg(concat(quote_ident(attname), ' ', format_type(atttypid, atttypmod), CASE WHEN attcollation <> typcollation THEN ' COLLATE '||attcollation::regcollation END), ', ' ORDER BY attnum), '')
    FROM pg_attribute JOIN pg_type t ON t.oid = atttypid WHERE attrelid = rel.oid AND attnum > 0 AND NOT attisdropped) x(l) WHERE relkind = 'c'
UNION ALL SELECT 'range type', q, l, 'pg_type'::regclass, oid, 0, format('CREATE TYPE %s AS RANGE (%s)', q, l), NULL, 'TYPE '||q
  FROM typ JOIN pg_range ON rngtypid = oid, LATERAL (SELECT concat_ws(', ', 'SUBTYPE = '||format_type(rngsubtype, NULL),
    (SELECT format('SUBTYPE_OPCLASS = %s.%I', opcnamespace::regnamespace, opcname) FROM pg_opclass WHERE oid = rngsubopc AND NOT opcdefault),
    (SELECT 'COLLATION = '||rngcollation::regcollation FROM pg_type s WHERE s.oid = rngsubtype AND rngcollation <> s.typcollation),
    'CANONICAL = '||nullif(rngcanonical, 0)::regproc, 'SUBTYPE_DIFF = '||nullif(rngsubdiff, 0)::regproc, 'MULTIRANGE_TYPE_NAME = '||format_type(rngmultitypid, NULL))) x(l)
UNION ALL SELECT 'base type', q, concat_ws(' ', typinput, typoutput, typreceive, typsend, typmodin, typmodout, typanalyze, typlen, typbyval, typalign, typstorage, typcategory, typispreferred, typdelim, typdefault, typisdefined), 'pg_type'::regclass, oid, 0, NULL, format('DROP TYPE %s CASCADE', q), 'TYPE '||q
  FROM typ WHERE typtype IN ('b','p') AND oid NOT IN (SELECT objid FROM pg_depend WHERE classid = 'pg_type'::regclass AND deptype = 'i')
\endif
\if :any_collation
UNION ALL SELECT 'collation', c.oid::regcollation::text, l, 'pg_collation'::regclass, c.oid, 0, format('CREATE COLLATION %s (%s)', c.oid::regcollation, l), NULL, 'COLLATION '||c.oid::regcollation
  FROM pg_collation c JOIN ns ON ns.oid = collnamespace, LATERAL (SELECT concat_ws(', ', 'PROVIDER = '||CASE collprovider WHEN 'i' THEN 'icu' WHEN 'c' THEN 'libc' WHEN 'b' THEN 'builtin' ELSE '"default"' END, CASE WHEN NOT collisdeterministic THEN 'DETERMINISTIC = false' END,
    CASE WHEN collprovider = 'c' THEN format('LC_COLLATE = %L, LC_CTYPE = %L', collcollate, collctype) ELSE format('LOCALE = %L', :collation_locale) END, 'RULES = '||quote_literal(:collation_rules))) x(l)
  WHERE c.oid NOT IN (SELECT objid FROM ext WHERE classid = 'pg_collation'::regclass)
\endif
-- ---- functions; when its signature differs, OR REPLACE is refused ----
\if :any_function
UNION ALL SELECT lower(word), q, x.d, 'pg_proc'::regclass, oid, 0, rtrim(x.d, E'\n'), NULL, word||' '||q
  FROM fn, LATERAL (SELECT concat('CREATE OR REPLACE ', word, ' ', dot, quote_ident(proname), substr(pg_get_functiondef(oid), length(format('CREATE OR REPLACE %s %I.%I', word, nspname, proname)) + 1))) x(d) WHERE prokind <> 'a'
UNION ALL SELECT 'signature', q, concat_ws(' ', pg_get_function_arguments(oid), 'returns', pg_get_function_result(oid), prokind), 'pg_proc'::regclass, oid, 0, NULL, NULL, NULL FROM fn WHERE prokind <> 'a'
UNION ALL SELECT 'aggregate', q, concat_ws(' ', aggkind, aggnumdirectargs, aggtransfn, aggfinalfn, aggcombinefn, aggserialfn, aggdeserialfn, aggmtransfn, aggminvtransfn, aggmfinalfn, aggfinalextra, aggmfinalextra, aggfinalmodify, aggmfinalmodify, nullif(aggsortop, 0)::regoperator, aggtranstype::regtype, aggtransspace,
    nullif(aggmtranstype, 0)::regtype, aggmtransspace, agginitval, aggminitval, proparallel), 'pg_proc'::regclass, oid, 0, NULL, NULL, 'AGGREGATE '||CASE WHEN pronargs = 0 THEN q ELSE format('%s%I(%s)', dot, proname, pg_get_function_identity_arguments(oid)) END FROM fn JOIN pg_aggregate ON aggfnoid = fn.oid
\endif
-- ---- tables ----
UNION ALL SELECT CASE relkind WHEN 'f' THEN 'foreign table' ELSE 'table' END, q, concat_ws(' ', CASE relkind WHEN 'p' THEN 'PARTITION BY '||pg_get_partkeydef(oid) END,
    CASE relkind WHEN 'f' THEN (SELECT concat_ws(' ', 'SERVER', quote_ident(srvname)) FROM pg_foreign_table JOIN pg_foreign_server s ON s.oid = ftserver WHERE ftrelid = rel.oid) END), 'pg_class'::regclass, oid, 0, NULL, NULL, word||' '||q
  FROM rel WHERE relkind IN ('r','p','f')
\if :any_attribute
UNION ALL SELECT x.kind, q, x.def, 'pg_class'::regclass, oid, 0, format('ALTER %s %s %s', word, q, x.make), format('ALTER %s %s %s', word, q, x.unmake), NULL
  FROM rel, LATERAL (VALUES
    ('persistence', CASE WHEN relpersistence = 'u' AND relkind IN ('r','p','S') AND oid NOT IN (SELECT seqid FROM ident) THEN 'UNLOGGED' END, 'SET UNLOGGED', 'SET LOGGED'),
    ('row security', CASE WHEN relrowsecurity THEN '' END, 'ENABLE ROW LEVEL SECURITY', 'DISABLE ROW LEVEL SECURITY'),
    ('forced row security', CASE WHEN relforcerowsecurity THEN '' END, 'FORCE ROW LEVEL SECURITY', 'NO FORCE ROW LEVEL SECURITY'),
    ('of type', format_type(nullif(reloftype, 0), NULL), 'OF '||format_type(nullif(reloftype, 0), NULL), 'NOT OF')) x(kind, def, make, unmake)
  WHERE x.def IS NOT NULL AND (relpersistence = 'u' OR relrowsecurity OR relforcerowsecurity OR reloftype <> 0)
UNION ALL SELECT 'option', q||' '||p||quote_ident(k), v, 'pg_class'::regclass, oid, 0, format('ALTER %s %s SET (%s%I = %L)', word, q, p, k, v), format('ALTER %s %s RESET (%s%I)', word, q, p, k), NULL
  FROM (SELECT oid, q, word, '' AS p, unnest(reloptions) AS opt FROM rel WHERE relkind IN ('r','p','v','m') UNION ALL SELECT rel.oid, q, word, 'toast.', unnest(t.reloptions) FROM rel JOIN pg_class t ON t.oid = rel.reltoastrelid WHERE t.reloptions IS NOT NULL) x,
    LATERAL (SELECT split_part(opt, '=', 1), substr(opt, strpos(opt, '=') + 1)) y(k, v)
UNION ALL SELECT 'replica identity', q, l, 'pg_class'::regclass, oid, 0, format('ALTER TABLE %s REPLICA IDENTITY %s', q, l), format('ALTER TABLE %s REPLICA IDENTITY DEFAULT', q), NULL
  FROM rel, LATERAL (SELECT CASE relreplident WHEN 'f' THEN 'FULL' WHEN 'n' THEN 'NOTHING' ELSE 'USING INDEX '||(SELECT quote_ident(c.relname) FROM pg_index JOIN pg_class c ON c.oid = indexrelid WHERE indrelid = rel.oid AND indisreplident) END) x(l) WHERE relkind IN ('r','p') AND relreplident <> 'd'
UNION ALL SELECT 'clustered', q, quote_ident(c.relname), 'pg_class'::regclass, rel.oid, 0, format('ALTER %s %s CLUSTER ON %I', word, q, c.relname), format('ALTER %s %s SET WITHOUT CLUSTER', word, q), NULL FROM pg_index JOIN rel ON rel.oid = indrelid JOIN pg_class c ON c.oid = indexrelid WHERE indisclustered
UNION ALL SELECT 'tablespace', q, quote_ident(spcname), 'pg_class'::regclass, rel.oid, 0, format('ALTER %s %s SET TABLESPACE %I', word, q, spcname), format('ALTER %s %s SET TABLESPACE pg_default', word, q), NULL FROM rel JOIN pg_tablespace s ON s.oid = reltablespace
UNION ALL SELECT 'table access method', q, quote_ident(amname), 'pg_class'::regclass, rel.oid, 0, format('ALTER %s %s SET ACCESS METHOD %I', word, q, amname), format('ALTER %s %s SET ACCESS METHOD heap', word, q), NULL FROM rel JOIN pg_am a ON a.oid = relam WHERE amtype = 't' AND amname <> 'heap'
-- An index of a partition, with options other than the parent's index has.
UNION ALL SELECT 'partition index', concat(r.q, ' ', inhparent::regclass), array_to_string(r.reloptions, ', '), 'pg_class'::regclass, r.oid, 0, NULL, NULL, NULL
  FROM rel r JOIN pg_inherits ON inhrelid = r.oid JOIN pg_class p ON p.oid = inhparent WHERE r.relkind IN ('i','I') AND r.reloptions IS DISTINCT FROM p.reloptions
\endif
\if :any_parent
UNION ALL SELECT CASE WHEN relispartition THEN 'partition of' ELSE 'inherits' END, concat(q, ' ', p), coalesce(b, inhseqno::text), 'pg_class'::regclass, oid, 0,
    CASE WHEN relispartition THEN format('ALTER TABLE %s ATTACH PARTITION %s %s', p, q, b) ELSE format('ALTER TABLE %s INHERIT %s', q, p) END,
    CASE WHEN relispartition THEN format('ALTER TABLE %s DETACH PARTITION %s', p, q) ELSE format('ALTER TABLE %s NO INHERIT %s', q, p) END, NULL
  FROM pg_inherits JOIN rel ON oid = inhrelid, LATERAL (SELECT inhparent::regclass, pg_get_expr(relpartbound, oid)) x(p, b) WHERE relkind IN ('r','p','f')
-- The local definition stays when the parent's column is dropped.
UNION ALL SELECT 'column kept', cq, '', 'pg_class'::regclass, attrelid, attnum, NULL, NULL, NULL FROM col WHERE attinhcount > 0 AND attislocal AND NOT relispartition
\endif
\if :any_foreign
UNION ALL SELECT 'foreign option', concat(q, ' ', c, quote_ident(k)), v, 'pg_class'::regclass, oid, s, format('ALTER FOREIGN TABLE %s %sOPTIONS (ADD %I %L)', q, a, k, v), format('ALTER FOREIGN TABLE %s %sOPTIONS (DROP %I)', q, a, k), NULL
  FROM (SELECT rel.oid, q, 0 AS s, '' AS c, '' AS a, unnest(ftoptions) AS opt FROM pg_foreign_table JOIN rel ON rel.oid = ftrelid
    UNION ALL SELECT attrelid, q, attnum, quote_ident(attname)||' ', format('ALTER COLUMN %I ', attname), unnest(attfdwoptions) FROM col WHERE attfdwoptions IS NOT NULL) x, LATERAL (SELECT split_part(opt, '=', 1), substr(opt, strpos(opt, '=') + 1)) y(k, v)
\endif
-- ---- columns; the default, NOT NULL, identity and expression of a new one are in its ADD COLUMN too ----
UNION ALL SELECT 'column', cq, typ||coalesce(coll, ''), 'pg_class'::regclass, attrelid, attnum,
    CASE WHEN attinhcount = 0 THEN concat(format('ALTER %s %s ADD COLUMN %I ', word, q, attname), typ, coll, CASE WHEN attgenerated <> '' THEN format(' GENERATED ALWAYS AS (%s)', expr)||CASE attgenerated WHEN 's' THEN ' STORED' ELSE '' END
      WHEN idn IS NOT NULL THEN ' GENERATED '||idn WHEN expr IS NOT NULL THEN ' DEFAULT '||expr END, CASE WHEN attnotnull THEN ' NOT NULL' END) END,
    CASE WHEN attinhcount = 0 THEN format('ALTER %s %s DROP COLUMN %I', word, q, attname) ELSE '' END, 'COLUMN '||cq FROM col WHERE relkind IN ('r','p','f')
UNION ALL SELECT 'default', cq, expr, 'pg_class'::regclass, attrelid, attnum, alter||' SET DEFAULT '||expr, alter||' DROP DEFAULT', NULL FROM col WHERE expr IS NOT NULL AND attgenerated = ''
UNION ALL SELECT 'not null', cq, CASE WHEN not_validated THEN 'NOT VALID' ELSE '' END, 'pg_class'::regclass, attrelid, attnum, alter||' SET NOT NULL', alter||' DROP NOT NULL', NULL FROM col WHERE attnotnull
UNION ALL SELECT x.kind, cq, x.def, 'pg_class'::regclass, attrelid, attnum, alter||' '||x.make, alter||' '||x.unmake, NULL
  FROM col, LATERAL (VALUES
    ('identity', idn, 'ADD GENERATED '||idn, 'DROP IDENTITY'),
    ('generated', CASE attgenerated WHEN '' THEN NULL WHEN 's' THEN expr||' STORED' ELSE expr||' VIRTUAL' END, CASE WHEN :set_expression THEN format('SET EXPRESSION AS (%s)', expr) END, CASE attgenerated WHEN 's' THEN 'DROP EXPRESSION' END),
    ('storage', CASE WHEN attstorage <> typstorage AND relkind <> 'v' THEN CASE attstorage WHEN :how_stored END, 'SET STORAGE '||CASE attstorage WHEN :how_stored, 'SET STORAGE '||CASE typstorage WHEN :how_stored),
    ('compression', CASE attcompression WHEN '' THEN NULL WHEN 'l' THEN 'lz4' ELSE 'pglz' END, 'SET COMPRESSION '||CASE attcompression WHEN 'l' THEN 'lz4' ELSE 'pglz' END, 'SET COMPRESSION DEFAULT'),
    ('statistics target', CASE WHEN attstattarget >= 0 THEN attstattarget::text END, 'SET STATISTICS '||attstattarget, 'SET STATISTICS -1')) x(kind, def, make, unmake)
  WHERE x.def IS NOT NULL AND (idn IS NOT NULL OR attgenerated <> '' OR attstorage <> typstorage OR attcompression <> '' OR attstattarget >= 0)
-- Newer releases keep a version in "pg_attver", which is no option that a user sets.
UNION ALL SELECT 'column option', cq||' '||split_part(opt, '=', 1), split_part(opt, '=', 2), 'pg_class'::regclass, attrelid, attnum, format('%s SET (%s)', alter, opt), format('%s RESET (%s)', alter, split_part(opt, '=', 1)), NULL
  FROM (SELECT *, unnest(attoptions) AS opt FROM col WHERE attoptions IS NOT NULL) x WHERE NOT starts_with(opt, 'pg_attver=')
UNION ALL SELECT 'identity sequence', cq, seqid::regclass::text, 'pg_class'::regclass, seqid, 0, NULL, NULL, NULL FROM ident JOIN col ON attrelid = relid AND attnum = num
-- ---- constraints; a foreign key's deferrability and any NOT VALID have an ALTER of their own ----
UNION ALL SELECT 'constraint', format('%s.%I', q, conname), regexp_replace(CASE WHEN contype = 'f' THEN regexp_replace(d, ' DEFERRABLE( INITIALLY DEFERRED)?', '') ELSE d END, ' NOT VALID$', ''), 'pg_constraint'::regclass, oid, 0, format('ALTER %s %s ADD CONSTRAINT %I %s', word, q, conname, d), format('ALTER %s %s DROP CONSTRAINT %I', word, q, conname), format('CONSTRAINT %I ON %s', conname, q) FROM con
UNION ALL SELECT 'deferrable', format('%s.%I', q, conname), x.w, 'pg_constraint'::regclass, oid, 0, format('ALTER TABLE %s ALTER CONSTRAINT %I %s', q, conname, x.w), format('ALTER TABLE %s ALTER CONSTRAINT %I NOT DEFERRABLE', q, conname), NULL
  FROM con, LATERAL (SELECT CASE WHEN condeferred THEN 'DEFERRABLE INITIALLY DEFERRED' ELSE 'DEFERRABLE INITIALLY IMMEDIATE' END) x(w) WHERE contype = 'f' AND condeferrable
UNION ALL SELECT 'not valid', format('%s.%I', q, conname), '', 'pg_constraint'::regclass, oid, 0, format('ALTER %s %s DROP CONSTRAINT %I, ADD CONSTRAINT %I %s', word, q, conname, conname, d), format('ALTER %s %s VALIDATE CONSTRAINT %I', word, q, conname), NULL FROM con WHERE d LIKE '% NOT VALID'
\if :v18
-- From 18 on a NOT NULL has a name.
UNION ALL SELECT 'not null name', cq, quote_ident(conname)||CASE WHEN connoinherit THEN ' NO INHERIT' ELSE '' END, 'pg_constraint'::regclass, c.oid, 0, NULL, NULL, NULL FROM pg_constraint c JOIN col ON attrelid = conrelid AND attnum = conkey[1] WHERE contype = 'n' AND conislocal AND relkind IN ('r','p','f')
\endif
-- ---- indexes that are no constraint's and not attached to a parent's; made from "ON ONLY" it would reach no partition ----
UNION ALL SELECT 'index', r.q, x.d, 'pg_class'::regclass, r.oid, 0, x.d, NULL, 'INDEX '||r.q
  FROM rel r JOIN pg_index ON indexrelid = r.oid JOIN rel t ON t.oid = indrelid,
    LATERAL (SELECT format('CREATE %sINDEX %I ON ', CASE WHEN indisunique THEN 'UNIQUE ' END, r.relname)) h(head),
    LATERAL (SELECT concat(head, t.q, substr(pg_get_indexdef(r.oid), length(concat(head, CASE r.relkind WHEN 'I' THEN 'ONLY ' END, format('%I.%I', t.nspname, t.relname))) + 1))) x(d)
  WHERE NOT r.relispartition AND r.oid NOT IN (SELECT conindid FROM pg_constraint WHERE contype IN ('p','u','x'))
UNION ALL SELECT 'index invalid', q, '', 'pg_class'::regclass, rel.oid, 0, NULL, CASE relkind WHEN 'i' THEN 'REINDEX INDEX '||q END, NULL FROM rel JOIN pg_index ON indexrelid = rel.oid WHERE NOT indisvalid
UNION ALL SELECT 'index statistics target', format('%s %s', q, attnum), attstattarget::text, 'pg_class'::regclass, rel.oid, 0, format('ALTER INDEX %s ALTER COLUMN %s SET STATISTICS %s', q, attnum, attstattarget), format('ALTER INDEX %s ALTER COLUMN %s SET STATISTICS -1', q, attnum), NULL
  FROM rel JOIN pg_attribute ON attrelid = rel.oid WHERE relkind IN ('i','I') AND attstattarget >= 0
-- ---- views, sequences; OR REPLACE may only add columns at the end ----
\if :any_view
-- Where a view selects from a function that returns a table's rows, PostgreSQL prints a
-- list of column names in the table's order, which is no difference: the list is left out
-- where the names are the table's own. Where they are others, the table's names are added
-- to the definition, for the list goes by their places.
UNION ALL SELECT lower(word), q, concat(d, places), 'pg_class'::regclass, oid, 0, concat(CASE relkind WHEN 'v' THEN 'CREATE OR REPLACE VIEW ' ELSE 'CREATE MATERIALIZED VIEW ' END, q, w, E' AS\n', d), NULL, word||' '||q
  FROM rel LEFT JOIN (
      SELECT ev_class, string_agg(DISTINCT regexp_replace(list, '([^[:alnum:]_, "])', '\\\1', 'g'), '|') AS lists, string_agg(DISTINCT format(E'\n-- %s(%s)', typrelid::regclass, list), '') AS tables
      FROM pg_rewrite r JOIN pg_depend d ON d.objid = r.oid JOIN pg_proc p ON p.oid = refobjid JOIN pg_type t ON t.oid = prorettype,
        LATERAL (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = typrelid AND attnum > 0 AND NOT attisdropped) x(list)
      WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_proc'::regclass AND typrelid <> 0 AND ev_class IN (SELECT oid FROM rel) GROUP BY ev_class) f ON ev_class = oid,
    LATERAL (SELECT rtrim(pg_get_viewdef(oid), ';'), (SELECT ' WITH ('||string_agg(split_part(u, '=', 1)||'='||quote_literal(split_part(u, '=', 2)), ', ')||')' FROM unnest(reloptions) u)) x(text, w),
    LATERAL (SELECT string_agg(s, '''' ORDER BY n), CASE WHEN lists IS NOT NULL AND bool_or(n % 2 = 1 AND s ~ '\)( WITH ORDINALITY)? ("([^"]|"")+"|[^ ()",]+)\(') THEN tables END
      FROM unnest(string_to_array(text, '''')) WITH ORDINALITY u(was, n),
        LATERAL (SELECT CASE WHEN n % 2 = 0 OR lists IS NULL THEN was ELSE regexp_replace(was, '(\)( WITH ORDINALITY)? ("([^"]|"")+"|[^ ()",]+))\(('||lists||')(, ordinality)?\)', '\1', 'g') END) v(s)) y(d, places)
  WHERE relkind IN ('v','m')
UNION ALL SELECT 'view columns', q, string_agg(format('%I %s', attname, typ), ', ' ORDER BY attnum), 'pg_class'::regclass, attrelid, 0, NULL, NULL, NULL FROM col WHERE relkind IN ('v','m') GROUP BY q, attrelid
\endif
UNION ALL SELECT 'sequence', q, 'AS '||typ||opt, 'pg_class'::regclass, oid, 0, format('CREATE SEQUENCE %s AS %s%s', q, typ, opt), NULL, 'SEQUENCE '||q FROM rel JOIN seq ON seqrelid = oid WHERE oid NOT IN (SELECT seqid FROM ident)
UNION ALL SELECT 'sequence owner', q, x.w, 'pg_class'::regclass, rel.oid, 0, format('ALTER SEQUENCE %s OWNED BY %s', q, x.w), format('ALTER SEQUENCE %s OWNED BY NONE', q), NULL
  FROM rel JOIN pg_depend ON objid = rel.oid JOIN pg_attribute ON attrelid = refobjid AND attnum = refobjsubid, LATERAL (SELECT format('%s.%I', attrelid::regclass, attname)) x(w)
  WHERE relkind = 'S' AND classid = 'pg_class'::regclass AND refclassid = 'pg_class'::regclass AND deptype = 'a'
-- ---- what belongs to relations ----
\if :any_trigger
UNION ALL SELECT 'trigger', format('%s.%I', q, tgname), x.d, 'pg_trigger'::regclass, oid, 0, x.d, NULL, format('TRIGGER %I ON %s', tgname, q)
  FROM (SELECT t.oid, tgname, q, pg_get_triggerdef(t.oid) AS d, format(' ON %I.%I ', nspname, relname) AS on_qualified FROM pg_trigger t JOIN rel ON rel.oid = tgrelid WHERE NOT tgisinternal AND tgparentid = 0) t,
    LATERAL (SELECT overlay(d PLACING format(' ON %s ', q) FROM strpos(d, on_qualified) FOR length(on_qualified))) x(d)
UNION ALL SELECT 'trigger enabled', format('%s.%I', q, CASE WHEN tgisinternal THEN (SELECT conname FROM pg_constraint WHERE oid = tgconstraint) ELSE tgname END)||CASE WHEN tgisinternal THEN ' '||tgfoid::regproc ELSE '' END, x.w, 'pg_trigger'::regclass, t.oid, 0, CASE WHEN NOT tgisinternal THEN format('ALTER TABLE %s %s TRIGGER %I', q, x.w, tgname) END, CASE WHEN NOT tgisinternal THEN format('ALTER TABLE %s ENABLE TRIGGER %I', q, tgname) END, NULL
  FROM pg_trigger t JOIN rel ON rel.oid = tgrelid, LATERAL (SELECT CASE tgenabled WHEN :how_enabled) x(w) WHERE tgenabled <> 'O'
\endif
\if :any_rule
UNION ALL SELECT 'rule', format('%s.%I', q, rulename), x.d, 'pg_rewrite'::regclass, oid, 0, rtrim(replace(x.d, 'CREATE RULE', 'CREATE OR REPLACE RULE'), ';'), NULL, format('RULE %I ON %s', rulename, q)
  FROM (SELECT r.oid, rulename, q, pg_get_ruledef(r.oid) AS d, format(' TO %I.%I', nspname, relname) AS to_qualified FROM pg_rewrite r JOIN rel ON rel.oid = ev_class WHERE rulename <> '_RETURN') r,
    LATERAL (SELECT overlay(d PLACING ' TO '||q FROM strpos(d, to_qualified) FOR length(to_qualified))) x(d)
UNION ALL SELECT 'rule enabled', format('%s.%I', q, rulename), x.w, 'pg_rewrite'::regclass, r.oid, 0, format('ALTER TABLE %s %s RULE %I', q, x.w, rulename), format('ALTER TABLE %s ENABLE RULE %I', q, rulename), NULL
  FROM pg_rewrite r JOIN rel ON rel.oid = ev_class, LATERAL (SELECT CASE ev_enabled WHEN :how_enabled) x(w) WHERE ev_enabled <> 'O'
\endif
\if :any_policy
UNION ALL SELECT 'policy', format('%s.%I', q, polname), x.d, 'pg_policy'::regclass, p.oid, 0, format('CREATE POLICY %I ON %s %s', polname, q, x.d), NULL, format('POLICY %I ON %s', polname, q)
  FROM pg_policy p JOIN rel ON rel.oid = polrelid, LATERAL (SELECT concat(CASE WHEN polpermissive THEN 'AS PERMISSIVE' ELSE 'AS RESTRICTIVE' END, ' FOR ', CASE polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
    ' TO ', (SELECT string_agg(x, ', ' ORDER BY x) FROM unnest(polroles) r, LATERAL (SELECT CASE r WHEN 0 THEN 'PUBLIC' ELSE r::regrole::text END) y(x)), ' USING ('||pg_get_expr(polqual, polrelid)||')', ' WITH CHECK ('||pg_get_expr(polwithcheck, polrelid)||')')) x(d)
UNION ALL SELECT 'statistics', x.n, x.d, 'pg_statistic_ext'::regclass, s.oid, 0, x.d, NULL, 'STATISTICS '||x.n
  FROM pg_statistic_ext s JOIN ns ON ns.oid = stxnamespace, LATERAL (SELECT substr(pg_get_statisticsobjdef(s.oid), length(format('CREATE STATISTICS %I.%I', nspname, stxname)) + 1)) w(d),
    -- PostgreSQL prints the columns in the table's order, which is no difference.
    LATERAL (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum), string_agg(quote_ident(attname), ', ' ORDER BY attname) FROM pg_attribute WHERE attrelid = stxrelid AND attnum = ANY (stxkeys::int2[])) c(num, name),
    LATERAL (SELECT dot||quote_ident(stxname), concat('CREATE STATISTICS ', dot, quote_ident(stxname), coalesce(overlay(w.d PLACING c.name FROM strpos(w.d, ' ON '||c.num) + 4 FOR length(c.num)), w.d))) x(n, d)
  WHERE s.oid NOT IN (SELECT objid FROM ext WHERE classid = 'pg_statistic_ext'::regclass)
UNION ALL SELECT 'statistics object target', x.n, stxstattarget::text, 'pg_statistic_ext'::regclass, s.oid, 0, format('ALTER STATISTICS %s SET STATISTICS %s', x.n, stxstattarget), format('ALTER STATISTICS %s SET STATISTICS -1', x.n), NULL
  FROM pg_statistic_ext s JOIN ns ON ns.oid = stxnamespace, LATERAL (SELECT dot||quote_ident(stxname)) x(n) WHERE stxstattarget >= 0
\endif
-- ---- the database's own ----
\if :any_database
UNION ALL SELECT 'event trigger', quote_ident(evtname), x.d, 'pg_event_trigger'::regclass, e.oid, 0, format('CREATE EVENT TRIGGER %I %s', evtname, x.d), NULL, format('EVENT TRIGGER %I', evtname)
  FROM pg_event_trigger e, LATERAL (SELECT concat('ON ', evtevent, ' WHEN TAG IN ('||(SELECT string_agg(quote_literal(u), ', ' ORDER BY u) FROM unnest(evttags) u)||')', format(' EXECUTE FUNCTION %s()', evtfoid::regproc))) x(d) WHERE e.oid NOT IN (SELECT objid FROM ext WHERE classid = 'pg_event_trigger'::regclass)
UNION ALL SELECT 'event trigger enabled', quote_ident(evtname), x.w, 'pg_event_trigger'::regclass, e.oid, 0, format('ALTER EVENT TRIGGER %I %s', evtname, x.w), format('ALTER EVENT TRIGGER %I ENABLE', evtname), NULL FROM pg_event_trigger e, LATERAL (SELECT CASE evtenabled WHEN :how_enabled) x(w) WHERE evtenabled <> 'O' AND e.oid NOT IN (SELECT objid FROM ext WHERE classid = 'pg_event_trigger'::regclass)
UNION ALL SELECT 'publication', quote_ident(pubname), x.d, 'pg_publication'::regclass, oid, 0, format('CREATE PUBLICATION %I %s', pubname, x.d), NULL, format('PUBLICATION %I', pubname)
  FROM pg_publication, LATERAL (SELECT concat(CASE WHEN puballtables THEN 'FOR ALL TABLES ' END, format('WITH (publish = %L', concat_ws(', ', CASE WHEN pubinsert THEN 'insert' END, CASE WHEN pubupdate THEN 'update' END, CASE WHEN pubdelete THEN 'delete' END, CASE WHEN pubtruncate THEN 'truncate' END)),
    CASE WHEN pubviaroot THEN ', publish_via_partition_root = true' END, CASE :publication_generated WHEN 's' THEN ', publish_generated_columns = stored' END, ')')) x(d)
UNION ALL SELECT 'publication table', format('%I %s', pubname, prrelid::regclass), coalesce(:publication_what, ''), 'pg_publication_rel'::regclass, r.oid, 0, format('ALTER PUBLICATION %I ADD TABLE ONLY %s%s', pubname, prrelid::regclass, :publication_what), format('ALTER PUBLICATION %I DROP TABLE ONLY %s', pubname, prrelid::regclass), NULL
  FROM pg_publication_rel r JOIN pg_publication p ON p.oid = prpubid
UNION ALL SELECT 'publication schema', format('%I %s', pubname, pnnspid::regnamespace), '', n.tableoid, n.oid, 0, format('ALTER PUBLICATION %I ADD TABLES IN SCHEMA %s', pubname, pnnspid::regnamespace), format('ALTER PUBLICATION %I DROP TABLES IN SCHEMA %s', pubname, pnnspid::regnamespace), NULL
  FROM (SELECT tableoid, oid, pnpubid, pnnspid FROM :publication_schema AS w) n JOIN pg_publication p ON p.oid = pnpubid
UNION ALL SELECT 'subscription', quote_ident(subname), array_to_string(subpublications, ', '), 'pg_subscription'::regclass, oid, 0, NULL, NULL, NULL FROM (SELECT oid, subname, subdbid, subpublications FROM pg_subscription) s WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
UNION ALL SELECT 'database setting', concat_ws(' ', nullif(setrole, 0)::regrole, split_part(u, '=', 1)), substr(u, strpos(u, '=') + 1), 'pg_db_role_setting'::regclass, 0, 0, NULL, NULL, NULL FROM pg_db_role_setting, unnest(setconfig) u WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
\endif
-- A user mapping may hold a password: only its digest is listed. The view is what any role may read.
\if :any_foreign
UNION ALL SELECT 'foreign data wrapper', quote_ident(fdwname), concat_ws(' ', nullif(fdwhandler, 0)::regproc, nullif(fdwvalidator, 0)::regproc, fdwoptions), 'pg_foreign_data_wrapper'::regclass, w.oid, 0, NULL, NULL, format('FOREIGN DATA WRAPPER %I', fdwname) FROM pg_foreign_data_wrapper w WHERE w.oid NOT IN (SELECT objid FROM ext WHERE classid = 'pg_foreign_data_wrapper'::regclass)
UNION ALL SELECT 'server', quote_ident(srvname), concat_ws(' ', (SELECT fdwname FROM pg_foreign_data_wrapper w WHERE w.oid = srvfdw), srvtype, srvversion), 'pg_foreign_server'::regclass, s.oid, 0, NULL, NULL, format('SERVER %I', srvname) FROM pg_foreign_server s WHERE s.oid NOT IN (SELECT objid FROM ext WHERE classid = 'pg_foreign_server'::regclass)
UNION ALL SELECT 'server option', concat(quote_ident(srvname), ' ', quote_ident(k)), v, 'pg_foreign_server'::regclass, oid, 0, format('ALTER SERVER %I OPTIONS (ADD %I %L)', srvname, k, v), format('ALTER SERVER %I OPTIONS (DROP %I)', srvname, k), NULL
  FROM (SELECT oid, srvname, unnest(srvoptions) AS opt FROM pg_foreign_server s WHERE oid NOT IN (SELECT objid FROM ext WHERE classid = 'pg_foreign_server'::regclass)) x, LATERAL (SELECT split_part(opt, '=', 1), substr(opt, strpos(opt, '=') + 1)) y(k, v)
UNION ALL SELECT 'user mapping', format('%s on %I', w, srvname), coalesce(encode(sha256(convert_to(umoptions::text, 'UTF8')), 'hex'), ''), 'pg_user_mapping'::regclass, umid, 0, NULL, format('DROP USER MAPPING FOR %s SERVER %I', w, srvname), NULL FROM pg_user_mappings, LATERAL (SELECT CASE umuser WHEN 0 THEN 'PUBLIC' ELSE umuser::regrole::text END) x(w)
\endif
-- ---- the rarer kinds: their definition is what they depend on, by name; pg_dump has their text ----
\if :any_rare
UNION ALL SELECT 'cast', x.w, x.d, 'pg_cast'::regclass, c.oid, 0, format('CREATE CAST (%s) %s', x.w, x.d), NULL, format('CAST (%s)', x.w)
  FROM pg_cast c, LATERAL (SELECT format('%s AS %s', format_type(castsource, NULL), format_type(casttarget, NULL)), concat(CASE castmethod WHEN 'f' THEN 'WITH FUNCTION '||castfunc::regprocedure WHEN 'i' THEN 'WITH INOUT' ELSE 'WITHOUT FUNCTION' END, CASE castcontext WHEN 'a' THEN ' AS ASSIGNMENT' WHEN 'i' THEN ' AS IMPLICIT' END)) x(w, d)
  WHERE c.oid >= 16384 AND c.oid NOT IN (SELECT objid FROM pg_depend WHERE classid = 'pg_cast'::regclass AND deptype IN ('e', 'i'))
UNION ALL SELECT 'operator', o.oid::regoperator::text, concat_ws(' ', nullif(oprcode, 0)::regproc, format_type(nullif(oprresult, 0), NULL), nullif(oprcom, 0)::regoperator, nullif(oprnegate, 0)::regoperator, nullif(oprrest, 0)::regproc, nullif(oprjoin, 0)::regproc, oprcanmerge, oprcanhash), 'pg_operator'::regclass, o.oid, 0, NULL, NULL, 'OPERATOR '||o.oid::regoperator
  FROM pg_operator o JOIN ns ON ns.oid = oprnamespace WHERE o.oid NOT IN (SELECT objid FROM ext WHERE classid = 'pg_operator'::regclass)
UNION ALL SELECT y.kind, x.w, coalesce((SELECT string_agg(DISTINCT (j).type||' '||(j).identity, ', ') FROM pg_depend d, LATERAL (SELECT pg_identify_object(d.refclassid, d.refobjid, d.refobjsubid) AS j) z WHERE d.classid = y.c AND d.objid = y.o), '')||coalesce(' '||y.extra, ''), y.c, y.o, 0, NULL, NULL, CASE WHEN y.kind <> 'operator family member' THEN upper(y.kind)||' '||x.w END
  FROM (SELECT 'text search configuration' AS kind, 'pg_ts_config'::regclass AS c, t.oid AS o, nspname, dot, (SELECT string_agg(concat_ws(' ', maptokentype, mapseqno, mapdict::regdictionary), ', ' ORDER BY maptokentype, mapseqno) FROM pg_ts_config_map WHERE mapcfg = t.oid) AS extra FROM pg_ts_config t JOIN ns ON ns.oid = cfgnamespace
    UNION ALL SELECT 'text search dictionary', 'pg_ts_dict'::regclass, t.oid, nspname, dot, concat_ws(' ', (SELECT tmplname FROM pg_ts_template m WHERE m.oid = dicttemplate), dictinitoption) FROM pg_ts_dict t JOIN ns ON ns.oid = dictnamespace
    UNION ALL SELECT 'text search parser', 'pg_ts_parser'::regclass, t.oid, nspname, dot, concat_ws(' ', prsstart, prstoken, prsend, prsheadline, prslextype) FROM pg_ts_parser t JOIN ns ON ns.oid = prsnamespace
    UNION ALL SELECT 'text search template', 'pg_ts_template'::regclass, t.oid, nspname, dot, concat_ws(' ', tmplinit, tmpllexize) FROM pg_ts_template t JOIN ns ON ns.oid = tmplnamespace
    UNION ALL SELECT 'conversion', 'pg_conversion'::regclass, t.oid, nspname, dot, concat_ws(' ', conforencoding, contoencoding, conproc::regproc, condefault) FROM pg_conversion t JOIN ns ON ns.oid = connamespace
    UNION ALL SELECT 'operator class', 'pg_opclass'::regclass, t.oid, nspname, dot, concat_ws(' ', opcdefault, format_type(opcintype, NULL), format_type(nullif(opckeytype, 0), NULL)) FROM pg_opclass t JOIN ns ON ns.oid = opcnamespace
    UNION ALL SELECT 'operator family', 'pg_opfamily'::regclass, t.oid, nspname, dot, concat((SELECT string_agg(concat_ws(' ', amopstrategy, amoppurpose, amopopr::regoperator), ', ' ORDER BY amopstrategy, amoppurpose, amopopr::regoperator::text) FROM pg_amop WHERE amopfamily = t.oid), '; '||(SELECT string_agg(concat_ws(' ', amprocnum, amproc::regprocedure), ', ' ORDER BY amprocnum, amproc::regprocedure::text) FROM pg_amproc WHERE amprocfamily = t.oid)) FROM pg_opfamily t JOIN ns ON ns.oid = opfnamespace
    UNION ALL SELECT 'operator family member', 'pg_amop'::regclass, oid, '', '', NULL FROM pg_amop WHERE oid >= 16384 AND amopfamily < 16384
    UNION ALL SELECT 'operator family member', 'pg_amproc'::regclass, oid, '', '', NULL FROM pg_amproc WHERE oid >= 16384 AND amprocfamily < 16384
    UNION ALL SELECT 'access method', 'pg_am'::regclass, oid, '', '', concat_ws(' ', amhandler, amtype) FROM pg_am WHERE oid >= 16384
    UNION ALL SELECT 'language', 'pg_language'::regclass, oid, '', '', concat_ws(' ', lanpltrusted, lanplcallfoid::regproc, laninline::regproc, lanvalidator::regproc) FROM pg_language WHERE oid >= 16384
    UNION ALL SELECT 'transform', 'pg_transform'::regclass, oid, '', '', concat_ws(' ', trffromsql::regproc, trftosql::regproc) FROM pg_transform) y,
    LATERAL (SELECT (pg_identify_object(y.c, y.o, 0)).identity AS i OFFSET 0) z, LATERAL (SELECT CASE WHEN y.kind = 'transform' THEN (SELECT format('FOR %s LANGUAGE %I', format_type(trftype, NULL), lanname) FROM pg_transform t JOIN pg_language l ON l.oid = trflang WHERE t.oid = y.o)
      WHEN dot = '' AND starts_with(i, quote_ident(nspname)||'.') THEN substr(i, length(quote_ident(nspname)) + 2) ELSE i END) x(w)
  WHERE NOT EXISTS (SELECT FROM ext WHERE classid = y.c AND objid = y.o)
\endif
),
-- ---- comments and labels; the object in the words of COMMENT ON: its row's, its relation's, or PostgreSQL's own ----
said AS (
  SELECT s.*, coalesce(ref, CASE WHEN objsubid = 0 THEN word||' '||q ELSE format('COLUMN %s.%I', q, attname) END, (SELECT upper((i).type)||' '||(i).identity FROM (SELECT pg_identify_object(classoid, objoid, objsubid) AS i OFFSET 0) z)) AS w
  FROM (SELECT 'comment' AS what, classoid, objoid, objsubid, NULL AS provider, description AS said FROM pg_description
\if :any_label
    UNION ALL SELECT 'security label', classoid, objoid, objsubid, provider, label FROM pg_seclabel UNION ALL SELECT 'depends on extension', classid, objid, 0, NULL, extname FROM pg_depend JOIN pg_extension e ON e.oid = refobjid WHERE deptype = 'x'
\endif
    ) s LEFT JOIN o ON cls = classoid AND o.oid = objoid AND sub = objsubid AND ref IS NOT NULL
    LEFT JOIN rel ON classoid = 'pg_class'::regclass AND rel.oid = objoid LEFT JOIN pg_attribute ON attrelid = rel.oid AND attnum = objsubid AND attnum > 0
  WHERE objoid >= 16384 OR classoid = 'pg_namespace'::regclass AND objoid = to_regnamespace('public'))
SELECT kind, id, coalesce(def, '') AS def, cls::oid, oid, sub, make, nullif(coalesce(unmake, 'DROP '||ref), '') FROM o
-- The comments that initdb gives to "public", and an extension to itself, are not listed: the role that deploys may not own the extension.
UNION ALL SELECT what, w, said, 'pg_description'::regclass, objoid, objsubid, format('COMMENT ON %s IS %L', w, said), CASE WHEN w = 'SCHEMA public' THEN 'COMMENT ON SCHEMA public IS ''standard public schema''' ELSE format('COMMENT ON %s IS NULL', w) END
  FROM said WHERE what = 'comment' AND (w <> 'SCHEMA public' OR said <> 'standard public schema')
    AND NOT (classoid = 'pg_extension'::regclass AND EXISTS (SELECT FROM pg_available_extensions() a JOIN pg_extension e ON extname = name WHERE e.oid = objoid AND comment = said)) AND (classoid, objoid) NOT IN (SELECT classid, objid FROM ext UNION ALL SELECT 'pg_class'::regclass, oid FROM unseen)
UNION ALL SELECT 'comment', 'SCHEMA public', '', 'pg_description'::regclass, oid, 0, 'COMMENT ON SCHEMA public IS NULL', 'COMMENT ON SCHEMA public IS ''standard public schema''' FROM ns WHERE nspname = 'public' AND obj_description(oid, 'pg_namespace') IS NULL
\if :any_label
UNION ALL SELECT what, concat_ws(' ', provider, w), said, CASE what WHEN 'security label' THEN 'pg_seclabel'::regclass ELSE classoid END, objoid, objsubid,
    CASE what WHEN 'security label' THEN format('SECURITY LABEL FOR %I ON %s IS %L', provider, w, said) ELSE format('ALTER %s DEPENDS ON EXTENSION %I', w, said) END,
    CASE what WHEN 'security label' THEN format('SECURITY LABEL FOR %I ON %s IS NULL', provider, w) ELSE format('ALTER %s NO DEPENDS ON EXTENSION %I', w, said) END FROM said WHERE what <> 'comment'
\endif
\if :owners
UNION ALL SELECT 'owner', ref, owner::regrole::text, cls, o.oid, 0, format('ALTER %s OWNER TO %s', ref, owner::regrole), NULL
  FROM o JOIN (SELECT 'pg_class'::regclass AS class, oid, relowner AS owner FROM pg_class WHERE relkind NOT IN ('i','I') UNION ALL SELECT 'pg_proc'::regclass, oid, proowner FROM pg_proc UNION ALL SELECT 'pg_namespace'::regclass, oid, nspowner FROM pg_namespace
    UNION ALL SELECT 'pg_type'::regclass, oid, typowner FROM pg_type UNION ALL SELECT 'pg_collation'::regclass, oid, collowner FROM pg_collation UNION ALL SELECT 'pg_operator'::regclass, oid, oprowner FROM pg_operator
    UNION ALL SELECT 'pg_opclass'::regclass, oid, opcowner FROM pg_opclass UNION ALL SELECT 'pg_opfamily'::regclass, oid, opfowner FROM pg_opfamily UNION ALL SELECT 'pg_conversion'::regclass, oid, conowner FROM pg_conversion
    UNION ALL SELECT 'pg_ts_config'::regclass, oid, cfgowner FROM pg_ts_config UNION ALL SELECT 'pg_ts_dict'::regclass, oid, dictowner FROM pg_ts_dict UNION ALL SELECT 'pg_statistic_ext'::regclass, oid, stxowner FROM pg_statistic_ext
    UNION ALL SELECT 'pg_foreign_data_wrapper'::regclass, oid, fdwowner FROM pg_foreign_data_wrapper UNION ALL SELECT 'pg_foreign_server'::regclass, oid, srvowner FROM pg_foreign_server UNION ALL SELECT 'pg_event_trigger'::regclass, oid, evtowner FROM pg_event_trigger
    UNION ALL SELECT 'pg_publication'::regclass, oid, pubowner FROM pg_publication UNION ALL SELECT 'pg_language'::regclass, oid, lanowner FROM pg_language) w ON class = cls AND w.oid = o.oid AND sub = 0 AND ref IS NOT NULL
\endif
-- Each privilege of each grantee, those PostgreSQL gives by itself too, so that a REVOKE is seen.
\if :grants
UNION ALL SELECT 'grant', concat(w, ' TO ', g), CASE WHEN is_grantable THEN 'WITH GRANT OPTION' ELSE '' END, c, oid, sub, format('GRANT %s TO %s%s', w, g, CASE WHEN is_grantable THEN ' WITH GRANT OPTION' END), format('REVOKE %s FROM %s', w, g)
  FROM (SELECT 'pg_class'::regclass AS c, oid, 0 AS sub, relowner AS owner, '' AS cols, CASE relkind WHEN 'S' THEN 'SEQUENCE ' ELSE 'TABLE ' END||q AS onwhat, coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's'::"char" ELSE 'r' END, relowner)) AS acl FROM rel WHERE relkind IN ('r','p','f','v','m','S') AND oid NOT IN (SELECT seqid FROM ident)
    UNION ALL SELECT 'pg_class'::regclass, attrelid, attnum, relowner, format(' (%I)', attname), 'TABLE '||q, attacl FROM col WHERE attacl IS NOT NULL
\if :any_function
    UNION ALL SELECT 'pg_proc'::regclass, oid, 0, proowner, '', CASE prokind WHEN 'p' THEN 'PROCEDURE ' ELSE 'FUNCTION ' END||q, coalesce(proacl, acldefault('f', proowner)) FROM fn
\endif
    UNION ALL SELECT 'pg_namespace'::regclass, oid, 0, nspowner, '', 'SCHEMA '||quote_ident(nspname), coalesce(nspacl, acldefault('n', nspowner)) FROM ns
    UNION ALL SELECT 'pg_type'::regclass, oid, 0, typowner, '', 'TYPE '||q, coalesce(typacl, acldefault('T', typowner)) FROM typ WHERE typtype IN ('e','d','r') OR typtype = 'c' AND typrelid IN (SELECT oid FROM rel WHERE relkind = 'c')
    UNION ALL SELECT 'pg_language'::regclass, oid, 0, lanowner, '', 'LANGUAGE '||quote_ident(lanname), coalesce(lanacl, acldefault('l', lanowner)) FROM pg_language WHERE lanpltrusted
    UNION ALL SELECT 'pg_foreign_data_wrapper'::regclass, oid, 0, fdwowner, '', 'FOREIGN DATA WRAPPER '||quote_ident(fdwname), fdwacl FROM pg_foreign_data_wrapper WHERE fdwacl IS NOT NULL
    UNION ALL SELECT 'pg_foreign_server'::regclass, oid, 0, srvowner, '', 'FOREIGN SERVER '||quote_ident(srvname), srvacl FROM pg_foreign_server WHERE srvacl IS NOT NULL) x, LATERAL aclexplode(acl) e,
    LATERAL (SELECT concat(privilege_type, cols, ' ON ', onwhat), CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END) y(w, g) WHERE grantee <> owner
-- Changed privileges of PostgreSQL's own functions and relations.
UNION ALL SELECT 'grant', concat('ON ', (i).type, ' ', (i).identity), acl::text, c, oid, 0, NULL, NULL
  FROM (SELECT 'pg_proc'::regclass AS c, oid, proacl AS acl FROM pg_proc WHERE oid < 16384 AND pronamespace = 'pg_catalog'::regnamespace UNION ALL SELECT 'pg_class'::regclass, oid, relacl FROM pg_class WHERE oid < 16384 AND relnamespace = 'pg_catalog'::regnamespace) a
    LEFT JOIN pg_init_privs p ON p.classoid = c AND p.objoid = oid AND p.objsubid = 0, LATERAL (SELECT pg_identify_object(c, oid, 0) AS i OFFSET 0) z WHERE acl IS DISTINCT FROM initprivs
UNION ALL SELECT 'default privilege', concat_ws(' ', nullif(rtrim(s), ''), w, 'TO', g), CASE WHEN is_grantable THEN 'WITH GRANT OPTION' ELSE '' END, 'pg_default_acl'::regclass, oid, 0, format('ALTER DEFAULT PRIVILEGES %sGRANT %s TO %s%s', s, w, g, CASE WHEN is_grantable THEN ' WITH GRANT OPTION' END), format('ALTER DEFAULT PRIVILEGES %sREVOKE %s FROM %s', s, w, g)
  FROM pg_default_acl a, LATERAL aclexplode(defaclacl) e, LATERAL (SELECT concat(CASE WHEN defaclrole::regrole::text <> current_user THEN format('FOR ROLE %s ', defaclrole::regrole) END, CASE WHEN defaclnamespace <> 0 THEN format('IN SCHEMA %s ', defaclnamespace::regnamespace) END),
    concat(privilege_type, ' ON ', CASE defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS' WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS' ELSE 'LARGE OBJECTS' END), CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END) x(s, w, g) WHERE grantee <> defaclrole
\endif
-- Every other object that pg_depend names, on either side, so that no object is missed. Left out is what another row describes, and what belongs to
-- relations that are not listed: those of extensions, temporary ones, toast, Atlas's revisions.
UNION ALL SELECT 'other', concat((i).type, ' ', (i).identity), '', d.classid, d.objid, 0, NULL, NULL
  FROM (SELECT classid, objid FROM (SELECT classid, objid FROM pg_depend WHERE objid >= 16384 UNION ALL SELECT refclassid, refobjid FROM pg_depend WHERE refobjid >= 16384) b
      WHERE classid NOT IN ('pg_attrdef'::regclass, 'pg_amop'::regclass, 'pg_amproc'::regclass, 'pg_default_acl'::regclass)
    EXCEPT (SELECT cls::oid, oid FROM o WHERE ref IS NOT NULL OR kind IN ('identity sequence', 'publication table', 'publication schema', 'subscription', 'user mapping', 'operator family member')
      UNION ALL SELECT classid, objid FROM ext
      UNION ALL SELECT classid, objid FROM pg_depend WHERE classid IN ('pg_cast'::regclass, 'pg_type'::regclass, 'pg_proc'::regclass) AND deptype = 'i'
      UNION ALL SELECT 'pg_class'::regclass, oid FROM unseen
      UNION ALL SELECT 'pg_class'::regclass, oid FROM rel WHERE relkind = 'c'
      UNION ALL SELECT 'pg_class'::regclass, indexrelid FROM pg_index LEFT JOIN pg_constraint ON conindid = indexrelid AND contype IN ('p','u','x') WHERE conindid IS NOT NULL OR indrelid IN (SELECT oid FROM unseen) OR indexrelid IN (SELECT oid FROM rel WHERE relispartition)
      UNION ALL SELECT 'pg_type'::regclass, oid FROM pg_type WHERE typnamespace IN (SELECT oid FROM unseen_ns)
      UNION ALL SELECT 'pg_proc'::regclass, oid FROM pg_proc WHERE pronamespace IN (SELECT oid FROM unseen_ns)
      UNION ALL SELECT 'pg_namespace'::regclass, oid FROM pg_namespace WHERE oid NOT IN (SELECT oid FROM ns)
      UNION ALL SELECT 'pg_rewrite'::regclass, oid FROM pg_rewrite WHERE rulename = '_RETURN' OR ev_class IN (SELECT oid FROM unseen)
      UNION ALL SELECT 'pg_trigger'::regclass, oid FROM pg_trigger WHERE tgisinternal OR tgparentid <> 0 OR tgrelid IN (SELECT oid FROM unseen)
      UNION ALL SELECT 'pg_policy'::regclass, oid FROM pg_policy WHERE polrelid IN (SELECT oid FROM unseen)
      UNION ALL SELECT 'pg_constraint'::regclass, oid FROM pg_constraint WHERE contype IN ('n', 't') OR conparentid <> 0 OR contype = 'c' AND NOT conislocal OR conrelid IN (SELECT oid FROM unseen))) d,
    LATERAL (SELECT pg_identify_object(d.classid, d.objid, 0) AS i OFFSET 0) z
) TO STDOUT;
SET search_path = pg_catalog;
\if :edges
COPY (
SELECT 'same', 'pg_rewrite'::regclass::oid, oid, 0, 'pg_class'::regclass::oid, ev_class, 0 FROM pg_rewrite WHERE rulename = '_RETURN'
UNION ALL SELECT 'same', 'pg_attrdef'::regclass::oid, oid, 0, 'pg_class'::regclass::oid, adrelid, adnum FROM pg_attrdef
UNION ALL SELECT 'same', 'pg_type'::regclass::oid, t.oid, 0, 'pg_class'::regclass::oid, typrelid, 0 FROM pg_type t JOIN pg_class c ON c.oid = typrelid WHERE relkind <> 'c' AND t.oid >= 16384
UNION ALL SELECT 'same', 'pg_class'::regclass::oid, typrelid, 0, 'pg_type'::regclass::oid, t.oid, 0 FROM pg_type t JOIN pg_class c ON c.oid = typrelid WHERE relkind = 'c' AND t.oid >= 16384
UNION ALL SELECT 'same', 'pg_type'::regclass::oid, typarray, 0, 'pg_type'::regclass::oid, oid, 0 FROM pg_type WHERE typarray <> 0 AND oid >= 16384
UNION ALL SELECT 'same', 'pg_class'::regclass::oid, conindid, 0, 'pg_constraint'::regclass::oid, oid, 0 FROM pg_constraint WHERE contype IN ('p','u','x')
UNION ALL SELECT 'same', classid, objid, 0, refclassid, refobjid, 0 FROM pg_depend WHERE deptype = 'e'
UNION ALL SELECT 'same', classid, objid, 0, refclassid, refobjid, refobjsubid FROM pg_depend WHERE deptype = 'i' AND objid >= 16384
  AND classid IN ('pg_type'::regclass, 'pg_proc'::regclass, 'pg_class'::regclass, 'pg_amop'::regclass, 'pg_amproc'::regclass)
  AND (classid, refclassid) <> ('pg_type'::regclass, 'pg_class'::regclass) AND (classid <> 'pg_class'::regclass OR refobjsubid > 0)
UNION ALL SELECT 'needs', classid, objid, objsubid, refclassid, refobjid, refobjsubid FROM pg_depend d WHERE objid >= 16384 AND deptype <> 'e'
  AND NOT (deptype = 'a' AND classid = 'pg_class'::regclass AND EXISTS (SELECT FROM pg_class WHERE oid = objid AND relkind = 'S'))
UNION ALL SELECT 'needs', 'pg_description'::regclass::oid, objoid, objsubid, classoid, objoid, objsubid FROM pg_description WHERE objoid >= 16384
) TO STDOUT;
\endif
\qecho '\\.'
