#!/usr/bin/env python3
"""targets.py RESULTS - which database, and who asks.

The event names the target; several services and tenants live in one database;
what is in is told by version, name and text; other callers than CloudFormation
get the verdict as the invocation's result; the bucket's ways to say later.
TENANTS is how many tenants share a PostgreSQL (6).
"""

import concurrent.futures
import json
import os
import re
import time

import cell
import hints  # noqa: F401
import pg8000.native
from cell import GOOD, ONE, THREE, TWO, main, once
from secrets_manager import manager
from stage import ENGINE, PASSWORD, TOP

# Nothing here waits for its end, so that a busy machine has time.
cell.TIMEOUT = 25
TENANTS = int(os.environ.get("TENANTS") or 6)


def with_properties(c, f, **properties):
    """An event with more properties."""
    e = c.event(f)
    e["ResourceProperties"].update(properties)
    return e


def tables(c, schema="public", db=None):
    """GOOD's tables in that schema."""
    with c.stage.sql(db or c.db) as conn:
        rows = conn.run(
            "SELECT table_name::text FROM information_schema.tables WHERE table_schema = :s"
            " AND table_name IN ('one', 'two', 'three') ORDER BY 1",
            s=schema,
        )
    return [t[0] for t in rows]


ALL = ["one", "three", "two"]


def in_page(pattern):
    """What docs/deploy.md shows."""
    return re.findall(pattern, (TOP / "docs" / "deploy.md").read_text(encoding="utf-8"), re.S)


@once
def first_deploy(c):
    """The role that the page makes is enough to deploy with, into a database of others'."""
    role = "migrator_of_the_page"
    (sql,) = in_page(r"```sql\n(CREATE ROLE migrator LOGIN;.*?)```")
    with c.stage.sql("postgres") as db:
        db.run("CREATE ROLE rds_iam")
        db.run("CREATE DATABASE first_deploy")
    try:
        with c.stage.sql("first_deploy") as db:
            db.run("REVOKE ALL ON SCHEMA public FROM PUBLIC; CREATE TABLE of_others (id integer)")
            for statement in sql.replace("migrator", role).replace("DATABASE app", "DATABASE first_deploy").split(";\n"):
                if statement:
                    db.run(statement)
            # The vendor's sees what its user has a right on.
            if not ENGINE:
                db.run(f"GRANT SELECT ON of_others TO {role}")
            db.run(f"ALTER ROLE {role} PASSWORD " + pg8000.native.literal(PASSWORD))
        f = c.function(DB_NAME="first_deploy", DB_USER=role)
        c.answer(f, c.event(f), "FAILED", "of_others", "Baseline")
        if ENGINE:
            with c.stage.sql("first_deploy") as db:
                assert db.run("SELECT to_regnamespace('atlas_schema_revisions')") == [[None]]
        c.answer(f, with_properties(c, f, Baseline="none"), "SUCCESS", "3 of them applied now")
        assert tables(c, db="first_deploy") == ALL
        f.stop()
    finally:
        with c.stage.sql("postgres") as db:
            db.run("DROP DATABASE first_deploy WITH (FORCE)")
            db.run(f"DROP ROLE {role}; DROP ROLE rds_iam")


# --- what is in ---------------------------------------------------------------


@once
def applied_file_edited(c):
    """A file that was applied has another text now."""
    f = c.function()
    c.answer(f, c.event(f), "SUCCESS")
    f.set_migrations({**GOOD, TWO: GOOD[TWO] + 'ALTER TABLE "two" ADD COLUMN "new" integer;\n'})
    c.answer(f, c.event(f), "FAILED", f"{TWO} was applied to this database with another text", "fix: bring back", "UPDATE")
    f.set_migrations(GOOD)
    c.next_works(f)


@once
def applied_file_replaced(c):
    """Another file has the version of one that was applied."""
    f = c.function()
    c.answer(f, c.event(f), "SUCCESS")
    other = THREE.replace("three", "four")
    f.set_migrations({ONE: GOOD[ONE], TWO: GOOD[TWO], other: GOOD[THREE].replace("three", "four")})
    c.answer(f, c.event(f), "FAILED", f"{other} was applied to this database with another text or name", "2 of 3 migrations")
    f.set_migrations(GOOD)
    c.next_works(f)


