-- erd.sql - a database's tables as JSON, for atlasjson's pictures.
--
-- in:   psql -XAtq -v ON_ERROR_STOP=1 -f erd.sql, with these variables:
--         schemas=WORDS   the schemas in play: others are left out, and a type of
--                         theirs comes with the schema's name
--         exclude=WORDS   patterns of what is left out: table, schema.table,
--                         table.column, table.key
-- out:  one line (none when there is not each of the schemas), in the form of "atlas schema inspect --format '{{ json . }}'".
--
-- An extension's tables, partitions and Atlas's own table are left out. Plain reads.
SET search_path = pg_catalog;
SET client_encoding = 'UTF8';
SET lock_timeout = '10s';
WITH
play AS (SELECT oid, nspname FROM pg_namespace WHERE nspname = ANY (regexp_split_to_array(:'schemas', ' +'))),
-- * and ? go no further than to a dot.
pat AS (SELECT '^(?:' || string_agg(replace(replace(replace(regexp_replace(word, '[.+^$(){}|\\]', '\\\&', 'g'), '[!', '[^'), '?', '[^.]'), '*', '[^.]*'), '|') || ')$' AS re
  FROM regexp_split_to_table(:'exclude', '\s+') w (word) WHERE word <> ''),
rel AS (
  SELECT c.oid, nspname, relname FROM pg_class c JOIN play n ON n.oid = relnamespace, pat
  WHERE relkind IN ('r', 'p') AND NOT relispartition AND relname <> 'atlas_schema_revisions'
    AND c.oid NOT IN (SELECT objid FROM pg_depend WHERE classid = 'pg_class'::regclass AND deptype = 'e')
    AND (relname ~ re OR nspname || '.' || relname ~ re) IS NOT TRUE),
-- What comes with a sequence of its own is written as a serial. A length is no
-- part of the picture.
col AS (
  SELECT attrelid, attnum, attname, attnotnull,
    CASE WHEN s.objid IS NOT NULL THEN CASE atttypid WHEN 'int2'::regtype THEN 'smallserial' WHEN 'int4'::regtype THEN 'serial' ELSE 'bigserial' END
      WHEN t.typnamespace IN (SELECT oid FROM play) THEN substr(f.typ, length(quote_ident(n.nspname)) + 2)
      ELSE replace(replace(f.typ, ' without time zone', ''), ' with time zone', 'tz') END AS typ
  FROM rel JOIN pg_attribute a ON attrelid = rel.oid JOIN pg_type t ON t.oid = atttypid JOIN pg_namespace n ON n.oid = typnamespace
    LEFT JOIN pg_depend s ON s.refclassid = 'pg_class'::regclass AND refobjid = attrelid AND refobjsubid = attnum AND s.classid = 'pg_class'::regclass AND s.deptype = 'a'
      AND atthasdef AND atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype) AND s.objid IN (SELECT seqrelid FROM pg_sequence),
    LATERAL (SELECT format_type(atttypid, NULL)) f (typ), pat
  WHERE attnum > 0 AND NOT attisdropped
    AND (relname || '.' || attname ~ re OR rel.nspname || '.' || relname || '.' || attname ~ re) IS NOT TRUE),
idx AS (
  SELECT indrelid, indexrelid, indisprimary, relname, indisunique AND indpred IS NULL AS uniq,
    (SELECT json_agg(CASE WHEN num = 0 THEN json_build_object('expr', pg_get_indexdef(indexrelid, ord::int, true))
        ELSE json_build_object('column', (SELECT attname FROM pg_attribute WHERE attrelid = indrelid AND attnum = num)) END ORDER BY ord)
      FROM unnest(indkey::int2[]) WITH ORDINALITY k (num, ord) WHERE ord <= indnkeyatts) AS parts
  FROM pg_index JOIN pg_class c ON c.oid = indexrelid WHERE indrelid IN (SELECT oid FROM rel)),
fk AS (
  SELECT conrelid, conname, c.relname AS target,
    (SELECT json_agg(attname ORDER BY ord) FROM unnest(conkey) WITH ORDINALITY k (num, ord) JOIN pg_attribute ON attrelid = conrelid AND attnum = num) AS cols,
    (SELECT json_agg(attname ORDER BY ord) FROM unnest(confkey) WITH ORDINALITY k (num, ord) JOIN pg_attribute ON attrelid = confrelid AND attnum = num) AS refs
  FROM pg_constraint JOIN rel ON rel.oid = conrelid JOIN pg_class c ON c.oid = confrelid, pat
  WHERE contype = 'f' AND conparentid = 0
    AND (rel.relname || '.' || conname ~ re OR rel.nspname || '.' || rel.relname || '.' || conname ~ re) IS NOT TRUE)
SELECT json_build_object('schemas', coalesce((SELECT json_agg(json_build_object('name', nspname, 'tables', coalesce((
  SELECT json_agg(json_build_object('name', relname,
    'columns', coalesce((SELECT json_agg(json_build_object('name', attname, 'type', typ, 'null', NOT attnotnull) ORDER BY attnum) FROM col WHERE attrelid = rel.oid), '[]'),
    'primary_key', json_build_object('parts', coalesce((SELECT parts FROM idx WHERE indrelid = rel.oid AND indisprimary), '[]')),
    'indexes', coalesce((SELECT json_agg(json_build_object('name', relname, 'unique', uniq, 'parts', parts) ORDER BY relname) FROM idx WHERE indrelid = rel.oid AND NOT indisprimary), '[]'),
    'foreign_keys', coalesce((SELECT json_agg(json_build_object('name', conname, 'columns', cols, 'references', json_build_object('table', target, 'columns', refs)) ORDER BY conname) FROM fk WHERE conrelid = rel.oid), '[]')
  ) ORDER BY relname) FROM rel WHERE rel.nspname = play.nspname), '[]')) ORDER BY nspname) FROM play), '[]'))
WHERE (SELECT count(*) FROM play) = (SELECT count(DISTINCT w) FROM regexp_split_to_table(:'schemas', ' +') w);
