-- watch_rows.sql - the query of watch.sql that exists several times, as :w_name.
--
-- :w_rel_too, :w_wide_too   what a relation is made of, and what else there is
-- :w_rel, :w_con, :w_in, :w_since   which rows of pg_class, of pg_constraint, of the
--          others, since when
-- :w_cid   the transaction's first command whose work was not reported yet: what it did
--          before was. What is gone was reported likewise. After a savepoint is rolled
--          back both go back, too.
-- $2       the relation that the statement names, 0 where it can change none of those
--          that are there, NULL where it may change any. What the branch itself made
--          and was reported, up to :w_last, is not looked at again then: a file of many
--          tables would take the square of their number. If the branch made the
--          relation that is named, nothing else can be locked.
-- :w_top   the newest relation that is older than the branch
PREPARE :w_name(xid, oid) AS
WITH told AS MATERIALIZED (
 SELECT :w_cid AS n, coalesce(pg_catalog.current_setting('watch.gone', true), '') AS gone, :w_last AS last),
l AS MATERIALIZED (
 SELECT locktype, relation, classid, objid, mode, granted FROM pg_catalog.pg_locks
  WHERE pid = pg_catalog.pg_backend_pid() AND ($2 IS NULL OR $2 <= :w_top)
    AND ((relation >= 16384 AND (relation <= :w_top OR $2 IS NULL OR relation = $2 OR relation > (SELECT last FROM told))) OR locktype = 'object')),
locked AS MATERIALIZED (
 SELECT ARRAY(SELECT 0::oid UNION SELECT relation FROM l WHERE locktype = 'relation'
   UNION SELECT $2 WHERE $2 > :w_top UNION SELECT oid FROM pg_catalog.pg_class WHERE oid > (SELECT last FROM told) AND $2 > :w_top) AS ids),
r AS MATERIALIZED (
 SELECT NULL::int8 AS cid, pg_catalog.json_build_array('lock', l.mode, pg_catalog.array_agg(l.relation::int8 ORDER BY l.relation),
    CASE l.mode WHEN 'AccessExclusiveLock' THEN pg_catalog.array_agg(l.relation::int8 ORDER BY l.relation) FILTER (WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = l.relation)) END)::text AS line
   FROM l WHERE l.locktype = 'relation' AND l.granted AND l.mode <> 'AccessShareLock' GROUP BY l.mode
 UNION ALL SELECT NULL, line FROM (
   SELECT pg_catalog.json_build_array('scan', pg_catalog.array_agg(u.oid::int8), pg_catalog.array_agg(pg_catalog.pg_stat_get_xact_numscans(u.oid)), pg_catalog.array_agg(pg_catalog.pg_stat_get_xact_tuples_returned(u.oid)))::text AS line, pg_catalog.count(*) AS n
     FROM locked, pg_catalog.unnest(ids) AS u(oid) WHERE pg_catalog.pg_stat_get_xact_numscans(u.oid) > 0) AS s WHERE n > 0
 UNION ALL SELECT c.cmin::text::int8, pg_catalog.json_build_array('rel', c.oid::int8, 0, n.nspname, c.relname, c.relkind::text, c.relfilenode::text, c.reltablespace::text, c.relpersistence::text,
    c.reltoastrelid::text, c.relispartition::text, c.relrowsecurity::text || c.relforcerowsecurity::text, c.relreplident::text, pg_catalog.array_to_string(c.relacl, ' '), pg_catalog.array_to_string(c.reloptions, ' '))::text
   FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.oid :w_rel AND pg_catalog.age(c.xmin) <= (SELECT pg_catalog.age(:w_since)) AND c.cmin::text::int8 >= (SELECT n FROM told) AND n.nspname <> 'pg_catalog'
\if :w_rel_too
 UNION ALL SELECT -l.objid::int8, pg_catalog.json_build_array('gone', l.classid::int8, l.objid::int8)::text
   FROM l WHERE l.locktype = 'object' AND l.mode = 'AccessExclusiveLock' AND l.classid IN (1247, 1255, 2606, 2615, 2618, 2620, 3079, 3256, 6104, 6106)
    AND l.objid <> ALL (pg_catalog.string_to_array((SELECT gone FROM told), ',')::oid[])
    AND pg_catalog.pg_describe_object(l.classid, l.objid, 0) IS NULL
 UNION ALL SELECT a.cmin::text::int8, pg_catalog.json_build_array('att', a.attrelid::int8, a.attnum, '', a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull::text, a.attidentity::text, a.attgenerated::text,
    a.attisdropped::text, a.atthasmissing::text, pg_catalog.pg_get_expr(d.adbin, d.adrelid), a.attcollation::text, pg_catalog.array_to_string(a.attacl, ' '))::text
   FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE a.attrelid :w_in AND a.attnum > 0 AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'c') AND c.relnamespace <> 99 AND pg_catalog.age(a.xmin) <= (SELECT pg_catalog.age(:w_since)) AND a.cmin::text::int8 >= (SELECT n FROM told)