@once
def one_of_many_files_edited(c):
    """The first of them is named, though all hashes after it differ."""
    many = {f"2024{n:04}_f.sql": f"SELECT {n};\n" for n in range(30)}
    f = c.function(many)
    c.answer(f, c.event(f), "SUCCESS", "All 30")
    f.set_migrations({**many, "20240007_f.sql": "SELECT 70;\n"})
    c.answer(f, c.event(f), "FAILED", "20240007_f.sql was applied", "29 of 30 migrations", "in the function's log")
    sql = next(line["sql"] for line in f.log_lines() if "sql" in line)
    with c.stage.sql(c.db) as db:
        db.run(sql)
    c.answer(f, c.event(f), "SUCCESS", "All 30", "0 of them applied now")


@once
def applied_file_gone(c):
    """One was taken out: what the hashes after it say cannot be known."""
    f = c.function()
    c.answer(f, c.event(f), "SUCCESS")
    f.set_migrations({ONE: GOOD[ONE], THREE: GOOD[THREE]})
    c.answer(f, c.event(f), "FAILED", "20240102000000 was applied", "no file of it", "fix: bring back the file")
    with c.stage.sql(c.db) as db:
        db.run(next(line["sql"] for line in f.log_lines() if "sql" in line))
    c.answer(f, c.event(f), "SUCCESS", "All 2", "0 of them applied now")


@once
def stopped_and_mended(c):
    """A file outside a transaction that stopped, and is mended so that it has fewer
    statements; and fewer than were applied."""
    none = "-- atlas:txmode none\n\n"
    done = ['CREATE TABLE "two" ("id" integer);', 'INSERT INTO "two" VALUES (1);']
    for rest, mended in (
        (["SELECT nope;", "SELECT 4;", "SELECT 5;"], [*done, 'INSERT INTO "two" VALUES (2);']),
        (["SELECT nope;"], done[:1]),
    ):
        db = c.database()
        f = c.function({**GOOD, TWO: none + "\n".join(done + rest)}, DB_NAME=db)
        c.answer(f, c.event(f), "FAILED", 'column "nope" does not exist', f"{TWO} (2 of {2 + len(rest)} statements)")
        f.set_migrations({**GOOD, TWO: none + "\n".join(mended)})
        if mended[:2] != done:
            c.answer(f, c.event(f), "FAILED", "that are applied must stay", f"{TWO} (2 of 3 statements)")
            f.set_migrations({**GOOD, TWO: none + "\n".join(done)})
        c.answer(f, c.event(f), "SUCCESS", "All 3 migrations")
        c.answer(f, c.event(f), "SUCCESS", "All 3 migrations", "0 of them applied now")
        f.set_migrations({**GOOD, TWO: none + "\n".join(done if mended[:2] != done else mended), "2025_x.sql": "SELECT 1;\n"})
        c.answer(f, c.event(f), "SUCCESS", "All 4 migrations", "1 of them applied now")
        with c.stage.sql(db) as conn:
            assert len(conn.run('SELECT * FROM "two"')) == (1 if len(mended) < 3 else 2)


# --- targets --------------------------------------------------------------------


@once
def another_database(c):
    """The event names another database than the function does."""
    other = c.database()
    f = c.function(DB_NAME="nowhere", DB_PORT="1")
    e = with_properties(c, f, DatabaseName=other, DatabasePort=str(c.stage.pg_port), DatabaseHost="localhost")
    c.answer(f, e, "SUCCESS", "All 3", "3 of them applied now")
    assert tables(c, db=other) == ALL
    e = with_properties(c, f, DatabaseName=c.db, DatabasePort=str(c.stage.pg_port))
    c.answer(f, e, "SUCCESS", "All 3", "3 of them applied now")
    c.state(3)


@once
def login_in_the_event(c):
    """Its own secret, and a host that the function was told of."""
    f = c.function(start=False, DB_HOST="", DB_HOSTS="nothing local*", DB_AUTH="iam", DB_USER="")
    with manager(f) as m:
        f.env["AWS_ENDPOINT_URL_SECRETS_MANAGER"] = m.url
        arn = m.secret("tenant", json.dumps({"username": "migrator", "password": PASSWORD}))
        f.start()
        e = with_properties(c, f, DatabaseHost="localhost", DatabaseAuth="secret", DatabaseSecretArn=arn)
        c.answer(f, e, "SUCCESS", "All 3")
        e = with_properties(c, f, DatabaseHost="127.0.0.1", DatabaseAuth="secret", DatabaseSecretArn=arn)
        c.answer(f, e, "FAILED", "may not log in at '127.0.0.1'", "DatabaseHosts")
    c.state(3)


