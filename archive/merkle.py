"""A Merkle tree over the gzip members of a WARC file: a record is proved to lie in it without the rest of the file.

The tree is that of RFC 6962, its hash SHA-256. A leaf is the hash of a zero byte, the member's offset (8 bytes, the
greatest first) and the member; a node that of a one byte and the two nodes below it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import BinaryIO, NamedTuple

from zlib_ng import zlib_ng

MAGIC = b"\x1f\x8b\x08"
#: Bytes read at once, and the most that is unpacked at once: what a member unpacks to is not kept.
CHUNK = 1 << 16
_Damaged: type[Exception] = zlib_ng.error  # type: ignore[assignment]  # its stub takes it for a value


class Member(NamedTuple):
    """A gzip member: its offset from where reading began, its bytes, and the beginning of what it unpacks to."""

    offset: int
    data: bytes
    head: bytes


def sha256(data: bytes) -> str:
    """Return a SHA-256 as hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def leaf(offset: int, member: bytes) -> bytes:
    """Return the hash of a member that lies at an offset of its file."""
    return hashlib.sha256(b"\0" + offset.to_bytes(8, "big") + member).digest()


def node(left: bytes, right: bytes) -> bytes:
    """Return the hash over two nodes."""
    return hashlib.sha256(b"\1" + left + right).digest()


class Tree:
    """The tree of the leaves added so far; it keeps one hash for each height."""

    def __init__(self) -> None:
        self.count = 0
        self._peaks: list[tuple[int, bytes]] = []

    def add(self, hash_: bytes) -> None:
        """Add the next leaf."""
        self.count += 1
        size = 1
        while self._peaks and self._peaks[-1][0] == size:
            hash_ = node(self._peaks.pop()[1], hash_)
            size *= 2
        self._peaks.append((size, hash_))

    def root(self) -> bytes:
        """Return the root; that of no leaves is the SHA-256 of nothing."""
        if not self._peaks:
            return hashlib.sha256(b"").digest()
        found = self._peaks[-1][1]
        for _, peak in reversed(self._peaks[:-1]):
            found = node(peak, found)
        return found


def paths(leaves: Sequence[bytes], indexes: Collection[int]) -> dict[int, list[bytes]]:
    """Return the audit path of each of these leaves: the nodes beside its way to the root, the lowest first."""
    found: dict[int, list[bytes]] = {index: [] for index in indexes}
    at = {index: index for index in indexes}
    level = list(leaves)
    while len(level) > 1:
        for index, place in at.items():
            if place ^ 1 < len(level):
                found[index].append(level[place ^ 1])
            at[index] = place // 2
        pairs = [node(level[one], level[one + 1]) for one in range(0, len(level) - 1, 2)]
        level = pairs + level[len(pairs) * 2 :]
    return found


class Sums:
    """What a manifest says of a file, kept while it is written: `size`, SHA-256, and the tree of its members.

    The tree ends before what is no whole gzip member: a damaged file is proved up to its damage.
    """

    def __init__(self) -> None:
        self.size = 0
        self.tree = Tree()
        self._sha256 = hashlib.sha256()
        self._whole = True

    @property
    def sha256(self) -> str:
        """The SHA-256 of the bytes added so far, hexadecimal."""
        return self._sha256.hexdigest()

    def add(self, data: bytes) -> None:
        """Add what was written: whole gzip members, one or several."""
        if self._whole:
            at = 0
            for piece in split(data):
                self.tree.add(leaf(self.size + at, piece))
                at += len(piece)
            self._whole = at == len(data)
        self._sha256.update(data)
        self.size += len(data)

    @classmethod
    def of(cls, file: BinaryIO, advance: Callable[[int], object] = lambda _: None) -> Sums:
        """Return what is to be said of a file that was written already; `advance` hears of the bytes read."""
        sums = cls()
        for member in members(file):
            sums.tree.add(leaf(member.offset, member.data))
        file.seek(0)
        while data := file.read(CHUNK * 16):
            sums._sha256.update(data)
            sums.size += len(data)
            advance(len(data))
        return sums


def split(data: bytes) -> Iterator[bytes]:
    """Yield the whole gzip members that bytes consist of, up to the first that is cut or damaged."""
    at = 0
    while at < len(data):
        # Bytes without the beginning of another member are one member: nothing needs to be unpacked.
        if data.startswith(MAGIC, at) and data.find(MAGIC, at + 1) < 0:
            yield data[at:]
            return
        end = _end(data, at)
        if end is None:
            return
        yield data[at:end]
        at = end


def _end(data: bytes, at: int) -> int | None:
    """Return where the gzip member that begins at `at` ends, None where it does not."""
    inflater = zlib_ng.decompressobj(wbits=31)
    pending: bytes | memoryview = memoryview(data)[at:]
    try:
        while len(pending) and not inflater.eof:
            inflater.decompress(pending, CHUNK)
            pending = inflater.unconsumed_tail
    except _Damaged:
        return None
    return len(data) - len(inflater.unused_data) if inflater.eof else None


def members(file: BinaryIO, start: int = 0, size: int | None = None) -> Iterator[Member]:
    """Yield the gzip members of a file from the byte `start` on, `size` bytes at most, up to one that is not whole."""
    file.seek(start)
    left = size if size is not None else -1
    offset, pending = 0, b""
    while True:
        inflater = zlib_ng.decompressobj(wbits=31)
        parts: list[bytes] = []
        head = b""
        while not inflater.eof:
            if not pending:
                pending = file.read(min(CHUNK, left) if left >= 0 else CHUNK)
                left -= len(pending) if left >= 0 else 0
                if not pending:
                    return
            parts.append(pending)
            try:
                head = _inflate(inflater, pending, head)
            except _Damaged:
                return
            pending = inflater.unused_data
        parts[-1] = parts[-1][: len(parts[-1]) - len(pending)]
        data = b"".join(parts)
        yield Member(offset, data, head)
        offset += len(data)


def _inflate(inflater: zlib_ng._Decompress, data: bytes, head: bytes) -> bytes:
    """Unpack all of `data` in pieces; return the beginning of it all, up to a chunk."""
    while data and not inflater.eof:
        out = inflater.decompress(data, CHUNK)
        if len(head) < CHUNK:
            head = (head + out)[:CHUNK]
        data = inflater.unconsumed_tail
    return head
