"""Reading a WARC file strictly, record by record: what does not parse is named by its offset and stepped over."""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from archive.payload import PayloadError, dechunk
from archive.warc import StoredRecord

MAGIC = b"\x1f\x8b\x08"
#: A page's record is some ten kilobytes; what is read beyond it is read again.
_CHUNK = 1 << 16
_PROBE = 4096
#: No record of a news page unpacks to more.
MAX_RECORD = 1 << 30


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at an offset. `torn`: the file ends inside the record, as it does while it is being written."""

    offset: int
    what: str
    torn: bool = False


class _Unreadable(Exception):
    """A gzip member holds no sound record."""

    def __init__(self, what: str, *, torn: bool = False) -> None:
        super().__init__(what)
        self.torn = torn


def walk(file: BinaryIO) -> Iterator[tuple[StoredRecord | Fault, int]]:
    """Yield every record of a `.warc.gz` file, or the fault found in its place, and the bytes stepped over.

    A record is one gzip member (WARC/1.1 annex D). After a fault the walk goes on at the next record found.
    """
    offset = 0
    while True:
        file.seek(offset)
        if not file.read(1):
            return
        found: StoredRecord | Fault
        try:
            raw, end = _member(file, offset)
            found = _record(raw, offset)
        except _Unreadable as error:
            found = Fault(offset, str(error), error.torn)
            end = _next_record(file, offset + 1)
        yield found, end - offset
        offset = end


def _member(file: BinaryIO, offset: int) -> tuple[bytes, int]:
    """Return the content of the gzip member at `offset` and the offset behind it."""
    file.seek(offset)
    inflater = zlib.decompressobj(31)
    out = bytearray()
    position = offset
    while data := file.read(_CHUNK):
        try:
            out += inflater.decompress(data)
        except zlib.error as error:
            raise _Unreadable(f"the gzip member is damaged ({error})") from error
        if len(out) > MAX_RECORD:
            raise _Unreadable(f"the gzip member unpacks to more than {MAX_RECORD:,} bytes")
        position += len(data)
        if inflater.eof:
            return bytes(out), position - len(inflater.unused_data)
    raise _Unreadable("the file ends inside a record", torn=True)


def _record(raw: bytes, offset: int) -> StoredRecord:
    """Take the one record of a member apart (WARC/1.1 §4)."""
    head, gap, rest = raw.partition(b"\r\n\r\n")
    lines = head.decode("utf-8", "replace").split("\r\n")
    if not gap or not lines[0].startswith("WARC/1."):
        raise _Unreadable("no WARC record begins there")
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers[name.strip()] = value.strip()
    length = headers.get("Content-Length", "")
    if not length.isascii() or not length.isdigit():
        raise _Unreadable(f"the record's Content-Length is {length!r}")
    block, tail = rest[: int(length)], rest[int(length) :]
    if tail != b"\r\n\r\n":
        raise _Unreadable(f"the record is {len(rest) - 4} bytes long where its Content-Length says {length}")
    return StoredRecord(headers, block, offset)


def _next_record(file: BinaryIO, offset: int) -> int:
    """Return the offset of the next gzip member that begins like a WARC record, or of the file's end."""
    while True:
        file.seek(offset)
        data = file.read(_CHUNK + _PROBE)
        is_last = len(data) < _CHUNK + _PROBE
        at = data.find(MAGIC)
        while 0 <= at < (len(data) if is_last else _CHUNK):
            if _begins_record(data[at : at + _PROBE]):
                return offset + at
            at = data.find(MAGIC, at + 1)
        if is_last:
            return offset + len(data)
        offset += _CHUNK


def _begins_record(data: bytes) -> bool:
    try:
        return zlib.decompressobj(31).decompress(data, 8).startswith(b"WARC/1.")
    except zlib.error:
        return False


def digest_fits(labelled: str, data: bytes) -> bool:
    """Say whether `algorithm:value` (base32 or hexadecimal) is the digest of `data`.

    Raises ValueError for an algorithm or a value that cannot be read.
    """
    algorithm, _, value = labelled.partition(":")
    try:
        actual = hashlib.new(algorithm.lower().replace("-", ""), data, usedforsecurity=False)
    except ValueError as error:
        raise ValueError(f"digest algorithm {algorithm!r} is not known") from error
    if not actual.digest_size:
        raise ValueError(f"digest algorithm {algorithm!r} has no length of its own")
    if len(value) == 2 * actual.digest_size:
        return actual.hexdigest() == value.lower()
    return _base32(value, labelled) == actual.digest()


#: From the digits of base32 (RFC 4648 §6) to those that `int` knows: ten times as fast as base64.b32decode.
_DIGITS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789ABCDEFGHIJKLMNOPQRSTUV")
_BASE32 = re.compile("[A-Z2-7]+")


def _base32(value: str, labelled: str) -> bytes:
    """Decode base32, with or without its padding. Raises ValueError, naming the whole digest."""
    digits = value.upper().rstrip("=")
    if not _BASE32.fullmatch(digits):
        raise ValueError(f"digest {labelled!r} is neither base32 nor hexadecimal")
    bits = 5 * len(digits)
    return (int(digits.translate(_DIGITS), 32) >> bits % 8).to_bytes(bits // 8, "big")


def record_faults(record: StoredRecord) -> list[str]:
    """Return what is wrong with a record in itself: digests that do not hold, a response that is none."""
    faults = []
    try:
        block_digest = record.headers.get("WARC-Block-Digest")
        if block_digest and not digest_fits(block_digest, record.block):
            faults.append("its block digest does not hold")
        label = record.headers.get("WARC-Payload-Digest")
        if label and record.type == "response" and not payload_fits(record, label):
            faults.append("its payload digest does not hold")
    except (ValueError, PayloadError) as error:
        faults.append(str(error))
    return faults


def payload_fits(record: StoredRecord, labelled: str) -> bool:
    """Say whether a response's payload has this digest. Raises ValueError (PayloadError when it holds no HTTP).

    Writers disagree whether the transfer coding belongs to the payload (WARC/1.1 §5.9): both readings are right.
    """
    if not record.headers.get("Content-Type", "").startswith("application/http"):
        return digest_fits(labelled, record.block)
    http = record.http
    if digest_fits(labelled, http.payload):
        return True
    chunked = "chunked" in (http.header("Transfer-Encoding") or "").lower()
    return chunked and digest_fits(labelled, dechunk(http.payload))
