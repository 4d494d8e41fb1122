-- catalog.sql - list every object of a database, one row each.
--
-- in:   psql -XAtq -v ON_ERROR_STOP=1 -f catalog.sql, with these variables:
--         grants=1      privileges and default privileges too
--         edges=1       what stands on what, for who makes a migration of it
--         revisions=X   [atlas_schema_revisions] the schema or table of that name
--                       is left out
-- out:  COPY's text format (a tab between columns, \n \t \\ escaped, \N for
--       NULL), then a line "\.": a listing without it was cut short.
--         kind, identity, definition, class, oid, sub, make, unmake
--       and with edges=1 also
--         needs, class, oid, sub, class, oid, sub   the first stands on the second
--         same, class, oid, sub, class, oid, sub    the first is told by the second
--
-- class, oid, sub are the object's address as in pg_depend (sub is a column's
-- number). make and unmake are one statement each, without the semicolon, that
-- creates or sets, removes or resets; NULL where PostgreSQL has no function for
-- it (then pg_dump's entry with this class and oid does), or where it comes
-- along with another. An attribute that has an ALTER of its own is a row of its
-- own, listed only when it is not the default: a difference in it needs one
-- ALTER.
\set QUIET on
\if :{?grants} \else \set grants 0 \endif
\if :{?edges} \else \set edges 0 \endif
\if :{?revisions} \else \set revisions atlas_schema_revisions \endif
SELECT :SERVER_VERSION_NUM >= 150000 AS v15, :SERVER_VERSION_NUM >= 160000 AS v16, :SERVER_VERSION_NUM >= 170000 AS v17, :SERVER_VERSION_NUM >= 180000 AS v18 \gset
-- what moved between 14 and 18
\set col_locale 'collcollate'
\set col_rules 'NULL::text'
\set pub_what 'NULL::text'
\set pub_gen 'NULL::text'
\set pub_ns '(SELECT 0::oid AS oid, 0::oid AS pnpubid, 0::oid AS pnnspid WHERE false)'
\set nn_valid 'true'
\if :v15
  \set col_locale 'coalesce(colliculocale, collcollate)'
  \set pub_what 'concat((SELECT '' (''||string_agg(quote_ident(a.attname), '', '' ORDER BY a.attnum)||'')'' FROM pg_attribute a WHERE a.attrelid = prrelid AND a.attnum = ANY (prattrs::int2[])), '' WHERE (''||pg_get_expr(prqual, prrelid)||'')'')'
  \set pub_ns 'pg_publication_namespace'
\endif
\if :v16
  \set col_rules 'collicurules'
\endif
\if :v17
  \set col_locale 'coalesce(colllocale, collcollate)'
\endif
\if :v18
  \set pub_gen 'nullif(pubgencols::text, ''n'')'
  \set nn_valid '(SELECT n.convalidated FROM pg_constraint n WHERE n.conrelid = a.attrelid AND n.contype = ''n'' AND n.conkey[1] = a.attnum)'
\endif
-- every name comes out qualified, whatever the role's search_path
SET search_path = pg_catalog;
SET extra_float_digits = 0; SET datestyle = iso; SET intervalstyle = postgres; SET timezone = 'UTC'; SET quote_all_identifiers = off; SET bytea_output = hex; SET jit = off;
COPY (
WITH ext AS MATERIALIZED (SELECT DISTINCT classid, objid FROM pg_depend WHERE deptype = 'e'),
ns AS MATERIALIZED (SELECT n.* FROM pg_namespace n WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', :'revisions')
  AND NOT EXISTS (SELECT FROM ext WHERE classid = 'pg_namespace'::regclass AND objid = n.oid)),
rel AS MATERIALIZED (SELECT c.*, n.nspname, format('%I.%I', nspname, relname) AS q,
    CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'f' THEN 'FOREIGN TABLE' WHEN 'S' THEN 'SEQUENCE' WHEN 'i' THEN 'INDEX' WHEN 'I' THEN 'INDEX' WHEN 'c' THEN 'TYPE' ELSE 'TABLE' END AS word
  FROM pg_class c JOIN ns n ON n.oid = relnamespace
  WHERE relname <> :'revisions' AND relkind <> 't' AND NOT EXISTS (SELECT FROM ext WHERE classid = 'pg_class'::regclass AND objid = c.oid)),
-- an identity's sequence is told with its column
ident AS MATERIALIZED (SELECT refobjid AS relid, refobjsubid AS attnum, objid AS seqid FROM pg_depend
  WHERE classid = 'pg_class'::regclass AND refclassid = 'pg_class'::regclass AND deptype = 'i' AND refobjsubid > 0),
seq AS MATERIALIZED (SELECT seqrelid, concat(' START WITH ', seqstart, ' INCREMENT BY ', seqincrement, ' MINVALUE ', seqmin, ' MAXVALUE ', seqmax, ' CACHE ', seqcache,
    CASE WHEN seqcycle THEN ' CYCLE' ELSE ' NO CYCLE' END) AS opt, format_type(seqtypid, NULL) AS typ FROM pg_sequence),
col AS MATERIALIZED (SELECT a.*, r.q, r.relkind, r.relispartition, r.word, format('%s.%I', r.q, attname) AS cq, format_type(atttypid, atttypmod) AS typ,
    CASE WHEN attcollation <> t.typcollation THEN (SELECT format(' COLLATE %I.%I', n.nspname, collname) FROM pg_collation c JOIN pg_namespace n ON n.oid = collnamespace WHERE c.oid = attcollation) END AS coll,
    t.typstorage, pg_get_expr(adbin, adrelid) AS expr,
    CASE attidentity WHEN 'a' THEN 'ALWAYS' ELSE 'BY DEFAULT' END || ' AS IDENTITY (' || ltrim(i.opt) || ')' AS idn
  FROM pg_attribute a JOIN rel r ON r.oid = attrelid JOIN pg_type t ON t.oid = atttypid LEFT JOIN pg_attrdef d ON adrelid = attrelid AND adnum = attnum
    LEFT JOIN (SELECT relid, ident.attnum AS num, opt FROM ident JOIN seq ON seqrelid = seqid) i ON relid = attrelid AND num = attnum
  WHERE attnum > 0 AND NOT attisdropped AND relkind IN ('r','p','f','v','m')),
con AS MATERIALIZED (SELECT c.*, r.q, pg_get_constraintdef(c.oid) AS d FROM pg_constraint c JOIN rel r ON r.oid = conrelid
  WHERE contype IN ('p','u','x','c','f') AND conparentid = 0 AND (conislocal OR contype = 'f')),   -- what a partition has from its parent comes along with it
typ AS MATERIALIZED (SELECT t.*, format('%I.%I', nspname, typname) AS q FROM pg_type t JOIN ns ON ns.oid = typnamespace
  WHERE NOT EXISTS (SELECT FROM ext WHERE classid = 'pg_type'::regclass AND objid = t.oid)),
fn AS MATERIALIZED (SELECT p.*, CASE WHEN prokind = 'a' AND pronargs = 0 THEN format('%I.%I(*)', nspname, proname) ELSE p.oid::regprocedure::text END AS q FROM pg_proc p JOIN ns ON ns.oid = pronamespace WHERE NOT EXISTS (SELECT FROM ext WHERE classid = 'pg_proc'::regclass AND objid = p.oid)
  AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = p.oid AND deptype = 'i')),   -- a range type's constructors
o(kind, id, def, cls, oid, sub, make, unmake) AS (
-- names everything lives in
SELECT 'schema', quote_ident(nspname), '', 'pg_namespace'::regclass, oid, 0, format('CREATE SCHEMA %I', nspname), format('DROP SCHEMA %I', nspname) FROM ns
UNION ALL SELECT 'extension', quote_ident(extname), format('in %s', extnamespace::regnamespace), 'pg_extension'::regclass, e.oid, 0, format('CREATE EXTENSION IF NOT EXISTS %I WITH SCHEMA %s', extname, extnamespace::regnamespace), format('DROP EXTENSION %I', extname) FROM pg_extension e
-- types
UNION ALL SELECT 'enum', q, l, 'pg_type'::regclass, oid, 0, format('CREATE TYPE %s AS ENUM (%s)', q, l), 'DROP TYPE '||q
  FROM typ, LATERAL (SELECT coalesce(string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder), '') FROM pg_enum WHERE enumtypid = typ.oid) e(l) WHERE typtype = 'e'
UNION ALL SELECT 'domain', q, b, 'pg_type'::regclass, oid, 0, format('CREATE DOMAIN %s AS %s', q, b), 'DROP DOMAIN '||q
  FROM typ, LATERAL (SELECT concat(format_type(typbasetype, typtypmod), (SELECT format(' COLLATE %s.%I', collnamespace::regnamespace, collname) FROM pg_collation c JOIN pg_type bt ON bt.oid = typ.typbasetype WHERE c.oid = typ.typcollation AND bt.typcollation <> c.oid))) x(b) WHERE typtype = 'd'
UNION ALL SELECT 'domain default', q, typdefault, 'pg_type'::regclass, oid, 0, format('ALTER DOMAIN %s SET DEFAULT %s', q, typdefault), format('ALTER DOMAIN %s DROP DEFAULT', q) FROM typ WHERE typtype = 'd' AND typdefault IS NOT NULL
UNION ALL SELECT 'domain not null', q, '', 'pg_type'::regclass, oid, 0, format('ALTER DOMAIN %s SET NOT NULL', q), format('ALTER DOMAIN %s DROP NOT NULL', q) FROM typ WHERE typtype = 'd' AND typnotnull
UNION ALL SELECT 'domain constraint', format('%s.%I', q, conname), pg_get_constraintdef(c.oid), 'pg_constraint'::regclass, c.oid, 0, format('ALTER DOMAIN %s ADD CONSTRAINT %I %s', q, conname, pg_get_constraintdef(c.oid)), format('ALTER DOMAIN %s DROP CONSTRAINT %I', q, conname)
  FROM pg_constraint c JOIN typ ON typ.oid = contypid WHERE contype = 'c'
UNION ALL SELECT 'composite type', r.q, l, 'pg_type'::regclass, r.reltype, 0, format('CREATE TYPE %s AS (%s)', r.q, l), 'DROP TYPE '||r.q
  FROM rel r, LATERAL (SELECT coalesce(string_agg(concat(quote_ident(attname), ' ', format_type(atttypid, atttypmod), CASE WHEN attcollation <> typcollation THEN (SELECT format(' COLLATE %s.%I', collnamespace::regnamespace, collname) FROM pg_collation WHERE oid = attcollation) END), ', ' ORDER BY attnum), '')
    FROM pg_attribute JOIN pg_type t ON t.oid = atttypid WHERE attrelid = r.oid AND attnum > 0 AND NOT attisdropped) x(l) WHERE relkind = 'c'
UNION ALL SELECT 'range type', q, l, 'pg_type'::regclass, oid, 0, format('CREATE TYPE %s AS RANGE (%s)', q, l), 'DROP TYPE '||q
  FROM typ JOIN pg_range ON rngtypid = oid, LATERAL (SELECT concat_ws(', ', 'SUBTYPE = '||format_type(rngsubtype, NULL),
    (SELECT format('SUBTYPE_OPCLASS = %s.%I', opcnamespace::regnamespace, opcname) FROM pg_opclass WHERE oid = rngsubopc AND NOT opcdefault),
    (SELECT format('COLLATION = %s.%I', collnamespace::regnamespace, collname) FROM pg_collation WHERE oid = rngcollation AND collname <> 'default'),
    'CANONICAL = '||nullif(rngcanonical, 0)::regproc, 'SUBTYPE_DIFF = '||nullif(rngsubdiff, 0)::regproc, 'MULTIRANGE_TYPE_NAME = '||format_type(rngmultitypid, NULL))) x(l)
UNION ALL SELECT 'base type', q, concat_ws(' ', typinput, typoutput, typreceive, typsend, typmodin, typmodout, typanalyze, typlen, typbyval, typalign, typstorage, typcategory, typispreferred, typdelim, typdefault, typisdefined), 'pg_type'::regclass, oid, 0, NULL, 'DROP TYPE '||q||' CASCADE'
  FROM typ WHERE typtype IN ('b','p') AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_type'::regclass AND objid = typ.oid AND deptype = 'i')
UNION ALL SELECT 'collation', c.oid::regcollation::text, l, 'pg_collation'::regclass, c.oid, 0, format('CREATE COLLATION %s (%s)', c.oid::regcollation, l), 'DROP COLLATION '||c.oid::regcollation
  FROM pg_collation c JOIN ns ON ns.oid = collnamespace, LATERAL (SELECT concat_ws(', ', 'PROVIDER = '||CASE collprovider WHEN 'i' THEN 'icu' WHEN 'c' THEN 'libc' WHEN 'b' THEN 'builtin' ELSE '"default"' END, CASE WHEN NOT collisdeterministic THEN 'DETERMINISTIC = false' END,
    CASE WHEN collprovider = 'c' THEN format('LC_COLLATE = %L, LC_CTYPE = %L', collcollate, collctype) ELSE format('LOCALE = %L', :col_locale) END, 'RULES = '||quote_literal(:col_rules))) x(l)
  WHERE NOT EXISTS (SELECT FROM ext WHERE classid = 'pg_collation'::regclass AND objid = c.oid)
-- functions
UNION ALL SELECT CASE prokind WHEN 'p' THEN 'procedure' ELSE 'function' END, q, pg_get_functiondef(oid), 'pg_proc'::regclass, oid, 0, rtrim(pg_get_functiondef(oid), E'\n'), format('DROP %s %s', CASE prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END, q) FROM fn WHERE prokind <> 'a'
UNION ALL SELECT 'signature', q, concat_ws(' ', pg_get_function_arguments(oid), 'returns', pg_get_function_result(oid), prokind), 'pg_proc'::regclass, oid, 0, NULL, NULL FROM fn WHERE prokind <> 'a'   -- when this differs, OR REPLACE is refused
UNION ALL SELECT 'aggregate', q, concat_ws(' ', aggkind, aggnumdirectargs, aggtransfn, aggfinalfn, aggcombinefn, aggserialfn, aggdeserialfn, aggmtransfn, aggminvtransfn, aggmfinalfn, aggfinalextra, aggmfinalextra, aggfinalmodify, aggmfinalmodify, nullif(aggsortop, 0)::regoperator, aggtranstype::regtype, aggtransspace,
    nullif(aggmtranstype, 0)::regtype, aggmtransspace, agginitval, aggminitval, proparallel), 'pg_proc'::regclass, oid, 0, NULL, 'DROP AGGREGATE '||CASE WHEN pronargs = 0 THEN q ELSE format('%s.%I(%s)', pronamespace::regnamespace, proname, pg_get_function_identity_arguments(oid)) END FROM fn JOIN pg_aggregate ON aggfnoid = fn.oid
-- relations
UNION ALL SELECT CASE relkind WHEN 'f' THEN 'foreign table' ELSE 'table' END, q, concat_ws(' ', CASE relkind WHEN 'p' THEN 'PARTITION BY '||pg_get_partkeydef(oid) END,
    (SELECT concat_ws(' ', 'SERVER', quote_ident(srvname)) FROM pg_foreign_table JOIN pg_foreign_server s ON s.oid = ftserver WHERE ftrelid = rel.oid)), 'pg_class'::regclass, oid, 0, NULL, format('DROP %s %s', word, q) FROM rel WHERE relkind IN ('r','p','f')
UNION ALL SELECT 'persistence', q, 'UNLOGGED', 'pg_class'::regclass, oid, 0, format('ALTER %s %s SET UNLOGGED', word, q), format('ALTER %s %s SET LOGGED', word, q) FROM rel WHERE relpersistence = 'u' AND relkind IN ('r','p','S') AND oid NOT IN (SELECT seqid FROM ident)
UNION ALL SELECT 'row security', q, '', 'pg_class'::regclass, oid, 0, format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', q), format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY', q) FROM rel WHERE relrowsecurity
UNION ALL SELECT 'forced row security', q, '', 'pg_class'::regclass, oid, 0, format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', q), format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY', q) FROM rel WHERE relforcerowsecurity
UNION ALL SELECT 'option', q||' '||p||quote_ident(k), v, 'pg_class'::regclass, oid, 0, format('ALTER %s %s SET (%s%I = %L)', word, q, p, k, v), format('ALTER %s %s RESET (%s%I)', word, q, p, k)
  FROM (SELECT oid, q, word, '' AS p, unnest(reloptions) AS opt FROM rel WHERE relkind IN ('r','p','v','m') UNION ALL SELECT rel.oid, q, word, 'toast.', unnest(t.reloptions) FROM rel JOIN pg_class t ON t.oid = rel.reltoastrelid) x, LATERAL (SELECT split_part(opt, '=', 1), substr(opt, strpos(opt, '=') + 1)) y(k, v)
