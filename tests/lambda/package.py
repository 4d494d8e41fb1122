#!/usr/bin/env python3
"""package.py SAM - let the real sam package the project in the working
directory, twice, into moto's S3, and look at what it uploaded."""

import io
import logging
import os
import stat
import subprocess
import sys
import zipfile

import boto3
import yaml
from moto.server import ThreadedMotoServer

logging.getLogger("werkzeug").setLevel(logging.ERROR)


def package(sam, env):
    """The template sam writes, as text."""
    subprocess.run(
        [sam, "package", "--template-file", "cloud-formation.yaml", "--s3-bucket", "bucket", "--output-template-file", "out.yaml"],
        env=env,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with open("out.yaml", encoding="utf-8") as f:
        return f.read()


def main():
    """Package, look, package again."""
    moto = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    moto.start()
    url = f"http://127.0.0.1:{moto.get_host_and_port()[1]}"
    keys = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y", "AWS_DEFAULT_REGION": "us-east-1"}
    env = {**os.environ, **keys, "AWS_ENDPOINT_URL": url, "SAM_CLI_TELEMETRY": "0", "HOME": os.getcwd()}
    s3 = boto3.client("s3", endpoint_url=url, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="y")
    s3.create_bucket(Bucket="bucket")
    first = package(sys.argv[1], env)

    loader = yaml.SafeLoader
    yaml.add_multi_constructor("!", lambda *_: None, loader)
    resources = yaml.load(first, loader)["Resources"]
    uris = [resources["MigrationFunction"]["Properties"]["CodeUri"], resources["AtlasLayer"]["Properties"]["ContentUri"]]
    for uri, must in zip(uris, (["bootstrap", "handler.sh", "bin/mhash", "migrations/atlas.sum"], ["bin/atlas"])):
        key = uri.removeprefix("s3://bucket/")
        with zipfile.ZipFile(io.BytesIO(s3.get_object(Bucket="bucket", Key=key)["Body"].read())) as z:
            for name in must:
                mode = z.getinfo(name).external_attr >> 16
                assert mode & stat.S_IROTH, (name, oct(mode))
                assert name.endswith(".sum") or mode & stat.S_IXOTH, (name, oct(mode))
    # The same bytes are the same upload: nothing changes in the stack.
    os.utime(".cache/lambda/package/bootstrap")
    assert package(sys.argv[1], env) == first
    moto.stop()


if __name__ == "__main__":
    main()