-- The last field: a check that says no more than NOT NULL of one column.
 UNION ALL SELECT x.cmin::text::int8, pg_catalog.json_build_array('con', x.oid::int8, 0, '', x.conname, x.contype::text, x.conrelid::text, x.contypid::text, x.convalidated::text, x.conindid::text, x.confrelid::text,
    pg_catalog.array_to_string(x.conkey, ' '), x.conparentid::text, (x.contype = 'c' AND x.conbin::text LIKE '{NULLTEST :arg {VAR %:nulltesttype 1 %')::text)::text
   FROM pg_catalog.pg_constraint x
  WHERE :w_con AND pg_catalog.age(x.xmin) <= (SELECT pg_catalog.age(:w_since)) AND x.cmin::text::int8 >= (SELECT n FROM told)
 UNION ALL SELECT i.cmin::text::int8, pg_catalog.json_build_array('idx', i.indexrelid::int8, 0, '', '', i.indrelid::text, i.indisunique::text, i.indisprimary::text, i.indisvalid::text, i.indisexclusion::text,
    i.indkey::text, (i.indpred IS NOT NULL)::text)::text
   FROM pg_catalog.pg_index i WHERE i.indrelid :w_in AND pg_catalog.age(i.xmin) <= (SELECT pg_catalog.age(:w_since)) AND i.cmin::text::int8 >= (SELECT n FROM told)
-- What a sequence counts with.
 UNION ALL SELECT q.cmin::text::int8, pg_catalog.json_build_array('seq', q.seqrelid::int8, 0, '', '', q.seqincrement::text, q.seqmin::text, q.seqmax::text, q.seqcycle::text)::text
   FROM pg_catalog.pg_sequence q WHERE q.seqrelid :w_in AND pg_catalog.age(q.xmin) <= (SELECT pg_catalog.age(:w_since)) AND q.cmin::text::int8 >= (SELECT n FROM told)
