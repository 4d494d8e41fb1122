"""hints.py - what to do about a failure is told with it, and is true: rows for
targets.py, each with a real cause, and one that no hint is without a test.

A server of ours says what a proxy, RDS or another certificate would.
"""

import contextlib
import datetime
import pathlib
import re
import socket
import ssl
import struct
import subprocess
import threading

import pg8000.exceptions
import pg8000.native
from cell import ONE, once
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from proxy import SSL_REQUEST, receive
from stage import ENGINE, PASSWORD, TOP

HERE = pathlib.Path(__file__).parent
REASON = TOP / "src" / "migration_lambda" / "reason.sh"


def table():
    """The hints: words, and what is said."""
    lines = REASON.read_text(encoding="utf-8").partition("done <<-END\n")[2].partition("\n\tEND")[0]
    return [tuple(line.strip().split("|")) for line in lines.splitlines()]


def advice(words, f):
    """What is said for these words, by that function."""
    (text,) = {a for w, a in table() if w == words}
    for name, value in (("user", "DB_USER"), ("port", "DB_PORT"), ("host", "DB_HOST"), ("name", "DB_NAME")):
        text = text.replace(f"${name}", f.env[value])
    text = text.replace("$revisions", "atlas_schema_revisions").replace("$lock_timeout", "5s")
    return text if text[0].isupper() else "fix: " + text


SEEN = set()


def hinted(c, f, words, *causes, vendor=True):
    """A deploy that fails for that cause, and the hint for it."""
    SEEN.add(words)
    if vendor or ENGINE:
        body = c.answer(f, c.event(f), "FAILED", *causes, advice(words, f))
        assert words[0] == "=" or words in body["Reason"].lower(), body


# --- certificates, and what a server says when one comes in ----------------------


class Says:
    """A server with a certificate of its own, that answers each login with an error."""

    def __init__(self, where, names, message=("28000", "no"), days=(-1, 1), common=None):
        def name(text):
            return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)] if text else [])

        today = datetime.datetime.now(datetime.timezone.utc)
        key = ec.generate_private_key(ec.SECP256R1())
        made = x509.CertificateBuilder().subject_name(name(common)).issuer_name(name("our authority")).public_key(key.public_key())
        made = made.serial_number(x509.random_serial_number())
        made = made.not_valid_before(today + datetime.timedelta(days[0])).not_valid_after(today + datetime.timedelta(days[1]))
        if names:
            made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(n) for n in names]), False)
        authority = ec.generate_private_key(ec.SECP256R1())
        root = x509.CertificateBuilder().subject_name(name("our authority")).issuer_name(name("our authority"))
        root = root.public_key(authority.public_key()).serial_number(x509.random_serial_number())
        root = root.not_valid_before(today - datetime.timedelta(9)).not_valid_after(today + datetime.timedelta(9))
        root = root.add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        pem = serialization.Encoding.PEM
        self.ca = root.sign(authority, hashes.SHA256()).public_bytes(pem)
        (where / "own.pem").write_bytes(
            made.sign(authority, hashes.SHA256()).public_bytes(pem)
            + key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        )
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(where / "own.pem")
        self.message = message
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        """One connection after another."""
        with contextlib.suppress(OSError):
            while True:
                plain, _ = self.socket.accept()
                with contextlib.suppress(OSError, AssertionError), plain:
                    plain.settimeout(10)
                    assert receive(plain, 8) == SSL_REQUEST
                    plain.sendall(b"S")
                    with self.tls.wrap_socket(plain, server_side=True) as client:
                        receive(client, struct.unpack("!I", receive(client, 4))[0] - 4)
                        code, text = self.message
                        fields = f"SFATAL\0VFATAL\0C{code}\0M{text}\0\0".encode()
                        client.sendall(b"E" + struct.pack("!I", len(fields) + 4) + fields)


def says(c, words, cause, names=("localhost",), host="localhost", **how):
    """A deploy to such a server."""
    f = c.function(start=False, timeout=7, DB_HOST=host)
    server = Says(f.dir, names, **how)
    (f.package / "certs" / "own.pem").write_bytes(server.ca)
    f.env["DB_PORT"] = str(server.port)
    f.start()
    hinted(c, f, words, cause)
    f.stop()
    server.socket.close()


