"""secrets_manager.py - moto's Secrets Manager, behind one who checks signatures.

moto takes any request. The door in front of it computes the signature anew,
with botocore, from the request as it came, and refuses what does not match.
"""

import contextlib
import http.client
import http.server
import logging
import re
import threading

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.credentials
from moto.server import ThreadedMotoServer

logging.getLogger("werkzeug").setLevel(logging.ERROR)


class Handler(http.server.BaseHTTPRequestHandler):
    """One request, checked and passed on."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):  # pylint: disable=invalid-name
        """Check the signature, then ask moto."""
        manager = self.server.manager
        body = self.rfile.read(int(self.headers["Content-Length"]))
        wrong = manager.wrong(self.path, self.headers, body)
        if wrong:
            manager.refused.append(wrong)
            status, text = 400, b'{"__type":"InvalidSignatureException","message":"signature"}'
        else:
            c = http.client.HTTPConnection("127.0.0.1", manager.moto_port, timeout=20)
            c.request("POST", self.path, body, dict(self.headers))
            answer = c.getresponse()
            status, text = answer.status, answer.read()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_args):  # pylint: disable=arguments-differ
        """Keep quiet."""


class SecretsManager:
    """Its .url goes into AWS_ENDPOINT_URL_SECRETS_MANAGER."""

    def __init__(self, region, key, secret, token):
        self.region = region
        self.credentials = botocore.credentials.Credentials(key, secret, token)
        self.refused = []
        self.moto = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        self.moto.start()
        self.moto_port = self.moto.get_host_and_port()[1]
        self.door = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.door.manager = self
        threading.Thread(target=self.door.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.door.server_port}"
        self.client = boto3.client(
            "secretsmanager",
            region_name=region,
            endpoint_url=f"http://127.0.0.1:{self.moto_port}",
            aws_access_key_id="x",
            aws_secret_access_key="y",
        )

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.door.shutdown()
        with contextlib.suppress(Exception):
            self.moto.stop()

    def secret(self, name, text):
        """A new secret's ARN."""
        return self.client.create_secret(Name=name, SecretString=text)["ARN"]

    def wrong(self, path, headers, body):
        """What is wrong with the request's signature, or nothing."""
        m = re.fullmatch(
            r"AWS4-HMAC-SHA256 Credential=([^/]+)/\d{8}/([^/]+)/secretsmanager/aws4_request, ?"
            r"SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})",
            headers.get("Authorization", ""),
        )
        if not m:
            return f"Authorization: {headers.get('Authorization')}"
        key, region, signed, signature = m.groups()
        if key != self.credentials.access_key or region != self.region:
            return f"key or region: {key} {region}"
        for must in ("host", "x-amz-date", "x-amz-security-token", "x-amz-target"):
            if must not in signed.split(";"):
                return f"{must} is not signed"
        if headers["X-Amz-Security-Token"] != self.credentials.token:
            return "another token"
        request = botocore.awsrequest.AWSRequest(
            "POST",
            self.url + path,
            {name: headers[name] for name in signed.split(";")},
            body,
        )
        request.context["timestamp"] = headers["X-Amz-Date"]
        auth = botocore.auth.SigV4Auth(self.credentials, "secretsmanager", region)
        text = auth.string_to_sign(request, auth.canonical_request(request))
        return None if auth.signature(text, request) == signature else f"signature over {signed}"


def manager(f):
    """A Secrets Manager that knows the function's key."""
    return SecretsManager(
        f.env["AWS_REGION"], f.env["AWS_ACCESS_KEY_ID"], f.env["AWS_SECRET_ACCESS_KEY"], f.env["AWS_SESSION_TOKEN"]
    )
