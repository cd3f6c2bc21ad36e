"""Codings that a response's headers still name although its body was stored without them, as Common Crawl did."""

from __future__ import annotations

import re
from dataclasses import replace

from archive.payload import HTTPResponse, PayloadError, dechunk, decode_content

_CHUNK_LINE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]*)?\r?\n")
#: A body of more chunks is refused: its framing would take seconds to undo.
MAX_CHUNKS = 100_000
#: What Common Crawl itself puts before such a header since 2018.
_PREFIX = "X-Crawler-"
_TEXT = re.compile(rb"[\s\xef\xbb\xbf]*[<{\[]")


def without_leftovers(http: HTTPResponse) -> HTTPResponse:
    """Return a response whose headers name only codings that its body has; the others get the prefix `X-Crawler-`.

    The body stays as it is, and so does a response whose codings cannot be undone for another reason.
    """
    drop = set()
    body, coding = http.payload, http.header("Content-Encoding")
    if "chunked" in (http.header("Transfer-Encoding") or "").lower() and body:
        if not is_chunked(body):
            drop.add("transfer-encoding")
        elif coding:
            body = dechunk(body)
    if coding and body and not _is_coded(body, coding):
        drop.add("content-encoding")
    if not drop:
        return http
    headers = ((_PREFIX + name if name.lower() in drop else name, value) for name, value in http.headers)
    return replace(http, headers=tuple(headers))


def is_chunked(body: bytes) -> bool:
    """Say whether a body has the framing of chunked transfer coding; it may be cut."""
    return count_chunks(body) > 0


def count_chunks(body: bytes) -> int:
    """Return how many chunks a body has, as far as MAX_CHUNKS + 1; 0 when it has no such framing."""
    at = count = 0
    while at < len(body) and count <= MAX_CHUNKS:
        found = _CHUNK_LINE.match(body, at)
        if not found:
            # A line of a size may be cut at the end, behind a chunk.
            return count if len(body) - at < 20 and b"\n" not in body[at:] else 0
        size = int(found.group(1), 16)
        if size == 0:
            return count + 1
        at = found.end() + size
        if at < len(body):
            ends = body[at : at + 2]
            if not (ends.startswith(b"\n") or ends == b"\r\n" or ends == b"\r"):
                return 0
            at += 2 if ends.startswith(b"\r") else 1
        count += 1
    return count


def _is_coded(body: bytes, coding: str) -> bool:
    """Say whether a body may have this Content-Encoding; only one that plainly lacks it has not."""
    last = coding.split(",")[-1].strip().lower()
    if last in ("gzip", "x-gzip"):
        return body.startswith(b"\x1f\x8b")
    if last not in ("br", "deflate") or not _TEXT.match(body):
        return True
    try:
        decode_content(body, last)
    except PayloadError as error:
        return "more than" in str(error)  # a bomb is coded
    return True
