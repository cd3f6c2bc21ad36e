"""What a file is, by its bytes; its name counts only between kinds of plain text."""

from __future__ import annotations

import re

from archive.firstbytes import is_page, raster

_HEADS = (
    (b"Rar!\x1a\x07", "rar"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x1f\x8b", "gzip"),
    (b"{\\rtf", "rtf"),
    (b"II*\x00", "image"),
    (b"MM\x00*", "image"),
    (b"%!PS", "ps"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: Streams of an OLE file that tell what it is, as its directory names them.
_STREAMS = (
    ("EncryptedPackage", "locked"),
    ("WordDocument", "doc"),
    ("PowerPoint Document", "ppt"),
    ("Workbook", "xls"),
    ("Book", "xls"),
    ("HwpSummaryInformation", "hwp"),
)
_SVG = re.compile(rb"(?:\xef\xbb\xbf)?(?:\s+|<!--.*?-->|<\?xml[^>]*\?>|<!DOCTYPE svg[^>]*>)*<svg[\s>]", re.I | re.S)
_ENDING = re.compile(r"\.([A-Za-z0-9]{1,5})(?:[?#].*)?$")
#: What plain text may hold beside letters.
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_LOOKED_AT = 4096

#: Kinds as a person calls them.
NAMES = {
    "pdf": "PDF", "docx": "Word", "doc": "Word 97", "xlsx": "Excel", "xls": "Excel 97", "pptx": "PowerPoint",
    "ppt": "PowerPoint 97", "odt": "OpenDocument text", "ods": "OpenDocument spreadsheet",
    "odp": "OpenDocument presentation", "ofd": "OFD", "hwp": "Hangul", "rtf": "RTF", "zip": "ZIP archive",
    "rar": "RAR archive", "7z": "7z archive", "gzip": "gzip archive", "image": "picture", "ps": "PostScript",
    "html": "page of the web", "csv": "CSV", "txt": "plain text", "locked": "Office file with a password",
}  # fmt: skip


def kind_of(content: bytes, name: str, content_type: str | None = None) -> str:
    """Return what a file is: a key of NAMES, or `unknown`. A ZIP file is `zip` whatever it holds (archive.office)."""
    head = content[:_LOOKED_AT]
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if head.startswith(_OLE):
        return next((kind for stream, kind in _STREAMS if stream.encode("utf-16-le") + b"\0\0" in content), "unknown")
    for begin, kind in _HEADS:
        if head.startswith(begin):
            return kind
    if raster(content) is not None or _SVG.match(head):
        return "image"
    if is_page(content):
        return "html"
    if head.startswith(_MARKS) or (head.strip() and not _BINARY.search(head)):
        is_table = ending(name) == "csv" or "csv" in (content_type or "").lower()
        return "csv" if is_table else "txt"
    return "unknown"


def ending(name: str) -> str:
    """Return the ending of a file's name or address, in lower case, without its dot; empty where it has none."""
    found = _ENDING.search(name.strip())
    return found[1].lower() if found else ""
