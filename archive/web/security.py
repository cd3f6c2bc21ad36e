"""Headers that hold a browser to what the archive's pages need, methods that only read, and debug pages closed."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable, MutableMapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from datasette.utils.asgi import NotFound, Request

if TYPE_CHECKING:
    from datasette.app import Datasette

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

#: Nothing is written through the web.
METHODS = ("GET", "HEAD")

_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_CSP = b"content-security-policy"
#: Sent with every answer. Whoever embeds, opens or is told of a page learns nothing of its reader.
HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"),
)


@cache
def inline_digests() -> tuple[str, ...]:
    """Return the CSP sources of Datasette's inline scripts, of the version that is installed.

    A script that a template fills in differs from page to page: it stays forbidden, but for the one flag of table.html.
    """
    found: dict[str, None] = {}
    for template in sorted((files("datasette") / "templates").iterdir(), key=lambda path: path.name):
        if not template.name.endswith(".html"):
            continue
        for script in _SCRIPT.findall(template.read_text(encoding="utf-8")):
            filled = script.replace("{{ datasette_allow_facet }}", "true")
            if "{{" not in filled and "{%" not in filled:
                found[f"'sha256-{base64.b64encode(hashlib.sha256(filled.encode()).digest()).decode()}'"] = None
    return tuple(found)


def policy(*, inline_styles: bool) -> str:
    """Return the Content-Security-Policy of a page; Datasette's own need styles in their elements, ours do not."""
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src 'self' {' '.join(inline_digests())}",
            "style-src 'self' 'unsafe-inline'" if inline_styles else "style-src 'self'",
            "img-src 'self' data:",
            "connect-src 'self'",
            "frame-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ]
    )


#: What `default-src` does not cover, and must therefore be said by a policy that stands alone.
_UNCOVERED = ("base-uri", "form-action", "frame-ancestors")


def is_strict(own: str) -> bool:
    """Say whether an answer's own policy stands alone: no script, nothing from elsewhere, no form, no foreign frame."""
    directives = dict[str, list[str]]()
    for directive in own.split(";"):
        name, *sources = directive.split() or [""]
        directives.setdefault(name.lower(), sources)
    if directives.get("default-src") != ["'none'"] or any(name not in directives for name in _UNCOVERED):
        return False
    sandbox = directives.pop("sandbox", [])
    if "allow-scripts" in sandbox or directives.get("script-src", ["'none'"]) != ["'none'"]:
        return False
    local = {"'none'", "'self'", "'unsafe-inline'", "data:"}
    return all(source in local for sources in directives.values() for source in sources)


def path_of(scope: Message, datasette: Datasette) -> str:
    """Return the path that Datasette finds a page by: as it was sent, without the base address."""
    raw = scope.get("raw_path") or scope["path"].encode()
    path = str(raw.decode("latin-1").partition("?")[0])
    base = str(datasette.setting("base_url"))
    return "/" + path[len(base) :] if base != "/" and path.startswith(base) else path


def of_database(path: str, datasette: Datasette) -> bool:
    """Say whether a path is one of Datasette's own pages: of a database, its tables, rows and queries."""
    first = path.removeprefix("/").partition("/")[0].partition(".")[0]
    return any(first == db.route for db in datasette.databases.values())


def wrapper(datasette: Datasette) -> Callable[[App], App]:
    """Return an ASGI middleware that adds the headers to every answer and refuses to write (405)."""

    def wrap(app: App) -> App:
        async def wrapped(scope: Message, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            ours = policy(inline_styles=of_database(path_of(scope, datasette), datasette)).encode("ascii")

            async def send_with_headers(message: Message) -> None:
                if message["type"] == "http.response.start":
                    message = {**message, "headers": _headers(message.get("headers", []), ours)}
                await send(message)

            if scope["method"] in METHODS:
                await app(scope, receive, send_with_headers)
            else:
                await _refuse(scope["method"], send_with_headers)

        return wrapped

    return wrap


def _headers(sent: list[tuple[bytes, bytes]], ours: bytes) -> list[tuple[bytes, bytes]]:
    """Return the headers of an answer. Two policies are both in force: together they allow less than either."""
    names = {name for name, _ in HEADERS}
    own = [value for name, value in sent if name.lower() == _CSP]
    kept = [(name, value) for name, value in sent if name.lower() not in names]
    alone = bool(own) and all(is_strict(value.decode("latin-1")) for value in own)
    return [*kept, *([] if alone else [(_CSP, ours)]), *HEADERS]


async def _refuse(method: str, send: Send) -> None:
    allowed = ", ".join(METHODS).encode()
    body = f"{method}: this archive is only read; ask with GET\n".encode("ascii", "replace")
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"allow", allowed)]
    await send({"type": "http.response.start", "status": 405, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def closed(request: Request) -> None:
    """Answer 404 in place of what Datasette tells of itself: versions, settings, plugins, threads, permissions …"""
    raise NotFound("There is no such page here")


#: Plugins' routes come before Datasette's.
ROUTES = [(r"^/-(?:$|\.|/(?!static/|static-plugins/))", closed)]
