-- watch_rows.sql - the query of watch.sql that exists twice, as :w_name.
PREPARE :w_name(xid) AS
WITH locked AS MATERIALIZED (
 SELECT ARRAY(SELECT 0::oid UNION SELECT l.relation FROM pg_catalog.pg_locks l WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' AND l.relation >= 16384) AS ids)
SELECT :'mark' || line FROM (
 SELECT pg_catalog.json_build_array('lock', l.relation::int8, l.mode, EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = l.relation))::text AS line
   FROM pg_catalog.pg_locks l WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' AND l.granted AND l.relation >= 16384 AND l.mode <> 'AccessShareLock'
 UNION ALL SELECT pg_catalog.json_build_array('gone', l.classid::int8, l.objid::int8)::text
   FROM pg_catalog.pg_locks l WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'object' AND l.mode = 'AccessExclusiveLock' AND CASE l.classid
     WHEN 1247 THEN NOT EXISTS (SELECT FROM pg_catalog.pg_type WHERE oid = l.objid)
     WHEN 1255 THEN NOT EXISTS (SELECT FROM pg_catalog.pg_proc WHERE oid = l.objid)
     WHEN 2606 THEN NOT EXISTS (SELECT FROM pg_catalog.pg_constraint WHERE oid = l.objid)
     WHEN 2615 THEN NOT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE oid = l.objid)
     WHEN 2618 THEN NOT EXISTS (SELECT FROM pg_catalog.pg_rewrite WHERE oid = l.objid)
     WHEN 2620 THEN NOT EXISTS (SELECT FROM pg_catalog.pg_trigger WHERE oid = l.objid)
     WHEN 3079 THEN NOT EXISTS (SELECT FROM pg_catalog.pg_extension WHERE oid = l.objid)
     WHEN 3256 THEN NOT EXISTS (SELECT FROM pg_catalog.pg_policy WHERE oid = l.objid)
     ELSE false END
 UNION ALL SELECT pg_catalog.json_build_array('scan', l.relation::int8, pg_catalog.pg_stat_get_xact_numscans(l.relation), pg_catalog.pg_stat_get_xact_tuples_returned(l.relation))::text
   FROM (SELECT DISTINCT relation FROM pg_catalog.pg_locks WHERE pid = pg_catalog.pg_backend_pid() AND locktype = 'relation' AND relation >= 16384) l
  WHERE pg_catalog.pg_stat_get_xact_numscans(l.relation) > 0
 UNION ALL SELECT pg_catalog.json_build_array('rel', c.oid::int8, 0, n.nspname, c.relname, c.relkind::text, c.relfilenode::text, c.reltablespace::text, c.relpersistence::text,
    c.reltoastrelid::text, c.relispartition::text, c.relrowsecurity::text || c.relforcerowsecurity::text, c.relreplident::text, pg_catalog.array_to_string(c.relacl, ' '))::text
   FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.oid >= 16384 AND pg_catalog.age(c.xmin) <= (SELECT pg_catalog.age(:w_since)) AND n.nspname <> 'pg_catalog'
 UNION ALL SELECT pg_catalog.json_build_array('att', a.attrelid::int8, a.attnum, '', a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull::text, a.attidentity::text, a.attgenerated::text,
    a.attisdropped::text, a.atthasmissing::text, pg_catalog.pg_get_expr(d.adbin, d.adrelid), a.attcollation::text, '')::text
   FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE a.attrelid >= 16384 AND a.attrelid :w_in AND a.attnum > 0 AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'c') AND c.relnamespace <> 99 AND pg_catalog.age(a.xmin) <= (SELECT pg_catalog.age(:w_since))
 UNION ALL SELECT pg_catalog.json_build_array('con', x.oid::int8, 0, '', x.conname, x.contype::text, x.conrelid::text, x.contypid::text, x.convalidated::text, x.conindid::text, x.confrelid::text,
    pg_catalog.array_to_string(x.conkey, ' '), x.conparentid::text, '')::text FROM pg_catalog.pg_constraint x
  WHERE x.oid >= 16384 AND x.conrelid :w_in AND pg_catalog.age(x.xmin) <= (SELECT pg_catalog.age(:w_since))
 UNION ALL SELECT pg_catalog.json_build_array('idx', i.indexrelid::int8, 0, '', '', i.indrelid::text, i.indisunique::text, i.indisprimary::text, i.indisvalid::text, i.indisexclusion::text, '', '', '', '')::text
   FROM pg_catalog.pg_index i WHERE i.indexrelid >= 16384 AND i.indrelid :w_in AND pg_catalog.age(i.xmin) <= (SELECT pg_catalog.age(:w_since))
 UNION ALL SELECT pg_catalog.json_build_array('inh', h.inhrelid::int8, 0, '', '', h.inhparent::text, '', '', '', '', '', '', '', '')::text
   FROM pg_catalog.pg_inherits h JOIN pg_catalog.pg_class c ON c.oid = h.inhrelid WHERE h.inhrelid :w_in AND c.relispartition AND pg_catalog.age(h.xmin) <= (SELECT pg_catalog.age(:w_since))
 UNION ALL SELECT pg_catalog.json_build_array('trg', t.oid::int8, 0, '', t.tgname, t.tgrelid::text, t.tgenabled::text, t.tgisinternal::text, '', '', '', '', '', '')::text
   FROM pg_catalog.pg_trigger t WHERE t.tgrelid :w_in AND pg_catalog.age(t.xmin) <= (SELECT pg_catalog.age(:w_since))
 UNION ALL SELECT pg_catalog.json_build_array('pol', p.oid::int8, 0, '', p.polname, p.polrelid::text, '', '', '', '', '', '', '', '')::text
   FROM pg_catalog.pg_policy p WHERE p.polrelid :w_in AND pg_catalog.age(p.xmin) <= (SELECT pg_catalog.age(:w_since))
 UNION ALL SELECT pg_catalog.json_build_array('rul', r.oid::int8, 0, '', r.rulename, r.ev_class::text, '', '', '', '', '', '', '', '')::text
   FROM pg_catalog.pg_rewrite r WHERE r.oid >= 16384 AND r.ev_class :w_in AND r.rulename <> '_RETURN' AND pg_catalog.age(r.xmin) <= (SELECT pg_catalog.age(:w_since))
 UNION ALL SELECT pg_catalog.json_build_array('fun', f.oid::int8, 0, n.nspname, f.proname, pg_catalog.pg_get_function_identity_arguments(f.oid), '', '', '', '', '', '', '', '')::text
   FROM pg_catalog.pg_proc f JOIN pg_catalog.pg_namespace n ON n.oid = f.pronamespace WHERE f.oid >= 16384 AND pg_catalog.age(f.xmin) <= (SELECT pg_catalog.age(:w_since))
 UNION ALL SELECT pg_catalog.json_build_array('typ', t.oid::int8, 0, n.nspname, t.typname, t.typtype::text, t.typnotnull::text, '', '', '', '', '', '', '')::text
   FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
  WHERE t.oid >= 16384 AND (t.typtype IN ('e', 'd', 'r') OR c.relkind = 'c') AND pg_catalog.age(t.xmin) <= (SELECT pg_catalog.age(:w_since))
 UNION ALL SELECT pg_catalog.json_build_array('enm', e.oid::int8, 0, '', e.enumlabel, e.enumtypid::text, e.enumsortorder::text, '', '', '', '', '', '', '')::text
   FROM pg_catalog.pg_enum e WHERE e.oid >= 16384 AND pg_catalog.age(e.xmin) <= (SELECT pg_catalog.age(:w_since))
 UNION ALL SELECT pg_catalog.json_build_array('nsp', n.oid::int8, 0, '', n.nspname, '', '', '', '', '', '', '', '', '')::text
   FROM pg_catalog.pg_namespace n WHERE n.oid >= 16384 AND pg_catalog.age(n.xmin) <= (SELECT pg_catalog.age(:w_since))
 UNION ALL SELECT pg_catalog.json_build_array('ext', x.oid::int8, 0, '', x.extname, '', '', '', '', '', '', '', '', '')::text
   FROM pg_catalog.pg_extension x WHERE x.oid >= 16384 AND pg_catalog.age(x.xmin) <= (SELECT pg_catalog.age(:w_since))
) r;
