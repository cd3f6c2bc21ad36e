"""The index of a WACZ file: one line a capture (CDXJ), in blocks that are packed by themselves (ZipNum)."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Sequence
from typing import IO

from zlib_ng import zlib_ng

from archive.wacz.members import Member
from archive.wacz.surt import surt

DATA, BLOCKS = "index.cdx.gz", "index.idx"
#: Lines of a block, as other writers have it.
_LINES = 1024
_DIGITS = 14


def stamp(date: str) -> str:
    """Return a WARC-Date as `20250301010000`."""
    return "".join(filter(str.isdigit, date))[:_DIGITS].ljust(_DIGITS, "0")


def line(row: sqlite3.Row, member: Member, filename: str, offset: int) -> bytes:
    """Return the line of a capture whose record lies at `offset` of `filename` in `archive/`."""
    url = member.headers["warc-target-uri"].strip("<>")
    revisit = member.headers.get("warc-type") == "revisit"
    mime = str(row["content_type"] or "").partition(";")[0].strip().lower()
    said = {
        "url": url,
        "mime": "warc/revisit" if revisit else mime or "unk",
        "status": str(row["status"]),
        "digest": member.headers.get("warc-payload-digest") or row["digest"],
        "length": str(member.length),
        "offset": str(offset),
        "filename": filename,
        "recordDigest": f"sha256:{member.sha256}",
    }
    return f"{surt(url)} {stamp(member.headers['warc-date'])} {json.dumps(said, ensure_ascii=True)}\n".encode()


def write(lines: Sequence[bytes], data: IO[bytes], blocks: IO[bytes]) -> None:
    """Write sorted lines to `data`, and where each block of them begins to `blocks`."""
    blocks.write(_meta())
    offset = 0
    for first in range(0, len(lines), _LINES):
        packed = zlib_ng.compress(b"".join(lines[first : first + _LINES]), wbits=31)
        where = {"offset": offset, "length": len(packed), "digest": f"sha256:{hashlib.sha256(packed).hexdigest()}"}
        prefix = b" ".join(lines[first].split(b" ", 2)[:2])
        blocks.write(prefix + b" " + json.dumps(where).encode() + b"\n")
        data.write(packed)
        offset += len(packed)
    if not lines:  # still a gzip file
        data.write(zlib_ng.compress(b"", wbits=31))


def _meta() -> bytes:
    return b"!meta 0 " + json.dumps({"format": "cdxj-gzip-1.0", "filename": DATA}).encode() + b"\n"
