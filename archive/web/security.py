"""Headers that hold a browser to what the archive's pages need: no script but Datasette's own, no other site."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable, MutableMapping
from importlib.resources import files
from typing import Any

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Callable[[], Awaitable[Message]], Send], Awaitable[None]]

#: Datasette's templates that carry a script in the page; each is allowed by its digest, nothing else is.
_INLINE = ("_close_open_menus.html", "_codemirror_foot.html", "table.html")
_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def inline_digests() -> list[str]:
    """Return the CSP sources of Datasette's inline scripts, of the version that is installed."""
    templates = files("datasette") / "templates"
    scripts = [script for name in _INLINE for script in _SCRIPT.findall((templates / name).read_text(encoding="utf-8"))]
    filled = [script.replace("{{ datasette_allow_facet }}", "true") for script in scripts]
    return [f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'" for s in filled]


def policy() -> str:
    """Return the Content-Security-Policy (styles are inline all over Datasette)."""
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src 'self' {' '.join(inline_digests())}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ]
    )


def wrapper() -> Callable[[App], App]:
    """Return an ASGI middleware that adds the headers to every response."""
    headers = [
        (b"content-security-policy", policy().encode("ascii")),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
    ]

    def wrap(app: App) -> App:
        async def wrapped(scope: Message, receive: Callable[[], Awaitable[Message]], send: Send) -> None:
            async def send_with_headers(message: Message) -> None:
                if message["type"] == "http.response.start":
                    names = {name for name, _ in headers}
                    kept = [pair for pair in message.get("headers", []) if pair[0].lower() not in names]
                    message = {**message, "headers": kept + headers}
                await send(message)

            await app(scope, receive, send_with_headers)

        return wrapped

    return wrap
