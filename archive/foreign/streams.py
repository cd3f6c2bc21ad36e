"""Bytes of a file as records need them: a stretch of a file, one gzip member, and where the next record begins."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO

from zlib_ng import zlib_ng

from archive.foreign.model import Unfit

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

CHUNK = 1 << 16
GZIP_MAGIC = b"\x1f\x8b\x08"
#: Flags that exist, and a system that was ever given a number (RFC 1952).
_GZIP_HEADER = re.compile(rb"\x1f\x8b\x08[\x00-\x1f].{5}[\x00-\x14\xff]", re.DOTALL)
#: A line that begins a record lies within this many bytes.
_PROBE = 1 << 13
#: Bytes unpacked at a time to see what a member is, so that damage behind them does not matter; and how many at most.
_PIECE, _FIRST = 64, 4096


class Stretch(io.RawIOBase):
    """The bytes `start` to `start + length` of a file, as a file of their own."""

    def __init__(self, path: Path, start: int, length: int) -> None:
        self._file = path.open("rb", buffering=0)
        self._start, self._length, self._at = start, length, 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move to `offset` from the beginning (0), from here (1) or from the end (2)."""
        self._at = max(0, offset + (0, self._at, self._length)[whence])
        return self._at

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill `buffer` as far as there are bytes."""
        view = memoryview(buffer).cast("B")
        room = max(0, min(len(view), self._length - self._at))
        self._file.seek(self._start + self._at)
        count = self._file.readinto(view[:room]) or 0
        self._at += count
        return count

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()


class Member(io.RawIOBase):
    """What one gzip member unpacks to, never more than asked for at a time.

    Reading raises Unfit("damaged") where the data are broken or their checksum does not hold, Unfit("torn") where the
    file ends before the member does.
    """

    def __init__(self, file: BinaryIO | IO[bytes], start: int) -> None:
        self._file = file
        file.seek(start)
        self._start = self._position = start
        self._inflater = zlib_ng.decompressobj(wbits=16 + zlib.MAX_WBITS)
        self._given = 0

    @property
    def read_from_file(self) -> int:
        """How many packed bytes were read so far."""
        return self._position - self._start

    @property
    def end(self) -> int:
        """Offset behind the member, once it was read to its end."""
        return self._position - len(self._inflater.unused_data)

    def readable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return how many bytes were unpacked."""
        return self._given

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill `buffer`; 0 at the member's end."""
        view = memoryview(buffer).cast("B")
        while not self._inflater.eof:
            data = self._inflater.unconsumed_tail or self._more()
            try:
                out = self._inflater.decompress(data, len(view))
            except zlib_ng.error as error:  # type: ignore[misc] # its stub says that it is an instance
                raise Unfit("damaged", f"the gzip data are damaged ({error}); use an intact copy") from error
            if out:
                view[: len(out)] = out
                self._given += len(out)
                return len(out)
            if not data and not self._inflater.eof:
                raise Unfit("torn", "the file ends inside a record; use an intact copy")
        return 0

    def _more(self) -> bytes:
        # Little at a time: what is read beyond a member is read again, and what is damaged costs the whole piece.
        data = self._file.read(_FIRST)
        self._position += len(data)
        return data


def member(file: BinaryIO | IO[bytes], start: int) -> tuple[Member, io.BufferedReader]:
    """Return the member at `start` and a reader of what it unpacks to."""
    raw = Member(file, start)
    return raw, io.BufferedReader(raw, CHUNK)


def next_member(file: BinaryIO | IO[bytes], start: int, begins: Callable[[bytes], bool]) -> int:
    """Return the offset, from `start`, of the next member whose first bytes begin a record, or of the file's end."""
    window = _FIRST
    while True:
        file.seek(start)
        data = file.read(window + _PROBE)
        last = len(data) < window + _PROBE
        for found in _GZIP_HEADER.finditer(data):
            if found.start() >= window and not last:
                break
            if begins(_first_bytes(data, found.start())):
                return start + found.start()
        if last:
            return start + len(data)
        start, window = start + window, CHUNK


def _first_bytes(data: bytes, at: int) -> bytes:
    """Return the beginning of what a member unpacks to, as far as it is whole; nothing when it is none."""
    inflater = zlib_ng.decompressobj(wbits=16 + zlib.MAX_WBITS)
    out = b""
    try:
        for piece in range(at, min(at + _PROBE, len(data)), _PIECE):
            out += inflater.decompress(data[piece : piece + _PIECE], _FIRST)
            if len(out) >= _FIRST or inflater.eof:
                break
    except zlib_ng.error:  # type: ignore[misc]
        pass  # what came before the damage tells what it is
    return out


def next_line(file: BinaryIO | IO[bytes], start: int, pattern: re.Pattern[bytes]) -> int:
    r"""Return the offset of the next line after `start` that `pattern` (`\n` and a group) finds, or of the end."""
    window = _FIRST
    while True:
        file.seek(start)
        data = file.read(window + _PROBE)
        last = len(data) < window + _PROBE
        found = pattern.search(data)
        if found and (last or found.start() <= window):
            return start + found.start(1)
        if last:
            return start + len(data)
        start, window = start + window, CHUNK