UNION ALL SELECT 'replica identity', q, l, 'pg_class'::regclass, oid, 0, format('ALTER TABLE %s REPLICA IDENTITY %s', q, l), format('ALTER TABLE %s REPLICA IDENTITY DEFAULT', q)
  FROM rel, LATERAL (SELECT CASE relreplident WHEN 'f' THEN 'FULL' WHEN 'n' THEN 'NOTHING' ELSE 'USING INDEX '||(SELECT quote_ident(c.relname) FROM pg_index JOIN pg_class c ON c.oid = indexrelid WHERE indrelid = rel.oid AND indisreplident) END) x(l) WHERE relkind IN ('r','p') AND relreplident <> 'd'
UNION ALL SELECT 'clustered', q, x.i, 'pg_class'::regclass, oid, 0, format('ALTER TABLE %s CLUSTER ON %s', q, x.i), format('ALTER TABLE %s SET WITHOUT CLUSTER', q) FROM rel, LATERAL (SELECT quote_ident(c.relname) FROM pg_index JOIN pg_class c ON c.oid = indexrelid WHERE indrelid = rel.oid AND indisclustered) x(i)
UNION ALL SELECT 'tablespace', q, quote_ident(spcname), 'pg_class'::regclass, rel.oid, 0, format('ALTER %s %s SET TABLESPACE %I', word, q, spcname), format('ALTER %s %s SET TABLESPACE pg_default', word, q) FROM rel JOIN pg_tablespace s ON s.oid = reltablespace
UNION ALL SELECT 'table access method', q, quote_ident(amname), 'pg_class'::regclass, rel.oid, 0, format('ALTER %s %s SET ACCESS METHOD %I', word, q, amname), format('ALTER %s %s SET ACCESS METHOD heap', word, q) FROM rel JOIN pg_am a ON a.oid = relam WHERE amtype = 't' AND amname <> 'heap'
UNION ALL SELECT 'of type', q, format_type(reloftype, NULL), 'pg_class'::regclass, oid, 0, format('ALTER TABLE %s OF %s', q, format_type(reloftype, NULL)), format('ALTER TABLE %s NOT OF', q) FROM rel WHERE reloftype <> 0
UNION ALL SELECT CASE WHEN r.relispartition THEN 'partition of' ELSE 'inherits' END, concat(r.q, ' ', inhparent::regclass), coalesce(pg_get_expr(r.relpartbound, r.oid), inhseqno::text), 'pg_class'::regclass, r.oid, 0,
    CASE WHEN r.relispartition THEN format('ALTER TABLE %s ATTACH PARTITION %s %s', inhparent::regclass, r.q, pg_get_expr(r.relpartbound, r.oid)) ELSE format('ALTER TABLE %s INHERIT %s', r.q, inhparent::regclass) END,
    CASE WHEN r.relispartition THEN format('ALTER TABLE %s DETACH PARTITION %s', inhparent::regclass, r.q) ELSE format('ALTER TABLE %s NO INHERIT %s', r.q, inhparent::regclass) END
  FROM pg_inherits JOIN rel r ON r.oid = inhrelid WHERE r.relkind IN ('r','p','f')
