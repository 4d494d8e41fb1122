-- devdb_single.sql - the one database there is: take it, empty it, give it back.
--
-- variables: begin  1: take it; prints what stands in the way, or nothing
--            owner  the run that takes it, as devdb_drop.sql's prefixes
--            finish 1: take the mark away as well
--
-- The mark is a large object of a number of its own, which no listing and no tool
-- looks at. It holds the run that has the database, and the schemas and extensions it had from the
-- start. They stay; all else that is made meanwhile goes.
\if :{?begin}
SELECT pg_describe_object(classid, objid, 0) FROM (
	SELECT 'pg_class'::regclass AS classid, oid AS objid, relnamespace AS space FROM pg_class
	UNION ALL SELECT 'pg_proc'::regclass, oid, pronamespace FROM pg_proc
	UNION ALL SELECT 'pg_type'::regclass, oid, typnamespace FROM pg_type WHERE typelem = 0 AND typrelid = 0
	UNION ALL SELECT 'pg_largeobject'::regclass, oid, 'public'::regnamespace FROM pg_largeobject_metadata
) o JOIN pg_namespace n ON n.oid = space
WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND NOT EXISTS (
	SELECT FROM pg_depend d WHERE d.classid = o.classid AND d.objid = o.objid AND d.deptype IN ('e', 'i'))
ORDER BY 1 LIMIT 1;
\else
DO $$
DECLARE
	was jsonb := convert_from(lo_get(1635020909), 'UTF8')::jsonb;
	x record;
	round int := 0;
BEGIN
	FOR x IN SELECT pubname FROM pg_publication LOOP
		EXECUTE format('DROP PUBLICATION %I', x.pubname);
	END LOOP;
	FOR x IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
		AND NOT was->'schemas' ? nspname LOOP
		EXECUTE format('DROP SCHEMA %I CASCADE', x.nspname);
	END LOOP;
	FOR x IN SELECT extname FROM pg_extension WHERE NOT was->'extensions' ? extname LOOP
		EXECUTE format('DROP EXTENSION IF EXISTS %I CASCADE', x.extname);
	END LOOP;
	FOR x IN SELECT srvname FROM pg_foreign_server s WHERE NOT EXISTS (
		SELECT FROM pg_depend d WHERE d.classid = 'pg_foreign_server'::regclass AND d.objid = s.oid AND d.deptype = 'e') LOOP
		EXECUTE format('DROP SERVER %I CASCADE', x.srvname);
	END LOOP;
	-- What is in the schemas that stay. One may go with another; then the next
	-- round does not see it.
	LOOP
		SELECT i.type, i.identity INTO x
		FROM pg_depend d JOIN pg_namespace n ON n.oid = d.refobjid AND d.refclassid = 'pg_namespace'::regclass,
			pg_identify_object(d.classid, d.objid, 0) i
		WHERE d.deptype = 'n' AND d.classid NOT IN ('pg_default_acl'::regclass, 'pg_extension'::regclass)
			AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
			AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = d.classid AND e.objid = d.objid AND e.deptype IN ('e', 'i'))
		ORDER BY d.classid, d.objid LIMIT 1;
		EXIT WHEN NOT FOUND;
		round := round + 1;
		IF round > 100000 THEN
			RAISE 'it does not get empty: % %', x.type, x.identity;
		END IF;
		EXECUTE format('DROP %s %s CASCADE',
			CASE x.type WHEN 'composite type' THEN 'type' WHEN 'statistics object' THEN 'statistics' ELSE x.type END, x.identity);
	END LOOP;
	PERFORM lo_unlink(oid) FROM pg_largeobject_metadata WHERE oid <> 1635020909;
END $$;
\if :{?finish}
SELECT lo_unlink(1635020909) \g /dev/null
\endif
\endif
