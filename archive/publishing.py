"""Publishing: a compact copy of archive.db for readers, which holds nothing that only the crawler needs."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from archive.directory import ArchiveDirectory
from archive.errors import ArchiveError
from archive.manifest import sync_directory
from archive.search import index

#: SQLite's application_id of a publication: "unio" in ASCII. Only a file that has it is replaced.
APPLICATION = int.from_bytes(b"unio")
_APPLICATION_AT = 68

#: SQLite instructions between two looks at the size of the file that is being written.
_LOOK = 100_000

#: The crawler's own tables, and who was restricted.
DROPPED = ("frontier", "runs", "restrictions", "incidents", "reparses", "_sqlite_migrations")

_READERS = """
DELETE FROM captures WHERE uid IS NULL OR uid NOT IN (SELECT uid FROM articles);
UPDATE captures SET payload = NULL WHERE payload NOT IN (SELECT id FROM captures);
UPDATE withdrawals SET capture = NULL WHERE capture NOT IN (SELECT id FROM captures);
DELETE FROM withdrawals WHERE confirmed_at IS NULL;
UPDATE articles SET next_check = NULL;
UPDATE sites SET next_check = NULL;
"""

#: Pictures go with the bodies: of a photo story, the captions are the text.
_WITHOUT_BODIES = """
UPDATE articles SET text = '', html = '', images = '[]', attached = '[]';
UPDATE revisions SET content = json_remove(content, '$.text', '$.html', '$.images') WHERE content IS NOT NULL;
"""

Advance = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class Publication:
    """What a publication holds; `size` in bytes."""

    articles: int
    revisions: int
    captures: int
    size: int


def size(directory: ArchiveDirectory) -> int:
    """Return the bytes that `publish` writes at most, both its copies together."""
    return 2 * directory.database.stat().st_size if directory.database.exists() else 0


def publish(
    directory: ArchiveDirectory, out: Path, *, metadata_only: bool = False, advance: Advance = lambda _: None
) -> Publication:
    """Write the publication to `out`, which appears when it is whole; a crawl may run meanwhile.

    `advance` hears of the bytes written. Raises ArchiveError when there is no archive, when `out` is a file that is no
    earlier publication, and when it cannot be written.
    """
    directory.require()
    _check(out)
    target = out.resolve()
    try:
        with TemporaryDirectory(prefix=".publish-", dir=target.parent) as beside:
            whole, packed = Path(beside) / "whole.db", Path(beside) / "packed.db"
            with closing(directory.read_database()) as db:
                index.require(db.conn)
                _vacuum(db.conn, whole, advance)
            with closing(sqlite3.connect(whole, isolation_level=None)) as copy:
                _strip(copy, metadata_only)
                _vacuum(copy, packed, advance)
            made = _counted(packed)
            packed.chmod(0o444)
            with packed.open("rb") as file:
                os.fsync(file.fileno())
            packed.replace(target)
        sync_directory(target.parent)
    except (OSError, sqlite3.OperationalError) as error:
        what = error.strerror if isinstance(error, OSError) else error
        raise ArchiveError(f"{out}: cannot be written ({what}); free some space there, or name another file") from error
    return made


def _check(out: Path) -> None:
    if not out.parent.is_dir():
        raise ArchiveError(f"{out}: there is no folder {out.parent}; make it, or name another file")
    if not os.path.lexists(out):
        return
    try:
        with out.open("rb") as file:
            head = file.read(_APPLICATION_AT + 4)
    except OSError as error:
        raise ArchiveError(f"{out}: cannot be replaced ({error.strerror}); name another file") from error
    if not head.startswith(b"SQLite format 3\0") or head[_APPLICATION_AT:] != APPLICATION.to_bytes(4):
        raise ArchiveError(f"{out}: is there and no earlier publication; name another file, or remove it")


def _vacuum(connection: sqlite3.Connection, path: Path, advance: Advance) -> None:
    """Copy a database to `path` as it stands at this moment, packed."""
    written = 0

    def look() -> int:
        nonlocal written
        grown = path.stat().st_size if path.exists() else 0
        advance(grown - written)
        written = grown
        return 0

    connection.set_progress_handler(look, _LOOK)
    try:
        connection.execute("VACUUM INTO ?", [str(path)])
    finally:
        connection.set_progress_handler(None, 0)
    look()


def _strip(copy: sqlite3.Connection, metadata_only: bool) -> None:
    """Take out what readers have no use for, or must not see."""
    # A copy that fails is thrown away: it needs no journal.
    copy.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF;")
    for (name,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        copy.execute(f"DROP TRIGGER [{name}]")
    for table in ("captures", "looks"):
        copy.execute(f"ALTER TABLE {table} DROP COLUMN run")
    for table in DROPPED:
        copy.execute(f"DROP TABLE IF EXISTS [{table}]")
    copy.executescript(_READERS)
    if metadata_only:
        copy.executescript(_WITHOUT_BODIES)
        index.fill(copy)
    # The index keeps words of deleted articles until its parts are merged.
    copy.execute(f"INSERT INTO {index.INDEX}({index.INDEX}) VALUES ('optimize')")
    copy.execute(f"PRAGMA application_id = {APPLICATION}")


def _counted(path: Path) -> Publication:
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as db:
        articles, revisions, captures = (
            int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
            for table in ("articles", "revisions", "captures")
        )
        return Publication(articles, revisions, captures, path.stat().st_size)