UNION ALL SELECT 'foreign option', concat(q, ' ', c, quote_ident(k)), v, 'pg_class'::regclass, oid, s, format('ALTER FOREIGN TABLE %s %sOPTIONS (%s %I %L)', q, a, 'ADD', k, v), format('ALTER FOREIGN TABLE %s %sOPTIONS (DROP %I)', q, a, k)
  FROM (SELECT rel.oid, q, 0 AS s, '' AS c, '' AS a, unnest(ftoptions) AS opt FROM pg_foreign_table JOIN rel ON rel.oid = ftrelid UNION ALL SELECT attrelid, q, attnum, quote_ident(attname)||' ', format('ALTER COLUMN %I ', attname), unnest(attfdwoptions) FROM col) x, LATERAL (SELECT split_part(opt, '=', 1), substr(opt, strpos(opt, '=') + 1)) y(k, v)
-- columns; the default, NOT NULL, identity and expression of a new column are in its ADD COLUMN too
UNION ALL SELECT 'column', cq, typ||coalesce(coll, ''), 'pg_class'::regclass, attrelid, attnum,
    CASE WHEN attinhcount = 0 THEN concat(format('ALTER %s %s ADD COLUMN %I ', word, q, attname), typ, coll, CASE WHEN attgenerated <> '' THEN format(' GENERATED ALWAYS AS (%s)', expr)||CASE attgenerated WHEN 's' THEN ' STORED' ELSE '' END
      WHEN idn IS NOT NULL THEN ' GENERATED '||idn WHEN expr IS NOT NULL THEN ' DEFAULT '||expr END, CASE WHEN attnotnull THEN ' NOT NULL' END) END,
    CASE WHEN attinhcount = 0 THEN format('ALTER %s %s DROP COLUMN %I', word, q, attname) END FROM col WHERE relkind IN ('r','p','f')
