"""Every record of a file, one after the other; what is damaged costs that record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, BinaryIO

from archive.foreign.forms import Form, Head, Stream
from archive.foreign.model import MAX_BLOCK, MAX_HEAD, Unfit
from archive.foreign.streams import CHUNK, member, next_line, next_member

#: Blank lines between two records; two are right.
_MAX_BLANK = 64


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record lies: an offset of the file, and in a gzip member of several records the bytes before it."""

    offset: int
    inner: int = 0

    def __str__(self) -> str:
        return f"{self.offset}" + (f" (+{self.inner} unpacked)" if self.inner else "")


@dataclass(frozen=True, slots=True)
class Raw:
    """A record as it stands in a file; `block` is None where nobody wanted it."""

    place: Place
    head: Head
    block: bytes | None

    @property
    def type(self) -> str:
        """WARC-Type in lower case."""
        return self.head.get("WARC-Type").lower()


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong at a place where a record should be."""

    place: Place
    error: Unfit


Wanted = Callable[[Head], bool]


class _Budget:
    """What the file of a size may cost before it is taken for a bomb; each figure is far beyond an honest file's."""

    def __init__(self, size: int) -> None:
        #: No record is smaller than 32 bytes, packed.
        self.records = size // 32 + 1000
        #: Flaws and empty gzip members.
        self.flaws = size // 4096 + 10_000
        #: Packed bytes read in vain: damaged members may lie in each other.
        self.bytes = 8 * size + 2**24

    def spend(self, records: int = 0, flaws: int = 0, bytes_: int = 0) -> bool:
        """Take something out; say whether there was enough."""
        self.records -= records
        self.flaws -= flaws
        self.bytes -= bytes_
        return min(self.records, self.flaws, self.bytes) >= 0


def walk(file: BinaryIO | IO[bytes], form: Form, *, packed: bool, wanted: Wanted) -> Iterator[Raw | Flaw]:
    """Yield the records of a file, with the blocks of those `wanted`, and the flaws between them.

    A flaw is told before the search for the next record begins, and the walk always ends. It holds one block of at
    most MAX_BLOCK bytes; larger ones are flaws.
    """
    size = file.seek(0, 2)
    at, budget, enough = 0, _Budget(size), True
    while at < size and enough:
        try:
            count = 0
            for one in _member(file, at, form, wanted) if packed else _plain(file, at, size, form, wanted):
                count += 1
                enough = budget.spend(records=1)
                if not enough:
                    break
                yield one
            at = file.tell()
            enough = enough and budget.spend(flaws=not count)
        except _Lost as lost:
            yield Flaw(lost.place, lost.error)
            enough = budget.spend(flaws=1, bytes_=lost.cost)
            if enough:
                resume = lost.resume
                at = next_member(file, resume, form.begins) if packed else next_line(file, resume, form.anywhere)
    if not enough:
        yield Flaw(
            Place(at), Unfit("bomb", "it holds more, or more damage, than its size allows; the rest is passed over")
        )


class _Lost(Exception):
    """A record cannot be read; the next one is to be looked for from `resume`."""

    def __init__(self, place: Place, error: Unfit, resume: int, cost: int = 0) -> None:
        super().__init__(str(error))
        self.place, self.error, self.resume, self.cost = place, error, resume, cost


def _member(file: BinaryIO | IO[bytes], at: int, form: Form, wanted: Wanted) -> Iterator[Raw]:
    """Yield the records of the gzip member at `at`; the file stands behind it afterwards."""
    raw, stream = member(file, at)
    place = Place(at)
    try:
        line = _line(stream, "no gzip member with a record begins there")
        while line:
            place = Place(at, stream.tell() - len(line))
            head, block = _record(stream, line, form, wanted, None)
            line = _line(stream, _LENGTH, form)
            yield Raw(place, head, block)
    except Unfit as error:
        raise _Lost(place, error, at + 1, raw.read_from_file) from error
    file.seek(raw.end)


def _plain(file: BinaryIO | IO[bytes], at: int, size: int, form: Form, wanted: Wanted) -> Iterator[Raw]:
    """Yield the records from `at` on; the file stands at its end afterwards."""
    place, resume = Place(at), at
    file.seek(at)
    try:
        line = _line(file, _LENGTH)
        while line:
            begin = file.tell() - len(line)
            # A search begins with the line's end, so this record is not found again.
            place, resume = Place(begin), begin + len(line) - 1
            head, block = _record(file, line, form, wanted, size)
            line = _line(file, _LENGTH, form)
            after = file.tell()
            yield Raw(place, head, block)
            file.seek(after)
    except Unfit as error:
        raise _Lost(place, error, resume) from error


_LENGTH = "no record follows where its Content-Length ends; use an intact copy"


def _line(stream: Stream, what: str, form: Form | None = None) -> bytes:
    """Return the first line that is not blank, empty at the end. Raises Unfit where it begins no record of `form`."""
    for _ in range(_MAX_BLANK):
        line = stream.readline(MAX_HEAD)
        if not line:
            return line
        if line.strip(b"\r\n"):
            if form is not None and not form.begins(line):
                raise Unfit("length", what)
            return line
    raise Unfit("damaged", what)


def _record(stream: Stream, line: bytes, form: Form, wanted: Wanted, size: int | None) -> tuple[Head, bytes | None]:
    """Read a record that begins with `line`; `size` is the file's where it can be sought in (it is not packed)."""
    if not form.begins(line):
        raise Unfit("damaged", f"no {form.name} record begins there")
    head = form.head(line, stream)
    if size is not None and head.length > size - stream.tell():
        raise Unfit("torn", f"the file ends before the {head.length:,} bytes of the record; use an intact copy")
    too_long = head.length > MAX_BLOCK
    if too_long and (size is None or wanted(head)):
        # Unpacking it only to pass it over could take hours.
        raise Unfit("large", f"its {head.length:,} bytes are over the {MAX_BLOCK:,} that a record may have")
    if size is not None:
        # Before it is read: many records that claim to be long would each be read in vain.
        begin = stream.tell()
        stream.seek(head.length, 1)
        _line(stream, _LENGTH, form)
        stream.seek(begin)
    if wanted(head):
        block = stream.read(head.length)
        if len(block) < head.length:
            raise Unfit("length", f"it has {len(block):,} bytes where its Content-Length says {head.length:,}")
        return head, block
    if size is not None:
        stream.seek(head.length, 1)
        return head, None
    left = head.length
    while left and (data := stream.read(min(left, CHUNK))):
        left -= len(data)
    if left:
        raise Unfit("length", f"it ends {left:,} bytes before its Content-Length says")
    return head, None


def record_at(file: BinaryIO | IO[bytes], place: Place, form: Form, *, packed: bool) -> Raw:
    """Read the record at a place that `walk` named. Raises Unfit when it is not there."""
    if not packed:
        file.seek(place.offset)
        head, block = _record(file, file.readline(MAX_HEAD), form, lambda _: True, None)
        return Raw(place, head, block)
    _, stream = member(file, place.offset)
    left = place.inner
    while left and (data := stream.read(min(left, CHUNK))):
        left -= len(data)
    head, block = _record(stream, stream.readline(MAX_HEAD), form, lambda _: True, None)
    return Raw(place, head, block)
