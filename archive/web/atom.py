"""Atom feeds (RFC 4287): building one, and answering with it."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from datasette.utils.asgi import Request, Response
from lxml import etree

CONTENT_TYPE = "application/atom+xml; charset=utf-8"
ATOM = "http://www.w3.org/2005/Atom"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
#: Characters that XML 1.0 cannot hold, in whatever way they are written.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def feed(language: str) -> Any:
    """Return an empty feed in a language."""
    return etree.Element(f"{{{ATOM}}}feed", {LANG: language}, nsmap={None: ATOM})


def entry(parent: Any, language: str | None = None) -> Any:
    """Add an entry, in a language of its own where one is given."""
    element = etree.SubElement(parent, f"{{{ATOM}}}entry")
    if language:
        element.set(LANG, clean(language))
    return element


def add(parent: Any, name: str, text: str | None = None, **attributes: str) -> Any:
    """Add an element of Atom; what XML cannot hold is left out."""
    element = etree.SubElement(parent, f"{{{ATOM}}}{name}", {key: clean(value) for key, value in attributes.items()})
    element.text = None if text is None else clean(str(text))
    return element


def clean(text: str) -> str:
    """Return a text without what XML cannot hold."""
    return _FORBIDDEN.sub("", text)


def answer(request: Request, root: Any) -> Response:
    """Answer with a feed, or that the reader has it already: feed readers ask every hour, nearly always in vain."""
    body = etree.tostring(root, encoding="utf-8", xml_declaration=True)
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    held = etag in request.headers.get("if-none-match", "")
    return Response(b"" if held else body, 304 if held else 200, {"etag": etag}, content_type=CONTENT_TYPE)