@once
def hints_of_certificates(c):
    """Each way in which one is not the database's."""
    says(c, "x509: certificate is valid for", "valid for other.example.com, not localhost", names=("other.example.com",))
    says(c, "x509: cannot validate certificate for", "for 127.0.0.1 because it doesn't contain any IP SANs", host="127.0.0.1")
    says(c, "x509: certificate is not valid for any names", "but wanted to match localhost", names=())
    says(c, "x509: certificate relies on legacy common name", "use SANs instead", names=(), common="localhost")
    says(c, "x509: certificate has expired", "certificate has expired or is not yet valid", days=(-2, -1))
    f = c.function(start=False)
    (f.package / "certs" / "ca.pem").unlink()
    f.start()
    hinted(c, f, "x509: ", "signed by unknown authority")


@once
def hints_of_logins(c):
    """What the server says to one who comes in."""
    says(c, "no pg_hba.conf entry", "for host", message=("28000", 'no pg_hba.conf entry for host "127.0.0.1", user "migrator"'))
    says(c, "pam authentication failed", "PAM", message=("28000", 'PAM authentication failed for user "migrator"'))
    says(c, "=28p01", "anmeldung", message=("28P01", "anmeldung fehlgeschlagen"))
    says(c, "=3d000", "fehlt", message=("3D000", "die Datenbank fehlt"))
    f = c.function(timeout=6, DB_PASSWORD="wrong-" + PASSWORD)
    hinted(c, f, "password authentication failed", 'for user "migrator"')


@once
def hints_of_networks(c):
    """Nobody there, nobody who answers, no such name."""
    f = c.function(timeout=6, DB_PORT="1")
    hinted(c, f, "connection refused", "connection refused")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        g = c.function(timeout=8, DB_PORT=str(silent.getsockname()[1]))
        # By the words of the driver or by ours, whose time is up first.
        c.answer(g, c.event(g), "FAILED", "let it reach localhost", "or the database is there and does not answer")
    # Whatever this machine's resolver says of it.
    h = c.function(timeout=8, DB_HOST="nowhere.invalid")
    words = "resolving error: lookup " if ENGINE else "tcp: lookup "
    hinted(c, h, words, "lookup nowhere.invalid", "must be a name that the function's subnets can resolve")


# --- what a migration may not, or cannot -------------------------------------------


@once
def hints_of_rights(c):
    """What the user lacks, by what it lacks."""
    with c.stage.sql("postgres") as db:
        db.run("CREATE ROLE poor LOGIN PASSWORD " + pg8000.native.literal(PASSWORD))
    f = c.function(DB_USER="poor")
    hinted(c, f, "permission denied for database", "GRANT CREATE ON DATABASE")
    with c.stage.sql(c.db) as db:
        db.run("CREATE SCHEMA atlas_schema_revisions AUTHORIZATION poor; REVOKE ALL ON SCHEMA public FROM PUBLIC")
        db.run("GRANT USAGE ON SCHEMA public TO poor")
    hinted(c, f, "permission denied for schema", "for schema public", "fix: the user poor needs USAGE and CREATE on that schema")
    with c.stage.sql(c.db) as db:
        db.run("GRANT ALL ON SCHEMA public TO PUBLIC; DROP OWNED BY poor; CREATE TABLE of_root (id integer)")
    g = c.function({ONE: "SELECT 1;\n"}, BASELINE="none")
    c.answer(g, c.event(g), "SUCCESS")
    g.set_migrations({ONE: "SELECT 1;\n", "2025_x.sql": "ALTER TABLE of_root ADD COLUMN n integer;\n"})
    hinted(c, g, "must be owner of", "must be owner of table of_root")
    g.set_migrations({ONE: "SELECT 1;\n", "2025_x.sql": "INSERT INTO of_root VALUES (1);\n"})
    hinted(c, g, "permission denied", "permission denied for table of_root")


