"""A proof of an article: its WARC records with what shows that they lay in the archive's files, in one zip file.

A record is proved to lie in the file it was written to first: a packed file is made of files that were listed before,
and their bytes lie in it unchanged. What the zip file holds and how it is checked: archive/check_proof.py.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archive import __version__, check_proof, clock, export, hidden, history, manifest, proof_readme
from archive.database import read_database
from archive.directory import ArchiveDirectory
from archive.errors import ArchiveError
from archive.manifest import Line
from archive.proof_records import Region, collect
from archive.warc import OPEN_SUFFIX

_OPEN = "it lies in a file that is still being written"

Advance = Callable[[int], object]
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Proof:
    """What was proved, and the two hashes to publish: of SHA256SUMS, and of the last line of the manifest.

    `left_out`: captures whose file is still open, each with `record_id`, `url`, `fetched_at`, `file` and `why`.
    """

    file: str
    size: int
    uid: str
    url: str
    captures: int
    records: int
    sums: str
    last: str
    left_out: list[Row] = field(default_factory=list)


def size(directory: ArchiveDirectory, uid: str, revision: int | None = None) -> int:
    """Return the bytes of the files that `prove` reads."""
    with closing(directory.read_database()) as db:
        files = {row["warc"] for row in _captures(db.conn, uid, revision)}
    paths = [directory.warc / name for name in files]
    return sum(path.stat().st_size for path in paths if path.exists())


def prove(
    directory: ArchiveDirectory,
    uid: str,
    out: Path,
    *,
    revision: int | None = None,
    advance: Advance = lambda _: None,
) -> Proof:
    """Write the proof of an article (or of what one of its revisions was read from) to `out`, and check it.

    `advance` hears of the bytes read. Raises ArchiveError: for an article that is not held or is restricted, captures
    that all lie in an open file, files that are missing or altered, and where `out` is there or cannot be written.
    """
    if os.path.lexists(out):
        raise ArchiveError(f"{out}: is there already; name another file with -o, or remove it")
    article, rows = _read(directory, uid, revision)
    held, left_out = _closed(directory.warc, rows)
    lines = _lines(directory.warc, {row["warc"] for row in held})
    try:
        records, data = collect(_regions(directory.warc, held, lines), advance)
    except FileNotFoundError as error:
        raise ArchiveError(f"{error.filename}: is gone, it was packed just now or is lost; prove again") from error
    told = _told(article, revision, rows, records) | {"left_out": left_out}
    told |= {"manifest": {"lines": len(lines), "last": lines[-1].hash}}
    members = _members(article, told, manifest.stored(directory.warc / manifest.FILE, len(lines)), data)
    _write(out, members)
    return Proof(
        file=str(out),
        size=out.stat().st_size,
        uid=article["uid"],
        url=article["url"],
        captures=len(told["captures"]),
        records=len(records),
        sums=check_proof.sha256(members["SHA256SUMS"]),
        last=lines[-1].hash,
        left_out=left_out,
    )


def _read(directory: ArchiveDirectory, uid: str, revision: int | None) -> tuple[Row, list[Row]]:
    """Return the article as it is exported, and the rows of the captures that are to be proved."""
    with closing(directory.read_database()) as db:
        db.execute("BEGIN")  # both as they stand at one moment
        found = db.execute("SELECT change, revision FROM articles WHERE uid = ?", [uid]).fetchone()
        if found is None:
            raise ArchiveError(_missing(directory, uid))
        article = next(export.export(db, since=found["change"] - 1, until=found["change"], revisions=True))
        rows = _captures(db.conn, uid, revision)
        if not rows:
            what = "capture; crawl it with --full"
            if revision is not None:
                what = f"capture of revision {revision}; it has revisions 1 to {found['revision']}"
            raise ArchiveError(f"article {uid}: has no {what}")
        for row in rows:
            if row["uid"] != uid and hidden.is_restricted(db.conn, row["site"], row["key"], row["uid"]):
                raise ArchiveError(
                    f"article {uid}: its bytes lie in capture {row['id']}, of an article that is kept from readers and "
                    "that a proof would name; lift that restriction first"
                )
    return article, rows


def _missing(directory: ArchiveDirectory, uid: str) -> str:
    path = directory.path / hidden.FILE
    if path.exists():
        with closing(read_database(path)) as db:
            if db.execute("SELECT 1 FROM articles WHERE uid = ?", [uid]).fetchone():
                return (
                    f"article {uid}: is kept from readers, and a proof is made to be handed out; show it again first: "
                    f"`union-archive restrict --lift {uid} --reason TEXT`"
                )
    return f"article {uid}: the archive holds none of this uid; `union-archive search --json` gives uids"


def _captures(connection: sqlite3.Connection, uid: str, revision: int | None) -> list[Row]:
    """Return an article's captures, each with the `number` of its revision, and the originals of those without bytes.

    The originals have no `number` unless they are the article's own.
    """
    spans = history.revisions(connection, uid)
    rows = [
        dict(row) for row in connection.execute("SELECT * FROM captures WHERE uid = ? ORDER BY fetched_at, id", [uid])
    ]
    rows = [row | {"number": _number(row, spans), "own": True} for row in rows]
    if revision is not None:
        rows = [row for row in rows if row["number"] == revision]
    have = {row["id"] for row in rows}
    for id_ in sorted({row["payload"] for row in rows if row["payload"] is not None} - have):
        original = connection.execute("SELECT * FROM captures WHERE id = ?", [id_]).fetchone()
        if original is not None:
            rows.append(dict(original) | {"number": None, "own": False})
    return rows


def _number(row: Row, spans: Iterable[Row]) -> int | None:
    """Return the revision that was seen when a capture was made, None between two of them."""
    at = clock.moment(row["fetched_at"]).replace(microsecond=0)  # revisions are told in whole seconds
    for span in spans:
        if clock.moment(span["fetched_at"]) <= at <= clock.moment(span["seen_until"]):
            return int(span["revision"])
    return None


def _closed(warc: Path, rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Return the captures whose records (and originals) lie in closed files, and what is told of those left out."""
    opened = {row["id"] for row in rows if (warc / (row["warc"] + OPEN_SUFFIX)).exists()}
    left = [row for row in rows if row["id"] in opened or row["payload"] in opened]
    kept = [row for row in rows if row not in left]
    if not any(row["own"] for row in kept):
        raise ArchiveError(
            f"{warc / rows[0]['warc']}: is still being written, and what is to be proved lies in it; end the crawl, or "
            "wait until its day is over, and prove again"
        )
    names = ("record_id", "url", "fetched_at")
    told = [{name: row[name] for name in names} | {"file": row["warc"], "why": _OPEN} for row in left if row["own"]]
    return kept, told


