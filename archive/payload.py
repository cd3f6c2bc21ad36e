"""From the bytes of an HTTP response, as they crossed the wire, to the content that was meant."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

import brotli

#: Content that unpacks to more is refused: a page of news is kilobytes, a bomb is gigabytes.
MAX_CONTENT = 32 * 2**20
#: A server sends one gzip member, a few at most; many empty ones are another kind of bomb.
MAX_MEMBERS = 100
_DIGITS = re.compile(r"[1-9][0-9]{2}")
_INTERIM = re.compile(rb"HTTP/[0-9.]+ 1(?!01)[0-9]{2}\b")
_HEX = re.compile(rb"[0-9A-Fa-f]{1,15}")


class PayloadError(ValueError):
    """A response cannot be turned into content; the message says which coding failed and how."""


@dataclass(frozen=True, slots=True)
class HTTPResponse:
    """A response taken apart: header lines keep order and case; `payload` is the body as sent, framing included."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    head: bytes
    payload: bytes

    def header(self, name: str) -> str | None:
        """Return the first value of a header, by any case; None when it was not sent."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def content(self, limit: int = MAX_CONTENT) -> bytes:
        """Return the body without chunks and content codings. Raises PayloadError, also beyond `limit` bytes."""
        chunked = "chunked" in (self.header("Transfer-Encoding") or "").lower()
        body = dechunk(self.payload) if chunked else self.payload
        return decode_content(body, self.header("Content-Encoding"), limit)


def parse_response(wire: bytes) -> HTTPResponse:
    """Take a response apart; interim (1xx) responses before it are passed over. Raises PayloadError if it is none."""
    wire = without_interim(wire)
    head, body_at = _head(wire, 0)
    first, *lines = head.replace(b"\r\n", b"\n").split(b"\n")
    status_line = first.decode("latin-1").split(None, 2)
    if len(status_line) < 2 or not first.startswith(b"HTTP/") or not _DIGITS.fullmatch(status_line[1][:3]):
        raise PayloadError(f"no HTTP status line: {first[:60]!r}")
    headers = []
    for line in lines:
        name, colon, value = line.partition(b":")
        if colon:  # as browsers do, a line without a colon is passed over
            # Stripped as bytes: in latin-1, 0x85 and 0xA0 are white space, in UTF-8 they end characters.
            headers.append((name.strip().decode("latin-1"), value.strip().decode("latin-1")))
    reason = status_line[2] if len(status_line) > 2 else ""
    return HTTPResponse(int(status_line[1][:3]), reason, tuple(headers), wire[:body_at], wire[body_at:])


def without_interim(wire: bytes) -> bytes:
    """Return a response without the interim (1xx) ones before it, which are no part of it (RFC 9110 §15.2)."""
    while _INTERIM.match(wire):
        body_at = _head(wire, 0)[1]
        if body_at >= len(wire):
            break
        wire = wire[body_at:]
    return wire


def _head(wire: bytes, start: int) -> tuple[bytes, int]:
    """Return the header block from `start` and the offset of what follows; servers end lines with CRLF or LF."""
    ends = [(at, len(mark)) for mark in (b"\r\n\r\n", b"\n\n") if (at := wire.find(mark, start)) >= 0]
    if not ends:
        return wire[start:], len(wire)
    at, length = min(ends)
    return wire[start:at], at + length


def dechunk(body: bytes) -> bytes:
    """Undo chunked transfer coding (RFC 9112 §7.1). What follows a cut is missing, as it was on the wire."""
    out, at = bytearray(), 0
    while at < len(body):
        line_end = body.find(b"\n", at)
        if line_end < 0:
            break
        size_text = body[at:line_end].split(b";")[0].strip()
        if not _HEX.fullmatch(size_text):
            raise PayloadError(f"chunk size {size_text[:20]!r} is no number")
        size = int(size_text, 16)
        if size == 0:
            break
        out += body[line_end + 1 : line_end + 1 + size]
        at = line_end + 1 + size
        at = body.find(b"\n", at) + 1 or len(body)
    return bytes(out)


def decode_content(body: bytes, coding: str | None, limit: int = MAX_CONTENT) -> bytes:
    """Undo Content-Encoding: gzip, deflate, br, in the order they were applied.

    Raises PayloadError for a coding we do not know, broken or cut data, or more than `limit` bytes.
    """
    for name in reversed([part.strip().lower() for part in (coding or "").split(",")]):
        if name in ("", "identity") or not body:
            continue
        if name in ("gzip", "x-gzip", "deflate"):
            body = _inflate(body, name, limit)
        elif name == "br":
            body = _unbrotli(body, limit)
        else:
            raise PayloadError(f"Content-Encoding {name!r} is not known")
    if len(body) > limit:
        raise PayloadError(f"content is over {limit} bytes")
    return body


def _inflate(body: bytes, name: str, limit: int) -> bytes:
    # Servers send "deflate" with and without the zlib header (RFC 9110 §8.4.1.2 notes both).
    raw_deflate = name == "deflate" and (body[0] & 0x0F != 8 or int.from_bytes(body[:2], "big") % 31 != 0)
    out = bytearray()
    for _ in range(MAX_MEMBERS):
        if not body:
            break
        inflater = zlib.decompressobj(-15 if raw_deflate else 47)
        try:
            out += inflater.decompress(body, limit + 1 - len(out))
        except zlib.error as error:
            if out:
                break  # padding after the last gzip member
            raise PayloadError(f"Content-Encoding {name}: broken data ({error})") from error
        if len(out) > limit:
            raise PayloadError(f"Content-Encoding {name}: unpacks to more than {limit} bytes")
        if not inflater.eof:
            raise PayloadError(f"Content-Encoding {name}: the data is cut short")
        body = inflater.unused_data
    return bytes(out)


def _unbrotli(body: bytes, limit: int) -> bytes:
    decoder = brotli.Decompressor()
    out = bytearray()
    try:
        out += decoder.process(body, output_buffer_limit=limit + 1)
        while not decoder.is_finished() and len(out) <= limit:
            more = decoder.process(b"", output_buffer_limit=limit + 1 - len(out))
            if not more:
                break
            out += more
    except brotli.error as error:
        raise PayloadError(f"Content-Encoding br: broken data ({error})") from error
    if len(out) > limit:
        raise PayloadError(f"Content-Encoding br: unpacks to more than {limit} bytes")
    if not decoder.is_finished():
        raise PayloadError("Content-Encoding br: the data is cut short")
    return bytes(out)