\endif
\if :w_wide_too
 UNION ALL SELECT h.cmin::text::int8, pg_catalog.json_build_array('inh', h.inhrelid::int8, 0, '', '', h.inhparent::text)::text
   FROM pg_catalog.pg_inherits h JOIN pg_catalog.pg_class c ON c.oid = h.inhrelid WHERE h.inhrelid :w_in AND c.relispartition AND pg_catalog.age(h.xmin) <= (SELECT pg_catalog.age(:w_since)) AND h.cmin::text::int8 >= (SELECT n FROM told)
 UNION ALL SELECT t.cmin::text::int8, pg_catalog.json_build_array('trg', t.oid::int8, 0, '', t.tgname, t.tgrelid::text, t.tgenabled::text, t.tgisinternal::text)::text
   FROM pg_catalog.pg_trigger t WHERE t.tgrelid :w_in AND pg_catalog.age(t.xmin) <= (SELECT pg_catalog.age(:w_since)) AND t.cmin::text::int8 >= (SELECT n FROM told)
 UNION ALL SELECT p.cmin::text::int8, pg_catalog.json_build_array('pol', p.oid::int8, 0, '', p.polname, p.polrelid::text)::text
   FROM pg_catalog.pg_policy p WHERE p.polrelid :w_in AND pg_catalog.age(p.xmin) <= (SELECT pg_catalog.age(:w_since)) AND p.cmin::text::int8 >= (SELECT n FROM told)
 UNION ALL SELECT r.cmin::text::int8, pg_catalog.json_build_array('rul', r.oid::int8, 0, '', r.rulename, r.ev_class::text)::text
   FROM pg_catalog.pg_rewrite r WHERE r.ev_class :w_in AND r.rulename <> '_RETURN' AND pg_catalog.age(r.xmin) <= (SELECT pg_catalog.age(:w_since)) AND r.cmin::text::int8 >= (SELECT n FROM told)
 UNION ALL SELECT f.cmin::text::int8, pg_catalog.json_build_array('fun', f.oid::int8, 0, n.nspname, f.proname, pg_catalog.pg_get_function_identity_arguments(f.oid), pg_catalog.array_to_string(f.proacl, ' '),
    pg_catalog.pg_get_function_result(f.oid), (f.prosecdef AND coalesce(pg_catalog.array_to_string(f.proconfig, ' '), '') !~ '(^| )search_path=')::text)::text
   FROM pg_catalog.pg_proc f JOIN pg_catalog.pg_namespace n ON n.oid = f.pronamespace WHERE f.oid >= 16384 AND pg_catalog.age(f.xmin) <= (SELECT pg_catalog.age(:w_since)) AND f.cmin::text::int8 >= (SELECT n FROM told)
 UNION ALL SELECT t.cmin::text::int8, pg_catalog.json_build_array('typ', t.oid::int8, 0, n.nspname, t.typname, t.typtype::text, t.typnotnull::text, t.typdefault)::text
   FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
  WHERE t.oid >= 16384 AND (t.typtype IN ('e', 'd', 'r') OR c.relkind = 'c') AND pg_catalog.age(t.xmin) <= (SELECT pg_catalog.age(:w_since)) AND t.cmin::text::int8 >= (SELECT n FROM told)
 UNION ALL SELECT e.cmin::text::int8, pg_catalog.json_build_array('enm', e.oid::int8, 0, '', e.enumlabel, e.enumtypid::text, e.enumsortorder::text)::text
   FROM pg_catalog.pg_enum e WHERE e.oid >= 16384 AND pg_catalog.age(e.xmin) <= (SELECT pg_catalog.age(:w_since)) AND e.cmin::text::int8 >= (SELECT n FROM told)
 UNION ALL SELECT n.cmin::text::int8, pg_catalog.json_build_array('nsp', n.oid::int8, 0, '', n.nspname, pg_catalog.array_to_string(n.nspacl, ' '))::text
   FROM pg_catalog.pg_namespace n WHERE (n.oid >= 16384 OR n.nspname = 'public') AND pg_catalog.age(n.xmin) <= (SELECT pg_catalog.age(:w_since)) AND n.cmin::text::int8 >= (SELECT n FROM told)
 UNION ALL SELECT x.cmin::text::int8, pg_catalog.json_build_array('ext', x.oid::int8, 0, '', x.extname)::text
   FROM pg_catalog.pg_extension x WHERE x.oid >= 16384 AND pg_catalog.age(x.xmin) <= (SELECT pg_catalog.age(:w_since)) AND x.cmin::text::int8 >= (SELECT n FROM told)
 UNION ALL SELECT p.cmin::text::int8, pg_catalog.json_build_array('pub', p.oid::int8, 0, '', p.pubname, (p.pubupdate OR p.pubdelete)::text)::text
   FROM pg_catalog.pg_publication p WHERE p.oid >= 16384 AND pg_catalog.age(p.xmin) <= (SELECT pg_catalog.age(:w_since)) AND p.cmin::text::int8 >= (SELECT n FROM told)
 UNION ALL SELECT p.cmin::text::int8, pg_catalog.json_build_array('pur', p.oid::int8, 0, '', '', p.prrelid::text, p.prpubid::text)::text
   FROM pg_catalog.pg_publication_rel p WHERE p.oid >= 16384 AND pg_catalog.age(p.xmin) <= (SELECT pg_catalog.age(:w_since)) AND p.cmin::text::int8 >= (SELECT n FROM told)
 UNION ALL SELECT g.cmin::text::int8, pg_catalog.json_build_array('cfg', g.setdatabase::int8, g.setrole::int8, '', '', pg_catalog.array_to_string(g.setconfig, ' '))::text
   FROM pg_catalog.pg_db_role_setting g WHERE pg_catalog.age(g.xmin) <= (SELECT pg_catalog.age(:w_since)) AND g.cmin::text::int8 >= (SELECT n FROM told)
\endif
)
SELECT :'mark' || line FROM r
UNION ALL SELECT '' FROM (SELECT pg_catalog.max(cid) FILTER (WHERE cid >= 0) AS n, pg_catalog.string_agg((-cid)::text, ',') FILTER (WHERE cid < 0) AS gone,
   (SELECT pg_catalog.max(u.oid) FROM locked, pg_catalog.unnest(ids) AS u(oid)) AS last FROM r) m
 WHERE (m.n IS NOT NULL AND pg_catalog.set_config('watch.told', (m.n + 1)::text, true) IS NULL)
    OR (m.gone IS NOT NULL AND pg_catalog.set_config('watch.gone', pg_catalog.concat_ws(',', nullif((SELECT gone FROM told), ''), m.gone), true) IS NULL)
    OR (m.last > (SELECT last FROM told) AND pg_catalog.set_config('watch.last', m.last::text, false) IS NULL);
