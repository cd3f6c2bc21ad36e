"""What content is by its first bytes, whatever its name and its Content-Type say."""

from __future__ import annotations

import re

#: Pictures that browsers draw and that carry no script.
_PICTURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
)
_AVIF = (b"avif", b"avis")
#: Where a page of the web begins, after white space and comments (WHATWG MIME Sniffing §7.1).
_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:\s+|<!--.*?-->|<\?xml[^>]*\?>)*<(?:!doctype\s+html|html|head|body|script|style|title|meta|"
    rb"link|base|iframe|frameset|center|div|table|form|font|h[1-6]|br|p|a|b)[\s/>]",
    re.I | re.S,
)
#: Office programs write documents as pages too; they say so in the first lines.
_OFFICE = b"urn:schemas-microsoft-com:office"
_LOOKED_AT = 4096


def raster(content: bytes) -> str | None:
    """Return the type of a picture that a page may show, by its first bytes; None for anything else (SVG too)."""
    for magic, kind in _PICTURES:
        if content.startswith(magic):
            return kind
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if content[4:8] == b"ftyp" and content[8:12] in _AVIF:
        return "image/avif"
    return None


def is_page(content: bytes) -> bool:
    """Say whether content is a page of the web; a document that an office program wrote as one is a file."""
    begin = content[:_LOOKED_AT]
    return _PAGE.match(begin) is not None and _OFFICE not in begin


def is_right(kind: str, content: bytes) -> bool:
    """Say whether content may be what an article names: a picture for an `image`, any file for an `attachment`."""
    if kind == "image":
        return raster(content) is not None
    return bool(content.strip()) and not is_page(content)