@once
def tenants_in_one_database(c):
    """A schema each, by the function's settings: a record of their own."""
    with c.stage.sql(c.db) as db:
        db.run("CREATE SCHEMA tenant_a AUTHORIZATION migrator; CREATE SCHEMA tenant_b AUTHORIZATION migrator")
    for tenant in ("tenant_a", "tenant_b"):
        f = c.function(DB_SEARCH_PATH=tenant)
        c.answer(f, c.event(f), "SUCCESS", "All 3 migrations", "3 of them applied now")
        assert tables(c, tenant) == ALL
        c.answer(f, c.event(f), "SUCCESS", "0 of them applied now")
    assert not tables(c)


@once
def record_of_another_schema(c):
    """One record for two tenants is refused, and the remedy named."""
    if not ENGINE:
        return
    with c.stage.sql(c.db) as db:
        db.run("CREATE SCHEMA tenant_a AUTHORIZATION migrator; CREATE SCHEMA tenant_b AUTHORIZATION migrator")
    f = c.function()

    def of(tenant, **more):
        return with_properties(c, f, DatabaseSchema=tenant, **more)

    c.answer(f, of("tenant_a", RevisionsSchema="shared"), "SUCCESS", "3 of them applied now")
    c.answer(f, of("tenant_a", RevisionsSchema="shared"), "SUCCESS", "0 of them applied now")
    c.answer(f, of("tenant_b", RevisionsSchema="shared"), "FAILED", "that of search_path tenant_a", "RevisionsSchema=tenant_b")
    # One that says nothing of itself, as the vendor's.
    with c.stage.sql(c.db) as db:
        db.run("COMMENT ON TABLE shared.atlas_schema_revisions IS NULL")
    c.answer(f, of("tenant_b", RevisionsSchema="shared"), "FAILED", "for tenant_b is empty", "RevisionsSchema=tenant_b")
    c.answer(f, of("tenant_b"), "SUCCESS", "3 of them applied now")
    assert tables(c, "tenant_b") == ALL
    c.answer(f, of("tenant_a", RevisionsSchema="shared"), "SUCCESS", "0 of them applied now")


@once
def record_where_it_was(c):
    """An earlier version kept the record of any schema in atlas_schema_revisions:
    a database that has one there is not taken for one without, Baseline or not."""
    with c.stage.sql(c.db) as db:
        db.run("CREATE SCHEMA app AUTHORIZATION migrator; CREATE SCHEMA other AUTHORIZATION migrator")
    two = {ONE: GOOD[ONE], TWO: GOOD[TWO]}
    f = c.function(two, DB_SEARCH_PATH="app", REVISIONS_SCHEMA="atlas_schema_revisions")
    c.answer(f, c.event(f), "SUCCESS", "2 of them applied now")
    with c.stage.sql(c.db) as db:
        # That version left no mark of its own.
        db.run("COMMENT ON TABLE atlas_schema_revisions.atlas_schema_revisions IS NULL")
        db.run("CREATE TABLE other.zero (id integer); GRANT ALL ON other.zero TO migrator")
    g = c.function(DB_SEARCH_PATH="app")
    remedy = "fix: if it is that of app, name it: RevisionsSchema=atlas_schema_revisions; then deploy again."
    for more in ({}, {"Baseline": "none"}, {"Baseline": "20240101000000"}):
        c.answer(g, with_properties(c, g, **more), "FAILED", "Nothing was applied: app has tables", remedy)
    c.answer(g, with_properties(c, g, RevisionsSchema="new"), "FAILED", "no record of migrations", remedy)
    # Another schema's tables, and it is said that they have no record.
    c.answer(g, with_properties(c, g, DatabaseSchema="other", Baseline="none", RevisionsSchema="other"), "SUCCESS", "3 of them applied now")
    c.answer(g, with_properties(c, g, RevisionsSchema="atlas_schema_revisions"), "SUCCESS", "1 of them applied now")
    assert tables(c, "app") == ALL
    # The page's other way: the record is moved.
    with c.stage.sql(c.db) as db:
        (move,) = in_page(r"```sql\n(BEGIN;[^`]*)```")
        db.run(move)
    c.answer(g, c.event(g), "SUCCESS", "All 3", "0 of them applied now")
    with c.stage.sql(c.db) as db:
        db.run("ALTER TABLE app.atlas_schema_revisions SET SCHEMA atlas_schema_revisions")
    # A package of other migrations has nothing to do with that record.
    h = c.function({"20230101000000_zero.sql": 'CREATE TABLE "nought" ("id" integer);\n'}, DB_SEARCH_PATH="third")
    with c.stage.sql(c.db) as db:
        db.run("CREATE SCHEMA third AUTHORIZATION migrator; CREATE TABLE third.x (id integer); GRANT ALL ON third.x TO migrator")
    c.answer(h, with_properties(c, h, Baseline="none"), "SUCCESS", "1 of them applied now")