def _lines(warc: Path, files: set[str]) -> list[Line]:
    """Return the lines of the manifest, once these files are listed in it."""
    lines = manifest.read(warc / manifest.FILE)
    if not files <= {line.file for line in lines}:
        manifest.adopt(warc)
        lines = manifest.read(warc / manifest.FILE)
    if missing := files - {line.file for line in lines}:
        raise ArchiveError(f"{warc / min(missing)}: the file is missing; put it back from a copy of the archive")
    return lines


def _regions(warc: Path, rows: Iterable[Row], lines: Sequence[Line]) -> list[Region]:
    """Return which parts of which files have the records of these captures: a part is a file as it was first listed."""
    found: dict[tuple[str, int], Region] = {}
    packed, last = manifest.places(lines), {line.file: line for line in lines}
    for row in rows:
        file, offset = row["warc"], row["offset"]
        if not (warc / file).exists():
            file, offset = manifest.resolved(packed, file, offset)
        line, begin = _origin(last, file, offset)
        region = found.setdefault((file, begin), Region(warc / file, begin, line, {}))
        region.wanted[offset - begin] = row["record_id"]
    return sorted(found.values(), key=lambda region: region.line.number)


def _origin(lines: Mapping[str, Line], file: str, offset: int) -> tuple[Line, int]:
    """Return the first line about the bytes at an offset of a file, and where in it the file of that line begins."""
    line, begin = lines[file], 0
    while line.replaces:
        at = begin
        for name in line.replaces:
            if name not in lines or offset < at + lines[name].size:
                break
            at += lines[name].size
        if name not in lines or lines[name].number >= line.number:
            break
        line, begin = lines[name], at
    return line, begin


def _told(article: Row, revision: int | None, rows: Sequence[Row], records: Sequence[Row]) -> Row:
    """Return what proof.json says of the article, its captures and the records."""
    proved = {record["record_id"]: record for record in records}
    ids = {row["id"]: row["record_id"] for row in rows}
    captures = [
        {
            "record_id": row["record_id"],
            "revision": row["number"],
            # As the record has them: the row's time may be rounded.
            "url": proved[row["record_id"]]["url"],
            "fetched_at": proved[row["record_id"]]["at"],
            "status": row["status"],
            "stands_for": ids.get(row["payload"]),
        }
        for row in rows
        if row["own"] and row["record_id"] in proved
    ]
    return {
        "format": check_proof.FORMAT,
        **{name: article[name] for name in ("uid", "url", "title")},
        "revision": revision,
        "made_at": clock.now(),
        "made_with": f"union-archive {__version__}",
        "captures": captures,
        "records": [{name: value for name, value in one.items() if name not in ("url", "at")} for one in records],
    }


def _members(article: Row, told: Row, stored: bytes, data: bytes) -> dict[str, bytes]:
    """Return the files of a proof by name."""
    members = {
        "README.txt": proof_readme.TEXT.encode(),
        "check.py": Path(check_proof.__file__).read_bytes(),
        "article.json": _json(article),
        "proof.json": _json(told),
        "manifest.jsonl": stored,
        "records.warc.gz": data,
    }
    return members | {"SHA256SUMS": check_proof.sums(members)}


def _json(value: Row) -> bytes:
    # A lone surrogate, which a list of names can hold, becomes the escape that JSON has for it.
    return json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8", "backslashreplace") + b"\n"


def _write(out: Path, members: Mapping[str, bytes]) -> None:
    """Write the zip file beside `out`, check it as anybody would, and give it its name."""
    beside = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        with beside.open("xb") as file:
            file.write(check_proof.zipped(dict(members)))
            manifest.fsync(file)
        check_proof.check(beside)
        beside.replace(out)
        manifest.sync_directory(out.parent)
    except OSError as error:
        raise ArchiveError(f"{out}: cannot be written ({error.strerror}); name another file with -o") from error
    except (check_proof.NotProved, ValueError, KeyError) as error:
        raise ArchiveError(
            f"{out}: the proof does not hold ({error}); look what `union-archive verify` says"
        ) from error
    finally:
        beside.unlink(missing_ok=True)
