"""Whether the WARC files hold what the rows of archive.db say, and whether what they hold is in the rows."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from sqlite_utils import Database

from archive.errors import ArchiveError
from archive.lock import try_flock
from archive.manifest import Line
from archive.members import Fault, payload_fits, record_faults, walk
from archive.problems import COPY, REBUILD, Problem, Report
from archive.warc import OPEN_SUFFIX, StoredRecord, locate, parse_fields

Advance = Callable[[int], object]
Rows = dict[int, list[sqlite3.Row]]

#: What the warcinfo record of a run of this archive says; that of older versions has its description alone.
_RUN_FIELD = "union-archive"
_RUN = re.compile(r"run \d+ of \S+ \(")


@dataclass(slots=True)
class Counts:
    """What was found in one file. `rebuilt`: the unreferenced responses that `import --rebuild` would take in."""

    warc_files: int = 0
    being_written: int = 0
    records: int = 0
    unreferenced: int = 0
    rebuilt: int = 0


@dataclass(slots=True)
class _Found:
    """One file while it is read. `later` are faults of rows: what mends them depends on whether the file is whole."""

    path: Path
    rows: Rows
    is_held: Callable[[str | None], bool] | None
    """Says whether a row names a record id, wherever it lies; None where rows cannot be read."""
    counts: Counts = field(default_factory=Counts)
    broken: int = 0
    """Faults of the file itself: of these there are copies, or nothing is left."""
    later: list[tuple[int, str, bool]] = field(default_factory=list)
    """Offset, what is wrong, whether it may be the file that was altered, by all that the file tells."""
    infos: set[str] = field(default_factory=set)
    """Ids of the warcinfo records of runs."""
    waiting: set[str] = field(default_factory=set)
    """Ids of unreferenced responses of which no run is known yet."""


def files(warc: Path) -> dict[str, Path]:
    """Return the WARC files of an archive by their final names."""
    found = [*warc.glob("*.warc.gz"), *warc.glob("*.warc.gz" + OPEN_SUFFIX)]
    return {path.name.removesuffix(OPEN_SUFFIX): path for path in sorted(found)}


def stamp(db: Database, path: Path) -> list[int] | None:
    """Return what a closed file and its rows were like: bytes, time of its last change; rows, the last, their offsets.

    None for a file that is open or gone, or where rows cannot be read: these are checked again.
    """
    sql = "SELECT count(*), coalesce(max(id), 0), coalesce(sum(offset), 0) FROM captures WHERE warc = ?"
    try:
        stat = path.stat()
        rows = db.execute(sql, [path.name]).fetchone()
    except (OSError, sqlite3.DatabaseError):
        return None
    return None if path.name.endswith(OPEN_SUFFIX) else [stat.st_size, stat.st_mtime_ns, *rows]


def check_missing(db: Database, warc: Path, report: Report) -> set[str]:
    """Report the files that rows name and that are not there; return their names."""
    missing = set()
    held = files(warc)
    for (name,) in db.execute("SELECT DISTINCT warc FROM captures ORDER BY warc").fetchall():
        if name in held or locate_or_none(warc, name) is not None:
            continue
        count = db.execute("SELECT count(*) FROM captures WHERE warc = ?", [name]).fetchone()[0]
        if count:  # else it was packed just now
            missing.add(name)
            report(Problem(str(warc / name), f"the file is missing, {count:,} captures lie in it", COPY))
    return missing


def locate_or_none(warc: Path, name: str) -> Path | None:
    """Return where a file lies now; None where it is not there."""
    try:
        return locate(warc, name)
    except ArchiveError:
        return None


def check_file(
    db: Database | None, warc: Path, name: str, listed: Mapping[str, Line], report: Report, advance: Advance
) -> tuple[Counts, bool]:
    """Check every record of one WARC file, and every capture that lies in it.

    `listed` are the lines of the manifest; without `db` the records alone are checked. Returns what was counted, and
    whether the manifest's word on the file was compared. Raises sqlite3.DatabaseError when the rows cannot be read.
    """
    rows = _rows(db, name)
    try:
        path = locate(warc, name)
        file = path.open("rb")
    except (ArchiveError, OSError) as error:
        if db is None or rows:
            if db is not None and not _rows(db, name):
                return Counts(), False  # packed just now: its captures have moved
            report(Problem(str(warc / name), f"cannot be read ({error})", COPY))
        return Counts(), True
    found = _Found(path, rows, None if db is None else lambda id_: _is_held(db, id_))
    with file:
        _read(found, file, report, advance)
        line = None if path.name.endswith(OPEN_SUFFIX) else listed.get(name)
        altered = line is not None and not _is_listed(file, line)
    if altered and line is not None and not found.broken:
        report(Problem(str(path), f"is not the file that line {line.number} of the manifest lists", COPY))
    _report_later(found, report, sure=line is not None and not altered, broken=altered or found.broken > 0)
    return found.counts, line is not None


def _rows(db: Database | None, name: str) -> Rows:
    rows: Rows = {}
    if db is not None:
        for row in db.execute("SELECT id, url, kind, offset, record_id, digest FROM captures WHERE warc = ?", [name]):
            rows.setdefault(row["offset"], []).append(row)
    return rows


def _is_held(db: Database, id_: str | None) -> bool:
    return db.execute("SELECT 1 FROM captures WHERE record_id = ?", [id_]).fetchone() is not None


def _is_listed(file: BinaryIO, line: Line) -> bool:
    """Say whether a file that was read just now, and lies in memory still, is the one that a line lists."""
    sha256 = hashlib.sha256()
    file.seek(0)
    while data := file.read(1 << 20):
        sha256.update(data)
    return sha256.hexdigest() == line.sha256


def _read(found: _Found, file: BinaryIO, report: Report, advance: Advance) -> None:
    """Read all records; what is wrong with the file itself is reported at once."""

    def broken(where: str, what: str, fix: str) -> None:
        found.broken += 1
        report(Problem(where, what, fix))

    still_open = found.path.name.endswith(OPEN_SUFFIX)
    # Whoever writes it holds its lock. It is freed again when this file is closed.
    written = still_open and not try_flock(file)
    if still_open and not written:
        report(Problem(str(found.path), "was left open by a killed crawl", "the next crawl closes it"))
    found.counts.warc_files += 1
    found.counts.being_written += written
    end = 0
    for record, length in walk(file):
        advance(length)
        if isinstance(record, Fault):
            if not (record.torn and still_open):
                broken(f"{found.path} at {record.offset}", record.what, COPY)
            continue
        end = record.offset
        for what in _check_record(found, record):
            broken(f"{found.path} at {record.offset}", what, COPY)
    for left in found.rows.values():
        for row in left:
            # Behind the last record a file was cut, unless the row is wrong: only the manifest could tell.
            found.later.append((row["offset"], f"the capture of {row['url']} is not there", row["offset"] > end))


def _check_record(found: _Found, record: StoredRecord) -> list[str]:
    """Return what is wrong with a record in itself; compare it with its rows, and see who needs it."""
    found.counts.records += 1
    rows = found.rows.pop(record.offset, [])
    faults = record_faults(record)
    for row in rows:
        found.later += [
            (record.offset, what, of_content or bool(faults)) for what, of_content in _differs(record, row, faults)
        ]
    if record.type == "warcinfo":
        _note_run(found, record)
    elif record.type == "metadata":
        _note_about(found, record)
    elif not rows and record.type in ("response", "revisit"):
        _note_unreferenced(found, record, sound=not faults)
    return faults


def _note_run(found: _Found, record: StoredRecord) -> None:
    said = parse_fields(record.block)
    if _RUN_FIELD in said or _RUN.match(said.get("description", "")):
        found.infos.add(record.headers.get("WARC-Record-ID", ""))


def _note_about(found: _Found, record: StoredRecord) -> None:
    """See whether a metadata record says of which run a response is: so it is with what was made elsewhere."""
    of = record.headers.get("WARC-Concurrent-To", "")
    if of in found.waiting and record.headers.get("WARC-Warcinfo-ID") in found.infos:
        found.waiting.discard(of)
        found.counts.rebuilt += 1


def _note_unreferenced(found: _Found, record: StoredRecord, *, sound: bool) -> None:
    id_ = record.headers.get("WARC-Record-ID")
    if found.is_held is None or found.is_held(id_):
        return  # a row names it elsewhere: `pack` was under way, or the row has been written meanwhile
    found.counts.unreferenced += 1
    if sound and record.headers.get("WARC-Warcinfo-ID") in found.infos:
        found.counts.rebuilt += 1
    elif sound and id_ is not None:
        found.waiting.add(id_)


def _differs(record: StoredRecord, row: sqlite3.Row, faults: Sequence[str]) -> list[tuple[str, bool]]:
    """Return in what a record differs from a row that names it, and whether that may be the content's fault.

    `faults` are those of the record in itself.
    """
    expected = "response" if row["kind"] == "response" else "revisit"
    pairs = (
        ("WARC-Type", record.type, expected),
        ("WARC-Record-ID", record.headers.get("WARC-Record-ID"), row["record_id"]),
        ("WARC-Target-URI", record.headers.get("WARC-Target-URI"), row["url"]),
    )
    wrong = [
        (f"{name} is {have}, capture {row['id']} says {want}", False) for name, have, want in pairs if have != want
    ]
    label = record.headers.get("WARC-Payload-Digest")
    if record.type != "response":
        # A revisit holds no payload; one that was made elsewhere need not name its digest.
        fits = label in (None, row["digest"])
    elif label == row["digest"] and not faults:
        fits = True  # `record_faults` has seen that it holds
    else:
        try:
            fits = payload_fits(record, row["digest"])
        except ValueError as error:
            return [*wrong, (f"capture {row['id']}: {error}", False)]
    return wrong if fits else [*wrong, (f"its payload does not have the digest of capture {row['id']}", True)]


def _report_later(found: _Found, report: Report, *, sure: bool, broken: bool) -> None:
    """Report what is wrong with rows: of a file that is whole they can be made again, else a copy of it is needed.

    `sure`: the manifest says that it is whole. Where no line lists it, what may be its fault counts as its fault.
    """
    for offset, what, of_file in found.later:
        mended = sure or not (broken or of_file)
        report(Problem(f"{found.path} at {offset}", what, REBUILD if mended else COPY))