UNION ALL SELECT 'column kept', cq, '', 'pg_class'::regclass, attrelid, attnum, NULL, NULL FROM col WHERE attinhcount > 0 AND attislocal AND NOT relispartition   -- stays when the parent's goes
UNION ALL SELECT 'default', cq, expr, 'pg_class'::regclass, attrelid, attnum, format('ALTER %s %s ALTER COLUMN %I SET DEFAULT %s', word, q, attname, expr), format('ALTER %s %s ALTER COLUMN %I DROP DEFAULT', word, q, attname) FROM col WHERE expr IS NOT NULL AND attgenerated = ''
UNION ALL SELECT 'not null', cq, CASE WHEN :nn_valid THEN '' ELSE 'NOT VALID' END, 'pg_class'::regclass, attrelid, attnum, format('ALTER %s %s ALTER COLUMN %I SET NOT NULL', word, q, attname), format('ALTER %s %s ALTER COLUMN %I DROP NOT NULL', word, q, attname) FROM col a WHERE attnotnull
UNION ALL SELECT 'identity', cq, idn, 'pg_class'::regclass, attrelid, attnum, format('ALTER TABLE %s ALTER COLUMN %I ADD GENERATED %s', q, attname, idn), format('ALTER TABLE %s ALTER COLUMN %I DROP IDENTITY', q, attname) FROM col WHERE idn IS NOT NULL
UNION ALL SELECT 'generated', cq, expr||CASE attgenerated WHEN 's' THEN ' STORED' ELSE ' VIRTUAL' END, 'pg_class'::regclass, attrelid, attnum, CASE WHEN :SERVER_VERSION_NUM >= 170000 THEN format('ALTER TABLE %s ALTER COLUMN %I SET EXPRESSION AS (%s)', q, attname, expr) END,
    CASE attgenerated WHEN 's' THEN format('ALTER TABLE %s ALTER COLUMN %I DROP EXPRESSION', q, attname) END FROM col WHERE attgenerated <> ''
UNION ALL SELECT 'storage', cq, s, 'pg_class'::regclass, attrelid, attnum, format('ALTER %s %s ALTER COLUMN %I SET STORAGE %s', word, q, attname, s), format('ALTER %s %s ALTER COLUMN %I SET STORAGE %s', word, q, attname, CASE typstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END)
  FROM col, LATERAL (SELECT CASE attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END) x(s) WHERE attstorage <> typstorage AND relkind <> 'v'
UNION ALL SELECT 'compression', cq, x.m, 'pg_class'::regclass, attrelid, attnum, format('ALTER TABLE %s ALTER COLUMN %I SET COMPRESSION %s', q, attname, x.m), format('ALTER TABLE %s ALTER COLUMN %I SET COMPRESSION DEFAULT', q, attname) FROM col, LATERAL (SELECT CASE attcompression WHEN 'l' THEN 'lz4' ELSE 'pglz' END) x(m) WHERE attcompression <> ''
UNION ALL SELECT 'statistics target', cq, attstattarget::text, 'pg_class'::regclass, attrelid, attnum, format('ALTER %s %s ALTER COLUMN %I SET STATISTICS %s', word, q, attname, attstattarget), format('ALTER %s %s ALTER COLUMN %I SET STATISTICS -1', word, q, attname) FROM col WHERE attstattarget >= 0
UNION ALL SELECT 'column option', cq||' '||split_part(opt, '=', 1), split_part(opt, '=', 2), 'pg_class'::regclass, attrelid, attnum, format('ALTER %s %s ALTER COLUMN %I SET (%s)', word, q, attname, opt), format('ALTER %s %s ALTER COLUMN %I RESET (%s)', word, q, attname, split_part(opt, '=', 1)) FROM (SELECT *, unnest(attoptions) AS opt FROM col) x
-- constraints; a foreign key's deferrability and any NOT VALID have an ALTER of their own
UNION ALL SELECT 'constraint', format('%s.%I', q, conname), regexp_replace(CASE WHEN contype = 'f' THEN regexp_replace(d, ' DEFERRABLE( INITIALLY DEFERRED)?', '') ELSE d END, ' NOT VALID$', ''), 'pg_constraint'::regclass, oid, 0, format('ALTER TABLE %s ADD CONSTRAINT %I %s', q, conname, d), format('ALTER TABLE %s DROP CONSTRAINT %I', q, conname) FROM con
UNION ALL SELECT 'deferrable', format('%s.%I', q, conname), x.w, 'pg_constraint'::regclass, oid, 0, format('ALTER TABLE %s ALTER CONSTRAINT %I %s', q, conname, x.w), format('ALTER TABLE %s ALTER CONSTRAINT %I NOT DEFERRABLE', q, conname) FROM con, LATERAL (SELECT 'DEFERRABLE'||CASE WHEN condeferred THEN ' INITIALLY DEFERRED' ELSE ' INITIALLY IMMEDIATE' END) x(w) WHERE contype = 'f' AND condeferrable
UNION ALL SELECT 'not valid', format('%s.%I', q, conname), '', 'pg_constraint'::regclass, oid, 0, format('ALTER TABLE %s DROP CONSTRAINT %I, ADD CONSTRAINT %I %s', q, conname, conname, d), format('ALTER TABLE %s VALIDATE CONSTRAINT %I', q, conname) FROM con WHERE d ~ ' NOT VALID$'
-- indexes that are no constraint's and not attached to a parent's
UNION ALL SELECT 'index', q, d, 'pg_class'::regclass, rel.oid, 0, d, 'DROP INDEX '||q FROM rel JOIN pg_index ON indexrelid = rel.oid, LATERAL (SELECT replace(pg_get_indexdef(rel.oid), ' ON ONLY ', ' ON ')) x(d)
  WHERE NOT relispartition AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = rel.oid AND contype IN ('p','u','x'))