@once
def hints_of_statements(c):
    """What a file of migrations cannot hold, or not here."""
    g = c.function({ONE: 'CREATE TABLE "one" ("id" integer);\nCOPY "one" FROM stdin;\n'})
    SEEN.update(("copy from stdin", "copyinresponse", "unknown response for simple query: 'g'"))
    c.answer(g, c.event(g), "FAILED", advice("copy from stdin", g))
    g.set_migrations({ONE: 'CREATE TABLE "one" ("id" integer);\nCREATE INDEX CONCURRENTLY "i" ON "one" ("id");\n'})
    hinted(c, g, "cannot run inside a transaction block", "CREATE INDEX CONCURRENTLY")
    g.set_migrations({ONE: "SET statement_timeout = '50ms';\nSELECT pg_sleep(9);\n"})
    hinted(c, g, "due to statement timeout", "canceling statement")
    # A DETACH that waits for somebody's transaction, and is cancelled.
    g.set_migrations({ONE: "CREATE TABLE p (n integer) PARTITION BY LIST (n); CREATE TABLE q PARTITION OF p FOR VALUES IN (1);\n"})
    c.answer(g, c.event(g), "SUCCESS")
    detach = "ALTER TABLE p DETACH PARTITION q CONCURRENTLY"
    with c.stage.sql(c.db) as db, c.stage.sql(c.db) as other:
        other.run("BEGIN")
        other.run("SELECT * FROM p")
        db.run("SET statement_timeout = '500ms'")
        with contextlib.suppress(pg8000.exceptions.DatabaseError):
            db.run(detach)
        other.run("ROLLBACK")
    text = (g.package / "migrations" / ONE).read_text(encoding="utf-8")
    g.set_migrations({ONE: text, "2025_x.sql": f"-- atlas:txmode none\n\n{detach};\n"})
    hinted(c, g, "already pending detach", 'partition "q" already pending detach')


# --- none without a test -------------------------------------------------------------

# Words of hints that rows elsewhere see, and where.
ELSEWHERE = {
    "acquiring database lock": ("matrix.py", "Another deploy"),
    "due to lock timeout": ("matrix.py", "LockTimeout (300ms)"),
    "unsupported startup parameter": ("scenes.py", "connect to the database itself"),
    "feature not supported: rds proxy": ("scenes.py", "connect to the database itself"),
    "server refused tls": ("scenes.py", "the database must take TLS"),
    "ssl is not enabled on the server": ("scenes.py", "the database must take TLS"),
    "in a read-only transaction": ("trouble.py", "fix: the property DatabaseHost must be the endpoint that writes"),
    "was added out of order": ("targets.py", "ExecOrder to non-linear"),
    "history changed: statement": ("targets.py", "that are applied must stay"),
    "and the file has": ("targets.py", "that are applied must stay"),
    "panic: runtime error: index out of range": ("targets.py", "that are applied must stay"),
    'atlas_schema_revisions" does not exist': ("scenes.py", "fix: a proxy ignores what the session begins with"),
    'relation "atlas_schema_revisions" already exists': ("scenes.py", "fix: a proxy ignores what the session begins with"),
}
# Said by the vendor's driver, or by a server in another tongue or a kernel that
# gives up: the words alone are tried.
WORDS = {
    *("=55p03", "=25006", "connection timed out", "i/o timeout", "context deadline exceeded", "no such host"),
    *("read-write mode during recovery", "tcp: lookup ", "resolving error: lookup ", "were added out of order"),
}


@once
def no_hint_without_a_test(c):
    """Each line of the table is one that some row has seen; and none is hidden by
    one before it."""
    # The other rows may still be played: what they look at, by their source.
    seen = set(re.findall(r'(?:hinted|says)\(c, (?:[a-z], )?"((?:[^"\\]|\\.)*)"', pathlib.Path(__file__).read_text(encoding="utf-8")))
    seen |= {"copy from stdin", "copyinresponse", "unknown response for simple query: 'g'"}
    for words, (file, text) in ELSEWHERE.items():
        assert text in (HERE / file).read_text(encoding="utf-8"), (words, file, text)
    missing = {words for words, _ in table()} - seen - set(ELSEWHERE) - WORDS
    assert not missing, missing
    stale = (seen | set(ELSEWHERE) | WORDS) - {words for words, _ in table()}
    assert not stale, stale
    work = c.stage.dir / "hint"
    work.mkdir()
    script = f". '{REASON}'; work='{work}' user=u port=5 host=h name=n revisions=r lock_timeout=5s; hint; cat '{work}/saying'; rm '{work}/saying'"
    for words, text in table():
        for said in [words] if words[0] != "=" else [f"x (SQLSTATE {words[1:].upper()})", f"x ({words[1:].upper()})"]:
            (work / "said").write_text(f"Error: {said}\n", encoding="utf-8")
            told = subprocess.run(["sh", "-c", script], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
            want = re.sub(r"\$(\w+)", lambda m: {"lock_timeout": "5s", "revisions": "r"}.get(m[1], m[1][0] if m[1] != "port" else "5"), text)
            assert told in (want, "fix: " + want), (words, told)

