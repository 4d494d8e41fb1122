"""proxy.py - what may stand between the function and its database.

Proxy takes no settings when a session begins, as RDS Proxy and PgBouncer do: it
speaks TLS, refuses a start-up message with parameters beyond user, database and
the like (or ignores them, as PgBouncer may be told to), and passes on everything
else. Gate passes on everything, until it is
told to refuse, to be silent, to cut off, or to say that the server starts.
"""

import contextlib
import socket
import ssl
import struct
import threading

SSL_REQUEST = struct.pack("!II", 8, 80877103)
PLAIN = {"user", "database", "client_encoding", "application_name", "datestyle", "extra_float_digits"}


def receive(sock, n):
    """Exactly n bytes."""
    data = b""
    while len(data) < n:
        more = sock.recv(n - len(data))
        if not more:
            raise OSError("closed")
        data += more
    return data


def pump(source, target, moving=None):
    """Pass on what comes until it ends, while it moves."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            if moving is not None:
                moving.wait()
            target.sendall(data)
    for s in (source, target):
        with contextlib.suppress(OSError):
            s.shutdown(socket.SHUT_RDWR)


class Proxy:
    """Listens on .port of 127.0.0.1 until it is closed."""

    def __init__(self, pg_dir, pg_port, refusal="unsupported startup parameter: %s", takes=(), ignores=False):
        self.server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.server.load_cert_chain(pg_dir / "server.crt", pg_dir / "server.key")
        self.client = ssl.create_default_context(cafile=pg_dir / "ca.pem")
        self.pg_port = pg_port
        self.refusal = refusal
        self.takes = PLAIN | set(takes)
        self.refused = []
        self.ignores = ignores
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.socket.close()

    def serve(self):
        """A thread for each connection."""
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.socket.accept()
                threading.Thread(target=self.session, args=(connection,), daemon=True).start()

    @staticmethod
    def without(names, message):
        """The message without these parameters, and its length before it."""
        words = message[4:].decode().split("\0")[:-2]
        kept = "".join(f"{n}\0{v}\0" for n, v in zip(words[::2], words[1::2]) if n not in names)
        message = message[:4] + kept.encode() + b"\0"
        return struct.pack("!I", len(message) + 4), message

    def session(self, plain):
        """One connection, from its start-up message on."""
        with contextlib.suppress(OSError):
            assert receive(plain, 8) == SSL_REQUEST
            plain.sendall(b"S")
            client = self.server.wrap_socket(plain, server_side=True)
            head = receive(client, 4)
            message = receive(client, struct.unpack("!I", head)[0] - 4)
            if message[:4] == struct.pack("!I", 80877102):  # a request to cancel
                odd = []
            else:
                names = message[4:].decode().split("\0")[:-2:2]
                odd = [n for n in names if n.lower() not in self.takes]
                if self.ignores:
                    head, message = self.without(odd, message)
                    odd = []
            if odd:
                self.refused.append(odd)
                text = self.refusal % odd[0]
                fields = b"SFATAL\0VFATAL\0C08P01\0M" + text.encode() + b"\0\0"
                client.sendall(b"E" + struct.pack("!I", len(fields) + 4) + fields)
                client.close()
                return
            raw = socket.create_connection(("127.0.0.1", self.pg_port))
            raw.sendall(SSL_REQUEST)
            assert receive(raw, 1) == b"S"
            server = self.client.wrap_socket(raw, server_hostname="localhost")
            server.sendall(head + message)
            threading.Thread(target=pump, args=(server, client), daemon=True).start()
            pump(client, server)


class Gate:
    """Listens on .port; .mode is pass, refuse, silent or starting; hold is silent,
    and break the end of the connection, at the login. While .moving is not set,
    the open connections are silent, too."""

    def __init__(self, pg_dir, pg_port, mode="pass"):
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(pg_dir / "server.crt", pg_dir / "server.key")
        self.pg_port = pg_port
        self.mode = mode
        self.open = []
        self.moving = threading.Event()
        self.moving.set()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.came = 0
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()
        if mode == "refuse":
            self.set(mode)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.mode = "gone"
        self.moving.set()
        self.cut()
        self.shut()

    def shut(self):
        """Nobody listens any more."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()

    def set(self, mode):
        """Another mode; what is open stays open."""
        was, self.mode = self.mode, mode
        if mode == "refuse":
            self.shut()
        elif was == "refuse" or self.socket.fileno() < 0:
            self.socket = socket.create_server(("127.0.0.1", self.port))
            threading.Thread(target=self.serve, daemon=True).start()

    def cut(self):
        """Cut off what is open."""
        for s in self.open:
            with contextlib.suppress(OSError):
                s.shutdown(socket.SHUT_RDWR)
        self.open.clear()

    def serve(self):
        """A thread for each connection."""
        listening = self.socket
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listening.accept()
                self.came += 1
                self.open.append(connection)
                threading.Thread(target=self.session, args=(connection, self.mode), daemon=True).start()

    def session(self, plain, mode):
        """One connection."""
        with contextlib.suppress(OSError, AssertionError):
            if mode == "silent":
                return
            if mode in ("starting", "hold", "break"):
                assert receive(plain, 8) == SSL_REQUEST
                plain.sendall(b"S")
                client = self.tls.wrap_socket(plain, server_side=True)
                head = receive(client, 4)
                receive(client, struct.unpack("!I", head)[0] - 4)
                if mode == "hold":
                    self.open.append(client)
                    return
                if mode == "break":
                    client.close()
                    return
                fields = b"SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0"
                client.sendall(b"E" + struct.pack("!I", len(fields) + 4) + fields)
                client.close()
                return
            server = socket.create_connection(("127.0.0.1", self.pg_port))
            self.open.append(server)
            threading.Thread(target=pump, args=(server, plain, self.moving), daemon=True).start()
            pump(plain, server, self.moving)