@once
def services_in_one_database(c):
    """Two packages, a schema and a record each; then a third in public."""
    with c.stage.sql(c.db) as db:
        db.run("CREATE SCHEMA bills AUTHORIZATION migrator; CREATE SCHEMA users AUTHORIZATION migrator")
    bills = c.function()
    users = c.function({"20230101000000_zero.sql": 'CREATE TABLE "zero" ("id" integer);\n', ONE: GOOD[ONE]})
    for f, schema, n in ((bills, "bills", 3), (users, "users", 2), (bills, "bills", 3)):
        e = with_properties(c, f, DatabaseSchema=schema, RevisionsSchema=f"{schema}_revisions")
        c.answer(f, e, "SUCCESS", f"All {n} migrations")
    assert tables(c, "bills") == ALL and tables(c, "users") == ["one"]
    c.answer(bills, c.event(bills), "SUCCESS", "3 of them applied now")
    c.state(3)


@once
def revisions_schema_of_the_package(c):
    """REVISIONS_SCHEMA, as make lambda wrote it down; the setting comes first."""
    f = c.function(start=False)
    (f.package / "revisions-schema").write_text("kept_here\n", encoding="ascii")
    f.start()
    c.answer(f, c.event(f), "SUCCESS", "3 of them")
    with c.stage.sql(c.db) as db:
        assert db.run("SELECT count(*) FROM kept_here.atlas_schema_revisions") == [[3]]
    g = c.function(REVISIONS_SCHEMA="kept_here")
    c.answer(g, c.event(g), "SUCCESS", "0 of them")


@once
def baseline_none(c):
    """A database with tables of others, and none of ours."""
    with c.stage.sql(c.db) as db:
        db.run("CREATE TABLE of_others (n integer); GRANT ALL ON of_others TO migrator")
    f = c.function()
    c.answer(f, c.event(f), "FAILED", "of_others", "no record of migrations", "to none if nothing of the migrations is in it")
    c.answer(f, with_properties(c, f, Baseline="none"), "SUCCESS", "3 of them applied now")
    c.state(3)
    c.answer(f, with_properties(c, f, Baseline="none"), "SUCCESS", "0 of them applied now")
    g = c.function(DB_NAME=c.database())
    c.answer(g, with_properties(c, g, Baseline="19990101"), "SUCCESS", "3 of them applied now")


@once
def tables_of_others(c):
    """An extension's tables and another tool's do not make a database managed."""
    if not ENGINE:
        return
    with c.stage.sql(c.db) as db:
        db.run("CREATE TABLE alembic_version (n integer); CREATE EXTENSION pg_stat_statements; CREATE TABLE ext (n integer)")
        db.run("ALTER EXTENSION pg_stat_statements ADD TABLE ext")
        db.run("GRANT ALL ON ALL TABLES IN SCHEMA public TO migrator")
    f = c.function()
    c.answer(f, c.event(f), "SUCCESS", "3 of them applied now", "left alone: public.alembic_version, public.ext.")
    c.state(3)
    with c.stage.sql(c.db) as db:
        db.run("DROP EXTENSION pg_stat_statements")
        # The next one's database is this one, emptied.
        db.run("DROP TABLE IF EXISTS alembic_version")


@once
def baseline_unknown(c):
    """A version the package does not have; and its last one."""
    with c.stage.sql(c.db) as db:
        db.run("CREATE TABLE one (id integer); GRANT ALL ON one TO migrator")
    f = c.function()
    c.answer(f, with_properties(c, f, Baseline="20240101"), "FAILED", "Baseline is '20240101'", "no migration of that version")
    c.answer(f, with_properties(c, f, Baseline="20240103000000"), "SUCCESS", "All 3", "0 of them applied now")


