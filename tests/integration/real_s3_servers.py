#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""real_s3_servers.py ceph|swift PROGRAM [ARGUMENT…] starts a real S3 server on this machine, in a directory of its own, and runs tests of the
store against it. Needs root and the server's packages:
  ceph   apt install ceph-mon ceph-osd radosgw
  swift  apt install swift-proxy swift-account swift-container swift-object memcached"""
import hashlib
import hmac
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid

BUCKET = "ktstr-tests"


class Place:
    """A directory and the processes that work in it."""

    def __init__(self, prefix="ktstr-s3-"):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix=prefix))
        self.running = []

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return str(path)

    def run(self, *command):
        done = subprocess.run(command, cwd=self.root, capture_output=True, text=True, timeout=180, check=False)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def start(self, name, *command):
        log = open(self.root / f"{name}.log", "w", encoding="utf-8")
        self.running.append(subprocess.Popen(command, cwd=self.root, stdout=log, stderr=log, start_new_session=True))

    def end(self):
        for process in reversed(self.running):
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()
        shutil.rmtree(self.root, ignore_errors=True)


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def ceph(place):
    """One monitor, one OSD that keeps everything in memory, one gateway."""
    monitor, gateway = free_ports(2)
    root = place.root
    fsid = str(uuid.uuid4())
    for directory in ("mon", "osd", "run"):
        (root / directory).mkdir()
    conf = place.write("ceph.conf", f"""[global]