UNION ALL SELECT 'index invalid', q, '', 'pg_class'::regclass, rel.oid, 0, NULL, CASE relkind WHEN 'i' THEN 'REINDEX INDEX '||q END FROM rel JOIN pg_index ON indexrelid = rel.oid WHERE NOT indisvalid
UNION ALL SELECT 'index statistics target', format('%s %s', q, attnum), attstattarget::text, 'pg_class'::regclass, rel.oid, 0, format('ALTER INDEX %s ALTER COLUMN %s SET STATISTICS %s', q, attnum, attstattarget), format('ALTER INDEX %s ALTER COLUMN %s SET STATISTICS -1', q, attnum) FROM rel JOIN pg_attribute ON attrelid = rel.oid WHERE relkind IN ('i','I') AND attstattarget >= 0
-- views, sequences
UNION ALL SELECT CASE relkind WHEN 'v' THEN 'view' ELSE 'materialized view' END, q, d, 'pg_class'::regclass, oid, 0, CASE relkind WHEN 'v' THEN concat('CREATE OR REPLACE VIEW ', q, w, E' AS\n', d) ELSE concat('CREATE MATERIALIZED VIEW ', q, w, E' AS\n', d, CASE WHEN NOT relispopulated THEN E'\n WITH NO DATA' END) END, format('DROP %s %s', word, q)
  FROM rel, LATERAL (SELECT rtrim(pg_get_viewdef(oid), ';'), (SELECT ' WITH ('||string_agg(split_part(u, '=', 1)||'='||quote_literal(split_part(u, '=', 2)), ', ')||')' FROM unnest(reloptions) u)) x(d, w) WHERE relkind IN ('v','m')
UNION ALL SELECT 'view columns', q, string_agg(format('%I %s', attname, typ), ', ' ORDER BY attnum), 'pg_class'::regclass, attrelid, 0, NULL, NULL FROM col WHERE relkind IN ('v','m') GROUP BY q, attrelid   -- OR REPLACE may only add at the end
UNION ALL SELECT 'sequence', q, 'AS '||typ||opt, 'pg_class'::regclass, oid, 0, format('CREATE SEQUENCE %s AS %s%s', q, typ, opt), 'DROP SEQUENCE '||q FROM rel JOIN seq ON seqrelid = oid WHERE oid NOT IN (SELECT seqid FROM ident)
UNION ALL SELECT 'sequence owner', q, x.w, 'pg_class'::regclass, oid, 0, format('ALTER SEQUENCE %s OWNED BY %s', q, x.w), format('ALTER SEQUENCE %s OWNED BY NONE', q)
  FROM rel, LATERAL (SELECT format('%s.%I', attrelid::regclass, attname) FROM pg_depend JOIN pg_attribute ON attrelid = refobjid AND attnum = refobjsubid WHERE classid = 'pg_class'::regclass AND objid = rel.oid AND refclassid = 'pg_class'::regclass AND deptype = 'a') x(w) WHERE relkind = 'S'