@once
def exec_order(c):
    """A hotfix went first: what sorts before it is refused, or applied, as ExecOrder says."""
    f = c.function({ONE: GOOD[ONE], THREE: GOOD[THREE]})
    c.answer(f, c.event(f), "SUCCESS", "All 2")
    # Their times are told apart by the second.
    time.sleep(1.1)
    f.set_migrations({**GOOD, "2025_x.sql": "CREATE INDEX CONCURRENTLY i ON one (id);\n".join(["-- atlas:txmode none\n\n", ""])})
    c.answer(f, c.event(f), "FAILED", f"{TWO} was added out of order", "ExecOrder to non-linear")
    for n in ("2 of them", "0 of them"):
        c.answer(f, with_properties(c, f, ExecOrder="non-linear"), "SUCCESS", "All 4", f"{n} applied now")
    # From then on it is in, whatever the order.
    c.answer(f, c.event(f), "SUCCESS", "All 4", "0 of them applied now")
    c.answer(f, with_properties(c, f, ExecOrder="any"), "FAILED", "ExecOrder is 'any', not one of linear, non-linear")


# --- callers --------------------------------------------------------------------


@once
def direct(c):
    """No ResponseURL: the verdict is what the invocation returns."""
    f = c.function()
    began = time.time()
    status, text = f.invoke("{}")
    assert status == 200 and time.time() - began < f.timeout
    assert json.loads(text) == {
        "status": "SUCCESS",
        "reason": "All 3 migrations of this package are in the database, 3 of them applied now.",
        "version": "20240103000000",
        "applied": 3,
        "total": 3,
    }, text
    c.state(3)
    other = c.database()
    text = f.invoke({"DatabaseName": other, "MigrationHash": f.total(), "DatabasePort": c.stage.pg_port, "tf": {"action": "create"}})[1]
    assert json.loads(text)["applied"] == 3, text
    assert tables(c, db=other) == ALL


@once
def direct_fails(c):
    """A function error, with the same members."""
    f = c.function({**GOOD, THREE: "SELECT nope;\n"})
    text = json.loads(f.invoke("{}")[1])
    assert text["errorType"] == "Migration.Failed" and text["errorMessage"] == text["reason"], text
    assert text["status"] == "FAILED" and 'column "nope" does not exist' in text["reason"], text
    assert (text["version"], text["applied"], text["total"]) == ("20240103000000", 2, 3), text
    text = json.loads(f.invoke({"MigrationHash": "h1:x"})[1])
    assert text["errorType"] == "Migration.Failed" and "MigrationHash is 'h1:x'" in text["reason"], text
    text = json.loads(f.invoke({"DatabaseHots": "x"})[1])
    assert "no property 'DatabaseHots'" in text["reason"], text
    f.set_migrations(GOOD)
    assert json.loads(f.invoke("{}")[1])["status"] == "SUCCESS"


@once
def direct_delete(c):
    """Terraform's and CDK's: nothing is touched."""
    f = c.function()
    for event in ({"tf": {"action": "delete"}}, {"RequestType": "Delete"}):
        text = json.loads(f.invoke(event)[1])
        assert text == {"status": "SUCCESS", "reason": "The database was left as it is."}, text
    c.state(0)


@once
def odd_values(c):
    """What cannot be meant, or is meant for a property and named otherwise: a sentence,
    and nothing is done elsewhere."""
    f = c.function()
    for payload, said in (
        ({"DatabasePort": 0}, "DatabasePort is no port: '0'"),
        ({"DatabasePort": "65536"}, "DatabasePort is no port: '65536'"),
        ({"DatabasePort": -1}, "DatabasePort is no port: '-1'"),
        ({"DatabasePort": "5432; x"}, "DatabasePort is no port"),
        ({"DatabaseHost": "a b"}, "DatabaseHost is no name of a host: 'a b'"),
        ({"DatabaseHost": "host/x?sslmode=disable"}, "DatabaseHost is no name of a host"),
        ({"DatabaseSchema": 'a"b'}, "DatabaseSchema is no plain name"),
        ({"DatabaseSchema": "a,b"}, "DatabaseSchema is no plain name"),
        ({"RevisionsSchema": "größe"}, "RevisionsSchema is no plain name"),
        ({"DatabaseName": "nicht da 'ü%20\""}, "does not exist"),
        ({"DatabaseName": ["x"]}, "does not exist"),
        ({"DatabaseName": "a\nDatabaseHost=evil"}, "'DatabaseName' has a line end in it"),
        ({"LockTimeout": "5 s"}, "LockTimeout is no time such as 5s"),
        ({"Baseline": "--help"}, "Baseline is no version"),
        ({"DatabaseAuth": "IAM"}, "DatabaseAuth is 'IAM', not one of"),
        *(({name: "x"}, f"no property '{name}'") for name in ("host", "Host", "port", "schema", "Schema", "dbname", "DB_NAME", "user", "search_path", "PGHOST")),
    ):
        text = json.loads(f.invoke(payload)[1])
        assert text["errorType"] == "Migration.Failed" and said in text["reason"], (payload, text)
    for payload in ("[]", "null", '"x"', "7", "{", '[{"DatabaseName": "x"}]'):
        text = json.loads(f.invoke(payload)[1])
        assert text["errorType"] in ("Migration.NoEvent", "Migration.Failed"), (payload, text)
    c.state(0)
    # Names of another kind are the caller's own.
    assert json.loads(f.invoke({"Name": "a label", "tenant": 7})[1])["status"] == "SUCCESS"