fsid = {fsid}
mon host = v2:127.0.0.1:{monitor}
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind ipv6 = false
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
mon allow pool size one = true
mon max pg per osd = 1000
osd crush chooseleaf type = 0
osd objectstore = memstore
memstore device bytes = 1073741824
osd class load list = *
osd class default list = *
run dir = {root}/run
admin socket = {root}/run/$name.asok
pid file = {root}/run/$name.pid
log file = {root}/$name.log
keyring = {root}/keyring
[mon.a]
mon data = {root}/mon
[osd.0]
osd data = {root}/osd
[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:{gateway}
""")
    common = ("-c", conf)
    place.run("ceph-authtool", "--create-keyring", "keyring", "--gen-key", "-n", "mon.", "--cap", "mon", "allow *")
    for name in ("client.admin", "client.rgw", "osd.0"):
        place.run("ceph-authtool", "keyring", "--gen-key", "-n", name, "--cap", "mon", "allow *", "--cap", "osd", "allow *")
    place.run("monmaptool", "--create", "--fsid", fsid, "--addv", "a", f"[v2:127.0.0.1:{monitor}]", "monmap")
    place.run("ceph-mon", *common, "-i", "a", "--mkfs", "--monmap", "monmap", "--keyring", "keyring")
    place.start("mon", "ceph-mon", *common, "-i", "a", "-f")
    osd = str(uuid.uuid4())
    place.run("timeout", "60", "ceph", *common, "osd", "new", osd)
    place.run("ceph-osd", *common, "-i", "0", "--mkfs", "--osd-uuid", osd)
    place.start("osd", "ceph-osd", *common, "-i", "0", "-f")
    place.run("timeout", "120", "radosgw-admin", *common, "user", "create", "--uid=ktstr", "--display-name=ktstr", "--access-key=ktstrkey",
              "--secret=ktstrsecret")
    place.start("rgw", "radosgw", *common, "-n", "client.rgw", "-f")
    return f"http://127.0.0.1:{gateway}", "ktstrkey", "ktstrsecret"


def swift(place):
    """One of each of its four servers, with s3api, which knows no conditional writes."""
    proxy, account, container, thing, cache = free_ports(5)
    root = place.root
    (root / "node/d1").mkdir(parents=True)
    place.write("swift.conf", "[swift-hash]\nswift_hash_path_prefix = ktstr\nswift_hash_path_suffix = ktstr\n")
    filters = {"tempauth": "user_test_tester = testing .admin", "s3api": "location = us-east-1", "cache": f"memcache_servers = 127.0.0.1:{cache}",
               "catch_errors": "", "gatekeeper": "", "listing_formats": "", "bulk": "", "slo": "", "dlo": "", "copy": "", "symlink": "",
               "versioned_writes": "allow_object_versioning = true"}
    egg = {"cache": "memcache"}
    text = f"""[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {proxy}
swift_dir = {root}
workers = 0
user = root
log_address = {root}/nolog
[pipeline:main]
pipeline = catch_errors gatekeeper cache listing_formats bulk s3api tempauth slo dlo copy versioned_writes symlink proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
"""
    for name, option in filters.items():
        text += f"[filter:{name}]\nuse = egg:swift#{egg.get(name, name)}\n{option}\n"
    place.write("proxy-server.conf", text)
    os.environ["SWIFT_CONF_FILE"] = str(root / "swift.conf")
    etc = pathlib.Path("/etc/swift")
    etc.mkdir(exist_ok=True)
    if not (etc / "swift.conf").exists():  # where Debian's swift looks, whatever it is told
        shutil.copy(root / "swift.conf", etc)
    place.start("memcached", "memcached", "-u", "root", "-l", "127.0.0.1", "-p", str(cache), "-U", "0", "-m", "32")
    for name, port in (("account", account), ("container", container), ("object", thing)):
        place.write(f"{name}-server.conf", f"""[DEFAULT]
devices = {root}/node
mount_check = false
bind_ip = 127.0.0.1
bind_port = {port}
workers = 0
user = root
swift_dir = {root}
disable_fallocate = true
log_address = {root}/nolog
[pipeline:main]
pipeline = {name}-server
[app:{name}-server]
use = egg:swift#{name}
""")
        place.run("swift-ring-builder", f"{name}.builder", "create", "4", "1", "1")
        place.run("swift-ring-builder", f"{name}.builder", "add", f"r1z1-127.0.0.1:{port}/d1", "1")
        subprocess.run(("swift-ring-builder", f"{name}.builder", "rebalance"), cwd=root, capture_output=True, check=False)
        place.start(name, f"swift-{name}-server", f"{name}-server.conf")
    place.start("proxy", "swift-proxy-server", "proxy-server.conf")
    return f"http://127.0.0.1:{proxy}", "test:tester", "testing"


def make_bucket(url, key, secret):
    """By a signature of python's own; false while the server is not ready."""
    date = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    empty = hashlib.sha256(b"").hexdigest()
    host = url.removeprefix("http://")
    canonical = f"PUT\n/{BUCKET}\n\nhost:{host}\nx-amz-content-sha256:{empty}\nx-amz-date:{date}\n\nhost;x-amz-content-sha256;x-amz-date\n{empty}"
    scope = f"{date[:8]}/us-east-1/s3/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{date}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signing = ("AWS4" + secret).encode()
    for part in (*scope.split("/"), text):
        signing = hmac.new(signing, part.encode(), hashlib.sha256).digest()
    request = urllib.request.Request(f"{url}/{BUCKET}", method="PUT", headers={
        "x-amz-date": date, "x-amz-content-sha256": empty,
        "Authorization": f"AWS4-HMAC-SHA256 Credential={key}/{scope}, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature={signing.hex()}"})
    try:
        with urllib.request.urlopen(request, timeout=20):
            return True
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def main():
    servers = {"ceph": (ceph, ("ceph-mon", "ceph-osd", "radosgw", "radosgw-admin")),
               "swift": (swift, ("swift-proxy-server", "swift-ring-builder", "memcached"))}
    if len(sys.argv) < 3 or sys.argv[1] not in servers:
        sys.exit(__doc__)
    start, programs = servers[sys.argv[1]]
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        sys.exit(f"not installed: {', '.join(missing)}\n{__doc__}")
    place = Place()
    try:
        url, key, secret = start(place)
        end = time.monotonic() + 120
        while not make_bucket(url, key, secret):
            if time.monotonic() > end:
                sys.exit(f"{sys.argv[1]} does not make a bucket at {url}")
            time.sleep(1)
        environment = {**os.environ, "KTSTR_TEST_S3": f"{url} {key} {secret} {BUCKET}"}
        sys.exit(subprocess.run(sys.argv[2:], env=environment, check=False).returncode)
    finally:
        place.end()


if __name__ == "__main__":
    main()
