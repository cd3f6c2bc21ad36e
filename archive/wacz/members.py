"""Records of WARC files as they lie there: gzip members, measured by reading and copied byte for byte."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from archive.members import MAGIC

_CHUNK = 1 << 16
#: Bytes of a record that its header lines are looked for in.
_HEAD = 1 << 16
#: Bytes before a record that the warcinfo of its run is looked for in.
_BEFORE = 1 << 18
#: Records that may follow a response and be of the same exchange: its request, and what the listing said.
_FOLLOWING = 8


class Unreadable(Exception):
    """A WARC file cannot be read on; the message says why. It is never what is written that fails."""


class Source:
    """An open WARC file. Its methods raise Unreadable where the file's would raise OSError."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def at(self, offset: int) -> Source:
        """Go to an offset; returns itself."""
        self._file.seek(offset)
        return self

    def read(self, size: int) -> bytes:
        """Return so many bytes at most, none at the end."""
        try:
            return self._file.read(size)
        except OSError as error:
            raise Unreadable(error.strerror) from error


@dataclass(frozen=True, slots=True)
class Member:
    """A whole gzip member of one WARC record: where it lies (bytes), its digest, and the record's headers.

    `headers` have names in lower case; `sha256` is hexadecimal, of the member as it is stored.
    """

    offset: int
    length: int
    headers: dict[str, str]
    sha256: str

    @property
    def id(self) -> str:
        """WARC-Record-ID; empty where the record has none."""
        return self.headers.get("warc-record-id", "")


def look(file: Source, offset: int) -> Member | None:
    """Return the member at `offset`; None where none begins there, it is damaged or cut, or holds no WARC record."""
    file.at(offset)
    inflater = zlib.decompressobj(31)
    digest, head, length = hashlib.sha256(), bytearray(), 0
    try:
        while not inflater.eof:
            data = pending = file.read(_CHUNK)
            if not data:
                return None
            # What it unpacks to is not kept: no more of it is made than a chunk at a time.
            while pending and not inflater.eof:
                plain = inflater.decompress(pending, _CHUNK)
                head += plain[: _HEAD - len(head)]
                pending = inflater.unconsumed_tail
            used = data[: len(data) - len(inflater.unused_data)]
            digest.update(used)
            length += len(used)
    except zlib.error:
        return None
    headers = _headers(bytes(head))
    return None if headers is None else Member(offset, length, headers, digest.hexdigest())


def following(file: Source, first: Member) -> Iterator[Member]:
    """Yield the members behind a response that are of the same exchange."""
    end = first.offset + first.length
    for _ in range(_FOLLOWING):
        member = look(file, end)
        if member is None:
            return
        # Other programs note the pair at the response.
        if first.id != member.headers.get("warc-concurrent-to") and member.id != first.headers.get(
            "warc-concurrent-to"
        ):
            return
        yield member
        end += member.length


def before(file: Source, offset: int, id_: str) -> Member | None:
    """Return the member with the record id `id_` that lies shortly before `offset`, or None."""
    start = max(0, offset - _BEFORE)
    window = file.at(start).read(offset - start)
    at = window.rfind(MAGIC)
    while at >= 0:
        if id_.encode() in _begin(window[at : at + _HEAD]):
            found = look(file, start + at)
            if found is not None and found.id == id_:
                return found
        at = window.rfind(MAGIC, 0, at)
    return None


def copy(file: Source, member: Member) -> Iterator[bytes]:
    """Yield a member's bytes as they are stored. Raises Unreadable, too where the file has become shorter."""
    file.at(member.offset)
    left = member.length
    while left:
        data = file.read(min(left, _CHUNK))
        if not data:
            raise Unreadable(f"{left} bytes are missing at {member.offset}")
        yield data
        left -= len(data)


def _begin(data: bytes) -> bytes:
    """Return the first bytes that a member unpacks to; none where no member begins."""
    try:
        return zlib.decompressobj(31).decompress(data, 4096)
    except zlib.error:
        return b""


def _headers(head: bytes) -> dict[str, str] | None:
    lines = head.partition(b"\r\n\r\n")[0].decode("utf-8", "replace").split("\r\n")
    if not lines[0].startswith("WARC/"):
        return None
    pairs = (line.partition(":") for line in lines[1:])
    return {name.strip().lower(): value.strip() for name, _, value in pairs}
