"""Files made elsewhere, read: responses with their requests, and revisits with their originals."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from archive.errors import ArchiveError
from archive.foreign.containers import Container, containers
from archive.foreign.containers import size as size
from archive.foreign.forms import Head
from archive.foreign.index import Index, Spot
from archive.foreign.keepable import address, compare_payload, give_digest, http_of, moment, stands_for, stored
from archive.foreign.model import Foreign, Tally, Unfit
from archive.foreign.walk import Flaw, Raw, record_at, walk
from archive.leftovers import without_leftovers
from archive.payload import HTTPResponse
from archive.warc import StoredRecord, payload_digest

Advance = Callable[[int], object]
_KEPT = ("response", "revisit")
#: What is neither kept nor a fault; any other type is counted as `unknown`.
_OTHERS = ("warcinfo", "metadata", "resource", "conversion", "continuation")
#: Bytes of requests and originals that may be read, and bytes that may be unpacked to get at them inside a member.
_MAX_AGAIN, _MAX_INSIDE = 32 * 2**30, 2**28
#: Originals that are remembered, and how large each may be: many revisits stand for the same few.
_REMEMBERED, _SMALL = 16, 2**20


def read(path: Path, tally: Tally, advance: Advance = lambda _: None) -> Iterator[Foreign]:
    """Yield the responses of a WARC, ARC or WACZ file that may be kept, in the file's order.

    `tally` hears of all that is passed over, `advance` of bytes, `size(path)` together. Raises ArchiveError for a file
    that is nothing of the kind.
    """
    half = _Half(advance)
    with Files() as files:
        files.add(path, tally, half)
        yield from files.read(path, tally, half)


class Files:
    """Several files read as one collection: a revisit's original and a request may lie in any of those added.

    Use as a context manager: `add` each, then `read` each. It holds an index on the disk, and temporary files of what
    has to be unpacked.
    """

    def __init__(self) -> None:
        self._index = Index()
        self._stack = ExitStack()
        self._containers: list[Container] = []
        self._of: dict[Path, range] = {}
        self._open: tuple[int, BinaryIO] | None = None
        self._again = self._inside = 0
        self._originals: dict[Spot, tuple[StoredRecord, HTTPResponse]] = {}

    def __enter__(self) -> Files:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._open is not None:
            self._open[1].close()
        self._stack.close()
        self._index.close()

    def add(self, path: Path, tally: Tally, advance: Advance = lambda _: None) -> None:
        """Index a file. Raises ArchiveError when it is no WARC, ARC or WACZ file, or cannot be read."""
        if path in self._of:
            return
        try:
            found = self._stack.enter_context(containers(path, tally))
            first = len(self._containers)
            self._containers += found
            self._of[path] = range(first, len(self._containers))
            meter = _Meter(advance, size(path), len(found))
            for number in self._of[path]:
                for raw in self._walk(number, lambda _: False, meter):
                    if isinstance(raw, Raw):
                        self._index.add(number, raw)
        except (OSError, sqlite3.Error) as error:
            raise ArchiveError(f"{path}: cannot be read ({error}); check the disk and its free space") from error

    def read(self, path: Path, tally: Tally, advance: Advance = lambda _: None) -> Iterator[Foreign]:
        """Yield what a file that was added holds; see `read`."""
        numbers = self._of[path]
        meter = _Meter(advance, size(path), len(numbers))
        try:
            for number in numbers:
                joined = 0
                for found in self._walk(number, _is_kept, meter):
                    one = self._one(number, found, tally)
                    if one is not None:
                        joined += one.request is not None
                        yield one
                if (alone := self._index.count_requests(number) - joined) > 0:
                    tally.passed["request alone"] += alone
        except (OSError, sqlite3.Error) as error:
            raise ArchiveError(f"{path}: cannot be read ({error}); check the disk and its free space") from error

    def _walk(self, number: int, wanted: Callable[[Head], bool], meter: _Meter) -> Iterator[Raw | Flaw]:
        container = self._containers[number]
        with container.open() as file:
            for found in walk(file, container.form, packed=container.packed, wanted=wanted):
                meter.to(found.place.offset / container.length)
                yield found
        meter.next()

    def _one(self, number: int, found: Raw | Flaw, tally: Tally) -> Foreign | None:
        """Return what a record gives; None, and a word to the tally, when nothing may be kept of it."""
        where = f"{self._containers[number].label} at {found.place}"
        try:
            if isinstance(found, Flaw):
                raise found.error
            if found.type not in _KEPT:
                if found.type != "request":
                    tally.passed[found.type if found.type in _OTHERS else "unknown"] += 1
                return None
            return self._exchange(Spot(number, found.place), found, where, tally)
        except Unfit as error:
            if error.named:
                tally.passed_over(error.reason, where, str(error))
            else:
                tally.passed[error.reason] += 1
            return None

    def _exchange(self, spot: Spot, raw: Raw, where: str, tally: Tally) -> Foreign:
        """Put a response or revisit together with its request and original. Raises Unfit."""
        url, date = address(raw), moment(raw)
        response = self._record(spot, raw)
        if raw.type == "revisit":
            original = self._original(spot, raw, response)
            http = _revisited(response, original)
        else:
            original, http = None, http_of(response.block)
            remark = compare_payload(response, http)
            if remark:
                tally.remark("coded digest", where, remark)
        sound = without_leftovers(http)
        if sound is not http:
            tally.remarks["decoded body"] += 1
        request = self._request(spot, raw, response, where, tally)
        method = request.block.split(b" ", 1)[0][:20].decode("latin-1").upper() if request else "GET"
        return Foreign(
            url=url,
            date=date,
            method=method if method.isascii() and method.isalpha() else "GET",
            http=sound,
            response=response,
            request=request,
            original=original,
            digest=payload_digest(http.payload),
            where=where,
        )

    def _record(self, spot: Spot, raw: Raw) -> StoredRecord:
        """Return a record as it is to be kept. Raises Unfit, also for one that repeats an earlier one."""
        if raw.head.get("WARC-Segment-Number"):
            raise Unfit("segmented", "it is the first part of a record cut into several, which are not put together")
        container = self._containers[spot.container]
        before = self._index.before(spot, raw)
        if before is not None and raw.type != "request" and self._at(before) == replace(raw, place=before.place):
            raise Unfit("repeated", named=False)
        return stored(raw, container.name, container.form.name, new_id=before is not None)

    def _request(self, spot: Spot, raw: Raw, response: StoredRecord, where: str, tally: Tally) -> StoredRecord | None:
        for found in self._index.requests(spot, raw):
            try:
                one = self._at(found)
                if address(one) != address(raw):
                    continue
                request = self._record(found, one)
            except Unfit as error:
                tally.remark("request", where, f"its request is not kept: {error}")
                continue
            request.headers["WARC-Concurrent-To"] = response.headers["WARC-Record-ID"]
            return request
        return None

    def _original(self, spot: Spot, raw: Raw, revisit: StoredRecord) -> StoredRecord:
        """Return the response that a revisit stands for. Raises Unfit when it is not in the files, or is another."""
        why = "its original is in none of these files; give the file that holds it too"
        for found in self._index.originals(spot, raw):
            try:
                original, http = self._sound(found)
            except Unfit as error:
                why = f"its original cannot be kept: {error}"
                continue
            if stands_for(revisit, original, http):
                return original
            why = "its original has another payload digest"
        raise Unfit("revisit", why)

    def _sound(self, spot: Spot) -> tuple[StoredRecord, HTTPResponse]:
        """Return the response at a spot as it is kept. Raises Unfit when it is not."""
        if spot in self._originals:
            return self._originals[spot]
        original = self._record(spot, self._at(spot))
        http = http_of(original.block)
        compare_payload(original, http)
        if len(original.block) <= _SMALL:
            if len(self._originals) >= _REMEMBERED:
                del self._originals[next(iter(self._originals))]
            self._originals[spot] = original, http
        return original, http

    def _at(self, spot: Spot) -> Raw:
        """Read a record by its spot. Raises Unfit when it cannot be read."""
        container = self._containers[spot.container]
        if self._again > _MAX_AGAIN or self._inside > _MAX_INSIDE:
            raise Unfit("again", "too much would be read again for it; run `warcio recompress` on the file")
        if self._open is None or self._open[0] != spot.container:
            if self._open is not None:
                self._open[1].close()
            self._open = (spot.container, container.open())
        found = record_at(self._open[1], spot.place, container.form, packed=container.packed)
        self._inside += spot.place.inner
        self._again += found.head.length
        return found


def _is_kept(head: Head) -> bool:
    return head.get("WARC-Type").lower() in _KEPT


def _revisited(response: StoredRecord, original: StoredRecord) -> HTTPResponse:
    """Return a revisit's response with its original's payload, and have its record name the original."""
    headers = response.headers
    headers["WARC-Refers-To"] = original.headers["WARC-Record-ID"]
    headers.setdefault("WARC-Refers-To-Target-URI", original.headers["WARC-Target-URI"])
    headers.setdefault("WARC-Refers-To-Date", original.headers["WARC-Date"])
    give_digest(response, original.headers["WARC-Payload-Digest"])
    http = http_of(original.block)
    return replace(http_of(response.block), payload=http.payload) if response.block.strip() else http


class _Half:
    """Passes on half of the bytes that it is told: a file is read twice."""

    def __init__(self, advance: Advance) -> None:
        self._advance = advance
        self._heard = self._told = 0

    def __call__(self, done: int) -> None:
        self._heard += done
        now = self._heard // 2
        if now > self._told:
            self._advance(now - self._told)
            self._told = now


class _Meter:
    """Tells `advance` of whole bytes, `total` together, while `parts` containers are read one after the other."""

    def __init__(self, advance: Advance, total: int, parts: int) -> None:
        self._advance, self._total, self._parts = advance, total, parts
        self._done = self._told = 0

    def to(self, share: float) -> None:
        """Say how much of the present container was read, 0 to 1."""
        now = int(self._total * min(1.0, (self._done + share) / self._parts))
        if now > self._told:
            self._advance(now - self._told)
            self._told = now

    def next(self) -> None:
        """Say that a container was read to its end."""
        self._done += 1
        self.to(0.0)
