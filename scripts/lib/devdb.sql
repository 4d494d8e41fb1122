-- devdb.sql - prepare a PostgreSQL for the verbs; psql runs it as a superuser.
--
-- variables: role        the role the verbs log in as; its password is in the
--                        environment, in DEVDB_SECRET
--            superuser   1: that role is one, too
--            extensions  the words of DEV_DB_EXTENSIONS
--            ours        1: the whole server is there for us alone
--
-- Models and migrations may come from anybody's pull request: what they run must not
-- be able to reach the machine. So the role has what a managed PostgreSQL gives
-- the user that deploys, and no more: its databases, CREATEROLE, CREATEDB, the
-- trusted extensions, and those others that such a service makes on its behalf.
SET client_min_messages = warning;
\set secret `printf %s "${DEVDB_SECRET-}"`
SELECT v < 150000 AS before15, :'superuser' <> '' AS superuser, :'secret' <> '' AS has_secret,
	:'ours' <> '' AS ours, :'ours' <> '' OR v >= 160000 AS makes_roles
FROM (SELECT current_setting('server_version_num')::int) AS x (v) \gset

CREATE ROLE :"role" LOGIN CREATEDB;
\if :has_secret
ALTER ROLE :"role" PASSWORD :'secret';
\endif
\if :superuser
ALTER ROLE :"role" SUPERUSER;
\else
-- Until 15 CREATEROLE may grant any role that is no superuser's, those of the
-- server's programs and files as well.
\if :makes_roles
ALTER ROLE :"role" CREATEROLE;
\endif
\if :ours
UPDATE pg_authid SET rolsuper = true
WHERE rolname IN ('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files');
\endif
\endif

\if :before15
-- As from 15 on: it is the database owner's.
ALTER SCHEMA public OWNER TO pg_database_owner;
\endif

\if :superuser
\else
-- CREATE EXTENSION for an extension that is not trusted, but named: for as long
-- as that statement lasts, the role is a superuser. When it ends, whatever it
-- has made must be on the list; else all of it is undone. Should it fail, so is
-- this. The two functions count as plpgsql's, so that no listing has them.
SELECT coalesce(string_agg(quote_literal(x), ','), '''''') AS list,
	quote_literal('\y(' || coalesce(string_agg(regexp_replace(x, '[^a-z0-9_]', '.', 'g'), '|'), '') || ')\y') AS pattern
FROM regexp_split_to_table(lower(:'extensions'), '\s+') x WHERE x <> '' \gset
SELECT format($f$
CREATE FUNCTION pg_catalog.atlas_make_extension_begin() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF session_user = %L AND current_setting('role') IN ('none', session_user)
		AND lower(current_query()) ~ %s THEN
		UPDATE pg_authid SET rolsuper = true WHERE rolname = session_user;
	END IF;
END $$$f$, :'role', :'pattern') \gexec
SELECT format($f$
CREATE FUNCTION pg_catalog.atlas_make_extension_end() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	name text;
BEGIN
	UPDATE pg_authid SET rolsuper = false WHERE rolname = %L AND rolname = session_user AND rolsuper;
	IF NOT FOUND THEN
		RETURN;
	END IF;
	SELECT e.extname INTO name FROM pg_extension e JOIN pg_authid a ON a.oid = e.extowner
	WHERE NOT a.rolsuper AND e.extname <> ALL (ARRAY[%s]::text[]) AND NOT EXISTS
		(SELECT FROM pg_available_extension_versions v WHERE v.name = e.extname AND v.trusted);
	IF FOUND THEN
		RAISE insufficient_privilege USING
			MESSAGE = pg_catalog.format('permission denied to create extension "%%s"', name),
			HINT = 'Must be superuser to create this extension.';
	END IF;
END $$$f$, :'role', :'list') \gexec
CREATE EVENT TRIGGER atlas_make_extension_begin ON ddl_command_start WHEN TAG IN ('CREATE EXTENSION')
	EXECUTE FUNCTION pg_catalog.atlas_make_extension_begin();
CREATE EVENT TRIGGER atlas_make_extension_end ON ddl_command_end WHEN TAG IN ('CREATE EXTENSION')
	EXECUTE FUNCTION pg_catalog.atlas_make_extension_end();
ALTER EVENT TRIGGER atlas_make_extension_begin ENABLE ALWAYS;
ALTER EVENT TRIGGER atlas_make_extension_end ENABLE ALWAYS;
ALTER EXTENSION plpgsql ADD FUNCTION pg_catalog.atlas_make_extension_begin();
ALTER EXTENSION plpgsql ADD FUNCTION pg_catalog.atlas_make_extension_end();
ALTER EXTENSION plpgsql ADD EVENT TRIGGER atlas_make_extension_begin;
ALTER EXTENSION plpgsql ADD EVENT TRIGGER atlas_make_extension_end;
\endif
