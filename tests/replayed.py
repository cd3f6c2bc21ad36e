"""ReplayWeb.page on loopback, for a browser to replay WACZ files with: its scripts, a page that embeds it, files."""

import functools
import http.server
import os
import re
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest

#: Names the folder of the npm package `replaywebpage` (with ui.js and sw.js). In CI REQUIRED forbids the skip.
VARIABLE = "UNION_ARCHIVE_REPLAYWEBPAGE"
REQUIRED = "UNION_ARCHIVE_REPLAY_REQUIRED"

PAGE = """<!doctype html><html><head><meta charset="utf-8"><script src="/ui.js"></script></head>
<body style="margin:0"><replay-web-page style="height:100vh" replayBase="/replay/" source="/archive.wacz"
 url="{url}" ts="{ts}" embed="full"></replay-web-page></body></html>"""


def scripts() -> Path:
    """The folder of the package; skips the test where there is none."""
    return tool(VARIABLE, "ReplayWeb.page", "unpack what `npm pack replaywebpage` gives")


def tool(variable: str, name: str, how: str) -> Path:
    """The folder that a variable names; skips the test where there is none."""
    found = os.environ.get(variable)
    if found and Path(found).is_dir():
        return Path(found)
    message = f"no {name}: {how}, and name its folder with {variable}"
    if os.environ.get(REQUIRED):
        pytest.fail(message)
    pytest.skip(message)


class Files(http.server.BaseHTTPRequestHandler):
    """Answers with files by address, or a range of one, as web servers do for a WACZ file."""

    def __init__(self, files, *rest) -> None:
        self.files = files
        super().__init__(*rest)

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        kind, data = self.files.get(self.path.partition("?")[0], ("text/plain", None))
        if data is None:
            self.send_error(404)
            return
        asked = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", ""))
        whole, status = len(data), 200
        if asked:
            first = int(asked[1]) if asked[1] else max(0, whole - int(asked[2]))
            last = min(int(asked[2]) if asked[1] and asked[2] else whole - 1, whole - 1)
            data, status = data[first : last + 1], 206
        self.send_response(status)
        if asked:
            self.send_header("Content-Range", f"bytes {first}-{last}/{whole}")
        self.send_header("Content-Type", kind)
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(data)

    def log_message(self, *_) -> None:
        """Say nothing."""


@contextmanager
def replaying(package: Path, wacz: Path, url: str, ts: str):
    """The address of a page that replays `url` as it was at `ts` (14 digits) out of a WACZ file."""
    script = "text/javascript"
    files = {
        "/": ("text/html; charset=utf-8", PAGE.format(url=url, ts=ts).encode()),
        "/ui.js": (script, (package / "ui.js").read_bytes()),
        "/replay/ui.js": (script, (package / "ui.js").read_bytes()),
        "/replay/sw.js": (script, (package / "sw.js").read_bytes()),
        "/archive.wacz": ("application/wacz", wacz.read_bytes()),
    }
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Files, files))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
