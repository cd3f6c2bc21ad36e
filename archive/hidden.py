"""Where restricted articles are kept: `restricted.db`, beside archive.db and of the same tables.

Whatever reads archive.db cannot show what is not in it. A crawl goes on reading restricted pages, and writes them here.
The two files have no common transaction: this one is committed first, so that a kill between leaves a page that is
fetched again, never one that is lost.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from archive.database import open_database, transaction
from archive.errors import ArchiveError

FILE = "restricted.db"


def open_restricted(path: Path) -> Database:
    """Open restricted.db at `path` for writing, made and upgraded as needed. Raises ArchiveError.

    Its captures and sites stay in archive.db, so references are not enforced.
    """
    db = open_database(path)
    db.conn.execute("PRAGMA foreign_keys = OFF")
    return db


def path_beside(connection: sqlite3.Connection) -> Path:
    """Return where the restricted.db of an open archive.db lies."""
    return Path(connection.execute("PRAGMA database_list").fetchone()[2]).with_name(FILE)


def is_restricted(connection: sqlite3.Connection, site: str | None, key: str, uid: str | None = None) -> bool:
    """Say whether an article, by its identity within its site or by its uid, is kept from readers."""
    query = "SELECT 1 FROM restrictions WHERE site = ? AND (uid IS NULL OR key = ?) UNION ALL"
    query += " SELECT 1 FROM restrictions WHERE uid = ? LIMIT 1"
    return connection.execute(query, [site, key, uid]).fetchone() is not None


@contextmanager
def keeping(
    connection: sqlite3.Connection, site: str | None, key: str, uid: str | None = None
) -> Iterator[sqlite3.Connection]:
    """Yield the connection to write an article's rows with: `connection`, or restricted.db's for a restricted one.

    The latter's are committed at the end, before those of `connection`; whoever writes both locks archive.db first.
    Raises ArchiveError when restricted.db cannot be written.
    """
    if not is_restricted(connection, site, key, uid):
        yield connection
        return
    path = path_beside(connection)
    with closing(open_restricted(path)) as db:
        try:
            with transaction(db) as own:
                yield own
        except sqlite3.OperationalError as error:
            raise ArchiveError(f"{path}: {error}; mend the cause and crawl again") from error


def held(connection: sqlite3.Connection, site: str, key: str) -> sqlite3.Row | None:
    """Return the row of the article held under a key, restricted or not."""
    query = "SELECT * FROM articles WHERE site = ? AND key = ?"
    with keeping(connection, site, key) as own:
        row: sqlite3.Row | None = own.execute(query, [site, key]).fetchone()
    return row


def first_capture(connection: sqlite3.Connection, article: sqlite3.Row) -> int | None:
    """Return the first capture that the present revision of an article, restricted or not, was read from."""
    query = "SELECT capture, fetched_at FROM revisions WHERE uid = ? AND revision = ?"
    with keeping(connection, article["site"], article["key"], article["uid"]) as own:
        revision = own.execute(query, [article["uid"], article["revision"]]).fetchone()
    return None if revision is None else sound_capture(connection, article["uid"], revision)


def sound_capture(connection: sqlite3.Connection, uid: str, revision: Mapping[str, Any]) -> int | None:
    """Return the capture that a revision was read from, as archive.db has it.

    A kill between the two commits leaves a revision in restricted.db whose capture was not stored.
    """
    query = "SELECT id FROM captures WHERE id = ? AND uid = ?"
    one = connection.execute(query, [revision["capture"], uid]).fetchone()
    if one is None:
        query = "SELECT min(id) FROM captures WHERE uid = ? AND fetched_at >= ?"
        one = connection.execute(query, [uid, revision["fetched_at"][:19]]).fetchone()  # before its fractions too
    return None if one[0] is None else int(one[0])
