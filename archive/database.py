"""Opening archive.db: one connection with the settings that lose nothing, or one that only reads."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlite_utils import Database

from archive import schema
from archive.errors import ArchiveError
from archive.lock import lock
from archive.progress import Progress
from archive.search import index

BUSY_SECONDS = 30


def open_database(path: Path) -> Database:
    """Open `path` for writing, made and upgraded as needed. Raises ArchiveError naming the file and the fix.

    WAL and `synchronous=FULL`: a commit survives a power cut. Transactions are begun by `transaction`.
    """
    # Making a database and changing its journal mode wait for nobody, whatever the timeout says.
    with lock(path.parent / "locks" / "database.lock", str(path), wait=BUSY_SECONDS):
        try:
            connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
            check_version(connection, path)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            db = Database(connection)
            index.register(connection)
            if connection.execute("PRAGMA user_version").fetchone()[0] < schema.VERSION:
                schema.upgrade(db)
            if not index.is_current(connection):
                reindex(db)
        except sqlite3.Error as error:
            raise ArchiveError(f"{path}: {error}; {_fix(error)}") from error
    connection.row_factory = sqlite3.Row
    return db


def reindex(db: Database) -> int:
    """Make the search index again; return how many articles it holds. Readers see the old one meanwhile."""
    with transaction(db) as connection:
        total = connection.execute("SELECT count(*) FROM articles").fetchone()[0]
        with Progress("search index", total, "articles") as progress:
            return index.fill(connection, progress.advance)


def read_database(path: Path) -> Database:
    """Open `path` for reading only. Raises ArchiveError when it is missing, torn or of a newer version."""
    if not path.exists():
        raise ArchiveError(f"{path}: there is no archive here; crawl first, or choose another with --archive DIR")
    try:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS)
        check_version(connection, path)
    except sqlite3.Error as error:
        raise ArchiveError(f"{path}: {error}; {_fix(error)}") from error
    connection.row_factory = sqlite3.Row
    # One text that another program stored as no UTF-8 must not end an export of a million.
    connection.text_factory = lambda text: text.decode("utf-8", "replace")
    return Database(connection)


def check_version(connection: sqlite3.Connection, path: Path) -> None:
    """Raise ArchiveError when the database was made by a newer union-archive than this one."""
    found = connection.execute("PRAGMA user_version").fetchone()[0]
    if found > schema.VERSION:
        raise ArchiveError(
            f"{path}: version {found}, made by a newer union-archive (this one reads up to {schema.VERSION}); "
            "upgrade union-archive"
        )


@contextmanager
def transaction(db: Database) -> Iterator[sqlite3.Connection]:
    """One write transaction, begun IMMEDIATE so that a second writer waits instead of failing half-way."""
    connection = db.conn
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _fix(error: sqlite3.Error) -> str:
    text = str(error)
    if "readonly" in text or "unable to open" in text:
        return "check that the directory exists and can be written"
    if "full" in text:
        return "free some space on the disk"
    if "not a database" in text or "malformed" in text:
        return "put the file aside and rebuild it from warc/"
    if "locked" in text:
        return "another program holds it; close that program"
    return "nothing was written"