@once
def provider_framework(c):
    """CDK's: it sends the answer itself, and gives no address for it."""
    f = c.function()
    e = c.event(f)
    url, e["ResponseURL"] = e["ResponseURL"], "..."
    text = json.loads(f.invoke(e)[1])
    assert text["PhysicalResourceId"].startswith("MigrationTrigger-") and text["Data"]["version"] == "20240103000000", text
    e["ResourceProperties"]["MigrationHash"] = "h1:x"
    text = json.loads(f.invoke(e)[1])
    assert text["errorType"] == "Migration.Failed", text
    e["ResponseURL"] = url
    c.state(3)


@once
def fleet(c):
    """Tenants side by side, a database or a schema each; one is broken, and holds
    up nobody."""
    databases = [c.database() for _ in range(max(2, TENANTS // 10))]
    targets = []
    for n in range(TENANTS):
        db, schema = databases[n % len(databases)], f"tenant_{n}"
        with c.stage.sql(db) as conn:
            conn.run(f"CREATE SCHEMA {schema} AUTHORIZATION migrator")
            if n == 1:
                conn.run(f"CREATE TABLE {schema}.two (id integer)")
        targets.append({"DatabaseName": db, "DatabaseSchema": schema, "Baseline": "none"})
    functions = [c.function(timeout=30) for _ in range(4)]

    def run(n):
        f = functions[n]
        return [json.loads(f.invoke(t)[1]) for t in targets[n::4]]

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        parts = list(pool.map(run, range(4)))
    for n, target in enumerate(targets):
        verdict = parts[n % 4][n // 4]
        if n == 1:
            assert verdict["status"] == "FAILED" and 'relation "two" already exists' in verdict["reason"], verdict
        else:
            assert (verdict["status"], verdict["applied"]) == ("SUCCESS", 3), verdict
            assert tables(c, target["DatabaseSchema"], target["DatabaseName"]) == ALL


# --- the answer's way -------------------------------------------------------------


@once
def answer_later(c):
    """The bucket says to come again, in each of its ways."""
    f = c.function(timeout=15)
    c.answer(f, c.event(f), "SUCCESS", faults=[408, 429, "400 RequestTimeout", 409], tries=5)
    c.answer(f, c.event(f), "SUCCESS", faults=["400 MalformedThing"], accepted=0, tries=1)
    c.next_works(f)


@once
def answer_elsewhere(c):
    """307: the same, at another address; not at one that is no bucket's."""
    f = c.function()
    e = c.event(f)
    c.answer(f, e, "SUCCESS", faults=["307 " + e["ResponseURL"]], tries=2)
    e = c.event(f)
    c.answer(f, e, "SUCCESS", faults=["307 http://example.com/x"], accepted=0, tries=1)
    e = c.event(f)
    c.answer(f, e, "SUCCESS", faults=["302 " + e["ResponseURL"]], accepted=0, tries=1)


@once
def no_way_to_answer(c):
    """The bucket cannot be reached: nothing is applied."""
    f = c.function(timeout=12)
    e = c.event(f)
    e["ResponseURL"] = e["ResponseURL"].replace(str(c.stage.door.server_port), "1", 1)
    text = json.loads(f.invoke(e)[1])
    assert text["errorType"] == "Migration.NotAnswered", text
    told = [line for line in f.log_lines() if line.get("outcome")]
    assert "Nothing was applied: the answer could not have been sent" in told[0]["answer"]["Reason"], told
    c.state(0)
    assert set(c.stage.door.asked) <= {"/"}, c.stage.door.asked


if __name__ == "__main__":
    main()
