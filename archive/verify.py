"""Proof that an archive is whole: every WARC record, every digest, every reference between rows and records."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from archive import verify_restricted
from archive.article import COMPARED, Attachment, digest
from archive.directory import ArchiveDirectory
from archive.errors import ArchiveError
from archive.lock import try_flock
from archive.members import Fault, payload_fits, record_faults, walk
from archive.problems import Problem, Report
from archive.warc import OPEN_SUFFIX, StoredRecord, locate

__all__ = ["Problem", "Report", "Summary", "size", "verify"]

_PAGE = 500
_COPY = "put the file back from a copy of the archive"


@dataclass(slots=True)
class Summary:
    """What was checked. `unreferenced` records are whole and no row needs them: a killed crawl leaves some."""

    warc_files: int = 0
    being_written: int = 0
    records: int = 0
    unreferenced: int = 0
    captures: int = 0
    articles: int = 0
    revisions: int = 0
    restricted: int = 0

    def __str__(self) -> str:
        hidden = f" ({self.restricted:,} restricted)" if self.restricted else ""
        line = (
            f"checked {self.articles:,} articles{hidden}, {self.revisions:,} revisions, {self.captures:,} captures, "
            f"{self.records:,} records in {self.warc_files:,} WARC files"
        )
        if self.unreferenced:
            line += f"; {self.unreferenced:,} responses are in no row (a killed crawl leaves some)"
        if self.being_written:
            line += f"; {self.being_written:,} files are still being written"
        return line


def size(directory: ArchiveDirectory) -> int:
    """Return the bytes of the WARC files that `verify` will read."""
    return sum(path.stat().st_size for path in _files(directory.warc).values())


def verify(directory: ArchiveDirectory, report: Report, advance: Callable[[int], object] = lambda _: None) -> Summary:
    """Check a whole archive; `report` hears of each problem, `advance` of the bytes read.

    Nothing is changed, and a crawl may run meanwhile. Raises ArchiveError when there is no archive.
    """
    with closing(directory.read_database()) as db:
        return _verify(db, directory, report, advance)


def _verify(db: Database, directory: ArchiveDirectory, report: Report, advance: Callable[[int], object]) -> Summary:
    summary = Summary()
    try:
        _check_database(db, directory.database, report)
        summary.restricted = verify_restricted.check(db, directory, report)
        _check_references(db, report)
        _check_contents(db, report, summary)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise  # locked, interrupted, a fault of ours: not the file's
        report(Problem(str(directory.database), f"cannot be read ({error})", _REBUILD))
        return summary
    # Rows are read before the files: what a row names was on the disk before the row was.
    named = [row[0] for row in db.execute("SELECT DISTINCT warc FROM captures ORDER BY warc")]
    files = _files(directory.warc)
    for name in named:
        if name not in files:
            count = db.execute("SELECT count(*) FROM captures WHERE warc = ?", [name]).fetchone()[0]
            what = f"the file is missing, {count:,} captures lie in it"
            report(Problem(str(directory.warc / name), what, _COPY))
    for name in files:
        _check_file(db, directory.warc, name, report, summary, advance)
    return summary


_REBUILD = "put it aside and make it again with `union-archive import --rebuild`"
_CRAWL = "crawl its site again with --full"
_REPARSE = "derive it again with `union-archive reparse`"

#: SQL that finds rows (its first column says which), what is wrong with them, the fix.
_REFERENCES = (
    (
        "SELECT 'article ' || uid || ' (' || url || ')' FROM articles AS a"
        " WHERE NOT EXISTS (SELECT 1 FROM captures WHERE uid = a.uid)",
        "has no capture",
        _CRAWL,
    ),
    (
        "SELECT 'article ' || a.uid || ' (' || a.url || ')' FROM articles AS a"
        " LEFT JOIN revisions AS r ON r.uid = a.uid GROUP BY a.uid"
        " HAVING count(r.uid) != a.revision OR min(r.revision) != 1 OR max(r.revision) != a.revision",
        "its revisions are not numbered from 1 to its own",
        _REBUILD,
    ),
    (
        "SELECT 'article ' || a.uid || ' (' || a.url || ')' FROM articles AS a"
        " JOIN revisions AS r ON r.uid = a.uid AND r.revision = a.revision WHERE r.sha256 != a.sha256",
        "its digest is not that of its last revision",
        _REPARSE,
    ),
    (
        "SELECT 'revision ' || r.revision || ' of article ' || r.uid FROM revisions AS r"
        " JOIN articles AS a ON a.uid = r.uid WHERE r.revision < a.revision AND r.content IS NULL",
        "what it said is missing",
        _REPARSE,
    ),
    (
        "SELECT 'capture ' || id || ' (' || url || ')' FROM captures AS c"
        " WHERE uid IS NOT NULL AND NOT EXISTS (SELECT 1 FROM articles WHERE uid = c.uid)",
        "belongs to an article that is not there",
        _REBUILD,
    ),
    (
        "SELECT 'capture ' || c.id || ' (' || c.url || ')' FROM captures AS c"
        " LEFT JOIN captures AS p ON p.id = c.payload"
        " WHERE c.kind != 'response' AND (p.kind IS NOT 'response' OR c.kind = 'same' AND p.digest != c.digest)",
        "stands for an earlier response that is not there, or has another digest",
        _REBUILD,
    ),
)


def _check_database(db: Database, path: Path, report: Report) -> None:
    for row in db.execute("PRAGMA integrity_check"):
        if row[0] != "ok":
            report(Problem(str(path), row[0], _REBUILD))
    for table, rowid, parent, key in db.execute("PRAGMA foreign_key_check").fetchall():
        columns = [row[3] for row in db.execute(f"PRAGMA foreign_key_list([{table}])") if row[0] == key]
        what = f"{', '.join(columns)} refers to a row of {parent} that is not there"
        report(Problem(f"{path}: {table}, row {rowid}", what, _REBUILD))


def _check_references(db: Database, report: Report) -> None:
    for sql, what, fix in _REFERENCES:
        for row in db.execute(sql):
            report(Problem(row[0], what, fix))


def _check_contents(db: Database, report: Report, summary: Summary) -> None:
    """Check that what articles and earlier revisions say has the digest they were stored with."""
    summary.captures = db.execute("SELECT count(*) FROM captures").fetchone()[0]
    for row in _pages(db, "articles", ["uid"], ["sha256", *COMPARED]):
        summary.articles += 1
        if not _has_digest(dict(row), row["sha256"]):
            report(Problem(f"article {row['uid']}", "what it says does not have its digest", _REPARSE))
    for row in _pages(db, "revisions", ["uid", "revision"], ["sha256", "content"]):
        summary.revisions += 1
        if row["content"] is not None and not _has_digest(row["content"], row["sha256"]):
            where = f"revision {row['revision']} of article {row['uid']}"
            report(Problem(where, "what it said does not have its digest", _REPARSE))


def _pages(db: Database, table: str, key: Sequence[str], columns: Sequence[str]) -> Iterator[sqlite3.Row]:
    """Yield the rows of a table in short read transactions, so that a crawl's WAL stays small."""
    order, marks = ", ".join(key), ", ".join("?" * len(key))
    select = f"SELECT {', '.join([*key, *columns])} FROM {table}"
    rows = db.execute(f"{select} ORDER BY {order} LIMIT {_PAGE}").fetchall()
    while rows:
        yield from rows
        last = [rows[-1][name] for name in key]
        sql = f"{select} WHERE ({order}) > ({marks}) ORDER BY {order} LIMIT {_PAGE}"
        rows = db.execute(sql, last).fetchall()


