"""One capture cut out of its WARC file: the gzip members of its records, byte for byte as they are stored."""

from __future__ import annotations

import io
import zlib
from pathlib import Path
from typing import BinaryIO

from fastwarc.warc import ArchiveIterator

from archive.errors import ArchiveError
from archive.warc import StoredRecord, place

#: Bytes of an excerpt; more is to be taken from the archive's files.
MAX_BYTES = 64 * 2**20
#: Records that may follow a response and be of the same exchange: its request, and what the listing said.
MAX_FOLLOWING = 4
#: Bytes that a member's header lines are looked for in.
_HEAD = 1 << 16
_CHUNK = 1 << 16


def excerpt(directory: Path, name: str, offset: int, record_id: str) -> bytes:
    """Return the record at `offset` of the archive's file `name`, and the records after it that belong to it.

    It is a WARC file by itself. Raises ArchiveError when the file is missing, the record another, cut or too long.
    """
    path, offset = place(directory, name, offset)
    try:
        with path.open("rb") as file:
            first = _member(file, offset, MAX_BYTES)
            if first is None or _headers(first).get("WARC-Record-ID") != record_id:
                raise ArchiveError(f"{path}: no record {record_id} at {offset}; put the file back from a copy")
            parts, size = [first], len(first)
            for _ in range(MAX_FOLLOWING):
                following = _member(file, offset + size, MAX_BYTES - size)
                if following is None or _headers(following).get("WARC-Concurrent-To") != record_id:
                    break
                parts.append(following)
                size += len(following)
    except OSError as error:
        raise ArchiveError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error
    return b"".join(parts)


def _member(file: BinaryIO, offset: int, limit: int) -> bytes | None:
    """Return the whole gzip member at `offset`; None where there is none, it is cut, or longer than `limit` bytes."""
    file.seek(offset)
    inflater = zlib.decompressobj(31)
    read = bytearray()
    while not inflater.eof:
        data = file.read(_CHUNK)
        if not data or len(read) > limit:
            return None
        read += data
        try:
            # What it unpacks to is not kept: no more of it is made than a chunk at a time.
            pending = data
            while pending and not inflater.eof:
                inflater.decompress(pending, _CHUNK)
                pending = inflater.unconsumed_tail
        except zlib.error:
            return None
    return bytes(read[: len(read) - len(inflater.unused_data)])


def _headers(member: bytes) -> dict[str, str]:
    """Return the WARC headers of a member, empty where it holds no record."""
    plain = zlib.decompressobj(31).decompress(member, _HEAD)
    for record in ArchiveIterator(io.BytesIO(plain), parse_http=False):
        return StoredRecord(dict(record.headers.items()), b"", 0).headers
    return {}
