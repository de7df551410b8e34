#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""s3_server.py DIRECTORY URL_FILE [PORT]: as much of S3 as a store needs, on this machine, with what goes wrong in life.

Objects lie in DIRECTORY/objects/BUCKET, so the server can be killed and started again. Signatures (version 4) and payload hashes are
verified with python's own hashlib and hmac. Beside it, below /latest, /creds and /sts, what gives credentials: IMDSv2, a container, STS.
DIRECTORY/faults says what goes wrong: lines "METHOD WORD FAULT COUNT"; the next COUNT requests of that method (or *) whose URL contains WORD
(or *) end so: a status (500, 503, 409, 403), lose (done, and the connection closed without an answer), hang (no answer),
plain (without If-None-Match: 501), truncate (half of the body), garble (no XML).
DIRECTORY/requests gets a line for each request: METHOD STATUS PATH.
"""
import datetime
import hashlib
import hmac
import http.server
import json
import os
import pathlib
import sys
import tempfile
import threading
import time
import urllib.parse
import xml.sax.saxutils

KEYS = {"ktstrkey": "ktstr/secret+0123456789", "role": "of-a-role/0123456789"}
TOKENS = {"role": "session-token-0123456789"}
PAGE = 7  # objects of one answer, so that everybody who lists has to go on
LOCK = threading.Lock()


def digest(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    root = pathlib.Path()

    def note(self, status):
        with LOCK, open(self.root / "requests", "a", encoding="utf-8") as file:
            file.write(f"{self.command} {status} {self.path}\n")

    def answer(self, status, body=b"", headers=()):
        self.note(status)
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body[: len(body) // 2] if self.fault == "truncate" else body)
        if self.fault == "truncate":
            self.close_connection = True

    def error(self, status, code, message="no"):
        if self.fault == "garble":
            return self.answer(status, b"<<<>>>\x00\x1b[2J")
        self.answer(status, f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{message}</Message></Error>".encode())

    def take_fault(self):
        with LOCK:
            try:
                lines = [line.split() for line in (self.root / "faults").read_text(encoding="utf-8").splitlines() if line.strip()]
            except FileNotFoundError:
                return ""
            for line in lines:
                method, word, fault, count = line
                if method not in ("*", self.command) or (word != "*" and word not in self.path) or int(count) == 0:
                    continue
                if fault == "plain" and "If-None-Match" not in self.headers:
                    continue
                line[3] = str(int(count) - 1)
                new = self.root / "faults.new"
                new.write_text("".join(" ".join(one) + "\n" for one in lines), encoding="utf-8")
                os.rename(new, self.root / "faults")
                return fault
        return ""

    def signed(self, body):
        """Why the request is not who it says it is; empty: it is."""
        header = self.headers.get("Authorization", "")
        if not header.startswith("AWS4-HMAC-SHA256 "):
            return "AccessDenied"
        fields = dict(part.strip().split("=", 1) for part in header[len("AWS4-HMAC-SHA256 "):].split(","))
        key, *scope = fields["Credential"].split("/")
        if key not in KEYS:
            return "InvalidAccessKeyId"
        if key in TOKENS and self.headers.get("x-amz-security-token") != TOKENS[key]:
            return "InvalidToken"
        if self.headers["x-amz-content-sha256"] != hashlib.sha256(body).hexdigest():
            return "XAmzContentSHA256Mismatch"
        date = datetime.datetime.strptime(self.headers["x-amz-date"], "%Y%m%dT%H%M%SZ")
        if abs((datetime.datetime.utcnow() - date).total_seconds()) > 900:
            return "RequestTimeTooSkewed"
        path, _, query = self.path.partition("?")
        pairs = sorted(pair.partition("=")[::2] for pair in query.split("&") if pair)
        names = fields["SignedHeaders"].split(";")
        for needed in ("host", "x-amz-content-sha256", "x-amz-date"):
            if needed not in names:
                return "AccessDenied"
        lines = "".join(f"{name}:{' '.join(self.headers[name].split())}\n" for name in names)
        encode = lambda text, safe="": urllib.parse.quote(urllib.parse.unquote(text), safe=safe + "-._~")
        canonical = "\n".join([self.command, encode(path, "/"), "&".join(f"{encode(k)}={encode(v)}" for k, v in pairs), lines,
                               ";".join(names), self.headers["x-amz-content-sha256"]])
        text = "\n".join(["AWS4-HMAC-SHA256", self.headers["x-amz-date"], "/".join(scope), hashlib.sha256(canonical.encode()).hexdigest()])
        signing = ("AWS4" + KEYS[key]).encode()
        for part in scope:
            signing = digest(signing, part)
        return "" if hmac.compare_digest(digest(signing, text).hex(), fields["Signature"]) else "SignatureDoesNotMatch"

    def credentials(self):
        """What IMDSv2, a container and STS say; true when it was one of them."""
        soon = (datetime.datetime.utcnow() + datetime.timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        keys = {"AccessKeyId": "role", "SecretAccessKey": KEYS["role"], "Token": TOKENS["role"], "Expiration": soon}
        if self.path == "/latest/api/token" and self.command == "PUT":
            self.answer(200, b"imds-token") if "X-aws-ec2-metadata-token-ttl-seconds" in self.headers else self.answer(400)
        elif self.path.startswith("/latest/"):
            if self.headers.get("X-aws-ec2-metadata-token") != "imds-token":
                self.answer(401)
            elif self.path.endswith("/security-credentials/"):
                self.answer(200, b"ci-role\n")
            else:
                self.answer(200, json.dumps({"Code": "Success", **keys}).encode())
        elif self.path == "/creds":
            self.answer(200, json.dumps(keys).encode()) if self.headers.get("Authorization") == "container-token" else self.answer(403)
        elif self.path.startswith("/sts"):
            form = urllib.parse.parse_qs(self.body.decode())
            fine = form.get("WebIdentityToken") == ["web-identity-token"] and form.get("RoleArn") == ["arn:aws:iam::1:role/ci"]
            text = ("<AssumeRoleWithWebIdentityResponse xmlns='https://sts.amazonaws.com/doc/2011-06-15/'><AssumeRoleWithWebIdentityResult><Credentials>"
                   f"<SessionToken>{keys['Token']}</SessionToken><SecretAccessKey>{keys['SecretAccessKey']}</SecretAccessKey>"
                   f"<Expiration>{soon}</Expiration><AccessKeyId>role</AccessKeyId></Credentials>"
                   "</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>")
            self.answer(200, text.encode()) if fine else self.error(403, "AccessDenied")
        else:
            return False
        return True

    def handle_any(self):
        self.fault = ""
        self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.credentials():
            return None
        self.fault = self.take_fault()
        if self.fault == "hang":
            time.sleep(30)
            self.close_connection = True
            return None
        if self.fault == "plain":
            return self.error(501, "NotImplemented", "A header you provided implies functionality that is not implemented")
        if self.fault.isdigit():
            code = {"409": "ConditionalRequestConflict", "403": "AccessDenied", "503": "SlowDown"}.get(self.fault, "InternalError")
            return self.error(int(self.fault), code)
        why = self.signed(self.body)
        if why:
            return self.error(400 if "Mismatch" in why and "Signature" not in why else 403, why)
        path, _, query = self.path.partition("?")
        bucket, _, key = urllib.parse.unquote(path).lstrip("/").partition("/")
        place = self.root / "objects" / bucket
        if not place.is_dir():
            return self.error(404, "NoSuchBucket")
        if not key:
            return self.list(place, dict(urllib.parse.parse_qsl(query, keep_blank_values=True)))
        return getattr(self, "object_" + self.command)(place / urllib.parse.quote(key, safe=""))

    do_GET = do_PUT = do_DELETE = do_POST = do_HEAD = handle_any

    def list(self, place, query):
        prefix, token = query.get("prefix", ""), query.get("continuation-token", "")
        keys = sorted(urllib.parse.unquote(entry.name) for entry in place.iterdir() if not entry.name.startswith(".new-"))
        keys = [key for key in keys if key.startswith(prefix) and key > token]
        page = keys[:PAGE]
        page_text = "<?xml version='1.0' encoding='UTF-8'?><ListBucketResult xmlns='http://s3.amazonaws.com/doc/2006-03-01/'>"
        if len(keys) > PAGE:
            page_text += f"<IsTruncated>true</IsTruncated><NextContinuationToken>{xml_text(page[-1])}</NextContinuationToken>"
        for key in page:
            try:
                file = place / urllib.parse.quote(key, safe="")
                stat, body = file.stat(), file.read_bytes().partition(b"\n")[2]
            except FileNotFoundError:
                continue
            when = datetime.datetime.utcfromtimestamp(stat.st_mtime).strftime("%Y-%m-%dT%H:%M:%S.000Z")
            shown = urllib.parse.quote(key, safe="/") if query.get("encoding-type") == "url" else xml_text(key)
            page_text += (f"<Contents><Key>{shown}</Key><LastModified>{when}</LastModified><ETag>&quot;{hashlib.md5(body).hexdigest()}&quot;</ETag>"
                    f"<Size>{len(body)}</Size></Contents>")
        if self.fault == "garble":
            page_text = "<ListBucketResult><Contents><Key>&xxe;</Key>"
        self.answer(200, (page_text + "</ListBucketResult>").encode())

    def object_GET(self, place):
        try:
            head, _, body = place.read_bytes().partition(b"\n")
        except FileNotFoundError:
            return self.error(404, "NoSuchKey")
        meta = [("x-amz-meta-ktstr-sha256", head.decode())] if head else []
        return self.answer(200, body, [("ETag", f'"{hashlib.md5(body).hexdigest()}"'), *meta])

    object_HEAD = object_GET

    def object_PUT(self, place):
        """Whole or not at all, and with If-None-Match of two writers one wins."""
        with tempfile.NamedTemporaryFile(dir=place.parent, prefix=".new-", delete=False) as file:
            file.write(self.headers.get("x-amz-meta-ktstr-sha256", "").encode() + b"\n" + self.body)
            file.flush()
            os.fsync(file.fileno())
        try:
            if self.headers.get("If-None-Match") == "*":
                os.link(file.name, place)
                os.unlink(file.name)
            else:
                os.replace(file.name, place)
        except FileExistsError:
            os.unlink(file.name)
            return self.error(412, "PreconditionFailed")
        if self.fault == "lose":
            self.note(0)
            self.close_connection = True
            return None
        return self.answer(200, b"", [("ETag", f'"{hashlib.md5(self.body).hexdigest()}"')])

    def object_DELETE(self, place):
        place.unlink(missing_ok=True)
        return self.answer(204)

    def log_message(self, *_):
        pass


def xml_text(text):
    return xml.sax.saxutils.escape(text)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    Handler.root = pathlib.Path(sys.argv[1])
    (Handler.root / "objects/runs-of-ci").mkdir(parents=True, exist_ok=True)
    server = Server(("127.0.0.1", int(sys.argv[3]) if len(sys.argv) == 4 else 0), Handler)
    url = f"http://127.0.0.1:{server.server_port}"
    pathlib.Path(sys.argv[2] + ".new").write_text(url, encoding="utf-8")
    os.rename(sys.argv[2] + ".new", sys.argv[2])
    print(url, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
