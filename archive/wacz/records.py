"""The WARC files of a WACZ file: records copied out of the archive's, each with what belongs to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from itertools import groupby
from pathlib import Path

from fastwarc.warc import WarcRecordType

from archive import __version__, clock
from archive.errors import ArchiveError
from archive.wacz import members
from archive.wacz.cdxj import line
from archive.wacz.members import Member, Source, Unreadable
from archive.wacz.package import Package, Resource
from archive.warc import fields_member, place, record_id

#: A WARC file is followed by another beyond this many bytes.
MAX_BYTES = 2**30


class Records:
    """Copies records into `archive/` of a package, as they are stored. Within its `with` nothing else is written.

    `note` is told, in a line each, of what cannot be had; `missing` counts these captures. `places` has the address and
    the date of each capture (by id) that was copied.
    """

    def __init__(
        self, package: Package, directory: Path, connection: sqlite3.Connection, note: Callable[[str], None]
    ) -> None:
        self.missing = 0
        self.places: dict[int, tuple[str, str]] = {}
        self._package = package
        self._directory = directory
        self._connection = connection
        self._note = note
        self._noted: set[str] = set()
        self._infos: set[str] = set()
        self._lines: list[tuple[bytes, int | None]] = []
        self._open = ExitStack()
        self._out: Resource | None = None
        self._serial = 0

    def copy(self, rows: Iterable[sqlite3.Row]) -> None:
        """Copy the records of captures (rows of `captures`), each of them once."""
        left = self._copied([row for row in rows if row["id"] not in self.places])
        # `pack` moved these between the look for their file and its opening: they have their new place by now.
        for row in self._copied(left):
            self._lost(f"{self._directory / row['warc']}: the file is missing; put it back from a copy", 1)

    def _copied(self, rows: Iterable[sqlite3.Row]) -> list[sqlite3.Row]:
        """Copy records in the order in which they lie; return the rows whose file went away meanwhile."""
        away = []
        for path, lying in groupby(sorted(self._placed(rows), key=lambda one: one[:2]), key=lambda one: one[0]):
            wanted = [(offset, row) for _, offset, row in lying]
            try:
                file = path.open("rb")
            except FileNotFoundError:
                away += [row for _, row in wanted]
                continue
            except OSError as error:
                self._lost(f"{path}: cannot be opened ({error.strerror}); check its permissions", len(wanted))
                continue
            with file:
                for offset, row in wanted:
                    self._capture(Source(file), path, offset, row)
        return away

    def _placed(self, rows: Iterable[sqlite3.Row]) -> Iterator[tuple[Path, int, sqlite3.Row]]:
        for row in rows:
            try:
                yield *place(self._directory, row["warc"], row["offset"]), row
            except ArchiveError as error:
                self._lost(str(error), 1)

    def is_shown(self, id_: int, payload: int | None) -> bool:
        """Say whether a capture can be replayed: its record is here, and the one whose payload it repeats."""
        return id_ in self.places and (payload is None or payload in self.places)

    def index(self) -> list[bytes]:
        """Return the sorted lines of the index."""
        return sorted(said for said, payload in self._lines if payload is None or payload in self.places)

    def __enter__(self) -> Records:
        self._file()  # there is one, also when nothing is copied
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._open.close()

    def _lost(self, message: str, captures: int) -> None:
        self.missing += captures
        if message not in self._noted:
            self._noted.add(message)
            self._note(message)

    def _capture(self, file: Source, path: Path, offset: int, row: sqlite3.Row) -> None:
        """Copy a record with its warcinfo, and those that follow it and are of the same exchange.

        Raises ArchiveError where the file fails after it was looked through: half a record cannot be taken back.
        """
        try:
            member = members.look(file, offset)
            if member is None or member.id != row["record_id"]:
                self._lost(f"{path}: no record {row['record_id']} at {offset}; put the file back from a copy", 1)
                return
            infos, others = list(self._info(file, member, row)), list(members.following(file, member))
        except Unreadable as error:
            self._lost(f"{path}: cannot be read ({error}); put it back from a copy", 1)
            return
        try:
            for one in infos:
                self._append(file, one)
            out, start = self._append(file, member)
            for one in others:
                self._append(file, one)
        except Unreadable as error:
            raise ArchiveError(f"{path}: changed while it was copied ({error}); export again") from error
        self.places[row["id"]] = member.headers["warc-target-uri"].strip("<>"), member.headers["warc-date"]
        # A 304 has nothing to show: a replay that came upon it by its date would be an empty page.
        if row["kind"] != "unmodified":
            self._lines.append((line(row, member, out.path.rpartition("/")[2], start), row["payload"]))

    def _info(self, file: Source, member: Member, row: sqlite3.Row) -> Iterator[Member]:
        """Yield the warcinfo that a record names, when it was not copied yet and is found where a crawl writes it."""
        id_ = member.headers.get("warc-warcinfo-id")
        if id_ is None or id_ in self._infos:
            return
        self._infos.add(id_)
        query = "SELECT offset FROM captures WHERE warc = ? AND run IS ? ORDER BY offset LIMIT 1"
        first = self._connection.execute(query, [row["warc"], row["run"]]).fetchone()
        found = members.before(file, first[0] if first else member.offset, id_) or members.look(file, 0)
        if found is not None and found.id == id_:
            yield found

    def _append(self, file: Source, member: Member) -> tuple[Resource, int]:
        out = self._file()
        offset = out.size
        for data in members.copy(file, member):
            out.write(data)
        return out, offset

    def _file(self) -> Resource:
        """Return the WARC file that is being written; a new one begins with who made it."""
        if self._out is not None and self._out.size < MAX_BYTES:
            return self._out
        self._open.close()
        self._serial += 1
        name = f"articles-{self._serial:05}.warc.gz"
        self._out = self._open.enter_context(self._package.member(f"archive/{name}", packed=False))
        fields = {
            "software": f"union-archive {__version__}",
            "format": "WARC File Format 1.1",
            "description": "records copied from an archive as they are stored there; each has its own Warcinfo-ID",
        }
        headers = {"WARC-Filename": name}
        info = fields_member(WarcRecordType.warcinfo, fields, headers, id_=record_id(), date=clock.utcnow())
        self._out.write(info)
        return self._out
