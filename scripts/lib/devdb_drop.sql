-- devdb_drop.sql - drop the databases and roles whose names begin with :prefix.
--
-- From 16 on a role is a member of those that it made: these go, too.
SELECT format('DROP DATABASE IF EXISTS %I WITH (FORCE)', datname)
FROM pg_database WHERE starts_with(datname::text, :'prefix') \gexec
SELECT current_setting('server_version_num')::int >= 160000 AS knows_maker \gset
\if :knows_maker
SELECT format('DROP ROLE IF EXISTS %I', made.rolname)
FROM pg_auth_members m JOIN pg_roles maker ON maker.oid = m.member JOIN pg_roles made ON made.oid = m.roleid
WHERE starts_with(maker.rolname::text, :'prefix') AND m.admin_option AND made.oid >= 16384 \gexec
\endif
SELECT format('DROP ROLE IF EXISTS %I', rolname)
FROM pg_roles WHERE starts_with(rolname::text, :'prefix') AND rolname <> current_user \gexec
