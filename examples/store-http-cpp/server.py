#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""server.py DIRECTORY [URL_FILE]: the other side of the HTTP store, for trying it out and for its test. Serves this machine only.

GET    /PATH/   the directories and files below it, one a line: NAME/ or NAME, bytes, nanoseconds since 1970; tabs between
GET    /PATH    the bytes of a file
PUT    /PATH    makes (201) or replaces (204) a file, whole or not at all; with If-None-Match: * it only makes one, and is 412 when there is one
DELETE /PATH    removes a file; DELETE /PATH/ a directory with all that is in it
"""
import http.server
import os
import pathlib
import shutil
import sys
import tempfile
import urllib.parse


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    root = pathlib.Path()

    def answer(self, status, body=b""):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def place(self):
        """The file that the request names; None when it would lie elsewhere."""
        parts = [part for part in urllib.parse.unquote(self.path).split("/") if part]
        if any(part in (".", "..") or "\0" in part for part in parts):
            return None
        return self.root.joinpath(*parts)

    def do_GET(self):
        place = self.place()
        if place is None or not place.exists() or place.is_dir() != self.path.endswith("/"):
            return self.answer(404)
        if place.is_file():
            return self.answer(200, place.read_bytes())
        rows = []
        for entry in sorted(place.iterdir()):
            stat = entry.stat()
            rows.append(f"{entry.name}{'/' if entry.is_dir() else ''}\t{stat.st_size}\t{stat.st_mtime_ns}\n")
        return self.answer(200, "".join(rows).encode())

    def do_PUT(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        place = self.place()
        if place is None or self.path.endswith("/"):
            return self.answer(400)
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self.root, prefix=".new-", delete=False) as file:
            file.write(body)
        try:
            os.link(file.name, place)  # fails when there is one, so of two writers one wins
        except FileExistsError:
            if self.headers.get("If-None-Match") == "*":
                return self.answer(412)
            os.replace(file.name, place)
            return self.answer(204)
        finally:
            pathlib.Path(file.name).unlink(missing_ok=True)
        return self.answer(201)

    def do_DELETE(self):
        place = self.place()
        if place is None or place == self.root or not place.exists() or place.is_dir() != self.path.endswith("/"):
            return self.answer(404)
        if place.is_dir():
            shutil.rmtree(place)
        else:
            place.unlink()
        return self.answer(204)

    def log_message(self, *_):
        pass


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    Handler.root = pathlib.Path(sys.argv[1])
    Handler.root.mkdir(parents=True, exist_ok=True)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    url = f"http://127.0.0.1:{server.server_port}"
    if len(sys.argv) == 3:
        pathlib.Path(sys.argv[2] + ".new").write_text(url)
        os.rename(sys.argv[2] + ".new", sys.argv[2])
    print(url, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