UNION ALL SELECT 'identity sequence', cq, x.n, 'pg_class'::regclass, seqid, 0, NULL, NULL FROM ident i JOIN col ON attrelid = relid AND col.attnum = i.attnum, LATERAL (SELECT seqid::regclass::text) x(n)
-- what hangs on relations
UNION ALL SELECT 'trigger', format('%s.%I', q, tgname), pg_get_triggerdef(t.oid), 'pg_trigger'::regclass, t.oid, 0, pg_get_triggerdef(t.oid), format('DROP TRIGGER %I ON %s', tgname, q) FROM pg_trigger t JOIN rel ON rel.oid = tgrelid WHERE NOT tgisinternal AND tgparentid = 0
UNION ALL SELECT 'trigger enabled', format('%s.%I', q, CASE WHEN tgisinternal THEN (SELECT conname FROM pg_constraint WHERE oid = tgconstraint)||' '||tgfoid::regproc ELSE tgname END), x.w, 'pg_trigger'::regclass, t.oid, 0, CASE WHEN NOT tgisinternal THEN format('ALTER TABLE %s %s TRIGGER %I', q, x.w, tgname) END, CASE WHEN NOT tgisinternal THEN format('ALTER TABLE %s ENABLE TRIGGER %I', q, tgname) END
  FROM pg_trigger t JOIN rel ON rel.oid = tgrelid, LATERAL (SELECT CASE tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' END) x(w) WHERE tgenabled <> 'O'
UNION ALL SELECT 'rule', format('%s.%I', q, rulename), pg_get_ruledef(r.oid), 'pg_rewrite'::regclass, r.oid, 0, rtrim(replace(pg_get_ruledef(r.oid), 'CREATE RULE', 'CREATE OR REPLACE RULE'), ';'), format('DROP RULE %I ON %s', rulename, q) FROM pg_rewrite r JOIN rel ON rel.oid = ev_class WHERE rulename <> '_RETURN'
UNION ALL SELECT 'rule enabled', format('%s.%I', q, rulename), x.w, 'pg_rewrite'::regclass, r.oid, 0, format('ALTER TABLE %s %s RULE %I', q, x.w, rulename), format('ALTER TABLE %s ENABLE RULE %I', q, rulename) FROM pg_rewrite r JOIN rel ON rel.oid = ev_class, LATERAL (SELECT CASE ev_enabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' END) x(w) WHERE ev_enabled <> 'O'
UNION ALL SELECT 'policy', format('%s.%I', q, polname), x.d, 'pg_policy'::regclass, p.oid, 0, format('CREATE POLICY %I ON %s %s', polname, q, x.d), format('DROP POLICY %I ON %s', polname, q)
  FROM pg_policy p JOIN rel ON rel.oid = polrelid, LATERAL (SELECT concat(CASE WHEN polpermissive THEN 'AS PERMISSIVE' ELSE 'AS RESTRICTIVE' END, ' FOR ', CASE polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
    ' TO ', (SELECT string_agg(x, ', ' ORDER BY x) FROM unnest(polroles) r, LATERAL (SELECT CASE r WHEN 0 THEN 'PUBLIC' ELSE r::regrole::text END) y(x)), ' USING ('||pg_get_expr(polqual, polrelid)||')', ' WITH CHECK ('||pg_get_expr(polwithcheck, polrelid)||')')) x(d)
UNION ALL SELECT 'statistics', format('%I.%I', nspname, stxname), pg_get_statisticsobjdef(s.oid), 'pg_statistic_ext'::regclass, s.oid, 0, pg_get_statisticsobjdef(s.oid), format('DROP STATISTICS %I.%I', nspname, stxname) FROM pg_statistic_ext s JOIN ns ON ns.oid = stxnamespace
UNION ALL SELECT 'statistics object target', format('%I.%I', nspname, stxname), stxstattarget::text, 'pg_statistic_ext'::regclass, s.oid, 0, format('ALTER STATISTICS %I.%I SET STATISTICS %s', nspname, stxname, stxstattarget), format('ALTER STATISTICS %I.%I SET STATISTICS -1', nspname, stxname) FROM pg_statistic_ext s JOIN ns ON ns.oid = stxnamespace WHERE stxstattarget >= 0
-- the database's own
UNION ALL SELECT 'event trigger', quote_ident(evtname), x.d, 'pg_event_trigger'::regclass, e.oid, 0, format('CREATE EVENT TRIGGER %I %s', evtname, x.d), format('DROP EVENT TRIGGER %I', evtname) FROM pg_event_trigger e, LATERAL (SELECT concat('ON ', evtevent, ' WHEN TAG IN ('||(SELECT string_agg(quote_literal(u), ', ' ORDER BY u) FROM unnest(evttags) u)||')', format(' EXECUTE FUNCTION %s()', evtfoid::regproc))) x(d) WHERE NOT EXISTS (SELECT FROM ext WHERE classid = 'pg_event_trigger'::regclass AND objid = e.oid)
UNION ALL SELECT 'event trigger enabled', quote_ident(evtname), x.w, 'pg_event_trigger'::regclass, e.oid, 0, format('ALTER EVENT TRIGGER %I %s', evtname, x.w), format('ALTER EVENT TRIGGER %I ENABLE', evtname) FROM pg_event_trigger e, LATERAL (SELECT CASE evtenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' END) x(w) WHERE evtenabled <> 'O'
UNION ALL SELECT 'publication', quote_ident(pubname), x.d, 'pg_publication'::regclass, oid, 0, format('CREATE PUBLICATION %I %s', pubname, x.d), format('DROP PUBLICATION %I', pubname)
  FROM pg_publication, LATERAL (SELECT concat(CASE WHEN puballtables THEN 'FOR ALL TABLES ' END, format('WITH (publish = %L', concat_ws(', ', CASE WHEN pubinsert THEN 'insert' END, CASE WHEN pubupdate THEN 'update' END, CASE WHEN pubdelete THEN 'delete' END, CASE WHEN pubtruncate THEN 'truncate' END)), CASE WHEN pubviaroot THEN ', publish_via_partition_root = true' END, CASE :pub_gen WHEN 's' THEN ', publish_generated_columns = stored' END, ')')) x(d)
UNION ALL SELECT 'publication table', format('%I %s', pubname, prrelid::regclass), coalesce(:pub_what, ''), 'pg_publication_rel'::regclass, r.oid, 0, format('ALTER PUBLICATION %I ADD TABLE ONLY %s%s', pubname, prrelid::regclass, :pub_what), format('ALTER PUBLICATION %I DROP TABLE ONLY %s', pubname, prrelid::regclass) FROM pg_publication_rel r JOIN pg_publication p ON p.oid = prpubid
UNION ALL SELECT 'publication schema', format('%I %s', pubname, pnnspid::regnamespace), '', n.tableoid, n.oid, 0, format('ALTER PUBLICATION %I ADD TABLES IN SCHEMA %s', pubname, pnnspid::regnamespace), format('ALTER PUBLICATION %I DROP TABLES IN SCHEMA %s', pubname, pnnspid::regnamespace) FROM (SELECT *, (SELECT oid FROM pg_class WHERE relname = 'pg_publication_namespace')::regclass AS tableoid FROM (SELECT oid, pnpubid, pnnspid FROM :pub_ns AS w) z) n JOIN pg_publication p ON p.oid = pnpubid
UNION ALL SELECT 'subscription', quote_ident(subname), array_to_string(subpublications, ', '), 'pg_subscription'::regclass, oid, 0, NULL, NULL FROM pg_subscription WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
UNION ALL SELECT 'foreign data wrapper', quote_ident(fdwname), concat_ws(' ', nullif(fdwhandler, 0)::regproc, nullif(fdwvalidator, 0)::regproc, fdwoptions), 'pg_foreign_data_wrapper'::regclass, w.oid, 0, NULL, format('DROP FOREIGN DATA WRAPPER %I', fdwname) FROM pg_foreign_data_wrapper w WHERE NOT EXISTS (SELECT FROM ext WHERE classid = 'pg_foreign_data_wrapper'::regclass AND objid = w.oid)
UNION ALL SELECT 'server', quote_ident(srvname), concat_ws(' ', (SELECT fdwname FROM pg_foreign_data_wrapper w WHERE w.oid = srvfdw), srvtype, srvversion, srvoptions), 'pg_foreign_server'::regclass, s.oid, 0, NULL, format('DROP SERVER %I', srvname) FROM pg_foreign_server s WHERE NOT EXISTS (SELECT FROM ext WHERE classid = 'pg_foreign_server'::regclass AND objid = s.oid)
UNION ALL SELECT 'user mapping', format('%s on %I', CASE umuser WHEN 0 THEN 'PUBLIC' ELSE umuser::regrole::text END, srvname), coalesce(md5(umoptions::text), ''), 'pg_user_mapping'::regclass, umid, 0, NULL, format('DROP USER MAPPING FOR %s SERVER %I', CASE umuser WHEN 0 THEN 'PUBLIC' ELSE umuser::regrole::text END, srvname) FROM pg_user_mappings   -- a password may be in it; the view, for the table is the superuser's
UNION ALL SELECT 'cast', format('%s AS %s', format_type(castsource, NULL), format_type(casttarget, NULL)), x.d, 'pg_cast'::regclass, c.oid, 0, format('CREATE CAST (%s AS %s) %s', format_type(castsource, NULL), format_type(casttarget, NULL), x.d), format('DROP CAST (%s AS %s)', format_type(castsource, NULL), format_type(casttarget, NULL))
  FROM pg_cast c, LATERAL (SELECT concat(CASE castmethod WHEN 'f' THEN 'WITH FUNCTION '||castfunc::regprocedure WHEN 'i' THEN 'WITH INOUT' ELSE 'WITHOUT FUNCTION' END, CASE castcontext WHEN 'a' THEN ' AS ASSIGNMENT' WHEN 'i' THEN ' AS IMPLICIT' END)) x(d) WHERE c.oid >= 16384 AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_cast'::regclass AND objid = c.oid AND deptype IN ('e', 'i'))
UNION ALL SELECT 'operator', o.oid::regoperator::text, concat_ws(' ', nullif(oprcode, 0)::regproc, format_type(nullif(oprresult, 0), NULL), nullif(oprcom, 0)::regoperator, nullif(oprnegate, 0)::regoperator, nullif(oprrest, 0)::regproc, nullif(oprjoin, 0)::regproc, oprcanmerge, oprcanhash), 'pg_operator'::regclass, o.oid, 0, NULL, format('DROP OPERATOR %s', o.oid::regoperator) FROM pg_operator o JOIN ns ON ns.oid = oprnamespace WHERE NOT EXISTS (SELECT FROM ext WHERE classid = 'pg_operator'::regclass AND objid = o.oid)
-- the rarer kinds: what they stand on, by name, is their definition; pg_dump has their text
UNION ALL SELECT (i).type, (i).identity, coalesce((SELECT string_agg(DISTINCT (j).type||' '||(j).identity, ', ') FROM pg_depend d, LATERAL (SELECT pg_identify_object(d.refclassid, d.refobjid, d.refobjsubid) AS j) z WHERE d.classid = y.c AND d.objid = y.o), '')||coalesce(' '||y.extra, ''), y.c, y.o, 0, NULL, CASE WHEN y.drop THEN format('DROP %s %s', upper((i).type), (i).identity) END
  FROM (SELECT 'pg_ts_config'::regclass AS c, t.oid AS o, true AS drop, (SELECT string_agg(concat_ws(' ', maptokentype, mapseqno, mapdict::regdictionary), ', ' ORDER BY maptokentype, mapseqno) FROM pg_ts_config_map WHERE mapcfg = t.oid) AS extra FROM pg_ts_config t JOIN ns ON ns.oid = cfgnamespace
    UNION ALL SELECT 'pg_ts_dict'::regclass, t.oid, true, concat_ws(' ', (SELECT tmplname FROM pg_ts_template m WHERE m.oid = dicttemplate), dictinitoption) FROM pg_ts_dict t JOIN ns ON ns.oid = dictnamespace
    UNION ALL SELECT 'pg_ts_parser'::regclass, t.oid, true, NULL FROM pg_ts_parser t JOIN ns ON ns.oid = prsnamespace UNION ALL SELECT 'pg_ts_template'::regclass, t.oid, true, NULL FROM pg_ts_template t JOIN ns ON ns.oid = tmplnamespace
    UNION ALL SELECT 'pg_conversion'::regclass, t.oid, true, concat_ws(' ', conforencoding, contoencoding, conproc::regproc, condefault) FROM pg_conversion t JOIN ns ON ns.oid = connamespace
    UNION ALL SELECT 'pg_opclass'::regclass, t.oid, true, concat_ws(' ', opcdefault, format_type(opcintype, NULL), format_type(nullif(opckeytype, 0), NULL)) FROM pg_opclass t JOIN ns ON ns.oid = opcnamespace
    UNION ALL SELECT 'pg_opfamily'::regclass, t.oid, true, concat((SELECT string_agg(concat_ws(' ', amopstrategy, amoppurpose, amopopr::regoperator), ', ' ORDER BY amopstrategy, amoppurpose, amopopr::regoperator::text) FROM pg_amop WHERE amopfamily = t.oid), '; '||(SELECT string_agg(concat_ws(' ', amprocnum, amproc::regprocedure), ', ' ORDER BY amprocnum, amproc::regprocedure::text) FROM pg_amproc WHERE amprocfamily = t.oid)) FROM pg_opfamily t JOIN ns ON ns.oid = opfnamespace
    UNION ALL SELECT 'pg_am'::regclass, oid, true, concat_ws(' ', amhandler, amtype) FROM pg_am WHERE oid >= 16384 UNION ALL SELECT 'pg_language'::regclass, oid, true, concat_ws(' ', lanpltrusted) FROM pg_language WHERE oid >= 16384 UNION ALL SELECT 'pg_transform'::regclass, oid, true, NULL FROM pg_transform) y, LATERAL (SELECT pg_identify_object(y.c, y.o, 0) AS i) z
  WHERE NOT EXISTS (SELECT FROM ext WHERE classid = y.c AND objid = y.o)
UNION ALL SELECT 'database setting', concat_ws(' ', nullif(setrole, 0)::regrole, split_part(u, '=', 1)), substr(u, strpos(u, '=') + 1), 'pg_db_role_setting'::regclass, 0, 0, NULL, NULL FROM pg_db_role_setting, unnest(setconfig) u WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
UNION ALL SELECT 'depends on extension', concat((i).type, ' ', (i).identity), extname::text, classid, objid, 0, format('ALTER %s %s DEPENDS ON EXTENSION %I', upper((i).type), (i).identity, extname), format('ALTER %s %s NO DEPENDS ON EXTENSION %I', upper((i).type), (i).identity, extname)
  FROM pg_depend JOIN pg_extension e ON e.oid = refobjid, LATERAL (SELECT pg_identify_object(classid, objid, 0) AS i) z WHERE deptype = 'x'
-- comments; PostgreSQL's own one on "public" is no comment of anybody's
UNION ALL SELECT 'comment', w, description, 'pg_description'::regclass, objoid, objsubid, format('COMMENT ON %s IS %L', w, description), CASE WHEN objoid = 'pg_catalog.pg_namespace'::regclass THEN NULL WHEN w = 'SCHEMA public' THEN 'COMMENT ON SCHEMA public IS ''standard public schema''' ELSE format('COMMENT ON %s IS NULL', w) END
  FROM pg_description d, LATERAL (SELECT pg_identify_object(classoid, objoid, objsubid) AS i) z, LATERAL (SELECT CASE WHEN (i).type LIKE '% column' THEN 'COLUMN '||(i).identity WHEN (i).type = 'table constraint' THEN 'CONSTRAINT '||(i).identity WHEN (i).type = 'domain constraint' THEN 'CONSTRAINT '||regexp_replace((i).identity, ' on (?!.* on )', ' ON DOMAIN ')
    WHEN (i).type = 'foreign-data wrapper' THEN 'FOREIGN DATA WRAPPER '||(i).identity WHEN (i).type = 'statistics object' THEN 'STATISTICS '||(i).identity WHEN (i).type = 'composite type' THEN 'TYPE '||(i).identity ELSE upper((i).type)||' '||(i).identity END) x(w)
  WHERE (objoid >= 16384 OR classoid = 'pg_namespace'::regclass AND objoid = 'public'::regnamespace AND description <> 'standard public schema') AND NOT EXISTS (SELECT FROM ext WHERE classid = classoid AND objid = objoid)
UNION ALL SELECT 'comment', 'SCHEMA public', '', 'pg_description'::regclass, oid, 0, 'COMMENT ON SCHEMA public IS NULL', 'COMMENT ON SCHEMA public IS ''standard public schema''' FROM ns WHERE nspname = 'public' AND obj_description(oid, 'pg_namespace') IS NULL
UNION ALL SELECT 'security label', concat_ws(' ', provider, (i).type, (i).identity), label, 'pg_seclabel'::regclass, objoid, objsubid, format('SECURITY LABEL FOR %I ON %s %s IS %L', provider, upper((i).type), (i).identity, label), format('SECURITY LABEL FOR %I ON %s %s IS NULL', provider, upper((i).type), (i).identity) FROM pg_seclabel, LATERAL (SELECT pg_identify_object(classoid, objoid, objsubid) AS i) z
-- grants, where asked for: each privilege of each grantee, those PostgreSQL gives by itself too, so that a REVOKE is seen
UNION ALL SELECT 'grant', concat(w, ' TO ', g), CASE WHEN is_grantable THEN 'WITH GRANT OPTION' ELSE '' END, c, oid, sub, format('GRANT %s TO %s%s', w, g, CASE WHEN is_grantable THEN ' WITH GRANT OPTION' END), format('REVOKE %s FROM %s', w, g)
  FROM (SELECT 'pg_class'::regclass AS c, oid, 0 AS sub, relowner AS owner, '' AS cols, CASE relkind WHEN 'S' THEN 'SEQUENCE ' ELSE 'TABLE ' END||q AS onwhat, coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's'::"char" ELSE 'r' END, relowner)) AS acl FROM rel WHERE relkind IN ('r','p','f','v','m','S') AND oid NOT IN (SELECT seqid FROM ident)
    UNION ALL SELECT 'pg_class'::regclass, attrelid, attnum, (SELECT relowner FROM pg_class c WHERE c.oid = attrelid), format(' (%I)', attname), 'TABLE '||q, attacl FROM col WHERE attacl IS NOT NULL
    UNION ALL SELECT 'pg_proc'::regclass, oid, 0, proowner, '', CASE prokind WHEN 'p' THEN 'PROCEDURE ' ELSE 'FUNCTION ' END||q, coalesce(proacl, acldefault('f', proowner)) FROM fn
    UNION ALL SELECT 'pg_namespace'::regclass, oid, 0, nspowner, '', 'SCHEMA '||quote_ident(nspname), coalesce(nspacl, acldefault('n', nspowner)) FROM ns
    UNION ALL SELECT 'pg_type'::regclass, oid, 0, typowner, '', 'TYPE '||q, coalesce(typacl, acldefault('T', typowner)) FROM typ WHERE typtype IN ('e','d','r') OR typtype = 'c' AND typrelid IN (SELECT oid FROM rel WHERE relkind = 'c')
    UNION ALL SELECT 'pg_foreign_server'::regclass, oid, 0, srvowner, '', 'FOREIGN SERVER '||quote_ident(srvname), srvacl FROM pg_foreign_server WHERE srvacl IS NOT NULL) x, LATERAL aclexplode(acl) e,
    LATERAL (SELECT concat(privilege_type, cols, ' ON ', onwhat), CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END) y(w, g) WHERE grantee <> owner AND :grants = 1
UNION ALL SELECT 'default privilege', concat_ws(' ', s, w, 'TO', g), CASE WHEN is_grantable THEN 'WITH GRANT OPTION' ELSE '' END, 'pg_default_acl'::regclass, oid, 0, format('ALTER DEFAULT PRIVILEGES %sGRANT %s TO %s%s', s, w, g, CASE WHEN is_grantable THEN ' WITH GRANT OPTION' END), format('ALTER DEFAULT PRIVILEGES %sREVOKE %s FROM %s', s, w, g)
  FROM pg_default_acl a, LATERAL aclexplode(defaclacl) e, LATERAL (SELECT concat(CASE WHEN defaclrole::regrole::text <> current_user THEN format('FOR ROLE %s ', defaclrole::regrole) END, CASE WHEN defaclnamespace <> 0 THEN format('IN SCHEMA %s ', defaclnamespace::regnamespace) END),
    concat(privilege_type, ' ON ', CASE defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS' WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS' ELSE 'LARGE OBJECTS' END), CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END) x(s, w, g) WHERE grantee <> defaclrole AND :grants = 1
\if :v18
-- in 18 a NOT NULL has a name; a name chosen by PostgreSQL itself is not told
UNION ALL SELECT 'not null name', format('%s.%I', q, (SELECT attname FROM pg_attribute WHERE attrelid = conrelid AND attnum = conkey[1])), quote_ident(conname)||CASE WHEN connoinherit THEN ' NO INHERIT' ELSE '' END, 'pg_constraint'::regclass, c.oid, 0, NULL, NULL FROM pg_constraint c JOIN rel ON rel.oid = conrelid WHERE contype = 'n' AND conislocal AND relkind IN ('r','p','f')
\endif
)
SELECT kind, id, coalesce(def, '') AS def, cls::oid, oid, sub, make, unmake FROM o
-- Everything else that has a place in pg_depend, so that nothing is silent: named, with a kind of its own. Left out is what another row tells:
-- row and array types, _RETURN rules, internal triggers, indexes of constraints, toast, defaults, constraints of a parent, NOT NULLs, catalogs of members
UNION ALL SELECT 'other', concat((i).type, ' ', (i).identity), '', d.classid, d.objid, 0, NULL, NULL
  FROM (SELECT classid, objid FROM pg_depend WHERE objid >= 16384 AND classid NOT IN ('pg_attrdef'::regclass, 'pg_amop'::regclass, 'pg_amproc'::regclass, 'pg_default_acl'::regclass)
    EXCEPT SELECT cls::oid, oid FROM o
    EXCEPT SELECT classid, objid FROM ext
    EXCEPT SELECT classid, objid FROM pg_depend WHERE classid IN ('pg_cast'::regclass, 'pg_type'::regclass, 'pg_proc'::regclass) AND deptype = 'i'
    EXCEPT SELECT 'pg_class'::regclass, oid FROM (SELECT oid FROM pg_class EXCEPT SELECT oid FROM rel WHERE relkind NOT IN ('i','I','c')) z
    EXCEPT SELECT 'pg_type'::regclass, oid FROM (SELECT oid FROM pg_type EXCEPT SELECT oid FROM typ) z
    EXCEPT SELECT 'pg_proc'::regclass, oid FROM (SELECT oid FROM pg_proc EXCEPT SELECT oid FROM fn) z
    EXCEPT SELECT 'pg_rewrite'::regclass, oid FROM pg_rewrite WHERE rulename = '_RETURN' OR ev_class NOT IN (SELECT oid FROM rel)
    EXCEPT SELECT 'pg_trigger'::regclass, oid FROM pg_trigger WHERE tgisinternal OR tgparentid <> 0 OR tgrelid NOT IN (SELECT oid FROM rel)
    EXCEPT SELECT 'pg_constraint'::regclass, oid FROM pg_constraint WHERE contype IN ('n', 't') OR conparentid <> 0 OR NOT conislocal OR conrelid <> 0 AND conrelid NOT IN (SELECT oid FROM rel)) d,
    LATERAL (SELECT pg_identify_object(d.classid, d.objid, 0) AS i OFFSET 0) z
ORDER BY 1, 2
) TO STDOUT;
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
\echo '\\.'
