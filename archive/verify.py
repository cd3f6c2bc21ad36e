"""Proof that an archive is whole: every WARC record, every digest, every reference between rows and records."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, fields
from pathlib import Path

from sqlite_utils import Database

from archive import manifest, manifest_check, schema, verify_files, verify_index, verify_restricted, verify_rows
from archive.directory import ArchiveDirectory
from archive.problems import REBUILD, Problem, Report
from archive.verify_place import Part, Place

__all__ = ["Problem", "Report", "Summary", "size", "verify"]

Advance = Callable[[int], object]


@dataclass(slots=True)
class Summary:
    """What was checked.

    `unreferenced` responses are whole and no row names them (a killed crawl leaves some): of these a rebuild would take
    in `rebuilt`. `untied` articles were stored by an older version and not visited since: media has no rows of them.
    `older` is the version of archive.db where it is not today's; media and index are not checked then.
    """

    warc_files: int = 0
    being_written: int = 0
    records: int = 0
    unreferenced: int = 0
    rebuilt: int = 0
    captures: int = 0
    articles: int = 0
    revisions: int = 0
    restricted: int = 0
    indexed: int = 0
    untied: int = 0
    older: int = 0

    def add(self, counts: object) -> None:
        """Add what was counted elsewhere: a dict, or an object, of the same names."""
        for one in fields(self):
            number = counts.get(one.name, 0) if isinstance(counts, dict) else getattr(counts, one.name, 0)
            setattr(self, one.name, getattr(self, one.name) + number)

    def counted(self) -> dict[str, int]:
        """Return the counts that are not 0."""
        return {one.name: number for one in fields(self) if (number := getattr(self, one.name))}

    def __str__(self) -> str:
        hidden = f" ({self.restricted:,} restricted)" if self.restricted else ""
        line = (
            f"checked {self.articles:,} articles{hidden}, {self.revisions:,} revisions, {self.captures:,} captures, "
            f"{self.records:,} records in {self.warc_files:,} WARC files"
        )
        if self.unreferenced:
            line += f"; {self.unreferenced:,} responses are in no row (a killed crawl leaves some)"
            if self.rebuilt:
                line += f", {self.rebuilt:,} of them `union-archive import --rebuild` would take in"
        if self.being_written:
            line += f"; {self.being_written:,} files are still being written"
        if self.untied:
            line += f"; {self.untied:,} articles were stored before media were kept, and not visited since"
        if self.older:
            line += f"; archive.db is of version {self.older}: media and the search index were not checked"
        return line


def size(directory: ArchiveDirectory) -> int:
    """Return the bytes that `verify` will read: the WARC files', and the database's twice (articles, their index)."""
    held = sum(path.stat().st_size for path in verify_files.files(directory.warc).values())
    return held + 2 * _stat(directory.database)[0]


def verify(
    directory: ArchiveDirectory, report: Report, advance: Advance = lambda _: None, *, place: Place | None = None
) -> Summary:
    """Check a whole archive; `report` hears of each problem, `advance` of the bytes read.

    Nothing is changed, and a crawl may run meanwhile. `place` is where it is noted what has been checked: what the
    place holds already is not checked again, its problems are reported again. Raises ArchiveError when there is no
    archive.
    """
    with closing(directory.read_database()) as db:
        work = _Work(directory, db, report, advance, place or Place())
        work.run()
        work.place.finish()
        return work.summary


@dataclass(slots=True)
class _Work:
    """One verification, part by part."""

    directory: ArchiveDirectory
    db: Database
    report: Report
    advance: Advance
    place: Place
    summary: Summary = field(default_factory=Summary)

    def run(self) -> None:
        """Do all of it."""
        rows: Database | None = self.db
        told: set[str] = set()
        try:
            self._rows()
            # Rows are read before the files: what a row names was on the disk before the row was.
            told = verify_files.check_missing(self.db, self.directory.warc, self.report)
        except sqlite3.DatabaseError as error:
            self._unreadable(error)
            rows = None
        listed = manifest.known(self.directory.warc)
        for name, path in verify_files.files(self.directory.warc).items():
            part = self._file(rows, name, path, listed)
            told |= {name} if part.compared or part.problems else set()
        manifest_check.check(self.directory.warc, self.report, told=told)

    def _unreadable(self, error: sqlite3.DatabaseError) -> None:
        """Report a database that cannot be read; what is locked or interrupted is no fault of the file."""
        if isinstance(error, sqlite3.OperationalError):
            raise error
        self.report(Problem(str(self.directory.database), f"cannot be read ({error})", REBUILD))

    def _rows(self) -> None:
        """Check the database, as far as it can be without the files."""
        path = self.directory.database
        version = self.db.execute("PRAGMA user_version").fetchone()[0]
        current = version == schema.VERSION
        self.summary.restricted = verify_restricted.check(self.db, self.directory, self.report)
        # Of a database that has changed since, all of it is checked again: there is no telling what has changed.
        now = [*_stat(path), *_stat(path.with_name(path.name + "-wal"))]

        def references(report: Report, counts: Summary) -> bool:
            verify_rows.check_database(self.db, path, report, current=current)
            counts.captures = self.db.execute("SELECT count(*) FROM captures").fetchone()[0]
            counts.older = 0 if current else version
            return True

        def articles(report: Report, counts: Summary) -> bool:
            share = self._share("SELECT count(*) FROM articles")
            counts.articles, counts.untied = verify_rows.check_articles(self.db, report, share, current=current)
            counts.revisions = verify_rows.check_revisions(self.db, report, current=current)
            share.finish()
            return True

        def words(report: Report, counts: Summary) -> bool:
            share = self._share("SELECT count(*) FROM main.articles")
            if current:
                counts.indexed = verify_index.check(self.db.conn, report, share)
            share.finish()
            return True

        self._part("archive.db: references", now, references)
        self._part("archive.db: articles", now, articles, _stat(path)[0])
        self._part("archive.db: index", now, words, _stat(path)[0])

    def _share(self, count: str) -> _Share:
        return _Share(self.advance, _stat(self.directory.database)[0], self.db.execute(count).fetchone()[0])

    def _file(self, rows: Database | None, name: str, path: Path, listed: Mapping[str, manifest.Line]) -> Part:
        """Check a WARC file; without `rows`, its records alone."""
        # What its rows say can be told only where these can be read.
        stamp = verify_files.stamp(rows, path) if rows is not None else None
        warc = self.directory.warc

        def check(report: Report, counts: Summary) -> bool:
            try:
                found, compared = verify_files.check_file(rows, warc, name, listed, report, self.advance)
            except sqlite3.DatabaseError as error:
                self._unreadable(error)
                found, compared = verify_files.check_file(None, warc, name, listed, report, self.advance)
            counts.add(found)
            return compared

        return self._part(f"warc/{name}", stamp, check, stamp[0] if stamp else 0)

    def _part(
        self, name: str, stamp: Sequence[int] | None, check: Callable[[Report, Summary], bool], bytes_: int = 0
    ) -> Part:
        """Do one part and note it, unless it was done before; return what came of it."""
        held = self.place.held(name, stamp)
        if held is not None:
            for problem in held.problems:
                self.report(problem)
            self.summary.add(held.counts)
            self.advance(bytes_)
            return held
        counts, problems = Summary(), list[Problem]()

        def told(problem: Problem) -> None:
            problems.append(problem)
            self.report(problem)

        compared = check(told, counts)
        self.summary.add(counts)
        part = Part(name, stamp or (), counts.counted(), problems, compared)
        if stamp is not None:
            self.place.add(part)
        return part


class _Share:
    """Tells the progress of something of so many bytes by its rows."""

    def __init__(self, advance: Advance, bytes_: int, rows: int) -> None:
        self._advance, self._bytes, self._rows = advance, bytes_, rows
        self._done = self._told = 0

    def __call__(self, rows: int) -> None:
        self._done = min(self._done + rows, self._rows)
        self._tell(self._bytes * self._done // max(self._rows, 1))

    def finish(self) -> None:
        """Tell of all that is left."""
        self._tell(self._bytes)

    def _tell(self, bytes_: int) -> None:
        if bytes_ > self._told:
            self._advance(bytes_ - self._told)
            self._told = bytes_


def _stat(path: Path) -> list[int]:
    """Return the bytes of a file and when it was last changed; zeros where there is none."""
    try:
        stat = path.stat()
    except OSError:
        return [0, 0]
    return [stat.st_size, stat.st_mtime_ns]