def _has_digest(content: str | Mapping[str, Any], sha256: str) -> bool:
    """Say whether stored fields (lists as JSON) have this digest; fields that cannot be read have none."""
    try:
        values = dict(json.loads(content) if isinstance(content, str) else content)
        for name in ("authors", "correspondents", "editors", "attachments"):
            values[name] = json.loads(values[name])
        values["attachments"] = [Attachment(**item) for item in values["attachments"]]
        return digest(values) == sha256
    except (ValueError, TypeError, KeyError):
        return False


def _files(warc: Path) -> dict[str, Path]:
    """Return the WARC files of an archive by their final names."""
    found = [*warc.glob("*.warc.gz"), *warc.glob("*.warc.gz" + OPEN_SUFFIX)]
    return {path.name.removesuffix(OPEN_SUFFIX): path for path in sorted(found)}


def _check_file(
    db: Database, warc: Path, name: str, report: Report, summary: Summary, advance: Callable[[int], object]
) -> None:
    """Check every record of one WARC file, and every capture that lies in it."""
    rows: dict[int, list[sqlite3.Row]] = {}
    for row in db.execute("SELECT id, url, kind, offset, record_id, digest FROM captures WHERE warc = ?", [name]):
        rows.setdefault(row["offset"], []).append(row)
    try:
        path = locate(warc, name)
        file = path.open("rb")
    except (ArchiveError, OSError) as error:
        report(Problem(str(warc / name), f"cannot be read ({error})", _COPY))
        return
    with file:
        still_open = path.name.endswith(OPEN_SUFFIX)
        # Whoever writes it holds its lock. It is freed again when this file is closed.
        written = still_open and not try_flock(file)
        if still_open and not written:
            report(Problem(str(path), "was left open by a killed crawl", "the next crawl closes it"))
        summary.warc_files += 1
        summary.being_written += written
        for found, length in walk(file):
            advance(length)
            if isinstance(found, Fault):
                if not (found.torn and still_open):
                    report(Problem(f"{path} at {found.offset}", found.what, _COPY))
                continue
            _check_record(path, found, rows.pop(found.offset, []), report, summary)
    for left in rows.values():
        for row in left:
            what = f"the capture of {row['url']} is not there"
            report(Problem(f"{path} at {row['offset']}", what, _COPY))


def _check_record(path: Path, record: StoredRecord, rows: list[sqlite3.Row], report: Report, summary: Summary) -> None:
    summary.records += 1
    if not rows and record.type in ("response", "revisit"):
        summary.unreferenced += 1
    faults = record_faults(record)
    for row in rows:
        faults += _row_faults(record, row)
    for what in faults:
        report(Problem(f"{path} at {record.offset}", what, _COPY))


def _row_faults(record: StoredRecord, row: sqlite3.Row) -> list[str]:
    """Return in what a record differs from the row of `captures` that names it."""
    expected = "response" if row["kind"] == "response" else "revisit"
    pairs = (
        ("WARC-Type", record.type, expected),
        ("WARC-Record-ID", record.headers.get("WARC-Record-ID"), row["record_id"]),
        ("WARC-Target-URI", record.headers.get("WARC-Target-URI"), row["url"]),
    )
    faults = [f"{name} is {have}, capture {row['id']} says {want}" for name, have, want in pairs if have != want]
    if record.type == "response":
        try:
            fits = payload_fits(record, row["digest"])
        except ValueError as error:
            return [*faults, f"capture {row['id']}: {error}"]
    else:
        # A revisit holds no payload; one that was made elsewhere need not name its digest.
        fits = record.headers.get("WARC-Payload-Digest") in (None, row["digest"])
    return faults if fits else [*faults, f"its payload does not have the digest of capture {row['id']}"]
