"""From a file to the stretches of it that hold records: what it is, told by its content and not by its name."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, BinaryIO

from archive.errors import ArchiveError
from archive.foreign.forms import FORMS, Form
from archive.foreign.model import MAX_BLOCK, MAX_HEAD, Tally, Unfit
from archive.foreign.streams import CHUNK, GZIP_MAGIC, Stretch, member, next_line, next_member

#: What a file packed as a whole may unpack to on the disk: so many times its size, and never more than this.
MAX_RATIO = 100
MAX_UNPACKED = 64 * 2**30
_SMALL = 64 * 2**20
#: The first record that can be read lies within so many bytes, or the file is nothing of the kind.
_LOOK = 64 * 2**20
_ZIP, _EMPTY_ZIP = b"PK\x03\x04", b"PK\x05\x06"
_ZSTD = (b"\x28\xb5\x2f\xfd", b"\x50\x2a\x4d\x18", b"\x5d\x2a\x4d\x18")


@dataclass(frozen=True, slots=True)
class Container:
    """A stretch of a file that holds records of one form. `name` is what derived record ids are made of."""

    label: str
    name: str
    path: Path
    start: int
    length: int
    form: Form
    packed: bool

    def open(self) -> BinaryIO:
        """Open it for reading; its offsets begin at 0."""
        return _stretch(self.path, self.start, self.length)


def _stretch(path: Path, start: int, length: int) -> BinaryIO:
    return io.BufferedReader(Stretch(path, start, length), CHUNK)


def size(path: Path) -> int:
    """Return the bytes of a file. Raises ArchiveError when it is none, or empty."""
    try:
        if not path.is_file():
            what = "is a directory; give the files in it" if path.is_dir() else "is not there; check the name"
            raise ArchiveError(f"{path}: {what}")
        length = path.stat().st_size
    except (OSError, ValueError) as error:
        raise ArchiveError(f"{path}: cannot be read ({error}); check its permissions") from error
    if not length:
        raise ArchiveError(f"{path}: is empty; give an intact copy")
    return length


@contextmanager
def containers(path: Path, tally: Tally) -> Iterator[list[Container]]:
    """Give the containers of a WARC, ARC or WACZ file; what has to be unpacked lies on the disk until the end.

    Raises ArchiveError for a file that is none of these.
    """
    from archive.foreign.wacz import entries  # which makes containers of what it finds

    length = size(path)
    with ExitStack() as stack:
        with path.open("rb") as file:
            magic = file.read(4)
        if magic in (_ZIP, _EMPTY_ZIP):
            yield [_whole(entry, tally, stack) for entry in entries(path, tally, stack)]
            return
        found = recognise(str(path), path.name, path, 0, length)
        if found is None:
            raise ArchiveError(f"{path}: {_nothing(magic)}")
        yield [_whole(found, tally, stack)]


def _nothing(magic: bytes) -> str:
    if magic in _ZSTD:
        return "is packed with Zstandard, which is not read here; unpack it (zstd -d), or write it with gzip"
    return "is no WARC, ARC or WACZ file; give one of these, packed with gzip or not packed"


def recognise(label: str, name: str, path: Path, start: int, length: int) -> Container | None:
    """Tell what a stretch of a file holds, even where it begins with damage; None when it is nothing of the kind."""
    looked_at = min(length, _LOOK)
    with _stretch(path, start, looked_at) as file:
        packed = file.read(3) == GZIP_MAGIC
        for form in FORMS:
            found = Container(label, name, path, start, length, form, packed)
            if packed and next_member(file, 0, form.begins) < looked_at:
                return found
            file.seek(0)
            if not packed and (form.begins(file.readline(MAX_HEAD)) or next_line(file, 0, form.anywhere) < looked_at):
                return found
    return None


def _whole(found: Container, tally: Tally, stack: ExitStack) -> Container:
    """Return a container whose records have offsets: one packed as a whole is unpacked to a temporary file."""
    if not found.packed or not _has_several(found):
        return found
    target = stack.enter_context(tempfile.NamedTemporaryFile(prefix="union-archive-"))  # noqa: SIM115
    path = Path(target.name)
    limit = min(MAX_UNPACKED, max(_SMALL, found.length * MAX_RATIO))
    with found.open() as file:
        at = 0
        while at < found.length:
            try:
                at = _unpack(file, at, target.file, target.file.tell(), limit)
            except Unfit as error:
                tally.passed_over(error.reason, f"{found.label} at {at}", str(error))
                if error.reason == "bomb":
                    break
                target.write(b"\r\n\r\n")  # so that the next record begins a line
                at = next_member(file, at + 1, found.form.begins)
        done = target.file.tell()
    target.flush()
    return replace(found, label=f"{found.label} (unpacked)", path=path, length=done, packed=False)


def _unpack(file: BinaryIO, at: int, target: IO[bytes], done: int, limit: int) -> int:
    """Append what the member at `at` unpacks to; return the offset behind it. `done` bytes were written before."""
    raw, stream = member(file, at)
    while data := stream.read1(CHUNK):
        target.write(data[: limit - done])
        done += len(data)
        if done > limit:
            raise Unfit("bomb", f"it unpacks to more than {limit:,} bytes; unpack it first if it is to be trusted")
    return raw.end


def _has_several(found: Container) -> bool:
    """Say whether the first gzip member that can be read holds more than one record."""
    with found.open() as file:
        at = next_member(file, 0, found.form.begins)
        try:
            _, stream = member(file, at)
            head = found.form.head(stream.readline(MAX_HEAD), stream)
            if head.length > MAX_BLOCK:
                return False
            left = head.length
            while left and (data := stream.read(min(left, CHUNK))):
                left -= len(data)
            return any(found.form.begins(stream.readline(MAX_HEAD)) for _ in range(8))
        except Unfit:
            return False
